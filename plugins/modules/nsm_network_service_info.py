#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsm_network_service_info
short_description: NetworkServices as Network Service Mesh reads them
version_added: 0.1.0
description:
  - Shows the NetworkServices of a Kubernetes cluster as NSM 1.x reads them, which is not always what is stored. NSM goes past what it does not
    know, and one object that it cannot read hides all.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.info
  - pantheon.cnf.kubernetes
  - pantheon.cnf.store
options:
  names:
    description: Only these, by the name that clients ask for or by that of the object.
    type: list
    elements: str
  namespace:
    description: Only those of this namespace. NSM itself reads all namespaces.
    type: str
  label_selectors:
    description: Only those with these labels, in the form of C(kubectl).
    type: list
    elements: str
    default: []
seealso:
  - module: pantheon.cnf.nsm_network_service
  - module: pantheon.cnf.nsm_endpoint_info
"""

EXAMPLES = r"""
---
- name: All network services
  pantheon.cnf.nsm_network_service_info:
  register: mesh

- name: What is wrong with them
  ansible.builtin.debug:
    msg: "{{ mesh.network_services | rejectattr('errors', 'equalto', []) }}"
"""

RETURN = r"""
network_services:
  description: In the order in which NSM looks at them.
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
      description: The name that clients ask for; empty when NSM cannot read the object.
      type: str
    payload:
      description: C(ETHERNET) or C(IP).
      type: str
    document:
      description:
        - What NSM reads, as a document in the form of RV(pantheon.cnf.cnf_chain_info#module:network_services). Empty when it cannot read it.
      type: dict
    errors:
      description: What NSM does not read, or no forwarder can carry.
      type: list
      elements: str
    warnings:
      description: What is probably not meant, and which object NSM takes when another has the same name.
      type: list
      elements: str
"""

from ansible_collections.pantheon.cnf.plugins.module_utils.store.network_services import service_info


def main() -> None:
    """All of it is in module_utils."""
    service_info()


if __name__ == "__main__":
    main()
