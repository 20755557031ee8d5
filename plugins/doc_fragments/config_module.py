# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What is to become of values, however many CNFs and dataplanes they are for."""

    DOCUMENTATION = r"""
options:
  state:
    description:
      - C(merged) and C(replaced) make each given value exactly as given; others stay.
      - C(overridden) leaves exactly the given values of what this collection made on the CNF, of all kinds.
      - C(deleted) removes the given values, or without any all that this collection made.
      - C(rendered) reads and changes nothing, and returns the native calls that would make the values from nothing.
    type: str
    choices: [merged, replaced, overridden, deleted, rendered]
    default: merged
  secrets:
    description: Secrets by their references. They are in no log, difference or result.
    type: dict
"""
