#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_interfaces
short_description: Interfaces of a VPP
version_added: 0.1.0
description:
  - >-
    Interfaces in the fields of the northbound kind C(vpp/interfaces): memif, TAP, AF_PACKET, loopback, sub-interfaces, VXLAN, bond, GRE, IPIP
    and WireGuard, and hardware that is there already (type C(DPDK)), found by its VPP name. The logical name is VPP's tag.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.on_failure
  - pantheon.cnf.vpp
  - pantheon.cnf.vpp.nat
  - pantheon.cnf.linux.state
  - pantheon.cnf.vpp_interfaces
seealso:
  - module: pantheon.cnf.cnf_config
  - module: pantheon.cnf.vpp_info
"""

EXAMPLES = r"""
---
- name: A memif to a neighbour, and a loopback
  pantheon.cnf.vpp_interfaces:
    socket: /run/vpp/api.sock
    config:
      - name: memif0
        type: MEMIF
        enabled: true
        ip_addresses:
          - 10.0.0.1/24
        memif:
          master: true
          id: 1
          socket_filename: /run/vpp/memif-edge.sock
      - name: loop0
        type: SOFTWARE_LOOPBACK
        enabled: true
        ip_addresses:
          - 192.0.2.1/32

- name: A network card that VPP has under the name of its bus address
  pantheon.cnf.vpp_interfaces:
    config:
      - name: GigabitEthernet0/8/0
        type: DPDK
        enabled: true
        mtu: 1500
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
  sample: ["memif_create_v2 role=0 mode=0 id=1"]
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

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.slots.interfaces import VPP
from ansible_collections.pantheon.cnf.plugins.module_utils.state_module import run
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.beside import everything
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import NAT, PLACE, connector
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.interfaces import families
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import Tables


def main() -> None:
    """All that makes up interfaces, and the tables that they are in."""
    run(VPP, {**PLACE, **NAT}, connector(_families, everything))


def _families(parameters: t.Mapping[str, t.Any]) -> t.List[t.Any]:
    everybodys = parameters["scope"] == "all"
    return [Tables(everybodys), *families(parameters["cnf"], everybodys)]


if __name__ == "__main__":
    main()
