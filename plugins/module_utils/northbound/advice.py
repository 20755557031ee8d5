# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is probably not meant in the values of one CNF, and what can only be seen with all of them. Controller side."""

from __future__ import annotations

import typing as t
from functools import partial

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import ANY_VRF, Field, Problem
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.nat_rules import Range, mappings, number, ranges
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS, did_you_mean
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.rules import Problems, Rule, Values, title

MAKERS = ("vpp/interfaces", "linux.interfaces/interface")


def unknown_interfaces(values: t.Iterable[Value], interfaces: t.Collection[str]) -> t.List[Problem]:
    """Names of interfaces in C(values) that are neither in C(interfaces) nor made by one of the values."""
    values = list(values)
    known = {*interfaces, *(value.data.get("name", "") for value in values if value.kind in MAKERS)}
    return [
        Problem(path, f"there is no interface {name}{did_you_mean(name, known)}", title(value))
        for value in values
        for path, what, name in KINDS[value.kind].references(value.data)
        if what == "interface" and name not in known
    ]


def warnings(values: t.Iterable[Value]) -> t.List[Problem]:
    """What deserves a second look, though it may be right."""
    by_kind: t.Dict[str, t.List[Value]] = {}
    for value in values:
        by_kind.setdefault(value.kind, []).append(value)
    return [problem for rule in WARNINGS for problem in rule(by_kind)]


def _roles(values: Values) -> t.Dict[str, t.Set[str]]:
    """The NAT roles (inside, outside, output) of each interface that has any."""
    roles: t.Dict[str, t.Set[str]] = {}
    for value in values.get("vpp.nat/nat44-interface", ()):
        for field, role in (("nat_inside", "inside"), ("nat_outside", "outside"), ("output_feature", "output")):
            if value.data.get(field):
                roles.setdefault(value.data["name"], set()).add(role)
    for value in values.get("vpp.nat/nat44-global", ()):
        for each in value.data.get("nat_interfaces", ()):
            role = "output" if each.get("output_feature") else "inside" if each.get("is_inside") else "outside"
            roles.setdefault(each["name"], set()).add(role)
    return roles


def nat_sides(values: Values) -> Problems:
    """NAT that can translate nothing: one side only, or no address to translate to."""
    roles = _roles(values)
    there = set().union(*roles.values())
    if there == {"inside"} or there == {"outside"}:
        missing = "nat_outside or output_feature" if there == {"inside"} else "nat_inside"
        yield Problem("", f"no interface has {missing}: NAT has one side only and translates nothing", "vpp.nat/nat44-interface")
    if there and not ranges(values) and not mappings(values) and not values.get("pantheon.nat/nat44-interface-pool"):
        yield Problem("", "there is neither a pool nor a mapping: NAT has no address to translate to", "vpp.nat/nat44-pool")


def merged_pools(values: Values) -> t.List[t.Tuple[Range, ...]]:
    """Pools that a dataplane which keeps single addresses cannot tell from one: adjacent, of one VRF and kind."""
    groups: t.List[t.Tuple[Range, ...]] = []
    for one in sorted(ranges(values), key=lambda each: (each.twice, each.vrf, each.first)):
        last = groups[-1][-1] if groups else None
        if last and (last.twice, last.vrf, last.last + 1) == (one.twice, one.vrf, one.first):
            groups[-1] += (one,)
        else:
            groups.append((one,))
    return [group for group in groups if len(group) > 1]


def adjacent_pools(values: Values) -> Problems:
    """Pools that VPP shows as one."""
    for group in merged_pools(values):
        for one in group[1:]:
            yield Problem(one.path, f"begins where {title(group[0].value)} ends: VPP keeps single addresses and shows both as one pool", title(one.value))


def pool_vrf(values: Values) -> Problems:
    """A pool of a VRF that no inside interface is in."""
    roles = _roles(values)
    inside = [value.data.get("vrf", 0) for value in values.get("vpp/interfaces", ()) if "inside" in roles.get(value.data.get("name", ""), ())]
    for one in ranges(values) if inside else ():
        if one.vrf not in (0, ANY_VRF, *inside):
            yield Problem("vrf_id", f"{one.vrf} is the VRF of no inside interface", title(one.value))


def one_armed(values: Values) -> Problems:
    """One interface as both sides, and a mapped address that is in no pool."""
    armed = sorted(name for name, roles in _roles(values).items() if {"inside", "outside"} <= roles)
    for one in mappings(values) if armed else ():
        external = one.data.get("external_ip", "")
        if external and not any(each.first <= number(external) <= each.last for each in ranges(values)):
            yield one.problem("external_ip", f"{external} is in no pool; where {armed[0]} is both inside and outside some VPPs need it there")


def several_outside(values: Values) -> Problems:
    """Several ways out that share the pools."""
    outside = sorted(name for name, roles in _roles(values).items() if roles & {"outside", "output"})
    if len(outside) > 1 and ranges(values):
        yield Problem("", f"{', '.join(outside)} are all outside: a packet may get any pool's address, whichever way it leaves", "vpp.nat/nat44-interface")


def ipsec_and_nat(values: Values) -> Problems:
    """NAT and IPsec on one interface."""
    tunnels = {value.data.get("name") for value in values.get("vpp/interfaces", ()) if value.data.get("type") == "IPSEC_TUNNEL"}
    tunnels |= {value.data.get("interface") for value in values.get("vpp.ipsec/tun-protect", ())}
    tunnels |= {each.get("name") for value in values.get("vpp.ipsec/spd", ()) for each in value.data.get("interfaces", ())}
    for name in sorted(set(_roles(values)) & {str(name) for name in tunnels}):
        yield Problem("name", f"{name} has NAT and IPsec: which comes first depends on VPP's order of features", "vpp.nat/nat44-interface")


WARNINGS: t.Tuple[Rule, ...] = (nat_sides, adjacent_pools, pool_vrf, one_armed, several_outside, ipsec_and_nat)


def normal(kind_id: str, data: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    """The form by which two values of a kind are compared: canonical addresses and MACs, lists without order sorted."""
    kind = KINDS[kind_id]
    return _normal(kind.fields, kind.canonical(data))


def _normal(fields: t.Mapping[str, Field], data: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    result = {}
    for name, value in data.items():
        field = fields[name]
        if field.fields:
            value = field.map(value, partial(_normal, field.fields))
        elif field.check in ("mac", "station"):
            value = field.map(value, lambda item: address.mac(item) or item)
        elif field.type == "str" and field.check not in ("", "ifname", "tag", "wireguard key"):
            value = field.map(value, address.normal)
        result[name] = sorted(value, key=repr) if field.compare == "set" else value
    return result
