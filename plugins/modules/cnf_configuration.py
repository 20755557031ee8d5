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
  - Puts CNFConfigurations into etcd under the keys that Ligato agents read, or into Kubernetes as objects that the controller of this
    collection delivers; one or many in a task. Or removes them.
  - Documents are parsed on the controller, strictly. A wrong module, type, field or value is an error that names it with the nearest
    right spelling, before anything is sent. All that is wrong in the store is found before the first configuration is written, too.
  - A configuration that is as it should be is not written, whatever way its JSON or YAML is laid out.
  - In etcd a configuration touches only keys that it wrote itself. A key of another configuration, or one that somebody else wrote, is an
    error that names it. A run that is killed half-way is finished by the next.
  - In Kubernetes objects are applied by the server under the name of O(field_manager). Check mode is a dry run of the server. A field that
    another manager has set is an error that names both. An API server that is restarted in the middle is waited for.
  - M(pantheon.cnf.etcd_configuration) or M(pantheon.cnf.kubernetes_configuration) does the work on the target, which has to reach the store.
    To run it on the controller, delegate the task to C(localhost).
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.etcd
  - pantheon.cnf.etcd.take_over
  - pantheon.cnf.kubernetes
  - pantheon.cnf.kubernetes.apply
  - pantheon.cnf.store
  - pantheon.cnf.store.wait
options:
  store:
    description:
      - C(etcd) takes O(endpoints), O(etcd_conf), O(ca), O(cert), O(key), O(user), O(password), O(plain_password) and O(take_over).
      - C(kubernetes) takes O(kubeconfig), O(context), O(host), O(api_key), O(ca_cert), O(client_cert), O(client_key), O(validate_certs),
        O(proxy), O(field_manager) and O(force_conflicts). Its kind CNFConfiguration has to be there.
    type: str
    choices: [etcd, kubernetes]
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
    description: Names of configurations, with O(state=absent), as C(namespace/name); a name without a namespace is in C(default).
    type: list
    elements: str
  absent:
    description:
      - With O(state=present), names of configurations that are to go in the same task, as those of O(names).
      - What they have can become another configuration's, as when one is renamed. In etcd no agent sees it go, as long as all of it fits into
        one transaction (some hundred keys).
    type: list
    elements: str
    version_added: 0.1.0
  state:
    description:
      - C(present) makes each configuration be exactly the items of its document.
      - C(absent) removes the configurations, and what they wrote. Keys of etcd that somebody else has written since stay, with a warning.
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

- name: Renamed, which the agents do not notice
  pantheon.cnf.cnf_configuration:
    store: etcd
    etcd_conf: /etc/etcd/etcd.conf
    documents: [routes-of-the-client.yaml]
    absent: [client-routes]

- name: The same in Kubernetes, when the agents have applied it
  pantheon.cnf.cnf_configuration:
    store: kubernetes
    kubeconfig: ~/.kube/config
    documents: [client-routes.yaml]
    wait: true

- name: Gone again
  pantheon.cnf.cnf_configuration:
    store: etcd
    names: [client-routes]
    state: absent
"""

RETURN = r"""
before:
  description: By configuration, the items that were there, in Kubernetes with the labels and annotations that were set here.
  returned: success
  type: dict
after:
  description: By configuration, the items that are there now; in check mode those that would be.
  returned: success
  type: dict
configurations:
  description: Of each configuration its generation, and with O(store=etcd) the revision of etcd that agents have to reach.
  returned: success
  type: dict
  sample: {"default/client-routes": {"changed": true, "generation": 1, "left": [], "revision": 17}}
applied:
  description: By configuration how far the agents are, with the state of each item, and on failure in Kubernetes with its last events.
  returned: with O(wait), also when it took too long
  type: dict
conflicts:
  description:
    - Keys that are somebody else's, each with its C(owner), a configuration or nobody that is known. In Kubernetes fields, each with its
      C(manager).
  returned: when something is somebody else's
  type: list
  elements: dict
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configuration_module import COMMON as ETCD
from ansible_collections.pantheon.cnf.plugins.module_utils.store.resource_module import COMMON as KUBERNETES

OPTIONS: t.Dict[str, t.Dict[str, t.Any]] = {"etcd": ETCD, "kubernetes": KUBERNETES}
"""Those that say how to get to a store and how to write there."""

ARGUMENTS: t.Dict[str, t.Dict[str, t.Any]] = {
    **ETCD,
    **KUBERNETES,
    "store": {"type": "str", "choices": list(OPTIONS), "required": True},
    "documents": {"type": "list", "elements": "str"},
    "objects": {"type": "list", "elements": "dict"},
    "names": {"type": "list", "elements": "str"},
    "absent": {"type": "list", "elements": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
ONE_OF = [("documents", "objects", "names")]


def refuse_others(store: str, given: t.Iterable[str]) -> None:
    """Raise for options of another store."""
    spelt = {spelling: name for name, each in ARGUMENTS.items() for spelling in (name, *each.get("aliases", ()))}
    for name in given:
        stores = [each for each, options in OPTIONS.items() if spelt.get(name) in options]
        if stores and store not in stores:
            raise CnfError(f"{name} is an option of store {stores[0]}, not of store {store}")


def main() -> None:
    """The work is done by the action plugin of this name, which runs on the controller and calls the store's module."""
    module = AnsibleModule(argument_spec=ARGUMENTS, required_one_of=ONE_OF, supports_check_mode=True)
    module.fail_json(msg="pantheon.cnf.cnf_configuration is an action plugin; run it as a task")


if __name__ == "__main__":
    main()
