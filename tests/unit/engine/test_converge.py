# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single cases of plan and converge whose message or order matters."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.algebra import target
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import ApplyError, Journal, converge
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Resource, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import PlanError, plan

from .world import World, leaf, node, user, world


def verbs(waves):
    """The plan as words, a list a wave."""
    return [sorted(f"{operation.verb} {operation.key[1]}" for operation in wave) for wave in waves]


def test_a_name_swap_is_broken_up():
    start = world(node("a", ifname="x"), node("b", ifname="y"))
    goal = world(node("a", ifname="y"), node("b", ifname="x"))
    assert verbs(plan(World(), start, goal)) == [["delete a"], ["update b"], ["create a"]]


def test_a_recreate_cascades_visibly():
    start = world(node("a"), user("u", ["a"]), leaf("l", "a"))
    goal = world(node("a", shape="square"), user("u", ["a"]), leaf("l", "a"))
    assert verbs(plan(World(), start, goal)) == [["delete u"], ["delete a"], ["create a"], ["create l", "create u"]]


def test_a_user_moves_before_its_old_target_goes():
    start = world(node("a"), user("u", ["a"]))
    goal = world(node("b"), user("u", ["b"]))
    assert verbs(plan(World(), start, goal)) == [["create b"], ["update u"], ["delete a"]]


def test_a_name_moves_from_a_dying_object_to_a_new_one():
    start = world(node("a", ifname="x"), user("u", ["a"]))
    goal = world(node("b", ifname="x"), user("u", ["b"]))
    it = World(start)
    converge(it, goal)
    assert it.state == goal


def test_a_foreign_object_in_the_way_is_named_and_left():
    foreign = node("a", colour="blue", owned=False)
    it = World(world(foreign))
    with pytest.raises(PlanError, match="node a is in the way: it exists with other settings and is not ours"):
        converge(it, world(node("a")))
    assert it.state == world(foreign)


def test_a_foreign_holder_of_a_claim_is_named():
    it = World(world(node("other", ifname="eth0", owned=False)))
    with pytest.raises(PlanError, match="node a cannot have ifname eth0: node other, which is not ours has it"):
        converge(it, world(node("a", ifname="eth0")))


def test_a_foreign_object_that_would_vanish_too_stops_the_plan():
    it = World(world(node("a"), leaf("theirs", "a", owned=False)))
    with pytest.raises(PlanError, match="leaf theirs, which is not ours, would vanish with it"):
        converge(it, {})
    assert it.writes == 0


def test_two_desired_objects_want_one_claim():
    with pytest.raises(PlanError, match="both want ifname x"):
        plan(World(), {}, world(node("a", ifname="x"), node("b", ifname="x")))


def test_a_real_circle_is_named():
    one = Resource(("user", "one"), {}, requires=frozenset([("user", "two")]))
    two = Resource(("user", "two"), {}, requires=frozenset([("user", "one")]))
    with pytest.raises(PlanError, match="in a circle: user one -> user two|user two -> user one"):
        plan(World(), {}, world(one, two))


def test_an_adopted_object_is_neither_made_nor_deleted_but_updated():
    adopted = node("a")._replace(managed=False)
    with pytest.raises(PlanError, match="node a does not exist, and is not ours to make"):
        plan(World(), {}, world(adopted))
    assert plan(World(), world(adopted), {}) == []
    changed = node("a", colour="blue")._replace(managed=False)
    assert verbs(plan(World(), world(adopted), world(changed))) == [["update a"]]


def test_stop_leaves_what_was_done_and_says_so():
    it = World(fail_at=2)
    with pytest.raises(ApplyError, match="was left, as on_failure says") as caught:
        converge(it, world(node("a"), leaf("l", "a")), on_failure="stop")
    assert it.state == world(node("a"))
    assert caught.value.context["operations"]["undone"] == []


def test_an_undo_that_fails_says_what_remains():
    class Stuck(World):
        def one(self, operation):
            return "stuck" if operation.verb == "delete" else super().one(operation)

    it = Stuck(fail_at=2)
    with pytest.raises(ApplyError, match="What could NOT be undone: delete node a: stuck") as caught:
        converge(it, world(node("a"), leaf("l", "a")))
    assert caught.value.context["operations"]["not_undone"] == ["delete node a: stuck"]


