# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An etcd for all tests, emptied for each, and ones of a test's own; a Kubernetes API server for all."""

from __future__ import annotations

import pytest

from tests.support import agents as agent_processes
from tests.support import cluster as clusters
from tests.support.cnfconfigurations import with_crd
from tests.support.etcd import Etcd, open_store
from tests.support.namespaces import Namespace


@pytest.fixture(scope="session")
def shared_etcd(tmp_path_factory):
    etcd = Etcd(tmp_path_factory.mktemp("etcd")).start()
    yield etcd
    etcd.stop()


@pytest.fixture
def store(shared_etcd):
    shared_etcd.wipe()
    with open_store(shared_etcd.access()) as opened:
        yield opened


@pytest.fixture
def etcd(tmp_path):
    """One of its own, not started."""
    made = Etcd(tmp_path)
    yield made
    made.stop()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """For all tests, each in namespaces of its own. Whoever ends a part of it starts it again."""
    with clusters.started(tmp_path_factory.mktemp("cluster")) as made:
        yield made


@pytest.fixture
def agents(tmp_path):
    """Makes agents: C(agents(access, label, **settings)), not started. They are gone afterwards."""
    with agent_processes.agents(tmp_path) as make:
        yield make


@pytest.fixture
def namespace():
    """A network namespace for an agent's CNF."""
    with Namespace("tagent") as made:
        yield made


@pytest.fixture(scope="module")
def api(cluster):
    """A client of the cluster, which has the CRD."""
    with with_crd(cluster.kubeconfig) as opened:
        yield opened
