# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's flow table by nfnetlink: one dump to read it, batches to delete from it, no program to run."""

from __future__ import annotations

import os
import socket
import struct
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.linux.netlink import NETLINK_NETFILTER, attribute, attributes, message
from ansible_collections.pantheon.cnf.plugins.module_utils.sessions import PROTOCOLS, NatSession, SessionError, end, matches, wanted

SOURCE_TRANSLATED, DESTINATION_TRANSLATED = 0x10, 0x20  # bits of an entry's status
_GET, _DELETE = 0x101, 0x102  # NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_*
_ORIGINAL, _REPLY, _STATUS, _PROTOINFO, _TIMEOUT, _COUNTERS, _ID, _ZONE, _TIMESTAMP = 1, 2, 3, 4, 7, (9, 10), 12, 18, 20
_TCP_STATES = "NONE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSE SYN_SENT2".split()
_IPV4 = struct.pack("=BBH", socket.AF_INET, 0, 0)  # nfgenmsg


class Tuple(t.NamedTuple):
    """One direction of a flow. For ICMP both ports are the identifier."""

    source: str
    destination: str
    source_port: int
    destination_port: int


class Entry(t.NamedTuple):
    """A flow: C(original) as its first packet came, C(reply) as the answers come; C(handle) is what names it to the kernel."""

    protocol: int
    original: Tuple
    reply: Tuple
    status: int
    state: str
    timeout: int
    started: t.Optional[float]
    packets: int
    octets: int
    handle: bytes


def _number(data: t.Mapping[int, bytes], kind: int) -> int:
    return int.from_bytes(data.get(kind, b""), "big")


def _tuple(data: bytes) -> t.Tuple[int, Tuple]:
    outer = attributes(data)
    ends, protocol = attributes(outer[1]), attributes(outer[2])
    first, second = (4, 4) if 4 in protocol else (2, 3)
    return protocol[1][0], Tuple(socket.inet_ntoa(ends[1]), socket.inet_ntoa(ends[2]), _number(protocol, first), _number(protocol, second))


def parse(payload: bytes) -> Entry:
    """The entry in one message (netlink's header taken off, C(nfgenmsg) still there)."""
    data = attributes(payload, 4)
    protocol, original = _tuple(data[_ORIGINAL])
    state = ""
    if protocol == 6 and _PROTOINFO in data:
        state = _TCP_STATES[_number(attributes(attributes(data[_PROTOINFO]).get(1, b"")), 1)]
    counters = [attributes(data[kind]) for kind in _COUNTERS if kind in data]
    started = _number(attributes(data.get(_TIMESTAMP, b"")), 1)
    # The id spares a successor with the same tuple, unless it lies where the flow lay in memory.
    handle = b"".join(attribute(kind | (0x8000 if kind == _ORIGINAL else 0), data[kind]) for kind in (_ORIGINAL, _ID, _ZONE) if kind in data)
    return Entry(
        protocol,
        original,
        _tuple(data[_REPLY])[1],
        _number(data, _STATUS),
        state,
        _number(data, _TIMEOUT),
        started / 1e9 if started else None,
        sum(_number(one, 1) for one in counters),
        sum(_number(one, 2) for one in counters),
        handle,
    )


def entries(host: t.Any) -> t.List[Entry]:
    """All IPv4 flows of the host's namespace, in one dump."""
    if host.sysctl_read("net.netfilter.nf_conntrack_count") == "0":
        return []  # a dump would walk through the table of the whole machine to find none
    try:
        return [parse(payload) for payload in host.socket(NETLINK_NETFILTER).dump(_GET, _IPV4)]
    except PermissionError as error:
        raise host.explain(error) from error
    except OSError as error:
        raise SessionError(f"the flow table cannot be read: {error.strerror}") from error


def delete(host: t.Any, flows: t.Sequence[Entry]) -> int:
    """Delete flows, and return how many; one that has ended by itself meanwhile does not count."""
    answers = host.socket(NETLINK_NETFILTER).batch([message(_DELETE, 0, _IPV4 + flow.handle) for flow in flows])
    failed = [code for code in answers if code not in (0, 2)]  # ENOENT
    if failed:
        raise SessionError(f"{len(failed)} of {len(flows)} flows could not be deleted: {os.strerror(failed[0])}")
    return answers.count(0)


# -- sessions: the flows that are translated --------------------------------------------------------------------------


def session(entry: Entry, now: float) -> NatSession:
    """A translated flow as data. One whose destination was translated was made from outside, by a mapping."""
    original, reply = entry.original, entry.reply
    source, target = end(original.source, original.source_port), end(original.destination, original.destination_port)
    static = bool(entry.status & DESTINATION_TRANSLATED)
    data: NatSession = {
        "protocol": PROTOCOLS.get(entry.protocol, str(entry.protocol)),
        "inside": end(reply.source, reply.source_port) if static else source,
        "outside": target if static else end(reply.destination, reply.destination_port),
        "external": source if static else target,
        "is_static": static,
        "state": entry.state,
        "timeout": entry.timeout,
        "age": None if entry.started is None else max(0, round(now - entry.started)),
        "packets": entry.packets,
        "bytes": entry.octets,
    }
    if static and entry.status & SOURCE_TRANSLATED:
        data["external_translated"] = end(reply.destination, reply.destination_port)
    return data


def _translated(host: t.Any, filters: t.Optional[t.Mapping[str, t.Any]]) -> t.List[t.Tuple[Entry, NatSession]]:
    fits = wanted(filters)
    now = time.time()
    found = [(entry, session(entry, now)) for entry in entries(host) if entry.status & (SOURCE_TRANSLATED | DESTINATION_TRANSLATED)]
    return [item for item in found if matches(item[1], fits)]


def sessions(host: t.Any, filters: t.Optional[t.Mapping[str, t.Any]] = None) -> t.List[NatSession]:
    """The NAT sessions of the host's namespace that pass all C(filters)."""
    return [data for _entry, data in _translated(host, filters)]


def clear(host: t.Any, filters: t.Optional[t.Mapping[str, t.Any]] = None) -> t.List[NatSession]:
    """Delete the NAT sessions that pass the filters, and return them."""
    found = _translated(host, filters)
    delete(host, [entry for entry, _data in found])
    return [data for _entry, data in found]


def command(data: t.Mapping[str, t.Any]) -> str:
    """Deleting a session, as C(conntrack) would be told."""
    inside, outside, external = data["inside"], data["outside"], data["external"]
    source, target = (external, outside) if data["is_static"] else (inside, external)
    return f"conntrack -D -p {data['protocol'].lower()} -s {source['address']} -d {target['address']} --sport {source['port']} --dport {target['port']}"
