# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of keys, canonical form, parsing and merging that hold for every kind and any data."""

from __future__ import annotations

import json

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.advice import normal
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.parse import json_name, parse
from hypothesis import given
from hypothesis import strategies as st

from .world import ANY, messages


def camel(fields, data):
    return {
        json_name(name): fields[name].map(item, lambda each, inner=fields[name].fields: camel(inner, each))
        if fields[name].fields and item is not None
        else item
        for name, item in data.items()
    }


@given(ANY)
def test_canonical_is_idempotent_and_parses_to_itself(case):
    kind, data = case
    stored = kind.canonical(data)
    assert kind.canonical(stored) == stored
    assert parse(kind, stored) == stored
    assert parse(kind, json.dumps(stored)) == stored
    assert list(stored) == [name for name in kind.fields if name in stored]


@given(ANY)
def test_both_spellings_parse_alike(case):
    kind, data = case
    assert parse(kind, data) == parse(kind, camel(kind.fields, data)) == parse(kind, json.dumps(camel(kind.fields, data)))


@given(ANY, st.randoms())
def test_the_key_depends_on_identity_alone(case, random):
    kind, data = case
    items = list(data.items())
    random.shuffle(items)
    key = kind.key(data)
    assert key == kind.key(kind.canonical(data)) == kind.key(dict(items)) == kind.key(kind.full(data))
    assert key == kind.key({name: item for name, item in data.items() if name in kind.identity_fields})
    assert kind.value(data) == (kind.id, key, kind.canonical(data))


@given(ANY)
def test_full_says_the_same_as_canonical(case):
    kind, data = case
    full = kind.full(data)
    assert kind.canonical(full) == kind.canonical(data)
    assert list(full) == list(kind.fields) and kind.full(full) == full


@given(ANY)
def test_normal_form_is_stable(case):
    kind, data = case
    once = normal(kind.id, data)
    assert normal(kind.id, once) == once


@given(ANY)
def test_problems_and_references_take_anything_that_parses(case):
    kind, data = case
    for problem in kind.problems(data):
        assert problem.path and problem.text
    for path, what, name in kind.references(data):
        assert path and what and isinstance(name, str) and name
    assert bool(kind.problems(data)) == bool(kind.problems(kind.canonical(data)))


@given(ANY.flatmap(lambda case: st.tuples(st.just(case[0]), st.just(case[1]), messages(case[0].fields))))
def test_merging_lays_the_wanted_over_the_observed(case):
    kind, observed, wanted = case
    merged = kind.merge(observed, wanted)
    assert kind.merge(merged, wanted) == merged
    assert kind.merge(merged, {}) == merged
    full, plain = kind.full(merged), kind.full(wanted)
    for name, field in kind.fields.items():
        if wanted.get(name) is not None and (field.many or not field.fields):
            assert full[name] == plain[name]
    if not observed.get("type") and not kind.link:
        assert kind.merge({}, wanted) == kind.canonical(wanted)


@given(ANY)
def test_nothing_secret_is_left_after_redaction(case):
    kind, data = case
    seen = []
    kind.map_secrets(data, lambda secret: seen.append(secret) or secret)
    shown = kind.redact(data)
    again = []
    kind.map_secrets(shown, lambda secret: again.append(secret) or secret)
    assert len(again) == len(seen) and set(again) <= {"********"}
    assert kind.map_secrets(data, lambda secret: secret) == data
