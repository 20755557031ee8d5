# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Interfaces of all types without their drivers: values to messages to a kernel in Python, and back."""

from __future__ import annotations

import base64
import re

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Operation, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import device_writer, devices, links, wireguard
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.addresses import Addresses
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.dataplane import LinuxDataplane
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE, LINUX_INTERFACE
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import reconcile
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.fake_kernel import FakeHost

KINDS = {kind.id: kind for kind in (LINUX_INTERFACE, INTERFACE)}
FAMILY = links.Links("t")


def value(type, name="x", **more):
    kind = LINUX_INTERFACE if type in LINUX_INTERFACE.fields["type"].choices else INTERFACE
    return kind.value({"name": name, "type": type, **more})


def link(name, kind="dummy", **more):
    key = ("link", name)
    attributes = {"ifname": name, "up": False, "mtu": None, "mac": None, "kind": kind, "info": {}, "model": (links.LINUX, "DUMMY")}
    return Resource(key, {**attributes, "master": "", "table": None, **more}, claims=frozenset({("ifname", name)}))


def foreign(name, **more):
    attributes = {"ifname": name, "up": False, "mtu": 1500, "mac": "02:00:00:00:00:01", "kind": "", "info": {}, "master": "", "table": None}
    return Resource(("foreign-link", name), {**attributes, **more}, owned=False, managed=False)


def by_key(*resources):
    return {one.key: one for one in resources}


def lower(*values, there=(), **more):
    return by_key(*FAMILY.lower(values, View(by_key(*there), "t", **more)))


# -- all the way and back, for every type -----------------------------------------------------------------------------

V4 = st.ip_addresses(v=4, network="10.0.0.0/8").map(str)
V6 = st.ip_addresses(v=6, network="fd00::/16").map(str)
PREFIX = st.one_of(st.builds("{}/{}".format, V4, st.integers(8, 32)), st.builds("{}/{}".format, V6, st.integers(16, 128)))
MAC = st.integers(0, 2**40 - 1).map(lambda bits: "02:" + ":".join(f"{bits:010X}"[at : at + 2] for at in range(0, 10, 2)))
KEY = st.binary(min_size=32, max_size=32).map(lambda raw: base64.b64encode(raw).decode())
PLAIN = ["DUMMY", "SOFTWARE_LOOPBACK", "TAP", "VXLAN_TUNNEL", "GRE_TUNNEL", "IPIP_TUNNEL", "WIREGUARD_TUNNEL"]
PLAIN += ["VRF_DEVICE", "EXISTING", "AF_PACKET", "LOOPBACK", "VETH", "SUB_INTERFACE", "BOND_INTERFACE"]
BARE = ("GRE_TUNNEL", "IPIP_TUNNEL", "WIREGUARD_TUNNEL", "VRF_DEVICE", "EXISTING", "AF_PACKET", "LOOPBACK")


