# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Layer 3 together with the interfaces and tables that it stands on: what comes and goes with them, and in which order."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import PlanError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ARP, PROXY_ARP, ROUTE, VRF_TABLE
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import reconcile
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import everything
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppDataplane

from tests.unit.vpp.l3_world import World

KINDS = {kind.id: kind for kind in (INTERFACE, ROUTE, ARP, VRF_TABLE, PROXY_ARP)}


def interface(name, *addresses, **data):
    return INTERFACE.value({"name": name, "type": "SOFTWARE_LOOPBACK", "enabled": True, "ip_addresses": list(addresses), **data})


TABLE = VRF_TABLE.value({"id": 5, "label": "blue"})
LEFT, INNER = interface("left", "10.0.0.1/24", "fd00:1::1/64"), interface("inner", "10.5.0.1/24", vrf=5)
TO_LEFT = ROUTE.value({"dst_network": "198.51.100.0/24", "next_hop_addr": "10.0.0.9", "outgoing_interface": "left"})
TO_INNER = ROUTE.value({"dst_network": "198.51.100.0/24", "vrf_id": 5, "next_hop_addr": "10.5.0.9", "outgoing_interface": "inner"})
ACROSS = ROUTE.value({"dst_network": "203.0.113.0/24", "type": "INTER_VRF", "via_vrf_id": 5, "next_hop_addr": "10.5.0.9", "outgoing_interface": "inner"})
NEIGHBOUR = ARP.value({"interface": "inner", "ip_address": "10.5.0.9", "phys_address": "02:00:00:00:00:09", "static": True})
PROXY = PROXY_ARP.value({"interfaces": [{"name": "inner"}], "ranges": [{"first_ip_addr": "10.5.0.50", "last_ip_addr": "10.5.0.60", "vrf_id": 5}]})
ALL = [TABLE, LEFT, INNER, TO_LEFT, TO_INNER, ACROSS, NEIGHBOUR, PROXY]


@pytest.fixture
def world(vpp, session):
    return World(vpp, session)


def apply(world, *values, state="merged", kinds=None):
    plane = VppDataplane(world.session, everything.families({"cnf": "t"}), "t")
    return reconcile(plane, {kind.id: kind for kind in kinds} if kinds else KINDS, state, lambda there: values)


def test_all_at_once_and_all_away(world):
    done = apply(world, *ALL)
    assert sorted(done.after) == sorted(ALL)
    assert not apply(world, *ALL).outcome.changed
    done = apply(world, state="deleted")
    assert done.after == []
    commands = [command.split()[0] for command in done.outcome.commands]
    last_route = max(at for at, name in enumerate(commands) if name == "ip_route_add_del_v2")
    assert commands.index("delete_loopback") > last_route, "VPP would leave routes to the next interface with the number"
    assert not world.routes(world.source()) and not world.session.dump("proxy_arp_intfc_dump")


def test_an_interface_goes_by_itself(world):
    apply(world, *ALL)
    done = apply(world, INNER, state="deleted", kinds=[INTERFACE])
    assert [command.split()[0] for command in done.outcome.commands][-1] == "delete_loopback"
    assert sorted(apply(world, state="merged").before) == sorted([TABLE, LEFT, TO_LEFT]), "what was on it went before it"
    assert not world.session.dump("proxy_arp_intfc_dump")
    assert sorted(apply(world, *ALL).after) == sorted(ALL), "and all comes back"


def test_an_address_goes_by_itself(world):
    """VPP keeps routes and static neighbours when the address that reaches them goes."""
    apply(world, *ALL)
    done = apply(world, interface("left", "10.0.0.2/25"), state="replaced", kinds=[INTERFACE])
    assert {command.split()[0] for command in done.outcome.commands} == {"sw_interface_add_del_address"}
    assert not apply(world, TO_LEFT, kinds=[ROUTE]).outcome.changed


def test_a_table_does_not_go_while_an_interface_is_in_it(world):
    apply(world, *ALL)
    with pytest.raises(PlanError, match="inner"):
        apply(world, TABLE, state="deleted", kinds=[VRF_TABLE])
    assert not apply(world, *ALL).outcome.changed


def test_an_interface_moves_to_another_table(world):
    apply(world, TABLE, LEFT, INNER, NEIGHBOUR)
    moved = interface("inner", "10.5.0.1/24")
    apply(world, moved, state="replaced")
    done = apply(world, TABLE, LEFT, moved, NEIGHBOUR)
    assert not done.outcome.changed and world.session.call("sw_interface_get_table", sw_if_index=2, is_ipv6=False)["vrf_id"] == 0
