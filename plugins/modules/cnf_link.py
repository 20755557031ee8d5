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
  - pantheon.cnf.cnf_link
  - pantheon.cnf.on_failure
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

from ansible_collections.pantheon.cnf.plugins.module_utils import link_module
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import joins


def main() -> None:
    """Make and remove links of the kernel; with CNFs on VPP the action plugin of this name runs C(vpp_link)."""
    link_module.run(joins.task)


if __name__ == "__main__":
    main()
