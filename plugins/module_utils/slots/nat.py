# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT44 in C(config)."""

from __future__ import annotations

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.nat import (
    DNAT,
    GLOBAL,
    INTERFACE,
    INTERFACE_POOL,
    MSS_CLAMP,
    PLUGIN,
    POOL,
    SESSION_LIMIT,
    TIMEOUTS,
    VRF_ROUTE,
    VRF_TABLE,
)
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.slot import Slot

SLOTS = (
    Slot("nat44_global", (GLOBAL,), many=False),
    Slot("nat44_interfaces", (INTERFACE,)),
    Slot("nat44_pools", (POOL,)),
    Slot("dnat44s", (DNAT,)),
    Slot("nat44_timeouts", (TIMEOUTS,), many=False),
)

VPP = (
    *SLOTS,
    Slot("nat44_plugin", (PLUGIN,), many=False),
    Slot("nat44_interface_pools", (INTERFACE_POOL,)),
    Slot("nat44_session_limits", (SESSION_LIMIT,)),
    Slot("nat44_mss_clamp", (MSS_CLAMP,), many=False),
    Slot("nat44_vrfs", (VRF_TABLE,)),
    Slot("nat44_vrf_routes", (VRF_ROUTE,)),
)
