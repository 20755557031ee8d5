# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one bad item costs the others: nothing but those that need it."""

from __future__ import annotations

from ansible_collections.pantheon.cnf.plugins.module_utils.agent.settle import (
    GONE,
    NEW,
    OLD,
    Unit,
    apply_around,
    differs,
    goal,
    paired,
    plan_around,
    removals,
)
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Value
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def value(name, **data):
    return Value("k", name, {"name": name, **data})


def unit(name, **data):
    return Unit((name,), frozenset({name}), (value(name, **data),))


class World:
    """A dataplane of names: C(bad) cannot be, C(needs) says what each needs of the others. Remembers the trials."""

    def __init__(self, there=(), bad=(), needs=None):
        self.there, self.bad, self.needs = {each.key: each for each in there}, set(bad), needs or {}
        self.trials = 0

    def attempt(self, choice):
        self.trials += 1
        wanted = {each.key: each for each in goal(choice, self.there.values())}
        for name, each in wanted.items():
            if name in self.bad and self.there.get(name) != each:
                raise CnfError(f"{name} is bad")
            missing = [other for other in self.needs.get(name, ()) if other not in wanted]
            if missing:
                raise CnfError(f"{name} needs {missing}", missing=missing)

    def apply(self, choice):
        self.attempt(choice)
        self.there = {each.key: each for each in goal(choice, self.there.values())}


def settled(world, units, suspects=(), held=(), blame=lambda error: ()):
    every = [*units, *removals(units, world.there)]
    choice, rejected = plan_around(every, world.attempt, suspects, held, blame)
    world.apply(choice)
    return choice, {each.name[0]: error.message for each, error in rejected.items()}


def test_all_good_is_one_trial_more_than_what_is_there():
    world = World()
    _choice, rejected = settled(world, [unit(str(at)) for at in range(100)])
    assert (rejected, len(world.there), world.trials) == ({}, 100, 2)


def test_a_bad_one_and_those_that_need_it_are_left_out():
    world = World(bad={"b"}, needs={"c": ["b"], "d": ["c"], "a": ["z"]})
    _choice, rejected = settled(world, [unit(name) for name in "abcdez"])
    assert set(world.there) == {"a", "e", "z"}
    assert rejected == {"b": "b is bad", "c": "c needs ['b']", "d": "d needs ['c']"}


def test_a_bad_one_stays_as_it_is_there():
    there = [value("a", at=1), value("b", at=1)]
    world = World(there, bad={"b"})
    choice, rejected = settled(world, [unit("a", at=2), unit("b", at=2)])
    assert (world.there["a"].data["at"], world.there["b"].data["at"], list(rejected)) == (2, 1, ["b"])
    assert sorted(choice.values()) == [OLD, NEW]


def test_what_cannot_even_stay_goes():
    world = World([value("a"), value("b")], needs={"b": ["gone"]})
    choice, rejected = settled(world, [unit("a"), unit("b")])
    assert set(world.there) == {"a"}
    assert (sorted(choice.values()), list(rejected)) == ([GONE, NEW], ["b"])


def test_a_removal_that_cannot_be_costs_nothing_else():
    world = World([value("a"), value("old"), value("used")])

    def attempt(choice, check=world.attempt):
        check(choice)
        if not any(each.key == "used" for each in goal(choice, world.there.values())):
            raise CnfError("used: somebody uses it")

    units = [unit("a"), unit("b")]
    choice, rejected = plan_around([*units, *removals(units, world.there)], attempt, (), (), lambda error: ())
    world.apply(choice)
    assert set(world.there) == {"a", "b", "used"}
    assert [each.message for each in rejected.values()] == ["used: somebody uses it"]


def test_what_is_held_is_not_tried():
    held = unit("b", at=2)
    world = World([value("b", at=1)])
    settled(world, [unit("a"), held], held=[held])
    assert world.there["b"].data["at"] == 1


def test_suspects_cost_few_trials():
    units = [unit(f"{at:03}") for at in range(256)]
    fresh, known = World(bad={"007"}), World(bad={"007"})
    settled(fresh, units)
    settled(known, units, suspects={("007",)})
    assert set(fresh.there) == set(known.there)
    assert known.trials <= 5 < fresh.trials


def test_who_is_blamed_is_tried_by_itself():
    units = [unit(f"{at:03}") for at in range(256)]
    world = World(bad={"007", "100"})

    def blame(error):
        return [each for each in units if error.message.startswith(each.items[0])]

    _choice, rejected = settled(world, units, blame=blame)
    assert (sorted(rejected), len(world.there)) == (["007", "100"], 254)
    assert world.trials <= 7
    # A wrong guess costs trials, and nothing else.
    wrong = World(bad={"007"})
    settled(wrong, units, blame=lambda error: units[:3])
    assert len(wrong.there) == 255


def test_piece_by_piece_only_what_differs_is_done():
    units = [unit(f"{at:02}") for at in range(64)]
    world = World([value(f"{at:02}") for at in range(60)], bad={"61"})
    choice = dict.fromkeys(units, NEW)
    failed = apply_around(choice, world.there, world.apply)
    assert [each.name for each in failed] == [("61",)]
    assert len(world.there) == 63
    assert world.trials == 5
    assert [each.name[0] for each, level in choice.items() if level == OLD] == ["61"]


def test_the_ends_of_a_veth_pair_are_one():
    ends = [unit("x", type="VETH", veth={"peer_if_name": "y"}), unit("z"), unit("y", type="VETH", veth={"peer_if_name": "x"})]
    odd = unit("w", type="VETH", veth={"peer_if_name": "x"})
    found = paired([ends[0], odd, *ends[1:]])
    assert [sorted(each.keys) for each in found] == [["x", "y"], ["w"], ["z"]]
    assert found[0].items == ("x", "y")


def test_differs():
    assert not differs(unit("a"), {"a": value("a")})
    assert differs(unit("a", at=1), {"a": value("a")})
    assert differs(unit("a"), {})
    assert differs(Unit(("a",), frozenset({"a"})), {"a": value("a")})
    assert not differs(Unit(("a",), frozenset({"a"})), {})


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_is_wrong_all_that_can_be_is(data):
    names = [f"n{at}" for at in range(data.draw(st.integers(1, 12)))]
    needs = {name: data.draw(st.lists(st.sampled_from(names), max_size=2)) for name in names}
    bad = set(data.draw(st.lists(st.sampled_from(names), max_size=3)))
    there = [value(name) for name in data.draw(st.lists(st.sampled_from([*names, "old"]), unique=True))]
    world = World(there, bad, needs)
    units = [unit(name) for name in data.draw(st.permutations(names))]
    before = dict(world.there)
    settled(world, units, blame=data.draw(st.sampled_from([lambda error: (), lambda error: [each for each in units if each.items[0] in error.message]])))
    possible = {name for name in names if name not in bad or name in before}
    while True:
        less = {name for name in possible if set(needs[name]) <= possible}
        if less == possible:
            break
        possible = less
    # What needs each other in a circle may be too much to find out; nothing else is.
    alone = {name for name in possible if _acyclic(name, needs, ())}
    assert alone <= set(world.there) <= possible
    assert "old" not in world.there


def _acyclic(name, needs, path):
    return name not in path and all(_acyclic(other, needs, (*path, name)) for other in needs[name])
