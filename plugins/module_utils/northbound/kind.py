# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a kind of value is declared, and what follows from a declaration: key, canonical form, problems, references.

Texts for readers are in L(docs), which is not shipped to targets.
"""

from __future__ import annotations

import posixpath
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address

Data = t.Mapping[str, t.Any]
Get = t.Callable[[str], t.Any]

UINT32 = 2**32 - 1
ANY_VRF = UINT32
REDACTED = "********"
PYTHON_TYPES = {"str": str, "bool": bool, "uint32": int, "int32": int, "enum": str, "message": dict}
DEFAULTS = {"str": "", "bool": False, "uint32": 0, "int32": 0}


class DeclarationError(Exception):
    """A kind is declared in a way that contradicts itself. Most checks are in L(declaration), made with the registry."""


class FieldError(CnfError):
    """Data that is not a value of its kind; the message names item, field and the offending value."""


class Problem(t.NamedTuple):
    """What is wrong with a value (C(item), empty when known from context) at a field (dotted path)."""

    path: str
    text: str
    item: str = ""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.item, self.path, self.text) if part)


class Field(t.NamedTuple):
    """One field of a kind or of a message in it. Make it with the functions below this class.

    C(type) is str, bool, uint32, int32, enum or message. C(enum) maps names to numbers, the name of 0 is the default.
    C(ref) is what a name in it points at. C(write_only) says that it cannot be read back: C(on_create) (only when the
    object is made) or C(always). C(check) names a check of L(CHECKS). C(compare) is C(set) when the order of a list means
    nothing. Of the fields with one C(oneof) at most one is given.
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
        """What an absent field means: proto3's default."""
        if self.many:
            return []
        return next(iter(self.enum)) if self.type == "enum" else DEFAULTS.get(self.type)

    @property
    def choices(self) -> t.List[str]:
        """The enum names that a user may write: without one that only says that nothing was chosen."""
        return [name for name in self.enum if not name.startswith(("UNDEFINED", "UNKNOWN"))]

    @property
    def presence(self) -> bool:
        """Whether given as default differs from not given (messages, members of a oneof)."""
        return not self.many and (self.type == "message" or bool(self.oneof))


def string(name: str, **more: t.Any) -> Field:
    """A text."""
    return Field(name, "str", **more)


def boolean(name: str, **more: t.Any) -> Field:
    """True or false."""
    return Field(name, "bool", **more)


def number(name: str, high: int = UINT32, **more: t.Any) -> Field:
    """An unsigned number of 32 bits on the wire, valid from C(low) to C(high)."""
    return Field(name, "uint32", high=high, **more)


def port(name: str, **more: t.Any) -> Field:
    """A port number, 0 for none."""
    return number(name, 65535, **more)


def vrf(name: str, **more: t.Any) -> Field:
    """The id of a VRF table; 0 is the one that is always there."""
    return number(name, ref="vrf", **more)


def enum(name: str, names: str, **more: t.Any) -> Field:
    """One of C(names) (separated by spaces), numbered from 0 on; C(NAME=7) goes on from 7."""
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
    """Fields by their names, in the order given."""
    found = {field.name: field for field in fields}
    if len(found) < len(fields):
        raise DeclarationError(f"{where}: a field is declared twice")
    return found


def _tag(text: str) -> t.Optional[str]:
    return "is longer than the 63 bytes that VPP's tag holds" if len(text.encode()) > 63 else None


def _ifname(text: str) -> t.Optional[str]:
    if len(text.encode()) > 15:
        return "is longer than the 15 bytes of a kernel interface name"
    return "is no kernel interface name" if text in (".", "..") or any(c in "/:" or c.isspace() for c in text) else None


def _address(text: str, size: int = 0) -> t.Optional[str]:
    raw = None if text.startswith(address.ALLOC) else address.packed(text)
    if raw is None and text.startswith(address.ALLOC):
        return None
    return None if raw and size in (0, len(raw)) else f"is no {({4: 'IPv4 ', 16: 'IPv6 '}).get(size, '')}address"


