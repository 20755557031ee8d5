# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control plane against bare clients: keys into etcd, CNFConfigurations into Kubernetes."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import sys
import tempfile
import typing as t
from unittest import mock

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Value
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configurations import CNFConfigurations
from ansible_collections.pantheon.cnf.plugins.module_utils.store.crd import GROUP, PLURAL, VERSION
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import library
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes import Cluster, Object

from tests.bench.harness import Score, compare, timed
from tests.bench.tasks import run_playbook, write_playbook
from tests.support import cluster as clusters
from tests.support.cnfconfigurations import CONFIGURATION, configuration, route, with_crd
from tests.support.etcd import Etcd, open_store

KEYS, OBJECTS, SINGLY = 1_000, 1_000, 20
TRANSACTION = 100
MODULES = ("pantheon.cnf.cnf_configuration", "kubernetes.core.k8s")
SPACE = "bench"


class Wanted(t.NamedTuple):
    """An item to publish."""

    microservice: str
    value: Value
    source: str


def _routes(gateway: str) -> list[Wanted]:
    data = [{"outgoing_interface": "tap0", "dst_network": f"10.{at >> 8}.{at & 255}.0/24", "gw_addr": gateway} for at in range(KEYS)]
    return [Wanted(f"cnf{at % 10}", Value("linux.l3/route", "", each), "bench") for at, each in enumerate(data)]


def b14() -> t.Iterator[Score]:
    """Keys into etcd."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, contextlib.ExitStack() as stack:
        etcd = Etcd(folder)
        stack.callback(etcd.stop)
        etcd.start()
        store = stack.enter_context(open_store(etcd.access()))
        configurations = CNFConfigurations(store)
        library()
        import etcd3

        bare = etcd3.client(host="127.0.0.1", port=etcd.port)
        stack.callback(bare.close)
        wanted = _routes("10.0.0.1")
        configurations.publish("bench", wanted)
        pairs = [(entry.key, entry.value) for entry in store.prefix("/vnf-agent/").entries]
        if len(pairs) != KEYS:
            raise AssertionError(f"{len(pairs)} keys, not {KEYS}")

        def floor() -> None:
            for at in range(0, KEYS, TRANSACTION):
                bare.transaction([], [bare.transactions.put(key, value) for key, value in pairs[at : at + TRANSACTION]], [])

        score = Score("B14", f"{KEYS} keys published, with their record", f"etcd3's own transactions of {TRANSACTION}", gate=1.3, goal=1.1)
        yield compare(score, lambda: configurations.publish("bench", wanted), floor, etcd.wipe)
        etcd.wipe()
        before = store.requests
        configurations.publish("bench", wanted)
        yield Score("B14", f"{KEYS} keys published: requests", "count", store.requests - before, 11, exact=True)
        before = store.requests
        if configurations.publish("bench", wanted).changed:
            raise AssertionError("published again it is changed")
        yield Score("B14", f"{KEYS} keys published again: requests", "count", store.requests - before, 3, exact=True)


def _objects(gateway: str, count: int = OBJECTS) -> list[Object]:
    return [configuration(SPACE, f"c{at:04}", route(at, gateway)) for at in range(count)]


@contextlib.contextmanager
def _cluster() -> t.Iterator[tuple[t.Any, Cluster, pathlib.Path]]:
    """An API server with the CRD and a namespace; and a folder."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, clusters.started(f"{folder}/cluster") as made:
        with with_crd(made.kubeconfig) as client:
            made.kubectl("create", "namespace", SPACE)
            yield made, client, pathlib.Path(folder)


class Bare:
    """The floor: calls of the package kubernetes, one object after the other."""

    def __init__(self, made: t.Any) -> None:
        import kubernetes

        self.api = kubernetes.client.CustomObjectsApi(made.client())

    def apply(self, objects: t.Sequence[Object]) -> None:
        """Server-side apply."""
        for each in objects:
            name = each["metadata"]["name"]
            how = {"field_manager": "bench", "force": True, "_content_type": "application/apply-patch+yaml"}
            self.api.patch_namespaced_custom_object(GROUP, VERSION, SPACE, PLURAL, name, each, **how)

    def read(self) -> int:
        """How many there are."""
        return len(self.api.list_namespaced_custom_object(GROUP, VERSION, SPACE, PLURAL)["items"])


