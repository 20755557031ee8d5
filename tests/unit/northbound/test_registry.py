# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an item's words to a kind, with the traps that users fall into."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS, MEANT, UnknownModel, find


@pytest.mark.parametrize("version", [None, ""])
def test_an_omitted_version_is_the_registered_one(version):
    assert find("vpp.nat", "nat44-pool", version).version == "v2"
    assert find("cnf.nsm", "client", version).version == "v1"
    assert find("vpp", "route", "v2") is KINDS["vpp/route"]


@pytest.mark.parametrize(
    ("module", "type_", "meant"),
    [
        ("vpp.l3", "route", "no module vpp.l3; did you mean module vpp, type route?"),
        ("vpp.l3", "vrf-tabel", "did you mean module vpp, type vrf-table?"),
        ("vpp.acl", "acl", "did you mean module vpp.acls, type acl?"),
        ("vpp.abf", "abf", "did you mean module vpp.abfs, type abf?"),
        ("vpp.interfaces", "interface", "did you mean module vpp, type interfaces?"),
        ("vpp.punt", "tohost", "did you mean module vpp, type tohost?"),
        ("vpp", "acl", "module vpp has no type acl; did you mean module vpp.acls, type acl?"),
        ("vpp", "interface", "module vpp has no type interface; did you mean interfaces?"),
        ("vpp", "nat44-pool", "did you mean module vpp.nat, type nat44-pool?"),
        ("vpp.nat", "nat44_pool", "did you mean nat44-pool?"),
        ("vpp.acls", "abf", "did you mean module vpp.abfs, type abf?"),
        ("linux", "interface", "did you mean module linux.interfaces, type interface?"),
        ("linux", "arp", "did you mean module linux.l3, type arp?"),
        ("cnf.nms", "client", "did you mean module cnf.nsm, type client?"),
        ("VPP", "route", "did you mean module vpp, type route?"),
        ("vpp.wireguard", "peer", "did you mean module vpp.wg, type peer?"),
        ("zzz", "yyy", "the modules are cnf.nsm, "),
        ("vpp.dns", "zzz", "module vpp.dns has no type zzz: it has dnscache"),
    ],
)
def test_what_was_probably_meant(module, type_, meant):
    with pytest.raises(UnknownModel) as refused:
        find(module, type_)
    assert meant in refused.value.message


def test_a_wrong_version_names_the_right_one():
    with pytest.raises(UnknownModel, match="vpp/route has no version v1: write v2, or leave it out"):
        find("vpp", "route", "v1")


def test_the_traps_lead_to_modules_that_exist():
    modules = {kind.module for kind in KINDS.values()}
    assert set(MEANT.values()) <= modules and not set(MEANT) & modules
