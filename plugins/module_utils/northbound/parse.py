# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Items' data to canonical form, as permissive and as strict as Go's protojson is in a Ligato agent.

snake_case and lowerCamelCase, enum names and numbers, quoted integers; unknown fields, fields given twice and wrong types
are errors. Controller side: module options are typed by Ansible and need none of this.
"""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import REDACTED, Data, Field, FieldError, Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import OPAQUE, did_you_mean

NUMBER = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([-+]?[0-9]+))?", re.ASCII)
SWITCHES = {"y": True, "yes": True, "on": True, "n": False, "no": False, "off": False}


class Word(str):
    """An unquoted yes, no, on, off, y or n in YAML: a truth value where a field is one, elsewhere the text it is."""


class Number(str):
    """A number in JSON as it is written there, so that none is rounded."""


class Pairs(t.List[t.Tuple[str, t.Any]]):
    """A JSON object: its members in order, also those whose name is there twice."""


def json_name(name: str) -> str:
    """A field's lowerCamelCase spelling: C(host_if_name) is C(hostIfName)."""
    return re.sub("_(.?)", lambda found: found.group(1).upper(), name)


def parse(kind: Kind, data: t.Union[str, Data], item: str = "") -> t.Dict[str, t.Any]:
    """The canonical form of C(data): a mapping (from YAML, or typed), or JSON text.

    Raises L(FieldError) that names C(item), and of every wrong field its dotted path and the offending value.
    """
    where = item or kind.id
    if kind.id in OPAQUE:
        raise FieldError(f"{where}: is a report of an agent, not configuration")
    errors: t.List[str] = []
    loaded = load_json(data, where) if isinstance(data, str) else data
    parsed: t.Dict[str, t.Any] = {}
    if isinstance(loaded, (Pairs, t.Mapping)):
        parsed = _message(kind.fields, loaded, "", errors)
    else:
        errors.append(f"{_shown(loaded)} is not a mapping of fields")
    if errors:
        raise FieldError("; ".join(f"{where}: {error}" for error in errors), problems=errors)
    return kind.canonical(parsed)


def stored_json(kind: Kind, data: t.Union[str, Data]) -> t.Dict[str, t.Any]:
    """What is stored under the key of C(data) in etcd: snake_case names, enum names, defaults left out."""
    return parse(kind, data)


def load_json(text: str, where: str = "") -> t.Any:
    """JSON with numbers as L(Number) and objects as L(Pairs). Raises L(FieldError) with line and column."""
    try:
        return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=_refuse_constant, object_pairs_hook=Pairs)
    except json.JSONDecodeError as error:
        raise FieldError(f"{where}: no valid JSON in line {error.lineno}, column {error.colno}: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise FieldError(f"{where}: no valid JSON: {error}") from None


def _refuse_constant(name: str) -> t.Any:
    raise ValueError(f"{name} is not JSON")


def _shown(value: t.Any) -> str:
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, Pairs):
        return "a mapping"
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    return {None: "null", True: "true", False: "false"}[value] if value is None or isinstance(value, bool) else repr(value)


def _spellings(fields: t.Mapping[str, Field]) -> t.Dict[str, Field]:
    found = _SPELLINGS.get(id(fields))
    if found is None:
        found = {spelling: field for name, field in fields.items() for spelling in (name, json_name(name))}
        _SPELLINGS[id(fields)] = found
        _KEPT.append(fields)
    return found


_SPELLINGS: t.Dict[int, t.Dict[str, Field]] = {}
_KEPT: t.List[t.Mapping[str, Field]] = []
"""Holds what the ids in L(_SPELLINGS) stand for, so that none is used again."""


