# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CNFConfigurations as objects of Kubernetes, in one module run: what the server would refuse is found before the first is written."""

from __future__ import annotations

import functools
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils import runner
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.store.crd import API_VERSION, KIND
from ansible_collections.pantheon.cnf.plugins.module_utils.store.desired import once
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes import ACCESS, FIELD_MANAGER, Applied, Cluster, Failures, Object, Resource, access
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes_errors import KubernetesError, MissingKind, TimedOut
from ansible_collections.pantheon.cnf.plugins.module_utils.store.told import is_settled, managers, name_of, read, same, shown, told

CONFIGURATION = Resource(API_VERSION, KIND)
EVENT = Resource("v1", "Event", "events")
EVENTS, TOLD = 5, 20
"""So many events of an object are told, and of so many objects."""

FEW, LARGE = 20, 100_000
"""Up to so many objects are all tried before they are written; of more, those with more characters of data than that."""

COMMON: t.Dict[str, t.Dict[str, t.Any]] = {
    **ACCESS,
    "timeout": {"type": "int", "default": 10},
    "field_manager": {"type": "str", "default": FIELD_MANAGER},
    "force_conflicts": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 60},
}

ARGUMENTS: t.Dict[str, t.Dict[str, t.Any]] = {
    **COMMON,
    "objects": {"type": "list", "elements": "dict", "default": []},
    "absent": {"type": "list", "elements": "str", "default": []},
    "secrets": {"type": "dict", "no_log": True},
}


def run() -> None:
    """The whole of the module."""
    ansible = runner.module(ARGUMENTS)
    with runner.failures(ansible):
        ansible.exit_json(**_run(ansible))


def _run(ansible: t.Any) -> t.Dict[str, t.Any]:
    parameters = ansible.params
    wanted = {name_of(each): _whole(each, parameters["secrets"] or {}) for each in parameters["objects"]}
    once([*map(name_of, parameters["objects"]), *parameters["absent"]])
    gone = {name: bare(name) for name in parameters["absent"]}
    for each in wanted.values():
        read(each)  # which raises for what is wrong
    with Cluster(access(parameters)) as cluster:
        there = _there(cluster, wanted, gone)
        results = {name: Applied(found, found, False) for name, found in there.items()}
        writes = [each for name, each in wanted.items() if not same(there[name], each, parameters["field_manager"])]
        drops = [each for name, each in gone.items() if there[name]]
        results.update(_written(cluster, parameters, there, writes, drops, ansible.check_mode))
        manager = parameters["field_manager"]
        before = {name: shown(each, manager) for name, each in there.items() if each}
        after = {name: shown(each.after, manager) if each.changed else before[name] for name, each in results.items() if each.after}
        result = runner.change(ansible, any(each.changed for each in results.values()), before, after)
        result["configurations"] = {
            name: {"changed": each.changed, "generation": (each.after or each.before or {}).get("metadata", {}).get("generation", 0)}
            for name, each in results.items()
        }
        if parameters["wait"] and not ansible.check_mode:
            result["applied"] = _wait(cluster, wanted, {name: each for name, each in gone.items() if there[name]}, parameters["wait_timeout"])
        return result


def _there(cluster: Cluster, wanted: t.Mapping[str, Object], gone: t.Mapping[str, Object]) -> t.Dict[str, t.Optional[Object]]:
    """The objects as they are. Where the cluster does not have the kind there is none to remove."""
    asked = {**wanted, **gone}
    try:
        cluster.resolve(CONFIGURATION)
    except MissingKind:
        if wanted:
            raise
        return dict.fromkeys(asked)
    return dict(zip(asked, cluster.current(list(asked.values()))))


def _whole(given: t.Mapping[str, t.Any], secrets: t.Mapping[str, str]) -> Object:
    """An object with what references in its items stand for."""
    spec = dict(given["spec"])
    spec["configItems"] = [{**item, "data": secrets.get(item["data"], item["data"])} for item in spec.get("configItems") or ()]
    return {"apiVersion": API_VERSION, "kind": KIND, "metadata": {**given["metadata"]}, "spec": spec}


def bare(name: str) -> Object:
    """An object by its name, C(NAMESPACE/NAME)."""
    namespace, _slash, own = name.rpartition("/")
    return {"apiVersion": API_VERSION, "kind": KIND, "metadata": {"namespace": namespace or "default", "name": own}}


