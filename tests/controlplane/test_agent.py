# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent on the kernel and a real etcd: what is stored is done, and what is done is said."""

from __future__ import annotations

import json
import os

import pytest

from tests.support.agents import agents, entries, eventually
from tests.support.namespaces import Namespace

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")

LINK = ("linux.interfaces", "interface", {"name": "lan", "type": "VETH", "enabled": True, "ip_addresses": ["10.0.0.1/24"], "veth": {"peer_if_name": "far"}})
FAR = ("linux.interfaces", "interface", {"name": "far", "type": "VETH", "enabled": True, "veth": {"peer_if_name": "lan"}})
ROUTE = ("linux.l3", "route", {"dst_network": "10.9.0.0/16", "outgoing_interface": "lan", "gw_addr": "10.0.0.9", "scope": "GLOBAL"})
LINK_KEY, ROUTE_KEY = "config/linux/interfaces/v2/interface/lan", "config/linux/l3/v2/route/10.9.0.0/16/lan"


@pytest.fixture(name="namespace")
def _namespace():
    with Namespace("tagent") as namespace:
        yield namespace


@pytest.fixture(name="make")
def _make(tmp_path):
    with agents(tmp_path) as make:
        yield make


@pytest.fixture(name="agent")
def _agent(make, store, namespace):
    """One that runs."""
    return make(store.access, "lab", namespace=namespace.name).start()


def put(store, label, *items):
    """Write items as anybody would; returns the revision of the last one."""
    revision = 0
    for key, value in entries(label, *items).items():
        revision = store.put(key, value)
    return revision


def test_what_is_stored_is_done_and_said(store, namespace, agent):
    revision = put(store, "lab", FAR, ROUTE, LINK)
    assert agent.applied(store, revision).state == "OK"
    assert "inet 10.0.0.1/24" in namespace.ip("address show lan")
    assert "via 10.0.0.9" in namespace.ip("route show 10.9.0.0/16")
    assert [agent.state(store, key, "CONFIGURED").operation for key in (LINK_KEY, ROUTE_KEY)] == ["CREATE", "CREATE"]
    assert agent.page("/readiness")[0] == 200
    assert json.loads(agent.page("/readiness")[1])["items"] == {"CONFIGURED": 3}

    changed = put(store, "lab", (*LINK[:2], {**LINK[2], "ip_addresses": ["10.0.0.2/24"]}))
    agent.applied(store, changed)
    assert "10.0.0.2/24" in namespace.ip("address show lan")
    assert "10.0.0.1/24" not in namespace.ip("address show lan")
    assert agent.state(store, LINK_KEY, "CONFIGURED").operation == "UPDATE"

    agent.applied(store, store.delete(f"/vnf-agent/lab/{ROUTE_KEY}"))
    assert namespace.ip("route show 10.9.0.0/16") == ""
    eventually(lambda: agent.item(store, ROUTE_KEY) is None)
    assert agent.stop() == 0
    assert agent.status(store) is None
    assert "10.0.0.2/24" in namespace.ip("address show lan")
