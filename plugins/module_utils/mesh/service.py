# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NetworkService and NetworkServiceEndpoint of both generations, typed.

C(v1alpha1) (NSM 0.2.0) and C(v1) differ in spelling and in how they match; both are read in either spelling, and what
NSM itself would have ignored of a spelling is told in a notice.
"""

from __future__ import annotations

import datetime
import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import nearest

GROUP = "networkservicemesh.io/"
V1, V1ALPHA1 = "v1", "v1alpha1"
PAYLOADS = ("ETHERNET", "IP")
Labels = t.Mapping[str, str]

# The spelling of each dialect, by the name that v1 uses.
SPELLING: t.Dict[str, t.Dict[str, str]] = {
    V1: {},
    V1ALPHA1: {"source_selector": "sourceSelector", "routes": "route", "destination_selector": "destinationSelector"},
}
ALIASES = {"sourceSelector": "source_selector", "route": "routes", "destinationSelector": "destination_selector", "pathIds": "path_ids"}
FIELDS: t.Dict[str, t.Dict[str, t.Tuple[str, ...]]] = {
    V1: {
        "spec": ("name", "payload", "matches", "path_ids"),
        "match": ("source_selector", "routes", "fallthrough", "metadata"),
        "route": ("destination_selector", "weight"),
    },
    V1ALPHA1: {
        "spec": ("payload", "matches"),
        "match": ("source_selector", "routes"),
        "route": ("destination_selector", "weight"),
    },
}
# Keys without a value that the 2020 demo writes as headings: C(- match:) and C(- destination:).
HEADINGS = {"match": "match", "route": "destination"}


class ServiceError(CnfError):
    """A NetworkService that cannot be read."""


class Destination(t.NamedTuple):
    """One route of a match."""

    destination_selector: Labels = {}
    weight: int = 0


class Match(t.NamedTuple):
    """One match. C(metadata) is None when absent, which is not the same as empty."""

    source_selector: Labels = {}
    routes: t.Tuple[Destination, ...] = ()
    fallthrough: bool = False
    metadata: t.Optional[Labels] = None


class NetworkService(t.NamedTuple):
    """C(dialect) says by which rules it matches. C(metadata) is the document's own; C(source) is where it was read."""

    name: str
    payload: str = ""
    matches: t.Tuple[Match, ...] = ()
    dialect: str = V1
    metadata: t.Mapping[str, t.Any] = {}
    path_ids: t.Tuple[str, ...] = ()
    source: str = ""

    @property
    def title(self) -> str:
        """The service in a reader's words."""
        return f"NetworkService {self.name}" + (f" ({self.source})" if self.source else "")


class Endpoint(t.NamedTuple):
    """An endpoint as a registry has it: labels are per service. C(expires) is in seconds since 1970."""

    name: str
    services: t.Tuple[str, ...]
    labels: t.Mapping[str, Labels] = {}
    expires: t.Optional[float] = None


def suggestion(word: str, known: t.Iterable[str]) -> str:
    """The end of a message about an unknown word."""
    known = sorted(known)
    close = nearest(word, known)
    return f"did you mean {close!r}?" if close else f"known are: {', '.join(known) or 'none'}"


def parse_service(document: t.Mapping[str, t.Any], source: str = "") -> t.Tuple[NetworkService, t.List[str]]:
    """The service that C(document) (apiVersion, kind, metadata, spec) declares, and notices for its author."""
    return _Reader(source).service(document)


