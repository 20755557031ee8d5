# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.connections import closest, legacy_labels

from .world import chain, client, cnf, codes, endpoint, joined, old_to, service, to

A, B = {"app": "a"}, {"app": "b"}


def test_a_chain_of_three_with_its_reasons() -> None:
    found = chain(
        service(to({"role": "client"}, {"role": "nat"}), to({"role": "nat"}, {"role": "web"})),
        cnf("client", client(labels={"role": "client"})),
        cnf("nat", endpoint(labels={"role": "nat"}, single_client=True), client("memif1", labels={"role": "nat"})),
        cnf("web", endpoint(labels={"role": "web"}, single_client=True)),
    )
    assert found.findings == []
    assert joined(found) == ["client.tap0--nat.memif0", "nat.memif1--web.memif0"]
    assert [one.reason for one in found.connections] == [
        "match 1 (role=client), route 1 (role=nat): the only candidate is nat",
        "match 2 (role=nat), route 1 (role=web): the only candidate is web",
    ]


def test_endpoints_take_turns() -> None:
    found = chain(
        service(to(A, B)),
        *(cnf(f"c{i}", client(labels=A)) for i in range(5)),
        cnf("e0", endpoint(labels=B)),
        cnf("e1", endpoint(labels=B)),
    )
    assert joined(found) == ["c0.tap0--e0.memif0", "c1.tap0--e1.memif0", "c2.tap0--e0.memif1", "c3.tap0--e1.memif1", "c4.tap0--e0.memif2"]
    assert found.connections[1].reason == "match 1 (app=a), route 1 (app=b): of 2 candidates (e0, e1) it is the turn of e1"


def test_an_endpoint_that_two_routes_fit_gets_two_turns() -> None:
    found = chain(
        service(to(A, {"app": "b"}, {"zone": "1"})),
        *(cnf(f"c{i}", client(labels=A)) for i in range(3)),
        cnf("e0", endpoint(labels={"app": "b", "zone": "1"})),
        cnf("e1", endpoint(labels={"zone": "1"})),
    )
    assert [name.split("--")[1] for name in joined(found)] == ["e0.memif0", "e0.memif1", "e1.memif0"]


def test_a_thousand_candidates_do_not_fill_the_reason() -> None:
    found = chain(service(to(A, B)), cnf("c", client(labels=A)), *(cnf(f"e{i}", endpoint(labels=B)) for i in range(8)))
    assert "of 8 candidates (e0, e1, e2, e3, e4 and 3 more) it is the turn of e0" in found.connections[0].reason


@pytest.mark.parametrize(("version", "match"), [("v1", to(A, B)), ("v1alpha1", old_to(A, B))])
def test_a_taken_single_client_endpoint_is_passed_by(version, match) -> None:
    found = chain(
        service(match, version=version, payload="ETHERNET"),
        *(cnf(f"c{i}", client(labels=A)) for i in range(4)),
        cnf("e0", endpoint(labels=B)),
        cnf("e1", endpoint(labels=B, single_client=True)),
    )
    assert codes(found, "error") == []
    assert [name.split("--")[1].split(".")[0] for name in joined(found)] == ["e0", "e1", "e0", "e0"]
    assert "e1 takes a single client and has client 'tap0' of CNF c1" in found.connections[3].reason


def test_0_2_0_goes_to_the_next_match_when_all_candidates_of_one_refuse() -> None:
    found = chain(
        service(old_to(A, B), old_to(A, {"app": "c"}), version="v1alpha1", payload="ETHERNET"),
        cnf("c0", client(labels=A)),
        cnf("c1", client(labels=A)),
        cnf("e0", endpoint(labels=B, single_client=True)),
        cnf("e1", endpoint(labels={"app": "c"})),
    )
    assert joined(found) == ["c0.tap0--e0.memif0", "c1.tap0--e1.memif0"]
    assert found.connections[1].reason.startswith("match 1 has no candidate, match 2 (app=a), route 1 (app=c): the only candidate is e1; e0 takes a single")


def test_v1_does_not() -> None:
    found = chain(
        service(to(A, B, fallthrough=True), to(A, {"app": "c"})),
        cnf("c0", client(labels=A)),
        cnf("c1", client(labels=A)),
        cnf("e0", endpoint(labels=B, single_client=True)),
        cnf("e1", endpoint(labels={"app": "c"})),
    )
    assert joined(found) == ["c0.tap0--e0.memif0"]
    assert codes(found, "error") == ["single-client"]
    message = found.errors[0]
    assert "client 'tap0' of CNF c1" in message and "e0 takes a single client and has client 'tap0' of CNF c0" in message


