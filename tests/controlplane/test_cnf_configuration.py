# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""cnf_configuration on a real etcd: as a task in a playbook, and its module by itself."""

from __future__ import annotations

import json
import threading
import time

import pytest
import yaml
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configurations import CNFConfigurations
from ansible_collections.pantheon.cnf.plugins.module_utils.store.epoch import check_epoch
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import ItemStatus, Reporter

from tests.controlplane.test_configurations import key_of, keys
from tests.support.etcd import open_store
from tests.support.modules import ModuleFailed, run_module
from tests.support.playbooks import play

SECRET = "Zm9yIHRlc3RzIG9ubHksIG5vdCBhIHJlYWwga2V5ISE="
PEER = "cHVibGljIGtleSBvZiBhIHBlZXIsIG5vdCByZWFsISE="


def value(at, gateway="10.0.0.1"):
    data = {"outgoing_interface": "tap0", "dst_network": f"10.0.{at}.0/24", "gw_addr": gateway}
    return {"microservice": "cnf", "kind": "linux.l3/route", "data": data}


def configuration(name, *values):
    return {"name": name, "values": list(values)}


@pytest.fixture
def run(store, shared_etcd):
    return lambda **arguments: run_module("etcd_configuration", endpoints=[shared_etcd.endpoint], **arguments)


def test_one_is_made_changed_and_removed(store, run):
    given = [configuration("a", value(0), value(1))]
    told = run(configurations=given, check=True)
    assert keys(store) == {}
    done = run(configurations=given)
    assert (told["changed"], told["after"]) == (done["changed"], done["after"]) == (True, done["diff"]["after"])
    assert set(keys(store)) == {key_of(0), key_of(1)}
    assert done["after"]["a"][0] == {"microservice": "cnf", "module": "linux.l3", "type": "route", "version": "v2", "data": keys(store)[key_of(0)]}
    assert done["configurations"]["a"] == {"changed": True, "generation": 1, "revision": store.get(key_of(0))[1].revision, "left": []}
    again = run(configurations=given)
    assert (again["changed"], again["before"]) == (False, done["after"])
    assert run(configurations=[configuration("a", value(0, "10.0.0.2"))])["configurations"]["a"]["generation"] == 2
    gone = run(absent=["a", "never"])
    assert (gone["changed"], gone["after"]) == (True, {})
    assert keys(store) == {}
    assert not run(absent=["a"])["changed"]


def test_nothing_is_written_when_one_of_many_is_wrong(store, run):
    store.put(key_of(5), b"{}")
    with pytest.raises(ModuleFailed, match=f"configuration b: {key_of(5)} was written by somebody else") as caught:
        run(configurations=[configuration("a", value(0)), configuration("b", value(5)), configuration("c", value(1))])
    assert caught.value.result["conflicts"] == [{"key": key_of(5), "owner": ""}]
    assert caught.value.result["configurations"] == ["b"]
    assert set(keys(store)) == {key_of(5)}
    assert run(configurations=[configuration("b", value(5))], take_over=True)["changed"]


def test_a_key_that_somebody_wrote_over_stays_with_a_warning(store, run):
    run(configurations=[configuration("a", value(0), value(1))])
    store.put(key_of(0), b"{}")
    gone = run(absent=["a"])
    assert gone["configurations"]["a"]["left"] == [key_of(0)]
    assert key_of(0) in json.dumps(gone["warnings"])
    assert set(keys(store)) == {key_of(0)}


def test_it_waits_until_it_is_applied(store, run, shared_etcd):
    with open_store(shared_etcd.access()) as mine:
        agent = Reporter(mine, "cnf", "host:cnf")
        agent.claim()

        def work():
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                stored = CNFConfigurations(mine).read("a")
                if stored:
                    items = [ItemStatus("config/linux/l3/v2/route/10.0.0.0/24/tap0", "CONFIGURED", "CREATE")]
                    agent.report(items, applied=stored.record.revisions["cnf"], epoch=check_epoch(mine, "cnf").id)
                    return
                time.sleep(0.1)

        thread = threading.Thread(target=work)
        thread.start()
        done = run(configurations=[configuration("a", value(0))], wait=True, wait_timeout=15)
        thread.join()
        told = done["applied"]["a"]
        assert (told["applied"], told["reason"], told["items"][0]["state"], told["items"][0]["key"]) == ("True", "Applied", "CONFIGURED", key_of(0))
        agent.report([ItemStatus("config/linux/l3/v2/route/10.0.0.0/24/tap0", "FAILED", "CREATE", "no such gateway")], applied=agent.status.applied)
        with pytest.raises(ModuleFailed, match="written, but not applied in 1 s: a: Failed: config/.*: FAILED no such gateway") as caught:
            run(configurations=[configuration("a", value(0))], wait=True, wait_timeout=1)
        assert caught.value.result["applied"]["a"]["items"][0]["error"] == "no such gateway"
        with pytest.raises(ModuleFailed, match="not applied in 1 s: a: Waiting: the agent of cnf has applied revision"):
            run(absent=["a"], wait=True, wait_timeout=1)
        run(configurations=[configuration("a", value(0))])
        agent.resign()
        gone = run(absent=["a"], wait=True, wait_timeout=1)
        assert gone["changed"] and gone["applied"]["a"]["reason"] == "NoAgent", "nobody follows, nobody is waited for"