def service_from_spec(spec: t.Mapping[str, t.Any], dialect: str = V1) -> NetworkService:
    """The service of a bare v1 C(spec), which carries its name itself (a registry's form)."""
    return parse_service({"apiVersion": GROUP + dialect, "kind": "NetworkService", "metadata": {"name": spec.get("name")}, "spec": spec})[0]


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.title = "NetworkService"
        self.dialect = V1
        self.notices: t.List[str] = []

    def fail(self, path: str, text: str) -> t.NoReturn:
        raise ServiceError(f"{self.source + ': ' if self.source else ''}{self.title}: {path + ': ' if path else ''}{text}")

    def notice(self, path: str, text: str) -> None:
        self.notices.append(f"{self.source + ': ' if self.source else ''}{self.title}: {path}: {text}")

    def service(self, document: t.Mapping[str, t.Any]) -> t.Tuple[NetworkService, t.List[str]]:
        metadata = self.mapping(document.get("metadata"), "metadata")
        self.title = f"NetworkService {metadata.get('name') or '(no name)'}"
        version = str(document.get("apiVersion"))
        if version not in (GROUP + V1, GROUP + V1ALPHA1):
            self.fail("apiVersion", f"{version!r} is none of {GROUP}{V1} and {GROUP}{V1ALPHA1}")
        self.dialect = version[len(GROUP) :]
        for key in document:
            if key not in ("apiVersion", "kind", "metadata", "spec", "status"):
                self.fail("", f"unknown field {key!r}, {suggestion(key, ('apiVersion', 'kind', 'metadata', 'spec'))}")
        spec = self.fields(document.get("spec"), "spec", "spec")
        name = self.text(spec.get("name"), "spec.name") or self.text(metadata.get("name"), "metadata.name")
        if not name:
            self.fail("metadata.name", "is missing")
        matches = tuple(self.match(one, f"spec.matches[{number}]") for number, one in self.list(spec.get("matches"), "spec.matches"))
        path_ids = tuple(self.text(one, "spec.path_ids") for _number, one in self.list(spec.get("path_ids"), "spec.path_ids"))
        payload = self.text(spec.get("payload"), "spec.payload")
        service = NetworkService(name, payload, matches, self.dialect, metadata, path_ids, self.source)
        return service, self.notices

    def match(self, data: t.Any, path: str) -> Match:
        fields = self.fields(data, path, "match")
        metadata = fields.get("metadata")
        if metadata is not None:
            wrong = [key for key in self.mapping(metadata, f"{path}.metadata") if key != "labels"]
            if wrong:
                self.fail(f"{path}.metadata", f"unknown field {wrong[0]!r}, {suggestion(wrong[0], ('labels',))}")
            metadata = self.selector(metadata.get("labels"), f"{path}.metadata.labels")
        fallthrough = fields.get("fallthrough") or False
        if not isinstance(fallthrough, bool):
            self.fail(f"{path}.fallthrough", f"{fallthrough!r} is not true or false")
        routes_at = f"{path}.{SPELLING[self.dialect].get('routes', 'routes')}"
        return Match(
            self.selector(fields.get("source_selector"), f"{path}.source_selector"),
            tuple(self.route(one, f"{routes_at}[{number}]") for number, one in self.list(fields.get("routes"), routes_at)),
            fallthrough,
            metadata,
        )

    def route(self, data: t.Any, path: str) -> Destination:
        fields = self.fields(data, path, "route")
        weight = fields.get("weight") or 0
        if isinstance(weight, bool) or not isinstance(weight, int) or not 0 <= weight < 2**32:
            self.fail(f"{path}.weight", f"{weight!r} is no whole number from 0 to 4294967295")
        return Destination(self.selector(fields.get("destination_selector"), f"{path}.destination_selector"), weight)

    def fields(self, data: t.Any, path: str, what: str) -> t.Dict[str, t.Any]:
        """The fields of C(data) by their v1 names; anything else is an error."""
        allowed, own = FIELDS[self.dialect][what], SPELLING[self.dialect]
        heading = HEADINGS.get(what)
        result: t.Dict[str, t.Any] = {}
        for key, value in self.mapping(data, path).items():
            if key == heading:
                if value:
                    self.fail(
                        f"{path}.{key}",
                        f"what stands under {key!r} is not read by NSM, so this {what} would fit everything: write it beside {key!r}, not under it",
                    )
                continue
            name = ALIASES.get(key, key)
            if name not in allowed:
                newer = self.dialect == V1ALPHA1 and name in FIELDS[V1][what]
                hint = f"it came with {GROUP}{V1}" if newer else suggestion(key, {own.get(one, one) for one in allowed})
                self.fail(path, f"unknown field {key!r}, {hint}")
            if name in result:
                self.fail(path, f"{key!r} is there in both of its spellings")
            if key != own.get(name, name) and value:
                self.notice(path, f"NSM itself ignores {key!r}: in {GROUP}{self.dialect} it is {own.get(name, name)!r}")
            result[name] = value
        return result

    def mapping(self, data: t.Any, path: str) -> t.Dict[str, t.Any]:
        if data is None:
            return {}
        if not isinstance(data, t.Mapping):
            self.fail(path, f"is no mapping but {data!r}")
        return {str(key): value for key, value in data.items()}

    def list(self, data: t.Any, path: str) -> t.Iterable[t.Tuple[int, t.Any]]:
        if data is not None and (isinstance(data, (str, t.Mapping)) or not isinstance(data, t.Sequence)):
            self.fail(path, f"is no list but {data!r}")
        return enumerate(data or ())

    def text(self, data: t.Any, path: str) -> str:
        if data is not None and not isinstance(data, str):
            self.fail(path, f"{data!r} is no text (quote it)")
        return data or ""

    def selector(self, data: t.Any, path: str) -> t.Dict[str, str]:
        return {key: self.text(value, f"{path}.{key}") for key, value in self.mapping(data, path).items()}


def endpoint_from_spec(spec: t.Mapping[str, t.Any]) -> Endpoint:
    """An endpoint of a v1 registry: snake_case as stored in Kubernetes, or the lowerCamelCase of protobuf's JSON."""

    def take(name: str) -> t.Any:
        head, *tail = name.split("_")
        return spec.get(name, spec.get(head + "".join(word.capitalize() for word in tail)))

    labels = {name: dict((entry or {}).get("labels") or {}) for name, entry in (take("network_service_labels") or {}).items()}
    return Endpoint(spec.get("name") or "", tuple(take("network_service_names") or ()), labels, _seconds(take("expiration_time")))


def _seconds(time: t.Any) -> t.Optional[float]:
    if time is None:
        return None
    if isinstance(time, t.Mapping):
        return float(time.get("seconds") or 0) + float(time.get("nanos") or 0) / 1e9
    text = re.sub(r"\.(\d{1,6})\d*", lambda match: "." + match.group(1).ljust(6, "0"), str(time)).replace("Z", "+00:00")
    return datetime.datetime.fromisoformat(text).timestamp()
