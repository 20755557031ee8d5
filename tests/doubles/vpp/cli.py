# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The double's command line. An area adds a command as it adds a message::

    @command("show ip fib table")                # several names may share a function; the longest that fits is taken
    def show_fib(state, words): return "text"    # words: what follows the name

It refuses what it does not know, in VPP's words.
"""

from __future__ import annotations

import typing as t

from tests.doubles.vpp.registry import HANDLERS, area, handles
from tests.doubles.vpp.state import State

Command = t.Callable[[State, t.List[str]], t.Optional[str]]
COMMANDS: t.Dict[str, Command] = {}


def command(*names: str) -> t.Callable[[Command], Command]:
    """The function answers these commands; with None it refuses what follows the name."""

    def keep(function: Command) -> Command:
        for name in names:
            if name in COMMANDS:
                raise ValueError(f"{name} is answered in {COMMANDS[name].__module__} and in {function.__module__}")
            COMMANDS[name] = function
        return function

    return keep


@area("cli")
class Cli:
    """C(retval): what a refusal answers beside its text; it is 0 in some releases."""

    def __init__(self, _state: State) -> None:
        self.retval = -1


@handles("cli_inband")
def cli_inband(state: State, request: t.Dict[str, t.Any]) -> t.Any:
    words = request["cmd"].split()
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count])
        if name in COMMANDS:
            text = COMMANDS[name](state, words[count:])
            if text is not None:
                return {"reply": text}
            return {"retval": state.cli.retval, "reply": f"{name}: unknown input `{' '.join(words[count:])}'\n"}
    return {"retval": state.cli.retval, "reply": f"unknown input `{request['cmd'].strip()}'\n"}


@command("show version", "sh version")
def show_version(state: State, words: t.List[str]) -> t.Optional[str]:
    return None if words else f"vpp v{state.version} built by nobody\n"


@command("show plugins")
def show_plugins(state: State, words: t.List[str]) -> t.Optional[str]:
    names = ("acl", "memif", "nat")
    lines = [f"{number:3}. {f'{name}_plugin.so':<40} {state.version:<32} Something" for number, name in enumerate(names, 1)]
    return None if words else "\n".join([" Plugin path is: /usr/lib", "", "     Plugin   Version   Description", *lines, ""])


@command("show interface")
def show_interface(_state: State, words: t.List[str]) -> t.Optional[str]:
    return None if words else "  Name  Idx  State\n"


@command("create loopback interface")
def create_loopback(state: State, _words: t.List[str]) -> str:
    made = HANDLERS["create_loopback"](state, {"mac_address": "00:00:00:00:00:00"})
    return f"{state.interfaces[made['sw_if_index']].name}\n"
