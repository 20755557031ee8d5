# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls that make, change and delete what NAT44 has in VPP."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Key, Operation, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import nat_tag
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Index, Script, Work, together
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.nat_dialect import (
    ADDRESS_ONLY,
    ANY_VRF,
    DIALECTS,
    ED,
    NO_INTERFACE,
    NUMBERS,
    OUT2IN_ONLY,
    SETTINGS,
    SIZES,
    TWICE,
    Dialect,
    leads_out,
)
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.nat_reader import of_interface

NO_SUCH_ENTRY = -6
UP = 1
INTERFACE = of_interface("")

Fields = t.Dict[str, t.Any]
Local = t.Tuple[str, int, int, int]
"""Address, port, VRF, probability."""


def dialect_of(one: Resource) -> Dialect:
    """The plugin that has it."""
    return DIALECTS[one.attributes["mode"]]


def plugin(operation: Operation, about: str) -> Script:
    """C(nat44): enabling resets all settings, so they are set after it."""
    before, after = operation.before, operation.after
    if after is None:
        yield Call(dialect_of(_before(operation)).enable, {"enable": False}, about=about)
        return
    want: t.Mapping[str, t.Any] = after.attributes
    if before is None:
        size = {name: want[name] for name in SIZES if name != "mode"}
        yield Call(dialect_of(after).enable, {"enable": True, **size}, about=about)
    have = SETTINGS if before is None else before.attributes
    yield [call for name in SETTINGS if have[name] != want[name] for call in _set(after, name, have[name], about)]


def _set(one: Resource, name: str, before: t.Any, about: str) -> t.Iterator[Call]:
    value, dialect = one.attributes[name], dialect_of(one)
    if name == "forwarding":
        yield Call(dialect.forwarding, {"enable": value}, about=about)
    elif name == "timeouts":
        yield Call(dialect.timeouts, dict(value), about=about)
    elif name == "mss":
        yield Call(dialect.mss, {"mss_value": value, "enable": bool(value)}, about=about)
    else:
        for vrf in sorted(before.keys() | value.keys()):
            limit = value.get(vrf, one.attributes["sessions"])
            if limit != before.get(vrf):
                yield Call("nat44_set_session_limit", {"session_limit": limit, "vrf_id": vrf}, about=about)


def address(operation: Operation, about: str) -> Work:
    """C(nat44-address): one by one, since VPP does a part of a range when it cannot do all of it."""
    one = operation.after or _before(operation)
    fields = {"first_ip_address": operation.key[1], "last_ip_address": operation.key[1], "vrf_id": one.attributes["vrf"], "is_add": operation.after is not None}
    return Call(dialect_of(one).address, {**fields, **_twice(operation.key)}, about=about)


def interface_pool(operation: Operation, about: str) -> Script:
    """C(nat44-interface-pool). VPP leaves the address behind when it is not the interface's first one any more."""
    one = operation.after or _before(operation)
    dialect, index = dialect_of(one), Index(operation.key[1])
    call = Call(dialect.interface_pool, {"is_add": operation.after is not None, "sw_if_index": index, **_twice(operation.key)}, about=about)
    if operation.after is not None:
        yield call
        return
    reply = yield call._replace(accept=frozenset({NO_SUCH_ENTRY}))
    if reply["retval"]:
        have, pool = yield [Dump("ip_address_dump", {"sw_if_index": index, "is_ipv6": False}), Dump(dialect.addresses)]
        mine = {each["prefix"].partition("/")[0] for each in have}
        for each in pool:
            if each["ip_address"] in mine and each["vrf_id"] == ANY_VRF and bool(each.get("flags", 0) & TWICE) == (operation.key[2] != "pool"):
                gone = {"first_ip_address": each["ip_address"], "last_ip_address": each["ip_address"], "vrf_id": ANY_VRF, **_twice(operation.key)}
                yield Call(dialect.address, gone, about=about)
                break


def _twice(key: Key) -> Fields:
    """Only ED has a pool for twice-NAT."""
    return {} if key[2] == "pool" else {"flags": TWICE}


# -- roles ------------------------------------------------------------------------------------------------------------


