# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets travel beside the values, in an option that Ansible never shows."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS


def has_secrets(value: Value) -> bool:
    """Whether one of its fields is a secret."""
    return KINDS[value.kind].redact(value.data) != value.data


def take_secrets(value: Value, secrets: t.Dict[str, str]) -> t.Dict[str, t.Any]:
    """The value's data with each secret replaced by a reference that C(secrets) resolves."""

    def keep(secret: str) -> str:
        reference = f"secret:{len(secrets)}"
        secrets[reference] = secret
        return reference

    return KINDS[value.kind].map_secrets(value.data, keep)
