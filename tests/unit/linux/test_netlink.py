# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Netlink's framing, and what a socket makes of the kernel's answers (a real socket where that needs no privilege)."""

from __future__ import annotations

import errno
import os
import struct

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import netlink as nl
from hypothesis import given
from hypothesis import strategies as st

GETLINK, SETLINK = 18, 19
LINKS = struct.pack("=16x")


@pytest.fixture(name="socket")
def _socket():
    socket = nl.Socket()
    yield socket
    socket.close()


@given(st.lists(st.tuples(st.integers(1, 0x3FFF), st.binary(max_size=40)), unique_by=lambda each: each[0]), st.binary(max_size=24))
def test_attributes_are_what_was_packed(parts, head):
    head += bytes(-len(head) % 4)
    packed = head + b"".join(nl.attribute(*part) for part in parts)
    assert len(packed) % 4 == 0
    assert nl.attributes(packed, len(head)) == dict(parts)


def test_a_nest_is_marked_and_holds_its_attributes():
    packed = nl.nest(7, nl.attribute(1, b"a"), nl.attribute(2, b"bcdef"))
    assert struct.unpack_from("=HH", packed) == (len(packed), 0x8007)
    assert nl.attributes(nl.attributes(packed)[7]) == {1: b"a", 2: b"bcdef"}


def test_broken_attributes_end_the_reading():
    assert nl.attributes(nl.attribute(1, b"good") + struct.pack("=HH", 2, 5) + bytes(8)) == {1: b"good"}


@given(st.binary(max_size=40))
def test_a_message_has_its_length_and_asks_for_something(body):
    packed = nl.message(24, nl.CREATE, body)
    length, type, flags, _number, _port = nl.HEADER.unpack_from(packed)
    assert (length, type, flags & ~nl.ACK) == (16 + len(body), 24, nl.REQUEST | nl.CREATE)
    assert packed[16:length] == body and len(packed) % 4 == 0


def test_a_dump_is_whole(socket):
    names = {nl.string(nl.attributes(payload, 16)[3]) for payload in socket.dump(GETLINK, LINKS)}
    assert names == set(os.listdir("/sys/class/net")) - {"bonding_masters"}


def test_a_dump_that_a_change_interrupted_is_taken_again(socket, monkeypatch):
    original, seen = socket._receive, []

    def receive():
        for type, flags, number, payload in original():
            seen.append(type)
            yield type, flags | (nl.DUMP_INTR if seen.count(nl.DONE) == 0 else 0), number, payload

    monkeypatch.setattr(socket, "_receive", receive)
    found = list(socket.dump(GETLINK, LINKS))
    assert seen.count(nl.DONE) == 2
    assert len(found) == len(set(os.listdir("/sys/class/net")) - {"bonding_masters"})


def test_a_dump_of_what_changes_all_the_time_ends_in_an_error(socket, monkeypatch):
    original = socket._receive

    def receive():
        for type, flags, number, payload in original():
            yield type, flags | nl.DUMP_INTR, number, payload

    monkeypatch.setattr(socket, "_receive", receive)
    with pytest.raises(OSError, match="changed all the time"):
        socket.dump(GETLINK, LINKS)


def test_a_dump_that_the_kernel_refuses_raises_its_errno(socket):
    with pytest.raises(OSError) as caught:
        socket.dump(2000, LINKS)
    assert caught.value.errno == errno.EOPNOTSUPP


def test_each_message_of_a_batch_gets_its_own_answer(socket):
    """No privilege is needed to ask for nothing, or for a device that is not there."""
    missing = nl.message(GETLINK, 0, struct.pack("=BxHiII", 0, 0, 2**31 - 1, 0, 0))
    nothing = nl.message(3, 0, b"")  # NLMSG_DONE as a request: control messages are acknowledged and otherwise ignored
    for size in (1, 2, socket.window, socket.window + 1):
        messages = [missing if number % 3 == 1 else nothing for number in range(size)]
        assert socket.batch(messages) == [errno.ENODEV if number % 3 == 1 else 0 for number in range(size)]
        assert sorted(socket.errors) == [number for number in range(size) if number % 3 == 1]
        assert all("No such device" in text for text in socket.errors.values())


def _ctrl_c():
    raise KeyboardInterrupt


def test_answers_of_a_batch_that_was_given_up_are_not_taken_for_those_of_the_next(socket, monkeypatch):
    missing = nl.message(GETLINK, 0, struct.pack("=BxHiII", 0, 0, 2**31 - 1, 0, 0))

    def interrupted():
        yield from (_ctrl_c() for _each in range(1))

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(socket, "_receive", interrupted)
        socket.batch([missing] * 3)
    assert socket.batch([nl.message(3, 0, b"")] * 2) == [0, 0]
    assert socket.batch([]) == []
