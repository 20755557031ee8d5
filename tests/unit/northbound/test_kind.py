# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Declarations that contradict themselves, and what follows from those that do not."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address, interfaces, l2, l3, misc, nat, nsm
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.acl import ACL
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.advice import normal
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.declaration import check_kind
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import (
    DeclarationError,
    Field,
    FieldError,
    Kind,
    boolean,
    enum,
    message,
    number,
    string,
)
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS, by_id

A, B = string("a"), string("b")


@pytest.mark.parametrize(
    ("make", "clash"),
    [
        (lambda: (A, A), "m/t: a field is declared twice"),
        (lambda: (message("a", B, B),), "a: a field is declared twice"),
        (lambda: (enum("a", "X Y X"),), "a: the enum has X twice"),
        (lambda: (enum("a", "X Y=0"),), "a: the enum has Y=0 twice"),
        (lambda: (Field("a", "text"),), "m/t.a: has no such type: text"),
        (lambda: (Field("a", "enum"),), "m/t.a: an enum needs names"),
        (lambda: (string("a", enum={"X": 0}),), "m/t.a: an enum needs names, other types have none"),
        (lambda: (enum("a", "X=1"),), "m/t.a: the first name of an enum has number 0"),
        (lambda: (message("a"),), "m/t.a: a message needs fields"),
        (lambda: (boolean("a", fields={"b": B}),), "m/t.a: a message needs fields, other types have none"),
        (lambda: (string("a", many=True, oneof="x"), string("b", oneof="x")), "m/t.a: a list cannot be in a oneof"),
        (lambda: (string("a", required=True, oneof="x"), string("b", oneof="x")), "m/t.a: is required, yet in a oneof"),
        (lambda: (boolean("a", required=True),), "m/t.a: a required bool"),
        (lambda: (enum("a", "IPV4 IPV6", required=True),), "m/t.a: is required, yet its default is a valid choice"),
        (lambda: (number("a", secret=True),), "m/t.a: only text can be secret"),
        (lambda: (string("a", secret=True, ref="interface"),), "m/t.a: a secret names nothing"),
        (lambda: (string("a", write_only="sometimes"),), "m/t.a: write_only cannot be sometimes"),
        (lambda: (string("a", check="colour"),), "m/t.a: has no such check: colour"),
        (lambda: (boolean("a", check="mac"),), "m/t.a: a bool has no check"),
        (lambda: (string("a", compare="roughly"),), "m/t.a: compare cannot be roughly"),
        (lambda: (string("a", compare="set"),), "m/t.a: only a list is compared as a set"),
        (lambda: (number("a", 5, low=6),), "m/t.a: its range is empty: 6 to 5"),
        (lambda: (string("a", high=6),), "m/t.a: a str has no range"),
        (lambda: (string("a", oneof="x"),), "m/t: oneof x has only one member"),
        (lambda: (message("a", message("b", Field("c", "float"))),), "m/t.a.b.c: has no such type: float"),
    ],
)
def test_contradictory_fields(make, clash):
    with pytest.raises(DeclarationError) as refused:
        check_kind(Kind("m", "t", *make()))
    assert clash in str(refused.value)


LINK = (message("x", A, oneof="link"), message("y", B, oneof="link"))
TYPE = enum("type", "NONE X Y")


@pytest.mark.parametrize(
    ("fields", "more", "clash"),
    [
        ((A,), {"name": "{b}"}, "its key needs b, which is not declared"),
        ((A,), {"name": lambda get: get("a")}, "made of fields that identity does not name"),
        ((A,), {"identity": ["a"]}, "a singleton has no identity"),
        ((TYPE, *LINK), {}, "link says which member"),
        ((TYPE, A), {"link": {"X": "x"}}, "link says which member"),
        (LINK, {"link": {"X": "x", "Y": "y"}}, "link needs an enum field type"),
        ((TYPE, *LINK), {"link": {"X": "x", "Z": "y"}}, "link names a type that does not exist"),
        ((TYPE, *LINK), {"link": {"X": "x"}}, "the members that link names are not those of the oneof link"),
    ],
)
def test_contradictory_kinds(fields, more, clash):
    with pytest.raises(DeclarationError) as refused:
        check_kind(Kind("m", "t", *fields, **more))
    assert "m/t" in str(refused.value) and clash in str(refused.value)


