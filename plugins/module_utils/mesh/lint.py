# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong, or probably not meant, in a mesh: pure checks, each a generator of findings."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Value
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh import manifest
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.connections import Connection, Joined, Party, closest
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.finding import Finding, error, pairs, warning
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.matching import Matcher
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.service import V1, V1ALPHA1, Labels, NetworkService, suggestion
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.template import is_template
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS

KERNEL, VPP = "linux.interfaces/interface", "vpp/interfaces"
KERNEL_NAME = 15  # bytes
FROM_ENVIRONMENT = ("nodeName", "podName", "clusterName")  # labels that NSM adds to every client by itself
Network = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


class Written(t.NamedTuple):
    """A value of a CNF and where it is written; C(made) says that a connection makes it."""

    cnf: str
    value: Value
    source: str
    made: bool = False

    @property
    def title(self) -> str:
        """The value in a reader's words."""
        return f"CNF {self.cnf}{f' ({self.source})' if self.source else ''}"


# --- services -------------------------------------------------------------------------------------------------------


def services(
    declared: t.Mapping[str, NetworkService],
    offered: t.Mapping[str, NetworkService],
    joined: Joined,
    clients: t.Sequence[Party],
    endpoints: t.Sequence[Party],
) -> t.Iterator[Finding]:
    """Services without endpoints, clients or document; selectors nobody matches; endpoints nobody can reach."""
    wanting: t.Dict[str, t.List[Party]] = {}
    offering: t.Dict[str, t.List[Party]] = {}
    for parties, by_service in ((clients, wanting), (endpoints, offering)):
        for party in parties:
            by_service.setdefault(party.service, []).append(party)
    for name, service in declared.items():
        yield from manifest.payload(service)
        if name not in offered and name not in wanting:
            yield warning("service-unused", f"{service.title} is neither offered nor wanted", suggestion(name, {*offered, *wanting} - set(declared)))
    for name in offered:
        if name not in declared:
            yield warning(
                "service-undeclared",
                f"there is no NetworkService document for {name!r}: NSM makes one without matches, and every endpoint fits every client",
                suggestion(name, declared) if declared else "",
            )
        if name in wanting:
            yield from _selectors(joined.matchers[name], wanting[name], offering[name])
    for position, endpoint in enumerate(endpoints):
        if position not in joined.reached:
            labels = pairs(endpoint.labels(V1))
            why = f"no client's matches lead to its labels {labels}" if endpoint.service in wanting else "no client wants its service"
            yield warning("endpoint-unreachable", f"{endpoint.title} is reached by nobody: {why}")


def _selectors(matcher: Matcher, clients: t.Sequence[Party], endpoints: t.Sequence[Party]) -> t.Iterator[Finding]:
    service = matcher.service
    client_labels = [client.labels(service.dialect) for client in clients]
    by_match: t.Dict[int, t.List[int]] = {}
    for position, labels in enumerate(client_labels):
        for number in matcher.sources(labels):
            by_match.setdefault(number, []).append(position)
    for number, match in enumerate(service.matches):
        fitting = by_match.get(number, [])
        title = f"{service.title}: match {number + 1}"
        say = warning if match.fallthrough else error
        if not fitting:
            hint = _nearest(match.source_selector, clients, client_labels)
            yield say("selector-unmatched", f"{title}: no client has {pairs(match.source_selector)}", hint)
            continue
        for route_number, route in enumerate(match.routes, 1):
            selector = route.destination_selector
            constant = matcher.legacy or not any(is_template(value) for value in selector.values())
            asking = fitting[:1] if constant else fitting
            if any(matcher.endpoints.find(selector, matcher.variables(client_labels[position])) for position in asking):
                continue
            hint = _nearest(selector, endpoints, matcher.endpoints.labels)
            yield say("selector-unmatched", f"{title}, route {route_number}: no endpoint has {pairs(selector)}", hint)
        yield from _environment(title, matcher, number, [client_labels[position] for position in fitting])


def _nearest(selector: Labels, parties: t.Sequence[Party], labels: t.Sequence[Labels]) -> str:
    close = closest(selector, labels)
    return "" if close is None else f"nearest is {parties[close].title} with {pairs(parties[close].labels(V1))}"


