# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tag of a mapping says: the label of its dnat44, as Ligato has it, and behind it what VPP takes but does not show."""

from __future__ import annotations

import re
import typing as t

LONGEST = 63
"""Bytes that VPP keeps of a tag."""

_TAG = re.compile(r"(?P<label>.+?)(?: \(pool (?P<pool>[\d.]+)\)| \(affinity (?P<affinity>\d+)\))?", re.DOTALL)


class Said(t.NamedTuple):
    """What a tag says: the label, the address chosen for twice-NAT, the seconds of session affinity."""

    label: str
    pool: str = ""
    affinity: int = 0


def text(label: str, pool: str = "", affinity: int = 0) -> str:
    """The tag. A mapping has at most one of pool and affinity: one local side, or several."""
    return label + (f" (pool {pool})" if pool else f" (affinity {affinity})" if affinity else "")


def is_label(text: str) -> bool:
    """Whether nothing of it would be read as standing behind a label."""
    return said(text) == (text, "", 0) if text.endswith(")") else bool(text)


def said(tag: str) -> t.Optional[Said]:
    """The inverse; None for a mapping without a tag, which is not ours."""
    if not tag.endswith(")"):
        return Said(tag) if tag else None
    found = _TAG.fullmatch(tag)
    return Said(found["label"], found["pool"] or "", int(found["affinity"] or 0)) if found else None
