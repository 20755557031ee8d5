# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenario of extensions/molecule, each of its steps insisted on: molecule itself passes over a step that it has nothing for.

molecule.py CACHE   (in the copy of the tree, by the Python that has molecule beside it)
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile

STEPS = ("create", "converge", "idempotence", "verify", "destroy")


def main() -> int:
    """Run the sequence in a folder of its own; undo what a failed one left."""
    program = os.path.join(os.path.dirname(sys.executable), "molecule")
    with tempfile.TemporaryDirectory(prefix="pantheon-cnf-molecule-") as work:
        environment = {
            **os.environ,
            "HOME": work,
            "ANSIBLE_HOME": os.path.join(work, "ansible"),
            "MOLECULE_EPHEMERAL_DIRECTORY": os.path.join(work, "ephemeral"),
            "ANSIBLE_LOCALHOST_WARNING": "False",
            "LC_ALL": "C.UTF-8",
        }
        given = {"cwd": os.path.join(os.getcwd(), "extensions"), "env": environment, "stdin": subprocess.DEVNULL}
        done = subprocess.run([program, "test"], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **given)
        print(done.stdout)
        if done.returncode:
            subprocess.run([program, "destroy"], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **given)
    outcomes = dict(re.findall(r"^default > (\w+): (.*)$", done.stdout, re.M))
    wrong = [f"molecule ended with {done.returncode}"] if done.returncode else []
    wrong += [f"step {step}: {outcomes.get(step, 'not run')[:60]}" for step in STEPS if outcomes.get(step) != "Executed: Successful"]
    for each in wrong:
        print(f"RED {each}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
