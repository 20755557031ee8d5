# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether NAT44 of a size fits into a VPP, which aborts when it does not. Asked only then: it takes VPP a tenth of a second to tell."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump

SESSION = 400
BASE = 8 << 20
"""Bytes of VPP's heap for each session of each thread, and for all else: measured, with some room."""

_FREE = re.compile(r"\bfree: ([\d.]+)([KMG]?)")
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def check(place: t.Any, sessions: int, gives_back: int) -> None:
    """Raise when there is no room for so many sessions; C(gives_back) of them are there and go before."""
    memory, workers = place.exchange([Call("cli_inband", {"cmd": "show memory main-heap"}), Dump("nat_worker_dump")])
    free = None if isinstance(memory, CnfError) else _FREE.search(memory["reply"])
    if free is None:
        return
    threads = 1 if isinstance(workers, CnfError) else 1 + len(workers)
    there = int(float(free[1]) * _UNITS[free[2]]) + SESSION * gives_back * threads
    needed = BASE + SESSION * sessions * threads
    if needed > there:
        raise CnfError(
            f"NAT44 with {sessions} sessions needs about {needed >> 20} MB of VPP's main heap, which has {there >> 20} MB for it: VPP would abort. "
            f"Ask for fewer sessions, or give VPP a larger main-heap-size"
        )
