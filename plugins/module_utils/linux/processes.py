# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of a sandbox: started detached, found again by their pid file or their mark, stopped without hitting others.

A place's folder (C(/run/pantheon.cnf/<namespace>)) holds for each process C(<name>.json) (what it was started with),
C(<name>.script), C(<name>.pid) (pid and start time in clock ticks since boot: a recycled pid has another one),
C(<name>.log), and in C(<name>/) further files of ours and its own. The process carries
C(PANTHEON_CNF=<namespace>/<name>:<digest>) in its environment, as do its children.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.places.paths import FOLDER

MARK = "PANTHEON_CNF"
LISTEN = "0A"  # TCP state in /proc/net/tcp
LOG_LIMIT = 1 << 20
SETTLE = 0.2
"""Seconds for which a process without a condition has to live to count as started."""

Attributes = t.Mapping[str, t.Any]


class Mark(t.NamedTuple):
    """A live process that carries our mark."""

    pid: int
    start: int
    session: int
    place: str
    name: str
    digest: str


def safe_name(name: str, what: str) -> str:
    """C(name) when it can be a file name of its own, else an error."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}", name):
        raise CnfError(f"{what} {name!r}: only letters, digits, '.', '_' and '-' (not first), at most 64, since it names files")
    return name


def digest(attributes: Attributes) -> str:
    """What the process is started with, in short."""
    told = [attributes["command"], attributes["script"], sorted(attributes["environment"])]
    if attributes.get("files"):
        told.append(sorted(attributes["files"]))
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _stat(pid: int) -> t.Optional[t.List[str]]:
    """The fields of /proc/PID/stat from the third (state) on; None when there is no such process, or only its corpse."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as handle:
            fields = handle.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields


def start_time(pid: int) -> t.Optional[int]:
    """When the process started, in clock ticks since boot; None when it does not run."""
    fields = _stat(pid)
    return int(fields[19]) if fields else None


def marked() -> t.List[Mark]:
    """All processes that carry our mark, those that we started and their children."""
    found = []
    needle = f"{MARK}=".encode()
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/environ", "rb") as handle:
                content = handle.read()
        except OSError:
            continue
        if needle not in content:
            continue
        mark = next((each[len(needle) :] for each in content.split(b"\0") if each.startswith(needle)), b"").decode(errors="replace")
        match = re.fullmatch(r"([^/]+)/([^/]+):([0-9a-f]+)", mark)
        fields = _stat(int(entry))
        if match and fields:
            found.append(Mark(int(entry), int(fields[19]), int(fields[3]), *match.groups()))
    return found


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as handle:
            return handle.read()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def _leader(folder: str, place: str, name: str, marks: t.Sequence[Mark]) -> t.Optional[t.Tuple[int, int]]:
    """(pid, start time) of the process: as the pid file says, if that one still is it; else the one with its mark that leads a session."""
    told = _read(os.path.join(folder, place, f"{name}.pid")).split()
    if len(told) == 2 and all(word.isdigit() for word in told) and start_time(int(told[0])) == int(told[1]):
        return int(told[0]), int(told[1])
    return next(((mark.pid, mark.start) for mark in marks if (mark.place, mark.name, mark.session) == (place, name, mark.pid)), None)


def observe(place: str, marks: t.Sequence[Mark], folder: str = FOLDER) -> t.Dict[str, t.Dict[str, t.Any]]:
    """Every process of a place that runs or ran: its attributes by its name."""
    names = {mark.name for mark in marks if mark.place == place}
    here = os.path.join(folder, place)
    if os.path.isdir(here):
        names |= {entry[:-5] for entry in os.listdir(here) if entry.endswith(".json")}
    result = {}
    for name in sorted(names):
        try:
            told = json.loads(_read(os.path.join(here, f"{name}.json")) or "{}")
        except ValueError:
            told = {}
        leader = _leader(folder, place, name, marks)
        result[name] = {
            "command": tuple(told.get("command", ())),
            "script": _read(os.path.join(here, f"{name}.script")),
            "environment": tuple(sorted((told.get("environment") or {}).items())),
            "files": tuple((each, _read(os.path.join(here, name, each))) for each in sorted(told.get("files", ()))),
            "running": leader is not None,
            "pid": leader[0] if leader else None,
            "inside": leader is not None and _inside(leader[0], place),
        }
    return result


