# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT44 sessions on VPP: the same tests on the double and on a live VPP, through the modules."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.sessions import SessionError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import sessions

from tests.doubles.vpp.sessions import Session
from tests.support.modules import ModuleFailed, run_module
from tests.unit.vpp.nat_traffic import (
    EXTERNAL,
    ICMP,
    INSIDE,
    LOCAL_PORT,
    MAPPED,
    MAPPED_PORT,
    POOLED,
    TWICE,
    TWICE_POOL,
    DoubleTraffic,
    LiveTraffic,
)

VARYING = ("idle", "timeout", "packets", "bytes")


def end(address, port):
    return {"address": address, "port": port}


def udp(port, **more):
    """What the module tells of a flow from inside."""
    one = {"protocol": "UDP", "inside": end(INSIDE, port), "outside": end(POOLED, port), "external": end(EXTERNAL, 53)}
    return {**one, "is_static": False, "state": "", "age": None, **more}


def listed(vpp, **filters):
    result = run_module("vpp_nat44_sessions_info", **vpp.place, **filters)
    assert not result["changed"]
    return result["sessions"]


def fixed(found):
    return [{name: value for name, value in one.items() if name not in VARYING} for one in found]


def cleared(vpp, check=False, **filters):
    return run_module("vpp_nat44_sessions", **vpp.place, check=check, **filters)


@pytest.fixture(name="traffic")
def _traffic(vpp, session):
    return DoubleTraffic(vpp) if vpp.kind == "double" else LiveTraffic(vpp, session)


def test_sessions_of_pools_and_mappings(vpp, traffic):
    assert listed(vpp) == []
    traffic.out(4000)
    traffic.out(4009, protocol=ICMP)
    traffic.mapped(5000)
    traffic.mapped(5001, twice=True)
    found = {(one["protocol"], one["outside"]["address"]): one for one in listed(vpp)}
    (one,) = fixed([found["UDP", POOLED]])
    assert one == udp(4000)
    assert found["UDP", POOLED]["timeout"] + found["UDP", POOLED]["idle"] == 300
    assert found["UDP", POOLED]["packets"] >= 1 and found["UDP", POOLED]["bytes"] > 0
    ping = found["ICMP", POOLED]
    assert ping["inside"]["port"] == ping["outside"]["port"] == ping["external"]["port"] == 4009 and ping["timeout"] + ping["idle"] == 60
    static = udp(LOCAL_PORT, outside=end(MAPPED, MAPPED_PORT), external=end(EXTERNAL, 5000), is_static=True)
    assert fixed([found["UDP", MAPPED]]) == [static]
    twice = found["UDP", TWICE]
    assert twice["external"] == end(EXTERNAL, 5001) and twice["external_translated"]["address"] == TWICE_POOL
    assert len(found) == 4

    # Cleared one by one, each by what names it to VPP, and all that are left at once.
    assert fixed(cleared(vpp, check=True, protocol="ICMP")["sessions"]) == fixed([ping]) and len(listed(vpp)) == 4
    result = cleared(vpp, protocol="ICMP")
    assert result["changed"] and [line.split()[0] for line in result["commands"]] == ["nat44_del_session"]
    assert result["diff"]["before"]["sessions"] == result["sessions"]
    assert len(cleared(vpp, outside_address=TWICE)["sessions"]) == 1
    assert {one["outside"]["address"] for one in listed(vpp)} == {POOLED, MAPPED}
    assert len(cleared(vpp, inside_address="10.1.0.0/24")["sessions"]) == 2
    assert listed(vpp) == [] and not cleared(vpp)["changed"]


def test_what_has_timed_out_is_no_session(vpp, traffic):
    traffic.out(4000)
    traffic.outlive()
    assert listed(vpp) == [] and not cleared(vpp)["changed"]
    with vpp.session() as session:
        assert session.dump("nat44_user_dump")[0]["nsessions"] == 1


def test_one_inside_host_in_two_vrfs(vpp, traffic):
    traffic.out(4000)
    traffic.out(4000, vrf=7)
    traffic.out(4001, vrf=7)
    # VPP lists all of a host's sessions for each of its VRFs; each is told once.
    assert [(one["inside"]["port"]) for one in listed(vpp)] == [4000, 4000, 4001]
    one, two = (each["outside"] for each in listed(vpp, port=4000)[:2])
    assert one != two
    with pytest.raises(ModuleFailed, match="10.1.0.10:4000 has the same session in more than one VRF .0, 7.*choose them by filters"):
        cleared(vpp, outside_address=two["address"], port=two["port"])
    assert len(listed(vpp)) == 3
    assert len(cleared(vpp, port=4001)["sessions"]) >= 1
    assert [(one["inside"]["port"]) for one in listed(vpp)] == [4000, 4000]
    assert len(cleared(vpp, inside_address=INSIDE)["sessions"]) == 2
    assert listed(vpp) == []


