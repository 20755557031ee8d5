# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Families put together: who is asked what, in which order, and what becomes of what hangs on a link."""

from __future__ import annotations

import errno
import typing as t

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Operation, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import Here
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Family
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import everything, sysctls
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.dataplane import LinuxDataplane, connector
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host, NamespaceMissing, NotPrivileged
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind, string
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ROUTE

CUP, SPOON = (Kind("t", name, string("name", required=True), name="{name}") for name in ("cup", "spoon"))


class Fake(Family):
    """One class of things, whose values are their names."""

    def __init__(self, kind, log):
        self.kind, self.log = kind, log
        self.kinds, self.classes = frozenset({kind.id}), frozenset({kind.type})
        self.fails = None

    def note(self, what, *more):
        self.log.append((what, self.kind.type, *more))
        if self.fails is not None:
            raise t.cast(Exception, self.fails)

    def observe(self, place):
        self.note("observe")
        return [Resource((self.kind.type, "there"), {"host": place})]

    def lower(self, values, view):
        self.note("lower", sorted(key[0] for key in view.resources))
        return [Resource((self.kind.type, value.data["name"]), {}, frozenset({("cup", "big")}), owned=not view.scope_all) for value in values]

    def lift(self, resources, view):
        return [self.kind.value({"name": key[1]}) for key in resources if key[0] == self.kind.type]

    def commands(self, operation):
        return [f"{operation.verb} {operation.key[1]}"]

    def perform(self, place, operations):
        self.note("perform", [operation.key[1] for operation in operations])
        return [f"no {operation.key[1]}" if operation.key[1] == "bad" else None for operation in operations]


def table(**options):
    log = []
    families = [Fake(CUP, log), Fake(SPOON, log)]
    return LinuxDataplane(Host(None), families, "t", **options), log


def create(*key):
    return Operation("create", key, None, Resource(key, {}))


# -- who is asked -----------------------------------------------------------------------------------------------------


def test_observing_asks_the_families_of_the_classes():
    one, log = table()
    assert set(one.observe()) == {("cup", "there"), ("spoon", "there")}
    assert set(one.observe(frozenset({"spoon"}))) == {("spoon", "there")}
    assert log == [("observe", "cup"), ("observe", "spoon"), ("observe", "spoon")]
    offline, log = table(offline=True)
    assert offline.observe() == {} and log == []


def test_each_family_sees_what_those_before_it_made():
    one, log = table()
    context = {("fork", "x"): Resource(("fork", "x"), {})}
    made = one.lower([SPOON.value({"name": "s"}), CUP.value({"name": "c"})], context)
    assert set(made) == {("cup", "c"), ("spoon", "s")} and set(context) == {("fork", "x")}
    assert log == [("lower", "cup", ["fork"]), ("lower", "spoon", ["cup", "fork"])]
    assert {value.key for value in one.lift(made, {CUP.id})} == {CUP.key({"name": "c"})}


def test_options_reach_the_families():
    one, _log = table(scope_all=True)
    assert not one.lower([CUP.value({"name": "c"})], {})["cup", "c"].owned


def test_offline_what_is_not_asked_for_is_taken_to_be_there():
    offline, _log = table(offline=True)
    made = offline.lower([SPOON.value({"name": "s"})], {})
    assert made["spoon", "s"].requires == frozenset()
    made = offline.lower([SPOON.value({"name": "s"}), CUP.value({"name": "big"})], {})
    assert made["spoon", "s"].requires == {("cup", "big")}


def test_a_kind_that_no_family_has_is_named():
    one, _log = table()
    with pytest.raises(CnfError, match="^vpp/route config/vpp/v2/route/.*: this kind is not supported by the linux dataplane$") as unknown:
        one.lower([ROUTE.value({"dst_network": "10.0.0.0/8"})], {})
    assert unknown.value.context == {"kind": "vpp/route"}


def test_a_wave_is_one_call_of_each_family_and_answers_in_order():
    one, log = table()
    wave = [create("cup", "a"), create("spoon", "bad"), create("cup", "bad"), create("spoon", "b")]
    assert one.perform(wave) == [None, "no bad", "no bad", None]
    assert log == [("perform", "cup", ["a", "bad"]), ("perform", "spoon", ["bad", "b"])]
    assert one.commands(wave[3]) == ["create b"]
    same = Resource(("cup", "x"), {"a": 1})
    assert one.transition(same, same) == "same" and one.transition(same, same._replace(attributes={})) == "update"
    assert list(one.destroys(create("cup", "a"), {})) == []


