# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One writer per CNF: an advisory lock that says who holds it and goes with its holder."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import re
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError

FOLDER = "/run/pantheon.cnf.lock"
"""Not below /run/lock, where everybody may make folders and links."""

NAMESPACES = "/run/netns/"
AGENT = ".agent"
"""Ending of the file that an agent holds for its life."""


class Locked(CnfError):
    """Somebody else is changing this CNF; the message says who and since when."""


class Managed(CnfError):
    """An agent manages this CNF; the message names it and its store."""


@contextlib.contextmanager
def lock(name: str, owner: str, timeout: float = 10.0, folder: str = FOLDER, ending: str = ".lock", **told: str) -> t.Iterator[None]:
    """Hold the lock of C(name), waiting C(timeout) seconds for it at most; C(owner) is what others are told, C(told) what they read.

    The kernel drops the lock when the process ends, however it ends; the file is only the place it hangs on.
    """
    path = _path(folder, name, ending)
    handle = _acquire(path, name, time.monotonic() + timeout, timeout)
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"owner": owner, "pid": os.getpid(), "since": time.time(), **told}).encode(), 0)
        yield
    finally:
        os.unlink(path)
        os.close(handle)
        with contextlib.suppress(OSError):
            os.rmdir(folder)


@contextlib.contextmanager
def locks(cnfs: t.Iterable[t.Tuple[str, t.Optional[str]]], owner: str, folder: str = FOLDER, beside_agent: bool = False) -> t.Iterator[None]:
    """Hold the locks of CNFs, each with where it is: the API socket of its VPP, or its L(network). Another task may know the same by another name.

    Raises L(Managed) for one that an agent manages, unless what is done goes well beside it.
    """
    names = _names(cnfs)
    with contextlib.ExitStack() as stack:
        for name in names:  # in one order, lest two wait for each other
            stack.enter_context(lock(name, owner, folder=folder))
        if not beside_agent:
            _refuse_managed(names, folder)
        yield


@contextlib.contextmanager
def manage(cnfs: t.Iterable[t.Tuple[str, t.Optional[str]]], owner: str, store: str, folder: str = FOLDER) -> t.Iterator[None]:
    """For the life of an agent: nobody else changes these CNFs. Raises L(Managed) when another agent does."""
    with contextlib.ExitStack() as stack:
        for name in _names(cnfs):
            try:
                stack.enter_context(lock(name, owner, 1.0, folder, AGENT, store=store))
            except Locked:
                _refuse_managed([name], folder)
                raise
        yield


def refuse_managed(cnfs: t.Iterable[t.Tuple[str, t.Optional[str]]], folder: str = FOLDER) -> None:
    """What L(locks) would refuse, for who does not change anything (check mode)."""
    _refuse_managed(_names(cnfs), folder)


def _refuse_managed(names: t.Iterable[str], folder: str) -> None:
    for name in names:
        try:
            handle = os.open(_path(folder, name, AGENT), os.O_RDONLY | os.O_CLOEXEC)
        except OSError:  # not there, or not for us to see, who then may change nothing anyway
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            told = _told(handle)
            raise Managed(
                f"{_what(name)} is managed by {_holder(handle)}, which takes its configuration from {told.get('store', 'a store')}: "
                "change it there (cnf_configuration), or stop the agent first. Nothing was touched",
                store=told.get("store", ""),
            ) from None
        finally:
            os.close(handle)


def network(namespace: t.Optional[str]) -> str:
    """Where a CNF on the kernel is."""
    return NAMESPACES + namespace if namespace else os.readlink("/proc/self/ns/net")


def _names(cnfs: t.Iterable[t.Tuple[str, t.Optional[str]]]) -> t.List[str]:
    """In one order for all, CNFs first: it is those that messages are to name."""
    found = {name for cnf, where in cnfs for name in (cnf, where or cnf)}
    names = {os.path.realpath(name) if name.startswith("/") else name for name in found}
    return sorted(names, key=lambda name: (name.startswith(("/", "net:")), name))


def _path(folder: str, name: str, ending: str) -> str:
    return os.path.join(folder, re.sub(r"[^A-Za-z0-9._-]", lambda found: f"%{ord(found.group()):x}", name) + ending)


def _what(name: str) -> str:
    if name.startswith(NAMESPACES):
        return f"network namespace {name[len(NAMESPACES) :]}"
    return "the machine's network" if name.startswith("net:") else f"VPP at {name}" if name.startswith("/") else f"CNF {name}"


def _acquire(path: str, name: str, deadline: float, timeout: float) -> int:
    while True:
        try:
            # Not makedirs(), which fails when the last holder removes the folder while it looks.
            with contextlib.suppress(FileExistsError):
                os.mkdir(os.path.dirname(path), 0o755)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError as error:
            if os.path.isdir(os.path.dirname(os.path.dirname(path))):
                continue  # the last holder removed the folder between the two calls
            raise CnfError(f"cannot lock {_what(name)}: {path}: {error.strerror}") from error
        except OSError as error:
            hint = ". Changing a CNF needs root: use become" if isinstance(error, PermissionError) else ""
            raise CnfError(f"cannot lock {_what(name)}: {path}: {error.strerror}{hint}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _holder(handle)
            os.close(handle)
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise CnfError(f"cannot lock {_what(name)}: {path}: {error.strerror}") from error
            if time.monotonic() >= deadline:
                raise Locked(f"{_what(name)} is being changed by {holder}; waited {timeout:g} s for it. Nothing was touched") from error
            time.sleep(0.05)
            continue
        with contextlib.suppress(FileNotFoundError):
            # A lock on a file that its last holder has removed since is a lock on nothing.
            if os.stat(path).st_ino == os.fstat(handle).st_ino:
                return handle
        os.close(handle)


def _holder(handle: int) -> str:
    told = _told(handle)
    try:
        since = time.strftime("%H:%M:%S", time.localtime(told["since"]))
        return f"{told['owner']} (process {told['pid']}, since {since})"
    except (KeyError, TypeError):
        return "another run"


def _told(handle: int) -> t.Dict[str, t.Any]:
    try:
        told = json.loads(os.pread(handle, 4096, 0).decode())
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
