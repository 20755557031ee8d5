# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes: C(("route", table, prefix)), and C(("fib-source", NAME)), by which VPP knows ours.

Attributes: C(source), and C(paths), sorted (L(fib.Path)). VPP keeps the routes of each source apart and follows the best one
of a prefix; it lists no other. Ours is just better than those of the API and the command line, so ours are always seen; where
such a route is there before us, we leave it at that. Those of others are not all read: a VPP may have a million. With scope
all it is every route of the API and the command line, else whoever has a prefix that is asked for.

VPP does not take routes away with their interface: they stay with its number, and the next interface with that inherits them.
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import NONE, CnfError, Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Wrong, waits_for
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ROUTE
from ansible_collections.pantheon.cnf.plugins.module_utils.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import fib
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Index, Place, Script, Shared, Work
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.route_values import Build, RouteError, key_of, lift
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import MARK, NO_SUCH_FIB, table_key

SOURCE = MARK
OF = "fib-source"
PRIORITY = 0x7F
"""The API has 0x80, the command line 0x81; the less, the better."""
CONFIGURED = ("API", "CLI")
"""Sources of routes that somebody gave VPP by hand."""
YIELDING = frozenset(
    {
        *("default-route", "recursive-resolution", "urpf-exempt", "adjacency", "attached_export", "mpls", "interpose"),
        *("IPv6-nd", "IPv6-proxy-nd", "DHCP", "MAP", "LISP", "nat-low", "nat44-ei-low"),
    }
)
"""Sources of what VPP makes by itself, and drops in favour of routes that are configured."""
LOOKUPS = 256
"""So many prefixes are looked up one by one; for more, the tables are listed."""
NETWORKS = ("/32", ".0/24", ".0.0/16", ".0.0.0/8", "/128")
"""How most prefixes end: no bits of a host are in such. In others there may be."""
NO_SUCH_ENTRY = -6

SUPPORT = {
    ROUTE.id: {
        "type": "partial: DROP has no path beside it; INTER_VRF without next_hop_addr and outgoing_interface looks the destination up in via_vrf_id",
        "vrf_id": "yes",
        "dst_network": "partial: not a network or an address of an interface, which count for more; while one is added beside us, VPP lists it instead of ours",
        "next_hop_addr": "partial: has to be reachable over an address of the interface, or (without interface) over some route",
        "outgoing_interface": "yes",
        "weight": "yes",
        "preference": "yes",
        "via_vrf_id": "partial: with outgoing_interface it has to be that interface's VRF",
    }
}

_OURS = Resource((OF, SOURCE), {}, owned=False, managed=False)
"""Our source is there. VPP takes none away."""

Rest = t.Tuple[t.Mapping[str, t.Any], t.FrozenSet[Key], t.FrozenSet[t.Any], bool, bool]
"""All of a resource but its key."""


