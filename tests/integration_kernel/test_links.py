# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Links on a real namespace: made, changed in place, made anew, renamed, adopted, released, deleted."""

from __future__ import annotations

import itertools
import os

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import ApplyError
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Operation, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import PlanError
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import NamespaceMissing
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.inventory import mac_of
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ROUTE

from .interface_world import CNF, ROUTES, World, pair, value

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")

UP = {"enabled": True}


@pytest.fixture(name="world")
def _world():
    with World() as world:
        yield world


def test_a_pair_is_made_marked_and_deleted(world):
    done = world.apply(pair("left", "right", UP))
    assert done.outcome.commands[0] == "ip link add left type veth peer name right"
    left, right = world.link("left"), world.link("right")
    assert left["ifalias"] == f"pantheon.cnf {CNF} linux.interfaces/interface VETH left"
    assert left["address"] == mac_of(CNF, "left").hex(":") and right["address"] == mac_of(CNF, "right").hex(":")
    assert "UP" in left["flags"] and "UP" not in right["flags"]
    assert world.values() == {"left": pair("left", "right", UP)[0].data, "right": pair("left", "right")[1].data}
    world.apply([])
    assert world.link("left") is None and world.link("right") is None


def test_mtu_mac_and_state_change_in_place(world):
    world.apply(pair("left", "right", {**UP, "ip_addresses": ["10.0.0.1/24"]}))
    index = world.link("left")["ifindex"]
    world.apply(pair("left", "right", {**UP, "ip_addresses": ["10.0.0.1/24"], "mtu": 1400, "phys_address": "02:00:00:00:00:77"}))
    left = world.link("left")
    assert (left["ifindex"], left["mtu"], left["address"]) == (index, 1400, "02:00:00:00:00:77")
    assert world.values()["left"]["mtu"] == 1400
    world.apply(pair("left", "right", {"ip_addresses": ["10.0.0.1/24"]}))
    left = world.link("left")
    assert (left["ifindex"], left["mtu"], left["address"]) == (index, 1500, mac_of(CNF, "left").hex(":"))
    assert "UP" not in left["flags"]


@pytest.mark.parametrize("end", [0, 1])
def test_a_rename_keeps_the_device_and_what_is_on_it(world, end):
    more = {**UP, "ip_addresses": ["10.0.0.1/24", "fd00::1/64"]}
    both = [more, {**UP, "ip_addresses": ["10.1.0.1/24"]}]
    names = ("left", "right")
    world.apply(pair(*names, *both))
    wanted = {"vrf_id": 0, "dst_network": "198.51.100.0/24", "next_hop_addr": ("10.0.0.9", "10.1.0.9")[end], "outgoing_interface": names[end]}
    world.apply([ROUTE.value(wanted)], kinds=ROUTES)
    index = world.link(names[end])["ifindex"]
    both[end] = {**both[end], "host_if_name": "other0"}
    world.apply(pair(*names, *both))
    assert world.link("other0")["ifindex"] == index
    assert world.addresses("other0") == both[end]["ip_addresses"]
    assert "dev other0" in world.ip("route show 198.51.100.0/24")
    assert world.values()[names[end]]["host_if_name"] == "other0"


def test_peers_can_swap_with_another_pair(world):
    world.apply([*pair("a", "b", UP, UP), *pair("c", "d", UP, UP)])
    world.apply([*pair("a", "d", UP, UP), *pair("b", "c", UP, UP)])
    assert world.link("a")["link"] == "d" and world.link("b")["link"] == "c"


def test_kernel_names_can_be_swapped(world):
    world.apply([*pair("a", "b", {"host_if_name": "x"}), *pair("c", "d", {"host_if_name": "y"})])
    world.apply([*pair("a", "b", {"host_if_name": "y"}), *pair("c", "d", {"host_if_name": "x"})])
    assert world.link("y")["ifalias"].endswith(" VETH a") and world.link("x")["ifalias"].endswith(" VETH c")


