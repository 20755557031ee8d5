# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an agent's CNF is: how to get to its dataplane, and how one learns that something has changed there."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.agent.settings import Settings
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host, NamespaceMissing, NotPrivileged, ToolMissing
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.netlink import NETLINK_NETFILTER
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import Kinds, ValueDataplane
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.errors import Gone

Notify = t.Callable[[], None]
Connect = t.Callable[[t.Mapping[str, t.Any]], t.ContextManager[ValueDataplane]]

ROUTE = 0
ROUTE_GROUPS = (1, 5, 7, 9, 11, 24)
"""RTNLGRP_LINK, IPV4_IFADDR, IPV4_ROUTE, IPV6_IFADDR, IPV6_ROUTE, IPV4_NETCONF: what traffic does not change by itself (neighbours)."""
NFTABLES = 7
SOL_NETLINK, ADD_MEMBERSHIP = 270, 1
REST = 0.05
"""Seconds from one message to the next: who changes thousands of things is not told of one by one."""
RDHUP = getattr(select, "POLLRDHUP", 0x2000)


class PlaceLost(Exception):
    """The dataplane is not there, or cannot be reached: that says nothing of the items."""


def is_lost(error: t.Optional[BaseException]) -> bool:
    """Whether an error, or what it comes from, is one of the place."""
    while error is not None:
        if isinstance(error, (NamespaceMissing, NotPrivileged, ToolMissing, Gone)):
            return True
        error = error.__cause__
    return False


