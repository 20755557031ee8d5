# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a VPP was configured to do, as a file that L(boot) puts back, and that program beside it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.places.boot import ENDING
from ansible_collections.pantheon.cnf.plugins.module_utils.places.boot_archive import archive
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import connector
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.everything import families, kinds

PLACE = ("cnf", "socket", "api_dir", "timeout", "own_nat")
"""What the program has to know beside the values."""
PYTHON = "/usr/bin/python3"

Document = t.Dict[str, t.Any]


class Task:
    """One CNF's file. C(before): what it held; C(lost): what could not be saved, in words."""

    def __init__(self, parameters: t.Mapping[str, t.Any]) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}", parameters["cnf"]):
            raise CnfError(f"cnf {parameters['cnf']!r}: only letters, digits, '.', '_' and '-' (not first), at most 64, since it names a file")
        self.parameters = parameters
        self.folder, self.program = parameters["folder"], parameters["program"]
        self.path = os.path.join(self.folder, f"{parameters['cnf']}{ENDING}")
        self.kinds: t.Dict[str, Kind] = {kind.id: kind for kind in kinds()}
        self.text = _read(self.path)
        self.before = self._parsed()
        self.lost: t.List[str] = []

    @property
    def command(self) -> t.List[str]:
        """What puts all of the folder back."""
        return [PYTHON, self.program, self.folder]

    def read(self) -> Document:
        """What the VPP has of ours."""
        with connector(families)(self.parameters) as dataplane:
            observed = dataplane.observe()
            values = dataplane.lift(observed, self.kinds)
        joined = sorted(key[1] for key, one in observed.items() if key[0] == "link" and one.owned and not one.managed)
        if joined:
            raise CnfError(
                f"interface {', '.join(joined)} was made by cnf_link, which has to make it again: this VPP is for cnf_link and cnf_config to bring back"
            )
        memifs = sorted(value.data["name"] for value in values if value.data.get("type") == "MEMIF")
        if memifs:
            self.lost.append(f"VPP does not tell the secret, the ring sizes and the queues of memif {', '.join(memifs)}: they are not saved")
        listed = [{"kind": value.kind, "data": dict(value.data)} for value in sorted(values, key=lambda one: one.key)]
        return {**{name: self.parameters.get(name) for name in PLACE}, "values": listed}

    def changed(self, wanted: t.Optional[Document]) -> bool:
        """Whether there is something to write, or to remove."""
        if wanted is None:
            return bool(self.text) or self._last() and os.path.exists(self.program)
        return self.text != _text(wanted).encode() or _read(self.program) != archive()

    def write(self, wanted: t.Optional[Document]) -> None:
        """Do it; each file is there whole or not at all."""
        if wanted is None:
            for path in [self.path, *([self.program] if self._last() else [])]:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)
            above = os.path.dirname(self.folder)
            for folder in (self.folder, os.path.dirname(self.program), *([above] if os.path.basename(above) == "pantheon.cnf" else [])):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
            return
        for path, content, mode in ((self.program, archive(), 0o755), (self.path, _text(wanted).encode(), 0o600)):
            if _read(path) != content:
                _replace(path, content, mode)

    def shown(self, document: t.Optional[Document]) -> t.List[t.Dict[str, t.Any]]:
        """Items, without secrets."""
        found = []
        for each in (document or {}).get("values", ()):
            kind = self.kinds.get(each["kind"])
            if kind is not None:
                found.append({"module": kind.module, "type": kind.type, "version": kind.version, "data": kind.redact(each["data"])})
        return found

    def _last(self) -> bool:
        """Whether no other CNF has a file there."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return True
        return not [name for name in names if name.endswith(ENDING) and name != os.path.basename(self.path)]

    def _parsed(self) -> t.Optional[Document]:
        try:
            return t.cast(Document, json.loads(self.text)) if self.text else None
        except ValueError:
            return None


def _text(document: Document) -> str:
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise CnfError(f"{path}: {error.strerror}") from error


def _replace(path: str, content: bytes, mode: int) -> None:
    try:
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        handle = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
        with open(handle, "wb") as file:
            os.fchmod(handle, mode)
            file.write(content)
        os.replace(f"{path}.new", path)
    except OSError as error:
        raise CnfError(f"{path}: {error.strerror} (this needs root: use become)") from error
