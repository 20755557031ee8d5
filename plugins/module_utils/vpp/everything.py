# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All families of the VPP dataplane and all kinds that they realise: for modules that see everything."""
# DRAFT of PLACE, to be replaced by the lead's.

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import acl, interfaces, l2, l3, nat
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.acl import Acls
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.addresses import Addresses
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.bond_members import BondMembers
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.links import Links
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.memif_sockets import MemifSockets
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.nat import Nat
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.neighbours import Neighbours
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.proxy_arp import ProxyArp
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.routes import Routes
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import Tables
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tag_rewrites import TagRewrites


def families(parameters: t.Mapping[str, t.Any]) -> t.List[VppFamily]:
    """Those first that later ones refer to."""
    links = Links(parameters["cnf"])
    return [
        Tables(),
        links,
        MemifSockets(links),
        BondMembers(links),
        TagRewrites(links),
        Addresses(links),
        Routes(),
        Neighbours(),
        ProxyArp(),
        Nat(bool(parameters.get("own_nat"))),
        Acls(),
    ]


def kinds() -> t.List[Kind]:
    """Those that a family realises."""
    realised = {kind for family in families({"cnf": ""}) for kind in family.kinds}
    return [kind for area in (interfaces, l3, nat, acl, l2) for kind in area.KINDS if kind.id in realised]
