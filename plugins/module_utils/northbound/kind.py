# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a kind is declared, and what follows from that: key, canonical form, problems, references. Texts are in L(docs)."""

from __future__ import annotations

import posixpath
import typing as t
from functools import partial

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address

Data = t.Mapping[str, t.Any]
Get = t.Callable[[str], t.Any]
Wrong = t.Optional[str]

UINT32 = 2**32 - 1
ANY_VRF = UINT32
REDACTED = "********"
PYTHON_TYPES: t.Dict[str, t.Any] = {"str": str, "bool": bool, "uint32": int, "int32": int, "enum": str, "message": dict}
DEFAULTS = {"str": "", "bool": False, "uint32": 0, "int32": 0}


class DeclarationError(Exception):
    """A kind is declared in a way that contradicts itself. Most checks are in L(declaration)."""


class FieldError(CnfError):
    """Data that is no value of its kind; the message names item, field and offending value."""


class Problem(t.NamedTuple):
    """What is wrong at a field (dotted path) of a value (C(item), empty when known from context)."""

    path: str
    text: str
    item: str = ""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.item, self.path, self.text) if part)


class Field(t.NamedTuple):
    """A field of a kind or of a message in it, made by the functions below.

    C(enum): names to numbers, the first is 0, the default. C(ref): what a name in it points at. C(write_only): not readable,
    C(always) or but C(on_create). C(check): one of L(CHECKS). C(compare): C(set) for a list without order. C(oneof): of the
    fields with the same at most one is given.
    """

    name: str
    type: str
    many: bool = False
    enum: t.Mapping[str, int] = {}
    fields: t.Mapping[str, t.Any] = {}
    required: bool = False
    ref: str = ""
    secret: bool = False
    write_only: str = ""
    check: str = ""
    compare: str = "value"
    low: int = 0
    high: int = UINT32
    oneof: str = ""

    @property
    def default(self) -> t.Any:
        """What absence means."""
        if self.many:
            return []
        return next(iter(self.enum)) if self.enum else DEFAULTS.get(self.type)

    @property
    def choices(self) -> t.List[str]:
        """Enum names to write: not the one that says that nothing was chosen."""
        return [name for name in self.enum if not name.startswith(("UNDEFINED", "UNKNOWN"))]

    @property
    def presence(self) -> bool:
        """Whether given as default differs from not given."""
        return not self.many and bool(self.fields or self.oneof)

    def map(self, value: t.Any, change: t.Callable[[t.Any], t.Any]) -> t.Any:
        """C(change) of the value, or of each of the list."""
        return [change(item) for item in value] if self.many else change(value)

    def scalar(self, value: t.Any) -> t.Any:
        """An enum number as its name where it has one; all else as it is."""
        if self.enum and isinstance(value, int):
            return next((name for name, at in self.enum.items() if at == value), value)
        return value

    def each(self, value: t.Any, path: str) -> t.List[t.Tuple[str, t.Any]]:
        """(path, element) of each of the list, or of the one value."""
        return [(f"{path}[{at}]", item) for at, item in enumerate(value)] if self.many else [(path, value)]


def string(name: str, **more: t.Any) -> Field:
    """A text."""
    return Field(name, "str", **more)


def boolean(name: str, **more: t.Any) -> Field:
    """True or false."""
    return Field(name, "bool", **more)


def number(name: str, high: int = UINT32, **more: t.Any) -> Field:
    """An unsigned number, of 32 bits on the wire, valid up to C(high)."""
    return Field(name, "uint32", high=high, **more)


def port(name: str, **more: t.Any) -> Field:
    """A port number, 0 for none."""
    return number(name, 65535, **more)


def vrf(name: str, **more: t.Any) -> Field:
    """The id of a VRF table."""
    return number(name, ref="vrf", **more)


