# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces of the double, whatever made them: what is told of them, and what can be changed. L(devices) and L(tunnels) make them."""

from __future__ import annotations

import typing as t

from tests.doubles.vpp.addresses import addresses, table_of
from tests.doubles.vpp.registry import area, handles
from tests.doubles.vpp.state import Interface, State

ALL = 0xFFFFFFFF
LOCAL = 0
NO_MAC = "00:00:00:00:00:00"
SUB, ONE_TAG, EXACT = 1, 2, 16
POLLING, INTERRUPT, ADAPTIVE, DEFAULT = 1, 2, 3, 4
TAKES = {0: 0, 1: 0, 2: 0, 3: 1, 4: 2, 5: 1, 6: 1, 7: 2, 8: 2}
"""How many tags of a frame a tag rewrite takes off."""
PUTS = {1: 1, 2: 2, 5: 1, 6: 2, 7: 1, 8: 2}
Request = t.Dict[str, t.Any]


class Queue:
    """A receive queue."""

    def __init__(self, mode: int = INTERRUPT) -> None:
        self.mode, self.thread = mode, 0


@area("links")
class Links:
    """C(lenders): who has whose addresses. C(clients): DHCP. C(rewrites): of tags. They outlive the interface whose number they have."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.lenders: t.Dict[int, int] = {}
        self.clients: t.Dict[int, t.Dict[str, t.Any]] = {}
        self.leases: t.Dict[int, str] = {}
        self.rewrites: t.Dict[int, t.Tuple[int, int, int, int]] = {}
        self.workers = 0

    def interface_deleted(self, interface: Interface) -> None:
        self.lenders.pop(interface.index, None)

    def lease(self, index: int, prefix: str) -> None:
        """What a DHCP server gives, for tests: the address is on the interface."""
        self.leases[index] = prefix
        addresses(self.state.interfaces[index]).append(prefix)


def details(interface: Interface, rewrite: t.Tuple[int, int, int, int]) -> t.Dict[str, t.Any]:
    """As sw_interface_dump shows it."""
    op, dot1q, one, two = rewrite
    return {
        "sw_if_index": interface.index,
        "sup_sw_if_index": interface.index if interface.parent is None else interface.parent,
        "l2_address": interface.mac,
        "flags": interface.up | interface.link << 1,
        "type": 0 if interface.parent is None else SUB,
        "link_mtu": interface.link_mtu,
        "mtu": interface.mtu,
        "interface_name": interface.name,
        "interface_dev_type": interface.device,
        "tag": interface.tag,
        "vtr_op": op,
        "vtr_push_dot1q": dot1q,
        "vtr_tag1": one,
        "vtr_tag2": two,
        **interface.details,
    }


@handles("sw_interface_dump")
def dump(state: State, request: Request) -> t.Any:
    found = [each for _index, each in sorted(state.interfaces.items())]
    if request["name_filter_valid"]:
        found = [each for each in found if request["name_filter"].lower() in each.name.lower()]
    else:
        found = [each for each in found if request["sw_if_index"] in (0, ALL, each.index)]
    return [details(each, state.links.rewrites.get(each.index, (0, 0, 0, 0))) for each in found]


@handles("sw_interface_set_flags")
def set_flags(state: State, request: Request) -> t.Any:
    """Only the first bit counts."""
    interface = state.interface(request["sw_if_index"])
    if interface is None:
        return -2
    up = bool(request["flags"] & 1)
    if up and interface.parent is not None and not state.interfaces[interface.parent].up:
        return -1
    interface.up = up
    if interface.data.get("link") == "as admin":
        interface.link = up
    for child in state.interfaces.values():
        if child.parent == interface.index:
            child.link = interface.link
    return 0


@handles("sw_interface_set_mtu")
def set_mtu(state: State, request: Request) -> t.Any:
    interface = state.interface(request["sw_if_index"])
    if interface is None:
        return -2
    interface.mtu = list(request["mtu"])
    return 0


@handles("sw_interface_set_mac_address")
def set_mac_address(state: State, request: Request) -> t.Any:
    """Multicast ones and zeros as well."""
    interface = state.interface(request["sw_if_index"])
    if interface is None:
        return -2
    if interface.parent is not None or interface.mac == NO_MAC:
        return -9
    interface.mac = request["mac_address"]
    return 0


@handles("sw_interface_set_interface_name")
def rename(state: State, request: Request) -> t.Any:
    """Two may have one name."""
    interface = state.interface(request["sw_if_index"])
    if interface is None:
        return -2
    if not request["name"]:
        return -7
    interface.name = request["name"]
    return 0


@handles("sw_interface_tag_add_del")
def tag(state: State, request: Request) -> t.Any:
    """Whoever else has it; what it was does not count when it is deleted."""
    interface = state.interface(request["sw_if_index"])
    if interface is None:
        return -2
    if request["is_add"] and not request["tag"]:
        return -7
    interface.tag = request["tag"] if request["is_add"] else ""
    return 0


# -- sub-interfaces ---------------------------------------------------------------------------------------------------


def make_sub(state: State, index: int, number: int, flags: int, outer: int, inner: int = 0) -> t.Any:
    """On a sub-interface it is made beside that."""
    parent = state.interface(index)
    if parent is None:
        return {"retval": -2, "sw_if_index": ALL}
    if parent.parent is not None:
        parent = state.interfaces[parent.parent]
    others = [each for each in state.interfaces.values() if each.parent == parent.index]
    if any(each.details["sub_id"] == number for each in others):
        return {"retval": -56, "sw_if_index": ALL}
    if any(each.details["sub_outer_vlan_id"] == outer and each.details["sub_inner_vlan_id"] == inner for each in others):
        return {"retval": -1, "sw_if_index": 0}
    sub = {"sub_id": number, "sub_number_of_tags": 1 if flags & ONE_TAG else 2, "sub_outer_vlan_id": outer, "sub_inner_vlan_id": inner, "sub_if_flags": flags}
    made = state.add_interface(
        f"{parent.name}.{number}", parent.device, parent=parent.index, mtu=[0, 0, 0, 0], link_mtu=parent.link_mtu, link=parent.link, details=sub
    )
    return {"sw_if_index": made.index}


@handles("create_vlan_subif")
def create_vlan_subif(state: State, request: Request) -> t.Any:
    if not 1 <= request["vlan_id"] <= 4095:
        return {"retval": -55, "sw_if_index": ALL}
    return make_sub(state, request["sw_if_index"], request["vlan_id"], ONE_TAG | EXACT, request["vlan_id"])


@handles("create_subif")
def create_subif(state: State, request: Request) -> t.Any:
    return make_sub(state, request["sw_if_index"], request["sub_id"], request["sub_if_flags"], request["outer_vlan_id"], request["inner_vlan_id"])


@handles("delete_subif")
def delete_subif(state: State, request: Request) -> t.Any:
    interface = state.interface(request["sw_if_index"])
    if interface is None:
        return -2
    if interface.parent is None:
        return -98
    state.delete_interface(interface.index)
    return 0


@handles("l2_interface_vlan_tag_rewrite")
def rewrite_tags(state: State, request: Request) -> t.Any:
    """Only what the operation puts on is kept. One that takes off more tags than there are spoils what was kept before."""
    interface, op = state.interface(request["sw_if_index"]), request["vtr_op"]
    if interface is None:
        return -2
    if op not in TAKES:
        return -7
    if TAKES[op] > interface.details.get("sub_number_of_tags", 0):
        state.links.rewrites[interface.index] = (state.links.rewrites.get(interface.index, (0,))[0], 0, 0, 0)
        return -72
    puts = PUTS.get(op, 0)
    tags = [request["tag1"], request["tag2"]][:puts] + [0, 0][puts:]
    state.links.rewrites[interface.index] = (op, request["push_dot1q"] if puts else 0, *tags)
    return 0


# -- queues -----------------------------------------------------------------------------------------------------------


def queues(interface: Interface) -> t.List[Queue]:
    """Those that there are."""
    return interface.data.setdefault("queues", [])


@handles("sw_interface_set_rx_mode")
def set_rx_mode(state: State, request: Request) -> t.Any:
    """Without queues anything goes. The double's devices know no adaptive mode, as af_packet does not."""
    interface, mode = state.interface(request["sw_if_index"]), request["mode"]
    if interface is None:
        return -2
    if interface.parent is not None:
        return -7
    number = request["queue_id"]
    if request["queue_id_valid"]:
        if number >= len(queues(interface)):
            return -9
        chosen = [queues(interface)[number]]
    else:
        chosen = queues(interface)
        if mode in (POLLING, INTERRUPT):
            interface.data["default mode"] = mode
    if chosen and mode == ADAPTIVE:
        return -9
    for each in chosen:
        each.mode = interface.data.get("default mode", POLLING) if mode == DEFAULT else mode
    return 0


