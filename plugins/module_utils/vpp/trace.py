# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VPP's packet trace over its API (plugin tracedump): begun at input nodes, fetched whole, as data.

What must not be done: to dump without C(clear_cache) after the trace was cleared. VPP would write out memory that it has freed.
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Index, Script, describe
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.inventory import Interface
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE, Session
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.trace_text import Data, parse

INPUTS: t.Mapping[str, t.Sequence[str]] = {
    "memif": ("memif-input",),
    "af-packet": ("af-packet-input",),
    "tap": ("tap-input", "virtio-input"),
    "tun": ("tap-input", "virtio-input"),
    "virtio": ("virtio-input",),
    "vhost-user": ("vhost-user-input",),
    "VMXNET3 interface": ("vmxnet3-input",),
    "AF_XDP interface": ("af_xdp-input",),
    "pg": ("pg-input",),
    "dpdk": ("dpdk-input",),
}
"""By what node packets of a device come in: where a trace can begin. Others are called as their device is."""

NO_SUCH_NODE = -63
_WHOLE = 1 << 30
"""More packets than there can be."""


class TraceError(CnfError):
    """There can be no such trace."""


def input_nodes(interfaces: t.Iterable[Interface]) -> t.List[t.Sequence[str]]:
    """For each sort of device among the interfaces the nodes that may be its input, the likeliest first."""
    devices = dict.fromkeys(each.device for each in interfaces if each.parent == each.number)
    return list(dict.fromkeys(tuple(INPUTS.get(device, (f"{device.lower().split(' ')[0]}-input",))) for device in devices))


def existing(vpp: Session, choices: t.Sequence[t.Sequence[str]]) -> t.List[str]:
    """Of each choice the first node that this VPP has. Tunnels and the like have none: what they carry came by another."""
    names = [name for choice in choices for name in choice]
    calls = [Call("get_node_index", {"node_name": name}, accept=frozenset({NO_SUCH_NODE})) for name in names]
    there = set()
    for name, answer in zip(names, vpp.exchange(calls)):
        if isinstance(answer, CnfError):
            raise answer
        if not t.cast("t.Mapping[str, t.Any]", answer)["retval"]:
            vpp.learn(name, t.cast("t.Mapping[str, t.Any]", answer)["node_index"], of="node")
            there.add(name)
    first = [next((name for name in choice if name in there), None) for choice in choices]
    return [name for name in first if name]


def starting(nodes: t.Sequence[str], packets: int, all_of_them: bool = False) -> Script:
    """Trace the next packets that come in by each node. What was traced until now, and a filter that somebody set, are gone.

    A node that is no place to begin a trace is passed over (C(bond-input): what comes in there came in by a member), unless it has to
    be C(all_of_them), or none is left.
    """
    yield Call("trace_clear_capture")
    yield Call("trace_set_filters", {"flag": 0, "count": 0, "node_index": NOWHERE, "classifier_table_index": NOWHERE})
    refused = []
    for name in nodes:
        fields = {"node_index": Index(name, of="node"), "max_packets": packets, "use_filter": False, "verbose": True, "pre_capture_clear": False}
        reply = yield Call("trace_capture_packets", fields, accept=frozenset({NO_SUCH_NODE}), about=f"node {name}")
        if reply["retval"]:
            refused.append(name)
    if refused and (all_of_them or len(refused) == len(nodes)):
        raise TraceError(f"no packets can be traced from {', '.join(refused)}, only from where packets come in (like memif-input)")


def stopping() -> Script:
    """End it, and forget what was traced."""
    yield Call("trace_clear_capture")
    yield Call("trace_clear_cache")


def start(vpp: Session, nodes: t.Sequence[str], packets: int, all_of_them: bool = False) -> None:
    """See L(starting)."""
    _run(vpp, starting(nodes, packets, all_of_them))


def stop(vpp: Session) -> None:
    """See L(stopping)."""
    _run(vpp, stopping())


def commands(script: Script, vpp: Session) -> t.List[str]:
    """The calls, for a reader."""
    return describe(script, vpp)


def _run(vpp: Session, script: Script) -> None:
    (problem,) = vpp.run([script])
    if problem:
        raise TraceError(problem)


