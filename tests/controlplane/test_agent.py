# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent on the kernel and a real etcd: what is stored is done, and what is done is said."""

from __future__ import annotations

import json
import os
import pathlib
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import load_objects
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configurations import CNFConfigurations
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import report

from tests.support.agents import FAR, LINK, LINK_KEY, ROUTE, ROUTE_KEY, eventually, put
from tests.support.modules import ModuleFailed, run_module
from tests.support.namespaces import Namespace
from tests.support.places import Places

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")


@pytest.fixture(name="agent")
def _agent(agents, store, namespace):
    """One that runs."""
    return agents(store.access, "lab", namespace=namespace.name).start()


@pytest.fixture(name="elsewhere")
def _elsewhere():
    with Namespace("tagent") as made:
        yield made


@pytest.fixture(name="settled")
def _settled(agent, store):
    """One that has applied a link with an address and a route over it."""
    agent.applied(store, put(store, "lab", FAR, ROUTE, LINK))
    agent.state(store, ROUTE_KEY, "CONFIGURED")
    return agent


def route(network, interface, **more):
    return "linux.l3", "route", {"dst_network": network, "outgoing_interface": interface, "scope": "LINK", **more}


def has_route(namespace):
    return "via 10.0.0.9" in namespace.run("ip", "route", "show", "10.9.0.0/16")


def addresses(namespace, name="lan"):
    return [words[3] for words in map(str.split, namespace.run("ip", "-o", "-4", "address", "show", "dev", name).splitlines())]


def test_what_is_stored_is_done_and_said(store, namespace, agent):
    eventually(lambda: agent.page("/readiness")[0] == 200)
    assert json.loads(agent.page("/readiness")[1])["items"] == {}
    revision = put(store, "lab", FAR, ROUTE, LINK)
    assert agent.applied(store, revision).state == "OK"
    assert addresses(namespace) == ["10.0.0.1/24"]
    assert "via 10.0.0.9" in namespace.ip("route show 10.9.0.0/16")
    assert [agent.state(store, key, "CONFIGURED").operation for key in (LINK_KEY, ROUTE_KEY)] == ["CREATE", "CREATE"]

    status, told = agent.page("/readiness")
    assert status == 200
    assert json.loads(told) == {"ready": True, "state": "OK", "message": "", "applied": revision, "epoch": "", "items": {"CONFIGURED": 3}}
    assert [agent.page(path)[0] for path in ("/liveness", "/healthz", "/readyz", "/metrics", "/else")] == [200, 200, 200, 200, 404]
    assert agent.metric('items{state="CONFIGURED"}') == 3
    assert agent.metric("applied_revision") == agent.status(store).applied

    changed = put(store, "lab", (*LINK[:2], {**LINK[2], "ip_addresses": ["10.0.0.2/24"]}))
    agent.applied(store, changed)
    assert addresses(namespace) == ["10.0.0.2/24"]
    assert agent.state(store, LINK_KEY, "CONFIGURED").operation == "UPDATE"

    agent.applied(store, store.delete(f"/vnf-agent/lab/{ROUTE_KEY}"))
    assert namespace.ip("route show 10.9.0.0/16") == ""
    eventually(lambda: agent.item(store, ROUTE_KEY) is None)
    assert agent.stop() == 0
    assert agent.status(store) is None
    assert addresses(namespace) == ["10.0.0.2/24"]


