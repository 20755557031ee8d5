# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tools that write documentation share: which module shows which kinds, what the kernel does with each field."""

from __future__ import annotations

import argparse
import functools
import importlib
import pathlib
import pkgutil
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils import linux
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Family
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.slot import Slot
from ansible_collections.pantheon.cnf.plugins.modules.linux_info import AREAS

TREE = pathlib.Path(__file__).resolve().parents[2]
MODULES: t.Dict[str, t.Sequence[Slot]] = {f"linux_{area}": slots for area, slots in AREAS.items()}
SHOWN: t.Dict[str, Kind] = {kind.id: kind for slots in MODULES.values() for slot in slots for kind in slot.kinds}
"""All kinds that a module shows."""


@functools.cache
def families() -> t.Tuple[t.Type[Family], ...]:
    """All families of the kernel dataplane that realise kinds, by the files that they are in."""
    found = []
    for module in pkgutil.iter_modules(linux.__path__, f"{linux.__name__}."):
        for each in vars(importlib.import_module(module.name)).values():
            if isinstance(each, type) and issubclass(each, Family) and each.__module__ == module.name and each.kinds:
                found.append(each)
    return tuple(found)


def support() -> t.Dict[str, t.Mapping[str, str]]:
    """The support tables of all families, by kind. A kind that no family realises has none."""
    return {kind: family.support.get(kind, {}) for family in families() for kind in family.kinds}


def above(table: t.Mapping[str, str], path: str) -> str:
    """What a support table says of the outermost message that a field is in, of those of which it does not say yes."""
    words = path.split(".")
    texts = (table.get(".".join(words[:length]), "yes") for length in range(1, len(words)))
    return next((text for text in texts if text != "yes"), "")


def said(table: t.Mapping[str, str], path: str) -> str:
    """What a support table says of a field. What it says of a message is said of all in it, unless that is yes."""
    return table.get(path) or above(table, path)


def write(files: t.Mapping[pathlib.Path, str], what: str) -> int:
    """The main() of a tool: write the files, or with --check say which differ. Returns the exit code."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a file is not up to date")
    check = parser.parse_args().check
    stale = [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if not check:
            path.write_text(files[path], encoding="utf-8")
        print(f"{path.relative_to(TREE)}: {'is not up to date' if check else 'written'}")
    return 1 if check and stale else 0