@pytest.mark.parametrize("act", [lambda one: one.observe(), lambda one: one.perform([create("cup", "a")])])
def test_what_the_kernel_says_is_said_in_words_that_help(act):
    one, _log = table()
    for code, kind in ((errno.EPERM, NotPrivileged), (errno.ENOBUFS, CnfError)):
        one.families[0].fails = OSError(code, "no")
        with pytest.raises(kind, match=r"\(the host\)"):
            act(one)
    one.host = Host("/nowhere/at all")
    one.families[0].fails = OSError(errno.ENOENT, "no")
    with pytest.raises(NamespaceMissing, match="/nowhere/at all does not exist"):
        act(one)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (("link", "x"), "interface x"),
        (("foreign-link", "x"), "interface x"),
        (("address", "x", "10.0.0.1/24"), "address 10.0.0.1/24 of x"),
        (("route", "4", "254", "10.0.0.0/8", "5"), "route 10.0.0.0/8 of table 254, metric 5"),
        (("neighbour", "x", "10.0.0.9"), "neighbour 10.0.0.9 of x"),
        (("sysctl", "net.ipv4.ip_forward"), "sysctl net.ipv4.ip_forward"),
        (("nft", "nat"), "nftables section nat of table inet pantheon_cnf_t"),
        (("xconnect", "x"), "cross-connect from x"),
        (("something", "else", "x"), "something else x"),
    ],
)
def test_labels(key, text):
    assert LinuxDataplane(Host(None), everything.families("t"), "t").label(key) == text


# -- all of them ------------------------------------------------------------------------------------------------------


def test_no_class_and_no_kind_has_two_families():
    families = everything.families("t")
    for part in ("classes", "kinds"):
        every = [name for family in families for name in getattr(family, part)]
        assert len(every) == len(set(every)), part
    assert {kind.id for kind in everything.kinds()} == {kind for family in families for kind in family.kinds}


def link(name, **more):
    have = {"ifname": name, "up": True, "mtu": 1500, "mac": None, "kind": "dummy", "info": {}, "model": (INTERFACE.id, "TAP"), "master": "", "table": None}
    return Resource(("link", name), {**have, **more}, claims=frozenset({("ifname", name)}))


def address(name, text, **more):
    return Resource(("address", name, text), {"protocol": 207, "secondary": False, **more}, frozenset({("link", name)}))


def by_key(*resources):
    return {one.key: one for one in resources}


@pytest.fixture(name="dataplane")
def _dataplane():
    return LinuxDataplane(Host(None), everything.families("t"), "t")


def routes(dataplane, *interfaces):
    beside = by_key(*(link(name) for name in interfaces), *(address(name, f"10.{at}.0.1/24") for at, name in enumerate(interfaces)))
    values = [
        ROUTE.value({"dst_network": f"198.51.{at}.0/24", "next_hop_addr": f"10.{at}.0.9", "outgoing_interface": name}) for at, name in enumerate(interfaces)
    ]
    return {**beside, **dataplane.lower(values, beside)}


def test_with_a_link_goes_what_has_to_do_with_it_and_nothing_else(dataplane):
    world = routes(dataplane, "a", "b", "c")
    gone = set(dataplane.destroys(Operation("delete", ("link", "b"), world["link", "b"], None), world))
    assert gone == {("address", "b", "10.1.0.1/24"), *(key for key in world if key[0] == "route" and "198.51.1.0/24" in key)}
    again = set(dataplane.destroys(Operation("delete", ("link", "c"), world["link", "c"], None), world))
    assert ("address", "c", "10.2.0.1/24") in again and not again & gone


@pytest.mark.parametrize("size", [1, 2, 3])
def test_looking_only_beside_the_link_finds_the_same(dataplane, size):
    """The index is an optimisation: all families asked with all resources say the same."""
    world = routes(dataplane, *"abc"[:size])
    world.update(
        by_key(address("a", "10.0.0.2/24", secondary=True), Resource(("port", "a"), {"master": "b"}), link("a.5", kind="vlan", info={"parent": "a", "id": 5}))
    )
    for key, one in list(world.items()):
        if key[0] in ("link", "address", "port"):
            operation = Operation("delete", key, one, None)
            assert set(dataplane.destroys(operation, world)) == set(dataplane.by_class[key[0]].destroys(operation, world)), key


