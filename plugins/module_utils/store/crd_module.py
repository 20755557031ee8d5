# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a cluster know CNFConfigurations, in one module run: the CRD, the controller's rights, and the controller itself in a pod."""

from __future__ import annotations

import hashlib
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils import runner
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.manifests import (
    FOLDER,
    LABELS,
    NAMESPACE,
    RBAC,
    Deployed,
    Manifest,
    deployment,
    rights,
)
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.store.crd import API_VERSION, CRD, CRD_NAME, KIND, PLURAL
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import Access
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes import (
    ACCESS,
    FIELD_MANAGER,
    Applied,
    Cluster,
    Object,
    Resource,
    access,
    content,
    name_of,
    resource_of,
)
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes_errors import MissingKind, TimedOut

DEFINITION = Resource("apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", False)
DEPLOYMENT = Resource("apps/v1", "Deployment", "deployments")
NAMESPACES = Resource("v1", "Namespace", "namespaces", False)
OURS = (
    DEPLOYMENT,
    Resource("v1", "Secret", "secrets"),
    Resource(f"{RBAC}/v1", "RoleBinding", "rolebindings"),
    Resource(f"{RBAC}/v1", "ClusterRoleBinding", "clusterrolebindings", False),
    Resource(f"{RBAC}/v1", "Role", "roles"),
    Resource(f"{RBAC}/v1", "ClusterRole", "clusterroles", False),
    Resource("v1", "ServiceAccount", "serviceaccounts"),
)
"""What is found by its labels, in the order of removal: the controller first, its rights afterwards."""

SELECTOR = ",".join(f"{name}={value}" for name, value in LABELS.items())
FILES = ("ca", "cert", "key")

ETCD: t.Dict[str, t.Dict[str, t.Any]] = {
    "endpoints": {"type": "list", "elements": "str", "required": True},
    "ca": {"type": "path"},
    "cert": {"type": "path"},
    "key": {"type": "path", "no_log": False},
    "user": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "plain_password": {"type": "bool", "default": False, "no_log": False},
}

ARGUMENTS: t.Dict[str, t.Dict[str, t.Any]] = {
    **ACCESS,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "namespace": {"type": "str", "default": NAMESPACE},
    "namespaces": {"type": "list", "elements": "str", "default": []},
    "image": {"type": "str"},
    "image_pull_policy": {"type": "str", "choices": ["Always", "IfNotPresent", "Never"], "default": "IfNotPresent"},
    "replicas": {"type": "int", "default": 1},
    "etcd": {"type": "dict", "options": ETCD},
    "settings": {"type": "dict", "default": {}},
    "purge": {"type": "bool", "default": False},
    "field_manager": {"type": "str", "default": FIELD_MANAGER},
    "force_conflicts": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 120},
    "timeout": {"type": "int", "default": 10},
}
REQUIRED_BY = {"image": ["etcd"]}

Results = t.Dict[str, Applied]


def run() -> None:
    """The whole of the module."""
    ansible = runner.module(ARGUMENTS, required_by=REQUIRED_BY)
    with runner.failures(ansible), Cluster(access(ansible.params)) as cluster:
        results = _present(ansible, cluster) if ansible.params["state"] == "present" else _absent(ansible, cluster)
        before = {name: _shown(each.before) for name, each in results.items() if each.before}
        after = {name: _shown(each.after) if each.changed else before[name] for name, each in results.items() if each.after}
        ansible.exit_json(**runner.change(ansible, any(each.changed for each in results.values()), before, after), objects=sorted(after))


def _present(ansible: t.Any, cluster: Cluster) -> Results:
    given = ansible.params
    wanted = [CRD, *rights(given["namespace"], given["namespaces"])]
    if given["image"]:
        wanted += deployment(_deployed(given), given["namespace"])
    wanted = [each for each in wanted if not _is_somebodys(cluster, each)]
    there = dict(zip(map(_named, wanted), cluster.current(wanted)))
    missing = {name_of(each)[1] for each in wanted if each["kind"] == NAMESPACES.kind and there[_named(each)] is None}
    results: Results = {}
    for stage in _stages(wanted):
        asked = [each for each in stage if not (ansible.check_mode and each["metadata"].get("namespace") in missing)]
        known = [there[_named(each)] for each in asked]
        done = cluster.apply(asked, given["field_manager"], ansible.check_mode, given["force_conflicts"], known)
        results.update(zip(map(_named, asked), done))
        # A namespace that is not there yet cannot be asked.
        results.update((_named(each), Applied(None, each, True)) for each in stage if each not in asked)
    stale = [each for each in _found(cluster) if _named(each) not in results]
    results.update(zip(map(_named, stale), cluster.delete(stale, ansible.check_mode, stale)))
    if given["wait"] and not ansible.check_mode:
        _wait(cluster, given)
    return results


