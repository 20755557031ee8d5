# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that puts a VPP's configuration back: one file with the very code that this module run is made of."""

from __future__ import annotations

import ast
import importlib.util
import io
import typing as t
import zipfile

PACKAGE = "ansible_collections.pantheon.cnf.plugins.module_utils"
PROGRAM = f"{PACKAGE}.places.boot"
MAIN = f"import sys\n\nfrom {PROGRAM} import main\n\nsys.exit(main())\n"
WHEN = (1980, 1, 1, 0, 0, 0)
"""Of all files in it: the same code makes the same program."""


def archive() -> bytes:
    """A zip file that Python runs."""
    content = io.BytesIO()
    found = sources(PROGRAM)
    packages = {name.rpartition(".")[0] for name in found} | {PACKAGE.rsplit(".", count)[0] for count in range(PACKAGE.count(".") + 1)}
    files = {f"{name.replace('.', '/')}/__init__.py": "" for name in packages}
    files.update((f"{name.replace('.', '/')}.py", text) for name, text in found.items() if name not in packages)
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in sorted({**files, "__main__.py": MAIN}.items()):
            made.writestr(zipfile.ZipInfo(name, WHEN), text, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def sources(start: str) -> t.Dict[str, str]:
    """The text of a module of ours and of all that it imports, by name; wherever this run has them from (a zip file, on a target)."""
    found: t.Dict[str, str] = {}
    todo = [start]
    while todo:
        name = todo.pop()
        if name in found:
            continue
        text = _source(name)
        if text is None:
            continue
        found[name] = text
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
                todo += [str(node.module), *(f"{node.module}.{each.name}" for each in node.names)]
    return found


def _source(name: str) -> t.Optional[str]:
    """None for what is no module."""
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    if found is None or found.loader is None:
        return None
    return t.cast(t.Optional[str], found.loader.get_source(name))  # type: ignore[attr-defined]
