# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NetworkServices and endpoints of NSM on a real API server with CRDs like NSM's own, which validate nothing."""

from __future__ import annotations

import json
import time

import pytest
import yaml
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.chain import as_data, resolve
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import load
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes import Access, Cluster

from tests.support import nsm
from tests.support.modules import ModuleFailed, run_module
from tests.support.playbooks import DEMO, play
from tests.unit.mesh.vectors import vectors
from tests.unit.mesh.world import old_to, service, to

A, B = {"app": "a"}, {"app": "b"}
GOLDEN = vectors("nsm-golden.jsonl")


def test_a_cluster_without_nsm(cluster):
    nsm.uninstall(cluster)
    for version in (None, "v1alpha1"):  # NSM 0.2.0 had the kinds too
        if version:
            cluster.apply(*(nsm.crd(kind, version) for kind in nsm.KINDS))
        with pytest.raises(ModuleFailed, match="the cluster has no NetworkService of networkservicemesh.io/v1: Network Service Mesh"):
            run_module("nsm_network_service", kubeconfig=cluster.kubeconfig, objects=[service(to(A, B))])
        for name in ("nsm_network_service_info", "nsm_endpoint_info"):
            with pytest.raises(ModuleFailed, match="Network Service Mesh"):
                run_module(name, kubeconfig=cluster.kubeconfig)
        assert not run_module("nsm_network_service", kubeconfig=cluster.kubeconfig, names=["x"], state="absent")["changed"]
    nsm.uninstall(cluster)


@pytest.fixture(scope="module")
def installed(cluster):
    nsm.install(cluster)
    return cluster


@pytest.fixture
def mesh(installed):
    with nsm.emptied(installed):
        yield installed


@pytest.fixture
def namespace(mesh):
    return mesh.namespace("mesh")


@pytest.fixture
def run(mesh, namespace):
    """The module of this suffix; NetworkServices go into the test's namespace."""

    def one(*objects, module="network_service", **options):
        if module == "network_service":
            options = {"namespace": namespace, **({"objects": list(objects)} if objects else {}), **options}
        return run_module(f"nsm_{module}", **{"kubeconfig": mesh.kubeconfig, **options})

    return one


def specs(cluster, namespace):
    return {each["metadata"]["name"]: each["spec"] for each in cluster.get("networkservices", "-n", namespace)["items"]}


# --- writing ---


def test_one_is_made_changed_and_removed(mesh, namespace, run):
    given = service(to(A, B), name="one")
    told = run(given, check=True)
    assert specs(mesh, namespace) == {}
    made = run(given)
    key = f"{namespace}/one"
    assert (told["changed"], told["after"][key]["spec"]) == (made["changed"], made["after"][key]["spec"]) == (True, given["spec"])
    assert (made["before"], made["network_services"], made["diff"]["after"]) == ({}, {key: {"changed": True}}, made["after"])
    assert made["after"][key]["metadata"] == {"name": "one", "namespace": namespace}
    assert specs(mesh, namespace) == {"one": given["spec"]}
    version = mesh.get("networkservice", "one", "-n", namespace)["metadata"]["resourceVersion"]
    assert (run(given)["changed"], run(given, check=True)["changed"]) == (False, False)
    assert mesh.get("networkservice", "one", "-n", namespace)["metadata"]["resourceVersion"] == version
    less = service(to(A, B, fallthrough=True), {"routes": [{"destination_selector": A}]}, name="one", payload="IP")
    changed = run(less)
    assert (changed["changed"], changed["diff"]["before"], specs(mesh, namespace)) == (True, made["after"], {"one": less["spec"]})
    assert run(names=["one"], state="absent", check=True)["changed"]
    assert set(specs(mesh, namespace)) == {"one"}
    gone = run(names=[key, "never"], state="absent")
    assert (gone["changed"], gone["after"], gone["network_services"]) == (True, {}, {key: {"changed": True}, f"{namespace}/never": {"changed": False}})
    assert specs(mesh, namespace) == {}
    assert not run(less, state="absent")["changed"]
    assert "no NetworkService in what was given" in json.dumps(run(objects=[])["warnings"])


def test_matches_that_are_left_out_are_gone(mesh, namespace, run):
    run(service(to(A, B), name="one"))
    bare = {**service(name="one"), "spec": {"payload": "IP"}}
    assert run(bare)["changed"]
    assert not specs(mesh, namespace)["one"].get("matches")
    assert not run(bare)["changed"]


