# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Resource, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import conntrack, nat
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import UnknownInterface, View
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import nat as northbound

OUTSIDE, INSIDE = "80.80.80.100", "192.168.100.1"
KINDS = {kind.id: kind for kind in northbound.KINDS}

RESOURCES = [
    Resource(("link", "memif0"), {"ifname": "m0"}),
    Resource(("link", "memif1"), {"ifname": "m1"}),
    Resource(("foreign-link", "eth9"), {"ifname": "eth9"}, owned=False, managed=False),
    Resource(("address", "memif0", f"{INSIDE}/24"), {}),
    Resource(("address", "memif1", f"{OUTSIDE}/24"), {}),
    Resource(("address", "memif1", "80.80.80.99/24"), {}),
    Resource(("address", "memif1", "2001:db8::1/64"), {}),
]


def view(*more: Resource) -> View:
    return View({one.key: one for one in (*RESOURCES, *more)}, "nat")


def value(kind: str, **data: t.Any) -> Value:
    return KINDS[kind].value(data)


def interface(name: str, **roles: bool) -> Value:
    return value(nat.INTERFACE, name=name, **roles)


CLASSIC = [interface("memif0", nat_inside=True), interface("memif1", nat_outside=True)]
OUTPUT = [interface("memif0", nat_inside=True), interface("memif1", nat_outside=True, output_feature=True)]
POOL = value(nat.POOL, first_ip=OUTSIDE, last_ip="80.80.80.105")
TWICE = value(nat.POOL, first_ip="192.168.100.200", last_ip="192.168.100.201", twice_nat=True)


def dnat(*mappings: t.Mapping[str, t.Any], identities: t.Sequence[t.Mapping[str, t.Any]] = (), label: str = "web") -> Value:
    return value(nat.DNAT, label=label, st_mappings=list(mappings), id_mappings=list(identities))


def mapping(*backends: t.Tuple[t.Any, ...], **more: t.Any) -> t.Dict[str, t.Any]:
    names = ("local_ip", "local_port", "probability")
    return {"external_ip": "80.80.80.110", "external_port": 80, "local_ips": [dict(zip(names, backend)) for backend in backends], **more}


ONE = ("192.168.100.10", 8080)
TWO = ("192.168.100.11", 8080)


def lower(*values: Value, on: t.Optional[View] = None) -> t.Dict[t.Any, Resource]:
    return {one.key: one for one in nat.Nat().lower(values, on or view())}


def table(*values: Value, on: t.Optional[View] = None) -> t.Mapping[str, t.Any]:
    return lower(*values, on=on)[nat.KEY].attributes


def rules(attributes: t.Mapping[str, t.Any], chain: str) -> t.Sequence[str]:
    return attributes[f"chain {chain}"][1:]


def test_classic_nat_translates_from_inside_to_outside() -> None:
    found = table(*CLASSIC, POOL)
    assert rules(found, "nat_post") == ("iifname @nat_inside oifname @nat_outside snat ip to 80.80.80.100-80.80.80.105 persistent",)
    assert found["set nat_inside"] == ("ifname", {"m0": ""})
    assert rules(found, "nat_fwd")[-1] == "iifname @nat_outer meta nfproto ipv4 ct state new drop"


def test_classic_nat_with_forwarding_translates_nothing_by_itself() -> None:
    found = table(*CLASSIC, POOL, value(nat.GLOBAL, forwarding=True))
    assert rules(found, "nat_post") == ()
    assert rules(found, "nat_fwd") == (
        "oifname @nat_outer meta nfproto ipv4 ct state invalid drop",
        "iifname @nat_outer meta nfproto ipv4 ct state invalid drop",
    )


@pytest.mark.parametrize("forwarding", [False, True])
def test_the_output_feature_translates_whatever_comes_but_what_is_ours(forwarding: bool) -> None:
    assert rules(table(interface("memif1", output_feature=True), POOL, value(nat.GLOBAL, forwarding=forwarding)), "nat_post") == (
        "oifname @nat_output fib saddr type local accept",
        "oifname @nat_output snat ip to 80.80.80.100-80.80.80.105 persistent",
    )


@pytest.mark.parametrize("roles", [CLASSIC, OUTPUT])
def test_without_a_pool_nothing_leaves(roles: t.Sequence[Value]) -> None:
    assert rules(table(*roles), "nat_post")[-1].endswith("meta nfproto ipv4 drop")


def test_a_hairpin_gets_a_pool_address_so_that_answers_come_back_through_us() -> None:
    assert rules(table(*CLASSIC, POOL, dnat(mapping(ONE))), "nat_post")[0] == (
        "iifname @nat_inside oifname @nat_inside ct status dnat snat ip to 80.80.80.100-80.80.80.105 persistent"
    )


