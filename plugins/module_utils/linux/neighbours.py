# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Neighbours: C(("neighbour", link, address)) and, for proxy ARP, C(("neighbour", link, "proxy ADDRESS")).

Attributes: C(protocol), C(mac), C(static). What the kernel learned by itself is a cache and no object: it is in nobody's way.
"""

from __future__ import annotations

import errno
import socket
import struct
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Family, Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.addresses import canonical
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.devices import address_bytes, address_text, names
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.netlink import CREATE, REPLACE, attribute, attributes, message
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.tables import LINUX, MAIN, VPP, link_table
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ARP, LINUX_ARP, PROXY_ARP

NEW, DELETE, GET = 28, 29, 30
HEAD = struct.Struct("=BxxxiHBB")
DST, MAC, PROTOCOL = 1, 2, 12
REACHABLE, FAILED, NOARP, PERMANENT = 2, 0x20, 0x40, 0x80
PROXY = 8
PROXY_LIMIT = 4096
_UP = "partial: the interface has to be up"

SUPPORT = {
    ARP.id: {
        "interface": _UP,
        "ip_address": "yes",
        "phys_address": "yes",
        "static": "partial: an entry that is not static may be forgotten by the kernel when unused",
    },
    LINUX_ARP.id: {"interface": _UP, "ip_address": "yes", "hw_address": "yes"},
    PROXY_ARP.id: {
        "interfaces": "yes",
        "interfaces.name": "partial: the kernel answers while it forwards (ip_forward), for an address whose route leaves by another interface",
        "ranges": f"partial: together at most {PROXY_LIMIT} addresses times interfaces; each is an entry of its own",
        "ranges.first_ip_addr": "yes",
        "ranges.last_ip_addr": "yes",
        "ranges.vrf_id": "partial: one that an interface of the list is in",
    },
}


class Neighbours(Family):
    """Static and dynamic entries of vpp/arp and linux.l3/arp, and the proxy entries of vpp/proxyarp-global."""

    classes = frozenset({"neighbour"})
    kinds = frozenset({ARP.id, LINUX_ARP.id, PROXY_ARP.id})
    support = SUPPORT

    def __init__(self, cnf: str) -> None:
        self.cnf = cnf

    def observe(self, place: t.Any) -> t.Iterable[Resource]:
        """All entries that somebody configured."""
        links = names(place, self.cnf)
        for flags in (0, PROXY):
            for body in place.netlink.dump(GET, HEAD.pack(0, 0, 0, flags, 0)):
                one = _parse(body, links)
                if one is not None:
                    yield one

    def lower(self, values: t.Sequence[Value], view: View) -> t.Iterable[Resource]:
        """Raises L(Refused) by field name."""
        made: t.Dict[Key, Resource] = {}
        for value in values:
            data = value.data
            if value.kind == PROXY_ARP.id:
                made.update((one.key, one) for one in _proxies(value, view))
                continue
            linux = value.kind == LINUX_ARP.id
            link = _link(value, "interface", data["interface"], view)
            have = {
                "protocol": LINUX if linux else VPP,
                "mac": address.mac(data["hw_address" if linux else "phys_address"]),
                "static": linux or bool(data.get("static")),
            }
            key = ("neighbour", link[1], canonical(data["ip_address"]))
            if key in made:
                raise Refused(f"{value.kind} {value.key}: ip_address: {key[2]} on {data['interface']} is given by another value too", field="ip_address")
            made[key] = Resource(key, have, frozenset((link,) if link in view.resources else ()))
        return made.values()

    def lift(self, resources: Resources, view: View) -> t.Iterable[Value]:
        """Entries of ours; with scope all the static ones of others too."""
        proxies: t.Dict[str, t.Set[int]] = {}
        for key, one in resources.items():
            if key[0] != "neighbour" or not (one.owned or view.scope_all):
                continue
            have = one.attributes
            if key[2].startswith("proxy "):
                if ":" not in key[2]:
                    proxies.setdefault(key[1], set()).add(int.from_bytes(socket.inet_aton(key[2][6:]), "big"))
            elif have["protocol"] == LINUX:
                yield LINUX_ARP.value({"interface": key[1], "ip_address": key[2], "hw_address": have["mac"]})
            else:
                yield ARP.value({"interface": key[1], "ip_address": key[2], "phys_address": have["mac"], "static": have["static"]})
        if proxies:
            ranges: t.Dict[t.Tuple[int, int], t.Tuple[int, int]] = {}
            for name, numbers in proxies.items():
                link = view.find(name)
                table = link_table(view, link.resource) if link else MAIN
                for first, last in _ranges(numbers):
                    ranges[table, first] = (first, max(last, ranges.get((table, first), (0, 0))[1]))
            yield PROXY_ARP.value(
                {
                    "interfaces": [{"name": name} for name in sorted(proxies)],
                    "ranges": [
                        {"first_ip_addr": _text(first), "last_ip_addr": _text(last), "vrf_id": 0 if table == MAIN else table}
                        for (table, _first), (first, last) in sorted(ranges.items())
                    ],
                }
            )

    def transition(self, before: Resource, after: Resource) -> str:
        """In place. A foreign entry that is exactly as wanted is left as it is."""
        have, want = before.attributes, after.attributes
        return "same" if have == want or (not before.owned and {**have, "protocol": 0} == {**want, "protocol": 0}) else "update"

    def commands(self, operation: Operation) -> t.List[str]:
        """As ip(8) has them."""
        _class, link, what = operation.key
        have = (operation.after or operation.before).attributes  # type: ignore[union-attr]
        words = ["ip neighbour", "delete" if operation.after is None else "replace", what]
        if operation.after is not None and have["mac"]:
            words += ["lladdr", have["mac"], "nud", "permanent" if have["static"] else "reachable"]
        return [" ".join([*words, "dev", link, *(["protocol", str(have["protocol"])] if operation.after is not None else [])])]

    def perform(self, place: t.Any, operations: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """All in one stream of messages. An entry that is gone already is as good as deleted."""
        index = {key[1]: number for number, key in names(place, self.cnf, fresh=True).items()}
        result: t.List[t.Optional[str]] = [None] * len(operations)
        messages: t.List[bytes] = []
        sent: t.List[int] = []
        for number, operation in enumerate(operations):
            if operation.key[1] in index:
                messages.append(encode(operation, index[operation.key[1]]))
                sent.append(number)
            elif operation.after is not None:
                result[number] = f"there is no interface {operation.key[1]} any more"
        for at, code in enumerate(place.netlink.batch(messages)):
            if code and not (code == errno.ENOENT and operations[sent[at]].after is None):
                result[sent[at]] = place.netlink.errors.get(at) or str(code)
        return result


def encode(operation: Operation, index: int) -> bytes:
    """The message that does it on link number C(index)."""
    _class, _link_name, what = operation.key
    text = what.partition("proxy ")[2]
    raw = address_bytes(text or what)
    family = socket.AF_INET if len(raw) == 4 else socket.AF_INET6
    after = operation.after
    if after is None:
        return message(DELETE, 0, HEAD.pack(family, index, 0, PROXY if text else 0, 0) + attribute(DST, raw))
    have = after.attributes
    body = HEAD.pack(family, index, PERMANENT if have["static"] else REACHABLE, PROXY if text else 0, 0) + attribute(DST, raw)
    body += attribute(PROTOCOL, bytes([have["protocol"]]))
    if have["mac"]:
        body += attribute(MAC, bytes.fromhex(have["mac"].replace(":", "")))
    return message(NEW, CREATE | REPLACE, body)  # replace: the kernel may have learned it


def _parse(body: bytes, links: t.Mapping[int, Key]) -> t.Optional[Resource]:
    family, index, state, flags, _type = HEAD.unpack_from(body)
    parts = attributes(body, 12)
    protocol = parts[PROTOCOL][0] if PROTOCOL in parts else 0
    owned = protocol in (LINUX, VPP)
    proxy = bool(flags & PROXY)
    if family not in (socket.AF_INET, socket.AF_INET6) or index not in links or DST not in parts:
        return None
    if not (proxy or state & PERMANENT or owned and not state & (FAILED | NOARP)):
        return None
    link = links[index]
    have = {"protocol": protocol, "mac": "" if proxy else ":".join(f"{byte:02x}" for byte in parts.get(MAC, b"")), "static": proxy or bool(state & PERMANENT)}
    return Resource(("neighbour", link[1], ("proxy " if proxy else "") + address_text(parts[DST])), have, frozenset((link,)), owned=owned)


def _link(value: Value, field: str, name: str, view: View) -> Key:
    link = view.link(name)
    if link.resource.attributes.get("up") is False:
        raise Refused(
            f"{value.kind} {value.key}: {field}: {name} is not up (enabled); the kernel keeps no neighbours of it",
            field=field,
            waits_for="outgoing-interface-is-up",
        )
    return link.key


def _text(number: int) -> str:
    return socket.inet_ntoa(number.to_bytes(4, "big"))


def _ranges(numbers: t.Iterable[int]) -> t.List[t.Tuple[int, int]]:
    found: t.List[t.Tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def _proxies(value: Value, view: View) -> t.Iterator[Resource]:
    data = value.data
    where = f"{value.kind} {value.key}"
    for field in ("interfaces", "ranges"):
        if not data.get(field):
            raise Refused(f"{where}: {field}: is empty; without it nothing is answered", field=field)
    links = [(_link(value, "interfaces", one["name"], view), one["name"]) for one in data["interfaces"]]
    tables = {link: link_table(view, view.link(name).resource) for link, name in links}
    total = 0
    for each in data["ranges"]:
        first, last = (int.from_bytes(socket.inet_aton(each[name]), "big") for name in ("first_ip_addr", "last_ip_addr"))
        mine = [link for link, _name in links if tables[link] == (each.get("vrf_id") or MAIN)]
        if not mine:
            raise Refused(f"{where}: ranges.vrf_id: none of the interfaces is in VRF {each.get('vrf_id', 0)}", field="ranges.vrf_id")
        total += (last - first + 1) * len(mine)
        if total > PROXY_LIMIT:
            raise Refused(f"{where}: ranges: more than {PROXY_LIMIT} addresses times interfaces; the linux dataplane makes an entry of each", field="ranges")
        for link in mine:
            requires = frozenset((link,) if link in view.resources else ())
            for number in range(first, last + 1):
                yield Resource(("neighbour", link[1], f"proxy {_text(number)}"), {"protocol": VPP, "mac": "", "static": True}, requires)
