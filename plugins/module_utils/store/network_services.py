# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NSM's objects in a Kubernetes cluster, in one module run: NetworkServices written, and what NSM makes of all of them."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils import runner
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh import pods, registered
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.manifest import Manifest, manifests, twice
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.service import GROUP, PAYLOADS, V1
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes import ACCESS, FIELD_MANAGER, Applied, Cluster, Object, Resource, access, content
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes_errors import Forbidden, MissingKind

SERVICES = Resource(GROUP + V1, "NetworkService")
ENDPOINTS = Resource(GROUP + V1, "NetworkServiceEndpoint")
PODS = Resource("v1", "Pod", "pods")
MOST = 20

CALLS: t.Dict[str, t.Dict[str, t.Any]] = {**ACCESS, "timeout": {"type": "int", "default": 10}}
WRITE: t.Dict[str, t.Dict[str, t.Any]] = {
    **CALLS,
    "documents": {"type": "list", "elements": "str"},
    "objects": {"type": "list", "elements": "dict"},
    "sources": {"type": "list", "elements": "str"},
    "names": {"type": "list", "elements": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "namespace": {"type": "str", "default": "default"},
    "payload": {"type": "str", "choices": list(PAYLOADS)},
    "field_manager": {"type": "str", "default": FIELD_MANAGER},
    "force_conflicts": {"type": "bool", "default": False},
}
ONE_OF = [("documents", "objects", "names")]

SERVICE_INFO: t.Dict[str, t.Dict[str, t.Any]] = {
    **CALLS,
    "namespace": {"type": "str"},
    "names": {"type": "list", "elements": "str"},
    "label_selectors": {"type": "list", "elements": "str", "default": []},
}
ENDPOINT_INFO: t.Dict[str, t.Dict[str, t.Any]] = {
    **CALLS,
    "namespace": {"type": "str"},
    "network_services": {"type": "list", "elements": "str"},
    "documents": {"type": "list", "elements": "str"},
    "objects": {"type": "list", "elements": "dict"},
    "pods": {"type": "bool", "default": False},
    "clients": {
        "type": "list",
        "elements": "dict",
        "options": {
            "name": {"type": "str", "required": True},
            "labels": {"type": "dict", "default": {}},
            "network_service": {"type": "str"},
            "payload": {"type": "str", "choices": list(PAYLOADS)},
        },
    },
}


def write() -> None:
    """The whole of nsm_network_service. Documents were read on the controller."""
    ansible = runner.module(WRITE, required_one_of=ONE_OF)
    with runner.failures(ansible):
        ansible.exit_json(**_write(ansible))


def _write(ansible: t.Any) -> t.Dict[str, t.Any]:
    given = ansible.params
    if given["state"] == "absent":
        return _removed(ansible)
    if given["names"]:
        raise CnfError("names are of NetworkServices to remove (state: absent); what shall be there is given as documents or objects")
    objects = given["objects"] or []
    sources = given["sources"] or [f"object {number}" for number in range(1, len(objects) + 1)]
    made, warnings = manifests(zip(objects, sources), given["payload"], given["namespace"])
    with Cluster(access(given)) as cluster:
        there = cluster.current([one.document for one in made])
        wanted = [_complete(one, before) for one, before in zip(made, there)]
        others = _others(cluster)

        def apply(numbers: t.Sequence[int], dry_run: bool) -> t.List[Applied]:
            return cluster.apply(
                [wanted[number] for number in numbers],
                given["field_manager"],
                dry_run=dry_run,
                force=given["force_conflicts"],
                before=[there[number] for number in numbers],
            )

        done = _done(apply, len(made), ansible.check_mode)
    warnings += _beside(others, made, done) if made else ["there is no NetworkService in what was given"]
    return _result(ansible, [one.key for one in made], done, warnings)


def _removed(ansible: t.Any) -> t.Dict[str, t.Any]:
    given = ansible.params
    keys = [name if "/" in name else f"{given['namespace']}/{name}" for name in given["names"] or ()]
    keys += [_key(each, given["namespace"]) for each in given["objects"] or ()]
    problems = twice(keys)
    if problems:
        raise CnfError("\n".join(problems[:MOST]), problems=problems)
    objects = [_named(key) for key in keys]
    done: t.List[Applied] = []
    with Cluster(access(given)) as cluster, contextlib.suppress(MissingKind):  # where there is no such kind there is none to remove
        there = cluster.current(objects)

        def delete(numbers: t.Sequence[int], dry_run: bool) -> t.List[Applied]:
            return cluster.delete([objects[number] for number in numbers], dry_run=dry_run, before=[there[number] for number in numbers])

        done = _done(delete, len(objects), ansible.check_mode)
    return _result(ansible, keys, done, [])


def _key(document: t.Mapping[str, t.Any], namespace: str) -> str:
    metadata = document.get("metadata") or {}
    if document.get("kind") != SERVICES.kind or not metadata.get("name"):
        raise CnfError(f"this is no NetworkService with a name: {document.get('kind')} {metadata.get('name') or '(no name)'}")
    return f"{metadata.get('namespace') or namespace}/{metadata['name']}"


def _named(key: str) -> Object:
    namespace, _slash, name = key.partition("/")
    if not namespace or not name or "/" in name:
        raise CnfError(f"{key!r} is neither a name nor namespace/name")
    return {"apiVersion": SERVICES.api_version, "kind": SERVICES.kind, "metadata": {"namespace": namespace, "name": name}}


def _complete(one: Manifest, before: t.Optional[Object]) -> Object:
    """What is sent. A field that the document leaves out, and the object has from somebody else, would stay: so it is said."""
    left_out = {"matches": [], "name": one.service.name}
    spec = (before or {}).get("spec") or {}
    return {**one.document, "spec": {**{name: value for name, value in left_out.items() if name in spec}, **one.document["spec"]}}


def _done(act: t.Callable[[t.Sequence[int], bool], t.List[Applied]], count: int, check_mode: bool) -> t.List[Applied]:
    """All are tried first, so that nothing is written when one is refused; then what changes is done."""
    try:
        done = act(range(count), True)
    except CnfError as error:
        error.message += ". Nothing was changed"
        raise
    changed = [number for number, each in enumerate(done) if each.changed]
    if changed and not check_mode:
        for number, each in zip(changed, act(changed, False)):
            done[number] = each
    return done


def _others(cluster: Cluster) -> t.Dict[str, Object]:
    """All there are, by namespace/name. Who may not see the others is not told of them."""
    with contextlib.suppress(Forbidden):
        return {_key(each, ""): each for each in cluster.list(SERVICES)}
    return {}


def _beside(stored: t.Dict[str, Object], made: t.Sequence[Manifest], done: t.Sequence[Applied]) -> t.List[str]:
    """What other objects do to these: names are cluster-wide for NSM, and one object that it cannot read hides all."""
    stored.update({one.key: each.after for one, each in zip(made, done) if each.after})
    ours = {one.service.name for one in made}
    told: t.List[str] = []
    for one in registered.services(stored.values()):
        said = one.errors if one.service is None else one.shadowed if one.service.name in ours else []
        told += [f"NetworkService {one.namespace}/{one.name}: {each}" for each in said]
    return told


def _result(ansible: t.Any, keys: t.Sequence[str], done: t.Sequence[Applied], warnings: t.Sequence[str]) -> t.Dict[str, t.Any]:
    before = {key: content(each.before) for key, each in zip(keys, done) if each.before}
    after = {key: content(each.after) for key, each in zip(keys, done) if each.after}
    shown = runner.change(ansible, any(each.changed for each in done), before, after)
    shown["network_services"] = {key: {"changed": each.changed} for key, each in zip(keys, done)}
    runner.warn(ansible, warnings)
    return shown


def service_info() -> None:
    """The whole of nsm_network_service_info."""
    ansible = runner.module(SERVICE_INFO)
    with runner.failures(ansible):
        given = ansible.params
        with Cluster(access(given)) as cluster:
            found = registered.services(cluster.list(SERVICES, given["namespace"], ",".join(given["label_selectors"])))
        names = given["names"]
        kept = [one for one in found if names is None or one.name in names or (one.service and one.service.name in names)]
        ansible.exit_json(changed=False, network_services=[registered.as_service(one) for one in kept])


def endpoint_info() -> None:
    """The whole of nsm_endpoint_info. Documents were read on the controller, for their clients."""
    ansible = runner.module(ENDPOINT_INFO)
    with runner.failures(ansible):
        given = ansible.params
        with Cluster(access(given)) as cluster:
            services = registered.services(cluster.list(SERVICES, given["namespace"]))
            endpoints = registered.endpoints(cluster.list(ENDPOINTS, given["namespace"]))
            asking, warnings = pods.clients(cluster.list(PODS, given["namespace"]) if given["pods"] else ())
        now, names = registered.now(), given["network_services"]
        clients = [_client(each) for each in given["clients"] or ()]
        told = [match for client in clients + asking for match in registered.matches(client, services, endpoints, now)]
        runner.warn(ansible, warnings)
        ansible.exit_json(
            changed=False,
            endpoints=[registered.as_endpoint(one, now) for one in endpoints if names is None or _serves(one, names)],
            matches=[match for match in told if names is None or match["network_service"] in names],
        )


def _client(given: t.Mapping[str, t.Any]) -> registered.Client:
    labels = given["labels"] or {}
    for name, value in labels.items():
        if not isinstance(value, str):
            raise CnfError(f"client {given['name']}: label {name}: {value!r} is no text (quote it)")
    return registered.Client(given["name"], labels, given["network_service"] or "", given["payload"] or "")


def _serves(one: registered.Registered, names: t.Container[str]) -> bool:
    """Whether it offers one of the services; one that NSM cannot read always matters."""
    return one.endpoint is None or any(service in names for service in one.endpoint.services)
