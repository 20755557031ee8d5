#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nat44_sessions
short_description: Clear NAT sessions of a CNF
version_added: 0.1.0
description:
  - Clears the NAT sessions that fit all given filters, or all NAT sessions of the CNF when none is given.
  - The next packet of a cleared flow makes a new session, by the configuration of then.
  - On VPP, sessions that have timed out are no sessions any more, though VPP lists them until it needs their place.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.either
  - pantheon.cnf.nat44_sessions
options:
  state:
    description: The sessions shall not be there.
    type: str
    choices: [absent]
    default: absent
seealso:
  - module: pantheon.cnf.nat44_sessions_info
"""

EXAMPLES = r"""
---
- name: Forget the sessions of a host that moved
  pantheon.cnf.nat44_sessions:
    namespace: cnf-nat44
    inside_address: 10.10.1.10

- name: Forget all
  pantheon.cnf.nat44_sessions:
    namespace: cnf-nat44

- name: Forget all of the VPP of this host
  pantheon.cnf.nat44_sessions:
    dataplane: vpp
"""

RETURN = r"""
sessions:
  description: The sessions that were cleared, or in check mode would be.
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
commands:
  description: What was done, in words of C(conntrack), or as calls of VPP's API.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.pantheon.cnf.plugins.module_utils import either, runner, sessions
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import conntrack
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host


def main() -> None:
    """One read of the flow table, one batch of deletes."""
    module = runner.module({**either.PLACE, "state": {"type": "str", "choices": ["absent"], "default": "absent"}, **sessions.ARGUMENTS})
    with runner.failures(module), Host(module.params["namespace"]) as host:
        either.insist_on_kernel(module.params)
        work = conntrack.sessions if module.check_mode else conntrack.clear
        found = work(host, sessions.filters_of(module.params))
        module.exit_json(**sessions.cleared(found, [conntrack.command(each) for each in found], module._diff))


if __name__ == "__main__":
    main()