def test_one_bad_item_costs_the_others_nothing(store, namespace, agent):
    """Undecodable, of no model, of no kind of this dataplane, wrong in itself, in conflict, waiting, refused by the kernel: each has its state."""
    bad = {
        "config/linux/l3/v2/route/10.8.0.0/16/lan": b"{",
        "config/linux/l3/v2/route/10.7.0.0/16/lan": b'{"dst_network":"10.6.0.0/16","outgoing_interface":"lan"}',
        "config/foreign/v1/thing/x": b"{}",
        "config/linux/l3/v2/route/\xff": b"{}",
        "config/vpp/srv6/v2/srv6-global": b"{}",
    }
    for key, value in bad.items():
        store.put(f"/vnf-agent/lab/{key}", value)
    namespace.ip("link add taken type veth peer name other")
    revision = put(
        store,
        "lab",
        FAR,
        ROUTE,
        route("10.5.0.0/16", "nowhere"),
        route("10.4.0.0/16", "lan", scope="GLOBAL", gw_addr="172.16.0.1"),
        ("linux.interfaces", "interface", {"name": "taken", "type": "VETH", "veth": {"peer_if_name": "two"}}),
        ("linux.interfaces", "interface", {"name": "two", "type": "VETH", "veth": {"peer_if_name": "taken"}}),
        ("linux.interfaces", "interface", {"name": "later", "type": "EXISTING", "enabled": True, "ip_addresses": ["10.3.0.1/24"]}),
        LINK,
    )
    assert agent.applied(store, revision).state == "OK"
    assert addresses(namespace) == ["10.0.0.1/24"]
    assert "via 10.0.0.9" in namespace.ip("route show 10.9.0.0/16")
    states = {key: agent.item(store, key) for key in (*bad, LINK_KEY, ROUTE_KEY)}
    assert [each.state for each in states.values()] == ["INVALID", "INVALID", "UNIMPLEMENTED", "INVALID", "UNIMPLEMENTED", "CONFIGURED", "CONFIGURED"]
    waits = agent.state(store, "config/linux/l3/v2/route/10.5.0.0/16/nowhere", "PENDING")
    assert waits.details == ("interface nowhere",)
    assert agent.state(store, "config/linux/interfaces/v2/interface/later", "PENDING").details == ("later",)
    assert agent.state(store, "config/linux/l3/v2/route/10.4.0.0/16/lan", "PENDING").details == ("gw-reachable",)
    for name in ("taken", "two"):
        refused = agent.state(store, f"config/linux/interfaces/v2/interface/{name}", "FAILED")
        assert "not ours" in refused.error

    # What they wait for comes, and the one in the way goes.
    namespace.ip("link add later type veth peer name more")
    namespace.ip("link delete taken")
    agent.state(store, "config/linux/interfaces/v2/interface/later", "CONFIGURED")
    assert addresses(namespace, "later") == ["10.3.0.1/24"]
    agent.state(store, "config/linux/interfaces/v2/interface/two", "CONFIGURED")
    # Two of one name: who was there first stays.
    put(store, "lab", ("vpp", "interfaces", {"name": "lan", "type": "TAP", "tap": {"version": 2}}))
    agent.state(store, "config/vpp/v2/interfaces/lan", "FAILED")
    assert agent.item(store, LINK_KEY).state == "CONFIGURED"
    # One that is mended is done.
    agent.applied(store, put(store, "lab", route("10.8.0.0/16", "lan")))
    agent.state(store, "config/linux/l3/v2/route/10.8.0.0/16/lan", "CONFIGURED")


def test_what_becomes_unreadable_stays_as_it_was(store, namespace, settled):
    revision = store.put(f"/vnf-agent/lab/{LINK_KEY}", b"oops")
    settled.applied(store, revision)
    assert settled.state(store, LINK_KEY, "INVALID").error
    assert addresses(namespace) == ["10.0.0.1/24"]
    assert settled.item(store, ROUTE_KEY).state == "CONFIGURED"
    settled.stop()
    settled.start()  # it has never seen the good one, and leaves what is there
    settled.applied(store, store.get("/")[0] - 5)
    settled.state(store, LINK_KEY, "INVALID")
    assert addresses(namespace) == ["10.0.0.1/24"]