@pytest.mark.parametrize("values", [[POOL], [CLASSIC[0], POOL], [dnat(mapping(ONE))], [interface("memif1")]])
def test_without_an_outside_nothing_is_translated_routed_or_forwarded(values: t.Sequence[Value]) -> None:
    found = lower(*values)
    assert list(found) == [nat.KEY]
    assert all(name.startswith("value ") or name == "requires" for name in found[nat.KEY].attributes)


def test_forwarding_needs_the_table_so_that_it_goes_first_and_comes_last() -> None:
    sysctl = lower(*CLASSIC, POOL)["sysctl", "net.ipv4.ip_forward"]
    assert sysctl.attributes == {"value": "1"} and sysctl.requires == {nat.KEY}


def test_addresses_are_answered_for_unless_an_interface_has_them() -> None:
    found = lower(*OUTPUT, POOL, TWICE, dnat(mapping(ONE)))
    routes = {key[3] for key in found if key[0] == "route"}
    assert routes == {f"80.80.80.{last}/32" for last in (101, 102, 103, 104, 105, 110)} | {"192.168.100.200/32", "192.168.100.201/32"}
    assert {f"{address}/32" for address in found[nat.KEY].attributes["set nat_owned"][1]} == routes
    assert rules(found[nat.KEY].attributes, "nat_in") == ("ip daddr @nat_owned ct state invalid,new drop",)


def test_pools_that_touch_are_one_and_others_share_by_size() -> None:
    apart = value(nat.POOL, first_ip="80.80.80.120")
    touching = value(nat.POOL, first_ip="80.80.80.106", last_ip="80.80.80.107")
    assert rules(table(*CLASSIC, POOL, touching), "nat_post")[0].endswith("snat ip to 80.80.80.100-80.80.80.107 persistent")
    found = table(*CLASSIC, POOL, apart)
    assert rules(found, "nat_post")[0].endswith(
        "jhash ip saddr mod 7 seed 0x1 vmap { 0-5 : goto nat_pool_80.80.80.100-80.80.80.105, 6 : goto nat_pool_80.80.80.120 }"
    )
    assert rules(found, "nat_pool_80.80.80.120") == ("snat ip to 80.80.80.120",)


def test_plain_mappings_are_elements_of_one_map() -> None:
    many = [mapping(ONE, external_port=port) for port in range(1, 500)]
    found = table(*CLASSIC, dnat(*many, mapping(("192.168.100.10",), external_ip="80.80.80.111", external_port=0)))
    assert len(found["set nat_map"][1]) == 499 and found["set nat_map"][1]["80.80.80.110 . 6 . 7"] == "192.168.100.10 . 8080"
    assert found["set nat_addr"][1] == {"80.80.80.111": "192.168.100.10"}
    assert rules(found, "nat_dnat") == ("dnat ip to ip daddr . meta l4proto . th dport map @nat_map", "dnat ip to ip daddr map @nat_addr")
    assert rules(found, "nat_pre") == ("iifname @nat_inside jump nat_dnat", "iifname @nat_outer jump nat_dnat")


def test_an_external_interface_stands_for_its_ipv4_addresses() -> None:
    item = mapping(ONE, external_interface="memif1")
    del item["external_ip"]
    found = lower(*CLASSIC, dnat(item))
    assert set(found[nat.KEY].attributes["set nat_map"][1]) == {"80.80.80.99 . 6 . 80", "80.80.80.100 . 6 . 80"}
    assert not any(key[0] == "route" for key in found)


@pytest.mark.parametrize(
    ("backends", "affinity", "choice"),
    [
        ([(*ONE, 3), (*TWO, 1)], 0, "numgen random mod 4 map { 0-2 : 192.168.100.10 . 8080, 3 : 192.168.100.11 . 8080 }"),
        ([ONE, TWO], 0, "numgen random mod 2 map { 0 : 192.168.100.10 . 8080, 1 : 192.168.100.11 . 8080 }"),
        ([(*ONE, 0), (*TWO, 5)], 0, "numgen random mod 5 map { 0-4 : 192.168.100.11 . 8080 }"),
        ([(*ONE, 1), (*TWO, 1)], 60, "jhash ip saddr mod 2 seed 0x1 map { 0 : 192.168.100.10 . 8080, 1 : 192.168.100.11 . 8080 }"),
    ],
)
def test_load_is_balanced_by_probability_and_affinity(backends: t.Any, affinity: int, choice: str) -> None:
    found = table(*CLASSIC, dnat(mapping(*backends, session_affinity=affinity, protocol="UDP")))
    assert rules(found, "nat_dnat") == (f"ip daddr 80.80.80.110 udp dport 80 dnat ip to {choice}",)