@st.composite
def interfaces(draw):
    """Valid values, every type at most once but with what it refers to; the hardware eth8 and eth9 is there."""
    made = []
    stations = draw(st.lists(MAC, min_size=8, max_size=8, unique_by=str.lower))
    prefixes = draw(st.lists(PREFIX, max_size=6, unique=True))
    tunnel = st.fixed_dictionaries({"src_addr": V4, "dst_addr": V4})

    def add(type, name, **own):
        data = {"name": name, "type": type, "enabled": draw(st.booleans()), **own}
        linux = type in LINUX_INTERFACE.fields["type"].choices
        if linux and type not in ("LOOPBACK", "EXISTING") and draw(st.booleans()):
            data.update(name=f"{name}, a name / with blanks", host_if_name=name)
        if prefixes and draw(st.booleans()):
            data["ip_addresses"] = [prefixes.pop() for _each in range(draw(st.integers(1, len(prefixes))))]
        if type not in BARE and draw(st.booleans()):
            data["phys_address"] = stations.pop()
        if type not in BARE[-3:] and draw(st.booleans()):
            data["mtu"] = draw(st.integers(1280, 9000))
        made.append(data)
        return data

    for type in draw(st.lists(st.sampled_from(PLAIN), min_size=1, max_size=4, unique=True)):
        if type == "VETH":
            one, two = add(type, "v1"), add(type, "v2")
            one["veth"], two["veth"] = {"peer_if_name": two["name"]}, {"peer_if_name": one["name"]}
        elif type == "TAP":
            more = {"host_if_name": "tap9"} if draw(st.booleans()) else {}
            tap = add(type, "tap0", tap={"version": draw(st.integers(0, 2)), "enable_tunnel": draw(st.booleans()), **more})
            if tap["tap"]["enable_tunnel"]:
                tap.pop("phys_address", None)  # a tun device has none
        elif type == "VXLAN_TUNNEL":
            family = draw(st.sampled_from([V4, V6]))
            ends = {"src_address": draw(family), "dst_address": draw(family)}
            below = {"multicast": draw(st.sampled_from(["eth9", "under"]))} if draw(st.booleans()) else {}
            add(type, "vxlan0", vxlan={**ends, **below, "vni": draw(st.integers(0, 2**24 - 1))})
        elif type == "GRE_TUNNEL":
            kind = draw(st.sampled_from(["L3", "TEB", "ERSPAN"]))
            add(type, "gre7", gre={"tunnel_type": kind, **draw(tunnel), "session_id": draw(st.integers(0, 1023)) if kind == "ERSPAN" else 0})
        elif type == "IPIP_TUNNEL":
            add(type, "ipip7", ipip={"tunnel_mode": draw(st.sampled_from(["POINT_TO_POINT", "POINT_TO_MULTIPOINT"])), **draw(tunnel)})
        elif type == "WIREGUARD_TUNNEL":
            add(type, "wg0", wireguard={"private_key": draw(KEY), "port": draw(st.integers(0, 65535)), "src_addr": draw(V4)})
        elif type == "VRF_DEVICE":
            vrf = add(type, "red", vrf_dev={"routing_table": draw(st.integers(1, 252))})
            add("DUMMY", "in-red", vrf_master_interface=vrf["name"])
        elif type == "SUB_INTERFACE":
            add(type, "sub5", sub={"parent_name": draw(st.sampled_from(["eth9", "under"])), "sub_id": draw(st.integers(1, 4094))})
        elif type == "BOND_INTERFACE":
            mode = draw(st.sampled_from(["ROUND_ROBIN", "ACTIVE_BACKUP", "XOR", "BROADCAST", "LACP"]))
            lb = {"lb": draw(st.sampled_from(["L2", "L34", "L23"]))} if mode in ("XOR", "LACP") else {}
            slow = draw(st.booleans())
            members = [{"name": name, "is_long_timeout": slow} for name in draw(st.permutations(["member", "eth8"]))]
            add(type, "bond0", bond={"id": draw(st.integers(0, 9)), "mode": mode, "bonded_interfaces": members, **lb})
            made.append({"name": "member", "type": "DUMMY", "enabled": draw(st.booleans())})
        elif type == "EXISTING":
            add(type, "mine", host_if_name="eth7")
        elif type == "AF_PACKET":
            add(type, "af0", afpacket={draw(st.sampled_from(["host_if_name", "linux_interface"])): "eth6"})
        else:
            add(type, {"LOOPBACK": "lo", "DUMMY": "dummy7", "SOFTWARE_LOOPBACK": "loop7"}[type])
    if any("under" in repr(one) for one in made):
        made.append({"name": "under", "type": "DUMMY", "phys_address": "02:00:00:00:aa:aa"})
    return [value(one.pop("type"), **one) for one in draw(st.permutations(made))]


SIZES = {"VXLAN_TUNNEL": 1450, "L3": 1476, "TEB": 1462, "ERSPAN": 1450, "IPIP_TUNNEL": 1480, "WIREGUARD_TUNNEL": 1420, "VRF_DEVICE": 65575}


