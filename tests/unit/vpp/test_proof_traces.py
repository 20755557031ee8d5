# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the proof takes out of VPP's trace: packets at interfaces. Recorded texts of a live VPP."""

from __future__ import annotations

import contextlib

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.lock import Locked
from ansible_collections.pantheon.cnf.plugins.module_utils.proof.model import Place
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import proof, trace
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.inventory import Interface
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.trace_text import parse

from tests.unit.vpp.test_trace_text import recorded

LAN = Interface(1, "memif0", "host-vcl", "af-packet", True, "02:fe:00:00:00:01", 1)
WAN = Interface(2, "memif1", "memif1/0", "memif", True, "02:fe:00:00:00:02", 2)
DOOR = Interface(1, "memif0", "memif1/0", "memif", True, "02:fe:00:00:00:03", 1)
INNER = Interface(2, "vlan", "memif1/0.100", "memif", True, "02:fe:00:00:00:03", 1, (100,))
CLIENT, POOLED, SERVER = "192.168.100.10", "80.80.80.103", "80.80.80.80"


def ports(packets, *interfaces):
    return trace.Ports(interfaces, [trace.Traced(0, at, nodes) for at, nodes in enumerate(packets)])


def seen(name, number, *interfaces):
    """(way, interface, what is told of the packet) wherever it was seen."""
    packets = recorded(name)
    return [(way, where.name, str(what)) for way, where, what in proof.seen(packets[number], ports(packets, *interfaces)) if where]


def test_before_and_after_translation():
    assert seen("nat44", 0, LAN, WAN) == [("rx", "memif0", f"TCP {CLIENT}:52480 -> {SERVER}:80"), ("tx", "memif1", f"TCP {POOLED}:52480 -> {SERVER}:80")]
    assert seen("nat44", 1, LAN, WAN) == [("rx", "memif1", f"TCP {SERVER}:80 -> {POOLED}:52480"), ("tx", "memif0", f"TCP {SERVER}:80 -> {CLIENT}:52480")]


def test_flags_and_sequence_number_of_a_packet():
    packets = recorded("nat44")
    (_rx, _lan, syn), (_tx, _wan, left) = proof.seen(packets[0], ports(packets, LAN, WAN))
    assert (syn.flags, syn.sequence, syn.outgoing) == (0x02, 0x46D95053, False)
    assert (left.flags, left.sequence, left.outgoing) == (0x02, 0x46D95053, True)
    assert proof.seen(packets[1], ports(packets, LAN, WAN))[0][2].flags == 0x12


def test_what_is_made_on_the_way_is_seen_where_it_leaves():
    # Too old: an error goes back. Nobody there: the packet is gone.
    assert seen("nat44", 4, LAN, WAN) == [("rx", "memif0", f"ICMP {CLIENT} -> {SERVER}"), ("tx", "memif0", f"ICMP 192.168.100.1 -> {CLIENT}")]
    assert seen("nat44", 5, LAN, WAN) == [("rx", "memif0", f"UDP {CLIENT}:57990 -> 80.80.80.81:9")]


def test_what_vpp_sends_of_itself_came_from_nowhere():
    assert seen("server", 1, DOOR) == [("tx", "memif0", f"TCP {SERVER}:80 -> {POOLED}:52480")]


def test_arp_and_ipv6_and_what_is_neither():
    packets = recorded("server")
    ((_way, _where, asked),) = proof.seen(packets[4], ports(packets, DOOR))
    assert str(asked) == "ARP 80.80.80.100 -> 80.80.80.81" and asked.addresses == {"80.80.80.100", "80.80.80.81"}
    assert seen("other", 1, DOOR, INNER) == [("rx", "memif0", "IPv6 fe80::fe:ff:fe00:2 -> ff02::16")]
    nodes = parse("1.000000: memif-input\n  memif: hw_if_index 1 next-index 4\n1.000000: ethernet-input\n  0x88cc: 02:00:00:00:00:01 -> 02:fe:00:00:00:03")
    ((_way, _where, other),) = proof.seen(nodes, ports([nodes], DOOR))
    assert other.protocol == "EtherType 0x88cc" and not other.addresses


def test_sub_interfaces():
    assert seen("other", 2, DOOR, INNER) == [("rx", "vlan", "ICMP 10.8.0.1 -> 10.8.0.2"), ("tx", "vlan", "ICMP 10.8.0.2 -> 10.8.0.1")]
    assert seen("other", 0, DOOR, INNER)[1] == ("tx", "vlan", "ARP 10.8.0.2 -> 10.8.0.1")


