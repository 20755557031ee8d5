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
from ansible_collections.pantheon.cnf.plugins.module_utils.lock import AGENT, Locked, Managed, lock, locks, manage, network, refuse_managed


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


def test_a_network_namespace_under_two_names_is_one(folder):
    with locks([("one", network("edge")), ("host", network(None))], "the other", folder=folder):
        for where, text in ((network("edge"), "network namespace edge"), (network(None), "the machine's network")):
            with pytest.raises(Locked, match=rf"^{text} is being changed by the other \("), lock(where, "me", timeout=0, folder=folder):
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


def test_who_is_not_the_agent_is_refused(folder, tmp_path):
    socket = os.path.realpath(tmp_path / "api.sock")
    with manage([("nat", socket)], "agent host:nat", "etcd 10.0.0.1:2379", folder=folder):
        said = (
            rf"^CNF nat is managed by agent host:nat \(process {os.getpid()}, since ..:..:..\), which takes its configuration from etcd 10.0.0.1:2379: "
            r"change it there \(cnf_configuration\), or stop the agent first. Nothing was touched$"
        )
        with pytest.raises(Managed, match=said) as caught, locks([("nat", None)], "me", folder=folder):
            pass
        assert caught.value.context == {"store": "etcd 10.0.0.1:2379"}
        with pytest.raises(Managed, match="^CNF nat is managed by"), locks([("nat", socket), ("a", "/run/netns/a")], "me", folder=folder):
            pass
        with pytest.raises(Managed, match=f"^VPP at {socket} is managed by"), locks([("vpp", socket)], "me", folder=folder):
            pass
        with pytest.raises(Managed):
            refuse_managed([("nat", None)], folder)
        with pytest.raises(Managed), manage([("nat", None)], "another", "a store", folder=folder):
            pass
        refuse_managed([("other", None)], folder)
        with locks([("nat", socket)], "agent host:nat", folder=folder, beside_agent=True):
            pass
    refuse_managed([("nat", None)], folder)
    assert not os.path.exists(folder)


def test_an_agent_that_was_killed_manages_nothing(folder):
    os.mkdir(folder)
    with open(os.path.join(folder, f"nat{AGENT}"), "w", encoding="utf-8") as file:
        file.write('{"owner": "agent", "pid": 1}')
    with locks([("nat", None)], "me", folder=folder):
        pass
    with manage([("nat", None)], "the next", "a store", folder=folder), pytest.raises(Managed, match="by the next"):
        refuse_managed([("nat", None)], folder)
