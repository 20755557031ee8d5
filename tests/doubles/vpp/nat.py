# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT44 of the double, endpoint-dependent (C(state.nat.ed)) and independent (C(state.nat.ei)), with what VPP does wrong."""

from __future__ import annotations

import typing as t

from tests.doubles.vpp.addresses import addresses
from tests.doubles.vpp.cli import command
from tests.doubles.vpp.registry import area, handles
from tests.doubles.vpp.server import Died
from tests.doubles.vpp.state import Interface, State

NONE = ANY = 0xFFFFFFFF
TWICE, SELF, OUT2IN, ADDRESS_ONLY = 1, 2, 4, 8
UNSUPPORTED, EXISTS, NO_ENTRY, INVALID, UNSPECIFIED, OFF, ON, NO_INTERFACE = -126, -81, -6, -7, -1, -169, -170, -2
DEFAULTS = {"udp": 300, "tcp_established": 7440, "tcp_transitory": 240, "icmp": 60}
FLAGS = {"ed": {"inside": 0x20, "outside": 0x10}, "ei": {"inside": 0x10, "outside": 0x20}}
SESSIONS = {"ed": 63 * 1024, "ei": 10 * 1024}
BYTES = 333
"""Of the heap, for each session."""

Request = t.Dict[str, t.Any]
External = t.Tuple[str, int, int]


class Mapping:
    """C(locals): of identity and balanced mappings, with VRF."""

    def __init__(self, kind: str, external: External, flags: int, tag: str, locals_: t.List[t.Dict[str, t.Any]]) -> None:
        self.kind, self.external, self.flags, self.tag, self.locals = kind, external, flags, tag, locals_


