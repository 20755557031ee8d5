# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of interfaces: VPP's with all link types, and Linux's."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import (
    CHECKS,
    Data,
    Field,
    Kind,
    Problem,
    boolean,
    enum,
    message,
    number,
    port,
    string,
    vrf,
)
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.rules import RULES, Problems, Values, once, title

CRYPTO = "NONE_CRYPTO AES_CBC_128 AES_CBC_192 AES_CBC_256 AES_CTR_128 AES_CTR_192 AES_CTR_256 AES_GCM_128 AES_GCM_192 AES_GCM_256 DES_CBC DES3_CBC"
INTEGRITY = "NONE_INTEG MD5_96 SHA1_96 SHA_256_96 SHA_256_128 SHA_384_192 SHA_512_256"
TUNNEL_MODES = "POINT_TO_POINT POINT_TO_MULTIPOINT"


def _wireguard(text: str) -> t.Optional[str]:
    return None if re.fullmatch("[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=", text) else "is no key of 32 bytes in base64"


CHECKS["power of 2"] = lambda value: "is no power of 2" if value & (value - 1) else None
CHECKS["wireguard key"] = _wireguard

MTU = number("mtu", 9216)
ADDRESSES = string("ip_addresses", many=True, check="cidr", compare="set")
STATION = string("phys_address", check="station")


def _link(name: str, *fields: Field) -> Field:
    return message(name, *fields, oneof="link")


def _source() -> Field:
    return string("src_addr", required=True, check="address")


def _target() -> Field:
    return string("dst_addr", required=True, check="address")


def _vxlan_problems(data: Data) -> t.Iterator[Problem]:
    raw = address.packed(data["dst_address"]) or b"\0"
    if (raw[0] == 255 or len(raw) == 4 and 224 <= raw[0] < 240) and not data["multicast"]:
        yield Problem("vxlan.multicast", "is required: dst_address is a multicast address")
    gpe = data["gpe"]
    if gpe and gpe["decap_vrf_id"] and gpe["protocol"] not in ("IP4", "IP6"):
        yield Problem("vxlan.gpe.decap_vrf_id", "only protocols IP4 and IP6 have one")


def _vpp_problems(data: Data) -> t.Iterator[Problem]:
    if data["unnumbered"] is not None and data["ip_addresses"]:
        yield Problem("unnumbered", "an unnumbered interface has no ip_addresses")
    for name in ("rx_modes", "rx_placements"):
        queues = [each["queue"] for each in data[name] if not each.get("default_mode")]
        if len(set(queues)) < len(queues) or len(data[name]) - len(queues) > 1:
            yield Problem(name, "a queue, or the default, is there twice")
    if data["type"] == "AF_PACKET":
        link = data["afpacket"] or {"host_if_name": "", "linux_interface": ""}
        if bool(link["host_if_name"]) == bool(link["linux_interface"]):
            yield Problem("afpacket", "needs either host_if_name or linux_interface")
    if data["type"] == "IPIP_TUNNEL" and data["ipip"]["tunnel_mode"] == "POINT_TO_POINT" and not data["ipip"]["dst_addr"]:
        yield Problem("ipip.dst_addr", "is required for tunnel_mode POINT_TO_POINT")
    if data["vxlan"]:
        yield from _vxlan_problems(data["vxlan"])


def _linux_problems(data: Data) -> t.Iterator[Problem]:
    kind = data["type"]
    if kind != "LOOPBACK" and not data["host_if_name"]:
        wrong = CHECKS["ifname"](data["name"])
        if wrong:
            yield Problem("host_if_name", f"is required: name {data['name']} {wrong}")
    if kind == "EXISTING" and data["namespace"]:
        yield Problem("namespace", "an interface of type EXISTING is in the agent's own namespace")
    if kind == "EXISTING" and data["link_only"] and any(each.startswith(address.ALLOC) for each in data["ip_addresses"]):
        yield Problem("ip_addresses", "cannot refer to netalloc when link_only is set")
    if kind == "VRF_DEVICE":
        for name in ("phys_address", "vrf_master_interface"):
            if data[name]:
                yield Problem(name, "an interface of type VRF_DEVICE has none")


