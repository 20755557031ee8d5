# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.lint import cycles

from .world import chain, client, cnf, codes, endpoint, item, old_to, service, to

A, B = {"app": "client"}, {"app": "nat44"}


def pair(*more, source=None, destination=None, client_labels=None, endpoint_labels=None, version: str = "v1"):
    """A client and an endpoint, and what a test adds."""
    source, client_labels = A if source is None else source, A if client_labels is None else client_labels
    destination, endpoint_labels = B if destination is None else destination, B if endpoint_labels is None else endpoint_labels
    match = to(source, destination) if version == "v1" else old_to(source, destination)
    return chain(
        service(match, version=version),
        cnf("c", client(labels=client_labels)),
        cnf("e", endpoint(labels=endpoint_labels)),
        *more,
    )


def test_nothing_to_say() -> None:
    assert pair().findings == []


# --- selectors, services, endpoints ---


@pytest.mark.parametrize("version", ["v1", "v1alpha1"])
def test_a_mistyped_source_selector(version) -> None:
    found = pair(source={"app": "clinet"}, version=version)
    assert sorted(codes(found, "error")) == ["no-endpoint", "selector-unmatched"]
    both = "\n".join(found.errors)
    assert "client 'tap0' of CNF c" in both
    assert "no source selector fits its labels app=client; nearest is match 1 (app=clinet)" in both
    assert "match 1: no client has app=clinet (nearest is client 'tap0' of CNF c" in both
    assert codes(found, "warning") == ["endpoint-unreachable"]


@pytest.mark.parametrize("version", ["v1", "v1alpha1"])
def test_a_mistyped_destination_selector(version) -> None:
    found = pair(destination={"app": "nat4"}, version=version)
    assert sorted(codes(found, "error")) == ["no-endpoint", "selector-unmatched"]
    both = "\n".join(found.errors)
    assert "match 1 fits, but no endpoint has app=nat4; nearest is endpoint 'ns' of CNF e" in both
    assert "match 1, route 1: no endpoint has app=nat4 (nearest is endpoint 'ns' of CNF e" in both
    assert both.count("with app=nat44") == 2


def test_a_mistyped_label_key() -> None:
    assert "nearest is endpoint 'ns' of CNF e" in pair(endpoint_labels={"ap": "nat44"}).errors[0]


def test_a_match_without_routes_leads_nowhere() -> None:
    found = chain(service({"source_selector": A}), cnf("c", client(labels=A)), cnf("e", endpoint()))
    assert "match 1 fits but has no routes" in found.errors[0]


def test_a_selector_that_may_fail_is_a_warning() -> None:
    found = chain(
        service(to(A, {"app": "other"}, fallthrough=True), to({}, B)),
        cnf("c", client(labels=A)),
        cnf("e", endpoint(labels=B)),
    )
    assert codes(found, "error") == [] and codes(found, "warning") == ["selector-unmatched"]


def test_a_template_is_dangling_only_when_it_fits_no_client() -> None:
    zones = [cnf(f"c{i}", client(labels={"zone": str(i)})) for i in range(3)]
    found = chain(service(to({}, {"zone": "{{.zone}}"}), to({"x": "y"}, {})), *zones, cnf("e", endpoint(labels={"zone": "2"})))
    assert codes(found, "error") == ["no-endpoint", "no-endpoint", "selector-unmatched"]
    assert "match 2: no client has x=y" in found.errors[2]


def test_a_service_nobody_offers() -> None:
    found = chain(service(name="nat44-chain"), cnf("c", client(service="nat44-chian")), cnf("e", endpoint(service="nat44-chain")))
    assert codes(found, "error") == ["service-not-offered"]
    assert found.errors[0].endswith("wants network service 'nat44-chian', which nobody offers (did you mean 'nat44-chain'?)")
    assert codes(found, "warning") == ["endpoint-unreachable"]
    assert "no client wants its service" in found.warnings[0]


