# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members of bonds: C(("bond-member", link)), with C(bond), C(passive) and C(long). A member has the MAC address of its bond."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Operation, Resource, Resources
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Index, Place, Script
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_reader import LinkReader
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_types import about
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session

Member = t.Tuple[str, t.Mapping[str, t.Any]]
"""(name, attributes)."""


class BondMembers(VppFamily):
    """C(links) has found the interfaces already."""

    classes = frozenset({"bond-member"})

    def __init__(self, links: LinkReader) -> None:
        self.links = links

    def observe(self, place: Session) -> t.Iterator[Resource]:
        """Of all bonds, when there is one."""
        found = self.links.found
        bonds = [index for index, one in found.items() if one.details["interface_dev_type"] == "bond" and one.details["type"] == 0]
        asked = [Dump(place.newest("sw_member_interface_dump", "sw_interface_slave_dump"), {"sw_if_index": index}) for index in bonds]
        for index, members in zip(bonds, place.dumps(asked) if asked else ()):
            bond = found[index]
            for each in members:
                member = found.get(each["sw_if_index"])
                if member is not None:
                    have = {"bond": bond.key[1], "passive": each["is_passive"], "long": each["is_long_timeout"]}
                    yield Resource(("bond-member", member.key[1]), have, frozenset({bond.key, member.key}), owned=bond.tagged)

    def transition(self, before: Resource, after: Resource) -> str:
        """VPP changes nothing of a member."""
        return "same" if before.attributes == after.attributes else "recreate"

    def script(self, operation: Operation, place: Place) -> Script:
        """A member that is none any more is no failure."""
        member, after = operation.key[1], operation.after
        if after is None:
            yield Call(
                place.newest("bond_detach_member", "bond_detach_slave"), {"sw_if_index": Index(member)}, accept=frozenset({-71, -2}), about=about(member)
            )
            return
        bond = after.attributes["bond"]
        fields = {"sw_if_index": Index(member), "bond_sw_if_index": Index(bond), "is_passive": after.attributes["passive"]}
        fields["is_long_timeout"] = after.attributes["long"]
        yield Call(place.newest("bond_add_member", "bond_enslave"), fields, about=f"{about(member)} in bond {bond}")


def members(bond: str, data: t.Mapping[str, t.Any]) -> t.Iterator[Member]:
    """Those that a bond's data have."""
    for each in data.get("bonded_interfaces", ()):
        yield each["name"], {"bond": bond, "passive": bool(each.get("is_passive")), "long": bool(each.get("is_long_timeout"))}


def by_bond(resources: Resources) -> t.Dict[str, t.List[Member]]:
    """The members of all bonds."""
    found: t.Dict[str, t.List[Member]] = {}
    for key, one in resources.items():
        if key[0] == "bond-member":
            found.setdefault(one.attributes["bond"], []).append((key[1], one.attributes))
    return found


def lift(member: str, have: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    """The fields of one in its bond's list."""
    given = {"is_passive": have["passive"], "is_long_timeout": have["long"]}
    return {"name": member, **{name: True for name, value in given.items() if value}}
