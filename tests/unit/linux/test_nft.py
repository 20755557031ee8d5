# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import json
import string
import types
import typing as t

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Operation, Resource, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import nft
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host, NotPrivileged
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.netlink import NETLINK_NETFILTER, attribute
from hypothesis import given, settings
from hypothesis import strategies as st

KEY = ("nft", "nat")

# As nft 1.0.6 lists it (-n -j): what our own text for each becomes.
EXPRESSIONS = [
    ("iifname @nat_inside", {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "@nat_inside"}}),
    ("ct state invalid,new", {"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": [8, 1]}}),
    ("ct status dnat", {"match": {"op": "in", "left": {"ct": {"key": "status"}}, "right": 32}}),
    ("ct direction reply", {"match": {"op": "==", "left": {"ct": {"key": "direction"}}, "right": 1}}),
    ("fib saddr type local", {"match": {"op": "==", "left": {"fib": {"result": "type", "flags": ["saddr"]}}, "right": 2}}),
    ("fib saddr type local", {"match": {"op": "==", "left": {"fib": {"result": "type", "flags": "saddr"}}, "right": 2}}),
    ("meta nfproto ipv4", {"match": {"op": "==", "left": {"meta": {"key": "nfproto"}}, "right": 2}}),
    (
        "ip saddr 10.0.0.0/8",
        {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": {"prefix": {"addr": "10.0.0.0", "len": 8}}}},
    ),
    ("snat ip to 10.0.0.1-10.0.0.5 persistent", {"snat": {"family": "ip", "addr": {"range": ["10.0.0.1", "10.0.0.5"]}, "flags": "persistent"}}),
    ("snat ip to 10.0.0.0-10.0.0.1 persistent", {"snat": {"family": "ip", "addr": {"prefix": {"addr": "10.0.0.0", "len": 31}}, "flags": ["persistent"]}}),
    ("tcp flags & 18 == 2", {"match": {"op": "==", "left": {"&": [{"payload": {"protocol": "tcp", "field": "flags"}}, [2, 16]]}, "right": 2}}),
    ("tcp flags & 18 == 2", {"match": {"op": "==", "left": {"&": [{"payload": {"protocol": "tcp", "field": "flags"}}, {"|": [2, 16]}]}, "right": 2}}),
    ("tcp flags & 18 == 0", {"match": {"op": "!", "left": {"payload": {"protocol": "tcp", "field": "flags"}}, "right": [2, 16]}}),
    ("tcp flags & 255 == 18", {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "flags"}}, "right": [2, 16]}}),
    ("ct mark & 268435456 == 268435456", {"match": {"op": "==", "left": {"&": [{"ct": {"key": "mark"}}, 268435456]}, "right": 268435456}}),
    ("ct mark set ct mark | 268435456", {"mangle": {"key": {"ct": {"key": "mark"}}, "value": {"|": [{"ct": {"key": "mark"}}, 268435456]}}}),
    (
        "dnat ip to numgen random mod 10 map { 0-3 : 10.0.0.1 . 80, 4 : 10.0.0.2 . 90 }",
        {
            "dnat": {
                "family": "ip",
                "addr": {
                    "map": {
                        "key": {"numgen": {"mode": "random", "mod": 10, "offset": 0}},
                        "data": {"set": [[{"range": [0, 3]}, {"concat": ["10.0.0.1", 80]}], [4, {"concat": ["10.0.0.2", 90]}]]},
                    }
                },
            }
        },
    ),
    (
        "jhash ip saddr mod 7 seed 0x1 vmap { 0-5 : goto a, 6 : goto b }",
        {
            "vmap": {
                "key": {"jhash": {"mod": 7, "seed": 1, "expr": {"payload": {"protocol": "ip", "field": "saddr"}}}},
                "data": {"set": [[{"range": [0, 5]}, {"goto": {"target": "a"}}], [6, {"goto": {"target": "b"}}]]},
            }
        },
    ),
    ("drop", {"drop": None}),
    ('{"log": {"prefix": "x"}}', {"log": {"prefix": "x"}}),
    ('{"limit": {"rate": 3}}', {"limit": {"rate": 3}}),
]


