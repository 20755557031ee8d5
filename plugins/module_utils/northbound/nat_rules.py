# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of NAT44 between values. L(nat_table) says which of the known rules each is, and why the others are none."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Problem
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.rules import Problems, Rule, Values, title

LARGEST_POOLS = 65536


class Mapping(t.NamedTuple):
    """A static mapping of a dnat44, with what the rules ask of it."""

    value: Value
    path: str
    data: t.Mapping[str, t.Any]
    external: str
    port: int
    locals: t.Sequence[t.Mapping[str, t.Any]]

    def problem(self, field: str, text: str) -> Problem:
        """A problem of one of its fields."""
        return Problem(f"{self.path}.{field}", text, title(self.value))


class Range(t.NamedTuple):
    """Pool addresses, as numbers, both ends included."""

    first: int
    last: int
    twice: bool
    vrf: int
    value: Value
    path: str


def number(text: t.Optional[str]) -> int:
    """An IPv4 address as a number, 0 for what is none."""
    return int.from_bytes(address.packed(text or "") or b"", "big")


def ranges(values: Values) -> t.List[Range]:
    """All pool addresses, in order."""
    found = []
    for value in values.get("vpp.nat/nat44-pool", ()):
        first, last = number(value.data.get("first_ip")), number(value.data.get("last_ip"))
        found.append(Range(first, max(first, last), bool(value.data.get("twice_nat")), value.data.get("vrf_id", 0), value, "first_ip"))
    for value in values.get("vpp.nat/nat44-global", ()):
        for at, each in enumerate(value.data.get("address_pool", ())):
            only = number(each.get("address"))
            found.append(Range(only, only, bool(each.get("twice_nat")), each.get("vrf_id", 0), value, f"address_pool[{at}].address"))
    return sorted(found, key=lambda one: (one.twice, one.first, one.last, one.value.key))


def mappings(values: Values) -> t.List[Mapping]:
    """All static mappings."""
    return [
        Mapping(
            value,
            f"st_mappings[{at}]",
            each,
            each.get("external_interface") or each.get("external_ip") or "",
            each.get("external_port", 0),
            each.get("local_ips", ()),
        )
        for value in values.get("vpp.nat/dnat44", ())
        for at, each in enumerate(value.data.get("st_mappings", ()))
    ]


def _within(pools: t.Iterable[Range], text: str) -> bool:
    return any(one.first <= number(text) <= one.last for one in pools)


def _dotted(value: int) -> str:
    return address.shown(value.to_bytes(4, "big"))


def pool_addresses_once(values: Values) -> Problems:
    """Each address is in one pool of its kind (normal or twice-NAT), whatever the VRF."""
    before: t.Optional[Range] = None
    for one in ranges(values):
        if before and before.twice == one.twice and one.first <= before.last:
            where = f"{before.path} of the same" if before.value is one.value else title(before.value)
            yield Problem(one.path, f"address {_dotted(one.first)} is in {where} already", title(one.value))
        if before is None or before.twice != one.twice or one.last > before.last:
            before = one


def pool_size(values: Values) -> Problems:
    """Pools of a size that VPP survives and a kernel can answer for."""
    pools = ranges(values)
    total = sum(one.last - one.first + 1 for one in pools)
    if total > LARGEST_POOLS:
        widest = max(pools, key=lambda one: one.last - one.first)
        yield Problem(widest.path, f"the pools have {total} addresses, more than {LARGEST_POOLS}", title(widest.value))


def roles_once(values: Values) -> Problems:
    """An interface has its role from its own item or from nat44-global, not from both."""
    own = {value.data.get("name") for value in values.get("vpp.nat/nat44-interface", ())}
    for value in values.get("vpp.nat/nat44-global", ()):
        for at, each in enumerate(value.data.get("nat_interfaces", ())):
            if each.get("name") in own:
                yield Problem(f"nat_interfaces[{at}].name", f"{each.get('name')} has a nat44-interface too", title(value))


def mapping_sides(values: Values) -> Problems:
    """A mapping has one external side, at least one local side, and ports on both sides or on none."""
    for one in mappings(values):
        if bool(one.data.get("external_interface")) == bool(one.data.get("external_ip")):
            yield one.problem("external_ip", "give either external_ip or external_interface")
        if not one.locals:
            yield one.problem("local_ips", "is required")
        for at, local in enumerate(one.locals):
            if bool(local.get("local_port")) != bool(one.port):
                yield one.problem(f"local_ips[{at}].local_port", "give ports on both sides or on neither: with one alone all ports are mapped")


def protocol_with_port(values: Values) -> Problems:
    """Without ports a mapping is of all protocols: one that names a protocol would do more than it says."""
    for one in mappings(values):
        if not one.port and one.data.get("protocol"):
            yield one.problem("protocol", f"{one.data['protocol']} needs ports: a mapping without ports is of all protocols")


def external_once(values: Values) -> Problems:
    """An external address is mapped as a whole once, or by ports each of which is mapped once."""
    whole = {one.external: one for one in mappings(values) if not one.port}
    seen: t.Dict[t.Tuple[str, int, str], Mapping] = {}
    for one in mappings(values):
        other = whole.get(one.external, one)
        if other.data is one.data:
            other = seen.setdefault((one.external, one.port, one.data.get("protocol", "TCP")), one)
        if one.external and other.data is not one.data:
            yield one.problem("external_ip", f"{one.external} is mapped by {title(other.value)} {other.path} already")


