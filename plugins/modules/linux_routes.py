#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: linux_routes
short_description: Routes of a CNF on the Linux kernel
version_added: 0.1.0
description:
  - >-
    Routes in the fields of the northbound kind C(vpp/route), or of C(linux.l3/route) when one of C(scope), C(gw_addr) and C(metric) is
    given.
  - >-
    Several C(vpp/route) items with the same destination, VRF and preference are the paths of one multipath route.
  - >-
    A gateway has to be reachable on the interface; a route that the kernel would refuse is refused before anything is touched.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.linux
  - pantheon.cnf.linux.state
  - pantheon.cnf.linux_routes
  - pantheon.cnf.on_failure
seealso:
  - module: pantheon.cnf.cnf_config
  - module: pantheon.cnf.linux_info
"""

EXAMPLES = r"""
---
- name: Two paths, the first one taken twice as often
  pantheon.cnf.linux_routes:
    cnf: edge
    namespace: edge
    config:
      - dst_network: 198.51.100.0/24
        next_hop_addr: 10.0.0.254
        outgoing_interface: left
        weight: 2
      - dst_network: 198.51.100.0/24
        next_hop_addr: 10.0.1.254
        outgoing_interface: right

- name: Exactly these routes, whatever we made before
  pantheon.cnf.linux_routes:
    cnf: edge
    namespace: edge
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
  description: The native calls, in words of C(ip) and C(nft), in the order of their waves; also in check mode.
  returned: when O(state) changes something
  type: list
  elements: str
  sample: ["ip route add 198.51.100.0/24 via 10.0.0.254 dev left"]
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
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.dataplane import PLACE, connector
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.link_reader import LinkReader
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.routes import Routes
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.l3 import ROUTES
from ansible_collections.pantheon.cnf.plugins.module_utils.state_module import run


def main() -> None:
    """Everything is in the slots and families named here."""
    run(ROUTES, PLACE, connector(lambda cnf: [LinkReader(cnf), Addresses(cnf), Routes(cnf)]))


if __name__ == "__main__":
    main()
