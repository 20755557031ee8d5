# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Layer 2: bridge domains on bridge devices, forwarding entries, cross-connects.

C(("bridge", bridge domain)): C(ifname), C(bvi) (the link that is the bridge device, or none: then the device is ours),
C(flags) and C(ageing). An alternative name of the device (C(pantheon.cnf:CNF:FLAGS:NAME)) keeps what the kernel has no place for.
C(("bridge-port", link)): C(bridge) and the port's flags. C(("fdb", bridge domain, MAC)): C(port) (none: dropped), C(static).
C(("xconnect", link)): C(transmit) and the kernel names that its rule has. An nft rule does it, in a chain on the receiving
device; C(tc mirred) would do as well, but many kernels (that of small virtual machines) are built without.
"""

from __future__ import annotations

import errno
import re
import struct
import typing as t
import zlib
from urllib.parse import quote, unquote

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Family, Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import netlink as nl
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.devices import (
    DATA,
    EXT_MASK,
    GETLINK,
    IFINFO,
    IFNAME,
    KIND,
    LINKINFO,
    MASTER,
    NEWLINK,
    names,
)
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import ToolMissing
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.neighbours import DELETE, GET, HEAD, MAC, NEW, NOARP, PERMANENT, REACHABLE
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.nft import Nft, escape
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import CHECKS
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l2 import BRIDGE_DOMAIN, FIB, XCONNECT

DELLINK, NEWPROP, DELPROP = 17, 108, 109
SLAVE_KIND, SLAVE_DATA, PROPERTIES, ALTNAME = 4, 5, 52, 53
AGEING, SNOOPING = 4, 23
NTF_SELF, NTF_MASTER, NTF_LEARNED, NTF_STICKY, NDA_MASTER = 2, 4, 16, 64, 9
AF_BRIDGE = 7
NEVER = 10**8
"""Hundredths of a second (11 days): the longest that the kernel lets an entry live, for VPP's never."""
ALTNAME_LIMIT = 127
MARK = "pantheon.cnf"

FLAGS = ("flood", "unknown_unicast_flood", "forward", "learn")
PORT_FLAGS = {"learn": (8,), "unknown_unicast_flood": (9,), "flood": (27, 30), "isolated": (33,)}
"""Attributes of a port of a bridge: learning, unicast flood, multicast and broadcast flood, isolation."""

SUPPORT = {
    BRIDGE_DOMAIN.id: {
        "name": f"partial: kept with its flags in a device's alternative name of {ALTNAME_LIMIT} bytes",
        "flood": "yes",
        "unknown_unicast_flood": "yes",
        "forward": "partial: false isolates the ports from each other, and cannot be together with a bridged_virtual_interface",
        "learn": "yes",
        "arp_termination": "refused: the kernel answers only for stations whose port it has learned already",
        "mac_age": "partial: 0 (never) is 11 days",
        "interfaces": "yes",
        "interfaces.name": "yes",
        "interfaces.bridged_virtual_interface": "partial: a SOFTWARE_LOOPBACK, which becomes the bridge device",
        "interfaces.split_horizon_group": "partial: 0 and one other number in a bridge domain",
        **{f"arp_termination_table{path}": "refused: see arp_termination" for path in ("", ".ip_address", ".phys_address")},
    },
    FIB.id: {
        "phys_address": "yes",
        "bridge_domain": "yes",
        "action": "yes",
        "outgoing_interface": "partial: not with action DROP",
        "static_config": "partial: an entry with action DROP is always static",
        "bridged_virtual_interface": "refused: the address of the bridge device is in the table by itself",
    },
    XCONNECT.id: {"receive_interface": "yes", "transmit_interface": "yes"},
}


def _refused(value: Value, field: str, why: str) -> Refused:
    return Refused(f"{value.kind} {value.key.rpartition('/')[2]}: {field}: {why}", field=field)


def _unsupported(value: Value, field: str) -> Refused:
    return _refused(value, field, "not supported by the linux dataplane: " + SUPPORT[value.kind][field][9:])


