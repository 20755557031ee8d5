# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts side by side, and names for numbers."""

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Index, Refusal, Shared
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.exchange import WINDOW


def make(session, name, instance=0, last=True):
    """A loopback; with C(last) it is set up at the end."""
    reply = yield Call("create_loopback_instance", {"is_specified": True, "user_instance": instance}, about=f"interface {name}")
    session.learn(name, reply["sw_if_index"])
    yield [
        Call("sw_interface_tag_add_del", {"is_add": True, "sw_if_index": Index(name), "tag": name}),
        Call("sw_interface_add_del_address", {"is_add": True, "sw_if_index": Index(name), "prefix": f"10.{instance}.0.1/24"}),
    ]
    yield []
    if last:
        yield Call("sw_interface_set_flags", {"sw_if_index": Index(name), "flags": 1})


def listed(session):
    return {each["tag"] or each["interface_name"]: each["flags"] & 1 for each in session.dump("sw_interface_dump", sw_if_index=0xFFFFFFFF)}


def test_scripts_run_side_by_side(vpp, session):
    assert session.run([make(session, f"lo{at}", at, last=at % 2 == 0) for at in range(50)]) == [None] * 50
    assert listed(session) == {"local0": 0, **{f"lo{at}": 1 - at % 2 for at in range(50)}}
    if vpp.kind == "double":
        names = [name for name, _fields in vpp.double.calls if name.startswith(("create", "sw_interface_"))]
        assert names[:50] == ["create_loopback_instance"] * 50
        assert names[50:150] == ["sw_interface_tag_add_del", "sw_interface_add_del_address"] * 50


def test_one_that_fails_stops_no_other_and_may_clear_up(session):
    cleared = []

    def fails(name):
        try:
            yield from make(session, name, 0)
        except Refusal as refusal:
            cleared.append(refusal.retval)
            raise

    def passes_over():
        try:
            yield [Call("delete_loopback", {"sw_if_index": 99}), Call("control_ping")]
        except Refusal:
            yield Call("create_loopback")

    def raises():
        yield Call("control_ping")
        raise CnfError("as it likes")

    result = session.run([make(session, "one", 0), fails("two"), passes_over(), raises(), make(session, "three", 3)])
    assert result == [
        None,
        "interface two: create_loopback_instance: VPP says INVALID_REGISTRATION (-31, Invalid registration)",
        None,
        "as it likes",
        None,
    ]
    assert cleared == [-31] and listed(session).keys() == {"local0", "one", "three", "loop1"}


def test_scripts_may_ask_for_themselves_while_others_are_under_way(session):
    """More of them than may be under way: the answers of both come to whom they belong."""
    seen = {}

    def asks(at):
        seen[at] = [session.call("control_ping")["retval"], len(session.dump("sw_interface_dump", sw_if_index=1))]
        reply = yield Call("create_loopback")
        seen[at].append([each["sw_if_index"] for each in session.dump("sw_interface_dump", sw_if_index=reply["sw_if_index"])] == [reply["sw_if_index"]])
        yield [Call("sw_interface_set_flags", {"sw_if_index": reply["sw_if_index"], "flags": 1}), Dump("sw_interface_dump", {"sw_if_index": 1})]

    count = 2 * WINDOW + 10
    assert session.run([asks(at) for at in range(count)]) == [None] * count
    assert all(retval == 0 and own for retval, _listed, own in seen.values())
    assert sum(listed(session).values()) == count
    # Those that come late ask when what came first is done.
    assert seen[0][1] == 0 and seen[count - 1][1] == 1


def test_scripts_that_ask_for_themselves_when_vpp_is_gone(double):
    def asks(at):
        yield Call("create_loopback", about=f"interface lo{at}")
        session.call("control_ping")
        yield Call("sw_interface_set_flags", {"sw_if_index": at + 1, "flags": 1})

    double.double.die("control_ping", nth=5)
    with double.session() as session:
        result = session.run([asks(at) for at in range(10)])
    assert all(f"VPP at {double.socket} ended" in each for each in result)
    assert result[4].startswith("control_ping: ") and result[9].startswith("control_ping: not sent")
    assert not any(each.up for each in double.double.state.interfaces.values())


def test_a_name_that_has_no_number_fails_its_own_call(session):
    session.learn("one", 1)
    answers = session.exchange([Call("create_loopback"), Call("sw_interface_set_flags", {"sw_if_index": Index("none"), "flags": 1}), Call("control_ping")])
    assert [getattr(each, "message", None) for each in answers] == [None, "interface none does not exist in VPP", None]
    with pytest.raises(CnfError, match="acl web does not exist in VPP"):
        session.dump("acl_dump", acl_index=Index("web", "acl"))


def test_numbers_are_looked_up_at_any_depth_and_anew_when_one_changes(double):
    with double.session() as session:
        paths = Shared([{"sw_if_index": Index("one"), "weight": 1}])
        asked = Call("ip_route_add_del_v2", {"is_add": True, "route": {"prefix": "10.0.0.0/8", "paths": paths}})
        for index in (5, 6, 6):
            session.learn("one", index)
            session.exchange([asked])
        session.forget("one")
        (gone,) = session.exchange([asked])
        sent = [each["route"]["paths"][0]["sw_if_index"] for each in double.double.called("ip_route_add_del_v2")]
    assert sent == [5, 6, 6] and gone.message == "interface one does not exist in VPP"


def test_names_of_numbers(double):
    with double.session() as session:
        session.learn("one", 1)
        session.learn("web", 1, "acl")
        assert session.known() == {1: "one"} and session.name(1) == "one" and session.name(1, "acl") == "web" and session.name(2) is None
        session.forget("one")
        session.forget("one")
        assert session.known() == {} and session.name(1, "acl") == "web"
        assert session.call("control_ping")["retval"] == 0
        with pytest.raises(Refusal):
            session.call("delete_loopback", sw_if_index=7)
        assert [[one["sw_if_index"] for one in each] for each in session.dumps([Dump("sw_interface_dump"), Dump("sw_interface_dump", {"sw_if_index": 9})])] == [
            [0],
            [],
        ]