def test_kinds_that_contradict_each_other():
    with pytest.raises(DeclarationError, match="m/t: is declared twice"):
        by_id([Kind("m", "t"), Kind("m", "t")])
    with pytest.raises(DeclarationError, match="same key prefix as a.b/c"):
        by_id([Kind("a.b", "c"), Kind("a/b", "c")])


VALID = [
    (interfaces.INTERFACE, {"name": "m", "type": "MEMIF", "memif": {"id": 1}, "ip_addresses": ["10.0.0.1/24", "alloc:net/m"]}),
    (interfaces.INTERFACE, {"name": "l", "type": "SOFTWARE_LOOPBACK"}),
    (interfaces.INTERFACE, {"name": "w", "type": "WIREGUARD_TUNNEL", "wireguard": {"private_key": "A" * 43 + "=", "src_addr": "10.0.0.1"}}),
    (interfaces.INTERFACE, {"name": "g", "type": 11, "gre": {"tunnel_type": 1, "src_addr": "10.0.0.1", "dst_addr": "10.0.0.2"}}),
    (interfaces.LINUX_INTERFACE, {"name": "a-long-logical-name", "type": "VETH", "host_if_name": "v", "veth": {"peer_if_name": "b"}}),
    (interfaces.LINUX_INTERFACE, {"name": "a-long-logical-name", "type": "LOOPBACK"}),
    (l3.ROUTE, {"dst_network": "10.1.0.0/16", "next_hop_addr": "10.0.0.1"}),
    (l3.ROUTE, {"dst_network": "FD00::/64", "type": "DROP"}),
    (l3.ROUTE, {"dst_network": "alloc:net/i", "next_hop_addr": "alloc:net/GW"}),
    (l3.LINUX_ROUTE, {"dst_network": "10.1.2.3/16", "outgoing_interface": "i"}),
    (l3.PROXY_ARP, {}),
    (nat.GLOBAL, {"nat_interfaces": [{"name": "a", "is_inside": True}, {"name": "a"}]}),
    (nat.POOL, {"first_ip": "10.0.0.1", "last_ip": "10.0.0.1"}),
    (nat.TIMEOUTS, {"udp": 30}),
    (l2.FIB, {"phys_address": "02:00:00:00:00:01", "bridge_domain": "b", "action": "DROP"}),
    (ACL, {"name": "a", "rules": [{"action": "REFLECT", "ip_rule": {"tcp": {"tcp_flags_mask": 20, "tcp_flags_value": 4}}}]}),
    (misc.RULE_CHAIN, {"name": "c", "chain_type": "INPUT", "default_policy": "DROP"}),
]


@pytest.mark.parametrize(("kind", "data"), VALID)
def test_valid(kind, data):
    assert kind.problems(data) == [] == kind.problems(kind.canonical(data))


