# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster needs for the controller, as data: rights, no more than it uses, and where it shall run in a pod, that.

The controller may list and watch CNFConfigurations and patch their status: no object, no secret, no pod, no CRD.
"""

from __future__ import annotations

import base64
import hashlib
import json
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.store.crd import GROUP, PLURAL

NAME = "cnf-controller"
NAMESPACE = "pantheon-cnf"
RBAC = "rbac.authorization.k8s.io"
LABELS = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/part-of": "pantheon.cnf"}
FOLDER = "/etc/pantheon.cnf"
SETTINGS = "settings.yaml"
PORT = 9192
USER = 65532
PROGRAM = "ansible_collections.pantheon.cnf.plugins.module_utils.agent.controller"

Manifest = t.Dict[str, t.Any]

RULES: t.List[Manifest] = [
    {"apiGroups": [GROUP], "resources": [PLURAL], "verbs": ["list", "watch"]},
    {"apiGroups": [GROUP], "resources": [f"{PLURAL}/status"], "verbs": ["patch"]},
]
"""All that the controller may do."""

READ = ["get", "list", "watch"]
WRITE = ["create", "delete", "deletecollection", "patch", "update"]


class Deployed(t.NamedTuple):
    """How the controller runs in a pod. C(files): beside the settings, contents by name (certificates of etcd)."""

    image: str
    settings: t.Mapping[str, t.Any]
    files: t.Mapping[str, str] = {}
    replicas: int = 1
    pull_policy: str = "IfNotPresent"


def rights(namespace: str = NAMESPACE, watched: t.Sequence[str] = ()) -> t.List[Manifest]:
    """The controller's account and what it may do, in the namespaces C(watched) or in all; and what people may who may edit or view a namespace."""
    subject = {"kind": "ServiceAccount", "name": NAME, "namespace": namespace}
    objects = [_object("v1", "Namespace", namespace), _object("v1", "ServiceAccount", NAME, namespace)]
    for where in watched or ("",):
        kind = "Role" if where else "ClusterRole"
        reference = {"apiGroup": RBAC, "kind": kind, "name": NAME}
        objects += [
            _object(f"{RBAC}/v1", kind, NAME, where, rules=RULES),
            _object(f"{RBAC}/v1", f"{kind}Binding", NAME, where, roleRef=reference, subjects=[subject]),
        ]
    return objects + [_people("edit", ("edit", "admin"), [*READ, *WRITE]), _people("view", ("view",), READ)]


def _people(name: str, roles: t.Sequence[str], verbs: t.Sequence[str]) -> Manifest:
    """A role that becomes a part of the cluster's own for people."""
    made = _object(f"{RBAC}/v1", "ClusterRole", f"cnfconfigurations-{name}", rules=[{"apiGroups": [GROUP], "resources": [PLURAL], "verbs": list(verbs)}])
    made["metadata"]["labels"] = {**LABELS, **{f"{RBAC}/aggregate-to-{role}": "true" for role in roles}}
    return made


def deployment(deployed: Deployed, namespace: str = NAMESPACE) -> t.List[Manifest]:
    """The controller in a pod, and its settings, which may have a password in them."""
    settings = {**deployed.settings, "listen": f"0.0.0.0:{PORT}"}
    files = {**deployed.files, SETTINGS: json.dumps(settings, sort_keys=True)}
    data = {name: base64.b64encode(text.encode()).decode() for name, text in sorted(files.items())}
    mark = hashlib.sha256(json.dumps(data).encode()).hexdigest()
    probe = {"periodSeconds": 10, "timeoutSeconds": 5}
    container: Manifest = {
        "name": NAME,
        "image": deployed.image,
        "imagePullPolicy": deployed.pull_policy,
        "command": ["python3", "-m", PROGRAM, "--settings", f"{FOLDER}/{SETTINGS}"],
        "env": [{"name": "CNF_CONTROLLER_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
        "ports": [{"name": "http", "containerPort": PORT}],
        "livenessProbe": {**probe, "httpGet": {"path": "/healthz", "port": "http"}, "initialDelaySeconds": 10},
        "readinessProbe": {**probe, "httpGet": {"path": "/readyz", "port": "http"}},
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
        # Certificates are written to files for the libraries that want them so, in memory.
        "volumeMounts": [{"name": "settings", "mountPath": FOLDER, "readOnly": True}, {"name": "temporary", "mountPath": "/tmp"}],
    }
    pod = {
        "metadata": {"labels": LABELS, "annotations": {f"{GROUP}/settings": mark}},
        "spec": {
            "serviceAccountName": NAME,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": USER,
                "runAsGroup": USER,
                "fsGroup": USER,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "terminationGracePeriodSeconds": 30,
            "containers": [container],
            "volumes": [
                {"name": "settings", "secret": {"secretName": NAME, "defaultMode": 0o440}},
                {"name": "temporary", "emptyDir": {"medium": "Memory", "sizeLimit": "16Mi"}},
            ],
        },
    }
    spec = {"replicas": deployed.replicas, "selector": {"matchLabels": LABELS}, "template": pod}
    return [_object("v1", "Secret", NAME, namespace, type="Opaque", data=data), _object("apps/v1", "Deployment", NAME, namespace, spec=spec)]


def _object(api_version: str, kind: str, name: str, namespace: str = "", **content: t.Any) -> Manifest:
    where = {"namespace": namespace} if namespace else {}
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, **where, "labels": dict(LABELS)}, **content}
