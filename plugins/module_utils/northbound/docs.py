# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What kinds and fields mean, a sentence each, for documentation. Not shipped to targets.

A line is C(path: sentence); the line without a path is about the kind. Two kinds may share a field's sentence by its name
alone, in L(SHARED).
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind, paths

SHARED = """
vrf_id: VRF table, by its id; 0 is the main one.
enabled: Whether the interface is up. Down when not given.
phys_address: MAC address; when empty, one is chosen.
ip_addresses: Addresses with prefix length, or references C(alloc:<network>[/<interface>]). Their order means nothing.
mtu: Largest packet in bytes; 0 is the dataplane's own choice.
network_service: Name of the network service.
interface_type: Whether a kernel interface or a memif is made for the connection; DEFAULT_INTERFACE is a kernel interface.
key: Name of the label.
value: Value of the label.
src_addr: Address of this end.
dst_addr: Address of the other end.
src_address: Address of this end.
dst_address: Address of the other end.
lower_port: First port of the range; 0 without an upper port is any.
upper_port: Last port of the range; 0 is the same as the first.
destination_port_range: Destination ports; any when not given.
source_port_range: Source ports; any when not given.
first: First value of the range.
last: Last value of the range.
rx_ring_size: Slots of the receive ring, a power of 2.
tx_ring_size: Slots of the transmit ring, a power of 2.
rxq_size: Slots of the receive queue, a power of 2.
txq_size: Slots of the transmit queue, a power of 2.
namespace: The network namespace where it is.
namespace.type: How the namespace is referred to. NSID is a name below /run/netns, PID a process, FD a path.
namespace.reference: Name, process number or path, as the type says.
"""