def _environment(title: str, matcher: Matcher, number: int, clients: t.Sequence[Labels]) -> t.Iterator[Finding]:
    match = matcher.service.matches[number]
    values = [value for selector in [match.source_selector, *(route.destination_selector for route in match.routes)] for value in selector.values()]
    for label in FROM_ENVIRONMENT:
        used = not matcher.legacy and any(is_template(value) and label in value for value in values)
        if used and not all(label in labels for labels in clients):
            yield warning(
                "template-from-environment",
                f"{title}: its template uses the label {label!r}, which NSM adds where the client runs: not known here, so it reads as missing",
            )


def parties(declared: t.Mapping[str, NetworkService], given: t.Sequence[Party]) -> t.Iterator[Finding]:
    """Settings of single clients and endpoints that do not do what they look like."""
    for party in given:
        data = party.value.data
        ignored = [field for field in ("ip_addresses", "phys_address") if data.get(field)]
        if ignored and "interface_name_prefix" in data and not party.single:
            yield warning("addresses-ignored", f"{party.title}: {' and '.join(ignored)} are only applied with single_client: true", "add it, or leave them out")
        labels = [*data.get("outgoing_labels", ()), *data.get("advertised_labels", ())]
        keys = [str(label.get("key", "")) for label in labels]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            yield warning("label-twice", f"{party.title}: label {key!r} is there more than once, the last one counts")
        service = declared.get(party.service)
        broken = [key for key, label in zip(keys, labels) if set(",=") & set(key + str(label.get("value", "")))]
        if broken and service and service.dialect == V1ALPHA1:
            yield warning("label-separator", f"{party.title}: NSM 0.2.0 cannot carry ',' or '=' in a label, and {broken[0]!r} has one")


def loops(connections: t.Sequence[Connection]) -> t.Iterator[Finding]:
    """Chains that come back to where they began: within a service packets circle, across services they may be meant to."""
    seen: t.Set[t.FrozenSet[str]] = set()
    by_service: t.Dict[str, t.Dict[str, t.List[str]]] = {}
    everything: t.Dict[str, t.List[str]] = {}
    for one in connections:
        by_service.setdefault(one.service, {}).setdefault(one.client.cnf, []).append(one.endpoint.cnf)
        everything.setdefault(one.client.cnf, []).append(one.endpoint.cnf)
    for service, graph in by_service.items():
        for cycle in cycles(graph):
            seen.add(frozenset(cycle))
            yield error(
                "loop", f"the connections of network service {service!r} make a loop: {' -> '.join([*cycle, cycle[0]])}", "check the selectors of its matches"
            )
    for cycle in cycles(everything):
        if frozenset(cycle) not in seen:
            yield warning("loop", f"connections of several network services make a loop: {' -> '.join([*cycle, cycle[0]])}")


def cycles(graph: t.Mapping[str, t.Sequence[str]]) -> t.List[t.List[str]]:
    """Cycles of a directed graph, at least one of each that exists, none twice; in time linear in its size."""
    found: t.Dict[t.FrozenSet[str], t.List[str]] = {}
    done: t.Set[str] = set()
    for root in graph:
        if root in done:
            continue
        path, where = [root], {root: 0}
        stack = [iter(graph[root])]
        while stack:
            step = next(stack[-1], None)
            if step is None:
                stack.pop()
                done.add(path[-1])
                del where[path.pop()]
            elif step in where:
                cycle = path[where[step] :]
                found.setdefault(frozenset(cycle), cycle)
            elif step not in done:
                where[step] = len(path)
                path.append(step)
                stack.append(iter(graph.get(step, ())))
    return list(found.values())


# --- items and interfaces -------------------------------------------------------------------------------------------


def items(written: t.Sequence[Written]) -> t.Iterator[Finding]:
    """Two items of one CNF with one key: the later would overwrite the earlier."""
    first: t.Dict[t.Tuple[str, str], Written] = {}
    for one in written:
        other = first.setdefault((one.cnf, one.value.key), one)
        if other is not one:
            hint = "an agent serves one endpoint per network service" if one.value.kind == "cnf.nsm/endpoint" else "leave one out"
            yield error("duplicate-item", f"{one.title}: {one.value.key} is there a second time{f': {other.source} has it too' if other.source else ''}", hint)


