# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
import os
import subprocess

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import joins

from ..support.modules import ModuleFailed, run_module
from ..support.places import Places, shell

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")


@pytest.fixture(name="places")
def _places():
    with Places() as places:
        run_module("cnf_sandbox", sandboxes=places.sandboxes("a", "b", "c", "d"))
        yield places


@pytest.fixture(name="link")
def _link(places):
    """Options of a link between (sandbox, interface) and (sandbox, interface)."""

    def link(one, two, **more):
        return {"ends": [{"cnf": places.name(name), "interface": interface} for name, interface in (one, two)], **more}

    return link


def task(links, **options):
    """Result of the module."""
    return run_module("cnf_link", links=links, **options)


def devices(name):
    """Names of the devices of a sandbox, without lo."""
    lines = shell(name, "ip -o link show").splitlines()
    return sorted(line.split(": ")[1].partition("@")[0] for line in lines if ": lo" not in line)


def test_create_repeat_check_diff_absent(places, link):
    links = [link(("a", "tap0"), ("b", "memif0")), link(("b", "memif1"), ("c", "memif0"), mtu=1400)]
    predicted = task(links, check=True)
    assert predicted["changed"] and devices(places.name("a")) == []
    done = task(links)
    assert done["changed"] and (done["commands"], done["before"], done["after"]) == (predicted["commands"], predicted["before"], predicted["after"])
    assert done["diff"]["before"] == {"links": []}
    shown = shell(places.name("a"), "ip -d link show tap0")
    assert f"alias pantheon.cnf {places.name('a')} link:linux.interfaces/interface EXISTING tap0" in shown
    assert "state DOWN" in shown and "veth" in shown
    assert "mtu 1400" in shell(places.name("b"), "ip link show memif1") and "mtu 1400" in shell(places.name("c"), "ip link show memif0")
    for check in (False, True):
        again = task(links, check=check)
        assert not again["changed"] and again["before"] == again["after"] == done["after"]
    gone = task(links, state="absent")
    assert gone["changed"] and gone["after"] == {"links": []}
    assert [devices(places.name(name)) for name in "abc"] == [[], [], []]
    assert not task(links, state="absent")["changed"]


def test_the_ends_are_joined_with_the_same_addresses_every_time(places, link):
    links = [link(("a", "x"), ("b", "y"))]
    seen = []
    for _time in range(2):
        task(links)
        for name, device, address in (("a", "x", "10.9.0.1/24"), ("b", "y", "10.9.0.2/24")):
            shell(places.name(name), f"ip address add {address} dev {device}")
            shell(places.name(name), f"ip link set {device} up")
        shell(places.name("a"), "ping -c 1 -W 2 10.9.0.2") if _has_ping() else None
        seen.append([shell(places.name(name), "ip -o link show").split("link/ether ")[1][:17] for name in "ab"])
        task(links, state="absent")
    assert seen[0] == seen[1] and seen[0][0] != seen[0][1]


def _has_ping():
    return subprocess.run(["sh", "-c", "command -v ping"], check=False, capture_output=True).returncode == 0


def test_what_is_on_the_ends_is_left_alone(places, link):
    task([link(("a", "x"), ("b", "y"))])
    name = places.name("a")
    for words in ("link set x address 02:00:00:00:00:99 mtu 1300 up", "address add 10.9.0.1/24 dev x"):
        shell(name, f"ip {words}")
    before = shell(name, "ip address show x")
    assert not task([link(("a", "x"), ("b", "y"))])["changed"]
    assert shell(name, "ip address show x") == before


def test_all_ways_of_joining_four_ends_from_each_to_each(places, link):
    """Names and device numbers are the same in all of them: only who is joined with whom tells them apart."""
    ends = [("a", "x"), ("b", "x"), ("c", "x"), ("d", "x")]
    ways = [[link(ends[0], ends[n]), link(*[end for m, end in enumerate(ends) if m not in (0, n)])] for n in (1, 2, 3)]
    for one, two in itertools.permutations(ways, 2):
        task(one)
        assert task(two)["changed"]
        assert not task(two)["changed"]
        for number, way in enumerate(ways):
            if way not in (one, two):
                assert task(way, check=True)["changed"], number
    task(ways[0], state="overridden")
    assert len(task(ways[0])["after"]["links"]) == 2


def test_both_ends_in_one_sandbox(places, link):
    links = [link(("a", "x"), ("a", "y"))]
    assert task(links)["changed"] and not task(links)["changed"]
    assert devices(places.name("a")) == ["x", "y"]
    task(links, state="absent")
    assert devices(places.name("a")) == []


