# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tree as git would commit it, in the place that Ansible's tools want."""

from __future__ import annotations

import os
import shutil
import subprocess


def copy_tree(tree: str, target: str) -> None:
    """Copy what is tracked or could be added, as it stands in the working tree."""
    listed = subprocess.run(["git", "-C", tree, "ls-files", "-co", "--exclude-standard", "-z"], check=True, capture_output=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        source = os.path.join(tree, name)
        if os.path.lexists(source):
            os.makedirs(os.path.dirname(os.path.join(target, name)), exist_ok=True)
            shutil.copy2(source, os.path.join(target, name), follow_symlinks=False)