def _written(
    cluster: Cluster,
    parameters: t.Mapping[str, t.Any],
    there: t.Mapping[str, t.Optional[Object]],
    writes: t.Sequence[Object],
    drops: t.Sequence[Object],
    check_mode: bool,
) -> t.Dict[str, Applied]:
    """Apply and remove, by name. Before more than one is written the server tries without effect what it may refuse."""
    manager = parameters["field_manager"]

    def apply(objects: t.Sequence[Object], dry_run: bool) -> t.List[Applied]:
        before = [there[name_of(each)] for each in objects]
        return cluster.apply(objects, manager, dry_run, parameters["force_conflicts"], before)

    def delete(objects: t.Sequence[Object], dry_run: bool) -> t.List[Applied]:
        return cluster.delete(objects, dry_run, [there[name_of(each)] for each in objects])

    if not check_mode and len(writes) + len(drops) > 1:
        for tried, work in ((_doubtful(writes, there, manager), apply), (_doubtful(drops, there, ""), delete)):
            _done(tried, functools.partial(work, tried, True), ". Nothing was written")
    done: t.List[Applied] = []
    for objects, work in ((writes, apply), (drops, delete)):
        done += _done(objects, functools.partial(work, objects, check_mode), "")
    return {name_of(each): one for each, one in zip([*writes, *drops], done)}


def _doubtful(objects: t.Sequence[Object], there: t.Mapping[str, t.Optional[Object]], manager: str) -> t.List[Object]:
    """What to try first: all when they are few, else those that are large or that another manager has set, and one for each right that it takes."""
    if len(objects) <= FEW:
        return list(objects)
    rights: t.Set[t.Tuple[str, bool]] = set()
    chosen = []
    for each in objects:
        found = there[name_of(each)]
        right = (each["metadata"]["namespace"], found is None)
        large = sum(len(item["data"]) for item in (each.get("spec") or {}).get("configItems") or ()) > LARGE
        if right not in rights or large or (manager and found and managers(found) - {manager}):
            chosen.append(each)
        rights.add(right)
    return chosen


def _done(objects: t.Sequence[Object], work: t.Callable[[], t.List[Applied]], rest: str) -> t.List[Applied]:
    """What C(work) returns; its error with the names of the configurations, and with what became of the others."""
    try:
        return work()
    except Failures as error:
        names = sorted(name_of(objects[at]) for at in error.errors)
        rest = rest or f". {len(error.done)} of {len(objects)} were written"
        raise KubernetesError(error.message + rest, **{**error.context, "configurations": names}) from None
    except CnfError as error:
        error.message += rest
        if error.context.get("name"):
            error.context["configurations"] = [f"{error.context['namespace']}/{error.context['name']}"]
        raise


def _wait(cluster: Cluster, wanted: t.Mapping[str, Object], gone: t.Mapping[str, Object], seconds: int) -> t.Dict[str, t.Any]:
    """Until the controller says that what was written is applied; raises with what it says when that takes too long, or will never be."""
    deadline = time.monotonic() + seconds
    seen: t.Dict[str, t.Optional[Object]] = {}
    late = False
    for names, until in ((wanted, is_settled), (gone, lambda found: found is None)):
        by_namespace: t.Dict[str, t.List[str]] = {}
        for each in names.values():
            by_namespace.setdefault(each["metadata"]["namespace"], []).append(each["metadata"]["name"])
        for namespace, own in by_namespace.items():
            try:
                found = cluster.wait(CONFIGURATION, namespace, own, until, max(0.0, deadline - time.monotonic()))
            except TimedOut as error:
                found, late = error.seen, True
            seen.update((f"{namespace}/{name}", each) for name, each in found.items())
    said = {name: told(each) for name, each in seen.items() if each and name in wanted}
    bad = [name for name in wanted if said.get(name, {}).get("applied") != "True"]
    if not bad and not late:
        return said
    words = []
    for name in bad[:TOLD]:
        last = seen.get(name)
        if last is None:
            words.append(f"{name} was removed while it was waited for")
            continue
        said[name]["events"] = _events(cluster, last)
        words.append("; ".join(f"{name}: {said[name]['reason']}: {said[name]['message']}".splitlines() + _states(said[name])))
    words += [f"{name} is still there" for name in gone if seen.get(name)][:TOLD]
    raise CnfError(f"written, but not applied{f' in {seconds} s' if late else ''}: {chr(10).join(words)}", applied=said)


def _states(said: t.Mapping[str, t.Any]) -> t.List[str]:
    """The states of the items, and the last events, in words."""
    states = [f"item {each.get('item')} ({each.get('kind', '')}): {each.get('state', '')} {each.get('message', '')}".rstrip() for each in said["items"][:TOLD]]
    return states + [f"{each['type']} {each['reason']}: {each['message']}" for each in said["events"]]


def _events(cluster: Cluster, found: Object) -> t.List[t.Dict[str, str]]:
    """The last events of an object; none when we may not read them."""
    uid, namespace = found["metadata"]["uid"], found["metadata"]["namespace"]
    try:
        events = cluster.listed(EVENT, namespace, fields=f"involvedObject.uid={uid}").items
    except CnfError:
        return []
    events.sort(key=lambda each: str(each.get("lastTimestamp") or each.get("eventTime") or each["metadata"].get("creationTimestamp")))
    return [{name: str(each.get(name) or "") for name in ("type", "reason", "message")} for each in events[-EVENTS:]]
