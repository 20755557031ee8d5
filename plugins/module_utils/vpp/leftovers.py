# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What older releases keep of an interface that was deleted, and tell of the next one with its number, where it has no effect.

A static neighbour (before 26.02) is said to be there, its packets are dropped, and to add it again changes nothing. An interface
is said to answer for others by ARP, does not, and to switch that on again does nothing; from 25.06 on one can ask what is true.
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Answer, Call, Dump, Index, Place
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_types import about

STATIC = 1
NO_SUCH_ENTRY = -6


def asked(index: int, place: Place) -> t.List[Dump]:
    """How to see it, once an interface was made and before it is used."""
    found = [Dump("ip_neighbor_dump", {"sw_if_index": index, "af": family}) for family in (0, 1)] if place.older(26, 2) else []
    return [*found, Dump("proxy_arp_intfc_dump")] if not place.offers("feature_is_enabled") else found


def removed(name: str, index: int, answers: t.Iterable[Answer]) -> t.Iterator[Call]:
    """How to be rid of it, by what L(asked) was answered."""
    for each in (one for answer in answers for one in t.cast("t.Iterable[t.Mapping[str, t.Any]]", answer)):
        if "neighbor" not in each:
            if each["sw_if_index"] == index:
                yield Call("proxy_arp_intfc_enable_disable", {"sw_if_index": Index(name), "enable": False}, about=about(name))
        elif each["neighbor"]["flags"] & STATIC:
            neighbor = {"sw_if_index": Index(name), "ip_address": each["neighbor"]["ip_address"]}
            yield Call("ip_neighbor_add_del", {"is_add": False, "neighbor": neighbor}, frozenset({NO_SUCH_ENTRY}), about(name))
