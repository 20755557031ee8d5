# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VPP's counters: out of memory made here, and out of that of a live VPP."""

from __future__ import annotations

import os
import socket
import struct
import threading

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.stats import Stats, StatsError, path_beside

BASE = 0x130000000
ENTRY = struct.Struct("I4xQ128s")


class Memory:
    """A segment as VPP lays it out: vectors with their length 8 bytes in front of them, pointers that count from a base."""

    def __init__(self, **head):
        self.content = bytearray(1 << 16)
        self.end = 64
        self.head = {"version": 2, "epoch": 7, "in_progress": 0, **head}
        self.directory = []

    def vector(self, *elements):
        """Its address for VPP."""
        self.end += 8
        at = self.end
        struct.pack_into("I", self.content, at - 8, len(elements))
        self.content[at : at + len(b"".join(elements))] = b"".join(elements)
        self.end += len(b"".join(elements)) + (-len(b"".join(elements)) % 8)
        return BASE + at

    def counter(self, name, *threads, kind=3):
        """By thread, by interface: (packets, bytes)."""
        pointers = [self.vector(*(struct.pack("QQ", *each) for each in thread)) for thread in threads]
        self.directory.append(ENTRY.pack(kind, self.vector(*(struct.pack("Q", each) for each in pointers)), name.encode()))

    def descriptor(self):
        """An open file with it."""
        directory = self.vector(*self.directory)
        struct.pack_into("QQQQQ", self.content, 0, self.head["version"], BASE, self.head["epoch"], self.head["in_progress"], directory)
        handle = os.memfd_create("stats")
        os.write(handle, bytes(self.content))
        return handle


@pytest.fixture(name="serve")
def _serve(tmp_path):
    """Hands a file out at a socket, as VPP does."""
    path = str(tmp_path / "stats.sock")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(path)
    listener.listen()
    handles = []

    def answer(handle):
        connection, _address = listener.accept()
        with connection:
            socket.send_fds(connection, [b"x"], [] if handle is None else [handle])

    def serve(handle):
        handles.append(handle)
        threading.Thread(target=answer, args=(handle,), daemon=True).start()
        return path

    yield serve
    listener.close()
    for each in handles:
        if each is not None:
            os.close(each)


def test_counters_of_all_threads_are_summed(serve):
    memory = Memory()
    memory.counter("/if/rx", [(1, 100), (2, 200)], [(10, 1000), (20, 2000), (30, 3000)])
    memory.counter("/if/tx", [(0, 0)])
    memory.counter("/if/drops", [(5, 5)], kind=2)
    with Stats(serve(memory.descriptor())) as stats:
        found = stats.combined("/if/rx", "/if/tx", "/if/drops", "/if/nothing")
    assert found == {"/if/rx": {0: (11, 1100), 1: (22, 2200), 2: (30, 3000)}, "/if/tx": {0: (0, 0)}, "/if/drops": {}, "/if/nothing": {}}


def test_what_vpp_is_changing_is_read_again(serve):
    memory = Memory(in_progress=1)
    memory.counter("/if/rx", [(1, 100)])
    handle = memory.descriptor()
    with Stats(serve(handle)) as stats:
        threading.Timer(0.02, lambda: os.pwrite(handle, struct.pack("Q", 0), 24)).start()
        assert stats.combined("/if/rx") == {"/if/rx": {0: (1, 100)}}


def test_what_never_stands_still_is_an_error(serve):
    with Stats(serve(Memory(in_progress=1).descriptor())) as stats, pytest.raises(StatsError, match="faster than they can be read"):
        stats.combined("/if/rx")


def test_pointers_out_of_the_memory_are_not_followed(serve):
    memory = Memory()
    memory.directory.append(ENTRY.pack(3, BASE + (1 << 40), b"/if/rx"))
    with Stats(serve(memory.descriptor())) as stats, pytest.raises(StatsError):
        stats.combined("/if/rx")


def test_another_layout_is_refused(serve):
    with pytest.raises(StatsError, match="laid out in version 3; 2 is known"), Stats(serve(Memory(version=3).descriptor())):
        pass


def test_nobody_there_and_somebody_else(serve, tmp_path):
    with pytest.raises(StatsError, match="cannot be read at .*No such file"), Stats(str(tmp_path / "none.sock")):
        pass
    with pytest.raises(StatsError, match="does not hand out"), Stats(serve(None)):
        pass


def test_where_the_socket_is():
    assert path_beside("/run/pantheon.cnf/nat/vpp/api.sock") == "/run/pantheon.cnf/nat/vpp/stats.sock"


def test_a_live_vpp_counts(live):
    with live.session() as session:
        session.call("create_loopback_instance")
        index = session.call("create_loopback_instance")["sw_if_index"]
        with Stats(path_beside(live.socket)) as stats:
            before = stats.combined("/if/rx", "/if/tx")
            assert before["/if/tx"][index] == (0, 0)
            session.call("sw_interface_add_del_address", is_add=True, sw_if_index=index, prefix="10.0.0.1/24")
            session.call("sw_interface_set_flags", sw_if_index=index, flags=1)
            neighbour = {"sw_if_index": index, "flags": 1, "mac_address": "02:00:00:00:00:99", "ip_address": "10.0.0.99"}
            session.call("ip_neighbor_add_del", is_add=True, neighbor=neighbour)
            session.call("want_ping_finished_events", address="10.0.0.99", repeat=2, interval=0.01)
            for _try in range(300):
                after = stats.combined("/if/rx", "/if/tx")
                if after["/if/tx"][index][0] > 1:
                    break
                session.dump("sw_interface_dump", sw_if_index=NOWHERE)
        packets, octets = after["/if/tx"][index]
        assert packets == 2 and octets > 100
