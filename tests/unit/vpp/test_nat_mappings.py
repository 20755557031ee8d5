# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mappings of NAT44: static, identity, balanced, of interfaces; ways between VRFs."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import PlanError
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import Invalid

from tests.unit.vpp.nat_world import ANY, POOL, SIDES, World, dnat, mapping, pool, value, world

__all__ = ["world"]

TWICE = pool("192.0.2.200", "192.0.2.201", twice_nat=True)


def balanced(*local, port=80, **data):
    """C(local): last octets with probabilities."""
    sides = [{"local_ip": f"10.0.0.{last}", "local_port": 8080, "probability": share} for last, share in local]
    return {"external_ip": "192.0.2.100", "external_port": port, "local_ips": sides, **data}


def data_of(done, label):
    (found,) = [each.data for each in done.after if each.data.get("label") == label]
    return {"st_mappings": [], "id_mappings": [], **found}


EVERY = {
    "port": [dnat("web", mapping("192.0.2.100", 80, local_port=8080))],
    "udp": [dnat("dns", mapping("192.0.2.100", 53, protocol="UDP"), mapping("192.0.2.100", 53, local="10.0.0.53"))],
    "icmp identifier": [dnat("ping", mapping("192.0.2.100", 7, protocol="ICMP"))],
    "whole address": [dnat("all", mapping("203.0.113.5"))],
    "one local side by several ports": [dnat("web", mapping("192.0.2.100", 80, local_port=80), mapping("192.0.2.100", 81, local_port=80))],
    "vrf": [dnat("red", {**mapping("192.0.2.100", 80), "local_ips": [{"vrf_id": 5, "local_ip": "10.0.0.80", "local_port": 80}]})],
    "interface": [dnat("if", mapping("out", 80), mapping("out", 53, protocol="UDP", local="10.0.0.53"))],
    "whole interface": [dnat("if", mapping("out"))],
    "twice": [TWICE, dnat("twice", mapping("192.0.2.100", 80, twice_nat="ENABLED"))],
    "twice by an address": [TWICE, dnat("twice", mapping("192.0.2.100", 80, twice_nat="ENABLED", twice_nat_pool_ip="192.0.2.201"))],
    "twice of an interface": [TWICE, dnat("twice", mapping("out", 80, twice_nat="ENABLED", twice_nat_pool_ip="192.0.2.200"))],
    "self": [POOL, TWICE, dnat("self", mapping("192.0.2.100", 80, twice_nat="SELF"))],
    "balanced": [dnat("lb", balanced((1, 10), (2, 20), (3, 30)), balanced((1, 1), (2, 1), port=81, protocol="UDP"))],
    "balanced with affinity": [TWICE, dnat("lb", balanced((1, 10), (2, 20), session_affinity=60, twice_nat="ENABLED"))],
    "identity": [dnat("id", identities=[{"ip_address": "10.0.0.7"}, {"ip_address": "10.0.0.8", "port": 53, "protocol": "UDP"}])],
    "identity of an interface": [dnat("id", identities=[{"interface": "out", "port": 22}, {"interface": "in"}])],
    "identity in vrfs": [dnat("id", identities=[{"ip_address": "10.0.0.7"}, {"vrf_id": 5, "ip_address": "10.0.0.7"}])],
    "several labels": [
        dnat("a", mapping("192.0.2.100", 80)),
        dnat("b", mapping("192.0.2.100", 81), identities=[{"ip_address": "10.0.0.7"}]),
        dnat("c c (d)", mapping("203.0.113.9")),
    ],
    "ways between vrfs": [value("vrf", src_vrf_id=5, dest_vrf_ids=[0]), value("vrf")],
}


