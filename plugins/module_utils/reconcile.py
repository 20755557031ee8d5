# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of some kinds onto one CNF: the way of the data from observe to verify. Knows no Ansible and no dataplane."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.algebra import target
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import Outcome, PlanError, converge
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Dataplane, Key, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.rules import check

Kinds = t.Mapping[str, Kind]


class ValueDataplane(Dataplane):
    """A dataplane that knows northbound values: the engine's half, and the two translations."""

    def lower(self, values: t.Iterable[Value], context: Resources, observed: t.Optional[Resources] = None) -> Resources:
        """The native objects that realise the values, given those that are there beside (and all that were observed).

        Raises for what cannot be.
        """
        raise NotImplementedError

    def lift(self, resources: Resources, kinds: t.Collection[str]) -> t.List[Value]:
        """The values of these kinds that the native objects are."""
        raise NotImplementedError

    def relift(
        self, lifted: t.List[Value], before: Resources, after: Resources, kinds: t.Collection[str], written: t.Optional[t.Collection[Key]]
    ) -> t.List[Value]:
        """The same of C(after), given those of C(before), which is otherwise by no other keys than C(written) (None: nobody knows)."""
        return self.lift(after, kinds)

    def explained(self, values: t.Iterable[Value], resources: Resources) -> t.Collection[Key]:
        """The keys of the native objects that these values, which were lifted from them, are."""
        return self.lower(values, resources)

    @property
    def narrow(self) -> bool:
        """Whether it knows only what the values themselves are made of: enough to see that nothing is to be changed."""
        return False

    def widen(self) -> None:
        """Know from now on all that a change may concern."""

    def recognised(self, there: t.List[Value], wanted: t.Sequence[Value], resources: Resources, state: str) -> t.List[Value]:
        """The values that are there as those who want others see them, where the dataplane keeps less than values say.

        Raises for what cannot be brought to C(state).
        """
        return there

    def outdated(self, beside: Resources, desired: Resources) -> t.Iterable[Key]:
        """Native objects of other kinds that are not as they should be once what they refer to is as desired."""
        return ()

    def carry(self, hanging: Resources, desired: Resources) -> Resources:
        """What becomes of native objects of other kinds when what they require changes: the same on what takes its place
        (a route over another address), nothing when they vanish with it, or as they are, which is an error."""
        return hanging


class Invalid(CnfError):
    """The wanted values are wrong in themselves; nothing was touched. The message names item and field."""


class Result(t.NamedTuple):
    """Values before and after (predicted in check mode), and what the engine did."""

    before: t.List[Value]
    after: t.List[Value]
    outcome: Outcome


def validate(wanted: t.Sequence[Value], kinds: Kinds, there: t.Optional[t.Mapping[str, Value]] = None) -> None:
    """Raise L(Invalid) with every problem of the values, each for itself (but those that are C(there)) and with the others."""
    new = [value for value in wanted if there is None or there.get(value.key) is not value]
    problems = [f"{value.kind} {value.key}: {problem}" for value in new for problem in kinds[value.kind].problems(value.data, value.key)]
    _refuse(problems + [str(problem) for problem in check(wanted)])


def _refuse(problems: t.List[str]) -> None:
    if problems:
        raise Invalid("; ".join(problems[:20]), problems=problems)


def reconcile(
    dataplane: ValueDataplane,
    kinds: Kinds,
    state: str,
    choose: t.Callable[[t.List[Value]], t.Sequence[Value]],
    **options: t.Any,
) -> Result:
    """Bring the values of C(kinds) to C(state): merged, replaced, overridden or deleted (L(target)).

    C(choose) is given the values that are there and returns the wanted ones; C(options) go to L(converge). Native
    objects that belong to values of other kinds stay as they are.
    """
    if dataplane.narrow:
        with contextlib.suppress(CnfError):  # what is wrong is said by the one who knows all
            found = _reconcile(dataplane, kinds, state, choose, **{**options, "check_mode": True})
            if not found.outcome.changed:
                return found
        dataplane.widen()
    return _reconcile(dataplane, kinds, state, choose, **options)


def _reconcile(
    dataplane: ValueDataplane,
    kinds: Kinds,
    state: str,
    choose: t.Callable[[t.List[Value]], t.Sequence[Value]],
    **options: t.Any,
) -> Result:
    observed = dataplane.observe()
    found = dict(observed)
    lifted = dataplane.lift(found, kinds)
    wanted = choose(lifted)
    before = dataplane.recognised(lifted, wanted, observed, state)
    have, want = ({value.key: value for value in values} for values in (before, wanted))
    if state != "deleted" and len(want) < len(wanted):  # what is there twice is one from here on
        _refuse([str(problem) for problem in check(wanted)])
    # What is there as it is wanted needs no second look: that is most of it in most runs.
    want.update((key, there) for key, there in have.items() if key in want and want[key].data == there.data)
    goal = target(state, want, have, lambda here, want: here if here is want else want._replace(data=kinds[want.kind].merge(here.data, want.data)))
    if state != "deleted":
        goal = {key: value if have.get(key) is value else value._replace(data=kinds[value.kind].canonical(value.data)) for key, value in goal.items()}
        validate(list(goal.values()), kinds, have)
    explained = dataplane.explained(before, observed)
    if options.get("take_foreign"):  # what others made and a value of these kinds says is as good as ours
        observed = {key: have._replace(owned=have.owned or key in explained) for key, have in observed.items()}
    context = {key: have for key, have in observed.items() if key not in explained or not have.managed}
    beside = {key: have for key, have in context.items() if have.owned}
    desired = {**beside, **dataplane.lower(goal.values(), context, observed)}
    foreign = {key for key, have in observed.items() if not have.owned}
    hanging = _hanging(beside, desired, foreign)
    hanging.update((key, beside[key]) for key in dataplane.outdated(beside, desired) if desired[key] is beside[key])
    carried: t.Set[Key] = set()
    while hanging:
        desired = {**{key: want for key, want in desired.items() if key not in hanging}, **dataplane.carry(hanging, desired)}
        carried.update(hanging)
        hanging = {key: have for key, have in _hanging(beside, desired, foreign).items() if key not in carried}
    try:
        outcome = converge(dataplane, desired, observed, **options)
    except PlanError as error:
        raise _of_item(error, dataplane, goal.values(), observed) from None
    if outcome.after != found:
        lifted = dataplane.relift(lifted, found, outcome.after, kinds, None if options.get("take_foreign") else outcome.written)
    after = dataplane.recognised(lifted, list(goal.values()), outcome.after, "merged")
    return Result(before, after, outcome)


def _of_item(error: PlanError, dataplane: ValueDataplane, values: t.Iterable[Value], observed: Resources) -> PlanError:
    """The error with the item before it that what is missing is needed for."""
    missing, needed_by = (tuple(key) for name in ("missing", "needed_by") for key in error.context.get(name, [()]))
    for value in values if needed_by else ():
        with contextlib.suppress(CnfError):
            one = dataplane.lower([value], observed).get(needed_by)
            if one is not None and missing in one.requires:
                return PlanError(f"{value.kind} {value.key}: {error.message}", **error.context)
    return error


def _hanging(beside: Resources, desired: Resources, foreign: t.Set[Key]) -> t.Dict[Key, Resource]:
    """What stays as it was, and requires what does not."""
    there = desired.keys() | foreign
    return {key: have for key, have in beside.items() if desired.get(key) is have and not have.requires <= there}