class L2(Family):
    """See the module."""

    classes = frozenset({"bridge", "bridge-port", "fdb", "xconnect"})
    kinds = frozenset({BRIDGE_DOMAIN.id, FIB.id, XCONNECT.id})
    support = SUPPORT

    def __init__(self, cnf: str) -> None:
        self.cnf = cnf
        self.nft = Nft(cnf)
        self.chains: t.Set[str] = set()

    # -- values to objects -------------------------------------------------------------------------------------------

    def lower(self, values: t.Sequence[Value], view: View) -> t.Iterable[Resource]:
        """Raises L(Refused) by field name."""
        made: t.Dict[Key, Resource] = {}
        for kind, make in ((BRIDGE_DOMAIN.id, self._bridge), (FIB.id, self._fib), (XCONNECT.id, self._xconnect)):
            for value in values:
                for one in make(value, view, made) if value.kind == kind else ():
                    if one.key in made:
                        raise _refused(value, "interfaces", f"{one.key[1]} has a place in another bridge domain already")
                    made[one.key] = one
        for key in made:
            if key[0] == "xconnect" and ("bridge-port", key[1]) in made:
                raise CnfError(f"interface {key[1]} is in a bridge domain and receives for a cross-connect; it can be one of them")
        return made.values()

    def _bridge(self, value: Value, view: View, made: Resources) -> t.Iterator[Resource]:
        data, name = value.data, value.data["name"]
        for field in ("arp_termination", "arp_termination_table"):
            if data.get(field):
                raise _unsupported(value, field)
        groups = {each["split_horizon_group"] for each in data.get("interfaces", ()) if each.get("split_horizon_group")}
        if len(groups) > 1:
            raise _refused(value, "interfaces.split_horizon_group", "the kernel knows one group of isolated ports, so 0 and one other number")
        bvi = next((each for each in data.get("interfaces", ()) if each.get("bridged_virtual_interface")), None)
        flags = [flag for flag in FLAGS if data.get(flag)] + [f"group{group}" for group in groups]
        key: Key = ("bridge", name)
        requires: t.FrozenSet[Key] = frozenset()
        claims: t.FrozenSet[Key] = frozenset()
        if bvi:
            link = view.link(bvi["name"])
            if bvi.get("split_horizon_group") or not data.get("forward"):
                field = "interfaces.split_horizon_group" if data.get("forward") else "forward"
                raise _refused(value, field, f"{bvi['name']} is the bridged_virtual_interface, which the kernel cannot keep from forwarding")
            if link.resource.attributes.get("kind") not in (None, "dummy", "bridge") or link.key[0] != "link" and not view.offline:
                raise _refused(value, "interfaces.bridged_virtual_interface", f"{bvi['name']} is no SOFTWARE_LOOPBACK")
            if any(one.attributes.get("bvi") == bvi["name"] for one in made.values()):
                raise _refused(value, "interfaces.bridged_virtual_interface", f"{bvi['name']} is that of another bridge domain")
            ifname = link.ifname
            if link.key in view.resources:
                requires = frozenset((link.key,))
                if link.resource.attributes["kind"] != "bridge":
                    # The loopback becomes a bridge device; it stays that interface, with its addresses and its MAC address.
                    yield link.resource._replace(attributes={**link.resource.attributes, "kind": "bridge", "info": {}})
        else:
            ifname = name if not CHECKS["ifname"](name) else f"bd-{zlib.crc32(name.encode()):08x}"
            claims = frozenset({("ifname", ifname)})
        age = data.get("mac_age", 0) * 6000 or NEVER
        have = {"ifname": ifname, "bvi": bvi["name"] if bvi else "", "flags": ",".join(flags), "ageing": age}
        if len(self._altname(name, ",".join(flags))) > ALTNAME_LIMIT:
            raise _refused(value, "name", f"with the CNF's name too long to be kept at the device ({ALTNAME_LIMIT} bytes)")
        yield Resource(key, have, requires, claims)
        for each in data.get("interfaces", ()):
            if each is not bvi:
                link = view.link(each["name"])
                port: t.Dict[str, t.Any] = {flag: bool(data.get(flag) and data.get("forward")) for flag in FLAGS if flag != "forward"}
                port.update(bridge=name, learn=bool(data.get("learn")), isolated=bool(each.get("split_horizon_group") or not data.get("forward")))
                yield Resource(("bridge-port", link.key[1]), port, frozenset((key, *((link.key,) if link.key in view.resources else ()))))

    def _fib(self, value: Value, view: View, made: Resources) -> t.Iterator[Resource]:
        data = value.data
        domain, drop = data["bridge_domain"], data.get("action") == "DROP"
        bridge = made.get(("bridge", domain)) or view.resources.get(("bridge", domain))
        if bridge is None and not view.offline:
            raise _refused(value, "bridge_domain", f"CNF {view.cnf} has no bridge domain {domain}")
        if data.get("bridged_virtual_interface"):
            raise _unsupported(value, "bridged_virtual_interface")
        port, requires = "", {("bridge", domain)}
        if drop and data.get("outgoing_interface"):
            raise _refused(value, "outgoing_interface", "an entry with action DROP has none; leave it out")
        if not drop:
            port = view.link(data["outgoing_interface"]).key[1]
            member = made.get(("bridge-port", port)) or view.resources.get(("bridge-port", port))
            if (member is None or member.attributes["bridge"] != domain) and not view.offline:
                raise _refused(value, "outgoing_interface", f"{data['outgoing_interface']} is not in bridge domain {domain}")
            requires.add(("bridge-port", port))
        have = {"port": port, "static": drop or bool(data.get("static_config"))}
        yield Resource(("fdb", domain, address.mac(data["phys_address"]) or ""), have, frozenset(() if view.offline else requires))

    def _xconnect(self, value: Value, view: View, made: Resources) -> t.Iterator[Resource]:
        receive, transmit = (view.link(value.data[name]) for name in ("receive_interface", "transmit_interface"))
        have = {"transmit": transmit.key[1], "devices": (receive.ifname, transmit.ifname)}
        yield Resource(("xconnect", receive.key[1]), have, frozenset(each.key for each in (receive, transmit) if each.key in view.resources))

    # -- objects to values -------------------------------------------------------------------------------------------

    def lift(self, resources: Resources, view: View) -> t.Iterator[Value]:
        """The values of bridges, entries and cross-connects of ours."""
        ports: t.Dict[str, t.List[t.Tuple[str, t.Mapping[str, t.Any]]]] = {}
        for key, one in resources.items():
            if key[0] == "bridge-port" and one.owned:
                ports.setdefault(one.attributes["bridge"], []).append((key[1], one.attributes))
        for key, one in resources.items():
            have = one.attributes
            if not one.owned:
                continue
            if key[0] == "bridge":
                flags = have["flags"].split(",")
                group = next((int(flag[5:]) for flag in flags if flag.startswith("group")), 0)
                interfaces = [{"name": have["bvi"], "bridged_virtual_interface": True}] if have["bvi"] else []
                for name, port in sorted(ports.get(key[1], ())):
                    interfaces.append({"name": name, "split_horizon_group": group if port["isolated"] and "forward" in flags else 0})
                age = 0 if have["ageing"] == NEVER else have["ageing"] // 6000
                data = {"name": key[1], **{flag: flag in flags for flag in FLAGS}, "mac_age": age, "interfaces": interfaces}
                yield BRIDGE_DOMAIN.value(data)
            elif key[0] == "fdb":
                data = {"phys_address": key[2], "bridge_domain": key[1], "outgoing_interface": have["port"], "static_config": have["static"]}
                yield FIB.value({**data, "action": "FORWARD" if have["port"] else "DROP"})
            elif key[0] == "xconnect":
                yield XCONNECT.value({"receive_interface": key[1], "transmit_interface": have["transmit"]})

    # -- read --------------------------------------------------------------------------------------------------------

    def observe(self, place: t.Any) -> t.Iterator[Resource]:
        """Bridges, their ports and entries from two dumps; cross-connects from a listing of nft, where it is installed."""
        links = names(place, self.cnf)
        devices, bridges = self._read(place)
        for index, (name, one) in bridges.items():
            link = links.get(index, ("", ""))
            flags = next((text for text in one.altnames if text.startswith(MARK + ":")), "::").split(":")[2]
            bvi = link[1] if link[0] == "link" else ""
            have = {"ifname": one.ifname, "bvi": bvi, "flags": flags, "ageing": one.ageing}
            yield Resource(("bridge", name), have, frozenset((link,) if bvi else ()), frozenset(() if bvi else {("ifname", one.ifname)}))
        for one in devices:
            if one.port is not None and one.number in links:
                name = bridges[one.master][0] if one.master in bridges else links.get(one.master, ("", str(one.master)))[1]
                mine = one.master in bridges
                requires = (links[one.number], *((("bridge", name),) if mine else ()))
                yield Resource(("bridge-port", links[one.number][1]), {"bridge": name, **one.port}, frozenset(requires), owned=mine, managed=mine)
        if bridges:
            yield from self._entries(place, bridges, links)
        yield from self._xconnects(place, {one.ifname: links[one.number] for one in devices if one.number in links})

    def _read(self, host: t.Any) -> t.Tuple[t.List[_Device], t.Dict[int, t.Tuple[str, _Device]]]:
        """All devices, and those with our alternative name as (bridge domain, device) by number."""
        devices = [_Device.parse(body) for body in host.netlink.dump(GETLINK, IFINFO.pack(0, 0, 0, 0, 0) + EXT_MASK)]
        mine = [MARK, quote(self.cnf, safe="")]
        found = [(text.split(":"), one) for one in devices for text in one.altnames]
        return devices, {one.number: (unquote(parts[3]), one) for parts, one in found if len(parts) == 4 and parts[:2] == mine}

    @staticmethod
    def _entries(host: t.Any, bridges: t.Mapping[int, t.Tuple[str, _Device]], links: t.Mapping[int, Key]) -> t.Iterator[Resource]:
        """What was configured: static ones, those learned by order, and local ones that are not the device's own address."""
        for body in host.netlink.dump(GET, IFINFO.pack(AF_BRIDGE, 0, 0, 0, 0)):
            _family, index, state, flags, _type = HEAD.unpack_from(body)
            parts = nl.attributes(body, 12)
            master = struct.unpack("=I", parts[NDA_MASTER])[0] if NDA_MASTER in parts else 0
            mac = ":".join(f"{byte:02x}" for byte in parts.get(MAC, b""))
            if master not in bridges:
                continue
            name, bridge = bridges[master]
            key: Key = ("fdb", name, mac)
            if index == master:
                if state & PERMANENT and mac != bridge.mac:
                    yield Resource(key, {"port": "", "static": True}, frozenset({("bridge", name)}))
            elif not state & PERMANENT and (state & NOARP or flags & NTF_LEARNED) and index in links:
                port = links[index][1]
                yield Resource(key, {"port": port, "static": bool(flags & NTF_STICKY)}, frozenset({("bridge", name), ("bridge-port", port)}))

    def _xconnects(self, host: t.Any, links: t.Mapping[str, Key]) -> t.Iterator[Resource]:
        self.chains = set()
        try:
            text = self.nft.listed(host, "netdev")
        except ToolMissing:
            return
        for chain, device, target in _CHAIN.findall(text or ""):
            self.chains.add(chain)
            ends = [links.get(name, ("", name)) for name in (device, target)]
            have = {"transmit": ends[1][1], "devices": (device, target)}
            yield Resource(("xconnect", ends[0][1]), have, frozenset(each for each in ends if each[0]))

    # -- change ------------------------------------------------------------------------------------------------------

    def transition(self, before: Resource, after: Resource) -> str:
        """In place, but for a bridge domain that moves to another device."""
        have, want = before.attributes, after.attributes
        if have == want:
            return "same"
        return "recreate" if before.key[0] == "bridge" and (have["bvi"], have["ifname"]) != (want["bvi"], want["ifname"]) else "update"

    def commands(self, operation: Operation) -> t.List[str]:
        """As ip(8), bridge(8) and nft(8) have them."""
        name, after = operation.key[1], operation.after
        have = (after or operation.before).attributes  # type: ignore[union-attr]
        kind = operation.key[0]
        if kind == "xconnect":
            return [f"nft {line}" for line in self._script(operation)]
        if kind == "fdb":
            where = f"dev {have['port']} master" if have["port"] else f"dev {name} self"
            how = "permanent" if not have["port"] else "static sticky" if have["static"] else "dynamic extern_learn"
            return [f"bridge fdb replace {operation.key[2]} {where} {how}" if after else f"bridge fdb delete {operation.key[2]} {where}"]
        if kind == "bridge-port":
            if after is None:
                return [f"ip link set {name} nomaster"]
            onoff = {flag: "on" if have[flag] else "off" for flag in PORT_FLAGS}
            words = "bridge_slave learning {learn} flood {unknown_unicast_flood} mcast_flood {flood} bcast_flood {flood} isolated {isolated}"
            moved = operation.before is None or operation.before.attributes["bridge"] != have["bridge"]
            return ([f"ip link set {name} master {have['bridge']}"] if moved else []) + [f"ip link set {name} type {words.format(**onoff)}"]
        altname = self._altname(name, have["flags"])
        if after is None:
            return [f"ip link property del dev {have['ifname']} altname {altname}" if have["bvi"] else f"ip link delete {have['ifname']}"]
        lines = [f"ip link {'set' if have['bvi'] or operation.before else 'add'} {have['ifname']} type bridge ageing_time {have['ageing']} mcast_snooping 0"]
        if operation.before is not None and operation.before.attributes["flags"] != have["flags"]:
            lines.append(f"ip link property del dev {have['ifname']} altname {self._altname(name, operation.before.attributes['flags'])}")
        if operation.before is None or len(lines) > 1:
            lines.append(f"ip link property add dev {have['ifname']} altname {altname}")
        return lines

    def perform(self, place: t.Any, operations: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """Bridges, ports and entries in one batch; all cross-connects in one nft transaction."""
        result: t.List[t.Optional[str]] = [None] * len(operations)
        links = {key[1]: number for number, key in names(place, self.cnf, fresh=True).items()}
        bridges = {name: index for index, (name, _device) in self._read(place)[1].items()}
        messages: t.List[t.Tuple[int, bytes]] = []
        crossed: t.List[int] = []
        for number, operation in enumerate(operations):
            kind = operation.key[0]
            if kind == "xconnect":
                crossed.append(number)
                continue
            try:
                make = {"bridge": self._set_bridge, "bridge-port": _set_port, "fdb": _set_entry}[kind]
                messages += [(number, one) for one in make(operation, links, bridges)]
            except KeyError as missing:
                if operation.after is not None:
                    result[number] = f"there is no {missing.args[0]} any more"
        codes = place.netlink.batch([one for _number, one in messages])
        for at, code in enumerate(codes):
            number = messages[at][0]
            if code and result[number] is None and not (operations[number].after is None and code in (errno.ENOENT, errno.ENODEV)):
                result[number] = place.netlink.errors.get(at) or str(code)
        if crossed:
            error = self._cross(place, [operations[number] for number in crossed])
            for number in crossed:
                result[number] = error
        return result

    def _altname(self, name: str, flags: str) -> str:
        return ":".join((MARK, quote(self.cnf, safe=""), flags, quote(name, safe="")))

    def _set_bridge(self, operation: Operation, links: t.Mapping[str, int], bridges: t.Mapping[str, int]) -> t.Iterator[bytes]:
        name, before, after = operation.key[1], operation.before, operation.after
        have = (after or before).attributes  # type: ignore[union-attr]
        device = nl.attribute(IFNAME, have["ifname"].encode() + b"\0")
        if after is None and not have["bvi"]:
            yield nl.message(DELLINK, 0, IFINFO.pack(0, 0, 0, 0, 0) + device)
            return
        if after is not None:
            data = nl.nest(DATA, nl.attribute(AGEING, struct.pack("=I", have["ageing"])), nl.attribute(SNOOPING, b"\0"))
            made = nl.CREATE | nl.EXCL if before is None and not have["bvi"] else 0
            up = 0 if have["bvi"] else 1
            yield nl.message(NEWLINK, made, IFINFO.pack(0, 0, 0, up, up) + device + nl.nest(LINKINFO, nl.attribute(KIND, b"bridge\0"), data))
        old = before and before.attributes["flags"]
        if after is not None and old == have["flags"]:
            return
        for number, flags in ((DELPROP, old), (NEWPROP, after and have["flags"])):
            if flags is not None:
                altname = nl.attribute(ALTNAME, self._altname(name, flags).encode() + b"\0")
                yield nl.message(number, nl.CREATE | nl.EXCL if number == NEWPROP else 0, IFINFO.pack(0, 0, 0, 0, 0) + device + nl.nest(PROPERTIES, altname))

    # -- cross-connects ----------------------------------------------------------------------------------------------

    def _script(self, operation: Operation) -> t.List[str]:
        here, chain = f"netdev {self.nft.table}", f"xconnect_{escape(operation.key[1])}"
        lines = []
        if operation.before is not None:
            lines = [f"flush chain {here} {chain}", f"delete chain {here} {chain}"]
        if operation.after is not None:
            receive, transmit = operation.after.attributes["devices"]
            lines.append(f'add chain {here} {chain} {{ type filter hook ingress device "{receive}" priority -300; policy accept; }}')
            lines.append(f'add rule {here} {chain} fwd to "{transmit}"')
        return lines

    def _cross(self, host: t.Any, operations: t.Sequence[Operation]) -> t.Optional[str]:
        left = set(self.chains)
        script = [f"add table netdev {self.nft.table}"]
        for operation in operations:
            chain = f"xconnect_{escape(operation.key[1])}"
            if operation.before is None or chain in left:  # one that is to go may have gone with its device
                script += self._script(operation)
            elif operation.after is not None:
                script += self._script(operation._replace(before=None))
            (left.discard if operation.after is None else left.add)(chain)
        try:
            self.nft.run(host, ["-f", "-"], "\n".join([*script, *([] if left else [f"delete table netdev {self.nft.table}"])]) + "\n")
        except CnfError as error:
            return error.message
        self.chains = left
        return None


_CHAIN = re.compile(r'chain (\S+) {\s*type filter hook ingress devices? (?:= { )?"?([^"\s]+)"?[^\n]*\n\s*fwd to "?([^"\s]+)"?')


class _Device(t.NamedTuple):
    """What a dump tells of a bridge or a port of one (C(port): its flags)."""

    number: int
    ifname: str
    mac: str
    master: int
    altnames: t.Tuple[str, ...]
    ageing: int
    port: t.Optional[t.Dict[str, bool]]

    @classmethod
    def parse(cls, body: bytes) -> _Device:
        parts = nl.attributes(body, 16)
        info = nl.attributes(parts.get(LINKINFO, b""))
        flags = nl.attributes(info.get(SLAVE_DATA, b"")) if info.get(SLAVE_KIND, b"")[:6] == b"bridge" else None
        ageing = nl.attributes(info.get(DATA, b"")).get(AGEING) if info.get(KIND, b"")[:6] == b"bridge" else None
        return cls(
            IFINFO.unpack_from(body)[2],
            nl.string(parts[IFNAME]),
            ":".join(f"{byte:02x}" for byte in parts.get(1, b"")),
            struct.unpack("=I", parts[MASTER])[0] if MASTER in parts else 0,
            tuple(nl.string(text) for kind, text in nl.each(parts.get(PROPERTIES, b"")) if kind == ALTNAME),
            struct.unpack("=I", ageing)[0] if ageing else 0,
            None if flags is None else {name: flags.get(numbers[0], b"\0") != b"\0" for name, numbers in PORT_FLAGS.items()},
        )


def _set_port(operation: Operation, links: t.Mapping[str, int], bridges: t.Mapping[str, int]) -> t.Iterator[bytes]:
    before, after = operation.before, operation.after
    head = IFINFO.pack(0, 0, links[operation.key[1]], 0, 0)
    if after is None:
        yield nl.message(NEWLINK, 0, head + nl.attribute(MASTER, struct.pack("=I", 0)))
        return
    have = after.attributes
    if before is None or before.attributes["bridge"] != have["bridge"]:
        yield nl.message(NEWLINK, 0, head + nl.attribute(MASTER, struct.pack("=I", bridges[have["bridge"]])))
    flags = b"".join(nl.attribute(number, bytes([have[name]])) for name, numbers in PORT_FLAGS.items() for number in numbers)
    yield nl.message(NEWLINK, 0, head + nl.nest(LINKINFO, nl.attribute(SLAVE_KIND, b"bridge\0"), nl.nest(SLAVE_DATA, flags)))


def _set_entry(operation: Operation, links: t.Mapping[str, int], bridges: t.Mapping[str, int]) -> t.Iterator[bytes]:
    _class, domain, mac = operation.key
    raw = nl.attribute(MAC, bytes.fromhex(mac.replace(":", "")))

    def entry(have: t.Mapping[str, t.Any], kind: int, flags: int) -> bytes:
        state = PERMANENT if not have["port"] else NOARP if have["static"] else REACHABLE
        how = NTF_SELF if not have["port"] else NTF_MASTER | (NTF_STICKY if have["static"] else NTF_LEARNED)
        return nl.message(kind, flags, HEAD.pack(AF_BRIDGE, links[have["port"]] if have["port"] else bridges[domain], state, how, 0) + raw)

    have, want = (side and side.attributes for side in (operation.before, operation.after))
    # Only the port can be replaced: an entry that keeps its place (sticky) goes on doing so.
    if have and not (want and have["port"] and want["port"] and have["static"] == want["static"]):
        yield entry(have, DELETE, 0)
    if want:
        yield entry(want, NEW, nl.CREATE | nl.REPLACE)