class Plugin:
    """One of the two."""

    def __init__(self, state: State, mode: str) -> None:
        self.state, self.mode = state, mode
        self.enabled = False
        self.size: t.Dict[str, int] = {}
        self.timeouts = dict.fromkeys(DEFAULTS, 0)
        self.forwarding = False
        self.mss = 0
        self.vrfs: t.Dict[int, t.List[t.Optional[int]]] = {}
        self.locks = 0
        self.wipe()

    def wipe(self) -> None:
        """As disabling does."""
        self.size = {"inside_vrf": 0, "outside_vrf": 0, "sessions": 0}
        self.forwarding = False
        self.limits: t.Dict[int, int] = {}
        self.addresses: t.List[t.Dict[str, t.Any]] = []
        self.pools: t.List[t.Dict[str, t.Any]] = []
        self.roles: t.Dict[int, t.Set[str]] = {}
        self.outputs: t.List[int] = []
        self.mappings: t.Dict[External, Mapping] = {}
        self.local: t.Dict[t.Tuple[str, int, int, int], t.Any] = {}
        self.followed: t.List[t.Dict[str, t.Any]] = []
        self.end_sessions(lambda each: True)

    def end_sessions(self, which: t.Callable[[t.Any], bool]) -> None:
        """Of this plugin."""
        sessions = self.state.__dict__.get("areas", {}).get("sessions")
        if sessions:
            sessions.table[:] = [each for each in sessions.table if each.ei != (self.mode == "ei") or not which(each)]

    # -- tables ------------------------------------------------------------------------------------------------------

    def lock(self, vrf: int, who: str) -> None:
        """A table is made by whoever needs it."""
        if vrf:
            self.state.l3.add_table((False, vrf))
            self.state.l3.locks.add(((False, vrf), f"nat {self.mode} {who}"))

    def unlock(self, vrf: int, who: str) -> None:
        self.state.l3.locks.discard(((False, vrf), f"nat {self.mode} {who}"))
        self.state.l3.forget_unused()

    # -- addresses ---------------------------------------------------------------------------------------------------

    def address(self, address: str, twice: bool) -> t.Optional[t.Dict[str, t.Any]]:
        return next((each for each in self.addresses if (each["ip_address"], each["twice"]) == (address, twice)), None)

    def add_address(self, address: str, vrf: int, twice: bool) -> int:
        if not self.enabled:
            return UNSUPPORTED if self.mode == "ed" else OFF
        if self.address(address, twice):
            return EXISTS
        self.addresses.append({"ip_address": address, "vrf_id": vrf, "twice": twice})
        if vrf != ANY:
            self.lock(vrf, f"address {address} {twice}")
        return 0

    def delete_address(self, address: str, twice: bool, mappings_too: bool = False) -> int:
        found = self.address(address, twice)
        if not found:
            return NO_ENTRY
        if self.mode == "ei":
            used = [each for each in self.mappings.values() if each.external[0] == address and each.external[1] and each.kind != "identity"]
            if used and not mappings_too:
                return UNSPECIFIED
            for each in used:
                self.delete_mapping(each.external, each.kind, each.flags, each.locals[0])
        self.end_sessions(lambda each: each.outside[0] == address and not each.static)
        self.addresses.remove(found)
        self.unlock(found["vrf_id"], f"address {address} {twice}")
        return 0

    # -- mappings ----------------------------------------------------------------------------------------------------

    def add_mapping(self, kind: str, external: External, flags: int, tag: str, local: t.Dict[str, t.Any]) -> int:
        """C(local): addr, port, vrf_id."""
        local = dict(local)
        if kind == "identity":
            local["addr"], local["port"] = external[:2]
        if flags & ADDRESS_ONLY:
            external = (external[0], 0, 0)
            local["port"] = 0
        found = self.mappings.get(external)
        if found:
            if found.kind != "identity" or any(each["vrf_id"] == local["vrf_id"] for each in found.locals):
                return EXISTS
            found.locals.append(local)
            self.lock(local["vrf_id"], f"mapping {external} {local['vrf_id']}")
            return 0
        if local["vrf_id"] == ANY:
            local["vrf_id"] = self.size["inside_vrf"]
        if kind != "identity" and not flags & OUT2IN and self.inside(local, external[2]) in self.local:
            return EXISTS
        if self.mode == "ei" and not flags & ADDRESS_ONLY and not self.address(external[0], False) and kind != "identity":
            return NO_ENTRY
        self.mappings[external] = Mapping(kind, external, flags, tag, [local])
        if not flags & OUT2IN:
            self.local[self.inside(local, external[2])] = external
        self.lock(local["vrf_id"], f"mapping {external} {local['vrf_id']}")
        return 0

    @staticmethod
    def inside(local: t.Mapping[str, t.Any], protocol: int) -> t.Tuple[str, int, int, int]:
        return local["addr"], local["port"], protocol, local["vrf_id"]

    def delete_mapping(self, external: External, kind: str, flags: int, local: t.Mapping[str, t.Any]) -> int:
        """Neither local side nor tag are looked at, but what they say is forgotten: with another one a key stays behind."""
        if flags & ADDRESS_ONLY:
            external = (external[0], 0, 0)
        found = self.mappings.get(external)
        if not found:
            return NO_ENTRY
        gone = found.locals[0]
        if kind == "identity":
            vrf = self.size["inside_vrf"] if local["vrf_id"] == ANY else local["vrf_id"]
            there = [each for each in found.locals if each["vrf_id"] == vrf]
            if not there:
                return NO_ENTRY
            gone = there[0]
        if not flags & OUT2IN:
            port = 0 if flags & ADDRESS_ONLY else local["port"]
            mine = gone if kind == "identity" else {**local, "port": port, "vrf_id": gone["vrf_id"]}
            self.local.pop(self.inside(mine, external[2]), None)
        self.unlock(gone["vrf_id"], f"mapping {external} {gone['vrf_id']}")
        found.locals.remove(gone)
        if not found.locals:
            del self.mappings[external]
        return 0

    def follow(self, kind: str, request: Request, local: t.Dict[str, t.Any]) -> int:
        """A mapping of an interface: a record of it, and when there is an address a mapping beside."""
        index = request["external_sw_if_index" if kind == "static" else "sw_if_index"]
        whole = bool(request["flags"] & ADDRESS_ONLY)
        port = request["external_port" if kind == "static" else "port"]
        record = {
            "kind": kind,
            "index": index,
            "flags": request["flags"],
            "protocol": 0 if whole else request["protocol"],
            "port": 0 if whole else port,
            "local": {**local, "port": 0 if whole else local["port"]},
            "tag": request["tag"],
            "resolved": "",
        }
        same = next((each for each in self.followed if {**each, "resolved": "", "tag": "", "flags": 0} == {**record, "tag": "", "flags": 0}), None)
        if request["is_add"]:
            if same:
                return EXISTS
            self.followed.append(record)
            first = self.first(index)
            retval = self.resolve(record, first) if first else 0
            if retval:
                self.followed.remove(record)
            return retval
        if not same:
            return NO_ENTRY
        self.followed.remove(same)
        first = self.first(index)
        return self.delete_mapping((first, same["port"], same["protocol"]), kind, request["flags"], same["local"]) if first else 0

    def resolve(self, record: t.Dict[str, t.Any], address: str) -> int:
        retval = self.add_mapping(record["kind"], (address, record["port"], record["protocol"]), record["flags"], record["tag"], record["local"])
        if not retval:
            record["resolved"] = address
        return retval

    # -- interfaces --------------------------------------------------------------------------------------------------

    def first(self, index: int) -> str:
        interface = self.state.interface(index)
        return next((each.partition("/")[0] for each in addresses(interface) if ":" not in each), "") if interface else ""

    def address_added(self, interface: Interface, address: str) -> None:
        """What follows an interface takes the first address that comes while it has none."""
        for each in self.pools:
            if each["index"] == interface.index and not each["resolved"] and not self.add_address(address, ANY, each["twice"]):
                each["resolved"] = address
        for each in self.followed:
            if each["index"] == interface.index and not each["resolved"]:
                self.resolve(each, address)

    def address_removed(self, interface: Interface, address: str) -> None:
        for each in self.pools:
            if each["index"] == interface.index and each["resolved"] and not self.delete_address(address, each["twice"]):
                each["resolved"] = ""
        for each in self.followed:
            if each["index"] == interface.index and each["resolved"]:
                if not self.delete_mapping((address, each["port"], each["protocol"]), each["kind"], each["flags"], each["local"]):
                    each["resolved"] = ""

    def interface_deleted(self, interface: Interface) -> None:
        """Roles go with it, and its addresses; what follows it stays, for the next one with this number."""
        for each in (*self.pools, *self.followed):
            if each["index"] == interface.index and each["resolved"]:
                self.address_removed(interface, each["resolved"])
        self.roles.pop(interface.index, None)
        if interface.index in self.outputs:
            self.outputs.remove(interface.index)


