# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes, on the double and on a live VPP."""

from __future__ import annotations

import re

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import ApplyError, PlanError
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Operation, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ARP, ROUTE, VRF_TABLE
from ansible_collections.pantheon.cnf.plugins.module_utils.view import UnknownInterface, View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import routes
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Place, describe
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.route_values import RouteError
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.vpp.l3_world import World, told

NOWHERE = 0xFFFFFFFF
TO = "198.51.100.0/24"


def route(**data):
    return ROUTE.value({"dst_network": TO, **data})


def table(number, protocol="IPV4", **data):
    return VRF_TABLE.value({"id": number, "protocol": protocol, **data})


LEFT = route(next_hop_addr="10.0.0.9", outgoing_interface="left")
RIGHT = route(next_hop_addr="10.1.1.9", outgoing_interface="right")


@pytest.fixture
def world(vpp, session):
    return World(vpp, session).build()


def datas(values):
    return sorted([dict(value.data) for value in values if value.kind == ROUTE.id], key=str)


# -- each field, back and forth ----------------------------------------------------------------------------------------

VALUES = {
    "by gateway": [LEFT],
    "by interface": [route(outgoing_interface="right")],
    "gateway on its own": [route(next_hop_addr="10.1.1.9")],
    "paths": [
        route(next_hop_addr="10.0.0.9", outgoing_interface="left", weight=3),
        route(next_hop_addr="10.0.0.8", outgoing_interface="left", preference=5),
        route(outgoing_interface="right"),
        route(next_hop_addr="10.1.1.7", weight=200, preference=255),
    ],
    "drop": [route(type="DROP")],
    "drop, weight and preference": [route(type="DROP", weight=7, preference=9)],
    "default": [route(dst_network="0.0.0.0/0", next_hop_addr="10.0.0.254", outgoing_interface="left")],
    "host": [route(dst_network="192.0.2.1/32", next_hop_addr="10.0.0.254", outgoing_interface="left")],
    "host on an interface": [route(dst_network="192.0.2.1/32", outgoing_interface="left")],
    "host on two interfaces": [route(dst_network="192.0.2.1/32", outgoing_interface=name) for name in ("left", "right")],
    "host in a connected network": [route(dst_network="10.0.0.77/32", next_hop_addr="10.1.1.9", outgoing_interface="right")],
    "IPv6": [route(dst_network="2001:db8::/32", next_hop_addr="fd00:1::9", outgoing_interface="left")],
    "IPv6 link-local": [route(dst_network="::/0", next_hop_addr="fe80::9", outgoing_interface="right", weight=2, preference=1)],
    "IPv6 by interface": [route(dst_network="2001:db8::/32", outgoing_interface="left")],
    "IPv6 host on an interface": [route(dst_network="2001:db8::1/128", outgoing_interface="left")],
    "IPv6 drop": [route(dst_network="2001:db8::/32", type="DROP")],
    "IPv6 with an IPv4 look": [route(dst_network="::102:304/128", outgoing_interface="left")],
    "VRF": [table(5), route(vrf_id=5, next_hop_addr="10.0.0.9", outgoing_interface="left", type="INTER_VRF")],
    "through another VRF": [table(5), table(6), route(vrf_id=5, type="INTER_VRF", via_vrf_id=6), route(type="INTER_VRF", via_vrf_id=5)],
    "gateway in another VRF": [table(5), route(vrf_id=5, type="INTER_VRF", next_hop_addr="10.0.0.9")],
    "IPv6 VRF": [table(5, "IPV6"), route(vrf_id=5, dst_network="2001:db8::/32", type="INTER_VRF", next_hop_addr="fd00:1::9")],
    "on an interface of others": [route(next_hop_addr="10.9.0.9", outgoing_interface="loop9")],
}


