# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of any kinds onto any number of CNFs of a host, in one module run: all of it, or nothing."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils import runner
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import ApplyError, Journal, give_up
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.lock import lock
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import Kinds, Result, ValueDataplane, reconcile
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.slot import clean

ARGUMENTS: t.Dict[str, t.Any] = {
    "configurations": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "cnf": {"type": "str", "required": True},
            "namespace": {"type": "str"},
            "values": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {"kind": {"type": "str", "required": True}, "data": {"type": "dict", "required": True}},
            },
        },
    },
    "state": {"type": "str", "choices": ["merged", "replaced", "overridden", "deleted", "rendered"], "default": "merged"},
    "memif_substitution": {"type": "str", "choices": ["none", "veth"], "default": "none"},
    "secrets": {"type": "dict", "no_log": True},
    "on_failure": runner.ON_FAILURE,
}

Connect = t.Callable[[t.Mapping[str, t.Any]], t.ContextManager[ValueDataplane]]


def run(kinds: t.Sequence[Kind], connect: Connect) -> None:
    """The whole of a dataplane's config module."""
    ansible = runner.module(ARGUMENTS)
    with runner.failures(ansible):
        ansible.exit_json(**_run(ansible, {kind.id: kind for kind in kinds}, connect))


def _values(given: t.Sequence[t.Mapping[str, t.Any]], kinds: Kinds, secrets: t.Mapping[str, str], cnf: str) -> t.List[Value]:
    values = []
    for each in given:
        kind = kinds.get(each["kind"])
        if kind is None:
            raise CnfError(f"CNF {cnf}: {each['kind']}: this kind is not supported by the linux dataplane", kind=each["kind"])
        data = kind.map_secrets(clean(each["data"]), lambda reference: secrets.get(reference, reference))
        values.append(Value(kind.id, kind.key(data), data))
    return values


def _run(ansible: t.Any, kinds: Kinds, connect: Connect) -> t.Dict[str, t.Any]:
    parameters = ansible.params
    configurations, secrets = parameters["configurations"], parameters["secrets"] or {}
    names = [each["cnf"] for each in configurations]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise CnfError(f"CNF {', '.join(twice)} is there twice; one task has one configuration of a CNF")
    render = parameters["state"] == "rendered"
    check = ansible.check_mode or render
    # An item is complete in itself: a field that it lacks has the model's default, so merged lays whole items in.
    state = {"merged": "replaced", "rendered": "overridden"}.get(parameters["state"], parameters["state"])
    wanted = [_values(each["values"], kinds, secrets, each["cnf"]) for each in configurations]
    results: t.List[Result] = []
    journal = Journal()
    with contextlib.ExitStack() as stack:
        for name in sorted(names) if not check else ():
            stack.enter_context(lock(name, runner.owner(ansible)))
        # All are planned before any is touched, so that what is wrong with the last one leaves the first one alone.
        rounds = [True] if check else [True, False]
        for dry in rounds:
            results = []
            for each, values in zip(configurations, wanted):
                place = {**each, "memif_substitution": parameters["memif_substitution"], "offline": render, "imagine": ansible.check_mode}
                try:
                    dataplane = stack.enter_context(connect(place))
                    results.append(_one(dataplane, kinds, state, values, dry, parameters["on_failure"], journal))
                except BaseException as error:
                    raise _named(error, each["cnf"], journal, parameters["on_failure"]) from error
            if dry and not any(each.outcome.changed for each in results):
                break
    if render:
        return {"changed": False, "rendered": _commands(names, results)}
    shown = {
        "changed": any(each.outcome.changed for each in results),
        "before": {name: _items(each.before, kinds) for name, each in zip(names, results)},
        "after": {name: _items(each.after, kinds) for name, each in zip(names, results)},
        "commands": _commands(names, results),
    }
    if ansible._diff:
        shown["diff"] = {"before": shown["before"], "after": shown["after"]}
    return shown


def _one(dataplane: ValueDataplane, kinds: Kinds, state: str, values: t.List[Value], check: bool, on_failure: str, journal: Journal) -> Result:
    return reconcile(dataplane, kinds, state, lambda there: values, check_mode=check, on_failure=on_failure, journal=journal)


def _named(error: BaseException, cnf: str, journal: Journal, on_failure: str) -> BaseException:
    """The error with its CNF; what earlier CNFs of the run were given is taken back (an apply that failed did so itself)."""
    if journal.touched and not isinstance(error, ApplyError):
        error = give_up(error, journal, on_failure)
    if isinstance(error, CnfError):
        error.message = f"CNF {cnf}: {error.message}"
        error.context.setdefault("cnf", cnf)
    return error


def _items(values: t.Iterable[Value], kinds: Kinds) -> t.List[t.Dict[str, t.Any]]:
    found = []
    for value in sorted(values, key=lambda one: one.key):
        kind = kinds[value.kind]
        found.append({"module": kind.module, "type": kind.type, "version": kind.version, "data": kind.redact(value.data)})
    return found


def _commands(names: t.Sequence[str], results: t.Sequence[Result]) -> t.List[str]:
    return [f"{name}: {command}" for name, each in zip(names, results) for command in each.outcome.commands]
