# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel dataplane says yes to makes a difference: without the field, other objects come out of a value."""

from __future__ import annotations

import inspect
import typing as t

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import docs
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS

from tests.tools import common

SUPPORT = common.LINUX.support()
MAC = "02:00:00:00:00:09"
VRF = {"ifname": "vrf8", "up": True, "kind": "vrf", "info": {"table": 8}, "table": 8}
THERE = {
    ("link", "vrf8"): Resource(("link", "vrf8"), VRF),
    ("foreign-link", "eth9"): Resource(("foreign-link", "eth9"), {"ifname": "eth9", "up": True}, owned=False, managed=False),
    ("address", "eth9", "192.0.2.7/24"): Resource(("address", "eth9", "192.0.2.7/24"), {"protocol": None}, owned=False),
}
VPP, LINUX = "vpp/interfaces", "linux.interfaces/interface"
ACL, DNAT = "vpp.acls/acl", "vpp.nat/dnat44"
TUNNEL = {"src_addr": "10.0.0.1", "dst_addr": "10.0.0.2"}
NAT = [
    ("vpp.nat/nat44-interface", {"name": "in", "nat_inside": True}),
    ("vpp.nat/nat44-interface", {"name": "out", "nat_outside": True}),
    ("vpp.nat/nat44-pool", {"first_ip": "192.0.2.1"}),
    ("vpp.nat/nat44-pool", {"first_ip": "192.0.2.8", "last_ip": "192.0.2.9", "twice_nat": True}),
]
TCP = {"local_ip": "10.0.0.7", "local_port": 80}
PORTS = {f"{side}_port_range": {"lower_port": 80, "upper_port": 90} for side in ("source", "destination")}


def link(type: str, **more: t.Any) -> t.Tuple[str, t.Dict[str, t.Any]]:
    return LINUX if type in KINDS[LINUX].fields["type"].enum else VPP, {"name": "x", "type": type, **more}


def acl(*ways: str, **rule: t.Any) -> t.Tuple[str, t.Dict[str, t.Any]]:
    return ACL, {"name": "x", "rules": [{"action": "PERMIT", **rule}], "interfaces": {way: ["eth9"] for way in ways}}


def mapping(**more: t.Any) -> t.Tuple[str, t.Dict[str, t.Any]]:
    return DNAT, {"label": "x", "st_mappings": [{"external_ip": "192.0.2.1", "external_port": 8080, "local_ips": [TCP], **more}]}


