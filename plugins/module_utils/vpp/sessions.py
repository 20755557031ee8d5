# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT44 sessions of a VPP. There is no message for all of them: first who has some, then those of each, all in one go."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.sessions import PROTOCOLS, NatSession, SessionError, end, matches, wanted
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Reply, describe, together
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session

TWICE_NAT, STATIC = 0x01, 0x40
EXTERNAL_VALID = 0x80
GONE = -6  # NO_SUCH_ENTRY


class NoNat(SessionError):
    """This VPP has no NAT44 at all."""


class Variant(t.NamedTuple):
    """How one of VPP's NAT44 plugins calls things. C(inside): its flag for an inside address."""

    users: str
    sessions: t.Sequence[str]
    delete: str
    timeouts: str
    inside: int
    endpoint_dependent: bool


VARIANTS = (
    Variant("nat44_user_dump", ("nat44_user_session_v3_dump", "nat44_user_session_v2_dump"), "nat44_del_session", "nat44_show_running_config", 0x20, True),
    Variant(
        "nat44_ei_user_dump",
        ("nat44_ei_user_session_v2_dump", "nat44_ei_user_session_dump"),
        "nat44_ei_del_session",
        "nat44_ei_show_running_config",
        0x10,
        False,
    ),
)


class Found(t.NamedTuple):
    """A session, and what names it to VPP: its key without the VRF, and the VRFs in which its inside address has sessions."""

    data: NatSession
    variant: Variant
    key: t.Tuple[t.Any, ...]
    vrfs: t.FrozenSet[int]


def session(details: Reply, variant: Variant, timeouts: t.Mapping[str, int]) -> NatSession:
    """A session as data. VPP does not tell the state of a TCP connection, so not which of two times it has left either."""
    number = int(details["protocol"])
    protocol = PROTOCOLS.get(number, str(number))
    idle = details.get("time_since_last_heard")
    limit = timeouts.get("icmp" if protocol == "ICMP" else "udp") if protocol != "TCP" else None
    data: NatSession = {
        "protocol": protocol,
        "inside": end(details["inside_ip_address"], details["inside_port"]),
        "outside": end(details["outside_ip_address"], details["outside_port"]),
        "external": end(details["ext_host_address"], details["ext_host_port"]) if variant.endpoint_dependent else None,
        "is_static": bool(details["flags"] & STATIC),
        "state": "",
        "timeout": None if limit is None or idle is None else max(0, limit - idle),
        "age": None,
        "idle": idle,
        "packets": details["total_pkts"],
        "bytes": details["total_bytes"],
    }
    if variant.endpoint_dependent and details["flags"] & TWICE_NAT:
        data["external_translated"] = end(details["ext_host_nat_address"], details["ext_host_nat_port"])
    return data


def _key(details: Reply, variant: Variant) -> t.Tuple[t.Any, ...]:
    """What the session is looked up by from inside."""
    external: t.Tuple[t.Any, ...] = ()
    if variant.endpoint_dependent:
        nat = "_nat" if details["flags"] & TWICE_NAT else ""
        external = (details[f"ext_host{nat}_address"], details[f"ext_host{nat}_port"])
    return (details["protocol"], details["inside_ip_address"], details["inside_port"], *external)


