# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A packet as somebody saw it on an interface: what a capture of the kernel and a trace of VPP have in common."""

from __future__ import annotations

import ipaddress
import typing as t

Network = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


class Packet(t.NamedTuple):
    """One packet. C(addresses) are all in its headers, with those that ARP tells and ICMP errors quote; C(flags) and C(sequence) are TCP's."""

    protocol: str
    source: str
    destination: str
    source_port: int
    destination_port: int
    flags: int
    addresses: t.FrozenSet[str]
    outgoing: bool
    sequence: int = 0

    @property
    def flow(self) -> t.Tuple[str, int, str, int]:
        """Source and destination, each with its port."""
        return self.source, self.source_port, self.destination, self.destination_port

    def __str__(self) -> str:
        if not self.source_port and not self.destination_port:
            return f"{self.protocol} {self.source} -> {self.destination}"
        return f"{self.protocol} {self.source}:{self.source_port} -> {self.destination}:{self.destination_port}"


def holding(packets: t.Iterable[Packet], networks: t.Sequence[Network]) -> t.List[Packet]:
    """The packets with an address of one of the networks anywhere in their headers."""
    known: t.Dict[str, bool] = {}

    def inside(address: str) -> bool:
        if address not in known:
            known[address] = any(ipaddress.ip_address(address) in network for network in networks)
        return known[address]

    return [packet for packet in packets if any(inside(address) for address in packet.addresses)]
