#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cnf_config
short_description: Items of any kinds onto CNFs
version_added: 0.1.0
description:
  - Puts items, as they stand in CNFConfigurations, onto one CNF or several. Being the one task that sees all references, it orders
    interfaces, addresses, routes, NAT and ACLs by itself.
  - Items are parsed on the controller, strictly. A wrong module, type, field or value is an error that names it with the nearest right
    spelling, before anything is sent to the target.
  - A module does the work on the target, once for all CNFs of the task; all of it or nothing, also when some CNFs are on the
    kernel and others on VPP. All are planned before the first one is touched, and a failure half-way takes everything back, on either
    dataplane. That module is M(pantheon.cnf.linux_config), M(pantheon.cnf.vpp_config) or, for both, M(pantheon.cnf.chain_config).
  - A VPP that was started anew is empty. The next run sees that, and gives it everything again.
  - Secrets in items (keys of tunnels) travel apart from the rest and are in no log, difference or result.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.on_failure
options:
  cnf:
    description: Name of the CNF, for a single one. O(items) is required with it.
    type: str
  items:
    description:
      - Its items, each with C(module), C(type), optionally C(version) and C(name), and C(data) (a mapping or YAML text).
    type: list
    elements: dict
  namespace:
    description:
      - Its network namespace; without it the one that the task runs in.
      - With O(dataplane=vpp) the sandbox that M(pantheon.cnf.cnf_sandbox) gave this namespace and a VPP; without it the VPP of the host.
    type: str
  socket:
    description: Path of the API socket of its VPP, with O(dataplane=vpp). By default that of the sandbox, or C(/run/vpp/api.sock).
    type: path
  configurations:
    description: Several CNFs of one host in one task.
    type: list
    elements: dict
    suboptions:
      cnf:
        description: Name of the CNF.
        type: str
        required: true
      namespace:
        description: Its network namespace.
        type: str
      dataplane:
        description: What realises its items. By default O(dataplane).
        type: str
        choices: [linux, vpp]
      socket:
        description: Path of the API socket of its VPP.
        type: path
      items:
        description: Its items.
        type: list
        elements: dict
        required: true
  dataplane:
    description:
      - What realises the items, of all CNFs that do not say otherwise.
      - A kind that the dataplane does not have is an error, before anything is touched.
    type: str
    choices: [linux, vpp]
    default: linux
  state:
    description:
      - C(merged) and C(replaced) make each given item exactly as given; others stay. An item is complete in itself, so a field that it
        lacks has the model's default.
      - C(overridden) leaves exactly the given items of what this collection made on the CNF, of all kinds.
      - C(deleted) removes the given items, or without any all that this collection made.
      - C(rendered) reads and changes nothing, and returns the native calls that would make the items from nothing.
    type: str
    choices: [merged, replaced, overridden, deleted, rendered]
    default: merged
  memif_substitution:
    description: Whether a memif interface, which the kernel does not have, may be realised by the veth link that M(pantheon.cnf.cnf_link) made.
    type: str
    choices: [none, veth]
    default: none
  own_nat:
    description:
      - Whether in VPP pools, NAT roles and the NAT plugin's being enabled, which carry no mark, all count as this collection's. Say C(true) for
        a VPP that nobody else configures.
    type: bool
    default: false
  api_dir:
    description: Folder of VPP's API descriptions, where they are not found beside VPP.
    type: path
seealso:
  - module: pantheon.cnf.cnf_chain_info
  - module: pantheon.cnf.cnf_link
  - module: pantheon.cnf.cnf_sandbox
"""

EXAMPLES = r"""
---
- name: A host route and its interface, in one task
  pantheon.cnf.cnf_config:
    cnf: lab
    namespace: lab
    items:
      - module: linux.interfaces
        type: interface
        data:
          name: eth0
          type: EXISTING
          enabled: true
          ip_addresses:
            - 10.0.0.1/24
      - module: linux.l3
        type: route
        data: |
          outgoing_interface: eth0
          scope: GLOBAL
          dst_network: 198.51.100.0/24
          gw_addr: 10.0.0.254

- name: NAT on the VPP of a sandbox, and the route to it on the kernel
  pantheon.cnf.cnf_config:
    configurations:
      - cnf: nat
        namespace: nat
        dataplane: vpp
        items:
          - module: vpp.nat
            type: nat44-interface
            data:
              name: memif0
              nat_inside: true
      - cnf: client
        namespace: client
        items:
          - module: linux.l3
            type: route
            data:
              outgoing_interface: tap0
              scope: GLOBAL
              dst_network: 10.10.2.0/24
              gw_addr: 10.10.1.1
    own_nat: true

- name: What a CNF has is exactly what its documents say
  pantheon.cnf.cnf_config:
    cnf: "{{ item.name }}"
    namespace: "{{ item.name }}"
    items: "{{ item['items'] }}"
    state: overridden
    memif_substitution: veth
  loop: "{{ chain.cnfs }}"
  loop_control: # an item is shown by its label: without it with all it holds, secrets too
    label: "{{ item.name }}"
"""

RETURN = r"""
before:
  description: By CNF, the items that were there.
  returned: success
  type: dict
after:
  description: By CNF, the items that are there now, read back; in check mode those that would be.
  returned: success
  type: dict
commands:
  description: The native calls, each with its CNF, in the order of their waves; also in check mode.
  returned: success
  type: list
  elements: str
rendered:
  description: The native calls that would make the items from nothing.
  returned: when O(state=rendered)
  type: list
  elements: str
operations:
  description: On failure, what was attempted, undone and what could not be undone.
  returned: on failure half-way
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

ARGUMENTS = {
    "cnf": {"type": "str"},
    "items": {"type": "list", "elements": "dict"},
    "namespace": {"type": "str"},
    "socket": {"type": "path"},
    "configurations": {
        "type": "list",
        "elements": "dict",
        "options": {
            "cnf": {"type": "str", "required": True},
            "namespace": {"type": "str"},
            "dataplane": {"type": "str", "choices": ["linux", "vpp"]},
            "socket": {"type": "path"},
            "items": {"type": "list", "elements": "dict", "required": True},
        },
    },
    "dataplane": {"type": "str", "choices": ["linux", "vpp"], "default": "linux"},
    "state": {"type": "str", "choices": ["merged", "replaced", "overridden", "deleted", "rendered"], "default": "merged"},
    "memif_substitution": {"type": "str", "choices": ["none", "veth"], "default": "none"},
    "own_nat": {"type": "bool", "default": False},
    "api_dir": {"type": "path"},
    "on_failure": {"type": "str", "choices": ["undo", "stop"], "default": "undo"},
}


def main():
    """The work is done by the action plugin of this name, which runs on the controller and calls the dataplane's module."""
    module = AnsibleModule(
        argument_spec=ARGUMENTS,
        mutually_exclusive=[("cnf", "configurations")],
        required_one_of=[("cnf", "configurations")],
        required_by={"cnf": ("items",)},
        supports_check_mode=True,
    )
    module.fail_json(msg="pantheon.cnf.cnf_config is an action plugin; run it as a task")


if __name__ == "__main__":
    main()
