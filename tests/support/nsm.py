# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of Network Service Mesh 1.x, as its registry has them, on a real API server."""

from __future__ import annotations

import contextlib
import datetime
import json
import time

from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes import Access, Cluster, Resource

GROUP = "networkservicemesh.io"
KINDS = {"NetworkService": ("networkservices", ["netsvc", "netsvcs"]), "NetworkServiceEndpoint": ("networkserviceendpoints", ["nse", "nses"])}
ALL = ",".join(plural for plural, _short in KINDS.values())


def crd(kind, version="v1"):
    """NSM's own: nothing below spec is looked at."""
    plural, short = KINDS[kind]
    schema = {"type": "object", "properties": {"spec": {"x-kubernetes-preserve-unknown-fields": True}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind, "shortNames": short},
            "versions": [{"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }


def install(cluster):
    cluster.apply(*map(crd, KINDS))
    cluster.kubectl("wait", "--for=condition=Established", "--timeout=30s", *(f"crd/{plural}.{GROUP}" for plural, _short in KINDS.values()))
    deadline = time.monotonic() + 30
    while cluster.kubectl("get", ALL, "-A", check=False).returncode:  # what is established is served a moment later
        assert time.monotonic() < deadline
        time.sleep(0.1)


def uninstall(cluster):
    cluster.kubectl("delete", "--ignore-not-found", "crd", *(f"{plural}.{GROUP}" for plural, _short in KINDS.values()))


@contextlib.contextmanager
def emptied(cluster):
    """Afterwards there is no object of NSM's: one that it cannot read hides all."""
    try:
        yield
    finally:
        with Cluster(Access(kubeconfig=cluster.kubeconfig)) as client:  # several at a time, where kubectl does one after the other
            client.delete([each for kind in KINDS for each in client.list(Resource(f"{GROUP}/v1", kind))])


def endpoint(namespace, name, services, labels, seconds=None, **more):
    """A NetworkServiceEndpoint; C(labels) by service, C(seconds) when it expires, since 1970."""
    spec = {
        "name": name,
        "network_service_names": list(services),
        "network_service_labels": {service: {"labels": dict(each)} for service, each in labels.items()},
        "url": "tcp://10.0.0.1:5001",
        **({} if seconds is None else {"expiration_time": {"seconds": int(seconds)}}),
    }
    return {"apiVersion": f"{GROUP}/v1", "kind": "NetworkServiceEndpoint", "metadata": {"namespace": namespace, "name": name}, "spec": {**spec, **more}}


def vector_objects(vector, namespace):
    """The objects of a golden case, which has protobuf's JSON."""
    service = vector["networkService"]
    yield {"apiVersion": f"{GROUP}/v1", "kind": "NetworkService", "metadata": {"namespace": namespace, "name": service["name"]}, "spec": service}
    for each in vector["endpoints"]:
        labels = {name: entry.get("labels", {}) for name, entry in each.get("networkServiceLabels", {}).items()}
        end = each.get("expirationTime")
        seconds = datetime.datetime.fromisoformat(end.replace("Z", "+00:00")).timestamp() if end else None
        yield endpoint(namespace, each["name"], each.get("networkServiceNames", []), labels, seconds)


def create(cluster, *objects):
    """By kubectl, as somebody else."""
    cluster.kubectl("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)}))
