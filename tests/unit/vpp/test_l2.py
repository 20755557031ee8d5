# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bridge domains, forwarding entries and cross-connects on the double and on a live VPP."""

from __future__ import annotations

import typing as t
import zlib

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import ApplyError
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Resource, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import PlanError
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import paths
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import Invalid
from ansible_collections.pantheon.cnf.plugins.module_utils.view import UnknownInterface, View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.acl import Acls
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.bridges import LAST_ID, Bridges
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Place
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppDataplane
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.l2fib import L2Fib
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.xconnects import Xconnects

from tests.unit.vpp.layer2 import KINDS, World, value

MAC = "02:00:00:00:00:%02x"
ALL_FLAGS = {"flood": True, "unknown_unicast_flood": True, "forward": True, "learn": True}


def bridge(name: str, *interfaces: t.Union[str, t.Dict[str, t.Any]], **more: t.Any) -> Value:
    ports = [{"name": each} if isinstance(each, str) else each for each in interfaces]
    return value("vpp.l2/bridge-domain", name=name, **({"interfaces": ports} if ports else {}), **more)


def bvi(name: str) -> t.Dict[str, t.Any]:
    return {"name": name, "bridged_virtual_interface": True}


def fib(mac: str, domain: str, port: str = "", **more: t.Any) -> Value:
    where = {"outgoing_interface": port, "static_config": True} if port else {"action": "DROP"}
    return value("vpp.l2/fib", **{"phys_address": mac, "bridge_domain": domain, **where, **more})


def xconnect(receive: str, transmit: str) -> Value:
    return value("vpp.l2/xconnect", receive_interface=receive, transmit_interface=transmit)


@pytest.fixture
def world(session: t.Any) -> World:
    return World(session)


def domains(world: World) -> t.Dict[str, t.Any]:
    """Bridge domains by tag; those without one by number."""
    return {each["bd_tag"] or str(each["bd_id"]): each for each in world.session.dump("bridge_domain_dump", bd_id=NOWHERE, sw_if_index=NOWHERE)}


def members(world: World, name: str) -> t.List[t.Tuple[int, int]]:
    return sorted((each["sw_if_index"], each["shg"]) for each in domains(world)[name]["sw_if_details"])


def entries(world: World) -> t.Dict[str, t.Tuple[t.Any, ...]]:
    found = world.session.dump("l2_fib_table_dump", bd_id=NOWHERE)
    return {each["mac"]: (each["bd_id"], each["sw_if_index"], each["static_mac"], each["filter_mac"], each["bvi_mac"]) for each in found}


def xconnects(world: World) -> t.Dict[int, int]:
    return {each["rx_sw_if_index"]: each["tx_sw_if_index"] for each in world.session.dump("l2_xconnect_dump")}


def foreign_bridge(world: World, number: int, *ports: int, tag: str = "") -> None:
    """As somebody else makes it: by putting interfaces into it, unless it has a tag."""
    if tag or not ports:
        world.session.call("bridge_domain_add_del_v2", is_add=True, bd_id=number, bd_tag=tag, learn=True, forward=True)
    for index in ports:
        world.session.call("sw_interface_set_l2_bridge", rx_sw_if_index=index, bd_id=number, enable=True)


def entry(world: World, number: int, mac: str, port: int, is_add: bool = True, **flags: bool) -> None:
    world.session.call("l2fib_add_del", is_add=is_add, mac=mac, bd_id=number, sw_if_index=port, **flags)


# -- bridge domains ------------------------------------------------------------------------------------------------------


