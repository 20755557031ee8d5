# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client, on the double and on a live VPP: answers, refusals, windows, descriptions."""

import os
import re
import struct
import sys

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import apifiles, compiler, messages, papi
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Refusal
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.client import Client
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.errors import NotOffered
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.exchange import BYTES, WINDOW, Exchange
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.transport import FRAME, Transport

from tests.doubles.vpp import registry

EVERYTHING = 0xFFFFFFFF


def errors(answers):
    return {at: each.message for at, each in enumerate(answers) if isinstance(each, CnfError)}


def test_calls_and_dumps(vpp):
    with vpp.client() as client:
        made, listed = client.exchange([Call("create_loopback"), Dump("sw_interface_dump", {"sw_if_index": EVERYTHING})])
    assert made == {"retval": 0, "sw_if_index": 1}
    assert [each["interface_name"] for each in listed] == ["local0", "loop0"]
    assert listed[1]["l2_address"] == "de:ad:00:00:00:00" and listed[1]["mtu"] == [9000, 0, 0, 0]


def test_every_answer_comes_to_its_request(vpp):
    count = WINDOW + 100
    with vpp.client() as client:
        made = client.exchange([Call("create_loopback")] * count)
        assert [each["sw_if_index"] for each in made] == list(range(1, count + 1))
        tagged = client.exchange([Call("sw_interface_tag_add_del", {"is_add": True, "sw_if_index": at, "tag": f"tag {at}"}) for at in range(1, count + 1)])
        assert not errors(tagged)
        # Refusals, dumps and calls side by side, over several windows.
        mixed = []
        for at in range(1, count + 1):
            mixed += [Dump("sw_interface_dump", {"sw_if_index": at}), Call("delete_loopback", {"sw_if_index": 2 * count + at}), Call("control_ping")]
        answers = client.exchange(mixed)
        assert [[each["tag"] for each in listed] for listed in answers[::3]] == [[f"tag {at}"] for at in range(1, count + 1)]
        assert {each.retval for each in answers[1::3]} == {-2}
        assert all(each["retval"] == 0 for each in answers[2::3])


def test_who_it_is(vpp):
    with vpp.client() as client:
        assert re.match(r"\d\d\.\d\d", client.version()) and (vpp.kind == "live" or client.version() == "26.06-release")
        assert os.path.exists(f"/proc/{client.pid}")
        assert client.offers("show_version") and not client.offers("show_version_v9")
        if vpp.kind == "live":
            assert client.pid == vpp.process.pid == client.exchange([Call("control_ping")])[0]["vpe_pid"]


def test_a_refusal_says_what_of_what_and_in_the_words_of_vpp(vpp):
    with vpp.client() as client:
        refused, accepted, bare = client.exchange(
            [
                Call("delete_loopback", {"sw_if_index": 77}, about="interface lo7"),
                Call("delete_loopback", {"sw_if_index": 77}, accept=frozenset({-2})),
                Call("delete_loopback", {"sw_if_index": 77}),
            ]
        )
    assert isinstance(refused, Refusal) and refused.retval == -2
    assert refused.message == "interface lo7: delete_loopback: VPP says INVALID_SW_IF_INDEX (-2, Invalid sw_if_index)"
    assert bare.message == "delete_loopback: VPP says INVALID_SW_IF_INDEX (-2, Invalid sw_if_index)"
    assert accepted == {"retval": -2}


@pytest.mark.parametrize("retval", [1, -9999])
def test_whatever_is_not_zero_is_a_refusal(double, retval):
    double.double.fail("create_loopback", retval)
    with double.client() as client:
        (refused,) = client.exchange([Call("create_loopback", about="interface lo0")])
    assert isinstance(refused, Refusal) and refused.retval == retval
    assert refused.message == f"interface lo0: create_loopback: VPP says {retval}, which is not in its list of errors"


def test_the_500th_of_1000_is_refused_and_no_other(double):
    double.double.fail("create_loopback", -22, nth=500)
    with double.client() as client:
        answers = client.exchange([Call("create_loopback", about=f"interface lo{at}") for at in range(1000)])
    assert errors(answers) == {499: "interface lo499: create_loopback: VPP says -22, which is not in its list of errors"}
    assert len(double.double.state.interfaces) == 1000


