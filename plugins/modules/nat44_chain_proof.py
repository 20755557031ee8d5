#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nat44_chain_proof
short_description: Prove that a chain translates
version_added: 0.1.0
description:
  - Sends a real flow, an HTTP request, from the client's sandbox through the NAT44 CNF to the server, and looks at it at every place.
  - The NAT44 CNF and the server may be on VPP (O(sockets)) or in network namespaces of the kernel, in any combination; the client is in a
    network namespace. On VPP its own packet trace takes the place of captures.
  - >-
    A second request, to C(/whoami) of the same server, has it tell the address and port that it saw. A server on VPP cannot tell: what its
    trace has of the first request's first packet, recognised by its TCP sequence number, takes the place of that.
  - >-
    The chain is proven when the request is answered, the server saw an address of the pool, no packet on the outside interface had an
    address of the inside networks in any header, the session table holds the translation of each request, captures, session table and
    server agree about addresses and ports in both directions, and the interfaces counted what was captured.
  - VPP's trace tells the outermost headers of a packet, so that what an ICMP error quotes is only looked at where the kernel captures.
  - The first packets of a cold chain may get lost. TCP sends them again, within O(timeout).
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes
  - pantheon.cnf.nat44_chain_proof
attributes:
  check_mode:
    support: partial
    details:
      - Sends nothing and proves nothing in check mode, the task is skipped.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - Leaves nothing but the sessions of its requests, which time out.
      - On VPP it takes the packet trace for itself. What somebody else was tracing there is gone.
  platform:
    platforms: linux
    support: full
requirements:
  - root on the target (C(become))
seealso:
  - module: pantheon.cnf.cnf_chain_info
  - module: pantheon.cnf.nat44_sessions_info
  - module: pantheon.cnf.packet_trace
"""

EXAMPLES = r"""
---
- name: Read the chain
  pantheon.cnf.cnf_chain_info:
    documents: [chain/]
  register: chain

- name: Prove it
  pantheon.cnf.nat44_chain_proof:
    chain: "{{ chain }}"
    picture: proof.svg

- name: Prove it without documents
  pantheon.cnf.nat44_chain_proof:
    cnf: edge
    client: laptop
    server: web
    url: http://192.0.2.80/show/version
    inside: [lan]
    outside: [wan]
    pools:
      - first_ip: 192.0.2.100
        last_ip: 192.0.2.105
    fail: false
  register: proof

- name: Prove it where NAT and server are on VPP
  pantheon.cnf.nat44_chain_proof:
    chain: "{{ chain }}"
    sockets:
      cnf-nat44: /run/pantheon.cnf/cnf-nat44/vpp/api.sock
      webserver: /run/pantheon.cnf/webserver/vpp/api.sock

- name: Show it
  ansible.builtin.debug:
    msg: "{{ proof.text.splitlines() }}"
"""

RETURN = r"""
proven:
  description: Whether all checks hold.
  returned: when a flow was asked for
  type: bool
reasons:
  description: For each check that does not hold, what was expected and what was seen.
  returned: when a flow was asked for
  type: list
  elements: str
checks:
  description: All checks. When no flow could be sent at all there is one, C(chain).
  returned: when a flow was asked for
  type: list
  elements: dict
  contains:
    name:
      description: One of C(answer), C(source), C(hidden), C(session), C(agreement), C(counters), C(chain).
      type: str
    proven:
      description: Whether it holds.
      type: bool
    expected:
      description: What has to be.
      type: str
    seen:
      description: What was.
      type: str
evidence:
  description: All that was seen.
  returned: when a flow was asked for
  type: dict
  contains:
    flows:
      description: The requests, each with its answer, both its ends, and its C(hops), place by place.
      type: list
      elements: dict
    source_seen_by_server:
      description: Address and port of the client as the server told them, or as they are in the trace of a server on VPP.
      type: dict
    sessions:
      description: NAT sessions to the server's address, as M(pantheon.cnf.nat44_sessions_info) returns them.
      type: list
      elements: dict
    capture:
      description:
        - Per side (C(inside), C(outside), and C(server) for what came to a server on VPP), the number of packets, and each different
          packet with how often it passed.
      type: dict
    capture_dropped:
      description: Packets that passed too fast for the capture, and input nodes of VPP whose trace became full. With any, nothing is proven.
      type: int
    counters:
      description: Per side and interface, packets that its counters rose by.
      type: dict
    traces:
      description:
        - For each CNF on VPP, the nodes that the first packet of the request passed, in their order, each with C(name), C(time) and
          C(headers) as M(pantheon.cnf.packet_trace) has them.
      type: dict
    chain:
      description: Client, NAT44 CNF and server, each with its C(dataplane), interfaces and addresses.
      type: list
      elements: dict
    nat:
      description: What was asked for, sides, inside networks and pools.
      type: dict
text:
  description: The proof for a reader.
  returned: when a flow was asked for
  type: str
picture:
  description: Absolute path of the picture on the controller.
  returned: when O(picture) was given and could be written
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.proof import enter
from ansible_collections.pantheon.cnf.plugins.module_utils.proof.prove import ARGUMENTS, run


def main() -> None:
    """Send and judge, with all places in the kernel."""
    # Without our runner: it would bring the engine along, and nothing is changed here.
    module = AnsibleModule(ARGUMENTS, supports_check_mode=True)
    if module.params["sockets"]:
        module.fail_json(msg="sockets: this is the kernel's side of the module; its action plugin runs the other one when a CNF is on VPP")
    run(module, enter)


if __name__ == "__main__":
    main()