def test_present_keeps_other_links_and_overridden_does_not(places, link):
    task([link(("a", "x"), ("b", "y")), link(("a", "p"), ("c", "q"))])
    assert not task([link(("a", "x"), ("b", "y"))])["changed"]
    done = task([link(("a", "x"), ("b", "y"))], state="overridden")
    assert done["changed"] and len(done["after"]["links"]) == 1
    assert devices(places.name("c")) == []
    done = task([], state="overridden", namespaces={name: name for name in (places.name("a"), places.name("b"))})
    assert done["changed"] and devices(places.name("a")) == []


def test_an_end_moves_from_one_link_to_another(places, link):
    task([link(("a", "x"), ("b", "y"))])
    task([link(("a", "x"), ("c", "z"))])
    assert [devices(places.name(name)) for name in "abc"] == [["x"], [], ["z"]]


def test_a_device_of_another_name(places, link):
    links = [link(("a", "a-name-longer-than-15-bytes"), ("b", "y"))]
    with pytest.raises(ModuleFailed, match="15 bytes"):
        task(links)
    links[0]["ends"][0]["host_if_name"] = "short"
    task(links)
    assert devices(places.name("a")) == ["short"]
    assert not task(links)["changed"]
    links[0]["ends"][0]["host_if_name"] = "shorter"
    task(links)
    assert devices(places.name("a")) == ["shorter"]


def test_a_foreign_interface_is_never_taken_over(places, link):
    shell(places.name("a"), "ip link add x type bridge")
    for check in (False, True):
        with pytest.raises(ModuleFailed, match="interface x in network namespace .*not ours"):
            task([link(("b", "y"), ("c", "z")), link(("a", "x"), ("b", "w"))], check=check)
    assert devices(places.name("b")) == []
    assert "bridge" in shell(places.name("a"), "ip -d link show x")


def test_a_missing_sandbox_is_named_and_in_check_mode_taken_for_a_new_one(places, link, capfd):
    links = [link(("a", "x"), ("nowhere", "y"))]
    with pytest.raises(ModuleFailed, match=f"needs network namespace {places.name('nowhere')}.*cnf_sandbox makes it"):
        task(links)
    done = task(links, check=True)
    # In a process that has loaded Ansible's controller side before, a module's warnings are displayed there instead.
    warned = str(done.get("warnings", "")) + "".join(capfd.readouterr().err.split())
    assert done["changed"] and places.name("nowhere") in warned


def test_an_interrupt_between_making_and_marking_leaves_nothing(places, link, monkeypatch):
    real = joins.JoinDataplane.alias
    calls = []

    def interrupted(self, end):
        calls.append(end)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(self, end)

    monkeypatch.setattr(joins.JoinDataplane, "alias", interrupted)
    with pytest.raises(ModuleFailed, match="interrupted"):
        task([link(("a", "x"), ("b", "y"))])
    assert devices(places.name("a")) == devices(places.name("b")) == []


@pytest.mark.parametrize(("link_options", "task_options"), [({"medium": "tap"}, {}), ({}, {"sockets": {"a": "/run/vpp/api.sock"}})])
def test_what_is_for_vpp_is_refused_where_none_is(places, link, link_options, task_options):
    with pytest.raises(ModuleFailed, match="VPP"):
        task([link(("a", "x"), ("b", "y"), **link_options)], **task_options)
    assert devices(places.name("a")) == []


def test_a_failure_undoes_the_links_made_before(places, link):
    taken = places.name("b")
    real = joins.JoinDataplane.create

    def create(self, operation):
        if any(end.interface == "late" for end in operation.after.attributes["ends"]):
            shell(taken, "ip link add late type bridge")  # somebody was faster
        real(self, operation)

    joins.JoinDataplane.create = create
    try:
        with pytest.raises(ModuleFailed, match="late.*File exists") as caught:
            task([link(("a", "x"), ("c", "z")), link(("a", "w"), ("b", "late"))])
    finally:
        joins.JoinDataplane.create = real
    assert caught.value.result["operations"]["not_undone"] == []
    assert devices(places.name("a")) == devices(places.name("c")) == []
    assert devices(taken) == ["late"]


def test_a_sandbox_that_goes_takes_its_links_along_at_once(places, link):
    task([link(("a", "x"), ("b", "y"))])
    run_module("cnf_sandbox", sandboxes=places.sandboxes("a"), state="absent")
    assert devices(places.name("b")) == []
