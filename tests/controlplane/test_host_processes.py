# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of the host: started, supervised, exchanged, ended; and the code that agents run from."""

from __future__ import annotations

import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import host_processes

from tests.support.modules import ModuleFailed, run_module

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

NAME = "test-of-processes"
SERVER = "import socket, sys, time; s = socket.socket(); s.bind(('127.0.0.1', int(sys.argv[1]))); s.listen(); print('pid', flush=True); time.sleep(999)"
HERE = pathlib.Path(host_processes.FOLDER, host_processes.PLACE)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def server(port, **more):
    return {"name": NAME, "command": [sys.executable, "-c", SERVER, str(port)], "port": port, **more}


@pytest.fixture(name="run")
def _run():
    def run(process, state="present", check=False):
        return run_module("cnf_process", processes=[process], state=state, check=check)

    yield run
    run({"name": NAME}, "absent")
    assert not (HERE / f"{NAME}.json").exists()


def children(name):
    """The pids of what a supervisor runs."""
    supervisor = (HERE / f"{name}.pid").read_text().split()[0]
    return [int(pid) for pid in subprocess.run(["pgrep", "--parent", supervisor], check=True, capture_output=True, text=True).stdout.split()]


def child():
    """The pid of the supervised process."""
    (found,) = children(NAME)
    return found


def eventually(condition, timeout=10):
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_create_repeat_change_check_delete(run):
    port = free_port()
    predicted = run(server(port), check=True)
    assert predicted["changed"] and predicted["commands"] and not HERE.exists()
    made = run(server(port))
    assert made["changed"] and made["after"][NAME]["running"] and made["before"] == {}
    pid = made["after"][NAME]["pid"]
    assert not run(server(port))["changed"]
    other = server(port, environment={"SECRET": "untold", "NUMBER": 7}, files={"settings.yml": "a: 1\n"})
    assert run(other, check=True)["changed"]
    changed = run(other)
    assert changed["changed"] and changed["after"][NAME]["pid"] != pid and "untold" not in str(changed["after"])
    assert (HERE / NAME / "settings.yml").read_text() == "a: 1\n" and (HERE / NAME / "settings.yml").stat().st_mode & 0o77 == 0
    assert run(server(port, environment=other["environment"], files={"settings.yml": "a: 2\n"}))["changed"], "another file"
    gone = run({"name": NAME}, "absent")
    assert gone["changed"] and gone["after"] == {} and not HERE.exists() and not host_processes.listening(port)
    assert not run({"name": NAME}, "absent")["changed"]


def test_a_supervised_process_that_is_killed_comes_back_and_one_with_wrong_settings_does_not(run):
    port = free_port()
    run(server(port))
    first = child()
    os.kill(first, signal.SIGKILL)
    eventually(lambda: host_processes.listening(port))
    assert child() != first and not run(server(port))["changed"]
    with pytest.raises(ModuleFailed) as failed:
        run({"name": NAME, "command": ["/bin/sh", "-c", "echo no such setting; exit 2"]})
    assert "exit status 2" in str(failed.value) and "no such setting" in str(failed.value)
    assert host_processes.listening(port), "undone: the one before runs again"


def test_a_port_that_another_process_has_is_not_taken_for_its_own(run):
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(ModuleFailed, match=rf"(?s)does not listen on port {port}, on which another process listens.*Address already in use"):
            run(server(port, timeout=1))
    assert not HERE.exists()


def test_without_a_supervisor_a_dead_process_is_seen_and_started_again(run):
    port = free_port()
    made = run(server(port, supervised=False))
    os.kill(made["after"][NAME]["pid"], signal.SIGKILL)
    os.waitpid(made["after"][NAME]["pid"], 0)
    assert run(server(port, supervised=False))["changed"]


@pytest.mark.parametrize(
    ("process", "says"),
    [({"name": "../x", "command": ["true"]}, "names files"), ({"name": NAME}, "has no command"), ({"name": NAME, "command": []}, "has no command")],
)
def test_what_cannot_be_is_said(process, says):
    with pytest.raises(ModuleFailed, match=says):
        run_module("cnf_process", processes=[process], state="present")


def test_the_program_is_the_same_each_time_and_runs_without_ansible(tmp_path):
    from ansible_collections.pantheon.cnf.plugins.plugin_utils.program import archive

    assert archive() == archive()
    (tmp_path / "program.zip").write_bytes(archive())
    code = "import ansible_collections.pantheon.cnf.plugins.module_utils.places.boot as boot, sys; print(boot.__file__, 'ansible' in sys.modules)"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path / "program.zip")}
    said = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True).stdout
    assert said.startswith(str(tmp_path)) and said.split()[-1] == "False"