@handles("sw_interface_set_rx_placement")
def set_rx_placement(state: State, request: Request) -> t.Any:
    interface, number = state.interface(request["sw_if_index"]), request["queue_id"]
    if interface is None:
        return -2
    if number >= len(queues(interface)):
        return -9
    if not request["is_main"] and state.links.workers and request["worker_id"] >= state.links.workers:
        return -9
    queues(interface)[number].thread = 0 if request["is_main"] or not state.links.workers else request["worker_id"] + 1
    return 0


@handles("sw_interface_rx_placement_dump")
def dump_rx_placement(state: State, request: Request) -> t.Any:
    return [
        {"sw_if_index": index, "queue_id": number, "worker_id": each.thread, "mode": each.mode}
        for index, interface in sorted(state.interfaces.items())
        for number, each in enumerate(queues(interface))
        if request["sw_if_index"] in (ALL, index)
    ]


# -- whose addresses --------------------------------------------------------------------------------------------------


@handles("sw_interface_set_unnumbered")
def set_unnumbered(state: State, request: Request) -> t.Any:
    """To take it away nobody looks at who lends. Both have to be in the same tables."""
    borrower, lender = state.interface(request["unnumbered_sw_if_index"]), state.interface(request["sw_if_index"])
    if borrower is None:
        return -2
    lenders = state.links.lenders
    if not request["is_add"]:
        lenders.pop(borrower.index, None)
        return 0
    if lender is None:
        return -10
    if any(table_of(borrower, six) != table_of(lender, six) for six in (False, True)):
        return -74
    lenders[borrower.index] = lender.index
    return 0


