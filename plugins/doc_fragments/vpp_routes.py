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
    description: 'C(vpp/route): A route of the VPP dataplane''s model. Several with one destination share the traffic.'
    type: list
    elements: dict
    suboptions:
      type:
        description: 'A route within a VRF, into another one, or one that drops. On VPP: DROP has no path beside it; INTER_VRF without
          next_hop_addr and outgoing_interface looks the destination up in via_vrf_id.'
        type: str
        choices: [INTRA_VRF, INTER_VRF, DROP]
      vrf_id:
        description: VRF table, by its id; 0 is the main one.
        type: int
      dst_network:
        description: 'Destination network, without host bits. On VPP: not a network or an address of an interface, which count for more;
          while one is added beside us, VPP lists it instead of ours.'
        type: str
        required: true
      next_hop_addr:
        description: 'Address of the next hop; when empty the destination is directly reached. On VPP: has to be reachable over an address
          of the interface, or (without interface) over some route.'
        type: str
      outgoing_interface:
        description: Logical name of the interface that it leaves by.
        type: str
      weight:
        description: Share of the traffic among routes of equal preference; 0 is 1. At most V(255).
        type: int
      preference:
        description: Routes with the lowest number are used. At most V(255).
        type: int
      via_vrf_id:
        description: 'VRF table where the next hop is looked up (INTER_VRF). On VPP: with outgoing_interface it has to be that interface''s
          VRF.'
        type: int
"""
