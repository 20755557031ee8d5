# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT44 as a whole on the double and on a live VPP: the plugin, settings, roles, and whose they are."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import ApplyError
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import PlanError
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused

from tests.unit.vpp.nat_world import POOL, SIDES, World, dnat, mapping, pool, role, value, world

__all__ = ["world"]

OUT_FLAGS = "sw_interface_set_flags sw_if_index=out flags={}"


def told(done):
    """The first words of the calls, without the sorts that do not matter here."""
    return [each.partition(" ")[0] for each in done.outcome.commands]


# -- the demo ----------------------------------------------------------------------------------------------------------


def test_the_items_of_the_demo_need_no_global(world):
    sides = (value("interface", name="in", nat_inside=True), value("interface", name="out", nat_outside=True, output_feature=True))
    demo = pool("192.0.2.1", "192.0.2.5", name="nat-pool")  # the interface's own address is in it
    done = world.apply(*sides, demo)
    assert told(done) == [
        "nat44_ed_plugin_enable_disable",
        "nat44_interface_add_del_feature",
        *["nat44_add_del_address_range"] * 5,
        "nat44_ed_add_del_output_interface",  # what leads out gets its role last
    ]
    assert done.before == [] and sorted(done.after) == sorted([*sides, demo])
    assert world.show("nat44_interface_dump") == [{"flags": 32, "sw_if_index": "in"}]
    assert world.show("nat44_ed_output_interface_get") == [{"sw_if_index": "out"}]
    assert world.config()["sessions"] == 64512 and not world.config()["forwarding_enabled"]
    again = world.again(*sides, demo)
    assert sorted(again.before) == sorted([*sides, demo])
    world.again(*sides, demo, state="overridden")


def test_what_is_gathered_changes_nothing_when_fed_back(world):
    world.apply(
        *SIDES, POOL, value("timeouts", udp=5, icmp=7), dnat("web", mapping("192.0.2.100", 80)), value("plugin", sessions=2000), value("mss-clamp", mss=1400)
    )
    found = world.gathered()
    assert {each.kind.rpartition("/")[2] for each in found} == {"nat44-interface", "nat44-pool", "nat44-timeouts", "dnat44", "nat44-plugin", "nat44-mss-clamp"}
    for state in ("merged", "replaced", "overridden"):
        done = world.again(*found, state=state)
        assert sorted(done.before) == sorted(done.after) == found


def test_check_mode_predicts_what_then_comes_about(world):
    wanted = (*SIDES, POOL, value("global", forwarding=True), dnat("web", mapping("192.0.2.100", 80)))
    predicted = world.apply(*wanted, check_mode=True)
    assert predicted.outcome.changed and world.config()["sessions"] == 0
    done = world.apply(*wanted)
    assert sorted(predicted.after) == sorted(done.after) and predicted.outcome.commands == done.outcome.commands


# -- the plugin --------------------------------------------------------------------------------------------------------


def test_an_enabled_plugin_is_not_altered_by_items_that_need_it(world):
    world.session.call("nat44_ed_plugin_enable_disable", enable=True, sessions=1024, inside_vrf=0)
    world.session.call("nat44_forwarding_enable_disable", enable=True)
    for own in (False, True):
        world.apply(*SIDES, POOL, own=own)
        assert world.config()["sessions"] == 1024 and world.config()["forwarding_enabled"]
    assert world.told()["nat44-global"] == [{"forwarding": True}] and world.told()["nat44-plugin"] == [{"sessions": 1024}]


def test_another_size_makes_everything_anew_and_nothing_is_lost(world):
    world.table(5)
    everything = (
        *SIDES,
        POOL,
        pool("192.0.2.200", twice_nat=True),
        value("global", forwarding=True),
        value("timeouts", udp=77),
        value("mss-clamp", mss=1300),
        value("interface-pool", name="loop9"),
        value("session-limit", sessions=50),
        value("vrf", src_vrf_id=5, dest_vrf_ids=[0]),
        dnat("web", mapping("192.0.2.100", 80), mapping("out", 81), identities=[{"ip_address": "10.0.0.9"}]),
    )
    world.twice(*everything)
    before = world.told()
    done = world.apply(value("plugin", sessions=4096, inside_vrf=5))
    calls = told(done)
    assert calls.count("nat44_ed_plugin_enable_disable") == 2
    # The interface that leads outside is down while it has no role: VPP would forward without translating.
    assert [each for each in done.outcome.commands if "set_flags" in each] == [OUT_FLAGS.format(0), OUT_FLAGS.format(1)]
    down, disable, enable, up = (
        done.outcome.commands.index(each)
        for each in (
            OUT_FLAGS.format(0),
            "nat44_ed_plugin_enable_disable enable=false",
            "nat44_ed_plugin_enable_disable enable=true sessions=4096 inside_vrf=5 outside_vrf=0",
            OUT_FLAGS.format(1),
        )
    )
    assert down < disable < enable < up
    assert {**world.told(), "nat44-plugin": None} == {**before, "nat44-plugin": None}
    assert world.told()["nat44-plugin"] == [{"sessions": 4096, "inside_vrf": 5}]
    assert [each["flags"] & 1 for each in world.session.dump("sw_interface_dump", sw_if_index=world.index["out"])] == [1]
    world.again(*everything, value("plugin", sessions=4096, inside_vrf=5), state="overridden")


