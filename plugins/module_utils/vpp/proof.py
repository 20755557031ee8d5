# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a proof looks at a place whose dataplane is VPP: its packet trace, its NAT's session table, its counters."""

from __future__ import annotations

import contextlib
import os
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.lock import lock
from ansible_collections.pantheon.cnf.plugins.module_utils.packets import Packet
from ansible_collections.pantheon.cnf.plugins.module_utils.proof.model import ACK, RST, SYN, End, Place, Site, Watch, missing_interface
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import inventory, sessions, trace
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.connection import connected
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.inventory import Interface
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.stats import Stats, path_beside
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.trace_text import Data

PACKETS = 1000
"""How many packets of each input node a proof traces. When more pass, it proves nothing."""
TURN = 60.0
"""For how many seconds a proof waits until others have done: a VPP has one trace."""
_FLAGS = {"FIN": 0x01, "SYN": SYN, "RST": RST, "PSH": 0x08, "ACK": ACK, "URG": 0x20}
_NOBODY = "0.0.0.0"

Seen = t.Tuple[str, t.Optional[Interface], Packet]
"""C(rx) or C(tx), the interface, the packet there."""


def carried(nodes: t.Sequence[Data]) -> t.Set[str]:
    """All addresses that a packet shows on its way, until it is translated: also those in a tunnel that ends here."""
    found: t.Set[str] = set()
    for node in nodes:
        if "nat" in node["headers"]:
            break
        found |= _addresses(node["headers"])
    return found - {_NOBODY, ""}


def packet(headers: t.Mapping[str, Data], outgoing: bool) -> Packet:
    """A packet from the headers that a trace tells of. What an ICMP error quotes is not among them."""
    name, form = next(((name, form) for name, form in (("ip4", ""), ("ip6", "IPv6"), ("arp", "ARP")) if name in headers), ("", ""))
    if not name:
        return Packet(f"EtherType {headers.get('ethernet', {}).get('type', 'unknown')}", "", "", 0, 0, 0, frozenset(), outgoing)
    network = headers[name]
    transport: t.Mapping[str, t.Any] = {} if form else headers.get("tcp") or headers.get("udp") or {}
    return Packet(
        form or network["protocol"],
        network.get("source", ""),
        network.get("destination", ""),
        transport.get("source_port", 0),
        transport.get("destination_port", 0),
        sum(_FLAGS.get(each, 0) for each in transport.get("flags", ())),
        frozenset(_addresses(headers) - {_NOBODY, ""}),
        outgoing,
        transport.get("sequence", 0),
    )


def _addresses(headers: t.Mapping[str, Data]) -> t.Set[str]:
    """All IP addresses, also those in a tunnel."""
    found = {headers[name].get(end, "") for name in ("ip4", "ip6", "arp") if name in headers for end in ("source", "destination")}
    return found | (_addresses(headers["inner"]) if "inner" in headers else set())


def seen(nodes: t.Sequence[Data], ports: trace.Ports) -> t.List[Seen]:
    """Where a traced packet was seen: as it came in, and as it left."""
    result: t.List[Seen] = []
    came: t.Dict[str, t.Any] = {}
    for node in nodes:
        if "tx" in node["headers"]:
            break
        came.update({name: each for name, each in node["headers"].items() if name not in came})
        if {"ip4", "ip6", "arp"} & set(came):
            break
    interface = ports.received(nodes)
    if "rx" in came and interface is not None:
        result.append(("rx", interface, packet(came, False)))
    return result + [("tx", there, packet(headers, True)) for there, headers in ports.sent(nodes)]


