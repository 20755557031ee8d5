# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VRF tables: C(("table", "4" or "6", id)), with C(label) and C(flow_hash), the bits of VPP's setting.

A table has no mark but its name: ours are called C(pantheon.cnf) or C(pantheon.cnf:LABEL). NAT and others make tables without
a name when they need one; those are not ours. VPP keeps a table that was taken away while something uses it: it is ours only
as long as the API holds it. That, and the flow hash, VPP tells nowhere but on its command line.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import ANY_VRF
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import VRF_TABLE
from ansible_collections.pantheon.cnf.plugins.module_utils.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Place, Script
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session

MARK = "pantheon.cnf"
LABEL = 63 - len(MARK) - 1
"""Characters of a label: VPP's name of a table has 63."""
DEFAULT_HASH = 0x9F
"""Addresses, ports, protocol and IPv6's flow label."""
HASH = {"use_src_ip": 1, "use_dst_ip": 2, "use_src_port": 4, "use_dst_port": 8, "use_protocol": 0x10, "reverse": 0x20, "symmetric": 0x40}
HASH_WORDS = {"src": 1, "dst": 2, "sport": 4, "dport": 8, "proto": 0x10, "reverse": 0x20, "symmetric": 0x40, "flowlabel": 0x80, "gtpv1teid": 0x100}
"""As VPP shows them."""
SHOWN = re.compile(r"flow hash:\[([^]]*)\].*? locks:\[([^]]*)\]")
NO_SUCH_FIB = -3
SHOWABLE = 1 << 31
"""Of tables from this number on the command line shows nothing."""

_HASH = (
    "partial: without it VPP's default, the only one with IPv6's flow label; of table 0 it is set when given, but neither listed nor taken back; "
    "not of ids from 2147483648 on, of which VPP does not tell it"
)
SUPPORT = {
    VRF_TABLE.id: {
        "id": "partial: 0 and 4294967295 are always there",
        "protocol": "yes",
        "label": f"partial: {LABEL} ASCII characters, since VPP's name of the table also says that it is ours; not of id 0 and 4294967295; "
        "VPP renames no table, so it changes only while nothing uses the table",
        "flow_hash_settings": _HASH,
        **{f"flow_hash_settings.{name}": "yes" for name in HASH},
    }
}


def table_key(family: str, number: t.Any) -> Key:
    """C(family): C(4) or C(6)."""
    return ("table", family, str(number))