def test_an_interface_that_was_down_stays_down_when_nat_is_made_anew(world):
    world.apply(*SIDES, POOL)
    world.session.call("sw_interface_set_flags", sw_if_index=world.index["out"], flags=0)
    world.apply(value("plugin", sessions=3000))
    assert not world.session.dump("sw_interface_dump", sw_if_index=world.index["out"])[0]["flags"] & 1


def test_more_sessions_than_the_heap_has_room_for_are_refused_before_anything_is_touched(world):
    world.apply(*SIDES, POOL)
    with pytest.raises(CnfError, match=r"NAT44 with 8000000 sessions needs about \d+ MB of VPP's main heap, which has \d+ MB for it: VPP would abort"):
        world.apply(value("plugin", sessions=8_000_000))
    with pytest.raises(CnfError, match="VPP would abort"):
        world.apply(value("plugin", sessions=8_000_000), check_mode=True)
    assert world.config()["sessions"] == 64512 and len(world.pool()) == 6


def test_everything_goes_and_the_plugin_with_it(world):
    world.apply(*SIDES, POOL, dnat("web", mapping("192.0.2.100", 80)))
    done = world.apply(state="deleted")
    assert done.after == [] and world.config()["sessions"] == 0
    assert "sw_interface_set_flags" not in told(done)  # NAT is to be gone, and then VPP forwards
    world.again(state="deleted")


def test_the_last_item_that_goes_takes_the_plugin_along(world):
    world.apply(POOL, SIDES[0])
    world.apply(POOL, state="deleted")
    assert world.config()["sessions"]
    world.apply(SIDES[0], state="deleted")
    assert world.config()["sessions"] == 0


def test_a_plugin_that_nothing_needs_is_a_global(world):
    world.twice(value("global"))
    assert world.told() == {"nat44-global": [{}]}
    world.again(*world.gathered(), state="overridden")
    world.apply(value("global"), state="deleted")
    assert world.told() == {} and world.config()["sessions"] == 0


def test_without_the_plugin_it_is_said_which(make_double):
    place = make_double(lacks={"nat44_ed"})
    with place.session() as session:
        world = World(place, session).build()
        assert world.gathered() == []
        with pytest.raises(CnfError, match="this VPP has no NAT44-ED: its plugin nat_plugin.so is not loaded"):
            world.apply(POOL, check_mode=True)


@pytest.mark.parametrize("release", ["24.02", "26.06"])
def test_it_works_with_the_messages_of_older_releases(make_double, release):
    place = make_double(release=release)
    with place.session() as session:
        world = World(place, session).build()
        world.twice(*SIDES, POOL, value("global"), value("timeouts", udp=5), dnat("web", mapping("192.0.2.100", 80)), value("interface-pool", name="loop9"))


# -- settings ----------------------------------------------------------------------------------------------------------


def test_timeouts_are_set_after_enabling_and_what_is_not_given_is_the_usual(world):
    world.twice(SIDES[0], value("timeouts", udp=11, tcp_established=22))
    assert world.config()["timeouts"] == {"udp": 11, "tcp_established": 22, "tcp_transitory": 240, "icmp": 60}
    world.twice(value("timeouts", udp=12))  # merged: the other one stays
    assert world.config()["timeouts"] == {"udp": 12, "tcp_established": 22, "tcp_transitory": 240, "icmp": 60}
    world.twice(value("timeouts", udp=12), state="replaced")
    assert world.told()["nat44-timeouts"] == [{"udp": 12}]
    world.apply(value("timeouts"), state="deleted")
    assert world.config()["timeouts"]["udp"] == 300 and "nat44-timeouts" not in world.told()
    world.again(value("timeouts", udp=300))