def there_and_back(world, values):
    """Create, repeat, feed back, delete."""
    done = world.apply(*values, check_mode=True)
    assert done.outcome.changed and world.gathered() == [], "check mode makes nothing"
    planned = datas(done.after)
    done = world.apply(*values)
    assert done.outcome.changed and datas(done.after) == planned == datas(values)
    world.again(*values)
    world.again(lambda there: there, state="overridden")
    done = world.apply(state="deleted")
    assert done.outcome.changed and world.gathered() == []
    assert world.routes(world.source()) == {} == world.routes(world.source(), six=True)
    world.again(state="deleted")


def test_create_repeat_feed_back_delete(world):
    for name, values in VALUES.items():
        with told(name):
            there_and_back(world, values)


def test_what_vpp_has(world):
    world.apply(*VALUES["paths"], route(dst_network="2001:db8::/32", type="DROP"))
    source = world.source()
    (found,) = world.routes(source).values()
    paths = {(each["sw_if_index"], each["nh"]["address"][:4], each["weight"], each["preference"], each["type"]) for each in found["paths"]}
    assert paths == {
        (world.index["left"], bytes((10, 0, 0, 9)), 3, 0, 0),
        (world.index["left"], bytes((10, 0, 0, 8)), 1, 5, 0),
        (world.index["right"], bytes(4), 1, 0, 0),
        (NOWHERE, bytes((10, 1, 1, 7)), 200, 255, 0),
    }
    assert [(each["type"], each["proto"]) for each in world.routes(source, six=True)["2001:db8::/32"]["paths"]] == [(2, 1)]
    sources = {each["src"]["name"]: each["src"]["priority"] for each in world.session.dump("fib_source_dump")}
    assert sources["pantheon.cnf"] < sources["API"] < sources["CLI"], "where all three have a route, ours counts"


def test_our_source_is_made_once(world):
    assert world.source() == 0
    world.apply(LEFT)
    world.apply(state="deleted")
    world.apply(RIGHT)
    world.apply(LEFT, session=world.session)
    names = [each["src"]["name"] for each in world.session.dump("fib_source_dump")]
    assert names.count("pantheon.cnf") == 1


def test_changes(world):
    world.apply(LEFT, RIGHT)
    done = world.apply(route(next_hop_addr="10.0.0.9", outgoing_interface="left", weight=4))
    assert len(done.outcome.commands) == 1 and datas(done.after) == datas([route(**{**LEFT.data, "weight": 4}), RIGHT])
    world.again(route(next_hop_addr="10.0.0.9", outgoing_interface="left", weight=4))
    done = world.apply(RIGHT, state="overridden")
    assert len(done.outcome.commands) == 1 and datas(done.after) == datas([RIGHT]), "a path less, in place"
    done = world.apply(route(type="DROP"), state="overridden")
    assert len(done.outcome.commands) == 1 and datas(done.after) == datas([route(type="DROP")])
    done = world.apply(LEFT, RIGHT, state="overridden")
    done = world.apply(LEFT, state="deleted")
    assert datas(done.after) == datas([RIGHT])
    done = world.apply(route(dst_network="203.0.113.0/24", outgoing_interface="left"), state="replaced")
    assert len(datas(done.after)) == 2


# -- whose a route is --------------------------------------------------------------------------------------------------


def test_routes_of_others_are_nobodys_business(world):
    world.foreign("203.0.113.0/24", "left", "10.0.0.5")
    world.apply(LEFT)
    assert datas(world.gathered()) == datas([LEFT])
    world.apply(RIGHT, state="overridden")
    world.apply(state="deleted")
    assert "203.0.113.0/24" in world.routes(8)


def test_a_foreign_route_in_the_way_is_named_and_left_alone(world):
    world.foreign(TO, "left", "10.0.0.5")
    for values in ([LEFT], [LEFT, *[route(dst_network=f"10.200.{number}.0/24", outgoing_interface="left") for number in range(200)]]):
        with pytest.raises(PlanError, match=re.escape(TO)) as caught:
            world.apply(*values)
        assert caught.value.context["foreign"] == [["route", "0", TO]]
    with pytest.raises(PlanError):
        world.apply(LEFT, check_mode=True)
    assert world.routes(8)[TO]["paths"][0]["nh"]["address"][:4] == bytes((10, 0, 0, 5)) and world.source() == 0


