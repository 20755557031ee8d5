# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apply a plan in waves with a journal, undo what was done when it fails, and read back what was written."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.changes import Changes, PlanError, Waves
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Dataplane, Key, Operation, Resources


class ApplyError(CnfError):
    """An operation failed. The message says which, why, and what was undone and what could not be."""


class Outcome(t.NamedTuple):
    """C(before) and C(after) are all resources observed (C(after): predicted in check mode); C(waves) what was planned.

    C(written): all keys by which the two may differ; None where that is not known.
    """

    before: Resources
    after: Resources
    waves: Waves
    commands: t.List[str]
    written: t.Optional[t.Collection[Key]] = None

    @property
    def changed(self) -> bool:
        """Whether anything was, or in check mode would be, done."""
        return bool(self.waves)


class Journal:
    """What was done on which dataplane, so that a failure anywhere can take all of it back."""

    def __init__(self) -> None:
        self.entries: t.List[t.Tuple[Dataplane, t.Optional[t.FrozenSet[str]], Resources, t.List[Operation]]] = []

    def begin(self, dataplane: Dataplane, classes: t.Optional[t.FrozenSet[str]], start: Resources) -> t.List[Operation]:
        """A list that the caller fills with the operations it does."""
        done: t.List[Operation] = []
        self.entries.append((dataplane, classes, start, done))
        return done

    @property
    def touched(self) -> bool:
        """Whether anything was done that is not undone."""
        return any(done for _dataplane, _classes, _start, done in self.entries)

    def undo(self) -> t.Tuple[t.List[str], t.List[str]]:
        """Bring every dataplane back to where it was found, last one first: (what was undone, what could not be)."""
        undone: t.List[str] = []
        remains: t.List[str] = []
        for dataplane, classes, start, done in reversed(self.entries):
            if done:
                _restore(dataplane, classes, start, {operation.key for operation in done}, undone, remains)
        self.entries = []
        return undone, remains


def _restore(
    dataplane: Dataplane, classes: t.Optional[t.FrozenSet[str]], start: Resources, touched: t.Set[t.Any], undone: t.List[str], remains: t.List[str]
) -> None:
    try:
        now = _ours(dataplane.observe(classes), start, touched)
        goal = {key: have for key, have in start.items() if have.owned or key in touched}
        for wave in _planned(dataplane, now, goal):
            for operation, error in zip(wave, dataplane.perform(wave)):
                text = "; ".join(dataplane.commands(operation))
                if error is None:
                    undone.append(text)
                else:
                    remains.append(f"{text}: {error}")
        left = [] if remains else _planned(dataplane, _ours(dataplane.observe(classes), start, touched), goal)
        remains.extend(f"{dataplane.label(operation.key)} differs from what was found" for wave in left for operation in wave)
    except CnfError as error:
        remains.append(error.message)


def _ours(now: Resources, start: Resources, touched: t.Set[t.Any]) -> Resources:
    """What this run made is ours to take away, also what looks like nobody's as long as not all of it is there."""
    made = {key: now[key]._replace(owned=True) for key in touched if key in now and key not in start}
    return {**now, **made}


# Most runs change nothing: what plans is imported, which a target compiles each time, when there is something to plan.


def _differ(dataplane: Dataplane, observed: Resources, desired: Resources, take_foreign: bool) -> t.Optional[Changes]:
    changes = Changes(dataplane, observed, desired, take_foreign)
    changes.classify()
    return changes if changes.make or changes.away else None


def _left(dataplane: Dataplane, observed: Resources, desired: Resources, take_foreign: bool) -> t.List[Operation]:
    return [operation for wave in _planned(dataplane, observed, desired, take_foreign) for operation in wave]


def _planned(dataplane: Dataplane, observed: Resources, desired: Resources, take_foreign: bool = False) -> Waves:
    changes = _differ(dataplane, observed, desired, take_foreign)
    if changes is None:
        return []
    from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import ordered

    return ordered(changes)


def _predicted(dataplane: Dataplane, observed: Resources, waves: Waves) -> Resources:
    if not waves:
        return observed
    from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import predict

    return predict(observed, waves, dataplane)


