# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values on VPP's wire: what generated packers and unpackers call for all that is no plain number."""

from __future__ import annotations

import struct
import typing as t
from functools import lru_cache
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton

# A truth value is one octet; what is neither true nor false is refused rather than taken for true.
SCALARS = {"u8": "B", "i8": "b", "u16": "H", "i16": "h", "u32": "I", "i32": "i", "u64": "Q", "i64": "q", "bool": "B"}
FLAG = {False: 0, True: 1}
LENGTHS = {str(length): bytes((length,)) for length in range(129)}
PAD = bytes(12)
PADDED_LENGTHS4 = {str(length): PAD + bytes((length,)) for length in range(33)}
SLASHES = [f"/{length}" for length in range(256)]
# VPP sends these as its processor has them.
FLOAT = struct.Struct("=d")
LENGTH = struct.Struct(">I")
SHORT, MANY = 2048, 256
"""Octets of arrays that are remembered, and how many of them are."""


def pack_ip4(text: str) -> bytes:
    try:
        return inet_pton(AF_INET, text)
    except OSError:
        raise ValueError(f"{text!r} is no IPv4 address") from None


def pack_ip6(text: str) -> bytes:
    try:
        return inet_pton(AF_INET6, text)
    except OSError:
        raise ValueError(f"{text!r} is no IPv6 address") from None


def unpack_ip4(raw: bytes) -> str:
    return inet_ntop(AF_INET, raw)


def unpack_ip6(raw: bytes) -> str:
    text = inet_ntop(AF_INET6, raw)
    if "." in text:
        # The C library writes the last 32 bits of some as IPv4, Python does not.
        import ipaddress

        return str(ipaddress.IPv6Address(raw))
    return text


def pack_address(text: str) -> bytes:
    return b"\1" + pack_ip6(text) if ":" in text else b"\0" + pack_ip4(text) + PAD


def unpack_address(raw: bytes) -> str:
    return unpack_ip6(raw[1:17]) if raw[0] else inet_ntop(AF_INET, raw[1:5])


def pack_prefix(text: str) -> bytes:
    address, _slash, length = text.partition("/")
    try:
        if ":" in address:
            return b"\1" + pack_ip6(address) + LENGTHS[length]
        return b"\0" + pack_ip4(address) + PADDED_LENGTHS4[length]
    except KeyError:
        raise ValueError(f"{text!r} is no address with the length of a prefix") from None


def unpack_prefix(raw: bytes) -> str:
    return (unpack_ip6(raw[1:17]) if raw[0] else inet_ntop(AF_INET, raw[1:5])) + SLASHES[raw[17]]


def pack_ip4_prefix(text: str) -> bytes:
    pack_ip4(text.partition("/")[0])
    raw = pack_prefix(text)
    return raw[1:5] + raw[17:]


def pack_ip6_prefix(text: str) -> bytes:
    pack_ip6(text.partition("/")[0])
    return pack_prefix(text)[1:]


def unpack_ip4_prefix(raw: bytes) -> str:
    return inet_ntop(AF_INET, raw[:4]) + SLASHES[raw[4]]


def unpack_ip6_prefix(raw: bytes) -> str:
    return unpack_ip6(raw[:16]) + SLASHES[raw[16]]


def pack_mac(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text.replace(":", ""))
    except ValueError:
        raw = b""
    if len(raw) != 6 or len(text) != 17:
        raise ValueError(f"{text!r} is no MAC address")
    return raw


def unpack_mac(raw: bytes) -> str:
    return raw.hex(":")


def unpack_float(raw: bytes) -> float:
    return t.cast(float, FLOAT.unpack(raw)[0])


class Text(t.NamedTuple):
    """A type that is one value here, whatever it is made of on the wire."""

    size: int
    zero: t.Any
    pack: t.Callable[[t.Any], bytes]
    unpack: t.Callable[[bytes], t.Any]


TEXTS = {
    "vl_api_address_t": Text(17, "0.0.0.0", pack_address, unpack_address),
    "vl_api_prefix_t": Text(18, "0.0.0.0/0", pack_prefix, unpack_prefix),
    "vl_api_ip4_address_t": Text(4, "0.0.0.0", pack_ip4, unpack_ip4),
    "vl_api_ip6_address_t": Text(16, "::", pack_ip6, unpack_ip6),
    "vl_api_ip4_prefix_t": Text(5, "0.0.0.0/0", pack_ip4_prefix, unpack_ip4_prefix),
    "vl_api_ip6_prefix_t": Text(17, "::/0", pack_ip6_prefix, unpack_ip6_prefix),
    "vl_api_mac_address_t": Text(6, "00:00:00:00:00:00", pack_mac, unpack_mac),
    "f64": Text(8, 0.0, FLOAT.pack, unpack_float),
}


