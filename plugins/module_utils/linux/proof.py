# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof that a chain translates: what a real flow looked like at every place, and whether it all fits together.

L(observe) does the I/O and returns what was L(Seen); L(judge), L(evidence) and L(text) are pure.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import json
import re
import socket
import time
import typing as t
from urllib.parse import urlsplit

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import conntrack, inventory
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.capture import Capture, Packet, holding
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host

End = t.Tuple[str, int]
"""An address and a port."""

SYN, RST = 0x02, 0x04
_TEMPORARY = (errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ETIMEDOUT, errno.ECONNRESET, errno.EAGAIN)
"""What a connection fails with while a chain is still warming up."""


class Place(t.NamedTuple):
    """A CNF and the namespace it lives in."""

    cnf: str
    namespace: str


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
    """What was observed while the flows went through the chain."""

    page: Flow
    whoami: Flow
    inside: t.Sequence[Packet]
    outside: t.Sequence[Packet]
    dropped: int
    sessions: t.Sequence[t.Mapping[str, t.Any]]
    counters: t.Mapping[str, t.Mapping[str, int]]
    interfaces: t.Mapping[str, t.Sequence[t.Mapping[str, t.Any]]]


class Check(t.NamedTuple):
    """One thing that has to hold."""

    name: str
    proven: bool
    expected: str
    seen: str


def show(end: t.Optional[t.Sequence[t.Any]]) -> str:
    """C(10.0.0.1:80)."""
    return f"{end[0]}:{end[1]}" if end else "nobody"


# -- sending ----------------------------------------------------------------------------------------------------------


