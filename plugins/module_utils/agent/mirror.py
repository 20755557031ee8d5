# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller knows of CNFConfigurations, and what is to be done in etcd: neither network nor clock.

A configuration with something wrong is not accepted; what its last good generation delivered stays. Keys that two want are the one's who
has them, and both are told; as soon as the one changes or goes, the other is tried again.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import DocumentError, Item, load_objects
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configurations import KeyConflict, MicroserviceConflict, Result
from ansible_collections.pantheon.cnf.plugins.module_utils.store.crd import API_VERSION, KIND
from ansible_collections.pantheon.cnf.plugins.module_utils.store.desired import InvalidItems, desired
from ansible_collections.pantheon.cnf.plugins.module_utils.store.record import Record
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import Report

PREFIX = "kubernetes/"
"""Names of configurations in etcd that are a cluster's: C(kubernetes/NAMESPACE/NAME)."""

AT = re.compile(r"item (\d+)")


class Source(t.NamedTuple):
    """A CNFConfiguration as the API server has it. C(created): when, as text that sorts. C(version): of the whole, status too."""

    namespace: str
    name: str
    uid: str
    generation: int
    created: str
    spec: t.Mapping[str, t.Any]
    status: t.Mapping[str, t.Any]
    version: int = 0

    @property
    def key(self) -> str:
        """Its name in etcd."""
        return f"{PREFIX}{self.namespace}/{self.name}"


class Problem(t.NamedTuple):
    """What is wrong with an item (counted from 1; 0: with none in particular)."""

    item: int
    text: str


class Batch(t.NamedTuple):
    """What is to be made so in etcd, of one namespace."""

    namespace: str
    wanted: t.Dict[str, t.List[Item]]
    absent: t.List[str]


class Object:
    """A CNFConfiguration and what became of it. C(generation): the one that was delivered last, 0 when none was in this life.

    C(count): how many items its spec has; the spec itself is not kept.
    """

    def __init__(self, source: Source) -> None:
        self.source, self.count = source, 0
        self.items: t.List[Item] = []
        self.problems: t.List[Problem] = []
        self.error: t.Optional[CnfError] = None
        self.record: t.Optional[Record] = None
        self.generation = 0
        self.report: t.Optional[Report] = None

    @property
    def accepted(self) -> bool:
        """Whether its items are sound and its keys its own, as far as that is known."""
        return not self.problems and not isinstance(self.error, (KeyConflict, MicroserviceConflict))

    @property
    def delivered(self) -> bool:
        """Whether this generation is in etcd."""
        return self.accepted and self.error is None and self.record is not None and self.generation == self.source.generation


def source_of(data: t.Mapping[str, t.Any]) -> Source:
    """What an object of the API server is, of which only these parts are kept."""
    metadata = data.get("metadata") or {}
    return Source(
        str(metadata.get("namespace") or "default"),
        str(metadata.get("name") or ""),
        str(metadata.get("uid") or ""),
        int(metadata.get("generation") or 0),
        str(metadata.get("creationTimestamp") or ""),
        data.get("spec") or {},
        data.get("status") or {},
        int(metadata.get("resourceVersion") or 0),
    )


def parse(source: Source) -> t.Tuple[t.List[Item], t.List[Problem]]:
    """Its items, or all that is wrong with them."""
    document = {"apiVersion": API_VERSION, "kind": KIND, "metadata": {"name": source.name, "namespace": source.namespace}, "spec": source.spec}
    try:
        items = load_objects([document]).configurations[0].items
        desired(source.name, items)
        return items, []
    except (DocumentError, InvalidItems) as error:
        return [], problems_of(source.name, error)


def problems_of(name: str, error: CnfError) -> t.List[Problem]:
    """What is wrong in the words of an error, without the name of the object that it is told of."""
    found = []
    for told in error.context.get("problems") or [error.message]:
        text = str(told).partition(f"{KIND} {name}")[2].lstrip(",: ") or str(told)
        at = AT.match(text)
        found.append(Problem(int(at.group(1)) if at else 0, text))
    return found


