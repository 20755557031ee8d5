# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which interfaces a VPP has, by the names that we gave them. No more than traces and the proof have to know."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Dump
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE, Session

JOINED = " (link)"
"""How the tag of an interface ends that a link was made with."""
LOCAL = 0
"""The index of local0, which every VPP has and nobody uses."""


class Interface(t.NamedTuple):
    """An interface as a dump tells of it. C(name): its tag without what we add to it, else VPP's own name for it; C(parent): its own number
    but for sub-interfaces, whose VLAN tags are C(vlans)."""

    number: int
    name: str
    vpp_name: str
    device: str
    enabled: bool
    phys_address: str
    parent: int
    vlans: t.Tuple[int, ...] = ()


def interfaces(vpp: Session) -> t.List[Interface]:
    """All but local0, by VPP's numbers for them."""
    found = vpp.dump("sw_interface_dump", sw_if_index=NOWHERE)
    return [
        Interface(
            each["sw_if_index"],
            logical_name(each["tag"]) or each["interface_name"],
            each["interface_name"],
            each["interface_dev_type"],
            bool(each["flags"] & 1),
            each["l2_address"],
            each["sup_sw_if_index"],
            (each["sub_outer_vlan_id"], each["sub_inner_vlan_id"])[: each["sub_number_of_tags"]],
        )
        for each in sorted(found, key=lambda each: int(each["sw_if_index"]))
        if each["sw_if_index"] != LOCAL
    ]


def logical_name(tag: str) -> str:
    """By what name values refer to an interface with this tag."""
    return tag[: -len(JOINED)] if tag.endswith(JOINED) else tag


def addresses(vpp: Session, indexes: t.Sequence[int]) -> t.Dict[int, t.List[str]]:
    """The addresses of these interfaces, all in one go: there is no dump of them all."""
    asked = [(index, family) for index in indexes for family in (False, True)]
    answers = vpp.dumps([Dump("ip_address_dump", {"sw_if_index": index, "is_ipv6": family}) for index, family in asked])
    found: t.Dict[int, t.List[str]] = {index: [] for index in indexes}
    for (index, _family), answer in zip(asked, answers):
        found[index] += [each["prefix"] for each in answer]
    return found