def test_twice_nat_takes_its_pool_the_chosen_address_or_only_for_the_backend_itself() -> None:
    found = table(
        *CLASSIC,
        POOL,
        TWICE,
        dnat(
            mapping(ONE, twice_nat="ENABLED"),
            mapping(ONE, external_port=81, external_ip="80.80.80.111", twice_nat="ENABLED", twice_nat_pool_ip="192.168.100.201"),
            mapping(ONE, TWO, external_port=82, external_ip="80.80.80.112", twice_nat="SELF"),
            mapping(("192.168.100.12",), external_port=0, external_ip="80.80.80.113", twice_nat="ENABLED"),
        ),
    )
    assert found["set nat_twice"][1] == {
        "80.80.80.110 . 192.168.100.10 . 6 . 8080": "jump nat_twice_pool",
        "80.80.80.111 . 192.168.100.10 . 6 . 8080": "jump nat_twice_192.168.100.201",
        "80.80.80.112 . 192.168.100.10 . 6 . 8080": "jump nat_self",
        "80.80.80.112 . 192.168.100.11 . 6 . 8080": "jump nat_self",
    }
    assert found["set nat_twice_addr"][1] == {"80.80.80.113 . 192.168.100.12": "jump nat_twice_pool"}
    assert rules(found, "nat_twice_pool") == ("snat ip to 192.168.100.200-192.168.100.201 persistent",)
    assert rules(found, "nat_twice_192.168.100.201") == ("snat ip to 192.168.100.201",)
    assert rules(found, "nat_self")[0].startswith("ip saddr . ip daddr @nat_backends snat")


def test_identities_are_exempt_before_anything_else() -> None:
    found = table(*CLASSIC, POOL, dnat(mapping(ONE), identities=[{"ip_address": "192.168.100.10", "port": 53, "protocol": "UDP"}, {"interface": "memif1"}]))
    exempt = ("ip daddr . meta l4proto . th dport @nat_identity accept", "ip daddr @nat_identity_addr accept")
    assert found["set nat_identity"][1] == {"192.168.100.10 . 17 . 53": ""}
    assert set(found["set nat_identity_addr"][1]) == {"80.80.80.99", "80.80.80.100"}
    assert rules(found, "nat_dnat")[:2] == exempt and rules(found, "nat_in")[:2] == exempt
    assert rules(found, "nat_post")[:2] == tuple(rule.replace("daddr", "saddr").replace("dport", "sport") for rule in exempt)


def test_the_deprecated_lists_mean_the_same() -> None:
    old = value(
        nat.GLOBAL,
        nat_interfaces=[{"name": "memif0", "is_inside": True}, {"name": "memif1"}],
        address_pool=[{"address": f"80.80.80.{last}"} for last in range(100, 106)] + [{"address": "192.168.100.200", "twice_nat": True}],
        virtual_reassembly={"timeout": 3},
    )
    new = table(*CLASSIC, POOL, value(nat.POOL, first_ip="192.168.100.200", twice_nat=True))
    assert {name: body for name, body in table(old).items() if not name.startswith("value")} == {
        name: body for name, body in new.items() if not name.startswith("value")
    }


def test_timeouts_are_sysctls_that_need_the_table() -> None:
    found = lower(value(nat.TIMEOUTS, udp=30, tcp_established=600, tcp_transitory=20, icmp=5))
    got = {key[1].rpartition("nf_conntrack_")[2]: one.attributes["value"] for key, one in found.items() if key[0] == "sysctl"}
    transitory = ("syn_sent", "syn_recv", "fin_wait", "close_wait", "last_ack", "time_wait", "close")
    assert got == {
        "udp_timeout": "30",
        "udp_timeout_stream": "30",
        "tcp_timeout_established": "600",
        "icmp_timeout": "5",
        **{f"tcp_timeout_{state}": "20" for state in transitory},
    }
    assert all(one.requires == {nat.KEY} for key, one in found.items() if key[0] == "sysctl")


def test_links_in_use_are_required_by_their_keys() -> None:
    section = lower(CLASSIC[0], interface("eth9", nat_outside=True), dnat(identities=[{"interface": "memif1"}]))[nat.KEY]
    assert section.requires == {("link", "memif0"), ("foreign-link", "eth9"), ("link", "memif1")}
    assert section.attributes["requires"] == (("foreign-link", "eth9"), ("link", "memif0"), ("link", "memif1"))


