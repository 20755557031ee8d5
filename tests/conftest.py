# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""For all tests: what is printed at the end, what must not be left behind, and the order (the remote host last)."""

from __future__ import annotations

import json
import os
import pathlib
import tempfile
import time
import uuid

import pytest
from hypothesis import settings

from .support import beside

# scripts/test tries the same examples each time: a run that is red for somebody else's change helps nobody. Without it they are new ones.
settings.register_profile("reproducible", derandomize=True, deadline=None)
if os.environ.get("PANTHEON_CNF_STRICT"):
    settings.load_profile("reproducible")

TOKEN = "PANTHEON_CNF_TEST_SESSION"
NAMESPACES = pathlib.Path("/run/netns")
# What modules keep outside the kernel, beside what tests put into the folder for temporary files.
FOLDERS = ("/run/pantheon.cnf", "/run/pantheon.cnf.host", "/run/pantheon.cnf.lock")
GRACE = 5.0


def _names(folder):
    try:
        return set(os.listdir(folder))
    except FileNotFoundError:
        return set()


def _files():
    found = {f"{folder}/{name}" for folder in FOLDERS for name in _names(folder)}
    temporary = tempfile.gettempdir()
    # What a sandbox runs has not this run's TMPDIR.
    found |= {f"/tmp/{name}" for name in _names("/tmp") if name.startswith("pantheon.cnf-")}
    return found | {f"{temporary}/{name}" for name in _names(temporary) if not name.startswith("pytest-of-")}


def _processes(token):
    """Those that were started by this session, however many forks ago, and those of its sandboxes, which have an environment of their own."""
    found = {}
    mark, sandbox = f"{TOKEN}={token}".encode(), b"PANTHEON_CNF="
    for pid in filter(str.isdigit, _names("/proc")):
        try:
            started_by = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            same_run = os.readlink(f"/proc/{pid}/ns/mnt") == os.readlink("/proc/self/ns/mnt")
        except OSError:
            continue
        ours = mark in started_by or same_run and any(each.startswith(sandbox) for each in started_by)
        if ours and command and int(pid) != os.getpid():
            found[f"process {pid} {command}"] = pid
    return found


class Leaks:
    """What there is at the end that was not there at the beginning, and after which test it was first seen."""

    def __init__(self):
        self.token = uuid.uuid4().hex
        os.environ[TOKEN] = self.token
        self.before = self.look() | set(_processes(self.token))
        self.first = {}
        self.left = []

    @staticmethod
    def look():
        return {f"namespace {name}" for name in _names(NAMESPACES)} | {f"file {name}" for name in _files()}

    def after_test(self, name):
        for each in self.look() - self.before:
            self.first.setdefault(each, name)

    def finish(self):
        deadline = time.monotonic() + GRACE
        while True:
            now = (self.look() - self.before) | set(_processes(self.token))
            if not now or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        self.left = sorted(f"{each} (first seen after {self.first.get(each, 'the last test')})" for each in now)


def pytest_configure(config):
    config.stash[LEAKS] = Leaks()
    folder = os.environ.pop("PANTHEON_CNF_BESIDE_TO", None)
    if folder:
        config.pluginmanager.register(beside.Sender(folder, config, config.stash[LEAKS]))
    ends = os.environ.pop("PANTHEON_CNF_BESIDE_FROM", "").splitlines()
    config.stash[BESIDE] = [beside.Receiver(folder, int(alive), config) for folder, _space, alive in (each.rpartition(" ") for each in ends)]
    for each in config.stash[BESIDE]:
        config.pluginmanager.register(each)


LEAKS, BESIDE = pytest.StashKey(), pytest.StashKey()


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("remote") is not None)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item):
    item.config.stash[LEAKS].after_test(item.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    leaks = session.config.stash[LEAKS]
    leaks.finish()
    # Other people's namespaces come and go on a shared machine: only scripts/test, which has a /run to itself, makes it a failure.
    if _left(session.config) and os.environ.get("PANTHEON_CNF_STRICT") and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _left(config):
    return config.stash[LEAKS].left + [left for each in config.stash[BESIDE] for left in each.left]


def _gates():
    path = os.environ.get("PANTHEON_CNF_GATES")
    if not path:
        return None
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def _reason(report):
    where = report.longrepr
    text = where[2] if isinstance(where, tuple) else str(where)
    return text.removeprefix("Skipped: ")


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter, config):
    gates = _gates()
    terminalreporter.section("gates")
    if gates is None:
        terminalreporter.line("not run: only tests were asked for (scripts/test without arguments runs them)")
    for each in gates or []:
        terminalreporter.line(f"{each['name']:<22} {'ok' if each['passed'] else 'FAILED':<7} {each['seconds']:>6.1f} s")
        for complaint in each["complaints"]:
            terminalreporter.line(f"    {complaint}")
    left = _left(config)
    terminalreporter.section("left behind")
    terminalreporter.line("nothing" if not left else "\n".join(left))
    terminalreporter.section("skipped, and why")
    skipped = {}
    for report in terminalreporter.stats.get("skipped", []):
        skipped.setdefault(_reason(report), []).append(report.nodeid)
    lines = [f"{gate['name']}: {each}" for gate in gates or [] for each in gate["skipped"]]
    for reason, names in sorted(skipped.items()):
        shown = names if len(names) <= 3 else [*names[:3], f"{len(names) - 3} more"]
        lines.append(f"{len(names)} x {reason}: {', '.join(shown)}")
    terminalreporter.line("\n".join(lines) or "nothing")
