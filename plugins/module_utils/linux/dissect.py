# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The headers of a packet as data, in the words of L(vpp.trace_text): from bytes, as the kernel captured them. Pure.

What is torn off at the end is left out.
"""

from __future__ import annotations

import socket
import struct
import typing as t

Data = t.Dict[str, t.Any]

ETHERNET = 1  # ARPHRD_ETHER
TYPES = {0x0800: "IP4", 0x0806: "ARP", 0x86DD: "IP6"}
PROTOCOLS = {1: "ICMP", 2: "IGMP", 4: "IP_IN_IP", 6: "TCP", 17: "UDP", 41: "IP6", 47: "GRE", 58: "ICMP6", 132: "SCTP"}
ICMP = {0: "echo_reply", 3: "destination_unreachable", 4: "source_quench", 5: "redirect", 8: "echo_request", 11: "time_exceeded", 12: "parameter_problem"}
UNREACHABLE = {0: "network_unreachable", 1: "host_unreachable", 2: "protocol_unreachable", 3: "port_unreachable", 4: "fragmentation_needed"}
QUOTING = (3, 4, 5, 11, 12)
FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR")
DEPTH = 3


def headers(data: bytes, ethertype: int, hardware: int) -> Data:
    """From the link layer on: C(hardware) says whether there is an Ethernet header in front."""
    found: Data = {}
    if hardware == ETHERNET:
        if len(data) < 14:
            return found
        ethertype = struct.unpack_from("!H", data, 12)[0]
        ends = {"source": data[6:12].hex(":"), "destination": data[:6].hex(":")}
        found["ethernet"] = {"type": TYPES.get(ethertype, f"0x{ethertype:04x}"), **ends}
        data = data[14:]
    network = {0x0800: _ip4, 0x86DD: _ip6, 0x0806: _arp}.get(ethertype)
    return {**found, **(network(data, DEPTH) if network else {})}


def _arp(data: bytes, _depth: int) -> Data:
    if len(data) < 28 or data[4:6] != b"\x06\x04":
        return {}
    operation = struct.unpack_from("!H", data, 6)[0]
    return {
        "arp": {
            "operation": {1: "request", 2: "reply"}.get(operation, str(operation)),
            "source_phys_address": data[8:14].hex(":"),
            "source": socket.inet_ntoa(data[14:18]),
            "destination_phys_address": data[18:24].hex(":"),
            "destination": socket.inet_ntoa(data[24:28]),
        }
    }


def _ip4(data: bytes, depth: int) -> Data:
    if len(data) < 20 or data[0] >> 4 != 4 or not depth:
        return {}
    _version, tos, length, number, fragment, ttl, protocol, _checksum = struct.unpack_from("!BBHHHBBH", data)
    ip4: Data = {
        "protocol": PROTOCOLS.get(protocol, f"unknown {protocol}"),
        "source": socket.inet_ntoa(data[12:16]),
        "destination": socket.inet_ntoa(data[16:20]),
        "tos": tos,
        "ttl": ttl,
        "length": length,
        "fragment_id": number,
    }
    flags = [name for name, bit in (("MORE_FRAGMENTS", 0x2000), ("DONT_FRAGMENT", 0x4000)) if fragment & bit]
    if flags:
        ip4["flags"] = flags
    if fragment & 0x1FFF:
        return {"ip4": {**ip4, "fragment_offset": 8 * (fragment & 0x1FFF)}}
    return {"ip4": ip4, **_transport(protocol, data[(data[0] & 15) * 4 :], depth)}


def _ip6(data: bytes, depth: int) -> Data:
    if len(data) < 40 or data[0] >> 4 != 6 or not depth:
        return {}
    first, length, protocol, ttl = struct.unpack_from("!IHBB", data)
    ip6 = {
        "protocol": PROTOCOLS.get(protocol, f"unknown {protocol}"),
        "source": socket.inet_ntop(socket.AF_INET6, data[8:24]),
        "destination": socket.inet_ntop(socket.AF_INET6, data[24:40]),
        "tos": first >> 20 & 0xFF,
        "flow": first & 0xFFFFF,
        "ttl": ttl,
        "length": length,
    }
    return {"ip6": ip6, **_transport(protocol, data[40:], depth)}


def _transport(protocol: int, data: bytes, depth: int) -> Data:
    if protocol == 6 and len(data) >= 16:
        source, destination, sequence, acknowledgement, _offset, bits, window = struct.unpack_from("!HHIIBBH", data)
        flags = [name for at, name in enumerate(FLAGS) if bits >> at & 1]
        ends = {"source_port": source, "destination_port": destination}
        return {"tcp": {**ends, "sequence": sequence, "acknowledgement": acknowledgement, "flags": flags, "window": window}}
    if protocol == 17 and len(data) >= 6:
        source, destination, length = struct.unpack_from("!HHH", data)
        return {"udp": {"source_port": source, "destination_port": destination, "length": length}}
    if protocol == 1 and len(data) >= 8:
        return _icmp(data, depth)
    if protocol in (4, 41):
        inner = (_ip4 if protocol == 4 else _ip6)(data, depth - 1)
        return {"inner": inner} if inner else {}
    return {}


def _icmp(data: bytes, depth: int) -> Data:
    kind, code = data[0], data[1]
    icmp: Data = {"type": ICMP.get(kind, f"unknown 0x{kind:x}")}
    if kind in (0, 8):
        icmp["id"] = struct.unpack_from("!H", data, 4)[0]
    elif kind == 3 and code in UNREACHABLE:
        icmp["code"] = UNREACHABLE[code]
    quoted = _ip4(data[8:], depth - 1) if kind in QUOTING else {}
    return {"icmp": icmp, **({"inner": quoted} if quoted else {})}
