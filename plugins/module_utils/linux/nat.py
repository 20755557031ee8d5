# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT44 by nftables, with the behaviour of VPP's NAT44-ED. tests/integration_kernel/packet_matrix.py says where they differ."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Resource, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import conntrack, routes
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.nft import chain, notes, remembered

GLOBAL, INTERFACE, POOL, DNAT, TIMEOUTS = KINDS = (
    "vpp.nat/nat44-global",
    "vpp.nat/nat44-interface",
    "vpp.nat/nat44-pool",
    "vpp.nat/dnat44",
    "pantheon.nat/nat44-timeouts",
)
KEY = ("nft", "nat")
ANY_VRF = 2**32 - 1
POOL_LIMIT = 4096
"""Addresses that one CNF answers for; each is a route of its own."""

SUPPORT = {
    f"{GLOBAL}/endpoint_independent": "the kernel's NAT is endpoint-dependent; leave it out or false",
    f"{GLOBAL}/virtual_reassembly": "notice: the kernel reassembles always; accepted, nothing to set (as in VPP since 20.01)",
    f"{POOL}/vrf_id": "only 0 and 4294967295 (any), or the id of a VRF that has a device here",
    f"{DNAT}/st_mappings/local_ips/vrf_id": "only 0: a flow is not moved to another VRF by its translation",
    f"{DNAT}/id_mappings/vrf_id": "only 0 and 4294967295 (any)",
    f"{DNAT}/st_mappings/protocol": "ICMP only without ports (an ICMP identifier cannot be mapped)",
    f"{DNAT}/st_mappings/session_affinity": "notice: a client keeps its backend while the list of backends stays, not only for that many seconds",
}
"""What is refused (text), or accepted with a notice; fields that are not here are realised in full."""

_TIMEOUTS = {
    "udp": ("udp_timeout", "udp_timeout_stream"),
    "tcp_established": ("tcp_timeout_established",),
    "tcp_transitory": tuple(f"tcp_timeout_{state}" for state in ("syn_sent", "syn_recv", "fin_wait", "close_wait", "last_ack", "time_wait", "close")),
    "icmp": ("icmp_timeout",),
}
_PROTOCOLS = {"TCP": 6, "UDP": 17, "ICMP": 1}
_PORT_KEY = "ip daddr . meta l4proto . th dport"
_TWICE_KEY = "ct original ip daddr . ip daddr"

class NatError(CnfError):
    """Values that this dataplane cannot realise; the message names kind, item and field."""


def _refuse(value: Value, field: str, why: str = "") -> t.NoReturn:
    reason = why or SUPPORT[f"{value.kind}/{field}"]
    raise NatError(f"{value.kind} {value.key}: {field}: not supported by the Linux dataplane: {reason}" if not why else f"{value.kind} {value.key}: {field}: {why}")


def _ranges(addresses: t.Iterable[int]) -> t.List[t.Tuple[int, int]]:
    result: t.List[t.Tuple[int, int]] = []
    for number in sorted(set(addresses)):
        if result and result[-1][1] == number - 1:
            result[-1] = (result[-1][0], number)
        else:
            result.append((number, number))
    return result


def _text(number: int) -> str:
    return str(ipaddress.IPv4Address(number))


def _span(first: t.Any, last: t.Any) -> str:
    return f"{first}-{last}" if first != last else f"{first}"


