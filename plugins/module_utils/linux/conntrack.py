# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's flow table by nfnetlink: one dump to read it, batches to delete from it, no program to run."""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError

NETLINK_NETFILTER = 12
_GET, _DELETE = 0x101, 0x102  # NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_*
_REQUEST, _ACK, _DUMP = 0x1, 0x4, 0x300
_ORIGINAL, _REPLY, _STATUS, _PROTOINFO, _TIMEOUT = 1, 2, 3, 4, 7
_COUNTERS, _ID, _ZONE, _TIMESTAMP = (9, 10), 12, 18, 20
SOURCE_TRANSLATED, DESTINATION_TRANSLATED = 0x10, 0x20
"""Bits of an entry's status."""
PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP", 132: "SCTP", 47: "GRE"}
_TCP_STATES = ("NONE", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE", "SYN_SENT2")
_BATCH = 64  # deletions sent before their answers are read: well below a socket's default receive buffer


class ConntrackError(CnfError):
    """The flow table could not be read or changed."""


class Tuple(t.NamedTuple):
    """One direction of a flow. For ICMP both ports are the identifier."""

    source: str
    destination: str
    source_port: int
    destination_port: int


class Entry(t.NamedTuple):
    """One flow: as its first packet came (C(original)), as the answers come (C(reply)); C(handle) is what names it to the kernel."""

    protocol: int
    original: Tuple
    reply: Tuple
    status: int
    state: str
    timeout: int
    started: t.Optional[float]
    packets: int
    bytes: int
    handle: bytes


def _attributes(data: bytes, start: int = 0, end: t.Optional[int] = None) -> t.Dict[int, bytes]:
    found = {}
    end = len(data) if end is None else end
    while start + 4 <= end:
        length, kind = struct.unpack_from("=HH", data, start)
        if length < 4:
            break
        found[kind & 0x3FFF] = data[start + 4 : start + length]
        start += length + 3 & ~3
    return found


def _attribute(kind: int, data: bytes) -> bytes:
    return struct.pack("=HH", len(data) + 4, kind) + data + b"\0" * (-len(data) % 4)


def _message(kind: int, flags: int, sequence: int, body: bytes = b"") -> bytes:
    return struct.pack("=IHHIIBBH", 20 + len(body), kind, _REQUEST | flags, sequence, 0, socket.AF_INET, 0, 0) + body


def _port(data: t.Mapping[int, bytes], kind: int) -> int:
    return int.from_bytes(data[kind], "big") if kind in data else 0


def _tuple(data: bytes) -> t.Tuple[int, Tuple]:
    outer = _attributes(data)
    address, protocol = _attributes(outer[1]), _attributes(outer[2])
    number = protocol[1][0]
    ports = (_port(protocol, 4),) * 2 if 4 in protocol else (_port(protocol, 2), _port(protocol, 3))
    return number, Tuple(socket.inet_ntoa(address[1]), socket.inet_ntoa(address[2]), *ports)


def parse(payload: bytes) -> t.Optional[Entry]:
    """The entry in one message (after the netlink header and C(nfgenmsg)); None when it is not IPv4."""
    data = _attributes(payload)
    try:
        protocol, original = _tuple(data[_ORIGINAL])
        reply = _tuple(data[_REPLY])[1]
    except KeyError:
        return None
    state = ""
    if _PROTOINFO in data and protocol == 6:
        number = _attributes(_attributes(data[_PROTOINFO]).get(1, b"")).get(1, b"\0")[0]
        state = _TCP_STATES[number] if number < len(_TCP_STATES) else str(number)
    counters = [_attributes(data[kind]) for kind in _COUNTERS if kind in data]
    started = int.from_bytes(_attributes(data.get(_TIMESTAMP, b"")).get(1, b""), "big")
    # Tuple, id and zone name the flow; the id makes sure that a successor with the same tuple is left alone.
    handle = b"".join(_attribute(kind | (0x8000 if kind == _ORIGINAL else 0), data[kind]) for kind in (_ORIGINAL, _ID, _ZONE) if kind in data)
    return Entry(
        protocol,
        original,
        reply,
        int.from_bytes(data.get(_STATUS, b""), "big"),
        state,
        int.from_bytes(data.get(_TIMEOUT, b""), "big"),
        started / 1e9 if started else None,
        sum(int.from_bytes(one.get(1, b""), "big") for one in counters),
        sum(int.from_bytes(one.get(2, b""), "big") for one in counters),
        handle,
    )


def _answers(netlink: socket.socket) -> t.Iterator[t.Tuple[int, int, bytes]]:
    """The messages of one read: (type, sequence, body)."""
    data = netlink.recv(1 << 20)
    start = 0
    while start + 16 <= len(data):
        length, kind, _flags, sequence = struct.unpack_from("=IHHI", data, start)
        yield kind, sequence, data[start + 16 : start + length]
        start += length + 3 & ~3


def _check(body: bytes, action: str, ignore: t.Container[int] = ()) -> bool:
    number = -struct.unpack_from("=i", body)[0] if len(body) >= 4 else 0
    if number and number not in ignore:
        raise ConntrackError(f"{action}: {os.strerror(number)}", errno=number)
    return not number


def entries(host: t.Any) -> t.List[Entry]:
    """All IPv4 flows of the host's namespace, in one dump."""
    netlink = host.socket(NETLINK_NETFILTER)
    netlink.send(_message(_GET, _DUMP, 1))
    found = []
    while True:
        for kind, _sequence, body in _answers(netlink):
            if kind in (2, 3):  # NLMSG_ERROR, NLMSG_DONE
                _check(body, "reading the flow table")
                return found
            entry = parse(body[4:])
            if entry is not None:
                found.append(entry)


def delete(host: t.Any, flows: t.Sequence[Entry]) -> int:
    """Delete flows, and return how many; one that ended by itself meanwhile does not count."""
    netlink = host.socket(NETLINK_NETFILTER)
    gone = 0
    for start in range(0, len(flows), _BATCH):
        batch = flows[start : start + _BATCH]
        netlink.send(b"".join(_message(_DELETE, _ACK, start + index, entry.handle) for index, entry in enumerate(batch)))
        left = len(batch)
        while left:
            for _kind, _sequence, body in _answers(netlink):
                gone += _check(body, "deleting a flow", (2,))  # ENOENT
                left -= 1
    return gone


# -- sessions: the flows that are translated --------------------------------------------------------------------------


def _end(address: str, port: int) -> t.Dict[str, t.Any]:
    return {"address": address, "port": port}


def session(entry: Entry, now: float) -> t.Dict[str, t.Any]:
    """A translated flow as data.

    C(inside) is the end behind the NAT, C(outside) the same end as the outside knows it, C(external) the host it talks
    to; C(external_translated) is that host as the inside sees it (twice-NAT, hairpin). C(is_static): made from outside, by a mapping.
    """
    original, reply = entry.original, entry.reply
    source, target = _end(original.source, original.source_port), _end(original.destination, original.destination_port)
    static = bool(entry.status & DESTINATION_TRANSLATED)
    data: t.Dict[str, t.Any] = {
        "protocol": PROTOCOLS.get(entry.protocol, str(entry.protocol)),
        "inside": _end(reply.source, reply.source_port) if static else source,
        "outside": target if static else _end(reply.destination, reply.destination_port),
        "external": source if static else target,
        "is_static": static,
        "state": entry.state,
        "timeout": entry.timeout,
        "age": None if entry.started is None else max(0, round(now - entry.started)),
        "packets": entry.packets,
        "bytes": entry.bytes,
    }
    if static and entry.status & SOURCE_TRANSLATED:
        data["external_translated"] = _end(reply.destination, reply.destination_port)
    return data


FILTERS = ("inside_address", "outside_address", "external_address", "protocol", "port")
"""Filters: an address or a network; a protocol's name; a port of any of the three ends."""


def _matches(data: t.Mapping[str, t.Any], filters: t.Mapping[str, t.Any]) -> bool:
    for name, wanted in filters.items():
        if wanted is None:
            continue
        if name == "protocol":
            fits = data["protocol"] == str(wanted).upper()
        elif name == "port":
            fits = any(data[end]["port"] == int(wanted) for end in ("inside", "outside", "external"))
        else:
            fits = ipaddress.ip_address(data[name.partition("_")[0]]["address"]) in wanted
        if not fits:
            return False
    return True


def _translated(host: t.Any, filters: t.Optional[t.Mapping[str, t.Any]]) -> t.List[t.Tuple[Entry, t.Dict[str, t.Any]]]:
    wanted = dict(filters or {})
    unknown = sorted(set(wanted) - set(FILTERS))
    if unknown:
        raise ConntrackError(f"no such filter: {', '.join(unknown)}; there are {', '.join(FILTERS)}")
    for name in FILTERS[:3]:
        if wanted.get(name) is not None:
            try:
                wanted[name] = ipaddress.ip_network(wanted[name], strict=False)
            except ValueError as error:
                raise ConntrackError(f"{name}: {error}") from None
    now = time.time()
    found = [(entry, session(entry, now)) for entry in entries(host) if entry.status & (SOURCE_TRANSLATED | DESTINATION_TRANSLATED)]
    return [item for item in found if _matches(item[1], wanted)]


def sessions(host: t.Any, filters: t.Optional[t.Mapping[str, t.Any]] = None) -> t.List[t.Dict[str, t.Any]]:
    """The NAT sessions of the host's namespace that pass all C(filters) (L(FILTERS)); see L(session) for the shape."""
    return [data for _entry, data in _translated(host, filters)]


def clear(host: t.Any, filters: t.Optional[t.Mapping[str, t.Any]] = None) -> t.List[t.Dict[str, t.Any]]:
    """Delete the NAT sessions that pass the filters, and return them."""
    found = _translated(host, filters)
    delete(host, [entry for entry, _data in found])
    return [data for _entry, data in found]
