# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One writer per CNF."""

from __future__ import annotations

import multiprocessing
import os
import signal

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.lock import Locked, lock, locks


def hold(folder, ready):
    """Hold the lock until told to end."""
    with lock("nat", "the other run", folder=folder):
        ready.set()
        signal.pause()


@pytest.fixture(name="folder")
def _folder(tmp_path):
    return str(tmp_path / "locks")


def test_the_message_names_the_owner_and_a_killed_owner_holds_nothing(folder):
    ready = multiprocessing.Event()
    other = multiprocessing.Process(target=hold, args=(folder, ready))
    other.start()
    try:
        assert ready.wait(10)
        with pytest.raises(Locked, match=rf"CNF nat is being changed by the other run \(process {other.pid}, since .*Nothing was touched"):
            with lock("nat", "me", timeout=0.1, folder=folder):
                pass
        with lock("another", "me", timeout=0, folder=folder):
            pass
    finally:
        os.kill(other.pid, signal.SIGKILL)
        other.join()
    with lock("nat", "me", timeout=0, folder=folder):
        pass
    assert not os.path.exists(folder)


def test_a_vpp_under_two_names_is_one(folder, tmp_path):
    (tmp_path / "link.sock").symlink_to(tmp_path / "api.sock")
    socket = os.path.realpath(tmp_path / "api.sock")
    with locks([("one", str(tmp_path / "link.sock")), ("kernel", None)], "the other", folder=folder):
        with pytest.raises(Locked, match=rf"^VPP at {socket} is being changed by the other \("):
            with lock(socket, "me", timeout=0, folder=folder):
                pass
        for name in ("one", "kernel"):
            with pytest.raises(Locked, match=f"^CNF {name} is"), lock(name, "me", timeout=0, folder=folder):
                pass
    assert not os.path.exists(folder)


def count(folder, total, turns):
    """Add to a number that a lost update would spoil."""
    for _turn in range(turns):
        with lock("nat", "counter", timeout=30, folder=folder):
            with open(total, encoding="ascii") as handle:
                number = int(handle.read())
            with open(total, "w", encoding="ascii") as handle:
                handle.write(str(number + 1))


def test_many_at_once_never_overlap(folder, tmp_path):
    total = tmp_path / "total"
    total.write_text("0")
    workers = [multiprocessing.Process(target=count, args=(folder, str(total), 25)) for _unused in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert total.read_text() == "100"


def test_names_with_any_character_get_a_file_of_their_own(folder):
    with lock("a/b", "me", timeout=0, folder=folder), lock("a b", "me", timeout=0, folder=folder), lock("a%2fb", "me", timeout=0, folder=folder):
        assert len(os.listdir(folder)) == 3