TEXTS: t.Dict[str, str] = {
    "vpp/interfaces": """
: A VPP interface. On the kernel's dataplane it is the kernel's nearest equivalent.
name: Logical name, by which others refer to the interface. Up to 63 bytes.
type: What the interface is; decides which of the link options may be given.
vrf: VRF table that the interface is in, by its id.
set_dhcp_client: Obtain an IPv4 address by DHCP.
ip6_nd: What is taken from IPv6 router advertisements.
ip6_nd.address_autoconfig: Configure addresses from advertised prefixes.
ip6_nd.install_default_routes: Install default routes to the advertising routers.
unnumbered: Use the address of another interface; excludes addresses of its own.
unnumbered.interface_with_ip: Logical name of the interface that lends its address.
rx_modes: How packets are received, for each queue.
rx_modes.queue: Number of the receive queue.
rx_modes.mode: Polling, interrupts or both.
rx_modes.default_mode: Whether this is for all queues that are not listed.
rx_placements: Which thread serves which queue.
rx_placements.queue: Number of the receive queue.
rx_placements.worker: Number of the worker thread.
rx_placements.main_thread: Let the main thread serve the queue.
sub: A VLAN sub-interface.
sub.parent_name: Logical name of the interface that it is a part of.
sub.sub_id: VLAN id.
sub.tag_rw_option: How VLAN tags are rewritten.
sub.push_dot1q: Push 802.1q tags rather than 802.1ad ones.
sub.tag1: First tag to push or translate to.
sub.tag2: Second tag to push or translate to.
memif: A shared memory interface.
memif.mode: Whether it carries Ethernet frames or IP packets.
memif.master: Whether this end creates the socket.
memif.id: Number of the interface on its socket, the same on both ends.
memif.socket_filename: Path of the socket; VPP's default one when empty.
memif.secret: Secret that both ends must know.
memif.ring_size: Slots of a ring, a power of 2.
memif.buffer_size: Bytes of a buffer.
memif.rx_queues: Number of receive queues.
memif.tx_queues: Number of transmit queues.
afpacket: A kernel interface that VPP attaches to.
afpacket.host_if_name: Kernel name of the interface. Either this or linux_interface.
afpacket.linux_interface: Logical name of the interface, which is then a linux.interfaces item.
tap: A TAP interface between VPP and the kernel.
tap.version: Version of the virtio interface; VPP supports 2 only.
tap.host_if_name: Name in the kernel, up to 15 bytes; made from the logical name when empty.
tap.to_microservice: Label of the microservice whose namespace gets the kernel's end.
tap.enable_gso: Let the kernel send segments larger than the MTU.
tap.enable_tunnel: A TUN interface, of IP packets without Ethernet.
vxlan: A VXLAN tunnel.
vxlan.vni: Number of the virtual network.
vxlan.multicast: Logical name of the interface for multicast, if the other end is a multicast address.
vxlan.gpe: Use the generic protocol extension.
vxlan.gpe.decap_vrf_id: VRF table of the packets inside.
vxlan.gpe.protocol: Protocol of the packets inside.
ipsec: An IPsec tunnel. Only tunnel_mode has a meaning for VPP since 21.06.
ipsec.tunnel_mode: Whether it has one remote end or several.
ipsec.esn: Extended sequence numbers (deprecated).
ipsec.anti_replay: Anti-replay (deprecated).
ipsec.local_ip: Address of this end (deprecated).
ipsec.remote_ip: Address of the other end (deprecated).
ipsec.local_spi: Security parameter index of this end (deprecated).
ipsec.remote_spi: Security parameter index of the other end (deprecated).
ipsec.crypto_alg: Encryption (deprecated).
ipsec.local_crypto_key: Encryption key of this end (deprecated).
ipsec.remote_crypto_key: Encryption key of the other end (deprecated).
ipsec.integ_alg: Integrity (deprecated).
ipsec.local_integ_key: Integrity key of this end (deprecated).
ipsec.remote_integ_key: Integrity key of the other end (deprecated).
ipsec.enable_udp_encap: Carry it in UDP (deprecated).
vmx_net3: A VMware interface; its PCI address is in the logical name.
vmx_net3.enable_elog: Log events.
bond: Several interfaces that act as one.
bond.id: Number of the bond.
bond.mode: How traffic is spread over the members.
bond.lb: What the spreading goes by (modes XOR and LACP).
bond.bonded_interfaces: The members.
bond.bonded_interfaces.name: Logical name of the member.
bond.bonded_interfaces.is_passive: Speak LACP only when spoken to.
bond.bonded_interfaces.is_long_timeout: Use LACP's long timeout.
gre: A GRE tunnel.
gre.tunnel_type: What it carries. IP packets (L3), Ethernet frames (TEB) or mirrored frames (ERSPAN).
gre.outer_fib_id: VRF table of the packets outside.
gre.session_id: Session number (ERSPAN).
gtpu: A GTP-U tunnel.
gtpu.multicast: Logical name of the interface for multicast.
gtpu.teid: Tunnel endpoint id of this end.
gtpu.remote_teid: Tunnel endpoint id of the other end.
gtpu.encap_vrf_id: VRF table of the packets outside.
gtpu.decap_next: Graph node of the packets inside (deprecated).
gtpu.decap_next_node: Number of the graph node of the packets inside.
ipip: An IP-in-IP tunnel.
ipip.tunnel_mode: Whether it has one remote end or several.
wireguard: A WireGuard interface.
wireguard.private_key: Private key, 32 bytes in base64.
wireguard.port: UDP port that it listens on.
rdma: An RDMA interface.
rdma.host_if_name: Name of the kernel interface.
rdma.mode: Which user space driver is used.
rdma.rxq_num: Number of receive queues.
""",
    "linux.interfaces/interface": """
: An interface of the Linux kernel.
name: Logical name, by which others refer to the interface; also its kernel name where host_if_name is not given.
type: What the interface is; decides which of the link options may be given.
host_if_name: Name in the kernel, up to 15 bytes. The logical name when empty; always lo for LOOPBACK.
veth: One end of a pair of virtual Ethernet interfaces.
veth.peer_if_name: Logical name of the other end.
veth.rx_checksum_offloading: Checksum offloading of received packets.
veth.tx_checksum_offloading: Checksum offloading of sent packets.
tap: The kernel's end of a TAP interface that VPP makes.
tap.vpp_tap_if_name: Logical name of VPP's end.
vrf_dev: A VRF device.
vrf_dev.routing_table: Number of its routing table.
link_only: Leave addresses and MAC alone. Of EXISTING interfaces, wait until the addresses are there.
vrf_master_interface: Logical name of the VRF device that the interface is in.
""",
    "vpp/route": """
: A route of the VPP dataplane's model. Several with one destination share the traffic.
type: A route within a VRF, into another one, or one that drops.
dst_network: Destination network, without host bits.
next_hop_addr: Address of the next hop; when empty the destination is directly reached.
outgoing_interface: Logical name of the interface that it leaves by.
weight: Share of the traffic among routes of equal preference; 0 is 1.
preference: Routes with the lowest number are used.
via_vrf_id: VRF table where the next hop is looked up (INTER_VRF).
""",
    "vpp/arp": """
: A neighbour of a VPP interface (ARP or IPv6 neighbour discovery).
interface: Logical name of the interface.
ip_address: Address of the neighbour.
phys_address: MAC address of the neighbour.
static: Whether learning may not replace it.
""",
    "vpp/vrf-table": """
: A routing table of one address family.
id: Number of the table; the same number is used for both families.
protocol: Address family.
label: A name to show, up to 63 bytes.
flow_hash_settings: What decides which of several paths a flow takes.
flow_hash_settings.use_src_ip: The source address.
flow_hash_settings.use_dst_ip: The destination address.
flow_hash_settings.use_src_port: The source port.
flow_hash_settings.use_dst_port: The destination port.
flow_hash_settings.use_protocol: The protocol.
flow_hash_settings.reverse: Swap source and destination before.
flow_hash_settings.symmetric: Treat both directions of a flow alike.
""",
    "vpp/proxyarp-global": """
: Answering ARP requests for others.
interfaces: Where requests are answered.
interfaces.name: Logical name of the interface.
ranges: For which addresses.
ranges.first_ip_addr: First IPv4 address.
ranges.last_ip_addr: Last IPv4 address.
""",
    "linux.l3/route": """
: A route of the Linux kernel.
outgoing_interface: Logical name of the interface that it leaves by.
scope: How far the destination is. GLOBAL by a gateway, LINK directly.
dst_network: Destination network; host bits are masked.
gw_addr: Address of the gateway; none for scope LINK.
metric: Of several routes the one with the lowest metric is used.
""",
    "linux.l3/arp": """
: A permanent neighbour of a Linux interface.
interface: Logical name of the interface.
ip_address: Address of the neighbour.
hw_address: MAC address of the neighbour.
""",
    "vpp.nat/nat44-global": """
: Settings of NAT44 as a whole.
forwarding: Forward packets that belong to no session and no mapping untranslated, rather than drop them.
endpoint_independent: Map an inside address and port alike for all destinations. Off is NAT44-ED, which VPP does better.
nat_interfaces: Roles of interfaces (deprecated, use nat44-interface).
nat_interfaces.name: Logical name of the interface.
nat_interfaces.is_inside: Inside rather than outside.
nat_interfaces.output_feature: Translate where packets leave.
address_pool: Pool addresses (deprecated, use nat44-pool).
address_pool.address: IPv4 address.
address_pool.twice_nat: For the other side of twice-NAT.
virtual_reassembly: Reassembly of fragments. Without effect since VPP 20.01.
virtual_reassembly.timeout: Seconds that a fragment is waited for.
virtual_reassembly.max_reassemblies: Number of reassemblies at a time.
virtual_reassembly.max_fragments: Number of fragments of a packet.
virtual_reassembly.drop_fragments: Drop all fragments.
""",
    "vpp.nat/nat44-interface": """
: The role of an interface in NAT44.
name: Logical name of the interface.
nat_inside: Its side is translated from.
nat_outside: Its side is translated to.
output_feature: Translate whatever leaves by it, wherever it came in. Not together with both sides.
""",
    "vpp.nat/nat44-pool": """
: Addresses that NAT44 translates to.
name: Name of the pool. Without it the pool is known by its addresses.
first_ip: First IPv4 address.
last_ip: Last IPv4 address; empty for one address.
twice_nat: For the other side of twice-NAT.
""",
    "vpp.nat/dnat44": """
: Static mappings of NAT44.
label: Name of the group of mappings, up to 63 bytes.
st_mappings: Mappings of an external address to local ones.
st_mappings.external_interface: Logical name of the interface whose address is the external one.
st_mappings.external_ip: External IPv4 address. Either this or external_interface.
st_mappings.external_port: External port; 0 maps the whole address.
st_mappings.local_ips: Local sides; several share the connections.
st_mappings.local_ips.local_ip: Local IPv4 address.
st_mappings.local_ips.local_port: Local port; 0 where the whole address is mapped.
st_mappings.local_ips.probability: Share of the connections, relative to those of the others.
st_mappings.protocol: Protocol of the ports.
st_mappings.twice_nat: Also translate the source of incoming packets. SELF only for those from the local side itself.
st_mappings.twice_nat_pool_ip: The address of the twice-NAT pool to take.
st_mappings.session_affinity: Seconds for which a client stays with its local side; 0 is off.
id_mappings: What is never translated.
id_mappings.interface: Logical name of the interface whose address is meant.
id_mappings.ip_address: IPv4 address. Either this or interface.
id_mappings.port: Port; 0 is the whole address.
id_mappings.protocol: Protocol of the port.
""",
    "vpp.nat/nat44-vrf": """
: Which VRF tables NAT44 looks for a destination in.
src_vrf_id: VRF table of the inside.
dest_vrf_ids: VRF tables of the outside.
""",
    "vpp.nat/nat44-vrf-route": """
: One VRF table that NAT44 looks for a destination in.
src_vrf_id: VRF table of the inside.
dest_vrf_id: VRF table of the outside.
""",
    "pantheon.nat/nat44-timeouts": """
: After how many seconds without a packet NAT44 forgets a session. 0 is the dataplane's own choice.
udp: UDP sessions.
tcp_established: TCP sessions that are open.
tcp_transitory: TCP sessions that are being opened or closed.
icmp: ICMP sessions.
""",
    "pantheon.nat/nat44-plugin": """
: How VPP's NAT44 is enabled. Another size or VRF means that it is disabled and enabled again, which ends all sessions.
sessions: Sessions that there can be, of each thread; 0 is VPP's own choice (64512, or 10240 with endpoint_independent).
inside_vrf: VRF table of the inside where none is given.
outside_vrf: VRF table of the outside.
""",
    "pantheon.nat/nat44-interface-pool": """
: The first address of an interface as an address that NAT44 translates to, whatever it is at the time.
name: Logical name of the interface.
twice_nat: For the other side of twice-NAT.
""",
    "pantheon.nat/nat44-session-limit": """
: How many sessions NAT44 lets a VRF table have. What would need one more is dropped.
vrf_id: VRF table of the inside.
sessions: Number of sessions.
""",
    "pantheon.nat/nat44-mss-clamp": """
: The largest segment that NAT44 lets the ends of a TCP connection agree on.
mss: Bytes.
""",
    "vpp.acls/acl": """
: An access list. Its rules are tried in order; what none matches is dropped where the list is attached.
name: Name of the list, up to 63 bytes.
rules: The rules, in order.
rules.action: What happens to a packet that matches. REFLECT also permits the answers.
rules.ip_rule: Match on IP and what is above. Either this or macip_rule.
rules.ip_rule.ip: The IP header.
rules.ip_rule.ip.destination_network: Destination network; any when not given.
rules.ip_rule.ip.source_network: Source network; any when not given.
rules.ip_rule.ip.protocol: Number of the protocol; 0 is that of the block beside, or any.
rules.ip_rule.icmp: An ICMP message.
rules.ip_rule.icmp.icmpv6: ICMP of IPv6.
rules.ip_rule.icmp.icmp_code_range: Codes.
rules.ip_rule.icmp.icmp_type_range: Types.
rules.ip_rule.tcp: A TCP segment.
rules.ip_rule.tcp.tcp_flags_mask: The flags that are looked at.
rules.ip_rule.tcp.tcp_flags_value: What these flags must be.
rules.ip_rule.udp: A UDP datagram.
rules.macip_rule: Match on source MAC and source address of what comes in.
rules.macip_rule.source_address: Source address.
rules.macip_rule.source_address_prefix: How many bits of it count.
rules.macip_rule.source_mac_address: Source MAC address.
rules.macip_rule.source_mac_address_mask: Which bits of it count.
interfaces: Where the list is attached.
interfaces.egress: Logical names of interfaces, for what goes out.
interfaces.ingress: Logical names of interfaces, for what comes in.
""",
    "vpp.l2/bridge-domain": """
: A bridge. With only a name it forwards nothing; everything is off unless given.
name: Name of the bridge domain, up to 63 bytes.
flood: Flood broadcasts and multicasts.
unknown_unicast_flood: Flood what is for an unknown MAC address.
forward: Forward at all.
learn: Learn which MAC address is where.
arp_termination: Answer ARP requests from the table below.
mac_age: Minutes after which what was learned is forgotten; 0 is never.
interfaces: The interfaces in it.
interfaces.name: Logical name of the interface.
interfaces.bridged_virtual_interface: Whether the interface is the bridge's own, for routing. One at most.
interfaces.split_horizon_group: Interfaces of one group other than 0 do not reach each other.
arp_termination_table: Which address is at which MAC address.
arp_termination_table.ip_address: Address.
arp_termination_table.phys_address: MAC address.
""",
    "vpp.l2/fib": """
: Where a MAC address is in a bridge domain.
phys_address: MAC address.
bridge_domain: Name of the bridge domain.
action: Forward to the interface, or drop.
outgoing_interface: Logical name of the interface; not for DROP.
static_config: Whether learning may not replace it.
bridged_virtual_interface: Whether the MAC address is the bridge's own.
""",
    "vpp.l2/xconnect": """
: All that one interface receives is sent by another. For both directions it takes two.
receive_interface: Logical name of the interface that receives.
transmit_interface: Logical name of the interface that sends.
""",
    "cnf.nsm/client": """
: A client of a network service.
name: Name of the client.
outgoing_labels: Labels by which the network service chooses an endpoint.
interface_name: Name of the interface that is made for the connection.
""",
    "cnf.nsm/endpoint": """
: An endpoint of a network service. A CNF has one for each network service.
advertised_labels: Labels by which the network service chooses this endpoint.
single_client: Accept one client only.
interface_name_prefix: Begin of the names of the interfaces that are made for connections.
interface_name_suffix_from_label: Label of the client whose value ends the name; else the first free number does.
""",
    "linux.iptables/rulechain": """
: A chain of iptables rules.
name: Logical name of the chain.
interfaces: Logical names of interfaces that the rules use.
protocol: Address family.
table: Table that the chain is in.
chain_type: A built-in chain, or one of our own.
chain_name: Name of a chain of our own (CUSTOM).
default_policy: What happens to what no rule matches (built-in chains of FILTER).
rules: The rules, in the words of iptables, in order.
""",
    "netalloc/ip": """
: An address that others refer to as C(alloc:<network>/<interface>).
network_name: Name of the network.
interface_name: Logical name of the interface that has the address.
address: The address, with or without prefix length.
gw: Address of the gateway, with or without prefix length.
""",
}


def _lines(text: str) -> t.Dict[str, str]:
    return {path: sentence.strip() for path, _colon, sentence in (line.partition(":") for line in text.strip().splitlines())}


def texts(kind: Kind) -> t.Dict[str, str]:
    """A sentence for the kind (path empty) and for each of its fields (dotted path)."""
    own, shared = _lines(TEXTS.get(kind.id, "")), _lines(SHARED)
    return {path: own.get(path) or shared.get(path) or shared.get(path.rpartition(".")[2], "") for path in ("", *paths(kind.fields))}


__all__ = ["SHARED", "TEXTS", "paths", "texts"]
