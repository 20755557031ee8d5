# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations into etcd, in one module run: all that is wrong is found before the first one is written."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils import runner
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.slot import clean
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configurations import CNFConfigurations, Result
from ansible_collections.pantheon.cnf.plugins.module_utils.store.desired import listed, once
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import Access, EtcdStore
from ansible_collections.pantheon.cnf.plugins.module_utils.store.record import Record
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import Report, report

POLL = 0.2
ACCESS: t.Dict[str, t.Dict[str, t.Any]] = {
    "endpoints": {"type": "list", "elements": "str"},
    "etcd_conf": {"type": "path"},
    "ca": {"type": "path"},
    "cert": {"type": "path"},
    "key": {"type": "path", "no_log": False},
    "user": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "plain_password": {"type": "bool", "default": False, "no_log": False},
    "timeout": {"type": "int", "default": 10},
}
"""Options that say how to get to etcd."""

COMMON: t.Dict[str, t.Dict[str, t.Any]] = {
    **ACCESS,
    "take_over": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 60},
}

ARGUMENTS: t.Dict[str, t.Dict[str, t.Any]] = {
    **COMMON,
    "configurations": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "values": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "microservice": {"type": "str", "required": True},
                    "kind": {"type": "str", "required": True},
                    "data": {"type": "dict", "required": True},
                },
            },
        },
    },
    "absent": {"type": "list", "elements": "str", "default": []},
    "secrets": {"type": "dict", "no_log": True},
}


class Given(t.NamedTuple):
    """An item as the module was given it."""

    microservice: str
    value: Value
    source: str


def run() -> None:
    """The whole of the module."""
    ansible = runner.module(ARGUMENTS)
    with runner.failures(ansible):
        ansible.exit_json(**_run(ansible))


def access(parameters: t.Mapping[str, t.Any]) -> Access:
    """How to get to etcd, from a module's options; they go over what an etcd.conf says."""
    given = {name: parameters[name] for name in ("ca", "cert", "key", "user", "password", "plain_password") if parameters[name]}
    given.update({"timeout": float(parameters["timeout"])}, **({"endpoints": tuple(parameters["endpoints"])} if parameters["endpoints"] else {}))
    if parameters["etcd_conf"]:
        from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd_conf import load_conf

        return load_conf(parameters["etcd_conf"], {}, **given).access
    return Access(**given)


def _items(configuration: t.Mapping[str, t.Any], secrets: t.Mapping[str, str]) -> t.List[Given]:
    items = []
    for each in configuration["values"]:
        data, kind = clean(each["data"]), KINDS.get(each["kind"])
        if kind:
            data = kind.map_secrets(data, lambda reference: secrets.get(reference, reference))
        items.append(Given(each["microservice"], Value(each["kind"], "", data), f"configuration {configuration['name']}"))
    return items


def _run(ansible: t.Any) -> t.Dict[str, t.Any]:
    parameters = ansible.params
    once([*(each["name"] for each in parameters["configurations"]), *parameters["absent"]])
    wanted = {each["name"]: _items(each, parameters["secrets"] or {}) for each in parameters["configurations"]}
    with EtcdStore(access(parameters)) as store:
        configurations = CNFConfigurations(store)
        results = _sound(configurations.publish_all(wanted, parameters["absent"], True, parameters["take_over"]))
        if not ansible.check_mode and any(each.changed for each in results.values()):
            results = _sound(configurations.publish_all(wanted, parameters["absent"], False, parameters["take_over"]))
        shown = runner.change(ansible, any(each.changed for each in results.values()), *_shown(results))
        shown["configurations"] = {
            name: {"changed": each.changed, "generation": each.generation, "revision": each.revision, "left": each.left} for name, each in results.items()
        }
        left = [f"{key} was written by somebody else since and stays" for each in results.values() for key in each.left]
        runner.warn(ansible, left)
        if parameters["wait"] and not ansible.check_mode:
            gone = [Record(name, 0, 0, {}, each.revisions) for name, each in results.items() if each.changed and name not in wanted]
            shown["applied"] = _wait(store, configurations, list(wanted), gone, parameters["wait_timeout"])
        return shown


def _sound(results: t.Mapping[str, t.Union[Result, CnfError]]) -> t.Dict[str, Result]:
    """The results; raises when one is an error, with the words of all of them."""
    errors = {name: each for name, each in results.items() if isinstance(each, CnfError)}
    if errors:
        context = {name: value for each in errors.values() for name, value in each.context.items()} if len(errors) == 1 else {}
        raise CnfError("\n".join(each.message for each in list(errors.values())[:20]), configurations=sorted(errors), **context)
    return {name: each for name, each in results.items() if isinstance(each, Result)}


def _shown(results: t.Mapping[str, Result]) -> t.Tuple[t.Dict[str, t.Any], t.Dict[str, t.Any]]:
    """Items before and after by configuration, without secrets."""
    before = {name: listed(each.before) for name, each in results.items() if each.before}
    after = {name: listed(each.after) for name, each in results.items() if each.after}
    return before, after


def _wait(store: EtcdStore, configurations: CNFConfigurations, names: t.Sequence[str], gone: t.Sequence[Record], seconds: int) -> t.Dict[str, t.Any]:
    """Until the agents have applied what was written and removed (C(gone)); raises with what they say when that takes too long."""
    deadline = time.monotonic() + seconds
    removed = {record.name: record for record in gone}
    left, told = [*names, *removed], {}
    while left:
        for name in list(left):
            stored = None if name in removed else configurations.read(name)
            if stored is None and name not in removed:
                raise CnfError(f"configuration {name} was removed while it was waited for", configuration=name)
            found = report(store, stored.record if stored else removed[name])
            told[name] = _told(found)
            if found.applied == "True" or name in removed and found.reason == "NoAgent":  # nobody follows what is no more
                left.remove(name)
        if left and time.monotonic() > deadline:
            said = "; ".join(f"{name}: {told[name]['reason']}: {told[name]['message']}" for name in left[:20])
            raise CnfError(f"written, but not applied in {seconds} s: {said}", applied=told)
        if left:
            time.sleep(POLL)
    return told


def _told(found: Report) -> t.Dict[str, t.Any]:
    items = [{**(each.status._asdict() if each.status else {"state": ""}), "key": each.key} for each in found.items]
    return {"applied": found.applied, "reason": found.reason, "message": found.message, "items": items}
