# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules between values: each of the 24 rules of NAT44, and the others."""

from __future__ import annotations

import inspect

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import advice, nat_rules
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.nat_table import NAT_RULES
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.rules import check

from .world import dnat, mapping, pool, role, value

SIDES = (role("in", nat_inside=True), role("out", nat_outside=True))
NORMAL, TWICE = pool("1.1.1.1", "1.1.1.9"), pool("2.2.2.2", "2.2.2.9", twice_nat=True)
FOLLOWED = value("pantheon.nat/nat44-interface-pool", name="out", twice_nat=True)
BALANCED = {"external_ip": "1.1.1.1", "external_port": 80}


def locals_(*probabilities, port=80):
    return [{"local_ip": f"10.0.0.{at}", "local_port": port, "probability": each} for at, each in enumerate(probabilities, 1)]


def identity(**data):
    return dnat(identities=[data])


def endpoint(**more):
    return value("cnf.nsm/endpoint", network_service="s", interface_name_prefix="m", **more)


GOOD = [
    [],
    [*SIDES, NORMAL, TWICE],
    [pool("1.1.1.1", "1.1.1.9"), pool("1.1.1.1", "1.1.1.9", twice_nat=True, name="t")],
    [pool("1.1.1.1"), pool("1.1.1.2", vrf_id=1)],
    [dnat(mapping(port=80), mapping(port=81), mapping(port=80, protocol="UDP"))],
    [dnat(mapping()), dnat(mapping("1.1.1.2", local="10.0.0.2"), label="e")],
    [dnat({"external_interface": "out", "local_ips": [{"local_ip": "10.0.0.1"}]})],
    [NORMAL, TWICE, dnat(mapping(port=80, twice_nat="ENABLED", twice_nat_pool_ip="2.2.2.3"), mapping(port=81, twice_nat="SELF"))],
    [value("vpp.nat/nat44-global", address_pool=[{"address": "2.2.2.2", "twice_nat": True}]), dnat(mapping(port=80, twice_nat="ENABLED"))],
    [identity(ip_address="10.0.0.1"), dnat(label="e", identities=[{"interface": "out", "port": 53, "protocol": "UDP"}])],
    [dnat({**BALANCED, "local_ips": locals_(1, 2), "session_affinity": 30})],
    [FOLLOWED, dnat(mapping(port=80, twice_nat="ENABLED", twice_nat_pool_ip="3.3.3.3"))],
    [FOLLOWED, value("pantheon.nat/nat44-interface-pool", name="out"), dnat(mapping(port=80, twice_nat="SELF"))],
    [endpoint(), endpoint()],
    [value("linux.interfaces/interface", name="a", type="VETH", veth={"peer_if_name": "b"}), role("a")],
    [
        value("linux.interfaces/interface", name="a", type="VETH", veth={"peer_if_name": "b"}),
        value("linux.interfaces/interface", name="b", type="VETH", veth={"peer_if_name": "a"}),
        value("vpp/interfaces", name="a", type="MEMIF", memif={"master": True}),
        value("vpp/interfaces", name="b", type="MEMIF", memif={}),
    ],
]


@pytest.mark.parametrize("values", GOOD)
def test_nothing_is_found_where_nothing_is_wrong(values):
    assert check(values) == []
    for one in values:
        assert KINDS[one.kind].problems(one.data) == []