def test_a_foreign_route_in_the_way_of_very_many(world):
    world.foreign("10.200.7.0/24", "left", "10.0.0.5")
    many = [route(dst_network=f"10.200.{number % 256}.0/{24 + number // 256}", outgoing_interface="left") for number in range(routes.LOOKUPS + 1)]
    with pytest.raises(PlanError, match=re.escape("10.200.7.0/24")):
        world.apply(*many)


def test_a_foreign_route_as_wanted_is_left_as_it_is(world):
    world.foreign(TO, "left", "10.0.0.9")
    world.again(LEFT)
    assert world.source() == 0 and TO in world.routes(8)
    done = world.apply(LEFT, ARP.value({"interface": "left", "ip_address": "10.0.0.9", "phys_address": "02:00:00:00:00:09", "static": True}))
    assert len(done.outcome.commands) == 1 and world.source() == 0


def test_scope_all(world):
    world.foreign(TO, "left", "10.0.0.5")
    world.foreign("203.0.113.0/24", "loop9", "10.9.0.5")
    assert datas(world.gathered("all")) == datas(
        [
            route(next_hop_addr="10.0.0.5", outgoing_interface="left"),
            route(dst_network="203.0.113.0/24", next_hop_addr="10.9.0.5", outgoing_interface="loop9"),
        ]
    )
    world.again(lambda there: there, state="overridden", scope="all")
    done = world.apply(RIGHT, state="overridden", scope="all")
    assert world.routes(8) == {} and datas(done.after) == datas([RIGHT])
    assert datas(world.gathered()) == datas([RIGHT]), "what we took over is ours"
    world.again(RIGHT)


def test_a_foreign_route_that_was_taken_over_is_given_back(world):
    world.foreign(TO, "left", "10.0.0.5")
    if world.place.kind == "live":
        pytest.skip("a live VPP cannot be told to fail")
    world.place.double.fail("ip_neighbor_add_del", -2)
    with pytest.raises(ApplyError, match="All that was done was undone"):
        world.apply(RIGHT, ARP.value({"interface": "left", "ip_address": "10.0.0.9", "phys_address": "02:00:00:00:00:09", "static": True}), scope="all")
    assert world.routes(8)[TO]["paths"][0]["nh"]["address"][:4] == bytes((10, 0, 0, 5)) and not world.routes(world.source())


def test_what_vpp_has_by_itself_is_refused(world):
    for prefix, says in [("10.0.0.0/24", "left itself"), ("10.0.0.1/32", "left itself"), ("224.0.0.0/4", "keeps"), ("240.0.0.0/4", "keeps")]:
        with pytest.raises(RouteError, match=says):
            world.apply(route(dst_network=prefix, outgoing_interface="right"))
    with pytest.raises(RouteError, match="keeps"):
        world.apply(route(dst_network="fe80::/10", outgoing_interface="right"))
    with pytest.raises(RouteError, match="10.0.0.255/32 of table 0 is in VPP by itself .source interface.") as caught:
        world.apply(route(dst_network="10.0.0.255/32", outgoing_interface="right"), LEFT)
    assert len(caught.value.context["problems"]) == 1 and world.source() == 0


def test_others_may_put_an_address_over_our_route(world):
    """VPP then lists only theirs; and after that ours, by their address."""
    far = route(dst_network="10.77.0.0/24", next_hop_addr="10.0.0.9", outgoing_interface="left")
    world.interface("", 8, "10.77.0.5/24")
    with pytest.raises(RouteError, match="loop8"):
        world.apply(far)
    where = {"sw_if_index": world.index["loop8"], "prefix": "10.77.0.5/24"}
    world.session.call("sw_interface_add_del_address", is_add=False, **where)
    world.apply(far)
    world.session.call("sw_interface_add_del_address", is_add=True, **where)
    assert world.gathered() == []
    with pytest.raises(RouteError, match="loop8"):
        world.apply(far)
    world.session.call("sw_interface_add_del_address", is_add=False, **where)
    world.again(far)
    assert datas(world.gathered()) == datas([far])


