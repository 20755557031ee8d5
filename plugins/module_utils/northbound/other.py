# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The models that neither dataplane realises: declared, so that items are parsed and keyed as strictly as all others.

Not shipped to targets. C(govppmux/stats) alone is known without its fields: it is a report, never configured.
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import CRYPTO, INTEGRITY
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import (
    Data,
    Field,
    Get,
    Kind,
    Problem,
    boolean,
    enum,
    message,
    number,
    port,
    string,
    vrf,
)

L3_PROTOCOL = enum("l3_protocol", "UNDEFINED_L3 IPV4=4 IPV6=6 ALL=10", required=True)
ACTION = enum("action", "BYPASS DISCARD RESOLVE PROTECT")


def _interface(name: str = "interface", **more: t.Any) -> Field:
    return string(name, ref="interface", **more)


def _address(name: str, check: str = "address", **more: t.Any) -> Field:
    return string(name, check=check, **more)


def _family(text: str) -> str:
    raw = address.packed(text)
    return "<invalid>" if raw is None else "IPv4" if ":" not in address.shown(raw) else "IPv6"


def _protection_name(get: Get) -> str:
    return get("interface") + (f"/nh/{get('next_hop_addr')}" if get("next_hop_addr") else "")


def _policy_name(get: Get) -> str:
    return (
        f"spd/{get('spd_index')}/sa/{get('sa_index')}/{'outbound' if get('is_outbound') else 'inbound'}"
        f"/local-addresses/{get('local_addr_start')}-{get('local_addr_stop')}"
        f"/remote-addresses/{get('remote_addr_start')}-{get('remote_addr_stop')}"
    )


def _steering_problems(data: Data) -> t.Iterator[Problem]:
    if data["policy_bsid"] is None and data["policy_index"] is None:
        yield Problem("policy_bsid", "is required, or policy_index")
    if data["l2_traffic"] is None and data["l3_traffic"] is None:
        yield Problem("l3_traffic", "is required, or l2_traffic")


POLICY = (
    Field("priority", "int32", low=-(2**31), high=2**31 - 1),
    boolean("is_outbound"),
    *(_address(f"{side}_addr_{end}") for side in ("remote", "local") for end in ("start", "stop")),
    number("protocol", 255),
    *(port(f"{side}_port_{end}") for side in ("remote", "local") for end in ("start", "stop")),
    ACTION,
)

