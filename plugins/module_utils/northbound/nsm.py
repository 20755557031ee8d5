# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of Network Service Mesh: who joins a network service, and who offers it."""

from __future__ import annotations

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Field, Kind, boolean, enum, message, string

TYPE = enum("interface_type", "DEFAULT_INTERFACE KERNEL_INTERFACE MEM_INTERFACE=3")
ADDRESSES = (string("ip_addresses", many=True, check="cidr", compare="set"), string("phys_address", check="station"))


def _labels(name: str) -> Field:
    return message(name, string("key", required=True), string("value"), many=True, compare="set")


CLIENT = Kind(
    "cnf.nsm",
    "client",
    string("name", required=True),
    string("network_service", required=True),
    _labels("outgoing_labels"),
    string("interface_name", required=True),
    TYPE,
    *ADDRESSES,
    name="{name}",
    version="v1",
)

ENDPOINT = Kind(
    "cnf.nsm",
    "endpoint",
    string("network_service", required=True),
    _labels("advertised_labels"),
    boolean("single_client"),
    string("interface_name_prefix", required=True),
    string("interface_name_suffix_from_label"),
    TYPE,
    *ADDRESSES,
    name="{network_service}",
    version="v1",
)

KINDS = (CLIENT, ENDPOINT)
