# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the values of a CNF's NAT44 to what VPP has for them. Pure."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import NONE, CnfError, Key, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import nat as kinds
from ansible_collections.pantheon.cnf.plugins.module_utils.view import Link, View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import nat_tag
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import label
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.nat_dialect import (
    ANY_VRF,
    DIALECTS,
    ED,
    EI,
    SELF_TWICE,
    SETTINGS,
    SIZES,
    TIMEOUTS,
    TWICE,
    Dialect,
    leads_out,
)
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.nat_reader import OTHER, PLUGIN, behind, mapping_key, of_interface, sort, tables

Data = t.Mapping[str, t.Any]
METHODS = {kind.id: kind.type.replace("-", "_") for kind in kinds.KINDS}
"""Of L(Build), by kind."""
TWICES = {"ENABLED": TWICE, "SELF": SELF_TWICE}
EI_CANNOT = "endpoint-independent NAT cannot"


def refuse(value: Value, field: str, why: str) -> t.NoReturn:
    """The value cannot be, for this field's sake."""
    raise Refused(f"{value.kind} {value.key}: {field}: {why}", kind=value.kind, field=field)


class Build:
    """The resources of one CNF's NAT44, gathered value by value."""

    def __init__(self, values: t.Sequence[Value], view: View) -> None:
        self.values, self.view = values, view
        self.by_kind = {value.kind: value for value in values}
        self.have = view.before.get(PLUGIN)
        self.dialect = self.choose_dialect()
        self.mode = self.dialect.mode
        self.result: Resources = {}
        self.of: t.Dict[Key, Value] = {}
        self.requires: t.Dict[t.FrozenSet[Key], t.FrozenSet[Key]] = {}
        self.locals: t.Dict[t.Tuple[t.Any, ...], Value] = {}
        self.sizes = self.wanted_sizes()
        self.settings = self.kept_settings()

    def choose_dialect(self) -> Dialect:
        given = self.by_kind.get(kinds.GLOBAL.id)
        if given is not None:
            return EI if given.data.get("endpoint_independent") else ED
        return DIALECTS[self.have.attributes["mode"]] if self.have is not None else ED

    def wanted_sizes(self) -> t.Dict[str, t.Any]:
        """What the plugin is enabled with. Where nothing says so, one that is enabled stays as it is."""
        given = self.by_kind.get(kinds.PLUGIN.id)
        if given is None and self.have is not None and self.have.attributes["mode"] == self.mode:
            return {name: self.have.attributes[name] for name in SIZES}
        data = given.data if given is not None else {}
        vrfs = {name: data.get(name, 0) for name in ("inside_vrf", "outside_vrf")}
        for name, vrf in vrfs.items():
            if given is not None and vrf == ANY_VRF:
                refuse(given, name, f"{vrf} is no table")
        return {"mode": self.mode, "sessions": data.get("sessions") or self.dialect.sessions, **vrfs}

    def kept_settings(self) -> t.Dict[str, t.Any]:
        """What others have set stays when nothing says otherwise; of ours all is said."""
        kept = self.have.attributes if self.have is not None and not self.have.owned and self.have.attributes["mode"] == self.mode else SETTINGS
        return {name: dict(kept[name]) if name == "limits" else kept[name] for name in SETTINGS}

    def plugin(self) -> Resource:
        """The one that is there, unless something about it changes."""
        attributes = {**self.sizes, **self.settings}
        have = self.have
        if have is not None and have.attributes == attributes:
            return have
        requires = tables(self.sizes["inside_vrf"], self.sizes["outside_vrf"], *self.settings["limits"])
        return Resource(PLUGIN, attributes, requires, managed=have is None or have.owned)

    def build(self) -> Resources:
        """All of them."""
        if self.view.before.get(OTHER):
            raise CnfError("both NAT44-ED and NAT44-EI are enabled in this VPP: disable one of them, since the other's objects have the same names")
        for value in sorted(self.values, key=lambda each: (each.kind == kinds.DNAT.id, each.key)):
            self.add(value, value.data)
        self.result[PLUGIN] = self.plugin()
        self.behind()
        self.forwarding_translates()
        self.apart()
        return self.result

    def add(self, value: Value, data: Data) -> None:
        """The resources of one value."""
        getattr(self, METHODS[value.kind])(value, data)

    # -- gathering ---------------------------------------------------------------------------------------------------

    def put(self, value: Value, field: str, key: Key, attributes: t.Dict[str, t.Any], requires: t.FrozenSet[Key] = NONE) -> None:
        """What VPP keeps once is wanted once."""
        attributes["mode"] = self.mode
        there = self.result.get(key)
        if there is not None and there.attributes != attributes:
            refuse(value, field, f"{label(key)} is wanted otherwise by {self.of[key].kind} {self.of[key].key}")
        self.of[key] = value
        needs = self.requires.get(requires) or self.requires.setdefault(requires, requires | {PLUGIN})
        self.result[key] = Resource(key, attributes, needs)

    def only_ed(self, value: Value, field: str) -> None:
        if self.dialect is EI:
            refuse(value, field, f"{EI_CANNOT} do this, and NAT44-EI is {'asked for' if kinds.GLOBAL.id in self.by_kind else 'enabled in this VPP'}")

    def vrf(self, vrf: int) -> int:
        """Any is that of the plugin: VPP would make a table of this number."""
        return int(self.sizes["inside_vrf"]) if vrf == ANY_VRF else vrf

    # -- settings ----------------------------------------------------------------------------------------------------

    def nat44_plugin(self, value: Value, data: Data) -> None:
        """It is in L(sizes)."""

    def nat44_global(self, value: Value, data: Data) -> None:
        self.settings["forwarding"] = bool(data.get("forwarding"))
        roles: t.Dict[str, t.Set[str]] = {}
        for each in data.get("nat_interfaces", ()):
            roles.setdefault(each["name"], set()).add("output" if each.get("output_feature") else "inside" if each.get("is_inside") else "outside")
        for name, names in roles.items():
            self.role(value, "nat_interfaces", name, names)
        for each in data.get("address_pool", ()):
            self.pool(value, "address_pool", each, each["address"], each["address"])

    def nat44_timeouts(self, value: Value, data: Data) -> None:
        self.settings["timeouts"] = {name: data.get(name) or default for name, default in TIMEOUTS.items()}

    def nat44_mss_clamp(self, value: Value, data: Data) -> None:
        self.settings["mss"] = data["mss"]

    def nat44_session_limit(self, value: Value, data: Data) -> None:
        self.only_ed(value, "sessions")
        self.settings["limits"][self.vrf(data.get("vrf_id", 0))] = data["sessions"]

    # -- interfaces and pools ----------------------------------------------------------------------------------------

    def nat44_interface(self, value: Value, data: Data) -> None:
        """The output feature has no direction, and leaves no room for another role."""
        if data.get("output_feature"):
            self.role(value, "output_feature", data["name"], {"output"})
            return
        names = {name for name in ("inside", "outside") if data.get(f"nat_{name}")}
        if names:
            self.role(value, "name", data["name"], names)

    def role(self, value: Value, field: str, name: str, names: t.Set[str]) -> None:
        if "output" in names and len(names) > 1:
            refuse(value, field, f"{name} has the output feature, which leaves no room for another role")
        link = self.view.link(name)
        key, ip = ("nat44-interface", link.key[1]), ("ip", link.key[1])
        # Where it goes to another table, VPP's entries for the pools would stay in the old one: the role is given anew.
        requires = {link.key, ip} & {link.key, *self.view.resources}
        have = self.view.before.get(key)
        rebuild = have is not None and leads_out(have.attributes["roles"])
        self.put(value, field, key, {"roles": frozenset(names), "rebuild": rebuild}, frozenset(requires))

    def behind(self) -> None:
        """What leads out gets its role last, and loses it first."""
        roles = {key: one.attributes["roles"] for key, one in self.result.items() if key[0] == "nat44-interface"}
        before = behind({key[1]: names for key, names in roles.items()})
        for key, names in roles.items():
            if leads_out(names):
                self.result[key] = self.result[key]._replace(requires=self.result[key].requires | before)

    def nat44_pool(self, value: Value, data: Data) -> None:
        self.pool(value, "first_ip", data, data["first_ip"], data.get("last_ip") or data["first_ip"])

    def pool(self, value: Value, field: str, data: Data, first: str, last: str) -> None:
        twice, vrf = bool(data.get("twice_nat")), data.get("vrf_id", 0)
        if twice:
            self.only_ed(value, f"{field}.twice_nat" if field == "address_pool" else "twice_nat")
        low, high = (int(ipaddress.IPv4Address(each)) for each in (first, last))
        requires, pool = tables(vrf), sort(twice)
        for number in range(low, high + 1):
            self.put(value, field, ("nat44-address", str(ipaddress.IPv4Address(number)), pool), {"vrf": vrf}, requires)

    def nat44_interface_pool(self, value: Value, data: Data) -> None:
        twice = bool(data.get("twice_nat"))
        if twice:
            self.only_ed(value, "twice_nat")
        link = self.view.link(data["name"])
        self.put(value, "name", ("nat44-interface-pool", link.key[1], sort(twice)), {"lost": False}, frozenset({link.key}))

    # -- mappings ----------------------------------------------------------------------------------------------------

    def dnat44(self, value: Value, data: Data) -> None:
        for each in data.get("st_mappings", ()):
            self.mapping(value, each)
        for each in data.get("id_mappings", ()):
            self.identity(value, each)

    def external(self, interface: t.Optional[str], address: str) -> t.Tuple[str, t.FrozenSet[Key]]:
        if not interface:
            return address, NONE
        link: Link = self.view.link(interface)
        return of_interface(link.key[1]), frozenset({link.key})

    def mapping(self, value: Value, data: Data) -> None:
        field = "st_mappings"
        given = data.get("local_ips", ())
        if not given:
            refuse(value, f"{field}.local_ips", "at least one is needed")
        many, port = len(given) > 1, data.get("external_port", 0)
        whole = not port or not all(each.get("local_port") for each in given)
        if many and (whole or data.get("external_interface")):
            refuse(value, f"{field}.local_ips", "several need external_ip, external_port and their local_port")
        twice = TWICES.get(data.get("twice_nat", ""), 0)
        if twice and whole:
            refuse(value, f"{field}.twice_nat", "needs ports")
        if many or twice:
            self.only_ed(value, f"{field}.{'local_ips' if many else 'twice_nat'}")
        local = [
            (each["local_ip"], 0 if whole else each["local_port"], self.vrf(each.get("vrf_id", 0)), each.get("probability", 0) if many else 0) for each in given
        ]
        if many and len({each[:3] for each in local}) < len(local):
            refuse(value, f"{field}.local_ips", "one is there twice")
        external, requires = self.external(data.get("external_interface"), data.get("external_ip", ""))
        if self.dialect is EI:
            self.once(value, f"{field}.local_ips", (data.get("protocol", "TCP") if not whole else "", *local[0][:3]))
            requires |= frozenset() if whole else self.reserved(external)
        attributes = self.said(value, data.get("twice_nat_pool_ip", ""), data.get("session_affinity", 0) if many else 0)
        attributes.update(type="balanced" if many else "static", index=None, locals=tuple(sorted(local)), twice=twice, whole=whole, lost=False)
        key = mapping_key(external, data.get("protocol", "TCP"), 0 if whole else port)
        self.put(value, field, key, attributes, requires | tables(*[each[2] for each in local]))

    def once(self, value: Value, field: str, local: t.Tuple[t.Any, ...]) -> None:
        """EI translates what a local side sends by its mapping, so that it can have one only."""
        if local in self.locals:
            other = self.locals[local]
            refuse(value, field, f"{local[1]} is mapped by {other.kind} {other.key} already, and NAT44-EI maps a local side once")
        self.locals[local] = value

    def reserved(self, external: str) -> t.FrozenSet[Key]:
        """EI takes a port of an address of a pool, which therefore has to be there and cannot go before."""
        if external.startswith(of_interface("")):
            return frozenset()
        key = ("nat44-address", external, "pool")
        if key not in self.result:
            for other in self.result:
                if other[0] == "nat44-interface-pool" and external in self.view.addresses(other[1]):
                    return frozenset({other})
        return frozenset({key})

    def said(self, value: Value, pool: str = "", affinity: int = 0) -> t.Dict[str, t.Any]:
        """What the tag of a mapping says, as attributes."""
        label = str(value.data["label"])
        tag = nat_tag.text(label, pool, affinity)
        if len(tag.encode()) > nat_tag.LONGEST:
            refuse(value, "label", f"VPP keeps {nat_tag.LONGEST} bytes, and {tag!r} has {len(tag.encode())}: what VPP does not show stands behind the label")
        if not nat_tag.is_label(label):
            refuse(value, "label", f"{label!r} ends as if something stood behind a label, which would not be read back")
        return {"label": label, "pool": pool, "affinity": affinity}

    def identity(self, value: Value, data: Data) -> None:
        external, requires = self.external(data.get("interface"), data.get("ip_address", ""))
        port = data.get("port", 0)
        key = mapping_key(external, data.get("protocol", "TCP"), port)
        said = self.said(value)
        there, vrfs = self.result.get(key), frozenset({self.vrf(data.get("vrf_id", 0))})
        if there is not None and there.attributes.get("type") == "identity" and there.attributes["label"] == said["label"]:
            vrfs |= self.result.pop(key).attributes["vrfs"]
        if self.dialect is EI and port:
            requires |= self.reserved(external)
        attributes = {"type": "identity", "index": None, "vrfs": vrfs, "whole": not port, "lost": False, **said}
        self.put(value, "id_mappings", key, attributes, requires | tables(*vrfs))

    # -- VRFs --------------------------------------------------------------------------------------------------------

    def nat44_vrf(self, value: Value, data: Data) -> None:
        self.only_ed(value, "src_vrf_id")
        source = data.get("src_vrf_id", 0)
        self.put(value, "src_vrf_id", ("nat44-vrf", str(source)), {}, tables(source))
        for target in data.get("dest_vrf_ids", ()):
            self.vrf_route(value, source, target)

    def nat44_vrf_route(self, value: Value, data: Data) -> None:
        self.only_ed(value, "src_vrf_id")
        self.vrf_route(value, data.get("src_vrf_id", 0), data.get("dest_vrf_id", 0))

    def vrf_route(self, value: Value, source: int, target: int) -> None:
        key = ("nat44-vrf", str(source))
        self.put(value, "src_vrf_id", ("nat44-vrf-route", str(source), str(target)), {}, tables(source, target) | {key})

    # -- what does not go together -----------------------------------------------------------------------------------
    # What others have put together is not refused, but to bring it about is.

    def forwarding_translates(self) -> None:
        """With forwarding on, inside and outside alone translate only by mappings: a pool would have no effect."""
        before, beside = self.view.before, {**self.view.resources, **self.result}
        if not self.settings["forwarding"] or not _classic(beside):
            return
        pool = next((key for key in self.result if _is_pool(key)), None)
        if pool is None or self.have is not None and self.have.attributes["forwarding"] and _classic(before) and any(map(_is_pool, before)):
            return
        value = self.by_kind.get(kinds.GLOBAL.id) or self.of[pool]
        refuse(
            value,
            "forwarding" if value.kind == kinds.GLOBAL.id else "name" if value.kind == kinds.INTERFACE_POOL.id else "first_ip",
            "with forwarding VPP translates nothing to a pool between an inside and an outside interface: packets would leave as they came. "
            "Give the outside interface output_feature, or switch forwarding off",
        )

    def apart(self) -> None:
        """An address that a pool has because an interface has it is in no other."""
        for key in [key for key in self.result if key[0] == "nat44-interface-pool"]:
            for address in self.view.addresses(key[1]):
                other = ("nat44-address", address, key[2])
                if other in self.result and not (key in self.view.before and other in self.view.before):
                    refuse(self.of[key], "name", f"{address} of {key[1]} is in a pool already, that of {self.of[other].kind} {self.of[other].key}")


def _classic(resources: Resources) -> bool:
    roles = {role for key, one in resources.items() if key[0] == "nat44-interface" for role in one.attributes["roles"]}
    return {"inside", "outside"} <= roles and "output" not in roles


def _is_pool(key: Key) -> bool:
    return key[0] in ("nat44-address", "nat44-interface-pool") and key[2] == "pool"