def test_a_bridge_domain_is_made_changed_in_place_and_taken_away(world: World) -> None:
    one, two, loop = world.loop("one", "two", "loop")
    arp = [{"ip_address": "10.0.0.1", "phys_address": MAC % 1}, {"ip_address": "FD00::1", "phys_address": "0200.0000.0002"}]
    first = bridge("lan", "one", {"name": "two", "split_horizon_group": 3}, bvi("loop"), **ALL_FLAGS, mac_age=5, arp_termination_table=arp)
    world.settle("merged", first)
    have = domains(world)["lan"]
    assert {name: have[name] for name in ("flood", "uu_flood", "forward", "learn", "arp_term", "arp_ufwd", "mac_age")} == {
        "flood": True, "uu_flood": True, "forward": True, "learn": True, "arp_term": False, "arp_ufwd": False, "mac_age": 5
    }  # fmt: skip
    assert members(world, "lan") == sorted([(one, 0), (two, 3), (loop, 0)]) and have["bvi_sw_if_index"] == loop
    dumped = {each["entry"]["ip"]: each["entry"]["mac"] for each in world.session.dump("bd_ip_mac_dump", bd_id=have["bd_id"])}
    assert dumped == {"10.0.0.1": MAC % 1, "fd00::1": MAC % 2}
    (gathered,) = world.gathered()
    assert gathered.data["interfaces"] == [bvi("loop"), {"name": "one"}, {"name": "two", "split_horizon_group": 3}]

    arp = [{"ip_address": "10.0.0.1", "phys_address": MAC % 9}, {"ip_address": "10.0.0.2", "phys_address": MAC % 3}]
    changed = bridge("lan", {"name": "one", "split_horizon_group": 3}, bvi("two"), learn=True, arp_termination=True, arp_termination_table=arp)
    commands = world.settle("replaced", changed).outcome.commands
    assert not [each for each in commands if each.startswith("bridge_domain_add_del")]
    now = domains(world)["lan"]
    assert now["bd_id"] == have["bd_id"] and now["bvi_sw_if_index"] == two and members(world, "lan") == sorted([(one, 3), (two, 0)])
    assert (now["learn"], now["arp_term"], now["flood"], now["uu_flood"], now["forward"], now["mac_age"]) == (True, True, False, False, False, 0)
    dumped = {each["entry"]["ip"]: each["entry"]["mac"] for each in world.session.dump("bd_ip_mac_dump", bd_id=have["bd_id"])}
    assert dumped == {"10.0.0.1": MAC % 9, "10.0.0.2": MAC % 3}

    world.settle("merged", bridge("lan", mac_age=9, learn=False))  # all else stays
    assert domains(world)["lan"]["mac_age"] == 9 and len(members(world, "lan")) == 2
    world.settle("deleted", bridge("lan"))
    assert not domains(world) and not entries(world)


def test_nothing_but_a_name(world: World) -> None:
    told = world.run("overridden", bridge("a"), bridge("b"), check_mode=True)
    done = world.settle("overridden", bridge("a"), bridge("b"))
    assert told.outcome.commands == done.outcome.commands and told.after == done.after == world.gathered()
    number = domains(world)["a"]["bd_id"]
    assert number == zlib.crc32(b"a") % LAST_ID + 1
    flags = "learn=false forward=false flood=false uu_flood=false arp_term=false arp_ufwd=false"
    assert done.outcome.commands[0] == f"bridge_domain_add_del_v2 is_add=true bd_id={number} bd_tag=a {flags} mac_age=0"
    world.settle("overridden", bridge("b"))
    assert list(domains(world)) == ["b"]
    world.settle("deleted")
    assert not domains(world)


def test_interfaces_move_between_bridge_domains_and_cross_connects(world: World) -> None:
    one, two, three = world.loop("one", "two", "three")
    world.settle("merged", bridge("a", "one", bvi("two")), bridge("b", "three"))
    world.settle("overridden", bridge("a", "three"), bridge("b", bvi("one"), "two"))
    assert members(world, "a") == [(three, 0)] and members(world, "b") == sorted([(one, 0), (two, 0)])
    world.settle("overridden", bridge("a", "three"), xconnect("one", "two"), xconnect("two", "one"))
    assert xconnects(world) == {one: two, two: one} and list(domains(world)) == ["a"]
    world.settle("overridden", bridge("c", "one", bvi("three")), xconnect("two", "three"))
    assert xconnects(world) == {two: three} and members(world, "c") == sorted([(one, 0), (three, 0)])
    world.settle("replaced", bridge("c", "three", bvi("one")))
    assert domains(world)["c"]["bvi_sw_if_index"] == one


def test_a_number_that_somebody_has_is_not_taken(world: World) -> None:
    number = zlib.crc32(b"lan") % LAST_ID + 1
    foreign_bridge(world, number)
    foreign_bridge(world, number + 1)
    world.settle("merged", bridge("lan"))
    assert domains(world)["lan"]["bd_id"] == number + 2
    world.settle("deleted")
    assert sorted(domains(world)) == sorted((str(number), str(number + 1)))


