# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of VPP's binary API: calls go out in windows, replies come back to their calls."""

from __future__ import annotations

import contextlib
import json
import re
import struct
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import apifiles, compiler, errors
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.bootstrap import CONTENT
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Answer, Call, Dump, Reply, Request
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.transport import FRAME, SIZE, Transport

OLDEST = (24, 2)
WINDOW = 512
"""Requests under way: VPP keeps all replies that we have not read, so they must be bounded."""
BYTES = 1 << 17
"""How much goes out before replies are read."""
PING = Dump("control_ping")
UNPACKING = (ValueError, IndexError, struct.error)
PACKING = (*UNPACKING, TypeError, KeyError, AttributeError, OverflowError)

Result = t.Union[Answer, CnfError]


class _Message(t.NamedTuple):
    """A request that can be sent. C(listing): C(dump) when a ping tells its end, C(get) when a reply does, else empty."""

    number: int
    pack: compiler.Pack
    described: t.Sequence[compiler.Field]
    types: compiler.Types
    listing: str


class _Waiting:
    """A request under way: C(at) is its place among the requests, C(group) the dumps that a ping ends."""

    __slots__ = ("at", "context", "found", "group", "message", "request")

    def __init__(self, at: int, request: Request, message: _Message, group: t.Sequence[_Waiting] = ()) -> None:
        self.at = at
        self.request = request
        self.message = message
        self.context = 0
        self.found: t.List[Reply] = []
        self.group = group


