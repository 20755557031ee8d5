# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One pass: what is wanted onto the dataplane, and what has become of each item."""

from __future__ import annotations

import dataclasses
import logging
import operator
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.agent.items import CLIENT, ENDPOINT, Item, mesh_item, printable
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.place import Place, PlaceLost, Seen, is_lost
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.settle import (
    NEW,
    OLD,
    Choice,
    Rejected,
    Unit,
    apply_around,
    differs,
    goal,
    paired,
    plan_around,
    removals,
)
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import ApplyError
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.lock import Locked, locks
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.rules import check, title
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import Invalid, Result, ValueDataplane, reconcile
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import ItemStatus

LOG = logging.getLogger("pantheon.cnf.agent")
TRIES = 3
"""So often an item that fails half-way is RETRYING, then it is FAILED; it is tried on all the same."""
FIRST, LONGEST = 1.0, 60.0
"""Seconds to the first retry, twice as many to each other one, and at most."""


class Outcome(t.NamedTuple):
    """C(states) by key of item. C(waits): something may become possible by itself. C(retry): seconds until the first thing that failed is due."""

    states: t.Dict[str, ItemStatus]
    changed: bool
    commands: t.List[str]
    waits: bool
    retry: t.Optional[float]


@dataclasses.dataclass
class Failure:
    """What failed half-way: how often, when it is due again, and with which values."""

    tries: int
    due: float
    wanted: t.Tuple[Value, ...]
    error: CnfError


class Last(t.NamedTuple):
    """A pass in which something waited and nothing was done: as long as nothing is otherwise, there is nothing to be done."""

    items: t.List[Item]
    resources: Resources
    outcome: Outcome


class Worker:
    """Does passes at a place; remembers what failed, so that it does not disturb the others each time."""

    def __init__(self, place: Place, cnf: str, where: str, owner: str) -> None:
        self.place, self.owner = place, owner
        self.cnfs = [(cnf, where)]
        self.failures: t.Dict[t.Tuple[str, ...], Failure] = {}
        self.suspects: t.Set[t.Tuple[str, ...]] = set()
        self.operations: t.Dict[str, str] = {}
        self.last: t.Optional[Last] = None

    def work(self, items: t.Iterable[Item], now: float) -> Outcome:
        """Make the place be as the items say, as far as that goes. Raises L(PlaceLost), and L(Locked) when somebody else is at it."""
        try:
            with locks(self.cnfs, self.owner, beside_agent=True), self.place.dataplane() as dataplane:
                return _Pass(self, dataplane, list(items), now).run()
        except Locked:
            raise
        except CnfError as error:
            raise PlaceLost(error.message) from error

    def note(self, unit: Unit, error: CnfError, now: float) -> None:
        """A unit failed half-way."""
        before = self.failures.get(unit.name)
        tries = before.tries + 1 if before and before.wanted == unit.wanted else 1
        self.failures[unit.name] = Failure(tries, now + min(FIRST * 2 ** (tries - 1), LONGEST), unit.wanted, error)

    def holds(self, unit: Unit, now: float) -> bool:
        """Whether a unit failed lately, and is the same."""
        found = self.failures.get(unit.name)
        return bool(found and found.due > now and found.wanted == unit.wanted)