@pytest.mark.parametrize("name", EVERY)
def test_each_sort_of_mapping_is_read_back_as_it_was_given_and_goes_again(world, name):
    world.table(5)
    wanted = EVERY[name]
    world.twice(*SIDES, *wanted)
    found = [each for each in world.gathered() if each.kind in {one.kind for one in wanted}]
    world.again(*SIDES, *wanted, state="overridden")
    for each in wanted:
        (same,) = [one for one in found if one.key == each.key] or [None]
        if each.kind.endswith("dnat44"):
            for field in ("st_mappings", "id_mappings"):
                assert sorted(same.data.get(field, []), key=repr) == sorted(each.data.get(field, []), key=repr)
        elif each.kind.endswith("vrf"):
            assert same == each
    world.again(*found)
    world.apply(*SIDES, state="overridden")
    for message in ("nat44_static_mapping_dump", "nat44_identity_mapping_dump", "nat44_lb_static_mapping_dump"):
        assert world.show(message) == []
    assert world.session.call("cli_inband", cmd="show nat44 vrf tables")["reply"] == ""
    # No key of a local side is left behind: it can be had again.
    world.twice(*SIDES, *wanted)


def test_mappings_are_made_as_ligato_makes_them(world):
    world.table(5)
    world.apply(
        *SIDES,
        POOL,
        TWICE,
        *EVERY["vrf"],
        dnat("all", mapping("203.0.113.5")),
        dnat("twice", mapping("192.0.2.100", 81, twice_nat="ENABLED", twice_nat_pool_ip="192.0.2.201")),
    )
    assert world.show("nat44_static_mapping_dump") == [
        {"flags": 12, "local_ip_address": "10.0.0.80", "external_ip_address": "203.0.113.5", "tag": "all"},
        {
            "flags": 4,
            "local_ip_address": "10.0.0.80",
            "external_ip_address": "192.0.2.100",
            "protocol": 6,
            "local_port": 80,
            "external_port": 80,
            "vrf_id": 5,
            "tag": "red",
        },
        {
            "flags": 5,
            "local_ip_address": "10.0.0.80",
            "external_ip_address": "192.0.2.100",
            "protocol": 6,
            "local_port": 81,
            "external_port": 81,
            "tag": "twice (pool 192.0.2.201)",
        },
    ]


def test_what_vpp_does_not_show_is_changed_all_the_same(world):
    world.apply(
        TWICE,
        dnat("x", mapping("192.0.2.100", 80, twice_nat="ENABLED", twice_nat_pool_ip="192.0.2.200"), balanced((1, 1), (2, 1), port=81, session_affinity=60)),
    )
    done = world.twice(
        TWICE,
        dnat("x", mapping("192.0.2.100", 80, twice_nat="ENABLED", twice_nat_pool_ip="192.0.2.201"), balanced((1, 1), (2, 1), port=81, session_affinity=90)),
        state="replaced",
    )
    assert [each.partition(" ")[0] for each in done.outcome.commands].count("nat44_add_del_lb_static_mapping") == 2
    found = data_of(done, "x")["st_mappings"]
    assert found[0]["twice_nat_pool_ip"] == "192.0.2.201" and found[1]["session_affinity"] == 90


def test_a_delete_says_exactly_what_was_shown(world):
    """VPP looks at the external side alone, and leaks the local one when another is said."""
    world.apply(*SIDES, dnat("web", mapping("192.0.2.100", 80, local_port=8080)))
    done = world.apply(dnat("web"), state="deleted")
    assert done.outcome.commands == [
        "nat44_add_del_static_mapping_v2 is_add=false flags=4 local_ip_address=10.0.0.80 local_port=8080 protocol=6 external_sw_if_index=4294967295 "
        "external_ip_address=192.0.2.100 external_port=80 vrf_id=0 tag=web"
    ]


