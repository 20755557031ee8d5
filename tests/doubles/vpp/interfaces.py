# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces of the double."""

from __future__ import annotations

import typing as t

from tests.doubles.vpp.registry import handles
from tests.doubles.vpp.state import Interface, State

ALL = 0xFFFFFFFF
Request = t.Dict[str, t.Any]


def details(interface: Interface) -> t.Dict[str, t.Any]:
    """As sw_interface_dump shows it."""
    return {
        "sw_if_index": interface.index,
        "sup_sw_if_index": interface.index if interface.parent is None else interface.parent,
        "l2_address": interface.mac,
        "flags": interface.up | interface.link << 1,
        "type": 0 if interface.parent is None else 1,
        "link_mtu": interface.link_mtu,
        "mtu": interface.mtu,
        "interface_name": interface.name,
        "interface_dev_type": interface.device,
        "tag": interface.tag,
        **interface.details,
    }


@handles("sw_interface_dump")
def dump(state: State, request: Request) -> t.Any:
    if request["name_filter_valid"]:
        return [details(each) for each in state.interfaces.values() if request["name_filter"].lower() in each.name.lower()]
    return [details(each) for _index, each in sorted(state.interfaces.items()) if request["sw_if_index"] in (0, ALL, each.index)]


@handles("create_loopback", "create_loopback_instance")
def create_loopback(state: State, request: Request) -> t.Any:
    taken = {each.name for each in state.interfaces.values()}
    number = request["user_instance"] if request.get("is_specified") else next(at for at in range(16384) if f"loop{at}" not in taken)
    if f"loop{number}" in taken or number > 16383:
        return {"retval": -31, "sw_if_index": ALL}
    given = request["mac_address"]
    mac = given if given != "00:00:00:00:00:00" else f"de:ad:00:00:{number >> 8:02x}:{number & 255:02x}"
    return {"sw_if_index": state.add_interface(f"loop{number}", "Loopback", mac=mac).index}


@handles("delete_loopback")
def delete_loopback(state: State, request: Request) -> t.Any:
    interface = state.interface(request["sw_if_index"])
    if interface is None or interface.device != "Loopback":
        return -2
    state.delete_interface(interface.index)
    return 0


@handles("sw_interface_set_flags")
def set_flags(state: State, request: Request) -> t.Any:
    interface = state.interface(request["sw_if_index"])
    if interface is None:
        return -2
    interface.up = interface.link = bool(request["flags"] & 1)
    return 0


@handles("sw_interface_tag_add_del")
def tag(state: State, request: Request) -> t.Any:
    interface = state.interface(request["sw_if_index"])
    if interface is None:
        return -2
    if request["is_add"] and not request["tag"]:
        return -7
    interface.tag = request["tag"] if request["is_add"] else ""
    return 0
