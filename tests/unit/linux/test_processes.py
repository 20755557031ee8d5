# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import processes


@pytest.fixture(name="place")
def _place(tmp_path):
    """A folder for one place; whatever still runs there at the end is ended."""
    name = f"tp-unit-{os.getpid()}"
    (tmp_path / name).mkdir()
    yield Place(str(tmp_path), name)
    for mark in processes.marked():
        if mark.place == name:
            os.kill(mark.pid, signal.SIGKILL)


class Place:
    """What the tests do with processes of one place."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name

    def start(self, name, *command, script="", environment=(), **ready):
        """Start and wait: (process, None or why not)."""
        attributes = {"command": command, "script": script, "environment": tuple(environment), "running": True, "ready": ready}
        started = processes.start(self.name, name, attributes, contextlib.nullcontext(), self.folder)
        return started.process, processes.await_ready(started)

    def observe(self):
        """All processes."""
        return processes.observe(self.name, processes.marked(), self.folder)

    def path(self, name):
        """A file of the place."""
        return os.path.join(self.folder, self.name, name)

    def stop(self, name, timeout=5.0):
        """None, or why it still runs."""
        return processes.stop(self.name, name, timeout, self.folder)


def gone(pid):
    """Whether nothing runs under this pid any more."""
    return processes.start_time(pid) is None


def wait_for(condition):
    """Until it holds, two seconds at most."""
    deadline = time.monotonic() + 2
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_a_started_process_is_found_with_what_it_was_started_with(place):
    process, error = place.start("one", "sleep", "60", environment=[("COLOUR", "blue")])
    assert error is None
    seen = place.observe()["one"]
    assert (seen["running"], seen["pid"], seen["command"], seen["environment"]) == (True, process.pid, ("sleep", "60"), (("COLOUR", "blue"),))
    with open(f"/proc/{process.pid}/environ", "rb") as handle:
        environment = handle.read().split(b"\0")
    assert b"COLOUR=blue" in environment
    assert f"PANTHEON_CNF={place.name}/one:{processes.digest(seen)}".encode() in environment
    assert os.getsid(process.pid) == process.pid != os.getsid(0)


def test_stop_ends_it_and_its_children(place):
    process, _error = place.start("one", "sh", "-c", "sleep 60 & sleep 60 & wait")
    assert wait_for(lambda: len([mark for mark in processes.marked() if mark.place == place.name]) == 3)
    children = [mark.pid for mark in processes.marked() if mark.place == place.name]
    assert place.stop("one") is None
    assert all(gone(pid) for pid in [process.pid, *children])
    assert not place.observe()["one"]["running"]


def test_what_ignores_sigterm_is_killed_after_the_timeout(place):
    process, _error = place.start("one", sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)")
    assert wait_for(lambda: os.path.getsize(place.path("one.log")))
    begun = time.monotonic()
    assert place.stop("one", timeout=0.3) is None
    assert 0.3 <= time.monotonic() - begun < 4
    assert gone(process.pid)


def test_a_recycled_pid_is_never_ours(place):
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        with open(place.path("one.json"), "w", encoding="utf-8") as handle:
            json.dump({"command": ["sleep", "60"], "environment": {}}, handle)
        with open(place.path("one.pid"), "w", encoding="utf-8") as handle:
            handle.write(f"{stranger.pid} {processes.start_time(stranger.pid) - 1}\n")
        assert not place.observe()["one"]["running"]
        assert place.stop("one") is None
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_process_is_found_by_its_mark_when_the_pid_file_is_lost(place):
    process, _error = place.start("one", "sleep", "60")
    os.unlink(place.path("one.pid"))
    assert place.observe()["one"]["pid"] == process.pid
    os.unlink(place.path("one.json"))
    seen = place.observe()["one"]
    assert (seen["running"], seen["command"]) == (True, ())
    assert place.stop("one") is None and gone(process.pid)


def test_a_process_is_found_by_its_pid_file_when_it_has_no_mark(place):
    process, _error = place.start("one", "env", "-i", "sleep", "60")
    assert wait_for(lambda: not [mark for mark in processes.marked() if mark.place == place.name])
    assert place.observe()["one"]["pid"] == process.pid
    assert place.stop("one") is None and gone(process.pid)


def test_only_the_named_process_is_stopped(place):
    one, _error = place.start("one", "sleep", "60")
    two, _error = place.start("two", "sleep", "60")
    place.stop("one")
    assert gone(one.pid) and not gone(two.pid)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["sh", "-c", "echo first; echo no such luck >&2; exit 7"], r"ended with exit status 7 .*\nfirst\nno such luck"),
        (["sh", "-c", "kill -9 $$"], "was ended by SIGKILL .* its log is empty"),
        (["/no/such/program"], "cannot run /no/such/program: No such file"),
    ],
)
def test_a_process_that_does_not_start_says_why(place, command, says):
    _process, error = place.start("one", *command)
    assert re.search(says, error, re.S), error


def test_the_tail_is_of_this_start_only(place):
    place.start("one", "sh", "-c", "echo old; exit 1")
    _process, error = place.start("one", "sh", "-c", "echo new; exit 1")
    assert "new" in error and "old" not in error
    with open(place.path("one.log"), encoding="utf-8") as handle:
        assert handle.read() == "old\nnew\n"


def test_ready_waits_for_a_port_and_gives_up(place):
    server = (
        "import socket, time; time.sleep(0.3); s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); s.listen(); time.sleep(60)"
    )
    _process, error = place.start("one", sys.executable, "-c", server, port=1, timeout=0.6)
    assert "does not listen on port 1 after 0.6 s" in error
    with open(place.path("one.log"), encoding="utf-8") as handle:
        port = int(handle.read())
    assert processes.is_ready(os.getpid(), {"port": port})
    place.stop("one")
    assert not processes.is_ready(os.getpid(), {"port": port})


def test_ready_waits_for_a_unix_socket(place):
    # The kernel takes 107 bytes for a socket's path, and the folders of tests may be deep.
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        path = f"{folder}/s"
        server = f"import socket, time; s = socket.socket(socket.AF_UNIX); s.bind({path!r}); time.sleep(0.2); s.listen(); time.sleep(60)"
        begun = time.monotonic()
        _process, error = place.start("one", sys.executable, "-c", server, socket=path, timeout=5)
        assert error is None and time.monotonic() - begun >= 0.2
        place.stop("one")


def test_a_script_is_written_and_named_in_the_command(place):
    _process, error = place.start("one", "{python}", "{script}", "{other}", script="import sys, time\nprint(sys.argv[1], flush=True)\ntime.sleep(60)\n")
    assert error is None
    with open(place.path("one.log"), encoding="utf-8") as handle:
        assert handle.read() == "{other}\n"
    assert place.observe()["one"]["script"].startswith("import sys")
    place.stop("one")
    processes.forget(place.name, "one", place.folder)
    assert os.listdir(os.path.join(place.folder, place.name)) == []


def test_files_with_secrets_are_for_root_alone(place):
    place.start("one", "sleep", "60", environment=[("TOKEN", "x")])
    assert os.stat(place.path("one.json")).st_mode & 0o077 == 0
    place.stop("one")


def test_a_large_log_is_put_aside(place, monkeypatch):
    monkeypatch.setattr(processes, "LOG_LIMIT", 3)
    place.start("one", "sh", "-c", "echo long enough; exit 1")
    place.start("one", "sh", "-c", "echo b; exit 1")
    with open(place.path("one.log"), encoding="utf-8") as handle:
        assert handle.read() == "b\n"
    assert os.path.exists(place.path("one.log.1"))


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "-x", "a b", "x" * 65])
def test_names_that_are_no_file_names_are_refused(name):
    with pytest.raises(CnfError, match="sandbox name"):
        processes.safe_name(name, "sandbox name")
