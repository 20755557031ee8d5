# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of ACLs to VPP's and back, without a VPP."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.acl import ACL
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import acl_rules, macip
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.wire import unpack_ip6
from hypothesis import given, settings
from hypothesis import strategies as st

ANY4, ANY6 = ("0.0.0.0/0",) * 2, ("::/0",) * 2
MAPPED = unpack_ip6(bytes(10) + b"\xff\xff\x0a\x00\x00\x01")
"""Python 3.13 writes it otherwise than those before it."""


def short(rule: t.Mapping[str, t.Any]) -> t.Tuple[t.Any, ...]:
    """Networks, protocol and what is not any."""
    spans = [(rule[first], rule[last]) for first, last in (acl_rules.SOURCE, acl_rules.DESTINATION)]
    found: t.List[t.Any] = [rule["src_prefix"], rule["dst_prefix"], rule["proto"]]
    if spans != [(0, 65535)] * 2 or rule["tcp_flags_mask"]:
        found.append(spans)
    return (*found, (rule["tcp_flags_mask"], rule["tcp_flags_value"])) if rule["tcp_flags_mask"] else tuple(found)


def ports(lower: int, upper: t.Optional[int] = None) -> t.Dict[str, int]:
    return {"lower_port": lower, "upper_port": lower if upper is None else upper}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, [(*ANY4, 0), (*ANY6, 0)]),
        ({"ip": {"protocol": 47}}, [(*ANY4, 47), (*ANY6, 47)]),
        ({"ip": {"source_network": "10.0.0.0/8", "destination_network": "0.0.0.0/0"}}, [("10.0.0.0/8", "0.0.0.0/0", 0)]),
        ({"ip": {"source_network": "10.1.2.3/8", "destination_network": "10.0.0.1/32"}}, [("10.0.0.0/8", "10.0.0.1/32", 0)]),
        ({"ip": {"destination_network": "2001:DB8::1/64"}}, [("::/0", "2001:db8::/64", 0)]),
        ({"ip": {"source_network": "::ffff:10.0.0.1/128"}}, [(f"{MAPPED}/128", "::/0", 0)]),
        ({"ip": {"source_network": "::/0", "protocol": 58}}, [(*ANY6, 58)]),
        ({"tcp": {}}, [(*ANY4, 6), (*ANY6, 6)]),
        ({"udp": {"destination_port_range": {"lower_port": 53}}, "ip": {"source_network": "0.0.0.0/0"}}, [(*ANY4, 17, [(0, 65535), (53, 53)])]),
        (
            {"tcp": {"destination_port_range": ports(80, 90), "source_port_range": {"upper_port": 1023}}, "ip": {"source_network": "::/0"}},
            [(*ANY6, 6, [(0, 1023), (80, 90)])],
        ),
        ({"tcp": {"destination_port_range": {}, "source_port_range": ports(0, 65535)}, "ip": {"source_network": "::/0"}}, [(*ANY6, 6)]),
        ({"tcp": {"tcp_flags_mask": 18, "tcp_flags_value": 2}, "ip": {"source_network": "::/0"}}, [(*ANY6, 6, [(0, 65535)] * 2, (18, 2))]),
        ({"icmp": {}}, [(*ANY4, 1)]),
        ({"icmp": {"icmpv6": True}}, [(*ANY6, 58)]),
        ({"icmp": {"icmpv6": True}, "ip": {"source_network": "fd00::/8"}}, [("fd00::/8", "::/0", 58)]),
        ({"icmp": {"icmp_type_range": {"first": 8, "last": 8}, "icmp_code_range": {"last": 255}}}, [(*ANY4, 1, [(8, 8), (0, 65535)])]),
        ({"icmp": {"icmp_type_range": {}, "icmp_code_range": {"first": 3}}}, [(*ANY4, 1, [(0, 0), (3, 3)])]),
    ],
)
def test_an_ip_rule_is_one_of_each_family_that_it_is_about(rule: t.Any, expected: t.Any) -> None:
    found = acl_rules.lower("PERMIT", rule)
    assert [short(each) for each in found] == expected
    assert {each["is_permit"] for each in found} == {1}
    # What comes back is as short as it can be, and means the same.
    (lifted,) = acl_rules.lift(found)
    assert acl_rules.lower(lifted["action"], lifted["ip_rule"]) == found