@pytest.mark.parametrize(
    ("kind", "data", "problem"),
    [
        (interfaces.INTERFACE, {"type": "TAP"}, "name: is required"),
        (interfaces.INTERFACE, {"name": "x"}, "type: is required: one of SUB_INTERFACE"),
        (interfaces.INTERFACE, {"name": "x", "type": "UNDEFINED_TYPE"}, "type: is required"),
        (interfaces.INTERFACE, {"name": "x", "type": 0}, "type: is required"),
        (interfaces.INTERFACE, {"name": "x", "type": 99}, "type: 99 is none of SUB_INTERFACE"),
        (interfaces.INTERFACE, {"name": "x" * 64, "type": "TAP"}, "name: " + "x" * 64 + " is longer than the 63 bytes"),
        (interfaces.INTERFACE, {"name": "x", "type": "MEMIF", "tap": {}}, "tap: does not fit type MEMIF, which has memif"),
        (interfaces.INTERFACE, {"name": "x", "type": "DPDK", "tap": {}}, "tap: does not fit type DPDK"),
        (interfaces.INTERFACE, {"name": "x", "type": "SUB_INTERFACE"}, "sub: is required for type SUB_INTERFACE"),
        (interfaces.INTERFACE, {"name": "x", "type": "TAP", "tap": {}, "memif": {}}, "tap: cannot be given together with memif"),
        (interfaces.INTERFACE, {"name": "x", "type": "TAP", "mtu": 9217}, "mtu: 9217 is not from 0 to 9216"),
        (interfaces.INTERFACE, {"name": "x", "type": "TAP", "mtu": "9000"}, "mtu: '9000' is no uint32"),
        (interfaces.INTERFACE, {"name": "x", "type": "TAP", "mtu": True}, "mtu: True is no uint32"),
        (interfaces.INTERFACE, {"name": "x", "type": "TAP", "enabled": 1}, "enabled: 1 is no bool"),
        (interfaces.INTERFACE, {"name": "x", "type": "TAP", "ip_addresses": "10.0.0.1/24"}, "ip_addresses: is no list"),
        (
            interfaces.INTERFACE,
            {"name": "x", "type": "TAP", "ip_addresses": ["10.0.0.1/24", "10.0.0.1"]},
            "ip_addresses[1]: 10.0.0.1 is no address with prefix",
        ),
        (interfaces.INTERFACE, {"name": "x", "type": "TAP", "phys_address": "01:00:00:00:00:00"}, "phys_address: 01:00:00:00:00:00 is no MAC address of one"),
        (interfaces.INTERFACE, {"name": "x", "type": "TAP", "phys_address": "00:00:00:00:00:00"}, "no MAC address of one interface"),
        (interfaces.INTERFACE, {"name": "x", "type": "TAP", "phys_address": "02:00:00:00:00"}, "phys_address: 02:00:00:00:00 is no MAC address"),
        (interfaces.INTERFACE, {"name": "x", "type": "TAP", "tap": {"host_if_name": "0123456789abcdef"}}, "tap.host_if_name: 0123456789abcdef is longer"),
        (interfaces.INTERFACE, {"name": "x", "type": "TAP", "tap": {"host_if_name": "a b"}}, "tap.host_if_name: a b is no kernel interface name"),
        (interfaces.INTERFACE, {"name": "x", "type": "TAP", "tap": {"rx_ring_size": 100}}, "tap.rx_ring_size: 100 is no power of 2"),
        (interfaces.INTERFACE, {"name": "x", "type": "TAP", "unnumbered": {"interface_with_ip": "y"}, "ip_addresses": ["10.0.0.1/8"]}, "unnumbered: an unnumb"),
        (interfaces.INTERFACE, {"name": "x", "type": "TAP", "rx_modes": [{"queue": 1}]}, "rx_modes[0].mode: is required"),
        (interfaces.INTERFACE, {"name": "x", "type": "TAP", "rx_placements": [{"queue": 1}, {"queue": 1}]}, "rx_placements: a queue"),
        (interfaces.INTERFACE, {"name": "x", "type": "TAP", "nosuch": 1}, "nosuch: is no field"),
        (interfaces.INTERFACE, {"name": "x", "type": "TAP", "tap": {"nosuch": 1}}, "tap.nosuch: is no field"),
        (interfaces.INTERFACE, {"name": "x", "type": "AF_PACKET", "afpacket": {}}, "afpacket: needs either"),
        (
            interfaces.INTERFACE,
            {"name": "x", "type": "VXLAN_TUNNEL", "vxlan": {"src_address": "10.0.0.1", "dst_address": "224.0.0.1"}},
            "vxlan.multicast: is req",
        ),
        (
            interfaces.INTERFACE,
            {
                "name": "x",
                "type": "VXLAN_TUNNEL",
                "vxlan": {"src_address": "10.0.0.1", "dst_address": "10.0.0.2", "gpe": {"protocol": "NSH", "decap_vrf_id": 1}},
            },
            "vxlan.gpe.decap_vrf_id: only protocols",
        ),
        (interfaces.INTERFACE, {"name": "x", "type": "IPIP_TUNNEL", "ipip": {"src_addr": "10.0.0.1"}}, "ipip.dst_addr: is required"),
        (interfaces.INTERFACE, {"name": "..", "type": "DPDK"}, "name: leads out of the kind's keys"),
        (interfaces.LINUX_INTERFACE, {"name": "a-long-logical-name", "type": "DUMMY"}, "host_if_name: is required: name a-long-logical-name is longer"),
        (
            interfaces.LINUX_INTERFACE,
            {"name": "x", "type": "EXISTING", "namespace": {"type": "NSID", "reference": "n"}},
            "namespace: an interface of type EXIST",
        ),
        (interfaces.LINUX_INTERFACE, {"name": "x", "type": "DUMMY", "namespace": {"type": "NSID"}}, "namespace.reference: is required"),
        (
            interfaces.LINUX_INTERFACE,
            {"name": "x", "type": "EXISTING", "link_only": True, "ip_addresses": ["alloc:n"]},
            "ip_addresses: cannot refer to netalloc",
        ),
        (interfaces.LINUX_INTERFACE, {"name": "x", "type": "VRF_DEVICE", "vrf_dev": {}, "phys_address": "02:00:00:00:00:01"}, "phys_address: an interface of"),
        (l3.ROUTE, {"dst_network": "10.1.2.3/16"}, "write 10.1.0.0/16"),
        (l3.ROUTE, {"dst_network": "fd00:0::/64"}, "write fd00::/64"),
        (l3.ROUTE, {"dst_network": "10.1.2.3"}, "dst_network: 10.1.2.3 is no address with prefix length"),
        (l3.ROUTE, {"dst_network": "10.0.0.0/8", "next_hop_addr": "fd00::1"}, "next_hop_addr: fd00::1 is not of the family"),
        (l3.ROUTE, {"dst_network": "10.0.0.0/8", "via_vrf_id": 1}, "via_vrf_id: only a route of type INTER_VRF"),
        (l3.LINUX_ROUTE, {"dst_network": "10.0.0.0/8"}, "outgoing_interface: is required"),
        (l3.LINUX_ROUTE, {"dst_network": "10.0.0.0/8", "outgoing_interface": "i", "scope": "LINK", "gw_addr": "10.0.0.1"}, "gw_addr: a route of scope LINK"),
        (l3.PROXY_ARP, {"ranges": [{"first_ip_addr": "10.0.0.2", "last_ip_addr": "10.0.0.1"}]}, "ranges[0].last_ip_addr: 10.0.0.1 is before 10.0.0.2"),
        (l3.PROXY_ARP, {"ranges": [{"first_ip_addr": "fd00::1", "last_ip_addr": "10.0.0.1"}]}, "ranges[0].first_ip_addr: fd00::1 is no IPv4 address"),
        (nat.INTERFACE, {"name": "i", "nat_inside": True, "nat_outside": True, "output_feature": True}, "output_feature: cannot be on an interface"),
        (nat.POOL, {"first_ip": "10.0.0.2", "last_ip": "10.0.0.1"}, "last_ip: 10.0.0.1 is before first_ip 10.0.0.2"),
        (nat.POOL, {"first_ip": "alloc:n/i"}, "first_ip: alloc:n/i is no IPv4 address"),
        (nat.GLOBAL, {"nat_interfaces": [{"name": "a"}, {"name": "a"}]}, "nat_interfaces[1]: a is there twice"),
        (nat.DNAT, {"label": "l" * 64}, "label: " + "l" * 64 + " is longer than the 63 bytes"),
        (nat.DNAT, {"label": "l", "st_mappings": [{"external_port": 65536}]}, "st_mappings[0].external_port: 65536 is not from 0 to 65535"),
        (l2.BRIDGE_DOMAIN, {"name": "b", "interfaces": [{"name": "a"}, {"name": "a"}]}, "interfaces: a is there twice"),
        (
            l2.BRIDGE_DOMAIN,
            {"name": "b", "interfaces": [{"name": "a", "bridged_virtual_interface": True}, {"name": "c", "bridged_virtual_interface": True}]},
            "interfaces: a and c are all bridged_virtual_interface",
        ),
        (l2.FIB, {"phys_address": "02:00:00:00:00:01", "bridge_domain": "b"}, "outgoing_interface: is required for action FORWARD"),
        (l2.XCONNECT, {"receive_interface": "a", "transmit_interface": "a"}, "transmit_interface: is the same"),
        (ACL, {"name": "a"}, "rules: is required"),
        (ACL, {"name": "a", "rules": [{}]}, "rules[0]: needs either ip_rule or macip_rule"),
        (ACL, {"name": "a", "rules": [{"ip_rule": {"tcp": {}, "udp": {}}}]}, "rules[0].ip_rule: has tcp and udp"),
        (ACL, {"name": "a", "rules": [{"ip_rule": {"ip": {"protocol": 6}, "udp": {}}}]}, "rules[0].ip_rule.ip.protocol: 6 is not that of udp"),
        (
            ACL,
            {"name": "a", "rules": [{"ip_rule": {"udp": {"source_port_range": {"lower_port": 9, "upper_port": 8}}}}]},
            "rules[0].ip_rule.udp.source_port_range: upper_port 8 is below",
        ),
        (
            ACL,
            {"name": "a", "rules": [{"ip_rule": {"icmp": {"icmp_type_range": {"first": 9, "last": 8}}}}]},
            "rules[0].ip_rule.icmp.icmp_type_range: last 8 is below",
        ),
        (ACL, {"name": "a", "rules": [{"ip_rule": {"tcp": {"tcp_flags_value": 1}}}]}, "rules[0].ip_rule.tcp.tcp_flags_value: has flags"),
        (
            ACL,
            {"name": "a", "rules": [{"ip_rule": {"ip": {"source_network": "10.0.0.0/8", "destination_network": "fd00::/8"}}}]},
            "rules[0].ip_rule.ip: source_network and destination_network are of different families",
        ),
        (misc.RULE_CHAIN, {"name": "c"}, "chain_name: is required for chain_type CUSTOM"),
        (misc.RULE_CHAIN, {"name": "c", "table": "NAT", "chain_type": "FORWARD"}, "chain_type: table NAT has no chain FORWARD"),
        (misc.RULE_CHAIN, {"name": "c", "table": "NAT", "chain_type": "OUTPUT", "default_policy": "DROP"}, "default_policy: only the built-in"),
        (misc.IP_ALLOCATION, {"network_name": "a/b", "address": "10.0.0.1"}, "network_name: cannot contain /"),
        (nsm.CLIENT, {"name": "c", "interface_name": "i", "network_service": "s", "interface_type": 2}, "interface_type: 2 is none of DEFAULT_INTERFACE"),
        (KINDS["vpp.srv6/steering"], {"name": "s"}, "policy_bsid: is required, or policy_index"),
        (KINDS["vpp/vrrp"], {"interface": "i", "vr_id": 1, "priority": 256, "interval": 9, "ip_addresses": ["10.0.0.1"]}, "interval: 9 is not from 10"),
    ],
)
def test_problems(kind, data, problem):
    assert any(problem in str(each) for each in kind.problems(data)), kind.problems(data)


