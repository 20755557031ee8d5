# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes on a real namespace."""

from __future__ import annotations

import itertools
import os

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import ApplyError
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Operation
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import PlanError, plan
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.route_table import local_route
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.routes import RouteError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import LINUX_ROUTE, ROUTE

from ..support.namespaces import Namespace
from .test_routes_world import World, veth

if os.geteuid() != 0:
    pytest.skip("needs root for network namespaces", allow_module_level=True)

KINDS = (ROUTE.id, LINUX_ROUTE.id)
BASE = (veth("left", "right", "10.0.0.1/24", "fd00:1::1/64"), veth("right", "left", "10.1.0.1/24", "fd00:2::1/64"))


def vpp(**data):
    return ROUTE.value(data)


def linux(**data):
    return LINUX_ROUTE.value(data)


@pytest.fixture(name="world")
def _world():
    with Namespace("tl3") as namespace:
        world = World(namespace, *BASE)
        yield world
        world.close()


FOUR, SIX = "198.51.100.0/24", "2001:db8::/32"
STATES = {
    "nothing": [],
    "gateway": [
        vpp(dst_network=FOUR, next_hop_addr="10.0.0.9", outgoing_interface="left"),
        vpp(dst_network=SIX, next_hop_addr="fd00:1::9", outgoing_interface="left"),
    ],
    "other gateway, chosen interface": [vpp(dst_network=FOUR, next_hop_addr="10.1.0.9"), vpp(dst_network=SIX, next_hop_addr="fd00:2::9")],
    "device": [vpp(dst_network=FOUR, outgoing_interface="left"), vpp(dst_network=SIX, outgoing_interface="right")],
    "paths": [
        vpp(dst_network=FOUR, next_hop_addr="10.1.0.9", outgoing_interface="right", weight=200),
        vpp(dst_network=FOUR, next_hop_addr="10.0.0.9", outgoing_interface="left"),
        vpp(dst_network=SIX, next_hop_addr="fd00:2::9", outgoing_interface="right", weight=200),
        vpp(dst_network=SIX, next_hop_addr="fd00:1::9", outgoing_interface="left"),
    ],
    "other paths": [
        vpp(dst_network=FOUR, next_hop_addr="10.0.0.9", outgoing_interface="left", weight=3),
        vpp(dst_network=FOUR, next_hop_addr="10.0.0.8", outgoing_interface="left", weight=2),
        vpp(dst_network=FOUR, next_hop_addr="10.1.0.7", outgoing_interface="right"),
        vpp(dst_network=SIX, next_hop_addr="fd00:2::7", outgoing_interface="right", weight=3),
        vpp(dst_network=SIX, next_hop_addr="fd00:1::8", outgoing_interface="left", weight=2),
        vpp(dst_network=SIX, next_hop_addr="fd00:1::7", outgoing_interface="left"),
    ],
    "dropped": [vpp(dst_network=FOUR, type="DROP"), vpp(dst_network=SIX, type="DROP")],
    "preferences": [
        vpp(dst_network=FOUR, next_hop_addr="10.0.0.9", outgoing_interface="left"),
        vpp(dst_network=FOUR, type="DROP", preference=200),
        vpp(dst_network=SIX, next_hop_addr="fd00:1::9", outgoing_interface="left", preference=7),
        vpp(dst_network=SIX, type="DROP", preference=200),
    ],
    "of linux.l3": [
        linux(dst_network=FOUR, gw_addr="10.0.0.9", outgoing_interface="left", scope="GLOBAL"),
        linux(dst_network=SIX, gw_addr="fd00:1::9", outgoing_interface="left"),
        linux(dst_network="203.0.113.1/32", outgoing_interface="left", scope="LINK", metric=4000),
    ],
    "over a route without gateway": [
        linux(dst_network="172.16.0.0/24", outgoing_interface="right", scope="LINK"),
        linux(dst_network=FOUR, gw_addr="172.16.0.9", outgoing_interface="right", scope="SITE", metric=9),
        vpp(dst_network="fd77::/64", outgoing_interface="left"),
        vpp(dst_network="::/0", next_hop_addr="fd77::9", outgoing_interface="left"),
        vpp(dst_network="0.0.0.0/0", next_hop_addr="10.0.0.254", outgoing_interface="left"),
    ],
}


@pytest.mark.parametrize("name", STATES)
def test_create_repeat_read_back_delete(world, name):
    world.apply()
    bare = world.namespace.snapshot()
    world.apply(*STATES[name])
    got = world.values(*KINDS)
    want = [value.data for value in sorted(STATES[name], key=lambda value: value.key)]
    # A route of IPv6 has a scope when lifted.
    assert [{name: part for name, part in data.items() if name != "scope"} for data in got] == [
        {name: part for name, part in data.items() if name != "scope"} for data in want
    ]
    world.apply()
    assert world.namespace.snapshot() == bare


def test_every_state_to_every_other(world):
    for one, two in itertools.permutations(STATES, 2):
        world.apply(*STATES[one])
        world.apply(*STATES[two])


