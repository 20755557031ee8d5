# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT44 on real namespaces with real traffic: client, CNF, server."""

from __future__ import annotations

import os
import time
import typing as t

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Value
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import conntrack, nat
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import nat as northbound

from .nat_world import CLIENT, CNF_OUTSIDE, SERVER, TRAFFIC, Bench, Engine, World
from .packet_matrix import PACKET_MATRIX

if os.geteuid() != 0:
    pytest.skip("needs root for network namespaces", allow_module_level=True)

KINDS = {kind.id: kind for kind in northbound.KINDS}
POOL = {f"80.80.80.{last}" for last in range(100, 106)}


def value(kind: str, **data: t.Any) -> Value:
    return KINDS[kind].value(data)


INSIDE = value(nat.INTERFACE, name="memif0", nat_inside=True)
OUTSIDE = value(nat.INTERFACE, name="memif1", nat_outside=True)
OUTPUT = value(nat.INTERFACE, name="memif1", nat_outside=True, output_feature=True)
POOL_VALUE = value(nat.POOL, first_ip=CNF_OUTSIDE, last_ip="80.80.80.105")
OTHER_POOL = value(nat.POOL, first_ip="80.80.80.120", last_ip="80.80.80.121")
TWICE = value(nat.POOL, first_ip="192.168.100.200", last_ip="192.168.100.201", twice_nat=True)
FORWARDING = value(nat.GLOBAL, forwarding=True)
NAT = [INSIDE, OUTPUT, POOL_VALUE]

WORDS = {"nothing": [], "pool": [POOL_VALUE], "inside": [INSIDE], "outside": [OUTSIDE], "output": [OUTPUT]}


def dnat(*mappings: t.Mapping[str, t.Any], label: str = "d", identities: t.Sequence[t.Mapping[str, t.Any]] = ()) -> Value:
    return value(nat.DNAT, label=label, st_mappings=list(mappings), id_mappings=list(identities))


def mapping(last: int, *backends: t.Tuple[t.Any, ...], port: int = 8080, **more: t.Any) -> t.Dict[str, t.Any]:
    names = ("local_ip", "local_port", "probability")
    return {"external_ip": f"80.80.80.{last}", "external_port": port, "local_ips": [dict(zip(names, one)) for one in backends], **more}


@pytest.fixture(scope="module")
def world() -> t.Iterator[World]:
    with World("n") as one:
        one.serve("server", 7000, 7001)
        one.serve("client", 7000, 7001)
        yield one


@pytest.fixture
def bench(world: World) -> t.Iterator[Bench]:
    one = Bench(world, nat.Nat(), {"nat": nat.settle})
    yield one
    world.run("cnf", "nft", "flush", "ruleset")
    world.run("cnf", "conntrack", "-F")
    world.run("cnf", "ip", "route", "flush", "table", "local", "proto", "209")
    world.write("cnf", "net.ipv4.ip_forward", "0")
    one.host.close()


# -- the packet matrix ------------------------------------------------------------------------------------------------


def outcome(world: World, packet: str) -> str:
    if packet == "client to outside address":
        return "answer" if world.ping("client", CNF_OUTSIDE) else "drop"
    role, target = {
        "client to server": ("client", SERVER),
        "server to client": ("server", CLIENT),
        "server to pool address": ("server", "80.80.80.103"),
    }[packet]
    own = CLIENT if role == "client" else SERVER
    found = set()
    for protocol in ("udp", "tcp"):
        seen = world.ask(role, protocol, target)
        found.add("drop" if seen is None else "plain" if seen["peer"] == own else "nat" if seen["peer"] in POOL else str(seen))
    return " or ".join(sorted(found))


ROWS = sorted({(configuration, forwarding) for configuration, forwarding, _packet in PACKET_MATRIX})


@pytest.mark.parametrize(("configuration", "forwarding"), ROWS)
def test_every_row_of_the_packet_matrix(bench: Bench, configuration: str, forwarding: bool) -> None:
    values = [one for word in configuration.split(", ") for one in WORDS[word]] + ([FORWARDING] if forwarding else [])
    bench.apply(values)
    bench.world.write("cnf", "net.ipv4.ip_forward", "1")  # where NAT does not switch it on, the sandbox would
    for (row, on, packet), (kernel, _vpp) in PACKET_MATRIX.items():
        if (row, on) == (configuration, forwarding):
            assert outcome(bench.world, packet) == kernel, packet


@pytest.fixture
def engine(bench: Bench) -> t.Iterator[Engine]:
    one = Engine(bench.world)
    yield one
    one.apply([])
    one.host.close()