def told(one, everything):
    """What is shown of a value that was applied: the same, but what the kernel does not keep or writes its own way."""
    data = {name: dict(item) if isinstance(item, dict) else item for name, item in one.data.items()}
    type = data["type"]
    if "ip_addresses" in data:
        data["ip_addresses"] = sorted(data["ip_addresses"], key=lambda text: (":" in text, text))
    if "phys_address" in data:
        data["phys_address"] = data["phys_address"].lower()
    if data.get("mtu") in (1500, SIZES.get(data.get("gre", {}).get("tunnel_type", type))):
        data.pop("mtu", None)
    if type == "TAP":
        data["tap"]["version"] = 2
    if type == "IPIP_TUNNEL" and data["ipip"].get("tunnel_mode"):
        del data["ipip"]["dst_addr"]
    if type == "WIREGUARD_TUNNEL":
        data["wireguard"]["private_key"] = wireguard.clamped(data["wireguard"]["private_key"])
    if type == "AF_PACKET":
        data["afpacket"] = {"host_if_name": "eth6"}
    if type == "BOND_INTERFACE":
        data.pop("phys_address", None)  # it has that of its first port otherwise: not told apart
        members = sorted(data["bond"]["bonded_interfaces"], key=lambda member: member["name"])
        keep = data["bond"]["mode"] == "LACP"
        data["bond"]["bonded_interfaces"] = [member if keep else {"name": member["name"]} for member in members]
    if type == "SUB_INTERFACE" and "phys_address" in data:
        parent = next((each.data.get("phys_address") for each in everything if each.data["name"] == data["sub"]["parent_name"]), None)
        assert parent != data["phys_address"]
    return KINDS[one.kind].canonical(data)


def world(monkeypatch):
    host = FakeHost()
    host.patch(monkeypatch, device_writer, wireguard)
    for name in ("eth6", "eth7", "eth8", "eth9"):
        host.netlink.hardware(name)
    return LinuxDataplane(host, [FAMILY, Addresses("t")], "t")


def apply(dataplane, state, values, **more):
    return reconcile(dataplane, KINDS, state, lambda there: values, **more)


@settings(max_examples=60, deadline=None)
@given(interfaces(), interfaces())
def test_every_type_all_the_way_and_back(first, then):
    with pytest.MonkeyPatch.context() as monkeypatch:
        dataplane = world(monkeypatch)
        untouched = dataplane.observe()
        earlier = {}
        for values in (first, then):
            done = apply(dataplane, "overridden", values)
            shown = {one.key: KINDS[one.kind].canonical(one.data) for one in done.after}
            adopted = {one.key for one in values if one.data["type"] in ("EXISTING", "AF_PACKET", "LOOPBACK")}
            for one in values:
                expected = told(one, values)
                # What was there before us is set up with the item, but not down with it; and a VLAN whose MAC address
                # is no longer given keeps the one that it has.
                kept = {"enabled": True} if one.key in adopted and shown[one.key].get("enabled") else {}
                if one.data["type"] == "SUB_INTERFACE" and "phys_address" in earlier.get(one.key, {}) and "phys_address" not in expected:
                    kept = {"phys_address": earlier[one.key]["phys_address"]} if "phys_address" in shown[one.key] else {}
                assert shown[one.key] == KINDS[one.kind].canonical({**expected, **kept}), one
            assert shown.keys() == {one.key for one in values}
            earlier = shown
            again = apply(dataplane, "overridden", values)
            assert again.outcome.commands == []
            assert apply(dataplane, "overridden", done.after).outcome.commands == [], "what was gathered, fed back"
        assert apply(dataplane, "deleted", []).after == []
        left = dataplane.observe()
        assert left.keys() == untouched.keys()
        assert {one.attributes["ifname"] for one in left.values()} == {"lo", "eth6", "eth7", "eth8", "eth9"}
        assert not any(one.owned for one in left.values())


