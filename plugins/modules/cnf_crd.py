#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cnf_crd
short_description: CNFConfigurations as a kind of a Kubernetes cluster, and their controller
version_added: 0.1.0
description:
  - Makes a cluster take C(CNFConfiguration) objects (the CRD C(cnfconfigurations.pantheon.tech)), with a schema that refuses what no controller could use.
    Objects of 2020 stay valid.
  - Gives the controller an account that may list and watch CNFConfigurations and patch their status, and no more. Who may edit or view a
    namespace may edit or view its CNFConfigurations, too.
  - With O(image) runs the controller in a pod, not as root, without capabilities and with a read-only root file system. Without, run it elsewhere
    (role P(pantheon.cnf.cnf_crd#role)).
  - What an earlier run made, and this one does not want any more, is removed. It is found by its labels.
  - Check mode is the server's own dry run.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.kubernetes
  - pantheon.cnf.store
  - pantheon.cnf.kubernetes.apply
options:
  state:
    description:
      - C(absent) removes the controller and its rights, and with O(purge) the CRD. What was delivered to etcd stays there.
    type: str
    choices: [present, absent]
    default: present
  namespace:
    description: Namespace of the controller's account and pod. It is made when it is not there, and removed again only then.
    type: str
    default: pantheon-cnf
  namespaces:
    description: Namespaces whose CNFConfigurations the controller may see. Empty is all of them.
    type: list
    elements: str
    default: []
  image:
    description: Image of agent and controller, as the C(Containerfile) of this collection makes it.
    type: str
  image_pull_policy:
    description: When the node fetches O(image).
    type: str
    choices: [Always, IfNotPresent, Never]
    default: IfNotPresent
  replicas:
    description: How many controllers there are. One of them works, the others stand by.
    type: int
    default: 1
  etcd:
    description: How the pod gets to etcd. Needed with O(image). It is kept in a Secret, which is shown only as a digest.
    type: dict
    suboptions:
      endpoints:
        description: Where etcd is for the pod, as C(host:port) or C(https://host:port).
        type: list
        elements: str
        required: true
      ca:
        description: File on the target with the CA that signed etcd's certificate. Its content goes into the Secret.
        type: path
      cert:
        description: File on the target with a client certificate.
        type: path
      key:
        description: File on the target with the key of O(etcd.cert).
        type: path
      user:
        description: User to log in as, with O(etcd.password).
        type: str
      password:
        description: Password of O(etcd.user). Only over TLS, unless O(etcd.plain_password).
        type: str
      plain_password:
        description: Send the password where there is no TLS, and everybody on the way can read it.
        type: bool
        default: false
  settings:
    description: Further settings of the controller in the pod, such as C(take_over), C(resync), C(lease) and C(log_level).
    type: dict
    default: {}
  purge:
    description: With O(state=absent), remove the CRD, and with it every CNFConfiguration of the cluster.
    type: bool
    default: false
  wait:
    description: Wait until the CRD can be used and the pod is ready, or with O(purge) until the CRD is gone.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait at most.
    type: int
    default: 120
seealso:
  - module: pantheon.cnf.cnf_configuration
"""

EXAMPLES = r"""
---
- name: CNFConfigurations can be used, and the controller may run with the account cnf-controller
  pantheon.cnf.cnf_crd:
    kubeconfig: ~/.kube/config

- name: With the controller in a pod, for two namespaces
  pantheon.cnf.cnf_crd:
    image: registry.example.com/pantheon.cnf:0.1.0
    namespaces: [edge, core]
    replicas: 2
    etcd:
      endpoints: [https://etcd.example.com:2379]
      ca: /etc/etcd/ca.crt
      cert: /etc/etcd/client.crt
      key: /etc/etcd/client.key

- name: Away with all of it, and with all CNFConfigurations
  pantheon.cnf.cnf_crd:
    state: absent
    purge: true
"""

RETURN = r"""
before:
  description: The objects as they were, by kind and name. Secrets are shown as digests.
  returned: success
  type: dict
after:
  description: The objects as they are now; in check mode as they would be.
  returned: success
  type: dict
objects:
  description: Names of the objects that are there now.
  returned: success
  type: list
  elements: str
  sample: ["CustomResourceDefinition cnfconfigurations.pantheon.tech", "ServiceAccount pantheon-cnf/cnf-controller"]
"""

from ansible_collections.pantheon.cnf.plugins.module_utils.store.crd_module import run


def main() -> None:
    """All of it is in module_utils."""
    run()


if __name__ == "__main__":
    main()
