# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Neighbours and proxy ARP on a real namespace."""

from __future__ import annotations

import itertools
import os

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import PlanError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ARP, LINUX_ARP, PROXY_ARP, ROUTE

from ..support.namespaces import Namespace
from .test_routes_world import World, veth

if os.geteuid() != 0:
    pytest.skip("needs root for network namespaces", allow_module_level=True)

KINDS = (ARP.id, LINUX_ARP.id, PROXY_ARP.id)
BASE = (veth("left", "right", "10.0.0.1/24", "fd00:1::1/64"), veth("right", "left", "10.1.0.1/24"))
ONE, TWO = "02:00:00:00:00:01", "02:00:00:00:00:02"


@pytest.fixture(name="world")
def _world():
    with Namespace("tl3") as namespace:
        world = World(namespace, *BASE)
        yield world
        world.close()


def arp(address, mac, interface="left", static=True):
    return ARP.value({"interface": interface, "ip_address": address, "phys_address": mac, "static": static})


def linux(address, mac, interface="left"):
    return LINUX_ARP.value({"interface": interface, "ip_address": address, "hw_address": mac})


def proxy(names, *ranges):
    return PROXY_ARP.value(
        {"interfaces": [{"name": name} for name in names], "ranges": [{"first_ip_addr": first, "last_ip_addr": last} for first, last in ranges]}
    )


STATES = {
    "nothing": [],
    "static": [arp("10.0.0.9", ONE), arp("fd00:1::9", ONE)],
    "other address": [arp("10.0.0.9", TWO), arp("fd00:1::9", TWO)],
    "not static": [arp("10.0.0.9", ONE, static=False), arp("fd00:1::9", ONE, static=False)],
    "of linux": [linux("10.0.0.9", ONE), linux("fd00:1::9", ONE), arp("10.1.0.9", ONE, "right")],
    "proxies": [proxy(["left"], ("192.0.2.1", "192.0.2.9"), ("192.0.2.100", "192.0.2.100"))],
    "proxies and all": [proxy(["left", "right"], ("10.0.0.9", "10.0.0.12")), arp("10.0.0.9", TWO)],
}


def entries(world):
    """All of them but those of multicast, which the kernel makes when it likes."""
    lines = (world.namespace.run("ip", *words) for words in (("neighbour", "show", "nud", "all"), ("neighbour", "show", "proxy")))
    return [line for text in lines for line in text.splitlines() if "NOARP" not in line]


@pytest.mark.parametrize("name", STATES)
def test_create_repeat_read_back_delete(world, name):
    world.apply()
    assert entries(world) == []
    world.apply(*STATES[name])
    assert world.values(*KINDS) == [value.data for value in sorted(STATES[name], key=lambda value: value.key)]
    assert bool(entries(world)) == bool(STATES[name])
    world.apply()
    assert entries(world) == []


def test_every_state_to_every_other(world):
    for one, two in itertools.permutations(STATES, 2):
        world.apply(*STATES[one])
        world.apply(*STATES[two])


def test_what_the_kernel_learned_is_in_nobodys_way(world):
    world.apply()
    world.namespace.ip(f"neighbour add 10.0.0.9 lladdr {TWO} dev left nud reachable")
    world.apply(arp("10.0.0.9", ONE))
    assert ONE in world.namespace.ip("neighbour show 10.0.0.9")


def test_a_static_entry_of_others_is_left(world):
    world.apply()
    world.namespace.ip(f"neighbour add 10.0.0.9 lladdr {TWO} dev left nud permanent")
    before = world.namespace.snapshot()
    with pytest.raises(PlanError, match="10.0.0.9.*not ours"):
        world.apply(arp("10.0.0.9", ONE))
    assert world.namespace.snapshot() == before
    world.apply(arp("10.0.0.8", ONE))
    world.apply()
    assert world.namespace.snapshot() == before
    world.dataplane.options["scope_all"] = True
    assert world.values(*KINDS) == [{"interface": "left", "ip_address": "10.0.0.9", "phys_address": TWO, "static": True}]


def test_an_entry_that_is_no_longer_fresh_is_still_there(world):
    world.apply(arp("10.0.0.9", ONE, static=False))
    world.namespace.ip(f"neighbour change 10.0.0.9 lladdr {ONE} dev left nud stale protocol 207")
    assert world.apply(arp("10.0.0.9", ONE, static=False)).commands == []


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([arp("10.0.0.9", ONE), linux("10.0.0.9", ONE)], "10.0.0.9 on left is given by another value"),
        ([proxy(["left"], ("10.0.0.0", "10.0.16.0"))], "ranges: more than 4096"),
        ([proxy(["left"])], "ranges: is empty"),
        ([PROXY_ARP.value({"interfaces": [{"name": "left"}], "ranges": [{"first_ip_addr": "10.0.0.9", "last_ip_addr": "10.0.0.9", "vrf_id": 5}]})], "VRF 5"),
        ([arp("10.0.0.9", ONE, "lefft")], "lefft"),
    ],
)
def test_refusals_touch_nothing(world, values, says):
    world.apply()
    before = world.namespace.snapshot()
    with pytest.raises(CnfError, match=says):
        world.apply(*values)
    assert world.namespace.snapshot() == before


def test_an_interface_that_is_down_is_refused(world):
    world.base = (veth("left", "right", "10.0.0.1/24", enabled=False), veth("right", "left"))
    with pytest.raises(CnfError, match="left is not up") as caught:
        world.apply(arp("10.0.0.9", ONE))
    assert caught.value.context["waits_for"] == "outgoing-interface-is-up"


def test_the_kernel_answers_for_proxies(world):
    """As the coverage table says: it forwards, and the route to the address leaves by another interface."""
    with Namespace("tl3") as client:
        world.apply()
        world.namespace.ip(f"link add name client type veth peer name eth0 netns {client.name}")
        world.namespace.ip("link set client up")
        world.namespace.ip("address add 172.16.0.1/24 dev client")
        client.ip("link set eth0 up")
        client.ip("address add 172.16.0.2/24 dev eth0")
        client.ip("route add 192.0.2.0/24 dev eth0")
        world.namespace.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        world.apply(
            proxy(["client"], ("192.0.2.5", "192.0.2.5")),
            ROUTE.value({"dst_network": "192.0.2.0/24", "next_hop_addr": "10.1.0.9", "outgoing_interface": "right"}),
        )
        for address in ("192.0.2.5", "192.0.2.6"):
            client.run("ping", "-c1", "-W1", address, check=False)
        assert "lladdr" in client.ip("neighbour show 192.0.2.5")
        assert "lladdr" not in client.ip("neighbour show 192.0.2.6")
