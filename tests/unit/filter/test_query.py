# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import sys

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.pantheon.cnf.plugins.filter.query import FilterModule

query = FilterModule().filters()["query"]
DATA = {"cnfs": [{"name": "a", "items": [1, 2]}, {"name": "b", "items": []}], "nat": {"cnf-nat44": {"inside": ["memif0"]}}}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("cnfs[?name=='a'].items | [0]", [1, 2]),
        ('nat."cnf-nat44".inside[0]', "memif0"),
        ("cnfs[*].name", ["a", "b"]),
        ("length(cnfs)", 2),
        ("nothing.here", None),
        ("@", DATA),
    ],
)
def test_select(expression, value) -> None:
    assert query(DATA, expression) == value


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("cnfs[?name==", "'cnfs[?name==' is no JMESPath expression"),
        ("nat.cnf-nat44", "is no JMESPath expression"),
        ("", "is no JMESPath expression"),
        ("size(cnfs)", "'size(cnfs)' cannot be applied: Unknown function: size()"),
        ("length(`1`)", "cannot be applied"),
        (7, "the expression has to be text, not 7"),
    ],
)
def test_mistakes(expression, message) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        query(DATA, expression)
    assert "pantheon.cnf.query" in str(caught.value) and message in str(caught.value)


def test_without_jmespath(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "jmespath", None)
    with pytest.raises(AnsibleFilterError, match="needs the Python package jmespath on the controller"):
        query(DATA, "@")


def test_no_value_of_ansibles_own_types_comes_out() -> None:
    class Tagged(str):
        pass

    selected = query({Tagged("a"): [Tagged("b")]}, Tagged("a"))
    assert selected == ["b"] and selected[0].__class__ is str