@area("nat")
class Nat:
    """C(heap): bytes of VPP's main heap that are free while NAT44 is off; C(workers): NAT's threads beside the main one."""

    def __init__(self, state: State) -> None:
        self.ed, self.ei = Plugin(state, "ed"), Plugin(state, "ei")
        self.heap = 200 << 20
        self.workers = 0

    def free(self) -> int:
        return self.heap - sum(each.size["sessions"] * BYTES * (1 + self.workers) for each in (self.ed, self.ei))

    def interface_deleted(self, interface: Interface) -> None:
        self.ed.interface_deleted(interface)
        self.ei.interface_deleted(interface)

    def address_added(self, interface: Interface, text: str) -> None:
        if ":" not in text:
            self.ed.address_added(interface, text.partition("/")[0])
            self.ei.address_added(interface, text.partition("/")[0])

    def address_removed(self, interface: Interface, text: str) -> None:
        if ":" not in text:
            self.ed.address_removed(interface, text.partition("/")[0])
            self.ei.address_removed(interface, text.partition("/")[0])


def plugin(state: State, request: Request) -> Plugin:
    """Which of the two a message is for."""
    return t.cast(Plugin, state.nat.ei if "_ei_" in request["_message"] else state.nat.ed)


# -- the plugin and its settings ---------------------------------------------------------------------------------------


