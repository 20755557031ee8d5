# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making, changing and deleting kernel devices: what L(devices) reads, in batches of netlink messages."""

from __future__ import annotations

import fcntl
import struct
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Operation, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import netlink as nl
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.devices import (
    ADDRESS,
    ALIAS,
    DATA,
    DELLINK,
    IFINFO,
    IFNAME,
    KIND,
    LINK,
    LINKINFO,
    MASTER,
    MTU,
    MTU_ATTRIBUTE,
    NEWLINK,
    PACKED,
    UP,
    VXLAN_IPV6,
    Device,
    address_bytes,
    dump,
    parse_alias,
    usual,
)

FIXED = {
    "vxlan": [(15, struct.pack(">H", 4789)), (7, b"\1")],
    "bond": [(3, struct.pack("=I", 100))],
    "erspan": [(2, struct.pack(">H", 0x3000)), (3, struct.pack(">H", 0x3000)), (22, b"\1"), (21, struct.pack("=I", 1))],
}


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
            elif form != "=?" or info[name]:  # a switch that is off is one that others may not even have
                data += nl.attribute(number, struct.pack(form, info[name]))
    if info.get("session"):
        data += nl.attribute(5, struct.pack(">I", info["session"]))  # what is sent; the one of the table is what is received
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
    deleted = [one.before.attributes for one in operations if one.key[0] == "link" and one.verb == "delete" and one.before is not None]
    going = {name for one in deleted for name in (one["ifname"], one["info"].get("peer_ifname"))}
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
                if attributes["kind"] == "bond":  # its ports would be closed with it
                    bond = [one for one in host.devices if one.number == index]
                    ports = [one for one in host.devices if one.master == index and one.ifname not in going]
                    first += ((at, each) for one in ports for each in enslave(one, None, bond, one.up))
                first.append((at, nl.message(DELLINK, 0, _ifinfo(index))))
    _send(host, first, result)
    made = [at for at, operation in enumerate(operations) if result[at] is None and _makes(operation)]
    try:
        _finish(host, operations, cnf, alias, names, result)
    except BaseException:
        _unmake(host, [operations[at] for at in made])
        raise
    _unmake(host, [operations[at] for at in made if result[at] is not None])
    return result


def _makes(operation: Operation) -> bool:
    if operation.key[0] != "link" or operation.verb != "create" or operation.after is None:
        return False
    device, info = operation.after.attributes["kind"], operation.after.attributes["info"]
    return device not in ("existing", "loopback", "joined") and not (device == "veth" and info["peer"] < operation.key[1])


def _unmake(host: t.Any, operations: t.Sequence[Operation]) -> None:
    """Take away again what was made and could not be finished: without its mark it would be a stranger to the undo."""
    if operations:
        there = {one.ifname: one.number for one in dump(host)}
        doomed = [there.get(t.cast(Resource, one.after).attributes["ifname"], 0) for one in operations]
        host.netlink.batch([nl.message(DELLINK, 0, _ifinfo(index)) for index in doomed if index])


def _finish(
    host: t.Any,
    operations: t.Sequence[Operation],
    cnf: str,
    alias: t.Callable[..., str],
    names: t.Dict[str, str],
    result: t.List[t.Optional[str]],
) -> None:
    if any(operation.verb == "create" for operation in operations):
        dump(host)
    second: t.List[t.Tuple[int, bytes]] = []
    ups = {one.key[1]: one.after.attributes["up"] for one in operations if one.key[0] == "link" and one.after is not None}
    for at, operation in enumerate(operations):
        if result[at] is None and operation.after is not None and operation.key[0] == "link":
            _set(host, at, operation, cnf, alias, second, result)
        elif operation.key[0] == "port":
            _port(host, at, operation, names, ups, second, result)
    _send(host, second, result)


def _ifnames(host: t.Any) -> t.Dict[str, str]:
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


def _make(host: t.Any, at: int, operation: Operation, names: t.Dict[str, str], first: t.List[t.Tuple[int, bytes]], result: t.List[t.Optional[str]]) -> None:
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


def _new_mtu(have: t.Mapping[str, t.Any], want: t.Mapping[str, t.Any]) -> t.Optional[int]:
    """What to set it to; None to leave it. What is not given goes back to the device's default, but on devices that we did not make."""
    kind, mtu = want["kind"], have.get("mtu")
    if want["mtu"] or kind in ("existing", "loopback", "joined") or usual(kind, mtu):
        return want["mtu"] if want["mtu"] != mtu else None
    return MTU.get(kind, 1500)


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
        changes = {
            "mtu": _new_mtu(before.attributes, attributes),
            "mac": attributes["mac"] if attributes["mac"] != before.attributes["mac"] else None,
        }
    settings = _settings(changes) if before is not None or attributes["kind"] in ("veth", "tun", "existing", "loopback", "joined") else b""
    there = {one.number: one for one in host.devices}
    bond = [one for one in (there.get(there[index].master),) if one is not None and one.device == "bond"] if before is not None and changes["mac"] else []
    if bond:  # it sets its ports' addresses; an own one has to be changed outside of it
        second += ((at, one) for one in enslave(there[index], None, bond, False))
    second.append((at, setlink(index, *parts, settings, up=attributes["up"])))
    if bond:
        second += ((at, one) for one in enslave(there[index]._replace(up=True), bond[0], (), attributes["up"]))
    if attributes["kind"] == "wireguard":
        from ansible_collections.pantheon.cnf.plugins.module_utils.linux import wireguard

        error = wireguard.write(host, attributes["ifname"], attributes["info"])
        result[at] = result[at] or error


def _port(
    host: t.Any,
    at: int,
    operation: Operation,
    names: t.Mapping[str, str],
    ups: t.Mapping[str, bool],
    second: t.List[t.Tuple[int, bytes]],
    result: t.List[t.Optional[str]],
) -> None:
    there = {one.ifname: one for one in host.devices}
    port = there.get(names.get(operation.key[1], operation.key[1]))
    if port is None:
        result[at] = f"{operation.key[1]} does not exist"
        return
    master = None
    if operation.after is not None:
        name = operation.after.attributes["master"]
        master = there.get(names.get(name, name))
        if master is None:
            result[at] = f"{name} does not exist"
            return
    second += ((at, one) for one in enslave(port, master, [one for one in host.devices if one.number == port.master], ups.get(operation.key[1], port.up)))


def enslave(port: Device, master: t.Optional[Device], before: t.Sequence[Device], up: bool) -> t.Iterator[bytes]:
    """Messages that give a port another master. A bond takes only what is down, opens what it takes and closes what it lets go."""
    bond = any(one is not None and one.device == "bond" for one in (master, *before))
    if bond and port.up:
        yield setlink(port.number, up=False)
    yield setlink(port.number, _u32(MASTER, master.number if master else 0))
    if bond:
        yield setlink(port.number, up=up)


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
    mtu = _new_mtu(have, after)
    if mtu:
        changes.append(f"mtu {mtu}")
    if after["mac"] and after["mac"] != have.get("mac"):
        changes.append(f"address {after['mac']}")
    if after["up"] != have["up"]:
        changes.append("up" if after["up"] else "down")
    if changes:
        lines.append(f"ip link set {have['ifname']} {' '.join(changes)}")
    return lines or [f"ip link set {after['ifname']}"]