def test_an_index_is_made_anew_when_resources_change(dataplane):
    world = routes(dataplane, "a")
    operation = Operation("delete", ("link", "a"), world["link", "a"], None)
    before = set(dataplane.destroys(operation, world))
    world["address", "a", "10.9.0.1/24"] = address("a", "10.9.0.1/24")
    assert set(dataplane.destroys(operation, world)) == before | {("address", "a", "10.9.0.1/24")}
    leaving = Here(world, lambda key: key != ("address", "a", "10.9.0.1/24"))
    flushed = Operation("delete", ("address", "a", "10.0.0.1/24"), world["address", "a", "10.0.0.1/24"], None)
    assert any(key[0] == "route" for key in dataplane.destroys(flushed, leaving)), "what stays is asked of the plan"
    assert not any(key[0] == "route" for key in dataplane.destroys(flushed, world))


def test_a_route_goes_over_to_the_address_that_takes_the_place(dataplane):
    world = routes(dataplane, "a")
    (key,) = (key for key in world if key[0] == "route")
    hanging = {key: world[key]}
    moved = by_key(link("a"), address("a", "10.0.0.200/24"))
    carried = dataplane.carry(hanging, {**moved, **hanging})
    assert carried[key].attributes == world[key].attributes
    assert carried[key].requires <= set(moved) and ("address", "a", "10.0.0.1/24") not in carried[key].requires
    assert dataplane.carry(hanging, {**by_key(link("b")), **hanging}) == {}, "its interface is gone, and so is it"


def test_what_the_kernel_does_not_take_away_stays_as_it_is(dataplane):
    sysctl = Resource(("sysctl", "net.ipv4.ip_forward"), {"value": "1"}, frozenset({("nft", "nat")}))
    assert dataplane.carry({sysctl.key: sysctl}, {sysctl.key: sysctl}) == {sysctl.key: sysctl}


# -- sysctls ----------------------------------------------------------------------------------------------------------


class Values:
    """The sysctls of a host."""

    def __init__(self, **found):
        self.found, self.written = found, []

    def sysctls(self, names):
        return {name: self.found[name.rpartition(".")[2]] for name in names if name.rpartition(".")[2] in self.found}

    def sysctl_write(self, name, value):
        self.written.append((name, value))
        return f"{name}: Read-only file system" if name.endswith("acct") else None


def test_a_sysctl_is_there_when_it_is_not_the_default():
    found = list(sysctls.Sysctls().observe(Values(ip_forward="1", nf_conntrack_acct="0", nf_conntrack_udp_timeout="60")))
    assert {one.key[1]: one.attributes["value"] for one in found} == {"net.ipv4.ip_forward": "1", f"{sysctls.FLOWS}udp_timeout": "60"}
    assert all(one.requires == {("nft", "nat")} for one in found), "forwarding goes off before the rules go"


def test_a_sysctl_that_goes_goes_back_to_its_default():
    one = Resource(("sysctl", f"{sysctls.FLOWS}acct"), {"value": "1"})
    forward = Resource(("sysctl", "net.ipv4.ip_forward"), {"value": "1"})
    wave = [Operation("create", one.key, None, one), Operation("delete", forward.key, forward, None)]
    host, family = Values(), sysctls.Sysctls()
    assert family.perform(host, wave) == [f"{sysctls.FLOWS}acct: Read-only file system", None]
    assert host.written == [(f"{sysctls.FLOWS}acct", "1"), ("net.ipv4.ip_forward", "0")]
    assert [family.commands(operation) for operation in wave] == [[f"sysctl -w {sysctls.FLOWS}acct=1"], ["sysctl -w net.ipv4.ip_forward=0"]]


# -- from a module's parameters ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "offline", "imagine", "more"),
    [
        ({}, False, False, {}),
        ({"offline": True}, True, False, {}),
        ({"imagine": True}, False, True, {}),
        ({"imagine": True, "namespace": "/nowhere/x"}, True, True, {}),
        ({"namespace": "/nowhere/x"}, False, False, {}),
        ({"scope": "all"}, False, False, {"scope_all": True}),
        ({"scope": "owned", "memif_substitution": "veth"}, False, False, {"memif_substitute": True}),
    ],
)
def test_parameters_become_options(parameters, offline, imagine, more):
    asked = []
    with connector(lambda cnf: asked.append(cnf) or [])({"cnf": "c", "namespace": None, **parameters}) as dataplane:
        assert asked == ["c"] and dataplane.cnf == "c" and dataplane.host.namespace == parameters.get("namespace")
        expected = {"scope_all": False, "memif_substitute": False, "offline": offline, "imagine": imagine, **more}
        assert dataplane.options == expected
