# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces of the kernel: both northbound interface kinds to links, their addresses and their masters, and back.

Attributes of a link: C(ifname), C(up), C(mtu) and C(mac) (None: the default of the device), C(kind) (as the kernel calls
it), C(info) (what makes the device), C(table) of a VRF, C(model) (northbound kind and type, kept in the alias; C(type=text) with
what the kernel has no place for: the id of a bond, the source address of a WireGuard tunnel), C(master)
(for those who look; who has which master is resources of the class C(port)).
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import quote, unquote

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import devices
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.addresses import canonical, same_network
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.devices import alias, parse_alias
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.link_reader import ADOPTED, LinkReader
from ansible_collections.pantheon.cnf.plugins.module_utils.station import mac_of

VPP, LINUX = "vpp/interfaces", "linux.interfaces/interface"
PROTOCOLS = {VPP: 207, LINUX: 208}

BOND_MODES = {"ROUND_ROBIN": 0, "ACTIVE_BACKUP": 1, "XOR": 2, "BROADCAST": 3, "LACP": 4}
BOND_HASHES = {"L2": 0, "L34": 1, "L23": 2}
GRE = {"L3": "gre", "TEB": "gretap", "ERSPAN": "erspan"}

_TYPES_NO: t.Dict[str, t.Dict[str, t.Tuple[str, str]]] = {
    VPP: {
        "DPDK": ("", "a user-space driver"),
        "VMXNET3_INTERFACE": ("vmx_net3", "a user-space driver"),
        "RDMA": ("rdma", "a user-space driver"),
        "GTPU_TUNNEL": ("gtpu", "needs a GTP daemon"),
        "IPSEC_TUNNEL": ("ipsec", "not done on the kernel"),
    },
    LINUX: {"TAP_TO_VPP": ("tap", "the kernel's side of a TAP of VPP, and there is no VPP here")},
}
"""Types that are refused: the field that only they have, and why."""

_NO: t.Dict[str, t.Dict[str, t.Tuple[str, ...]]] = {
    VPP: {
        "set_dhcp_client": ("the kernel has no DHCP client",),
        "ip6_nd": ("not done by the kernel dataplane yet",),
        "rx_modes": ("the kernel chooses by itself (NAPI)",),
        "rx_placements": ("the kernel has no workers",),
        "tap.rx_ring_size": ("a tun device has no rings",),
        "tap.tx_ring_size": ("a tun device has no rings",),
        "tap.enable_gso": ("up to the program behind the tun device",),
        "tap.to_microservice": ("join two CNFs with cnf_link",),
        "vxlan.gpe": ("VXLAN-GPE is not done",),
        "gre.outer_fib_id": ("an underlay VRF is not done",),
        "sub.tag_rw_option": ("the kernel's VLAN device pops and pushes its own tag and nothing else", "POP1"),
        "sub.push_dot1q": ("no tag is pushed but the device's own",),
        "sub.tag1": ("no tag is pushed but the device's own",),
        "sub.tag2": ("no tag is pushed but the device's own",),
        "bond.bonded_interfaces.is_passive": ("the kernel has it per bond",),
    },
    LINUX: {
        "namespace": ("an interface is where its CNF is; join two with cnf_link",),
        "veth.rx_checksum_offloading": ("switching it off is not done", "CHKSM_OFFLOAD_ENABLED"),
        "veth.tx_checksum_offloading": ("switching it off is not done", "CHKSM_OFFLOAD_ENABLED"),
    },
}
"""Fields that are refused: why, and values that are not."""

