# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a VPP was configured to do is there again after a restart, by a program that needs neither Ansible nor this collection."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import zipfile

import pytest

from ..support.modules import ModuleFailed, run_module

KEY = "eEdRNZkWCnbcVDNDY0ZVMDRTU0xhc0FnZXRzZXQ0NDQ="

VALUES = [
    {"kind": "vpp/interfaces", "data": {"name": "inside", "type": "SOFTWARE_LOOPBACK", "enabled": True, "ip_addresses": ["10.1.0.1/24"]}},
    {"kind": "vpp/interfaces", "data": {"name": "outside", "type": "SOFTWARE_LOOPBACK", "enabled": True, "ip_addresses": ["10.2.0.1/24", "2001:db8::1/64"]}},
    {"kind": "vpp/route", "data": {"type": "INTRA_VRF", "dst_network": "20.0.0.0/24", "next_hop_addr": "10.2.0.9", "outgoing_interface": "outside"}},
    {"kind": "vpp.nat/nat44-interface", "data": {"name": "inside", "nat_inside": True}},
    {"kind": "vpp.nat/nat44-interface", "data": {"name": "outside", "nat_outside": True, "output_feature": True}},
    {"kind": "vpp.nat/nat44-pool", "data": {"first_ip": "10.2.0.100", "last_ip": "10.2.0.101"}},
]
TUNNEL = {
    "kind": "vpp/interfaces",
    "data": {"name": "wg0", "type": "WIREGUARD_TUNNEL", "enabled": True, "wireguard": {"private_key": KEY, "port": 51820, "src_addr": "10.2.0.1"}},
}


class Boot:
    """The modules and the program, on one VPP, with files in a folder of the test."""

    def __init__(self, vpp, folder):
        self.vpp = vpp
        self.folder, self.program = str(folder / "saved"), str(folder / "lib" / "boot.pyz")

    def config(self, values=None, **options):
        """Result of vpp_config."""
        values = VALUES if values is None else values
        given = [{"cnf": "edge", "own_nat": True, "values": values, **self.vpp.place}]
        return run_module("vpp_config", configurations=given, state=options.pop("state", "overridden"), **options)

    def save(self, cnf="edge", **options):
        """Result of vpp_boot."""
        return run_module("vpp_boot", cnf=cnf, folder=self.folder, program=self.program, **self.vpp.place, **options)

    def run(self):
        """What the program did, as systemd would run it: nothing of Python's paths but its own."""
        environment = {"PATH": os.environ["PATH"], **({"VPP_PREFIX": os.environ["VPP_PREFIX"]} if "VPP_PREFIX" in os.environ else {})}
        return subprocess.run(
            [sys.executable, "-I", self.program, self.folder], env=environment, cwd="/", capture_output=True, text=True, check=False, timeout=60
        )


@pytest.fixture(name="boot")
def _boot(vpp, tmp_path):
    return Boot(vpp, tmp_path)


def test_saved_restarted_and_there_again(boot):
    configured = boot.config()
    predicted = boot.save(check=True)
    assert predicted["changed"] and not os.path.exists(boot.folder)
    saved = boot.save()
    assert saved["changed"] and saved["after"] == predicted["after"] and saved["command"][1:] == [boot.program, boot.folder]
    for check in (False, True):
        again = boot.save(check=check)
        assert not again["changed"] and again["before"] == again["after"] == saved["after"]
    boot.vpp.restart()
    done = boot.run()
    assert done.returncode == 0, done.stderr
    assert "calls" in done.stdout
    unchanged = boot.config(check=True)
    assert not unchanged["changed"] and unchanged["after"] == configured["after"]
    second = boot.run()
    assert second.returncode == 0 and "nothing to do" in second.stdout
    assert not boot.save()["changed"]


def test_keys_of_tunnels_are_saved_for_root_alone_and_shown_to_nobody(boot):
    boot.config([*VALUES, TUNNEL], secrets={})
    saved = boot.save()
    assert KEY not in json.dumps(saved)
    assert stat.S_IMODE(os.stat(saved["path"]).st_mode) == 0o600
    boot.vpp.restart()
    assert boot.run().returncode == 0
    assert not boot.config([*VALUES, TUNNEL], check=True)["changed"]


