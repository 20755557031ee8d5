# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sandboxes with VPPs or without."""

from __future__ import annotations

import typing as t

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible_collections.pantheon.cnf.plugins.plugin_utils.plain import plain


class ActionModule(ActionBase):
    """Runs the module of the same name, or C(vpp_sandbox) where VPP is concerned: a target is sent no more than it needs."""

    _requires_connection = True
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> t.Dict[str, t.Any]:
        """Choose and run."""
        super().run(tmp, task_vars)
        given = plain(self._task.args)
        options = [each.get("vpp") for each in given.get("sandboxes") or () if isinstance(each, dict)]
        vpp = given.get("state") != "absent" and any(isinstance(each, dict) and boolean(each.get("enabled", True), strict=False) for each in options)
        module = "pantheon.cnf.vpp_sandbox" if vpp else "pantheon.cnf.cnf_sandbox"
        return t.cast("t.Dict[str, t.Any]", self._execute_module(module_name=module, module_args=given, task_vars=task_vars))