def test_another_local_side_is_another_mapping_at_the_same_place(world):
    world.apply(*SIDES, dnat("web", mapping("192.0.2.100", 80), mapping("192.0.2.100", 81)))
    done = world.twice(dnat("web", mapping("192.0.2.100", 80, local="10.0.0.81"), mapping("192.0.2.100", 81)), state="replaced")
    assert ["is_add=true" in each for each in done.outcome.commands] == [False, True]
    assert [each["local_ip_address"] for each in world.show("nat44_static_mapping_dump")] == ["10.0.0.80", "10.0.0.81"]


def test_a_mapping_moves_to_another_label(world):
    world.apply(*SIDES, dnat("a", mapping("192.0.2.100", 80)))
    world.twice(*SIDES, dnat("b", mapping("192.0.2.100", 80)), state="overridden")
    assert [each["tag"] for each in world.show("nat44_static_mapping_dump")] == ["b"]


def test_from_one_local_side_to_several_and_back(world):
    one, several = mapping("192.0.2.100", 80, local="10.0.0.1", local_port=8080), balanced((1, 1), (2, 1))
    world.apply(*SIDES, dnat("web", one))
    for each in (several, one):
        world.twice(dnat("web", each), state="replaced")


@pytest.mark.parametrize(
    ("then", "calls"),
    [
        (((1, 10), (2, 20), (3, 30), (4, 40)), ["true"]),
        (((1, 10), (3, 30)), ["false"]),
        (((4, 10), (5, 20)), ["true", "true", "false", "false", "false"]),
        (((1, 99), (2, 20), (3, 30)), ["false", "true"]),
        (((1, 99), (2, 98), (3, 97), (9, 1)), ["true", "false", "true", "false", "true", "false", "true"]),
    ],
)
def test_local_sides_are_exchanged_while_the_service_goes_on(world, then, calls):
    world.apply(*SIDES, dnat("lb", balanced((1, 10), (2, 20), (3, 30))))
    done = world.twice(dnat("lb", balanced(*then)), state="replaced")
    assert {each.partition(" ")[0] for each in done.outcome.commands} == {"nat44_lb_static_mapping_add_del_local"}
    assert [each.partition("is_add=")[2].partition(" ")[0] for each in done.outcome.commands] == calls


def test_of_two_local_sides_another_probability_takes_the_mapping_anew(world):
    """VPP keeps two at any time, and has no other way."""
    world.apply(*SIDES, dnat("lb", balanced((1, 10), (2, 20))))
    done = world.twice(dnat("lb", balanced((1, 10), (2, 30))), state="replaced")
    assert [each.partition(" ")[0] for each in done.outcome.commands] == ["nat44_add_del_lb_static_mapping"] * 2
    done = world.twice(dnat("lb", balanced((1, 5), (3, 30))), state="replaced")
    assert "nat44_add_del_lb_static_mapping" not in {each.partition(" ")[0] for each in done.outcome.commands}


# -- of interfaces -----------------------------------------------------------------------------------------------------


def test_a_mapping_of_an_interface_follows_its_address(world):
    wanted = (*SIDES, dnat("if", mapping("out", 80), identities=[{"interface": "out", "port": 22}]))
    world.apply(*wanted)
    for change in (("192.0.2.1/24", False), ("198.18.7.1/24", True), ("198.18.8.1/24", True)):
        world.address("out", *change)
        world.again(*wanted, state="overridden")
    world.address("out", "198.18.7.1/24", is_add=False)
    assert len(world.show("nat44_static_mapping_dump")) == 1  # VPP does not look for the address that is left
    world.twice(*wanted, state="overridden")
    assert {"external_ip_address": "198.18.8.1", "flags": 4}.items() <= world.show("nat44_static_mapping_dump")[0].items()
    world.apply(*SIDES, state="overridden")
    assert world.show("nat44_static_mapping_dump") == world.show("nat44_identity_mapping_dump") == []


