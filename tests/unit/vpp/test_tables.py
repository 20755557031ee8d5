# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VRF tables, on the double and on a live VPP."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import ApplyError, PlanError
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Operation, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ROUTE, VRF_TABLE
from ansible_collections.pantheon.cnf.plugins.module_utils.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Place, describe
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.route_values import RouteError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import LABEL, Tables
from hypothesis import given
from hypothesis import strategies as st

from tests.support.vpp import ip_table
from tests.unit.vpp.l3_world import World, told

ANY = 0xFFFFFFFF


def table(number=5, protocol="IPV4", **data):
    return VRF_TABLE.value({"id": number, "protocol": protocol, **data})


def route(number=5, **data):
    """Not of type DROP: old releases take none in a VRF."""
    return ROUTE.value({"dst_network": "198.51.100.0/24", "type": "INTER_VRF", "vrf_id": number, "via_vrf_id": 0, **data})


@pytest.fixture
def world(vpp, session):
    return World(vpp, session).build()


def there(world):
    """Name by family and id, without those that are always there."""
    found = [each["table"] for each in world.session.dump("ip_table_dump")]
    return {(6 if each["is_ip6"] else 4, each["table_id"]): each["name"] for each in found if each["table_id"]}


def made(world, number, name="", six=False):
    ip_table(world.session, True, number, six, name)


def locks(world, number):
    return world.session.call("cli_inband", cmd=f"show ip fib table {number} 0.0.0.0/0")["reply"].partition("locks:")[2].partition("]")[0]


VALUES = {
    "plain": [table()],
    "IPv6": [table(protocol="IPV6", label="blue")],
    "both": [table(label="blue"), table(protocol="IPV6", label="red")],
    "longest": [table(4294967294, label="x" * LABEL)],
    "one of the hash": [table(flow_hash_settings={"use_src_ip": True})],
    "all of the hash": [
        table(flow_hash_settings=dict.fromkeys(("use_src_ip", "use_dst_ip", "use_src_port", "use_dst_port", "use_protocol", "reverse", "symmetric"), True))
    ],
    "none of the hash": [table(flow_hash_settings={}), table(protocol="IPV6", flow_hash_settings={"use_dst_ip": True})],
}


def test_create_repeat_feed_back_delete(world):
    for name, values in VALUES.items():
        with told(name):
            there_and_back(world, values)


def there_and_back(world, values):
    assert sorted(world.apply(*values, check_mode=True).after) == sorted(values) and there(world) == {}
    done = world.apply(*values)
    assert sorted(done.after) == sorted(values) and len(there(world)) == len(values)
    world.again(*values)
    world.again(lambda found: found, state="overridden")
    world.apply(state="deleted")
    assert there(world) == {} and world.gathered() == []
    world.again(state="deleted")


def test_the_name_says_that_it_is_ours(world):
    world.apply(table(label="blue"), table(6))
    assert there(world) == {(4, 5): "pantheon.cnf:blue", (4, 6): "pantheon.cnf"}


def test_the_flow_hash_changes_in_place(world):
    world.apply(table(label="blue"), route())
    done = world.apply(table(flow_hash_settings={"use_src_ip": True}))
    assert [command.split()[0] for command in done.outcome.commands] == ["set_ip_flow_hash_v3"]
    assert table(label="blue", flow_hash_settings={"use_src_ip": True}) in done.after
    done = world.apply(table(label="blue"), state="replaced")
    assert len(done.outcome.commands) == 1 and table(label="blue") in done.after
    world.session.call("set_ip_flow_hash_v3", table_id=5, af=0, flow_hash_config=3)
    done = world.apply(table(label="blue"), state="replaced")
    assert done.outcome.changed, "and what others change is seen"


def test_the_flow_hash_of_table_0(world):
    value = table(0, flow_hash_settings={"use_dst_ip": True})
    done = world.apply(value)
    assert [command.split()[0] for command in done.outcome.commands] == ["set_ip_flow_hash_v3"]
    world.again(value)
    assert world.gathered() == []
    world.apply(table(5), state="overridden")
    world.again(value)


def test_what_is_always_there_takes_nothing(world):
    world.again(table(0), table(0, "IPV6"), table(ANY))
    assert there(world) == {}, "VPP would make a table 4294967295"


def test_another_label(world):
    """VPP keeps the first name, so the table has to be made anew; nobody may be using it."""
    world.apply(table(label="blue"))
    done = world.apply(table(label="red"))
    assert len(done.outcome.commands) == 2 and there(world) == {(4, 5): "pantheon.cnf:red"}
    world.apply(route())
    with pytest.raises(Refused, match="label: VPP does not rename table 5, .*: route 5 198.51.100.0/24"):
        world.apply(table(label="green"))
    world.again(table())


# -- whose it is -------------------------------------------------------------------------------------------------------


def test_tables_of_others(world):
    made(world, 7)
    made(world, 8, "yellow")
    assert world.gathered() == []
    world.again(table(7), table(8))
    world.again(table(8, label="yellow"))
    with pytest.raises(PlanError, match="table 8 of IPv4 is in the way"):
        world.apply(table(8, label="orange"))
    with pytest.raises(PlanError, match="table 7 of IPv4 is in the way"):
        world.apply(table(7, flow_hash_settings={"use_src_ip": True}))
    world.apply(route(7))
    world.apply(table(), state="overridden")
    world.apply(state="deleted")
    assert there(world) == {(4, 7): "ipv4-VRF:7", (4, 8): "yellow"}
    assert world.gathered("all") == [table(7), table(8, label="yellow")]
    world.again(lambda found: found, state="overridden", scope="all")
    world.apply(state="deleted", scope="all")
    assert there(world) == {}