KINDS = (
    Kind(
        "vpp",
        "span",
        _interface("interface_from", required=True),
        _interface("interface_to", required=True),
        enum("direction", "UNKNOWN RX TX BOTH", required=True),
        boolean("is_l2"),
        name="{interface_from}/to/{interface_to}",
    ),
    Kind(
        "vpp",
        "ipscanneigh-global",
        enum("mode", "DISABLED IPV4 IPV6 BOTH"),
        *(number(name) for name in ("scan_interval", "max_proc_time", "max_update", "scan_int_delay", "stale_threshold")),
    ),
    Kind(
        "vpp",
        "dhcp-proxy",
        _address("source_ip_address", required=True),
        vrf("rx_vrf_id"),
        message("servers", vrf("vrf_id"), _address("ip_address", required=True), many=True, compare="set"),
        name=lambda get: f"{_family(get('source_ip_address'))}/rx-vrf/{get('rx_vrf_id')}",
        identity=("source_ip_address", "rx_vrf_id"),
    ),
    Kind(
        "vpp",
        "l3xconnect",
        _interface(required=True),
        enum("protocol", "IPV4 IPV6"),
        message(
            "paths",
            _interface("outgoing_interface"),
            _address("next_hop_addr"),
            number("weight", 255),
            number("preference", 255),
            many=True,
            compare="set",
            required=True,
        ),
        name="{interface}/protocol/{protocol}",
    ),
    Kind(
        "vpp",
        "teib",
        _interface(required=True),
        _address("peer_addr", required=True),
        _address("next_hop_addr", required=True),
        vrf("vrf_id"),
        name="{interface}/peer/{peer_addr}",
    ),
    Kind(
        "vpp",
        "vrrp",
        _interface(required=True),
        number("vr_id", 255, required=True, low=1),
        number("priority", 255, required=True, low=1),
        number("interval", 65535, required=True, low=10),
        *(boolean(name) for name in ("preempt", "accept", "unicast")),
        _address("ip_addresses", required=True, many=True, compare="set"),
        boolean("enabled"),
        name="{interface}/vrid/{vr_id}",
    ),
    Kind(
        "vpp",
        "ipredirect",
        L3_PROTOCOL,
        _interface("rx_interface"),
        _interface("tx_interface", required=True),
        _address("next_hop", required=True),
        name="l3/{l3_protocol}/tx/{tx_interface}",
    ),
    Kind(
        "vpp",
        "tohost",
        L3_PROTOCOL,
        enum("l4_protocol", "UNDEFINED_L4 TCP=6 UDP=17", required=True),
        port("port"),
        string("socket_path"),
        name="l3/{l3_protocol}/l4/{l4_protocol}/port/{port}",
    ),
    Kind("vpp", "exception", string("reason", required=True), string("socket_path"), name="reason/{reason}"),
    Kind(
        "vpp.abfs",
        "abf",
        number("index"),
        string("acl_name", required=True, ref="acl"),
        message("attached_interfaces", _interface("input_interface", required=True), number("priority"), boolean("is_ipv6"), many=True, compare="set"),
        message(
            "forwarding_paths",
            _address("next_hop_ip"),
            _interface("interface_name"),
            number("weight", 255),
            number("preference", 255),
            boolean("dvr"),
            many=True,
            compare="set",
        ),
        name="{index}",
    ),
    Kind(
        "vpp.ipsec",
        "spd",
        number("index"),
        message("interfaces", _interface("name", required=True), many=True, compare="set"),
        message("policy_entries", number("sa_index"), *POLICY, many=True, compare="set"),
        name="{index}",
    ),
    Kind(
        "vpp.ipsec",
        "sp",
        number("spd_index"),
        number("sa_index"),
        *POLICY,
        name=_policy_name,
        identity=("spd_index", "sa_index", "is_outbound", "local_addr_start", "local_addr_stop", "remote_addr_start", "remote_addr_stop"),
    ),
    Kind(
        "vpp.ipsec",
        "sa",
        number("index"),
        number("spi"),
        enum("protocol", "AH ESP"),
        enum("crypto_alg", CRYPTO),
        string("crypto_key", secret=True),
        number("crypto_salt"),
        enum("integ_alg", INTEGRITY),
        string("integ_key", secret=True),
        boolean("use_esn"),
        boolean("use_anti_replay"),
        _address("tunnel_src_addr"),
        _address("tunnel_dst_addr"),
        boolean("enable_udp_encap"),
        port("tunnel_src_port"),
        port("tunnel_dst_port"),
        name="{index}",
    ),
    Kind(
        "vpp.ipsec",
        "tun-protect",
        _interface(required=True),
        number("sa_out", many=True),
        number("sa_in", many=True),
        _address("next_hop_addr"),
        name=_protection_name,
        identity=("interface", "next_hop_addr"),
    ),
    Kind(
        "vpp.ipfix",
        "ipfix",
        message("collector", _address("address", required=True), port("port")),
        _address("source_address", required=True),
        vrf("vrf_id"),
        number("path_mtu", 1450, low=68),
        number("template_interval"),
    ),
    Kind("vpp.ipfix", "flowprobe-feature", _interface(required=True), *(boolean(name) for name in ("l2", "ip4", "ip6")), name="{interface}"),
    Kind(
        "vpp.ipfix",
        "flowprobe-params",
        number("active_timer"),
        number("passive_timer"),
        *(boolean(name) for name in ("record_l2", "record_l3", "record_l4")),
    ),
    Kind(
        "vpp.srv6",
        "localsid",
        _address("sid", "ipv6", required=True),
        vrf("installation_vrf_id"),
        *(
            message(name, *fields, oneof="end_function")
            for name, fields in (
                ("base_end_function", (boolean("psp"),)),
                ("end_function_x", (boolean("psp"), _interface("outgoing_interface"), _address("next_hop", "ipv6"))),
                ("end_function_t", (boolean("psp"), vrf("vrf_id"))),
                ("end_function_dx2", (number("vlan_tag", 4095), _interface("outgoing_interface"))),
                ("end_function_dx4", (_interface("outgoing_interface"), _address("next_hop", "ipv4"))),
                ("end_function_dx6", (_interface("outgoing_interface"), _address("next_hop", "ipv6"))),
                ("end_function_dt4", (vrf("vrf_id"),)),
                ("end_function_dt6", (vrf("vrf_id"),)),
                ("end_function_ad", (_interface("outgoing_interface"), _interface("incoming_interface"), _address("l3_service_address"))),
            )
        ),
        name="{sid}",
    ),
    Kind(
        "vpp.srv6",
        "policy",
        _address("bsid", "ipv6", required=True),
        vrf("installation_vrf_id"),
        boolean("srh_encapsulation"),
        boolean("spray_behaviour"),
        message("segment_lists", number("weight"), _address("segments", "ipv6", required=True, many=True), many=True, compare="set"),
        name="{bsid}",
    ),
    Kind(
        "vpp.srv6",
        "steering",
        string("name", required=True),
        _address("policy_bsid", "ipv6", oneof="policy_ref"),
        number("policy_index", oneof="policy_ref"),
        message("l2_traffic", _interface("interface_name", required=True), oneof="traffic"),
        message("l3_traffic", vrf("installation_vrf_id"), _address("prefix_address", "cidr", required=True), oneof="traffic"),
        name="{name}",
        more=_steering_problems,
    ),
    Kind("vpp.srv6", "srv6-global", _address("encap_source_address", "ipv6")),
    Kind("vpp.stn", "rule", _address("ip_address", required=True), _interface(required=True), name="{interface}/ip/{ip_address}"),
    Kind(
        "vpp.wg",
        "peer",
        string("public_key", required=True, check="wireguard key"),
        port("port"),
        number("persistent_keepalive"),
        _address("endpoint", required=True),
        _interface("wg_if_name", required=True),
        number("flags"),
        _address("allowed_ips", "address or cidr", many=True, compare="set"),
        name="{wg_if_name}/endpoint/{endpoint}/{port}",
        version="v1",
    ),
    Kind("vpp.dns", "dnscache", _address("upstream_dns_servers", many=True, required=True), version="v1"),
)

STATISTICS = Kind("govppmux", "stats", version="v0", group="metrics")
