# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few messages that a client needs before it has read any description: the same in all releases that we work with."""

from __future__ import annotations

import typing as t

_REQUEST = [["u16", "_vl_msg_id"], ["u32", "client_index"], ["u32", "context"]]
_REPLY = [["u16", "_vl_msg_id"], ["u32", "context"], ["i32", "retval"]]


def _described(name: str, raw: t.List[t.Any], crc: str) -> t.List[t.Any]:
    return [name, *raw, {"crc": crc}]


CONTENT: t.Dict[str, t.Any] = {
    "messages": [
        _described("control_ping", _REQUEST, "0x51077d14"),
        _described("control_ping_reply", [*_REPLY, ["u32", "client_index"], ["u32", "vpe_pid"]], "0xf6b0b8ca"),
        _described("show_version", _REQUEST, "0x51077d14"),
        _described(
            "show_version_reply",
            [*_REPLY, ["string", "program", 32], ["string", "version", 32], ["string", "build_date", 32], ["string", "build_directory", 256]],
            "0xc919bde1",
        ),
        _described("get_api_json", _REQUEST, "0x51077d14"),
        _described("get_api_json_reply", [*_REPLY, ["string", "json", 0]], "0xea715b59"),
        _described("sockclnt_delete", [*_REQUEST, ["u32", "index"]], "0x8ac76db6"),
        _described("sockclnt_delete_reply", [["u16", "_vl_msg_id"], ["u32", "context"], ["i32", "response"]], "0x8f38b1ee"),
    ],
    "services": {name: {"reply": f"{name}_reply"} for name in ("control_ping", "show_version", "get_api_json", "sockclnt_delete")},
}
