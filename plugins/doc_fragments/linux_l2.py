# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Written by tests/tools/module_docs.py from the declarations of the kinds. A fragment, so that no target is sent it."""

    DOCUMENTATION = r"""
options:
  config:
    description: What there shall be, in northbound fields.
    type: dict
    suboptions:
      bridge_domains:
        description: 'C(vpp.l2/bridge-domain): A bridge. With only a name it forwards nothing; everything is off unless given.'
        type: list
        elements: dict
        suboptions:
          name:
            description: 'Name of the bridge domain, up to 63 bytes. On the kernel: kept with its flags in a device''s alternative name
              of 127 bytes.'
            type: str
            required: true
          flood:
            description: Flood broadcasts and multicasts.
            type: bool
          unknown_unicast_flood:
            description: Flood what is for an unknown MAC address.
            type: bool
          forward:
            description: 'Forward at all. On the kernel: false isolates the ports from each other, and cannot be together with a bridged_virtual_interface.'
            type: bool
          learn:
            description: Learn which MAC address is where.
            type: bool
          arp_termination:
            description: 'Answer ARP requests from the table below. Not on the kernel: the kernel answers only for stations whose port
              it has learned already.'
            type: bool
          mac_age:
            description: 'Minutes after which what was learned is forgotten; 0 is never. At most V(255). On the kernel: 0 (never) is
              11 days.'
            type: int
          interfaces:
            description: The interfaces in it.
            type: list
            elements: dict
            suboptions:
              name:
                description: Logical name of the interface.
                type: str
                required: true
              bridged_virtual_interface:
                description: 'Whether the interface is the bridge''s own, for routing. One at most. On the kernel: a SOFTWARE_LOOPBACK,
                  which becomes the bridge device.'
                type: bool
              split_horizon_group:
                description: 'Interfaces of one group other than 0 do not reach each other. At most V(255). On the kernel: 0 and one
                  other number in a bridge domain.'
                type: int
          arp_termination_table:
            description: 'Which address is at which MAC address. Not on the kernel: see arp_termination.'
            type: list
            elements: dict
            suboptions:
              ip_address:
                description: Address.
                type: str
                required: true
              phys_address:
                description: MAC address.
                type: str
                required: true
      fibs:
        description: 'C(vpp.l2/fib): Where a MAC address is in a bridge domain.'
        type: list
        elements: dict
        suboptions:
          phys_address:
            description: MAC address.
            type: str
            required: true
          bridge_domain:
            description: Name of the bridge domain.
            type: str
            required: true
          action:
            description: Forward to the interface, or drop.
            type: str
            choices: [FORWARD, DROP]
          outgoing_interface:
            description: 'Logical name of the interface; not for DROP. On the kernel: not with action DROP.'
            type: str
          static_config:
            description: 'Whether learning may not replace it. On the kernel: an entry with action DROP is always static.'
            type: bool
          bridged_virtual_interface:
            description: 'Whether the MAC address is the bridge''s own. Not on the kernel: the address of the bridge device is in the
              table by itself.'
            type: bool
      xconnect_pairs:
        description: 'C(vpp.l2/xconnect): All that one interface receives is sent by another. For both directions it takes two.'
        type: list
        elements: dict
        suboptions:
          receive_interface:
            description: Logical name of the interface that receives.
            type: str
            required: true
          transmit_interface:
            description: Logical name of the interface that sends.
            type: str
"""
