# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loopbacks, memifs, TAPs, devices of the kernel and bonds of the double."""

from __future__ import annotations

import typing as t

from tests.doubles.vpp.interfaces import ALL, NO_MAC, POLLING, Queue, Request, queues
from tests.doubles.vpp.registry import area, handles
from tests.doubles.vpp.server import Died
from tests.doubles.vpp.state import Interface, State

MASTER, ETHERNET = 0, 0
AUTO = 1013904223
"""The number of the first socket that VPP chooses one for."""
OVERWRITTEN = {1: 3, 2: 5, 4: 4}
"""What the hash of a bond becomes by its mode, whatever is asked for."""


@area("devices")
class Devices:
    """C(sockets): memif's files by number. C(vhost): whether the kernel has VHOST_NET, for tests."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.sockets = {0: "/run/vpp/memif.sock"}
        self.masks = 0
        self.vhost = False

    def interface_deleted(self, interface: Interface) -> None:
        """A member leaves its bond, and the members of a bond are free."""
        detach(self.state, interface)
        for each in self.state.interfaces.values():
            if each.data.get("bond") == interface.index:
                detach(self.state, each)

    def random_mac(self) -> str:
        """VPP gives another one every time."""
        self.masks += 1
        return f"02:fe:00:00:{self.masks >> 8:02x}:{self.masks & 255:02x}"


def random_mac(state: State) -> str:
    """See L(Devices)."""
    return t.cast(str, state.devices.random_mac())


# -- loopbacks --------------------------------------------------------------------------------------------------------


@handles("create_loopback", "create_loopback_instance")
def create_loopback(state: State, request: Request) -> t.Any:
    taken = {each.data.get("loopback") for each in state.interfaces.values()}
    number = request["user_instance"] if request.get("is_specified") else next(at for at in range(16385) if at not in taken)
    if number in taken or number > 16383:
        return {"retval": -31, "sw_if_index": ALL}
    given = request["mac_address"]
    mac = given if given != NO_MAC else f"de:ad:00:00:{number >> 8:02x}:{number & 255:02x}"
    data = {"loopback": number, "link": "as admin"}
    return {"sw_if_index": state.add_interface(f"loop{number}", "Loopback", mac=mac, data=data).index}


@handles("delete_loopback")
def delete_loopback(state: State, request: Request) -> t.Any:
    return delete(state, request["sw_if_index"], "Loopback")


def delete(state: State, index: int, device: str) -> int:
    """When there is one of this sort."""
    interface = state.interface(index)
    if interface is None or interface.device != device or interface.parent is not None:
        return -2
    state.delete_interface(index)
    return 0


# -- memif ------------------------------------------------------------------------------------------------------------


@handles("memif_socket_filename_add_del", "memif_socket_filename_add_del_v2")
def memif_socket(state: State, request: Request) -> t.Any:
    number, sockets, more = request["socket_id"], state.devices.sockets, request["_message"].endswith("_v2")
    if number == 0:
        return {"retval": -73}
    if not request["is_add"]:
        if number not in sockets:
            return {"retval": -73}
        if any(each.data.get("memif", {}).get("socket_id") == number for each in state.interfaces.values()):
            return {"retval": -74}
        del sockets[number]
        return {"socket_id": number} if more else {}
    filename = request["socket_filename"]
    if not filename:
        return {"retval": -73}
    if not filename.startswith(("/", "abstract:")):
        filename = f"/run/vpp/{filename}"
    if number == ALL:
        number = next(at for at in range(AUTO, AUTO + 99) if at not in sockets)
    filename = filename[:107]
    if sockets.setdefault(number, filename) != filename:
        return {"retval": -116}
    return {"socket_id": number} if more else {}


@handles("memif_socket_filename_dump")
def dump_memif_sockets(state: State, request: Request) -> t.Any:
    """In no order."""
    return [{"socket_id": number, "socket_filename": name} for number, name in sorted(state.devices.sockets.items(), key=lambda each: each[1][::-1])]


@handles("memif_create", "memif_create_v2")
def create_memif(state: State, request: Request) -> t.Any:
    """A mode that VPP crashes with, as it does."""
    size = request["ring_size"]
    if request["socket_id"] not in state.devices.sockets or size & (size - 1):
        return {"retval": -73, "sw_if_index": 0}
    if request["mode"] == 2:
        raise Died
    there = [each.data["memif"] for each in state.interfaces.values() if "memif" in each.data]
    on_it = [each for each in there if each["socket_id"] == request["socket_id"]]
    if any(each["id"] == request["id"] or each["role"] != request["role"] for each in on_it):
        return {"retval": -68, "sw_if_index": 0}
    filename = state.devices.sockets[request["socket_id"]]
    if request["role"] == MASTER and filename.startswith("/missing/"):
        return {"retval": -14, "sw_if_index": 0}
    ethernet = request["mode"] == ETHERNET
    mac = NO_MAC if not ethernet else request["hw_addr"] if request["hw_addr"] != NO_MAC else random_mac(state)
    kept = {name: request[name] for name in ("socket_id", "id", "role", "mode", "secret", "rx_queues", "tx_queues", "ring_size", "buffer_size")}
    mtu = {} if ethernet else {"mtu": [0, 0, 0, 0], "link_mtu": 0}
    return {"sw_if_index": state.add_interface(f"memif{request['socket_id']}/{request['id']}", "memif", mac=mac, data={"memif": kept}, **mtu).index}


@handles("memif_delete")
def delete_memif(state: State, request: Request) -> t.Any:
    return delete(state, request["sw_if_index"], "memif")


@handles("memif_dump")
def dump_memifs(state: State, request: Request) -> t.Any:
    """Ring and buffer size of what is not connected."""
    return [
        {
            **{name: each.data["memif"][name] for name in ("socket_id", "id", "role", "mode")},
            "sw_if_index": each.index,
            "hw_addr": each.mac,
            "ring_size": 1,
            "buffer_size": 0,
            "zero_copy": each.data["memif"]["role"] != MASTER,
            "flags": each.up | each.link << 1,
            "if_name": each.name,
        }
        for each in state.interfaces.values()
        if "memif" in each.data and each.parent is None
    ]


# -- devices of the kernel --------------------------------------------------------------------------------------------


@handles("af_packet_create", "af_packet_create_v2", "af_packet_create_v3")
def create_af_packet(state: State, request: Request) -> t.Any:
    """Without a MAC address it has that of zeros."""
    host = request["host_if_name"]
    if request["_message"] == "af_packet_create_v3" and request["mode"] not in (1, 2):
        return {"retval": -7, "sw_if_index": ALL}
    there = next((each for each in state.interfaces.values() if each.data.get("host") == host and each.device == "af-packet"), None)
    if there is not None:
        return {"retval": -79, "sw_if_index": there.index}
    if host not in state.host_devices:
        if state.older(24, 6):
            raise Died  # in VPP it is a SIGSEGV
        return {"retval": -71, "sw_if_index": ALL}
    mac = random_mac(state) if request["use_random_hw_addr"] else request["hw_addr"]
    data = {"host": host, "queues": [Queue() for _each in range(max(1, request.get("num_rx_queues", 1)))]}
    return {"sw_if_index": state.add_interface(f"host-{host}", "af-packet", mac=mac, link=True, data=data).index}


@handles("af_packet_delete")
def delete_af_packet(state: State, request: Request) -> t.Any:
    for each in tuple(state.interfaces.values()):
        if each.device == "af-packet" and each.data.get("host") == request["host_if_name"]:
            state.delete_interface(each.index)
            return 0
    return -11


@handles("af_packet_dump")
def dump_af_packets(state: State, request: Request) -> t.Any:
    found = [each for each in state.interfaces.values() if each.device == "af-packet" and "host" in each.data]
    return [{"sw_if_index": each.index, "host_if_name": each.data["host"]} for each in found]


def tap_device(state: State) -> str:
    """What a TAP is called."""
    return "virtio" if state.release.startswith("24.") else "tap"


@handles("tap_create_v2", "tap_create_v3")
def create_tap(state: State, request: Request) -> t.Any:
    """Without VHOST_NET there is none; then as the source says."""
    if not state.devices.vhost:
        return {"retval": -11, "sw_if_index": ALL}
    taken = [each.data["tap"]["id"] for each in state.interfaces.values() if "tap" in each.data]
    number = next(at for at in range(99) if at not in taken) if request["id"] == ALL else request["id"]
    if number in taken:
        return {"retval": -71, "sw_if_index": ALL}
    tun = bool(request["tap_flags"] & 16)
    mac = NO_MAC if tun else random_mac(state) if request["use_random_mac"] else request["mac_address"]
    kept = {name: request[name] for name in ("rx_ring_sz", "tx_ring_sz", "tap_flags", "host_if_name", "host_namespace")}
    made = state.add_interface(f"tap{number}", tap_device(state), mac=mac, link=True, data={"tap": {"id": number, **kept}}, tag=request["tag"])
    queues(made).append(Queue(POLLING))
    return {"sw_if_index": made.index}


@handles("tap_delete_v2")
def delete_tap(state: State, request: Request) -> t.Any:
    return delete(state, request["sw_if_index"], tap_device(state))


@handles("sw_interface_tap_v2_dump")
def dump_taps(state: State, request: Request) -> t.Any:
    found = [each for each in state.interfaces.values() if "tap" in each.data and request["sw_if_index"] in (ALL, each.index)]
    return [{"sw_if_index": each.index, "dev_name": each.name, **each.data["tap"]} for each in found]


# -- bonds ------------------------------------------------------------------------------------------------------------


@handles("bond_create", "bond_create2")
def create_bond(state: State, request: Request) -> t.Any:
    mode, taken = request["mode"], [each.data["bonding"]["id"] for each in state.interfaces.values() if "bonding" in each.data]
    if not 1 <= mode <= 5 or request["lb"] > 2:
        return {"retval": -73, "sw_if_index": 0}
    number = next(at for at in range(99) if at not in taken) if request["id"] == ALL else request["id"]
    if number in taken:
        return {"retval": -147, "sw_if_index": 0}
    mac = request["mac_address"] if request["use_custom_mac"] else random_mac(state)
    kept = {"id": number, "mode": mode, "lb": OVERWRITTEN.get(mode, request["lb"]), "custom": request["use_custom_mac"]}
    return {"sw_if_index": state.add_interface(f"BondEthernet{number}", "bond", mac=mac, link=state.older(26, 6), data={"bonding": kept}).index}


@handles("bond_delete")
def delete_bond(state: State, request: Request) -> t.Any:
    return delete(state, request["sw_if_index"], "bond")


@handles("sw_bond_interface_dump")
def dump_bonds(state: State, request: Request) -> t.Any:
    found = [each for each in state.interfaces.values() if "bonding" in each.data and request["sw_if_index"] in (ALL, each.index)]
    return [
        {
            **{name: each.data["bonding"][name] for name in ("id", "mode", "lb")},
            "sw_if_index": each.index,
            "members": len(members(state, each.index)),
            "interface_name": each.name,
        }
        for each in found
    ]


def members(state: State, bond: int) -> t.List[Interface]:
    """In the order in which they came."""
    found = [each for each in state.interfaces.values() if each.data.get("bond") == bond]
    return sorted(found, key=lambda each: int(each.data["came"]))


@handles("bond_add_member", "bond_enslave")
def add_member(state: State, request: Request) -> t.Any:
    """A bond takes over the MAC address of its first member, unless it was given one; the others take that of the bond."""
    member, bond = state.interface(request["sw_if_index"]), state.interface(request["bond_sw_if_index"])
    if member is None or bond is None:
        return -2
    if "bonding" not in bond.data or "bonding" in member.data:
        return -71
    if "bond" in member.data:
        return -81
    there = members(state, bond.index)
    state.devices.masks += 1
    member.data.update(bond=bond.index, came=state.devices.masks, own_mac=member.mac, passive=request["is_passive"], long=request["is_long_timeout"])
    if bond.data["bonding"]["custom"] or there:
        member.mac = bond.mac
    else:
        bond.mac = member.mac
    return 0


@handles("bond_detach_member", "bond_detach_slave")
def detach_member(state: State, request: Request) -> t.Any:
    member = state.interface(request["sw_if_index"])
    if member is None:
        return -2
    return 0 if detach(state, member) else -71


def detach(state: State, member: Interface) -> bool:
    """It has its own MAC address again."""
    if "bond" not in member.data:
        return False
    for name in ("bond", "came", "passive", "long"):
        del member.data[name]
    member.mac = member.data.pop("own_mac")
    return True


@handles("sw_member_interface_dump", "sw_interface_slave_dump")
def dump_members(state: State, request: Request) -> t.Any:
    return [
        {"sw_if_index": each.index, "interface_name": each.name, "is_passive": each.data["passive"], "is_long_timeout": each.data["long"]}
        for each in members(state, request["sw_if_index"])
    ]
