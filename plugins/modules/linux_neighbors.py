#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: linux_neighbors
short_description: Neighbour entries and proxy ARP of a CNF on the Linux kernel
version_added: 0.1.0
description:
  - >-
    Neighbour entries in the fields of the northbound kind C(vpp/arp), or of C(linux.l3/arp) when C(hw_address) is given, and proxy ARP
    (C(vpp/proxyarp-global)).
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.linux
  - pantheon.cnf.linux.state
  - pantheon.cnf.linux_neighbors
  - pantheon.cnf.on_failure
seealso:
  - module: pantheon.cnf.cnf_config
  - module: pantheon.cnf.linux_info
"""

EXAMPLES = r"""
---
- name: A static neighbour
  pantheon.cnf.linux_neighbors:
    cnf: edge
    namespace: edge
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
  description: The native calls, in words of C(ip) and C(nft), in the order of their waves; also in check mode.
  returned: when O(state) changes something
  type: list
  elements: str
  sample: ["ip neighbour add 10.0.0.2 lladdr 02:00:00:00:00:02 dev left nud permanent"]
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
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.link_reader import LinkReader
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.neighbours import Neighbours
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.l3 import NEIGHBOURS
from ansible_collections.pantheon.cnf.plugins.module_utils.state_module import run


def main() -> None:
    """Everything is in the slots and families named here."""
    run(NEIGHBOURS, PLACE, connector(lambda cnf: [LinkReader(cnf), Addresses(cnf), Neighbours(cnf)]))


if __name__ == "__main__":
    main()
