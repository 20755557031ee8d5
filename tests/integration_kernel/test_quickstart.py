# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first command of the README on a Debian with nothing installed for us: scripts/testhost bare, at this machine's speed."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

import pytest

from ..support.playbooks import ROOT

STEPS = """
set -e
before() { ip netns list 2>/dev/null; ls -d /run/pantheon.cnf* /etc/pantheon.cnf /var/lib/pantheon.cnf /usr/local/lib/pantheon.cnf 2>/dev/null || true; }
! command -v nft
echo STEP first; scripts/quickstart
echo STEP second; scripts/quickstart
echo STEP elsewhere; mkdir -p /srv/my; cp -r playbooks/files/nat44_chain /srv/my/documents; cd /srv/my
/root/clone/scripts/quickstart -e '{"cnf_documents": ["documents"]}' --check
cd /root/clone
echo STEP agents; scripts/quickstart -e '{"cnf_delivery": "etcd", "cnf_etcd": {"port": 23793}, "cnf_agents_port": 23794}'
echo STEP teardown; . .venv/bin/activate; ansible-playbook pantheon.cnf.teardown_nat44_chain
echo STEP left; before
echo STEP end
"""


def missing():
    """Why there can be no bare system here, or nothing."""
    if os.geteuid():
        return "needs root"
    if not shutil.which("apt-get"):
        return "the bare system is made by Debian's debootstrap, and this is no Debian"
    if not pathlib.Path("/dev/loop-control").exists() or "overlay" not in pathlib.Path("/proc/filesystems").read_text():
        return "this kernel has no loop devices or no overlay"
    return None


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
def test_quickstart_on_a_bare_debian():
    done = subprocess.run(
        [ROOT / "scripts/testhost", "bare", "bash", "-c", STEPS],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-8000:]
    _setup, first, second, elsewhere, agents, teardown, left, _end = done.stdout.split("STEP ")
    assert "PROVEN" in first and "NOT PROVEN" not in first
    assert "changed=0 " not in first.rpartition("PLAY RECAP")[2]
    assert "PROVEN" in second and "changed=0 " in second.rpartition("PLAY RECAP")[2]
    assert "making" not in second and "building" not in second, "the environment was made again"
    assert "changed=0 " in elsewhere.rpartition("PLAY RECAP")[2], "a relative path counts from where the user stands"
    assert "PROVEN" in agents and "NOT PROVEN" not in agents, "an etcd and agents, with packages of their own"
    assert "changed=0 " not in teardown.rpartition("PLAY RECAP")[2]
    assert left.split() == ["left"], left