def test_macip_access_lists():
    rule = {"source_address": "10.0.0.0", "source_mac_address": "02:00:00:00:00:01", "source_mac_address_mask": "ff:ff:ff:ff:ff:ff"}
    fine = {"name": "a", "rules": [{"action": "PERMIT", "macip_rule": rule}], "interfaces": {"ingress": ["i"]}}
    assert ACL.problems(fine) == []
    egress = {**fine, "interfaces": {"egress": ["i"]}}
    assert [problem.path for problem in ACL.problems(egress)] == ["interfaces.egress"]
    mixed = {**fine, "rules": [*fine["rules"], {"ip_rule": {}}]}
    assert [problem.path for problem in ACL.problems(mixed)] == ["rules[0].macip_rule"]
    reflect = {**fine, "rules": [{"action": "REFLECT", "macip_rule": rule}]}
    assert [problem.path for problem in ACL.problems(reflect)] == ["rules[0].action"]


def test_a_problem_never_shows_a_secret():
    bad = {"name": "w", "type": "WIREGUARD_TUNNEL", "wireguard": {"private_key": "hunter2", "src_addr": "10.0.0.1"}}
    problems = [str(each) for each in interfaces.INTERFACE.problems(bad)]
    assert problems == ["wireguard.private_key: ******** is no key of 32 bytes in base64"]
    wrong_type = {"name": "w", "type": "MEMIF", "memif": {"secret": ["hunter2"]}}
    assert "hunter2" not in str(interfaces.INTERFACE.problems(wrong_type))
    assert interfaces.INTERFACE.redact(bad)["wireguard"] == {"private_key": "********", "src_addr": "10.0.0.1"}
    assert bad["wireguard"]["private_key"] == "hunter2"


