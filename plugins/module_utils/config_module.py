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
from ansible_collections.pantheon.cnf.plugins.module_utils.lock import locks, network, refuse_managed
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import Kinds, Result, ValueDataplane, reconcile
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.slot import clean

Connect = t.Callable[[t.Mapping[str, t.Any]], t.ContextManager[ValueDataplane]]

PLACES: t.Dict[str, t.Dict[str, t.Any]] = {
    "linux": {"namespace": {"type": "str"}},
    "vpp": {
        "socket": {"type": "path", "default": "/run/vpp/api.sock"},
        "api_dir": {"type": "path"},
        "own_nat": {"type": "bool", "default": False},
        "timeout": {"type": "int", "default": 10},
    },
}
"""Options that say where a CNF is, by dataplane."""

WHOLE_TASK: t.Dict[str, t.Dict[str, t.Any]] = {"linux": {"memif_substitution": {"type": "str", "choices": ["none", "veth"], "default": "none"}}, "vpp": {}}
"""Options for all CNFs of a task, by dataplane."""


class On(t.NamedTuple):
    """A dataplane that values may be put on: its kinds by their ids, and how to get to a CNF."""

    kinds: Kinds
    connect: Connect

    @classmethod
    def of(cls, kinds: t.Sequence[Kind], connect: Connect) -> On:
        """From a list of kinds."""
        return cls({kind.id: kind for kind in kinds}, connect)


Dataplanes = t.Mapping[str, On]
"""By name: C(linux), C(vpp)."""


def arguments(dataplanes: t.Collection[str]) -> t.Dict[str, t.Any]:
    """Argument spec of the config module of these dataplanes; where there are several, a configuration says on which one it is."""
    which = {"dataplane": {"type": "str", "choices": sorted(dataplanes), "required": True}} if len(dataplanes) > 1 else {}
    return {
        "configurations": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "cnf": {"type": "str", "required": True},
                **which,
                **{name: spec for dataplane in sorted(dataplanes) for name, spec in PLACES[dataplane].items()},
                "values": {
                    "type": "list",
                    "elements": "dict",
                    "required": True,
                    "options": {"kind": {"type": "str", "required": True}, "data": {"type": "dict", "required": True}},
                },
            },
        },
        "state": {"type": "str", "choices": ["merged", "replaced", "overridden", "deleted", "rendered"], "default": "merged"},
        **{name: spec for dataplane in sorted(dataplanes) for name, spec in WHOLE_TASK[dataplane].items()},
        "secrets": {"type": "dict", "no_log": True},
        "on_failure": runner.ON_FAILURE,
    }


def run(dataplanes: Dataplanes) -> None:
    """The whole of a config module."""
    ansible = runner.module(arguments(dataplanes))
    with runner.failures(ansible):
        ansible.exit_json(**_run(ansible, dataplanes))


def _values(given: t.Sequence[t.Mapping[str, t.Any]], dataplane: str, kinds: Kinds, secrets: t.Mapping[str, str], cnf: str) -> t.List[Value]:
    values = []
    for each in given:
        kind = kinds.get(each["kind"])
        if kind is None:
            raise CnfError(f"CNF {cnf}: {each['kind']}: this kind is not supported by the {dataplane} dataplane", kind=each["kind"])
        data = kind.map_secrets(clean(each["data"]), lambda reference: secrets.get(reference, reference))
        values.append(Value(kind.id, kind.key(data), data))
    return values


def _run(ansible: t.Any, dataplanes: Dataplanes) -> t.Dict[str, t.Any]:
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
    ons = [(name, dataplanes[name]) for name in (each.get("dataplane") or next(iter(dataplanes)) for each in configurations)]
    kinds = [on.kinds for _name, on in ons]
    wanted = [_values(each["values"], name, on.kinds, secrets, each["cnf"]) for each, (name, on) in zip(configurations, ons)]
    results: t.List[Result] = []
    journal = Journal()
    with contextlib.ExitStack() as stack:
        places = [each["socket"] if name == "vpp" else network(each["namespace"]) for each, (name, _on) in zip(configurations, ons)]
        if not check:
            stack.enter_context(locks(zip(names, places), runner.owner(ansible)))
        elif not render:
            refuse_managed(zip(names, places))
        # All are planned before any is touched, so that what is wrong with the last one leaves the first one alone.
        rounds = [True] if check else [True, False]
        for dry in rounds:
            results = []
            for each, (name, on), values in zip(configurations, ons, wanted):
                shared = {option: parameters[option] for option in WHOLE_TASK[name]}
                place = {**each, **shared, "offline": render, "imagine": ansible.check_mode}
                try:
                    dataplane = stack.enter_context(on.connect(place))
                    results.append(_one(dataplane, on.kinds, state, values, dry, parameters["on_failure"], journal))
                except BaseException as error:
                    raise _named(error, each["cnf"], journal, parameters["on_failure"]) from error
            if dry and not any(each.outcome.changed for each in results):
                break
    if render:
        return {"changed": False, "rendered": _commands(names, results)}
    shown = {
        "changed": any(each.outcome.changed for each in results),
        "before": {name: _items(each.before, mine) for name, mine, each in zip(names, kinds, results)},
        "after": {name: _items(each.after, mine) for name, mine, each in zip(names, kinds, results)},
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
