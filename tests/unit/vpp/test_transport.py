# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong between a client and VPP, each with an error of its own: on the double and on a live VPP."""

import contextlib
import grp
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import transport as module
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.client import Client
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.errors import Gone
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.exchange import WINDOW

from tests.doubles.vpp.server import Double

NOBODY = 65534
TREE = pathlib.Path(__file__).resolve().parents[3]


def refused(path, timeout=10.0):
    with pytest.raises(CnfError) as error, Client(str(path), timeout=timeout):
        pass
    return error.value.message


@contextlib.contextmanager
def listening(path, answer=lambda _connection: None):
    """What is no VPP, on a socket."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(0)

        def serve():
            with contextlib.suppress(OSError):
                one, _address = listener.accept()
                with one:
                    answer(one)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_no_socket(double):
    double.double.stop()
    os.unlink(double.socket)
    assert refused(double.socket) == f"no VPP at {double.socket}: there is no such socket. Start VPP, or name its socket (socksvr in its startup.conf)"


def test_a_socket_that_a_dead_vpp_left(double):
    double.double.stop()
    assert refused(double.socket) == f"no VPP at {double.socket}: the socket is there, but nobody listens. VPP has ended; start it again"


def test_a_live_vpp_that_was_killed(live):
    live.kill()
    assert "nobody listens" in refused(live.socket)


def test_a_file_that_is_no_socket(double):
    path = double.folder / "file"
    path.write_text("")
    assert refused(path) == f"{path} is no socket"


def test_a_path_that_is_too_long(double):
    path = double.folder / ("x" * 100)
    assert refused(path) == f"{path}: the path of a socket has at most 107 bytes"


@contextlib.contextmanager
def nobody():
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
def test_a_socket_without_permission(vpp):
    os.chmod(vpp.folder, 0o755)
    os.chown(vpp.socket, 0, 4)
    os.chmod(vpp.socket, 0o775)
    with nobody():
        said = refused(vpp.socket)
    assert said == f"not allowed to use VPP's socket {vpp.socket}: that takes root or a member of the group {grp.getgrgid(4).gr_name} (become: true)"
    os.chmod(vpp.folder, 0o700)
    with nobody():
        said = refused(vpp.socket)
    assert said == f"not allowed to use VPP's socket {vpp.socket}: that takes root, or one who may enter its folder (become: true)"


def test_somebody_else_who_listens(double):
    answers = {
        "http": lambda one: one.recv(1000) and one.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" + bytes(300)),
        "short": lambda one: one.recv(1000) and one.sendall(module.frame(b"\0\x10\0")),
        "refusal": lambda one: one.recv(1000) and one.sendall(module.frame(module.WELCOME.pack(16, 0, 0, -1, 0, 0))),
        "other": lambda one: one.recv(1000) and one.sendall(module.frame(module.WELCOME.pack(17, 0, 0, 0, 0, 0))),
    }
    for name, answer in answers.items():
        with listening(double.folder / name, answer):
            assert "is no VPP" in refused(double.folder / name, timeout=2)
    with listening(double.folder / "gone", lambda one: one.recv(1000)):
        assert refused(double.folder / "gone") == f"VPP at {double.folder / 'gone'} ended"


def test_a_vpp_that_lets_nobody_in(double):
    path = double.folder / "full"
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(str(path))
        listener.listen(0)
        first.connect(str(path))
        begin = time.monotonic()
        assert refused(path, timeout=0.2) == f"VPP at {path} let nobody in for 0.2 s"
        assert 0.2 <= time.monotonic() - begin < 8


def test_a_vpp_that_does_not_answer_the_handshake(make_double):
    mute = make_double(mute=True)
    assert refused(mute.socket, timeout=0.1) == f"VPP at {mute.socket} did not answer within 0.1 s"


def test_the_deadline_passes(double):
    double.double.stall("create_loopback", nth=3)
    with double.client(timeout=0.2) as client:
        begin = time.monotonic()
        answers = client.exchange([*[Call("create_loopback", about=f"interface lo{at}") for at in range(4)], Dump("sw_interface_dump")])
        assert 0.2 <= time.monotonic() - begin < 8
        assert [each["sw_if_index"] for each in answers[:2]] == [1, 2]
        how = f"VPP at {double.socket} did not answer within 0.2 s"
        unsure = "the call may or may not have been made, a new connection is needed to see"
        assert [each.message for each in answers[2:]] == [
            f"interface lo2: create_loopback: {how}; {unsure}",
            f"interface lo3: create_loopback: {how}; {unsure}",
            f"sw_interface_dump: {how}",
        ]
        assert all(isinstance(each, Gone) for each in answers[2:])
        (again,) = client.exchange([Call("create_loopback", about="interface lo9")])
        assert isinstance(again, Gone) and again.message == f"interface lo9: create_loopback: not sent, {how}"
    assert len(double.double.called("create_loopback")) == 2


def test_the_deadline_is_for_each_answer_and_not_for_all(double, monkeypatch):
    slow = Double._handled
    monkeypatch.setattr(Double, "_handled", lambda self, name, fields: time.sleep(0.08 if name == "create_loopback" else 0) or slow(self, name, fields))
    monkeypatch.setattr(Double, "_take", one_by_one(Double._take))
    with double.client(timeout=0.3) as client:
        answers = client.exchange([Call("create_loopback")] * 10)
    assert [each["sw_if_index"] for each in answers] == list(range(1, 11))


def one_by_one(take):
    """Send each answer before the next request is taken."""

    def each(self, connection):
        data, connection.received = connection.received, b""
        while data:
            size = module.FRAME.size + module.SIZE(data)[0] if len(data) >= module.FRAME.size else 0
            if not size or len(data) < size:
                break
            connection.received, data = data[:size], data[size:]
            take(self, connection)
            self._flush(connection)
        connection.received = data

    return each


def test_a_live_vpp_that_hangs(live):
    with live.client(timeout=0.3) as client:
        assert client.exchange([Call("control_ping")])[0]["retval"] == 0
        live.process.send_signal(signal.SIGSTOP)
        try:
            begin = time.monotonic()
            (answer,) = client.exchange([Call("create_loopback", about="interface lo0")])
            assert time.monotonic() - begin < 8
        finally:
            live.process.send_signal(signal.SIGCONT)
        assert isinstance(answer, Gone) and "did not answer within 0.3 s; the call may or may not have been made" in answer.message
    with live.client() as client:
        # It was made: it waited in the socket.
        assert len(client.exchange([Dump("sw_interface_dump", {"sw_if_index": 0xFFFFFFFF})])[0]) == 2


def test_a_vpp_that_hangs_while_much_is_sent(live):
    text = "show version" + " " * 3000
    with live.client(timeout=0.3) as client:
        client.exchange([Call("cli_inband", {"cmd": text})])
        live.process.send_signal(signal.SIGSTOP)
        try:
            answers = client.exchange([Call("cli_inband", {"cmd": text})] * 1000)
        finally:
            live.process.send_signal(signal.SIGCONT)
        assert all(isinstance(each, Gone) for each in answers)
    with live.client() as client:
        assert client.exchange([Call("control_ping")])[0]["retval"] == 0


@pytest.mark.parametrize("after", [False, True])
def test_vpp_dies_in_mid_call(double, after):
    double.double.die("create_loopback", nth=700, after=after)
    with double.client() as client:
        answers = client.exchange([Call("create_loopback", about=f"interface lo{at}") for at in range(2000)])
        assert [each["sw_if_index"] for each in answers[:699]] == list(range(1, 700))
        assert all(isinstance(each, Gone) for each in answers[699:])
        assert answers[699].message == (
            f"interface lo699: create_loopback: VPP at {double.socket} ended; the call may or may not have been made, a new connection is needed to see"
        )
        assert answers[1999].message == f"interface lo1999: create_loopback: not sent, VPP at {double.socket} ended"
        (again,) = client.exchange([Call("control_ping")])
        assert again.message == f"control_ping: not sent, VPP at {double.socket} ended"
    assert len(double.double.state.interfaces) == (701 if after else 700)
    assert "nobody listens" in refused(double.socket)
    double.restart()
    with double.client() as client:
        assert client.exchange([Call("create_loopback")])[0]["sw_if_index"] == 1


def test_vpp_dies_between_calls(double):
    with double.client() as client:
        double.double.stop()
        answers = client.exchange([Call("create_loopback"), Dump("sw_interface_dump")])
        assert all(isinstance(each, Gone) and f"VPP at {double.socket} ended" in each.message for each in answers)


def test_answers_that_came_before_the_end_are_kept(double, monkeypatch):
    """VPP ends while we write: what it had answered until then can still be read."""
    send = module.Transport.send
    calls = []

    def sent(self, frames):
        calls.append(frames)
        if len(calls) > 1:
            double.double.stop()
        send(self, frames)

    with double.client() as client:
        client.exchange([Call("create_loopback")])
        monkeypatch.setattr(module.Transport, "send", sent)
        answers = client.exchange([Call("create_loopback")] * 2 * WINDOW)
    first = [each for each in answers if isinstance(each, dict)]
    assert len(first) >= WINDOW and [each["sw_if_index"] for each in first] == list(range(2, len(first) + 2))
    assert all(isinstance(each, Gone) for each in answers[len(first) :])


def test_a_live_vpp_is_killed_in_mid_call(live):
    with live.client() as client:
        assert client.exchange([Call("control_ping")])[0]["retval"] == 0
        threading.Timer(0.15, live.kill).start()
        made = []
        while not any(isinstance(each, CnfError) for each in made):
            made += client.exchange([Call("create_loopback")] * 1000)
        done = [each for each in made if isinstance(each, dict)]
        assert all(isinstance(each, Gone) and "ended" in each.message for each in made[len(done) :])
        assert isinstance(client.exchange([Call("control_ping")])[0], Gone)
    live.process.wait()
    live.restart()
    with live.client() as client:
        assert len(client.exchange([Dump("sw_interface_dump")])[0]) == 1


def test_an_answer_that_is_not_as_described(double, monkeypatch):
    packed = Double._packed
    monkeypatch.setattr(Double, "_packed", lambda self, name, *rest: packed(self, name, *rest)[: 8 if name == "create_loopback_reply" else None])
    with double.client() as client:
        (answer,) = client.exchange([Call("create_loopback")])
        assert isinstance(answer, Gone) and "sent a message that is not as described" in answer.message
        assert isinstance(client.exchange([Call("control_ping")])[0], Gone)


def test_a_goodbye_is_always_said(make_double, monkeypatch):
    def goodbyes(work, **options):
        one = make_double(**options)
        with contextlib.suppress(CnfError, ZeroDivisionError, KeyboardInterrupt), one.client(timeout=0.5) as client:
            work(one, client)
        deadline = time.monotonic() + 2
        while not one.double.deleted_clients and time.monotonic() < deadline:
            time.sleep(0.01)
        assert one.double.connected == 1
        return one.double.deleted_clients

    def interrupted(_self):
        raise KeyboardInterrupt

    def interrupt(_one, client):
        with monkeypatch.context() as patch:
            patch.setattr(module.Transport, "receive", interrupted)
            client.exchange([Call("create_loopback")])

    def late(one, client):
        monkeypatch.setattr(client.transport, "timeout", 0.1)
        handled = one.double._handled
        one.double._handled = lambda name, fields: time.sleep(0.3 if name == "create_loopback" else 0) or handled(name, fields)
        (answer,) = client.exchange([Call("create_loopback")])
        assert isinstance(answer, Gone)

    assert goodbyes(lambda _one, client: client.exchange([Call("create_loopback")])) == 1
    assert goodbyes(lambda _one, _client: 1 / 0) == 1
    assert goodbyes(interrupt) == 1
    assert goodbyes(late) == 1
    assert goodbyes(lambda _one, _client: None, version="20.01-release") == 1


def test_nothing_follows_half_a_message(double):
    """VPP would take what comes next, even the goodbye, for the other half."""
    with double.client(timeout=0.2) as client:
        client.exchange([Call("create_loopback")])
        double.double.stall("create_loopback")
        client.exchange([Call("create_loopback")])
        client.transport.broken = ""
        with pytest.raises(Gone, match="did not read what was sent"):
            client.transport.send(bytes(1 << 24))
        assert client.transport.torn
        sent = []
        client.transport.send = sent.append
    assert not sent


def test_after_an_interrupt_in_mid_message_nothing_is_sent_any_more(double):
    """An undo's messages would be the rest of it."""
    with double.client(timeout=0.2) as client:
        real, client.transport.socket = client.transport.socket, Cut(client.transport.socket)
        with pytest.raises(KeyboardInterrupt):
            client.exchange([Call("create_loopback")])
        client.transport.socket = real
        (answer,) = client.exchange([Call("create_loopback")])
        assert isinstance(answer, Gone) and "was told a part of a message" in answer.message
    assert not double.double.problems


