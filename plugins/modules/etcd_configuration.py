#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: etcd_configuration
short_description: Configurations of parsed values in etcd
version_added: 0.1.0
description:
  - What M(pantheon.cnf.cnf_configuration) runs on a target that reaches etcd. It takes values that were parsed on the controller;
    use M(pantheon.cnf.cnf_configuration), which takes documents.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.etcd
  - pantheon.cnf.etcd.take_over
  - pantheon.cnf.store
  - pantheon.cnf.store.wait
options:
  configurations:
    description: The configurations that shall be there, each exactly as given.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      values:
        description: Its values.
        type: list
        elements: dict
        required: true
        suboptions:
          microservice:
            description: The label of the CNF that a value is for.
            type: str
            required: true
          kind:
            description: Module and type, as C(vpp.nat/nat44-interface).
            type: str
            required: true
          data:
            description: The fields.
            type: dict
            required: true
  absent:
    description: Names of configurations that shall not be there.
    type: list
    elements: str
    default: []
  secrets:
    description: What references in the data stand for.
    type: dict
seealso:
  - module: pantheon.cnf.cnf_configuration
"""

EXAMPLES = r"""
---
- name: One route of one CNF
  pantheon.cnf.etcd_configuration:
    endpoints: [10.0.0.5:2379]
    configurations:
      - name: client-routes
        values:
          - microservice: client
            kind: linux.l3/route
            data:
              outgoing_interface: tap0
              scope: GLOBAL
              dst_network: 80.80.80.0/24
              gw_addr: 10.10.1.1
"""

RETURN = r"""
before:
  description: By configuration, the items that were there.
  returned: success
  type: dict
after:
  description: By configuration, the items that are there now; in check mode those that would be.
  returned: success
  type: dict
configurations:
  description:
    - Of each configuration its generation, and the revision of etcd that agents have to reach; C(left) are keys that it wrote once and
      somebody else wrote since.
  returned: success
  type: dict
applied:
  description: By configuration how far the agents are, with the state of each item.
  returned: with O(wait), also when it took too long
  type: dict
conflicts:
  description: Keys that are somebody else's, each with its C(owner), a configuration or nobody that is known.
  returned: when a key is somebody else's
  type: list
  elements: dict
"""

from ansible_collections.pantheon.cnf.plugins.module_utils.store.configuration_module import run


def main() -> None:
    """All of it is in module_utils."""
    run()


if __name__ == "__main__":
    main()
