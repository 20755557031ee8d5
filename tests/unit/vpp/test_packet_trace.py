# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""packet_trace on VPP: on the double, with texts of a live VPP, and on a live one, with real packets."""

from __future__ import annotations

import pathlib
import re
import socket
import struct

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import trace
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Dump
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.inventory import Interface
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.trace_text import parse

from tests.support.modules import ModuleFailed, run_module
from tests.unit.vpp.test_trace_text import VECTORS, recorded

INSIDE_MAC, OUTSIDE_MAC = "02:fe:00:00:00:01", "02:fe:00:00:00:02"


def texts(name):
    """What trace_data says of each packet."""
    return re.split(r"(?m)^Packet \d+$", (VECTORS / f"vpp-trace-{name}.txt").read_text())[1:]


def run(vpp, state, **options):
    return run_module("vpp_packet_trace", **vpp.place, state=state, **options)


@pytest.fixture(name="nat")
def _nat(double):
    """The double with the interfaces of the VPP that the texts are of."""
    state = double.double.state
    state.add_interface("host-vcl", "af-packet", mac=INSIDE_MAC, tag="memif0 (link)")
    state.add_interface("memif1/0", "memif", mac=OUTSIDE_MAC, tag="memif1 (link)")
    state.add_interface("loop0", "Loopback", mac="02:fe:00:00:00:09")
    return double


def test_start_fetch_stop(nat):
    begun = run(nat, "started", packets=4)
    assert begun["changed"] and begun["commands"] == [
        "trace_clear_capture",
        "trace_set_filters flag=0 count=0 node_index=4294967295 classifier_table_index=4294967295",
        "trace_capture_packets node_index=af-packet-input max_packets=4 use_filter=false verbose=true pre_capture_clear=false",
        "trace_capture_packets node_index=memif-input max_packets=4 use_filter=false verbose=true pre_capture_clear=false",
    ]
    for text in texts("nat44"):
        nat.double.state.trace.passes(text)
    fetched = run(nat, "fetched")
    assert not fetched["changed"] and fetched["commands"] == []
    assert fetched["counted"] == {"af-packet-input": 4, "memif-input": 2}
    ways = [(one["received_on"], one["sent_on"], one["dropped"]) for one in fetched["packets"]]
    forth, back = ("memif0", ["memif1"], None), ("memif1", ["memif0"], None)
    assert ways == [forth, back, forth, back, ("memif0", ["memif0"], "ethernet-input: no error"), ("memif0", [], "ip4-glean: ARP requests sent")]
    assert fetched["packets"][0]["nodes"] == recorded("nat44")[0]
    stopped = run(nat, "stopped")
    assert stopped["changed"] and stopped["packets"] == fetched["packets"] and stopped["commands"] == ["trace_clear_capture", "trace_clear_cache"]
    assert run(nat, "fetched")["packets"] == [] and nat.double.state.trace.limits == {}


def test_what_is_fetched_can_be_narrowed(nat):
    run(nat, "started")
    for text in texts("nat44"):
        nat.double.state.trace.passes(text)
    assert len(run(nat, "fetched", interfaces=["memif1"])["packets"]) == 4
    assert len(run(nat, "fetched", interfaces=["memif1/0"])["packets"]) == 4
    assert len(run(nat, "fetched", nodes=["error-drop"])["packets"]) == 2
    assert len(run(nat, "fetched", nodes=["error-drop"], interfaces=["memif1"])["packets"]) == 0


def test_where_a_trace_begins(nat):
    assert [line.split()[1] for line in run(nat, "started", interfaces=["memif1"])["commands"][2:]] == ["node_index=memif-input"]
    assert nat.double.state.trace.limits == {"memif-input": 50}
    run(nat, "started", nodes=["session-queue"])
    assert nat.double.state.trace.limits == {"session-queue": 50}
    nat.double.state.add_interface("BondEthernet0", "bond", mac="02:fe:00:00:00:0a", tag="bond0")
    assert run(nat, "started")["changed"] and nat.double.state.trace.limits == {"af-packet-input": 50, "memif-input": 50}
    for options, says in (
        ({"interfaces": ["memif7"]}, "there is no interface 'memif7'; there is memif0, memif1, loop0, bond0"),
        ({"interfaces": ["loop0"]}, "nothing to trace from: loop0 has no input node"),
        ({"nodes": ["nonsense"]}, "this VPP has no node nonsense"),
        ({"nodes": ["ip4-lookup"]}, "no packets can be traced from ip4-lookup, only from where packets come in"),
        ({"nodes": ["memif-input", "ip4-lookup"]}, "no packets can be traced from ip4-lookup, only"),
        ({"interfaces": ["bond0"]}, "no packets can be traced from bond-input, only"),
        ({"packets": 0}, "packets: 0 is not from 1 to 10000"),
        ({"packets": 10001}, "packets: 10001 is not"),
    ):
        with pytest.raises(ModuleFailed, match=says):
            run(nat, "started", **options)


