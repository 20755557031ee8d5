# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""cnf_configuration on a real API server: as a task in a playbook, and its module by itself."""

from __future__ import annotations

import json
import time

import pytest
import yaml
from ansible_collections.pantheon.cnf.plugins.module_utils.store.crd import CRD_NAME

from tests.controlplane.test_cnf_configuration import DOCUMENT, SECRET, playbook
from tests.support.cnfconfigurations import CONFIGURATION, condition, configuration, route, told, with_crd
from tests.support.modules import ModuleFailed, run_module
from tests.support.playbooks import DEMO, play

CNF = "pantheon.cnf.cnf_configuration"


@pytest.fixture(scope="module")
def client(cluster):
    with with_crd(cluster.kubeconfig) as made:
        yield made


@pytest.fixture
def space(cluster):
    return cluster.namespace("module")


@pytest.fixture
def run(client, cluster):
    return lambda **arguments: run_module("kubernetes_configuration", **{"kubeconfig": cluster.kubeconfig, **arguments})


def names(client, space):
    return [each["metadata"]["name"] for each in client.list(CONFIGURATION, space)]


def test_one_is_made_changed_and_removed(run, client, space):
    given = [configuration(space, "a", route(0), route(1)), configuration(space, "b", route(2))]
    predicted = run(objects=given, check=True)
    assert names(client, space) == []
    done = run(objects=given)
    assert (predicted["changed"], predicted["after"]) == (done["changed"], done["after"]) == (True, done["diff"]["after"])
    data = {"outgoing_interface": "tap0", "scope": "GLOBAL", "dst_network": "10.0.0.0/24", "gw_addr": "10.0.0.1"}
    assert done["after"][f"{space}/a"][0] == {"microservice": "cnf", "module": "linux.l3", "type": "route", "version": "v2", "data": data}
    assert done["configurations"] == {f"{space}/{name}": {"changed": True, "generation": 1} for name in "ab"}
    again = run(objects=given)
    assert (again["changed"], again["before"], again["after"]) == (False, done["after"], done["after"])
    given[0] = configuration(space, "a", route(0), route(1, "10.0.0.2"))
    changed = run(objects=given)
    assert changed["configurations"] == {f"{space}/a": {"changed": True, "generation": 2}, f"{space}/b": {"changed": False, "generation": 1}}
    assert [item["data"]["gw_addr"] for item in changed["after"][f"{space}/a"]] == ["10.0.0.1", "10.0.0.2"]
    assert run(absent=[f"{space}/a", f"{space}/never"], check=True)["after"] == {}
    gone = run(absent=[f"{space}/a", f"{space}/never"], wait=True)
    assert (gone["changed"], gone["after"], names(client, space)) == (True, {}, ["b"])
    assert not run(absent=[f"{space}/a"])["changed"]


def test_the_same_in_another_layout_is_not_written(run, client, space):
    run(objects=[configuration(space, "a", route(0))])
    before = client.get(CONFIGURATION, space, "a")["metadata"]["resourceVersion"]
    laid_out = json.dumps({"gw_addr": "10.0.0.1", "dst_network": "10.0.0.0/24", "scope": "GLOBAL", "outgoing_interface": "tap0"}, indent=4)
    done = run(objects=[configuration(space, "a", laid_out)])
    assert (done["changed"], done["before"]) == (False, done["after"])
    assert client.get(CONFIGURATION, space, "a")["metadata"]["resourceVersion"] == before


def test_labels_are_ours_to_set_and_to_take_away(run, client, space):
    client.apply([configuration(space, "a", labels={"theirs": "x"})], field_manager="somebody")
    with pytest.raises(ModuleFailed, match=".spec.configItems is somebody.s") as caught:
        run(objects=[configuration(space, "a", route(1), labels={"ours": "y"})])
    assert caught.value.result["conflicts"] == [{"manager": "somebody", "field": ".spec.configItems"}]
    labelled = configuration(space, "a", route(1), labels={"ours": "y"})
    assert run(objects=[labelled], force_conflicts=True)["after"][f"{space}/a"][1] == {"labels": {"ours": "y"}}
    assert not run(objects=[labelled])["changed"]
    assert run(objects=[configuration(space, "a", route(1))])["changed"]
    assert client.get(CONFIGURATION, space, "a")["metadata"]["labels"] == {"theirs": "x"}


