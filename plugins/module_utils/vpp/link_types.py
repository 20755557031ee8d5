# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes interfaces of one type, and how VPP tells of them. Those that are no tunnels are here, L(tunnel_types) has the others.

C(info) is a dict of what makes an interface; other interfaces are in it by name. Where VPP does not tell a part of it, that part
is not in what was told, and not compared.
"""

from __future__ import annotations

import posixpath
import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Claim, CnfError, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Index, Place, Reply
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE

Info = t.Dict[str, t.Any]
NO_MAC = "00:00:00:00:00:00"
EVERY: t.Mapping[str, t.Any] = {"sw_if_index": NOWHERE}


class World(t.Protocol):
    """What a type may ask when a value becomes its info, or when VPP's numbers do."""

    def interface(self, name: str) -> str:
        """The interface of this name is needed; raises when there is none."""

    def table(self, family: str, number: int, path: str) -> None:
        """The VRF table is needed; raises when there is none."""

    def socket(self, filename: str) -> str:
        """The memif socket as VPP calls it, empty for its default; it is needed."""


class Names(t.Protocol):
    """Names for the numbers in what VPP tells."""

    def interface(self, index: int) -> str:
        """Empty for none; a number in brackets for one that is gone."""

    def socket(self, number: int) -> str:
        """Of a memif socket; empty for VPP's default."""


def refused(value: Value, path: str, why: str) -> Refused:
    """The error for what VPP cannot do, or would do wrong."""
    return Refused(f"{value.kind} {value.data['name']}: {path} is not supported by the vpp dataplane: {why}", kind=value.kind, field=path)


def wrong(value: Value, path: str, why: str) -> CnfError:
    """The error for a value that no interface can have."""
    return CnfError(f"{value.kind} {value.data['name']}: {path}: {why}", kind=value.kind, field=path)


def about(name: str) -> str:
    """How errors and commands call an interface."""
    return f"interface {name}"


class LinkType:
    """C(type): northbound; C(device): what VPP calls it; C(dumps): messages that tell of all, newest first."""

    type = ""
    device = ""
    dumps: t.Tuple[str, ...] = ()
    asked: t.Mapping[str, t.Any] = {}
    compared: t.Tuple[str, ...] = ()
    born_with_mac = True
    """Whether the message that makes it gives it its MAC address."""
    born_up = False
    owned = True
    """Whether it can be made and deleted."""
    hints: t.Mapping[int, str] = {}
    """What a return value of the making means."""

    def ethernet(self, info: Info) -> bool:
        """Whether it has a MAC address."""
        return True

    def lower(self, value: Value, world: World) -> Info:
        """What a value asks for."""
        return {}

    def told(self, details: Reply, names: Names) -> t.Tuple[int, Info]:
        """(index, info) of a dump's details."""
        raise NotImplementedError

    def lift(self, info: Info) -> t.Dict[str, t.Any]:
        """The fields of a value."""
        return {}

    def create(self, name: str, info: Info, mac: str, place: Place) -> Call:
        """The call that makes it."""
        raise NotImplementedError

    def delete(self, name: str, info: Info, place: Place) -> Call:
        """The call that takes it away. It being gone already is no failure."""
        raise NotImplementedError

    def claims(self, info: Info) -> t.Iterator[Claim]:
        """What no other interface can have."""
        return iter(())

    def expressible(self, info: Info) -> bool:
        """Whether a value can say it."""
        return True

    def same(self, have: Info, want: Info) -> bool:
        """Whether what makes it is as wanted."""
        return all(have.get(part) == want.get(part) for part in self.compared)


def _by_index(message: str, name: str) -> Call:
    return Call(message, {"sw_if_index": Index(name)}, accept=frozenset({-2}), about=about(name))


class Hardware(LinkType):
    """What VPP found by itself, and all that we do not know how to make: ours by a tag, and neither made nor deleted."""

    type = "DPDK"
    owned = False


class Loopback(LinkType):
    """VPP gives it a number by itself."""

    type, device = "SOFTWARE_LOOPBACK", "Loopback"

    def create(self, name: str, info: Info, mac: str, place: Place) -> Call:
        """See above."""
        return Call("create_loopback_instance", {"mac_address": mac, "is_specified": False}, about=about(name))

    def delete(self, name: str, info: Info, place: Place) -> Call:
        """See above."""
        return _by_index("delete_loopback", name)


