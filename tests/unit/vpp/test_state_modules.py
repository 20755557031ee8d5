# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every state module of the VPP dataplane: create, repeat, check, diff, change, gather, feed back, delete; and every pair of states."""

from __future__ import annotations

import functools

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils import lock as locking

from tests.support.modules import ModuleFailed, run_module
from tests.support.states import lifecycle, transitions

PAIR = [
    {"name": "left", "type": "SOFTWARE_LOOPBACK", "enabled": True, "ip_addresses": ["10.0.0.1/24"]},
    {"name": "right", "type": "SOFTWARE_LOOPBACK", "enabled": True, "ip_addresses": ["10.0.1.1/24", "fd00:1::1/64"]},
]
MEMIF = {"name": "memif0", "type": "MEMIF", "enabled": True, "memif": {"master": True, "id": 1, "socket_filename": "abstract:tm"}}
ALL = {"ip_rule": {"ip": {"source_network": "0.0.0.0/0", "destination_network": "0.0.0.0/0"}}}

CASES = {
    "vpp_interfaces": {
        "base": None,
        "states": [
            PAIR,
            [{**PAIR[0], "ip_addresses": ["10.0.0.2/24", "10.0.0.3/24"], "mtu": 1400}, PAIR[1]],
            [{**PAIR[0], "enabled": False, "phys_address": "02:00:00:00:00:01", "ip_addresses": []}, {**PAIR[1], "ip_addresses": ["10.0.0.1/24"]}],
            [MEMIF, {"name": "memif0.7", "type": "SUB_INTERFACE", "enabled": True, "sub": {"parent_name": "memif0", "sub_id": 7}}],
            [{"name": "vx", "type": "VXLAN_TUNNEL", "enabled": True, "vxlan": {"src_address": "10.0.0.1", "dst_address": "10.0.0.9", "vni": 9}}, *PAIR],
            [{"name": "bond", "type": "BOND_INTERFACE", "enabled": True, "bond": {"mode": "ROUND_ROBIN", "bonded_interfaces": [{"name": "memif0"}]}}, MEMIF],
        ],
    },
    "vpp_vrfs": {
        "base": None,
        "states": [
            [{"id": 7, "label": "tenant-a"}],
            [{"id": 7, "label": "tenant-b"}, {"id": 7, "protocol": "IPV6"}],
            [{"id": 8}],
        ],
    },
    "vpp_routes": {
        "base": ("vpp_interfaces", PAIR),
        "states": [
            [{"dst_network": "198.51.100.0/24", "next_hop_addr": "10.0.0.254", "outgoing_interface": "left"}],
            [
                {"dst_network": "198.51.100.0/24", "next_hop_addr": "10.0.0.254", "outgoing_interface": "left", "weight": 2},
                {"dst_network": "198.51.100.0/24", "next_hop_addr": "10.0.1.254", "outgoing_interface": "right"},
            ],
            [{"dst_network": "198.51.100.0/24", "type": "DROP"}, {"dst_network": "0.0.0.0/0", "next_hop_addr": "10.0.0.254", "outgoing_interface": "left"}],
            [{"dst_network": "fd00:2::/64", "next_hop_addr": "fd00:1::9", "outgoing_interface": "right", "preference": 7}],
        ],
    },
    "vpp_neighbors": {
        "base": ("vpp_interfaces", PAIR),
        "states": [
            {"arps": [{"interface": "left", "ip_address": "10.0.0.9", "phys_address": "02:00:00:00:00:09", "static": True}]},
            {"arps": [{"interface": "left", "ip_address": "10.0.0.9", "phys_address": "02:00:00:00:00:0a", "static": True}]},
            {
                "arps": [{"interface": "right", "ip_address": "fd00:1::9", "phys_address": "02:00:00:00:00:09", "static": True}],
                "proxy_arp": {"interfaces": [{"name": "left"}], "ranges": [{"first_ip_addr": "10.0.0.40", "last_ip_addr": "10.0.0.49"}]},
            },
        ],
    },
    "vpp_nat44": {
        "base": ("vpp_interfaces", PAIR),
        "delete": {"own_nat": True},
        "states": [
            {
                "nat44_interfaces": [{"name": "left", "nat_inside": True}, {"name": "right", "output_feature": True}],
                "nat44_pools": [{"first_ip": "10.0.1.100", "last_ip": "10.0.1.105"}],
            },
            {
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
    "vpp_acls": {
        "base": ("vpp_interfaces", PAIR),
        "states": [
            [{"name": "web", "rules": [{"action": "PERMIT", **ALL}], "interfaces": {"ingress": ["right"]}}],
            [
                {"name": "web", "rules": [{"action": "REFLECT", **ALL}, {"action": "DENY", **ALL}], "interfaces": {"ingress": ["left"], "egress": ["right"]}},
                {"name": "other", "rules": [{"action": "DENY", **ALL}], "interfaces": {"ingress": ["left"]}},
            ],
        ],
    },
    "vpp_l2": {
        "base": ("vpp_interfaces", PAIR),
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
                "bridge_domains": [{"name": "bd1", "flood": True, "forward": True, "mac_age": 5, "interfaces": [{"name": "left"}]}],
                "fibs": [{"bridge_domain": "bd1", "phys_address": "02:00:00:00:00:77", "outgoing_interface": "left", "static_config": True}],
            },
            {"xconnect_pairs": [{"receive_interface": "left", "transmit_interface": "right"}]},
        ],
    },
}

WITH_STATES = [(name, number) for name, case in CASES.items() for number in range(len(case["states"]))]


@pytest.fixture(name="task")
def _task(vpp):
    """Run a module on the VPP of the test."""

    def task(module, config=None, **options):
        return run_module(module, config=config, **vpp.place, **options)

    return task


def prepare(module, task):
    """What the module's configuration refers to."""
    base = CASES[module]["base"]
    if base:
        task(*base)


@pytest.mark.parametrize(("module", "number"), WITH_STATES)
def test_create_repeat_check_diff_gather_delete(module, number, task):
    prepare(module, task)
    lifecycle(task, module, CASES[module]["states"][number], **CASES[module].get("delete", {}))


@pytest.mark.parametrize("module", CASES)
def test_every_state_to_every_other_in_one_run(module, task):
    prepare(module, task)
    transitions(task, module, CASES[module]["states"], **CASES[module].get("delete", {}))


@pytest.mark.parametrize(("module", "number"), WITH_STATES)
def test_rendered_needs_no_vpp(module, number):
    rendered = run_module(module, config=CASES[module]["states"][number], state="rendered", socket="/nonexistent/api.sock")
    assert rendered["rendered"] and not rendered["changed"]


BAD = [
    ("vpp_interfaces", [{"name": "x" * 64, "type": "SOFTWARE_LOOPBACK"}], "63"),
    ("vpp_interfaces", [{"name": "a", "type": "SOFTWARE_LOOPBACK", "ip_addresses": ["10.0.0.300/24"]}], "10.0.0.300/24"),
    ("vpp_interfaces", [{"name": "a", "type": "SOFTWARE_LOOPBACK", "vrf": 77}], "77"),
    ("vpp_interfaces", [{"name": "a", "type": "SUB_INTERFACE", "sub": {"parent_name": "nothing", "sub_id": 5}}], "nothing"),
    ("vpp_interfaces", [{"name": "GigabitEthernet0/8/0", "type": "DPDK"}], "GigabitEthernet0/8/0"),
    ("vpp_routes", [{"dst_network": "10.1.2.3/16", "next_hop_addr": "10.0.0.254", "outgoing_interface": "left"}], "10.1.0.0/16|host bits|network"),
    ("vpp_routes", [{"dst_network": "198.51.100.0/24", "next_hop_addr": "172.16.0.1", "outgoing_interface": "left"}], "172.16.0.1"),
    ("vpp_routes", [{"dst_network": "198.51.100.0/24", "next_hop_addr": "10.0.0.254", "outgoing_interface": "nothing"}], "nothing"),
    ("vpp_routes", [{"dst_network": "198.51.100.0/24", "type": "DROP", "vrf_id": 77}], "77"),
    ("vpp_neighbors", {"arps": [{"interface": "nothing", "ip_address": "10.0.0.9", "phys_address": "02:00:00:00:00:09"}]}, "nothing"),
    ("vpp_nat44", {"nat44_interfaces": [{"name": "nothing", "nat_inside": True}]}, "nothing"),
    ("vpp_nat44", {"nat44_interfaces": [{"name": "left", "nat_inside": True, "nat_outside": True, "output_feature": True}]}, "output_feature"),
    ("vpp_nat44", {"nat44_pools": [{"first_ip": "10.0.1.105", "last_ip": "10.0.1.100"}]}, "last_ip|10.0.1.100"),
    ("vpp_nat44", {"nat44_pools": [{"first_ip": "10.0.1.100", "last_ip": "10.0.1.105"}, {"first_ip": "10.0.1.105"}]}, "10.0.1.105"),
    ("vpp_acls", [{"name": "a", "rules": [{"action": "PERMIT", "ip_rule": {}}], "interfaces": {"ingress": ["nothing"]}}], "nothing"),
    ("vpp_l2", {"bridge_domains": [{"name": "bd", "interfaces": [{"name": "nothing"}]}]}, "nothing"),
]


@pytest.mark.parametrize(("module", "config", "says"), BAD)
@pytest.mark.parametrize("check", [False, True])
def test_bad_input_says_what_and_changes_nothing(module, config, says, check, vpp, task):
    prepare(module, task)
    before = run_module("vpp_info", scope="all", **vpp.place)
    with pytest.raises(ModuleFailed, match=says) as caught:
        task(module, config, check=check)
    assert "Traceback" not in caught.value.result["msg"]
    after = run_module("vpp_info", scope="all", **vpp.place)
    assert {**after, "counters": None} == {**before, "counters": None}


def test_info_fed_back_changes_nothing(vpp, task):
    prepare("vpp_routes", task)
    for module, case in CASES.items():
        if module not in ("vpp_interfaces", "vpp_l2"):
            task(module, case["states"][0])
    found = run_module("vpp_info", own_nat=True, **vpp.place)
    for module in CASES:
        area = module.partition("_")[2]
        assert found[area] or area == "l2"
        options = {"own_nat": True} if module in ("vpp_nat44", "vpp_interfaces", "vpp_vrfs") else {}
        assert task(module, found[area], state="overridden", **options)["commands"] == [], area
    assert found["version"] and "nat" in found["plugins"]


def test_one_vpp_is_changed_by_one_run_at_a_time_whatever_they_call_it(double, monkeypatch):
    monkeypatch.setattr(locking, "lock", functools.partial(locking.lock, timeout=0))
    with locking.locks([("lab", double.place["socket"])], "another run"):
        with pytest.raises(ModuleFailed, match="VPP at .* is being changed by another run"):
            run_module("vpp_interfaces", config=PAIR, **double.place)


def test_a_time_that_is_none(double):
    with pytest.raises(ModuleFailed, match="timeout: -1 is no number of seconds"):
        run_module("vpp_info", timeout=-1, **{name: value for name, value in double.place.items() if name != "timeout"})


@pytest.mark.parametrize("module", CASES)
def test_no_vpp_is_said(module):
    with pytest.raises(ModuleFailed, match="/nonexistent/api.sock"):
        run_module(module, config=CASES[module]["states"][0], socket="/nonexistent/api.sock")
