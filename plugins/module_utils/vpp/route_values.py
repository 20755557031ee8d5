# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of vpp/route to VPP's routes and back. Pure.

VPP takes nearly everything for a route. What cannot work is refused here; what is in VPP already is not asked again whether it
can, so that it stands in nobody's way.
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import NONE, CnfError, Key, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Wrong, waits_for
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ROUTE
from ansible_collections.pantheon.cnf.plugins.module_utils.view import Link, View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import fib
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import table_key

SPECIAL = frozenset(("224.0.0.0/4", "240.0.0.0/4", "fe80::/10", "ff00::/8"))
"""Networks that VPP keeps for itself in every table."""
PATHS = 255


Fields = t.Tuple[t.Dict[str, t.Any], t.Dict[str, t.Any], str, str]
"""Of a path: those that stand before the destination, those after it, and what stands before and after it in the value's key."""


class RouteError(CnfError):
    """Routes that VPP would take, and that could not work; the message names each."""


class _Shape:
    """What all routes by the same path share. C(doubt): why the path cannot work, unless it is there already."""

    def __init__(self, path: fib.Path, requires: t.FrozenSet[Key], source: str, doubt: t.Optional[Wrong] = None) -> None:
        self.paths: t.Tuple[fib.Path, ...] = (path,)
        self.requires = requires
        self.attributes: t.Mapping[str, t.Any] = {"source": source, "paths": self.paths}
        self.doubt = doubt


