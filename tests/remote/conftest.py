# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real remote Debian over ssh, one for all tests that want it (scripts/testhost)."""

from __future__ import annotations

import os
import pathlib
import platform
import shutil
import subprocess

import pytest

from ..support.playbooks import unmeasured
from ..support.vpp import NO_VPP, program
from . import vpps
from .plays import remote

TREE = pathlib.Path(__file__).resolve().parents[2]


def pytest_collection_modifyitems(items):
    here = pathlib.Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.remote)
    # The host as it comes out of the box is looked at before anything is installed on it.
    items.sort(key=lambda item: here in item.path.parents and item.path.stem != "test_smoke")


class TestHost:
    """The virtual machine, with the words of scripts/testhost."""

    __test__ = False

    def __init__(self, folder, machine=None):
        self.environment = {**os.environ, "PANTHEON_CNF_TESTHOST": str(machine or folder / "machine")}
        self.inventory = folder / "inventory.yml"
        self.name = "testhost"

    def script(self, *words, timeout=900, stdin=subprocess.DEVNULL):
        """Output of scripts/testhost with these words."""
        # A virtual machine that goes on must not hold on to our pipe: its own output goes to files, ours too.
        done = subprocess.run(
            [TREE / "scripts/testhost", *words], env=self.environment, stdin=stdin, capture_output=True, text=True, check=False, timeout=timeout
        )
        if done.returncode:
            raise AssertionError(f"scripts/testhost {' '.join(words)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def up(self, *words):
        """Start it (again); the inventory knows the port."""
        self.script("up", *words)
        self.inventory.write_text(self.script("inventory"))

    def down(self):
        """Stop it."""
        self.script("down")

    def reboot(self):
        """Reboot it from inside; returns when ssh answers."""
        self.script("reboot")

    def ssh(self, command, timeout=300, stdin=subprocess.DEVNULL):
        """Output of a shell command as the plain user."""
        return self.script("ssh", command, timeout=timeout, stdin=stdin)

    def ansible(self, *argv, check=True, timeout=900):
        """A finished ansible-playbook (or other program of ours) on this host's inventory."""
        program, *words = argv
        environment = {**unmeasured(), "ANSIBLE_HOST_KEY_CHECKING": "True", "ANSIBLE_PIPELINING": "True"}
        done = subprocess.run(
            [program, "-i", str(self.inventory), *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(map(str, argv))}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done


def missing():
    """Why there can be no virtual machine here, or nothing."""
    if os.environ.get("PANTHEON_CNF_QUICK"):
        return "scripts/test --quick leaves the remote host out"
    if platform.machine() != "x86_64":
        return f"the test host is an x86_64 machine, this is {platform.machine()}"
    if os.geteuid() and not shutil.which("qemu-system-x86_64"):
        return "no qemu-system-x86_64, and no root to install it"
    if not shutil.which("apt-get"):
        return "the test host is made by Debian's debootstrap, and this is no Debian"
    return None


@pytest.fixture(scope="session")
def testhost(tmp_path_factory):
    """The running L(TestHost); started with the first test that asks, thrown away at the end.

    One of your own (its folder in $PANTHEON_CNF_TESTHOST) is used as it is and goes on: to write tests with, a start takes a minute.
    """
    reason = missing()
    if reason:
        pytest.skip(reason)
    own = os.environ.get("PANTHEON_CNF_TESTHOST")
    host = TestHost(tmp_path_factory.mktemp("testhost"), own)
    if own:
        host.up()
        yield host
        return
    try:
        host.up()
        yield host
    finally:
        host.down()


@pytest.fixture(scope="session")
def ready(testhost, tmp_path_factory):
    """The host with what the role cnf_host installs."""
    folder = tmp_path_factory.mktemp("ready")
    playbook = folder / "ready.yml"
    playbook.write_text("- {hosts: testhost, gather_facts: false, roles: [pantheon.cnf.cnf_host]}\n")
    remote(testhost, folder, str(playbook))
    return testhost


@pytest.fixture(scope="session")
def vpp_prefix(ready):
    """Below it is a VPP on the host, that of this machine; its kernel has vhost-net."""
    found = program()
    if found is None:
        pytest.skip(NO_VPP)
    return vpps.copy(ready, found)