def test_forwarding_is_what_a_global_says_and_nothing_else_touches_it(world):
    world.twice(value("global", forwarding=True), *SIDES)
    world.again(*SIDES)
    assert world.config()["forwarding_enabled"]
    world.apply(POOL, own=False)
    assert world.config()["forwarding_enabled"]
    done = world.apply(value("global", forwarding=False), state="replaced")
    assert told(done) == ["nat44_forwarding_enable_disable"] and not world.config()["forwarding_enabled"]
    world.again(value("global"))


def test_mss_and_session_limits(world):
    world.table(5)
    wanted = (value("mss-clamp", mss=1400), value("session-limit", vrf_id=5, sessions=100), value("session-limit", sessions=3000))
    world.twice(*wanted)
    assert dict(world.session.call("nat_get_mss_clamping"))["mss_value"] == 1400
    assert world.told()["nat44-session-limit"] == [{"sessions": 3000}, {"vrf_id": 5, "sessions": 100}]
    world.twice(value("session-limit", vrf_id=5, sessions=200), value("mss-clamp", mss=1200))
    world.apply(POOL)
    world.apply(*wanted, state="deleted")
    assert "nat44-session-limit" not in world.told() and not world.session.call("nat_get_mss_clamping")["enable"]
    assert "max translations per thread: 64512 fib 0" in world.session.call("cli_inband", cmd="show nat44 summary")["reply"]


def test_a_limit_of_a_table_that_is_not_there(world):
    with pytest.raises(PlanError, match="^pantheon.nat/nat44-session-limit .*: NAT44 needs table 7 of IPv4, which is neither there nor asked for"):
        world.apply(value("session-limit", vrf_id=7, sessions=100))


def test_settings_that_a_task_names_are_set_whoever_set_them(world):
    world.session.call("nat44_ed_plugin_enable_disable", enable=True)
    world.session.call("nat_set_timeouts", udp=1, tcp_established=2, tcp_transitory=3, icmp=4)
    world.session.call("nat_set_mss_clamping", mss_value=1000, enable=True)
    world.twice(value("timeouts", udp=9), own=False, state="replaced")
    assert world.config()["timeouts"]["udp"] == 9 and world.config()["timeouts"]["icmp"] == 60
    world.twice(value("mss-clamp", mss=1400), own=False)
    world.again(state="overridden", own=False)
    assert world.session.call("nat_get_mss_clamping")["mss_value"] == 1400


# -- roles -------------------------------------------------------------------------------------------------------------


ROLES = {"inside": [32], "outside": [16], "inside outside": [48], "output": []}


@pytest.mark.parametrize("then", ROLES)
@pytest.mark.parametrize("first", ROLES)
def test_from_any_role_to_any_other(world, first, then):
    world.apply(role("in", *first.split()))
    if first == then:
        world.again(role("in", *then.split()))
        return
    done = world.twice(role("in", *then.split()), state="replaced")
    assert [each["flags"] for each in world.show("nat44_interface_dump")] == ROLES[then]
    assert bool(world.show("nat44_ed_output_interface_get")) == (then == "output")
    guarded = [each for each in done.outcome.commands if "set_flags" in each]
    assert guarded == (["sw_interface_set_flags sw_if_index=in flags=0", "sw_interface_set_flags sw_if_index=in flags=1"] if "output" in (first, then) else [])
    if not guarded:  # a new role before the old one goes
        assert ["is_add=true" in each for each in done.outcome.commands] == sorted(("is_add=true" in each for each in done.outcome.commands), reverse=True)
    assert world.session.dump("sw_interface_dump", sw_if_index=world.index["in"])[0]["flags"] & 1


def test_roles_of_a_global_are_roles_of_interfaces(world):
    general = value(
        "global", nat_interfaces=[{"name": "in", "is_inside": True}, {"name": "out", "output_feature": True}], address_pool=[{"address": "192.0.2.100"}]
    )
    done = world.twice(general)
    assert done.after == [general]
    assert world.again(general, state="overridden").before == [general]
    assert world.told() == {
        "nat44-interface": [{"name": "in", "nat_inside": True}, {"name": "out", "output_feature": True}],
        "nat44-pool": [{"first_ip": "192.0.2.100"}],
    }
    # VPP does not say what came by it: what it does not list any more is another value, until all others go.
    less = value("global", nat_interfaces=[{"name": "in", "is_inside": True}])
    world.again(less, state="replaced")
    world.twice(less, state="overridden")
    assert world.told() == {"nat44-interface": [{"name": "in", "nat_inside": True}]}


def test_an_interface_by_vpps_name(world):
    world.twice(role("loop9", "outside"), role("in", "inside"))
    assert world.show("nat44_interface_dump") == [{"flags": 16, "sw_if_index": "loop9"}, {"flags": 32, "sw_if_index": "in"}]


