# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run benches, print their table and keep it as JSON.

python -m tests.bench.run [--json FILE] [ID...]   the benches named (B10, B16, chain...), or all of them
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import platform
import sys
import time
import typing as t

from tests.bench import chains, controlplane, kernel, tasks, vpp, vppcfg
from tests.bench.harness import Score, table

Bench = t.Callable[[], t.Iterator[Score]]
AREAS: t.Sequence[t.Mapping[str, Bench]] = (kernel.BENCHES, tasks.BENCHES, chains.BENCHES, vpp.BENCHES, vppcfg.BENCHES, controlplane.BENCHES)
NO_ROOT = ("B05", "B14", "B16")
"""Benches that need no network namespace."""


def benches() -> dict[str, list[Bench]]:
    """By id; one may have parts in several areas."""
    found: dict[str, list[Bench]] = {}
    for area in AREAS:
        for name, bench in area.items():
            found.setdefault(name, []).append(bench)
    return dict(sorted(found.items()))


def run(name: str, bench: Bench) -> t.Iterator[Score]:
    """The scores of a bench; one that fails says why in a line of its own, and the others still run."""
    if os.geteuid() != 0 and name not in NO_ROOT:
        yield Score(name, (bench.__doc__ or "").partition("\n")[0], "-", note="needs root for network namespaces", skipped=True)
        return
    try:
        yield from bench()
    except Exception as error:  # whatever it is, it is the result of this bench
        text = str(error).strip().splitlines()[-1:] or [""]
        yield Score(name, (bench.__doc__ or "").partition("\n")[0], "-", 1, 0, exact=True, note=f"failed: {type(error).__name__}: {text[0][:200]}")


def main(arguments: t.Sequence[str] | None = None) -> int:
    """Exit status: 1 when an exact count is wrong or a bench failed; a ratio over its gate is printed and no more (it may be the machine)."""
    known = benches()
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Run benches, print their table and keep it as JSON.")
    parser.add_argument("ids", nargs="*", metavar="ID", help=f"one of {', '.join(known)}; none for all of them")
    parser.add_argument("--json", type=pathlib.Path, help="where to keep the result")
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.ids) - set(known))
    if unknown:
        parser.error(f"no such bench: {', '.join(unknown)}; there are {', '.join(known)}")
    scores: list[Score] = []
    started = time.time()
    for name in given.ids or known:
        for bench in known[name]:
            begin = time.perf_counter()
            scores += run(name, bench)
            print(f"{name} took {time.perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)
    print(table(scores))
    path = given.json or _default(started)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report(scores, started), indent=1) + "\n")
    print(f"\nkept in {path}")
    return int(any(score.verdict == "wrong" for score in scores))


def report(scores: t.Sequence[Score], started: float) -> dict[str, t.Any]:
    """The result as data. Only results of one host are comparable."""
    host = {"node": platform.node(), "kernel": platform.release(), "python": platform.python_version(), "cores": os.cpu_count(), "load": os.getloadavg()}
    return {"started": started, "host": host, "scores": [{**dataclasses.asdict(score), "verdict": score.verdict} for score in scores]}


def _default(started: float) -> pathlib.Path:
    cache = os.environ.get("PANTHEON_CNF_CACHE") or pathlib.Path.home() / ".cache/pantheon.cnf"
    return pathlib.Path(cache) / "bench" / time.strftime("%Y%m%dT%H%M%SZ.json", time.gmtime(started))


if __name__ == "__main__":
    sys.exit(main())
