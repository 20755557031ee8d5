# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What VPP keeps of an interface that was deleted, and has for the next one with its number.

The rewriting of tags works on that one. What older releases keep beside has no effect there, but is told as if it had: a static neighbour
(before 26.02), whose packets are dropped, and to add it again changes nothing; that it answers for others by ARP, and to switch that on
again does nothing (from 25.06 on one can ask what is true).
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import neighbours, proxy_arp, tag_rewrites
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Answer, Call, Dump, Place


def asked(index: int, place: Place) -> t.List[Dump]:
    """How to see it, once an interface was made and before it is used."""
    found = [Dump("sw_interface_dump", {"sw_if_index": index})]
    if place.older(26, 2):
        found += [Dump("ip_neighbor_dump", {"sw_if_index": index, "af": family}) for family in (0, 1)]
    if not place.offers("feature_is_enabled"):
        found.append(Dump("proxy_arp_intfc_dump"))
    return found


def removed(name: str, index: int, answers: t.Iterable[Answer]) -> t.List[Call]:
    """How to be rid of it, by what L(asked) was answered."""
    calls: t.List[Call] = []
    for each in (one for answer in answers for one in t.cast("t.Iterable[t.Mapping[str, t.Any]]", answer)):
        if "neighbor" in each:
            if each["neighbor"]["flags"] & neighbours.STATIC:
                calls.append(neighbours.gone(name, each["neighbor"]["ip_address"]))
        elif "vtr_op" not in each:
            if each["sw_if_index"] == index:
                calls.append(proxy_arp.switch(name, False))
        elif each["vtr_op"]:
            calls.append(tag_rewrites.off(name))
    return calls
