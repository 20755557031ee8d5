#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_packet_trace
short_description: Which way packets take through a VPP, as data
version_added: 0.1.0
description:
  - What M(pantheon.cnf.packet_trace) runs where the dataplane is VPP.
  - Starts VPP's packet trace, fetches it, and stops it.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes
  - pantheon.cnf.either.api
  - pantheon.cnf.packet_trace
attributes:
  check_mode:
    support: full
    details:
      - Fetches in check mode too, since that changes nothing.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - C(started) begins anew each time. VPP does not tell whether it traces, so that C(stopped) always counts as a change.
  platform:
    platforms: linux
    support: full
options:
  nodes:
    description:
      - With C(started), names of input nodes of VPP's graph to trace from, such as C(memif-input), in place of those of O(interfaces).
      - With C(fetched) and C(stopped) only packets are returned that went through one of these nodes, such as C(error-drop).
    type: list
    elements: str
notes:
  - VPP has one trace for all. Starting one ends what somebody else was tracing, and takes away a filter that was set for it.
requirements:
  - VPP's plugin C(tracedump)
seealso:
  - module: pantheon.cnf.packet_trace
"""

EXAMPLES = r"""
---
- name: Trace all that comes in
  pantheon.cnf.vpp_packet_trace:
    state: started

- name: What became of it
  pantheon.cnf.vpp_packet_trace:
    nodes: [error-drop]
    state: stopped
  register: trace
"""

RETURN = r"""
packets:
  description: The packets, oldest first, as M(pantheon.cnf.packet_trace) describes them.
  returned: with O(state=fetched) and O(state=stopped)
  type: list
  elements: dict
counted:
  description: How many packets were traced at each node where a trace began. With as many as O(packets) more may have passed unseen.
  returned: with O(state=fetched) and O(state=stopped)
  type: dict
commands:
  description: The calls of VPP's API, or in check mode those that would be made.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.tracing import ARGUMENTS, NODES, insist
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.connection import API, connected
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tracing import run


def main() -> None:
    """A few calls."""
    module = AnsibleModule({**API, **ARGUMENTS, **NODES}, supports_check_mode=True)
    try:
        insist(module.params)
        with connected(module.params) as vpp:
            result = run(vpp, module.params, module.check_mode)
    except CnfError as error:
        module.fail_json(msg=error.message, **error.context)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
