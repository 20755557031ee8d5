# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two NAT44 plugins of VPP, endpoint-dependent (ED) and endpoint-independent (EI): the same things by other names and numbers."""

from __future__ import annotations

import typing as t

ANY_VRF = 2**32 - 1
NO_INTERFACE = 2**32 - 1

TWICE, SELF_TWICE, OUT2IN_ONLY, ADDRESS_ONLY = 1, 2, 4, 8
"""Flags of mappings. EI has only the last."""

NUMBERS = {"TCP": 6, "UDP": 17, "ICMP": 1}
PROTOCOLS = {number: name for name, number in NUMBERS.items()}
TIMEOUTS = {"udp": 300, "tcp_established": 7440, "tcp_transitory": 240, "icmp": 60}
"""What both plugins have after they are enabled."""

SIZES = ("mode", "sessions", "inside_vrf", "outside_vrf")
SETTINGS: t.Mapping[str, t.Any] = {"forwarding": False, "timeouts": TIMEOUTS, "mss": 0, "limits": {}}
"""What a plugin is enabled with, for as long as it is; and what can be set while it is, with what it then has by itself.

C(limits): of sessions, by VRF; without those VRFs that may have as many as there are.
"""

IGNORED = frozenset({"rebuild"})
"""Attributes that say how something is done, not what it is."""


class Dialect(t.NamedTuple):
    """Messages and numbers of one plugin. C(sessions): what 0 means when it is enabled."""

    mode: str
    title: str
    enable: str
    config: str
    forwarding: str
    timeouts: str
    mss: str
    mss_get: str
    address: str
    addresses: str
    interface_pool: str
    interface_pools: str
    role: str
    roles: str
    output: str
    outputs: str
    static: str
    statics: str
    identity: str
    identities: str
    inside: int
    outside: int
    sessions: int


ED = Dialect(
    mode="ed",
    title="NAT44-ED",
    enable="nat44_ed_plugin_enable_disable",
    config="nat44_show_running_config",
    forwarding="nat44_forwarding_enable_disable",
    timeouts="nat_set_timeouts",
    mss="nat_set_mss_clamping",
    mss_get="nat_get_mss_clamping",
    address="nat44_add_del_address_range",
    addresses="nat44_address_dump",
    interface_pool="nat44_add_del_interface_addr",
    interface_pools="nat44_interface_addr_dump",
    role="nat44_interface_add_del_feature",
    roles="nat44_interface_dump",
    output="nat44_ed_add_del_output_interface",
    outputs="nat44_ed_output_interface_get",
    static="nat44_add_del_static_mapping_v2",
    statics="nat44_static_mapping_dump",
    identity="nat44_add_del_identity_mapping",
    identities="nat44_identity_mapping_dump",
    inside=0x20,
    outside=0x10,
    sessions=63 * 1024,
)

EI = Dialect(
    mode="ei",
    title="NAT44-EI",
    enable="nat44_ei_plugin_enable_disable",
    config="nat44_ei_show_running_config",
    forwarding="nat44_ei_forwarding_enable_disable",
    timeouts="nat44_ei_set_timeouts",
    mss="nat44_ei_set_mss_clamping",
    mss_get="nat44_ei_get_mss_clamping",
    address="nat44_ei_add_del_address_range",
    addresses="nat44_ei_address_dump",
    interface_pool="nat44_ei_add_del_interface_addr",
    interface_pools="nat44_ei_interface_addr_dump",
    role="nat44_ei_interface_add_del_feature",
    roles="nat44_ei_interface_dump",
    output="nat44_ei_add_del_output_interface",
    outputs="nat44_ei_output_interface_get",
    static="nat44_ei_add_del_static_mapping",
    statics="nat44_ei_static_mapping_dump",
    identity="nat44_ei_add_del_identity_mapping",
    identities="nat44_ei_identity_mapping_dump",
    inside=0x10,
    outside=0x20,
    sessions=10 * 1024,
)

DIALECTS = {each.mode: each for each in (ED, EI)}


def leads_out(roles: t.Collection[str]) -> bool:
    """Whether packets are translated where they leave by an interface with these roles."""
    return not {"outside", "output"}.isdisjoint(roles)
