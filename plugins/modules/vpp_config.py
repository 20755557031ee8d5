#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_config
short_description: Values of any kinds onto CNFs on VPP
version_added: 0.1.0
description:
  - What M(pantheon.cnf.cnf_config) runs on a target whose dataplane is VPP. It takes values that were parsed on the
    controller; use M(pantheon.cnf.cnf_config), which takes items as they stand in documents.
  - All CNFs are planned before the first one is touched. When one fails half-way, all are brought back to the state that was found.
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
seealso:
  - module: pantheon.cnf.cnf_config
"""

EXAMPLES = r"""
---
- name: One loopback on the VPP of a host
  pantheon.cnf.vpp_config:
    configurations:
      - cnf: edge
        values:
          - kind: vpp/interfaces
            data:
              name: loop1
              type: SOFTWARE_LOOPBACK
              enabled: true
              ip_addresses:
                - 10.0.0.1/32
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
  description: The calls of the binary API, each with its CNF; also in check mode.
  returned: success
  type: list
  elements: str
  sample: ["cnf-nat44: nat44_interface_add_del_feature is_add=true flags=32 sw_if_index=memif0"]
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
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import dataplane as vpp
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import everything as on_vpp


def main() -> None:
    """All kinds, all families."""
    run({"vpp": On.of(on_vpp.kinds(), vpp.connector(on_vpp.families))})


if __name__ == "__main__":
    main()