def test_what_is_changed_in_place_never_is_away(world):
    world.apply(*STATES["gateway"])
    for name in ("paths", "other paths", "dropped", "device", "paths", "gateway"):
        outcome = world.apply(*STATES[name])
        assert {operation.verb for wave in outcome.waves for operation in wave} == {"update"}, name


def test_undo_restores(world):
    world.apply(*STATES["paths"])
    before = world.namespace.snapshot()
    perform = world.dataplane.perform

    def fail(wave):
        result = perform(wave)
        world.dataplane.perform = perform
        return [*result[:-1], "made to fail"]

    world.dataplane.perform = fail
    with pytest.raises(ApplyError, match="made to fail.*as it was found"):
        world.apply(*STATES["of linux.l3"])
    assert world.namespace.snapshot() == before


@pytest.mark.parametrize(
    ("foreign", "name"),
    [
        ("route add 198.51.100.0/24 via 10.0.0.77", "gateway"),
        ("route add blackhole 198.51.100.0/24", "paths"),
        ("route add 198.51.100.0/24 dev left metric 200", "preferences"),
        ("-6 route add 2001:db8::/32 via fd00:1::77", "paths"),
        ("-6 route add 2001:db8::/32 dev right", "gateway"),
        ("-6 route add 2001:db8::/32 dev right metric 7", "preferences"),
    ],
)
def test_a_foreign_route_in_the_way_is_left(world, foreign, name):
    world.apply()
    world.namespace.ip(foreign)
    before = world.namespace.snapshot()
    with pytest.raises(PlanError, match="not ours"):
        world.apply(*STATES[name])
    assert world.namespace.snapshot() == before


def test_foreign_routes_beside_outlive_ours(world):
    world.apply()
    for words in (
        "route add 198.51.100.0/24 via 10.0.0.77 metric 5",
        "route add 198.51.100.0/24 via 10.0.0.78 tos 0x10",
        "-6 route add 2001:db8::/32 dev right metric 5",
    ):
        world.namespace.ip(words)
    before = world.namespace.snapshot()
    for name in ("gateway", "paths", "preferences"):
        world.apply(*STATES[name])
        assert len(world.namespace.snapshot()) > len(before)
        world.apply()
        assert world.namespace.snapshot() == before


def test_what_was_put_there_between_plan_and_apply_is_left(world):
    world.apply()
    outcome = world.apply(*STATES["gateway"], check_mode=True)
    world.namespace.ip("route add 198.51.100.0/24 via 10.0.0.77 proto static")
    (wave,) = outcome.waves
    texts = world.dataplane.perform(wave)
    assert [text for text in texts if text] == ["a route that is not ours was put there meanwhile (File exists)"]
    assert "10.0.0.77" in world.namespace.ip("route show 198.51.100.0/24")


def test_deleting_hits_only_ours(world):
    world.apply(*STATES["gateway"])
    gone = [Operation("delete", one.key, one, None) for one in world.dataplane.observe().values() if one.key[0] == "route" and one.owned]
    for text in (
        "route del 198.51.100.0/24",
        "route add 198.51.100.0/24 via 10.0.0.9 metric 3",
        "-6 route del 2001:db8::/32",
        "-6 route add 2001:db8::/32 via fd00:1::9",
    ):
        world.namespace.ip(text)
    before = world.namespace.snapshot()
    assert world.dataplane.perform(gone) == [None, None], "gone already is as good as deleted"
    assert world.namespace.snapshot() == before


def test_the_kernels_own_words(world):
    """Where the checks before know nothing of a reason, the kernel's answer is told."""
    world.apply(*STATES["gateway"])
    one = next(one for one in world.dataplane.observe().values() if one.key[0] == "route" and one.owned and one.key[1] == "4")
    bad = one._replace(attributes={**one.attributes, "nexthops": (("172.16.0.1", "left", 1),)})
    assert world.dataplane.perform([Operation("update", one.key, one, bad)]) == [
        "the gateway cannot be reached (Nexthop has invalid gateway (Network is unreachable))"
    ]
    lost = one._replace(attributes={**one.attributes, "nexthops": (("10.0.0.9", "nowhere", 1),)})
    assert world.dataplane.perform([Operation("update", one.key, one, lost)]) == ["there is no interface nowhere any more"]
    assert world.dataplane.perform([Operation("delete", one.key, lost, None)]) == [None]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (
            vpp(dst_network=FOUR, next_hop_addr="10.7.0.9", outgoing_interface="left"),
            "gateway 10.7.0.9 cannot be reached over left: its addresses are 10.0.0.1/24, fd00:1::1/64",
        ),
        (vpp(dst_network=FOUR, next_hop_addr="10.0.0.1", outgoing_interface="left"), "address of this CNF itself"),
        (vpp(dst_network=FOUR, outgoing_interface="left", vrf_id=9), "no VRF 9"),
    ],
)
def test_refusals_touch_nothing(world, value, says):
    world.apply()
    before = world.namespace.snapshot()
    with pytest.raises(RouteError, match=says):
        world.apply(value)
    assert world.namespace.snapshot() == before


