# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a declaration must not say. Checked with the registry, at import on the controller, not at every module run."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import CHECKS, PYTHON_TYPES, UINT32, DeclarationError, Field, Kind


def check_kind(kind: Kind) -> None:
    """Raise L(DeclarationError) naming the first contradiction in a kind."""
    check_fields(kind.fields, kind.id)
    unknown = [name for name in kind.identity_fields if name not in kind.fields]
    members = {field.name for field in kind.fields.values() if field.oneof == "link"}
    types = kind.fields["type"].enum if "type" in kind.fields else {}
    _refuse(
        kind.id,
        (unknown, f"its key needs {', '.join(unknown)}, which is not declared"),
        (not kind.singleton and not kind.identity_fields, "its key is made of fields that identity does not name"),
        (kind.singleton and kind.identity_fields, "a singleton has no identity"),
        (bool(kind.link) != bool(members), "link says which member of the oneof link a type has: both or neither"),
        (kind.link and not types, "link needs an enum field type"),
        (set(kind.link or ()) - set(types), "link names a type that does not exist"),
        (set((kind.link or {}).values()) != members, "the members that link names are not those of the oneof link"),
    )


def check_fields(fields: t.Mapping[str, Field], where: str) -> None:
    """Raise L(DeclarationError) naming the first contradiction in fields, also nested ones."""
    for field in fields.values():
        _refuse(
            f"{where}.{field.name}",
            (field.type not in PYTHON_TYPES, f"has no such type: {field.type}"),
            ((field.type == "enum") != bool(field.enum), "an enum needs names, other types have none"),
            (field.enum and next(iter(field.enum.values())) != 0, "the first name of an enum has number 0: it is the default"),
            ((field.type == "message") != bool(field.fields), "a message needs fields, other types have none"),
            (field.many and field.oneof, "a list cannot be in a oneof"),
            (field.required and field.oneof, "is required, yet in a oneof another may be given instead"),
            (field.required and field.type == "bool", "a required bool could never be false"),
            (field.required and field.type == "enum" and len(field.choices) == len(field.enum), "is required, yet its default is a valid choice"),
            (field.secret and field.type != "str", "only text can be secret"),
            (field.secret and field.ref, "a secret names nothing"),
            (field.write_only not in ("", "on_create", "always"), f"write_only cannot be {field.write_only}"),
            (field.check and field.check not in CHECKS, f"has no such check: {field.check}"),
            (field.check and field.type not in ("str", "uint32"), f"a {field.type} has no check"),
            (field.compare not in ("value", "set"), f"compare cannot be {field.compare}"),
            (field.compare == "set" and not field.many, "only a list is compared as a set"),
            (field.low > field.high, f"its range is empty: {field.low} to {field.high}"),
            ((field.low, field.high) != (0, UINT32) and field.type not in ("uint32", "int32"), f"a {field.type} has no range"),
        )
        check_fields(field.fields, f"{where}.{field.name}")
    for oneof in {field.oneof for field in fields.values()} - {""}:
        _refuse(where, (sum(field.oneof == oneof for field in fields.values()) < 2, f"oneof {oneof} has only one member"))


def _refuse(where: str, *wrong: t.Tuple[t.Any, str]) -> None:
    for is_so, text in wrong:
        if is_so:
            raise DeclarationError(f"{where}: {text}")
