# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option C(config) of the state modules, from the declarations of the kinds: each in a documentation fragment of its module's name.

module_docs.py [--check]   (with the collection importable, as scripts/test has it)
"""

from __future__ import annotations

import pathlib
import sys
import typing as t

import yaml
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import docs
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import UINT32, Field, Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.slot import Slot
from ansible_collections.pantheon.cnf.plugins.module_utils.state_module import config_spec

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.tools import common

HEAD = '''\
# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Written by tests/tools/module_docs.py from the declarations of the kinds. A fragment, so that no target is sent it."""

    DOCUMENTATION = r"""
'''
TAIL = '"""\n'
WIDTH = 130

Option = t.Dict[str, t.Any]
Fields = t.Dict[str, t.Tuple[Kind, t.Mapping[str, Field]]]


class _Flow(list):
    """A list in one line."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> t.Any:
        return super().increase_indent(flow, False)


_Dumper.add_representer(_Flow, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True))


class Where(t.NamedTuple):
    """An option, as others refer to it, and the dataplane whose module it is of."""

    option: str
    dataplane: common.Dataplane


def config_docs(slots: t.Sequence[Slot], dataplane: common.Dataplane) -> Option:
    """The documentation of the option C(config)."""
    spec = config_spec(slots)
    if len(slots) == 1:
        return _documented(spec, _about(slots[0]), _suboptions(spec, slots[0], Where("config[]", dataplane)))
    inside = {}
    for slot in slots:
        option, where = spec["options"][slot.name], Where(f"config.{slot.name}{'[]' if slot.many else ''}", dataplane)
        inside[slot.name] = _documented(option, _about(slot), _suboptions(option, slot, where))
    return _documented(spec, ["What there shall be, in northbound fields."], inside)


def _about(slot: Slot) -> t.List[str]:
    return [f"C({kind.id}): {docs.texts(kind)['']}" for kind in slot.kinds]


def _suboptions(option: Option, slot: Slot, where: Where) -> Option:
    fields: Fields = {kind.id: (kind, kind.fields) for kind in slot.kinds}
    return _entries(option["options"], fields, "", where)


def _entries(spec: Option, fields: Fields, base: str, where: Where) -> Option:
    result = {}
    for name, option in spec.items():
        path = base + name
        having = {id: (kind, inside[name]) for id, (kind, inside) in fields.items() if name in inside}
        text = _text(path, having, len(having) < len(fields), where)
        inner: Fields = {id: (kind, field.fields) for id, (kind, field) in having.items()}
        result[name] = _documented(option, text, _entries(option["options"], inner, f"{path}.", where) if "options" in option else None)
    return result


def _text(path: str, having: t.Mapping[str, t.Tuple[Kind, Field]], partly: bool, where: Where) -> t.List[str]:
    """What a field means, each kind's own words where they differ."""
    sentences: t.Dict[str, t.List[str]] = {}
    for id, (kind, field) in having.items():
        sentences.setdefault(" ".join(_sentences(path, kind, field, where)), []).append(id)
    if len(sentences) > 1:
        return [f"C({'), C('.join(ids)}): {sentence}" for sentence, ids in sentences.items()]
    sentence = next(iter(sentences))
    return [f"{sentence} Of C({'), C('.join(having)}) only." if partly and "O(" not in sentence else sentence]


def _sentences(path: str, kind: Kind, field: Field, where: Where) -> t.Iterator[str]:
    yield docs.texts(kind)[path]
    types = [name for name, member in kind.link.items() if member == path]
    if types:
        yield f"For {' and '.join(f'O({where.option}.type={name})' for name in types)}."
    if field.type in ("uint32", "int32") and (field.low, field.high) != (0, UINT32):
        yield f"From V({field.low}) to V({field.high})." if field.low else f"At most V({field.high})."
    table = where.dataplane.support().get(kind.id, {})
    word, _colon, why = common.said(table, path).partition(": ")
    if why and common.said(table, path) != common.above(table, path):
        yield f"{'Not on' if word == 'refused' else 'On'} {where.dataplane.short}: {why}."


def _documented(option: Option, text: t.List[str], inside: t.Optional[Option]) -> Option:
    result: Option = {"description": text if len(text) > 1 else text[0]}
    for word in ("type", "elements", "required"):
        if word in option:
            result[word] = option[word]
    if "choices" in option:
        result["choices"] = _Flow(option["choices"])
    if inside is not None:
        result["suboptions"] = inside
    return result


def fragment(slots: t.Sequence[Slot], dataplane: common.Dataplane) -> str:
    """The file that documents C(config)."""
    options = {"options": {"config": config_docs(slots, dataplane)}}
    return HEAD + yaml.dump(options, Dumper=_Dumper, sort_keys=False, width=WIDTH, allow_unicode=True, default_flow_style=False) + TAIL


def files() -> t.Dict[pathlib.Path, str]:
    """The fragment of each state module that there is."""
    plugins = common.TREE / "plugins"
    modules = ((name, slots, dataplane) for dataplane in common.DATAPLANES for name, slots in dataplane.modules.items())
    return {plugins / f"doc_fragments/{name}.py": fragment(slots, dataplane) for name, slots, dataplane in modules if (plugins / f"modules/{name}.py").exists()}


if __name__ == "__main__":
    sys.exit(common.write(files(), "The option C(config) of the state modules."))