def test_what_is_in_the_way_is_named_and_left_alone(world: World) -> None:
    one, two, three = world.loop("one", "two", "three")
    foreign_bridge(world, 7, one)
    world.session.call("sw_interface_set_l2_xconnect", rx_sw_if_index=two, tx_sw_if_index=three, enable=True)
    before = domains(world), xconnects(world)
    with pytest.raises(PlanError, match="bridge port one is in the way: it exists with other settings and is not ours"):
        world.run("merged", bridge("lan", "one"))
    with pytest.raises(PlanError, match="cross-connect from one cannot have layer 2 one: bridge port one, which is not ours has it"):
        world.run("merged", xconnect("one", "two"))
    # A cross-connect cannot be marked: it is ours as its interfaces are, and goes when another use is asked for.
    assert before == (domains(world), xconnects(world))
    foreign_bridge(world, 8, tag="twice")
    foreign_bridge(world, 9, tag="twice")
    with pytest.raises(CnfError, match="bridge domains 8 and 9 of VPP have the tag twice, so it names none of them"):
        world.run("merged", bridge("twice"))
    world.settle("overridden", bridge("lan", "two"))
    assert set(domains(world)) == {"lan", "7", "twice"} and members(world, "7") == [(one, 0)]
    assert len(world.session.dump("bridge_domain_dump", bd_id=NOWHERE, sw_if_index=NOWHERE)) == 4
    everything = World(world.session, scope_all=True)
    everything.settle("merged", bridge("lan", "one"), take_foreign=True)
    assert members(world, "lan") == [(one, 0)] and members(world, "7") == []


def test_an_interface_for_unknown_stations_is_nobodys(world: World) -> None:
    one, two = world.loop("one", "two")
    world.settle("merged", bridge("lan", "one"))
    number = domains(world)["lan"]["bd_id"]
    world.session.call("sw_interface_set_l2_bridge", rx_sw_if_index=two, bd_id=number, port_type=2, enable=True)
    assert [each["name"] for each in world.gathered()[0].data["interfaces"]] == ["one"]
    with pytest.raises(PlanError, match="bridge domain lan cannot be changed: bridge port two, which is not ours, would vanish with it"):
        world.run("overridden")
    with pytest.raises(PlanError, match="bridge port two is in the way"):
        world.run("merged", bridge("lan", "one", "two"))
    assert domains(world)["lan"]["uu_fwd_sw_if_index"] == two and members(world, "lan") == [(one, 0)]


def test_bad_bridge_domains(world: World) -> None:
    world.loop("one", "two")
    with pytest.raises(UnknownInterface, match="CNF cnf has no interface thre; there are one, two"):
        world.run("merged", bridge("lan", "thre"))
    with pytest.raises(Invalid, match="one and two are all bridged_virtual_interface"):
        world.run("merged", bridge("lan", bvi("one"), bvi("two")))
    with pytest.raises(Invalid, match="has one, and so has"):
        world.run("merged", bridge("a", "one"), bridge("b", "one"))
    with pytest.raises(Refused, match="printable ASCII"):
        world.run("merged", bridge("läN"))
    twice = [{"ip_address": ip, "phys_address": MAC % at} for at, ip in enumerate(("fd00::1", "fd00:0::1"))]
    with pytest.raises(CnfError, match="fd00::1 has two MAC addresses"):
        world.run("merged", bridge("lan", arp_termination_table=twice))
    assert not domains(world)


def test_a_bvi_is_a_loopback() -> None:
    """VPP would send what is for the BVI over the memif."""
    there = {"memif0": {"device": "memif"}, "memif1": {"kind": "MEMIF"}, "loop0": {"device": "Loopback"}, "loop1": {"kind": "SOFTWARE_LOOPBACK"}}
    links = {("link", name): Resource(("link", name), {"ifname": name, **more}) for name, more in there.items()}
    list(Bridges().lower([bridge("lan", bvi("loop0"), "memif0"), bridge("wan", bvi("loop1"))], View(links)))
    for name in ("memif0", "memif1"):
        with pytest.raises(Refused, match=f"interfaces.bridged_virtual_interface: {name} is no SOFTWARE_LOOPBACK"):
            list(Bridges().lower([bridge("lan", bvi(name))], View(links)))


