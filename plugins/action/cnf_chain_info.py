# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents to a chain, on the controller alone: nothing runs on the target."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.chain import as_data, resolve
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.service import PAYLOADS
from ansible_collections.pantheon.cnf.plugins.plugin_utils.given_documents import given_documents
from ansible_collections.pantheon.cnf.plugins.plugin_utils.plain import plain
from ansible_collections.pantheon.cnf.plugins.plugin_utils.secrets import has_secrets

ARGUMENTS: t.Dict[str, t.Any] = {
    "documents": {"type": "list", "elements": "str"},
    "objects": {"type": "list", "elements": "dict"},
    "strict": {"type": "bool", "default": True},
    "payload": {"type": "str", "choices": list(PAYLOADS)},
}


class ActionModule(ActionBase):
    """See the documentation of the module of the same name."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: t.Any = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> t.Dict[str, t.Any]:
        """Parse, resolve, lint."""
        super().run(tmp, task_vars)
        _validation, validated = self.validate_argument_spec(argument_spec=ARGUMENTS, required_one_of=[("documents", "objects")])
        given = plain(validated)
        try:
            documents = given_documents(self._loader.get_basedir(), given["documents"], given["objects"])
            chain = resolve(documents)
            data = plain(as_data(chain, given["payload"]))
            data["configurations"] = [f"{each.namespace}/{each.name}" for each in documents.configurations]
        except CnfError as problem:
            raise AnsibleActionFail(problem.message, result=dict(problem.context)) from problem
        if chain.notices:
            more = f" (and {len(chain.notices) - 1} more, see notices)" if len(chain.notices) > 1 else ""
            data["warnings"].append(chain.notices[0] + more)
        if chain.errors and given["strict"]:
            raise AnsibleActionFail("\n".join(chain.errors), result={key: data[key] for key in ("errors", "warnings", "notices")})
        # What the CNFs are given has to hold their secrets: then -v does not print it.
        secret = any(has_secrets(item.value) for one in documents.configurations for item in one.items)
        return {"changed": False, **data, "warnings": data["warnings"] + chain.errors, **({"_ansible_verbose_override": True} if secret else {})}
