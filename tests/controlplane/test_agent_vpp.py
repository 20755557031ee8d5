# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent of a VPP (the double, and a live one where there is one): the same, and a VPP that is started anew gets all of it back."""

from __future__ import annotations

import os
import re
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import inventory

from tests.support.agents import eventually, put
from tests.support.modules import ModuleFailed, run_module
from tests.support.places import Places
from tests.support.vpp import NO_VPP, _live, double, live, make_double, program, vpp, vpp_descriptions
from tests.support.vpp_chain import DoubleChain, LiveChain

__all__ = ["_live", "double", "live", "make_double", "vpp", "vpp_descriptions"]

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="an agent needs root")

LOOP = ("vpp", "interfaces", {"name": "loop", "type": "SOFTWARE_LOOPBACK", "enabled": True, "ip_addresses": ["10.0.0.1/24"]})
ROUTE = ("vpp", "route", {"dst_network": "10.9.0.0/16", "next_hop_addr": "10.0.0.9", "outgoing_interface": "loop"})
NAT = [
    ("vpp.nat", "nat44-interface", {"name": "loop", "nat_inside": True}),
    ("vpp.nat", "nat44-interface", {"name": "later", "nat_outside": True, "output_feature": True}),
    ("vpp.nat", "nat44-pool", {"first_ip": "10.0.1.100", "last_ip": "10.0.1.105"}),
]
LATER = ("vpp", "interfaces", {"name": "later", "type": "SOFTWARE_LOOPBACK", "enabled": True, "ip_addresses": ["10.0.1.1/24"]})
LOOP_KEY, ROUTE_KEY = "config/vpp/v2/interfaces/loop", "config/vpp/v2/route/if/loop/vrf/0/dst/10.9.0.0/16/gw/10.0.0.9"


def addresses(place):
    """By logical name what a client of its own reads."""
    with place.session() as session:
        found = {each.name: each for each in inventory.interfaces(session)}
        there = inventory.addresses(session, [each.number for each in found.values()])
        return {name: sorted(there[each.number]) for name, each in found.items()}


@pytest.fixture(name="agent")
def _agent(agents, store, vpp):
    return agents(store.access, "lab", dataplane="vpp", socket=vpp.socket, resync=1, **({"api_dir": vpp.api_dir} if vpp.api_dir else {})).start()


def test_an_agent_of_a_vpp(store, agent, vpp):
    revision = put(store, "lab", LOOP, ROUTE, *NAT, ("linux.l3", "route", {"dst_network": "10.8.0.0/16", "outgoing_interface": "x", "scope": "LINK"}))
    assert agent.applied(store, revision).state == "OK"
    assert addresses(vpp)["loop"] == ["10.0.0.1/24"]
    assert [agent.state(store, key, "CONFIGURED").operation for key in (LOOP_KEY, ROUTE_KEY)] == ["CREATE", "CREATE"]
    assert agent.state(store, "config/vpp/nat/v2/nat44-interface/later", "PENDING").details == ("interface later",)
    assert agent.state(store, "config/linux/l3/v2/route/10.8.0.0/16/x", "UNIMPLEMENTED").error
    agent.applied(store, put(store, "lab", LATER))
    agent.state(store, "config/vpp/nat/v2/nat44-interface/later", "CONFIGURED")
    # Drift: nobody tells of it, it is looked for.
    route = {"config": [ROUTE[2]], "state": "deleted", **vpp.place}
    with pytest.raises(ModuleFailed) as failed:
        run_module("vpp_routes", **route)
    assert re.match(f"VPP at {vpp.socket} is managed by agent ", failed.value.result["msg"])
    with vpp.session() as session:
        (loop,) = [each for each in inventory.interfaces(session) if each.name == "loop"]
        session.call("sw_interface_add_del_address", sw_if_index=loop.number, is_add=False, del_all=True)
    eventually(lambda: addresses(vpp)["loop"] == ["10.0.0.1/24"], what="the address")
    # A VPP that is started anew.
    vpp.restart()
    eventually(lambda: addresses(vpp).get("loop") == ["10.0.0.1/24"] and addresses(vpp)["later"] == ["10.0.1.1/24"], what="the configuration")
    eventually(lambda: agent.status(store).state == "OK", what="OK")
    agent.state(store, ROUTE_KEY, "CONFIGURED")
    assert agent.stop() == 0
    assert addresses(vpp)["loop"] == ["10.0.0.1/24"]


def test_a_vpp_that_is_killed(agents, store, live):
    agent = agents(store.access, "lab", dataplane="vpp", socket=live.socket).start()
    agent.applied(store, put(store, "lab", LOOP, ROUTE))
    live.kill()
    eventually(lambda: agent.status(store).state == "Failed", what="Failed")
    assert agent.state(store, LOOP_KEY, "PENDING").details == (f"VPP at {live.socket}",)
    live.start()
    agent.state(store, LOOP_KEY, "CONFIGURED")
    assert addresses(live)["loop"] == ["10.0.0.1/24"]
    assert agent.status(store).state == "OK"


MESH = [
    (
        "cnf.nsm",
        "client",
        {"name": "out", "network_service": "net", "interface_name": "memif1", "interface_type": "MEM_INTERFACE", "ip_addresses": ["10.10.2.1/24"]},
    ),
    (
        "cnf.nsm",
        "endpoint",
        {
            "network_service": "net",
            "single_client": True,
            "interface_name_prefix": "memif",
            "interface_type": "MEM_INTERFACE",
            "ip_addresses": ["10.10.1.1/24"],
        },
    ),
    ("vpp.nat", "nat44-interface", {"name": "memif0", "nat_inside": True}),
    ("vpp.nat", "nat44-interface", {"name": "memif1", "nat_outside": True, "output_feature": True}),
    ("vpp.nat", "nat44-pool", {"first_ip": "10.10.2.100", "last_ip": "10.10.2.101"}),
]
CLIENT_KEY, ENDPOINT_KEY = "config/cnf/nsm/v1/client/out", "config/cnf/nsm/v1/endpoint/net"


@pytest.mark.parametrize("kind", ["double", "live"])
def test_links_of_a_vpp_are_awaited_and_awaited_again(request, agents, store, kind):
    """Made by cnf_link; gone with a VPP that is started anew, whose agent waits for them once more."""
    if kind == "live" and program() is None:
        pytest.skip(NO_VPP)
    with Places() as places:
        chain = LiveChain(places) if kind == "live" else DoubleChain(places, request.getfixturevalue("make_double"))
        api = {"api_dir": chain.api_dir} if chain.api_dir else {}
        agent = agents(store.access, chain.nat, dataplane="vpp", socket=chain.sockets[chain.nat], resync=1, **api).start()
        agent.applied(store, put(store, chain.nat, *MESH))
        assert agent.state(store, CLIENT_KEY, "PENDING").details == ("link memif1",)
        assert agent.state(store, ENDPOINT_KEY, "PENDING").details == ("link memif0",)
        for _each in range(2):
            chain.link()
            for key in (CLIENT_KEY, ENDPOINT_KEY, "config/vpp/nat/v2/nat44-interface/memif0", "config/vpp/nat/v2/nat44-interface/memif1"):
                agent.state(store, key, "CONFIGURED")
            changed = agent.metric('passes_total{why="resync",changed="true"}')
            time.sleep(1.5)
            assert agent.metric('passes_total{why="resync",changed="true"}') == changed  # what was looked at again is as it should be
            chain.restart(chain.nat)
            agent.state(store, CLIENT_KEY, "PENDING")
        assert agent.stop() == 0
