# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of the kernel's interfaces. Those of links are lowered and lifted with the links (L(links))."""

from __future__ import annotations

import errno
import struct
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Key, Operation, Resource, Resources
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Family
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import netlink as nl
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.devices import address_bytes, address_text, adopted, names

NEWADDR, DELADDR, GETADDR = 20, 21, 22
IFADDR = struct.Struct("=BBBBi")
ADDRESS, LOCAL, BROADCAST, PROTO = 1, 2, 4, 11
SECONDARY, NODAD, PERMANENT = 1, 2, 0x80
OURS = (207, 208)
LINK_LOCAL, HOST = 253, 254


def canonical(text: str) -> str:
    """An address, with its prefix length when it has one, as the kernel writes it."""
    address, slash, length = text.partition("/")
    return address_text(address_bytes(address)) + slash + length


def network(text: str) -> t.Tuple[int, int, int]:
    """(number of the network, prefix length, bits of the family) of C(10.0.0.1/24)."""
    address, _slash, length = text.partition("/")
    raw = address_bytes(address)
    bits = 8 * len(raw)
    return int.from_bytes(raw, "big") >> (bits - int(length or bits)), int(length or bits), bits


def same_network(one: str, two: str) -> bool:
    """Whether two addresses with prefix lengths are of one subnet."""
    return network(one) == network(two)


def reaches(prefix: str, gateway: str) -> bool:
    """Whether a gateway lies in the network of an address."""
    raw = address_bytes(gateway)
    number, length, bits = network(prefix)
    return bits == 8 * len(raw) and int.from_bytes(raw, "big") >> (bits - length) == number


class Addresses(Family):
    """See the module."""

    classes = frozenset({"address"})

    def __init__(self, cnf: str) -> None:
        self.cnf = cnf

    def observe(self, place: t.Any) -> t.Iterator[Resource]:
        """All addresses but the kernel's own link-local ones, from one dump."""
        links = names(place, self.cnf)
        masters = {one.number for one in place.devices if one.device in ("bond", "vrf") and links[one.number][0] == "link"}
        ports = {one.number for one in place.devices if one.master in masters}
        made = {one.number for one in place.devices if one.number in links and links[one.number][0] == "link" and not adopted(one.alias)}
        for payload in place.netlink.dump(GETADDR, IFADDR.pack(0, 0, 0, 0, 0)):
            _family, length, flags, scope, index = IFADDR.unpack_from(payload)
            found = nl.attributes(payload, 8)
            raw = found.get(LOCAL) or found.get(ADDRESS, b"")
            protocol = found[PROTO][0] if PROTO in found else 0
            if index not in links or (len(raw) == 16 and scope == LINK_LOCAL and protocol not in OURS):
                continue
            link = links[index]
            text = f"{address_text(raw)}/{length}"
            loopback = link == ("foreign-link", "lo") or text in ("127.0.0.1/8", "::1/128")
            # Kernels before 5.18 do not keep the protocol: there what is on a link that we made is ours, unless DHCP or IPv6 chose it.
            owned = not loopback and (protocol in OURS or index in made and protocol == 0 and bool(flags & PERMANENT))
            attributes = {"protocol": protocol or None, "secondary": bool(flags & SECONDARY)}
            # A port that gets another master loses its IPv6 addresses.
            requires = frozenset({link, ("port", link[1])} if index in ports else {link})
            yield Resource(("address", link[1], text), attributes, requires, owned=owned)

    def transition(self, before: Resource, after: Resource) -> str:
        """An address that is there is right, whoever put it there; only a mark of ours that is another one is put right."""
        have = before.attributes["protocol"]
        return "same" if have in (None, after.attributes["protocol"]) or not before.owned or have not in OURS else "recreate"

    def destroys(self, operation: Operation, resources: Resources) -> t.Iterator[Key]:
        """With the first address of a subnet go the others of it; with the last IPv4 address all routes of the link."""
        if operation.after is not None or operation.before is None or ":" in operation.key[2]:
            return
        _class, link, text = operation.key
        first = not operation.before.attributes.get("secondary")
        stays = getattr(resources, "stays", resources.__contains__)
        routes, flushed = [], True
        for key, one in resources.items():
            if key[0] == "address" and key[1] == link and key != operation.key and ":" not in key[2]:
                # An address that is yet to be made is one that would become a secondary and go too.
                if first and one.attributes.get("secondary", True) and same_network(text, key[2]):
                    yield key
                elif stays(key):
                    flushed = False
            elif key[0] == "route" and key[1] == "4" and any(hop[1] == link for hop in one.attributes.get("nexthops", ())):
                routes.append(key)
        if flushed:
            yield from routes

    def commands(self, operation: Operation) -> t.List[str]:
        """As C(ip address) would be told."""
        _class, link, text = operation.key
        return [f"ip address {'del' if operation.after is None else 'add'} {text} dev {link}"]

    def perform(self, place: t.Any, operations: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """One batch."""
        indexes = {key[1]: index for index, key in names(place, self.cnf, fresh=True).items()}
        result: t.List[t.Optional[str]] = [None] * len(operations)
        messages, places = [], []
        for at, operation in enumerate(operations):
            _class, link, text = operation.key
            if link not in indexes:
                result[at] = f"interface {link} does not exist"
                continue
            address, _slash, length = text.partition("/")
            raw = address_bytes(address)
            family = 2 if len(raw) == 4 else 10
            scope = HOST if family == 2 and raw[0] == 127 else 0  # the kernel has 127.0.0.0/8 in no other
            body = IFADDR.pack(family, int(length), NODAD if family == 10 else 0, scope, indexes[link])
            body += nl.attribute(LOCAL, raw) + nl.attribute(ADDRESS, raw)
            if operation.after is None:
                messages.append(nl.message(DELADDR, 0, body))
            else:
                if family == 2 and int(length) < 31:
                    host_bits = (1 << (32 - int(length))) - 1
                    body += nl.attribute(BROADCAST, (int.from_bytes(raw, "big") | host_bits).to_bytes(4, "big"))
                body += nl.attribute(PROTO, bytes([operation.after.attributes["protocol"]]))
                messages.append(nl.message(NEWADDR, nl.CREATE | nl.EXCL, body))
            places.append(at)
        codes = place.netlink.batch(messages)
        for number, (at, code) in enumerate(zip(places, codes)):
            if code and not (code == errno.EEXIST and operations[at].after is not None):  # a secondary that was promoted
                result[at] = place.netlink.errors.get(number, str(code))
        return result
