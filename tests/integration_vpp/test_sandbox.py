# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sandboxes with a VPP of their own, on a live one."""

from __future__ import annotations

import copy
import glob
import os
import pathlib
import signal
import stat

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import processes
from ansible_collections.pantheon.cnf.plugins.module_utils.places import paths, vpp_options, vpp_process
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.client import Client

from ..support.modules import ModuleFailed, run_module
from ..support.places import Places, shell
from ..support.vpp import NO_VPP, program

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces"),
    pytest.mark.skipif(program() is None, reason=NO_VPP),
]

SMALL = {"buffers_per_numa": 1024, "stats_size": "8M"}


@pytest.fixture(name="places")
def _places():
    with Places() as places:
        yield places


def task(given, **options):
    """Result of the module."""
    return run_module("vpp_sandbox", sandboxes=given, **options)


def pid_of(place):
    """The pid in the pid file."""
    return int(pathlib.Path(processes.FOLDER, place, "vpp.pid").read_text().split()[0])


def ask(place, message, **fields):
    """The reply of the sandbox's VPP."""
    with Client(paths.api_socket(place)) as client:
        (answer,) = client.exchange([Call(message, fields)])
    return answer


def traces(place):
    """Whatever a VPP leaves on a machine."""
    return [*glob.glob(f"/dev/shm/{vpp_options.prefix(place)}-*"), *glob.glob(f"{processes.FOLDER}/{place}*"), *glob.glob(f"/run/netns/{place}")]


def test_create_repeat_check_absent(places):
    name = places.name("a")
    given = places.sandboxes("a", vpp=SMALL)
    predicted = task(given, check=True)
    assert predicted["changed"] and traces(name) == []
    done = task(given)
    assert done["commands"] == predicted["commands"]
    pid = pid_of(name)
    assert ask(name, "control_ping")["vpe_pid"] == pid
    assert os.stat(f"/proc/{pid}/ns/net").st_ino == os.stat(f"/run/netns/{name}").st_ino
    assert stat.S_IMODE(os.stat(paths.api_socket(name)).st_mode) == 0o770
    for check in (False, True):
        again = task(given, check=check)
        assert not again["changed"] and again["after"] == done["after"]
    assert task(places.sandboxes("a"))["changed"] is False, "a VPP that is not mentioned goes on"
    assert pid_of(name) == pid
    gone = task(given, state="absent")
    assert gone["changed"] and traces(name) == [] and processes.start_time(pid) is None
    assert not task(given, state="absent")["changed"]


def test_no_hugepages_are_taken(places):
    def hugepages():
        return [line for line in pathlib.Path("/proc/meminfo").read_text().splitlines() if line.startswith("HugePages_")]

    before = hugepages()
    task(places.sandboxes("a", vpp=SMALL))
    assert hugepages() == before