def target(url: str) -> t.Tuple[End, str]:
    """(address, port) and path of a URL; names are not looked up, since a sandbox has its own idea of names."""
    parts = urlsplit(url)
    try:
        if parts.scheme != "http":
            raise ValueError("only http")
        return (str(ipaddress.IPv4Address(parts.hostname or "")), parts.port or 80), (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    except ValueError as error:
        raise CnfError(f"url {url!r}: an http URL with an IPv4 address is needed, like http://192.0.2.80/show/version ({error})") from error


def fetch(inside: t.Callable[[], t.ContextManager[t.Any]], url: str, timeout: float) -> Flow:
    """GET C(url) from the namespace that C(inside()) enters. The first packets of a cold chain may get lost: TCP sends them again."""
    import http.client

    server, path = target(url)
    begun, client, attempts, problem = time.monotonic(), None, 0, ""
    while True:
        left = begun + timeout - time.monotonic()
        if left <= 0:
            return Flow(url, client, server, 0, "", problem or f"no answer within {timeout:g} s", time.monotonic() - begun, attempts)
        with inside():
            stream = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        with stream:
            attempts += 1
            stream.settimeout(left)
            try:
                try:
                    stream.connect(server)
                finally:
                    client = stream.getsockname()[:2]
                connection = http.client.HTTPConnection(server[0], server[1])
                connection.sock = stream
                connection.request("GET", path, headers={"Connection": "close"})
                answer = connection.getresponse()
                body = answer.read(65536).decode(errors="replace")
                return Flow(url, client, server, answer.status, body, "", time.monotonic() - begun, attempts)
            except socket.timeout:
                problem = f"no answer within {timeout:g} s"
            except OSError as error:
                problem = error.strerror or str(error)
                if error.errno not in _TEMPORARY:
                    return Flow(url, client, server, 0, "", problem, time.monotonic() - begun, attempts)
            except http.client.HTTPException as error:
                return Flow(url, client, server, 0, "", f"not HTTP: {error!r}", time.monotonic() - begun, attempts)
        time.sleep(0.1)


# -- observing --------------------------------------------------------------------------------------------------------


class Site(t.NamedTuple):
    """How to look at a place; C(interfaces) are {name, host_if_name, enabled, phys_address, ip_addresses, packets}."""

    inside: t.Callable[[], t.ContextManager[t.Any]]
    interfaces: t.Callable[[], t.List[t.Dict[str, t.Any]]]
    sessions: t.Callable[[t.Mapping[str, t.Any]], t.List[t.Dict[str, t.Any]]]


def observe(request: Request, site: t.Callable[[Place], Site]) -> Seen:
    """Send the flows, and look at them at every place."""
    nat, client, server = site(request.nat), site(request.client), site(request.server)
    before = nat.interfaces()
    with contextlib.ExitStack() as stack:
        captures = {
            side: [stack.enter_context(Capture(nat.inside(), _kernel_name(before, name, request.nat))) for name in names]
            for side, names in (("inside", request.inside), ("outside", request.outside))
        }
        page = fetch(client.inside, request.url, request.timeout)
        where = f"http://{urlsplit(request.url).netloc}/whoami"
        # A chain that did not carry the page is not asked a second time for as long.
        whoami = fetch(client.inside, where, request.timeout if page.status else 0.5)
        found = nat.sessions({"external_address": page.server[0]})
        packets = {side: [packet for capture in one for packet in capture.packets()] for side, one in captures.items()}
        dropped = sum(capture.dropped() for one in captures.values() for capture in one)
    after = nat.interfaces()
    then = {one["name"]: one["packets"] for one in before}
    names = {"inside": request.inside, "outside": request.outside}
    counters = {side: {one["name"]: one["packets"] - then.get(one["name"], 0) for one in after if one["name"] in names[side]} for side in names}
    interfaces = {request.client.cnf: client.interfaces(), request.nat.cnf: after, request.server.cnf: server.interfaces()}
    return Seen(page, whoami, packets["inside"], packets["outside"], dropped, found, counters, interfaces)


def _kernel_name(interfaces: t.Sequence[t.Mapping[str, t.Any]], name: str, place: Place) -> str:
    for one in interfaces:
        if one["name"] == name:
            return str(one["host_if_name"])
    there = ", ".join(str(one["name"]) for one in interfaces) or "none"
    raise CnfError(f"CNF {place.cnf} has no interface {name!r}; there is {there}")


# -- judging ----------------------------------------------------------------------------------------------------------


def judge(request: Request, seen: Seen) -> t.List[Check]:
    """Every check; the chain is proven when all are."""
    return [_answer(request, seen), _source(request, seen), _hidden(request, seen), _session(request, seen), _agreement(request, seen), _counters(seen)]


def _answer(request: Request, seen: Seen) -> Check:
    page = seen.page
    expected = f"HTTP 200 from {request.url} within {request.timeout:g} s"
    if request.body:
        expected += f", with {request.body!r} in it"
    if not page.status:
        return Check("answer", False, expected, f"{page.error}; {trail(request, seen)}")
    text = page.body.strip()
    good = page.status == 200 and bool(text) and (not request.body or bool(re.search(request.body, text)))
    return Check("answer", good, expected, f"HTTP {page.status} after {page.seconds * 1000:.0f} ms: {text.splitlines()[0][:100] if text else '(empty)'}")


def trail(request: Request, seen: Seen) -> str:
    """Where the packets of a flow without an answer stopped."""
    server, client, cnf = seen.page.server, seen.page.client, request.nat.cnf
    insides, outsides = " and ".join(request.inside), " and ".join(request.outside)
    if client is None or not any(packet.flow == (*client, *server) for packet in seen.inside):
        asked = [packet for packet in seen.inside if packet.protocol == "ARP"]
        more = f"; only {', '.join(_flows(asked))}" if asked else ""
        return f"no packet of {show(client)} came to {insides} of {cnf}{more}"
    sent = [packet for packet in seen.outside if packet.protocol == "TCP" and (packet.destination, packet.destination_port) == server]
    if not sent:
        resolving = [packet for packet in seen.outside if packet.protocol == "ARP"]
        unheard = any(packet.destination == server[0] for packet in resolving) and not any(packet.source == server[0] for packet in resolving)
        more = f"; there {server[0]} was asked for by ARP without an answer" if unheard else ""
        return f"its packets came to {insides} of {cnf}, but none left by {outsides}{more}"
    back = [packet for packet in seen.outside if (packet.source, packet.source_port) == server]
    if not back:
        return f"it left {outsides} of {cnf} as {sent[0]}, but no answer came back"
    if any(packet.flags & RST for packet in back):
        return f"{show(server)} refused {sent[0]}"
    return f"it left {outsides} of {cnf} as {sent[0]} and was answered, but the answer did not pass back to {show(client)}"


def in_pools(address: str, pools: t.Sequence[t.Tuple[str, str]]) -> bool:
    """Whether the address is one of a pool."""
    try:
        number = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return any(ipaddress.IPv4Address(first) <= number <= ipaddress.IPv4Address(last) for first, last in pools)


def _pools(request: Request) -> str:
    return " or ".join(first if first == last else f"{first} - {last}" for first, last in request.pools) or "(no pool)"


def told(seen: Seen) -> t.Optional[End]:
    """The client as the server saw it."""
    try:
        answer = json.loads(seen.whoami.body)
        return str(ipaddress.ip_address(answer["address"])), int(answer["port"])
    except (ValueError, KeyError, TypeError):
        return None


def _source(request: Request, seen: Seen) -> Check:
    expected = f"the server sees an address of the pool {_pools(request)}"
    source = told(seen)
    if source is None:
        said = seen.whoami.error or f"HTTP {seen.whoami.status} without a peer's address in it"
        return Check("source", False, expected, f"{seen.whoami.url}: {said}")
    untranslated = " (the client's own address: nothing was translated)" if seen.whoami.client and source[0] == seen.whoami.client[0] else ""
    return Check("source", in_pools(source[0], request.pools), expected, f"the server saw {show(source)}{untranslated}")


def _hidden(request: Request, seen: Seen) -> Check:
    networks = [ipaddress.ip_network(network, strict=False) for network in request.inside_networks]
    expected = f"packets on {', '.join(request.outside)}, and none with an address of {', '.join(map(str, networks)) or '(no inside network)'}"
    leaked = holding(seen.outside, networks)
    passed = [packet for packet in seen.outside if seen.page.server in ((packet.source, packet.source_port), (packet.destination, packet.destination_port))]
    if leaked:
        return Check("hidden", False, expected, f"{len(leaked)} of {len(seen.outside)} packets have: {', '.join(_flows(leaked)[:5])}")
    if seen.dropped:
        return Check("hidden", False, expected, f"the capture missed {seen.dropped} packets, so what it does not hold proves nothing")
    if not networks or not passed:
        looked = "no network to look for" if passed else f"no packet of the requests passed there ({len(seen.outside)} others did)"
        return Check("hidden", False, expected, looked)
    return Check(
        "hidden", True, expected, f"{len(seen.outside)} packets on {', '.join(request.outside)}, none has an address of {', '.join(map(str, networks))}"
    )


def _flows(packets: t.Sequence[Packet]) -> t.List[str]:
    """Each different packet once, with how often it was seen."""
    counted: t.Dict[str, int] = {}
    for packet in packets:
        counted[str(packet)] = counted.get(str(packet), 0) + 1
    return [f"{text} ({count}x)" if count > 1 else text for text, count in counted.items()]


def _end(data: t.Mapping[str, t.Any]) -> End:
    return str(data["address"]), int(data["port"])


def session_of(flow: Flow, sessions: t.Sequence[t.Mapping[str, t.Any]]) -> t.Optional[t.Mapping[str, t.Any]]:
    """The entry of the session table that is this flow."""
    for one in sessions:
        if one["protocol"] == "TCP" and flow.client == _end(one["inside"]) and flow.server == _end(one["external"]):
            return one
    return None


def _session(request: Request, seen: Seen) -> Check:
    expected = f"a session for each request, from its sender to an address of the pool {_pools(request)}"
    lines, good = [], True
    for flow in (seen.page, seen.whoami):
        one = session_of(flow, seen.sessions)
        if one is None:
            good = False
            lines.append(f"none for {show(flow.client)} to {show(flow.server)}")
        else:
            good &= in_pools(one["outside"]["address"], request.pools)
            lines.append(f"{show(_end(one['inside']))} as {show(_end(one['outside']))} to {show(_end(one['external']))}")
    return Check("session", good, expected, "; ".join(lines))


def _agreement(request: Request, seen: Seen) -> Check:
    """Both captures, the session table and the server tell the same story, in both directions."""
    expected = "captures, sessions and server agree about each flow, both ways"
    missing = []
    for flow in (seen.page, seen.whoami):
        one = session_of(flow, seen.sessions)
        if one is None or flow.client is None:
            missing.append(f"no session to compare {show(flow.client)} with")
            continue
        for side, end, packets in (("inside", flow.client, seen.inside), ("outside", _end(one["outside"]), seen.outside)):
            flows = {packet.flow for packet in packets if packet.protocol == "TCP"}
            for way in ((*end, *flow.server), (*flow.server, *end)):
                if way not in flows:
                    missing.append(f"the {side} capture has no {show(way[:2])} -> {show(way[2:])}, which the session tells of")
    one, source = session_of(seen.whoami, seen.sessions), told(seen)
    if one is not None and source != _end(one["outside"]):
        missing.append(f"the server saw {show(source)}, the session says {show(_end(one['outside']))}")
    return Check("agreement", not missing, expected, "; ".join(missing) or "both captures, the session table and the server tell the same, both ways")


def _counters(seen: Seen) -> Check:
    captured = {"inside": len(seen.inside), "outside": len(seen.outside)}
    counted = {side: sum(each.values()) for side, each in seen.counters.items()}
    good = all(counted.get(side, 0) >= max(1, captured[side]) for side in captured)
    text = ", ".join(f"{side} {counted.get(side, 0)} counted, {captured[side]} captured" for side in captured)
    return Check("counters", good, "interface counters that rose by what was captured, on both sides", text)


# -- telling ----------------------------------------------------------------------------------------------------------


def reasons(checks: t.Sequence[Check]) -> t.List[str]:
    """Why the chain is not proven."""
    return [f"{check.name}: expected {check.expected}; seen: {check.seen}" for check in checks if not check.proven]


def hops(request: Request, seen: Seen, flow: Flow) -> t.List[t.Dict[str, t.Any]]:
    """The way of one flow, place by place: source and destination as they were there, packets each way."""
    result: t.List[t.Dict[str, t.Any]] = [{"place": request.client.cnf, "source": show(flow.client), "destination": show(flow.server)}]
    one = session_of(flow, seen.sessions)
    # Without a session: what left as it came.
    outer = _end(one["outside"]) if one else flow.client if any(packet.flow == (*(flow.client or ()), *flow.server) for packet in seen.outside) else None
    for side, names, end, packets in (("inside", request.inside, flow.client, seen.inside), ("outside", request.outside, outer, seen.outside)):
        there = [packet.flow for packet in packets if packet.protocol == "TCP"]
        forth = there.count((*end, *flow.server)) if end else 0
        back = there.count((*flow.server, *end)) if end else 0
        place = f"{request.nat.cnf} {', '.join(names)}"
        result.append({"place": place, "side": side, "source": show(end), "destination": show(flow.server), "packets_forth": forth, "packets_back": back})
    if flow is seen.whoami:
        result.append({"place": request.server.cnf, "source": show(told(seen)), "destination": show(flow.server)})
    return result


def _flow_data(request: Request, seen: Seen, flow: Flow) -> t.Dict[str, t.Any]:
    return {
        "url": flow.url,
        "status": flow.status,
        "body": flow.body,
        "error": flow.error,
        "seconds": round(flow.seconds, 4),
        "attempts": flow.attempts,
        "client": {"address": flow.client[0], "port": flow.client[1]} if flow.client else None,
        "server": {"address": flow.server[0], "port": flow.server[1]},
        "hops": hops(request, seen, flow),
    }


def unseen(request: Request) -> t.Dict[str, t.Any]:
    """The evidence when no flow could be sent: what was to be proven."""
    return {
        "flows": [],
        "source_seen_by_server": None,
        "sessions": [],
        "capture": {},
        "capture_dropped": 0,
        "counters": {},
        "chain": [
            {"cnf": place.cnf, "role": role, "interfaces": []} for role, place in (("client", request.client), ("nat", request.nat), ("server", request.server))
        ],
        "nat": {
            "inside": list(request.inside),
            "outside": list(request.outside),
            "inside_networks": list(request.inside_networks),
            "pools": [{"first_ip": first, "last_ip": last} for first, last in request.pools],
        },
    }


def evidence(request: Request, seen: Seen) -> t.Dict[str, t.Any]:
    """All that was seen, as data."""
    source = told(seen)
    base = unseen(request)
    return {
        **base,
        "flows": [_flow_data(request, seen, flow) for flow in (seen.page, seen.whoami)],
        "source_seen_by_server": {"address": source[0], "port": source[1]} if source else None,
        "sessions": list(seen.sessions),
        "capture": {
            side: {"interfaces": list(names), "packets": len(packets), "flows": _flows(packets)}
            for side, names, packets in (("inside", request.inside, seen.inside), ("outside", request.outside, seen.outside))
        },
        "capture_dropped": seen.dropped,
        "counters": {side: dict(each) for side, each in seen.counters.items()},
        "chain": [{**one, "interfaces": list(seen.interfaces.get(one["cnf"], ()))} for one in base["chain"]],
    }


def text(request: Request, checks: t.Sequence[Check], found: t.Mapping[str, t.Any]) -> str:
    """The proof for a reader."""
    proven = all(check.proven for check in checks)
    lines = [f"NAT44 of {request.nat.cnf}: {'PROVEN' if proven else 'NOT PROVEN'}"]
    for flow in found["flows"]:
        outcome = f"HTTP {flow['status']} in {flow['seconds'] * 1000:.1f} ms" if flow["status"] else flow["error"]
        lines += ["", f"GET {flow['url']}: {outcome}"]
        width = max(len(hop["place"]) for hop in flow["hops"])
        ends = max(len(hop["source"]) for hop in flow["hops"])
        for hop in flow["hops"]:
            count = f"   {hop['packets_forth']} packets forth, {hop['packets_back']} back" if "side" in hop else ""
            lines.append(f"  {hop['place']:<{width}}  {hop['source']:>{ends}} -> {hop['destination']}{count}")
    lines.append("")
    for check in checks:
        lines.append(f"  [{'ok' if check.proven else 'FAILED'}] {check.name}: {check.seen}")
        if not check.proven:
            lines.append(f"    expected: {check.expected}")
    return "\n".join(lines)


def failed(error: str) -> t.List[Check]:
    """The checks when the flow could not even be sent."""
    return [Check("chain", False, "a chain to send a flow through", error)]


# -- the whole of it --------------------------------------------------------------------------------------------------

NEEDED = ("client", "cnf", "server", "url", "inside", "outside", "pools")


def request_of(parameters: t.Mapping[str, t.Any]) -> Request:
    """The request that the parameters of C(nat44_chain_proof) ask for."""
    missing = [name for name in NEEDED if not parameters.get(name)]
    if missing:
        raise CnfError(f"missing: {', '.join(missing)}. Give them, or a chain to take them from")
    namespaces = parameters.get("namespaces") or {}
    client, nat, server = (Place(parameters[name], namespaces.get(parameters[name]) or parameters[name]) for name in ("client", "cnf", "server"))
    pools = []
    for pool in parameters["pools"]:
        first, last = pool["first_ip"], pool.get("last_ip") or pool["first_ip"]
        try:
            pools.append((str(ipaddress.IPv4Address(first)), str(ipaddress.IPv4Address(last))))
        except ValueError as error:
            raise CnfError(f"pools: {error}") from error
    networks = []
    for network in parameters.get("inside_networks") or ():
        try:
            networks.append(str(ipaddress.ip_network(network, strict=False)))
        except ValueError as error:
            raise CnfError(f"inside_networks: {error}") from error
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
        pools,
        networks,
        parameters.get("body") or "",
        parameters.get("timeout") or 10.0,
    )


