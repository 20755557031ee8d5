# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""cnf_crd on a real API server: what it makes, changes, leaves and removes."""

from __future__ import annotations

import base64
import json

import pytest

from tests.support.cnfconfigurations import with_crd
from tests.support.modules import ModuleFailed, run_module

ETCD = {"endpoints": ["10.0.0.1:2379"]}
SECRET = "s3cret-s3cret"


@pytest.fixture
def run(cluster):
    def module(**arguments):
        return run_module("cnf_crd", kubeconfig=cluster.kubeconfig, **arguments)

    yield module
    # Others want it back.
    module(state="absent")
    with_crd(cluster.kubeconfig).close()


@pytest.fixture
def space(cluster):
    return cluster.namespace("crd")


def test_it_is_made_once_and_gone_again(cluster, run):
    tried = run(namespace="made", check=True)
    assert tried["changed"]
    assert "ServiceAccount made/cnf-controller" in tried["objects"]
    done = run(namespace="made")
    assert done["objects"] == tried["objects"]
    assert set(done["objects"]) == {
        "CustomResourceDefinition cnfconfigurations.pantheon.tech",
        "Namespace made",
        "ServiceAccount made/cnf-controller",
        "ClusterRole cnf-controller",
        "ClusterRoleBinding cnf-controller",
        "ClusterRole cnfconfigurations-edit",
        "ClusterRole cnfconfigurations-view",
    }
    again = run(namespace="made")
    assert (again["changed"], again["before"], again["after"]) == (False, done["after"], done["after"])
    assert run(namespace="made", state="absent", check=True)["changed"]
    assert cluster.get("clusterrole", "cnf-controller")
    gone = run(namespace="made", state="absent")
    assert (gone["changed"], gone["objects"]) == (True, [])
    assert cluster.get("crd", "cnfconfigurations.pantheon.tech"), "what CNFConfigurations are kept in is removed only when that is said"
    assert cluster.kubectl("get", "clusterrole,clusterrolebinding,sa", "-A", "-l", "app.kubernetes.io/part-of=pantheon.cnf", "-o", "name") == ""
    purged = run(namespace="made", state="absent", purge=True)
    assert purged["changed"]
    assert cluster.kubectl("get", "crd", "--ignore-not-found", "-o", "name", "cnfconfigurations.pantheon.tech") == ""
    assert not run(namespace="made", state="absent", purge=True)["changed"]


def test_a_pod_is_asked_for_and_what_is_not_wanted_any_more_goes(cluster, run, space, tmp_path):
    (tmp_path / "ca").write_text("a certificate")
    etcd = {**ETCD, "ca": str(tmp_path / "ca"), "user": "me", "password": SECRET}
    done = run(namespace=space, namespaces=[space], image="example.com/cnf:1", etcd=etcd, wait=False, settings={"take_over": True})
    assert SECRET not in json.dumps(done)
    assert f"Namespace {space}" not in done["objects"], "it was there before"
    stored = {name: base64.b64decode(value).decode() for name, value in cluster.get("secret", "cnf-controller", "-n", space)["data"].items()}
    assert stored["etcd-ca.pem"] == "a certificate"
    assert json.loads(stored["settings.yaml"]) == {
        "etcd": {"endpoints": ["10.0.0.1:2379"], "ca": "/etc/pantheon.cnf/etcd-ca.pem", "user": "me", "password": SECRET},
        "listen": "0.0.0.0:9192",
        "namespaces": [space],
        "take_over": True,
    }
    pod = cluster.get("deployment", "cnf-controller", "-n", space)["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["containers"][0]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not run(namespace=space, namespaces=[space], image="example.com/cnf:1", etcd=etcd, wait=False, settings={"take_over": True})["changed"]
    changed = run(namespace=space, namespaces=[space], image="example.com/cnf:1", etcd={**etcd, "password": "another"}, wait=False)
    assert {name for name in changed["after"] if changed["after"][name] != changed["before"].get(name)} == {
        f"Secret {space}/cnf-controller",
        f"Deployment {space}/cnf-controller",
    }
    # Without an image there is no pod; of all namespaces there is no right in one.
    without = run(namespace=space)
    assert {"Role", "RoleBinding", "Secret", "Deployment"}.isdisjoint(each.split()[0] for each in without["objects"])
    run(namespace=space, state="absent")
    assert cluster.get("namespace", space)["status"]["phase"] == "Active"


def test_what_is_wrong_is_said(cluster, run, space):
    with pytest.raises(ModuleFailed, match="etcd"):
        run(image="example.com/cnf:1")
    with pytest.raises(ModuleFailed, match="without TLS everybody on the way can read the password of user me") as caught:
        run(image="example.com/cnf:1", etcd={**ETCD, "user": "me", "password": SECRET})
    assert SECRET not in json.dumps(caught.value.result)
    with pytest.raises(ModuleFailed, match="/no/such: No such file"):
        run(image="example.com/cnf:1", etcd={**ETCD, "ca": "/no/such"})
    with pytest.raises(ModuleFailed, match=f"user system:serviceaccount:{space}:nobody may not get namespaces: a ClusterRole has to allow it"):
        run_module("cnf_crd", kubeconfig=cluster.kubeconfig_of(space, "nobody"), namespace=space)
    with pytest.raises(ModuleFailed, match="the controller is there, and does not run in 1 s: no node has taken it"):
        run(namespace=space, image="example.com/cnf:1", etcd=ETCD, wait_timeout=1)