@pytest.mark.parametrize("mtu", [1400, 1450, 1500, 1600])
@pytest.mark.parametrize("type", ["DUMMY", "VXLAN_TUNNEL"])
def test_a_given_mtu_is_what_the_device_has(monkeypatch, type, mtu):
    dataplane = world(monkeypatch)
    more = {"vxlan": {"src_address": "10.0.0.1", "dst_address": "10.0.0.2", "vni": 1}} if type == "VXLAN_TUNNEL" else {}
    for before in (None, 1300, mtu):
        if before:
            apply(dataplane, "overridden", [value(type, mtu=before, **more)])
        apply(dataplane, "overridden", [value(type, mtu=mtu, **more)])
        dataplane.observe()
        assert next(one.mtu for one in dataplane.host.devices if one.ifname == "x") == mtu
        assert not apply(dataplane, "overridden", [value(type, mtu=mtu, **more)]).outcome.changed
    kept = apply(dataplane, "overridden", [value(type, enabled=True, **more)])
    assert kept.outcome.changed and apply(dataplane, "overridden", [value(type, enabled=True, **more)]).outcome.commands == []


# -- refusals ---------------------------------------------------------------------------------------------------------

TUNNEL = {"tunnel_type": "L3", "src_addr": "10.0.0.1", "dst_addr": "10.0.0.2"}


