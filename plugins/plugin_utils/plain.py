# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible's own value types to Python's."""

from __future__ import annotations

import collections.abc as c
import typing as t


def plain(value: t.Any) -> t.Any:
    """C(value) made of dict, list, str, int, float, bool and None only, without Ansible's tags."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value) + ""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, c.Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, c.Iterable):
        return [plain(item) for item in value]
    return str(value)
