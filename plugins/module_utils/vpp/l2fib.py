# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forwarding entries of bridge domains: C(("fdb", bridge domain, MAC)), with C(port) (none: dropped), C(static) and C(bvi).

They outlive their port and their bridge domain: the next with the same number would have them. So they are taken away first, and
those that were left behind are taken away when they are seen.
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import CHECKS
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l2 import FIB
from ansible_collections.pantheon.cnf.plugins.module_utils.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import tagged
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Index, Place, Reply, Script
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE, Session

ABSENT = frozenset({-6})
ANY_PORT = 0
"""To delete: VPP does not compare. (Of no interface: 0 is local0.)"""

SUPPORT = {
    FIB.id: {
        "phys_address": "partial: of one station",
        "bridge_domain": "yes",
        "action": "yes",
        "outgoing_interface": "partial: a port of the bridge domain; not with action DROP",
        "static_config": "partial: has to be true with action FORWARD, as VPP does not tell an entry that is not static from one that it learned, "
        "except with bridged_virtual_interface; an entry with action DROP is always static",
        "bridged_virtual_interface": "partial: a further MAC address of the bridge domain's bridged_virtual_interface, whose own is there by itself",
    }
}


class L2Fib(VppFamily):
    """See the module. Stands after the bridge domains."""

    classes = frozenset({"fdb"})
    kinds = frozenset({FIB.id})
    support = SUPPORT

    def lower(self, values: t.Sequence[Value], view: View) -> t.Iterator[Resource]:
        """Raises L(Refused) by field name."""
        for value in values:
            data = value.data
            domain, mac = data["bridge_domain"], address.mac(data["phys_address"]) or ""
            if ("bridge", domain) not in view.resources and not view.offline:
                raise _refused(value, "bridge_domain", f"CNF {view.cnf} has no bridge domain {domain}")
            wrong = CHECKS["station"](mac)
            if wrong:
                raise _refused(value, "phys_address", f"{mac} {wrong}")
            key = ("fdb", domain, mac)
            if data.get("action") == "DROP":
                for field in ("outgoing_interface", "bridged_virtual_interface"):
                    if data.get(field):
                        raise _refused(value, field, "an entry with action DROP has none; leave it out")
                yield Resource(key, {"port": "", "static": True, "bvi": False}, frozenset({("bridge", domain)}))
                continue
            link = view.link(data["outgoing_interface"])
            member = view.resources.get(("bridge-port", link.key[1]))
            have = {"bridge": domain, "bvi": data.get("bridged_virtual_interface")} if member is None and view.offline else member and member.attributes
            if have is None or have["bridge"] != domain:
                raise _refused(value, "outgoing_interface", f"{data['outgoing_interface']} is not in bridge domain {domain}")
            if data.get("bridged_virtual_interface") and not have["bvi"]:
                raise _refused(value, "bridged_virtual_interface", f"{data['outgoing_interface']} is not that of bridge domain {domain}")
            if not (data.get("static_config") or data.get("bridged_virtual_interface")):
                raise _refused(value, "static_config", "has to be true: VPP does not tell an entry that is not static from one that it learned")
            yield _entry(key, link.key, bool(data.get("static_config")), bool(data.get("bridged_virtual_interface")))

    def lift(self, resources: Resources, view: View) -> t.Iterator[Value]:
        """Entries of ours that lead somewhere or are dropped."""
        for key, one in resources.items():
            if key[0] == "fdb" and one.owned and not _dead(one):
                have = one.attributes
                data = {"phys_address": key[2], "bridge_domain": key[1], "outgoing_interface": have["port"], "static_config": have["static"]}
                yield FIB.value({**data, "bridged_virtual_interface": have["bvi"], "action": "FORWARD" if have["port"] else "DROP"})

    def observe(self, place: Session) -> t.Iterator[Resource]:
        """Those of bridge domains of ours that VPP did not learn. A BVI's own address is there by itself, and nobody's."""
        names = place.known("bridge")
        if not names:
            return
        links = tagged.interfaces(place)
        entries = [each for each in place.dump("l2_fib_table_dump", bd_id=NOWHERE) if each["bd_id"] in names and (each["static_mac"] or each["bvi_mac"])]
        bvis = sorted({each["sw_if_index"] for each in entries if each["bvi_mac"]})
        told = place.dumps([Dump("sw_interface_dump", {"sw_if_index": index}) for index in bvis])
        own = {(index, each["l2_address"]) for index, details in zip(bvis, told) for each in details}
        for each in entries:
            key = ("fdb", names[each["bd_id"]], each["mac"])
            one = _observed(key, each, links)
            by_itself = each["bvi_mac"] and (each["sw_if_index"], each["mac"]) in own
            if by_itself or CHECKS["station"](each["mac"]):
                one = one._replace(owned=False, managed=False)
            yield one

    def script(self, operation: Operation, place: Place) -> Script:
        """A new entry takes the place of an old one."""
        _class, domain, mac = operation.key
        fields: t.Dict[str, t.Any] = {"is_add": operation.after is not None, "mac": mac, "bd_id": Index(domain, of="bridge"), "sw_if_index": ANY_PORT}
        about = f"{mac} in bridge domain {domain}"
        if operation.after is None:
            yield Call("l2fib_add_del", fields, accept=ABSENT, about=about)
            return
        want = operation.after.attributes
        if want["port"]:
            fields.update(sw_if_index=Index(want["port"]), static_mac=want["static"], bvi_mac=want["bvi"])
        else:
            fields["filter_mac"] = True
        yield Call("l2fib_add_del", fields, about=about)


def _entry(key: Key, link: Key, static: bool, bvi: bool) -> Resource:
    return Resource(key, {"port": link[1], "static": static, "bvi": bvi}, frozenset({("bridge", key[1]), ("bridge-port", link[1]), link}))


def _observed(key: Key, one: Reply, links: t.Mapping[int, Key]) -> Resource:
    if one["filter_mac"]:
        return Resource(key, {"port": "", "static": True, "bvi": False}, frozenset({("bridge", key[1])}))
    index = one["sw_if_index"]
    # An interface that is gone: what requires it is given up with the next run.
    link = links.get(index, ("link", f"(deleted {index})"))
    return _entry(key, link, one["static_mac"], one["bvi_mac"])


def _dead(one: Resource) -> bool:
    return str(one.attributes["port"]).startswith("(deleted ")


def _refused(value: Value, field: str, why: str) -> Refused:
    return Refused(f"{value.kind} {value.key}: {field}: {why}", kind=value.kind, field=field)