BAD = {
    4: [
        ([pool("1.1.1.1", "1.1.1.5"), pool("1.1.1.5", "1.1.1.9")], "first_ip: address 1.1.1.5 is in vpp.nat/nat44-pool config/vpp/nat"),
        ([pool("1.1.1.1", "1.1.1.9"), pool("1.1.1.3"), pool("1.1.1.9", vrf_id=2)], "address 1.1.1.9 is in"),
        ([pool("1.1.1.1", name="a"), pool("1.1.1.1", name="b")], "first_ip: address 1.1.1.1 is in vpp.nat/nat44-pool config/vpp/nat/v2/nat44-pool/a already"),
        ([value("vpp.nat/nat44-global", address_pool=[{"address": "1.1.1.1"}] * 2)], "address_pool[1].address: address 1.1.1.1 is in address_pool[0]"),
        ([NORMAL, value("vpp.nat/nat44-global", address_pool=[{"address": "1.1.1.2"}])], "address_pool[0].address: address 1.1.1.2 is in"),
    ],
    6: [
        ([dnat({"external_port": 80, "local_ips": locals_(0)})], "st_mappings[0].external_ip: give either external_ip or external_interface"),
        ([dnat(mapping(external_interface="out"))], "st_mappings[0].external_ip: give either external_ip or external_interface"),
        ([dnat({"external_ip": "1.1.1.1"})], "st_mappings[0].local_ips: is required"),
        ([dnat(mapping(port=80, local_port=0))], "st_mappings[0].local_ips[0].local_port: give ports on both sides"),
        ([dnat(mapping(local_port=80))], "st_mappings[0].local_ips[0].local_port: give ports on both sides"),
    ],
    7: [([dnat(mapping(protocol="UDP"))], "st_mappings[0].protocol: UDP needs ports")],
    8: [([dnat(mapping(protocol="ICMP"))], "st_mappings[0].protocol: ICMP needs ports")],
    9: [
        ([dnat(mapping(), mapping(port=80, local="10.0.0.2"))], "external_ip: 1.1.1.1 is mapped by vpp.nat/dnat44 config/vpp/nat/v2/dnat44/d st_mappings[0]"),
        ([dnat(mapping(port=80)), dnat(mapping(local="10.0.0.2"), label="e")], "config/vpp/nat/v2/dnat44/d: st_mappings[0].external_ip: 1.1.1.1 is mapped by"),
        ([dnat(mapping(port=80), mapping(port=80, local="10.0.0.2"))], "st_mappings[1].external_ip: 1.1.1.1 is mapped by"),
        ([dnat(mapping(), mapping(local="10.0.0.2"))], "st_mappings[0].external_ip: 1.1.1.1 is mapped by"),
    ],
    10: [([dnat(mapping(), mapping("1.1.1.2"))], "st_mappings[1].local_ips[0].local_ip: 10.0.0.1 is mapped as a whole by vpp.nat/dnat44")],
    11: [
        ([TWICE, dnat(mapping(twice_nat="ENABLED"))], "st_mappings[0].twice_nat: ENABLED needs ports"),
        ([NORMAL, dnat(mapping(port=80, twice_nat="ENABLED"))], "st_mappings[0].twice_nat: ENABLED needs a pool with twice_nat: true"),
        ([NORMAL, dnat(mapping(port=80, twice_nat="SELF"))], "st_mappings[0].twice_nat: SELF needs a pool with twice_nat: true"),
    ],
    12: [([TWICE, dnat(mapping(port=80, twice_nat="SELF"))], "st_mappings[0].external_ip: 1.1.1.1 is in no pool")],
    13: [
        ([NORMAL, TWICE, dnat(mapping(port=80, twice_nat="ENABLED", twice_nat_pool_ip="1.1.1.2"))], "twice_nat_pool_ip: 1.1.1.2 is in no pool with twice_nat"),
        ([NORMAL, TWICE, dnat(mapping(port=80, twice_nat="SELF", twice_nat_pool_ip="2.2.2.2"))], "twice_nat_pool_ip: needs twice_nat: ENABLED"),
        ([TWICE, dnat({**BALANCED, "local_ips": locals_(1, 1), "twice_nat": "ENABLED", "twice_nat_pool_ip": "2.2.2.2"})], "cannot be chosen for several"),
    ],
    14: [
        ([identity(port=80)], "id_mappings[0].ip_address: give either ip_address or interface"),
        ([identity(ip_address="10.0.0.1", interface="out")], "id_mappings[0].ip_address: give either ip_address or interface"),
        ([identity(ip_address="10.0.0.1", protocol="UDP")], "id_mappings[0].protocol: UDP needs a port"),
    ],
    15: [
        ([dnat({**BALANCED, "local_ips": locals_(1, 1), "protocol": "ICMP"})], "st_mappings[0].protocol: ICMP cannot be balanced"),
        ([dnat({**BALANCED, "local_ips": locals_(1, 0)})], "st_mappings[0].local_ips[1].probability: is required"),
        ([dnat({"external_ip": "1.1.1.1", "local_ips": locals_(1, 1, port=0)})], "external_ip: several local_ips need external_ip and external_port"),
        ([dnat({**BALANCED, "local_ips": locals_(1) * 2})], "st_mappings[0].local_ips[1].local_ip: 10.0.0.1 port 80 is there twice"),
        ([dnat(mapping(port=80, session_affinity=3))], "st_mappings[0].session_affinity: needs several local_ips"),
        (
            [value("vpp.nat/nat44-global", endpoint_independent=True), dnat({**BALANCED, "local_ips": locals_(1, 1)})],
            "st_mappings[0].local_ips: several need endpoint-dependent NAT",
        ),
    ],
    21: [([pool("10.0.0.0", "10.1.0.0")], "first_ip: the pools have 65537 addresses, more than 65536")],
}


