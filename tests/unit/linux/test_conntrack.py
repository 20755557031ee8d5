# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
import struct
import types
import typing as t

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import conntrack
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.netlink import HEADER, attribute, attributes, nest
from ansible_collections.pantheon.cnf.plugins.module_utils.sessions import SessionError

START = 1_700_000_000


def side(kind: int, protocol: int, source: str, destination: str, *ports: int) -> bytes:
    names = (2, 3) if protocol != 1 else (4, 5, 6)
    sizes = "!H" if protocol != 1 else "!B"
    numbers = [attribute(name, struct.pack("!H" if name == 4 else sizes, port)) for name, port in zip(names, ports)]
    return nest(
        kind,
        nest(1, attribute(1, socket.inet_aton(source)), attribute(2, socket.inet_aton(destination))),
        nest(2, attribute(1, bytes([protocol])), *numbers),
    )


def payload(original: t.Tuple[t.Any, ...], reply: t.Tuple[t.Any, ...], protocol: int = 6, status: int = 0x18E | 0x10, *more: bytes, number: int = 77) -> bytes:
    return (
        struct.pack("=BBH", socket.AF_INET, 0, 0)
        + side(1, protocol, *original)
        + side(2, protocol, *reply)
        + attribute(3, struct.pack("!I", status))
        + attribute(7, struct.pack("!I", 431990))
        + attribute(12, struct.pack("!I", number))
        + b"".join(more)
    )


COUNTED = (
    nest(9, attribute(1, struct.pack("!Q", 5)), attribute(2, struct.pack("!Q", 500))),
    nest(10, attribute(1, struct.pack("!Q", 4)), attribute(2, struct.pack("!Q", 4000))),
    nest(4, nest(1, attribute(1, b"\x03"))),
    nest(20, attribute(1, struct.pack("!Q", START * 10**9))),
)

SNAT = payload(("192.168.100.10", "80.80.80.80", 4000, 80), ("80.80.80.80", "80.80.80.103", 80, 4001), 6, 0x10, *COUNTED)
DNAT = payload(("80.80.80.80", "80.80.80.110", 5000, 8080), ("192.168.100.10", "80.80.80.80", 80, 5000), 17, 0x20, number=78)
TWICE = payload(("80.80.80.80", "80.80.80.110", 5000, 8080), ("192.168.100.10", "192.168.100.200", 80, 5001), 6, 0x30, number=79)
PING = payload(("192.168.100.10", "80.80.80.80", 9, 8, 0), ("80.80.80.80", "80.80.80.103", 9, 0, 0), 1, 0x10, number=80)
OWN = payload(("80.80.80.80", "80.80.80.100", 6000, 22), ("80.80.80.100", "80.80.80.80", 22, 6000), 6, 0, number=81)


class Fake:
    """A host whose flow table is given."""

    def __init__(self, *payloads: bytes, codes: t.Sequence[int] = (), error: t.Optional[OSError] = None) -> None:
        self.payloads, self.codes, self.error = payloads, codes, error
        self.dumps: t.List[t.Tuple[int, bytes]] = []
        self.sent: t.List[bytes] = []

    def socket(self, protocol: int) -> t.Any:
        assert protocol == 12
        return types.SimpleNamespace(dump=self.dump, batch=self.batch)

    def sysctl_read(self, name: str) -> str:
        assert name == "net.netfilter.nf_conntrack_count"
        return str(len(self.payloads) or int(self.error is not None))

    def dump(self, kind: int, body: bytes) -> t.Iterator[bytes]:
        if self.error:
            raise self.error
        self.dumps.append((kind, body))
        return iter(self.payloads)

    def batch(self, messages: t.Sequence[bytes]) -> t.List[int]:
        self.sent += messages
        return list(self.codes) or [0] * len(messages)


def test_an_entry_is_read_whole() -> None:
    entry = conntrack.parse(SNAT)
    assert entry.protocol == 6 and entry.status == 0x10 and entry.state == "ESTABLISHED" and entry.timeout == 431990
    assert entry.original == ("192.168.100.10", "80.80.80.80", 4000, 80)
    assert entry.reply == ("80.80.80.80", "80.80.80.103", 80, 4001)
    assert (entry.packets, entry.octets, entry.started) == (9, 4500, START)


def test_without_accounting_and_time_stamps_there_is_nothing_to_tell() -> None:
    entry = conntrack.parse(DNAT)
    assert (entry.packets, entry.octets, entry.started, entry.state) == (0, 0, None, "")


