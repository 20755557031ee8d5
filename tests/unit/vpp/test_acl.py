# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ACLs and MACIP ACLs on the double and on a live VPP."""

from __future__ import annotations

import re
import subprocess
import time
import typing as t

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import ApplyError
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.acl import ACL
from ansible_collections.pantheon.cnf.plugins.module_utils.view import UnknownInterface
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import acl_rules
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.acl import Acls
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Place
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppDataplane
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE

from tests.unit.vpp.layer2 import KINDS, World

WEB: t.Dict[str, t.Any] = {"action": "PERMIT", "ip_rule": {"tcp": {"destination_port_range": {"lower_port": 80, "upper_port": 80}}}}
PING: t.Dict[str, t.Any] = {"action": "REFLECT", "ip_rule": {"icmp": {"icmp_type_range": {"first": 8, "last": 8}}}}
NET: t.Dict[str, t.Any] = {"action": "DENY", "ip_rule": {"ip": {"source_network": "10.0.0.0/8"}}}
STATION = {"source_mac_address": "02:00:00:00:00:01", "source_mac_address_mask": "ff:ff:ff:ff:ff:ff"}


def acl(name: str, *rules: t.Mapping[str, t.Any], **interfaces: t.Sequence[str]) -> Value:
    return ACL.value({"name": name, "rules": list(rules or (WEB,)), **({"interfaces": interfaces} if interfaces else {})})


def macip_acl(name: str, address: str = "10.0.0.9", **interfaces: t.Sequence[str]) -> Value:
    return acl(name, {"action": "PERMIT", "macip_rule": {"source_address": address, "source_address_prefix": 32, **STATION}}, **interfaces)


@pytest.fixture
def world(session: t.Any) -> World:
    return World(session)


def acls(world: World, message: str = "acl_dump") -> t.Dict[int, str]:
    return {each["acl_index"]: each["tag"] for each in world.session.dump(message, acl_index=NOWHERE)}


def lists(world: World, index: int) -> t.Tuple[t.List[int], t.List[int], t.List[int]]:
    """Input, output, MACIP."""
    (one,) = world.session.dump("acl_interface_list_dump", sw_if_index=index)
    found = [each["acls"] for each in world.session.dump("macip_acl_interface_list_dump", sw_if_index=index)]
    return one["acls"][: one["n_input"]], one["acls"][one["n_input"] :], [number for each in found for number in each if number != NOWHERE]


def foreign(world: World, tag: str = "", **rule: t.Any) -> int:
    fields = {"acl_index": NOWHERE, "tag": tag, "r": [{**acl_rules.lower("PERMIT", NET["ip_rule"])[0], **rule}]}
    return t.cast(int, world.session.call("acl_add_replace", **fields)["acl_index"])


def foreign_macip(world: World, tag: str = "", **rule: t.Any) -> int:
    return t.cast(int, world.session.call("macip_acl_add_replace", acl_index=NOWHERE, tag=tag, r=[{"is_permit": 1, **rule}])["acl_index"])


def attach(world: World, index: int, ways: t.Sequence[int] = (), out: t.Sequence[int] = ()) -> None:
    world.session.call("acl_interface_set_acl_list", sw_if_index=index, count=len(ways) + len(out), n_input=len(ways), acls=[*ways, *out])


def test_made_changed_in_place_and_taken_away(world: World) -> None:
    one, two = world.loop("one", "two")
    result = world.settle("merged", acl("a", WEB, PING, NET, ingress=["one"], egress=["two", "one"]))
    assert [each.split()[0] for each in result.outcome.commands] == ["acl_add_replace", "acl_interface_set_acl_list", "acl_interface_set_acl_list"]
    assert "acl_interface_set_acl_list sw_if_index=one count=2 n_input=1 acls=[a a]" in result.outcome.commands
    ((index, tag),) = acls(world).items()
    assert tag == "a" and lists(world, one) == ([index], [index], []) and lists(world, two) == ([], [index], [])
    rules = world.session.dump("acl_dump", acl_index=index)[0]["r"]
    assert rules == [each for rule in (WEB, PING, NET) for each in acl_rules.lower(rule["action"], rule["ip_rule"])]
    assert len(rules) == 4  # the first is of no family
    assert result.after == [acl("a", WEB, PING, NET, ingress=["one"], egress=["one", "two"])] == world.gathered()

    changed = world.settle("merged", acl("a", NET))  # the interfaces stay as they are
    assert [each.split()[:2] for each in changed.outcome.commands] == [["acl_add_replace", "acl_index=a"]]
    assert acls(world) == {index: "a"} and len(world.session.dump("acl_dump", acl_index=index)[0]["r"]) == 1
    assert lists(world, one) == ([index], [index], [])

    world.settle("replaced", acl("a", NET, ingress=["two"]))
    assert lists(world, one) == ([], [], []) and lists(world, two) == ([index], [], [])
    world.settle("replaced", acl("a", NET))
    assert lists(world, two) == ([], [], []) and acls(world) == {index: "a"}
    world.settle("deleted", acl("a"))
    assert acls(world) == {}


