# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CNFConfigurations of a real cluster for tests: their CRD, objects, and who says that one is applied."""

from __future__ import annotations

import contextlib
import threading
import time

from ansible_collections.pantheon.cnf.plugins.module_utils.store.crd import API_VERSION, CRD, CRD_NAME, KIND
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes import Access, Cluster, Resource

CONFIGURATION = Resource(API_VERSION, KIND)
DEFINITION = Resource("apiextensions.k8s.io/v1", "CustomResourceDefinition")


def is_established(found):
    conditions = (found or {}).get("status", {}).get("conditions") or ()
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)


def with_crd(kubeconfig):
    """A client of a cluster that has the CRD."""
    client = Cluster(Access(kubeconfig=kubeconfig))
    client.apply([CRD], force=True)
    client.wait(DEFINITION, "", [CRD_NAME], is_established, 20)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(Exception):
            client.list(CONFIGURATION, "default")
            return client
        time.sleep(0.1)
    raise RuntimeError("the CRD is established, and its objects cannot be listed")


def route(at, gateway="10.0.0.1"):
    return f"outgoing_interface: tap0\nscope: GLOBAL\ndst_network: 10.{at >> 8}.{at & 255}.0/24\ngw_addr: {gateway}\n"


def configuration(namespace, name, *data, **metadata):
    """A CNFConfiguration with a route for each text of data."""
    items = [{"module": "linux.l3", "type": "route", "data": each} for each in data or (route(0),)]
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"namespace": namespace, "name": name, **metadata},
        "spec": {"microservice": "cnf", "configItems": items},
    }


def condition(name, status, reason, message, generation):
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {"type": name, "status": status, "reason": reason, "message": message, "lastTransitionTime": since, "observedGeneration": generation}


@contextlib.contextmanager
def told(kubeconfig, namespace, status_of, seconds=20):
    """Somebody who tells of each generation of each object what C(status_of) says of it, as a controller would."""
    ended = threading.Event()

    def work():
        said = set()
        with Cluster(Access(kubeconfig=kubeconfig)) as client:
            deadline = time.monotonic() + seconds
            while not ended.is_set() and time.monotonic() < deadline:
                for each in client.list(CONFIGURATION, namespace):
                    at = (each["metadata"]["name"], each["metadata"]["generation"])
                    if at not in said:
                        said.add(at)
                        client.patch_status(CONFIGURATION, namespace, at[0], status_of(each))
                time.sleep(0.1)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
