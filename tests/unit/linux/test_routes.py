# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes without a kernel: values to routes and back, messages and back."""

from __future__ import annotations

import socket
import struct

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Operation, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import route_table, routes
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.netlink import attribute
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import UnknownInterface, View
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import LINUX_ROUTE, ROUTE
from hypothesis import given
from hypothesis import strategies as st

FAMILY = routes.Routes("t")


def link(name, up=True, **more):
    return Resource(("link", name), {"ifname": name, "up": up, "kind": "veth", "master": "", **more})


WORLD = {
    one.key: one
    for one in [
        link("left"),
        link("right"),
        link("off", up=False),
        link("blue", kind="vrf", table=10),
        link("inner", master="blue"),
        *(
            Resource(("address", *pair), {}, frozenset({("link", pair[0])}))
            for pair in [
                ("left", "10.0.0.1/24"),
                ("left", "10.0.0.2/16"),
                ("right", "10.1.1.1/24"),
                ("right", "fd00:1::1/64"),
                ("left", "fd00:2::1/64"),
                ("off", "10.9.0.1/24"),
                ("inner", "10.2.0.1/24"),
            ]
        ),
    ]
}


def view(**more):
    return View({**WORLD, **more.pop("extra", {})}, "t", **more)


def vpp(**data):
    return ROUTE.value(data)


def linux(**data):
    return LINUX_ROUTE.value(data)


def lower(*values, **more):
    return {one.key: one for one in FAMILY.lower(values, view(**more))}


def only(*values, **more):
    (found,) = lower(*values, **more).values()
    return found


def test_a_route_by_gateway():
    one = only(vpp(dst_network="198.51.100.0/24", next_hop_addr="10.0.0.254", outgoing_interface="left"))
    assert one.key == ("route", "4", "254", "198.51.100.0/24", "0")
    assert one.attributes == {"protocol": 207, "type": "unicast", "scope": "global", "nexthops": (("10.0.0.254", "left", 1),)}
    assert one.requires == {("link", "left"), ("address", "left", "10.0.0.1/24")}, "the longest network that holds the gateway"


@pytest.mark.parametrize(
    ("data", "key", "kind", "scope", "hops", "protocol"),
    [
        ({"outgoing_interface": "left"}, "198.51.100.0/24 0", "unicast", "link", (("", "left", 1),), 207),
        ({"type": "DROP", "preference": 9}, "198.51.100.0/24 9", "blackhole", "global", (), 207),
        ({"dst_network": "fd00:9::/64", "type": "DROP"}, "fd00:9::/64 1024", "blackhole", "global", (), 207),
        ({"dst_network": "FD00:9::/64", "outgoing_interface": "left"}, "fd00:9::/64 1024", "unicast", "global", (("", "left", 1),), 207),
        ({"next_hop_addr": "10.1.1.9"}, "198.51.100.0/24 0", "unicast", "global", (("10.1.1.9", "right", 1),), 210),
        ({"next_hop_addr": "0.0.0.0", "outgoing_interface": "left"}, "198.51.100.0/24 0", "unicast", "link", (("", "left", 1),), 207),
        (
            {"dst_network": "::/0", "next_hop_addr": "FE80::1", "outgoing_interface": "left", "preference": 3},
            "::/0 3",
            "unicast",
            "global",
            (("fe80::1", "left", 1),),
            207,
        ),
        ({"next_hop_addr": "10.0.0.9", "outgoing_interface": "left", "weight": 7}, "198.51.100.0/24 0", "unicast", "global", (("10.0.0.9", "left", 1),), 207),
    ],
)
def test_what_a_vpp_route_becomes(data, key, kind, scope, hops, protocol):
    one = only(vpp(**{"dst_network": "198.51.100.0/24", **data}))
    assert " ".join(one.key[3:]) == key
    assert one.attributes == {"protocol": protocol, "type": kind, "scope": scope, "nexthops": hops}


