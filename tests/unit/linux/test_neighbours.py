# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Neighbours without a kernel."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Operation, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import neighbours
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ARP, LINUX_ARP, PROXY_ARP
from hypothesis import given
from hypothesis import strategies as st

FAMILY = neighbours.Neighbours("t")
LINKS = {1: ("link", "left"), 2: ("link", "inner"), 3: ("link", "blue")}
WORLD = {
    key: Resource(key, {"ifname": key[1], "up": True, "kind": kind, "table": table, "master": master})
    for key, kind, table, master in ((LINKS[1], "veth", None, ""), (LINKS[2], "veth", None, "blue"), (LINKS[3], "vrf", 10, ""))
}
MACS = st.binary(min_size=6, max_size=6).map(lambda raw: raw.hex(":"))
ADDRESSES = st.sampled_from(["10.0.0.9", "10.0.0.10", "fd00::9"])
NAMES = st.sampled_from(["left", "inner"])
NUMBERS = st.integers(1, 60)
VALUES = st.lists(
    st.one_of(
        st.builds(lambda n, a, m, s: ARP.value({"interface": n, "ip_address": a, "phys_address": m, "static": s}), NAMES, ADDRESSES, MACS, st.booleans()),
        st.builds(lambda n, a, m: LINUX_ARP.value({"interface": n, "ip_address": a, "hw_address": m}), NAMES, ADDRESSES, MACS),
        st.builds(
            lambda ranges: PROXY_ARP.value(
                {
                    "interfaces": [{"name": "left"}, {"name": "inner"}],
                    "ranges": [{"first_ip_addr": f"192.0.2.{first}", "last_ip_addr": f"192.0.2.{first + more}", "vrf_id": vrf} for first, more, vrf in ranges],
                }
            ),
            st.lists(st.tuples(NUMBERS, NUMBERS, st.sampled_from([0, 10])), min_size=1, max_size=4),
        ),
    ),
    max_size=5,
    unique_by=lambda value: value.key,
)


def lower(*values):
    return {one.key: one for one in FAMILY.lower(values, View(WORLD, "t"))}


@given(VALUES)
def test_lower_and_lift_are_inverse(values):
    try:
        made = lower(*values)
    except neighbours.Refused:
        return
    lifted = list(FAMILY.lift(made, View({**WORLD, **made}, "t")))
    assert lower(*lifted) == made


@given(VALUES)
def test_messages_say_the_neighbour(values):
    try:
        made = lower(*values)
    except neighbours.Refused:
        return
    index = {key[1]: number for number, key in LINKS.items()}
    for key, one in made.items():
        message = neighbours.encode(Operation("create", key, None, one), index[key[1]])
        assert neighbours._parse(message[16:], LINKS) == one
        gone = neighbours.encode(Operation("delete", key, one, None), index[key[1]])
        assert gone[4:6] == b"\x1d\0" and neighbours.attributes(gone[16:], 12)[1] == neighbours.attributes(message[16:], 12)[1]


@pytest.mark.parametrize(
    ("value", "verb", "says"),
    [
        (
            ARP.value({"interface": "left", "ip_address": "10.0.0.9", "phys_address": "02:00:00:00:00:0A"}),
            "create",
            "ip neighbour replace 10.0.0.9 lladdr 02:00:00:00:00:0a nud reachable dev left protocol 207",
        ),
        (
            LINUX_ARP.value({"interface": "left", "ip_address": "fd00::9", "hw_address": "02:00:00:00:00:0a"}),
            "update",
            "ip neighbour replace fd00::9 lladdr 02:00:00:00:00:0a nud permanent dev left protocol 208",
        ),
        (
            PROXY_ARP.value({"interfaces": [{"name": "left"}], "ranges": [{"first_ip_addr": "10.0.0.9", "last_ip_addr": "10.0.0.9"}]}),
            "delete",
            "ip neighbour delete proxy 10.0.0.9 dev left",
        ),
    ],
)
def test_commands(value, verb, says):
    (one,) = lower(value).values()
    assert FAMILY.commands(Operation(verb, one.key, None if verb == "create" else one, None if verb == "delete" else one)) == [says]