def test_a_network_is_shown_by_the_address_that_was_first_in_it(world):
    """An entry that an address made keeps that address, also when only our route is left of it."""
    index = world.interface("", 8, "10.77.0.5/24")
    world.apply(LEFT)
    path = {"sw_if_index": world.index["left"], "weight": 1, "nh": {"address": "10.0.0.9"}}
    world.session.call("ip_route_add_del_v2", is_add=True, route={"prefix": "10.77.0.0/24", "src": world.source(), "paths": [path]})
    world.session.call("sw_interface_add_del_address", is_add=False, sw_if_index=index, prefix="10.77.0.5/24")
    assert "10.77.0.5/24" in world.routes(world.source())
    far = route(dst_network="10.77.0.0/24", next_hop_addr="10.0.0.9", outgoing_interface="left")
    assert datas(world.gathered()) == datas([LEFT, far])
    world.again(far)
    world.apply(LEFT, state="overridden")
    assert datas(world.gathered()) == datas([LEFT])


# -- what goes away, and what comes in between -------------------------------------------------------------------------


def test_routes_of_an_interface_that_is_gone(world):
    world.apply(LEFT, RIGHT, route(dst_network="203.0.113.0/24", outgoing_interface="right"))
    world.session.call("delete_loopback", sw_if_index=world.index["right"])
    done = world.apply(lambda there: there, state="overridden")
    assert datas(done.after) == datas([LEFT]) and list(world.routes(world.source())) == [TO]
    assert [each["sw_if_index"] for each in world.routes(world.source())[TO]["paths"]] == [world.index["left"]]
    world.again(lambda there: there, state="overridden")


def test_routes_of_an_interface_that_came_back_are_put_right(world):
    world.apply(LEFT)
    world.session.call("delete_loopback", sw_if_index=world.index["left"])
    world.session.call("delete_loopback", sw_if_index=world.index["right"])
    world.interface("left", 5, "10.0.0.1/24")
    done = world.apply(LEFT)
    assert done.outcome.changed and [each["sw_if_index"] for each in world.routes(world.source())[TO]["paths"]] == [world.index["left"]]
    world.again(LEFT)


def test_a_vpp_that_was_started_again_between_reading_and_writing(world):
    world.apply(LEFT)

    def choose(there):
        world.place.restart()
        return [RIGHT]

    with pytest.raises(Exception, match="ended"):
        world.apply(choose)
    with world.place.session() as session:
        again = World(world.place, session).build()
        assert again.source() == 0 and again.gathered() == []
        again.apply(LEFT)
        again.again(LEFT)


# -- what VPP would take, and should not get ---------------------------------------------------------------------------

