#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_routes
short_description: Routes of a VPP
version_added: 0.1.0
description:
  - >-
    Routes in the fields of the northbound kind C(vpp/route). Those of one destination in one table are one route with several paths.
    Ours are of a FIB source of our own.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.on_failure
  - pantheon.cnf.vpp
  - pantheon.cnf.linux.state
  - pantheon.cnf.vpp_routes
seealso:
  - module: pantheon.cnf.cnf_config
  - module: pantheon.cnf.vpp_info
"""

EXAMPLES = r"""
---
- name: Two paths, the first one taken twice as often
  pantheon.cnf.vpp_routes:
    socket: /run/vpp/api.sock
    config:
      - dst_network: 198.51.100.0/24
        next_hop_addr: 10.0.0.254
        outgoing_interface: left
        weight: 2
      - dst_network: 198.51.100.0/24
        next_hop_addr: 10.0.1.254
        outgoing_interface: right

- name: Exactly these routes, whatever we made before
  pantheon.cnf.vpp_routes:
    socket: /run/vpp/api.sock
    state: overridden
    config:
      - dst_network: 0.0.0.0/0
        next_hop_addr: 10.0.0.254
        outgoing_interface: left
      - dst_network: 203.0.113.0/24
        type: DROP
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
  sample: ["ip_route_add_del_v2 is_add=true"]
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

from ansible_collections.pantheon.cnf.plugins.module_utils.slots.l3 import VPP_ROUTES
from ansible_collections.pantheon.cnf.plugins.module_utils.state_module import run
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import PLACE, connector
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.found import interfaces
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.routes import Routes
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import Tables


def main() -> None:
    """Everything is in the slots and families named here."""
    run(VPP_ROUTES, PLACE, connector(lambda parameters: [Tables(), *interfaces(), Routes(parameters.get("scope") == "all")]))


if __name__ == "__main__":
    main()
