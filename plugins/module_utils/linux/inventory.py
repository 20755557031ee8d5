# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which interfaces a namespace has, by the names that we gave them. No more than places, links and the proof have to know."""

from __future__ import annotations

import contextlib
import socket
import struct
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils import station
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.netlink import attribute, attributes, message, string

PRODUCT = "pantheon.cnf"
NEWLINK, DELLINK, GETLINK, GETADDR, GETNSID = 16, 17, 18, 22, 90
ADDRESS, IFNAME, MTU, LINK, LINKINFO, ALIAS, STATS, NETNS_FD, EXT_MASK, NETNSID = 1, 3, 4, 5, 18, 20, 23, 28, 29, 37
LINK_HEAD = struct.Struct("=BxHiII")
NO_NAME = LINK_HEAD.pack(0, 0, 0, 0, 0)


class Interface(t.NamedTuple):
    """A kernel device as a dump tells of it. C(peer_namespace) is this namespace's number for that of the peer, None for itself."""

    number: int
    host_if_name: str
    alias: str
    kind: str
    mtu: int
    enabled: bool
    phys_address: str
    packets: int
    peer: int
    peer_namespace: t.Optional[int]


def mac_of(cnf: str, name: str) -> bytes:
    """See L(station)."""
    return bytes.fromhex(station.mac_of(cnf, name).replace(":", ""))


def interfaces(host: Host) -> t.List[Interface]:
    """All devices of a namespace, in one dump."""
    found = []
    for payload in host.netlink.dump(GETLINK, NO_NAME + attribute(EXT_MASK, struct.pack("=I", 8))):  # without the VFs' counters
        data = attributes(payload, 16)
        _family, _type, index, flags, _change = LINK_HEAD.unpack_from(payload)
        kind = attributes(data.get(LINKINFO, b"")).get(1, b"")
        stats = struct.unpack_from("=QQ", data[STATS]) if STATS in data else (0, 0)
        found.append(
            Interface(
                index,
                string(data[IFNAME]),
                string(data.get(ALIAS, b"")),
                string(kind),
                struct.unpack("=I", data[MTU])[0] if MTU in data else 0,
                bool(flags & 1),
                ":".join(f"{byte:02x}" for byte in data.get(ADDRESS, b"")),
                sum(stats),
                struct.unpack("=i", data[LINK])[0] if LINK in data else 0,
                struct.unpack("=i", data[NETNSID])[0] if NETNSID in data else None,
            )
        )
    return found


def ip_addresses(host: Host) -> t.Dict[int, t.List[str]]:
    """The addresses of every device, by its index; without those that IPv6 gives itself."""
    found: t.Dict[int, t.List[str]] = {}
    for payload in host.netlink.dump(GETADDR, struct.pack("=BBBBI", 0, 0, 0, 0, 0)):
        family, length, _flags, scope, index = struct.unpack_from("=BBBBI", payload)
        data = attributes(payload, 8)
        raw = data.get(2) or data.get(1)  # IFA_LOCAL, IFA_ADDRESS
        if raw and not (family == socket.AF_INET6 and scope == 253):
            found.setdefault(index, []).append(f"{socket.inet_ntop(family, raw)}/{length}")
    return found


def parse_alias(alias: str) -> t.Optional[t.Tuple[str, str, str, str]]:
    """(CNF, kind, type, logical name) that an alias of ours tells, else None. Joined ends have C(link:) before their kind."""
    words = alias.split(" ", 4)
    return (words[1], words[2], words[3], words[4]) if len(words) == 5 and words[0] == PRODUCT else None


def logical_name(interface: Interface) -> str:
    """By what name values refer to it."""
    told = parse_alias(interface.alias)
    return told[3] if told else interface.host_if_name


def namespace_numbers(host: Host, others: t.Mapping[str, str]) -> t.Dict[str, int]:
    """The numbers by which the host's namespace knows others (C(path) by name); those that it does not know are left out."""
    numbers = {}
    with host.inside():
        asking = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
    with asking:
        for name, path in others.items():
            with contextlib.suppress(FileNotFoundError), open(path, "rb") as handle:
                asking.send(message(GETNSID, 0, struct.pack("=B3x", 0) + attribute(3, struct.pack("=I", handle.fileno()))))  # NETNSA_FD
                answer = asking.recv(4096)
                number = attributes(answer, 20).get(1)  # NETNSA_NSID
                if struct.unpack_from("=H", answer, 4)[0] != 2 and number and struct.unpack("=i", number)[0] >= 0:
                    numbers[name] = struct.unpack("=i", number)[0]
    return numbers
