# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths of routes, as they are compared and as VPP has them."""

from __future__ import annotations

import re
import typing as t
from socket import AF_INET, inet_ntop

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import NONE, Key, Resource, Resources
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Index, Reply
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE, Session
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import table_key
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.wire import unpack_ip6

Path = t.Tuple[t.Any, ...]
"""(gateway, link, table, weight, preference, kind), and a seventh for what no value can say: pairs of what VPP has beside.

Without a link the gateway is looked up in the table; without a gateway as well, the destination itself is.
"""

KINDS = ("", "local", "drop", "udp-encap", "bier", "icmp-unreach", "icmp-prohibit", "source-lookup", "dvr", "interface-rx", "classify")
"""VPP's types of paths by number; the first one is the usual one."""
ZEROS = ("", "0.0.0.0", "::")
NO_MAC = "00:00:00:00:00:00"
_LISTED = re.compile(r"^\[(\d+)\] table_id:(\d+)", re.MULTILINE)


def numbers_of(shown: str) -> t.Dict[int, int]:
    """VRFs by their places in VPP's own list, out of C(show ip table). No message tells of these."""
    return {int(listed): int(number) for listed, number in _LISTED.findall(shown)}


def read(raw: Reply, family: str, links: t.Mapping[int, Key]) -> Path:
    """A path as VPP tells it. What it says of flags and of reverse path checks is not what was given, and is left out."""
    address, proto, index = raw["nh"]["address"], raw["proto"], raw["sw_if_index"]
    gateway = inet_ntop(AF_INET, address[:4]) if proto == 0 else unpack_ip6(address) if proto == 1 else ""
    more: t.List[t.Tuple[str, t.Any]] = []
    if proto != (family == "6") and (proto > 1 or gateway not in ZEROS):
        more.append(("proto", proto))
    for field in ("via_label", "obj_id", "classify_table_index"):
        if raw["nh"][field]:
            more.append((field, raw["nh"][field]))
    if raw["n_labels"]:
        more.append(("labels", tuple(tuple(sorted(each.items())) for each in raw["label_stack"][: raw["n_labels"]])))
    kind = KINDS[raw["type"]] if raw["type"] < len(KINDS) else str(raw["type"])
    link = "" if index == NOWHERE else links[index][1] if index in links else f"(deleted {index})"
    path = ("" if gateway in ZEROS else gateway, link, raw["table_id"], raw["weight"], raw["preference"], kind)
    return (*path, tuple(more)) if more else path


def write(path: Path, family: str) -> t.Dict[str, t.Any]:
    """The same for a request."""
    gateway, link, table, weight, preference, kind, *rest = path
    more = dict(rest[0]) if rest else {}
    raw: t.Dict[str, t.Any] = {
        "sw_if_index": Index(link) if link else NOWHERE,
        "table_id": table,
        "weight": weight,
        "preference": preference,
        "type": KINDS.index(kind) if kind in KINDS else int(kind),
        "proto": more.pop("proto", int(family == "6")),
        "nh": {"address": gateway} if gateway else {},
    }
    labels = more.pop("labels", ())
    if labels:
        raw.update(n_labels=len(labels), label_stack=[dict(each) for each in labels])
    raw["nh"].update(more)
    return raw


def needs(path: Path, family: str, link: t.Optional[Key]) -> t.FrozenSet[Key]:
    """What has to be there for it: C(link), and the table that it is looked up in."""
    found = {link} if link else set()
    if path[2] and not path[1]:
        found.add(table_key(family, path[2]))
    return frozenset(found) if found else NONE


def host(path: Path, six: bool) -> str:
    """The gateway of a path as a destination."""
    return f"{path[0]}/{128 if six else 32}"


def reaches(prefix: str, gateway: str) -> bool:
    """Whether a gateway lies in a network, or in that of an address."""
    network, raw = address.prefix(prefix), address.packed(gateway)
    if network is None or raw is None or len(network[0]) != len(raw):
        return False
    rest = 8 * len(raw) - network[1]
    return int.from_bytes(raw, "big") >> rest == int.from_bytes(network[0], "big") >> rest


def covered(gateway: str, table: str, resources: Resources, but: str) -> bool:
    """Whether an address, or a route of the table other than that to C(but), leads to a gateway."""
    for key in resources:
        if key[0] == "address" or key[0] == "route" and key[1] == table and key[2] != but:
            if reaches(key[2], gateway):
                return True
    return False


def links(place: Session) -> t.Dict[int, Key]:
    """The keys of all interfaces by VPP's number."""
    foreign = place.known("foreign-link")
    return {index: ("foreign-link" if index in foreign else "link", name) for index, name in place.known().items()}


def link_table(link: Resource, family: str) -> int:
    """The VRF that an interface is in."""
    tables = link.attributes.get("tables")
    return int(link.attributes.get("vrf") or 0) if tables is None else int(tables.get(family, 0))


def borrows(link: Resource, before: Resources) -> bool:
    """Whether an interface needs no address of its own to reach a gateway: others lend it one, or it asks nobody for MAC addresses."""
    have = link.attributes
    if have.get("unnumbered") or have.get("dhcp"):
        return True
    mac = have.get("mac", "")
    if mac is None and have.get("kept"):  # of what is not ours to make only what is there tells
        there = before.get(link.key) or before.get(("foreign-link", *link.key[1:]))
        mac = there.attributes.get("mac", "") if there else ""
    return mac in (None, NO_MAC)