@pytest.mark.parametrize(("values", "problem"), [case for cases in BAD.values() for case in cases])
def test_nat_problems(values, problem):
    assert any(problem in str(each) for each in check(values)), [str(each) for each in check(values)]
    assert all(each.item and each.path and each.text for each in check(values))


def test_rule_2_interfaces_exist():
    values = [role("mmeif0"), dnat({"external_interface": "out", "local_ips": [{"local_ip": "10.0.0.1"}]}), value("vpp/interfaces", name="l", type="DPDK")]
    assert [str(each) for each in advice.unknown_interfaces(values, ["memif0"])] == [
        "vpp.nat/nat44-interface config/vpp/nat/v2/nat44-interface/mmeif0: name: there is no interface mmeif0; did you mean memif0?",
        "vpp.nat/dnat44 config/vpp/nat/v2/dnat44/d: st_mappings[0].external_interface: there is no interface out",
    ]
    assert advice.unknown_interfaces([role("memif0"), role("l"), *values[2:]], ["memif0"]) == []


def test_rule_5_is_the_pool_s_own():
    assert [each.path for each in KINDS["vpp.nat/nat44-pool"].problems({"first_ip": "10.0.0.2", "last_ip": "10.0.0.1"})] == ["last_ip"]


def inside_of_vrf(number):
    return value("vpp/interfaces", name="in", type="MEMIF", memif={}, vrf=number)


@pytest.mark.parametrize(
    ("rule", "values", "warning"),
    [
        (1, [SIDES[0], NORMAL], "no interface has nat_outside or output_feature"),
        (1, [SIDES[1], NORMAL], "no interface has nat_inside"),
        (3, [*SIDES], "there is neither a pool nor a mapping"),
        (17, [*SIDES, pool("1.1.1.1", vrf_id=3), inside_of_vrf(2)], "vrf_id: 3 is the VRF of no inside interface"),
        (18, [role("in", nat_inside=True, nat_outside=True), NORMAL, dnat(mapping("9.9.9.9"))], "external_ip: 9.9.9.9 is in no pool; where in is both"),
        (20, [*SIDES, role("out2", output_feature=True), NORMAL], "out, out2 are all outside"),
        (22, [*SIDES, NORMAL, value("vpp/interfaces", name="out", type="IPSEC_TUNNEL", ipsec={})], "out has NAT and IPsec"),
        (22, [*SIDES, NORMAL, value("vpp.ipsec/tun-protect", interface="in")], "in has NAT and IPsec"),
        (22, [*SIDES, NORMAL, value("vpp.ipsec/spd", interfaces=[{"name": "in"}])], "in has NAT and IPsec"),
    ],
)
def test_nat_warnings(rule, values, warning):
    assert any(warning in str(each) for each in advice.warnings(values)), [str(each) for each in advice.warnings(values)]
    assert check(values) == [] and rule in NAT_RULES


@pytest.mark.parametrize(
    "values",
    [
        [],
        [*SIDES, NORMAL],
        [role("in", nat_inside=True), role("out", nat_outside=True, output_feature=True), NORMAL],
        [role("out", output_feature=True), NORMAL],
        [*SIDES, pool("1.1.1.1", vrf_id=2), inside_of_vrf(2)],
        [value("vpp.nat/nat44-global", nat_interfaces=[{"name": "a", "is_inside": True}, {"name": "b"}], address_pool=[{"address": "1.1.1.1"}])],
    ],
)
def test_no_warning_without_cause(values):
    assert advice.warnings(values) == []


def test_pools_that_merge():
    """Pools of single addresses side by side are one pool to VPP: known, told, and no error."""
    values = [pool("1.1.1.1", "1.1.1.3", name="a"), pool("1.1.1.4", name="b"), pool("1.1.1.5", vrf_id=1), pool("1.1.1.5", twice_nat=True, name="t")]
    assert check(values) == []
    by_kind = {"vpp.nat/nat44-pool": values}
    assert [[one.value.data.get("name") for one in group] for group in advice.merged_pools(by_kind)] == [["a", "b"]]
    assert [each.item for each in advice.warnings(values)] == ["vpp.nat/nat44-pool config/vpp/nat/v2/nat44-pool/b"]


