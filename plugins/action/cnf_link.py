# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Links of the kernel, or with ends in VPP."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.pantheon.cnf.plugins.plugin_utils.plain import plain


class ActionModule(ActionBase):
    """Runs the module of the same name, or C(vpp_link) where VPP is concerned: a target is sent no more than it needs."""

    _requires_connection = True
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> t.Dict[str, t.Any]:
        """Choose and run."""
        super().run(tmp, task_vars)
        given = plain(self._task.args)
        vpp = bool(given.get("sockets"))
        module = "pantheon.cnf.vpp_link" if vpp else "pantheon.cnf.cnf_link"
        return t.cast("t.Dict[str, t.Any]", self._execute_module(module_name=module, module_args=given, task_vars=task_vars))