def test_forwarding_goes_off_before_nat_goes_and_comes_on_after_it_is_there(engine: Engine) -> None:
    forwarding = ("sysctl", "net.ipv4.ip_forward")

    def wave(waves: t.Any, verb: str, key: t.Tuple[str, ...]) -> int:
        (found,) = [number for number, one in enumerate(waves) for operation in one if (operation.verb, operation.key) == (verb, key)]
        return found

    waves = engine.apply(NAT)
    assert wave(waves, "create", nat.KEY) < wave(waves, "create", forwarding)
    assert engine.apply(NAT) == []
    for values in ([INSIDE, POOL_VALUE], []):  # translation ends, with something to remember and without
        waves = engine.apply(values)
        assert wave(waves, "delete", forwarding) < wave(waves, "delete", nat.KEY)
        engine.apply(NAT)


# -- a live flow ------------------------------------------------------------------------------------------------------


def test_no_packet_of_a_live_flow_leaves_untranslated_while_nat_comes_changes_and_goes(engine: Engine) -> None:
    world, bench = engine.world, engine
    traffic = world.python("client", TRAFFIC, SERVER, "7000")
    assert traffic.stdout is not None and traffic.stdout.readline() == "ready\n"
    classic = [INSIDE, OUTSIDE, POOL_VALUE]
    states: t.List[t.List[Value]] = [
        NAT,
        [INSIDE, OUTPUT, OTHER_POOL],
        [*NAT, dnat(mapping(110, (CLIENT, 7000)))],
        [INSIDE, OUTPUT],
        NAT,
        [],
        classic,
        [*classic, OTHER_POOL],
        [INSIDE],
        NAT,
        [],
    ]
    with world.capture("server", "eth0", "ip and not icmp") as capture:
        for values in states:
            bench.apply(values)
            time.sleep(0.35)
    sources = {line.split(" IP ")[1].split(" > ")[0].rpartition(".")[0] for line in capture.lines} - {SERVER}
    assert sources <= POOL | {"80.80.80.120", "80.80.80.121"}
    assert sources & POOL and sources & {"80.80.80.120", "80.80.80.121"}
    # The same flow is seen as it is when nothing translates: what is asserted above could have failed.
    world.write("cnf", "net.ipv4.ip_forward", "1")
    with world.capture("server", "eth0", f"ip and src host {CLIENT}") as capture:
        time.sleep(0.3)
    assert capture.lines
    # And it is caught by NAT that comes while it already flows, though the kernel asks NAT about first packets only.
    bench.apply(NAT)
    with world.capture("server", "eth0", f"ip and src host {CLIENT}") as capture:
        time.sleep(0.3)
    assert capture.lines == []
    answers = int(traffic.communicate("\n")[0])
    assert answers > 100


def test_packets_that_conntrack_cannot_place_do_not_leave(bench: Bench) -> None:
    code = f"""
        import socket, struct
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
        for port in range(20):  # a reset of a connection that nobody knows
            raw.sendto(struct.pack("!HHIIBBHHH", 4000 + port, 7000, 5, 0, 0x50, 0x04, 0, 0, 0), ("{SERVER}", 0))
        """

    def leaks() -> int:
        with bench.world.capture("server", "eth0", f"ip and src host {CLIENT}") as capture:
            bench.world.python("client", code).wait()
        return len(capture.lines)

    bench.apply(NAT)
    assert leaks() == 0
    bench.world.run("cnf", "nft", "flush", "chain", "inet", bench.nft.table, "nat_fwd")
    assert leaks() > 0  # so it is the rule that does it


# -- pools ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pools", [[POOL_VALUE], [POOL_VALUE, OTHER_POOL]])
def test_a_client_keeps_its_pool_address_and_clients_share_the_pool(bench: Bench, pools: t.Sequence[Value]) -> None:
    bench.apply([INSIDE, OUTSIDE, *pools])
    sources = [f"192.168.100.{last}" for last in range(20, 36)]
    for source in sources:
        bench.world.run("client", "ip", "address", "add", f"{source}/24", "dev", "eth0", check=False)
    seen: t.Dict[str, t.Set[str]] = {}
    for source in sources:
        for port, protocol in ((7000, "udp"), (7001, "udp"), (7000, "tcp")):
            answer = bench.world.ask("client", protocol, SERVER, port, source)
            assert answer is not None
            seen.setdefault(source, set()).add(answer["peer"])
    assert all(len(addresses) == 1 for addresses in seen.values()), seen
    assert len(set().union(*seen.values())) >= 3


def test_addresses_that_no_interface_has_are_answered_for_but_are_no_host(bench: Bench) -> None:
    bench.world.run("server", "ip", "neigh", "flush", "dev", "eth0")
    bench.apply([INSIDE, OUTPUT, value(nat.POOL, first_ip="80.80.80.104")])
    answer = bench.world.ask("client", "tcp", SERVER)
    assert answer is not None and answer["peer"] == "80.80.80.104"
    assert not bench.world.ping("server", "80.80.80.104")
    assert bench.world.ping("server", CNF_OUTSIDE)