def test_what_vpp_forgets_of_a_mapping_of_an_interface_is_taken_out(world):
    """It deletes the mapping of the interface's first address, though it made that of another one."""
    wanted = (*SIDES, dnat("if", mapping("out", 80), mapping("out", 53, protocol="UDP"), identities=[{"interface": "out", "port": 22}]))
    world.address("out", "198.18.7.1/24")
    world.apply(*wanted)
    world.address("out", "192.0.2.1/24", is_add=False)
    world.address("out", "198.18.8.1/24")
    world.again(*wanted, state="overridden")
    assert len(world.show("nat44_static_mapping_dump")) == 4
    world.apply(*SIDES, state="overridden")
    assert world.show("nat44_static_mapping_dump") == world.show("nat44_identity_mapping_dump") == []


def test_an_address_of_its_own_beside_that_of_the_interface(world):
    """The entry that VPP makes for the interface's address is none of ours; one that looks the same with another address is."""
    wanted = (*SIDES, dnat("if", mapping("out", 80), mapping("203.0.113.5", 80)))
    world.twice(*wanted)
    assert len(world.show("nat44_static_mapping_dump")) == 3
    world.apply(*SIDES, dnat("if", mapping("out", 80)), state="overridden")
    assert len(world.show("nat44_static_mapping_dump")) == 2


def test_a_mapping_of_an_interface_that_is_gone(world):
    world.apply(*SIDES, POOL, dnat("if", mapping("loop9", 80)), dnat("web", mapping("192.0.2.100", 80)))
    world.delete("loop9")
    assert world.told()["dnat44"] == [dict(EVERY["port"][0].data, st_mappings=[mapping("192.0.2.100", 80)])]
    world.twice(dnat("web", mapping("192.0.2.100", 81)), state="replaced")


# -- whose they are ----------------------------------------------------------------------------------------------------


def test_mappings_of_others_are_left_alone(world):
    world.apply(*SIDES, dnat("web", mapping("192.0.2.100", 80)), own=False)
    world.static()
    world.static(external_ip_address="192.0.2.98", local_ip_address="10.0.0.98", tag="of one who does it otherwise")  # not for incoming connections only
    world.apply(own=False, state="overridden")
    assert len(world.show("nat44_static_mapping_dump")) == 2
    with pytest.raises(PlanError, match="NAT mapping of 192.0.2.99 any 0 is in the way: it exists with other settings and is not ours"):
        world.apply(dnat("all", mapping("192.0.2.99")))
    with pytest.raises(PlanError, match="NAT44 cannot be changed: NAT mapping of 192.0.2.9[89] any 0, which is not ours, would vanish with it"):
        world.apply(value("plugin", sessions=1000))
    with pytest.raises(PlanError, match="would vanish with it"):
        world.apply(state="deleted")


def test_ours_are_ours_without_own_nat(world):
    for each in (mapping("192.0.2.100", 80), mapping("192.0.2.100", 80, local="10.0.0.81")):
        world.twice(dnat("web", each), own=False, state="replaced")
    world.apply(dnat("web"), own=False, state="deleted")
    assert "dnat44" not in world.told() and world.config()["sessions"]


def test_an_identity_of_others_in_another_vrf_is_in_the_way(world):
    """VPP shows one tag for all VRFs of an address."""
    world.table(5)
    world.apply(*SIDES)
    world.session.call("nat44_add_del_identity_mapping", is_add=True, flags=8, ip_address="10.0.0.7", sw_if_index=ANY, vrf_id=0)
    with pytest.raises(PlanError, match="NAT mapping of 10.0.0.7 any 0 is in the way"):
        world.apply(dnat("id", identities=[{"vrf_id": 5, "ip_address": "10.0.0.7"}]))


