# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ipaddress
import socket
import struct

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.capture import parse
from ansible_collections.pantheon.cnf.plugins.module_utils.packets import holding

INSIDE, OUTSIDE, SERVER = "192.168.100.10", "80.80.80.103", "80.80.80.80"
NETWORKS = [ipaddress.ip_network("192.168.100.0/24")]


def ipv4(source, destination, protocol, body, *, options=b"", fragment=0):
    """An IPv4 packet."""
    length = (20 + len(options)) // 4
    head = struct.pack("!BBHHHBBH", 0x40 | length, 0, length * 4 + len(body), 1, fragment, 64, protocol, 0)
    return head + socket.inet_aton(source) + socket.inet_aton(destination) + options + body


def tcp(source_port, destination_port, flags=0x02):
    """A TCP header."""
    return struct.pack("!HHIIBBHHH", source_port, destination_port, 0, 0, 0x50, flags, 1000, 0, 0)


def arp(sender, target):
    """An ARP request."""
    return struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 1, b"\2" * 6, socket.inet_aton(sender), b"\0" * 6, socket.inet_aton(target))


def unreachable(source, destination, quoted):
    """An ICMP error with the headers of the packet that it is about."""
    return ipv4(source, destination, 1, struct.pack("!BBHI", 3, 1, 0, 0) + quoted)


def test_tcp():
    packet = parse(0x0800, ipv4(INSIDE, SERVER, 6, tcp(4000, 80, 0x12)), True)
    assert packet.flow == (INSIDE, 4000, SERVER, 80)
    assert (packet.protocol, packet.flags, packet.outgoing) == ("TCP", 0x12, True)
    assert str(packet) == f"TCP {INSIDE}:4000 -> {SERVER}:80"


def test_options_of_the_ip_header_are_passed_over():
    assert parse(0x0800, ipv4(INSIDE, SERVER, 17, struct.pack("!HHHH", 53, 5353, 8, 0), options=b"\1\1\1\0"), False).flow == (INSIDE, 53, SERVER, 5353)


def test_a_later_fragment_has_no_ports():
    packet = parse(0x0800, ipv4(INSIDE, SERVER, 17, b"\x12\x34\x56\x78", fragment=100), False)
    assert packet.flow == (INSIDE, 0, SERVER, 0)
    assert packet.addresses == {INSIDE, SERVER}


LEAKS = {
    "source": parse(0x0800, ipv4(INSIDE, SERVER, 6, tcp(1, 80)), False),
    "destination": parse(0x0800, ipv4(SERVER, INSIDE, 6, tcp(80, 1)), False),
    "later fragment": parse(0x0800, ipv4(INSIDE, SERVER, 17, b"xxxx", fragment=3), False),
    "arp sender": parse(0x0806, arp(INSIDE, SERVER), False),
    "arp target": parse(0x0806, arp(SERVER, INSIDE), False),
    "quoted by an ICMP error": parse(0x0800, unreachable(OUTSIDE, SERVER, ipv4(INSIDE, SERVER, 6, tcp(1, 80)[:8])), False),
    "inside a tunnel": parse(0x0800, ipv4(OUTSIDE, SERVER, 4, ipv4(INSIDE, SERVER, 6, tcp(1, 80))), False),
    "icmp": parse(0x0800, ipv4(INSIDE, SERVER, 1, b"\x08\0\0\0\0\0\0\0"), False),
}
CLEAN = {
    "tcp": parse(0x0800, ipv4(OUTSIDE, SERVER, 6, tcp(1, 80)), False),
    "arp": parse(0x0806, arp(OUTSIDE, SERVER), False),
    "arp probe": parse(0x0806, arp("0.0.0.0", SERVER), False),
    "icmp error about a translated packet": parse(0x0800, unreachable(SERVER, OUTSIDE, ipv4(OUTSIDE, SERVER, 6, tcp(1, 80)[:8])), False),
    "an echo whose payload looks like a header": parse(0x0800, ipv4(OUTSIDE, SERVER, 1, b"\x08\0\0\0\0\0\0\0" + ipv4(INSIDE, SERVER, 6, b"")), False),
    "ipv6": parse(0x86DD, b"\x60" + b"\0" * 39, False),
    "lldp": parse(0x88CC, b"\0" * 60, False),
}


@pytest.mark.parametrize("name", LEAKS)
def test_an_inside_address_is_found_wherever_it_is(name):
    assert holding([*CLEAN.values(), LEAKS[name]], NETWORKS) == [LEAKS[name]]


@pytest.mark.parametrize("name", CLEAN)
def test_what_has_none_is_clean(name):
    assert holding([CLEAN[name]], NETWORKS) == []


def test_an_arp_probe_tells_of_nobody():
    assert holding([CLEAN["arp probe"]], [ipaddress.ip_network("0.0.0.0/8")]) == []


@pytest.mark.parametrize("protocol", [0x0800, 0x0806, 0x86DD])
@pytest.mark.parametrize("length", range(0, 40, 3))
def test_torn_packets_do_not_trip_it(protocol, length):
    whole = {0x0800: unreachable(OUTSIDE, SERVER, ipv4(INSIDE, SERVER, 6, tcp(1, 2))), 0x0806: arp(INSIDE, SERVER), 0x86DD: b"\x60" + b"\0" * 39}
    assert isinstance(parse(protocol, whole[protocol][:length], False).addresses, frozenset)