def test_check_mode_touches_nothing(nat):
    begun = run(nat, "started", check=True)
    assert begun["changed"] and len(begun["commands"]) == 4 and nat.double.state.trace.limits == {}
    run(nat, "started")
    nat.double.state.trace.passes(texts("nat44")[0])
    assert len(run(nat, "stopped", check=True)["packets"]) == 1
    assert len(run(nat, "fetched")["packets"]) == 1


def test_a_filter_that_somebody_left_does_not_hide_packets(nat):
    nat.double.state.trace.filter = 1
    run(nat, "started")
    nat.double.state.trace.passes(texts("nat44")[0])
    assert len(run(nat, "fetched")["packets"]) == 1


def test_a_dump_never_reads_what_was_freed(nat):
    """VPP keeps a copy of pointers for each client. The double insists on what would crash it."""
    run(nat, "started")
    nat.double.state.trace.passes(texts("nat44")[0])
    with nat.session() as session:
        assert len(trace.fetch(session)) == 1
        trace.start(session, trace.existing(session, [["memif-input"]]), 5)
        assert trace.fetch(session) == []
        assert session.exchange([Dump("trace_v2_dump", {"thread_id": 0xFFFFFFFF, "max": 10})]) == [[]]
    assert {each["clear_cache"] for each in nat.double.called("trace_v2_dump")[:-1]} == {True}


@pytest.mark.parametrize(("message", "state"), [("trace_capture_packets", "started"), ("trace_v2_dump", "fetched"), ("trace_clear_capture", "stopped")])
def test_a_vpp_that_dies_meanwhile_is_an_error(nat, message, state):
    nat.double.die(message)
    with pytest.raises(ModuleFailed, match=rf"{message}.*{nat.socket}"):
        run(nat, state)


def test_without_the_plugin_it_is_said(make_double):
    place = make_double(lacks={"tracedump"})
    place.double.state.add_interface("memif1/0", "memif")
    with pytest.raises(ModuleFailed, match=r"tracedump_plugin\.so is not loaded"):
        run(place, "started")


ETHERNET = [Interface(1, "lan", "host-vcl", "af-packet", True, INSIDE_MAC, 1), Interface(2, "wan", "memif1/0", "memif", True, OUTSIDE_MAC, 2)]
TAGGED = Interface(3, "vlan", "memif1/0.100", "memif", True, OUTSIDE_MAC, 2, (100,))

ANSWERED = (
    "  memif: hw_if_index 8 next-index 4\n1.000000: arp-reply\n  request, type ethernet/IP4, address size 6/4\n2.000000: a-output\n  host-vcl flags 0x00180005"
)


@pytest.mark.parametrize(
    ("text", "came"),
    [
        ("  memif: hw_if_index 9 next-index 4\n1.000000: ethernet-input\n  IP4: 02:00:00:00:00:01 -> 02:fe:00:00:00:02", "wan"),
        ("  memif: hw_if_index 9 next-index 4\n1.000000: ethernet-input\n  IP4: 02:00:00:00:00:01 -> 02:fe:00:00:00:02 802.1q vlan 100", "vlan"),
        ("  memif: hw_if_index 9 next-index 4\n1.000000: ethernet-input\n  IP4: 02:00:00:00:00:01 -> 02:fe:00:00:00:02 802.1q vlan 7", "wan"),
        ("  memif: hw_if_index 9 next-index 4\n1.000000: ethernet-input\n  ARP: 02:00:00:00:00:01 -> ff:ff:ff:ff:ff:ff", "wan"),
        ("  memif: hw_if_index 8 next-index 4\n1.000000: ethernet-input\n  ARP: 02:00:00:00:00:01 -> ff:ff:ff:ff:ff:ff", None),
        ("  memif: hw_if_index 8 next-index 4\n1.000000: error-drop\n  rx:host-vcl", "lan"),
        ("  memif: hw_if_index 9 next-index 4\n1.000000: nat44-ed-in2out\n  NAT44_IN2OUT_ED_FAST_PATH: sw_if_index 1, next index 3", "lan"),
        ("  memif: hw_if_index 8 next-index 4\n1.000000: ethernet-input\n  frame: flags 0x1, hw-if-index 8, sw-if-index 3", "vlan"),
        (ANSWERED, "lan"),
        # What it was sent with says nothing about where it came from.
        ("  x\n1.000000: memif1/0-output\n  memif1/0 flags 0x00180005\n  IP4: 02:fe:00:00:00:02 -> 02:fe:00:00:00:01", None),
    ],
)
def test_by_which_interface_a_packet_came(text, came):
    """The input node tells a number that the API does not have: it was seen that the two differ once a sub-interface was made."""
    teacher = trace.Traced(0, 0, parse("1.000000: memif-input\n  memif: hw_if_index 9 next-index 4\n1.000000: x\n  IP4: 02:00:00:00:00:01 -> " + OUTSIDE_MAC))
    nodes = parse("1.000000: memif-input\n" + text)
    ports = trace.Ports([*ETHERNET, TAGGED], [teacher])
    found = ports.received(nodes)
    assert (found.name if found else None) == came