MESH = """
apiVersion: pantheon.tech/v1
kind: CNFConfiguration
metadata: {name: %(label)s}
spec:
  microservice: %(label)s
  configItems:
    - {module: cnf.nsm, type: client, data: {name: out, network_service: net, interface_name: memif1, interface_type: MEM_INTERFACE,
       ip_addresses: [80.80.80.100/24]}}
    - {module: cnf.nsm, type: endpoint, data: {network_service: net, single_client: true, interface_name_prefix: memif,
       interface_type: MEM_INTERFACE, ip_addresses: [192.168.100.1/24]}}
    - {module: vpp.nat, type: nat44-interface, data: {name: memif0, nat_inside: true}}
    - {module: vpp.nat, type: nat44-interface, data: {name: memif1, nat_outside: true, output_feature: true}}
    - {module: vpp.nat, type: nat44-pool, data: {first_ip: 80.80.80.100, last_ip: 80.80.80.105}}
"""


def test_items_of_the_mesh_wait_for_their_links(agents, store):
    """The demo's NAT44 CNF: its links are made by cnf_link while the agent runs, one after the other, and taken away again."""
    import yaml

    with Places() as places:
        name, other = places.name("nat"), places.name("other")
        run_module("cnf_sandbox", sandboxes=[{"name": name}, {"name": other}])
        agent = agents(store.access, name, namespace=name, memif_substitution="veth").start()
        configurations = CNFConfigurations(store)
        items = load_objects([yaml.safe_load(MESH % {"label": name})]).configurations[0].items
        revision = configurations.publish("demo", items).revision
        agent.applied(store, revision)
        client, endpoint = "config/cnf/nsm/v1/client/out", "config/cnf/nsm/v1/endpoint/net"
        assert agent.state(store, client, "PENDING").details == ("link memif1",)
        assert agent.state(store, endpoint, "PENDING").details == ("link memif0",)
        assert agent.state(store, "config/vpp/nat/v2/nat44-interface/memif1", "PENDING").details == ("interface memif1",)
        told = report(store, configurations.read("demo").record)
        assert told[:2] == ("False", "Pending")
        assert "link memif0" in told.message

        def link(interface, peer):
            ends = [{"cnf": name, "interface": interface, "kind": "vpp/interfaces", "type": "MEMIF"}, {"cnf": other, "interface": peer}]
            return {"ends": ends}

        run_module("cnf_link", links=[link("memif1", "a")])
        agent.state(store, client, "CONFIGURED")
        assert agent.item(store, endpoint).state == "PENDING"
        run_module("cnf_link", links=[link("memif0", "b")])
        agent.state(store, endpoint, "CONFIGURED")
        eventually(lambda: report(store, configurations.read("demo").record)[:2] == ("True", "Applied"))
        run_module("cnf_link", links=[link("memif0", "b")], state="absent")
        assert agent.state(store, endpoint, "PENDING").details == ("link memif0",)
        agent.state(store, "config/vpp/nat/v2/nat44-interface/memif0", "PENDING")
        assert agent.item(store, client).state == "CONFIGURED"


def test_at_rest_drift_and_pause(store, namespace, settled):
    def rest():
        """What three seconds take; the kernel tells of IPv6 some time after a link is up."""
        before, passes = settled.cpu(), settled.metric("passes_total")
        time.sleep(3)
        return settled.metric("passes_total") == passes and settled.cpu() - before <= 0.03

    eventually(rest, what="rest")

    namespace.ip("route delete 10.9.0.0/16")
    eventually(lambda: has_route(namespace), what="the route")
    namespace.ip("address delete 10.0.0.1/24 dev lan")
    eventually(lambda: addresses(namespace) == ["10.0.0.1/24"] and has_route(namespace), what="address and route")
    namespace.ip("link delete far")
    eventually(lambda: addresses(namespace) == ["10.0.0.1/24"] and has_route(namespace), what="the link")
    eventually(lambda: settled.metric('passes_total{why="drift",changed="true"}') >= 2)

    pause = pathlib.Path(settled.settings["pause_file"])
    pause.touch()
    eventually(lambda: settled.status(store).state == "Paused")
    namespace.ip("route delete 10.9.0.0/16")
    revision = put(store, "lab", route("10.8.0.0/16", "lan"))
    time.sleep(1.5)
    assert not has_route(namespace) and not namespace.ip("route show 10.8.0.0/16")
    told = settled.status(store)
    assert told.applied < revision and str(pause) in told.message
    assert settled.page("/readiness")[0] == 503
    pause.unlink()
    assert settled.applied(store, revision).state == "OK"
    assert has_route(namespace) and namespace.ip("route show 10.8.0.0/16")


