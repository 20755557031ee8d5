# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CNFConfiguration of Kubernetes, read: what it wants, and what the controller tells of it. Pure."""

from __future__ import annotations

import functools
import json
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import load_objects
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import REDACTED
from ansible_collections.pantheon.cnf.plugins.module_utils.store.crd import ACCEPTED, API_VERSION, APPLIED, KIND
from ansible_collections.pantheon.cnf.plugins.module_utils.store.desired import desired, listed

Object = t.Mapping[str, t.Any]
LABELS = ("labels", "annotations")


class Wanted(t.NamedTuple):
    """What an object wants: data by key, and the names of its items, which are for people."""

    values: t.Dict[str, t.Dict[str, t.Any]]
    names: t.List[str]


def name_of(found: Object) -> str:
    """C(NAMESPACE/NAME)."""
    return f"{found['metadata'].get('namespace') or 'default'}/{found['metadata']['name']}"


def read(found: Object) -> Wanted:
    """What an object wants; raises when an item is none."""
    return _read(name_of(found), json.dumps(found.get("spec")))


@functools.lru_cache(maxsize=100_000)
def _read(name: str, spec: str) -> Wanted:
    """The same spec comes by several times: wanted, stored, and to be shown."""
    given = {"apiVersion": API_VERSION, "kind": KIND, "metadata": {"name": name.rpartition("/")[2]}, "spec": json.loads(spec)}
    (configuration,) = load_objects([given], f"CNFConfiguration {name}").configurations
    return Wanted(desired(configuration.name, configuration.items), sorted(item.name for item in configuration.items))


def shown(found: Object, field_manager: str = "") -> t.List[t.Dict[str, t.Any]]:
    """Its items without secrets; what cannot be read is shown without its data. And the labels and annotations that are C(field_manager)'s."""
    try:
        items = listed(read(found).values)
    except CnfError:
        spec = found.get("spec") or {}
        label = {"microservice": spec["microservice"]} if "microservice" in spec else {}
        items = [{**label, **each, "data": REDACTED} for each in spec.get("configItems") or ()]
    owned = owned_labels(found, field_manager)
    for what in LABELS:
        marks = {name: value for name, value in (found["metadata"].get(what) or {}).items() if name in owned[what]}
        if marks:
            items.append({what: marks})
    return items


def same(found: t.Optional[Object], wanted: Object, field_manager: str) -> bool:
    """Whether an object is as wanted, whatever way its data is laid out; of labels and annotations only ours count."""
    if found is None:
        return False
    owned = owned_labels(found, field_manager)
    for what in LABELS:
        there, want = found["metadata"].get(what) or {}, wanted["metadata"].get(what) or {}
        if any(there.get(name) != value for name, value in want.items()) or owned[what] - want.keys():
            return False
    if found.get("spec") == wanted["spec"]:
        return True
    try:
        return read(found) == read(wanted)
    except CnfError:  # somebody else wrote it
        return False


def owned_labels(found: Object, field_manager: str) -> t.Dict[str, t.Set[str]]:
    """The labels and annotations that a field manager has applied."""
    owned: t.Dict[str, t.Set[str]] = {what: set() for what in LABELS}
    for entry in found["metadata"].get("managedFields") or ():
        if entry.get("manager") == field_manager and entry.get("operation") == "Apply":
            fields = (entry.get("fieldsV1") or {}).get("f:metadata") or {}
            for what in LABELS:
                owned[what] |= {name[2:] for name in fields.get(f"f:{what}") or () if name.startswith("f:")}
    return owned


def managers(found: Object) -> t.Set[str]:
    """The field managers that have set something of what the author sets."""
    entries = found["metadata"].get("managedFields") or ()
    return {str(entry.get("manager")) for entry in entries if entry.get("subresource") != "status"}


def condition(found: Object, kind: str) -> t.Dict[str, t.Any]:
    """What the controller says of this generation of an object; empty when it has not said anything."""
    status, generation = found.get("status") or {}, found["metadata"].get("generation")
    for each in status.get("conditions") or ():
        if each.get("type") == kind and each.get("observedGeneration", status.get("observedGeneration")) == generation:
            return dict(each)
    return {}


def is_settled(found: t.Optional[Object]) -> bool:
    """Whether waiting for an object has an end: its generation is applied, or its items are no items."""
    if found is None:
        return False
    accepted = condition(found, ACCEPTED)
    return condition(found, APPLIED).get("status") == "True" or (accepted.get("status"), accepted.get("reason")) == ("False", "InvalidItems")


def told(found: Object) -> t.Dict[str, t.Any]:
    """How far an object is: applied, reason, message and items as for the other store."""
    status, accepted, applied = found.get("status") or {}, condition(found, ACCEPTED), condition(found, APPLIED)
    if accepted.get("status") == "False":
        chosen = {**accepted, "status": "False"}
    elif applied:
        chosen = applied
    else:
        generation = found["metadata"].get("generation")
        seen = f", only of {status['observedGeneration']}" if status.get("observedGeneration") else ": is one running?"
        chosen = {"status": "Unknown", "reason": "NoController", "message": f"no controller has said anything of generation {generation}{seen}"}
    return {
        "applied": chosen["status"],
        "reason": chosen.get("reason", ""),
        "message": chosen.get("message", ""),
        "items": [dict(each) for each in status.get("items") or ()],
    }
