# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VRF tables, routes by source, neighbours and proxy ARP of the double."""

from __future__ import annotations

import ipaddress
import typing as t

from tests.doubles.vpp.addresses import addresses, table_of
from tests.doubles.vpp.cli import command
from tests.doubles.vpp.registry import area, handles
from tests.doubles.vpp.server import Died
from tests.doubles.vpp.state import Interface, State

NOWHERE = 0xFFFFFFFF
NAMES = (
    "special 0, classify 1, proxy 2, interface 3, SR 16, BIER 32, 6RD 48, API 128, CLI 129, LISP 144, MAP 160, DHCP 176, "
    "IPv6-proxy-nd 192, IPv6-nd 193, adjacency 208, mpls 224, attached_export 240, recursive-resolution 251, urpf-exempt 252, "
    "default-route 253, interpose 254, path-mtu 16, nat-low 208, nat-hi 16"
)
SPECIAL, INTERFACE, API, ADJACENCY, RECURSIVE, DEFAULT = 1, 4, 8, 15, 18, 20
LOCAL, DROP = 1, 2
HASH_WORDS = ("src", "dst", "sport", "dport", "proto", "reverse", "symmetric", "flowlabel", "gtpv1teid")
ALWAYS = {
    False: {"0.0.0.0/0": DEFAULT, "0.0.0.0/32": DEFAULT, "255.255.255.255/32": DEFAULT, "224.0.0.0/4": SPECIAL, "240.0.0.0/4": SPECIAL},
    True: {"::/0": DEFAULT, "fe80::/10": SPECIAL},
}
Table = t.Tuple[bool, int]
Request = t.Dict[str, t.Any]
Sources = t.Dict[int, t.List[t.Dict[str, t.Any]]]
"""The paths of a prefix by source."""


def path(index: int = NOWHERE, gateway: str = "", kind: int = 0, six: bool = False) -> t.Dict[str, t.Any]:
    """As details have it."""
    raw = ipaddress.ip_address(gateway).packed if gateway else b""
    return {"sw_if_index": index, "weight": 1, "type": kind, "proto": int(six), "nh": {"address": raw.ljust(16, b"\0")}}


def network(text: str) -> str:
    """Without host bits."""
    return str(ipaddress.ip_interface(text).network)


