# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of the real models (Ligato's own code, run): keys, stored values, refusals, fields."""

from __future__ import annotations

import json
import pathlib

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.parse import json_name, stored_json
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS, find

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "vectors"


def lines(name):
    """The lines of a vector file; a carriage return inside of one is part of it."""
    return [line.split("\t") for line in (VECTORS / name).read_bytes().decode().split("\n") if line]


def in_json_names(fields, data):
    """Data as protojson prints it by default, in lowerCamelCase."""
    result = {}
    for name, value in data.items():
        field = fields[name]
        if field.fields:
            value = field.map(value, lambda item, inner=field.fields: in_json_names(inner, item))
        result[json_name(name)] = value
    return result


def answer(item):
    """(kind, key, stored data) of an item in a vector's notation; raises what refuses it."""
    module, type_, version, data = item.split(" ", 3)
    kind = find(module, type_, version)
    stored = stored_json(kind, data)
    return kind, kind.key(stored), stored


@pytest.mark.parametrize(("item", "key", "printed"), lines("ligato-golden.tsv"))
def test_golden(item, key, printed):
    if key == "ERR":
        with pytest.raises(CnfError) as refused:
            answer(item)
        assert item.split(" ")[0] in refused.value.message
    else:
        kind, ours, stored = answer(item)
        assert (ours, in_json_names(kind.fields, stored)) == (key, json.loads(printed))


def test_all_golden_lines_are_there():
    assert len(lines("ligato-golden.tsv")) == 79 and len(lines("ligato-models.tsv")) == 44


def test_neighbours():
    """500 more answers of the same code, printed with proto names: all kinds, odd numbers, texts, paths, oneofs."""
    wrong = []
    for item, key, printed in lines("ligato-neighbours.tsv"):
        try:
            _kind, ours, stored = answer(item)
        except CnfError as refused:
            ours, stored = "ERR", refused.message
        if ours != key or key != "ERR" and stored != json.loads(printed):
            wrong.append((item, (key, printed), (ours, stored)))
    assert not wrong and len(lines("ligato-neighbours.tsv")) > 450


def test_models_are_known_by_module_type_version_and_key():
    for name, version, prefix, template in lines("ligato-models.tsv"):
        kind = next(kind for kind in KINDS.values() if f"{kind.module}.{kind.type}" == name)
        assert (kind.version, kind.prefix) == (version, prefix.rstrip("/"))
        assert kind.singleton == (template == "")
        assert find(kind.module, kind.type) is kind


def test_fields_are_those_of_the_models():
    """Names, types, lists, oneofs and enum numbers of every field, also nested ones: none missing, none more."""
    types = {"string": "str"}
    theirs = {}
    for kind, path, type_, json_spelling, oneof, enum in lines("ligato-fields.tsv"):
        many, _space, base = type_.rpartition(" ")
        numbers = {label: int(at) for label, at in (each.split("=") for each in enum.split())}
        theirs.setdefault(kind, {})[path] = (types.get(base, base), bool(many), oneof, numbers)
        assert json_name(path.rpartition(".")[2]) == json_spelling

    def ours(fields, base=""):
        for name, field in fields.items():
            yield base + name, (field.type, field.many, field.oneof, dict(field.enum))
            yield from ours(field.fields, f"{base}{name}.")

    assert {kind: dict(ours(KINDS[kind].fields)) for kind in theirs} == theirs
    added = {kind for kind in set(KINDS) - set(theirs) if not kind.startswith("pantheon.")}
    assert added == {"cnf.nsm/client", "cnf.nsm/endpoint", "govppmux/stats"}
