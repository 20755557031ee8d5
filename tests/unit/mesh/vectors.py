# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of real peers, one JSON object a line."""

from __future__ import annotations

import json
import pathlib
import typing as t

FOLDER = pathlib.Path(__file__).parents[2] / "vectors"


def vectors(name: str) -> t.List[t.Any]:
    """All vectors of a file; an empty file would test nothing and is an error."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    assert lines, f"{name} is empty"
    return [json.loads(line) for line in lines]
