# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VPP as a dataplane: families put together, for the CNF that one VPP is."""

from __future__ import annotations

import contextlib
import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Family, FamilyDataplane
from ansible_collections.pantheon.cnf.plugins.module_utils.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Place, Told, Work, describe
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.connection import API, connected
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.errors import Gone
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session

PLACE: t.Dict[str, t.Any] = {
    "cnf": {"type": "str", "default": "vpp"},
    **API,
}
"""Options that say where: of every module of this dataplane."""

NAT: t.Dict[str, t.Any] = {"own_nat": {"type": "bool", "default": False}}
"""The option of modules that change NAT, or what NAT refers to."""

ON_INTERFACES = frozenset(
    {
        *("address", "route", "neighbour", "proxy-arp", "proxy-arp-range", "acl-list", "bridge-port", "fdb", "xconnect"),
        *("nat44-interface", "nat44-interface-pool", "nat44-mapping"),
    }
)
"""Classes whose objects make no sense without the interface (or the table) that they are on: they are given up with it."""


IN_TABLES = frozenset({"nat44-interface"})
"""Classes of what VPP notes in the table that the interface is in, and leaves there: it is made anew when that is another one."""

ONE_AFTER_ANOTHER = frozenset({"nat44-interface"})
"""Classes that others come behind only for the order: these stay when such a one goes."""

LINKS = ("link", "foreign-link")

WORDS = {
    "link": "interface {0}",
    "foreign-link": "interface {0}",
    "address": "address {1} of {0}",
    "ip": "IP of {0}",
    "memif-socket": "memif socket {0}",
    "bond-member": "{0} in its bond",
    "tag-rewrite": "rewriting of VLAN tags on {0}",
    "table": "table {1} of IPv{0}",
    "route": "route {1} of table {0}",
    "fib-source": "source of routes {0}",
    "neighbour": "neighbour {1} of {0}",
    "proxy-arp": "proxy ARP on {0}",
    "acl": "access list {0}",
    "macip-acl": "MACIP access list {0}",
    "acl-list": "access lists of {0}",
    "foreign-acl-list": "access lists of {0}",
    "bridge": "bridge domain {0}",
    "bridge-port": "bridge port {0}",
    "fdb": "entry {1} of bridge domain {0}",
    "xconnect": "cross-connect from {0}",
    "nat44": "NAT44",
    "nat44-interface": "NAT role of {0}",
    "nat44-address": "NAT {1} address {0}",
    "nat44-interface-pool": "NAT {1} of {0}'s address",
    "nat44-mapping": "NAT mapping of {0} {1} {2}",
    "nat44-vrf": "NAT's VRF {0}",
    "nat44-vrf-route": "NAT's way from VRF {0} to {1}",
}


def label(key: Key) -> str:
    """An object as a network engineer would say it."""
    return WORDS[key[0]].format(*key[1:]) if key[0] in WORDS else " ".join(key)


class VppFamily(Family):
    """A family whose operations are scripts of API calls."""

    def script(self, operation: Operation, place: Place) -> Work:
        """The calls that the operation is. Also run without a VPP, to tell them: then answers are zeros and empty lists."""
        raise NotImplementedError


