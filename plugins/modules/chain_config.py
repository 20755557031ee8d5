#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: chain_config
short_description: Values of any kinds onto CNFs, some on the Linux kernel and some on VPP
version_added: 0.1.0
description:
  - What M(pantheon.cnf.cnf_config) runs on a target when a task has CNFs of both dataplanes. It takes values that were parsed on the
    controller; use M(pantheon.cnf.cnf_config), which takes items as they stand in documents.
  - All CNFs are planned before the first one is touched. When one fails half-way, all are brought back to the state that was found,
    on whichever dataplane they are.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.config_module
  - pantheon.cnf.on_failure
options:
  configurations:
    description: What each CNF shall have.
    type: list
    elements: dict
    required: true
    suboptions:
      cnf:
        description: Name of the CNF.
        type: str
        required: true
      dataplane:
        description: Where the CNF is.
        type: str
        choices: [linux, vpp]
        required: true
      namespace:
        description: Its network namespace; without it the one that the module runs in.
        type: str
      socket:
        description: Path of the API socket of its VPP.
        type: path
        default: /run/vpp/api.sock
      api_dir:
        description: Folder of VPP's API descriptions, for a VPP beside or below which they are not found.
        type: path
      own_nat:
        description: Whether pools, NAT roles and the NAT plugin's being enabled, which carry no mark, all count as this collection's.
        type: bool
        default: false
      timeout:
        description: Seconds that each answer of VPP may take.
        type: int
        default: 10
      values:
        description: The values.
        type: list
        elements: dict
        required: true
        suboptions:
          kind:
            description: Kind, such as V(vpp.nat/nat44-pool).
            type: str
            required: true
          data:
            description: Fields in their northbound names; a secret is a reference into O(secrets).
            type: dict
            required: true
  memif_substitution:
    description: Whether a memif interface, which the kernel does not have, may be realised by the veth link that M(pantheon.cnf.cnf_link) made.
    type: str
    choices: [none, veth]
    default: none
seealso:
  - module: pantheon.cnf.cnf_config
"""

EXAMPLES = r"""
---
- name: One address on either side of a link
  pantheon.cnf.chain_config:
    configurations:
      - cnf: client
        dataplane: linux
        namespace: client
        values:
          - kind: linux.interfaces/interface
            data:
              name: tap0
              type: EXISTING
              enabled: true
              ip_addresses:
                - 10.0.0.1/24
      - cnf: router
        dataplane: vpp
        socket: /run/pantheon.cnf/router/vpp/api.sock
        values:
          - kind: vpp/interfaces
            data:
              name: memif0
              type: MEMIF
              enabled: true
              ip_addresses:
                - 10.0.0.2/24
"""

RETURN = r"""
before:
  description: By CNF, the items that were there.
  returned: success
  type: dict
after:
  description: By CNF, the items that are there now, read back; in check mode those that would be.
  returned: success
  type: dict
commands:
  description: The native calls, in words of C(ip) and C(nft) and those of the binary API, each with its CNF; also in check mode.
  returned: success
  type: list
  elements: str
  sample: ["client: ip address add 10.10.1.10/24 dev tap0"]
rendered:
  description: The native calls that would make the values from nothing.
  returned: when O(state=rendered)
  type: list
  elements: str
operations:
  description: On failure, what was attempted, undone and what could not be undone.
  returned: on failure half-way
  type: dict
"""

from ansible_collections.pantheon.cnf.plugins.module_utils.config_module import On, run
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import dataplane as linux
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import everything as on_linux
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import dataplane as vpp
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import everything as on_vpp


def main() -> None:
    """All kinds, all families."""
    run(
        {
            "linux": On.of(on_linux.kinds(), linux.connector(on_linux.families)),
            "vpp": On.of(on_vpp.kinds(), vpp.connector(on_vpp.families)),
        }
    )


if __name__ == "__main__":
    main()
