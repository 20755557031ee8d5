# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every state module on a real namespace: create, repeat, check, diff, change, gather, delete; and every pair of states."""

from __future__ import annotations

import os

import pytest

from ..support.modules import ModuleFailed, run_module
from ..support.namespaces import Namespace
from ..support.states import lifecycle, transitions

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")

PAIR = [
    {"name": "left", "type": "VETH", "enabled": True, "ip_addresses": ["10.0.0.1/24"], "veth": {"peer_if_name": "right"}},
    {"name": "right", "type": "VETH", "enabled": True, "ip_addresses": ["10.0.1.1/24", "fd00:1::1/64"], "veth": {"peer_if_name": "left"}},
]

CASES = {
    "linux_interfaces": {
        "base": None,
        "states": [
            PAIR,
            [{**PAIR[0], "ip_addresses": ["10.0.0.2/24", "10.0.0.3/24"], "mtu": 1400}, PAIR[1]],
            [{**PAIR[0], "name": "one", "veth": {"peer_if_name": "two"}}, {**PAIR[1], "name": "two", "veth": {"peer_if_name": "one"}}],
            [{**PAIR[0], "enabled": False, "phys_address": "02:00:00:00:00:01"}, {**PAIR[1], "host_if_name": "other"}],
            [{"name": "t0", "type": "TAP", "enabled": True, "ip_addresses": ["10.9.0.1/24"], "tap": {"version": 2}}],
            [
                {
                    "name": "vx",
                    "type": "VXLAN_TUNNEL",
                    "enabled": True,
                    "vxlan": {"src_address": "10.0.0.1", "dst_address": "10.0.0.9", "vni": 9},
                },
                *PAIR,
            ],
        ],
    },
    "linux_routes": {
        "base": ("linux_interfaces", PAIR),
        "states": [
            [{"dst_network": "198.51.100.0/24", "next_hop_addr": "10.0.0.254", "outgoing_interface": "left"}],
            [
                {"dst_network": "198.51.100.0/24", "next_hop_addr": "10.0.0.254", "outgoing_interface": "left", "weight": 2},
                {"dst_network": "198.51.100.0/24", "next_hop_addr": "10.0.1.254", "outgoing_interface": "right"},
            ],
            [{"dst_network": "198.51.100.0/24", "type": "DROP"}, {"dst_network": "0.0.0.0/0", "next_hop_addr": "10.0.0.254", "outgoing_interface": "left"}],
            [{"dst_network": "203.0.113.0/24", "gw_addr": "10.0.0.254", "outgoing_interface": "left", "scope": "GLOBAL", "metric": 50}],
            [{"dst_network": "fd00:2::/64", "next_hop_addr": "fd00:1::9", "outgoing_interface": "right", "preference": 7}],
        ],
    },
    "linux_neighbors": {
        "base": ("linux_interfaces", PAIR),
        "states": [
            {"arps": [{"interface": "left", "ip_address": "10.0.0.9", "phys_address": "02:00:00:00:00:09", "static": True}]},
            {"arps": [{"interface": "left", "ip_address": "10.0.0.9", "phys_address": "02:00:00:00:00:0a", "static": True}]},
            {
                "arps": [
                    {"interface": "right", "ip_address": "fd00:1::9", "phys_address": "02:00:00:00:00:09", "static": True},
                    {"interface": "right", "ip_address": "10.0.1.9", "hw_address": "02:00:00:00:00:0b"},
                ]
            },
        ],
    },
    "linux_nat44": {
        "base": ("linux_interfaces", PAIR),
        "states": [
            {
                "nat44_interfaces": [{"name": "left", "nat_inside": True}, {"name": "right", "nat_outside": True, "output_feature": True}],
                "nat44_pools": [{"first_ip": "10.0.1.100", "last_ip": "10.0.1.105"}],
            },
            {
                "nat44_global": {"forwarding": True},
                "nat44_interfaces": [{"name": "left", "nat_inside": True}, {"name": "right", "nat_outside": True}],
                "nat44_pools": [{"first_ip": "10.0.1.100"}],
                "nat44_timeouts": {"udp": 60},
            },
            {
                "nat44_interfaces": [{"name": "left", "nat_inside": True}, {"name": "right", "nat_outside": True}],
                "nat44_pools": [{"first_ip": "10.0.1.100", "last_ip": "10.0.1.101"}],
                "dnat44s": [
                    {
                        "label": "web",
                        "st_mappings": [
                            {
                                "external_ip": "10.0.1.100",
                                "external_port": 80,
                                "protocol": "TCP",
                                "local_ips": [{"local_ip": "10.0.0.80", "local_port": 8080}],
                            },
                            {
                                "external_ip": "10.0.1.101",
                                "external_port": 53,
                                "protocol": "UDP",
                                "local_ips": [
                                    {"local_ip": "10.0.0.53", "local_port": 53, "probability": 3},
                                    {"local_ip": "10.0.0.54", "local_port": 53, "probability": 1},
                                ],
                            },
                        ],
                        "id_mappings": [{"ip_address": "10.0.0.77"}],
                    }
                ],
            },
        ],
    },
    "linux_acls": {
        "base": ("linux_interfaces", PAIR),
        "states": [
            [
                {
                    "name": "web",
                    "rules": [
                        {
                            "action": "PERMIT",
                            "ip_rule": {
                                "ip": {"source_network": "0.0.0.0/0", "destination_network": "10.0.0.0/24"},
                                "tcp": {
                                    "destination_port_range": {"lower_port": 80, "upper_port": 80},
                                    "source_port_range": {"lower_port": 0, "upper_port": 65535},
                                },
                            },
                        }
                    ],
                    "interfaces": {"ingress": ["right"]},
                }
            ],
            [
                {
                    "name": "web",
                    "rules": [
                        {"action": "REFLECT", "ip_rule": {"ip": {"source_network": "10.0.0.0/24", "destination_network": "0.0.0.0/0"}}},
                        {"action": "DENY", "ip_rule": {"ip": {"source_network": "0.0.0.0/0", "destination_network": "0.0.0.0/0"}}},
                    ],
                    "interfaces": {"ingress": ["left"], "egress": ["right"]},
                }
            ],
        ],
    },
    "linux_l2": {
        "base": ("linux_interfaces", PAIR),
        "states": [
            {
                "bridge_domains": [
                    {
                        "name": "bd1",
                        "flood": True,
                        "unknown_unicast_flood": True,
                        "forward": True,
                        "learn": True,
                        "interfaces": [{"name": "left"}, {"name": "right"}],
                    }
                ]
            },
            {
                "bridge_domains": [
                    {"name": "bd1", "flood": True, "forward": True, "learn": False, "mac_age": 5, "interfaces": [{"name": "left"}]},
                ],
                "fibs": [
                    {"bridge_domain": "bd1", "phys_address": "02:00:00:00:00:77", "outgoing_interface": "left", "static_config": True},
                ],
            },
            {"xconnect_pairs": [{"receive_interface": "left", "transmit_interface": "right"}]},
        ],
    },
}

