# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests that scripts/test runs beside the others, in a process of their own: they are counted with the others at the end.

Both processes are told a folder. The one beside writes C(reports) there, a JSON document a line, and its C(coverage).
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import signal

import pytest


class Sender:
    """In the process beside: writes down what happens."""

    def __init__(self, folder, config, leaks):
        self.path, self.config, self.leaks = pathlib.Path(folder) / "reports", config, leaks
        # A process in the background is deaf to what interrupts the one before it; told to go, it takes its virtual machine along.
        signal.signal(signal.SIGTERM, signal.default_int_handler)

    def write(self, **line):
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def pytest_runtest_logreport(self, report):
        self.write(report=self.config.hook.pytest_report_to_serializable(config=self.config, report=report))

    def pytest_collectreport(self, report):
        if report.failed:
            self.pytest_runtest_logreport(report)

    # After tests/conftest.py, which looks for what is left behind.
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session, exitstatus):
        yield
        self.write(left=self.leaks.left, ended=int(session.exitstatus))


class Receiver:
    """In the other: when all tests here are done it waits for those beside. C(left): what they left behind.

    C(alive) is the end of a pipe whose other end the process beside has for as long as it lives.
    """

    def __init__(self, folder, alive, config):
        self.folder, self.alive, self.config, self.left = pathlib.Path(folder), alive, config, []

    # Within those of other plugins: what these tests cover is there when it is added up.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self, session):
        result = yield
        os.read(self.alive, 1)
        failed, ended = session.testsfailed, None
        for line in self.lines():
            if "report" in line:
                self.take(session, self.config.hook.pytest_report_from_serializable(config=self.config, data=line["report"]))
            self.left += line.get("left", ())
            ended = line.get("ended", ended)
        if ended is None or ended and session.testsfailed == failed:
            how = "were ended by something else" if ended is None else f"left {', '.join(self.left)}" if self.left else f"ended with exit code {ended}"
            self.take(session, pytest.CollectReport(str(self.folder), "failed", f"the tests beside {how}; see their output", []))
        mine, theirs = os.environ.get("COVERAGE_FILE"), self.folder / "coverage"
        if mine and theirs.exists():
            shutil.copy(theirs, f"{mine}.{self.folder.name}")
        return result

    def lines(self):
        path = self.folder / "reports"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []

    def take(self, session, report):
        hook = self.config.hook
        if isinstance(report, pytest.CollectReport):
            hook.pytest_collectreport(report=report)
            return
        if isinstance(report.longrepr, list):
            report.longrepr = tuple(report.longrepr)  # why it was skipped; JSON knows no tuples
        if report.when == "setup":
            session.testscollected += 1
            hook.pytest_runtest_logstart(nodeid=report.nodeid, location=report.location)
        hook.pytest_runtest_logreport(report=report)
