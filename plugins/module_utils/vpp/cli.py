# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VPP's command line over its API: for what has no message of its own."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Reply
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session

_REFUSED = re.compile(r"(?:[\w -]+: )?unknown (?:input|command)\b")
"""How an answer begins that is an error, of VPPs that do not tell so by their return value."""
_READING = re.compile(r"sho?w?\b")


class _Anything(t.FrozenSet[int]):
    """Every return value: the text of the answer is wanted with each."""

    def __contains__(self, _value: object) -> bool:
        return True


def changes(command: str) -> bool:
    """Whether the command may change something, as far as its first word tells."""
    return not _READING.match(command.strip())


def check(commands: t.Sequence[str]) -> None:
    """Refuse what is not one command each: VPP takes a line break for the beginning of another, and goes on after it."""
    for command in commands:
        if not command.strip() or "\n" in command or "\0" in command:
            raise CnfError(f"commands: {command!r} is not one command: it is empty or has more than one line")


def run(vpp: Session, command: str) -> str:
    """What VPP answers. Raises with what it says when it refuses the command."""
    (answer,) = vpp.exchange([Call("cli_inband", {"cmd": command}, accept=_Anything())])
    if isinstance(answer, CnfError):
        raise answer
    reply = t.cast(Reply, answer)
    text = str(reply["reply"])
    if reply["retval"] or _REFUSED.match(text):
        raise CnfError(f"{command}: {text.strip() or 'VPP refuses it without a word (return value ' + str(reply['retval']) + ')'}", refused=text)
    return text