class Traced:
    """A VPP whose trace is given."""

    def __init__(self, texts):
        self.texts = texts

    def exchange(self, calls):
        return [{"retval": 0, "node_index": 1} for _each in calls]

    def learn(self, *_name, **_of):
        pass

    def run(self, scripts):
        for script in scripts:
            with contextlib.suppress(StopIteration):
                next(script)
                while True:
                    script.send({"retval": 0})
        return [None] * len(scripts)

    def dump(self, _message, **fields):
        assert fields["clear_cache"] is True
        return [{"thread_id": 0, "position": at, "trace_data": text} for at, text in enumerate(self.texts)]


def written(nodes):
    """The text of a packet."""
    return "\n".join(f"{node['time']:.6f}: {node['name']}\n" + "\n".join(f"  {line}" for line in node["text"]) for node in nodes)


@pytest.fixture(name="arrivals")
def _arrivals():
    def make(name, server):
        return proof.Arrivals(Traced([written(nodes) for nodes in recorded(name)]), [DOOR, INNER], server)

    return make


def test_what_came_to_a_server_by_its_door(arrivals):
    watch = arrivals("server", (SERVER, 80))
    assert [str(each) for each in watch.packets()["server"]] == [
        f"TCP {POOLED}:52480 -> {SERVER}:80",
        f"TCP {POOLED}:52480 -> {SERVER}:80",
        f"UDP {POOLED}:57990 -> {SERVER}:9",
        "ARP 80.80.80.100 -> 80.80.80.81",
    ]
    assert watch.missed() == 0
    assert [node["name"] for node in watch.way({0x46D95053})][-1] == "tcp4-listen" and watch.way({1}) == []
    assert arrivals("server", (SERVER, 81)).packets()["server"] == []


def test_what_a_tunnel_carries_has_come_too(arrivals):
    (door,) = [each for each in arrivals("other", (SERVER, 0)).packets()["server"] if each.protocol == "IP_IN_IP"]
    assert {CLIENT, "10.7.0.2"} <= door.addresses


def test_a_trace_that_is_full_may_have_missed_something(arrivals, monkeypatch):
    monkeypatch.setattr(proof, "PACKETS", 4)
    assert arrivals("server", (SERVER, 80)).missed() == 1


LOST = """00:06:38:101999: tap-input
  virtio: hw_if_index 1 next-index 4 vring 0 len 66
    hdr: flags 0x00 gso_type 0x00 hdr_len 0 gso_size 0 csum_start 0 csum_offset 0 num_buffers 1
00:06:38:112490: ip4-sv-reassembly-feature
  [not-fragmented]
00:06:38:112575: ip4-sv-reassembly-output-feature
  [not-fragmented]
"""
"""Of a TAP: VPP traces it no further when a memif received since the TAP's last frame."""


def test_a_packet_that_the_trace_does_not_follow_is_told_as_lost():
    assert proof.VppWatch(Traced([written(recorded("nat44")[0]), LOST]), [LAN, WAN], {}).lost() == 1


def test_a_packet_that_got_through_is_shown_before_one_that_was_dropped():
    through, dropped = recorded("nat44")[0], recorded("nat44")[5]
    dropped[2]["text"] = through[2]["text"]
    watch = proof.VppWatch(Traced([written(dropped), written(through)]), [LAN, WAN], {})
    assert watch.way({0x46D95053})[-1]["name"] == "memif1/0-output"
    assert proof.VppWatch(Traced([written(dropped)]), [LAN, WAN], {}).way({0x46D95053})[-1]["name"] == "drop"


def test_nothing_can_be_sent_from_vpp():
    with pytest.raises(Exception, match="CNF nat is on VPP: nothing can be sent from there"):
        proof.VppSite(Place("nat", "nat", "/run/x.sock"), None).inside()


def test_two_proofs_do_not_have_the_one_trace_of_a_vpp_at_the_same_time(monkeypatch, tmp_path):
    stopped = []
    monkeypatch.setattr(trace, "stop", stopped.append)
    monkeypatch.setattr(proof, "TURN", 0.0)
    one, two = (proof.VppSite(Place(name, name, str(tmp_path / "api.sock")), name) for name in ("one", "two"))
    with one._tracing():
        with pytest.raises(Locked, match=r"api.sock \(its trace\) is being changed by a proof"), two._tracing():
            pass
        assert stopped == []
    with two._tracing():
        pass
    assert stopped == ["one", "two"]
