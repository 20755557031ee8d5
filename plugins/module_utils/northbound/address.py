# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses as Go's net package reads and prints them, since the models' keys are made that way."""

from __future__ import annotations

import ipaddress
import re
import socket
import typing as t
from functools import lru_cache

ALLOC = "alloc:"
"""Begin of a reference to an address that netalloc gives: C(alloc:<network>[/<interface>][/GW])."""

MAC = re.compile(r"[0-9a-f]{2}(?:(?::[0-9a-f]{2}){5}|(?:-[0-9a-f]{2}){5})|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}", re.I | re.ASCII)
MAPPED = bytes(10) + b"\xff\xff"


def packed(text: str) -> t.Optional[bytes]:
    """The 4 or 16 bytes of an address, None when it is none. Leading zeros (C(010.0.0.1)) and zones are refused."""
    family = socket.AF_INET
    if ":" in text:
        family = socket.AF_INET6
        if any(len(part) > 4 for part in text.split(":")[:-1]):
            return None
    try:
        return socket.inet_pton(family, text)
    except (OSError, ValueError):
        return None


def shown(raw: bytes) -> str:
    """An address in its canonical form; IPv4 inside IPv6 (C(::ffff:10.0.0.1)) is shown as IPv4."""
    if len(raw) == 16 and raw.startswith(MAPPED):
        raw = raw[12:]
    return socket.inet_ntop(socket.AF_INET, raw) if len(raw) == 4 else ipaddress.IPv6Address(raw).compressed


def prefix(text: str) -> t.Optional[t.Tuple[bytes, int]]:
    """Address bytes and length of C(10.1.2.3/16), None when it is none."""
    address, slash, length = text.partition("/")
    raw = packed(address) if slash else None
    if raw is None or not (length.isascii() and length.isdigit()):
        return None
    bits = int(length.lstrip("0")[:9] or 0)
    return (raw, bits) if bits <= 8 * len(raw) else None


@lru_cache(None)  # keys, checks and routes of one run ask for the same ones
def network(text: str) -> t.Optional[t.Tuple[str, int]]:
    """Network address (host bits zeroed, canonical) and length of a prefix, None when it is none."""
    parsed = prefix(text)
    if parsed is None:
        return None
    raw, length = parsed
    host = 8 * len(raw) - length
    return shown((int.from_bytes(raw, "big") >> host << host).to_bytes(len(raw), "big")), length


def mac(text: str) -> t.Optional[str]:
    """A MAC address in lower case with colons, None when it is none."""
    if not MAC.fullmatch(text):
        return None
    digits = re.sub("[^0-9a-f]", "", text.lower())
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def normal(text: str) -> str:
    """An address, with or without length, in the form by which two are compared; other text as it is."""
    parsed = prefix(text)
    raw = parsed[0] if parsed else packed(text)
    return text if raw is None else shown(raw) + (f"/{parsed[1]}" if parsed else "")