def test_many_with_one_wrong_are_none(mesh, namespace, run):
    many = [service(to(A, B), name=f"s{number}") for number in range(30)]
    with pytest.raises(ModuleFailed, match="NSM itself ignores 'sourceSelector'") as caught:
        run(*many, service(old_to(A, B), name="bump"), service(to(A, B), payload="", name="unpaid"))
    assert len(caught.value.result["problems"]) == 4
    with pytest.raises(ModuleFailed, match="Invalid_Name"):  # the server's own say, by its dry run
        run(*many, service(to(A, B), name="Invalid_Name"))
    assert specs(mesh, namespace) == {}
    assert len(run(*many)["after"]) == 30
    with pytest.raises(ModuleFailed, match="no namespace nowhere"):
        run(service(to(A, {}), name="s0"), service(to(A, B), name="s1", namespace="nowhere"))
    assert specs(mesh, namespace)["s0"] == many[0]["spec"]
    assert not run(*many)["changed"]
    assert run(*many, state="absent")["changed"]
    assert specs(mesh, namespace) == {}


def test_what_another_manager_set_is_taken_only_when_told(mesh, namespace, run):
    theirs = service(to(B, A), name="one", namespace=namespace)
    theirs["spec"]["name"] = "other"
    nsm.create(mesh, theirs)
    ours = service(to(A, B), name="one")
    with pytest.raises(ModuleFailed, match="force_conflicts") as caught:
        run(ours)
    assert {each["field"] for each in caught.value.result["conflicts"]} == {".spec.matches", ".spec.name"}
    assert specs(mesh, namespace)["one"] == theirs["spec"]
    assert run(ours, force_conflicts=True)["changed"]
    assert specs(mesh, namespace)["one"] == {**ours["spec"], "name": "one"}
    assert not run(ours)["changed"]


def test_what_the_registry_keeps_stays(mesh, namespace, run):
    ours = service(to(A, B), name="one")
    run(ours)
    mesh.kubectl("patch", "networkservice", "one", "-n", namespace, "--type=merge", "-p", json.dumps({"spec": {"path_ids": ["spiffe://x"]}}))
    assert not run(ours)["changed"]
    run(service(to(A, {}), name="one"))
    assert specs(mesh, namespace)["one"]["path_ids"] == ["spiffe://x"]


def test_an_endpoint_that_registered_the_service_took_its_matches(mesh, namespace, run):
    """NSM_REGISTER_SERVICE=true is its default: the whole spec is replaced."""
    ours = service(to(A, B), name="one")
    run(ours)
    stored = mesh.get("networkservice", "one", "-n", namespace)
    mesh.kubectl("replace", "-f", "-", stdin=json.dumps({**stored, "spec": {"name": "one", "payload": "ETHERNET", "path_ids": ["spiffe://x"]}}))
    again = run(ours)
    assert (again["changed"], specs(mesh, namespace)["one"]["matches"]) == (True, ours["spec"]["matches"])
    assert not run(ours)["changed"]


def test_others_that_spoil_it_are_told(mesh, namespace, run):
    first = mesh.namespace("a-mesh")
    run(service(to(A, B), name="one"))

    def told():  # Ansible keeps the warnings of a process, and there are those of other tests
        return [each for each in map(json.dumps, run(service(to(A, B), name="one")).get("warnings", [])) if f"{namespace}/one" in each]

    assert told() == []
    nsm.create(mesh, service(name="one", namespace=first), service(name="else", namespace=first))
    assert len(told()) == 1
    assert f"NetworkService {namespace}/one: NSM takes {first}/one for 'one': names of network services are cluster-wide" in told()[0]
    nsm.create(mesh, service(to(A, {"app": 1}), name="unreadable", namespace=first))
    assert "NSM finds no network service at all" in json.dumps(run(service(to(A, B), name="one"))["warnings"])