@pytest.mark.parametrize(
    ("field", "one"),
    [
        ("type", value("DPDK")),
        ("type", value("MEMIF")),
        ("type", value("TAP_TO_VPP", tap={"vpp_tap_if_name": "y"})),
        ("type", INTERFACE.value({"name": "x"})),
        ("set_dhcp_client", value("SOFTWARE_LOOPBACK", set_dhcp_client=True)),
        ("rx_modes", value("SOFTWARE_LOOPBACK", rx_modes=[{"mode": "POLLING"}])),
        ("tap.rx_ring_size", value("TAP", tap={"rx_ring_size": 256})),
        ("vxlan.gpe", value("VXLAN_TUNNEL", vxlan={"src_address": "10.0.0.1", "dst_address": "10.0.0.2", "gpe": {"protocol": "NSH"}})),
        ("sub.tag_rw_option", value("SUB_INTERFACE", sub={"parent_name": "p", "sub_id": 5, "tag_rw_option": "PUSH1"})),
        ("bond.bonded_interfaces.is_passive", value("BOND_INTERFACE", bond={"mode": "XOR", "bonded_interfaces": [{"name": "p", "is_passive": True}]})),
        ("bond.lb", value("BOND_INTERFACE", bond={"mode": "LACP", "lb": "RR"})),
        ("gre.session_id", value("GRE_TUNNEL", gre={**TUNNEL, "session_id": 1})),
        ("gre.src_addr", value("GRE_TUNNEL", gre={**TUNNEL, "src_addr": "::1"})),
        ("ipip.dst_addr", value("IPIP_TUNNEL", ipip={"src_addr": "10.0.0.1", "dst_addr": "::2"})),
        ("namespace", value("DUMMY", namespace={"type": "NSID", "reference": "other"})),
        ("link_only", value("DUMMY", link_only=True, ip_addresses=["10.0.0.1/24"])),
        ("ip_addresses", value("DUMMY", ip_addresses=["alloc:net"])),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_refusal_names_kind_interface_and_field(field, one):
    with pytest.raises(Refused, match=re.escape(f"{one.kind} x: {field}")) as refused:
        lower(one, there=[foreign("p")])
    assert refused.value.context == {"kind": one.kind, "field": field}


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("16 letters long.* is no kernel interface name", value("SOFTWARE_LOOPBACK", "16 letters long.")),
        ("sixteen-bytes-xx is no kernel interface name", value("DUMMY", "sixteen-bytes-xx")),
        ("a b is no kernel interface name", value("DUMMY", "a b")),
        ("a/b is no kernel interface name.*host_if_name", value("SOFTWARE_LOOPBACK", "a/b")),
        ("ää.* is no kernel interface name", value("DUMMY", "ää" * 4)),
        ("its peer y is not asked for", value("VETH", veth={"peer_if_name": "y"})),
        ("its peer x is not asked for", value("VETH", veth={"peer_if_name": "x"})),
        ("has no interface nosuch; did you mean nosuch1", value("SUB_INTERFACE", sub={"parent_name": "nosuch", "sub_id": 5})),
        ("sub.sub_id 0 is no VLAN id", value("SUB_INTERFACE", sub={"parent_name": "nosuch1"})),
        ("sub.sub_id 4095 is no VLAN id", value("SUB_INTERFACE", sub={"parent_name": "nosuch1", "sub_id": 4095})),
        ("routing_table 254 is one that the kernel keeps", value("VRF_DEVICE", vrf_dev={"routing_table": 254})),
        ("routing_table 0 is one that the kernel keeps", value("VRF_DEVICE", vrf_dev={})),
        ("vrf 7 does not exist; a vpp/vrf-table makes it", value("SOFTWARE_LOOPBACK", vrf=7)),
        ("interface nosuch1 has no address to lend", value("SOFTWARE_LOOPBACK", unnumbered={"interface_with_ip": "nosuch1"})),
        ("waits for interface eth5, which does not exist", value("EXISTING", host_if_name="eth5")),
        ("waits for interface eth5, which does not exist", value("AF_PACKET", afpacket={"host_if_name": "eth5"})),
        ("has no interface red", value("DUMMY", vrf_master_interface="red")),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_touched(text, one):
    with pytest.raises(CnfError, match=text) as caught:
        lower(one, there=[foreign("nosuch1")])
    awaited = {"vrf 7 does": "vrf-table-exists", "no address to lend": "interface-has-address", "waits for interface eth5": "eth5"}
    assert caught.value.context.get("waits_for") == next((word for words, word in awaited.items() if words in text), None)


def test_two_interfaces_of_one_kernel_name():
    with pytest.raises(CnfError, match=r"^vpp/interfaces y: interface x has the kernel name y too; give one of them a host_if_name$"):
        lower(value("DUMMY", "x", host_if_name="y"), value("SOFTWARE_LOOPBACK", "y"))


def test_fifteen_bytes_are_a_name():
    assert lower(value("DUMMY", "fifteen-bytes-x"))["link", "fifteen-bytes-x"].attributes["ifname"] == "fifteen-bytes-x"


# -- what comes out ---------------------------------------------------------------------------------------------------


def test_a_mac_address_of_our_own_is_the_same_every_time():
    assert links.mac_of("cnf", "left") == "02:ce:29:27:49:8d"
    assert len({links.mac_of(cnf, name) for cnf in ("one", "two") for name in ("a", "b")}) == 4
    made = lower(value("DUMMY"))["link", "x"]
    assert made.attributes["mac"] == links.mac_of("t", "x")
    shown = list(FAMILY.lift({made.key: made}, View({made.key: made}, "t")))
    assert [one.data for one in shown] == [{"name": "x", "type": "DUMMY"}], "what we chose is not told as if it was asked for"


@given(st.sampled_from(["cnf", "a-b"]), st.sampled_from(sorted(KINDS)), st.text(min_size=1).filter(lambda name: "\0" not in name), st.booleans())
def test_alias_round_trip(cnf, kind, name, joined):
    assert links.parse_alias(links.alias(cnf, (kind, "DUMMY"), name, joined=joined)) == (cnf, kind, "DUMMY", name, joined)


@pytest.mark.parametrize("text", ["", "eth0 of the lab", "pantheon.cnf cnf namespace", "pantheon.cnf cnf vpp/interfaces TAP", "pantheon.cnfx a b c d"])
def test_an_alias_that_is_none_of_ours(text):
    assert links.parse_alias(text) is None


def test_the_ends_of_a_pair_are_one_device():
    made = lower(value("VETH", "b", veth={"peer_if_name": "a"}), value("VETH", "a", host_if_name="eth-a", veth={"peer_if_name": "b"}))
    assert made["link", "a"].requires == frozenset() and made["link", "b"].requires == {("link", "a")}
    assert made["link", "b"].attributes["info"] == {"peer": "a", "peer_ifname": "eth-a"}
    gone = FAMILY.destroys(Operation("delete", ("link", "b"), made["link", "b"], None), made)
    assert set(gone) == {("link", "a")}


def test_ports_and_addresses_wait_for_their_interface_and_its_master():
    made = lower(
        value("DUMMY", vrf_master_interface="red", ip_addresses=["10.0.0.1/24", "FD00::1/64"]),
        value("VRF_DEVICE", "red", vrf_dev={"routing_table": 7}),
    )
    assert made["port", "x"].attributes == {"master": "red"} and made["port", "x"].requires == {("link", "x"), ("link", "red")}
    assert made["address", "x", "fd00::1/64"].requires == {("link", "x"), ("port", "x")}
    assert made["address", "x", "10.0.0.1/24"].attributes == {"protocol": 208}
    assert made["link", "red"].attributes["table"] == 7


def test_a_vpp_interface_in_a_vrf_that_is_there():
    there = [link("vrf7", "vrf", info={"table": 7}, table=7)]
    made = lower(value("SOFTWARE_LOOPBACK", vrf=7, ip_addresses=["10.0.0.1/24"]), there=there)
    assert made["port", "x"].attributes == {"master": "vrf7"}
    everything = {**by_key(*there), **made}
    shown = {one.key: one for one in FAMILY.lift(everything, View(everything, "t"))}
    assert shown["config/vpp/v2/interfaces/x"].data["vrf"] == 7


@pytest.mark.parametrize("named", [True, False])
def test_an_unnumbered_interface_borrows_host_addresses(named):
    lender = value("SOFTWARE_LOOPBACK", "loop0", ip_addresses=["10.0.0.1/24", "fd00::1/64"])
    beside = by_key(*FAMILY.lower([lender], View({}, "t")))
    borrower = value("SOFTWARE_LOOPBACK", unnumbered={"interface_with_ip": "loop0"})
    made = lower(borrower, *([lender] if named else []), there=() if named else beside.values())
    assert {key[2] for key in made if key[:2] == ("address", "x")} == {"10.0.0.1/32", "fd00::1/128"}


def test_hardware_is_marked_with_the_name_that_it_has():
    made = lower(value("EXISTING", host_if_name="eth0", mtu=1400), there=[foreign("eth0", up=True)])
    one = made["link", "x"]
    assert one.attributes["ifname"] == "eth0" and one.attributes["kind"] == "existing" and one.attributes["info"] == {}
    assert one.attributes["up"], "what is up is not set down" and not one.claims
    assert not lower(value("EXISTING", host_if_name="eth0"), there=[foreign("eth0")])["link", "x"].attributes["up"]


def test_a_memif_waits_for_its_link_and_takes_what_was_joined():
    memif = value("MEMIF", enabled=True, memif={"id": 1})
    with pytest.raises(CnfError, match="waits for its link; cnf_link joins it") as waits:
        lower(memif, memif_substitute=True)
    assert waits.value.context == {"waits_for": "link x"}
    joined = link("x", "joined", ifname="veth7", model=(links.VPP, "MEMIF"))._replace(managed=False)
    made = lower(memif, there=[joined], memif_substitute=True)["link", "x"]
    assert (made.attributes["kind"], made.attributes["ifname"], made.managed) == ("joined", "veth7", False)
    assert lower(memif, memif_substitute=True, imagine=True)["link", "x"].attributes["kind"] == "existing"
    shown = list(FAMILY.lift({joined.key: joined}, View({joined.key: joined}, "t")))
    assert [one.data for one in shown] == [{"name": "x", "type": "MEMIF"}]


def test_a_bond_takes_hardware_that_no_value_names():
    bond = value("BOND_INTERFACE", "bond0", bond={"mode": "LACP", "bonded_interfaces": [{"name": "eth0"}]})
    made = lower(bond, there=[foreign("eth0")])
    assert made["port", "eth0"].requires == {("foreign-link", "eth0"), ("link", "bond0")}


def test_with_scope_all_foreign_interfaces_are_shown_as_existing():
    there = by_key(foreign("eth0", up=True, mtu=9000), foreign("lo"), Resource(("address", "eth0", "10.0.0.1/24"), {}, owned=False))
    shown = {one.data["name"]: one.data for one in FAMILY.lift(there, View(there, "t", scope_all=True))}
    assert shown["lo"]["type"] == "LOOPBACK" and shown["eth0"]["type"] == "EXISTING" and shown["eth0"]["enabled"]
    assert shown["eth0"]["ip_addresses"] == ["10.0.0.1/24"]
    assert list(FAMILY.lift(there, View(there, "t"))) == []


# -- change -----------------------------------------------------------------------------------------------------------


def changed(before, **more):
    return before._replace(attributes={**before.attributes, **more})


@pytest.mark.parametrize(
    ("word", "before", "more"),
    [
        ("same", link("x"), {}),
        ("same", link("x", mac="02:00:00:00:00:01"), {"mac": None}),
        ("same", link("x", master="red"), {"master": ""}),
        ("update", link("x"), {"ifname": "y"}),
        ("update", link("x"), {"up": True}),
        ("update", link("x"), {"mtu": 1400}),
        ("update", link("x", mtu=1400), {"mtu": None}),
        ("update", link("x", mtu=1400), {"mtu": 1300}),
        ("update", link("x", mac="02:00:00:00:00:01"), {"mac": "02:00:00:00:00:02"}),
        ("update", link("x"), {"model": (links.LINUX, "VETH")}),
        ("recreate", link("x"), {"kind": "bridge"}),
        ("recreate", link("x", "vlan", info={"id": 5, "parent": "p"}), {"info": {"id": 6, "parent": "p"}}),
        ("recreate", link("x", "vlan", info={"id": 5, "parent": "p"}), {"info": {"id": 5, "parent": "q"}}),
        ("recreate", link("x", "vrf", info={"table": 7}), {"info": {"table": 8}}),
        ("recreate", link("x", "erspan", info={"local": "1.1.1.1", "remote": "1.1.1.2"}), {"info": {"local": "1.1.1.1", "remote": "1.1.1.2", "session": 7}}),
        ("recreate", link("x", "vxlan", info={"id": 5, "parent": "p"}), {"info": {"id": 5}}),
        ("recreate", link("x", "erspan", info={"local": "1.1.1.1", "session": 7}), {"info": {"local": "1.1.1.1"}}),
        ("same", link("x", "veth", info={"peer": "y"}), {"info": {"peer": "y", "peer_ifname": "eth-y"}}),
        ("recreate", link("x", "veth", info={"peer": "y"}), {"info": {"peer": "z", "peer_ifname": "z"}}),
        ("update", link("x"), {"kind": "existing"}),
        ("same", link("x", "existing", mtu=9000, mac="02:00:00:00:00:01"), {"mtu": None, "mac": None}),
        ("update", link("x", "existing", mtu=9000), {"mtu": 1500}),
    ],
)
def test_what_is_changed_in_place_and_what_is_made_anew(word, before, more):
    assert FAMILY.transition(before, changed(before, **more)) == word


def test_a_port_changes_its_master_in_place():
    port = Resource(("port", "x"), {"master": "red"})
    assert FAMILY.transition(port, port) == "same" and FAMILY.transition(port, changed(port, master="blue")) == "update"


def route(to, *names, type="unicast"):
    return Resource(("route", "4", "254", to, "0"), {"type": type, "nexthops": tuple(("10.0.0.9", name, 1) for name in names)})


BESIDE = by_key(
    link("x", "veth", up=True, info={"peer": "y"}),
    link("y", "veth", info={"peer": "x"}),
    link("x.5", "vlan", info={"parent": "x", "id": 5}),
    link("z", "vrf", info={"table": 7}, table=7),
    route("1.0.0.0/8", "x"),
    route("2.0.0.0/8", "z", "x"),
    route("3.0.0.0/8", "z"),
    Resource(("address", "x", "10.0.0.1/24"), {}),
    Resource(("address", "x", "fd00::1/64"), {}),
    Resource(("address", "y", "10.0.0.2/24"), {}),
    Resource(("neighbour", "x", "10.0.0.9"), {}),
    Resource(("neighbour", "z", "10.0.0.9"), {}),
    Resource(("port", "x"), {"master": "z"}),
    Resource(("bridge-port", "x"), {"bridge": "bd"}),
)
UNICAST = {("route", "4", "254", "1.0.0.0/8", "0"), ("route", "4", "254", "2.0.0.0/8", "0")}
OF_X = {("address", "x", "10.0.0.1/24"), ("address", "x", "fd00::1/64"), ("neighbour", "x", "10.0.0.9"), ("port", "x"), ("bridge-port", "x")}


def destroyed(key, verb="update", **more):
    before = BESIDE[key]
    return set(FAMILY.destroys(Operation(verb, key, before, None if verb == "delete" else changed(before, **more)), BESIDE))


def test_what_vanishes_with_an_interface():
    assert destroyed(("link", "x"), "delete") == UNICAST | OF_X | {("link", "y"), ("link", "x.5")}


@pytest.mark.parametrize("more", [{"up": False}, {"ifname": "other"}])
def test_what_vanishes_when_an_interface_goes_down_or_is_renamed(more):
    assert destroyed(("link", "x"), **more) == UNICAST | {("neighbour", "x", "10.0.0.9"), ("address", "x", "fd00::1/64")}


def test_nothing_vanishes_otherwise():
    assert destroyed(("link", "x"), mtu=1400) == destroyed(("link", "y"), up=True) == set()
    mark = link("x", "existing", up=True)
    assert not set(FAMILY.destroys(Operation("delete", mark.key, mark, None), {**BESIDE, mark.key: mark})), "only the mark is taken away"
    assert not set(FAMILY.destroys(Operation("create", ("link", "new"), None, link("new")), BESIDE))


def test_ports_go_with_their_master_and_a_port_that_changes_is_cycled():
    assert ("port", "x") in destroyed(("link", "z"), "delete")
    gone = destroyed(("port", "x"), master="other")
    assert UNICAST | {("address", "x", "fd00::1/64")} <= gone and ("address", "x", "10.0.0.1/24") not in gone


# -- reading ----------------------------------------------------------------------------------------------------------


def test_a_reader_of_interfaces_changes_none():
    from ansible_collections.pantheon.cnf.plugins.module_utils.linux.link_reader import LinkReader

    one = link("x")
    reader = LinkReader("t")
    assert reader.transition(one, changed(one, up=True)) == "same"
    assert "changed meanwhile" in reader.perform(None, [Operation("update", one.key, one, one)])[0]


def test_links_of_another_cnf_and_bare_ones_are_foreign(monkeypatch):
    dataplane = world(monkeypatch)
    kernel = dataplane.host.netlink
    kernel.by_name("eth9").attributes[devices.ALIAS] = links.alias("other", (links.LINUX, "EXISTING"), "their name").encode() + b"\0"
    kernel.by_name("eth8").attributes[devices.ALIAS] = links.alias("t", (links.VPP, "MEMIF"), "memif 0", joined=True).encode() + b"\0"
    found = dataplane.observe()
    assert not found["foreign-link", "eth9"].owned and found["foreign-link", "eth9"].claims == {("ifname", "eth9")}
    assert found["link", "memif 0"].attributes["kind"] == "joined" and not found["link", "memif 0"].managed
