# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what VPP has to values of NAT44. VPP keeps less than values say: addresses, but not which pool they are of. Pure."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import nat as kinds
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.nat_dialect import DIALECTS, SELF_TWICE, TIMEOUTS, TWICE
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.nat_reader import PLUGIN, of_interface

Addresses = t.Dict[t.Tuple[bool, int], int]
"""The VRF of each pool address, by whether it is of twice-NAT, and number."""
By = t.Mapping[str, t.Sequence[Value]]


def lift(resources: Resources) -> t.Iterator[Value]:
    """The values. Consecutive pool addresses are one pool; the plugin is a value where no other value explains that it is enabled."""
    plugin = resources.get(PLUGIN)
    if plugin is None:
        return
    have = plugin.attributes
    found = [*_settings(have), *_interfaces(resources), *_pools(_addresses(resources)), *_mappings(resources), *_vrfs(resources)]
    usual = {"sessions": DIALECTS[have["mode"]].sessions, "inside_vrf": 0, "outside_vrf": 0}
    sizes = {name: have[name] for name, value in usual.items() if have[name] != value}
    if sizes:
        found.append(kinds.PLUGIN.value(sizes))
    general = {"forwarding": have["forwarding"], "endpoint_independent": have["mode"] == "ei"}
    if any(general.values()) or not found:
        found.append(kinds.GLOBAL.value(general))
    yield from found


def _settings(have: t.Mapping[str, t.Any]) -> t.Iterator[Value]:
    """Those that differ from what VPP has by itself."""
    timeouts = {name: value for name, value in have["timeouts"].items() if value != TIMEOUTS[name]}
    if timeouts:
        yield kinds.TIMEOUTS.value(timeouts)
    if have["mss"]:
        yield kinds.MSS_CLAMP.value({"mss": have["mss"]})
    for vrf, limit in have["limits"].items():
        yield kinds.SESSION_LIMIT.value({"vrf_id": vrf, "sessions": limit})


def _interfaces(resources: Resources) -> t.Iterator[Value]:
    for key, one in resources.items():
        if key[0] == "nat44-interface":
            roles = one.attributes["roles"]
            yield kinds.INTERFACE.value(
                {"name": key[1], "nat_inside": "inside" in roles, "nat_outside": "outside" in roles, "output_feature": "output" in roles}
            )
        elif key[0] == "nat44-interface-pool":
            yield kinds.INTERFACE_POOL.value({"name": key[1], "twice_nat": key[2] != "pool"})


def _addresses(resources: Resources) -> Addresses:
    return {(key[2] != "pool", int(ipaddress.IPv4Address(key[1]))): one.attributes["vrf"] for key, one in resources.items() if key[0] == "nat44-address"}


def _pools(addresses: Addresses) -> t.Iterator[Value]:
    """Each run of consecutive addresses of one sort and VRF."""
    start: t.Optional[t.Tuple[bool, int]] = None
    for twice, number in sorted(addresses):
        vrf = addresses[twice, number]
        start = start or (twice, number)
        if addresses.get((twice, number + 1)) != vrf:
            yield _pool({}, start[1], number, vrf, twice)
            start = None


def _pool(named: t.Mapping[str, t.Any], first: int, last: int, vrf: int, twice: bool) -> Value:
    texts = [str(ipaddress.IPv4Address(each)) for each in (first, last)]
    return kinds.POOL.value({**named, "vrf_id": vrf, "first_ip": texts[0], "last_ip": texts[1] if last > first else "", "twice_nat": twice})


def _mappings(resources: Resources) -> t.Iterator[Value]:
    labels: t.Dict[str, t.Dict[str, t.List[t.Dict[str, t.Any]]]] = {}
    for key, one in sorted((key, one) for key, one in resources.items() if key[0] == "nat44-mapping" and one.owned and one.attributes["index"] is None):
        label = labels.setdefault(one.attributes["label"], {"st_mappings": [], "id_mappings": []})
        if one.attributes["type"] == "identity":
            label["id_mappings"] += _identities(key, one)
        else:
            label["st_mappings"].append(_mapping(key, one))
    for name, mappings in labels.items():
        yield kinds.DNAT.value({"label": name, **mappings})