def test_what_cannot_be_packed_stops_nothing_else(vpp):
    with vpp.client() as client:
        answers = client.exchange(
            [
                Call("create_loopback", {"mac_address": "here"}, about="interface lo0"),
                Dump("sw_interface_dump", {"sw_if_index": -1}),
                Call("create_loopback"),
                Dump("sw_interface_dump", {"sw_if_index": 1}),
                Call("create_loopback", {"mac": "02:fe:00:00:00:01"}),
            ]
        )
    assert answers[2]["sw_if_index"] == 1 and answers[3][0]["interface_name"] == "loop0"
    assert errors(answers) == {
        0: "interface lo0: create_loopback: mac_address: 'here' is no MAC address",
        1: "sw_interface_dump: sw_if_index: -1 is no whole number from 0 to 4294967295",
        4: "create_loopback: mac: there is no field mac",
    }


def test_a_secret_is_in_no_error(double):
    with double.client() as client:
        answers = client.exchange([Call("memif_create_v2", {"secret": "x" * 30}, secrets=frozenset({"secret"}))])
    assert errors(answers) == {0: "memif_create_v2: secret: VPP does not take this value, which is a secret"}


def test_a_missing_plugin_is_named(make_double, live):
    lacking = make_double(lacks={"nat44_ed"})
    lacking.api_dir = make_double().api_dir
    with lacking.client() as client:
        answers = client.exchange([Call("nat44_add_del_address_range", about="pool"), Call("control_ping")])
        assert not client.offers("nat44_add_del_address_range")
    assert isinstance(answers[0], NotOffered) and answers[1]["retval"] == 0
    assert "pool: VPP 26.06-release at" in answers[0].message and "its plugin nat_plugin.so is not loaded" in answers[0].message
    with live.client() as client:
        answers = client.exchange([Call("abf_policy_add_del")])
    assert "has no message abf_policy_add_del: its plugin abf_plugin.so is not loaded" in answers[0].message


def test_a_message_that_another_release_has(vpp, make_double):
    with vpp.client() as client:
        (answer,) = client.exchange([Call("ip_route_add_del_v9")])
    assert (
        isinstance(answer, NotOffered)
        and answer.message.endswith("it comes with another release, or with a plugin that is not installed")
        and "v9" in answer.message
    )
    old = make_double(release="24.02")
    old.api_dir = make_double().api_dir
    with old.client() as client:
        (answer,) = client.exchange([Call("get_api_json")])
    assert isinstance(answer, NotOffered) and answer.message.endswith("has no message get_api_json: it comes with another release")


def test_the_newest_that_vpp_offers(make_double):
    """Releases differ in messages and in layouts of messages of one name; all are spoken."""
    offered = {}
    for release in ("24.02", "24.10", "25.06", "26.06"):
        with make_double(release=release).session() as session:
            offered[release] = session.newest("sw_interface_add_del_address_v2", "sw_interface_add_del_address")
            assert session.client.version() == f"{release}-release"
            assert [each["interface_name"] for each in session.dump("sw_interface_dump", sw_if_index=EVERYTHING)] == ["local0"]
    assert offered == dict.fromkeys(offered, "sw_interface_add_del_address")


