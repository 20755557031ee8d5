# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of MACIP ACLs, northbound and as C(macip_acl_add_replace) takes and C(macip_acl_dump) shows them. Pure.

VPP does not look at them in their order: it sorts them by MAC mask and prefix length. What would then come out another way is
refused, and so is what VPP does not check but breaks on.
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.wire import unpack_ip4, unpack_ip6, unpack_mac

Rule = t.Dict[str, t.Any]
Data = t.Mapping[str, t.Any]
Sort = t.Tuple[bool, int, int]
"""IPv6 or not, prefix length, MAC mask: all rules of one sort are in one table of VPP's."""

ACTIONS = {"DENY": 0, "PERMIT": 1}
NAMES = {number: name for name, number in ACTIONS.items()}
LIMIT = 1000
"""Rules of one sort: a table has 8 MB, and VPP aborts when that is full (seen with 4,000)."""


class WrongRule(Exception):
    """Says at which field of the rule and why."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field, self.why = field, why


def lower(action: str, rule: Data) -> Rule:
    """The rule of VPP. Raises L(WrongRule)."""
    raw = address.packed(rule["source_address"]) or b""
    length = rule.get("source_address_prefix", 0)
    if length > 8 * len(raw):
        raise WrongRule("source_address_prefix", f"{length} is more than the {8 * len(raw)} bits of {rule['source_address']}")
    mac, mask = _number(rule["source_mac_address"]), _number(rule["source_mac_address_mask"])
    host = 8 * len(raw) - length
    raw = (int.from_bytes(raw, "big") >> host << host).to_bytes(len(raw), "big")
    return {
        "is_permit": ACTIONS[action],
        "src_mac": _text(mac & mask),
        "src_mac_mask": _text(mask),
        "src_prefix": f"{unpack_ip4(raw) if len(raw) == 4 else unpack_ip6(raw)}/{length}",
    }


def lift(rule: Rule) -> t.Dict[str, t.Any]:
    """The northbound rule."""
    where, _slash, length = rule["src_prefix"].partition("/")
    found = {
        "source_address": where,
        "source_address_prefix": int(length),
        "source_mac_address": rule["src_mac"],
        "source_mac_address_mask": rule["src_mac_mask"],
    }
    return {"action": NAMES[rule["is_permit"]], "macip_rule": found}


def normal(rule: Rule) -> t.Optional[Rule]:
    """As L(lower) would write what somebody else wrote; None for what no northbound rule is."""
    try:
        return lower(NAMES[rule["is_permit"]], lift(rule)["macip_rule"])
    except (KeyError, WrongRule):
        return None


def problem(rules: t.Sequence[Rule]) -> str:
    """Why VPP would not do with them what they say in their order; empty when it would."""
    sorts: t.Dict[Sort, t.List[int]] = {}
    for at, rule in enumerate(rules):
        sorts.setdefault(_sort(rule), []).append(at)
    for members in sorts.values():
        if len(members) > LIMIT:
            return f"has {len(members)} rules of one MAC mask and prefix length, and VPP can hold {LIMIT}"
    if len({rule["is_permit"] for rule in rules}) < 2:
        return ""
    found = _turned(rules, sorts)
    if found is None:
        return ""
    sooner, later = (at + 1 for at in found)
    turned = "VPP, which sorts them by MAC mask and prefix length, would look at the latter first"
    return f"rules {sooner} and {later} match the same packets and do the opposite, and {turned}"


def _turned(rules: t.Sequence[Rule], sorts: t.Mapping[Sort, t.List[int]]) -> t.Optional[t.Tuple[int, int]]:
    """The first two rules (by their places) that match the same packet, do the opposite, and are looked at the other way round."""
    # The weight of a sort is how VPP sorts its tables; of two with the same weight it is not known which comes first.
    weight = {sort: sort[0] + sort[1] + bin(sort[2]).count("1") + 10 * len(members) for sort, members in sorts.items()}
    values = [_value(rule) for rule in rules]
    worst: t.Optional[t.Tuple[int, int]] = None
    for later, ones in sorts.items():
        for sooner, others in sorts.items():
            if sooner[0] != later[0] or weight[sooner] < weight[later]:
                continue
            # Of two rules that are the same but for what they do VPP keeps the last.
            bits, mask = min(later[1], sooner[1]), later[2] & sooner[2]
            width = 128 if later[0] else 32
            first: t.Dict[t.Any, t.Dict[int, int]] = {}
            for at in ones:
                first.setdefault((values[at][0] >> width - bits, values[at][1] & mask), {}).setdefault(rules[at]["is_permit"], at)
            for at in others:
                before = first.get((values[at][0] >> width - bits, values[at][1] & mask), {}).get(1 - rules[at]["is_permit"])
                if before is not None and before < at and (worst is None or (before, at) < worst):
                    worst = before, at
    return worst


def _sort(rule: Rule) -> Sort:
    return ":" in rule["src_prefix"], int(rule["src_prefix"].rpartition("/")[2]), _number(rule["src_mac_mask"])


def _value(rule: Rule) -> t.Tuple[int, int]:
    return int.from_bytes(address.packed(rule["src_prefix"].partition("/")[0]) or b"", "big"), _number(rule["src_mac"])


def _number(mac: str) -> int:
    return int((address.mac(mac) or "0").replace(":", ""), 16)


def _text(mac: int) -> str:
    return unpack_mac(mac.to_bytes(6, "big"))
