# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All families of the kernel dataplane and all kinds that they realise: for modules that see everything."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.linux.acl import Acl
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.addresses import Addresses
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.l2 import L2
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.links import Links
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.nat import Nat, settle
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.neighbours import Neighbours
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.nft import Nft
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.routes import Routes
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.sysctls import Sysctls
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.vrfs import Vrfs
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import acl, interfaces, l2, l3, nat
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind


def families(cnf: str) -> t.List[t.Any]:
    """Of a CNF, those first that later ones refer to."""
    return [
        Vrfs(cnf),
        Links(cnf),
        Addresses(cnf),
        L2(cnf),
        Routes(cnf),
        Neighbours(cnf),
        Nat(),
        Acl(),
        Sysctls(),
        Nft(cnf, {"nat": settle}),
    ]


def kinds() -> t.List[Kind]:
    """Those that a family realises."""
    realised = {kind for family in families("") for kind in family.kinds}
    return [kind for area in (interfaces, l3, nat, acl, l2) for kind in area.KINDS if kind.id in realised]
