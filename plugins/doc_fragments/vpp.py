# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Where a module of the VPP dataplane works."""

    DOCUMENTATION = r"""
options:
  cnf:
    description:
      - Name of the CNF that this VPP is. It names the lock that keeps two runs apart; use one name for one VPP.
    type: str
    default: vpp
  socket:
    description:
      - Path of VPP's binary API socket (C(socksvr) in its startup configuration).
    type: path
    default: /run/vpp/api.sock
  api_dir:
    description:
      - Folder of VPP's API descriptions (C(*.api.json)), with or without subfolders.
      - Without it they are looked for beside the running VPP, below E(VPP_PREFIX) and in C(/usr/share/vpp/api); where none of
        them fits the running VPP, they are asked of VPP itself.
    type: path
  timeout:
    description:
      - How long each answer of VPP may take, in seconds.
    type: int
    default: 10
requirements:
  - VPP 24.02 or newer on the target, running, with the plugins that the kinds need
  - root on the target, or membership in the group of VPP's API socket
  - vpp-papi 2.0 or newer, only where the API descriptions on the target do not fit the running VPP
"""

    NAT = r"""
options:
  own_nat:
    description:
      - Pools, the NAT roles of interfaces and the plugin's being enabled carry no mark of who made them. With C(true) all of them are taken
        for this collection's, so that a task may change and remove them. Without it they are only added to; what is there and as
        asked for is left, and what is in the way is an error.
    type: bool
    default: false
"""
