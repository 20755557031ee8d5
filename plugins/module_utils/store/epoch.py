# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the store is still the one it was: an emptied one must not be taken for an order to delete everything.

The epoch names a store's life: the first who publishes into an empty store makes it. A mark for each microservice says in which
epoch something was published for it.
"""

from __future__ import annotations

import json
import typing as t
import uuid

from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import Entry, EtcdError, EtcdStore, Get, Put, StoreLost

ROOT = "/pantheon.cnf"
"""Where we keep what is not for Ligato agents."""

EPOCH = f"{ROOT}/epoch"
MARKS = f"{ROOT}/microservices/"


class Epoch(t.NamedTuple):
    """A store's epoch (empty: nobody has published yet), and the revision it was seen at. To be remembered by who reads."""

    id: str
    revision: int


class Mark(t.NamedTuple):
    """That a microservice was published in an epoch, and whose it is (a Kubernetes namespace; empty: nobody's in particular)."""

    epoch: str
    scope: str


def check_epoch(store: EtcdStore, microservice: str, known: t.Optional[Epoch] = None) -> Epoch:
    """To be called at every connect, before anything that is read is believed; C(known) is what the last call returned.

    Raises L(StoreLost) when the store was emptied or set back since, until the microservice is published in its new epoch.
    """
    found = store.commit((), [Get(EPOCH), Get(MARKS + microservice)], what=f"looking for the epoch of {microservice}")
    now = Epoch(epoch_of(found.answers[0]), found.revision)
    if not known or not known.id and now.revision >= known.revision:
        return now
    if now.id != known.id:
        if now.id and mark_of(found.answers[1]).epoch == now.id:
            return now
        what = "another epoch has begun, in which nothing was published for it yet" if now.id else "it was emptied"
        raise StoreLost(f"{store}: this is not the store that {microservice} was configured from: {what}. Nothing is deleted until it is published again")
    if now.revision < known.revision:
        raise StoreLost(
            f"{store}: the store was set back from revision {known.revision} to {now.revision}. "
            f"Nothing of {microservice} is deleted until a new epoch is begun and it is published again"
        )
    return now


def renew_epoch(store: EtcdStore) -> str:
    """Begin a new epoch (in a store that was set back): readers wait until their microservice is published again."""
    made = new_epoch()
    store.commit((), [Put(EPOCH, epoch_value(made))], what="beginning a new epoch")
    return made


def new_epoch() -> str:
    """A name that no other epoch has."""
    return uuid.uuid4().hex


def epoch_value(epoch: str) -> bytes:
    """What is stored of an epoch."""
    return dump({"epoch": epoch})


def mark_value(mark: Mark) -> bytes:
    """What is stored of a mark."""
    return dump(mark._asdict())


def epoch_of(found: t.Sequence[Entry]) -> str:
    """The epoch read, empty when there is none."""
    return str(decoded(found[0]).get("epoch", "")) if found else ""


def mark_of(found: t.Sequence[Entry]) -> Mark:
    """The mark read, empty when there is none."""
    data = decoded(found[0]) if found else {}
    return Mark(str(data.get("epoch", "")), str(data.get("scope", "")))


def dump(data: t.Any) -> bytes:
    """JSON, the shortest."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()


def decoded(entry: Entry) -> t.Dict[str, t.Any]:
    """A key of ours; raises when it is none that we wrote."""
    try:
        data = json.loads(entry.value)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise EtcdError(f"etcd: key {entry.key} (revision {entry.revision}) is ours, and holds something else: nothing was touched. Restore or remove it")
    return data
