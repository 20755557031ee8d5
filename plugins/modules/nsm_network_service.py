#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsm_network_service
short_description: NetworkServices of Network Service Mesh
version_added: 0.1.0
description:
  - Puts NetworkServices for Network Service Mesh 1.x into a Kubernetes cluster, one or many in a task, or removes them.
  - Takes C(networkservicemesh.io/v1), and C(networkservicemesh.io/v1alpha1) of NSM 0.2.0, which no cluster of today takes. The latter is
    converted; what v1 cannot say, or says differently, is a warning.
  - NSM's own CRD validates nothing. A field in the wrong spelling is stored, and the match without it fits everything. So all is checked
    before anything is sent, and all that is wrong is said at once. What looks wrong and may be meant is a warning.
  - Sends by server-side apply. Check mode is the server's own dry run. All are tried so before the first is written.
  - Leaves alone what NSM's registry keeps in the object (C(spec.path_ids)).
  - When NSM has another NetworkService of the same name in another namespace, a warning says which of them it takes.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.kubernetes
  - pantheon.cnf.store
  - pantheon.cnf.kubernetes.apply
options:
  documents:
    description:
      - Files, or folders of files, with NetworkServices on the controller. Relative paths count from the working directory, then from the
        playbook.
      - Documents of other kinds are ignored with a warning, but for CNFConfigurations, which are checked and otherwise ignored.
    type: list
    elements: str
  objects:
    description: NetworkServices as data.
    type: list
    elements: dict
  sources:
    description: Where each of O(objects) was read, for messages. O(documents) fills it in.
    type: list
    elements: str
  names:
    description: Names of objects, or C(namespace/name), with O(state=absent).
    type: list
    elements: str
  state:
    description:
      - C(present) makes each NetworkService be as its document says.
      - C(absent) removes them. Where a cluster has no CRD of NSM there is none to remove.
    type: str
    choices: [present, absent]
    default: present
  namespace:
    description: The namespace of those that name none. NSM reads all namespaces.
    type: str
    default: default
  payload:
    description:
      - The payload of all that are given, in the place of the documents' own.
      - What C(v1alpha1) called C(IP) is what C(v1) calls V(ETHERNET) in most cases. Only you can know, so nothing is rewritten unasked. A C(v1)
        document without a payload is an error, since NSM puts none in.
    type: str
    choices: [ETHERNET, IP]
seealso:
  - module: pantheon.cnf.nsm_network_service_info
  - module: pantheon.cnf.nsm_endpoint_info
  - module: pantheon.cnf.cnf_chain_info
"""

EXAMPLES = r"""
---
- name: The network services of a chain
  pantheon.cnf.nsm_network_service:
    documents: [nat44_chain]
    payload: ETHERNET

- name: One of its own
  pantheon.cnf.nsm_network_service:
    kubeconfig: /etc/kubernetes/admin.conf
    objects:
      - apiVersion: networkservicemesh.io/v1
        kind: NetworkService
        metadata:
          name: nat44
          namespace: mesh
        spec:
          payload: ETHERNET
          matches:
            - source_selector:
                app: client
              routes:
                - destination_selector:
                    app: nat44

- name: Gone again
  pantheon.cnf.nsm_network_service:
    names: [mesh/nat44]
    state: absent
"""

RETURN = r"""
before:
  description: By C(namespace/name), the objects that were there, without what the server keeps about them.
  returned: success
  type: dict
after:
  description: By C(namespace/name), the objects that are there now; in check mode those that would be.
  returned: success
  type: dict
network_services:
  description: By C(namespace/name), whether it was changed.
  returned: success
  type: dict
  sample: {"mesh/nat44": {"changed": true}}
problems:
  description: All that is wrong with the documents.
  returned: when something is wrong with them
  type: list
  elements: str
"""

from ansible_collections.pantheon.cnf.plugins.module_utils.store.network_services import write


def main() -> None:
    """All of it is in module_utils."""
    write()


if __name__ == "__main__":
    main()
