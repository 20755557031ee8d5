# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Where a module works that does the same on either dataplane."""

    DOCUMENTATION = r"""
options:
  dataplane:
    description:
      - The dataplane of the CNF. By default C(vpp) when O(socket) is given, else C(linux).
    type: str
    choices: [linux, vpp]
  namespace:
    description:
      - Network namespace of the CNF, by its name below C(/run/netns).
      - On the kernel dataplane, without it, the task works in the namespace that it runs in, which normally is the host's own.
      - On VPP it stands for the VPP of the sandbox in this namespace (M(pantheon.cnf.cnf_sandbox)), unless O(socket) is given.
    type: str
  socket:
    description:
      - Path of VPP's binary API socket. By default that of the sandbox in O(namespace), or else C(/run/vpp/api.sock).
    type: path
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
  - root on the target (C(become))
  - on VPP, VPP 24.02 or newer
"""

    # Where a module works that is VPP's side of such a one.
    API = r"""
options:
  socket:
    description:
      - Path of VPP's binary API socket.
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
  - VPP 24.02 or newer on the target
  - root on the target, or membership in the group of VPP's API socket
"""