INTERFACE = Kind(
    "vpp",
    "interfaces",
    string("name", required=True, check="tag"),
    enum(
        "type",
        "UNDEFINED_TYPE SUB_INTERFACE SOFTWARE_LOOPBACK DPDK MEMIF TAP AF_PACKET VXLAN_TUNNEL IPSEC_TUNNEL VMXNET3_INTERFACE "
        "BOND_INTERFACE GRE_TUNNEL GTPU_TUNNEL IPIP_TUNNEL WIREGUARD_TUNNEL RDMA",
        required=True,
    ),
    boolean("enabled"),
    STATION,
    ADDRESSES,
    vrf("vrf"),
    boolean("set_dhcp_client"),
    message("ip6_nd", boolean("address_autoconfig"), boolean("install_default_routes")),
    MTU,
    message("unnumbered", string("interface_with_ip", required=True, ref="interface")),
    message(
        "rx_modes",
        number("queue"),
        enum("mode", "UNKNOWN POLLING INTERRUPT ADAPTIVE DEFAULT", required=True),
        boolean("default_mode"),
        many=True,
        compare="set",
    ),
    message("rx_placements", number("queue"), number("worker"), boolean("main_thread"), many=True, compare="set"),
    _link(
        "sub",
        string("parent_name", required=True, ref="interface"),
        number("sub_id"),
        enum("tag_rw_option", "DISABLED PUSH1 PUSH2 POP1 POP2 TRANSLATE11 TRANSLATE12 TRANSLATE21 TRANSLATE22"),
        boolean("push_dot1q"),
        number("tag1", 4095),
        number("tag2", 4095),
    ),
    _link(
        "memif",
        enum("mode", "ETHERNET IP PUNT_INJECT"),
        boolean("master"),
        number("id"),
        string("socket_filename"),
        string("secret", secret=True, write_only="always"),
        number("ring_size", check="power of 2", write_only="on_create"),
        number("buffer_size", write_only="on_create"),
        number("rx_queues", 255, write_only="always"),
        number("tx_queues", 255, write_only="always"),
    ),
    _link("afpacket", string("host_if_name", check="ifname"), string("linux_interface", ref="interface")),
    _link(
        "tap",
        number("version", 2),
        string("host_if_name", check="ifname"),
        string("to_microservice"),
        number("rx_ring_size", check="power of 2"),
        number("tx_ring_size", check="power of 2"),
        boolean("enable_gso"),
        boolean("enable_tunnel"),
    ),
    _link(
        "vxlan",
        string("src_address", required=True, check="address"),
        string("dst_address", required=True, check="address"),
        number("vni", 2**24 - 1),
        string("multicast", ref="interface"),
        message("gpe", vrf("decap_vrf_id"), enum("protocol", "UNKNOWN IP4 IP6 ETHERNET NSH", required=True)),
    ),
    _link(
        "ipsec",
        enum("tunnel_mode", TUNNEL_MODES),
        boolean("esn"),
        boolean("anti_replay"),
        string("local_ip", check="address"),
        string("remote_ip", check="address"),
        number("local_spi"),
        number("remote_spi"),
        enum("crypto_alg", CRYPTO),
        string("local_crypto_key", secret=True, write_only="always"),
        string("remote_crypto_key", secret=True, write_only="always"),
        enum("integ_alg", INTEGRITY),
        string("local_integ_key", secret=True, write_only="always"),
        string("remote_integ_key", secret=True, write_only="always"),
        boolean("enable_udp_encap"),
    ),
    _link("vmx_net3", boolean("enable_elog"), number("rxq_size", check="power of 2"), number("txq_size", check="power of 2")),
    _link(
        "bond",
        number("id"),
        enum("mode", "UNKNOWN ROUND_ROBIN ACTIVE_BACKUP XOR BROADCAST LACP", required=True),
        enum("lb", "L2 L34 L23 RR BC AB"),
        message(
            "bonded_interfaces",
            string("name", required=True, ref="interface"),
            boolean("is_passive"),
            boolean("is_long_timeout"),
            many=True,
            compare="set",
        ),
    ),
    _link("gre", enum("tunnel_type", "UNKNOWN L3 TEB ERSPAN", required=True), _source(), _target(), vrf("outer_fib_id"), number("session_id", 1023)),
    _link(
        "gtpu",
        _source(),
        _target(),
        string("multicast", ref="interface"),
        number("teid"),
        number("remote_teid"),
        vrf("encap_vrf_id"),
        enum("decap_next", "DEFAULT L2 IP4 IP6"),
        number("decap_next_node"),
    ),
    _link("ipip", enum("tunnel_mode", TUNNEL_MODES), _source(), string("dst_addr", check="address")),
    _link("wireguard", string("private_key", required=True, secret=True, check="wireguard key"), port("port"), _source()),
    _link(
        "rdma",
        string("host_if_name", required=True, check="ifname"),
        enum("mode", "AUTO IBV DV"),
        number("rxq_num", 65535),
        number("rxq_size", 65535, check="power of 2"),
        number("txq_size", 65535, check="power of 2"),
    ),
    name="{name}",
    link={
        "SUB_INTERFACE": "sub",
        "MEMIF": "memif",
        "TAP": "tap",
        "AF_PACKET": "afpacket",
        "VXLAN_TUNNEL": "vxlan",
        "IPSEC_TUNNEL": "ipsec",
        "VMXNET3_INTERFACE": "vmx_net3",
        "BOND_INTERFACE": "bond",
        "GRE_TUNNEL": "gre",
        "GTPU_TUNNEL": "gtpu",
        "IPIP_TUNNEL": "ipip",
        "WIREGUARD_TUNNEL": "wireguard",
        "RDMA": "rdma",
    },
    more=_vpp_problems,
)