def _inside(pid: int, place: str) -> bool:
    try:
        mine, named = os.stat(f"/proc/{pid}/ns/net"), os.stat(f"/run/netns/{place}")
    except OSError:
        return False
    return (mine.st_dev, mine.st_ino) == (named.st_dev, named.st_ino)


# -- start ------------------------------------------------------------------------------------------------------------


class Started(t.NamedTuple):
    """A process that was just started, and where its own output begins in the log."""

    process: t.Optional[subprocess.Popen[bytes]]
    error: str
    log: str
    offset: int
    ready: Attributes


def store(place: str, name: str, attributes: Attributes, folder: str = FOLDER) -> None:
    """Write what the process is started with; readable by root only, since environments hold secrets."""
    here = os.path.join(folder, place)
    files = dict(attributes.get("files") or ())
    told = {"command": attributes["command"], "environment": dict(attributes["environment"]), "files": sorted(files)}
    _write(os.path.join(here, f"{name}.json"), json.dumps(told))
    if attributes["script"]:
        _write(os.path.join(here, f"{name}.script"), attributes["script"], 0o700)
    for each, text in files.items():
        os.makedirs(os.path.join(here, name), mode=0o755, exist_ok=True)
        _write(os.path.join(here, name, each), text)


def _write(path: str, text: str, mode: int = 0o600) -> None:
    handle = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    with open(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.replace(path + ".new", path)


def start(place: str, name: str, attributes: Attributes, inside: t.ContextManager[t.Any], folder: str = FOLDER) -> Started:
    """Start the process detached from us, in the namespace that C(inside) enters; L(await_ready) tells how it went."""
    here = os.path.join(folder, place)
    store(place, name, attributes, folder)
    log = os.path.join(here, f"{name}.log")
    if os.path.exists(log) and os.stat(log).st_size > LOG_LIMIT:
        os.replace(log, f"{log}.1")
    words = {"{script}": os.path.join(here, f"{name}.script"), "{python}": sys.executable or "/usr/bin/python3"}
    command = [re.sub(r"\{(script|python)\}", lambda found: words[found.group()], word) for word in attributes["command"]]
    environment = {"PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), "LANG": "C.UTF-8", **dict(attributes["environment"])}
    environment[MARK] = f"{place}/{name}:{digest(attributes)}"
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    offset = os.lseek(output, 0, os.SEEK_END)
    ready = attributes.get("ready") or {}
    try:
        with inside:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, cwd=here, start_new_session=True, close_fds=True
            )
    except OSError as error:
        return Started(None, f"cannot run {command[0]}: {error.strerror}", log, offset, ready)
    finally:
        os.close(output)
    begun = start_time(process.pid)
    if begun is not None:
        _write(os.path.join(here, f"{name}.pid"), f"{process.pid} {begun}\n")
    return Started(process, "", log, offset, ready)


def await_ready(started: Started) -> t.Optional[str]:
    """None when the process is ready within its time, else what happened, with the end of its log."""
    process, ready = started.process, started.ready
    if process is None:
        return started.error
    check = ready.get("check") or (lambda: is_ready(process.pid, ready))
    conditional = any(ready.get(each) is not None for each in ("port", "socket", "check"))
    begun = time.monotonic()
    limit = float(ready.get("timeout") or 10) if conditional else SETTLE
    while process.poll() is None:
        if conditional and check():
            return None
        if time.monotonic() - begun >= limit:
            if not conditional:
                return None
            return f"it runs, but {_awaited(ready)} after {limit:g} s; {_said(started)}"
        time.sleep(0.01)
    code = process.returncode
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit status {code}"
    return f"it {how} after {time.monotonic() - begun:.1f} s; {_said(started)}"


def _awaited(ready: Attributes) -> str:
    """What did not happen, in words."""
    if ready.get("check") is not None:
        return str(ready["awaited"]())
    return f"does not listen on port {ready['port']}" if ready.get("port") is not None else f"does not listen on socket {ready['socket']}"


def _said(started: Started) -> str:
    with open(started.log, "rb") as handle:
        handle.seek(started.offset)
        lines = handle.read().decode(errors="replace").strip().splitlines()
    noise = started.ready.get("noise")
    lines = [line for line in lines if not re.search(noise, line)] if noise else lines
    return "its log ends with:\n" + "\n".join(lines[-10:]) if lines else "its log is empty"


def is_ready(pid: int, ready: Attributes) -> bool:
    """Whether somebody in the process's namespace listens there; looked up in /proc, so that no connection disturbs a server."""
    if ready.get("port") is not None:
        end = f":{int(ready['port']):04X}"
        for table in ("tcp", "tcp6"):
            for line in _read(f"/proc/{pid}/net/{table}").splitlines()[1:]:
                fields = line.split()
                if fields[1].endswith(end) and fields[3] == LISTEN:
                    return True
        return False
    for line in _read(f"/proc/{pid}/net/unix").splitlines()[1:]:
        fields = line.split(None, 7)
        if len(fields) == 8 and fields[7] == ready["socket"] and int(fields[3], 16) & 0x10000:  # __SO_ACCEPTCON
            return True
    return False


# -- stop -------------------------------------------------------------------------------------------------------------


def stop(place: str, name: str, timeout: float = 5.0, folder: str = FOLDER) -> t.Optional[str]:
    """End the process and its children that carry its mark: SIGTERM, after C(timeout) seconds SIGKILL. None, or why it still runs."""
    alive = _handles(place, name, folder)
    try:
        for number, limit in ((signal.SIGTERM, timeout), (signal.SIGKILL, 5.0)):
            for handle in alive.values():
                try:
                    signal.pidfd_send_signal(handle, number)
                except ProcessLookupError:
                    pass
            deadline = time.monotonic() + limit
            while alive and time.monotonic() < deadline:
                poll = select.poll()
                for handle in alive.values():
                    poll.register(handle, select.POLLIN)
                ended = {handle for handle, _event in poll.poll(max(0.0, deadline - time.monotonic()) * 1000)}
                for pid in [pid for pid, handle in alive.items() if handle in ended]:
                    os.close(alive.pop(pid))
                    _reap(pid)
            if not alive:
                return None
        return f"process {', '.join(map(str, alive))} does not end, not even by SIGKILL"
    finally:
        for handle in alive.values():
            os.close(handle)


def _reap(pid: int) -> None:
    """Collect it when it is our own child (it was started in this run)."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass


def _handles(place: str, name: str, folder: str) -> t.Dict[int, int]:
    """A pidfd by pid of each live process of this name: whoever gets such a pid later is not hit."""
    marks = [mark for mark in marked() if (mark.place, mark.name) == (place, name)]
    known = {mark.pid: mark.start for mark in marks}
    leader = _leader(folder, place, name, marks)
    if leader:
        known[leader[0]] = leader[1]
    handles = {}
    for pid, begun in known.items():
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        if start_time(pid) == begun:
            handles[pid] = handle
        else:
            os.close(handle)
    return handles


def forget(place: str, name: str, folder: str = FOLDER) -> None:
    """Remove the files of a process that does not run."""
    for ending in ("json", "script", "pid", "log", "log.1"):
        try:
            os.unlink(os.path.join(folder, place, f"{name}.{ending}"))
        except FileNotFoundError:
            pass
    shutil.rmtree(os.path.join(folder, place, name), ignore_errors=True)


def remove_folder(place: str, folder: str = FOLDER) -> None:
    """Remove a place's folder, and the one above when it was the last."""
    shutil.rmtree(os.path.join(folder, place), ignore_errors=True)
    try:
        os.rmdir(folder)
    except OSError:
        pass
