# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of VPP that have a number and a tag: ACLs, bridge domains. The tag is their name, and makes them ours.

VPP takes the same tag as often as it is given. What two have in common is no name: such objects are nobody's.
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Resource, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Reply
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session

TAKEN = frozenset({"cli"})
"""Tags that VPP gives by itself, to what its command line makes."""


def by_tag(details: t.Iterable[Reply], tag: str, number: str) -> t.Dict[str, t.List[Reply]]:
    """Details by tag, those without one left out. C(tag), C(number): the fields that have them."""
    found: t.Dict[str, t.List[Reply]] = {}
    for each in details:
        if each[tag] and each[tag] not in TAKEN:
            found.setdefault(each[tag], []).append(each)
    return found


def nobodys(key: Key, found: t.Sequence[Reply], number: str, what: str) -> Resource:
    """What has our key's name for a tag, but is not ours. C(what) it is in a reader's words."""
    numbers = sorted(each[number] for each in found)
    said = " and ".join(str(each) for each in numbers)
    why = f"{what}s {said} of VPP have the tag {key[1]}, so it names none of them; delete what is not wanted"
    if len(numbers) == 1:
        why = f"{what} {said} of VPP has the tag {key[1]} and contents that no item can say; delete it, or choose another name"
    return Resource(key, {"why": why}, owned=False)


def check(value: Value, name: str, view: View, keys: t.Iterable[Key]) -> None:
    """Raises for a name that is no tag, or that something else has. C(keys): under which it is looked for."""
    title = f"{value.kind} {value.key}: name"
    if not (name.isascii() and name.isprintable()) or name in TAKEN:
        why = "it is the tag of what VPP's command line makes" if name in TAKEN else "a tag of VPP has printable ASCII characters only"
        raise Refused(f"{title}: {name!r} cannot be used: {why}", kind=value.kind, field="name")
    for key in keys:
        have = view.before.get(key)
        if have is not None and "why" in have.attributes:
            raise CnfError(f"{title}: {have.attributes['why']}", foreign=[list(key)])


def interfaces(place: Session) -> t.Dict[int, Key]:
    """The keys of all interfaces by VPP's number, but for those that a name of ours hides."""
    names, foreign = place.known(), place.known("foreign-link")
    ours = {name for index, name in names.items() if index not in foreign}
    return {index: ("foreign-link" if index in foreign else "link", name) for index, name in names.items() if index not in foreign or name not in ours}