def test_what_is_wrong_is_said(store, run):
    with pytest.raises(ModuleFailed, match="configuration a is there twice"):
        run(configurations=[configuration("a")], absent=["a"])
    with pytest.raises(ModuleFailed, match="no.such/kind is no kind"):
        run(configurations=[configuration("a", {"microservice": "cnf", "kind": "no.such/kind", "data": {}})])
    with pytest.raises(ModuleFailed, match="without TLS everybody on the way can read the password of user me") as caught:
        run(absent=["a"], user="me", password="s3cret-s3cret")
    assert "s3cret-s3cret" not in json.dumps(caught.value.result)


def test_an_etcd_conf_says_where(store, shared_etcd, tmp_path):
    path = tmp_path / "etcd.conf"
    path.write_text(f"insecure-transport: true\nendpoints: ['{shared_etcd.endpoint}']\n")
    assert run_module("etcd_configuration", etcd_conf=str(path), configurations=[configuration("a", value(0))])["changed"]
    assert set(keys(store)) == {key_of(0)}


DOCUMENT = {
    "apiVersion": "pantheon.tech/v1",
    "kind": "CNFConfiguration",
    "metadata": {"name": "routes"},
    "spec": {
        "microservice": "cnf",
        "configItems": [
            {"module": "linux.l3", "type": "route", "data": "outgoing_interface: tap0\ndst_network: 10.0.0.0/24\n"},
            {
                "module": "vpp",
                "type": "interfaces",
                "data": f"name: wg0\ntype: WIREGUARD_TUNNEL\nenabled: true\nwireguard: {{private_key: {SECRET}, port: 1234, src_addr: 10.0.0.1}}\n",
            },
        ],
    },
}


def playbook(path, *tasks):
    path.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": list(tasks)}]))
    return str(path)


def test_documents_in_a_playbook(store, shared_etcd, tmp_path):
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "routes.yaml").write_text(yaml.safe_dump(DOCUMENT))
    common = {"store": "etcd", "endpoints": [shared_etcd.endpoint]}
    task = {"pantheon.cnf.cnf_configuration": {**common, "documents": ["documents"]}, "register": "done"}
    same = {"ansible.builtin.assert": {"that": ["not done.changed", "'default/routes' in done.after"]}}
    made = play(playbook(tmp_path / "make.yml", task), "-vvv", "--diff", tmp=tmp_path)
    assert made.changed == 1
    assert SECRET not in made.output
    found = keys(store)
    assert set(found) == {"/vnf-agent/cnf/config/linux/l3/v2/route/10.0.0.0/24/tap0", "/vnf-agent/cnf/config/vpp/v2/interfaces/wg0"}
    assert found["/vnf-agent/cnf/config/vpp/v2/interfaces/wg0"]["wireguard"]["private_key"] == SECRET
    assert play(playbook(tmp_path / "same.yml", task, same), tmp=tmp_path).changed == 0
    objects = {"pantheon.cnf.cnf_configuration": {**common, "objects": [DOCUMENT, {**DOCUMENT, "metadata": {"name": "routes"}}]}}
    twice = play(playbook(tmp_path / "twice.yml", objects), tmp=tmp_path, check=False)
    assert twice.returncode and "default/routes is there twice" in twice.output.replace("\n", " ")
    (tmp_path / "documents" / "routes.yaml").write_text(yaml.safe_dump({**DOCUMENT, "metadata": {"name": "renamed"}}))
    there = store.prefix("/vnf-agent/").entries
    task["pantheon.cnf.cnf_configuration"]["absent"] = ["routes"]
    assert play(playbook(tmp_path / "renamed.yml", task), tmp=tmp_path).changed == 1
    assert store.prefix("/vnf-agent/").entries == there, "who reads the keys sees nothing of it"
    both = {"pantheon.cnf.cnf_configuration": {**common, "names": ["renamed"], "absent": ["routes"], "state": "absent"}}
    refused = play(playbook(tmp_path / "both.yml", both), tmp=tmp_path, check=False)
    assert refused.returncode and "what to remove is given as names" in refused.output.replace("\n", " ")
    assert store.prefix("/vnf-agent/").entries == there
    gone = {"pantheon.cnf.cnf_configuration": {**common, "names": ["renamed"], "state": "absent"}}
    assert play(playbook(tmp_path / "gone.yml", gone), tmp=tmp_path).changed == 1
    assert keys(store) == {}