class SubInterface(LinkType):
    """One exact VLAN tag. It has the MAC address of its parent, and goes with it."""

    type = "SUB_INTERFACE"
    compared = ("parent", "id")

    def ethernet(self, info: Info) -> bool:
        """It has that of its parent."""
        return False

    def lower(self, value: Value, world: World) -> Info:
        """The parent has to have Ethernet frames, and VPP would put a child of a child beside its parent."""
        sub = value.data["sub"]
        number = sub.get("sub_id", 0)
        if not 1 <= number <= 4094:
            raise wrong(value, "sub.sub_id", f"{number} is no VLAN id from 1 to 4094")
        return {"parent": world.interface(sub["parent_name"]), "id": number}

    def lift(self, info: Info) -> t.Dict[str, t.Any]:
        """See above."""
        return {"sub": {"parent_name": info["parent"], "sub_id": info["id"]}}

    def create(self, name: str, info: Info, mac: str, place: Place) -> Call:
        """See above."""
        return Call("create_vlan_subif", {"sw_if_index": Index(info["parent"]), "vlan_id": info["id"]}, about=about(name))

    def delete(self, name: str, info: Info, place: Place) -> Call:
        """See above."""
        return _by_index("delete_subif", name)

    def claims(self, info: Info) -> t.Iterator[Claim]:
        """See above."""
        yield ("sub-interface", info["parent"], str(info["id"]))


ROLES = ("master", "slave")
MEMIF_MODES = ("ETHERNET", "IP", "PUNT_INJECT")
MADE_WITH = ("ring_size", "buffer_size", "rx_queues", "tx_queues", "secret")
"""Parts of a memif that VPP does not tell again, or tells wrong."""


class Memif(LinkType):
    """On one socket all are masters, or all are slaves."""

    type, device = "MEMIF", "memif"
    dumps = ("memif_dump",)
    compared = ("socket", "id", "role", "mode")
    hints = {
        -14: "the socket cannot be made: is its folder there, and may VPP write to it?",
        -68: "the id is taken on this socket, or the socket is used by memifs of the other role",
        -73: "VPP does not know the socket, or the ring size is no power of 2",
    }

    def ethernet(self, info: Info) -> bool:
        """Not in IP mode."""
        return bool(info["mode"] == "ETHERNET")

    def lower(self, value: Value, world: World) -> Info:
        """PUNT_INJECT ends a VPP 26.06."""
        memif = value.data.get("memif", {})
        mode = memif.get("mode", "ETHERNET")
        if mode == "PUNT_INJECT":
            raise refused(value, "memif.mode", "VPP crashes when it makes a memif of mode PUNT_INJECT")
        secret = memif.get("secret", "")
        if len(secret.encode()) > 23 or not secret.isascii():
            raise wrong(value, "memif.secret", "VPP takes at most 23 ASCII characters")
        info = {"socket": world.socket(memif.get("socket_filename", "")), "id": memif.get("id", 0), "mode": mode}
        info["role"] = ROLES[not memif.get("master", False)]
        return {**info, **{part: memif.get(part, "" if part == "secret" else 0) for part in MADE_WITH}}

    def told(self, details: Reply, names: Names) -> t.Tuple[int, Info]:
        """Ring and buffer size are told only of a connected slave."""
        info = {"socket": names.socket(details["socket_id"]), "id": details["id"], "role": ROLES[details["role"]], "mode": MEMIF_MODES[details["mode"]]}
        return details["sw_if_index"], info

    def lift(self, info: Info) -> t.Dict[str, t.Any]:
        """See above."""
        return {
            "memif": {
                "mode": info["mode"],
                "master": info["role"] == "master",
                "id": info["id"],
                "socket_filename": info["socket"],
            }
        }

    def create(self, name: str, info: Info, mac: str, place: Place) -> Call:
        """See above."""
        folder = posixpath.dirname(info["socket"])
        if info["role"] == ROLES[0] and folder[:1] == "/" and place.lacks_folder(folder):  # with workers it would end VPP
            raise CnfError(f"{about(name)}: the socket cannot be made: VPP has no folder {folder}")
        fields = {
            "role": ROLES.index(info["role"]),
            "mode": MEMIF_MODES.index(info["mode"]),
            "id": info["id"],
            "socket_id": Index(info["socket"], "memif-socket") if info["socket"] else 0,
            **{part: info[part] for part in MADE_WITH if info.get(part)},
        }
        if self.ethernet(info):
            fields["hw_addr"] = mac
        return Call(place.newest("memif_create_v2", "memif_create"), fields, about=about(name), secrets=frozenset({"secret"}))

    def delete(self, name: str, info: Info, place: Place) -> Call:
        """See above."""
        return _by_index("memif_delete", name)

    def claims(self, info: Info) -> t.Iterator[Claim]:
        """See above."""
        yield ("memif id", str(info["id"]), "on", info["socket"] or "the default socket")


