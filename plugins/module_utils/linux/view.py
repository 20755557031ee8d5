# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What families of the kernel have to know of each other's objects beside links and addresses. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Resources
from ansible_collections.pantheon.cnf.plugins.module_utils.view import Link, UnknownInterface
from ansible_collections.pantheon.cnf.plugins.module_utils.view import View as BaseView

__all__ = ["Link", "UnknownInterface", "View"]


class View(BaseView):
    """See L(BaseView). C(imagine): a link that somebody else joins is taken to be there (in check mode, when nobody did)."""

    def __init__(self, resources: Resources, cnf: str = "host", *, memif_substitute: bool = False, imagine: bool = False, **options: t.Any) -> None:
        super().__init__(resources, cnf, **options)
        self.memif_substitute = memif_substitute
        self.imagine = imagine or self.offline

    def vrf(self, table: int) -> str:
        """The kernel name of the VRF device of a table."""
        for key, one in self.resources.items():
            if key[0] in ("link", "foreign-link") and one.attributes.get("kind") == "vrf" and one.attributes.get("table") == table:
                return str(one.attributes.get("ifname", key[1]))
        raise CnfError(f"CNF {self.cnf} has no VRF {table}: give it a vpp/vrf-table", vrf=table)