def _message(fields: t.Mapping[str, Field], data: t.Any, base: str, errors: t.List[str]) -> t.Dict[str, t.Any]:
    known = _spellings(fields)
    result: t.Dict[str, t.Any] = {}
    seen: t.Set[str] = set()
    oneofs: t.Dict[str, str] = {}
    for name, value in data if isinstance(data, Pairs) else data.items():
        field = known.get(name) if isinstance(name, str) else None
        if field is None:
            errors.append(f"unknown field {base}{_text(name)}{did_you_mean(str(name), fields)}")
            continue
        path = base + field.name
        if field.name in seen:
            errors.append(f"{path} is given twice" + ("" if name == field.name else f", as {name} too"))
            continue
        seen.add(field.name)
        if value is None:
            continue
        if field.oneof and oneofs.setdefault(field.oneof, field.name) != field.name:
            errors.append(f"{path} cannot be given together with {base}{oneofs[field.oneof]}")
            continue
        if not field.many:
            result[field.name] = _value(field, value, path, errors)
        elif isinstance(value, (list, tuple)) and not isinstance(value, Pairs):
            result[field.name] = [_value(field, each, f"{path}[{at}]", errors) for at, each in enumerate(value)]
        else:
            errors.append(f"{path} is a list, not {_shown(value)}")
    return result


def _text(name: t.Any) -> str:
    return name if isinstance(name, str) else repr(name)


def _value(field: Field, value: t.Any, path: str, errors: t.List[str]) -> t.Any:
    if field.type == "message":
        if isinstance(value, (Pairs, t.Mapping)):
            return _message(field.fields, value, path + ".", errors)
        errors.append(f"{path} is a mapping, not {REDACTED if any(each.secret for each in field.fields.values()) else _shown(value)}")
        return None
    try:
        return READERS[field.type](field, value)
    except ValueError as error:
        shown = REDACTED if field.secret else _shown(value)
        errors.append(f"{path}: {shown} {error}")
        return None


def integer(value: t.Any, low: int, high: int) -> t.Optional[int]:
    """A number, in any of JSON's spellings of a whole one (C(1500.0), C(15e2)), within bounds; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        whole = value
    elif isinstance(value, float):
        if not value.is_integer():
            return None
        whole = int(value)
    elif isinstance(value, Number):
        spelled = _whole(value)
        if spelled is None:
            return None
        whole = spelled
    else:
        return None
    return whole if low <= whole <= high else None


def _whole(text: str) -> t.Optional[int]:
    found = NUMBER.fullmatch(text)
    if not found:
        return None
    sign, digits, fraction, exponent = found.group(1), found.group(2).lstrip("0"), (found.group(3) or "").rstrip("0"), found.group(4) or "0"
    if not digits and not fraction:
        return 0
    if len(exponent) > 10:
        return None
    shift = int(exponent)
    if shift >= 0:
        if len(fraction) > shift or len(digits) + shift > 20:
            return None
        number = digits + fraction + "0" * (shift - len(fraction))
    else:
        keep = len(digits) + shift
        if fraction or keep < 0 or digits[keep:].strip("0"):
            return None
        number = digits[:keep]
    return int(sign + number) if number and len(number) <= 20 else None


def _read_number(field: Field, value: t.Any) -> int:
    low, high = (0, 2**32 - 1) if field.type == "uint32" else (-(2**31), 2**31 - 1)
    quoted = isinstance(value, str) and not isinstance(value, (Number, Word))
    number = integer(Number(value) if quoted else value, low, high)
    if number is None:
        raise ValueError(f"is not a {field.type} ({low} to {high})")
    return number


def _read_bool(field: Field, value: t.Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, Word):
        return SWITCHES[value.lower()]
    raise ValueError("is neither true nor false")


def _read_enum(field: Field, value: t.Any) -> t.Union[str, int]:
    if isinstance(value, str) and not isinstance(value, Number):
        if value in field.enum:
            return str(value)
        raise ValueError(f"is none of {', '.join(field.choices)}{did_you_mean(value, field.choices)}")
    number = integer(value, -(2**31), 2**31 - 1)
    if number is None:
        raise ValueError(f"is none of {', '.join(field.choices)}")
    return number


def _read_string(field: Field, value: t.Any) -> str:
    if not isinstance(value, str) or isinstance(value, Number):
        raise ValueError("is not text: put it in quotes" if value is not None and not isinstance(value, (dict, list)) else "is not text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("is not valid Unicode") from None
    return str(value)


READERS: t.Dict[str, t.Callable[[Field, t.Any], t.Any]] = {
    "str": _read_string,
    "bool": _read_bool,
    "uint32": _read_number,
    "int32": _read_number,
    "enum": _read_enum,
}
