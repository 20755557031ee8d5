# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold between the values of one CNF. What a value must be in itself is its kind's C(problems).

Each area adds the rules of its kinds when it is imported, so that a module ships no others.
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Problem

Values = t.Mapping[str, t.Sequence[Value]]
Problems = t.Iterator[Problem]
Rule = t.Callable[[Values], Problems]

RULES: t.List[Rule] = []
"""Given a CNF's values by kind, each yields the problems it finds."""


def check(values: t.Iterable[Value]) -> t.List[Problem]:
    """Problems between the values of one CNF, each naming item and field. The same value twice is none."""
    found: t.List[Problem] = []
    first: t.Dict[str, Value] = {}
    by_kind: t.Dict[str, t.List[Value]] = {}
    for value in values:
        if first.setdefault(value.key, value) is value:
            by_kind.setdefault(value.kind, []).append(value)
        elif first[value.key].data != value.data:
            endpoint = value.kind == "cnf.nsm/endpoint"
            text = "a CNF serves a network service by one endpoint" if endpoint else "is there twice, with different fields"
            found.append(Problem("", text, title(value)))
    return found + [problem for rule in RULES for problem in rule(by_kind)]


def title(value: Value) -> str:
    """The value in messages."""
    return f"{value.kind} {value.key}"


def once(entries: t.Iterable[t.Tuple[t.Any, Value, str, str]]) -> Problems:
    """Of (identity, value, path, text): a problem for each whose identity another value has already."""
    seen: t.Dict[t.Any, Value] = {}
    for identity, value, path, text in entries:
        first = seen.setdefault(identity, value)
        if first is not value:
            yield Problem(path, f"{text}, and so has {title(first)}", title(value))