@pytest.mark.parametrize(
    ("data", "tail"),
    [
        ({"dst_network": "10.1.2.3/16"}, "vrf/0/dst/10.1.0.0/16"),
        ({"dst_network": "10.1.0.0/16", "next_hop_addr": "10.0.0.1"}, "vrf/0/dst/10.1.0.0/16/gw/10.0.0.1"),
        ({"dst_network": "10.1.0.0/16", "outgoing_interface": "m", "vrf_id": None}, "if/m/vrf/0/dst/10.1.0.0/16"),
    ],
)
def test_a_route_key_without_next_hop_has_no_slash_at_its_end(data, tail):
    assert l3.ROUTE.key(data) == f"config/vpp/v2/route/{tail}"


def test_keys_of_our_own_kind():
    assert nat.TIMEOUTS.key({}) == "config/pantheon/nat/v1/nat44-timeouts" and nat.TIMEOUTS.singleton
    assert nsm.ENDPOINT.key({"network_service": "s", "interface_name_prefix": "a"}) == "config/cnf/nsm/v1/endpoint/s"
    assert nsm.CLIENT.key({"name": "c"}) == "config/cnf/nsm/v1/client/c"


def test_unknown_fields_are_never_dropped_silently():
    with pytest.raises(FieldError, match="vpp/interfaces.tap: unknown field vpp_tap_if_name"):
        interfaces.INTERFACE.canonical({"name": "t", "type": "TAP", "tap": {"vpp_tap_if_name": "x"}})


