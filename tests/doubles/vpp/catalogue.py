# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages of a release, out of C(catalogue.json) (made by C(tests/tools/vpp_catalogue.py)), in the form of VPP's own files."""

from __future__ import annotations

import functools
import json
import pathlib
import typing as t

PATH = pathlib.Path(__file__).with_name("catalogue.json")
FORMS = {"enum": "enums", "union": "unions", "struct": "types"}


@functools.cache
def _all() -> t.Any:
    return json.loads(PATH.read_text(encoding="utf-8"))


def releases() -> t.List[str]:
    """Oldest first."""
    return sorted(_all()["releases"])


@functools.cache
def files(release: str) -> t.Mapping[str, t.Any]:
    """Descriptions by file: C(plugins/nat44_ed). Not to be changed."""
    catalogue = _all()
    chosen = catalogue["releases"][release]

    def definition(name: str) -> t.Any:
        return catalogue["types"][name][chosen["types"].get(name, 0)]

    def used(raw: t.Any, found: t.Dict[str, t.Any]) -> None:
        for name in [raw["type"]] if isinstance(raw, dict) else [each[0] for each in raw if isinstance(each, list)]:
            if name in catalogue["types"] and name not in found:
                form, defined = definition(name)
                if form != "enum":
                    used(defined, found)
                found[name] = (form, defined)

    content: t.Dict[str, t.Any] = {}
    types: t.Dict[str, t.Dict[str, t.Any]] = {}
    for message, crc in chosen["messages"].items():
        file, raw, service = catalogue["messages"][message][crc]
        one = content.setdefault(file, {"types": [], "messages": [], "unions": [], "enums": [], "enumflags": [], "services": {}, "options": {}, "aliases": {}})
        one["messages"].append([message, *raw, {"crc": f"0x{crc}"}])
        if service:
            one["services"][message] = service
        used(raw, types.setdefault(file, {}))
    for file, named in types.items():
        for name, (form, defined) in named.items():
            short = name[len("vl_api_") : -len("_t")]
            if form == "alias":
                content[file]["aliases"][short] = defined
            else:
                content[file][FORMS[form]].append([short, *defined])
    return content


def write(release: str, folder: pathlib.Path, without: t.Container[str] = ()) -> pathlib.Path:
    """A folder of descriptions as a VPP of this release has it."""
    for file, content in files(release).items():
        path = folder / f"{file}.api.json"
        if file not in without:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content), encoding="utf-8")
    return folder
