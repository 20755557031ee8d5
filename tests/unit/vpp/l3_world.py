# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of layer 3 stand on: loopbacks with addresses in a VPP, whoever makes interfaces, and a dataplane over them."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Family
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ARP, PROXY_ARP, ROUTE, VRF_TABLE
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import reconcile
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Dump
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppDataplane
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.neighbours import Neighbours
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.proxy_arp import ProxyArp
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.routes import Routes
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import Tables

KINDS = {kind.id: kind for kind in (ROUTE, ARP, VRF_TABLE, PROXY_ARP)}
READS = ("_dump", "_get", "_get_table", "_lookup_v2", "cli_inband", "feature_is_enabled", "show_version", "control_ping", "sockclnt_create", "sockclnt_delete")


@contextlib.contextmanager
def told(case: str) -> t.Iterator[None]:
    """Name the case when it fails: a VPP of its own for each would take longer than all that they do with it."""
    try:
        yield
    except BaseException as error:
        raise AssertionError(f"case {case!r}: {error}") from error


class Interfaces(Family):
    """Interfaces as layer 3 sees them: with a tag they are ours. They are neither made nor changed here."""

    classes = frozenset({"link", "foreign-link", "address"})

    def observe(self, place: t.Any) -> t.Iterator[Resource]:
        place.indexes.clear()
        place.names.clear()
        found = [each for each in place.dump("sw_interface_dump", sw_if_index=NOWHERE) if each["sw_if_index"]]
        for each in found:
            index, name = each["sw_if_index"], each["tag"] or each["interface_name"]
            key = ("link" if each["tag"] else "foreign-link", name)
            place.learn(name, index)
            if not each["tag"]:
                place.learn(name, index, "foreign-link")
            tables = {family: place.call("sw_interface_get_table", sw_if_index=index, is_ipv6=family == "6")["vrf_id"] for family in ("4", "6")}
            have = {"ifname": each["interface_name"], "up": True, "mac": each["l2_address"], "tables": tables}
            yield Resource(key, have, owned=bool(each["tag"]), managed=False)
            for answer in place.dumps([Dump("ip_address_dump", {"sw_if_index": index, "is_ipv6": six}) for six in (False, True)]):
                for one in answer:
                    yield Resource(("address", name, one["prefix"]), {}, frozenset({key}), owned=bool(each["tag"]), managed=False)


class World:
    """A session's VPP, with C(left) (10.0.0.1/24, fd00:1::1/64) and C(right) (10.1.1.1/24) of ours, and C(loop9) (10.9.0.1/24) of others."""

    def __init__(self, place: t.Any, session: t.Any) -> None:
        self.place, self.session = place, session
        self.index: t.Dict[str, int] = {}

    def build(self) -> World:
        self.interface("left", 0, "10.0.0.1/24", "fd00:1::1/64")
        self.interface("right", 1, "10.1.1.1/24")
        self.interface("", 9, "10.9.0.1/24")
        return self

    def interface(self, tag: str, instance: int, *addresses: str, vrf: int = 0) -> int:
        index = self.session.call("create_loopback_instance", is_specified=True, user_instance=instance)["sw_if_index"]
        self.index[tag or f"loop{instance}"] = index
        if tag:
            self.session.call("sw_interface_tag_add_del", is_add=True, sw_if_index=index, tag=tag)
        if vrf:
            self.session.call("sw_interface_set_table", sw_if_index=index, is_ipv6=False, vrf_id=vrf)
        for address in addresses:
            self.session.call("sw_interface_add_del_address", is_add=True, sw_if_index=index, prefix=address)
        self.session.call("sw_interface_set_flags", sw_if_index=index, flags=1)
        return index

    def dataplane(self, scope: str = "owned", session: t.Any = None, **options: t.Any) -> VppDataplane:
        everything = scope == "all"
        families = [Tables(everything), Interfaces(), Routes(everything), Neighbours(), ProxyArp()]
        return VppDataplane(session or self.session, families, "t", scope_all=everything, **options)

    def apply(self, *values: t.Any, state: str = "merged", scope: str = "owned", session: t.Any = None, kinds: t.Any = None, **options: t.Any) -> t.Any:
        """reconcile() over the given values, or what a function makes of those that are there.

        What it says is there afterwards is what anybody sees who looks at everything.
        """
        choose = values[0] if len(values) == 1 and callable(values[0]) else lambda there: values
        chosen = {kind.id: kind for kind in kinds} if kinds else KINDS
        plane = self.dataplane(scope, session)
        done = reconcile(plane, chosen, state, choose, take_foreign=scope == "all", **options)
        if not options.get("check_mode"):
            there = plane.observe()
            # With scope all others' things are as good as ours.
            seen, found = ({key: one._replace(owned=one.owned or scope == "all") for key, one in each.items()} for each in (done.outcome.after, there))
            assert seen == found
            routes = [value for value in plane.lift(there, chosen) if value.kind == ROUTE.id]
            assert sorted(value for value in done.after if value.kind == ROUTE.id) == sorted(routes)
        return done

    def gathered(self, scope: str = "owned", kinds: t.Any = None) -> t.List[t.Any]:
        plane = self.dataplane(scope)
        return sorted(plane.lift(plane.observe(), [kind.id for kind in kinds] if kinds else KINDS))

    def routes(self, source: int = 0, table: int = 0, six: bool = False) -> t.Dict[str, t.Any]:
        """What VPP has, by prefix."""
        found = self.session.dump("ip_route_v2_dump", src=source, table={"table_id": table, "is_ip6": six})
        return {each["route"]["prefix"]: each["route"] for each in found}

    def source(self, name: str = "pantheon.cnf") -> int:
        """VPP's number of a source of routes."""
        return next((each["src"]["id"] for each in self.session.dump("fib_source_dump") if each["src"]["name"] == name), 0)

    def foreign(self, prefix: str, link: str, gateway: str = "", table: int = 0, source: int = 0) -> None:
        """A route of somebody else, by the API."""
        path = {"sw_if_index": self.index[link], "weight": 1, "proto": int(":" in prefix), "nh": {"address": gateway} if gateway else {}}
        self.session.call("ip_route_add_del_v2", is_add=True, route={"table_id": table, "prefix": prefix, "src": source, "paths": [path]})

    def again(self, *values: t.Any, **options: t.Any) -> t.Any:
        """The same once more: nothing is planned, and in the double nothing is even sent."""
        before = len(self.writes())
        done = self.apply(*values, **options)
        assert not done.outcome.changed, done.outcome.commands
        assert len(self.writes()) == before, self.writes()[before:]
        return done

    def writes(self) -> t.List[str]:
        """What the double was told to change; nothing of a live VPP."""
        if self.place.kind != "double":
            return []
        return [name for name, _fields in self.place.double.calls if not name.endswith(READS)]
