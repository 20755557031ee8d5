# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lint has to say."""

from __future__ import annotations

import typing as t

ERROR, WARNING = "error", "warning"


class Finding(t.NamedTuple):
    """C(severity) is error or warning, C(code) a word for programs; C(text) names the document or item, C(hint) a way out."""

    severity: str
    code: str
    text: str
    hint: str = ""

    def __str__(self) -> str:
        return self.text + (f" ({self.hint})" if self.hint else "")


def error(code: str, text: str, hint: str = "") -> Finding:
    """A finding that stops a deployment."""
    return Finding(ERROR, code, text, hint)


def warning(code: str, text: str, hint: str = "") -> Finding:
    """A finding that the author should know."""
    return Finding(WARNING, code, text, hint)


def pairs(labels: t.Mapping[str, str]) -> str:
    """Labels or a selector in a reader's words."""
    return ", ".join(f"{key}={value}" for key, value in labels.items()) or "(none)"
