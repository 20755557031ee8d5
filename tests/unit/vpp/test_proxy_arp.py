# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxy ARP, on the double and on a live VPP."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import ApplyError
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import PROXY_ARP, VRF_TABLE
from ansible_collections.pantheon.cnf.plugins.module_utils.view import UnknownInterface
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.proxy_arp import ProxyArp

from tests.unit.vpp.l3_world import World, told

TABLE = VRF_TABLE.value({"id": 5})


def proxy(interfaces=("left",), ranges=(("10.0.0.50", "10.0.0.60", 0),)):
    return PROXY_ARP.value(
        {
            "interfaces": [{"name": name} for name in interfaces],
            "ranges": [{"first_ip_addr": first, "last_ip_addr": last, "vrf_id": vrf} for first, last, vrf in ranges],
        }
    )


@pytest.fixture
def world(vpp, session):
    return World(vpp, session).build()


def ranges(world):
    found = world.session.dump("proxy_arp_dump")
    tables = ProxyArp.tables(world.session, found)
    numbers = [each["proxy"]["table_id"] if tables is None else tables.get(each["proxy"]["table_id"]) for each in found]
    return sorted((number, each["proxy"]["low"], each["proxy"]["hi"]) for number, each in zip(numbers, found, strict=True))


def answers(world, index):
    """Whether it does, whatever the list says, where VPP can be asked that."""
    if not world.session.offers("feature_is_enabled"):
        return index in [each["sw_if_index"] for each in world.session.dump("proxy_arp_intfc_dump")]
    return world.session.call("feature_is_enabled", arc_name="arp", feature_name="arp-proxy", sw_if_index=index)["is_enabled"]


def test_create_repeat_change_feed_back_delete(world):
    assert world.apply(proxy(), check_mode=True).after == [proxy()] and ranges(world) == []
    done = world.apply(proxy())
    assert done.after == [proxy()] and ranges(world) == [(0, "10.0.0.50", "10.0.0.60")] and answers(world, world.index["left"])
    world.again(proxy())
    world.again(lambda there: there, state="overridden")
    more = proxy(("left", "right"), [("10.0.0.50", "10.0.0.60", 0), ("10.0.0.9", "10.0.0.9", 0)])
    done = world.apply(more)
    assert len(done.outcome.commands) == 3 and len(ranges(world)) == 2 and answers(world, world.index["right"])
    world.again(more)
    assert [each["first_ip_addr"] for each in world.gathered()[0].data["ranges"]] == ["10.0.0.9", "10.0.0.50"], "in the order of addresses"
    less = proxy(("right",), [("10.0.0.9", "10.0.0.9", 0)])
    done = world.apply(less)
    assert done.after == [less] and ranges(world) == [(0, "10.0.0.9", "10.0.0.9")] and not answers(world, world.index["left"])
    world.apply(state="deleted")
    assert world.gathered() == [] == ranges(world) and not answers(world, world.index["right"])
    world.again(state="deleted")


def test_vrfs(world):
    world.apply(TABLE)
    world.interface("inner", 6, "10.5.0.1/24", vrf=5)
    value = proxy(("left", "inner"), [("10.0.0.50", "10.0.0.60", 0), ("10.5.0.50", "10.5.0.60", 5)])
    world.apply(value, kinds=[PROXY_ARP])
    assert ranges(world) == [(0, "10.0.0.50", "10.0.0.60"), (5, "10.5.0.50", "10.5.0.60")]
    world.again(value, kinds=[PROXY_ARP])
    done = world.apply(state="deleted")
    table_goes = [number for number, command in enumerate(done.outcome.commands) if "table={table_id=5" in command]
    assert table_goes == [len(done.outcome.commands) - 1] and ranges(world) == [], "VPP would keep ranges of a table that is gone"


