# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to hold of every plan, over random states of a strict world."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import ApplyError, converge
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import PlanError, plan, predict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .world import World, leaf, node, twins, user, world

NAMES = ["a", "b", "c", "d", "e"]


@st.composite
def states(draw, foreign=False):
    """A consistent state: parents exist and come before their children, every name claim is held once."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=5).map(sorted))
    ifnames = draw(st.permutations(NAMES))
    resources = []
    for index, name in enumerate(names):
        resources.append(
            node(
                name,
                colour=draw(st.sampled_from(["red", "blue"])),
                shape=draw(st.sampled_from(["round", "square"])),
                ifname=ifnames[index],
                parent=draw(st.sampled_from([None, *names[:index]])),
            )
        )
    if names:
        for name in draw(st.lists(st.sampled_from(["l1", "l2", "l3"]), unique=True)):
            resources.append(leaf(name, draw(st.sampled_from(names)), draw(st.booleans()), draw(st.integers(1, 2))))
        for name in draw(st.lists(st.sampled_from(["u1", "u2"]), unique=True)):
            of = draw(st.lists(st.sampled_from(names), unique=True, max_size=2).map(sorted))
            resources.append(user(name, of, draw(st.integers(1, 2)), shape=draw(st.sampled_from(["round", "square"]))))
    if draw(st.booleans()):
        resources += twins("t1", draw(st.sampled_from(["t2", "t3"])), draw(st.sampled_from(["red", "blue"])), draw(st.sampled_from(["round", "square"])))
    if foreign:
        for name in draw(st.lists(st.sampled_from(["f1", "f2"]), unique=True)):
            resources.append(node(name, owned=False))
    return world(*resources)


COMMON = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@COMMON
@given(states(), states())
def test_any_state_to_any_other_in_one_pass_and_the_second_plan_is_empty(start, goal):
    it = World(start)
    outcome = converge(it, goal)
    assert it.state == goal
    assert plan(it, it.observe(), goal) == []
    writes = it.writes
    assert converge(it, goal).changed is False
    assert it.writes == writes
    assert outcome.changed is (start != goal)


@COMMON
@given(states(), states())
def test_check_mode_writes_nothing_and_predicts_what_happens(start, goal):
    it = World(start)
    predicted = converge(it, goal, check_mode=True)
    assert it.writes == 0
    assert it.state == start
    real = converge(it, goal)
    assert predicted.after == real.after == goal
    assert predicted.commands == real.commands
    assert predicted.changed == real.changed


@COMMON
@given(states(), states(), st.integers(1, 12))
def test_a_failure_at_any_operation_is_undone_to_the_observed_start(start, goal, at):
    it = World(start, fail_at=at)
    try:
        converge(it, goal)
    except ApplyError as error:
        assert "told to fail" in error.message
        assert "as it was found" in error.message
        assert error.context["operations"]["not_undone"] == []
        assert it.state == start
    else:
        assert it.writes < at
        assert it.state == goal


@COMMON
@given(states(foreign=True), states())
def test_no_plan_touches_what_is_not_owned(start, goal):
    it = World(start)
    converge(it, goal)  # the world refuses any touch of a foreign object
    assert {key: one for key, one in it.state.items() if not one.owned} == {key: one for key, one in start.items() if not one.owned}
    assert {key: one for key, one in it.state.items() if one.owned} == goal


@COMMON
@given(states(), states())
def test_the_order_respects_every_reference_and_every_release_before_claim(start, goal):
    it = World()
    waves = plan(it, start, goal)
    place = {}
    for number, wave in enumerate(waves):
        for operation in wave:
            place[(operation.verb == "delete", operation.key)] = number
    for wave in waves:
        for operation in wave:
            if operation.after is None:
                continue
            here = place[(False, operation.key)]
            for required in operation.after.requires:
                assert place.get((False, required), -1) < here
            for other, one in start.items():
                if other != operation.key and not one.claims.isdisjoint(operation.after.claims):
                    released = [place[side, other] for side in (True, False) if (side, other) in place]
                    assert released and min(released) < here
    assert predict(start, waves, it) == goal


@COMMON
@given(states(), st.data())
def test_a_need_that_nobody_meets_is_refused_with_nothing_touched(goal, data):
    broken = dict(goal)
    orphan = leaf("orphan", "nowhere")
    broken[orphan.key] = orphan
    it = World()
    with pytest.raises(PlanError, match="leaf orphan needs node nowhere"):
        converge(it, broken)
    assert it.writes == 0