def test_a_service_nobody_knows_of() -> None:
    found = pair(service(name="left-over"))
    assert codes(found, "warning") == ["service-unused"] and "NetworkService left-over" in found.warnings[0]


def test_a_service_without_a_document() -> None:
    found = chain(cnf("c", client()), cnf("e", endpoint()))
    assert codes(found, "warning") == ["service-undeclared"] and len(found.links) == 1


def test_an_endpoint_nobody_reaches() -> None:
    found = pair(cnf("spare", endpoint(labels={"app": "spare"})))
    assert codes(found, "warning") == ["endpoint-unreachable"]
    assert found.warnings[0] == "endpoint 'ns' of CNF spare (" + found.warnings[0].split("(")[1].split(")")[0] + (
        ") is reached by nobody: no client's matches lead to its labels app=spare"
    )


def test_two_clients_of_a_single_client_endpoint() -> None:
    found = chain(service(), cnf("c0", client()), cnf("c1", client()), cnf("e", endpoint(single_client=True)))
    assert codes(found, "error") == ["single-client"]
    assert "client 'tap0' of CNF c1" in found.errors[0] and "has client 'tap0' of CNF c0" in found.errors[0]


@pytest.mark.parametrize(("version", "codes_"), [("v1", ["error"]), ("v1alpha1", ["warning"])])
def test_an_unknown_payload(version, codes_) -> None:
    found = chain(service(version=version, payload="ETHERNT"), cnf("c", client()), cnf("e", endpoint()))
    assert [finding.severity for finding in found.findings] == codes_
    assert found.findings[0].code == "unknown-payload" and "did you mean 'ETHERNET'?" in found.findings[0].hint


# --- loops ---


def test_a_cnf_that_is_its_own_endpoint() -> None:
    found = chain(service(), cnf("nat", endpoint(labels=B), client("memif9", labels=B)))
    assert codes(found, "error") == ["loop"]
    assert "'ns' make a loop: nat -> nat" in found.errors[0]


def test_a_loop_in_a_service() -> None:
    found = chain(
        service(to({"at": "1"}, {"at": "2"}), to({"at": "2"}, {"at": "3"}), to({"at": "3"}, {"at": "1"})),
        *(cnf(f"n{i}", endpoint("in", labels={"at": str(i)}), client("out", labels={"at": str(i)})) for i in (1, 2, 3)),
    )
    assert codes(found, "error") == ["loop"] and "n1 -> n2 -> n3 -> n1" in found.errors[0]


def test_a_loop_over_services_is_a_warning() -> None:
    found = chain(
        service(name="x"),
        service(name="y"),
        cnf("a", client("t0", service="x"), endpoint("m", service="y")),
        cnf("b", client("t0", service="y"), endpoint("m", service="x")),
    )
    assert codes(found, "error") == [] and codes(found, "warning") == ["loop"]
    assert "a -> b -> a" in found.warnings[0]


def test_cycles() -> None:
    assert cycles({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}) == []
    assert cycles({"a": ["b"], "b": ["c"], "c": ["b", "a"]}) == [["b", "c"], ["a", "b", "c"]]
    line = {str(i): [str(i + 1)] for i in range(20000)}  # deeper than Python's stack
    assert cycles(line) == []
    assert len(cycles({**line, "20000": ["0"]})[0]) == 20001


# --- items and interfaces ---


def test_two_items_with_one_key() -> None:
    found = pair(cnf("e", endpoint("other", labels=B), title="e-again"))
    assert codes(found, "error") == ["duplicate-item"]
    assert "config/cnf/nsm/v1/endpoint/ns is there a second time" in found.errors[0] and "one endpoint per network service" in found.errors[0]


def test_two_documents_of_one_name() -> None:
    found = pair(cnf("c", item("vpp.nat", "nat44-interface", name="x", nat_inside=True)))
    assert codes(found, "error") == ["duplicate-configuration"]
    assert codes(pair(cnf("c", item("vpp", "route", dst_network="10.9.0.0/16", type="DROP"), title="more-of-c")), "error") == []