@area("l3")
class L3:
    """C(locks): (table, who) of other areas that keep a table, such as NAT."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.sources: t.List[t.Tuple[int, int, int, str]] = []
        for each in NAMES.split(", "):
            name, _blank, priority = each.rpartition(" ")
            self.add_source(name, int(priority))
        self.names: t.Dict[Table, str] = {(six, 0): f"ipv{6 if six else 4}-VRF:0" for six in (False, True)}
        self.hashes: t.Dict[Table, int] = {}
        self.places: t.Dict[int, int] = {0: 0}
        self.free_places: t.List[int] = []
        """Of IPv4 tables in VPP's list of them; what was freed last is taken first, and known by its old number until then."""
        self.api: t.Set[Table] = set()
        self.locks: t.Set[t.Tuple[Table, str]] = set()
        self.routes: t.Dict[t.Tuple[Table, str], Sources] = {}
        self.shown: t.Dict[t.Tuple[Table, str], str] = {}
        self.neighbours: t.Dict[t.Tuple[int, str], t.Dict[str, t.Any]] = {}
        self.ranges: t.List[t.Tuple[int, str, str]] = []
        self.said_to_answer: t.Set[int] = set()
        self.answering: t.Set[int] = set()

    def add_source(self, name: str, priority: int) -> int:
        """Of those with the same priority the first one is the best."""
        number = len(self.sources) + 1
        if number > 254:
            return 0
        self.sources.append((number, priority, sum(1 for each in self.sources if each[1] == priority), name))
        return number

    # -- tables ------------------------------------------------------------------------------------------------------

    def users(self, table: Table) -> t.List[str]:
        """Who keeps it."""
        six, number = table
        found = [who for each, who in self.locks if each == table]
        found += ["API"] * (table in self.api)
        found += ["interface"] * any(number and table_of(each, six) == number for each in self.state.interfaces.values())
        through = (
            each["table_id"]
            for (where, _prefix), one in self.routes.items()
            for paths in one.values()
            for each in paths
            if where[0] == six and each["sw_if_index"] == NOWHERE
        )
        return found + ["recursive-resolution"] * (number in through)

    def exists(self, six: bool, number: int) -> bool:
        """Whether there is such a table."""
        return (bool(six), number) in self.names

    def add_table(self, table: Table, name: str = "") -> None:
        """The name of the first one who adds it stays."""
        if not table[0] and not self.exists(*table):
            self.take_place(table[1])
        self.names.setdefault(table, name or f"ipv{6 if table[0] else 4}-VRF:{table[1]}")

    def take_place(self, number: int) -> None:
        """In the list of tables."""
        place = self.free_places.pop() if self.free_places else 1 + max(self.places.values())
        self.places = {each: at for each, at in self.places.items() if at != place}
        self.places[number] = place

    def forget_unused(self) -> None:
        """Tables that nobody keeps go; the routes in them stay, unseen."""
        for table in [each for each in self.names if each[1] and not self.users(each)]:
            del self.names[table]
            if not table[0]:
                self.free_places.append(self.places[table[1]])
            self.hashes.pop(table, None)

    # -- routes ------------------------------------------------------------------------------------------------------

    def automatic(self, table: Table) -> t.Dict[str, Sources]:
        """What VPP has in a table by itself."""
        six, number = table
        found: t.Dict[str, Sources] = {}
        for prefix, source in ALWAYS[six].items():
            found.setdefault(prefix, {})[source] = [path(kind=DROP, six=six)]
        for each in self.state.interfaces.values():
            for text in addresses(each) if table_of(each, six) == number else ():
                one = ipaddress.ip_interface(text)
                if (one.version == 6) != six:
                    continue
                host = f"/{one.max_prefixlen}"
                if one.network.prefixlen < one.max_prefixlen:
                    found.setdefault(str(one.network), {})[INTERFACE] = [path(each.index, six=six)]
                found.setdefault(f"{one.ip}{host}", {})[INTERFACE] = [path(each.index, str(one.ip), LOCAL, six)]
                for end in (one.network[0], one.network[-1]) if not six and one.network.prefixlen < 31 else ():
                    if end != one.ip:
                        found.setdefault(f"{end}{host}", {})[INTERFACE] = [path(kind=DROP)]
        for (index, text), neighbour in self.neighbours.items():
            interface = self.state.interface(index)
            if interface and (":" in text) == six and table_of(interface, six) == number and not neighbour["flags"] & 2:
                found.setdefault(f"{text}/{128 if six else 32}", {})[ADJACENCY] = [path(index, text, six=six)]
        for (where, _prefix), sources in self.routes.items():
            for each in (one for paths in sources.values() for one in paths):
                gateway = each["nh"]["address"][: 16 if six else 4]
                if where[0] == six and each["sw_if_index"] == NOWHERE and each["table_id"] == number and not each["type"] and any(gateway):
                    found.setdefault(f"{ipaddress.ip_address(gateway)}/{128 if six else 32}", {})[RECURSIVE] = [path(kind=DROP, six=six)]
        return found

    def entries(self, table: Table) -> t.Dict[str, Sources]:
        """Everything in a table, by prefix."""
        found = self.automatic(table)
        for (where, prefix), sources in self.routes.items():
            if where == table:
                found[prefix] = {**found.get(prefix, {}), **sources}
        return found

    def details(self, table: Table, prefix: str, sources: Sources) -> t.Dict[str, t.Any]:
        """Of the best source."""
        order = {number: (priority, slot) for number, priority, slot, _name in self.sources}
        best = min(sources, key=lambda each: order[each])
        paths = sorted(sources[best], key=lambda each: (each["preference"] if "preference" in each else 0, each["sw_if_index"], each["nh"]["address"]))
        shown = self.shown.get((table, prefix), prefix)
        return {"table_id": table[1], "stats_index": 7, "prefix": shown, "src": best, "paths": paths}

    def address_added(self, interface: Interface, text: str) -> None:
        """A prefix is shown as whoever was first in it gave it."""
        six = ":" in text
        table = (six, table_of(interface, six))
        if network(text) not in self.entries(table) or (table, network(text)) not in self.routes:
            self.shown.setdefault((table, network(text)), text)

    def address_removed(self, interface: Interface, text: str) -> None:
        """What VPP learned in its network goes."""
        six = ":" in text
        table = (six, table_of(interface, six))
        if network(text) not in self.entries(table):
            self.shown.pop((table, network(text)), None)
        net = ipaddress.ip_network(network(text))
        for key in [key for key, one in self.neighbours.items() if key[0] == interface.index and not one["flags"] & 1]:
            if ipaddress.ip_address(key[1]) in net:
                del self.neighbours[key]

    def interface_deleted(self, interface: Interface) -> None:
        """Routes and the wish to answer ARP stay at its number."""
        for text in tuple(addresses(interface)):
            addresses(interface).remove(text)
            self.address_removed(interface, text)
        for key in [key for key, one in self.neighbours.items() if key[0] == interface.index and not (self.state.older(26, 2) and one["flags"] & 1)]:
            del self.neighbours[key]
        self.answering.discard(interface.index)
        interface.data["tables"] = {False: 0, True: 0}
        self.forget_unused()


