# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gates beside pytest: each a command over the tree, two at a time, each with a log and a line in the summary.

gates.py TREE CACHE RESULTS [NAME...]   (run by the tests' Python; RESULTS is a JSON file that tests/conftest.py prints again)
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import glob
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field

from tree import copy_tree

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = "ansible_collections.pantheon.cnf.plugins.module_utils"
# What may depend on ansible-core: documents, modules and playbooks. What is pure, and what a kernel or a VPP does, is the same for all of them.
CORE_TESTS = (
    "tests/unit/*.py",
    "tests/unit/filter",
    "tests/unit/mesh",
    "tests/unit/northbound",
    "tests/unit/vpp/test_state_modules.py",
    "tests/integration_kernel/test_playbooks.py",
    "tests/integration_kernel/test_state_modules.py",
)
TAIL = 80
TAME = "-0"
"""The end of a temporary folder's name: by chance it would be "_", which makes a reference of it in reStructuredText."""
MACHINE = threading.Lock()


@dataclass
class Gate:
    """A command that ends with 0 or is red."""

    name: str
    argv: list[str]
    # Where it runs: the tree itself, or the copy below ansible_collections.
    copy: bool = True
    # Whether it makes namespaces with names that another gate could want: one at a time.
    machine: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    # What it says when it has met a fault of its own that chance brings: then it is run again.
    again: str = ""


@dataclass
class Result:
    """What the summary says of a gate."""

    name: str
    passed: bool
    seconds: float
    log: str
    skipped: list[str]
    complaints: list[str]


def gates(tree: str, cache: str, collections: str) -> list[Gate]:
    """All gates, the longest first."""
    python = sys.executable
    here = os.path.dirname(python)
    candidates = [*glob.glob(f"{tree}/scripts/*"), *glob.glob(f"{tree}/scripts/lib/*.sh"), f"{tree}/.ci/run"]
    shell = [os.path.relpath(each, tree) for each in sorted(candidates) if _is_shell(each)]
    newest = os.environ.get("PANTHEON_CNF_NEWEST")
    core = [os.path.relpath(path, tree) for pattern in CORE_TESTS for path in sorted(glob.glob(f"{tree}/{pattern}"))]
    pytest = ["-m", "pytest", "-p", "no:cacheprovider", *core]
    return [
        *(
            [Gate("newest ansible-core", [newest, *pytest], copy=False, machine=True, environment={"PYTHONPATH": collections, "VPP_PREFIX": os.devnull})]
            if newest
            else []
        ),
        Gate("ansible-test sanity", [python, f"{HERE}/sanity.py", tree, cache], copy=False),
        Gate("molecule", [python, f"{HERE}/molecule.py"], machine=True),
        Gate("ansible-lint", [f"{here}/ansible-lint", "--offline", "--strict", "--nocolor"]),
        # The name of its temporary folder is in what it checks, where a last "_" makes a reference of it.
        Gate(
            "antsibull-docs",
            [f"{here}/antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=all", "."],
            again='Unknown target name: "antsibull-docs-',
        ),
        Gate("mypy", [f"{here}/mypy", "--cache-dir", f"{cache}/mypy", "-p", PACKAGE], environment={"MYPYPATH": collections}),
        Gate("archive", [python, f"{HERE}/archive.py", tree], copy=False),
        Gate("reuse", [f"{here}/reuse", "lint"], copy=False),
        Gate("antsibull-changelog", [f"{here}/antsibull-changelog", "lint"]),
        Gate("shellcheck", ["shellcheck", "--external-sources", *shell]),
        Gate("ruff check", [f"{here}/ruff", "check", "--cache-dir", f"{cache}/ruff", "."]),
        Gate("ruff format", [f"{here}/ruff", "format", "--check", "--cache-dir", f"{cache}/ruff", "."]),
    ]


def _is_shell(path: str) -> bool:
    if not os.path.isfile(path):
        return False
    with open(path, encoding="utf-8") as file:
        return "sh" in file.readline()


def run(gate: Gate, tree: str, cache: str, collections: str) -> Result:
    """Run it, keep its output, read from it what it left out (SKIPPED lines) and what it says is wrong (RED lines)."""
    log = os.path.join(cache, "logs", gate.name.replace(" ", "-") + ".log")
    os.makedirs(os.path.dirname(log), exist_ok=True)
    where = os.path.join(collections, "ansible_collections", "pantheon", "cnf") if gate.copy else tree
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PATH": path, "ANSIBLE_COLLECTIONS_PATH": collections, "ANSIBLE_NOCOLOR": "1", "NO_COLOR": "1", **gate.environment}
    # Each with temporary files of its own: one of them looks what is left behind.
    with MACHINE if gate.machine else contextlib.nullcontext(), tempfile.TemporaryDirectory(suffix=TAME) as temporary:
        environment["TMPDIR"] = temporary
        started = time.monotonic()
        code, lines = _once(gate, where, environment, log)
        if code and gate.again and any(gate.again in line for line in lines):
            code, lines = _once(gate, where, environment, log)
    skipped = [line.removeprefix("SKIPPED ") for line in lines if line.startswith("SKIPPED ")]
    complaints = [line.removeprefix("RED ") for line in lines if line.startswith("RED ")]
    if code:
        print(f"\n----- {gate.name}: exit code {code}; the end of {log}\n" + "\n".join(lines[-TAIL:]) + "\n-----", flush=True)
    result = Result(gate.name, code == 0, round(time.monotonic() - started, 1), log, skipped, complaints)
    print(line_of(asdict(result)), flush=True)
    return result


def _once(gate: Gate, where: str, environment: dict[str, str], log: str) -> tuple[int, list[str]]:
    """Exit code and output."""
    with open(log, "w", encoding="utf-8") as file:
        code = subprocess.run(gate.argv, check=False, cwd=where, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT).returncode
    with open(log, encoding="utf-8", errors="replace") as file:
        return code, file.read().splitlines()


def line_of(result: dict) -> str:
    """A gate's line in the summary."""
    return f"gate {result['name']:<22} {'ok' if result['passed'] else 'FAILED':<7} {result['seconds']:>6.1f} s"


def main() -> int:
    """Run the gates named (all without a name); write the results."""
    tree, cache, results, *names = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="pantheon-cnf-gates-", suffix=TAME) as collections:
        copy_tree(tree, os.path.join(collections, "ansible_collections", "pantheon", "cnf"))
        known = gates(tree, cache, collections)
        unknown = set(names) - {each.name for each in known}
        if unknown:
            sys.exit(f"unknown gates {', '.join(sorted(unknown))}; known: {', '.join(each.name for each in known)}")
        chosen = [each for each in known if not names or each.name in names]
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            done = list(pool.map(lambda gate: run(gate, tree, cache, collections), chosen))
    left = [] if os.environ.get("PANTHEON_CNF_NEWEST") else ["this machine has no newer Python than the one that the tests run on"]
    report = [asdict(each) for each in done]
    if left and not names:
        report.append(asdict(Result("newest ansible-core", True, 0.0, "", left, [])))
    with open(results, "w", encoding="utf-8") as file:
        json.dump(report, file)
    return 0 if all(each.passed for each in done) else 1


if __name__ == "__main__":
    sys.exit(main())
