# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of agent and controller."""

from __future__ import annotations

import subprocess
import sys

import pytest

BUSY = """
import sys, threading
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.leaving import leave
threading.Thread(target=threading.Event().wait).start()
print("the last word")
leave(3)
"""


def test_a_thread_that_never_ends_is_not_waited_for():
    done = subprocess.run([sys.executable, "-c", BUSY], check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (3, "the last word\n")


@pytest.mark.parametrize("program", ["agent", "controller"])
def test_agent_and_controller_leave_so(program):
    script = (
        "import runpy, threading; threading.Thread(target=threading.Event().wait).start(); "
        f"runpy.run_module('ansible_collections.pantheon.cnf.plugins.module_utils.agent.{program}', run_name='__main__', alter_sys=True)"
    )
    done = subprocess.run([sys.executable, "-c", script, "--settings", "/no/such"], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "/no/such" in done.stderr