def enum(name: str, names: str, **more: t.Any) -> Field:
    """One of C(names), numbered from 0; C(NAME=7) goes on from 7."""
    table: t.Dict[str, int] = {}
    at = 0
    for word in names.split():
        label, given, value = word.partition("=")
        at = int(value) if given else at
        if label in table or at in table.values():
            raise DeclarationError(f"{name}: the enum has {word} twice")
        table[label] = at
        at += 1
    return Field(name, "enum", enum=table, **more)


def message(name: str, *fields: Field, **more: t.Any) -> Field:
    """A group of fields; with C(many) a list of groups."""
    return Field(name, "message", fields=by_name(fields, name), **more)


def by_name(fields: t.Sequence[Field], where: str) -> t.Dict[str, Field]:
    """Fields by name, in order."""
    found = {field.name: field for field in fields}
    if len(found) < len(fields):
        raise DeclarationError(f"{where}: a field is declared twice")
    return found


def paths(fields: t.Mapping[str, Field], base: str = "") -> t.Iterator[str]:
    """Dotted paths of fields, also nested ones, in order."""
    for name, field in fields.items():
        yield base + name
        yield from paths(field.fields, f"{base}{name}.")


def _ifname(text: str) -> Wrong:
    if len(text.encode()) > 15:
        return "is longer than the 15 bytes of a kernel interface name"
    return "is no kernel interface name" if text in (".", "..") or any(c in "/:" or c.isspace() for c in text) else None


def _address(text: str, size: int = 0, family: str = "") -> Wrong:
    raw = address.packed(text)
    return None if raw and size in (0, len(raw)) else f"is no {family}address"


def _cidr(text: str) -> Wrong:
    return None if address.prefix(text) else "is no address with prefix length, such as 10.0.0.1/24"


def _network(text: str) -> Wrong:
    right = address.network(text)
    if right is None:
        return _cidr(text)
    return None if text.lower() == f"{right[0]}/{right[1]}" else f"is not written as a network (host bits?): write {right[0]}/{right[1]}"


def _mac(text: str) -> Wrong:
    return None if address.mac(text) else "is no MAC address"


def _station(text: str) -> Wrong:
    mac = address.mac(text) or "02"
    return "is no MAC address of one interface" if int(mac[:2], 16) & 1 or not mac.strip("0:") else _mac(text)


CHECKS: t.Dict[str, t.Callable[[t.Any], Wrong]] = {
    "address": _address,
    "ipv4": lambda text: _address(text, 4, "IPv4 "),
    "ipv6": lambda text: _address(text, 16, "IPv6 "),
    "cidr": _cidr,
    "prefix": _cidr,
    "network": _network,
    "address or cidr": lambda text: _cidr(text) if "/" in text else _address(text),
    "mac": _mac,
    "station": _station,
    "tag": lambda text: "is longer than the 63 bytes of VPP's tag" if len(text.encode()) > 63 else None,
    "ifname": _ifname,
}
"""What a value that is not the default must be: says what is wrong, or None."""

ADDRESSES = ("address", "cidr", "network")
"""Checks of fields that may also hold a reference to netalloc."""


