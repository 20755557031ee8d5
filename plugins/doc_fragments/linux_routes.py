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
    description:
      - 'C(vpp/route): A route of the VPP dataplane''s model. Several with one destination share the traffic.'
      - 'C(linux.l3/route): A route of the Linux kernel.'
    type: list
    elements: dict
    suboptions:
      type:
        description: 'A route within a VRF, into another one, or one that drops. On the kernel: INTER_VRF needs outgoing_interface,
          or neither it nor next_hop_addr; DROP has no path beside it. Of C(vpp/route) only.'
        type: str
        choices: [INTRA_VRF, INTER_VRF, DROP]
      vrf_id:
        description: VRF table, by its id; 0 is the main one. Of C(vpp/route) only.
        type: int
      dst_network:
        description:
          - 'C(vpp/route): Destination network, without host bits.'
          - 'C(linux.l3/route): Destination network; host bits are masked.'
        type: str
        required: true
      next_hop_addr:
        description: 'Address of the next hop; when empty the destination is directly reached. On the kernel: has to be reachable over
          an address, or a route without gateway, of an interface that is up. Of C(vpp/route) only.'
        type: str
      outgoing_interface:
        description:
          - 'C(vpp/route): Logical name of the interface that it leaves by. On the kernel: given for all paths of a destination or for
            none.'
          - 'C(linux.l3/route): Logical name of the interface that it leaves by.'
        type: str
      weight:
        description: 'Share of the traffic among routes of equal preference; 0 is 1. At most V(255). On the kernel: kept only beside
          other paths of the same destination. Of C(vpp/route) only.'
        type: int
      preference:
        description: Routes with the lowest number are used. At most V(255). Of C(vpp/route) only.
        type: int
      via_vrf_id:
        description: 'VRF table where the next hop is looked up (INTER_VRF). On the kernel: with outgoing_interface it has to be that
          interface''s VRF. Of C(vpp/route) only.'
        type: int
      scope:
        description: 'How far the destination is. GLOBAL by a gateway, LINK directly. On the kernel: IPv6 routes know only GLOBAL (with
          gateway) and LINK (without). Of C(linux.l3/route) only.'
        type: str
        choices: [GLOBAL, SITE, LINK, HOST]
      gw_addr:
        description: 'Address of the gateway; none for scope LINK. On the kernel: has to be reachable over an address, or a route without
          gateway, of an interface that is up. Of C(linux.l3/route) only.'
        type: str
      metric:
        description: Of several routes the one with the lowest metric is used. Of C(linux.l3/route) only.
        type: int
"""
