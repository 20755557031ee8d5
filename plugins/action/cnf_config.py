# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items onto CNFs: parsed and checked here, on the controller; done by the dataplane's module on the target."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import parse_items
from ansible_collections.pantheon.cnf.plugins.modules.cnf_config import ARGUMENTS
from ansible_collections.pantheon.cnf.plugins.plugin_utils.plain import plain
from ansible_collections.pantheon.cnf.plugins.plugin_utils.secrets import take_secrets

DATAPLANES = {"linux": "pantheon.cnf.linux_config"}


class ActionModule(ActionBase):
    """See the documentation of the module of the same name."""

    _requires_connection = True
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> t.Dict[str, t.Any]:
        """Parse, then run the module once for all CNFs of the task."""
        super().run(tmp, task_vars)
        _validation, given = self.validate_argument_spec(
            argument_spec=ARGUMENTS,
            mutually_exclusive=[("cnf", "configurations")],
            required_one_of=[("cnf", "configurations")],
            required_by={"cnf": ("items",)},
        )
        configurations = given["configurations"]
        if configurations is None:
            configurations = [{key: given[key] for key in ("cnf", "namespace", "items")}]
        secrets: t.Dict[str, str] = {}
        try:
            sent = [
                {
                    "cnf": each["cnf"],
                    "namespace": each["namespace"],
                    "values": [
                        {"kind": value.kind, "data": take_secrets(value, secrets)} for value in parse_items(plain(each["items"]), source=f"CNF {each['cnf']}")
                    ],
                }
                for each in configurations
            ]
        except CnfError as error:
            raise AnsibleActionFail(error.message, result=dict(error.context)) from error
        arguments = {
            "configurations": sent,
            "secrets": secrets,
            **{key: given[key] for key in ("state", "memif_substitution", "on_failure")},
        }
        return self._execute_module(module_name=DATAPLANES[given["dataplane"]], module_args=arguments, task_vars=task_vars)