def test_vrfs():
    one = only(vpp(dst_network="198.51.100.0/24", next_hop_addr="10.2.0.9", outgoing_interface="inner", vrf_id=10))
    assert one.key[2] == "10" and ("link", "blue") in one.requires
    one = only(vpp(dst_network="198.51.100.0/24", next_hop_addr="10.2.0.9", outgoing_interface="inner", type="INTER_VRF", via_vrf_id=10))
    assert one.key[2] == "254" and one.attributes["nexthops"] == (("10.2.0.9", "inner", 1),)
    one = only(vpp(dst_network="198.51.100.0/24", type="INTER_VRF", via_vrf_id=10))
    assert one.attributes["nexthops"] == (("", "blue", 1),), "the destination itself is looked up there"
    one = only(vpp(dst_network="198.51.100.0/24", next_hop_addr="10.2.0.9", vrf_id=10))
    assert one.attributes["nexthops"] == (("10.2.0.9", "inner", 1),), "the interface is one of the VRF"
    one = only(linux(dst_network="198.51.100.0/24", outgoing_interface="inner", scope="LINK"))
    assert one.key[2] == "10", "the table is that of the VRF that the interface is in"


def test_paths_of_one_destination_are_one_route():
    paths = [
        vpp(dst_network="198.51.100.0/24", next_hop_addr="10.1.1.9", outgoing_interface="right", weight=3),
        vpp(dst_network="198.51.100.0/24", next_hop_addr="10.0.0.9", outgoing_interface="left"),
        vpp(dst_network="198.51.100.0/24", outgoing_interface="left"),
    ]
    one = only(*paths)
    assert one.attributes["nexthops"] == (("", "left", 1), ("10.0.0.9", "left", 1), ("10.1.1.9", "right", 3))
    assert one.attributes["scope"] == "global"
    assert one.requires == {("link", "left"), ("link", "right"), ("address", "left", "10.0.0.1/24"), ("address", "right", "10.1.1.1/24")}
    assert only(*reversed(paths)) == one
    assert len(lower(*paths[:1], vpp(dst_network="198.51.100.0/24", next_hop_addr="10.0.0.9", outgoing_interface="left", preference=1))) == 2


def test_linux_routes():
    one = only(linux(dst_network="198.51.100.7/24", gw_addr="10.0.0.9", outgoing_interface="left", scope="GLOBAL", metric=50))
    assert one.key == ("route", "4", "254", "198.51.100.0/24", "50")
    assert one.attributes == {"protocol": 208, "type": "unicast", "scope": "global", "nexthops": (("10.0.0.9", "left", 1),)}
    one = only(linux(dst_network="198.51.100.0/24", outgoing_interface="left", scope="HOST"))
    assert one.attributes["scope"] == "host"
    assert only(linux(dst_network="fd00:9::/64", gw_addr="fd00:1::9", outgoing_interface="right")).key[4] == "1024"


@pytest.mark.parametrize("scope", ["LINK", None])
def test_a_route_without_gateway_covers_gateways(scope):
    cover = (
        linux(dst_network="172.16.0.0/24", outgoing_interface="left", scope="LINK") if scope else vpp(dst_network="172.16.0.0/24", outgoing_interface="left")
    )
    gateway = vpp(dst_network="198.51.100.0/24", next_hop_addr="172.16.0.9", outgoing_interface="left")
    made = lower(gateway, cover)
    key = ("route", "4", "254", "172.16.0.0/24", "0")
    assert made["route", "4", "254", "198.51.100.0/24", "0"].requires == {("link", "left"), key}
    there = {key: made[key]._replace(owned=False)}
    assert only(gateway, extra=there).requires == {("link", "left"), key}
    with pytest.raises(routes.RouteError, match="172.16.0.9"):
        lower(gateway, extra={key: there[key]._replace(managed=False)})


