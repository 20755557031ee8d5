#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_link
short_description: Links between sandboxes of which some are on VPP
version_added: 0.1.0
description:
  - What M(pantheon.cnf.cnf_link) runs when some of the CNFs are on VPP. It has the same options, and everything about them is said there.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.cnf_link
  - pantheon.cnf.on_failure
requirements:
  - root on the target (C(become))
seealso:
  - module: pantheon.cnf.cnf_link
"""

EXAMPLES = r"""
---
- name: Join a client on the kernel with a router on VPP
  pantheon.cnf.vpp_link:
    links:
      - ends:
          - cnf: client
            interface: eth0
          - cnf: router
            interface: memif0
    sockets:
      router: /run/pantheon.cnf/router/vpp/api.sock
"""

RETURN = r"""
before:
  description: The links of this collection that were there in the namespaces of O(links).
  returned: success
  type: dict
  sample:
    links: []
after:
  description: The links that are there now, read back; in check mode those that would be. A link whose other end is elsewhere shows one end.
  returned: success
  type: dict
  sample:
    links:
      - ends:
          - namespace: client
            cnf: client
            interface: eth0
            kind: linux.interfaces/interface
            type: EXISTING
            host_if_name: eth0
          - namespace: router
            cnf: router
            interface: lan
            kind: linux.interfaces/interface
            type: EXISTING
            host_if_name: lan
        medium: veth
        mtu: 1500
commands:
  description: What was done, in words of C(ip), and where it is VPP's matter as calls of its API; also in check mode.
  returned: success
  type: list
  elements: str
  sample: ["ip -n client link add eth0 type veth peer name lan netns router"]
operations:
  description: On failure, what was attempted, undone and what could not be undone.
  returned: on failure half-way
  type: dict
"""


from ansible_collections.pantheon.cnf.plugins.module_utils import link_module
from ansible_collections.pantheon.cnf.plugins.module_utils.places import joins


def main() -> None:
    """Make and remove links, of the kernel and of VPP."""
    link_module.run(joins.task)


if __name__ == "__main__":
    main()
