# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of the double's interfaces, and the VRF tables that they are in: C(addresses(interface)) and C(table_of(interface, six))."""

from __future__ import annotations

import ipaddress
import typing as t

from tests.doubles.vpp.registry import handles
from tests.doubles.vpp.state import Interface, State

LOCAL = 0


def addresses(interface: Interface) -> t.List[str]:
    """With prefix lengths, in the order in which they were added."""
    return interface.data.setdefault("addresses", [])


def table_of(interface: Interface, six: bool) -> int:
    """The id of the table."""
    return interface.data.setdefault("tables", {False: 0, True: 0})[bool(six)]


@handles("sw_interface_add_del_address")
def add_del_address(state: State, request: t.Dict[str, t.Any]) -> t.Any:
    interface = state.interface(request["sw_if_index"])
    if interface is None:
        return -2
    if interface.index == LOCAL:
        return -126
    have = addresses(interface)
    if request["del_all"]:
        for each in tuple(have):
            _remove(state, interface, each)
        return 0
    wanted = ipaddress.ip_interface(request["prefix"])
    six = wanted.version == 6
    if not request["is_add"]:
        # The length is not looked at.
        found = next((each for each in have if ipaddress.ip_interface(each).ip == wanted.ip), None)
        if found is None:
            return -60
        _remove(state, interface, found)
        return 0
    if six and wanted.ip.is_link_local:
        return 0 if wanted.network.prefixlen == 128 else -59
    for other in state.interfaces.values():
        for each in addresses(other) if table_of(other, six) == table_of(interface, six) else ():
            there = ipaddress.ip_interface(each)
            if there.version != wanted.version or not there.network.overlaps(wanted.network):
                continue
            if there.ip == wanted.ip or other is not interface or there.network != wanted.network:
                return -127 if six else -105
    have.append(f"{wanted.ip}/{wanted.network.prefixlen}")
    _tell(state, "address_added", interface, have[-1])
    return 0


def _remove(state: State, interface: Interface, text: str) -> None:
    addresses(interface).remove(text)
    _tell(state, "address_removed", interface, text)


def _tell(state: State, event: str, interface: Interface, text: str) -> None:
    """Areas that have such a method hear of it."""
    for each in state.areas.values():
        hear = getattr(each, event, None)
        if hear:
            hear(interface, text)


@handles("ip_address_dump")
def ip_address_dump(state: State, request: t.Dict[str, t.Any]) -> t.Any:
    interface = state.interface(request["sw_if_index"])
    found = addresses(interface) if interface else []
    return [{"sw_if_index": request["sw_if_index"], "prefix": each} for each in found if (":" in each) == request["is_ipv6"]]


@handles("sw_interface_set_table")
def set_table(state: State, request: t.Dict[str, t.Any]) -> t.Any:
    interface, six, number = state.interface(request["sw_if_index"]), request["is_ipv6"], request["vrf_id"]
    if interface is None:
        return -2
    if not state.l3.exists(six, number):
        return -3
    if table_of(interface, six) == number:
        return 0
    lender = state.interface(state.links.lenders.get(interface.index, interface.index))
    if any((":" in each) == six for one in (interface, lender) if one for each in addresses(one)):
        return -114
    interface.data["tables"][six] = number
    state.l3.forget_unused()
    return 0


@handles("sw_interface_get_table")
def get_table(state: State, request: t.Dict[str, t.Any]) -> t.Any:
    interface = state.interface(request["sw_if_index"])
    return -2 if interface is None else {"vrf_id": table_of(interface, request["is_ipv6"])}
