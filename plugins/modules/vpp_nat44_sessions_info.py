#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_nat44_sessions_info
short_description: NAT44 sessions of a VPP as data
version_added: 0.1.0
description:
  - What M(pantheon.cnf.nat44_sessions_info) runs where the dataplane is VPP.
  - Reads the sessions of all inside hosts, or of those that fit O(inside_address), in one go. Works with VPP's endpoint-dependent NAT
    (C(nat44_ed)) and its endpoint-independent one (C(nat44_ei)).
  - Sessions that have timed out are left out, though VPP lists them until it needs their place.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.info
  - pantheon.cnf.either.api
  - pantheon.cnf.nat44_sessions
seealso:
  - module: pantheon.cnf.nat44_sessions_info
"""

EXAMPLES = r"""
---
- name: What does this host look like from outside
  pantheon.cnf.vpp_nat44_sessions_info:
    inside_address: 10.10.1.10
"""

RETURN = r"""
sessions:
  description: The sessions, by their inside address and port, as M(pantheon.cnf.nat44_sessions_info) describes them.
  returned: success
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pantheon.cnf.plugins.module_utils import sessions
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import sessions as table
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.connection import API, connected


def main() -> None:
    """One read of the sessions."""
    module = AnsibleModule({**API, **sessions.ARGUMENTS}, supports_check_mode=True)
    try:
        with connected(module.params) as vpp:
            found = table.sessions(vpp, sessions.filters_of(module.params))
    except CnfError as error:
        module.fail_json(msg=error.message, **error.context)
    module.exit_json(changed=False, sessions=found)


if __name__ == "__main__":
    main()