_PARTLY = {
    VPP: {
        "ip_addresses": "references to netalloc are not resolved",
        "memif": "nothing in it has a meaning for the link that stands for the memif",
        "afpacket.linux_interface": "taken for the kernel's name",
        "tap.version": "any is as good",
        "bond.id": "nothing to set, the kernel does not number bonds",
        "bond.lb": "L2, L34 and L23; of no meaning but for XOR and LACP",
        "bond.bonded_interfaces.is_long_timeout": "for the whole bond, when all members have it",
        "gre.src_addr": "IPv4 only",
        "gre.dst_addr": "IPv4 only",
        "gre.session_id": "for ERSPAN only",
        "ipip.src_addr": "IPv4 only",
        "ipip.dst_addr": "IPv4 only, and of no meaning for POINT_TO_MULTIPOINT",
        "wireguard.src_addr": "the kernel listens on all addresses",
    },
    LINUX: {"ip_addresses": "references to netalloc are not resolved", "link_only": "not together with ip_addresses: nothing waits for addresses of others"},
}
_YES = {
    VPP: "name enabled phys_address vrf mtu unnumbered unnumbered.interface_with_ip sub sub.parent_name sub.sub_id afpacket afpacket.host_if_name"
    " tap tap.host_if_name tap.enable_tunnel vxlan vxlan.src_address vxlan.dst_address vxlan.vni vxlan.multicast bond bond.mode bond.bonded_interfaces"
    " bond.bonded_interfaces.name gre gre.tunnel_type ipip ipip.tunnel_mode wireguard wireguard.private_key wireguard.port",
    LINUX: "name host_if_name enabled phys_address mtu veth veth.peer_if_name vrf_dev vrf_dev.routing_table vrf_master_interface",
}


def _support(kind: str) -> t.Dict[str, str]:
    types = ", ".join(f"{name} ({why})" for name, (_member, why) in _TYPES_NO[kind].items())
    memif = "; MEMIF only where a link stands for it (memif_substitution of cnf_config)" if kind == VPP else ""
    found = {**dict.fromkeys(_YES[kind].split(), "yes"), "type": f"partial: not {types}{memif}"}
    found.update((member, f"refused: {why}") for member, why in _TYPES_NO[kind].values() if member)
    found.update((path, f"partial: only {' or '.join(fine)}, {why}" if fine else f"refused: {why}") for path, (why, *fine) in _NO[kind].items())
    found.update((path, f"partial: {text}") for path, text in _PARTLY[kind].items())
    return found


SUPPORT = {kind: _support(kind) for kind in (VPP, LINUX)}


def _refused(value: Value, path: str, why: str, found: t.Any = "") -> Refused:
    shown = f"{path} {found}" if isinstance(found, str) and found.isupper() else path
    return Refused(f"{value.kind} {value.data['name']}: {shown} is not supported by the linux dataplane: {why}", kind=value.kind, field=path)


def _given(data: t.Any, path: str) -> t.Iterator[t.Any]:
    """What stands at a dotted path, in each element of lists on the way."""
    name, _dot, rest = path.partition(".")
    for one in data if isinstance(data, (list, tuple)) else (data,):
        found = one.get(name) if isinstance(one, t.Mapping) else None
        if found:
            yield from _given(found, rest) if rest else (found,)


