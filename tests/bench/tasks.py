# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible adds: tasks of ours against tasks that do nothing, module runs of the demo's chain, and payloads."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import tempfile
import typing as t
from unittest import mock

from tests.bench.harness import Score, compare
from tests.bench.payload import heavy_imports, payloads
from tests.support.namespaces import Namespace
from tests.support.playbooks import ROOT, Run, play

TASKS = 10
BUDGET, AIM = 102_400, 61_440
PREFIX = "bench-"
ON_CONTROLLER = ("cnf_chain_info", "cnf_config", "cnf_configuration")
"""Modules that are only documentation: their action plugins do the work on the controller."""
LIBRARY = str(pathlib.Path(__file__).parent / "library")


def run_playbook(name: str, *arguments: str, tmp: pathlib.Path) -> Run:
    """Run a playbook; there is a module C(noop) for it."""
    with mock.patch.dict(os.environ, ANSIBLE_LIBRARY=LIBRARY):
        return play(name, *arguments, tmp=tmp)


def write_playbook(path: pathlib.Path, tasks: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    """Write a playbook for this machine; returns its path."""
    path.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": list(tasks)}]))
    return str(path)


@contextlib.contextmanager
def _folder() -> t.Iterator[pathlib.Path]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        yield pathlib.Path(folder)


def b15() -> t.Iterator[Score]:
    """The real module with nothing to change against one that does nothing."""
    with Namespace("bench") as place, _folder() as folder:
        ends = [{"name": one, "type": "VETH", "enabled": True, "veth": {"peer_if_name": two}} for one, two in (("p0", "p1"), ("p1", "p0"))]
        task = {"pantheon.cnf.linux_interfaces": {"namespace": place.name, "config": ends}}
        real = write_playbook(folder / "real.yml", [task] * TASKS)
        run_playbook(real, tmp=folder)
        empty = write_playbook(folder / "empty.yml", [{"noop": {}}] * TASKS)
        unchanged: list[int] = []
        score = Score("B15", f"{TASKS} tasks of linux_interfaces without change", f"{TASKS} tasks of an empty module", gate=1.4, goal=1.2)
        yield compare(score, lambda: unchanged.append(run_playbook(real, tmp=folder).changed), lambda: run_playbook(empty, tmp=folder), rounds=3)
        yield Score("B15", "changed tasks of these runs", "count", sum(unchanged), 0, exact=True)


def b16() -> t.Iterator[Score]:
    """Bytes of our own source in each module's payload, and what it imports."""
    modules = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
    for name, sizes in payloads([module for module in modules if module not in ON_CONTROLLER]).items():
        largest = sorted(sizes, key=lambda path: -sizes[path])[:3]
        note = ", ".join(f"{pathlib.PurePath(path).name} {sizes[path]}" for path in largest)
        yield Score("B16", f"payload of {name}, bytes", "count", sum(sizes.values()), BUDGET, AIM, exact=True, note=note)
        heavy = heavy_imports(name)
        if heavy:
            yield Score("B16", f"heavy imports of {name}", "count", len(heavy), 0, exact=True, note=", ".join(heavy))


def chain() -> t.Iterator[Score]:
    """The demo's chain: module runs, and the wall time against as many runs of a module that does nothing."""
    prefix = ("-e", f"cnf_namespace_prefix={PREFIX}")
    with _folder() as folder:
        runs: dict[str, list[Run]] = {"cold": [], "again": []}

        def teardown() -> None:
            run_playbook("teardown_nat44_chain", *prefix, tmp=folder)

        def deploy(which: str) -> None:
            runs[which].append(run_playbook("deploy_nat44_chain", *prefix, tmp=folder))

        try:
            teardown()
            deploy("cold")
            deploy("again")
            # "Again" first, upon what the two above left; every round of "cold" tears it down. Each has the floor of its own number of module runs.
            for which, before, gate in (("again", lambda: None, 1.4), ("cold", teardown, 1.6)):
                floor = write_playbook(folder / f"{which}.yml", [{"noop": {}}] * len(runs[which][0].modules))
                score = Score("chain", f"wall time of the deployment, {which}", f"{len(runs[which][0].modules)} runs of an empty module", gate=gate)
                yield compare(score, lambda which=which: deploy(which), lambda floor=floor: run_playbook(floor, tmp=folder), before, rounds=3)
            for which, gate in (("cold", 10), ("again", 7)):
                yield Score("chain", f"module runs of the deployment, {which}", "count", max(len(run.modules) for run in runs[which]), gate, exact=True)
            yield Score("chain", "changed tasks of the deployment, again", "count", max(run.changed for run in runs["again"]), 0, exact=True)
        finally:
            teardown()


BENCHES = {"B15": b15, "B16": b16, "chain": chain}
