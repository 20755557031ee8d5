# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What NAT44 does with each kind of packet, on the kernel and on VPP (data; the tests of each dataplane run every row)."""

from __future__ import annotations

import typing as t

# What happens to a kind of packet: (configuration, forwarding, packet) -> (on the kernel, on VPP 26.06).
# "nat": leaves with a pool address; "plain": leaves as it came; "drop"; "answer": the CNF itself answers.
PACKET_MATRIX: t.Dict[t.Tuple[str, bool, str], t.Tuple[str, str]] = {
    ("nothing", False, "client to server"): ("plain", "plain"),
    ("nothing", False, "server to client"): ("plain", "plain"),
    ("nothing", False, "client to outside address"): ("answer", "answer"),
    ("pool", False, "client to server"): ("plain", "plain"),
    ("pool", False, "server to client"): ("plain", "plain"),
    ("pool", False, "client to outside address"): ("answer", "answer"),
    ("pool", True, "client to server"): ("plain", "plain"),
    ("pool", True, "server to client"): ("plain", "plain"),
    ("inside, pool", False, "client to server"): ("plain", "plain"),
    ("inside, pool", False, "server to client"): ("plain", "plain"),
    ("inside, pool", True, "client to server"): ("plain", "plain"),
    ("inside, outside, pool", False, "client to server"): ("nat", "nat"),
    ("inside, outside, pool", False, "server to client"): ("drop", "drop"),
    # A host answers on all its addresses; VPP's in2out catches the packet before.
    ("inside, outside, pool", False, "client to outside address"): ("answer", "drop"),
    ("inside, outside, pool", True, "client to server"): ("plain", "plain"),
    ("inside, outside, pool", True, "server to client"): ("plain", "plain"),
    ("inside, outside, pool", True, "client to outside address"): ("answer", "answer"),
    ("inside, output, pool", False, "client to server"): ("nat", "nat"),
    ("inside, output, pool", False, "server to client"): ("drop", "drop"),
    ("inside, output, pool", False, "client to outside address"): ("answer", "answer"),
    ("inside, output, pool", True, "client to server"): ("nat", "nat"),
    ("inside, output, pool", True, "server to client"): ("plain", "plain"),
    ("inside, output, pool", True, "client to outside address"): ("answer", "answer"),
    ("output, pool", False, "client to server"): ("nat", "nat"),
    ("output, pool", False, "server to client"): ("drop", "drop"),
    ("inside, outside", False, "client to server"): ("drop", "drop"),
    ("inside, output", False, "client to server"): ("drop", "drop"),
    ("inside, output, pool", False, "server to pool address"): ("drop", "drop"),
    # VPP is a host on the addresses of its pools; without forwarding NAT drops what comes to them.
    ("inside, output, pool", True, "server to pool address"): ("drop", "answer"),
}
