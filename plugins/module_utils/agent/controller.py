# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller as a program: C(python -m ...agent.controller [--settings FILE]). Ends with 0 on SIGTERM, with 2 on wrong settings.

kopf watches; the handler only takes notice, so nothing is written to an object but its status: no finalizer, no annotation.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import faulthandler
import itertools
import logging
import signal
import sys
import threading
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.agent.controller_settings import Settings, read
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.leaving import leave
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.mirror import source_of
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.mirroring import Listing, Mirroring, Seen
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.telling import RESOURCE
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.web import Metric, Server
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.store.crd import GROUP, PLURAL, VERSION
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import EtcdStore
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes import Cluster

LOG = logging.getLogger("pantheon.cnf.controller")
WRONG_SETTINGS = 2
PAUSES = (1, 2, 4, 8, 15)
"""Seconds from one attempt at the API server to the next; the last for ever."""

STUCK = 180.0
"""Seconds without a sign of life after which it is not healthy."""

CLEAN_END = 10.0
HARD_END = 2 * CLEAN_END
"""Seconds from the signal to the end; Kubernetes waits for thirty."""


class Pauses(t.Iterable[float]):
    """kopf's pauses between attempts, without an end: an API server that is away is waited for."""

    def __iter__(self) -> t.Iterator[float]:
        return itertools.chain(PAUSES, itertools.repeat(PAUSES[-1]))


class Controller:
    """Everything that runs. C(stop) may be called from a signal handler."""

    def __init__(self, settings: Settings, **options: t.Any) -> None:
        self.settings = settings
        self.store = EtcdStore(settings.etcd)
        self.cluster = Cluster(settings.cluster)
        self.mirroring = Mirroring(
            self.store,
            self.cluster,
            settings.name,
            settings.namespaces,
            ttl=int(settings.lease),
            resync=settings.resync,
            take_over=settings.take_over,
            **options,
        )
        self.stopping = threading.Event()
        self.events = 0
        self.watching = False

    def run(self) -> None:
        """Until L(stop)."""
        web = Server(self.settings.address, self.alive, self.ready, self.metrics) if self.settings.address else None
        mirroring = threading.Thread(target=self.mirroring.run, name="mirroring", daemon=True)
        threading.Thread(target=self._watch, name="watching", daemon=True).start()
        mirroring.start()
        try:
            self.stopping.wait()
        finally:
            self.stopping.set()
            self.mirroring.stop()
            # Not for the one that watches: kopf takes five seconds to end, with complaints, and has nothing to finish.
            logging.getLogger("kopf").setLevel(logging.CRITICAL)
            mirroring.join(CLEAN_END)
            if web:
                web.close()
            self.cluster.close()
            self.store.close()

    def stop(self) -> None:
        """End L(run)."""
        self.stopping.set()

    def told_to_stop(self, *_signal: t.Any) -> None:
        """End L(run), and this process whatever holds it up; that is told then, before somebody who waits for it kills it."""
        faulthandler.dump_traceback_later(HARD_END, exit=True)
        self.stop()

    def alive(self) -> t.Tuple[bool, t.Dict[str, t.Any]]:
        """Whether the program itself is well."""
        silent = time.monotonic() - self.mirroring.beat
        return silent < STUCK, {"silent_seconds": round(silent, 1)}

    def ready(self) -> t.Tuple[bool, t.Dict[str, t.Any]]:
        """Whether it does its work, or stands by."""
        trouble = self.mirroring.trouble() or ("" if self.watching else "it does not watch the API server")
        return not trouble, {"leading": self.mirroring.leads, "leader": self.mirroring.leader, "watching": self.watching, "trouble": trouble}

    def metrics(self) -> t.Iterator[Metric]:
        """For Prometheus."""
        name, mirroring = "pantheon_cnf_controller_", self.mirroring
        conditions: t.Counter[t.Tuple[t.Tuple[str, str], ...]] = collections.Counter()
        objects = list(mirroring.mirror.objects.values())
        for found in objects:
            for each in found.source.status.get("conditions") or ():
                conditions[(("type", str(each.get("type"))), ("status", str(each.get("status"))))] += 1
        yield Metric(f"{name}conditions", "gauge", "CNFConfigurations by condition.", dict(conditions))
        numbers = {
            "configurations": (len(objects), "CNFConfigurations that are known."),
            "leading": (mirroring.leads, "Whether this controller is the one that writes."),
            "watching": (self.watching, "Whether it watches the API server."),
            "etcd_away": (bool(mirroring.away), "Whether etcd cannot be asked."),
            "statuses_waiting": (mirroring.teller.backlog, "Statuses that are to be told to the API server yet."),
            "events_total": (self.events, "Changes that the API server told."),
            "configurations_written_total": (mirroring.writes, "Configurations written or removed in etcd."),
            "configurations_refused_total": (mirroring.refused, "Configurations that could not be written."),
            "etcd_requests_total": (self.store.requests, "Requests to etcd."),
            "kubernetes_requests_total": (self.cluster.requests, "Requests to the API server, without watching."),
            "statuses_told_total": (mirroring.teller.patches, "Statuses told to the API server."),
            "statuses_failed_total": (mirroring.teller.failures, "Statuses that the API server did not take."),
        }
        for what, (number, told) in numbers.items():
            yield Metric(name + what, "counter" if what.endswith("_total") else "gauge", told, {(): float(number)})

    def _watch(self) -> None:
        """kopf, again whenever it ends: it gives up when the CRD goes."""
        pauses = iter(Pauses())
        while not self.stopping.is_set():
            begun = time.monotonic()
            try:
                for namespace in self.settings.namespaces or (None,):
                    self.cluster.listed(RESOURCE, namespace, fields="metadata.name=none")  # says better what is wrong
                self.watching = True
                asyncio.run(self._kopf())
            except CnfError as error:
                LOG.warning("%s", error.message)
            except Exception as error:
                LOG.warning("watching has ended: %s", error)
            self.watching = False
            if time.monotonic() > begun + STUCK:
                pauses = iter(Pauses())
            self.stopping.wait(next(pauses))

    async def _kopf(self) -> None:
        import kopf

        registry = kopf.OperatorRegistry()

        @kopf.on.login(registry=registry)
        def login(**_known: t.Any) -> t.Any:
            return kopf.ConnectionInfo(**self.cluster.connection())

        @kopf.on.event(GROUP, VERSION, PLURAL, registry=registry)
        async def seen(event: t.Any, **_known: t.Any) -> None:
            self._seen(event)

        namespaces = self.settings.namespaces
        await kopf.operator(
            registry=registry,
            settings=_settings(kopf),
            standalone=True,
            clusterwide=not namespaces,
            namespaces=namespaces,
            stop_flag=self.stopping,
        )

    def _seen(self, event: t.Mapping[str, t.Any]) -> None:
        self.events += 1
        source = source_of(event["object"])
        if event["type"] is None:
            self.mirroring.inbox.put(Listing())  # it has listed: what went before that is not told
        self.mirroring.inbox.put(Seen(source, event["type"] == "DELETED"))


