# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of the host itself, for machines without systemd: agents, the controller, an etcd. They belong to no sandbox."""

from __future__ import annotations

import os
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Dataplane, Key, Operation, Resource, Resources
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import processes
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.sandbox import SAME, attributes

FOLDER = "/run/pantheon.cnf.host"
PLACE = "@host"
"""No sandbox can be called so."""

POLL = 0.05
GRACE = 20.0
"""Seconds for a process to end by itself: an agent gives its lease back first."""

WRONG_SETTINGS = 2
SUPERVISOR = f"""\
# pantheon.cnf: runs "$@" again whenever it ends, after 1 s at first and at most 30 s; not when its settings are wrong.
delay=1 ended=
trap 'ended=1; kill -TERM "$child" 2>/dev/null' TERM INT
while :; do
    begun=$(date +%s)
    "$@" &
    child=$!
    while :; do
        wait "$child"
        code=$?
        kill -0 "$child" 2>/dev/null || break
    done
    [ -z "$ended" ] || exit 0
    [ "$code" -ne {WRONG_SETTINGS} ] || exit {WRONG_SETTINGS}
    [ $(($(date +%s) - begun)) -lt 60 ] || delay=1
    echo "$1 ended with exit status $code; it starts again in $delay s" >&2
    sleep "$delay" &
    child=$!
    wait "$child"
    [ -z "$ended" ] || exit 0
    delay=$((delay < 16 ? delay * 2 : 30))
done
"""


class HostProcesses(Dataplane):
    """The processes with these names, and none other."""

    def __init__(self, names: t.Iterable[str]) -> None:
        self.names = frozenset(names)

    def observe(self, classes: t.Optional[t.FrozenSet[str]] = None) -> Resources:
        """Those that run or ran."""
        found = processes.observe(PLACE, processes.marked(), FOLDER)
        return {("process", name): Resource(("process", name), found[name]) for name in found if name in self.names}

    def transition(self, before: Resource, after: Resource) -> str:
        """A process goes on when it is what is wanted."""
        return "recreate" if any(before.attributes.get(each) != after.attributes.get(each) for each in SAME) else "same"

    def commands(self, operation: Operation) -> t.List[str]:
        """In words of the shell; without environments, scripts and files."""
        if operation.after is None:
            pid = operation.before.attributes.get("pid") if operation.before else None
            return [f"kill {pid}"] if pid else [f"rm -r {FOLDER}/{PLACE}/{operation.key[1]}*"]
        return [f"{' '.join(operation.after.attributes['command'])} &"]

    def label(self, key: Key) -> str:
        """In a reader's words."""
        return f"process {key[1]} of the host"

    def perform(self, wave: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """Those of a wave start together and are waited for together."""
        done = [self._perform(each) for each in wave]
        return [processes.await_ready(each) if isinstance(each, processes.Started) else each for each in done]

    def _perform(self, operation: Operation) -> t.Union[None, str, processes.Started]:
        name, after = operation.key[1], operation.after
        try:
            if after is None:
                error = processes.stop(PLACE, name, GRACE, FOLDER)
                if error is None:
                    processes.forget(PLACE, name, FOLDER)
                    _clear()
                return error
            os.makedirs(os.path.join(FOLDER, PLACE), mode=0o755, exist_ok=True)
            if not after.attributes["running"]:  # a corpse that an undo brings back
                processes.store(PLACE, name, after.attributes, FOLDER)
                return None
            return processes.start(PLACE, name, after.attributes, Host().inside(), FOLDER)
        except OSError as error:
            return f"{error.strerror or error}" + (" (this needs root: use become)" if error.errno in (1, 13) else "")


def _clear() -> None:
    """Remove the folder with the last process."""
    if not [name for name in os.listdir(os.path.join(FOLDER, PLACE)) if not name.endswith((".log", ".log.1"))]:
        processes.remove_folder(PLACE, FOLDER)


def wanted(given: t.Mapping[str, t.Any]) -> Resource:
    """A process from its options."""
    name = processes.safe_name(given["name"], "process")
    if not given.get("command"):
        raise CnfError(f"process {name} has no command")
    environment = {each: str(value) for each, value in (given.get("environment") or {}).items()}
    made = attributes({**given, "script": SUPERVISOR if given["supervised"] else "", "environment": environment, "ready": None})
    if given["supervised"]:
        made["command"] = ("/bin/sh", "{script}", *made["command"])
    files = given.get("files") or {}
    made["files"] = tuple((processes.safe_name(each, f"file of process {name}"), text) for each, text in sorted(files.items()))
    # Namespaces are sandboxes' matter.
    made["inside"] = False
    if given.get("port") is not None:
        made["ready"] = Listening(name, given["port"]).condition(given["timeout"])
    return Resource(("process", name), made)


def shown(resources: Resources) -> t.Dict[str, t.Any]:
    """By name, without environments and files: they hold secrets."""
    return {
        key[1]: {
            "command": list(each.attributes["command"]),
            "digest": processes.digest(each.attributes),
            "running": each.attributes["running"],
            **({"pid": each.attributes["pid"]} if each.attributes.get("pid") else {}),
        }
        for key, each in sorted(resources.items())
    }


class Listening:
    """What to wait for: the process itself, or a child of it, listens on the port; that somebody does is not enough on a host."""

    def __init__(self, name: str, port: int) -> None:
        self.name, self.port, self.others = name, port, False

    def condition(self, timeout: float) -> t.Dict[str, t.Any]:
        """For L(processes.await_ready)."""
        return {"check": self.check, "awaited": self.awaited, "timeout": timeout}

    def check(self) -> bool:
        """Whether it does; takes a moment when it does not."""
        sockets = listening(self.port)
        self.others = bool(sockets)
        if sockets:
            mine = [mark.pid for mark in processes.marked() if (mark.place, mark.name) == (PLACE, self.name)]
            if any(sockets & _sockets(pid) for pid in mine):
                return True
        time.sleep(POLL)
        return False

    def awaited(self) -> str:
        """What did not happen."""
        return f"does not listen on port {self.port}" + (", on which another process listens" if self.others else "")


def listening(port: int) -> t.Set[str]:
    """The sockets that listen on a TCP port of the host, as /proc/PID/fd names them."""
    found = set()
    for table in ("tcp", "tcp6"):
        try:
            with open(f"/proc/self/net/{table}", encoding="ascii") as file:
                lines = file.read().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[1].endswith(f":{port:04X}") and fields[3] == processes.LISTEN:
                found.add(f"socket:[{fields[9]}]")
    return found


def _sockets(pid: int) -> t.Set[str]:
    found = set()
    try:
        for number in os.listdir(f"/proc/{pid}/fd"):
            found.add(os.readlink(f"/proc/{pid}/fd/{number}"))
    except OSError:
        pass
    return found
