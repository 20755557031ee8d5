#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nat44_sessions_info
short_description: NAT sessions of a CNF as data
version_added: 0.1.0
description:
  - The NAT sessions that a CNF has at the moment, each with what it is before and after translation.
  - Given filters have to fit all.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.info
options:
  namespace:
    description:
      - Network namespace of the CNF, by its name below C(/run/netns).
      - Without it, the task works in the namespace that it runs in, which normally is the host's own.
    type: str
  protocol:
    description: Sessions of this protocol.
    type: str
    choices: [TCP, UDP, ICMP]
  inside_address:
    description: Sessions of this host, or of hosts of this network, on the inside.
    type: str
  outside_address:
    description: Sessions that have this address, or one of this network, on the outside, that is after translation.
    type: str
  external_address:
    description: Sessions with this host, or with hosts of this network, of the outside.
    type: str
  port:
    description: Sessions with this port at any of their three ends.
    type: int
seealso:
  - module: pantheon.cnf.nat44_sessions
"""

EXAMPLES = r"""
---
- name: What does this host look like from outside
  pantheon.cnf.nat44_sessions_info:
    namespace: cnf-nat44
    inside_address: 10.10.1.10
  register: nat

- name: Its outside addresses
  ansible.builtin.debug:
    msg: "{{ nat | pantheon.cnf.query('sessions[].outside.address') | unique }}"
"""

RETURN = r"""
sessions:
  description: The sessions, by their inside address and port.
  returned: success
  type: list
  elements: dict
  contains:
    protocol:
      description: TCP, UDP, ICMP, or the number of another protocol.
      type: str
    inside:
      description: Address and port (for ICMP the identifier) on the inside, before translation.
      type: dict
    outside:
      description: Address and port on the outside, after translation.
      type: dict
    external:
      description: Address and port of the host of the outside.
      type: dict
    state:
      description: State of a TCP connection; empty for other protocols.
      type: str
    external_translated:
      description: The host of the outside as the inside sees it (twice-NAT, hairpin).
      type: dict
      returned: when that differs
    is_static:
      description: Whether a mapping made it (its destination was translated), not a pool.
      type: bool
    age:
      description: Seconds since its first packet, where the kernel keeps it.
      type: int
    timeout:
      description: Seconds until it is forgotten when no packet comes.
      type: int
    packets:
      description: Packets of both directions.
      type: int
    bytes:
      description: Bytes of both directions.
      type: int
"""

from ansible_collections.pantheon.cnf.plugins.module_utils import runner
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import conntrack
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host

FILTERS = {
    "protocol": {"type": "str", "choices": ["TCP", "UDP", "ICMP"]},
    **{name: {"type": "str"} for name in ("inside_address", "outside_address", "external_address")},
    "port": {"type": "int"},
}


def main() -> None:
    """One read of the flow table."""
    module = runner.module({"namespace": {"type": "str"}, **FILTERS})
    with runner.failures(module), Host(module.params["namespace"]) as host:
        module.exit_json(changed=False, sessions=conntrack.sessions(host, {name: module.params[name] for name in conntrack.FILTERS}))


if __name__ == "__main__":
    main()
