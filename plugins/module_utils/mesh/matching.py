# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which endpoints a client may get: the rules of NSM 0.2.0 (v1alpha1) and of NSM 1.x (v1), as pure functions.

The order of candidates is the order of the endpoints given, and an endpoint that two routes fit stands twice: with the
round robin that is NSM's only weighting.
"""

from __future__ import annotations

import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.service import V1ALPHA1, Endpoint, Labels, Match, NetworkService
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.template import is_template, render


class ServiceNotFound(CnfError):
    """No such network service (of the payload that was asked for)."""


class NoCandidates(CnfError):
    """The network service has no endpoint for this client."""

    SAID = "network service endpoint candidates not found"


class Outcome(t.NamedTuple):
    """C(candidates) are positions in the list of endpoints, repeated where NSM repeats them.

    C(match) is the position of the match that decided (None: none did, or the service has no matches). C(passed) are
    matches whose source fitted and that were gone past.
    """

    candidates: t.Tuple[int, ...]
    match: t.Optional[int] = None
    passed: t.Tuple[int, ...] = ()


def is_subset(labels: Labels, selector: Labels, variables: t.Optional[Labels] = None) -> bool:
    """Whether C(labels) satisfy C(selector).

    A missing label counts as an empty one, but there must be at least as many labels as the selector names. With
    C(variables) a value that does not fit literally is tried as a template.
    """
    if len(labels) < len(selector):
        return False
    for key, wanted in selector.items():
        have = labels.get(key, "")
        if have != wanted and (variables is None or have != render(wanted, variables)):
            return False
    return True


class LabelIndex:
    """Finds sets of labels by selector without looking at each: linear growth for meshes of thousands of endpoints."""

    def __init__(self, labels: t.Sequence[Labels]) -> None:
        self.labels = labels
        self.positions: t.Dict[t.Tuple[str, str], t.List[int]] = {}
        for position, one in enumerate(labels):
            for pair in one.items():
                self.positions.setdefault(pair, []).append(position)

    def find(self, selector: Labels, variables: t.Optional[Labels] = None) -> t.List[int]:
        """Positions whose labels satisfy C(selector), in order."""
        lists = [self.positions.get(pair, []) for pair in selector.items() if _literal(pair[1], variables)]
        few: t.Sequence[int] = min(lists, key=len) if lists else range(len(self.labels))
        return [position for position in few if is_subset(self.labels[position], selector, variables)]


def _literal(value: str, variables: t.Optional[Labels]) -> bool:
    """Whether only a label with this very value can satisfy the selector (an empty one is satisfied by absence)."""
    return value != "" and (variables is None or not is_template(value))


class Matcher:
    """One network service and its endpoints. C(labels[i]) are those that endpoint C(i) advertises for this service."""

    def __init__(self, service: NetworkService, labels: t.Sequence[Labels]) -> None:
        self.service = service
        self.endpoints = LabelIndex(labels)
        self.legacy = service.dialect == V1ALPHA1
        # Matches by one literal pair of their source selector; the others have to be looked at for each client.
        self.by_pair: t.Dict[t.Tuple[str, str], t.List[int]] = {}
        self.others: t.List[int] = []
        for number, match in enumerate(service.matches):
            pair = next((pair for pair in match.source_selector.items() if _literal(pair[1], None if self.legacy else {})), None)
            (self.others if pair is None else self.by_pair.setdefault(pair, [])).append(number)

    def variables(self, client: Labels) -> t.Optional[Labels]:
        """What templates see of a client; 0.2.0 has no templates."""
        return None if self.legacy else client

    def sources(self, client: Labels) -> t.List[int]:
        """The matches whose source selector fits the client's labels, in order."""
        near = self.others + [number for pair in client.items() for number in self.by_pair.get(pair, ())]
        variables = self.variables(client)
        return [number for number in sorted(near) if is_subset(client, self.service.matches[number].source_selector, variables)]

    def candidates(self, client: Labels, match: Match, ignored: t.Container[int] = ()) -> t.Tuple[int, ...]:
        """The endpoints that the match's routes fit, in the order of the routes."""
        variables = self.variables(client)
        found = (position for route in match.routes for position in self.endpoints.find(route.destination_selector, variables))
        return tuple(position for position in found if position not in ignored)

    def select(self, client: Labels, ignored: t.Container[int] = ()) -> Outcome:
        """The candidates for a client with these labels, without those C(ignored) (0.2.0 leaves out what refused)."""
        everyone = tuple(position for position in range(len(self.endpoints.labels)) if position not in ignored)
        if not self.service.matches:
            return Outcome(everyone)
        if not everyone and self.legacy:
            return Outcome(())
        rule = self._legacy_rule if self.legacy else self._rule
        return rule(client, everyone, ignored)

    def _rule(self, client: Labels, everyone: t.Tuple[int, ...], ignored: t.Container[int]) -> Outcome:
        passed: t.List[int] = []
        for number in self.sources(client):
            match = self.service.matches[number]
            found = self.candidates(client, match, ignored)
            if match.fallthrough and not found:
                passed.append(number)
                continue
            if match.metadata is not None and not match.routes:
                found = everyone
            return Outcome(found, number, tuple(passed))
        return Outcome((), None, tuple(passed))

    def _legacy_rule(self, client: Labels, everyone: t.Tuple[int, ...], ignored: t.Container[int]) -> Outcome:
        passed: t.List[int] = []
        specific = False
        for number in self.sources(client):
            match = self.service.matches[number]
            if not match.source_selector and specific:
                continue  # who fits a selector that says something never gets the one that says nothing
            specific = specific or bool(match.source_selector)
            found = self.candidates(client, match, ignored)
            if found:
                return Outcome(found, number, tuple(passed))
            passed.append(number)
        return Outcome((), None, tuple(passed))


def match_endpoints(client: Labels, service: NetworkService, endpoints: t.Sequence[Endpoint]) -> t.List[Endpoint]:
    """What NSM's matching alone makes of these endpoints, whatever services they are registered for."""
    labels = [endpoint.labels.get(service.name, {}) for endpoint in endpoints]
    return [endpoints[position] for position in Matcher(service, labels).select(client).candidates]


def find_service(services: t.Iterable[NetworkService], name: str, payload: str = "") -> NetworkService:
    """The first service of that name and, if one is asked for, payload."""
    for service in services:
        if service.name == name and payload in ("", service.payload):
            return service
    raise ServiceNotFound(f"network service {name} is not found")


def discover(
    client: Labels,
    services: t.Iterable[NetworkService],
    endpoints: t.Iterable[Endpoint],
    name: str,
    payload: str = "",
    now: t.Optional[float] = None,
) -> t.Tuple[NetworkService, t.List[Endpoint]]:
    """What a client's request through the registry gives: the service and its candidates for this client."""
    service = find_service(services, name, payload)
    now = time.time() if now is None else now
    alive = [one for one in endpoints if name in one.services and (one.expires is None or one.expires > now)]
    found = match_endpoints(client, service, alive)
    if not found:
        raise NoCandidates(NoCandidates.SAID)
    return service, found


class RoundRobin:
    """NSM's turn: one counter per service name, shared by all its matches and clients; every attempt counts."""

    def __init__(self) -> None:
        self.turns: t.Dict[str, int] = {}

    def pick(self, service: str, candidates: t.Sequence[t.Any]) -> t.Any:
        """The candidate whose turn it is (there must be one)."""
        turn = self.turns.get(service, 0)
        self.turns[service] = turn + 1
        return candidates[turn % len(candidates)]
