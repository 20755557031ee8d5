# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh import matching
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.matching import (
    Matcher,
    NoCandidates,
    RoundRobin,
    ServiceNotFound,
    discover,
    is_subset,
    match_endpoints,
)
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.service import (
    V1,
    V1ALPHA1,
    Destination,
    Endpoint,
    Match,
    NetworkService,
    endpoint_from_spec,
    service_from_spec,
)
from hypothesis import given
from hypothesis import strategies as st

from .vectors import vectors

# "match": the matching code of NSM 1.18 on the endpoints as given; "found": a client's discovery through its registry.
GOLDEN = vectors("nsm-golden.jsonl")
# More of the same code's answers, and "match_0_2_0": those of the rule of 0.2.0.
MORE = vectors("nsm-matching.jsonl")


def names(endpoints) -> list:
    return [endpoint.name for endpoint in endpoints]


@pytest.mark.parametrize("vector", GOLDEN, ids=lambda vector: vector["name"])
def test_golden(vector) -> None:
    service = service_from_spec(vector["networkService"])
    endpoints = [endpoint_from_spec(spec) for spec in vector["endpoints"]]
    expected = vector["expect"]
    assert names(match_endpoints(vector["labels"], service, endpoints)) == expected["match"]
    error = None
    found = []
    try:
        answer, found = discover(vector["labels"], [service], endpoints, service.name, vector.get("payload", ""))
        assert answer is service
    except (NoCandidates, ServiceNotFound) as problem:
        error = problem.message
    assert sorted(names(found)) == expected["found"]  # the registry has no order
    assert error == expected.get("error")


def test_the_golden_file_is_whole() -> None:
    assert len(GOLDEN) >= 32


@pytest.mark.parametrize("vector", MORE, ids=lambda vector: str(MORE.index(vector)))
def test_both_generations(vector) -> None:
    service = service_from_spec(vector["networkService"])
    endpoints = [endpoint_from_spec(spec) for spec in vector["endpoints"]]
    for dialect, column in ((V1, "match"), (V1ALPHA1, "match_0_2_0")):
        assert names(match_endpoints(vector["labels"], service._replace(dialect=dialect), endpoints)) == vector["expect"][column]


def test_the_vectors_tell_the_generations_apart() -> None:
    assert sum(vector["expect"]["match"] != vector["expect"]["match_0_2_0"] for vector in MORE) >= 40


# --- the rule of 0.2.0, case by case ---


def old(*matches: Match) -> NetworkService:
    return NetworkService("ns", "IP", matches, V1ALPHA1)


def to(source, *destinations) -> Match:
    return Match(source, tuple(Destination(destination) for destination in destinations))


def select(service: NetworkService, client, *labels):
    return Matcher(service, labels).select(client)


def test_0_2_0_goes_past_a_match_without_candidates() -> None:
    outcome = select(old(to({"app": "x"}, {"app": "no"}), to({"app": "x"}, {"app": "a"})), {"app": "x"}, {"app": "a"})
    assert (outcome.candidates, outcome.match, outcome.passed) == ((0,), 1, (0,))


def test_0_2_0_never_goes_from_a_selector_that_says_something_to_one_that_says_nothing() -> None:
    service = old(to({"app": "x"}, {"app": "no"}), to({}, {"app": "a"}))
    assert select(service, {"app": "x"}, {"app": "a"}).candidates == ()
    assert select(service, {"app": "y"}, {"app": "a"}).candidates == (0,)


def test_0_2_0_an_empty_selector_that_comes_first_wins() -> None:
    outcome = select(old(to({}, {"app": "a"}), to({"app": "x"}, {"app": "b"})), {"app": "x"}, {"app": "a"}, {"app": "b"})
    assert (outcome.candidates, outcome.match) == ((0,), 0)


def test_0_2_0_has_no_templates() -> None:
    service = old(to({}, {"app": "{{.app}}"}))
    assert select(service, {"app": "a"}, {"app": "a"}).candidates == ()
    assert select(service, {"app": "a"}, {"app": "{{.app}}"}).candidates == (0,)


