#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_nat44_sessions
short_description: Clear NAT44 sessions of a VPP
version_added: 0.1.0
description:
  - What M(pantheon.cnf.nat44_sessions) runs where the dataplane is VPP.
  - Clears the NAT sessions that fit all given filters, or all when none is given.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.either.api
  - pantheon.cnf.nat44_sessions
options:
  state:
    description: The sessions shall not be there.
    type: str
    choices: [absent]
    default: absent
seealso:
  - module: pantheon.cnf.nat44_sessions
"""

EXAMPLES = r"""
---
- name: Forget the sessions of a host that moved
  pantheon.cnf.vpp_nat44_sessions:
    inside_address: 10.10.1.10
"""

RETURN = r"""
sessions:
  description: The sessions that were cleared, or in check mode would be, as M(pantheon.cnf.nat44_sessions) describes them.
  returned: success
  type: list
  elements: dict
commands:
  description: The calls of VPP's API.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pantheon.cnf.plugins.module_utils import sessions
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import sessions as table
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.connection import API, connected


def main() -> None:
    """One read of the sessions, one batch of deletes."""
    module = AnsibleModule({**API, "state": {"type": "str", "choices": ["absent"], "default": "absent"}, **sessions.ARGUMENTS}, supports_check_mode=True)
    try:
        with connected(module.params) as vpp:
            found, commands = table.clear(vpp, sessions.filters_of(module.params), module.check_mode)
    except CnfError as error:
        module.fail_json(msg=error.message, **error.context)
    module.exit_json(**sessions.cleared(found, commands, module._diff))


if __name__ == "__main__":
    main()
