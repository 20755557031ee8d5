# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bridge domains, forwarding entries and cross-connects of the double, with all that VPP does silently."""

from __future__ import annotations

import dataclasses
import typing as t

from tests.doubles.vpp.registry import area, handles
from tests.doubles.vpp.state import Interface, State

ALL = 0xFFFFFFFF
TOP = (1 << 24) - 1
FLAGS = {1: "learn", 2: "forward", 4: "flood", 8: "uu_flood", 16: "arp_term", 32: "arp_ufwd"}
BVI, UU_FWD = 1, 2
Request = t.Dict[str, t.Any]


@dataclasses.dataclass
class Bridge:
    """C(index) is VPP's own, under which forwarding entries are kept, also when the bridge domain has gone."""

    number: int
    index: int
    flags: t.Dict[str, bool]
    mac_age: int = 0
    tag: str = ""
    members: t.List[t.Tuple[int, int]] = dataclasses.field(default_factory=list)
    bvi: int = ALL
    uu_fwd: int = ALL
    arp: t.Dict[str, str] = dataclasses.field(default_factory=dict)


class Entry(t.NamedTuple):
    """A forwarding entry."""

    port: int
    static: bool
    filter: bool
    bvi: bool


@area("l2")
class L2:
    """C(mode): the bridge domain that an interface is in (its number), or what it is cross-connected to."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.bridges: t.Dict[int, Bridge] = {}
        self.fib: t.Dict[t.Tuple[int, str], Entry] = {}
        self.mode: t.Dict[int, t.Tuple[str, int]] = {}

    def interface_deleted(self, interface: Interface) -> None:
        """What the interface is connected to goes back to layer 3 as well, whatever it was. Entries stay, with the dead index."""
        sort, other = self.mode.get(interface.index, ("", 0))
        if sort == "xconnect":
            self.layer3(other)
        self.layer3(interface.index)

    def add(self, number: int, flags: t.Mapping[str, bool], **more: t.Any) -> Bridge:
        """With the lowest index that is free."""
        taken = {each.index for each in self.bridges.values()}
        index = next(at for at in range(1, len(taken) + 2) if at not in taken)
        bridge = self.bridges[number] = Bridge(number, index, dict(flags), **more)
        return bridge

    def layer3(self, index: int) -> None:
        """Out of whatever it is in."""
        sort, number = self.mode.pop(index, ("", 0))
        bridge = self.bridges.get(number) if sort == "bridge" else None
        if bridge is None:
            return
        bridge.members = [each for each in bridge.members if each[0] != index]
        if bridge.uu_fwd == index:
            bridge.uu_fwd = ALL
        if bridge.bvi == index:
            bridge.bvi = ALL
            self.fib.pop((bridge.index, self.state.interfaces[index].mac), None)

    def number(self, index: int) -> int:
        """The bridge domain of an index, none when it has gone."""
        return next((each.number for each in self.bridges.values() if each.index == index), 0 if index == 0 else ALL)


@handles("bridge_domain_add_del", "bridge_domain_add_del_v2")
def add_del(state: State, request: Request) -> t.Any:
    number, l2 = request["bd_id"], state.l2
    newer = request["_message"].endswith("_v2")
    if not request["is_add"]:
        bridge = l2.bridges.get(number)
        retval = -121 if number == 0 else -6 if bridge is None else -120 if bridge.members else 0
        if not retval:
            del l2.bridges[number]
        return {"retval": retval, "bd_id": number} if newer else retval
    if number == ALL and newer:
        number = next(at for at in range(7271263, TOP) if at not in l2.bridges)
    retval = -119 if number == 0 or number in l2.bridges else -122 if number > TOP else 0
    if not retval:
        l2.add(number, {name: request[name] for name in FLAGS.values()}, mac_age=request["mac_age"], tag=request["bd_tag"])
    return {"retval": retval, "bd_id": number} if newer else retval


@handles("bridge_flags")
def set_flags(state: State, request: Request) -> t.Any:
    bridge = state.l2.bridges.get(request["bd_id"])
    if bridge is None:
        return -6 if request["bd_id"] else -121
    bridge.flags.update((name, request["is_set"]) for bit, name in FLAGS.items() if request["flags"] & bit)
    return 0


@handles("bridge_domain_set_mac_age")
def set_mac_age(state: State, request: Request) -> t.Any:
    bridge = state.l2.bridges.get(request["bd_id"])
    if bridge is None:
        return -6 if request["bd_id"] else -121
    bridge.mac_age = request["mac_age"]
    return 0


@handles("bridge_domain_dump")
def dump(state: State, request: Request) -> t.Any:
    if request["sw_if_index"] != ALL:
        return []
    return [
        {
            "bd_id": each.number,
            "bd_tag": each.tag,
            "mac_age": each.mac_age,
            "bvi_sw_if_index": each.bvi,
            "uu_fwd_sw_if_index": each.uu_fwd,
            "sw_if_details": [{"sw_if_index": index, "shg": group} for index, group in each.members],
            **each.flags,
        }
        for each in sorted(state.l2.bridges.values(), key=lambda one: one.index)
        if request["bd_id"] in (ALL, each.number)
    ]


@handles("sw_interface_set_l2_bridge")
def set_bridge(state: State, request: Request) -> t.Any:
    """A bridge domain that is not there is made; a second BVI is refused after the interface was taken out of where it is."""
    interface, number, l2 = state.interface(request["rx_sw_if_index"]), request["bd_id"], state.l2
    if interface is None:
        return -2
    if not request["enable"]:
        l2.layer3(interface.index)
        state.links.rewrites.pop(interface.index, None)
        return 0
    if number > TOP:
        return -122
    bridge = l2.bridges.get(number)
    if bridge is None and number:
        bridge = l2.add(number, {name: not name.startswith("arp") for name in FLAGS.values()})
    l2.layer3(interface.index)
    l2.mode[interface.index] = ("bridge", number)
    if bridge is None:  # number 0: nothing shows it
        return 0
    if request["port_type"] == UU_FWD:
        bridge.uu_fwd = interface.index
        return 0
    if request["port_type"] == BVI:
        if bridge.bvi != ALL:
            return -152
        bridge.bvi = interface.index
        l2.fib[bridge.index, interface.mac] = Entry(interface.index, True, False, True)
    bridge.members.insert(0 if request["port_type"] == BVI else len(bridge.members), (interface.index, request["shg"]))
    return 0


@handles("bd_ip_mac_add_del")
def arp(state: State, request: Request) -> t.Any:
    entry = request["entry"]
    bridge = state.l2.bridges.get(entry["bd_id"])
    if bridge is None:
        return -6
    if request["is_add"]:
        bridge.arp[entry["ip"]] = entry["mac"]
    elif bridge.arp.get(entry["ip"]) != entry["mac"]:
        return -1
    else:
        del bridge.arp[entry["ip"]]
    return 0


@handles("bd_ip_mac_dump")
def dump_arp(state: State, request: Request) -> t.Any:
    bridges = [each for each in state.l2.bridges.values() if request["bd_id"] in (ALL, each.number)]
    return [{"entry": {"bd_id": each.number, "ip": ip, "mac": mac}} for each in bridges for ip, mac in each.arp.items()]


@handles("l2fib_add_del")
def add_del_entry(state: State, request: Request) -> t.Any:
    """A port may be in another bridge domain. To delete, port 0 is any."""
    l2, port = state.l2, request["sw_if_index"]
    bridge = l2.bridges.get(request["bd_id"])
    if bridge is None and request["bd_id"]:
        return -6
    key = (bridge.index if bridge else 0, request["mac"])
    if not request["is_add"]:
        if key not in l2.fib or port not in (0, l2.fib[key].port):
            return -6
        del l2.fib[key]
    elif request["filter_mac"]:
        l2.fib[key] = Entry(ALL, True, True, False)
    elif state.interface(port) is None or l2.mode.get(port, ("", 0))[0] != "bridge":
        return -2
    else:
        l2.fib[key] = Entry(port, request["static_mac"], False, request["bvi_mac"])
    return 0


@handles("l2_fib_table_dump")
def dump_entries(state: State, request: Request) -> t.Any:
    """All of them also shows those of bridge domains that are gone."""
    return [
        {"bd_id": state.l2.number(index), "mac": mac, "sw_if_index": one.port, "static_mac": one.static, "filter_mac": one.filter, "bvi_mac": one.bvi}
        for (index, mac), one in state.l2.fib.items()
        if request["bd_id"] in (ALL, state.l2.number(index))
    ]


@handles("sw_interface_set_l2_xconnect")
def set_xconnect(state: State, request: Request) -> t.Any:
    receive, transmit = request["rx_sw_if_index"], request["tx_sw_if_index"]
    if state.interface(receive) is None or request["enable"] and state.interface(transmit) is None:
        return -2
    state.l2.layer3(receive)
    if request["enable"]:
        state.l2.mode[receive] = ("xconnect", transmit)
    else:
        state.links.rewrites.pop(receive, None)
    return 0


@handles("l2_xconnect_dump")
def dump_xconnects(state: State, request: Request) -> t.Any:
    return [{"rx_sw_if_index": index, "tx_sw_if_index": other} for index, (sort, other) in sorted(state.l2.mode.items()) if sort == "xconnect"]
