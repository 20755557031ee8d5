# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Headers of captured packets as data, in the words of VPP's trace."""

from __future__ import annotations

import struct

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.dissect import ETHERNET, headers

from ..vpp.test_trace_text import recorded
from .test_capture import CLEAN, INSIDE, LEAKS, SERVER, arp, ipv4, tcp, unreachable

TUNNEL = 65534  # ARPHRD_NONE
MAC, OTHER = b"\2\0\0\0\0\1", b"\2\0\0\0\0\2"


def frame(ethertype, content):
    return OTHER + MAC + struct.pack("!H", ethertype) + content


def test_a_frame_from_the_link_layer_on():
    assert headers(frame(0x0800, ipv4(INSIDE, SERVER, 6, tcp(4000, 80, 0x12))), 0, ETHERNET) == {
        "ethernet": {"type": "IP4", "source": "02:00:00:00:00:01", "destination": "02:00:00:00:00:02"},
        "ip4": {"protocol": "TCP", "source": INSIDE, "destination": SERVER, "tos": 0, "ttl": 64, "length": 40, "fragment_id": 1},
        "tcp": {"source_port": 4000, "destination_port": 80, "sequence": 0, "acknowledgement": 0, "flags": ["SYN", "ACK"], "window": 1000},
    }


def test_a_device_without_ethernet():
    assert headers(ipv4(INSIDE, SERVER, 17, struct.pack("!HHHH", 53, 5353, 8, 0)), 0x0800, TUNNEL)["udp"] == {
        "source_port": 53,
        "destination_port": 5353,
        "length": 8,
    }


def test_arp_and_ipv6_and_others():
    assert headers(frame(0x0806, arp(INSIDE, SERVER)), 0, ETHERNET)["arp"] == {
        "operation": "request",
        "source_phys_address": "02:02:02:02:02:02",
        "source": INSIDE,
        "destination_phys_address": "00:00:00:00:00:00",
        "destination": SERVER,
    }
    six = struct.pack("!IHBB", 6 << 28 | 5 << 20 | 7, 8, 17, 64) + b"\xfd" + bytes(14) + b"\1" + b"\xfd" + bytes(14) + b"\2" + struct.pack("!HHHH", 1, 2, 8, 0)
    assert headers(six, 0x86DD, TUNNEL) == {
        "ip6": {"protocol": "UDP", "source": "fd00::1", "destination": "fd00::2", "tos": 5, "flow": 7, "ttl": 64, "length": 8},
        "udp": {"source_port": 1, "destination_port": 2, "length": 8},
    }
    assert headers(frame(0x88CC, bytes(50)), 0, ETHERNET) == {"ethernet": {"type": "0x88cc", "source": "02:00:00:00:00:01", "destination": "02:00:00:00:00:02"}}


def test_what_an_icmp_error_quotes_and_a_tunnel_carries():
    quoted = headers(unreachable(SERVER, INSIDE, ipv4(INSIDE, SERVER, 17, struct.pack("!HHHH", 5, 6, 8, 0))), 0x0800, TUNNEL)
    assert quoted["icmp"] == {"type": "destination_unreachable", "code": "host_unreachable"}
    assert quoted["inner"]["ip4"]["source"] == INSIDE and quoted["inner"]["udp"]["source_port"] == 5
    tunnel = headers(ipv4(SERVER, INSIDE, 4, ipv4(INSIDE, SERVER, 6, tcp(1, 2))), 0x0800, TUNNEL)
    assert tunnel["ip4"]["protocol"] == "IP_IN_IP" and tunnel["inner"]["tcp"]["destination_port"] == 2
    assert headers(ipv4(INSIDE, SERVER, 1, struct.pack("!BBHHH", 8, 0, 0, 77, 1)), 0x0800, TUNNEL)["icmp"] == {"type": "echo_request", "id": 77}


def test_a_later_fragment():
    found = headers(ipv4(INSIDE, SERVER, 17, b"12345678", fragment=0x2000 | 185), 0x0800, TUNNEL)
    assert found == {"ip4": {**found["ip4"], "fragment_offset": 1480, "flags": ["MORE_FRAGMENTS"]}}


@pytest.mark.parametrize("length", range(0, 90, 5))
def test_torn_packets_do_not_trip_it(length):
    assert isinstance(headers(frame(0x0800, unreachable(SERVER, INSIDE, ipv4(INSIDE, SERVER, 6, tcp(1, 2))))[:length], 0, ETHERNET), dict)
    assert len(CLEAN) and len(LEAKS)


def test_the_words_are_those_of_vpps_trace():
    """What both tell of a header has the same name."""
    mine = headers(frame(0x0800, ipv4(INSIDE, SERVER, 6, tcp(4000, 80))), 0, ETHERNET)
    for layer, fields in mine.items():
        theirs = next(node["headers"][layer] for node in recorded("nat44")[0] if layer in node["headers"])
        assert set(fields) <= set(theirs), layer
