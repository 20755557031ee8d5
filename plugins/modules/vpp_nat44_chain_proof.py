#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_nat44_chain_proof
short_description: Prove that a chain with CNFs on VPP translates
version_added: 0.1.0
description:
  - What M(pantheon.cnf.nat44_chain_proof) runs when the NAT44 CNF or the server of the chain is on VPP (O(sockets)).
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes
  - pantheon.cnf.nat44_chain_proof
attributes:
  check_mode:
    support: partial
    details:
      - Sends nothing and proves nothing in check mode, the task is skipped.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - Leaves nothing but the sessions of its requests, which time out.
      - It takes the packet trace of each VPP for itself. What somebody else was tracing there is gone.
  platform:
    platforms: linux
    support: full
requirements:
  - VPP 24.02 or newer, with its plugin C(tracedump)
  - root on the target (C(become))
seealso:
  - module: pantheon.cnf.nat44_chain_proof
"""

EXAMPLES = r"""
---
- name: Prove it where NAT and server are on VPP
  pantheon.cnf.vpp_nat44_chain_proof:
    cnf: edge
    client: laptop
    server: web
    sockets:
      edge: /run/pantheon.cnf/edge/vpp/api.sock
      web: /run/pantheon.cnf/web/vpp/api.sock
    url: http://192.0.2.80/show/version
    inside: [lan]
    outside: [wan]
    pools:
      - first_ip: 192.0.2.100
        last_ip: 192.0.2.105
"""

RETURN = r"""
proven:
  description: Whether all checks hold.
  returned: when a flow was asked for
  type: bool
reasons:
  description: For each check that does not hold, what was expected and what was seen.
  returned: when a flow was asked for
  type: list
  elements: str
checks:
  description: All checks, as M(pantheon.cnf.nat44_chain_proof) describes them.
  returned: when a flow was asked for
  type: list
  elements: dict
evidence:
  description: All that was seen, as M(pantheon.cnf.nat44_chain_proof) describes it.
  returned: when a flow was asked for
  type: dict
text:
  description: The proof for a reader.
  returned: when a flow was asked for
  type: str
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import proof as kernel
from ansible_collections.pantheon.cnf.plugins.module_utils.proof.model import Place, Site
from ansible_collections.pantheon.cnf.plugins.module_utils.proof.prove import ARGUMENTS, run
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import proof as vpp


def main() -> None:
    """Send and judge, with places of both dataplanes: the client always is one of the kernel."""
    module = AnsibleModule(ARGUMENTS, supports_check_mode=True)

    def enter(place: Place) -> t.ContextManager[Site]:
        return vpp.enter(place, module.params["api_dir"]) if place.socket else kernel.enter(place)

    run(module, enter)


if __name__ == "__main__":
    main()
