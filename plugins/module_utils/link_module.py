# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that make links: all are this one, on the kernel or with VPPs."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils import runner
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.joins import Task

END = {
    "cnf": {"type": "str", "required": True},
    "namespace": {"type": "str"},
    "interface": {"type": "str", "required": True},
    "host_if_name": {"type": "str"},
    "kind": {"type": "str", "choices": ["linux.interfaces/interface", "vpp/interfaces"], "default": "linux.interfaces/interface"},
    "type": {"type": "str", "default": "EXISTING"},
}
LINK = {
    "name": {"type": "str"},
    "ends": {"type": "list", "elements": "dict", "required": True, "options": END},
    "mtu": {"type": "int"},
    "medium": {"type": "str", "choices": ["auto", "tap", "af_packet"], "default": "auto"},
    "service": {"type": "str"},
    "reason": {"type": "str"},
}
ARGUMENTS: t.Dict[str, t.Any] = {
    "links": {"type": "list", "elements": "dict", "required": True, "options": LINK},
    "namespaces": {"type": "dict"},
    "sockets": {"type": "dict"},
    "api_dir": {"type": "path"},
    "state": {"type": "str", "choices": ["present", "overridden", "absent"], "default": "present"},
    "on_failure": runner.ON_FAILURE,
}


def run(make: t.Callable[[t.Mapping[str, t.Any], bool], Task]) -> None:
    """The whole of a module; C(make) makes the task of its parameters, told whether it is in check mode."""
    ansible = runner.module(ARGUMENTS)
    with runner.failures(ansible), contextlib.ExitStack() as stack:
        task = make(ansible.params, ansible.check_mode)
        stack.enter_context(task.dataplane)
        sockets = ansible.params["sockets"] or {}
        cnfs = [(name, sockets.get(name)) for name in task.names or ["host"]]
        result = runner.run_resources(ansible, cnfs, task.dataplane, task.desire, task.show)
        if task.dataplane.assumed:
            ansible.warn(f"not there yet, and taken for new ones: network namespaces {', '.join(task.dataplane.assumed)}")
        ansible.exit_json(**result)
