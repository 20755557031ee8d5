# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One network namespace of the machine that we run on: its sockets, programs and sysctls."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
import shutil
import subprocess
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.netlink import Socket

NETNS = "/run/netns"
CLONE_NEWNET = 0x40000000
PACKAGES = {"nft": "nftables", "ip": "iproute2", "conntrack": "conntrack"}


class NamespaceMissing(CnfError):
    """The network namespace does not exist, or vanished."""


class NotPrivileged(CnfError):
    """The kernel does not let us."""


class ToolMissing(CnfError):
    """A program that is needed is not installed."""


@functools.cache
def _libc() -> t.Any:
    return ctypes.CDLL(None, use_errno=True)


def setns(handle: int) -> None:
    """Move the calling thread into the network namespace of an open file."""
    if hasattr(os, "setns"):
        os.setns(handle, CLONE_NEWNET)
    elif _libc().setns(handle, CLONE_NEWNET):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _path() -> str:
    """Where programs are, also for those who are not root by login."""
    return os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))


def sysctl_path(name: str) -> str:
    """The file of a sysctl; as in sysctl(8), a slash in the name stands for a dot: C(net.ipv4.conf.eth0/5.rp_filter)."""
    return "/proc/sys/" + name.translate({ord("."): "/", ord("/"): "."})


class Host:
    """A network namespace: by name below C(/run/netns), by path, or (None) the one that we are in."""

    def __init__(self, namespace: t.Optional[str] = None) -> None:
        if namespace is not None and not namespace.startswith("/") and (namespace in ("", ".", "..") or "/" in namespace) or "\0" in (namespace or ""):
            raise CnfError(f"{namespace!r} is no name of a network namespace, and no path from / to one")
        self.namespace = namespace
        self.path = None if namespace is None else namespace if namespace.startswith("/") else f"{NETNS}/{namespace}"
        self.sockets: t.Dict[int, Socket] = {}
        self._identity: t.Optional[t.Tuple[int, int]] = None
        self.devices: t.List[t.Any] = []

    @property
    def exists(self) -> bool:
        """Whether the namespace is there."""
        return self.path is None or os.path.exists(self.path)

    @contextlib.contextmanager
    def inside(self) -> t.Iterator[None]:
        """Let the calling thread be in the namespace."""
        if self.path is None:
            yield
            return
        with open("/proc/thread-self/ns/net", "rb") as home:
            away = True  # from the start: an interrupt may come right after the first setns
            try:
                try:
                    with open(self.path, "rb") as there:
                        setns(there.fileno())
                except OSError as error:
                    away = False
                    raise self.explain(error) from error
                yield
            finally:
                if away:
                    setns(home.fileno())

    def explain(self, error: OSError) -> CnfError:
        """The error in words that help."""
        if error.errno in (errno.EPERM, errno.EACCES):
            return NotPrivileged(f"not permitted to change the network of namespace {self.namespace or '(the host)'}: this needs root (use become)")
        if error.errno in (errno.ENOENT, errno.EINVAL) and self.path:
            return NamespaceMissing(f"network namespace {self.namespace} does not exist ({self.path}); cnf_sandbox makes it")
        return CnfError(f"network namespace {self.namespace or '(the host)'}: {error.strerror or error}")

    def socket(self, protocol: int) -> Socket:
        """The netlink socket of this protocol, made when it is first wanted."""
        if protocol not in self.sockets:
            with self.inside():
                self.sockets[protocol] = Socket(protocol)
                self._identity = self._identity or self._stat("/proc/thread-self/ns/net")
        # A socket keeps a deleted namespace alive: the kernel would go on to accept what nobody will ever see.
        if self.path and self._stat(self.path) != self._identity:
            raise NamespaceMissing(f"network namespace {self.namespace} has vanished while it was worked on ({self.path})")
        return self.sockets[protocol]

    @staticmethod
    def _stat(path: str) -> t.Optional[t.Tuple[int, int]]:
        try:
            found = os.stat(path)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    @property
    def netlink(self) -> Socket:
        """The socket for links, addresses, routes and neighbours."""
        return self.socket(0)

    @staticmethod
    def program(name: str) -> str:
        """The file of a program; raises L(ToolMissing), which names its package."""
        found = shutil.which(name, path=_path())
        if found is None:
            raise ToolMissing(f"the program {name} is not installed on the target; its package is {PACKAGES.get(name, name)}")
        return found

    def run(self, argv: t.Sequence[str], stdin: t.Optional[str] = None) -> t.Any:
        """A program inside: C(returncode), C(stdout), C(stderr). The child inherits our namespace, so no helper is spawned."""
        line, environment = [self.program(argv[0]), *argv[1:]], {**os.environ, "PATH": _path(), "LC_ALL": "C"}
        with self.inside():
            return subprocess.run(line, input=stdin, capture_output=True, text=True, errors="replace", check=False, env=environment)

    def sysctls(self, names: t.Iterable[str]) -> t.Dict[str, str]:
        """The values of those sysctls (C(net.ipv4.ip_forward)) that are there."""
        found = {}
        with self.inside():
            for name in names:
                with contextlib.suppress(FileNotFoundError), open(sysctl_path(name), encoding="ascii") as handle:
                    found[name] = " ".join(handle.read().split())
        return found

    def sysctl_read(self, name: str) -> t.Optional[str]:
        """The value of one, None where there is no such sysctl."""
        return self.sysctls([name]).get(name)

    def sysctl_write(self, name: str, value: str) -> t.Optional[str]:
        """None, or why it failed."""
        with self.inside():
            try:
                with open(sysctl_path(name), "w", encoding="ascii") as handle:
                    handle.write(value)
            except OSError as error:
                return f"{name}: {error.strerror}"
        return None

    def close(self) -> None:
        """Close the sockets."""
        for each in self.sockets.values():
            each.close()
        self.sockets = {}

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *_unused: t.Any) -> None:
        self.close()