class Routes(VppFamily):
    """vpp/route. C(scope_all): others' routes are read too."""

    classes = frozenset({"route", OF})
    kinds = frozenset({ROUTE.id})
    support = SUPPORT
    separate = True

    def __init__(self, scope_all: bool = False) -> None:
        self.scope_all = scope_all
        self.asked: t.Dict[Key, None] = {}
        self.sources: t.Dict[str, t.Tuple[int, int]] = {}
        self.idle = False
        self.drops_in_vrfs = True
        self._requests: t.Dict[int, t.Tuple[t.Mapping[str, t.Any], Index, Shared]] = {}

    # -- what is there -----------------------------------------------------------------------------------------------

    def observe(self, place: Session) -> t.Iterable[Resource]:
        """All of ours, and of others those that are in question."""
        self.drops_in_vrfs = not place.older(24, 10)
        listed, tables = place.dumps([Dump("fib_source_dump"), Dump("ip_table_dump")])
        self.learn(place, listed)
        names = [SOURCE] if SOURCE in self.sources else []
        if self.scope_all:
            names += [name for name in CONFIGURED if name in self.sources]
        reader = _Reader(fib.links(place))
        found = self.listed(place, reader, names, [each["table"] for each in tables])
        found.update(self.met(place, reader, [key for key in self.asked if key not in found]))
        if SOURCE in self.sources or self.idle:
            found[_OURS.key] = _OURS
        return found.values()

    def reread(self, place: Session, operations: t.Sequence[Operation]) -> t.Optional[t.Iterable[Resource]]:
        """A few are looked up. Making our source changes what all others are seen by: then all are listed."""
        keys = [operation.key for operation in operations]
        if len(keys) > LOOKUPS or _OURS.key in keys:
            return None
        found: Resources = {}
        reader = _Reader(fib.links(place))
        for key, name, reply in self.looked_up(place, keys):
            if name == SOURCE or key in self.asked and name not in YIELDING or self.scope_all and name in CONFIGURED:
                reader.read(found, [reply], "6" if ":" in key[2] else "4", name)
        return found.values()

    def learn(self, place: Session, listed: t.Iterable[t.Mapping[str, t.Any]]) -> None:
        """Numbers and priorities of sources by name. Never another number than VPP told: it crashes for one that it does not know."""
        self.sources = {}
        for each in listed:
            source = each["src"]
            self.sources.setdefault(source["name"], (source["id"], source["priority"]))
        for name, (number, _priority) in self.sources.items():
            place.learn(name, number, OF)

    def listed(self, place: Session, reader: _Reader, names: t.Sequence[str], tables: t.Iterable[t.Mapping[str, t.Any]]) -> Resources:
        """All routes of the sources in the tables."""
        each = [(name, {"table_id": table["table_id"], "is_ip6": table["is_ip6"]}) for table in tables for name in names]
        found: Resources = {}
        dumps = place.dumps([Dump("ip_route_v2_dump", {"src": Index(name, OF), "table": table}) for name, table in each])
        for (name, table), details in zip(each, dumps):
            reader.read(found, details, "6" if table["is_ip6"] else "4", name)
        return found

    def met(self, place: Session, reader: _Reader, keys: t.Sequence[Key]) -> Resources:
        """Of the prefixes, those that others have: looked up one by one, or found in what API and command line configured."""
        if len(keys) > LOOKUPS:
            tables = {(key[1], ":" in key[2]): {"table_id": int(key[1]), "is_ip6": ":" in key[2]} for key in keys}
            there = self.listed(place, reader, [name for name in CONFIGURED if name in self.sources], tables.values())
            return {key: there[key] for key in keys if key in there}
        found: Resources = {}
        for key, name, reply in self.looked_up(place, keys):
            if name != SOURCE and name not in YIELDING:
                reader.read(found, [reply], "6" if ":" in key[2] else "4", name)
        return found

    def looked_up(self, place: Session, keys: t.Sequence[Key]) -> t.Iterator[t.Tuple[Key, str, t.Mapping[str, t.Any]]]:
        """Of those that are there: the key, the source and VPP's reply."""
        accept = frozenset({NO_SUCH_ENTRY, NO_SUCH_FIB})
        calls = [Call("ip_route_lookup_v2", {"table_id": int(key[1]), "exact": 1, "prefix": key[2]}, accept) for key in keys]
        names = {number: name for name, (number, _priority) in self.sources.items()}
        for key, answer in zip(keys, place.exchange(calls)):
            if isinstance(answer, CnfError):
                raise answer
            reply = t.cast(t.Mapping[str, t.Any], answer)
            if not reply["retval"]:
                yield key, names.get(reply["route"]["src"], str(reply["route"]["src"])), reply

    def look(self, place: Session, desired: Resources, observed: Resources) -> None:
        """Whose the prefixes are that shall be ours, and what leads to gateways without an interface. Raises L(RouteError)."""
        new = [key for key in desired if key[0] == "route" and key not in observed]
        self.asked.update(dict.fromkeys(new))
        reader = _Reader(fib.links(place))
        there = self.met(place, reader, new)
        best = self.sources.get(SOURCE, (0, PRIORITY))[1]
        problems: t.List[Wrong] = []
        for key, one in there.items():
            source = one.attributes["source"]
            if self.sources.get(source, (0, 0))[1] < best:
                own = f"is in VPP by itself (source {source}{_of(one)}), and that counts for more than any route"
                problems.append(Wrong(f"dst_network: {key[2]} of table {key[1]} {own}"))
        problems += self.unreachable(place, {key: desired[key] for key in new}, observed, desired)
        if problems:
            texts = list(map(str, problems))
            raise RouteError("; ".join(texts[:20]), problems=texts, **waits_for(problems))
        observed.update(there)
        routes = (key for key in desired if key[0] == "route")
        self.idle = SOURCE not in self.sources and all(key in observed and self.transition(observed[key], desired[key]) == "same" for key in routes)
        if self.idle:  # all that is wanted is there, by whomever: no source is needed for it
            observed.setdefault(_OURS.key, _OURS)

    def unreachable(self, place: Session, new: Resources, observed: Resources, desired: Resources) -> t.Iterator[Wrong]:
        """Gateways without an interface that neither VPP nor what shall be there leads to."""
        gateways: t.Dict[t.Tuple[str, str], str] = {}
        for key, one in new.items():
            for path in one.attributes["paths"]:
                if path[0] and not path[1]:
                    gateways.setdefault((str(path[2]), path[0]), key[2])
        asked = list(gateways)[:LOOKUPS]
        accept = frozenset({NO_SUCH_FIB})
        calls = [
            Call("ip_route_lookup_v2", {"table_id": int(table), "exact": 0, "prefix": f"{gateway}/{128 if ':' in gateway else 32}"}, accept)
            for table, gateway in asked
        ]
        there = {**observed, **desired}
        for where, answer in zip(asked, place.exchange(calls)):
            if isinstance(answer, CnfError):
                raise answer
            reply = t.cast(t.Mapping[str, t.Any], answer)
            number = reply["route"]["src"]
            if not reply["retval"] and number not in [self.sources.get(name, (-1, 0))[0] for name in ("default-route", "special")]:
                continue
            if not fib.covered(where[1], where[0], there, but=gateways[where]):
                lost = f"nothing in table {where[0]} leads to gateway {where[1]}; give outgoing_interface, or a route to it"
                yield Wrong(f"{gateways[where]}: next_hop_addr: {lost}", "gw-reachable")

    # -- values and resources ----------------------------------------------------------------------------------------

    def lower(self, values: t.Sequence[Value], view: View) -> t.Iterable[Resource]:
        """One route per table and prefix. Raises L(RouteError) with everything that is wrong."""
        made = Build(view, SOURCE, frozenset({_OURS.key}), self.drops_in_vrfs).build(values)
        return [Resource(_OURS.key, {}), *made] if made else made

    def lift(self, resources: Resources, view: View) -> t.Iterable[Value]:
        """A value per path; others' routes (scope all) only when a value says all of them."""
        return lift(resources, view)

    def explained(self, values: t.Sequence[Value], view: View) -> t.Iterator[Key]:
        """Of all paths of a route its one key."""
        yield _OURS.key
        yield from map(key_of, values)

    def transition(self, before: Resource, after: Resource) -> str:
        """In place. A route of others that is exactly as wanted is left as it is."""
        return "same" if before.attributes.get("paths") == after.attributes.get("paths") else "update"

    # -- what is done ------------------------------------------------------------------------------------------------

    def script(self, operation: Operation, place: Place) -> Work:
        """A route is replaced as a whole; the new one stands before one of another source goes."""
        _verb, key, before, after = operation
        if key[0] == OF:
            return self.register(place)
        if after is None:
            return self.removal(key, t.cast(Resource, before))
        made = Call("ip_route_add_del_v2", {"is_add": True, "is_multipath": False, "route": self.request(key, after)}, about=f"route {key[2]}")
        if before is None or after.attributes["source"] == before.attributes["source"]:
            return made
        return self.taken_over(made, self.removal(key, before))

    @staticmethod
    def taken_over(made: Call, gone: Call) -> Script:
        """The one of another source goes when ours stands."""
        yield made
        yield gone

    @staticmethod
    def removal(key: Key, before: Resource) -> Call:
        """What takes a route away."""
        gone = {"table_id": int(key[1]), "prefix": key[2], "src": Index(before.attributes["source"], OF)}
        return Call("ip_route_add_del_v2", {"is_add": False, "is_multipath": False, "route": gone}, frozenset({NO_SUCH_FIB}), f"route {key[2]}")

    def request(self, key: Key, after: Resource) -> t.Dict[str, t.Any]:
        """Routes made together share their attributes, and so their paths here."""
        have = after.attributes
        known = self._requests.get(id(have))
        if known is None:
            family = "6" if ":" in key[2] else "4"
            known = self._requests[id(have)] = have, Index(have["source"], OF), Shared(fib.write(path, family) for path in have["paths"])
        return {"table_id": int(key[1]), "prefix": key[2], "src": known[1], "paths": known[2]}

    def register(self, place: Place) -> Script:
        """Make our source. The reply's number is not to be trusted: it is 0, everybody's, when VPP has no room for another."""
        yield Call("fib_source_add", {"src": {"priority": PRIORITY, "name": SOURCE}}, about=f"FIB source {SOURCE}")
        listed = yield Dump("fib_source_dump")
        if listed:
            self.learn(t.cast(Session, place), listed)
            if SOURCE not in self.sources:
                raise CnfError("VPP has no room for another source of routes: it keeps at most 254 until it is started again")


