# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ACLs and MACIP ACLs of the double, with what VPP lets pass and what it does silently."""

from __future__ import annotations

import ipaddress
import typing as t

from tests.doubles.vpp.registry import area, handles
from tests.doubles.vpp.state import Interface, State

ALL = 0xFFFFFFFF
Request = t.Dict[str, t.Any]
Lists = t.Tuple[t.List[int], t.List[int]]


class Pool(t.Dict[int, t.Dict[str, t.Any]]):
    """What has an index: the one freed last is given first."""

    def __init__(self) -> None:
        super().__init__()
        self.freed: t.List[int] = []

    def put(self, index: int, value: t.Dict[str, t.Any]) -> int:
        """Retval or index: in place of an existing one, or new."""
        if index == ALL:
            index = self.freed.pop() if self.freed else len(self)
        elif index not in self:
            return -6
        self[index] = {"acl_index": index, **value}
        return index

    def drop(self, index: int) -> None:
        """It is gone."""
        del self[index]
        self.freed.append(index)

    def dump(self, index: int) -> t.List[t.Dict[str, t.Any]]:
        """All or one."""
        return [each for at, each in sorted(self.items()) if index in (ALL, at)]


@area("acl")
class Acl:
    """C(lists): the ACLs of an interface, input and output. C(macip): its MACIP ACL."""

    def __init__(self, state: State) -> None:
        self.acls = Pool()
        self.macips = Pool()
        self.lists: t.Dict[int, Lists] = {}
        self.macip: t.Dict[int, int] = {}

    def interface_deleted(self, interface: Interface) -> None:
        """What is attached goes silently."""
        self.lists.pop(interface.index, None)
        self.macip.pop(interface.index, None)


def _wrong(rule: t.Mapping[str, t.Any]) -> int:
    for name, retval in (("src_prefix", -57), ("dst_prefix", -58)):
        try:
            ipaddress.ip_network(rule[name])
        except ValueError:
            return retval
    if (":" in rule["src_prefix"]) != (":" in rule["dst_prefix"]):
        return -57
    for first, last in (("srcport_or_icmptype_first", "srcport_or_icmptype_last"), ("dstport_or_icmpcode_first", "dstport_or_icmpcode_last")):
        if rule[first] > rule[last]:
            return -8
    return 0


@handles("acl_add_replace", "macip_acl_add_replace")
def add_replace(state: State, request: Request) -> t.Any:
    mac = request["_message"].startswith("macip")
    # What a MACIP ACL says is not checked.
    wrong = 0 if mac else next(filter(None, map(_wrong, request["r"])), 0)
    if wrong:
        return {"retval": wrong, "acl_index": request["acl_index"]}
    pool = state.acl.macips if mac else state.acl.acls
    index = pool.put(request["acl_index"], {"tag": request["tag"], "r": request["r"]})
    return {"retval": -6, "acl_index": request["acl_index"]} if index == -6 else {"acl_index": index}


@handles("acl_del")
def delete(state: State, request: Request) -> t.Any:
    index = request["acl_index"]
    if index not in state.acl.acls:
        return -6
    for at, retval in ((0, -142), (1, -143)):
        if any(index in each[at] for each in state.acl.lists.values()):
            return retval
    state.acl.acls.drop(index)
    return 0


@handles("macip_acl_del")
def delete_macip(state: State, request: Request) -> t.Any:
    """It is taken off interfaces without a word."""
    if request["acl_index"] not in state.acl.macips:
        return -6
    state.acl.macip = {interface: index for interface, index in state.acl.macip.items() if index != request["acl_index"]}
    state.acl.macips.drop(request["acl_index"])
    return 0


@handles("acl_dump", "macip_acl_dump")
def dump(state: State, request: Request) -> t.Any:
    return (state.acl.macips if request["_message"].startswith("macip") else state.acl.acls).dump(request["acl_index"])


@handles("acl_interface_set_acl_list")
def set_list(state: State, request: Request) -> t.Any:
    index, acls = request["sw_if_index"], request["acls"]
    if state.interface(index) is None:
        return -2
    if any(each not in state.acl.acls for each in acls):
        return -6
    have: Lists = state.acl.lists.setdefault(index, ([], []))
    for at, wanted in ((1, acls[request["n_input"] :]), (0, acls[: request["n_input"]])):
        if len(set(wanted)) < len(wanted):
            return 1
        have[at][:] = wanted
    return 0


@handles("acl_interface_list_dump")
def dump_lists(state: State, request: Request) -> t.Any:
    found = []
    for index in state.interfaces:
        if request["sw_if_index"] in (ALL, index):
            one, other = state.acl.lists.get(index, ([], []))
            found.append({"sw_if_index": index, "n_input": len(one), "acls": [*one, *other]})
    return found


@handles("macip_acl_interface_add_del")
def attach_macip(state: State, request: Request) -> t.Any:
    """To delete the number of the ACL does not matter."""
    index = request["sw_if_index"]
    if state.interface(index) is None:
        return -2
    if request["is_add"]:
        if request["acl_index"] not in state.acl.macips:
            return -6
        state.acl.macip[index] = request["acl_index"]
        return 0
    return -6 if state.acl.macip.pop(index, None) is None else 0


@handles("macip_acl_interface_list_dump")
def dump_macips(state: State, request: Request) -> t.Any:
    return [{"sw_if_index": index, "acls": [acl]} for index, acl in sorted(state.acl.macip.items()) if request["sw_if_index"] in (ALL, index)]
