# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role cnf_crd on this machine: a controller as a supervised process, which works, and is gone again."""

from __future__ import annotations

import json
import os
import sys

import pytest

from tests.controlplane.test_configurations import keys
from tests.support.cnfconfigurations import with_crd
from tests.support.controller import Configurations, key_of, route, until
from tests.support.etcd import free_ports
from tests.support.playbooks import machine, play

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def test_a_controller_on_a_host(cluster, store, shared_etcd, tmp_path):
    before, namespace = machine(), cluster.namespace("role")
    variables = {
        "cnf_crd_state": "present",
        "cnf_crd_kubernetes": {"kubeconfig": cluster.kubeconfig},
        "cnf_crd_controller": "host",
        "cnf_crd_supervisor": "process",
        "cnf_crd_name": "controller-of-a-test",
        "cnf_crd_namespace": namespace,
        "cnf_crd_namespaces": [namespace],
        "cnf_crd_etcd": {"endpoints": [shared_etcd.endpoint]},
        "cnf_crd_settings": {"lease": 2},
        "cnf_crd_port": free_ports(1)[0],
        "cnf_crd_python": sys.executable,
    }
    playbook = tmp_path / "role.yml"
    roles = [{"name": "pantheon.cnf.cnf_crd"}, {"name": "pantheon.cnf.cnf_python"}]
    tasks = [{"ansible.builtin.include_role": role} for role in roles]
    tasks[1].update(when="cnf_crd_state == 'absent'", vars={"cnf_python_state": "absent"})
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))

    def run(*more, **changed):
        return play(str(playbook), *more, "-e", json.dumps({**variables, **changed}), tmp=tmp_path)

    with with_crd(cluster.kubeconfig) as api:
        try:
            assert run().changed > 0
            cnfs = Configurations(api, namespace)
            cnfs.put("a", route("10.0.0.0/24"))
            cnfs.wait("a", "Delivered", "True")
            assert set(keys(store)) == {key_of("10.0.0.0/24")}
            again = run()
            assert again.changed == 0, again.output
            cnfs.drop("a")
            until(lambda: not keys(store))
        finally:
            gone = run(cnf_crd_state="absent")
        assert gone.changed > 0
        # Of a cluster that is no more nothing is asked.
        run(cnf_crd_state="absent", cnf_crd_cluster_gone=True, cnf_crd_kubernetes={"kubeconfig": str(tmp_path / "none")})
        assert cluster.kubectl("get", "role,rolebinding,serviceaccount", "-n", namespace, "-o", "name") == ""
    assert machine() == before
