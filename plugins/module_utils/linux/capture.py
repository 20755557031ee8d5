# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What passes an interface, both ways, from an AF_PACKET socket: no program to run, nothing to install."""

from __future__ import annotations

import socket
import struct
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.packets import Packet

EVERY_PROTOCOL = 0x0003
OUTGOING = 4  # PACKET_OUTGOING
SNAP = 256
"""Bytes of a packet that are looked at: all headers, and the headers that an ICMP error quotes."""
_STATISTICS, _SOL_PACKET, _RCVBUFFORCE = 6, 263, 33
_PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP", 132: "SCTP"}
_ICMP_ERRORS = (3, 4, 5, 11, 12)


def _ipv4(data: bytes, outgoing: bool, depth: int = 0) -> t.Optional[Packet]:
    if len(data) < 20 or data[0] >> 4 != 4:
        return None
    header = (data[0] & 15) * 4
    number, source, destination = data[9], socket.inet_ntoa(data[12:16]), socket.inet_ntoa(data[16:20])
    first = not struct.unpack_from("!H", data, 6)[0] & 0x1FFF
    body = data[header:] if first else b""
    ports, flags, sequence, addresses = (0, 0), 0, 0, {source, destination}
    if number in (6, 17, 132) and len(body) >= 4:
        ports = struct.unpack_from("!HH", body)
        if number == 6 and len(body) > 13:
            sequence, flags = struct.unpack_from("!I", body, 4)[0], body[13]
    if number == 1 and body[:1] and body[0] in _ICMP_ERRORS and depth < 2:
        quoted = _ipv4(body[8:], outgoing, depth + 1)
        addresses |= quoted.addresses if quoted else set()
    if number == 4 and depth < 2:  # IP in IP
        inner = _ipv4(body, outgoing, depth + 1)
        addresses |= inner.addresses if inner else set()
    return Packet(_PROTOCOLS.get(number, f"IP protocol {number}"), source, destination, *ports, flags, frozenset(addresses), outgoing, sequence)


def parse(protocol: int, data: bytes, outgoing: bool) -> Packet:
    """A packet from its network header on; C(protocol) is the EtherType."""
    if protocol == 0x0800:
        packet = _ipv4(data, outgoing)
        if packet:
            return packet
    if protocol == 0x0806 and len(data) >= 28 and data[4:6] == b"\x06\x04":
        sender, target = socket.inet_ntoa(data[14:18]), socket.inet_ntoa(data[24:28])
        # A probe has no sender yet (0.0.0.0): nothing is told about anybody.
        return Packet("ARP", sender, target, 0, 0, 0, frozenset({sender, target} - {"0.0.0.0"}), outgoing)
    if protocol == 0x86DD and len(data) >= 40:
        source, destination = (socket.inet_ntop(socket.AF_INET6, data[start : start + 16]) for start in (8, 24))
        return Packet("IPv6", source, destination, 0, 0, 0, frozenset((source, destination)), outgoing)
    return Packet(f"EtherType 0x{protocol:04x}", "", "", 0, 0, 0, frozenset(), outgoing)


class Capture:
    """Packets of one interface from now on. Use as a context manager, and read L(packets) when the traffic is over."""

    def __init__(self, inside: t.ContextManager[t.Any], interface: str) -> None:
        """C(inside) enters the network namespace of the interface (its kernel name)."""
        self.interface = interface
        with inside:
            # Protocol 0 first: nothing of other interfaces comes in before the socket is bound to this one.
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, 1 << 24)
            self.socket.bind((interface, EVERY_PROTOCOL))
        except OSError as error:
            self.socket.close()
            raise CnfError(f"cannot capture on {interface}: {error.strerror}") from error
        self.socket.setblocking(False)
        self._packets: t.List[Packet] = []
        self._dropped = 0

    def __enter__(self) -> Capture:
        return self

    def __exit__(self, *_unused: t.Any) -> None:
        self.socket.close()

    def packets(self) -> t.List[Packet]:
        """All packets until now."""
        while True:
            try:
                data, address = self.socket.recvfrom(SNAP)
            except BlockingIOError:
                return self._packets
            self._packets.append(parse(address[1], data, address[2] == OUTGOING))

    def dropped(self) -> int:
        """Packets that passed unseen since the buffer was full: with any, an absence proves nothing."""
        self._dropped += struct.unpack("II", self.socket.getsockopt(_SOL_PACKET, _STATISTICS, 8))[1]
        return self._dropped
