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
      arps:
        description: 'C(vpp/arp): A neighbour of a VPP interface (ARP or IPv6 neighbour discovery).'
        type: list
        elements: dict
        suboptions:
          interface:
            description: 'Logical name of the interface. On VPP: VPP cannot mark an entry: static ones on interfaces of ours are ours,
              on others only when named (or with scope: all).'
            type: str
            required: true
          ip_address:
            description: Address of the neighbour.
            type: str
            required: true
          phys_address:
            description: 'MAC address of the neighbour. On VPP: of one station.'
            type: str
          static:
            description: 'Whether learning may not replace it. On VPP: without it the entry is one of VPP''s cache, like those it learned:
              seen and deleted only by name, gone when the interface is down.'
            type: bool
      proxy_arp:
        description: 'C(vpp/proxyarp-global): Answering ARP requests for others.'
        type: dict
        suboptions:
          interfaces:
            description: Where requests are answered.
            type: list
            elements: dict
            suboptions:
              name:
                description: Logical name of the interface.
                type: str
                required: true
          ranges:
            description: 'For which addresses. On VPP: VPP cannot mark a range, so ranges are ours while only interfaces of ours answer;
              else only with scope: all.'
            type: list
            elements: dict
            suboptions:
              first_ip_addr:
                description: First IPv4 address.
                type: str
                required: true
              last_ip_addr:
                description: Last IPv4 address.
                type: str
                required: true
              vrf_id:
                description: 'VRF table, by its id; 0 is the main one. On VPP: one that an interface of the list is in.'
                type: int
"""
