#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_exec
short_description: Run commands of VPP's command line
version_added: 0.1.0
description:
  - Runs commands of VPP's command line, one after the other, over its binary API. The first one that VPP refuses ends the task.
  - This is for the rare thing that has no message in the API, such as C(http cli server). For all else there are modules that know what
    is there, plan, and change only what differs; none of them uses the command line.
  - A command is not idempotent of itself, and what it says is text for people, which differs between releases of VPP.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes
  - pantheon.cnf.either.api
attributes:
  check_mode:
    support: partial
    details:
      - Runs the commands only when they change nothing (see O(changes)); otherwise the task is skipped.
  diff_mode:
    support: none
  idempotent:
    support: none
  platform:
    platforms: linux
    support: full
options:
  commands:
    description:
      - The commands, one line each.
      - They are part of what Ansible logs and shows. With a secret in one, set C(no_log) on the task.
    type: list
    elements: str
    required: true
  changes:
    description:
      - Whether the commands change something. It says how the task is reported, and that check mode must not run them.
      - By default C(false) when all of them begin with C(show), else C(true).
    type: bool
seealso:
  - module: pantheon.cnf.packet_trace
"""

EXAMPLES = r"""
---
- name: Start the web server that is a command line
  pantheon.cnf.vpp_exec:
    commands: [http cli server]
  register: web
  failed_when: web is failed and 'already running' not in web.msg

- name: Why were packets dropped
  pantheon.cnf.vpp_exec:
    socket: /run/pantheon.cnf/cnf-nat44/vpp/api.sock
    commands:
      - show errors
  register: errors

- name: See it
  ansible.builtin.debug:
    msg: "{{ errors.stdout_lines | first }}"
"""

RETURN = r"""
stdout:
  description: What VPP said to each command; when one was refused, to those before it.
  returned: unless skipped
  type: list
  elements: str
stdout_lines:
  description: The same, in lines.
  returned: unless skipped
  type: list
  elements: list
command:
  description: The command that VPP refused.
  returned: when VPP refused one
  type: str
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import cli
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.connection import API, connected


def main() -> None:
    """One call for each command."""
    arguments = {**API, "commands": {"type": "list", "elements": "str", "required": True}, "changes": {"type": "bool"}}
    module = AnsibleModule(arguments, supports_check_mode=True)
    commands = module.params["commands"]
    given = module.params["changes"]
    changed = any(map(cli.changes, commands)) if given is None else given
    said: t.List[str] = []

    def result() -> t.Dict[str, t.Any]:
        # What ran before another was refused has been done.
        return {"changed": changed and bool(said), "stdout": said, "stdout_lines": [each.splitlines() for each in said]}

    try:
        cli.check(commands)
        if module.check_mode and changed:
            module.exit_json(changed=True, skipped=True, msg="check mode: the commands may change something, so none of them is run")
        with connected(module.params) as vpp:
            for command in commands:
                said.append(cli.run(vpp, command))
    except CnfError as error:
        refused = {"command": commands[len(said)]} if "refused" in error.context else {}
        module.fail_json(msg=error.message, **result(), **refused)
    module.exit_json(**result())


if __name__ == "__main__":
    main()
