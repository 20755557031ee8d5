# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Layer 2 without a kernel."""

from __future__ import annotations

import struct

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Operation, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import l2, neighbours, routes, vrfs
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.netlink import attributes
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l2 import BRIDGE_DOMAIN, FIB, XCONNECT
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ARP, LINUX_ARP, LINUX_ROUTE, PROXY_ARP, ROUTE, VRF_TABLE
from hypothesis import given
from hypothesis import strategies as st

FAMILY = l2.L2("t")
NAMES = ["a", "b", "c", "d"]
WORLD = {
    ("link", name): Resource(("link", name), {"ifname": f"eth-{name}", "up": True, "kind": kind, "info": {}})
    for name, kind in (*((name, "veth") for name in NAMES), ("loop0", "dummy"), ("loop1", "bridge"))
}


def lower(*values, **more):
    return {one.key: one for one in FAMILY.lower(values, View(WORLD, "t", **more))}


def domain(name="bd", **more):
    return BRIDGE_DOMAIN.value({"name": name, **more})


FLAGS = st.fixed_dictionaries({flag: st.booleans() for flag in ("flood", "unknown_unicast_flood", "forward", "learn")})


@st.composite
def _values(draw):
    values = []
    free = list(NAMES)
    for name, loop in (("one", "loop0"), ("a domain of 2: x", "loop1")):
        data = {"name": name, **draw(FLAGS), "mac_age": draw(st.integers(0, 255))}
        members = [free.pop() for _each in range(draw(st.integers(0, 2)))]
        data["interfaces"] = [{"name": member, "split_horizon_group": draw(st.sampled_from([0, 0, 7])) if data["forward"] else 0} for member in members]
        if data["forward"] and draw(st.booleans()):
            data["interfaces"].append({"name": loop, "bridged_virtual_interface": True})
        values.append(BRIDGE_DOMAIN.value(data))
        for at, member in enumerate(members):
            entry = {"bridge_domain": name, "phys_address": f"02:00:00:00:00:0{at}"}
            how = {"action": "DROP", "static_config": True} if draw(st.booleans()) else {"outgoing_interface": member, "static_config": draw(st.booleans())}
            values.append(FIB.value({**entry, **how}))
    if len(free) > 1 and draw(st.booleans()):
        values += [XCONNECT.value({"receive_interface": one, "transmit_interface": two}) for one, two in (free[:2], free[1::-1])]
    return values


@given(_values())
def test_lower_and_lift_are_inverse(values):
    made = lower(*values)
    lifted = list(FAMILY.lift(made, View({**WORLD, **made}, "t")))
    assert lower(*lifted) == made
    assert {value.key for value in lifted} == {value.key for value in values}


def test_a_loopback_becomes_the_bridge_device():
    made = lower(domain(forward=True, interfaces=[{"name": "loop0", "bridged_virtual_interface": True}, {"name": "a"}]))
    assert made["link", "loop0"].attributes == {**WORLD["link", "loop0"].attributes, "kind": "bridge"}
    assert made["bridge", "bd"].requires == {("link", "loop0")} and made["bridge", "bd"].attributes["ifname"] == "eth-loop0"
    assert set(made) == {("link", "loop0"), ("bridge", "bd"), ("bridge-port", "a")}
    (own,) = (one for key, one in lower(domain()).items() if key[0] == "bridge")
    assert FAMILY.transition(own, made["bridge", "bd"]) == "recreate"


def test_a_name_that_no_device_can_have():
    names = {lower(domain(name))["bridge", name].attributes["ifname"] for name in ("a/b", "a b", "0123456789abcdef")}
    assert len(names) == 3 and all(name.startswith("bd-") and len(name) == 11 for name in names)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([domain(arp_termination=True)], "bd: arp_termination: not supported"),
        ([domain(arp_termination_table=[{"ip_address": "10.0.0.1", "phys_address": "02:00:00:00:00:01"}])], "arp_termination_table: not supported"),
        ([domain(interfaces=[{"name": "a", "split_horizon_group": 1}, {"name": "b", "split_horizon_group": 2}])], "interfaces.split_horizon_group"),
        ([domain(interfaces=[{"name": "loop0", "bridged_virtual_interface": True}])], "forward: loop0 is the bridged_virtual_interface"),
        (
            [domain(forward=True, interfaces=[{"name": "loop0", "bridged_virtual_interface": True, "split_horizon_group": 1}])],
            "split_horizon_group: loop0 is the bridged_virtual_interface",
        ),
        ([domain(forward=True, interfaces=[{"name": "a", "bridged_virtual_interface": True}])], "bridged_virtual_interface: a is no SOFTWARE_LOOPBACK"),
        (
            [domain(name, forward=True, interfaces=[{"name": "loop0", "bridged_virtual_interface": True}]) for name in ("one", "two")],
            "loop0 is that of another bridge domain",
        ),
        ([domain("x" * 63 + " " * 20, forward=True)], "name: with the CNF's name too long"),
        (
            [
                domain(interfaces=[{"name": "a"}]),
                FIB.value({"bridge_domain": "bd", "phys_address": "02:00:00:00:00:01", "outgoing_interface": "a", "bridged_virtual_interface": True}),
            ],
            "bridged_virtual_interface: not supported",
        ),
        (
            [
                domain(interfaces=[{"name": "a"}]),
                FIB.value({"bridge_domain": "bd", "phys_address": "02:00:00:00:00:01", "outgoing_interface": "a", "action": "DROP"}),
            ],
            "outgoing_interface: an entry with action DROP",
        ),
    ],
)
def test_refusals_are_by_field_name(values, says):
    with pytest.raises(l2.Refused, match=says):
        lower(*values)


