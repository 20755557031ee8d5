# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import os
import pathlib
import signal
import subprocess

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import processes, sandbox

from ..support.modules import ModuleFailed, run_module
from ..support.places import Places, shell, web_process

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")


@pytest.fixture(name="places")
def _places():
    with Places() as places:
        yield places


def task(given, **options):
    """Result of the module."""
    return run_module("cnf_sandbox", sandboxes=given, **options)


def sleeper(**options):
    """A process that does nothing."""
    return {"name": "sleep", "command": ["sleep", "300"], **options}


def pid_of(place, name):
    """The pid in the pid file."""
    return int(pathlib.Path(processes.FOLDER, place, f"{name}.pid").read_text().split()[0])


def without_pids(shown):
    """What check mode can know."""
    for one in shown.values():
        for each in one.get("processes", ()):
            each.pop("pid", None)
    return shown


def test_create_repeat_check_diff_absent(places):
    given = [*places.sandboxes("a"), *places.sandboxes("b", sysctls={"net.ipv4.conf.all.rp_filter": 2}, processes=[sleeper()])]
    names = [one["name"] for one in given]
    predicted = task(given, check=True)
    assert predicted["changed"] and not [name for name in names if os.path.exists(f"/run/netns/{name}")]
    done = task(given)
    assert done["changed"] and done["commands"] == predicted["commands"]
    assert without_pids(copy.deepcopy(done["after"])) == predicted["after"]
    assert done["diff"]["before"] == {} and done["diff"]["after"] == done["after"]
    assert shell(names[1], "sysctl -n net.ipv4.conf.all.rp_filter").strip() == "2"
    assert f"pantheon.cnf {names[0]} namespace" in shell(names[0], "ip link show lo") and "UP" in shell(names[0], "ip link show lo")
    for check in (False, True):
        again = task(given, check=check)
        assert not again["changed"] and again["commands"] == [] and again["before"] == again["after"] == done["after"]
    pid = pid_of(names[1], "sleep")
    assert task(given, state="absent", check=True)["after"] == {}
    assert processes.start_time(pid) is not None
    gone = task(given, state="absent")
    assert gone["changed"] and gone["after"] == {}
    assert processes.start_time(pid) is None
    assert not [name for name in names if os.path.exists(f"/run/netns/{name}") or os.path.exists(f"{processes.FOLDER}/{name}")]
    assert not task(given, state="absent")["changed"]


def test_a_new_sandbox_forwards_nothing_even_where_the_host_does(places, monkeypatch):
    inherited = sandbox.Host.sysctl_read
    monkeypatch.setattr(sandbox.Host, "sysctl_read", lambda self, name: inherited(self, name) if self.namespace else "1")
    written = []
    write = sandbox.Host.sysctl_write
    monkeypatch.setattr(sandbox.Host, "sysctl_write", lambda self, name, value: written.append((name, value)) or write(self, name, value))
    task(places.sandboxes("a"))
    assert ("net.ipv4.ip_forward", "0") in written
    assert shell(places.name("a"), "sysctl -n net.ipv4.ip_forward").strip() == "0"


def test_the_process_runs_inside_detached_and_serves(places):
    task(places.sandboxes("a", processes=[web_process()]))
    name = places.name("a")
    pid = pid_of(name, "web")
    assert os.stat(f"/proc/{pid}/ns/net").st_ino == os.stat(f"/run/netns/{name}").st_ino
    assert os.getsid(pid) == pid
    answer = shell(name, "curl -s http://127.0.0.1/show/version") + shell(name, "curl -s http://[::1]/whoami")
    assert "web: pantheon.cnf web server" in answer and '"address": "::1"' in answer


@pytest.mark.parametrize("change", [{"command": ["sleep", "301"]}, {"environment": {"A": "b"}}, {"script": "x"}])
def test_a_changed_process_is_started_anew_and_only_that(places, change):
    task(places.sandboxes("a", processes=[sleeper(), sleeper(name="other")]))
    name = places.name("a")
    before, other = pid_of(name, "sleep"), pid_of(name, "other")
    assert task(places.sandboxes("a", processes=[sleeper(**change), sleeper(name="other")]))["changed"]
    assert processes.start_time(before) is None
    assert pid_of(name, "sleep") != before and pid_of(name, "other") == other


def test_a_dead_process_is_started_again(places):
    given = places.sandboxes("a", processes=[sleeper()])
    task(given)
    pid = pid_of(places.name("a"), "sleep")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    done = task(given)
    assert done["before"][places.name("a")]["processes"][0]["running"] is False
    assert done["after"][places.name("a")]["processes"][0]["running"] is True