class Links(LinkReader):
    """See the module."""

    kinds = frozenset({VPP, LINUX})
    support = SUPPORT

    # -- values to objects -------------------------------------------------------------------------------------------

    def lower(self, values: t.Sequence[Value], view: t.Any) -> t.Iterator[Resource]:
        """Links, addresses and ports. Raises L(Refused) by field name, and L(CnfError) for what cannot fit."""
        named = {value.data["name"]: value for value in values}
        taken: t.Dict[str, str] = {}
        masters: t.Dict[str, str] = {}
        for value in values:
            if value.data.get("type") == "BOND_INTERFACE":
                for member in value.data["bond"].get("bonded_interfaces", ()):
                    masters[member["name"]] = value.data["name"]
        for value in values:
            data, name = value.data, value.data["name"]
            self._refuse(value, view)
            port: t.Optional[str] = masters.pop(name, None)
            if data.get("vrf"):
                port = self._vrf(value, view)
            elif data.get("vrf_master_interface"):
                port = data["vrf_master_interface"]
            link = self._link(value, named, view, port or "")
            ifname = link.attributes["ifname"]
            if taken.setdefault(ifname, name) != name:
                raise CnfError(f"{value.kind} {name}: interface {taken[ifname]} has the kernel name {ifname} too; give one of them a host_if_name")
            above = named[port].data if port in named else {}
            if above.get("type") == "BOND_INTERFACE":
                if data.get("mtu") and data["mtu"] != above.get("mtu"):
                    raise _refused(value, "mtu", f"the ports of a bond have its MTU; give it to {port}, or leave it out")
                link = link._replace(attributes={**link.attributes, "mtu": None})
            yield link
            requires = {link.key}
            if port:
                requires.add(("port", name))
                master = port if port in named else view.link(port).name
                yield Resource(("port", name), {"master": master}, frozenset({link.key, ("link", master)}))
            yield from self._addresses(value, link, frozenset(requires), named, view)
        for member, bond in masters.items():  # existing hardware
            yield Resource(("port", member), {"master": bond}, frozenset({view.link(member).key, ("link", bond)}))

    def _refuse(self, value: Value, view: t.Any) -> None:
        data, type = value.data, value.data.get("type", "")
        if type in _TYPES_NO[value.kind] or not type:
            raise _refused(value, "type", _TYPES_NO[value.kind][type][1] if type else "it says nothing", type)
        if type == "MEMIF" and not view.memif_substitute:
            raise _refused(value, "type", "memif_substitution: veth has a link stand for it", type)
        for path, (why, *fine) in _NO[value.kind].items():
            for found in _given(data, path):
                if found not in fine:
                    raise _refused(value, path, why, found)
        if data.get("link_only") and data.get("ip_addresses"):
            raise _refused(value, "link_only", SUPPORT[LINUX]["link_only"][9:])
        for path in ("gre.src_addr", "gre.dst_addr", "ipip.src_addr", "ipip.dst_addr"):
            if any(":" in found for found in _given(data, path)):
                raise _refused(value, path, SUPPORT[VPP][path][9:])
        if any(gre["tunnel_type"] != "ERSPAN" and gre.get("session_id") for gre in _given(data, "gre")):
            raise _refused(value, "gre.session_id", SUPPORT[VPP]["gre.session_id"][9:])

    def _link(self, value: Value, named: t.Mapping[str, Value], view: t.Any, master: str) -> Resource:
        data, name, type = value.data, value.data["name"], value.data["type"]
        device, info, requires = self._device(value, named, view)
        there = view.before.get(("link", name))
        joined = device == "joined"
        if joined or device in ADOPTED:
            ifname = there.attributes["ifname"] if there is not None else info.pop("adopt")
        else:
            ifname = data.get("host_if_name") or data.get("tap", {}).get("host_if_name") or name
        found = there or view.before.get(("foreign-link", ifname))
        # A device that we did not make is set up when enabled, and never set down: it may carry more than this item.
        kept = device in ADOPTED and found is not None and found.attributes["up"]
        # What dev_valid_name() of the kernel refuses, what it takes for a pattern (%), and names that its sysctls have already.
        if not 1 <= len(ifname.encode()) <= 15 or re.search(r"[\s/:%\0]", ifname) or ifname in (".", "..", "all", "default"):
            raise CnfError(f"{value.kind} {name}: {ifname} is no kernel interface name (1 to 15 bytes, no blank, slash, colon or %); give it a host_if_name")
        mac = canonical_mac(data.get("phys_address", ""))
        if mac is None and device not in devices.INHERIT and not joined and device not in ADOPTED and info.get("mode") != "tun":
            mac = mac_of(self.cnf, name)
        told = data["wireguard"]["src_addr"] if type == "WIREGUARD_TUNNEL" else data.get("bond", {}).get("id")
        lender = data.get("unnumbered", {}).get("interface_with_ip")
        if lender and not joined:
            told = f"{told or ''}~{quote(lender, safe='')}"
        alias_there = found.attributes.get("alias") if found is not None and device in ADOPTED else None
        if alias_there:
            raise CnfError(f"{value.kind} {name}: device {ifname} has the alias {alias_there!r} of somebody else, where our mark would stand; remove it first")
        attributes = {
            "ifname": ifname,
            "up": bool(data.get("enabled")) or kept,
            "mtu": data.get("mtu") or None,
            "mac": mac,
            "kind": device,
            "info": info,
            "model": (value.kind, f"{type}={told}" if told else type),
            "master": master,
            "table": info.get("table"),
        }
        claims = frozenset({("ifname", ifname)}) if device not in ADOPTED else frozenset()
        return Resource(("link", name), attributes, frozenset(requires), claims, managed=not joined)

    def _device(self, value: Value, named: t.Mapping[str, Value], view: t.Any) -> t.Tuple[str, t.Dict[str, t.Any], t.Set[Key]]:
        data, name, type = value.data, value.data["name"], value.data["type"]
        if type in ("MEMIF", "EXISTING", "AF_PACKET"):
            there = view.before.get(("link", name))
            if there is not None and not there.managed:
                return "joined", {}, set()
            if there is None and view.imagine:  # in check mode: what an earlier task of the play would have joined
                return "existing", {"adopt": data.get("host_if_name") or name}, set()
            if type == "MEMIF":
                raise CnfError(f"{value.kind} {name}: waits for its link; cnf_link joins it with its peer", waits_for=f"link {name}")
            afpacket = data.get("afpacket", {})
            device = data.get("host_if_name") or afpacket.get("host_if_name") or afpacket.get("linux_interface") or name
            if there is None and ("foreign-link", device) not in view.before:
                raise CnfError(f"{value.kind} {name}: waits for interface {device}, which does not exist in the namespace", waits_for=device)
            return "existing", {} if there is not None else {"adopt": device}, set()
        if type == "LOOPBACK":
            return "loopback", {} if ("link", name) in view.before else {"adopt": "lo"}, set()
        if type == "VETH":
            peer = data["veth"]["peer_if_name"]
            if peer == name or peer not in named or named[peer].data.get("veth", {}).get("peer_if_name") != name:
                raise CnfError(f"{value.kind} {name}: its peer {peer} is not asked for as a VETH with the peer {name}; a pair needs both ends")
            other = named[peer].data
            return "veth", {"peer": peer, "peer_ifname": other.get("host_if_name") or peer}, {("link", peer)} if peer < name else set()
        if type == "TAP":
            return "tun", {"mode": "tun" if data.get("tap", {}).get("enable_tunnel") else "tap"}, set()
        if type in ("DUMMY", "SOFTWARE_LOOPBACK"):
            return "dummy", {}, set()
        if type == "VRF_DEVICE":
            table = data.get("vrf_dev", {}).get("routing_table", 0)
            if not table or 253 <= table <= 255:
                raise CnfError(f"{value.kind} {name}: vrf_dev.routing_table {table} is one that the kernel keeps for itself")
            return "vrf", {"table": table}, set()
        return self._tunnel(value, named, view)

    def _tunnel(self, value: Value, named: t.Mapping[str, Value], view: t.Any) -> t.Tuple[str, t.Dict[str, t.Any], t.Set[Key]]:
        data, type = value.data, value.data["type"]

        def lower_link(name: str) -> t.Tuple[str, t.Set[Key]]:
            if name == data["name"]:
                raise CnfError(f"{value.kind} {name}: it cannot lie on itself")
            return (name, {("link", name)}) if name in named else (view.link(name).name, {view.link(name).key})

        if type == "SUB_INTERFACE":
            sub = data["sub"]
            parent, requires = lower_link(sub["parent_name"])
            if not 1 <= sub.get("sub_id", 0) <= 4094:
                raise CnfError(f"{value.kind} {data['name']}: sub.sub_id {sub.get('sub_id', 0)} is no VLAN id from 1 to 4094")
            return "vlan", {"parent": parent, "id": sub["sub_id"]}, requires
        if type == "VXLAN_TUNNEL":
            vxlan = data["vxlan"]
            info = {"id": vxlan.get("vni", 0), "local": canonical(vxlan["src_address"]), "remote": canonical(vxlan["dst_address"])}
            requires = set()
            if vxlan.get("multicast"):
                info["parent"], requires = lower_link(vxlan["multicast"])
            return "vxlan", info, requires
        if type == "BOND_INTERFACE":
            bond = data["bond"]
            hash = bond.get("lb", "L2") if bond["mode"] in ("XOR", "LACP") else "L2"
            if hash not in BOND_HASHES:
                raise _refused(value, "bond.lb", f"mode {bond['mode']} goes by L2, L34 or L23", hash)
            slow = all(member.get("is_long_timeout") for member in bond.get("bonded_interfaces", ()))
            return "bond", {"mode": BOND_MODES[bond["mode"]], "hash": BOND_HASHES[hash], "fast": bond["mode"] == "LACP" and not slow}, set()
        if type == "GRE_TUNNEL":
            gre = data["gre"]
            info = {"local": canonical(gre["src_addr"]), "remote": canonical(gre["dst_addr"])}
            if gre.get("session_id"):
                info["session"] = gre["session_id"]
            return GRE[gre["tunnel_type"]], info, set()
        if type == "IPIP_TUNNEL":
            ipip = data["ipip"]
            several = ipip.get("tunnel_mode") == "POINT_TO_MULTIPOINT"
            return "ipip", {"local": canonical(ipip["src_addr"]), "remote": "0.0.0.0" if several else canonical(ipip["dst_addr"])}, set()
        from ansible_collections.pantheon.cnf.plugins.module_utils.linux.wireguard import clamped

        wireguard = data["wireguard"]
        return "wireguard", {"private_key": clamped(wireguard["private_key"]), "port": wireguard.get("port", 0)}, set()

    def _vrf(self, value: Value, view: t.Any) -> str:
        for key, one in view.resources.items():
            if key[0] == "link" and one.attributes.get("kind") == "vrf" and one.attributes["info"].get("table") == value.data["vrf"]:
                return str(key[1])
        raise CnfError(f"{value.kind} {value.data['name']}: vrf {value.data['vrf']} does not exist; a vpp/vrf-table makes it", waits_for="vrf-table-exists")

    def _addresses(self, value: Value, link: Resource, requires: t.FrozenSet[Key], named: t.Mapping[str, Value], view: t.Any) -> t.Iterator[Resource]:
        data, name = value.data, value.data["name"]
        wanted = list(data.get("ip_addresses", ()))
        lender = data.get("unnumbered", {}).get("interface_with_ip")
        if lender:
            lent = named[lender].data.get("ip_addresses", ()) if lender in named else view.prefixes(lender)
            if not lent:
                raise CnfError(f"{value.kind} {name}: unnumbered: interface {lender} has no address to lend", waits_for="interface-has-address")
            wanted = [f"{one.partition('/')[0]}/{128 if ':' in one else 32}" for one in lent]
        for text in wanted:
            if text.startswith("alloc:"):
                raise _refused(value, "ip_addresses", f"{text}: {SUPPORT[value.kind]['ip_addresses'][9:]}")
            yield Resource(("address", name, canonical(text)), {"protocol": PROTOCOLS[value.kind]}, requires)

    # -- objects to values -------------------------------------------------------------------------------------------

    def lift(self, resources: Resources, view: t.Any) -> t.Iterator[Value]:
        """A value for each link of ours; with scope all for foreign ones too, as EXISTING."""
        ports = {key[1]: one.attributes["master"] for key, one in resources.items() if key[0] == "port"}
        for key, one in resources.items():
            if key[0] == "link":
                attributes, name = one.attributes, key[1]
                if attributes["kind"] == "vrf" and attributes["model"][0] == "vpp/vrf-table":
                    continue
                yield self._value(name, attributes["model"], attributes, ports, resources, view)
            elif key[0] == "foreign-link" and view.scope_all:
                yield self._value(key[1], (LINUX, "LOOPBACK" if key[1] == "lo" else "EXISTING"), one.attributes, {}, resources, view)

    def _value(
        self, name: str, model: t.Tuple[str, str], attributes: t.Mapping[str, t.Any], ports: t.Mapping[str, str], resources: Resources, view: t.Any
    ) -> Value:
        kind, (type, _equals, told) = model[0], model[1].partition("=")
        info, ifname = attributes["info"], attributes["ifname"]
        data: t.Dict[str, t.Any] = {"name": name, "type": type}
        if ifname != name and kind == LINUX and attributes["kind"] != "joined" and type != "LOOPBACK":
            data["host_if_name"] = ifname
        if attributes["up"]:
            data["enabled"] = True
        told, _tilde, lender = told.partition("~")
        addresses = view.prefixes(name)
        if lender:
            data["unnumbered"] = {"interface_with_ip": unquote(lender)}
        elif addresses:
            data["ip_addresses"] = sorted(addresses, key=lambda text: (":" in text, text))
        mac = attributes["mac"]
        if mac and attributes["kind"] not in (*ADOPTED, "joined") and mac != mac_of(self.cnf, name) and not self._inherited(name, attributes, ports, resources):
            data["phys_address"] = mac
        if attributes["kind"] not in (*ADOPTED, "joined") and not devices.usual(attributes["kind"], attributes["mtu"]):
            data["mtu"] = attributes["mtu"]
        master = ports.get(name)
        if master:
            above = resources.get(("link", master))
            if above is not None and above.attributes["kind"] == "vrf":
                if kind == VPP:
                    data["vrf"] = above.attributes["info"]["table"]
                else:
                    data["vrf_master_interface"] = master
        data.update(self._lift_device(name, type, attributes["kind"], info, ifname, ports, told))
        key = f"config/vpp/v2/interfaces/{name}" if kind == VPP else f"config/linux/interfaces/v2/interface/{name}"
        return Value(kind, key, data)

    @staticmethod
    def _inherited(name: str, attributes: t.Mapping[str, t.Any], ports: t.Mapping[str, str], resources: Resources) -> bool:
        if attributes["kind"] not in devices.INHERIT:
            return False
        if attributes["kind"] == "vlan":
            parent = attributes["info"].get("parent", "")
            above = resources.get(("link", parent)) or resources.get(("foreign-link", parent))
            return above is not None and above.attributes["mac"] == attributes["mac"]
        return True

    @staticmethod
    def _lift_device(name: str, type: str, device: str, info: t.Mapping[str, t.Any], ifname: str, ports: t.Mapping[str, str], told: str) -> t.Dict[str, t.Any]:
        if type == "VETH":
            return {"veth": {"peer_if_name": info["peer"]}}
        if type == "TAP":
            tap: t.Dict[str, t.Any] = {"version": 2}
            if ifname != name:
                tap["host_if_name"] = ifname
            if info.get("mode") == "tun":
                tap["enable_tunnel"] = True
            return {"tap": tap}
        if type == "AF_PACKET":
            return {"afpacket": {"host_if_name": ifname}}
        if type == "MEMIF":
            return {}
        if type == "VRF_DEVICE":
            return {"vrf_dev": {"routing_table": info["table"]}}
        if type == "SUB_INTERFACE":
            return {"sub": {"parent_name": info["parent"], "sub_id": info["id"]}}
        if type == "VXLAN_TUNNEL":
            vxlan = {"src_address": info["local"], "dst_address": info["remote"], "vni": info["id"]}
            return {"vxlan": {**vxlan, **({"multicast": info["parent"]} if info.get("parent") else {})}}
        if type == "BOND_INTERFACE":
            members = [
                {"name": port, **({} if info["fast"] or info["mode"] != 4 else {"is_long_timeout": True})}
                for port, bond in sorted(ports.items())
                if bond == name
            ]
            mode = next(text for text, number in BOND_MODES.items() if number == info["mode"])
            bond = {"mode": mode, **({"id": int(told)} if told else {}), "bonded_interfaces": members}
            if mode in ("XOR", "LACP") and info["hash"]:
                bond["lb"] = next(text for text, number in BOND_HASHES.items() if number == info["hash"])
            return {"bond": bond}
        if type == "GRE_TUNNEL":
            kind = next(text for text, name in GRE.items() if name == device)
            session = {"session_id": info["session"]} if info.get("session") else {}
            return {"gre": {"tunnel_type": kind, "src_addr": info["local"], "dst_addr": info["remote"], **session}}
        if type == "IPIP_TUNNEL":
            remote = {} if info["remote"] == "0.0.0.0" else {"dst_addr": info["remote"]}
            return {"ipip": {**({} if remote else {"tunnel_mode": "POINT_TO_MULTIPOINT"}), "src_addr": info["local"], **remote}}
        if type == "WIREGUARD_TUNNEL":
            return {"wireguard": {"private_key": info["private_key"], **({"port": info["port"]} if info.get("port") else {}), "src_addr": told}}
        return {}

    # -- change ------------------------------------------------------------------------------------------------------

    def transition(self, before: Resource, after: Resource) -> str:
        """Made anew when what makes the device differs; a default that is not given keeps what is there."""
        have, want = before.attributes, after.attributes
        if before.key[0] == "port":
            return "same" if have == want else "update"
        parts = {*want["info"], "parent", "session"} - {"peer_ifname"}
        info, made = ({name: each["info"].get(name) for name in parts} for each in (have, want))
        # A loopback that a bridge domain took for its BVI is that bridge, as long as the domain wants it.
        kind = "dummy" if have["kind"] == "bridge" and have["model"][1] == "SOFTWARE_LOOPBACK" else have["kind"]
        if want["kind"] not in (kind, have["kind"]) or info != made:
            return "recreate" if after.managed and want["kind"] not in ADOPTED else "update"
        left = have["kind"] in (*ADOPTED, "joined") or devices.usual(want["kind"], have["mtu"])
        same = (
            all(have[name] == want[name] for name in ("ifname", "up", "model") if name in want)
            and (have["mtu"] == want["mtu"] or want["mtu"] is None and left)
            and want["mac"] in (None, have["mac"])
        )
        return "same" if same else "update"

    def destroys(self, operation: Operation, resources: Resources) -> t.Iterator[Key]:
        """Everything on a link that goes; the routes and neighbours of one that goes down or is renamed."""
        before, after = operation.before, operation.after
        name = operation.key[1]
        if operation.key[0] == "port":
            link = resources.get(("link", name)) or resources.get(("foreign-link", name))
            if link is not None and not link.attributes["up"]:
                return
            for key, one in resources.items():  # the kernel cycles a device that is up and changes its VRF
                on_it = key[1] == name and (key[0] == "neighbour" or key[0] == "address" and ":" in key[2])
                if on_it or key[0] == "route" and _uses(one, name):
                    yield key
            return
        if before is None or operation.key[0] == "foreign-link":
            return
        gone = after is None and before.attributes["kind"] not in ADOPTED
        down = after is not None and before.attributes["up"] and (not after.attributes["up"] or after.attributes["ifname"] != before.attributes["ifname"])
        moved = after is not None and after.attributes["mac"] not in (None, before.attributes["mac"])
        if not gone and not down:
            yield from (key for key in resources if moved and key[0] == "neighbour" and key[1] == name)
            return
        peer = before.attributes["info"].get("peer") if gone else None
        for key, one in resources.items():
            if key[0] == "route":
                if _uses(one, name) and (gone or one.attributes["type"] != "local"):
                    yield key
            elif key[0] in ("neighbour", "bridge-port", "xconnect", "port") and key[1] == name:
                if gone or key[0] == "neighbour":
                    yield key
            elif key[0] == "address" and key[1] == name:
                if gone or ":" in key[2]:
                    yield key
            elif gone and key[0] == "link" and (key[1] == peer or one.attributes["info"].get("parent") == name):
                yield key
            elif gone and key[0] in ("port", "bridge-port") and one.attributes.get("master", one.attributes.get("bridge")) == name:
                yield key

    def commands(self, operation: Operation) -> t.List[str]:
        """As C(ip link) would be told."""
        return _writer().commands(operation)

    def perform(self, place: t.Any, operations: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """One batch of netlink messages; the rare devices one by one."""
        return _writer().perform(place, operations, self.cnf, alias)


def _writer() -> t.Any:
    """Imported when something is to be changed."""
    from ansible_collections.pantheon.cnf.plugins.module_utils.linux import device_writer

    return device_writer


def _uses(route: Resource, name: str) -> bool:
    return any(hop[1] == name for hop in route.attributes.get("nexthops", ()))


def canonical_mac(text: str) -> t.Optional[str]:
    """Lower case with colons; None for none."""
    return text.lower().replace("-", ":") if text else None


__all__ = ["Links", "alias", "mac_of", "parse_alias", "same_network"]
