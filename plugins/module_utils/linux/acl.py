# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ACLs by nftables. As in VPP, ingress ACLs see packets before NAT and egress ACLs after it, each ends in a denial, ARP and ND pass."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Resource, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.nft import chain, escape, notes, remembered

ACL = "vpp.acls/acl"
KEY = ("nft", "acl")
SUPPORT = {
    f"{ACL}/interfaces/egress": "MAC-IP rules work on ingress only",
    f"{ACL}/rules/action": "REFLECT is for IP rules; MAC-IP rules take PERMIT and DENY",
    f"{ACL}/rules/macip_rule": "notice: not used, because the list has IP rules too (as in VPP)",
}
"""What is refused, or accepted with a notice; fields that are not here are realised in full."""

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


class AclError(CnfError):
    """A rule that this dataplane cannot realise; the message names ACL, rule and field."""


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


def _ip_rule(rule: t.Mapping[str, t.Any], refuse: t.Callable[[str, str], t.NoReturn]) -> t.List[str]:
    ip = rule.get("ip") or {}
    sides = [_network(ip.get("source_network"), "saddr"), _network(ip.get("destination_network"), "daddr")]
    families = {family for family, _text in sides if family}
    if len(families) > 1:
        refuse("ip_rule/ip", "source and destination are of different families")
    protocol, parts = 0, []
    if "icmp" in rule:
        word, protocol, family = _ICMP[bool(rule["icmp"].get("icmpv6"))]
        if families - {family}:
            refuse("ip_rule/icmp/icmpv6", f"{word} does not go with the networks of this rule")
        families = set()  # ICMP says it by itself
        for name in ("type", "code"):
            span = _span(rule["icmp"].get(f"icmp_{name}_range"), "first", "last", 255)
            parts += [f"{word} {name} {span}"] if span else []
    for word, number in (("tcp", 6), ("udp", 17)):
        if word in rule and not protocol:
            protocol = number
            for side, name in (("source", "sport"), ("destination", "dport")):
                span = _span(rule[word].get(f"{side}_port_range") or None, "lower_port", "upper_port", 65535)
                parts += [f"{word} {name} {span}"] if span else []
            mask, value = (rule[word].get(f"tcp_flags_{name}", 0) for name in ("mask", "value"))
            if value & ~mask:
                refuse("ip_rule/tcp/tcp_flags_value", f"{value} has bits that tcp_flags_mask {mask} has not: it would never match")
            parts += [f"tcp flags & {mask} == {value}"] if mask else []
    if protocol and ip.get("protocol", protocol) != protocol:
        refuse("ip_rule/ip/protocol", f"{ip['protocol']} contradicts the rule's own protocol, {protocol}")
    protocol = protocol or ip.get("protocol", 0)
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


def _rules(value: Value) -> t.Tuple[bool, t.List[t.Tuple[str, str]]]:
    """(whether it is a MAC-IP list, [(matches, action), ...]). Raises L(AclError)."""
    rules = value.data.get("rules", ())
    mac = not any("ip_rule" in rule for rule in rules)
    result = []
    for index, rule in enumerate(rules):

        def refuse(field: str, why: str = "", index: int = index) -> t.NoReturn:
            raise AclError(f"{ACL} {value.key}: rules[{index}]/{field}: {why or 'not supported by the Linux dataplane: ' + SUPPORT[f'{ACL}/rules/{field}']}")

        action = rule.get("action", "DENY")
        if mac and action == "REFLECT":
            refuse("action")
        if mac or "ip_rule" in rule:
            result.append((" ".join(_macip_rule(rule.get("macip_rule", {})) if mac else _ip_rule(rule["ip_rule"] or {}, refuse)), action))
    if not result:
        raise AclError(f"{ACL} {value.key}: rules: at least one is needed")
    if mac and value.data.get("interfaces", {}).get("egress"):
        raise AclError(f"{ACL} {value.key}: interfaces/egress: not supported by the Linux dataplane: {SUPPORT[f'{ACL}/interfaces/egress']}")
    return mac, result


class Acl:
    """Lowers and lifts ACLs; the section C(acl) that it lowers to is performed by L(nft.Nft)."""

    classes: t.FrozenSet[str] = frozenset()
    kinds = frozenset({ACL})

    def observe(self, host: t.Any) -> t.Iterable[Resource]:
        """Nothing of its own."""
        return ()

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
            mac, rules = _rules(value)
            for way in ("macip",) if mac else ("ingress", "egress"):
                names = list(dict.fromkeys(value.data.get("interfaces", {}).get("ingress" if mac else way, ())))
                mark = f"ct mark set ct mark | {_WAYS[way][3]} accept"
                verdicts = {"PERMIT": "accept", "DENY": "drop", "REFLECT": mark}
                own = f"acl_{way[0]}_{escape(value.data['name'])}"
                if names:
                    table[f"chain {own}"] = ("", *(f"{match} {verdicts[action]}".strip() for match, action in rules))
                for name in names:
                    links.setdefault(name, view.link(name))
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

    def lift(self, resources: t.Mapping[Key, Resource], view: t.Any) -> t.Iterable[Value]:
        """The ACLs that the table remembers."""
        return remembered(resources.get(KEY))

    def notices(self, values: t.Iterable[Value]) -> t.List[str]:
        """What is accepted though it means less here than it says."""
        mixed = [value for value in values if value.kind == ACL and len({name for rule in value.data.get("rules", ()) for name in rule if name != "action"}) > 1]
        return [f"{ACL} {value.key}: rules/macip_rule: {SUPPORT[f'{ACL}/rules/macip_rule'][8:]}" for value in mixed]
