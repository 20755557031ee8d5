# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import inventory, joins


def link(one, two, **more):
    """Options of one link; each end is (cnf, interface)."""
    return {"name": "l", "ends": [{"cnf": cnf, "interface": interface} for cnf, interface in (one, two)], **more}


def wanted(*links, **namespaces):
    """Resources of links."""
    return joins.wanted(links, namespaces)


def test_a_link_is_the_same_from_both_sides():
    assert wanted(link(("a", "x"), ("b", "y"))) == wanted(link(("b", "y"), ("a", "x")))


def test_alias_tells_all_and_comes_back():
    end = joins.end({"cnf": "nat", "interface": "memif 0", "kind": "vpp/interfaces", "type": "MEMIF", "host_if_name": "m0"}, {})
    assert end.alias == "pantheon.cnf nat link:vpp/interfaces MEMIF memif 0"
    assert inventory.parse_alias(end.alias) == ("nat", "link:vpp/interfaces", "MEMIF", "memif 0")
    assert inventory.parse_alias("pantheon.cnf nat namespace") is None


def test_mac_addresses_are_local_unicast_and_of_the_names():
    ends = {joins.end({"cnf": cnf, "interface": interface}, {}).phys_address for cnf in "ab" for interface in ("x", "y")}
    assert len(ends) == 4
    assert all(len(each) == 6 and each[0] & 3 == 2 for each in ends)
    assert joins.end({"cnf": "a", "interface": "x"}, {"a": "other"}).phys_address in ends


def test_namespaces_by_cnf_and_by_end():
    assert joins.end({"cnf": "a", "interface": "x"}, {}).namespace == "a"
    assert joins.end({"cnf": "a", "interface": "x"}, {"a": "blue-a"}).namespace == "blue-a"
    assert joins.end({"cnf": "a", "interface": "x", "namespace": "mine"}, {"a": "blue-a"}).namespace == "mine"


@pytest.mark.parametrize(
    ("links", "says"),
    [
        ([link(("a", "x" * 16), ("b", "y"))], "1 to 15 bytes.*16 bytes.*host_if_name"),
        ([link(("a", "é" * 8), ("b", "y"))], "16 bytes"),
        ([link(("a", "x/y"), ("b", "y"))], "x/y"),
        ([link(("a", "x y"), ("b", "y"))], "blanks"),
        ([link(("a", ""), ("b", "y"))], "1 to 15 bytes"),
        ([link(("a b", "x"), ("b", "y"))], "'a b'"),
        ([link(("a", "x"), ("a", "x"))], "both ends are x of CNF a"),
        ([{"name": "l", "ends": [{"cnf": "a", "interface": "x"}]}], "link l: a link has two ends, 1"),
    ],
)
def test_wrong_links_are_named(links, says):
    with pytest.raises(CnfError, match=says):
        wanted(*links)


def observed(*resources):
    """As a dataplane observes them."""
    return {each.key: each for each in resources}


def test_a_link_given_twice_is_an_error():
    with pytest.raises(CnfError, match="given twice"):
        joins.desire("present", wanted(link(("a", "x"), ("b", "y")), link(("b", "y"), ("a", "x"))), {})


def test_present_keeps_others_overridden_does_not_absent_takes_the_named():
    (one,), (other,) = wanted(link(("a", "x"), ("b", "y"))), wanted(link(("a", "p"), ("c", "q")))
    foreign = Resource(("interface", "a", "eth0"), {}, owned=False)
    there = observed(other, foreign)
    assert set(joins.desire("present", [one], there)) == {one.key, other.key}
    assert set(joins.desire("overridden", [one], there)) == {one.key}
    assert set(joins.desire("absent", [one], there)) == {other.key}


def test_an_end_leaves_the_link_that_it_is_part_of():
    (old,), (new,) = wanted(link(("a", "x"), ("b", "y"))), wanted(link(("a", "x"), ("c", "z")))
    assert set(joins.desire("present", [new], observed(old))) == {new.key}


def test_an_mtu_that_is_not_given_is_left_alone():
    dataplane = joins.JoinDataplane([])
    (plain,), (small,) = wanted(link(("a", "x"), ("b", "y"))), wanted(link(("a", "x"), ("b", "y"), mtu=1400))
    assert dataplane.transition(small, plain) == "same"
    assert dataplane.transition(small, small) == "same"
    assert dataplane.transition(plain, small) == "update"
    (renamed,) = joins.wanted([{"ends": [{"cnf": "a", "interface": "x", "host_if_name": "e0"}, {"cnf": "b", "interface": "y"}]}], {})
    assert dataplane.transition(plain, renamed) == "recreate"
