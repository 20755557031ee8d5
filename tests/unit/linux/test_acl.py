# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Resource, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import acl
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import UnknownInterface, View
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.acl import ACL

VIEW = View(
    {("link", "memif0"): Resource(("link", "memif0"), {"ifname": "m0"}), ("foreign-link", "eth1"): Resource(("foreign-link", "eth1"), {"ifname": "eth1"})}
)


def access(name: str, *rules: t.Mapping[str, t.Any], **interfaces: t.Sequence[str]) -> Value:
    return ACL.value({"name": name, "rules": list(rules), "interfaces": interfaces})


def permit(**ip_rule: t.Any) -> t.Dict[str, t.Any]:
    return {"action": "PERMIT", "ip_rule": ip_rule}


def table(*values: Value) -> t.Mapping[str, t.Any]:
    (section,) = acl.Acl().lower(values, VIEW)
    assert section.key == acl.KEY
    return section.attributes


def ports(lower: int, upper: t.Optional[int] = None) -> t.Dict[str, int]:
    return {"lower_port": lower, "upper_port": lower if upper is None else upper}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({}, "accept"),
        ({"ip": {"source_network": "10.0.0.0/8", "destination_network": "0.0.0.0/0"}}, "ip saddr 10.0.0.0/8 accept"),
        ({"ip": {"source_network": "0.0.0.0/0", "destination_network": "0.0.0.0/0"}}, "meta nfproto ipv4 accept"),
        ({"ip": {"source_network": "::/0", "protocol": 47}}, "meta nfproto ipv6 meta l4proto 47 accept"),
        ({"ip": {"source_network": "10.1.2.3/8", "destination_network": "10.0.0.1/32"}}, "ip saddr 10.0.0.0/8 ip daddr 10.0.0.1 accept"),
        ({"ip": {"destination_network": "2001:DB8::1/128"}}, "ip6 daddr 2001:db8::1 accept"),
        ({"tcp": {}}, "meta l4proto 6 accept"),
        ({"udp": {"destination_port_range": {"lower_port": 53}}}, "udp dport 53 accept"),
        ({"tcp": {"destination_port_range": ports(80, 90), "source_port_range": ports(1024, 65535)}}, "tcp sport 1024-65535 tcp dport 80-90 accept"),
        ({"tcp": {"destination_port_range": ports(0, 65535)}}, "meta l4proto 6 accept"),
        ({"tcp": {"tcp_flags_mask": 18, "tcp_flags_value": 2}}, "tcp flags & 18 == 2 accept"),
        ({"tcp": {"tcp_flags_mask": 4}}, "tcp flags & 4 == 0 accept"),
        ({"icmp": {}}, "meta l4proto 1 accept"),
        ({"icmp": {"icmpv6": True}, "ip": {"source_network": "fd00::/8"}}, "ip6 saddr fd00::/8 meta l4proto 58 accept"),
        ({"icmp": {"icmp_type_range": {"first": 8, "last": 8}, "icmp_code_range": {"last": 255}}}, "icmp type 8 accept"),
        ({"icmp": {"icmp_type_range": {}, "icmp_code_range": {}}}, "icmp type 0 icmp code 0 accept"),
        ({"icmp": {"icmpv6": True, "icmp_type_range": {"first": 1, "last": 4}}}, "icmpv6 type 1-4 accept"),
    ],
)
def test_an_ip_rule_is_one_nft_rule(rule: t.Any, text: str) -> None:
    assert table(access("a", permit(**rule), ingress=["memif0"]))["chain acl_i_a"] == ("", text)


MAC = {"source_mac_address": "02:FE:00:00:00:01", "source_mac_address_mask": "ff:ff:ff:ff:ff:ff"}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({**MAC, "source_address": "10.0.0.1", "source_address_prefix": 32}, "ip saddr 10.0.0.1 ether saddr 02:fe:00:00:00:01 accept"),
        ({**MAC, "source_address": "0.0.0.0"}, "meta nfproto ipv4 ether saddr 02:fe:00:00:00:01 accept"),
        (
            {**MAC, "source_address": "::", "source_mac_address_mask": "ff:f0:00:00:00:00"},
            "meta nfproto ipv6 ether saddr & ff:f0:00:00:00:00 == 02:f0:00:00:00:00 accept",
        ),
        ({"source_address": "10.0.0.9", "source_address_prefix": 24}, "ip saddr 10.0.0.0/24 accept"),
        ({**MAC, "source_mac_address_mask": "00:00:00:00:00:00"}, "accept"),
    ],
)
def test_a_macip_rule_is_one_nft_rule_on_ingress(rule: t.Any, text: str) -> None:
    found = table(access("m", {"action": "PERMIT", "macip_rule": rule}, ingress=["memif0"]))
    assert found["chain acl_m_m"] == ("", text)
    assert found["chain acl_macip"][0].startswith("type filter hook prerouting priority -160;")
    assert found["set acl_macip"] == ("ifname : verdict", {"m0": "goto acl_ma_memif0"})
    assert found["chain acl_ma_memif0"] == ("", "jump acl_m_m", "drop")