def local_once(values: Values) -> Problems:
    """A local address that is mapped as a whole is mapped so once."""
    seen: t.Dict[t.Tuple[int, str], Mapping] = {}
    for one in mappings(values):
        for at, local in enumerate(() if one.port else one.locals):
            other = seen.setdefault((local.get("vrf_id", 0), local.get("local_ip", "")), one)
            if other is not one:
                yield one.problem(f"local_ips[{at}].local_ip", f"{local.get('local_ip')} is mapped as a whole by {title(other.value)} {other.path} already")


def twice_nat_needs(values: Values) -> Problems:
    """Twice-NAT works on ports and has a pool of its own."""
    twice, normal = ([each for each in ranges(values) if each.twice == kind] for kind in (True, False))
    followed = {bool(value.data.get("twice_nat")) for value in values.get("pantheon.nat/nat44-interface-pool", ())}
    for one in mappings(values):
        mode = one.data.get("twice_nat", "DISABLED")
        if mode != "DISABLED" and not one.port:
            yield one.problem("twice_nat", f"{mode} needs ports")
        if mode != "DISABLED" and not twice and True not in followed:
            yield one.problem("twice_nat", f"{mode} needs a pool with twice_nat: true")
        if mode == "SELF" and one.data.get("external_ip") and not _within(normal, one.data["external_ip"]) and False not in followed:
            yield one.problem("external_ip", f"{one.data['external_ip']} is in no pool, as twice_nat SELF needs it")


def twice_nat_pool_ip(values: Values) -> Problems:
    """The chosen twice-NAT address is in a twice-NAT pool, of a mapping that has one local side and twice-NAT."""
    twice = [each for each in ranges(values) if each.twice]
    followed = any(value.data.get("twice_nat") for value in values.get("pantheon.nat/nat44-interface-pool", ()))
    for one in mappings(values):
        chosen = one.data.get("twice_nat_pool_ip")
        if chosen and one.data.get("twice_nat") != "ENABLED":
            yield one.problem("twice_nat_pool_ip", "needs twice_nat: ENABLED")
        if chosen and len(one.locals) > 1:
            yield one.problem("twice_nat_pool_ip", "cannot be chosen for several local_ips")
        if chosen and not _within(twice, chosen) and not followed:
            yield one.problem("twice_nat_pool_ip", f"{chosen} is in no pool with twice_nat: true")


def identity_sides(values: Values) -> Problems:
    """An identity mapping is of an address or of an interface, and of a protocol only with a port."""
    for value in values.get("vpp.nat/dnat44", ()):
        for at, each in enumerate(value.data.get("id_mappings", ())):
            path = f"id_mappings[{at}]"
            if bool(each.get("ip_address")) == bool(each.get("interface")):
                yield Problem(f"{path}.ip_address", "give either ip_address or interface", title(value))
            if each.get("protocol") and not each.get("port"):
                yield Problem(f"{path}.protocol", f"{each['protocol']} needs a port: without one all protocols are exempt", title(value))


def load_balancing(values: Values) -> Problems:
    """Several local sides share one external address and port, each with its probability, and not for ICMP."""
    for one in mappings(values):
        if len(one.locals) < 2:
            if one.data.get("session_affinity"):
                yield one.problem("session_affinity", "needs several local_ips")
            continue
        if one.data.get("protocol") == "ICMP":
            yield one.problem("protocol", "ICMP cannot be balanced")
        if not one.data.get("external_ip") or not one.port:
            yield one.problem("external_ip", "several local_ips need external_ip and external_port")
        seen: t.Set[t.Tuple[t.Any, ...]] = set()
        for at, local in enumerate(one.locals):
            if not local.get("probability"):
                yield one.problem(f"local_ips[{at}].probability", "is required where there are several local_ips")
            which = tuple(local.get(field) for field in ("vrf_id", "local_ip", "local_port"))
            if which in seen:
                yield one.problem(f"local_ips[{at}].local_ip", f"{local.get('local_ip')} port {local.get('local_port')} is there twice")
            seen.add(which)


def endpoint_dependent_only(values: Values) -> Problems:
    """What only endpoint-dependent NAT can do is not combined with endpoint_independent."""
    if not any(value.data.get("endpoint_independent") for value in values.get("vpp.nat/nat44-global", ())):
        return
    for one in mappings(values):
        if len(one.locals) > 1:
            yield one.problem("local_ips", "several need endpoint-dependent NAT: nat44-global says endpoint_independent")
    for kind in ("vpp.nat/nat44-vrf", "vpp.nat/nat44-vrf-route"):
        for value in values.get(kind, ()):
            yield Problem("src_vrf_id", "needs endpoint-dependent NAT: nat44-global says endpoint_independent", title(value))


NAT: t.Tuple[Rule, ...] = (
    pool_addresses_once,
    pool_size,
    roles_once,
    mapping_sides,
    protocol_with_port,
    external_once,
    local_once,
    twice_nat_needs,
    twice_nat_pool_ip,
    identity_sides,
    load_balancing,
    endpoint_dependent_only,
)
