#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_nat44
short_description: NAT44 of a VPP
version_added: 0.1.0
description:
  - >-
    Endpoint-dependent (and endpoint-independent) NAT44 in the fields of the northbound kinds C(vpp.nat/*), and in kinds of our own for what those lack.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.on_failure
  - pantheon.cnf.vpp
  - pantheon.cnf.vpp.nat
  - pantheon.cnf.linux.state
  - pantheon.cnf.vpp_nat44
seealso:
  - module: pantheon.cnf.cnf_config
  - module: pantheon.cnf.vpp_info
"""

EXAMPLES = r"""
---
- name: Source NAT of an inside network, and a service published
  pantheon.cnf.vpp_nat44:
    socket: /run/vpp/api.sock
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
  pantheon.cnf.vpp_nat44:
    socket: /run/vpp/api.sock
    state: deleted
    own_nat: true
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
  sample: ["nat44_add_del_address_range is_add=true"]
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

from ansible_collections.pantheon.cnf.plugins.module_utils.slots.nat import VPP
from ansible_collections.pantheon.cnf.plugins.module_utils.state_module import run
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import NAT, PLACE, connector
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.found import interfaces
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.nat import Nat
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import Tables


def main() -> None:
    """Everything is in the slots and families named here."""
    run(VPP, {**PLACE, **NAT}, connector(lambda parameters: [Tables(), *interfaces(), Nat(parameters["own_nat"] or parameters.get("scope") == "all")]))


if __name__ == "__main__":
    main()
