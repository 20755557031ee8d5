# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the collection's archive: everything that runs, and nothing that is only for us.

archive.py TREE   (run by a Python with ansible-core beside it)
"""

from __future__ import annotations

import fnmatch
import glob
import os
import subprocess
import sys
import tarfile
import tempfile

from tree import copy_tree

FORBIDDEN = (
    ".*",
    "*/.*",
    "tests/*",
    "scripts/*",
    "extensions/molecule/*",
    "*__pycache__*",
    "*.pyc",
    "*.tar.gz",
    "*.egg-info*",
    "*.log",
    "changelogs/fragments/*",
)
NEEDED = (
    "README.md",
    "LICENSES/GPL-3.0-or-later.txt",
    "meta/runtime.yml",
    "meta/execution-environment.yml",
    "plugins/module_utils/runner.py",
    "playbooks/deploy_nat44_chain.yml",
    "playbooks/verify_nat44_chain.yml",
    "playbooks/teardown_nat44_chain.yml",
    "roles/chain/meta/argument_specs.yml",
)
LITTER = (".venv/bin/python", ".cache/x", "tests/output/x", "plugins/__pycache__/x.pyc", "old.tar.gz", ".coverage", "nat44-proof-x.svg")
LIMIT = 20 * 1024 * 1024


def build(tree: str, target: str) -> str:
    """Path of the archive that ansible-galaxy makes of the tree."""
    galaxy = os.path.join(os.path.dirname(sys.executable), "ansible-galaxy")
    subprocess.run([galaxy, "collection", "build", tree, "--output-path", target], check=True, stdin=subprocess.DEVNULL)
    (archive,) = glob.glob(os.path.join(target, "*.tar.gz"))
    return archive


def complaints(tree: str, names: list[str], size: int) -> list[str]:
    """What should not be there, what is missing, and whether Galaxy would take it."""
    wrong = [f"{name} does not belong in the archive" for name in names if any(fnmatch.fnmatch(name, each) for each in FORBIDDEN)]
    sources = [os.path.relpath(each, tree) for folder in ("plugins", "roles", "playbooks") for each in glob.glob(f"{tree}/{folder}/**", recursive=True)]
    wrong += [f"{name} is missing in the archive" for name in (*NEEDED, *sources) if name not in names and "__pycache__" not in name]
    if size > LIMIT:
        wrong.append(f"the archive has {size} bytes, Galaxy takes {LIMIT}")
    return wrong


def main() -> int:
    """Build from a copy with things lying about that must stay out, and look."""
    with tempfile.TemporaryDirectory(prefix="pantheon-cnf-archive-") as work:
        copy = os.path.join(work, "copy")
        copy_tree(sys.argv[1], copy)
        for litter in LITTER:
            path = os.path.join(copy, litter)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write("litter\n")
        archive = build(copy, work)
        with tarfile.open(archive) as content:
            names = [each.name.rstrip("/") for each in content.getmembers()]
        wrong = complaints(copy, names, os.path.getsize(archive))
        print(f"{os.path.basename(archive)}: {len(names)} entries, {os.path.getsize(archive)} bytes")
    for each in wrong:
        print(f"RED {each}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