class _Build:
    """The objects of one CNF's NAT, gathered value by value."""

    def __init__(self, view: t.Any) -> None:
        self.view = view
        self.forwarding = False
        self.roles: t.Dict[str, t.Dict[str, str]] = {"inside": {}, "outside": {}, "output": {}}
        self.requires: t.Set[Key] = set()
        self.pools: t.Dict[str, t.Set[int]] = {}
        self.twice: t.Set[int] = set()
        self.external: t.Set[str] = set()
        self.sets: t.Dict[str, t.Dict[str, str]] = {}
        self.dnat: t.List[str] = []
        self.chains: t.Dict[str, t.Tuple[str, ...]] = {}
        self.sysctls: t.Dict[str, str] = {}

    def add(self, value: Value) -> None:
        getattr(self, "_" + re.sub(r"\W", "_", value.kind.rpartition("/")[2]))(value, value.data)

    def put(self, value: Value, field: str, name: str, key: str, content: str = "") -> None:
        have = self.sets.setdefault(name, {})
        if have.setdefault(key, content) != content:
            _refuse(value, field, f"{key.replace(' . ', ' ')} is mapped already, to {have[key].replace(' . ', ' ')}")

    def link(self, name: str) -> str:
        link = self.view.link(name)
        self.requires.add(link.key)
        return str(link.ifname)

    def addresses(self, name: str) -> t.List[str]:
        self.link(name)
        return [address for address in self.view.addresses(name) if ":" not in address]

    def _nat44_global(self, value: Value, data: t.Mapping[str, t.Any]) -> None:
        if data.get("endpoint_independent"):
            _refuse(value, "endpoint_independent")
        self.forwarding = bool(data.get("forwarding"))
        for item in data.get("nat_interfaces", ()):
            role = {"output_feature": True} if item.get("output_feature") else {"nat_inside" if item.get("is_inside") else "nat_outside": True}
            self._nat44_interface(value, {"name": item["name"], **role})
        for item in data.get("address_pool", ()):
            self._nat44_pool(value, {**item, "first_ip": item["address"]})

    def _nat44_interface(self, value: Value, data: t.Mapping[str, t.Any]) -> None:
        device = self.link(data["name"])
        inside, outside, output = (bool(data.get(name)) for name in ("nat_inside", "nat_outside", "output_feature"))
        if inside and outside and output:
            _refuse(value, "output_feature", "an interface that is inside and outside cannot have the output feature too")
        # As in VPP since 22.10: the output feature has no direction, and leaves no room for another role.
        for role, wanted in (("inside", inside and not output), ("outside", outside and not output), ("output", output)):
            if wanted:
                self.roles[role][device] = data["name"]

    def _nat44_pool(self, value: Value, data: t.Mapping[str, t.Any]) -> None:
        first = int(ipaddress.IPv4Address(data["first_ip"]))
        last = int(ipaddress.IPv4Address(data.get("last_ip") or data["first_ip"]))
        if last < first:
            _refuse(value, "last_ip", f"{data['last_ip']} comes before first_ip {data['first_ip']}")
        if last - first >= POOL_LIMIT:
            _refuse(value, "last_ip", f"{last - first + 1} addresses; the Linux dataplane answers for at most {POOL_LIMIT}")
        vrf = data.get("vrf_id", 0)
        device = ""
        if vrf not in (0, ANY_VRF):
            device = self.view.vrf(vrf)
            if not device:
                _refuse(value, "vrf_id")
        (self.twice if data.get("twice_nat") else self.pools.setdefault(device, set())).update(range(first, last + 1))

    def _dnat44(self, value: Value, data: t.Mapping[str, t.Any]) -> None:
        for item in data.get("st_mappings", ()):
            self.mapping(value, item)
        for item in data.get("id_mappings", ()):
            if item.get("vrf_id", 0) not in (0, ANY_VRF):
                _refuse(value, "id_mappings/vrf_id")
            for address in self.addresses(item["interface"]) if item.get("interface") else [item["ip_address"]]:
                if item.get("port"):
                    self.put(value, "id_mappings", "nat_identity", f"{address} . {_PROTOCOLS[item.get('protocol', 'TCP')]} . {item['port']}")
                else:
                    self.put(value, "id_mappings", "nat_identity_addr", address)

    def mapping(self, value: Value, item: t.Mapping[str, t.Any]) -> None:
        locals_ = item.get("local_ips", ())
        if not locals_:
            _refuse(value, "st_mappings/local_ips", "at least one is needed")
        if any(local.get("vrf_id", 0) != 0 for local in locals_):
            _refuse(value, "st_mappings/local_ips/vrf_id")
        protocol, port = item.get("protocol", "TCP"), item.get("external_port", 0)
        many = len(locals_) > 1
        whole = not port or not all(local.get("local_port") for local in locals_)
        if protocol == "ICMP" and (many or not whole):
            _refuse(value, "st_mappings/protocol")
        if many and whole:
            _refuse(value, "st_mappings/external_port", "load balancing needs the external and every local port")
        number = _PROTOCOLS[protocol]
        for external in self.addresses(item["external_interface"]) if item.get("external_interface") else [item["external_ip"]]:
            self.external.add(external)
            if whole:
                self.put(value, "st_mappings", "nat_addr", external, locals_[0]["local_ip"])
            elif not many:
                self.put(value, "st_mappings", "nat_map", f"{external} . {number} . {port}", f"{locals_[0]['local_ip']} . {locals_[0]['local_port']}")
            else:
                self.balance(value, item, external, protocol.lower(), port)
            if item.get("twice_nat", "DISABLED") != "DISABLED":
                for local in locals_:
                    self.twice_nat(value, item, external, local, "" if whole else f" . {number} . {local['local_port']}")

    def balance(self, value: Value, item: t.Mapping[str, t.Any], external: str, protocol: str, port: int) -> None:
        locals_ = item["local_ips"]
        weights = [local.get("probability", 0) for local in locals_]
        weights = weights if any(weights) else [1] * len(locals_)
        start, parts = 0, []
        for local, weight in zip(locals_, weights):
            if weight:
                parts.append(f"{_span(start, start + weight - 1)} : {local['local_ip']} . {local['local_port']}")
                start += weight
        choice = f"jhash ip saddr mod {start} seed 0x1" if item.get("session_affinity") else f"numgen random mod {start}"
        rule = f"ip daddr {external} {protocol} dport {port} dnat ip to {choice} map {{ {', '.join(parts)} }}"
        if any(other.startswith(rule.partition(" dnat ")[0] + " ") for other in self.dnat):
            _refuse(value, "st_mappings", f"{external} {protocol} {port} is mapped already")
        self.dnat.append(rule)

    def twice_nat(self, value: Value, item: t.Mapping[str, t.Any], external: str, local: t.Mapping[str, t.Any], port: str) -> None:
        chosen = item.get("twice_nat_pool_ip")
        if not self.twice or (chosen and int(ipaddress.IPv4Address(chosen)) not in self.twice):
            _refuse(value, "st_mappings/twice_nat", f"no nat44-pool with twice_nat has {chosen or 'an address'}")
        if item["twice_nat"] == "SELF":
            target, rule = "nat_self", f"ip saddr . ip daddr @nat_backends {self.snat(self.twice)}"
            self.put(value, "st_mappings", "nat_backends", f"{local['local_ip']} . {local['local_ip']}")
        else:
            addresses = {int(ipaddress.IPv4Address(chosen))} if chosen else self.twice
            target, rule = f"nat_twice_{chosen}" if chosen else "nat_twice_pool", self.snat(addresses)
        self.chains[target] = ("", rule)
        name = "nat_twice" if port else "nat_twice_addr"
        self.put(value, "st_mappings/twice_nat", name, f"{external} . {local['local_ip']}{port}", f"jump {target}")

    def _nat44_timeouts(self, value: Value, data: t.Mapping[str, t.Any]) -> None:
        for name, files in _TIMEOUTS.items():
            if data.get(name):
                self.sysctls.update({f"net.netfilter.nf_conntrack_{file}": str(data[name]) for file in files})

    def snat(self, addresses: t.Iterable[int]) -> str:
        """The statement that gives each inside address always the same address of a pool."""
        # A map to ranges would do for several, but the kernel refuses one that mixes ranges with single addresses.
        ranges = _ranges(addresses)
        rules = [f"snat ip to {_span(_text(first), _text(last))}" + (" persistent" if first != last else "") for first, last in ranges]
        if len(rules) == 1:
            return rules[0]
        start, parts = 0, []
        for (first, last), rule in zip(ranges, rules):
            name = f"nat_pool_{_text(first)}_{_text(last)}"
            self.chains[name] = ("", rule)
            parts.append(f"{_span(start, start + last - first)} : goto {name}")
            start += last - first + 1
        return f"jhash ip saddr mod {start} seed 0x1 vmap {{ {', '.join(parts)} }}"

    # -- the table ---------------------------------------------------------------------------------------------------

    def attributes(self, owned: t.Iterable[str]) -> t.Dict[str, t.Any]:
        outer = {**self.roles["outside"], **self.roles["output"]}
        if not outer:
            return {}
        sets = {**self.sets, "nat_outer": outer, "nat_owned": {address: "" for address in owned}}
        sets.update({f"nat_{role}": devices for role, devices in self.roles.items()})
        sets = {name: dict.fromkeys(elements, "") if name in _ROLES else elements for name, elements in sets.items()}
        sets = {name: elements for name, elements in sets.items() if elements}
        destination, source = self.identity(sets, "daddr", "dport"), self.identity(sets, "saddr", "sport")
        dnat = [*destination, *sorted(self.dnat)]
        dnat += [f"dnat ip to {_PORT_KEY} map @nat_map"] if "nat_map" in sets else []
        dnat += ["dnat ip to ip daddr map @nat_addr"] if "nat_addr" in sets else []
        inner = "nat_inside" in sets
        chains = {
            "nat_fwd": chain("filter", "forward", 0, self.forward(inner, destination)),
            "nat_post": chain("nat", "postrouting", 100, [*source, *self.post(sets)]),
        }
        if len(dnat) > len(destination):
            jumps = [f"iifname @{name} jump nat_dnat" for name in ("nat_inside", "nat_outer") if name in sets]
            chains["nat_dnat"] = ("", *dnat)
            chains["nat_pre"] = chain("nat", "prerouting", -100, jumps)
            chains["nat_out"] = chain("nat", "output", -100, ["jump nat_dnat"])
        if "nat_owned" in sets:
            # The routes that make the kernel answer ARP would also make it a host on these addresses.
            chains["nat_in"] = chain("filter", "input", 0, [*destination, "ip daddr @nat_owned ct state invalid,new drop"])
        result: t.Dict[str, t.Any] = {f"chain {name}": tuple(rules) for name, rules in {**chains, **self.chains}.items()}
        result.update({f"set {name}": (_FORMS.get(name, "ifname"), elements) for name, elements in sets.items()})
        return result

    def identity(self, sets: t.Mapping[str, t.Any], address: str, port: str) -> t.List[str]:
        rules = [f"ip {address} . meta l4proto . th {port} @nat_identity accept"] if "nat_identity" in sets else []
        return rules + ([f"ip {address} @nat_identity_addr accept"] if "nat_identity_addr" in sets else [])

    def forward(self, inner: bool, identity: t.Sequence[str]) -> t.Iterator[str]:
        # A packet that conntrack cannot place is not translated: it would leave as it is.
        yield "oifname @nat_outer meta nfproto ipv4 ct state invalid drop"
        yield "iifname @nat_outer meta nfproto ipv4 ct state invalid drop"
        if not self.forwarding:
            if inner:
                yield "iifname @nat_inside oifname @nat_outer accept"
            yield "iifname @nat_outer ct state new ct status dnat accept"
            yield from (f"iifname @nat_outer {rule}" for rule in identity)
            yield "iifname @nat_outer meta nfproto ipv4 ct state new drop"

    def post(self, sets: t.Mapping[str, t.Any]) -> t.Iterator[str]:
        if "nat_twice" in sets:
            yield f"ct status dnat {_TWICE_KEY} . meta l4proto . th dport vmap @nat_twice"
        if "nat_twice_addr" in sets:
            yield f"ct status dnat {_TWICE_KEY} vmap @nat_twice_addr"
        general = self.pools.get("")
        if "nat_inside" in sets and general:
            yield f"iifname @nat_inside oifname @nat_inside ct status dnat {self.snat(general)}"
        # Classic NAT with forwarding translates nothing by itself, as in VPP.
        classic = ["iifname @nat_inside oifname @nat_outside"] if "nat_inside" in sets and "nat_outside" in sets and not self.forwarding else []
        if "nat_output" in sets:
            yield "oifname @nat_output fib saddr type local accept"
            classic.append("oifname @nat_output")
        for path in classic:
            for device in sorted(self.pools):
                if device:
                    yield f"{path} iifname {device} {self.snat(self.pools[device])}"
            yield f"{path} {self.snat(general)}" if general else f"{path} meta nfproto ipv4 drop"


