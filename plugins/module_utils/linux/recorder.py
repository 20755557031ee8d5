# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture that goes on between two tasks: a small process holds the sockets and writes what passes into a file.

It ends by itself when its file or its namespace is gone, or after L(LIFE) seconds.
"""

from __future__ import annotations

import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import processes
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.capture import EVERY_PROTOCOL, OUTGOING
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.dissect import Data, headers
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host

FOLDER = "/run/pantheon.cnf.trace"
NAME = "packets"
LIFE = 3600
STARTING = 10
"""Seconds until the process has to read."""
_HEAD = struct.Struct("=dHHBxHH")  # time, number of the interface, EtherType, kind of packet, kind of hardware, length of what follows
_SNAP = 256

SCRIPT = r"""
import os, select, socket, struct, sys, time
path, namespace, most, life = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
ready, *given = map(int, sys.argv[5:])
sockets = {each: at for at, each in enumerate(given)}
made = {each: socket.socket(fileno=each) for each in sockets}
left = dict.fromkeys(sockets, most)
end = time.monotonic() + life
home = os.stat(namespace).st_ino if namespace else 0
def ended():
    try:
        gone = namespace and os.stat(namespace).st_ino != home
        return gone or time.monotonic() > end or os.fstat(file.fileno()).st_nlink == 0
    except OSError:
        return True
with open(path, "ab", buffering=0) as file:
    os.close(ready)
    while any(left.values()) and not ended():
        for each in select.select([each for each in sockets if left[each]], [], [], 0.5)[0]:
            try:
                data, address = made[each].recvfrom(SNAP)
            except OSError:  # told once: the interface is down, or gone
                continue
            file.write(struct.pack("HEAD", time.time(), sockets[each], address[1], address[2], address[3], len(data)) + data)
            left[each] -= 1
            if not left[each]:
                made[each].close()
""".replace("SNAP", str(_SNAP)).replace("HEAD", _HEAD.format)


class Recorded(t.NamedTuple):
    """A packet of the file."""

    time: float
    interface: str
    outgoing: bool
    headers: Data


class Recorder:
    """That of one namespace, of which there is one at a time."""

    def __init__(self, host: Host, folder: str = FOLDER) -> None:
        self.host = host
        self.base = folder
        # No sandbox is called so: a name of theirs has no colon.
        self.place = f"trace:{(host.namespace or 'host').replace('/', '_')}"
        self.folder = os.path.join(folder, self.place)

    def start(self, devices: t.Mapping[str, str], packets: int) -> None:
        """Record from now on what passes these (logical name: kernel name); what was recorded before is gone."""
        self.stop()
        opened: t.List[socket.socket] = []
        try:
            for device in devices.values():
                opened.append(self._socket(device))
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            self._write("script", SCRIPT)
            self._write("names", "\0".join(devices))
            self._write(NAME, "")
            self._run([each.fileno() for each in opened], packets)
        except BaseException:
            self.stop()
            raise
        finally:
            for each in opened:
                each.close()

    def _socket(self, device: str) -> socket.socket:
        with self.host.inside():
            # Protocol 0 first: nothing of other interfaces comes in before the socket is bound to this one.
            made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        try:
            made.bind((device, EVERY_PROTOCOL))
        except OSError as error:
            made.close()
            raise CnfError(f"cannot capture on {device}: {error.strerror}") from error
        return made

    def _run(self, handles: t.Sequence[int], packets: int) -> None:
        """Returns when the process reads. Nothing was lost until then: the sockets are bound, and keep what comes."""
        python = sys.executable or "/usr/bin/python3"
        argv = [python, "-I", os.path.join(self.folder, "script"), os.path.join(self.folder, NAME), self.host.path or "", str(packets), str(LIFE)]
        environment = {"PATH": os.environ.get("PATH", os.defpath), processes.MARK: f"{self.place}/{NAME}:{0:016x}"}
        waiting, ready = os.pipe()
        try:
            process = subprocess.Popen(
                [*argv, str(ready), *map(str, handles)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                cwd="/",
                start_new_session=True,
                pass_fds=[ready, *handles],
            )
        except OSError as error:
            raise CnfError(f"cannot run {python}: {error.strerror}") from error
        finally:
            os.close(ready)
            begun = bool(select.select([waiting], [], [], STARTING)[0])
            os.close(waiting)
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            if begun:
                return
        else:
            raise CnfError(f"the capture does not start: {python} ended with exit status {process.returncode}")
        process.kill()
        process.wait()
        raise CnfError(f"the capture does not start: {python} is not ready after {STARTING} s")

    def _drained(self) -> bool:
        """Whether the process has read all that came until now."""
        for mark in processes.marked():
            if (mark.place, mark.name) == (self.place, NAME):
                try:
                    own = {str(os.stat(f"/proc/{mark.pid}/fd/{each}").st_ino) for each in os.listdir(f"/proc/{mark.pid}/fd")}
                    with open(f"/proc/{mark.pid}/net/packet", encoding="ascii") as stream:
                        fields = [line.split() for line in stream]
                except OSError:
                    continue  # it ended meanwhile
                if any(each[-1] in own and each[6] != "0" for each in fields[1:]):
                    return False
        return True

    def _write(self, name: str, text: str) -> None:
        handle = os.open(os.path.join(self.folder, name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(handle, "w", encoding="utf-8") as stream:
            stream.write(text)

    @property
    def there(self) -> bool:
        """Whether something is recorded, or was."""
        return os.path.exists(self.folder)

    def packets(self) -> t.List[Recorded]:
        """Until now."""
        deadline = time.monotonic() + 1
        while self.there:
            drained = self._drained()
            time.sleep(0.01)  # also for what it has read and is about to write
            if drained or time.monotonic() > deadline:
                break
        try:
            with open(os.path.join(self.folder, "names"), encoding="utf-8") as stream:
                names = stream.read().split("\0")
            with open(os.path.join(self.folder, NAME), "rb") as stream:
                content = stream.read()
        except FileNotFoundError:
            return []
        found, offset = [], 0
        while offset + _HEAD.size <= len(content):
            when, at, ethertype, kind, hardware, length = _HEAD.unpack_from(content, offset)
            offset += _HEAD.size + length
            if offset <= len(content):
                found.append(Recorded(when, names[at], kind == OUTGOING, headers(content[offset - length : offset], ethertype, hardware)))
        return found

    def stop(self) -> None:
        """End it, and forget what was recorded."""
        problem = processes.stop(self.place, NAME, folder=self.base)
        if problem:
            raise CnfError(f"the capture cannot be ended: {problem}")
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            os.rmdir(self.base)
        except OSError:
            pass
