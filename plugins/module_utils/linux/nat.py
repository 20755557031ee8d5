# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT44 by nftables with the behaviour of VPP's NAT44-ED; tests/integration_kernel/packet_matrix.py says where they differ."""

from __future__ import annotations

import ipaddress
import re
import socket
import struct
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Key, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Family, Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import conntrack
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.netlink import attributes
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.nft import Attributes, chain, escape, link_of, notes, remembered
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.route_table import local_route

GLOBAL, INTERFACE, POOL, DNAT, TIMEOUTS = KINDS = (
    "vpp.nat/nat44-global",
    "vpp.nat/nat44-interface",
    "vpp.nat/nat44-pool",
    "vpp.nat/dnat44",
    "pantheon.nat/nat44-timeouts",
)
KEY = ("nft", "nat")
ANY_VRF = 2**32 - 1
ADDRESS_LIMIT = 4096  # addresses that one CNF answers for: each is a route of its own


def _support(fields: str, **limits: str) -> t.Dict[str, str]:
    return {**dict.fromkeys(fields.split(), "yes"), **{name.replace("__", "."): text for name, text in limits.items()}}


SUPPORT = {
    GLOBAL: _support(
        "forwarding nat_interfaces nat_interfaces.name nat_interfaces.is_inside nat_interfaces.output_feature"
        " address_pool address_pool.address address_pool.twice_nat",
        endpoint_independent="refused: the kernel's NAT is endpoint-dependent",
        address_pool__vrf_id="partial: 0, 4294967295 (any), or a VRF that has a device here",
        virtual_reassembly="partial: accepted, nothing to set: the kernel reassembles always",
    ),
    INTERFACE: _support("name nat_inside nat_outside output_feature"),
    POOL: _support("name first_ip last_ip twice_nat", vrf_id="partial: 0, 4294967295 (any), or a VRF that has a device here"),
    DNAT: _support(
        "label st_mappings st_mappings.external_interface st_mappings.external_ip st_mappings.external_port st_mappings.local_ips"
        " st_mappings.local_ips.local_ip st_mappings.local_ips.local_port st_mappings.local_ips.probability st_mappings.twice_nat"
        " st_mappings.twice_nat_pool_ip id_mappings id_mappings.interface id_mappings.ip_address id_mappings.port id_mappings.protocol",
        st_mappings__local_ips__vrf_id="refused: a flow does not change its VRF by translation; only 0",
        st_mappings__protocol="partial: ICMP only without ports, an identifier cannot be mapped",
        st_mappings__session_affinity="partial: a client keeps its backend as long as the list of backends stays",
        id_mappings__vrf_id="refused: only 0 and 4294967295 (any)",
    ),
    TIMEOUTS: _support("udp tcp_established tcp_transitory icmp"),
}

_TIMEOUTS = {
    "udp": ("udp_timeout", "udp_timeout_stream"),
    "tcp_established": ("tcp_timeout_established",),
    "tcp_transitory": tuple(f"tcp_timeout_{state}" for state in ("syn_sent", "syn_recv", "fin_wait", "close_wait", "last_ack", "time_wait", "close")),
    "icmp": ("icmp_timeout",),
}
_PROTOCOLS = {"TCP": 6, "UDP": 17, "ICMP": 1}
_ROLES = ("inside", "outside", "output")
_PORT_MAP = "ipv4_addr . inet_proto . inet_service"
_FORMS = {
    "nat_map": f"{_PORT_MAP} : ipv4_addr . inet_service",
    "nat_addr": "ipv4_addr : ipv4_addr",
    "nat_identity": _PORT_MAP,
    "nat_identity_addr": "ipv4_addr",
    "nat_owned": "ipv4_addr",
    "nat_backends": "ipv4_addr . ipv4_addr",
    "nat_twice": f"ipv4_addr . {_PORT_MAP} : verdict",
    "nat_twice_addr": "ipv4_addr . ipv4_addr : verdict",
}
_TWICE = "ct status dnat ct original ip daddr . ip daddr"


