# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VPP's trace from text to data: what a live VPP wrote (tests/vectors/vpp-trace-*.txt)."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.trace_text import packets, parse, seconds

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "vectors"


def recorded(name):
    return packets((VECTORS / f"vpp-trace-{name}.txt").read_text())


def headers(nodes, name, nth=0):
    return [node["headers"] for node in nodes if node["name"] == name][nth]


NAT, SERVER, OTHER = recorded("nat44"), recorded("server"), recorded("other")


def test_the_first_packet_of_a_connection_through_a_nat():
    syn = NAT[0]
    assert [node["name"] for node in syn] == [
        "af-packet-input",
        "ethernet-input",
        "ip4-input",
        "ip4-sv-reassembly-feature",
        "nat-pre-in2out",
        "nat44-ed-in2out",
        "nat44-ed-in2out-slowpath",
        "ip4-lookup",
        "ip4-rewrite",
        "ip4-sv-reassembly-output-feature",
        "nat-pre-in2out-output",
        "nat44-ed-in2out-output",
        "nat44-ed-in2out-output-slowpath",
        "memif1/0-output",
    ]
    assert headers(syn, "af-packet-input") == {"rx": {"hw_if_index": 1}}
    assert headers(syn, "ethernet-input") == {"ethernet": {"type": "IP4", "source": "8e:b2:68:22:63:0f", "destination": "02:fe:00:00:00:01"}}
    assert headers(syn, "ip4-input") == {
        "ip4": {
            "protocol": "TCP",
            "source": "192.168.100.10",
            "destination": "80.80.80.80",
            "tos": 0,
            "ttl": 64,
            "length": 60,
            "fragment_id": 0xB775,
            "flags": ["DONT_FRAGMENT"],
        },
        "tcp": {"source_port": 52480, "destination_port": 80, "sequence": 0x46D95053, "acknowledgement": 0, "flags": ["SYN"], "window": 64240},
    }
    assert headers(syn, "nat44-ed-in2out-output-slowpath")["nat"] == {
        "direction": "in2out",
        "path": "slow",
        "sw_if_index": 1,
        "session": 2,
        "result": "success",
        "via": "i2of",
        "match": {"protocol": "TCP", "source": "192.168.100.10", "source_port": 52480, "destination": "80.80.80.80", "destination_port": 80},
        "rewrite": {"source": "80.80.80.103", "source_port": 52480, "destination": "80.80.80.80", "destination_port": 80},
    }
    out = headers(syn, "memif1/0-output")
    assert out["tx"] == {"name": "memif1/0"} and out["ethernet"]["destination"] == "02:fe:00:00:00:03"
    assert (out["ip4"]["source"], out["tcp"]["sequence"]) == ("80.80.80.103", 0x46D95053)
    assert syn[0]["time"] == 48.710973 and syn[0]["text"][0] == "af_packet: hw_if_index 1 rx-queue 0 next-index 4"


def test_the_answer_is_translated_back():
    answer = NAT[1]
    assert headers(answer, "ethernet-input")["rx"] == {"hw_if_index": 2, "sw_if_index": 2}
    assert headers(answer, "nat44-ed-out2in")["nat"]["rewrite"] == {"source": "80.80.80.80", "destination": "192.168.100.10", "destination_port": 52480}
    assert headers(answer, "host-vcl-output")["tcp"]["flags"] == ["SYN", "ACK"]
    # The same packet once more, deeper in: what the driver was given.
    assert headers(answer, "host-vcl-tx")["ip4"]["destination"] == "192.168.100.10" and "tx" not in headers(answer, "host-vcl-tx")


def test_a_node_that_wrote_twice_is_one_node():
    again = next(node for node in NAT[2] if node["name"] == "nat-pre-in2out")
    assert again["text"] == ["in2out next_index 2 arc_next_index 10"] * 2


def test_icmp_and_what_becomes_of_a_packet_that_is_too_old():
    reply, expired = NAT[3], NAT[4]
    assert headers(reply, "ip4-input")["icmp"] == {"type": "echo_reply", "id": 12358}
    assert headers(reply, "nat44-ed-out2in")["nat"]["rewrite"] == {"source": "80.80.80.80", "destination": "192.168.100.10", "icmp_id": 12358}
    assert headers(expired, "host-vcl-output")["icmp"] == {"type": "time_exceeded", "code": "ttl_exceeded_in_transit"}
    assert headers(expired, "error-drop") == {"rx": {"name": "host-vcl"}}
    assert "result" not in headers(expired, "nat44-ed-in2out")["nat"]