# -- messages ----------------------------------------------------------------------------------------------------------


@handles("ip_table_add_del", "ip_table_add_del_v2")
def table_add_del(state: State, request: Request) -> t.Any:
    table = (request["table"]["is_ip6"], request["table"]["table_id"])
    if table[1] and request["is_add"]:
        state.l3.add_table(table, request["table"]["name"])
        state.l3.api.add(table)
    elif table[1]:
        state.l3.api.discard(table)
        state.l3.forget_unused()
    return 0


@handles("ip_table_dump")
def table_dump(state: State, request: Request) -> t.Any:
    return [{"table": {"table_id": number, "is_ip6": six, "name": name}} for (six, number), name in sorted(state.l3.names.items())]


@handles("ip_table_flush")
def table_flush(state: State, request: Request) -> t.Any:
    table = (request["table"]["is_ip6"], request["table"]["table_id"])
    if not state.l3.exists(*table):
        return -3
    for each in state.interfaces.values():
        if table_of(each, table[0]) == table[1]:
            each.up = False
    for (where, prefix), sources in tuple(state.l3.routes.items()):
        if where == table:
            sources.pop(API, None)
            _tidy(state, table, prefix)
    return 0


@handles("set_ip_flow_hash_v2", "set_ip_flow_hash_v3")
def flow_hash(state: State, request: Request) -> t.Any:
    table = (bool(request["af"]), request["table_id"])
    if not state.l3.exists(*table):
        return -3
    state.l3.hashes[table] = request["flow_hash_config"]
    return 0


@command("show ip fib table", "show ip6 fib table")
def show_fib(state: State, words: t.List[str]) -> str:
    """Of one prefix, whose family tells which command it was."""
    table = (":" in words[1], int(words[0]))
    if not state.l3.exists(*table):
        return ""
    hashed = state.l3.hashes.get(table, 0x9F)
    shown = "".join(f"{word} " for bit, word in enumerate(HASH_WORDS) if hashed >> bit & 1)
    locks = "".join(f"{who}:1, " for who in state.l3.users(table))
    return f"{state.l3.names[table]}, fib_index:{table[1]}, flow hash:[{shown}] epoch:0 flags:none locks:[{locks}]\n{words[1]} fib:0 index:0 locks:2\n"


@handles("fib_source_add")
def source_add(state: State, request: Request) -> t.Any:
    return {"id": state.l3.add_source(request["src"]["name"], request["src"]["priority"])}


@handles("fib_source_dump")
def source_dump(state: State, request: Request) -> t.Any:
    invalid = [{"src": {"id": 0, "priority": 255, "name": "invalid"}}]
    return invalid + [{"src": {"id": number, "priority": priority, "name": name}} for number, priority, _slot, name in state.l3.sources]


def _tidy(state: State, table: Table, prefix: str) -> None:
    if not state.l3.routes.get((table, prefix), True):
        del state.l3.routes[table, prefix]
    if prefix not in state.l3.entries(table):
        state.l3.shown.pop((table, prefix), None)
    state.l3.forget_unused()


def _same(one: t.Mapping[str, t.Any], two: t.Mapping[str, t.Any]) -> bool:
    return all(one[name] == two[name] for name in ("sw_if_index", "table_id", "type", "proto")) and one["nh"]["address"] == two["nh"]["address"]


@handles("ip_route_add_del_v2")
def route_add_del(state: State, request: Request) -> t.Any:
    route, l3 = request["route"], state.l3
    prefix = network(route["prefix"])
    six = ":" in prefix
    table = (six, route["table_id"])
    if not l3.exists(*table):
        return -3
    paths = [dict(each, nh=dict(each["nh"])) for each in route["paths"]]
    if state.older(24, 10) and table[1] and any(each["type"] == DROP for each in paths):
        raise Died  # in VPP it is a SIGSEGV
    for each in paths:
        each["weight"] = each["weight"] or 1
        if each["type"] == DROP:
            each["sw_if_index"] = NOWHERE
        if each["type"]:
            continue
        if each["sw_if_index"] == NOWHERE and not l3.exists(bool(each["proto"]), each["table_id"]):
            return -3
        if each["sw_if_index"] != NOWHERE:
            if state.interface(each["sw_if_index"]) is None:
                return -54
            each["table_id"] = 0
            host = ipaddress.ip_network(prefix)
            if host.prefixlen == host.max_prefixlen and not any(each["nh"]["address"]):
                each["nh"]["address"] = host.network_address.packed.ljust(16, b"\0")
    source = route["src"] or API
    if source not in [each[0] for each in l3.sources]:
        raise Died  # in VPP it is a SIGSEGV
    sources = l3.routes.setdefault((table, prefix), {})
    if request["is_add"]:
        if not paths:
            _tidy(state, table, prefix)
            return -52
        l3.shown.setdefault((table, prefix), prefix)
        if request["is_multipath"]:
            have = sources.setdefault(source, [])
            have += [each for each in paths if not any(_same(each, other) for other in have)]
        else:
            sources[source] = paths
        return 0
    if not request["is_multipath"]:
        sources.pop(source, None)
    elif source in sources:
        sources[source] = [each for each in sources[source] if not any(_same(each, other) for other in paths)]
        if not sources[source]:
            del sources[source]
    _tidy(state, table, prefix)
    return 0