def test_an_interface_that_is_not_there(world):
    with pytest.raises(CnfError, match=r"^vpp.nat/nat44-interface .*wan: CNF t has no interface wan; there are in, loop9, out"):
        world.apply(role("wan", "outside"))
    assert world.config()["sessions"] == 0


def test_an_output_feature_leaves_no_room_for_another_role_of_a_global(world):
    general = value("global", nat_interfaces=[{"name": "in", "is_inside": True}])
    with pytest.raises(CnfError, match="in has a nat44-interface too"):
        world.apply(general, role("in", "output"))


def test_a_role_goes_with_its_interface_and_comes_back_to_the_next_one(world):
    world.apply(*SIDES, POOL)
    world.delete("out")
    assert world.told()["nat44-interface"] == [{"name": "in", "nat_inside": True}]
    world.interface("out", 4, "192.0.2.1/24")
    assert world.show("nat44_ed_output_interface_get") == []
    world.twice(*SIDES, POOL)


def test_new_addresses_come_after_the_role_of_their_interface(world):
    """Until it has one an interface forwards nothing; so nothing leaves untranslated before NAT stands."""
    from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Resource

    plane = world.dataplane()
    observed = plane.observe()
    new = ("address", "out", "203.0.113.1/24")
    nat = plane.families[-1]
    view = plane.view({**observed, new: Resource(new, {}, frozenset({("link", "out")}))}, before=observed)
    made = {one.key: one for one in nat.lower([*SIDES, POOL], view)}
    assert made[new].requires == {("link", "out"), ("nat44-interface", "out"), ("nat44-interface", "in")}
    assert ("address", "out", "192.0.2.1/24") not in made  # it is there already


# -- whose it is -------------------------------------------------------------------------------------------------------


def test_without_own_nat_things_are_added_and_nothing_is_taken_away(world):
    world.twice(*SIDES, POOL, own=False)
    world.twice(pool("192.0.2.110"), own=False)
    for state in ("replaced", "overridden"):
        world.again(pool("192.0.2.110"), own=False, state=state)
    world.again(own=False, state="deleted")
    assert len(world.pool()) == 7 and world.config()["sessions"]


def test_without_own_nat_all_that_is_there_is_shown(world):
    """What we made without it looks like what others made: not to show it would hide ours."""
    world.apply(*SIDES, POOL)
    found = world.gathered(own=False)
    assert found == world.gathered() != []
    for state in ("merged", "replaced", "overridden"):
        world.again(*found, own=False, state=state)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (role("in", "outside"), "NAT role of in is there with roles inside instead of outside"),
        (pool("192.0.2.100", vrf_id=0xFFFFFFFF), "NAT pool address 192.0.2.100 is there with vrf 0 instead of 4294967295"),
        (value("plugin", sessions=1000), "NAT44 is there with sessions 64512 instead of 1000"),
        (value("global", endpoint_independent=True), "NAT44 is there with mode ed instead of ei"),
    ],
)
def test_without_own_nat_what_is_in_the_way_is_left_alone(world, wanted, text):
    world.apply(*SIDES, POOL)
    with pytest.raises(CnfError) as error:
        world.apply(wanted, own=False, state="replaced")
    assert text in error.value.message and "VPP does not say by whom: it is left alone. own_nat: true" in error.value.message
    assert world.told()["nat44-interface"][0] == {"name": "in", "nat_inside": True}


@pytest.mark.parametrize("name", ["pool", "interface", "timeouts", "plugin", "global"])
def test_without_own_nat_what_is_named_to_be_deleted_is_an_error(world, name):
    there = {
        "pool": POOL,
        "interface": SIDES[0],
        "timeouts": value("timeouts", udp=9),
        "plugin": value("plugin", sessions=1000),
        "global": value("global", forwarding=True),
    }
    world.apply(*SIDES, *there.values())
    with pytest.raises(CnfError, match="cannot be deleted: NAT.* is there, and VPP does not say by whom. own_nat: true"):
        world.apply(there[name], own=False, state="deleted")
    world.apply(pool("203.0.113.5"), own=False, state="deleted")  # not there, so gone already
    world.apply(there[name], own=True, state="deleted")


def test_scope_all_is_as_good_as_own_nat(world):
    world.apply(*SIDES, POOL)
    world.twice(role("in", "outside"), own=False, scope="all", state="replaced")
    world.apply(own=False, scope="all", state="deleted")
    assert world.told() == {}