def test_a_name_that_the_other_end_gives_up_can_be_had(world):
    world.apply(pair("left", "right", {"host_if_name": "x"}, {"host_if_name": "y"}))
    world.apply(pair("left", "right", {"host_if_name": "z"}, {"host_if_name": "x"}))
    assert world.link("x")["ifalias"].endswith(" right") and world.link("z")["ifalias"].endswith(" left")


STATES = {
    "nothing": [],
    "pair": pair("a", "b", {**UP, "ip_addresses": ["10.0.0.1/24", "fd00::1/64"]}, {**UP, "mtu": 9000}),
    "down": pair("a", "b", {"ip_addresses": ["10.0.0.1/24", "fd00::1/64"]}),
    "crossed": [*pair("a", "c", UP, UP), *pair("b", "d", {**UP, "ip_addresses": ["10.0.0.1/24"]}, {"phys_address": "02:00:00:00:00:01"})],
    "named": pair("a", "b", {**UP, "host_if_name": "b", "ip_addresses": ["10.0.0.1/24"]}, {"host_if_name": "a"}),
    "tap": [value(name="b", type="TAP", enabled=True, ip_addresses=["10.0.0.1/24"], tap={"version": 2})],
    "tun": [value(name="b", type="TAP", enabled=True, ip_addresses=["10.0.0.1/24"], tap={"version": 2, "enable_tunnel": True, "host_if_name": "a"})],
    "vxlan": [
        *pair("a", "c", {**UP, "ip_addresses": ["10.0.0.1/24"]}, UP),
        value(name="b", type="VXLAN_TUNNEL", enabled=True, mtu=1300, vxlan={"src_address": "10.0.0.1", "dst_address": "239.0.0.1", "vni": 7, "multicast": "a"}),
    ],
    "vxlan6": [value(name="b", type="VXLAN_TUNNEL", vxlan={"src_address": "fd00::1", "dst_address": "fd00::2", "vni": 16777215})],
}


@pytest.mark.parametrize("one", STATES)
def test_from_every_state_to_every_other_in_one_run(world, one):
    for two in STATES:
        world.apply(STATES[one])
        assert {**world.values()} == {each.data["name"]: each.data for each in STATES[one]}
        predicted = world.apply(STATES[two], check=True)
        done = world.apply(STATES[two])
        assert predicted.outcome.commands == done.outcome.commands
        assert sorted(predicted.after) == sorted(done.after) == sorted(STATES[two]), two


def test_what_is_read_lowers_to_what_is_there(world):
    for state in STATES.values():
        world.apply(state)
        dataplane = world.dataplane()
        observed = dataplane.observe()
        ours = {key: one for key, one in observed.items() if one.owned and key[0] in ("link", "address")}
        lowered = dataplane.lower(dataplane.lift(observed, {each.kind for each in state}), observed)
        assert lowered.keys() == ours.keys()
        for key, one in lowered.items():
            assert dataplane.transition(ours[key], one) == "same", key
            assert one.requires == ours[key].requires, key
            assert one.claims == ours[key].claims, key


def test_reading_takes_one_dump_of_links_and_one_of_addresses_however_many_there_are(world, monkeypatch):
    world.apply([each for number in range(20) for each in pair(f"a{number}", f"b{number}", UP)])
    dumps = []
    socket = world.host.netlink
    original = socket.dump
    monkeypatch.setattr(socket, "dump", lambda type, *rest, **more: dumps.append(type) or original(type, *rest, **more))
    observed = world.dataplane().observe(frozenset({"link", "address"}))
    assert sum(key[0] == "link" for key in observed) == 40
    assert sorted(dumps) == [18, 22]


def test_a_wave_of_pairs_is_two_batches(world, monkeypatch):
    batches = []
    socket = world.host.netlink
    original = socket.batch
    monkeypatch.setattr(socket, "batch", lambda messages: batches.append(len(messages)) or original(messages))
    world.apply([each for number in range(30) for each in pair(f"a{number}", f"b{number}", UP, UP)], again=False)
    assert [size for size in batches if size] == [30, 30, 30]


# -- devices that are not ours -----------------------------------------------------------------------------------------


