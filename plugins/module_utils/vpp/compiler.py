# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From VPP's descriptions of its messages to functions that pack and unpack them: generated Python over precompiled structs."""

from __future__ import annotations

import struct
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import wire

Pack = t.Callable[[int, int, int, t.Mapping[str, t.Any]], bytes]
"""Message number, client, context and fields to bytes. Raises ValueError, TypeError, struct.error and the like: L(explain) says where."""

Unpack = t.Callable[[bytes, int], t.Dict[str, t.Any]]
"""Bytes, and where in them the message begins, to its fields."""

HEAD = ("_vl_msg_id", "client_index", "context")
"""What every message carries for the transport: no fields of a request or a reply."""


class Field(t.NamedTuple):
    """C(elements): of an array, 0 when their number varies; None for no array. C(counter): the field that tells how many there are."""

    type: str
    name: str
    elements: t.Optional[int] = None
    counter: str = ""


class Unsupported(Exception):
    """A description that says something which this compiler does not know."""


def fields(raw: t.Iterable[t.Any]) -> t.List[Field]:
    """The fields of a message or a type, as descriptions write them."""
    return [Field(*[part for part in each if not isinstance(part, dict)]) for each in raw if isinstance(each, list)]


class Types:
    """Types by name. Each is C((form, definition)): an alias, an enum, a union or a struct."""

    def __init__(self, named: t.Mapping[str, t.Tuple[str, t.Any]]) -> None:
        self.named = named
        self.packers: t.Dict[str, t.Callable[[t.Any], bytes]] = {}
        self.structs: t.Dict[str, t.List[Field]] = {}
        self.checked: t.Set[str] = set()

    def resolve(self, field: Field) -> t.Tuple[str, Field]:
        """What the field is after all aliases: C(scalar), C(text), C(string), C(union) or C(struct), with the type's last name."""
        while True:
            name = field.type
            if name == "string":
                return "string", field
            if name in wire.TEXTS:
                self.check(name)
                return "text", field
            if name in wire.SCALARS:
                return "scalar", field
            form, definition = self.named.get(name, ("", None))
            if form == "enum":
                field = field._replace(type=next((each["enumtype"] for each in definition if isinstance(each, dict) and "enumtype" in each), "u32"))
            elif form == "alias":
                if "length" in definition and field.elements is not None:
                    raise Unsupported(f"{field.name} is an array of arrays")
                field = field._replace(type=definition["type"], elements=definition.get("length", field.elements))
            elif form in ("union", "struct"):
                return form, field
            else:
                raise Unsupported(f"the type {name} of {field.name} is not described")

    def fields(self, name: str) -> t.List[Field]:
        """Those of a struct or union."""
        found = self.structs.get(name)
        if found is None:
            found = self.structs[name] = fields(self.named[name][1])
        return found

    def size(self, field: Field) -> t.Optional[int]:
        """In bytes; None when that varies."""
        form, field = self.resolve(field)
        if field.elements == 0:
            return None
        if form == "scalar":
            one: t.Optional[int] = struct.calcsize(wire.SCALARS[field.type])
        elif form == "text":
            one = wire.TEXTS[field.type].size
        elif form == "string":
            return field.elements
        else:
            sizes = [self.size(each) for each in self.fields(field.type)]
            known = [each for each in sizes if each is not None]
            if len(known) < len(sizes):
                if form == "union":
                    raise Unsupported(f"the arms of {field.type} vary in size")
                return None
            one = max(known) if form == "union" else sum(known)
        return None if one is None else one * (1 if field.elements is None else field.elements)

    def check(self, name: str) -> None:
        """What becomes text must have the layout that is put into text."""
        if name in self.checked:
            return
        form, definition = self.named.get(name, ("", None))
        sized = {"alias": lambda: self.size(Field(definition["type"], name, definition.get("length"))), "struct": lambda: self.size_of(name)}
        if form and sized[form]() != wire.TEXTS[name].size:
            raise Unsupported(f"{name} has another layout")
        self.checked.add(name)

    def size_of(self, name: str) -> t.Optional[int]:
        """That of a struct."""
        sizes = [self.size(each) for each in self.fields(name)]
        return None if None in sizes else sum(each for each in sizes if each is not None)

    def packer(self, name: str) -> t.Callable[[t.Any], bytes]:
        """For elements of arrays."""
        if name not in self.packers:
            self.packers[name] = _Packer(self).function(self.fields(name), message=False)
        return self.packers[name]