def _refuse(value: Value, field: str, why: str = "") -> t.NoReturn:
    why = why or "not supported by the linux dataplane, " + SUPPORT[value.kind][field]
    raise Refused(f"{value.kind} {value.key}: {field}: {why}", kind=value.kind, field=field)


def _int(address: str) -> int:
    return int(ipaddress.IPv4Address(address))


def _text(number: int) -> str:
    return str(ipaddress.IPv4Address(number))


def _span(first: t.Any, last: t.Any) -> str:
    return f"{first}-{last}" if first != last else f"{first}"


def _weighted(parts: t.Iterable[t.Tuple[int, str]]) -> t.Tuple[int, str]:
    """(sum of the weights, the map that gives each its share of it)."""
    start, texts = 0, []
    for weight, text in parts:
        if weight:
            texts.append(f"{_span(start, start + weight - 1)} : {text}")
            start += weight
    return start, f"{{ {', '.join(texts)} }}"


class _Build:
    """The objects of one CNF's NAT, gathered value by value."""

    def __init__(self, view: t.Any) -> None:
        self.view = view
        self.forwarding = False
        self.roles: t.Dict[str, t.Dict[str, str]] = {role: {} for role in _ROLES}
        self.requires: t.Set[Key] = set()
        self.pools: t.Dict[str, t.Set[int]] = {}  # by VRF device, "" for all
        self.twice: t.Set[int] = set()
        self.external: t.Set[str] = set()
        self.sets: t.Dict[str, t.Dict[str, str]] = {}
        self.balanced: t.Dict[str, str] = {}
        self.chains: t.Dict[str, t.Tuple[str, ...]] = {}
        self.in_vrf = False
        self.sysctls: t.Dict[str, str] = {}

    def add(self, value: Value) -> None:
        getattr(self, value.kind.rpartition("/")[2].replace("-", "_"))(value, value.data)

    def put(self, value: Value, field: str, name: str, key: str, content: str = "") -> None:
        if self.sets.setdefault(name, {}).setdefault(key, content) != content:
            _refuse(value, field, f"{key} is mapped already, to {self.sets[name][key]}")

    def device(self, name: str) -> str:
        link = link_of(self.view, KEY, name)
        self.requires.add(link.key)
        return str(link.ifname)

    def vrf_of(self, name: str) -> str:
        """The kernel name of the VRF device that a link is in."""
        port = self.view.resources.get(("port", name))
        master = self.view.find(port.attributes["master"]) if port else None
        return str(master.ifname) if master and master.resource.attributes.get("kind") == "vrf" else ""

    def addresses(self, interface: t.Optional[str], address: str) -> t.List[str]:
        if not interface:
            return [address]
        self.device(interface)
        return [address for address in self.view.addresses(interface) if ":" not in address]

    def nat44_global(self, value: Value, data: t.Mapping[str, t.Any]) -> None:
        if data.get("endpoint_independent"):
            _refuse(value, "endpoint_independent")
        self.forwarding = bool(data.get("forwarding"))
        for item in data.get("nat_interfaces", ()):
            role = "output_feature" if item.get("output_feature") else "nat_inside" if item.get("is_inside") else "nat_outside"
            self.nat44_interface(value, {"name": item["name"], role: True})
        for item in data.get("address_pool", ()):
            self.nat44_pool(value, {**item, "first_ip": item["address"]})

    def nat44_interface(self, value: Value, data: t.Mapping[str, t.Any]) -> None:
        device = self.device(data["name"])
        # As in VPP since 22.10 the output feature has no direction, and leaves no room for another role.
        for role in ("output",) if data.get("output_feature") else ("inside", "outside"):
            if role == "output" or data.get(f"nat_{role}"):
                self.roles[role][device] = data["name"]
                vrf = self.vrf_of(data["name"])
                self.in_vrf = self.in_vrf or bool(vrf)
                if vrf and role == "inside":
                    self.put(value, "name", "nat_masters", vrf)

    def nat44_pool(self, value: Value, data: t.Mapping[str, t.Any]) -> None:
        first, last = _int(data["first_ip"]), _int(data.get("last_ip") or data["first_ip"])
        if not 0 <= last - first < ADDRESS_LIMIT:
            _refuse(value, "last_ip", f"{last - first + 1} addresses; the Linux dataplane answers for 1 to {ADDRESS_LIMIT}")
        vrf = data.get("vrf_id", 0)
        device = "" if vrf in (0, ANY_VRF) else self.view.vrf(vrf)
        if device:
            self.put(value, "vrf_id", f"nat_vrf_{escape(device)}", device)
        (self.twice if data.get("twice_nat") else self.pools.setdefault(device, set())).update(range(first, last + 1))

    def dnat44(self, value: Value, data: t.Mapping[str, t.Any]) -> None:
        for item in data.get("st_mappings", ()):
            self.mapping(value, item)
        for item in data.get("id_mappings", ()):
            if item.get("vrf_id", 0) not in (0, ANY_VRF):
                _refuse(value, "id_mappings.vrf_id")
            for address in self.addresses(item.get("interface"), item.get("ip_address", "")):
                if item.get("port"):
                    self.put(value, "id_mappings", "nat_identity", f"{address} . {_PROTOCOLS[item.get('protocol', 'TCP')]} . {item['port']}")
                else:
                    self.put(value, "id_mappings", "nat_identity_addr", address)

    def mapping(self, value: Value, item: t.Mapping[str, t.Any]) -> None:
        backends = item.get("local_ips", ())
        if not backends:
            _refuse(value, "st_mappings.local_ips", "at least one is needed")
        protocol, port, many = item.get("protocol", "TCP"), item.get("external_port", 0), len(backends) > 1
        whole = not port  # any port left out makes it a mapping of the whole address
        for backend in backends:
            whole = whole or not backend.get("local_port")
            if backend.get("vrf_id"):
                _refuse(value, "st_mappings.local_ips.vrf_id")
        if many and whole:
            _refuse(value, "st_mappings.external_port", "load balancing needs the external and every local port")
        if protocol == "ICMP" and not whole:
            _refuse(value, "st_mappings.protocol")
        number, first = _PROTOCOLS[protocol], backends[0]
        for external in self.addresses(item.get("external_interface"), item.get("external_ip", "")):
            self.external.add(external)
            if whole:
                self.put(value, "st_mappings", "nat_addr", external, first["local_ip"])
            else:
                key = f"{external} . {number} . {port}"
                if key in self.balanced or many and key in self.sets.get("nat_map", ()):
                    _refuse(value, "st_mappings", f"{key} is mapped already")
                if many:
                    self.balanced[key] = self.balance(item, external, protocol.lower(), port)
                else:
                    self.put(value, "st_mappings", "nat_map", key, f"{first['local_ip']} . {first['local_port']}")
            if item.get("twice_nat", "DISABLED") != "DISABLED":
                for backend in backends:
                    self.twice_nat(value, item, f"{external} . {backend['local_ip']}", "" if whole else f" . {number} . {backend['local_port']}")

    def balance(self, item: t.Mapping[str, t.Any], external: str, protocol: str, port: int) -> str:
        backends = item["local_ips"]
        equal = not any(backend.get("probability") for backend in backends)
        total, shares = _weighted((1 if equal else backend.get("probability", 0), f"{backend['local_ip']} . {backend['local_port']}") for backend in backends)
        choice = f"jhash ip saddr mod {total} seed 0x1" if item.get("session_affinity") else f"numgen random mod {total}"
        return f"ip daddr {external} {protocol} dport {port} dnat ip to {choice} map {shares}"

    def twice_nat(self, value: Value, item: t.Mapping[str, t.Any], pair: str, port: str) -> None:
        chosen = item.get("twice_nat_pool_ip")
        if not self.twice or chosen and _int(chosen) not in self.twice:
            _refuse(value, "st_mappings.twice_nat", f"no nat44-pool with twice_nat has {chosen or 'an address'}")
        if item["twice_nat"] == "SELF":
            backend = pair.rpartition(" ")[2]
            self.put(value, "st_mappings", "nat_backends", f"{backend} . {backend}")
            target, rule = "nat_self", f"ip saddr . ip daddr @nat_backends {self.snat(self.twice)}"
        else:
            target, rule = f"nat_twice_{chosen or 'pool'}", self.snat({_int(chosen)} if chosen else self.twice)
        self.chains[target] = ("", rule)
        self.put(value, "st_mappings.twice_nat", "nat_twice" if port else "nat_twice_addr", pair + port, f"jump {target}")

    def nat44_timeouts(self, value: Value, data: t.Mapping[str, t.Any]) -> None:
        for name, files in _TIMEOUTS.items():
            if data.get(name):
                self.sysctls.update({f"net.netfilter.nf_conntrack_{file}": str(data[name]) for file in files})

    # -- the table ---------------------------------------------------------------------------------------------------

    def snat(self, addresses: t.Iterable[int]) -> str:
        """The statement that gives each inside address always the same address of a pool."""
        ranges: t.List[t.List[int]] = []
        for number in sorted(addresses):
            if ranges and ranges[-1][1] == number - 1:
                ranges[-1][1] = number
            else:
                ranges.append([number, number])
        rules = {(first, last): f"snat ip to {_span(_text(first), _text(last))}" + (" persistent" if first != last else "") for first, last in ranges}
        if len(rules) == 1:
            return next(iter(rules.values()))
        # Chains, because the kernel refuses a map that mixes ranges with single addresses.
        names = {span: f"nat_pool_{_span(*map(_text, span))}" for span in rules}
        self.chains.update({names[span]: ("", rule) for span, rule in rules.items()})
        total, shares = _weighted((last - first + 1, f"goto {names[first, last]}") for first, last in rules)
        return f"jhash ip saddr mod {total} seed 0x1 vmap {shares}"

    def attributes(self, owned: t.Iterable[str]) -> t.Dict[str, t.Any]:
        """Empty without an interface that leads outside: nothing is translated then."""
        outer = {**self.roles["outside"], **self.roles["output"]}
        if not outer:
            return {}
        sets = {f"nat_{role}": dict.fromkeys(devices, "") for role, devices in self.roles.items()}
        sets = {**self.sets, **sets, "nat_outer": dict.fromkeys(outer, ""), "nat_owned": dict.fromkeys(owned, "")}
        sets = {name: elements for name, elements in sets.items() if elements}
        exempt, exempt_source = self.identity(sets, "daddr", "dport"), self.identity(sets, "saddr", "sport")
        dnat = [*exempt, *sorted(self.balanced.values())]
        dnat += ["dnat ip to ip daddr . meta l4proto . th dport map @nat_map"] if "nat_map" in sets else []
        dnat += ["dnat ip to ip daddr map @nat_addr"] if "nat_addr" in sets else []
        self.chains["nat_fwd"] = chain("filter", "forward", 0, self.forward(sets, exempt))
        self.chains["nat_post"] = chain("nat", "postrouting", 100, [*exempt_source, *dict.fromkeys(self.post(sets))])
        if len(dnat) > len(exempt):
            self.chains["nat_dnat"] = ("", *dnat)
            jumps = [f"iifname @{name} jump nat_dnat" for name in ("nat_inside", "nat_outer") if name in sets]
            self.chains["nat_pre"] = chain("nat", "prerouting", -100, jumps)
            self.chains["nat_out"] = chain("nat", "output", -100, ["jump nat_dnat"])
        if "nat_owned" in sets:
            # The routes that make the kernel answer ARP would also make it a host on these addresses.
            self.chains["nat_in"] = chain("filter", "input", 0, [*exempt, "ip daddr @nat_owned ct state invalid,new drop"])
        result: t.Dict[str, t.Any] = {f"chain {name}": rules for name, rules in self.chains.items()}
        return {**result, **{f"set {name}": (_FORMS.get(name, "ifname"), elements) for name, elements in sets.items()}}

    def identity(self, sets: t.Container[str], address: str, port: str) -> t.List[str]:
        rules = {
            "nat_identity": f"ip {address} . meta l4proto . th {port} @nat_identity accept",
            "nat_identity_addr": f"ip {address} @nat_identity_addr accept",
        }
        return [rule for name, rule in rules.items() if name in sets]

    def forward(self, sets: t.Container[str], exempt: t.Sequence[str]) -> t.Iterator[str]:
        # A packet that conntrack cannot place is not translated: it would leave as it is.
        yield "oifname @nat_outer meta nfproto ipv4 ct state invalid drop"
        for word in ("iifname", "meta sdifname") if self.in_vrf else ("iifname",):  # in a VRF, the VRF's device is the input
            yield f"{word} @nat_outer meta nfproto ipv4 ct state invalid drop"
            if not self.forwarding:
                if "nat_inside" in sets:
                    yield f"{word} @nat_inside oifname @nat_outer accept"
                yield f"{word} @nat_outer ct state new ct status dnat accept"
                yield from (f"{word} @nat_outer {rule}" for rule in exempt)
                yield f"{word} @nat_outer meta nfproto ipv4 ct state new drop"

    def post(self, sets: t.Container[str]) -> t.Iterator[str]:
        if "nat_twice" in sets:
            yield f"{_TWICE} . meta l4proto . th dport vmap @nat_twice"
        if "nat_twice_addr" in sets:
            yield f"{_TWICE} vmap @nat_twice_addr"
        general = self.pools.get("")
        translate = self.snat(general) if general else "meta nfproto ipv4 drop"
        ways = [("", "oifname @nat_output")] if "nat_output" in sets else []
        if ways:
            yield "oifname @nat_output fib saddr type local accept"
        if "nat_inside" in sets:
            if general and self.external:
                yield f"iifname @nat_inside oifname @nat_inside ct status dnat {translate}"
            if "nat_outside" in sets and not self.forwarding:  # with forwarding, classic NAT translates nothing by itself, as in VPP
                ways += [(f"iifname @{name} ", "oifname @nat_outside") for name in ("nat_inside", "nat_masters") if name in sets]
        for source, out in ways:
            yield from (f"iifname @nat_vrf_{escape(device)} {out} {self.snat(pool)}" for device, pool in sorted(self.pools.items()) if device)
            yield f"{source}{out} {translate}"


