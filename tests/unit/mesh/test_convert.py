# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.convert import convert, disjoint
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.matching import Matcher
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.service import V1ALPHA1, Destination, Match, NetworkService, parse_service
from hypothesis import given, settings
from hypothesis import strategies as st


def old(*matches: Match, payload: str = "ETHERNET", **more) -> NetworkService:
    return NetworkService("ns", payload, matches, V1ALPHA1, **more)


def to(source, *destinations) -> Match:
    return Match(source, tuple(Destination(destination) for destination in destinations))


def codes(findings) -> list:
    return [finding.code for finding in findings]


def matches(service) -> list:
    return convert(service)[0]["spec"].get("matches")


def test_the_demo() -> None:
    document, findings = convert(old(to({"app": "client"}, {"app": "nat44"}), to({"app": "nat44"}, {"app": "webserver"}), payload="IP"), payload="ETHERNET")
    assert findings == []
    assert document == {
        "apiVersion": "networkservicemesh.io/v1",
        "kind": "NetworkService",
        "metadata": {"name": "ns"},
        "spec": {
            "payload": "ETHERNET",
            "matches": [
                {"source_selector": {"app": "client"}, "routes": [{"destination_selector": {"app": "nat44"}}], "fallthrough": True},
                {"source_selector": {"app": "nat44"}, "routes": [{"destination_selector": {"app": "webserver"}}], "fallthrough": True},
            ],
        },
    }


def test_payload_is_never_rewritten_unasked() -> None:
    document, findings = convert(old(payload="IP"))
    assert document["spec"]["payload"] == "IP" and codes(findings) == ["payload-meaning"]
    assert convert(old(payload="IP"), "IP")[1] == [] and convert(old())[1] == []


def test_a_selector_before_one_that_says_nothing_stops_there() -> None:
    assert matches(old(to({"app": "a"}, {"x": "1"}), to({}, {"x": "2"}))) == [
        {"source_selector": {"app": "a"}, "routes": [{"destination_selector": {"x": "1"}}]},
        {"routes": [{"destination_selector": {"x": "2"}}], "fallthrough": True},
    ]


def test_what_v1_cannot_say_is_reported() -> None:
    _document, findings = convert(old(to({"app": "a"}, {"x": "1"}), to({"zone": "z"}, {"x": "3"}), to({}, {"x": "2"})))
    assert codes(findings) == ["not-exact"]
    assert "match 1" in findings[0].text and "match 2" in findings[0].text
    # The same with selectors that exclude each other is exact.
    assert convert(old(to({"app": "a"}, {"x": "1"}), to({"app": "b"}, {"x": "3"}), to({}, {"x": "2"})))[1] == []


def test_a_match_without_routes_is_left_out() -> None:
    document, findings = convert(old(to({"app": "a"}), to({"app": "b"}, {})))
    assert codes(findings) == ["match-removed"]
    assert [match["source_selector"] for match in document["spec"]["matches"]] == [{"app": "b"}]


def test_when_all_matches_lead_nowhere_so_does_the_result() -> None:
    service = parse_service(convert(old(to({"app": "a"})))[0])[0]
    assert Matcher(service, [{}]).select({"app": "a"}).candidates == ()
    assert convert(old())[0]["spec"] == {"payload": "ETHERNET"}


def test_what_is_lost_or_changes_its_meaning_is_told() -> None:
    service = old(
        Match({"app": "{{.x}}"}, (Destination({"networkservicename": "ns", "a": "b"}, 7),)),
        to({"app": ""}, {"networkservicename": "else"}),
    )
    document, findings = convert(service)
    assert codes(findings) == ["template", "weight-ignored", "empty-value", "registry-label"]
    assert document["spec"]["matches"][0]["routes"] == [{"destination_selector": {"a": "b"}}]
    assert all("NetworkService ns" in finding.text for finding in findings)


def test_metadata_is_kept_and_what_the_cluster_wrote_is_not() -> None:
    metadata = {
        "name": "object",
        "namespace": "nsm",
        "uid": "1",
        "resourceVersion": "2",
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "note": "kept"},
        "labels": {},
    }
    document, _findings = convert(old(metadata=metadata))
    assert document["metadata"] == {"name": "object", "namespace": "nsm", "annotations": {"note": "kept"}}
    assert document["spec"]["name"] == "ns"


def test_v1_stays_as_it_is() -> None:
    given = {
        "apiVersion": "networkservicemesh.io/v1",
        "kind": "NetworkService",
        "metadata": {"name": "ns"},
        "spec": {
            "payload": "IP",
            "path_ids": ["a"],
            "matches": [
                {"source_selector": {"a": "{{.b}}"}, "routes": [{"destination_selector": {"a": ""}, "weight": 2}, {}], "fallthrough": True},
                {"metadata": {"labels": {}}},
                {},
            ],
        },
    }
    document, findings = convert(parse_service(given)[0])
    assert (document, findings) == (given, [])


def test_disjoint() -> None:
    assert disjoint({"a": "1", "b": "2"}, {"b": "3"})
    assert not disjoint({"a": "1"}, {"b": "1"}) and not disjoint({"a": "1"}, {"a": "1", "b": "2"}) and not disjoint({}, {"a": "1"})


selectors = st.dictionaries(st.sampled_from("ab"), st.sampled_from("12"), max_size=2)
services = st.lists(st.builds(Match, selectors, st.lists(st.builds(Destination, selectors), max_size=2).map(tuple)), max_size=4).map(tuple)


@settings(max_examples=400)
@given(services, st.lists(selectors, min_size=1, max_size=4), selectors)
def test_what_is_not_reported_is_exact(found, endpoints, client) -> None:
    service = old(*found)
    document, findings = convert(service)
    if "not-exact" in codes(findings):
        return
    converted = parse_service(document)[0]
    assert Matcher(converted, endpoints).select(client).candidates == Matcher(service, endpoints).select(client).candidates
