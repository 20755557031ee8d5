# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT44 by VPP's plugins nat44_ed and nat44_ei.

Resources: C(("nat44",)), the enabled plugin with its settings;
C(("nat44-interface", link)); C(("nat44-address", address, "pool" or "twice-nat")); C(("nat44-interface-pool", link, ...));
C(("nat44-mapping", external, protocol, port)); C(("nat44-vrf", id)); C(("nat44-vrf-route", id, id)).

Mappings are ours by their tag. Nothing else carries a mark: it is ours when the task says so (C(own_nat)).
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import nat as kinds
from ansible_collections.pantheon.cnf.plugins.module_utils.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import fib, nat_lift, nat_reader, nat_scripts, nat_size
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Place, Told, Work
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily, label
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.nat_dialect import DIALECTS, ED, IGNORED, SIZES
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.nat_lower import Build
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.nat_reader import PLUGIN
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session

_ED = "partial: not with endpoint_independent"
_NAMES = "partial: VPP keeps addresses, not pools: what is read back has no name, and consecutive addresses are one pool"


def _support(fields: str, **limits: str) -> t.Dict[str, str]:
    return {**dict.fromkeys(fields.split(), "yes"), **{name.replace("__", "."): text for name, text in limits.items()}}


SUPPORT = {
    kinds.GLOBAL.id: _support(
        "endpoint_independent nat_interfaces nat_interfaces.name nat_interfaces.is_inside nat_interfaces.output_feature"
        " address_pool address_pool.address address_pool.vrf_id",
        forwarding="partial: not with a pool between inside and outside interfaces without output_feature, where VPP would translate nothing to it",
        address_pool__twice_nat=_ED,
        virtual_reassembly="partial: accepted, nothing to set: VPP reassembles what NAT has to see",
    ),
    kinds.INTERFACE.id: _support("name nat_inside nat_outside output_feature"),
    kinds.POOL.id: _support("vrf_id first_ip last_ip", name=_NAMES, twice_nat=_ED),
    kinds.DNAT.id: _support(
        "st_mappings st_mappings.external_interface st_mappings.external_ip st_mappings.external_port"
        " st_mappings.local_ips.vrf_id st_mappings.local_ips.local_ip st_mappings.local_ips.local_port st_mappings.local_ips.probability"
        " st_mappings.protocol id_mappings id_mappings.vrf_id id_mappings.interface id_mappings.ip_address id_mappings.port id_mappings.protocol",
        label="partial: where twice_nat_pool_ip or session_affinity stand behind it, in the 63 bytes of VPP's tag, it is shorter",
        st_mappings__local_ips="partial: several not with endpoint_independent",
        st_mappings__twice_nat=_ED,
        st_mappings__twice_nat_pool_ip=_ED,
        st_mappings__session_affinity=_ED,
    ),
    kinds.VRF_TABLE.id: _support("", src_vrf_id=_ED, dest_vrf_ids=_ED),
    kinds.VRF_ROUTE.id: _support("", src_vrf_id=_ED, dest_vrf_id=_ED),
    kinds.TIMEOUTS.id: _support("udp tcp_established tcp_transitory icmp"),
    kinds.PLUGIN.id: _support("inside_vrf outside_vrf", sessions="partial: as many as VPP's main heap has room for"),
    kinds.INTERFACE_POOL.id: _support("name", twice_nat=_ED),
    kinds.SESSION_LIMIT.id: _support("", vrf_id=_ED, sessions=_ED),
    kinds.MSS_CLAMP.id: _support("mss"),
}

_SCRIPTS: t.Dict[str, t.Callable[[Operation, str], Work]] = {
    "nat44": nat_scripts.plugin,
    "nat44-address": nat_scripts.address,
    "nat44-interface-pool": nat_scripts.interface_pool,
    "nat44-mapping": nat_scripts.mapping,
    "nat44-vrf": nat_scripts.vrf,
    "nat44-vrf-route": nat_scripts.vrf,
}
_OF_PLUGIN = frozenset(kind.id for kind in (kinds.GLOBAL, kinds.PLUGIN, kinds.TIMEOUTS, kinds.MSS_CLAMP, kinds.SESSION_LIMIT))
"""Kinds whose values are the plugin's sizes and settings."""
YOURS = "own_nat: true says that this VPP's NAT is yours to change"

_PLUGINS = {"ed": "nat_plugin.so", "ei": "nat44_ei_plugin.so"}


