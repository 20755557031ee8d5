# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""IP rules of ACLs, northbound and as C(acl_add_replace) takes and C(acl_dump) shows them. Pure.

A rule of VPP is of one family: what is of none becomes two of them, for IPv4 and for IPv6.
"""

from __future__ import annotations

import typing as t
from functools import lru_cache

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.wire import unpack_ip4, unpack_ip6

Rule = t.Dict[str, t.Any]
Data = t.Mapping[str, t.Any]

ACTIONS = {"DENY": 0, "PERMIT": 1, "REFLECT": 2}
NAMES = {number: name for name, number in ACTIONS.items()}
ANY = {4: "0.0.0.0/0", 6: "::/0"}
TCP, UDP = 6, 17
ICMP = {4: 1, 6: 58}
TOP = 65535
NOTHING: Data = {}
# What of a rule is about its source, and what about its destination: ICMP's type and code are where ports are.
SOURCE = ("srcport_or_icmptype_first", "srcport_or_icmptype_last")
DESTINATION = ("dstport_or_icmpcode_first", "dstport_or_icmpcode_last")


class WrongFamily(Exception):
    """ICMP of the one family with networks of the other."""


@lru_cache(None)  # rules name the same networks again and again
def network(text: str) -> t.Tuple[int, str]:
    """Family and canonical form; host bits are dropped, VPP refuses them. (0, "") for none."""
    parsed = address.prefix(text)
    if parsed is None:
        return 0, ""
    raw, length = parsed
    host = 8 * len(raw) - length
    raw = (int.from_bytes(raw, "big") >> host << host).to_bytes(len(raw), "big")
    return (4, f"{unpack_ip4(raw)}/{length}") if len(raw) == 4 else (6, f"{unpack_ip6(raw)}/{length}")


def lower(action: str, rule: Data) -> t.List[Rule]:
    """The one or two rules of VPP. Raises L(WrongFamily)."""
    ip = rule.get("ip") or NOTHING
    family, source = network(ip.get("source_network", ""))
    other, destination = network(ip.get("destination_network", ""))
    family = family or other
    protocol = ip.get("protocol", 0)
    source_low, source_high, low, high, mask, flags = 0, TOP, 0, TOP, 0, 0
    layer = rule.get("tcp")
    if layer is not None:
        protocol, mask, flags = TCP, layer.get("tcp_flags_mask", 0), layer.get("tcp_flags_value", 0)
    else:
        layer = rule.get("udp")
        protocol = protocol if layer is None else UDP
    if layer is not None:
        source_low, source_high = _ports(layer.get("source_port_range"))
        low, high = _ports(layer.get("destination_port_range"))
    layer = rule.get("icmp")
    if layer is not None:
        of = 6 if layer.get("icmpv6") else 4
        if family not in (0, of):
            raise WrongFamily
        family, protocol = of, ICMP[of]
        source_low, source_high = _codes(layer.get("icmp_type_range"))
        low, high = _codes(layer.get("icmp_code_range"))
    return [
        {
            "is_permit": ACTIONS[action],
            "src_prefix": source or ANY[one],
            "dst_prefix": destination or ANY[one],
            "proto": protocol,
            "srcport_or_icmptype_first": source_low,
            "srcport_or_icmptype_last": source_high,
            "dstport_or_icmpcode_first": low,
            "dstport_or_icmpcode_last": high,
            "tcp_flags_mask": mask,
            "tcp_flags_value": flags,
        }
        for one in ((family,) if family else (4, 6))
    ]


def _ports(given: t.Optional[Data]) -> t.Tuple[int, int]:
    """A last that is left out is the first; nothing is everything."""
    if not given:
        return 0, TOP
    low = given.get("lower_port", 0)
    return low, max(low, given.get("upper_port", 0))


def _codes(given: t.Optional[Data]) -> t.Tuple[int, int]:
    """Here 0 is a type, and not to be confused with none. All of them are as all ports are, which VPP looks up faster."""
    if given is None:
        return 0, TOP
    low = given.get("first", 0)
    high = max(low, given.get("last", 0))
    return (0, TOP) if (low, high) == (0, 255) else (low, high)


def lift(rules: t.Sequence[Rule]) -> t.Iterator[t.Dict[str, t.Any]]:
    """Northbound rules of rules that are L(sayable)."""
    skip = False
    for at, rule in enumerate(rules):
        if skip:
            skip = False
            continue
        family = 6 if ":" in rule["src_prefix"] else 4
        after = rules[at + 1] if at + 1 < len(rules) else NOTHING
        skip = family == 4 and rule["src_prefix"] == rule["dst_prefix"] == ANY[4] and after == {**rule, "src_prefix": ANY[6], "dst_prefix": ANY[6]}
        yield {"action": NAMES[rule["is_permit"]], "ip_rule": _lift(rule, 0 if skip else family)}


def _lift(rule: Rule, family: int) -> t.Dict[str, t.Any]:
    ip: t.Dict[str, t.Any] = {}
    result: t.Dict[str, t.Any] = {}
    for name, network_ in (("source_network", rule["src_prefix"]), ("destination_network", rule["dst_prefix"])):
        if family and network_ != ANY[family]:
            ip[name] = network_
    protocol = rule["proto"]
    if protocol in (TCP, UDP):
        layer: t.Dict[str, t.Any] = {}
        for name, (first, last) in (("source_port_range", SOURCE), ("destination_port_range", DESTINATION)):
            if (rule[first], rule[last]) != (0, TOP):
                layer[name] = {"lower_port": rule[first], "upper_port": rule[last]}
        if rule["tcp_flags_mask"]:
            layer.update(tcp_flags_mask=rule["tcp_flags_mask"], tcp_flags_value=rule["tcp_flags_value"])
        result["tcp" if protocol == TCP else "udp"] = layer
    elif family and protocol == ICMP[family]:
        result["icmp"] = {"icmpv6": family == 6}
        for name, (first, last) in (("icmp_type_range", SOURCE), ("icmp_code_range", DESTINATION)):
            if (rule[first], rule[last]) != (0, TOP):
                result["icmp"][name] = {"first": rule[first], "last": rule[last]}
        family = 0
    elif protocol:
        ip["protocol"] = protocol
    if family and ip.keys() <= {"protocol"}:
        ip["source_network"] = ANY[family]
    return {**result, "ip": ip} if ip else result


def normal(rule: Rule) -> Rule:
    """As L(lower) would write what somebody else wrote: numbers that VPP does not look at are those of any."""
    protocol = rule["proto"]
    if protocol in (TCP, UDP):
        return rule
    icmp = protocol == ICMP[6 if ":" in rule["src_prefix"] else 4]
    changed = {}
    for first, last in (SOURCE, DESTINATION):
        # Other protocols have no ports: VPP takes them for 0. Without a protocol it does not look.
        if (rule[first], rule[last]) == (0, 255) if icmp else rule[first] == 0 or not protocol:
            if (rule[first], rule[last]) != (0, TOP):
                changed.update({first: 0, last: TOP})
    return {**rule, **changed} if changed else rule


def sayable(rule: Rule) -> bool:
    """Whether a northbound rule is the same as this L(normal) one. What is not must not be taken for ours: it would be changed."""
    protocol = rule["proto"]
    spans = [(rule[first], rule[last]) for first, last in (SOURCE, DESTINATION)]
    if rule["is_permit"] not in NAMES:
        return False
    if protocol == TCP:
        return (0, 0) not in spans and not rule["tcp_flags_value"] & ~rule["tcp_flags_mask"]
    if rule["tcp_flags_mask"] or rule["tcp_flags_value"]:
        return False
    if protocol == UDP:
        return (0, 0) not in spans
    if protocol == ICMP[6 if ":" in rule["src_prefix"] else 4]:
        return all(span == (0, TOP) or span[1] <= 255 for span in spans)
    return spans == [(0, TOP), (0, TOP)]
