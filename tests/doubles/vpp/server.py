# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The double's main loop: one thread serves all clients in order, as VPP's does, and does what the faults say."""

from __future__ import annotations

import json
import os
import pathlib
import selectors
import socket
import struct
import threading
import traceback
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import apifiles, compiler

from tests.doubles.vpp import catalogue, registry
from tests.doubles.vpp.state import State

FRAME = struct.Struct(">QII")
CREATE = 15
AGAIN = -165
NOWHERE = 0xFFFFFFFF


class Died(BaseException):
    """The double is to end as if killed."""


class Stalled(BaseException):
    """The double is to answer nobody any more."""


class Fault(t.NamedTuple):
    """What happens at the nth call from now on."""

    message: str
    nth: int
    what: t.Union[int, str]


class _Connection:
    def __init__(self, one: socket.socket) -> None:
        self.socket = one
        self.received = b""
        self.unsent = b""
        self.index = 0


class _Message(t.NamedTuple):
    name: str
    unpack: compiler.Unpack
    pack: compiler.Pack


class Double:
    """A VPP at the socket C(path), from C(start) (or C(with)) on.

    C(lacks): plugins that are not loaded, by the name of their file of descriptions. C(without): messages that it has not.
    C(checksums): messages whose checksum is another one than the release's, as of a VPP that was changed.
    C(calls): requests in their order, as (message, fields). C(problems): what no area handles, and what handlers raised.
    """

    def __init__(
        self,
        path: t.Union[str, pathlib.Path],
        release: str = "26.06",
        version: str = "",
        lacks: t.Container[str] = (),
        without: t.Container[str] = (),
        checksums: t.Optional[t.Mapping[str, int]] = None,
        mute: bool = False,
    ) -> None:
        registry.load()
        self.path = str(path)
        self.release = release
        self.version = version or f"{release}-release"
        self.lacks = lacks
        self.without = without
        self.checksums = checksums or {}
        self.mute = mute
        self.page = 0
        self.host_devices: t.Set[str] = set()
        self.calls: t.List[t.Tuple[str, t.Dict[str, t.Any]]] = []
        self.problems: t.List[str] = []
        self.faults: t.List[Fault] = []
        self.counts: t.Dict[str, int] = {}
        self.deleted_clients = 0
        self.connected = 0
        self.alive = False
        self.lock = threading.RLock()
        self._thread: t.Optional[threading.Thread] = None
        self._number()
        self.state = State(self.release, self.version, self.host_devices)

    def _number(self) -> None:
        """The table of messages: numbers as VPP gives them out, the handshake's fixed."""
        self.files = {name: apifiles.File(content) for name, content in catalogue.files(self.release).items() if name.partition("/")[2] not in self.lacks}
        self.numbers: t.Dict[str, int] = {}
        self.described: t.Dict[int, t.Tuple[str, apifiles.Described]] = {}
        self.compiled: t.Dict[int, _Message] = {}
        number = 20
        for name in ("sockclnt_create", "sockclnt_create_reply"):
            self._add(CREATE + len(self.numbers), name, self.files["core/memclnt"])
        for file in self.files.values():
            for name in file.messages:
                if name not in self.numbers and name not in self.without:
                    number += 1
                    self._add(number, name, file)

    def _add(self, number: int, name: str, file: apifiles.File) -> None:
        described = file.described(name)
        assert described is not None
        self.numbers[name] = number
        self.described[number] = (name, described)

    def message(self, number: int) -> _Message:
        """To read and to write."""
        if number not in self.compiled:
            name, described = self.described[number]
            made = described.fields, described.types
            self.compiled[number] = _Message(name, compiler.unpacker(*made), compiler.packer(*made))
        return self.compiled[number]

    def write_api_dir(self, folder: pathlib.Path) -> pathlib.Path:
        """Descriptions for clients that read files."""
        return catalogue.write(self.release, folder, self.lacks)

    # What tests say.

    def fail(self, message: str, retval: int, nth: int = 1) -> None:
        """The nth call of the message from now on is not done, and answers C(retval)."""
        self._fault(message, nth, retval)

    def die(self, message: str, nth: int = 1, after: bool = False) -> None:
        """At the nth call of the message from now on, end as if killed: before it is done, or after it but without an answer."""
        self._fault(message, nth, "die after" if after else "die")

    def stall(self, message: str, nth: int = 1) -> None:
        """At the nth call of the message from now on, answer nobody any more, until C(restart)."""
        self._fault(message, nth, "stall")

    def _fault(self, message: str, nth: int, what: t.Union[int, str]) -> None:
        with self.lock:
            self.faults.append(Fault(message, self.counts.get(message, 0) + nth, what))

    def called(self, *messages: str) -> t.List[t.Dict[str, t.Any]]:
        """The fields of all calls of these messages so far."""
        return [fields for name, fields in self.calls if name in messages]

    def writes(self) -> t.List[str]:
        """Messages so far that are no dump and no question."""
        reads = ("_dump", "_get", "show_version", "control_ping", "get_api_json", "sockclnt_create", "sockclnt_delete")
        return [name for name, _fields in self.calls if not name.endswith(reads) and "_get_" not in name and "_show_" not in name]

    # Life.

    def __enter__(self) -> Double:
        self.start()
        return self

    def __exit__(self, *_exception: t.Any) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, with nothing configured."""
        self.state = State(self.release, self.version, self.host_devices)
        if os.path.exists(self.path):
            os.unlink(self.path)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen(64)
        self._listener.setblocking(False)
        self._wake, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._clients: t.Dict[socket.socket, _Connection] = {}
        self._stalled = False
        self.alive = True
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; the socket's file stays, as VPP's does."""
        if self._thread:
            self._wake.send(b"x")
            self._thread.join()
            self._thread = None
            self._wake.close()
            self._woken.close()

    def restart(self) -> None:
        """As a supervisor does it: everything is forgotten; faults too."""
        self.stop()
        self.faults.clear()
        self.start()

    def _loop(self) -> None:
        try:
            while True:
                for key, events in self._selector.select():
                    if key.fileobj is self._woken:
                        return
                    if self._stalled:
                        self._selector.unregister(key.fileobj)
                    elif key.fileobj is self._listener:
                        self._accept()
                    else:
                        self._serve(self._clients[t.cast(socket.socket, key.fileobj)], events)
        except Died:
            pass
        finally:
            self.alive = False
            for each in (self._listener, *self._clients, self._selector):
                each.close()

    def _accept(self) -> None:
        one, _address = self._listener.accept()
        one.setblocking(False)
        self._clients[one] = _Connection(one)
        self.connected += 1
        self._selector.register(one, selectors.EVENT_READ)

    def _drop(self, connection: _Connection) -> None:
        self._selector.unregister(connection.socket)
        del self._clients[connection.socket]
        connection.socket.close()

    def _serve(self, connection: _Connection, events: int) -> None:
        try:
            if events & selectors.EVENT_READ:
                # VPP reads 4 KB at a time.
                data = connection.socket.recv(1 << 16)
                if not data:
                    self._drop(connection)
                    return
                connection.received += data
                try:
                    with self.lock:
                        self._take(connection)
                except Died:
                    self._flush(connection)
                    raise
                except Stalled:
                    self._stalled = True
            self._flush(connection)
        except (BrokenPipeError, ConnectionResetError):
            self._drop(connection)

    def _flush(self, connection: _Connection) -> None:
        try:
            while connection.unsent:
                connection.unsent = connection.unsent[connection.socket.send(connection.unsent[: 1 << 18]) :]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            # It does not read any more, but what it wrote is still to be read.
            connection.unsent = b""
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.unsent else 0)
        self._selector.modify(connection.socket, wanted)

    def _take(self, connection: _Connection) -> None:
        """All whole messages."""
        data, offset = connection.received, 0
        answers: t.List[bytes] = []
        try:
            while len(data) - offset >= FRAME.size:
                length = FRAME.unpack_from(data, offset)[1]
                begin = offset + FRAME.size
                if len(data) < begin + length:
                    break
                offset = begin + length
                answers.extend(FRAME.pack(0, len(each), 0) + each for each in self._answer(connection, data[begin:offset]))
        finally:
            connection.received = data[offset:]
            connection.unsent += b"".join(answers)

    def _answer(self, connection: _Connection, data: bytes) -> t.Iterator[bytes]:
        number = struct.unpack_from(">H", data)[0]
        if number == CREATE:
            if not self.mute:
                yield self._welcome(connection, struct.unpack_from(">I", data, 2)[0])
            return
        if number not in self.described:
            # VPP writes to its log and drops it.
            self.problems.append(f"message number {number} is not known")
            return
        client, context = struct.unpack_from(">II", data, 2)
        message = self.message(number)
        fields = message.unpack(data, 0)
        service = self.described[number][1].service
        fault = self._next_fault(message.name)
        if fault == "die":
            raise Died
        if fault == "stall":
            raise Stalled
        self.calls.append((message.name, fields))
        found = fault if isinstance(fault, int) else self._handled(message.name, fields)
        if fault == "die after":
            raise Died
        if service.get("stream"):
            yield from self._listed(service, found, fields, client, context)
        elif service.get("reply", "null") != "null":
            yield self._packed(service["reply"], client, context, found if isinstance(found, dict) else {"retval": found or 0})

    def _next_fault(self, name: str) -> t.Union[int, str, None]:
        count = self.counts[name] = self.counts.get(name, 0) + 1
        for each in self.faults:
            if each.message == name and each.nth == count:
                return each.what
        return None

    def _handled(self, name: str, fields: t.Dict[str, t.Any]) -> t.Any:
        own = getattr(self, f"_do_{name}", None)
        if own:
            return own(fields)
        handler = registry.HANDLERS.get(name)
        if handler is None:
            self.problems.append(f"no area handles {name}")
            return -9
        try:
            return handler(self.state, {**fields, "_message": name})
        except Exception:  # whatever it is, the test that called it must see it
            self.problems.append(traceback.format_exc())
            return -168

    def _listed(self, service: t.Mapping[str, t.Any], found: t.Any, fields: t.Mapping[str, t.Any], client: int, context: int) -> t.Iterator[bytes]:
        """Details; then, when it is a list by cursor, where it goes on."""
        details = found if isinstance(found, list) else []
        reply: t.Dict[str, t.Any] = {"retval": found if isinstance(found, int) else 0}
        if "stream_msg" in service and "cursor" in fields:
            begin = fields["cursor"]
            end = begin + self.page if self.page else len(details)
            more = end < len(details)
            reply = {**reply, **({"retval": AGAIN} if more else {}), "cursor": end if more else NOWHERE}
            details = details[begin:end]
        usual = service.get("stream_msg") or service["reply"]
        for each in details:
            # VPP answers some dumps with the details of another.
            yield self._packed(each.pop("_message") if "_message" in each else usual, client, context, each)
        if "stream_msg" in service:
            yield self._packed(service["reply"], client, context, reply)

    def _packed(self, name: str, client: int, context: int, fields: t.Mapping[str, t.Any]) -> bytes:
        number = self.numbers[name]
        try:
            return self.message(number).pack(number, client, context, fields)
        except Exception as error:  # a handler's mistake
            self.problems.append(f"{name}: {fields}: {error!r}")
            return self.message(number).pack(number, client, context, {"retval": -168} if name.endswith("_reply") else {})

    def _welcome(self, connection: _Connection, context: int) -> bytes:
        connection.index = 0x80000000 + self.connected
        entries = []
        for name, number in self.numbers.items():
            crc = self.checksums.get(name, self.described[number][1].crc)
            entries.append(struct.pack(">H64s", number, f"{name}_{crc:08x}".encode()))
        return struct.pack(">HIIiIH", CREATE + 1, 0, context, 0, connection.index, len(entries)) + b"".join(entries)

    def _do_control_ping(self, _fields: t.Any) -> t.Any:
        return {"vpe_pid": os.getpid()}

    def _do_show_version(self, _fields: t.Any) -> t.Any:
        return {"program": "vpe", "version": self.version, "build_date": "2026-01-01T00:00:00", "build_directory": "/"}

    def _do_get_api_json(self, _fields: t.Any) -> t.Any:
        contents = [dict(content) for name, content in catalogue.files(self.release).items() if name.partition("/")[2] not in self.lacks]
        for content in contents:
            changed = [each for each in content["messages"] if each[0] in self.checksums]
            if changed:
                others = [each for each in content["messages"] if each not in changed]
                content["messages"] = others + [[*each[:-1], {"crc": f"0x{self.checksums[each[0]]:08x}"}] for each in changed]
        return {"json": json.dumps(contents)}

    def _do_sockclnt_delete(self, _fields: t.Any) -> t.Any:
        self.deleted_clients += 1
        return {"response": 1}