def test_a_name_that_is_too_long_for_a_label_is_in_nobodys_way(world):
    made(world, 8, "x" * 63)
    world.again(lambda found: found, state="overridden", scope="all")


def test_a_table_that_somebody_keeps(world):
    """Taken away it stays, by our name: it is not ours any more until it is made again."""
    world.apply(table(label="blue"))
    world.interface("inner", 6, "10.5.0.1/24", vrf=5)
    done = world.apply(state="deleted")
    assert done.after == [] and there(world) == {(4, 5): "pantheon.cnf:blue"} and "API" not in locks(world, 5)
    world.again(state="deleted")
    assert world.apply(table(label="blue")).outcome.changed and "API" in locks(world, 5)
    world.again(table(label="blue"))
    world.apply(state="deleted")
    with pytest.raises(ApplyError, match="VPP still has table 5 of IPv4 by the name pantheon.cnf:blue.*undone"):
        world.apply(table(label="red"))
    world.session.call("delete_loopback", sw_if_index=world.index["inner"])
    assert there(world) == {}


def test_routes_of_ours_go_first(world):
    world.apply(table(), route(), route(0, type="INTER_VRF", via_vrf_id=5))
    done = world.apply(state="deleted")
    assert "ip_table_add_del" in done.outcome.commands[-1] and there(world) == {}
    made(world, 5)
    assert world.routes(world.source(), 5) == {}, "VPP would have kept them unseen"


def test_routes_of_others_stay_or_go(world):
    world.apply(table())
    world.foreign("203.0.113.0/24", "left", table=5)
    with pytest.raises(ApplyError, match="table 5 of IPv4 has routes that are not ours, such as 203.0.113.0/24.*undone"):
        world.apply(state="deleted")
    up = {each["sw_if_index"]: each["flags"] for each in world.session.dump("sw_interface_dump", sw_if_index=ANY)}
    world.apply(lambda found: [], state="overridden", scope="all", kinds=[VRF_TABLE])
    assert there(world) == {}
    made(world, 5)
    assert world.routes(8, 5) == {}
    assert up == {each["sw_if_index"]: each["flags"] for each in world.session.dump("sw_interface_dump", sw_if_index=ANY)}


# -- bad input and faults ----------------------------------------------------------------------------------------------


BAD = [
    (table(0, label="blue"), "label: table 0 is always there"),
    (table(ANY, label="blue"), "label: table 4294967295 is always there"),
    (table(1 << 31, flow_hash_settings={}), "flow_hash_settings: VPP does not tell"),
    (table(ANY, flow_hash_settings={}), "flow_hash_settings: 4294967295 is no table"),
    (table(label="x" * (LABEL + 1)), "label: .*at most 50 ASCII"),
    (table(label="bläu"), "label: .*ASCII"),
    (table(label="a\nb"), "label: .*ASCII"),
]


def test_bad_input(world):
    for value, says in BAD:
        with told(says), pytest.raises(Refused, match=says):
            world.apply(value)
    assert there(world) == {}


def test_what_fails_is_undone(double):
    with double.session() as session:
        world = World(double, session).build()
        double.double.fail("set_ip_flow_hash_v3", -3)
        with pytest.raises(ApplyError, match="flow hash of table 5 of IPv4.*NO_SUCH_FIB.*undone"):
            world.apply(table(label="blue", flow_hash_settings={}), table(6))
        assert there(world) == {}


def test_older_releases(make_double):
    place = make_double(release="24.02")
    with place.session() as session:
        world = World(place, session).build()
        with pytest.raises(RouteError, match="type: VPP before 24.10 ends of a route of type DROP in a VRF"):
            world.apply(table(), route(type="DROP", via_vrf_id=0))
        assert there(world) == {}
        world.apply(*VALUES["both"], table(6, flow_hash_settings={"reverse": True}))
        world.again(lambda found: found, state="overridden")
        world.apply(state="deleted")
        assert place.double.called("ip_table_add_del") and not place.double.called("ip_table_add_del_v2")


# -- without a VPP -----------------------------------------------------------------------------------------------------

HASHES = st.one_of(st.none(), st.fixed_dictionaries({}, optional=dict.fromkeys(("use_src_ip", "use_src_port", "reverse", "symmetric"), st.just(True))))
TABLES = st.lists(
    st.builds(
        lambda number, protocol, label, hashed: table(number, protocol, label=label, flow_hash_settings=hashed),
        st.integers(1, 2147483647),
        st.sampled_from(["IPV4", "IPV6"]),
        st.text("ab: -", max_size=LABEL),
        HASHES,
    ),
    max_size=4,
    unique_by=lambda value: value.key,
)


@given(TABLES)
def test_lower_and_lift_are_inverse(values):
    family = Tables()
    made = {one.key: one for one in family.lower(values, View({}, "t"))}
    assert sorted(family.lift(made, View(made, "t"))) == sorted(values)


def test_commands_without_a_vpp():
    family = Tables()
    values = [table(0, flow_hash_settings={"reverse": True}), table(7, "IPV6", label="blue")]
    lines = [describe(family.script(Operation("create", one.key, None, one), Place()), Place()) for one in family.lower(values, View({}, "t", offline=True))]
    assert lines == [
        ["set_ip_flow_hash_v3 table_id=0 af=0 flow_hash_config=32"],
        ["ip_table_add_del_v2 is_add=true create_mfib=true table={table_id=7 is_ip6=true name=pantheon.cnf:blue}"],
    ]
    gone = Resource(("table", "4", "5"), {"label": "", "flow_hash": 0x9F})
    assert describe(family.script(Operation("delete", gone.key, gone, None), Place()), Place()) == [
        "ip_table_add_del_v2 is_add=false table={table_id=5 is_ip6=false}"
    ]
