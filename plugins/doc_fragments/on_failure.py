# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What becomes of a run that fails half-way."""

    DOCUMENTATION = r"""
options:
  on_failure:
    description:
      - C(undo) brings everything back to the state that was found when something fails half-way.
      - C(stop) leaves what was done until then.
    type: str
    choices: [undo, stop]
    default: undo
"""