@pytest.mark.parametrize(("text", "listed"), EXPRESSIONS)
def test_an_expression_is_shown_as_we_write_it(text: str, listed: t.Any) -> None:
    assert nft.show(listed) == text


@given(st.text(max_size=60), st.text(max_size=60))
def test_names_stay_distinct_as_identifiers(one: str, other: str) -> None:
    assert (nft.escape(one) == nft.escape(other)) == (one == other)
    assert set(nft.escape(one)) <= set(string.ascii_letters + string.digits + "_")
    assert len(nft.escape(one * 50)) <= 100


JSON = st.recursive(
    st.booleans() | st.integers(0, 2**32) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=9), inner, max_size=5),
)


@settings(max_examples=80)
@given(st.dictionaries(st.text(min_size=1, max_size=40), st.dictionaries(st.text(max_size=9), JSON, max_size=5), max_size=6))
def test_notes_come_back_as_they_went(data: t.Mapping[str, t.Mapping[str, t.Any]]) -> None:
    values = [Value("vpp.nat/dnat44", key, body) for key, body in data.items()]
    attributes = nft.notes(values, [("link", "memif0"), ("foreign-link", "eth0")])
    packed = nft._pack(attributes)
    assert all('"' not in comment and len(comment.encode()) <= 128 and comment.isprintable() for comment in packed.values())
    listed = [{"elem": {"val": int(key), "comment": comment}} for key, comment in packed.items()]
    assert nft._unpack(reversed(listed)) == attributes
    assert sorted(nft.remembered(Resource(KEY, attributes)), key=lambda value: value.key) == sorted(values, key=lambda value: value.key)


def test_a_torn_note_is_left_out_and_the_others_stay() -> None:
    values = [Value("k", "small", {"a": "b"}), Value("k", "large", {"names": [f"name {number}" for number in range(900)]})]
    packed = nft._pack(nft.notes(values, []))
    large = [key for key, comment in packed.items() if comment.startswith("z")]
    for missing in (large[0], str(int(large[0]) + 1)):
        listed = [{"elem": {"val": int(key), "comment": comment}} for key, comment in packed.items() if key != missing]
        assert set(nft._unpack(listed)) == {"value small", "requires"}
    assert nft._unpack([7, {"elem": {"val": 65536, "comment": "{"}}]) == {}


def section(**more: t.Any) -> t.Dict[str, t.Any]:
    base = {
        "chain nat_post": ("type nat hook postrouting priority 100; policy accept;", "masquerade"),
        "set nat_map": ("ipv4_addr : ipv4_addr", {"10.0.0.1": "10.0.0.2"}),
        "set nat_outer": ("ifname", {"m1": ""}),
        "requires": (),
    }
    return {**base, **{name.replace("__", " "): body for name, body in more.items()}}


def test_the_whole_section_is_made_in_an_order_that_nft_takes() -> None:
    lines = nft.statements("t", "nat", None, section())
    assert lines == [
        "add set inet t nat_values { type mark; }",
        "flush set inet t nat_values",
        "add map inet t nat_map { type ipv4_addr : ipv4_addr; }",
        "add set inet t nat_outer { type ifname; }",
        "add chain inet t nat_post { type nat hook postrouting priority 100; policy accept; }",
        "add element inet t nat_map { 10.0.0.1 : 10.0.0.2 }",
        'add element inet t nat_outer { "m1" }',
        "add element inet t nat_values { 0 comment \"['requires',[]]\" }",
        "add rule inet t nat_post masquerade",
    ]


def test_only_what_differs_is_sent() -> None:
    after = section(set__nat_map=("ipv4_addr : ipv4_addr", {"10.0.0.1": "10.0.0.3", "10.0.0.9": "10.0.0.9"}))
    assert nft.statements("t", "nat", section(), after) == [
        "delete element inet t nat_map { 10.0.0.1 }",
        "add element inet t nat_map { 10.0.0.1 : 10.0.0.3, 10.0.0.9 : 10.0.0.9 }",
    ]
    assert nft.statements("t", "nat", section(), section()) == []


