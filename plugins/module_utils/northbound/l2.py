# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of layer 2: bridge domains, forwarding entries, cross connects."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Data, Kind, Problem, boolean, enum, message, number, string
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.rules import RULES, Problems, Values, once


def _bridge_problems(data: Data) -> t.Iterator[Problem]:
    names = [each["name"] for each in data["interfaces"]]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Problem("interfaces", f"{name} is there twice")
    bvi = [each["name"] for each in data["interfaces"] if each["bridged_virtual_interface"]]
    if len(bvi) > 1:
        yield Problem("interfaces", f"{' and '.join(bvi)} are all bridged_virtual_interface: a bridge domain has one")


def _fib_problems(data: Data) -> t.Iterator[Problem]:
    if data["action"] == "FORWARD" and not data["outgoing_interface"]:
        yield Problem("outgoing_interface", "is required for action FORWARD")


def _xconnect_problems(data: Data) -> t.Iterator[Problem]:
    if data["receive_interface"] == data["transmit_interface"]:
        yield Problem("transmit_interface", "is the same as receive_interface")


BRIDGE_DOMAIN = Kind(
    "vpp.l2",
    "bridge-domain",
    string("name", required=True, check="tag"),
    *(boolean(name) for name in ("flood", "unknown_unicast_flood", "forward", "learn", "arp_termination")),
    number("mac_age", 255),
    message(
        "interfaces",
        string("name", required=True, ref="interface"),
        boolean("bridged_virtual_interface"),
        number("split_horizon_group", 255),
        many=True,
        compare="set",
    ),
    message(
        "arp_termination_table",
        string("ip_address", required=True, check="address"),
        string("phys_address", required=True, check="mac"),
        many=True,
        compare="set",
    ),
    name="{name}",
    more=_bridge_problems,
)

FIB = Kind(
    "vpp.l2",
    "fib",
    string("phys_address", required=True, check="mac"),
    string("bridge_domain", required=True, ref="bridge-domain"),
    enum("action", "FORWARD DROP"),
    string("outgoing_interface", ref="interface"),
    boolean("static_config"),
    boolean("bridged_virtual_interface"),
    name="{bridge_domain}/mac/{phys_address}",
    more=_fib_problems,
)

XCONNECT = Kind(
    "vpp.l2",
    "xconnect",
    string("receive_interface", required=True, ref="interface"),
    string("transmit_interface", required=True, ref="interface"),
    name="{receive_interface}",
    more=_xconnect_problems,
)

KINDS = (BRIDGE_DOMAIN, FIB, XCONNECT)


def bridged_once(values: Values) -> Problems:
    """An interface is in one bridge domain, or cross connected, but not both."""
    bridged = [
        (each.get("name"), value, f"interfaces[{at}].name", f"has {each.get('name')}")
        for value in values.get("vpp.l2/bridge-domain", ())
        for at, each in enumerate(value.data.get("interfaces", ()))
    ]
    connected = [
        (value.data.get("receive_interface"), value, "receive_interface", f"has {value.data.get('receive_interface')}")
        for value in values.get("vpp.l2/xconnect", ())
    ]
    return once([*bridged, *connected])


RULES.append(bridged_once)
