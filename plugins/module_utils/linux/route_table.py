# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes as the kernel has them: C(("route", family, table, destination, metric)), which is what it has one of.

Attributes: C(protocol), C(type), C(scope) and C(nexthops), a sorted tuple of (gateway, link name, weight, flag...). What
a foreign route has beside (a preferred source, an MTU) is in further attributes, so that it equals none of ours. All
routes of the namespace are read in one dump per family, not only ours: one of others on our key is in the way, and has to be
found before anything is touched. What the kernel makes by itself for addresses is not managed: it comes and goes with them.
"""

from __future__ import annotations

import errno
import socket
import struct
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import NONE, Key, Operation, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Family
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.addresses import Addresses, network, reaches
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.devices import names
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.netlink import CREATE, EXCL, REPLACE, attribute, attributes, message
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.tables import LINUX, MAIN, VPP

NAT, RESOLVED = 209, 210
"""Protocols of ours beside VPP and LINUX. RESOLVED: of a vpp/route without outgoing_interface: we chose it by the gateway."""
OURS = frozenset((VPP, LINUX, NAT, RESOLVED))
AUTOMATIC = frozenset((1, 2, 9))
"""Protocols redirect, kernel and ra: routes that nobody configured."""
LOCAL = 255

RTM_NEW, RTM_DELETE, RTM_GET = 24, 25, 26
DST, OIF, GATEWAY, PRIORITY, MULTIPATH, TABLE, VIA, CACHEINFO, PREF = 1, 4, 5, 6, 9, 15, 18, 12, 20
CLONED, ONLINK = 0x200, 4
TYPES = {1: "unicast", 2: "local", 6: "blackhole", 7: "unreachable", 8: "prohibit", 9: "throw"}
SCOPES = {0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere"}
TYPE_NUMBERS = {name: number for number, name in TYPES.items()}
SCOPE_NUMBERS = {name: number for number, name in SCOPES.items()}
PATHLESS = ("blackhole", "unreachable", "prohibit", "throw")

Nexthop = t.Tuple[t.Any, ...]


class Texts(t.Dict[int, str]):
    """Numbers as text, each made once."""

    def __missing__(self, number: int) -> str:
        self[number] = text = str(number)
        return text


def local_route(host_address: str, link_name: str, ifname: str, link_key: t.Optional[Key] = None) -> Resource:
    """The route that makes the kernel answer for an IPv4 address on a link: C(local A/32 dev IFNAME table local proto 209)."""
    have = {"protocol": NAT, "type": "local", "scope": "host", "nexthops": (("", link_name, 1),)}
    return Resource(("route", "4", str(LOCAL), f"{host_address}/32", "0"), have, frozenset((link_key or ("link", link_name),)))


# -- what reaches a gateway -------------------------------------------------------------------------------------------


def _longest(gateway: str, prefixes: t.Iterable[str]) -> t.Optional[str]:
    found = [(network(prefix)[1], prefix) for prefix in prefixes if reaches(prefix, gateway)]
    return max(found)[1] if found else None


def reach(uses: t.Iterable[Key], gateway: str, prefixes: t.Iterable[str], direct: t.Iterable[Key]) -> t.Optional[t.FrozenSet[Key]]:
    """What a next hop needs: C(uses) (first its link), and the address or the route without gateway (C(direct)) that covers the gateway.

    None: nothing covers it. A gateway of link-local IPv6 needs the link only.
    """
    link, *more = uses
    if not gateway or gateway.startswith("fe80:"):
        return frozenset((link, *more))
    found = _longest(gateway, prefixes)
    if found:
        return frozenset((link, *more, ("address", link[1], found)))
    by_network = {key[3]: key for key in direct}
    found = _longest(gateway, by_network)
    return frozenset((link, *more, by_network[found])) if found else None


def by_link(resources: t.Iterable[Resource]) -> t.Dict[str, t.List[Key]]:
    """By link, the routes without gateway that somebody configured."""
    found: t.Dict[str, t.List[Key]] = {}
    for key, have, _requires, _claims, _owned, managed in resources:
        if key[0] == "route" and managed and have["type"] == "unicast" and (key[1] == "6" or have["scope"] == "link"):
            hops = have["nexthops"]
            if len(hops) == 1 and not hops[0][0]:
                found.setdefault(hops[0][1], []).append(key)
    return found


# -- from the kernel --------------------------------------------------------------------------------------------------

_HEAD = struct.Struct("=BBBBBBBBI")
_HOP = struct.Struct("=HBBi")


def _heads(*kinds: t.Tuple[int, int]) -> t.Tuple[int, ...]:
    """Attribute headers (length, type) as the numbers that they are when read as one."""
    return tuple(struct.unpack("=I", struct.pack("=HH", 4 + size, kind))[0] for size, kind in kinds)


class _Layout(t.NamedTuple):
    """A message of the usual form, told by its length: heads at C(at) have to be C(heads)."""

    unpack: t.Callable[[bytes], t.Tuple[t.Any, ...]]
    heads: t.Tuple[int, ...]
    priority: bool


_LAYOUTS = {
    # table, destination[, priority], gateway, interface[, IPv6: cache information, preference]
    44: _Layout(struct.Struct("=BBBBBBBBIIII4sI4sII").unpack, _heads((4, TABLE), (4, DST), (4, GATEWAY), (4, OIF)), False),
    52: _Layout(struct.Struct("=BBBBBBBBIIII4sIII4sII").unpack, _heads((4, TABLE), (4, DST), (4, PRIORITY), (4, GATEWAY), (4, OIF)), True),
    120: _Layout(
        struct.Struct("=BBBBBBBBIIII16sIII16sIII32xII").unpack,
        _heads((4, TABLE), (16, DST), (4, PRIORITY), (16, GATEWAY), (4, OIF), (32, CACHEINFO), (1, PREF)) + (0,),
        True,
    ),
}


class _Reader:
    """Decodes a namespace's routes; what many of them share is made once."""

    def __init__(
        self, links: t.Mapping[int, t.Tuple[Key, ...]], prefixes: t.Mapping[str, t.Sequence[str]], tables: t.Optional[t.Mapping[int, Key]] = None
    ) -> None:
        self.links, self.prefixes = links, prefixes
        self.tables = {number: frozenset((key,)) for number, key in (tables or {}).items()}
        self.found: t.Dict[Key, Resource] = {}
        self._shared: t.Dict[t.Any, t.Tuple[t.Any, ...]] = {}
        self._late: t.List[t.Tuple[Key, t.List[t.Tuple[t.Tuple[Key, ...], str]]]] = []

    def read(self, family: int, payloads: t.Iterable[bytes]) -> None:
        found, shared, layouts, show = self.found, self._shared, _LAYOUTS, socket.inet_ntop
        shown = "6" if family == socket.AF_INET6 else "4"
        numbers = Texts()
        make, resource = tuple.__new__, Resource
        for body in payloads:
            layout = layouts.get(len(body))
            if layout is not None:
                parts = layout.unpack(body)
                if layout.priority:
                    _f, length, _s, tos, _t, protocol, scope, kind, flags, h1, table, h2, target, h3, metric, h4, gateway, h5, index, *more = parts
                    usual = (h1, h2, h3, h4, h5, *more) == layout.heads
                else:
                    _f, length, _s, tos, _t, protocol, scope, kind, flags, h1, table, h2, target, h4, gateway, h5, index = parts
                    metric = 0
                    usual = (h1, h2, h4, h5) == layout.heads
                if usual and not tos and not flags and kind == 1:
                    same = (protocol, scope, gateway, index, table)
                    rest = shared.get(same)
                    if rest is None:
                        rest = shared[same] = self.single(family, *same)
                    key: Key = ("route", shown, numbers[table], f"{show(family, target)}/{length}", numbers[metric])
                    if key not in found and rest[1] is not None:
                        found[key] = make(resource, (key, *rest))
                        continue
            self.general(family, shown, body)

    def single(self, family: int, protocol: int, scope: int, gateway: bytes, index: int, table: int) -> t.Tuple[t.Any, ...]:
        """All but the key of a route with one gateway; without requires when its gateway needs a second look."""
        uses = self.links.get(index) or (("foreign-link", str(index)),)
        text = socket.inet_ntop(family, gateway)
        have = {"protocol": protocol, "type": "unicast", "scope": SCOPES.get(scope, str(scope)), "nexthops": ((text, uses[0][1], 1),)}
        requires = reach(uses, text, self.prefixes.get(uses[0][1], ()), ())
        return have, requires and requires | self.tables.get(table, NONE), NONE, protocol in OURS, protocol not in AUTOMATIC

    def general(self, family: int, shown: str, body: bytes) -> None:
        _family, length, source_length, tos, table, protocol, scope, kind, flags = _HEAD.unpack_from(body)
        if kind not in TYPES or flags & CLONED:
            return
        parts = attributes(body, 12)
        number = struct.unpack("=I", parts[TABLE])[0] if TABLE in parts else table
        target = socket.inet_ntop(family, parts.get(DST, bytes(16 if family == socket.AF_INET6 else 4)))
        metric = str(struct.unpack("=I", parts[PRIORITY])[0] if PRIORITY in parts else 0)
        hops: t.List[t.Tuple[t.Any, ...]] = []
        uses: t.List[t.Tuple[t.Tuple[Key, ...], str]] = []
        name = TYPES[kind]
        if MULTIPATH in parts:
            data, at = parts[MULTIPATH], 0
            while at + 8 <= len(data):
                size, hop_flags, weight, index = _HOP.unpack_from(data, at)
                hops.append(self.hop(family, attributes(data[at : at + size], 8), index, weight + 1, hop_flags, uses))
                at += (size + 3) & ~3
        elif OIF in parts and name not in PATHLESS:
            hops.append(self.hop(family, parts, struct.unpack("=i", parts[OIF])[0], 1, flags, uses))
        have: t.Dict[str, t.Any] = {"protocol": protocol, "type": name, "scope": SCOPES.get(scope, str(scope)), "nexthops": tuple(sorted(hops))}
        for attribute_type, value in parts.items():
            if attribute_type not in (DST, OIF, GATEWAY, PRIORITY, MULTIPATH, TABLE, VIA, CACHEINFO, PREF) or attribute_type == PREF and any(value):
                have[f"attribute {attribute_type}"] = value.hex()
        if source_length:
            have["source length"] = source_length
        key: Key = ("route", shown, str(number), f"{target}/{length}", metric + (f" tos {tos}" if tos else ""))
        again = 2
        while key in self.found:  # what the kernel lets others append: the first one counts
            key = (*key[:4], f"{key[4].partition(' #')[0]} #{again}")
            again += 1
        requires = frozenset(link for links, _gateway in uses for link in links) | self.tables.get(number, NONE)
        self.found[key] = Resource(key, have, requires, owned=protocol in OURS, managed=protocol not in AUTOMATIC)
        if protocol in OURS:
            self._late.append((key, uses))

    def hop(self, family: int, parts: t.Mapping[int, bytes], index: int, weight: int, flags: int, uses: t.List[t.Tuple[t.Tuple[Key, ...], str]]) -> Nexthop:
        links = self.links.get(index) or (("foreign-link", str(index)),)
        gateway = ""
        if GATEWAY in parts:
            gateway = socket.inet_ntop(family, parts[GATEWAY])
        elif VIA in parts:
            gateway = socket.inet_ntop(struct.unpack_from("=H", parts[VIA])[0], parts[VIA][2:])
        uses.append((links, gateway))
        return (gateway, links[0][1], weight, *(("onlink",) if flags & ONLINK else ()))

    def finish(self) -> t.Iterable[Resource]:
        """All routes, those of ours with the address or the route that their gateways need."""
        direct = by_link(self.found.values()) if self._late else {}
        for key, uses in self._late:
            requires = self.found[key].requires
            for links, gateway in uses:
                name = links[0][1]
                requires |= reach(links, gateway, self.prefixes.get(name, ()), ()) or reach(links, gateway, (), direct.get(name, ())) or NONE
            self.found[key] = self.found[key]._replace(requires=requires)
        return self.found.values()


