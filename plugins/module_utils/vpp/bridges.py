# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bridge domains and the interfaces in them.

C(("bridge", name)): VPP's flags, C(mac_age) and C(arp), MAC addresses by IP address. The name is the bridge domain's tag.
C(("bridge-port", link)): C(bridge), C(bvi) and C(shg), the split horizon group.

An interface is at layer 3, in one bridge domain or cross-connected, and VPP moves it from one to the other without a word: it is
the claim C(("layer 2", link)) that keeps us from taking it out of what somebody else has put it into.
"""

from __future__ import annotations

import typing as t
import zlib

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l2 import BRIDGE_DOMAIN
from ansible_collections.pantheon.cnf.plugins.module_utils.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import tagged
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Index, Place, Refusal, Reply, Request, Script
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE, Session

FLAGS = {"flood": "flood", "unknown_unicast_flood": "uu_flood", "forward": "forward", "learn": "learn", "arp_termination": "arp_term"}
"""As the model and as VPP calls them."""
BITS = {"learn": 1, "forward": 2, "flood": 4, "uu_flood": 8, "arp_term": 16}
LAST_ID = (1 << 24) - 1
GONE = frozenset({-2})
ABSENT = frozenset({-6})
TAKEN = -119
NORMAL, BVI = 0, 1
LOOPBACKS = ("SOFTWARE_LOOPBACK", "Loopback", "BVI")
"""What interfaces are, in the model's and in VPP's words, that can be a BVI. VPP takes any, and what is to be routed leaves by it."""

SUPPORT = {
    BRIDGE_DOMAIN.id: {
        "name": "partial: the bridge domain's tag: printable ASCII; its number is ours to choose",
        **dict.fromkeys((*FLAGS, "mac_age", "interfaces", "interfaces.name", "interfaces.split_horizon_group"), "yes"),
        "interfaces.bridged_virtual_interface": "partial: a SOFTWARE_LOOPBACK",
        **{f"arp_termination_table{path}": "yes" for path in ("", ".ip_address", ".phys_address")},
    }
}


class Bridges(VppFamily):
    """See the module. Stands before those who refer to bridge domains."""

    classes = frozenset({"bridge", "bridge-port"})
    kinds = frozenset({BRIDGE_DOMAIN.id})
    support = SUPPORT

    # -- values to objects -------------------------------------------------------------------------------------------

    def lower(self, values: t.Sequence[Value], view: View) -> t.Iterator[Resource]:
        """Raises L(Refused) by field name."""
        placed: t.Dict[str, str] = {}
        for value in values:
            data, name = value.data, value.data["name"]
            key = ("bridge", name)
            tagged.check(value, name, view, [key])
            have: t.Dict[str, t.Any] = {vpps: bool(data.get(ours)) for ours, vpps in FLAGS.items()}
            yield Resource(key, {**have, "mac_age": data.get("mac_age", 0), "arp": _arp(value)})
            for each in data.get("interfaces", ()):
                link = view.link(each["name"])
                if placed.setdefault(link.key[1], name) != name:
                    raise Refused(f"{value.kind} {value.key}: interfaces: {each['name']} is in bridge domain {placed[link.key[1]]} already", field="interfaces")
                bvi = bool(each.get("bridged_virtual_interface"))
                if bvi and not view.offline and _sort(link.resource) not in LOOPBACKS:
                    where = "interfaces.bridged_virtual_interface"
                    raise Refused(
                        f"{value.kind} {value.key}: {where}: {each['name']} is no SOFTWARE_LOOPBACK: VPP would send over it, not route from it", field=where
                    )
                yield port(link.key, name, bvi, each.get("split_horizon_group", 0))

    # -- objects to values -------------------------------------------------------------------------------------------

    def lift(self, resources: Resources, view: View) -> t.Iterator[Value]:
        """Bridge domains of ours with their interfaces."""
        ports: t.Dict[str, t.List[t.Dict[str, t.Any]]] = {}
        for key, one in sorted((key, one) for key, one in resources.items() if key[0] == "bridge-port"):
            if one.owned:
                have = one.attributes
                each = {"name": key[1], "bridged_virtual_interface": have["bvi"], "split_horizon_group": have["shg"]}
                ports.setdefault(have["bridge"], []).append(each)
        for key, one in resources.items():
            if key[0] == "bridge" and one.owned:
                have = one.attributes
                table = [{"ip_address": ip, "phys_address": mac} for ip, mac in sorted(have["arp"].items())]
                data = {"name": key[1], **{ours: have[vpps] for ours, vpps in FLAGS.items()}, "mac_age": have["mac_age"]}
                yield BRIDGE_DOMAIN.value({**data, "interfaces": ports.get(key[1], []), "arp_termination_table": table})

    # -- read --------------------------------------------------------------------------------------------------------

    def observe(self, place: Session) -> t.Iterator[Resource]:
        """Two dumps; what is in a bridge domain of somebody else is seen, to be left alone."""
        links = tagged.interfaces(place)
        everything = {"bd_id": NOWHERE}
        domains, entries = place.dumps([Dump("bridge_domain_dump", {**everything, "sw_if_index": NOWHERE}), Dump("bd_ip_mac_dump", everything)])
        arp: t.Dict[int, t.Dict[str, str]] = {}
        for each in entries:
            arp.setdefault(each["entry"]["bd_id"], {})[each["entry"]["ip"]] = each["entry"]["mac"]
        names: t.Dict[int, str] = {}
        for name, found in tagged.by_tag(domains, "bd_tag", "bd_id").items():
            if len(found) > 1:
                yield tagged.nobodys(("bridge", name), found, "bd_id", "bridge domain")
                continue
            one = found[0]
            names[one["bd_id"]] = name
            place.learn(name, one["bd_id"], of="bridge")
            yield Resource(("bridge", name), {**{flag: one[flag] for flag in BITS}, "mac_age": one["mac_age"], "arp": arp.get(one["bd_id"], {})})
        for domain in domains:
            yield from _ports(domain, names.get(domain["bd_id"]), links)

    # -- change ------------------------------------------------------------------------------------------------------

    def destroys(self, operation: Operation, resources: Resources) -> t.Iterable[Key]:
        """With a bridge domain the place of others' interfaces in it; ours leave it before. At layer 3 no tags are rewritten."""
        if operation.key[0] == "bridge-port" and operation.after is None:
            yield ("tag-rewrite", operation.key[1])
        if operation.key[0] == "bridge" and operation.after is None:
            for key, one in resources.items():
                if key[0] == "bridge-port" and not one.owned and one.attributes["bridge"] == operation.key[1]:
                    yield key

    def script(self, operation: Operation, place: Place) -> Script:
        """Everything changes in place."""
        if operation.key[0] == "bridge-port":
            yield _port_call(operation)
            return
        name, after = operation.key[1], operation.after
        about = f"bridge domain {name}"
        add_del = place.newest("bridge_domain_add_del_v2", "bridge_domain_add_del")
        if after is None:
            yield Call(add_del, {"is_add": False, "bd_id": Index(name, of="bridge")}, accept=ABSENT, about=about)
            place.forget(name, of="bridge")
        elif operation.before is None:
            yield from _create(name, after.attributes, add_del, place)
        else:
            calls = list(_changes(name, operation.before.attributes, after.attributes))
            if calls:
                yield calls


