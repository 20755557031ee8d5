# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of interfaces, the VRFs that they are in, who lends them, and what a DHCP server gives."""

from __future__ import annotations

import ipaddress

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import PlanError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.addresses import Overlaps
from hypothesis import given
from hypothesis import strategies as st

from tests.support.vpp import ip_table
from tests.unit.vpp.link_world import World, link, loop, vrf

ADDRESS, TABLE = "sw_interface_add_del_address", "sw_interface_set_table"


@pytest.fixture
def world(vpp, session):
    return World(vpp, session)


def prefixes(world, name):
    index = world.tagged()[name]["sw_if_index"]
    return [each["prefix"] for six in (False, True) for each in world.session.dump("ip_address_dump", sw_if_index=index, is_ipv6=six)]


def table(world, name, six=False):
    return world.session.call("sw_interface_get_table", sw_if_index=world.tagged()[name]["sw_if_index"], is_ipv6=six)["vrf_id"]


# -- one by one, with exactly what is there ---------------------------------------------------------------------------


def test_addresses_come_and_go_one_by_one(world):
    world.settle(loop("a", "10.1.1.1/24", "10.1.1.2/24", "10.2.1.1/24", "fd00:1::1/64"))
    outcome = world.settle(loop("a", "10.1.1.2/24", "fd00:2::1/64", "10.3.1.1/24"))
    assert sorted(outcome.commands) == sorted(
        f"{ADDRESS} sw_if_index=a is_add={is_add} del_all=false prefix={prefix}"
        for is_add, prefix in [("false", "10.1.1.1/24"), ("false", "10.2.1.1/24"), ("false", "fd00:1::1/64"), ("true", "fd00:2::1/64"), ("true", "10.3.1.1/24")]
    )
    assert set(prefixes(world, "a")) == {"10.1.1.2/24", "fd00:2::1/64", "10.3.1.1/24"}


def test_all_forms_of_an_address_are_the_same(world):
    world.settle(loop("a", "10.1.1.1/24", "FD00:0001::00:1/64"))
    assert world.settle(loop("a", "fd00:1:0::1/64", "10.1.1.1/024")).commands == []


def test_another_length_takes_the_address_away_first(world):
    """VPP takes an address away whatever length is told, and lets no networks overlap."""
    world.settle(loop("a", "10.1.1.1/24"), loop("b", "10.1.2.1/24"))
    outcome = world.settle(loop("a", "10.1.1.1/25", "10.1.1.200/25"), loop("b", "10.1.2.1/23"))
    assert [command.partition("is_add=")[2].partition(" ")[0] for command in outcome.commands] == ["false", "false", "true", "true", "true"]
    assert prefixes(world, "a") == ["10.1.1.1/25", "10.1.1.200/25"] and prefixes(world, "b") == ["10.1.2.1/23"]


def test_interfaces_change_their_addresses_in_one_pass(world):
    world.settle(loop("a", "10.1.1.1/24"), loop("b", "10.2.1.1/24"), loop("c", "10.3.1.1/24"))
    world.settle(loop("a", "10.2.1.1/24"), loop("b", "10.3.0.1/16"), loop("c", "10.1.1.1/32"))
    assert [prefixes(world, name) for name in "abc"] == [["10.2.1.1/24"], ["10.3.0.1/16"], ["10.1.1.1/32"]]


def test_what_overlaps_is_told_before_anything_is_touched(world):
    world.settle(loop("a", "10.1.1.1/24"))
    for wrong in ("10.1.1.2/25", "10.1.0.1/16", "10.1.1.1/32"):
        with pytest.raises(CnfError, match=rf"address {wrong} of interface b overlaps with 10\.1\.1\.1/24 of interface a: VPP has no two such"):
            world.apply(loop("a", "10.1.1.1/24"), loop("b", wrong))
    with pytest.raises(CnfError, match="address 10.1.1.1/25 of interface a overlaps with 10.1.1.1/24 of interface a"):
        world.apply(loop("a", "10.1.1.1/24", "10.1.1.1/25"))
    assert set(world.tagged()) == {"a"}
    world.settle([*vrf(5)], loop("a", "10.1.1.1/24"), loop("b", "10.1.0.1/16", vrf=5))


