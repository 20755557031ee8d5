# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes, VRFs and neighbours in C(config); on the kernel Ligato's two route and two neighbour kinds share a list each."""

from __future__ import annotations

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ARP, LINUX_ARP, LINUX_ROUTE, PROXY_ARP, ROUTE, VRF_TABLE
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.slot import Data, Slot


def _route_fields(entry: Data) -> bool:
    return any(name in entry for name in ("scope", "gw_addr", "metric"))


_PROXY_ARP = Slot("proxy_arp", (PROXY_ARP,), many=False)

VRFS = (Slot("vrfs", (VRF_TABLE,)),)
ROUTES = (Slot("routes", (ROUTE, LINUX_ROUTE), choose=lambda entry: LINUX_ROUTE if _route_fields(entry) else ROUTE),)
NEIGHBOURS = (
    Slot("arps", (ARP, LINUX_ARP), choose=lambda entry: LINUX_ARP if "hw_address" in entry else ARP if "phys_address" in entry else None),
    _PROXY_ARP,
)
VPP_ROUTES = (Slot("routes", (ROUTE,)),)
VPP_NEIGHBOURS = (Slot("arps", (ARP,)), _PROXY_ARP)
