# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NSM's objects read as its registry reads them. The golden cases go through a real API server in tests/controlplane."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh import registered
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.registered import Client, matches

from .world import old_to, service, to

NOW = 1_800_000_000
A, B = {"app": "a"}, {"app": "b"}


def stored(*match, name="ns", namespace="mesh", **more):
    made = service(*match, name=name, namespace=namespace)
    made["spec"].update(more)
    return made


def endpoint(title, /, labels=None, services=("ns",), namespace="nsm-system", **more):
    spec = {"network_service_names": list(services), "url": "tcp://10.0.0.1:5001", "expiration_time": {"seconds": NOW + 30, "nanos": 5}}
    spec["network_service_labels"] = {one: {"labels": labels} for one in services if labels}
    return {"metadata": {"name": title, "namespace": namespace}, "spec": {**spec, **more}}


def asked(objects, registered_objects, client=None, **more):
    found, ends = registered.services(objects), registered.endpoints(registered_objects)
    return matches(client or Client("c", A, **more), found, ends, NOW)


def test_who_gets_whom() -> None:
    ends = [endpoint("e2", B), endpoint("e1", B), endpoint("gone", B, expiration_time={"seconds": NOW}), endpoint("other", B, services=["no"])]
    objects = [stored(to({"app": "x"}, B), to(A, {"app": "none"}, fallthrough=True), to(A, B, {}))]
    told = {"client": "c", "network_service": "ns", "endpoints": ["e1", "e2", "e1", "e2"], "match": 3, "passed": [2], "error": ""}
    assert asked(objects, ends) == [told]
    shown = [registered.as_endpoint(each, NOW) for each in registered.endpoints(ends)]
    assert [(one["name"], one["expired"]) for one in shown] == [("e1", False), ("e2", False), ("gone", True), ("other", False)]
    assert shown[0]["expires"] == "2027-01-15T08:00:30Z"
    assert (shown[0]["labels"], shown[0]["network_services"], shown[0]["url"]) == ({"ns": B}, ["ns"], "tcp://10.0.0.1:5001")


@pytest.mark.parametrize(
    "objects, ends, text",
    [
        ([stored(to(A, B))], [], "no endpoint of network service ns is alive"),
        ([stored(to(A, B))], [endpoint("e")], "match 1 fits the client, but its routes fit none of the 1 endpoints alive"),
        ([stored(to(B, B))], [endpoint("e", B)], "no match fits the client's labels app=a"),
        ([], [endpoint("e", B)], "network service ns is not found"),
        ([stored(to(A, {"y": '{{template "tmpl"}}'}))], [endpoint("e", B)], "cannot evaluate"),
    ],
)
def test_why_a_client_gets_nothing(objects, ends, text) -> None:
    told = asked(objects, ends, service="ns")
    assert (told[0]["endpoints"], len(told)) == ([], 1)
    assert text in told[0]["error"]


def test_the_payload_that_is_asked_for_counts() -> None:
    assert "is not found" in asked([stored()], [endpoint("e")], service="ns", payload="IP")[0]["error"]
    assert asked([stored()], [endpoint("e")], service="ns", payload="ETHERNET")[0]["endpoints"] == ["e"]


def test_of_two_services_with_one_name_the_first_namespace_counts() -> None:
    objects = [stored(to(A, B), namespace="b"), stored(namespace="nsm-system"), stored(to({}, A), namespace="a"), stored(name="x", namespace="c")]
    found = registered.services(objects)
    assert [(one.namespace, one.name) for one in found] == [("a", "ns"), ("b", "ns"), ("c", "x"), ("nsm-system", "ns")]
    assert [one.shadowed for one in found][1:3] == [["NSM takes a/ns for 'ns': names of network services are cluster-wide"], []]
    told = asked(objects, [endpoint("e", A)])
    assert [(one["network_service"], one["endpoints"]) for one in told] == [("ns", ["e"]), ("x", [])]


def test_what_nsm_does_not_know_it_goes_past() -> None:
    found = registered.services([stored(old_to(A, B), matchs=[])])
    assert found[0].errors == [
        "spec.matches[0].sourceSelector: NSM does not know it and goes past it: in v1 it is 'source_selector'",
        "spec.matches[0].route: NSM does not know it and goes past it: in v1 it is 'routes'",
        "spec.matchs: NSM does not know it and goes past it",
    ]
    shown = registered.as_service(found[0])
    assert shown["document"]["spec"] == {"payload": "ETHERNET", "matches": [{}]}
    half = {"source_selector": A, "routes": [{"destinationSelector": B}], "metadata": {"labels": {}, "x": 1}}
    assert asked([stored(half)], [endpoint("e", A)])[0]["endpoints"] == ["e"]
    ends = registered.endpoints([endpoint("e", A, networkServiceNames=["ns"], network_service_names=None)])
    assert ends[0].errors == [
        "spec.networkServiceNames: NSM does not know it and goes past it: it is 'network_service_names'",
        "spec.network_service_names: is empty, so it serves nobody",
    ]


@pytest.mark.parametrize(
    "more, text",
    [
        ({"expiration_time": "2030-01-01T00:00:00Z"}, "spec.expiration_time: '2030-01-01T00:00:00Z' is not a mapping"),
        ({"expiration_time": {"seconds": "7"}}, "spec.expiration_time.seconds: '7' is not a whole number"),
        ({"network_service_names": "ns"}, "spec.network_service_names: 'ns' is not a list"),
        ({"network_service_names": [1]}, "spec.network_service_names: 1 is not text"),
        ({"network_service_labels": {"ns": {"labels": {"a": 1}}}}, "spec.network_service_labels.ns: {'labels': {'a': 1}} is not labels"),
    ],
)
def test_one_endpoint_that_nsm_cannot_read_hides_all(more, text) -> None:
    ends = [endpoint("bad", **more), endpoint("good", B)]
    read = registered.endpoints(ends)
    assert (read[0].endpoint, registered.as_endpoint(read[0], NOW)["expired"]) == (None, False)
    assert text in read[0].errors[-1]
    told = asked([stored(to(A, B))], ends)[0]
    assert told["endpoints"] == []
    assert told["error"] == f"nsm-system/bad: {read[0].errors[-1]}"
    assert told["error"].endswith("NSM finds no endpoint at all")


def test_one_service_that_nsm_cannot_read_hides_all() -> None:
    objects = [stored(to(A, {"app": 1}), name="bad"), stored(to(A, B))]
    found = registered.services(objects)
    assert (found[0].service, registered.as_service(found[0])["document"]) == (None, {})
    assert "NSM finds no network service at all" in found[0].errors[0]
    assert "mesh/bad: " in asked(objects, [endpoint("e", B)])[0]["error"]


def test_the_endpoint_s_own_name_wins() -> None:
    assert [one.endpoint.name for one in registered.endpoints([endpoint("nse-1", name="e"), endpoint("nse-2", name="")])] == ["e", "nse-2"]
