#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cnf_chain_info
short_description: What a set of chain documents describes
version_added: 0.1.0
description:
  - Reads C(CNFConfiguration) and C(NetworkService) documents, joins the clients with the endpoints exactly as Network Service Mesh does it,
    and returns the CNFs, the links between them, and the items to apply to each CNF.
  - Checks the whole mesh before anything is touched. Errors are selectors that nobody matches, services that nobody offers, clients without an
    endpoint, a second client of an endpoint for one, loops, names that clash or are too long, and subnets that overlap at one CNF.
  - Works on the controller alone. Nothing is sent to, or read from, the target.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.info
options:
  documents:
    description:
      - Files of YAML documents, or directories of such files. Documents of other kinds are ignored with a notice.
      - A relative path counts from the working directory of C(ansible-playbook). What is not there is looked for beside the playbook.
    type: list
    elements: str
  objects:
    description: Documents as data. They come after those of O(documents).
    type: list
    elements: dict
  strict:
    description:
      - Whether what lint calls an error fails the task. Otherwise it is returned in RV(errors) and shown as a warning.
      - Documents that cannot be read at all always fail.
    type: bool
    default: true
  payload:
    description:
      - The payload of all network services in RV(network_services), instead of the documents' own.
      - What C(networkservicemesh.io/v1alpha1) called C(IP) is what C(networkservicemesh.io/v1) calls V(ETHERNET) in most cases. Only you can
        know, so nothing is rewritten unasked.
    type: str
    choices: [ETHERNET, IP]
notes:
  - The order of the documents stands for the order in which clients and endpoints would come up. Where several endpoints fit, they take turns.
seealso:
  - module: pantheon.cnf.cnf_config
"""

EXAMPLES = r"""
---
- name: Resolve a chain
  pantheon.cnf.cnf_chain_info:
    documents:
      - chain/
  register: chain

- name: Show who is connected with whom, and why
  ansible.builtin.debug:
    msg: "{{ chain.links | map(attribute='reason') }}"

- name: The items of one CNF
  ansible.builtin.debug:
    msg: "{{ chain | pantheon.cnf.query(\"cnfs[?name=='cnf-nat44'].items | [0]\") }}"

- name: Look at documents that are not right yet
  pantheon.cnf.cnf_chain_info:
    documents: [draft.yml]
    strict: false
"""

RETURN = r"""
cnfs:
  description: The CNFs, in the order of the documents.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the CNF (C(microservice) in the documents).
      type: str
      sample: cnf-nat44
    links:
      description: Names of its links, see RV(links).
      type: list
      elements: str
    items:
      description:
        - What is to be applied, first the interfaces of its links, then its own items. Items of C(cnf.nsm) are not among them.
        - In a template write C(cnf['items']), since C(cnf.items) is a method of a dictionary.
      type: list
      elements: dict
      contains:
        module:
          description: Module of the item's model.
          type: str
        type:
          description: Type of the item's model.
          type: str
        version:
          description: Version of the item's model.
          type: str
        data:
          description: Northbound fields. What equals the model's default is left out.
          type: dict
links:
  description: One for each connection, in the order of the clients.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the link.
      type: str
      sample: client.tap0--cnf-nat44.memif0
    service:
      description: The network service.
      type: str
    ends:
      description: The client's end and the endpoint's end.
      type: list
      elements: dict
      contains:
        cnf:
          description: The CNF.
          type: str
        interface:
          description: Logical name of the interface.
          type: str
        kind:
          description: Kind of the interface's item, C(vpp/interfaces) or C(linux.interfaces/interface).
          type: str
        type:
          description: Type of the interface, C(MEMIF) or C(EXISTING).
          type: str
    reason:
      description: Which match and which route led to it, and which other candidates there were.
      type: str
      sample: "match 1 (role=client), route 1 (role=nat44): the only candidate is cnf-nat44"
connections:
  description: The same connections by their items.
  returned: success
  type: list
  elements: dict
  contains:
    service:
      description: The network service.
      type: str
    client:
      description: C(cnf), C(item) (its name) and C(interface) of the client.
      type: dict
    endpoint:
      description: C(cnf), C(item) (its network service) and C(interface) of the endpoint.
      type: dict
    reason:
      description: As in RV(links).
      type: str
configurations:
  description: Names of the CNFConfigurations, as stores know them, in the order of the documents.
  returned: success
  type: list
  elements: str
  sample: [default/client, default/cnf-nat44, default/webserver]
network_services:
  description: The C(NetworkService) documents as C(networkservicemesh.io/v1) takes them.
  returned: success
  type: list
  elements: dict
nat:
  description: By CNF, what its NAT is to do. CNFs without NAT are not in it.
  returned: success
  type: dict
  sample:
    cnf-nat44:
      inside: [memif0]
      inside_networks: [10.10.1.0/24]
      outside: [memif1]
      outside_networks: [10.10.2.0/24]
      pools:
        - first_ip: 10.10.2.100
          last_ip: 10.10.2.109
errors:
  description: What lint calls an error.
  returned: always
  type: list
  elements: str
notices:
  description: Documents that were ignored, and what of a C(networkservicemesh.io/v1alpha1) document reads differently in RV(network_services).
  returned: always
  type: list
  elements: str
warnings:
  description: What the author of the documents should know, and the errors too with O(strict=false).
  returned: when there is any
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    """The action plugin of the same name does the work and never calls this."""
    module = AnsibleModule(
        argument_spec={
            "documents": {"type": "list", "elements": "str"},
            "objects": {"type": "list", "elements": "dict"},
            "strict": {"type": "bool", "default": True},
            "payload": {"type": "str", "choices": ["ETHERNET", "IP"]},
        },
        supports_check_mode=True,
    )
    module.fail_json(msg="pantheon.cnf.cnf_chain_info runs on the controller, as an action plugin; it has nothing to do on a target")


if __name__ == "__main__":
    main()