class AfPacket(LinkType):
    """On a device of the kernel, which has to be there, in VPP's own namespace."""

    type, device = "AF_PACKET", "af-packet"
    dumps = ("af_packet_dump",)
    compared = ("host",)
    hints = {
        -71: "the kernel has no device of that name in VPP's network namespace",
        -79: "VPP has an interface on that device already, maybe of one that was deleted and made anew",
    }

    def lower(self, value: Value, world: World) -> Info:
        """Of a linux_interface the name is taken for the kernel's."""
        link = value.data.get("afpacket", {})
        return {"host": link.get("host_if_name") or link.get("linux_interface") or ""}

    def told(self, details: Reply, names: Names) -> t.Tuple[int, Info]:
        """See above."""
        return details["sw_if_index"], {"host": details["host_if_name"]}

    def lift(self, info: Info) -> t.Dict[str, t.Any]:
        """See above."""
        return {"afpacket": {"host_if_name": info["host"]}}

    def create(self, name: str, info: Info, mac: str, place: Place) -> Call:
        """With the flag for checksum offload: without it every TCP segment of a veth is dropped for its checksum."""
        if place.older(24, 6) and place.lacks_device(info["host"]):  # it would end VPP
            raise CnfError(f"{about(name)}: {self.hints[-71]}")
        fields = {"host_if_name": info["host"], "hw_addr": mac, "use_random_hw_addr": False, "num_rx_queues": 1, "flags": 2}
        message = place.newest("af_packet_create_v3", "af_packet_create_v2")
        if message == "af_packet_create_v3":
            fields.update(mode=1, num_tx_queues=1)
        return Call(message, fields, about=about(name))

    def delete(self, name: str, info: Info, place: Place) -> Call:
        """See above."""
        return Call("af_packet_delete", {"host_if_name": info["host"]}, accept=frozenset({-11}), about=about(name))

    def claims(self, info: Info) -> t.Iterator[Claim]:
        """See above."""
        yield ("host device", info["host"])


TAP_FLAGS = {"gso": 1, "tun": 16}
RING = 256


class Tap(LinkType):
    """VPP makes a device of the kernel with it, of the interface's own name unless another is given."""

    type, device = "TAP", "tap"
    dumps = ("sw_interface_tap_v2_dump",)
    asked = EVERY
    compared = ("host", "rx_ring", "tx_ring", "gso", "tun")
    hints = {
        -11: "VPP could not open /dev/vhost-net: the kernel needs VHOST_NET (modprobe vhost_net), and in a container the device has to be handed in",
        -12: "the network namespace of the host side does not exist",
    }

    def lower(self, value: Value, world: World) -> Info:
        """See above."""
        tap = value.data.get("tap", {})
        if tap.get("version", 0) == 1:
            raise refused(value, "tap.version", "there is only version 2")
        if tap.get("to_microservice"):
            raise refused(value, "tap.to_microservice", "join two CNFs with cnf_link")
        host = tap.get("host_if_name") or value.data["name"]
        if not 1 <= len(host.encode()) <= 15 or re.search(r"[\s/:%\0]", host) or host in (".", "..", "all", "default"):
            raise wrong(value, "tap.host_if_name", f"{host} is no kernel interface name (1 to 15 bytes, no blank, slash, colon or %)")
        rings = {f"{way}_ring": tap.get(f"{way}_ring_size") or RING for way in ("rx", "tx")}
        for way, size in rings.items():
            if size > 32768:
                raise wrong(value, f"tap.{way}_size", f"{size} is more than 32768")
        return {"host": host, **rings, "gso": bool(tap.get("enable_gso")), "tun": bool(tap.get("enable_tunnel"))}

    def told(self, details: Reply, names: Names) -> t.Tuple[int, Info]:
        """See above."""
        info: Info = {"host": details["host_if_name"], "rx_ring": details["rx_ring_sz"], "tx_ring": details["tx_ring_sz"]}
        info.update((part, bool(details["tap_flags"] & bit)) for part, bit in TAP_FLAGS.items())
        return details["sw_if_index"], {**info, "namespace": details["host_namespace"]}

    def ethernet(self, info: Info) -> bool:
        """Not a tun device."""
        return not info["tun"]

    def lift(self, info: Info) -> t.Dict[str, t.Any]:
        """See above."""
        tap: t.Dict[str, t.Any] = {"version": 2, "host_if_name": info["host"], "enable_gso": info["gso"], "enable_tunnel": info["tun"]}
        tap.update((f"{way}_ring_size", info[f"{way}_ring"]) for way in ("rx", "tx") if info[f"{way}_ring"] != RING)
        return {"tap": tap}

    def create(self, name: str, info: Info, mac: str, place: Place) -> Call:
        """See above."""
        fields = {
            "id": NOWHERE,
            "use_random_mac": info["tun"],
            "num_rx_queues": 1,
            "rx_ring_sz": info["rx_ring"],
            "tx_ring_sz": info["tx_ring"],
            "tap_flags": sum(bit for part, bit in TAP_FLAGS.items() if info[part]),
            "host_if_name_set": True,
            "host_if_name": info["host"],
        }
        if not info["tun"]:
            fields["mac_address"] = mac
        if info.get("namespace"):
            fields.update(host_namespace_set=True, host_namespace=info["namespace"])
        message = place.newest("tap_create_v3", "tap_create_v2")
        if message == "tap_create_v3":
            fields["num_tx_queues"] = 1
        return Call(message, fields, about=about(name))

    def delete(self, name: str, info: Info, place: Place) -> Call:
        """See above."""
        return _by_index("tap_delete_v2", name)

    def claims(self, info: Info) -> t.Iterator[Claim]:
        """See above."""
        if not info.get("namespace"):
            yield ("host device", info["host"])