def interfaces(written: t.Sequence[Written]) -> t.Iterator[Finding]:
    """Names that clash or are too long, and subnets that overlap, among the interfaces of each CNF."""
    by_cnf: t.Dict[str, t.List[Written]] = {}
    for one in written:
        if one.value.kind in (KERNEL, VPP):
            by_cnf.setdefault(one.cnf, []).append(one)
    for ours in by_cnf.values():
        yield from _names(ours)
        yield from _overlaps(ours)


def _names(ours: t.Sequence[Written]) -> t.Iterator[Finding]:
    first: t.Dict[str, Written] = {}
    for one in ours:
        name, kind = str(one.value.data.get("name", "")), one.value.kind
        other = first.setdefault(name, one)
        if other is not one and other.value.kind != kind:
            yield warning("interface-name-clash", f"{one.title}: {name!r} is the name of a {other.value.kind} and of a {kind}: one kernel cannot have both")
        elif other is not one and (one.made or other.made):  # two items of one name have one key: said above
            where = f": {other.source} has it too" if other.source and other.source != one.source else ""
            yield error(
                "interface-name-clash", f"{one.title}: two interfaces are named {name!r}{where}", "choose another interface_name or interface_name_prefix"
            )
        if one.made:
            yield from _invalid(one)


def _invalid(one: Written) -> t.Iterator[Finding]:
    """Items were validated when they were read; what a connection makes of a client or an endpoint was not."""
    for problem in KINDS[one.value.kind].problems(one.value.data):
        yield error("interface-invalid", f"{one.title}: {problem}", "it comes from interface_name or interface_name_prefix")
    name = str(one.value.data["name"])
    if one.value.kind == VPP and len(name.encode()) > KERNEL_NAME:
        yield warning("interface-name-too-long", f"{one.title}: a kernel interface in the place of {name!r} can only have {KERNEL_NAME} bytes")


def networks(addresses: t.Iterable[str]) -> t.List[str]:
    """The networks of addresses with a prefix length, in order and each once; what is no address is left out."""
    return list(dict.fromkeys(str(network) for network in _networks(addresses)))


def _networks(addresses: t.Iterable[str]) -> t.Iterator[Network]:
    for address in addresses:
        try:
            yield ipaddress.ip_interface(address).network
        except ValueError:
            pass  # a reference to an allocation, or what validation has refused


def _overlaps(ours: t.Sequence[Written]) -> t.Iterator[Finding]:
    by_table: t.Dict[t.Tuple[str, str, int], t.List[t.Tuple[int, int, str, Network, Written]]] = {}
    for one in ours:
        data = one.value.data
        table = str(data.get("vrf") or data.get("vrf_master_interface") or "")
        for network in _networks(data.get("ip_addresses", ())):
            if not network.is_link_local:
                first, last = int(network.network_address), int(network.broadcast_address)
                by_table.setdefault((one.value.kind, table, network.version), []).append((first, last, str(data.get("name", "")), network, one))
    for entries in by_table.values():
        entries.sort(key=lambda entry: (entry[0], -entry[1]))
        widest = entries[0]
        for entry in entries[1:]:
            if entry[0] <= widest[1] and entry[2] != widest[2]:
                yield error(
                    "subnet-overlap",
                    f"{entry[4].title}: {entry[3]} on {entry[2]!r} overlaps {widest[3]} on {widest[2]!r}: packets could leave by either",
                    "use different subnets, or different VRFs",
                )
            if entry[1] > widest[1]:
                widest = entry


def links(given: t.Iterable[t.Tuple[str, t.Sequence[Value]]]) -> t.Iterator[Finding]:
    """The two ends of each link: the same address on both, or addresses that cannot reach each other."""
    for name, ends in given:
        addresses = [list(end.data.get("ip_addresses", ())) for end in ends]
        hosts = [{address.partition("/")[0] for address in side} for side in addresses]
        for address in sorted(hosts[0] & hosts[1]):
            yield error("address-twice", f"link {name}: both ends have the address {address}")
        subnets = [set(_networks(side)) for side in addresses]
        if all(subnets) and not any(first.overlaps(second) for first in subnets[0] for second in subnets[1] if first.version == second.version):
            yield warning("subnet-mismatch", f"link {name}: its ends are in different subnets, {' and '.join(', '.join(networks(side)) for side in addresses)}")