@handles("nat44_ed_plugin_enable_disable", "nat44_ei_plugin_enable_disable")
def enable(state: State, request: Request) -> t.Any:
    one = plugin(state, request)
    if not request["enable"]:
        if not one.enabled:
            return OFF
        one.enabled = False
        for each in one.addresses:
            one.unlock(each["vrf_id"], f"address {each['ip_address']} {each['twice']}")
        one.wipe()
        one.vrfs = {}
        return 0
    if one.mode == "ed" and request["flags"] & 6:
        return UNSUPPORTED
    if one.enabled:
        return ON
    sessions = request["sessions"] or SESSIONS[one.mode]
    if sessions * BYTES * (1 + state.nat.workers) > state.nat.free():
        raise Died
    one.enabled = True
    one.size = {"inside_vrf": request["inside_vrf"], "outside_vrf": request["outside_vrf"], "sessions": sessions}
    one.timeouts, one.forwarding, one.mss, one.limits = dict(DEFAULTS), False, 0, {0: sessions}
    for vrf in one.size["inside_vrf"], one.size["outside_vrf"]:
        one.lock(vrf, "plugin")
    return 0


@handles("nat44_show_running_config", "nat44_ei_show_running_config")
def config(state: State, request: Request) -> t.Any:
    one = plugin(state, request)
    return {**one.size, "timeouts": one.timeouts, "forwarding_enabled": one.forwarding, "ipfix_logging_enabled": True, "flags": int(one.mode == "ed")}


@handles("nat44_forwarding_enable_disable", "nat44_ei_forwarding_enable_disable")
def forwarding(state: State, request: Request) -> t.Any:
    plugin(state, request).forwarding = request["enable"]


@handles("nat_set_timeouts", "nat44_ei_set_timeouts")
def timeouts(state: State, request: Request) -> t.Any:
    plugin(state, request).timeouts = {name: request[name] for name in DEFAULTS}


@handles("nat_set_mss_clamping", "nat44_ei_set_mss_clamping")
def set_mss(state: State, request: Request) -> t.Any:
    plugin(state, request).mss = request["mss_value"] if request["enable"] else 0


@handles("nat_get_mss_clamping", "nat44_ei_get_mss_clamping")
def get_mss(state: State, request: Request) -> t.Any:
    mss = plugin(state, request).mss
    return {"mss_value": mss, "enable": bool(mss)}


@handles("nat44_set_session_limit")
def session_limit(state: State, request: Request) -> t.Any:
    if not state.l3.exists(False, request["vrf_id"]):
        return UNSPECIFIED
    one = state.nat.ed
    number = state.l3.places[request["vrf_id"]]
    for each in range(number):
        one.limits.setdefault(each, one.size["sessions"])
    one.limits[number] = request["session_limit"]
    return 0


@command("show nat44 summary")
def show_summary(state: State, words: t.List[str]) -> t.Optional[str]:
    lines = [f"max translations per thread: {limit} fib {number}" for number, limit in sorted(state.nat.ed.limits.items())]
    return None if words else "\n".join([*lines, "total sessions: 0 (timed out: 0)\n"])


@command("show memory main-heap")
def show_heap(state: State, _words: t.List[str]) -> str:
    free = state.nat.free() / (1 << 20)
    return f"  base 0x7f45cbbe7000, size 256m, locked, name 'main heap'\n    total: 256.00M, used: {256 - free:.2f}M, free: {free:.2f}M, trimmable: 1.00M\n"


@handles("nat_worker_dump")
def workers(state: State, _request: Request) -> t.Any:
    return [{"worker_index": each, "name": f"vpp_wk_{each}"} for each in range(state.nat.workers)]


# -- roles -------------------------------------------------------------------------------------------------------------


@handles("nat44_interface_add_del_feature", "nat44_ei_interface_add_del_feature")
def feature(state: State, request: Request) -> t.Any:
    one, index = plugin(state, request), request["sw_if_index"]
    # Of several flags the inside is taken, without it the outside.
    role = "inside" if request["flags"] & FLAGS[one.mode]["inside"] else "outside"
    if state.interface(index) is None:
        return NO_INTERFACE
    if not one.enabled:
        return UNSUPPORTED if one.mode == "ed" else OFF
    if request["is_add"]:
        if index in one.outputs:
            return EXISTS
        one.roles.setdefault(index, set()).add(role)
        return 0
    have = one.roles.get(index)
    if have is None:
        return NO_ENTRY
    if len(have) == 1:  # whatever it is
        del one.roles[index]
    else:
        have.discard(role)
    return 0