class Kind:
    """A northbound model.

    C(name) makes the end of its key: a template (C("{interface}/{ip_address}")), or a function given a getter of fields with
    defaults, of the fields C(identity); without it there is one value only (a singleton). C(link): which member of the oneof
    C(link) a C(type) has. C(more) yields problems across fields, given L(full) data.
    """

    def __init__(
        self,
        module: str,
        type: str,
        *fields: Field,
        name: t.Union[str, t.Callable[[Get], str], None] = None,
        identity: t.Sequence[str] = (),
        version: str = "v2",
        link: t.Optional[t.Mapping[str, str]] = None,
        more: t.Optional[t.Callable[[Data], t.Iterable[Problem]]] = None,
        group: str = "config",
    ) -> None:
        self.module, self.type, self.version = module, type, version
        self.id = f"{module}/{type}"
        self.fields = by_name(fields, self.id)
        self.prefix = "/".join((group, module.replace(".", "/"), version, type.replace(".", "/")))
        self.name, self.link, self.more = name, link or {}, more
        self.singleton = name is None
        if isinstance(name, str):
            identity = [part.partition("}")[0] for part in name.split("{")[1:]]
        self.identity_fields = tuple(identity)
        self.absent = {name: None if field.presence else field.default for name, field in self.fields.items()}

    def __repr__(self) -> str:
        return f"Kind({self.id})"

    def key(self, data: Data) -> str:
        """The key as the Ligato model makes it, without the store's prefix: C(config/vpp/v2/interfaces/memif0)."""
        if self.name is None:
            return self.prefix

        def get(name: str) -> t.Any:
            field, value = self.fields[name], data.get(name)
            return field.default if value is None else field.scalar(value)

        tail = self.name(get) if callable(self.name) else self.name.format(**{name: get(name) for name in self.identity_fields})
        key = f"{self.prefix}/{tail}"
        return posixpath.normpath(key) if "//" in key or "/." in key or key.endswith("/") else key

    def canonical(self, data: Data) -> t.Dict[str, t.Any]:
        """The stored form: in declared order, enums by name, without None and what equals the default."""
        return _canonical(self.fields, data, self.id)

    def full(self, data: Data) -> t.Dict[str, t.Any]:
        """All fields: defaults filled in, lists empty, None for messages and members of a oneof not given. To be read only."""
        return {**self.absent, **_full({name: self.fields[name] for name, value in data.items() if value is not None and name in self.fields}, data)}

    def value(self, data: Data) -> Value:
        """The value that C(data) is."""
        return Value(self.id, self.key(data), self.canonical(data))

    def merge(self, observed: Data, wanted: Data) -> t.Dict[str, t.Any]:
        """C(wanted) laid over C(observed): fields and messages one by one, lists as a whole, None keeps.

        Another member of a oneof, or another type, drops the member that was there.
        """
        merged = _merge(self.fields, observed, wanted)
        if self.link and wanted.get("type") not in (None, observed.get("type")):
            stays = (self.link.get(wanted["type"]), *wanted)
            merged = {name: value for name, value in merged.items() if self.fields[name].oneof != "link" or name in stays}
        return self.canonical(merged)

    def problems(self, data: Data, key: str = "") -> t.List[Problem]:
        """Everything that makes C(data) invalid in itself; C(key) is its key where that is known."""
        found = list(_problems(self.fields, data, ""))
        found += self._link_problems(data) if self.link and not found else ()
        if not found and not self.singleton and not (key or self.key(data)).startswith(self.prefix + "/"):
            found.append(Problem(", ".join(self.identity_fields), "leads out of the kind's keys"))
        return found or list(self.more(self.full(data)) if self.more else ())

    def _link_problems(self, data: Data) -> t.Iterator[Problem]:
        kind = self.fields["type"].scalar(data.get("type"))
        member = self.link.get(kind)
        for name, field in self.fields.items():
            if field.oneof == "link" and name != member and data.get(name) is not None:
                yield Problem(name, f"does not fit type {kind}" + (f", which has {member}" if member else ""))
        if member and data.get(member) is None and any(field.required for field in self.fields[member].fields.values()):
            yield Problem(member, f"is required for type {kind}")

    def references(self, data: Data) -> t.Iterator[t.Tuple[str, str, str]]:
        """(field path, what it points at, name) of all names of other things; VRFs by number, without 0 and any."""
        return _references(self.fields, data, "")

    def map_secrets(self, data: Data, change: t.Callable[[str], str]) -> t.Dict[str, t.Any]:
        """A copy with C(change) made to each secret."""
        return _map_secrets(self.fields, data, change)

    def redact(self, data: Data) -> t.Dict[str, t.Any]:
        """A copy to show, without secrets."""
        return self.map_secrets(data, lambda secret: REDACTED)


def _canonical(fields: t.Mapping[str, Field], data: Data, where: str) -> t.Dict[str, t.Any]:
    if not data.keys() <= fields.keys():
        raise FieldError(f"{where}: unknown field {', '.join(sorted(str(name) for name in data if name not in fields))}")
    result: t.Dict[str, t.Any] = {}
    for name, field in fields.items():
        value = data.get(name)
        if value is not None:
            value = field.map(value, partial(_canonical, field.fields, where=f"{where}.{name}") if field.fields else field.scalar)
            if field.presence or value != field.default:
                result[name] = value
    return result