def test_with_own_nat_overridden_leaves_nothing_else(world):
    world.session.call("nat44_ed_plugin_enable_disable", enable=True)
    world.session.call("nat44_add_del_address_range", first_ip_address="192.0.2.7", last_ip_address="192.0.2.7", vrf_id=0xFFFFFFFF, is_add=True)
    world.session.call("nat44_interface_add_del_feature", is_add=True, flags=16, sw_if_index=world.index["loop9"])
    world.twice(*SIDES, POOL, state="overridden")
    assert "192.0.2.7" not in world.pool() and len(world.told()["nat44-interface"]) == 2


# -- forwarding and classic NAT -----------------------------------------------------------------------------------------

CLASSIC = (role("in", "inside"), role("out", "outside"), POOL)


def test_classic_nat_with_forwarding_and_a_pool_is_refused(world):
    with pytest.raises(Refused, match="with forwarding VPP translates nothing to a pool between an inside and an outside interface") as error:
        world.apply(*CLASSIC, value("global", forwarding=True))
    assert error.value.context["field"] == "forwarding"
    world.apply(*CLASSIC)
    with pytest.raises(Refused, match="forwarding"):
        world.apply(value("global", forwarding=True))
    with pytest.raises(Refused, match="forwarding"):
        world.apply(value("global", forwarding=True), own=False, state="replaced")
    world.twice(value("global", forwarding=True), role("out", "output"), state="replaced")


def test_classic_nat_with_forwarding_that_is_on_already_is_refused(world):
    world.session.call("nat44_ed_plugin_enable_disable", enable=True)
    world.session.call("nat44_forwarding_enable_disable", enable=True)
    with pytest.raises(Refused, match="with forwarding VPP translates nothing"):
        world.apply(*CLASSIC, own=False)
    world.twice(*CLASSIC[:2], dnat("web", mapping("192.0.2.100", 80)), own=False)  # mappings are translated


def test_what_others_have_put_together_is_no_reason_to_refuse_something_else(world):
    world.apply(*CLASSIC)
    world.session.call("nat44_forwarding_enable_disable", enable=True)
    world.twice(dnat("web", mapping("192.0.2.100", 80)), own=False)
    world.twice(value("timeouts", udp=9))


# -- failures -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("own", [True, False])
def test_a_failure_half_way_is_undone(double, own):
    """What a run made is known to be its own, also where nothing else is."""
    with double.session() as session:
        world = World(double, session).build()
        double.double.fail("nat44_add_del_address_range", -12, nth=4)
        with pytest.raises(ApplyError, match=r"NAT pool address 192.0.2.103: create failed: .*SYSCALL_ERROR_2") as error:
            world.apply(*SIDES, POOL, value("timeouts", udp=5), own=own)
        assert "All that was done was undone" in error.value.message
        assert world.told() == {} and world.config()["sessions"] == 0


@pytest.mark.parametrize("own", [True, False])
def test_settings_are_as_they_were_after_a_failure(double, own):
    with double.session() as session:
        world = World(double, session).build()
        world.apply(*SIDES, value("timeouts", udp=5), value("mss-clamp", mss=1400))
        double.double.fail("nat44_add_del_address_range", -12, nth=4)
        with pytest.raises(ApplyError, match="All that was done was undone"):
            world.apply(value("timeouts", udp=6), value("mss-clamp", mss=1300), value("global", forwarding=True), POOL, own=own)
        assert world.told()["nat44-timeouts"] == [{"udp": 5}] and world.told()["nat44-mss-clamp"] == [{"mss": 1400}] and "nat44-global" not in world.told()


def test_a_failure_while_nat_is_made_anew_leaves_no_interface_down(double):
    with double.session() as session:
        world = World(double, session).build()
        world.apply(*SIDES, POOL)
        double.double.fail("nat44_ed_plugin_enable_disable", -12, nth=2)
        with pytest.raises(ApplyError, match="NAT44: create failed") as error:
            world.apply(value("plugin", sessions=1000))
        assert "All that was done was undone" in error.value.message, error.value.message
        assert world.config()["sessions"] == 64512 and len(world.pool()) == 6 and len(world.told()["nat44-interface"]) == 2
        assert double.double.state.interface(world.index["out"]).up


def test_vpp_that_dies_in_between_is_said_and_the_next_run_converges(double):
    with double.session() as session:
        world = World(double, session).build()
        double.double.die("nat44_ed_add_del_output_interface")
        with pytest.raises(CnfError, match="VPP at .* ended: what was in it has gone with it"):
            world.apply(*SIDES, POOL)
    double.restart()
    with double.session() as session:
        world = World(double, session).build()
        world.twice(*SIDES, POOL)