class VppWatch(Watch):
    """A trace from all input nodes of a VPP. C(sides) has names of interfaces by side; L(packets) and L(missed) end the look."""

    def __init__(self, vpp: Session, interfaces: t.Sequence[Interface], sides: t.Mapping[str, t.Sequence[str]]) -> None:
        self.vpp, self.interfaces, self.sides = vpp, interfaces, sides
        self._found: t.Optional[t.List[trace.Traced]] = None
        trace.start(vpp, trace.existing(vpp, trace.input_nodes(interfaces)), PACKETS)

    def _traced(self) -> t.List[trace.Traced]:
        if self._found is None:
            self._found = trace.fetch(self.vpp)
        return self._found

    def packets(self) -> t.Mapping[str, t.Sequence[Packet]]:
        """See L(Watch)."""
        ports = trace.Ports(self.interfaces, self._traced())
        found = [one for each in self._traced() for one in seen(each.nodes, ports)]
        return {side: [what for _way, where, what in found if where and where.name in names] for side, names in self.sides.items()}

    def missed(self) -> int:
        """See L(Watch). How many VPP does not tell."""
        return sum(count >= PACKETS for count in trace.counted(self._traced()).values())

    def lost(self) -> int:
        """See L(Watch). A TAP's packets are traced no further than to where others reassemble when another interface received since its last one:
        C(tap-input) of VPP 26.06 asks for the trace of the next frame before it has made that its own.
        """
        return sum(not {"ethernet", "ip4", "ip6", "arp"} & {name for node in each.nodes for name in node["headers"]} for each in self._traced())

    def way(self, sequences: t.Container[int]) -> t.Sequence[t.Mapping[str, t.Any]]:
        """See L(Watch). A packet that was dropped (a cold VPP resolves addresses first) only when no other went further."""
        found = [each.nodes for each in self._traced() if any(node["headers"].get("tcp", {}).get("sequence") in sequences for node in each.nodes)]
        whole = [nodes for nodes in found if not any("drop" in node["headers"] for node in nodes)]
        return [{name: node[name] for name in ("name", "time", "headers")} for node in next(iter(whole or found), ())]


class Arrivals(VppWatch):
    """What came in by the interfaces by which packets for a server came in."""

    def __init__(self, vpp: Session, interfaces: t.Sequence[Interface], server: End) -> None:
        super().__init__(vpp, interfaces, {})
        self.server = server

    def packets(self) -> t.Mapping[str, t.Sequence[Packet]]:
        """See L(Watch)."""
        ports = trace.Ports(self.interfaces, self._traced())
        came = [
            (where, what._replace(addresses=what.addresses | carried(each.nodes)))
            for each in self._traced()
            for way, where, what in seen(each.nodes, ports)
            if way == "rx"
        ]
        doors = {where for where, what in came if what.flow[2:] == self.server}
        return {"server": [what for where, what in came if where in doors]}


class VppSite(Site):
    """A VPP that we are connected to."""

    tells = False

    def __init__(self, place: Place, vpp: Session) -> None:
        self.place, self.vpp = place, vpp

    def inside(self) -> t.ContextManager[t.Any]:
        """See L(Site)."""
        raise CnfError(f"CNF {self.place.cnf} is on VPP: nothing can be sent from there")

    def interfaces(self) -> t.List[t.Dict[str, t.Any]]:
        """See L(Site)."""
        there = inventory.interfaces(self.vpp)
        addresses = inventory.addresses(self.vpp, [each.number for each in there])
        with Stats(path_beside(self.place.socket)) as stats:
            counted = stats.combined("/if/rx", "/if/tx").values()
        return [
            {
                "name": each.name,
                "host_if_name": each.vpp_name,
                "enabled": each.enabled,
                "phys_address": each.phys_address,
                "ip_addresses": addresses[each.number],
                "packets": sum(way.get(each.number, (0, 0))[0] for way in counted),
            }
            for each in there
        ]

    def sessions(self, client: t.Optional[End], server: End) -> t.List[t.Dict[str, t.Any]]:
        """See L(Site). Of the client only, when it is known: VPP looks at all sessions for each host that it is asked for."""
        try:
            found = sessions.sessions(self.vpp, {"inside_address": client[0]} if client else None)
        except sessions.NoNat:
            return []
        return [each for each in found if not each["external"] or each["external"]["address"] == server[0]]

    @contextlib.contextmanager
    def watch(self, sides: t.Mapping[str, t.Sequence[str]]) -> t.Iterator[Watch]:
        """See L(Site)."""
        there = inventory.interfaces(self.vpp)
        names = [each.name for each in there]
        for name in [name for each in sides.values() for name in each if name not in names]:
            raise missing_interface(self.place.cnf, name, names)
        with self._tracing():
            yield VppWatch(self.vpp, there, sides)

    @contextlib.contextmanager
    def arrivals(self, server: End) -> t.Iterator[Watch]:
        """See L(Site)."""
        with self._tracing():
            yield Arrivals(self.vpp, inventory.interfaces(self.vpp), server)

    @contextlib.contextmanager
    def _tracing(self) -> t.Iterator[None]:
        with lock(f"{os.path.realpath(self.place.socket)} (its trace)", "a proof", TURN):
            try:
                yield
            finally:
                trace.stop(self.vpp)


@contextlib.contextmanager
def enter(place: Place, api_dir: t.Optional[str] = None, timeout: float = 10) -> t.Iterator[Site]:
    """The VPP of a place, to be looked at."""
    with connected({"socket": place.socket, "api_dir": api_dir, "timeout": timeout}) as vpp:
        yield VppSite(place, vpp)