# Values that together have every field that makes a difference; each stands beside what it refers to.
EXAMPLES: t.List[t.Tuple[t.Tuple[str, t.Dict[str, t.Any]], t.Sequence[t.Tuple[str, t.Dict[str, t.Any]]]]] = [
    (link("DUMMY", host_if_name="eth9", enabled=True, ip_addresses=["10.0.0.1/24"], phys_address=MAC, mtu=1400, vrf_master_interface="vrf8"), []),
    (link("VETH", veth={"peer_if_name": "y"}), [(LINUX, {"name": "y", "type": "VETH", "veth": {"peer_if_name": "x"}})]),
    (link("VRF_DEVICE", vrf_dev={"routing_table": 9}), []),
    (link("SOFTWARE_LOOPBACK", enabled=True, ip_addresses=["10.0.0.1/24"], phys_address=MAC, mtu=1400, vrf=8), []),
    (link("SOFTWARE_LOOPBACK", unnumbered={"interface_with_ip": "y"}), [(VPP, {"name": "y", "type": "SOFTWARE_LOOPBACK", "ip_addresses": ["10.0.0.1/24"]})]),
    (link("SUB_INTERFACE", sub={"parent_name": "eth9", "sub_id": 5}), []),
    (link("TAP", tap={"host_if_name": "eth9", "enable_tunnel": True}), []),
    (link("VXLAN_TUNNEL", vxlan={"src_address": "10.0.0.1", "dst_address": "239.0.0.1", "vni": 5, "multicast": "eth9"}), []),
    (link("BOND_INTERFACE", bond={"mode": "LACP", "lb": "L34", "bonded_interfaces": [{"name": "eth9", "is_long_timeout": True}]}), []),
    (link("GRE_TUNNEL", gre={"tunnel_type": "ERSPAN", "session_id": 5, **TUNNEL}), []),
    (link("IPIP_TUNNEL", ipip={"tunnel_mode": "POINT_TO_MULTIPOINT", **TUNNEL}), []),
    (link("WIREGUARD_TUNNEL", wireguard={"private_key": "A" * 42 + "A=", "port": 5, "src_addr": "10.0.0.1"}), []),
    (("vpp/route", {"dst_network": "fd00::/64", "next_hop_addr": "fe80::1", "outgoing_interface": "eth9", "vrf_id": 8, "preference": 5}), []),
    (("linux.l3/route", {"dst_network": "fd00::/64", "gw_addr": "fe80::1", "outgoing_interface": "eth9", "metric": 5}), []),
    (("vpp/arp", {"interface": "eth9", "ip_address": "10.0.0.9", "phys_address": MAC, "static": True}), []),
    (("linux.l3/arp", {"interface": "eth9", "ip_address": "10.0.0.9", "hw_address": MAC}), []),
    (("vpp/vrf-table", {"id": 9, "label": "red"}), []),
    (("vpp/proxyarp-global", {"interfaces": [{"name": "eth9"}], "ranges": [{"first_ip_addr": "10.0.0.1", "last_ip_addr": "10.0.0.2"}]}), []),
    (("vpp.nat/nat44-global", {"forwarding": True}), NAT),
    (("vpp.nat/nat44-global", {"nat_interfaces": [{"name": "more", "is_inside": True}], "address_pool": [{"address": "192.0.2.2", "twice_nat": True}]}), NAT),
    (("vpp.nat/nat44-global", {"nat_interfaces": [{"name": "more", "output_feature": True}]}), NAT),
    (("vpp.nat/nat44-interface", {"name": "more", "nat_inside": True, "nat_outside": True}), NAT),
    (("vpp.nat/nat44-interface", {"name": "more", "output_feature": True}), NAT),
    (("vpp.nat/nat44-pool", {"first_ip": "192.0.2.3", "last_ip": "192.0.2.4", "twice_nat": True}), NAT),
    (mapping(), NAT),
    ((DNAT, {"label": "x", "st_mappings": [{"external_interface": "eth9", "external_port": 8080, "local_ips": [TCP]}]}), NAT),
    (mapping(local_ips=[{**TCP, "probability": 3}, {"local_ip": "10.0.0.8", "local_port": 80, "probability": 1}], session_affinity=60), NAT),
    (mapping(twice_nat="ENABLED", twice_nat_pool_ip="192.0.2.8", protocol="UDP"), NAT),
    ((DNAT, {"label": "x", "id_mappings": [{"ip_address": "192.0.2.1", "port": 80, "protocol": "UDP"}]}), NAT),
    ((DNAT, {"label": "x", "id_mappings": [{"interface": "eth9"}]}), NAT),
    (("pantheon.nat/nat44-timeouts", {"udp": 5, "tcp_established": 5, "tcp_transitory": 5, "icmp": 5}), NAT),
    (acl("ingress", "egress", ip_rule={"ip": {"source_network": "10.0.0.0/24", "destination_network": "10.1.0.0/24", "protocol": 89}}), []),
    (acl("ingress", ip_rule={"tcp": {**PORTS, "tcp_flags_mask": 3, "tcp_flags_value": 2}}), []),
    (acl("ingress", ip_rule={"udp": PORTS}), []),
    (acl("ingress", ip_rule={"icmp": {"icmpv6": True, "icmp_code_range": {"first": 1, "last": 2}, "icmp_type_range": {"first": 3, "last": 4}}}), []),
    (
        acl(
            "ingress",
            macip_rule={
                "source_address": "10.0.0.1",
                "source_address_prefix": 24,
                "source_mac_address": MAC,
                "source_mac_address_mask": "ff:ff:ff:ff:ff:ff",
            },
        ),
        [],
    ),
    (
        (
            "vpp.l2/bridge-domain",
            {
                **dict.fromkeys(("flood", "unknown_unicast_flood", "forward", "learn"), True),
                "name": "x",
                "mac_age": 5,
                "interfaces": [{"name": "eth9", "split_horizon_group": 1}, {"name": "loop", "bridged_virtual_interface": True}],
            },
        ),
        [],
    ),
    (("vpp.l2/fib", {"phys_address": MAC, "bridge_domain": "x", "outgoing_interface": "eth9", "static_config": True}), []),
    (("vpp.l2/fib", {"phys_address": MAC, "bridge_domain": "x", "action": "DROP"}), []),
    (("vpp.l2/xconnect", {"receive_interface": "eth9", "transmit_interface": "eth8"}), []),
]

