# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a configuration has in etcd: a record of its keys, outside of what agents read, written before them and sealed with them.

While a record is sealed it has the revision at which each key was last written: a key with another one was written by somebody else.
While it is not, it also has all that was going to be written and removed, so that the next writer knows what of it was done.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.store.desired import Data
from ansible_collections.pantheon.cnf.plugins.module_utils.store.epoch import ROOT, decoded, dump
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import Entry, EtcdError

RECORDS = f"{ROOT}/configurations/"
VERSION = 1


class Pending(t.NamedTuple):
    """What a writer was about to do: values to write by key, and whether the configuration was to go."""

    put: t.Dict[str, Data]
    drop: t.FrozenSet[str]
    removal: bool


class Record(t.NamedTuple):
    """What is known of a configuration: its keys and the revision of each, and of each microservice the revision of its last change.

    C(revision) is that of the record itself, 0 for one that is not there.
    """

    name: str
    revision: int = 0
    generation: int = 0
    keys: t.Mapping[str, int] = {}
    revisions: t.Mapping[str, int] = {}
    pending: t.Optional[Pending] = None

    @property
    def key(self) -> str:
        """Where it is stored."""
        return RECORDS + self.name

    @property
    def claimed(self) -> t.Set[str]:
        """Keys that are its own, or were going to be."""
        return {*self.keys, *(self.pending.put if self.pending else ())}

    def wrote(self, entry: Entry) -> bool:
        """Whether this key, as it is, was written by this configuration."""
        if self.keys.get(entry.key) == entry.revision:
            return True
        return bool(self.pending and entry.key in self.pending.put and value_of(entry) == self.pending.put[entry.key])


def value_of(entry: Entry) -> t.Any:
    """The value parsed; None when it is no JSON."""
    try:
        return json.loads(entry.value)
    except ValueError:
        return None


def record_value(record: Record) -> bytes:
    """What is stored; a revision 0 in it stands for the record's own, which is not known before."""
    data: Data = {"version": VERSION, "generation": record.generation, "keys": dict(record.keys), "revisions": dict(record.revisions)}
    if record.pending:
        data["pending"] = {"put": record.pending.put, "drop": sorted(record.pending.drop), "removal": record.pending.removal}
    return dump(data)


def record_of(name: str, found: t.Sequence[Entry]) -> Record:
    """The record read; raises for one that is none."""
    if not found:
        return Record(name)
    entry = found[0]
    data = decoded(entry)
    try:
        if data["version"] != VERSION:
            raise EtcdError(f"etcd: configuration {name} was written in form {data['version']}, this program knows form {VERSION}: use the newer program")
        pending = data.get("pending")
        return Record(
            name,
            entry.revision,
            int(data["generation"]),
            {key: at or entry.revision for key, at in data["keys"].items()},
            {label: at or entry.revision for label, at in data["revisions"].items()},
            Pending(pending["put"], frozenset(pending["drop"]), bool(pending["removal"])) if pending else None,
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        raise EtcdError(f"etcd: key {entry.key} is no record of a configuration: nothing was touched. Restore or remove it") from None
