# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller as a process with its own rights, between a real API server and a real etcd: what becomes of CNFConfigurations."""

from __future__ import annotations

import json
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.store.epoch import check_epoch
from ansible_collections.pantheon.cnf.plugins.module_utils.store.record import RECORDS
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import ItemStatus, Reporter

from tests.controlplane.test_configurations import keys
from tests.support.controller import RESOURCE, Configurations, Controller, key_of, kubeconfig_of_controller, route, until
from tests.support.etcd import Etcd, open_store
from tests.support.playbooks import DEMO


@pytest.fixture(scope="module")
def etcd(tmp_path_factory):
    made = Etcd(tmp_path_factory.mktemp("controller-etcd")).start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def spaces(cluster):
    return [cluster.namespace("controller") for _each in range(2)]


@pytest.fixture(scope="module")
def controller(cluster, api, etcd, spaces, tmp_path_factory):
    kubeconfig = kubeconfig_of_controller(cluster, api, spaces[0], spaces)
    made = Controller(tmp_path_factory.mktemp("controller"), etcd, kubeconfig, namespaces=spaces, resync=3600)
    try:
        yield made.start().wait_ready()
        assert made.stop() == 0
    finally:
        made.kill()


@pytest.fixture
def store(etcd):
    with open_store(etcd.access()) as opened:
        yield opened


@pytest.fixture
def cnfs(controller, api, spaces, store):
    """CNFConfigurations of the first namespace, which is emptied afterwards."""
    yield from _emptied(Configurations(api, spaces[0]), store)


@pytest.fixture
def others(controller, api, spaces, store):
    yield from _emptied(Configurations(api, spaces[1]), store)


def _emptied(found, store):
    yield found
    found.drop(*found.names())
    until(lambda: not store.prefix(f"{RECORDS}kubernetes/{found.namespace}/").entries)


@pytest.mark.skipif(not DEMO.is_dir(), reason="the 2020 demo's manifests do not stand beside this checkout (../shared/demo)")
def test_the_demo_by_kubectl_unchanged(cluster, cnfs, store):
    for name in ("client", "cnf-nat44", "webserver"):
        # Its pods are refused where no controller makes service accounts.
        cluster.kubectl("apply", "-n", cnfs.namespace, "-f", str(DEMO / f"{name}.yaml"), check=False)
        cnfs.wait(name, "Delivered", "True")
    assert {key.replace("/config", "") for key in keys(store)} == {
        "/vnf-agent/client/cnf/nsm/v1/client/access-to-cnf-network",
        "/vnf-agent/client/linux/l3/v2/route/80.80.80.0/24/tap0",
        "/vnf-agent/cnf-nat44/cnf/nsm/v1/endpoint/cnf-nat-example",
        "/vnf-agent/cnf-nat44/cnf/nsm/v1/client/access-to-external-network",
        "/vnf-agent/cnf-nat44/vpp/nat/v2/nat44-interface/memif0",
        "/vnf-agent/cnf-nat44/vpp/nat/v2/nat44-interface/memif1",
        "/vnf-agent/cnf-nat44/vpp/nat/v2/nat44-pool/vrf/0/address/80.80.80.100-80.80.80.105",
        "/vnf-agent/webserver/cnf/nsm/v1/endpoint/cnf-nat-example",
    }
    shown = cluster.kubectl("get", "cnfcfg", "cnf-nat44", "-n", cnfs.namespace).splitlines()[1].split()
    assert shown[:6] == ["cnf-nat44", "cnf-nat44", "5", "True", "Unknown", "NoAgent"]


def test_nothing_but_the_status_is_written(cnfs):
    """No finalizer, no annotation, no field of the spec: a CNFConfiguration can be deleted while no controller runs."""
    cnfs.put("a", route("10.0.0.0/24"))
    cnfs.wait("a", "Delivered", "True")
    metadata = cnfs.get("a")["metadata"]
    assert "finalizers" not in metadata
    assert "annotations" not in metadata
    assert [each.get("subresource") for each in metadata["managedFields"] if each["manager"] != "pantheon.cnf"] == []
    assert [each["fieldsV1"].keys() for each in metadata["managedFields"] if each.get("subresource")] == [{"f:status": 0}.keys()]