def test_offline_nothing_has_to_be_there():
    view = View({}, "t", offline=True)
    made = list(
        FAMILY.lower(
            [
                domain(forward=True, interfaces=[{"name": "x"}, {"name": "y", "bridged_virtual_interface": True}]),
                FIB.value({"bridge_domain": "other", "phys_address": "02:00:00:00:00:01", "outgoing_interface": "z"}),
                XCONNECT.value({"receive_interface": "z", "transmit_interface": "w"}),
            ],
            view,
        )
    )
    keys = {one.key for one in made}
    assert all(one.requires <= keys for one in made)
    for one in made:
        assert FAMILY.commands(Operation("create", one.key, None, one))


@pytest.mark.parametrize(
    ("key", "verb", "says"),
    [
        (
            ("bridge", "bd"),
            "create",
            ["ip link add bd type bridge ageing_time 30000 mcast_snooping 0", "ip link property add dev bd altname pantheon.cnf:t:forward,learn:bd"],
        ),
        (("bridge", "bd"), "delete", ["ip link delete bd"]),
        (
            ("bridge-port", "a"),
            "create",
            ["ip link set a master bd", "ip link set a type bridge_slave learning on flood off mcast_flood off bcast_flood off isolated off"],
        ),
        (("bridge-port", "a"), "update", ["ip link set a type bridge_slave learning on flood off mcast_flood off bcast_flood off isolated off"]),
        (("bridge-port", "a"), "delete", ["ip link set a nomaster"]),
        (("fdb", "bd", "02:00:00:00:00:01"), "create", ["bridge fdb replace 02:00:00:00:00:01 dev a master static sticky"]),
        (("fdb", "bd", "02:00:00:00:00:02"), "delete", ["bridge fdb delete 02:00:00:00:00:02 dev bd self"]),
        (
            ("xconnect", "c"),
            "create",
            [
                'nft add chain netdev pantheon_cnf_t xconnect_c { type filter hook ingress device "eth-c" priority -300; policy accept; }',
                'nft add rule netdev pantheon_cnf_t xconnect_c fwd to "eth-d"',
            ],
        ),
        (("xconnect", "c"), "delete", ["nft flush chain netdev pantheon_cnf_t xconnect_c", "nft delete chain netdev pantheon_cnf_t xconnect_c"]),
    ],
)
def test_commands(key, verb, says):
    made = lower(
        domain(forward=True, learn=True, mac_age=5, interfaces=[{"name": "a"}]),
        FIB.value({"bridge_domain": "bd", "phys_address": "02:00:00:00:00:01", "outgoing_interface": "a", "static_config": True}),
        FIB.value({"bridge_domain": "bd", "phys_address": "02:00:00:00:00:02", "action": "DROP"}),
        XCONNECT.value({"receive_interface": "c", "transmit_interface": "d"}),
    )
    assert FAMILY.commands(Operation(verb, key, None if verb == "create" else made[key], None if verb == "delete" else made[key])) == says


def test_messages_of_a_port():
    made = lower(domain(forward=True, flood=True, interfaces=[{"name": "a"}]))["bridge-port", "a"]
    join, flags = l2._set_port(Operation("create", made.key, None, made), {"a": 7}, {"bd": 9})
    assert struct.unpack_from("=i", join, 20)[0] == 7 and attributes(join, 32)[10] == struct.pack("=I", 9)
    data = attributes(attributes(attributes(flags, 32)[18])[5])
    assert data == {8: b"\0", 9: b"\0", 27: b"\1", 30: b"\1", 33: b"\0"}
    (leave,) = l2._set_port(Operation("delete", made.key, made, None), {"a": 7}, {})
    assert attributes(leave, 32)[10] == bytes(4)


@pytest.mark.parametrize(
    "text",
    [
        'table netdev t {\n\tchain xconnect_a {\n\t\ttype filter hook ingress device "va" priority -300; policy accept;\n\t\tfwd to "vb"\n\t}\n}\n',
        'table netdev t {\n\tchain xconnect_a {\n\t\ttype filter hook ingress devices = { "va" } priority -300; policy accept;\n\t\tfwd to "vb"\n\t}\n}\n',
        "table netdev t {\n\tchain xconnect_a {\n\t\ttype filter hook ingress device va priority raw; policy accept;\n\t\tfwd to vb\n\t}\n}\n",
    ],
)
def test_listings_of_old_and_new_nft(text):
    assert l2._CHAIN.findall(text) == [("xconnect_a", "va", "vb")]


@pytest.mark.parametrize(
    ("family", "kind"),
    [
        *((l2.L2, kind) for kind in (BRIDGE_DOMAIN, FIB, XCONNECT)),
        *((routes.Routes, kind) for kind in (ROUTE, LINUX_ROUTE)),
        *((neighbours.Neighbours, kind) for kind in (ARP, LINUX_ARP, PROXY_ARP)),
        (vrfs.Vrfs, VRF_TABLE),
    ],
)
def test_every_field_has_a_word(family, kind):
    def paths(fields, base=""):
        for name, field in fields.items():
            yield base + name
            yield from paths(field.fields, f"{base}{name}.")

    support = family.support[kind.id]
    assert set(support) == set(paths(kind.fields))
    assert all(word == "yes" or word.startswith(("partial: ", "refused: ")) for word in support.values())