def _full(fields: t.Mapping[str, Field], data: Data) -> t.Dict[str, t.Any]:
    result = {}
    for name, field in fields.items():
        value = data.get(name)
        if value is None:
            result[name] = None if field.presence else field.default
        else:
            result[name] = field.map(value, partial(_full, field.fields) if field.fields else field.scalar)
    return result


def _merge(fields: t.Mapping[str, Field], observed: Data, wanted: Data) -> t.Dict[str, t.Any]:
    merged = dict(observed)
    for name, value in wanted.items():
        if value is None or name not in fields:
            continue
        field = fields[name]
        for other in fields.values() if field.oneof else ():
            if other.oneof == field.oneof and other is not field:
                merged.pop(other.name, None)
        if field.fields and not field.many and merged.get(name) is not None:
            value = _merge(field.fields, merged[name], value)
        merged[name] = value
    return merged


def _problems(fields: t.Mapping[str, Field], data: Data, base: str) -> t.Iterator[Problem]:
    for name in data:
        if name not in fields:
            yield Problem(f"{base}{name}", "is no field")
    oneofs: t.Dict[str, str] = {}
    for name, field in fields.items():
        value = data.get(name)
        if value is None and not field.required:
            continue
        path = base + name
        if field.required and (value is None or field.scalar(value) == field.default):
            yield Problem(path, "is required" + (f": one of {', '.join(field.choices)}" if field.enum else ""))
        elif field.oneof and oneofs.setdefault(field.oneof, name) != name:
            yield Problem(path, f"cannot be given together with {oneofs[field.oneof]}")
        elif field.many and not isinstance(value, (list, tuple)):
            yield Problem(path, "is no list")
        else:
            for at, item in field.each(value, path) if field.many else ((path, value),):
                item = field.scalar(item) if field.enum else item
                wrong = "is empty" if field.many and field.check and item == "" else _wrong(field, item)
                if wrong:
                    yield Problem(at, wrong)
                elif field.fields:
                    yield from _problems(field.fields, t.cast(Data, item), at + ".")


def _wrong(field: Field, item: t.Any) -> Wrong:
    wanted = PYTHON_TYPES[field.type]
    if field.enum and item not in field.enum:
        return f"{item!r} is none of {', '.join(field.choices)}"
    if not isinstance(item, wanted) or wanted is int and isinstance(item, bool):
        return f"{(REDACTED if field.secret else item)!r} is no {field.type}"
    if wanted is int and item and not field.low <= item <= field.high:
        return f"{item} is not from {field.low} to {field.high}"
    if field.check and item and not (field.check in ADDRESSES and item.startswith(address.ALLOC)):
        wrong = CHECKS[field.check](item)
        return f"{REDACTED if field.secret else item} {wrong}" if wrong else None
    return None


def _references(fields: t.Mapping[str, Field], data: Data, base: str) -> t.Iterator[t.Tuple[str, str, str]]:
    for name, value in data.items():
        field = fields[name]
        for path, item in () if value is None else field.each(value, base + name):
            if field.fields:
                yield from _references(field.fields, item, path + ".")
            elif field.check in ADDRESSES and item.startswith(address.ALLOC):
                yield path, "netalloc", item[len(address.ALLOC) :]
            elif field.ref and item and item != ANY_VRF:
                yield path, field.ref, str(item)


def _map_secrets(fields: t.Mapping[str, Field], data: Data, change: t.Callable[[str], str]) -> t.Dict[str, t.Any]:
    result = dict(data)
    for name, value in data.items():
        field = fields.get(name)
        if field is not None and value is not None and (field.fields or field.secret):
            result[name] = field.map(value, partial(_map_secrets, field.fields, change=change) if field.fields else change)
    return result
