# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain by etcd and agents where systemd is: the distribution's etcd, packages from wheels, and a reboot. The tests are one story, in this order."""

from __future__ import annotations

import json
import os
import platform
import shlex
import subprocess
import sys

import pytest

from .plays import remote
from .test_chain import PROVEN, traces

PACKAGES = ("etcd3", "grpcio", "protobuf", "PyYAML", "pyroute2", "six", "tenacity", "typing_extensions")
UNITS = ("chain", "etcd", "agent@client", "agent@cnf-nat44", "agent@webserver")
LEFT = "ls -d /etc/pantheon.cnf /var/lib/pantheon.cnf /usr/local/lib/pantheon.cnf /etc/systemd/system/pantheon.cnf* 2>/dev/null || true"
ASK = """
import time, urllib.request
for _attempt in range(300):
    try:
        print(urllib.request.urlopen("http://10.10.2.80/whoami", timeout=2).read().decode())
        break
    except OSError:
        time.sleep(1)
"""


@pytest.fixture(scope="module", autouse=True)
def _asked_for(request):
    if not os.environ.get("PANTHEON_CNF_ALL") and not any("test_delivery" in argument for argument in request.config.args):
        pytest.skip("takes a quarter of an hour: scripts/test --all, or name this file")


@pytest.fixture(scope="module", name="wheels")
def _wheels(ready, tmp_path_factory):
    """What agents need, for a host that asks no package index."""
    mine = ".".join(platform.python_version_tuple()[:2])
    there = ready.ssh("python3 -c 'import platform; print(platform.python_version())'").strip().rpartition(".")[0]
    if there != mine:
        pytest.skip(f"the wheels would be for Python {mine}, the host has {there}")
    from importlib.metadata import version

    folder = tmp_path_factory.mktemp("wheels")
    wanted = [f"{name}=={version(name)}" for name in PACKAGES]
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), *wanted], check=True, stdin=subprocess.DEVNULL)
    return folder


@pytest.fixture(scope="module", name="chain")
def _chain(ready, wheels, tmp_path_factory):
    """Play our playbooks there."""
    folder = tmp_path_factory.mktemp("delivery")
    by_etcd = ("-e", json.dumps({"cnf_delivery": "etcd", "cnf_wheels": str(wheels), "cnf_wait_timeout": 300}))

    def run(name):
        return remote(ready, folder, name, *by_etcd, timeout=1200)

    return run


@pytest.fixture(scope="module", name="bare")
def _bare(ready):
    return traces(ready), ready.ssh(LEFT)


@pytest.fixture(scope="module", name="deployed")
def _deployed(chain, bare, ready):
    yield chain("deploy_nat44_chain")
    if ready.ssh(LEFT):  # a test before the last one has failed
        chain("teardown_nat44_chain")


def active(host):
    """The units that are, of those that shall be."""
    said = host.ssh(f"systemctl is-active {shlex.join(f'pantheon.cnf-{unit}.service' for unit in UNITS)} || true").split()
    return [unit for unit, state in zip(UNITS, said) if state == "active"]


def test_deployed_by_etcd_and_agents_as_units(deployed, ready):
    assert PROVEN in deployed.output
    assert active(ready) == list(UNITS[1:]), "sandboxes are there already: their unit is for the next start of the host"


def test_after_a_reboot_the_chain_comes_back_by_itself(deployed, ready):
    ready.reboot()
    assert "10.10.2.10" in ready.ssh(
        f"for i in $(seq 60); do [ -e /run/netns/client ] && break; sleep 1; done; sudo ip netns exec client python3 -c {shlex.quote(ASK)}"
    )
    assert active(ready) == list(UNITS)


def test_then_a_run_changes_nothing(deployed, chain):
    again = chain("deploy_nat44_chain")
    assert again.changed == 0, again.output
    assert PROVEN in again.output


def test_torn_down_nothing_is_left(deployed, chain, ready, bare):
    assert chain("teardown_nat44_chain").changed > 0
    assert (traces(ready), ready.ssh(LEFT)) == bare
