#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: linux_l2
short_description: Bridge domains, their FIB and cross-connects of a CNF on the Linux kernel
version_added: 0.1.0
description:
  - >-
    Layer 2 in the fields of the northbound kinds C(vpp.l2/bridge-domain), C(vpp.l2/fib) and C(vpp.l2/xconnect).
  - >-
    A bridge domain with only a name forwards nothing, as in VPP: give C(learn), C(flood), C(unknown_unicast_flood) and C(forward).
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.linux
  - pantheon.cnf.linux.state
  - pantheon.cnf.linux_l2
  - pantheon.cnf.on_failure
seealso:
  - module: pantheon.cnf.cnf_config
  - module: pantheon.cnf.linux_info
"""

EXAMPLES = r"""
---
- name: A bridge domain of two interfaces
  pantheon.cnf.linux_l2:
    cnf: edge
    namespace: edge
    config:
      bridge_domains:
        - name: bd1
          flood: true
          unknown_unicast_flood: true
          forward: true
          learn: true
          interfaces:
            - name: left
            - name: right
"""

RETURN = r"""
before:
  description: What was there of the kinds of this module, in the shape of O(config).
  returned: when O(state) changes something
  type: dict
after:
  description: What is there now, read back; in check mode what would be.
  returned: when O(state) changes something
  type: dict
commands:
  description: The native calls, in words of C(ip) and C(nft), in the order of their waves; also in check mode.
  returned: when O(state) changes something
  type: list
  elements: str
  sample: ["ip link add bd1 type bridge"]
gathered:
  description: What is there. Fed back as O(config) it changes nothing.
  returned: when O(state=gathered)
  type: dict
rendered:
  description: The native calls that would make O(config) from nothing.
  returned: when O(state=rendered)
  type: list
  elements: str
operations:
  description: On failure, what was attempted, undone and what could not be undone.
  returned: on failure half-way
  type: dict
"""

from ansible_collections.pantheon.cnf.plugins.module_utils.linux.addresses import Addresses
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.dataplane import PLACE, connector
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.l2 import L2
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.links import Links
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.l2 import SLOTS
from ansible_collections.pantheon.cnf.plugins.module_utils.state_module import run


def main() -> None:
    """Everything is in the slots and families named here."""
    run(SLOTS, PLACE, connector(lambda cnf: [Links(cnf), Addresses(cnf), L2(cnf)]))


if __name__ == "__main__":
    main()