def test_least_rights(mesh, namespace, run):
    """A Role in one namespace suffices to write; what is missing is named."""
    config = mesh.kubeconfig_of(namespace, "author")
    ours = service(to(A, B), name="one")
    with pytest.raises(ModuleFailed, match=rf"may not get networkservices.{nsm.GROUP} in namespace {namespace}: a Role has to allow it the verb get"):
        run(ours, kubeconfig=config)
    rule = {"apiGroups": [nsm.GROUP], "resources": ["networkservices"], "verbs": ["get", "create", "patch", "delete"]}
    account = {"kind": "ServiceAccount", "name": "author", "namespace": namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "author"}
    common = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "author", "namespace": namespace}}
    mesh.apply({**common, "kind": "Role", "rules": [rule]}, {**common, "kind": "RoleBinding", "roleRef": role, "subjects": [account]})
    assert run(ours, kubeconfig=config)["changed"]
    with pytest.raises(ModuleFailed, match="may not list networkservices"):
        run(module="network_service_info", kubeconfig=config)
    assert run(names=["one"], state="absent", kubeconfig=config)["changed"]


# --- reading ---


def test_services_are_shown_as_nsm_reads_them(mesh, namespace, run):
    spelled = service(old_to(A, B), name="camel", namespace=namespace)
    nsm.create(mesh, spelled, service(to(A, B), to(A, {}), name="fine", namespace=namespace))
    mesh.kubectl("label", "networkservice", "fine", "-n", namespace, "team=x")
    found = run(module="network_service_info", namespace=namespace)["network_services"]
    assert [(one["object"], one["document"]["spec"]["matches"]) for one in found] == [("camel", [{}]), ("fine", [to(A, B), to(A, {}) | {"routes": [{}]}])]
    assert "spec.matches[0].sourceSelector: NSM does not know it" in " ".join(found[0]["errors"])
    assert (found[1]["errors"], "match 2 is never reached" in found[1]["warnings"][0]) == ([], True)
    for chosen in ({"names": ["fine"]}, {"label_selectors": ["team=x"]}):
        assert [one["name"] for one in run(module="network_service_info", **chosen)["network_services"]] == ["fine"]


def test_golden_cases_from_a_cluster(mesh, run):
    """What NSM's own discovery gave, from objects that went through an API server."""
    names = {f"golden-{number}": vector for number, vector in enumerate(GOLDEN, 1)}
    spaces = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in names]
    with Cluster(Access(kubeconfig=mesh.kubeconfig)) as client:
        client.apply(spaces)
        client.apply([each for name, vector in names.items() for each in nsm.vector_objects(vector, name)])
    for name, vector in names.items():
        asked = {"name": "c", "labels": vector["labels"], "network_service": vector["networkService"]["name"]}
        asked.update({"payload": vector["payload"]} if "payload" in vector else {})
        told = run(module="endpoint_info", namespace=name, clients=[asked])["matches"][0]
        expected = vector["expect"]
        assert (vector["name"], sorted(told["endpoints"])) == (vector["name"], expected["found"])
        assert told["error"].startswith(expected.get("error", "")) and bool(told["error"]) == bool(expected.get("error")), vector["name"]


def test_endpoints_that_are_expired_or_unreadable(mesh, namespace, run):
    now = time.time()
    run(service(to(A, B), name="one", payload="IP"))
    nsm.create(
        mesh,
        nsm.endpoint(namespace, "alive", ["one"], {"one": B}, now + 600),
        nsm.endpoint(namespace, "dead", ["one"], {"one": B}, now - 1),
        nsm.endpoint(namespace, "else", ["two"], {"two": B}),
    )
    client = {"name": "c", "labels": A}
    told = run(module="endpoint_info", clients=[client], network_services=["one"])
    assert [(one["name"], one["expired"], one["errors"]) for one in told["endpoints"]] == [("alive", False, []), ("dead", True, [])]
    assert told["matches"] == [{"client": "c", "network_service": "one", "endpoints": ["alive"], "match": 1, "passed": [], "error": ""}]
    assert len(run(module="endpoint_info")["endpoints"]) == 3
    nsm.create(mesh, nsm.endpoint(namespace, "text", ["two"], {}, expiration_time="2036-01-01T00:00:00Z"))
    told = run(module="endpoint_info", clients=[client], network_services=["one"])
    assert told["endpoints"][-1]["object"] == "text"
    assert "NSM finds no endpoint at all" in told["endpoints"][-1]["errors"][0]
    assert (told["matches"][0]["endpoints"], told["matches"][0]["error"]) == ([], f"{namespace}/text: {told['endpoints'][-1]['errors'][0]}")
    with pytest.raises(ModuleFailed, match="client c: label n: 1 is no text"):
        run(module="endpoint_info", clients=[{"name": "c", "labels": {"n": 1}}])


