# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of NAT44 stand on: loopbacks in a VPP, and a dataplane with NAT44 over them. It leaves the VPP as it was."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import nat as kinds
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import reconcile
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppDataplane
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.nat import Nat
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import Tables

from tests.support.vpp import ip_table
from tests.unit.vpp import l3_world

KINDS = {kind.id: kind for kind in kinds.KINDS}
READS = (*l3_world.READS, "_get_mss_clamping", "_show_running_config", "_get_table")
ANY = 0xFFFFFFFF
INDEX = ("sw_if_index", "external_sw_if_index")


class World:
    """A session's VPP, with C(in) (10.0.0.1/24) and C(out) (192.0.2.1/24) of ours, and C(loop9) (198.51.100.1/24) of others."""

    def __init__(self, place: t.Any, session: t.Any) -> None:
        self.place, self.session = place, session
        self.index: t.Dict[str, int] = {}

    def build(self) -> World:
        self.interface("in", 0, "10.0.0.1/24")
        self.interface("out", 1, "192.0.2.1/24")
        self.interface("", 9, "198.51.100.1/24")
        return self

    def interface(self, tag: str, instance: int, *addresses: str) -> int:
        index = int(self.session.call("create_loopback_instance", is_specified=True, user_instance=instance)["sw_if_index"])
        self.index[tag or f"loop{instance}"] = index
        if tag:
            self.session.call("sw_interface_tag_add_del", is_add=True, sw_if_index=index, tag=tag)
        for address in addresses:
            self.address(tag or f"loop{instance}", address)
        self.session.call("sw_interface_set_flags", sw_if_index=index, flags=1)
        return index

    def address(self, name: str, prefix: str, is_add: bool = True) -> None:
        self.session.call("sw_interface_add_del_address", is_add=is_add, sw_if_index=self.index[name], prefix=prefix)

    def delete(self, name: str) -> int:
        index = self.index.pop(name)
        self.session.call("delete_loopback", sw_if_index=index)
        return index

    def table(self, number: int, is_add: bool = True) -> None:
        ip_table(self.session, is_add, number, name=f"t{number}")

    def clean(self) -> None:
        """A live VPP can be had by the next test when nothing is left."""
        if self.place.kind != "live":
            return
        for enable, config in (
            ("nat44_ed_plugin_enable_disable", "nat44_show_running_config"),
            ("nat44_ei_plugin_enable_disable", "nat44_ei_show_running_config"),
        ):
            if self.session.offers(config) and self.session.call(config)["sessions"]:
                self.session.call(enable, enable=False)
        for each in self.session.dump("sw_interface_dump", sw_if_index=NOWHERE):
            if each["sw_if_index"]:
                self.session.call("delete_loopback", sw_if_index=each["sw_if_index"])
        for each in self.session.dump("ip_table_dump"):
            if each["table"]["table_id"]:
                ip_table(self.session, False, each["table"]["table_id"], each["table"]["is_ip6"])
        self.place.fresh = not [each for each in self.session.dump("ip_table_dump") if each["table"]["table_id"]]

    # -- ours --------------------------------------------------------------------------------------------------------

    def dataplane(self, own: bool = True, scope: str = "owned", **options: t.Any) -> VppDataplane:
        return VppDataplane(self.session, [Tables(), l3_world.Interfaces(), Nat(own or scope == "all")], "t", scope_all=scope == "all", **options)

    def apply(self, *values: t.Any, state: str = "merged", own: bool = True, scope: str = "owned", **options: t.Any) -> t.Any:
        """reconcile() over the given values."""
        return reconcile(self.dataplane(own, scope), KINDS, state, lambda there: list(values), take_foreign=scope == "all", **options)

    def again(self, *values: t.Any, **options: t.Any) -> t.Any:
        """The same once more: nothing is planned, and in the double nothing is even sent."""
        before = len(self.writes())
        done = self.apply(*values, **options)
        assert not done.outcome.changed, done.outcome.commands
        assert len(self.writes()) == before, self.writes()[before:]
        return done

    def twice(self, *values: t.Any, **options: t.Any) -> t.Any:
        """Applied, and the second time nothing is to be done."""
        done = self.apply(*values, **options)
        assert done.outcome.changed
        self.again(*values, **options)
        return done

    def gathered(self, own: bool = True) -> t.List[t.Any]:
        plane = self.dataplane(own)
        return sorted(plane.lift(plane.observe(), KINDS))

    def told(self, own: bool = True) -> t.Dict[str, t.List[t.Dict[str, t.Any]]]:
        """What is gathered, by the type of its kind."""
        found: t.Dict[str, t.List[t.Dict[str, t.Any]]] = {}
        for value in self.gathered(own):
            found.setdefault(value.kind.rpartition("/")[2], []).append(dict(value.data))
        return found

    def writes(self) -> t.List[str]:
        """What the double was told to change; nothing of a live VPP."""
        if self.place.kind != "double":
            return []
        return [name for name, _fields in self.place.double.calls if not name.endswith(READS)]

    # -- VPP's own words -----------------------------------------------------------------------------------------------

    def show(self, message: str) -> t.List[t.Dict[str, t.Any]]:
        """Details, with names for numbers of interfaces and without what is usual."""
        names = {index: name for name, index in self.index.items()}
        found = []
        for each in self.session.dump(message):
            one = {name: names.get(value, value) if name in INDEX and value != ANY else value for name, value in each.items()}
            found.append(
                {name: value for name, value in one.items() if value not in (0, "", ANY, "0.0.0.0") and name not in ("context", "local_num", "n_vrf_ids")}
            )
        return sorted(found, key=repr)

    def pool(self) -> t.List[str]:
        return sorted(each["ip_address"] for each in self.session.dump("nat44_address_dump"))

    def config(self) -> t.Dict[str, t.Any]:
        return dict(self.session.call("nat44_show_running_config"))

    def static(self, **fields: t.Any) -> None:
        """A mapping of somebody else."""
        given = {"is_add": True, "external_sw_if_index": ANY, "local_ip_address": "10.0.0.99", "external_ip_address": "192.0.2.99", "flags": 8, **fields}
        self.session.call("nat44_add_del_static_mapping_v2", **given)


