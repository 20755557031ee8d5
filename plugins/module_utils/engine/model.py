# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types that the engine and a dataplane share. The engine knows no kind and no dataplane: only these."""

from __future__ import annotations

import typing as t

Key = t.Tuple[str, ...]
"""Identity of a native object; the first element is its class: C(("address", "memif0", "10.0.0.1/24"))."""

Claim = t.Tuple[str, ...]
"""Something that one object at a time can have: C(("ifname", "eth0"))."""

NONE: t.FrozenSet[t.Any] = frozenset()


class Value(t.NamedTuple):
    """One northbound value: a kind (C("vpp/route")), its key (C("config/vpp/v2/route/...")) and its fields.

    C(data) is canonical: snake_case fields, enum names, fields that equal the model's default left out.
    """

    kind: str
    key: str
    data: t.Mapping[str, t.Any]


class Resource(t.NamedTuple):
    """One native object of a dataplane, observed or desired.

    C(attributes) must be comparable with C(==). C(requires) names what has to exist before this one is made and has
    to outlive it. C(owned) is False for an observed object that is not ours. C(managed) is False for an object that
    we configure but neither make nor delete (the two ends of a link that somebody else joined).
    """

    key: Key
    attributes: t.Mapping[str, t.Any]
    requires: t.FrozenSet[Key] = NONE
    claims: t.FrozenSet[Claim] = NONE
    owned: bool = True
    managed: bool = True


class Operation(t.NamedTuple):
    """One native change: C(verb) is create (C(before) is None), update, or delete (C(after) is None)."""

    verb: str
    key: Key
    before: t.Optional[Resource]
    after: t.Optional[Resource]


Resources = t.Dict[Key, Resource]


class Dataplane:
    """What a dataplane gives the engine. All but C(observe) and C(perform) are pure."""

    def observe(self, classes: t.Optional[t.FrozenSet[str]] = None) -> Resources:
        """Everything there of these classes (None: all of them), ours or not, in one bulk read."""
        raise NotImplementedError

    def reread(self, operations: t.Sequence[Operation], observed: Resources) -> t.Optional[Resources]:
        """What C(observed) has become by these operations, where it takes less than to observe all: what they wrote is read again,
        all else is as it was. None where they may have changed more, or where it takes no less.
        """
        return None

    def transition(self, before: Resource, after: Resource) -> str:
        """C(same), C(update) (in place) or C(recreate). Called only when key and both sides exist."""
        return "same" if before.attributes == after.attributes else "update"

    def destroys(self, operation: Operation, resources: Resources) -> t.Iterable[Key]:
        """Keys of other objects in C(resources) that this operation makes vanish beside its own."""
        return ()

    def perform(self, wave: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """Do independent operations together; for each None or why it failed. Raises only when nothing was done."""
        raise NotImplementedError

    def commands(self, operation: Operation) -> t.List[str]:
        """The native calls in words of the dataplane's own tool (C(ip address add ...)), without secrets."""
        raise NotImplementedError

    def label(self, key: Key) -> str:
        """The object in a reader's words: C(address 10.0.0.1/24 of memif0)."""
        return " ".join(key)

    def claim(self, key: Key) -> str:
        """How a user says that an object of others may be changed, in words that end a sentence of errors."""
        return "widen the task with scope: all"


class CnfError(Exception):
    """Base of all errors that a user can act on; C(context) goes into the result beside C(msg)."""

    def __init__(self, message: str, **context: t.Any) -> None:
        super().__init__(message)
        self.message = message
        self.context = context
