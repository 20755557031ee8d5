# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ACLs on real namespaces with real traffic, IPv4 and IPv6, alone and together with NAT."""

from __future__ import annotations

import os
import time
import typing as t

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Value
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import acl, nat
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import nat as northbound
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.acl import ACL

from .nat_world import CLIENT, SERVER, TRAFFIC, Bench, World

if os.geteuid() != 0:
    pytest.skip("needs root for network namespaces", allow_module_level=True)

SIX = "fd00:2::80"
REFLECT, PERMIT, DENY = "REFLECT", "PERMIT", "DENY"


def access(name: str, *rules: t.Mapping[str, t.Any], **interfaces: t.Sequence[str]) -> Value:
    return ACL.value({"name": name, "rules": list(rules), "interfaces": interfaces})


def rule(action: str, **ip_rule: t.Any) -> t.Dict[str, t.Any]:
    return {"action": action, "ip_rule": ip_rule}


def tcp(port: int, upper: int = 0) -> t.Dict[str, t.Any]:
    return {"tcp": {"destination_port_range": {"lower_port": port, "upper_port": upper or port}}}


NOTHING = rule(DENY)


@pytest.fixture(scope="module")
def world() -> t.Iterator[World]:
    with World("a") as one:
        one.serve("server", 7000, 7001)
        one.serve("client", 7000)
        deadline = time.monotonic() + 10
        while not one.ping("client", SIX) and time.monotonic() < deadline:
            time.sleep(0.2)  # until the link-local addresses, which neighbour discovery asks from, are no longer tentative
        yield one


@pytest.fixture
def bench(world: World) -> t.Iterator[Bench]:
    one = Bench(world, acl.Acl())
    world.write("cnf", "net.ipv4.ip_forward", "1")
    yield one
    world.run("cnf", "nft", "flush", "ruleset")
    world.run("cnf", "conntrack", "-F")
    one.host.close()


def passes(world: World) -> t.Set[str]:
    """What gets through: by C(-) from the client to the server, C(back) the other way."""
    asked = {
        "tcp-7000": lambda: world.ask("client", "tcp", SERVER, timeout=0.4),
        "tcp-7001": lambda: world.ask("client", "tcp", SERVER, 7001, timeout=0.4),
        "udp": lambda: world.ask("client", "udp", SERVER, timeout=0.4),
        "ping": lambda: world.ping("client", SERVER),
        "back": lambda: world.ask("server", "udp", CLIENT, timeout=0.4),
        "tcp6": lambda: world.ask("client", "tcp", SIX, timeout=0.4),
        "ping6": lambda: world.ping("client", SIX),
    }
    return {name for name, ask in asked.items() if ask()}


ALL = {"tcp-7000", "tcp-7001", "udp", "ping", "back", "tcp6", "ping6"}
CASES: t.Dict[str, t.Tuple[t.List[Value], t.Set[str]]] = {
    "nothing": ([], ALL),
    "attached nowhere": ([access("a", NOTHING)], ALL),
    "end of list denies": ([access("a", rule(PERMIT, **tcp(7000)), ingress=["memif0"])], {"tcp-7000", "tcp6"}),
    "first match counts": ([access("a", rule(DENY, **tcp(7000)), rule(PERMIT), ingress=["memif0"])], ALL - {"tcp-7000", "tcp6"}),
    "lists by name": ([access("b", rule(PERMIT), ingress=["memif0"]), access("a", rule(DENY, udp={}), ingress=["memif0"])], ALL - {"udp", "back"}),
    "reflect in, denial out": ([access("a", rule(REFLECT, **tcp(7000)), ingress=["memif0"]), access("b", NOTHING, egress=["memif0"])], {"tcp-7000", "tcp6"}),
    "permit in, denial out": ([access("a", rule(PERMIT, **tcp(7000)), ingress=["memif0"]), access("b", NOTHING, egress=["memif0"])], set()),
    "reflect out, denial in": (
        [access("a", rule(REFLECT, icmp={"icmpv6": True}), rule(REFLECT, icmp={}), egress=["memif1"]), access("b", NOTHING, ingress=["memif1"])],
        {"ping", "ping6"},
    ),
    # The flow that memif0 reflects is no friend of memif1.
    "reflect is the interface's own": ([access("a", rule(REFLECT), ingress=["memif0"]), access("b", NOTHING, ingress=["memif1"])], set()),
    "range of ports": ([access("a", rule(PERMIT, **tcp(7001, 7005)), ingress=["memif0"])], {"tcp-7001"}),
    "IPv6 only": ([access("a", rule(PERMIT, ip={"source_network": "fd00:1::/64", "destination_network": "::/0"}), ingress=["memif0"])], {"tcp6", "ping6"}),
    "IPv4 hosts": (
        [access("a", rule(PERMIT, ip={"source_network": f"{CLIENT}/32", "destination_network": f"{SERVER}/32"}), ingress=["memif0"])],
        {"tcp-7000", "tcp-7001", "udp", "ping", "back"},
    ),
    "first packets by their flags": (
        [access("a", rule(DENY, tcp={"tcp_flags_mask": 18, "tcp_flags_value": 2}), rule(PERMIT), ingress=["memif0"])],
        ALL - {"tcp-7000", "tcp-7001", "tcp6"},
    ),
    "type of ICMP": ([access("a", rule(PERMIT, icmp={"icmp_type_range": {"first": 8, "last": 8}, "icmp_code_range": {}}), ingress=["memif0"])], {"ping"}),
}