def test_states_and_check_mode(world: World) -> None:
    world.loop("one")
    told = world.run("overridden", acl("a", ingress=["one"]), macip_acl("m", ingress=["one"]), check_mode=True)
    assert not acls(world)
    done = world.settle("overridden", acl("a", ingress=["one"]), macip_acl("m", ingress=["one"]))
    assert (told.outcome.commands, told.after) == (done.outcome.commands, done.after)
    world.settle("overridden", acl("b", NET, ingress=["one"]))
    assert [each.data["name"] for each in world.gathered()] == ["b"] and acls(world, "macip_acl_dump") == {}
    world.settle("merged", acl("a", ingress=["one"]), macip_acl("m"))
    assert [each.data["name"] for each in world.gathered()] == ["a", "b", "m"]
    world.settle("deleted")
    assert not world.gathered() and not acls(world)


def test_several_on_an_interface_are_in_the_order_of_their_names(world: World) -> None:
    (one,) = world.loop("one")
    world.settle("merged", acl("b", ingress=["one"]), acl("c", ingress=["one", "one"], egress=["one"]))
    world.settle("merged", acl("a", ingress=["one"]))
    names = acls(world)
    ingress, egress, _macip = lists(world, one)
    assert [names[each] for each in ingress] == ["a", "b", "c"] and [names[each] for each in egress] == ["c"]
    attach(world, one, [ingress[2], ingress[0], ingress[1]], egress)  # somebody turns them around
    assert world.settle("merged", acl("a")).outcome.changed
    assert lists(world, one)[0] == ingress


def test_what_others_attached_stays_where_it_is(world: World) -> None:
    one, two = world.loop("one", "")
    before, after = foreign(world), foreign(world, "cli")
    attach(world, one, [before], [before, after])
    world.settle("merged", acl("a", ingress=["one"], egress=["one"]))
    number = next(index for index, tag in acls(world).items() if tag == "a")
    assert lists(world, one)[:2] == ([before, number], [before, after, number])
    attach(world, one, [before, number, after], [number, after])
    assert not world.run("merged", acl("a", ingress=["one"], egress=["one"])).outcome.changed
    world.settle("merged", acl("b", ingress=["one"]), acl("0", ingress=["one"]))
    by_name = {tag: index for index, tag in acls(world).items()}
    assert lists(world, one)[:2] == ([before, by_name["0"], number, by_name["b"], after], [number, after])
    assert [each.data["name"] for each in world.gathered()] == ["0", "a", "b"]
    # An interface that is not ours has no name but VPP's.
    name = world.session.dump("sw_interface_dump", sw_if_index=two)[0]["interface_name"]
    world.settle("replaced", acl("b", egress=[name]))
    assert lists(world, two)[:2] == ([], [by_name["b"]])
    world.settle("overridden")
    assert lists(world, one)[:2] == ([before, after], [after]) and lists(world, two)[:2] == ([], [])
    assert sorted(acls(world)) == [before, after]


def test_macip(world: World) -> None:
    one, two = world.loop("one", "two")
    world.settle("merged", macip_acl("m", ingress=["one", "two"]), acl("a", ingress=["one"]))
    ((number, tag),) = acls(world, "macip_acl_dump").items()
    assert tag == "m" and lists(world, one)[2] == lists(world, two)[2] == [number]
    assert world.gathered() == [acl("a", ingress=["one"]), macip_acl("m", ingress=["one", "two"])]
    world.settle("merged", macip_acl("m", "fd00::1"))
    assert acls(world, "macip_acl_dump") == {number: "m"}
    assert world.session.dump("macip_acl_dump", acl_index=number)[0]["r"][0]["src_prefix"] == "fd00::/32"
    world.settle("replaced", macip_acl("m", "fd00::1", ingress=["two"]), macip_acl("n", ingress=["one"]))
    assert lists(world, one)[2] != [number] and lists(world, two)[2] == [number]
    world.settle("deleted", macip_acl("m"))
    assert lists(world, two)[2] == [] and list(acls(world, "macip_acl_dump").values()) == ["n"]