class _Pass:
    def __init__(self, worker: Worker, dataplane: ValueDataplane, items: t.List[Item], now: float) -> None:
        self.worker, self.dataplane, self.now = worker, dataplane, now
        self.kinds = worker.place.kinds
        self.items = items
        self.states: t.Dict[str, ItemStatus] = {}
        self.units: t.List[Unit] = []
        self.kept: t.List[Unit] = []
        self.first: t.Optional[Result] = None
        self.changed = False
        self.commands: t.List[str] = []
        self.resources: Resources = {}

    def run(self) -> Outcome:
        last, resources = self.worker.last, None
        if last:
            resources = self.dataplane.observe()
            if all(map(operator.is_, last.items, self.items)) and len(last.items) == len(self.items) and last.resources == resources:
                return last.outcome
        outcome = self.settle()
        looks = outcome.waits and not outcome.changed and outcome.retry is None
        self.worker.last = Last(self.items, self.resources if resources is None else resources, outcome) if looks else None
        return outcome

    def settle(self) -> Outcome:
        self.sort_out()
        held = [unit for unit in self.units if self.worker.holds(unit, self.now)]
        choice: Choice = {**dict.fromkeys(self.units, NEW), **dict.fromkeys([*held, *self.kept], OLD)}
        rejected: Rejected = {}
        failed: Rejected = {}
        try:
            if self.worker.suspects:
                choice, rejected = self.replan(held)
            self.apply(choice)
        except CnfError as error:
            choice, rejected = self.replan(held)
            try:
                if isinstance(error, ApplyError):
                    raise
                self.apply(choice)
            except CnfError:
                failed = apply_around(choice, self.there(), self.apply)
        return self.outcome(choice, rejected, failed, held)

    # -- what is wanted --------------------------------------------------------------------------------------------------

    def sort_out(self) -> None:
        """Items to units; those that cannot be used get their states, and what is there under their keys stays."""
        wanted: t.List[t.Tuple[str, Value]] = []
        mesh: t.List[Value] = []
        for item in self.items:
            if item.value is None:
                self.states[item.key] = t.cast(ItemStatus, item.status)
                self.kept.append(Unit((item.key,), frozenset({item.key})))
            elif item.value.kind in (CLIENT, ENDPOINT):
                mesh.append(item.value)
            elif item.value.kind not in self.kinds:
                text = f"{item.value.kind}: this kind is not supported by the {self.worker.place.name} dataplane"
                self.states[item.key] = ItemStatus(item.key, "UNIMPLEMENTED", "VALIDATE", text)
            else:
                wanted.append((item.key, item.value))
        wanted += self.of_mesh(mesh, {value.key for _key, value in wanted})
        wanted = self.consistent(wanted)
        self.units = paired([Unit((key,), frozenset({value.key}), (value,)) for key, value in wanted])

    def of_mesh(self, mesh: t.Sequence[Value], explicit: t.Collection[str]) -> t.Iterator[t.Tuple[str, Value]]:
        if not mesh:
            return
        links = {key[1] for key, one in self.dataplane.observe(frozenset({"link"})).items() if key[0] == "link" and not one.managed}
        taken = {str(value.data["interface_name"]) for value in mesh if value.kind == CLIENT}
        for value in mesh:
            found = mesh_item(value, links, taken, self.kinds)
            if found.status:
                self.states[value.key] = found.status
            for each in found.values:
                if each.key in explicit:
                    self.states[value.key] = ItemStatus(value.key, "INVALID", "VALIDATE", f"interface {each.data['name']} is an item of its own, too")
                else:
                    yield value.key, each

    def consistent(self, wanted: t.List[t.Tuple[str, Value]]) -> t.List[t.Tuple[str, Value]]:
        """Without those that contradict others."""
        while True:
            problems = [problem for problem in check(value for _key, value in wanted) if problem.item]
            wrong = {problem.item for problem in problems}
            left = [(key, value) for key, value in wanted if title(value) not in wrong]
            if len(left) == len(wanted):
                return wanted
            for key, value in wanted:
                mine = [problem for problem in problems if problem.item == title(value)]
                if mine:
                    text = "; ".join(printable(f"{each.path}: {each.text}" if each.path else each.text) for each in mine)
                    self.states[key] = ItemStatus(key, "INVALID", "VALIDATE", text, tuple(filter(None, (each.path for each in mine))))
                    self.kept.append(Unit((key,), frozenset({value.key})))
            wanted = left

    # -- doing it --------------------------------------------------------------------------------------------------------

    def reconcile(self, dataplane: ValueDataplane, choice: Choice, **options: t.Any) -> Result:
        """Raises L(PlaceLost) for what is no fault of an item, else a L(CnfError) whatever it is: a defect of ours costs one item, not all."""
        try:
            return reconcile(dataplane, self.kinds, "overridden", lambda there: goal(choice, there), **options)
        except CnfError as error:
            if is_lost(error):
                raise PlaceLost(error.message) from error
            raise
        except Exception as error:
            LOG.exception("not expected")
            raise CnfError(f"not expected: {type(error).__name__}: {error}") from error

    def apply(self, choice: Choice) -> None:
        result = self.reconcile(self.dataplane, choice)
        self.first = self.first or result
        self.changed = self.changed or result.outcome.changed
        self.commands += result.outcome.commands

    def replan(self, held: t.Sequence[Unit]) -> t.Tuple[Choice, Rejected]:
        """What of it can be planned on what is there."""
        resources = self.resources = self.dataplane.observe()
        seen = Seen(self.dataplane, resources)
        there = {value.key: value for value in seen.lift(resources, self.kinds)}
        removed = removals([*self.units, *self.kept], there)

        def plan(choice: Choice) -> None:
            self.reconcile(seen, choice, check_mode=True)

        held = [*held, *(unit for unit in removed if self.worker.holds(unit, self.now)), *self.kept]
        return plan_around([*self.units, *removed, *self.kept], plan, self.worker.suspects, held, self.blame)

    def blame(self, error: CnfError) -> t.Iterator[Unit]:
        """Whom an error names, as far as can be seen."""
        text = " ".join([error.message, *map(str, error.context.get("problems", ()))])
        for unit in self.units:
            for value in unit.wanted:
                names = (f"{value.key}:", *(f"{value.data[field]}:" for field in ("name", "dst_network") if field in value.data))
                if any(f"{value.kind} {name}" in text for name in names):
                    yield unit
                    break

    def there(self) -> t.Dict[str, Value]:
        return {value.key: value for value in self.dataplane.lift(self.dataplane.observe(), self.kinds)}

    # -- what has become of it -------------------------------------------------------------------------------------------

    def outcome(self, choice: Choice, rejected: Rejected, failed: Rejected, held: t.Sequence[Unit]) -> Outcome:
        worker = self.worker
        before = {value.key: value for value in self.first.before} if self.first else {}
        rejected = {**rejected, **{unit: error for unit, error in failed.items() if not isinstance(error, ApplyError)}}  # it needs one that failed
        tried = [unit for unit in failed if unit not in rejected]
        for unit in tried:
            worker.note(unit, failed[unit], self.now)
        stays = {unit.name for unit in (*tried, *held)}
        worker.failures = {name: failure for name, failure in worker.failures.items() if name in stays}
        worker.suspects = {unit.name for unit in rejected}
        waits = False
        for unit, level in choice.items():
            for key in unit.items:
                if level == NEW and unit.wanted:
                    self.configured(key, unit, before)
                elif unit in rejected:
                    status = self.classified(key, unit, rejected[unit])
                    waits = waits or status.state in ("PENDING", "FAILED")
                    self.worst(status)
                elif unit.name in worker.failures:
                    failure = worker.failures[unit.name]
                    operation = "DELETE" if not unit.wanted else "UPDATE" if unit.keys & before.keys() else "CREATE"
                    state = "RETRYING" if failure.tries < TRIES else "FAILED"
                    self.worst(ItemStatus(key, state, operation, printable(failure.error.message)))
        worker.operations = {key: operation for key, operation in worker.operations.items() if key in self.states}
        waits = waits or any(status.state == "PENDING" for status in self.states.values())
        due = min((failure.due for failure in worker.failures.values()), default=None)
        return Outcome(self.states, self.changed, self.commands, waits, None if due is None else max(0.0, due - self.now))

    def configured(self, key: str, unit: Unit, before: t.Mapping[str, Value]) -> None:
        if self.changed and differs(unit, before):
            self.worker.operations[key] = "UPDATE" if unit.keys & before.keys() else "CREATE"
        self.states.setdefault(key, ItemStatus(key, "CONFIGURED", self.worker.operations.setdefault(key, "CREATE")))

    def worst(self, status: ItemStatus) -> None:
        """An endpoint may have several interfaces: what is wrong with one is its state."""
        found = self.states.get(status.key)
        if found is None or found.state == "CONFIGURED":
            self.states[status.key] = status

    def classified(self, key: str, unit: Unit, error: CnfError) -> ItemStatus:
        """What it means that a unit could not be planned."""
        operation, text = ("CREATE" if unit.wanted else "DELETE"), printable(error.message)
        awaited = self.awaited(error)
        if awaited:
            return ItemStatus(key, "PENDING", operation, text, awaited)
        if isinstance(error, (Refused, Invalid)):
            field = error.context.get("field")
            return ItemStatus(key, "INVALID", "VALIDATE", text, (str(field),) if field else ())
        return ItemStatus(key, "FAILED", operation, text)

    def awaited(self, error: CnfError) -> t.Tuple[str, ...]:
        context = error.context
        if "waits_for" in context:
            return (printable(str(context["waits_for"])),)
        if "interface" in context:
            return (printable(f"interface {context['interface']}"),)
        if "vrf" in context:
            return (f"vrf {context['vrf']}",)
        return tuple(printable(self.dataplane.label(tuple(each))) for each in context.get("missing", ()))
