# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the VPP of a sandbox has its files."""

from __future__ import annotations

FOLDER = "/run/pantheon.cnf"
"""Of all sandboxes."""

VPP = "vpp"
"""The name of the process, of its folder, and of the option that makes it."""


def vpp_folder(namespace: str) -> str:
    """Sockets and other files at run time."""
    return f"{FOLDER}/{namespace}/{VPP}"


def api_socket(namespace: str) -> str:
    """The binary API's."""
    return f"{vpp_folder(namespace)}/api.sock"