class Roles:
    """C(nat44-interface). VPP forwards by itself: without its role an interface lets packets out as they came.

    So where a role goes only to come back, as another one or after the plugin was enabled anew, what it leads to is down meanwhile.
    """

    def __init__(self) -> None:
        self.wanted: t.FrozenSet[str] = frozenset()
        self.down: t.Set[str] = set()

    def script(self, operation: Operation, about: str) -> Script:
        """The calls."""
        name = operation.key[1]
        if operation.before is None:
            after = t.cast(Resource, operation.after)
            yield self.calls(name, after, after.attributes["roles"], True, about)
            if after.attributes.get("rebuild") or name in self.down:
                yield from self.up(name, about)
        elif operation.after is None:
            if name in self.wanted and leads_out(operation.before.attributes["roles"]):
                yield from self.lower(name, about)
            yield self.calls(name, operation.before, operation.before.attributes["roles"], False, about)
        else:
            yield from self.change(name, operation.before, operation.after, about)

    def change(self, name: str, before: Resource, after: Resource, about: str) -> Script:
        """New roles before the old ones go, where they go together."""
        have, want = before.attributes["roles"], after.attributes["roles"]
        if "output" not in have | want:
            yield self.calls(name, after, want - have, True, about)
            yield self.calls(name, before, have - want, False, about)
            return
        yield from self.lower(name, about)
        yield self.calls(name, before, have, False, about)
        yield self.calls(name, after, want, True, about)
        yield from self.up(name, about)

    @staticmethod
    def calls(name: str, one: Resource, roles: t.Iterable[str], is_add: bool, about: str) -> t.List[Call]:
        """One for each role: VPP takes but one of several flags. None for a role that is not there, which VPP takes for the other one."""
        dialect, index = dialect_of(one), Index(name)
        return [
            Call(dialect.output, {"is_add": is_add, "sw_if_index": index}, about=about)
            if role == "output"
            else Call(dialect.role, {"is_add": is_add, "flags": getattr(dialect, role), "sw_if_index": index}, about=about)
            for role in sorted(roles)
        ]

    def lower(self, name: str, about: str) -> Script:
        """Down, when it is up; without a VPP that is taken for granted."""
        shown = yield Dump("sw_interface_dump", {"sw_if_index": Index(name)})
        if not shown or shown[0]["flags"] & UP:
            if shown:
                self.down.add(name)
            yield Call("sw_interface_set_flags", {"sw_if_index": Index(name), "flags": 0}, about=about)

    def up(self, name: str, about: str) -> Script:
        """Up again, when it was."""
        shown = yield Dump("sw_interface_dump", {"sw_if_index": Index(name)})
        if not shown or name in self.down:
            self.down.discard(name)
            yield Call("sw_interface_set_flags", {"sw_if_index": Index(name), "flags": UP}, about=about)


# -- mappings ---------------------------------------------------------------------------------------------------------


def mapping(operation: Operation, about: str) -> Work:
    """C(nat44-mapping). A delete says all that was shown: VPP looks at a part of it, and leaks what differs."""
    key, before, after = operation.key, operation.before, operation.after
    if before is not None and after is not None:
        return _locals(key, before, after, about)
    one, is_add = after or _before(operation), after is not None
    if one.attributes["type"] == "balanced":
        return _balanced(key, one, is_add, about)
    if not is_add and one.attributes["index"] is None and _interface(key):
        return _left_behind(key, one, about)
    return _static(key, one, is_add, about) if one.attributes["type"] == "static" else together(_calls(key, one, is_add, about))


def _left_behind(key: Key, one: Resource, about: str) -> Script:
    """A delete by interface: VPP leaves behind what it made for another address than the interface's first one."""
    name, calls = _interface(key), _calls(key, one, False, about)
    replies = yield [each._replace(accept=frozenset({NO_SUCH_ENTRY})) for each in calls]
    if any(each["retval"] for each in replies):
        dialect = dialect_of(one)
        static = one.attributes["type"] == "static"
        have, entries = yield [Dump("ip_address_dump", {"sw_if_index": Index(name), "is_ipv6": False}), Dump(dialect.statics if static else dialect.identities)]
        mine = {each["prefix"].partition("/")[0] for each in have}
        index, field = ("external_sw_if_index", "external_ip_address") if static else ("sw_if_index", "ip_address")
        said = [
            {name: value for name, value in each.fields.items() if name not in (index, field, "is_add", "flags", "match_pool", "pool_ip_address")}
            for each in calls
        ]
        for each in entries:
            if each[index] == NO_INTERFACE and each[field] in mine and any(all(each[name] == value for name, value in one.items()) for one in said):
                left = {name: each[name] for name in (*said[0], index, field)}
                yield calls[0]._replace(fields={"is_add": False, "flags": _flags(one), **left})


def _calls(key: Key, one: Resource, is_add: bool, about: str) -> t.List[Call]:
    if one.attributes["type"] == "static":
        return [_static(key, one, is_add, about)]
    return [_identity(key, one, vrf, is_add, about) for vrf in sorted(one.attributes["vrfs"])]


def _interface(key: Key) -> str:
    """The one that is the external side; empty for an address."""
    return key[1][len(INTERFACE) :] if key[1].startswith(INTERFACE) else ""


