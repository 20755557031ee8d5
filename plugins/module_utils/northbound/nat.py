# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of NAT44, and our own for what Ligato's models lack: timeouts, sizes, limits, pools that follow an interface."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address, nat_rules
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Data, Get, Kind, Problem, boolean, enum, message, number, port, string, vrf
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.rules import RULES

PROTOCOLS = "TCP UDP ICMP"


def _pool_name(get: Get) -> str:
    first, last = get("first_ip"), get("last_ip")
    return get("name") or f"vrf/{get('vrf_id')}/address/{first}" + (f"-{last}" if last and last != first else "")


def _pool_problems(data: Data) -> t.Iterator[Problem]:
    for name in ("first_ip", "last_ip"):
        raw = address.packed(data[name]) or b"\1"
        if not 0 < raw[0] < 224:
            yield Problem(name, f"{data[name]} is no address of one host")
    if data["last_ip"] and (address.packed(data["last_ip"]) or b"") < (address.packed(data["first_ip"]) or b""):
        yield Problem("last_ip", f"{data['last_ip']} is before first_ip {data['first_ip']}")


def _interface_problems(data: Data) -> t.Iterator[Problem]:
    if data["nat_inside"] and data["nat_outside"] and data["output_feature"]:
        yield Problem("output_feature", "cannot be on an interface that is both nat_inside and nat_outside")


def _global_problems(data: Data) -> t.Iterator[Problem]:
    roles: t.Dict[str, t.List[bool]] = {}
    output = {each["name"] for each in data["nat_interfaces"] if each["output_feature"]}
    for at, each in enumerate(data["nat_interfaces"]):
        have = roles.setdefault(each["name"], [])
        if each["is_inside"] in have or have and each["name"] in output:
            yield Problem(f"nat_interfaces[{at}]", f"{each['name']} is there twice in the same role, or has output_feature and both roles")
        have.append(each["is_inside"])


GLOBAL = Kind(
    "vpp.nat",
    "nat44-global",
    boolean("forwarding"),
    boolean("endpoint_independent"),
    message("nat_interfaces", string("name", required=True, ref="interface"), boolean("is_inside"), boolean("output_feature"), many=True, compare="set"),
    message("address_pool", string("address", required=True, check="ipv4"), vrf("vrf_id"), boolean("twice_nat"), many=True, compare="set"),
    message("virtual_reassembly", number("timeout"), number("max_reassemblies"), number("max_fragments"), boolean("drop_fragments")),
    more=_global_problems,
)

INTERFACE = Kind(
    "vpp.nat",
    "nat44-interface",
    string("name", required=True, ref="interface"),
    boolean("nat_inside"),
    boolean("nat_outside"),
    boolean("output_feature"),
    name="{name}",
    more=_interface_problems,
)

POOL = Kind(
    "vpp.nat",
    "nat44-pool",
    string("name"),
    vrf("vrf_id"),
    string("first_ip", required=True, check="ipv4"),
    string("last_ip", check="ipv4"),
    boolean("twice_nat"),
    name=_pool_name,
    identity=("name", "vrf_id", "first_ip", "last_ip"),
    more=_pool_problems,
)

DNAT = Kind(
    "vpp.nat",
    "dnat44",
    string("label", required=True, check="tag"),
    message(
        "st_mappings",
        string("external_interface", ref="interface"),
        string("external_ip", check="ipv4"),
        port("external_port"),
        message("local_ips", vrf("vrf_id"), string("local_ip", required=True, check="ipv4"), port("local_port"), number("probability", 255), many=True),
        enum("protocol", PROTOCOLS),
        enum("twice_nat", "DISABLED ENABLED SELF"),
        string("twice_nat_pool_ip", ref="nat-pool", check="ipv4", write_only="always"),
        number("session_affinity"),
        many=True,
        compare="set",
    ),
    message(
        "id_mappings",
        vrf("vrf_id"),
        string("interface", ref="interface"),
        string("ip_address", check="ipv4"),
        port("port"),
        enum("protocol", PROTOCOLS),
        many=True,
        compare="set",
    ),
    name="{label}",
)

VRF_TABLE = Kind("vpp.nat", "nat44-vrf", vrf("src_vrf_id"), vrf("dest_vrf_ids", many=True, compare="set"), name="vrfid/{src_vrf_id}")

VRF_ROUTE = Kind("vpp.nat", "nat44-vrf-route", vrf("src_vrf_id"), vrf("dest_vrf_id"), name="vrfid/{src_vrf_id}/destvrfid/{dest_vrf_id}")

TIMEOUTS = Kind(
    "pantheon.nat",
    "nat44-timeouts",
    *(number(name) for name in ("udp", "tcp_established", "tcp_transitory", "icmp")),
    version="v1",
)

PLUGIN = Kind("pantheon.nat", "nat44-plugin", number("sessions"), vrf("inside_vrf"), vrf("outside_vrf"), version="v1")

INTERFACE_POOL = Kind(
    "pantheon.nat",
    "nat44-interface-pool",
    string("name", required=True, ref="interface"),
    boolean("twice_nat"),
    name=lambda get: get("name") + ("/twice-nat" if get("twice_nat") else ""),
    identity=("name", "twice_nat"),
    version="v1",
)

SESSION_LIMIT = Kind(
    "pantheon.nat",
    "nat44-session-limit",
    vrf("vrf_id"),
    number("sessions", required=True),
    name="{vrf_id}",
    version="v1",
)

MSS_CLAMP = Kind("pantheon.nat", "nat44-mss-clamp", number("mss", 65535, required=True), version="v1")

KINDS = (GLOBAL, INTERFACE, POOL, DNAT, VRF_TABLE, VRF_ROUTE, TIMEOUTS, PLUGIN, INTERFACE_POOL, SESSION_LIMIT, MSS_CLAMP)
RULES += nat_rules.NAT
