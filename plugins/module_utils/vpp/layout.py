# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What VPP's descriptions say of the layout of messages: fields, and what their types are in the end."""

from __future__ import annotations

import struct
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import wire


class Unsupported(Exception):
    """A description that says something which is new to us."""


class Field(t.NamedTuple):
    """C(elements): of an array, 0 when their number varies; None for no array. C(counter): the field that tells how many there are."""

    type: str
    name: str
    elements: t.Optional[int] = None
    counter: str = ""


class Kind(t.NamedTuple):
    """A type after all aliases: C(form) is scalar, text, string, union or struct. C(one): octets of an element, None when that varies."""

    form: str
    type: str
    elements: t.Optional[int]
    one: t.Optional[int]

    @property
    def size(self) -> t.Optional[int]:
        """Of all elements."""
        return None if self.one is None or self.elements == 0 else self.one * (self.elements or 1)


def fields(raw: t.Iterable[t.Any]) -> t.List[Field]:
    """The fields of a message or a type, as descriptions write them."""
    return [Field(*[part for part in each if not isinstance(part, dict)]) for each in raw if isinstance(each, list)]


class Types:
    """Types by name. Each is C((form, definition)): an alias, an enum, a union or a struct."""

    def __init__(self, named: t.Mapping[str, t.Tuple[str, t.Any]]) -> None:
        self.named = named
        self.structs: t.Dict[str, t.List[Field]] = {}
        self.kinds: t.Dict[t.Tuple[str, t.Optional[int]], Kind] = {}

    def fields(self, name: str) -> t.List[Field]:
        """Those of a struct or union."""
        if name not in self.structs:
            self.structs[name] = fields(self.named[name][1])
        return self.structs[name]

    def kind(self, field: Field) -> Kind:
        """Raises L(Unsupported)."""
        key = field.type, field.elements
        if key not in self.kinds:
            text = wire.TEXTS.get(field.type)
            if text is None:
                self.kinds[key] = self._kind(field)
            elif field.type in self.named and self._kind(Field(field.type, field.name)).size != text.size:
                raise Unsupported(f"{field.type} has another layout")
            else:
                self.kinds[key] = Kind("text", field.type, field.elements, text.size)
        if field.elements == 0 and not field.counter and field.type != "string":
            raise Unsupported(f"nothing tells how many {field.name} there are")
        return self.kinds[key]

    def _kind(self, field: Field) -> Kind:
        name, elements = field.type, field.elements
        if name == "string":
            return Kind(name, name, elements, 1)
        if name in wire.SCALARS:
            return Kind("scalar", name, elements, struct.calcsize(wire.SCALARS[name]))
        form, definition = self.named.get(name, ("", None))
        if form == "enum":
            under = next((each["enumtype"] for each in definition if isinstance(each, dict) and "enumtype" in each), "u32")
            return self._kind(Field(under, field.name, elements))
        if form == "alias":
            if "length" in definition and elements is not None:
                raise Unsupported(f"{field.name} is an array of arrays")
            return self.kind(Field(definition["type"], field.name, definition.get("length", elements), field.counter))
        if not form:
            raise Unsupported(f"the type {name} of {field.name} is not described")
        sizes = [self.kind(each).size for each in self.fields(name)]
        known = [each for each in sizes if each is not None]
        if form == "union" and len(known) < len(sizes):
            raise Unsupported(f"the arms of {name} vary in size")
        return Kind(form, name, elements, None if len(known) < len(sizes) else max(known) if form == "union" else sum(known))
