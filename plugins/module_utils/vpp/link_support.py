# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What VPP can do of the fields of an interface, and what is refused, with the reason."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Field

TYPES_NO = {
    "IPSEC_TUNNEL": ("ipsec", "the model itself has it no more: IPIP_TUNNEL and vpp.ipsec take its place"),
    "VMXNET3_INTERFACE": ("vmx_net3", "not done; one that VPP has already is of type DPDK"),
    "GTPU_TUNNEL": ("gtpu", "not done"),
    "RDMA": ("rdma", "not done; one that VPP has already is of type DPDK"),
}
"""Types that are refused: the field that only they have, and why."""

NO = {"ip6_nd": "VPP does not tell whether it is on, and off on one interface takes away the addresses that all others were given"}
"""Fields that are refused, and why."""

_OF_QUEUES = "of a type with queues: MEMIF, TAP, AF_PACKET, DPDK; a memif has them only while it is connected, run again then"
_PARTLY = {
    "type": f"not {', '.join(f'{name} ({why})' for name, (_member, why) in TYPES_NO.items())}; "
    "DPDK is any interface that VPP has and we cannot make, by VPP's name for it: it becomes ours by a tag, and is not deleted",
    "name": "the interface's tag: at most 63 printable ASCII characters, not ending in ' (link)', and not VPP's name for another interface",
    "phys_address": "not of what has none of its own: SUB_INTERFACE, IPIP_TUNNEL, WIREGUARD_TUNNEL, L3 GRE, VXLAN-GPE, memif in IP mode; of a bond it is given "
    "at its making, and its members have the same. Without it the same one is made of CNF and name every time, but for DPDK",
    "ip_addresses": "not link-local ones, which VPP does not tell; references to netalloc are not resolved; networks in one VRF do not overlap",
    "vrf": "the tables have to be there, for IPv4, IPv6 or both, as the addresses are",
    "unnumbered": "within a VRF; not together with set_dhcp_client",
    "rx_modes": f"{_OF_QUEUES}; DEFAULT is not compared; read back by queue, where VPP has another mode by itself",
    "rx_placements": _OF_QUEUES,
    "sub.sub_id": "1 to 4094, the VLAN id",
    "sub.parent_name": "no sub-interface",
    "sub.tag_rw_option": "not POP2, TRANSLATE21 and TRANSLATE22: frames of a sub-interface have one tag. It works in a bridge domain or cross-connect",
    **dict.fromkeys(("sub.push_dot1q", "sub.tag1", "sub.tag2"), "only with a tag_rw_option that puts such a tag on"),
    "memif.mode": "not PUNT_INJECT: VPP crashes",
    "memif.master": "all memifs of a socket are of one role",
    "memif.socket_filename": "at most 107 bytes; relative to VPP's run-time folder, abstract: for one without a file",
    "memif.secret": "at most 23 ASCII characters, given at the making. VPP does not tell it: another one alone changes nothing, delete the interface first",
    **dict.fromkeys(
        ("memif.ring_size", "memif.buffer_size", "memif.rx_queues", "memif.tx_queues"), "given at the making; VPP does not tell it, so it is not compared"
    ),
    "afpacket.linux_interface": "taken for the kernel's name",
    "tap": "needs VHOST_NET in VPP's kernel",
    "tap.version": "there is only version 2",
    "tap.rx_ring_size": "at most 32768",
    "tap.tx_ring_size": "at most 32768",
    **dict.fromkeys(("vxlan.dst_address", "gre.dst_addr"), "another one than the source, of the same family"),
    "vxlan.gpe": "its tunnel has no MAC address",
    "bond.lb": "L2, L34 and L23, of no meaning but for XOR and LACP",
    "bond.bonded_interfaces.name": "no bond and no sub-interface",
    "gre.session_id": "for ERSPAN only",
    "ipip.dst_addr": "another one than the source, of the same family; not for POINT_TO_MULTIPOINT",
    "wireguard.private_key": "VPP tells it to whoever may connect to it",
}


def _paths(fields: t.Mapping[str, Field], base: str = "") -> t.Iterator[str]:
    for name, field in fields.items():
        yield base + name
        yield from _paths(field.fields, f"{base}{name}.")


def support() -> t.Dict[str, str]:
    """A word on every field."""
    found = dict.fromkeys(_paths(INTERFACE.fields), "yes")
    found.update((path, f"partial: {text}") for path, text in _PARTLY.items())
    for member, why in TYPES_NO.values():
        found = {path: text for path, text in found.items() if not path.startswith(f"{member}.")}
        found[member] = f"refused: {why}"
    for path, why in {**NO, "tap.to_microservice": "join two CNFs with cnf_link"}.items():
        found = {each: text for each, text in found.items() if not each.startswith(f"{path}.")}
        found[path] = f"refused: {why}"
    return found
