# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where descriptions are found, and how few of them are read."""

import os

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import apifiles, errors
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump

from tests.doubles.vpp import catalogue


@pytest.fixture
def files(double):
    return apifiles.ApiFiles([double.api_dir])


def short(paths):
    return [path.rpartition("/")[2] for path in paths]


@pytest.mark.parametrize(
    ("message", "file"),
    [
        ("ip_route_add_del_v2", "ip"),
        ("ip_neighbor_add_del", "ip_neighbor"),
        ("sw_interface_set_flags", "interface"),
        ("create_loopback", "interface"),
        ("sw_interface_set_l2_bridge", "l2"),
        ("nat44_ed_plugin_enable_disable", "nat44_ed"),
        ("nat_set_timeouts", "nat44_ed"),
        ("macip_acl_add_replace", "acl"),
        ("tap_create_v3", "tapv2"),
        ("trace_capture_packets", "tracedump"),
        ("fib_source_add", "fib"),
        ("cli_inband", "vlib"),
        ("memif_create_v2", "memif"),
        ("af_packet_create_v3", "af_packet"),
        ("vxlan_add_del_tunnel_v3", "vxlan"),
    ],
)
def test_only_the_file_of_a_message_is_read(files, message, file):
    assert files.find(message, None)
    assert short(files.texts) == short(files.files) == [f"{file}.api.json"]


def test_a_message_that_is_where_nobody_would_look(files):
    assert files.find("want_ip6_ra_events", None)
    assert short(files.files) == ["ip6_nd.api.json"]


def test_every_message_is_found_with_its_checksum(files):
    for content in catalogue.files("26.06").values():
        for name, *_raw, last in content["messages"]:
            crc = int(last["crc"], 16)
            found = files.find(name, crc)
            assert found and found.crc == crc and found.fields[0].name == "_vl_msg_id"
            assert files.find(name, crc ^ 1) is None


def test_the_plugin_of_a_message(files):
    assert files.plugin("nat44_add_del_static_mapping_v2") == "nat"
    assert files.plugin("tap_create_v3") == "tap"
    assert files.plugin("memif_create_v2") == "memif"
    assert files.plugin("ip_route_add_del_v2") == ""
    assert files.plugin("no_such_message") is None


def test_the_first_folder_that_has_it_as_vpp_has_it(double, make_double):
    old = make_double(release="24.02")
    files = apifiles.ApiFiles([old.api_dir, double.api_dir])
    newest = next(last for name, *_raw, last in catalogue.files("26.06")["core/ip"]["messages"] if name == "ip_route_v2_dump")
    crc = int(newest["crc"], 16)
    assert files.find("ip_route_v2_dump", crc).crc == crc
    assert files.find("get_api_json", None)


def test_a_file_that_is_no_description(double, tmp_path):
    (tmp_path / "core").mkdir()
    path = tmp_path / "core/interface.api.json"
    for text in ('{"messages": [["create_loopback"', '["create_loopback"]'):
        path.write_text(text)
        double.api_dir = str(tmp_path)
        with double.client() as client:
            answers = client.exchange([Call("create_loopback", about="interface lo0"), Call("control_ping")])
        assert f"{path} is no description of VPP's messages" in answers[0].message
        assert answers[1]["retval"] == 0


def test_folders(tmp_path, monkeypatch):
    monkeypatch.delenv("VPP_PREFIX", raising=False)
    packaged = ["/usr/share/vpp/api"] if os.path.isdir("/usr/share/vpp/api") else []
    assert apifiles.folders(str(tmp_path), os.getpid()) == [str(tmp_path)]
    with pytest.raises(CnfError, match="api_dir must be the one with VPP's API descriptions"):
        apifiles.folders(str(tmp_path / "none"), os.getpid())
    assert apifiles.folders(None, 0) == packaged
    (tmp_path / "share/vpp/api").mkdir(parents=True)
    monkeypatch.setenv("VPP_PREFIX", str(tmp_path))
    assert apifiles.folders(None, 0) == [str(tmp_path / "share/vpp/api"), *packaged]


def test_the_descriptions_of_the_running_vpp(live, monkeypatch):
    monkeypatch.delenv("VPP_PREFIX")
    (first, *_others) = apifiles.folders(None, live.process.pid)
    assert first.startswith(f"/proc/{live.process.pid}/root/") and os.path.exists(f"{first}/core/interface.api.json")
    with live.client() as client:
        assert client.exchange([Dump("sw_interface_dump")])[0][0]["interface_name"] == "local0"
        assert [each.startswith("/proc/") for each in client.messages.files.texts] == [True]


def test_names_and_texts_of_return_values():
    assert errors.meaning(-1) == ("UNSPECIFIED", "Unspecified Error")
    assert errors.meaning(-81) == ("VALUE_EXIST", "Value already exists")
    assert errors.meaning(-171) == ("INVALID_PREFIX_LENGTH", "Invalid prefix length")
    assert errors.meaning(0) == errors.meaning(1) == errors.meaning(-21) == errors.meaning(-1710) == ("", "")
