# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routing tables, and who says that what is in them is ours."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Key, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import View

VPP, LINUX = 207, 208
"""Numbers that the kernel keeps at routes and neighbours: of vpp kinds, of linux.l3 kinds."""
MAIN = 254
RESERVED_TABLES = frozenset((253, 254, 255))
WALL = "4278198272"
"""Metric of the routes at the end of a VRF's table; they are no values."""


def link_table(view: View, resource: Resource) -> int:
    """The table of the VRF that a link is in."""
    name = resource.attributes.get("master")
    master = view.find(str(name)) if name else None
    found = master.resource.attributes if master else {}
    return int(found["table"]) if found.get("kind") == "vrf" else MAIN


def vrf_link(view: View, table: int) -> t.Optional[Key]:
    """The link that is the VRF device of a table."""
    for key, one in view.resources.items():
        if key[0] in ("link", "foreign-link") and one.attributes.get("kind") == "vrf" and one.attributes.get("table") == table:
            return key
    return None
