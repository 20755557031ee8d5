#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_neighbors
short_description: Neighbours and proxy ARP of a VPP
version_added: 0.1.0
description:
  - >-
    Static neighbours (C(vpp/arp)) and proxy ARP (C(vpp/proxyarp-global)) in northbound fields.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.on_failure
  - pantheon.cnf.vpp
  - pantheon.cnf.linux.state
  - pantheon.cnf.vpp_neighbors
seealso:
  - module: pantheon.cnf.cnf_config
  - module: pantheon.cnf.vpp_info
"""

EXAMPLES = r"""
---
- name: A static neighbour
  pantheon.cnf.vpp_neighbors:
    socket: /run/vpp/api.sock
    config:
      arps:
        - interface: left
          ip_address: 10.0.0.2
          phys_address: 02:00:00:00:00:02
          static: true
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
  description: The API calls, with names for VPP's numbers, in the order of their waves; also in check mode.
  returned: when O(state) changes something
  type: list
  elements: str
  sample: ["ip_neighbor_add_del is_add=true"]
gathered:
  description: What is there. Fed back as O(config) it changes nothing.
  returned: when O(state=gathered)
  type: dict
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

from ansible_collections.pantheon.cnf.plugins.module_utils.slots.l3 import VPP_NEIGHBOURS
from ansible_collections.pantheon.cnf.plugins.module_utils.state_module import run
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import PLACE, connector
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.found import interfaces
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.neighbours import Neighbours
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.proxy_arp import ProxyArp


def main() -> None:
    """Everything is in the slots and families named here."""
    run(VPP_NEIGHBOURS, PLACE, connector(lambda parameters: [*interfaces(), Neighbours(), ProxyArp()]))


if __name__ == "__main__":
    main()
