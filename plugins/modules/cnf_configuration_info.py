#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cnf_configuration_info
short_description: What CNFConfigurations a store has, and how far they are applied
version_added: 0.1.0
description:
  - Reads the configurations of etcd or of Kubernetes. Of each it tells its items, what the agents say of them, and what is no longer as it
    was written.
  - All of etcd is read as it was at one revision.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.info
  - pantheon.cnf.etcd
  - pantheon.cnf.kubernetes
  - pantheon.cnf.store
options:
  store:
    description: The store. Each has its own options that say how to get there, as those of M(pantheon.cnf.cnf_configuration).
    type: str
    choices: [etcd, kubernetes]
    required: true
  names:
    description:
      - Names of configurations, as C(namespace/name); a name without a namespace is in C(default). All of them by default.
      - In etcd those that the controller has mirrored are called C(kubernetes/namespace/name).
    type: list
    elements: str
  namespace:
    description: Only the configurations of this namespace.
    type: str
seealso:
  - module: pantheon.cnf.cnf_configuration
"""

EXAMPLES = r"""
---
- name: What this etcd has
  pantheon.cnf.cnf_configuration_info:
    store: etcd
    etcd_conf: /etc/etcd/etcd.conf
  register: stored

- name: Nobody but us writes there
  ansible.builtin.assert:
    that:
      - stored.others == []
      - stored.configurations.values() | map(attribute='drift') | flatten == []

- name: One configuration of the cluster of the kubeconfig
  pantheon.cnf.cnf_configuration_info:
    store: kubernetes
    names: [default/client-routes]
"""

RETURN = r"""
configurations:
  description:
    - By name, what is stored. C(applied) is C(True), C(False) or C(Unknown), C(reason) and C(message) say why.
    - C(drift) has in words what is no longer as it was written. In Kubernetes also when the controller has not seen this generation, or
      does not accept it.
    - C(items) have C(microservice), C(module), C(type), C(version), C(key) and C(data), the C(state) that the agent tells with its
      C(message), and C(applied), whether this very item is applied. In etcd also C(drift), C(removed) or C(overwritten).
    - C(agents), in etcd, is what the agent of each microservice says of itself, or nothing where none is alive.
  returned: success
  type: dict
  sample:
    default/client-routes:
      applied: "True"
      drift: []
      generation: 1
      items:
        - applied: true
          data: {dst_network: 80.80.80.0/24, gw_addr: 10.10.1.1, outgoing_interface: tap0, scope: GLOBAL}
          drift: ""
          key: /vnf-agent/client/config/linux/l3/v2/route/80.80.80.0/24/tap0
          message: ""
          microservice: client
          module: linux.l3
          state: CONFIGURED
          type: route
          version: v2
      message: all items are applied
      reason: Applied
      revision: 17
others:
  description: Keys of configuration that no configuration wrote.
  returned: with O(store=etcd), without O(names) and O(namespace)
  type: list
  elements: str
unreadable:
  description: Records of configurations that cannot be read.
  returned: with O(store=etcd)
  type: list
  elements: str
"""

from ansible_collections.pantheon.cnf.plugins.module_utils.store.info_module import run


def main() -> None:
    """All of it is in module_utils."""
    run()


if __name__ == "__main__":
    main()
