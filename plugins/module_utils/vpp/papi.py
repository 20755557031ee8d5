# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packers and unpackers of vpp-papi, for messages that our compiler does not know how to make any for.

Only its serializer is of use: its transport is slow, and it finds and fetches descriptions as we do.
"""

from __future__ import annotations

import enum
import json
import struct
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import apifiles, compiler


def packer(name: str, described: apifiles.Described) -> compiler.Pack:
    """As L(compiler.packer)."""
    message = _message(name, described)
    counted = [field for field in described.fields if field.counter]

    def pack(number: int, client: int, context: int, fields: t.Mapping[str, t.Any]) -> bytes:
        counts = {field.counter: len(fields.get(field.name, ())) for field in counted}
        return bytes(message.pack({**counts, **fields, "_vl_msg_id": number, "client_index": client, "context": context}))

    return pack


def unpacker(name: str, described: apifiles.Described) -> compiler.Unpack:
    """As L(compiler.unpacker). A message ends where the frame before it says."""
    message = _message(name, described)
    names = [field.name for field in described.fields]

    def unpack(data: bytes, begin: int) -> t.Dict[str, t.Any]:
        end = begin + struct.unpack_from(">I", data, begin - 8)[0]
        found, _size = message.unpack(data[begin:end])
        return {field: plain(value) for field, value in zip(names, found) if field not in compiler.HEAD}

    return unpack


def plain(value: t.Any) -> t.Any:
    """What vpp-papi has objects for, as the rest of us knows it."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, tuple):
        return {name: plain(each) for name, each in t.cast(t.Any, value)._asdict().items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value if isinstance(value, (int, float, str, bytes)) else str(value)


def _message(name: str, described: apifiles.Described) -> t.Any:
    try:
        from vpp_papi.vpp_papi import VPPApiJSONFiles
    except ImportError as error:
        raise CnfError(f"the Python package vpp-papi is needed for {name}, which VPP describes in a way that is new to us ({error})") from error
    # It changes what it is given, and keeps types for the whole process.
    return VPPApiJSONFiles.process_json_str(json.dumps(described.content))[0][name]