REFUSED = [
    (
        [vpp(dst_network="198.51.100.0/24", next_hop_addr="172.16.0.1", outgoing_interface="left")],
        "198.51.100.0/24: next_hop_addr: gateway 172.16.0.1.*left.*10.0.0.1/24",
    ),
    ([vpp(dst_network="198.51.100.0/24", next_hop_addr="10.0.0.2", outgoing_interface="left")], "10.0.0.2 is an address of this CNF"),
    ([vpp(dst_network="198.51.100.0/24", next_hop_addr="172.16.0.1")], "172.16.0.1 is in no network"),
    ([vpp(dst_network="198.51.100.0/24")], "needs next_hop_addr or outgoing_interface"),
    ([vpp(dst_network="198.51.100.0/24", next_hop_addr="10.9.0.9", outgoing_interface="off")], "off is not up"),
    ([vpp(dst_network="198.51.100.0/24", vrf_id=255, outgoing_interface="left")], "vrf_id: 255 is a table"),
    ([vpp(dst_network="198.51.100.0/24", vrf_id=11, outgoing_interface="left")], "there is no VRF 11"),
    ([vpp(dst_network="198.51.100.0/24", type="DROP", next_hop_addr="10.0.0.9")], "next_hop_addr: a route of type DROP"),
    ([vpp(dst_network="198.51.100.0/24", type="DROP", outgoing_interface="left")], "outgoing_interface: a route of type DROP"),
    ([vpp(dst_network="198.51.100.0/24", type="INTER_VRF", via_vrf_id=10, next_hop_addr="10.2.0.9")], "next_hop_addr: the kernel does not look up"),
    ([vpp(dst_network="198.51.100.0/24", type="INTER_VRF", via_vrf_id=12)], "via_vrf_id: there is no VRF 12"),
    ([vpp(dst_network="198.51.100.0/24", type="INTER_VRF")], "via_vrf_id: .*VRF 0"),
    ([vpp(dst_network="198.51.100.0/24", type="INTER_VRF", via_vrf_id=10, outgoing_interface="left")], "via_vrf_id: left is not in VRF 10"),
    (
        [vpp(dst_network="198.51.100.0/24", type="DROP"), vpp(dst_network="198.51.100.0/24", outgoing_interface="left")],
        "a route of type DROP has no paths beside it",
    ),
    (
        [vpp(dst_network="198.51.100.0/24", next_hop_addr="10.1.1.9"), vpp(dst_network="198.51.100.0/24", outgoing_interface="left")],
        "outgoing_interface: give it for all paths",
    ),
    (
        [vpp(dst_network="fd00:9::/64", outgoing_interface="right"), vpp(dst_network="fd00:9::/64", outgoing_interface="left")],
        "next_hop_addr: each of several IPv6 paths",
    ),
    (
        [vpp(dst_network="198.51.100.0/24", outgoing_interface="left"), linux(dst_network="198.51.100.0/24", outgoing_interface="left", scope="LINK")],
        "a vpp/route and a linux.l3/route have the same destination",
    ),
    (
        [linux(dst_network="198.51.100.0/24", outgoing_interface=name, scope="LINK") for name in ("left", "right")],
        "metric: another linux.l3/route",
    ),
    ([linux(dst_network="198.51.100.0/24", outgoing_interface="left")], "scope: is required for IPv4"),
    ([linux(dst_network="198.51.100.0/24", outgoing_interface="left", scope="HOST", gw_addr="10.0.0.9")], "gw_addr: a route of scope HOST"),
    ([linux(dst_network="fd00:9::/64", outgoing_interface="left", scope="SITE")], "scope: IPv6 routes"),
    ([linux(dst_network="198.51.100.0/24", outgoing_interface="left", scope="GLOBAL", gw_addr="172.16.0.1")], "gw_addr: gateway 172.16.0.1"),
]


AWAITED = {"gateway 172": "gw-reachable", "in no network": "gw-reachable", "is not up": "outgoing-interface-is-up", "there is no VRF": "vrf-table-exists"}
"""What an agent waits for, by words of the message."""


