# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a playbook of the collection as a user does, and read what it says."""

from __future__ import annotations

import contextlib
import glob
import json
import os
import pathlib
import re
import subprocess
import sys
import typing as t

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEMO = ROOT.parent / "shared" / "demo"
OWN = ROOT / "playbooks" / "files" / "nat44_chain"
PROVEN = "NAT44 of cnf-nat44: PROVEN"
CNFS = ("client", "cnf-nat44", "webserver")


def collections_path() -> str:
    """The folder that holds ansible_collections/ with this checkout in it: the one that this test was imported from."""
    import ansible_collections.pantheon.cnf as package

    return str(pathlib.Path(next(iter(package.__path__))).parents[2])


def machine():
    """What a teardown has to bring back: namespaces, links, our processes, files and shared memory, forwarding."""

    def out(*argv):
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout

    marked = []
    for path in glob.glob("/proc/[0-9]*/environ"):
        try:
            with open(path, "rb") as handle:
                if b"PANTHEON_CNF=" in handle.read():
                    marked.append(path)
        except OSError:
            continue
    return {
        "namespaces": sorted(line.split()[0] for line in out("ip", "netns", "list").splitlines() if line.strip()),
        "links": re.sub(r"^\d+: ", "", out("ip", "-o", "link", "show"), flags=re.M),
        "addresses": out("ip", "-o", "address", "show").replace("  ", " "),
        "routes": out("ip", "route", "show", "table", "all"),
        "nft": out("nft", "list", "ruleset"),
        "forwarding": out("sysctl", "-n", "net.ipv4.ip_forward"),
        "processes": marked,
        "run": sorted(glob.glob("/run/pantheon.cnf*")),
        "shared memory": [path for cnf in CNFS for path in sorted(glob.glob(f"/dev/shm/pantheon.cnf-{cnf}-*"))],
    }


def unmeasured() -> dict[str, str]:
    """The environment of a playbook without measuring coverage: that takes longer than all it does, and tells nothing that other tests do not."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS")}


def variables(**given):
    """As -e arguments."""
    return ("-e", json.dumps(given))


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
        **unmeasured(),
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


@contextlib.contextmanager
def torn_down(tmp: pathlib.Path) -> t.Iterator[t.Callable[..., Run]]:
    """Play our playbooks; torn down at the end, and the machine then is as it was found."""
    found = machine()

    def run(name: str, *arguments: str, **options: t.Any) -> Run:
        return play(name, *arguments, tmp=tmp, **options)

    try:
        yield run
    finally:
        if machine() != found:
            run("teardown_nat44_chain")
    assert machine() == found
