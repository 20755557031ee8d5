# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent of one CNF: what etcd says onto its dataplane, again and again. C(python -m ...agent.agent --settings FILE)

Threads: this one decides and works on the dataplane; L(source) has one for etcd; L(place) one that waits for changes there; L(web) serves.
"""

from __future__ import annotations

import argparse
import logging
import os
import queue
import signal
import socket
import sys
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.agent import settings as given
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.items import Item, read_item
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.leaving import leave
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.metrics import Metrics
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.pace import Pace
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.place import PlaceLost, place_of
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.settings import Settings
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.source import Away, Changes, Everything, Memory, Source
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.web import Server
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.work import Outcome, Worker
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.lock import Locked, Managed, manage, network
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import OK, STORE_LOST, ItemStatus

LOG = logging.getLogger("pantheon.cnf.agent")
TICK = 1.0
"""Seconds from one look at the pause file and at the place to the next."""
STUCK = 300.0
"""Seconds without such a look until the agent is taken for dead."""
LONGEST = 2000
"""Characters of an error in etcd: a hundred of them go into one request."""
FAILED, PAUSED = "Failed", "Paused"
STOP, DISTURBED = "stop", "disturbed"


class Agent:
    """Decides what to do next. C(run) returns when the agent was told to stop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.queue: queue.SimpleQueue[t.Any] = queue.SimpleQueue()
        self.place = place_of(settings)
        node = f"{socket.gethostname()}:{settings.cnf}"
        self.worker = Worker(self.place, settings.cnf, settings.socket or network(settings.namespace), f"agent {node}")
        memory = Memory(os.path.join(settings.state_folder, f"{settings.cnf}.json"))
        self.source = Source(settings.conf, settings.microservice, node, memory, self.queue.put, max(2, int(settings.ttl)))
        self.pace = Pace(settings.resync, settings.repair, self.place.patience)
        self.metrics = Metrics()
        self.environment = os.environ if settings.expand_env_vars else None
        self.items: t.Dict[str, Item] = {}
        self.states: t.Dict[str, ItemStatus] = {}
        self.revision = self.applied = 0
        self.epoch = ""
        self.known = False
        """Whether there is an order: what the store says was read, and it is no store that was lost or never written to."""
        self.away: t.Optional[Away] = Away("Unreachable", "etcd was not reached yet")
        self.lost = ""
        self.paused = False
        self.watched = False
        self.beat = time.monotonic()

    # -- for those who ask -----------------------------------------------------------------------------------------------

    def alive(self) -> t.Tuple[bool, t.Mapping[str, t.Any]]:
        """Whether the loop turns."""
        since = time.monotonic() - self.beat
        return since < STUCK, {"alive": since < STUCK}

    def ready(self) -> t.Tuple[bool, t.Mapping[str, t.Any]]:
        """Whether what was read was worked on. A store that is away afterwards is none of the dataplane's business."""
        state, message = self.state()
        well = 0 < self.revision == self.applied and not self.lost and not (self.away and self.away.state == "Managed")
        return well, {"ready": well, "state": state, "message": message, "applied": self.applied, "epoch": self.epoch, "items": self.metrics.by_state()}

    def state(self) -> t.Tuple[str, str]:
        """What is to be said of it here: in a word and a sentence."""
        own, message = self.own_state()
        if self.away and (own == OK or self.away.state == STORE_LOST):
            return self.away.state, self.away.message
        return own, message

    def own_state(self) -> t.Tuple[str, str]:
        """The same but for how it stands with the store: who reads that there knows it."""
        if self.lost:
            return FAILED, self.lost
        if self.paused:
            return PAUSED, f"{self.settings.pause_file} is there: nothing is touched until it is removed"
        return OK, ""

    # -- the loop ---------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Until told to stop. The configuration stays."""
        self.source.start()
        try:
            while self.turn():
                pass
        finally:
            self.place.close()
            self.source.stop()

    def turn(self) -> bool:
        """Wait for something to do, and do it; False to stop."""
        now = time.monotonic()
        until = now + TICK if self.pace.due is None or not self.able() else min(self.pace.due, now + TICK)
        try:
            message = self.queue.get(timeout=max(0.0, until - now))
            while True:
                if message == STOP:
                    return False
                self.take(message, time.monotonic())
                message = self.queue.get_nowait()
        except queue.Empty:
            pass
        now = time.monotonic()
        if now - self.beat >= TICK or self.pace.due is not None and self.pace.due <= now:
            self.beat = now
            self.look_around(now)
        if self.able() and self.pace.due is not None and self.pace.due <= now:
            self.work(now)
        return True

    def able(self) -> bool:
        """Whether there is an order, and nobody forbids to follow it."""
        lost = self.away is not None and self.away.state in (STORE_LOST, "Managed")
        return self.known and not self.paused and not lost

    def take(self, message: t.Any, now: float) -> None:
        """What a thread has told."""
        if message == DISTURBED:
            self.pace.disturbed(now)
        elif isinstance(message, Everything):
            LOG.info("read %d keys at revision %d", len(message.entries), message.revision)
            self.metrics.reads += 1
            self.away = None
            self.revision, self.epoch = message.revision, message.epoch
            self.items = {key: self.read(key, value) for key, value in message.entries.items()}
            self.known = message.published
            self.pace.wanted(now)
            if not self.known:
                LOG.info("nothing was published for %s yet: nothing is touched", self.settings.microservice)
                self.applied = message.revision
                self.states = {}
                self.say()
        elif isinstance(message, Changes):
            self.metrics.changes += len(message.entries)
            for key, value in message.entries.items():
                if value is None:
                    self.items.pop(key, None)
                else:
                    self.items[key] = self.read(key, value)
            self.revision, self.known = message.revision, True
            self.pace.wanted(now)
        elif isinstance(message, Away):
            if self.away != message:
                LOG.warning("%s: %s", message.state, message.message)
            self.away = message

    def read(self, key: str, value: bytes) -> Item:
        return read_item(key, value, self.environment)

    def look_around(self, now: float) -> None:
        """The pause file, and whether the place is still the same."""
        paused = bool(self.settings.pause_file) and os.path.exists(self.settings.pause_file)
        if paused != self.paused:
            self.paused = paused
            LOG.info("paused" if paused else "going on")
            self.pace.wanted(now)
            if self.known:
                self.say()
        if self.place.moved():
            self.watched = False
            self.pace.returned(now)

    def work(self, now: float) -> None:
        """One pass, and what follows from it."""
        why, revision = self.pace.why, self.revision
        begun = time.monotonic()
        try:
            if not self.watched:
                self.place.watch(lambda: self.queue.put(DISTURBED))
                self.watched = True
            outcome = self.worker.work(self.items.values(), now)
        except Locked as error:
            LOG.info("%s", error.message)
            self.pace.busy(time.monotonic())
            return
        except PlaceLost as error:
            self.place_lost(str(error))
            return
        except Exception as error:  # a defect of ours, or an answer that nobody expected: said, and tried again
            LOG.exception("a pass failed")
            self.place_lost(f"{type(error).__name__}: {error}")
            return
        self.metrics.passed(why, outcome.changed, time.monotonic() - begun)
        self.tell(outcome, why)
        self.lost, self.applied = "", revision
        self.states = outcome.states
        self.pace.done(time.monotonic(), drift=why == "drift", waits=outcome.waits, retry=outcome.retry)
        self.say()

    def place_lost(self, message: str) -> None:
        """What was there says nothing any more: all items wait for the place."""
        if message != self.lost:
            LOG.error("%s", message)
        self.metrics.failures += 1
        self.lost = message
        self.watched = False
        self.states = {item.key: item.status or ItemStatus(item.key, "PENDING", "CREATE", message, (self.place.what,)) for item in self.items.values()}
        self.pace.done(time.monotonic(), lost=True)
        self.say()

    def tell(self, outcome: Outcome, why: str) -> None:
        """Into the log: what was done, and what has become of items that were otherwise before."""
        if outcome.changed:
            LOG.info("%s: %d calls", why, len(outcome.commands))
        for command in outcome.commands:
            LOG.debug("%s", command)
        for key, status in outcome.states.items():
            before = self.states.get(key)
            if status != before and status.state != "CONFIGURED":
                LOG.warning("%s: %s %s", key, status.state, status.error or "waits for " + ", ".join(status.details))

    def say(self) -> None:
        """Publish the states, and the agent's own."""
        self.metrics.shown(self.states, self.applied, self.state()[0])
        state, message = self.own_state()
        states = [status._replace(error=f"{status.error[:LONGEST]}...") if len(status.error) > LONGEST else status for status in self.states.values()]
        self.source.report(states, applied=self.applied, epoch=self.epoch, state=state, message=message)