WITH_STATES = [(name, number) for name, case in CASES.items() for number in range(len(case["states"]))]


@pytest.fixture(name="namespace")
def _namespace():
    with Namespace("tm") as namespace:
        yield namespace


@pytest.fixture(name="task")
def _task(namespace):
    """Run a module on the namespace of the test."""

    def task(module, config=None, **options):
        return run_module(module, cnf="tm", namespace=namespace.name, config=config, **options)

    return task


def prepare(module, task):
    """What the module's configuration refers to."""
    base = CASES[module]["base"]
    if base:
        task(base[0], base[1])


@pytest.mark.parametrize(("module", "number"), WITH_STATES)
def test_create_repeat_check_diff_gather_delete(module, number, task):
    prepare(module, task)
    config = CASES[module]["states"][number]
    lifecycle(task, module, config)


@pytest.mark.parametrize("module", CASES)
def test_every_state_to_every_other_in_one_run(module, task):
    prepare(module, task)
    transitions(task, module, CASES[module]["states"])


@pytest.mark.parametrize(("module", "number"), WITH_STATES)
def test_rendered_touches_nothing(module, number, task, namespace):
    before = namespace.snapshot()
    rendered = task(module, CASES[module]["states"][number], state="rendered")
    assert rendered["rendered"] and not rendered["changed"]
    assert namespace.snapshot() == before


