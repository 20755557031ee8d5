# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces of VPP for those who only refer to them; L(links) makes and changes them.

C(("link", name)) by its tag, C(("foreign-link", name)) by VPP's name. Attributes: C(ifname) (VPP's name), C(device) (what VPP calls
it), C(up), C(mac), C(mtu), C(link_mtu), C(tables) (its VRF by family), C(vrf), C(unnumbered) (who lends it addresses), C(dhcp).
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Operation, Resource, Resources
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Place, Reply, Script
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.inventory import JOINED, LOCAL, logical_name
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE, Session

FAMILIES = ("4", "6")
SUB = 1
"""VPP's type of a sub-interface."""


class Found(t.NamedTuple):
    """An interface: the key of its resource, and all that VPP says of it. C(tagged): it is ours. C(joined): L(cnf_link) made it."""

    key: Key
    details: Reply
    tables: t.Mapping[str, int]
    lender: str
    dhcp: bool

    @property
    def tagged(self) -> bool:
        """Whether it is ours."""
        return bool(self.details["tag"])

    @property
    def joined(self) -> bool:
        """Whether C(cnf_link) made it: it is to be configured, and neither made nor deleted."""
        return bool(self.details["tag"].endswith(JOINED))


T = t.TypeVar("T")


class Indexed(t.Generic[T]):
    """An index over resources that a plan asks for again and again, in turns of what is there and what shall be."""

    def __init__(self, make: t.Callable[[Resources], T]) -> None:
        self.make = make
        self.last: t.List[t.Tuple[Resources, T]] = []

    def __call__(self, resources: Resources) -> T:
        """That over these."""
        for seen, index in self.last:
            if seen is resources:
                return index
        self.last = [(resources, self.make(resources)), *self.last[:1]]
        return self.last[0][1]


class LinkReader(VppFamily):
    """Links: found, and otherwise let be. C(found) by VPP's numbers; C(leases): numbers that have a DHCP client, also of dead ones."""

    classes = frozenset({"link", "foreign-link"})

    def __init__(self) -> None:
        self.found: t.Dict[int, Found] = {}
        self.keys: t.Dict[int, Key] = {}
        self.leases: t.Set[int] = set()

    def observe(self, place: Session) -> t.Iterable[Resource]:
        """All but local0."""
        self.read(place)
        return [self.resource(one) for one in self.found.values()]

    def read(self, place: Session) -> None:
        """Fill C(found), and tell the session all names."""
        asked = [Dump("sw_interface_dump", {"sw_if_index": NOWHERE}), Dump("ip_table_dump"), Dump("ip_unnumbered_dump", {"sw_if_index": NOWHERE})]
        if place.offers("dhcp_client_dump"):
            asked.append(Dump("dhcp_client_dump"))
        details, tables, lent, *leases = place.dumps(asked)
        self.leases = {each["client"]["sw_if_index"] for each in leases[0]} if leases else set()
        there = [each for each in details if each["sw_if_index"] != LOCAL]
        self.keys = self._keys(there)
        place.clear("interface")
        place.clear("foreign-link")
        for index, key in sorted(self.keys.items(), key=lambda each: each[1][0] == "link"):  # a name of ours hides VPP's
            place.learn(key[1], index)
            if key[0] != "link":
                place.learn(key[1], index, "foreign-link")
        vrfs = _tables(place, list(self.keys), {FAMILIES[each["table"]["is_ip6"]] for each in tables if each["table"]["table_id"]})
        lenders = {each["sw_if_index"]: self.interface(each["ip_sw_if_index"]) for each in lent}
        self.found = {
            index: Found(self.keys[index], each, vrfs.get(index, {}), lenders.get(index, ""), index in self.leases)
            for each in there
            for index in (each["sw_if_index"],)
        }

    def interface(self, index: int) -> str:
        """The name of an interface; empty for none, and a number in brackets for one that is gone."""
        return "" if index == NOWHERE else self.keys[index][1] if index in self.keys else f"({index})"

    def untagged(self, details: Reply) -> str:
        """The class of one that nobody gave a name."""
        return "foreign-link"

    def _keys(self, there: t.Sequence[Reply]) -> t.Dict[int, Key]:
        """The key of each by its number. Raises for a name that two have."""
        taken: t.Dict[str, Reply] = {}
        result: t.Dict[int, Key] = {}
        for each in there:
            name = logical_name(each["tag"])
            other = taken.setdefault(name, each) if name else each
            if other is not each:
                raise CnfError(
                    f"interfaces {other['interface_name']} and {each['interface_name']} of VPP both have the name {name} (by their tags "
                    f"{other['tag']!r} and {each['tag']!r}): give one of them another tag",
                    interface=name,
                )
            if name:
                result[each["sw_if_index"]] = ("link", name)
        names: t.Set[str] = set()
        for each in there:
            if each["sw_if_index"] not in result:
                name = each["interface_name"]
                if name in names:  # VPP lets two have one
                    name = f"{name} ({each['sw_if_index']})"
                names.add(name)
                result[each["sw_if_index"]] = (self.untagged(each) if name not in taken else "foreign-link", name)
        return result

    def resource(self, one: Found) -> Resource:
        """See the module."""
        details = one.details
        attributes = {
            "ifname": details["interface_name"],
            "device": details["interface_dev_type"],
            "up": bool(details["flags"] & 1),
            "mac": details["l2_address"],
            "mtu": details["mtu"][0],
            "link_mtu": details["link_mtu"],
            "tables": one.tables,
            "vrf": next((one.tables[family] for family in FAMILIES if one.tables.get(family)), 0),
            "unnumbered": one.lender,
            "dhcp": one.dhcp,
        }
        return Resource(one.key, attributes, owned=one.tagged, managed=not one.joined)

    def transition(self, before: Resource, after: Resource) -> str:
        """Whatever happened to a link meanwhile is not for this module to put right."""
        return "same"

    def script(self, operation: Operation, place: Place) -> Script:
        """Reached only when a link went or came while the module was at work."""
        yield from ()
        raise CnfError("the interface is not this module's to change; it changed meanwhile")


def gone(name: str) -> bool:
    """Whether a name stands for an interface that is gone: L(LinkReader.interface)."""
    return name.startswith("(") and name[1:-1].isdigit()


def _tables(place: Session, indexes: t.Sequence[int], families: t.Set[str]) -> t.Dict[int, t.Dict[str, int]]:
    """The VRF tables of interfaces, where they can be in others than table 0. An interface that has gone meanwhile has none."""
    asked = [(index, family) for family in FAMILIES if family in families for index in indexes]
    found: t.Dict[int, t.Dict[str, int]] = {}
    gone = frozenset({-2})
    calls = [Call("sw_interface_get_table", {"sw_if_index": index, "is_ipv6": family == "6"}, accept=gone) for index, family in asked]
    for (index, family), answer in zip(asked, place.exchange(calls)):
        if isinstance(answer, CnfError):
            raise answer
        table = t.cast(Reply, answer)["vrf_id"]
        if table not in (0, NOWHERE):
            found.setdefault(index, {})[family] = table
    return found


__all__ = ["FAMILIES", "Found", "Indexed", "LinkReader", "gone"]
