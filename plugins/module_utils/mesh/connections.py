# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Client items and endpoint items, joined through their NetworkServices the way NSM joins them.

Clients come in the order of the documents, endpoints too: that order stands for the order in which they would call.
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Value
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.convert import REGISTRY_LABEL
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.finding import Finding, error, pairs
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.matching import Matcher, Outcome, RoundRobin, is_subset
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.service import (
    V1ALPHA1,
    Labels,
    NetworkService,
    ServiceError,
    suggestion,
)
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.template import UnsupportedTemplate
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import nearest

CLIENT, ENDPOINT = "cnf.nsm/client", "cnf.nsm/endpoint"
SHOWN = 5  # how many candidates a reason names: a thousand would make a thousand texts of a thousand names


class Party(t.NamedTuple):
    """A client or an endpoint item: the CNF it belongs to, its value, and where it is written."""

    cnf: str
    value: Value
    source: str = ""

    @property
    def service(self) -> str:
        """The network service it joins or offers."""
        return str(self.value.data.get("network_service", ""))

    @property
    def item(self) -> str:
        """What it is called in its CNF: the client's name, or the endpoint's service."""
        return str(self.value.data.get("name" if self.value.kind == CLIENT else "network_service", ""))

    @property
    def title(self) -> str:
        """The party in a reader's words."""
        where = f" ({self.source})" if self.source else ""
        return f"{'client' if self.value.kind == CLIENT else 'endpoint'} {self.item!r} of CNF {self.cnf}{where}"

    @property
    def single(self) -> bool:
        """Whether the endpoint takes one client only."""
        return bool(self.value.data.get("single_client"))

    def labels(self, dialect: str) -> t.Dict[str, str]:
        """The labels as NSM of that generation gets them."""
        field = "outgoing_labels" if self.value.kind == CLIENT else "advertised_labels"
        given = [(str(one.get("key", "")), str(one.get("value", ""))) for one in self.value.data.get(field, ())]
        if dialect != V1ALPHA1:
            return dict(given)
        labels = legacy_labels(given)
        if self.value.kind == ENDPOINT:
            labels[REGISTRY_LABEL] = self.service
        return labels


def legacy_labels(given: t.Iterable[t.Tuple[str, str]]) -> t.Dict[str, str]:
    """What arrives of labels sent as C(k=v,k=v), as 0.2.0 sent them: no label at all arrives as an empty one."""
    labels = {}
    for pair in ",".join(f"{key}={value}" for key, value in given).split(","):
        parts = pair.split("=")
        key, value = parts if len(parts) == 2 else ("", "")
        labels[key.strip(" ")] = value.strip(" ")
    return labels


class Connection(t.NamedTuple):
    """One client joined with one endpoint. C(reason) says how NSM came to it."""

    service: str
    client: Party
    endpoint: Party
    client_interface: str
    endpoint_interface: str
    reason: str


class Joined(t.NamedTuple):
    """C(reached) are positions of the endpoints that were candidates for any client. C(matchers) are by service."""

    connections: t.List[Connection]
    findings: t.List[Finding]
    reached: t.Set[int]
    matchers: t.Dict[str, Matcher]


class _Refused(Exception):
    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.code = code


class _Offer:
    """An endpoint item with the connections it has so far."""

    def __init__(self, party: Party) -> None:
        self.party = party
        self.clients: t.List[Party] = []
        self.unused = 0  # the lowest index that no connection uses: nobody leaves while documents are resolved

    def accept(self, client: Party, labels: Labels) -> str:
        """The interface's name for one more client, or why not."""
        if self.party.single and self.clients:
            raise _Refused(f"{self.party.cnf} takes a single client and has {self.clients[0].title}", "single-client")
        prefix = str(self.party.value.data.get("interface_name_prefix", ""))
        suffix_label = self.party.value.data.get("interface_name_suffix_from_label")
        if suffix_label and suffix_label not in labels:
            raise _Refused(f"{self.party.cnf} names its interface after the label {suffix_label!r}, which the client has not", "suffix-label")
        name = prefix + (labels[suffix_label] if suffix_label else str(self.unused))
        self.unused += not suffix_label
        self.clients.append(client)
        return name


def connect(services: t.Mapping[str, NetworkService], clients: t.Sequence[Party], endpoints: t.Sequence[Party]) -> Joined:
    """Join every client with an endpoint; who finds none is a finding. C(services) has every service that is offered."""
    joined = Joined([], [], set(), {})
    turns = RoundRobin()
    offers: t.Dict[str, t.List[int]] = {}
    for position, endpoint in enumerate(endpoints):
        offers.setdefault(endpoint.service, []).append(position)
    state = [_Offer(endpoint) for endpoint in endpoints]
    for name, positions in offers.items():
        service = services[name]
        joined.matchers[name] = Matcher(service, [endpoints[position].labels(service.dialect) for position in positions])
    for client in clients:
        if client.service not in offers:
            hint = suggestion(client.service, offers)
            joined.findings.append(error("service-not-offered", f"{client.title} wants network service {client.service!r}, which nobody offers", hint))
            continue
        positions = offers[client.service]
        matcher = joined.matchers[client.service]
        try:
            _Request(client, matcher, [state[position] for position in positions], turns, joined).run(positions)
        except UnsupportedTemplate as problem:
            raise ServiceError(f"{matcher.service.title}: {problem.message}") from problem
    return joined


