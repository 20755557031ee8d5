#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cnf_configuration
short_description: CNFConfigurations in a store that agents read
version_added: 0.1.0
description:
  - Puts CNFConfigurations into etcd under the keys that Ligato agents read, one or many in a task, or removes them.
  - Documents are parsed on the controller, strictly. A wrong module, type, field or value is an error that names it with the nearest
    right spelling, before anything is sent. All that is wrong in the store is found before the first configuration is written, too.
  - A configuration touches only keys that it wrote itself. A key of another configuration, or one that somebody else wrote, is an error that
    names it. A run that is killed half-way is finished by the next.
  - A configuration that is as it should be is not written, whatever way its JSON is laid out.
  - M(pantheon.cnf.etcd_configuration) does the work on the target, which has to reach etcd. To run it on the controller, delegate the task
    to C(localhost).
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.etcd
options:
  store:
    description: The store.
    type: str
    choices: [etcd]
    required: true
  documents:
    description:
      - Files, or folders of files, with CNFConfigurations on the controller. Relative paths count from the working directory, then from the playbook.
      - Documents of other kinds are ignored.
    type: list
    elements: str
  objects:
    description: CNFConfigurations as data.
    type: list
    elements: dict
  names:
    description: Names of configurations, with O(state=absent). The name in etcd is C(namespace/name); a name without a namespace is in C(default).
    type: list
    elements: str
  state:
    description:
      - C(present) makes each configuration be exactly the items of its document.
      - C(absent) removes what the configurations wrote. Keys that somebody else has written since stay, with a warning.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: pantheon.cnf.cnf_config
  - module: pantheon.cnf.cnf_chain_info
"""

EXAMPLES = r"""
---
- name: The configurations of the chain, for the agents that read this etcd
  pantheon.cnf.cnf_configuration:
    store: etcd
    endpoints: [https://10.0.0.5:2379]
    ca: /etc/etcd/ca.crt
    documents: [nat44_chain]
    wait: true

- name: One configuration of its own
  pantheon.cnf.cnf_configuration:
    store: etcd
    etcd_conf: /etc/etcd/etcd.conf
    objects:
      - apiVersion: pantheon.tech/v1
        kind: CNFConfiguration
        metadata:
          name: client-routes
        spec:
          microservice: client
          configItems:
            - module: linux.l3
              type: route
              data:
                outgoing_interface: tap0
                scope: GLOBAL
                dst_network: 80.80.80.0/24
                gw_addr: 10.10.1.1

- name: Gone again
  pantheon.cnf.cnf_configuration:
    store: etcd
    names: [client-routes]
    state: absent
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
  description: Of each configuration its generation, and the revision of etcd that agents have to reach.
  returned: success
  type: dict
  sample: {"default/client-routes": {"changed": true, "generation": 1, "left": [], "revision": 17}}
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

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configuration_module import COMMON

ARGUMENTS = {
    **COMMON,
    "store": {"type": "str", "choices": ["etcd"], "required": True},
    "documents": {"type": "list", "elements": "str"},
    "objects": {"type": "list", "elements": "dict"},
    "names": {"type": "list", "elements": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
ONE_OF = [("documents", "objects", "names")]


def main() -> None:
    """The work is done by the action plugin of this name, which runs on the controller and calls the store's module."""
    module = AnsibleModule(argument_spec=ARGUMENTS, required_one_of=ONE_OF, supports_check_mode=True)
    module.fail_json(msg="pantheon.cnf.cnf_configuration is an action plugin; run it as a task")


if __name__ == "__main__":
    main()