def test_0_2_0_passes_a_match_without_routes() -> None:
    assert select(old(to({"app": "x"}), to({"app": "x"}, {})), {"app": "x"}, {}).match == 1


def test_0_2_0_matches_again_without_those_that_refused() -> None:
    service = old(to({"app": "x"}, {"app": "a"}), to({"app": "x"}, {"app": "b"}))
    matcher = Matcher(service, [{"app": "a"}, {"app": "b"}])
    assert matcher.select({"app": "x"}).candidates == (0,)
    assert matcher.select({"app": "x"}, {0}).candidates == (1,)
    assert matcher.select({"app": "x"}, {0, 1}).candidates == ()
    assert Matcher(old(), [{}]).select({}, {0}).candidates == ()


# --- both ---


def test_round_robin_has_one_turn_for_a_service() -> None:
    turns = RoundRobin()
    assert [turns.pick("a", "xyz") for _turn in range(4)] == ["x", "y", "z", "x"]
    assert turns.pick("b", "xyz") == "x"
    assert turns.pick("a", "uv") == "u"  # the fifth turn: 4 % 2
    assert turns.turns == {"a": 5, "b": 1}


def test_endpoints_of_other_services_and_dead_ones_are_not_found() -> None:
    service = NetworkService("ns", "IP")
    endpoints = [Endpoint("other", ("x",)), Endpoint("dead", ("ns",), expires=10.0), Endpoint("alive", ("x", "ns"), expires=11.0)]
    assert names(discover({}, [service], endpoints, "ns", now=10.0)[1]) == ["alive"]
    with pytest.raises(NoCandidates):
        discover({}, [service], endpoints[:2], "ns", now=10.0)
    with pytest.raises(ServiceNotFound, match="network service other is not found"):
        discover({}, [service], endpoints, "other")


def test_the_first_service_of_a_name_and_payload_is_taken() -> None:
    services = [NetworkService("ns", "IP"), NetworkService("ns", "ETHERNET")]
    endpoint = Endpoint("e", ("ns",))
    assert discover({}, services, [endpoint], "ns", "ETHERNET")[0] is services[1]
    assert discover({}, services, [endpoint], "ns")[0] is services[0]


labels = st.dictionaries(st.sampled_from(["a", "b", "c", ""]), st.sampled_from(["1", "2", "", "{{.a}}", "{{.b}}x"]), max_size=3)
matches = st.builds(
    Match,
    labels,
    st.lists(st.builds(Destination, labels), max_size=3).map(tuple),
    st.booleans(),
    st.one_of(st.none(), st.just({})),
)


@given(st.lists(matches, max_size=4).map(tuple), st.lists(labels, max_size=5), labels, st.sampled_from([V1, V1ALPHA1]))
def test_the_index_finds_what_looking_at_each_finds(found, endpoints, client, dialect) -> None:
    matcher = Matcher(NetworkService("ns", "IP", found, dialect), endpoints)
    variables = None if dialect == V1ALPHA1 else client
    assert matcher.sources(client) == [number for number, match in enumerate(found) if is_subset(client, match.source_selector, variables)]
    for match in found:
        plain = [position for route in match.routes for position, one in enumerate(endpoints) if is_subset(one, route.destination_selector, variables)]
        assert list(matcher.candidates(client, match)) == plain


@pytest.mark.parametrize("dialect", [V1, V1ALPHA1])
def test_work_grows_with_the_mesh_not_with_its_square(dialect, monkeypatch) -> None:
    def looks(size: int) -> int:
        service = NetworkService("ns", "IP", tuple(to({"app": f"c{i}"}, {"app": f"e{i}"}) for i in range(size)), dialect)
        count = [0]

        def counting(*arguments):
            count[0] += 1
            return is_subset(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(matching, "is_subset", counting)
            matcher = Matcher(service, [{"app": f"e{i}"} for i in range(size)])
            for i in range(size):
                assert matcher.select({"app": f"c{i}"}).candidates == (i,)
        return count[0]

    assert looks(1000) <= 10 * looks(100)