# -- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ([dnat("x" * 64, mapping("203.0.113.5"))], "label: " + "x" * 64 + " is longer than the 63 bytes of VPP's tag"),
        ([TWICE, dnat("x" * 50, mapping("203.0.113.5", 80, twice_nat="ENABLED", twice_nat_pool_ip="192.0.2.200"))], "label: VPP keeps 63 bytes, and 'xxx"),
        ([dnat("web (affinity 5)", mapping("203.0.113.5"))], "ends as if something stood behind a label"),
        ([dnat("a", mapping("203.0.113.5")), dnat("b", mapping("203.0.113.5", 80))], "203.0.113.5 is mapped by"),
        ([dnat("a", mapping("203.0.113.5", 80)), dnat("b", mapping("203.0.113.5", 80, local="10.0.0.9"))], "203.0.113.5 is mapped by"),
        (
            [dnat("a", mapping("203.0.113.5", 80), identities=[{"ip_address": "203.0.113.5", "port": 80}])],
            "NAT mapping of 203.0.113.5 TCP 80 is wanted otherwise by vpp.nat/dnat44",
        ),
        (
            [dnat("a", identities=[{"ip_address": "10.0.0.7"}]), dnat("b", identities=[{"ip_address": "10.0.0.7"}])],
            "NAT mapping of 10.0.0.7 any 0 is wanted otherwise by vpp.nat/dnat44",
        ),
        ([dnat("a", balanced((1, 10), (1, 20)))], "10.0.0.1 port 8080 is there twice"),
        ([dnat("a", balanced((1, 10), (2, 0)))], "local_ips[1].probability: is required"),
        ([dnat("a", mapping("203.0.113.5", 80, twice_nat="ENABLED"))], "ENABLED needs a pool with twice_nat: true"),
        ([dnat("a", mapping("203.0.113.5", protocol="ICMP"))], "ICMP needs ports"),
        ([dnat("a", mapping("203.0.113.5", 80, session_affinity=5))], "session_affinity: needs several local_ips"),
        ([dnat("a", mapping("wan", 80))], "has no interface wan"),
        ([value("vrf-route", src_vrf_id=0, dest_vrf_id=0)], "NAT's way from VRF 0 to 0 needs NAT's VRF 0, which is neither there nor asked for"),
        ([value("vrf", src_vrf_id=9)], "NAT's VRF 9 needs table 9 of IPv4, which is neither there nor asked for"),
        ([dnat("a", {**mapping("203.0.113.5"), "local_ips": [{"local_ip": "10.0.0.1", "vrf_id": 9}]})], "needs table 9 of IPv4"),
    ],
)
def test_what_vpp_would_take_wrongly_is_refused_before_anything_is_touched(double, wanted, text):
    with double.session() as session:
        world = World(double, session).build()
        with pytest.raises((Invalid, Refused, PlanError, Exception)) as error:
            world.apply(*SIDES, *wanted)
        assert text in error.value.message
        assert "nat44_ed_plugin_enable_disable" not in world.writes()


# -- ways between VRFs -------------------------------------------------------------------------------------------------


def test_ways_by_one_kind_or_the_other_are_the_same(world):
    world.table(5)
    world.table(6)
    table, ways = value("vrf", src_vrf_id=5), [value("vrf-route", src_vrf_id=5, dest_vrf_id=each) for each in (0, 6)]
    done = world.twice(table, *ways)
    assert sorted(done.after) == sorted([table, *ways])
    assert world.told()["nat44-vrf"] == [{"src_vrf_id": 5, "dest_vrf_ids": [0, 6]}]
    world.again(value("vrf", src_vrf_id=5, dest_vrf_ids=[0, 6]), state="overridden")
    assert sorted(world.again(value("vrf", src_vrf_id=5, dest_vrf_ids=[6]), ways[0], state="overridden").before)[0].data["dest_vrf_ids"] == [6]
    world.apply(ways[1], state="deleted")
    assert world.told()["nat44-vrf"] == [{"src_vrf_id": 5, "dest_vrf_ids": [0]}]
    world.twice(value("vrf", src_vrf_id=5, dest_vrf_ids=[6]), state="replaced")
    world.apply(table, state="deleted")
    assert "nat44-vrf" not in world.told()