REFUSED = {
    "unreachable gateway": ([route(next_hop_addr="172.16.0.1", outgoing_interface="left")], "next_hop_addr: gateway 172.16.0.1.*left.*10.0.0.1/24"),
    "own address": ([route(next_hop_addr="10.0.0.1", outgoing_interface="left")], "10.0.0.1 is an address of this CNF"),
    "own address, no interface": ([route(next_hop_addr="10.0.0.1")], "10.0.0.1 is an address of this CNF"),
    "nowhere": ([route(next_hop_addr="172.16.0.1")], "nothing in table 0 leads to gateway 172.16.0.1"),
    "no path": ([route()], "needs next_hop_addr or outgoing_interface"),
    "no VRF": ([route(vrf_id=11, outgoing_interface="left")], "vrf_id: there is no VRF 11 for IPv4"),
    "VRF of the other family": ([table(5), route(vrf_id=5, dst_network="2001:db8::/32", outgoing_interface="left")], "vrf_id: there is no VRF 5 for IPv6"),
    "no other VRF": ([route(type="INTER_VRF", via_vrf_id=12)], "via_vrf_id: there is no VRF 12"),
    "through itself": ([table(5), route(vrf_id=5, type="INTER_VRF", via_vrf_id=5)], "via_vrf_id: .*leads nowhere"),
    "not its VRF": ([table(5), route(type="INTER_VRF", via_vrf_id=5, outgoing_interface="left")], "via_vrf_id: left is not in VRF 5"),
    "drop by gateway": ([route(type="DROP", next_hop_addr="10.0.0.9")], "next_hop_addr: a route of type DROP"),
    "drop on interface": ([route(type="DROP", outgoing_interface="left")], "outgoing_interface: a route of type DROP"),
    "drop and path": ([route(type="DROP"), route(outgoing_interface="left")], "a route of type DROP has no paths beside it"),
    "link-local alone": ([route(dst_network="::/0", next_hop_addr="fe80::1")], "link-local: give outgoing_interface"),
    "gateway to itself": ([route(dst_network="10.0.0.9/32", next_hop_addr="10.0.0.9", outgoing_interface="left")], "is the destination itself"),
    "to itself, by gateway": ([route(dst_network="10.0.0.8/32", next_hop_addr="10.0.0.8")], "is the destination itself"),
    "the same path twice": (
        [route(dst_network="2001:db8::/32", next_hop_addr=text, outgoing_interface="left", weight=len(text)) for text in ("fd00:1::9", "fd00:1:0::9")],
        "weight: two values have the same path",
    ),
}


AWAITED = {"gateway 172": "gw-reachable", "there is no VRF": "vrf-table-exists"}
"""What an agent waits for, by words of the message."""


def test_bad_input(world):
    for name, (values, says) in REFUSED.items():
        with told(name):
            with pytest.raises(RouteError, match=says) as caught:
                world.apply(*values)
            assert caught.value.context.get("waits_for") == next((word for text, word in AWAITED.items() if text in says), None)
    assert world.source() == 0 and world.gathered() == [], "nothing was touched"


def test_an_unknown_interface(world):
    with pytest.raises(UnknownInterface, match="lefft.*did you mean left"):
        world.apply(route(outgoing_interface="lefft"))


def test_every_problem_is_in_the_message(world):
    with pytest.raises(RouteError) as caught:
        world.apply(route(next_hop_addr="172.16.0.1", outgoing_interface="left"), route(dst_network="203.0.113.0/24"))
    assert len(caught.value.context["problems"]) == 2 and "203.0.113.0/24" in caught.value.message


def test_gateways_by_way_of_other_routes(world):
    """Reached through a route that is wanted as well, and through one of others."""
    by = route(dst_network="172.16.0.0/16", next_hop_addr="10.0.0.9", outgoing_interface="left")
    done = world.apply(route(next_hop_addr="172.16.0.1"), by)
    assert len(datas(done.after)) == 2
    world.foreign("172.17.0.0/16", "left", "10.0.0.5")
    world.apply(route(dst_network="203.0.113.0/24", next_hop_addr="172.17.0.1"))
    world.again(route(dst_network="203.0.113.0/24", next_hop_addr="172.17.0.1"))


def test_what_is_there_stands_in_nobodys_way(world):
    """Its gateway went out of reach meanwhile."""
    world.apply(LEFT)
    world.session.call("sw_interface_add_del_address", is_add=False, sw_if_index=world.index["left"], prefix="10.0.0.1/24")
    world.apply(route(dst_network="203.0.113.0/24", next_hop_addr="10.1.1.9", outgoing_interface="right"))
    world.again(LEFT)
    with pytest.raises(RouteError, match="cannot be reached over left: its addresses are fd00:1::1/64"):
        world.apply(route(next_hop_addr="10.0.0.8", outgoing_interface="left"))


# -- faults, on the double ---------------------------------------------------------------------------------------------


@pytest.fixture
def faulty(double):
    with double.session() as session:
        yield World(double, session).build()


