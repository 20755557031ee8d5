# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way from values to a dataplane and back, over a dataplane that is a dict."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind, boolean, number, string
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import Invalid, ValueDataplane, reconcile

BOX = Kind("t", "box", string("name", required=True), number("size", 99), boolean("open"), name="{name}")
LABEL = Kind("t", "label", string("box", required=True), string("text"), name="{box}")
BOXES = {BOX.id: BOX}


def box(name, **more):
    return BOX.value({"name": name, **more})


class Shelf(ValueDataplane):
    """Boxes, and labels that each need their box. The kernel of this world changes a size by making the box anew."""

    def __init__(self):
        self.things = {}
        self.performed, self.contexts, self.hanging, self.old = [], [], [], ()
        self.lies = self.gives_up = False

    def observe(self, classes=None):
        return dict(self.things)

    def lower(self, values, context, observed=None):
        self.contexts.append(dict(context))
        made = {}
        for value in values:
            if value.kind == BOX.id:
                one = Resource(("box", value.data["name"]), {"size": value.data.get("size", 0), "open": value.data.get("open", False)})
            else:
                one = Resource(("label", value.data["box"]), {"text": value.data.get("text", "")}, frozenset({("box", value.data["box"])}))
            made[one.key] = one
        return made

    def lift(self, resources, kinds):
        found = []
        for (kind, name), one in resources.items():
            if not one.owned:
                continue
            if kind == "box":
                found.append(BOX.value({"name": name, **one.attributes}))
            else:
                found.append(LABEL.value({"box": name, **one.attributes}))
        return [value for value in found if value.kind in kinds]

    def carry(self, hanging, desired):
        self.hanging.append(set(hanging))
        return {} if self.gives_up else super().carry(hanging, desired)

    def outdated(self, beside, desired):
        return super().outdated(beside, desired) if not self.old else self.old

    def perform(self, wave):
        self.performed += [(operation.verb, *operation.key) for operation in wave]
        for operation in wave:
            self.things.pop(operation.key, None)
            if operation.after is not None and not self.lies:
                self.things[operation.key] = operation.after
        return [None] * len(wave)

    def commands(self, operation):
        return [f"{operation.verb} {operation.key[1]}"]


def shelf(*more):
    one = Shelf()
    one.things.update(one.lower([box("a", size=1), box("b", size=2, open=True), LABEL.value({"box": "b", "text": "shoes"})], {}))
    one.things.update((each.key, each) for each in more)
    one.contexts.clear()
    return one


def run(dataplane, state, *wanted, **more):
    return reconcile(dataplane, BOXES, state, lambda there: wanted, **more)


def boxes(values):
    return {value.data["name"]: {name: item for name, item in value.data.items() if name != "name"} for value in values}


A, B = {"size": 1}, {"size": 2, "open": True}


@pytest.mark.parametrize(
    ("state", "wanted", "after"),
    [
        ("merged", [box("a", open=True), box("c")], {"a": {"size": 1, "open": True}, "b": B, "c": {}}),
        ("replaced", [box("a", open=True), box("c")], {"a": {"open": True}, "b": B, "c": {}}),
        ("overridden", [box("b"), box("c")], {"b": {}, "c": {}}),
        ("deleted", [box("a", size=7)], {"b": B}),
        ("merged", [], {"a": A, "b": B}),
        ("replaced", [], {"a": A, "b": B}),
    ],
)
def test_states(state, wanted, after):
    one = shelf()
    done = run(one, state, *wanted)
    assert boxes(done.before) == {"a": A, "b": B} and boxes(done.after) == after == boxes(one.lift(one.things, BOXES))
    performed = list(one.performed)
    assert run(one, state, *wanted).outcome.changed is False and one.performed == performed
    assert bool(performed) == (after != {"a": A, "b": B})


def test_the_wanted_ones_may_depend_on_what_is_there():
    one = shelf()
    done = reconcile(one, BOXES, "deleted", lambda there: [value for value in there if value.data.get("size") == 1])
    assert boxes(done.after) == {"b": B}


def test_check_mode_tells_what_would_be_and_does_nothing():
    one = shelf()
    done = run(one, "merged", box("c", size=3), check_mode=True)
    assert done.outcome.changed and boxes(done.after)["c"] == {"size": 3} and done.outcome.commands == ["create c"]
    assert one.performed == [] and boxes(one.lift(one.things, BOXES)) == {"a": A, "b": B}


def test_what_is_wrong_is_said_in_one_go_and_nothing_is_touched():
    one = shelf()
    with pytest.raises(Invalid) as wrong:
        run(one, "merged", box("c", size=100), box("d", size=200))
    assert len(wrong.value.context["problems"]) == 2
    assert all(part in wrong.value.message for part in ("t/box", "/c: size: 100", "/d: size: 200"))
    assert one.performed == [] and one.contexts == []


