# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pools of NAT44, of which VPP keeps single addresses, and pools that follow an interface."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import PlanError
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import Invalid

from tests.unit.vpp.nat_world import ANY, SIDES, World, pool, value, world

__all__ = ["world"]


def addresses(*last):
    return [f"192.0.2.{each}" for each in last]


@pytest.mark.parametrize(
    "again",
    [
        (pool("192.0.2.100", "192.0.2.105"),),
        (pool("192.0.2.100", "192.0.2.102"), pool("192.0.2.103", "192.0.2.105")),
        (pool("192.0.2.100", "192.0.2.105", name="p"),),
        tuple(pool(each) for each in addresses(*range(100, 106))),
        (value("global", address_pool=[{"address": each} for each in addresses(*range(100, 106))]),),
    ],
)
def test_the_second_run_plans_nothing_however_the_addresses_are_split(world, again):
    world.apply(pool("192.0.2.100", "192.0.2.105"))
    for state in ("merged", "replaced", "overridden"):
        done = world.again(*again, state=state)
        assert sorted(done.after) == sorted(again)
    assert world.told()["nat44-pool"] == [{"first_ip": "192.0.2.100", "last_ip": "192.0.2.105"}]


def test_consecutive_addresses_of_one_vrf_and_sort_are_read_back_as_one_pool(world):
    world.table(5)
    world.twice(
        pool("192.0.2.100", "192.0.2.101"),
        pool("192.0.2.102", name="third"),
        pool("192.0.2.103", vrf_id=5),
        pool("192.0.2.104", vrf_id=ANY),
        pool("192.0.2.106"),
        pool("192.0.2.100", "192.0.2.101", twice_nat=True, name="twice"),
    )
    assert sorted(world.told()["nat44-pool"], key=repr) == [
        {"first_ip": "192.0.2.100", "last_ip": "192.0.2.101", "twice_nat": True},
        {"first_ip": "192.0.2.100", "last_ip": "192.0.2.102"},
        {"first_ip": "192.0.2.106"},
        {"vrf_id": ANY, "first_ip": "192.0.2.104"},
        {"vrf_id": 5, "first_ip": "192.0.2.103"},
    ]


def test_a_pool_grows_and_shrinks_by_single_addresses(world):
    world.apply(pool("192.0.2.100", "192.0.2.102", name="p"))
    done = world.twice(pool("192.0.2.101", "192.0.2.104", name="p"), state="overridden")
    assert [each.partition(" vrf")[0].split("=")[-1] + each.rpartition("=")[2] for each in done.outcome.commands] == [
        "192.0.2.100false",
        "192.0.2.103true",
        "192.0.2.104true",
    ]
    assert world.pool() == addresses(101, 102, 103, 104)
    world.apply(pool("192.0.2.101", "192.0.2.104", name="p"), state="deleted")
    assert world.pool() == []


def test_a_part_of_a_range_is_deleted_by_name(world):
    world.apply(pool("192.0.2.100", "192.0.2.105"))
    done = world.apply(pool("192.0.2.102", "192.0.2.103"), state="deleted")
    assert world.pool() == addresses(100, 101, 104, 105)
    assert [dict(each.data) for each in done.after] == [
        {"first_ip": "192.0.2.100", "last_ip": "192.0.2.101"},
        {"first_ip": "192.0.2.104", "last_ip": "192.0.2.105"},
    ]


def test_a_hole_that_others_made_is_filled(world):
    world.apply(pool("192.0.2.100", "192.0.2.105"))
    world.session.call("nat44_add_del_address_range", first_ip_address="192.0.2.102", last_ip_address="192.0.2.102", is_add=False)
    done = world.twice(pool("192.0.2.100", "192.0.2.105"), own=False)
    assert len(done.outcome.commands) == 1 and len(world.pool()) == 6


def test_another_vrf_takes_the_address_anew(world):
    world.table(5)
    world.apply(pool("192.0.2.100", name="p"))
    world.twice(pool("192.0.2.100", name="p", vrf_id=5), state="replaced")
    assert world.told()["nat44-pool"] == [{"vrf_id": 5, "first_ip": "192.0.2.100"}]
    world.twice(pool("192.0.2.100", name="p", vrf_id=ANY), state="replaced")