def test_two_namespaces_claim_a_cnf() -> None:
    found = pair(cnf("c", item("vpp.nat", "nat44-interface", name="x", nat_inside=True), namespace="tenant"))
    assert codes(found, "error") == ["cnf-claimed-twice"]
    assert "CNF c is configured from the namespaces default" in found.errors[0] and "and tenant" in found.errors[0]


def test_one_service_twice() -> None:
    assert codes(pair(service(to(A, B))), "error") == ["duplicate-service"]
    found = pair(service(to(A, {"app": "x"}), namespace="a-namespace"))
    # NSM takes the first in the order of namespaces, and so its selectors.
    assert codes(found, "warning")[0] == "duplicate-service" and "takes the one in a-namespace" in found.warnings[0]
    assert "no endpoint has app=x" in "\n".join(found.errors)


def test_interface_names_that_clash() -> None:
    found = chain(
        service(name="x"),
        service(name="y"),
        cnf("c", client("t0", service="x"), client("t1", service="y")),
        cnf("e", endpoint("memif", service="x"), endpoint("memif", service="y")),
    )
    assert codes(found, "error") == ["interface-name-clash"]
    assert "CNF e" in found.errors[0] and "two interfaces are named 'memif0'" in found.errors[0] and "interface_name_prefix" in found.errors[0]


def test_a_connection_and_an_item_of_one_name() -> None:
    found = pair(cnf("c", item("linux.interfaces", "interface", name="tap0", type="EXISTING"), title="more"))
    assert codes(found, "error") == ["interface-name-clash"]


def test_two_interface_items_of_one_name_are_said_once() -> None:
    again = item("linux.interfaces", "interface", name="veth", type="EXISTING")
    assert codes(pair(cnf("c", again, again, title="more")), "error") == ["duplicate-item"]


def test_a_name_in_the_kernel_and_in_vpp_is_a_warning() -> None:
    found = pair(cnf("c", item("vpp", "interfaces", name="tap0", type="SOFTWARE_LOOPBACK"), title="more"))
    assert codes(found, "error") == [] and codes(found, "warning") == ["interface-name-clash"]


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("a" * 15, "KERNEL_INTERFACE", None),
        ("a" * 16, "KERNEL_INTERFACE", "interface-invalid"),
        ("é" * 8, "KERNEL_INTERFACE", "interface-invalid"),
        ("a" * 16, "DEFAULT_INTERFACE", "interface-invalid"),
        ("a" * 15, "MEM_INTERFACE", None),
        ("a" * 16, "MEM_INTERFACE", "interface-name-too-long"),
        ("a" * 63, "MEM_INTERFACE", "interface-name-too-long"),
        ("a" * 64, "MEM_INTERFACE", "interface-invalid"),
    ],
)
def test_interface_names_that_are_too_long(name, kind, code) -> None:
    found = chain(service(), cnf("c", client(name, interface_type=kind)), cnf("e", endpoint()))
    if code is None:
        assert found.findings == []
        return
    assert found.findings[0].code == code and found.findings[0].severity == ("warning" if code == "interface-name-too-long" else "error")
    assert "CNF c (object 2" in found.findings[0].text and name in found.findings[0].text


def test_an_item_with_a_long_name_is_not_lints_business() -> None:
    with pytest.raises(CnfError, match="longer than the 15 bytes"):
        pair(cnf("x", item("linux.interfaces", "interface", name="a" * 16, type="EXISTING")))
    assert pair(cnf("x", item("vpp", "interfaces", name="a" * 16, type="SOFTWARE_LOOPBACK"))).findings == []


def address(name: str, *addresses: str, **more):
    return item("linux.interfaces", "interface", name=name, type="EXISTING", ip_addresses=list(addresses), **more)