@handles("nat44_interface_dump", "nat44_ei_interface_dump")
def features(state: State, request: Request) -> t.Any:
    one = plugin(state, request)
    return [{"sw_if_index": index, "flags": sum(FLAGS[one.mode][each] for each in roles)} for index, roles in one.roles.items()]


@handles("nat44_ed_add_del_output_interface", "nat44_ei_add_del_output_interface")
def output(state: State, request: Request) -> t.Any:
    one, index = plugin(state, request), request["sw_if_index"]
    if state.interface(index) is None:
        return NO_INTERFACE
    if not one.enabled:
        return UNSUPPORTED if one.mode == "ed" else OFF
    if request["is_add"]:
        if index in one.outputs or index in one.roles:
            return EXISTS
        one.outputs.append(index)
        return 0
    if index not in one.outputs:
        return NO_ENTRY
    one.outputs.remove(index)
    return 0


@handles("nat44_ed_output_interface_get", "nat44_ei_output_interface_get")
def outputs(state: State, request: Request) -> t.Any:
    return [{"sw_if_index": each} for each in plugin(state, request).outputs]


# -- pools -------------------------------------------------------------------------------------------------------------


@handles("nat44_add_del_address_range", "nat44_ei_add_del_address_range")
def address_range(state: State, request: Request) -> t.Any:
    """Stops at the first conflict; what was done before it stays done."""
    one, twice = plugin(state, request), bool(request.get("flags", 0) & TWICE)
    first, last = (int.from_bytes(bytes(map(int, request[name].split("."))), "big") for name in ("first_ip_address", "last_ip_address"))
    for number in range(first, last + 1):
        text = ".".join(map(str, number.to_bytes(4, "big")))
        retval = one.add_address(text, request["vrf_id"], twice) if request["is_add"] else one.delete_address(text, twice)
        if retval:
            return retval
    return 0


@handles("nat44_address_dump", "nat44_ei_address_dump")
def address_dump(state: State, request: Request) -> t.Any:
    one = plugin(state, request)
    flags = (lambda each: {"flags": TWICE * each["twice"]}) if one.mode == "ed" else lambda each: {}
    return [{"ip_address": each["ip_address"], "vrf_id": each["vrf_id"], **flags(each)} for each in sorted(one.addresses, key=lambda each: each["twice"])]


@handles("nat44_add_del_interface_addr", "nat44_ei_add_del_interface_addr")
def interface_pool(state: State, request: Request) -> t.Any:
    """Its first address. When it goes and another one is the first by then, the address stays behind."""
    one, index, twice = plugin(state, request), request["sw_if_index"], bool(request.get("flags", 0) & TWICE)
    if state.interface(index) is None:
        return NO_INTERFACE
    if not one.enabled:
        return UNSUPPORTED if one.mode == "ed" else OFF
    found = next((each for each in one.pools if (each["index"], each["twice"]) == (index, twice)), None)
    first = one.first(index)
    if request["is_add"]:
        if found:
            return EXISTS
        retval = one.add_address(first, ANY, twice) if first else 0
        if retval and one.mode == "ed":
            return retval
        one.pools.append({"index": index, "twice": twice, "resolved": first})
        return 0
    if not found:
        return NO_ENTRY
    one.pools.remove(found)
    if not first:
        return 0
    retval = one.delete_address(first, twice, mappings_too=True)
    return retval if one.mode == "ed" else 0


@handles("nat44_interface_addr_dump", "nat44_ei_interface_addr_dump")
def interface_pool_dump(state: State, request: Request) -> t.Any:
    one = plugin(state, request)
    return [{"sw_if_index": each["index"], **({"flags": TWICE * each["twice"]} if one.mode == "ed" else {})} for each in one.pools]


# -- mappings ----------------------------------------------------------------------------------------------------------


@handles("nat44_add_del_static_mapping_v2", "nat44_ei_add_del_static_mapping")
def static(state: State, request: Request) -> t.Any:
    one, flags = plugin(state, request), request["flags"]
    if not one.enabled:
        return UNSUPPORTED if one.mode == "ed" else OFF
    if flags & (TWICE | SELF) and flags & ADDRESS_ONLY and one.mode == "ed":
        return UNSUPPORTED
    local = {"addr": request["local_ip_address"], "port": request["local_port"], "vrf_id": request["vrf_id"]}
    if request["external_sw_if_index"] != NONE:
        return one.follow("static", request, local)
    external = (request["external_ip_address"], request["external_port"], request["protocol"])
    if request["is_add"]:
        return one.add_mapping("static", external, flags, request["tag"], local)
    return one.delete_mapping(external, "static", flags, local)


