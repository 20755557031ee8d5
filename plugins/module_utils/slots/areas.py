# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The slots of each dataplane's modules, by area. For modules that show everything; a module of one area imports its own slots."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.slots import acl, interfaces, l2, l3, nat
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.slot import Slot

Areas = t.Mapping[str, t.Sequence[Slot]]

LINUX: Areas = {
    "interfaces": interfaces.SLOTS,
    "vrfs": l3.VRFS,
    "routes": l3.ROUTES,
    "neighbors": l3.NEIGHBOURS,
    "nat44": nat.SLOTS,
    "acls": acl.SLOTS,
    "l2": l2.SLOTS,
}

VPP: Areas = {
    "interfaces": interfaces.VPP,
    "vrfs": l3.VRFS,
    "routes": l3.VPP_ROUTES,
    "neighbors": l3.VPP_NEIGHBOURS,
    "nat44": nat.VPP,
    "acls": acl.SLOTS,
    "l2": l2.SLOTS,
}
