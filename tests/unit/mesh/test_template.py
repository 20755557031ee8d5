# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.template import UnsupportedTemplate, is_template, render
from hypothesis import given
from hypothesis import strategies as st

from .vectors import vectors

# What Go's own text/template (1.26) made of each text, with the labels as dot; the text unchanged when it refused.
GO = vectors("go-template.jsonl")


@pytest.mark.parametrize("vector", GO, ids=lambda vector: vector["text"])
def test_as_go_renders_it(vector) -> None:
    assert render(vector["text"], vector["labels"]) == vector["out"]


def test_the_vectors_hold_both_renderings_and_refusals() -> None:
    refused = [vector for vector in GO if vector["error"]]
    assert len(refused) > 20 and all(vector["out"] == vector["text"] for vector in refused)
    assert sum(vector["out"] != vector["text"] for vector in GO) > 80


@pytest.mark.parametrize(
    "text",
    [
        '{{define "x"}}y{{end}}',
        '{{block "x" .}}y{{end}}',
        '{{template "tmpl"}}',
        '{{printf "%[1]s" .app}}',
        '{{printf "%e" 1.5}}',
        '{{printf "%*d" 3 4}}',
        "{{1i}}",
        "{{range 100000000}}x{{end}}",
        "{{" + "(" * 2000 + "1" + ")" * 2000 + "}}",
    ],
)
def test_what_go_does_and_we_do_not_is_an_error_and_no_literal(text: str) -> None:
    with pytest.raises(UnsupportedTemplate, match="cannot evaluate"):
        render(text, {"app": "b"})


def test_a_branch_that_is_not_taken_is_not_executed() -> None:
    assert render('{{if .x}}{{template "no"}}{{else}}ok{{end}}', {}) == "ok"
    assert render("{{or .app (index .app 99)}}", {"app": "b"}) == "b"


def test_variables_end_with_their_block() -> None:
    assert render("{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", {}) == "21"
    assert render("{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", {}) == "2"
    text = "{{if true}}{{$x := 2}}{{end}}{{$x}}"
    assert render(text, {}) == text


def test_break_and_continue() -> None:
    assert render('{{range $k, $v := .}}{{if eq $k "b"}}{{continue}}{{end}}{{if eq $k "d"}}{{break}}{{end}}{{$k}}{{end}}', dict.fromkeys("abcde", "1")) == "ac"


@given(st.text(alphabet='{}"`.$|()/*-= :,\n\\ab1', max_size=30), st.dictionaries(st.sampled_from("ab"), st.text(max_size=3)))
def test_any_text_is_rendered_refused_or_reported(text: str, labels) -> None:
    try:
        result = render(text, labels)
    except UnsupportedTemplate:
        return
    assert isinstance(result, str)
    if not is_template(text):
        assert result == text
