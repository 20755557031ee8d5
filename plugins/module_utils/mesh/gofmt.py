# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Go's fmt for the values that a label's template can have: str, bool, int, float, a map of strings, nil (None)."""

from __future__ import annotations

import re
import typing as t

DIRECTIVE = re.compile(r"%([-+# 0]*)(\*|\d+)?(\.(?:\*|\d*))?(\[[^\]]*\])?(.?)", re.S)
RADIX = {"d": "d", "b": "b", "o": "o", "x": "x", "X": "X"}
QUOTE = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\"}


class Unsupported(Exception):
    """Go prints this, and we do not know how."""


class Byte(int):
    """Go's uint8: an element of a string."""


def utf8(text: str) -> bytes:
    """The bytes of a Go string, which need not be valid UTF-8."""
    return text.encode("utf-8", "surrogateescape")


def type_name(value: t.Any) -> str:
    """What C(%T) prints."""
    for kind, name in ((type(None), "<nil>"), (bool, "bool"), (Byte, "uint8"), (int, "int"), (float, "float64"), (str, "string")):
        if isinstance(value, kind):
            return name
    return "map[string]string"


def sprint(values: t.Sequence[t.Any], line: bool = False) -> str:
    """fmt.Sprint (a space between operands when neither is a string) or, for C(line), fmt.Sprintln."""
    parts: t.List[str] = []
    for number, value in enumerate(values):
        if number and (line or not isinstance(value, str) and not isinstance(values[number - 1], str)):
            parts.append(" ")
        parts.append(_plain(value))
    return "".join(parts) + ("\n" if line else "")


def sprintf(format_: str, values: t.Sequence[t.Any]) -> str:
    """fmt.Sprintf."""
    rest = list(values)

    def one(match: t.Match[str]) -> str:
        flags, width, precision, argument, verb = match.groups()
        if width == "*" or precision == ".*" or argument or set(flags) & set("+# "):
            raise Unsupported(f"the format {match.group()}")
        if verb == "%":
            return "%"
        if not verb:
            return "%!(NOVERB)"
        if not rest:
            return f"%!{verb}(MISSING)"
        # In Go 1.23 and later a minus cancels the zeros.
        fill = "0" if "0" in flags and "-" not in flags else " "
        text, number = _verb(rest.pop(0), verb, int(precision[1:] or 0) if precision else None)
        if width and text.startswith(("%!", "map[")):
            raise Unsupported(f"the width in {match.group()} for what is no plain value")
        return _pad(text, number, int(width or 0), "-" in flags, fill)

    result = DIRECTIVE.sub(one, format_)
    if rest:
        result += "%!(EXTRA " + ", ".join(f"{type_name(value)}={_plain(value)}" if value is not None else "<nil>" for value in rest) + ")"
    return result


def _pad(text: str, number: bool, size: int, left: bool, fill: str) -> str:
    if left:
        return text.ljust(size)
    if fill == "0" and not number:
        raise Unsupported("zeros before what is no number")
    return text.zfill(size) if fill == "0" else text.rjust(size)


def _verb(value: t.Any, verb: str, precision: t.Optional[int]) -> t.Tuple[str, bool]:
    """The text of a value by a verb, and whether zeros may stand before it."""
    kind = type_name(value)
    if verb == "T":
        return kind, False
    if precision is not None and not (kind == "string" and verb in "sv"):
        raise Unsupported(f"a precision with %{verb} of {kind}")
    if kind == "string" and verb in "sv":
        return (value if precision is None else value[:precision]), False
    if kind == "string" and verb in "xX":
        digits = utf8(value).hex()
        return (digits.upper() if verb == "X" else digits), False
    if kind == "string" and verb == "q":
        return _quote(value), False
    if kind in ("int", "uint8") and verb in RADIX:
        return format(int(value), RADIX[verb]), True
    if kind in ("int", "uint8") and verb == "c":
        return (chr(value) if 0 <= value < 0xD800 or 0xDFFF < value <= 0x10FFFF else "\ufffd"), False
    if verb == "v" or kind == "bool" and verb == "t" or kind.startswith("map") and verb == "s":
        return _plain(value), kind in ("int", "uint8", "float64")
    if kind in ("<nil>", "bool", "string") or verb not in "sdqtxXcvbogGeEfFUpwOT":
        shown = "<nil>" if value is None else f"{kind}={_plain(value)}"
        if kind.startswith("map"):
            raise Unsupported(f"%{verb} of a map")
        return f"%!{verb}({shown})", False
    if kind in ("int", "uint8") and verb in "stgGeEfFpw" or kind == "float64" and verb in "sdqtcUpwoO":
        return f"%!{verb}({kind}={_plain(value)})", False
    raise Unsupported(f"%{verb} of {kind}")


def _plain(value: t.Any) -> str:
    """C(%v)."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, str):
        return value
    return "map[" + " ".join(f"{key}:{value[key]}" for key in sorted(value, key=utf8)) + "]"


def _float(value: float) -> str:
    """The shortest digits that read back as C(value), with an exponent below 1e-4 and from 1e6 on."""
    sign = "-" if str(value).startswith("-") else ""
    mantissa, _e, exponent = f"{abs(value)!r}".partition("e")
    whole, _dot, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    point = len(whole) + int(exponent or 0)
    digits = (whole + fraction).lstrip("0")
    point -= len(whole + fraction) - len(digits)
    digits = digits.rstrip("0")
    if not digits:
        return sign + "0"
    if not -4 < point <= 6:
        shown = digits[0] + ("." + digits[1:] if digits[1:] else "")
        return f"{sign}{shown}e{'+' if point > 0 else '-'}{abs(point - 1):02d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    return sign + (digits[:point].ljust(point, "0") + ("." + digits[point:] if digits[point:] else ""))


def _quote(text: str) -> str:
    shown = []
    for char in text:
        if char == '"':
            shown.append('\\"')
        elif char in QUOTE:
            shown.append(QUOTE[char])
        elif "\udc80" <= char <= "\udcff" or char < " " or char == "\x7f":
            shown.append(f"\\x{ord(char) & 0xFF:02x}")
        elif char.isprintable():
            shown.append(char)
        else:
            raise Unsupported("%q of a character that does not print")
    return '"' + "".join(shown) + '"'