def test_pods_that_ask(mesh, namespace, run):
    mesh.token(namespace, "default")  # there is nobody who makes the account that pods need
    run(service(to({"app": "a", "podName": "one"}, B), name="one"))
    nsm.create(mesh, nsm.endpoint(namespace, "end", ["one"], {"one": B}))
    spec = {"containers": [{"name": "app", "image": "none"}], "automountServiceAccountToken": False}
    for name, url in (("one", "kernel://one/tap0?app=a"), ("two", "kernel://one/tap0?app=a"), ("three", "one/tap0")):
        metadata = {"name": name, "namespace": namespace, "annotations": {"networkservicemesh.io": url}}
        nsm.create(mesh, {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
    told = run(module="endpoint_info", namespace=namespace, pods=True)
    assert [(one["client"], one["endpoints"]) for one in told["matches"]] == [
        (f"{namespace}/one", ["end"]),
        (f"{namespace}/three", []),
        (f"{namespace}/two", []),
    ]
    assert [one["error"][:30] for one in told["matches"]] == ["", "'one/tap0' names no network se", "network service endpoint candi"]
    assert "no client of NSM in it" in json.dumps(told["warnings"])
    mesh.kubectl("delete", "pods", "--all", "-n", namespace, "--force", "--grace-period=0")


# --- the demo ---


def test_the_demo_s_documents_in_a_playbook(mesh, namespace, tmp_path):
    """Its NetworkService is v1alpha1. What was written for NSM 0.2.0 leads to the same connections in NSM 1.x."""
    chain = as_data(resolve(load([str(DEMO)], "/")), "ETHERNET")
    access = {"kubeconfig": mesh.kubeconfig}
    options = {**access, "namespace": namespace, "documents": [str(DEMO)], "payload": "ETHERNET"}
    for one in chain["connections"]:
        service_name, name = one["endpoint"]["item"], one["endpoint"]["cnf"]
        labels = {"cnf-nat44": {"app": "nat44"}, "webserver": {"app": "webserver"}}[name]
        nsm.create(mesh, nsm.endpoint(namespace, name, [service_name], {service_name: labels}, time.time() + 600))
    extra = [{"name": "nobody", "labels": {"app": "nobody"}}]

    def write(register, **more):
        task = {name: more.pop(name) for name in ("ignore_errors", "diff") if name in more}
        return {"pantheon.cnf.nsm_network_service": {**options, **more}, "register": register, **task}

    tasks = [
        write("done", diff=True),
        write("same"),
        {"pantheon.cnf.nsm_network_service_info": access, "register": "found"},
        {"pantheon.cnf.nsm_endpoint_info": {**access, "documents": [str(DEMO)], "clients": extra}, "register": "ends"},
        write("wrong", objects=[service(old_to(A, B), name="bump")], ignore_errors=True),
        write("gone", state="absent"),
    ]
    kept = "{{ {" + ", ".join(f"'{task['register']}': {task['register']}" for task in tasks) + "} | to_json }}"
    keep = {"ansible.builtin.copy": {"content": kept, "dest": str(tmp_path / "kept.json")}}
    path = tmp_path / "play.yml"
    path.write_text(yaml.safe_dump([{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [*tasks, keep]}]))
    assert "source_selector" in play(str(path), tmp=tmp_path).output
    got = json.loads((tmp_path / "kept.json").read_text())
    assert [got[name]["changed"] for name in ("done", "same", "gone")] == [True, False, True]
    assert "client.yaml:32: ignored, a Pod of v1 is not ours (and 11 more)" in json.dumps(got["done"]["warnings"])
    assert [one["document"]["spec"] for one in got["found"]["network_services"]] == [one["spec"] for one in chain["network_services"]]
    assert [one["errors"] + one["warnings"] for one in got["found"]["network_services"]] == [[]]
    pairs = {f"{one['client']['cnf']}/{one['client']['item']}": [one["endpoint"]["cnf"]] for one in chain["connections"]}
    assert {one["client"]: one["endpoints"] for one in got["ends"]["matches"]} == {**pairs, "nobody": []}
    assert len(pairs) == 2
    assert "it is 'source_selector'" in got["wrong"]["msg"] and "object 1: NetworkService bump" in got["wrong"]["msg"]
    assert specs(mesh, namespace) == {}
