# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How we measure: subject and floor in turns in one process, and the ratio of the two is the score.

A time alone says more about the machine than about us; a ratio to a floor taken in the same seconds says what we add.
Counts (operations, spawns, bytes) are exact and gate hard; ratios are compared with their gates but fail no test.
"""

from __future__ import annotations

import dataclasses
import gc
import math
import resource
import statistics
import time
import typing as t

ROUNDS = 7
ENOUGH = 5
PATIENCE = 45.0
"""Seconds after which no disturbed round is taken again."""
NOISY = 1.5
"""A round whose floor is this many times the best floor was disturbed by something else, and is thrown away."""


@dataclasses.dataclass
class Score:
    """One line of the table. C(verdict): ok, goal, slow, inconclusive, skipped, or for counts ok and wrong; info without a gate."""

    id: str
    subject: str
    floor: str
    value: t.Optional[float] = None
    gate: t.Optional[float] = None
    goal: t.Optional[float] = None
    spread: t.Optional[float] = None
    seconds: t.Optional[float] = None
    cpu: t.Optional[float] = None
    rounds: int = 0
    note: str = ""
    exact: bool = False
    skipped: bool = False

    @property
    def verdict(self) -> str:
        """In a word."""
        if self.value is None:
            return "skipped" if self.skipped else "inconclusive"
        if self.gate is None:
            return "info"
        if self.value > self.gate:
            return "wrong" if self.exact else "slow"
        return "goal" if self.goal is not None and self.value <= self.goal else "ok"


class Sample(t.NamedTuple):
    """What one run took, wall and CPU (own and children), in seconds."""

    wall: float
    cpu: float


def _cpu() -> float:
    return sum(one.ru_utime + one.ru_stime for one in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)))


def timed(work: t.Callable[[], t.Any], before: t.Callable[[], t.Any]) -> Sample:
    """Time C(work) alone; C(before) prepares it outside the clock."""
    before()
    gc.collect()
    gc.disable()
    try:
        cpu, wall = _cpu(), time.perf_counter()
        work()
        return Sample(time.perf_counter() - wall, _cpu() - cpu)
    finally:
        gc.enable()


def compare(
    score: Score,
    subject: t.Callable[[], t.Any],
    floor: t.Callable[[], t.Any],
    before: t.Callable[[], t.Any] = lambda: None,
    rounds: int = ROUNDS,
) -> Score:
    """Fill C(score) with the median over rounds of subject / floor, in ABBA order after a warm-up."""
    timed(floor, before)
    timed(subject, before)
    enough = min(ENOUGH, rounds)
    pairs: list[tuple[Sample, Sample]] = []
    kept: list[tuple[Sample, Sample]] = []
    # Rounds that were disturbed are taken again, but not for ever.
    started = time.perf_counter()
    while len(pairs) < rounds or len(kept) < enough and len(pairs) < 2 * rounds and time.perf_counter() - started < PATIENCE:
        swap = len(pairs) % 2
        first, second = (floor, subject) if swap else (subject, floor)
        one, two = timed(first, before), timed(second, before)
        pairs.append((two, one) if swap else (one, two))
        best = min(under.wall for _over, under in pairs)
        kept = [(over, under) for over, under in pairs if under.wall <= NOISY * best]
    score.rounds = len(kept)
    if len(kept) < enough:
        score.note = f"only {len(kept)} of {len(pairs)} rounds were quiet"
        return score
    ratios = [over.wall / under.wall for over, under in kept]
    score.value = statistics.median(ratios)
    score.spread = (max(ratios) - min(ratios)) / score.value
    score.seconds = statistics.median(over.wall for over, _under in kept)
    score.cpu = statistics.median(over.cpu / max(under.cpu, 1e-9) for over, under in kept)
    return score


def exponent(sizes: t.Sequence[int], seconds: t.Sequence[float]) -> float:
    """The power of growth: least squares through the logarithms. 1 is linear, 2 is the quadratic nobody wants."""
    xs, ys = [math.log(size) for size in sizes], [math.log(one) for one in seconds]
    mean_x, mean_y = statistics.fmean(xs), statistics.fmean(ys)
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys)) / sum((x - mean_x) ** 2 for x in xs)


def growth(score: Score, sizes: t.Sequence[int], work: t.Callable[[int], t.Callable[[], t.Any]], rounds: int = 3, cpu: bool = False) -> Score:
    """Fill C(score) with the exponent of C(work(size))'s time, wall or (for what is computing alone) CPU; the best of some rounds at each size."""
    best = [min(timed(work(size), lambda: None)[int(cpu)] for _round in range(rounds)) for size in sizes]
    score.value = exponent(sizes, best)
    score.seconds = best[-1]
    score.rounds = rounds
    score.note = ", ".join(f"{size}: {one * 1000:.0f} ms" for size, one in zip(sizes, best))
    return score


def table(scores: t.Iterable[Score]) -> str:
    """For people."""
    rows = [("id", "what", "against", "ratio or count", "gate", "goal", "spread", "subject", "verdict", "note")]
    for score in scores:
        number = "-" if score.value is None else f"{score.value:.0f}" if score.exact else f"{score.value:.2f}"
        rows.append(
            (
                score.id,
                score.subject,
                score.floor,
                number,
                "-" if score.gate is None else f"{score.gate:g}",
                "-" if score.goal is None else f"{score.goal:g}",
                "-" if score.spread is None else f"{score.spread:.0%}",
                "-" if score.seconds is None else f"{score.seconds * 1000:.0f} ms",
                score.verdict,
                score.note,
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)
