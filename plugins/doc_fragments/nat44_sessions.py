# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Which NAT sessions."""

    DOCUMENTATION = r"""
options:
  protocol:
    description: Sessions of this protocol.
    type: str
    choices: [TCP, UDP, ICMP]
  inside_address:
    description: Sessions of this host, or of hosts of this network, on the inside.
    type: str
  outside_address:
    description: Sessions that have this address, or one of this network, on the outside, that is after translation.
    type: str
  external_address:
    description: Sessions with this host, or with hosts of this network, of the outside.
    type: str
  port:
    description: Sessions with this port at any of their three ends.
    type: int
"""