@handles("ip_unnumbered_dump")
def dump_unnumbered(state: State, request: Request) -> t.Any:
    lenders = state.links.lenders
    return [{"sw_if_index": index, "ip_sw_if_index": lender} for index, lender in sorted(lenders.items()) if request["sw_if_index"] in (ALL, index)]


@handles("dhcp_client_config")
def dhcp_client_config(state: State, request: Request) -> t.Any:
    """That of an interface that is gone cannot be taken away."""
    client, clients, leases = request["client"], state.links.clients, state.links.leases
    index = client["sw_if_index"]
    if state.interface(index) is None:
        return -2
    if request["is_add"] == (index in clients):
        return -7
    if request["is_add"]:
        clients[index] = client
        return 0
    del clients[index]
    prefix = leases.pop(index, None)
    if prefix:
        addresses(state.interfaces[index]).remove(prefix)
    return 0


@handles("dhcp_client_dump")
def dump_dhcp_clients(state: State, request: Request) -> t.Any:
    found = []
    for index, client in sorted(state.links.clients.items()):
        address, _slash, length = state.links.leases.get(index, "0.0.0.0/0").partition("/")
        found.append({"client": client, "lease": {"sw_if_index": index, "state": 2 if int(length) else 0, "host_address": address, "mask_width": int(length)}})
    return found