_ROLES = ("nat_inside", "nat_outside", "nat_output", "nat_outer")
_FORMS = {
    "nat_map": "ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service",
    "nat_addr": "ipv4_addr : ipv4_addr",
    "nat_identity": "ipv4_addr . inet_proto . inet_service",
    "nat_identity_addr": "ipv4_addr",
    "nat_owned": "ipv4_addr",
    "nat_backends": "ipv4_addr . ipv4_addr",
    "nat_twice": "ipv4_addr . ipv4_addr . inet_proto . inet_service : verdict",
    "nat_twice_addr": "ipv4_addr . ipv4_addr : verdict",
}


class Nat:
    """Lowers and lifts NAT44; what it lowers to is performed by L(nft.Nft), and the routes' and sysctls' families."""

    classes: t.FrozenSet[str] = frozenset()
    kinds = frozenset(KINDS)

    def observe(self, host: t.Any) -> t.Iterable[Resource]:
        """Nothing of its own."""
        return ()

    def lower(self, values: t.Sequence[Value], view: t.Any) -> t.Iterator[Resource]:
        """The section C(nat) of the table, the local routes of the addresses it answers for, and sysctls. Raises L(NatError)."""
        mine = sorted((value for value in values if value.kind in KINDS), key=lambda value: (value.kind != POOL, value.key))
        if not mine:
            return
        build = _Build(view)
        for value in mine:
            build.add(value)
        addresses = {_text(number) for pool in (*build.pools.values(), build.twice) for number in pool} | build.external
        if len(addresses) > POOL_LIMIT:
            raise NatError(f"nat44: {len(addresses)} pool and external addresses; the Linux dataplane answers for at most {POOL_LIMIT}")
        owned = sorted(addresses - set(view.local_addresses()))
        table = build.attributes(owned)
        yield Resource(KEY, {**table, **notes(mine, build.requires)}, frozenset(build.requires))
        if table:
            device = min(name for name in (*build.roles["outside"].values(), *build.roles["output"].values()))
            for address in owned:
                yield routes.local_route(address, device, view.link(device).ifname)
            # Accounting and time stamps make sessions tell their bytes and age; forwarding comes on last.
            build.sysctls.update({"net.netfilter.nf_conntrack_acct": "1", "net.netfilter.nf_conntrack_timestamp": "1", "net.ipv4.ip_forward": "1"})
        for name, content in build.sysctls.items():
            yield Resource(("sysctl", name), {"value": content}, frozenset({KEY}))

    def lift(self, resources: t.Mapping[Key, Resource], view: t.Any) -> t.Iterable[Value]:
        """The values that the table remembers."""
        return remembered(resources.get(KEY))

    def notices(self, values: t.Iterable[Value]) -> t.List[str]:
        """What is accepted though it means less here than it says."""
        found = []
        for value in values:
            fields = [field for field in ("virtual_reassembly",) if value.kind == GLOBAL and value.data.get(field)]
            if value.kind == DNAT and any(item.get("session_affinity") for item in value.data.get("st_mappings", ())):
                fields.append("st_mappings/session_affinity")
            found += [f"{value.kind} {value.key}: {field}: {SUPPORT[f'{value.kind}/{field}'][8:]}" for field in fields]
        return found


