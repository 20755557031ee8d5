# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one interface of a wish has to know of the others, and what none of them can have."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import bond_members
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.inventory import JOINED
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_reader import gone
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_support import NO, TYPES_NO
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_types import Info, refused, wrong
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.memif_sockets import Chooser
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import table_key

OF_LINKS = ("ip", "address", "bond-member", "tag-rewrite")
"""Classes of what a value says of its interface; the name of that is behind the class."""
WITH_QUEUES = ("DPDK", "MEMIF", "TAP", "AF_PACKET")


class World:
    """See L(link_types.World)."""

    def __init__(self, named: t.Mapping[str, Value], view: t.Any) -> None:
        self.named, self.view = named, view
        self.chooser = Chooser(view)
        self.requires: t.Set[Key] = set()
        self.sockets: t.List[Resource] = []
        self.members = bond_members.by_bond(view.before) if view.scope_all else {}
        self._by_name: t.Optional[t.Dict[str, Resources]] = None

    def begin(self, value: Value) -> None:
        """From now on it is about this one."""
        self.value, self.requires, self.sockets = value, set(), []

    def beside(self, name: str) -> Resources:
        """All that was seen of one name."""
        if self._by_name is None:
            self._by_name = {}
            for key, one in self.view.before.items():
                if key[0] in OF_LINKS:
                    self._by_name.setdefault(key[1], {})[key] = one
        return self._by_name.get(name, {})

    def key(self, name: str) -> Key:
        """The key of an interface; raises when there is none."""
        if name in self.named:
            return ("link", name)
        found = self.view.find(name)
        if found is None:
            raise self.view.unknown(name, self.named)
        return t.cast(Key, found.key)

    def interface(self, name: str) -> str:
        """See L(link_types.World)."""
        if name == self.value.data["name"]:
            raise CnfError(f"{self.value.kind} {name}: it cannot lie on itself")
        key = self.key(name)
        if key in self.view.resources or name in self.named:
            self.requires.add(key)
        return key[1]

    def table(self, family: str, number: int, path: str) -> None:
        """See L(link_types.World)."""
        key = table_key(family, number)
        if key not in self.view.resources and not self.view.offline:
            raise wrong(self.value, path, f"vrf {number} does not exist for IPv{family}; a vpp/vrf-table makes it")
        self.requires.add(key)

    def socket(self, filename: str) -> str:
        """See L(link_types.World)."""
        one = self.chooser.choose(self.value, filename)
        if one is None:
            return ""
        self.requires.add(one.key)
        self.sockets.append(one)
        return one.key[1]

    def below(self, value: Value, info: Info, there: t.Optional[Resource]) -> None:
        """What VPP would make of a sub-interface whose parent is none, or cannot be up. What is there is not put in question."""
        parent = self.named.get(info["parent"])
        found = self.view.find(info["parent"]) if parent is None else None
        kind = parent.data["type"] if parent is not None else found.resource.attributes.get("kind") if found is not None else ""
        if there is None and kind == "SUB_INTERFACE":
            raise wrong(value, "sub.parent_name", f"{info['parent']} is a sub-interface itself, and VPP would put this one beside it")
        if value.data.get("enabled") and not (there is not None and there.attributes.get("up")):
            up = parent.data.get("enabled") if parent is not None else found is None or found.resource.attributes["up"]
            if not up:
                raise wrong(value, "enabled", f"VPP sets no sub-interface up while its parent {info['parent']} is down")

    def requirements(self, there: Resource) -> t.FrozenSet[Key]:
        """Of an interface that is what is wanted."""
        info = there.attributes["info"]
        for part in ("parent", "multicast"):
            if info.get(part) and not gone(info[part]):
                self.interface(info[part])
        if info.get("socket"):
            self.socket(info["socket"])
        return frozenset(self.requires | {key for key in there.requires if key[0] == "table"})

    def member(self, name: str, have: t.Mapping[str, t.Any], bond: Key) -> Resource:
        """A member of a bond. VPP takes a sub-interface for one, and means local0 then."""
        value, key = self.named.get(name), self.key(name)
        kind = value.data["type"] if value is not None else self.view.link(name).resource.attributes.get("kind")
        if kind in ("SUB_INTERFACE", "BOND_INTERFACE"):
            raise wrong(self.value, "bond.bonded_interfaces", f"{name} is of type {kind}, and cannot be a member")
        return Resource(("bond-member", key[1]), have, frozenset({bond, *((key,) if key in self.view.resources or value is not None else ())}))


def refuse(value: Value) -> None:
    data, name, type = value.data, value.data["name"], value.data.get("type", "")
    if type in TYPES_NO or not type:
        raise refused(value, "type", f"{type}: {TYPES_NO[type][1]}" if type else "it says nothing")
    for path, why in NO.items():
        if any((data.get(path) or {}).values()):
            raise refused(value, path, why)
    if not (name.isascii() and name.isprintable()) or len(name) > 63 or name.endswith(JOINED):
        raise wrong(value, "name", f"VPP keeps it as a tag, of at most 63 printable ASCII characters, and not ending in {JOINED!r}")
    for field in ("rx_modes", "rx_placements"):
        if data.get(field) and type not in WITH_QUEUES:
            raise refused(value, field, f"an interface of type {type} has no queues")


def roles(made: Resources, view: t.Any) -> None:
    """Raise unless all memifs of a socket are masters, or all are slaves. What is there is not put in question."""
    on: t.Dict[str, t.Dict[str, t.Tuple[Key, bool]]] = {}
    for key, one in {**view.resources, **made}.items():
        if key[0] in ("link", "foreign-link") and one.attributes.get("kind") == "MEMIF":
            socket, role = one.attributes["info"]["socket"], one.attributes["info"]["role"]
            have = view.before.get(key)
            info = have.attributes["info"] if have is not None else {}
            new = (info.get("socket"), info.get("role")) != (socket, role)
            there = on.setdefault(socket, {})
            there[role] = max(there.get(role, (key, new)), (key, new), key=lambda each: each[1])
    for socket, there in on.items():
        if len(there) > 1 and any(new for _key, new in there.values()):
            told = " and ".join(f"{key[1]} ({role})" for role, (key, _new) in there.items())
            raise CnfError(f"memifs {told} are on one socket, {socket or 'the default one'}: VPP has all of one role there")