@handles("nat44_static_mapping_dump", "nat44_ei_static_mapping_dump")
def static_dump(state: State, request: Request) -> t.Any:
    one = plugin(state, request)
    found = []
    for each in one.mappings.values():
        if each.kind == "static":
            local = each.locals[0]
            found.append(_static_details(local, each.external[0], each.external[1], each.external[2], each.flags, each.tag, NONE))
    for record in one.followed:
        if record["kind"] == "static":
            shown = record["flags"] & (TWICE | ADDRESS_ONLY)
            found.append(_static_details(record["local"], "0.0.0.0", record["port"], record["protocol"], shown, record["tag"], record["index"]))
    return found


def _static_details(local: t.Mapping[str, t.Any], external: str, port: int, protocol: int, flags: int, tag: str, index: int) -> t.Dict[str, t.Any]:
    return {
        "flags": flags,
        "local_ip_address": local["addr"],
        "local_port": local["port"],
        "external_ip_address": external,
        "external_port": port,
        "protocol": protocol,
        "external_sw_if_index": index,
        "vrf_id": local["vrf_id"],
        "tag": tag,
    }


@handles("nat44_add_del_identity_mapping", "nat44_ei_add_del_identity_mapping")
def identity(state: State, request: Request) -> t.Any:
    one = plugin(state, request)
    if not one.enabled:
        return UNSUPPORTED if one.mode == "ed" else OFF
    local = {"addr": "", "port": request["port"], "vrf_id": request["vrf_id"]}
    if request["sw_if_index"] != NONE:
        return one.follow("identity", request, local)
    external = (request["ip_address"], request["port"], request["protocol"])
    if request["is_add"]:
        return one.add_mapping("identity", external, request["flags"], request["tag"], local)
    return one.delete_mapping(external, "identity", request["flags"], local)


@handles("nat44_identity_mapping_dump", "nat44_ei_identity_mapping_dump")
def identity_dump(state: State, request: Request) -> t.Any:
    """One for each VRF, all with the first one's tag."""
    one = plugin(state, request)
    found = [
        _identity_details(each.external, each.flags, local["vrf_id"], each.tag, NONE)
        for each in one.mappings.values()
        if each.kind == "identity"
        for local in each.locals
    ]
    for record in one.followed:
        if record["kind"] == "identity":
            external = ("0.0.0.0", record["port"], record["protocol"])
            found.append(_identity_details(external, record["flags"], record["local"]["vrf_id"], record["tag"], record["index"]))
    return found


def _identity_details(external: External, flags: int, vrf: int, tag: str, index: int) -> t.Dict[str, t.Any]:
    address, port, protocol = external
    return {"flags": flags & ADDRESS_ONLY, "ip_address": address, "protocol": protocol, "port": port, "sw_if_index": index, "vrf_id": vrf, "tag": tag}


@handles("nat44_add_del_lb_static_mapping")
def balanced(state: State, request: Request) -> t.Any:
    one = state.nat.ed
    external = (request["external_addr"], request["external_port"], request["protocol"])
    found = one.mappings.get(external)
    if not one.enabled:
        return UNSUPPORTED
    if not request["is_add"]:
        if not found:
            return NO_ENTRY
        if found.kind != "balanced":
            return INVALID
        for each in found.locals:
            one.unlock(each["vrf_id"], f"mapping {external} {each['addr']} {each['port']}")
        del one.mappings[external]
        return 0
    if found:
        return EXISTS
    if len(request["locals"]) < 2:
        return INVALID
    if not request["flags"] & OUT2IN and not one.address(external[0], False):
        return NO_ENTRY
    one.mappings[external] = Mapping("balanced", external, request["flags"], request["tag"], [dict(each) for each in request["locals"]])
    for each in request["locals"]:
        one.lock(each["vrf_id"], f"mapping {external} {each['addr']} {each['port']}")
    return 0