def test_a_new_hook_or_type_makes_the_object_anew() -> None:
    after = section(chain__nat_post=("type nat hook postrouting priority 101; policy accept;", "masquerade"), set__nat_outer=("ipv4_addr", {"10.0.0.1": ""}))
    assert nft.statements("t", "nat", section(), after) == [
        "flush chain inet t nat_post",
        "flush set inet t nat_outer",
        "delete set inet t nat_outer",
        "delete chain inet t nat_post",
        "add set inet t nat_outer { type ipv4_addr; }",
        "add chain inet t nat_post { type nat hook postrouting priority 101; policy accept; }",
        "add element inet t nat_outer { 10.0.0.1 }",
        "add rule inet t nat_post masquerade",
    ]


class Fake:
    """A host with tables (of family inet), whose nft answers as told. C(error): what the kernel says when it is asked for tables."""

    def __init__(
        self, returncode: int = 0, stdout: str = "", stderr: str = "", tables: t.Sequence[str] = ("pantheon_cnf_c",), error: t.Optional[OSError] = None
    ) -> None:
        self.answer = types.SimpleNamespace(returncode=returncode, stdout=stdout, stderr=stderr)
        self.calls: t.List[t.Tuple[t.List[str], t.Optional[str]]] = []
        self.tables, self.error = tables, error

    def program(self, name: str) -> str:
        return f"/usr/sbin/{name}"

    def socket(self, protocol: int) -> t.Any:
        assert protocol == NETLINK_NETFILTER
        return types.SimpleNamespace(dump=self.dump)

    def dump(self, kind: int, body: bytes) -> t.Iterator[bytes]:
        if self.error:
            raise self.error
        assert (kind, body) == (0xA01, bytes(4)), "all tables of all families"
        return (bytes((1, 0, 0, 0)) + attribute(1, name.encode() + b"\0") for name in self.tables)

    def run(self, argv: t.Sequence[str], stdin: t.Optional[str] = None) -> t.Any:
        self.calls.append((list(argv), stdin))
        return self.answer

    def explain(self, error: OSError) -> CnfError:
        return Host("fake").explain(error)


def operations(*names: str, delete: bool = False) -> t.List[Operation]:
    made = [Resource(("nft", name), {"requires": (), f"chain {name}_x": ("", "drop")}) for name in names]
    return [Operation("delete", one.key, one, None) if delete else Operation("create", one.key, None, one) for one in made]


def test_a_wave_is_one_transaction() -> None:
    host, family = Fake(), nft.Nft("cnf-1")
    wave = operations("nat", "acl")
    assert family.perform(host, wave) == [None, None]
    ((argv, script),) = host.calls
    assert argv == ["nft", "-f", "-"]
    assert script is not None and script.startswith("add table inet pantheon_cnf_cnf_2d1\n")
    assert "add rule inet pantheon_cnf_cnf_2d1 nat_x drop\n" in script and "add rule inet pantheon_cnf_cnf_2d1 acl_x drop\n" in script
    assert [line for operation in wave for line in family.commands(operation)] == [f"nft {line}" for line in script.splitlines()[1:]]


def test_the_table_goes_with_its_last_section_only() -> None:
    host, family = Fake(), nft.Nft("c")
    family.perform(host, operations("nat", "acl"))
    family.perform(host, operations("nat", delete=True))
    family.perform(host, operations("acl", delete=True))
    first, last = [script or "" for _argv, script in host.calls[1:]]
    assert "delete chain inet pantheon_cnf_c nat_x\n" in first and "delete table" not in first
    assert last.endswith("delete table inet pantheon_cnf_c\n")


def test_a_refusal_names_the_statement_and_fails_the_whole_wave() -> None:
    host = Fake(1, stderr="/dev/stdin:4:1-20: Error: Could not process rule: Invalid argument\nadd chain\n^^^^\n")
    errors = nft.Nft("c").perform(host, operations("nat", "acl"))
    assert errors == ["Could not process rule: Invalid argument, at: add chain inet pantheon_cnf_c nat_x"] * 2
    with pytest.raises(NotPrivileged, match="become"):
        nft.Nft("c").perform(Fake(1, stderr="Operation not permitted (you must be root)\n"), operations("nat"))