def _read(vpp: Session, addresses: t.Any) -> t.List[Found]:
    """All sessions, those of inside hosts out of C(addresses) when given. What has timed out is left out: it translates nothing any more,
    VPP just has not needed its place yet."""
    variants = [each for each in VARIANTS if vpp.offers(each.users)]
    if not variants:
        raise NoNat("this VPP has no NAT44: its nat_plugin (or nat44_ei_plugin) is not loaded")
    users = vpp.dumps([Dump(each.users) for each in variants])
    vrfs: t.Dict[t.Tuple[Variant, str], t.Set[int]] = {}
    for variant, found in zip(variants, users):
        for user in found:
            if addresses is None or ipaddress.ip_address(user["ip_address"]) in addresses:
                vrfs.setdefault((variant, user["ip_address"]), set()).add(user["vrf_id"])
    # With workers the VRF says which of them to ask, without it is ignored and all of the host's sessions come for each VRF.
    asked = [(variant, address, vrf) for (variant, address), each in vrfs.items() for vrf in sorted(each)]
    times = {variant: _timeouts(vpp, variant) for variant in {variant for variant, _address in vrfs}}
    answers = vpp.dumps([Dump(vpp.newest(*variant.sessions), {"ip_address": address, "vrf_id": vrf}) for variant, address, vrf in asked])
    seen: t.Dict[t.Any, Found] = {}
    for (variant, address, _vrf), answer in zip(asked, answers):
        for details in answer:
            if not details.get("is_timed_out"):
                key = _key(details, variant)
                one = (variant.users, key, details["outside_ip_address"], details["outside_port"])
                seen[one] = Found(session(details, variant, times[variant]), variant, key, frozenset(vrfs[variant, address]))
    return [seen[one] for one in sorted(seen, key=lambda one: (ipaddress.ip_address(one[1][1]), one))]


def _timeouts(vpp: Session, variant: Variant) -> t.Mapping[str, int]:
    if not vpp.offers(variant.timeouts):
        return {}
    return t.cast("t.Mapping[str, int]", vpp.call(variant.timeouts).get("timeouts") or {})


def _chosen(vpp: Session, filters: t.Optional[t.Mapping[str, t.Any]]) -> t.Tuple[t.List[Found], t.List[Found]]:
    """(all that were read, those of them that pass)."""
    fits = wanted(filters)
    found = _read(vpp, fits.get("inside_address"))
    return found, [each for each in found if matches(each.data, fits)]


def sessions(vpp: Session, filters: t.Optional[t.Mapping[str, t.Any]] = None) -> t.List[NatSession]:
    """The NAT sessions that pass all C(filters)."""
    return [each.data for each in _chosen(vpp, filters)[1]]


def clear(vpp: Session, filters: t.Optional[t.Mapping[str, t.Any]] = None, check_mode: bool = False) -> t.Tuple[t.List[NatSession], t.List[str]]:
    """Delete the NAT sessions that pass the filters (in check mode do not); returns them, and the calls that delete them."""
    found, chosen = _chosen(vpp, filters)
    calls = [_deletion(each, vrf) for each in _nameable(found, chosen) for vrf in sorted(each.vrfs)]
    if not check_mode:
        failed = [answer for answer in vpp.exchange(calls) if isinstance(answer, CnfError)]
        if failed:
            raise SessionError(f"{len(failed)} of {len(calls)} calls that delete sessions failed; the first one: {failed[0].message}")
    return [each.data for each in chosen], describe(together(calls), vpp)


def _nameable(found: t.Sequence[Found], chosen: t.Sequence[Found]) -> t.Sequence[Found]:
    """Each key once. VPP does not tell a session's VRF: when the same flow is in two of them, only both or none can be deleted."""
    kept = {(each.variant.users, each.key) for each in found if each not in chosen}
    names = {(each.variant.users, each.key): each for each in chosen}
    unclear = [each for name, each in names.items() if name in kept]
    if unclear:
        one = unclear[0].data["inside"]
        raise SessionError(
            f"{one['address']}:{one['port']} has the same session in more than one VRF ({', '.join(map(str, sorted(unclear[0].vrfs)))}), "
            "and VPP does not tell which is which: choose them by filters that fit all of them"
        )
    return list(names.values())


def _deletion(one: Found, vrf: int) -> Call:
    protocol, address, port, *external = one.key
    fields: t.Dict[str, t.Any] = {"address": address, "protocol": protocol, "port": port, "vrf_id": vrf, "flags": one.variant.inside}
    if external:
        fields.update(flags=one.variant.inside | EXTERNAL_VALID, ext_host_address=external[0], ext_host_port=external[1])
    about = f"NAT session of {address}:{port}"
    return Call(one.variant.delete, fields, accept=frozenset({GONE}), about=about)