def main(arguments: t.Optional[t.Sequence[str]] = None) -> int:
    """Returns the exit code: 0 when it was told to stop, 2 for settings that cannot be right."""
    parser = argparse.ArgumentParser(description="The agent of one CNF: what etcd says onto its dataplane.")
    parser.add_argument("--settings", default="", help="file in YAML; the environment goes over it")
    options = parser.parse_args(arguments)
    try:
        settings = given.read(options.settings)
        logging.basicConfig(level=settings.log_level.upper(), format="%(levelname)s %(message)s", stream=sys.stderr)
        agent = Agent(settings)
        server = Server(settings.address, agent.alive, agent.ready, agent.metrics.all) if settings.address else None
    except CnfError as error:
        sys.stderr.write(f"error: {error.message}\n")
        return 2
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_unused: agent.queue.put(STOP))
    LOG.info("agent of %s (microservice %s, %s) with %s", settings.cnf, settings.microservice, settings.dataplane, agent.source.store)
    try:
        return _managing(agent)
    finally:
        if server:
            server.close()


def _managing(agent: Agent) -> int:
    """As soon as nobody else manages the CNF."""
    told = ""
    while True:
        try:
            with manage(agent.worker.cnfs, f"{agent.worker.owner} of microservice {agent.settings.microservice}", str(agent.source.store)):
                agent.run()
                LOG.info("stopped; the configuration stays")
                return 0
        except (Managed, Locked) as error:  # of manage() alone: run() has its own
            if error.message != told:
                LOG.warning("%s", error.message)
            told = error.message
            agent.away = None
            agent.lost = error.message
        except CnfError as error:
            LOG.error("%s", error.message)
            return 1
        agent.beat = time.monotonic()
        try:
            if agent.queue.get(timeout=2.0) == STOP:
                return 0
        except queue.Empty:
            continue


if __name__ == "__main__":
    leave(main())