def test_a_change_reaches_etcd_and_a_deletion_too(cnfs, store):
    cnfs.put("a", route("10.0.0.0/24"), route("10.0.1.0/24"))
    cnfs.wait("a", "Delivered", "True")
    assert set(keys(store)) == {key_of("10.0.0.0/24"), key_of("10.0.1.0/24")}
    cnfs.put("a", route("10.0.0.0/24", "10.0.0.2"))
    cnfs.wait("a", "Delivered", "True")
    assert keys(store) == {key_of("10.0.0.0/24"): {"outgoing_interface": "tap0", "dst_network": "10.0.0.0/24", "gw_addr": "10.0.0.2"}}
    cnfs.drop("a")
    until(lambda: not keys(store))


def test_one_that_is_renamed_is_delivered(cnfs, store):
    cnfs.put("a", route("10.0.0.0/24"))
    cnfs.wait("a", "Delivered", "True")
    cnfs.put("b", route("10.0.0.0/24"))
    cnfs.drop("a")
    cnfs.wait("b", "Delivered", "True")
    assert set(keys(store)) == {key_of("10.0.0.0/24")}


def test_a_bad_item_is_named_and_the_others_go_on(cnfs, store):
    cnfs.put("a", route("10.0.0.0/24"))
    cnfs.wait("a", "Delivered", "True")
    bad = {"module": "vpp.nat", "type": "nat44-pool", "data": "first_ip: 10.0.0.1\nlast_op: 10.0.0.2\n"}
    cnfs.put("a", route("10.0.5.0/24"), bad)
    cnfs.put("b", route("10.0.1.0/24"))
    told = cnfs.wait("a", "Accepted", "False", "InvalidItems")
    assert told.startswith("item 2 (vpp.nat/nat44-pool): unknown field last_op; did you mean last_ip?")
    cnfs.wait("b", "Delivered", "True")
    # What its last good generation delivered stays.
    assert set(keys(store)) == {key_of("10.0.0.0/24"), key_of("10.0.1.0/24")}
    status = cnfs.get("a")["status"]
    assert [(each["item"], each["state"]) for each in status["items"]] == [(2, "Rejected")]
    assert (status["status"], status["message"]) == ("Failure", told)
    assert cnfs.conditions("a")["Applied"] == ("False", "InvalidItems", told)
    cnfs.put("a", route("10.0.5.0/24"))
    cnfs.wait("a", "Delivered", "True")
    assert set(keys(store)) == {key_of("10.0.5.0/24"), key_of("10.0.1.0/24")}
    status = cnfs.get("a")["status"]
    assert (status["status"], status["message"]) == ("Success", "")


def test_a_new_object_of_an_old_name_keeps_nothing_of_it(cnfs, store):
    cnfs.put("a", route("10.0.0.0/24"))
    cnfs.wait("a", "Delivered", "True")
    cnfs.drop("a")
    cnfs.put("a", {**route("10.0.0.0/24"), "type": "rout"})
    assert "linux.l3 has no type rout; did you mean route?" in cnfs.wait("a", "Accepted", "False", "InvalidItems")
    until(lambda: not keys(store))


