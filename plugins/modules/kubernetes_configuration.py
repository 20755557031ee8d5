#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kubernetes_configuration
short_description: CNFConfigurations of parsed documents in Kubernetes
version_added: 0.1.0
description:
  - What M(pantheon.cnf.cnf_configuration) runs on a target that reaches an API server. It takes objects that were parsed on the controller;
    use M(pantheon.cnf.cnf_configuration), which takes documents.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.kubernetes
  - pantheon.cnf.kubernetes.apply
  - pantheon.cnf.store
  - pantheon.cnf.store.wait
options:
  objects:
    description: The CNFConfigurations that shall be there, with namespace and name, and data as text.
    type: list
    elements: dict
    default: []
  absent:
    description: Names of configurations that shall not be there, as C(namespace/name).
    type: list
    elements: str
    default: []
  secrets:
    description: What references that stand for an item's data stand for.
    type: dict
seealso:
  - module: pantheon.cnf.cnf_configuration
"""

EXAMPLES = r"""
---
- name: One route of one CNF
  pantheon.cnf.kubernetes_configuration:
    kubeconfig: ~/.kube/config
    objects:
      - apiVersion: pantheon.tech/v1
        kind: CNFConfiguration
        metadata:
          namespace: default
          name: client-routes
        spec:
          microservice: client
          configItems:
            - module: linux.l3
              type: route
              data: |
                outgoing_interface: tap0
                scope: GLOBAL
                dst_network: 80.80.80.0/24
                gw_addr: 10.10.1.1
"""

RETURN = r"""
before:
  description: By configuration, the items that were there, with the labels and annotations that were set here.
  returned: success
  type: dict
after:
  description: By configuration, the items that are there now; in check mode those that would be.
  returned: success
  type: dict
configurations:
  description: Of each configuration whether it was changed, and its generation.
  returned: success
  type: dict
applied:
  description: By configuration how far the agents are, with the state of each item; on failure with its last events.
  returned: with O(wait), also when it took too long
  type: dict
conflicts:
  description: Fields that another field manager has set, each with its C(manager).
  returned: when a field is somebody else's
  type: list
  elements: dict
"""

from ansible_collections.pantheon.cnf.plugins.module_utils.store.resource_module import run


def main() -> None:
    """All of it is in module_utils."""
    run()


if __name__ == "__main__":
    main()