def test_nat_that_somebody_flushed_comes_back(agents, store, namespace):
    """And values with variables of the environment in them."""
    agent = agents(store.access, "lab", namespace=namespace.name).start(ETCD_EXPAND_ENV_VARS="true", LAB_ADDRESS="10.0.0.7/24")
    inside = ("vpp.nat", "nat44-interface", {"name": "lan", "nat_inside": True})
    outside = ("vpp.nat", "nat44-interface", {"name": "far", "nat_outside": True, "output_feature": True})
    pool = ("vpp.nat", "nat44-pool", {"first_ip": "10.0.1.100", "last_ip": "10.0.1.105"})
    put(store, "lab", FAR, inside, outside, pool)
    value = json.dumps({**LINK[2], "ip_addresses": ["$LAB_ADDRESS"]}).encode()
    agent.applied(store, store.put(f"/vnf-agent/lab/{LINK_KEY}", value))
    assert addresses(namespace) == ["10.0.0.7/24"]
    agent.state(store, "config/vpp/nat/v2/nat44-interface/far", "CONFIGURED")
    rules = namespace.run("nft", "list", "ruleset")
    assert "10.0.1.100" in rules
    namespace.run("nft", "flush", "ruleset")
    namespace.run("sysctl", "-w", "net.ipv4.ip_forward=0")
    eventually(lambda: namespace.run("nft", "list", "ruleset") == rules and namespace.run("sysctl", "-n", "net.ipv4.ip_forward").strip() == "1", what="NAT")


def test_there_is_one_manager(agents, store, namespace, elsewhere, settled):
    """Modules are refused, and so are other agents: on one host by the lock, elsewhere by the store."""
    options = {"cnf": "lab", "namespace": namespace.name, "config": [{"dst_network": "10.7.0.0/16", "outgoing_interface": "lan", "scope": "LINK"}]}
    for check in (False, True):
        with pytest.raises(ModuleFailed) as failed:
            run_module("linux_routes", _ansible_check_mode=check, **options)
        message = failed.value.result["msg"]
        assert f"CNF lab is managed by agent {os.uname().nodename}:lab of microservice lab (process {settled.process.pid}, since " in message
        assert f"takes its configuration from etcd {store.access.endpoints[0]}" in message
    assert run_module("linux_routes", **{**options, "config": None, "state": "gathered"})["gathered"]

    second = agents(store.access, "lab", namespace=namespace.name).start()
    beside = agents(store.access, "other", namespace=namespace.name).start()
    third = agents(store.access, "lab", cnf="elsewhere", namespace=elsewhere.name).start()
    eventually(lambda: second.page("/readiness")[0] == 503 and json.loads(second.page("/readiness")[1])["state"] == "Failed")
    eventually(lambda: "CNF lab is managed by agent" in second.said())
    eventually(lambda: f"network namespace {namespace.name} is managed by agent" in beside.said())
    eventually(lambda: "lab is managed by agent" in third.said())
    assert addresses(namespace) == ["10.0.0.1/24"]
    assert second.stop() == beside.stop() == 0
    settled.stop()
    eventually(lambda: third.status(store), what="the one that takes over")
    assert third.stop() == 0
    run_module("linux_routes", **options)