def test_what_the_cnf_sends_itself_stays_as_it_is(bench: Bench) -> None:
    bench.apply([OUTPUT, value(nat.POOL, first_ip="80.80.80.104")])
    answer = bench.world.ask("cnf", "udp", SERVER)
    assert answer is not None and answer["peer"] == CNF_OUTSIDE


# -- mappings ---------------------------------------------------------------------------------------------------------

ALL = dnat(
    mapping(110, (CLIENT, 7000)),
    {"external_ip": "80.80.80.111", "local_ips": [{"local_ip": CLIENT}]},
    mapping(112, (CLIENT, 7000), protocol="UDP", twice_nat="ENABLED"),
    mapping(113, (CLIENT, 7000), protocol="UDP", twice_nat="ENABLED", twice_nat_pool_ip="192.168.100.201"),
    mapping(114, (CLIENT, 7000), protocol="UDP", twice_nat="SELF"),
    mapping(115, (CLIENT, 7000, 3), (CLIENT, 7001, 1), protocol="UDP"),
    mapping(116, (CLIENT, 7000, 3), (CLIENT, 7001, 1), protocol="UDP", session_affinity=60),
    mapping(117, (CLIENT, 7000), (CLIENT, 7001), twice_nat="SELF"),
    {"external_ip": "80.80.80.118", "local_ips": [{"local_ip": CLIENT}], "twice_nat": "ENABLED"},
    {"external_interface": "memif1", "external_port": 8099, "protocol": "UDP", "local_ips": [{"local_ip": CLIENT, "local_port": 7000}]},
    identities=[{"ip_address": CLIENT, "port": 9999, "protocol": "UDP"}, {"ip_address": CLIENT, "port": 7001, "protocol": "TCP"}],
    label="all 'of \"it",
)
EVERYTHING = [INSIDE, OUTPUT, POOL_VALUE, OTHER_POOL, TWICE, ALL]


@pytest.mark.parametrize("roles", [[INSIDE, OUTPUT], [INSIDE, OUTSIDE]])
def test_mappings_of_all_kinds(bench: Bench, roles: t.Sequence[Value]) -> None:
    world = bench.world
    bench.apply([*roles, *EVERYTHING[2:]])
    pool = POOL | {"80.80.80.120", "80.80.80.121"}
    twice = {"192.168.100.200", "192.168.100.201"}
    for protocol, last, port, outside, hairpin in (
        ("tcp", 110, 8080, {SERVER}, pool),
        ("udp", 111, 7000, {SERVER}, pool),
        ("tcp", 111, 7001, {SERVER}, pool),
        ("udp", 112, 8080, twice, twice),
        ("udp", 113, 8080, {"192.168.100.201"}, {"192.168.100.201"}),
        ("udp", 114, 8080, {SERVER}, twice),
        ("tcp", 117, 8080, {SERVER}, twice),
        ("udp", 118, 7000, twice, twice),
        ("udp", 100, 8099, {SERVER}, pool),
    ):
        for role, peers in (("server", outside), ("client", hairpin)):
            answer = world.ask(role, protocol, f"80.80.80.{last}", port)
            assert answer is not None and answer["peer"] in peers, (role, protocol, last, answer)
            assert protocol == "udp" or answer["own"] == CLIENT
    assert world.ping("server", "80.80.80.111")
    assert world.ask("server", "udp", "80.80.80.110", 8080) is None
    exempt = world.ask("client", "udp", SERVER, source_port=9999)
    assert exempt is not None and exempt["peer"] == CLIENT
    assert world.ask("server", "tcp", CLIENT, 7001) is not None
    assert world.ask("server", "tcp", CLIENT, 7000) is None


def test_load_is_shared_by_probability_and_kept_by_affinity(bench: Bench) -> None:
    bench.apply(EVERYTHING)
    code = """
        import collections, json, socket, sys
        for address in ("80.80.80.115", "80.80.80.116"):
            ports = collections.Counter()
            for _unused in range(80):
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.settimeout(2)
                s.sendto(b"x", (address, 8080))
                ports[json.loads(s.recv(2048))["own_port"]] += 1
            print(ports[7000], ports[7001])
        """
    output = bench.world.python("server", code).communicate()[0].splitlines()
    shared, kept = ([int(word) for word in line.split()] for line in output)
    assert 42 <= shared[0] <= 76 and sum(shared) == 80  # 60 expected; beyond these bounds less than once in a hundred thousand runs
    assert sorted(kept) == [0, 80]


