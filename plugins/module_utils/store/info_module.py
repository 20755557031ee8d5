# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a store has: configurations, each with what it wants, what is applied of it, and what is no longer as it was written."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils import runner
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.store import kubernetes
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configuration_module import ACCESS, access
from ansible_collections.pantheon.cnf.plugins.module_utils.store.crd import ACCEPTED
from ansible_collections.pantheon.cnf.plugins.module_utils.store.desired import AGENTS, listed, microservice_of
from ansible_collections.pantheon.cnf.plugins.module_utils.store.epoch import EPOCH, epoch_of
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import Entry, EtcdStore, after_prefix
from ansible_collections.pantheon.cnf.plugins.module_utils.store.record import RECORDS, Record, record_of, value_of
from ansible_collections.pantheon.cnf.plugins.module_utils.store.resource_module import CONFIGURATION, bare
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import GOOD, MANAGERS, Told, agent_of, judge, microservices_of, status_of
from ansible_collections.pantheon.cnf.plugins.module_utils.store.told import condition, name_of, read, shown, told

STORES = ("etcd", "kubernetes")
ARGUMENTS: t.Dict[str, t.Dict[str, t.Any]] = {
    **ACCESS,
    **kubernetes.ACCESS,
    "store": {"type": "str", "choices": list(STORES), "required": True},
    "names": {"type": "list", "elements": "str"},
    "namespace": {"type": "str"},
}

Data = t.Dict[str, t.Any]


def run() -> None:
    """The whole of the module."""
    ansible = runner.module(ARGUMENTS, mutually_exclusive=[("names", "namespace")])
    with runner.failures(ansible):
        parameters = ansible.params
        names = [name if "/" in name else f"default/{name}" for name in parameters["names"] or ()]
        if parameters["store"] == "etcd":
            with EtcdStore(access(parameters)) as store:
                found = in_etcd(store, names, parameters["namespace"])
        else:
            with kubernetes.Cluster(kubernetes.access(parameters)) as cluster:
                found = {"configurations": in_kubernetes(cluster, names, parameters["namespace"])}
        ansible.exit_json(changed=False, **found)


def in_etcd(store: EtcdStore, names: t.Collection[str] = (), namespace: t.Optional[str] = None) -> Data:
    """Configurations by name, and with neither names nor namespace the keys that no configuration wrote; all as it was at one revision."""
    records = store.prefix(RECORDS)
    keys = store.range(AGENTS, after_prefix(AGENTS), revision=records.revision)
    agents = store.range(MANAGERS, after_prefix(MANAGERS), revision=records.revision)
    epoch = epoch_of(store.range(EPOCH, revision=records.revision).entries)
    entries = {entry.key: entry for entry in keys.entries}
    said = _said(epoch, agents.entries, keys.entries)
    found: Data = {"configurations": {}, "unreadable": []}
    owned: t.Set[str] = set()
    for entry in records.entries:
        name = entry.key[len(RECORDS) :]
        try:
            record = record_of(name, [entry])
        except CnfError as error:
            found["unreadable"].append(error.message)
            continue
        owned |= record.claimed
        # The controller's are kubernetes/NAMESPACE/NAME.
        if (name in names or not names) and (namespace is None or name.split("/")[-2:-1] == [namespace]):
            found["configurations"][name] = _in_etcd(record, entries, epoch, said)
    if not names and namespace is None:
        found["others"] = sorted(key for key in entries if "/config/" in key and key not in owned)
    return found


def _said(epoch: str, agents: t.Sequence[Entry], entries: t.Sequence[Entry]) -> t.Dict[str, Told]:
    """What the agents say, by microservice."""
    said = {entry.key[len(MANAGERS) :]: Told(epoch, agent_of([entry]), {}) for entry in agents}
    for entry in entries:
        label = microservice_of(entry.key)
        if entry.key.startswith(f"{AGENTS}{label}/config-status/"):
            status = status_of(entry)
            if status:
                said.setdefault(label, Told(epoch, None, {})).items[f"{AGENTS}{label}/{status.key}"] = status
    return said


def _in_etcd(record: Record, entries: t.Mapping[str, Entry], epoch: str, said: t.Mapping[str, Told]) -> Data:
    labels = {label: said.get(label, Told(epoch, None, {})) for label in microservices_of(record)}
    judged = judge(record, labels)
    states = {each.key: each.status for each in judged.items if each.status}
    reached = {
        label for label, each in labels.items() if each.agent and (each.agent.epoch, each.agent.applied >= record.revisions.get(label, 0)) == (epoch, True)
    }
    items: t.List[Data] = []
    for key in sorted(record.claimed):
        entry = entries.get(key)
        drift = "removed" if entry is None else "" if record.wrote(entry) else "overwritten"
        state = states.get(key)
        (item,) = listed({key: value_of(entry) if entry else None})
        item.update(key=key, drift=drift, state=state.state if state else "", message=(state.error or ", ".join(state.details)) if state else "")
        items.append({**item, "applied": not drift and item["state"] in GOOD and item["microservice"] in reached})
    drifts = [f"{each['key']} was {each['drift']} by somebody else" for each in items if each["drift"]]
    return {
        "generation": record.generation,
        "revision": max(record.revisions.values(), default=record.revision),
        "applied": judged.applied,
        "reason": judged.reason,
        "message": judged.message,
        "drift": drifts + (["its writer has not finished"] if record.pending else []),
        "items": items,
        "agents": {label: each.agent._asdict() if each.agent else None for label, each in labels.items()},
    }


def in_kubernetes(cluster: kubernetes.Cluster, names: t.Sequence[str] = (), namespace: t.Optional[str] = None) -> Data:
    """Configurations by name."""
    objects = cluster.current([bare(name) for name in names]) if names else cluster.list(CONFIGURATION, namespace)
    return {name_of(each): _in_kubernetes(each) for each in objects if each}


def _in_kubernetes(found: kubernetes.Object) -> Data:
    said, generation, status = told(found), found["metadata"]["generation"], found.get("status") or {}
    observed = status.get("observedGeneration", 0)
    states = {f"{AGENTS}{each.get('microservice')}/{each.get('key')}": each for each in said["items"]} if observed == generation else {}
    drifts = []
    if observed != generation:
        drifts.append(f"generation {generation} is stored, {f'the controller has told of {observed}' if observed else 'no controller has told of any'}")
    if condition(found, ACCEPTED).get("status") == "False":
        drifts.append(f"{said['reason']}: {said['message']}")
    try:
        values = read(found).values
    except CnfError:
        items = [{**each, "key": "", "state": "Unreadable", "message": "", "applied": False} for each in shown(found)]
    else:
        items = []
        for key, item in zip(sorted(values), listed(values)):
            state = states.get(key, {})
            applied = said["applied"] == "True" or state.get("state") in GOOD
            items.append({**item, "key": key, "state": state.get("state", ""), "message": state.get("message", ""), "applied": applied})
    return {"generation": generation, **{name: said[name] for name in ("applied", "reason", "message")}, "drift": drifts, "items": items}
