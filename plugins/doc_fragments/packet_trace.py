# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What to trace."""

    DOCUMENTATION = r"""
options:
  state:
    description:
      - C(started) begins a trace. What was traced before is forgotten.
      - C(fetched) returns what was traced until now. The trace goes on.
      - C(stopped) returns it, ends the trace and forgets it.
    type: str
    choices: [started, fetched, stopped]
    default: fetched
  interfaces:
    description:
      - Logical names of interfaces, or the names that the dataplane has for them. By default all.
      - With C(started) the ones whose packets are traced. On VPP a trace begins where packets come in, and one such place serves all
        interfaces of a sort.
      - With C(fetched) and C(stopped) only packets are returned that came in or left by one of them.
    type: list
    elements: str
  packets:
    description: Most packets of a trace, for each interface, or on VPP for each place where packets come in.
    type: int
    default: 50
"""
