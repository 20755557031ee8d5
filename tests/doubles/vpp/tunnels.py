# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tunnels of the double."""

from __future__ import annotations

import ipaddress
import typing as t

from tests.doubles.vpp.devices import delete, random_mac
from tests.doubles.vpp.interfaces import ALL, NO_MAC, Request
from tests.doubles.vpp.registry import handles
from tests.doubles.vpp.server import Died
from tests.doubles.vpp.state import Interface, State

ANY = ("0.0.0.0", "::")


def tunnels(state: State, sort: str) -> t.List[Interface]:
    """All of a sort."""
    return [each for each in state.interfaces.values() if sort in each.data and each.parent is None]


def instance(state: State, sort: str, wanted: int) -> int:
    """The number that it gets; -1 when it is taken."""
    taken = {each.data["instance"] for each in tunnels(state, sort)}
    if wanted == ALL:
        return next(at for at in range(len(taken) + 1) if at not in taken)
    return -1 if wanted in taken else wanted


def there(state: State, six: bool, table: int) -> bool:
    """Whether there is such a VRF."""
    return bool(state.l3.exists(six, table))


def failed(retval: int) -> t.Dict[str, int]:
    """The reply."""
    return {"retval": retval, "sw_if_index": ALL}


def multicast(text: str) -> bool:
    return bool(ipaddress.ip_address(text).is_multicast)


# -- VXLAN ------------------------------------------------------------------------------------------------------------


@handles("vxlan_add_del_tunnel", "vxlan_add_del_tunnel_v2", "vxlan_add_del_tunnel_v3")
def vxlan(state: State, request: Request) -> t.Any:
    """For a multicast address an interface that is there is needed, also to delete. The VNI is of 24 bits, whatever is given."""
    src, dst, group = request["src_address"], request["dst_address"], request["mcast_sw_if_index"]
    if src == dst:
        return failed(-82)
    if multicast(dst) and state.interface(group) is None:
        return failed(-2)
    if not there(state, ":" in src, request["encap_vrf_id"]):
        return failed(-3)
    ports = (request.get("src_port") or 4789, request.get("dst_port") or 4789)
    key = (src, dst, request["vni"] % (1 << 24), request["encap_vrf_id"], ports[0])
    found = next((each for each in tunnels(state, "vxlan") if each.data["vxlan"]["key"] == key), None)
    if not request["is_add"]:
        if found is None or found.data["vxlan"]["ports"] != ports:
            return failed(-6)
        state.delete_interface(found.index)
        return {"sw_if_index": found.index}
    if found is not None:
        return failed(-75)
    number = instance(state, "vxlan", request["instance"])
    if number < 0:
        return failed(-147)
    data = {"vxlan": {"key": key, "ports": ports, "group": group}, "instance": number, "link": "as admin"}
    layer3 = request.get("is_l3")
    mtu = {"mtu": [0, 0, 0, 0], "link_mtu": 0} if layer3 else {}
    made = state.add_interface(f"vxlan_tunnel{number}", "VXLAN", mac=NO_MAC if layer3 else random_mac(state), up=True, link=True, data=data, **mtu)
    return {"sw_if_index": made.index}


@handles("vxlan_tunnel_dump", "vxlan_tunnel_v2_dump")
def dump_vxlan(state: State, request: Request) -> t.Any:
    found = []
    for each in tunnels(state, "vxlan"):
        have = each.data["vxlan"]
        src, dst, vni, vrf, _port = have["key"]
        if request["sw_if_index"] in (ALL, each.index):
            one = {"sw_if_index": each.index, "instance": each.data["instance"], "src_address": src, "dst_address": dst, "vni": vni, "encap_vrf_id": vrf}
            more = {"mcast_sw_if_index": have["group"], "decap_next_index": 1}
            if request["_message"] == "vxlan_tunnel_v2_dump":
                more.update(src_port=have["ports"][0], dst_port=have["ports"][1])
            found.append({**one, **more})
    return found