def port(link: Key, bridge: str, bvi: bool, group: int, **more: t.Any) -> Resource:
    """An interface in a bridge domain of ours."""
    claims = {("layer 2", link[1]), *([("the bridged virtual interface of", bridge)] if bvi else ())}
    return Resource(("bridge-port", link[1]), {"bridge": bridge, "bvi": bvi, "shg": group}, frozenset({link, ("bridge", bridge)}), frozenset(claims), **more)


def _sort(link: Resource) -> t.Any:
    """What an interface is that is there, or is about to be."""
    return link.attributes.get("device") or link.attributes.get("kind")


def _arp(value: Value) -> t.Dict[str, str]:
    """MAC addresses by IP address, both as VPP writes them."""
    found: t.Dict[str, str] = {}
    for each in value.data.get("arp_termination_table", ()):
        ip, mac = address.normal(each["ip_address"]), address.mac(each["phys_address"]) or ""
        if found.setdefault(ip, mac) != mac:
            raise CnfError(f"{value.kind} {value.key}: arp_termination_table: {ip} has two MAC addresses, {found[ip]} and {mac}", field="arp_termination_table")
    return found


def _ports(domain: Reply, name: t.Optional[str], links: t.Mapping[int, Key]) -> t.Iterator[Resource]:
    members = [(each["sw_if_index"], each["shg"]) for each in domain["sw_if_details"]]
    bridge = name or f"number {domain['bd_id']}"
    for index, group in members:
        link = links.get(index)
        if link is None:
            continue
        one = port(link, bridge, index == domain["bvi_sw_if_index"], group)
        yield one if name else one._replace(requires=frozenset({link}), owned=False)
    # Where packets to unknown stations go, instead of being flooded: the model has no word for it.
    link = links.get(domain["uu_fwd_sw_if_index"])
    if link is not None:
        one = port(link, bridge, False, 0, owned=False)
        yield one._replace(attributes={**one.attributes, "uu_fwd": True}, requires=frozenset({link, *([("bridge", name)] if name else ())}))


