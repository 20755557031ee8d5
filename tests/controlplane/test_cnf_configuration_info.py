# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""cnf_configuration_info on a real etcd and on a real API server."""

from __future__ import annotations

import json

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configurations import CNFConfigurations
from ansible_collections.pantheon.cnf.plugins.module_utils.store.epoch import check_epoch
from ansible_collections.pantheon.cnf.plugins.module_utils.store.record import RECORDS
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import ItemStatus, Reporter

from tests.controlplane.test_cnf_configuration import DOCUMENT, SECRET
from tests.controlplane.test_configurations import key_of
from tests.controlplane.test_kubernetes_configuration import told_of
from tests.support.cnfconfigurations import CONFIGURATION, configuration, route, with_crd
from tests.support.modules import run_module


def routes(name, *numbers):
    data = [{"outgoing_interface": "tap0", "dst_network": f"10.0.{at}.0/24", "gw_addr": "10.0.0.1"} for at in numbers]
    return {"name": name, "values": [{"microservice": "cnf", "kind": "linux.l3/route", "data": each} for each in data]}


@pytest.fixture
def put(store, shared_etcd):
    return lambda *given: run_module("etcd_configuration", endpoints=[shared_etcd.endpoint], configurations=list(given))


@pytest.fixture
def info(store, shared_etcd):
    return lambda **given: run_module("cnf_configuration_info", store="etcd", endpoints=[shared_etcd.endpoint], **given)


def test_an_empty_etcd(info):
    assert {name: value for name, value in info().items() if name != "invocation"} == {"changed": False, "configurations": {}, "unreadable": [], "others": []}


def test_what_is_stored_and_how_far_it_is(store, put, info):
    put(routes("default/a", 0, 1), routes("other/b", 2))
    found = info()["configurations"]
    assert set(found) == {"default/a", "other/b"}
    assert {name: found["default/a"][name] for name in ("generation", "applied", "reason", "drift")} == {
        "generation": 1,
        "applied": "Unknown",
        "reason": "NoAgent",
        "drift": [],
    }
    assert found["default/a"]["agents"] == {"cnf": None}
    agent = Reporter(store, "cnf", "host:cnf")
    agent.claim()
    revision = CNFConfigurations(store).read("default/a").record.revisions["cnf"]
    states = [
        ItemStatus("config/linux/l3/v2/route/10.0.0.0/24/tap0", "CONFIGURED"),
        ItemStatus("config/linux/l3/v2/route/10.0.1.0/24/tap0", "FAILED", "", "no"),
    ]
    agent.report(states, applied=revision, epoch=check_epoch(store, "cnf").id)
    one = info(names=["a"])["configurations"]["default/a"]
    assert (one["applied"], one["reason"], one["revision"]) == ("False", "Failed", revision)
    data = {"outgoing_interface": "tap0", "dst_network": "10.0.0.0/24", "gw_addr": "10.0.0.1"}
    named = {"microservice": "cnf", "module": "linux.l3", "type": "route", "version": "v2", "key": key_of(0), "data": data}
    assert one["items"][0] == {**named, "state": "CONFIGURED", "message": "", "drift": "", "applied": True}
    assert [(each["state"], each["message"], each["applied"]) for each in one["items"]] == [("CONFIGURED", "", True), ("FAILED", "no", False)]
    assert one["agents"]["cnf"]["agent"] == "host:cnf"
    put(routes("default/a", 0, 3))  # which the agent has not seen yet
    assert [each["applied"] for each in info(names=["a"])["configurations"]["default/a"]["items"]] == [False, False]
    assert set(info(namespace="other")["configurations"]) == {"other/b"}


def test_what_is_no_longer_as_it_was_written(store, put, info):
    put(routes("default/a", 0, 1, 2))
    store.put(key_of(0), b'{"dst_network": "10.0.0.0/24"}')
    store.delete(key_of(1))
    store.put(key_of(9), b"{}")
    store.put(RECORDS + "default/broken", b"nonsense")
    found = info()
    one = found["configurations"]["default/a"]
    assert [each["drift"] for each in one["items"]] == ["overwritten", "removed", ""]
    assert one["items"][0]["data"] == {"dst_network": "10.0.0.0/24"}
    assert one["drift"] == [f"{key_of(0)} was overwritten by somebody else", f"{key_of(1)} was removed by somebody else"]
    assert found["others"] == [key_of(9)]
    assert len(found["unreadable"]) == 1 and "default/broken" in found["unreadable"][0]


def test_no_secret_is_told(put, info):
    wireguard = {"private_key": SECRET, "port": 1234, "src_addr": "10.0.0.1"}
    value = {"microservice": "cnf", "kind": "vpp/interfaces", "data": {"name": "wg0", "type": "WIREGUARD_TUNNEL", "wireguard": wireguard}}
    put({"name": "default/wg", "values": [value]})
    told = info()
    assert told["configurations"]["default/wg"]["items"][0]["data"]["wireguard"]["port"] == 1234
    assert SECRET not in json.dumps(told)


@pytest.fixture
def client(cluster):
    with with_crd(cluster.kubeconfig) as made:
        yield made


def test_what_a_cluster_has(client, cluster):
    space = cluster.namespace("info")
    tunnel = configuration(space, "b")
    tunnel["spec"] = DOCUMENT["spec"]
    broken = configuration(space, "c", f"nosuch: {SECRET}")
    client.apply([configuration(space, "a", route(0), route(1)), tunnel, broken])

    def info(**given):
        return run_module("cnf_configuration_info", store="kubernetes", kubeconfig=cluster.kubeconfig, **given)["configurations"]

    found = info(namespace=space)
    assert set(found) == {f"{space}/{name}" for name in "abc"}
    assert SECRET not in json.dumps(found)
    one = found[f"{space}/a"]
    assert (one["applied"], one["reason"], one["drift"]) == ("Unknown", "NoController", ["generation 1 is stored, no controller has told of any"])
    assert [each["key"] for each in one["items"]] == [f"/vnf-agent/cnf/config/linux/l3/v2/route/10.0.{at}.0/24/tap0" for at in (0, 1)]
    assert found[f"{space}/c"]["items"][0]["state"] == "Unreadable"
    stored = client.get(CONFIGURATION, space, "a")
    items = [
        {"item": at + 1, "microservice": "cnf", "key": f"config/linux/l3/v2/route/10.0.{at}.0/24/tap0", "state": state}
        for at, state in enumerate(("CONFIGURED", "FAILED"))
    ]
    items[1]["message"] = "no such gateway"
    client.patch_status(CONFIGURATION, space, "a", told_of(stored, ("Applied", "False", "Failed", "one failed"), items=items))
    one = info(names=[f"{space}/a", f"{space}/never"])[f"{space}/a"]
    assert (one["applied"], one["message"], one["drift"]) == ("False", "one failed", [])
    said = [(each["state"], each["message"], each["applied"]) for each in one["items"]]
    assert said == [("CONFIGURED", "", True), ("FAILED", "no such gateway", False)]
    client.apply([configuration(space, "a", route(0), route(2))])
    one = info(names=[f"{space}/a"])[f"{space}/a"]
    assert (one["drift"], [each["state"] for each in one["items"]]) == (["generation 2 is stored, the controller has told of 1"], ["", ""])
