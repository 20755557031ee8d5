# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT sessions as the kernel has them, checked against the program conntrack where it is installed."""

from __future__ import annotations

import os
import re
import shutil
import typing as t

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import conntrack, nat
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import nat as northbound

from .nat_world import CLIENT, SERVER, Bench, World

if os.geteuid() != 0:
    pytest.skip("needs root for network namespaces", allow_module_level=True)

KINDS = {kind.id: kind for kind in northbound.KINDS}
POOL = {f"80.80.80.{last}" for last in range(101, 106)}


@pytest.fixture(scope="module")
def bench() -> t.Iterator[Bench]:
    with World("c") as world:
        world.serve("server", 7000, 7001)
        world.serve("client", 7000)
        one = Bench(world, nat.Nat(), {"nat": nat.settle})
        backend = {"local_ip": CLIENT, "local_port": 7000}
        one.apply(
            [
                KINDS[nat.INTERFACE].value({"name": "memif0", "nat_inside": True}),
                KINDS[nat.INTERFACE].value({"name": "memif1", "nat_outside": True, "output_feature": True}),
                KINDS[nat.POOL].value({"first_ip": "80.80.80.101", "last_ip": "80.80.80.105"}),
                KINDS[nat.DNAT].value({"label": "d", "st_mappings": [{"external_ip": "80.80.80.110", "external_port": 80, "local_ips": [backend]}]}),
            ]
        )
        yield one
        one.host.close()


@pytest.fixture
def traffic(bench: Bench) -> t.Iterator[Bench]:
    world = bench.world
    world.run("cnf", "conntrack", "-F", check=False)
    assert world.ask("client", "tcp", SERVER, source_port=4001)
    assert world.ask("client", "udp", SERVER, 7001, source_port=4002)
    assert world.ask("server", "tcp", "80.80.80.110", 80, source_port=4003)
    assert world.ping("client", SERVER)
    assert world.ask("cnf", "udp", SERVER)  # of the CNF itself: no NAT session
    yield bench


def end(address: str, port: int) -> t.Dict[str, t.Any]:
    return {"address": address, "port": port}


def test_sessions_say_who_became_whom_with_age_packets_and_bytes(traffic: Bench) -> None:
    found = {(one["protocol"], one["is_static"]): one for one in conntrack.sessions(traffic.host)}
    assert set(found) == {("TCP", False), ("UDP", False), ("TCP", True), ("ICMP", False)}
    out, udp, mapped, ping = found["TCP", False], found["UDP", False], found["TCP", True], found["ICMP", False]
    assert out["inside"] == end(CLIENT, 4001) and out["external"] == end(SERVER, 7000)
    assert out["outside"]["address"] in POOL and out["outside"]["port"] == 4001
    assert udp["inside"] == end(CLIENT, 4002) and udp["external"] == end(SERVER, 7001) and udp["state"] == ""
    assert mapped["inside"] == end(CLIENT, 7000) and mapped["outside"] == end("80.80.80.110", 80) and mapped["external"] == end(SERVER, 4003)
    assert ping["inside"]["port"] == ping["outside"]["port"] > 0
    assert out["state"] == mapped["state"] == "TIME_WAIT"
    assert udp["packets"] == ping["packets"] == 2 and out["packets"] >= 7
    assert ping["bytes"] == 2 * 84
    assert all(one["age"] is not None and 0 <= one["age"] <= 10 and one["timeout"] > 0 for one in found.values())


@pytest.mark.skipif(shutil.which("conntrack") is None, reason="needs the program conntrack")
def test_the_program_conntrack_says_the_same(traffic: Bench) -> None:
    lines = traffic.world.run("cnf", "conntrack", "-L", "-p", "tcp").stdout.splitlines()
    theirs = set()
    for line in lines:
        pairs = re.findall(r"(src|dst|sport|dport)=(\S+)", line)
        theirs.add((re.findall(r"[A-Z_]{5,}", line)[0], *(content for _name, content in pairs)))
    ours = {
        (
            one.state,
            one.original[0],
            one.original[1],
            str(one.original[2]),
            str(one.original[3]),
            one.reply[0],
            one.reply[1],
            str(one.reply[2]),
            str(one.reply[3]),
        )
        for one in conntrack.entries(traffic.host)
        if one.protocol == 6
    }
    assert ours == theirs and len(ours) == 2


def test_some_or_all_sessions_are_cleared_and_others_stay(traffic: Bench) -> None:
    host = traffic.host
    untouched = [one for one in conntrack.entries(host) if not one.status & 0x30]
    assert len(untouched) == 1
    assert [one["protocol"] for one in conntrack.clear(host, {"port": 4002})] == ["UDP"]
    assert [one["is_static"] for one in conntrack.clear(host, {"protocol": "tcp", "outside_address": "80.80.80.110"})] == [True]
    assert conntrack.clear(host, {"inside_address": "10.0.0.0/8"}) == []
    assert {one["protocol"] for one in conntrack.sessions(host, {"external_address": SERVER})} == {"TCP", "ICMP"}
    assert len(conntrack.clear(host)) == 2
    assert conntrack.sessions(host) == [] and conntrack.clear(host) == []
    assert [one.original for one in conntrack.entries(host)] == [untouched[0].original]
    assert traffic.world.ask("client", "tcp", SERVER)


def test_many_sessions_are_read_in_one_dump_and_deleted_in_batches(bench: Bench) -> None:
    code = f"""
        import socket
        for port in range(20000, 22000):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind(("", port))
            s.sendto(b"x", ("{SERVER}", 9))
            s.close()
        """
    bench.world.python("client", code).wait()
    netlink = bench.host.socket(conntrack.NETLINK_NETFILTER)
    first = netlink.sequence
    found = conntrack.sessions(bench.host, {"external_address": SERVER, "port": 9})
    assert len(found) == 2000 and netlink.sequence == first + 1
    assert len(conntrack.clear(bench.host, {"port": 9})) == 2000
    assert conntrack.sessions(bench.host, {"port": 9}) == []
