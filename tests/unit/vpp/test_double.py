# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The double itself: what all areas stand on, and its catalogue against a live VPP."""

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import apifiles, compiler
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump

from tests.doubles.vpp import catalogue, registry
from tests.doubles.vpp.state import State
from tests.tools import vpp_catalogue


def test_indexes_are_given_again_the_last_one_first(vpp):
    with vpp.session() as session:
        made = [session.call("create_loopback")["sw_if_index"] for _each in range(4)]
        for index in (2, 4, 1):
            session.call("delete_loopback", sw_if_index=index)
        again = [session.call("create_loopback")["sw_if_index"] for _each in range(4)]
    assert made == [1, 2, 3, 4] and again == [1, 4, 2, 5]


def test_areas_clear_up_before_an_interface_is_gone(monkeypatch):
    seen = []

    class Area:
        def __init__(self, state):
            self.state = state

        def interface_deleted(self, interface):
            seen.append((interface.name, interface.index in self.state.interfaces))

    monkeypatch.setitem(registry.AREAS, "watcher", Area)
    state = State("26.06", "26.06-release", set())
    parent = state.add_interface("loop0", "Loopback")
    state.add_interface("loop0.7", parent=parent.index)
    state.delete_interface(parent.index)
    assert seen == [("loop0.7", True), ("loop0", True)]
    assert list(state.interfaces) == [0] and isinstance(state.watcher, Area)
    with pytest.raises(AttributeError):
        _none = state.nothing


def test_faults_are_exact_and_count_from_when_they_are_asked_for(double):
    with double.client() as client:
        client.exchange([Call("create_loopback")] * 3)
        double.double.fail("create_loopback", -7, nth=2)
        double.double.fail("create_loopback", -8, nth=4)
        answers = client.exchange([Call("create_loopback"), Call("control_ping")] * 5)
    assert [each.retval if isinstance(each, CnfError) else each["retval"] for each in answers[::2]] == [0, -7, 0, -8, 0]
    assert len(double.double.state.interfaces) == 7
    assert len(double.double.called("create_loopback")) == 8


def test_a_restart_forgets_all_but_the_kernel(double):
    double.host_device("eth0")
    with double.session() as session:
        session.call("create_loopback")
    double.double.fail("create_loopback", -7)
    double.restart()
    with double.session() as session:
        assert session.call("create_loopback")["sw_if_index"] == 1
    assert double.double.state.host_devices == {"eth0"}


def test_what_no_area_handles_and_what_a_handler_does_wrong_are_problems(double, monkeypatch):
    monkeypatch.setitem(registry.HANDLERS, "create_loopback", lambda _state, _request: 1 / 0)
    monkeypatch.setitem(registry.HANDLERS, "sw_interface_dump", lambda _state, _request: [{"no_such_field": 1}])
    monkeypatch.delitem(registry.HANDLERS, "delete_loopback")
    with double.client() as client:
        client.exchange([Call("create_loopback"), Call("delete_loopback"), Dump("sw_interface_dump")])
    raised, unhandled, wrong = double.double.problems
    assert "ZeroDivisionError" in raised and unhandled == "no area handles delete_loopback" and "no_such_field" in wrong
    double.double.problems.clear()


def test_two_areas_cannot_have_one_message():
    with pytest.raises(ValueError, match=r"create_loopback is handled in tests\.doubles\.vpp\.\w+ and in"):
        registry.handles("create_loopback")(lambda _state, _request: 0)


def test_the_catalogue_is_what_a_live_vpp_has(live):
    """Checksums as it offers them, layouts as its own files have them."""
    compared = 0
    with live.client() as client:
        release = client.version()[:5]
        if release not in catalogue.releases():
            pytest.skip(f"the catalogue has no VPP {release}")
        files = apifiles.ApiFiles(apifiles.folders(None, client.pid))
        for content in catalogue.files(release).values():
            ours = apifiles.File(content)
            for name in ours.messages:
                if not client.offers(name):
                    continue
                mine = ours.described(name)
                assert client.transport.table[name][1] == mine.crc, name
                theirs = files.find(name, mine.crc)
                assert theirs.fields == mine.fields and theirs.service == mine.service, name
                packed = [compiler.packer(each.fields, each.types)(1, 2, 3, {}) for each in (mine, theirs)]
                assert packed[0] == packed[1], name
                compared += 1
    assert compared > 150


def test_all_that_is_handled_is_in_the_catalogue(double):
    """Else nobody could call it: the catalogue is to be made again."""
    known = {name for release in catalogue.releases() for content in catalogue.files(release).values() for name in apifiles.File(content).messages}
    assert set(registry.HANDLERS) <= known, sorted(set(registry.HANDLERS) - known)
    assert set(vpp_catalogue.ALWAYS) <= known
