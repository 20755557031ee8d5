# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT44 in C(config)."""

from __future__ import annotations

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.nat import DNAT, GLOBAL, INTERFACE, POOL, TIMEOUTS
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.slot import Slot

SLOTS = (
    Slot("nat44_global", (GLOBAL,), many=False),
    Slot("nat44_interfaces", (INTERFACE,)),
    Slot("nat44_pools", (POOL,)),
    Slot("dnat44s", (DNAT,)),
    Slot("nat44_timeouts", (TIMEOUTS,), many=False),
)
