# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel devices over rtnetlink, all read in one dump, and the mark that says which are ours. L(device_writer) changes them."""

from __future__ import annotations

import socket
import struct
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Key
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import netlink as nl

NEWLINK, DELLINK, GETLINK = 16, 17, 18
MARK = "pantheon.cnf"
IFINFO = struct.Struct("=BxHiII")
ADDRESS, IFNAME, MTU_ATTRIBUTE, LINK, MASTER, LINKINFO, ALIAS = 1, 3, 4, 5, 10, 18, 20
KIND, DATA, SLAVE_KIND, SLAVE_DATA = 1, 2, 4, 5
UP = 1
EXT_MASK = nl.attribute(29, struct.pack("=I", 8))  # skip statistics

MTU = {"vxlan": 1450, "gre": 1476, "gretap": 1462, "erspan": 1450, "ipip": 1480, "wireguard": 1420, "vrf": 65575, "lo": 65536}
"""The kernel's default where it is not 1500 (over an underlay of 1500)."""

INHERIT = ("vlan", "bond", "gre", "ipip", "wireguard", "vrf", "existing", "loopback", "joined")
"""Devices whose MAC address we leave to the kernel when none is given (some have none)."""

PACKED: t.Dict[str, t.Dict[str, t.Tuple[int, str]]] = {
    "vlan": {"id": (1, "=H")},
    "vxlan": {"id": (1, "=I"), "local": (4, "ip"), "remote": (2, "ip")},
    "bond": {"mode": (1, "=B"), "hash": (14, "=B"), "fast": (21, "=?")},
    "vrf": {"table": (1, "=I")},
    "gre": {"local": (6, "ip"), "remote": (7, "ip")},
    "gretap": {"local": (6, "ip"), "remote": (7, "ip")},
    "erspan": {"local": (6, "ip"), "remote": (7, "ip"), "session": (4, ">I")},
    "ipip": {"local": (2, "ip"), "remote": (3, "ip")},
    "bridge": {},
}
"""IFLA_INFO_DATA: how each part of C(info) is packed; C(ip) is an address (VXLAN has numbers of its own for IPv6)."""

VXLAN_IPV6 = {"local": 17, "remote": 16}


class Device(t.NamedTuple):
    """One link as the kernel tells it; C(info) has indexes for C(parent) and C(peer)."""

    number: int
    ifname: str
    up: bool
    mtu: int
    mac: t.Optional[str]
    master: int
    alias: str
    device: str
    info: t.Dict[str, t.Any]


def usual(kind: str, mtu: t.Optional[int]) -> bool:
    """Whether an MTU is what a device has when none is given; over an underlay that it does not know it may be 1500."""
    return mtu in (None, 1500, MTU.get(kind))


def address_text(raw: bytes) -> str:
    """An address of 4 or 16 bytes as text."""
    return socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw)


def address_bytes(text: str) -> bytes:
    """The inverse of L(address_text)."""
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def parse(payload: bytes) -> Device:
    """One answer to RTM_GETLINK."""
    _family, type, index, flags, _change = IFINFO.unpack_from(payload)
    found = nl.attributes(payload, 16)
    linkinfo = nl.attributes(found.get(LINKINFO, b""))
    device = nl.string(linkinfo[KIND]) if KIND in linkinfo else "lo" if type == 772 else ""
    data = nl.attributes(linkinfo.get(DATA, b""))
    info: t.Dict[str, t.Any] = {}
    for name, (number, form) in PACKED.get(device, {}).items():
        raw = data.get(number)
        if device == "vxlan" and raw is None and name in VXLAN_IPV6:
            raw = data.get(VXLAN_IPV6[name])
        if raw is not None:
            info[name] = address_text(raw) if form == "ip" else struct.unpack_from(form, raw)[0]
        elif form == "ip":
            info[name] = "0.0.0.0"
    if device == "tun":
        info["mode"] = "tun" if data.get(3, b"\2")[0] == 1 else "tap"
    if device == "erspan" and not info.get("session"):
        info.pop("session", None)
    if device == "vxlan" and 3 in data and struct.unpack("=I", data[3])[0]:
        info["parent"] = struct.unpack("=I", data[3])[0]
    if LINK in found and device in ("veth", "vlan"):
        info["peer" if device == "veth" else "parent"] = struct.unpack("=I", found[LINK])[0]
    # The port of a bond has the address of the bond; its own is what it will have again.
    slave = nl.attributes(linkinfo.get(SLAVE_DATA, b"")) if nl.string(linkinfo.get(SLAVE_KIND, b"")) == "bond" else {}
    mac = slave.get(4) or found.get(ADDRESS, b"")
    return Device(
        index,
        nl.string(found[IFNAME]),
        bool(flags & UP),
        struct.unpack("=I", found[MTU_ATTRIBUTE])[0] if MTU_ATTRIBUTE in found else 0,
        ":".join(f"{byte:02x}" for byte in mac) if len(mac) == 6 else None,
        struct.unpack("=I", found[MASTER])[0] if MASTER in found else 0,
        nl.string(found[ALIAS]) if ALIAS in found else "",
        device,
        info,
    )


def dump(host: t.Any) -> t.List[Device]:
    """All links of the namespace. C(host.by_ifname) is left with their numbers by name."""
    found = [parse(payload) for payload in host.netlink.dump(GETLINK, IFINFO.pack(0, 0, 0, 0, 0) + EXT_MASK)]
    host.by_ifname = {one.ifname: one.number for one in found}
    host.devices = found
    if any(one.device == "wireguard" for one in found):
        from ansible_collections.pantheon.cnf.plugins.module_utils.linux import wireguard

        for one in found:
            if one.device == "wireguard":
                one.info.update(wireguard.read(host, one.ifname))
    return found


def alias(cnf: str, model: t.Tuple[str, str], name: str, joined: bool = False) -> str:
    """The mark of an interface of ours."""
    return f"{MARK} {cnf} {'link:' if joined else ''}{model[0]} {model[1]} {name}"


def parse_alias(text: str) -> t.Optional[t.Tuple[str, str, str, str, bool]]:
    """(cnf, kind, type, logical name, joined) of an interface of ours."""
    parts = text.split(" ", 4)
    if len(parts) < 5 or parts[0] != MARK:
        return None
    joined = parts[2].startswith("link:")
    return parts[1], parts[2][5 * joined :], parts[3], parts[4], joined


def names(host: t.Any, cnf: str, fresh: bool = False) -> t.Dict[int, Key]:
    """The resource key of each link of the namespace by its number, as of the last dump (or a C(fresh) one)."""
    result: t.Dict[int, Key] = {}
    for one in dump(host) if fresh or not getattr(host, "devices", None) else host.devices:
        mark = parse_alias(one.alias)
        result[one.number] = ("link", mark[3]) if mark and mark[0] == cnf else ("foreign-link", one.ifname)
    return result


def adopted(alias: str) -> bool:
    """Whether an interface of ours is one that we found and only marked: what else is on it is not ours."""
    mark = parse_alias(alias)
    return mark is not None and mark[2].partition("=")[0] in ("EXISTING", "AF_PACKET", "LOOPBACK") and not mark[4]