VRF = [
    Resource(("link", "red"), {"ifname": "red", "device": "vrf", "info": {"table": 7}, "kind": "vrf", "table": 7}),
    Resource(("link", "tenant"), {"ifname": "t0", "device": "veth"}),
    Resource(("port", "tenant"), {"master": "red"}),
    Resource(("link", "bridge"), {"ifname": "br0", "device": "bridge"}),
    Resource(("link", "port"), {"ifname": "p0", "device": "veth"}),
    Resource(("port", "port"), {"master": "bridge"}),
]


def test_a_vrf_has_its_own_pool_and_its_device_is_the_input() -> None:
    found = table(interface("tenant", nat_inside=True), CLASSIC[1], POOL, value(nat.POOL, first_ip="80.80.80.200", vrf_id=7), on=view(*VRF))
    assert rules(found, "nat_post") == (
        "iifname @nat_vrf_red oifname @nat_outside snat ip to 80.80.80.200",
        "iifname @nat_inside oifname @nat_outside snat ip to 80.80.80.100-80.80.80.105 persistent",
        "iifname @nat_masters oifname @nat_outside snat ip to 80.80.80.100-80.80.80.105 persistent",
    )
    assert found["set nat_masters"][1] == {"red": ""} and found["set nat_vrf_red"][1] == {"red": ""}
    assert "meta sdifname @nat_outer meta nfproto ipv4 ct state new drop" in rules(found, "nat_fwd")


def test_a_bridge_is_no_vrf() -> None:
    found = table(interface("port", nat_inside=True), CLASSIC[1], POOL, on=view(*VRF))
    assert "set nat_masters" not in found and not any("sdifname" in rule for rule in rules(found, "nat_fwd"))


@pytest.mark.parametrize(
    ("values", "field", "why"),
    [
        ([value(nat.GLOBAL, endpoint_independent=True)], "endpoint_independent", "endpoint-dependent"),
        ([value(nat.POOL, first_ip="10.0.0.0", last_ip="10.0.16.0")], "last_ip", "4097 addresses"),
        ([value(nat.POOL, first_ip="10.0.0.5", last_ip="10.0.0.1")], "last_ip", "-3 addresses"),
        ([dnat(mapping())], "st_mappings.local_ips", "at least one"),
        ([dnat(mapping(ONE, protocol="ICMP"))], "st_mappings.protocol", "identifier"),
        ([dnat(mapping(ONE, TWO, external_port=0))], "st_mappings.external_port", "load balancing"),
        ([dnat(mapping(ONE, TWO, protocol="ICMP"))], "st_mappings.protocol", "identifier"),
        ([dnat({**mapping(), "local_ips": [{"local_ip": "10.0.0.1", "local_port": 1, "vrf_id": 3}]})], "st_mappings.local_ips.vrf_id", "VRF"),
        ([dnat(identities=[{"ip_address": "10.0.0.1", "vrf_id": 3}])], "id_mappings.vrf_id", "any"),
        ([dnat(mapping(ONE, twice_nat="ENABLED"))], "st_mappings.twice_nat", "no nat44-pool with twice_nat"),
        ([TWICE, dnat(mapping(ONE, twice_nat="ENABLED", twice_nat_pool_ip="10.9.9.9"))], "st_mappings.twice_nat", "10.9.9.9"),
        ([dnat(mapping(ONE), mapping(TWO))], "st_mappings", "mapped already"),
        ([dnat(mapping(ONE), mapping(ONE, TWO))], "st_mappings", "mapped already"),
        ([dnat(mapping(ONE, TWO), mapping(ONE))], "st_mappings", "mapped already"),
    ],
)
def test_what_cannot_be_done_is_refused_by_field(values: t.Sequence[Value], field: str, why: str) -> None:
    with pytest.raises(Refused, match=why) as error:
        lower(*CLASSIC, *values)
    assert error.value.context["field"] == field and values[-1].key in error.value.message


def test_all_pools_together_have_a_limit_too() -> None:
    with pytest.raises(Refused, match="5000 pool and external addresses"):
        lower(*CLASSIC, *(value(nat.POOL, first_ip=f"10.{number}.0.0", last_ip=f"10.{number}.9.195") for number in range(2)))


def test_an_unknown_interface_is_named() -> None:
    with pytest.raises(UnknownInterface, match="memif7"):
        lower(interface("memif7", nat_inside=True))


def test_what_is_remembered_of_a_vanished_interface_can_still_be_explained() -> None:
    there = lower(*OUTPUT, POOL)
    gone = View({key: one for key, one in {**view().resources, **there}.items() if "memif1" not in key}, "nat")
    explained = lower(*nat.Nat().lift(there, gone), on=gone)
    assert set(there) <= set(explained)
    assert explained[nat.KEY].requires == there[nat.KEY].requires


