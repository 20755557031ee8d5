# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NSM's objects as they stand in a cluster, read as its registry reads them, and who would get whom.

The registry knows no field but in v1's own spelling: it goes past all others. A value of the wrong type makes its whole
look-up fail, for every object of that kind.
"""

from __future__ import annotations

import datetime
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh import manifest
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.convert import convert
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.finding import ERROR, WARNING
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.matching import Matcher, NoCandidates, find_service
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.service import (
    ALIASES,
    FIELDS,
    V1,
    Endpoint,
    Labels,
    NetworkService,
    endpoint_from_spec,
    parse_service,
)

Object = t.Mapping[str, t.Any]
ENDPOINT_FIELDS = {
    "name": str,
    "network_service_names": list,
    "network_service_labels": dict,
    "url": str,
    "expiration_time": dict,
    "initial_registration_time": dict,
    "path_ids": list,
}
WORDS = {str: "text", list: "a list", dict: "a mapping"}
NOBODY: t.Dict[str, t.Any] = {"endpoints": [], "match": None, "passed": []}
NOTHING = "until it is gone or put right, NSM finds no {} at all"


class Service(t.NamedTuple):
    """A NetworkService object; C(service) is None when NSM cannot read it. C(shadowed) names the one of its name that NSM takes."""

    namespace: str
    name: str
    service: t.Optional[NetworkService]
    errors: t.List[str]
    warnings: t.List[str]
    shadowed: t.List[str]


class Registered(t.NamedTuple):
    """A NetworkServiceEndpoint object; C(endpoint) is None when NSM cannot read it."""

    namespace: str
    name: str
    endpoint: t.Optional[Endpoint]
    url: str
    errors: t.List[str]

    def expired(self, now: float) -> bool:
        """Whether NSM passes it over since it was not refreshed in time."""
        return self.endpoint is not None and self.endpoint.expires is not None and self.endpoint.expires <= now


class Client(t.NamedTuple):
    """Who asks: for the service of this name, or for each that there is. C(problem): why it cannot ask at all."""

    name: str
    labels: Labels
    service: str = ""
    payload: str = ""
    problem: str = ""


def services(objects: t.Iterable[Object]) -> t.List[Service]:
    """In the order in which NSM looks at them: of two with one name it takes the first."""
    found = [_service(each) for each in sorted(objects, key=place)]
    first: t.Dict[str, Service] = {}
    for one in found:
        if one.service and first.setdefault(one.service.name, one) is not one:
            taken = first[one.service.name]
            one.shadowed.append(f"NSM takes {taken.namespace}/{taken.name} for {one.service.name!r}: names of network services are cluster-wide")
    return found


def endpoints(objects: t.Iterable[Object]) -> t.List[Registered]:
    """In the order of their names."""
    return [_endpoint(each) for each in sorted(objects, key=place)]


def place(stored: Object) -> t.Tuple[str, str]:
    """Namespace and name of an object."""
    return str(stored["metadata"].get("namespace", "")), str(stored["metadata"]["name"])


def _service(stored: Object) -> Service:
    namespace, name = place(stored)
    errors: t.List[str] = []
    spec = _known(stored.get("spec"), "spec", errors)
    try:
        service, _notices = parse_service({**{key: stored[key] for key in ("apiVersion", "kind", "metadata")}, "spec": spec})
    except CnfError as problem:
        return Service(namespace, name, None, [*errors, f"{problem.message}: {NOTHING.format('network service')}"], [], [])
    findings = list(manifest.alone(service))
    errors += [str(finding) for finding in findings if finding.severity == ERROR]
    return Service(namespace, name, service, errors, [str(finding) for finding in findings if finding.severity == WARNING], [])


def _known(data: t.Any, path: str, errors: t.List[str], what: str = "spec") -> t.Any:
    """C(data) without what NSM does not know."""
    if not isinstance(data, t.Mapping):
        return data
    inner = {"matches": "match", "routes": "route"}
    kept: t.Dict[str, t.Any] = {}
    for key, value in data.items():
        if value is None:
            continue
        if key not in FIELDS[V1][what]:
            meant = ALIASES.get(key, "")
            errors.append(f"{path}.{key}: NSM does not know it and goes past it" + (f": in {V1} it is {meant!r}" if meant else ""))
        elif key == "metadata" and isinstance(value, t.Mapping):
            kept[key] = {part: each for part, each in value.items() if part == "labels"}
        elif key in inner and isinstance(value, list):
            kept[key] = [_known(each, f"{path}.{key}[{number}]", errors, inner[key]) for number, each in enumerate(value)]
        else:
            kept[key] = value
    return kept


def _endpoint(stored: Object) -> Registered:
    namespace, name = place(stored)
    spec, errors, wrong = stored.get("spec") or {}, [], []
    known = {key: value for key, value in spec.items() if key in ENDPOINT_FIELDS and value is not None}
    snake = {"".join(word.capitalize() if at else word for at, word in enumerate(key.split("_"))): key for key in ENDPOINT_FIELDS}
    for key in spec:
        if key not in ENDPOINT_FIELDS:
            errors.append(f"spec.{key}: NSM does not know it and goes past it" + (f": it is {snake[key]!r}" if key in snake else ""))
    for key, value in known.items():
        if not isinstance(value, ENDPOINT_FIELDS[key]):
            wrong.append(f"spec.{key}: {value!r} is not {WORDS[ENDPOINT_FIELDS[key]]}")
    if not wrong:
        wrong = list(_inside(known))
    if wrong:
        return Registered(namespace, name, None, str(known.get("url", "")), [*errors, *(f"{each}: {NOTHING.format('endpoint')}" for each in wrong)])
    read = endpoint_from_spec({"name": name, **{key: value for key, value in known.items() if value != ""}})
    if not read.services:
        errors.append("spec.network_service_names: is empty, so it serves nobody")
    return Registered(namespace, name, read, str(known.get("url", "")), errors)


def _inside(spec: Object) -> t.Iterator[str]:
    """Values of the wrong type within an endpoint's fields."""
    for key in ("expiration_time", "initial_registration_time"):
        for part, value in spec.get(key, {}).items():
            if isinstance(value, bool) or not isinstance(value, int):
                yield f"spec.{key}.{part}: {value!r} is not a whole number"
    for key in ("network_service_names", "path_ids"):
        for value in spec.get(key, []):
            if not isinstance(value, str):
                yield f"spec.{key}: {value!r} is not text"
    for service, entry in spec.get("network_service_labels", {}).items():
        labels = entry.get("labels") if isinstance(entry, t.Mapping) else entry
        if labels is not None and not (isinstance(labels, t.Mapping) and all(isinstance(value, str) for value in labels.values())):
            yield f"spec.network_service_labels.{service}: {entry!r} is not labels: {{name: text}}"


