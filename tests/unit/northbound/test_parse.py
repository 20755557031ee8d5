# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Items' data: what is read how, and what a refusal says. The many cases of JSON are in test_ligato_golden."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import FieldError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.parse import Word, parse, stored_json
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.yaml_text import YamlError, load, load_all, plain

INTERFACE, ROUTE = KINDS["linux.interfaces/interface"], KINDS["vpp/route"]


@pytest.mark.parametrize(
    ("data", "stored"),
    [
        ({"name": "v", "ipAddresses": ["10.0.0.1/8"], "host_if_name": "h"}, {"name": "v", "host_if_name": "h", "ip_addresses": ["10.0.0.1/8"]}),
        ({"mtu": 1500.0}, {"mtu": 1500}),
        ({"mtu": "1500"}, {"mtu": 1500}),
        ({"type": 1}, {"type": "VETH"}),
        ({"type": 99}, {"type": 99}),
        ({"enabled": Word("yes")}, {"enabled": True}),
        ({"enabled": Word("Off")}, {}),
        ({"name": Word("on")}, {"name": "on"}),
        ({"veth": {}}, {"veth": {}}),
        ({"veth": None, "enabled": False, "mtu": 0, "ip_addresses": [], "type": "UNDEFINED"}, {}),
        ('{"name": "v", "mtu": 1e3}', {"name": "v", "mtu": 1000}),
    ],
)
def test_parse(data, stored):
    parsed = parse(INTERFACE, data)
    assert parsed == stored == stored_json(INTERFACE, data)
    assert {type(item) for item in parsed.values()} <= {str, int, bool, list, dict}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"nmae": "v"}, "unknown field nmae; did you mean name?"),
        ({"hostIfname": "v"}, "unknown field hostIfname; did you mean host_if_name?"),
        ({"veth": {"peer_ifname": "v"}}, "unknown field veth.peer_ifname; did you mean peer_if_name?"),
        ({5: "v"}, "unknown field 5"),
        ({"type": "VET"}, "type: 'VET' is none of VETH, TAP_TO_VPP, LOOPBACK, EXISTING, VRF_DEVICE, DUMMY; did you mean VETH?"),
        ({"type": True}, "type: true is none of VETH"),
        ({"mtu": 1.5}, "mtu: 1.5 is not a uint32 (0 to 4294967295)"),
        ({"mtu": float("inf")}, "mtu: inf is not a uint32"),
        ({"mtu": True}, "mtu: true is not a uint32"),
        ({"mtu": Word("on")}, "mtu: 'on' is not a uint32"),
        ({"name": 5}, "name: 5 is not text: put it in quotes"),
        ({"name": True}, "name: true is not text: put it in quotes"),
        ({"name": "\ud800"}, "name: '\\ud800' is not valid Unicode"),
        ({"enabled": "yes"}, "enabled: 'yes' is neither true nor false"),
        ({"enabled": 1}, "enabled: 1 is neither true nor false"),
        ({"ip_addresses": [None]}, "ip_addresses[0]: null is not text"),
        ({"ip_addresses": {"a": 1}}, "ip_addresses is a list, not a mapping"),
        ({"veth": "v"}, "veth is a mapping, not 'v'"),
        ({"veth": {}, "tap": {}}, "tap cannot be given together with veth"),
        ({"hostIfName": "a", "host_if_name": None}, "host_if_name is given twice"),
        ([], "a list is not a mapping of fields"),
        (None, "null is not a mapping of fields"),
        ('{"name": NaN}', "no valid JSON: NaN is not JSON"),
        ('{"name": "a"', "no valid JSON in line 1, column 13"),
        ("[" * 100000, "no valid JSON"),
    ],
)
def test_refusals_name_field_value_and_the_nearest_spelling(data, message):
    with pytest.raises(FieldError) as refused:
        parse(INTERFACE, data, "item 3")
    assert refused.value.message.startswith("item 3: ") and message in refused.value.message


def test_all_problems_of_an_item_are_told_at_once():
    with pytest.raises(FieldError) as refused:
        parse(INTERFACE, {"nmae": 1, "mtu": -1, "veth": {"x": 1}})
    assert len(refused.value.context["problems"]) == 3


