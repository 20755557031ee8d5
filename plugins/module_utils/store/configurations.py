# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CNFConfigurations in etcd, under the keys that Ligato agents read: each touches only what it wrote itself.

What fits into one transaction is one. What does not is announced in the configuration's record first, then written in transactions
that hold only while the record is this writer's, the last of which seals the record: whoever comes after one that was killed
half-way finishes its work, or replaces it by what is wanted now.
"""

from __future__ import annotations

import contextlib
import random
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.store import epoch as epochs
from ansible_collections.pantheon.cnf.plugins.module_utils.store.desired import AGENTS, Data, InvalidItems, Item, desired, microservice_of
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import (
    MOST,
    At,
    Compare,
    Delete,
    Entry,
    EtcdError,
    EtcdStore,
    Get,
    Operation,
    Put,
    Refused,
    Still,
    Unreachable,
    after_prefix,
)
from ansible_collections.pantheon.cnf.plugins.module_utils.store.record import (
    RECORDS,
    Pending,
    Record,
    record_of,
    record_value,
    value_of,
)

ATTEMPTS = 12
LONGEST = 5.0
"""Seconds between two of them at most."""

SINGLY = MOST - 28
"""Up to so many keys are read one by one, more as a range."""

Unit = t.Tuple[Compare, t.Optional[Operation]]
"""A key as it was read, and what becomes of it (None: nothing, but it must not have changed)."""


Done = t.TypeVar("Done")


class KeyConflict(EtcdError):
    """A wanted key is another configuration's, or somebody else's. C(conflicts): key and owner of each (empty: no configuration)."""


class MicroserviceConflict(EtcdError):
    """A microservice belongs to another namespace."""


class Superseded(Refused):
    """Whoever writes is no longer the one who may; nothing was written."""


class _Raced(Exception):
    """What was read is no longer so."""


class Result(t.NamedTuple):
    """How it ended. C(revision): agents that have applied it have applied this; C(revisions): the same by microservice.

    C(before) and C(after): data by key. C(left): keys that it wrote once and somebody else wrote since: they are no longer its own.
    """

    name: str
    changed: bool
    generation: int
    revision: int
    revisions: t.Dict[str, int]
    before: t.Dict[str, t.Any]
    after: t.Dict[str, t.Any]
    left: t.List[str]


class Stored(t.NamedTuple):
    """A configuration as it is in the store. C(foreign): of its keys those that are gone, or that somebody else wrote since."""

    record: Record
    values: t.Dict[str, t.Any]
    foreign: t.List[str]


class _View(t.NamedTuple):
    """What was read: the record, the epoch, marks by microservice, and all keys that are wanted or the record's."""

    record: Record
    epoch: t.List[Entry]
    marks: t.Dict[str, t.List[Entry]]
    entries: t.Dict[str, Entry]

    @classmethod
    def of(cls, record: Record, epoch: t.List[Entry], marks: t.Mapping[str, t.List[Entry]], entries: t.Mapping[str, Entry], wanted: t.Collection[str]) -> _View:
        """What of all that was read concerns one configuration."""
        keys = record.claimed.union(wanted)
        labels = {microservice_of(key) for key in keys}
        return cls(record, epoch, {label: marks[label] for label in labels & marks.keys()}, {key: entries[key] for key in keys & entries.keys()})

    @property
    def mine(self) -> t.Dict[str, Entry]:
        """The keys that are there and the record's own."""
        return {key: entry for key, entry in self.entries.items() if self.record.wrote(entry)}


class _Plan(t.NamedTuple):
    """What a writer is about to do. C(stays): keys that are as wanted, and their revisions."""

    removal: bool
    changed: bool
    generation: int
    epoch: t.List[Unit]
    marks: t.List[Unit]
    put: t.Dict[str, Data]
    drop: t.FrozenSet[str]
    stays: t.Dict[str, int]


