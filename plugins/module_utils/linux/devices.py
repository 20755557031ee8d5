# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel devices over rtnetlink: read them all in one dump, make, change and delete them in batches."""

from __future__ import annotations

import fcntl
import socket
import struct
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Key, Operation, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import netlink as nl

NEWLINK, DELLINK, GETLINK, SETLINK = 16, 17, 18, 19
IFINFO = struct.Struct("=BxHiII")
ADDRESS, IFNAME, MTU_ATTRIBUTE, LINK, MASTER, LINKINFO, ALIAS, NET_NS_FD = 1, 3, 4, 5, 10, 18, 20, 28
KIND, DATA = 1, 2
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

FIXED = {
    "vxlan": [(15, struct.pack(">H", 4789)), (7, b"\1")],
    "bond": [(3, struct.pack("=I", 100))],
    "erspan": [(2, struct.pack(">H", 0x3000)), (3, struct.pack(">H", 0x3000)), (22, b"\1"), (21, struct.pack("=I", 1))],
}
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
    mac = found.get(ADDRESS, b"")
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


def names(host: t.Any, cnf: str, fresh: bool = False) -> t.Dict[int, Key]:
    """The resource key of each link of the namespace by its number, as of the last dump (or a C(fresh) one)."""
    from ansible_collections.pantheon.cnf.plugins.module_utils.linux.links import parse_alias

    result: t.Dict[int, Key] = {}
    for one in dump(host) if fresh or not getattr(host, "devices", None) else host.devices:
        mark = parse_alias(one.alias)
        result[one.number] = ("link", mark[3]) if mark and mark[0] == cnf else ("foreign-link", one.ifname)
    return result


def adopted(alias: str) -> bool:
    """Whether an interface of ours is one that we found and only marked: what else is on it is not ours."""
    from ansible_collections.pantheon.cnf.plugins.module_utils.linux.links import parse_alias

    mark = parse_alias(alias)
    return mark is not None and mark[2] in ("EXISTING", "AF_PACKET", "LOOPBACK") and not mark[4]


# -- messages ---------------------------------------------------------------------------------------------------------


def _ifinfo(index: int, up: t.Optional[bool] = None) -> bytes:
    return IFINFO.pack(0, 0, index, UP if up else 0, UP if up is not None else 0)


def _u32(number: int, value: int) -> bytes:
    return nl.attribute(number, struct.pack("=I", value))


def _text(number: int, value: str) -> bytes:
    return nl.attribute(number, value.encode() + b"\0")


def _mac(value: str) -> bytes:
    return nl.attribute(ADDRESS, bytes.fromhex(value.replace(":", "")))


def _settings(attributes: t.Mapping[str, t.Any]) -> bytes:
    body = b""
    if attributes["mtu"]:
        body += _u32(MTU_ATTRIBUTE, attributes["mtu"])
    if attributes["mac"]:
        body += _mac(attributes["mac"])
    return body


def create(attributes: t.Mapping[str, t.Any], indexes: t.Mapping[str, int]) -> bytes:
    """RTM_NEWLINK that makes the device; it is down and has no alias yet (the kernel takes none here)."""
    device, info = attributes["kind"], attributes["info"]
    data = b""
    for name, (number, form) in PACKED.get(device, {}).items():
        if name in info:
            if form == "ip":
                raw = address_bytes(info[name])
                data += nl.attribute(VXLAN_IPV6[name] if device == "vxlan" and len(raw) == 16 else number, raw)
            else:
                data += nl.attribute(number, struct.pack(form, info[name]))
    for number, raw in FIXED.get(device, ()):
        data += nl.attribute(number, raw)
    body = _ifinfo(0) + _text(IFNAME, attributes["ifname"]) + _settings(attributes)
    if device == "veth":
        data = nl.attribute(1, _ifinfo(0) + _text(IFNAME, info["peer_ifname"]))
    if info.get("parent"):
        if device == "vxlan":
            data += _u32(3, indexes[info["parent_ifname"]])
        else:
            body += _u32(LINK, indexes[info["parent_ifname"]])
    linkinfo = _text(KIND, device) + (nl.nest(DATA, data) if data else b"")
    return nl.message(NEWLINK, nl.CREATE | nl.EXCL, body + nl.nest(LINKINFO, linkinfo))