def test_every_declared_field_has_a_word() -> None:
    def paths(fields: t.Mapping[str, t.Any], base: str = "") -> t.Iterator[str]:
        for name, field in fields.items():
            yield base + name
            yield from paths(field.fields, f"{base}{name}.") if name != "virtual_reassembly" else ()

    for kind in nat.KINDS:
        assert set(nat.Nat.support[kind]) == set(paths(KINDS[kind].fields)), kind
        assert all(word == "yes" or word.startswith(("partial: ", "refused: ")) for word in nat.Nat.support[kind].values())


def test_values_come_back_as_they_were() -> None:
    values = [*OUTPUT, POOL, TWICE, dnat(mapping(ONE, TWO, twice_nat="SELF"), label="a b\"c'd é"), value(nat.TIMEOUTS, udp=3), interface("eth9")]
    found = lower(*values)
    lifted = list(nat.Nat().lift(found, view()))
    assert sorted(lifted) == sorted(values)
    assert lower(*lifted) == found
    assert list(nat.Nat().lift({}, view())) == []


# -- which sessions a change clears -----------------------------------------------------------------------------------


def flow(original: str, reply: str, status: int, protocol: int = 6) -> conntrack.Entry:
    """From C("source:port > destination:port") of both ways."""

    def ends(text: str) -> conntrack.Tuple:
        (source, source_port), (destination, destination_port) = (end.split(":") for end in text.split(" > "))
        return conntrack.Tuple(source, destination, int(source_port), int(destination_port))

    return conntrack.Entry(protocol, ends(original), ends(reply), status, "", 0, None, 0, 0, b"")


OUT = flow("192.168.100.10:1000 > 80.80.80.80:80", "80.80.80.80:80 > 80.80.80.103:1000", 0x10)
IN = flow("80.80.80.80:2000 > 80.80.80.110:80", "192.168.100.10:8080 > 80.80.80.80:2000", 0x20)
PLAIN = flow("192.168.100.10:1000 > 80.80.80.80:80", "80.80.80.80:80 > 192.168.100.10:1000", 0)
OWN = flow(f"80.80.80.80:3000 > {OUTSIDE}:22", f"{OUTSIDE}:22 > 80.80.80.80:3000", 0)
PING = flow("80.80.80.80:7 > 80.80.80.111:7", "192.168.100.11:7 > 80.80.80.80:7", 0x20, 1)

WHOLE = mapping(("192.168.100.11",), external_ip="80.80.80.111", external_port=0)
BASE = [*OUTPUT, POOL, dnat(mapping(ONE), label="a"), dnat(WHOLE, label="b")]
SMALLER = value(nat.POOL, first_ip=OUTSIDE, last_ip="80.80.80.102")


@pytest.mark.parametrize(
    ("after", "cleared"),
    [
        (BASE, ""),
        ([*BASE[:2], SMALLER, *BASE[3:]], "out"),
        ([*BASE[:3], BASE[4]], "in"),
        (BASE[:4], "ping"),
        ([*BASE[:3], dnat(mapping(TWO), label="a"), BASE[4]], "in"),
        ([*BASE[:3], dnat(mapping(ONE, TWO), label="a"), BASE[4]], ""),
        ([*BASE, dnat(mapping(ONE, external_ip=OUTSIDE, external_port=22), label="c")], "own"),
        ([*BASE, value(nat.GLOBAL, forwarding=True)], "plain"),
        ([*BASE, dnat(identities=[{"ip_address": "192.168.100.10"}], label="i")], "plain"),
        ([*BASE, interface("eth9", nat_inside=True)], "plain"),
        ([BASE[1], *BASE[2:]], "out in ping plain"),
        ([], "out in ping plain"),
    ],
)
def test_a_change_clears_exactly_the_flows_that_it_contradicts(after: t.Sequence[Value], cleared: str) -> None:
    flows = {"out": OUT, "in": IN, "ping": PING, "plain": PLAIN, "own": OWN}
    then, now = nat._Rules(table(*BASE)), nat._Rules(table(*after) if after else None)
    assert {name for name, one in flows.items() if nat.stale(one, then, now, {OUTSIDE, INSIDE})} == set(cleared.split())


def test_nat_that_begins_clears_what_passed_untranslated() -> None:
    then, now = nat._Rules(None), nat._Rules(table(*BASE))
    assert nat.stale(PLAIN, then, now, {OUTSIDE}) and not nat.stale(OWN, then, now, {OUTSIDE})