def _create(name: str, want: t.Mapping[str, t.Any], add_del: str, place: Place) -> Script:
    about = f"bridge domain {name}"
    number = zlib.crc32(name.encode()) % LAST_ID + 1
    while True:
        flags = {**{flag: want[flag] for flag in BITS}, "arp_ufwd": False}
        try:
            yield Call(add_del, {"is_add": True, "bd_id": number, "bd_tag": name, **flags, "mac_age": want["mac_age"]}, about=about)
            break
        except Refusal as refusal:
            if refusal.retval != TAKEN:
                raise
            number = number % LAST_ID + 1
    place.learn(name, number, of="bridge")
    # Static entries outlive their bridge domain, and the next one has them.
    left: t.List[Reply] = yield Dump("l2_fib_table_dump", {"bd_id": number})
    calls: t.List[Request] = [Call("l2fib_add_del", {"is_add": False, "mac": each["mac"], "bd_id": number}, accept=ABSENT, about=about) for each in left]
    calls += [_arp_call(name, ip, mac, True) for ip, mac in want["arp"].items()]
    if calls:
        yield calls


def _changes(name: str, have: t.Mapping[str, t.Any], want: t.Mapping[str, t.Any]) -> t.Iterator[Request]:
    about = f"bridge domain {name}"
    number = Index(name, of="bridge")
    for is_set in (True, False):
        flags = sum(bit for flag, bit in BITS.items() if have[flag] != want[flag] and want[flag] == is_set)
        if flags:
            yield Call("bridge_flags", {"bd_id": number, "is_set": is_set, "flags": flags}, about=about)
    if have["mac_age"] != want["mac_age"]:
        yield Call("bridge_domain_set_mac_age", {"bd_id": number, "mac_age": want["mac_age"]}, about=about)
    for ip, mac in have["arp"].items():
        if ip not in want["arp"]:
            yield _arp_call(name, ip, mac, False)
    for ip, mac in want["arp"].items():
        if have["arp"].get(ip) != mac:
            yield _arp_call(name, ip, mac, True)


def _arp_call(name: str, ip: str, mac: str, is_add: bool) -> Call:
    entry = {"bd_id": Index(name, of="bridge"), "ip": ip, "mac": mac}
    return Call("bd_ip_mac_add_del", {"is_add": is_add, "entry": entry}, about=f"{ip} of bridge domain {name}")


def _port_call(operation: Operation) -> Call:
    link, after = operation.key[1], operation.after
    have = (after or operation.before).attributes  # type: ignore[union-attr]
    fields = {"rx_sw_if_index": Index(link), "bd_id": Index(have["bridge"], of="bridge")}
    about = f"{link} in bridge domain {have['bridge']}"
    if after is None:
        return Call("sw_interface_set_l2_bridge", {**fields, "enable": False}, accept=GONE, about=about)
    return Call("sw_interface_set_l2_bridge", {**fields, "port_type": BVI if have["bvi"] else NORMAL, "shg": have["shg"], "enable": True}, about=about)