BOND_MODES = ("UNKNOWN", "ROUND_ROBIN", "ACTIVE_BACKUP", "XOR", "BROADCAST", "LACP")
BOND_HASHES = ("L2", "L34", "L23", "RR", "BC", "AB")
HASH_OF_MODE = {"ROUND_ROBIN": "RR", "BROADCAST": "BC", "ACTIVE_BACKUP": "AB"}
"""What VPP makes of the hash by itself; it takes only the first three."""


class Bond(LinkType):
    """It has a MAC address of its own, which its members take over: without one it would take that of its first member."""

    type, device = "BOND_INTERFACE", "bond"
    dumps = ("sw_bond_interface_dump",)
    asked = EVERY
    compared = ("id", "mode", "lb")
    hints = {-30: "VPP's plugin lacp_plugin.so is not loaded", -147: "the id is taken"}

    def lower(self, value: Value, world: World) -> Info:
        """See above."""
        bond = value.data["bond"]
        mode, lb = bond["mode"], bond.get("lb", "L2")
        if mode not in HASH_OF_MODE and lb not in BOND_HASHES[:3]:
            raise refused(value, "bond.lb", f"mode {mode} goes by L2, L34 or L23, not by {lb}")
        return {"id": bond.get("id", 0), "mode": mode, "lb": HASH_OF_MODE.get(mode, lb)}

    def told(self, details: Reply, names: Names) -> t.Tuple[int, Info]:
        """See above."""
        return details["sw_if_index"], {"id": details["id"], "mode": BOND_MODES[details["mode"]], "lb": BOND_HASHES[details["lb"]]}

    def lift(self, info: Info) -> t.Dict[str, t.Any]:
        """The members are objects of their own."""
        bond = {"id": info["id"], "mode": info["mode"]}
        if info["mode"] not in HASH_OF_MODE:
            bond["lb"] = info["lb"]
        return {"bond": bond}

    def create(self, name: str, info: Info, mac: str, place: Place) -> Call:
        """See above."""
        # VPP refuses the hashes that it puts in by itself for the other modes.
        lb = 0 if info["mode"] in HASH_OF_MODE else BOND_HASHES.index(info["lb"])
        fields = {"mode": BOND_MODES.index(info["mode"]), "lb": lb, "id": info["id"], "use_custom_mac": True, "mac_address": mac}
        return Call(place.newest("bond_create2", "bond_create"), fields, about=about(name))

    def delete(self, name: str, info: Info, place: Place) -> Call:
        """See above."""
        return _by_index("bond_delete", name)

    def claims(self, info: Info) -> t.Iterator[Claim]:
        """See above."""
        yield ("bond", str(info["id"]))


def family_of(text: str) -> str:
    """C(4) or C(6), of an address with or without length."""
    return "6" if ":" in text else "4"


def canonical(text: str) -> str:
    """An address, with its prefix length when it has one, as VPP's answers have it."""
    return address.normal(text)
