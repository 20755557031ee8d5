# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that make sandboxes: all are this one, with or without the means to start a VPP."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils import runner
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import sandbox
from ansible_collections.pantheon.cnf.plugins.module_utils.places.paths import VPP, api_socket
from ansible_collections.pantheon.cnf.plugins.module_utils.places.vpp_options import OPTIONS

READY = {"port": {"type": "int"}, "socket": {"type": "str"}, "timeout": {"type": "float", "default": 10}}
PROCESS = {
    "name": {"type": "str", "required": True},
    "command": {"type": "list", "elements": "str", "required": True},
    "script": {"type": "str"},
    "environment": {"type": "dict"},
    "ready": {"type": "dict", "options": READY, "mutually_exclusive": [("port", "socket")], "required_one_of": [("port", "socket")]},
}
PLACE = {
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str"},
    "sysctls": {"type": "dict"},
    "processes": {"type": "list", "elements": "dict", "options": PROCESS},
    VPP: {"type": "dict", "options": OPTIONS},
}
ARGUMENTS: t.Dict[str, t.Any] = {
    "sandboxes": {"type": "list", "elements": "dict", "options": PLACE},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "on_failure": runner.ON_FAILURE,
}


def run(vpp: sandbox.Program) -> None:
    """The whole of a module; C(vpp) is what it knows of VPPs."""
    ansible = runner.module(ARGUMENTS, required_if=[("state", "present", ("sandboxes",))])
    with runner.failures(ansible):
        task = sandbox.task(ansible.params, {VPP: vpp})
        vpps = {one["name"]: api_socket(one["namespace"] or one["name"]) for one in ansible.params["sandboxes"] or () if one[VPP]}
        cnfs = [(name, vpps.get(name)) for name in task.names or ["host"]]
        ansible.exit_json(**runner.run_resources(ansible, cnfs, task.dataplane, task.desire, task.show))
