# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judging what was seen. Pure, and the same for every dataplane."""

from __future__ import annotations

import ipaddress
import json
import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.packets import Packet, holding
from ansible_collections.pantheon.cnf.plugins.module_utils.proof.model import ACK, RST, SYN, End, Flow, Request, Seen, show


class Check(t.NamedTuple):
    """One thing that has to hold."""

    name: str
    proven: bool
    expected: str
    seen: str


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
    if request.server.socket:
        # VPP's web server is its command line: what is no command is a page with status 200 too.
        good = good and "unknown input" not in text
        text = re.sub(r"<[^>]*>", " ", text).strip()
    return Check("answer", good, expected, f"HTTP {page.status} after {page.seconds * 1000:.0f} ms: {text.splitlines()[0][:100] if text else '(empty)'}")


def trail(request: Request, seen: Seen) -> str:
    """Where the packets of a flow without an answer stopped."""
    server, client, cnf = seen.page.server, seen.page.client, request.nat.cnf
    insides, outsides = " and ".join(request.inside), " and ".join(request.outside)
    if client is None or not any(packet.flow == (*client, *server) for packet in seen.inside):
        asked = [packet for packet in seen.inside if packet.protocol == "ARP"]
        more = f"; only {', '.join(different(asked))}" if asked else ""
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


def first_sequences(flow: Flow, inside: t.Iterable[Packet]) -> t.Set[int]:
    """The sequence numbers that the flow begins with. A NAT leaves them as they are, so that they name a packet on both sides of it."""
    ends = (*(flow.client or ()), *flow.server)
    return {packet.sequence for packet in inside if packet.flow == ends and packet.flags & SYN and not packet.flags & ACK}


def told(seen: Seen) -> t.Optional[End]:
    """The client as the server saw it: in its own words, or else as its first packet came to the server."""
    if seen.whoami is None:
        first = first_sequences(seen.page, seen.inside)
        return next((packet.flow[:2] for packet in seen.arrived if packet.flow[2:] == seen.page.server and packet.sequence in first), None)
    try:
        answer = json.loads(seen.whoami.body)
        return str(ipaddress.ip_address(answer["address"])), int(answer["port"])
    except (ValueError, KeyError, TypeError):
        return None


def last(seen: Seen) -> Flow:
    """The flow whose source the server saw."""
    return seen.flows[-1]


def _source(request: Request, seen: Seen) -> Check:
    expected = f"the server sees an address of the pool {_pools(request)}"
    source, flow = told(seen), last(seen)
    if source is None:
        if seen.whoami is None:
            others = different([packet for packet in seen.arrived if packet.flow[2:] == seen.page.server])
            came = f"others did: {', '.join(others[:5])}" if others else "nor any other packet for its web server"
            return Check("source", False, expected, f"the trace of {request.server.cnf} has no packet of {show(flow.client)} in it, {came}")
        said = flow.error or f"HTTP {flow.status} without a peer's address in it"
        return Check("source", False, expected, f"{flow.url}: {said}")
    untranslated = " (the client's own address: nothing was translated)" if flow.client and source[0] == flow.client[0] else ""
    return Check("source", in_pools(source[0], request.pools), expected, f"the server saw {show(source)}{untranslated}")


def _hidden(request: Request, seen: Seen) -> Check:
    networks = [ipaddress.ip_network(network, strict=False) for network in request.inside_networks]
    expected = f"packets on {', '.join(request.outside)}, and none with an address of {', '.join(map(str, networks)) or '(no inside network)'}"
    places = ((", ".join(request.outside), seen.outside), (f"the server's side of it ({request.server.cnf})", seen.arrived))
    passed = [packet for packet in seen.outside if seen.page.server in (packet.flow[:2], packet.flow[2:])]
    for place, packets in places:
        leaked = holding(packets, networks)
        if leaked:
            return Check("hidden", False, expected, f"{len(leaked)} of {len(packets)} packets on {place} have: {', '.join(different(leaked)[:5])}")
    if seen.dropped:
        return Check("hidden", False, expected, f"the capture missed {seen.dropped} packets, so what it does not hold proves nothing")
    if not networks or not passed:
        looked = "no network to look for" if passed else f"no packet of the requests passed there ({len(seen.outside)} others did)"
        return Check("hidden", False, expected, looked)
    counted = " and ".join(f"{len(packets)} packets on {place}" for place, packets in places if packets)
    return Check("hidden", True, expected, f"{counted}, none has an address of {', '.join(map(str, networks))}")


def different(packets: t.Sequence[Packet]) -> t.List[str]:
    """Each different packet once, with how often it was seen."""
    counted: t.Dict[str, int] = {}
    for packet in packets:
        counted[str(packet)] = counted.get(str(packet), 0) + 1
    return [f"{text} ({count}x)" if count > 1 else text for text, count in counted.items()]


def end(data: t.Mapping[str, t.Any]) -> End:
    """An end of a session."""
    return str(data["address"]), int(data["port"])


def session_of(flow: Flow, sessions: t.Sequence[t.Mapping[str, t.Any]]) -> t.Optional[t.Mapping[str, t.Any]]:
    """The entry of the session table that is this flow; an endpoint-independent NAT has no external end in it."""
    for one in sessions:
        if one["protocol"] == "TCP" and flow.client == end(one["inside"]) and (not one["external"] or flow.server == end(one["external"])):
            return one
    return None


def _session(request: Request, seen: Seen) -> Check:
    expected = f"a session for each request, from its sender to an address of the pool {_pools(request)}"
    lines, good = [], True
    for flow in seen.flows:
        one = session_of(flow, seen.sessions)
        if one is None:
            good = False
            lines.append(f"none for {show(flow.client)} to {show(flow.server)}")
        else:
            good &= in_pools(one["outside"]["address"], request.pools)
            lines.append(f"{show(end(one['inside']))} as {show(end(one['outside']))} to {show(flow.server)}")
    return Check("session", good, expected, "; ".join(lines))


def _agreement(request: Request, seen: Seen) -> Check:
    """Both captures, the session table and the server tell the same story, in both directions."""
    expected = "captures, sessions and server agree about each flow, both ways"
    missing = []
    for flow in seen.flows:
        one = session_of(flow, seen.sessions)
        if one is None or flow.client is None:
            missing.append(f"no session to compare {show(flow.client)} with")
            continue
        for side, here, packets in (("inside", flow.client, seen.inside), ("outside", end(one["outside"]), seen.outside)):
            flows = {packet.flow for packet in packets if packet.protocol == "TCP"}
            for way in ((*here, *flow.server), (*flow.server, *here)):
                if way not in flows:
                    missing.append(f"the {side} capture has no {show(way[:2])} -> {show(way[2:])}, which the session tells of")
    one, source = session_of(last(seen), seen.sessions), told(seen)
    if one is not None and source != end(one["outside"]):
        missing.append(f"the server saw {show(source)}, the session says {show(end(one['outside']))}")
    return Check("agreement", not missing, expected, "; ".join(missing) or "both captures, the session table and the server tell the same, both ways")


def _counters(seen: Seen) -> Check:
    captured = {"inside": len(seen.inside), "outside": len(seen.outside)}
    counted = {side: sum(each.values()) for side, each in seen.counters.items()}
    good = all(counted.get(side, 0) >= max(1, captured[side]) for side in captured)
    text = ", ".join(f"{side} {counted.get(side, 0)} counted, {captured[side]} captured" for side in captured)
    return Check("counters", good, "interface counters that rose by what was captured, on both sides", text)
