# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A part of a dataplane, and a dataplane put together from such parts. Knows no dataplane and no kind."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import ValueDataplane
from ansible_collections.pantheon.cnf.plugins.module_utils.view import UnknownInterface


class Refused(CnfError):
    """A field that the dataplane cannot do, by name; nothing was touched."""


class Wrong(Exception):
    """What is wrong with one value. C(waits_for): what would cure it and may yet come, in Ligato's words."""

    def __init__(self, text: str, waits_for: str = "") -> None:
        super().__init__(text)
        self.waits_for = waits_for


def waits_for(wrong: t.Sequence[Wrong]) -> t.Dict[str, str]:
    """For the context of an error that tells all of these: what it waits for, when that is one thing."""
    found = {each.waits_for for each in wrong}
    return {"waits_for": found.pop()} if len(found) == 1 and "" not in found else {}


class Family:
    """Realises some northbound kinds, and performs the operations of some classes of native objects.

    C(support): {kind: {field path: "yes", "partial: why" or "refused: why"}} for every declared field.
    """

    classes: t.FrozenSet[str] = frozenset()
    kinds: t.FrozenSet[str] = frozenset()
    support: t.Mapping[str, t.Mapping[str, str]] = {}
    separate = False
    """Whether each value is one object's alone, so that what others of these classes are makes no difference to it."""

    def observe(self, place: t.Any) -> t.Iterable[Resource]:
        """All objects of these classes that the place (a namespace, a VPP) has, in one bulk read."""
        return ()

    def reread(self, place: t.Any, operations: t.Sequence[Operation]) -> t.Optional[t.Iterable[Resource]]:
        """What L(observe) would now tell of the objects of these operations; None where that takes no less. See L(Dataplane.reread)."""
        return None

    def lower(self, values: t.Sequence[Value], view: t.Any) -> t.Iterable[Resource]:
        """The native objects that realise the values; raises L(Refused) and other L(CnfError). Pure."""
        return ()

    def lift(self, resources: Resources, view: t.Any) -> t.Iterable[Value]:
        """The values that owned native objects are. Pure."""
        return ()

    def explained(self, values: t.Sequence[Value], view: t.Any) -> t.Iterable[Key]:
        """The keys of the native objects that the values, which were lifted from them, are. Pure."""
        return [one.key for one in self.lower(values, view)]

    def look(self, place: t.Any, desired: Resources, observed: Resources) -> None:
        """Before a plan: what C(desired) will meet and a bulk read leaves out (it might be a million) is added to C(observed).

        From then on L(observe) tells of it too. Raises L(CnfError) for what cannot be.
        """

    def recognised(self, there: t.List[Value], wanted: t.Sequence[Value], view: t.Any, state: str) -> t.List[Value]:
        """See L(ValueDataplane.recognised). Pure."""
        return there

    def transition(self, before: Resource, after: Resource) -> str:
        """C(same), C(update) or C(recreate)."""
        return "same" if before.attributes == after.attributes else "update"

    def destroys(self, operation: Operation, resources: Resources) -> t.Iterable[Key]:
        """What vanishes beside the operation's own object."""
        return ()

    def commands(self, operation: Operation) -> t.List[str]:
        """The operation in words of the usual tool, without secrets."""
        return []

    def perform(self, place: t.Any, operations: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """None or why it failed, for each."""
        raise NotImplementedError


MakeFamilies = t.Callable[[str], t.Sequence[Family]]
"""From the name of a CNF to families, those first that the later ones refer to."""


class FamilyDataplane(ValueDataplane):
    """Families in a place, those first that the later ones refer to. C(options): what the one who runs it wants of it.

    C(offline) takes nothing for being there, and what is not asked for as there (to render). C(beside): given the CNF, all
    families that a change may concern, where these alone can tell that there is none.
    """

    name = ""

    def __init__(self, place: t.Any, families: t.Sequence[Family], cnf: str, beside: t.Optional[MakeFamilies] = None, **options: t.Any) -> None:
        self.place, self.cnf, self.beside, self.options = place, cnf, beside, options
        self._take(families)

    def _take(self, families: t.Sequence[Family]) -> None:
        self.families = families
        self.by_class = {name: family for family in families for name in family.classes}

    @property
    def narrow(self) -> bool:
        """Not when nothing is there anyway."""
        return self.beside is not None and not self.options.get("offline")

    def widen(self) -> None:
        """Take in the families beside."""
        if self.beside is not None:
            self._take(self.beside(self.cnf))
            self.beside = None

    def view(self, resources: Resources, **more: t.Any) -> t.Any:
        """The index over resources that this dataplane's families want."""
        raise NotImplementedError

    def errors(self) -> t.ContextManager[None]:
        """Turns the errors of the place into such that help."""
        return contextlib.nullcontext()

    def observe(self, classes: t.Optional[t.FrozenSet[str]] = None) -> Resources:
        """One bulk read per family."""
        if self.options.get("offline"):
            return {}
        with self.errors():
            found = {}
            for family in self.families:
                if classes is None or not classes.isdisjoint(family.classes):
                    for one in family.observe(self.place):
                        found[one.key] = one
            return found

    def reread(self, operations: t.Sequence[Operation], observed: Resources) -> t.Optional[Resources]:
        """Where the one family that is concerned can: of several, one may have changed what is another's."""
        family, *others = {id(found): found for found in (self.by_class[operation.key[0]] for operation in operations)}.values()
        with self.errors():
            found = None if others else family.reread(self.place, operations)
        if found is None:
            return None
        result = dict(observed)
        for operation in operations:
            result.pop(operation.key, None)
        result.update((one.key, one) for one in found)
        return result

    def lower(self, values: t.Iterable[Value], context: Resources, observed: t.Optional[Resources] = None) -> Resources:
        """Family by family, each seeing what those before it made."""
        seen, result = dict(context), {}
        for family, mine in self._shared_out(values):
            try:
                made = {one.key: one for one in family.lower(mine, self.view(seen, before=observed or context))}
            except UnknownInterface as error:
                raise _of_item(error, mine) from None
            seen.update(made)
            result.update(made)
        if observed is not None and not self.options.get("offline"):
            with self.errors():
                for family in self.families:
                    family.look(self.place, result, observed)
        if self.options.get("offline"):  # what is not asked for is taken to be there
            return {key: one._replace(requires=one.requires & result.keys()) for key, one in result.items()}
        return result

    def _shared_out(self, values: t.Iterable[Value]) -> t.Iterator[t.Tuple[Family, t.List[Value]]]:
        """Each family with its own. Raises for a kind that is none's."""
        by_kind: t.Dict[str, t.List[Value]] = {}
        for value in values:
            by_kind.setdefault(value.kind, []).append(value)
        for family in self.families:
            mine = [value for kind in sorted(family.kinds) for value in by_kind.pop(kind, ())]
            if mine:
                yield family, mine
        for first, *_others in by_kind.values():
            raise CnfError(f"{first.kind} {first.key}: this kind is not supported by the {self.name} dataplane", kind=first.kind)

    def explained(self, values: t.Iterable[Value], resources: Resources) -> t.Set[Key]:
        """All families' keys."""
        view = self.view(resources)
        return {key for family, mine in self._shared_out(values) for key in family.explained(mine, view)}

    def lift(self, resources: Resources, kinds: t.Collection[str]) -> t.List[Value]:
        """All families' values of these kinds."""
        view = self.view(resources)
        return [value for family in self.families if not family.kinds.isdisjoint(kinds) for value in family.lift(resources, view) if value.kind in kinds]

    def relift(
        self, lifted: t.List[Value], before: Resources, after: Resources, kinds: t.Collection[str], written: t.Optional[t.Collection[Key]]
    ) -> t.List[Value]:
        """Only of what was written, where values do not hang together."""
        concerned = {id(family): family for family in (self.by_class[key[0]] for key in written or ())}.values()
        if written is None or not all(family.separate for family in concerned):
            return self.lift(after, kinds)
        gone, come = (
            [value for family in concerned for value in family.lift({key: these[key] for key in written if key in these}, self.view(these))]
            for these in (before, after)
        )
        old = {value.key for value in gone}
        return [value for value in lifted if value.key not in old] + [value for value in come if value.kind in kinds]

    def recognised(self, there: t.List[Value], wanted: t.Sequence[Value], resources: Resources, state: str) -> t.List[Value]:
        """Each family sees what the others leave it."""
        kinds = {value.kind for value in wanted}
        view: t.Any = None
        for family in self.families:
            if not kinds.isdisjoint(family.kinds):
                view = view or self.view(resources)
                there = family.recognised(there, wanted, view, state)
        return there

    def transition(self, before: Resource, after: Resource) -> str:
        """The family's word."""
        return self.by_class[before.key[0]].transition(before, after)

    def destroys(self, operation: Operation, resources: Resources) -> t.Iterable[Key]:
        """The family's word."""
        return self.by_class[operation.key[0]].destroys(operation, resources)

    def perform(self, wave: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """Each family does its part of the wave in one go."""
        parts: t.Dict[int, t.List[int]] = {}
        for index, operation in enumerate(wave):
            parts.setdefault(id(self.by_class[operation.key[0]]), []).append(index)
        result: t.List[t.Optional[str]] = [None] * len(wave)
        with self.errors():
            for indexes in parts.values():
                family = self.by_class[wave[indexes[0]].key[0]]
                for index, error in zip(indexes, family.perform(self.place, [wave[index] for index in indexes])):
                    result[index] = error
        return result

    def commands(self, operation: Operation) -> t.List[str]:
        """The family's words."""
        return self.by_class[operation.key[0]].commands(operation)


def _of_item(error: UnknownInterface, values: t.Iterable[Value]) -> UnknownInterface:
    """The error with the first item before it that names this interface."""
    found = (f"{value.kind} {value.key}: {error.message}" for value in values if _names(value.data, error.context["interface"]))
    return UnknownInterface(next(found, error.message), **error.context)


def _names(data: t.Any, name: str) -> bool:
    if isinstance(data, t.Mapping):
        return any(_names(each, name) for each in data.values())
    return any(_names(each, name) for each in data) if isinstance(data, (list, tuple)) else bool(data == name)