def test_an_acl_that_becomes_one_of_macip_rules_leaves_nothing_open(world: World) -> None:
    (one,) = world.loop("one")
    world.settle("merged", acl("x", ingress=["one"]), acl("y", ingress=["one"]))
    there = world.settle("replaced", macip_acl("x", ingress=["one"]))
    assert [each.split()[0] for each in there.outcome.commands] == [
        "macip_acl_add_replace",
        "macip_acl_interface_add_del",
        "acl_interface_set_acl_list",
        "acl_del",
    ]
    assert list(acls(world).values()) == ["y"] and len(lists(world, one)[0]) == len(lists(world, one)[2]) == 1
    back = world.settle("replaced", acl("x", ingress=["one"]))
    assert [each.split()[0] for each in back.outcome.commands] == [
        "acl_add_replace",
        "acl_interface_set_acl_list",
        "macip_acl_interface_add_del",
        "macip_acl_del",
    ]
    assert not acls(world, "macip_acl_dump") and len(lists(world, one)[0]) == 2


def test_a_new_list_is_there_before_the_old_one_goes(world: World) -> None:
    world.loop("one")
    world.settle("merged", acl("old", ingress=["one"]))
    commands = world.settle("overridden", acl("new", ingress=["one"])).outcome.commands
    assert [each.split()[0] for each in commands] == ["acl_add_replace", "acl_interface_set_acl_list", "acl_del"]
    assert commands[1].endswith("acls=[new]")


def test_an_index_is_only_good_for_one_run(world: World) -> None:
    """VPP gives the index of a deleted ACL to the next one, whoever makes it."""
    (one,) = world.loop("one")
    world.settle("merged", acl("a", ingress=["one"]))
    ((index, _tag),) = acls(world).items()
    attach(world, one)
    world.session.call("acl_del", acl_index=index)
    assert foreign(world, "theirs") == index
    world.settle("merged", acl("a", ingress=["one"]))
    names = acls(world)
    assert names[index] == "theirs" and [names[each] for each in lists(world, one)[0]] == ["a"]


def test_telling_what_would_be_done_learns_nothing(world: World) -> None:
    world.loop("one")
    keep = foreign(world, "theirs")
    world.settle("merged", acl("a"), acl("b"))
    world.run("merged", acl("a", NET), acl("b", NET), check_mode=True)
    world.settle("merged", acl("b", NET))
    assert acls(world)[keep] == "theirs" and len({*acls(world)}) == 3


def test_a_tag_that_two_have_is_no_name(world: World) -> None:
    (one,) = world.loop("one")
    first, second = foreign(world, "x"), foreign(world, "x")
    attach(world, one, [second])
    with pytest.raises(CnfError, match=rf"ACLs {first} and {second} of VPP have the tag x, so it names none of them"):
        world.run("merged", acl("x"))
    with pytest.raises(CnfError, match="have the tag x"):
        world.run("merged", macip_acl("x"))
    # What has nothing to do with them goes on, and they are left alone.
    world.settle("overridden", acl("y", ingress=["one"]))
    assert lists(world, one)[0][0] == second and sorted(acls(world).values()) == ["x", "x", "y"]
    assert [each.data["name"] for each in world.gathered()] == ["y"]


def test_the_same_tag_on_an_acl_and_a_macip_acl_is_no_name(world: World) -> None:
    foreign(world, "x")
    foreign_macip(world, "x", src_mac_mask="ff:ff:ff:ff:ff:ff")
    for wanted in (acl("x"), macip_acl("x")):
        with pytest.raises(CnfError, match="both an ACL and a MACIP ACL of VPP have the tag x"):
            world.run("merged", wanted)
    world.settle("overridden", acl("y"))
    assert [each.data["name"] for each in world.gathered()] == ["y"] and "x" in acls(world).values()


@pytest.mark.parametrize("rule", [{"is_permit": 3}, {"proto": 6, "dstport_or_icmpcode_last": 0, "tcp_flags_mask": 0}])
def test_what_no_item_can_say_is_left_alone(world: World, rule: t.Any) -> None:
    (one,) = world.loop("one")
    rule = {"srcport_or_icmptype_last": 65535, **rule}
    number = foreign(world, "x", **rule)
    attach(world, one, [number])
    before = world.session.dump("acl_dump", acl_index=number)
    world.settle("overridden", acl("y", ingress=["one"]))
    assert world.session.dump("acl_dump", acl_index=number) == before and lists(world, one)[0][0] == number
    everything = World(world.session, scope_all=True)
    for one_world, options in ((world, {}), (everything, {"take_foreign": True})):
        with pytest.raises(CnfError, match=f"ACL {number} of VPP has the tag x and contents that no item can say"):
            one_world.run("merged", acl("x"), **options)
    everything.settle("overridden", take_foreign=True)
    assert list(acls(world)) == [number] and lists(world, one)[0] == [number]