class Nat(Family):
    """Lowers and lifts NAT44; what it lowers to is performed by L(nft.Nft), and the routes' and sysctls' families."""

    kinds = frozenset(KINDS)
    support = SUPPORT

    def lower(self, values: t.Sequence[Value], view: t.Any) -> t.Iterator[Resource]:
        """The section C(nat) of the table, the local routes of the addresses it answers for, and sysctls. Raises L(Refused)."""
        mine = sorted((value for value in values if value.kind in KINDS), key=lambda value: (value.kind == DNAT, value.key))
        if not mine:
            return
        build = _Build(view)
        for value in mine:
            build.add(value)
        answers = {_text(number) for pool in (*build.pools.values(), build.twice) for number in pool} | build.external
        if len(answers) > ADDRESS_LIMIT:
            raise Refused(f"NAT44 has {len(answers)} pool and external addresses; the Linux dataplane answers for at most {ADDRESS_LIMIT}")
        owned = sorted(answers - set(view.local_addresses()))
        table = build.attributes(owned)
        yield Resource(KEY, {**table, **notes(mine, build.requires)}, frozenset(build.requires))
        if table:
            name = min((*build.roles["outside"].values(), *build.roles["output"].values()))
            link = link_of(view, KEY, name)
            yield from (local_route(address, name, link.ifname, link.key) for address in owned)
            # The first two make sessions tell their bytes and age; forwarding comes on when all else is there.
            build.sysctls.update({"net.netfilter.nf_conntrack_acct": "1", "net.netfilter.nf_conntrack_timestamp": "1", "net.ipv4.ip_forward": "1"})
        for name, content in build.sysctls.items():
            yield Resource(("sysctl", name), {"value": content}, frozenset({KEY}))

    def lift(self, resources: Resources, view: t.Any) -> t.Iterable[Value]:
        """The values that the table remembers."""
        return remembered(resources.get(KEY))