def _side(key: Key, one: Resource, index: str, field: str) -> Fields:
    """The external side: an interface, or an address."""
    if one.attributes["index"] is not None:
        return {index: one.attributes["index"]}
    name = _interface(key)
    return {index: Index(name)} if name else {index: NO_INTERFACE, field: key[1]}


def _number(key: Key) -> int:
    return 0 if key[2] == "any" else NUMBERS.get(key[2]) or int(key[2])


def _tag(one: Resource) -> str:
    have = one.attributes
    return str(have["tag"]) if "tag" in have else nat_tag.text(have["label"], have["pool"], have["affinity"])


def _flags(one: Resource) -> int:
    """Mappings are for incoming connections only, as Ligato makes them: what a local side sends takes an address of the pool."""
    have = one.attributes
    whole = ADDRESS_ONLY if have["whole"] else 0
    return whole | (have["twice"] | OUT2IN_ONLY if dialect_of(one) is ED and have["type"] != "identity" else 0)


def _static(key: Key, one: Resource, is_add: bool, about: str) -> Call:
    have = one.attributes
    local, port, vrf, _share = have["locals"][0]
    side = _side(key, one, "external_sw_if_index", "external_ip_address")
    said = {"external_port": int(key[3]), "vrf_id": vrf, "tag": _tag(one)}
    fields = {"is_add": is_add, "flags": _flags(one), "local_ip_address": local, "local_port": port, "protocol": _number(key), **side, **said}
    pool = have.get("pool")
    if pool:
        fields.update(match_pool=True, pool_ip_address=pool)
    return Call(dialect_of(one).static, fields, about=about)


def _identity(key: Key, one: Resource, vrf: int, is_add: bool, about: str) -> Call:
    side = _side(key, one, "sw_if_index", "ip_address")
    fields = {"is_add": is_add, "flags": _flags(one), **side, "protocol": _number(key), "port": int(key[3]), "vrf_id": vrf, "tag": _tag(one)}
    return Call(dialect_of(one).identity, fields, about=about)


def _local(local: Local) -> Fields:
    return dict(zip(("addr", "port", "vrf_id", "probability"), local))


def _balanced(key: Key, one: Resource, is_add: bool, about: str) -> Call:
    fields: Fields = {"is_add": is_add, "flags": _flags(one), "external_addr": key[1], "external_port": int(key[3]), "protocol": _number(key)}
    if is_add:
        found = [_local(each) for each in one.attributes["locals"]]
        fields.update(affinity=one.attributes.get("affinity", 0), tag=_tag(one), local_num=len(found), locals=found)
    return Call("nat44_add_del_lb_static_mapping", fields, about=about)


def in_place(have: t.Sequence[Local], want: t.Sequence[Local]) -> bool:
    """Whether local sides can be exchanged: VPP keeps two at any time, and takes another probability only by way of a delete."""
    then, now = ({each[:3]: each[3] for each in some} for some in (have, want))
    again = any(now[each] != then[each] for each in now.keys() & then.keys())
    return not again or len(then.keys() | now.keys()) > 2


def _locals(key: Key, before: Resource, after: Resource, about: str) -> Script:
    """New ones first; then those of another probability, one by one; then those that go."""
    have, want = set(before.attributes["locals"]), set(after.attributes["locals"])
    service = {"external_addr": key[1], "external_port": int(key[3]), "protocol": _number(key)}

    def call(local: Local, is_add: bool) -> Call:
        return Call("nat44_lb_static_mapping_add_del_local", {"is_add": is_add, **service, "local": _local(local)}, about=about)

    again = {each[:3] for each in have - want} & {each[:3] for each in want - have}
    yield [call(each, True) for each in sorted(want - have) if each[:3] not in again]
    for each in sorted(want - have):
        if each[:3] in again:
            yield call(each, False)
            yield call(each, True)
    for each in sorted(have - want):
        if each[:3] not in again:
            yield call(each, False)


# -- VRFs -------------------------------------------------------------------------------------------------------------


def vrf(operation: Operation, about: str) -> Script:
    """C(nat44-vrf) and C(nat44-vrf-route)."""
    fields: Fields = {"table_vrf_id": int(operation.key[1]), "is_add": operation.after is not None}
    if operation.key[0] == "nat44-vrf":
        yield Call("nat44_ed_add_del_vrf_table", fields, about=about)
    else:
        yield Call("nat44_ed_add_del_vrf_route", {**fields, "vrf_id": int(operation.key[2])}, about=about)


def _before(operation: Operation) -> Resource:
    return t.cast(Resource, operation.before)
