# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of interfaces stand on: values of all types in short, and a VPP that is brought to them."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import Outcome
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import VRF_TABLE
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import Result, reconcile
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Place
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppDataplane
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.interfaces import families
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import Tables

KINDS = {kind.id: kind for kind in (INTERFACE, VRF_TABLE)}
KEY, OTHER_KEY = "A" * 42 + "A=", "B" * 42 + "A="
MAC, OTHER_MAC = "02:00:00:00:00:99", "02:00:00:00:00:98"
GPE = "vxlan_gpe_add_del_tunnel_v2"


def link(type: str, name: str, **more: t.Any) -> Value:
    """A value of the kind."""
    return INTERFACE.value({"name": name, "type": type, **more})


def loop(name: str, *addresses: str, **more: t.Any) -> Value:
    return link("SOFTWARE_LOOPBACK", name, ip_addresses=list(addresses), **more)


def memif(name: str, id: int = 0, socket: str = "", master: bool = False, mode: str = "ETHERNET", made: t.Any = None, **more: t.Any) -> Value:
    data = {"id": id, "socket_filename": socket, "master": master, "mode": mode, **(made or {})}
    return link("MEMIF", name, memif=data, **more)


def on(name: str, host: str, **more: t.Any) -> Value:
    return link("AF_PACKET", name, afpacket={"host_if_name": host}, **more)


def sub(name: str, parent: str, id: int, rewrite: t.Any = None, **more: t.Any) -> Value:
    return link("SUB_INTERFACE", name, sub={"parent_name": parent, "sub_id": id, **(rewrite or {})}, **more)


def bond(name: str, id: int, mode: str, *members: t.Any, lb: str = "L2", **more: t.Any) -> Value:
    listed = [each if isinstance(each, dict) else {"name": each} for each in members]
    return link("BOND_INTERFACE", name, bond={"id": id, "mode": mode, "lb": lb, "bonded_interfaces": listed}, **more)


def vxlan(name: str, dst: str, vni: int, src: str = "10.1.1.1", multicast: str = "", gpe: t.Any = None, **more: t.Any) -> Value:
    data = {"src_address": src, "dst_address": dst, "vni": vni, "multicast": multicast}
    return link("VXLAN_TUNNEL", name, vxlan={**data, "gpe": gpe} if gpe else data, **more)


def gre(name: str, carries: str, dst: str, src: str = "10.1.1.1", vrf: int = 0, session: int = 0, **more: t.Any) -> Value:
    return link("GRE_TUNNEL", name, gre={"tunnel_type": carries, "src_addr": src, "dst_addr": dst, "outer_fib_id": vrf, "session_id": session}, **more)


def ipip(name: str, dst: str = "", src: str = "10.1.1.1", **more: t.Any) -> Value:
    mode = "POINT_TO_POINT" if dst else "POINT_TO_MULTIPOINT"
    return link("IPIP_TUNNEL", name, ipip={"tunnel_mode": mode, "src_addr": src, "dst_addr": dst}, **more)


def wireguard(name: str, port: int = 51820, key: str = KEY, src: str = "10.1.1.1", **more: t.Any) -> Value:
    return link("WIREGUARD_TUNNEL", name, wireguard={"private_key": key, "port": port, "src_addr": src}, **more)


def tap(name: str, more: t.Any = None, **fields: t.Any) -> Value:
    return link("TAP", name, tap={"version": 2, **(more or {})}, **fields)


def vrf(id: int, *families: str) -> t.List[Value]:
    """The tables of these families."""
    return [VRF_TABLE.value({"id": id, "protocol": f"IPV{family}"}) for family in families or ("4",)]


class World:
    """A session's VPP. The kernel's devices C(host-0) and C(host-1) are there."""

    def __init__(self, place: t.Any, session: t.Any) -> None:
        self.place, self.session = place, session
        for name in ("host-0", "host-1"):
            place.host_device(name)

    def dataplane(self, session: t.Any = None, cnf: str = "t", everything: bool = False, **options: t.Any) -> VppDataplane:
        made = [Tables(everything), *families(cnf, everything)]
        return VppDataplane(session or self.session or Place(), made, cnf, scope_all=everything, **options)

    def apply(self, *values: t.Any, state: str = "overridden", session: t.Any = None, everything: bool = False, **options: t.Any) -> Result:
        """Values, and lists of them."""
        flat = [one for each in values for one in (each if isinstance(each, list) else [each])]
        dataplane = options.pop("dataplane", None) or self.dataplane(session, everything=everything, offline=options.pop("offline", False))
        return reconcile(dataplane, KINDS, state, lambda there: flat, take_foreign=everything, **options)

    def settle(self, *values: t.Any, **options: t.Any) -> Outcome:
        """Bring VPP there; then the same, and what was read back, are nothing to do any more."""
        result = self.apply(*values, **options)
        assert self.apply(*values, check_mode=True, **options).outcome.commands == []
        again = {"state": "overridden", "check_mode": True, "everything": options.get("everything", False)}
        assert self.apply(list(result.after), **again).outcome.commands == []
        return result.outcome

    def lifted(self, **options: t.Any) -> t.Dict[str, t.Dict[str, t.Any]]:
        """The data of all interfaces of ours, as they are read."""
        dataplane = self.dataplane(**options)
        return {value.data["name"]: dict(value.data) for value in dataplane.lift(dataplane.observe(), {INTERFACE.id})}

    def shown(self) -> t.Dict[str, t.Mapping[str, t.Any]]:
        """What VPP says of its interfaces, by its name for them."""
        return {each["interface_name"]: each for each in self.session.dump("sw_interface_dump", sw_if_index=NOWHERE)}

    def tagged(self) -> t.Dict[str, t.Mapping[str, t.Any]]:
        """The same of those with a tag, by that."""
        return {each["tag"]: each for each in self.shown().values() if each["tag"]}

    def foreign_loop(self, tag: str = "", *addresses: str) -> int:
        """One that we did not make: its number."""
        index = int(self.session.call("create_loopback_instance")["sw_if_index"])
        if tag:
            self.session.call("sw_interface_tag_add_del", is_add=True, sw_if_index=index, tag=tag)
        for each in addresses:
            self.session.call("sw_interface_add_del_address", is_add=True, sw_if_index=index, prefix=each)
        return index

    def hardware(self, *addresses: str) -> str:
        """An interface that nobody of us can make, and its name: a pipe stands for a card."""
        if self.place.kind == "live":
            self.session.call("pipe_create")
        else:
            self.place.double.state.add_interface("pipe0.0", "Pipe", mtu=[0, 0, 0, 0])
        index = self.shown()["pipe0.0"]["sw_if_index"]
        for each in addresses:
            self.session.call("sw_interface_add_del_address", is_add=True, sw_if_index=index, prefix=each)
        return "pipe0.0"

    def empty(self) -> bool:
        """Whether nothing of all this is left."""
        left = [each for each in self.session.dump("memif_socket_filename_dump") if each["socket_id"]]
        for message in ("dhcp_client_dump", "ip_unnumbered_dump"):
            left += self.session.dump(message, **({"sw_if_index": NOWHERE} if "ip_" in message else {}))
        return list(self.shown()) == ["local0"] and not left
