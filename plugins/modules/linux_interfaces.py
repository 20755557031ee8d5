#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: linux_interfaces
short_description: Network interfaces of a CNF on the Linux kernel
version_added: 0.1.0
description:
  - >-
    Interfaces in the fields of the northbound kinds C(linux.interfaces/interface) and C(vpp/interfaces), told apart by C(type).
  - >-
    The kernel makes VETH, DUMMY, VRF_DEVICE, LOOPBACK and EXISTING of the first, and of the second what it has a device for; see the
    coverage table in the guides.
  - >-
    An interface is known by its logical name, which stands in the alias of the kernel device. A name that none of ours has means the kernel
    device of that name.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.linux
  - pantheon.cnf.linux.state
  - pantheon.cnf.linux_interfaces
  - pantheon.cnf.on_failure
seealso:
  - module: pantheon.cnf.cnf_config
  - module: pantheon.cnf.linux_info
"""

EXAMPLES = r"""
---
- name: A veth pair with an address on one end
  pantheon.cnf.linux_interfaces:
    cnf: lab
    namespace: lab
    config:
      - name: left
        type: VETH
        enabled: true
        ip_addresses:
          - 10.0.0.1/24
        veth:
          peer_if_name: right
      - name: right
        type: VETH
        enabled: true
        veth:
          peer_if_name: left

- name: A VLAN of existing hardware
  pantheon.cnf.linux_interfaces:
    config:
      - name: uplink.100
        type: SUB_INTERFACE
        enabled: true
        ip_addresses:
          - 192.0.2.2/30
        sub:
          parent_name: eth0
          sub_id: 100

- name: What of ours is there
  pantheon.cnf.linux_interfaces:
    state: gathered
  register: interfaces
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
  sample: ["ip link add memif0 type veth peer name memif1"]
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
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.interfaces import SLOTS
from ansible_collections.pantheon.cnf.plugins.module_utils.state_module import run


def main() -> None:
    """Everything is in the slots and families named here."""
    run(SLOTS, PLACE, connector(lambda cnf: [Links(cnf), Addresses(cnf)], everything))


if __name__ == "__main__":
    main()