@pytest.mark.parametrize("page", [0, 1, 2, 3])
def test_lists_that_go_on_from_a_cursor(double, monkeypatch, page):
    message = "nat44_ed_output_interface_get"
    monkeypatch.setitem(registry.HANDLERS, message, lambda _state, _request: [{"sw_if_index": at} for at in range(5)])
    double.double.page = page
    with double.client() as client:
        answers = client.exchange([Dump(message), Call("control_ping"), Dump(message), Dump("sw_interface_dump", {"sw_if_index": EVERYTHING})])
    assert [each["sw_if_index"] for each in answers[0]] == [each["sw_if_index"] for each in answers[2]] == list(range(5))
    assert len(answers[3]) == 1 and answers[1]["retval"] == 0
    assert len(double.double.called(message)) == 2 * (-(-5 // page) if page else 1)


def test_a_list_by_cursor_that_is_refused(double, monkeypatch):
    monkeypatch.setitem(registry.HANDLERS, "nat44_ed_output_interface_get", lambda _state, _request: -126)
    with double.client() as client:
        (answer,) = client.exchange([Dump("nat44_ed_output_interface_get")])
    assert isinstance(answer, Refusal) and answer.retval == -126 and "UNSUPPORTED" in answer.message


def test_a_list_by_cursor_of_a_live_vpp(live):
    with live.client() as client:
        answers = client.exchange([Call("nat44_ed_plugin_enable_disable", {"enable": True}), *[Call("create_loopback")] * 40])
        assert not errors(answers)
        assert not errors(client.exchange([Call("nat44_ed_add_del_output_interface", {"is_add": True, "sw_if_index": at}) for at in range(1, 41)]))
        (listed,) = client.exchange([Dump("nat44_ed_output_interface_get")])
    assert sorted(each["sw_if_index"] for each in listed) == list(range(1, 41))


def test_details_that_have_their_context_elsewhere(double, live, monkeypatch):
    """Most have it behind the number; some have the client there, which is no context at all."""
    message = "sw_interface_rx_placement_dump"
    monkeypatch.setitem(registry.HANDLERS, message, lambda _state, _request: [{"sw_if_index": 7, "queue_id": at} for at in range(3)])
    with double.client() as client:
        listed, one = client.exchange([Dump(message), Call("create_loopback")])
    assert [(each["sw_if_index"], each["queue_id"]) for each in listed] == [(7, 0), (7, 1), (7, 2)] and one["sw_if_index"] == 1
    with live.client() as client:
        tables, one = client.exchange([Dump("ip_mtable_dump"), Call("create_loopback")])
    assert {each["table"]["table_id"] for each in tables} == {0} and one["sw_if_index"] == 1


def test_dumps_go_out_together_with_one_ping(double):
    with double.client() as client:
        before = len(double.double.calls)
        client.exchange([Dump("sw_interface_dump", {"sw_if_index": at}) for at in range(WINDOW)])
    names = [name for name, _fields in double.double.calls[before:]]
    assert names == ["sw_interface_dump"] * WINDOW + ["control_ping", "sockclnt_delete"]


def test_no_more_is_under_way_than_the_window_and_all_goes_in_few_writes(double, monkeypatch):
    """VPP keeps what is not read, without a limit."""
    sent, most = [], []
    send, pack = Transport.send, Exchange.send
    monkeypatch.setattr(Transport, "send", lambda self, frames: sent.append(len(frames)) or send(self, frames))
    monkeypatch.setattr(Exchange, "send", lambda self: pack(self) or most.append(self.under_way))
    with double.client() as client:
        sent.clear()
        client.exchange([Call("sw_interface_set_flags", {"sw_if_index": 0, "flags": 1})] * 5000)
        assert max(most) == WINDOW and len(sent) <= 2 * 5000 // WINDOW + 2
        most.clear()
        sent.clear()
        text = "show version" + " " * 3000
        monkeypatch.setitem(registry.HANDLERS, "cli_inband", lambda _state, _request: {"reply": "yes"})
        answers = client.exchange([Call("cli_inband", {"cmd": text})] * 300)
        assert [each["reply"] for each in answers] == ["yes"] * 300
        assert max(sent) < BYTES + 2 * len(text)


def test_a_client_that_was_interrupted_gets_its_next_answers_right(double, monkeypatch):
    receive = Transport.receive
    with double.client() as client:

        def interrupted(_transport):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(Transport, "receive", interrupted)
            with pytest.raises(KeyboardInterrupt):
                client.exchange([Call("create_loopback")] * 3)
        assert Transport.receive is receive
        assert client.exchange([Call("create_loopback")])[0]["sw_if_index"] == 4


def test_what_vpp_says_of_itself_where_no_file_does(make_double, tmp_path):
    """A VPP with another layout of a message than the files have: its own description counts."""
    changed = make_double(checksums={"create_loopback": 0x1234ABCD})
    for folder in (changed.api_dir, str(tmp_path)):
        changed.api_dir = folder
        with changed.client() as client:
            assert client.exchange([Call("create_loopback")])[0]["retval"] == 0
            client.exchange([Call("create_loopback")])
    assert len(changed.double.called("get_api_json")) == 2


def test_a_live_vpp_says_what_it_has_itself(live, tmp_path):
    with Client(live.socket, api_dir=str(tmp_path)) as client:
        if not client.offers("get_api_json"):
            pytest.skip(f"VPP {client.version()} cannot be asked for its descriptions")
        (answer,) = client.exchange([Dump("sw_interface_dump", {"sw_if_index": EVERYTHING})])
    assert [each["interface_name"] for each in answer] == ["local0"]


def test_descriptions_of_another_vpp(make_double):
    changed = make_double(release="24.02", checksums={"create_loopback": 0x1234ABCD})
    with changed.client() as client:
        answers = client.exchange([Call("create_loopback", about="interface lo0"), Call("control_ping")])
    said = answers[0].message
    assert said.startswith("interface lo0: VPP 24.02-release at ") and answers[1]["retval"] == 0
    assert "has create_loopback with the checksum 1234abcd" in said and f"in {changed.api_dir} (api_dir)" in said and "of another VPP" in said


def test_no_descriptions_at_all(make_double, tmp_path):
    old = make_double(release="24.02")
    old.api_dir = str(tmp_path)
    with old.client() as client:
        (answer,) = client.exchange([Call("create_loopback")])
    assert f"but in {tmp_path} (api_dir) it is not described" in answer.message


@pytest.mark.parametrize("version", ["23.10-release", "19.08.1~1"])
def test_a_vpp_that_is_too_old(make_double, version):
    old = make_double(release="24.02", version=version)
    with pytest.raises(CnfError) as error, old.client():
        pass
    assert error.value.message == f"VPP at {old.socket} is {version}: 24.02 or newer is needed"
    assert old.double.deleted_clients == 1


@pytest.mark.parametrize("version", ["24.02-release", "25.10-rc1~7-g1234", "my own build"])
def test_a_vpp_that_is_new_enough(make_double, version):
    with make_double(release="24.02", version=version).client() as client:
        assert client.version() == version


NEW_TO_US = {
    "aliases": {"four": {"type": "u8", "length": 4}},
    "messages": [["new_one", ["u16", "_vl_msg_id"], ["u32", "client_index"], ["u32", "context"], ["vl_api_four_t", "keys", 2], {"crc": "0x1"}]],
    "services": {"new_one": {"reply": "new_one_reply"}},
}
"""An array of arrays."""


def test_vpp_papi_packs_what_the_compiler_does_not_know():
    described = apifiles.File(NEW_TO_US).described("new_one")
    pack = messages.compiled("new_one", described, compiler.packer)
    packed = pack(7, 8, 9, {"keys": [b"abcd", b"efgh"]})
    assert packed == struct.pack(">HII", 7, 8, 9) + b"abcdefgh"
    unpack = messages.compiled("new_one", described, compiler.unpacker)
    assert unpack(FRAME.pack(0, len(packed), 0) + packed + b"behind", 16) == {"keys": [b"abcd", b"efgh"]}


def test_vpp_papi_gives_values_as_the_compiler_does(make_double):
    name = "sw_interface_details"
    file = next(file for file in make_double().double.files.values() if name in file.messages)
    described = file.described(name)
    made = compiler.packer(described.fields, described.types)
    packed = made(7, 8, 9, {"l2_address": "02:fe:00:00:00:01", "flags": 3, "mtu": [1, 2, 3, 4], "tag": "x"})
    ours = compiler.unpacker(described.fields, described.types)(packed, 0)
    assert papi.unpacker(name, described)(FRAME.pack(0, len(packed), 0) + packed, 16) == ours


def test_vpp_papi_is_asked_for_by_name_when_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "vpp_papi.vpp_papi", None)
    with pytest.raises(CnfError, match="the Python package vpp-papi is needed for new_one"):
        messages.compiled("new_one", apifiles.File(NEW_TO_US).described("new_one"), compiler.packer)


def test_nothing_imports_vpp_papi_unasked():
    code = "import sys; from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import client; sys.exit('vpp_papi' in sys.modules)"
    assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", code]) == 0


def test_a_client_that_is_not_connected_says_so(double):
    client = double.client()
    with pytest.raises(CnfError, match="not connected"):
        client.exchange([Call("control_ping")])
    with client:
        pass
    with pytest.raises(CnfError, match="not connected"):
        client.offers("control_ping")
