# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VPP's startup configuration from options. Pure.

What a small VPP beside others needs: no hugepages, a main loop that sleeps, only the plugins that our kinds need, and sockets,
run-time folder and shared memory of its own (without a prefix all VPPs of a machine share /dev/shm/global_vm).
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.startup_options import OPTIONS, PLUGINS

STARTED = "pantheon.cnf-started"
"""The tag that C(local0) has when the last startup command was done: they run some two seconds after the start, until one fails."""


def text(tree: t.Mapping[str, t.Any], indent: str = "") -> str:
    """Sections as VPP reads them: a word without a value (None), with one or with several (a list: a line for each), or a section in braces."""
    lines = []
    for name, values in tree.items():
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, t.Mapping):
                lines.append(f"{indent}{name} {{\n{text(value, indent + '  ')}{indent}}}\n")
            else:
                lines.append(f"{indent}{name}\n" if value in (None, "") else f"{indent}{name} {value}\n")
    return "".join(lines)


def check(tree: t.Mapping[str, t.Any]) -> None:
    """Raise for what would be read as something else."""
    for name, values in tree.items():
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, t.Mapping):
                check(value)
            for word in (name, "" if value is None or isinstance(value, t.Mapping) else str(value)):
                if any(each in word for each in "{}\n"):
                    raise CnfError(f"{name}: {word!r} has a brace or the end of a line in it, which stand for sections")
            if isinstance(value, bool):
                raise CnfError(f"{name}: VPP knows no true and false; leave the word out, or give it no value")


def size(value: str, what: str) -> str:
    """C(value) when VPP reads it as a size."""
    if not re.fullmatch(r"[1-9][0-9]*[kKmMgG]?", value):
        raise CnfError(f"{what} {value!r}: a size is a number, with K, M or G behind it: 512M")
    return value


def plugin(name: str) -> str:
    """The file of a plugin: C(memif) and C(memif_plugin.so) are the same."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+(_plugin)?(\.so)?", name):
        raise CnfError(f"plugin {name!r}: letters, digits, '_' and '-' only")
    return re.sub(r"(_plugin)?(\.so)?$", "", name) + "_plugin.so"


def render(options: t.Mapping[str, t.Any], folder: str, prefix: str, commands_file: str = "") -> str:
    """The startup configuration of a VPP whose sockets and other files are in C(folder)."""
    numbers = {name: options.get(name) for name in ("buffers_per_numa", "workers", "poll_sleep", "main_core")}
    for name, number in numbers.items():
        if number is not None and number < (1 if name == "buffers_per_numa" else 0):
            raise CnfError(f"{name} {number}: this cannot be less than {1 if name == 'buffers_per_numa' else 0}")
    unix: t.Dict[str, t.Any] = {
        "nodaemon": None,
        "cli-no-pager": None,
        "runtime-dir": folder,
        "cli-listen": f"{folder}/cli.sock",
        "pidfile": f"{folder}/vpp.pid",
    }
    if numbers["poll_sleep"]:
        unix["poll-sleep-usec"] = numbers["poll_sleep"]
    if commands_file:
        unix["startup-config"] = commands_file
    cpu = {} if numbers["main_core"] is None else {"main-core": numbers["main_core"]}
    if numbers["workers"]:
        cpu["workers"] = numbers["workers"]
    tree: t.Dict[str, t.Any] = {
        "unix": unix,
        "api-segment": {"prefix": prefix},
        "socksvr": {"socket-name": f"{folder}/api.sock"},
        "statseg": {"socket-name": f"{folder}/stats.sock", "size": size(options["stats_size"], "stats_size"), "page-size": "default"},
        "memory": {"main-heap-size": size(options["main_heap_size"], "main_heap_size"), "main-heap-page-size": "default"},
        "buffers": {"buffers-per-numa": numbers["buffers_per_numa"], "page-size": "default"},
        **({"cpu": cpu} if cpu else {}),
        "plugins": {"plugin default": {"disable": None}, **{f"plugin {plugin(each)}": {"enable": None} for each in options["plugins"]}},
    }
    extra = (options.get("extra") or "").strip()
    if extra.count("{") != extra.count("}"):
        raise CnfError("extra: as many braces have to be closed as are opened")
    return text(tree) + (f"{extra}\n" if extra else "")


def commands(given: t.Sequence[str]) -> str:
    """The file with the commands that VPP runs after its start; the last line is ours and tells that they were all done."""
    for each in given:
        if not each.strip() or "\n" in each:
            raise CnfError(f"startup command {each!r}: a command is one line")
    return "".join(f"{each.strip()}\n" for each in [*given, f"set interface tag local0 {STARTED}"]) if given else ""


__all__ = ["OPTIONS", "PLUGINS", "STARTED", "check", "commands", "render", "text"]
