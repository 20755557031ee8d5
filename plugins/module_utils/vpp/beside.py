# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on interfaces and in tables, or refers to them: it has to survive what happens to them, or to stop it."""

from __future__ import annotations

import typing as t


def everything(parameters: t.Mapping[str, t.Any]) -> t.Sequence[t.Any]:
    """All families. They are compiled on every run that imports them, and most runs find that nothing is to be changed."""
    from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.everything import families

    return families(parameters)
