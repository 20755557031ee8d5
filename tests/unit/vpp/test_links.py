# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces of all types on the double and on a live VPP: made, repeated, changed field by field, taken away."""

from __future__ import annotations

import contextlib
import re
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import ApplyError
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import PlanError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE
from ansible_collections.pantheon.cnf.plugins.module_utils.places import vpp_ends
from ansible_collections.pantheon.cnf.plugins.module_utils.station import mac_of

from tests.doubles.vpp import catalogue
from tests.doubles.vpp.interfaces import Queue, queues
from tests.unit.vpp.link_world import (
    GPE,
    KEY,
    MAC,
    OTHER_KEY,
    OTHER_MAC,
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


@pytest.fixture
def world(vpp, session):
    return World(vpp, session)


def everything(world):
    """Interfaces of all types that a VPP without VHOST_NET can have, with all that can be on them."""
    socket = f"{world.place.folder}/test.sock"
    values = [
        *vrf(5, "4", "6"),
        loop("lo1", "10.1.1.1/24", "10.1.1.9/24", "fd00:1::1/64", enabled=True, mtu=1400),
        loop("lo2", "10.1.1.1/24", enabled=True, vrf=5, phys_address=MAC.upper()),
        link("SOFTWARE_LOOPBACK", "lo3", enabled=True, unnumbered={"interface_with_ip": "lo1"}),
        link("SOFTWARE_LOOPBACK", "dhcp", enabled=True, set_dhcp_client=True),
        memif("m1", 3, socket, master=True, enabled=True, ip_addresses=["10.3.1.1/24"], made={"secret": "very secret", "ring_size": 512, "rx_queues": 2}),
        memif("m2", 3, "relative.sock"),
        memif("m3", mode="IP", rx_modes=[{"queue": 0, "mode": "POLLING"}], rx_placements=[{"queue": 0, "main_thread": True}]),
        on("af", "host-0", enabled=True, rx_modes=[{"default_mode": True, "mode": "POLLING"}], rx_placements=[{"queue": 0, "main_thread": True}]),
        sub("af.5", "af", 5, {"tag_rw_option": "POP1"}, enabled=True, mtu=1300),
        on("af2", "host-1"),
        bond("bond", 4, "XOR", {"name": "af2", "is_long_timeout": True}, lb="L34", enabled=True),
        vxlan("vx", "10.1.1.2", 7, enabled=True),
        vxlan("group", "239.1.1.2", 8, multicast="lo1"),
        gre("g1", "L3", "10.1.1.3", vrf=5, enabled=True),
        gre("g2", "TEB", "10.1.1.3", enabled=True),
        gre("g3", "ERSPAN", "10.1.1.3", session=9),
        ipip("i1", "10.1.1.3", enabled=True),
        ipip("i2", src="fd00::1"),
        wireguard("wg", enabled=True),
    ]
    if world.session.offers(GPE):
        values.append(vxlan("gpe", "fd00::2", 8, src="fd00::1", gpe={"protocol": "IP4", "decap_vrf_id": 5}, enabled=True))
    return values


def test_every_type_is_made_repeated_and_taken_away(world):
    values = everything(world)
    outcome = world.settle(values)
    lifted = world.lifted()
    for value in values:
        if value.kind == INTERFACE.id:
            data = dict(value.data)
            data.pop("rx_placements", None)
            if data.pop("rx_modes", None) and value.data["name"] == "af":  # a memif has no queues before it is connected
                data["rx_modes"] = [{"mode": "POLLING"}]
            if value.data["name"] == "lo2":
                data["phys_address"] = MAC
            if "memif" in data:
                data["memif"] = {name: each for name, each in data["memif"].items() if name in ("id", "socket_filename", "master", "mode")}
            if value.data["name"] == "m2":
                assert lifted["m2"]["memif"].pop("socket_filename").endswith("/relative.sock")
                del data["memif"]["socket_filename"]
            assert lifted[value.data["name"]] == data
    assert not any("very secret" in command or KEY in command for command in outcome.commands)
    shown = world.tagged()
    assert {name: each["mtu"][0] for name, each in shown.items() if name in ("lo1", "lo2", "af.5")} == {"lo1": 1400, "lo2": 9000, "af.5": 1300}
    own = {name: each["l2_address"] for name, each in shown.items() if name in ("lo1", "m1", "m2", "af", "bond", "vx", "g2")}
    assert own == {name: mac_of("t", name) for name in own}
    assert shown["af2"]["l2_address"] == mac_of("t", "bond") and shown["lo2"]["l2_address"] == MAC
    assert world.apply([], state="overridden").outcome.changed
    assert world.empty()


def test_rendered_it_is_told_without_a_vpp():
    values = [loop("lo1", "10.1.1.1/24", enabled=True), sub("lo1.5", "lo1", 5), memif("m", 1, "/run/m.sock", made={"secret": "hush"})]
    world = object.__new__(World)
    world.session = None
    commands = world.apply(values, offline=True, check_mode=True).outcome.commands
    assert commands == [
        f"create_loopback_instance mac_address={mac_of('t', 'lo1')} is_specified=false",
        "sw_interface_tag_add_del is_add=true sw_if_index=lo1 tag=lo1",
        "sw_interface_set_flags sw_if_index=lo1 flags=1",
        "memif_socket_filename_add_del_v2 is_add=true socket_id=1 socket_filename=/run/m.sock",
        "create_vlan_subif sw_if_index=lo1 vlan_id=5",
        "sw_interface_tag_add_del is_add=true sw_if_index=lo1.5 tag=lo1.5",
        f"memif_create_v2 role=1 mode=0 id=1 socket_id=/run/m.sock secret=******** hw_addr={mac_of('t', 'm')}",
        "sw_interface_tag_add_del is_add=true sw_if_index=m tag=m",
        "sw_interface_add_del_address sw_if_index=lo1 is_add=true del_all=false prefix=10.1.1.1/24",
    ]


# -- field by field ---------------------------------------------------------------------------------------------------

FLAGS, TAG, SET_MAC, SET_MTU = "sw_interface_set_flags", "sw_interface_tag_add_del", "sw_interface_set_mac_address", "sw_interface_set_mtu"
ADDRESS, TABLE, REWRITE = "sw_interface_add_del_address", "sw_interface_set_table", "l2_interface_vlan_tag_rewrite"
LOOP = ["delete_loopback", "create_loopback_instance", TAG]
MEMIF = ["memif_delete", "memif_create_v2", TAG]
VXLAN = ["vxlan_add_del_tunnel_v3", "vxlan_add_del_tunnel_v3", TAG, SET_MAC]
UP_VXLAN = [*VXLAN, FLAGS]
GRE = ["gre_tunnel_add_del_v2", "gre_tunnel_add_del_v2", TAG]
IPIP = ["ipip_del_tunnel", "ipip_add_tunnel", TAG]
WIREGUARD = ["wireguard_interface_delete", "wireguard_interface_create", TAG]
PAIR = [on("a", "host-0"), on("b", "host-1")]
TABLES = [*vrf(5, "4", "6"), *vrf(6)]
PUSH = {"tag_rw_option": "PUSH1", "tag1": 7, "push_dot1q": True}

CHANGES = {
    "up": ([loop("a")], [loop("a", enabled=True)], [FLAGS]),
    "down": ([loop("a", enabled=True)], [loop("a")], [FLAGS]),
    "MAC": ([loop("a")], [loop("a", phys_address=MAC)], [SET_MAC]),
    "MAC taken away": ([loop("a", phys_address=MAC)], [loop("a")], [SET_MAC]),
    "MTU": ([loop("a")], [loop("a", mtu=1400)], [SET_MTU]),
    "MTU taken away": ([loop("a", mtu=1400)], [loop("a")], [SET_MTU]),
    "MTU of a sub-interface taken away": ([loop("p"), sub("a", "p", 5, mtu=1400)], [loop("p"), sub("a", "p", 5)], [SET_MTU]),
    "addresses": ([loop("a", "10.1.1.1/24", "10.2.1.1/24")], [loop("a", "10.2.1.1/24", "10.3.1.1/24")], [ADDRESS, ADDRESS]),
    "length": ([loop("a", "10.1.1.1/24")], [loop("a", "10.1.1.1/25")], [ADDRESS, ADDRESS]),
    "VRF": ([TABLES, loop("a", "10.1.1.1/24")], [TABLES, loop("a", "10.1.1.1/24", vrf=5)], [ADDRESS, TABLE, ADDRESS]),
    "other VRF": ([TABLES, loop("a", "10.1.1.1/24", vrf=5)], [TABLES, loop("a", "10.1.1.1/24", vrf=6)], [ADDRESS, TABLE, TABLE, ADDRESS]),
    "no VRF": ([TABLES, loop("a", "10.1.1.1/24", vrf=5)], [TABLES, loop("a", "10.1.1.1/24")], [ADDRESS, TABLE, ADDRESS]),
    "VRF for IPv6 too": (
        [TABLES, loop("a", "10.1.1.1/24", vrf=5)],
        [TABLES, loop("a", "10.1.1.1/24", "fd00::1/64", vrf=5)],
        [ADDRESS, TABLE, TABLE, TABLE, ADDRESS, ADDRESS],
    ),
    "unnumbered": (
        [loop("a", "10.1.1.1/24"), loop("b", "10.2.1.1/24")],
        [loop("a", "10.1.1.1/24"), link("SOFTWARE_LOOPBACK", "b", unnumbered={"interface_with_ip": "a"})],
        [ADDRESS, "sw_interface_set_unnumbered"],
    ),
    "DHCP": ([loop("a")], [loop("a", set_dhcp_client=True)], ["dhcp_client_config"]),
    "type": ([loop("a")], [wireguard("a")], ["delete_loopback", "wireguard_interface_create", TAG]),
    "parent": ([loop("p"), loop("q"), sub("a", "p", 5)], [loop("p"), loop("q"), sub("a", "q", 5)], ["delete_subif", "create_vlan_subif", TAG]),
    "VLAN": ([loop("p"), sub("a", "p", 5)], [loop("p"), sub("a", "p", 6)], ["delete_subif", "create_vlan_subif", TAG]),
    "rewrite": ([loop("p"), sub("a", "p", 5)], [loop("p"), sub("a", "p", 5, PUSH)], [REWRITE]),
    "tag pushed": ([loop("p"), sub("a", "p", 5, PUSH)], [loop("p"), sub("a", "p", 5, {**PUSH, "tag1": 8})], [REWRITE]),
    "dot1q": ([loop("p"), sub("a", "p", 5, PUSH)], [loop("p"), sub("a", "p", 5, {**PUSH, "push_dot1q": False})], [REWRITE]),
    "memif id": ([memif("a", 1)], [memif("a", 2)], MEMIF),
    "memif role": ([memif("a", 1)], [memif("a", 1, master=True)], MEMIF),
    "memif mode": ([memif("a", 1)], [memif("a", 1, mode="IP")], MEMIF),
    "memif socket": (
        [memif("a", 1, "x.sock")],
        [memif("a", 1, "y.sock")],
        ["memif_delete", "memif_socket_filename_add_del_v2", "memif_socket_filename_add_del_v2", "memif_create_v2", TAG],
    ),
    "memif ring": ([memif("a", 1)], [memif("a", 1, made={"ring_size": 512, "buffer_size": 4096, "tx_queues": 2, "secret": "x"})], []),
    "host device": ([on("a", "host-0")], [on("a", "host-1")], ["af_packet_delete", "af_packet_create_v3", TAG]),
    "bond id": ([bond("a", 1, "XOR")], [bond("a", 2, "XOR")], ["bond_delete", "bond_create2", TAG]),
    "bond mode": ([bond("a", 1, "XOR")], [bond("a", 1, "BROADCAST")], ["bond_delete", "bond_create2", TAG]),
    "bond hash": ([bond("a", 1, "XOR")], [bond("a", 1, "XOR", lb="L23")], ["bond_delete", "bond_create2", TAG]),
    "bond hash that means nothing": ([bond("a", 1, "ROUND_ROBIN")], [bond("a", 1, "ROUND_ROBIN", lb="L23")], []),
    "bond MAC": ([bond("a", 1, "XOR")], [bond("a", 1, "XOR", phys_address=MAC)], ["bond_delete", "bond_create2", TAG]),
    "members": (
        [*PAIR, bond("c", 1, "XOR", "a")],
        [*PAIR, bond("c", 1, "XOR", "b")],
        # That the one has its own MAC address back is VPP's doing; to say so again does no harm.
        ["bond_detach_member", SET_MAC, "bond_add_member"],
    ),
    "member's timeout": (
        [*PAIR, bond("c", 1, "LACP", "a")],
        [*PAIR, bond("c", 1, "LACP", {"name": "a", "is_long_timeout": True, "is_passive": True})],
        ["bond_detach_member", "bond_add_member"],
    ),
    "VXLAN": ([vxlan("a", "10.1.1.2", 7)], [vxlan("a", "10.1.1.2", 8)], UP_VXLAN),
    "VXLAN target": ([vxlan("a", "10.1.1.2", 7)], [vxlan("a", "10.1.1.3", 7)], UP_VXLAN),
    "VXLAN source": ([vxlan("a", "10.1.1.2", 7)], [vxlan("a", "10.1.1.2", 7, src="10.1.1.4")], UP_VXLAN),
    "VXLAN to many": ([loop("m"), vxlan("a", "10.1.1.2", 7, enabled=True)], [loop("m"), vxlan("a", "239.1.1.1", 7, multicast="m", enabled=True)], VXLAN),
    "GRE type": ([gre("a", "L3", "10.1.1.2")], [gre("a", "TEB", "10.1.1.2")], [*GRE, SET_MAC]),
    "GRE target": ([gre("a", "L3", "10.1.1.2")], [gre("a", "L3", "10.1.1.3")], GRE),
    "GRE VRF": ([TABLES, gre("a", "L3", "10.1.1.2")], [TABLES, gre("a", "L3", "10.1.1.2", vrf=5)], GRE),
    "GRE session": ([gre("a", "ERSPAN", "10.1.1.2", session=1)], [gre("a", "ERSPAN", "10.1.1.2", session=2)], [*GRE, SET_MAC]),
    "IPIP target": ([ipip("a", "10.1.1.2")], [ipip("a", "10.1.1.3")], IPIP),
    "IPIP to many": ([ipip("a", "10.1.1.2")], [ipip("a")], IPIP),
    "WireGuard port": ([wireguard("a")], [wireguard("a", 5)], WIREGUARD),
    "WireGuard key": ([wireguard("a")], [wireguard("a", key=OTHER_KEY)], WIREGUARD),
    "WireGuard source": ([wireguard("a")], [wireguard("a", src="fd00::1")], WIREGUARD),
    "queue's mode": ([on("a", "host-0")], [on("a", "host-0", rx_modes=[{"queue": 0, "mode": "POLLING"}])], ["sw_interface_set_rx_mode"]),
    "queues' mode as it is": ([on("q", "host-1")], [on("q", "host-1", rx_modes=[{"default_mode": True, "mode": "INTERRUPT"}])], []),
}
GPE_CHANGES = {
    "GPE": ([vxlan("a", "10.1.1.2", 7)], [vxlan("a", "10.1.1.2", 7, gpe={"protocol": "NSH"})], ["vxlan_add_del_tunnel_v3", GPE, TAG, FLAGS]),
    "GPE protocol": ([vxlan("a", "10.1.1.2", 7, gpe={"protocol": "NSH"})], [vxlan("a", "10.1.1.2", 7, gpe={"protocol": "IP6"})], [GPE, GPE, TAG, FLAGS]),
    "GPE VRF": (
        [TABLES, vxlan("a", "10.1.1.2", 7, gpe={"protocol": "IP4"})],
        [TABLES, vxlan("a", "10.1.1.2", 7, gpe={"protocol": "IP4", "decap_vrf_id": 5})],
        [GPE, GPE, TAG, FLAGS],
    ),
}


def words(outcome):
    """The messages without their fields."""
    return [command.partition(" ")[0] for command in outcome.commands]


def test_each_field_changes_in_place_or_makes_the_interface_anew(world):
    for name, (before, after, messages) in {**CHANGES, **(GPE_CHANGES if world.session.offers(GPE) else {})}.items():
        world.apply(*before)
        offered = [world.session.newest(each, re.sub(r"_v\d+$", "", each)) for each in messages]
        assert sorted(words(world.settle(*after))) == sorted(offered), name
    world.apply([])
    assert world.empty()


# -- what VPP does silently -------------------------------------------------------------------------------------------


def test_mac_addresses_are_the_same_after_a_restart(world):
    """Random ones would leave the peer with a dead neighbour."""
    values = [memif("m", 1, "x.sock", master=True, enabled=True), on("a", "host-0", enabled=True), vxlan("v", "10.1.1.2", 1)]
    world.settle(*values)
    first = {name: each["l2_address"] for name, each in world.tagged().items()}
    world.place.restart()
    with world.place.session() as session:
        again = World.__new__(World)
        again.place, again.session = world.place, session
        if world.place.kind == "live":
            world.place.host_device("host-0")
        again.settle(*values)
        assert {name: each["l2_address"] for name, each in again.tagged().items()} == first
        assert len(set(first.values())) == 3


def test_a_dhcp_client_goes_before_its_interface_and_is_not_inherited(world):
    world.settle(link("SOFTWARE_LOOPBACK", "a", set_dhcp_client=True))
    world.apply([])
    assert world.session.dump("dhcp_client_dump") == []
    # Somebody else deletes an interface with a client on it: the next one with the number has that.
    index = world.foreign_loop()
    world.session.call("dhcp_client_config", is_add=True, client={"sw_if_index": index})
    world.session.call("delete_loopback", sw_if_index=index)
    assert len(world.session.dump("dhcp_client_dump")) == 1
    world.settle(loop("b"))
    assert world.tagged()["b"]["sw_if_index"] == index
    assert world.session.dump("dhcp_client_dump") == []


def left_behind(world):
    """Somebody else deletes an interface with a static neighbour, that answers for others by ARP; returns its number."""
    index = world.foreign_loop("", "10.9.0.1/24")
    neighbour = {"sw_if_index": index, "flags": 1, "mac_address": "02:00:00:00:00:01", "ip_address": "10.9.0.9"}
    world.session.call("ip_neighbor_add_del", is_add=True, neighbor=neighbour)
    world.session.call("proxy_arp_intfc_enable_disable", sw_if_index=index, enable=True)
    world.session.call("l2_interface_vlan_tag_rewrite", sw_if_index=index, vtr_op=1, push_dot1q=True, tag1=5)
    world.session.call("delete_loopback", sw_if_index=index)
    assert len(world.session.dump("ip_neighbor_dump", sw_if_index=index)) == world.session.older(26, 2)
    return index


def check_that_nothing_is_inherited(world, index):
    """By the interface that has the number now."""
    assert [each["sw_if_index"] for each in world.tagged().values()] == [index]
    assert world.session.dump("ip_neighbor_dump", sw_if_index=index) == []
    assert [each["vtr_op"] for each in world.session.dump("sw_interface_dump", sw_if_index=index)] == [0]
    if not world.session.offers("feature_is_enabled"):
        assert world.session.dump("proxy_arp_intfc_dump") == []


def test_neighbours_and_proxy_arp_are_not_inherited(world):
    index = left_behind(world)
    world.settle(loop("b", "10.9.0.1/24"))
    check_that_nothing_is_inherited(world, index)


@pytest.mark.parametrize("release", ["24.02", "25.06"])
def test_nor_are_they_on_older_releases(make_double, release):
    place = make_double(release=release)
    with place.session() as session:
        world = World(place, session)
        index = left_behind(world)
        world.settle(loop("b", "10.9.0.1/24"))
        check_that_nothing_is_inherited(world, index)
        world.apply([])
        assert left_behind(world) == index
        with contextlib.closing(vpp_ends.VppEnds(place.socket, place.api_dir)) as ends:
            ends.make("end", "memif", vpp_ends.memif("/run/x.sock", "master"), mac_of("t", "end"))
        check_that_nothing_is_inherited(world, index)


def test_a_tag_rewrite_goes_before_its_interface_and_is_not_inherited(world):
    world.settle(loop("p"), sub("a", "p", 5, {"tag_rw_option": "POP1"}))
    index = world.tagged()["a"]["sw_if_index"]
    world.settle(loop("p"))
    world.settle(loop("p"), loop("b"))
    assert (world.tagged()["b"]["sw_if_index"], world.tagged()["b"]["vtr_op"]) == (index, 0)
    world.apply([])
    index = world.foreign_loop()
    world.session.call("l2_interface_vlan_tag_rewrite", sw_if_index=index, vtr_op=1, tag1=7)
    world.session.call("delete_loopback", sw_if_index=index)
    index = world.foreign_loop()
    assert world.shown()["loop0"]["vtr_op"] == 1
    world.session.call("delete_loopback", sw_if_index=index)
    world.settle(loop("c"))
    assert (world.tagged()["c"]["sw_if_index"], world.tagged()["c"]["vtr_op"]) == (index, 0)


def test_a_tunnel_to_many_can_be_taken_away_when_the_interface_below_is_gone(world):
    world.settle(loop("m"), vxlan("a", "239.1.1.1", 7, multicast="m"))
    world.session.call("delete_loopback", sw_if_index=world.tagged()["m"]["sw_if_index"])
    assert world.lifted()["a"]["vxlan"]["multicast"].startswith("(")
    world.settle([])
    assert world.empty()


def test_who_lends_addresses_may_be_gone(world):
    borrower = link("SOFTWARE_LOOPBACK", "b", unnumbered={"interface_with_ip": "a"})
    world.settle(loop("a", "10.1.1.1/24"), borrower)
    world.session.call("delete_loopback", sw_if_index=world.tagged()["a"]["sw_if_index"])
    world.settle(loop("c"), loop("b"))
    assert len(world.session.dump("ip_unnumbered_dump", sw_if_index=0xFFFFFFFF)) == 0


def test_sub_interfaces_go_before_their_parent_and_those_of_others_are_in_the_way(world):
    world.settle(loop("p", enabled=True), sub("a", "p", 5, enabled=True), sub("b", "p", 6))
    world.settle(loop("q"))
    assert set(world.tagged()) == {"q"}
    world.session.call("create_vlan_subif", sw_if_index=world.tagged()["q"]["sw_if_index"], vlan_id=9)
    with pytest.raises(PlanError, match=r"interface q cannot be changed: interface loop\d\.9, which is not ours, would vanish"):
        world.apply([])


def test_a_sub_interface_is_up_only_below_a_parent_that_is(world):
    with pytest.raises(CnfError, match="vpp/interfaces a: enabled: VPP sets no sub-interface up while its parent p is down"):
        world.apply(loop("p"), sub("a", "p", 5, enabled=True))
    world.settle(loop("p", enabled=True), sub("a", "p", 5, enabled=True))
    world.settle(loop("p"), sub("a", "p", 5, enabled=True))  # one that is up stays so
    world.settle(loop("p", enabled=True), sub("a", "p", 5, enabled=True))
    for anew in ([loop("p"), sub("a", "p", 6, enabled=True)], [memif("p"), sub("a", "p", 5, enabled=True)]):
        with pytest.raises(CnfError, match="vpp/interfaces a: enabled: VPP sets no sub-interface up"):
            world.apply(*anew)


def test_all_memifs_of_a_socket_have_one_role(world):
    with pytest.raises(CnfError, match=r"memifs a \(master\) and b \(slave\) are on one socket, the default one"):
        world.apply(memif("a", 1, master=True), memif("b", 2))
    world.settle(memif("a", 1, "x.sock", master=True), memif("b", 2, "x.sock", master=True))
    assert len(world.session.dump("memif_socket_filename_dump")) == 2
    world.settle(memif("a", 2, "x.sock"), memif("b", 1, "x.sock"))
    world.session.call("memif_create_v2", id=9, socket_id=1, role=1)
    with pytest.raises(CnfError, match=r"memifs memif1/9 \(slave\) and a \(master\) are on one socket"):
        world.apply(memif("a", 2, "x.sock", master=True))
    world.settle([])
    assert world.session.dump("memif_socket_filename_dump")[0]["socket_id"] in (0, 1)
    assert len(world.session.dump("memif_socket_filename_dump")) == 2  # another one is on it


def test_a_name_for_a_socket_is_found_again_whatever_way_it_is_written(world):
    world.settle(memif("a", 1, "x.sock"))
    names = {each["socket_id"]: each["socket_filename"] for each in world.session.dump("memif_socket_filename_dump")}
    folder = names[0].rpartition("/")[0]
    for same in ("./x.sock", f"{folder}/x.sock", f"{folder}//y/../x.sock"):
        assert world.settle(memif("a", 1, same)).commands == []
    world.settle(memif("a", 1, names[0]), memif("b", 2, "abstract:x"))
    assert {each["id"]: each["socket_id"] for each in world.session.dump("memif_dump")} == {1: 0, 2: 2}
    with pytest.raises(CnfError, match="memif.socket_filename: /x+ has 201 bytes, and VPP cuts off what is over 107"):
        world.apply(memif("c", 1, "/" + "x" * 200))


def test_both_ends_of_a_memif_may_be_in_one_vpp(world):
    """One file has two sockets then, which are told apart by their numbers; one of the memifs is a slave that is connected."""
    wanted = memif("m", 1, f"{world.place.folder}/test.sock", master=True, enabled=True, rx_modes=[{"default_mode": True, "mode": "POLLING"}])
    world.settle(wanted)
    world.session.call("memif_socket_filename_add_del_v2", is_add=True, socket_id=77, socket_filename=f"{world.place.folder}/test.sock")
    index = world.session.call("memif_create_v2", role=1, id=1, socket_id=77)["sw_if_index"]
    world.session.call("sw_interface_set_flags", sw_if_index=index, flags=1)
    if world.place.kind == "live":
        deadline = time.monotonic() + 5
        while not world.tagged()["m"]["flags"] & 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert world.tagged()["m"]["flags"] & 2
    assert world.settle(wanted).commands == []
    world.settle([])
    assert [each["socket_id"] for each in world.session.dump("memif_socket_filename_dump") if each["socket_id"]] == [77]


# -- ours and others' -------------------------------------------------------------------------------------------------


def test_what_nobody_gave_a_name_is_left_alone(world):
    world.foreign_loop("", "10.9.1.1/24")
    before = world.shown()
    world.settle(loop("a", "10.1.1.1/24"))
    world.settle([])
    assert world.shown() == before
    assert world.lifted() == {}
    with pytest.raises(PlanError, match="interface loop0 cannot have name loop0: interface loop0, which is not ours has it"):
        world.apply(loop("loop0"))
    with pytest.raises(CnfError, match=r"address 10\.9\.1\.2/16 of interface a overlaps with 10\.9\.1\.1/24 of interface loop0"):
        world.apply(loop("a", "10.9.1.2/16"))


def test_with_scope_all_everything_is_ours_and_what_is_not_named_keeps_its_name(world):
    world.foreign_loop("", "10.9.1.1/24")
    assert world.lifted(everything=True)["loop0"]["ip_addresses"] == ["10.9.1.1/24"]
    world.settle(loop("a", "10.1.1.1/24"), state="merged", everything=True)
    assert set(world.tagged()) == {"a"}
    world.settle(loop("loop0", "10.8.1.1/24"), state="merged", everything=True)
    assert set(world.tagged()) == {"a", "loop0"}
    world.foreign_loop()
    world.settle([], everything=True)
    assert world.empty()


def test_an_interface_that_vpp_has_becomes_ours_by_a_tag_and_is_given_back(world):
    name = world.hardware("10.9.1.1/24")
    before = world.shown()[name]
    with pytest.raises(CnfError, match=rf"vpp/interfaces {name}: the interface has the address 10\.9\.1\.1/24, which is not ours"):
        world.apply(link("DPDK", name))
    world.settle(link("DPDK", name, enabled=True, ip_addresses=["10.9.1.1/24", "10.8.1.1/24"], mtu=1400))
    assert world.lifted()[name] == {"name": name, "type": "DPDK", "enabled": True, "ip_addresses": ["10.8.1.1/24", "10.9.1.1/24"]}
    shown = world.tagged()[name]
    assert (shown["sw_if_index"], shown["mtu"][0]) == (before["sw_if_index"], 1400)
    world.settle([])
    assert world.tagged() == {} and world.shown()[name]["sw_if_index"] == before["sw_if_index"]
    world.foreign_loop()
    with pytest.raises(CnfError, match="loop0 of VPP is of type SOFTWARE_LOOPBACK, which is made and deleted"):
        world.apply(link("DPDK", "loop0"))
    with pytest.raises(CnfError, match="CNF t has no interface loop7"):
        world.apply(link("DPDK", "loop7"))


def test_hardware_is_given_back_and_not_deleted(double):
    double.double.state.add_interface("GigabitEthernet0/8/0", "dpdk", mac="52:54:00:00:00:01", up=True)
    with double.session() as session:
        world = World(double, session)
        card = "GigabitEthernet0/8/0"
        world.settle(link("DPDK", card, enabled=True, ip_addresses=["10.1.1.1/24"], vrf=5), *vrf(5), sub("s", card, 5, enabled=True))
        assert world.lifted()[card] == {"name": card, "type": "DPDK", "enabled": True, "ip_addresses": ["10.1.1.1/24"], "vrf": 5}
        assert world.shown()[card]["l2_address"] == "52:54:00:00:00:01"
        world.settle(link("DPDK", card))
        assert not world.shown()[card]["flags"] & 1
        world.settle([])
        shown = world.shown()[card]
        assert shown["tag"] == "" and double.double.called("sw_interface_set_table")[-1]["vrf_id"] == 0
        world.settle([], everything=True)
        world.settle(link("DPDK", card, enabled=True, phys_address=OTHER_MAC), everything=True)
        assert world.shown()[card]["tag"] == card and world.shown()[card]["l2_address"] == OTHER_MAC


def test_a_link_that_was_joined_is_configured_and_neither_made_nor_deleted(world):
    index = world.session.call("memif_create_v2", id=1, role=1)["sw_if_index"]
    world.session.call("sw_interface_tag_add_del", is_add=True, sw_if_index=index, tag="m (link)")
    # Whatever the item takes the link for: it is the link that chose.
    for value in (link("TAP", "m", enabled=True, ip_addresses=["10.1.1.1/24"], mtu=1400), memif("m", 7, "y.sock", master=True, enabled=True)):
        outcome = world.settle(value)
        assert not {"memif_create_v2", "memif_delete", TAG} & set(words(outcome))
    assert world.tagged()["m (link)"]["flags"] & 1
    world.settle(memif("m", phys_address=MAC), sub("m.5", "m", 5), state="merged")
    assert world.tagged()["m (link)"]["l2_address"] == MAC
    world.settle([])
    assert set(world.tagged()) == {"m (link)"} and world.tagged()["m (link)"]["sw_if_index"] == index


def test_two_interfaces_of_one_name_are_an_error_that_tells_both(world):
    world.foreign_loop("a")
    world.foreign_loop("a (link)")
    with pytest.raises(CnfError, match=r"interfaces loop0 and loop1 of VPP both have the name a \(by their tags 'a' and 'a \(link\)'\)"):
        world.apply(loop("b"))
    assert set(world.tagged()) == {"a", "a (link)"}


def test_local0_is_never_touched(world):
    world.session.call("sw_interface_tag_add_del", is_add=True, sw_if_index=0, tag="local")
    world.settle(loop("local"))
    assert world.lifted(everything=True).keys() == {"local"}
    world.settle([], everything=True)
    assert world.shown()["local0"]["tag"] == "local"
    with pytest.raises(CnfError, match="CNF t has no interface local0"):
        world.apply(link("DPDK", "local0"))


# -- TAP --------------------------------------------------------------------------------------------------------------


def test_without_vhost_net_there_is_no_tap_and_the_message_says_what_is_missing(world):
    if world.place.kind == "live" and world.session.dump("sw_interface_tap_v2_dump") == []:
        import os

        if os.path.exists("/dev/vhost-net"):
            pytest.skip("this machine has /dev/vhost-net")
    with pytest.raises(
        ApplyError, match=r"interface t: create failed: interface t: tap_create_v3: VPP says SYSCALL_ERROR_1 .*: VPP could not open /dev/vhost-net"
    ):
        world.apply(tap("t"))
    assert world.empty()


@pytest.mark.parametrize("release", ["24.02", "26.06"])
def test_a_tap_is_made_changed_and_taken_away(make_double, release):
    place = make_double(release=release)
    place.double.state.devices.vhost = True
    with place.session() as session:
        world = World(place, session)
        world.settle(tap("t", enabled=True, ip_addresses=["10.1.1.1/24"]))
        assert world.lifted()["t"]["tap"] == {"version": 2, "host_if_name": "t"}
        made = place.double.called("tap_create_v3")[-1]
        assert (made["host_if_name"], made["mac_address"], made["rx_ring_sz"], made["host_namespace_set"]) == ("t", mac_of("t", "t"), 256, False)
        for more in ({"host_if_name": "tap0"}, {"rx_ring_size": 1024, "tx_ring_size": 512}, {"enable_gso": True}, {"enable_tunnel": True}):
            assert words(world.settle(tap("t", more)))[:2] == ["tap_delete_v2", "tap_create_v3"]
            assert {"version": 2, "host_if_name": "t", **more} == world.lifted()["t"]["tap"]
        with pytest.raises(PlanError, match="interface b and interface a both want host device x"):
            world.apply(tap("a", {"host_if_name": "x"}), on("b", "x"))
        world.settle([])
        place.double.state.add_interface("GigabitEthernet0/8/0", "virtio", mac="52:54:00:00:00:01")
        assert world.lifted(everything=True)["GigabitEthernet0/8/0"]["type"] == "DPDK"


# -- queues -----------------------------------------------------------------------------------------------------------


def test_how_queues_receive_is_read_back(world):
    """By queue, and only what VPP does not do by itself."""
    world.settle(on("a", "host-0"))
    assert "rx_modes" not in world.lifted()["a"]
    predicted = world.apply(on("a", "host-0", rx_modes=[{"default_mode": True, "mode": "POLLING"}]), check_mode=True).after
    assert [value.data["rx_modes"] for value in predicted] == [[{"mode": "POLLING", "default_mode": True}]]
    world.settle(on("a", "host-0", rx_modes=[{"default_mode": True, "mode": "POLLING"}]))
    found = world.lifted()["a"]
    assert found["rx_modes"] == [{"mode": "POLLING"}]
    assert world.settle(INTERFACE.value(found)).commands == []
    world.settle(on("a", "host-0", rx_modes=[{"queue": 0, "mode": "INTERRUPT"}]))
    assert "rx_modes" not in world.lifted()["a"]


def test_queues_go_to_workers(double):
    double.double.state.links.workers = 2
    with double.session() as session:
        world = World(double, session)

        def placed(*placements):
            outcome = world.settle(on("a", "host-0", rx_placements=list(placements)))
            return words(outcome), world.lifted()["a"].get("rx_placements")

        assert placed({"queue": 0, "worker": 1}) == (["af_packet_create_v3", TAG, "sw_interface_set_rx_placement"], [{"worker": 1}])
        assert placed({"queue": 0, "main_thread": True}) == (["sw_interface_set_rx_placement"], None)
        assert placed() == ([], None)
        for queue, worker in ((0, 2), (3, 0)):
            with pytest.raises(ApplyError, match=f"queue {queue} of interface a, which has 0: sw_interface_set_rx_placement: VPP says UNIMPLEMENTED"):
                placed({"queue": queue, "worker": worker})
        with pytest.raises(ApplyError, match="queue 3 of interface a, which has 0: sw_interface_set_rx_mode"):
            world.apply(on("a", "host-0", rx_modes=[{"queue": 3, "mode": "POLLING"}]))


def test_queues_of_a_memif_are_placed_when_they_are_there(double):
    double.double.state.links.workers = 1
    wanted = memif("m", 1, rx_modes=[{"queue": 0, "mode": "POLLING"}], rx_placements=[{"queue": 0, "worker": 0}])
    with double.session() as session:
        world = World(double, session)
        world.settle(wanted)
        queues(double.double.state.interfaces[1]).append(Queue())  # it is connected
        assert words(world.settle(wanted)) == ["sw_interface_set_rx_mode", "sw_interface_set_rx_placement"]


# -- the double against the live one ----------------------------------------------------------------------------------

ALL = {"sw_if_index": 0xFFFFFFFF}
DUMPS = {
    "sw_interface_dump": ALL,
    "memif_dump": {},
    "af_packet_dump": {},
    "sw_bond_interface_dump": ALL,
    "vxlan_tunnel_v2_dump": ALL,
    "vxlan_gpe_tunnel_v2_dump": ALL,
    "gre_tunnel_v2_dump": ALL,
    "ipip_tunnel_dump": ALL,
    "wireguard_interface_dump": {**ALL, "show_private_key": True},
    "ip_unnumbered_dump": ALL,
    "dhcp_client_dump": {},
    "sw_interface_rx_placement_dump": ALL,
    "ip_table_dump": {},
}
VARIES = ("link_speed", "link_duplex", "public_key", "is_ipv6", "b_dmac", "b_smac", "outer_tag", "i_sid", "b_vlanid", "stats", "host_mac", "active_members")


def told(world):
    """What the dumps say, without what no test could know."""
    found = {}
    for message, fields in DUMPS.items():
        if world.session.offers(message):
            details = [{name: each for name, each in one.items() if name not in VARIES} for one in world.session.dump(message, **fields)]
            for one in details:
                one.get("interface", {}).pop("public_key", None)
                one.get("lease", {}).pop("host_mac", None)
            found[message] = sorted(details, key=repr)
    return found


def test_the_double_tells_what_a_live_vpp_tells(make_double, live):
    answers = []
    with live.client() as client:
        release = client.version().partition("-")[0]
    for place in (live, make_double(release=release if release in catalogue.releases() else "26.06")):
        with place.session() as session:
            world = World(place, session)
            values = [value for value in everything(world) if value.data.get("name") not in ("m1", "m2")]  # their sockets have other names
            world.settle(values)
            answers.append(told(world))
    for message, right in answers[0].items():
        ours = answers[1][message]
        assert len(ours) == len(right), message
        differ = [(one, {name: (one[name], other[name]) for name in one if one[name] != other[name]}) for one, other in zip(right, ours) if one != other]
        assert differ == [], message


# -- releases and plugins ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"release": "24.02"},
        {"release": "25.06"},
        {"without": {"memif_create_v2", "af_packet_create_v3", "vxlan_add_del_tunnel_v3", "vxlan_tunnel_v2_dump", "gre_tunnel_v2_dump"}},
        {"without": {"bond_create2", "bond_add_member", "bond_detach_member", "sw_member_interface_dump", "memif_socket_filename_add_del_v2", GPE}},
        {"without": {"vxlan_add_del_tunnel_v3", "vxlan_add_del_tunnel_v2", "vxlan_gpe_add_del_tunnel_v2", "vxlan_gpe_tunnel_v2_dump"}},
    ],
    ids=["24.02", "25.06", "older", "older still", "oldest"],
)
def test_messages_are_those_that_vpp_has(make_double, options):
    place = make_double(**options)
    with place.session() as session:
        world = World(place, session)
        world.settle(everything(world))
        world.settle([])
        assert world.empty()


