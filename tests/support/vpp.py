# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VPP for each test: the double always, a live one where C(PATH) or C(VPP_PREFIX) has it. Fixtures are taken into a conftest.py.

C(vpp) runs a test on both; C(double) and C(live) on that one alone. All are empty at the start of a test. C(session) is one with C(vpp).
"""

from __future__ import annotations

import contextlib
import functools
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import startup
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.client import Client
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session

from tests.doubles.vpp import catalogue
from tests.doubles.vpp.server import Double
from tests.support.namespaces import Namespace

NO_VPP = "no VPP found: PATH or VPP_PREFIX/bin must have it"
READY = 15.0
"""Seconds until a VPP answers, or has ended, before it is killed."""
MISJUDGED = "Rejecting large frequency change"
"""VPP measures the clock's frequency in a millisecond when it starts. Where it had to wait in that one it is wrong by far, for good, and VPP does nothing
in time: on a busy machine it is started again."""


def program():
    """VPP, or None."""
    prefix = os.environ.get("VPP_PREFIX")
    if prefix:
        return shutil.which("vpp", path=f"{prefix}/bin")
    return shutil.which("vpp")


@functools.cache
def _descriptions(parent, release, lacks):
    return catalogue.write(release, pathlib.Path(parent) / "-".join([release, *sorted(lacks)]), lacks)


class Place:
    """What the double and a live VPP have in common. C(place): the options of modules that say where."""

    kind = ""

    def __init__(self, folder, api_dir=None):
        self.folder = pathlib.Path(folder)
        self.socket = str(self.folder / "api.sock")
        self.api_dir = api_dir and str(api_dir)
        self.place = {"socket": self.socket, **({"api_dir": self.api_dir} if self.api_dir else {})}

    def client(self, timeout=10.0):
        """Not connected yet: it is a context manager."""
        return Client(self.socket, api_dir=self.api_dir, timeout=timeout)

    @contextlib.contextmanager
    def session(self, timeout=10.0):
        """A session with it."""
        with self.client(timeout) as client:
            yield Session(client)

    def host_device(self, name):
        """Let there be an Ethernet device of this name for af_packet to use."""
        raise NotImplementedError

    def restart(self):
        """As after a crash: nothing is configured any more."""
        raise NotImplementedError


def ip_table(session, is_add, number, six=False, name=""):
    """Add or delete a VRF as somebody else does it, by the message that this release has."""
    message = session.newest("ip_table_add_del_v2", "ip_table_add_del")
    more = {"create_mfib": True} if is_add and message == "ip_table_add_del_v2" else {}
    session.call(message, is_add=is_add, table={"table_id": number, "is_ip6": six, "name": name}, **more)


class DoublePlace(Place):
    """The double in a thread; C(double) for its faults and its state."""

    kind = "double"

    def __init__(self, folder, descriptions, **options):
        release = options.get("release", "26.06")
        super().__init__(folder, _descriptions(str(descriptions), release, tuple(sorted(options.get("lacks", ())))))
        self.double = Double(self.socket, **options)
        self.missing = {"/missing"}
        self.double.start()

    def client(self, timeout=10.0):
        made = super().client(timeout)
        made.kernel_devices = lambda: set(self.double.host_devices)
        made.lacks_folder = lambda path: path in self.missing
        return made

    def host_device(self, name):
        self.double.host_devices.add(name)

    def restart(self):
        self.double.restart()


class LivePlace(Place):
    """A VPP of our own, in a network namespace of its own."""

    kind = "live"

    def __init__(self, folder, namespace):
        super().__init__(folder)
        self.namespace = namespace
        # Of all runs on the machine: process numbers are not, in namespaces of their own.
        self.prefix = self.folder.name
        self.process = None
        self.fresh = False

    def start(self, **options):
        """From nothing, with options of L(startup); returns when it answers."""
        for attempts_left in (2, 1, 0):
            said = self._started(**options)
            if said is None:
                break
            assert MISJUDGED in said and attempts_left, f"VPP did not start:\n{said[-3000:]}"
        self.fresh = True

    def _started(self, **options):
        """None when it answers, else all that it said before it was stopped."""
        configuration = self.folder / "startup.conf"
        small = {"main_heap_size": "256M", "buffers_per_numa": 2048, "stats_size": "8M", "poll_sleep": 100, "plugins": list(startup.PLUGINS)}
        options = {**small, **options}
        configuration.write_text(startup.render(options, str(self.folder), self.prefix))
        with open(self.folder / "output", "wb") as output:
            argv = ["ip", "netns", "exec", self.namespace.name, program(), "-c", str(configuration)]
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        deadline = time.monotonic() + READY
        while True:
            try:
                with self.client():
                    return None
            except Exception:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    self.stop()
                    return (self.folder / "output").read_text(errors="replace")
                time.sleep(0.02)

    def kill(self):
        """As a crash does it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.fresh = False

    def stop(self):
        """Whatever state it is in."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for name in ("global_vm", "vpe-api"):
            pathlib.Path(f"/dev/shm/{self.prefix}-{name}").unlink(missing_ok=True)
        self.fresh = False

    def restart(self):
        self.stop()
        for name in self.namespace.run("ls", "/sys/class/net").split():
            if name.startswith("host-"):
                self.namespace.ip(f"link delete {name}")
        self.start()

    def host_device(self, name):
        self.namespace.ip(f"link add {name} type veth peer name peer-{name}")
        for each in (name, f"peer-{name}"):
            self.namespace.ip(f"link set {each} up")


@contextlib.contextmanager
def _folder():
    # Not pytest's own: the path of a socket has at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="vpp-") as folder:
        yield folder


@pytest.fixture(scope="session")
def vpp_descriptions(tmp_path_factory):
    """Where descriptions of the double's releases are written, once each."""
    return tmp_path_factory.mktemp("api")


@pytest.fixture
def make_double(vpp_descriptions):
    """Doubles with options of L(Double): C(make_double(release="24.02"))."""
    with contextlib.ExitStack() as stack:
        made = []

        def make(**options):
            one = DoublePlace(stack.enter_context(_folder()), vpp_descriptions, **options)
            stack.callback(one.double.stop)
            made.append(one)
            return one

        yield make
        problems = [problem for one in made for problem in one.double.problems]
    assert not problems, "\n".join(problems)


@pytest.fixture
def double(make_double):
    """A double of the newest release."""
    return make_double()


@contextlib.contextmanager
def live_place():
    """A live VPP that is not started yet, and not there any more afterwards."""
    with _folder() as folder, Namespace("vpp") as namespace:
        one = LivePlace(folder, namespace)
        try:
            yield one
        finally:
            one.stop()


@pytest.fixture(scope="session")
def _live():
    if program() is None:
        pytest.skip(NO_VPP)
    if os.geteuid() != 0:
        pytest.skip("a VPP needs root")
    with live_place() as one:
        yield one


@pytest.fixture
def live(_live):
    """A live VPP that nobody has configured."""
    if not _live.fresh:
        _live.restart()
    yield _live
    _live.fresh = False


@pytest.fixture(params=["double", "live"])
def vpp(request):
    """Each in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def session(vpp):
    """One with L(vpp)."""
    with vpp.session() as one:
        yield one