def test_an_existing_device_is_adopted_as_it_is_and_released_as_it_was(world):
    world.ip("link add hw0 type veth peer name hw1")
    world.ip("link set hw0 up")
    world.ip("address add 192.0.2.1/24 dev hw0")
    before = world.link("hw0")
    world.apply([value(name="uplink", type="EXISTING", host_if_name="hw0", ip_addresses=["10.0.0.1/24"])])
    adopted = world.link("hw0")
    assert "UP" in adopted["flags"] and adopted["address"] == before["address"]
    assert world.addresses("hw0") == ["10.0.0.1/24", "192.0.2.1/24"]
    assert "10.0.0.1/24" in world.values()["uplink"]["ip_addresses"]
    world.apply([])
    assert world.link("hw0").get("ifalias") is None and "UP" in world.link("hw0")["flags"]
    assert world.addresses("hw0") == ["192.0.2.1/24"]


def test_an_af_packet_is_the_device_under_another_name(world):
    world.ip("link add hw0 type veth peer name hw1")
    wanted = value(name="packet", type="AF_PACKET", enabled=True, afpacket={"host_if_name": "hw0"}, ip_addresses=["10.0.0.1/24"])
    world.apply([wanted])
    assert world.values() == {"packet": wanted.data}
    world.apply([wanted], state="merged")


def test_somebody_elses_alias_is_not_overwritten(world):
    world.ip("link add hw0 type veth peer name hw1")
    world.namespace.run("ip", "link", "set", "hw0", "alias", "to the core")
    with pytest.raises(CnfError, match="'to the core'"):
        world.apply([value(name="uplink", type="EXISTING", host_if_name="hw0")])
    assert world.link("hw0")["ifalias"] == "to the core"


def test_a_device_of_ours_is_not_adopted_again(world):
    world.apply(pair("left", "right"))
    with pytest.raises(CnfError, match="left"):
        world.apply([value(name="packet", type="AF_PACKET", afpacket={"host_if_name": "left"})], state="merged")


def test_the_lo_of_a_sandbox_keeps_its_mark(world):
    mark = f"pantheon.cnf {CNF} namespace"
    world.namespace.run("ip", "link", "set", "lo", "alias", mark)
    with pytest.raises(CnfError, match="lo has the alias"):
        world.apply([value(name="loop", type="LOOPBACK", enabled=True)])
    assert world.link("lo")["ifalias"] == mark


def test_a_loopback_is_adopted_and_released(world):
    wanted = value(name="loop", type="LOOPBACK", enabled=True, ip_addresses=["10.255.0.1/32"])
    world.apply([wanted])
    assert world.addresses("lo") == ["10.255.0.1/32"]
    world.apply([])
    assert world.link("lo").get("ifalias") is None and world.addresses("lo") == []


def test_a_foreign_device_in_the_way_is_named(world):
    world.ip("link add left type veth peer name other")
    with pytest.raises(PlanError, match="left.*not ours"):
        world.apply(pair("left", "right"))
    assert world.link("right") is None


def test_a_joined_link_is_configured_but_neither_made_nor_deleted(world):
    world.ip("link add memif0 type veth peer name far")
    world.namespace.run("ip", "link", "set", "memif0", "alias", f"pantheon.cnf {CNF} link:vpp/interfaces MEMIF memif0")
    world.ip(f"link set memif0 address {mac_of(CNF, 'memif0').hex(':')}")
    memif = {"name": "memif0", "type": "MEMIF", "memif": {"master": True, "socket_filename": "/run/x.sock", "id": 1}}
    with pytest.raises(CnfError, match="memif_substitution"):
        world.apply([value(**memif)], state="merged")
    wanted = value(**memif, enabled=True, ip_addresses=["10.0.0.1/24"], phys_address="02:00:00:00:00:05", mtu=1400)
    world.apply([wanted], state="merged", memif_substitute=True)
    link = world.link("memif0")
    assert (link["address"], link["mtu"], world.addresses("memif0")) == ("02:00:00:00:00:05", 1400, ["10.0.0.1/24"])
    assert link["ifalias"] == f"pantheon.cnf {CNF} link:vpp/interfaces MEMIF memif0"
    world.apply([], state="overridden", memif_substitute=True)
    assert world.link("memif0") is not None and world.addresses("memif0") == []


