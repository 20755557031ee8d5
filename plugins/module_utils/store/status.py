# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How agents say what they have done, and how that is read: items in Ligato's form, and the revision that an agent has applied.

Everything is under the agent's lease: what a dead agent said is gone some seconds later. A revision counts in its epoch only.
"""

from __future__ import annotations

import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.store.desired import AGENTS, microservice_of
from ansible_collections.pantheon.cnf.plugins.module_utils.store.epoch import EPOCH, ROOT, decoded, dump, epoch_of
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import (
    MOST,
    At,
    Delete,
    Entry,
    EtcdError,
    EtcdStore,
    Get,
    LeaseGone,
    Operation,
    Put,
    after_prefix,
)
from ansible_collections.pantheon.cnf.plugins.module_utils.store.record import Record, value_of

STATES = ("NONEXISTENT", "MISSING", "UNIMPLEMENTED", "REMOVED", "CONFIGURED", "OBTAINED", "DISCOVERED", "PENDING", "INVALID", "FAILED", "RETRYING")
"""What Ligato says of an item."""

OPERATIONS = ("UNDEFINED", "VALIDATE", "CREATE", "UPDATE", "DELETE")
GOOD = ("CONFIGURED", "OBTAINED")
MANAGERS = f"{ROOT}/agents/"
OK = "OK"
STORE_LOST = "StoreLost"


class Managed(EtcdError):
    """Another agent manages this microservice. C(agent): which."""


class ItemStatus(t.NamedTuple):
    """The state of one item; C(key) begins with C(config/). C(details): fields that are wrong, or what it waits for."""

    key: str
    state: str
    operation: str = ""
    error: str = ""
    details: t.Tuple[str, ...] = ()


class AgentStatus(t.NamedTuple):
    """What an agent says of itself: C(applied) is the store's revision that it has applied, in C(epoch). C(state): L(OK), L(STORE_LOST)..."""

    agent: str
    applied: int = 0
    epoch: str = ""
    state: str = OK
    message: str = ""
    started: int = 0


class ItemReport(t.NamedTuple):
    """An item of a configuration; C(status) is None where no agent has said anything."""

    key: str
    status: t.Optional[ItemStatus]


class Report(t.NamedTuple):
    """How far a configuration is: C(applied) is C(True), C(False) or C(Unknown), why in a word and in a sentence."""

    applied: str
    reason: str
    message: str
    items: t.List[ItemReport]


def status_key(microservice: str, key: str) -> str:
    """Where the state of C(config/...) is published."""
    return f"{AGENTS}{microservice}/config-status/{key.removeprefix('config/')}"


def health_key(microservice: str) -> str:
    """Where Ligato agents say that they are well."""
    return f"{AGENTS}{microservice}/check/status/v1/agent"


def status_value(status: ItemStatus) -> bytes:
    """What is published of an item's state, without defaults."""
    data = {"key": status.key, "state": status.state, "error": status.error, "last_operation": status.operation, "details": list(status.details)}
    return dump({name: value for name, value in data.items() if value})


def status_of(entry: Entry) -> t.Optional[ItemStatus]:
    """The published state of an item, by a Ligato agent too (enums by name or number); None when it is none."""
    data = value_of(entry)
    if not isinstance(data, dict) or not isinstance(data.get("key"), str):
        return None
    details = data.get("details") or []
    return ItemStatus(
        data["key"],
        _named(STATES, data.get("state", 0)),
        _named(OPERATIONS, data.get("last_operation", data.get("lastOperation", ""))),
        str(data.get("error", "")),
        tuple(map(str, details if isinstance(details, list) else [details])),
    )


def _named(names: t.Sequence[str], value: t.Any) -> str:
    return names[value] if isinstance(value, int) and 0 <= value < len(names) else str(value)