def _absent(ansible: t.Any, cluster: Cluster) -> Results:
    given = ansible.params
    unwanted = _found(cluster)
    if given["purge"]:
        unwanted.append({"apiVersion": DEFINITION.api_version, "kind": DEFINITION.kind, "metadata": {"name": CRD_NAME}})
    made = cluster.get(NAMESPACES, "", given["namespace"])
    if made and _is_ours(made) and not made["metadata"].get("deletionTimestamp"):
        unwanted.append(made)
    results: Results = {}
    for each in unwanted:
        results[_named(each)] = cluster.delete([each], ansible.check_mode)[0]
    if given["purge"] and given["wait"] and not ansible.check_mode:
        cluster.wait(DEFINITION, "", [CRD_NAME], lambda found: found is None, given["wait_timeout"])
    return results


def _deployed(given: t.Mapping[str, t.Any]) -> Deployed:
    """The controller in a pod; certificates that are files where the module runs become files there."""
    etcd = {name: value for name, value in given["etcd"].items() if value}
    Access(**{**etcd, "endpoints": tuple(etcd["endpoints"])}).check()
    files = {}
    for name in FILES:
        if name in etcd:
            files[f"etcd-{name}.pem"] = _text(etcd[name])
            etcd[name] = f"{FOLDER}/etcd-{name}.pem"
    settings = {**given["settings"], "etcd": etcd, "namespaces": given["namespaces"]}
    return Deployed(given["image"], settings, files, given["replicas"], given["image_pull_policy"])


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise CnfError(f"etcd: {path}: {getattr(error, 'strerror', None) or 'is no text'}") from None


def _stages(wanted: t.Sequence[Manifest]) -> t.Iterator[t.List[Manifest]]:
    """What others need is there before them: the namespace, then rights and settings, then the pod."""
    ranks = {NAMESPACES.kind: 0, DEPLOYMENT.kind: 2}
    for rank in range(3):
        stage = [each for each in wanted if ranks.get(each["kind"], 1) == rank]
        if stage:
            yield stage


def _is_somebodys(cluster: Cluster, wanted: Manifest) -> bool:
    """Whether this is a namespace that was there before us: it is left as it is."""
    if wanted["kind"] != NAMESPACES.kind:
        return False
    found = cluster.get(NAMESPACES, "", wanted["metadata"]["name"])
    return found is not None and not _is_ours(found)


def _is_ours(found: Object) -> bool:
    return LABELS.items() <= (found["metadata"].get("labels") or {}).items()


def _found(cluster: Cluster) -> t.List[Object]:
    """All that a run of this module made, but for namespaces and the CRD."""
    return [each for resource in OURS for each in cluster.list(resource, selector=SELECTOR)]


def _wait(cluster: Cluster, given: t.Mapping[str, t.Any]) -> None:
    seconds = given["wait_timeout"]
    cluster.wait(DEFINITION, "", [CRD_NAME], _is_established, seconds)
    deadline = time.monotonic() + seconds
    while True:  # what is established is served a moment later
        try:
            cluster.count(Resource(API_VERSION, KIND, PLURAL), given["namespace"])
            break
        except MissingKind:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
    if not given["image"]:
        return
    try:
        cluster.wait(DEPLOYMENT, given["namespace"], [LABELS["app.kubernetes.io/name"]], _is_available, seconds)
    except TimedOut as error:
        seen = next(iter(error.seen.values()), None) or {}
        told = [f"{each['type']} {each['status']}: {each.get('message', '')}" for each in seen.get("status", {}).get("conditions") or ()]
        raise CnfError(f"the controller is there, and does not run in {seconds} s: {'; '.join(told) or 'no node has taken it'}") from None


def _is_true(found: t.Optional[Object], name: str) -> bool:
    conditions = (found or {}).get("status", {}).get("conditions") or ()
    return any(each["type"] == name and each["status"] == "True" for each in conditions)


def _is_established(found: t.Optional[Object]) -> bool:
    return _is_true(found, "Established")


def _is_available(found: t.Optional[Object]) -> bool:
    """Of this generation, and all of them."""
    if not found or found["status"].get("observedGeneration") != found["metadata"]["generation"]:
        return False
    wanted, status = found["spec"]["replicas"], found["status"]
    return all(status.get(name, 0) == wanted for name in ("updatedReplicas", "availableReplicas", "replicas"))


def _named(found: t.Mapping[str, t.Any]) -> str:
    """For messages, and to find it again."""
    namespace = found["metadata"].get("namespace")
    return f"{resource_of(found).kind} {f'{namespace}/' if namespace else ''}{found['metadata']['name']}"


def _shown(found: t.Optional[Object]) -> t.Optional[Object]:
    """An object without what is secret in it: a change of it is seen, not what it is."""
    made = content(found)
    if made and made.get("kind") == "Secret":
        made["data"] = {name: f"sha256:{hashlib.sha256(str(value).encode()).hexdigest()[:16]}" for name, value in (made.get("data") or {}).items()}
    return made