def test_a_memif_waits_for_its_link(world):
    with pytest.raises(CnfError, match="cnf_link"):
        world.apply([value(name="memif0", type="MEMIF", memif={"master": True})], memif_substitute=True)


# -- other settings ----------------------------------------------------------------------------------------------------


def test_an_unnumbered_interface_borrows_and_says_from_whom(world):
    wanted = [
        value(name="t0", type="TAP", enabled=True, tap={"version": 2}, ip_addresses=["10.0.0.1/24", "fd00::1/64"]),
        value(name="t1", type="TAP", enabled=True, tap={"version": 2}, unnumbered={"interface_with_ip": "t0"}),
    ]
    world.apply(wanted)
    assert world.addresses("t1") == ["10.0.0.1/32", "fd00::1/128"]
    assert world.values() == {each.data["name"]: each.data for each in wanted}
    world.apply(wanted, state="merged")


# -- failures ----------------------------------------------------------------------------------------------------------


def test_a_driver_that_the_kernel_lacks_is_named_and_all_is_undone(world):
    missing = [
        kind
        for kind in ("dummy", "vlan", "vrf", "bond", "gre", "wireguard")
        if "Unknown device type" in world.namespace.run("sh", "-c", f"ip link add probe0 type {kind} 2>&1; ip link del probe0 2>/dev/null", check=False)
    ]
    if "dummy" not in missing:
        pytest.skip("this kernel has the dummy driver")
    with pytest.raises(ApplyError, match="Unknown device type.*type dummy.*undone"):
        world.apply([*pair("left", "right", UP), value(name="loop", type="SOFTWARE_LOOPBACK")])
    assert world.link("left") is None and world.values() == {}


def test_a_device_that_cannot_be_finished_is_not_left_as_a_stranger(world):
    key = ("link", "left")
    attributes = {"ifname": "left", "up": False, "mtu": 1, "mac": None, "kind": "tun", "info": {"mode": "tap"}, "notes": {}, "ip6_nd": None}
    attributes["model"] = ("vpp/interfaces", "TAP")
    (error,) = world.dataplane().perform([Operation("create", key, None, Resource(key, attributes))])
    assert error and world.link("left") is None


def test_an_interrupt_leaves_no_stranger(world, monkeypatch):
    dataplane = world.dataplane()
    original, calls = world.host.netlink.batch, []

    def batch(messages):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return original(messages)

    monkeypatch.setattr(world.host.netlink, "batch", batch)
    desired = dataplane.lower(pair("left", "right"), dataplane.observe())
    with pytest.raises(KeyboardInterrupt):
        dataplane.perform([Operation("create", key, None, one) for key, one in desired.items() if key == ("link", "left")])
    assert world.link("left") is None


def test_a_namespace_that_vanishes_in_mid_apply_is_said(world, monkeypatch):
    dataplane = world.dataplane()
    original = dataplane.perform

    def perform(wave):
        world.namespace.__exit__()
        return original(wave)

    monkeypatch.setattr(dataplane, "perform", perform)
    monkeypatch.setattr(world, "dataplane", lambda **_options: dataplane)
    with pytest.raises(ApplyError, match="vanished"):
        world.apply(pair("left", "right"))
    with pytest.raises(NamespaceMissing):
        dataplane.host.socket(0)


@pytest.mark.parametrize("one,two", list(itertools.permutations(["10.0.0.1/24", "10.0.0.2/24", "10.0.0.3/25"], 2)))
def test_a_first_address_goes_and_the_others_stay(world, one, two):
    third = ({"10.0.0.1/24", "10.0.0.2/24", "10.0.0.3/25"} - {one, two}).pop()
    world.apply(pair("left", "right", {**UP, "ip_addresses": [one, two, third]}))
    world.apply(pair("left", "right", {**UP, "ip_addresses": [two, third]}))
    assert world.addresses("left") == sorted([two, third])
