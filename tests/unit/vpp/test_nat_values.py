# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From values of NAT44 to what VPP has and back, without a VPP: whatever the values are."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import plan
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import docs
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.rules import check
from ansible_collections.pantheon.cnf.plugins.module_utils.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import nat_lift, nat_tag
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Place
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppDataplane
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.nat import Nat
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.nat_lower import Build
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.unit.test_no_field_is_ignored import paths, without
from tests.unit.vpp.nat_world import ANY, KINDS, dnat, mapping, pool, role, value

LINKS = ("a", "b", "c")
VRFS = st.sampled_from([0, 0, 5, ANY])
PORTS = st.integers(1, 4)


def pools():
    """Some, of which none has another's address."""

    def build(parts):
        found, at = [], 0
        for gap, length, vrf, twice, name in parts:
            at += gap
            found.append(pool(f"192.0.2.{at}", f"192.0.2.{at + length}", vrf_id=vrf, twice_nat=twice, name=f"pool{at}" if name else ""))
            at += length + 1
        return found

    return st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), VRFS, st.booleans(), st.booleans()), max_size=6).map(build)


def local(share):
    fields = {"local_ip": st.integers(1, 9).map("10.0.0.{}".format), "local_port": PORTS, "vrf_id": VRFS}
    return st.fixed_dictionaries({**fields, **({"probability": st.integers(1, 9)} if share else {})})


def side(address, interface):
    return st.one_of(st.integers(1, 9).map(lambda last: {address: f"203.0.113.{last}"}), st.sampled_from(LINKS).map(lambda name: {interface: name}))


STATIC = st.builds(
    lambda external, port, protocol, inside, whole: {
        **external,
        "local_ips": [{name: item for name, item in inside.items() if name != "local_port"}] if whole else [inside],
        **({} if whole else {"external_port": port, "protocol": protocol}),
    },
    side("external_ip", "external_interface"),
    PORTS,
    st.sampled_from(["TCP", "UDP", "ICMP"]),
    local(False),
    st.booleans(),
)
BALANCED = st.builds(
    lambda last, port, inside, affinity: {"external_ip": f"203.0.113.{last}", "external_port": port, "local_ips": inside, "session_affinity": affinity},
    st.integers(1, 9),
    PORTS,
    st.lists(local(True), min_size=2, max_size=4),
    st.sampled_from([0, 0, 60]),
)
IDENTITY = st.builds(lambda inside, port, vrf: {**inside, "port": port, "vrf_id": vrf}, side("ip_address", "interface"), st.integers(0, 2), VRFS)
MAPPINGS = st.lists(
    st.tuples(st.sampled_from("xyz"), st.lists(st.one_of(STATIC, BALANCED), max_size=3), st.lists(IDENTITY, max_size=2)),
    max_size=3,
    unique_by=lambda one: one[0],
)
ROLES = st.dictionaries(st.sampled_from(LINKS), st.sampled_from([("inside",), ("outside",), ("inside", "outside"), ("output",)]))
VALUES = st.builds(
    lambda some, labels, roles, forwarding, udp, mss, sessions, limits, followed, ways: [
        *some,
        *(dnat(label, *static, identities=identities) for label, static, identities in labels),
        *(role(name, *each) for name, each in roles.items()),
        *([value("global", forwarding=True)] if forwarding else []),
        *([value("timeouts", udp=udp)] if udp else []),
        *([value("mss-clamp", mss=mss)] if mss else []),
        *([value("plugin", sessions=sessions)] if sessions else []),
        *(value("session-limit", vrf_id=vrf, sessions=7) for vrf in limits),
        *(value("interface-pool", name=name) for name in followed),
        *(value("vrf", src_vrf_id=source, dest_vrf_ids=sorted(targets)) for source, targets in ways.items()),
    ],
    pools(),
    MAPPINGS,
    ROLES,
    st.booleans(),
    st.sampled_from([0, 9]),
    st.sampled_from([0, 1400]),
    st.sampled_from([0, 1000]),
    st.sets(st.sampled_from([0, 5])),
    st.sets(st.sampled_from(LINKS)),
    st.dictionaries(st.sampled_from([0, 5]), st.sets(st.sampled_from([0, 5]))),
)


def lowered(values):
    return Build(values, View({}, "t", offline=True)).build()


def possible(values):
    assume(not check(values) and not any(KINDS[each.kind].problems(each.data) for each in values))
    try:
        return lowered(values)
    except CnfError:
        return assume(False)


@given(VALUES)
@settings(max_examples=150)
def test_what_is_lifted_is_the_same_again(values):
    resources = possible(values)
    lifted = list(nat_lift.lift(resources))
    assert {key: one.attributes for key, one in lowered(lifted).items()} == {key: one.attributes for key, one in resources.items()}
    assert list(nat_lift.lift(lowered(lifted))) == lifted


@given(VALUES, VALUES)
@settings(max_examples=100)
def test_what_is_there_told_apart_by_what_is_wanted_is_still_all_of_it(there, wanted):
    resources = possible(there)
    assume(not check(wanted))
    found = nat_lift.recognised(list(nat_lift.lift(resources)), wanted)
    assert len({each.key for each in found}) == len(found)
    again = lowered(found)
    assert resources.keys() <= again.keys()
    # Together with what is wanted there is nothing twice.
    merged = {**{each.key: each for each in found}, **{each.key: each for each in wanted if each.kind.endswith("pool")}}
    assert [str(each) for each in check([each for each in merged.values() if each.kind == "vpp.nat/nat44-pool"]) if "already" in str(each)] == []