class CNFConfigurations:
    """The configurations of a store. C(scope): the namespace that they belong to, when microservices belong to namespaces.

    C(guard): something that has to hold for whatever is written, else L(Superseded) is raised. C(between) is called before each request that
    writes (tests end a writer there).
    """

    def __init__(self, store: EtcdStore, scope: str = "", between: t.Callable[[], None] = lambda: None, guard: t.Optional[At] = None) -> None:
        self.store, self.scope, self.between, self.guard = store, scope, between, guard
        self.most = MOST - (1 if guard else 0)

    def publish(self, name: str, items: t.Iterable[Item], check_mode: bool = False, take_over: bool = False) -> Result:
        """Make a configuration be exactly these items. C(take_over): also keys that no configuration has written.

        Raises L(KeyConflict) before anything is written when a key is somebody else's.
        """
        wanted = desired(name, items)
        return self._settle(name, lambda: self._publish(name, wanted, check_mode, take_over))

    def remove(self, name: str, check_mode: bool = False) -> Result:
        """Remove what a configuration wrote, and its record. Keys that somebody else wrote since stay (C(left))."""
        return self._settle(name, lambda: self._publish(name, {}, check_mode, removal=True))

    def publish_all(
        self, wanted: t.Mapping[str, t.Iterable[Item]], absent: t.Collection[str] = (), check_mode: bool = False, take_over: bool = False
    ) -> t.Dict[str, t.Union[Result, CnfError]]:
        """L(publish), and L(remove) of C(absent), for many in few requests; what is wrong with one does not stop the others.

        Configurations that fit into a transaction together are written together; each by itself when that is not possible. A key that one
        of them has and no longer wants can become another's: in the same transaction where that is possible, so that no agent sees it go.
        """
        results: t.Dict[str, t.Union[Result, CnfError]] = {}
        found: t.Dict[str, t.Dict[str, Data]] = {name: {} for name in absent}
        for name, items in wanted.items():
            try:
                found[name] = desired(name, items)
            except InvalidItems as error:
                results[name] = error
        for group in _groups(found):
            if len(group) > 1:
                try:
                    results.update(self._publish_group({name: found[name] for name in group}, set(absent), check_mode, take_over))
                except (Refused, Unreachable):
                    raise
                except (_Raced, EtcdError):
                    pass  # each by itself, so that what is wrong with one is told of that one
            for name in group:
                if name not in results:
                    results[name] = self._publish_one(name, found[name], name in absent, check_mode, take_over)
        for name, keys in _given_up(results, found).items():
            free = keys if check_mode else frozenset()  # otherwise they are gone by now
            results[name] = self._publish_one(name, found[name], False, check_mode, take_over, free)
        if check_mode:
            self._foresee(results, found)
        return results

    def _foresee(self, results: t.Dict[str, t.Union[Result, CnfError]], wanted: t.Mapping[str, t.Mapping[str, Data]]) -> None:
        """Refuse what check mode does not find in the store: a key that two of these configurations want is that of the first."""
        owners: t.Dict[str, str] = {}
        for name, result in results.items():
            if isinstance(result, Result):
                conflicts = [{"key": key, "owner": owners[key]} for key in sorted(wanted[name]) if key in owners]
                if conflicts:
                    told = "; ".join(f"{each['key']} is wanted by configuration {each['owner']} too" for each in conflicts[:20])
                    results[name] = KeyConflict(f"{self.store}: configuration {name}: {told}. Nothing was written", conflicts=conflicts)
                else:
                    owners.update(dict.fromkeys(wanted[name], name))

    def _publish_one(
        self, name: str, wanted: t.Dict[str, Data], removal: bool, check_mode: bool, take_over: bool, free: t.AbstractSet[str] = frozenset()
    ) -> t.Union[Result, CnfError]:
        try:
            return self._settle(name, lambda: self._publish(name, wanted, check_mode, take_over, removal, free))
        except (Refused, Unreachable):
            raise
        except CnfError as error:
            return error

    def _publish_group(self, wanted: t.Dict[str, t.Dict[str, Data]], absent: t.Set[str], check_mode: bool, take_over: bool) -> t.Dict[str, Result]:
        """In one transaction those for which that is possible; the others are left out of what is returned."""
        views = self._look(wanted)
        epoch = epochs.new_epoch()
        results: t.Dict[str, Result] = {}
        planned: t.List[t.Tuple[_View, _Plan]] = []
        taken: t.Set[str] = set()
        possible = {name: view for name, view in views.items() if not view.record.pending and not (name in absent and self.scope)}
        for names, moved in _moving(possible, wanted):
            claimed = set().union(*(possible[name].record.claimed.union(wanted[name]) for name in names))
            if taken & claimed:
                continue
            plans = []
            for name in names:
                view = possible[name]
                self._refuse_foreign(view, wanted[name].keys() - moved, take_over, check_mode)
                plans.append((view, self._plan(view, wanted[name], view.record.generation + 1, name in absent, epoch, moved)))
            changing = [(view, plan) for view, plan in plans if plan.changed]
            if changing:
                units = {unit[0].key for _view, plan in changing for unit in (*plan.epoch, *plan.marks)}
                touched = claimed | units | {view.record.key for view, _plan in changing}
                if len(taken | touched) > self.most:
                    continue
                taken |= touched
                planned += changing
            results.update((view.record.name, self._result(view, plan, wanted[view.record.name], view.record)) for view, plan in plans)
        if planned and not check_mode:
            try:
                records = self._together(planned)
            except Unreachable as error:
                if not error.maybe:
                    raise
                raise _Raced from None  # each by itself sees what was done
            for (view, plan), record in zip(planned, records):
                results[record.name] = self._result(view, plan, wanted[record.name], record)
        return results

    def read(self, name: str) -> t.Optional[Stored]:
        """What is stored of a configuration; None when there is none."""
        view = self._try(name, lambda: self._look({name: ()})[name])
        if not view.record.revision:
            return None
        mine = {key: value_of(entry) for key, entry in view.mine.items()}
        return Stored(view.record, mine, sorted(view.record.claimed - mine.keys()))

    def finish(self, name: str) -> None:
        """Finish what was begun of a configuration."""
        self._settle(name, lambda: self._publish(name, None))

    def _try(self, name: str, once: t.Callable[[], Done]) -> Done:
        """Again while others write at the same time; they are few, and each round one of them gets through."""
        for attempt in range(ATTEMPTS):
            begun = time.monotonic()
            try:
                return once()
            except _Raced:
                # In terms of what an attempt takes: on a slow etcd those who come back too soon only end each other's.
                spent = max(0.01, time.monotonic() - begun)
                time.sleep(random.uniform(0, min(LONGEST, spent * 2 ** min(attempt, 5))))
        raise EtcdError(f"{self.store}: configuration {name} is written by others all the time: gave up after {ATTEMPTS} attempts")

    def _settle(self, name: str, once: t.Callable[[], Result]) -> Result:
        """L(_try), and once more when nobody knows whether the first was done: what was done is not done again."""
        try:
            return self._try(name, once)
        except Unreachable as error:
            if not error.maybe:
                raise
            return self._try(name, once)._replace(changed=True)

    def _publish(
        self,
        name: str,
        wanted: t.Optional[t.Dict[str, Data]],
        check_mode: bool = False,
        take_over: bool = False,
        removal: bool = False,
        free: t.AbstractSet[str] = frozenset(),
    ) -> Result:
        """One attempt. Without C(wanted): what the record has pending, as far as that is possible. C(free): keys that others will have given up."""
        view = self._look({name: wanted or ()})[name]
        if view.record.pending and not check_mode:
            view = self._fence(view, wanted or {})
        record = view.record
        if wanted is None:
            wanted, removal = self._pending(view), bool(record.pending and record.pending.removal)
            generation = record.generation
        else:
            self._refuse_foreign(view, wanted.keys() - free, take_over, check_mode)
            generation = record.generation + 1
        plan = self._plan(view, wanted, generation, removal)
        return self._result(view, plan, wanted, self._write(view, plan) if plan.changed and not check_mode else record)

    @staticmethod
    def _result(view: _View, plan: _Plan, wanted: t.Dict[str, Data], after: Record) -> Result:
        return Result(
            view.record.name,
            plan.changed,
            after.generation,
            max(after.revisions.values(), default=after.revision),
            dict(after.revisions),
            {key: value_of(entry) for key, entry in view.mine.items()},
            wanted,
            sorted(key for key in view.record.claimed & view.entries.keys() - view.mine.keys() if key not in wanted),
        )

    @staticmethod
    def _pending(view: _View) -> t.Dict[str, Data]:
        """What the writer of a record that is not sealed wanted, but for keys that somebody else has written since."""
        record, mine = view.record, view.mine
        if record.pending is None:
            return {key: value_of(entry) for key, entry in mine.items()}
        kept = {key: value_of(entry) for key, entry in mine.items() if key not in record.pending.drop}
        return {**kept, **{key: data for key, data in record.pending.put.items() if key in mine or key not in view.entries}}

    def _look(self, wanted: t.Mapping[str, t.Collection[str]]) -> t.Dict[str, _View]:
        """Everything that plans for configurations (by name their wanted keys) need, in one request where that fits, else in two."""
        keys = sorted({key for each in wanted.values() for key in each})
        labels = sorted({microservice_of(key) for key in keys})
        gets = [Get(epochs.EPOCH), *(Get(epochs.MARKS + label) for label in labels), *(Get(RECORDS + name) for name in wanted)]
        single = len(gets) + len(keys) <= SINGLY
        doing = f"reading configuration {', '.join(list(wanted)[:5])}"
        found = self._gets([*gets, *map(Get, keys)] if single else gets, doing)
        marks = dict(zip(labels, found[1:]))
        records = [record_of(name, each) for name, each in zip(wanted, found[1 + len(labels) :])]
        entries = {entry.key: entry for each in found[len(gets) :] for entry in each}
        claimed = {key for record in records for key in record.claimed}
        more = sorted(claimed.difference(keys) if single else claimed.union(keys))
        gone = sorted({microservice_of(key) for key in claimed} - marks.keys()) if self.scope else []
        if more or gone:
            gets = [Get(epochs.MARKS + label) for label in gone]
            gets += map(Get, more) if len(more) <= SINGLY else _ranges(more)
            later = self._gets([*gets, *(Get(record.key) for record in records)], doing)
            if any(_at(each) != record.revision for record, each in zip(records, later[len(gets) :])):
                raise _Raced
            marks.update(zip(gone, later))
            asked = set(more)
            entries.update((entry.key, entry) for each in later[len(gone) : len(gets)] for entry in each if entry.key in asked)
        return {record.name: _View.of(record, found[0], marks, entries, wanted[record.name]) for record in records}

    def _fence(self, view: _View, wanted: t.Mapping[str, t.Any]) -> _View:
        """The record made ours, so that its writer, should it still live, writes no more; and what it has written until then."""
        record = view.record
        fence = self._commit(record.name, record.revision, (), Put(record.key, record_value(record)))
        view = self._look({record.name: wanted})[record.name]
        if view.record.revision != fence:
            raise _Raced
        return view

    def _gets(self, gets: t.Sequence[Get], doing: str) -> t.List[t.List[Entry]]:
        found: t.List[t.List[Entry]] = []
        for at in range(0, len(gets), MOST):
            found += self.store.commit((), gets[at : at + MOST], what=doing).answers
        return found

    def _refuse_foreign(self, view: _View, wanted: t.Collection[str], take_over: bool, check_mode: bool) -> None:
        """Raise for wanted keys that are not the configuration's own."""
        mine = view.mine
        foreign = [entry for key, entry in view.entries.items() if key in wanted and key not in mine]
        if not foreign:
            return
        owners = self._owners(view.record.name, foreign)
        conflicts = [{"key": entry.key, "owner": owners.get(entry.key, "")} for entry in foreign if not take_over or entry.key in owners]
        if not conflicts:
            return
        name, told = view.record.name, []
        for each in conflicts[:20]:
            owner = f"configuration {each['owner']}" if each["owner"] else "somebody else, no configuration of ours"
            told.append(f"{each['key']} was written by {owner} (revision {view.entries[each['key']].revision})")
        rest = "Nothing was written"
        if view.record.pending and not check_mode:
            self.finish(name)
            rest = "What of an earlier attempt could be written was"
        raise KeyConflict(f"{self.store}: configuration {name}: {'; '.join(told)}. {rest}", conflicts=conflicts)

    def _owners(self, name: str, entries: t.Sequence[Entry]) -> t.Dict[str, str]:
        """Which other configuration wrote each key; of a record that cannot be read nobody knows."""
        owners: t.Dict[str, str] = {}
        for found in self.store.prefix(RECORDS).entries:
            other = found.key[len(RECORDS) :]
            if other != name:
                with contextlib.suppress(EtcdError):
                    record = record_of(other, [found])
                    owners.update((entry.key, other) for entry in entries if record.wrote(entry))
        return owners

    def _plan(self, view: _View, wanted: t.Dict[str, Data], generation: int, removal: bool, epoch: str = "", moved: t.AbstractSet[str] = frozenset()) -> _Plan:
        """C(epoch): the one to begin where there is none. C(moved): keys that become another configuration's when they are not wanted."""
        known, record = view.entries, view.record
        put = {key: data for key, data in wanted.items() if key not in known or value_of(known[key]) != data}
        drop = frozenset(view.mine.keys() - wanted.keys() - moved)
        stays = {key: known[key].revision for key in wanted if key not in put}
        guard: Unit = (At(epochs.EPOCH, _at(view.epoch)), None)
        if not view.epoch:
            epoch = epoch or epochs.new_epoch()
            guard = (guard[0], Put(epochs.EPOCH, epochs.epoch_value(epoch)))
        marks = self._marks(view, wanted, epochs.epoch_of(view.epoch) or epoch)
        if removal or not record.revision:
            changed = bool(record.revision) == removal
        else:
            changed = bool(put or drop or record.pending or record.keys != stays or any(operation for _compare, operation in marks))
        return _Plan(removal, changed, generation, [guard], marks, put, drop, stays)

    def _marks(self, view: _View, wanted: t.Mapping[str, t.Any], epoch: str) -> t.List[Unit]:
        """Marks of microservices that are published in this epoch for the first time, claimed, or given back with their last key."""
        units: t.List[Unit] = []
        labels = {microservice_of(key) for key in wanted}
        for label, found in view.marks.items():
            mark, key = epochs.mark_of(found), epochs.MARKS + label
            if label in labels:
                if self.scope and mark.scope and mark.scope != self.scope:
                    raise MicroserviceConflict(
                        f"{self.store}: configuration {view.record.name}: microservice {label} belongs to {mark.scope}, not to {self.scope}: "
                        "give it another label. Nothing was written",
                        microservice=label,
                        owner=mark.scope,
                    )
                new = epochs.Mark(epoch, self.scope or mark.scope)
            elif self.scope and mark.scope == self.scope:
                still = self._last(view, label)
                if still is None:
                    continue
                units.append((still, None))
                new = epochs.Mark(epoch, "")
            else:
                continue
            units.append((At(key, _at(found)), Put(key, epochs.mark_value(new)) if new != mark else None))
        return units

    def _last(self, view: _View, label: str) -> t.Optional[Still]:
        """That nothing but what this configuration has is there for a microservice, for as long as it is so; None when it is not."""
        prefix = f"{AGENTS}{label}/config/"
        mine = {key for key in view.mine if key.startswith(prefix)}
        found = self.store.range(prefix, after_prefix(prefix), keys_only=True, most=len(mine) + 1)
        return Still(prefix, after_prefix(prefix), found.revision) if {entry.key for entry in found.entries} <= mine else None

    def _write(self, view: _View, plan: _Plan) -> Record:
        """Write what is planned; returns the record as sealed. Raises L(_Raced) when what was read is no longer so."""
        name, units = view.record.name, _units(view, plan)
        first = [*plan.epoch, *plan.marks]
        if len(first) + len(units) < self.most:
            return self._together([(view, plan)])[0]
        own = {**{key: entry.revision for key, entry in view.mine.items()}, **plan.stays}
        pending = Record(name, 0, plan.generation, own, _kept(view.record, plan), Pending(plan.put, plan.drop, plan.removal))
        fence = self._commit(name, view.record.revision, first[: self.most - 1], Put(pending.key, record_value(pending)))
        units = [*first[self.most - 1 :], *units]
        keys, revisions = dict(plan.stays), dict(pending.revisions)
        for at in range(0, len(units), self.most - 1):
            chunk = units[at : at + self.most - 1]
            changed = [compare.key for compare, operation in chunk if operation and compare.key.startswith(AGENTS)]
            keys.update((key, 0) for key in changed if key in plan.put)
            revisions.update((microservice_of(key), 0) for key in changed)
            last = at + self.most - 1 >= len(units)
            revision = self._commit(name, fence, chunk, _seal(name, plan, keys, revisions) if last else None)
            keys = {key: at or revision for key, at in keys.items()}
            revisions = {label: at or revision for label, at in revisions.items()}
        return Record(name, revision, plan.generation, keys, revisions)

    def _together(self, planned: t.Sequence[t.Tuple[_View, _Plan]]) -> t.List[Record]:
        """Write what is planned for some configurations in one transaction."""
        units: t.Dict[str, Unit] = {}
        sealed: t.List[Record] = []
        for view, plan in planned:
            keys = {**plan.stays, **dict.fromkeys(plan.put, 0)}
            touched = {microservice_of(key): 0 for key in (*plan.put, *plan.drop)}
            record = Record(view.record.name, 0, plan.generation, keys, {**_kept(view.record, plan), **touched})
            seal: Unit = (At(record.key, view.record.revision), _seal(record.name, plan, record.keys, record.revisions))
            units.update((unit[0].key, unit) for unit in (*plan.epoch, *plan.marks, *_units(view, plan), seal))
            sealed.append(record)
        revision = self._transaction(list(units.values()), ", ".join(record.name for record in sealed[:5]))
        return [
            record._replace(
                revision=revision,
                keys={key: at or revision for key, at in record.keys.items()},
                revisions={label: at or revision for label, at in record.revisions.items()},
            )
            for record in sealed
        ]

    def _commit(self, name: str, fence: int, units: t.Sequence[Unit], seal: t.Optional[Operation]) -> int:
        return self._transaction([(At(RECORDS + name, fence), seal), *units], name)

    def _transaction(self, units: t.Sequence[Unit], names: str) -> int:
        self.between()
        guard = [self.guard] if self.guard else []
        done = self.store.commit(
            [*guard, *(compare for compare, _operation in units)],
            [operation for _compare, operation in units if operation],
            [Get(each.key) for each in guard],
            what=f"writing configuration {names}",
        )
        if not done.succeeded:
            if self.guard and _at(done.answers[0]) != self.guard.revision:
                raise Superseded(f"{self.store}: another one writes configurations by now, this one stopped")
            raise _Raced
        return done.revision


