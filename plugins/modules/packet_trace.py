#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: packet_trace
short_description: Which way packets take, as data
version_added: 0.1.0
description:
  - Starts a trace of packets, fetches it, and stops it. Between two tasks anything may be done.
  - On VPP it is VPP's own packet trace, with every node of its graph that a packet went through and the headers at each.
  - In the kernel it is a capture on both directions of each interface, with the headers there. A small process of this collection
    captures between two tasks; it ends by itself after an hour, or when the namespace is gone.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes
  - pantheon.cnf.either
  - pantheon.cnf.packet_trace
attributes:
  check_mode:
    support: full
    details:
      - Fetches in check mode too, since that changes nothing.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - C(started) begins anew each time. VPP does not tell whether it traces, so that there C(stopped) always counts as a change.
  platform:
    platforms: linux
    support: full
options:
  nodes:
    description:
      - Only on VPP. With C(started), names of input nodes of its graph to trace from, such as C(memif-input), in place of those of
        O(interfaces).
      - With C(fetched) and C(stopped) only packets are returned that went through one of these nodes, such as C(error-drop).
    type: list
    elements: str
notes:
  - VPP has one trace for all. Starting one ends what somebody else was tracing, and takes away a filter that was set for it.
  - A trace holds headers of other people's packets. Their content is not part of it.
seealso:
  - module: pantheon.cnf.nat44_chain_proof
"""

EXAMPLES = r"""
---
- name: Trace what the NAT gets
  pantheon.cnf.packet_trace:
    namespace: cnf-nat44
    dataplane: vpp
    state: started

- name: Some traffic
  ansible.builtin.uri:
    url: http://203.0.113.80/

- name: What became of it
  pantheon.cnf.packet_trace:
    namespace: cnf-nat44
    dataplane: vpp
    state: stopped
  register: trace

- name: Why were packets dropped
  ansible.builtin.debug:
    msg: "{{ trace.packets | map(attribute='dropped') | select | unique }}"

- name: Capture on one interface of this host
  pantheon.cnf.packet_trace:
    interfaces: [eth0]
    packets: 500
    state: started
"""

RETURN = r"""
packets:
  description: The packets, oldest first.
  returned: with O(state=fetched) and O(state=stopped)
  type: list
  elements: dict
  contains:
    received_on:
      description: Logical name of the interface that it came in by; null when it was made here, or when that cannot be told.
      type: str
    sent_on:
      description: Logical names of the interfaces that it left by.
      type: list
      elements: str
    dropped:
      description: On VPP, why it was dropped; null when it was not.
      type: str
    nodes:
      description:
        - What it went through, in this order. In the kernel there is one, where it was captured (C(receive) or C(transmit)), so that a
          packet that passes through is there twice.
      type: list
      elements: dict
      contains:
        name:
          description: Name of the node.
          type: str
        time:
          description: Seconds since VPP was started; in the kernel, since 1970.
          type: float
        headers:
          description:
            - The headers as they were there, each a mapping. C(ethernet), C(arp), C(ip4), C(ip6) with C(source) and C(destination),
              C(tcp) and C(udp) with C(source_port) and C(destination_port), C(icmp) with C(type); and what else the header says.
            - C(inner) has the headers of what a tunnel carries, and in the kernel of what an ICMP error quotes.
            - On VPP also C(nat) with the translation, C(rx) and C(tx) with VPP's name or number of the interface, C(drop) with the reason.
          type: dict
        text:
          description: What VPP wrote, line by line. Empty in the kernel.
          type: list
          elements: str
counted:
  description:
    - How many packets were traced at each place where a trace began. With as many as O(packets) more may have passed unseen.
  returned: with O(state=fetched) and O(state=stopped)
  type: dict
commands:
  description: What was done, or in check mode would be.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pantheon.cnf.plugins.module_utils import either
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.tracing import run
from ansible_collections.pantheon.cnf.plugins.module_utils.tracing import ARGUMENTS, NODES, insist


def main() -> None:
    """Capture, or read what was captured."""
    module = AnsibleModule({**either.PLACE, **ARGUMENTS, **NODES}, supports_check_mode=True)
    try:
        either.insist_on_kernel(module.params)
        insist(module.params)
        with Host(module.params["namespace"]) as host:
            result = run(host, module.params, module.check_mode)
    except CnfError as error:
        module.fail_json(msg=error.message, **error.context)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