# Where nothing is done with a field by itself, the support table says so, or it shows only where devices are.
NO_DIFFERENCE = {VPP: ("afpacket.host_if_name", "wireguard.src_addr", "ipip.dst_addr")}


def paths(data: t.Any, base: str = "") -> t.Iterator[str]:
    """Dotted paths of all that is no message in data."""
    for name, value in data.items():
        inside = value if isinstance(value, list) else [value]
        if all(isinstance(each, dict) for each in inside):
            for each in inside:
                yield from paths(each, f"{base}{name}.")
        else:
            yield base + name


def without(data: t.Any, path: str) -> t.Any:
    """A copy without what stands at a path, in each element of lists on the way."""
    if isinstance(data, list):
        return [without(each, path) for each in data]
    name, _dot, rest = path.partition(".")
    return {key: without(value, rest) if key == name else value for key, value in data.items() if key != name or rest}


def lowered(values: t.Sequence[t.Tuple[str, t.Dict[str, t.Any]]]) -> t.Any:
    """What comes out, without what is kept only to be remembered."""
    family = next(family for family in common.LINUX.families() if values[0][0] in family.kinds)
    made = family("cnf") if inspect.signature(family).parameters else family()
    view = View(THERE, "cnf", memif_substitute=True, offline=True)
    found = []
    for one in made.lower([KINDS[kind].value(data) for kind, data in values], view):
        attributes = {name: value for name, value in one.attributes.items() if not name.startswith("value ")}
        found.append((one.key, attributes, one.requires, one.claims))
    return sorted(found, key=repr)


CASES = [(kind, data, beside, path) for (kind, data), beside in EXAMPLES for path in dict.fromkeys(paths(data)) if path not in KINDS[kind].identity_fields]


@pytest.mark.parametrize(("kind", "data", "beside", "path"), CASES, ids=lambda each: each if isinstance(each, str) else "")
def test_without_the_field_something_else_comes_out(kind, data, beside, path):
    assert KINDS[kind].problems(data) == []
    whole = lowered([(kind, data), *beside])
    try:
        part = lowered([(kind, without(data, path)), *beside])
    except (CnfError, KeyError):
        return  # the field cannot be missing
    assert (whole == part) == (path in NO_DIFFERENCE.get(kind, ()))


def test_every_field_that_is_said_yes_to_is_in_an_example():
    shown = {(kind, path) for kind, _data, _beside, path in CASES}
    shown |= {(kind, path) for kind, several in NO_DIFFERENCE.items() for path in several}
    shown |= {(kind, path) for kind in SUPPORT for path in KINDS[kind].identity_fields}
    every = {(kind, path) for kind in SUPPORT for path in docs.paths(KINDS[kind].fields)}
    messages = {(kind, path.rpartition(".")[0]) for kind, path in every}
    assert sorted(each for each in every - shown - messages if common.said(SUPPORT[each[0]], each[1]) == "yes") == []
