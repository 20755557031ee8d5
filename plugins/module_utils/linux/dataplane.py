# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Linux kernel as a dataplane: families put together, for one CNF in one network namespace."""

from __future__ import annotations

import contextlib
import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import Here
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import ValueDataplane

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

MakeFamilies = t.Callable[[str], t.Sequence[t.Any]]
"""From the name of a CNF to its families, those first that the later ones refer to."""


class LinuxDataplane(ValueDataplane):
    """Families on a host. C(options) are those of L(View)."""

    def __init__(self, host: Host, families: t.Sequence[t.Any], cnf: str, **options: t.Any) -> None:
        self.host, self.families, self.cnf, self.options = host, families, cnf, options
        self.by_class = {name: family for family in families for name in family.classes}
        # Of the last two: a plan asks in turns for what is there and for what shall be there.
        self._beside_indexes: t.List[t.Tuple[Resources, int, t.Dict[str, t.List[Key]]]] = []

    def observe(self, classes: t.Optional[t.FrozenSet[str]] = None) -> Resources:
        """One bulk read per family."""
        if self.options.get("offline"):
            return {}
        with self._errors():
            found = {}
            for family in self.families:
                if classes is None or not classes.isdisjoint(family.classes):
                    for one in family.observe(self.host):
                        found[one.key] = one
            return found

    def lower(self, values: t.Iterable[Value], context: Resources, observed: t.Optional[Resources] = None) -> Resources:
        """Family by family, each seeing what those before it made."""
        by_kind: t.Dict[str, t.List[Value]] = {}
        for value in values:
            by_kind.setdefault(value.kind, []).append(value)
        seen, result = dict(context), {}
        for family in self.families:
            mine = [value for kind in sorted(family.kinds) for value in by_kind.pop(kind, ())]
            if mine:
                made = {one.key: one for one in family.lower(mine, View(seen, self.cnf, before=observed or context, **self.options))}
                seen.update(made)
                result.update(made)
        if by_kind:
            first = next(iter(by_kind.values()))[0]
            raise CnfError(f"{first.kind} {first.key}: this kind is not supported by the linux dataplane", kind=first.kind)
        if self.options.get("offline"):  # what is not asked for is taken to be there
            return {key: one._replace(requires=one.requires & result.keys()) for key, one in result.items()}
        return result

    def lift(self, resources: Resources, kinds: t.Collection[str]) -> t.List[Value]:
        """All families' values of these kinds."""
        view = View(resources, self.cnf, **self.options)
        return [value for family in self.families if not family.kinds.isdisjoint(kinds) for value in family.lift(resources, view) if value.kind in kinds]

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
            values = [value for family in families for value in family.lift(alone, View(alone, self.cnf, **self.options))]
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
        view = View(base, self.cnf, **self.options)
        made: Resources = {}
        for family in families:
            mine = [value for value in values if value.kind in family.kinds]
            for part in [mine] if family.classes.isdisjoint(VANISHING) else [[value] for value in mine]:
                made.update((each.key, each) for each in (family.lower(part, view) if part else ()))
        return made

    def transition(self, before: Resource, after: Resource) -> str:
        """The family's word."""
        return self.by_class[before.key[0]].transition(before, after)

    def destroys(self, operation: Operation, resources: Resources) -> t.Iterable[Key]:
        """The family's word; where a link is concerned it looks at no more than what has to do with that link."""
        if operation.key[0] in ON_LINKS:
            resources = self._beside(operation.key[1], resources)
        return self.by_class[operation.key[0]].destroys(operation, resources)

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

    def perform(self, wave: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """Each family does its part of the wave in one go."""
        parts: t.Dict[int, t.List[int]] = {}
        for index, operation in enumerate(wave):
            parts.setdefault(id(self.by_class[operation.key[0]]), []).append(index)
        result: t.List[t.Optional[str]] = [None] * len(wave)
        with self._errors():
            for indexes in parts.values():
                family = self.by_class[wave[indexes[0]].key[0]]
                for index, error in zip(indexes, family.perform(self.host, [wave[index] for index in indexes])):
                    result[index] = error
        return result

    def commands(self, operation: Operation) -> t.List[str]:
        """The family's words."""
        return self.by_class[operation.key[0]].commands(operation)

    def label(self, key: Key) -> str:
        """As a network engineer would say it."""
        return WORDS[key[0]].format(*key[1:], table=getattr(self.by_class.get("nft"), "table", "")) if key[0] in WORDS else " ".join(key)

    @contextlib.contextmanager
    def _errors(self) -> t.Iterator[None]:
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


def connector(make: MakeFamilies) -> t.Callable[[t.Mapping[str, t.Any]], t.ContextManager[LinuxDataplane]]:
    """What L(state_module.run) wants: from module parameters to a dataplane of these families."""

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
                scope_all=parameters.get("scope") == "all",
                memif_substitute=parameters.get("memif_substitution") == "veth",
                offline=bool(parameters.get("offline")) or imagine and not host.exists,
                imagine=imagine,
            )

    return connect
