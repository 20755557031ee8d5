# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Layer 2 on a real namespace with two stations behind it, and packets between them."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from contextlib import ExitStack

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import PlanError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l2 import BRIDGE_DOMAIN, FIB, XCONNECT
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import reconcile

from ..support.namespaces import Namespace
from .test_routes_world import World, veth

if os.geteuid() != 0:
    pytest.skip("needs root for network namespaces", allow_module_level=True)

KINDS = (BRIDGE_DOMAIN.id, FIB.id, XCONNECT.id)
MAC = {"one": "02:00:00:00:00:01", "two": "02:00:00:00:00:02"}
ADDRESS = {"one": "10.0.0.1", "two": "10.0.0.2"}

ANSWER = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", 7))
print("ready", flush=True)
while True:
    data, peer = s.recvfrom(100)
    s.sendto(data, peer)
"""
ASK = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.2)
for _ in range(int(sys.argv[2])):
    s.sendto(b"x", (sys.argv[1], 7))
    try:
        s.recvfrom(100)
        print("heard")
        break
    except OSError:
        pass
"""


class Stations:
    """The CNF, and a station behind each of its interfaces C(one) and C(two)."""

    def __init__(self, stack):
        self.cnf, self.one, self.two = (stack.enter_context(Namespace("tl3")) for _each in range(3))
        self.world = World(self.cnf)
        stack.callback(self.world.close)
        for name in ("one", "two"):
            self.cnf.ip(f"link add name {name} type veth peer name eth0 address {MAC[name]} netns {getattr(self, name).name}")
            self.cnf.ip(f"link set {name} up")
            getattr(self, name).ip(f"address add {ADDRESS[name]}/24 dev eth0")
            # What a station says by itself would move a learned entry.
            getattr(self, name).run("sysctl", "-q", "-w", "net.ipv6.conf.eth0.disable_ipv6=1")
            getattr(self, name).ip("link set eth0 up")
        for station in (self.two, self.cnf):
            process = subprocess.Popen(["ip", "netns", "exec", station.name, sys.executable, "-c", ANSWER], stdout=subprocess.PIPE, text=True)
            stack.callback(process.wait)
            stack.callback(process.kill)
            stack.callback(process.stdout.close)
            assert process.stdout.readline() == "ready\n"

    def reach(self, target=ADDRESS["two"], tries=10):
        """Whether station one gets an answer."""
        return "heard" in self.one.run(sys.executable, "-c", ASK, target, str(tries))


@pytest.fixture(name="stations")
def _stations():
    with ExitStack() as stack:
        yield Stations(stack)


def domain(*names, **more):
    flags = {"flood": True, "unknown_unicast_flood": True, "forward": True, "learn": True}
    return BRIDGE_DOMAIN.value({"name": "bd1", **flags, "interfaces": [{"name": name} for name in names], **more})


def fib(mac, **more):
    return FIB.value({"bridge_domain": "bd1", "phys_address": mac, **more})


def cross(receive, transmit):
    return XCONNECT.value({"receive_interface": receive, "transmit_interface": transmit})


LOOP = INTERFACE.value({"name": "loop0", "type": "SOFTWARE_LOOPBACK", "enabled": True, "ip_addresses": ["10.0.0.254/24"]})
STATES = {
    "nothing": [],
    "a name": [BRIDGE_DOMAIN.value({"name": "a domain with a long name"})],
    "bridged": [domain("one", "two", mac_age=5)],
    "isolated": [domain(interfaces=[{"name": "one", "split_horizon_group": 3}, {"name": "two", "split_horizon_group": 3}])],
    "one isolated": [domain(interfaces=[{"name": "one", "split_horizon_group": 3}, {"name": "two"}])],
    "not forwarding": [domain("one", "two", forward=False)],
    "entries": [
        domain("one", "two", learn=False, unknown_unicast_flood=False),
        fib(MAC["one"], outgoing_interface="one", static_config=True),
        fib(MAC["two"], outgoing_interface="two"),
    ],
    "other entries": [domain("one", "two"), fib(MAC["one"], outgoing_interface="two", static_config=True), fib(MAC["two"], action="DROP", static_config=True)],
    "crossed": [cross("one", "two"), cross("two", "one")],
    "half crossed": [cross("one", "two")],
    "bvi": [LOOP, domain("one", interfaces=[{"name": "loop0", "bridged_virtual_interface": True}, {"name": "one"}])],
    "domains": [domain("one"), BRIDGE_DOMAIN.value({"name": "bd2", "learn": True, "interfaces": [{"name": "two"}]})],
}
REACH = {"bridged", "one isolated", "entries", "crossed"}


@pytest.mark.parametrize("name", STATES)
def test_packets_go_as_told(stations, name):
    world = stations.world
    world.apply()
    bare = stations.cnf.snapshot()
    world.apply(*STATES[name])
    assert world.values(*KINDS) == [value.data for value in sorted(STATES[name], key=lambda value: value.key) if value.kind in KINDS]
    assert stations.reach(tries=10 if name in REACH else 3) == (name in REACH)
    if name == "bvi":
        assert stations.reach("10.0.0.254")
        assert "loop0" in stations.cnf.ip("link show type bridge")
    world.apply()
    assert stations.cnf.snapshot() == bare