def test_actions() -> None:
    assert [acl_rules.lower(action, {"icmp": {}})[0]["is_permit"] for action in ("DENY", "PERMIT", "REFLECT")] == [0, 1, 2]


@pytest.mark.parametrize("icmpv6", [False, True])
def test_icmp_of_the_other_family_is_refused(icmpv6: bool) -> None:
    with pytest.raises(acl_rules.WrongFamily):
        acl_rules.lower("PERMIT", {"icmp": {"icmpv6": icmpv6}, "ip": {"source_network": "10.0.0.0/8" if icmpv6 else "fd00::/8"}})


def native(**changes: t.Any) -> t.Dict[str, t.Any]:
    return {**acl_rules.lower("PERMIT", {"ip": {"source_network": "10.0.0.0/8"}})[0], **changes}


def span(first: int, last: int, name: str = "src") -> t.Dict[str, int]:
    first_name, last_name = acl_rules.SOURCE if name == "src" else acl_rules.DESTINATION
    return {first_name: first, last_name: last}


@pytest.mark.parametrize(
    "changes",
    [
        {"proto": 1, **span(0, 255), **span(0, 255, "dst")},  # as agents write ICMP
        {"proto": 47, **span(0, 0), **span(0, 0, "dst")},
        {"proto": 58, **span(0, 255), **span(0, 0, "dst")},  # ICMPv6 in IPv4 has no types
        {"proto": 0, **span(5, 6), **span(0, 0, "dst")},
    ],
)
def test_what_vpp_does_not_look_at_makes_no_difference(changes: t.Any) -> None:
    found = acl_rules.normal(native(**changes))
    assert found == native(proto=changes["proto"])
    assert acl_rules.sayable(found)


@pytest.mark.parametrize(
    "changes",
    [
        {"is_permit": 3},
        {"proto": 6, **span(0, 0)},  # port 0 alone: for the model that is any
        {"proto": 17, **span(0, 0, "dst")},
        {"proto": 6, "tcp_flags_mask": 1, "tcp_flags_value": 3},
        {"proto": 17, "tcp_flags_mask": 1},
        {"proto": 1, **span(0, 256)},
        {"proto": 47, **span(1, 2)},  # never matches
    ],
)
def test_what_no_item_can_say_is_not_taken_for_ours(changes: t.Any) -> None:
    assert not acl_rules.sayable(acl_rules.normal(native(**changes)))


networks = {4: st.sampled_from(["0.0.0.0/0", "10.0.0.0/8", "192.0.2.1/32"]), 6: st.sampled_from(["::/0", "fd00::/8", "2001:db8::1/128"])}
spans = st.sampled_from([(0, 65535), (0, 5), (1, 1), (7, 255), (0, 0), (80, 9000)])


@st.composite
def rules(draw: t.Any) -> t.Dict[str, t.Any]:
    family = draw(st.sampled_from((4, 6)))
    protocol = draw(st.sampled_from((0, 1, 6, 17, 47, 58)))
    mask = draw(st.integers(0, 3))
    return {
        "is_permit": draw(st.integers(0, 2)),
        "src_prefix": draw(networks[family]),
        "dst_prefix": draw(networks[family]),
        "proto": protocol,
        **span(*draw(spans)),
        **span(*draw(spans), "dst"),
        "tcp_flags_mask": mask,
        "tcp_flags_value": draw(st.integers(0, 3)) & mask,
    }


@settings(max_examples=100, deadline=None)
@given(st.lists(rules(), max_size=6))
def test_sayable_rules_come_back_the_same(given_rules: t.Any) -> None:
    said = [rule for rule in map(acl_rules.normal, given_rules) if acl_rules.sayable(rule)]
    lifted = ACL.value({"name": "x", "rules": list(acl_rules.lift(said))}).data.get("rules", [])
    assert list(itertools.chain.from_iterable(acl_rules.lower(rule.get("action", "DENY"), rule["ip_rule"]) for rule in lifted)) == said
    assert not ACL.problems({"name": "x", "rules": lifted}) or not said


# -- MACIP ---------------------------------------------------------------------------------------------------------------

ONE, ALL = "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00"


