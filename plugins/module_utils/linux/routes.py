# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of both route kinds to the kernel's routes (L(route_table)) and back."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Wrong, waits_for
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.addresses import network, reaches
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.route_table import LOCAL, NAT, RESOLVED, Nexthop, RouteTable, Texts, by_link, reach
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.tables import LINUX, MAIN, RESERVED_TABLES, VPP, WALL, link_table, vrf_link
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import LINUX_ROUTE, ROUTE

Shape = t.Tuple[t.Dict[str, t.Any], t.FrozenSet[Key], t.Tuple[Nexthop, ...]]
"""Attributes, requires, and the next hops with the weights that they have among others (a single one has none)."""


class RouteError(CnfError):
    """Routes that the kernel would refuse; the message names each, its gateway, interface and the interface's addresses."""


_REACHABLE = "partial: has to be reachable over an address, or a route without gateway, of an interface that is up"
SUPPORT = {
    ROUTE.id: {
        "type": "partial: INTER_VRF needs outgoing_interface, or neither it nor next_hop_addr; DROP has no path beside it",
        "vrf_id": "yes",
        "dst_network": "yes",
        "next_hop_addr": _REACHABLE,
        "outgoing_interface": "partial: given for all paths of a destination or for none",
        "weight": "partial: kept only beside other paths of the same destination",
        "preference": "yes",
        "via_vrf_id": "partial: with outgoing_interface it has to be that interface's VRF",
    },
    LINUX_ROUTE.id: {
        "outgoing_interface": "yes",
        "scope": "partial: IPv6 routes know only GLOBAL (with gateway) and LINK (without)",
        "dst_network": "yes",
        "gw_addr": _REACHABLE,
        "metric": "yes",
    },
}


