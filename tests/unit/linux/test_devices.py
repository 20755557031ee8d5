# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages that make devices, byte for byte beside what pyroute2 makes of the same, and devices read from dumps."""

from __future__ import annotations

import errno
import struct

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Operation, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import device_writer, devices
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import netlink as nl
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.devices import alias

from tests.support.fake_kernel import BARE, FakeHost

V4 = {"local": "10.0.0.1", "remote": "10.0.0.2"}
V6 = {"local": "fd00::1", "remote": "fd00::2"}
GRE4 = {"gre_local": "10.0.0.1", "gre_remote": "10.0.0.2"}
VXLAN = {"vxlan_id": 9, "vxlan_port": 4789, "vxlan_learning": 1}

# For each device: our words, and pyroute2's.
CASES = {
    "dummy": ({}, {}),
    "bridge": ({}, {}),
    "wireguard": ({"private_key": "a secret", "port": 5}, {}),
    "vrf": ({"table": 7}, {"vrf_table": 7}),
    "veth": ({"peer": "other end", "peer_ifname": "v1"}, {"peer": {"ifname": "v1"}}),
    "vlan": ({"id": 5, "parent": "under", "parent_ifname": "eth9"}, {"link": 9, "vlan_id": 5}),
    "vxlan": ({"id": 9, **V4}, {**VXLAN, "vxlan_local": "10.0.0.1", "vxlan_group": "10.0.0.2"}),
    "vxlan of IPv6": ({"id": 9, **V6}, {**VXLAN, "vxlan_local6": "fd00::1", "vxlan_group6": "fd00::2"}),
    "vxlan over a link": (
        {"id": 9, **V4, "parent": "under", "parent_ifname": "eth9"},
        {**VXLAN, "vxlan_local": "10.0.0.1", "vxlan_group": "10.0.0.2", "vxlan_link": 9},
    ),
    "bond of LACP": ({"mode": 4, "hash": 1, "fast": True}, {"bond_mode": 4, "bond_xmit_hash_policy": 1, "bond_ad_lacp_rate": 1, "bond_miimon": 100}),
    "bond": ({"mode": 1, "hash": 0, "fast": False}, {"bond_mode": 1, "bond_xmit_hash_policy": 0, "bond_miimon": 100}),
    "gre": (V4, GRE4),
    "gretap": (V4, GRE4),
    "ipip": (V4, {"ipip_local": "10.0.0.1", "ipip_remote": "10.0.0.2"}),
}


def attributes(device, info, **more):
    return {"ifname": "x0", "kind": device.partition(" ")[0], "info": info, "mtu": None, "mac": None, **more}


def taken_apart(message):
    length, type, flags, _number, _port = nl.HEADER.unpack_from(message)
    body = message[16:length]
    found = nl.attributes(body, 16)
    info = nl.attributes(found.pop(18))
    data = nl.attributes(info.get(2, b""))
    if nl.string(info[1]) == "veth":
        peer = data.pop(1)
        data = {"peer": (peer[:16][4:], {at: raw.rstrip(b"\0") for at, raw in nl.attributes(peer, 16).items()})}
    name = nl.string(found.pop(3))
    index, _flags, _change = struct.unpack_from("=iII", body, 4)
    return {"type": type, "flags": flags & ~nl.ACK, "name": name, "index": index, "kind": nl.string(info[1]), "data": data, **found}


@pytest.mark.parametrize("more", [{}, {"mtu": 1400, "mac": "02:00:00:00:00:01"}], ids=["as it is", "with MTU and MAC"])
@pytest.mark.parametrize("case", CASES)
def test_pyroute2_makes_the_same(case, more):
    pyroute2 = pytest.importorskip("pyroute2")
    info, theirs = CASES[case]
    batch = pyroute2.IPBatch()
    try:
        words = {"mtu": more["mtu"], "address": more["mac"]} if more else {}
        batch.link("add", ifname="x0", kind=case.partition(" ")[0], **theirs, **words)
        expected = taken_apart(bytes(batch.batch))
    finally:
        batch.close()
    assert taken_apart(device_writer.create(attributes(case, info, **more), {"eth9": 9})) == expected


def test_erspan_sends_and_takes_its_session_and_has_the_flags_that_the_kernel_asks_for():
    """pyroute2 knows no erspan: by the numbers of linux/if_tunnel.h."""
    found = taken_apart(device_writer.create(attributes("erspan", {**V4, "session": 7}), {}))
    seven, key_and_sequence = struct.pack(">I", 7), struct.pack(">H", 0x3000)
    ends = {6: bytes([10, 0, 0, 1]), 7: bytes([10, 0, 0, 2])}
    version_1 = {22: b"\1", 21: struct.pack("=I", 1)}
    assert found["data"] == {2: key_and_sequence, 3: key_and_sequence, 4: seven, 5: seven, **ends, **version_1}
    assert not {4, 5} & taken_apart(device_writer.create(attributes("erspan", V4), {}))["data"].keys()


