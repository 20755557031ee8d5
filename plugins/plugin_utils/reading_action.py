# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An action that reads documents on the controller and hands what is in them to the module of its own name, on the target."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import Documents
from ansible_collections.pantheon.cnf.plugins.plugin_utils.given_documents import given_documents
from ansible_collections.pantheon.cnf.plugins.plugin_utils.plain import plain


class ReadingAction(ActionBase):
    """C(ARGUMENTS) are the module's, C(documents) and C(objects) among them."""

    ARGUMENTS: t.Mapping[str, t.Any] = {}
    ONE_OF: t.Sequence[t.Sequence[str]] = ()

    _requires_connection = True
    _supports_check_mode = True

    def sent(self, given: t.Mapping[str, t.Any], documents: Documents) -> t.Dict[str, t.Any]:
        """What the module is given in the place of documents and objects."""
        raise NotImplementedError

    def run(self, tmp: t.Any = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> t.Dict[str, t.Any]:
        """Read, then run the module."""
        super().run(tmp, task_vars)
        # Paths are the target's: they mean there what they mean.
        spec = {name: {**option, "type": "str"} if option["type"] == "path" else option for name, option in self.ARGUMENTS.items()}
        _validation, validated = self.validate_argument_spec(argument_spec=spec, required_one_of=self.ONE_OF)
        given = plain(validated)
        try:
            documents = given_documents(self._loader.get_basedir(), given["documents"], given["objects"])
            sent = self.sent(given, documents)
        except CnfError as error:
            raise AnsibleActionFail(error.message, result=dict(error.context)) from error
        kept = {name: value for name, value in given.items() if value is not None and name not in ("documents", "objects")}
        result: t.Dict[str, t.Any] = self._execute_module(module_args={**kept, **sent}, task_vars=task_vars)
        notices = sorted(documents.notices, key=lambda notice: "did you mean" not in notice)
        if notices:
            more = f" (and {len(notices) - 1} more)" if len(notices) > 1 else ""
            result["warnings"] = [notices[0] + more, *result.get("warnings", ())]
        return result