# -- sessions that the rules no longer back ---------------------------------------------------------------------------


class _Rules:
    """What a section translates to, read back from its rules."""

    def __init__(self, attributes: t.Optional[t.Mapping[str, t.Any]]) -> None:
        attributes = attributes or {}
        self.port = {key: {content} for key, content in attributes.get("set nat_map", ("", {}))[1].items()}
        self.whole = attributes.get("set nat_addr", ("", {}))[1]
        for rule in attributes.get("chain nat_dnat", ()):
            found = re.match(r"ip daddr (\S+) (tcp|udp) dport (\d+) dnat ip to .* map {(.*)}", rule)
            if found:
                address, protocol, port, backends = found.groups()
                self.port[f"{address} . {_PROTOCOLS[protocol.upper()]} . {port}"] = set(re.findall(r": (\S+ \. \d+)", backends))
        chains = {name: rules for name, rules in attributes.items() if name.startswith("chain ")}
        spans = re.findall(r"(\d+\.\d+\.\d+\.\d+)(?:-(\d+\.\d+\.\d+\.\d+))?", " ".join(rule for rules in chains.values() for rule in rules if "snat" in rule))
        self.pool = [(int(ipaddress.IPv4Address(first)), int(ipaddress.IPv4Address(last or first))) for first, last in spans]
        self.roles = {name: set(attributes.get(f"set nat_{name}", ("", {}))[1]) for name in ("inside", "outside", "output")}
        # What decides whether a flow is translated at all; the pool's addresses and the mappings are looked at one by one.
        self.shape = (self.roles, chains.get("chain nat_fwd"), bool(self.pool), [attributes.get(f"set nat_identity{name}") for name in ("", "_addr")])

    def mapped(self, entry: conntrack.Entry) -> t.Optional[bool]:
        """Whether the mapping for the flow's destination is the one that the flow has; None: there is none."""
        original, reply = entry.original, entry.reply
        backends = self.port.get(f"{original.destination} . {entry.protocol} . {original.destination_port}")
        if backends is not None:
            return f"{reply.source} . {reply.source_port}" in backends
        return self.whole[original.destination] == reply.source if original.destination in self.whole else None

    def backs(self, entry: conntrack.Entry) -> bool:
        """Whether a translated flow would still be translated so."""
        if entry.status & conntrack.DESTINATION_TRANSLATED and not self.mapped(entry):
            return False
        address = int(ipaddress.IPv4Address(entry.reply.destination))
        return not entry.status & conntrack.SOURCE_TRANSLATED or any(first <= address <= last for first, last in self.pool)


def stale(entry: conntrack.Entry, before: _Rules, after: _Rules, local: t.Container[str]) -> bool:
    """Whether a flow has to be forgotten, because packets that it admits would be treated otherwise by the rules of now."""
    if entry.status & (conntrack.SOURCE_TRANSLATED | conntrack.DESTINATION_TRANSLATED):
        return not after.backs(entry) or any(before.roles[name] - after.roles[name] for name in after.roles)
    if after.mapped(entry) is False:
        return True
    return after.shape != before.shape and entry.original.source not in local and entry.original.destination not in local


def settle(host: t.Any, before: t.Optional[t.Mapping[str, t.Any]], after: t.Optional[t.Mapping[str, t.Any]]) -> None:
    """Clear exactly the sessions that the new rules contradict; the next packet of a flow makes a new one."""
    then, now = _Rules(before), _Rules(after)
    if then.__dict__ == now.__dict__:
        return
    local = host.local_addresses()
    conntrack.delete(host, [entry for entry in conntrack.entries(host) if stale(entry, then, now, local)])
