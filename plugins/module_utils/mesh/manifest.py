# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One NetworkService by itself, before it goes to the registry of NSM 1.x: its CRD checks nothing, so all is checked here."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.convert import convert
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.finding import ERROR, Finding, error, pairs, warning
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.service import PAYLOADS, V1, Match, NetworkService, parse_service, suggestion
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.template import is_template, refusal

MOST = 20


class Manifest(t.NamedTuple):
    """C(document) is what is sent, C(service) what NSM reads in it."""

    service: NetworkService
    document: t.Dict[str, t.Any]
    findings: t.List[Finding]

    @property
    def namespace(self) -> str:
        """The Kubernetes namespace."""
        return str(self.document["metadata"]["namespace"])

    @property
    def key(self) -> str:
        """The object in a reader's words. Its name need not be the service's."""
        return f"{self.namespace}/{self.document['metadata']['name']}"


def manifest(document: t.Mapping[str, t.Any], source: str = "", payload: t.Optional[str] = None, namespace: str = "default") -> Manifest:
    """The v1 document of a NetworkService of either dialect. C(namespace) is for one that names none."""
    given, notices = parse_service(document, source)
    say = error if given.dialect == V1 else warning
    hint = "a v1alpha1 document whose apiVersion alone was changed? Leave it as it was, it is converted" if given.dialect == V1 else ""
    findings = [say("spelling", notice, hint) for notice in notices]
    if given.path_ids:
        findings.append(warning("path-ids", f"{given.title}: spec.path_ids is left out: NSM's registry keeps it, and it says who may change the service"))
    made, converted = convert(given._replace(path_ids=()), payload)
    findings += converted
    made["metadata"].setdefault("namespace", namespace)
    service, _notices = parse_service(made, source)
    if service.name != made["metadata"]["name"]:
        findings.append(
            warning("name-differs", f"{service.title}: clients ask for {service.name!r} (spec.name), not for the object {made['metadata']['name']!r}")
        )
    return Manifest(service, made, findings + list(alone(service)))


def manifests(
    documents: t.Iterable[t.Tuple[t.Mapping[str, t.Any], str]], payload: t.Optional[str] = None, namespace: str = "default"
) -> t.Tuple[t.List[Manifest], t.List[str]]:
    """Those of many (document, source), and what their author should know; all that is wrong is one error."""
    made: t.List[Manifest] = []
    problems: t.List[str] = []
    for document, source in documents:
        try:
            one = manifest(document, source, payload, namespace)
        except CnfError as problem:
            problems.append(problem.message)
            continue
        problems += [str(finding) for finding in one.findings if finding.severity == ERROR]
        made.append(one)
    problems += twice([one.key for one in made])
    if problems:
        raise CnfError("\n".join(problems[:MOST] + ([f"... and {len(problems) - MOST} more"] if len(problems) > MOST else [])), problems=problems)
    return made, [str(finding) for one in made for finding in one.findings]


def twice(keys: t.Sequence[str]) -> t.List[str]:
    """A sentence for each object that is named more than once."""
    return [f"NetworkService {key} is there twice in one task" for key in sorted({key for key in keys if keys.count(key) > 1})]


def alone(service: NetworkService) -> t.Iterator[Finding]:
    """What NSM 1.x makes of a v1 service, where that is probably not what its author wants."""
    if not service.payload:
        yield error("payload-missing", f"{service.title}: has no payload, and NSM puts none in: no forwarder carries it", f"choose {' or '.join(PAYLOADS)}")
    yield from payload(service)
    for number, match in enumerate(service.matches):
        title = f"{service.title}: match {number + 1}"
        yield from _routes(title, match)
        yield from _selectors(title, match)
        first = next((position for position, earlier in enumerate(service.matches[:number]) if _covers(earlier, match)), None)
        if first is not None:
            source = service.matches[first].source_selector
            why = f"match {first + 1} ({pairs(source) if source else 'any client'}) has each of its clients before, and no fallthrough"
            yield warning("match-unreached", f"{title} is never reached: {why}")


def payload(service: NetworkService) -> t.Iterator[Finding]:
    """A payload that no forwarder knows."""
    if service.payload and service.payload not in PAYLOADS:
        say = error if service.dialect == V1 else warning
        yield say("unknown-payload", f"{service.title}: no forwarder knows payload {service.payload!r}", suggestion(service.payload, PAYLOADS))


def _routes(title: str, match: Match) -> t.Iterator[Finding]:
    if match.metadata is not None and not match.metadata:
        yield warning("metadata-empty", f"{title}: metadata without labels lets any forwarder do it; leave it out for those with p2p=true, as usual")
    if not match.routes and match.metadata is None:
        what = "does nothing" if match.fallthrough else "ends here: a client that it fits gets no endpoint"
        yield warning("match-without-routes", f"{title} has no routes, so it {what}")
    for number, route in enumerate(match.routes):
        if route.weight:
            yield warning("weight-ignored", f"{title}, route {number + 1}: weight {route.weight} does nothing: no NSM ever read it")
        if route.destination_selector in [earlier.destination_selector for earlier in match.routes[:number]]:
            selector = pairs(route.destination_selector) if route.destination_selector else "any endpoint"
            yield warning("route-twice", f"{title}, route {number + 1} ({selector}) is there before: its endpoints get one more turn for each")


def _selectors(title: str, match: Match) -> t.Iterator[Finding]:
    for selector in (match.source_selector, *(route.destination_selector for route in match.routes)):
        for key, value in selector.items():
            if value == "":
                yield warning("empty-value", f"{title}: {key}: '' also fits who has no such label, if it has at least {len(selector)} others")
            why = refusal(value)
            if why:
                yield warning("template-refused", f"{title}: {key}: {value!r} is no template ({why}), so NSM takes it literally")


def _covers(earlier: Match, later: Match) -> bool:
    """Whether nobody whom C(later) fits comes past C(earlier). What is a template or empty is not judged."""
    source = earlier.source_selector
    certain = not earlier.fallthrough and not any(is_template(value) or value == "" for value in source.values())
    return certain and all(later.source_selector.get(key) == value for key, value in source.items())