@pytest.mark.parametrize(("values", "says"), REFUSED)
def test_what_the_kernel_would_refuse_is_refused_by_name(values, says):
    with pytest.raises(routes.RouteError, match=says) as caught:
        lower(*values)
    assert values[0].data["dst_network"] in caught.value.message
    assert caught.value.context.get("waits_for") == next((word for text, word in AWAITED.items() if text in says), None)


def test_every_problem_is_in_the_message():
    with pytest.raises(routes.RouteError) as caught:
        lower(*REFUSED[0][0], vpp(dst_network="203.0.113.0/24", next_hop_addr="10.0.0.2", outgoing_interface="left"))
    assert len(caught.value.context["problems"]) == 2 and "waits_for" not in caught.value.context, "the other can never be"
    assert "172.16.0.1" in caught.value.message and "203.0.113.0/24" in caught.value.message


def test_an_unknown_interface_is_named():
    with pytest.raises(UnknownInterface, match="lefft.*did you mean left"):
        lower(vpp(dst_network="198.51.100.0/24", outgoing_interface="lefft"))


def test_offline_nothing_has_to_be_there():
    one = FAMILY.lower([vpp(dst_network="198.51.100.0/24", next_hop_addr="10.0.0.9", outgoing_interface="nowhere")], View({}, "t", offline=True))[0]
    assert one.requires == frozenset()


# -- back to values ---------------------------------------------------------------------------------------------------

NETWORKS = st.sampled_from(["198.51.100.0/24", "0.0.0.0/0", "192.0.2.1/32", "203.0.113.0/25"])
NETWORKS6 = st.sampled_from(["2001:db8:1::/48", "::/0", "2001:db8::1/128"])
PATH4 = st.sampled_from([("10.0.0.9", "left"), ("10.0.7.9", "left"), ("10.1.1.9", "right"), ("", "left"), ("", "right"), ("10.2.0.9", "inner")])
PATH6 = st.sampled_from([("fd00:1::9", "right"), ("fd00:2::9", "left"), ("fe80::9", "left")])


def route(networks, path):
    def make(network, path, weight, preference, vrf, alone):
        data = {"dst_network": network, "next_hop_addr": path[0], "outgoing_interface": path[1], "weight": weight, "preference": preference, "vrf_id": vrf}
        if alone and path[1] != "inner" and path[0] and not path[0].startswith("fe80") and not vrf:
            del data["outgoing_interface"]
        return ROUTE.value(data)

    return st.builds(make, networks, path, st.integers(0, 255), st.integers(0, 255), st.sampled_from([0, 10]), st.booleans())


def drop(networks):
    return st.builds(lambda network, preference: vpp(dst_network=network, type="DROP", preference=preference), networks, st.integers(0, 255))


def linux_route(networks, path):
    def make(network, path, scope, metric):
        scope = ("GLOBAL" if path[0] else scope) if ":" not in network else "UNDEFINED"
        return linux(dst_network=network, gw_addr=path[0], outgoing_interface=path[1], scope=scope, metric=metric)

    return st.builds(make, networks, path, st.sampled_from(["GLOBAL", "SITE", "LINK", "HOST"]), st.integers(300, 1000))


VALUES = st.lists(
    st.one_of(*(make(*pair) for make in (route, linux_route) for pair in ((NETWORKS, PATH4), (NETWORKS6, PATH6))), drop(NETWORKS), drop(NETWORKS6)),
    max_size=6,
    unique_by=lambda value: value.key,
)


@given(VALUES)
def test_lower_and_lift_are_inverse(values):
    try:
        made = lower(*values)
    except routes.RouteError:
        return
    lifted = list(FAMILY.lift(made, view(extra=made)))
    assert lower(*lifted) == made
    assert len({value.key for value in lifted}) == len(lifted)
    for value in lifted:
        kind = ROUTE if value.kind == ROUTE.id else LINUX_ROUTE
        assert kind.value(value.data) == value, "keys and data are canonical"
    assert list(FAMILY.lift({one.key: one for one in FAMILY.lower(lifted, view())}, view())) == lifted