def matches(client: Client, found: t.Sequence[Service], registered: t.Sequence[Registered], now: float) -> t.List[t.Dict[str, t.Any]]:
    """For each service that the client asks for, the endpoints that it may get, in order; or why it gets none."""
    if client.problem:
        return [{"client": client.name, "network_service": client.service, **NOBODY, "error": client.problem}]
    names = [client.service] if client.service else list(dict.fromkeys(one.service.name for one in found if one.service))
    return [{"client": client.name, "network_service": name, **_match(client, name, found, registered, now)} for name in names]


def _match(client: Client, name: str, found: t.Sequence[Service], registered: t.Sequence[Registered], now: float) -> t.Dict[str, t.Any]:
    told: t.Dict[str, t.Any] = {**NOBODY, "error": ""}
    unread = [f"{one.namespace}/{one.name}: {one.errors[-1]}" for one in found if one.service is None]
    unread += [f"{end.namespace}/{end.name}: {end.errors[-1]}" for end in registered if end.endpoint is None]
    if unread:
        return {**told, "error": unread[0]}
    alive = [one.endpoint for one in registered if one.endpoint and name in one.endpoint.services and not one.expired(now)]
    try:
        service = find_service([one.service for one in found if one.service], name, client.payload)
        outcome = Matcher(service, [each.labels.get(name, {}) for each in alive]).select(client.labels)
    except CnfError as problem:
        return {**told, "error": problem.message}
    told.update(
        endpoints=[alive[position].name for position in outcome.candidates],
        match=None if outcome.match is None else outcome.match + 1,
        passed=[number + 1 for number in outcome.passed],
    )
    if not outcome.candidates:
        told["error"] = f"{NoCandidates.SAID}: {_why(service, client.labels, outcome.match, len(alive))}"
    return told


def _why(service: NetworkService, labels: Labels, match: t.Optional[int], alive: int) -> str:
    if not alive:
        return f"no endpoint of network service {service.name} is alive"
    if match is not None:
        return f"match {match + 1} fits the client, but its routes fit none of the {alive} endpoints alive"
    return f"no match fits the client's labels {manifest.pairs(labels)}, or only such as have no endpoint and fallthrough"


def as_service(one: Service) -> t.Dict[str, t.Any]:
    """As plain data."""
    shown: t.Dict[str, t.Any] = {"namespace": one.namespace, "object": one.name, "name": "", "payload": "", "document": {}}
    if one.service:
        document, _findings = convert(one.service)
        shown.update(name=one.service.name, payload=one.service.payload, document=document)
    return {**shown, "errors": one.errors, "warnings": one.shadowed + one.warnings}


def as_endpoint(one: Registered, now: float) -> t.Dict[str, t.Any]:
    """As plain data."""
    shown: t.Dict[str, t.Any] = {"namespace": one.namespace, "object": one.name, "name": "", "network_services": [], "labels": {}, "expires": ""}
    if one.endpoint:
        end = one.endpoint.expires
        shown.update(
            name=one.endpoint.name,
            network_services=list(one.endpoint.services),
            labels={service: dict(labels) for service, labels in one.endpoint.labels.items()},
            expires="" if end is None else datetime.datetime.fromtimestamp(end, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
    return {**shown, "url": one.url, "expired": one.expired(now), "errors": one.errors}


def now() -> float:
    """The time by which endpoints expire."""
    return time.time()