@pytest.mark.parametrize("case", [*CASES, "erspan"])
def test_what_is_made_is_read(case, monkeypatch):
    host = FakeHost()
    host.patch(monkeypatch, device_writer, __import__(devices.__package__ + ".wireguard", fromlist=["read"]))
    below = host.netlink.hardware("eth9").index
    info = {**V4, "session": 7} if case == "erspan" else CASES[case][0]
    assert host.netlink.batch([device_writer.create(attributes(case, info, mtu=1400), {"eth9": below})]) == [0]
    found = {one.ifname: one for one in devices.dump(host)}
    one = found["x0"]
    assert (one.device, one.up, one.mtu, one.alias, one.master) == (case.partition(" ")[0], False, 1400, "", 0)
    assert (one.mac is None) == (one.device in BARE)
    expected = {name: item for name, item in info.items() if not name.endswith("_ifname")}
    if "parent" in expected:
        expected["parent"] = below
    if case == "veth":
        expected["peer"] = found["v1"].number
        assert found["v1"].info == {"peer": one.number}
    if case == "wireguard":
        expected = {"private_key": "", "port": 0}
    assert one.info == expected
    assert host.by_ifname == {"lo": 1, **{name: each.number for name, each in found.items()}}


def test_a_tunnel_without_an_end_is_told_as_any():
    payload = devices.IFINFO.pack(0, 768, 5, 0, 0) + nl.attribute(3, b"tunl0\0") + nl.nest(18, nl.attribute(1, b"ipip\0"))
    one = devices.parse(payload)
    assert one.info == {"local": "0.0.0.0", "remote": "0.0.0.0"} and one.mac is None and one.mtu == 0


@pytest.mark.parametrize(("raw", "text"), [(bytes([10, 0, 0, 1]), "10.0.0.1"), (bytes(15) + b"\1", "::1")])
def test_addresses_as_bytes_and_text(raw, text):
    assert devices.address_text(raw) == text and devices.address_bytes(text) == raw


@pytest.mark.parametrize(
    ("mark", "word"),
    [
        (alias("t", ("linux.interfaces/interface", "EXISTING"), "x"), True),
        (alias("t", ("vpp/interfaces", "AF_PACKET"), "x"), True),
        (alias("t", ("vpp/interfaces", "AF_PACKET"), "x", joined=True), False),
        (alias("t", ("vpp/interfaces", "TAP"), "x"), False),
        ("somebody else's", False),
    ],
)
def test_what_was_found_and_only_marked(mark, word):
    assert devices.adopted(mark) == word


# -- a wave -----------------------------------------------------------------------------------------------------------

MODEL = ("linux.interfaces/interface", "DUMMY")


def link(name, kind="dummy", **more):
    have = attributes(kind, {}, ifname=name, up=False, model=MODEL, master="")
    return Resource(("link", name), {**have, **more})


def port(name, master):
    return Resource(("port", name), {"master": master})


def create(one):
    return Operation("create", one.key, None, one)


def delete(one):
    return Operation("delete", one.key, one, None)


def update(one, **more):
    return Operation("update", one.key, one, one._replace(attributes={**one.attributes, **more}))


def perform(host, *operations):
    return device_writer.perform(host, operations, "t", alias)


def test_a_wave_answers_for_each_in_order():
    host = FakeHost()
    host.netlink.hardware("taken")
    vlan = link("vlan5", "vlan", info={"parent": "nosuch", "id": 5})
    found = perform(host, create(link("a")), create(link("taken")), create(vlan), delete(link("gone")), create(link("b")))
    texts = ["File exists", "its underlying interface nosuch does not exist", "gone does not exist"]
    assert found == [None, *texts, None]
    assert host.netlink.by_name("a") and host.netlink.by_name("b")


def test_what_fails_afterwards_is_said_too():
    host = FakeHost()
    perform(host, create(link("a", up=True)))
    assert perform(host, update(link("nosuch"), up=True)) == ["the kernel has no device nosuch"]
    assert perform(host, create(port("a", "nosuch")), create(port("nosuch", "a"))) == ["nosuch does not exist"] * 2
    assert host.netlink.by_name("a").up


def test_a_rename_of_what_is_up_takes_it_down_for_a_moment():
    host = FakeHost()
    one = link("a", up=True)
    assert perform(host, create(one)) == [None]
    assert perform(host, update(one, ifname="b")) == [None]
    assert host.netlink.by_name("b").up and host.netlink.by_name("a") is None