def converge(
    dataplane: Dataplane,
    desired: Resources,
    observed: t.Optional[Resources] = None,
    *,
    classes: t.Optional[t.FrozenSet[str]] = None,
    check_mode: bool = False,
    on_failure: str = "undo",
    take_foreign: bool = False,
    journal: t.Optional[Journal] = None,
) -> Outcome:
    """Make the dataplane be as C(desired) says: plan, apply, verify. See L(plan) for what C(desired) has to hold.

    On failure everything in the journal (that of the caller, which may span several dataplanes, or one of its own) is
    undone, unless C(on_failure) is C(stop). Raises L(PlanError) with nothing touched, L(ApplyError) otherwise.
    """
    before = dataplane.observe(classes) if observed is None else observed
    waves = _planned(dataplane, before, desired, take_foreign)
    commands = [command for wave in waves for operation in wave for command in dataplane.commands(operation)]
    if check_mode or not waves:
        return Outcome(before, _predicted(dataplane, before, waves), waves, commands, None if waves else ())
    journal = Journal() if journal is None else journal
    done = journal.begin(dataplane, classes, before)
    written: t.Optional[t.Collection[Key]] = None
    try:
        _apply(dataplane, waves, done)
        after = dataplane.reread(done, before)
        if after is None:
            after = dataplane.observe(classes)
            left = _left(dataplane, after, desired, take_foreign)
        else:
            written = {operation.key for operation in done}
            here, there = ({key: each[key] for key in written if key in each} for each in (desired, after))
            left = _left(dataplane, after, desired, take_foreign) if _differ(dataplane, there, here, take_foreign) else []
        if left:
            different = "; ".join(_difference(dataplane, operation) for operation in left[:5])
            raise ApplyError(f"everything was accepted, but reading back shows another state: {different}")
    except BaseException as error:
        _fail(dataplane, error, journal, done, on_failure)
    return Outcome(before, after, waves, commands, written)


def _apply(dataplane: Dataplane, waves: Waves, done: t.List[Operation]) -> None:
    for wave in waves:
        # Noted before they are sent: an interrupted wave may have been done in part, and undo looks at what is there.
        done.extend(wave)
        failed = [(operation, error) for operation, error in zip(wave, dataplane.perform(wave)) if error is not None]
        if failed:
            operation, text = failed[0]
            more = f" ({len(failed) - 1} more failed with it)" if len(failed) > 1 else ""
            said = f"{dataplane.label(operation.key)}: {operation.verb} failed: {text}{more}"
            raise ApplyError(
                f"{said}{'' if said.endswith('?') else '.'} The call was: {'; '.join(dataplane.commands(operation))}",
                failed=[list(operation.key) for operation, _text in failed],
            )


def _difference(dataplane: Dataplane, operation: Operation) -> str:
    label = dataplane.label(operation.key)
    if operation.before is None:
        return f"{label} is not there"
    if operation.after is None:
        return f"{label} is still there"
    before, after = operation.before.attributes, operation.after.attributes
    fields = [str(name) for name in {**before, **after} if before.get(name) != after.get(name)]
    return f"{label} differs in {', '.join(sorted(fields)) or 'its references'}"


def _fail(dataplane: Dataplane, error: BaseException, journal: Journal, done: t.List[Operation], on_failure: str) -> t.NoReturn:
    raise give_up(error, journal, on_failure, [f"{operation.verb} {dataplane.label(operation.key)}" for operation in done]) from error


def give_up(error: BaseException, journal: Journal, on_failure: str, attempted: t.Sequence[str] = ()) -> ApplyError:
    """Undo what the journal holds, unless told otherwise, and say all of it in one error. What is no failure is raised again."""
    if isinstance(error, CnfError):
        message, context = error.message, dict(error.context)
    elif isinstance(error, KeyboardInterrupt):
        message, context = "interrupted", {}
    elif isinstance(error, Exception):
        message, context = f"{type(error).__name__}: {error}", {}
    else:
        raise error
    message = f"{message.rstrip('.')}."
    undone: t.List[str] = []
    remains: t.List[str] = []
    if on_failure == "stop":
        message += " What was done before was left, as on_failure says."
    else:
        undone, remains = journal.undo()
        if remains and all(each.rstrip(".") in message for each in remains):  # the dataplane itself is lost
            message += " What could NOT be undone: all of it."
        elif remains:
            message += f" What could NOT be undone: {'; '.join(remains[:5])}."
        else:
            message += " All that was done was undone; the state is as it was found."
    context["operations"] = {"attempted": list(attempted), "undone": undone, "not_undone": remains}
    return ApplyError(message, **context)


__all__ = ["ApplyError", "Journal", "Outcome", "PlanError", "converge", "give_up"]