# -- forwarding entries ---------------------------------------------------------------------------------------------------


def test_entries(world: World) -> None:
    one, two, loop = world.loop("one", "two", "loop")
    lan = bridge("lan", "one", "two", bvi("loop"), learn=True, forward=True)
    mine = [fib(MAC % 1, "lan", "one"), fib("02-00-00-00-00-02", "lan"), fib(MAC % 3, "lan", "loop", bridged_virtual_interface=True)]
    world.settle("merged", lan, *mine, fib(MAC % 4, "lan", "loop", bridged_virtual_interface=True, static_config=False))
    number = domains(world)["lan"]["bd_id"]
    own = next(mac for mac, each in entries(world).items() if mac.startswith("de:ad"))
    assert entries(world) == {
        MAC % 1: (number, one, True, False, False),
        MAC % 2: (number, NOWHERE, True, True, False),
        MAC % 3: (number, loop, True, False, True),
        MAC % 4: (number, loop, False, False, True),
        own: (number, loop, True, False, True),
    }
    assert [each.data["phys_address"] for each in world.gathered() if each.kind.endswith("fib")] == [MAC % at for at in range(1, 5)]
    # What is learned looks like what is not static.
    entry(world, number, MAC % 5, two)
    assert not world.run("overridden", *world.gathered()).outcome.changed
    with pytest.raises(Refused, match="static_config: has to be true: VPP does not tell an entry that is not static from one that it learned"):
        world.run("merged", fib(MAC % 5, "lan", "two", static_config=False))
    world.settle("replaced", fib(MAC % 5, "lan", "two"), fib(MAC % 1, "lan", "two"), fib(MAC % 2, "lan", "one"))
    assert [entries(world)[MAC % at][1:4] for at in (1, 2, 5)] == [(two, True, False), (one, True, False), (two, True, False)]
    world.settle("replaced", fib(MAC % 1, "lan"))
    assert entries(world)[MAC % 1][1:4] == (NOWHERE, True, True)
    world.settle("deleted", fib(MAC % 1, "lan"), fib(MAC % 3, "lan", "loop"))
    assert set(entries(world)) == {MAC % 2, MAC % 4, MAC % 5, own}
    # The BVI's own entry may be asked for; it is there anyway, and stays.
    assert not world.run("merged", fib(own, "lan", "loop", bridged_virtual_interface=True)).outcome.changed
    world.settle("overridden", lan)
    assert set(entries(world)) == {own}
    world.settle("overridden")
    assert not domains(world)


def test_bad_entries(world: World) -> None:
    world.loop("one", "two")
    world.settle("merged", bridge("lan", "one"))
    for wanted, why in (
        (fib(MAC % 1, "wan", "one"), "bridge_domain: CNF cnf has no bridge domain wan"),
        (fib(MAC % 1, "lan", "two"), "outgoing_interface: two is not in bridge domain lan"),
        (fib(MAC % 1, "lan", "one", bridged_virtual_interface=True), "bridged_virtual_interface: one is not that of bridge domain lan"),
        (fib(MAC % 1, "lan", "one", action="DROP"), "outgoing_interface: an entry with action DROP has none"),
        (fib(MAC % 1, "lan", action="DROP", bridged_virtual_interface=True), "bridged_virtual_interface: an entry with action DROP has none"),
        (fib("01:00:5e:00:00:01", "lan", "one"), "phys_address: 01:00:5e:00:00:01 is no MAC address of one interface"),
        (fib("00:00:00:00:00:00", "lan", "one"), "is no MAC address of one interface"),
    ):
        with pytest.raises(Refused, match=why):
            world.run("merged", wanted)
    assert not entries(world)


def test_entries_go_before_their_port_and_their_bridge_domain(world: World) -> None:
    """VPP would keep them, and give them to what comes next."""
    one, two = world.loop("one", "two")
    world.settle("merged", bridge("lan", "one", "two"), fib(MAC % 1, "lan", "one"), fib(MAC % 2, "lan"))
    world.settle("overridden", bridge("lan", "two"), fib(MAC % 2, "lan"))
    assert set(entries(world)) == {MAC % 2}
    world.settle("overridden", bridge("new", "one", "two"))
    assert not entries(world) and members(world, "new") == sorted([(one, 0), (two, 0)])