def test_a_port_of_a_bond_is_taken_when_up_and_let_go_as_it_was():
    host = FakeHost()
    bond = link("bond0", "bond", info={"mode": 1, "hash": 0, "fast": False}, mac="02:00:00:00:00:bb")
    one = link("a", up=True, mac="02:00:00:00:00:0a")
    assert perform(host, create(bond), create(one)) == [None, None]
    assert perform(host, create(port("a", "bond0"))) == [None]
    inside = {each.ifname: each for each in devices.dump(host)}["a"]
    assert inside.up and inside.master and inside.mac == "02:00:00:00:00:0a", "its own address is what it has"
    assert perform(host, update(one, mac="02:00:00:00:00:0c")) == [None]
    inside = {each.ifname: each for each in devices.dump(host)}["a"]
    assert inside.up and inside.master and inside.mac == "02:00:00:00:00:0c"
    assert perform(host, delete(bond)) == [None]
    outside = {each.ifname: each for each in devices.dump(host)}["a"]
    assert outside.up and not outside.master


def test_a_mark_is_taken_away_and_the_device_stays():
    host = FakeHost()
    host.netlink.hardware("eth9")
    mine = link("mine", "existing", ifname="eth9")
    assert perform(host, create(mine)) == [None]
    assert devices.adopted(alias("t", ("linux.interfaces/interface", "EXISTING"), "mine")) and 20 in host.netlink.by_name("eth9").attributes
    assert perform(host, delete(mine)) == [None]
    assert 20 not in host.netlink.by_name("eth9").attributes


def test_a_default_comes_back_where_it_is_no_longer_given():
    host = FakeHost()
    gre = link("g", "gre", info=V4, mtu=1300)
    assert perform(host, create(gre)) == [None]
    assert perform(host, update(gre, mtu=None)) == [None]
    assert {one.ifname: one.mtu for one in devices.dump(host)}["g"] == devices.MTU["gre"]


def test_the_kernel_s_no_is_the_operation_s_error(monkeypatch):
    host = FakeHost()
    monkeypatch.setattr(host.netlink, "batch", lambda messages: [errno.EPERM] * len(messages))
    assert perform(host, create(link("a"))) == [str(errno.EPERM)], "at least the number, where the kernel gives no text"


def test_making_a_tap_device_that_may_not_be_made(monkeypatch):
    def no(*_unused, **_more):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("builtins.open", no)
    assert device_writer._tuntap(FakeHost(), "t0", "tap") == "making a tap device: Operation not permitted"


def test_names_are_those_of_resources():
    host = FakeHost()
    perform(host, create(link("a", up=True)))
    host.netlink.hardware("eth9")
    assert set(devices.names(host, "t", fresh=True).values()) == {("link", "a"), ("foreign-link", "lo"), ("foreign-link", "eth9")}
    assert set(devices.names(host, "other").values()) == {("foreign-link", "a"), ("foreign-link", "lo"), ("foreign-link", "eth9")}


# -- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "lines"),
    [
        (create(link("x", mtu=1400, mac="02:00:00:00:00:01", up=True)), ["ip link add x type dummy", "mtu 1400 address 02:00:00:00:00:01 up"]),
        (create(link("x", "vlan", info={"parent": "p", "id": 5})), ["ip link add x type vlan id 5 parent p", "alias"]),
        (create(link("a", "veth", info={"peer": "b", "peer_ifname": "v1"})), ["ip link add a type veth peer name v1", "alias"]),
        (create(link("b", "veth", info={"peer": "a", "peer_ifname": "v0"})), ["ip link set b alias"]),
        (create(link("wg0", "wireguard", info={"private_key": "SECRET", "port": 5})), ["ip link add wg0 type wireguard port 5", "alias"]),
        (delete(link("x")), ["ip link delete x"]),
        (delete(link("x", "existing", ifname="eth9")), ['ip link set eth9 alias ""']),
        (update(link("x", mtu=1400), mtu=None), ["ip link set x mtu 1500"]),
        (update(link("x", mtu=1500, up=True), mtu=None, up=False), ["ip link set x down"]),
        (update(link("x"), ifname="y", up=True), ["ip link set x name y up"]),
        (update(link("x"), info={"private_key": "SECRET", "port": 9}), ["ip link set x"]),
        (create(port("x", "red")), ["ip link set x master red"]),
        (delete(port("x", "red")), ["ip link set x nomaster"]),
    ],
)
def test_an_operation_in_words_of_ip(operation, lines):
    found = device_writer.commands(operation)
    assert len(found) == len(lines) and all(part in line for part, line in zip(lines, found)), found
    assert "SECRET" not in repr(found)