def prove(parameters: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    """Send the flows through the chain on this host, and return what C(nat44_chain_proof) does. A missing chain is not proven, no error."""
    request = request_of(parameters)
    with contextlib.ExitStack() as stack:
        hosts: t.Dict[Place, Host] = {}

        def site(place: Place) -> Site:
            if place not in hosts:
                hosts[place] = stack.enter_context(Host(place.namespace))
            host = hosts[place]
            return Site(host.inside, lambda: described(host), lambda filters: conntrack.sessions(host, filters))

        try:
            if not request.inside_networks:
                known = {one["name"]: one["ip_addresses"] for one in site(request.nat).interfaces()}
                networks = [str(ipaddress.ip_interface(address).network) for name in request.inside for address in known.get(name, ())]
                request = request._replace(inside_networks=networks)
            seen = observe(request, site)
            checks, found = judge(request, seen), evidence(request, seen)
        except CnfError as error:
            checks, found = failed(error.message), unseen(request)
    proven = all(check.proven for check in checks)
    return {
        "changed": False,
        "proven": proven,
        "reasons": reasons(checks),
        "checks": [check._asdict() for check in checks],
        "evidence": found,
        "text": text(request, checks, found),
    }


def described(host: Host) -> t.List[t.Dict[str, t.Any]]:
    """The interfaces of a namespace, with their addresses and the packets that passed until now."""
    addresses = inventory.ip_addresses(host)
    return [
        {
            "name": inventory.logical_name(one),
            "host_if_name": one.host_if_name,
            "enabled": one.enabled,
            "phys_address": one.phys_address,
            "ip_addresses": addresses.get(one.number, []),
            "packets": one.packets,
        }
        for one in inventory.interfaces(host)
        if one.host_if_name != "lo"
    ]