def _ascii(value: str) -> bytes:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    try:
        raw = value.encode("ascii")
    except UnicodeEncodeError:
        raise ValueError(f"{value!r} has other characters than ASCII") from None
    if 0 in raw:
        raise ValueError(f"{value!r} has a zero in it")
    return raw


def string(value: str, limit: int) -> bytes:
    """One that ends with a zero."""
    raw = _ascii(value)
    if len(raw) > limit:
        raise ValueError(f"{value!r} has {len(raw)} characters, and VPP takes {limit}")
    return raw


def long_string(value: str) -> bytes:
    """One with its length before it."""
    raw = _ascii(value)
    return LENGTH.pack(len(raw)) + raw


def text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("utf-8", "replace")


def long_text(data: bytes, offset: int) -> t.Tuple[str, int]:
    end = offset + 4 + LENGTH.unpack_from(data, offset)[0]
    return text(data[offset + 4 : end]), end


def octets(value: t.Union[bytes, t.Sequence[int]], count: int) -> bytes:
    if isinstance(value, (int, str)):
        raise TypeError(f"{value!r} is no list of octets")
    return _few(bytes(value), count, "octets")


def numbers(values: t.Sequence[int], form: str, count: int) -> bytes:
    return struct.pack(f">{len(values)}{form}", *_few(values, count))


def elements(values: t.Sequence[t.Any], pack: t.Callable[[t.Any], bytes], count: int) -> bytes:
    known = getattr(values, "packed", None)
    if known and known[0] is pack:
        return t.cast(bytes, known[1])
    raw = b"".join([pack(each) for each in _few(values, count)])
    if known is not None:  # a list that many calls share (L(calls.Shared))
        values.packed = (pack, raw)  # type: ignore[attr-defined]
    return raw


def _few(values: t.Any, count: int, what: str = "elements") -> t.Any:
    if not isinstance(values, (list, tuple, bytes)):
        raise TypeError(f"{values!r} is no list")
    if 0 < count < len(values):
        raise ValueError(f"has {len(values)} {what}, and VPP takes {count}")
    return values


def union(size: int, arms: t.Mapping[str, t.Callable[[t.Any], bytes]], address: bool) -> t.Callable[[t.Any], bytes]:
    """A packer of bytes, of one arm by its name, or (where the arms are addresses) of an address."""

    def pack(value: t.Any) -> bytes:
        if isinstance(value, str) and address:
            return pack_address(value)[1:]
        if isinstance(value, bytes):
            return octets(value, size)
        if not isinstance(value, dict) or len(value) != 1 or not value.keys() <= arms.keys():
            raise ValueError(f"{value!r} is none of {', '.join(arms)}")
        return arms[next(iter(value))](value)

    return pack


def several(data: bytes, offset: int, count: int, unpack: t.Callable[[bytes, int], t.Tuple[t.Any, int]]) -> t.Tuple[t.List[t.Any], int]:
    """Elements of which each has a size of its own."""
    found: t.List[t.Any] = []
    for _each in range(count):
        one, offset = unpack(data, offset)
        found.append(one)
    return found, offset


def remembered(unpack: t.Callable[[bytes], t.List[t.Any]]) -> t.Callable[[bytes], t.List[t.Any]]:
    """Ten thousand routes have a handful of paths, and label stacks are hardly ever used: short arrays of the same octets are one list, to be read only."""
    short = lru_cache(MANY)(unpack)
    return lambda data: short(data) if len(data) <= SHORT else unpack(data)


def unknown(given: t.Mapping[str, t.Any], known: t.AbstractSet[str]) -> None:
    raise ValueError(f"there is no field {', '.join(sorted(str(each) for each in given.keys() - known))}")


def count(get: t.Callable[..., t.Any], name: str, lengths: t.Mapping[str, int]) -> int:
    """The number of elements of arrays."""
    number = next(iter(lengths.values()))
    for array, length in lengths.items():
        if get(name, number) != length:
            raise ValueError(f"{name} is {get(name, number)!r}, but {array} has {length}")
    return number


def reason(error: Exception, value: t.Any, kind: str) -> str:
    """Why the value does not pack, in a reader's words. C(kind): the scalar that it is to be."""
    if isinstance(error, struct.error) and kind:
        bits = 8 * struct.calcsize(SCALARS[kind])
        low = 0 if kind[0] == "u" else -(2 ** (bits - 1))
        return f"{value!r} is no whole number from {low} to {low + 2**bits - 1}"
    if isinstance(error, KeyError):
        return f"{error.args[0]!r} is neither true nor false"
    return "a mapping of its fields is needed" if isinstance(error, AttributeError) else str(error)


HELPERS: t.Dict[str, t.Any] = {
    "nothing": {},
    "flag": FLAG,
    **{each.__name__: each for each in (unknown, count, string, long_string, long_text, octets, numbers, elements, several)},
}