def setlink(index: int, *parts: bytes, up: t.Optional[bool] = None) -> bytes:
    """RTM_SETLINK (as NEWLINK without create) of some attributes."""
    return nl.message(NEWLINK, 0, _ifinfo(index, up) + b"".join(parts))


# -- doing it ---------------------------------------------------------------------------------------------------------


def perform(host: t.Any, operations: t.Sequence[Operation], cnf: str, alias: t.Callable[..., str]) -> t.List[t.Optional[str]]:
    """None or why it failed, for each; makes first, then sets, so that a wave is a few batches however long it is."""
    result: t.List[t.Optional[str]] = [None] * len(operations)
    names = _ifnames(host)
    first: t.List[t.Tuple[int, bytes]] = []
    for at, operation in enumerate(operations):
        if operation.key[0] == "link" and operation.verb == "create":
            _make(host, at, operation, names, first, result)
        elif operation.key[0] == "link" and operation.verb == "delete":
            attributes = operation.before.attributes  # type: ignore[union-attr]
            index = host.by_ifname.get(attributes["ifname"])
            if index is None:
                result[at] = f"{attributes['ifname']} does not exist"
            elif attributes["kind"] in ("existing", "loopback"):
                first.append((at, setlink(index, _text(ALIAS, ""))))
            else:
                first.append((at, nl.message(DELLINK, 0, _ifinfo(index))))
    _send(host, first, result)
    if any(operation.verb == "create" for operation in operations):
        dump(host)
    second: t.List[t.Tuple[int, bytes]] = []
    for at, operation in enumerate(operations):
        if result[at] is None and operation.after is not None and operation.key[0] == "link":
            _set(host, at, operation, cnf, alias, second, result)
        elif operation.key[0] == "port":
            _port(host, at, operation, names, second, result)
    _send(host, second, result)
    return result


def _ifnames(host: t.Any) -> t.Dict[str, str]:
    from ansible_collections.pantheon.cnf.plugins.module_utils.linux.links import parse_alias

    names = {}
    for one in dump(host):
        mark = parse_alias(one.alias)
        names[mark[3] if mark else one.ifname] = one.ifname
    return names


def _send(host: t.Any, messages: t.List[t.Tuple[int, bytes]], result: t.List[t.Optional[str]]) -> None:
    socket = host.netlink
    codes = socket.batch([each for _at, each in messages])
    for number, ((at, _message), code) in enumerate(zip(messages, codes)):
        if code and result[at] is None:
            result[at] = socket.errors.get(number, str(code))


def _make(
    host: t.Any, at: int, operation: Operation, names: t.Dict[str, str], first: t.List[t.Tuple[int, bytes]], result: t.List[t.Optional[str]]
) -> None:
    attributes = t.cast(Resource, operation.after).attributes
    device, info, ifname = attributes["kind"], attributes["info"], attributes["ifname"]
    names[operation.key[1]] = ifname
    if device in ("existing", "loopback", "joined"):
        return
    if device == "veth" and info["peer"] < operation.key[1]:
        return  # its device came with that of its peer, which it requires
    if device == "tun":
        result[at] = _tuntap(host, ifname, info["mode"])
        return
    if info.get("parent"):
        parent = names.get(info["parent"], info["parent"])
        if parent not in host.by_ifname:
            result[at] = f"its underlying interface {info['parent']} does not exist"
            return
        attributes = {**attributes, "info": {**info, "parent_ifname": parent}}
    first.append((at, create(attributes, host.by_ifname)))