class _Reader:
    """Decodes routes; what many of them share is made once."""

    def __init__(self, links: t.Mapping[int, Key]) -> None:
        self.links = links
        # Paths of the same octets are one list, however many routes have them: by its number, and kept so that none follows it there.
        self.shared: t.Dict[t.Tuple[str, str, str], t.Dict[int, t.Tuple[Rest, t.FrozenSet[str], t.Any]]] = {}

    def read(self, found: Resources, details: t.Sequence[t.Mapping[str, t.Any]], family: str, source: str) -> None:
        """Details of one table, into C(found).

        VPP shows a host on an interface as its own gateway, and a network by the first address that an interface ever had in it.
        """
        make, resource = tuple.__new__, Resource
        table = str(details[0]["route"]["table_id"]) if details else ""
        shared = self.shared.setdefault((family, table, source), {})
        for each in details:
            route = each["route"]
            paths, prefix = route["paths"], route["prefix"]
            if not prefix.endswith(NETWORKS):
                base, length = address.network(prefix) or ("", 0)
                prefix = f"{base}/{length}"
            known = shared.get(id(paths))
            if known is None:
                plain = self.rest(paths, family, table, source)
                known = shared[id(paths)] = plain, frozenset(fib.host(path, family == "6") for path in plain[0]["paths"]), paths
            rest, hosts, _kept = known
            key: Key = ("route", table, prefix)
            found[key] = make(resource, (key, *(self.rest(paths, family, table, source, prefix) if prefix in hosts else rest)))

    def rest(self, paths: t.Iterable[t.Mapping[str, t.Any]], family: str, table: str, source: str, prefix: str = "") -> Rest:
        """All of a route but its key."""
        read: t.List[fib.Path] = []
        requires = frozenset({table_key(family, table)}) if table != "0" else NONE
        for raw in paths:
            path = fib.read(raw, family, self.links)
            if path[1] and prefix == fib.host(path, family == "6"):
                path = ("", *path[1:])
            read.append(path)
            requires |= fib.needs(path, family, self.links.get(raw["sw_if_index"]) or (("link", path[1]) if path[1] else None))
        return {"source": source, "paths": tuple(sorted(read))}, requires, NONE, source == SOURCE, True


def _of(one: Resource) -> str:
    """The interfaces of a route's paths, in brackets of words."""
    links = sorted({path[1] for path in one.attributes["paths"] if path[1]})
    return f", of {', '.join(links)}" if links else ""
