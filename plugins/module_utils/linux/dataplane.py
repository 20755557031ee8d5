# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Linux kernel as a dataplane: families put together, for one CNF in one network namespace."""

from __future__ import annotations

import contextlib
import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.changes import Here
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import FamilyDataplane, MakeFamilies
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import View

PLACE: t.Dict[str, t.Any] = {"cnf": {"type": "str", "default": "host"}, "namespace": {"type": "str"}}
"""Options that say where: of every module of this dataplane."""

WORDS = {
    "link": "interface {0}",
    "foreign-link": "interface {0}",
    "address": "address {1} of {0}",
    "route": "route {2} of table {1}, metric {3}",
    "neighbour": "neighbour {1} of {0}",
    "sysctl": "sysctl {0}",
    "nft": "nftables section {0} of table inet {table}",
    "bridge-port": "bridge port {0}",
    "fdb": "bridge entry {1} of {0}",
    "xconnect": "cross-connect from {0}",
}

VANISHING = frozenset({"address", "route", "neighbour", "port", "bridge-port", "fdb", "xconnect"})
"""Classes whose objects the kernel takes away with the interface that they are on."""

ON_LINKS = ("link", "foreign-link", "port", "address")
"""Classes whose operations make things vanish, none but those that have to do with the link C(key[1])."""


class LinuxDataplane(FamilyDataplane):
    """Families on a host. C(options) are those of L(View)."""

    name = "linux"

    def __init__(self, host: Host, families: t.Sequence[t.Any], cnf: str, beside: t.Optional[MakeFamilies] = None, **options: t.Any) -> None:
        super().__init__(host, families, cnf, beside, **options)
        self.host = host
        # Of the last two: a plan asks in turns for what is there and for what shall be there.
        self._beside_indexes: t.List[t.Tuple[Resources, int, t.Dict[str, t.List[Key]]]] = []

    def view(self, resources: Resources, **more: t.Any) -> View:
        """See L(View)."""
        return View(resources, self.cnf, **self.options, **more)

    def outdated(self, beside: Resources, desired: Resources) -> t.Iterable[Key]:
        """Sections of nftables, which name interfaces as the kernel does, when one of theirs is renamed."""
        names = {key: have.attributes.get("ifname") for key, have in beside.items() if key[0] == "link"}
        for key, one in beside.items():
            if key[0] == "nft" and any(link in desired and desired[link].attributes.get("ifname") not in self.names(one, link, names) for link in one.requires):
                yield key

    @staticmethod
    def names(section: Resource, link: Key, names: t.Mapping[Key, t.Any]) -> t.Collection[t.Any]:
        """The kernel names of a link that a section may have: the one that it is known by, else those in its sets."""
        if link in names:
            return (names[link],)
        return {name for attribute, body in section.attributes.items() if attribute.startswith("set ") for name in body[1]}

    def carry(self, hanging: Resources, desired: Resources) -> Resources:
        """Routes and the like are lowered again; those that the kernel takes away with their interface are given up."""
        base = {key: want for key, want in desired.items() if key not in hanging}
        result = {}
        for key, one in hanging.items():
            alone = {key: one} if key[0] == "nft" else {**base, key: one}
            families = self.families if key[0] == "nft" else [self.by_class[key[0]]]
            values = [value for family in families for value in family.lift(alone, self.view(alone))]
            try:
                made = {} if key[0] not in VANISHING | {"nft"} else self._lowered(families, values, base)
            except CnfError:
                if key[0] in VANISHING:
                    continue
                made = {}
            if key in made:
                result[key] = made[key] if key[0] == "nft" else made[key]._replace(attributes=one.attributes)
            elif key[0] not in VANISHING:
                result[key] = one
        return result

    def _lowered(self, families: t.Sequence[t.Any], values: t.Sequence[Value], base: Resources) -> Resources:
        view = self.view(base)
        made: Resources = {}
        for family in families:
            mine = [value for value in values if value.kind in family.kinds]
            for part in [mine] if family.classes.isdisjoint(VANISHING) else [[value] for value in mine]:
                made.update((each.key, each) for each in (family.lower(part, view) if part else ()))
        return made

    def destroys(self, operation: Operation, resources: Resources) -> t.Iterable[Key]:
        """The family's word; where a link is concerned it looks at no more than what has to do with that link."""
        if operation.key[0] in ON_LINKS:
            resources = self._beside(operation.key[1], resources)
        return super().destroys(operation, resources)

    def _beside(self, link: str, resources: Resources) -> Resources:
        found = next((index for these, size, index in self._beside_indexes if these is resources and size == len(resources)), None)
        if found is None:
            found = {}
            for key, one in resources.items():
                for name in _links_of(key, one):
                    found.setdefault(name, []).append(key)
            self._beside_indexes = [(resources, len(resources), found), *self._beside_indexes[:1]]
        stays = getattr(resources, "stays", resources.__contains__)
        return Here({key: resources[key] for key in found.get(link, ()) if key in resources}, stays)

    def label(self, key: Key) -> str:
        """As a network engineer would say it."""
        return WORDS[key[0]].format(*key[1:], table=getattr(self.by_class.get("nft"), "table", "")) if key[0] in WORDS else " ".join(key)

    @contextlib.contextmanager
    def errors(self) -> t.Iterator[None]:
        """A call that the kernel refused, explained."""
        try:
            yield
        except OSError as error:
            raise self.host.explain(error) from error


def _links_of(key: Key, one: Resource) -> t.Set[str]:
    """The names of all links that an object has to do with."""
    names = {required[1] for required in one.requires if required[0] in ("link", "foreign-link")}
    attributes = one.attributes
    if key[0] == "route":
        return names.union(hop[1] for hop in attributes["nexthops"])
    names.update(key[1:2])
    info = attributes.get("info") or {}
    names.update(filter(None, (attributes.get("master"), attributes.get("bridge"), info.get("parent"), info.get("peer"))))
    return names


def connector(make: MakeFamilies, beside: t.Optional[MakeFamilies] = None) -> t.Callable[[t.Mapping[str, t.Any]], t.ContextManager[LinuxDataplane]]:
    """What L(state_module.run) wants: from module parameters to a dataplane of these families (C(beside): see L(FamilyDataplane))."""

    @contextlib.contextmanager
    def connect(parameters: t.Mapping[str, t.Any]) -> t.Iterator[LinuxDataplane]:
        if not re.fullmatch(r"[^\s\0-\x1f\x7f]{1,64}", parameters["cnf"]):
            raise CnfError(f"CNF {parameters['cnf']!r}: a name has 1 to 64 characters and no blank: what belongs to the CNF is marked with it")
        with Host(parameters["namespace"]) as host:
            imagine = bool(parameters.get("imagine"))
            yield LinuxDataplane(
                host,
                make(parameters["cnf"]),
                parameters["cnf"],
                beside,
                scope_all=parameters.get("scope") == "all",
                memif_substitute=parameters.get("memif_substitution") == "veth",
                offline=bool(parameters.get("offline")) or imagine and not host.exists,
                imagine=imagine,
            )

    return connect