def test_what_fails_is_named_and_all_is_undone(faulty):
    faulty.apply(LEFT)
    faulty.place.double.fail("ip_route_add_del_v2", -54, nth=3)
    many = [route(dst_network=f"10.200.{number}.0/24", outgoing_interface="right") for number in range(5)]
    with pytest.raises(ApplyError, match=r"10\.200\.2\.0/24.*NO_MATCHING_INTERFACE.*undone"):
        faulty.apply(*many)
    assert datas(faulty.gathered()) == datas([LEFT])


def test_vpp_dies_in_between(faulty):
    faulty.apply(LEFT)
    faulty.place.double.die("ip_route_add_del_v2", nth=2)
    with pytest.raises(ApplyError, match="could NOT be undone"):
        faulty.apply(RIGHT, route(dst_network="203.0.113.0/24", outgoing_interface="right"))


def test_vpp_has_no_room_for_a_source(faulty):
    for number in range(254):
        faulty.session.call("fib_source_add", src={"name": f"other{number}", "priority": 0x90})
    with pytest.raises(ApplyError, match="no room for another source"):
        faulty.apply(LEFT)
    assert not faulty.routes(8), "the API's source is never taken instead"


def test_numbers_are_only_those_that_vpp_told(faulty):
    """VPP crashes for a source that it does not know, and so does the double."""
    faulty.session.call("fib_source_add", src={"name": "other", "priority": 0x90})
    faulty.apply(LEFT)
    used = {each["route"]["src"] for each in faulty.place.double.called("ip_route_add_del_v2")}
    assert used == {faulty.source()} and 0 not in used


def test_few_are_looked_up_and_many_are_not(faulty):
    calls = faulty.place.double
    many = [route(dst_network=f"10.{number // 256}.{number % 256}.0/24", outgoing_interface="right") for number in range(512, 512 + routes.LOOKUPS + 1)]
    faulty.apply(LEFT)
    assert len(calls.called("ip_route_lookup_v2")) == 1
    assert {each["src"] for each in calls.called("ip_route_v2_dump")} <= {faulty.source()}, "what others have is not read"
    before = len(calls.called("ip_route_lookup_v2"))
    faulty.apply(*many)
    assert len(calls.called("ip_route_lookup_v2")) == before
    faulty.again(*many)


def test_a_few_changes_are_read_back_by_looking_them_up(faulty):
    """One list of everything is all that a run needs. (World.apply takes another, to compare.)"""
    many = [route(dst_network=f"10.{number // 256}.{number % 256}.0/24", outgoing_interface="right") for number in range(512, 512 + routes.LOOKUPS + 1)]
    calls = faulty.place.double

    def listed(work):
        before = len(calls.called("ip_route_v2_dump"))
        work()
        return len(calls.called("ip_route_v2_dump")) - before

    faulty.apply(LEFT, *many)
    twice = listed(lambda: faulty.again(LEFT))
    assert listed(lambda: faulty.apply(RIGHT, *many)) == twice
    assert listed(lambda: faulty.apply(many[0], state="deleted")) == twice
    assert listed(lambda: faulty.apply(LEFT, state="overridden")) == twice * 3 / 2, "of many, all is listed again"


def test_older_releases(make_double):
    place = make_double(release="24.02")
    with place.session() as session:
        world = World(place, session).build()
        world.apply(*VALUES["paths"], *VALUES["VRF"])
        world.again(lambda there: there, state="overridden")
        world.apply(state="deleted")


# -- without a VPP -----------------------------------------------------------------------------------------------------

PATHS4 = [("10.0.0.9", "left"), ("10.0.0.8", "left"), ("10.1.1.9", "right"), ("", "left"), ("", "right"), ("10.0.0.9", "")]
PATHS6 = [("fd00:1::9", "left"), ("fe80::9", "left"), ("fe80::9", "right"), ("", "left"), ("fd00:1::9", "")]


