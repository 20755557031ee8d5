# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind of access lists."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Data, Field, Kind, Problem, boolean, enum, message, number, port, string

PROTOCOLS = {"icmp": (1, 58), "tcp": (6,), "udp": (17,)}


def _ports(name: str) -> Field:
    return message(name, port("lower_port"), port("upper_port"))


def _codes(name: str) -> Field:
    return message(name, number("first", 255), number("last", 255))


def _ip_problems(rule: Data, path: str) -> t.Iterator[Problem]:
    layers = [name for name in PROTOCOLS if rule[name] is not None]
    if len(layers) > 1:
        yield Problem(path, f"has {' and '.join(layers)}: a packet is of one protocol")
        return
    ip = rule["ip"] or {"source_network": "", "destination_network": "", "protocol": 0}
    networks = [address.prefix(ip[name]) for name in ("source_network", "destination_network") if ip[name]]
    if len({len(each[0]) for each in networks if each}) > 1:
        yield Problem(f"{path}.ip", "source_network and destination_network are of different families")
    for layer in layers:
        if ip["protocol"] and ip["protocol"] not in PROTOCOLS[layer]:
            yield Problem(f"{path}.ip.protocol", f"{ip['protocol']} is not that of {layer}")
        for name, each in rule[layer].items():
            if name.endswith("port_range") and each and 0 < each["upper_port"] < each["lower_port"]:
                yield Problem(f"{path}.{layer}.{name}", f"upper_port {each['upper_port']} is below lower_port {each['lower_port']}")
            if name.endswith("_range") and each and "last" in each and each["last"] < each["first"]:
                yield Problem(f"{path}.{layer}.{name}", f"last {each['last']} is below first {each['first']}")
        if layer == "tcp" and rule["tcp"]["tcp_flags_value"] & ~rule["tcp"]["tcp_flags_mask"]:
            yield Problem(f"{path}.tcp.tcp_flags_value", "has flags that tcp_flags_mask leaves out: it never matches")


def _problems(data: Data) -> t.Iterator[Problem]:
    if not data["rules"]:
        yield Problem("rules", "is required: an access list without rules would drop everything")
    with_ip = any(rule["ip_rule"] is not None for rule in data["rules"])
    for at, rule in enumerate(data["rules"]):
        path = f"rules[{at}]"
        if (rule["ip_rule"] is None) == (rule["macip_rule"] is None):
            yield Problem(path, "needs either ip_rule or macip_rule")
        elif rule["ip_rule"] is not None:
            yield from _ip_problems(rule["ip_rule"], f"{path}.ip_rule")
        elif with_ip:
            yield Problem(f"{path}.macip_rule", "cannot stand beside ip_rule in one access list")
        elif rule["action"] == "REFLECT":
            yield Problem(f"{path}.action", "a macip_rule only permits or denies")
    if data["rules"] and not with_ip and (data["interfaces"] or {}).get("egress"):
        yield Problem("interfaces.egress", "macip_rule filters only what comes in: use ingress")


ACL = Kind(
    "vpp.acls",
    "acl",
    string("name", required=True, check="tag"),
    message(
        "rules",
        enum("action", "DENY PERMIT REFLECT"),
        message(
            "ip_rule",
            message("ip", string("destination_network", check="prefix"), string("source_network", check="prefix"), number("protocol", 255)),
            message("icmp", boolean("icmpv6"), _codes("icmp_code_range"), _codes("icmp_type_range")),
            message("tcp", _ports("destination_port_range"), _ports("source_port_range"), number("tcp_flags_mask", 255), number("tcp_flags_value", 255)),
            message("udp", _ports("destination_port_range"), _ports("source_port_range")),
        ),
        message(
            "macip_rule",
            string("source_address", required=True, check="address"),
            number("source_address_prefix", 128),
            string("source_mac_address", required=True, check="mac"),
            string("source_mac_address_mask", required=True, check="mac"),
        ),
        many=True,
    ),
    message(
        "interfaces",
        string("egress", many=True, compare="set", ref="interface"),
        string("ingress", many=True, compare="set", ref="interface"),
    ),
    name="{name}",
    more=_problems,
)

KINDS = (ACL,)