def test_references():
    found = set(interfaces.INTERFACE.references({"name": "s", "vrf": 2, "ip_addresses": ["10.0.0.1/8", "alloc:n/s"], "sub": {"parent_name": "p"}}))
    assert found == {("vrf", "vrf", "2"), ("ip_addresses[1]", "netalloc", "n/s"), ("sub.parent_name", "interface", "p")}
    pool = nat.POOL.references({"first_ip": "10.0.0.1", "vrf_id": 2**32 - 1})
    assert list(pool) == []
    acl = ACL.references({"name": "a", "rules": [], "interfaces": {"ingress": ["i"], "egress": None}})
    assert list(acl) == [("interfaces.ingress[0]", "interface", "i")]
    assert list(l2.FIB.references({"bridge_domain": "b", "outgoing_interface": ""})) == [("bridge_domain", "bridge-domain", "b")]


def test_merge():
    have = {"name": "t", "type": "TAP", "enabled": True, "ip_addresses": ["10.0.0.1/8"], "tap": {"version": 2, "host_if_name": "h"}}
    kind = interfaces.INTERFACE
    assert kind.merge(have, {"name": "t", "mtu": 1400}) == {**have, "mtu": 1400}
    assert "enabled" not in kind.merge(have, {"enabled": False}) and kind.merge(have, {"enabled": None})["enabled"]
    assert kind.merge(have, {"ip_addresses": ["10.0.0.2/8"]})["ip_addresses"] == ["10.0.0.2/8"]
    assert "ip_addresses" not in kind.merge(have, {"ip_addresses": []})
    assert kind.merge(have, {"tap": {"host_if_name": "g"}})["tap"] == {"version": 2, "host_if_name": "g"}
    other = kind.merge(have, {"type": "MEMIF", "memif": {"id": 1}})
    assert other["memif"] == {"id": 1} and "tap" not in other
    assert "tap" not in kind.merge(have, {"type": "SOFTWARE_LOOPBACK"})
    assert "tap" in kind.merge(have, {"type": "TAP"})
    assert have["tap"] == {"version": 2, "host_if_name": "h"}


def test_normal_form():
    one = {"name": "a", "type": "DPDK", "phys_address": "02-00-00-00-00-AB", "ip_addresses": ["FD00:0::1/064", "10.0.0.1/24"]}
    two = {"ip_addresses": ["10.0.0.1/24", "fd00::1/64"], "phys_address": "02:00:00:00:00:ab", "name": "a", "type": 3, "enabled": False}
    assert normal("vpp/interfaces", one) == normal("vpp/interfaces", two)
    acl = {"name": "a", "rules": [{"action": "PERMIT", "ip_rule": {}}, {"ip_rule": {}}]}
    assert normal("vpp.acls/acl", acl) != normal("vpp.acls/acl", {**acl, "rules": acl["rules"][::-1]})


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("10.1.2.3/16", ("10.1.0.0", 16)),
        ("10.1.2.3/016", ("10.1.0.0", 16)),
        ("010.1.2.3/16", None),
        ("10.1.2.3/33", None),
        ("10.1.2.3", None),
        ("10.1.2.3/", None),
        ("10.1.2/16", None),
        ("10.1.2.3/1٣", None),
        ("::ffff:10.0.0.1/120", ("10.0.0.0", 120)),
        ("::1.2.3.4/128", ("::102:304", 128)),
        ("1:0:0:2:0:0:0:3/128", ("1:0:0:2::3", 128)),
        ("fe80::1%eth0/64", None),
        ("00001::/16", None),
        ("10.0.0.0/" + "9" * 5000, None),
    ],
)
def test_networks_are_those_of_go(text, network):
    assert address.network(text) == network


def test_macs():
    assert {address.mac(text) for text in ("02:00:00:00:00:AB", "02-00-00-00-00-ab", "0200.0000.00AB")} == {"02:00:00:00:00:ab"}
    assert [address.mac(text) for text in ("02:00:00:00:00", "02:00-00:00:00:ab", "0x:00:00:00:00:00", "")] == [None] * 4