def test_only_what_needs_a_restart_restarts(places):
    name = places.name("a")
    task(places.sandboxes("a", vpp=SMALL))
    pid = pid_of(name)
    opened = task(places.sandboxes("a", vpp={**SMALL, "socket_mode": "0777", "timeout": 30}))
    assert opened["changed"] and pid_of(name) == pid
    assert stat.S_IMODE(os.stat(paths.api_socket(name)).st_mode) == 0o777
    task(places.sandboxes("a", vpp={**SMALL, "socket_mode": "0777", "buffers_per_numa": 2048}))
    assert pid_of(name) != pid
    assert stat.S_IMODE(os.stat(paths.api_socket(name)).st_mode) == 0o777
    ended = task(places.sandboxes("a", vpp={"enabled": False}))
    assert ended["changed"] and not os.path.exists(paths.vpp_folder(name))
    assert not glob.glob(f"/dev/shm/{vpp_options.prefix(name)}-*")
    assert not task(places.sandboxes("a", vpp={"enabled": False}))["changed"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_vpp_that_died_or_hangs_is_started_anew(places, how, monkeypatch):
    given = places.sandboxes("a", vpp=SMALL)
    name = places.name("a")
    task(given)
    pid = pid_of(name)
    os.kill(pid, how)
    if how == signal.SIGKILL:
        os.waitpid(pid, 0)
    monkeypatch.setattr(vpp_process, "ANSWER", 0.5)
    monkeypatch.setattr(vpp_process, "PATIENCE", 0.1)
    stop = processes.stop
    monkeypatch.setattr(processes, "stop", lambda *arguments: stop(*arguments, timeout=0.2))
    done = task(given)
    assert done["before"][name]["processes"][0]["running"] is False
    assert done["after"][name]["processes"][0]["running"] is True
    assert pid_of(name) != pid and processes.start_time(pid) is None
    assert ask(name, "control_ping")["retval"] == 0


def test_startup_commands_are_done_when_the_task_is(places):
    name = places.name("a")
    task(places.sandboxes("a", vpp={**SMALL, "startup_commands": ["http cli server"]}))
    assert "0.0.0.0:80" in ask(name, "cli_inband", cmd="show session verbose")["reply"]


def test_a_startup_command_that_fails_is_shown_and_the_vpp_before_comes_back(places):
    name = places.name("a")
    task(places.sandboxes("a", vpp=SMALL))
    with pytest.raises(ModuleFailed, match="startup commands are not done") as caught:
        task(places.sandboxes("a", vpp={**SMALL, "startup_commands": ["show version", "http clli server"], "timeout": 3.5}))
    assert "unknown input `clli server'" in caught.value.result["msg"]
    assert caught.value.result["operations"]["not_undone"] == []
    assert not task(places.sandboxes("a", vpp=SMALL))["changed"]
    assert ask(name, "control_ping")["retval"] == 0


def test_a_vpp_that_does_not_start_says_why(places):
    name = places.name("a")
    with pytest.raises(ModuleFailed, match="SIGABRT") as caught:
        task(places.sandboxes("a", vpp={**SMALL, "main_heap_size": "32M"}))
    message = caught.value.result["msg"]
    assert traces(name) == []
    task(places.sandboxes("a", vpp=SMALL))
    said = "received signal SIGABRT" if ask(name, "show_version")["version"].startswith("24.02") else "Out-of-memory"
    assert said in message and "from /" not in message, "the log without its backtrace"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"prefix": "/nowhere"}, "no VPP here: /nowhere/bin/vpp and /nowhere/usr/bin/vpp"),
        ({"binary": "/etc/passwd"}, "no VPP here: /etc/passwd is no program"),
        ({"socket_mode": "0o77"}, "socket_mode"),
        ({"socket_group": "no-such-group"}, "no such group"),
        ({"main_heap_size": "much"}, "main_heap_size"),
        ({"startup_commands": ["a\nb"]}, "one line"),
    ],
)
def test_wrong_options_touch_nothing(places, options, says):
    name = places.name("a")
    with pytest.raises(ModuleFailed, match=says):
        task(places.sandboxes("a", vpp={**SMALL, **options}))
    assert traces(name) == []


def test_two_sandboxes_share_nothing(places):
    names = [places.name("a"), places.name("b")]
    task(places.sandboxes("a", "b", vpp=SMALL))
    for name in names:
        assert ask(name, "create_loopback_instance")["sw_if_index"] == 1
    assert pid_of(names[0]) != pid_of(names[1])
    task([{"name": names[0]}], state="absent")
    assert traces(names[0]) == [] and len(glob.glob(f"/dev/shm/{vpp_options.prefix(names[1])}-*")) == 2
    assert ask(names[1], "control_ping")["retval"] == 0


def test_the_kernel_does_not_go_on_with_what_is_vpps_now(places):
    name = places.name("a")
    task(places.sandboxes("a", sysctls={"net.ipv4.ip_forward": 1}))
    shell(name, "ip link add old type bridge")
    given = places.sandboxes("a", vpp=SMALL)
    predicted = copy.deepcopy(task(given, check=True)["commands"])
    assert f"ip netns delete {name}" in predicted
    task(given)
    assert "old" not in shell(name, "ip link show")
    assert shell(name, "sysctl -n net.ipv4.ip_forward").strip() == "0"
    assert not task(given)["changed"]


def test_the_name_vpp_is_taken(places):
    with pytest.raises(ModuleFailed, match="cannot be called vpp"):
        task(places.sandboxes("a", processes=[{"name": "vpp", "command": ["sleep", "1"]}]))


def test_the_module_that_can_start_none_can_end_one(places):
    name = places.name("a")
    task(places.sandboxes("a", vpp=SMALL))
    assert not run_module("cnf_sandbox", sandboxes=places.sandboxes("a"))["changed"]
    with pytest.raises(ModuleFailed, match="vpp_sandbox"):
        run_module("cnf_sandbox", sandboxes=places.sandboxes("a", vpp=SMALL))
    assert run_module("cnf_sandbox", sandboxes=places.sandboxes("a", vpp={"enabled": False}))["changed"]
    assert not os.path.exists(paths.vpp_folder(name)) and not glob.glob(f"/dev/shm/{vpp_options.prefix(name)}-*")