def test_a_new_bridge_domain_has_nothing_of_an_old_one(world: World) -> None:
    (one,) = world.loop("one")
    foreign_bridge(world, 7, one)
    entry(world, 7, MAC % 1, one, static_mac=True)
    entry(world, 7, MAC % 2, 0, filter_mac=True)
    world.session.call("sw_interface_set_l2_bridge", rx_sw_if_index=one, enable=False)
    world.session.call("bridge_domain_add_del_v2", is_add=False, bd_id=7)
    assert {each[0] for each in entries(world).values()} == {NOWHERE}
    world.settle("merged", bridge("lan", "one"))
    assert not entries(world)


def test_entries_of_a_port_that_is_gone_are_taken_away(world: World) -> None:
    one, two = world.loop("one", "two")
    lan = bridge("lan", "one", "two")
    world.settle("merged", lan, fib(MAC % 1, "lan", "one"), fib(MAC % 2, "lan", "two"))
    world.session.call("delete_loopback", sw_if_index=one)
    assert set(entries(world)) == {MAC % 1, MAC % 2}
    world.settle("merged", bridge("lan", mac_age=3))
    assert set(entries(world)) == {MAC % 2} and [each.kind for each in world.gathered()] == ["vpp.l2/bridge-domain", "vpp.l2/fib"]
    (again,) = world.loop("one")
    assert again == one
    world.settle("merged", lan, fib(MAC % 1, "lan", "one"))
    assert entries(world)[MAC % 1][1] == one


# -- cross-connects ------------------------------------------------------------------------------------------------------


def test_cross_connects(world: World) -> None:
    one, two, other = world.loop("one", "two", "")
    told = world.run("merged", xconnect("one", "two"), check_mode=True)
    done = world.settle("merged", xconnect("one", "two"))
    assert told.outcome.commands == done.outcome.commands == ["sw_interface_set_l2_xconnect rx_sw_if_index=one tx_sw_if_index=two enable=true"]
    assert xconnects(world) == {one: two}
    name = world.session.dump("sw_interface_dump", sw_if_index=other)[0]["interface_name"]
    world.settle("merged", xconnect("one", name), xconnect("two", "one"), xconnect(name, "one"))
    assert xconnects(world) == {one: other, two: one, other: one}
    assert len(world.gathered()) == 3
    world.settle("deleted", xconnect("one", "two"))
    assert xconnects(world) == {two: one, other: one}
    world.settle("overridden", xconnect("two", name))
    assert xconnects(world) == {two: other}
    world.settle("deleted")
    assert not xconnects(world)
    with pytest.raises(UnknownInterface):
        world.run("merged", xconnect("one", "three"))
    with pytest.raises(Invalid, match="is the same as receive_interface"):
        world.run("merged", xconnect("one", "one"))


def test_cross_connects_between_interfaces_of_others_are_theirs(world: World) -> None:
    one, two, _ours = world.loop("", "", "ours")
    world.session.call("sw_interface_set_l2_xconnect", rx_sw_if_index=one, tx_sw_if_index=two, enable=True)
    first, second = (world.session.dump("sw_interface_dump", sw_if_index=index)[0]["interface_name"] for index in (one, two))
    assert world.gathered() == []
    with pytest.raises(PlanError, match="is in the way"):
        world.run("merged", xconnect(first, "ours"))
    world.settle("overridden")
    assert xconnects(world) == {one: two}
    everything = World(world.session, scope_all=True)
    assert everything.gathered() == [xconnect(first, second)]
    everything.settle("overridden", xconnect(second, first), take_foreign=True)
    assert xconnects(world) == {two: one}


