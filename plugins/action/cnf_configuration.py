# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""CNFConfigurations into a store: parsed and checked here, on the controller; written by the store's module on the target."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import Configuration
from ansible_collections.pantheon.cnf.plugins.modules.cnf_configuration import ARGUMENTS, ONE_OF, OPTIONS, refuse_others
from ansible_collections.pantheon.cnf.plugins.plugin_utils.given_documents import given_documents
from ansible_collections.pantheon.cnf.plugins.plugin_utils.manifests import manifest
from ansible_collections.pantheon.cnf.plugins.plugin_utils.plain import plain
from ansible_collections.pantheon.cnf.plugins.plugin_utils.secrets import take_secrets

MODULES = {"etcd": "pantheon.cnf.etcd_configuration", "kubernetes": "pantheon.cnf.kubernetes_configuration"}
"""What does the work on the target, by store."""

# Paths are the target's: they mean there what they mean.
SPEC = {name: {**each, "type": "str"} if each["type"] == "path" else each for name, each in ARGUMENTS.items()}


class ActionModule(ActionBase):
    """See the documentation of the module of the same name."""

    _requires_connection = True
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> t.Dict[str, t.Any]:
        """Parse, then run the store's module once for all."""
        super().run(tmp, task_vars)
        _validation, validated = self.validate_argument_spec(argument_spec=SPEC, required_one_of=ONE_OF)
        given = plain(validated)
        secrets: t.Dict[str, str] = {}
        try:
            refuse_others(given["store"], self._task.args)
            sent = self._sent(given, secrets)
        except CnfError as error:
            raise AnsibleActionFail(error.message, result=dict(error.context)) from error
        arguments = {**{name: given[name] for name in OPTIONS[given["store"]] if given[name] is not None}, **sent, "secrets": secrets}
        return self._execute_module(module_name=MODULES[given["store"]], module_args=arguments, task_vars=task_vars)

    def _sent(self, given: t.Dict[str, t.Any], secrets: t.Dict[str, str]) -> t.Dict[str, t.Any]:
        """What shall be there, and what not, in the words of the module that does the work."""
        configurations = given_documents(self._loader.get_basedir(), given["documents"], given["objects"]).configurations
        names = {f"{each.namespace}/{each.name}": each for each in configurations}
        if len(names) < len(configurations):
            shown = [f"{each.namespace}/{each.name}" for each in configurations]
            raise CnfError(f"CNFConfiguration {', '.join(sorted({name for name in shown if shown.count(name) > 1}))} is there twice in one task")
        absent = [name if "/" in name else f"default/{name}" for name in given["names" if given["state"] == "absent" else "absent"] or ()]
        if given["state"] == "absent":
            if given["absent"]:
                raise CnfError("absent is of configurations that go beside those that shall be there (state: present); what to remove is given as names")
            return {"absent": [*names, *absent]}
        if given["names"]:
            raise CnfError("names are of configurations to remove (state: absent); what shall be there is given as documents or objects")
        if given["store"] == "kubernetes":
            return {"absent": absent, "objects": [manifest(each, secrets) for each in configurations]}
        return {"absent": absent, "configurations": [_values(name, each, secrets) for name, each in names.items()]}


def _values(name: str, configuration: Configuration, secrets: t.Dict[str, str]) -> t.Dict[str, t.Any]:
    """A configuration as values, for etcd."""
    return {
        "name": name,
        "values": [{"microservice": item.microservice, "kind": item.value.kind, "data": take_secrets(item.value, secrets)} for item in configuration.items],
    }
