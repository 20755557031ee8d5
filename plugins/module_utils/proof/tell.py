# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proof as data and as text. Pure."""

from __future__ import annotations

import textwrap
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.proof.judge import Check, different, end, last, session_of, told
from ansible_collections.pantheon.cnf.plugins.module_utils.proof.model import Flow, Request, Seen, show

WIDTH = 120
"""Columns of the text's longest lines, where words can be wrapped."""


def reasons(checks: t.Sequence[Check]) -> t.List[str]:
    """Why the chain is not proven."""
    return [f"{check.name}: expected {check.expected}; seen: {check.seen}" for check in checks if not check.proven]


def hops(request: Request, seen: Seen, flow: Flow) -> t.List[t.Dict[str, t.Any]]:
    """The way of one flow, place by place: source and destination as they were there, packets each way."""
    result: t.List[t.Dict[str, t.Any]] = [{"place": request.client.cnf, "source": show(flow.client), "destination": show(flow.server)}]
    one = session_of(flow, seen.sessions)
    # Without a session: what left as it came.
    outer = end(one["outside"]) if one else flow.client if any(packet.flow == (*(flow.client or ()), *flow.server) for packet in seen.outside) else None
    for side, names, here, packets in (("inside", request.inside, flow.client, seen.inside), ("outside", request.outside, outer, seen.outside)):
        there = [packet.flow for packet in packets if packet.protocol == "TCP"]
        forth = there.count((*here, *flow.server)) if here else 0
        back = there.count((*flow.server, *here)) if here else 0
        place = f"{request.nat.cnf} {', '.join(names)}"
        result.append({"place": place, "side": side, "source": show(here), "destination": show(flow.server), "packets_forth": forth, "packets_back": back})
    if flow is last(seen):
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
        "traces": {},
        "chain": [
            {"cnf": place.cnf, "role": role, "dataplane": "vpp" if place.socket else "linux", "interfaces": []}
            for role, place in (("client", request.client), ("nat", request.nat), ("server", request.server))
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
    captured = [("inside", request.inside, seen.inside), ("outside", request.outside, seen.outside)]
    if seen.whoami is None:
        captured.append(("server", (), seen.arrived))
    return {
        **base,
        "flows": [_flow_data(request, seen, flow) for flow in seen.flows],
        "source_seen_by_server": {"address": source[0], "port": source[1]} if source else None,
        "sessions": list(seen.sessions),
        "capture": {side: {"interfaces": list(names), "packets": len(packets), "flows": different(packets)} for side, names, packets in captured},
        "capture_dropped": seen.dropped,
        "counters": {side: dict(each) for side, each in seen.counters.items()},
        "traces": {cnf: list(nodes) for cnf, nodes in seen.traces.items()},
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
    for cnf, nodes in found["traces"].items():
        lines += ["", f"The first packet in the trace of {cnf}:"]
        wrapped = textwrap.TextWrapper(WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
        for names, ends_there in stretches(nodes):
            lines += wrapped.wrap(f"{ends_there or 'no header'}: {', '.join(names)}")
    lines.append("")
    for check in checks:
        lines.append(f"  [{'ok' if check.proven else 'FAILED'}] {check.name}: {check.seen}")
        if not check.proven:
            lines.append(f"    expected: {check.expected}")
    return "\n".join(lines)


def stretches(nodes: t.Iterable[t.Mapping[str, t.Any]]) -> t.List[t.Tuple[t.List[str], str]]:
    """Consecutive nodes of a trace that had a packet with the same ends, and these ends. One that tells none had those that came last,
    or, before any, those that come first."""
    result: t.List[t.Tuple[t.List[str], str]] = []
    for node in nodes:
        ends = ends_of(node["headers"])
        if not result or (ends and result[-1][1] not in ("", ends)):
            result.append(([], ends))
        names, known = result[-1]
        result[-1] = ([*names, node["name"]], known or ends)
    return result


def ends_of(headers: t.Mapping[str, t.Any]) -> str:
    """C(10.0.0.1:4000 -> 10.0.0.2:80), or nothing when there is no IPv4 header."""
    if "ip4" not in headers:
        return ""
    ports: t.Mapping[str, t.Any] = headers.get("tcp") or headers.get("udp") or {}
    return " -> ".join(headers["ip4"][way] + (f":{ports[f'{way}_port']}" if ports else "") for way in ("source", "destination"))


def failed(error: str) -> t.List[Check]:
    """The checks when the flow could not even be sent."""
    return [Check("chain", False, "a chain to send a flow through", error)]