class _Build:
    """Values to resources, with everything that routes share computed once."""

    def __init__(self, view: View, values: t.Sequence[Value]) -> None:
        self.view, self.values = view, values
        self.shapes: t.Dict[t.Any, Shape] = {}
        self._local: t.Optional[t.Set[str]] = None
        self._direct: t.Optional[t.Dict[str, t.List[Key]]] = None

    def build(self) -> t.List[Resource]:
        shapes, texts = self.shapes, Texts()
        shaped: t.Dict[Key, Shape] = {}
        problems: t.List[str] = []
        found: t.List[Wrong] = []
        for value in self.values:
            data = value.data
            get = data.get
            try:
                if value.kind == ROUTE.id:
                    target, number, metric = data["dst_network"], get("vrf_id", 0), get("preference", 0)
                    family = "4"
                    if ":" in target:
                        family, target, metric = "6", target.lower(), metric or 1024
                    key: Key = ("route", family, texts[number or MAIN], target, texts[metric])
                    path = (family, number, get("type"), get("next_hop_addr"), get("outgoing_interface"), get("weight"), get("via_vrf_id"))
                    shape = shapes.get(path)
                    if shape is None:
                        shape = shapes[path] = self.vpp(data, *path[:2])
                else:
                    key = self.linux_key(value)
                    shape = self.linux(data, key)
                have = shaped.setdefault(key, shape)
                if have is not shape:
                    shaped[key] = self.join(have, shape, key)
            except Wrong as wrong:
                problems.append(f"{value.kind} {data['dst_network']}: {wrong}")
                found.append(wrong)
        if problems:
            raise RouteError("; ".join(problems[:20]), problems=problems, **waits_for(found))
        return [Resource(key, shape[0], shape[1]) for key, shape in shaped.items()]

    def vpp(self, data: t.Mapping[str, t.Any], family: str, number: int) -> Shape:
        """What one vpp/route makes."""
        view, kind, interface, via = self.view, data.get("type"), data.get("outgoing_interface", ""), data.get("via_vrf_id", 0)
        gateway, protocol = _shown(data.get("next_hop_addr", "")), VPP
        if number in RESERVED_TABLES:
            raise Wrong(f"vrf_id: {number} is a table that the kernel keeps for itself (253 to 255)")
        if number and not vrf_link(view, number) and not view.offline:
            raise Wrong(f"vrf_id: there is no VRF {number}: give it a vpp/vrf-table", "vrf-table-exists")
        if kind == "DROP":
            if gateway or interface:
                raise Wrong(f"{'next_hop_addr' if gateway else 'outgoing_interface'}: a route of type DROP has no path; leave it out")
            return {"protocol": VPP, "type": "blackhole", "scope": "global", "nexthops": ()}, self.table(number), ()
        if kind == "INTER_VRF" and not interface:
            if gateway:
                raise Wrong(
                    "next_hop_addr: the kernel does not look up a next hop in another VRF; "
                    "give outgoing_interface, or leave next_hop_addr out to look up the destination itself there"
                )
            other = vrf_link(view, via) if via else None
            if other is None:
                if via:
                    raise Wrong(f"via_vrf_id: there is no VRF {via}; give outgoing_interface", "vrf-table-exists")
                raise Wrong("via_vrf_id: the kernel has no device that leads to VRF 0; give outgoing_interface")
            interface = other[1]
        elif not interface:
            if not gateway:
                raise Wrong("next_hop_addr: a route needs next_hop_addr or outgoing_interface (or type DROP)")
            protocol, interface = RESOLVED, self.resolve(gateway, number or MAIN)
        elif kind == "INTER_VRF" and via and link_table(view, view.link(interface).resource) != via:
            raise Wrong(f"via_vrf_id: {interface} is not in VRF {via}")
        name, requires = self.needs(interface, gateway, "next_hop_addr") if interface else ("", frozenset())
        scope = "global" if gateway or family == "6" else "link"
        hop = (gateway, name, max(1, data.get("weight", 0)))
        return {"protocol": protocol, "type": "unicast", "scope": scope, "nexthops": ((gateway, name, 1),)}, requires | self.table(number), (hop,)

    def linux_key(self, value: Value) -> Key:
        data = value.data
        target, length = address.network(data["dst_network"]) or ("", 0)
        table, metric = link_table(self.view, self.view.link(data["outgoing_interface"]).resource), data.get("metric", 0)
        family = "6" if ":" in target else "4"
        return ("route", family, str(table), f"{target}/{length}", str(metric or 1024 if family == "6" else metric))

    def linux(self, data: t.Mapping[str, t.Any], key: Key) -> Shape:
        """What one linux.l3/route makes."""
        gateway, scope = _shown(data.get("gw_addr", "")), data.get("scope", "UNDEFINED")
        if key[1] == "6":
            if scope in ("SITE", "HOST"):
                raise Wrong(f"scope: IPv6 routes have no scope {scope}; leave it out")
            scope = "GLOBAL"
        elif scope == "UNDEFINED":
            raise Wrong("scope: is required for IPv4: GLOBAL (with gw_addr) or LINK (without)")
        elif gateway and scope == "HOST":
            raise Wrong("gw_addr: a route of scope HOST has no gateway")
        name, requires = self.needs(data["outgoing_interface"], gateway, "gw_addr")
        hops = ((gateway, name, 1),)
        return {"protocol": LINUX, "type": "unicast", "scope": scope.lower(), "nexthops": hops}, requires | self.table(int(key[2])), hops

    def table(self, number: int) -> t.FrozenSet[Key]:
        """What a route of that table needs: the VRF device."""
        link = vrf_link(self.view, number) if number not in (0, MAIN) else None
        return frozenset((link,) if link else ())

    @staticmethod
    def join(one: Shape, two: Shape, key: Key) -> Shape:
        """Several values of one destination and metric are the paths of one route."""
        protocols = {one[0]["protocol"], two[0]["protocol"]}
        if protocols == {LINUX}:
            raise Wrong("metric: another linux.l3/route has the same destination and metric; the kernel has one: give them different metrics")
        if LINUX in protocols:
            raise Wrong("a vpp/route and a linux.l3/route have the same destination and metric; the kernel has one")
        if not (one[2] and two[2]):
            raise Wrong("type: a route of type DROP has no paths beside it")
        if len(protocols) > 1:
            raise Wrong("outgoing_interface: give it for all paths of the destination or for none")
        hops = tuple(sorted({hop[:2]: hop for hop in (*one[2], *two[2])}.values()))
        if len(hops) == 1:
            return one
        if key[1] == "6" and not all(hop[0] for hop in hops):
            raise Wrong("next_hop_addr: each of several IPv6 paths needs one")
        return {**one[0], "scope": "global", "nexthops": hops}, one[1] | two[1], hops

    def needs(self, interface: str, gateway: str, field: str) -> t.Tuple[str, t.FrozenSet[Key]]:
        """The link's name in resources, and what a next hop over it requires."""
        view = self.view
        link = view.link(interface)
        name = link.key[1]
        if link.resource.attributes.get("up") is False:
            raise Wrong(f"outgoing_interface: {interface} is not up (enabled); the kernel takes no route over it", "outgoing-interface-is-up")
        if link.key not in view.resources:
            return name, frozenset()
        port = ("port", name)
        uses = (link.key, port) if port in view.resources else (link.key,)
        prefixes = view.prefixes(name)
        requires = reach(uses, gateway, prefixes, ()) or reach(uses, gateway, (), self.direct().get(name, ()))
        if requires is None:
            raise Wrong(
                f"{field}: gateway {gateway} cannot be reached over {interface}: its addresses are "
                f"{', '.join(sorted(prefixes)) or 'none'}, and no route without gateway covers it there",
                "gw-reachable",
            )
        if self._local is None:
            self._local = set(view.local_addresses())
        if gateway in self._local:
            raise Wrong(f"{field}: gateway {gateway} is an address of this CNF itself")
        return name, requires

    def direct(self) -> t.Dict[str, t.List[Key]]:
        """Routes without gateway by link, of those wanted and those that are there by somebody's configuration."""
        if self._direct is None:
            self._direct = by_link(self.view.resources.values())
            for value in self.values:
                data = value.data
                interface = self.view.find(data.get("outgoing_interface", ""))
                if interface and not _shown(data.get("gw_addr", data.get("next_hop_addr", ""))) and data.get("scope", "LINK") in ("LINK", "UNDEFINED"):
                    if value.kind == LINUX_ROUTE.id:
                        key = self.linux_key(value)
                    else:
                        target, metric = data["dst_network"].lower(), data.get("preference", 0)
                        family = "6" if ":" in target else "4"
                        key = ("route", family, str(data.get("vrf_id") or MAIN), target, str(metric or 1024 if family == "6" else metric))
                    self._direct.setdefault(interface.key[1], []).append(key)
        return self._direct

    def resolve(self, gateway: str, table: int) -> str:
        """The interface with the longest network that holds the gateway."""
        best: t.Tuple[int, str] = (-1, "")
        for key in self.view.resources:
            if key[0] == "address" and reaches(key[2], gateway) and network(key[2])[1] > best[0]:
                link = self.view.find(key[1])
                if link and link_table(self.view, link.resource) == table:
                    best = (network(key[2])[1], key[1])
        if not best[1] and not self.view.offline:
            raise Wrong(f"next_hop_addr: {gateway} is in no network of any interface" + (f" of VRF {table}" if table != MAIN else ""), "gw-reachable")
        return best[1]


