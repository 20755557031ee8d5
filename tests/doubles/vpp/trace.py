# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The double's packet trace (plugin tracedump). There is no traffic: a test says what passes, as texts that a live VPP wrote."""

from __future__ import annotations

import typing as t

from tests.doubles.vpp.registry import area, handles
from tests.doubles.vpp.state import State

NOWHERE = 0xFFFFFFFF
INPUTS = ("memif-input", "af-packet-input", "tap-input", "session-queue", "memif1/0-output")
OTHERS = ("ip4-input", "ip4-lookup", "error-drop", "bond-input")
Request = t.Dict[str, t.Any]


@area("trace")
class Trace:
    """C(nodes): names by index; only L(INPUTS) can be traced from. C(limits): how many packets each is to trace."""

    def __init__(self, _state: State) -> None:
        self.nodes = dict(enumerate((*OTHERS, *INPUTS), 20))
        self.limits: t.Dict[str, int] = {}
        self.filter = 0
        self.traced: t.List[str] = []
        self.cached: t.Optional[t.List[str]] = None
        self.stale = False

    def passes(self, text: str) -> None:
        """A packet as C(trace_data) tells of it."""
        node = text.strip().split("\n")[0].rpartition(": ")[2]
        if self.limits.get(node, 0) > 0:
            self.limits[node] -= 1
            self.traced.append(text)

    def clear(self) -> None:
        self.limits.clear()
        self.traced.clear()
        self.stale = self.cached is not None


@handles("get_node_index")
def node_index(state: State, request: Request) -> t.Any:
    index = next((index for index, name in state.trace.nodes.items() if name == request["node_name"]), None)
    return {"retval": -63, "node_index": NOWHERE} if index is None else {"node_index": index}


@handles("trace_set_filters")
def set_filters(state: State, request: Request) -> t.Any:
    if request["flag"] not in (0, 1, 2):
        return -7
    if request["flag"] and request["node_index"] not in state.trace.nodes:
        return -63
    state.trace.filter = request["flag"]
    state.trace.limits.clear()
    return 0


@handles("trace_capture_packets")
def capture(state: State, request: Request) -> t.Any:
    trace, node = state.trace, state.trace.nodes.get(request["node_index"])
    if node not in INPUTS:
        return -63
    if request["pre_capture_clear"]:
        trace.clear()
    trace.limits[node] = trace.limits.get(node, 0) + request["max_packets"] if request["max_packets"] else 0
    return 0


@handles("trace_clear_capture")
def clear_capture(state: State, _request: Request) -> t.Any:
    state.trace.clear()
    return 0


@handles("trace_clear_cache")
def clear_cache(state: State, _request: Request) -> t.Any:
    state.trace.cached, state.trace.stale = None, False
    return 0


@handles("trace_v2_dump")
def dump(state: State, request: Request) -> t.Any:
    trace = state.trace
    if request["clear_cache"]:
        trace.cached, trace.stale = None, False
    if trace.stale:
        raise AssertionError("VPP would read memory that it has freed: the trace was cleared, its copy was not")
    if request["position"] == NOWHERE:
        return []
    if trace.cached is None:
        trace.cached = [] if trace.filter else list(trace.traced)
    shown = list(enumerate(trace.cached))[request["position"] : request["position"] + request["max"]]
    return [{"thread_id": 0, "position": at, "more": at < len(trace.cached) - 1, "trace_data": text} for at, text in shown]
