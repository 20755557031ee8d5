# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From each state of interfaces to each other one, in one pass: names, addresses, ids, sockets, devices and parents change hands."""

from __future__ import annotations

import pytest

from tests.unit.vpp.link_world import (
    GPE,
    MAC,
    OTHER_KEY,
    World,
    bond,
    gre,
    ipip,
    link,
    loop,
    memif,
    on,
    sub,
    vrf,
    vxlan,
    wireguard,
)

TABLES = [*vrf(5, "4", "6"), *vrf(6)]
BOTH = [on("a", "host-0"), on("b", "host-1")]


def lends(name, lender, **more):
    return link("SOFTWARE_LOOPBACK", name, unnumbered={"interface_with_ip": lender}, **more)


STATES = {
    "nothing": [],
    "addresses": [loop("a", "10.1.1.1/24", "fd00::1/64", enabled=True), loop("b", "10.2.2.1/16")],
    "addresses change places": [loop("a", "10.2.1.1/24"), loop("b", "10.1.1.1/25", "10.1.1.2/25", phys_address=MAC, mtu=1400)],
    "addresses in VRFs": [TABLES, loop("a", "10.1.1.1/24", "fd00::1/64", vrf=5), loop("b", "10.1.1.1/24", vrf=6, enabled=True)],
    "other VRFs": [TABLES, loop("a", "10.1.1.1/24", vrf=6, set_dhcp_client=True), loop("b", vrf=5)],
    "a lends": [loop("a", "10.1.1.1/24"), lends("b", "a", enabled=True)],
    "b lends in a VRF": [TABLES, loop("b", "10.1.1.1/24", vrf=5), lends("a", "b", vrf=5)],
    "masters": [memif("a", 1, "x.sock", master=True, enabled=True), memif("b", 2, "x.sock", master=True)],
    "slaves": [memif("a", 2, "x.sock"), memif("b", 1, "x.sock"), memif("c", 1, mode="IP")],
    "sockets": [memif("a", 1, "y.sock", master=True), memif("b", 1, "x.sock"), memif("c", 1, master=True)],
    "sub-interfaces": [on("a", "host-0", enabled=True), sub("a.5", "a", 5, enabled=True, ip_addresses=["10.5.1.1/24"]), sub("a.6", "a", 6, mtu=1300)],
    "VLANs change places": [on("a", "host-0"), sub("a.5", "a", 6), sub("a.6", "a", 5, {"tag_rw_option": "PUSH2", "tag1": 1, "tag2": 2})],
    "other parents": [on("b", "host-0", enabled=True), loop("a"), sub("a.5", "b", 5, {"tag_rw_option": "POP1"}, enabled=True), sub("a.6", "a", 6)],
    "bond": [BOTH, bond("c", 1, "XOR", "a", "b", lb="L34", enabled=True)],
    "two bonds": [BOTH, bond("c", 2, "ACTIVE_BACKUP", "b"), bond("d", 1, "LACP", {"name": "a", "is_passive": True}), sub("d.7", "d", 7)],
    "VXLAN": [vxlan("a", "10.1.1.2", 7, enabled=True, ip_addresses=["10.7.1.1/24"]), vxlan("b", "10.1.1.2", 8)],
    "VXLAN to many": [loop("m", "10.1.1.1/24"), vxlan("a", "239.1.1.1", 7, multicast="m"), vxlan("b", "10.1.1.2", 7)],
    "VXLAN-GPE": [TABLES, vxlan("a", "10.1.1.2", 7, gpe={"protocol": "IP4", "decap_vrf_id": 5}), vxlan("b", "10.1.1.2", 8, gpe={"protocol": "NSH"})],
    "GRE": [TABLES, gre("a", "TEB", "10.1.1.2", vrf=5), gre("b", "ERSPAN", "10.1.1.2", session=5)],
    "other GRE": [gre("b", "L3", "10.1.1.2", enabled=True, ip_addresses=["10.8.1.1/30"]), gre("a", "ERSPAN", "10.1.1.2", session=5)],
    "IPIP": [ipip("a", "10.1.1.2", enabled=True), ipip("b", "fd00::2", src="fd00::1"), wireguard("w")],
    "other IPIP": [ipip("a"), ipip("b", "10.1.1.2"), wireguard("w", 5, OTHER_KEY, enabled=True, mtu=1400)],
}


def test_from_each_state_to_each_other_one(double):
    """There and back again for each pair; what was reached is nothing to do any more."""
    names = list(STATES)
    way = [name for at, one in enumerate(names) for other in names[at + 1 :] for name in (other, one)]
    with double.session() as session:
        world = World(double, session)
        for before, after in zip([names[0], *way], [*way, names[0]]):
            try:
                world.apply(*STATES[after])
                assert world.apply(*STATES[after], check_mode=True).outcome.commands == []
            except Exception as error:
                raise AssertionError(f"from {before} to {after}: {getattr(error, 'message', error)}") from error
        assert world.empty()


@pytest.mark.parametrize("step", [1, 5])
def test_from_one_state_to_the_next_on_a_live_vpp(live, step):
    with live.session() as session:
        world = World(live, session)
        names = [name for name in STATES if name != "VXLAN-GPE" or session.offers(GPE)]
        at = 0
        for _each in names:
            at = (at + step) % len(names)
            try:
                world.settle(*STATES[names[at]])
            except Exception as error:
                raise AssertionError(f"from {names[at - step]} to {names[at]}: {getattr(error, 'message', error)}") from error
        world.apply([])
        assert world.empty()