class Build:
    """Values to resources. C(source): VPP's name for who we are, C(always): what every route requires.

    C(drops_in_vrfs): whether this VPP takes a route of type DROP in a VRF, and does not end of it.
    """

    def __init__(self, view: View, source: str, always: t.FrozenSet[Key], drops_in_vrfs: bool = True) -> None:
        self.view, self.source, self.always, self.drops_in_vrfs = view, source, always, drops_in_vrfs
        self._connected: t.Optional[t.Dict[t.Tuple[int, str], str]] = None
        self._local: t.Optional[t.Set[str]] = None

    def build(self, values: t.Sequence[Value]) -> t.List[Resource]:
        """One resource per table and prefix."""
        shapes: t.Dict[t.Any, _Shape] = {}
        made: t.Dict[Key, _Shape] = {}
        before, connected = self.view.before, self.connected()
        suspicious = {target for _table, target in connected} | SPECIAL
        problems: t.List[str] = []
        found: t.List[Wrong] = []
        for value in values:
            get, key = value.data.get, key_of(value)
            target, six, number, gateway = key[2], ":" in key[2], get("vrf_id", 0), get("next_hop_addr", "")
            same = (six, number, get("type"), gateway, get("outgoing_interface"), get("weight"), get("preference"), get("via_vrf_id"))
            try:
                shape = shapes.get(same)
                if shape is None:
                    shape = shapes[same] = self.shape(value.data, "6" if six else "4", number)
                    suspicious.add(fib.host(shape.paths[0], six))
                doubt = shape.doubt or (self.astray(target, number, gateway and shape.paths[0][0], connected) if target in suspicious else None)
                if doubt and not _has(before.get(key), shape.paths[0]):
                    raise doubt
                there = made.setdefault(key, shape)
                if there is not shape:
                    made[key] = self.join(there, shape)
            except Wrong as wrong:
                problems.append(f"{value.kind} {target}: {wrong}")
                found.append(wrong)
        if problems:
            raise RouteError("; ".join(problems[:20]), problems=problems, **waits_for(found))
        make, resource = tuple.__new__, Resource
        return [make(resource, (key, shape.attributes, shape.requires, NONE, True, True)) for key, shape in made.items()]

    @staticmethod
    def astray(target: str, number: int, gateway: str, connected: t.Mapping[t.Tuple[int, str], str]) -> t.Optional[Wrong]:
        """Why there cannot be a route to that destination; None when there can."""
        if (number, target) in connected:
            return Wrong(f"dst_network: {target} is of {connected[number, target]} itself, and that counts for more than any route")
        if gateway and target in (f"{gateway}/32", f"{gateway}/128"):
            return Wrong(f"next_hop_addr: {gateway} is the destination itself; leave it out")
        return Wrong(f"dst_network: VPP keeps {target} for itself") if target in SPECIAL else None

    def shape(self, data: t.Mapping[str, t.Any], family: str, number: int) -> _Shape:
        """What one value makes of its path."""
        kind, interface, via = data.get("type"), data.get("outgoing_interface", ""), data.get("via_vrf_id", 0)
        gateway = _shown(data.get("next_hop_addr", ""))
        requires = self.always | self.table("vrf_id", family, number)
        rest = (max(1, data.get("weight", 0)), data.get("preference", 0))
        if kind == "DROP":
            if gateway or interface:
                raise Wrong(f"{'next_hop_addr' if gateway else 'outgoing_interface'}: a route of type DROP has no path; leave it out")
            doubt = None if self.drops_in_vrfs or not number else Wrong("type: VPP before 24.10 ends of a route of type DROP in a VRF")
            return _Shape(("", "", 0, *rest, "drop"), requires, self.source, doubt)
        if interface:
            link = self.view.link(interface)
            if kind == "INTER_VRF" and via and fib.link_table(link.resource, family) != via:
                raise Wrong(f"via_vrf_id: {interface} is not in VRF {via}")
            needs = frozenset((link.key,) if link.key in self.view.resources else ())
            doubt = self.reach(link, gateway) if gateway else None
            return _Shape((gateway, link.key[1], 0, *rest, ""), requires | needs, self.source, doubt)
        table = via if kind == "INTER_VRF" else number
        if not gateway and table == number:
            field = "via_vrf_id: a route that is looked up in its own VRF leads nowhere" if kind == "INTER_VRF" else "next_hop_addr: a route"
            raise Wrong(f"{field} needs next_hop_addr or outgoing_interface (or type DROP)" if field[0] == "n" else field)
        local = gateway.startswith("fe80:")
        doubt = Wrong(f"next_hop_addr: gateway {gateway} is link-local: give outgoing_interface") if local else self.own(gateway)
        return _Shape((gateway, "", table, *rest, ""), requires | self.table("via_vrf_id", family, table), self.source, doubt)

    def table(self, field: str, family: str, number: int) -> t.FrozenSet[Key]:
        """What a route in or through a table needs."""
        if not number:
            return NONE
        key = table_key(family, number)
        if key in self.view.resources:
            return frozenset((key,))
        if self.view.offline:
            return NONE
        raise Wrong(f"{field}: there is no VRF {number} for IPv{family}: give it a vpp/vrf-table", "vrf-table-exists")

    def join(self, one: _Shape, two: _Shape) -> _Shape:
        """Several values of one destination are the paths of one route."""
        drops = [path[5] == "drop" for path in (*one.paths, *two.paths)]
        if any(drops) and (len(drops) > 2 or not all(drops)):
            raise Wrong("type: a route of type DROP has no paths beside it")
        for path in one.paths:
            if path[:3] == two.paths[0][:3]:
                if path != two.paths[0]:
                    raise Wrong("weight: two values have the same path, with another weight or preference")
                return one
        joined = _Shape((), one.requires | two.requires, self.source)
        joined.paths = tuple(sorted((*one.paths, *two.paths)))
        joined.attributes = {"source": self.source, "paths": joined.paths}
        if len(joined.paths) > PATHS:
            raise Wrong(f"next_hop_addr: a route has at most {PATHS} paths in VPP")
        return joined

    def reach(self, link: Link, gateway: str) -> t.Optional[Wrong]:
        """Why the gateway cannot be reached over the link; None when it can."""
        if not (gateway.startswith("fe80:") or self.view.offline or fib.borrows(link.resource, self.view.before)):
            prefixes = self.view.prefixes(link.key[1])
            if not any(fib.reaches(prefix, gateway) for prefix in prefixes):
                shown = ", ".join(sorted(prefixes)) or "none"
                return Wrong(f"next_hop_addr: gateway {gateway} cannot be reached over {link.name}: its addresses are {shown}", "gw-reachable")
        return self.own(gateway)

    def own(self, gateway: str) -> t.Optional[Wrong]:
        """Why it is no gateway: it is one of our own addresses."""
        if self._local is None:
            self._local = set(self.view.local_addresses())
        return Wrong(f"next_hop_addr: gateway {gateway} is an address of this CNF itself") if gateway in self._local else None

    def connected(self) -> t.Dict[t.Tuple[int, str], str]:
        """By table and prefix, the interfaces whose network or address it is."""
        if self._connected is None:
            self._connected = {}
            for key in self.view.resources:
                if key[0] == "address":
                    link = self.view.find(key[1])
                    found = address.network(key[2])
                    if link is None or found is None:
                        continue
                    family = "6" if ":" in key[2] else "4"
                    table = fib.link_table(link.resource, family)
                    self._connected[table, f"{found[0]}/{found[1]}"] = key[1]
                    self._connected[table, f"{key[2].partition('/')[0]}/{128 if family == '6' else 32}"] = key[1]
        return self._connected


