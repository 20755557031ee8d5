# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VPP's counters. They are in no message of the API but in memory that VPP shares; its own socket hands it out."""

from __future__ import annotations

import array
import mmap
import os
import socket
import struct
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError

VERSION = 2
COMBINED = 3
"""The type of an entry that has packets and bytes, by thread and interface."""
_HEAD = struct.Struct("QQQQQ")  # version, base, epoch, in_progress, directory
_ENTRY = struct.Struct("I4xQ128s")
_POINTER = struct.Struct("Q")
_LENGTH = struct.Struct("I")
_PAIR = struct.Struct("QQ")
_TRIES = 100


class StatsError(CnfError):
    """The counters cannot be read."""


class _Torn(Exception):
    """VPP changed something while it was read."""


def path_beside(api_socket: str) -> str:
    """Where the socket for counters is, unless somebody said otherwise: in the folder of that of the API."""
    return os.path.join(os.path.dirname(api_socket), "stats.sock")


class Stats:
    """C(with Stats(path) as stats): the memory is open within."""

    def __init__(self, path: str, timeout: float = 5) -> None:
        self.path = path
        self.timeout = timeout
        self.memory: t.Optional[mmap.mmap] = None

    def __enter__(self) -> Stats:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
                connection.settimeout(self.timeout)
                connection.connect(self.path)
                handles = array.array("i")
                _data, ancillary, _flags, _address = connection.recvmsg(1, socket.CMSG_LEN(handles.itemsize))
        except OSError as error:
            raise StatsError(f"VPP's counters cannot be read at {self.path}: {error.strerror or error}") from error
        for level, kind, content in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                handles.frombytes(content[: handles.itemsize])
        if not handles:
            raise StatsError(f"{self.path} does not hand out VPP's counters")
        try:
            self.memory = mmap.mmap(handles[0], os.fstat(handles[0]).st_size, mmap.MAP_SHARED, mmap.PROT_READ)
        finally:
            os.close(handles[0])
        version = _HEAD.unpack_from(self.memory)[0]
        if version != VERSION:
            self.memory.close()
            raise StatsError(f"VPP's counters at {self.path} are laid out in version {version}; {VERSION} is known here")
        return self

    def __exit__(self, *_unused: t.Any) -> None:
        if self.memory is not None:
            self.memory.close()

    def combined(self, *names: str) -> t.Dict[str, t.Dict[int, t.Tuple[int, int]]]:
        """Packets and bytes by interface index, over all threads, of counters like C(/if/rx). One that VPP does not have is empty."""
        for _try in range(_TRIES):
            try:
                return self._combined(names)
            except (_Torn, struct.error):
                time.sleep(0.001)
        raise StatsError(f"VPP's counters at {self.path} change faster than they can be read")

    def _combined(self, names: t.Sequence[str]) -> t.Dict[str, t.Dict[int, t.Tuple[int, int]]]:
        memory = t.cast(mmap.mmap, self.memory)
        _version, base, epoch, in_progress, directory = _HEAD.unpack_from(memory)
        if in_progress:
            raise _Torn
        wanted = {name.encode(): name for name in names}
        result: t.Dict[str, t.Dict[int, t.Tuple[int, int]]] = {name: {} for name in names}
        for kind, value, path in _ENTRY.iter_unpack(self._vector(directory - base, _ENTRY.size)):
            name = wanted.get(path.partition(b"\0")[0])
            if name and kind == COMBINED and value:
                for (thread,) in _POINTER.iter_unpack(self._vector(value - base, _POINTER.size)):
                    for index, (packets, octets) in enumerate(_PAIR.iter_unpack(self._vector(thread - base, _PAIR.size))):
                        before = result[name].get(index, (0, 0))
                        result[name][index] = before[0] + packets, before[1] + octets
        if _HEAD.unpack_from(memory)[2:4] != (epoch, 0):
            raise _Torn
        return result

    def _vector(self, offset: int, size: int) -> bytes:
        """The bytes of a vector of elements of this size; its length stands in front of it."""
        memory = t.cast(mmap.mmap, self.memory)
        if not 8 <= offset < len(memory):
            raise _Torn
        (length,) = _LENGTH.unpack_from(memory, offset - 8)
        if offset + length * size > len(memory):
            raise _Torn
        return memory[offset : offset + length * size]
