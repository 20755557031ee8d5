# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection lost in mid-apply: whatever the target was left with, the same playbook run again converges."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ..support.playbooks import collections_path
from .plays import Step, arguments, remote, take

COUNT = 150
PLACE = {"cnf": "faults", "namespace": "faults"}
MANY = [
    {"name": f"many{number}", "type": "DUMMY", "enabled": True, "ip_addresses": [f"10.{number // 250}.{number % 250}.1/24", f"fd00:{number:x}::1/64"]}
    for number in range(COUNT)
]
MAKE = Step("many interfaces", "pantheon.cnf.linux_interfaces", {**PLACE, "config": MANY})
AGAIN = MAKE._replace(name="many interfaces again")
PLACE_MADE = Step("sandbox", "pantheon.cnf.cnf_sandbox", {"sandboxes": [{"name": "faults"}]})
PLACE_GONE = Step("no sandbox", "pantheon.cnf.cnf_sandbox", {"sandboxes": [{"name": "faults"}], "state": "absent"})

# Waits until the module has begun and is not through, and then lets something happen to the connection.
SABOTAGE = r"""
for attempt in $(seq 3000); do
    found=$(ip netns exec faults sh -c "ls /sys/class/net" 2>/dev/null | grep -c many)
    [ "$found" -gt 0 ] && break
done
echo "$found" >/run/sabotaged
%s
"""
SESSIONS = "pkill -KILL -f '^sshd: ops'"
MODULE = "pkill -KILL -xf /usr/bin/python3"


@pytest.fixture(name="place")
def _place(ready, tmp_path):
    take(ready, tmp_path, [PLACE_GONE, PLACE_MADE])
    yield ready
    ready.ssh("sudo rm -f /run/sabotaged")
    take(ready, tmp_path, [PLACE_GONE])


@pytest.mark.parametrize("happens", [SESSIONS, f"{MODULE}; {SESSIONS}"], ids=["connection", "connection and module"])
def test_cut_off_in_mid_apply_the_next_run_converges(place, tmp_path, happens):
    script = SABOTAGE % happens
    place.ssh(f"echo {base64.b64encode(script.encode()).decode()} | base64 -d | sudo tee /run/sabotage >/dev/null")
    place.ssh("sudo systemd-run --quiet --collect sh /run/sabotage")
    (tmp_path / "cut").mkdir()
    steps = tmp_path / "cut/steps.yml"
    steps.write_text(json.dumps([{"hosts": place.name, "gather_facts": False, "tasks": [{MAKE.module: MAKE.options}]}]))
    cut = remote(place, tmp_path / "cut", str(steps), check=False)
    assert cut.returncode and re.search("UNREACHABLE|MODULE FAILURE|failed", cut.output), cut.output[-3000:]
    assert int(place.ssh("cat /run/sabotaged")) > 0
    _done, results = take(place, tmp_path, [MAKE, AGAIN])
    for name, result in results.items():
        assert not result.get("failed"), (name, result.get("msg"))
    assert len(results[AGAIN.name]["after"]) == COUNT
    assert results[AGAIN.name]["commands"] == []


def test_the_controller_killed_in_mid_apply_the_next_run_converges(ready, tmp_path):
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": collections_path(), "ANSIBLE_HOME": str(tmp_path / "home")}
    program = Path(sys.executable).parent / "ansible-playbook"
    with open(tmp_path / "killed.log", "w", encoding="utf-8") as log:
        run = subprocess.Popen(
            [str(program), "pantheon.cnf.deploy_nat44_chain", *arguments(ready)],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + 180
            while "cnf-nat44" not in ready.ssh("ls /run/netns 2>/dev/null || true"):
                assert run.poll() is None and time.monotonic() < deadline, (tmp_path / "killed.log").read_text()
        finally:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
    try:
        again = remote(ready, tmp_path, "deploy_nat44_chain")
        assert "NAT44 of cnf-nat44: PROVEN" in again.output
    finally:
        remote(ready, tmp_path, "teardown_nat44_chain")
    assert ready.ssh("ls /run/netns").split() == []