def links(**more):
    found = [Resource(("link", name), {"ifname": name, "tables": {}}, owned=True) for name in ("left", "right")]
    found += [Resource(("link", "inner"), {"ifname": "inner", "tables": {"4": 5, "6": 5}})]
    found += [Resource(("address", *pair), {}) for pair in [("left", "10.0.0.1/24"), ("left", "fd00:1::1/64"), ("right", "10.1.1.1/24")]]
    found += [Resource(("table", family, number), {}) for family in ("4", "6") for number in ("5", "6")]
    return View({one.key: one for one in found}, "t", **more)


def made(paths, networks):
    def one(network, path, weight, preference, vrf, kind, via):
        data = {"dst_network": network, "vrf_id": vrf, "weight": weight, "preference": preference, "type": kind}
        if kind != "DROP":
            data.update(next_hop_addr=path[0], outgoing_interface=path[1])
        if kind == "INTER_VRF" and not path[1]:
            data["via_vrf_id"] = via
        return ROUTE.value(data)

    kinds = st.sampled_from(["INTRA_VRF", "INTRA_VRF", "INTER_VRF", "DROP"])
    number = st.sampled_from([0, 5, 6])
    return st.builds(one, st.sampled_from(networks), st.sampled_from(paths), st.integers(0, 255), st.integers(0, 255), number, kinds, number)


SOME = st.lists(
    st.one_of(made(PATHS4, [TO, "0.0.0.0/0", "192.0.2.1/32"]), made(PATHS6, ["2001:db8::/32", "::/0", "2001:db8::1/128"])),
    max_size=6,
    unique_by=lambda value: value.key,
)


@given(SOME)
def test_lower_and_lift_are_inverse(values):
    family = routes.Routes()
    try:
        made = {one.key: one for one in family.lower(values, links())}
    except RouteError:
        return
    view = View({**links().resources, **made}, "t")
    lifted = list(family.lift(made, view))
    assert {one.key: one for one in family.lower(lifted, links())} == made
    for value in lifted:
        assert ROUTE.value(value.data) == value, "keys and data are canonical"


@given(SOME)
def test_requests_say_the_route(values):
    """What is asked for has the form of VPP's answer about it."""
    family = routes.Routes()
    try:
        made = {one.key: one for one in family.lower(values, links()) if one.key[0] == "route"}
    except RouteError:
        return
    numbers = {1: ("link", "left"), 2: ("link", "right")}
    index = {key[1]: number for number, key in numbers.items()}
    found = {}
    for key, one in made.items():
        request = family.request(key, one)
        blank = {"via_label": 0, "obj_id": 0, "classify_table_index": 0}
        for path in (paths := [{**each, "nh": {**blank, **each["nh"]}, "n_labels": 0} for each in request["paths"]]):
            path["sw_if_index"] = path["sw_if_index"] if path["sw_if_index"] == NOWHERE else index[path["sw_if_index"].name]
            text = path["nh"].get("address", "")
            path["nh"]["address"] = (routes.address.packed(text) if text else b"").ljust(16, b"\0")
        answer = {"route": {"table_id": request["table_id"], "prefix": key[2], "paths": list(reversed(paths))}}
        routes._Reader(numbers).read(found, [answer], "6" if ":" in key[2] else "4", "pantheon.cnf")
    assert {key: one.attributes for key, one in found.items()} == {key: one.attributes for key, one in made.items()}
    for key, one in found.items():
        assert one.requires == made[key].requires - {("fib-source", "pantheon.cnf")}


