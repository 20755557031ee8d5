# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML as the demo's controller reads it (go-yaml 2), which is not as PyYAML reads it.

Unquoted C(52:54:00:12:34:56) is text, not a number to base 60; a date is text; C(010) is octal, C(1e3) a number. C(yes),
C(no), C(on), C(off), C(y) and C(n) are kept as L(Word), so that the field decides what they mean. The same key twice in
a mapping is an error.
"""

from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.parse import SWITCHES, Word

PLAIN = "tag:pantheon.tech,2026:plain"
TAG = "tag:yaml.org,2002:"
MERGE = TAG + "merge"
DEEPEST = 100
TAGGED: t.Dict[str, t.Tuple[type, ...]] = {TAG + "int": (int,), TAG + "float": (int, float), TAG + "bool": (bool, Word), TAG + "null": (type(None),)}
CONSTANTS: t.Dict[str, t.Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((f"{sign}.{word}" for sign in ("", "+") for word in ("inf", "Inf", "INF")), float("inf")),
    **dict.fromkeys((f"-.{word}" for word in ("inf", "Inf", "INF")), float("-inf")),
}
WORDS = {word for each in SWITCHES for word in (each, each.capitalize(), each.upper())}
INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))", re.ASCII)
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)


class YamlError(CnfError):
    """Text that is no YAML; the message has the source, and the line and column in it."""


class Text(str):
    """A text in YAML; C(line) is the line of the source (from 1) where its content begins."""

    line = 0


class Document(t.NamedTuple):
    """One document of a YAML stream, and the line where it begins."""

    data: t.Any
    line: int


def load_all(text: str, source: str, first_line: int = 1) -> t.List[Document]:
    """The documents of C(text) that are not empty; C(source) and C(first_line) say in errors where it comes from."""
    import yaml

    try:
        _refuse_depth(yaml.parse(str(text), Loader=_loader()), source, first_line)
        nodes = list(yaml.compose_all(str(text), Loader=_loader()))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "no valid YAML"
        raise _error(source, mark, ", ".join(part for part in (problem, getattr(error, "context", None)) if part), first_line) from None
    return [
        Document(_build(node, source, first_line, {}), node.start_mark.line + first_line)
        for node in nodes
        if not (node is None or node.tag == PLAIN and node.value in ("", "~", "null"))
    ]


def _refuse_depth(events: t.Iterable[t.Any], source: str, first: int) -> None:
    """Composing recurses, in C without a limit: what is nested too deeply must not get there."""
    depth = 0
    for event in events:
        name = type(event).__name__
        depth += 1 if name in ("SequenceStartEvent", "MappingStartEvent") else -1 if name in ("SequenceEndEvent", "MappingEndEvent") else 0
        if depth > DEEPEST:
            raise _error(source, event.start_mark, f"nested more than {DEEPEST} deep", first)


def load(text: str, source: str, first_line: int = 1) -> t.Any:
    """The one document of C(text); None when there is none."""
    documents = load_all(text, source, first_line)
    if len(documents) > 1:
        raise YamlError(f"{source}: has {len(documents)} documents where one is expected, the second in line {documents[1].line}")
    return documents[0].data if documents else None


def plain(text: str) -> t.Any:
    """What an unquoted scalar without a tag is: go-yaml's rules, but for L(Word)."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if text in WORDS:
        return Word(text)
    if text[0] == ".":
        return float(text) if FLOAT.fullmatch(text) else text
    if text[0] not in "+-0123456789":
        return text
    bare = text.replace("_", "")
    found = INTEGER.fullmatch(bare)
    if found:
        sign, digits = found.group(1), found.group(found.lastindex or 0)
        number = int(sign + digits, {2: 16, 3: 2, 4: 8}.get(found.lastindex or 0, 10)) if len(digits) < 70 else 2**64
        if -(2**63) <= number < 2**64 and not (sign == "+" and number >= 2**63):
            return number
    if FLOAT.fullmatch(bare):
        number_ = float(bare)
        return text if abs(number_) == float("inf") else number_
    return text


@functools.lru_cache
def _loader() -> t.Any:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Leaves it to L(plain) what an untagged plain scalar is."""

        def resolve(self, kind: t.Any, value: t.Any, implicit: t.Any) -> str:
            if kind is yaml.ScalarNode and implicit[0]:
                return MERGE if value == "<<" else PLAIN
            return str(super().resolve(kind, value, implicit))

    return Loader


def _build(node: t.Any, source: str, first: int, made: t.Dict[int, t.Any]) -> t.Any:
    """Python's values of a node; what an alias points at is built once."""
    if id(node) in made:
        if made[id(node)] is made:
            raise _error(source, node.start_mark, "an alias inside of what it points at", first)
        return made[id(node)]
    made[id(node)] = made
    if node.id == "scalar":
        value = _scalar(node, source, first)
    elif node.tag not in (TAG + "map", TAG + "seq"):
        raise _error(source, node.start_mark, f"unknown tag {node.tag}", first)
    elif node.id == "sequence":
        value = [_build(each, source, first, made) for each in node.value]
    else:
        value = _mapping(node, source, first, made)
    made[id(node)] = value
    return value


def _mapping(node: t.Any, source: str, first: int, made: t.Dict[int, t.Any]) -> t.Dict[str, t.Any]:
    own: t.Dict[str, t.Any] = {}
    merged: t.Dict[str, t.Any] = {}
    for name_node, value_node in node.value:
        if name_node.tag == MERGE:
            parts = value_node.value if value_node.id == "sequence" else [value_node]
            for part in parts:
                if part.id != "mapping":
                    raise _error(source, part.start_mark, "only a mapping can be merged", first)
                merged = {**_build(part, source, first, made), **merged}
            continue
        if name_node.id != "scalar":
            raise _error(source, name_node.start_mark, "a key has to be a scalar", first)
        name = str(name_node.value)
        if name in own:
            raise _error(source, name_node.start_mark, f"key {name} is there twice in one mapping", first)
        own[name] = _build(value_node, source, first, made)
    return {**merged, **own}


def _scalar(node: t.Any, source: str, first: int) -> t.Any:
    if node.tag == PLAIN:
        return plain(node.value)
    if node.tag in (TAG + "str", "!", MERGE):
        text = Text(node.value)
        text.line = node.start_mark.line + first + (1 if node.style in ("|", ">") else 0)
        return text
    value = plain(node.value)
    if not isinstance(value, TAGGED.get(node.tag, ())) or isinstance(value, bool) and node.tag != TAG + "bool":
        raise _error(source, node.start_mark, f"{node.value!r} cannot have the tag {node.tag}", first)
    return SWITCHES[value.lower()] if isinstance(value, Word) else value


def _error(source: str, mark: t.Any, text: str, first: int) -> YamlError:
    if mark is None:
        return YamlError(f"{source}: {text}")
    return YamlError(f"{source}:{mark.line + first}:{mark.column + 1}: {text}", line=mark.line + first, column=mark.column + 1)
