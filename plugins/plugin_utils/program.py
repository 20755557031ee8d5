# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that runs without Ansible, as a zip file that Python imports from."""

from __future__ import annotations

import io
import os
import zipfile

from ansible_collections.pantheon.cnf.plugins import module_utils

PACKAGE = "ansible_collections/pantheon/cnf/plugins/module_utils"
WHEN = (1980, 1, 1, 0, 0, 0)
"""Of all files in it: the same code makes the same file."""


def archive() -> bytes:
    """The content of the file."""
    parts = PACKAGE.split("/")
    files = {"/".join([*parts[:count], "__init__.py"]): b"" for count in range(1, len(parts) + 1)}
    (root,) = module_utils.__path__
    for folder, _folders, names in os.walk(root):
        for name in names:
            if name.endswith(".py"):
                with open(os.path.join(folder, name), "rb") as file:
                    files[os.path.join(PACKAGE, os.path.relpath(folder, root), name).replace("/./", "/")] = file.read()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in sorted(files.items()):
            made.writestr(zipfile.ZipInfo(name, WHEN), text, zipfile.ZIP_DEFLATED)
    return content.getvalue()