def test_every_state_to_every_other(stations):
    for one, two in itertools.permutations(STATES, 2):
        stations.world.apply(*STATES[one])
        stations.world.apply(*STATES[two])
        assert stations.world.values(*KINDS) == [value.data for value in sorted(STATES[two], key=lambda value: value.key) if value.kind in KINDS]


def test_a_dropped_address(stations):
    stations.world.apply(domain("one", "two"))
    assert stations.reach()
    stations.world.apply(domain("one", "two"), fib(MAC["two"], action="DROP"))
    assert not stations.reach(tries=3)
    stations.world.apply(domain("one", "two"))
    assert stations.reach()


def test_a_static_entry_does_not_move_and_another_one_does(stations):
    for static in (True, False):
        values = [domain("one", "two"), fib(MAC["one"], outgoing_interface="two", static_config=static)]
        stations.one.ip("neighbour flush dev eth0")  # no probe of what it knew from before
        stations.world.apply(*values)
        assert stations.reach() is not static
        commands = stations.world.apply(*values).commands
        assert bool(commands) is not static


def test_a_bvi_is_that_interface_before_and_after(stations):
    """With the values of layer 2 alone, as a module has them."""
    stations.cnf.ip("link add name loop0 type bridge")
    stations.cnf.run("ip", "link", "set", "dev", "loop0", "alias", "pantheon.cnf tl3 vpp/interfaces SOFTWARE_LOOPBACK loop0")
    stations.cnf.ip("link set loop0 address 02:00:00:00:00:fe up")
    stations.cnf.ip("address add 10.0.0.254/24 dev loop0")

    def owned():
        return {key: one for key, one in stations.world.dataplane.observe().items() if one.owned}

    before = owned()
    assert set(before) == {("link", "loop0"), ("address", "loop0", "10.0.0.254/24")}
    kinds = {kind.id: kind for kind in (BRIDGE_DOMAIN, FIB, XCONNECT)}
    wanted = [value for value in STATES["bvi"] if value.kind in kinds]

    def run(state):
        return reconcile(stations.world.dataplane, kinds, state, lambda there: [] if state == "deleted" else wanted).outcome.commands

    assert run("merged")
    assert [run("merged"), run("overridden")] == [[], []]
    assert stations.reach("10.0.0.254")
    assert run("deleted")
    assert owned() == before


def test_a_port_of_others_is_left(stations):
    stations.world.apply()
    stations.cnf.ip("link add name theirs type bridge")
    stations.cnf.ip("link set one master theirs")
    before = stations.cnf.snapshot()
    with pytest.raises(PlanError, match="bridge port one.*not ours"):
        stations.world.apply(domain("one", "two"))
    assert stations.cnf.snapshot() == before


def test_a_device_of_others_in_the_way_is_left(stations):
    stations.cnf.ip("link add name bd1 type bridge")
    before = stations.cnf.snapshot()
    with pytest.raises(PlanError, match="bd1.*not ours"):
        stations.world.apply(domain("one"))
    assert stations.cnf.snapshot() == before


def test_bridges_and_tables_of_others_outlive_ours(stations):
    stations.world.apply()
    stations.cnf.ip("link add name theirs type bridge")
    stations.cnf.run("nft", "add table netdev theirs")
    before = stations.cnf.snapshot()
    for name in ("bridged", "crossed"):
        stations.world.apply(*STATES[name])
        stations.world.apply()
    assert stations.cnf.snapshot() == before


def test_what_drifted_is_put_right(stations):
    stations.world.apply(*STATES["bridged"])
    stations.cnf.run("bridge", "link", "set", "dev", "one", "learning", "off")
    stations.cnf.run("bridge", "link", "set", "dev", "two", "isolated", "on")
    stations.cnf.ip("link set bd1 type bridge ageing_time 100")
    outcome = stations.world.apply(*STATES["bridged"])
    assert {operation.key for wave in outcome.waves for operation in wave} == {("bridge", "bd1"), ("bridge-port", "one"), ("bridge-port", "two")}


def test_a_cross_connect_of_an_interface_that_was_renamed_or_made_anew(stations):
    world = stations.world
    world.base = (veth("left", "right"), veth("right", "left"))
    world.apply(cross("left", "one"))
    world.base = (veth("left", "right", host_if_name="other"), veth("right", "left"))
    world.apply(cross("left", "one"))
    assert '"other"' in stations.cnf.run("nft", "list", "table", "netdev", "pantheon_cnf_tl3")
    stations.cnf.ip("link delete other")
    world.apply(cross("left", "one"))
    assert '"other"' in stations.cnf.run("nft", "list", "table", "netdev", "pantheon_cnf_tl3")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([domain("one", arp_termination=True)], "arp_termination: not supported"),
        ([fib(MAC["one"], outgoing_interface="one")], "bridge_domain: .* has no bridge domain bd1"),
        ([domain("one"), fib(MAC["one"], outgoing_interface="two")], "two is not in bridge domain bd1"),
        ([domain("one"), BRIDGE_DOMAIN.value({"name": "bd2", "interfaces": [{"name": "one"}]})], "one has a place in another bridge domain"),
        ([domain("one"), cross("one", "two")], "one is in a bridge domain and"),
        ([domain("three")], "three"),
    ],
)
def test_refusals_touch_nothing(stations, values, says):
    stations.world.apply()
    before = stations.cnf.snapshot()
    with pytest.raises(CnfError, match=says):
        stations.world.apply(*values)
    assert stations.cnf.snapshot() == before
