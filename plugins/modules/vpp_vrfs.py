#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_vrfs
short_description: VRF tables of a VPP
version_added: 0.1.0
description:
  - >-
    VRF tables in the fields of the northbound kind C(vpp/vrf-table), each of one address family.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.on_failure
  - pantheon.cnf.vpp
  - pantheon.cnf.vpp.nat
  - pantheon.cnf.linux.state
  - pantheon.cnf.vpp_vrfs
seealso:
  - module: pantheon.cnf.cnf_config
  - module: pantheon.cnf.vpp_info
"""

EXAMPLES = r"""
---
- name: A VRF for a tenant
  pantheon.cnf.vpp_vrfs:
    socket: /run/vpp/api.sock
    config:
      - id: 7
        label: tenant-a
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
  sample: ["ip_table_add_del_v2 is_add=true"]
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

from ansible_collections.pantheon.cnf.plugins.module_utils.slots.l3 import VRFS
from ansible_collections.pantheon.cnf.plugins.module_utils.state_module import run
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.beside import everything
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import NAT, PLACE, connector
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import Tables


def main() -> None:
    """Everything is in the slots and families named here."""
    run(VRFS, {**PLACE, **NAT}, connector(lambda parameters: [Tables(parameters.get("scope") == "all")], everything))


if __name__ == "__main__":
    main()
