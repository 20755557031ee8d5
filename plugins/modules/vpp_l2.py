#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_l2
short_description: Bridge domains and cross-connects of a VPP
version_added: 0.1.0
description:
  - >-
    Bridge domains, forwarding entries and cross-connects in the fields of the northbound kinds C(vpp.l2/*).
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.on_failure
  - pantheon.cnf.vpp
  - pantheon.cnf.linux.state
  - pantheon.cnf.vpp_l2
seealso:
  - module: pantheon.cnf.cnf_config
  - module: pantheon.cnf.vpp_info
"""

EXAMPLES = r"""
---
- name: A bridge domain of two interfaces
  pantheon.cnf.vpp_l2:
    socket: /run/vpp/api.sock
    config:
      bridge_domains:
        - name: bd1
          flood: true
          unknown_unicast_flood: true
          forward: true
          learn: true
          interfaces:
            - name: left
            - name: right
"""

RETURN = r"""
before:
  description: What was there of the kinds of this module, in the shape of O(config).
  returned: when O(state) changes something
  type: dict
after:
  description: What is there now, read back; in check mode what would be.
  returned: when O(state) changes something
  type: dict
commands:
  description: The API calls, with names for VPP's numbers, in the order of their waves; also in check mode.
  returned: when O(state) changes something
  type: list
  elements: str
  sample: ["bridge_domain_add_del_v2 bd_id=1"]
gathered:
  description: What is there. Fed back as O(config) it changes nothing.
  returned: when O(state=gathered)
  type: dict
rendered:
  description: The API calls that would make O(config) from nothing.
  returned: when O(state=rendered)
  type: list
  elements: str
operations:
  description: On failure, what was attempted, undone and what could not be undone.
  returned: on failure half-way
  type: dict
"""

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.slots.l2 import SLOTS
from ansible_collections.pantheon.cnf.plugins.module_utils.state_module import run
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.bridges import Bridges
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import PLACE, connector
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.found import interfaces
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.l2fib import L2Fib
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_reader import LinkReader
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tag_rewrites import TagRewrites
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.xconnects import Xconnects


def main() -> None:
    """Everything is in the slots and families named here."""
    run(SLOTS, PLACE, connector(_families))


def _families(_parameters: t.Mapping[str, t.Any]) -> t.List[t.Any]:
    links = LinkReader()
    # VPP forgets a rewrite of VLAN tags when its interface leaves layer 2.
    return [*interfaces(links), TagRewrites(links), Bridges(), L2Fib(), Xconnects()]


if __name__ == "__main__":
    main()