@handles("nat44_lb_static_mapping_add_del_local")
def balanced_local(state: State, request: Request) -> t.Any:
    one, local = state.nat.ed, dict(request["local"])
    external = (request["external_addr"], request["external_port"], request["protocol"])
    found = one.mappings.get(external)
    if not found:
        return NO_ENTRY
    if found.kind != "balanced":
        return INVALID
    same = next((each for each in found.locals if all(each[name] == local[name] for name in ("addr", "port", "vrf_id"))), None)
    who = f"mapping {external} {local['addr']} {local['port']}"
    if request["is_add"]:
        if same:
            return EXISTS
        found.locals.append(local)
        one.lock(local["vrf_id"], who)
        return 0
    if not same:
        return NO_ENTRY
    if len(found.locals) < 3:
        return UNSPECIFIED
    found.locals.remove(same)
    one.unlock(local["vrf_id"], who)
    return 0


@handles("nat44_lb_static_mapping_dump")
def balanced_dump(state: State, _request: Request) -> t.Any:
    """Without the affinity."""
    return [
        {
            "external_addr": each.external[0],
            "external_port": each.external[1],
            "protocol": each.external[2],
            "flags": each.flags & ~ADDRESS_ONLY,
            "tag": each.tag,
            "locals": each.locals,
        }
        for each in state.nat.ed.mappings.values()
        if each.kind == "balanced"
    ]


# -- VRFs --------------------------------------------------------------------------------------------------------------


@handles("nat44_ed_add_del_vrf_table")
def vrf_table(state: State, request: Request) -> t.Any:
    """Also while NAT44 is off."""
    one, source = state.nat.ed, request["table_vrf_id"]
    if request["is_add"]:
        if source in one.vrfs:
            return EXISTS
        one.vrfs[source] = []
        one.lock(source, f"vrf {source}")
        return 0
    if source not in one.vrfs:
        return NO_ENTRY
    for each in one.vrfs.pop(source):
        if each is not None:
            one.unlock(each, f"vrf {source} {each}")
    one.unlock(source, f"vrf {source}")
    return 0


@handles("nat44_ed_add_del_vrf_route")
def vrf_route(state: State, request: Request) -> t.Any:
    one, source, target = state.nat.ed, request["table_vrf_id"], request["vrf_id"]
    there = one.vrfs.get(source)
    if there is None or not request["is_add"] and target not in there:
        return NO_ENTRY
    if request["is_add"]:
        if target in there:
            return EXISTS
        if None in there:
            there[there.index(None)] = target
        else:
            there.append(target)
        one.lock(target, f"vrf {source} {target}")
    else:
        there[there.index(target)] = None
        one.unlock(target, f"vrf {source} {target}")
    return 0


@command("show nat44 vrf tables")
def show_vrfs(state: State, words: t.List[str]) -> t.Optional[str]:
    lines, at = [], 0
    for source, targets in state.nat.ed.vrfs.items():
        lines.append(f"table {source}:\n")
        for each in targets:
            if each is not None:
                lines.append(f"[{at}] vrf-id {each}\n")
                at += 1
    return None if words else "".join(lines)


def _told(targets: t.List[t.Optional[int]]) -> t.List[int]:
    """Behind those that are there whatever is in memory, as many as went."""
    return sorted((each for each in targets if each is not None), reverse=True) + [0] * targets.count(None)


@handles("nat44_ed_vrf_tables_dump")
def vrf_dump(state: State, _request: Request) -> t.Any:
    """Without the table's number, and with the others' turned round."""
    return [
        {"table_vrf_id": 0, "vrf_ids": [int.from_bytes(each.to_bytes(4, "big"), "little") for each in _told(targets)]} for targets in state.nat.ed.vrfs.values()
    ]


@handles("nat44_ed_vrf_tables_v2_dump")
def vrf_dump_v2(state: State, _request: Request) -> t.Any:
    """As details of the other message."""
    return [{"_message": "nat44_ed_vrf_tables_details", "table_vrf_id": source, "vrf_ids": _told(targets)} for source, targets in state.nat.ed.vrfs.items()]
