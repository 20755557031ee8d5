# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of interfaces looked up by those who refer to them."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import UnknownInterface, View

WORLD = {
    one.key: one
    for one in (
        Resource(("link", "memif0"), {"ifname": "veth0"}),
        Resource(("link", "both"), {"ifname": "ours"}),
        Resource(("foreign-link", "both"), {"ifname": "both"}, owned=False),
        Resource(("foreign-link", "eth0"), {"ifname": "eth0"}, owned=False),
        Resource(("link", "red"), {"ifname": "vrf-red", "kind": "vrf", "table": 7}),
        Resource(("address", "memif0", "10.0.0.1/24"), {}),
        Resource(("address", "memif0", "fd00::1/64"), {}),
        Resource(("address", "eth0", "192.0.2.1/32"), {}),
    )
}


@pytest.mark.parametrize(
    ("name", "key", "ifname"), [("memif0", ("link", "memif0"), "veth0"), ("both", ("link", "both"), "ours"), ("eth0", ("foreign-link", "eth0"), "eth0")]
)
def test_ours_by_logical_name_before_foreign_by_kernel_name(name, key, ifname):
    for found in (View(WORLD).find(name), View(WORLD).link(name)):
        assert (found.name, found.key, found.ifname, found.resource) == (name, key, ifname, WORLD[key])


def test_a_kernel_name_of_ours_is_no_name():
    assert View(WORLD).find("veth0") is None


def test_an_unknown_name_is_told_with_those_that_come_near():
    with pytest.raises(UnknownInterface, match=r"^CNF c has no interface memif1; did you mean memif0\?$") as unknown:
        View(WORLD, "c").link("memif1")
    assert unknown.value.context == {"interface": "memif1"}
    with pytest.raises(UnknownInterface, match=r"no interface zzz; there are both, eth0, memif0, red$"):
        View(WORLD, "c").link("zzz")
    with pytest.raises(UnknownInterface, match="there are none$"):
        View({}, "c").link("zzz")


def test_offline_every_interface_is_there():
    found = View({}, offline=True).link("anything")
    assert found.ifname == "anything" and not found.resource.owned and not found.resource.managed


@pytest.mark.parametrize(("options", "imagine"), [({}, False), ({"imagine": True}, True), ({"offline": True}, True)])
def test_offline_imagines(options, imagine):
    assert View({}, **options).imagine == imagine


def test_before_is_what_was_observed_where_that_is_told():
    assert View(WORLD).before is WORLD and View(WORLD, before={}).before == {}


def test_a_vrf_by_its_table():
    assert View(WORLD).vrf(7) == "vrf-red"
    with pytest.raises(CnfError, match="CNF c has no VRF 8: give it a vpp/vrf-table"):
        View(WORLD, "c").vrf(8)


def test_addresses_also_those_that_come_while_families_lower():
    resources = dict(WORLD)
    view = View(resources)
    assert view.prefixes("memif0") == ["10.0.0.1/24", "fd00::1/64"] and view.addresses("memif0") == ["10.0.0.1", "fd00::1"]
    assert view.prefixes("red") == [] and sorted(view.local_addresses()) == ["10.0.0.1", "192.0.2.1", "fd00::1"]
    resources["address", "red", "10.7.0.1/24"] = Resource(("address", "red", "10.7.0.1/24"), {})
    assert view.addresses("red") == ["10.7.0.1"]