def test_an_empty_table_is_not_walked_through() -> None:
    host = Fake()
    assert conntrack.entries(host) == []
    assert host.dumps == []


def test_a_flow_is_named_by_tuple_and_id_when_deleted() -> None:
    host = Fake(SNAT, DNAT)
    assert conntrack.delete(host, conntrack.entries(host)) == 2
    assert host.dumps == [(0x101, struct.pack("=BBH", socket.AF_INET, 0, 0))]
    for sent, origin, number in zip(host.sent, (SNAT, DNAT), (77, 78)):
        assert HEADER.unpack_from(sent)[1] == 0x102
        parts = attributes(sent, 20)
        assert set(parts) == {1, 12} and parts[12] == struct.pack("!I", number)
        assert parts[1] == attributes(origin, 4)[1]


def test_a_flow_that_ended_meanwhile_does_not_count_and_others_errors_do() -> None:
    assert conntrack.delete(Fake(codes=[0, 2]), [conntrack.parse(SNAT), conntrack.parse(DNAT)]) == 1
    with pytest.raises(SessionError, match="1 of 2 flows could not be deleted: Operation not permitted"):
        conntrack.delete(Fake(codes=[0, 1]), [conntrack.parse(SNAT), conntrack.parse(DNAT)])
    with pytest.raises(SessionError, match="cannot be read: Input/output error"):
        conntrack.entries(Fake(error=OSError(5, "Input/output error")))


def test_a_session_from_inside() -> None:
    assert conntrack.session(conntrack.parse(SNAT), START + 12.4) == {
        "protocol": "TCP",
        "inside": {"address": "192.168.100.10", "port": 4000},
        "outside": {"address": "80.80.80.103", "port": 4001},
        "external": {"address": "80.80.80.80", "port": 80},
        "is_static": False,
        "state": "ESTABLISHED",
        "timeout": 431990,
        "age": 12,
        "packets": 9,
        "bytes": 4500,
    }


def test_a_session_by_a_mapping_and_one_translated_twice() -> None:
    plain, twice = (conntrack.session(conntrack.parse(one), START) for one in (DNAT, TWICE))
    for found in (plain, twice):
        assert found["inside"] == {"address": "192.168.100.10", "port": 80}
        assert found["outside"] == {"address": "80.80.80.110", "port": 8080}
        assert found["external"] == {"address": "80.80.80.80", "port": 5000}
        assert found["is_static"] is True and found["age"] is None
    assert "external_translated" not in plain
    assert twice["external_translated"] == {"address": "192.168.100.200", "port": 5001}


def test_a_ping_has_its_identifier_for_ports() -> None:
    found = conntrack.session(conntrack.parse(PING), START)
    assert found["protocol"] == "ICMP" and found["inside"]["port"] == found["outside"]["port"] == found["external"]["port"] == 9


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (None, {77, 78, 79, 80}),
        ({"inside_address": None}, {77, 78, 79, 80}),
        ({"protocol": "udp"}, {78}),
        ({"protocol": "ICMP"}, {80}),
        ({"outside_address": "80.80.80.103"}, {77, 80}),
        ({"outside_address": "80.80.80.110", "protocol": "tcp"}, {79}),
        ({"inside_address": "192.168.0.0/16"}, {77, 78, 79, 80}),
        ({"inside_address": "192.168.0.0/24"}, set()),
        ({"external_address": "80.80.80.80", "port": 4001}, {77}),
        ({"port": 8080}, {78, 79}),
    ],
)
def test_filters_narrow_what_is_listed_and_what_is_cleared(filters: t.Any, ids: t.Set[int]) -> None:
    host = Fake(SNAT, DNAT, TWICE, PING, OWN)
    listed = conntrack.sessions(host, filters)
    assert len(listed) == len(ids) and not host.sent
    cleared = conntrack.clear(host, filters)
    assert {struct.unpack("!I", attributes(sent, 20)[12])[0] for sent in host.sent} == ids
    assert [one["outside"] for one in cleared] == [one["outside"] for one in listed]


@pytest.mark.parametrize(("filters", "why"), [({"inside": "x"}, "no such filter: inside"), ({"inside_address": "10.0.0.300"}, "inside_address: '10.0.0.300'")])
def test_a_wrong_filter_is_an_error_and_not_everything(filters: t.Any, why: str) -> None:
    host = Fake(SNAT)
    with pytest.raises(SessionError, match=why):
        conntrack.clear(host, filters)
    assert not host.sent