class Tables(VppFamily):
    """vpp/vrf-table; stands before the interfaces, which look their VRF up."""

    classes = frozenset({"table"})
    kinds = frozenset({VRF_TABLE.id})
    support = SUPPORT

    def __init__(self, scope_all: bool = False) -> None:
        self.scope_all = scope_all
        self.asked: t.Set[Key] = set()

    def observe(self, place: Session) -> t.Iterable[Resource]:
        """All but those that are always there, unless they are asked for."""
        found: t.Dict[Key, str] = {}
        for each in place.dump("ip_table_dump"):
            table = each["table"]
            key = table_key("6" if table["is_ip6"] else "4", table["table_id"])
            if key in self.asked or table["table_id"] not in (0, ANY_VRF):
                found[key] = table["name"]
        asked = [key for key, name in found.items() if key in self.asked or self.scope_all or label_of(name) is not None]
        shown = self.shown(place, [key for key in asked if int(key[2]) < SHOWABLE])
        for key, name in found.items():
            flow_hash, held = shown.get(key, (DEFAULT_HASH if key in asked else None, True))
            label = label_of(name)
            if key[2] == "0":
                yield _always(key, flow_hash)
            elif label is None:
                automatic = name == f"ipv{key[1]}-VRF:{key[2]}"
                yield Resource(key, {"label": "" if automatic else name, "flow_hash": flow_hash}, owned=False)
            elif held:
                yield Resource(key, {"label": label, "flow_hash": flow_hash})

    @staticmethod
    def shown(place: Session, keys: t.Sequence[Key]) -> t.Dict[Key, t.Tuple[t.Optional[int], bool]]:
        """By table its flow hash, and whether the API holds it. Asked for one prefix of each, lest VPP counts or lists routes."""
        calls = [
            Call("cli_inband", {"cmd": f"show ip{'6' if key[1] == '6' else ''} fib table {key[2]} {'::/0' if key[1] == '6' else '0.0.0.0/0'}"}) for key in keys
        ]
        result: t.Dict[Key, t.Tuple[t.Optional[int], bool]] = {}
        for key, answer in zip(keys, place.exchange(calls)):
            if isinstance(answer, CnfError):
                raise answer
            found = SHOWN.search(t.cast(t.Mapping[str, str], answer)["reply"])
            if found:
                result[key] = (sum(HASH_WORDS.get(word, 0) for word in found[1].split()), "API:" in found[2])
        return result

    def look(self, place: Session, desired: Resources, observed: Resources) -> None:
        """The flow hash of table 0 is read only when it is asked for."""
        new = [key for key in desired if key[0] == "table" and key[2] == "0" and key not in observed]
        self.asked.update(new)
        for key, (flow_hash, _held) in self.shown(place, new).items():
            observed[key] = _always(key, flow_hash)

    def lower(self, values: t.Sequence[Value], view: View) -> t.Iterator[Resource]:
        """Raises L(Refused) by field name."""
        for value in values:
            data = value.data
            number, label, settings = data.get("id", 0), data.get("label", ""), data.get("flow_hash_settings")
            key = table_key("6" if data.get("protocol") == "IPV6" else "4", number)
            flow_hash = DEFAULT_HASH if settings is None else sum(bit for name, bit in HASH.items() if settings.get(name))
            if number in (0, ANY_VRF):
                if label:
                    raise _refused(value, "label", f"table {number} is always there, and VPP gives it its name")
                if settings is not None and number == ANY_VRF:
                    raise _refused(value, "flow_hash_settings", f"{number} is no table, it stands for any")
                if settings is not None:
                    yield _always(key, flow_hash)._replace(managed=view.offline)
                continue
            if settings is not None and number >= SHOWABLE:
                raise _refused(value, "flow_hash_settings", f"VPP does not tell the one of table {number}: choose an id below {SHOWABLE}")
            have = view.before.get(key)
            if have is None or have.attributes["label"] != label:
                if len(label) > LABEL or not (label.isascii() and label.isprintable()):
                    raise _refused(value, "label", f"{label!r} is not of at most {LABEL} ASCII characters: VPP's name of the table also says that it is ours")
                users = _users(view.before, key) if have is not None and have.owned else ""
                if users:
                    raise _refused(value, "label", f"VPP does not rename table {number}, and it cannot be made anew while it is used: {users}")
            yield Resource(key, {"label": label, "flow_hash": flow_hash})

    def lift(self, resources: Resources, view: View) -> t.Iterator[Value]:
        """Tables of ours; with scope all all that can come and go."""
        for key, one in resources.items():
            if key[0] == "table" and key[2] != "0" and (one.owned or view.scope_all):
                data: t.Dict[str, t.Any] = {"id": int(key[2]), "protocol": f"IPV{key[1]}", "label": one.attributes["label"]}
                flow_hash = one.attributes["flow_hash"]
                if flow_hash not in (None, DEFAULT_HASH):
                    data["flow_hash_settings"] = {name: True for name, bit in HASH.items() if flow_hash & bit}
                yield VRF_TABLE.value(data)

    def transition(self, before: Resource, after: Resource) -> str:
        """Another name takes another table. A foreign table will do, unless its name or its hash matters."""
        have, want = before.attributes, after.attributes
        if have == want:
            return "same"
        if not before.managed:
            return "same" if have["flow_hash"] == want["flow_hash"] else "update"
        if not before.owned and want["label"] in ("", have["label"]) and want["flow_hash"] == (have["flow_hash"] or DEFAULT_HASH):
            return "same"
        return "update" if have["label"] == want["label"] else "recreate"

    def script(self, operation: Operation, place: Place) -> Script:
        """A table that goes is emptied of what others have put into it, else that comes back with the next table of this id.

        ip_table_flush would not do: it takes all interfaces of the table down, and leaves routes that are not of the API.
        """
        _class, family, number = operation.key
        table = {"table_id": int(number), "is_ip6": family == "6"}
        about = f"table {number} of IPv{family}"
        change = place.newest("ip_table_add_del_v2", "ip_table_add_del")
        after = operation.after
        if after is None:
            sources = [each["src"]["id"] for each in (yield Dump("fib_source_dump")) if each["src"]["name"] in ("API", "CLI")]
            for source in sources:
                for each in (yield Dump("ip_route_v2_dump", {"src": source, "table": table})):
                    route = each["route"]
                    if not self.scope_all:
                        raise CnfError(f"{about} has routes that are not ours, such as {route['prefix']}: remove them first, or widen the task with scope: all")
                    gone = {"table_id": int(number), "prefix": route["prefix"], "src": route["src"]}
                    yield Call("ip_route_add_del_v2", {"is_add": False, "is_multipath": False, "route": gone}, about=f"route {route['prefix']} of {about}")
            yield Call(change, {"is_add": False, "table": table}, about=about)
            return
        have = operation.before.attributes if operation.before else {"flow_hash": DEFAULT_HASH}
        if operation.before is None and number != "0":
            name = f"{MARK}:{after.attributes['label']}".rstrip(":")
            made: t.Dict[str, t.Any] = {"is_add": True, "create_mfib": True, "table": {**table, "name": name}}
            if change == "ip_table_add_del":
                del made["create_mfib"]
            yield Call(change, made, about=about)
            for each in (yield Dump("ip_table_dump")):
                there = each["table"]
                if (there["table_id"], there["is_ip6"]) == (int(number), family == "6") and there["name"] != name:
                    raise CnfError(f"VPP still has {about} by the name {there['name']}: an interface, NAT or the like keeps it, and VPP renames no table")
        if have["flow_hash"] != after.attributes["flow_hash"]:
            fields = {"table_id": int(number), "af": int(family == "6"), "flow_hash_config": after.attributes["flow_hash"]}
            yield Call(place.newest("set_ip_flow_hash_v3", "set_ip_flow_hash_v2"), fields, about=f"flow hash of {about}")


def label_of(name: str) -> t.Optional[str]:
    """The label of a table of ours by its name in VPP; None when it is not ours."""
    mark, _colon, label = name.partition(":")
    return label if mark == MARK else None


def _always(key: Key, flow_hash: t.Optional[int]) -> Resource:
    return Resource(key, {"label": "", "flow_hash": flow_hash}, owned=False, managed=False)


def _users(resources: Resources, table: Key) -> str:
    """The first of those that need the table."""
    return "; ".join([" ".join(key) for key, one in resources.items() if table in one.requires][:3])


def _refused(value: Value, field: str, why: str) -> Refused:
    return Refused(f"{value.kind} {value.key}: {field}: {why}", field=field)
