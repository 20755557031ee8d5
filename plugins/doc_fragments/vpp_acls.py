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
    description: 'C(vpp.acls/acl): An access list. Its rules are tried in order; what none matches is dropped where the list is attached.'
    type: list
    elements: dict
    suboptions:
      name:
        description: 'Name of the list, up to 63 bytes. On VPP: the ACL''s tag: printable ASCII, and not cli, which VPP gives to what
          its command line makes.'
        type: str
        required: true
      rules:
        description: 'The rules, in order. On VPP: of macip_rule up to 1000 with one MAC mask and prefix length; VPP looks at them in
          an order of its own, so what that would turn around is refused.'
        type: list
        elements: dict
        suboptions:
          action:
            description: What happens to a packet that matches. REFLECT also permits the answers.
            type: str
            choices: [DENY, PERMIT, REFLECT]
          ip_rule:
            description: Match on IP and what is above. Either this or macip_rule.
            type: dict
            suboptions:
              ip:
                description: The IP header.
                type: dict
                suboptions:
                  destination_network:
                    description: Destination network; any when not given.
                    type: str
                  source_network:
                    description: Source network; any when not given.
                    type: str
                  protocol:
                    description: Number of the protocol; 0 is that of the block beside, or any. At most V(255).
                    type: int
              icmp:
                description: An ICMP message.
                type: dict
                suboptions:
                  icmpv6:
                    description: ICMP of IPv6.
                    type: bool
                  icmp_code_range:
                    description: Codes.
                    type: dict
                    suboptions:
                      first:
                        description: First value of the range. At most V(255).
                        type: int
                      last:
                        description: Last value of the range. At most V(255).
                        type: int
                  icmp_type_range:
                    description: Types.
                    type: dict
                    suboptions:
                      first:
                        description: First value of the range. At most V(255).
                        type: int
                      last:
                        description: Last value of the range. At most V(255).
                        type: int
              tcp:
                description: A TCP segment.
                type: dict
                suboptions:
                  destination_port_range:
                    description: Destination ports; any when not given.
                    type: dict
                    suboptions:
                      lower_port:
                        description: First port of the range; 0 without an upper port is any. At most V(65535).
                        type: int
                      upper_port:
                        description: Last port of the range; 0 is the same as the first. At most V(65535).
                        type: int
                  source_port_range:
                    description: Source ports; any when not given.
                    type: dict
                    suboptions:
                      lower_port:
                        description: First port of the range; 0 without an upper port is any. At most V(65535).
                        type: int
                      upper_port:
                        description: Last port of the range; 0 is the same as the first. At most V(65535).
                        type: int
                  tcp_flags_mask:
                    description: The flags that are looked at. At most V(255).
                    type: int
                  tcp_flags_value:
                    description: What these flags must be. At most V(255).
                    type: int
              udp:
                description: A UDP datagram.
                type: dict
                suboptions:
                  destination_port_range:
                    description: Destination ports; any when not given.
                    type: dict
                    suboptions:
                      lower_port:
                        description: First port of the range; 0 without an upper port is any. At most V(65535).
                        type: int
                      upper_port:
                        description: Last port of the range; 0 is the same as the first. At most V(65535).
                        type: int
                  source_port_range:
                    description: Source ports; any when not given.
                    type: dict
                    suboptions:
                      lower_port:
                        description: First port of the range; 0 without an upper port is any. At most V(65535).
                        type: int
                      upper_port:
                        description: Last port of the range; 0 is the same as the first. At most V(65535).
                        type: int
          macip_rule:
            description: Match on source MAC and source address of what comes in.
            type: dict
            suboptions:
              source_address:
                description: Source address.
                type: str
                required: true
              source_address_prefix:
                description: How many bits of it count. At most V(128).
                type: int
              source_mac_address:
                description: Source MAC address.
                type: str
                required: true
              source_mac_address_mask:
                description: Which bits of it count.
                type: str
                required: true
      interfaces:
        description: 'Where the list is attached. On VPP: one ACL of macip_rule on an interface.'
        type: dict
        suboptions:
          egress:
            description: Logical names of interfaces, for what goes out.
            type: list
            elements: str
          ingress:
            description: Logical names of interfaces, for what comes in.
            type: list
            elements: str
"""