def _units(view: _View, plan: _Plan) -> t.List[Unit]:
    """What becomes of keys, each as it was read."""
    units: t.List[Unit] = []
    for key in sorted(plan.put.keys() | plan.drop):
        at = At(key, view.entries[key].revision if key in view.entries else 0)
        units.append((at, Put(key, epochs.dump(plan.put[key])) if key in plan.put else Delete(key)))
    return units


def _seal(name: str, plan: _Plan, keys: t.Mapping[str, int], revisions: t.Mapping[str, int]) -> Operation:
    record = Record(name, 0, plan.generation, keys, revisions)
    return Delete(record.key) if plan.removal else Put(record.key, record_value(record))


def _kept(record: Record, plan: _Plan) -> t.Dict[str, int]:
    """Revisions of the microservices that stay, as they were before what is planned."""
    found: t.Dict[str, int] = {}
    for key, at in plan.stays.items():
        label = microservice_of(key)
        found[label] = max(found.get(label, 0), record.revisions.get(label, 0), at)
    return found


def _groups(wanted: t.Mapping[str, t.Collection[str]]) -> t.Iterator[t.List[str]]:
    """Names whose records and keys are read in one request."""
    group: t.List[str] = []
    read: t.Set[str] = set()
    for name, keys in wanted.items():
        more = {RECORDS + name, *keys, *(epochs.MARKS + microservice_of(key) for key in keys)}
        if group and len(read | more) >= SINGLY:
            yield group
            group, read = [], set()
        group.append(name)
        read |= more
    if group:
        yield group


