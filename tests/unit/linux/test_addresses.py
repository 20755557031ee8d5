# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses: whose they are, what goes with them, and the messages that add and take them."""

from __future__ import annotations

import errno
import ipaddress
import struct

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Operation, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import Here
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import addresses
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import netlink as nl
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.devices import alias
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fake_kernel import FakeHost

FAMILY = addresses.Addresses("t")
LINUX = "linux.interfaces/interface"
INTERFACES = st.ip_addresses().flatmap(lambda one: st.integers(0, one.max_prefixlen).map(lambda length: ipaddress.ip_interface(f"{one}/{length}")))


def address(link, text, protocol=207, secondary=False, **more):
    return Resource(("address", link, text), {"protocol": protocol, "secondary": secondary}, frozenset({("link", link)}), **more)


def create(one):
    return Operation("create", one.key, None, one)


def delete(one):
    return Operation("delete", one.key, one, None)


@given(INTERFACES)
def test_texts_are_as_python_writes_them(one):
    text = str(one)
    if one.version == 4 or one.ip.ipv4_mapped is None and int(one.ip) >> 32:  # the kernel writes those with dots
        assert addresses.canonical(text.upper()) == text
    assert addresses.network(text) == (
        int(one.network.network_address) >> (one.max_prefixlen - one.network.prefixlen),
        one.network.prefixlen,
        one.max_prefixlen,
    )


@given(INTERFACES, INTERFACES)
def test_two_of_one_network(one, two):
    assert addresses.same_network(str(one), str(two)) == (one.network == two.network)
    assert addresses.reaches(str(one), str(two.ip)) == (two.ip in one.network)


def test_an_address_without_a_length_is_a_network_of_its_own():
    assert addresses.network("10.0.0.1")[1:] == (32, 32) and addresses.canonical("FD00::0:1") == "fd00::1"
    assert addresses.same_network("10.0.0.1/24", "10.0.0.200/24") and not addresses.same_network("10.0.0.1/24", "10.0.0.1/25")


# -- reading ----------------------------------------------------------------------------------------------------------


@pytest.fixture(name="host")
def _host():
    host = FakeHost()
    for name, mark in (("made", (LINUX, "DUMMY")), ("found", (LINUX, "EXISTING")), ("theirs", None)):
        one = host.netlink.hardware(name)
        if mark:
            one.attributes[20] = alias("t", mark, name).encode() + b"\0"
    return host


def add(host, name, text, protocol=None, scope=0, flags=0x80, local=True):
    index = 1 if name == "lo" else host.netlink.by_name(name).index
    raw, length = addresses.address_bytes(text.partition("/")[0]), int(text.partition("/")[2])
    found = {1: raw, **({2: raw} if local else {}), **({11: bytes([protocol])} if protocol is not None else {})}
    host.netlink.addresses[index, raw, length] = addresses.IFADDR.pack(2 if len(raw) == 4 else 10, length, flags, scope, index), found


@pytest.mark.parametrize(
    ("name", "text", "more", "ours"),
    [
        ("made", "10.0.0.1/24", {"protocol": 207}, True),
        ("made", "10.0.0.1/24", {"protocol": 208}, True),
        ("made", "10.0.0.1/24", {}, True),
        ("made", "10.0.0.1/24", {"protocol": 3}, False),
        ("made", "10.0.0.1/24", {"flags": 0}, False),
        ("found", "10.0.0.1/24", {}, False),
        ("found", "10.0.0.1/24", {"protocol": 208}, True),
        ("theirs", "10.0.0.1/24", {}, False),
        ("made", "fd00::1/64", {"local": False}, True),
        ("made", "fe80::1/64", {"protocol": 207, "scope": 253}, True),
        ("lo", "127.0.0.1/8", {}, False),
    ],
)
def test_whose_an_address_is(host, name, text, more, ours):
    add(host, name, text, **more)
    (one,) = FAMILY.observe(host)
    link = ("link" if name in ("made", "found") else "foreign-link", name)
    assert one.key == ("address", name, text) and one.owned == ours and one.requires == {link}
    assert one.attributes == {"protocol": more.get("protocol"), "secondary": False}


def test_link_local_addresses_of_the_kernel_and_those_of_links_that_came_later_are_not_seen(host):
    add(host, "made", "fe80::1/64", scope=253, protocol=2)
    host.netlink.addresses[99, b"abcd", 24] = addresses.IFADDR.pack(2, 24, 0x80, 0, 99), {2: b"abcd"}
    assert list(FAMILY.observe(host)) == []


def test_the_address_of_a_port_goes_when_the_port_changes_its_master(host):
    bond = host.netlink.hardware("bond0")
    bond.kind, bond.attributes[20] = "bond", alias("t", (LINUX, "BOND"), "bond0").encode() + b"\0"
    host.netlink.by_name("made").attributes[10] = struct.pack("=I", bond.index)
    add(host, "made", "10.0.0.1/24")
    (one,) = FAMILY.observe(host)
    assert one.requires == {("link", "made"), ("port", "made")}


