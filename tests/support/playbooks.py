# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a playbook of the collection as a user does, and read what it says."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
import typing as t

ROOT = pathlib.Path(__file__).resolve().parents[2]


def collections_path() -> str:
    """The folder that holds ansible_collections/ with this checkout in it: the one that this test was imported from."""
    import ansible_collections.pantheon.cnf as package

    return str(pathlib.Path(next(iter(package.__path__))).parents[2])


class Run(t.NamedTuple):
    """How a playbook ended. C(recap): counts by host; C(modules): what was executed on targets, in order."""

    returncode: int
    output: str
    recap: dict[str, dict[str, int]]
    modules: list[str]

    @property
    def changed(self) -> int:
        """Changed tasks over all hosts."""
        return sum(one["changed"] for one in self.recap.values())


def play(name: str, *arguments: str, cwd: t.Any = None, tmp: pathlib.Path, check: bool = True, timeout: int = 600) -> Run:
    """Run C(ansible-playbook pantheon.cnf.NAME ...) with this checkout as the collection."""
    log = tmp / "modules.log"
    log.write_text("")
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": collections_path(),
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests/bench/callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "count_modules",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_LOCAL_TEMP": str(tmp / "local"),
        "ANSIBLE_HOME": str(tmp / "home"),
        "PANTHEON_CNF_MODULE_LOG": str(log),
    }
    program = pathlib.Path(sys.executable).parent / "ansible-playbook"
    playbook = name if name.endswith((".yml", ".yaml")) else f"pantheon.cnf.{name}"
    done = subprocess.run(
        [str(program), playbook, *arguments],
        cwd=cwd or tmp,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=timeout,
    )
    recap = {
        host: {key: int(number) for key, number in re.findall(r"(\w+)=(\d+)", counts)} for host, counts in re.findall(r"^(\S+)\s+: (ok=.*)$", done.stdout, re.M)
    }
    result = Run(done.returncode, done.stdout, recap, log.read_text().split())
    if check and done.returncode:
        raise AssertionError(done.stdout[-8000:])
    return result
