# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VPP's descriptions of its messages: where they are, and no more of them read than a run needs."""

from __future__ import annotations

import json
import os
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.layout import Field, Types, fields

ENDING = ".api.json"

BEGINNINGS = {
    "sw_interface_": "interface",
    "create_": "interface",
    "delete_": "interface",
    "hw_": "interface",
    "bridge_": "l2",
    "macip_": "acl",
    "sw_interface_set_l2": "l2",
    "sw_interface_tap": "tapv2",
    "tap_": "tapv2",
    "nat_": "nat44_ed",
    "nat44_": "nat44_ed",
    "nat44_ei_": "nat44_ei",
    "proxy_arp": "arp",
    "trace_": "tracedump",
    "fib_": "fib",
    "cli": "vlib",
}
"""The file to look into first, by how a message's name begins; else the one that is called as it begins. Only a matter of speed."""

PLUGINS = {"graph": "tracedump", "nat44_ed": "nat", "tapv2": "tap", "vhost_user": "vhost", "vxlan_gpe": "vxlan-gpe"}
"""Plugins that are not called as their file of descriptions is."""


class Described(t.NamedTuple):
    """A message as a file describes it. C(content): the whole file."""

    crc: int
    fields: t.List[Field]
    types: Types
    service: t.Mapping[str, t.Any]
    content: t.Mapping[str, t.Any]


class File:
    """One file of descriptions, or what VPP says in its place."""

    def __init__(self, content: t.Mapping[str, t.Any]) -> None:
        named: t.Dict[str, t.Tuple[str, t.Any]] = {f"vl_api_{name}_t": ("alias", each) for name, each in content.get("aliases", {}).items()}
        for form, part in (("enum", "enums"), ("enum", "enumflags"), ("union", "unions"), ("struct", "types")):
            named.update((f"vl_api_{each[0]}_t", (form, each[1:])) for each in content.get(part, ()))
        self.content = content
        # Files repeat what they import: no other has to be read for the types.
        self.types = Types(named)
        self.services = content.get("services", {})
        self.messages = {each[0]: each for each in content.get("messages", ())}

    def described(self, name: str) -> t.Optional[Described]:
        """The message, when it is in here."""
        raw = self.messages.get(name)
        if raw is None:
            return None
        return Described(int(raw[-1]["crc"], 16), fields(raw[1:]), self.types, self.services.get(name, {}), self.content)


class ApiFiles:
    """Those of some folders, the first that has a message winning."""

    def __init__(self, folders: t.Sequence[str]) -> None:
        self.folders = folders
        self.paths: t.Optional[t.Dict[str, str]] = None
        self.texts: t.Dict[str, bytes] = {}
        self.files: t.Dict[str, File] = {}

    def find(self, name: str, crc: t.Optional[int]) -> t.Optional[Described]:
        """The message with this CRC, or with any when it is None."""
        for path in self._likely(name):
            found = self._file(path).described(name)
            if found and crc in (None, found.crc):
                return found
        return None

    def plugin(self, name: str) -> t.Optional[str]:
        """The plugin that brings the message; empty when VPP itself does, None when no file has it."""
        for path in self._likely(name):
            if self._file(path).described(name):
                module = os.path.basename(path)[: -len(ENDING)]
                return PLUGINS.get(module, module) if os.path.basename(os.path.dirname(path)) == "plugins" else ""
        return None

    def _likely(self, name: str) -> t.Iterator[str]:
        """Files that have the message's name in them, by what they are called first."""
        if self.paths is None:
            self.paths = self._listed()
        modules = [BEGINNINGS[each] for each in sorted(BEGINNINGS, key=len, reverse=True) if name.startswith(each)]
        modules += sorted((each for each in {path.rpartition("/")[2][: -len(ENDING)] for path in self.paths} if name.startswith(each)), key=len, reverse=True)
        order = {module: at for at, module in reversed(list(enumerate(modules)))}
        mark = f'"{name}"'.encode()
        for path in sorted(self.paths, key=lambda path: order.get(path.rpartition("/")[2][: -len(ENDING)], len(modules))):
            if path in self.files:
                if name in self.files[path].messages:
                    yield path
            elif mark in self._text(path):
                yield path

    def _listed(self) -> t.Dict[str, str]:
        paths: t.Dict[str, str] = {}
        for folder in self.folders:
            for part in ("core", "plugins", ""):
                try:
                    names = os.listdir(os.path.join(folder, part))
                except OSError:
                    continue
                paths.update((os.path.join(folder, part, name), folder) for name in sorted(names) if name.endswith(ENDING))
        return paths

    def _text(self, path: str) -> bytes:
        if path not in self.texts:
            try:
                with open(path, "rb") as file:
                    self.texts[path] = file.read()
            except OSError:
                self.texts[path] = b""
        return self.texts[path]

    def _file(self, path: str) -> File:
        found = self.files.get(path)
        if found is None:
            try:
                found = File(json.loads(self._text(path)))
            except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
                raise CnfError(f"{path} is no description of VPP's messages: {error}") from error
            self.files[path] = found
        return found


def folders(given: t.Optional[str], pid: int) -> t.List[str]:
    """Where descriptions may be: as given, else C(VPP_PREFIX), the place of the running VPP, that of packages."""
    below = "share/vpp/api"
    if given:
        if not os.path.isdir(given):
            raise CnfError(f"{given} is no folder: api_dir must be the one with VPP's API descriptions, as /usr/{below}")
        return [given]
    found: t.List[str] = []
    prefix = os.environ.get("VPP_PREFIX")
    if prefix:
        found.append(os.path.join(prefix, below))
    try:
        # Through the process's own root: it may be in a container.
        program = os.readlink(f"/proc/{pid}/exe")
        found.append(os.path.join(f"/proc/{pid}/root", os.path.dirname(os.path.dirname(program)).lstrip("/"), below))
    except OSError:
        pass
    found.append(f"/usr/{below}")
    return [each for each in found if os.path.isdir(each)]


_REPLIES: t.Dict[str, t.Tuple[str, t.List[t.Any]]] = {
    "control_ping": ("0xf6b0b8ca", [["u32", "client_index"], ["u32", "vpe_pid"]]),
    "show_version": ("0xc919bde1", [["string", "program", 32], ["string", "version", 32], ["string", "build_date", 32], ["string", "build_directory", 256]]),
    "get_api_json": ("0xea715b59", [["string", "json", 0]]),
}
_REQUEST = [["u16", "_vl_msg_id"], ["u32", "client_index"], ["u32", "context"], {"crc": "0x51077d14"}]
_REPLY = [["u16", "_vl_msg_id"], ["u32", "context"], ["i32", "retval"]]
BOOTSTRAP = File(
    {
        "messages": [[name, *_REQUEST] for name in _REPLIES] + [[f"{name}_reply", *_REPLY, *rest, {"crc": crc}] for name, (crc, rest) in _REPLIES.items()],
        "services": {name: {"reply": f"{name}_reply"} for name in _REPLIES},
    }
)
"""What a client needs before it has read any description: the same in all releases that we work with."""
