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
  - On VPP, sessions that have timed out are left out, though VPP lists them until it needs their place.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.info
  - pantheon.cnf.either
  - pantheon.cnf.nat44_sessions
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

- name: Those of a VPP
  pantheon.cnf.nat44_sessions_info:
    socket: /run/pantheon.cnf/cnf-nat44/vpp/api.sock
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
      description:
        - Address and port of the host of the outside.
        - Null where the NAT keeps none, which is so with VPP's endpoint-independent NAT (C(nat44_ei)).
      type: dict
    state:
      description: State of a TCP connection; empty for other protocols, and on VPP, which does not tell it.
      type: str
    external_translated:
      description: The host of the outside as the inside sees it (twice-NAT, hairpin).
      type: dict
      returned: when that differs
    is_static:
      description: Whether a mapping made it (its destination was translated), not a pool.
      type: bool
    age:
      description: Seconds since its first packet, where the kernel keeps it. VPP does not.
      type: int
    idle:
      description: Seconds since its last packet.
      type: int
      returned: on VPP
    timeout:
      description:
        - Seconds until it is forgotten when no packet comes.
        - Null for TCP on VPP, where it depends on the connection's state.
      type: int
    packets:
      description: Packets of both directions.
      type: int
    bytes:
      description: Bytes of both directions.
      type: int
"""

from ansible_collections.pantheon.cnf.plugins.module_utils import either, runner, sessions
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import conntrack
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host


def main() -> None:
    """One read of the flow table."""
    module = runner.module({**either.PLACE, **sessions.ARGUMENTS})
    with runner.failures(module), Host(module.params["namespace"]) as host:
        either.insist_on_kernel(module.params)
        module.exit_json(changed=False, sessions=conntrack.sessions(host, sessions.filters_of(module.params)))


if __name__ == "__main__":
    main()
