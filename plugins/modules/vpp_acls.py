#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_acls
short_description: Access lists of a VPP
version_added: 0.1.0
description:
  - >-
    Access lists in the fields of the northbound kind C(vpp.acls/acl), and their order on interfaces.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.on_failure
  - pantheon.cnf.vpp
  - pantheon.cnf.linux.state
  - pantheon.cnf.vpp_acls
seealso:
  - module: pantheon.cnf.cnf_config
  - module: pantheon.cnf.vpp_info
"""

EXAMPLES = r"""
---
- name: Only the web, and replies to what went out
  pantheon.cnf.vpp_acls:
    socket: /run/vpp/api.sock
    config:
      - name: web-only
        rules:
          - action: PERMIT
            ip_rule:
              ip:
                source_network: 0.0.0.0/0
                destination_network: 10.0.0.0/24
              tcp:
                destination_port_range:
                  lower_port: 80
                  upper_port: 80
        interfaces:
          ingress:
            - outside
"""

RETURN = r"""
before:
  description: What was there of the kinds of this module, in the shape of O(config).
  returned: when O(state) changes something
  type: list
  elements: dict
after:
  description: What is there now, read back; in check mode what would be.
  returned: when O(state) changes something
  type: list
  elements: dict
commands:
  description: The API calls, with names for VPP's numbers, in the order of their waves; also in check mode.
  returned: when O(state) changes something
  type: list
  elements: str
  sample: ["acl_add_replace acl_index=4294967295"]
gathered:
  description: What is there. Fed back as O(config) it changes nothing.
  returned: when O(state=gathered)
  type: list
  elements: dict
rendered:
  description: The API calls that would make O(config) from nothing.
  returned: when O(state=rendered)
  type: list
  elements: str
operations:
  description: On failure, what was attempted, undone and what could not be undone.
  returned: on failure half-way
  type: dict
"""

from ansible_collections.pantheon.cnf.plugins.module_utils.slots.acl import SLOTS
from ansible_collections.pantheon.cnf.plugins.module_utils.state_module import run
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.acl import Acls
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import PLACE, connector
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.found import interfaces


def main() -> None:
    """Everything is in the slots and families named here."""
    run(SLOTS, PLACE, connector(lambda parameters: [*interfaces(), Acls()]))


if __name__ == "__main__":
    main()
