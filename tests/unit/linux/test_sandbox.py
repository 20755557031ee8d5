# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import plan
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import sandbox

PROCESS = {"name": "web", "command": ["web"], "script": None, "environment": {"A": "1"}, "ready": {"port": 80, "socket": None, "timeout": 10}}


def waves(state, given, observed):
    """What would be done, wave by wave: (verb, class)."""
    wanted = sandbox.wanted(given)
    dataplane = sandbox.SandboxDataplane({one.namespace: one.cnf for one in wanted}, {})
    named = {("sysctl", one.namespace, path) for one in wanted for path in one.sysctls}
    observed = {key: each for key, each in observed.items() if key[0] != "sysctl" or key in named}
    return [sorted((each.verb, each.key[0]) for each in wave) for wave in plan(dataplane, observed, sandbox.desire(state, wanted, observed))]


def there(given):
    """As if it had been made: of a process nobody sees which sysctls it waited for."""
    made = sandbox.desire("present", sandbox.wanted(given), {})
    return {key: sandbox.process(*key[1:], each.attributes) if key[0] == "process" else each for key, each in made.items()}


FULL = [{"name": "a", "sysctls": {"net.ipv4.ip_forward": True}, "processes": [PROCESS]}]


def test_a_process_starts_last_and_after_its_sysctls():
    assert waves("present", FULL, {}) == [[("create", "folder"), ("create", "namespace")], [("create", "sysctl")], [("create", "process")]]


def test_a_second_run_plans_nothing():
    assert waves("present", FULL, there(FULL)) == []


def test_absent_ends_processes_first():
    assert waves("absent", FULL, there(FULL)) == [[("delete", "process")], [("delete", "folder"), ("delete", "namespace")]]


@pytest.mark.parametrize("change", [{"command": ["web", "-v"]}, {"script": "x"}, {"environment": {"A": "2"}}])
def test_a_change_of_what_it_is_started_with_restarts_it(change):
    changed = [{**FULL[0], "processes": [{**PROCESS, **change}]}]
    assert waves("present", changed, there(FULL)) == [[("delete", "process")], [("create", "process")]]


@pytest.mark.parametrize("change", [{"running": False}, {"inside": False}])
def test_a_dead_or_lost_process_is_started_again(change):
    observed = there(FULL)
    key = ("process", "a", "web")
    observed[key] = sandbox.process("a", "web", {**observed[key].attributes, **change})
    assert waves("present", FULL, observed)[-1] == [("create", "process")]


def test_another_ready_condition_is_no_reason_to_restart():
    changed = [{**FULL[0], "processes": [{**PROCESS, "ready": {"port": 81, "socket": None, "timeout": 1}}]}]
    assert waves("present", changed, there(FULL)) == []


def test_processes_that_are_not_spoken_of_go_on_and_an_empty_list_ends_them():
    assert waves("present", [{"name": "a"}], there(FULL)) == []
    assert waves("present", [{"name": "a", "processes": []}], there(FULL)) == [[("delete", "process")], [("delete", "folder")]]


def test_a_foreign_namespace_is_named_and_absent_leaves_it_alone():
    foreign = {("namespace", "a"): Resource(("namespace", "a"), {"cnf": None}, owned=False)}
    with pytest.raises(CnfError, match="network namespace a is not ours"):
        waves("present", [{"name": "a"}], foreign)
    assert waves("absent", [{"name": "a"}], foreign) == []


def test_a_namespace_of_another_cnf_is_not_taken_over():
    with pytest.raises(CnfError, match="network namespace a belongs to CNF a.*sandbox b"):
        waves("present", [{"name": "b", "namespace": "a"}], there([{"name": "a"}]))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([{"name": "../a"}], "sandbox name '../a'"),
        ([{"name": "a", "namespace": "a/b"}], "namespace 'a/b'"),
        ([{"name": "a"}, {"name": "b", "namespace": "a"}], "two sandboxes want network namespace a"),
        ([{"name": "a", "sysctls": {"kernel.panic": 1}}], "kernel.panic is not of the network namespace"),
        ([{"name": "a", "sysctls": {"net/../kernel/panic": 1}}], "is not of the network namespace"),
        ([{"name": "a", "processes": [PROCESS, PROCESS]}], "two processes have one name"),
        ([{"name": "a", "processes": [{**PROCESS, "command": []}]}], "process web has an empty command"),
        ([{"name": "a", "processes": [{**PROCESS, "name": "x y"}]}], "process of sandbox a 'x y'"),
    ],
)
def test_wrong_sandboxes_are_named(given, says):
    with pytest.raises(CnfError, match=says):
        sandbox.wanted(given)


@pytest.mark.parametrize(("value", "text"), [(True, "1"), (False, "0"), (7, "7"), ("4096\t87380\t6291456", "4096 87380 6291456")])
def test_sysctl_values_as_the_kernel_tells_them(value, text):
    assert sandbox.sysctl("a", "net.x", value).attributes["value"] == text


def test_environments_and_scripts_are_in_no_result_and_no_command():
    given = [{"name": "a", "processes": [{**PROCESS, "environment": {"TOKEN": "hush"}, "script": "hush"}]}]
    resources = there(given)
    dataplane = sandbox.SandboxDataplane({"a": "a"}, {})
    told = str(sandbox.shown(resources)) + str([dataplane.commands(op) for wave in plan(dataplane, {}, resources) for op in wave])
    assert "web" in told and "hush" not in told