@pytest.mark.parametrize("state", ["merged", "replaced", "overridden"])
def test_one_thing_wanted_twice_and_differently(state):
    with pytest.raises(Invalid, match="is there twice, with different fields"):
        run(shelf(), state, box("a", size=5), box("a", size=6))
    assert boxes(run(shelf(), state, box("a", size=5), box("a", size=5), box("b")).after)["a"] == {"size": 5}


def test_what_is_taken_away_need_not_be_right():
    assert boxes(run(shelf(), "deleted", box("a", size=1000), box("a", size=2000)).after) == {"b": B}
    giving = shelf()
    giving.gives_up = True
    assert boxes(run(giving, "deleted").after) == {}, "none named: all of these kinds"


def test_values_of_other_kinds_stay_and_are_what_the_families_see():
    foreign = Resource(("box", "theirs"), {"size": 9, "open": False}, owned=False)
    one = shelf(foreign)
    before = {key: have for key, have in one.things.items() if key[0] == "label"}
    run(one, "merged", box("c"))
    explained, context = one.contexts[0], one.contexts[1]
    assert ("box", "a") in explained and set(context) == {("label", "b"), foreign.key}
    assert {key: have for key, have in one.things.items() if key[0] == "label"} == before and one.things[foreign.key] is foreign


def test_what_hangs_on_a_thing_that_goes_is_an_error_or_goes_too():
    one = shelf()
    with pytest.raises(CnfError, match="box b"):
        run(one, "deleted", box("b"))
    assert one.hanging == [{("label", "b")}] and one.performed == []
    giving = shelf()
    giving.gives_up = True
    assert boxes(run(giving, "deleted", box("b")).after) == {"a": A}
    assert giving.performed == [("delete", "label", "b"), ("delete", "box", "b")]


def test_nothing_is_carried_when_nothing_hangs():
    one = shelf()
    run(one, "deleted", box("a"))
    assert one.hanging == []


def test_what_is_outdated_is_carried_though_all_that_it_needs_is_there():
    one = shelf()
    one.old = [("label", "b")]
    run(one, "merged", box("b", size=3))
    assert one.hanging == [{("label", "b")}] and ("label", "b") in one.things


def test_foreign_things_are_taken_only_when_asked_to(monkeypatch):
    one = shelf(Resource(("box", "theirs"), {"size": 9, "open": False}, owned=False))
    with pytest.raises(CnfError, match="theirs"):
        run(one, "merged", box("theirs", size=3))
    lift = one.lift
    monkeypatch.setattr(one, "lift", lambda resources, kinds: lift({key: have._replace(owned=True) for key, have in resources.items()}, kinds))
    done = run(one, "merged", box("theirs", open=True), take_foreign=True)
    assert boxes(done.after)["theirs"] == {"size": 9, "open": True}


def test_what_is_not_as_it_was_accepted_is_an_error():
    one = shelf()
    one.lies = True
    with pytest.raises(CnfError, match="reading back shows another state: box c is not there"):
        run(one, "merged", box("c"))


# -- a dataplane that looks closely first -----------------------------------------------------------------------------


class Narrow(Shelf):
    """Sees boxes alone until it is widened."""

    def __init__(self):
        super().__init__()
        self.widened = 0

    @property
    def narrow(self):
        return not self.widened

    def widen(self):
        self.widened += 1

    def observe(self, classes=None):
        return {key: one for key, one in super().observe().items() if self.widened or key[0] == "box"}


def narrow():
    one = Narrow()
    one.things.update(shelf().things)
    return one


def test_what_changes_nothing_is_seen_without_a_look_at_the_rest():
    dataplane = narrow()
    done = run(dataplane, "overridden", box("a", size=1), box("b", size=2, open=True))
    assert not done.outcome.changed and not dataplane.widened
    assert boxes(done.before) == boxes(done.after) == {"a": {"size": 1}, "b": {"size": 2, "open": True}}


@pytest.mark.parametrize("check", [True, False])
def test_a_change_is_planned_with_the_rest_in_sight(check):
    dataplane = narrow()
    with pytest.raises(CnfError, match="label"):
        run(dataplane, "deleted", box("b"), check_mode=check)
    assert dataplane.widened == 1 and not dataplane.performed
    dataplane = narrow()
    assert run(dataplane, "deleted", box("a"), check_mode=check).outcome.changed
    assert dataplane.widened == 1 and bool(dataplane.performed) is not check


def test_what_is_wrong_is_said_by_the_whole():
    dataplane = narrow()
    with pytest.raises(Invalid):
        run(dataplane, "merged", box("a", size=100))
    assert dataplane.widened == 1