class Monitor:
    """A thread that waits for the sockets of a place and calls C(notify): for each message, or once when C(hangup) the other side has gone."""

    def __init__(self, sockets: t.Sequence[t.Any], notify: Notify, hangup: bool = False) -> None:
        self._sockets, self._notify, self._hangup = list(sockets), notify, hangup
        self._ours, self._threads = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="monitor", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it; what it waits for is closed by who opened it, but for sockets of netlink."""
        self._ours.close()
        self._thread.join(5)
        self._threads.close()
        if not self._hangup:
            for each in self._sockets:
                each.close()

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._threads, select.POLLIN)
        for each in self._sockets:
            poll.register(each, RDHUP if self._hangup else select.POLLIN)
        while True:
            for number, _event in poll.poll():
                if number == self._threads.fileno():
                    return
                if self._hangup:
                    poll.unregister(number)
                    self._notify()
                else:
                    self._drain(number)
                    self._notify()
                    time.sleep(REST)

    def _drain(self, number: int) -> None:
        for each in self._sockets:
            if each.fileno() == number:
                with contextlib.suppress(OSError):  # more than the buffer holds: that is news enough
                    while each.recv(1 << 16, socket.MSG_DONTWAIT):
                        pass


class _Place:
    """A dataplane that stays connected from one pass to the next, until a pass fails or another one is found at C(path)."""

    def __init__(self, what: str, path: t.Optional[str], connect: Connect, parameters: t.Mapping[str, t.Any], kinds: t.Iterable[Kind]) -> None:
        self.kinds: Kinds = {kind.id: kind for kind in kinds}
        self.what = what
        self._path, self._connect, self._parameters = path, connect, parameters
        self._open: t.Optional[contextlib.ExitStack] = None
        self._found: t.Any = None
        self._connected_to: t.Any = None
        self._monitor: t.Optional[Monitor] = None
        self._seen = _identity(path)

    def dataplane(self) -> t.ContextManager[ValueDataplane]:
        """Connected, also for the next time. Raises L(PlaceLost)."""
        return self._kept()

    @contextlib.contextmanager
    def _kept(self) -> t.Iterator[ValueDataplane]:
        if self._connected_to != _identity(self._path):
            self.disconnect()
        if self._found is None:
            self._connected_to = _identity(self._path)
            stack = contextlib.ExitStack()
            try:
                self._found = stack.enter_context(self._connect(self._parameters))
            except CnfError as error:
                raise PlaceLost(error.message) from error
            self._open = stack
            self.connected()
        try:
            yield self._found
        except BaseException:
            self.disconnect()
            raise

    def connected(self) -> None:
        """What there is to do with a new connection."""

    def disconnect(self) -> None:
        """Say goodbye to the dataplane."""
        stack, self._open, self._found = self._open, None, None
        if stack:
            stack.close()

    def moved(self) -> bool:
        """Whether it is another one than at the last call: it has vanished, or was made or started anew."""
        before, self._seen = self._seen, _identity(self._path)
        if self._seen == before:
            return False
        self.disconnect()
        return True

    def unwatch(self) -> None:
        """Wait for changes no longer."""
        monitor, self._monitor = self._monitor, None
        if monitor:
            monitor.close()

    def close(self) -> None:
        """Have nothing to do with it any more."""
        self.unwatch()
        self.disconnect()


class LinuxPlace(_Place):
    """A network namespace."""

    name = "linux"
    patience: t.Optional[float] = None
    """Seconds at most from one look for what is awaited to the next; None: what changes is told."""

    def __init__(self, settings: Settings) -> None:
        from ansible_collections.pantheon.cnf.plugins.module_utils.linux.dataplane import connector
        from ansible_collections.pantheon.cnf.plugins.module_utils.linux.everything import families, kinds

        self._namespace = settings.namespace
        what = f"network namespace {settings.namespace}" if settings.namespace else "the network"
        parameters = {"cnf": settings.cnf, "namespace": settings.namespace, "memif_substitution": settings.memif_substitution}
        super().__init__(what, Host(settings.namespace).path, connector(families), parameters, kinds())

    def dataplane(self) -> t.ContextManager[ValueDataplane]:
        """See L(_Place.dataplane)."""
        if self._path and not os.path.exists(self._path):
            raise PlaceLost(f"{self.what} does not exist ({self._path})")
        return super().dataplane()

    def watch(self, notify: Notify) -> None:
        """From now on C(notify) is called when something changes there."""
        self.unwatch()
        host = Host(self._namespace)
        sockets = []
        try:
            with host.inside():
                for protocol, groups in ((ROUTE, ROUTE_GROUPS), (NETLINK_NETFILTER, (NFTABLES,))):
                    one = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
                    sockets.append(one)
                    one.bind((0, 0))
                    for group in groups:
                        one.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, group)
        except (OSError, CnfError) as error:
            for one in sockets:
                one.close()
            raise PlaceLost(error.message if isinstance(error, CnfError) else f"{self.what} cannot be watched: {error}") from error
        self._monitor = Monitor(sockets, notify)


class VppPlace(_Place):
    """A VPP."""

    name = "vpp"
    patience: t.Optional[float] = 5.0

    def __init__(self, settings: Settings) -> None:
        from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import connector
        from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.everything import families, kinds

        self._notify: Notify = lambda: None
        parameters = {"cnf": settings.cnf, "socket": settings.socket, "api_dir": settings.api_dir, "own_nat": settings.own_nat}
        super().__init__(f"VPP at {settings.socket}", settings.socket, connector(families), parameters, kinds())

    def connected(self) -> None:
        """Wait for its end."""
        self._monitor = Monitor([self._found.place.client.transport.socket], self._notify, hangup=True)

    def disconnect(self) -> None:
        """The monitor waits for the socket of this connection."""
        self.unwatch()
        super().disconnect()

    def watch(self, notify: Notify) -> None:
        """From now on C(notify) is called when VPP ends. It does not tell of changes."""
        self._notify = notify


def _identity(path: t.Optional[str]) -> t.Optional[t.Tuple[int, int]]:
    """Of what is at a path now."""
    with contextlib.suppress(OSError):
        found = os.stat(path) if path else None
        return found and (found.st_dev, found.st_ino)
    return None


Place = t.Union[LinuxPlace, VppPlace]


def place_of(settings: Settings) -> Place:
    """The one that settings mean."""
    return LinuxPlace(settings) if settings.dataplane == "linux" else VppPlace(settings)


class Seen(ValueDataplane):
    """A dataplane as it was when it was read: to plan on as often as it takes."""

    def __init__(self, real: ValueDataplane, resources: Resources) -> None:
        self.real, self.resources = real, resources

    def observe(self, classes: t.Optional[t.FrozenSet[str]] = None) -> Resources:
        """What was read."""
        return dict(self.resources)

    def transition(self, before: Resource, after: Resource) -> str:
        """The real one's."""
        return self.real.transition(before, after)

    def destroys(self, operation: Operation, resources: Resources) -> t.Iterable[Key]:
        """The real one's."""
        return self.real.destroys(operation, resources)

    def commands(self, operation: Operation) -> t.List[str]:
        """None: nobody reads them."""
        return []

    def label(self, key: Key) -> str:
        """The real one's."""
        return self.real.label(key)

    def lower(self, values: t.Iterable[Value], context: Resources, observed: t.Optional[Resources] = None) -> Resources:
        """The real one's."""
        return self.real.lower(values, context, observed)

    def lift(self, resources: Resources, kinds: t.Collection[str]) -> t.List[Value]:
        """The real one's."""
        return self.real.lift(resources, kinds)

    def recognised(self, there: t.List[Value], wanted: t.Sequence[Value], resources: Resources, state: str) -> t.List[Value]:
        """The real one's."""
        return self.real.recognised(there, wanted, resources, state)

    def outdated(self, beside: Resources, desired: Resources) -> t.Iterable[Key]:
        """The real one's."""
        return self.real.outdated(beside, desired)

    def carry(self, hanging: Resources, desired: Resources) -> Resources:
        """The real one's."""
        return self.real.carry(hanging, desired)
