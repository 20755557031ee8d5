# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's side of etcd, in a thread of its own: reads and watches what is wanted, and says what was done.

What it finds is told by calling C(tell) with one of the classes below. Every connection begins with the epoch and with reading everything:
a watch goes on from there, and only as long as the connection holds.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import threading
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.store.desired import AGENTS
from ansible_collections.pantheon.cnf.plugins.module_utils.store.epoch import EPOCH, MARKS, Epoch, check_epoch, epoch_of, mark_of
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import Batch, Compacted, EtcdError, EtcdStore, Get, Refused, StoreLost, Watch
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd_conf import AgentConf
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import STORE_LOST, ItemStatus, Managed, Reporter

LOG = logging.getLogger("pantheon.cnf.agent")
LONGEST = 10.0
"""Seconds at most from one attempt to reach etcd to the next."""


class Everything(t.NamedTuple):
    """All keys below the label, C(config/...). C(published): whether that is an order: there are keys, or those that we followed were removed."""

    revision: int
    epoch: str
    entries: t.Dict[str, bytes]
    published: bool


class Changes(t.NamedTuple):
    """Keys that changed: None for those that are gone."""

    revision: int
    entries: t.Dict[str, t.Optional[bytes]]


class Away(t.NamedTuple):
    """The store cannot be used: C(state) in a word, why in a sentence. It is tried on."""

    state: str
    message: str


Tell = t.Callable[[t.Union[Everything, Changes, Away]], None]


class _Report(t.NamedTuple):
    items: t.List[ItemStatus]
    status: t.Dict[str, t.Any]


class _Again(Exception):
    """Everything is to be read again."""


STOP = object()