class _Request:
    """One client's way to an endpoint."""

    def __init__(self, client: Party, matcher: Matcher, offers: t.Sequence[_Offer], turns: RoundRobin, joined: Joined) -> None:
        self.client = client
        self.matcher = matcher
        self.service = matcher.service
        self.labels = client.labels(matcher.service.dialect)
        self.offers = offers
        self.turns = turns
        self.joined = joined

    def run(self, positions: t.Sequence[int]) -> None:
        outcome = self.matcher.select(self.labels)
        self.joined.reached.update(positions[candidate] for candidate in outcome.candidates)
        if not outcome.candidates:
            self.joined.findings.append(error("no-endpoint", f"{self.client.title} gets no endpoint of {self.service.title}: {self.why_none(outcome)}"))
            return
        refused: t.List[_Refused] = []
        for asked, choice in self.attempts(outcome):
            try:
                name = self.offers[choice].accept(self.client, self.labels)
            except _Refused as problem:
                refused.append(problem)
                continue
            endpoint = self.offers[choice].party
            reason = self.reason(asked, choice, [str(one) for one in refused])
            interface = str(self.client.value.data.get("interface_name", ""))
            self.joined.connections.append(Connection(self.service.name, self.client, endpoint, interface, name, reason))
            return
        why = "; ".join(dict.fromkeys(str(one) for one in refused))
        self.joined.findings.append(error(refused[0].code, f"{self.client.title} is refused by every candidate of {self.service.title}: {why}"))

    def attempts(self, outcome: Outcome) -> t.Iterator[t.Tuple[Outcome, int]]:
        """Whom NSM asks, one after the other: v1 each candidate once, 0.2.0 until nobody is left who has not refused."""
        if not self.matcher.legacy:
            for _candidate in outcome.candidates:
                yield outcome, self.turns.pick(self.service.name, outcome.candidates)
            return
        ignored: t.Set[int] = set()
        while outcome.candidates:
            choice = self.turns.pick(self.service.name, outcome.candidates)
            yield outcome, choice
            ignored.add(choice)
            outcome = self.matcher.select(self.labels, ignored)

    def reason(self, outcome: Outcome, choice: int, refused: t.Sequence[str]) -> str:
        different = list(dict.fromkeys(outcome.candidates))
        names = [self.offers[position].party.cnf for position in different[:SHOWN]]
        more = f" and {len(different) - SHOWN} more" if len(different) > SHOWN else ""
        chosen = self.offers[choice].party.cnf
        if len(different) == 1:
            choosing = f"the only candidate is {chosen}"
        else:
            choosing = f"of {len(different)} candidates ({', '.join(names)}{more}) it is the turn of {chosen}"
        return "; ".join([f"{self.way(outcome, choice)}: {choosing}", *refused])

    def way(self, outcome: Outcome, choice: int) -> str:
        passed = "".join(f"match {number + 1} has no candidate, " for number in outcome.passed)
        if outcome.match is None:
            return "the service has no matches, every endpoint fits"
        match = self.service.matches[outcome.match]
        source = f"match {outcome.match + 1} ({pairs(match.source_selector) if match.source_selector else 'any client'})"
        if not match.routes:
            return f"{passed}{source} has metadata and no routes, every endpoint fits"
        labels, variables = self.matcher.endpoints.labels[choice], self.matcher.variables(self.labels)
        for number, route in enumerate(match.routes, 1):
            if is_subset(labels, route.destination_selector, variables):
                selector = route.destination_selector
                return f"{passed}{source}, route {number} ({pairs(selector) if selector else 'any endpoint'})"
        raise AssertionError("a candidate that no route fits")

    def why_none(self, outcome: Outcome) -> str:
        """Which selector came nearest, for a client whose labels lead nowhere."""
        matches = self.service.matches
        sources = self.matcher.sources(self.labels)
        if not sources:
            close = closest(self.labels, [match.source_selector for match in matches])
            nearly = "" if close is None else f"; nearest is match {close + 1} ({pairs(matches[close].source_selector)})"
            return f"no source selector fits its labels {pairs(self.labels)}{nearly}"
        wanted = [route.destination_selector for number in sources for route in matches[number].routes]
        if not wanted:
            return f"match {sources[0] + 1} fits but has no routes"
        for selector in wanted:
            close = closest(selector, self.matcher.endpoints.labels)
            if close is not None:
                party = self.offers[close].party
                return f"match {sources[0] + 1} fits, but no endpoint has {pairs(selector)}; nearest is {party.title} with {pairs(party.labels(''))}"
        return f"match {sources[0] + 1} fits, but no endpoint has {' or '.join(pairs(selector) for selector in wanted)}"


def closest(wanted: Labels, known: t.Sequence[Labels]) -> t.Optional[int]:
    """The position of the labels that nearly are C(wanted): the same keys with a value like it, or the other way round."""
    best: t.Tuple[float, t.Optional[int]] = (0, None)
    for position, labels in enumerate(known):
        score = 0.0
        for key, value in wanted.items():
            if labels.get(key) == value:
                score += 1
            elif key in labels:
                score += 0.7 if nearest(value, [labels[key]]) else 0.1
            elif value in labels.values() and nearest(key, labels):
                score += 0.7
        if score > best[0]:
            best = (score, position)
    return best[1]
