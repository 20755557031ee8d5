#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: linux_vrfs
short_description: VRFs of a CNF on the Linux kernel
version_added: 0.1.0
description:
  - >-
    VRF tables in the fields of the northbound kind C(vpp/vrf-table): one VRF device for the table of an id, for both protocols.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.linux
  - pantheon.cnf.linux.state
  - pantheon.cnf.linux_vrfs
  - pantheon.cnf.on_failure
seealso:
  - module: pantheon.cnf.cnf_config
  - module: pantheon.cnf.linux_info
"""

EXAMPLES = r"""
---
- name: A VRF for a tenant
  pantheon.cnf.linux_vrfs:
    cnf: edge
    namespace: edge
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
  description: The native calls, in words of C(ip) and C(nft), in the order of their waves; also in check mode.
  returned: when O(state) changes something
  type: list
  elements: str
  sample: ["ip link add vrf7 type vrf table 7"]
gathered:
  description: What is there. Fed back as O(config) it changes nothing.
  returned: when O(state=gathered)
  type: list
  elements: dict
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
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.beside import everything
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.dataplane import PLACE, connector
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.links import Links
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.routes import Routes
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.vrfs import Vrfs
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.l3 import VRFS
from ansible_collections.pantheon.cnf.plugins.module_utils.state_module import run


def main() -> None:
    """Everything is in the slots and families named here."""
    run(VRFS, PLACE, connector(lambda cnf: [Vrfs(cnf), Links(cnf), Addresses(cnf), Routes(cnf)], everything))


if __name__ == "__main__":
    main()