def test_each_of_the_24_rules_is_checked_or_has_its_reason():
    assert list(NAT_RULES) == list(range(1, 25))
    for number, rule in NAT_RULES.items():
        assert rule.text and (rule.checks or rule.note.startswith("no validator: ")), number
        if any(check_ in nat_rules.NAT for check_ in rule.checks):
            assert number in BAD
    checked = {check_ for rule in NAT_RULES.values() for check_ in rule.checks}
    assert {nat_rules.roles_once, nat_rules.endpoint_dependent_only} == set(nat_rules.NAT) - checked
    assert all(inspect.getdoc(rule) for rule in (*nat_rules.NAT, *advice.WARNINGS))


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (
            [endpoint(), endpoint(single_client=True)],
            "cnf.nsm/endpoint config/cnf/nsm/v1/endpoint/s: a CNF serves a network service by one endpoint",
        ),
        ([role("a"), role("a", nat_inside=True)], "vpp.nat/nat44-interface config/vpp/nat/v2/nat44-interface/a: is there twice, with different fields"),
        (
            [role("a"), value("vpp.nat/nat44-global", nat_interfaces=[{"name": "a"}])],
            "nat_interfaces[0].name: a has a nat44-interface too",
        ),
        ([value("vpp.nat/nat44-global", endpoint_independent=True), value("vpp.nat/nat44-vrf", src_vrf_id=1)], "src_vrf_id: needs endpoint-dependent NAT"),
        (
            [
                value("cnf.nsm/client", name="a", network_service="s", interface_name="m", interface_type="MEM_INTERFACE"),
                value("cnf.nsm/client", name="b", network_service="s", interface_name="m", interface_type="MEM_INTERFACE"),
            ],
            "interface_name: has the name m, and so has cnf.nsm/client config/cnf/nsm/v1/client/a",
        ),
        (
            [
                value("cnf.nsm/client", name="a", network_service="s", interface_name="t"),
                value("linux.interfaces/interface", name="t", type="DUMMY"),
            ],
            "interface_name: has the name t, and so has linux.interfaces/interface",
        ),
        (
            [
                value("linux.interfaces/interface", name="a", type="DUMMY", host_if_name="eth0"),
                value("linux.interfaces/interface", name="eth0", type="EXISTING"),
            ],
            "host_if_name: has the kernel's name eth0",
        ),
        (
            [value("linux.interfaces/interface", name="a", type="LOOPBACK"), value("linux.interfaces/interface", name="b", type="LOOPBACK")],
            "host_if_name: has the kernel's name lo",
        ),
        (
            [
                value("linux.interfaces/interface", name="a", type="VETH", veth={"peer_if_name": "b"}),
                value("linux.interfaces/interface", name="b", type="VETH", veth={"peer_if_name": "c"}),
            ],
            "veth.peer_if_name: b has another peer, c",
        ),
        (
            [
                value("vpp/interfaces", name="a", type="MEMIF", memif={"id": 1}),
                value("vpp/interfaces", name="b", type="MEMIF", memif={"id": 1}),
            ],
            "memif: has socket_filename 0, id 1, master 0, and so has vpp/interfaces config/vpp/v2/interfaces/a",
        ),
        (
            [
                value("vpp.l2/bridge-domain", name="a", interfaces=[{"name": "m"}]),
                value("vpp.l2/bridge-domain", name="b", interfaces=[{"name": "m"}]),
            ],
            "interfaces[0].name: has m, and so has vpp.l2/bridge-domain config/vpp/l2/v2/bridge-domain/a",
        ),
        (
            [
                value("vpp.l2/bridge-domain", name="a", interfaces=[{"name": "m"}]),
                value("vpp.l2/xconnect", receive_interface="m", transmit_interface="n"),
            ],
            "receive_interface: has m, and so has vpp.l2/bridge-domain",
        ),
    ],
)
def test_other_problems(values, problem):
    assert any(problem in str(each) for each in check(values)), [str(each) for each in check(values)]


def test_the_same_host_name_in_two_namespaces_is_fine():
    there = {"type": "NSID", "reference": "x"}
    values = [
        value("linux.interfaces/interface", name="a", type="DUMMY", host_if_name="e"),
        value("linux.interfaces/interface", name="b", type="DUMMY", host_if_name="e", namespace=there),
    ]
    assert check(values) == []