def test_rules_that_stand_while_sessions_cannot_be_cleared_are_a_failure() -> None:
    def settle(*_unused: t.Any) -> None:
        raise CnfError("no such thing")

    (error,) = nft.Nft("c", {"nat": settle}).perform(Fake(), operations("nat"))
    assert error is not None and "no such thing" in error and "rules are in place" in error


def test_a_missing_table_is_nothing_and_other_errors_are_errors() -> None:
    none = Fake(tables=("pantheon_cnf_cc", "c"))
    assert nft.Nft("c").observe(none) == [] and none.calls == [], "without a table of ours nft is not even started"
    gone = Fake(1, stderr="Error: No such file or directory\nlist table inet pantheon_cnf_c\n")
    assert nft.Nft("c").observe(gone) == [] and len(gone.calls) == 1, "it went in between"
    assert nft.Nft("c").observe(Fake(error=OSError(errno.EINVAL, "Invalid argument"))) == [], "a kernel without nftables"
    with pytest.raises(NotPrivileged, match="become"):
        nft.Nft("c").observe(Fake(error=OSError(errno.EPERM, "Operation not permitted")))
    with pytest.raises(nft.NftError, match="no sense"):
        nft.Nft("c").observe(Fake(1, stderr="that makes no sense\n"))
    with pytest.raises(NotPrivileged, match="become"):
        nft.Nft("c").observe(Fake(1, stderr="Operation not permitted (you must be root)\n"))


def test_what_somebody_added_shows() -> None:
    listing = [
        {"metainfo": {}},
        {"table": {"family": "inet", "name": "t"}},
        {"set": {"name": "nat_values", "type": "mark"}},
        {"set": {"name": "nat_outer", "type": "ifname", "elem": ["m1", {"elem": {"val": "m2", "comment": "mine"}}]}},
        {"map": {"name": "nat_map", "type": ["ipv4_addr"], "map": ["ipv4_addr"], "flags": ["timeout"], "elem": [["10.0.0.1", "10.0.0.2"]]}},
        {"chain": {"name": "nat_post", "type": "nat", "hook": "postrouting", "prio": 100, "policy": "drop"}},
        {"chain": {"name": "nat_empty"}},
        {"rule": {"chain": "nat_post", "expr": [{"log": None}]}},
    ]
    (found,) = nft.Nft("c").observe(Fake(stdout=json.dumps({"nftables": listing})))
    assert found.key == KEY
    assert found.attributes == {
        "set nat_outer": ("ifname", {"m1": "", "m2": ""}),
        "set nat_map": ('ipv4_addr : ipv4_addr{"flags": ["timeout"]}', {"10.0.0.1": "10.0.0.2"}),
        "chain nat_post": ("type nat hook postrouting priority 100; policy drop;", "log"),
        "chain nat_empty": ("",),
    }


def test_translation_that_ends_is_a_recreate_so_that_forwarding_goes_off_before() -> None:
    family = nft.Nft("c")
    before = Resource(KEY, section())
    without = Resource(KEY, {name: body for name, body in section().items() if name != "set nat_outer"})
    assert family.transition(before, without) == "recreate"
    assert family.transition(without, before) == "update"
    assert family.transition(before, Resource(KEY, section())) == "same"


def test_an_order_that_says_nothing_is_no_change() -> None:
    family = nft.Nft("c")

    def noted(data: t.Any) -> Resource:
        return Resource(KEY, nft.notes([Value("vpp.nat/dnat44", "x", data)], []))

    one, other = {"external_ip": "10.0.0.1"}, {"external_ip": "10.0.0.2"}
    assert family.transition(noted({"st_mappings": [one, other]}), noted({"st_mappings": [other, one]})) == "same"
    assert family.transition(noted({"rules": [one, other]}), noted({"rules": [other, one]})) == "update"