def test_what_is_there_already_stays(boot):
    boot.config()
    boot.save()
    boot.vpp.restart()
    boot.config([{"kind": "vpp/interfaces", "data": {"name": "more", "type": "SOFTWARE_LOOPBACK", "enabled": True}}], state="merged")
    assert boot.run().returncode == 0
    assert [each["data"]["name"] for each in boot.config([], state="merged", check=True)["after"]["edge"] if each["type"] == "interfaces"] == [
        "inside",
        "more",
        "outside",
    ]


def test_absent_takes_the_program_with_the_last_file(boot):
    boot.config()
    boot.save()
    boot.save(cnf="second")
    assert boot.save(state="absent")["changed"] and os.path.exists(boot.program)
    assert boot.save(cnf="second", state="absent", check=True)["changed"] and os.path.exists(boot.program)
    assert boot.save(cnf="second", state="absent")["changed"]
    assert not os.path.exists(boot.folder) and not os.path.exists(boot.program)
    assert not boot.save(state="absent")["changed"]


def test_absent_leaves_no_empty_folder_of_ours(boot, tmp_path):
    """The usual one is /etc/pantheon.cnf/vpp."""
    boot.config()
    for others in (False, True):
        folder = tmp_path / "etc" / "pantheon.cnf" / "vpp"
        boot.folder = str(folder)
        boot.save()
        if others:
            (folder.parent / "theirs").touch()
        boot.save(state="absent")
        assert folder.parent.exists() == others and not folder.exists() and folder.parents[1].exists()


def test_the_program_has_what_it_needs_and_no_more(boot):
    boot.config()
    boot.save()
    with zipfile.ZipFile(boot.program) as archive:
        names = archive.namelist()
        assert not [name for name in names if "/linux/" in name or name.endswith(("runner.py", "config_module.py"))]
        assert not [name for name in names if b"import ansible." in archive.read(name) or b"from ansible." in archive.read(name)]
    assert os.path.getsize(boot.program) < 300_000


class TestFaults:
    """Each names what is wrong, and the program goes on with the next file."""

    def test_a_memif_loses_what_vpp_does_not_tell(self, double, tmp_path, capfd):
        boot = Boot(double, tmp_path)
        boot.config([{"kind": "vpp/interfaces", "data": {"name": "m", "type": "MEMIF", "memif": {"socket_filename": "/run/m.sock", "secret": "x"}}}])
        saved = boot.save()
        warned = str(saved.get("warnings", "")) + " ".join(capfd.readouterr().err.split())
        assert "secret" in warned and "memif m" in warned

    def test_an_end_of_a_link_is_cnf_links(self, double, tmp_path):
        boot = Boot(double, tmp_path)
        boot.config()
        with double.session() as session:
            index = next(each["sw_if_index"] for each in session.dump("sw_interface_dump", sw_if_index=0xFFFFFFFF) if each["tag"] == "inside")
            session.call("sw_interface_tag_add_del", is_add=True, sw_if_index=index, tag="inside (link)")
        with pytest.raises(ModuleFailed, match="interface inside was made by cnf_link"):
            boot.save()
        assert not os.path.exists(boot.folder)

    def test_one_that_fails_does_not_stop_the_others(self, double, tmp_path):
        boot = Boot(double, tmp_path)
        boot.config()
        boot.save()
        (tmp_path / "saved" / "a.json").write_text("{")
        (tmp_path / "saved" / "b.json").write_text(json.dumps({"cnf": "b", "socket": double.socket, "values": [{"kind": "vpp/nothing", "data": {}}]}))
        double.restart()
        done = boot.run()
        assert done.returncode == 1 and "a.json" in done.stderr and "b.json" in done.stderr and "Traceback" not in done.stderr
        assert "edge.json" in done.stdout and not boot.config(check=True)["changed"]

    def test_a_wrong_name_is_no_path(self, double, tmp_path):
        with pytest.raises(ModuleFailed, match="names a file"):
            Boot(double, tmp_path).save(cnf="../../etc/x")

    def test_a_file_that_was_spoilt_is_written_anew(self, double, tmp_path):
        boot = Boot(double, tmp_path)
        boot.config()
        saved = boot.save()
        for path in (saved["path"], boot.program):
            with open(path, "wb") as file:
                file.write(b"{")
            assert boot.save()["changed"] and not boot.save()["changed"]
