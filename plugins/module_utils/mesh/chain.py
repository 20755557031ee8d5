# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents to a chain: the CNFs, the links between them, and what is to be applied to each."""

from __future__ import annotations

import hashlib
import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Value
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh import lint
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.connections import CLIENT, ENDPOINT, Connection, Party, connect
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.convert import convert
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.finding import ERROR, WARNING, Finding, error, warning
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.service import NetworkService, parse_service
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import advice, rules
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import Configuration, Documents
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS

KERNEL, VPP = "linux.interfaces/interface", "vpp/interfaces"
NAT_INTERFACE, NAT_POOL = "vpp.nat/nat44-interface", "vpp.nat/nat44-pool"


class End(t.NamedTuple):
    """One end of a link: an interface of a CNF, as the value that configures it."""

    cnf: str
    value: Value

    @property
    def interface(self) -> str:
        """The interface's logical name."""
        return str(self.value.data["name"])


class Link(t.NamedTuple):
    """What a connection needs between two CNFs: the client's end first."""

    name: str
    connection: Connection
    ends: t.Tuple[End, End]

    @property
    def parties(self) -> t.Tuple[t.Tuple[End, Party], t.Tuple[End, Party]]:
        """Each end with the item that it is made for."""
        return (self.ends[0], self.connection.client), (self.ends[1], self.connection.endpoint)


class Cnf(t.NamedTuple):
    """C(items) are the values to apply: first the interfaces of its connections, then its own, without C(cnf.nsm)."""

    name: str
    links: t.List[str]
    items: t.List[Value]


class Chain(t.NamedTuple):
    """What documents come to. C(notices) name the documents that were ignored, C(findings) is what lint says."""

    cnfs: t.Dict[str, Cnf]
    links: t.List[Link]
    connections: t.List[Connection]
    services: t.List[NetworkService]
    findings: t.List[Finding]
    notices: t.List[str]

    @property
    def errors(self) -> t.List[str]:
        """What stops a deployment."""
        return [str(finding) for finding in self.findings if finding.severity == ERROR]

    @property
    def warnings(self) -> t.List[str]:
        """What the author should know."""
        return [str(finding) for finding in self.findings if finding.severity == WARNING]


def resolve(documents: Documents) -> Chain:
    """The chain that these documents describe. Unreadable documents raise; all that can be read is linted."""
    parsed = [parse_service(one.raw, one.source) for one in documents.network_services]
    services, findings = _by_name([service for service, _said in parsed])
    findings += [warning("spelling", said) for _service, notices in parsed for said in notices]
    cnfs: t.Dict[str, Cnf] = {}
    parties: t.Dict[str, t.List[Party]] = {CLIENT: [], ENDPOINT: []}
    written: t.List[lint.Written] = []
    for configuration in documents.configurations:
        for item in configuration.items:
            cnf = cnfs.setdefault(item.microservice, Cnf(item.microservice, [], []))
            written.append(lint.Written(item.microservice, item.value, item.source))
            if item.value.kind in parties:
                parties[item.value.kind].append(Party(item.microservice, item.value, item.source))
            else:
                cnf.items.append(item.value)
    offered = {endpoint.service: services.get(endpoint.service) for endpoint in parties[ENDPOINT]}
    known = {name: service or NetworkService(name, "IP") for name, service in offered.items()}
    joined = connect(known, parties[CLIENT], parties[ENDPOINT])
    links = [_link(connection) for connection in joined.connections]
    findings += joined.findings
    findings += _configurations(documents.configurations)
    findings += lint.services(services, known, joined, parties[CLIENT], parties[ENDPOINT])
    findings += lint.loops(joined.connections)
    findings += lint.items(written)
    findings += lint.parties(services, parties[CLIENT] + parties[ENDPOINT])
    made = [lint.Written(end.cnf, end.value, party.source, made=True) for link in links for end, party in link.parties]
    findings += lint.interfaces([*written, *made])
    findings += lint.links([(link.name, [end.value for end in link.ends]) for link in links])
    interfaces: t.Dict[str, t.List[Value]] = {}
    for link in links:
        for end in link.ends:
            cnfs[end.cnf].links.append(link.name)
            interfaces.setdefault(end.cnf, []).append(end.value)
    cnfs = {name: cnf._replace(items=interfaces.get(name, []) + cnf.items) for name, cnf in cnfs.items()}
    if not any(finding.severity == ERROR for finding in findings):  # else it would say the same things again
        findings += _rules(cnfs.values())
    return Chain(cnfs, links, joined.connections, list(services.values()), findings, documents.notices)


def _rules(cnfs: t.Iterable[Cnf]) -> t.Iterator[Finding]:
    """What is wrong, or worth a second look, between the items of one CNF (its interfaces among them)."""
    for cnf in cnfs:
        for severity, problems in (
            (error, rules.check(cnf.items)),
            (error, advice.unknown_interfaces(cnf.items, {"lo"})),
            (warning, advice.warnings(cnf.items)),
        ):
            for problem in problems:
                yield severity("items", f"CNF {cnf.name}: {problem}")


def _by_name(services: t.Sequence[NetworkService]) -> t.Tuple[t.Dict[str, NetworkService], t.List[Finding]]:
    """Services by name; of several with one name the one that NSM takes, the first in the order of namespaces."""
    found: t.Dict[str, NetworkService] = {}
    findings: t.List[Finding] = []

    def namespace(service: NetworkService) -> str:
        return str(service.metadata.get("namespace") or "default")

    for service in sorted(services, key=namespace):
        first = found.setdefault(service.name, service)
        if first is service:
            continue
        if namespace(first) == namespace(service):
            findings.append(error("duplicate-service", f"{service.title} is there a second time: {first.source or 'an object'} has it too"))
        else:
            findings.append(
                warning(
                    "duplicate-service",
                    f"{service.title} is in the namespaces {namespace(first)} and {namespace(service)}: names are cluster-wide for NSM, "
                    f"which takes the one in {namespace(first)}",
                )
            )
    return found, findings