def _settings(kopf: t.Any) -> t.Any:
    """kopf's, so that it only watches: it stores nothing in objects, posts nothing, and looks at no other resources."""
    made = kopf.OperatorSettings()
    made.process.ultimate_exiting_timeout = None
    made.posting.enabled = False
    made.scanning.disabled = True
    made.queueing.idle_timeout = 1.0
    made.queueing.exit_timeout = 0.5
    made.networking.error_backoffs = Pauses()
    made.networking.request_timeout = 30.0
    made.persistence.finalizer = "pantheon.tech/none"
    made.persistence.diffbase_storage = _nothing(kopf)
    return made


def _nothing(kopf: t.Any) -> t.Any:
    """A storage of what an object was like, that stores nothing and compares nothing."""

    class Nothing(kopf.DiffBaseStorage):
        """See above."""

        def build(self, **_given: t.Any) -> t.Any:
            return {}

        def fetch(self, **_given: t.Any) -> t.Any:
            return None

        def store(self, **_given: t.Any) -> None:
            return None

    return Nothing()


def main(arguments: t.Optional[t.Sequence[str]] = None) -> int:
    """The program."""
    parser = argparse.ArgumentParser(prog="pantheon.cnf controller", description="Mirrors CNFConfigurations of a cluster into etcd.")
    parser.add_argument("--settings", default="", metavar="FILE", help="settings in YAML")
    given = parser.parse_args(arguments)
    try:
        settings = read(given.settings)
        logging.basicConfig(level=settings.log_level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
        for name in ("kopf", "aiohttp", "urllib3", "asyncio"):
            logging.getLogger(name).setLevel(logging.ERROR)
        controller = Controller(settings)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, controller.told_to_stop)
        controller.run()
    except CnfError as error:
        sys.stderr.write(f"{error.message}\n")
        return WRONG_SETTINGS
    return 0


if __name__ == "__main__":
    leave(main())
