# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A NetworkService as the document that NSM 1.x takes.

NSM 0.2.0 goes past a match without candidates, but never from a match that asks for labels to one that asks for none.
v1 goes past a match only where C(fallthrough) says so. What cannot be said in v1 is reported, never guessed.
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.finding import Finding, pairs, warning
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.service import GROUP, V1, Destination, Labels, Match, NetworkService
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.template import is_template

REGISTRY_LABEL = "networkservicename"  # what the registry of 0.2.0 added to every endpoint
KEPT_METADATA = ("name", "namespace", "labels", "annotations")
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"  # it would still say the old document


def convert(service: NetworkService, payload: t.Optional[str] = None) -> t.Tuple[t.Dict[str, t.Any], t.List[Finding]]:
    """The v1 document of C(service), and what of it v1 does not or not exactly do.

    C(payload) replaces the document's: C(IP) was what 0.2.0 wrote for what v1 calls C(ETHERNET), and only the author
    knows which is meant.
    """
    findings: t.List[Finding] = []
    matches = service.matches
    if service.dialect != V1:
        matches = _Conversion(service, findings).matches()
        if payload is None and service.payload == "IP":
            findings.append(
                warning(
                    "payload-meaning",
                    f"{service.title}: payload IP was carried as Ethernet by NSM 0.2.0; NSM 1.x makes it an L3 connection",
                    "choose IP or ETHERNET explicitly",
                )
            )
    spec: t.Dict[str, t.Any] = {"payload": service.payload if payload is None else payload}
    if matches:
        spec["matches"] = [_match(match) for match in matches]
    if service.path_ids:
        spec["path_ids"] = list(service.path_ids)
    if service.metadata.get("name", service.name) != service.name:
        spec["name"] = service.name
    metadata = {key: service.metadata[key] for key in KEPT_METADATA if service.metadata.get(key)}
    if APPLIED in metadata.get("annotations", {}):
        metadata["annotations"] = {key: value for key, value in metadata["annotations"].items() if key != APPLIED}
    metadata.setdefault("name", service.name)
    return {"apiVersion": GROUP + V1, "kind": "NetworkService", "metadata": metadata, "spec": spec}, findings


def _match(match: Match) -> t.Dict[str, t.Any]:
    data: t.Dict[str, t.Any] = {}
    if match.source_selector:
        data["source_selector"] = dict(match.source_selector)
    if match.routes:
        data["routes"] = [_route(route) for route in match.routes]
    if match.fallthrough:
        data["fallthrough"] = True
    if match.metadata is not None:
        data["metadata"] = {"labels": dict(match.metadata)}
    return data


def _route(route: Destination) -> t.Dict[str, t.Any]:
    data: t.Dict[str, t.Any] = {}
    if route.destination_selector:
        data["destination_selector"] = dict(route.destination_selector)
    if route.weight:
        data["weight"] = route.weight
    return data


class _Conversion:
    def __init__(self, service: NetworkService, findings: t.List[Finding]) -> None:
        self.service = service
        self.findings = findings

    def warn(self, code: str, number: int, text: str, hint: str = "") -> None:
        self.findings.append(warning(code, f"{self.service.title}: match {number + 1}: {text}", hint))

    def matches(self) -> t.Tuple[Match, ...]:
        given = self.service.matches
        result = [one for number, match in enumerate(given) for one in self.match(number, match)]
        # Matches that all lead nowhere are not the same as no matches, which lead everywhere.
        return tuple(result) if result or not given else (Match(),)

    def match(self, number: int, match: Match) -> t.Iterable[Match]:
        """The match in v1's words, or nothing when v1 does without it."""
        source = self.selector(number, match.source_selector)
        stops = bool(source) and any(not later.source_selector for later in self.service.matches[number + 1 :])
        if stops:
            also = [
                position
                for position, later in enumerate(self.service.matches)
                if position > number and later.source_selector and not disjoint(source, later.source_selector)
            ]
            if also:
                stops = False
                self.warn(
                    "not-exact",
                    number,
                    f"a client with {pairs(source)} that finds no endpoint here went on to match {also[0] + 1} but never to a match "
                    "without a source selector; v1 cannot say that, so now it may reach the latter",
                    "make the source selectors exclude each other",
                )
        if not match.routes and not stops:
            self.warn("match-removed", number, "has no route: 0.2.0 went past it, v1 would end there, so it is left out")
            return
        yield Match(source, tuple(self.route(number, route) for route in match.routes), not stops)

    def route(self, number: int, route: Destination) -> Destination:
        if route.weight:
            self.warn("weight-ignored", number, f"weight {route.weight} is dropped: no NSM ever read it")
        selector = self.selector(number, route.destination_selector)
        if selector.get(REGISTRY_LABEL) == self.service.name:
            selector = {key: value for key, value in selector.items() if key != REGISTRY_LABEL}
        elif REGISTRY_LABEL in selector:
            self.warn("registry-label", number, f"no endpoint of this service has {REGISTRY_LABEL}={selector[REGISTRY_LABEL]}")
        return Destination(selector)

    def selector(self, number: int, selector: Labels) -> t.Dict[str, str]:
        for key, value in selector.items():
            if is_template(value):
                self.warn("template", number, f"{key}: {value!r} was a literal in 0.2.0 and is a template in v1")
            if value == "":
                self.warn("empty-value", number, f"{key}: '' asks for an absent or empty label, and the two generations count labels differently")
        return dict(selector)


def disjoint(first: Labels, second: Labels) -> bool:
    """Whether no client can satisfy both selectors."""
    return any(key in second and second[key] != value for key, value in first.items())
