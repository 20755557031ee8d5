# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to happen to each object, before any thought of order: enough to see that nothing has. Pure, as L(plan)."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Dataplane, Key, Operation, Resource, Resources

Waves = t.List[t.List[Operation]]


class Here(t.Dict[Key, Resource]):
    """Resources as L(Dataplane.destroys) gets them in a plan; C(stays) tells of what is there and shall be there."""

    def __init__(self, resources: Resources, stays: t.Callable[[Key], bool]) -> None:
        super().__init__(resources)
        self.stays = stays


class PlanError(CnfError):
    """The desired state cannot be reached; nothing was touched. The message names the objects."""


class Changes:
    """C(make): create or update, by key; C(away): what is deleted, or made anew. C(recreate): what has to be made anew in any case."""

    def __init__(
        self, dataplane: Dataplane, observed: Resources, desired: Resources, take_foreign: bool = False, recreate: t.Collection[Key] = frozenset()
    ) -> None:
        self.dataplane, self.observed, self.desired = dataplane, observed, desired
        self.take_foreign = take_foreign
        self.recreate = recreate
        self.make: t.Dict[Key, str] = {}
        self.away: t.Set[Key] = set()

    def classify(self) -> None:
        """Raises L(PlanError) for what is in the way and not ours."""
        observed, transition = self.observed, self.dataplane.transition
        for key, want in self.desired.items():
            have = observed.get(key)
            if have is None:
                if not want.managed:
                    raise PlanError(f"{self.label(key)} does not exist, and is not ours to make", missing=[list(key)])
                self.make[key] = "create"
            elif have is not want:
                change = "recreate" if key in self.recreate else transition(have, want)
                if change == "same":
                    continue
                if want.managed and not have.owned and not self.take_foreign:
                    raise PlanError(
                        f"{self.label(key)} is in the way: it exists with other settings and is not ours, so it is left alone. "
                        f"Remove it, choose another, or {self.dataplane.claim(key)}",
                        foreign=[list(key)],
                    )
                self.make[key] = "create" if change == "recreate" else "update"
                if change == "recreate":
                    self.away.add(key)
        self.away.update(key for key, have in observed.items() if key not in self.desired and have.owned and have.managed)

    def label(self, key: Key) -> str:
        """In a reader's words."""
        return self.dataplane.label(key)
