# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlink packed by hand: pyroute2 needs 30 times as long for bulk (routes, addresses, links, read-back)."""

from __future__ import annotations

import errno
import os
import socket
import struct
import typing as t

NETLINK_NETFILTER = 12
REQUEST, MULTI, ACK, ROOT, MATCH, DUMP = 1, 2, 4, 0x100, 0x200, 0x300
REPLACE, EXCL, CREATE, APPEND = 0x100, 0x200, 0x400, 0x800
DUMP_INTR, ACK_TLVS = 0x10, 0x200
ERROR, DONE = 2, 3
SOL_NETLINK, EXT_ACK, GET_STRICT_CHK, CAP_ACK = 270, 11, 12, 10
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33
BATCH = 512
ANSWER = 2048  # bytes of the receive buffer that one answer may take

HEADER = struct.Struct("=IHHII")
ATTRIBUTE = struct.Struct("=HH")
FLAGS, NUMBER = struct.Struct("=H"), struct.Struct("=I")
NESTED = 0x8000
PADS = (b"", b"\0\0\0", b"\0\0", b"\0")


def message(type: int, flags: int, body: bytes) -> bytes:
    """A message without its number, which L(Socket.batch) sets."""
    return HEADER.pack(16 + len(body), type, REQUEST | flags, 0, 0) + body + PADS[len(body) & 3]


def attribute(type: int, payload: bytes = b"") -> bytes:
    """One attribute with its padding."""
    return ATTRIBUTE.pack(4 + len(payload), type) + payload + PADS[len(payload) & 3]


def nest(type: int, *inside: bytes) -> bytes:
    """An attribute that holds attributes."""
    return attribute(type | NESTED, b"".join(inside))


def attributes(payload: bytes, offset: int = 0) -> t.Dict[int, bytes]:
    """The attributes from C(offset) on, by type (the last one of a type)."""
    return dict(each(payload, offset))


def each(payload: bytes, offset: int = 0) -> t.Iterator[t.Tuple[int, bytes]]:
    """The attributes from C(offset) on, in order."""
    end = len(payload)
    while offset + 4 <= end:
        length, type = ATTRIBUTE.unpack_from(payload, offset)
        if length < 4:
            return
        yield type & 0x3FFF, payload[offset + 4 : offset + length]
        offset += (length + 3) & ~3


def string(payload: bytes) -> str:
    """A text as the kernel gives it."""
    return payload.split(b"\0", 1)[0].decode("utf-8", "replace")


class Socket:
    """A netlink socket; it belongs to the network namespace that the thread is in when it is made."""

    def __init__(self, protocol: int = 0) -> None:
        self.errors: t.Dict[int, str] = {}
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
        self.socket.setsockopt(SOL_NETLINK, EXT_ACK, 1)
        self.socket.setsockopt(SOL_NETLINK, CAP_ACK, 1)
        self.strict = False
        for forced, option in ((SO_RCVBUFFORCE, socket.SO_RCVBUF), (SO_SNDBUFFORCE, socket.SO_SNDBUF)):
            try:
                self.socket.setsockopt(socket.SOL_SOCKET, forced, 1 << 22)
            except OSError:
                self.socket.setsockopt(socket.SOL_SOCKET, option, 1 << 22)
        self.window = min(BATCH, self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // ANSWER)
        self.socket.bind((0, 0))
        self.sequence = 0
        self.buffer = bytearray(1 << 20)

    def close(self) -> None:
        """Give the socket back."""
        self.socket.close()

    def _receive(self) -> t.Iterator[t.Tuple[int, int, int, bytes]]:
        size = self.socket.recv_into(self.buffer)
        data, at = bytes(self.buffer[:size]), 0
        while at + 16 <= size:
            length, type, flags, sequence, _port = HEADER.unpack_from(data, at)
            yield type, flags, sequence, data[at + 16 : at + length]
            at += (length + 3) & ~3

    def dump(self, type: int, body: bytes, strict: bool = False) -> t.Iterator[bytes]:
        """The payloads of a dump. Raises OSError; a dump that a change interrupted is taken again."""
        for _attempt in range(20):
            answer = self._dump(type, body, strict)
            if answer is not None:
                return iter(answer)
        raise OSError(errno.EINTR, "what was read changed all the time")

    def _dump(self, type: int, body: bytes, strict: bool) -> t.Optional[t.List[bytes]]:
        if strict != self.strict:
            self.socket.setsockopt(SOL_NETLINK, GET_STRICT_CHK, int(strict))
            self.strict = strict
        self.sequence += 1
        self.socket.send(HEADER.pack(16 + len(body), type, REQUEST | DUMP, self.sequence, 0) + body)
        result: t.List[bytes] = []
        whole = True
        while True:
            for kind, flags, sequence, payload in self._receive():
                if sequence != self.sequence:
                    continue
                whole = whole and not flags & DUMP_INTR
                if kind in (DONE, ERROR):
                    code = -struct.unpack_from("=i", payload)[0] if len(payload) >= 4 else 0
                    if code:
                        raise OSError(code, os.strerror(code))
                    return result if whole else None
                result.append(payload)

    def batch(self, messages: t.Sequence[bytes]) -> t.List[int]:
        """Send them all, some hundred at a time; for each 0 or its errno, texts are in C(errors).

        The kernel does them in order, and answers what fails unasked: an acknowledgement of the last one of a batch vouches
        for all before it, and spares a system call each.
        """
        self.errors = {}
        result = [0] * len(messages)
        for start in range(0, len(messages), self.window):
            part = messages[start : start + self.window]
            base = self.sequence + 1
            self.sequence += len(part)
            blob = bytearray(b"".join(part))
            at, put = 8, NUMBER.pack_into
            for number, one in enumerate(part, base):
                put(blob, at, number)
                at += len(one)
            FLAGS.pack_into(blob, len(blob) - len(part[-1]) + 6, FLAGS.unpack_from(part[-1], 6)[0] | ACK)
            self.socket.send(blob)
            answered = False
            while not answered:
                for kind, flags, sequence, payload in self._receive():
                    if kind != ERROR or not base <= sequence <= self.sequence:
                        continue
                    answered = answered or sequence == self.sequence
                    code, index = -struct.unpack_from("=i", payload)[0], start + sequence - base
                    if code:
                        result[index] = code
                        self.errors[index] = self._text(code, flags, payload)
        return result

    @staticmethod
    def _text(code: int, flags: int, payload: bytes) -> str:
        text = os.strerror(code)
        if flags & ACK_TLVS:
            told = attributes(payload, 20).get(1)
            if told:
                text = f"{string(told)} ({text})"
        return text