def agent_of(found: t.Sequence[Entry]) -> t.Optional[AgentStatus]:
    """What the agent that manages a microservice says; None without one. Fields of newer agents are left out."""
    if not found:
        return None
    data = decoded(found[0])
    try:
        return AgentStatus(**{name: type(default)(data[name]) for name, default in AgentStatus("")._asdict().items() if name in data})
    except (TypeError, ValueError):
        raise EtcdError(f"etcd: key {found[0].key} is no report of an agent") from None


class Reporter:
    """An agent's side: it is the one manager of its microservice, and says what it has done. Every L(keep) renews the lease.

    C(agent) names it the same after a restart: host and place. C(ttl): seconds until a dead agent's words are gone.
    """

    def __init__(self, store: EtcdStore, microservice: str, agent: str, ttl: int = 15, version: str = "") -> None:
        self.store, self.microservice, self.ttl, self.version = store, microservice, ttl, version
        self.key = MANAGERS + microservice
        self.lease = 0
        self.status = AgentStatus(agent, started=int(time.time()))
        self.items: t.Dict[str, ItemStatus] = {}
        self._written: t.Dict[str, bytes] = {}
        self._about = b""
        self._at = 0

    def claim(self) -> None:
        """Become the manager. Raises L(Managed) naming the agent that is; this agent's own former run makes way."""
        revision, entry = self.store.get(self.key)
        there = agent_of([entry] if entry else [])
        if there and there.agent != self.status.agent:
            raise Managed(
                f"{self.store}: {self.microservice} is managed by agent {there.agent} since {_time(there.started)}: "
                "stop that one, or wait until its lease runs out",
                agent=there.agent,
            )
        lease = self.store.grant(self.ttl)
        done = self.store.commit(
            [At(self.key, entry.revision if entry else 0)], [Put(self.key, dump(self.status._asdict()), lease)], what=f"claiming {self.microservice}"
        )
        if not done.succeeded:
            self.store.revoke(lease)
            raise Managed(f"{self.store}: another agent has just begun to manage {self.microservice}", agent="")
        self.lease, self._at, self._written, self._about = lease, done.revision, {}, b""
        if entry and entry.lease:
            self.store.revoke(entry.lease)  # with all that the former run said; what was just put has left it

    def report(self, items: t.Iterable[ItemStatus], **status: t.Any) -> None:
        """Publish the states of all items, and of the agent what is given: nobody sees a revision applied before its items are.

        Only what differs is written.
        """
        self.items = {each.key: each for each in items}
        self.status = self.status._replace(**status)
        try:
            self._publish()
        except LeaseGone:
            self.claim()
            self._publish()

    def keep(self) -> None:
        """Keep the lease alive; when it has run out (etcd was away), claim again and say everything again."""
        try:
            self.store.keep(self.lease)
        except LeaseGone:
            self.claim()
            self._publish()

    def resign(self) -> None:
        """Give everything back: no agent, no states."""
        self.store.revoke(self.lease)
        self.lease, self._at, self._written, self._about = 0, 0, {}, b""

    def _publish(self) -> None:
        wanted = {status_key(self.microservice, each.key): status_value(each) for each in self.items.values()}
        about = dump(self.status._asdict())
        changed: t.List[Operation] = [Put(key, value, self.lease) for key, value in wanted.items() if self._written.get(key) != value]
        changed += [Delete(key) for key in sorted(self._written.keys() - wanted.keys())]
        if about == self._about and not changed:
            return
        changed += [Put(health_key(self.microservice), self._health(), self.lease), Put(self.key, about, self.lease)]
        for at in range(0, len(changed), MOST):
            done = self.store.commit([At(self.key, self._at)], changed[at : at + MOST], what=f"reporting for {self.microservice}")
            if not done.succeeded:
                raise LeaseGone(f"{self.store}: this agent no longer manages {self.microservice}")
        self._at, self._written, self._about = done.revision, wanted, about

    def _health(self) -> bytes:
        now = int(time.time())
        data = {"build_version": self.version, "state": "OK" if self.status.state == OK else "ERROR", "start_time": str(self.status.started)}
        return dump({**data, "last_change": str(now), "last_update": str(now), **({"error": self.status.message} if self.status.message else {})})