def test_two_that_want_one_key_are_both_told(cnfs, store):
    cnfs.put("first", route("10.0.0.0/24"))
    cnfs.wait("first", "Delivered", "True")
    cnfs.put("second", route("10.0.0.0/24", "10.0.0.9"), route("10.0.7.0/24"))
    told = cnfs.wait("second", "Accepted", "False", "KeyConflict")
    assert f"which is of CNFConfiguration {cnfs.namespace}/first" in told
    assert "cnf/config/linux/l3/v2/route/10.0.0.0/24/tap0" in told
    told = cnfs.wait("first", "Accepted", "True", "Contested")
    assert told.startswith(f"CNFConfiguration {cnfs.namespace}/second wants cnf/config/linux/l3/v2/route/10.0.0.0/24/tap0")
    assert keys(store)[key_of("10.0.0.0/24")]["gw_addr"] == "10.0.0.1"
    assert key_of("10.0.7.0/24") not in keys(store)
    cnfs.drop("first")
    cnfs.wait("second", "Delivered", "True")
    assert keys(store)[key_of("10.0.0.0/24")]["gw_addr"] == "10.0.0.9"
    cnfs.put("first", route("10.0.7.0/24"))
    cnfs.wait("first", "Accepted", "False", "KeyConflict")
    cnfs.put("second", route("10.0.0.0/24"))
    cnfs.wait("first", "Delivered", "True")
    cnfs.wait("second", "Accepted", "True", "Accepted")


def test_a_microservice_belongs_to_one_namespace(cnfs, others, store):
    cnfs.put("a", route("10.0.0.0/24"))
    cnfs.wait("a", "Delivered", "True")
    others.put("a", route("10.0.1.0/24"))
    others.put("b", route("10.0.1.0/24"), microservice="other")
    told = others.wait("a", "Accepted", "False", "MicroserviceConflict")
    assert told == f"microservice cnf belongs to namespace {cnfs.namespace}: give it another label"
    others.wait("b", "Delivered", "True")
    assert set(keys(store)) == {key_of("10.0.0.0/24"), key_of("10.0.1.0/24", "other")}
    cnfs.drop("a")
    others.wait("a", "Delivered", "True")


def test_a_key_that_somebody_else_wrote_is_never_touched(cnfs, store):
    store.put(key_of("10.0.0.0/24"), b'{"theirs": true}')
    try:
        cnfs.put("a", route("10.0.0.0/24"))
        assert "which nobody that is known has written" in cnfs.wait("a", "Accepted", "False", "KeyConflict")
        cnfs.put("b", route("10.0.1.0/24"))
        cnfs.wait("b", "Delivered", "True")
        store.put(key_of("10.0.1.0/24"), b'{"theirs": true}')
        cnfs.drop("a", "b")
        until(lambda: not store.prefix(f"{RECORDS}kubernetes/{cnfs.namespace}/").entries)
        assert keys(store) == {key_of("10.0.0.0/24"): {"theirs": True}, key_of("10.0.1.0/24"): {"theirs": True}}
    finally:
        store.delete(key_of("10.0.0.0/24"))
        store.delete(key_of("10.0.1.0/24"))


def test_applied_is_what_the_agent_under_its_lease_has_reached(cnfs, store):
    cnfs.put("a", route("10.0.0.0/24"))
    cnfs.wait("a", "Applied", "Unknown", "NoAgent")
    state = ItemStatus("config/linux/l3/v2/route/10.0.0.0/24/tap0", "CONFIGURED", "CREATE")
    agent = Reporter(store, "cnf", "host:cnf")
    agent.claim()
    cnfs.wait("a", "Applied", "Unknown", "StoreLost")
    epoch, revision = check_epoch(store, "cnf").id, cnfs.get("a")["status"]["revision"]
    agent.report([], applied=revision - 1, epoch=epoch)
    cnfs.wait("a", "Applied", "False", "Waiting")
    agent.report([state._replace(state="PENDING", details=("outgoing-interface-is-up",))], applied=revision, epoch=epoch)
    assert "waits for outgoing-interface-is-up" in cnfs.wait("a", "Applied", "False", "Pending")
    agent.report([state], applied=revision, epoch=epoch)
    cnfs.wait("a", "Applied", "True")
    assert [(each["state"], each["key"]) for each in cnfs.get("a")["status"]["items"]] == [("CONFIGURED", state.key)]
    # A new generation is not applied because the old one was.
    cnfs.put("a", route("10.0.0.0/24", "10.0.0.2"))
    cnfs.wait("a", "Applied", "False", "Waiting")
    agent.report([state], applied=cnfs.get("a")["status"]["revision"])
    cnfs.wait("a", "Applied", "True")
    agent.resign()
    cnfs.wait("a", "Applied", "Unknown", "NoAgent")