def test_a_plugin_that_is_missing_is_named_and_others_do_not_need_it(make_double):
    place = make_double(lacks={"memif", "wireguard", "dhcp", "vxlan"})
    with place.session() as session:
        world = World(place, session)
        world.settle(loop("a", "10.1.1.1/24"), gre("g", "L3", "10.1.1.2"))
        for value, plugin in ((wireguard("w"), "wireguard"), (vxlan("v", "10.1.1.2", 1), "vxlan"), (loop("d", set_dhcp_client=True), "dhcp")):
            with pytest.raises(ApplyError, match=f"its plugin {plugin}_plugin.so is not loaded"):
                world.apply(value, state="merged")
        with pytest.raises(ApplyError, match=r"its plugin memif_plugin\.so is not loaded"):
            world.apply(memif("m", 1, "x.sock"), state="merged")
        assert set(world.tagged()) == {"a", "g"}


def test_it_is_read_in_few_rounds_and_only_what_is_there(double):
    with double.session() as session:
        world = World(double, session)
        world.apply([loop(f"l{number}", f"10.1.{number}.1/24") for number in range(20)])
        double.double.calls.clear()
        world.dataplane().observe()
        asked = [name for name, _fields in double.double.calls]
        assert asked.count("control_ping") == 5  # tables, links, their queues, addresses; sockets
        assert not {"sw_interface_get_table", "vxlan_tunnel_v2_dump", "wireguard_interface_dump", "sw_bond_interface_dump"} & set(asked)
