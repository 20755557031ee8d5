# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces in C(config): on the kernel two kinds in one list, told apart by their types."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE, LINUX_INTERFACE
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.slot import Data, Slot


def _choose(entry: Data) -> t.Optional[Kind]:
    for kind in (LINUX_INTERFACE, INTERFACE):
        if entry.get("type") in kind.fields["type"].choices:
            return kind
    return None


SLOTS = (Slot("interfaces", (LINUX_INTERFACE, INTERFACE), choose=_choose),)
VPP = (Slot("interfaces", (INTERFACE,)),)
