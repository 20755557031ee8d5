# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sysctls of a network namespace that NAT44 needs: forwarding, and the flow table's accounting and timeouts."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Operation, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Family

FLOWS = "net.netfilter.nf_conntrack_"
DEFAULTS = {
    "net.ipv4.ip_forward": "0",
    f"{FLOWS}acct": "0",
    f"{FLOWS}timestamp": "0",
    f"{FLOWS}udp_timeout": "30",
    f"{FLOWS}udp_timeout_stream": "120",
    f"{FLOWS}icmp_timeout": "30",
    f"{FLOWS}tcp_timeout_established": "432000",
    f"{FLOWS}tcp_timeout_syn_sent": "120",
    f"{FLOWS}tcp_timeout_syn_recv": "60",
    f"{FLOWS}tcp_timeout_fin_wait": "120",
    f"{FLOWS}tcp_timeout_close_wait": "60",
    f"{FLOWS}tcp_timeout_last_ack": "30",
    f"{FLOWS}tcp_timeout_time_wait": "120",
    f"{FLOWS}tcp_timeout_close": "10",
}
"""Those that we may set, with the kernel's default, which is what they go back to."""


class Sysctls(Family):
    """A sysctl counts as there when it is not the default."""

    classes = frozenset({"sysctl"})

    def observe(self, place: t.Any) -> t.Iterator[Resource]:
        """All of L(DEFAULTS) that differ from their default."""
        for name, value in place.sysctls(DEFAULTS).items():
            if value != DEFAULTS[name]:
                # Not while the rules of NAT44 go: forwarding has to be off before they do.
                yield Resource(("sysctl", name), {"value": value}, frozenset({("nft", "nat")}))

    def commands(self, operation: Operation) -> t.List[str]:
        """As C(sysctl -w) would be told."""
        name = operation.key[1]
        return [f"sysctl -w {name}={operation.after.attributes['value'] if operation.after else DEFAULTS[name]}"]

    def perform(self, place: t.Any, operations: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """Write them."""
        return [
            place.sysctl_write(operation.key[1], operation.after.attributes["value"] if operation.after else DEFAULTS[operation.key[1]])
            for operation in operations
        ]