@pytest.mark.parametrize("case", CASES)
def test_what_an_acl_lets_pass(bench: Bench, case: str) -> None:
    values, expected = CASES[case]
    for role, other in (("client", "cnf"), ("server", "cnf"), ("cnf", "cnf")):  # neighbours are asked for anew, under the ACL
        bench.world.run(role, "ip", "neigh", "flush", "all", check=other == "cnf")
    bench.apply(values)
    assert passes(bench.world) == expected
    assert bench.apply(values) == []


def test_mac_ip_lists(bench: Bench) -> None:
    mac = bench.world.run("client", "cat", "/sys/class/net/eth0/address").stdout.strip()

    def only(source: str, mask: str = "ff:ff:ff:ff:ff:ff", prefix: int = 24) -> t.List[Value]:
        macip = {"source_address": "192.168.100.0", "source_address_prefix": prefix, "source_mac_address": source, "source_mac_address_mask": mask}
        return [access("m", {"action": PERMIT, "macip_rule": macip}, ingress=["memif0"])]

    bench.world.run("client", "ip", "neigh", "flush", "all")
    four = ALL - {"tcp6", "ping6"}
    for values, expected in (
        (only(mac.upper()), four),
        (only("02:00:00:00:00:01"), set()),
        (only("02:00:00:00:00:01", "00:00:00:00:00:00"), four),
        (only(mac, prefix=32), set()),
    ):
        bench.apply(values)
        assert passes(bench.world) == expected