# -- changing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("have", "want", "owned", "word"),
    [
        (207, 207, True, "same"),
        (None, 207, True, "same"),
        (208, 207, True, "recreate"),
        (208, 207, False, "same"),
        (4, 207, True, "same"),
    ],
)
def test_only_a_wrong_mark_of_ours_is_put_right(have, want, owned, word):
    before = address("x", "10.0.0.1/24", have, owned=owned)
    assert FAMILY.transition(before, address("x", "10.0.0.1/24", want)) == word


def route(to, link, family="4"):
    return Resource(("route", family, "254", to, "0"), {"nexthops": (("", link, 1),)})


FIRST = address("x", "10.0.0.1/24")
SECOND = address("x", "10.0.0.2/24", secondary=True)
BESIDE = [
    SECOND,
    address("x", "10.9.0.1/24"),
    address("y", "10.0.0.3/24", secondary=True),
    address("x", "fd00::1/64"),
    route("1.0.0.0/8", "x"),
    route("2.0.0.0/8", "y"),
    route("fd01::/64", "x", "6"),
]
WORLD = {one.key: one for one in (FIRST, *BESIDE)}


def test_with_the_first_of_a_subnet_go_the_others_of_it():
    assert set(FAMILY.destroys(delete(FIRST), WORLD)) == {SECOND.key}
    assert set(FAMILY.destroys(delete(SECOND), WORLD)) == set()
    planned = {**WORLD, ("address", "x", "10.0.0.7/24"): Resource(("address", "x", "10.0.0.7/24"), {"protocol": 207})}
    assert ("address", "x", "10.0.0.7/24") in set(FAMILY.destroys(delete(FIRST), planned)), "one that is yet to be made would be the second"


def test_with_the_last_ipv4_address_go_the_ipv4_routes_of_the_link():
    only = {key: one for key, one in WORLD.items() if key[:2] != ("address", "x") or ":" in key[2]}
    assert set(FAMILY.destroys(delete(FIRST), {**only, FIRST.key: FIRST})) == {route("1.0.0.0/8", "x").key}
    leaving = Here(WORLD, lambda key: key != ("address", "x", "10.9.0.1/24"))
    assert route("1.0.0.0/8", "x").key in set(FAMILY.destroys(delete(FIRST), leaving)), "the other one is about to go too"


def test_nothing_goes_with_an_ipv6_address_or_with_one_that_comes():
    assert set(FAMILY.destroys(delete(address("x", "fd00::1/64")), WORLD)) == set()
    assert set(FAMILY.destroys(create(FIRST), WORLD)) == set()


def test_a_wave_is_one_batch_and_answers_for_each(host):
    host.netlink.batches.clear()
    taken = address("made", "10.0.0.9/24")
    wave = [create(address("made", "10.0.0.1/24")), create(address("nosuch", "10.0.0.1/24")), create(address("theirs", "fd00::1/64", 208))]
    assert FAMILY.perform(host, wave) == [None, "interface nosuch does not exist", None]
    assert len(host.netlink.batches) == 1
    found = {one.key: one for one in FAMILY.observe(host)}
    assert found["address", "theirs", "fd00::1/64"].owned and found["address", "made", "10.0.0.1/24"].attributes["protocol"] == 207
    assert FAMILY.perform(host, [create(taken)]) == FAMILY.perform(host, [create(taken)]) == [None], "a secondary that was promoted is there already"
    assert FAMILY.perform(host, [delete(taken), delete(taken)]) == [None, "Cannot assign requested address"]
    host.netlink.batch = lambda messages: [errno.EPERM] * len(messages)
    assert FAMILY.perform(host, [create(taken)]) == ["1"]


@pytest.mark.parametrize(
    ("text", "broadcast", "flags", "scope"),
    [
        ("10.0.0.1/24", bytes([10, 0, 0, 255]), 0, 0),
        ("10.0.0.1/31", None, 0, 0),
        ("10.0.0.1/32", None, 0, 0),
        ("127.0.0.5/8", bytes([127, 255, 255, 255]), 0, 254),
        ("fd00::1/64", None, 2, 0),
    ],
)
def test_a_message(host, text, broadcast, flags, scope):
    sent = []
    host.netlink.batch = lambda messages: sent.extend(messages) or [0] * len(messages)
    FAMILY.perform(host, [create(address("made", text)), delete(address("made", text))])
    for message, type, protocol in zip(sent, (20, 21), (b"\xcf", None)):
        length, number, how, _number, _port = nl.HEADER.unpack_from(message)
        assert number == type and bool(how & (nl.CREATE | nl.EXCL)) == (type == 20)
        raw = addresses.address_bytes(text.partition("/")[0])
        family = 2 if len(raw) == 4 else 10
        index = host.netlink.by_name("made").index
        assert addresses.IFADDR.unpack_from(message, 16) == (family, int(text.partition("/")[2]), flags, scope, index)
        found = nl.attributes(message[:length], 24)
        assert found[1] == found[2] == raw and found.get(4) == (broadcast if type == 20 else None) and found.get(11) == protocol


def test_words():
    assert FAMILY.commands(create(FIRST)) == ["ip address add 10.0.0.1/24 dev x"]
    assert FAMILY.commands(delete(FIRST)) == ["ip address del 10.0.0.1/24 dev x"]
