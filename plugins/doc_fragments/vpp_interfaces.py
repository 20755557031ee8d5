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
    description: 'C(vpp/interfaces): A VPP interface. On the kernel''s dataplane it is the kernel''s nearest equivalent.'
    type: list
    elements: dict
    suboptions:
      name:
        description: 'Logical name, by which others refer to the interface. Up to 63 bytes. On VPP: the interface''s tag: at most 63
          printable ASCII characters, not ending in '' (link)'', and not VPP''s name for another interface.'
        type: str
        required: true
      type:
        description: 'What the interface is; decides which of the link options may be given. On VPP: not IPSEC_TUNNEL (the model itself
          has it no more: IPIP_TUNNEL and vpp.ipsec take its place), VMXNET3_INTERFACE (not done; one that VPP has already is of type
          DPDK), GTPU_TUNNEL (not done), RDMA (not done; one that VPP has already is of type DPDK); DPDK is any interface that VPP has
          and we cannot make, by VPP''s name for it: it becomes ours by a tag, and is not deleted.'
        type: str
        choices: [SUB_INTERFACE, SOFTWARE_LOOPBACK, DPDK, MEMIF, TAP, AF_PACKET, VXLAN_TUNNEL, IPSEC_TUNNEL, VMXNET3_INTERFACE, BOND_INTERFACE,
          GRE_TUNNEL, GTPU_TUNNEL, IPIP_TUNNEL, WIREGUARD_TUNNEL, RDMA]
      enabled:
        description: Whether the interface is up. Down when not given.
        type: bool
      phys_address:
        description: 'MAC address; when empty, one is chosen. On VPP: not of what has none of its own: SUB_INTERFACE, IPIP_TUNNEL, WIREGUARD_TUNNEL,
          L3 GRE, VXLAN-GPE, memif in IP mode; of a bond it is given at its making, and its members have the same. Without it the same
          one is made of CNF and name every time, but for DPDK.'
        type: str
      ip_addresses:
        description: 'Addresses with prefix length, or references C(alloc:<network>[/<interface>]). Their order means nothing. On VPP:
          not link-local ones, which VPP does not tell; references to netalloc are not resolved; networks in one VRF do not overlap.'
        type: list
        elements: str
      vrf:
        description: 'VRF table that the interface is in, by its id. On VPP: the tables have to be there, for IPv4, IPv6 or both, as
          the addresses are.'
        type: int
      set_dhcp_client:
        description: Obtain an IPv4 address by DHCP.
        type: bool
      ip6_nd:
        description: 'What is taken from IPv6 router advertisements. Not on VPP: VPP does not tell whether it is on, and off on one
          interface takes away the addresses that all others were given.'
        type: dict
        suboptions:
          address_autoconfig:
            description: Configure addresses from advertised prefixes.
            type: bool
          install_default_routes:
            description: Install default routes to the advertising routers.
            type: bool
      mtu:
        description: Largest packet in bytes; 0 is the dataplane's own choice. At most V(9216).
        type: int
      unnumbered:
        description: 'Use the address of another interface; excludes addresses of its own. On VPP: within a VRF; not together with set_dhcp_client.'
        type: dict
        suboptions:
          interface_with_ip:
            description: Logical name of the interface that lends its address.
            type: str
      rx_modes:
        description: 'How packets are received, for each queue. On VPP: of a type with queues: MEMIF, TAP, AF_PACKET, DPDK; a memif
          has them only while it is connected, run again then; DEFAULT is not compared; read back by queue, where VPP has another mode
          by itself.'
        type: list
        elements: dict
        suboptions:
          queue:
            description: Number of the receive queue.
            type: int
          mode:
            description: Polling, interrupts or both.
            type: str
            required: true
            choices: [POLLING, INTERRUPT, ADAPTIVE, DEFAULT]
          default_mode:
            description: Whether this is for all queues that are not listed.
            type: bool
      rx_placements:
        description: 'Which thread serves which queue. On VPP: of a type with queues: MEMIF, TAP, AF_PACKET, DPDK; a memif has them
          only while it is connected, run again then.'
        type: list
        elements: dict
        suboptions:
          queue:
            description: Number of the receive queue.
            type: int
          worker:
            description: Number of the worker thread.
            type: int
          main_thread:
            description: Let the main thread serve the queue.
            type: bool
      sub:
        description: A VLAN sub-interface. For O(config[].type=SUB_INTERFACE).
        type: dict
        suboptions:
          parent_name:
            description: 'Logical name of the interface that it is a part of. On VPP: no sub-interface.'
            type: str
          sub_id:
            description: 'VLAN id. On VPP: 1 to 4094, the VLAN id.'
            type: int
          tag_rw_option:
            description: 'How VLAN tags are rewritten. On VPP: not POP2, TRANSLATE21 and TRANSLATE22: frames of a sub-interface have
              one tag. It works in a bridge domain or cross-connect.'
            type: str
            choices: [DISABLED, PUSH1, PUSH2, POP1, POP2, TRANSLATE11, TRANSLATE12, TRANSLATE21, TRANSLATE22]
          push_dot1q:
            description: 'Push 802.1q tags rather than 802.1ad ones. On VPP: only with a tag_rw_option that puts such a tag on.'
            type: bool
          tag1:
            description: 'First tag to push or translate to. At most V(4095). On VPP: only with a tag_rw_option that puts such a tag
              on.'
            type: int
          tag2:
            description: 'Second tag to push or translate to. At most V(4095). On VPP: only with a tag_rw_option that puts such a tag
              on.'
            type: int
      memif:
        description: A shared memory interface. For O(config[].type=MEMIF).
        type: dict
        suboptions:
          mode:
            description: 'Whether it carries Ethernet frames or IP packets. On VPP: not PUNT_INJECT: VPP crashes.'
            type: str
            choices: [ETHERNET, IP, PUNT_INJECT]
          master:
            description: 'Whether this end creates the socket. On VPP: all memifs of a socket are of one role.'
            type: bool
          id:
            description: Number of the interface on its socket, the same on both ends.
            type: int
          socket_filename:
            description: 'Path of the socket; VPP''s default one when empty. On VPP: at most 107 bytes; relative to VPP''s run-time
              folder, abstract: for one without a file.'
            type: str
          secret:
            description: 'Secret that both ends must know. On VPP: at most 23 ASCII characters, given at the making. VPP does not tell
              it: another one alone changes nothing, delete the interface first.'
            type: str
          ring_size:
            description: 'Slots of a ring, a power of 2. On VPP: given at the making; VPP does not tell it, so it is not compared.'
            type: int
          buffer_size:
            description: 'Bytes of a buffer. On VPP: given at the making; VPP does not tell it, so it is not compared.'
            type: int
          rx_queues:
            description: 'Number of receive queues. At most V(255). On VPP: given at the making; VPP does not tell it, so it is not
              compared.'
            type: int
          tx_queues:
            description: 'Number of transmit queues. At most V(255). On VPP: given at the making; VPP does not tell it, so it is not
              compared.'
            type: int
      afpacket:
        description: A kernel interface that VPP attaches to. For O(config[].type=AF_PACKET).
        type: dict
        suboptions:
          host_if_name:
            description: Kernel name of the interface. Either this or linux_interface.
            type: str
          linux_interface:
            description: 'Logical name of the interface, which is then a linux.interfaces item. On VPP: taken for the kernel''s name.'
            type: str
      tap:
        description: 'A TAP interface between VPP and the kernel. For O(config[].type=TAP). On VPP: needs VHOST_NET in VPP''s kernel.'
        type: dict
        suboptions:
          version:
            description: 'Version of the virtio interface; VPP supports 2 only. At most V(2). On VPP: there is only version 2.'
            type: int
          host_if_name:
            description: Name in the kernel, up to 15 bytes; made from the logical name when empty.
            type: str
          to_microservice:
            description: 'Label of the microservice whose namespace gets the kernel''s end. Not on VPP: join two CNFs with cnf_link.'
            type: str
          rx_ring_size:
            description: 'Slots of the receive ring, a power of 2. On VPP: at most 32768.'
            type: int
          tx_ring_size:
            description: 'Slots of the transmit ring, a power of 2. On VPP: at most 32768.'
            type: int
          enable_gso:
            description: Let the kernel send segments larger than the MTU.
            type: bool
          enable_tunnel:
            description: A TUN interface, of IP packets without Ethernet.
            type: bool
      vxlan:
        description: A VXLAN tunnel. For O(config[].type=VXLAN_TUNNEL).
        type: dict
        suboptions:
          src_address:
            description: Address of this end.
            type: str
          dst_address:
            description: 'Address of the other end. On VPP: another one than the source, of the same family.'
            type: str
          vni:
            description: Number of the virtual network. At most V(16777215).
            type: int
          multicast:
            description: Logical name of the interface for multicast, if the other end is a multicast address.
            type: str
          gpe:
            description: 'Use the generic protocol extension. On VPP: its tunnel has no MAC address.'
            type: dict
            suboptions:
              decap_vrf_id:
                description: VRF table of the packets inside.
                type: int
              protocol:
                description: Protocol of the packets inside.
                type: str
                choices: [IP4, IP6, ETHERNET, NSH]
      ipsec:
        description: 'An IPsec tunnel. Only tunnel_mode has a meaning for VPP since 21.06. For O(config[].type=IPSEC_TUNNEL). Not on
          VPP: the model itself has it no more: IPIP_TUNNEL and vpp.ipsec take its place.'
        type: dict
        suboptions:
          tunnel_mode:
            description: Whether it has one remote end or several.
            type: str
            choices: [POINT_TO_POINT, POINT_TO_MULTIPOINT]
          esn:
            description: Extended sequence numbers (deprecated).
            type: bool
          anti_replay:
            description: Anti-replay (deprecated).
            type: bool
          local_ip:
            description: Address of this end (deprecated).
            type: str
          remote_ip:
            description: Address of the other end (deprecated).
            type: str
          local_spi:
            description: Security parameter index of this end (deprecated).
            type: int
          remote_spi:
            description: Security parameter index of the other end (deprecated).
            type: int
          crypto_alg:
            description: Encryption (deprecated).
            type: str
            choices: [NONE_CRYPTO, AES_CBC_128, AES_CBC_192, AES_CBC_256, AES_CTR_128, AES_CTR_192, AES_CTR_256, AES_GCM_128, AES_GCM_192,
              AES_GCM_256, DES_CBC, DES3_CBC]
          local_crypto_key:
            description: Encryption key of this end (deprecated).
            type: str
          remote_crypto_key:
            description: Encryption key of the other end (deprecated).
            type: str
          integ_alg:
            description: Integrity (deprecated).
            type: str
            choices: [NONE_INTEG, MD5_96, SHA1_96, SHA_256_96, SHA_256_128, SHA_384_192, SHA_512_256]
          local_integ_key:
            description: Integrity key of this end (deprecated).
            type: str
          remote_integ_key:
            description: Integrity key of the other end (deprecated).
            type: str
          enable_udp_encap:
            description: Carry it in UDP (deprecated).
            type: bool
      vmx_net3:
        description: 'A VMware interface; its PCI address is in the logical name. For O(config[].type=VMXNET3_INTERFACE). Not on VPP:
          not done; one that VPP has already is of type DPDK.'
        type: dict
        suboptions:
          enable_elog:
            description: Log events.
            type: bool
          rxq_size:
            description: Slots of the receive queue, a power of 2.
            type: int
          txq_size:
            description: Slots of the transmit queue, a power of 2.
            type: int
      bond:
        description: Several interfaces that act as one. For O(config[].type=BOND_INTERFACE).
        type: dict
        suboptions:
          id:
            description: Number of the bond.
            type: int
          mode:
            description: How traffic is spread over the members.
            type: str
            choices: [ROUND_ROBIN, ACTIVE_BACKUP, XOR, BROADCAST, LACP]
          lb:
            description: 'What the spreading goes by (modes XOR and LACP). On VPP: L2, L34 and L23, of no meaning but for XOR and LACP.'
            type: str
            choices: [L2, L34, L23, RR, BC, AB]
          bonded_interfaces:
            description: The members.
            type: list
            elements: dict
            suboptions:
              name:
                description: 'Logical name of the member. On VPP: no bond and no sub-interface.'
                type: str
                required: true
              is_passive:
                description: Speak LACP only when spoken to.
                type: bool
              is_long_timeout:
                description: Use LACP's long timeout.
                type: bool
      gre:
        description: A GRE tunnel. For O(config[].type=GRE_TUNNEL).
        type: dict
        suboptions:
          tunnel_type:
            description: What it carries. IP packets (L3), Ethernet frames (TEB) or mirrored frames (ERSPAN).
            type: str
            choices: [L3, TEB, ERSPAN]
          src_addr:
            description: Address of this end.
            type: str
          dst_addr:
            description: 'Address of the other end. On VPP: another one than the source, of the same family.'
            type: str
          outer_fib_id:
            description: VRF table of the packets outside.
            type: int
          session_id:
            description: 'Session number (ERSPAN). At most V(1023). On VPP: for ERSPAN only.'
            type: int
      gtpu:
        description: 'A GTP-U tunnel. For O(config[].type=GTPU_TUNNEL). Not on VPP: not done.'
        type: dict
        suboptions:
          src_addr:
            description: Address of this end.
            type: str
          dst_addr:
            description: Address of the other end.
            type: str
          multicast:
            description: Logical name of the interface for multicast.
            type: str
          teid:
            description: Tunnel endpoint id of this end.
            type: int
          remote_teid:
            description: Tunnel endpoint id of the other end.
            type: int
          encap_vrf_id:
            description: VRF table of the packets outside.
            type: int
          decap_next:
            description: Graph node of the packets inside (deprecated).
            type: str
            choices: [DEFAULT, L2, IP4, IP6]
          decap_next_node:
            description: Number of the graph node of the packets inside.
            type: int
      ipip:
        description: An IP-in-IP tunnel. For O(config[].type=IPIP_TUNNEL).
        type: dict
        suboptions:
          tunnel_mode:
            description: Whether it has one remote end or several.
            type: str
            choices: [POINT_TO_POINT, POINT_TO_MULTIPOINT]
          src_addr:
            description: Address of this end.
            type: str
          dst_addr:
            description: 'Address of the other end. On VPP: another one than the source, of the same family; not for POINT_TO_MULTIPOINT.'
            type: str
      wireguard:
        description: A WireGuard interface. For O(config[].type=WIREGUARD_TUNNEL).
        type: dict
        suboptions:
          private_key:
            description: 'Private key, 32 bytes in base64. On VPP: VPP tells it to whoever may connect to it.'
            type: str
          port:
            description: UDP port that it listens on. At most V(65535).
            type: int
          src_addr:
            description: Address of this end.
            type: str
      rdma:
        description: 'An RDMA interface. For O(config[].type=RDMA). Not on VPP: not done; one that VPP has already is of type DPDK.'
        type: dict
        suboptions:
          host_if_name:
            description: Name of the kernel interface.
            type: str
          mode:
            description: Which user space driver is used.
            type: str
            choices: [AUTO, IBV, DV]
          rxq_num:
            description: Number of receive queues. At most V(65535).
            type: int
          rxq_size:
            description: Slots of the receive queue, a power of 2. At most V(65535).
            type: int
          txq_size:
            description: Slots of the transmit queue, a power of 2. At most V(65535).
            type: int
"""