def _moving(views: t.Mapping[str, _View], wanted: t.Mapping[str, t.Mapping[str, Data]]) -> t.Iterator[t.Tuple[t.List[str], t.AbstractSet[str]]]:
    """Names that have to be written together, since keys of the one become the other's, and these keys; most stand alone."""
    had = {key: name for name, view in views.items() for key in view.mine.keys() - wanted[name].keys()}
    moved = {key: name for name in views for key in wanted[name].keys() & had.keys()}
    together: t.Dict[str, t.Set[str]] = {}
    for key, name in moved.items():
        both = together.get(name, {name}) | together.get(had[key], {had[key]})
        together.update(dict.fromkeys(both, both))
    for name in views:
        names = [each for each in views if each in together.get(name, (name,))]
        if name == names[0]:
            yield names, frozenset(key for key, to in moved.items() if to in names)


def _given_up(results: t.Mapping[str, t.Union[Result, CnfError]], wanted: t.Mapping[str, t.Mapping[str, Data]]) -> t.Dict[str, t.AbstractSet[str]]:
    """Configurations that were refused for nothing but keys that others of these give up, and those keys."""
    found: t.Dict[str, t.AbstractSet[str]] = {}
    for name, error in results.items():
        if isinstance(error, KeyConflict):
            conflicts = error.context["conflicts"]
            if all(isinstance(results.get(each["owner"]), Result) and each["key"] not in wanted[each["owner"]] for each in conflicts):
                found[name] = {each["key"] for each in conflicts}
    return found


def _at(found: t.Sequence[Entry]) -> int:
    return found[0].revision if found else 0


def _ranges(keys: t.Sequence[str]) -> t.List[Get]:
    """For each microservice the range that its keys are in; C(keys) are sorted."""
    ends: t.Dict[str, t.Tuple[str, str]] = {}
    for key in keys:
        label = microservice_of(key)
        ends[label] = (ends[label][0] if label in ends else key, key)
    return [Get(first, last + "\0") for first, last in ends.values()]