class Mirror:
    """All CNFConfigurations of a cluster. C(touched): names whose status may be another one now."""

    def __init__(self) -> None:
        self.objects: t.Dict[str, Object] = {}
        self.due: t.Set[str] = set()
        self.gone: t.Dict[str, str] = {}
        self.touched: t.Set[str] = set()

    def see(self, source: Source) -> None:
        """An object is there, new or changed (or as it was: then nothing follows)."""
        known = self.objects.get(source.key)
        if known and known.source.uid == source.uid:
            if source.generation == known.source.generation:
                if source.status != known.source.status:
                    self.touched.add(source.key)  # somebody else has written it
                known.source = source._replace(spec={})
            if source.generation > known.source.generation:
                self._take(source, known)
        elif not known or source.created >= known.source.created:  # else one that is gone, late
            self._take(source, Object(source), known is not None)

    def _take(self, source: Source, found: Object, replaces: bool = False) -> None:
        key, first = source.key, found.source is source
        found.source, found.error, found.count = source._replace(spec={}), None, len(source.spec.get("configItems") or ())
        found.items, found.problems = parse(source)
        self.objects[key] = found
        self.touched.add(key)
        if not found.problems:
            self.gone.pop(key, None)  # it is replaced by what is wanted now
            self.due.add(key)
            return
        self.due.discard(key)
        if first and (replaces or not _was_delivered(source)):
            self.gone[key] = source.namespace  # what another object of that name delivered is not this one's

    def forget(self, key: str, uid: str = "") -> None:
        """An object is no longer there (unless it is another one by now)."""
        known = self.objects.get(key)
        if known and (not uid or known.source.uid == uid):
            del self.objects[key]
            self.due.discard(key)
            self.touched.update(owners(known))
            self.gone[key] = known.source.namespace

    def listed(self, sources: t.Iterable[Source]) -> None:
        """These are all that there are."""
        found = {source.key: source for source in sources}
        for key in self.objects.keys() - found.keys():
            self.forget(key)
        for source in found.values():
            self.see(source)

    def stored(self, names: t.Iterable[str], namespaces: t.Collection[str] = ()) -> None:
        """These configurations are in etcd: those of the cluster (of C(namespaces)) that are no object any more have to go."""
        for name in names:
            namespace, slash, _rest = name[len(PREFIX) :].partition("/")
            if name.startswith(PREFIX) and slash and name not in self.objects and (not namespaces or namespace in namespaces):
                self.gone[name] = namespace

    def again(self) -> None:
        """Everything has to be written anew, where it is not as it should be."""
        for key, found in self.objects.items():
            if not found.problems:
                self.due.add(key)

    def retry(self) -> None:
        """What failed has to be tried again, but for what waits for another object: that one's change is seen."""
        for key, found in self.objects.items():
            if found.error and not (owners(found) and owners(found) <= self.objects.keys()):
                self.due.add(key)

    def batches(self) -> t.List[Batch]:
        """What is to be done: what goes first, so that its keys are free; then what was made first, first."""
        batches = [Batch(namespace, {}, sorted(key for key, each in self.gone.items() if each == namespace)) for namespace in sorted(set(self.gone.values()))]
        wanted: t.Dict[str, t.Dict[str, t.List[Item]]] = {}
        for key in sorted(self.due, key=lambda each: (self.objects[each].source.created, each)):
            found = self.objects[key]
            wanted.setdefault(found.source.namespace, {})[key] = found.items
        return batches + [Batch(namespace, items, []) for namespace, items in wanted.items()]

    def settle(self, batch: Batch, results: t.Mapping[str, t.Union[Result, CnfError]]) -> None:
        """What came of a batch."""
        moved: t.Set[str] = set()
        for key in batch.absent:
            if isinstance(results.get(key), Result):
                self.gone.pop(key, None)
                moved.add(key)
        for key in batch.wanted:
            found, result = self.objects.get(key), results.get(key)
            if found is None or result is None:
                continue
            self.due.discard(key)
            before = owners(found)
            self._conclude(found, result)
            self.touched.add(key)
            self.touched.update(before | owners(found))  # those it conflicts with, or did
            if isinstance(result, Result) and result.changed:
                moved.add(key)
        if moved:  # others may have waited for that
            self.due.update(key for key, found in self.objects.items() if found.error and waits_for(found, moved - {key}, batch.namespace))

    def _conclude(self, found: Object, result: t.Union[Result, CnfError]) -> None:
        if isinstance(result, Result):
            record = Record(result.name, result.revision, result.generation, dict.fromkeys(result.after, 0), result.revisions)
            found.record, found.generation, found.error = record, found.source.generation, None
            return
        found.error = result
        if not found.accepted and not found.generation and not _was_delivered(found.source):
            self.gone[found.source.key] = found.source.namespace  # as in L(see): nothing of this one was ever delivered

    def rivals(self) -> t.Dict[str, t.Dict[str, t.List[str]]]:
        """By the one that has keys: who else wants them, and which."""
        found: t.Dict[str, t.Dict[str, t.List[str]]] = {}
        for other, each in self.objects.items():
            if isinstance(each.error, KeyConflict):
                for conflict in each.error.context["conflicts"]:
                    if conflict["owner"]:
                        found.setdefault(conflict["owner"], {}).setdefault(other, []).append(conflict["key"])
        return found

    def labelled(self, microservices: t.Collection[str]) -> t.List[str]:
        """Names of what was delivered to these microservices."""
        return [key for key, found in self.objects.items() if found.record and not found.record.revisions.keys().isdisjoint(microservices)]


def owners(found: Object) -> t.Set[str]:
    """Whose keys it wants."""
    if not isinstance(found.error, KeyConflict):
        return set()
    return {conflict["owner"] for conflict in found.error.context["conflicts"] if conflict["owner"]}


def waits_for(found: Object, keys: t.AbstractSet[str], namespace: str) -> bool:
    """Whether a change of the configurations C(keys) of a namespace may let this one be accepted."""
    if isinstance(found.error, MicroserviceConflict):
        return bool(found.error.context["owner"] == scope_of(namespace))
    return not keys.isdisjoint(owners(found))


def scope_of(namespace: str) -> str:
    """Whose a microservice is in etcd."""
    return f"namespace {namespace}"


def _was_delivered(source: Source) -> bool:
    """Whether some generation of this object was in etcd once: a new one of the same name has no such status."""
    return bool(source.status.get("revision"))
