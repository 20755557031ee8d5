# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""VRF tables: values to devices and back, and the message that makes one (few kernels of build machines have VRFs)."""

from __future__ import annotations

import struct

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import device_writer, routes, vrfs
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.links import Links, alias, parse_alias
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.netlink import attributes
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ROUTE, VRF_TABLE
from hypothesis import given
from hypothesis import strategies as st

FAMILY = vrfs.Vrfs("t")


def vrf(number, protocol="IPV4", label="", **more):
    return VRF_TABLE.value({"id": number, "protocol": protocol, "label": label, **more})


def lower(*values):
    return {one.key: one for one in FAMILY.lower(values, View({}, "t"))}


def test_both_protocols_of_an_id_are_one_device():
    made = lower(vrf(10, "IPV6", "blue"), vrf(10, "IPV4", "blue"))
    link = made["link", "vrf10"]
    assert link.attributes["ifname"] == "blue" and link.attributes["kind"] == "vrf" and link.attributes["info"] == {"table": 10}
    assert link.attributes["model"] == ("vpp/vrf-table", "VRF_IPV4:blue+IPV6:blue")
    assert ("ifname", "blue") in link.claims
    walls = {key: one for key, one in made.items() if key[0] == "route"}
    assert set(walls) == {("route", "4", "10", "0.0.0.0/0", "4278198272"), ("route", "6", "10", "::/0", "4278198272")}
    assert all(one.requires == {("link", "vrf10")} and one.attributes["type"] == "unreachable" for one in walls.values())
    assert list(routes.Routes("t").lift(walls, View(made, "t"))) == [], "they are no values"


@pytest.mark.parametrize(
    ("label", "ifname"),
    [
        ("", "vrf7"),
        ("red", "red"),
        ("fifteen bytes..", "vrf7"),
        ("0123456789abcde", "0123456789abcde"),
        ("0123456789abcdef", "vrf7"),
        ("a/b", "vrf7"),
        ("..", "vrf7"),
    ],
)
def test_the_kernel_name(label, ifname):
    assert lower(vrf(7, label=label))["link", "vrf7"].attributes["ifname"] == ifname


@given(
    st.lists(
        st.builds(
            vrf,
            st.one_of(st.integers(1, 252), st.integers(256, 2**32 - 2)),
            st.sampled_from(["IPV4", "IPV6"]),
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=10),
        ),
        max_size=5,
        unique_by=lambda value: value.key,
    )
)
def test_lower_and_lift_are_inverse(values):
    made = lower(*values)
    assert sorted(FAMILY.lift(made, View(made, "t"))) == sorted(values)
    for key, one in made.items():
        if key[0] == "link":
            text = alias("t", one.attributes["model"], key[1])
            assert parse_alias(text) == ("t", *one.attributes["model"], key[1], False), "all of it is kept in the alias"
            assert len(text.encode()) < 256


@pytest.mark.parametrize("number", [0, 2**32 - 1])
def test_tables_that_are_always_there_are_never_made(number):
    assert lower(vrf(number)) == {}
    with pytest.raises(vrfs.Refused, match="label"):
        lower(vrf(number, label="red"))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        *((vrf(number), f"id: .*{number}") for number in (253, 254, 255)),
        (vrf(10, flow_hash_settings={"use_src_ip": True}), "flow_hash_settings: not supported"),
    ],
)
def test_refusals(value, says):
    with pytest.raises(vrfs.Refused, match=says):
        lower(value)


def test_labels_that_the_device_cannot_keep_are_refused():
    with pytest.raises(vrfs.Refused, match="label: too long"):
        lower(vrf(10, label="\u00e4" * 31), vrf(10, "IPV6", "\u00e4" * 31))


def test_the_message_that_makes_the_device():
    link = lower(vrf(1000, label="red"))["link", "vrf1000"]
    message = device_writer.create(link.attributes, {})
    assert struct.unpack_from("=IHH", message)[1:] == (16, 0x601)
    parts = attributes(message, 32)
    info = attributes(parts[18])
    assert parts[3] == b"red\0" and info[1] == b"vrf\0"
    assert attributes(info[2]) == {1: struct.pack("=I", 1000)}


def test_an_interface_finds_its_vrf_and_its_routes_the_table():
    made = lower(vrf(10, label="blue"))
    interface = INTERFACE.value({"name": "tap0", "type": "TAP", "enabled": True, "vrf": 10, "ip_addresses": ["10.0.0.1/24"], "tap": {"version": 2}})
    linked = {one.key: one for one in Links("t").lower([interface], View(made, "t"))}
    assert linked["port", "tap0"].attributes["master"] == "vrf10"
    (route,) = routes.Routes("t").lower(
        [ROUTE.value({"dst_network": "198.51.100.0/24", "next_hop_addr": "10.0.0.9", "vrf_id": 10})], View({**made, **linked}, "t")
    )
    assert route.key[2] == "10" and route.attributes["nexthops"] == (("10.0.0.9", "tap0", 1),) and ("link", "vrf10") in route.requires
