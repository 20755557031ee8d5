# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a part of the kernel dataplane has to offer."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Operation, Resource, Resources, Value


class Refused(CnfError):
    """A field that the kernel dataplane cannot do, by name; nothing was touched."""


class Family:
    """Realises some northbound kinds, and performs the operations of some classes of native objects.

    C(support): {kind: {field path: "yes", "partial: why" or "refused: why"}} for every declared field.
    """

    classes: t.FrozenSet[str] = frozenset()
    kinds: t.FrozenSet[str] = frozenset()
    support: t.Mapping[str, t.Mapping[str, str]] = {}

    def observe(self, host: t.Any) -> t.Iterable[Resource]:
        """All objects of these classes in the namespace, in one bulk read."""
        return ()

    def lower(self, values: t.Sequence[Value], view: t.Any) -> t.Iterable[Resource]:
        """The native objects that realise the values; raises L(Refused) and other L(CnfError). Pure."""
        return ()

    def lift(self, resources: Resources, view: t.Any) -> t.Iterable[Value]:
        """The values that owned native objects are. Pure."""
        return ()

    def transition(self, before: Resource, after: Resource) -> str:
        """C(same), C(update) or C(recreate)."""
        return "same" if before.attributes == after.attributes else "update"

    def destroys(self, operation: Operation, resources: Resources) -> t.Iterable[Key]:
        """What vanishes beside the operation's own object."""
        return ()

    def commands(self, operation: Operation) -> t.List[str]:
        """The operation in words of the usual tool, without secrets."""
        return []

    def perform(self, host: t.Any, operations: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """None or why it failed, for each."""
        raise NotImplementedError
