# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules that do the same on either dataplane: here it is chosen, so that a target is sent one of them only."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.pantheon.cnf.plugins.module_utils import either
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.places.paths import api_socket
from ansible_collections.pantheon.cnf.plugins.plugin_utils.plain import plain


class EitherAction(ActionBase):
    """Runs the module of the same C(name) where the dataplane is the kernel, and C(vpp_NAME) where it is VPP."""

    _requires_connection = True
    _supports_check_mode = True
    name = ""

    def run(self, tmp: t.Any = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> t.Dict[str, t.Any]:
        """Choose and run."""
        super().run(tmp, task_vars)
        given = {name: value for name, value in plain(self._task.args).items() if value is not None}
        try:
            vpp = either.on_vpp(given)
        except CnfError as error:
            raise AnsibleActionFail(error.message) from error
        module = f"pantheon.cnf.{'vpp_' if vpp else ''}{self.name}"
        return t.cast("t.Dict[str, t.Any]", self._execute_module(module_name=module, module_args=on_vpp(given) if vpp else given, task_vars=task_vars))


def on_vpp(given: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    """The options of VPP's module from those of the common one."""
    rest = {name: value for name, value in given.items() if name not in ("dataplane", "namespace")}
    if "socket" not in rest and given.get("namespace"):
        rest["socket"] = api_socket(given["namespace"])
    return rest
