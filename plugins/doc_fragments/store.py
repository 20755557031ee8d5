# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What all that go to a store have in common."""

    DOCUMENTATION = r"""
options:
  timeout:
    description: Seconds that one call of the store may take.
    type: int
    default: 10
"""

    WAIT = r"""
options:
  wait:
    description:
      - Wait until the agents say that they have applied what was written.
      - An agent that is not there is waited for too.
      - For what was removed it is until the agents that are there have taken it away, in Kubernetes until the objects are gone.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait at most; then the task fails, with the state of each item.
    type: int
    default: 60
"""
