# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Neighbours, on the double and on a live VPP."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import ApplyError, PlanError
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ARP, ROUTE
from ansible_collections.pantheon.cnf.plugins.module_utils.view import UnknownInterface

from tests.unit.vpp.l3_world import World, told

NOWHERE = 0xFFFFFFFF
MAC, OTHER = "02:00:00:00:00:01", "02:00:00:00:00:02"


def arp(ip="10.0.0.9", mac=MAC, static=True, interface="left"):
    return ARP.value({"interface": interface, "ip_address": ip, "phys_address": mac, "static": static})


@pytest.fixture
def world(vpp, session):
    return World(vpp, session).build()


def there(world):
    """What VPP has."""
    found = [each["neighbor"] for six in (0, 1) for each in world.session.dump("ip_neighbor_dump", sw_if_index=NOWHERE, af=six)]
    return {(each["sw_if_index"], each["ip_address"]): (each["mac_address"], each["flags"]) for each in found}


def learned(world, ip, mac=MAC, link="left", flags=0):
    world.session.call("ip_neighbor_add_del", is_add=True, neighbor={"sw_if_index": world.index[link], "ip_address": ip, "mac_address": mac, "flags": flags})


def test_create_repeat_change_feed_back_delete(world):
    for ip in ("10.0.0.9", "172.16.0.9", "fd00:1::9", "fe80::9"):
        with told(ip):
            there_and_back(world, ip)


def there_and_back(world, ip):
    assert world.apply(arp(ip), check_mode=True).outcome.changed and there(world) == {}
    done = world.apply(arp(ip))
    assert done.after == [arp(ip)] and there(world) == {(world.index["left"], ip): (MAC, 1)}
    world.again(arp(ip))
    world.again(lambda found: found, state="overridden")
    done = world.apply(arp(ip, OTHER))
    assert len(done.outcome.commands) == 1 and there(world) == {(world.index["left"], ip): (OTHER, 1)}
    done = world.apply(state="deleted")
    assert done.outcome.changed and there(world) == {} and world.gathered() == []
    world.again(state="deleted")


def test_overridden_replaces_what_is_ours(world):
    learned(world, "10.0.0.100")
    world.apply(arp(), arp("10.1.1.9", interface="right"), arp("FD00:1:0::9"))
    assert {value.data["ip_address"] for value in world.gathered()} == {"10.0.0.9", "10.1.1.9", "fd00:1::9"}
    world.apply(arp("10.0.0.10"), state="overridden")
    assert set(there(world)) == {(world.index["left"], "10.0.0.100"), (world.index["left"], "10.0.0.10")}, "what was learned stays"


def test_a_route_goes_to_a_neighbour(world):
    """In VPP the route of the gateway's own address is made by the neighbour."""
    route = ROUTE.value({"dst_network": "198.51.100.0/24", "next_hop_addr": "10.0.0.9", "outgoing_interface": "left"})
    world.apply(route, arp())
    assert world.routes(world.source("adjacency"))["10.0.0.9/32"]
    world.again(route, arp())


# -- what VPP learned --------------------------------------------------------------------------------------------------


def test_an_entry_of_the_cache(world):
    dynamic = arp(static=False)
    assert world.apply(dynamic, check_mode=True).after == [dynamic]
    done = world.apply(dynamic)
    assert done.before == [] and done.after == [dynamic] and there(world) == {(world.index["left"], "10.0.0.9"): (MAC, 0)}
    done = world.again(dynamic)
    assert done.before == done.after == [dynamic]
    assert world.gathered() == [], "nobody owns it"
    world.apply(arp("10.0.0.10"), state="overridden")
    world.apply(state="deleted")
    assert there(world) == {(world.index["left"], "10.0.0.9"): (MAC, 0)}
    done = world.apply(arp(mac=OTHER, static=False))
    assert done.before == [dynamic] and there(world) == {(world.index["left"], "10.0.0.9"): (OTHER, 0)}
    done = world.apply(dynamic, state="deleted")
    assert done.before == [arp(mac=OTHER, static=False)] and done.after == [] and there(world) == {}
    world.again(dynamic, state="deleted")


def test_what_was_learned_is_in_nobodys_way(world):
    learned(world, "10.0.0.9", OTHER)
    learned(world, "fd00:1::9", OTHER)
    world.apply(arp(static=False))
    world.apply(arp("fd00:1::9"))
    assert there(world) == {(world.index["left"], "10.0.0.9"): (MAC, 0), (world.index["left"], "fd00:1::9"): (MAC, 1)}