def on(request: pytest.FixtureRequest) -> t.Iterator[World]:
    """A world on the VPP that the parameter names. A live one is cleaned up rather than started again, which takes longer than a test."""
    place = request.getfixturevalue({"double": "double", "live": "_live"}[request.param])
    if place.kind == "live" and not place.fresh:
        place.restart()
    place.fresh = False
    with place.session() as session:
        one = World(place, session).build()
        try:
            yield one
        finally:
            one.clean()


@pytest.fixture(params=["double", "live"])
def world(request: pytest.FixtureRequest) -> t.Iterator[World]:
    """On each in turn."""
    yield from on(request)


def value(of: str, **data: t.Any) -> t.Any:
    """By the end of its kind's type: C(value("pool", first_ip="192.0.2.1"))."""
    kind = next(kind for kind in kinds.KINDS if kind.type in (of, f"nat44-{of}"))
    return kind.value(data)


def role(name: str, *roles: str) -> t.Any:
    return value("interface", name=name, **{{"output": "output_feature"}.get(each, f"nat_{each}"): True for each in roles})


def pool(first: str, last: str = "", **data: t.Any) -> t.Any:
    return value("pool", first_ip=first, last_ip=last, **data)


def mapping(external: str, port: int = 0, local: str = "10.0.0.80", local_port: int = 0, **data: t.Any) -> t.Dict[str, t.Any]:
    side = {"external_ip": external} if external[0].isdigit() else {"external_interface": external}
    return {**side, "external_port": port, "local_ips": [{"local_ip": local, "local_port": local_port or port}], **data}


def dnat(label: str, *mappings: t.Any, identities: t.Sequence[t.Any] = ()) -> t.Any:
    return value("dnat44", label=label, st_mappings=list(mappings), id_mappings=list(identities))


SIDES = (role("in", "inside"), role("out", "output"))
POOL = pool("192.0.2.100", "192.0.2.105")
