# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""packet_trace in the kernel: a capture that goes on between two tasks."""

from __future__ import annotations

import os
import pathlib
import signal
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import processes, recorder

from ..support.modules import ModuleFailed, run_module
from ..support.namespaces import Namespace

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")


@pytest.fixture(name="pair")
def _pair():
    """Two namespaces with a veth between them: C(left), C(right)."""
    with Namespace("trace") as left, Namespace("trace") as right:
        left.ip(f"link add eth0 type veth peer name eth1 netns {right.name}")
        left.ip("address add 10.0.0.1/24 dev eth0")
        right.ip("address add 10.0.0.2/24 dev eth1")
        left.ip("link set eth0 up")
        right.ip("link set eth1 up")
        try:
            yield left, right
        finally:
            trace(left, "stopped")


def trace(place, state, **options):
    return run_module("packet_trace", namespace=place.name, state=state, **options)


def ping(place, address="10.0.0.2"):
    place.run("ping", "-c1", "-W1", address, check=False)


def pings(result):
    """(node, type) of each ICMP packet."""
    found = [(one, one["nodes"][0]) for one in result["packets"]]
    return [(node["name"], node["headers"]["icmp"]["type"]) for _one, node in found if "icmp" in node["headers"]]


def recording():
    return [mark for mark in processes.marked() if mark.place.startswith("trace:")]


BOTH = [("transmit", "echo_request"), ("receive", "echo_reply")]


def test_start_fetch_stop(pair):
    left, _right = pair
    assert trace(left, "fetched")["packets"] == []
    begun = trace(left, "started")
    assert begun["changed"] and begun["commands"] == ["capture 50 packets of eth0"] and len(recording()) == 1
    ping(left)
    fetched = trace(left, "fetched")
    assert not fetched["changed"] and pings(fetched) == BOTH
    assert fetched["counted"]["eth0"] == len(fetched["packets"])
    sent, received = (one for one in fetched["packets"] if "icmp" in one["nodes"][0]["headers"])
    assert (sent["received_on"], sent["sent_on"]) == (None, ["eth0"]) and (received["received_on"], received["sent_on"]) == ("eth0", [])
    assert abs(sent["nodes"][0]["time"] - time.time()) < 60
    ping(left)
    stopped = trace(left, "stopped")
    assert stopped["changed"] and pings(stopped) == BOTH * 2
    assert recording() == [] and not os.path.exists(recorder.FOLDER)
    again = trace(left, "stopped")
    assert not again["changed"] and again["packets"] == [] and again["commands"] == []


def test_starting_again_forgets(pair):
    left, _right = pair
    trace(left, "started")
    ping(left)
    trace(left, "started")
    assert pings(trace(left, "fetched")) == [] and len(recording()) == 1, "the kernel speaks of its own accord, too"


def test_no_more_than_asked_for_and_only_where_asked_for(pair):
    left, _right = pair
    left.ip("link add other type veth peer name another")
    left.ip("link set other up")
    trace(left, "started", packets=3, interfaces=["eth0"])
    for _each in range(4):
        ping(left)
    assert trace(left, "fetched")["counted"] == {"eth0": 3}
    assert trace(left, "fetched", interfaces=["other"])["packets"] == []
    deadline = time.monotonic() + 5
    while recording():  # it has nothing left to do
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert trace(left, "stopped")["counted"] == {"eth0": 3}


def test_check_mode_touches_nothing(pair):
    left, _right = pair
    assert trace(left, "started", check=True)["changed"] and recording() == []
    trace(left, "started")
    ping(left)
    assert pings(trace(left, "stopped", check=True)) == BOTH and len(recording()) == 1


def test_logical_names(pair):
    left, _right = pair
    left.run("ip", "link", "set", "dev", "eth0", "alias", f"pantheon.cnf {left.name} vpp/interfaces MEMIF memif0")
    trace(left, "started", interfaces=["memif0"])
    ping(left)
    assert {one["received_on"] or one["sent_on"][0] for one in trace(left, "fetched", interfaces=["eth0"])["packets"]} == {"memif0"}
    with pytest.raises(ModuleFailed, match="there is no interface 'memif1'; there is lo, memif0"):
        trace(left, "started", interfaces=["memif1"])


def test_wrong_options(pair):
    left, _right = pair
    with pytest.raises(ModuleFailed, match="nodes: the kernel has no nodes"):
        trace(left, "started", nodes=["memif-input"])
    with pytest.raises(ModuleFailed, match="packets: 0"):
        trace(left, "started", packets=0)
    with pytest.raises(ModuleFailed, match="network namespace nowhere does not exist"):
        run_module("packet_trace", namespace="nowhere", state="started")


def test_an_interface_that_goes_down_and_comes_up_again(pair):
    left, _right = pair
    left.ip("link set eth0 down")
    trace(left, "started")
    left.ip("link set eth0 up")
    for _each in range(3):
        left.ip("link set eth0 down")
        left.ip("link set eth0 up")
    ping(left)
    assert pings(trace(left, "stopped")) == BOTH


def test_what_cannot_begin_leaves_nothing(pair, monkeypatch):
    left, _right = pair
    monkeypatch.setattr(recorder, "SCRIPT", "raise SystemExit(3)")
    with pytest.raises(ModuleFailed, match="the capture does not start: .* ended with exit status 3"):
        trace(left, "started")
    monkeypatch.setattr(recorder, "SCRIPT", "import time; time.sleep(30)")
    monkeypatch.setattr(recorder, "STARTING", 0.3)
    with pytest.raises(ModuleFailed, match=r"is not ready after 0.3 s"):
        trace(left, "started")
    assert recording() == [] and not os.path.exists(recorder.FOLDER)


def test_it_ends_with_its_namespace():
    with Namespace("trace") as place:
        place.ip("link add d0 type veth peer name d1")
        place.ip("link set d0 up")
        trace(place, "started")
        (mark,) = recording()
    deadline = time.monotonic() + 5
    while recording():
        assert time.monotonic() < deadline, f"process {mark.pid} holds a namespace that is gone"
        time.sleep(0.05)
    run_module("packet_trace", namespace=place.name, state="stopped")
    assert not os.path.exists(recorder.FOLDER)


def test_a_recorder_that_was_killed_has_left_what_it_saw(pair):
    left, _right = pair
    trace(left, "started")
    ping(left)
    deadline = time.monotonic() + 5
    while len(pings(trace(left, "fetched"))) < 2:
        assert time.monotonic() < deadline
    os.kill(recording()[0].pid, signal.SIGKILL)
    path = pathlib.Path(recorder.FOLDER, f"trace:{left.name}", "packets")
    path.write_bytes(path.read_bytes()[:-3])  # torn off in the midst of a packet
    assert pings(trace(left, "fetched")) in (BOTH, BOTH[:1])
    assert trace(left, "stopped")["changed"]
