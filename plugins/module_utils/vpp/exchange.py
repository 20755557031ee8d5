# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that go out in windows, and replies that come back to their requests."""

from __future__ import annotations

import struct
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import compiler, errors
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Dump, Reply, Request
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.messages import Message, Messages
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.transport import FRAME, HEAD, Transport

WINDOW = 512
"""Requests under way: VPP keeps all replies that we have not read, so they must be bounded."""
BYTES = 1 << 17
"""How much goes out before replies are read."""
PING = Dump("control_ping")
UNPACKING = (ValueError, IndexError, struct.error)
PACKING = (*UNPACKING, TypeError, KeyError, AttributeError, OverflowError)


Resolved = t.Callable[[t.Mapping[str, t.Any]], t.Mapping[str, t.Any]]
"""Fields as they can be packed, made while VPP has others to work on. Raises L(CnfError)."""


class Waiting:
    """A request under way: C(at) is its place among the requests of C(exchange), C(group) the dumps that a ping ends."""

    __slots__ = ("at", "context", "exchange", "found", "group", "message", "request")

    def __init__(self, exchange: Exchange, at: int, request: Request, message: Message, group: t.Sequence[Waiting] = ()) -> None:
        self.exchange = exchange
        self.at = at
        self.request = request
        self.message = message
        self.group = group
        self.found: t.List[Reply] = []
        self.context = 0


class Exchange:
    """One run of requests; C(results) has the answer or the error of each in the end, whatever happens to VPP.

    Requests are taken when there is room for them: making the next ones goes on while VPP has others to work on. Who makes them
    may have an exchange of his own meanwhile.
    """

    def __init__(self, transport: Transport, messages: Messages, requests: t.Iterable[Request], resolved: t.Optional[Resolved] = None) -> None:
        self.transport = transport
        self.messages = messages
        self.source = iter(requests)
        self.resolved = resolved
        self.results: t.List[t.Any] = []
        self.under_way = 0
        self.all_taken = False
        self.again: t.List[Waiting] = []

    def run(self) -> t.List[t.Any]:
        """The results."""
        try:
            while not self.all_taken or self.under_way or self.again:
                self.transport.check()
                self.send()
                if self.under_way:
                    self.receive(0 if self.all_taken else WINDOW // 2)
        except errors.Gone as gone:
            self.unanswered(gone)
        return self.results

    def unanswered(self, gone: errors.Gone) -> None:
        """What was sent may or may not have been done; what was not sent has not."""
        mine = [each for each in self.transport.waiting.values() if each.exchange is self]
        for each in mine:
            del self.transport.waiting[each.context]
            if not each.group:
                unsure = "" if each.message.listing else "; the call may or may not have been made, a new connection is needed to see"
                self.results[each.at] = errors.Gone(f"{errors.subject(each.request)}: {gone.message}{unsure}")
        for each in self.again:
            self.results[each.at] = errors.Gone(f"{errors.subject(each.request)}: {gone.message}")
        for request in self.source:
            self.results.append(errors.Gone(f"{errors.subject(request)}: not sent, {gone.message}"))

    def send(self) -> None:
        """As much as may be under way."""
        ready, results = self.messages.requests, self.results
        frames: t.List[bytes] = []
        dumps: t.List[Waiting] = []
        size = 0
        for each in self.again:
            size += self.pack(each, frames, {"cursor": each.found.pop()["cursor"]})
        self.again = []
        while self.under_way < WINDOW and size < BYTES:
            request = next(self.source, None)
            if request is None:
                self.all_taken = True
                break
            results.append(None)
            message = ready.get(request.message) or self.prepared(request)
            if message:
                each = Waiting(self, len(results) - 1, request, message)
                packed = self.pack(each, frames)
                size += packed
                if packed and message.listing == "dump":
                    dumps.append(each)
        if dumps:
            self.pack(Waiting(self, -1, PING, self.messages.request(PING.message), dumps), frames)
        if frames:
            self.transport.check()
            try:
                self.transport.send(b"".join(frames))
            except errors.Gone:
                if self.transport.ended:
                    # It answered some before it ended: this reads them, and raises the same.
                    self.receive(0)
                raise

    def prepared(self, request: Request) -> t.Optional[Message]:
        """A message that is sent for the first time; None when it cannot be, which is an error of this request alone."""
        try:
            return self.messages.request(request.message)
        except errors.Gone:
            raise
        except CnfError as error:
            about = getattr(request, "about", "")
            self.results[-1] = type(error)(f"{about}: {error.message}") if about else error
            return None

    def pack(self, each: Waiting, frames: t.List[bytes], more: t.Optional[t.Mapping[str, t.Any]] = None) -> int:
        """Its size. What cannot be packed is an error of this request alone."""
        transport, message, fields = self.transport, each.message, each.request.fields
        transport.context = each.context = context = transport.context % 0xFFFFFFFF + 1
        try:
            if self.resolved:
                fields = self.resolved(fields)
            if more:
                fields = {**fields, **more}
            packed = message.pack(message.number, transport.client, context, fields)
        except PACKING as error:
            path, reason = compiler.explain(message.pack, message.described.fields, message.described.types, fields, error)
            if path in getattr(each.request, "secrets", ()):
                reason = "VPP does not take this value, which is a secret"
            self.results[each.at] = CnfError(f"{errors.subject(each.request)}: {path}{': ' if path else ''}{reason}")
            return 0
        except CnfError as error:
            self.results[each.at] = error
            return 0
        frames.append(FRAME.pack(0, len(packed), 0) + packed)
        transport.waiting[context] = each
        self.under_way += 1
        return len(packed)

    def receive(self, until: int) -> None:
        """Replies, until no more than so many requests of ours are under way."""
        transport, waiting, readers, head = self.transport, self.transport.waiting, self.messages.readers, HEAD.unpack_from
        while self.under_way > until:
            transport.receive()
            data, offset, answered = transport.data, 0, False
            total = len(data)
            end = total - HEAD.size
            try:
                while offset <= end:
                    size, number, context = head(data, offset)
                    begin = offset + FRAME.size
                    after = begin + size
                    if after > total:
                        break
                    reader = readers.get(number)
                    offset = after
                    if reader is not None:
                        unpack, elsewhere, last = reader
                        each = waiting.get(elsewhere(data, begin)[0] if elsewhere else context)
                        if each is not None:
                            answered = True
                            reply = unpack(data, begin)
                            if last:
                                each.exchange.answer(each, reply)
                            else:
                                each.found.append(reply)
            except UNPACKING as error:
                transport.lost(f"sent a message that is not as described ({error})")
            transport.data = data[offset:]
            if answered:
                transport.wait()

    def answer(self, each: Waiting, reply: Reply) -> None:
        """By its last message."""
        waiting = self.transport.waiting
        del waiting[each.context]
        self.under_way -= 1
        retval = reply.get("retval", 0)
        if each.group:
            for one in each.group:
                self.results[one.at] = one.found
                del waiting[one.context]
            self.under_way -= len(each.group)
        elif retval == errors.AGAIN and each.message.listing:
            each.found.append(reply)
            self.again.append(each)
        elif retval and retval not in getattr(each.request, "accept", ()):
            self.results[each.at] = errors.refusal(each.request, retval)
        else:
            self.results[each.at] = each.found if each.message.listing else reply