def test_why_a_packet_was_dropped():
    assert headers(NAT[5], "drop") == {"drop": {"node": "ip4-glean", "reason": "ARP requests sent"}}
    assert headers(SERVER[3], "drop") == {"drop": {"node": "ip4-udp-lookup", "reason": "No listener for dst port"}}
    assert headers(SERVER[3], "ip4-input")["udp"] == {"source_port": 57990, "destination_port": 9, "length": 9}
    denied = OTHER[5]
    assert headers(denied, "acl-plugin-in-ip4-fa") == {"acl": {"sw_if_index": 1, "action": 0, "acl": 0, "rule": 0}}
    assert headers(denied, "drop")["drop"]["reason"] == "ACL deny packets"


def test_what_vpp_makes_itself_has_no_input():
    made = SERVER[1]
    assert made[0]["name"] == "session-queue" and not any("rx" in node["headers"] for node in made)
    # A checksum that is still to be made is no reason not to read the line.
    assert headers(made, "ip4-lookup")["ip4"]["length"] == 60 and headers(made, "ip4-lookup")["ip4"]["flags"] == ["DONT_FRAGMENT"]


def test_arp():
    assert headers(SERVER[4], "arp-input") == {
        "arp": {
            "operation": "request",
            "source_phys_address": "02:fe:00:00:00:02",
            "source": "80.80.80.100",
            "destination_phys_address": "00:00:00:00:00:00",
            "destination": "80.80.80.81",
        }
    }


def test_vlans_and_the_sub_interface_that_a_packet_leaves_by():
    assert headers(OTHER[0], "ethernet-input")["ethernet"]["vlans"] == [100]
    assert headers(OTHER[0], "memif1/0-output")["tx"] == {"name": "memif1/0.100"}
    assert headers(OTHER[0], "memif1/0-output")["arp"]["operation"] == "reply"
    assert headers(OTHER[2], "memif1/0-output")["ethernet"]["vlans"] == [100]


def test_ipv6():
    assert headers(OTHER[1], "ip6-input")["ip6"] == {
        "protocol": "IP6_HOP_BY_HOP_OPTIONS",
        "source": "fe80::fe:ff:fe00:2",
        "destination": "ff02::16",
        "tos": 0,
        "flow": 0,
        "ttl": 1,
        "length": 96,
    }
    assert headers(OTHER[4], "ip6-input")["icmp"] == {"type": "neighbor_solicitation", "target": "fe80::fe:ff:fe00:3"}


def test_a_later_fragment_has_no_ports():
    fragment = headers(OTHER[3], "ip4-input")
    assert set(fragment) == {"ip4"}
    assert (fragment["ip4"]["fragment_offset"], fragment["ip4"]["flags"]) == (1480, ["MORE_FRAGMENTS"])


def test_a_tunnel_that_ends_here():
    assert headers(OTHER[6], "ip4-input", 0)["ip4"]["protocol"] == "IP_IN_IP"
    assert headers(OTHER[6], "ip4-input", 1)["ip4"]["source"] == "192.168.100.10"


def test_a_second_header_of_a_layer_begins_what_is_inner():
    (node,) = parse(
        "00:00:00:000001: ip4-lookup\n  UDP: 10.0.0.1 -> 10.0.0.2\n    tos 0x00, ttl 7, length 60, checksum 0x0000\n  UDP: 1 -> 2\n  TCP: 10.1.0.1 -> 10.1.0.2"
    )
    assert node["headers"]["ip4"]["ttl"] == 7 and node["headers"]["udp"] == {"source_port": 1, "destination_port": 2}
    assert node["headers"]["inner"] == {"ip4": {"protocol": "TCP", "source": "10.1.0.1", "destination": "10.1.0.2"}}


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("00:00:48:710973", 48.710973),
        ("27:46:40:000001", 100000.000001),
        ("1795615447.465555", 1795615447.465555),
        ("2026-11-25T14:04:07.465555", 1795615447.465555),
    ],
)
def test_the_ways_in_which_vpp_writes_times(text, time):
    assert seconds(text) == pytest.approx(time, abs=1e-6)
    (node,) = parse(f"\n{text}: memif-input\n  memif: hw_if_index 2 next-index 4")
    assert node["name"] == "memif-input" and node["time"] == pytest.approx(time, abs=1e-6)


@pytest.mark.parametrize(
    "text", ["", "\n\n", "No packets in trace buffer\n", "------------------- Start of thread 0 vpp_main -------------------\n", "  TCP: 1 -> 2\n"]
)
def test_no_packet(text):
    assert parse(text) == [] and packets(text) == []


@pytest.mark.parametrize("name", ["nat44", "server", "other"])
def test_whatever_is_torn_off_does_no_harm(name):
    text = (VECTORS / f"vpp-trace-{name}.txt").read_text()
    for end in range(0, len(text), 97):
        for nodes in packets(text[:end]):
            assert all(set(node) == {"name", "time", "headers", "text"} for node in nodes)


def test_a_line_that_is_no_node_is_text_of_the_last_one():
    (node,) = parse("00:00:00:000001: x\nunexpected: 1\n  IP header truncated\n")
    assert node["text"] == ["unexpected: 1", "IP header truncated"] and node["headers"] == {}
