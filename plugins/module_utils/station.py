# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""MAC addresses of interfaces that nobody names one for: the same on every dataplane, and at every making."""

from __future__ import annotations

import hashlib


def mac_of(cnf: str, name: str) -> str:
    """The locally administered MAC address of an interface by its CNF and its logical name."""
    return (b"\2" + hashlib.sha256(f"{cnf}/{name}".encode()).digest()[:5]).hex(":")
