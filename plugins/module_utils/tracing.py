# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the modules that trace packets."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError

MOST = 10000
"""Packets of one trace, for each place where it begins: VPP keeps them in its heap, some kilobytes each, and ends when that is full."""

ARGUMENTS: t.Dict[str, t.Any] = {
    "state": {"type": "str", "choices": ["started", "fetched", "stopped"], "default": "fetched"},
    "interfaces": {"type": "list", "elements": "str"},
    "packets": {"type": "int", "default": 50},
}
NODES: t.Dict[str, t.Any] = {"nodes": {"type": "list", "elements": "str"}}


def insist(parameters: t.Mapping[str, t.Any]) -> None:
    """Refuse what would do harm."""
    if not 1 <= parameters["packets"] <= MOST:
        raise CnfError(f"packets: {parameters['packets']} is not from 1 to {MOST}")


def unknown_interface(name: str, there: t.Iterable[str]) -> CnfError:
    """The error about a name that no interface has."""
    return CnfError(f"interfaces: there is no interface {name!r}; there is {', '.join(there) or 'none'}")
