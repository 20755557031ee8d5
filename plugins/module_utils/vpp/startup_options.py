# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a VPP's startup configuration is made from."""

from __future__ import annotations

import typing as t

PLUGINS = (
    "acl",
    "af_packet",
    "crypto_native",
    "crypto_openssl",
    "dhcp",
    "gre",
    "hs_apps",
    "http",
    "l3xc",
    "lacp",
    "memif",
    "mss_clamp",
    "nat",
    "nat44_ei",
    "ping",
    "tap",
    "tracedump",
    "vxlan",
    "vxlan-gpe",
    "wireguard",
)
"""What our kinds, the proof and C(http cli server) need. A plugin that a release has not, or has in its core, is passed over by VPP."""

OPTIONS: t.Dict[str, t.Any] = {
    "main_heap_size": {"type": "str", "default": "256M"},
    "buffers_per_numa": {"type": "int", "default": 8192},
    "stats_size": {"type": "str", "default": "16M"},
    "workers": {"type": "int", "default": 0},
    "main_core": {"type": "int"},
    "poll_sleep": {"type": "int", "default": 100},
    "plugins": {"type": "list", "elements": "str", "default": list(PLUGINS)},
    "extra": {"type": "str", "default": ""},
}
"""Options that this makes the text from: argument spec."""
