# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From declarations to Ansible's option specs. No option has a default: absent means keep, or the model's default."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Field, Kind

Options = t.Dict[str, t.Dict[str, t.Any]]

TYPES = {"uint32": "int", "int32": "int", "enum": "str", "message": "dict"}
SOUNDS_SECRET = re.compile("pass(?!ive)|secret|token|key", re.I)
"""Names that Ansible takes for secrets unless told otherwise."""


def options(kinds: t.Union[Kind, t.Sequence[Kind]]) -> Options:
    """Suboptions for an entry that is of one of the kinds: the union of their fields.

    Required is what every kind needs for its key, and what an element of a list needs (a list is given as a whole).
    """
    result: Options = {}
    all_of = [kinds] if isinstance(kinds, Kind) else list(kinds)
    for kind in all_of:
        _join(result, _options(kind.fields), kind.id)
    for name, option in result.items():
        if all(name in kind.identity_fields and kind.fields[name].required for kind in all_of):
            option["required"] = True
    return result


def _options(fields: t.Mapping[str, Field], whole: bool = False) -> Options:
    return {name: _option(field, whole) for name, field in fields.items()}


def _option(field: Field, whole: bool) -> t.Dict[str, t.Any]:
    kind = TYPES.get(field.type, field.type)
    option: t.Dict[str, t.Any] = {"type": "list", "elements": kind} if field.many else {"type": kind}
    if field.enum:
        option["choices"] = field.choices
    if field.fields:
        option["options"] = _options(field.fields, whole or field.many)
    if field.secret:
        option["no_log"] = True
    elif SOUNDS_SECRET.search(field.name):
        option["no_log"] = False
    if whole and field.required:
        option["required"] = True
    return option


def _join(into: Options, more: Options, where: str) -> None:
    for name, option in more.items():
        have = into.setdefault(name, option)
        if have is option:
            continue
        if (have["type"], have.get("elements")) != (option["type"], option.get("elements")):
            raise ValueError(f"{where}.{name}: is {option['type']} here and {have['type']} in another kind")
        if "choices" in have:
            have["choices"] = [*have["choices"], *(name for name in option["choices"] if name not in have["choices"])]
        if "options" in have:
            _join(have["options"], option["options"], f"{where}.{name}")
