# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client of Kubernetes on a real API server."""

from __future__ import annotations

import concurrent.futures
import itertools
import json
import os
import tempfile
import threading
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.store import kubernetes as subject
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes import Access, Cluster, Failures, Resource, access
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes_errors import (
    Absent,
    Conflict,
    Expired,
    Forbidden,
    Invalid,
    KubernetesError,
    MissingKind,
    TimedOut,
    Unauthorized,
    Unreachable,
)

from tests.support.cnfconfigurations import CONFIGURATION, condition, configuration, route, with_crd
from tests.support.etcd import free_ports

MAPS = Resource("v1", "ConfigMap")


@pytest.fixture(scope="module")
def client(cluster):
    with with_crd(cluster.kubeconfig) as made:
        yield made


@pytest.fixture
def space(cluster):
    return cluster.namespace("store")


def config_map(namespace, name, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace, "name": name}, "data": data}


def test_objects_are_made_changed_and_removed(client, space, cluster):
    given = [config_map(space, f"m{at}", a=str(at)) for at in range(30)]
    tried = client.apply(given, dry_run=True)
    assert all(each.changed and each.before is None and each.after["data"] for each in tried)
    assert client.list(MAPS, space) == []
    made = client.apply(given)
    assert [each.changed for each in made] == [True] * 30
    assert [each.after["metadata"]["name"] for each in made] == [each["metadata"]["name"] for each in given]
    assert cluster.get("configmap", "m7", "-n", space)["data"] == {"a": "7"}
    before = client.requests
    again = client.apply(given)
    assert not any(each.changed for each in again)
    assert client.requests - before == 31  # one list for all that was there
    given[3]["data"]["a"] = "x"
    (changed,) = client.apply(given[3:4])
    assert (changed.changed, changed.before["data"]["a"], changed.after["data"]["a"]) == (True, "3", "x")
    assert [each.changed for each in client.delete([*given[:2], config_map(space, "never")], dry_run=True)] == [True, True, False]
    assert len(client.list(MAPS, space)) == 30
    assert [each.changed for each in client.delete([*given, config_map(space, "never")])] == [True] * 30 + [False]
    assert client.list(MAPS, space) == []


def test_objects_of_several_kinds_and_without_a_namespace(client, space):
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": f"{space}-role"}, "rules": []}
    given = [role, config_map(space, "one"), configuration(space, "two")]
    try:
        assert [each.changed for each in client.apply(given)] == [True] * 3
        assert [each["metadata"]["name"] for each in client.current(given)] == [f"{space}-role", "one", "two"]
        assert client.get(CONFIGURATION, space, "two")["spec"]["configItems"][0]["data"] == route(0)
    finally:
        client.delete(given)
    assert client.get(CONFIGURATION, space, "two") is None


def test_labels_select_and_a_list_has_pages(client, space, monkeypatch):
    given = [config_map(space, f"m{at:02}") for at in range(7)]
    given[4]["metadata"]["labels"] = {"is": "chosen"}
    client.apply(given)
    monkeypatch.setattr(subject, "PAGE", 3)
    assert [each["metadata"]["name"] for each in client.list(MAPS, space)] == [each["metadata"]["name"] for each in given]
    (chosen,) = client.list(MAPS, space, "is=chosen")
    assert (chosen["metadata"]["name"], chosen["kind"], chosen["apiVersion"]) == ("m04", "ConfigMap", "v1")


def test_a_forbidden_verb_names_verb_and_resource(client, space, cluster):
    kubeconfig = cluster.kubeconfig_of(space, "nobody")
    with Cluster(Access(kubeconfig=kubeconfig)) as nobody:
        with pytest.raises(Forbidden, match=rf"nobody may not get cnfconfigurations.pantheon.tech in namespace {space}: a Role has to allow it the verb get"):
            nobody.get(CONFIGURATION, space, "x")
        with pytest.raises(Forbidden, match="may not patch cnfconfigurations.pantheon.tech") as caught:
            nobody.apply([configuration(space, "x")], before=[None])
        assert caught.value.context["resource"] == "cnfconfigurations.pantheon.tech"
        assert (caught.value.context["forbidden"], caught.value.context["verb"], caught.value.context["name"]) == ("patch", "apply", "x")
        with pytest.raises(Forbidden, match="may not list configmaps: a ClusterRole"):
            nobody.list(MAPS)
        with pytest.raises(Forbidden, match="may not watch configmaps in namespace"):
            list(nobody.watch(MAPS, space, "1", 5))