def _side(external: str, interface: str, address: str) -> t.Dict[str, str]:
    name = external[len(of_interface("")) :]
    return {interface: name} if external == of_interface(name) else {address: external}


def _ports(key: t.Sequence[str], field: str) -> t.Dict[str, t.Any]:
    _class, _external, protocol, port = key
    return {field: int(port), **({"protocol": protocol} if port != "0" and protocol != "TCP" else {})}


def _lean(data: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    return {name: value for name, value in data.items() if value}


def _mapping(key: t.Sequence[str], one: Resource) -> t.Dict[str, t.Any]:
    have = one.attributes
    return _lean(
        {
            **_side(key[1], "external_interface", "external_ip"),
            **_ports(key, "external_port"),
            "local_ips": [
                _lean({"vrf_id": vrf, "local_ip": address, "local_port": port, "probability": share}) for address, port, vrf, share in have["locals"]
            ],
            "twice_nat": {TWICE: "ENABLED", SELF_TWICE: "SELF"}.get(have["twice"]),
            "twice_nat_pool_ip": have["pool"],
            "session_affinity": have["affinity"],
        }
    )


def _identities(key: t.Sequence[str], one: Resource) -> t.List[t.Dict[str, t.Any]]:
    return [_lean({"vrf_id": vrf, **_side(key[1], "interface", "ip_address"), **_ports(key, "port")}) for vrf in sorted(one.attributes["vrfs"])]


def _vrfs(resources: Resources) -> t.Iterator[Value]:
    targets: t.Dict[int, t.List[int]] = {int(key[1]): [] for key in resources if key[0] == "nat44-vrf"}
    for key in resources:
        if key[0] == "nat44-vrf-route":
            targets.setdefault(int(key[1]), []).append(int(key[2]))
    for source, found in sorted(targets.items()):
        yield kinds.VRF_TABLE.value({"src_vrf_id": source, "dest_vrf_ids": sorted(found)})


# -- told apart by what is wanted -------------------------------------------------------------------------------------


def recognised(there: t.Sequence[Value], wanted: t.Sequence[Value]) -> t.List[Value]:
    """The values that are there, as those who want C(wanted) see them.

    VPP does not keep which pool an address is of, whether a role or an address came by nat44-global, which of nat44-vrf and
    nat44-vrf-route a way between VRFs came by, nor a direction of the output feature: it is of what is wanted, where that has it.
    """
    have: t.Dict[str, t.List[Value]] = {}
    want: t.Dict[str, t.List[Value]] = {}
    for values, by_kind in ((there, have), (wanted, want)):
        for value in values:
            by_kind.setdefault(value.kind, []).append(value)
    if not have or not any(kind.id in want for kind in kinds.KINDS):
        return list(there)
    general = _general(have, want)
    pools = _pools_as_wanted(have, want, general)
    roles = _roles_as_wanted(have, want, general)
    vrfs = _vrfs_as_wanted(have, want)
    changed = {kinds.POOL.id: pools, kinds.INTERFACE.id: roles, kinds.VRF_TABLE.id: vrfs[0], kinds.VRF_ROUTE.id: vrfs[1]}
    changed[kinds.GLOBAL.id] = [] if general is None else [kinds.GLOBAL.value(general)]
    return [value for kind, values in {**have, **changed}.items() for value in values]


def _general(have: By, want: By) -> t.Optional[t.Dict[str, t.Any]]:
    """The nat44-global that is there: also where the plugin is enabled, and one is wanted."""
    found = have.get(kinds.GLOBAL.id, ())
    return dict(found[0].data) if found else {} if want.get(kinds.GLOBAL.id) else None


def _pools_as_wanted(have: By, want: By, general: t.Optional[t.Dict[str, t.Any]]) -> t.List[Value]:
    left: Addresses = {}
    for value in have.get(kinds.POOL.id, ()):
        first, last, twice = _range(value.data, "first_ip", "last_ip")
        left.update(((twice, number), value.data.get("vrf_id", 0)) for number in range(first, last + 1))
    found = []
    for value in want.get(kinds.POOL.id, ()):
        first, last, twice = _range(value.data, "first_ip", "last_ip")
        mine = [number for number in range(first, last + 1) if (twice, number) in left]
        if mine:
            vrf = left[twice, mine[0]]
            shown = _pool({}, mine[0], mine[-1], vrf, twice) if (mine[0], mine[-1]) != (first, last) else value
            found.append(value._replace(data=kinds.POOL.canonical({**shown.data, "name": value.data.get("name"), "vrf_id": vrf, "twice_nat": twice})))
            for number in mine:
                del left[twice, number]
    listed = []
    for each in (entry for value in want.get(kinds.GLOBAL.id, ()) for entry in value.data.get("address_pool") or ()):
        number, _last, twice = _range(each, "address", "address")
        if (twice, number) in left:
            listed.append({**each, "vrf_id": left.pop((twice, number))})
    if listed and general is not None:
        general["address_pool"] = listed
    return [*found, *_pools(left)]


def _range(data: t.Mapping[str, t.Any], low: str, high: str) -> t.Tuple[int, int, bool]:
    """First and last address as numbers, and whether it is of twice-NAT. What is wanted is not validated yet."""
    first, last = (int.from_bytes(address.packed(data.get(name) or "") or b"\0", "big") for name in (low, high))
    return first, max(first, last), bool(data.get("twice_nat"))


def _roles_as_wanted(have: By, want: By, general: t.Optional[t.Dict[str, t.Any]]) -> t.List[Value]:
    left = {value.data["name"]: value for value in have.get(kinds.INTERFACE.id, ())}
    for value in want.get(kinds.INTERFACE.id, ()):
        name = value.data.get("name", "")
        there = left.get(name)
        if there is not None and there.data.get("output_feature") and value.data.get("output_feature"):
            left[name] = there._replace(data=kinds.INTERFACE.canonical({**value.data, **there.data}))
    names = dict.fromkeys(each.get("name") for value in want.get(kinds.GLOBAL.id, ()) for each in value.data.get("nat_interfaces") or ())
    listed = [entry for name in names if name in left for entry in _entries(left.pop(name).data)]
    if listed and general is not None:
        general["nat_interfaces"] = listed
    return list(left.values())


def _entries(data: t.Mapping[str, t.Any]) -> t.Iterator[t.Dict[str, t.Any]]:
    """The roles of an interface as nat44-global has them."""
    for field, role in (("nat_inside", {"is_inside": True}), ("nat_outside", {}), ("output_feature", {"output_feature": True})):
        if data.get(field):
            yield {"name": data["name"], **role}


def _vrfs_as_wanted(have: By, want: By) -> t.Tuple[t.List[Value], t.List[Value]]:
    ways = {(value.data.get("src_vrf_id", 0), value.data.get("dest_vrf_id", 0)): value for value in want.get(kinds.VRF_ROUTE.id, ())}
    listed = {(value.data.get("src_vrf_id", 0), target) for value in want.get(kinds.VRF_TABLE.id, ()) for target in value.data.get("dest_vrf_ids") or ()}
    tables, routes = [], []
    for value in have.get(kinds.VRF_TABLE.id, ()):
        source = value.data.get("src_vrf_id", 0)
        apart = [target for target in value.data.get("dest_vrf_ids", ()) if (source, target) in ways and (source, target) not in listed]
        routes += [kinds.VRF_ROUTE.value({"src_vrf_id": source, "dest_vrf_id": target}) for target in apart]
        kept = [target for target in value.data.get("dest_vrf_ids", ()) if target not in apart]
        tables.append(kinds.VRF_TABLE.value({**value.data, "dest_vrf_ids": kept}))
    return tables, routes
