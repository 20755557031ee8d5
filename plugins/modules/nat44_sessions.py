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
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
options:
  state:
    description: The sessions shall not be there.
    type: str
    choices: [absent]
    default: absent
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
commands:
  description: What was done, in words of C(conntrack).
  returned: success
  type: list
  elements: str
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
    """One read of the flow table, one batch of deletes."""
    module = runner.module({"namespace": {"type": "str"}, "state": {"type": "str", "choices": ["absent"], "default": "absent"}, **FILTERS})
    with runner.failures(module), Host(module.params["namespace"]) as host:
        work = conntrack.sessions if module.check_mode else conntrack.clear
        found = work(host, {name: module.params[name] for name in conntrack.FILTERS})
        shown = {"changed": bool(found), "sessions": found, "commands": [conntrack.command(each) for each in found]}
        if module._diff:
            shown["diff"] = {"before": {"sessions": found}, "after": {"sessions": []}}
        module.exit_json(**shown)


if __name__ == "__main__":
    main()
