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
        description:
          - 'C(vpp/arp): A neighbour of a VPP interface (ARP or IPv6 neighbour discovery).'
          - 'C(linux.l3/arp): A permanent neighbour of a Linux interface.'
        type: list
        elements: dict
        suboptions:
          interface:
            description: 'Logical name of the interface. On the kernel: the interface has to be up.'
            type: str
            required: true
          ip_address:
            description: Address of the neighbour.
            type: str
            required: true
          phys_address:
            description: MAC address of the neighbour. Of C(vpp/arp) only.
            type: str
          static:
            description: 'Whether learning may not replace it. On the kernel: an entry that is not static may be forgotten by the kernel
              when unused. Of C(vpp/arp) only.'
            type: bool
          hw_address:
            description: MAC address of the neighbour. Of C(linux.l3/arp) only.
            type: str
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
                description: 'Logical name of the interface. On the kernel: the kernel answers while it forwards (ip_forward), for an
                  address whose route leaves by another interface.'
                type: str
                required: true
          ranges:
            description: 'For which addresses. On the kernel: together at most 4096 addresses times interfaces; each is an entry of
              its own.'
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
                description: 'VRF table, by its id; 0 is the main one. On the kernel: one that an interface of the list is in.'
                type: int
"""