def test_all_hosts_are_asked_for_in_one_go(double):
    DoubleTraffic(double).table.extend(Session(17, (f"10.1.{at // 250}.{at % 250}", 1000), (POOLED, 2000 + at), (EXTERNAL, 53)) for at in range(1000))
    assert len(listed(double)) == 1000
    messages = [name for name, _fields in double.double.calls]
    assert messages.count("nat44_user_dump") == 1 and messages.count("nat44_user_session_v3_dump") == 1000
    # A ping ends a window of dumps, not each dump.
    assert messages.count("control_ping") < 20


def test_a_filter_by_inside_address_asks_only_for_these(double):
    DoubleTraffic(double).table.extend(Session(17, (f"10.1.0.{at}", 1000), (POOLED, 2000 + at), (EXTERNAL, 53)) for at in range(1, 100))
    assert len(listed(double, inside_address="10.1.0.64/30")) == 4
    assert len(double.double.called("nat44_user_session_v3_dump")) == 4


@pytest.mark.parametrize(
    ("filters", "ports"),
    [
        ({}, {4000, 4001, LOCAL_PORT}),
        ({"protocol": "ICMP"}, {4001}),
        ({"port": 53}, {4000}),
        ({"port": 5000}, {LOCAL_PORT}),
        ({"outside_address": POOLED}, {4000, 4001}),
        ({"outside_address": POOLED, "protocol": "UDP"}, {4000}),
        ({"external_address": "192.0.2.0/24"}, {4000, 4001, LOCAL_PORT}),
        ({"external_address": "198.51.100.1"}, set()),
    ],
)
def test_filters(double, filters, ports):
    traffic = DoubleTraffic(double)
    traffic.out(4000)
    traffic.out(4001, protocol=ICMP)
    traffic.mapped(5000)
    assert {one["inside"]["port"] for one in listed(double, **filters)} == ports
    assert {one["inside"]["port"] for one in cleared(double, **filters)["sessions"]} == ports
    assert {one["inside"]["port"] for one in listed(double)} == {4000, 4001, LOCAL_PORT} - ports


def test_the_endpoint_independent_nat(double):
    table = DoubleTraffic(double).table
    table.extend([Session(6, (INSIDE, 4000), (POOLED, 4000), (EXTERNAL, 80), vrf, ei=True) for vrf in (0, 7)])
    table.append(Session(17, (INSIDE, LOCAL_PORT), (MAPPED, MAPPED_PORT), (EXTERNAL, 1), static=True, ei=True))
    found = listed(double)
    assert [one["external"] for one in found] == [None, None] and [one["is_static"] for one in found] == [False, True]
    assert listed(double, external_address=EXTERNAL) == []
    result = cleared(double, protocol="TCP")
    assert all(line.startswith("nat44_ei_del_session") and "flags=16" in line and "ext_host" not in line for line in result["commands"])
    assert [one.protocol for one in table] == [17]


def test_without_the_plugin_it_is_said(make_double):
    place = make_double(lacks={"nat44_ed", "nat44_ei"})
    with pytest.raises(ModuleFailed, match="this VPP has no NAT44: its nat_plugin"):
        listed(place)


def test_a_deletion_that_fails_is_an_error_and_one_that_comes_too_late_is_none(double):
    traffic = DoubleTraffic(double)
    traffic.out(4000)
    traffic.out(4001)
    double.double.fail("nat44_del_session", -6)
    assert len(cleared(double)["sessions"]) == 2
    double.double.fail("nat44_del_session", -1)
    with pytest.raises(ModuleFailed, match="1 of 1 calls that delete sessions failed.*10.1.0.10:4000.*UNSPECIFIED"):
        cleared(double)


@pytest.mark.parametrize("message", ["nat44_user_dump", "nat44_user_session_v3_dump", "nat44_del_session"])
def test_a_vpp_that_dies_meanwhile_is_an_error_and_no_empty_list(double, message):
    DoubleTraffic(double).out(4000)
    double.double.die(message)
    with pytest.raises(ModuleFailed, match=rf"{message}.*{double.socket}"):
        cleared(double)


def test_a_wrong_filter_is_an_error_and_not_everything(double):
    DoubleTraffic(double).out(4000)
    with double.session() as session, pytest.raises(SessionError, match="no such filter: inside"):
        sessions.clear(session, {"inside": INSIDE})
    with pytest.raises(ModuleFailed, match="inside_address: '10.0.0.300'"):
        cleared(double, inside_address="10.0.0.300")
    assert len(listed(double)) == 1