def test_a_cross_connect_to_nowhere_is_taken_away_or_repaired(world: World) -> None:
    """The next interface with the number would be sent to."""
    one, two, three = world.loop("one", "two", "three")
    world.settle("merged", xconnect("one", "two"), xconnect("three", "one"))
    world.session.call("delete_loopback", sw_if_index=two)
    assert xconnects(world) == {one: two, three: one}
    assert world.run("merged", xconnect("one", "three")).outcome.changed  # put in its place
    assert xconnects(world) == {one: three, three: one}
    world.settle("merged", xconnect("one", "three"))
    world.session.call("delete_loopback", sw_if_index=three)  # takes the other one with it, as it receives
    assert xconnects(world) == {}
    two, three = world.loop("two", "three")
    world.settle("merged", xconnect("one", "two"))
    world.session.call("delete_loopback", sw_if_index=two)
    assert xconnects(world) == {one: two}
    world.settle("merged", xconnect("three", "one"))
    assert xconnects(world) == {three: one}


# -- with interfaces that come and go --------------------------------------------------------------------------------------


def loopback(name: str, **more: t.Any) -> Value:
    return value("vpp/interfaces", name=name, type="SOFTWARE_LOOPBACK", enabled=True, **more)


def memif(name: str, number: int) -> Value:
    return value("vpp/interfaces", name=name, type="MEMIF", enabled=True, memif={"id": number, "master": True, "socket_filename": "memif.sock"})


def index(world: World, name: str) -> int:
    return next(each["sw_if_index"] for each in world.session.dump("sw_interface_dump", sw_if_index=NOWHERE) if each["tag"] == name)


def everything_on(*names: str) -> t.List[Value]:
    acl = {"name": "a", "rules": [{"action": "PERMIT", "ip_rule": {"tcp": {}}}], "interfaces": {"ingress": list(names), "egress": list(names)}}
    return [bridge("lan", *names, bvi("loop"), learn=True), *(fib(MAC % at, "lan", name) for at, name in enumerate(names)), value("vpp.acls/acl", **acl)]


@pytest.fixture
def whole(session: t.Any) -> World:
    return World(session, interfaces=True)


def test_what_is_on_an_interface_goes_with_it(whole: World) -> None:
    links = [memif("one", 1), memif("two", 2), loopback("loop")]
    whole.settle("overridden", *links, *everything_on("one", "two"))
    assert {each.key for each in whole.gathered()} == {each.key for each in (*links, *everything_on("one", "two"))}
    # A task about interfaces alone: what other kinds have on the one that goes is given up.
    whole.settle("overridden", *links[1:], kinds=["vpp/interfaces"])
    assert {mac for mac in entries(whole) if mac.startswith("02:00:00:00:00:")} == {MAC % 1}
    assert members(whole, "lan") == sorted([(index(whole, "two"), 0), (index(whole, "loop"), 0)])
    (one,) = whole.loop("new")  # with the number of the one that went
    assert not whole.session.dump("acl_interface_list_dump", sw_if_index=one)[0]["acls"]
    whole.settle("overridden", kinds=["vpp/interfaces"])
    assert [each.kind for each in World(whole.session).gathered()] == ["vpp.acls/acl", "vpp.l2/bridge-domain"]
    assert not entries(whole) and not members(whole, "lan")


def test_what_is_on_an_interface_comes_back_with_it(whole: World) -> None:
    links = [memif("two", 2), loopback("loop")]
    whole.settle("overridden", memif("one", 1), *links, *everything_on("one", "two"))
    before = whole.gathered()
    whole.settle("merged", memif("one", 7), kinds=["vpp/interfaces"])  # a memif does not change its number
    after = whole.gathered()
    assert [each for each in after if each.kind != "vpp/interfaces"] == [each for each in before if each.kind != "vpp/interfaces"]
    assert members(whole, "lan") == sorted((index(whole, name), 0) for name in ("one", "two", "loop"))
    assert entries(whole)[MAC % 0][1] == index(whole, "one")


def test_a_receiving_interface_that_goes_takes_nothing_along(whole: World) -> None:
    """VPP takes the interface that a cross-connect sends to out of its bridge domain, when the one goes that receives."""
    links = [loopback("one"), loopback("two")]
    whole.settle("overridden", *links, bridge("lan", "two"), xconnect("one", "two"))
    whole.settle("overridden", links[1], kinds=["vpp/interfaces"])
    assert not xconnects(whole) and members(whole, "lan") == [(index(whole, "two"), 0)]
    whole.settle("overridden", *links, bridge("lan", "two"), xconnect("one", "two"))
    whole.settle("overridden", links[0], kinds=["vpp/interfaces"])
    assert not xconnects(whole) and not members(whole, "lan")


