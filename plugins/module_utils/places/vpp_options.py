# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option C(vpp) of a sandbox, and what is to be done about a VPP without knowing how to talk to one: end it, and clear up."""

from __future__ import annotations

import glob
import os
import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.sandbox import Program
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.startup_options import OPTIONS as STARTUP

SHARED_MEMORY = "/dev/shm"

OPTIONS: t.Dict[str, t.Any] = {
    "enabled": {"type": "bool", "default": True},
    "binary": {"type": "path"},
    "prefix": {"type": "path"},
    **STARTUP,
    "socket_mode": {"type": "str", "default": "0770"},
    "socket_group": {"type": "str", "default": "root"},
    "startup_commands": {"type": "list", "elements": "str", "default": []},
    "timeout": {"type": "float", "default": 20},
}
"""Argument spec of the option C(vpp)."""


def prefix(namespace: str) -> str:
    """What the names of its files in shared memory begin with."""
    return f"pantheon.cnf-{namespace}"


class VppLeft(Program):
    """A VPP that is left as it is, or ended."""

    def wanted(self, cnf: str, namespace: str, options: t.Mapping[str, t.Any]) -> t.Optional[t.Dict[str, t.Any]]:
        """None."""
        if options["enabled"]:
            raise CnfError(f"sandbox {cnf}: a VPP is started by the module vpp_sandbox, which the task cnf_sandbox runs")
        return None

    def forget(self, namespace: str) -> None:
        """Its shared memory, which stays when it is killed."""
        begin = f"{SHARED_MEMORY}/{prefix(namespace)}"
        for path in glob.glob(f"{glob.escape(begin)}-*"):
            if re.fullmatch(r"-(global_vm|vpe-api)", path[len(begin) :]):
                os.unlink(path)