def test_a_macip_acl_of_somebody_else_is_not_replaced(world: World) -> None:
    (one,) = world.loop("one")
    theirs = foreign_macip(world)
    world.session.call("macip_acl_interface_add_del", is_add=True, sw_if_index=one, acl_index=theirs)
    world.settle("merged", acl("a", ingress=["one"]))
    with pytest.raises(CnfError, match=rf"interface one has the MACIP ACL {theirs}, which is not ours"):
        world.run("merged", macip_acl("m", ingress=["one"]))
    world.settle("overridden")
    assert lists(world, one) == ([], [], [theirs])


def test_bad_input(world: World) -> None:
    world.loop("one")
    with pytest.raises(UnknownInterface, match="CNF cnf has no interface two; there are one"):
        world.run("merged", acl("a", ingress=["two"]))
    with pytest.raises(Refused, match="interfaces.ingress: one has the MACIP ACL m already, and VPP has one on an interface"):
        world.run("merged", macip_acl("m", ingress=["one"]), macip_acl("n", ingress=["one"]))
    for name, why in (("äcl", "printable ASCII"), ("a\tb", "printable ASCII"), ("cli", "command line")):
        with pytest.raises(Refused, match=why):
            world.run("merged", acl(name))
    with pytest.raises(Refused, match=r"rules\[1\].macip_rule.source_address_prefix: 33 is more than the 32 bits"):
        rules = [{"macip_rule": {"source_address": "10.0.0.1", "source_address_prefix": length, **STATION}} for length in (32, 33)]
        world.run("merged", acl("a", *rules))
    with pytest.raises(Refused, match="rules 1 and 2 match the same packets and do the opposite"):
        anybody = {"source_address": "0.0.0.0", **STATION}
        world.run("merged", acl("a", {"action": "PERMIT", "macip_rule": anybody}, {"macip_rule": {**anybody, "source_address_prefix": 8}}))
    with pytest.raises(Refused, match=r"rules.ip_rule.icmp.icmpv6: icmpv6 does not go with networks of the other family"):
        world.run("merged", acl("a", {"ip_rule": {"icmp": {"icmpv6": True}, "ip": {"source_network": "10.0.0.0/8"}}}))
    with pytest.raises(Refused, match="one has more than the 255 ACLs"):
        world.run("merged", *(acl(f"a{at}", ingress=["one"], egress=["one"]) for at in range(128)))
    assert acls(world) == {} == acls(world, "macip_acl_dump")


def test_an_interface_takes_its_lists_with_it(world: World) -> None:
    (one,) = world.loop("one")
    world.settle("merged", acl("a", ingress=["one"]), macip_acl("m", ingress=["one"]))
    world.session.call("delete_loopback", sw_if_index=one)
    (two,) = world.loop("two")
    assert two == one and lists(world, two) == ([], [], [])
    assert world.gathered() == [acl("a"), macip_acl("m")]
    world.settle("merged", acl("a", ingress=["two"]))
    assert len(lists(world, two)[0]) == 1


def test_without_its_plugin_there_are_none(make_double: t.Any) -> None:
    with make_double(lacks={"acl"}).session() as session:
        world = World(session)
        assert world.gathered() == []
        with pytest.raises(CnfError, match="its plugin acl_plugin.so is not loaded"):
            world.run("merged", acl("a"))


def test_what_failed_is_undone(double: t.Any) -> None:
    with double.session() as session:
        world = World(session)
        one, two = world.loop("one", "two")
        world.settle("merged", acl("a", ingress=["one"]))
        before = session.dump("acl_dump", acl_index=NOWHERE)
        double.double.fail("acl_interface_set_acl_list", -1, nth=2)
        with pytest.raises(ApplyError, match="All that was done was undone") as error:
            world.run("merged", acl("a", NET, ingress=["one", "two"]), acl("b", ingress=["one"]))
        assert "access lists of two" in error.value.message and "UNSPECIFIED" in error.value.message
        assert session.dump("acl_dump", acl_index=NOWHERE) == before
        assert lists(world, one)[0] == [before[0]["acl_index"]] and lists(world, two)[0] == []