def _cidr(text: str) -> t.Optional[str]:
    return None if text.startswith(address.ALLOC) or address.prefix(text) else "is no address with prefix length, such as 10.0.0.1/24"


def _network(text: str) -> t.Optional[str]:
    right = address.network(text)
    if not right or text.lower() == "%s/%d" % right:
        return _cidr(text)
    return f"is not written as a network: has host bits, or is not shortest; write {right[0]}/{right[1]}"


def _mac(text: str) -> t.Optional[str]:
    return None if address.mac(text) else "is no MAC address"


def _station(text: str) -> t.Optional[str]:
    mac = address.mac(text)
    if mac and (int(mac[:2], 16) & 1 or mac == "00:00:00:00:00:00"):
        return "is no MAC address of one interface (multicast or zero)"
    return _mac(text)


def _power(value: int) -> t.Optional[str]:
    return "is no power of 2" if value & (value - 1) else None


def _wireguard(text: str) -> t.Optional[str]:
    import base64

    try:
        return None if len(text) == 44 and len(base64.b64decode(text, validate=True)) == 32 else "is no key of 32 bytes in base64"
    except ValueError:
        return "is no key of 32 bytes in base64"


CHECKS: t.Dict[str, t.Callable[[t.Any], t.Optional[str]]] = {
    "address": _address,
    "ipv4": lambda text: _address(text, 4),
    "ipv6": lambda text: _address(text, 16),
    "cidr": _cidr,
    "network": _network,
    "address or cidr": lambda text: _cidr(text) if "/" in text else _address(text),
    "mac": _mac,
    "station": _station,
    "tag": _tag,
    "ifname": _ifname,
    "power of 2": _power,
    "wireguard key": _wireguard,
}
"""By name, what a field's value that is not the default has to be: says what is wrong, or None."""

ADDRESSES = ("address", "ipv4", "ipv6", "cidr", "network", "address or cidr")


