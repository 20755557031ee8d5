# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What links there shall be."""

    DOCUMENTATION = r"""
options:
  links:
    description: The links. The RV(pantheon.cnf.cnf_chain_info#module:links) of a chain can be given as they are.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What messages call the link. It is not kept anywhere.
        type: str
      ends:
        description: The two ends.
        type: list
        elements: dict
        required: true
        suboptions:
          cnf:
            description: Name of the CNF.
            type: str
            required: true
          namespace:
            description: Its network namespace. By default the name of the CNF.
            type: str
          interface:
            description: Logical name of the interface.
            type: str
            required: true
          host_if_name:
            description:
              - Name of the device in the kernel, at most 15 bytes. By default the logical name.
              - For an end on VPP that of the veth device which an af_packet interface is put on.
            type: str
          kind:
            description: Kind of the item that configures the end.
            type: str
            choices: [linux.interfaces/interface, vpp/interfaces]
            default: linux.interfaces/interface
          type:
            description: Interface type of that item, such as C(EXISTING) or C(MEMIF).
            type: str
            default: EXISTING
      mtu:
        description: MTU of both ends. Leave it out when items say it, and for ends on VPP.
        type: int
      medium:
        description:
          - What a link between VPP and the kernel is made of. C(auto) leaves one that is there as it is, and makes a new one a TAP if the machine can.
        type: str
        choices: [auto, tap, af_packet]
        default: auto
      service:
        description: Ignored. It is here so that links can be given as M(pantheon.cnf.cnf_chain_info) returns them.
        type: str
      reason:
        description: Ignored, as O(links[].service).
        type: str
  namespaces:
    description: Network namespaces by CNF, for those in which it is not the CNF's name.
    type: dict
  sockets:
    description:
      - Paths of API sockets by CNF, for the CNFs that are on VPP. That of a sandbox is C(/run/pantheon.cnf/<namespace>/vpp/api.sock).
      - A CNF that is not in it is on the kernel.
    type: dict
  api_dir:
    description: Folder of VPP's API descriptions, where they are not found beside VPP.
    type: path
  state:
    description:
      - C(present) makes the links. An end that is part of another link of this collection leaves that one, which goes away.
      - C(overridden) also removes all other links of this collection that have an end in the namespaces of O(links) and of
        O(namespaces).
      - C(absent) removes the links.
    type: str
    choices: [present, overridden, absent]
    default: present
"""