class Cut:
    """A socket that takes half of a message, and then comes the interrupt."""

    def __init__(self, real):
        self.real = real

    def __getattr__(self, name):
        return getattr(self.real, name)

    def sendall(self, data):
        self.real.sendall(data[: len(data) // 2])
        raise KeyboardInterrupt


def test_a_client_that_has_gone_leaves_no_descriptor_open(double):
    before = set(os.listdir("/proc/self/fd"))
    for _attempt in range(3):
        with double.client() as client:
            client.exchange([Call("create_loopback")])
    double.double.stop()
    for _attempt in range(3):
        refused(double.socket)
    assert len(set(os.listdir("/proc/self/fd"))) <= len(before)


# The double itself: a process of its own, and the real vpp-papi.


@contextlib.contextmanager
def process(folder, **options):
    path = str(folder / "own.sock")
    argv = [sys.executable, "-m", "tests.doubles.vpp", path, json.dumps(options)]
    with subprocess.Popen(argv, cwd=TREE, stdout=subprocess.PIPE, text=True) as one:
        try:
            assert one.stdout.readline() == "ready\n"
            yield path, one
        finally:
            one.kill()


def test_a_double_that_is_killed(double):
    with process(double.folder) as own, Client(own[0], api_dir=double.api_dir) as client:
        one = own[1]
        assert client.pid == one.pid
        assert client.exchange([Call("create_loopback")])[0]["sw_if_index"] == 1
        one.kill()
        one.wait()
        assert isinstance(client.exchange([Call("create_loopback")])[0], Gone)
    assert "nobody listens" in refused(own[0])


PAPI = """
import json, sys
from vpp_papi import VPPApiClient
socket, folder, release = sys.argv[1:]
options = {"bootstrapapi": True} if folder == "-" else {"apidir": folder}
client = VPPApiClient(server_address=socket, **options)
client.connect("papi")
result = [client.api.show_version().version]
result.append(client.api.create_loopback_instance(is_specified=True, user_instance=7, mac_address="02:fe:00:00:00:01").sw_if_index)
result.append(client.api.sw_interface_tag_add_del(is_add=True, sw_if_index=1, tag="seven").retval)
result += [[one.interface_name, str(one.l2_address), one.tag] for one in client.api.sw_interface_dump(sw_if_index=0xFFFFFFFF)]
result.append(client.api.delete_loopback(sw_if_index=9).retval)
client.disconnect()
print(json.dumps(result))
"""


@pytest.mark.parametrize(("release", "bootstrap"), [("24.02", False), ("26.06", False), ("26.06", True)])
def test_vpp_papi_speaks_to_the_double(make_double, release, bootstrap):
    one = make_double(release=release)
    argv = [sys.executable, "-c", PAPI, one.socket, "-" if bootstrap else one.api_dir, release]
    done = subprocess.run(argv, check=True, capture_output=True, text=True, timeout=30)
    expected = [f"{release}-release", 1, 0, ["local0", "00:00:00:00:00:00", ""], ["loop7", "02:fe:00:00:00:01", "seven"], -2]
    assert json.loads(done.stdout) == expected
    assert one.double.deleted_clients == 1