class Kind:
    """A northbound model: its place (module, type, version), its fields, and how its key is made.

    C(name) makes the key's last part: a template of field names (C("{interface}/{ip_address}")), or a function given a
    getter of fields with defaults filled in; without it there is one value only (a singleton). C(link) says which member
    of the oneof C(link) each C(type) has; the member None means none. C(more) yields problems across fields.
    """

    def __init__(
        self,
        module: str,
        type: str,
        *fields: Field,
        name: t.Union[str, t.Callable[[Get], str], None] = None,
        identity: t.Sequence[str] = (),
        version: str = "v2",
        link: t.Optional[t.Mapping[str, t.Optional[str]]] = None,
        more: t.Optional[t.Callable[[Data], t.Iterable[Problem]]] = None,
        group: str = "config",
    ) -> None:
        self.module, self.type, self.version = module, type, version
        self.id = f"{module}/{type}"
        self.fields = by_name(fields, self.id)
        self.prefix = "/".join((group, module.replace(".", "/"), version, type.replace(".", "/")))
        self.name, self.link, self.more = name, link, more
        self.singleton = name is None
        if isinstance(name, str):
            identity = [part.partition("}")[0] for part in name.split("{")[1:]]
        self.identity_fields = tuple(identity)

    def __repr__(self) -> str:
        return f"Kind({self.id})"

    def key(self, data: Data) -> str:
        """The key without the store's prefix, as the Ligato model C(data) makes it: C(config/vpp/v2/interfaces/memif0)."""
        if self.name is None:
            return self.prefix

        def get(name: str) -> t.Any:
            field = self.fields[name]
            value = data.get(name)
            return field.default if value is None else _scalar(field, value)

        tail = self.name(get) if callable(self.name) else self.name.format(**{name: get(name) for name in self.identity_fields})
        key = f"{self.prefix}/{tail}"
        return posixpath.normpath(key) if "//" in key or "/." in key or key.endswith("/") else key

    def title(self, data: Data) -> str:
        """The value in messages: C(vpp/interfaces memif0)."""
        return f"{self.id} {self.key(data)[len(self.prefix) + 1 :]}".rstrip()

    def canonical(self, data: Data) -> t.Dict[str, t.Any]:
        """The stored form: fields in declared order, enum names, without None and without what equals the default."""
        return _canonical(self.fields, data, self.id)

    def full(self, data: Data) -> t.Dict[str, t.Any]:
        """All fields: defaults filled in, lists empty, None for messages and members of a oneof that are not given."""
        return _full(self.fields, data)

    def value(self, data: Data) -> Value:
        """The value that C(data) is."""
        return Value(self.id, self.key(data), self.canonical(data))

    def merge(self, observed: Data, wanted: Data) -> t.Dict[str, t.Any]:
        """C(wanted) laid over C(observed): fields and messages one by one, lists as a whole, None means keep.

        Another member of a oneof, or another type, drops the member that was there.
        """
        merged = _merge(self.fields, observed, wanted)
        if self.link and "type" in wanted and wanted.get("type") != observed.get("type"):
            member = self.link.get(merged.get("type", ""))
            merged = {
                name: value for name, value in merged.items() if name in (member, *wanted) or name in self.fields and self.fields[name].oneof != "link"
            }
        return self.canonical(merged)

    def problems(self, data: Data) -> t.List[Problem]:
        """Everything that makes C(data) invalid in itself; empty when it is valid."""
        found = list(_problems(self.fields, data, ""))
        if found:
            return found
        if self.link is not None:
            found += self._link_problems(data)
        if self.name is not None and not self.key(data).startswith(self.prefix + "/"):
            found.append(Problem("/".join(self.identity_fields), "leads out of the model's keys, or names nothing"))
        if self.more and not found:
            found += self.more(self.full(data))
        return found

    def _link_problems(self, data: Data) -> t.Iterable[Problem]:
        kind = data.get("type")
        member = (self.link or {}).get(str(kind))
        for field in self.fields.values():
            if field.oneof == "link" and data.get(field.name) is not None and field.name != member:
                yield Problem(field.name, f"does not fit type {kind}" + (f", which has {member}" if member else ", which has no link"))
        if member and self.fields[member].type == "message" and data.get(member) is None and any(f.required for f in self.fields[member].fields.values()):
            yield Problem(member, f"is required for type {kind}")

    def references(self, data: Data) -> t.Iterator[t.Tuple[str, str, str]]:
        """(field path, what it points at, name) of all names of other things; VRFs by number, without 0 and any."""
        return _references(self.fields, data, "")

    def map_secrets(self, data: Data, change: t.Callable[[str], str]) -> t.Dict[str, t.Any]:
        """A copy with each secret replaced by what C(change) makes of it."""
        return _map_secrets(self.fields, data, change)

    def redact(self, data: Data) -> t.Dict[str, t.Any]:
        """A copy to show: secrets replaced."""
        return self.map_secrets(data, lambda secret: REDACTED)


def _scalar(field: Field, value: t.Any) -> t.Any:
    """An enum number as its name where it has one."""
    if field.enum and isinstance(value, int):
        return next((name for name, at in field.enum.items() if at == value), value)
    return value


def _each(field: Field, value: t.Any, path: str) -> t.Iterator[t.Tuple[str, t.Any]]:
    """(path, element) of a list, or of the one value."""
    if field.many:
        for at, item in enumerate(value):
            yield f"{path}[{at}]", item
    else:
        yield path, value


def _given(fields: t.Mapping[str, Field], data: Data) -> t.Iterator[t.Tuple[Field, t.Any]]:
    for name, value in data.items():
        if value is not None and name in fields:
            yield fields[name], value


def _canonical(fields: t.Mapping[str, Field], data: Data, where: str) -> t.Dict[str, t.Any]:
    if not data.keys() <= fields.keys():
        raise FieldError(f"{where}: unknown field {', '.join(sorted(str(name) for name in data if name not in fields))}")
    result: t.Dict[str, t.Any] = {}
    for name, field in fields.items():
        value = data.get(name)
        if value is None:
            continue
        if field.fields:
            change: t.Callable[[t.Any], t.Any] = lambda item, field=field: _canonical(field.fields, item, f"{where}.{field.name}")  # noqa: E731
        else:
            change = lambda item, field=field: _scalar(field, item)  # noqa: E731
        value = [change(item) for item in value] if field.many else change(value)
        if field.presence or value != field.default:
            result[name] = value
    return result


