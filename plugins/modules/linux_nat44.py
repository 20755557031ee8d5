#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: linux_nat44
short_description: NAT44 of a CNF on the Linux kernel
version_added: 0.1.0
description:
  - >-
    NAT44 in the fields of the northbound kinds C(vpp.nat/nat44-global), C(vpp.nat/nat44-interface), C(vpp.nat/nat44-pool) and
    C(vpp.nat/dnat44), with the timeouts of our own kind C(pantheon.nat/nat44-timeouts).
  - >-
    All of it is one nft transaction on a table of our own per CNF. Pool addresses are answered for. Sessions of what changes or goes are
    cleared.
  - >-
    Fail closed: forwarding is switched on last and off first, so that nothing leaves untranslated at any time.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.linux
  - pantheon.cnf.linux.state
  - pantheon.cnf.linux_nat44
  - pantheon.cnf.on_failure
seealso:
  - module: pantheon.cnf.cnf_config
  - module: pantheon.cnf.linux_info
"""

EXAMPLES = r"""
---
- name: Source NAT of an inside network, and a service published
  pantheon.cnf.linux_nat44:
    cnf: edge
    namespace: edge
    config:
      nat44_interfaces:
        - name: inside
          nat_inside: true
        - name: outside
          nat_outside: true
          output_feature: true
      nat44_pools:
        - first_ip: 192.0.2.100
          last_ip: 192.0.2.105
      dnat44s:
        - label: web
          st_mappings:
            - external_ip: 192.0.2.100
              external_port: 80
              protocol: TCP
              local_ips:
                - local_ip: 10.0.0.80
                  local_port: 8080

- name: No NAT of ours any more
  pantheon.cnf.linux_nat44:
    cnf: edge
    namespace: edge
    state: deleted
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
  sample: ["nft: table inet pantheon_cnf_edge, chains of NAT44"]
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
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.nat import Nat, settle
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.nft import Nft
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.route_table import RouteTable
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.sysctls import Sysctls
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.nat import SLOTS
from ansible_collections.pantheon.cnf.plugins.module_utils.state_module import run


def main() -> None:
    """Everything is in the slots and families named here."""
    run(SLOTS, PLACE, connector(lambda cnf: [LinkReader(cnf), Addresses(cnf), RouteTable(cnf), Sysctls(), Nat(), Nft(cnf, {"nat": settle})]))


if __name__ == "__main__":
    main()