@handles("vxlan_gpe_add_del_tunnel", "vxlan_gpe_add_del_tunnel_v2")
def vxlan_gpe(state: State, request: Request) -> t.Any:
    """To delete, protocol and VRFs do not count. VPP crashes for a multicast address without an interface."""
    src, dst, group = request["local"], request["remote"], request["mcast_sw_if_index"]
    if src == dst:
        return failed(-82)
    key = (src, dst, request["vni"])
    found = next((each for each in tunnels(state, "gpe") if each.data["gpe"]["key"] == key), None)
    if not request["is_add"]:
        if found is None:
            return failed(-6)
        state.delete_interface(found.index)
        return {"sw_if_index": found.index}
    if multicast(dst) and state.interface(group) is None:
        raise Died
    if not there(state, ":" in src, request["encap_vrf_id"]):
        return failed(-3)
    if request["protocol"] in (1, 2) and not there(state, request["protocol"] == 2, request["decap_vrf_id"]):
        return failed(-4)
    if found is not None:
        return failed(-75)
    number = instance(state, "gpe", ALL)
    kept = {"key": key, **{name: request[name] for name in ("mcast_sw_if_index", "encap_vrf_id", "decap_vrf_id", "protocol")}}
    ports = {name: request.get(name) or 4790 for name in ("local_port", "remote_port")}
    data = {"gpe": {**kept, "ports": ports}, "instance": number, "link": "as admin"}
    made = state.add_interface(f"vxlan_gpe_tunnel{number}", "VXLAN_GPE", mtu=[0, 0, 0, 0], link_mtu=0, up=True, link=True, data=data)
    return {"sw_if_index": made.index}


@handles("vxlan_gpe_tunnel_dump", "vxlan_gpe_tunnel_v2_dump")
def dump_vxlan_gpe(state: State, request: Request) -> t.Any:
    found = []
    for each in tunnels(state, "gpe"):
        have = each.data["gpe"]
        if request["sw_if_index"] in (ALL, each.index):
            src, dst, vni = have["key"]
            one = {name: have[name] for name in ("mcast_sw_if_index", "encap_vrf_id", "decap_vrf_id", "protocol")}
            ports = have["ports"] if request["_message"] == "vxlan_gpe_tunnel_v2_dump" else {}
            found.append({"sw_if_index": each.index, "local": src, "remote": dst, "vni": vni, **one, **ports})
    return found


# -- GRE, IPIP, WireGuard ---------------------------------------------------------------------------------------------


@handles("gre_tunnel_add_del", "gre_tunnel_add_del_v2")
def gre(state: State, request: Request) -> t.Any:
    tunnel = request["tunnel"]
    src, dst, kind = tunnel["src"], tunnel["dst"], tunnel["type"]
    if (":" in src) != (":" in dst):
        return failed(-153)
    if src == dst:
        return failed(-82)
    session = tunnel["session_id"] if kind == 2 else 0
    if session > 1023:
        return failed(-148)
    if not there(state, ":" in src, tunnel["outer_table_id"]):
        return failed(-3)
    key = (kind, src, dst, tunnel["outer_table_id"], session, tunnel["mode"], tunnel.get("key", 0))
    found = next((each for each in tunnels(state, "gre") if each.data["gre"]["key"] == key), None)
    if not request["is_add"]:
        if found is None:
            return failed(-6)
        state.delete_interface(found.index)
        return {"sw_if_index": found.index}
    if found is not None:
        return failed(-79)
    number = instance(state, "gre", tunnel["instance"])
    if number < 0:
        return failed(-147)
    data = {"gre": {"key": key, "flags": tunnel["flags"]}, "instance": number, "link": "as admin"}
    mac = f"d0:0b:ee:d0:{number >> 8:02x}:{number & 255:02x}" if kind else NO_MAC
    return {
        "sw_if_index": state.add_interface(
            f"gre{number}", "GRE tunnel device", mac=mac, link_mtu=8998 if kind else 65492 if ":" in src else 65512, data=data
        ).index
    }


