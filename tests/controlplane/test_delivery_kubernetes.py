# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of the 2020 demo from end to end: kubectl, API server, controller, etcd, agents, packets. Each part is killed once."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import sys

import pytest
import yaml
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import host_processes

from tests.support.etcd import free_ports
from tests.support.places import shell
from tests.support.playbooks import DEMO, OWN, PROVEN, torn_down

from .test_delivery_roles import left
from .test_host_processes import children, eventually

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")
KIND = "cnfconfigurations.pantheon.tech"


def documents():
    """The demo's files when they stand beside this checkout, else the collection's own."""
    return DEMO if DEMO.is_dir() else OWN


def configurations():
    """The CNFConfigurations in them, unchanged."""
    found = [each for path in sorted(documents().glob("*.y*ml")) for each in yaml.safe_load_all(path.read_text())]
    return [each for each in found if each and each["kind"] == "CNFConfiguration"]


@pytest.fixture(name="chain")
def _chain(cluster, tmp_path):
    before = left()
    etcd, agents, controller = free_ports(3)
    options = {
        "cnf_delivery": "kubernetes",
        "cnf_documents": [str(documents())],
        "cnf_kubernetes": {"kubeconfig": cluster.kubeconfig},
        "cnf_crd_namespace": "delivered",  # without a node a deleted namespace stays: no other test wants this one
        "cnf_etcd": {"port": etcd},
        "cnf_agents_port": 0,
        "cnf_controller_port": controller,
        "cnf_supervisor": "process",
        "cnf_python": sys.executable,
        "cnf_wait_timeout": 60,
    }
    with torn_down(tmp_path) as run:

        def chain(name, *more):
            return run(name, "-e", json.dumps(options), *more)

        yield chain
    assert left() == before


def kill(name):
    """The process itself; its supervisor starts it again."""
    for pid in children(name):
        os.kill(pid, signal.SIGKILL)


def nat():
    return shell("cnf-nat44", "nft list ruleset")


def test_from_kubectl_to_packets_and_each_part_is_killed(cluster, chain):
    cold = chain("deploy_nat44_chain")
    assert PROVEN in cold.output
    again = chain("deploy_nat44_chain")
    assert again.changed == 0, again.output

    cluster.kubectl("delete", KIND, "--all", "--namespace=default", "--wait=false")
    eventually(lambda: "snat" not in nat(), 30)
    cluster.kubectl("apply", "--filename=-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": configurations()}))
    cluster.kubectl("wait", "--for=condition=Applied", "--timeout=60s", KIND, "--all", "--namespace=default")
    assert PROVEN in chain("verify_nat44_chain").output

    there = nat()
    for part in ("agent-cnf-nat44", "etcd", "controller"):
        kill(part)
    cluster.restart_apiserver()
    changed = next(each for each in configurations() if each["metadata"]["name"] == "cnf-nat44")
    pool = next(each for each in changed["spec"]["configItems"] if each["type"] == "nat44-pool")
    data = yaml.safe_load(pool["data"])
    data["last_ip"] = data["last_ip"].rpartition(".")[0] + ".107"
    pool["data"] = yaml.safe_dump(data)
    cluster.kubectl("apply", "--filename=-", stdin=json.dumps(changed))
    eventually(lambda: ".107" in nat(), 60)
    cluster.kubectl("wait", "--for=condition=Applied", "--timeout=60s", KIND, "--all", "--namespace=default")
    assert there != nat() and PROVEN in chain("verify_nat44_chain").output

    chain("teardown_nat44_chain")
    assert cluster.kubectl("get", KIND, "--namespace=default", "--output=name") == ""
    assert not pathlib.Path(host_processes.FOLDER).exists()