def test_a_world_that_vanishes_in_mid_apply_is_reported():
    class Vanishing(World):
        def perform(self, wave):
            self.gone = True
            raise CnfError("the namespace vanished")

        def observe(self, classes=None):
            if getattr(self, "gone", False):
                raise CnfError("the namespace is gone")
            return super().observe(classes)

    with pytest.raises(ApplyError, match="the namespace vanished.*NOT be undone: the namespace is gone"):
        converge(Vanishing(), world(node("a")))


def test_an_interrupt_in_mid_apply_is_undone():
    class Interrupted(World):
        def one(self, operation):
            if operation.key == ("leaf", "l") and operation.verb == "create":
                raise KeyboardInterrupt
            return super().one(operation)

    it = Interrupted()
    with pytest.raises(ApplyError, match="interrupted.*as it was found"):
        converge(it, world(node("a"), leaf("l", "a")))
    assert it.state == {}


def test_what_reads_back_otherwise_is_a_failure():
    class Forgetful(World):
        def one(self, operation):
            return None

    with pytest.raises(ApplyError, match="reading back shows another state: node a is not there"):
        converge(Forgetful(), world(node("a")))


class Rereader(World):
    """Reads again only what was written. C(lost) vanishes when anything is written."""

    def __init__(self, *state, lost=()):
        super().__init__(*state)
        self.lost = lost

    def one(self, operation):
        self.state = {key: have for key, have in self.state.items() if key not in self.lost}
        return super().one(operation)

    def reread(self, operations, observed):
        written = {operation.key for operation in operations}
        return {**{key: have for key, have in observed.items() if key not in written}, **{key: self.state[key] for key in written if key in self.state}}


def test_what_was_written_is_all_that_is_read_again():
    one = Rereader(world(node("a"), node("b"), leaf("l", "a")))
    done = converge(one, world(node("a", colour="red"), leaf("l", "a"), node("c")))
    assert one.reads == 1 and done.after == one.state, "what went, what came and what changed"


def test_what_was_written_and_is_not_there_is_a_failure():
    class Forgetful(Rereader):
        def one(self, operation):
            return None

    with pytest.raises(ApplyError, match="reading back shows another state: node b is not there"):
        converge(Forgetful(world(node("a"))), world(node("a"), node("b")))


def test_one_journal_takes_back_several_dataplanes():
    first, second = World(), World(fail_at=1)
    journal = Journal()
    converge(first, world(node("a")), journal=journal)
    with pytest.raises(ApplyError) as caught:
        converge(second, world(node("b")), journal=journal)
    assert first.state == second.state == {}
    assert caught.value.context["operations"]["undone"] == ["delete node a"]


def value(key, **data):
    """A value of no kind in particular."""
    return Value("test/kind", key, data)


def overlay(observed, wanted):
    """Merge as kinds do, for flat data."""
    return observed._replace(data={**observed.data, **wanted.data})


@pytest.mark.parametrize(
    ("state", "wanted", "expected"),
    [
        ("merged", [value("a", y=2)], {"a": {"x": 1, "y": 2}, "b": {"x": 1}}),
        ("merged", [value("c", y=2)], {"a": {"x": 1}, "b": {"x": 1}, "c": {"y": 2}}),
        ("replaced", [value("a", y=2)], {"a": {"y": 2}, "b": {"x": 1}}),
        ("overridden", [value("a", y=2)], {"a": {"y": 2}}),
        ("overridden", [], {}),
        ("deleted", [value("a")], {"b": {"x": 1}}),
        ("deleted", [value("nothing")], {"a": {"x": 1}, "b": {"x": 1}}),
        ("deleted", [], {}),
    ],
)
def test_states(state, wanted, expected):
    result = target(state, {one.key: one for one in wanted}, {"a": value("a", x=1), "b": value("b", x=1)}, overlay)
    assert {key: one.data for key, one in result.items()} == expected


def test_an_unknown_state_is_refused():
    with pytest.raises(ValueError, match="parsed"):
        target("parsed", {}, {}, overlay)
