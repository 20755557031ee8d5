# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(packet_trace) on VPP: its own trace."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.tracing import unknown_interface
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import inventory, trace
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.inventory import Interface
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.trace_text import Data


def run(vpp: Session, parameters: t.Mapping[str, t.Any], check_mode: bool) -> t.Dict[str, t.Any]:
    """What the module returns."""
    state, packets = parameters["state"], parameters["packets"]
    interfaces = inventory.interfaces(vpp)
    named = chosen(interfaces, parameters.get("interfaces"))
    if state == "started":
        nodes = begin(vpp, interfaces, named, parameters.get("nodes"))
        if not check_mode:
            trace.start(vpp, nodes, packets, bool(parameters.get("nodes")))
        return {"changed": True, "commands": trace.commands(trace.starting(nodes, packets), vpp)}
    traced = trace.fetch(vpp)
    if state == "stopped" and not check_mode:
        trace.stop(vpp)
    ports = trace.Ports(interfaces, traced)
    wanted, passed = {each.name for each in named or ()}, set(parameters.get("nodes") or ())
    found = []
    for each in traced:
        shown = packet(each.nodes, ports)
        if named is not None and not wanted & {shown["received_on"], *shown["sent_on"]}:
            continue
        if not passed or passed & {node["name"] for node in each.nodes}:
            found.append(shown)
    commands = trace.commands(trace.stopping(), vpp) if state == "stopped" else []
    return {"changed": state == "stopped", "packets": found, "counted": trace.counted(traced), "commands": commands}


def chosen(interfaces: t.Sequence[Interface], names: t.Optional[t.Sequence[str]]) -> t.Optional[t.List[Interface]]:
    """The interfaces of these names, logical ones or VPP's; None for all."""
    if names is None:
        return None
    known = {**{each.vpp_name: each for each in interfaces}, **{each.name: each for each in interfaces}}
    for name in names:
        if name not in known:
            raise unknown_interface(name, [each.name for each in interfaces])
    return [known[name] for name in names]


def begin(vpp: Session, interfaces: t.Sequence[Interface], named: t.Optional[t.Sequence[Interface]], nodes: t.Optional[t.Sequence[str]]) -> t.List[str]:
    """The nodes to trace from."""
    if nodes:
        choices: t.Sequence[t.Sequence[str]] = [[node] for node in nodes]
    else:
        parents = {each.parent for each in named} if named is not None else {each.number for each in interfaces}
        choices = trace.input_nodes(each for each in interfaces if each.number in parents)
    found = trace.existing(vpp, choices)
    missing = [node for node in nodes or () if node not in found]
    if missing:
        raise trace.TraceError(f"nodes: this VPP has no node {', '.join(missing)}")
    if not found:
        raise trace.TraceError(f"nothing to trace from: {', '.join(each.name for each in named or interfaces) or 'no interface'} has no input node of its own")
    return found


def packet(nodes: t.Sequence[Data], ports: trace.Ports) -> t.Dict[str, t.Any]:
    """A traced packet as the module returns it."""
    came = ports.received(nodes)
    left = [there.name if there else headers["tx"]["name"] for there, headers in ports.sent(nodes)]
    drops = [node["headers"]["drop"] for node in nodes if "drop" in node["headers"]]
    reason = f"{drops[0]['node']}: {drops[0]['reason']}" if drops else None
    return {"received_on": came.name if came else None, "sent_on": left, "dropped": reason, "nodes": list(nodes)}
