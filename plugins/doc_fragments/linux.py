# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Where a module of the kernel dataplane works, and how it says what it did."""

    DOCUMENTATION = r"""
options:
  cnf:
    description:
      - Name of the CNF. It is written beside all that the task makes (in the alias of an interface, in the name of the nft table) and names
        the lock that keeps two runs apart.
    type: str
    default: host
  namespace:
    description:
      - Network namespace of the CNF, by its name below C(/run/netns).
      - Without it, the task works in the namespace that it runs in, which normally is the host's own.
    type: str
requirements:
  - root on the target (C(become))
  - nftables for NAT and ACLs
  - pyroute2 0.7.2 or newer, for WireGuard interfaces only
"""

    STATE = r"""
options:
  state:
    description:
      - C(merged) lays the given fields over what is there; fields that are not given keep their value.
      - C(replaced) makes each given item exactly as given, fields that are not given get the model's default; other items stay.
      - C(overridden) leaves exactly the given items of what this collection made. Also with an empty list.
      - C(deleted) removes the given items, or all that this collection made when O(config) is not given.
      - C(gathered) changes nothing and returns what is there.
      - C(rendered) reads and changes nothing, and returns the native calls that would make O(config) from nothing.
    type: str
    choices: [merged, replaced, overridden, deleted, gathered, rendered]
    default: merged
  scope:
    description:
      - C(owned) acts on what this collection made. What others made is never touched, and an error when it is in the way.
      - C(all) widens O(state) to what others made. With O(state=overridden) this can cut your own access to the host.
    type: str
    choices: [owned, all]
    default: owned
"""
