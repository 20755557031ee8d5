# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proof: what to prove is taken from the chain here, the flow is sent on the target, the picture is drawn here again."""

from __future__ import annotations

import os
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.plugin_utils.plain import plain
from ansible_collections.pantheon.cnf.plugins.plugin_utils.proof_inputs import inputs
from ansible_collections.pantheon.cnf.plugins.plugin_utils.proof_picture import picture

PLACES = ("cnf", "client", "server")
"""Options that name a CNF."""


class ActionModule(ActionBase):
    """See the documentation of the module of the same name."""

    _requires_connection = True
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> t.Dict[str, t.Any]:
        """Module options from the chain, the module, the picture."""
        super().run(tmp, task_vars)
        given = {name: value for name, value in plain(self._task.args).items() if value is not None}
        chain, path = given.pop("chain", None), given.pop("picture", None)
        if chain is not None:
            try:
                given = inputs(chain, given)
            except (CnfError, KeyError, TypeError) as error:
                problem = error.message if isinstance(error, CnfError) else f"chain: not what cnf_chain_info returns ({error!r})"
                raise AnsibleActionFail(problem) from error
        # Sockets of other CNFs, as they are in a common variable, do not matter.
        sockets = {cnf: socket for cnf, socket in (given.pop("sockets", None) or {}).items() if socket and cnf in [given.get(each) for each in PLACES]}
        module = f"pantheon.cnf.{'vpp_' if sockets else ''}nat44_chain_proof"
        arguments = {**given, "sockets": sockets} if sockets else given
        result = t.cast("t.Dict[str, t.Any]", self._execute_module(module_name=module, module_args=arguments, task_vars=task_vars))
        if path and result.get("checks"):
            self._draw(os.path.abspath(os.path.expanduser(path)), result)
        return result

    def _draw(self, path: str, result: t.Dict[str, t.Any]) -> None:
        """A picture that cannot be written is a warning: it says nothing about the chain."""
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(f"{path}.new", "w", encoding="utf-8") as handle:
                handle.write(picture(result))
            os.replace(f"{path}.new", path)
        except OSError as error:
            result.setdefault("warnings", []).append(f"the picture cannot be written to {path}: {error.strerror}")
        else:
            result["picture"] = path