def _set(
    host: t.Any,
    at: int,
    operation: Operation,
    cnf: str,
    alias: t.Callable[..., str],
    second: t.List[t.Tuple[int, bytes]],
    result: t.List[t.Optional[str]],
) -> None:
    after, before = t.cast(Resource, operation.after), operation.before
    attributes = after.attributes
    old = before.attributes["ifname"] if before is not None else attributes["ifname"]
    index = host.by_ifname.get(old)
    if index is None:
        result[at] = f"the kernel has no device {old}"
        return
    parts = []
    if before is None or before.attributes.get("model") != attributes["model"]:
        parts.append(_text(ALIAS, alias(cnf, attributes["model"], operation.key[1], joined=not after.managed)))
    if old != attributes["ifname"]:
        if before is not None and before.attributes["up"]:
            second.append((at, setlink(index, up=False)))
        parts.append(_text(IFNAME, attributes["ifname"]))
    changes = attributes
    if before is not None:
        default = MTU.get(attributes["kind"], 1500)
        changes = {
            "mtu": (attributes["mtu"] or (default if before.attributes["mtu"] and attributes["kind"] not in INHERIT else None))
            if attributes["mtu"] != before.attributes["mtu"]
            else None,
            "mac": attributes["mac"] if attributes["mac"] != before.attributes["mac"] else None,
        }
    settings = _settings(changes) if before is not None or attributes["kind"] in ("veth", "tun", "existing", "loopback", "joined") else b""
    second.append((at, setlink(index, *parts, settings, up=attributes["up"])))
    if attributes["kind"] == "wireguard":
        from ansible_collections.pantheon.cnf.plugins.module_utils.linux import wireguard

        error = wireguard.write(host, attributes["ifname"], attributes["info"])
        result[at] = result[at] or error


def _port(
    host: t.Any, at: int, operation: Operation, names: t.Mapping[str, str], second: t.List[t.Tuple[int, bytes]], result: t.List[t.Optional[str]]
) -> None:
    port = host.by_ifname.get(names.get(operation.key[1], operation.key[1]))
    if port is None:
        result[at] = f"{operation.key[1]} does not exist"
        return
    master = 0
    up = None
    if operation.after is not None:
        name = operation.after.attributes["master"]
        master = host.by_ifname.get(names.get(name, name), 0)
        if not master:
            result[at] = f"{name} does not exist"
            return
    second.append((at, setlink(port, _u32(MASTER, master), up=up)))


def _tuntap(host: t.Any, ifname: str, mode: str) -> t.Optional[str]:
    """A persistent tun or tap device; there is no netlink message that makes one."""
    with host.inside():
        try:
            with open("/dev/net/tun", "r+b", buffering=0) as handle:
                flags = (1 if mode == "tun" else 2) | 0x1000
                fcntl.ioctl(handle, 0x400454CA, struct.pack("16sH22x", ifname.encode(), flags))
                fcntl.ioctl(handle, 0x400454CB, 1)
        except OSError as error:
            return f"making a {mode} device: {error.strerror}"
    return None


# -- words ------------------------------------------------------------------------------------------------------------


def commands(operation: Operation) -> t.List[str]:
    """The operation as C(ip) would be told it; secrets are left out."""
    name = operation.key[1]
    if operation.key[0] == "port":
        return [f"ip link set {name} " + (f"master {operation.after.attributes['master']}" if operation.after else "nomaster")]
    if operation.after is None:
        before = t.cast(Resource, operation.before).attributes
        return [f'ip link set {before["ifname"]} alias ""' if before["kind"] in ("existing", "loopback") else f"ip link delete {before['ifname']}"]
    after = operation.after.attributes
    have = operation.before.attributes if operation.before is not None else {"ifname": after["ifname"], "up": False}
    lines = []
    info = after["info"]
    if operation.before is None and after["kind"] not in ("existing", "loopback", "joined"):
        if after["kind"] == "veth":
            words = f"veth peer name {info['peer_ifname']}" if name < info["peer"] else ""
        else:
            shown = {key: value for key, value in info.items() if key not in ("private_key",)}
            words = " ".join([after["kind"], *(f"{key} {value}" for key, value in sorted(shown.items()))])
        if words:
            lines.append(f"ip link add {after['ifname']} type {words}")
    changes = []
    if have["ifname"] != after["ifname"]:
        changes.append(f"name {after['ifname']}")
    if have.get("model") != after["model"]:
        changes.append(f"alias '{after['model'][0]} {after['model'][1]} {name}'")
    if after["mtu"] != have.get("mtu"):
        changes.append(f"mtu {after['mtu'] or MTU.get(after['kind'], 1500)}")
    if after["mac"] and after["mac"] != have.get("mac"):
        changes.append(f"address {after['mac']}")
    if after["up"] != have["up"]:
        changes.append("up" if after["up"] else "down")
    if changes:
        lines.append(f"ip link set {have['ifname']} {' '.join(changes)}")
    return lines or [f"ip link set {after['ifname']}"]
