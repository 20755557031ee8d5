# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of VPP's binary API as data, and scripts: what an operation sends, step by step, depending on what was answered."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError

Reply = t.Mapping[str, t.Any]
"""The fields of a reply by name. Addresses, prefixes and MAC addresses are text, enums are numbers, strings are text."""


class Index(t.NamedTuple):
    """Stands in a call for the number that VPP has for something: an interface by its logical name, an ACL by its tag..."""

    name: str
    of: str = "interface"


class Shared(t.List[t.Any]):
    """A list that many calls have in common: a session looks its numbers up once, as long as none change, and it is told and packed once."""

    told = ""
    packed: t.Any = ()
    found: t.Any = None
    epoch: t.Any = None


class Call(t.NamedTuple):
    """One request with one reply. Fields that are left out are sent as zero.

    C(accept): return values other than 0 that are no failure. C(about): the object in a reader's words, for the error.
    C(secrets): fields (dotted paths) that are in no log and no result.
    """

    message: str
    fields: t.Mapping[str, t.Any] = {}
    accept: t.FrozenSet[int] = frozenset()
    about: str = ""
    secrets: t.FrozenSet[str] = frozenset()


class Dump(t.NamedTuple):
    """One request with any number of details."""

    message: str
    fields: t.Mapping[str, t.Any] = {}


Request = t.Union[Call, Dump]
Answer = t.Union[Reply, t.List[Reply]]
Script = t.Generator[t.Union[Request, t.Sequence[Request]], t.Any, None]
"""Yields a request (and is sent its answer) or a list of requests that do not depend on each other (and is sent the list of
their answers). A refusal is thrown into it as L(Refusal), so that it can clean up; what it raises is the operation's failure."""

Work = t.Union[Call, Script]
"""A script that has but one call may just be that."""


def together(calls: t.Sequence[Call]) -> Script:
    """All of them, in this order."""
    yield calls


class Refusal(CnfError):
    """VPP answered a call with another return value than 0 (C(retval)); the message names object, call and VPP's own words."""

    def __init__(self, message: str, retval: int, **context: t.Any) -> None:
        super().__init__(message, **context)
        self.retval = retval


class Place:
    """What a script may ask of the VPP that it runs on: also answered where there is none (to render)."""

    def offers(self, message: str) -> bool:
        """Whether this VPP has the message."""
        return True

    def newest(self, *messages: str) -> str:
        """The first of these that this VPP has, else the first."""
        return next((each for each in messages if self.offers(each)), messages[0])

    def older(self, *release: int) -> bool:
        """Whether this VPP is older than a release, as C(25, 10): for what no message tells."""
        return False

    def lacks_device(self, name: str) -> bool:
        """Whether the kernel is seen to have no such device where this VPP is."""
        return False

    def lacks_folder(self, path: str) -> bool:
        """Whether there is seen to be no such folder where this VPP is."""
        return False

    def learn(self, name: str, index: int, of: str = "interface") -> None:
        """From now on L(Index) of this name is this number."""

    def forget(self, name: str, of: str = "interface") -> None:
        """It is gone."""


class Told(Place):
    """For scripts that are told and not run: what they learn of answers that nobody gave is not kept."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def offers(self, message: str) -> bool:
        """As the place itself has it."""
        return self.place.offers(message)

    def older(self, *release: int) -> bool:
        """As the place itself is."""
        return self.place.older(*release)


class _Unknown(t.Dict[str, t.Any]):
    """The reply to a call that was not sent."""

    def __missing__(self, name: str) -> t.Any:
        return 0


def describe(script: Work, place: Place) -> t.List[str]:
    """The calls that a script makes when all goes well, as a reader understands them; secrets are left out."""
    lines: t.List[str] = []
    told = _Describing(place)
    if isinstance(script, Call):
        return [told.line(script)]
    try:
        wanted = next(script)
        while True:
            requests = [wanted] if isinstance(wanted, (Call, Dump)) else wanted
            lines += [told.line(each) for each in requests if isinstance(each, Call)]
            answers: t.List[t.Any] = [[] if isinstance(each, Dump) else _Unknown() for each in requests]
            wanted = script.send(answers[0] if isinstance(wanted, (Call, Dump)) else answers)
    except StopIteration:
        return lines


class _Describing:
    def __init__(self, place: Place) -> None:
        self.place = place

    def line(self, call: Call) -> str:
        return f"{call.message} {self.words(call.fields, '', call.secrets)}".rstrip()

    def words(self, fields: t.Mapping[str, t.Any], path: str, secrets: t.FrozenSet[str]) -> str:
        # Rules and routes come by the thousand, and are mostly numbers and text.
        plain = () if secrets else (int, str)
        return " ".join([f"{name}={each if type(each) in plain else self.word(each, path + name, secrets)}" for name, each in fields.items()])

    def word(self, value: t.Any, path: str, secrets: t.FrozenSet[str]) -> str:
        kind = type(value)
        if secrets and path in secrets and value:
            return "********"
        if kind is bool:
            return "true" if value else "false"
        if kind is Index:
            return str(value.name)
        if kind is dict:
            return f"{{{self.words(value, f'{path}.', secrets)}}}"
        if kind is Shared and not secrets:
            value.told = value.told or self.listed(value, path, secrets)
            return str(value.told)
        return self.listed(value, path, secrets) if isinstance(value, (list, tuple)) else str(value)

    def listed(self, values: t.Iterable[t.Any], path: str, secrets: t.FrozenSet[str]) -> str:
        return f"[{' '.join([self.word(each, path, secrets) for each in values])}]"
