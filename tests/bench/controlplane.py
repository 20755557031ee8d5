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
import statistics
import sys
import tempfile
import time
import typing as t
from unittest import mock

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Value
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configurations import CNFConfigurations
from ansible_collections.pantheon.cnf.plugins.module_utils.store.crd import GROUP, PLURAL, VERSION
from ansible_collections.pantheon.cnf.plugins.module_utils.store.epoch import dump
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import Event, Watch, library
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes import Cluster, Object
from ansible_collections.pantheon.cnf.plugins.module_utils.store.record import RECORDS
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import MANAGERS

from tests.bench.harness import Score, compare, timed
from tests.bench.kernel import ROUTE_KINDS, place
from tests.bench.tasks import run_playbook, write_playbook
from tests.support import cluster as clusters
from tests.support.agents import FAR, LINK, agents, put
from tests.support.cnfconfigurations import CONFIGURATION, configuration, route, with_crd
from tests.support.controller import Controller, kubeconfig_of_controller
from tests.support.etcd import Etcd, open_store
from tests.support.namespaces import Namespace

KEYS, OBJECTS, SINGLY = 1_000, 1_000, 20
PUTS, WARM, REST, ROUNDS = 60, 10, 5.0, 3
TRANSACTION = 100
MODULES = ("pantheon.cnf.cnf_configuration", "kubernetes.core.k8s")
SPACE = "bench"


class Wanted(t.NamedTuple):
    """An item to publish."""

    microservice: str
    value: Value
    source: str


def _routes(gateway: str) -> list[Wanted]:
    data = [{"outgoing_interface": "tap0", "scope": "GLOBAL", "dst_network": f"10.{at >> 8}.{at & 255}.0/24", "gw_addr": gateway} for at in range(KEYS)]
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
        yield compare(score, lambda: play(ours, 1), lambda: bare.apply(objects), clear, rounds=2)
        made_in = score.seconds
        score = Score("B20", f"{OBJECTS} CNFConfigurations made by our client", "bare client calls")
        yield compare(score, lambda: client.apply(objects, before=[None] * OBJECTS), lambda: bare.apply(objects), clear, rounds=2)
        if bare.read() != OBJECTS:
            raise AssertionError(f"{bare.read()} objects, not {OBJECTS}")
        clear()
        play(ours, 1)
        score = Score("B20", f"{OBJECTS} CNFConfigurations that are there, all of a playbook", "bare client calls")
        yield compare(score, lambda: play(ours, 0), lambda: bare.apply(objects), rounds=2)
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