BAD = [
    (
        "linux_interfaces",
        [{"name": "x" * 16, "type": "VETH", "veth": {"peer_if_name": "y"}}, {"name": "y", "type": "VETH", "veth": {"peer_if_name": "x" * 16}}],
        "15",
    ),
    ("linux_interfaces", [{"name": "a", "type": "VETH", "ip_addresses": ["10.0.0.300/24"], "veth": {"peer_if_name": "b"}}], "10.0.0.300/24"),
    ("linux_interfaces", [{"name": "a", "type": "DPDK"}], "DPDK"),
    ("linux_interfaces", [{"name": "a", "type": "MEMIF", "memif": {"master": True}}], "memif|MEMIF"),
    ("linux_interfaces", [{"name": "a", "type": "SUB_INTERFACE", "sub": {"parent_name": "nothing", "sub_id": 5}}], "nothing"),
    ("linux_interfaces", [{"name": "a", "type": "TAP", "tap": {"version": 2}, "vxlan": {"vni": 1}}], "vxlan|tap"),
    ("linux_interfaces", [{"name": "a", "type": "TAP", "tap": {"version": 2}, "set_dhcp_client": True}], "set_dhcp_client"),
    ("linux_routes", [{"dst_network": "10.1.2.3/16", "next_hop_addr": "10.0.0.254", "outgoing_interface": "left"}], "10.1.0.0/16|host bits|network"),
    ("linux_routes", [{"dst_network": "198.51.100.0/24", "next_hop_addr": "172.16.0.1", "outgoing_interface": "left"}], "172.16.0.1"),
    ("linux_routes", [{"dst_network": "198.51.100.0/24", "next_hop_addr": "10.0.0.254", "outgoing_interface": "nothing"}], "nothing"),
    ("linux_routes", [{"dst_network": "198.51.100.0/33", "outgoing_interface": "left"}], "198.51.100.0/33"),
    ("linux_neighbors", {"arps": [{"interface": "nothing", "ip_address": "10.0.0.9", "phys_address": "02:00:00:00:00:09"}]}, "nothing"),
    ("linux_nat44", {"nat44_interfaces": [{"name": "nothing", "nat_inside": True}]}, "nothing"),
    ("linux_nat44", {"nat44_interfaces": [{"name": "left", "nat_inside": True, "nat_outside": True, "output_feature": True}]}, "output_feature"),
    ("linux_nat44", {"nat44_pools": [{"first_ip": "10.0.1.105", "last_ip": "10.0.1.100"}]}, "last_ip|10.0.1.100"),
    ("linux_nat44", {"nat44_pools": [{"first_ip": "10.0.1.100", "last_ip": "10.0.1.105"}, {"first_ip": "10.0.1.105"}]}, "10.0.1.105"),
    ("linux_nat44", {"nat44_global": {"endpoint_independent": True}}, "endpoint_independent"),
    ("linux_nat44", {"nat44_pools": [{"first_ip": "224.0.0.1"}]}, "224.0.0.1 is no address of one host"),
    ("linux_acls", [{"name": "a", "rules": [{"action": "PERMIT", "ip_rule": {}}], "interfaces": {"ingress": ["nothing"]}}], "nothing"),
    ("linux_l2", {"bridge_domains": [{"name": "bd", "interfaces": [{"name": "nothing"}]}]}, "nothing"),
]


@pytest.mark.parametrize(("module", "config", "says"), BAD)
@pytest.mark.parametrize("check", [False, True])
def test_bad_input_says_what_and_changes_nothing(module, config, says, check, task, namespace):
    if CASES[module]["base"]:
        prepare(module, task)
    before = namespace.snapshot()
    with pytest.raises(ModuleFailed, match=says) as caught:
        task(module, config, check=check)
    assert "Traceback" not in caught.value.result["msg"]
    assert namespace.snapshot() == before


def test_a_foreign_route_in_the_way_is_named_and_left(task, namespace):
    prepare("linux_routes", task)
    namespace.ip("route add 198.51.100.0/24 via 10.0.0.99")
    before = namespace.snapshot()
    with pytest.raises(ModuleFailed, match="198.51.100.0/24.*not ours"):
        task("linux_routes", CASES["linux_routes"]["states"][0])
    assert namespace.snapshot() == before
    task("linux_routes", CASES["linux_routes"]["states"][0], scope="all")
    assert "via 10.0.0.254" in namespace.ip("route show 198.51.100.0/24")