def b20() -> t.Iterator[Score]:
    """CNFConfigurations into Kubernetes."""
    with _cluster() as (made, client, folder):
        bare = Bare(made)
        objects = _objects("10.0.0.1")
        common = {"store": "kubernetes", "kubeconfig": made.kubeconfig}
        (folder / "objects.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
        ours = write_playbook(folder / "ours.yml", [{MODULES[0]: {**common, "documents": [str(folder / "objects.json")]}}])
        nothing = write_playbook(folder / "nothing.yml", [{"noop": {}}])

        def clear() -> None:
            client.delete(objects)

        def play(path: str, changed: int) -> None:
            done = run_playbook(path, tmp=folder)
            if done.changed != changed:
                raise AssertionError(f"{done.changed} tasks changed something, not {changed}")

        score = Score("B20", f"{OBJECTS} CNFConfigurations made in one task, all of a playbook", "bare client calls", gate=2)
        yield compare(score, lambda: play(ours, 1), lambda: bare.apply(objects), clear, rounds=3)
        made_in = score.seconds
        score = Score("B20", f"{OBJECTS} CNFConfigurations made by our client", "bare client calls", gate=1)
        yield compare(score, lambda: client.apply(objects, before=[None] * OBJECTS), lambda: bare.apply(objects), clear, rounds=3)
        if bare.read() != OBJECTS:
            raise AssertionError(f"{bare.read()} objects, not {OBJECTS}")
        clear()
        play(ours, 1)
        score = Score("B20", f"{OBJECTS} CNFConfigurations that are there, all of a playbook", "bare client calls", gate=1)
        yield compare(score, lambda: play(ours, 0), lambda: bare.apply(objects), rounds=3)
        yield from _others(made, client, folder, objects, made_in, timed(lambda: run_playbook(nothing, tmp=folder), lambda: None).wall)


def _others(made: t.Any, client: Cluster, folder: pathlib.Path, objects: list[Object], ours: float | None, empty: float) -> t.Iterator[Score]:
    """The same objects by kubernetes.core: its list form, and a task for each of some of them."""
    what = f"{OBJECTS} CNFConfigurations made by kubernetes.core"
    place = _kubernetes_core()
    if not place:
        for form in ("as a list in one task", "in a task for each"):
            yield Score("B20", f"{what}, {form}", "cnf_configuration", note="kubernetes.core is not installed", skipped=True)
        return
    common = {"kubeconfig": made.kubeconfig, "apply": True, "server_side_apply": {"field_manager": "core"}}
    listed = write_playbook(folder / "listed.yml", [{MODULES[1]: {**common, "definition": objects}}])
    some = write_playbook(folder / "some.yml", [{MODULES[1]: {**common, "definition": each}} for each in objects[:SINGLY]])

    def clear() -> None:
        client.delete(objects)

    # Ansible looks for collections where Python looks for packages, too.
    with mock.patch.dict(os.environ, PYTHONPATH=os.pathsep.join([os.environ.get("PYTHONPATH", ""), place])):
        taken = timed(lambda: run_playbook(listed, tmp=folder), clear).wall
        there = len(client.list(CONFIGURATION, SPACE))
        each = (timed(lambda: run_playbook(some, tmp=folder), clear).wall - empty) / SINGLY
    yield _against(f"{what}, as a list in one task", taken, ours, "" if there == OBJECTS else f"only {there} are there")
    yield _against(f"{what}, in a task for each", empty + OBJECTS * each, ours, f"reckoned from {SINGLY} tasks, {each * 1000:.0f} ms each")
    clear()


def _kubernetes_core() -> str:
    """Where the collection is; empty when it is not installed."""
    usual = [str(pathlib.Path.home() / ".ansible/collections"), "/usr/share/ansible/collections"]
    return next((place for place in (*sys.path, *usual) if os.path.exists(f"{place}/ansible_collections/kubernetes/core/plugins/modules/k8s.py")), "")


def _against(what: str, seconds: float, ours: float | None, note: str) -> Score:
    return Score("B20", what, "cnf_configuration", seconds / ours if ours else None, seconds=seconds, rounds=1, note=note)


BENCHES = {"B14": b14, "B20": b20}
