# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that can be done of what is wanted: together when that goes, else without what does not. Pure; who calls gives the attempts.

A unit is what is wanted by one item (or by two that need each other). One that cannot be done stays as it is there, and where not even that
goes it is left away. So one bad item costs nothing but itself, and those that need it.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Value

GONE, OLD, NEW = 0, 1, 2
"""What becomes of a unit: nothing is left of it, it stays as it is, it becomes as it is wanted."""


@dataclasses.dataclass(frozen=True, eq=False)
class Unit:
    """C(items): keys of the items that want it. C(keys): those of its values, and of what is there in their place. C(wanted): its values."""

    items: t.Tuple[str, ...]
    keys: t.FrozenSet[str]
    wanted: t.Tuple[Value, ...] = ()

    @property
    def name(self) -> t.Tuple[str, ...]:
        """The same in another pass."""
        return tuple(sorted(self.keys)) or self.items


There = t.Mapping[str, Value]
Choice = t.Dict[Unit, int]
Attempt = t.Callable[[Choice], None]
"""Tries a choice, and raises a L(CnfError) that says why it cannot be; then nothing is done, or what was done is undone."""

Rejected = t.Dict[Unit, CnfError]

Blame = t.Callable[[CnfError], t.Iterable[Unit]]


def goal(choice: Choice, there: t.Iterable[Value], drop: bool = True) -> t.List[Value]:
    """The values that a choice means, given those that are there. C(drop): what is there and no unit's goes."""
    have = {value.key: value for value in there}
    found: t.List[Value] = []
    claimed: t.Set[str] = set()
    for unit, level in choice.items():
        claimed |= unit.keys
        if level == NEW:
            found += unit.wanted
        elif level == OLD:
            found += [have[key] for key in sorted(unit.keys) if key in have]
    return found if drop else found + [value for key, value in have.items() if key not in claimed]


def removals(units: t.Iterable[Unit], there: There) -> t.List[Unit]:
    """A unit for each value that is there and that nothing wants: it goes by itself."""
    claimed = {key for unit in units for key in unit.keys}
    return [Unit((key,), frozenset({key})) for key in there if key not in claimed]


def differs(unit: Unit, there: There) -> bool:
    """Whether a unit is not there as it is wanted."""
    wanted = {value.key: value.data for value in unit.wanted}
    return any(key in there if key not in wanted else key not in there or there[key].data != wanted[key] for key in unit.keys)


def paired(units: t.Sequence[Unit]) -> t.List[Unit]:
    """The two ends of a veth pair, of which none can be without the other, as one unit."""
    peers: t.Dict[str, t.Tuple[Unit, str]] = {}
    result: t.List[Unit] = []
    for unit in units:
        name, peer = _veth(unit)
        other = peers.get(peer) if name else None
        if other and other[1] == name:
            del peers[peer]
            result[result.index(other[0])] = Unit(other[0].items + unit.items, other[0].keys | unit.keys, other[0].wanted + unit.wanted)
            continue
        if name:
            peers[name] = (unit, peer)
        result.append(unit)
    return result


def _veth(unit: Unit) -> t.Tuple[str, str]:
    data = unit.wanted[0].data if len(unit.wanted) == 1 else {}
    return (data["name"], data["veth"].get("peer_if_name", "")) if data.get("type") == "VETH" and "veth" in data else ("", "")


def plan_around(
    every: t.Sequence[Unit], plan: Attempt, suspects: t.Container[t.Tuple[str, ...]], held: t.Container[Unit], blame: Blame
) -> t.Tuple[Choice, Rejected]:
    """The best choice that can be planned.

    C(suspects): names of what was rejected lately, tried last. C(held): not tried at all. C(blame) guesses whom an error means; what it says
    is tried out: without it bad ones are found by halves.
    """
    ready = [unit for unit in every if unit not in held]
    odd = [unit for unit in ready if unit.name in suspects]
    choice: Choice = {**dict.fromkeys(every, OLD), **{unit: NEW for unit in ready if unit not in odd}}
    while True:
        error = _fails(plan, choice)
        if error is None:
            break
        blamed = [unit for unit in blame(error) if choice.get(unit) == NEW]
        if not blamed:
            choice = dict.fromkeys(every, OLD)
            if _fails(plan, choice):
                choice = dict.fromkeys(every, GONE)
                _grow(choice, every, OLD, plan)
            rejected = _grow(choice, [unit for unit in ready if unit not in odd], NEW, plan)
            return choice, _grow(choice, [*odd, *rejected], NEW, plan) if odd else rejected
        odd += blamed
        choice.update(dict.fromkeys(blamed, OLD))
    return choice, _grow(choice, odd, NEW, plan)


def apply_around(choice: Choice, there: There, apply: Attempt) -> Rejected:
    """What could be planned and failed half-way: done piece by piece. C(choice) becomes what was done; returns what failed by itself."""
    tried = [unit for unit, level in choice.items() if level == NEW and differs(unit, there)]
    choice.update(dict.fromkeys(tried, OLD))
    return _grow_once(choice, tried, NEW, apply)


def _fails(attempt: Attempt, choice: Choice) -> t.Optional[CnfError]:
    try:
        attempt(choice)
    except CnfError as error:
        return error
    return None


def _grow(choice: Choice, units: t.Sequence[Unit], level: int, attempt: Attempt) -> Rejected:
    """Bring units to a level as far as that goes; once more as long as one helps another."""
    left = list(units)
    while True:
        rejected = _grow_once(choice, left, level, attempt)
        if not rejected or len(rejected) == len(left):
            return rejected
        left = list(rejected)


def _grow_once(choice: Choice, units: t.Sequence[Unit], level: int, attempt: Attempt) -> Rejected:
    """All together, else one half and then the other."""
    if not units:
        return {}
    trial = {**choice, **dict.fromkeys(units, level)}
    error = _fails(attempt, trial)
    if error is None:
        choice.update(trial)
        return {}
    if len(units) == 1:
        return {units[0]: error}
    middle = len(units) // 2
    return {**_grow_once(choice, units[:middle], level, attempt), **_grow_once(choice, units[middle:], level, attempt)}
