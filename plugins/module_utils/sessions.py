# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT sessions as data, the same of every dataplane, and the filters that choose among them."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError

NatSession = t.Dict[str, t.Any]
"""C(inside) is the end behind the NAT, C(outside) the same end as the outside knows it, C(external) the host it talks to;
C(external_translated) is that host as the inside sees it (twice-NAT, hairpin). C(is_static): made by a mapping, not by a pool."""

PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP", 132: "SCTP", 47: "GRE"}
ADDRESSES = ("inside_address", "outside_address", "external_address")
FILTERS = (*ADDRESSES, "protocol", "port")
"""Filters: an address or a network; a protocol's name; a port of any of the three ends."""

ARGUMENTS: t.Dict[str, t.Any] = {
    "protocol": {"type": "str", "choices": ["TCP", "UDP", "ICMP"]},
    **{name: {"type": "str"} for name in ADDRESSES},
    "port": {"type": "int"},
}
"""The filters as options of a module."""


class SessionError(CnfError):
    """The sessions could not be read or changed, or are not asked for rightly."""


def end(address: str, port: int) -> t.Dict[str, t.Any]:
    """One end of a session."""
    return {"address": address, "port": port}


def wanted(filters: t.Optional[t.Mapping[str, t.Any]]) -> t.Dict[str, t.Any]:
    """The filters that are given, checked, addresses as networks."""
    found = {name: value for name, value in (filters or {}).items() if value is not None or name not in FILTERS}
    unknown = sorted(set(found) - set(FILTERS))
    if unknown:
        raise SessionError(f"no such filter: {', '.join(unknown)}; there are {', '.join(FILTERS)}")
    for name in ADDRESSES:
        if name in found:
            try:
                found[name] = ipaddress.ip_network(found[name], strict=False)
            except ValueError as error:
                raise SessionError(f"{name}: {error}") from None
    return found


def matches(session: NatSession, filters: t.Mapping[str, t.Any]) -> bool:
    """Whether the session passes all of the filters (those of L(wanted)). One without an end has no address and no port there."""
    for name, value in filters.items():
        if name == "protocol":
            fits = session["protocol"] == str(value).upper()
        elif name == "port":
            fits = any(session[side] and session[side]["port"] == int(value) for side in ("inside", "outside", "external"))
        else:
            there = session[name.partition("_")[0]]
            fits = bool(there) and ipaddress.ip_address(there["address"]) in value
        if not fits:
            return False
    return True


def filters_of(parameters: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    """The filters among the parameters of a module."""
    return {name: parameters[name] for name in FILTERS}


def cleared(found: t.Sequence[NatSession], commands: t.Sequence[str], diff: bool) -> t.Dict[str, t.Any]:
    """What a module returns that cleared these."""
    shown: t.Dict[str, t.Any] = {"changed": bool(found), "sessions": found, "commands": commands}
    if diff:
        shown["diff"] = {"before": {"sessions": found}, "after": {"sessions": []}}
    return shown
