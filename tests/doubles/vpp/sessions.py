# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT44 sessions of the double, of both plugins. There is no traffic: a test says which there are."""

from __future__ import annotations

import dataclasses
import typing as t

from tests.doubles.vpp.registry import area, handles
from tests.doubles.vpp.state import State

End = t.Tuple[str, int]
Request = t.Dict[str, t.Any]
TWICE_NAT, STATIC, EXTERNAL_VALID = 0x01, 0x40, 0x80
EI_INSIDE = 0x10


@dataclasses.dataclass
class Session:
    """C(external_nat): the external host as the inside sees it; C(ei): of the endpoint-independent plugin."""

    protocol: int
    inside: End
    outside: End
    external: End
    vrf: int = 0
    static: bool = False
    external_nat: t.Optional[End] = None
    idle: int = 1
    packets: int = 2
    octets: int = 100
    timed_out: bool = False
    ei: bool = False

    @property
    def key(self) -> t.Tuple[t.Any, ...]:
        """What it is looked up by from inside."""
        return (self.vrf, self.protocol, *self.inside, *(() if self.ei else self.external_nat or self.external))

    def details(self) -> t.Dict[str, t.Any]:
        """As it is listed."""
        twice = self.external_nat or ("0.0.0.0", 0)
        shown = {
            "outside_ip_address": self.outside[0],
            "outside_port": self.outside[1],
            "inside_ip_address": self.inside[0],
            "inside_port": self.inside[1],
            "protocol": self.protocol,
            "flags": STATIC * self.static,
            "last_heard": 1000,
            "time_since_last_heard": self.idle,
            "total_bytes": self.octets,
            "total_pkts": self.packets,
        }
        if self.ei:
            return shown
        return {
            **shown,
            "flags": shown["flags"] | EXTERNAL_VALID | TWICE_NAT * bool(self.external_nat),
            "ext_host_address": self.external[0],
            "ext_host_port": self.external[1],
            "ext_host_nat_address": twice[0],
            "ext_host_nat_port": twice[1],
            "is_timed_out": self.timed_out,
        }


@area("sessions")
class Sessions:
    """C(table): all of them."""

    def __init__(self, _state: State) -> None:
        self.table: t.List[Session] = []

    def of(self, ei: bool) -> t.List[Session]:
        """Those of one plugin."""
        return [each for each in self.table if each.ei == ei]


@handles("nat44_user_dump", "nat44_ei_user_dump")
def users(state: State, request: Request) -> t.Any:
    found: t.Dict[t.Tuple[int, str], t.List[Session]] = {}
    for each in state.sessions.of("_ei_" in request["_message"]):
        found.setdefault((each.vrf, each.inside[0]), []).append(each)
    return [
        {"vrf_id": vrf, "ip_address": address, "nsessions": sum(not one.static for one in each), "nstaticsessions": sum(one.static for one in each)}
        for (vrf, address), each in found.items()
    ]


@handles("nat44_user_session_v2_dump", "nat44_user_session_v3_dump")
def of_user(state: State, request: Request) -> t.Any:
    # VPP, without workers, does not look at the VRF.
    return [each.details() for each in state.sessions.of(False) if each.inside[0] == request["ip_address"]]


@handles("nat44_ei_user_session_dump", "nat44_ei_user_session_v2_dump")
def of_ei_user(state: State, request: Request) -> t.Any:
    return [each.details() for each in state.sessions.of(True) if (each.inside[0], each.vrf) == (request["ip_address"], request["vrf_id"])]


@handles("nat44_del_session", "nat44_ei_del_session")
def delete(state: State, request: Request) -> t.Any:
    ei = "_ei_" in request["_message"]
    if ei and not request["flags"] & EI_INSIDE:
        return -6
    external = () if ei else (request["ext_host_address"], request["ext_host_port"])
    key = (request["vrf_id"], request["protocol"], request["address"], request["port"], *external)
    found = [each for each in state.sessions.of(ei) if each.key == key]
    if not found:
        return -6
    state.sessions.table.remove(found[0])
    return 0
