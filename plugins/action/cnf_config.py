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
from ansible_collections.pantheon.cnf.plugins.module_utils.places.paths import api_socket
from ansible_collections.pantheon.cnf.plugins.modules.cnf_config import ARGUMENTS
from ansible_collections.pantheon.cnf.plugins.plugin_utils.plain import plain
from ansible_collections.pantheon.cnf.plugins.plugin_utils.secrets import take_secrets

MODULES = {("linux",): "pantheon.cnf.linux_config", ("vpp",): "pantheon.cnf.vpp_config", ("linux", "vpp"): "pantheon.cnf.chain_config"}
"""What does the work, by the dataplanes of the task's CNFs: one module, so that it is all or nothing."""


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
            configurations = [{key: given[key] for key in ("cnf", "namespace", "dataplane", "socket", "items")}]
        secrets: t.Dict[str, str] = {}
        try:
            sent = [
                {
                    "cnf": each["cnf"],
                    **self._place(each, given),
                    "values": [
                        {"kind": value.kind, "data": take_secrets(value, secrets)} for value in parse_items(plain(each["items"]), source=f"CNF {each['cnf']}")
                    ],
                }
                for each in configurations
            ]
        except CnfError as error:
            raise AnsibleActionFail(error.message, result=dict(error.context)) from error
        used = tuple(sorted({each["dataplane"] for each in sent})) or ("linux",)
        if len(used) == 1:
            sent = [{key: value for key, value in each.items() if key != "dataplane"} for each in sent]
        shared = ("state", "on_failure", *(("memif_substitution",) if "linux" in used else ()))
        arguments = {"configurations": sent, "secrets": secrets, **{key: given[key] for key in shared}}
        return self._execute_module(module_name=MODULES[used], module_args=arguments, task_vars=task_vars)

    @staticmethod
    def _place(configuration: t.Mapping[str, t.Any], given: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
        """Where a CNF is, in the words of the module that does the work."""
        dataplane = configuration["dataplane"] or given["dataplane"]
        if dataplane == "linux":
            if configuration["socket"]:
                raise CnfError(f"CNF {configuration['cnf']}: a socket is that of a VPP, and the dataplane is linux")
            return {"dataplane": dataplane, "namespace": configuration["namespace"]}
        namespace, socket = configuration["namespace"], configuration["socket"]
        if not socket and namespace:
            socket = api_socket(namespace)
        found = {"socket": socket, "api_dir": given["api_dir"], "own_nat": given["own_nat"]}
        return {"dataplane": dataplane, **{name: value for name, value in found.items() if value is not None}}