def test_interfaces_named_after_a_label() -> None:
    found = chain(
        service(),
        cnf("c0", client(labels={"tenant": "red"})),
        cnf("c1", client(labels={"tenant": "blue"})),
        cnf("e", endpoint("to-", interface_name_suffix_from_label="tenant")),
    )
    assert joined(found) == ["c0.tap0--e.to-red", "c1.tap0--e.to-blue"]
    assert found.connections[0].reason == "the service has no matches, every endpoint fits: the only candidate is e"


def test_a_client_without_that_label_is_refused() -> None:
    found = chain(service(), cnf("c", client()), cnf("e", endpoint(interface_name_suffix_from_label="tenant")))
    assert codes(found, "error") == ["suffix-label"] and not found.links
    assert "names its interface after the label 'tenant', which the client has not" in found.errors[0]


def test_indexes_are_counted_for_each_endpoint_item() -> None:
    found = chain(
        service(name="x"),
        service(name="y"),
        cnf("c", client("t0", service="x"), client("t1", service="x"), client("t2", service="y")),
        cnf("e", endpoint("in", service="x"), endpoint("out", service="y")),
    )
    assert joined(found) == ["c.t0--e.in0", "c.t1--e.in1", "c.t2--e.out0"]


def test_templates_read_the_clients_labels() -> None:
    found = chain(
        service(to({}, {"zone": "{{.zone}}"})),
        cnf("c", client(labels={"zone": "2"})),
        cnf("e1", endpoint(labels={"zone": "1"})),
        cnf("e2", endpoint(labels={"zone": "2"})),
    )
    assert joined(found) == ["c.tap0--e2.memif0"]
    assert codes(found, "error") == []


def test_a_template_that_cannot_be_evaluated_is_an_error_that_names_the_service() -> None:
    with pytest.raises(CnfError, match=r"NetworkService ns.*cannot evaluate.*define"):
        chain(service(to({}, {"zone": '{{define "x"}}y{{end}}'})), cnf("c", client()), cnf("e", endpoint(labels={"zone": "1"})))


def test_metadata_without_routes() -> None:
    found = chain(service({"metadata": {"labels": {"via": "x"}}}), cnf("c", client()), cnf("e", endpoint()))
    assert found.connections[0].reason == "match 1 (any client) has metadata and no routes, every endpoint fits: the only candidate is e"


@pytest.mark.parametrize("version", ["v1", "v1alpha1"])
def test_empty_selectors(version) -> None:
    match = {"routes": [{}]} if version == "v1" else {"route": [{}]}
    found = chain(service(match, version=version), cnf("c", client()), cnf("e", endpoint()))
    assert found.connections[0].reason == "match 1 (any client), route 1 (any endpoint): the only candidate is e"


def test_fallthrough_to_the_default() -> None:
    found = chain(
        service(to(A, {"app": "gone"}, fallthrough=True), to({}, B)),
        cnf("c", client(labels=A)),
        cnf("e", endpoint(labels=B)),
    )
    assert found.connections[0].reason == "match 1 has no candidate, match 2 (any client), route 1 (app=b): the only candidate is e"


def test_labels_as_0_2_0_sends_them() -> None:
    assert legacy_labels([]) == {"": ""}
    assert legacy_labels([("a", "1"), ("b", " 2 ")]) == {"a": "1", "b": "2"}
    assert legacy_labels([("a", "1,b=2")]) == {"a": "1", "b": "2"}
    assert legacy_labels([("a", "x=y"), ("b", "2")]) == {"": "", "b": "2"}


def test_0_2_0_endpoints_have_the_registrys_label() -> None:
    found = chain(
        service(old_to({}, {"networkservicename": "ns"}), version="v1alpha1"),
        cnf("c", client()),
        cnf("e", endpoint()),
    )
    assert joined(found) == ["c.tap0--e.memif0"]


def test_closest() -> None:
    known = [{"app": "nat44"}, {"app": "webserver"}, {"rolle": "x"}]
    assert closest({"app": "webservr"}, known) == 1
    assert closest({"role": "x"}, known) == 2
    assert closest({"zone": "1"}, known) is None
