# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of layer 3: routes, neighbours, VRF tables, proxy ARP; VPP's models and Linux's."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Data, Get, Kind, Problem, boolean, enum, message, number, string, vrf


def _destination(network: str) -> str:
    """A destination in a key: a network with its host bits zeroed; a reference to netalloc stays as it is."""
    if network.startswith(address.ALLOC):
        return network
    base, length = address.network(network) or ("<invalid>", 0)
    return f"{base}/{length}"


def _route_name(get: Get) -> str:
    interface, gateway = get("outgoing_interface"), get("next_hop_addr")
    begin, end = f"if/{interface}/" if interface else "", f"/gw/{gateway}" if gateway else ""
    return f"{begin}vrf/{get('vrf_id')}/dst/{_destination(get('dst_network'))}{end}"


def _linux_route_name(get: Get) -> str:
    return f"{_destination(get('dst_network'))}/{get('outgoing_interface')}"


def _same_family(first: str, second: str) -> bool:
    """False when the two are addresses of different families; references and nothing go with both."""
    known = [":" in text for text in (first, second) if text and not text.startswith(address.ALLOC)]
    return len(set(known)) < 2


def _route_problems(data: Data) -> t.Iterator[Problem]:
    if not _same_family(data["dst_network"], data["next_hop_addr"]):
        yield Problem("next_hop_addr", f"{data['next_hop_addr']} is not of the family of dst_network {data['dst_network']}")
    if data["via_vrf_id"] and data["type"] != "INTER_VRF":
        yield Problem("via_vrf_id", "only a route of type INTER_VRF has one")


def _linux_route_problems(data: Data) -> t.Iterator[Problem]:
    if data["scope"] == "LINK" and data["gw_addr"]:
        yield Problem("gw_addr", "a route of scope LINK has no gateway")
    if not _same_family(data["dst_network"], data["gw_addr"]):
        yield Problem("gw_addr", f"{data['gw_addr']} is not of the family of dst_network {data['dst_network']}")


def _proxy_problems(data: Data) -> t.Iterator[Problem]:
    for at, each in enumerate(data["ranges"]):
        first, last = (address.packed(each[name]) or b"" for name in ("first_ip_addr", "last_ip_addr"))
        if last < first:
            yield Problem(f"ranges[{at}].last_ip_addr", f"{each['last_ip_addr']} is before {each['first_ip_addr']}")


ROUTE = Kind(
    "vpp",
    "route",
    enum("type", "INTRA_VRF INTER_VRF DROP"),
    vrf("vrf_id"),
    string("dst_network", required=True, check="network"),
    string("next_hop_addr", check="address"),
    string("outgoing_interface", ref="interface"),
    number("weight", 255),
    number("preference", 255),
    vrf("via_vrf_id"),
    name=_route_name,
    identity=("vrf_id", "dst_network", "next_hop_addr", "outgoing_interface"),
    more=_route_problems,
)

ARP = Kind(
    "vpp",
    "arp",
    string("interface", required=True, ref="interface"),
    string("ip_address", required=True, check="address"),
    string("phys_address", required=True, check="mac"),
    boolean("static"),
    name="{interface}/{ip_address}",
)

VRF_TABLE = Kind(
    "vpp",
    "vrf-table",
    number("id"),
    enum("protocol", "IPV4 IPV6"),
    string("label", check="tag"),
    message(
        "flow_hash_settings",
        *(boolean(name) for name in ("use_src_ip", "use_dst_ip", "use_src_port", "use_dst_port", "use_protocol", "reverse", "symmetric")),
    ),
    name="id/{id}/protocol/{protocol}",
)

PROXY_ARP = Kind(
    "vpp",
    "proxyarp-global",
    message("interfaces", string("name", required=True, ref="interface"), many=True, compare="set"),
    message(
        "ranges",
        string("first_ip_addr", required=True, check="ipv4"),
        string("last_ip_addr", required=True, check="ipv4"),
        vrf("vrf_id"),
        many=True,
        compare="set",
    ),
    more=_proxy_problems,
)

LINUX_ROUTE = Kind(
    "linux.l3",
    "route",
    string("outgoing_interface", required=True, ref="interface"),
    enum("scope", "UNDEFINED GLOBAL SITE LINK HOST"),
    string("dst_network", required=True, check="cidr"),
    string("gw_addr", check="address"),
    number("metric"),
    name=_linux_route_name,
    identity=("outgoing_interface", "dst_network"),
    more=_linux_route_problems,
)

LINUX_ARP = Kind(
    "linux.l3",
    "arp",
    string("interface", required=True, ref="interface"),
    string("ip_address", required=True, check="address"),
    string("hw_address", required=True, check="mac"),
    name="{interface}/{ip_address}",
)

KINDS = (ROUTE, ARP, VRF_TABLE, PROXY_ARP, LINUX_ROUTE, LINUX_ARP)