def test_secrets_are_not_in_refusals():
    with pytest.raises(FieldError) as refused:
        parse(KINDS["vpp/interfaces"], {"memif": {"secret": 20486}})
    assert refused.value.message == "vpp/interfaces: memif.secret: ******** is not text: put it in quotes"


def test_reports_are_known_but_not_configured():
    with pytest.raises(FieldError, match="govppmux/stats: is a report"):
        parse(KINDS["govppmux/stats"], {})


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("52:54:00:12:34:56", "52:54:00:12:34:56"),
        ("02:fe:00:00:00:01", "02:fe:00:00:00:01"),
        ("1:20", "1:20"),
        ("2020-01-01", "2020-01-01"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("010", 8),
        ("08", 8.0),
        ("0x1F", 31),
        ("0b11", 3),
        ("0o17", 15),
        ("-12", -12),
        ("+12", 12),
        ("1_000", 1000),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e999", "1e999"),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", float(2**64)),
        ("10.0.0.1", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("-a", "-a"),
        ("1٣", "1٣"),
        ("~", None),
        ("Null", None),
        ("nULL", "nULL"),
        ("TRUE", True),
        ("tRUE", "tRUE"),
        ("yes", "yes"),
        ("No", "No"),
        ("y", "y"),
        ("=", "="),
    ],
)
def test_plain_scalars_are_those_of_go_yaml(text, meant):
    assert plain(text) == meant and type(plain(text)) in (type(meant), Word)
    assert load(f"a: {text}", "x") == {"a": meant}
    assert load(f"a: '{text}'", "x") == {"a": text}


def test_words_are_what_the_field_makes_of_them():
    data = load("{name: on, enabled: on, host_if_name: n}", "x")
    assert parse(INTERFACE, data) == {"name": "on", "enabled": True, "host_if_name": "n"}
    assert load("a: !!bool yes", "x") == {"a": True} and load("a: !!str yes", "x") == {"a": "yes"}


def test_merge_keys_anchors_and_null_keys():
    text = "base: &b {x: 1, y: 2}\none: {<<: *b, y: 3}\ntwo: {<<: [{x: 9}, *b]}\nthree:\n  - match:\n    also: *b\n"
    data = load(text, "x")
    assert data["one"] == {"x": 1, "y": 3} and data["two"] == {"x": 9, "y": 2}
    assert data["three"] == [{"match": None, "also": {"x": 1, "y": 2}}]


def test_documents_and_their_lines():
    found = load_all("# nothing\n---\n---\na: 1\n---\n\n# x\nb: 2\n...\n", "x")
    assert [(one.data, one.line) for one in found] == [({"a": 1}, 4), ({"b": 2}, 8)]
    assert load("", "x") is None
    with pytest.raises(YamlError, match="x: has 2 documents where one is expected, the second in line 3"):
        load("a: 1\n---\nb: 2", "x")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: 1\nb: {c: 2, c: 3}", "f.yml:2:11: key c is there twice"),
        ("1: a\n'1': b", "f.yml:2:1: key 1 is there twice"),
        ("a: [1\nb: 2", "f.yml:2:2: "),
        ("a: 1\n\tb: 2", "f.yml:2:1: "),
        ("a: *b", "f.yml:1:4: "),
        ("a: &x [*x]", "f.yml:1:4: an alias inside"),
        ("? [a]\n: b", "f.yml:1:3: a key has to be a scalar"),
        ("a: !!python/name:os.system x", "f.yml:1:4: 'x' cannot have the tag"),
        ("a: !!timestamp 2020-01-01", "f.yml:1:4: "),
        ("a: !!int x", "f.yml:1:4: 'x' cannot have the tag"),
        ("a: !!set {x}", "f.yml:1:4: unknown tag"),
        ("<<: 5", "f.yml:1:5: only a mapping can be merged"),
        ("a: \x01", "f.yml: "),
        ("[" * 500 + "]" * 500, "f.yml:1:101: nested more than 100 deep"),
        ("[" * 300000, "f.yml:1:101: nested more than 100 deep"),
        ("- " * 300000, "f.yml:1:201: nested more than 100 deep"),
    ],
)
def test_yaml_errors_name_the_place(text, place):
    with pytest.raises(YamlError) as refused:
        load(text, "f.yml")
    assert refused.value.message.startswith(place)