def _full(fields: t.Mapping[str, Field], data: Data) -> t.Dict[str, t.Any]:
    result = {}
    for name, field in fields.items():
        value = data.get(name)
        if value is None:
            value = None if field.presence else field.default
        elif field.fields:
            value = [_full(field.fields, item) for item in value] if field.many else _full(field.fields, value)
        else:
            value = [_scalar(field, item) for item in value] if field.many else _scalar(field, value)
        result[name] = value
    return result


def _merge(fields: t.Mapping[str, Field], observed: Data, wanted: Data) -> t.Dict[str, t.Any]:
    merged = dict(observed)
    for name, value in wanted.items():
        if value is None:
            continue
        field = fields.get(name)
        if field is not None and field.oneof:
            for other in fields.values():
                if other.oneof == field.oneof and other.name != name:
                    merged.pop(other.name, None)
        if field is not None and field.fields and not field.many and merged.get(name) is not None:
            value = _merge(field.fields, merged[name], value)
        merged[name] = value
    return merged


def _problems(fields: t.Mapping[str, Field], data: Data, base: str) -> t.Iterator[Problem]:
    for name in data:
        if name not in fields:
            yield Problem(f"{base}{name}", "is no field")
    set_already: t.Dict[str, str] = {}
    for name, field in fields.items():
        path, value = base + name, data.get(name)
        if field.required and (value is None or value == field.default):
            yield Problem(path, "is required" + (f": one of {', '.join(field.choices)}" if field.enum else ""))
        if value is None:
            continue
        if field.oneof and set_already.setdefault(field.oneof, name) != name:
            yield Problem(path, f"cannot be given together with {set_already[field.oneof]}")
        if field.many and not isinstance(value, (list, tuple)):
            yield Problem(path, "is no list")
            continue
        for at, item in _each(field, value, path):
            yield from _item_problems(field, item, at)


def _item_problems(field: Field, item: t.Any, path: str) -> t.Iterator[Problem]:
    item = _scalar(field, item)
    shown = REDACTED if field.secret else item
    wanted = PYTHON_TYPES[field.type]
    if not isinstance(item, wanted) or wanted is int and isinstance(item, bool):
        text = f"{shown!r} is none of {', '.join(field.choices)}" if field.enum else f"{shown!r} is no {field.type}"
        yield Problem(path, text)
    elif field.fields:
        yield from _problems(field.fields, item, path + ".")
    elif field.enum and item not in field.enum:
        yield Problem(path, f"{item} is none of {', '.join(field.choices)}")
    elif wanted is int and item and not field.low <= item <= field.high:
        yield Problem(path, f"{item} is not from {field.low} to {field.high}")
    elif field.check and item:
        wrong = CHECKS[field.check](item)
        if wrong:
            yield Problem(path, f"{shown} {wrong}")


def _references(fields: t.Mapping[str, Field], data: Data, base: str) -> t.Iterator[t.Tuple[str, str, str]]:
    for field, value in _given(fields, data):
        for path, item in _each(field, value, base + field.name):
            if field.fields:
                yield from _references(field.fields, item, path + ".")
            elif field.ref == "vrf":
                if item not in (0, ANY_VRF):
                    yield path, "vrf", str(item)
            elif field.ref and item:
                yield path, field.ref, item
            elif field.check in ADDRESSES and item.startswith(address.ALLOC):
                yield path, "netalloc", item[len(address.ALLOC) :]


def _map_secrets(fields: t.Mapping[str, Field], data: Data, change: t.Callable[[str], str]) -> t.Dict[str, t.Any]:
    result = dict(data)
    for field, value in _given(fields, data):
        if field.fields:
            result[field.name] = (
                [_map_secrets(field.fields, item, change) for item in value] if field.many else _map_secrets(field.fields, value, change)
            )
        elif field.secret:
            result[field.name] = [change(item) for item in value] if field.many else change(value)
    return result
