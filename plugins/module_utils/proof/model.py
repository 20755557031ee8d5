# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a proof that a chain translates: what is asked for, and what was seen at every place of any dataplane."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from urllib.parse import urlsplit

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.packets import Packet

End = t.Tuple[str, int]
"""An address and a port."""

SYN, RST, ACK = 0x02, 0x04, 0x10


class Place(t.NamedTuple):
    """A CNF and where it lives: the namespace, and the API socket when its dataplane is VPP."""

    cnf: str
    namespace: str
    socket: str = ""


class Request(t.NamedTuple):
    """What to prove. C(pools) are first and last addresses; C(body) is a pattern that the page has to match."""

    url: str
    client: Place
    nat: Place
    server: Place
    inside: t.Sequence[str]
    outside: t.Sequence[str]
    pools: t.Sequence[t.Tuple[str, str]]
    inside_networks: t.Sequence[str]
    body: str = ""
    timeout: float = 10.0

    @property
    def server_end(self) -> End:
        """Address and port of the URL."""
        return target(self.url)[0]


class Flow(t.NamedTuple):
    """One HTTP request: C(client) is the sender's end of the last attempt."""

    url: str
    client: t.Optional[End]
    server: End
    status: int
    body: str
    error: str
    seconds: float
    attempts: int


class Seen(t.NamedTuple):
    """What was observed while the flows went through the chain.

    The server says whom it saw by answering C(whoami), or else what came to it was traced: C(arrived). C(traces): node by node, how
    the first packet went through a CNF, where the dataplane tells. C(lost): see L(Watch).
    """

    page: Flow
    whoami: t.Optional[Flow]
    inside: t.Sequence[Packet]
    outside: t.Sequence[Packet]
    dropped: int
    sessions: t.Sequence[t.Mapping[str, t.Any]]
    counters: t.Mapping[str, t.Mapping[str, int]]
    interfaces: t.Mapping[str, t.Sequence[t.Mapping[str, t.Any]]]
    arrived: t.Sequence[Packet] = ()
    traces: t.Mapping[str, t.Sequence[t.Mapping[str, t.Any]]] = {}
    lost: int = 0

    @property
    def flows(self) -> t.List[Flow]:
        """All requests that were sent."""
        return [self.page] if self.whoami is None else [self.page, self.whoami]


class Watch:
    """Looks at what passes at a place while a proof runs."""

    def packets(self) -> t.Mapping[str, t.Sequence[Packet]]:
        """Until now, by side."""
        raise NotImplementedError

    def missed(self) -> int:
        """Packets that may have passed unseen: with any, an absence proves nothing."""
        raise NotImplementedError

    def lost(self) -> int:
        """Packets of which nothing is told but that they came in."""
        return 0

    def way(self, sequences: t.Container[int]) -> t.Sequence[t.Mapping[str, t.Any]]:
        """The nodes that the first TCP segment with one of these sequence numbers passed, where the dataplane tells."""
        return []


class Site:
    """How to look at a place. C(tells): its web server can answer who asks."""

    tells = True

    def inside(self) -> t.ContextManager[t.Any]:
        """Enters the place, so that sockets are its own."""
        raise NotImplementedError

    def interfaces(self) -> t.List[t.Dict[str, t.Any]]:
        """Its interfaces as {name, host_if_name, enabled, phys_address, ip_addresses, packets}."""
        raise NotImplementedError

    def sessions(self, client: t.Optional[End], server: End) -> t.List[t.Dict[str, t.Any]]:
        """NAT sessions between the two hosts; a C(client) that is not known is any."""
        raise NotImplementedError

    def watch(self, sides: t.Mapping[str, t.Sequence[str]]) -> t.ContextManager[Watch]:
        """Look at interfaces from now on; C(sides) has their logical names by side."""
        raise NotImplementedError

    def arrivals(self, server: End) -> t.ContextManager[Watch]:
        """Look at what comes in where packets for the C(server) come in; the side is called C(server). Only of sites that do not tell."""
        raise NotImplementedError


def show(end: t.Optional[t.Sequence[t.Any]]) -> str:
    """C(10.0.0.1:80)."""
    return f"{end[0]}:{end[1]}" if end else "nobody"


def target(url: str) -> t.Tuple[End, str]:
    """(address, port) and path of a URL; names are not looked up, since a sandbox has its own idea of names."""
    parts = urlsplit(url)
    try:
        if parts.scheme != "http":
            raise ValueError("only http")
        return (str(ipaddress.IPv4Address(parts.hostname or "")), parts.port or 80), (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    except ValueError as error:
        raise CnfError(f"url {url!r}: an http URL with an IPv4 address is needed, like http://192.0.2.80/show/version ({error})") from error


def missing_interface(cnf: str, name: str, there: t.Iterable[str]) -> CnfError:
    """The error about a name that no interface of the CNF has."""
    return CnfError(f"CNF {cnf} has no interface {name!r}; there is {', '.join(there) or 'none'}")


NEEDED = ("client", "cnf", "server", "url", "inside", "outside", "pools")


def request_of(parameters: t.Mapping[str, t.Any]) -> Request:
    """The request that the parameters of C(nat44_chain_proof) ask for."""
    missing = [name for name in NEEDED if not parameters.get(name)]
    if missing:
        raise CnfError(f"missing: {', '.join(missing)}. Give them, or a chain to take them from")
    namespaces, sockets = parameters.get("namespaces") or {}, parameters.get("sockets") or {}
    client, nat, server = (
        Place(parameters[name], namespaces.get(parameters[name]) or parameters[name], sockets.get(parameters[name]) or "")
        for name in ("client", "cnf", "server")
    )
    if client.socket:
        raise CnfError(f"sockets: client {client.cnf} is on VPP; a flow is sent from a network namespace of the kernel")
    target(parameters["url"])
    try:
        re.compile(parameters.get("body") or "")
    except re.error as error:
        raise CnfError(f"body: {parameters['body']!r} is no regular expression: {error}") from error
    return Request(
        parameters["url"],
        client,
        nat,
        server,
        parameters["inside"],
        parameters["outside"],
        _pools(parameters["pools"]),
        _networks(parameters.get("inside_networks") or ()),
        parameters.get("body") or "",
        parameters.get("timeout") or 10.0,
    )


def _pools(given: t.Iterable[t.Mapping[str, t.Any]]) -> t.List[t.Tuple[str, str]]:
    try:
        return [(str(ipaddress.IPv4Address(pool["first_ip"])), str(ipaddress.IPv4Address(pool.get("last_ip") or pool["first_ip"]))) for pool in given]
    except ValueError as error:
        raise CnfError(f"pools: {error}") from error


def _networks(given: t.Iterable[str]) -> t.List[str]:
    try:
        return [str(ipaddress.ip_network(network, strict=False)) for network in given]
    except ValueError as error:
        raise CnfError(f"inside_networks: {error}") from error
