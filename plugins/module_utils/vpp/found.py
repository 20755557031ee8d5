# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces and their addresses as they are: for modules that refer to them, and change neither."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.addresses import Addresses
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_reader import LinkReader


def interfaces(links: t.Optional[LinkReader] = None) -> t.List[VppFamily]:
    """The families that find them."""
    links = links or LinkReader()
    return [links, Addresses(links)]
