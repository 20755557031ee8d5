# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces that only a kernel with all its drivers has: of each kind what it is at first, and what it becomes.

C(looks): what C(ip -d -o link show dev NAME) says of the first device of the kind, at first and then.
"""

from __future__ import annotations

import base64
import typing as t

SECRETS = [base64.b64encode(bytes([8 * number] * 31 + [64])).decode() for number in (1, 2)]
"""Private keys of WireGuard as the kernel keeps them."""

Interfaces = t.List[t.Dict[str, t.Any]]


class Case(t.NamedTuple):
    """One kind of interface."""

    first: Interfaces
    then: Interfaces
    looks: t.Tuple[str, str]


def _dummy(name: str, *addresses: str, **more: t.Any) -> t.Dict[str, t.Any]:
    return {"name": name, "type": "DUMMY", "enabled": True, **({"ip_addresses": list(addresses)} if addresses else {}), **more}


def _of(type: str, name: str, *addresses: str, **more: t.Any) -> t.Dict[str, t.Any]:
    return {**_dummy(name, *addresses, **more), "type": type}


def _bond(name: str, mode: str, *members: str, **more: t.Any) -> t.Dict[str, t.Any]:
    return _of("BOND_INTERFACE", name, bond={"mode": mode, "bonded_interfaces": [{"name": one} for one in members], **more})


def _veth(name: str, peer: str) -> t.Dict[str, t.Any]:
    return _of("VETH", name, veth={"peer_if_name": peer})


def _gre(name: str, tunnel_type: str, remote: str, address: str, **more: t.Any) -> t.Dict[str, t.Any]:
    return _of("GRE_TUNNEL", name, address, gre={"tunnel_type": tunnel_type, "src_addr": "10.1.0.1", "dst_addr": remote, **more})


def _ipip(remote: str) -> t.Dict[str, t.Any]:
    return _of("IPIP_TUNNEL", "ipip0", "10.1.8.1/30", ipip={"src_addr": "10.1.0.1", "dst_addr": remote})


def _wireguard(secret: str, port: int) -> t.Dict[str, t.Any]:
    return _of("WIREGUARD_TUNNEL", "wg0", "10.1.9.1/24", wireguard={"private_key": secret, "port": port, "src_addr": "10.1.0.1"})


def _sub(number: int, **more: t.Any) -> t.Dict[str, t.Any]:
    return _of("SUB_INTERFACE", "trunk.5", "10.1.1.1/24", "fd01:1::1/64", sub={"parent_name": "trunk", "sub_id": number}, **more)


def _vrf(table: int) -> t.Dict[str, t.Any]:
    return _of("VRF_DEVICE", "red", vrf_dev={"routing_table": table})


CASES: t.Dict[str, Case] = {
    "dummy": Case(
        [_dummy("dm0", "10.1.2.1/24", "fd01:2::1/64", phys_address="02:00:00:00:02:01")],
        [_dummy("dm0", "10.1.2.2/24", phys_address="02:00:00:00:02:02", mtu=1400)],
        ("dummy.*link/ether 02:00:00:00:02:01|link/ether 02:00:00:00:02:01.*dummy", "mtu 1400.*link/ether 02:00:00:00:02:02"),
    ),
    "software loopback": Case(
        [_of("SOFTWARE_LOOPBACK", "loop0", "10.1.3.1/32", "fd01:3::1/128")],
        [{**_of("SOFTWARE_LOOPBACK", "loop0", "10.1.3.1/32", "10.1.3.2/32"), "enabled": False}],
        ("UP.*dummy", "state DOWN.*dummy"),
    ),
    "vlan": Case([_sub(5), _dummy("trunk")], [_sub(6, mtu=1400), _dummy("trunk")], ("vlan protocol 802.1Q id 5 ", "mtu 1400.*vlan protocol 802.1Q id 6 ")),
    "bond, active backup": Case(
        [_bond("ab0", "ACTIVE_BACKUP", "ab1", "ab2"), _dummy("ab1"), _dummy("ab2")],
        [_bond("ab0", "ACTIVE_BACKUP", "ab2"), _dummy("ab1"), _dummy("ab2")],
        ("bond mode active-backup", "bond mode active-backup"),
    ),
    "bond, LACP": Case(
        [_bond("lacp0", "LACP", "la0", "lb0", lb="L34", id=1), _veth("la0", "la1"), _veth("la1", "la0"), _veth("lb0", "lb1"), _veth("lb1", "lb0")],
        [_bond("lacp0", "XOR", "la0", "lb0", lb="L23", id=1), _veth("la0", "la1"), _veth("la1", "la0"), _veth("lb0", "lb1"), _veth("lb1", "lb0")],
        ("bond mode 802.3ad.*xmit_hash_policy layer3\\+4.*lacp_rate fast", "bond mode balance-xor.*xmit_hash_policy layer2\\+3"),
    ),
    "gre": Case(
        [_gre("gre5", "L3", "10.1.0.9", "10.1.5.1/30")],
        [_gre("gre5", "L3", "10.1.0.10", "10.1.5.1/30")],
        ("gre remote 10.1.0.9 local", "gre remote 10.1.0.10 "),
    ),
    "gretap": Case(
        [_gre("gre6", "TEB", "10.1.0.9", "10.1.6.1/24")],
        [_gre("gre6", "TEB", "10.1.0.10", "10.1.6.1/24")],
        ("gretap remote 10.1.0.9 local", "gretap remote 10.1.0.10 "),
    ),
    "erspan": Case(
        [_gre("gre7", "ERSPAN", "10.1.0.9", "10.1.7.1/24", session_id=7)],
        [_gre("gre7", "ERSPAN", "10.1.0.9", "10.1.7.1/24", session_id=8)],
        ("erspan remote 10.1.0.9 .*okey (0.0.0.)?7 ", "erspan remote 10.1.0.9 .*okey (0.0.0.)?8 "),
    ),
    "ipip": Case([_ipip("10.1.0.9")], [_ipip("10.1.0.10")], ("ipip (any |ipip )?remote 10.1.0.9 ", "remote 10.1.0.10 ")),
    "wireguard": Case([_wireguard(SECRETS[0], 51820)], [_wireguard(SECRETS[1], 51821)], ("wireguard", "wireguard")),
    "vrf device": Case(
        [_vrf(11), _dummy("in0", "10.1.11.1/24", "fd01:11::1/64", vrf_master_interface="red")],
        [_vrf(12), _dummy("in0", "10.1.11.1/24", "fd01:11::1/64", vrf_master_interface="red")],
        ("vrf table 11 ", "vrf table 12 "),
    ),
}

FIRST: Interfaces = [one for case in CASES.values() for one in case.first]
THEN: Interfaces = [one for case in CASES.values() for one in case.then]
