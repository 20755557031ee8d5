# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of which there is one to an area: iptables chains, allocated addresses."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import NAMESPACE
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Data, Kind, Problem, enum, string

NO_SUCH_CHAIN = {"FILTER": ("PREROUTING", "POSTROUTING"), "NAT": ("INPUT", "FORWARD"), "RAW": ("INPUT", "FORWARD", "POSTROUTING")}


def _chain_problems(data: Data) -> t.Iterator[Problem]:
    table, chain = data["table"], data["chain_type"]
    if chain == "CUSTOM" and not data["chain_name"]:
        yield Problem("chain_name", "is required for chain_type CUSTOM")
    if chain in NO_SUCH_CHAIN.get(table, ()):
        yield Problem("chain_type", f"table {table} has no chain {chain}")
    if data["default_policy"] != "NONE" and (table != "FILTER" or chain == "CUSTOM"):
        yield Problem("default_policy", "only the built-in chains of table FILTER have one")


def _allocation_problems(data: Data) -> t.Iterator[Problem]:
    if "/" in data["network_name"]:
        yield Problem("network_name", "cannot contain /")


RULE_CHAIN = Kind(
    "linux.iptables",
    "rulechain",
    string("name", required=True),
    NAMESPACE,
    string("interfaces", many=True, compare="set", ref="interface"),
    enum("protocol", "IPV4 IPV6"),
    enum("table", "FILTER NAT MANGLE RAW SECURITY"),
    enum("chain_type", "CUSTOM INPUT OUTPUT FORWARD PREROUTING POSTROUTING"),
    string("chain_name"),
    enum("default_policy", "NONE ACCEPT DROP QUEUE RETURN"),
    string("rules", many=True),
    name="{name}",
    more=_chain_problems,
)

IP_ALLOCATION = Kind(
    "netalloc",
    "ip",
    string("network_name", required=True),
    string("interface_name"),
    string("address", required=True, check="address or cidr"),
    string("gw", check="address or cidr"),
    name="network/{network_name}/interface/{interface_name}",
    version="v1",
    more=_allocation_problems,
)

KINDS = (RULE_CHAIN, IP_ALLOCATION)
