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
    description: What there shall be, in northbound fields.
    type: dict
    suboptions:
      nat44_global:
        description: 'C(vpp.nat/nat44-global): Settings of NAT44 as a whole.'
        type: dict
        suboptions:
          forwarding:
            description: 'Forward packets that belong to no session and no mapping untranslated, rather than drop them. On VPP: not
              with a pool between inside and outside interfaces without output_feature, where VPP would translate nothing to it.'
            type: bool
          endpoint_independent:
            description: Map an inside address and port alike for all destinations. Off is NAT44-ED, which VPP does better.
            type: bool
          nat_interfaces:
            description: Roles of interfaces (deprecated, use nat44-interface).
            type: list
            elements: dict
            suboptions:
              name:
                description: Logical name of the interface.
                type: str
                required: true
              is_inside:
                description: Inside rather than outside.
                type: bool
              output_feature:
                description: Translate where packets leave.
                type: bool
          address_pool:
            description: Pool addresses (deprecated, use nat44-pool).
            type: list
            elements: dict
            suboptions:
              address:
                description: IPv4 address.
                type: str
                required: true
              vrf_id:
                description: VRF table, by its id; 0 is the main one.
                type: int
              twice_nat:
                description: 'For the other side of twice-NAT. On VPP: not with endpoint_independent.'
                type: bool
          virtual_reassembly:
            description: 'Reassembly of fragments. Without effect since VPP 20.01. On VPP: accepted, nothing to set: VPP reassembles
              what NAT has to see.'
            type: dict
            suboptions:
              timeout:
                description: Seconds that a fragment is waited for.
                type: int
              max_reassemblies:
                description: Number of reassemblies at a time.
                type: int
              max_fragments:
                description: Number of fragments of a packet.
                type: int
              drop_fragments:
                description: Drop all fragments.
                type: bool
      nat44_interfaces:
        description: 'C(vpp.nat/nat44-interface): The role of an interface in NAT44.'
        type: list
        elements: dict
        suboptions:
          name:
            description: Logical name of the interface.
            type: str
            required: true
          nat_inside:
            description: Its side is translated from.
            type: bool
          nat_outside:
            description: Its side is translated to.
            type: bool
          output_feature:
            description: Translate whatever leaves by it, wherever it came in. Not together with both sides.
            type: bool
      nat44_pools:
        description: 'C(vpp.nat/nat44-pool): Addresses that NAT44 translates to.'
        type: list
        elements: dict
        suboptions:
          name:
            description: 'Name of the pool. Without it the pool is known by its addresses. On VPP: VPP keeps addresses, not pools: what
              is read back has no name, and consecutive addresses are one pool.'
            type: str
          vrf_id:
            description: VRF table, by its id; 0 is the main one.
            type: int
          first_ip:
            description: First IPv4 address.
            type: str
            required: true
          last_ip:
            description: Last IPv4 address; empty for one address.
            type: str
          twice_nat:
            description: 'For the other side of twice-NAT. On VPP: not with endpoint_independent.'
            type: bool
      dnat44s:
        description: 'C(vpp.nat/dnat44): Static mappings of NAT44.'
        type: list
        elements: dict
        suboptions:
          label:
            description: 'Name of the group of mappings, up to 63 bytes. On VPP: where twice_nat_pool_ip or session_affinity stand behind
              it, in the 63 bytes of VPP''s tag, it is shorter.'
            type: str
            required: true
          st_mappings:
            description: Mappings of an external address to local ones.
            type: list
            elements: dict
            suboptions:
              external_interface:
                description: Logical name of the interface whose address is the external one.
                type: str
              external_ip:
                description: External IPv4 address. Either this or external_interface.
                type: str
              external_port:
                description: External port; 0 maps the whole address. At most V(65535).
                type: int
              local_ips:
                description: 'Local sides; several share the connections. On VPP: several not with endpoint_independent.'
                type: list
                elements: dict
                suboptions:
                  vrf_id:
                    description: VRF table, by its id; 0 is the main one.
                    type: int
                  local_ip:
                    description: Local IPv4 address.
                    type: str
                    required: true
                  local_port:
                    description: Local port; 0 where the whole address is mapped. At most V(65535).
                    type: int
                  probability:
                    description: Share of the connections, relative to those of the others. At most V(255).
                    type: int
              protocol:
                description: Protocol of the ports.
                type: str
                choices: [TCP, UDP, ICMP]
              twice_nat:
                description: 'Also translate the source of incoming packets. SELF only for those from the local side itself. On VPP:
                  not with endpoint_independent.'
                type: str
                choices: [DISABLED, ENABLED, SELF]
              twice_nat_pool_ip:
                description: 'The address of the twice-NAT pool to take. On VPP: not with endpoint_independent.'
                type: str
              session_affinity:
                description: 'Seconds for which a client stays with its local side; 0 is off. On VPP: not with endpoint_independent.'
                type: int
          id_mappings:
            description: What is never translated.
            type: list
            elements: dict
            suboptions:
              vrf_id:
                description: VRF table, by its id; 0 is the main one.
                type: int
              interface:
                description: Logical name of the interface whose address is meant.
                type: str
              ip_address:
                description: IPv4 address. Either this or interface.
                type: str
              port:
                description: Port; 0 is the whole address. At most V(65535).
                type: int
              protocol:
                description: Protocol of the port.
                type: str
                choices: [TCP, UDP, ICMP]
      nat44_timeouts:
        description: 'C(pantheon.nat/nat44-timeouts): After how many seconds without a packet NAT44 forgets a session. 0 is the dataplane''s
          own choice.'
        type: dict
        suboptions:
          udp:
            description: UDP sessions.
            type: int
          tcp_established:
            description: TCP sessions that are open.
            type: int
          tcp_transitory:
            description: TCP sessions that are being opened or closed.
            type: int
          icmp:
            description: ICMP sessions.
            type: int
      nat44_plugin:
        description: 'C(pantheon.nat/nat44-plugin): How VPP''s NAT44 is enabled. Another size or VRF means that it is disabled and enabled
          again, which ends all sessions.'
        type: dict
        suboptions:
          sessions:
            description: 'Sessions that there can be, of each thread; 0 is VPP''s own choice (64512, or 10240 with endpoint_independent).
              On VPP: as many as VPP''s main heap has room for.'
            type: int
          inside_vrf:
            description: VRF table of the inside where none is given.
            type: int
          outside_vrf:
            description: VRF table of the outside.
            type: int
      nat44_interface_pools:
        description: 'C(pantheon.nat/nat44-interface-pool): The first address of an interface as an address that NAT44 translates to,
          whatever it is at the time.'
        type: list
        elements: dict
        suboptions:
          name:
            description: Logical name of the interface.
            type: str
            required: true
          twice_nat:
            description: 'For the other side of twice-NAT. On VPP: not with endpoint_independent.'
            type: bool
      nat44_session_limits:
        description: 'C(pantheon.nat/nat44-session-limit): How many sessions NAT44 lets a VRF table have. What would need one more is
          dropped.'
        type: list
        elements: dict
        suboptions:
          vrf_id:
            description: 'VRF table of the inside. On VPP: not with endpoint_independent.'
            type: int
          sessions:
            description: 'Number of sessions. On VPP: not with endpoint_independent.'
            type: int
      nat44_mss_clamp:
        description: 'C(pantheon.nat/nat44-mss-clamp): The largest segment that NAT44 lets the ends of a TCP connection agree on.'
        type: dict
        suboptions:
          mss:
            description: Bytes. At most V(65535).
            type: int
      nat44_vrfs:
        description: 'C(vpp.nat/nat44-vrf): Which VRF tables NAT44 looks for a destination in.'
        type: list
        elements: dict
        suboptions:
          src_vrf_id:
            description: 'VRF table of the inside. On VPP: not with endpoint_independent.'
            type: int
          dest_vrf_ids:
            description: 'VRF tables of the outside. On VPP: not with endpoint_independent.'
            type: list
            elements: int
      nat44_vrf_routes:
        description: 'C(vpp.nat/nat44-vrf-route): One VRF table that NAT44 looks for a destination in.'
        type: list
        elements: dict
        suboptions:
          src_vrf_id:
            description: 'VRF table of the inside. On VPP: not with endpoint_independent.'
            type: int
          dest_vrf_id:
            description: 'VRF table of the outside. On VPP: not with endpoint_independent.'
            type: int
"""
