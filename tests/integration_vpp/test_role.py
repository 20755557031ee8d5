# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role vpp, in check mode: it writes to /etc and asks systemd, which is the virtual machine's part."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.client import Client

from ..support.playbooks import play
from ..support.vpp import NO_VPP, program

PLAY = """
- hosts: localhost
  gather_facts: false
  roles:
    - role: pantheon.cnf.vpp
"""


def told(tmp_path, **variables):
    """What the role would do, with differences."""
    playbook = tmp_path / "play.yml"
    playbook.write_text(PLAY)
    return play(str(playbook), "--check", "--diff", "-e", json.dumps(variables), tmp=tmp_path)


def added(output, path):
    """The lines that would be new in a file."""
    lines = output.split(f"+++ after: {path}\n", 1)[1].splitlines()[1:]
    end = next((at for at, line in enumerate(lines) if not line.startswith("+")), len(lines))
    return "".join(f"{line[1:]}\n" for line in lines[:end])


@pytest.mark.skipif(shutil.which("dpkg-query") is None or os.path.exists("/etc/vpp/startup.conf"), reason="needs a Debian without VPP's package")
def test_check_mode_says_what_would_be_installed_and_written(tmp_path):
    done = told(tmp_path, vpp_version="26.06-release", vpp_hugepages=64, vpp_workers=2, vpp_main_core=1, vpp_startup={"dpdk": {"dev": ["0000:00:09.0"]}})
    assert "To be installed: vpp, vpp-plugin-core 26.06-release" in done.output
    text = added(done.output, "/etc/vpp/startup.conf")
    assert "cpu {\n  workers 2\n  main-core 1\n}" in text and "dpdk {\n  dev 0000:00:09.0\n}" in text and "page-size default" not in text
    assert "vm.nr_hugepages = 64" in done.output and "vm.max_map_count" not in done.output
    assert "ExecStartPost=-/bin/sh -c 'test ! -e /usr/local/lib/pantheon.cnf/vpp-boot.pyz" in done.output
    assert not os.path.exists("/etc/vpp/startup.conf")


@pytest.mark.skipif(os.geteuid() != 0 or os.path.exists("/etc/vpp/startup.conf"), reason="needs root, on a machine without VPP's package")
@pytest.mark.skipif(program() is None, reason=NO_VPP)
def test_a_live_vpp_starts_with_the_text(tmp_path):
    text = added(told(tmp_path, vpp_install=False, vpp_service_managed=False, vpp_poll_sleep=100).output, "/etc/vpp/startup.conf")
    folder = pathlib.Path(tmp_path, "r")
    folder.mkdir()
    for old, new in (
        ("/run/vpp", str(folder)),
        ("/var/log/vpp", str(folder)),
        ("gid vpp", "gid root"),
        ("api-segment {", f"api-segment {{\n  prefix role{os.getpid()}"),
    ):
        assert old in text
        text = text.replace(old, new)
    (folder / "startup.conf").write_text(text + f"\nunix {{ runtime-dir {folder} }}\n")
    with open(folder / "output", "wb") as output:
        process = subprocess.Popen([program(), "-c", str(folder / "startup.conf")], stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 15
        while True:
            try:
                with Client(str(folder / "api.sock")):
                    break
            except CnfError:
                assert time.monotonic() < deadline and process.poll() is None, (folder / "output").read_text()
                time.sleep(0.05)
    finally:
        process.terminate()
        process.wait()
        for path in pathlib.Path("/dev/shm").glob(f"role{os.getpid()}-*"):
            path.unlink()
