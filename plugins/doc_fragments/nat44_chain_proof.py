# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What to prove."""

    DOCUMENTATION = r"""
options:
  chain:
    description:
      - What M(pantheon.cnf.cnf_chain_info) returned. All other options are taken from it unless they are given.
      - Which side is inside follows from where O(client) and O(server) are in the chain, not from what its NAT says, so that
        interfaces in swapped roles are found out.
    type: dict
  cnf:
    description: The CNF with the NAT44. By default the first one of O(chain).
    type: str
  client:
    description: The CNF that sends. By default the first one behind an inside interface.
    type: str
  server:
    description: The CNF that answers. By default the first one behind an outside interface.
    type: str
  namespaces:
    description: Network namespaces by CNF, for those in which it is not the CNF's name.
    type: dict
  sockets:
    description:
      - Paths of the API sockets of those CNFs that are on VPP, by CNF. All others are network namespaces of the kernel.
      - VPP's counters are read from the socket C(stats.sock) in the same folder.
    type: dict
  api_dir:
    description:
      - Folder of VPP's API descriptions (C(*.api.json)). By default they are looked for beside the running VPP, below E(VPP_PREFIX)
        and in C(/usr/share/vpp/api).
    type: path
  url:
    description: The page to ask for, C(http) and an IPv4 address. By default C(/show/version) of the server's address in O(chain).
    type: str
  body:
    description:
      - Regular expression that has to match somewhere in the page. Some servers answer an error with C(200).
      - The page C(unknown input) of VPP's web server is no answer in any case.
    type: str
  inside:
    description: Logical names of the inside interfaces of O(cnf), to be captured on.
    type: list
    elements: str
  outside:
    description: Logical names of the outside interfaces of O(cnf), to be captured on.
    type: list
    elements: str
  pools:
    description: Addresses that O(cnf) may translate to.
    type: list
    elements: dict
    suboptions:
      first_ip:
        description: First address.
        type: str
        required: true
      last_ip:
        description: Last address. By default the first.
        type: str
  inside_networks:
    description: Networks that nobody outside may see. By default those of the addresses of the O(inside) interfaces.
    type: list
    elements: str
  timeout:
    description: Seconds for the page to come.
    type: float
    default: 10
  fail:
    description: Whether a chain that is not proven fails the task.
    type: bool
    default: true
  picture:
    description:
      - File on the controller for a picture of the chain and the flow, as SVG without external references.
      - A relative path counts from the working directory of C(ansible-playbook). The picture is a report, writing it is no change.
    type: path
"""
