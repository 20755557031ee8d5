# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages of the connected VPP: each described and compiled when it is first needed, as this VPP has it."""

from __future__ import annotations

import json
import struct
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import apifiles, compiler, wire
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.errors import NotOffered
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.layout import Unsupported
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.transport import Transport


class Message(t.NamedTuple):
    """A request that can be sent. C(listing): C(dump) when a ping tells its end, C(get) when a reply does, else empty."""

    number: int
    pack: compiler.Pack
    described: apifiles.Described
    listing: str


class Reader(t.NamedTuple):
    """For a message that comes. C(context): where that is not right behind the number. C(last): it ends the answer."""

    unpack: compiler.Unpack
    context: t.Optional[t.Callable[[bytes, int], t.Tuple[int]]]
    last: bool


class Messages:
    """C(about): VPP in words, for errors. C(ask): gets what VPP says of its own messages, as JSON."""

    def __init__(self, transport: Transport, api_dir: t.Optional[str], about: t.Callable[[], str], ask: t.Callable[[], str]) -> None:
        self.transport = transport
        self.api_dir = api_dir
        self.about = about
        self.ask = ask
        self.requests: t.Dict[str, Message] = {}
        self.readers: t.Dict[int, Reader] = {}
        self.files: t.Optional[apifiles.ApiFiles] = None
        self.told: t.Optional[t.List[apifiles.File]] = None

    def request(self, name: str) -> Message:
        """To be packed; what its answers are read with is made with it."""
        found = self.requests.get(name)
        if found is None:
            number, described = self.described(name)
            service = described.service
            listing = "" if not service.get("stream") else "get" if "stream_msg" in service else "dump"
            if service.get("reply", "null") == "null":
                raise CnfError(f"{name} is no request that VPP answers")
            self._reader(service["reply"], listing != "dump")
            if listing == "get":
                self._reader(service["stream_msg"], False)
            found = self.requests[name] = Message(number, compiled(name, described, compiler.packer), described, listing)
        return found

    def _reader(self, name: str, last: bool) -> None:
        number, described = self.described(name)
        names = [field.name for field in described.fields]
        before = "".join(f"{struct.calcsize(wire.SCALARS[field.type])}x" for field in described.fields[: names.index("context")])
        context = None if before == "2x" else t.cast(t.Any, struct.Struct(f">{before}I").unpack_from)
        self.readers[number] = Reader(compiled(name, described, compiler.unpacker), context, last)

    def described(self, name: str) -> t.Tuple[int, apifiles.Described]:
        """Number and description."""
        if name not in self.transport.table:
            raise NotOffered(self._missing(name))
        number, crc = self.transport.table[name]
        found = apifiles.BOOTSTRAP.described(name)
        if not found or found.crc != crc:
            found = self._files().find(name, crc) or self._told(name, crc)
        if not found:
            raise CnfError(self._mismatch(name, crc))
        return number, found

    def _files(self) -> apifiles.ApiFiles:
        if self.files is None:
            self.files = apifiles.ApiFiles(apifiles.folders(self.api_dir, self.transport.peer))
        return self.files

    def _told(self, name: str, crc: int) -> t.Optional[apifiles.Described]:
        """What VPP says of itself: 2 MB, asked for only when no file has what is needed. vpp-papi without files does the same."""
        if self.told is None:
            self.told = []
            if "get_api_json" in self.transport.table:
                self.told = [apifiles.File(each) for each in json.loads(self.ask())]
        return next((each for each in (file.described(name) for file in self.told) if each and each.crc == crc), None)

    def _missing(self, name: str) -> str:
        plugin = self._files().plugin(name)
        if plugin:
            why = f": its plugin {plugin}_plugin.so is not loaded (section plugins of VPP's startup.conf)"
        else:
            why = ": it comes with another release" + (", or with a plugin that is not installed" if plugin is None else "")
        return f"{self.about()} has no message {name}{why}"

    def _mismatch(self, name: str, crc: int) -> str:
        other = self._files().find(name, None)
        where = ", ".join(self._files().folders) or "/usr/share/vpp/api"
        found = f"it has {other.crc:08x}: they are of another VPP" if other else "it is not described"
        return f"{self.about()} has {name} with the checksum {crc:08x}, but in {where} (api_dir) {found}"


def compiled(name: str, described: apifiles.Described, make: t.Callable[[t.Any, t.Any], t.Any]) -> t.Any:
    """By our compiler; by vpp-papi what is new to that, which is nothing in VPP 24.02 to 26.06."""
    try:
        return make(described.fields, described.types)
    except Unsupported:
        from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import papi

        return (papi.packer if make is compiler.packer else papi.unpacker)(name, described)
