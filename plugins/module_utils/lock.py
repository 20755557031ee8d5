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


class Locked(CnfError):
    """Somebody else is changing this CNF; the message says who and since when."""


@contextlib.contextmanager
def lock(name: str, owner: str, timeout: float = 10.0, folder: str = FOLDER) -> t.Iterator[None]:
    """Hold the lock of C(name), waiting C(timeout) seconds for it at most; C(owner) is what others are told.

    The kernel drops the lock when the process ends, however it ends; the file is only the place it hangs on.
    """
    path = os.path.join(folder, re.sub(r"[^A-Za-z0-9._-]", lambda found: f"%{ord(found.group()):x}", name) + ".lock")
    handle = _acquire(path, name, time.monotonic() + timeout, timeout)
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"owner": owner, "pid": os.getpid(), "since": time.time()}).encode(), 0)
        yield
    finally:
        os.unlink(path)
        os.close(handle)
        with contextlib.suppress(OSError):
            os.rmdir(folder)


@contextlib.contextmanager
def locks(cnfs: t.Iterable[t.Tuple[str, t.Optional[str]]], owner: str, folder: str = FOLDER) -> t.Iterator[None]:
    """Hold the locks of CNFs, each with the API socket of its VPP: another task may know the same VPP by another name."""
    names = {name for cnf, vpp in cnfs for name in (cnf, os.path.realpath(vpp) if vpp else cnf)}
    with contextlib.ExitStack() as stack:
        for name in sorted(names):  # in one order, lest two wait for each other
            stack.enter_context(lock(name, owner, folder=folder))
        yield


def _what(name: str) -> str:
    return f"VPP at {name}" if name.startswith("/") else f"CNF {name}"


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
    try:
        told = json.loads(os.pread(handle, 4096, 0).decode())
        since = time.strftime("%H:%M:%S", time.localtime(told["since"]))
        return f"{told['owner']} (process {told['pid']}, since {since})"
    except (ValueError, KeyError, TypeError):
        return "another run"