class _Source:
    """A function in the making: lines of Python, and the objects that they use by name."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self.lines: t.List[str] = []
        self.names: t.Dict[str, t.Any] = dict(wire.HELPERS)
        self.formats: t.List[str] = []
        self.terms: t.List[str] = []
        self.number = 0

    def name(self, prefix: str, value: t.Any = None) -> str:
        """A new name, for a variable or for an object."""
        self.number += 1
        name = f"{prefix}{self.number}"
        if value is not None:
            self.names[name] = value
        return name

    def compiled(self, arguments: str) -> t.Any:
        """The function."""
        exec("\n    ".join([f"def function({arguments}):", *self.lines]), self.names)  # pylint: disable=exec-used
        return self.names["function"]


class _Packer(_Source):
    """Fields of fixed size gather in one struct until one comes that varies."""

    def __init__(self, types: Types) -> None:
        super().__init__(types)
        self.parts: t.List[str] = []

    def function(self, described: t.Sequence[Field], message: bool) -> t.Any:
        if message:
            for field in described:
                if field.name in HEAD:
                    self.names.setdefault(field.name, 0)
        self.struct(described, "d", HEAD if message else ())
        self.flush()
        self.lines.append("return " + (" + ".join(self.parts) or "b''"))
        return self.compiled("_vl_msg_id, client_index, context, d" if message else "d")

    def flush(self) -> None:
        if self.formats:
            self.parts.append(f"{self.name('s', struct.Struct('>' + ''.join(self.formats)).pack)}({', '.join(self.terms)})")
        self.formats, self.terms = [], []

    def struct(self, described: t.Sequence[Field], variable: str, head: t.Sequence[str] = ()) -> None:
        get = self.name("g")
        known = frozenset(field.name for field in described if field.name not in head)
        self.lines.append(f"{get} = {variable}.get")
        self.lines.append(f"if not {variable}.keys() <= {self.name('k', known)}: unknown({variable}, k{self.number})")
        counted: t.Dict[str, t.List[str]] = {}
        arrays: t.Dict[str, str] = {}
        for field in described:
            if field.counter:
                arrays[field.name] = self.name("a")
                self.lines.append(f"{arrays[field.name]} = {get}({field.name!r}, ())")
                counted.setdefault(field.counter, []).append(field.name)
        for field in described:
            if field.name in head:
                self.fixed(wire.SCALARS[field.type], field.name)
            elif field.name in counted:
                self.fixed(wire.SCALARS[self.types.resolve(field)[1].type], self.counter(get, field.name, counted[field.name], arrays))
            else:
                self.field(field, get, arrays.get(field.name) or f"{get}({field.name!r}")

    def counter(self, get: str, name: str, lists: t.Sequence[str], arrays: t.Mapping[str, str]) -> str:
        """The number of elements, which a request may leave out, but not have wrong."""
        variable = self.name("n")
        self.lines.append(f"{variable} = len({arrays[lists[0]]})")
        self.lines += [f"if len({arrays[each]}) != {variable}: uneven({lists[0]!r}, {each!r})" for each in lists[1:]]
        self.lines.append(f"if {get}({name!r}, {variable}) != {variable}: miscounted({name!r}, {get}({name!r}), {lists[0]!r}, {variable})")
        return variable

    def fixed(self, form: str, term: str) -> None:
        self.formats.append(form)
        self.terms.append(term)

    def field(self, field: Field, get: str, value: str) -> None:
        """C(value): where it is, with the call still open for a default unless it is a variable of its own."""
        form, field = self.types.resolve(field)
        if field.elements is not None and form != "string":
            if not field.elements and not field.counter:
                raise Unsupported(f"nothing tells how many {field.name} there are")
            self.array(form, field, value if field.counter else f"{value}, ())")
        elif form == "scalar":
            self.fixed(wire.SCALARS[field.type], f"flag[{value}, 0)]" if field.type == "bool" else f"{value}, 0)")
        elif form == "text":
            text = wire.TEXTS[field.type]
            self.fixed(f"{text.size}s", f"{self.name('p', text.pack)}({value}, {text.zero!r}))")
        elif form == "string":
            if field.elements:
                self.fixed(f"{field.elements}s", f"string({value}, ''), {field.elements - 1})")
            else:
                self.flush()
                self.parts.append(f"long_string({value}, ''))")
        elif form == "union":
            self.fixed(f"{self.types.size(field)}s", f"{self.union(field)}({value}, b''))")
        else:
            variable = self.name("d")
            self.lines.append(f"{variable} = {value}, nothing)")
            self.struct(self.types.fields(field.type), variable)

    def union(self, field: Field) -> str:
        arms = {arm.name: _Packer(self.types).function([arm], message=False) for arm in self.types.fields(field.type)}
        return self.name("u", wire.union(self.types.size(field) or 0, arms, "vl_api_ip4_address_t" in [a.type for a in self.types.fields(field.type)]))

    def array(self, form: str, field: Field, value: str) -> None:
        one = field._replace(elements=None, counter="")
        if field.type == "u8":
            packed = f"octets({value}, {field.elements or 'None'})"
        elif form == "scalar":
            packed = f"numbers({value}, {wire.SCALARS[field.type]!r}, {field.elements})"
        else:
            if form == "text":
                pack = self.name("p", wire.TEXTS[field.type].pack)
            elif form == "union":
                pack = self.union(one)
            else:
                pack = self.name("p", self.types.packer(field.type))
            packed = f"elements({value}, {pack}, {field.elements})"
        size = self.types.size(field)
        if size is None:
            self.flush()
            self.parts.append(packed)
        else:
            self.fixed(f"{size}s", packed)


class _Unpacker(_Source):
    """The same way back: one struct for each run of fields of fixed size, and one expression that makes the dict."""

    def function(self, described: t.Sequence[Field], message: bool) -> t.Any:
        made = self.struct(described, HEAD if message else ())
        self.flush()
        self.lines.append(f"return {made}" if message else f"return {made}, o")
        return self.compiled("data, o")

    def flush(self) -> None:
        """C(o) moves behind what was read."""
        if self.formats:
            shape = struct.Struct(">" + "".join(self.formats))
            if self.terms:
                self.lines.append(f"{', '.join(self.terms)}, = {self.name('s', shape.unpack_from)}(data, o)")
            self.lines.append(f"o += {shape.size}")
        self.formats, self.terms = [], []

    def read(self, form: str) -> str:
        variable = self.name("v")
        self.formats.append(form)
        self.terms.append(variable)
        return variable

    def struct(self, described: t.Sequence[Field], head: t.Sequence[str] = ()) -> str:
        made: t.List[str] = []
        counts: t.Dict[str, str] = {}
        for field in described:
            if field.name in head:
                self.formats.append(f"{struct.calcsize(wire.SCALARS[field.type])}x")
                continue
            made.append(f"{field.name!r}: {self.field(field, counts)}")
        return "{" + ", ".join(made) + "}"

    def field(self, field: Field, counts: t.Dict[str, str]) -> str:
        form, field = self.types.resolve(field)
        if field.elements is not None and form != "string":
            if not field.elements and not field.counter:
                raise Unsupported(f"nothing tells how many {field.name} there are")
            return self.array(form, field, counts)
        if form == "scalar":
            variable = counts[field.name] = self.read(wire.SCALARS[field.type])
            return f"{variable} != 0" if field.type == "bool" else variable
        if form == "text":
            text = wire.TEXTS[field.type]
            return f"{self.name('t', text.unpack)}({self.read(f'{text.size}s')})"
        if form == "string":
            if field.elements:
                return f"text({self.read(f'{field.elements}s')})"
            self.flush()
            variable = self.name("v")
            self.lines.append(f"{variable}, o = long_text(data, o)")
            return variable
        if form == "union":
            return self.read(f"{self.types.size(field)}s")
        return self.struct(self.types.fields(field.type))

    def array(self, form: str, field: Field, counts: t.Mapping[str, str]) -> str:
        one = field._replace(elements=None, counter="")
        size = self.types.size(one)
        if field.elements:
            variable = self.read(f"{field.elements * (size or 0)}s")
        else:
            self.flush()
            variable = self.name("v")
            if size is None:
                self.lines.append(f"{variable}, o = several(data, o, {counts[field.counter]}, {self.element(field.type)})")
                return variable
            self.lines.append(f"{variable} = data[o:o + {size} * {counts[field.counter]}]")
            self.lines.append(f"o += {size} * {counts[field.counter]}")
        if field.type == "u8":
            return f"bytes({variable})"
        inner = _Unpacker(self.types)
        value = inner.field(one, {})
        shape = struct.Struct(">" + "".join(inner.formats))
        inner.lines.append(f"return [{value} for {', '.join(inner.terms)}, in each(data)]")
        inner.names["each"] = shape.iter_unpack
        elements = inner.compiled("data")
        if form == "struct" and field.elements:
            elements = wire.mostly_zero(elements, field.elements * shape.size)
        return f"{self.name('e', elements)}({variable})"

    def element(self, name: str) -> str:
        return self.name("e", _Unpacker(self.types).function(self.types.fields(name), message=False))


def packer(described: t.Sequence[Field], types: Types) -> Pack:
    """For a message of these fields."""
    return t.cast(Pack, _Packer(types).function(described, message=True))


def unpacker(described: t.Sequence[Field], types: Types) -> Unpack:
    """For a message of these fields."""
    return t.cast(Unpack, _Unpacker(types).function(described, message=True))


def explain(pack: Pack, described: t.Sequence[Field], types: Types, values: t.Mapping[str, t.Any], error: Exception) -> t.Tuple[str, str]:
    """Which field it is that does not pack, and why: what fails with this one alone, and so on inwards."""
    path: t.List[t.Any] = []
    inner: t.Sequence[Field] = described
    value: t.Any = values
    form = kind = ""
    while True:
        if isinstance(value, t.Mapping):
            # The number of elements is wrong only together with them.
            counters = {each.counter for each in inner}
            steps: t.List[t.Any] = [name for name in value if name not in counters]
        else:
            steps = list(range(len(value))) if isinstance(value, (list, tuple)) else []
        for step in steps:
            reason = _fails(pack, [*path, step], value[step])
            if reason is not None:
                break
        else:
            break
        path, value, error = [*path, step], value[step], reason
        field = next((each for each in inner if each.name == step), None)
        if field:
            form, field = types.resolve(field)
            kind = field.type
            inner = types.fields(kind) if form == "struct" else ()
    name = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in path).lstrip(".")
    return name, wire.number_wanted(value, kind) if isinstance(error, struct.error) and form == "scalar" else wire.reason(error)


def _fails(pack: Pack, path: t.Sequence[t.Any], value: t.Any) -> t.Optional[Exception]:
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    try:
        pack(0, 0, 0, value)
    except Exception as error:  # whatever it is, it is what is wrong with the value
        return error
    return None
