# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a configuration wants, whatever the store: data by the keys that Ligato agents read. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import REDACTED, Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS, OPAQUE

AGENTS = "/vnf-agent/"

Data = t.Dict[str, t.Any]


class Item(t.Protocol):
    """What is published: a value for a microservice, and where it is written. Items of documents are such."""

    @property
    def microservice(self) -> str:
        """The label."""

    @property
    def value(self) -> Value:
        """The value; its key is made anew."""

    @property
    def source(self) -> str:
        """For messages."""


class InvalidItems(CnfError):
    """Items that cannot be published; nothing was written."""


def microservice_of(key: str) -> str:
    """The label in a key."""
    return key[len(AGENTS) :].partition("/")[0]


def kind_of(key: str) -> t.Optional[Kind]:
    """The kind of a key below /vnf-agent/LABEL/; None when there is none."""
    tail = key[len(AGENTS) :].partition("/")[2]
    found = [kind for kind in KINDS.values() if tail == kind.prefix or tail.startswith(kind.prefix + "/")]
    return max(found, key=lambda kind: len(kind.prefix), default=None)


def desired(name: str, items: t.Iterable[Item]) -> t.Dict[str, Data]:
    """Data by key of items. Raises L(InvalidItems) with all that is wrong."""
    wanted: t.Dict[str, Data] = {}
    problems: t.List[str] = []
    for item in items:
        where = item.source or f"configuration {name}"
        kind = KINDS.get(item.value.kind)
        if kind is None or kind.id in OPAQUE:
            problems.append(f"{where}: {item.value.kind} is no kind that can be configured")
            continue
        label = item.microservice
        if not label or "/" in label or label in (".", ".."):
            problems.append(f"{where}: microservice {label!r} cannot be a part of a key")
            continue
        data = kind.canonical(item.value.data)
        problems += [f"{where} ({kind.id}): {problem}" for problem in kind.problems(data)]
        key = f"{AGENTS}{label}/{kind.key(data)}"
        if wanted.setdefault(key, data) != data:
            problems.append(f"{where}: key {key} is there twice in one configuration, with different data")
    if problems:
        raise InvalidItems("; ".join(problems[:20]), problems=problems)
    return wanted


def once(names: t.Sequence[str]) -> None:
    """Raise for configurations that are there twice."""
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise CnfError(f"configuration {', '.join(twice)} is there twice in one task")


def listed(values: t.Mapping[str, t.Any]) -> t.List[t.Dict[str, t.Any]]:
    """Items as they are shown, without secrets, from data by key."""
    items = []
    for key, data in sorted(values.items()):
        kind = kind_of(key)
        named = {"module": kind.module, "type": kind.type, "version": kind.version} if kind else {"key": key}
        items.append({"microservice": microservice_of(key), **named, "data": kind.redact(data) if kind and isinstance(data, dict) else REDACTED})
    return items
