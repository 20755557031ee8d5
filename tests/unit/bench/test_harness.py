# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arithmetic of the benches. Times are made up: no test here waits for a clock."""

from __future__ import annotations

import json

import pytest

from tests.bench import harness, run
from tests.bench.harness import Sample, Score


@pytest.fixture
def clock(monkeypatch):
    """Lets work say itself how long it took."""
    monkeypatch.setattr(harness, "timed", lambda work, before: (before(), Sample(work(), 1.0))[1])


@pytest.mark.parametrize("power", [0.5, 1.0, 1.1, 2.0])
def test_the_exponent_of_growth(power):
    sizes = [1_000, 10_000, 100_000]
    assert harness.exponent(sizes, [0.003 * size**power for size in sizes]) == pytest.approx(power)


def test_the_exponent_of_times_that_scatter_lies_between():
    assert 1.0 < harness.exponent([1, 10, 100], [1.0, 13.0, 100.0 * 1.3]) < 1.1


@pytest.mark.parametrize(
    ("score", "verdict"),
    [
        (Score("x", "s", "f", 1.3, gate=1.3, goal=1.0), "ok"),
        (Score("x", "s", "f", 1.31, gate=1.3, goal=1.0), "slow"),
        (Score("x", "s", "f", 1.0, gate=1.3, goal=1.0), "goal"),
        (Score("x", "s", "f", 0.0, gate=0, exact=True), "ok"),
        (Score("x", "s", "f", 1, gate=0, exact=True), "wrong"),
        (Score("x", "s", "f", 3.0), "info"),
        (Score("x", "s", "f", note="only 2 of 14 rounds were quiet"), "inconclusive"),
        (Score("x", "s", "f", note="needs root", skipped=True), "skipped"),
    ],
)
def test_verdicts(score, verdict):
    assert score.verdict == verdict


def test_the_score_is_the_median_of_the_ratios_of_rounds_and_the_floor_is_taken_in_turns(clock):
    order = []
    subjects, floors = iter([9.0, 2.0, 3.0, 4.0, 2.5, 2.0, 9.0, 2.5]), iter([9.0] + [1.0] * 7)
    score = harness.compare(Score("x", "s", "f", gate=3.0), lambda: order.append("s") or next(subjects), lambda: order.append("f") or next(floors), rounds=7)
    assert score.value == 2.5  # the warm-up's 9 / 9 is no round
    assert score.rounds == 7
    assert score.spread == pytest.approx((9.0 - 2.0) / 2.5)
    assert "".join(order) == "fs" + "sffs" * 3 + "sf"


def test_a_round_whose_floor_was_disturbed_is_taken_again(clock):
    floors = iter([1.0, 1.0, 1.6, 1.0, 5.0, 1.0, 1.4, 1.0])
    score = harness.compare(Score("x", "s", "f"), lambda: 2.0, lambda: next(floors), rounds=5)
    assert (score.rounds, score.value) == (5, 2.0)


def test_a_floor_that_never_settles_is_inconclusive(clock):
    floors = iter([1.0, 1.0] + [2.0] * 20)
    score = harness.compare(Score("x", "s", "f", gate=1.0), lambda: 2.0, lambda: next(floors), rounds=5)
    assert (score.value, score.verdict) == (None, "inconclusive")
    assert score.note == "only 1 of 10 rounds were quiet"


def test_growth_takes_the_best_of_each_size(clock):
    times = iter([5.0, 1.0, 10.0, 99.0])
    score = harness.growth(Score("x", "s", "f", gate=1.1), [1, 10], lambda size: lambda: next(times), rounds=2)
    assert score.value == pytest.approx(1.0)
    assert score.note == "1: 1000 ms, 10: 10000 ms"


def test_the_table_has_a_line_for_each_score_and_counts_without_decimals():
    lines = harness.table([Score("B1", "writes", "count", 0, 0, exact=True), Score("B2", "routes", "ip -batch", 0.784, 1.0, 0.6, 0.19, 0.051)]).splitlines()
    assert [line.split()[0] for line in lines] == ["id", "B1", "B2"]
    assert lines[1].split() == ["B1", "writes", "count", "0", "0", "-", "-", "-", "ok"]
    assert "0.78" in lines[2] and "19%" in lines[2] and "51 ms" in lines[2]


def test_a_bench_that_fails_is_a_wrong_result_and_the_others_still_run(monkeypatch, tmp_path, capsys):
    def good():
        """Goes well."""
        yield Score("A", "s", "f", 1.0, 2.0)

    def bad():
        """Breaks."""
        yield Score("B", "s", "f", 1.0, 2.0)
        raise LookupError("no such thing")

    monkeypatch.setattr(run, "AREAS", ({"A": good, "B": bad}, {"B": good}))
    monkeypatch.setattr(run.os, "geteuid", lambda: 0)
    assert run.main(["--json", str(tmp_path / "r.json"), "B", "A"]) == 1
    kept = json.loads((tmp_path / "r.json").read_text())
    assert [(score["id"], score["verdict"]) for score in kept["scores"]] == [("B", "ok"), ("B", "wrong"), ("A", "ok"), ("A", "ok")]
    assert "no such thing" in kept["scores"][1]["note"]
    assert str(tmp_path / "r.json") in capsys.readouterr().out


def test_without_root_what_needs_it_is_skipped_with_the_reason(monkeypatch, tmp_path):
    monkeypatch.setattr(run.os, "geteuid", lambda: 1000)
    assert run.main(["--json", str(tmp_path / "r.json"), "B10"]) == 0
    score = json.loads((tmp_path / "r.json").read_text())["scores"][0]
    assert (score["verdict"], score["note"]) == ("skipped", "needs root for network namespaces")


def test_an_unknown_bench_is_refused_with_the_known_ones(capsys):
    with pytest.raises(SystemExit):
        run.main(["B99"])
    assert "B99" in capsys.readouterr().err
