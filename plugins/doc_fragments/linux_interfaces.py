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
    description:
      - 'C(linux.interfaces/interface): An interface of the Linux kernel.'
      - 'C(vpp/interfaces): A VPP interface. On the kernel''s dataplane it is the kernel''s nearest equivalent.'
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - 'C(linux.interfaces/interface): Logical name, by which others refer to the interface; also its kernel name where host_if_name
            is not given.'
          - 'C(vpp/interfaces): Logical name, by which others refer to the interface. Up to 63 bytes.'
        type: str
        required: true
      type:
        description:
          - 'C(linux.interfaces/interface): What the interface is; decides which of the link options may be given. On the kernel: not
            TAP_TO_VPP (the kernel''s side of a TAP of VPP, and there is no VPP here).'
          - 'C(vpp/interfaces): What the interface is; decides which of the link options may be given. On the kernel: not DPDK (a user-space
            driver), VMXNET3_INTERFACE (a user-space driver), RDMA (a user-space driver), GTPU_TUNNEL (needs a GTP daemon), IPSEC_TUNNEL
            (not done on the kernel); MEMIF only where a link stands for it (memif_substitution of cnf_config).'
        type: str
        choices: [VETH, TAP_TO_VPP, LOOPBACK, EXISTING, VRF_DEVICE, DUMMY, SUB_INTERFACE, SOFTWARE_LOOPBACK, DPDK, MEMIF, TAP, AF_PACKET,
          VXLAN_TUNNEL, IPSEC_TUNNEL, VMXNET3_INTERFACE, BOND_INTERFACE, GRE_TUNNEL, GTPU_TUNNEL, IPIP_TUNNEL, WIREGUARD_TUNNEL, RDMA]
      namespace:
        description: 'The network namespace where it is. Not on the kernel: an interface is where its CNF is; join two with cnf_link.
          Of C(linux.interfaces/interface) only.'
        type: dict
        suboptions:
          type:
            description: How the namespace is referred to. NSID is a name below /run/netns, PID a process, FD a path.
            type: str
            choices: [NSID, PID, FD, MICROSERVICE]
          reference:
            description: Name, process number or path, as the type says.
            type: str
      host_if_name:
        description: Name in the kernel, up to 15 bytes. The logical name when empty; always lo for LOOPBACK. Of C(linux.interfaces/interface)
          only.
        type: str
      enabled:
        description: Whether the interface is up. Down when not given.
        type: bool
      ip_addresses:
        description: 'Addresses with prefix length, or references C(alloc:<network>[/<interface>]). Their order means nothing. On the
          kernel: references to netalloc are not resolved.'
        type: list
        elements: str
      phys_address:
        description: MAC address; when empty, one is chosen.
        type: str
      mtu:
        description: Largest packet in bytes; 0 is the dataplane's own choice. At most V(9216).
        type: int
      veth:
        description: One end of a pair of virtual Ethernet interfaces. For O(config[].type=VETH).
        type: dict
        suboptions:
          peer_if_name:
            description: Logical name of the other end.
            type: str
          rx_checksum_offloading:
            description: 'Checksum offloading of received packets. On the kernel: only CHKSM_OFFLOAD_ENABLED, switching it off is not
              done.'
            type: str
            choices: [CHKSM_OFFLOAD_DEFAULT, CHKSM_OFFLOAD_ENABLED, CHKSM_OFFLOAD_DISABLED]
          tx_checksum_offloading:
            description: 'Checksum offloading of sent packets. On the kernel: only CHKSM_OFFLOAD_ENABLED, switching it off is not done.'
            type: str
            choices: [CHKSM_OFFLOAD_DEFAULT, CHKSM_OFFLOAD_ENABLED, CHKSM_OFFLOAD_DISABLED]
      tap:
        description:
          - 'C(linux.interfaces/interface): The kernel''s end of a TAP interface that VPP makes. For O(config[].type=TAP_TO_VPP). Not
            on the kernel: the kernel''s side of a TAP of VPP, and there is no VPP here.'
          - 'C(vpp/interfaces): A TAP interface between VPP and the kernel. For O(config[].type=TAP).'
        type: dict
        suboptions:
          vpp_tap_if_name:
            description: Logical name of VPP's end. Of C(linux.interfaces/interface) only.
            type: str
          version:
            description: 'Version of the virtio interface; VPP supports 2 only. At most V(2). On the kernel: any is as good. Of C(vpp/interfaces)
              only.'
            type: int
          host_if_name:
            description: Name in the kernel, up to 15 bytes; made from the logical name when empty. Of C(vpp/interfaces) only.
            type: str
          to_microservice:
            description: 'Label of the microservice whose namespace gets the kernel''s end. Not on the kernel: join two CNFs with cnf_link.
              Of C(vpp/interfaces) only.'
            type: str
          rx_ring_size:
            description: 'Slots of the receive ring, a power of 2. Not on the kernel: a tun device has no rings. Of C(vpp/interfaces)
              only.'
            type: int
          tx_ring_size:
            description: 'Slots of the transmit ring, a power of 2. Not on the kernel: a tun device has no rings. Of C(vpp/interfaces)
              only.'
            type: int
          enable_gso:
            description: 'Let the kernel send segments larger than the MTU. Not on the kernel: up to the program behind the tun device.
              Of C(vpp/interfaces) only.'
            type: bool
          enable_tunnel:
            description: A TUN interface, of IP packets without Ethernet. Of C(vpp/interfaces) only.
            type: bool
      vrf_dev:
        description: A VRF device. For O(config[].type=VRF_DEVICE).
        type: dict
        suboptions:
          routing_table:
            description: Number of its routing table.
            type: int
      link_only:
        description: 'Leave addresses and MAC alone. Of EXISTING interfaces, wait until the addresses are there. On the kernel: not
          together with ip_addresses: nothing waits for addresses of others. Of C(linux.interfaces/interface) only.'
        type: bool
      vrf_master_interface:
        description: Logical name of the VRF device that the interface is in. Of C(linux.interfaces/interface) only.
        type: str
      vrf:
        description: VRF table that the interface is in, by its id. Of C(vpp/interfaces) only.
        type: int
      set_dhcp_client:
        description: 'Obtain an IPv4 address by DHCP. Not on the kernel: the kernel has no DHCP client. Of C(vpp/interfaces) only.'
        type: bool
      ip6_nd:
        description: 'What is taken from IPv6 router advertisements. Not on the kernel: not done by the kernel dataplane yet. Of C(vpp/interfaces)
          only.'
        type: dict
        suboptions:
          address_autoconfig:
            description: Configure addresses from advertised prefixes.
            type: bool
          install_default_routes:
            description: Install default routes to the advertising routers.
            type: bool
      unnumbered:
        description: Use the address of another interface; excludes addresses of its own. Of C(vpp/interfaces) only.
        type: dict
        suboptions:
          interface_with_ip:
            description: Logical name of the interface that lends its address.
            type: str
      rx_modes:
        description: 'How packets are received, for each queue. Not on the kernel: the kernel chooses by itself (NAPI). Of C(vpp/interfaces)
          only.'
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
        description: 'Which thread serves which queue. Not on the kernel: the kernel has no workers. Of C(vpp/interfaces) only.'
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
            description: Logical name of the interface that it is a part of.
            type: str
          sub_id:
            description: VLAN id.
            type: int
          tag_rw_option:
            description: 'How VLAN tags are rewritten. On the kernel: only POP1, the kernel''s VLAN device pops and pushes its own tag
              and nothing else.'
            type: str
            choices: [DISABLED, PUSH1, PUSH2, POP1, POP2, TRANSLATE11, TRANSLATE12, TRANSLATE21, TRANSLATE22]
          push_dot1q:
            description: 'Push 802.1q tags rather than 802.1ad ones. Not on the kernel: no tag is pushed but the device''s own.'
            type: bool
          tag1:
            description: 'First tag to push or translate to. At most V(4095). Not on the kernel: no tag is pushed but the device''s
              own.'
            type: int
          tag2:
            description: 'Second tag to push or translate to. At most V(4095). Not on the kernel: no tag is pushed but the device''s
              own.'
            type: int
      memif:
        description: 'A shared memory interface. For O(config[].type=MEMIF). On the kernel: nothing in it has a meaning for the link
          that stands for the memif.'
        type: dict
        suboptions:
          mode:
            description: Whether it carries Ethernet frames or IP packets.
            type: str
            choices: [ETHERNET, IP, PUNT_INJECT]
          master:
            description: Whether this end creates the socket.
            type: bool
          id:
            description: Number of the interface on its socket, the same on both ends.
            type: int
          socket_filename:
            description: Path of the socket; VPP's default one when empty.
            type: str
          secret:
            description: Secret that both ends must know.
            type: str
          ring_size:
            description: Slots of a ring, a power of 2.
            type: int
          buffer_size:
            description: Bytes of a buffer.
            type: int
          rx_queues:
            description: Number of receive queues. At most V(255).
            type: int
          tx_queues:
            description: Number of transmit queues. At most V(255).
            type: int
      afpacket:
        description: A kernel interface that VPP attaches to. For O(config[].type=AF_PACKET).
        type: dict
        suboptions:
          host_if_name:
            description: Kernel name of the interface. Either this or linux_interface.
            type: str
          linux_interface:
            description: 'Logical name of the interface, which is then a linux.interfaces item. On the kernel: taken for the kernel''s
              name.'
            type: str
      vxlan:
        description: A VXLAN tunnel. For O(config[].type=VXLAN_TUNNEL).
        type: dict
        suboptions:
          src_address:
            description: Address of this end.
            type: str
          dst_address:
            description: Address of the other end.
            type: str
          vni:
            description: Number of the virtual network. At most V(16777215).
            type: int
          multicast:
            description: Logical name of the interface for multicast, if the other end is a multicast address.
            type: str
          gpe:
            description: 'Use the generic protocol extension. Not on the kernel: VXLAN-GPE is not done.'
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
          the kernel: not done on the kernel.'
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
        description: 'A VMware interface; its PCI address is in the logical name. For O(config[].type=VMXNET3_INTERFACE). Not on the
          kernel: a user-space driver.'
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
            description: 'Number of the bond. On the kernel: nothing to set, the kernel does not number bonds.'
            type: int
          mode:
            description: How traffic is spread over the members.
            type: str
            choices: [ROUND_ROBIN, ACTIVE_BACKUP, XOR, BROADCAST, LACP]
          lb:
            description: 'What the spreading goes by (modes XOR and LACP). On the kernel: L2, L34 and L23; of no meaning but for XOR
              and LACP.'
            type: str
            choices: [L2, L34, L23, RR, BC, AB]
          bonded_interfaces:
            description: The members.
            type: list
            elements: dict
            suboptions:
              name:
                description: Logical name of the member.
                type: str
                required: true
              is_passive:
                description: 'Speak LACP only when spoken to. Not on the kernel: the kernel has it per bond.'
                type: bool
              is_long_timeout:
                description: 'Use LACP''s long timeout. On the kernel: for the whole bond, when all members have it.'
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
            description: 'Address of this end. On the kernel: IPv4 only.'
            type: str
          dst_addr:
            description: 'Address of the other end. On the kernel: IPv4 only.'
            type: str
          outer_fib_id:
            description: 'VRF table of the packets outside. Not on the kernel: an underlay VRF is not done.'
            type: int
          session_id:
            description: 'Session number (ERSPAN). At most V(1023). On the kernel: for ERSPAN only.'
            type: int
      gtpu:
        description: 'A GTP-U tunnel. For O(config[].type=GTPU_TUNNEL). Not on the kernel: needs a GTP daemon.'
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
            description: 'Address of this end. On the kernel: IPv4 only.'
            type: str
          dst_addr:
            description: 'Address of the other end. On the kernel: IPv4 only, and of no meaning for POINT_TO_MULTIPOINT.'
            type: str
      wireguard:
        description: A WireGuard interface. For O(config[].type=WIREGUARD_TUNNEL).
        type: dict
        suboptions:
          private_key:
            description: Private key, 32 bytes in base64.
            type: str
          port:
            description: UDP port that it listens on. At most V(65535).
            type: int
          src_addr:
            description: 'Address of this end. On the kernel: the kernel listens on all addresses.'
            type: str
      rdma:
        description: 'An RDMA interface. For O(config[].type=RDMA). Not on the kernel: a user-space driver.'
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
