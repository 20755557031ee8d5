# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is seen of the place that another process is in."""

from __future__ import annotations

import os
import subprocess

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.client import Client
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.seen import devices, lacks_folder

root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def test_folders(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("there")
    mine = os.getpid()
    assert not lacks_folder(mine, str(tmp_path / "there"))
    assert lacks_folder(mine, str(tmp_path / "missing")) and lacks_folder(mine, str(tmp_path / "missing/below"))
    assert lacks_folder(mine, str(tmp_path / "file")) and lacks_folder(mine, str(tmp_path / "file/below"))
    assert not lacks_folder(mine, str(tmp_path / "link")) and not lacks_folder(mine, str(tmp_path / "link/below")), "who knows"
    assert not lacks_folder(0, "/missing") and devices(0) is None


@root
def test_of_another_root_and_network(tmp_path):
    """With a folder and a link that are not ours; C(cat) waits for the end of its input."""
    (tmp_path / "run/only-there").mkdir(parents=True)
    (tmp_path / "var").mkdir()
    (tmp_path / "var/run").symlink_to("/run")
    script = 'exec 3>&1; echo >&3; exec python3 -c "import os, sys; os.chroot(sys.argv[1]); os.write(3, b\'x\'); sys.stdin.read()" "$0" 3>&3'
    argv = ["unshare", "--net", "sh", "-c", script, str(tmp_path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.read(2) == b"\nx"
        assert devices(process.pid) == {"lo"}
        assert not lacks_folder(process.pid, "/run/only-there") and not lacks_folder(process.pid, "/var/run/only-there")
        assert lacks_folder(process.pid, "/run/missing") and lacks_folder(process.pid, "/proc")
        process.stdin.close()


def test_a_vpp_that_is_not_seen_says_nothing(double):
    """Its own number for itself is that of another process here."""
    client = Client(double.socket, api_dir=double.api_dir)
    with client:
        assert client.kernel_devices() == devices(os.getpid()) and client.lacks_folder("/missing")
        client.transport.peer = 0
        assert client.kernel_devices() is None and not client.lacks_folder("/missing")
