# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ACLs by nftables. As in VPP, ingress ACLs see packets before NAT and egress ACLs after it, each ends in a denial, and ARP passes.

Neighbour discovery passes too; VPP's ACLs filter it.
"""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Family, Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.nft import chain, escape, link_of, notes, remembered

ACL = "vpp.acls/acl"
KEY = ("nft", "acl")
_FIELDS = {
    "": "name rules interfaces",
    "interfaces.": "egress ingress",
    "rules.": "action ip_rule macip_rule",
    "rules.macip_rule.": "source_address source_address_prefix source_mac_address source_mac_address_mask",
    "rules.ip_rule.": "ip icmp tcp udp",
    "rules.ip_rule.ip.": "source_network destination_network protocol",
    "rules.ip_rule.icmp.": "icmpv6 icmp_code_range icmp_type_range",
    "rules.ip_rule.icmp.icmp_code_range.": "first last",
    "rules.ip_rule.icmp.icmp_type_range.": "first last",
    "rules.ip_rule.tcp.": "destination_port_range source_port_range tcp_flags_mask tcp_flags_value",
    "rules.ip_rule.udp.": "destination_port_range source_port_range",
    **{f"rules.ip_rule.{layer}.{side}_port_range.": "lower_port upper_port" for layer in ("tcp", "udp") for side in ("destination", "source")},
}

# (hook, priority, device, mark): a REFLECT rule marks the flow, and its answers pass where they leave or come the other
# way. Before NAT is -100 and after it is 100; at -150 conntrack has run already, at the raw priority it would not have.
_WAYS = {
    "macip": ("prerouting", -160, "iifname", 0),
    "ingress": ("prerouting", -150, "iifname", 0x10000000),
    "egress": ("postrouting", 150, "oifname", 0x20000000),
}
_BACK = {"ingress": "egress", "egress": "ingress"}
_NEIGHBOURS = "icmpv6 type 133-136 accept"
_ICMP = {False: ("icmp", 1, 4), True: ("icmpv6", 58, 6)}


def _span(given: t.Optional[t.Mapping[str, int]], first: str, last: str, top: int) -> str:
    """A range as text; empty when it is everything. A last that is left out is the first."""
    low = (given or {}).get(first, 0)
    high = max((given or {}).get(last, 0), low)
    if given is None or (low, high) == (0, top):
        return ""
    return f"{low}-{high}" if low != high else str(low)


def _network(text: t.Optional[str], field: str) -> t.Tuple[int, str]:
    """(family or 0, match) of one side."""
    if not text:
        return 0, ""
    network = ipaddress.ip_network(text, strict=False)
    word = "ip" if network.version == 4 else "ip6"
    whole = network.prefixlen == network.max_prefixlen
    return network.version, f"{word} {field} {network.network_address if whole else network}" if network.prefixlen else ""


def _ip_rule(value: Value, rule: t.Mapping[str, t.Any]) -> t.List[str]:
    ip = rule.get("ip") or {}
    sides = [_network(ip.get("source_network"), "saddr"), _network(ip.get("destination_network"), "daddr")]
    families = {family for family, _text in sides if family}
    protocol, parts = ip.get("protocol", 0), []
    if rule.get("icmp") is not None:
        word, protocol, family = _ICMP[bool(rule["icmp"].get("icmpv6"))]
        if families - {family}:
            where = "rules.ip_rule.icmp.icmpv6"
            raise Refused(f"{ACL} {value.key}: {where}: {word} does not go with networks of the other family", kind=ACL, field=where)
        families = set()  # ICMP says it by itself
        for name in ("type", "code"):
            span = _span(rule["icmp"].get(f"icmp_{name}_range"), "first", "last", 255)
            parts += [f"{word} {name} {span}"] if span else []
    for word, number in (("tcp", 6), ("udp", 17)):
        layer = rule.get(word)
        if layer is not None:
            protocol = number
            for side, name in (("source", "sport"), ("destination", "dport")):
                span = _span(layer.get(f"{side}_port_range") or None, "lower_port", "upper_port", 65535)
                parts += [f"{word} {name} {span}"] if span else []
            if layer.get("tcp_flags_mask"):
                parts.append(f"tcp flags & {layer['tcp_flags_mask']} == {layer.get('tcp_flags_value', 0)}")
    networks = [text for _family, text in sides if text]
    family_match = [f"meta nfproto ipv{min(families)}"] if families and not networks else []
    return family_match + networks + (parts or ([f"meta l4proto {protocol}"] if protocol else []))


def _macip_rule(rule: t.Mapping[str, t.Any]) -> t.List[str]:
    parts = []
    if rule.get("source_address"):
        family, text = _network(f"{rule['source_address']}/{rule.get('source_address_prefix', 0)}", "saddr")
        parts.append(text or f"meta nfproto ipv{family}")
    mac, mask = (bytes.fromhex((rule.get(name) or "0").replace(":", "").zfill(12)) for name in ("source_mac_address", "source_mac_address_mask"))
    if any(mask):
        value = bytes(one & other for one, other in zip(mac, mask)).hex(":")
        parts.append(f"ether saddr {value}" if mask == b"\xff" * 6 else f"ether saddr & {mask.hex(':')} == {value}")
    return parts


class Acl(Family):
    """Lowers and lifts ACLs; the section C(acl) that it lowers to is performed by L(nft.Nft)."""

    kinds = frozenset({ACL})
    support = {ACL: {base + name: "yes" for base, names in _FIELDS.items() for name in names.split()}}

    def lower(self, values: t.Sequence[Value], view: t.Any) -> t.Iterator[Resource]:
        """One section for all ACLs; several on one interface come one after the other, by name."""
        mine = sorted((value for value in values if value.kind == ACL), key=lambda value: str(value.data.get("name")))
        if not mine:
            return
        attached: t.Dict[str, t.Dict[str, t.List[str]]] = {way: {} for way in _WAYS}
        reflects: t.Set[t.Tuple[str, str]] = set()
        table: t.Dict[str, t.Any] = {}
        links: t.Dict[str, t.Any] = {}
        for value in mine:
            # A list is of IP rules or of MAC-IP rules; the northbound checks see to it.
            given = value.data.get("rules", ())
            mac = all(rule.get("ip_rule") is None for rule in given)
            rules = [
                (" ".join(_macip_rule(rule.get("macip_rule") or {}) if mac else _ip_rule(value, rule["ip_rule"])), rule.get("action", "DENY")) for rule in given
            ]
            for way in ("macip",) if mac else ("ingress", "egress"):
                names = dict.fromkeys((value.data.get("interfaces") or {}).get("ingress" if mac else way, ()))
                verdicts = {"PERMIT": "accept", "DENY": "drop", "REFLECT": f"ct mark set ct mark | {_WAYS[way][3]} accept"}
                own = f"acl_{way[0]}_{escape(value.data['name'])}"
                if names:
                    table[f"chain {own}"] = ("", *(f"{match} {verdicts[action]}".strip() for match, action in rules))
                for name in names:
                    links.setdefault(name, link_of(view, KEY, name))
                    attached[way].setdefault(name, []).append(f"jump {own}")
                    if any(action == "REFLECT" for _match, action in rules):
                        reflects.add((way, name))
        for way, interfaces in attached.items():
            hook, priority, word, _mark = _WAYS[way]
            if not interfaces:
                continue
            table[f"chain acl_{way}"] = chain("filter", hook, priority, [_NEIGHBOURS, f"{word} vmap @acl_{way}"])
            goto = {name: f"acl_{way[:2]}_{escape(name)}" for name in interfaces}
            table[f"set acl_{way}"] = ("ifname : verdict", {links[name].ifname: f"goto {target}" for name, target in goto.items()})
            for name, jumps in interfaces.items():
                back = _BACK.get(way, "")
                mark = _WAYS[back][3] if back else 0
                answers = [f"ct direction reply ct mark & {mark} == {mark} accept"] if (back, name) in reflects else []
                table[f"chain {goto[name]}"] = ("", *answers, *jumps, "drop")
        requires = {link.key for link in links.values()}
        yield Resource(KEY, {**table, **notes(mine, requires)}, frozenset(requires))

    def lift(self, resources: Resources, view: t.Any) -> t.Iterable[Value]:
        """The ACLs that the table remembers."""
        return remembered(resources.get(KEY))