def states() -> t.Dict[str, t.List[Value]]:
    """Ways to use the same three interfaces and the same names."""

    def acl(name: str, rule: str, **interfaces: t.List[str]) -> Value:
        station = {"source_address": "10.0.0.1", "source_mac_address": MAC % 1, "source_mac_address_mask": "ff:ff:ff:ff:ff:ff"}
        rules = [{"action": "PERMIT", "macip_rule": station} if rule == "mac" else {"action": "PERMIT", "ip_rule": {rule: {}}}]
        return value("vpp.acls/acl", name=name, rules=rules, interfaces=interfaces)

    return {
        "nothing": [],
        "bridge": [bridge("a", "one", bvi("two"), learn=True), fib(MAC % 1, "a", "one"), fib(MAC % 2, "a"), acl("x", "tcp", ingress=["one", "two"])],
        "other bvi": [bridge("a", "two", bvi("one"), "three"), fib(MAC % 1, "a", "three"), acl("x", "udp", ingress=["two"], egress=["one"])],
        "two bridges": [bridge("a", "three"), bridge("b", "one", "two"), fib(MAC % 1, "b", "two"), fib(MAC % 1, "a"), acl("x", "mac", ingress=["one"])],
        "swapped": [bridge("b", "three"), bridge("a", "one", "two"), fib(MAC % 2, "a", "two"), acl("y", "mac", ingress=["one", "three"])],
        "connected": [xconnect("one", "two"), xconnect("two", "one"), acl("x", "tcp", ingress=["one"]), acl("y", "udp", ingress=["one"])],
        "both": [xconnect("three", "one"), bridge("b", "one", bvi("two")), fib(MAC % 1, "b", "two", bridged_virtual_interface=True)],
    }


def test_from_every_state_to_every_other(world: World) -> None:
    world.loop("one", "two", "three")
    ways = states()
    for before in ways.values():
        for after in ways.values():
            world.run("overridden", *before)
            world.settle("overridden", *after)
            assert {each.key for each in world.values()} == {each.key for each in after}


def test_every_field_has_a_word() -> None:
    for family in (Bridges, L2Fib, Xconnects, Acls):
        for kind, said in family.support.items():
            assert set(said) == set(paths(KINDS[kind].fields))


# -- without a VPP, and faults -------------------------------------------------------------------------------------------


def test_rendered_without_a_vpp() -> None:
    dataplane = VppDataplane(Place(), [Bridges(), L2Fib(), Xconnects()], "cnf", offline=True)
    wanted = [bridge("lan", "memif0", bvi("loop0")), fib(MAC % 1, "lan", "memif0"), fib(MAC % 2, "wan", "tap0"), xconnect("a", "b")]
    keys = list(dataplane.lower(wanted, {}))
    assert keys == [
        ("bridge", "lan"), ("bridge-port", "memif0"), ("bridge-port", "loop0"), ("fdb", "lan", MAC % 1), ("fdb", "wan", MAC % 2), ("xconnect", "a")
    ]  # fmt: skip


def test_what_failed_is_undone(double: t.Any) -> None:
    with double.session() as session:
        world = World(session)
        one, two = world.loop("one", "two")
        world.settle("merged", bridge("lan", "one", learn=True), fib(MAC % 1, "lan", "one"))
        before = domains(world), entries(world)
        double.double.fail("l2fib_add_del", -6, nth=2)
        with pytest.raises(ApplyError, match="All that was done was undone") as error:
            world.run("overridden", bridge("lan", "one", "two"), fib(MAC % 1, "lan", "one"), fib(MAC % 2, "lan"), fib(MAC % 3, "lan", "two"))
        assert f"{MAC % 3} in bridge domain lan" in error.value.message and "NO_SUCH_ENTRY" in error.value.message
        assert (domains(world), entries(world)) == before
        assert two not in [each for each, _group in members(world, "lan")] and one


def test_an_older_vpp_has_an_older_message(make_double: t.Any) -> None:
    with make_double(without={"bridge_domain_add_del_v2"}).session() as session:
        world = World(session)
        commands = world.settle("merged", bridge("lan", learn=True)).outcome.commands
        assert commands[0].startswith("bridge_domain_add_del is_add=true")
        world.settle("deleted")
        assert not domains(world)
