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
  - A second request to C(/whoami) of the same server has it tell the address and port that it saw.
  - >-
    The chain is proven when the request is answered, the server saw an address of the pool, no packet on the outside interface had an
    address of the inside networks in any header, the session table holds the translation of both requests, captures, session table and
    server agree about addresses and ports in both directions, and the interfaces counted what was captured.
  - The first packets of a cold chain may get lost. TCP sends them again, within O(timeout).
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes
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
      - Leaves nothing but the sessions of its two requests, which time out.
  platform:
    platforms: linux
    support: full
options:
  chain:
    description:
      - What M(pantheon.cnf.cnf_chain_info) returned. All other options are taken from it unless they are given.
      - Which side is inside follows from where O(client) and O(server) are in the chain, not from what its NAT says, so that
        interfaces in swapped roles are found out.
    type: dict
  cnf:
    description: The CNF with the NAT44. By default the first one of O(chain).
    type: str
  client:
    description: The CNF that sends. By default the first one behind an inside interface.
    type: str
  server:
    description: The CNF that answers. By default the first one behind an outside interface.
    type: str
  namespaces:
    description: Network namespaces by CNF, for those in which it is not the CNF's name.
    type: dict
  url:
    description: The page to ask for, C(http) and an IPv4 address. By default C(/show/version) of the server's address in O(chain).
    type: str
  body:
    description: Regular expression that has to match somewhere in the page. Some servers answer an error with C(200).
    type: str
  inside:
    description: Logical names of the inside interfaces of O(cnf), to be captured on.
    type: list
    elements: str
  outside:
    description: Logical names of the outside interfaces of O(cnf), to be captured on.
    type: list
    elements: str
  pools:
    description: Addresses that O(cnf) may translate to.
    type: list
    elements: dict
    suboptions:
      first_ip:
        description: First address.
        type: str
        required: true
      last_ip:
        description: Last address. By default the first.
        type: str
  inside_networks:
    description: Networks that nobody outside may see. By default those of the addresses of the O(inside) interfaces.
    type: list
    elements: str
  timeout:
    description: Seconds for the page to come.
    type: float
    default: 10
  fail:
    description: Whether a chain that is not proven fails the task.
    type: bool
    default: true
  picture:
    description:
      - File on the controller for a picture of the chain and the flow, as SVG without external references.
      - A relative path counts from the working directory of C(ansible-playbook). The picture is a report, writing it is no change.
    type: path
requirements:
  - root on the target (C(become))
seealso:
  - module: pantheon.cnf.cnf_chain_info
  - module: pantheon.cnf.nat44_sessions_info
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
      description: The two requests, each with its answer, both its ends, and its C(hops), place by place.
      type: list
      elements: dict
    source_seen_by_server:
      description: Address and port of the client as the server told them.
      type: dict
    sessions:
      description: NAT sessions to the server's address, as M(pantheon.cnf.nat44_sessions_info) returns them.
      type: list
      elements: dict
    capture:
      description: Per side (C(inside), C(outside)), the number of packets, and each different packet with how often it passed.
      type: dict
    capture_dropped:
      description: Packets that passed too fast for the capture. With any, nothing is proven.
      type: int
    counters:
      description: Per side and interface, packets that its counters rose by.
      type: dict
    chain:
      description: Client, NAT44 CNF and server, with their interfaces and addresses.
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
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import proof


def main() -> None:
    """Send and judge."""
    pool = {"first_ip": {"type": "str", "required": True}, "last_ip": {"type": "str"}}
    # Without our runner: it would bring the engine along, and nothing is changed here.
    ansible = AnsibleModule(
        {
            "chain": {"type": "dict"},
            "cnf": {"type": "str"},
            "client": {"type": "str"},
            "server": {"type": "str"},
            "namespaces": {"type": "dict"},
            "url": {"type": "str"},
            "body": {"type": "str"},
            "inside": {"type": "list", "elements": "str"},
            "outside": {"type": "list", "elements": "str"},
            "pools": {"type": "list", "elements": "dict", "options": pool},
            "inside_networks": {"type": "list", "elements": "str"},
            "timeout": {"type": "float", "default": 10},
            "fail": {"type": "bool", "default": True},
            "picture": {"type": "path"},
        },
        supports_check_mode=True,
    )
    if ansible.check_mode:
        ansible.exit_json(changed=False, skipped=True, msg="check mode: no packet is sent, so nothing is proven")
    try:
        result = proof.prove(ansible.params)
    except CnfError as error:
        ansible.fail_json(msg=error.message, **error.context)
    if ansible.params["fail"] and not result["proven"]:
        ansible.fail_json(msg="not proven: " + "; ".join(result["reasons"]), **result)
    ansible.exit_json(**result)


if __name__ == "__main__":
    main()
