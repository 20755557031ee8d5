# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds that want drivers, through every state: over ssh, as a plain user with become. A task costs seconds there, so that
all kinds go through the states together in one run, and the tests look at what it returned."""

from __future__ import annotations

import json
import re

import pytest

from .kinds import CASES, FIRST, SECRETS, THEN
from .plays import Step, take

PLACE = {"cnf": "kinds", "namespace": "kinds"}
STATES = ("merged", "overridden")
LOOK = "for one in $(ls /sys/class/net); do ip -d -o link show dev $one; done; ip -o address show; ip route show table all; ip -6 route show table all"

VRFS = [{"id": 7, "label": "tenant-a"}, {"id": 8, "protocol": "IPV6"}]
OTHER_VRFS = [{"id": 7, "label": "tenant-b"}, {"id": 7, "protocol": "IPV6", "label": "six"}, {"id": 9}]
PORTS = [
    {"name": "v0", "type": "SOFTWARE_LOOPBACK", "enabled": True, "vrf": 7, "ip_addresses": ["10.7.0.1/24", "fd07::1/64"]},
    {"name": "v1", "type": "SOFTWARE_LOOPBACK", "enabled": True, "ip_addresses": ["10.8.0.1/24"]},
]
MOVED = [{**PORTS[0], "vrf": 9}, PORTS[1]]
ROUTES = [
    {"vrf_id": 7, "dst_network": "198.51.100.0/24", "next_hop_addr": "10.7.0.9", "outgoing_interface": "v0"},
    {"vrf_id": 7, "dst_network": "fd99::/64", "next_hop_addr": "fd07::9", "outgoing_interface": "v0"},
    {"vrf_id": 7, "dst_network": "192.0.2.0/24", "type": "DROP"},
    {"dst_network": "198.51.100.0/24", "next_hop_addr": "10.8.0.9", "outgoing_interface": "v1"},
]


def _task(name, module, config=None, state="merged", check=False):
    options = {**PLACE, "state": state, **({} if config is None else {"config": config})}
    return Step(name, f"pantheon.cnf.linux_{module}", options, check)


def _look(name):
    return Step(name, "ansible.builtin.command", {"argv": ["ip", "netns", "exec", "kinds", "sh", "-c", LOOK]})


def _sandbox(state):
    return Step(f"sandbox {state}", "pantheon.cnf.cnf_sandbox", {"sandboxes": [{"name": "kinds"}], "state": state})


INTERFACES = [
    _sandbox("present"),
    _task("predicted", "interfaces", FIRST, check=True),
    _task("made", "interfaces", FIRST),
    _look("made looks"),
    _task("repeated", "interfaces", FIRST),
    _task("gathered", "interfaces", state="gathered"),
    *(_task(f"fed back {state}", "interfaces", "{{ step_gathered.gathered }}", state) for state in STATES),
    _task("change predicted", "interfaces", THEN, "overridden", check=True),
    _task("changed", "interfaces", THEN, "overridden"),
    _look("changed looks"),
    _task("change repeated", "interfaces", THEN, "overridden"),
    _task("a field merged", "interfaces", [{"name": "dm0", "enabled": False}]),
    _task("one replaced", "interfaces", CASES["gre"].first, "replaced"),
    _task("some deleted", "interfaces", [{"name": "gre6"}, {"name": "wg0"}], "deleted"),
    _task("the first again", "interfaces", FIRST, "overridden"),
    _task("deleted", "interfaces", state="deleted"),
    _task("deleted again", "interfaces", state="deleted"),
    _look("deleted looks"),
]

LAYER3 = [
    _sandbox("present"),
    _task("predicted", "vrfs", VRFS, check=True),
    _task("vrfs", "vrfs", VRFS),
    _task("vrfs repeated", "vrfs", VRFS),
    _task("ports", "interfaces", PORTS),
    _task("ports repeated", "interfaces", PORTS),
    _task("routes", "routes", ROUTES),
    _task("routes repeated", "routes", ROUTES),
    _look("made looks"),
    _task("routes gathered", "routes", state="gathered"),
    _task("routes fed back", "routes", "{{ step_routes_gathered.gathered }}", "overridden"),
    _task("other vrfs", "vrfs", OTHER_VRFS, "overridden"),
    _task("other vrfs repeated", "vrfs", OTHER_VRFS, "overridden"),
    _task("routes as they were", "routes", ROUTES),
    _task("moved", "interfaces", MOVED, "replaced"),
    _task("moved repeated", "interfaces", MOVED, "replaced"),
    _look("moved looks"),
    _task("routes deleted", "routes", state="deleted"),
    _task("ports deleted", "interfaces", state="deleted"),
    _task("vrfs deleted", "vrfs", state="deleted"),
    _look("deleted looks"),
    _sandbox("absent"),
]


@pytest.fixture(scope="module", name="interfaces")
def _interfaces(ready, tmp_path_factory):
    return take(ready, tmp_path_factory.mktemp("interfaces"), INTERFACES, "-vvv", "--diff")


@pytest.fixture(scope="module", name="layer3")
def _layer3(ready, tmp_path_factory):
    return take(ready, tmp_path_factory.mktemp("layer3"), LAYER3)


def _succeeded(results):
    failed = {name: result.get("msg") or result.get("stderr") for name, result in results.items() if result.get("failed")}
    assert not failed, json.dumps(failed, indent=1)


def _without_secrets(config):
    return [{**one, "wireguard": {**one["wireguard"], "private_key": "********"}} if "wireguard" in one else one for one in config]


def _line(look, name):
    """What ip -d -o said of one interface."""
    return next((line for line in look["stdout_lines"] if re.match(rf"\d+: {re.escape(name)}[:@]", line)), "")


def test_every_step_with_interfaces_succeeds(interfaces):
    _succeeded(interfaces[1])


@pytest.mark.parametrize("kind", CASES)
def test_the_kernel_has_what_was_asked_for(interfaces, kind):
    for step, looks in zip(("made looks", "changed looks"), CASES[kind].looks):
        line = _line(interfaces[1][step], CASES[kind].first[0]["name"])
        assert re.search(looks, line), (step, line)


@pytest.mark.parametrize("kind", CASES)
def test_what_is_read_back_is_what_was_asked_for(interfaces, kind):
    results = interfaces[1]
    for step, wanted in (("made", CASES[kind].first), ("changed", CASES[kind].then)):
        have = {one["name"]: one for one in results[step]["after"]}
        for one in _without_secrets(wanted):
            enabled = {} if one.get("enabled") else {"enabled"}
            assert have[one["name"]] == {name: item for name, item in one.items() if name not in enabled}, step


def test_what_is_predicted_is_what_is_done(interfaces):
    results = interfaces[1]
    for predicted, done in (("predicted", "made"), ("change predicted", "changed")):
        assert results[done]["changed"] and results[predicted]["changed"]
        # Within a wave the order means nothing.
        assert sorted(results[predicted]["commands"]) == sorted(results[done]["commands"])
        assert results[predicted]["after"] == results[done]["after"]
        assert results[predicted]["diff"] == results[done]["diff"]


@pytest.mark.parametrize("step", ["repeated", "change repeated", "deleted again", *(f"fed back {state}" for state in STATES)])
def test_nothing_is_done_twice(interfaces, step):
    assert interfaces[1][step]["commands"] == []
    assert not interfaces[1][step]["changed"]


def test_states_touch_what_they_say(interfaces):
    results = interfaces[1]
    assert results["a field merged"]["commands"] == ["ip link set dm0 down"]
    assert {one["name"] for one in results["one replaced"]["before"]} == {one["name"] for one in results["one replaced"]["after"]}
    assert all("gre5" in command for command in results["one replaced"]["commands"])
    left = {one["name"] for one in results["some deleted"]["before"]} - {one["name"] for one in results["some deleted"]["after"]}
    assert left == {"gre6", "wg0"}
    assert results["the first again"]["after"] == results["made"]["after"]
    assert results["deleted"]["after"] == []


def test_nothing_is_left_of_them(interfaces):
    look = interfaces[1]["deleted looks"]["stdout"]
    assert "pantheon.cnf kinds vpp" not in look and "pantheon.cnf kinds linux" not in look
    assert not [one["name"] for one in FIRST if _line(interfaces[1]["deleted looks"], one["name"])]


def test_the_secret_is_set_and_in_no_output_log_or_command(interfaces, ready):
    done, results = interfaces
    assert not results["made"].get("failed")
    journal = ready.ssh("sudo journalctl --no-pager --output=cat; sudo cat /var/log/syslog /var/log/auth.log 2>/dev/null || true")
    assert "Invoked with" in journal  # Ansible keeps the arguments of modules there
    for secret in SECRETS:
        assert secret not in json.dumps(results)
        assert secret not in journal
        # The playbook itself has it: -vvv shows results, arguments and diffs of tasks.
        assert secret not in done.output


def test_every_step_with_vrfs_succeeds(layer3):
    _succeeded(layer3[1])


def test_vrfs_are_made_as_predicted(layer3):
    results = layer3[1]
    assert sorted(results["predicted"]["commands"]) == sorted(results["vrfs"]["commands"])
    assert results["predicted"]["after"] == results["vrfs"]["after"]
    look = results["made looks"]
    assert "vrf table 7 " in _line(look, "tenant-a") and "vrf table 8 " in _line(look, "vrf8")
    assert "master tenant-a" in _line(look, "v0") and "master" not in _line(look, "v1").lower().replace("vrf_master", "")
    for route in (
        r"^unreachable default table 7 .*metric 4278198272",
        r"^198\.51\.100\.0/24 via 10\.7\.0\.9 dev v0 table 7 ",
        r"^198\.51\.100\.0/24 via 10\.8\.0\.9 dev v1 (?!table)",
        r"^blackhole 192\.0\.2\.0/24 table 7 ",
        r"^fd99::/64 via fd07::9 dev v0 table 7 ",
    ):
        assert re.search(route, look["stdout"], re.M), route


@pytest.mark.parametrize("step", ["vrfs repeated", "ports repeated", "routes repeated", "routes fed back", "other vrfs repeated", "moved repeated"])
def test_nothing_of_vrfs_is_done_twice(layer3, step):
    assert layer3[1][step]["commands"] == []
    assert not layer3[1][step]["changed"]


def test_a_renamed_vrf_keeps_its_routes(layer3):
    results = layer3[1]
    assert results["other vrfs"]["changed"]
    assert results["routes as they were"]["after"] == results["routes"]["after"]


def test_an_interface_moves_with_its_addresses(layer3):
    results = layer3[1]
    look = results["moved looks"]
    assert "master vrf9" in _line(look, "v0")
    assert re.search(r"v0 +inet 10\.7\.0\.1/24", look["stdout"]) and re.search(r"v0 +inet6 fd07::1/64", look["stdout"])
    assert re.search(r"^10\.7\.0\.0/24 dev v0 table 9 ", look["stdout"], re.M)


def test_nothing_is_left_of_vrfs(layer3):
    look = layer3[1]["deleted looks"]["stdout"]
    assert "vrf" not in look.replace("vrf_", "") and "unreachable" not in look
