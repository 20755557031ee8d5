# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a module's config to values, and back."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import REDACTED
from ansible_collections.pantheon.cnf.plugins.module_utils.slots import acl, interfaces, l2, l3, nat
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.slot import clean, config, values
from hypothesis import given
from hypothesis import strategies as st

ALL = {"acl": acl.SLOTS, "interfaces": interfaces.SLOTS, "l2": l2.SLOTS, "vrfs": l3.VRFS, "routes": l3.ROUTES, "neighbours": l3.NEIGHBOURS, "nat": nat.SLOTS}
KEY = "A" * 42 + "A="


def kind_of(slots, given, there=()):
    return [one.kind for one in values(slots, given, there)]


def full(slots, name, data):
    """A value that is there."""
    return next(kind for slot in slots for kind in slot.kinds if kind.id == name).value(data)


@pytest.mark.parametrize("slots", ALL.values(), ids=ALL)
def test_no_slot_and_no_kind_is_there_twice(slots):
    names, kinds = [slot.name for slot in slots], [kind.id for slot in slots for kind in slot.kinds]
    assert len(set(names)) == len(names) and len(set(kinds)) == len(kinds)
    assert all(slot.many or len(slot.kinds) == 1 and slot.kinds[0].singleton for slot in slots)


@given(
    st.recursive(
        st.one_of(st.none(), st.integers(), st.text(max_size=3)),
        lambda more: st.one_of(st.lists(more, max_size=3), st.dictionaries(st.text(max_size=2), more, max_size=3)),
        max_leaves=10,
    )
)
def test_clean_leaves_out_what_is_none_in_dicts(data):
    def holds_none(one):
        inside = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        return isinstance(one, dict) and None in one.values() or any(holds_none(each) for each in inside)

    assert not holds_none(clean(data)) and clean(clean(data)) == clean(data)
    assert holds_none(data) or clean(data) == data


# -- two kinds in one list --------------------------------------------------------------------------------------------


def test_interfaces_are_told_apart_by_their_type():
    given = [{"name": "a", "type": "VETH"}, {"name": "b", "type": "TAP"}, {"name": "c", "type": "NOSUCH"}]
    assert kind_of(interfaces.SLOTS, given) == ["linux.interfaces/interface", "vpp/interfaces", "linux.interfaces/interface"]


def test_routes_are_told_apart_by_their_fields():
    base = {"dst_network": "10.0.0.0/8"}
    given = [base, {**base, "scope": "HOST"}, {**base, "gw_addr": "10.0.0.1"}, {**base, "metric": 0}, {**base, "next_hop_addr": "10.0.0.1"}]
    assert kind_of(l3.ROUTES, given) == ["vpp/route", *["linux.l3/route"] * 3, "vpp/route"]


def test_neighbours_are_told_apart_by_the_name_of_the_mac_address():
    base = {"interface": "x", "ip_address": "10.0.0.1"}
    given = {"arps": [{**base, "hw_address": "02:00:00:00:00:01"}, {**base, "phys_address": "02:00:00:00:00:01"}]}
    assert kind_of(l3.NEIGHBOURS, given) == ["linux.l3/arp", "vpp/arp"]


def test_an_entry_that_does_not_say_is_the_one_that_is_there():
    there = [full(interfaces.SLOTS, "vpp/interfaces", {"name": "x", "type": "TAP"})]
    assert kind_of(interfaces.SLOTS, [{"name": "x"}], there) == ["vpp/interfaces"]
    assert kind_of(interfaces.SLOTS, [{"name": "y"}], there) == ["linux.interfaces/interface"]
    neighbour = full(l3.NEIGHBOURS, "linux.l3/arp", {"interface": "x", "ip_address": "10.0.0.1", "hw_address": "02:00:00:00:00:01"})
    entry = {"arps": [{"interface": "x", "ip_address": "10.0.0.1"}]}
    assert kind_of(l3.NEIGHBOURS, entry, [neighbour]) == ["linux.l3/arp"] and kind_of(l3.NEIGHBOURS, entry) == ["vpp/arp"]


def test_a_field_of_the_other_kind_is_named():
    with pytest.raises(CnfError, match=r"interfaces: config/linux/.*/x is a linux.interfaces/interface, which has no field memif, unnumbered"):
        values(interfaces.SLOTS, [{"name": "x", "type": "DUMMY", "unnumbered": {}, "memif": {}}], [])


# -- shapes -----------------------------------------------------------------------------------------------------------


def test_one_slot_is_a_list_several_are_a_dict():
    assert values(l3.VRFS, None, []) == values(nat.SLOTS, None, []) == values(nat.SLOTS, {}, []) == values(l3.VRFS, [], []) == []
    assert config(l3.VRFS, []) == [] and config(nat.SLOTS, []) == {}
    found = values(nat.SLOTS, {"nat44_global": {"forwarding": True}, "nat44_pools": [{"first_ip": "10.0.0.1"}], "dnat44s": []}, [])
    assert [one.kind for one in found] == ["vpp.nat/nat44-global", "vpp.nat/nat44-pool"]
    assert config(nat.SLOTS, found) == {"nat44_global": {"forwarding": True}, "nat44_pools": [{"first_ip": "10.0.0.1"}]}


def test_what_is_shown_is_in_the_order_of_keys_and_reads_back():
    given = [{"id": 9}, {"id": 10}, {"id": 9, "protocol": "IPV6"}]
    found = [full(l3.VRFS, "vpp/vrf-table", data) for data in given]
    shown = config(l3.VRFS, reversed(found))
    assert shown == config(l3.VRFS, found)
    assert {one.key: one.data for one in values(l3.VRFS, shown, [])} == {one.key: one.data for one in found}


def wireguard(**more):
    return {"name": "wg0", "type": "WIREGUARD_TUNNEL", "wireguard": {"private_key": KEY, "src_addr": "10.0.0.1", **more}}


def test_secrets_are_not_shown_and_stay_when_what_was_shown_is_fed_back():
    there = [full(interfaces.SLOTS, "vpp/interfaces", wireguard(port=5))]
    shown = config(interfaces.SLOTS, there)
    assert shown[0]["wireguard"]["private_key"] == REDACTED and KEY not in repr(shown)
    (again,) = values(interfaces.SLOTS, shown, there)
    assert again.data == there[0].data
    (changed,) = values(interfaces.SLOTS, [wireguard(private_key="another", port=6)], there)
    assert changed.data["wireguard"] == {"private_key": "another", "src_addr": "10.0.0.1", "port": 6}