class Traced(t.NamedTuple):
    """A packet of a trace: the nodes that it passed (L(trace_text.parse))."""

    thread: int
    position: int
    nodes: t.List[Data]


def fetch(vpp: Session) -> t.List[Traced]:
    """All packets that were traced until now, oldest first. Whole in one dump: a part of it would come from a copy that is out of date."""
    answer = vpp.dump("trace_v2_dump", thread_id=NOWHERE, position=0, max=_WHOLE, clear_cache=True)
    found = [Traced(each["thread_id"], each["position"], parse(each["trace_data"])) for each in answer]
    return sorted((each for each in found if each.nodes), key=lambda each: (each.nodes[0]["time"], each.thread, each.position))


def counted(traced: t.Iterable[Traced]) -> t.Dict[str, int]:
    """How many packets the trace of each node has, of the thread that has most: the limit is one for each thread."""
    by_thread: t.Dict[t.Tuple[str, int], int] = {}
    for each in traced:
        where = each.nodes[0]["name"], each.thread
        by_thread[where] = by_thread.get(where, 0) + 1
    return {name: max(count for (other, _thread), count in by_thread.items() if other == name) for name in sorted({name for name, _thread in by_thread})}


class Ports:
    """Finds out by which interface a packet came. Input nodes tell only a number of another sort than the API has, so it is looked for:
    what NAT nodes and C(ethernet-input) say outright, the MAC address that the packet was for, where the answer to an ARP went, and what
    other packets taught."""

    def __init__(self, interfaces: t.Sequence[Interface], traced: t.Iterable[Traced] = ()) -> None:
        self.by_index = {each.number: each for each in interfaces}
        self.by_vpp_name = {each.vpp_name: each for each in interfaces}
        self.by_address = {each.phys_address: each for each in reversed(interfaces) if each.parent == each.number}
        self.by_vlans = {(each.parent, each.vlans): each for each in interfaces if each.vlans}
        self.by_device: t.Dict[int, Interface] = {}
        for each in traced:
            device, found = _device(each.nodes), self._told(each.nodes)
            if device is not None and found is not None:
                self.by_device.setdefault(device, self.by_index.get(found.parent, found))

    def received(self, nodes: t.Sequence[Data]) -> t.Optional[Interface]:
        """The interface that the packet came in by; None when VPP made it, or nothing tells."""
        found, device = self._told(nodes), _device(nodes)
        if found is None and device is not None:
            found = self.by_device.get(device)
        if found is None or found.vlans:
            return found
        vlans = next((node["headers"]["ethernet"].get("vlans", ()) for node in nodes if "ethernet" in node["headers"]), ())
        return self.by_vlans.get((found.number, tuple(vlans)), found)

    def sent(self, nodes: t.Sequence[Data]) -> t.List[t.Tuple[t.Optional[Interface], Data]]:
        """The interfaces that it left by, each with the headers it had there."""
        return [(self.by_vpp_name.get(node["headers"]["tx"]["name"]), node["headers"]) for node in nodes if "tx" in node["headers"]]

    def _told(self, nodes: t.Sequence[Data]) -> t.Optional[Interface]:
        known: t.Dict[str, t.Optional[Interface]] = {}
        for node in nodes:
            headers = node["headers"]
            if "tx" in headers:
                if any("arp" in each["headers"] for each in nodes):
                    known.setdefault("answer", self.by_vpp_name.get(headers["tx"]["name"]))
                break
            known.setdefault("nat", self.by_index.get(headers.get("nat", {}).get("sw_if_index")))
            known.setdefault("name", self.by_vpp_name.get(headers.get("rx", {}).get("name")))
            known.setdefault("frame", self.by_index.get(headers.get("rx", {}).get("sw_if_index")))
            known.setdefault("address", self.by_address.get(headers.get("ethernet", {}).get("destination")))
            known = {how: found for how, found in known.items() if found is not None}
        return next((known[how] for how in ("nat", "name", "frame", "address", "answer") if known.get(how)), None)


def _device(nodes: t.Sequence[Data]) -> t.Optional[int]:
    return next((node["headers"]["rx"]["hw_if_index"] for node in nodes if "hw_if_index" in node["headers"].get("rx", ())), None)
