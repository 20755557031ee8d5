# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What VPP cannot do, does wrong without a word or crashes from is refused by the field's name, and nothing is sent."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.links import Links

from tests.unit.test_no_field_is_ignored import paths, without
from tests.unit.vpp.link_world import (
    MAC,
    World,
    bond,
    gre,
    ipip,
    link,
    loop,
    memif,
    on,
    sub,
    tap,
    vrf,
    vxlan,
    wireguard,
)

SUPPORT = Links.support[INTERFACE.id]
P, UP = loop("p"), {"enabled": True}
POLLING = [{"default_mode": True, "mode": "POLLING"}]

REFUSED = {
    "VMXNET3": ([link("VMXNET3_INTERFACE", "a")], "type", "VMXNET3_INTERFACE: not done; one that VPP has already is of type DPDK"),
    "RDMA": ([link("RDMA", "a", rdma={"host_if_name": "eth0"})], "type", "RDMA: not done"),
    "GTPU": ([link("GTPU_TUNNEL", "a", gtpu={"src_addr": "10.0.0.1", "dst_addr": "10.0.0.2"})], "type", "GTPU_TUNNEL: not done"),
    "IPsec": ([link("IPSEC_TUNNEL", "a", ipsec={})], "type", "IPSEC_TUNNEL: the model itself has it no more"),
    "SLAAC": ([loop("a", ip6_nd={"address_autoconfig": True})], "ip6_nd", "off on one interface takes away the addresses that all others were given"),
    "name": ([loop("ä")], "name", "VPP keeps it as a tag, of at most 63 printable ASCII characters"),
    "name of a link": ([loop("a (link)")], "name", r"and not ending in ' \(link\)'"),
    "MAC of a sub-interface": ([P, sub("a", "p", 5, phys_address=MAC)], "phys_address", "this interface has no MAC address of its own"),
    "MAC of IPIP": ([ipip("a", "10.1.1.2", phys_address=MAC)], "phys_address", "has no MAC address"),
    "MAC of WireGuard": ([wireguard("a", phys_address=MAC)], "phys_address", "has no MAC address"),
    "MAC of GRE": ([gre("a", "L3", "10.1.1.2", phys_address=MAC)], "phys_address", "has no MAC address"),
    "MAC of GPE": ([vxlan("a", "10.1.1.2", 1, gpe={"protocol": "ETHERNET"}, phys_address=MAC)], "phys_address", "has no MAC address"),
    "MAC of an IP memif": ([memif("a", mode="IP", phys_address=MAC)], "phys_address", "has no MAC address"),
    "MAC of a tun": ([tap("a", {"enable_tunnel": True}, phys_address=MAC)], "phys_address", "has no MAC address"),
    "rx mode": ([loop("a", rx_modes=POLLING)], "rx_modes", "an interface of type SOFTWARE_LOOPBACK has no queues"),
    "rx mode of a sub-interface": ([P, sub("a", "p", 5, rx_modes=POLLING)], "rx_modes", "an interface of type SUB_INTERFACE has no queues"),
    "rx placement": ([bond("a", 1, "XOR", rx_placements=[{"queue": 0, "worker": 1}])], "rx_placements", "of type BOND_INTERFACE has no queues"),
    "VLAN 0": ([P, sub("a", "p", 0)], "sub.sub_id", "0 is no VLAN id from 1 to 4094"),
    "VLAN 4095": ([P, sub("a", "p", 4095)], "sub.sub_id", "4095 is no VLAN id from 1 to 4094"),
    "child of a child": ([P, sub("a", "p", 5), sub("b", "a", 6)], "sub.parent_name", "a is a sub-interface itself, and VPP would put this one beside it"),
    "POP2": ([P, sub("a", "p", 5, {"tag_rw_option": "POP2"})], "sub.tag_rw_option", "POP2 takes two tags off"),
    "TRANSLATE22": ([P, sub("a", "p", 5, {"tag_rw_option": "TRANSLATE22"})], "sub.tag_rw_option", "TRANSLATE22 takes two tags off"),
    "tag for nothing": ([P, sub("a", "p", 5, {"tag_rw_option": "POP1", "tag1": 5})], "sub.tag1", "tag_rw_option POP1 puts no such tag on"),
    "second tag": ([P, sub("a", "p", 5, {"tag_rw_option": "PUSH1", "tag2": 5})], "sub.tag2", "tag_rw_option PUSH1 puts no such tag on"),
    "dot1q": ([P, sub("a", "p", 5, {"push_dot1q": True})], "sub.push_dot1q", "tag_rw_option DISABLED puts no such tag on"),
    "PUNT_INJECT": ([memif("a", mode="PUNT_INJECT")], "memif.mode", "VPP crashes when it makes a memif of mode PUNT_INJECT"),
    "long secret": ([memif("a", made={"secret": "x" * 24})], "memif.secret", "VPP takes at most 23 ASCII characters"),
    "strange secret": ([memif("a", made={"secret": "ä"})], "memif.secret", "VPP takes at most 23 ASCII characters"),
    "TAP of old": ([tap("a", {"version": 1})], "tap.version", "there is only version 2"),
    "TAP elsewhere": ([tap("a", {"to_microservice": "b"})], "tap.to_microservice", "join two CNFs with cnf_link"),
    "TAP's name": ([tap("much-too-long-for-linux")], "tap.host_if_name", "much-too-long-for-linux is no kernel interface name"),
    "TAP's ring": ([tap("a", {"rx_ring_size": 65536})], "tap.rx_ring_size", "65536 is more than 32768"),
    "two families": ([vxlan("a", "fd00::2", 1)], "vxlan.dst_address", "10.1.1.1 and fd00::2 are not of one family"),
    "both ends the same": ([gre("a", "L3", "10.1.1.1")], "gre.dst_addr", "a tunnel has two different ends"),
    "no host": ([ipip("a", "0.0.0.0")], "ipip.dst_addr", "0.0.0.0 is no address of one host"),
    "many sources": ([vxlan("a", "10.1.1.2", 1, src="239.1.1.1")], "vxlan.src_address", "239.1.1.1 is no address of one host"),
    "session": ([gre("a", "L3", "10.1.1.2", session=5)], "gre.session_id", "only an ERSPAN tunnel has one"),
    "target of many": (
        [link("IPIP_TUNNEL", "a", ipip={"tunnel_mode": "POINT_TO_MULTIPOINT", "src_addr": "10.1.1.1", "dst_addr": "10.1.1.2"})],
        "ipip.dst_addr",
        "a tunnel to many has no address of the other end",
    ),
    "hash": ([bond("a", 1, "LACP", lb="AB")], "bond.lb", "mode LACP goes by L2, L34 or L23, not by AB"),
    "member of two": ([P, bond("a", 1, "XOR", "p"), bond("b", 2, "XOR", "p")], "bond.bonded_interfaces", "p is a member of a already"),
    "member that is a sub-interface": ([P, sub("s", "p", 5), bond("a", 1, "XOR", "s")], "bond.bonded_interfaces", "s is of type SUB_INTERFACE"),
    "member that is a bond": ([bond("b", 2, "XOR"), bond("a", 1, "XOR", "b")], "bond.bonded_interfaces", "b is of type BOND_INTERFACE"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_by_the_name_of_the_field(case):
    values, field, text = REFUSED[case]
    world = object.__new__(World)
    world.session = None
    assert [problem for value in values if field != "name" for problem in INTERFACE.problems(value.data)] == []
    with pytest.raises(CnfError, match=f"vpp/interfaces .*{field.rpartition('.')[2]}.*: .*{text}") as error:
        world.apply(*values, offline=True, check_mode=True)
    assert error.value.context["field"] == field


def test_every_field_has_a_word_and_what_is_refused_is():
    def all_paths(fields, base=""):
        for name, field in fields.items():
            yield base + name
            yield from all_paths(field.fields, f"{base}{name}.")

    refused = [path for path, text in SUPPORT.items() if text.startswith("refused: ")]
    for path in all_paths(INTERFACE.fields):
        assert path in SUPPORT or any(path.startswith(f"{each}.") for each in refused), path
    assert set(SUPPORT) <= set(all_paths(INTERFACE.fields))
    shown = {field for _values, field, _text in REFUSED.values()}
    types = {"ipsec", "vmx_net3", "gtpu", "rdma"}
    assert set(refused) - types <= shown


# Values that together have every field that makes a difference; each stands beside what it refers to.
EVERY_FIELD = [
    (loop("a", "10.1.1.1/24", phys_address=MAC, mtu=1400, vrf=5, **UP), vrf(5)),
    (loop("a", set_dhcp_client=True), []),
    (loop("a", unnumbered={"interface_with_ip": "p"}), [loop("p", "10.1.1.1/24")]),
    (sub("a", "p", 5, {"tag_rw_option": "PUSH2", "push_dot1q": True, "tag1": 5, "tag2": 6}), [P]),
    (memif("a", 1, "/x.sock", True, "IP", {"secret": "x", "ring_size": 512, "buffer_size": 1024, "rx_queues": 2, "tx_queues": 2}), []),
    (on("a", "host-0", rx_modes=[{"queue": 1, "mode": "POLLING"}, *POLLING], rx_placements=[{"queue": 1, "worker": 1}]), []),
    (on("a", "host-0", rx_placements=[{"queue": 0, "main_thread": True}]), []),
    (link("AF_PACKET", "a", afpacket={"linux_interface": "host-0"}), []),
    (tap("a", {"host_if_name": "b", "rx_ring_size": 512, "tx_ring_size": 512, "enable_gso": True, "enable_tunnel": True}), []),
    (vxlan("a", "239.1.1.1", 5, multicast="p", gpe={"protocol": "IP4", "decap_vrf_id": 5}), [P, *vrf(5)]),
    (bond("a", 1, "LACP", {"name": "p", "is_passive": True, "is_long_timeout": True}, lb="L34"), [P]),
    (gre("a", "ERSPAN", "10.1.1.2", vrf=5, session=5), vrf(5)),
    (ipip("a", "10.1.1.2"), []),
    (ipip("a"), []),
    (wireguard("a"), []),
]
NO_DIFFERENCE = {"tap.version"}


def lowered(*values):
    world = object.__new__(World)
    world.session = None
    made = world.dataplane(offline=True).lower(values, {})
    return sorted(((one.key, one.attributes, one.requires, one.claims) for one in made.values()), key=repr)


CASES = [(value, beside, path) for value, beside in EVERY_FIELD for path in dict.fromkeys(paths(value.data)) if path not in ("name", *NO_DIFFERENCE)]


@pytest.mark.parametrize(("value", "beside", "path"), CASES, ids=lambda each: each if isinstance(each, str) else "")
def test_without_the_field_something_else_comes_out(value, beside, path):
    assert INTERFACE.problems(value.data) == []
    whole = lowered(value, *beside)
    try:
        part = lowered(INTERFACE.value(without(value.data, path)), *beside)
    except (CnfError, KeyError):
        return  # the field cannot be missing
    assert whole != part


def test_every_field_that_vpp_can_do_is_in_one_of_these_values():
    shown = {path for _value, _beside, path in CASES} | {"name", *NO_DIFFERENCE}
    messages = {path.rpartition(".")[0] for path in SUPPORT}
    assert {path for path, text in SUPPORT.items() if not text.startswith("refused: ")} - messages - shown == set()


def test_who_is_meant_is_asked_before_anything_is_touched(double):
    with double.session() as session:
        world = World(double, session)
        for values, text in (
            ([loop("parent"), sub("a", "paernt", 5)], "vpp/interfaces .*/a: CNF t has no interface paernt; did you mean parent\\?"),
            ([vxlan("a", "239.1.1.1", 5, multicast="p")], "vpp/interfaces .*/a: CNF t has no interface p"),
            ([bond("a", 1, "XOR", "p")], "vpp/interfaces .*/a: CNF t has no interface p"),
            ([sub("a", "a", 5)], "vpp/interfaces a: it cannot lie on itself"),
            ([gre("a", "L3", "10.1.1.2", vrf=9)], "vpp/interfaces a: gre.outer_fib_id: vrf 9 does not exist for IPv4; a vpp/vrf-table makes it"),
            ([vxlan("a", "10.1.1.2", 5, gpe={"protocol": "IP6", "decap_vrf_id": 9})], "vxlan.gpe.decap_vrf_id: vrf 9 does not exist for IPv6"),
            ([on("a", "host-0"), on("b", "host-0")], "interface b and interface a both want host device host-0"),
            ([vxlan("a", "10.1.1.2", 5), vxlan("b", "10.1.1.2", 5)], "interface b and interface a both want vxlan 10.1.1.1 10.1.1.2 5"),
            ([gre("a", "TEB", "10.1.1.2"), gre("b", "TEB", "10.1.1.2")], "interface b and interface a both want gre TEB 10.1.1.1 10.1.1.2"),
            ([ipip("a", "10.1.1.2"), ipip("b", "10.1.1.2")], "interface b and interface a both want ipip 10.1.1.1 10.1.1.2"),
            ([memif("a", 1, "x.sock"), memif("b", 1, "./x.sock")], "interface b and interface a both want memif id 1 on .*/x.sock"),
        ):
            with pytest.raises(CnfError, match=text):
                world.apply(*values)
        assert double.double.writes() == []


def test_what_others_have_is_not_taken(world_with_others):
    for value, text in (
        (on("a", "host-0"), "interface a cannot have host device host-0: interface host-host-0, which is not ours has it"),
        (bond("a", 3, "XOR"), "interface a cannot have bond 3: interface BondEthernet3, which is not ours has it"),
        (memif("a", 3), "interface a cannot have memif id 3 on the default socket: interface memif0/3, which is not ours has it"),
    ):
        with pytest.raises(CnfError, match=text):
            world_with_others.apply(value)


@pytest.fixture
def world_with_others(vpp, session):
    world = World(vpp, session)
    session.call("af_packet_create_v3", mode=1, host_if_name="host-0", use_random_hw_addr=True)
    session.call("bond_create2", mode=3, id=3)
    session.call("memif_create_v2", id=3, role=1)
    return world
