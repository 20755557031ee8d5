# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role vpp where systemd is, with a VPP that no package brought and a unit as that of the package. The tests are one story, in this order."""

from __future__ import annotations

import json
import shlex

import pytest

from .plays import Step, remote, take

UNIT = """[Unit]
Description=A VPP that was copied here
[Service]
ExecStart={prefix}/bin/vpp -c /etc/vpp/startup.conf
ExecStopPost=/bin/rm -f /dev/shm/db /dev/shm/global_vm /dev/shm/vpe-api
Restart=on-failure
RestartSec=1
TimeoutStartSec=300
RuntimeDirectory=vpp
[Install]
WantedBy=multi-user.target
"""
PATH = "/etc/systemd/system/vpp.service"
SETTINGS = {
    "vpp_install": False,
    "vpp_main_heap_size": "256M",
    "vpp_buffers_per_numa": 2048,
    "vpp_poll_sleep": 2000,
    "vpp_startup": {"statseg": {"size": "8M"}},
    "vpp_cnf": "edge",
    "vpp_start_timeout": 180,
}
CHANGED = {"vpp_hugepages": 64, "vpp_startup": {"statseg": {"size": "9M"}}}
PLACE = {"cnf": "edge", "timeout": 60}
INTERFACES = [
    {"name": "to-the-host", "type": "TAP", "enabled": True, "ip_addresses": ["10.8.1.1/24"], "mtu": 1400, "tap": {"host_if_name": "edge0"}},
    {"name": "loop0", "type": "SOFTWARE_LOOPBACK", "enabled": True, "ip_addresses": ["10.8.2.1/32"]},
]
ROUTES = [{"dst_network": "10.8.3.0/24", "next_hop_addr": "10.8.1.9", "outgoing_interface": "to-the-host"}]
ANOTHER = "[ $(systemctl is-active vpp) = active ] && [ $(systemctl show -P MainPID vpp) != $old ]"
OTHER_PROCESS = f"old=$(systemctl show -P MainPID vpp); %s; for i in $(seq 240); do {ANOTHER} && exit 0; sleep 0.5; done; systemctl status vpp; exit 1"
WRITTEN = (
    "/etc/pantheon.cnf /usr/local/lib/pantheon.cnf /etc/systemd/system/vpp.service.d /etc/sysctl.d/90-pantheon-cnf-vpp.conf "
    "/etc/apt/preferences.d/pantheon-cnf-vpp /etc/apt/sources.list.d/fdio.sources"
)
MADE = f"ls -d {WRITTEN} /etc/vpp /var/log/vpp /run/vpp /dev/shm/* 2>/dev/null || true"


def _look(name):
    found = [("interfaces", "vpp_interfaces"), ("routes", "vpp_routes")]
    return [Step(f"{what} {name}", f"pantheon.cnf.{module}", {**PLACE, "state": "gathered"}) for what, module in found]


def _process(name, command):
    return Step(name, "ansible.builtin.command", {"argv": ["sh", "-c", OTHER_PROCESS % command]})


def _with_role(name, **options):
    return Step(name, "ansible.builtin.include_role", {"name": "pantheon.cnf.vpp", **options})


STEPS = [
    Step("made", "pantheon.cnf.vpp_interfaces", {**PLACE, "config": INTERFACES}),
    Step("routed", "pantheon.cnf.vpp_routes", {**PLACE, "config": ROUTES}),
    *_look("before"),
    _with_role("saved", tasks_from="save.yml"),
    _process("killed", "kill -9 $old"),
    *_look("after a crash"),
]


@pytest.fixture(scope="module", name="role")
def _role_there(ready, vpp_prefix, tmp_path_factory):
    """Play the role there; the unit is there for it."""
    folder = tmp_path_factory.mktemp("role")
    playbook = folder / "role.yml"
    playbook.write_text(json.dumps([{"hosts": ready.name, "gather_facts": False, "roles": ["pantheon.cnf.vpp"]}]))
    text = shlex.quote(UNIT.format(prefix=vpp_prefix))
    ready.ssh(f"printf %s {text} | sudo tee {PATH} >/dev/null && sudo systemctl daemon-reload")

    def run(*words, **more):
        return remote(ready, folder, str(playbook), *words, "-e", json.dumps({**SETTINGS, **more}))

    yield run
    ready.ssh(f"sudo systemctl disable --quiet --now vpp; sudo rm -rf {PATH} /etc/vpp /var/log/vpp && sudo systemctl daemon-reload")


@pytest.fixture(scope="module", name="story")
def _story(role, ready, tmp_path_factory):
    return take(ready, tmp_path_factory.mktemp("story"), STEPS, "-e", json.dumps(SETTINGS))[1]


def process(host):
    """Who runs VPP."""
    return host.ssh("systemctl show -P MainPID vpp").strip()


def gathered(host, folder):
    """What VPP has."""
    return take(host, folder, _look("now"))[1]


def test_check_mode_does_nothing(role, ready):
    assert role("--check").changed > 0
    assert ready.ssh(f"{MADE}; getent group vpp; systemctl is-active vpp || true").split() == ["inactive"]


def test_the_role_starts_vpp_and_has_nothing_to_do_the_second_time(role, ready):
    assert role().changed > 0
    assert ready.ssh("systemctl is-active vpp; systemctl is-enabled vpp").split() == ["active", "enabled"]
    again = role()
    assert again.changed == 0, again.output


def test_every_step_succeeds(story):
    failed = {name: result.get("msg") or result.get("stdout") for name, result in story.items() if result.get("failed")}
    assert not failed, failed
    assert [each["name"] for each in story["interfaces before"]["gathered"]] == ["loop0", "to-the-host"]
    assert len(story["routes before"]["gathered"]) == 1


@pytest.mark.parametrize("what", ["interfaces", "routes"])
def test_what_was_saved_comes_back_after_a_crash(story, what):
    assert story[f"{what} after a crash"]["gathered"] == story[f"{what} before"]["gathered"]


def test_another_startup_option_restarts_vpp_and_what_was_saved_comes_back(role, ready, story, tmp_path):
    before = process(ready)
    role(**CHANGED)
    assert process(ready) != before
    now = gathered(ready, tmp_path)
    assert {name: each["gathered"] for name, each in now.items()} == {f"{what} now": story[f"{what} before"]["gathered"] for what in ("interfaces", "routes")}
    assert ready.ssh("cat /proc/sys/vm/nr_hugepages").strip() == "64"


def test_absent_it_is_stopped_and_forgets(role, ready):
    assert role(vpp_state="absent").changed > 0
    left = ready.ssh(f"systemctl is-active vpp; systemctl is-enabled vpp; cat /proc/sys/vm/nr_hugepages; {MADE}").split()
    assert left == ["inactive", "disabled", "0", "/etc/vpp", "/var/log/vpp"]
    again = role(vpp_state="absent")
    assert again.changed == 0, again.output