def test_a_route_over_an_interface_that_is_down_is_refused(world):
    world.base = (veth("left", "right", "10.0.0.1/24", enabled=False), veth("right", "left"))
    with pytest.raises(RouteError, match="left is not up"):
        world.apply(vpp(dst_network=FOUR, next_hop_addr="10.0.0.9", outgoing_interface="left"))


def test_an_address_that_a_gateway_needs_does_not_go(world):
    world.apply(*STATES["gateway"])
    observed = world.dataplane.observe()
    desired = {key: one for key, one in observed.items() if one.owned and key != ("address", "left", "10.0.0.1/24")}
    with pytest.raises(PlanError, match="198.51.100.0/24.*needs.*10.0.0.1/24"):
        plan(world.dataplane, observed, desired)


def test_moved_addresses_take_their_routes_along(world):
    world.apply(*STATES["paths"])
    world.base = (veth("left", "right", "10.0.0.2/24", "fd00:1::2/64"), veth("right", "left", "10.1.0.1/24", "fd00:2::1/64", host_if_name="other"))
    world.apply(*STATES["paths"])
    assert "dev other" in world.namespace.ip("route show 198.51.100.0/24")


def test_a_route_taken_over_on_request_is_given_back_as_it_was(world):
    world.apply()
    world.namespace.ip("route add 198.51.100.0/24 via 172.16.0.9 dev left onlink src 10.0.0.1 mtu 1300 proto static")
    before = world.namespace.snapshot()
    world.apply(*STATES["gateway"], take_foreign=True)
    assert "via 10.0.0.9 dev left proto 207" in world.namespace.ip("route show 198.51.100.0/24")
    world.apply()
    world.namespace.ip("route add 198.51.100.0/24 via 172.16.0.9 dev left onlink src 10.0.0.1 mtu 1300 proto static")
    perform = world.dataplane.perform

    def fail(wave):
        result = perform(wave)
        world.dataplane.perform = perform
        return [*result[:-1], "made to fail"]

    world.dataplane.perform = fail
    with pytest.raises(ApplyError, match="made to fail.*as it was found"):
        world.apply(*STATES["gateway"], take_foreign=True)
    assert world.namespace.snapshot() == before


def test_what_is_left_of_a_route_is_made_whole(world):
    """The kernel takes one path of an IPv6 route away with its interface, and leaves the others."""
    world.apply(*STATES["paths"])
    ours = [one for one in world.dataplane.observe().values() if one.key[0] == "route" and one.owned]
    world.namespace.ip("-6 route del 2001:db8::/32 via fd00:2::9 dev right")
    world.namespace.ip("route del 198.51.100.0/24")
    assert world.dataplane.perform([Operation("create", one.key, None, one) for one in ours]) == [None, None]
    world.check()
    assert [one for one in world.dataplane.observe().values() if one.key[0] == "route" and one.owned] == ours


def test_local_routes_make_the_kernel_answer(world):
    world.apply()
    one = local_route("10.0.0.100", "left", "left")
    assert world.dataplane.perform([Operation("create", one.key, None, one)]) == [None]
    seen = world.dataplane.observe()[one.key]
    assert (seen.attributes, seen.requires, seen.owned) == (one.attributes, one.requires, True)
    assert world.values(*KINDS) == []
    assert "local 10.0.0.100" in world.namespace.ip("route get 10.0.0.100")
    assert world.dataplane.perform([Operation("create", one.key, None, one)]) == [None], "it is there, as wanted"
    assert world.dataplane.perform([Operation("delete", one.key, one, None)]) == [None]
    assert one.key not in world.dataplane.observe()


def test_others_routes_with_scope_all(world):
    world.apply()
    world.namespace.ip("route add 198.51.100.0/24 proto static nexthop via 10.0.0.9 weight 2 nexthop via 10.1.0.9")
    world.namespace.ip("route add 203.0.113.0/24 via 10.0.0.9 metric 3000")
    world.namespace.ip("route add 192.0.2.0/24 via 10.0.0.9 src 10.0.0.1")
    assert world.values(*KINDS) == []
    world.dataplane.options["scope_all"] = True
    assert world.values(ROUTE.id) == [
        {"dst_network": FOUR, "next_hop_addr": "10.0.0.9", "outgoing_interface": "left", "weight": 2},
        {"dst_network": FOUR, "next_hop_addr": "10.1.0.9", "outgoing_interface": "right"},
    ]
    assert world.values(LINUX_ROUTE.id) == [
        {"outgoing_interface": "left", "scope": "GLOBAL", "dst_network": "203.0.113.0/24", "gw_addr": "10.0.0.9", "metric": 3000}
    ]


def test_many_routes_are_one_wave_and_none_the_second_time(world):
    many = [vpp(dst_network=f"100.{number >> 8}.{number & 255}.0/24", next_hop_addr="10.0.0.9", outgoing_interface="left") for number in range(3000)]
    world.apply()
    outcome = world.apply(*many)
    assert [len(wave) for wave in outcome.waves] == [3000]
    with pytest.raises(CnfError):
        world.apply(*many, vpp(dst_network=FOUR, next_hop_addr="10.9.0.9", outgoing_interface="left"))
    assert len(world.values(ROUTE.id)) == 3000
