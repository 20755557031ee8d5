# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.service import (
    Destination,
    Endpoint,
    Match,
    ServiceError,
    endpoint_from_spec,
    parse_service,
    suggestion,
)


def document(version: str = "v1", **spec):
    return {"apiVersion": f"networkservicemesh.io/{version}", "kind": "NetworkService", "metadata": {"name": "ns"}, "spec": spec}


def test_v1() -> None:
    service, notices = parse_service(
        document(
            payload="IP",
            path_ids=["spiffe://x"],
            matches=[
                {"source_selector": {"app": "a"}, "routes": [{"destination_selector": {"app": "b"}, "weight": 3}, {}], "fallthrough": True},
                {"metadata": {"labels": {"via": "f"}}},
                {"metadata": None, "routes": None, "source_selector": None},
                None,
            ],
        ),
        "ns.yml",
    )
    assert service.matches == (
        Match({"app": "a"}, (Destination({"app": "b"}, 3), Destination()), True),
        Match(metadata={"via": "f"}),
        Match(),
        Match(),
    )
    assert (service.name, service.payload, service.dialect, service.path_ids, notices) == ("ns", "IP", "v1", ("spiffe://x",), [])
    assert service.title == "NetworkService ns (ns.yml)"


def test_v1alpha1_with_the_headings_of_the_2020_demo() -> None:
    service, notices = parse_service(
        document(
            "v1alpha1",
            payload="IP",
            matches=[
                {"match": None, "sourceSelector": {"app": "client"}, "route": [{"destination": None, "destinationSelector": {"app": "nat44"}, "weight": 1}]},
                {"sourceSelector": {"app": "x"}},
            ],
        )
    )
    assert service.matches == (Match({"app": "client"}, (Destination({"app": "nat44"}, 1),)), Match({"app": "x"}))
    assert (service.dialect, notices) == ("v1alpha1", [])


@pytest.mark.parametrize(
    ("version", "match", "ignored", "own"),
    [
        ("v1", {"sourceSelector": {"a": "1"}, "routes": [{"destination_selector": {"b": "2"}}]}, "sourceSelector", "source_selector"),
        ("v1", {"source_selector": {"a": "1"}, "route": [{"destination_selector": {"b": "2"}}]}, "route", "routes"),
        ("v1", {"source_selector": {"a": "1"}, "routes": [{"destinationSelector": {"b": "2"}}]}, "destinationSelector", "destination_selector"),
        ("v1alpha1", {"source_selector": {"a": "1"}, "route": [{"destinationSelector": {"b": "2"}}]}, "source_selector", "sourceSelector"),
        ("v1alpha1", {"sourceSelector": {"a": "1"}, "routes": [{"destinationSelector": {"b": "2"}}]}, "routes", "route"),
    ],
)
def test_the_other_spelling_is_read_and_told(version, match, ignored, own) -> None:
    service, notices = parse_service(document(version, matches=[match]), "ns.yml")
    assert service.matches == (Match({"a": "1"}, (Destination({"b": "2"}),)),)
    assert len(notices) == 1
    assert notices[0].startswith("ns.yml: NetworkService ns: spec.matches[0]")
    assert f"ignores {ignored!r}" in notices[0] and notices[0].endswith(f"it is {own!r}")


def test_the_spec_names_the_service_before_the_metadata_does() -> None:
    assert parse_service(document(name="other"))[0].name == "other"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (document(matchs=[]), "spec: unknown field 'matchs', did you mean 'matches'?"),
        (document("v1alpha1", name="x"), "spec: unknown field 'name', it came with networkservicemesh.io/v1"),
        (document(matches=[{"source_selecter": {}}]), "spec.matches[0]: unknown field 'source_selecter', did you mean 'source_selector'?"),
        (
            document(matches=[{}, {"routes": [{}, {"destination_selektor": {}}]}]),
            "spec.matches[1].routes[1]: unknown field 'destination_selektor', did",
        ),
        (document("v1alpha1", matches=[{"fallthrough": True}]), "spec.matches[0]: unknown field 'fallthrough', it came with networkservicemesh.io/v1"),
        (document("v1alpha1", matches=[{"rout": []}]), "did you mean 'route'?"),
        (
            document("v1alpha1", matches=[{"route": [{"destination": {"destinationSelector": {"a": "b"}}}]}]),
            "spec.matches[0].route[0].destination: what stands under 'destination' is not read by NSM",
        ),
        (document("v1alpha1", matches=[{"match": {"sourceSelector": {"a": "b"}}}]), "spec.matches[0].match: what stands under 'match' is not read"),
        (document(matches=[{"source_selector": {}, "sourceSelector": {}}]), "'sourceSelector' is there in both of its spellings"),
        (document(matches=[{"source_selector": {"port": 80}}]), "spec.matches[0].source_selector.port: 80 is no text (quote it)"),
        (document(matches=[{"source_selector": ["a"]}]), "spec.matches[0].source_selector: is no mapping but ['a']"),
        (document(matches={"a": 1}), "spec.matches: is no list but {'a': 1}"),
        (document(matches=["x"]), "spec.matches[0]: is no mapping but 'x'"),
        (document(matches=[{"routes": [{"weight": -1}]}]), "spec.matches[0].routes[0].weight: -1 is no whole number"),
        (document(matches=[{"routes": [{"weight": True}]}]), "weight: True is no whole number"),
        (document(matches=[{"fallthrough": "yes"}]), "spec.matches[0].fallthrough: 'yes' is not true or false"),
        (document(matches=[{"metadata": {"label": {}}}]), "spec.matches[0].metadata: unknown field 'label', did you mean 'labels'?"),
        (document(payload=4), "spec.payload: 4 is no text"),
        ({**document(), "apiVersion": "networkservicemesh.io/v2"}, "apiVersion: 'networkservicemesh.io/v2' is none of"),
        ({**document(), "metadata": None}, "metadata.name: is missing"),
        ({**document(), "specs": {}}, "unknown field 'specs', did you mean 'spec'?"),
    ],
)
def test_what_cannot_be_read(given, message) -> None:
    with pytest.raises(ServiceError, match="^chain/ns.yml: NetworkService ") as caught:
        parse_service(given, "chain/ns.yml")
    assert message in caught.value.message


def test_endpoints_of_a_registry_in_both_spellings() -> None:
    stored = {
        "name": "e",
        "network_service_names": ["ns"],
        "network_service_labels": {"ns": {"labels": {"app": "a"}}, "x": None},
        "expiration_time": {"seconds": 10, "nanos": 500_000_000},
    }
    assert endpoint_from_spec(stored) == Endpoint("e", ("ns",), {"ns": {"app": "a"}, "x": {}}, 10.5)
    sent = {"name": "e", "networkServiceNames": ["ns"], "expirationTime": "1970-01-01T00:00:10.123456789Z"}
    assert endpoint_from_spec(sent) == Endpoint("e", ("ns",), {}, 10.123456)
    assert endpoint_from_spec({}) == Endpoint("", ())


def test_suggestion() -> None:
    assert suggestion("Source_Selector", ["sourceSelector", "route"]) == "did you mean 'sourceSelector'?"
    assert suggestion("zzz", ["b", "a"]) == "known are: a, b"
    assert suggestion("zzz", []) == "known are: none"