# -- to the kernel ----------------------------------------------------------------------------------------------------

_FLAGS = {"create": CREATE | EXCL, "update": CREATE | REPLACE, "delete": 0}
FAMILIES = {"4": socket.AF_INET, "6": socket.AF_INET6}


class _Writer:
    """Encodes operations on routes; C(index) gives a link's number by its name in resources."""

    def __init__(self, index: t.Mapping[str, int]) -> None:
        self.index = index
        self.parts: t.Dict[t.Any, t.Tuple[bytes, bytes]] = {}

    def encode(self, operations: t.Sequence[Operation]) -> t.Tuple[t.List[bytes], t.Dict[int, str]]:
        """The messages, and by an operation's number the link without which it has none (an empty message)."""
        messages: t.List[bytes] = []
        missing: t.Dict[int, str] = {}
        parts, pton = self.parts, socket.inet_pton
        for verb, key, before, after in operations:
            have = (after or before).attributes  # type: ignore[union-attr]
            _class, version, table, target, metric = key
            host, _slash, length = target.partition("/")
            # Routes made together share their attributes, so only the destination differs.
            same = (verb, id(have), table, metric, length, version)
            around = parts.get(same)
            if around is None:
                try:
                    around = parts[same] = self.around(verb, key, have)
                except KeyError as link:
                    missing[len(messages)] = link.args[0]
                    messages.append(b"")
                    continue
            messages.append(around[0] + pton(FAMILIES[version], host) + around[1])
        return messages, missing

    def around(self, verb: str, key: Key, have: t.Mapping[str, t.Any]) -> t.Tuple[bytes, bytes]:
        """What stands in a message before and after the destination. Raises KeyError(link name)."""
        family, hops = FAMILIES[key[1]], have["nexthops"]
        numbers = (have["protocol"], SCOPE_NUMBERS[have["scope"]], TYPE_NUMBERS[have["type"]])
        metric, _tos, tos = key[4].partition(" #")[0].partition(" tos ")
        onlink = ONLINK if len(hops) == 1 and "onlink" in hops[0] else 0
        head = _HEAD.pack(family, int(key[3].partition("/")[2]), 0, int(tos or 0), 0, *numbers, onlink)
        after = attribute(TABLE, struct.pack("=I", int(key[2]))) + attribute(PRIORITY, struct.pack("=I", int(metric)))
        # What a route of others had that ours have not, when one that we took over is given back.
        after += b"".join(attribute(int(name[10:]), bytes.fromhex(raw)) for name, raw in have.items() if name.startswith("attribute "))
        # Several paths are not named in a delete: IPv4 compares their order, which is not ours to know.
        if len(hops) == 1:
            after += self.hop(family, hops[0]) + attribute(OIF, struct.pack("=i", self.index[hops[0][1]]))
        elif verb != "delete" and hops:
            parts = []
            for hop in hops:
                inside = self.hop(family, hop)
                parts.append(_HOP.pack(8 + len(inside), ONLINK if "onlink" in hop else 0, hop[2] - 1, self.index[hop[1]]) + inside)
            after += attribute(MULTIPATH, b"".join(parts))
        size = 16 if key[1] == "6" else 4
        whole = message(RTM_DELETE if verb == "delete" else RTM_NEW, _FLAGS[verb], head + attribute(DST, bytes(size)) + after)
        return whole[:32], whole[32 + size :]

    @staticmethod
    def hop(family: int, hop: Nexthop) -> bytes:
        return attribute(GATEWAY, socket.inet_pton(family, hop[0])) if hop[0] else b""