def mac_rule(action: str, network: str, mac: str = "02:00:00:00:00:01", mask: str = ONE) -> t.Dict[str, t.Any]:
    where, _slash, length = network.partition("/")
    given_rule = {"source_address": where, "source_address_prefix": int(length), "source_mac_address": mac, "source_mac_address_mask": mask}
    return macip.lower(action, given_rule)


def test_a_macip_rule_has_no_more_bits_than_it_compares() -> None:
    found = mac_rule("PERMIT", "10.1.2.3/16", "02-FE-00-00-00-01", "ffff.0000.0000")
    assert found == {"is_permit": 1, "src_mac": "02:fe:00:00:00:00", "src_mac_mask": "ff:ff:00:00:00:00", "src_prefix": "10.1.0.0/16"}
    assert macip.lower("PERMIT", macip.lift(found)["macip_rule"]) == found == macip.normal({**found, "src_mac": "02:fe:00:00:00:01"})
    assert mac_rule("DENY", "2001:DB8::1/64")["src_prefix"] == "2001:db8::/64"
    assert macip.lower("DENY", {"source_address": "::", "source_mac_address": ALL, "source_mac_address_mask": ALL})["src_prefix"] == "::/0"


def test_a_prefix_longer_than_the_address_is_refused() -> None:
    with pytest.raises(macip.WrongRule, match="64 is more than the 32 bits of 10.0.0.1"):
        mac_rule("PERMIT", "10.0.0.1/64")
    found = mac_rule("PERMIT", "10.0.0.0/24")
    assert macip.normal({**found, "src_prefix": "10.0.0.0/33"}) is None
    assert macip.normal({**found, "is_permit": 3}) is None


HOST, EVERYTHING = "10.0.0.2/32", ("0.0.0.0/0", ALL, ALL)


@pytest.mark.parametrize(
    ("given_rules", "places"),
    [
        ([("DENY", HOST), ("PERMIT", *EVERYTHING)], ""),
        ([("PERMIT", *EVERYTHING), ("DENY", HOST)], "1 and 2"),  # seen on a VPP: the host is denied
        ([("DENY", *EVERYTHING), ("PERMIT", HOST)], "1 and 2"),
        ([("PERMIT", *EVERYTHING), ("PERMIT", HOST)], ""),
        ([("PERMIT", HOST), ("DENY", HOST)], "1 and 2"),  # seen: the last one counts
        ([("DENY", "10.0.0.0/8", "02:00:00:00:00:01", ONE), ("PERMIT", "10.1.0.0/16", ALL, ALL)], ""),
        ([("PERMIT", "::/0", ALL, ALL), ("DENY", HOST)], ""),  # another family
        ([("PERMIT", "10.0.0.0/24", ALL, ALL), ("DENY", "10.0.1.2/32")], ""),  # no packet matches both
        ([("PERMIT", "10.0.0.0/8", "02:00:00:00:00:00", "ff:ff:ff:ff:ff:00"), ("DENY", "10.0.0.0/9", "02:00:00:00:01:00", "ff:ff:ff:ff:ff:00")], ""),
        ([("PERMIT", "10.0.0.0/8", ALL, "00:00:00:00:00:01"), ("DENY", "10.0.0.0/9", ALL, ALL)], "1 and 2"),  # of the same weight: who knows
        # Seen: five rules of a sort weigh more than one that compares the whole MAC address.
        ([("DENY", "0.0.0.0/0", "02:00:00:00:00:01", ONE), *(("PERMIT", f"10.{at}.0.0/16", ALL, ALL) for at in range(5))], "1 and 2"),
        ([("DENY", "0.0.0.0/0", "02:00:00:00:00:01", ONE), *(("PERMIT", f"10.{at}.0.0/16", ALL, ALL) for at in range(3))], ""),
    ],
)
def test_an_order_that_vpp_would_turn_around_is_refused(given_rules: t.Any, places: str) -> None:
    found = macip.problem([mac_rule(*each) for each in given_rules])
    assert found.startswith(f"rules {places} match the same packets") if places else not found, found


def test_more_rules_than_a_table_holds_are_refused() -> None:
    many = [mac_rule("PERMIT", f"10.0.{at // 256}.{at % 256}/32") for at in range(macip.LIMIT)]
    assert not macip.problem([*many, mac_rule("PERMIT", "10.0.0.0/31")])
    assert "has 1001 rules of one MAC mask and prefix length" in macip.problem([*many, mac_rule("PERMIT", "10.9.9.9/32")])
