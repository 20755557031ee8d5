# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules whose C(config) is northbound fields and whose C(state) is set algebra: all are this one, with other data."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils import runner
from ansible_collections.pantheon.cnf.plugins.module_utils.lock import locks, network, refuse_managed
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.argspec import options
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import ValueDataplane, reconcile
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.slot import Slot, clean, config, values

STATES = ["merged", "replaced", "overridden", "deleted", "gathered", "rendered"]

Connect = t.Callable[[t.Mapping[str, t.Any]], t.ContextManager[ValueDataplane]]
"""From module parameters to a dataplane; told C(offline: true) it answers as an empty one."""


def argument_spec(slots: t.Sequence[Slot], place: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    """Options of a state module: C(place) are those that say where (a CNF's namespace or socket)."""
    return {
        **place,
        "config": config_spec(slots),
        "state": {"type": "str", "choices": STATES, "default": "merged"},
        "scope": {"type": "str", "choices": ["owned", "all"], "default": "owned"},
        "on_failure": runner.ON_FAILURE,
    }


def config_spec(slots: t.Sequence[Slot]) -> t.Dict[str, t.Any]:
    """The option C(config) in northbound fields: a list for one slot, else a dict of slots."""
    each = {slot.name: {"type": "list" if slot.many else "dict", "options": options(slot.kinds)} for slot in slots}
    for slot in slots:
        if slot.many:
            each[slot.name]["elements"] = "dict"
    return each[slots[0].name] if len(slots) == 1 else {"type": "dict", "options": each}


def run(slots: t.Sequence[Slot], place: t.Mapping[str, t.Any], connect: Connect) -> None:
    """The whole of a state module."""
    ansible = runner.module(
        argument_spec(slots, place),
        required_if=[("state", state, ("config",)) for state in ("merged", "replaced", "overridden", "rendered")],
    )
    with runner.failures(ansible):
        ansible.exit_json(**_run(ansible, slots, connect))


def _run(ansible: t.Any, slots: t.Sequence[Slot], connect: Connect) -> t.Dict[str, t.Any]:
    parameters = ansible.params
    kinds = {kind.id: kind for slot in slots for kind in slot.kinds}
    given, state = clean(parameters["config"]), parameters["state"]
    if state == "gathered":
        with connect(parameters) as dataplane:
            return {"changed": False, "gathered": config(slots, dataplane.lift(dataplane.observe(), kinds))}
    render = state == "rendered"
    with contextlib.ExitStack() as stack:
        cnfs = [(parameters["cnf"], parameters["socket"] if "socket" in parameters else network(parameters["namespace"]))]
        if not ansible.check_mode and not render:
            stack.enter_context(locks(cnfs, runner.owner(ansible)))
        elif not render:
            refuse_managed(cnfs)
        dataplane = stack.enter_context(connect({**parameters, "offline": render}))
        done = reconcile(
            dataplane,
            kinds,
            "overridden" if render else state,
            lambda there: values(slots, given, there),
            check_mode=ansible.check_mode or render,
            on_failure=parameters["on_failure"],
            take_foreign=parameters["scope"] == "all",
        )
    if render:
        return {"changed": False, "rendered": done.outcome.commands}
    return runner.result(ansible, done.outcome, config(slots, done.before), config(slots, done.after))