def b21() -> t.Iterator[Score]:
    """From a put in etcd to applied by an agent on the kernel."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, contextlib.ExitStack() as stack:
        etcd = Etcd(folder)
        stack.callback(etcd.stop)
        etcd.start()
        store = stack.enter_context(open_store(etcd.access()))
        namespace, other = stack.enter_context(Namespace("agent")), stack.enter_context(place())
        agent = stack.enter_context(agents(folder))(store.access, "bench", namespace=namespace.name, log_level="warning")
        agent.start().applied(store, put(store, "bench", FAR, LINK))
        said = stack.enter_context(store.watch(MANAGERS, store.prefix(MANAGERS).revision + 1))
        seen = stack.enter_context(store.watch("/bench/", said.revision + 1))
        values = _routes("10.0.0.9")[-PUTS:]
        keys = [
            (f"/vnf-agent/bench/config/linux/l3/v2/route/{each.value.data['dst_network']}/lan", dump({**each.value.data, "outgoing_interface": "lan"}))
            for each in values
        ]

        def until(watch: Watch, reached: t.Callable[[Event], bool]) -> None:
            while True:
                batch = watch.get(20)
                if batch is None:
                    raise AssertionError("nothing was seen in 20 s")
                if any(map(reached, batch.events)):
                    return

        def watched(at: int) -> None:
            revision = store.put("/bench/key", str(at).encode())
            until(seen, lambda event: event.revision >= revision)

        def applied(at: int) -> None:
            revision = store.put(*keys[at])
            until(said, lambda event: json.loads(event.value or b"{}").get("applied", 0) >= revision)

        spent = agent.cpu()
        taken: dict[str, list[float]] = {"watch": [], "agent": [], "kernel": []}
        for at in range(PUTS):
            route_of = ROUTE_KINDS[values[at].value.kind].value({**values[at].value.data, "outgoing_interface": "p0"})
            for what, work in (
                ("watch", lambda at=at: watched(at)),
                ("agent", lambda at=at: applied(at)),
                ("kernel", lambda it=route_of: other.apply(ROUTE_KINDS, [it])),
            ):
                taken[what].append(timed(work, lambda: None).wall)
        watch, whole, kernel = (statistics.median(taken[what][WARM:]) for what in ("watch", "agent", "kernel"))
        note = f"median of {PUTS - WARM}: agent {whole * 1000:.1f} ms, of it the kernel's {kernel * 1000:.1f} ms; a bare watch {watch * 1000:.1f} ms"
        note += f"; the agent's CPU {(agent.cpu() - spent) / PUTS * 1000:.0f} ms"
        subject = "a put to applied on a running agent, without the dataplane's own time"
        yield Score("B21", subject, "a put to a watch's event", (whole - kernel) / watch, 5, seconds=whole, rounds=PUTS - WARM, note=note)
        routes = sum("gateway" in each for each in json.loads(namespace.run("ip", "-j", "route")))
        if routes != PUTS:
            raise AssertionError(f"{routes} routes in the agent's namespace, not {PUTS}")
        time.sleep(1)  # it looks once more after what it has changed itself
        begun = agent.cpu()
        time.sleep(REST)
        used = (agent.cpu() - begun) / REST * 1000
        yield Score("B21", f"CPU of an agent at rest with {PUTS} routes, milliseconds a second", "nothing", used, 5)


def b22() -> t.Iterator[Score]:
    """CNFConfigurations mirrored into etcd by the controller."""
    with _cluster() as (made, client, folder), contextlib.ExitStack() as stack:
        etcd = Etcd(folder)
        stack.callback(etcd.stop)
        etcd.start()
        store = stack.enter_context(open_store(etcd.access()))
        library()
        import etcd3

        bare = etcd3.client(host="127.0.0.1", port=etcd.port)
        stack.callback(bare.close)
        kubeconfig = kubeconfig_of_controller(made, client, SPACE, [SPACE])
        objects = _objects("10.0.0.1")

        def mirrored(watch: Watch) -> None:
            names: set[str] = set()
            while len(names) < OBJECTS:
                batch = watch.get(60)
                if batch is None:
                    raise AssertionError(f"{len(names)} of {OBJECTS} are mirrored")
                names.update(event.key for event in batch.events if event.value)

        def begin(wanted: bool) -> float:
            """Seconds from the start of a controller until it is ready or, when C(wanted), everything is in etcd."""
            controller = Controller(folder, etcd, kubeconfig, namespaces=[SPACE], resync=3600, log_level="warning")
            try:
                with store.watch(RECORDS, store.prefix(RECORDS).revision + 1) as watch:
                    controller.start()
                    return timed(lambda: mirrored(watch) if wanted else controller.wait_ready(), lambda: None).wall
            finally:
                controller.stop()

        def floor() -> None:
            for each in objects:
                key = f"/bench/{each['metadata']['name']}"
                bare.transaction([], [bare.transactions.put(key, each["spec"]["configItems"][0]["data"])], [])

        begin(False)
        empty = [begin(False) for _round in range(ROUNDS)]
        client.apply(objects, before=[None] * OBJECTS)
        whole, floors = [], []
        for _round in range(ROUNDS):
            etcd.wipe()
            whole.append(begin(True))
            etcd.wipe()
            floors.append(timed(floor, lambda: None).wall)
        took = statistics.median(whole) - min(empty)
        note = f"{statistics.median(whole):.1f} s from its start, which alone takes {min(empty):.1f} s; the transactions {statistics.median(floors):.1f} s"
        subject = f"{OBJECTS} CNFConfigurations mirrored by a controller that has started"
        yield Score("B22", subject, f"{OBJECTS} bare transactions of etcd", took / statistics.median(floors), 6, 4, seconds=took, rounds=ROUNDS, note=note)


BENCHES = {"B14": b14, "B20": b20, "B21": b21, "B22": b22}
