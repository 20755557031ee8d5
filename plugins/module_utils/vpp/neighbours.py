# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Neighbours: C(("neighbour", link, address)), with C(mac) and C(static).

VPP cannot mark an entry: static ones on interfaces of ours are ours. What is not static is VPP's cache, which is nobody's and
in nobody's way: an entry of it is seen only when a value asks for it by name.
"""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import CHECKS
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ARP
from ansible_collections.pantheon.cnf.plugins.module_utils.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import fib
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Index, Place, Script
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE, Session

STATIC, NO_FIB_ENTRY = 1, 2
NO_SUCH_ENTRY = -6

SUPPORT = {
    ARP.id: {
        "interface": "partial: VPP cannot mark an entry: static ones on interfaces of ours are ours, on others only when named (or with scope: all)",
        "ip_address": "yes",
        "phys_address": "partial: of one station",
        "static": "partial: without it the entry is one of VPP's cache, like those it learned: seen and deleted only by name, gone when the interface is down",
    }
}


class Neighbours(VppFamily):
    """vpp/arp."""

    classes = frozenset({"neighbour"})
    kinds = frozenset({ARP.id})
    support = SUPPORT

    def __init__(self) -> None:
        self.cache: t.Dict[Key, Resource] = {}
        self.asked: t.Set[Key] = set()

    def observe(self, place: Session) -> t.Iterator[Resource]:
        """All static entries, and those of the cache that are asked for."""
        links = fib.links(place)
        self.cache = {}
        for details in place.dumps([Dump("ip_neighbor_dump", {"sw_if_index": NOWHERE, "af": family}) for family in (0, 1)]):
            for each in details:
                one = _resource(each["neighbor"], links)
                if one is None:
                    continue
                if not one.attributes["static"]:
                    self.cache[one.key] = one
                if one.attributes["static"] or one.key in self.asked:
                    yield one

    def recognised(self, there: t.List[Value], wanted: t.Sequence[Value], view: View, state: str) -> t.List[Value]:
        """With those that nobody owns and that are asked for by name: in the cache, or (to delete them) on interfaces of others."""
        found = {value.key: value for value in there}
        for value in wanted:
            link = view.find(value.data["interface"]) if value.kind == ARP.id else None
            if link is None or state != "deleted" and value.data.get("static"):
                continue
            key = ("neighbour", link.key[1], address.normal(value.data["ip_address"]))
            self.asked.add(key)
            one = view.resources.get(key) or self.cache.get(key)
            if one is not None and value.key not in found and (state == "deleted" or not one.attributes["static"]):
                view.resources[key] = one._replace(owned=True)
                found[value.key] = _value(key, one)
        return list(found.values())

    def lower(self, values: t.Sequence[Value], view: View) -> t.Iterable[Resource]:
        """Raises L(Refused) by field name."""
        made: t.Dict[Key, Resource] = {}
        local = set(view.local_addresses())
        for value in values:
            data = value.data
            link = view.link(data["interface"])
            shown = address.normal(data["ip_address"])
            key = ("neighbour", link.key[1], shown)
            mac, there = address.mac(data["phys_address"]), view.before.get(key)
            wrong = _wrong(shown, data["phys_address"], local) if there is None or there.attributes["mac"] != mac else None
            if key in made:
                wrong = ("ip_address", f"{shown} on {data['interface']} is given by another value too")
            if wrong:
                raise Refused(f"{value.kind} {value.key}: {wrong[0]}: {wrong[1]}", field=wrong[0])
            have = {"mac": mac, "static": bool(data.get("static"))}
            made[key] = Resource(key, have, frozenset((link.key,) if link.key in view.resources else ()))
        return made.values()

    def lift(self, resources: Resources, view: View) -> t.Iterator[Value]:
        """Static entries of ours; with scope all those of others too."""
        for key, one in resources.items():
            if key[0] == "neighbour" and one.attributes["static"] and (one.owned or view.scope_all):
                yield _value(key, one)

    def script(self, operation: Operation, place: Place) -> Script:
        """VPP makes no static entry a dynamic one, nor gives it its route back."""
        _class, link, text = operation.key
        before, after = operation.before, operation.after
        neighbor = {"sw_if_index": Index(link), "ip_address": text}
        if before is not None and (after is None or before.attributes["static"] > after.attributes["static"] or "no_fib_entry" in before.attributes):
            yield gone(link, text)
        if after is not None:
            flags = after.attributes["static"] * STATIC + ("no_fib_entry" in after.attributes) * NO_FIB_ENTRY
            yield Call(
                "ip_neighbor_add_del",
                {"is_add": True, "neighbor": {**neighbor, "mac_address": after.attributes["mac"], "flags": flags}},
                about=f"neighbour {text}",
            )


def gone(link: str, shown: str) -> Call:
    """The entry for an address on an interface is there no more."""
    neighbor = {"sw_if_index": Index(link), "ip_address": shown}
    return Call("ip_neighbor_add_del", {"is_add": False, "neighbor": neighbor}, frozenset({NO_SUCH_ENTRY}), f"neighbour {shown}")


def _resource(raw: t.Mapping[str, t.Any], links: t.Mapping[int, Key]) -> t.Optional[Resource]:
    link = links.get(raw["sw_if_index"])
    if link is None:
        return None
    static = bool(raw["flags"] & STATIC)
    have: t.Dict[str, t.Any] = {"mac": raw["mac_address"], "static": static}
    if raw["flags"] & NO_FIB_ENTRY:
        have["no_fib_entry"] = True
    return Resource(("neighbour", link[1], raw["ip_address"]), have, frozenset((link,)), owned=link[0] == "link" or not static)


def _value(key: Key, one: Resource) -> Value:
    return ARP.value({"interface": key[1], "ip_address": key[2], "phys_address": one.attributes["mac"], "static": one.attributes["static"]})


def _wrong(shown: str, mac: str, local: t.Container[str]) -> t.Optional[t.Tuple[str, str]]:
    """(field, what is wrong): VPP takes anything."""
    parsed = ipaddress.ip_address(shown)
    if parsed.is_unspecified or parsed.is_multicast:
        return "ip_address", f"{shown} is no address of one neighbour"
    if shown in local:
        return "ip_address", f"{shown} is an address of this CNF itself"
    wrong = CHECKS["station"](mac)
    return ("phys_address", f"{mac} {wrong}") if wrong else None