def _shown(gateway: str) -> str:
    """An address in its shortest form; VPP's ways to say none are none."""
    raw = address.packed(gateway) if gateway else None
    return address.shown(raw) if raw and any(raw) else ""


class Routes(RouteTable):
    """The routes of vpp/route and linux.l3/route."""

    kinds = frozenset({ROUTE.id, LINUX_ROUTE.id})
    support = SUPPORT

    def lower(self, values: t.Sequence[Value], view: View) -> t.Iterable[Resource]:
        """One kernel route per destination, table and metric. Raises L(RouteError) with everything that is wrong."""
        return _Build(view, values).build()

    def lift(self, resources: Resources, view: View) -> t.Iterable[Value]:
        """A value per path; others' routes (scope all) only when a value says all of them."""
        paths: t.Dict[t.Any, t.Any] = {}
        for key, one in resources.items():
            if key[0] != "route":
                continue
            have = one.attributes
            if one.owned:
                protocol = have["protocol"]
                if protocol == NAT or key[4] == WALL:
                    continue
            elif not view.scope_all or not one.managed or not _sayable(key, have):
                continue
            else:
                protocol = LINUX if len(have["nexthops"]) == 1 and int(key[4]) > 255 else VPP
            metric = int(key[4].partition(" ")[0])
            metric = 0 if metric == 1024 and key[1] == "6" else metric
            if protocol == LINUX:
                yield _linux_value(key, have, metric)
                continue
            data: t.Dict[str, t.Any]
            for hop in have["nexthops"] or ((),):
                data = {}
                number = 0 if key[2] == "254" else int(key[2])
                same = (number, hop[1] if hop else "")
                if same not in paths:
                    paths[same] = _vrf_fields(view, number, hop)
                kind, via, interface = paths[same]
                if kind:
                    data["type"] = kind
                if number:
                    data["vrf_id"] = number
                data["dst_network"] = key[3]
                if hop and hop[0]:
                    data["next_hop_addr"] = hop[0]
                if interface and protocol != RESOLVED:
                    data["outgoing_interface"] = interface
                if hop and hop[2] > 1:
                    data["weight"] = hop[2]
                if metric:
                    data["preference"] = metric
                if via:
                    data["via_vrf_id"] = via
                yield Value(ROUTE.id, ROUTE.key(data), data)


def _sayable(key: Key, have: t.Mapping[str, t.Any]) -> bool:
    """Whether a foreign route is no more than a value can say."""
    hops = have["nexthops"]
    return (
        len(have) == 4
        and key[4].isdigit()
        and int(key[2]) not in (253, LOCAL)
        and have["type"] in ("unicast", "blackhole")
        and (have["type"] == "blackhole" or bool(hops))
        and all(len(hop) == 3 for hop in hops)
        and (int(key[4]) <= 255 or len(hops) == 1 or key[1] == "6" and key[4] == "1024")
        and have["scope"] == ("global" if key[1] == "6" or not hops or hops[0][0] else "link")
    )


def _linux_value(key: Key, have: t.Mapping[str, t.Any], metric: int) -> Value:
    gateway, name = have["nexthops"][0][:2]
    scope = have["scope"].upper() if key[1] == "4" else "GLOBAL" if gateway else "LINK"
    data = {"outgoing_interface": name, "scope": scope, "dst_network": key[3], "gw_addr": gateway, "metric": metric}
    return LINUX_ROUTE.value(data)


def _vrf_fields(view: View, number: int, hop: Nexthop) -> t.Tuple[str, int, str]:
    """(type, via_vrf_id, outgoing_interface) of a path."""
    if not hop:
        return "DROP", 0, ""
    link = view.find(hop[1])
    if link is None:
        return "", 0, hop[1]
    found = link.resource.attributes
    if found.get("kind") == "vrf" and found.get("table") != number:
        return "INTER_VRF", int(found["table"]), ""
    table = link_table(view, link.resource)
    table = 0 if table == MAIN else table
    return ("", 0, hop[1]) if table == number else ("INTER_VRF", table, hop[1])