def test_a_live_vpp_traces_what_comes_in(live):
    with live.session() as session:
        for at, name in enumerate(("host-one", "host-two"), 1):
            live.host_device(name)
            made = session.call("af_packet_create_v3", mode=1, hw_addr=f"02:fe:00:00:01:0{at}", host_if_name=name, flags=2, num_rx_queues=1, num_tx_queues=1)
            index = made["sw_if_index"]
            session.call("sw_interface_tag_add_del", is_add=True, sw_if_index=index, tag=f"lan{at} (link)")
            session.call("sw_interface_add_del_address", is_add=True, sw_if_index=index, prefix=f"10.0.{at}.1/24")
            session.call("sw_interface_set_flags", sw_if_index=index, flags=1)
            # From now on numbers of hardware and of software differ for what is made after it.
            session.call("create_vlan_subif", sw_if_index=index, vlan_id=7)
    run(live, "started", interfaces=["lan2"], packets=100)
    ask(live, "host-two", "10.0.2.1")
    asked = [one for one in run(live, "fetched", interfaces=["lan2"])["packets"] if any("arp" in node["headers"] for node in one["nodes"])]
    assert [(one["received_on"], one["sent_on"]) for one in asked] == [("lan2", ["lan2"])]
    answer = next(node["headers"]["arp"] for node in asked[0]["nodes"] if "tx" in node["headers"])
    assert answer == {
        "operation": "reply",
        "source_phys_address": "02:fe:00:00:01:02",
        "source": "10.0.2.1",
        "destination_phys_address": "02:00:00:00:00:99",
        "destination": "10.0.2.99",
    }
    run(live, "started", packets=1)
    for _each in range(3):
        ask(live, "host-two", "10.0.2.1")
    stopped = run(live, "stopped")
    assert stopped["counted"] == {"af-packet-input": 1}
    ask(live, "host-two", "10.0.2.1")
    assert run(live, "fetched")["packets"] == []
    with pytest.raises(ModuleFailed, match="no packets can be traced from ip4-lookup"):
        run(live, "started", nodes=["ip4-lookup"])
    # One that has an input node which is no place to begin, beside those that have one.
    with live.session() as session:
        session.call("bond_create2", mode=3, id=0)
        session.call("create_loopback_instance")
    assert run(live, "started")["changed"]
    ask(live, "host-two", "10.0.2.1")
    assert run(live, "stopped")["counted"].keys() == {"af-packet-input"}


def ask(live, device, address):
    """An ARP request, and its answer."""
    with Host(live.namespace.name) as host, host.inside():
        asking = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    with asking:
        asking.bind((f"peer-{device}", 0x0806))
        asking.settimeout(3)
        head = b"\xff" * 6 + b"\2\0\0\0\0\x99" + b"\x08\x06" + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1)
        sender = socket.inet_aton(address)[:3] + b"\x63"
        asking.send(head + b"\2\0\0\0\0\x99" + sender + bytes(6) + socket.inet_aton(address))
        while asking.recv(100)[20:22] != b"\0\2":
            pass


def test_the_texts_are_those_of_a_file():
    assert pathlib.Path(VECTORS).is_dir() and len(texts("nat44")) == len(recorded("nat44")) == 6
