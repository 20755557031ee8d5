# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All families of the VPP dataplane and all kinds that they realise: for modules that see everything."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import acl, interfaces, l2, l3, nat
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.acl import Acls
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.bridges import Bridges
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.interfaces import families as interface_families
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.l2fib import L2Fib
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.nat import Nat
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.neighbours import Neighbours
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.proxy_arp import ProxyArp
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.routes import Routes
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import Tables
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.xconnects import Xconnects

Parameters = t.Mapping[str, t.Any]


def families(parameters: Parameters) -> t.List[VppFamily]:
    """Those first that later ones refer to."""
    return [
        Tables(_all(parameters)),
        *interface_families(parameters["cnf"], _all(parameters)),
        Bridges(),
        L2Fib(),
        Xconnects(),
        Routes(_all(parameters)),
        Neighbours(),
        ProxyArp(),
        Acls(),
        Nat(bool(parameters.get("own_nat")) or _all(parameters)),
    ]


def _all(parameters: Parameters) -> bool:
    return parameters.get("scope") == "all"


def kinds() -> t.List[Kind]:
    """Those that a family realises."""
    realised = {kind for family in families({"cnf": ""}) for kind in family.kinds}
    return [kind for area in (interfaces, l3, nat, acl, l2) for kind in area.KINDS if kind.id in realised]