@handles("gre_tunnel_dump", "gre_tunnel_v2_dump")
def dump_gre(state: State, request: Request) -> t.Any:
    found = []
    for each in tunnels(state, "gre"):
        if request["sw_if_index"] in (ALL, each.index):
            kind, src, dst, table, session, mode, key = each.data["gre"]["key"]
            tunnel = {"type": kind, "src": src, "dst": dst, "outer_table_id": table, "session_id": session, "mode": mode, "instance": each.data["instance"]}
            tunnel.update(flags=each.data["gre"]["flags"], sw_if_index=each.index)
            found.append({"tunnel": {**tunnel, "key": key} if request["_message"] == "gre_tunnel_v2_dump" else tunnel})
    return found


@handles("ipip_add_tunnel")
def ipip(state: State, request: Request) -> t.Any:
    tunnel = request["tunnel"]
    src, dst, mode = tunnel["src"], tunnel["dst"], tunnel["mode"]
    if (":" in src) != (":" in dst) and dst not in ANY:
        return failed(-153)
    if mode and dst not in ANY:
        return failed(-58)
    if src == dst:
        return failed(-82)
    if not there(state, ":" in src, tunnel["table_id"]):
        return failed(-3)
    dst = ANY[":" in src] if dst in ANY else dst
    kept = {"src": src, "dst": dst, "mode": mode, "table_id": tunnel["table_id"], "flags": tunnel["flags"], "dscp": tunnel["dscp"]}
    found = next((each for each in tunnels(state, "ipip") if each.data["ipip"] == kept), None)
    if found is not None:
        return {"retval": -79, "sw_if_index": found.index}
    number = instance(state, "ipip", tunnel["instance"])
    if number < 0:
        return failed(-147)
    data = {"ipip": kept, "instance": number, "link": "as admin"}
    return {"sw_if_index": state.add_interface(f"ipip{number}", "IPIP tunnel device", link_mtu=65496 if ":" in src else 65516, data=data).index}


@handles("ipip_del_tunnel")
def delete_ipip(state: State, request: Request) -> t.Any:
    return delete(state, request["sw_if_index"], "IPIP tunnel device")


@handles("ipip_tunnel_dump")
def dump_ipip(state: State, request: Request) -> t.Any:
    found = [each for each in tunnels(state, "ipip") if request["sw_if_index"] in (ALL, each.index)]
    told = [{"sw_if_index": each.index, "instance": each.data["instance"], **each.data["ipip"]} for each in found]
    for each in told if state.older(24, 6) else ():
        each["dst"] = each["dst"].replace("::", "0.0.0.0") if each["dst"] in ANY else each["dst"]
    return [{"tunnel": each} for each in told]


@handles("wireguard_interface_create")
def wireguard(state: State, request: Request) -> t.Any:
    """Two may have one port."""
    interface = request["interface"]
    number = instance(state, "wireguard", interface["user_instance"])
    if number < 0:
        return failed(-147)
    kept = {name: interface[name] for name in ("private_key", "port", "src_ip")}
    data = {"wireguard": kept, "instance": number, "link": "as admin"}
    return {"sw_if_index": state.add_interface(f"wg{number}", "Wireguard Tunnel", mtu=[0, 0, 0, 0], link_mtu=0, data=data).index}


@handles("wireguard_interface_delete")
def delete_wireguard(state: State, request: Request) -> t.Any:
    return delete(state, request["sw_if_index"], "Wireguard Tunnel")


@handles("wireguard_interface_dump")
def dump_wireguard(state: State, request: Request) -> t.Any:
    found = []
    for each in tunnels(state, "wireguard"):
        kept = each.data["wireguard"]
        key = kept["private_key"] if request["show_private_key"] else bytes(32)
        if request["sw_if_index"] in (ALL, each.index):
            found.append({"interface": {**kept, "sw_if_index": each.index, "user_instance": each.data["instance"], "private_key": key}})
    return found
