# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tunnels of VPP; see L(link_types). A tunnel that others made may have what no value can say (ports, the VRF of its outside):
it is told, so that it can be deleted, and not compared."""

from __future__ import annotations

import base64
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Claim, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Index, Place, Reply
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_types import (
    EVERY,
    NO_MAC,
    Info,
    LinkType,
    Names,
    World,
    about,
    canonical,
    family_of,
    refused,
    wrong,
)
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE

GONE = frozenset({-2, -6})
ANY = {"4": "0.0.0.0", "6": "::"}


def ends(value: Value, member: str, source: str, target: str) -> t.Tuple[str, str]:
    """The two addresses of a tunnel: VPP takes what can be no tunnel, or makes something else of it."""
    data = value.data[member]
    one, two = canonical(data[source]), canonical(data[target])
    if family_of(one) != family_of(two):
        raise wrong(value, f"{member}.{target}", f"{one} and {two} are not of one family")
    if one == two:
        raise wrong(value, f"{member}.{target}", "a tunnel has two different ends")
    for path, each in ((source, one), (target, two)):
        if each == ANY[family_of(each)] or path == source and multicast(each):
            raise wrong(value, f"{member}.{path}", f"{each} is no address of one host")
    return one, two


def multicast(text: str) -> bool:
    """Whether an address is one of many."""
    first = (address.packed(text) or b"\0")[0]
    return first == 255 if ":" in text else 224 <= first < 240


class Vxlan(LinkType):
    """Up from the beginning."""

    type, device = "VXLAN_TUNNEL", "VXLAN"
    dumps = ("vxlan_tunnel_v2_dump", "vxlan_tunnel_dump")
    asked = EVERY
    compared = ("src", "dst", "vni", "multicast")
    born_with_mac = False
    born_up = True
    hints = {-75: "there is a tunnel with these addresses and this VNI"}

    def lower(self, value: Value, world: World) -> Info:
        """See above."""
        vxlan = value.data["vxlan"]
        src, dst = ends(value, "vxlan", "src_address", "dst_address")
        lower = vxlan.get("multicast", "")
        if multicast(dst) and not lower:
            raise wrong(value, "vxlan.multicast", f"is required: {dst} is a multicast address, and VPP may crash without")
        return {"src": src, "dst": dst, "vni": vxlan.get("vni", 0), "multicast": world.interface(lower) if lower else ""}

    def told(self, details: Reply, names: Names) -> t.Tuple[int, Info]:
        """See above."""
        info: Info = {"src": canonical(details["src_address"]), "dst": canonical(details["dst_address"]), "vni": details["vni"]}
        # Left out when it was made, it was sent as 0, which is local0 and means nothing.
        info["multicast"] = names.interface(details["mcast_sw_if_index"] or NOWHERE)
        info.update(vrf=details["encap_vrf_id"], ports=(details.get("src_port", 0), details.get("dst_port", 0)))
        return details["sw_if_index"], info

    def lift(self, info: Info) -> t.Dict[str, t.Any]:
        """See above."""
        vxlan = {"src_address": info["src"], "dst_address": info["dst"], "vni": info["vni"]}
        if info["multicast"]:
            vxlan["multicast"] = info["multicast"]
        return {"vxlan": vxlan}

    def _call(self, is_add: bool, name: str, info: Info, place: Place, multicast: t.Any) -> t.Tuple[str, t.Dict[str, t.Any]]:
        message = place.newest("vxlan_add_del_tunnel_v3", "vxlan_add_del_tunnel_v2", "vxlan_add_del_tunnel")
        fields = {
            "is_add": is_add,
            "instance": NOWHERE,
            "src_address": info["src"],
            "dst_address": info["dst"],
            "vni": info["vni"],
            "mcast_sw_if_index": multicast,
            "encap_vrf_id": info.get("vrf", 0),
            "decap_next_index": NOWHERE,
        }
        source, target = info.get("ports", (0, 0))
        if (source or target) and message != "vxlan_add_del_tunnel":
            fields.update(src_port=source, dst_port=target)
        return message, fields

    def create(self, name: str, info: Info, mac: str, place: Place) -> Call:
        """See above."""
        message, fields = self._call(True, name, info, place, Index(info["multicast"]) if info["multicast"] else NOWHERE)
        return Call(message, fields, about=about(name))

    def delete(self, name: str, info: Info, place: Place) -> Call:
        """For a multicast group VPP wants an interface that is there, whichever: the tunnel itself will do."""
        message, fields = self._call(False, name, info, place, Index(name) if multicast(info["dst"]) else NOWHERE)
        return Call(message, fields, accept=GONE, about=about(name))

    def claims(self, info: Info) -> t.Iterator[Claim]:
        """See above."""
        source = info.get("ports", (0, 0))[0]
        yield ("vxlan", info["src"], info["dst"], str(info["vni"]), str(info.get("vrf", 0)), str(source if source != 4789 else 0))


GPE_PROTOCOLS = ("UNKNOWN", "IP4", "IP6", "ETHERNET", "NSH")


class VxlanGpe(LinkType):
    """A VXLAN tunnel that says what it carries. It has no MAC address, and is up from the beginning."""

    type, device = "VXLAN_TUNNEL", "VXLAN_GPE"
    dumps = ("vxlan_gpe_tunnel_v2_dump", "vxlan_gpe_tunnel_dump")
    asked = EVERY
    compared = ("src", "dst", "vni", "multicast", "protocol", "inner")
    born_up = True
    hints = {-75: "there is a tunnel with these addresses and this VNI"}

    def ethernet(self, info: Info) -> bool:
        """See above."""
        return False

    def lower(self, value: Value, world: World) -> Info:
        """See above."""
        gpe = value.data["vxlan"]["gpe"]
        inner = gpe.get("decap_vrf_id", 0)
        if inner:
            world.table("6" if gpe["protocol"] == "IP6" else "4", inner, "vxlan.gpe.decap_vrf_id")
        return {**Vxlan().lower(value, world), "protocol": gpe["protocol"], "inner": inner}

    def told(self, details: Reply, names: Names) -> t.Tuple[int, Info]:
        """See above."""
        info: Info = {"src": canonical(details["local"]), "dst": canonical(details["remote"]), "vni": details["vni"]}
        protocol = details["protocol"]
        info["protocol"] = GPE_PROTOCOLS[protocol] if protocol < len(GPE_PROTOCOLS) else str(protocol)
        info.update(multicast=names.interface(details["mcast_sw_if_index"] or NOWHERE), inner=details["decap_vrf_id"], vrf=details["encap_vrf_id"])
        return details["sw_if_index"], {**info, "ports": (details.get("local_port", 0), details.get("remote_port", 0))}

    def lift(self, info: Info) -> t.Dict[str, t.Any]:
        """See above."""
        lifted = Vxlan().lift(info)
        lifted["vxlan"]["gpe"] = {"protocol": info["protocol"], **({"decap_vrf_id": info["inner"]} if info["inner"] else {})}
        return lifted

    def expressible(self, info: Info) -> bool:
        """VPP takes any number for the protocol and for the VNI, and any VRF beside any protocol."""
        return info["protocol"] in GPE_PROTOCOLS[1:] and info["vni"] < 1 << 24 and (not info["inner"] or info["protocol"] in ("IP4", "IP6"))

    def _call(self, is_add: bool, info: Info, place: Place, multicast: t.Any) -> t.Tuple[str, t.Dict[str, t.Any]]:
        message = place.newest("vxlan_gpe_add_del_tunnel_v2", "vxlan_gpe_add_del_tunnel")
        fields = {
            "is_add": is_add,
            "local": info["src"],
            "remote": info["dst"],
            "vni": info["vni"],
            "mcast_sw_if_index": multicast,
            "encap_vrf_id": info.get("vrf", 0),
            "decap_vrf_id": info["inner"],
            "protocol": GPE_PROTOCOLS.index(info["protocol"]) if info["protocol"] in GPE_PROTOCOLS else int(info["protocol"]),
        }
        source, target = info.get("ports", (0, 0))
        if (source or target) and message == "vxlan_gpe_add_del_tunnel_v2":
            fields.update(local_port=source, remote_port=target)
        return message, fields

    def create(self, name: str, info: Info, mac: str, place: Place) -> Call:
        """See above."""
        message, fields = self._call(True, info, place, Index(info["multicast"]) if info["multicast"] else NOWHERE)
        return Call(message, fields, about=about(name))

    def delete(self, name: str, info: Info, place: Place) -> Call:
        """See L(Vxlan)."""
        message, fields = self._call(False, info, place, Index(name) if multicast(info["dst"]) else NOWHERE)
        return Call(message, fields, accept=GONE, about=about(name))

    def claims(self, info: Info) -> t.Iterator[Claim]:
        """See above."""
        yield ("vxlan-gpe", info["src"], info["dst"], str(info["vni"]), str(info.get("vrf", 0)))


GRE_TYPES = ("L3", "TEB", "ERSPAN")


class Gre(LinkType):
    """TEB and ERSPAN carry Ethernet frames, L3 does not."""

    type, device = "GRE_TUNNEL", "GRE tunnel device"
    dumps = ("gre_tunnel_v2_dump", "gre_tunnel_dump")
    asked = EVERY
    compared = ("carries", "src", "dst", "vrf", "session")
    born_with_mac = False
    hints = {-79: "there is a GRE tunnel with these addresses"}

    def ethernet(self, info: Info) -> bool:
        """See above."""
        return bool(info["carries"] != "L3")

    def lower(self, value: Value, world: World) -> Info:
        """See above."""
        gre = value.data["gre"]
        if gre.get("session_id") and gre["tunnel_type"] != "ERSPAN":
            raise refused(value, "gre.session_id", "only an ERSPAN tunnel has one")
        src, dst = ends(value, "gre", "src_addr", "dst_addr")
        vrf = gre.get("outer_fib_id", 0)
        if vrf:
            world.table(family_of(src), vrf, "gre.outer_fib_id")
        return {"carries": gre["tunnel_type"], "src": src, "dst": dst, "vrf": vrf, "session": gre.get("session_id", 0)}

    def told(self, details: Reply, names: Names) -> t.Tuple[int, Info]:
        """See above."""
        tunnel = details["tunnel"]
        info = {
            "carries": GRE_TYPES[tunnel["type"]],
            "src": canonical(tunnel["src"]),
            "dst": canonical(tunnel["dst"]),
            "vrf": tunnel["outer_table_id"],
            "session": tunnel["session_id"],
            "more": {part: tunnel[part] for part in ("mode", "flags", "key") if tunnel.get(part)},
        }
        return tunnel["sw_if_index"], info

    def lift(self, info: Info) -> t.Dict[str, t.Any]:
        """See above."""
        gre = {"tunnel_type": info["carries"], "src_addr": info["src"], "dst_addr": info["dst"], "outer_fib_id": info["vrf"], "session_id": info["session"]}
        return {"gre": gre}

    @staticmethod
    def _call(is_add: bool, info: Info, place: Place) -> t.Tuple[str, t.Dict[str, t.Any]]:
        tunnel = {
            "type": GRE_TYPES.index(info["carries"]),
            "src": info["src"],
            "dst": info["dst"],
            "outer_table_id": info["vrf"],
            "session_id": info["session"],
            "instance": NOWHERE,
            "sw_if_index": NOWHERE,
            **info.get("more", {}),
        }
        message = place.newest("gre_tunnel_add_del_v2", "gre_tunnel_add_del")
        if message == "gre_tunnel_add_del":
            tunnel.pop("key", None)
        return message, {"is_add": is_add, "tunnel": tunnel}

    def create(self, name: str, info: Info, mac: str, place: Place) -> Call:
        """See above."""
        message, fields = self._call(True, info, place)
        return Call(message, fields, about=about(name))

    def delete(self, name: str, info: Info, place: Place) -> Call:
        """See above."""
        message, fields = self._call(False, info, place)
        return Call(message, fields, accept=GONE, about=about(name))

    def claims(self, info: Info) -> t.Iterator[Claim]:
        """See above."""
        yield ("gre", info["carries"], info["src"], info["dst"], str(info["vrf"]), str(info["session"]), str(info.get("more", {}).get("key", 0)))


TUNNEL_MODES = ("POINT_TO_POINT", "POINT_TO_MULTIPOINT")


class Ipip(LinkType):
    """Has no MAC address."""

    type, device = "IPIP_TUNNEL", "IPIP tunnel device"
    dumps = ("ipip_tunnel_dump",)
    asked = EVERY
    compared = ("src", "dst", "mode")
    hints = {-79: "there is an IPIP tunnel with these addresses"}

    def ethernet(self, info: Info) -> bool:
        """See above."""
        return False

    def lower(self, value: Value, world: World) -> Info:
        """See above."""
        ipip = value.data["ipip"]
        mode = ipip.get("tunnel_mode", TUNNEL_MODES[0])
        if mode == TUNNEL_MODES[0]:
            src, dst = ends(value, "ipip", "src_addr", "dst_addr")
            return {"src": src, "dst": dst, "mode": mode}
        if ipip.get("dst_addr"):
            raise refused(value, "ipip.dst_addr", "a tunnel to many has no address of the other end; a vpp/teib has that of each")
        src = canonical(ipip["src_addr"])
        return {"src": src, "dst": ANY[family_of(src)], "mode": mode}

    def told(self, details: Reply, names: Names) -> t.Tuple[int, Info]:
        """See above."""
        tunnel = details["tunnel"]
        src, mode = canonical(tunnel["src"]), TUNNEL_MODES[tunnel["mode"]]
        # VPP before 24.06 tells the other end of a tunnel to many as an IPv4 address.
        dst = canonical(tunnel["dst"]) if mode == TUNNEL_MODES[0] else ANY[family_of(src)]
        info = {"src": src, "dst": dst, "mode": mode, "vrf": tunnel["table_id"]}
        return tunnel["sw_if_index"], {**info, "more": {part: tunnel[part] for part in ("flags", "dscp") if tunnel.get(part)}}

    def lift(self, info: Info) -> t.Dict[str, t.Any]:
        """See above."""
        ipip = {"tunnel_mode": info["mode"], "src_addr": info["src"]}
        return {"ipip": ipip if info["mode"] != TUNNEL_MODES[0] else {**ipip, "dst_addr": info["dst"]}}

    def create(self, name: str, info: Info, mac: str, place: Place) -> Call:
        """See above."""
        tunnel = {
            "instance": NOWHERE,
            "src": info["src"],
            "dst": info["dst"],
            "mode": TUNNEL_MODES.index(info["mode"]),
            "table_id": info.get("vrf", 0),
            **info.get("more", {}),
        }
        return Call("ipip_add_tunnel", {"tunnel": tunnel}, about=about(name))

    def delete(self, name: str, info: Info, place: Place) -> Call:
        """See above."""
        return Call("ipip_del_tunnel", {"sw_if_index": Index(name)}, accept=GONE, about=about(name))

    def claims(self, info: Info) -> t.Iterator[Claim]:
        """See above."""
        yield ("ipip", info["src"], info["dst"], info["mode"], str(info.get("vrf", 0)))


class Wireguard(LinkType):
    """VPP tells the private key to those who ask for it. It has no MAC address."""

    type, device = "WIREGUARD_TUNNEL", "Wireguard Tunnel"
    dumps = ("wireguard_interface_dump",)
    asked: t.Mapping[str, t.Any] = {**EVERY, "show_private_key": True}
    compared = ("private_key", "port", "src")

    def ethernet(self, info: Info) -> bool:
        """See above."""
        return False

    def lower(self, value: Value, world: World) -> Info:
        """See above."""
        wireguard = value.data["wireguard"]
        return {"private_key": wireguard["private_key"], "port": wireguard.get("port", 0), "src": canonical(wireguard["src_addr"])}

    def told(self, details: Reply, names: Names) -> t.Tuple[int, Info]:
        """See above."""
        interface = details["interface"]
        key = base64.b64encode(bytes(interface["private_key"])).decode()
        return interface["sw_if_index"], {"private_key": key, "port": interface["port"], "src": canonical(interface["src_ip"])}

    def lift(self, info: Info) -> t.Dict[str, t.Any]:
        """See above."""
        return {"wireguard": {"private_key": info["private_key"], "port": info["port"], "src_addr": info["src"]}}

    def create(self, name: str, info: Info, mac: str, place: Place) -> Call:
        """See above."""
        interface = {"user_instance": NOWHERE, "port": info["port"], "src_ip": info["src"], "private_key": base64.b64decode(info["private_key"])}
        return Call(
            "wireguard_interface_create",
            {"interface": interface, "generate_key": False},
            about=about(name),
            secrets=frozenset({"interface.private_key"}),
        )

    def delete(self, name: str, info: Info, place: Place) -> Call:
        """See above."""
        return Call("wireguard_interface_delete", {"sw_if_index": Index(name)}, accept=GONE, about=about(name))


__all__ = ["NO_MAC", "Gre", "Ipip", "Vxlan", "VxlanGpe", "Wireguard"]
