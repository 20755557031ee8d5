#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_info
short_description: What a VPP has, in northbound fields
version_added: 0.1.0
description:
  - Reads interfaces, VRFs, routes, neighbours, NAT44, ACLs and layer 2 of a VPP at once, in the fields that the modules of this
    collection take. Any part of it fed back as C(config) of its module changes nothing.
  - Also its version, its plugins and the counters of its interfaces.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.info
  - pantheon.cnf.vpp
  - pantheon.cnf.vpp.nat
options:
  scope:
    description:
      - C(owned) tells what this collection made, C(all) also what others made, as far as the fields can say it.
    type: str
    choices: [owned, all]
    default: owned
seealso:
  - module: pantheon.cnf.nat44_sessions_info
"""

EXAMPLES = r"""
---
- name: All that a VPP has
  pantheon.cnf.vpp_info:
    socket: /run/vpp/api.sock
  register: edge

- name: Its routes again, which changes nothing
  pantheon.cnf.vpp_routes:
    socket: /run/vpp/api.sock
    config: "{{ edge.routes }}"
"""

RETURN = r"""
interfaces:
  description: As O(pantheon.cnf.vpp_interfaces#module:config).
  returned: success
  type: list
  elements: dict
vrfs:
  description: As O(pantheon.cnf.vpp_vrfs#module:config).
  returned: success
  type: list
  elements: dict
routes:
  description: As O(pantheon.cnf.vpp_routes#module:config).
  returned: success
  type: list
  elements: dict
neighbors:
  description: As O(pantheon.cnf.vpp_neighbors#module:config).
  returned: success
  type: dict
nat44:
  description: As O(pantheon.cnf.vpp_nat44#module:config).
  returned: success
  type: dict
acls:
  description: As O(pantheon.cnf.vpp_acls#module:config).
  returned: success
  type: list
  elements: dict
l2:
  description: As O(pantheon.cnf.vpp_l2#module:config).
  returned: success
  type: dict
version:
  description: VPP's version, as it says it.
  returned: success
  type: str
  sample: 26.06-release
pid:
  description: VPP's process.
  returned: success
  type: int
plugins:
  description: The plugins that are loaded, with their versions.
  returned: success
  type: dict
  sample:
    nat: 26.06-release
counters:
  description:
    - C(rx_packets), C(rx_bytes), C(tx_packets) and C(tx_bytes) by interface, since VPP started. Interfaces of ours are there by their logical
      names, others by VPP's.
    - Read from VPP's statistics socket, C(stats.sock) beside the API's.
  returned: success
  type: dict
no_counters:
  description: Why there are none.
  returned: when the counters cannot be read
  type: str
"""

from ansible_collections.pantheon.cnf.plugins.module_utils.info_module import run
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.areas import VPP
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.about import about
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import NAT, PLACE, connector
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.everything import families


def main() -> None:
    """One read, shown by the modules' slots."""
    run(VPP, {**PLACE, **NAT}, connector(families), lambda dataplane: about(dataplane.place))


if __name__ == "__main__":
    main()