# -- sessions that the rules no longer back ---------------------------------------------------------------------------


class _Rules:
    """What a section translates to, read back from its rules."""

    def __init__(self, section: t.Optional[Attributes]) -> None:
        section = section or {}

        def elements(name: str) -> t.Mapping[str, str]:
            return section.get(f"set nat_{name}", ("", {}))[1]

        self.port = {key: {content} for key, content in elements("map").items()}
        self.whole = elements("addr")
        for rule in section.get("chain nat_dnat", ()):
            found = re.match(r"ip daddr (\S+) (tcp|udp) dport (\d+) dnat ip to .* map {(.*)}", rule)
            if found:
                key = f"{found.group(1)} . {_PROTOCOLS[found.group(2).upper()]} . {found.group(3)}"
                self.port[key] = set(re.findall(r": (\S+ \. \d+)", found.group(4)))
        texts = " ".join(rule for name, rules in section.items() if name.startswith("chain ") for rule in rules)
        self.pool = [(_int(first), _int(last or first)) for first, last in re.findall(r"snat ip to ([\d.]+)(?:-([\d.]+))?", texts)]
        self.roles = {role: set(elements(role)) for role in _ROLES}
        # What decides whether a flow is translated at all; pools and mappings are looked at flow by flow.
        self.shape = (self.roles, section.get("chain nat_fwd"), bool(self.pool), elements("identity"), elements("identity_addr"))

    def mapped(self, flow: conntrack.Entry) -> t.Optional[bool]:
        """Whether the flow goes where the mapping for its destination says; None: there is no mapping."""
        original, reply = flow.original, flow.reply
        backends = self.port.get(f"{original.destination} . {flow.protocol} . {original.destination_port}")
        if backends is not None:
            return f"{reply.source} . {reply.source_port}" in backends
        return self.whole[original.destination] == reply.source if original.destination in self.whole else None