WRONG = {
    "fe80::1/64": "is link-local, and VPP does not tell",
    "fe80::1/128": "is link-local, and VPP does not tell",
    "224.0.0.1/24": "is no address of one host",
    "ff02::1/64": "is no address of one host",
    "0.0.0.0/0": "is no address of one host",
    "10.1.1.1/0": "is no address of one host",
    "10.4.4.0/24": "is the address of the network itself, or its broadcast address",
    "10.4.4.255/24": "is the address of the network itself, or its broadcast address",
    "alloc:net/x": "references to netalloc are not resolved",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_no_interface_can_have_is_refused(text):
    world = object.__new__(World)
    world.session = None
    with pytest.raises(CnfError, match=rf"vpp/interfaces a: ip_addresses.*{WRONG[text]}") as error:
        world.apply(loop("a", text), offline=True, check_mode=True)
    assert error.value.context["field"] == "ip_addresses"


@pytest.mark.parametrize("text", ["10.4.4.0/31", "10.4.4.0/32", "10.4.4.255/32", "fd00::/64"])
def test_what_an_interface_can_have(world, text):
    world.settle(loop("a", text))


def test_what_somebody_else_gave_is_ours_on_an_interface_of_ours(world):
    """VPP cannot mark an address. What could not be asked for is left in peace as long as nothing else is."""
    world.settle(loop("a", "10.1.1.1/24"))
    index = world.tagged()["a"]["sw_if_index"]
    world.session.call(ADDRESS, is_add=True, sw_if_index=index, prefix="10.4.4.255/24")
    assert world.lifted()["a"]["ip_addresses"] == ["10.1.1.1/24", "10.4.4.255/24"]
    world.settle(loop("b"), state="merged")
    world.settle(loop("a", "10.1.1.1/24"), loop("b"))
    assert prefixes(world, "a") == ["10.1.1.1/24"]


# -- VRFs -------------------------------------------------------------------------------------------------------------


def test_an_interface_with_addresses_goes_to_another_vrf(world):
    tables = [*vrf(5, "4", "6"), *vrf(6)]
    world.settle(tables, loop("a", "10.1.1.1/24", "fd00::1/64"))
    outcome = world.settle(tables, loop("a", "10.1.1.1/24", "fd00::1/64", vrf=5))
    assert [command.partition(" ")[0] for command in outcome.commands] == [ADDRESS, ADDRESS, TABLE, TABLE, ADDRESS, ADDRESS]
    assert (table(world, "a"), table(world, "a", True)) == (5, 5)
    world.settle(tables, loop("a", "10.1.1.1/24", vrf=6))
    assert (table(world, "a"), table(world, "a", True)) == (6, 0)
    world.settle(tables, loop("a", vrf=5))  # without addresses: of all families that have the table
    assert (table(world, "a"), table(world, "a", True)) == (5, 5)
    world.settle(loop("a"))
    assert (table(world, "a"), table(world, "a", True)) == (0, 0)


def test_the_tables_of_a_vrf_have_to_be_there(world):
    for value, family in ((loop("a", "10.1.1.1/24", vrf=7), "4"), (loop("a", "fd00::1/64", vrf=7), "6"), (loop("a", vrf=7), "4")):
        with pytest.raises(CnfError, match=f"vpp/interfaces a: vrf 7 does not exist for IPv{family}; a vpp/vrf-table makes it"):
            world.apply(value)
    with pytest.raises(CnfError, match="vrf 7 does not exist for IPv6"):
        world.apply(vrf(7), loop("a", "10.1.1.1/24", "fd00::1/64", vrf=7))
    assert list(world.shown()) == ["local0"]


def test_a_vrf_that_is_used_does_not_go_alone(world):
    world.settle(vrf(5), loop("a", "10.1.1.1/24", vrf=5))
    with pytest.raises(CnfError, match="vrf 5 does not exist for IPv4"):
        world.apply(loop("a", "10.1.1.1/24", vrf=5))
    world.settle(loop("a", "10.1.1.1/24"))


def test_a_vrf_that_vpp_keeps_only_for_its_users_is_in_nobodys_way(world):
    world.settle(vrf(5), loop("a", "10.1.1.1/24", vrf=5))
    ip_table(world.session, False, 5)
    world.settle(loop("b"), state="merged")
    world.settle(loop("a", "10.1.1.1/24"), state="replaced")


def test_a_vrf_is_shown_that_an_interface_is_in(world):
    world.settle(vrf(5), vrf(6, "6"), loop("a", "10.1.1.1/24", vrf=5), loop("b", "fd00::1/64", vrf=6), loop("c", vrf=5))
    assert {name: each.get("vrf") for name, each in world.lifted().items()} == {"a": 5, "b": 6, "c": 5}


# -- lenders ----------------------------------------------------------------------------------------------------------


def borrower(name, lender, **more):
    return link("SOFTWARE_LOOPBACK", name, unnumbered={"interface_with_ip": lender}, **more)


def test_addresses_are_lent_within_a_vrf(world):
    world.settle(vrf(5), loop("a", "10.1.1.1/24", vrf=5), borrower("b", "a", vrf=5))
    assert (table(world, "a"), table(world, "b")) == (5, 5)
    world.settle(vrf(5), loop("a", "10.1.1.1/24", vrf=5), borrower("b", "a"))  # it is where its lender is
    world.settle(vrf(5), loop("a", "10.1.1.1/24"), borrower("b", "a"))
    assert (table(world, "a"), table(world, "b")) == (0, 0)
    with pytest.raises(CnfError, match="vpp/interfaces b: vrf: VPP lends addresses within a VRF, and a is not in VRF 5"):
        world.apply(vrf(5), loop("a", "10.1.1.1/24"), borrower("b", "a", vrf=5))


def test_lender_and_borrower_change_places(world):
    world.settle(loop("a", "10.1.1.1/24"), borrower("b", "a"), loop("c", "10.2.1.1/24"))
    world.settle(borrower("a", "b"), loop("b", "10.1.1.1/24"), borrower("c", "b"))
    world.settle(borrower("a", "c"), loop("b"), loop("c", "10.2.1.1/24"))
    found = world.session.dump("ip_unnumbered_dump", sw_if_index=0xFFFFFFFF)
    tags = {each["sw_if_index"]: name for name, each in world.tagged().items()}
    assert [(tags[each["sw_if_index"]], tags[each["ip_sw_if_index"]]) for each in found] == [("a", "c")]


def test_the_addresses_of_the_lender_change(world):
    world.settle(loop("a", "10.1.1.1/24"), borrower("b", "a"))
    world.settle(loop("a", "10.2.1.1/24"), borrower("b", "a"))
    assert world.lifted()["b"] == {"name": "b", "type": "SOFTWARE_LOOPBACK", "unnumbered": {"interface_with_ip": "a"}}


@pytest.mark.parametrize("lender", ["b", "c"])
def test_who_has_no_addresses_lends_none(lender):
    world = object.__new__(World)
    world.session = None
    with pytest.raises(CnfError, match=f"unnumbered.interface_with_ip: {lender} has no addresses of its own to lend"):
        world.apply(loop("a", "10.1.1.1/24"), borrower("b", lender), borrower("c", "a"), offline=True, check_mode=True)


def test_a_lender_of_others(world):
    world.foreign_loop("", "10.1.1.1/24")
    world.settle(borrower("b", "loop0"))
    with pytest.raises(CnfError, match=r"CNF t has no interface loop1; did you mean loop0"):
        world.apply(borrower("b", "loop1"))


# -- DHCP -------------------------------------------------------------------------------------------------------------


def test_an_address_that_a_dhcp_server_gave_is_not_ours(double):
    with double.session() as session:
        world = World(double, session)
        wanted = [*vrf(5), loop("a", "10.1.1.1/24", set_dhcp_client=True, enabled=True)]
        world.settle(wanted)
        double.double.state.links.lease(world.tagged()["a"]["sw_if_index"], "192.0.2.7/24")
        world.settle(wanted)
        assert world.lifted()["a"]["ip_addresses"] == ["10.1.1.1/24"]
        with pytest.raises(PlanError, match="address 192.0.2.7/24 of a is in the way"):
            world.apply(vrf(5), loop("a", "10.1.1.1/24", "192.0.2.7/24", set_dhcp_client=True, enabled=True))
        world.settle(vrf(5), loop("a", "10.1.1.1/24", set_dhcp_client=True, enabled=True, vrf=5))
        assert (prefixes(world, "a"), table(world, "a")) == (["10.1.1.1/24"], 5)
        double.double.state.links.lease(world.tagged()["a"]["sw_if_index"], "192.0.2.7/24")
        world.settle(vrf(5), loop("a", "10.1.1.1/24", vrf=5))
        assert prefixes(world, "a") == ["10.1.1.1/24"]
        world.settle(wanted)
        double.double.state.links.lease(world.tagged()["a"]["sw_if_index"], "192.0.2.7/24")
        world.settle([])
        assert world.empty()


def test_a_dhcp_client_beside_lent_addresses_is_refused():
    world = object.__new__(World)
    world.session = None
    with pytest.raises(CnfError, match="set_dhcp_client is not supported by the vpp dataplane: an unnumbered interface has"):
        world.apply(loop("a", "10.1.1.1/24"), borrower("b", "a", set_dhcp_client=True), offline=True, check_mode=True)


# -- what overlaps ----------------------------------------------------------------------------------------------------

NUMBERS = st.integers(0, 63)
V4 = st.builds(lambda number, length: f"10.0.0.{number}/{length}", NUMBERS, st.integers(26, 32))
V6 = st.builds(lambda number, length: f"fd00::{number:x}/{length}", NUMBERS, st.integers(122, 128))
ADDRESSES = st.lists(st.tuples(st.sampled_from("ab"), st.one_of(V4, V6), st.integers(0, 1)), max_size=8, unique_by=lambda each: each[:2])


@given(ADDRESSES)
def test_overlaps_are_those_that_vpp_would_not_have(addresses):
    index = Overlaps(addresses)
    for name, text, number in addresses:
        mine = ipaddress.ip_interface(text).network
        others = []
        for other, theirs, their_number in addresses:
            network = ipaddress.ip_interface(theirs).network
            if network.version == mine.version and their_number == number and network.overlaps(mine) and (other != name or network != mine):
                others.append((other, theirs))
        assert sorted(index.of(name, text, number)) == sorted(others)
