# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ssh is lost while a module applies. The tests are one story, in this order."""

from __future__ import annotations

import concurrent.futures
import json
import shlex
import time

import pytest

from .plays import Step, remote, take

# nft comes after the interfaces: it says that it was reached, and waits for as long as it is told to.
NFT = """#!/bin/sh
case " $* " in *" -f "*)
    echo $$ >/run/lost.reached
    while [ -e /run/lost.hold ]; do sleep 0.2; done
esac
exec /usr/sbin/nft "$@"
"""
PATH = "/usr/local/sbin/nft"
# From nft upwards: the module, and the process of the connection.
CUT = """
import os, signal
pid = int(open("/run/lost.reached").read())
while pid > 1:
    name, _space, rest = open(f"/proc/{pid}/stat").read().rpartition(") ")
    if name.endswith("(sshd"):
        os.kill(pid, signal.SIGKILL)
        break
    pid = int(rest.split()[1])
else:
    raise SystemExit("no sshd above it")
"""
HALF, WHOLE = ["link", "address"], ["link", "address", "nat"]
STATE = """
ip netns exec lost ip -o link show dev inside | grep -q inside && echo link
ip netns exec lost ip -o address show dev inside | grep -q 10.6.0.1 && echo address
ip netns exec lost /usr/sbin/nft list ruleset | grep -q 10.6.9.9 && echo nat
true
"""
KILL = """
kill -9 $(grep -o '"pid": [0-9]*' /run/pantheon.cnf.lock/lost.lock | cut -d: -f2)
kill -9 $(cat /run/lost.reached)
rm /run/lost.hold
"""
ITEMS = [
    {
        "module": "linux.interfaces",
        "type": "interface",
        "data": {"name": "inside", "type": "VETH", "veth": {"peer_if_name": "outside"}, "ip_addresses": ["10.6.0.1/24"]},
    },
    {"module": "linux.interfaces", "type": "interface", "data": {"name": "outside", "type": "VETH", "veth": {"peer_if_name": "inside"}}},
    {"module": "vpp.nat", "type": "nat44-interface", "data": {"name": "inside", "nat_inside": True}},
    {"module": "vpp.nat", "type": "nat44-pool", "data": {"first_ip": "10.6.9.9"}},
]
APPLY = Step("applied", "pantheon.cnf.cnf_config", {"cnf": "lost", "namespace": "lost", "items": ITEMS})


def sandbox(state):
    return Step(f"sandbox {state}", "pantheon.cnf.cnf_sandbox", {"sandboxes": [{"name": "lost"}], "state": state})


def root(host, script):
    """Output of a shell's script as root."""
    return host.ssh(f"sudo sh -c {shlex.quote(script)}")


def state(host):
    """How much of it there is."""
    return root(host, STATE).split()


@pytest.fixture(scope="module", name="held")
def _held(ready, tmp_path_factory):
    take(ready, tmp_path_factory.mktemp("sandbox"), [sandbox("present")])
    root(ready, f"printf %s {shlex.quote(NFT)} >{PATH}; chmod 755 {PATH}; touch /run/lost.hold")
    try:
        yield ready
    finally:
        root(ready, f"rm -f {PATH} /run/lost.*")
        take(ready, tmp_path_factory.mktemp("gone"), [sandbox("absent")])


@pytest.fixture(scope="module", name="lost")
def _lost(held, tmp_path_factory):
    """A run whose connection is cut when it has half of its work done."""
    folder = tmp_path_factory.mktemp("lost")
    playbook = folder / "lost.yml"
    tasks = [{"name": APPLY.name, APPLY.module: APPLY.options}, {"name": "Not reached", "ansible.builtin.debug": {}}]
    playbook.write_text(json.dumps([{"hosts": held.name, "gather_facts": False, "tasks": tasks}]))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        running = pool.submit(remote, held, folder, str(playbook), check=False)
        deadline = time.monotonic() + 180
        while not root(held, "cat /run/lost.reached 2>/dev/null || true").strip():
            assert not running.done() and time.monotonic() < deadline, running.result().output
        root(held, f"python3 -c {shlex.quote(CUT)}")
        return running.result()


def test_a_run_that_loses_its_connection_has_failed(lost):
    assert lost.returncode != 0
    assert lost.recap["testhost"]["unreachable"] == 1 and lost.changed == 0
    assert "Not reached" not in lost.output


def test_meanwhile_nobody_else_changes_it(lost, held, tmp_path):
    """What runs there knows nothing of the connection, and may yet do the rest."""
    assert state(held) == HALF
    refused = take(held, tmp_path, [APPLY])[1]["applied"]
    assert refused["failed"] and "CNF lost is being changed by module pantheon.cnf.linux_config" in refused["msg"]
    assert state(held) == HALF


def test_the_next_run_does_the_rest(lost, held, tmp_path):
    root(held, KILL)
    done = take(held, tmp_path, [APPLY, APPLY._replace(name="again")])[1]
    assert done["applied"]["changed"] and state(held) == WHOLE
    assert not done["again"]["changed"]