def test_what_no_value_can_say():
    """Routes of others with labels, and of kinds that values lack, are read and written as they are, and no values."""
    nh = {"address": bytes(16), "via_label": 0, "obj_id": 7, "classify_table_index": 0}
    labels = [{"is_uniform": 0, "label": 99, "ttl": 1, "exp": 0}] + [{"is_uniform": 0, "label": 0, "ttl": 0, "exp": 0}] * 15
    base = {
        "sw_if_index": NOWHERE,
        "table_id": 0,
        "weight": 1,
        "preference": 0,
        "type": 0,
        "proto": 0,
        "nh": {**nh, "obj_id": 0},
        "n_labels": 0,
        "label_stack": [],
    }
    by6 = {**nh, "obj_id": 0, "address": bytes.fromhex("fd000001000000000000000000000009")}
    answers = {
        "192.0.2.0/24": {**base, "type": 3, "nh": nh},
        "192.0.3.0/24": {**base, "sw_if_index": 1, "n_labels": 1, "label_stack": labels},
        "192.0.4.0/24": {**base, "sw_if_index": 1, "proto": 1, "nh": by6},
        "192.0.5.0/24": {**base, "type": 6},
        "192.0.6.0/24": base,
    }
    found = {}
    for prefix, path in answers.items():
        routes._Reader({1: ("link", "left")}).read(found, [{"route": {"table_id": 0, "prefix": prefix, "paths": [path]}}], "4", "API")
    drop = {**base, "type": 2}
    for prefix, paths in {
        "192.0.7.0/24": [drop, {**base, "sw_if_index": 1}],
        "192.0.8.0/24": [{**base, "sw_if_index": 1, "weight": at} for at in (1, 2)],
    }.items():
        routes._Reader({1: ("link", "left")}).read(found, [{"route": {"table_id": 0, "prefix": prefix, "paths": paths}}], "4", "API")
    assert len(found) == 7 and not any(one.owned for one in found.values())
    family = routes.Routes(scope_all=True)
    assert list(family.lift(found, View({**links().resources, **found}, "t", scope_all=True))) == []
    written = {key[2]: family.request(key, one)["paths"][0] for key, one in found.items()}
    assert written["192.0.2.0/24"]["type"] == 3 and written["192.0.2.0/24"]["nh"] == {"obj_id": 7}
    assert written["192.0.3.0/24"]["label_stack"] == [labels[0]] and written["192.0.3.0/24"]["n_labels"] == 1
    assert written["192.0.4.0/24"]["proto"] == 1 and written["192.0.4.0/24"]["nh"] == {"address": "fd00:1::9"}
    assert written["192.0.5.0/24"]["type"] == 6


def test_offline_nothing_has_to_be_there():
    family = routes.Routes()
    value = route(vrf_id=7, next_hop_addr="10.0.0.9", outgoing_interface="nowhere")
    found = {one.key: one for one in family.lower([value], View({}, "t", offline=True))}
    operation = Operation("create", ("route", "7", TO), None, found["route", "7", TO])
    assert describe(family.script(operation, Place()), Place()) == [
        "ip_route_add_del_v2 is_add=true is_multipath=false route={table_id=7 prefix=198.51.100.0/24 src=pantheon.cnf "
        "paths=[{sw_if_index=nowhere table_id=0 weight=1 preference=0 type=0 proto=0 nh={address=10.0.0.9}}]}"
    ]


@pytest.mark.parametrize(
    ("have", "right"),
    [
        ({"unnumbered": "left"}, True),
        ({"dhcp": True}, True),
        ({"mac": "00:00:00:00:00:00"}, True),
        ({"mac": None}, True),
        ({"mac": None, "kept": True}, False),
        ({"mac": "02:00:00:00:00:01"}, False),
    ],
)
def test_interfaces_that_need_no_address(have, right):
    view = links()
    key = ("link", "tunnel")
    view.before = {**view.resources, key: Resource(key, {"mac": "02:00:00:00:00:01"})}
    view.resources[key] = Resource(key, {"ifname": "tunnel", "tables": {}, **have})
    value = route(next_hop_addr="172.16.0.1", outgoing_interface="tunnel")
    if right:
        routes.Routes().lower([value], view)
    else:
        with pytest.raises(RouteError, match="cannot be reached over tunnel"):
            routes.Routes().lower([value], view)


def test_too_many_paths():
    values = [route(dst_network="2001:db8::/32", next_hop_addr=f"fe80::{number:x}", outgoing_interface="left") for number in range(1, 258)]
    assert len(routes.Routes().lower(values[:255], links())[1].attributes["paths"]) == 255
    with pytest.raises(RouteError, match="at most 255 paths"):
        routes.Routes().lower(values, links())