class VppDataplane(FamilyDataplane):
    """Families on a VPP. C(options) are those of L(View), and C(own_nat)."""

    name = "vpp"

    def view(self, resources: Resources, **more: t.Any) -> View:
        """See L(View)."""
        return View(resources, self.cnf, scope_all=bool(self.options.get("scope_all")), offline=bool(self.options.get("offline")), **more)

    def observe(self, classes: t.Optional[t.FrozenSet[str]] = None) -> Resources:
        """As each family sees it, and how that hangs together."""
        found = super().observe(classes)
        for key in [key for key in found if key[0] in IN_TABLES and ("ip", key[1]) in found]:
            found[key] = found[key]._replace(requires=found[key].requires | {("ip", key[1])})
        return found

    def carry(self, hanging: Resources, desired: Resources) -> Resources:
        """What refers to hardware that becomes ours goes on to; what is on an interface that goes away goes with it.

        VPP would leave some of it behind (routes with a dead index, which the next interface inherits).
        """
        result = {}
        for key, one in hanging.items():
            moved = frozenset(_now(required, desired) for required in one.requires if required in desired or required[0] not in ONE_AFTER_ANOTHER)
            if moved <= desired.keys():
                result[key] = one._replace(requires=moved)
            elif key[0] not in ON_INTERFACES:
                result[key] = one
            elif key[0] == "route" and any(required[0] in LINKS and required in desired for required in moved):
                result.update(self._rest(key, one, desired))
        return result

    def _rest(self, key: Key, route: Resource, desired: Resources) -> Resources:
        """What is left of a route with several paths."""
        routes, view = self.by_class[key[0]], self.view(desired)
        left: t.List[Value] = []
        for value in routes.lift({key: route}, self.view({key: route})):
            with contextlib.suppress(CnfError):
                list(routes.lower([value], view))
                left.append(value)
        return {one.key: one for one in routes.lower(left, view) if one.key == key} if left else {}

    def label(self, key: Key) -> str:
        """As a network engineer would say it."""
        return label(key)

    def claim(self, key: Key) -> str:
        """Nothing of NAT but mappings carries a mark of whose it is."""
        unmarked = key[0].startswith("nat44") and key[0] != "nat44-mapping"
        return "say with own_nat: true that this VPP's NAT is yours to change" if unmarked else super().claim(key)

    def perform(self, wave: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """All scripts of the wave side by side, of whatever family."""
        failed = t.cast(Session, self.place).run(self._script(operation, self.place) for operation in wave)
        if any(failed):
            self._lost()
        return failed

    @contextlib.contextmanager
    def errors(self) -> t.Iterator[None]:
        """When VPP is lost, that is what is said, and nothing of the call that happened to meet it."""
        try:
            yield
        except Gone:
            self._lost()
            raise

    def _lost(self) -> None:
        """Raise when nothing comes from this VPP any more."""
        transport = self.place.client.transport
        if transport.broken:
            ended = "what was in it has gone with it. Its log says why; start it again, and run this again"
            stuck = "what it was asked for may or may not have been done. Run this again when it answers; the option timeout says how long to wait"
            raise Gone(f"{transport.broken}: {ended if transport.ended else stuck}")

    def commands(self, operation: Operation) -> t.List[str]:
        """The API calls, with names for VPP's numbers."""
        place = Told(self.place)
        return describe(self._script(operation, place), place)

    def _script(self, operation: Operation, place: Place) -> Work:
        return t.cast(VppFamily, self.by_class[operation.key[0]]).script(operation, place)


def _now(key: Key, desired: Resources) -> Key:
    """The key of an interface after it was adopted, or given up."""
    other = {"foreign-link": "link", "link": "foreign-link"}.get(key[0])
    return (other, *key[1:]) if other and key not in desired and (other, *key[1:]) in desired else key


MakeFamilies = t.Callable[[t.Mapping[str, t.Any]], t.Sequence[VppFamily]]
"""From module parameters to families, those first that the later ones refer to."""


def connector(make: MakeFamilies, beside: t.Optional[MakeFamilies] = None) -> t.Callable[[t.Mapping[str, t.Any]], t.ContextManager[VppDataplane]]:
    """What L(state_module.run) wants: from module parameters to a dataplane of these families (C(beside): see L(FamilyDataplane)).

    C(imagine): a VPP that cannot be reached is taken for one that an earlier task of the play would have started (check mode).
    """

    @contextlib.contextmanager
    def connect(parameters: t.Mapping[str, t.Any]) -> t.Iterator[VppDataplane]:
        if not re.fullmatch(r"[^\s\0-\x1f\x7f]{1,64}", parameters["cnf"]):
            raise CnfError(f"CNF {parameters['cnf']!r}: a name has 1 to 64 characters and no blank")
        options = {"scope_all": parameters.get("scope") == "all", "offline": bool(parameters.get("offline"))}
        with contextlib.ExitStack() as stack:
            place = Place()
            if not options["offline"]:
                try:
                    place = stack.enter_context(connected(parameters))
                except CnfError:
                    if not parameters.get("imagine"):
                        raise
                    options["offline"] = True
            yield VppDataplane(place, make(parameters), parameters["cnf"], (lambda _cnf: beside(parameters)) if beside else None, **options)

    return connect


__all__ = ["PLACE", "Key", "VppDataplane", "VppFamily", "connected", "connector"]