def test_a_status_is_written_only_when_it_is_another(cnfs, controller, store):
    cnfs.put("a", route("10.0.0.0/24"))
    cnfs.wait("a", "Applied", "Unknown", "NoAgent")
    before, told = cnfs.get("a")["metadata"]["resourceVersion"], controller.metric("statuses_told_total")
    with Reporting(store, "nobody"):
        cnfs.put("b", route("10.0.1.0/24"))
        cnfs.wait("b", "Applied", "Unknown", "NoAgent")
    time.sleep(0.5)
    assert cnfs.get("a")["metadata"]["resourceVersion"] == before
    assert controller.metric("statuses_told_total") - told <= 2


def test_a_status_that_somebody_else_wrote_is_put_right(cnfs):
    cnfs.put("a", route("10.0.0.0/24"))
    cnfs.wait("a", "Applied", "Unknown", "NoAgent")
    cnfs.api.patch_status(RESOURCE, cnfs.namespace, "a", {"status": "Failure", "conditions": []})
    cnfs.wait("a", "Applied", "Unknown", "NoAgent")
    assert cnfs.get("a")["status"]["status"] == "Success"


class Reporting:
    """An agent that says something of a microservice that nothing is wanted of."""

    def __init__(self, store, microservice):
        self.agent = Reporter(store, microservice, "host")

    def __enter__(self):
        self.agent.claim()

    def __exit__(self, *_error):
        self.agent.resign()


def test_400_kilobytes(cnfs, store):
    items = [route(f"10.{at // 250}.{at % 250}.0/24", "10.255.255.254", name=f"a route to network number {at}") for at in range(2300)]
    made = cnfs.put("large", *items)
    assert len(json.dumps(made["spec"])) > 400_000
    cnfs.wait("large", "Delivered", "True")
    assert len(keys(store)) == 2300
    status = cnfs.get("large")["status"]
    assert (status["itemCount"], len(status["items"])) == (2300, 200)
    cnfs.put("large", {**route("10.0.0.0/24"), "data": f"dst_network: 10.0.0.0/24\noutgoing_interface: tap0\n#{'x' * 400_000}"})
    cnfs.wait("large", "Delivered", "True")
    assert set(keys(store)) == {key_of("10.0.0.0/24")}


def test_health_and_metrics(cnfs, controller):
    cnfs.put("a", route("10.0.0.0/24"))
    cnfs.wait("a", "Applied", "Unknown")
    assert controller.ask("/healthz")[0] == 200
    code, told = controller.ask("/readyz")
    assert (code, json.loads(told)) == (200, {"leading": True, "leader": "", "watching": True, "trouble": ""})
    shown = controller.ask("/metrics")[1]
    assert 'pantheon_cnf_controller_conditions{type="Accepted",status="True"} 1\n' in shown
    assert controller.metric("configurations") == 1


def test_its_account_may_do_no_more_than_it_does(cluster, controller, spaces):
    """What its rights are, asked of the API server as the account itself."""
    account = f"system:serviceaccount:{spaces[0]}:cnf-controller"

    def may(*arguments, namespace=spaces[0]):
        return cluster.kubectl("auth", "can-i", *arguments, "-n", namespace, "--as", account, check=False).stdout.strip() == "yes"

    assert may("list", "cnfconfigurations.pantheon.tech")
    assert may("patch", "cnfconfigurations.pantheon.tech", "--subresource=status")
    denied = cluster.kubectl("auth", "can-i", "--list", "-n", spaces[0], "--as", account)
    granted = [line.split()[0] for line in denied.splitlines()[1:] if line.split()[0].endswith("pantheon.tech") or "/" not in line.split()[0]]
    assert not {"secrets", "pods", "customresourcedefinitions.apiextensions.k8s.io", "configmaps"} & set(granted)
    assert not may("patch", "cnfconfigurations.pantheon.tech")
    assert not may("list", "cnfconfigurations.pantheon.tech", namespace="default")