@given(VALUES)
def test_messages_say_the_route(values):
    """A request to make a route has the form of the kernel's answer about it."""
    try:
        made = lower(*values)
    except routes.RouteError:
        return
    index = {"left": 3, "right": 4, "inner": 5, "blue": 6}
    messages, missing = route_table._Writer(index).encode([Operation("create", key, None, one) for key, one in made.items()])
    assert not missing
    prefixes = {}
    for key in WORLD:
        if key[0] == "address":
            prefixes.setdefault(key[1], []).append(key[2])
    reader = route_table._Reader({number: (("link", name),) for name, number in index.items()}, prefixes, {10: ("link", "blue")})
    for one in messages:
        length, kind, flags = struct.unpack_from("=IHH", one)
        assert (length, kind, flags & 0x700) == (len(one), 24, 0x600), "create, and only when there is none"
        reader.read(one[16], [one[16:]])
    read = {one.key: one for one in reader.finish()}
    assert {key: (one.attributes, one.requires) for key, one in read.items()} == {key: (one.attributes, one.requires) for key, one in made.items()}


def u32(kind, number):
    return attribute(kind, struct.pack("=I", number))


HEAD4 = bytes([socket.AF_INET, 24, 0, 0, 254, 207, 0, 1, 0, 0, 0, 0])
HEAD6 = bytes([socket.AF_INET6, 64, 0, 0, 254, 207, 0, 1, 0, 0, 0, 0])
TO4, BY4 = attribute(1, socket.inet_aton("198.51.100.0")), attribute(5, socket.inet_aton("10.0.0.9"))
TO6, BY6 = attribute(1, socket.inet_pton(socket.AF_INET6, "fd00:9::")), attribute(5, socket.inet_pton(socket.AF_INET6, "fd00:2::9"))
ANSWERS = [
    HEAD4 + u32(15, 254) + TO4 + BY4 + u32(4, 3),
    HEAD4 + u32(15, 300) + TO4 + u32(6, 7) + BY4 + u32(4, 3),
    HEAD4 + u32(15, 254) + TO4 + u32(6, 7) + u32(4, 3),
    HEAD6 + u32(15, 254) + TO6 + u32(6, 1024) + BY6 + u32(4, 3) + attribute(12, bytes(32)) + attribute(20, b"\0"),
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_fast_way_reads_what_the_general_way_reads(answer):
    family = answer[0]
    prefixes = {"left": ["10.0.0.1/24", "fd00:2::1/64"]}
    fast, slow = (route_table._Reader({3: (("link", "left"),)}, prefixes) for _both in range(2))
    fast.read(family, [answer])
    slow.general(family, "4" if family == socket.AF_INET else "6", answer)
    assert list(fast.finish()) == list(slow.finish()) != []


def test_most_answers_go_the_fast_way():
    assert [len(answer) in route_table._LAYOUTS for answer in ANSWERS] == [True, True, True, True]
    reader = route_table._Reader({3: (("link", "left"),)}, {"left": ["10.0.0.1/24", "fd00:2::1/64"]})
    reader.general = None
    for at in (0, 1, 3):
        reader.read(ANSWERS[at][0], [ANSWERS[at]])
    assert len(reader.found) == 3


def test_routes_of_others():
    reader = route_table._Reader({3: (("foreign-link", "eth0"),)}, {})
    static = bytearray(ANSWERS[0])
    static[5] = 4
    tos = bytearray(static)
    tos[3] = 16
    kernel = bytearray(static)
    kernel[5] = 2
    kernel[17] = 9
    kernel += attribute(7, bytes(4))
    multicast = bytearray(static)
    multicast[7] = 5
    cloned = bytearray(static)
    cloned[9] = 2
    reader.read(socket.AF_INET, [bytes(one) for one in (static, static, tos, kernel, multicast, cloned)])
    found = {one.key: one for one in reader.finish()}
    key = ("route", "4", "254", "198.51.100.0/24")
    assert set(found) == {(*key, "0"), (*key, "0 #2"), (*key, "0 tos 16"), ("route", "4", "2558", "198.51.100.0/24", "0")}
    assert not any(one.owned for one in found.values())
    assert [one.managed for one in found.values()] == [True, True, True, False]
    assert found["route", "4", "2558", "198.51.100.0/24", "0"].attributes["attribute 7"] == "00000000"
    assert list(FAMILY.lift(found, View(found, "t"))) == []
    lifted = list(FAMILY.lift(found, View(found, "t", scope_all=True)))
    assert [value.data for value in lifted] == [{"dst_network": "198.51.100.0/24", "next_hop_addr": "10.0.0.9", "outgoing_interface": "eth0"}]


def test_a_foreign_route_as_wanted_is_left_as_it_is():
    want = only(vpp(dst_network="198.51.100.0/24", next_hop_addr="10.0.0.9", outgoing_interface="left"))
    have = want._replace(attributes={**want.attributes, "protocol": 4}, owned=False)
    assert FAMILY.transition(have, want) == "same"
    assert FAMILY.transition(have._replace(owned=True), want) == "update"
    assert FAMILY.transition(have._replace(attributes={**have.attributes, "attribute 7": "0a000001"}), want) == "update"


def test_local_routes():
    one = route_table.local_route("10.0.0.100", "right", "eth1")
    assert one.key == ("route", "4", "255", "10.0.0.100/32", "0")
    assert one.requires == {("link", "right")}
    assert list(FAMILY.lift({one.key: one}, view())) == []
    assert FAMILY.commands(Operation("create", one.key, None, one)) == ["ip route add local 10.0.0.100/32 dev right table 255 scope host proto 209"]
    assert route_table.local_route("10.0.0.100", "eth1", "eth1", ("foreign-link", "eth1")).requires == {("foreign-link", "eth1")}


@pytest.mark.parametrize(
    ("values", "verb", "says"),
    [
        (
            [vpp(dst_network="198.51.100.0/24", next_hop_addr="10.0.0.9", outgoing_interface="left", preference=5)],
            "create",
            "ip route add 198.51.100.0/24 via 10.0.0.9 dev left metric 5 proto 207",
        ),
        ([vpp(dst_network="fd00:9::/64", type="DROP")], "update", "ip -6 route replace blackhole fd00:9::/64 proto 207"),
        (
            [linux(dst_network="198.51.100.0/24", outgoing_interface="inner", scope="LINK")],
            "delete",
            "ip route delete 198.51.100.0/24 dev inner table 10 scope link proto 208",
        ),
        (
            [
                vpp(dst_network="198.51.100.0/24", next_hop_addr="10.0.0.9", outgoing_interface="left", weight=2),
                vpp(dst_network="198.51.100.0/24", outgoing_interface="right"),
            ],
            "create",
            "ip route add 198.51.100.0/24 proto 207 nexthop dev right weight 1 nexthop via 10.0.0.9 dev left weight 2",
        ),
    ],
)
def test_commands(values, verb, says):
    one = only(*values)
    assert FAMILY.commands(Operation(verb, one.key, None if verb == "create" else one, None if verb == "delete" else one)) == [says]


def test_the_interface_of_a_gateway_is_open_when_nothing_is_there_to_look_at():
    (one,) = FAMILY.lower([vpp(dst_network="198.51.100.0/24", next_hop_addr="10.0.0.9")], View({}, "t", offline=True))
    assert FAMILY.commands(Operation("create", one.key, None, one)) == ["ip route add 198.51.100.0/24 via 10.0.0.9 proto 210"]


def test_an_interface_that_vanished_is_named():
    one = only(vpp(dst_network="198.51.100.0/24", next_hop_addr="10.0.0.9", outgoing_interface="left"))
    two = only(vpp(dst_network="203.0.113.0/24", type="DROP"))
    messages, missing = route_table._Writer({}).encode([Operation("create", one.key, None, one), Operation("create", two.key, None, two)])
    assert missing == {0: "left"} and messages[0] == b"" and messages[1]