def test_who_may_get_and_not_list_is_enough(client, space, cluster):
    rule = {"apiGroups": ["pantheon.tech"], "resources": ["cnfconfigurations"], "verbs": ["get", "create", "patch"]}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"namespace": space, "name": "author"}, "rules": [rule]}
    subjects = [{"kind": "ServiceAccount", "namespace": space, "name": "author"}]
    bound = {"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "author"}, "subjects": subjects}
    kubeconfig = cluster.kubeconfig_of(space, "author")
    client.apply([role, {**role, "kind": "RoleBinding", **bound, "rules": None}][:1])
    client.apply([{"apiVersion": role["apiVersion"], "kind": "RoleBinding", "metadata": role["metadata"], **bound}])
    with Cluster(Access(kubeconfig=kubeconfig)) as author:
        deadline = time.monotonic() + 5
        while True:
            try:
                done = author.apply([configuration(space, f"c{at}", route(at)) for at in range(subject.SINGLY + 5)])
                break
            except Forbidden:  # the server has not read the role yet
                assert time.monotonic() < deadline
                time.sleep(0.1)
    assert all(each.changed for each in done)


def test_a_wrong_token_is_in_no_message(cluster, client):
    secret = "s3cret-of-a-token-that-is-wrong"
    with Cluster(Access(host=cluster.server, ca_cert=cluster.ca, api_key=secret)) as stranger:
        with pytest.raises(Unauthorized, match="does not know who we are: the token or certificate is wrong") as caught:
            stranger.list(MAPS)
    assert secret not in f"{caught.value} {caught.value.context} {stranger.access!r}"
    with Cluster(Access(host=cluster.server, ca_cert=cluster.ca, api_key=f"{secret}\nmore")) as stranger:
        with pytest.raises(KubernetesError, match="the token has characters that no token has") as caught:
            stranger.list(MAPS)
    assert secret not in f"{caught.value} {caught.value.context}"
    with Cluster(Access(kubeconfig=cluster.kubeconfig, api_key=f"{secret}\n")) as stranger, pytest.raises(Unauthorized):
        stranger.list(MAPS)  # the token counts, not the kubeconfig's certificate


def test_a_field_of_another_manager_is_a_conflict(cluster, client, space):
    wanted = configuration(space, "both", route(1))
    cluster.kubectl("apply", "--server-side", "--field-manager=somebody", "-f", "-", stdin=json.dumps(configuration(space, "both", route(2))))
    with pytest.raises(Conflict, match=r".spec.configItems is somebody's. Take these fields over with force_conflicts") as caught:
        client.apply([wanted])
    assert caught.value.context["conflicts"] == [{"manager": "somebody", "field": ".spec.configItems"}]
    assert client.get(CONFIGURATION, space, "both")["spec"]["configItems"][0]["data"] == route(2)
    (done,) = client.apply([wanted], force=True)
    assert done.changed and done.after["spec"]["configItems"][0]["data"] == route(1)


def test_what_the_server_does_not_take(client, space):
    good, bad, other = (configuration(space, name) for name in ("good", "bad", "other"))
    bad["spec"]["configItems"][0].pop("data")
    other["spec"]["nosuch"] = 1
    with pytest.raises(Failures) as caught:
        client.apply([good, bad, other])
    assert "spec.configItems[0].data: Required value" in caught.value.message
    assert ".spec.nosuch" in caught.value.message
    assert (sorted(caught.value.errors), sorted(caught.value.done)) == ([1, 2], [0])
    with pytest.raises(Invalid) as one:
        client.apply([bad])
    assert one.value.context["problems"] == ["spec.configItems[0].data: Required value"]
    with pytest.raises(Absent, match="there is no namespace nowhere: make it first"):
        client.apply([configuration("nowhere", "x")])
    with pytest.raises(KubernetesError, match="'a/b' cannot be the name of an object"):
        client.apply([configuration(space, "a/b")])
    with pytest.raises(KubernetesError, match="has to have apiVersion and kind"):
        client.apply([{"metadata": {"name": "x"}}])


def test_a_kind_that_is_not_there(client, space):
    with pytest.raises(MissingKind, match="the cluster has no CNFConfiguration of pantheon.tech/v9: role pantheon.cnf.cnf_crd installs its CRD"):
        client.list(Resource("pantheon.tech/v9", "CNFConfiguration"))
    with pytest.raises(MissingKind, match="the cluster has no Thing of v1: its CRD is not installed"):
        client.apply([{"apiVersion": "v1", "kind": "Thing", "metadata": {"name": "x"}}])
    with pytest.raises(MissingKind, match="the cluster has no things.example.org: its CRD is not installed"):
        client.get(Resource("example.org/v1", "Thing", "things"), space, "x")


def test_an_object_of_400_kilobytes(client, space):
    large = configuration(space, "large", *(route(at) + f"# {'x' * 3900}\n" for at in range(100)))
    (done,) = client.apply([large])
    assert done.changed and len(json.dumps(done.after)) > 400_000
    assert not client.apply([large])[0].changed
    with pytest.raises(Invalid, match="too large|must have at most|Too long"):
        client.apply([configuration(space, "huge", *(["x" * 1_000_000] * 4))])


def test_waiting_for_a_condition(client, space):
    client.apply([configuration(space, name) for name in ("one", "two", "three")])

    def applied(found):
        return any(each["status"] == "True" for each in (found or {}).get("status", {}).get("conditions", []))

    def later():
        time.sleep(0.3)
        for name in ("one", "two"):
            client.patch_status(CONFIGURATION, space, name, {"conditions": [condition("Applied", "True", "Applied", "", 1)]})

    thread = threading.Thread(target=later)
    thread.start()
    before = client.requests
    seen = client.wait(CONFIGURATION, space, ["one", "two"], applied, 10)
    thread.join()
    assert set(seen) == {"one", "two"} and all(map(applied, seen.values()))
    assert client.requests - before <= 6  # a list and a watch, and the two that were told
    begin = time.monotonic()
    with pytest.raises(TimedOut, match="1 of 2 cnfconfigurations.pantheon.tech are not as waited for in 0.5 s") as caught:
        client.wait(CONFIGURATION, space, ["one", "three"], applied, 0.5)
    assert time.monotonic() - begin < 4
    assert (caught.value.context["names"], set(caught.value.seen)) == (["three"], {"one", "three"})
    client.delete([configuration(space, "three")])
    assert client.wait(CONFIGURATION, space, ["three"], lambda found: found is None, 5) == {"three": None}


def test_a_status_is_changed_only_while_the_object_is_as_it_was(client, space):
    (made,) = client.apply([configuration(space, "one")])
    version = made.after["metadata"]["resourceVersion"]
    told = client.patch_status(CONFIGURATION, space, "one", {"message": "hello", "status": "Success"}, version)
    assert told["status"] == {"message": "hello", "status": "Success"}
    with pytest.raises(Conflict):
        client.patch_status(CONFIGURATION, space, "one", {"message": "late"}, version)
    assert client.patch_status(CONFIGURATION, space, "one", {"message": None})["status"] == {"status": "Success"}


def test_a_watch_that_is_too_late_says_so(client, space):
    with pytest.raises(Expired, match="too old resource version: .*: list again"):
        list(client.watch(CONFIGURATION, space, "1", 5))


def test_the_api_server_is_restarted_in_the_middle(client, space, cluster):
    given = [configuration(space, f"c{at}", route(at)) for at in range(300)]
    result, seen = [], []

    def apply():
        result.append(client.apply(given))

    def watch():
        seen.append(client.wait(CONFIGURATION, space, ["last"], bool, 60))

    threads = [threading.Thread(target=each) for each in (apply, watch)]
    begun = client.requests
    for each in threads:
        each.start()
    while client.requests < begun + 60:
        time.sleep(0.01)
    cluster.stop_apiserver()
    assert not result, "all was done before the server was ended"
    cluster.start_apiserver()
    threads[0].join()
    client.apply([configuration(space, "last")])
    threads[1].join()
    assert len(result[0]) == 300 and all(each.after for each in result[0])
    assert len(client.list(CONFIGURATION, space)) == 301
    assert seen[0]["last"]["metadata"]["name"] == "last"


def test_who_is_not_there_is_said_at_once(cluster, tmp_path):
    begin = time.monotonic()
    (port,) = free_ports(1)
    with Cluster(Access(host=f"https://127.0.0.1:{port}")) as nobody, pytest.raises(Unreachable, match="cannot be reached: .*Connection refused"):
        nobody.list(MAPS)
    assert time.monotonic() - begin < 5
    with Cluster(Access(host=f"http://{cluster.etcd.endpoint}")) as other, pytest.raises(KubernetesError):
        other.list(MAPS)
    with (
        Cluster(Access(host=cluster.server)) as untrusted,
        pytest.raises(KubernetesError, match="certificate does not hold: unable to get local issuer certificate. Give the CA"),
    ):
        untrusted.list(MAPS)
    with Cluster(Access(host=cluster.server, validate_certs=False, api_key="x")) as trusting, pytest.raises(Unauthorized):
        trusting.list(MAPS)
    with pytest.raises(KubernetesError, match=f"kubeconfig {tmp_path}/none: "):
        Cluster(Access(kubeconfig=f"{tmp_path}/none"))
    with pytest.raises(KubernetesError, match="host 10.0.0.1:6443: is no URL, as https://10.0.0.1:6443"):
        Cluster(Access(host="10.0.0.1:6443"))
    with pytest.raises(KubernetesError, match="context nosuch: "):
        Cluster(Access(kubeconfig=cluster.kubeconfig, context="nosuch"))


def test_where_it_is_comes_from_the_environment(cluster, client, space, tmp_path, monkeypatch):
    given = {"K8S_AUTH_HOST": cluster.server, "K8S_AUTH_SSL_CA_CERT": cluster.ca, "K8S_AUTH_VERIFY_SSL": "yes", "K8S_AUTH_API_KEY": "wrong"}
    token = cluster.token(space, "reader")
    found = access({"api_key": token, "timeout": 7, "host": None}, given)
    assert found == Access(host=cluster.server, ca_cert=cluster.ca, api_key=token, validate_certs=True, timeout=7.0)
    assert access({}, {"K8S_AUTH_VERIFY_SSL": "False"}).validate_certs is False
    with Cluster(found) as reader, pytest.raises(Forbidden, match=f"system:serviceaccount:{space}:reader"):
        reader.list(MAPS)
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(KubernetesError, match="nothing says which cluster: give kubeconfig or host"):
        Cluster(Access())
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube/config").write_bytes(open(cluster.kubeconfig, "rb").read())
    with Cluster(Access()) as usual:
        assert usual.get(Resource("v1", "Namespace"), "", space)


def test_a_key_that_the_kubeconfig_has_in_it_stays_in_memory(cluster, client, space, tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with Cluster(Access(kubeconfig=cluster.kubeconfig)) as made:
        assert list(temporary.iterdir()) == []
        assert made.list(MAPS, space) == client.list(MAPS, space)
        key = made.connection()["private_key_path"]
        assert "PRIVATE KEY" in open(key, encoding="utf-8").read()
    assert not os.path.exists(key)
    # With a token the package sets all paths again, as they were on disk, whenever it is asked whether that is over.
    with Cluster(Access(kubeconfig=cluster.kubeconfig_of(space, "reader"))) as reader:
        with pytest.raises(Forbidden, match=f"{space}:reader may not list"):
            reader.list(MAPS)
        given = reader.connection()
        assert given["token"]
        assert "BEGIN CERTIFICATE" in open(given["ca_path"], encoding="utf-8").read()
    assert list(temporary.iterdir()) == []


def test_clients_that_begin_at_once_have_keys_of_their_own(cluster):
    begin = threading.Barrier(4)

    def make(_at):
        begin.wait()
        found = []
        for _each in range(25):
            with Cluster(Access(kubeconfig=cluster.kubeconfig)) as made:
                given = made.connection()
                found += [os.path.exists(given[each]) for each in ("ca_path", "certificate_path", "private_key_path")]
        return found

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert all(itertools.chain(*pool.map(make, range(4))))


def test_in_a_pod_it_is_the_pod_s_cluster(cluster, client, space, tmp_path, monkeypatch):
    from kubernetes.config import incluster_config

    (tmp_path / "token").write_text(cluster.token(space, "pod"))
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", cluster.ca)
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", cluster.server.rpartition(":")[2])
    with Cluster(Access()) as pod, pytest.raises(Forbidden, match=f"system:serviceaccount:{space}:pod may not list"):
        pod.list(MAPS)
