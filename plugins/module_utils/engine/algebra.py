# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the states mean, as set algebra over values that have a key. Written once, for every kind and dataplane."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Value

STATES = ("merged", "replaced", "overridden", "deleted")

Merge = t.Callable[[Value, Value], Value]


def target(state: str, want: t.Mapping[str, Value], have: t.Mapping[str, Value], merge: Merge) -> t.Dict[str, Value]:
    """The values that shall exist afterwards, by key, given those that are wanted and those that are there.

    C(merged): what is there, with the given fields laid over it (C(merge(have, want))). C(replaced): each given
    value exactly as given, others stay. C(overridden): exactly the given values. C(deleted): what is there without the
    given keys; without any key, nothing.
    """
    if state == "merged":
        return {**have, **{key: merge(have[key], value) if key in have else value for key, value in want.items()}}
    if state == "replaced":
        return {**have, **want}
    if state == "overridden":
        return dict(want)
    if state == "deleted":
        return {key: value for key, value in have.items() if key not in want} if want else {}
    raise ValueError(f"no such state: {state}")
