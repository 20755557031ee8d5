# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endpoint-independent NAT44, as far as VPP's plugin for it goes."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import PlanError
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused

from tests.unit.vpp import nat_world
from tests.unit.vpp.nat_world import SIDES, World, dnat, mapping, pool, role, value

EI = value("global", endpoint_independent=True)
POOL = pool("192.0.2.100", "192.0.2.102")


@pytest.fixture(params=["double", "live"])
def world(request):
    for one in nat_world.on(request):
        if not one.session.offers("nat44_ei_show_running_config"):
            pytest.skip("this VPP has no plugin nat44_ei")
        yield one


def running(world):
    return dict(world.session.call("nat44_ei_show_running_config"))


def test_all_that_it_can_do(world):
    wanted = (
        EI,
        role("in", "inside"),
        role("out", "outside"),
        role("loop9", "output"),
        POOL,
        value("timeouts", udp=33),
        value("mss-clamp", mss=1400),
        value("interface-pool", name="loop9"),
        dnat("web", mapping("192.0.2.100", 80), mapping("203.0.113.5", local="10.0.0.5")),
        dnat("id", identities=[{"ip_address": "10.0.0.7"}, {"interface": "in"}]),
    )
    done = world.twice(*wanted)
    assert sorted(done.after) == sorted(wanted) == world.gathered()
    assert running(world)["sessions"] == 10240 and world.config()["sessions"] == 0
    assert world.show("nat44_ei_interface_dump") == [{"flags": 16, "sw_if_index": "in"}, {"flags": 32, "sw_if_index": "out"}]
    assert world.show("nat44_ei_output_interface_get") == [{"sw_if_index": "loop9"}]
    world.twice(role("in", "inside", "outside"), role("out", "output"), state="replaced")
    assert {"flags": 48, "sw_if_index": "in"} in world.show("nat44_ei_interface_dump")
    done = world.apply(state="deleted")
    assert done.after == [] and running(world)["sessions"] == 0


def test_from_the_one_to_the_other_and_back(world):
    world.apply(*SIDES, POOL, dnat("web", mapping("192.0.2.100", 80)))
    world.twice(EI, value("plugin", sessions=2000))
    assert world.config()["sessions"] == 0 and running(world)["sessions"] == 2000
    assert len(world.session.dump("nat44_ei_static_mapping_dump")) == 1 and len(world.session.dump("nat44_ei_address_dump")) == 3
    world.twice(value("global"), state="replaced")
    assert running(world)["sessions"] == 0 and len(world.show("nat44_static_mapping_dump")) == 1


def test_items_without_a_global_go_to_the_plugin_that_is_enabled(world):
    world.session.call("nat44_ei_plugin_enable_disable", enable=True)
    world.twice(*SIDES, POOL, own=False)
    assert world.config()["sessions"] == 0 and len(world.session.dump("nat44_ei_address_dump")) == 3
    with pytest.raises(Refused, match="twice_nat: endpoint-independent NAT cannot do this, and NAT44-EI is"):
        world.apply(pool("192.0.2.200", twice_nat=True), own=False)


def test_both_at_once(world):
    world.session.call("nat44_ei_plugin_enable_disable", enable=True)
    world.session.call("nat44_ed_plugin_enable_disable", enable=True)
    with pytest.raises(CnfError, match="both NAT44-ED and NAT44-EI are enabled in this VPP"):
        world.apply(POOL)


def test_a_mapping_with_ports_takes_an_address_of_a_pool(world):
    with pytest.raises(PlanError, match=r"NAT mapping of 203.0.113.5 TCP 80 needs NAT pool address 203.0.113.5, which is neither there nor asked for"):
        world.apply(EI, POOL, dnat("web", mapping("203.0.113.5", 80)))
    world.twice(EI, POOL, dnat("web", mapping("192.0.2.102", 80)))
    done = world.apply(EI, pool("192.0.2.100"), state="overridden")  # VPP lets no address go that a mapping uses
    order = [each.partition(" ")[0] + each.partition("192.0.2.102")[1] for each in done.outcome.commands]
    assert order.index("nat44_ei_add_del_static_mapping192.0.2.102") < order.index("nat44_ei_add_del_address_range192.0.2.102")


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (
            [value("global", endpoint_independent=True, address_pool=[{"address": "192.0.2.9", "twice_nat": True}])],
            "address_pool.twice_nat: endpoint-independent NAT cannot",
        ),
        ([EI, pool("192.0.2.200", twice_nat=True)], "twice_nat: endpoint-independent NAT cannot do this, and NAT44-EI is asked for"),
        ([EI, value("interface-pool", name="in", twice_nat=True)], "twice_nat: endpoint-independent"),
        ([EI, value("session-limit", sessions=5)], "sessions: endpoint-independent"),
        ([EI, value("vrf")], "src_vrf_id: needs endpoint-dependent NAT"),
        ([EI, value("vrf-route")], "src_vrf_id: needs endpoint-dependent NAT"),
        (
            [
                EI,
                dnat(
                    "a",
                    {
                        "external_ip": "192.0.2.1",
                        "external_port": 80,
                        "local_ips": [{"local_ip": f"10.0.0.{each}", "local_port": 80, "probability": 1} for each in (1, 2)],
                    },
                ),
            ],
            "local_ips: several need endpoint-dependent NAT",
        ),
        ([EI, POOL, dnat("a", mapping("192.0.2.100", 80, local_port=80), mapping("192.0.2.100", 81, local_port=80))], "10.0.0.80 is mapped by vpp.nat/dnat44"),
    ],
)
def test_what_it_cannot_do_is_refused_by_name(double, wanted, text):
    with double.session() as session:
        world = World(double, session).build()
        with pytest.raises(CnfError) as error:
            world.apply(*wanted)
        assert text in error.value.message
        assert "nat44_ei_plugin_enable_disable" not in world.writes()


def test_without_the_plugin_it_is_said_which(make_double):
    place = make_double(lacks={"nat44_ei"})
    with place.session() as session:
        world = World(place, session).build()
        with pytest.raises(CnfError, match=r"this VPP has no NAT44-EI: its plugin nat44_ei_plugin.so is not loaded"):
            world.apply(EI)
        world.twice(*SIDES, POOL)