def test_timeouts_govern_sessions(bench: Bench) -> None:
    bench.apply([*NAT, value(nat.TIMEOUTS, udp=33, tcp_established=600, tcp_transitory=22, icmp=11)])
    bench.world.ask("client", "udp", SERVER)
    bench.world.ask("client", "tcp", SERVER)
    assert bench.world.ping("client", SERVER)
    limits = {"UDP": 33, "TCP": 22, "ICMP": 11}
    found = {one["protocol"]: one["timeout"] for one in conntrack.sessions(bench.host)}
    assert found.keys() == limits.keys()
    assert all(limits[protocol] - 5 < timeout <= limits[protocol] for protocol, timeout in found.items()), found


# -- read-back and drift ----------------------------------------------------------------------------------------------


def test_every_state_follows_every_other_and_is_read_back_as_it_was_wanted(bench: Bench) -> None:
    classic = [INSIDE, OUTSIDE, POOL_VALUE]
    states: t.List[t.List[Value]] = [EVERYTHING, NAT, classic, [*classic, FORWARDING], [*EVERYTHING[:5], dnat(mapping(110, (CLIENT, 7001)))], [POOL_VALUE], []]
    for one in states:
        for other in states:
            bench.apply(one)
            bench.apply(other)
            assert bench.apply(other) == []


@pytest.mark.parametrize(
    "command",
    [
        "flush chain inet {} nat_post",
        "add element inet {} nat_map {{ 80.80.80.110 . tcp . 1 : 10.0.0.1 . 1 }}",
        'add element inet {} nat_inside {{ "eth7" comment "mine" }}',
        "delete element inet {} nat_addr {{ 80.80.80.111 }}",
        "add rule inet {} nat_fwd counter log accept",
        "insert rule inet {} nat_post ip saddr 10.0.0.0/8 limit rate 5/second masquerade random",
        "delete element inet {} nat_values {{ 0 }}",
        "add chain inet {} nat_mine {{ type filter hook input priority 5; policy drop; }}",
        "add set inet {} nat_mine {{ type inet_service; flags interval; elements = {{ 1-5 }} }}",
    ],
)
def test_what_somebody_changed_shows_and_is_put_right(bench: Bench, command: str) -> None:
    bench.apply(EVERYTHING)
    bench.world.run("cnf", "nft", *command.format(bench.nft.table).split())
    assert [operation.verb for operation in bench.apply(EVERYTHING)] == ["update"]
    assert bench.apply(EVERYTHING) == []


def test_a_thousand_mappings_are_one_map_one_rule_and_one_program(bench: Bench) -> None:
    many = dnat(*(mapping(110, (f"192.168.{at // 200}.{at % 200 + 1}", 80), port=at + 1) for at in range(1000)))
    spawned: t.List[t.List[str]] = []
    run = bench.host.run
    bench.host.run = lambda argv, stdin=None: spawned.append(list(argv)) or run(argv, stdin)
    (operation,) = bench.apply([*NAT, many])
    assert [argv[1:3] for argv in spawned if "-j" not in argv] == [["-f", "-"]]
    assert len(spawned) == 2  # write and read back; before, there was no table to read
    assert operation.after is not None
    assert len(operation.after.attributes["chain nat_dnat"]) == 2 and len(operation.after.attributes["set nat_map"][1]) == 1000


# -- sessions ---------------------------------------------------------------------------------------------------------


def sessions(bench: Bench) -> t.Dict[t.Tuple[str, int], float]:
    """The start of each NAT session, by outside address and port."""
    found = [entry for entry in conntrack.entries(bench.host) if entry.status & 0x30]
    ends = {(one.original.destination, one.original.destination_port) if one.status & 0x20 else ("pool", 0): one.started or 0.0 for one in found}
    assert len(ends) == len(found)
    return ends


def test_only_the_sessions_of_what_went_are_cleared(bench: Bench) -> None:
    first, second = dnat(mapping(110, (CLIENT, 7000)), label="a"), dnat(mapping(111, (CLIENT, 7000)), label="b")
    bench.apply([*NAT, first, second])
    assert bench.world.ask("client", "udp", SERVER) and bench.world.ask("server", "tcp", "80.80.80.110", 8080)
    assert bench.world.ask("server", "tcp", "80.80.80.111", 8080)
    before = sessions(bench)
    assert set(before) == {("pool", 0), ("80.80.80.110", 8080), ("80.80.80.111", 8080)}
    bench.apply([*NAT, second])
    assert sessions(bench) == {end: begun for end, begun in before.items() if end != ("80.80.80.110", 8080)}
    bench.apply([INSIDE, OUTPUT, OTHER_POOL, second])
    assert sessions(bench) == {("80.80.80.111", 8080): before["80.80.80.111", 8080]}
    bench.apply([])
    assert sessions(bench) == {}
