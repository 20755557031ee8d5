# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every field has its sentence, and no sentence is about a field that there is not."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import docs, other
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS

DESCRIBED = [kind for kind in KINDS.values() if kind not in other.KINDS and kind is not other.STATISTICS]


@pytest.mark.parametrize("kind", DESCRIBED, ids=lambda kind: kind.id)
def test_every_field_is_described(kind):
    found = docs.texts(kind)
    assert [path for path, sentence in found.items() if not sentence] == []
    assert all(sentence[0].isupper() and sentence.endswith(".") and ": " not in sentence for sentence in found.values())


def test_nothing_else_is_described():
    assert set(docs.TEXTS) == {kind.id for kind in DESCRIBED}
    used = set()
    for kind in DESCRIBED:
        there = set(docs.paths(kind.fields))
        own = set(docs._lines(docs.TEXTS[kind.id]))
        assert own <= {"", *there}
        used |= {name for path in there - own for name in (path, path.rpartition(".")[2])}
    assert set(docs._lines(docs.SHARED)) <= used