def test_nothing_is_written_when_one_of_many_is_wrong(run, client, space, cluster):
    bad = configuration(space, "b", labels={"is": "no label"})
    with pytest.raises(ModuleFailed, match="metadata.labels: Invalid value.*Nothing was written") as caught:
        run(objects=[configuration(space, "a"), bad, configuration(space, "c")])
    assert caught.value.result["configurations"] == [f"{space}/b"]
    with pytest.raises(ModuleFailed, match="nobody may not get cnfconfigurations.pantheon.tech") as caught:
        run(objects=[configuration(space, "a")], kubeconfig=cluster.kubeconfig_of(space, "nobody"))
    assert (caught.value.result["verb"], caught.value.result["resource"]) == ("get", "cnfconfigurations.pantheon.tech")
    assert names(client, space) == []
    with pytest.raises(ModuleFailed, match=f"configuration {space}/a is there twice"):
        run(objects=[configuration(space, "a")], absent=[f"{space}/a"])


def test_of_many_those_are_tried_first_that_may_be_refused(run, client, space):
    given = [configuration(space, f"c{at}", route(at)) for at in range(30)]
    client.apply([configuration(space, "c29", route(99))], field_manager="somebody")
    with pytest.raises(ModuleFailed, match=f"{space}/c29: .*.spec.configItems is somebody's.*Nothing was written"):
        run(objects=given)
    assert names(client, space) == ["c29"]
    given[29]["metadata"]["namespace"] = "nowhere"
    with pytest.raises(ModuleFailed, match="there is no namespace nowhere.*Nothing was written"):
        run(objects=given)
    given[29] = configuration(space, "wrong", "dst_netwrok: 10.0.0.0/24")
    with pytest.raises(ModuleFailed, match="unknown field dst_netwrok"):
        run(objects=given)
    assert names(client, space) == ["c29"]


def told_of(found, *conditions, **more):
    generation = found["metadata"]["generation"]
    return {"observedGeneration": generation, "conditions": [condition(*each, generation) for each in conditions], **more}


def test_it_waits_until_this_generation_is_applied(run, client, space, cluster):
    run(objects=[configuration(space, "a", route(0))])
    # What was said of the generation before does not count.
    client.patch_status(CONFIGURATION, space, "a", {"conditions": [condition("Applied", "True", "Applied", "", 1)]})
    items = [{"item": 1, "microservice": "cnf", "kind": "linux.l3/route", "key": "config/x", "state": "CONFIGURED"}]

    def status(found):
        time.sleep(0.5)
        return told_of(found, ("Applied", "True", "Applied", "all items are applied"), items=items)

    with told(cluster.kubeconfig, space, lambda found: status(found) if found["metadata"]["generation"] > 1 else {}):
        done = run(objects=[configuration(space, "a", route(1))], wait=True, wait_timeout=15)
    assert done["applied"] == {f"{space}/a": {"applied": "True", "reason": "Applied", "message": "all items are applied", "items": items}}


def event(namespace, found, name, message):
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    about = {"kind": "CNFConfiguration", "namespace": namespace, "name": found["metadata"]["name"], "uid": found["metadata"]["uid"]}
    told_by = {"type": "Warning", "reason": "Rejected", "message": message, "involvedObject": about, "firstTimestamp": at, "lastTimestamp": at}
    return {"apiVersion": "v1", "kind": "Event", "metadata": {"namespace": namespace, "name": name}, **told_by}


def test_what_is_not_applied_says_why(run, client, space, cluster):
    with pytest.raises(ModuleFailed, match=rf"written, but not applied in 1 s: {space}/a: NoController: no controller has said anything of generation 1"):
        run(objects=[configuration(space, "a", route(0))], wait=True, wait_timeout=1)
    failed = [{"item": 1, "microservice": "cnf", "kind": "linux.l3/route", "state": "FAILED", "message": "no such gateway"}]
    found = client.get(CONFIGURATION, space, "a")
    client.patch_status(CONFIGURATION, space, "a", told_of(found, ("Applied", "False", "Failed", "an item failed"), items=failed))
    client.apply([event(space, found, f"e{at}", f"told {at} times") for at in range(7)])
    with pytest.raises(ModuleFailed, match=r"a: Failed: an item failed; item 1 \(linux.l3/route\): FAILED no such gateway; Warning Rejected: told") as caught:
        run(objects=[configuration(space, "a", route(0))], wait=True, wait_timeout=1)
    applied = caught.value.result["applied"][f"{space}/a"]
    assert (applied["items"], len(applied["events"])) == (failed, 5)
    rejected = told_of(found, ("Accepted", "False", "InvalidItems", "item 1: no field nosuch"), ("Applied", "False", "NotDelivered", ""))
    client.patch_status(CONFIGURATION, space, "a", rejected)
    begin = time.monotonic()
    with pytest.raises(ModuleFailed, match="written, but not applied: .*InvalidItems: item 1: no field nosuch"):
        run(objects=[configuration(space, "a", route(0))], wait=True, wait_timeout=30)
    assert time.monotonic() - begin < 10


