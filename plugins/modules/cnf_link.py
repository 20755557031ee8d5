#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cnf_link
short_description: Links between the sandboxes of a host
version_added: 0.1.0
description:
  - A link is a pair of veth devices, one end in each of two sandboxes. Both ends carry their logical name, CNF, kind and type as alias, so that
    M(pantheon.cnf.cnf_config) and the C(linux_) modules know them by it. One task makes all links of a host.
  - Where CNFs are on VPP (O(sockets)), a link between two of them is a memif, with its socket file in the folder of the VPP that listens (the
    second end's). A link between one of them and a kernel namespace is a TAP where the machine can have one (C(/dev/vhost-net), VPP's tap plugin), else
    a pair of veth devices with an af_packet interface of VPP on its own end; O(links[].medium) insists on one. VPP keeps the logical name in
    the tag of the interface, which ends in C( (link)).
  - A part of a link that was lost (all interfaces of a VPP that was started anew) is made again; what is left of the link goes on.
  - The ends are made down, with a MAC address that follows from CNF and logical name. All else that is on them (addresses, MTU, another MAC,
    being up) is configured by items, see M(pantheon.cnf.cnf_config), and left alone here.
  - An interface of that name that somebody else made is never taken over, that is an error.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
options:
  links:
    description: The links. The RV(pantheon.cnf.cnf_chain_info#module:links) of a chain can be given as they are.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What messages call the link. It is not kept anywhere.
        type: str
      ends:
        description: The two ends.
        type: list
        elements: dict
        required: true
        suboptions:
          cnf:
            description: Name of the CNF.
            type: str
            required: true
          namespace:
            description: Its network namespace. By default the name of the CNF.
            type: str
          interface:
            description: Logical name of the interface.
            type: str
            required: true
          host_if_name:
            description:
              - Name of the device in the kernel, at most 15 bytes. By default the logical name.
              - For an end on VPP that of the veth device which an af_packet interface is put on.
            type: str
          kind:
            description: Kind of the item that configures the end.
            type: str
            choices: [linux.interfaces/interface, vpp/interfaces]
            default: linux.interfaces/interface
          type:
            description: Interface type of that item, such as C(EXISTING) or C(MEMIF).
            type: str
            default: EXISTING
      mtu:
        description: MTU of both ends. Leave it out when items say it, and for ends on VPP.
        type: int
      medium:
        description:
          - What a link between VPP and the kernel is made of. C(auto) leaves one that is there as it is, and makes a new one a TAP if the machine can.
        type: str
        choices: [auto, tap, af_packet]
        default: auto
      service:
        description: Ignored. It is here so that links can be given as M(pantheon.cnf.cnf_chain_info) returns them.
        type: str
      reason:
        description: Ignored, as O(links[].service).
        type: str
  namespaces:
    description: Network namespaces by CNF, for those in which it is not the CNF's name.
    type: dict
  sockets:
    description:
      - Paths of API sockets by CNF, for the CNFs that are on VPP. That of a sandbox is C(/run/pantheon.cnf/<namespace>/vpp/api.sock).
      - A CNF that is not in it is on the kernel.
    type: dict
  api_dir:
    description: Folder of VPP's API descriptions, where they are not found beside VPP.
    type: path
  state:
    description:
      - C(present) makes the links. An end that is part of another link of this collection leaves that one, which goes away.
      - C(overridden) also removes all other links of this collection that have an end in the namespaces of O(links) and of
        O(namespaces).
      - C(absent) removes the links.
    type: str
    choices: [present, overridden, absent]
    default: present
  on_failure:
    description:
      - C(undo) brings everything back to the state that was found when something fails half-way.
      - C(stop) leaves what was done until then.
    type: str
    choices: [undo, stop]
    default: undo
requirements:
  - root on the target (C(become))
seealso:
  - module: pantheon.cnf.cnf_sandbox
  - module: pantheon.cnf.cnf_chain_info
  - module: pantheon.cnf.cnf_config
"""

EXAMPLES = r"""
---
- name: Join a client with a router
  pantheon.cnf.cnf_link:
    links:
      - ends:
          - cnf: client
            interface: eth0
          - cnf: router
            interface: lan

- name: Join a client on the kernel with a router on VPP
  pantheon.cnf.cnf_link:
    links:
      - ends:
          - cnf: client
            interface: eth0
          - cnf: router
            interface: memif0
    sockets:
      router: /run/pantheon.cnf/router/vpp/api.sock

- name: All links of a chain
  pantheon.cnf.cnf_link:
    links: "{{ chain.links }}"
    state: overridden
"""

RETURN = r"""
before:
  description: The links of this collection that were there in the namespaces of O(links).
  returned: success
  type: dict
  sample:
    links: []
after:
  description: The links that are there now, read back; in check mode those that would be. A link whose other end is elsewhere shows one end.
  returned: success
  type: dict
  sample:
    links:
      - ends:
          - namespace: client
            cnf: client
            interface: eth0
            kind: linux.interfaces/interface
            type: EXISTING
            host_if_name: eth0
          - namespace: router
            cnf: router
            interface: lan
            kind: linux.interfaces/interface
            type: EXISTING
            host_if_name: lan
        medium: veth
        mtu: 1500
commands:
  description: What was done, in words of C(ip), and where it is VPP's matter as calls of its API; also in check mode.
  returned: success
  type: list
  elements: str
  sample: ["ip -n client link add eth0 type veth peer name lan netns router"]
operations:
  description: On failure, what was attempted, undone and what could not be undone.
  returned: on failure half-way
  type: dict
"""

import contextlib

from ansible_collections.pantheon.cnf.plugins.module_utils import runner
from ansible_collections.pantheon.cnf.plugins.module_utils.lock import lock
from ansible_collections.pantheon.cnf.plugins.module_utils.places import joins


def main() -> None:
    """Make and remove links."""
    end = {
        "cnf": {"type": "str", "required": True},
        "namespace": {"type": "str"},
        "interface": {"type": "str", "required": True},
        "host_if_name": {"type": "str"},
        "kind": {"type": "str", "choices": ["linux.interfaces/interface", "vpp/interfaces"], "default": "linux.interfaces/interface"},
        "type": {"type": "str", "default": "EXISTING"},
    }
    link = {
        "name": {"type": "str"},
        "ends": {"type": "list", "elements": "dict", "required": True, "options": end},
        "mtu": {"type": "int"},
        "medium": {"type": "str", "choices": ["auto", "tap", "af_packet"], "default": "auto"},
        "service": {"type": "str"},
        "reason": {"type": "str"},
    }
    ansible = runner.module(
        {
            "links": {"type": "list", "elements": "dict", "required": True, "options": link},
            "namespaces": {"type": "dict"},
            "sockets": {"type": "dict"},
            "api_dir": {"type": "path"},
            "state": {"type": "str", "choices": ["present", "overridden", "absent"], "default": "present"},
            "on_failure": runner.ON_FAILURE,
        }
    )
    with runner.failures(ansible), contextlib.ExitStack() as stack:
        task = joins.task(ansible.params, ansible.check_mode)
        for name in [] if ansible.check_mode else task.names[1:]:
            stack.enter_context(lock(name, runner.owner(ansible)))
        stack.enter_context(task.dataplane)
        result = runner.run_resources(ansible, task.names[0] if task.names else "host", task.dataplane, task.desire, task.show)
        if task.dataplane.assumed:
            ansible.warn(f"not there yet, and taken for new ones: network namespaces {', '.join(task.dataplane.assumed)}")
        ansible.exit_json(**result)


if __name__ == "__main__":
    main()