@pytest.mark.parametrize("lose", ["pid", "folder"])
def test_a_process_whose_files_are_lost_is_not_lost(places, lose):
    given = places.sandboxes("a", processes=[sleeper()])
    task(given)
    name = places.name("a")
    pid = pid_of(name, "sleep")
    if lose == "pid":
        os.unlink(f"{processes.FOLDER}/{name}/sleep.pid")
        assert not task(given)["changed"]
    else:
        processes.remove_folder(name)
    task(given, state="absent")
    assert processes.start_time(pid) is None


def test_a_process_in_a_namespace_that_is_gone_is_started_in_the_new_one(places):
    given = places.sandboxes("a", processes=[sleeper()])
    task(given)
    name = places.name("a")
    pid = pid_of(name, "sleep")
    subprocess.run(["ip", "netns", "delete", name], check=True)
    task(given)
    assert processes.start_time(pid) is None
    assert os.stat(f"/proc/{pid_of(name, 'sleep')}/ns/net").st_ino == os.stat(f"/run/netns/{name}").st_ino


def test_a_process_that_will_not_start_fails_with_its_log_and_all_is_undone(places):
    given = places.sandboxes("a", processes=[sleeper(), {"name": "bad", "command": ["sh", "-c", "echo the disk is on fire; exit 9"]}])
    with pytest.raises(ModuleFailed, match="process bad .*exit status 9.*\n.*the disk is on fire") as caught:
        task(given)
    assert caught.value.result["operations"]["not_undone"] == []
    name = places.name("a")
    assert not os.path.exists(f"/run/netns/{name}") and not os.path.exists(f"{processes.FOLDER}/{name}")
    assert not [mark for mark in processes.marked() if mark.place == name]


def test_a_bad_change_leaves_the_old_process_running(places):
    task(places.sandboxes("a", processes=[web_process()]))
    bad = web_process(command=["{python}", "{script}", "--port", "http"])
    with pytest.raises(ModuleFailed, match="invalid int value"):
        task(places.sandboxes("a", processes=[bad]))
    assert "pantheon.cnf" in shell(places.name("a"), "curl -s --retry 5 --retry-connrefused http://127.0.0.1/show/version")
    assert not task(places.sandboxes("a", processes=[web_process()]))["changed"]


def test_a_port_that_is_taken_says_so(places):
    task(places.sandboxes("a", processes=[web_process()]))
    with pytest.raises(ModuleFailed, match="cannot listen on any address, port 80: Address already in use"):
        task(places.sandboxes("a", processes=[web_process(), web_process(name="second", ready={"port": 81})]))


def test_a_foreign_namespace_is_never_taken_over_nor_removed(places):
    name = places.name("a")
    subprocess.run(["ip", "netns", "add", name], check=True)
    for check in (False, True):
        with pytest.raises(ModuleFailed, match=f"network namespace {name} is not ours"):
            task([*places.sandboxes("b"), {"name": name}], check=check)
    assert not os.path.exists(f"/run/netns/{places.name('b')}")
    assert not task([{"name": name}], state="absent")["changed"]
    assert os.path.exists(f"/run/netns/{name}")


def test_a_namespace_of_ours_in_another_name(places):
    given = [{"name": "somebody", "namespace": places.name("a"), "processes": [sleeper()]}]
    task(given)
    assert "pantheon.cnf somebody namespace" in shell(places.name("a"), "ip link show lo")
    assert not task(given)["changed"]
    with pytest.raises(ModuleFailed, match="belongs to CNF somebody"):
        task([{"name": "nobody", "namespace": places.name("a")}])


def test_sysctls_that_do_not_exist_are_named(places):
    with pytest.raises(ModuleFailed, match="net.ipv4.no_such_thing"):
        task(places.sandboxes("a", sysctls={"net.ipv4.no_such_thing": 1}))
    assert not os.path.exists(f"/run/netns/{places.name('a')}")


def test_ip_netns_of_iproute2_works_beside_ours(places):
    task(places.sandboxes("a"))
    name, other = places.name("a"), places.name("b")
    subprocess.run(["ip", "netns", "add", other], check=True)
    listed = subprocess.run(["ip", "netns", "list"], check=True, capture_output=True, text=True).stdout.split()
    assert name in listed and other in listed
    task(places.sandboxes("a"), state="absent")
    assert not os.path.exists(f"/run/netns/{name}")