class Memory:
    """The epoch that was seen last, kept for a restart: an emptied store is no order to delete anything, nor is one that was set back.

    A new epoch is on disk at once. A revision is when L(save) is called: an agent that is killed first knows an older one, which
    is as good for any store but one that was set back to between the two.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.known: t.Optional[Epoch] = None
        self.ordered = False
        """Whether there ever was an order for us. Who never followed one takes an empty label for none, whatever others did there before."""
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError), open(path, encoding="utf-8") as file:
            data = json.load(file)
            self.known, self.ordered = Epoch(str(data["epoch"]), int(data["revision"])), bool(data.get("ordered"))
        self._saved = self.known

    def keep(self, known: Epoch, ordered: bool = False) -> None:
        """Remember it."""
        new = self._saved is None or self._saved.id != known.id or ordered and not self.ordered
        self.known, self.ordered = known, ordered or self.ordered
        if new:
            self._saved = None
            self.save()

    def save(self) -> None:
        """What is remembered onto disk, when that is possible."""
        known = self.known
        if known is None or known == self._saved:
            return
        with contextlib.suppress(OSError):
            os.makedirs(os.path.dirname(self.path), 0o755, exist_ok=True)
            with open(f"{self.path}.new", "w", encoding="utf-8") as file:
                json.dump({"epoch": known.id, "revision": known.revision, "ordered": self.ordered}, file)
            os.replace(f"{self.path}.new", self.path)
            self._saved = known


def _unhurried() -> None:
    """gRPC looks ten times a second whether a signal has come, also in threads that get none, as ours are."""
    import grpc

    common: t.Any = getattr(grpc, "_common", None)
    if hasattr(common, "MAXIMUM_WAIT_TIMEOUT"):
        common.MAXIMUM_WAIT_TIMEOUT = 60.0


class Source(threading.Thread):
    """See the module. C(agent) names this agent; C(reconnects) and C(connected) are for those who look."""

    def __init__(self, conf: AgentConf, microservice: str, agent: str, memory: Memory, tell: Tell, ttl: int) -> None:
        super().__init__(name="etcd", daemon=True)
        self.store = EtcdStore(conf.access)
        _unhurried()
        self.prefix = f"{AGENTS}{microservice}/config/"
        self.reporter = Reporter(self.store, microservice, agent, ttl, "pantheon.cnf")
        self.memory, self.tell = memory, tell
        self.reconnects = 0
        self.connected = False
        self._patience = conf.reconnect_interval
        self._label, self._ttl = microservice, ttl
        self._inbox: queue.SimpleQueue[t.Any] = queue.SimpleQueue()
        self._report: t.Optional[_Report] = None
        self._stopped = False

    def report(self, items: t.Iterable[ItemStatus], **status: t.Any) -> None:
        """Publish this as soon as that is possible, in place of what was reported before."""
        self._inbox.put(_Report(list(items), status))

    def stop(self, timeout: float = 10.0) -> None:
        """Give the lease back, and end."""
        self._inbox.put(STOP)
        self.join(timeout)

    def run(self) -> None:
        """Session after session."""
        wait = self._patience
        while not self._stopped:
            try:
                self._session()
                wait = self._patience
                continue
            except StoreLost as error:
                self._away(STORE_LOST, error)
                self._say(state=STORE_LOST, message=error.message)
            except Managed as error:
                self._away("Managed", error)
            except Refused as error:
                self._away("Refused", error)
            except CnfError as error:
                self._away("Unreachable", error)
            except Exception as error:  # whatever it is, the agent lives on, and says so
                LOG.exception("etcd")
                self._away("Unreachable", EtcdError(f"{type(error).__name__}: {error}"))
            if self.connected:
                self.connected, wait = False, self._patience
                self.reconnects += 1
            self._idle(wait)
            wait = min(wait * 2, max(LONGEST, self._patience))
        with contextlib.suppress(CnfError):
            if self.reporter.lease:
                self.reporter.resign()
        self.store.close()

    def _away(self, state: str, error: CnfError) -> None:
        self.tell(Away(state, error.message))

    def _say(self, **status: t.Any) -> None:
        """Tell who reads the store, when it can be told."""
        with contextlib.suppress(CnfError):
            if self.reporter.lease:
                self.reporter.keep()
            else:
                self.reporter.claim()
            self.reporter.report(self.reporter.items.values(), **status)

    def _idle(self, seconds: float) -> None:
        """Wait, and take notice of what is asked meanwhile."""
        deadline = time.monotonic() + seconds
        while not self._stopped:
            try:
                self._note(self._inbox.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                return

    def _note(self, message: t.Any) -> None:
        if message is STOP:
            self._stopped = True
        elif isinstance(message, _Report):
            self._report = message

    # -- a connection -----------------------------------------------------------------------------------------------------

    def _session(self) -> None:
        """Until the connection fails, or something wants all to be read again."""
        known = check_epoch(self.store, self._label, self.memory.known)
        if self.reporter.lease:
            self.reporter.keep()
        else:
            self.reporter.claim()
        found = self.store.prefix(self.prefix)
        now, mark = self.store.commit((), [Get(EPOCH), Get(MARKS + self._label)], what=f"looking for the epoch of {self._label}").answers
        if epoch_of(now) != known.id:
            return  # between the two
        self.memory.keep(Epoch(known.id, found.revision), ordered=bool(found.entries))
        self.connected = True
        entries = {entry.key.removeprefix(self.prefix.removesuffix("config/")): entry.value for entry in found.entries}
        emptied = self.memory.ordered and bool(known.id) and mark_of(mark).epoch == known.id
        self.tell(Everything(found.revision, known.id, entries, bool(entries) or emptied))
        with self.store.watch(self.prefix, found.revision + 1) as watch:
            forwarder = threading.Thread(target=self._forward, args=(watch,), name="forward", daemon=True)
            forwarder.start()
            try:
                self._attend(watch)
            except _Again:
                pass
            finally:
                self.memory.save()
                watch.close()
                forwarder.join(5)

    def _forward(self, watch: Watch) -> None:
        while True:
            try:
                found = watch.get(3600)
            except EtcdError as error:
                self._inbox.put((watch, error))
                return
            if found is not None:
                self._inbox.put((watch, found))

    def _attend(self, watch: Watch) -> None:
        """Do what comes in, and keep the lease."""
        pause = self._ttl / 3
        due = time.monotonic() + pause
        self._publish()
        while not self._stopped:
            try:
                message = self._inbox.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                self.reporter.keep()
                self._epoch(check_epoch(self.store, self._label, self.memory.known))
                self.memory.save()
                due = time.monotonic() + pause
                continue
            self._note(message)
            if isinstance(message, _Report):
                self._publish()
            elif isinstance(message, tuple) and message[0] is watch:
                self._watched(message[1])

    def _watched(self, found: t.Union[Batch, EtcdError]) -> None:
        if isinstance(found, Compacted):
            raise _Again
        if isinstance(found, StoreLost):
            check_epoch(self.store, self._label, self.memory.known)  # says it better
        if isinstance(found, EtcdError):
            raise found
        if not found.events:
            return
        short = self.prefix.removesuffix("config/")
        changed = {event.key.removeprefix(short): event.value for event in found.events}
        if None in changed.values():
            # Somebody who empties the store removes our keys, too.
            self._epoch(check_epoch(self.store, self._label, self.memory.known))
        self.tell(Changes(found.revision, changed))
        self.memory.keep(Epoch(self.memory.known.id if self.memory.known else "", found.revision), ordered=True)

    def _epoch(self, now: Epoch) -> None:
        """Another epoch in which we were published: what was applied counts from there."""
        if self.memory.known and now.id != self.memory.known.id:
            self.memory.keep(now)
            raise _Again

    def _publish(self) -> None:
        report, self._report = self._report, None
        if report:
            try:
                self.reporter.report(report.items, **report.status)
            except BaseException:
                self._report = report
                raise
