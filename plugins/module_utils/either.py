# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that do the same on either dataplane: their options that say where.

A module of this name is the kernel's, C(vpp_) and its name that of VPP: a run ships one dataplane. The action plugin chooses.
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError

PLACE: t.Dict[str, t.Any] = {
    "dataplane": {"type": "str", "choices": ["linux", "vpp"]},
    "namespace": {"type": "str"},
    "socket": {"type": "path"},
    "api_dir": {"type": "path"},
    "timeout": {"type": "int", "default": 10},
}
"""See the documentation fragment C(either)."""


def on_vpp(parameters: t.Mapping[str, t.Any]) -> bool:
    """Whether the options mean a VPP."""
    told = parameters.get("dataplane")
    if told == "linux" and parameters.get("socket"):
        raise CnfError("socket: a socket is that of a VPP, and the dataplane is linux")
    return bool(told == "vpp" or parameters.get("socket"))


def insist_on_kernel(parameters: t.Mapping[str, t.Any]) -> None:
    """For the modules of the kernel: those of VPP are run in their place by the action plugins, which somebody went round."""
    if on_vpp(parameters):
        raise CnfError("dataplane: this is the kernel's side of the module; its action plugin runs the other one for VPP")