def key_of(value: Value) -> Key:
    """Of the route that the value is a path of."""
    target = value.data["dst_network"]
    return "route", str(value.data.get("vrf_id", 0)), target.lower() if ":" in target else target


def lift(resources: Resources, view: View) -> t.Iterator[Value]:
    """A value per path whose interface is there; of foreign routes (scope all) only when all paths can be said."""
    # Routes that were read, or made, together share their attributes.
    said: t.Dict[t.Any, t.List[Fields]] = {}
    make, value, kind = tuple.__new__, Value, ROUTE.id
    for key, one in resources.items():
        if key[0] == "route" and (one.owned or view.scope_all):
            target = key[2]
            same = (id(one.attributes), one.owned, one.managed, key[1], ":" in target)
            fields = said.get(same)
            if fields is None:
                fields = said[same] = _say(one, view)
            for head, tail, begin, end in fields:
                yield make(value, (kind, f"{begin}{target}{end}", {**head, "dst_network": target, **tail}))


def _say(one: Resource, view: View) -> t.List[Fields]:
    """What values say of a route, but for its destination."""
    paths = one.attributes["paths"]
    known = [_say_path(path, one.key, view) for path in paths]
    if not one.owned and not (one.managed and _plain(paths) and None not in known):
        return []
    return [fields for fields in known if fields is not None]


def _has(have: t.Optional[Resource], path: fib.Path) -> bool:
    """Whether a route that is there has the path already, whatever its weight."""
    return have is not None and any(each[:3] == path[:3] for each in have.attributes["paths"])


def _plain(paths: t.Sequence[fib.Path]) -> bool:
    """Whether values can be the paths of one route."""
    return len({path[:3] for path in paths}) == len(paths) and (len(paths) == 1 or all(path[5] != "drop" for path in paths))


def _say_path(path: fib.Path, key: Key, view: View) -> t.Optional[Fields]:
    """The fields of a path; None when it is on an interface that is gone, or more than a value can say."""
    if len(path) > 6 or path[5] not in ("", "drop"):
        return None
    gateway, name, through, weight, preference, kind = path
    number = int(key[1])
    if name:
        link = view.find(name)
        if link is None:
            return None
        through = fib.link_table(link.resource, "6" if ":" in key[2] else "4")
    inter = not kind and through != number
    if not (kind or inter or name or gateway):
        return None  # the destination is looked up where it came from
    head = {"type": "DROP" if kind else "INTER_VRF" if inter else "", "vrf_id": number}
    tail = {"next_hop_addr": gateway, "outgoing_interface": name, "weight": weight if weight > 1 else 0, "preference": preference}
    tail["via_vrf_id"] = through if inter else 0
    head, tail = ({field: value for field, value in fields.items() if value} for fields in (head, tail))
    # Keys of values by the same path differ in the destination only, which is made shorter once.
    begin, _destination, end = ROUTE.key({**head, "dst_network": key[2], **tail}).partition(f"/dst/{key[2]}")
    return head, tail, f"{begin}/dst/", end


def _shown(gateway: str) -> str:
    """An address in its shortest form; VPP's ways to say none are none."""
    raw = address.packed(gateway) if gateway else None
    return address.shown(raw) if raw and any(raw) else ""
