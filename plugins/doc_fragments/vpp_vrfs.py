# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Written by tests/tools/module_docs.py from the declarations of the kinds. A fragment, so that no target is sent it."""

    DOCUMENTATION = r"""
options:
  config:
    description: 'C(vpp/vrf-table): A routing table of one address family.'
    type: list
    elements: dict
    suboptions:
      id:
        description: 'Number of the table; the same number is used for both families. On VPP: 0 and 4294967295 are always there.'
        type: int
      protocol:
        description: Address family.
        type: str
        choices: [IPV4, IPV6]
      label:
        description: 'A name to show, up to 63 bytes. On VPP: 50 ASCII characters, since VPP''s name of the table also says that it
          is ours; not of id 0 and 4294967295; VPP renames no table, so it changes only while nothing uses the table.'
        type: str
      flow_hash_settings:
        description: 'What decides which of several paths a flow takes. On VPP: without it VPP''s default, the only one with IPv6''s
          flow label; of table 0 it is set when given, but neither listed nor taken back; not of ids from 2147483648 on, of which VPP
          does not tell it.'
        type: dict
        suboptions:
          use_src_ip:
            description: The source address.
            type: bool
          use_dst_ip:
            description: The destination address.
            type: bool
          use_src_port:
            description: The source port.
            type: bool
          use_dst_port:
            description: The destination port.
            type: bool
          use_protocol:
            description: The protocol.
            type: bool
          reverse:
            description: Swap source and destination before.
            type: bool
          symmetric:
            description: Treat both directions of a flow alike.
            type: bool
"""