def _configurations(configurations: t.Sequence[Configuration]) -> t.Iterator[Finding]:
    """Objects of one name, and CNFs that two Kubernetes namespaces claim."""
    objects: t.Dict[t.Tuple[str, str], str] = {}
    claims: t.Dict[str, t.Tuple[str, str]] = {}
    for configuration in configurations:
        namespace = configuration.namespace or "default"
        first = objects.setdefault((namespace, configuration.name), configuration.source)
        if first is not configuration.source:
            yield error(
                "duplicate-configuration",
                f"{configuration.source}: CNFConfiguration {configuration.name} is there a second time: {first} has it too",
                "give one of them another name",
            )
        for item in configuration.items:
            holder, source = claims.setdefault(item.microservice, (namespace, configuration.source))
            if holder != namespace:
                yield error(
                    "cnf-claimed-twice",
                    f"{item.source}: CNF {item.microservice} is configured from the namespaces {holder} ({source}) and {namespace}: keys carry no namespace",
                )
                break


def _link(connection: Connection) -> Link:
    ends = (
        _end(connection.client, connection.client_interface, connection),
        _end(connection.endpoint, connection.endpoint_interface, connection),
    )
    return Link("--".join(f"{end.cnf}.{end.interface}" for end in ends), connection, ends)


def _end(party: Party, interface: str, connection: Connection) -> End:
    """The interface that NSM's agent makes for one end of a connection."""
    client = party.value.kind == CLIENT
    given = party.value.data
    data: t.Dict[str, t.Any] = {"name": interface, "type": "EXISTING", "enabled": True}
    if client or party.single:
        data.update({field: given[field] for field in ("ip_addresses", "phys_address") if given.get(field)})
    kind = KERNEL
    if given.get("interface_type") == "MEM_INTERFACE":
        kind = VPP
        memif = {"socket_filename": socket_filename(connection.client)}
        data.update(type="MEMIF", memif=memif if client else {"master": True, **memif})
    return End(party.cnf, KINDS[kind].value(data))


def socket_filename(client: Party) -> str:
    """The memif socket of a client's connection, relative to where the sandbox keeps its sockets.

    Who the client is names it; the digest keeps apart what the readable part cannot, within the 107 bytes of a path.
    """
    digest = hashlib.sha256(f"{client.cnf}\n{client.value.key}".encode()).hexdigest()[:8]
    return f"{re.sub('[^A-Za-z0-9_.-]', '_', client.cnf)[:24]}-{digest}.sock"


def as_data(chain: Chain, payload: t.Optional[str] = None) -> t.Dict[str, t.Any]:
    """The chain as plain data, network services in v1's form; C(payload) as L(convert) takes it."""
    converted = [convert(service, payload) for service in chain.services]
    return {
        "cnfs": [{"name": cnf.name, "links": cnf.links, "items": [_item(value) for value in cnf.items]} for cnf in chain.cnfs.values()],
        "links": [
            {
                "name": link.name,
                "service": link.connection.service,
                "ends": [{"cnf": end.cnf, "interface": end.interface, "kind": end.value.kind, "type": end.value.data["type"]} for end in link.ends],
                "reason": link.connection.reason,
            }
            for link in chain.links
        ],
        "connections": [
            {
                "service": one.service,
                "client": {"cnf": one.client.cnf, "item": one.client.item, "interface": one.client_interface},
                "endpoint": {"cnf": one.endpoint.cnf, "item": one.endpoint.item, "interface": one.endpoint_interface},
                "reason": one.reason,
            }
            for one in chain.connections
        ],
        "network_services": [document for document, _findings in converted],
        "nat": {cnf.name: nat for cnf in chain.cnfs.values() for nat in [_nat(cnf)] if nat},
        "errors": chain.errors,
        "warnings": chain.warnings,
        "notices": chain.notices + [str(finding) for _document, findings in converted for finding in findings],
    }


def _item(value: Value) -> t.Dict[str, t.Any]:
    kind = KINDS[value.kind]
    return {"module": kind.module, "type": kind.type, "version": kind.version, "data": dict(value.data)}


def _nat(cnf: Cnf) -> t.Dict[str, t.Any]:
    """What a proof of the CNF's NAT looks at: its sides, the networks on them, and the addresses it may translate to."""
    roles = [value.data for value in cnf.items if value.kind == NAT_INTERFACE]
    pools = [dict(value.data) for value in cnf.items if value.kind == NAT_POOL]
    if not roles and not pools:
        return {}
    inside = [role["name"] for role in roles if role.get("nat_inside")]
    outside = [role["name"] for role in roles if role.get("nat_outside") or role.get("output_feature") and not role.get("nat_inside")]
    addresses = {value.data["name"]: value.data.get("ip_addresses", []) for value in cnf.items if value.kind in (KERNEL, VPP)}
    return {
        "inside": inside,
        "outside": outside,
        "inside_networks": [network for name in inside for network in lint.networks(addresses.get(name, []))],
        "outside_networks": [network for name in outside for network in lint.networks(addresses.get(name, []))],
        "pools": [{**pool, "last_ip": pool.get("last_ip", pool.get("first_ip"))} for pool in pools],
    }
