# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All of ansible-test sanity on a copy of the tree; a test that did not run is a failure.

ansible-test makes its own virtual environments and fetches pip for them from a site that closed networks refuse, so its cache
is seeded with a stand-in that takes pip from ensurepip. It takes every pythonX.Y it finds for a working one, so it gets a PATH
with nothing but working ones.

    sanity.py TREE CACHE [arguments of ansible-test sanity]     (run by the Python whose ansible-test is meant)
"""

from __future__ import annotations

import glob
import os
import subprocess
import sys
import tempfile
from xml.etree import ElementTree

from interpreters import interpreters
from tree import copy_tree

# Not applicable here, and why. Any other test without a target, a tool or an interpreter is a failure.
NOT_APPLICABLE = {
    "pslint": "no PowerShell in this collection",
}
# Lines that ansible-test prints on any machine without a certain locale.
HARMLESS = ("Using locale", "Reviewing previous", "may be slow due to missing libyaml")

SEED = '''
"""Stands in for get-pip.py: pip from ensurepip, then what was asked for. Written by scripts/lib/sanity.py."""
import subprocess
import sys

wanted = [each for each in sys.argv[1:] if each not in ("--no-setuptools", "--no-wheel")]
subprocess.check_call([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
subprocess.check_call([sys.executable, "-m", "pip", "install", "--quiet"] + wanted)
subprocess.call([sys.executable, "-m", "pip", "uninstall", "--quiet", "--yes", "setuptools"], stderr=subprocess.DEVNULL)
'''


def link_interpreters(folder: str) -> list[str]:
    """Links in the folder to a working Python of each version that the machine has; their versions."""
    os.makedirs(folder)
    found = interpreters()
    for version, path in found.items():
        os.symlink(path, os.path.join(folder, f"python{version}"))
    return list(found)


def seed_pip(home: str) -> None:
    """Put the stand-in where this ansible-test looks for its download."""
    from ansible_test._internal.python_requirements import get_venv_packages
    from ansible_test._util.target.common.constants import CONTROLLER_PYTHON_VERSIONS, REMOTE_ONLY_PYTHON_VERSIONS

    class Version:
        version = ""

    cache = os.path.join(home, ".ansible", "test", "cache")
    os.makedirs(cache, exist_ok=True)
    for Version.version in (*REMOTE_ONLY_PYTHON_VERSIONS, *CONTROLLER_PYTHON_VERSIONS):
        name = f"get_pip_{get_venv_packages(Version)['pip'].replace('.', '_')}.py"
        with open(os.path.join(cache, name), "w", encoding="utf-8") as file:
            file.write(SEED.lstrip())


def environment(home: str, folder: str) -> dict[str, str]:
    """Our own home, so that nothing lands in the user's; pip keeps the user's settings and cache."""
    pip = os.path.join(os.environ.get("XDG_CONFIG_HOME", os.path.expanduser("~/.config")), "pip", "pip.conf")
    old = os.path.expanduser("~/.pip/pip.conf")
    settings = next((each for each in (pip, old) if os.path.exists(each)), None)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "PYTHON", "COVERAGE_", "PYENV_", "VIRTUAL_ENV"))}
    kept.update(
        HOME=home,
        PATH=os.pathsep.join([folder, "/usr/local/sbin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]),
        PIP_CACHE_DIR=os.environ.get("PIP_CACHE_DIR", os.path.expanduser("~/.cache/pip")),
        PIP_ROOT_USER_ACTION="ignore",
    )
    if settings:
        kept.setdefault("PIP_CONFIG_FILE", settings)
    return kept


def results(folder: str) -> dict[str, tuple[str, str]]:
    """Outcome and reason of each test, by the name that ansible-test gives it with the Python version."""
    found = {}
    for path in glob.glob(os.path.join(folder, "*.xml")):
        for case in ElementTree.parse(path).iter("testcase"):
            outcome, reason = "passed", ""
            for child in case:
                if child.tag in ("failure", "error"):
                    outcome = "failed"
                elif child.tag == "skipped":
                    outcome, reason = "skipped", (child.text or child.get("message") or "")
            found[case.get("name")] = (outcome, reason)
    return found


def judge(listed: list[str], found: dict[str, tuple[str, str]], versions: list[str], lines: list[str]) -> tuple[list[str], list[str]]:
    """Why this run is red, and what was left out with a reason that is none of ours."""
    wrong, left = [], []
    for test in listed:
        cases = {name: each for name, each in found.items() if name == test or name.startswith(f"{test}-python-")}
        if not any(outcome != "skipped" for outcome, _reason in cases.values()):
            if test in NOT_APPLICABLE:
                left.append(f"{test}: {NOT_APPLICABLE[test]}")
            else:
                wrong.append(f"{test} did not run: {'; '.join(reason for _outcome, reason in cases.values()) or 'no result'}")
            continue
        for name, (outcome, reason) in sorted(cases.items()):
            version = name.rpartition("-python-")[2]
            if outcome == "failed":
                wrong.append(f"{name} failed")
            elif outcome == "skipped" and "could not be found" in reason and version not in versions:
                left.append(f"{name}: this machine has no Python {version}")
            elif outcome == "skipped" and "could not be found" in reason:
                wrong.append(f"{name} did not run: {reason}")
            elif outcome == "skipped" and "No tests applicable" not in reason:
                wrong.append(f"{name} did not run: {reason}")
    for line in lines:
        said = line.partition("WARNING: ")[2]
        if said and not any(each in said for each in HARMLESS) and "could not be found" not in said and f"warning: {said}" not in wrong:
            wrong.append(f"warning: {said}")
    return wrong, left


def main() -> int:
    """Copy, prepare, run, judge."""
    tree, cache, *arguments = sys.argv[1:]
    command = [os.path.join(os.path.dirname(sys.executable), "ansible-test"), "sanity", "--color", "no"]
    home = os.path.join(cache, "ansible-test")
    seed_pip(home)
    with tempfile.TemporaryDirectory(prefix="pantheon-cnf-sanity-") as work:
        copy = os.path.join(work, "ansible_collections", "pantheon", "cnf")
        copy_tree(tree, copy)
        versions = link_interpreters(os.path.join(work, "bin"))
        print("interpreters:", ", ".join(versions))
        given = {"cwd": copy, "env": environment(home, os.path.join(work, "bin")), "stdin": subprocess.DEVNULL, "text": True}
        listed = subprocess.run([*command, "--list-tests", *arguments], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **given).stdout.split()
        with subprocess.Popen([*command, "--junit", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **given) as process:
            lines = []
            for line in process.stdout:
                print(line, end="", flush=True)
                lines.append(line.strip())
        wrong, left = judge(listed, results(os.path.join(copy, "tests", "output", "junit")), versions, lines)
        if process.returncode and not wrong:
            wrong.append(f"ansible-test ended with {process.returncode}")
    for each in left:
        print(f"SKIPPED {each}")
    for each in wrong:
        print(f"RED {each}")
    print(f"ansible-test sanity: {len(listed)} tests, {len(left)} left out, {len(wrong)} complaints")
    return 1 if wrong or not listed else 0


if __name__ == "__main__":
    sys.exit(main())
