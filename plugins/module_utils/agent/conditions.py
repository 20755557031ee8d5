# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The status of a CNFConfiguration: conditions, items, and what readers of 2020 look at."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.agent.mirror import PREFIX, Object
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configurations import KeyConflict, MicroserviceConflict
from ansible_collections.pantheon.cnf.plugins.module_utils.store.crd import ACCEPTED, APPLIED, DELIVERED
from ansible_collections.pantheon.cnf.plugins.module_utils.store.desired import AGENTS
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import GOOD

LONGEST = 2000
"""Characters of a message."""

MOST = 200
"""Items that are told of one by one."""

Told = t.Tuple[str, str, str]
"""Status, reason and message of a condition."""


def status_of(found: Object, rivals: t.Mapping[str, t.Sequence[str]], epoch: str, away: str, now: str) -> t.Dict[str, t.Any]:
    """What there is to be told of an object, after what was told before. C(away): why etcd cannot be asked; C(now): for what changes."""
    before, generation = found.source.status, found.source.generation
    accepted = _accepted(found, rivals)
    delivered = _delivered(found, accepted, away)
    applied = _applied(found, accepted, delivered, away)
    conditions = [_condition(before, name, generation, told, now) for name, told in ((ACCEPTED, accepted), (DELIVERED, delivered), (APPLIED, applied))]
    status: t.Dict[str, t.Any] = {
        "observedGeneration": generation,
        "conditions": conditions,
        "itemCount": found.count,
        "items": _items(found),
        "status": "Success" if delivered[0] == "True" else "Failure",
        "message": "" if delivered[0] == "True" else _cut(accepted[2] if accepted[0] == "False" else delivered[2]),
    }
    if found.record:
        status.update(epoch=epoch, revision=max(found.record.revisions.values(), default=found.record.revision))
    return {**{name: before[name] for name in ("epoch", "revision") if name in before}, **status}


def _accepted(found: Object, rivals: t.Mapping[str, t.Sequence[str]]) -> Told:
    if found.problems:
        told = "; ".join(each.text for each in found.problems[:20])
        return "False", "InvalidItems", f"{told}. Nothing of this generation was delivered, what was before stays"
    if isinstance(found.error, KeyConflict):
        keys = [f"{_short(each['key'])}, {_owner(each['owner'])}" for each in found.error.context["conflicts"][:20]]
        return "False", "KeyConflict", f"somebody else has {'; '.join(keys)}. Nothing of this generation was delivered, what was before stays"
    if isinstance(found.error, MicroserviceConflict):
        label, owner = found.error.context["microservice"], found.error.context["owner"]
        return "False", "MicroserviceConflict", f"microservice {label} belongs to {owner}: give it another label"
    if rivals:
        told = "; ".join(f"{_named(name)} wants {', '.join(map(_short, keys[:5]))}" for name, keys in sorted(rivals.items())[:20])
        return "True", "Contested", f"{told}: that one is not accepted, this one has it"
    return "True", "Accepted", "all items are sound"


def _delivered(found: Object, accepted: Told, away: str) -> Told:
    if accepted[0] == "False":
        return "False", accepted[1], "not accepted"
    if found.delivered:
        return "True", "Delivered", "all items are in etcd"
    if found.error:
        return "False", "EtcdError", found.error.message
    return ("False", "EtcdAway", away) if away else ("False", "Waiting", "it is about to be written")


def _applied(found: Object, accepted: Told, delivered: Told, away: str) -> Told:
    if accepted[0] == "False":
        return accepted
    if delivered[0] == "False":
        return "False", "NotDelivered", delivered[2]
    if away:
        return "Unknown", "EtcdAway", away
    if found.report is None:
        return "Unknown", "Waiting", "the agents were not asked yet"
    return found.report.applied, found.report.reason, found.report.message


def _condition(before: t.Mapping[str, t.Any], name: str, generation: int, told: Told, now: str) -> t.Dict[str, t.Any]:
    old: t.Mapping[str, t.Any] = next((each for each in before.get("conditions") or [] if each.get("type") == name), {})
    since = old.get("lastTransitionTime") if old.get("status") == told[0] else None
    made = {"type": name, "status": told[0], "reason": told[1], "message": _cut(told[2])}
    return {**made, "lastTransitionTime": since or now, "observedGeneration": generation}


def _items(found: Object) -> t.List[t.Dict[str, t.Any]]:
    """Each item, those that are wrong first where not all can be told."""
    if found.problems:
        wrong = [{"item": each.item, "state": "Rejected", "message": _cut(each.text)} for each in found.problems if each.item]
        return wrong[:MOST]
    states = {each.key: each.status for each in (found.report.items if found.report and found.delivered else [])}
    items = []
    for at, item in enumerate(found.items, 1):
        state = states.get(f"{AGENTS}{item.microservice}/{item.value.key}")
        told: t.Dict[str, t.Any] = {"item": at, "microservice": item.microservice, "kind": item.value.kind, "key": item.value.key}
        told["state"] = state.state if state else "Delivered" if found.delivered else "NotDelivered"
        why = (state.error or ", ".join(state.details)) if state else ""
        items.append({**told, "message": _cut(why)} if why else told)
    if len(items) > MOST:
        items.sort(key=lambda each: (each["state"] in GOOD, each["item"]))
        items = sorted((each for each in items[:MOST] if each["state"] not in GOOD), key=lambda each: int(each["item"]))
    return items


def _short(key: str) -> str:
    return key.removeprefix(AGENTS)


def _owner(name: str) -> str:
    return f"which is of {_named(name)}" if name else "which nobody that is known has written"


def _named(name: str) -> str:
    return f"CNFConfiguration {name.removeprefix(PREFIX)}" if name.startswith(PREFIX) else f"configuration {name}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 4] + " ..."