def stale(flow: conntrack.Entry, before: _Rules, after: _Rules, local: t.Container[str]) -> bool:
    """Whether the rules of now would treat the packets of a flow otherwise than the flow's entry does."""
    mapped = after.mapped(flow)
    if not flow.status & (conntrack.SOURCE_TRANSLATED | conntrack.DESTINATION_TRANSLATED):
        apart = flow.original.source not in local and flow.original.destination not in local
        return mapped is False or apart and after.shape != before.shape
    if flow.status & conntrack.DESTINATION_TRANSLATED and not mapped:
        return True
    address = _int(flow.reply.destination)
    backed = not flow.status & conntrack.SOURCE_TRANSLATED or any(first <= address <= last for first, last in after.pool)
    return not backed or any(before.roles[role] - after.roles[role] for role in _ROLES)


def settle(host: t.Any, before: t.Optional[Attributes], after: t.Optional[Attributes]) -> None:
    """Clear exactly the flows that the new rules contradict; the next packet of such a flow makes a new one."""
    then, now = _Rules(before), _Rules(after)
    if vars(then) != vars(now):
        # RTM_GETADDR: flows of this machine itself, a login say, are none of NAT's business
        infos = [attributes(payload, 8) for payload in host.netlink.dump(22, struct.pack("=BBBBI", socket.AF_INET, 0, 0, 0, 0))]
        local = {socket.inet_ntoa(info.get(2, info.get(1, b"\0\0\0\0"))) for info in infos}
        conntrack.delete(host, [flow for flow in conntrack.entries(host) if stale(flow, then, now, local)])
