# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces when something goes wrong: what was done is undone, what was not is not told as done, and the next run gets there."""

from __future__ import annotations

import re

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import ApplyError

from tests.unit.vpp.link_world import World, loop, memif, on, sub


@pytest.fixture
def world(vpp, session):
    return World(vpp, session)


@pytest.fixture
def doubled(double):
    with double.session() as session:
        yield World(double, session)


def before_wave(dataplane, number, what):
    """Have something happen before a wave of operations is done."""
    perform, waves = dataplane.perform, iter(range(99))

    def performed(wave):
        if next(waves) == number:
            what()
        return perform(wave)

    dataplane.perform = performed
    return dataplane


def test_of_a_thousand_interfaces_one_fails_and_all_are_undone(doubled):
    double = doubled.place.double
    doubled.settle(loop("there", "10.0.0.1/24", enabled=True))
    before = doubled.shown()
    double.fail("create_loopback_instance", -31, nth=500)
    wanted = [loop(f"l{number}", enabled=True) for number in range(1000)]
    with pytest.raises(ApplyError) as failure:
        doubled.apply(loop("there", "10.0.0.1/24", enabled=True), wanted)
    assert "interface l499: create failed: interface l499: create_loopback_instance: VPP says INVALID_REGISTRATION (-31" in failure.value.message
    assert failure.value.message.endswith("All that was done was undone; the state is as it was found.")
    operations = failure.value.context["operations"]
    assert operations["undone"] == [f"delete_loopback sw_if_index=l{number}" for number in range(1000) if number != 499]
    assert operations["not_undone"] == []
    assert doubled.shown() == before
    doubled.settle(loop("there", "10.0.0.1/24", enabled=True), wanted)


@pytest.mark.parametrize("message", ["sw_interface_tag_add_del", "sw_interface_set_mtu", "sw_interface_set_flags"])
def test_an_interface_that_cannot_be_finished_is_taken_away_again(doubled, message):
    doubled.place.double.fail(message, -1)
    with pytest.raises(ApplyError, match=f"interface a: create failed: interface a: {message}: VPP says UNSPECIFIED"):
        doubled.apply(loop("a", mtu=1400, enabled=True))
    assert list(doubled.shown()) == ["local0"]


def test_what_cannot_even_be_taken_away_is_told(doubled):
    doubled.place.double.fail("sw_interface_tag_add_del", -1)
    doubled.place.double.fail("delete_loopback", -1)
    with pytest.raises(ApplyError, match="the interface that was made could not be taken away again: interface a: delete_loopback"):
        doubled.apply(loop("a"))
    assert list(doubled.shown()) == ["local0", "loop0"]


def test_undo_tells_what_it_could_not_bring_back_of_a_memif(doubled):
    doubled.settle(memif("m", 1, "x.sock", made={"secret": "hush"}))
    doubled.place.double.fail("create_loopback_instance", -31)
    with pytest.raises(ApplyError) as failure:
        doubled.apply(memif("m", 1, "x.sock", master=True, made={"secret": "hush"}), loop("a"))
    message = failure.value.message
    assert "What could NOT be undone: " in message and "without secret and with usual queues and rings: VPP does not tell what it had" in message
    assert "hush" not in repr((message, failure.value.context))
    assert doubled.lifted()["m"]["memif"]["id"] == 1 and "master" not in doubled.lifted()["m"]["memif"]


def test_what_is_on_a_memif_that_lost_its_secret_is_brought_back_all_the_same(doubled):
    before = [memif("m", 1, "x.sock", ip_addresses=["10.1.1.1/24"], enabled=True, made={"secret": "hush"}), loop("b", "10.2.2.1/24")]
    doubled.settle(before)
    doubled.place.double.fail("sw_interface_add_del_address", -1)
    with pytest.raises(ApplyError, match="without secret"):
        doubled.apply(memif("m", 1, "x.sock", master=True, made={"secret": "hush"}), loop("a", "10.3.3.1/24"))
    after = doubled.lifted()
    assert after["m"]["ip_addresses"] == ["10.1.1.1/24"] and after["b"]["ip_addresses"] == ["10.2.2.1/24"] and "a" not in after


def test_no_secret_is_in_an_error(doubled):
    doubled.place.double.fail("memif_create_v2", -68)
    with pytest.raises(ApplyError, match="the id is taken on this socket") as failure:
        doubled.apply(memif("m", 1, "x.sock", made={"secret": "hush"}))
    assert "hush" not in repr((failure.value.message, failure.value.context))


def test_vpp_is_killed_in_the_middle(world):
    """What was not done is not told as done, and the next run finds a VPP that knows nothing, and gets there."""
    wanted = [loop("a", "10.1.1.1/24", enabled=True), sub("a.5", "a", 5, enabled=True), loop("b", "10.2.1.1/24")]
    kill = world.place.kill if world.place.kind == "live" else lambda: world.place.double.die("create_vlan_subif")
    with pytest.raises(ApplyError) as failure:
        world.apply(wanted, dataplane=before_wave(world.dataplane(), 1, kill))
    told = r"VPP at \S+ ended( \(Broken pipe\))?: what was in it has gone with it\. .*run this again\. What could NOT be undone: all of it\."
    assert re.fullmatch(told, failure.value.message)
    world.place.restart()
    with world.place.session() as session:
        world.session = session
        world.settle(wanted)


def test_vpp_is_restarted_between_reading_and_writing(world):
    with pytest.raises(ApplyError):
        world.apply(loop("a", "10.1.1.1/24"), dataplane=before_wave(world.dataplane(), 0, world.place.restart))
    with world.place.session() as session:
        world.session = session
        assert list(world.shown()) == ["local0"]
        world.settle(loop("a", "10.1.1.1/24"))


def test_an_interface_is_deleted_by_somebody_else_meanwhile(world):
    world.settle(loop("a", "10.1.1.1/24"), loop("b"))
    index = world.tagged()["a"]["sw_if_index"]

    def delete():
        world.session.call("delete_loopback", sw_if_index=index)

    with pytest.raises(ApplyError, match="interface a: update failed: interface a: sw_interface_set_mtu: VPP says INVALID_SW_IF_INDEX"):
        world.apply(loop("a", "10.1.1.1/24", mtu=1400), loop("b"), dataplane=before_wave(world.dataplane(), 0, delete))
    world.settle(loop("a", "10.1.1.1/24", mtu=1400), loop("b"))
    index = world.tagged()["a"]["sw_if_index"]
    world.apply(loop("b"), dataplane=before_wave(world.dataplane(), 0, delete))  # one that is to go may have gone
    assert set(world.tagged()) == {"b"}


def test_a_device_that_is_not_there(world):
    with pytest.raises(ApplyError, match="interface a: .*the kernel has no device of that name in VPP's network namespace"):
        world.apply(on("a", "none"), loop("b"))
    assert world.empty()


def test_a_device_that_is_not_there_does_not_end_an_old_vpp(make_double):
    place = make_double(release="24.02")
    with place.session() as session:
        world = World(place, session)
        with pytest.raises(ApplyError, match="interface a: the kernel has no device of that name in VPP's network namespace"):
            world.apply(on("a", "none"), loop("b"))
        assert world.empty() and not place.double.called("af_packet_create_v3")
        place.host_device("none")
        world.settle(on("a", "none"))


def test_a_folder_of_a_socket_that_is_not_there(world):
    with pytest.raises(ApplyError, match=r"interface m: the socket cannot be made: VPP has no folder /missing"):
        world.apply(memif("m", 1, "/missing/x.sock", master=True))
    assert world.empty()