def test_the_kind_is_missing(run, client, space, cluster):
    cluster.kubectl("delete", "crd", CRD_NAME)
    try:
        with pytest.raises(ModuleFailed, match="the cluster has no .*: role pantheon.cnf.cnf_crd installs its CRD"):
            run(objects=[configuration(space, "a")])
        assert not run(absent=[f"{space}/a"], wait=True)["changed"]
    finally:
        with_crd(cluster.kubeconfig).close()


def test_many_and_large_ones(run, client, space):
    given = [configuration(space, f"c{at}", route(at)) for at in range(60)]
    given.append(configuration(space, "large", *(route(at) + f"# {'x' * 3900}\n" for at in range(100))))
    assert run(objects=given)["changed"]
    assert len(names(client, space)) == 61
    assert not run(objects=given)["changed"]
    assert run(absent=[f"{space}/{each['metadata']['name']}" for each in given])["changed"]
    assert names(client, space) == []


def test_documents_in_a_playbook(run, client, space, cluster, tmp_path):
    document = {**DOCUMENT, "metadata": {"name": "routes", "namespace": space, "annotations": {"by": "a test"}}}
    more = {"module": "linux.l3", "type": "route", "data": {"outgoing_interface": "tap0", "dst_network": "10.0.1.0/24"}}
    document["spec"] = {**DOCUMENT["spec"], "configItems": [*DOCUMENT["spec"]["configItems"], more]}
    wrong = {**document, "spec": {"microservice": "cnf", "configItems": [{**more, "data": "dst_netwrok: 10.0.0.0/24"}]}}
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "routes.yaml").write_text(yaml.safe_dump(document))
    common = {"store": "kubernetes", "kubeconfig": cluster.kubeconfig}
    other, unsaid = {"endpoints": ["127.0.0.1:1"]}, {"ignore_errors": True, "check_mode": True}
    tasks = [
        {CNF: {**common, "names": [f"{space}/routes"], "state": "absent"}, "register": "nothing"},
        {CNF: {**common, "documents": ["documents"]}, "check_mode": True, "register": "predicted"},
        {CNF: {**common, "documents": ["documents"]}, "register": "made"},
        {CNF: {**common, "documents": ["documents"]}, "register": "again"},
        {CNF: {**common, "objects": [wrong]}, **unsaid, "register": "wrong"},
        {CNF: {**common, "objects": [document], **other}, **unsaid, "register": "other"},
        {CNF: {**common, "objects": [document, document]}, **unsaid, "register": "twice"},
    ]
    that = ["not nothing.changed", "predicted.changed", "made.changed", "made.after == predicted.after", "not again.changed"]
    that += ["again.before == made.after", f"made.after['{space}/routes'] | length == 4", f"made.configurations['{space}/routes'].generation == 1"]
    that += ["'dst_netwrok' in wrong.msg", "'endpoints is an option of store etcd, not of store kubernetes' in other.msg", "'is there twice' in twice.msg"]
    made = play(playbook(tmp_path / "all.yml", *tasks, {"ansible.builtin.assert": {"that": that}}), "-vvv", "--diff", tmp=tmp_path)
    assert SECRET not in made.output
    found = client.get(CONFIGURATION, space, "routes")
    data = [item["data"] for item in found["spec"]["configItems"]]
    assert data[:2] == [each["data"] for each in DOCUMENT["spec"]["configItems"]]
    assert yaml.safe_load(data[2]) == more["data"]
    assert (found["metadata"]["annotations"], found["metadata"]["managedFields"][0]["manager"]) == ({"by": "a test"}, "pantheon.cnf")


@pytest.mark.skipif(not DEMO.is_dir(), reason="the demo's documents are not beside this checkout")
def test_the_demo_s_documents_are_stored_as_they_are_written(client, cluster, tmp_path):
    given = [each for path in sorted(DEMO.glob("*.yaml")) for each in yaml.safe_load_all(path.read_text()) if each and each["kind"] == "CNFConfiguration"]
    try:
        play(playbook(tmp_path / "demo.yml", {CNF: {"store": "kubernetes", "kubeconfig": cluster.kubeconfig, "documents": [str(DEMO)]}}), tmp=tmp_path)
        stored = {each["metadata"]["name"]: each for each in client.list(CONFIGURATION, "default")}
        assert {name: each["spec"] for name, each in stored.items()} == {each["metadata"]["name"]: each["spec"] for each in given}
        cluster.apply(*given)  # kubectl writes the same
        assert all(each["metadata"]["generation"] == 1 for each in client.list(CONFIGURATION, "default"))
    finally:
        client.delete(given)