def test_a_return_value_above_zero_is_a_failure(world: World) -> None:
    """VPP's answer to an ACL that is there twice, when one of the two lists may be done already."""
    (one,) = world.loop("one")
    number = foreign(world)
    with pytest.raises(CnfError, match="1"):
        attach(world, one, [number, number])


def test_nothing_passes_while_lists_are_changed_and_exchanged(live: t.Any) -> None:
    live.host_device("host-acl")
    station = live.namespace.run("cat", "/sys/class/net/peer-host-acl/address").strip()
    live.namespace.ip("addr add 10.9.0.2/24 dev peer-host-acl")
    with live.session() as session:
        world = World(session)
        index = session.call("af_packet_create_v3", mode=1, host_if_name="host-acl", use_random_hw_addr=True, num_rx_queues=1, num_tx_queues=1, flags=2)[
            "sw_if_index"
        ]
        session.call("sw_interface_tag_add_del", is_add=True, sw_if_index=index, tag="one")
        session.call("sw_interface_add_del_address", sw_if_index=index, is_add=True, prefix="10.9.0.1/24")
        session.call("sw_interface_set_flags", sw_if_index=index, flags=1)
        ping = {"action": "PERMIT", "ip_rule": {"icmp": {}}}
        world.settle("merged", acl("a", ping, ingress=["one"]))

        def pings(seconds: int) -> t.Any:
            argv = ["ip", "netns", "exec", live.namespace.name, "ping", "-q", "-i", "0.002", "-w", str(seconds), "10.9.0.1"]
            return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)

        def received(process: t.Any) -> int:
            found = re.search(r"(\d+) received", process.communicate()[0])
            assert found
            return int(found[1])

        assert received(pings(1)) > 0
        # A MACIP ACL is for this station, so ARP goes on, and for another address, so no ping passes it.
        rule = {"source_address": "10.9.0.3", "source_address_prefix": 32, "source_mac_address": station, "source_mac_address_mask": "ff:ff:ff:ff:ff:ff"}
        macip = acl("a", {"action": "PERMIT", "macip_rule": rule}, ingress=["one"])
        world.settle("replaced", acl("a", NET, ingress=["one"]))
        running = pings(2)
        try:
            until = time.monotonic() + 1.8
            rounds = 0
            while time.monotonic() < until:
                for state, values in (
                    ("replaced", [acl("a", WEB, ingress=["one"])]),
                    ("overridden", [acl("b", NET, WEB, ingress=["one"])]),
                    ("overridden", [macip]),
                    ("overridden", [acl("a", WEB, ingress=["one"]), acl("c", NET, ingress=["one"], egress=["one"])]),
                ):
                    world.run(state, *values)
                    rounds += 1
        finally:
            passed = received(running)
        assert rounds > 8 and passed == 0
        world.settle("overridden", acl("a", ping, ingress=["one"]))
        assert received(pings(1)) > 0


def test_rendered_without_a_vpp() -> None:
    dataplane = VppDataplane(Place(), [Acls()], "cnf", offline=True)
    lowered = dataplane.lower([acl("a", PING, ingress=["memif0"]), macip_acl("m", ingress=["memif0"])], {})
    assert [key for key, one in lowered.items() if not one.requires] == [("acl", "a"), ("macip-acl", "m")]
    assert set(lowered[("acl-list", "memif0")].requires) == {("acl", "a"), ("macip-acl", "m")}


def test_a_thousand_rules_stay_lean(double: t.Any) -> None:
    rules = [
        {
            "action": "PERMIT",
            "ip_rule": {"ip": {"source_network": f"10.{at // 256}.{at % 256}.0/24"}, "tcp": {"destination_port_range": {"lower_port": at + 1}}},
        }
        for at in range(1000)
    ]
    wanted = acl("big", *rules, ingress=["one"])
    with double.session() as session:
        world = World(session)
        world.loop("one")
        world.settle("merged", wanted)
        assert world.gathered()[0].data["rules"][999]["ip_rule"]["ip"]["source_network"] == "10.3.231.0/24"
        assert len(session.dump("acl_dump", acl_index=NOWHERE)[0]["r"]) == 1000
    dataplane = VppDataplane(Place(), [Acls()], "cnf", offline=True)
    acl_rules.network.cache_clear()
    start = time.process_time()
    lowered = dataplane.lower([wanted], {})
    spent = time.process_time() - start
    assert list(Acls().lift(lowered, dataplane.view(lowered)))[0].data["rules"] and KINDS
    assert spent < 0.04, f"{spent * 1000:.1f} us per rule"
