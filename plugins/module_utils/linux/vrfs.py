# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VRF tables: one VRF device per id, whatever the protocols; the links' family makes it. Protocols and labels are in its alias.

A device comes with routes of the least preference that say C(unreachable): without them the kernel goes on in the main
table with what a VRF's own table does not know.
"""

from __future__ import annotations

import typing as t
from urllib.parse import quote, unquote

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Family, Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.tables import RESERVED_TABLES, VPP, WALL
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import ANY_VRF, CHECKS
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import VRF_TABLE

_HASH = "refused: the kernel has its multipath hash per namespace (net.ipv4.fib_multipath_hash_policy), not per table"
SUPPORT = {
    VRF_TABLE.id: {
        "id": "partial: 253 to 255 are tables that the kernel keeps for itself; 0 and 4294967295 are always there",
        "protocol": "partial: the device serves both protocols",
        "label": "partial: not of id 0 and 4294967295; names the device (when it is a valid interface name)",
        "flow_hash_settings": _HASH,
        **{f"flow_hash_settings.{name}": _HASH for name in VRF_TABLE.fields["flow_hash_settings"].fields},
    }
}
ALWAYS = (0, ANY_VRF)


class Vrfs(Family):
    """Lowers and lifts vpp/vrf-table; stands before the links' family, whose interfaces look their VRF up."""

    kinds = frozenset({VRF_TABLE.id})
    support = SUPPORT

    def __init__(self, cnf: str) -> None:
        self.cnf = cnf

    def lower(self, values: t.Sequence[Value], view: View) -> t.Iterator[Resource]:
        """A VRF device per id, and its last routes. Raises L(Refused) by field name."""
        tables: t.Dict[int, t.Dict[str, str]] = {}
        for value in values:
            data = value.data
            number, label = data.get("id", 0), data.get("label", "")
            if data.get("flow_hash_settings"):
                raise _refused(value, "flow_hash_settings", _HASH[9:])
            if number in ALWAYS:
                if label:
                    raise _refused(value, "label", f"table {number} is always there and has no device that could be called {label}")
                continue
            if number in RESERVED_TABLES:
                raise _refused(value, "id", f"{number} is a table that the kernel keeps for itself")
            tables.setdefault(number, {})[data.get("protocol", "IPV4")] = label
        for number, labels in sorted(tables.items()):
            name = f"vrf{number}"
            label = next((text for _protocol, text in sorted(labels.items()) if text and not CHECKS["ifname"](text)), name)
            form = "+".join(f"{protocol}:{quote(text, safe='')}" if text else protocol for protocol, text in sorted(labels.items()))
            if len(f"pantheon.cnf {self.cnf} {VRF_TABLE.id} VRF_{form} {name}") > 255:
                raise Refused(f"{VRF_TABLE.id} {number}: label: too long to be kept at the device", field="label")
            have = {"ifname": label, "up": True, "mtu": None, "mac": None, "kind": "vrf", "info": {"table": number}}
            have.update(model=(VRF_TABLE.id, f"VRF_{form}"), master="", table=number)
            yield Resource(("link", name), have, claims=frozenset({("ifname", label), ("table", str(number))}))
            for family, target in (("4", "0.0.0.0/0"), ("6", "::/0")):
                wall = {"protocol": VPP, "type": "unreachable", "scope": "global", "nexthops": ()}
                yield Resource(("route", family, str(number), target, WALL), wall, frozenset({("link", name)}))

    def lift(self, resources: Resources, view: View) -> t.Iterator[Value]:
        """A value for each protocol in the alias of a VRF device of ours."""
        for key, one in resources.items():
            kind, form = one.attributes.get("model", ("", "")) if key[0] == "link" else ("", "")
            if kind == VRF_TABLE.id:
                for part in form[4:].split("+"):
                    protocol, _colon, label = part.partition(":")
                    yield VRF_TABLE.value({"id": one.attributes["info"]["table"], "protocol": protocol, "label": unquote(label)})


def _refused(value: Value, field: str, why: str) -> Refused:
    return Refused(f"{value.kind} {value.key}: {field}: not supported by the linux dataplane: {why}", field=field)