def test_scope_all_overrides_what_others_made(task, namespace):
    prepare("linux_routes", task)
    namespace.ip("route add 203.0.113.0/24 via 10.0.0.99")
    assert not task("linux_routes", [], state="overridden")["changed"]
    done = task("linux_routes", CASES["linux_routes"]["states"][0], state="overridden", scope="all")
    assert "203.0.113.0/24" not in namespace.ip("route show")
    assert "198.51.100.0/24" in namespace.ip("route show")
    assert done["changed"] and not task("linux_routes", CASES["linux_routes"]["states"][0], state="overridden", scope="all")["changed"]


def test_an_interface_in_use_by_nat_is_not_deleted(task, namespace):
    prepare("linux_nat44", task)
    task("linux_nat44", CASES["linux_nat44"]["states"][0])
    before = namespace.snapshot()
    with pytest.raises(ModuleFailed, match="section nat.* needs interface (left|right)"):
        task("linux_interfaces", state="deleted")
    assert namespace.snapshot() == before
    task("linux_interfaces", [{**PAIR[0], "host_if_name": "renamed"}, PAIR[1]], state="replaced")
    assert "renamed" in namespace.run("nft", "list", "ruleset")


def test_a_foreign_interface_in_the_way_is_named_and_left(task, namespace):
    namespace.ip("link add left type bridge")
    before = namespace.snapshot()
    with pytest.raises(ModuleFailed, match="left.*not ours"):
        task("linux_interfaces", PAIR)
    assert namespace.snapshot() == before


def test_a_route_of_others_outlives_ours(task, namespace):
    prepare("linux_routes", task)
    namespace.ip("route add 203.0.113.0/24 via 10.0.0.99")
    task("linux_routes", CASES["linux_routes"]["states"][1])
    task("linux_routes", state="deleted")
    assert "203.0.113.0/24" in namespace.ip("route show")


def test_merged_keeps_what_is_not_given(task, namespace):
    task("linux_interfaces", PAIR)
    changed = task("linux_interfaces", [{"name": "left", "mtu": 1300}])
    assert changed["after"][0]["ip_addresses"] == ["10.0.0.1/24"]
    assert "mtu 1300" in namespace.ip("link show left")
    task("linux_interfaces", [{"name": "left", "enabled": False}])
    assert "state DOWN" in namespace.ip("link show left")


def test_a_recreated_interface_gets_its_routes_back(task, namespace):
    task("linux_interfaces", PAIR)
    task("linux_routes", CASES["linux_routes"]["states"][0])
    task("linux_interfaces", [{**PAIR[0], "host_if_name": "renamed"}, PAIR[1]], state="replaced")
    assert "via 10.0.0.254 dev renamed" in namespace.ip("route show 198.51.100.0/24")


def test_hardware_that_is_there_is_configured_and_given_back_as_it_was(task, namespace):
    namespace.ip("link add eth0 type bridge")
    namespace.ip("link set eth0 up mtu 1400")
    namespace.ip("address add 192.0.2.9/24 dev eth0")
    namespace.ip("route add 198.51.100.0/24 via 192.0.2.1")
    before = namespace.snapshot()
    config = [{"name": "uplink", "type": "EXISTING", "host_if_name": "eth0", "ip_addresses": ["10.3.0.1/24"]}]
    done = task("linux_interfaces", config, state="overridden")
    assert [command.partition(" alias")[0] for command in done["commands"]] == ["ip link set eth0", "ip address add 10.3.0.1/24 dev uplink"]
    assert not task("linux_interfaces", config, state="overridden")["changed"]
    shown = namespace.ip("address show eth0")
    assert "192.0.2.9/24" in shown and "10.3.0.1/24" in shown and "mtu 1400" in shown and ",UP" in shown
    task("linux_interfaces", state="deleted")
    assert namespace.snapshot() == before


def test_a_missing_namespace_is_named():
    with pytest.raises(ModuleFailed, match="tm-no-such"):
        run_module("linux_routes", cnf="x", namespace="tm-no-such", config=[])
