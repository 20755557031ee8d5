# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two pytests side by side are counted as one, and none can fail, or die, unseen."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

TREE = pathlib.Path(__file__).resolve().parents[2]
CONFTEST = """
import os
from types import SimpleNamespace
from tests.support.beside import Receiver, Sender

def pytest_configure(config):
    if "SEND" in os.environ:
        config.pluginmanager.register(Sender(os.environ["SEND"], config, SimpleNamespace(left=os.environ["LEFT"].split())))
    else:
        config.pluginmanager.register(Receiver(os.environ["RECEIVE"], int(os.environ["ALIVE"]), config))

def pytest_sessionfinish(session):
    if os.environ.get("LEFT"):
        session.exitstatus = 1
"""
MINE = "def test_mine(): pass\n"
PASSES = "def test_a(): pass\n"


@pytest.fixture(name="both")
def _both(tmp_path):
    """The closing line and the exit code of a run with this test beside."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_mine.py").write_text(MINE)

    def run(beside, left=""):
        (tmp_path / "beside").mkdir()
        (tmp_path / "beside/test_beside.py").write_text(beside)
        environment = {**os.environ, "PYTHONPATH": str(TREE), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir=.", "-c", os.devnull]
        alive, other = os.pipe()
        first = subprocess.Popen(
            [*argv, "beside"], cwd=tmp_path, env={**environment, "SEND": str(tmp_path), "LEFT": left}, pass_fds=[other], stdout=subprocess.DEVNULL
        )
        os.close(other)
        done = subprocess.run(
            [*argv, "--ignore=beside"],
            cwd=tmp_path,
            env={**environment, "RECEIVE": str(tmp_path), "ALIVE": str(alive)},
            pass_fds=[alive],
            capture_output=True,
            text=True,
            check=False,
        )
        first.wait()
        os.close(alive)
        return done.stdout, done.returncode

    return run


def closing(output):
    return output.splitlines()[-1].strip("= ").partition(" in ")[0]


def test_what_passes_slowly_beside_is_waited_for(both):
    output, code = both(f"import time\ntime.sleep(1)\n{PASSES}")
    assert (closing(output), code) == ("2 passed", 0)


def test_the_closing_line_counts_both(both):
    bad = "@pytest.fixture\ndef bad(): 1 / 0\ndef test_error(bad): pass\n"
    skipped = "@pytest.mark.skip(reason='why')\ndef test_skipped(): pass\n"
    output, code = both(f"import pytest\n{PASSES}{bad}{skipped}def test_failed(): assert 'this' == 'that'\n")
    assert (closing(output), code) == ("1 failed, 2 passed, 1 skipped, 1 error", 1)
    assert "beside/test_beside.py .EsF" in output and "assert 'this' == 'that'" in output


@pytest.mark.parametrize(
    ("beside", "line"),
    [
        ("import nothing_of_that_name\n", "1 passed, 1 error"),
        (f"import os\n{PASSES}def test_b(): os._exit(0)\n", "2 passed, 1 error"),
        ("import os, signal\ndef test_a(): os.kill(os.getpid(), signal.SIGTERM)\n", "1 passed, 1 error"),
    ],
)
def test_what_ends_otherwise_is_an_error(both, beside, line):
    output, code = both(beside)
    assert (closing(output), code) == (line, 1), output


def test_what_is_left_behind_there_is_a_failure_here(both):
    output, code = both(PASSES, left="a-file")
    assert (closing(output), code) == ("2 passed, 1 error", 1)
    assert "the tests beside left a-file" in output
