# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VPP's API socket: frames, the handshake with its table of messages, and the goodbye.

vpp-papi reads in a thread of its own and hands each reply over in a queue between processes: a hundred times VPP's own time.
We wait for replies anyway, so all is done in the calling thread.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.errors import Gone

FRAME = struct.Struct(">QII")
SIZE = struct.Struct(">8xI4x").unpack_from
HEAD = struct.Struct(">8xI4xHI")
"""Of a frame and of nearly all messages in one: size, number, context."""
CREATE, CREATE_REPLY = 15, 16
"""The only messages whose numbers never change."""
HELLO, WELCOME, ENTRY = struct.Struct(">HI64s"), struct.Struct(">HIIiIH"), struct.Struct(">H64s")
CREDENTIALS = struct.Struct("3i")
CHUNK = 1 << 18
LARGEST = 1 << 24
"""Octets of the table of messages, by far."""
LONGEST = 107
"""Bytes of a socket's path."""
GOODBYE = 1.0
"""Seconds that VPP has to say goodbye."""


def frame(message: bytes) -> bytes:
    """As it goes over the socket."""
    return FRAME.pack(0, len(message), 0) + message


class Transport:
    """One client of one VPP. C(table): number and checksum of each message by its name. C(client): what VPP knows us by. C(context): the last one
    used; C(waiting): requests under way, by theirs."""

    def __init__(self, path: str, timeout: float) -> None:
        self.path = path
        self.timeout = timeout
        self.table: t.Dict[str, t.Tuple[int, int]] = {}
        self.client = self.context = 0
        self.broken = ""
        self.ended = False
        self.torn = False
        self.deadline = 0.0
        self.data = b""
        self.waiting: t.Dict[int, t.Any] = {}
        self.socket = self._connected()
        try:
            self.peer = CREDENTIALS.unpack(self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size))[0]
            self._shake_hands()
        except BaseException:
            self.socket.close()
            raise

    def _connected(self) -> socket.socket:
        if len(os.fsencode(self.path)) > LONGEST:
            raise CnfError(f"{self.path}: the path of a socket has at most {LONGEST} bytes")
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        one.settimeout(self.timeout)
        deadline = time.monotonic() + self.timeout
        try:
            while True:
                try:
                    one.connect(self.path)
                    return one
                except BlockingIOError:
                    # Others are waiting to be let in.
                    if time.monotonic() > deadline:
                        raise CnfError(f"VPP at {self.path} let nobody in for {self.timeout:g} s") from None
                    time.sleep(0.01)
        except OSError as error:
            one.close()
            raise CnfError(_why_not(self.path, error)) from error
        except BaseException:
            one.close()
            raise

    def _shake_hands(self) -> None:
        name = b"pantheon.cnf"
        self.send(frame(HELLO.pack(CREATE, 0, name)))
        try:
            welcome = self._one()
            number, _client, _context, response, self.client, count = WELCOME.unpack_from(welcome)
            entries = ENTRY.iter_unpack(welcome[WELCOME.size : WELCOME.size + ENTRY.size * count])
            table = [(number, raw.partition(b"\0")[0].decode()) for number, raw in entries]
            self.table = {name[:-9]: (number, int(name[-8:], 16)) for number, name in table}
        except (struct.error, ValueError) as error:
            raise CnfError(f"what listens at {self.path} is no VPP: it answers otherwise ({error})") from error
        if number != CREATE_REPLY or response < 0 or not self.table:
            raise CnfError(f"what listens at {self.path} is no VPP, or takes no more clients (answer {number}, {response})")

    def _one(self) -> bytes:
        """The next message, before there are others under way."""
        while True:
            end = FRAME.size + SIZE(self.data)[0] if len(self.data) >= FRAME.size else LARGEST
            if end > LARGEST:
                raise ValueError(f"a message of {end} octets")
            if len(self.data) >= end:
                break
            self.receive()
        message, self.data = self.data[FRAME.size : end], self.data[end:]
        return message

    def send(self, frames: bytes) -> None:
        """All of it. Raises L(Gone), also when an interrupt left VPP with a part of the last ones."""
        if self.torn:
            self.lost("was told a part of a message, and would take what comes now for its rest")
        self.torn = True
        try:
            self.socket.settimeout(self.timeout)
            self.socket.sendall(frames)
            self.torn = False
            self.wait()
        except socket.timeout:
            self.lost(f"did not read what was sent within {self.timeout:g} s")
        except OSError as error:
            self.ended = True
            self.lost(f"ended ({error.strerror})")

    def wait(self) -> None:
        """From now on, for the next answer."""
        self.deadline = time.monotonic() + self.timeout

    def receive(self) -> None:
        """At least one octet more in C(data). Raises L(Gone)."""
        more = b""
        try:
            self.socket.settimeout(max(0.001, self.deadline - time.monotonic()))
            more = self.socket.recv(CHUNK)
        except socket.timeout:
            self.lost(f"did not answer within {self.timeout:g} s")
        except OSError:
            pass
        if not more:
            self.ended = True
            self.lost("ended")
        self.data += more

    def check(self) -> None:
        """Raise L(Gone) when it was lost before."""
        if self.broken:
            raise Gone(self.broken)

    def lost(self, how: str) -> t.NoReturn:
        """From now on nothing is sent: what comes would answer something else."""
        self.broken = f"VPP at {self.path} {how}"
        raise Gone(self.broken)

    def close(self) -> None:
        """Say goodbye: many clients that vanish at once without it hang a VPP for good."""
        try:
            number, reply = (self.table[name][0] for name in ("sockclnt_delete", "sockclnt_delete_reply"))
            waits = not self.broken
            self.timeout = min(GOODBYE, self.timeout)
            # After half a message nothing may follow: VPP would take it for the other half.
            if not self.torn:
                self.send(frame(struct.pack(">HIII", number, self.client, 0, self.client)))
                while waits and struct.unpack_from(">H", self._one())[0] != reply:
                    pass
        except (Gone, KeyError, ValueError, struct.error):
            pass
        finally:
            self.socket.close()


def _why_not(path: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"no VPP at {path}: there is no such socket. Start VPP, or name its socket (socksvr in its startup.conf)"
    if isinstance(error, ConnectionRefusedError):
        try:
            mode = os.stat(path).st_mode
        except OSError:
            mode = 0
        if mode and not stat.S_ISSOCK(mode):
            return f"{path} is no socket"
        return f"no VPP at {path}: the socket is there, but nobody listens. VPP has ended; start it again"
    if isinstance(error, PermissionError):
        try:
            group = os.stat(path).st_gid
            who = f"root or a member of the group {_group(group)}"
        except OSError:
            who = "root, or one who may enter its folder"
        return f"not allowed to use VPP's socket {path}: that takes {who} (become: true)"
    if isinstance(error, socket.timeout):
        return f"VPP at {path} let nobody in in time"
    return f"cannot connect to VPP at {path}: {error.strerror or error}"


def _group(number: int) -> str:
    import grp

    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
