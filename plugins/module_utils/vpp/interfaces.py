# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The families that make up interfaces, in the order in which they look at VPP. The VRF tables (L(tables)) stand before them."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.addresses import Addresses
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.bond_members import BondMembers
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.links import Links
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.memif_sockets import MemifSockets
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tag_rewrites import TagRewrites


def families(cnf: str, everything: bool = False) -> t.List[VppFamily]:
    """To make and change interfaces. C(everything): also such that nobody gave a name (scope all)."""
    links = Links(cnf, everything)
    return [links, MemifSockets(links), BondMembers(links), TagRewrites(links), Addresses(links)]