class Nat(VppFamily):
    """All kinds of NAT44. C(own_nat): what carries no mark is ours."""

    classes = frozenset({*_SCRIPTS, "nat44-interface", "nat44-other"})
    kinds = frozenset(SUPPORT)
    support = SUPPORT

    def __init__(self, own_nat: bool = False) -> None:
        self.own_nat = own_nat
        self.made: t.Set[Key] = set()
        self.roles = nat_scripts.Roles()

    def observe(self, place: Session) -> t.Iterable[Resource]:
        """In one or two exchanges."""
        return nat_reader.observe(place, fib.links(place), self.ours)

    def ours(self, key: Key) -> bool:
        """Of what carries no mark: what this run made is ours to take back."""
        return self.own_nat or key in self.made

    def lower(self, values: t.Sequence[Value], view: View) -> t.Iterator[Resource]:
        """Raises L(Refused) by field name, and L(CnfError) for what is there, differs, and is not said to be ours."""
        wanted = Build(values, view).build()
        self.left_alone(wanted, view.before)
        yield from wanted.values()
        yield from self.after_roles(wanted, view)

    @staticmethod
    def after_roles(wanted: Resources, view: View) -> t.Iterator[Resource]:
        """New addresses come after all roles: until then the interfaces forward nothing, so nothing untranslated."""
        roles = frozenset(key for key in wanted if key[0] == "nat44-interface")
        for key, one in view.resources.items():
            if key[0] == "address" and ("nat44-interface", key[1]) in roles and key not in view.before:
                yield one._replace(requires=one.requires | roles)

    def look(self, place: Session, desired: Resources, observed: Resources) -> None:
        """What can be seen only where the VPP is: its plugins, the room in its heap."""
        self.roles.wanted = frozenset(key[1] for key in desired if key[0] == "nat44-interface")
        want, have = desired.get(PLUGIN), observed.get(PLUGIN)
        if want is None or want is have:
            return
        dialect, sessions = DIALECTS[want.attributes["mode"]], want.attributes["sessions"]
        if not place.offers(dialect.enable):
            raise CnfError(f"this VPP has no {dialect.title}: its plugin {_PLUGINS[dialect.mode]} is not loaded (section plugins of VPP's startup.conf)")
        there = have.attributes["sessions"] if have is not None else 0
        if sessions > max(there, ED.sessions):
            nat_size.check(place, sessions, there)

    def left_alone(self, wanted: Resources, before: Resources) -> None:
        """What nobody can know to be ours is not changed."""
        for key in (PLUGIN, *wanted):
            want, have = wanted[key], before.get(key)
            if have is None or have.owned or have is want or key[0] == "nat44-mapping":
                continue
            names = SIZES if key == PLUGIN else [name for name in want.attributes if name not in IGNORED]
            differs = [
                f"{name} {_word(have.attributes.get(name))} instead of {_word(want.attributes[name])}"
                for name in names
                if have.attributes.get(name) != want.attributes[name]
            ]
            if differs:
                raise CnfError(
                    f"{label(key)} is there with {', '.join(differs)}, and VPP does not say by whom: it is left alone. {YOURS}",
                    foreign=[list(key)],
                )

    def lift(self, resources: Resources, view: View) -> t.Iterable[Value]:
        """What is there, whoever made it; of mappings only those with a label."""
        return nat_lift.lift(resources)

    def recognised(self, there: t.List[Value], wanted: t.Sequence[Value], view: View, state: str) -> t.List[Value]:
        """Told apart by what is wanted. Raises where something is named to be deleted that is not known to be ours."""
        found = nat_lift.recognised(there, wanted)
        named = {value.key for value in wanted} if state == "deleted" and not view.scope_all else ()
        for value in found:
            for key in Build([value], view).build() if value.kind in self.kinds and value.key in named else ():
                have = view.resources.get(key)
                if have is not None and not have.owned and (key != PLUGIN or value.kind in _OF_PLUGIN):
                    raise CnfError(
                        f"{value.kind} {value.key} cannot be deleted: {label(key)} is there, and VPP does not say by whom. {YOURS}", foreign=[list(key)]
                    )
        return found

    def transition(self, before: Resource, after: Resource) -> str:
        """Roles change in place, and so do settings and the local sides of a balanced mapping."""
        have, want = ({name: value for name, value in each.attributes.items() if name not in IGNORED} for each in (before, after))
        if have == want:
            return "same"
        kind = after.key[0]
        differs = {name for name in {**have, **want} if have.get(name) != want.get(name)}
        if kind == "nat44-interface" and differs == {"roles"} or kind == "nat44" and differs.isdisjoint(SIZES):
            return "update"
        if differs == {"locals"} and want["type"] == "balanced" and nat_scripts.in_place(have["locals"], want["locals"]):
            return "update"
        return "recreate"

    def destroys(self, operation: Operation, resources: Resources) -> t.Iterable[Key]:
        """With the plugin goes what others have in it; ours is deleted before."""
        if operation.key == PLUGIN and operation.after is None:
            return [key for key, one in resources.items() if not one.owned and PLUGIN in one.requires]
        return ()

    def script(self, operation: Operation, place: Place) -> Work:
        """The calls."""
        about = label(operation.key)
        if operation.before is None and not isinstance(place, Told):
            self.made.add(operation.key)
        if operation.key[0] == "nat44-interface":
            return self.roles.script(operation, about)
        return _SCRIPTS[operation.key[0]](operation, about)


def _word(value: t.Any) -> str:
    return " and ".join(sorted(value)) or "none" if isinstance(value, frozenset) else str(value)
