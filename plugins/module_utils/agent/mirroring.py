# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's work between the API server and etcd: what is seen there is written here, what agents say here is told there.

It leads or stands by (L(leadership)). Whoever begins to lead lists everything, and removes what is no object any more; so does one that
found etcd away, emptied or set back, since then nothing is known of it.
"""

from __future__ import annotations

import datetime
import itertools
import logging
import queue
import threading
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.agent.conditions import status_of
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.leadership import Leadership
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.mirror import PREFIX, Batch, Mirror, Source, scope_of, source_of
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.telling import RESOURCE, Teller
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configurations import CNFConfigurations, Result, Superseded
from ansible_collections.pantheon.cnf.plugins.module_utils.store.epoch import EPOCH, Epoch, epoch_of, renew_epoch
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import EtcdError, EtcdStore, Get, LeaseGone, Unreachable, Watch
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes import Cluster
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes_errors import KubernetesError
from ansible_collections.pantheon.cnf.plugins.module_utils.store.record import RECORDS, record_of
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import MANAGERS, Told, agents, judge, listen, microservices_of

LOG = logging.getLogger("pantheon.cnf.controller")
CHUNK = 1000
"""So many configurations are written before anything of them is told."""

POLL = 1.0
PAUSES = (0.5, 5.0)
"""Seconds from a failure to the next attempt, at first and at most."""

GRACE = 5.0
"""Seconds that etcd may be away before that is told of every configuration."""

RETRY = 30.0
"""Seconds to the next attempt at what was refused."""

COUNT = 15.0
"""Seconds to the next look at how many objects there are: a watch that broke tells nothing of what went meanwhile."""

SETTLED = 2.0
"""Seconds without news after which a list is worth its while."""


class Seen(t.NamedTuple):
    """An object of the API server, as it is or (C(gone)) was."""

    source: Source
    gone: bool


class AgentSaid(t.NamedTuple):
    """The agents of these microservices have said something."""

    microservices: t.FrozenSet[str]
    revision: int


class Listing:
    """Everything should be listed soon."""


class Mirroring:
    """To be L(run) in a thread; news are put into C(inbox). C(between) is called before each write (tests end it there)."""

    def __init__(
        self,
        store: EtcdStore,
        cluster: Cluster,
        name: str,
        namespaces: t.Sequence[str] = (),
        ttl: int = 10,
        resync: float = 300.0,
        take_over: bool = False,
        between: t.Callable[[], None] = lambda: None,
    ) -> None:
        self.store, self.cluster, self.namespaces = store, cluster, tuple(namespaces)
        self.resync, self.take_over, self.between = resync, take_over, between
        self.leadership = Leadership(store, name, ttl)
        self.teller = Teller(cluster)
        self.mirror = Mirror()
        self.inbox: queue.SimpleQueue[t.Any] = queue.SimpleQueue()
        self.stopping = threading.Event()
        self.leads = self.fresh = False
        self.leader = ""
        self.away = self.cluster_away = ""
        self.beat = time.monotonic()
        self.writes = self.refused = 0
        self.known = Epoch("", 0)
        self.broken: t.Optional[EtcdError] = None
        self.told: t.Dict[str, Told] = {}
        self._agents: t.Set[str] = set()
        self._watches: t.List[Watch] = []
        self._complaints: t.Dict[str, str] = {}
        self._away_since: t.Optional[float] = None
        self._away_told = False
        self._next_resync = self._next_retry = self._next_count = 0.0
        self._next_list: t.Optional[float] = None

    def run(self) -> None:
        """Until it is stopped."""
        pause = PAUSES[0]
        keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        keeper.start()
        while not self.stopping.is_set():
            self.beat = time.monotonic()
            try:
                self._once()
                pause = PAUSES[0]
                continue
            except (Superseded, LeaseGone) as error:
                LOG.warning("no longer leading: %s", error.message)
                self.leads = False
                self.teller.clear()
            except KubernetesError as error:
                self._failed("cluster_away", error)
            except EtcdError as error:
                self._failed("away", error)
                self._tell_away()
            except Exception:  # a fault of ours must not end it for good
                LOG.exception("unexpected; everything begins anew")
            self._stale()
            self.stopping.wait(pause)
            pause = min(PAUSES[1], 2 * pause)
        self._end()

    def stop(self) -> None:
        """End L(run) as soon as what is being written is written."""
        self.stopping.set()
        self.inbox.put(None)

    def trouble(self) -> str:
        """Why it cannot do its work at the moment; empty when it does, or stands by."""
        if self.away or self.cluster_away:
            return self.away or self.cluster_away
        return "" if self.fresh or self.leader else "it has not listed everything yet"

    def _once(self) -> None:
        if not self.leads:
            self._stand_by()
            return
        if not self.fresh:
            self._begin()
        self._take(0.0 if self._due() else self._rest())
        self._step()

    def _stand_by(self) -> None:
        leader = self.leadership.claim()
        self.away, self._away_since = "", None
        if not leader:
            LOG.info("leading")
            self.leads, self.leader = True, ""
            return
        if leader != self.leader:
            LOG.info("standing by, %s leads", leader)
        self.leader = leader
        self._drain(POLL)  # who begins to lead lists everything

    def _drain(self, seconds: float) -> None:
        self.stopping.wait(seconds)
        while not self.inbox.empty():
            self.inbox.get()

    def _begin(self) -> None:
        """Learn everything: objects, whether etcd is the one it was, what is stored, and what agents say."""
        self.broken = None
        self._list()
        self._look_at_epoch()
        revision = self._look_at_records()
        self._agents = set(agents(self.store))
        self.told = {}
        self._watch(revision)
        self.mirror.again()
        self.mirror.touched.update(self.mirror.objects)
        self.fresh, self.away, self._away_since, self._away_told = True, "", None, False
        self._next_resync, self._next_retry = time.monotonic() + self.resync, time.monotonic() + RETRY
        self._next_count = time.monotonic() + COUNT

    def _list(self) -> None:
        """All objects, as they are at least since what was taken from the inbox until now."""
        sources: t.List[Source] = []
        for namespace in self.namespaces or (None,):
            sources += map(source_of, self.cluster.list(RESOURCE, namespace))
        self.cluster_away, self._next_list = "", None
        self.mirror.listed(map(self._as_told, sources))

    def _look_at_epoch(self) -> None:
        """Whether etcd was emptied or set back, since this run or an earlier one knew it; then everything is written anew."""
        found = self.store.commit((), [Get(EPOCH)], what="looking for the epoch")
        now, known = epoch_of(found.answers[0]), self.known
        if not known.id:
            told = [each.source.status for each in self.mirror.objects.values() if each.source.status.get("epoch")]
            revisions = [int(each.get("revision") or 0) for each in told if each["epoch"] == now]
            known = Epoch(now or (told[0]["epoch"] if told else ""), max(revisions, default=0))
        if now and now == known.id and found.revision < known.revision:
            LOG.warning("etcd was set back from revision %d to %d: a new epoch begins, everything is written anew", known.revision, found.revision)
            now = renew_epoch(self.store)
        elif known.id and now != known.id:
            LOG.warning("etcd is not the one it was, it %s: everything is written anew", "has another epoch" if now else "was emptied")
        self.known = Epoch(now, found.revision)

    def _look_at_records(self) -> int:
        """What has to go, and what an earlier run has begun; returns the revision that this was seen at."""
        names, found = [], self.store.prefix(RECORDS + PREFIX)
        for entry in found.entries:
            name = entry.key[len(RECORDS) :]
            names.append(name)
            try:
                pending = record_of(name, [entry]).pending
                if pending:
                    self._configurations(name[len(PREFIX) :].partition("/")[0]).finish(name)
            except (Superseded, Unreachable):
                raise
            except EtcdError as error:
                LOG.warning("%s", error.message)
        self.mirror.stored(names, self.namespaces)
        return found.revision

    def _configurations(self, namespace: str) -> CNFConfigurations:
        return CNFConfigurations(self.store, scope_of(namespace), self.between, self.leadership.guard)

    def _due(self) -> bool:
        return bool(self.mirror.due or self.mirror.gone.keys() - self._stuck or self.mirror.touched)

    _stuck: t.FrozenSet[str] = frozenset()
    """What could not be removed at the last attempt."""

    def _rest(self) -> float:
        """Seconds until something is due by itself."""
        soon = min(self._next_resync, self._next_retry, self._next_count, self._next_list or self._next_resync)
        return max(0.01, min(POLL, soon - time.monotonic()))

    def _take(self, seconds: float) -> None:
        """What has come in by now, waiting for the first of it; and what is due by time."""
        try:
            self._note(self.inbox.get(timeout=seconds) if seconds else self.inbox.get_nowait())
            while True:
                self._note(self.inbox.get_nowait())
        except queue.Empty:
            pass
        if self.broken:
            raise self.broken
        now = time.monotonic()
        if now >= self._next_retry:
            self._next_retry, self._stuck = now + RETRY, frozenset()
            self.mirror.retry()
        if now >= self._next_count:
            self._next_count = now + COUNT
            if sum(self.cluster.count(RESOURCE, namespace) for namespace in self.namespaces or (None,)) != len(self.mirror.objects):
                self._next_list = self._next_list or now + SETTLED
        if self._next_list is not None and now >= self._next_list or now >= self._next_resync:
            self._list()
        if now >= self._next_resync:
            self._next_resync = now + self.resync
            self._look_at_records()
            self.mirror.again()
            self.mirror.touched.update(self.mirror.objects)

    def _note(self, news: t.Any) -> None:
        if isinstance(news, Seen):
            if news.gone:
                self.mirror.forget(news.source.key, news.source.uid)
                self.teller.forget(news.source.key)
            else:
                self.mirror.see(self._as_told(news.source))
        elif isinstance(news, AgentSaid):
            self.known = self.known._replace(revision=max(self.known.revision, news.revision))
            for label in news.microservices:
                self.told.pop(label, None)
            self._agents |= news.microservices  # or it was the last that they said; then nothing is found
            self.mirror.touched.update(self.mirror.labelled(news.microservices))
        elif isinstance(news, Listing):
            self._next_list = time.monotonic() + SETTLED

    def _as_told(self, source: Source) -> Source:
        """An object with the status that was told last, where it is not seen yet."""
        known = self.mirror.objects.get(source.key)
        return source._replace(status=known.source.status) if known and self.teller.is_behind(source) else source

    def _step(self) -> None:
        """Write what is due, then tell what there is to be told."""
        for batch in self.mirror.batches():
            for part in _parts(batch, self._stuck):
                if self.stopping.is_set():
                    return
                self._write(part)
                self._tell()
        self._tell()

    def _write(self, batch: Batch) -> None:
        results = self._configurations(batch.namespace).publish_all(batch.wanted, batch.absent, take_over=self.take_over)
        self.beat = time.monotonic()
        for name, result in results.items():
            if isinstance(result, Result):
                self.writes += result.changed
                self.known = self.known._replace(revision=max(self.known.revision, result.revision))
                if result.left:
                    LOG.warning("%s: written by somebody else since, and stays: %s", name, ", ".join(result.left[:20]))
                self._complaints.pop(name, None)
            else:
                self.refused += 1
                if self._complaints.get(name) != result.message:
                    LOG.warning("%s", result.message)
                self._complaints[name] = result.message
        self._stuck |= {name for name in batch.absent if isinstance(results.get(name), CnfError)}
        self.mirror.settle(batch, results)
        if not self.known.id:
            _revision, entry = self.store.get(EPOCH)
            self.known = self.known._replace(id=epoch_of([entry] if entry else []))

    def _tell(self) -> None:
        """The status of all of which it may be another one."""
        touched = [(key, self.mirror.objects[key]) for key in self.mirror.touched if key in self.mirror.objects]
        rivals = self.mirror.rivals()
        for key, found in touched:
            if found.record:
                found.report = judge(found.record, {label: self._listen(label) for label in microservices_of(found.record)})
            self._tell_one(key, rivals)
        self.mirror.touched.clear()

    def _tell_one(self, key: str, rivals: t.Mapping[str, t.Mapping[str, t.Sequence[str]]], away: str = "") -> None:
        found = self.mirror.objects[key]
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        status = status_of(found, rivals.get(key, {}), self.known.id, away, now)
        if any(found.source.status.get(name) != value for name, value in status.items()):
            found.source = found.source._replace(status={**found.source.status, **status})
            self.teller.tell(found.source, status)

    def _listen(self, label: str) -> Told:
        told = self.told.get(label)
        if told is None:
            told = listen(self.store, label) if label in self._agents else Told(self.known.id, None, {})
            if told.agent is None:
                self._agents.discard(label)
            self.told[label] = told
        return told

    def _tell_away(self) -> None:
        """After a while, that etcd is away."""
        self._away_since = self._away_since or time.monotonic()
        if not self.leads or self._away_told or time.monotonic() < self._away_since + GRACE:
            return
        self._away_told = True
        rivals = self.mirror.rivals()
        for key in self.mirror.objects:
            self._tell_one(key, rivals, self.away)

    def _failed(self, what: str, error: CnfError) -> None:
        if getattr(self, what) != error.message:
            LOG.warning("%s", error.message)
        setattr(self, what, error.message)

    def _watch(self, revision: int) -> None:
        """Agents and the epoch from the revision on, each in a thread that ends with its watch."""
        for prefix in (MANAGERS, EPOCH):
            watch = self.store.watch(prefix, revision + 1)
            self._watches.append(watch)
            threading.Thread(target=self._follow, args=(watch,), name=f"following {prefix}", daemon=True).start()

    def _follow(self, watch: Watch) -> None:
        try:
            while watch in self._watches:
                batch = watch.get(POLL * 10)
                if batch is None:
                    continue
                labels = frozenset(event.key[len(MANAGERS) :] for event in batch.events if event.key.startswith(MANAGERS))
                if labels:
                    self.inbox.put(AgentSaid(labels, batch.revision))
                if any(event.key == EPOCH and (event.value is None or self.known.id.encode() not in event.value) for event in batch.events):
                    self._break(EtcdError("etcd: the epoch is another one"))
        except EtcdError as error:
            if watch in self._watches:
                self._break(error)

    def _break(self, error: EtcdError) -> None:
        """From another thread: what is known of etcd may no longer be so."""
        self.broken = error
        self.inbox.put(None)

    def _stale(self) -> None:
        """What is known may no longer be so."""
        self.fresh = False
        watches, self._watches = self._watches, []
        for watch in watches:
            watch.close()

    def _keep(self) -> None:
        """Stay the one that leads, in a thread of its own: what is written may take longer than the lease lives."""
        while not self.stopping.wait(self.leadership.ttl / 3):
            if not self.leads:
                continue
            try:
                self.leadership.keep()
            except EtcdError as error:
                if self.leads:
                    self._break(error)

    def _end(self) -> None:
        self._stale()
        self.teller.close(3.0)
        try:
            self.leadership.resign()
        except EtcdError as error:
            LOG.warning("%s", error.message)
        self.leads = False


def _parts(batch: Batch, stuck: t.AbstractSet[str]) -> t.Iterator[Batch]:
    """A batch in parts of a size after which something can be told."""
    absent = [name for name in batch.absent if name not in stuck]
    for at in range(0, len(absent), CHUNK):
        yield Batch(batch.namespace, {}, absent[at : at + CHUNK])
    items = iter(batch.wanted.items())
    while True:
        part = dict(itertools.islice(items, CHUNK))
        if not part:
            return
        yield Batch(batch.namespace, part, [])
