#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsm_endpoint_info
short_description: Endpoints of Network Service Mesh, and which clients get which
version_added: 0.1.0
description:
  - Shows the NetworkServiceEndpoints of a Kubernetes cluster as NSM 1.x reads them. An expired one is marked; NSM passes it over.
  - For clients, given by their labels or as C(cnf.nsm) items of CNFConfigurations, tells which endpoints NSM would give them, by the same
    rules, and otherwise why none. NSM itself keeps no object for a client; the pods that ask for network services can be looked at.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.info
  - pantheon.cnf.kubernetes
  - pantheon.cnf.store
options:
  network_services:
    description: Only what concerns the network services of these names.
    type: list
    elements: str
  namespace:
    description: Only the objects of this namespace. NSM itself reads all namespaces.
    type: str
  clients:
    description: Clients to find endpoints for.
    type: list
    elements: dict
    suboptions:
      name:
        description: A name to tell it by.
        type: str
        required: true
      labels:
        description: Its labels. NSM adds C(nodeName), C(podName) and C(clusterName) where a client runs; give them where a template uses them.
        type: dict
        default: {}
      network_service:
        description: The network service that it asks for; by default each that there is.
        type: str
      payload:
        description: The payload that it asks for; by default any.
        type: str
        choices: [ETHERNET, IP]
  documents:
    description:
      - Files, or folders of files, with CNFConfigurations on the controller. Their client items are clients, named C(CNF/NAME).
      - Relative paths count from the working directory, then from the playbook.
    type: list
    elements: str
  objects:
    description: CNFConfigurations as data.
    type: list
    elements: dict
  pods:
    description:
      - Whether pods are clients too, by what NSM's webhook has put into them, or else by their annotation C(networkservicemesh.io).
      - They are named C(NAMESPACE/NAME), and have the labels C(podName) and C(nodeName) beside their own.
    type: bool
    default: false
notes:
  - Where several endpoints fit, each forwarder lets them take turns. They stand in the order of their names; the registry itself has no order.
seealso:
  - module: pantheon.cnf.nsm_network_service
  - module: pantheon.cnf.nsm_network_service_info
"""

EXAMPLES = r"""
---
- name: Who of the chain gets whom
  pantheon.cnf.nsm_endpoint_info:
    documents: [nat44_chain]
  register: mesh

- name: Nobody is left without an endpoint
  ansible.builtin.assert:
    that: mesh.matches | rejectattr('error', 'equalto', '') | list == []

- name: Why a pod gets nobody
  pantheon.cnf.nsm_endpoint_info:
    pods: true
  register: mesh

- name: Say it
  ansible.builtin.debug:
    msg: "{{ mesh.matches | rejectattr('error', 'equalto', '') }}"

- name: What a client with these labels would get
  pantheon.cnf.nsm_endpoint_info:
    clients:
      - name: a new one
        network_service: nat44
        labels:
          app: client
"""

RETURN = r"""
endpoints:
  description: In the order of namespace and name.
  returned: success
  type: list
  elements: dict
  contains:
    namespace:
      description: Namespace of the object.
      type: str
    object:
      description: Name of the object.
      type: str
    name:
      description: The endpoint's name; empty when NSM cannot read the object.
      type: str
    network_services:
      description: The network services that it offers.
      type: list
      elements: str
    labels:
      description: By network service, the labels that selectors look at.
      type: dict
    url:
      description: Where it is reached.
      type: str
    expires:
      description: When it expires if it is not refreshed; empty when never.
      type: str
      sample: "2026-01-02T03:04:05Z"
    expired:
      description: Whether that is over by the clock of where the module runs.
      type: bool
    errors:
      description: What NSM does not read in it, or why it cannot read it at all. Then it finds no endpoint whatsoever.
      type: list
      elements: str
matches:
  description: For each client and each network service that it asks for.
  returned: success
  type: list
  elements: dict
  contains:
    client:
      description: The client's name.
      type: str
    network_service:
      description: The network service.
      type: str
    endpoints:
      description: Names of those it may get. One that two routes fit stands twice, and gets two turns.
      type: list
      elements: str
    match:
      description: Number of the match that decided, from 1; none when the service has no matches or none fits.
      type: int
    passed:
      description: Numbers of the matches that fit the client and were gone past.
      type: list
      elements: int
    error:
      description: Why it gets none, or cannot ask; empty when it gets one.
      type: str
"""

from ansible_collections.pantheon.cnf.plugins.module_utils.store.network_services import endpoint_info


def main() -> None:
    """All of it is in module_utils."""
    endpoint_info()


if __name__ == "__main__":
    main()
