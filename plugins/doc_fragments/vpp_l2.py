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
            description: 'Name of the bridge domain, up to 63 bytes. On VPP: the bridge domain''s tag: printable ASCII; its number is
              ours to choose.'
            type: str
            required: true
          flood:
            description: Flood broadcasts and multicasts.
            type: bool
          unknown_unicast_flood:
            description: Flood what is for an unknown MAC address.
            type: bool
          forward:
            description: Forward at all.
            type: bool
          learn:
            description: Learn which MAC address is where.
            type: bool
          arp_termination:
            description: Answer ARP requests from the table below.
            type: bool
          mac_age:
            description: Minutes after which what was learned is forgotten; 0 is never. At most V(255).
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
                description: 'Whether the interface is the bridge''s own, for routing. One at most. On VPP: a SOFTWARE_LOOPBACK.'
                type: bool
              split_horizon_group:
                description: Interfaces of one group other than 0 do not reach each other. At most V(255).
                type: int
          arp_termination_table:
            description: Which address is at which MAC address.
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
            description: 'MAC address. On VPP: of one station.'
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
            description: 'Logical name of the interface; not for DROP. On VPP: a port of the bridge domain; not with action DROP.'
            type: str
          static_config:
            description: 'Whether learning may not replace it. On VPP: has to be true with action FORWARD, as VPP does not tell an entry
              that is not static from one that it learned, except with bridged_virtual_interface; an entry with action DROP is always
              static.'
            type: bool
          bridged_virtual_interface:
            description: 'Whether the MAC address is the bridge''s own. On VPP: a further MAC address of the bridge domain''s bridged_virtual_interface,
              whose own is there by itself.'
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