def test_between_static_and_not(world):
    """VPP does not make a static entry a dynamic one, and says nothing when the MAC address is the same."""
    world.apply(arp(static=False))
    done = world.apply(arp())
    assert there(world) == {(world.index["left"], "10.0.0.9"): (MAC, 1)} and done.after == [arp()]
    for mac in (MAC, OTHER):
        done = world.apply(arp(mac=mac, static=False), state="replaced")
        assert there(world) == {(world.index["left"], "10.0.0.9"): (mac, 0)}
        assert [command.split()[1] for command in done.outcome.commands] == ["is_add=false", "is_add=true"]
        world.again(arp(mac=mac, static=False), state="replaced")
        world.apply(arp())


def test_an_entry_without_a_route(world):
    """Somebody gave VPP ours with the flag that it makes no route of it: it is made anew."""
    learned(world, "10.0.0.9", MAC, flags=3)
    world.apply(arp())
    assert there(world) == {(world.index["left"], "10.0.0.9"): (MAC, 1)}


# -- whose it is -------------------------------------------------------------------------------------------------------


def test_on_interfaces_of_others(world):
    learned(world, "10.9.0.5", MAC, "loop9", flags=1)
    assert world.gathered() == []
    with pytest.raises(PlanError, match="10.9.0.5.*in the way"):
        world.apply(arp("10.9.0.5", OTHER, interface="loop9"))
    world.again(arp("10.9.0.5", interface="loop9"))
    world.apply(arp("10.9.0.6", interface="loop9"))
    world.again(arp("10.9.0.6", interface="loop9"))
    world.apply(arp(), state="overridden")
    world.apply(state="deleted")
    assert set(there(world)) == {(world.index["loop9"], ip) for ip in ("10.9.0.5", "10.9.0.6")}
    done = world.apply(arp("10.9.0.6", interface="loop9"), state="deleted")
    assert done.before == [arp("10.9.0.6", interface="loop9")]
    assert set(there(world)) == {(world.index["loop9"], "10.9.0.5")}, "it was named"
    assert world.gathered("all") == [arp("10.9.0.5", interface="loop9")]
    world.again(lambda found: found, state="overridden", scope="all")
    world.apply(state="deleted", scope="all")
    assert there(world) == {}


def test_what_is_there_stands_in_nobodys_way(world):
    """Somebody gave an interface of ours a neighbour that we would not make."""
    learned(world, "10.0.0.50", "01:00:5e:00:00:01", flags=1)
    world.apply(arp())
    world.again(lambda found: found, state="overridden")
    world.apply(arp(), state="overridden")
    assert there(world) == {(world.index["left"], "10.0.0.9"): (MAC, 1)}


# -- bad input and faults ----------------------------------------------------------------------------------------------

BAD = [
    (arp("0.0.0.0"), "ip_address: 0.0.0.0 is no address of one neighbour"),
    (arp("224.0.0.5"), "ip_address: 224.0.0.5"),
    (arp("ff02::1"), "ip_address: ff02::1"),
    (arp("10.0.0.1"), "ip_address: 10.0.0.1 is an address of this CNF"),
    (arp(mac="00:00:00:00:00:00"), "phys_address"),
    (arp(mac="ff:ff:ff:ff:ff:ff"), "phys_address"),
    (arp(mac="01:00:5e:00:00:01"), "phys_address"),
]


def test_bad_input(world):
    for value, says in BAD:
        with told(says), pytest.raises(Refused, match=says):
            world.apply(value)
    assert there(world) == {}


def test_the_same_twice(world):
    with pytest.raises(Refused, match="fd00:1::9 on left is given by another value too"):
        world.apply(arp("fd00:1::9"), arp("fd00:1:0::9"))


def test_an_unknown_interface(world):
    with pytest.raises(UnknownInterface, match="lefft"):
        world.apply(arp(interface="lefft"))


def test_gone_with_its_interface(world):
    world.apply(arp(), arp("10.1.1.9", interface="right"))
    world.session.call("delete_loopback", sw_if_index=world.index["left"])
    assert world.gathered() == [arp("10.1.1.9", interface="right")]
    world.interface("left", 7, "10.0.0.1/24")
    if world.session.older(26, 2):  # it is told as if it were the new one's: those that we make are rid of it (test_links.py)
        assert arp() in world.gathered()
        return
    assert world.apply(arp()).outcome.changed
    world.again(arp())


def test_what_fails_is_undone(double):
    with double.session() as session:
        world = World(double, session).build()
        world.apply(arp())
        double.double.fail("ip_neighbor_add_del", -2, nth=2)
        with pytest.raises(ApplyError, match=r"10.0.0.11.*INVALID_SW_IF_INDEX.*undone"):
            world.apply(arp(mac=OTHER), arp("10.0.0.11"), arp("10.0.0.12", static=False))
        assert there(world) == {(world.index["left"], "10.0.0.9"): (MAC, 1)}