class Client:
    """C(with Client(path) as client): connected within. C(timeout) is in seconds, for each answer.

    A reply is a dict: enums are numbers, addresses, prefixes and MAC addresses are text, unions are bytes. Requests take the same.
    What a request leaves out is zero, whatever VPP's descriptions have for a default; the number of elements of an array is counted.
    """

    def __init__(self, socket: str, api_dir: t.Optional[str] = None, timeout: float = 10) -> None:
        self.socket = socket
        self.api_dir = api_dir
        self.timeout = timeout
        self.context = 0
        self.messages: t.Dict[str, _Message] = {}
        self.readers: t.Dict[int, t.Tuple[compiler.Unpack, t.Callable[[bytes, int], t.Tuple[int]], bool]] = {}
        self.bootstrap = apifiles.File(CONTENT)
        self.files: t.Optional[apifiles.ApiFiles] = None
        self.told: t.Optional[t.List[apifiles.File]] = None
        self.transport: t.Optional[Transport] = None
        self.about: t.Mapping[str, t.Any] = {}
        self.pid = 0

    def __enter__(self) -> Client:
        self.open()
        return self

    def __exit__(self, *_exception: t.Any) -> None:
        self.close()

    def open(self) -> None:
        """Connect, and see that this is a VPP that we can work with."""
        self.transport = Transport(self.socket, self.timeout)
        try:
            about, ping = self.exchange([Call("show_version"), Call("control_ping")])
            for answer in (about, ping):
                if isinstance(answer, CnfError):
                    raise answer
            self.about = t.cast(Reply, about)
            # VPP's own number for itself is another one when it is in a container.
            self.pid = self.transport.peer or t.cast(Reply, ping)["vpe_pid"]
            release = re.match(r"(\d+)\.(\d+)", self.version())
            if release and (int(release[1]), int(release[2])) < OLDEST:
                raise CnfError(f"VPP at {self.socket} is {self.version()}: 24.02 or newer is needed")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Goodbye; also when something went wrong."""
        transport, self.transport = self.transport, None
        if transport:
            transport.close()

    def version(self) -> str:
        """As VPP tells it: C(26.06-release)."""
        return str(self.about.get("version", "of unknown version"))

    def offers(self, message: str) -> bool:
        """Whether this VPP has the message."""
        return message in self._connected().table

    def exchange(self, requests: t.Sequence[Request]) -> t.List[Result]:
        """The answer or the error for each. Once VPP is gone that is L(errors.Gone) for all that have no answer yet; nothing is raised."""
        return _Exchange(self, self._connected(), requests).run()

    def _connected(self) -> Transport:
        if self.transport is None:
            raise CnfError(f"not connected to VPP at {self.socket}")
        return self.transport

    def message(self, name: str) -> _Message:
        """To be packed; what its replies are read with is made with it."""
        found = self.messages.get(name)
        if found is None:
            described, number = self._described(name)
            service = described.service
            if service.get("reply", "null") == "null":
                raise CnfError(f"{name} is no request that VPP answers")
            self._reader(service["reply"], not service.get("stream") or "stream_msg" in service)
            if "stream_msg" in service:
                self._reader(service["stream_msg"], False)
            listing = "" if not service.get("stream") else "get" if "stream_msg" in service else "dump"
            written = compiler.fields(described.raw)
            found = _Message(number, self._compiled(name, described, compiler.packer), written, described.types, listing)
            self.messages[name] = found
        return found

    @staticmethod
    def _compiled(name: str, described: apifiles.Described, make: t.Callable[[t.Any, compiler.Types], t.Any]) -> t.Any:
        """By our compiler; by vpp-papi what that does not know, which is nothing in VPP 24.02 to 26.06."""
        try:
            return make(compiler.fields(described.raw), described.types)
        except compiler.Unsupported:
            from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import papi

            return (papi.packer if make is compiler.packer else papi.unpacker)(name, described)

    def _reader(self, name: str, last: bool) -> None:
        described, number = self._described(name)
        read = compiler.fields(described.raw)
        before = [each.name for each in read].index("context")
        context = struct.Struct(">" + "".join(f"{struct.calcsize(compiler.wire.SCALARS[each.type])}x" for each in read[:before]) + "I")
        self.readers[number] = (self._compiled(name, described, compiler.unpacker), t.cast(t.Any, context.unpack_from), last)

    def _described(self, name: str) -> t.Tuple[apifiles.Described, int]:
        """As the connected VPP has it."""
        transport = self._connected()
        if name not in transport.table:
            raise errors.NotOffered(self._missing(name))
        number, crc = transport.table[name]
        found = self.bootstrap.described(name)
        if not found or found.crc != crc:
            found = self._files().find(name, crc) or self._told(name, crc)
        if found is None:
            raise CnfError(self._mismatch(name, crc))
        return found, number

    def _files(self) -> apifiles.ApiFiles:
        if self.files is None:
            self.files = apifiles.ApiFiles(apifiles.folders(self.api_dir, self._connected().peer))
        return self.files

    def _told(self, name: str, crc: int) -> t.Optional[apifiles.Described]:
        """What VPP says of itself: 2 MB, asked for only when no file has what is needed. vpp-papi without files does the same."""
        if self.told is None:
            self.told = []
            if self.offers("get_api_json"):
                answer = self.exchange([Call("get_api_json")])[0]
                if isinstance(answer, CnfError):
                    raise answer
                self.told = [apifiles.File(each) for each in json.loads(t.cast(Reply, answer)["json"])]
        return next((each for each in (file.described(name) for file in self.told) if each and each.crc == crc), None)

    def _missing(self, name: str) -> str:
        plugin = self._files().plugin(name)
        said = f"VPP {self.version()} at {self.socket} has no message {name}"
        if plugin:
            return f"{said}: its plugin {plugin}_plugin.so is not loaded (section plugins of VPP's startup.conf)"
        if plugin is None:
            return f"{said}, and no description has it: it comes with another release, or with a plugin that is not installed"
        return f"{said}: it comes with another release"

    def _mismatch(self, name: str, crc: int) -> str:
        files = self._files()
        other = files.find(name, None)
        where = ", ".join(files.folders) or "/usr/share/vpp/api"
        found = f"it has {other.crc:08x}: they are of another VPP" if other else "it is not described"
        return f"VPP {self.version()} at {self.socket} has {name} with the checksum {crc:08x}, but in {where} (api_dir) {found}"


class _Exchange:
    """One run of requests."""

    def __init__(self, client: Client, transport: Transport, requests: t.Sequence[Request]) -> None:
        self.client = client
        self.transport = transport
        self.requests = requests
        self.results: t.List[t.Any] = [None] * len(requests)
        self.waiting: t.Dict[int, _Waiting] = {}
        self.next = 0
        self.again: t.List[_Waiting] = []

    def run(self) -> t.List[Result]:
        """The result of each, whatever happens."""
        try:
            if self.transport.broken:
                raise errors.Gone(self.transport.broken)
            # All of them before anything is under way: VPP may have to be asked for one.
            unusable = self.unusable()
            while True:
                self.send(unusable)
                if not self.waiting:
                    break
                self.receive(WINDOW // 2 if self.next < len(self.requests) else 0)
        except errors.Gone as gone:
            self.unanswered(gone)
        return self.results

    def unusable(self) -> t.Dict[str, CnfError]:
        """Messages that cannot be sent, and why."""
        found: t.Dict[str, CnfError] = {}
        for name in {request.message for request in self.requests}:
            try:
                self.client.message(name)
            except errors.Gone:
                raise
            except CnfError as error:
                found[name] = error
        return found

    def unanswered(self, gone: errors.Gone) -> None:
        """What was sent may or may not have been done; what was not sent has not."""
        for each in self.waiting.values():
            if not each.group:
                unsure = "" if each.message.listing else "; the call may or may not have been made, a new connection is needed to see"
                self.results[each.at] = errors.Gone(f"{errors.subject(each.request)}: {gone.message}{unsure}")
        for at, request in enumerate(self.requests):
            if self.results[at] is None:
                self.results[at] = errors.Gone(f"{errors.subject(request)}: not sent, {gone.message}")

    def send(self, unusable: t.Mapping[str, CnfError]) -> None:
        """As much as may be under way."""
        requests, messages = self.requests, self.client.messages
        frames: t.List[bytes] = []
        dumps: t.List[_Waiting] = []
        size = 0
        for each in self.again:
            size += self.pack(each, {**each.request.fields, "cursor": each.found.pop()["cursor"]}, frames)
        self.again = []
        while self.next < len(requests) and len(self.waiting) < WINDOW and size < BYTES:
            request = requests[self.next]
            error = unusable.get(request.message)
            if error is not None:
                about = getattr(request, "about", "")
                self.results[self.next] = type(error)(f"{about}: {error.message}") if about else error
            else:
                each = _Waiting(self.next, request, messages[request.message])
                packed = self.pack(each, request.fields, frames)
                size += packed
                if packed and each.message.listing == "dump":
                    dumps.append(each)
            self.next += 1
        if dumps:
            self.pack(_Waiting(-1, PING, self.client.message(PING.message), dumps), {}, frames)
        if frames:
            try:
                self.transport.send(b"".join(frames))
            except errors.Gone:
                if self.transport.ended:
                    # It answered some before it ended.
                    with contextlib.suppress(errors.Gone):
                        self.receive(0)
                raise

    def pack(self, each: _Waiting, fields: t.Mapping[str, t.Any], frames: t.List[bytes]) -> int:
        """Its size. What cannot be packed is an error of this request alone."""
        client, message = self.client, each.message
        client.context = each.context = context = client.context % 0xFFFFFFFF + 1
        try:
            packed = message.pack(message.number, self.transport.client, context, fields)
        except PACKING as error:
            path, reason = compiler.explain(message.pack, message.described, message.types, fields, error)
            if path in getattr(each.request, "secrets", ()):
                reason = "VPP does not take this value, which is a secret"
            self.results[each.at] = CnfError(f"{errors.subject(each.request)}: {path}{': ' if path else ''}{reason}")
            return 0
        frames.append(FRAME.pack(0, len(packed), 0) + packed)
        self.waiting[context] = each
        return len(packed)

    def receive(self, until: int) -> None:
        """Replies, until no more than so many requests are under way."""
        transport, waiting, readers = self.transport, self.waiting, self.client.readers
        while len(waiting) > until:
            transport.receive()
            data, offset = transport.data, 0
            end = len(data) - FRAME.size
            answered = False
            try:
                while offset <= end:
                    begin = offset + FRAME.size
                    after = begin + SIZE(data, offset)[0]
                    if after > len(data):
                        break
                    reader = readers.get(data[begin] << 8 | data[begin + 1])
                    offset = after
                    if reader is not None:
                        unpack, context, last = reader
                        each = waiting.get(context(data, begin)[0])
                        # Others are answers to a run that was interrupted.
                        if each is not None:
                            answered = True
                            self.answer(each, unpack(data, begin), last)
            except UNPACKING as error:
                transport.lost(f"sent a message that is not as described ({error})")
            transport.data = data[offset:]
            if answered:
                transport.wait()

    def answer(self, each: _Waiting, reply: Reply, last: bool) -> None:
        """What a message says."""
        if not last:
            each.found.append(reply)
            return
        del self.waiting[each.context]
        retval = reply.get("retval", 0)
        if each.group:
            for one in each.group:
                self.results[one.at] = one.found
                self.waiting.pop(one.context, None)
        elif retval == errors.AGAIN and each.message.listing:
            each.found.append(reply)
            self.again.append(each)
        elif retval and retval not in getattr(each.request, "accept", ()):
            self.results[each.at] = errors.refusal(each.request, retval)
        else:
            self.results[each.at] = each.found if each.message.listing else reply
