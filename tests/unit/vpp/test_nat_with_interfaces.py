# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT44 together with the interfaces and tables that it stands on: what comes and goes with them, and in which order."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import PlanError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import VRF_TABLE
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.nat import KINDS as NAT_KINDS
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import reconcile
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import everything
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppDataplane

from tests.unit.vpp.nat_world import dnat, mapping, pool, role, value, world

__all__ = ["world"]

KINDS = {kind.id: kind for kind in (INTERFACE, VRF_TABLE, *NAT_KINDS)}


def interface(name, *addresses, **data):
    return INTERFACE.value({"name": name, "type": "SOFTWARE_LOOPBACK", "enabled": True, "ip_addresses": list(addresses), **data})


LAN, WAN = interface("lan", "10.5.0.1/24"), interface("wan", "203.0.113.1/24")
NAT = (
    role("lan", "inside"),
    role("wan", "output"),
    pool("203.0.113.100", "203.0.113.101"),
    dnat("web", mapping("wan", 80)),
    value("interface-pool", name="lan", twice_nat=True),
)


def apply(world, *values, state="merged", own=True, kinds=KINDS, **options):
    plane = VppDataplane(world.session, everything.families({"cnf": "t", "own_nat": own}), "t")
    return reconcile(plane, {kind: KINDS[kind] for kind in kinds}, state, lambda there: values, **options)


def calls(done):
    return [command.split()[0] for command in done.outcome.commands]


def test_nothing_has_an_address_before_nat_stands(world):
    done = apply(world, LAN, WAN, *NAT)
    roles = ["nat44_interface_add_del_feature", "nat44_ed_add_del_output_interface"]
    assert max(map(calls(done).index, roles)) < calls(done).index("sw_interface_add_del_address")
    assert not apply(world, LAN, WAN, *NAT).outcome.changed
    assert {"external_ip_address": "203.0.113.1"}.items() <= world.show("nat44_static_mapping_dump")[0].items()


def test_everything_goes_and_interfaces_take_their_roles_along(world):
    """So that no packet finds an interface that still has an address, and no role any more."""
    apply(world, LAN, WAN, *NAT)
    done = apply(world, state="deleted")
    assert done.after == [] and world.config()["sessions"] == 0
    assert "nat44_ed_add_del_output_interface" not in calls(done) and calls(done).count("delete_loopback") == 4
    last = len(calls(done)) - calls(done)[::-1].index("delete_loopback")
    assert {"nat44_add_del_static_mapping_v2", "nat44_add_del_interface_addr"} <= set(calls(done)[:last])  # these VPP would keep
    assert world.show("nat44_interface_addr_dump") == []


@pytest.mark.parametrize("order", [(WAN, LAN), (LAN, WAN)], ids=["outside first", "inside first"])
def test_an_interface_goes_by_itself_with_what_nat_has_on_it(world, order):
    apply(world, LAN, WAN, *NAT)
    for each in order:
        apply(world, each, state="deleted", kinds=[INTERFACE.id])
    assert world.show("nat44_interface_dump") == world.show("nat44_ed_output_interface_get") == world.show("nat44_interface_addr_dump") == []
    assert world.show("nat44_static_mapping_dump") == []
    assert world.pool() == ["203.0.113.100", "203.0.113.101"]
    apply(world, LAN, WAN, *NAT)
    assert not apply(world, LAN, WAN, *NAT).outcome.changed


def test_an_interface_with_a_role_of_others_does_not_go(world):
    apply(world, LAN, WAN, *NAT)
    with pytest.raises(PlanError, match="NAT role of wan, which is not ours, would vanish with it. Remove that first, or say with own_nat: true"):
        apply(world, WAN, state="deleted", own=False, kinds=[INTERFACE.id])


def test_an_interface_goes_to_another_table_and_its_role_with_it(world):
    """VPP would leave its entries for the pool in the old table."""
    apply(world, LAN, WAN, *NAT)
    moved = interface("wan", "203.0.113.1/24", vrf=7)
    done = apply(world, VRF_TABLE.value({"id": 7}), moved, kinds=[VRF_TABLE.id, INTERFACE.id])
    order = [command for command in done.outcome.commands if command.startswith(("nat44_ed_add", "sw_interface_set_table"))]
    assert [each.split()[0:2] for each in order] == [
        ["nat44_ed_add_del_output_interface", "is_add=false"],
        ["sw_interface_set_table", "sw_if_index=wan"],
        ["nat44_ed_add_del_output_interface", "is_add=true"],
    ]
    assert not apply(world, LAN, moved, *NAT).outcome.changed
    if world.place.kind == "live":
        found = [world.session.call("cli_inband", cmd=f"show ip fib table {table} 203.0.113.100/32")["reply"] for table in (0, 7)]
        assert ["203.0.113.100/32" in each.splitlines()[1] for each in found] == [False, True]


def test_a_table_that_a_pool_is_in_does_not_go(world):
    table = VRF_TABLE.value({"id": 7})
    apply(world, table, pool("203.0.113.100", vrf_id=7))
    with pytest.raises(PlanError, match="NAT pool address 203.0.113.100"):
        apply(world, table, state="deleted", kinds=[VRF_TABLE.id])
    done = apply(world, state="deleted")
    assert done.after == []