class RouteTable(Family):
    """Performs the class C(route) for all families that lower to it."""

    classes = frozenset({"route"})

    def __init__(self, cnf: str) -> None:
        self.cnf = cnf

    def observe(self, place: t.Any) -> t.Iterable[Resource]:
        """All routes but those of broadcast, multicast and caches."""
        prefixes: t.Dict[str, t.List[str]] = {}
        for one in Addresses(self.cnf).observe(place):
            prefixes.setdefault(one.key[1], []).append(one.key[2])
        links = names(place, self.cnf)
        devices = {one.number: one for one in place.devices}
        tables = {one.info["table"]: links[index] for index, one in devices.items() if one.device == "vrf"}
        uses = {}
        for index, key in links.items():
            master = devices.get(devices[index].master)
            enslaved = master is not None and master.device in ("bond", "vrf") and links[master.number][0] == "link"
            uses[index] = (key, ("port", key[1])) if enslaved else (key,)
        reader = _Reader(uses, prefixes, tables)
        for family in (socket.AF_INET, socket.AF_INET6):
            reader.read(family, place.netlink.dump(RTM_GET, _HEAD.pack(family, *(0,) * 8)))
        return reader.finish()

    def transition(self, before: Resource, after: Resource) -> str:
        """In place, all of it. A foreign route that is exactly as wanted is left as it is."""
        have, want = before.attributes, after.attributes
        if have == want or (not before.owned and {**have, "protocol": 0} == {**want, "protocol": 0}):
            return "same"
        return "update"

    def commands(self, operation: Operation) -> t.List[str]:
        """As ip(8) has them, with logical names for interfaces."""
        key = operation.key
        have = (operation.after or operation.before).attributes  # type: ignore[union-attr]
        verb = {"create": "add", "update": "replace", "delete": "delete"}[operation.verb]
        words = ["ip", *(["-6"] if key[1] == "6" else []), "route", verb, *([have["type"]] if have["type"] != "unicast" else []), key[3]]
        hops = [" ".join([*(["via", hop[0]] if hop[0] else []), *(["dev", hop[1]] if hop[1] else [])]) for hop in have["nexthops"]]
        words += hops if len(hops) == 1 else []
        words += ["table", key[2]] if key[2] != str(MAIN) else []
        words += ["metric", key[4]] if key[4] not in ("0", "1024") else []
        words += ["scope", have["scope"]] if have["scope"] not in ("global", "nowhere") else []
        words += ["proto", str(have["protocol"])]
        if len(hops) > 1 and operation.verb != "delete":
            words += [f"nexthop {text} weight {hop[2]}" for text, hop in zip(hops, have["nexthops"])]
        return [" ".join(words)]

    def perform(self, place: t.Any, operations: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """All in one stream of messages. A route that is gone already is as good as deleted."""
        writer = _Writer({key[1]: index for index, key in names(place, self.cnf, fresh=True).items()})
        result: t.List[t.Optional[str]] = [None] * len(operations)
        messages, missing = writer.encode(operations)
        for number, name in missing.items():
            # The routes of an interface go with it.
            result[number] = None if operations[number].verb == "delete" else f"there is no interface {name} any more"
        numbers = [number for number in range(len(messages)) if number not in missing] if missing else range(len(messages))
        codes = place.netlink.batch([messages[number] for number in numbers] if missing else messages)
        there: t.Dict[Key, Resource] = {}
        again: t.Dict[int, Operation] = {}
        for index, code in enumerate(codes) if any(codes) else ():
            number = numbers[index]
            verb, key, _before, after = operations[number]
            if code == errno.EEXIST and after is not None:
                there = there or {one.key: one for one in self.observe(place)}
                if verb == "create" and key in there and there[key].owned:
                    again[number] = Operation("update", key, there[key], after)
                    continue
            if code and not (code == errno.ESRCH and after is None):  # gone is as good as deleted
                result[number] = _explain(code, place.netlink.errors.get(index, ""))
        if again:
            # What is left of a route of ours that was thought lost with an interface (another path of it, a local route).
            for number, error in zip(again, self.perform(place, list(again.values()))):
                result[number] = error
        return result


def _explain(code: int, text: str) -> str:
    if code == errno.EEXIST:
        return f"a route that is not ours was put there meanwhile ({text})"
    if code == errno.ENETUNREACH:
        return f"the gateway cannot be reached ({text})"
    if code == errno.ENETDOWN:
        return f"the interface is down ({text})"
    return text or str(code)
