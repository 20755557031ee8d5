# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of VPP's messages that the double speaks: names, checksums and layouts by release, from the API descriptions of VPPs.

python -m tests.tools.vpp_catalogue RELEASE=API_DIR...   take these releases anew (C(26.06=/usr/share/vpp/api)), keep the others

Messages are those that our code and the double name. Run it again for all releases when one is missing.
"""

from __future__ import annotations

import ast
import json
import pathlib
import sys
import typing as t

TREE = pathlib.Path(__file__).resolve().parents[2]
PATH = TREE / "tests/doubles/vpp/catalogue.json"
SOURCES = ("plugins/module_utils/vpp", "plugins/modules", "tests/doubles/vpp", "tests/unit/vpp", "tests/bench")
ALWAYS = ("sockclnt_create", "sockclnt_delete", "control_ping", "show_version", "get_api_json", "get_first_msg_id", "memclnt_keepalive")
ROUGHLY = ("v2", "v3", "v4", "v5", "v6", "2")
"""Endings of newer messages: a release that has only the older or the newer of one that is named is of use with it."""

Json = t.Any


def named() -> t.Set[str]:
    """Every word in quotes of our code that may be a message."""
    found = set(ALWAYS)
    for source in SOURCES:
        for path in sorted((TREE / source).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
            found.update(text for text in texts if text.isidentifier() and "_" in text)
    return found


def stem(name: str) -> str:
    """Without the ending that tells versions apart."""
    head, _line, tail = name.rpartition("_")
    return head if tail in ROUGHLY else name.removesuffix("2")


def bare(raw: Json) -> Json:
    """A field or a type without comments and all else that is not layout."""
    if isinstance(raw, list):
        return [each for each in map(bare, raw) if each != {}]
    if isinstance(raw, dict):
        return {name: raw[name] for name in ("crc", "enumtype", "default", "limit", "type", "length") if name in raw}
    return raw


class Release:
    """All that a folder of descriptions says."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.messages: t.Dict[str, Json] = {}
        self.types: t.Dict[str, Json] = {}
        for path in sorted(folder.glob("*/*.api.json")):
            content = json.loads(path.read_text(encoding="utf-8"))
            where = f"{path.parent.name}/{path.name.removesuffix('.api.json')}"
            for form, part in (("enum", "enums"), ("enum", "enumflags"), ("union", "unions"), ("struct", "types")):
                self.types.update((f"vl_api_{each[0]}_t", [form, bare(each[1:])]) for each in content[part])
            self.types.update((f"vl_api_{name}_t", ["alias", bare(each)]) for name, each in content["aliases"].items())
            for each in content["messages"]:
                crc = int(each[-1]["crc"], 16)
                self.messages[each[0]] = (f"{crc:08x}", [where, bare(each[1:-1]), content["services"].get(each[0], {})])

    def wanted(self, names: t.Set[str]) -> t.Set[str]:
        """Those of these names, with their replies and details."""
        stems = {stem(name) for name in names}
        chosen = {name for name in self.messages if stem(name) in stems}
        for name in tuple(chosen):
            service = self.messages[name][1][2]
            chosen.update(each for each in (service.get("reply"), service.get("stream_msg")) if each in self.messages)
        return chosen

    def used(self, raw: Json, found: t.Set[str]) -> t.Set[str]:
        """Types that a layout needs."""
        names = [raw["type"]] if isinstance(raw, dict) else [each[0] for each in raw if isinstance(each, list)]
        for name in names:
            if name in self.types and name not in found:
                found.add(name)
                form, definition = self.types[name]
                if form != "enum":
                    self.used(definition, found)
        return found


def merged(old: Json, name: str, release: Release, names: t.Set[str]) -> Json:
    """The catalogue with this release in it."""
    crcs, variants, needed = {}, {}, set()
    for message in sorted(release.wanted(names)):
        crc, described = release.messages[message]
        old["messages"].setdefault(message, {})[crc] = described
        crcs[message] = crc
        release.used(described[1], needed)
    for each in sorted(needed):
        known = old["types"].setdefault(each, [])
        if release.types[each] not in known:
            known.append(release.types[each])
        if known.index(release.types[each]):
            variants[each] = known.index(release.types[each])
    old["releases"][name] = {"messages": crcs, "types": variants}
    return old


def text(catalogue: Json) -> str:
    """One line for each message and type, so that a change is seen for what it is."""

    def line(name: str, value: Json) -> str:
        return f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}"

    def block(part: str) -> str:
        return "{\n" + ",\n".join(line(name, value) for name, value in sorted(catalogue[part].items())) + "\n}"

    return "{\n" + ",\n".join(f'"{part}": {block(part)}' for part in ("releases", "messages", "types")) + "\n}\n"


def main(arguments: t.Sequence[str]) -> int:
    """Write it."""
    given = dict(each.split("=", 1) for each in arguments)
    if not given:
        print(__doc__)
        return 1
    catalogue: Json = {"releases": {}, "messages": {}, "types": {}}
    if PATH.exists():
        kept = json.loads(PATH.read_text(encoding="utf-8"))
        if set(kept["releases"]) - set(given):
            catalogue = kept
    names = named()
    for release, folder in sorted(given.items()):
        merged(catalogue, release, Release(pathlib.Path(folder)), names)
    PATH.write_text(text(catalogue), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
