# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The remote host is what the other tests take it for."""

from __future__ import annotations

import pytest


def test_it_is_a_debian_that_has_booted_by_itself(testhost):
    assert testhost.ssh("systemctl is-system-running --wait || true").strip() == "running"
    assert testhost.ssh("cat /proc/1/comm").strip() == "systemd"


def test_the_user_is_plain_and_may_become_root(testhost):
    assert testhost.ssh("id -un; sudo id -un").split() == ["ops", "root"]


def test_nothing_of_what_the_roles_install_is_there(testhost):
    assert testhost.ssh("command -v nft conntrack tcpdump || true").strip() == ""
    assert testhost.ssh("python3 -c 'import pyroute2' 2>/dev/null && echo there || true").strip() == ""


@pytest.mark.parametrize("module", ["8021q", "vrf", "bonding", "dummy", "ip_gre", "wireguard", "veth", "bridge", "vxlan", "nf_nat"])
def test_the_kernel_has(testhost, module):
    testhost.ssh(f"sudo modprobe {module}")
    assert testhost.ssh(f"test -d /sys/module/{module} && echo there").strip() == "there"


def test_ansible_reaches_it_and_becomes_root(testhost):
    done = testhost.ansible("ansible", testhost.name, "-m", "ansible.builtin.command", "-a", "id -un")
    assert "rc=0" in done.stdout and done.stdout.split()[-1] == "root"