def test_a_vrf_that_is_not_there(world):
    with pytest.raises(PlanError, match="^vpp.nat/nat44-pool .*: NAT pool address 192.0.2.100 needs table 9 of IPv4, which is neither there nor asked for"):
        world.apply(pool("192.0.2.100", vrf_id=9))
    assert world.config()["sessions"] == 0  # VPP would have made the table


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ([pool("192.0.2.100", "192.0.2.105"), pool("192.0.2.105")], "address 192.0.2.105 is in"),
        ([pool("192.0.2.100"), pool("192.0.2.100", vrf_id=ANY)], "address 192.0.2.100 is in"),
        ([pool("192.0.2.105", "192.0.2.100")], "last_ip: 192.0.2.100 is before first_ip"),
        ([pool("224.0.0.1")], "224.0.0.1 is no address of one host"),
        ([pool("10.0.0.0", "10.1.0.0")], "more than 65536"),
        ([pool("here")], "here is no IPv4 address"),
    ],
)
def test_pools_that_vpp_would_take_in_part_or_not_at_all(double, wanted, text):
    with double.session() as session:
        world = World(double, session).build()
        with pytest.raises(Invalid) as error:
            world.apply(*wanted)
        assert text in error.value.message


def test_a_pool_that_sessions_use_can_go(double):
    """VPP ends its dynamic sessions; those of mappings stay."""
    from tests.doubles.vpp.sessions import Session

    with double.session() as session:
        world = World(double, session).build()
        world.apply(*SIDES, pool("192.0.2.100", "192.0.2.101"))
        table = double.double.state.sessions.table
        table += [Session(6, ("10.0.0.9", 1000), (f"192.0.2.{last}", 2000), ("203.0.113.1", 80)) for last in (100, 101)]
        world.twice(pool("192.0.2.101"), *SIDES, state="overridden")
        assert [each.outside for each in table] == [("192.0.2.101", 2000)]


def test_a_thousand_addresses(world):
    world.twice(pool("10.9.0.0", "10.9.3.231"))
    assert len(world.pool()) == 1000 and world.told()["nat44-pool"] == [{"first_ip": "10.9.0.0", "last_ip": "10.9.3.231"}]


# -- of an interface ---------------------------------------------------------------------------------------------------


def test_a_pool_of_an_interface_is_its_first_address_and_no_other_pool(world):
    world.address("out", "198.18.0.1/24")
    wanted = (value("interface-pool", name="out"), value("interface-pool", name="in", twice_nat=True), pool("192.0.2.100"))
    world.twice(*wanted)
    assert world.pool() == ["10.0.0.1", "192.0.2.1", "192.0.2.100"]
    assert world.gathered() == sorted(wanted)
    world.apply(wanted[0], state="deleted")
    assert world.pool() == ["10.0.0.1", "192.0.2.100"]


def test_a_pool_of_an_interface_follows_its_address(world):
    world.apply(value("interface-pool", name="out"))
    world.address("out", "192.0.2.1/24", is_add=False)
    assert world.pool() == []
    world.again(value("interface-pool", name="out"), state="overridden")
    world.address("out", "192.0.2.2/24")
    assert world.pool() == ["192.0.2.2"]
    world.again(value("interface-pool", name="out"), state="overridden")


def test_a_pool_of_an_interface_that_vpp_left_without_an_address_gets_one(world):
    world.address("out", "198.18.0.1/24")
    world.apply(value("interface-pool", name="out"))
    world.address("out", "192.0.2.1/24", is_add=False)
    assert world.pool() == []  # VPP does not look for the address that is left
    world.twice(value("interface-pool", name="out"))
    assert world.pool() == ["198.18.0.1"]


def test_an_address_that_vpp_forgets_in_a_pool_is_taken_out(world):
    """When another address is the first by then, VPP deletes what it says it does not find, and leaves the address."""
    world.address("out", "198.18.0.1/24")
    world.apply(value("interface-pool", name="out"), pool("192.0.2.100"))
    world.address("out", "192.0.2.1/24", is_add=False)
    world.address("out", "203.0.113.1/24")
    assert world.pool() == ["192.0.2.100", "203.0.113.1"]
    world.again(value("interface-pool", name="out"), pool("192.0.2.100"), state="overridden")
    world.twice(pool("192.0.2.100"), state="overridden")
    assert world.pool() == ["192.0.2.100"] and world.show("nat44_interface_addr_dump") == []


def test_an_address_of_the_interface_is_in_no_other_pool(world):
    with pytest.raises(Refused, match="name: 192.0.2.1 of out is in a pool already, that of vpp.nat/nat44-pool"):
        world.apply(value("interface-pool", name="out"), pool("192.0.2.1", "192.0.2.5"))


def test_a_pool_of_an_interface_that_is_deleted(world):
    """VPP keeps the wish for the next interface with this number, who did not ask for it."""
    world.apply(value("interface-pool", name="out"))
    index = world.delete("out")
    assert world.told() == {"nat44-global": [{}]} and world.pool() == []
    assert world.interface("other", 7, "203.0.113.7/24") == index
    assert world.told() == {"nat44-interface-pool": [{"name": "other"}]} and world.pool() == ["203.0.113.7"]
    world.twice(pool("192.0.2.100"), state="overridden")
    assert world.pool() == ["192.0.2.100"]
