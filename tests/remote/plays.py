# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks on the remote host: those of the collection, and such as a test writes itself, whose results it gets as data."""

from __future__ import annotations

import json
import typing as t

from ..support.playbooks import Run, play


class Step(t.NamedTuple):
    """One task of a test's own playbook."""

    name: str
    module: str
    options: t.Dict[str, t.Any]
    check: bool = False

    @property
    def variable(self) -> str:
        """Holds the result for the steps after it."""
        return "step_" + self.name.replace(" ", "_")


def arguments(host):
    """What every ansible-playbook on the remote host is told. An emulated machine beside other work may take its time to answer, also for sudo."""
    return ("-i", str(host.inventory), "--timeout", "60", "-e", json.dumps({"cnf_hosts": host.name, "ansible_pipelining": True}))


def remote(host, tmp, name, *more, **options) -> Run:
    """Run a playbook there."""
    return play(name, *arguments(host), *more, tmp=tmp, **options)


def write(host, tmp, steps):
    """The file of a playbook with these tasks; results go to the second file."""
    playbook, results = tmp / "steps.yml", tmp / "results.json"
    tasks = [
        {"name": step.name, step.module: step.options, "register": step.variable, "ignore_errors": True, **({"check_mode": True} if step.check else {})}
        for step in steps
    ]
    names = ", ".join(step.variable for step in steps)
    tasks.append(
        {
            "name": "Keep the results",
            "ansible.builtin.copy": {"content": "{{ [" + names + "] | to_json }}", "dest": str(results), "mode": "0600"},
            "delegate_to": "localhost",
            "become": False,
            "diff": False,
        }
    )
    playbook.write_text(json.dumps([{"hosts": host.name, "gather_facts": False, "tasks": tasks}]))
    return playbook, results


def take(host, tmp, steps, *more):
    """Take the steps in one run, failed ones too: its output, and the result of each by name."""
    playbook, results = write(host, tmp, steps)
    done = remote(host, tmp, str(playbook), *more)
    return done, dict(zip((step.name for step in steps), json.loads(results.read_text())))