def agents(store: EtcdStore) -> t.Dict[str, AgentStatus]:
    """The agents that live, by microservice."""
    found = store.prefix(MANAGERS)
    return {entry.key[len(MANAGERS) :]: told for entry in found.entries for told in [agent_of([entry])] if told}


class Told(t.NamedTuple):
    """What the agent of a microservice says: in which epoch the store is, of itself, and of items by their whole key."""

    epoch: str
    agent: t.Optional[AgentStatus]
    items: t.Dict[str, ItemStatus]


def listen(store: EtcdStore, microservice: str) -> Told:
    """What the agent of a microservice says."""
    prefix = f"{AGENTS}{microservice}/config-status/"
    gets = [Get(EPOCH), Get(MANAGERS + microservice), Get(prefix, after_prefix(prefix))]
    found = store.commit((), gets, what=f"reading the state of {microservice}").answers
    return Told(epoch_of(found[0]), agent_of(found[1]), {f"{AGENTS}{microservice}/{each.key}": each for each in map(status_of, found[2]) if each})


def microservices_of(record: Record) -> t.List[str]:
    """Whose agents have a part in a configuration."""
    return sorted({microservice_of(key) for key in record.keys} | record.revisions.keys())


def report(store: EtcdStore, record: Record) -> Report:
    """How far the agents are with a configuration, by its record."""
    return judge(record, {label: listen(store, label) for label in microservices_of(record)})


def judge(record: Record, told: t.Mapping[str, Told]) -> Report:
    """How far the agents are, by what they say."""
    items = [ItemReport(key, told[microservice_of(key)].items.get(key)) for key in sorted(record.keys)]
    epoch = next((each.epoch for each in reversed(list(told.values()))), "")
    return Report(*_judge(record, epoch, {label: each.agent for label, each in told.items()}, items), items)


def _judge(record: Record, epoch: str, told: t.Mapping[str, t.Optional[AgentStatus]], items: t.Sequence[ItemReport]) -> t.Tuple[str, str, str]:
    """Applied, reason and message: what nobody knows goes before what is wrong, that before what is awaited."""
    for label, agent in told.items():
        if agent is None:
            return "Unknown", "NoAgent", f"no agent manages {label}"
        if agent.state == STORE_LOST or agent.epoch != epoch:
            return (
                "Unknown",
                STORE_LOST,
                f"the agent of {label} has not taken this store for the one it knew: {agent.message or 'it has applied another epoch'}",
            )
    if record.pending:
        return "False", "HalfWritten", "its writer has not finished"
    bad = [each.status for each in items if each.status and each.status.state in ("INVALID", "FAILED", "RETRYING", "UNIMPLEMENTED")]
    waits = [each.status for each in items if each.status and each.status.state not in GOOD and each.status not in bad]
    late = [
        f"the agent of {label} has applied revision {agent.applied}, not {record.revisions.get(label, 0)} yet"
        for label, agent in told.items()
        if agent and agent.applied < record.revisions.get(label, 0)
    ]
    if late:
        return "False", "Waiting", "; ".join(late)
    if bad:
        return "False", "Failed", "; ".join(f"{each.key}: {each.state} {each.error or ', '.join(each.details)}".rstrip() for each in bad[:20])
    unwell = [f"the agent of {label}: {agent.state}: {agent.message}" for label, agent in told.items() if agent and agent.state != OK]
    if unwell:
        return "False", "AgentFailed", "; ".join(unwell)
    if waits:
        return "False", "Pending", "; ".join(f"{each.key}: {each.state}, waits for {', '.join(each.details) or 'something'}" for each in waits[:20])
    silent = [each.key for each in items if each.status is None]
    if silent:
        return "False", "Waiting", f"no state is told of {', '.join(silent[:20])}"
    return "True", "Applied", "all items are applied"


def _time(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds)) if seconds else "an unknown time"