@pytest.mark.parametrize(
    ("interfaces", "overlap"),
    [
        ([address("a", "10.0.0.1/24"), address("b", "10.0.1.1/24")], []),
        ([address("a", "10.0.0.1/24", "10.0.0.2/24")], []),
        ([address("a", "10.0.0.1/24"), address("b", "10.0.0.2/24")], ["10.0.0.0/24 on 'b' overlaps 10.0.0.0/24 on 'a'"]),
        (
            [address("a", "10.0.0.1/16"), address("x", "10.0.1.1/24"), address("b", "10.0.9.2/32")],
            ["on 'x' overlaps", "10.0.9.2/32 on 'b' overlaps 10.0.0.0/16"],
        ),
        ([address("a", "2001:db8::1/64"), address("b", "2001:db8::2/64")], ["2001:db8::/64 on 'b' overlaps"]),
        ([address("a", "fe80::1/64"), address("b", "fe80::2/64")], []),
        ([address("a", "10.0.0.1/24"), address("b", "10.0.0.2/24", vrf_master_interface="a")], []),
    ],
)
def test_overlapping_subnets(interfaces, overlap) -> None:
    found = pair(cnf("x", *interfaces))
    assert codes(found, "error") == ["subnet-overlap"] * len(overlap)
    for text, expected in zip(found.errors, overlap):
        assert expected in text and "CNF x" in text


def test_subnets_of_connections_overlap_too() -> None:
    found = chain(
        service(to(A, B), to(B, {"app": "web"})),
        cnf("c", client(labels=A)),
        cnf("nat", endpoint(labels=B, single_client=True, ip_addresses=["10.0.0.1/24"]), client("memif1", labels=B, ip_addresses=["10.0.0.2/24"])),
        cnf("web", endpoint(labels={"app": "web"})),
    )
    assert codes(found, "error") == ["subnet-overlap"]


def test_the_two_ends_of_a_link() -> None:
    def ends(first: str, second: str):
        return chain(service(), cnf("c", client(ip_addresses=[first])), cnf("e", endpoint(single_client=True, ip_addresses=[second])))

    assert ends("10.0.0.1/24", "10.0.0.2/24").findings == []
    assert codes(ends("10.0.0.1/24", "10.0.0.1/24"), "error") == ["address-twice"]
    found = ends("10.0.0.1/24", "10.0.1.1/24")
    assert codes(found, "warning") == ["subnet-mismatch"] and "c.tap0--e.memif0" in found.warnings[0]


# --- settings that do not do what they look like ---


def test_addresses_of_an_endpoint_for_many() -> None:
    found = chain(service(), cnf("c", client()), cnf("e", endpoint(ip_addresses=["10.0.0.1/24"], phys_address="02:00:00:00:00:01")))
    assert codes(found, "warning") == ["addresses-ignored"]
    assert "ip_addresses and phys_address are only applied with single_client: true" in found.warnings[0]
    assert "ip_addresses" not in found.links[0].ends[1].value.data


def test_labels_that_0_2_0_cannot_carry() -> None:
    labels = {"app": "client", "list": "a,b"}
    assert "label-separator" in codes(pair(client_labels=labels, version="v1alpha1"), "warning")
    assert codes(pair(client_labels=labels), "warning") == []


def test_a_label_twice() -> None:
    twice = [{"key": "app", "value": "x"}, {"key": "app", "value": "client"}]
    found = chain(service(to(A, {})), cnf("c", client(outgoing_labels=twice)), cnf("e", endpoint()))
    assert codes(found, "warning") == ["label-twice"] and len(found.links) == 1


def test_a_template_of_what_only_nsm_knows() -> None:
    found = chain(service(to({}, {"node": "{{.nodeName}}"})), cnf("c", client()), cnf("e", endpoint(labels={"node": "<no value>"})))
    assert codes(found, "warning") == ["template-from-environment"] and "'nodeName'" in found.warnings[0]
    found = chain(service(to({}, {"node": "{{.nodeName}}"})), cnf("c", client(labels={"nodeName": "n1"})), cnf("e", endpoint(labels={"node": "n1"})))
    assert found.findings == []