@given(VALUES)
@settings(max_examples=50)
def test_what_was_wanted_is_what_is_told(values):
    resources = possible(values)
    found = nat_lift.recognised(list(nat_lift.lift(resources)), values)
    told = {each.key: each for each in found}
    for each in values:
        if each.kind in ("vpp.nat/nat44-pool", "vpp.nat/nat44-interface", "pantheon.nat/nat44-interface-pool"):
            assert told[each.key] == each


@given(st.text(min_size=1, max_size=40), st.sampled_from([("", 0), ("192.0.2.1", 0), ("", 60)]))
def test_a_tag_says_what_was_put_into_it(label, more):
    assume(nat_tag.said(label) == nat_tag.Said(label))
    assert nat_tag.said(nat_tag.text(label, *more)) == nat_tag.Said(label, *more)


def test_a_mapping_without_a_tag_is_of_nobody():
    assert nat_tag.said("") is None


def test_it_is_told_without_a_vpp():
    plane = VppDataplane(Place(), [Nat()], "t", offline=True)
    web = dnat("web", mapping("wan", 80, local="10.0.0.1"))
    waves = plan(plane, {}, plane.lower([role("lan", "inside"), role("wan", "output"), pool("192.0.2.1"), value("timeouts", udp=5), web], {}, {}))
    assert [call for wave in waves for operation in wave for call in plane.commands(operation)] == [
        "nat44_ed_plugin_enable_disable enable=true sessions=64512 inside_vrf=0 outside_vrf=0",
        "nat_set_timeouts udp=5 tcp_established=7440 tcp_transitory=240 icmp=60",
        "nat44_interface_add_del_feature is_add=true flags=32 sw_if_index=lan",
        "nat44_add_del_address_range first_ip_address=192.0.2.1 last_ip_address=192.0.2.1 vrf_id=0 is_add=true",
        "nat44_add_del_static_mapping_v2 is_add=true flags=4 local_ip_address=10.0.0.1 local_port=80 protocol=6 external_sw_if_index=wan"
        " external_port=80 vrf_id=0 tag=web",
        "nat44_ed_add_del_output_interface is_add=true sw_if_index=wan",
    ]
    assert not plane.families[0].made


# -- no field is ignored -----------------------------------------------------------------------------------------------

BESIDE = [
    pool("192.0.2.200", "192.0.2.201", twice_nat=True),
    role("a", "inside"),
    value("vrf", src_vrf_id=7),
]
SIDE = {"local_ip": "10.0.0.1", "local_port": 80}
EXAMPLES = [
    value(
        "global", forwarding=True, nat_interfaces=[{"name": "b", "is_inside": True}], address_pool=[{"address": "192.0.2.1", "vrf_id": 5, "twice_nat": True}]
    ),
    value("global", nat_interfaces=[{"name": "b", "output_feature": True}]),
    value("global", endpoint_independent=True, address_pool=[{"address": "192.0.2.1"}]),
    value("interface", name="b", nat_inside=True, nat_outside=True),
    value("interface", name="b", output_feature=True),
    value("pool", first_ip="192.0.2.1", last_ip="192.0.2.2", vrf_id=5, twice_nat=True),
    dnat("x", {"external_ip": "192.0.2.1", "external_port": 80, "protocol": "UDP", "local_ips": [SIDE]}),
    dnat(
        "x", {"external_interface": "b", "external_port": 80, "local_ips": [{**SIDE, "vrf_id": 5}], "twice_nat": "ENABLED", "twice_nat_pool_ip": "192.0.2.200"}
    ),
    dnat(
        "x",
        {
            "external_ip": "192.0.2.1",
            "external_port": 80,
            "local_ips": [{**SIDE, "probability": 1}, {"local_ip": "10.0.0.2", "local_port": 80, "probability": 2}],
            "session_affinity": 5,
        },
    ),
    dnat("x", identities=[{"ip_address": "10.0.0.1", "port": 80, "protocol": "UDP", "vrf_id": 5}, {"interface": "b"}]),
    value("timeouts", udp=1, tcp_established=1, tcp_transitory=1, icmp=1),
    value("plugin", sessions=1, inside_vrf=5, outside_vrf=5),
    value("interface-pool", name="b", twice_nat=True),
    value("session-limit", vrf_id=5, sessions=1),
    value("mss-clamp", mss=1),
    value("vrf", src_vrf_id=5, dest_vrf_ids=[6]),
    value("vrf-route", src_vrf_id=7, dest_vrf_id=5),
]
NOTHING_TO_DO = {("vpp.nat/nat44-global", path) for path in docs.paths(KINDS["vpp.nat/nat44-global"].fields) if "reassembly" in path}
CASES = [(each, path) for each in EXAMPLES for path in dict.fromkeys(paths(each.data)) if path not in KINDS[each.kind].identity_fields]


@pytest.mark.parametrize(("wanted", "path"), CASES, ids=lambda each: each if isinstance(each, str) else each.kind)
def test_without_the_field_something_else_comes_out(wanted, path):
    assert KINDS[wanted.kind].problems(wanted.data) == []
    beside = [] if wanted.data.get("endpoint_independent") else BESIDE
    whole = lowered([wanted, *beside])
    try:
        part = lowered([KINDS[wanted.kind].value(without(wanted.data, path)), *beside])
    except (CnfError, KeyError):
        return  # the field cannot be missing
    assert whole != part


def test_every_field_is_in_an_example():
    shown = {(each.kind, path) for each, path in CASES} | {(kind.id, path) for kind in KINDS.values() for path in kind.identity_fields}
    every = {(kind.id, path) for kind in KINDS.values() for path in docs.paths(kind.fields)}
    messages = {(kind, path.rpartition(".")[0]) for kind, path in every}
    assert every - shown - messages == NOTHING_TO_DO - messages