def test_a_range_of_a_vrf_that_lost_its_interface_is_in_nobodys_way(world):
    world.apply(TABLE)
    index = world.interface("inner", 6, "10.5.0.1/24", vrf=5)
    value = proxy(("left", "inner"), [("10.0.0.50", "10.0.0.60", 0), ("10.5.0.50", "10.5.0.60", 5)])
    world.apply(value, kinds=[PROXY_ARP])
    world.session.call("delete_loopback", sw_if_index=index)
    there = [proxy(("left",), [("10.0.0.50", "10.0.0.60", 0), ("10.5.0.50", "10.5.0.60", 5)])]
    assert world.gathered(kinds=[PROXY_ARP]) == there
    world.again(lambda found: found, state="overridden", kinds=[PROXY_ARP])
    world.apply(proxy(), kinds=[PROXY_ARP])
    assert ranges(world) == [(0, "10.0.0.50", "10.0.0.60")]


def test_an_interface_that_took_the_number_of_one_that_answered(world):
    """VPP says that it answers, and it does not; and switching it on does nothing."""
    world.apply(proxy())
    world.session.call("delete_loopback", sw_if_index=world.index["left"])
    assert world.gathered() == []
    index = world.interface("left", 7, "10.0.0.1/24")
    assert index == world.index["left"] and [each["sw_if_index"] for each in world.session.dump("proxy_arp_intfc_dump")] == [index]
    if not world.session.offers("feature_is_enabled"):  # it is believed: those that we make are rid of it (test_links.py)
        return
    assert not answers(world, index)
    done = world.apply(proxy())
    assert done.outcome.changed and answers(world, index)
    world.again(proxy())


def test_what_others_answer_for(world):
    world.session.call("proxy_arp_add_del", is_add=True, proxy={"low": "10.9.0.50", "hi": "10.9.0.60"})
    world.session.call("proxy_arp_intfc_enable_disable", sw_if_index=world.index["loop9"], enable=True)
    assert world.gathered() == []
    world.apply(proxy())
    world.again(proxy())
    world.apply(proxy(("right",)))
    world.apply(state="deleted")
    assert ranges(world) == [(0, "10.0.0.50", "10.0.0.60"), (0, "10.9.0.50", "10.9.0.60")], "others may need ours as well"
    assert world.gathered("all") == [proxy(("loop9",), [("10.0.0.50", "10.0.0.60", 0), ("10.9.0.50", "10.9.0.60", 0)])]
    world.again(lambda there: there, state="overridden", scope="all")
    world.apply(state="deleted", scope="all")
    assert ranges(world) == [] and not answers(world, world.index["loop9"])


BAD = [
    (proxy(()), "interfaces: is empty"),
    (proxy(ranges=()), "ranges: is empty"),
    (proxy(ranges=[("10.0.0.50", "10.0.0.60", 5)]), "ranges.vrf_id: none of the interfaces is in VRF 5"),
]


def test_bad_input(world):
    for value, says in BAD:
        with told(says), pytest.raises(Refused, match=says):
            world.apply(value)
    assert ranges(world) == []


def test_an_unknown_interface(world):
    with pytest.raises(UnknownInterface, match="lefft"):
        world.apply(proxy(("lefft",)))


@pytest.mark.parametrize("release", ["24.02", "26.06"])
def test_older_releases_are_believed(make_double, release):
    """They cannot be asked whether an interface answers."""
    place = make_double(release=release)
    with place.session() as session:
        world = World(place, session).build()
        world.apply(proxy())
        world.again(proxy())
        assert bool(place.double.called("feature_is_enabled")) == (release == "26.06")


def test_what_fails_is_undone(double):
    with double.session() as session:
        world = World(double, session).build()
        double.double.fail("proxy_arp_add_del", -3, nth=2)
        with pytest.raises(ApplyError, match="NO_SUCH_FIB.*undone"):
            world.apply(proxy(("left",), [("10.0.0.50", "10.0.0.60", 0), ("10.0.0.70", "10.0.0.80", 0)]))
        assert ranges(world) == [] and not answers(world, world.index["left"])
