# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VPP of this machine on the remote host: no package of it is needed there, nor anything that it was built with."""

from __future__ import annotations

import pathlib
import re
import shlex
import subprocess

from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.startup import PLUGINS, plugin

UNPACK = (
    "sudo tar --extract --gzip --no-same-owner --directory=/ && "
    "echo {folders} | tr ' ' '\\n' | sudo tee /etc/ld.so.conf.d/vpp-of-the-tests.conf >/dev/null && sudo ldconfig && sudo modprobe vhost_net"
)


def _libraries(files):
    """What the programs and plugins are linked with, as this machine's linker finds it."""
    said = subprocess.run(["ldd", *files], check=True, capture_output=True, text=True).stdout
    assert "not found" not in said, said
    return sorted(set(re.findall(r"=> (/\S+)", said)))


def files(program, there):
    """All that VPP needs to run and to be talked to. C(there): names of the libraries that the other machine has."""
    prefix = pathlib.Path(program).resolve().parents[1]
    plugins = {plugin(each) for each in PLUGINS}
    binaries = [prefix / "bin/vpp", *(each for each in prefix.glob("lib/**/vpp_plugins/*.so") if each.name in plugins)]
    binaries += prefix.glob("lib/**/vpp_crypto_engines/*.so")
    assert len(binaries) > 1, f"{prefix} has no plugins"
    descriptions = sorted((prefix / "share/vpp/api").glob("**/*.api.json"))
    assert descriptions, f"{prefix} has no descriptions of the API"
    libraries = [each for each in _libraries(binaries) if pathlib.Path(each).name not in there]
    return [*map(str, binaries), *libraries, *map(str, descriptions)], sorted({str(pathlib.Path(each).parent) for each in libraries})


def copy(host, program):
    """VPP is on the host then, in the same folders as here, and its kernel has what TAPs need. Returns the prefix."""
    there = {pathlib.Path(each).name for each in host.ssh("/sbin/ldconfig -p").split() if each.startswith("/")}
    wanted, folders = files(program, there)
    pack = ["tar", "--create", "--gzip", "--dereference", "--directory=/", *(each.lstrip("/") for each in wanted)]
    with subprocess.Popen(pack, stdout=subprocess.PIPE) as packed:
        host.ssh(UNPACK.format(folders=shlex.join(folders)), stdin=packed.stdout)
    assert packed.returncode == 0
    return str(pathlib.Path(program).resolve().parents[1])