@handles("ip_route_v2_dump")
def route_dump(state: State, request: Request) -> t.Any:
    table = (request["table"]["is_ip6"], request["table"]["table_id"])
    if not state.l3.exists(*table):
        return []
    found = [state.l3.details(table, prefix, sources) for prefix, sources in state.l3.entries(table).items()]
    return [{"route": each} for each in found if request["src"] in (0, each["src"])]


@handles("ip_route_lookup_v2")
def route_lookup(state: State, request: Request) -> t.Any:
    wanted = ipaddress.ip_network(network(request["prefix"]))
    table = (wanted.version == 6, request["table_id"])
    if not state.l3.exists(*table):
        return -3
    entries = state.l3.entries(table)
    found = (
        str(wanted)
        if request["exact"]
        else max((each for each in entries if wanted.subnet_of(ipaddress.ip_network(each))), key=lambda each: int(each.partition("/")[2]))
    )
    return {"route": state.l3.details(table, found, entries[found])} if found in entries else -6


@handles("ip_neighbor_add_del")
def neighbour(state: State, request: Request) -> t.Any:
    one = request["neighbor"]
    key, l3 = (one["sw_if_index"], one["ip_address"]), state.l3
    if state.interface(key[0]) is None:
        return -2
    have = l3.neighbours.get(key)
    if not request["is_add"]:
        if have is None:
            return -6
        del l3.neighbours[key]
    elif have is None:
        l3.neighbours[key] = dict(one)
    elif have["flags"] & 1 and not one["flags"] & 1:
        return 0 if have["mac_address"] == one["mac_address"] else -2
    else:
        have["mac_address"] = one["mac_address"]
        have["flags"] |= one["flags"] & 1
    return 0


@handles("ip_neighbor_dump")
def neighbour_dump(state: State, request: Request) -> t.Any:
    found = state.l3.neighbours.items()
    return [
        {"age": 1.0, "neighbor": one} for (index, text), one in found if request["sw_if_index"] in (index, NOWHERE) and (":" in text) == bool(request["af"])
    ]


@handles("proxy_arp_add_del")
def proxy_range(state: State, request: Request) -> t.Any:
    one = (request["proxy"]["table_id"], request["proxy"]["low"], request["proxy"]["hi"])
    if not state.l3.exists(False, one[0]):
        return -3
    if not request["is_add"]:
        if one not in state.l3.ranges:
            return -6
        state.l3.ranges.remove(one)
    elif one not in state.l3.ranges:
        state.l3.ranges.append(one)
    return 0


@handles("proxy_arp_dump")
def proxy_dump(state: State, request: Request) -> t.Any:
    places = state.l3.places if state.older(25, 10) else {}
    return [{"proxy": {"table_id": places.get(table, table), "low": low, "hi": high}} for table, low, high in state.l3.ranges]


@command("show ip table")
def show_tables(state: State, words: t.List[str]) -> t.Optional[str]:
    shown = [(state.l3.places[number], number, name) for (six, number), name in state.l3.names.items() if not six]
    return None if words else "".join(f"[{place}] table_id:{number} {name}\n" for place, number, name in sorted(shown))


@handles("proxy_arp_intfc_enable_disable")
def proxy_interface(state: State, request: Request) -> t.Any:
    """What is said to be on already is not switched on, whether it is or not."""
    index, l3 = request["sw_if_index"], state.l3
    if state.interface(index) is None:
        return -2
    if request["enable"] and index not in l3.said_to_answer:
        l3.said_to_answer.add(index)
        l3.answering.add(index)
    elif not request["enable"]:
        l3.said_to_answer.discard(index)
        l3.answering.discard(index)
    return 0


@handles("proxy_arp_intfc_dump")
def proxy_interface_dump(state: State, request: Request) -> t.Any:
    return [{"sw_if_index": index} for index in sorted(state.l3.said_to_answer)]


@handles("feature_is_enabled")
def feature_is_enabled(state: State, request: Request) -> t.Any:
    index = request["sw_if_index"]
    if state.interface(index) is None:
        return -2
    return {"is_enabled": (request["arc_name"], request["feature_name"]) == ("arp", "arp-proxy") and index in state.l3.answering}
