#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: linux_info
short_description: What a network namespace has, in northbound fields
version_added: 0.1.0
description:
  - Reads interfaces, VRFs, routes, neighbours, NAT44, ACLs and layer 2 of a network namespace at once, in the fields that the modules of this
    collection take. Any part of it fed back as C(config) of its module changes nothing.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.info
  - pantheon.cnf.linux
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
- name: All that a CNF has
  pantheon.cnf.linux_info:
    cnf: edge
    namespace: edge
  register: edge

- name: Its routes again, which changes nothing
  pantheon.cnf.linux_routes:
    cnf: edge
    namespace: edge
    config: "{{ edge.routes }}"
"""

RETURN = r"""
interfaces:
  description: As O(pantheon.cnf.linux_interfaces#module:config).
  returned: success
  type: list
  elements: dict
vrfs:
  description: As O(pantheon.cnf.linux_vrfs#module:config).
  returned: success
  type: list
  elements: dict
routes:
  description: As O(pantheon.cnf.linux_routes#module:config).
  returned: success
  type: list
  elements: dict
neighbors:
  description: As O(pantheon.cnf.linux_neighbors#module:config).
  returned: success
  type: dict
nat44:
  description: As O(pantheon.cnf.linux_nat44#module:config).
  returned: success
  type: dict
acls:
  description: As O(pantheon.cnf.linux_acls#module:config).
  returned: success
  type: list
  elements: dict
l2:
  description: As O(pantheon.cnf.linux_l2#module:config).
  returned: success
  type: dict
"""

from ansible_collections.pantheon.cnf.plugins.module_utils.info_module import run
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.dataplane import PLACE, connector
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.everything import families
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.areas import LINUX


def main() -> None:
    """One read, shown by the modules' slots."""
    run(LINUX, PLACE, connector(families))


if __name__ == "__main__":
    main()