def test_states_follow_each_other_and_are_read_back_as_they_were_wanted(bench: Bench) -> None:
    flags = [rule(PERMIT, tcp={"tcp_flags_mask": mask, "tcp_flags_value": bits}) for mask in (1, 2, 4, 16, 18, 63, 255) for bits in sorted({0, mask, mask & 2})]
    icmp = [
        rule(REFLECT, icmp={"icmpv6": six, "icmp_type_range": types, **({} if codes is None else {"icmp_code_range": codes})})
        for six in (False, True)
        for types in ({}, {"first": 3, "last": 9}, {"last": 255})
        for codes in (None, {}, {"first": 1, "last": 3})
    ]
    networks = [
        rule(DENY, ip={"source_network": source, "destination_network": target, "protocol": 47})
        for source, target in (
            ("10.0.0.0/8", "0.0.0.0/0"),
            ("::/0", "2001:db8::1/128"),
            ("10.0.0.1/32", "10.0.0.0/31"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::/0", "::/0"),
        )
    ]
    mac = [
        {
            "action": PERMIT,
            "macip_rule": {"source_address": source, "source_address_prefix": size, "source_mac_address": "02:fe:00:00:00:01", "source_mac_address_mask": mask},
        }
        for source, size in (("0.0.0.0", 0), ("10.0.0.1", 32), ("2001:db8::", 33), ("::", 0))
        for mask in ("ff:ff:ff:ff:ff:ff", "ff:ff:00:00:00:00", "ff:f0:00:00:00:00", "00:ff:00:ff:00:ff", "00:00:00:00:00:00")
    ]
    everything = [
        access("a 'b\"ö", *flags, *icmp, *networks, ingress=["memif0"], egress=["memif0", "memif1"]),
        access("c", rule(PERMIT), ingress=["memif0", "memif1"]),
        access("mac", *mac, ingress=["memif1"]),
    ]
    states = [everything, [access("c", rule(PERMIT), egress=["memif1"])], [access("c", rule(REFLECT), ingress=["memif0"], egress=["memif1"])], []]
    for one in states:
        for other in states:
            bench.apply(one)
            bench.apply(other)
            assert bench.apply(other) == []


@pytest.mark.parametrize(
    "command",
    [
        "flush chain inet {} acl_i_a",
        "insert rule inet {} acl_in_memif0 accept",
        "delete element inet {} acl_ingress {{ m0 }}",
        "add element inet {} acl_ingress {{ m7 : drop }}",
    ],
)
def test_what_somebody_changed_shows_and_is_put_right(bench: Bench, command: str) -> None:
    values = [access("a", rule(PERMIT, **tcp(7000)), ingress=["memif0"])]
    bench.apply(values)
    bench.world.run("cnf", "nft", *command.format(bench.nft.table).split())
    assert [operation.verb for operation in bench.apply(values)] == ["update"]
    assert passes(bench.world) == {"tcp-7000", "tcp6"}


def test_no_packet_that_is_denied_leaves_while_the_list_changes(bench: Bench) -> None:
    world = bench.world
    bench.apply([access("a", NOTHING, ingress=["memif0"])])
    traffic = world.python("client", TRAFFIC, SERVER, "7000")
    assert traffic.stdout is not None and traffic.stdout.readline() == "ready\n"
    with world.capture("server", "eth0", "ip and udp dst port 7000") as capture:
        for number in range(12):
            bench.apply(
                [access("a", *[rule(PERMIT, **tcp(7000 + at)) for at in range(number * 20 + 1)], NOTHING, ingress=["memif0"], egress=["memif1"][: number % 2])]
            )
            time.sleep(0.05)
    assert capture.lines == []
    bench.apply([])
    with world.capture("server", "eth0", "ip and udp dst port 7000") as capture:
        time.sleep(0.3)
    assert capture.lines
    traffic.communicate("\n")


def test_ingress_sees_packets_before_nat_and_egress_after_it(world: World) -> None:
    """One table, both sections: each with its own life."""
    kinds = {kind.id: kind for kind in northbound.KINDS}
    values = [
        kinds[nat.INTERFACE].value({"name": "memif0", "nat_inside": True}),
        kinds[nat.INTERFACE].value({"name": "memif1", "nat_outside": True}),
        kinds[nat.POOL].value({"first_ip": "80.80.80.104"}),
        kinds[nat.DNAT].value(
            {"label": "d", "st_mappings": [{"external_ip": "80.80.80.110", "external_port": 80, "local_ips": [{"local_ip": CLIENT, "local_port": 7000}]}]}
        ),
    ]

    def side(field: str, address: str) -> t.Dict[str, t.Any]:
        networks = {"source_network": "0.0.0.0/0", "destination_network": "0.0.0.0/0", f"{field}_network": f"{address}/32"}
        return rule(PERMIT, ip=networks)

    def allowed(in0: t.Any, out1: t.Any, in1: t.Any, out0: t.Any) -> t.List[Value]:
        return [
            access("in0", in0, ingress=["memif0"]),
            access("out1", out1, egress=["memif1"]),
            access("in1", in1, ingress=["memif1"]),
            access("out0", out0, egress=["memif0"]),
        ]

    from_inside = allowed(side("source", CLIENT), side("source", "80.80.80.104"), side("destination", "80.80.80.104"), side("destination", CLIENT))
    to_mapping = allowed(side("source", CLIENT), side("source", "80.80.80.110"), side("destination", "80.80.80.110"), side("destination", CLIENT))
    translated, filtered = Bench(world, nat.Nat(), {"nat": nat.settle}), Bench(world, acl.Acl())
    try:
        translated.apply(values)
        both = {("nft", "nat"), ("nft", "acl")}
        for lists, out, back in ((from_inside, True, False), (to_mapping, False, True)):
            wanted = filtered.desired(lists)[acl.KEY]
            have = filtered.observe()
            from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Operation

            before = have.get(acl.KEY)
            assert filtered.nft.perform(filtered.host, [Operation("update" if before else "create", acl.KEY, before, wanted)]) == [None]
            assert set(filtered.observe()) == both
            assert bool(world.ask("client", "tcp", SERVER)) is out
            assert bool(world.ask("server", "tcp", "80.80.80.110", 80)) is back
        section = filtered.observe()[acl.KEY]
        assert filtered.nft.perform(filtered.host, [Operation("delete", acl.KEY, section, None)]) == [None]
        assert set(filtered.observe()) == {("nft", "nat")}
        assert world.ask("client", "tcp", SERVER) and world.ask("server", "tcp", "80.80.80.110", 80)
    finally:
        world.run("cnf", "nft", "flush", "ruleset")
        world.run("cnf", "ip", "route", "flush", "table", "local", "proto", "209")
        world.run("cnf", "conntrack", "-F")
