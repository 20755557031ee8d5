# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When an agent looks again."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.pace import Pace


@pytest.fixture
def pace():
    return Pace(resync=300, repair=5)


def test_a_change_is_worked_on_at_once(pace):
    pace.wanted(10)
    assert (pace.due, pace.why) == (10, "change")
    pace.done(11)
    assert (pace.due, pace.why) == (311, "resync")


def test_changes_by_others_are_looked_at_soon_and_seldom(pace):
    pace.done(0)
    pace.disturbed(10)
    assert (pace.due, pace.why) == (10.1, "drift")
    pace.disturbed(10.05)
    assert pace.due == 10.1
    pace.done(10.2, drift=True)
    pace.disturbed(10.3)
    assert pace.due == 15.2
    pace.wanted(11)
    assert (pace.due, pace.why) == (11, "change")
    pace.done(11.1)
    pace.disturbed(11.2)
    assert pace.due == 15.2


def test_what_waits_is_looked_for_less_and_less_often(pace):
    pace.wanted(0)
    gaps = []
    for _each in range(12):
        now = pace.due
        pace.done(now, waits=True)
        gaps.append(pace.due - now)
    assert gaps == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    pace.disturbed(now + 10)
    assert pace.due == now + 10.1
    pace.done(now + 10.2, drift=True, waits=True)
    pace.disturbed(now + 10.3)
    assert pace.due == pytest.approx(now + 10.7)
    pace.wanted(now + 10.4)
    pace.done(now + 10.5, waits=True)
    assert pace.due == pytest.approx(now + 11.5)


def test_where_nobody_tells_of_changes_patience_ends_sooner():
    pace = Pace(resync=30, repair=5, patience=5)
    pace.wanted(0)
    for _each in range(6):
        now = pace.due
        pace.done(now, waits=True)
    assert pace.due == now + 5
    pace.done(100)
    assert pace.due == 130


def test_a_place_that_is_lost_is_tried_again_and_one_that_returns_at_once(pace):
    pace.wanted(0)
    pace.done(0, lost=True)
    pace.done(pace.due, lost=True)
    assert (pace.due, pace.why) == (3, "retry")
    pace.returned(2)
    assert (pace.due, pace.why) == (2, "place")


def test_what_failed_has_a_time_of_its_own(pace):
    pace.done(0, retry=7)
    assert (pace.due, pace.why) == (7, "retry")


def test_who_finds_another_one_at_work_comes_back(pace):
    pace.wanted(0)
    pace.busy(10)
    assert (pace.due, pace.why) == (11, "change")
