# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tools that write documentation share: which module shows which kinds, what each dataplane does with each field."""

from __future__ import annotations

import argparse
import functools
import importlib
import pathlib
import pkgutil
import types
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils import linux, vpp
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Family
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.slots import areas
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.slot import Slot

TREE = pathlib.Path(__file__).resolve().parents[2]
Table = t.Mapping[str, str]


class Dataplane(t.NamedTuple):
    """What documentation says of a dataplane. C(name) begins the names of its modules; C(short) stands in a sentence."""

    name: str
    title: str
    short: str
    package: types.ModuleType
    areas: areas.Areas

    @property
    def modules(self) -> t.Dict[str, t.Sequence[Slot]]:
        """The slots of each state module."""
        return {f"{self.name}_{area}": slots for area, slots in self.areas.items()}

    @property
    def shown(self) -> t.Dict[str, Kind]:
        """All kinds that a module shows."""
        return {kind.id: kind for slots in self.areas.values() for slot in slots for kind in slot.kinds}

    def families(self) -> t.Tuple[t.Type[Family], ...]:
        """All families that realise kinds, by the files that they are in."""
        return _families(self.package)

    def support(self) -> t.Dict[str, Table]:
        """The support tables of all families, by kind. A kind that no family realises has none."""
        return {kind: family.support.get(kind, {}) for family in self.families() for kind in family.kinds}


LINUX = Dataplane("linux", "Linux kernel", "the kernel", linux, areas.LINUX)
VPP = Dataplane("vpp", "VPP", "VPP", vpp, areas.VPP)
DATAPLANES = (LINUX, VPP)


@functools.cache
def _families(package: types.ModuleType) -> t.Tuple[t.Type[Family], ...]:
    found = []
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        for each in vars(importlib.import_module(module.name)).values():
            if isinstance(each, type) and issubclass(each, Family) and each.__module__ == module.name and each.kinds:
                found.append(each)
    return tuple(found)


def above(table: Table, path: str) -> str:
    """What a support table says of the outermost message that a field is in, of those of which it does not say yes."""
    words = path.split(".")
    texts = (table.get(".".join(words[:length]), "yes") for length in range(1, len(words)))
    return next((text for text in texts if text != "yes"), "")


def said(table: Table, path: str) -> str:
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