NAMESPACE = message(
    "namespace",
    enum("type", "UNDEFINED NSID PID FD MICROSERVICE", required=True),
    string("reference", required=True),
)
OFFLOADING = "CHKSM_OFFLOAD_DEFAULT CHKSM_OFFLOAD_ENABLED CHKSM_OFFLOAD_DISABLED"

LINUX_INTERFACE = Kind(
    "linux.interfaces",
    "interface",
    string("name", required=True),
    enum("type", "UNDEFINED VETH TAP_TO_VPP LOOPBACK EXISTING VRF_DEVICE DUMMY", required=True),
    NAMESPACE,
    string("host_if_name", check="ifname"),
    boolean("enabled"),
    ADDRESSES,
    STATION,
    MTU,
    _link(
        "veth",
        string("peer_if_name", required=True, ref="interface"),
        enum("rx_checksum_offloading", OFFLOADING),
        enum("tx_checksum_offloading", OFFLOADING),
    ),
    _link("tap", string("vpp_tap_if_name", required=True, ref="interface")),
    _link("vrf_dev", number("routing_table")),
    boolean("link_only"),
    string("vrf_master_interface", ref="interface"),
    name="{name}",
    link={"VETH": "veth", "TAP_TO_VPP": "tap", "VRF_DEVICE": "vrf_dev"},
    more=_linux_problems,
)

KINDS = (INTERFACE, LINUX_INTERFACE)


def interface_names(values: Values) -> Problems:
    """Names that two interfaces want, and ends of a VETH that do not point at each other."""
    linux = values.get("linux.interfaces/interface", ())
    logical = [
        ((kind, value.data.get("name")), value, "name", f"has the name {value.data.get('name')}")
        for kind in ("linux.interfaces/interface", "vpp/interfaces")
        for value in values.get(kind, ())
    ]
    for value in values.get("cnf.nsm/client", ()):
        kind = "vpp/interfaces" if value.data.get("interface_type") == "MEM_INTERFACE" else "linux.interfaces/interface"
        logical.append(((kind, value.data.get("interface_name")), value, "interface_name", f"has the name {value.data.get('interface_name')}"))
    yield from once(logical)
    ours = {value.data.get("name"): value for value in linux}
    devices = {name: "lo" if value.data.get("type") == "LOOPBACK" else value.data.get("host_if_name") or name for name, value in ours.items()}
    yield from once(
        ((devices[name], repr(value.data.get("namespace"))), value, "host_if_name", f"has the kernel's name {devices[name]}") for name, value in ours.items()
    )
    peers = {name: (value.data.get("veth") or {}).get("peer_if_name") for name, value in ours.items()}
    for name, peer in peers.items():
        if peer and peers.get(peer, name) != name:
            yield Problem("veth.peer_if_name", f"{peer} has another peer, {peers[peer]}", title(ours[name]))


def link_identities(values: Values) -> Problems:
    """Two memifs of one role on one socket and id, two sub-interfaces of one id, two bonds of one id."""
    for member, fields in (("memif", ("socket_filename", "id", "master")), ("sub", ("parent_name", "sub_id")), ("bond", ("id",))):
        entries = []
        for value in values.get("vpp/interfaces", ()):
            link = value.data.get(member)
            if link is not None:
                identity = tuple(link.get(field) or 0 for field in fields)
                entries.append((identity, value, member, f"has {', '.join(f'{field} {each}' for field, each in zip(fields, identity))}"))
        yield from once(entries)


RULES += [interface_names, link_identities]