def test_lists_of_an_interface_follow_each_other_and_end_in_a_denial() -> None:
    found = table(access("b", {"action": "DENY", "ip_rule": {}}, ingress=["memif0"]), access("a-1", permit(), ingress=["memif0", "eth1", "memif0"]))
    assert found["chain acl_in_memif0"] == ("", "jump acl_i_a_2d1", "jump acl_i_b", "drop")
    assert found["chain acl_in_eth1"] == ("", "jump acl_i_a_2d1", "drop")
    assert found["set acl_ingress"] == ("ifname : verdict", {"m0": "goto acl_in_memif0", "eth1": "goto acl_in_eth1"})
    assert found["chain acl_i_b"] == ("", "drop")
    assert found["requires"] == (("foreign-link", "eth1"), ("link", "memif0"))


def test_ingress_is_before_nat_and_egress_after_it_and_neighbour_discovery_passes_both() -> None:
    found = table(access("a", permit(), ingress=["memif0"], egress=["memif0"]))
    assert found["chain acl_ingress"] == (
        "type filter hook prerouting priority -150; policy accept;",
        "icmpv6 type 133-136 accept",
        "iifname vmap @acl_ingress",
    )
    assert found["chain acl_egress"] == (
        "type filter hook postrouting priority 150; policy accept;",
        "icmpv6 type 133-136 accept",
        "oifname vmap @acl_egress",
    )


def test_reflect_marks_the_flow_and_lets_answers_pass_the_other_way_on_that_interface_only() -> None:
    found = table(
        access("out", {"action": "REFLECT", "ip_rule": {}}, ingress=["memif0"]),
        access("stop", {"action": "DENY", "ip_rule": {}}, egress=["memif0", "eth1"], ingress=["eth1"]),
    )
    assert found["chain acl_i_out"] == ("", "ct mark set ct mark | 268435456 accept")
    assert found["chain acl_eg_memif0"] == ("", "ct direction reply ct mark & 268435456 == 268435456 accept", "jump acl_e_stop", "drop")
    assert found["chain acl_eg_eth1"] == ("", "jump acl_e_stop", "drop")
    assert found["chain acl_in_memif0"] == ("", "jump acl_i_out", "drop")
    assert found["chain acl_in_eth1"] == ("", "jump acl_i_stop", "drop")


def test_reflect_on_egress_has_a_mark_of_its_own() -> None:
    found = table(access("out", {"action": "REFLECT", "ip_rule": {}}, egress=["memif0"]), access("in", permit(tcp={}), ingress=["memif0"]))
    assert found["chain acl_e_out"] == ("", "ct mark set ct mark | 536870912 accept")
    assert found["chain acl_in_memif0"][1] == "ct direction reply ct mark & 536870912 == 536870912 accept"


def test_a_list_that_is_nowhere_attached_is_only_remembered() -> None:
    value = access("a", permit())
    found = table(value)
    assert set(found) == {f"value {value.key}", "requires"}


def test_the_wrong_icmp_for_the_networks_is_refused() -> None:
    with pytest.raises(Refused, match="icmpv6 does not go with networks of the other family") as error:
        table(access("a", permit(icmp={"icmpv6": True}, ip={"source_network": "10.0.0.0/8"}), ingress=["memif0"]))
    assert error.value.context["field"] == "rules.ip_rule.icmp.icmpv6"


def test_values_come_back_as_they_were() -> None:
    values = [access("a", permit(tcp={}), ingress=["memif0"]), access("b 'x\"", *(permit(udp={"destination_port_range": ports(at)}) for at in range(300)))]
    found = {one.key: one for one in acl.Acl().lower(values, VIEW)}
    lifted = list(acl.Acl().lift(found, VIEW))
    assert sorted(lifted) == sorted(values)
    assert {one.key: one for one in acl.Acl().lower(lifted, VIEW)} == found
    assert list(acl.Acl().lower([], VIEW)) == [] and list(acl.Acl().lift({}, VIEW)) == []


def test_what_is_remembered_of_a_vanished_interface_can_still_be_explained() -> None:
    value = access("a", permit(), ingress=["memif0"])
    (section,) = acl.Acl().lower([value], VIEW)
    (explained,) = acl.Acl().lower([value], View({acl.KEY: section}))
    assert explained.key == section.key and explained.requires == section.requires
    with pytest.raises(UnknownInterface):
        list(acl.Acl().lower([value], View({})))


def test_every_declared_field_has_a_word() -> None:
    def paths(fields: t.Mapping[str, t.Any], base: str = "") -> t.Iterator[str]:
        for name, field in fields.items():
            yield base + name
            yield from paths(field.fields, f"{base}{name}.")

    assert set(acl.Acl.support[acl.ACL]) == set(paths(ACL.fields))
