# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The working Pythons of this machine: VERSION PATH in a line each, the oldest first."""

from __future__ import annotations

import glob
import os
import subprocess
import sys

OLDEST, NEWEST = 9, 20
PROBE = "import ctypes, ensurepip, ssl, sys, venv; assert sys.prefix == sys.base_prefix, sys.prefix"


def interpreters() -> dict[str, str]:
    """Path by version (3.9 and newer) of what is a whole Python: not a venv, not a shim, with its modules."""
    pyenv = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    searched = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/local/bin", "/usr/bin", *sorted(glob.glob(f"{pyenv}/versions/*/bin"))]
    found = {}
    for minor in range(OLDEST, NEWEST):
        # A shim that chooses a version by folder or variable is no interpreter.
        candidates = [os.path.join(each, f"python3.{minor}") for each in searched if not each.endswith("/shims")]
        own = [sys._base_executable] if sys.version_info[:2] == (3, minor) else []
        for path in own + [each for each in candidates if os.access(each, os.X_OK)]:
            if not subprocess.run([path, "-c", PROBE], check=False, capture_output=True).returncode:
                found[f"3.{minor}"] = os.path.realpath(path)
                break
    return found


if __name__ == "__main__":
    for number, program in interpreters().items():
        print(number, program)
