# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VPP on a kernel that has vhost-net: TAPs. The VPP is that of this machine, copied there. The tests are one story, in this order."""

from __future__ import annotations

import json

import pytest

from .plays import Step, remote, take
from .test_chain import PROVEN, traces

SMALL = {"buffers_per_numa": 2048, "stats_size": "8M", "poll_sleep": 2000, "timeout": 180}
"""A VPP that leaves an emulated machine time for others, and has time there itself."""
SHM = "ls /dev/shm"

PING = """
import socket, struct, sys, time
one = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
one.settimeout(2)
for _attempt in range(10):
    one.sendto(struct.pack("!BBHHH", 8, 0, 0xF7FD, 1, 1), (sys.argv[1], 0))
    try:
        said, sender = one.recvfrom(200)
    except TimeoutError:
        continue
    if said[20] == 0:
        sys.exit(print(*sender))
sys.exit("no answer")
"""


@pytest.fixture(scope="module", name="chain")
def _chain(ready, vpp_prefix, tmp_path_factory):
    """Play our playbooks there, with VPP as the dataplane."""
    folder = tmp_path_factory.mktemp("chain")
    on_vpp = ("-e", json.dumps({"cnf_dataplane": "vpp", "cnf_vpp": {"prefix": vpp_prefix, **SMALL}}))

    def run(name, *more):
        return remote(ready, folder, name, *on_vpp, *more)

    return run


@pytest.fixture(scope="module", name="bare")
def _bare(ready, vpp_prefix):
    return traces(ready), ready.ssh(SHM)


@pytest.fixture(scope="module", name="deployed")
def _deployed(chain, bare):
    yield chain("deploy_nat44_chain")
    chain("teardown_nat44_chain")


def device(host):
    """What drives the client's end of the link."""
    return host.ssh("sudo ip -n client -d link show dev tap0")


def test_towards_the_client_it_is_a_tap_and_the_nat_is_proven(deployed, ready):
    assert PROVEN in deployed.output
    assert "tap-input" in deployed.output, "the trace begins where packets come in"
    assert " tun type tap " in device(ready)
    assert ready.ssh("sudo ls /sys/class/net; sudo ip netns exec cnf-nat44 ls /sys/class/net").split().count("tap0") == 0


def test_repeated_it_changes_nothing(deployed, chain):
    again = chain("deploy_nat44_chain")
    assert again.changed == 0, again.output
    assert PROVEN in again.output


def test_with_a_killed_vpp_its_tap_is_gone_and_comes_back(deployed, chain, ready):
    ready.ssh("sudo sh -c 'kill -9 $(cut -d\" \" -f1 /run/pantheon.cnf/cnf-nat44/vpp.pid)'")
    repaired = chain("deploy_nat44_chain")
    assert repaired.changed > 0 and PROVEN in repaired.output
    assert " tun type tap " in device(ready)


def test_torn_down_nothing_is_left(deployed, chain, ready, bare):
    gone = chain("teardown_nat44_chain")
    assert gone.changed > 0
    assert (traces(ready), ready.ssh(SHM)) == bare


FIRST = [
    {
        "name": "plain",
        "type": "TAP",
        "enabled": True,
        "ip_addresses": ["10.9.1.1/24", "fd09:1::1/64"],
        "mtu": 1400,
        "tap": {"version": 2, "host_if_name": "host-plain", "rx_ring_size": 512, "tx_ring_size": 1024},
        "rx_modes": [{"queue": 0, "mode": "INTERRUPT"}],
    },
    {"name": "large", "type": "TAP", "enabled": True, "phys_address": "02:00:00:00:09:02", "tap": {"enable_gso": True}},
    {"name": "tun", "type": "TAP", "enabled": True, "ip_addresses": ["10.9.3.1/24"], "tap": {"enable_tunnel": True}},
]
IN_PLACE = [
    {**FIRST[0], "ip_addresses": ["10.9.4.1/24"], "mtu": 1300, "rx_modes": [{"queue": 0, "mode": "POLLING"}]},
    {**FIRST[1], "enabled": False, "phys_address": "02:00:00:00:09:03"},
    {**FIRST[2], "ip_addresses": ["10.9.3.1/24", "10.9.5.1/24"]},
]
ANEW = [
    {**FIRST[0], "tap": {"host_if_name": "other", "rx_ring_size": 256}},
    {**FIRST[1], "tap": {"enable_gso": False}},
    FIRST[2],
]


def _task(name, config=None, state="merged", check=False):
    options = {"cnf": "taps", "socket": "/run/pantheon.cnf/taps/vpp/api.sock", "timeout": 60, "state": state}
    return Step(name, "pantheon.cnf.vpp_interfaces", {**options, **({} if config is None else {"config": config})}, check)


def _inside(name, *argv):
    return Step(name, "ansible.builtin.command", {"argv": ["ip", "netns", "exec", "taps", *argv]})


def _steps(prefix):
    return [
        Step("sandbox", "pantheon.cnf.cnf_sandbox", {"sandboxes": [{"name": "taps", "vpp": {"prefix": prefix, **SMALL}}]}),
        _task("predicted", FIRST, check=True),
        _task("made", FIRST),
        _inside("made looks", "ip", "-d", "-o", "link", "show"),
        Step(
            "vpp says",
            "pantheon.cnf.vpp_exec",
            {"socket": "/run/pantheon.cnf/taps/vpp/api.sock", "commands": ["show tap", "show interface rx-placement", "show interface"]},
        ),
        _inside("host address", "sh", "-c", "ip address add 10.9.1.2/24 dev host-plain; ip address add 10.9.3.2/24 dev tun; ip link set tun up"),
        _inside("ping plain", "python3", "-c", PING, "10.9.1.1"),
        _inside("ping tun", "python3", "-c", PING, "10.9.3.1"),
        _task("repeated", FIRST),
        _task("gathered", state="gathered"),
        _task("fed back", "{{ step_gathered.gathered }}", "overridden"),
        _task("changed in place", IN_PLACE, "overridden"),
        _inside("in place looks", "ip", "-d", "-o", "link", "show"),
        _task("change repeated", IN_PLACE, "overridden"),
        _task("made anew", ANEW, "overridden"),
        _inside("anew looks", "ip", "-d", "-o", "link", "show"),
        _task("anew repeated", ANEW, "overridden"),
        _task("one deleted", [{"name": "tun"}], "deleted"),
        _task("deleted", state="deleted"),
        _inside("deleted looks", "ip", "-d", "-o", "link", "show"),
        Step("sandbox gone", "pantheon.cnf.cnf_sandbox", {"sandboxes": [{"name": "taps"}], "state": "absent"}),
    ]


@pytest.fixture(scope="module", name="taps")
def _taps(ready, vpp_prefix, tmp_path_factory):
    return take(ready, tmp_path_factory.mktemp("taps"), _steps(vpp_prefix))[1]


def _line(look, name):
    return next((line for line in look["stdout"].splitlines() if f" {name}:" in line or f" {name}@" in line), "")


def test_every_step_succeeds(taps):
    failed = {name: result.get("msg") or result.get("stderr") for name, result in taps.items() if result.get("failed")}
    assert not failed, failed


def test_taps_are_made_as_predicted(taps):
    assert taps["made"]["changed"]
    assert taps["predicted"]["commands"] == taps["made"]["commands"]
    assert taps["predicted"]["after"] == taps["made"]["after"]
    assert {each["name"]: each["tap"] for each in taps["made"]["after"]} == {
        "plain": {"version": 2, "host_if_name": "host-plain", "rx_ring_size": 512, "tx_ring_size": 1024},
        "large": {"version": 2, "host_if_name": "large", "enable_gso": True},
        "tun": {"version": 2, "host_if_name": "tun", "enable_tunnel": True},
    }


def test_the_kernel_has_the_other_end(taps):
    look = taps["made looks"]
    assert " tun type tap " in _line(look, "host-plain") and " tun type tap " in _line(look, "large")
    assert " tun type tun " in _line(look, "tun")
    for name, address in (("ping plain", "10.9.1.1"), ("ping tun", "10.9.3.1")):
        assert taps[name]["stdout"].split()[:1] == [address]


def test_vpp_has_them_as_they_were_asked_for(taps):
    tap, placement, interfaces = taps["vpp says"]["stdout"]
    assert "qsz 512" in tap and "qsz 1024" in tap and tap.count("gso-enabled 1") == 1
    assert "02:00:00:00:09:02" in tap and "02:00:00:00:09:02" not in taps["made looks"]["stdout"], "VPP's end has it, not the kernel's"
    assert "(interrupt)" in placement
    assert "1400/0/0/0" in interfaces


@pytest.mark.parametrize("step", ["repeated", "fed back", "change repeated", "anew repeated"])
def test_nothing_is_done_twice(taps, step):
    assert taps[step]["commands"] == [] and not taps[step]["changed"]


def test_what_can_be_changed_in_place_is(taps):
    commands = taps["changed in place"]["commands"]
    assert commands and not [each for each in commands if "tap_create" in each or "tap_delete" in each]
    assert [_line(taps["in place looks"], name).split(":")[0] for name in ("host-plain", "large", "tun")] == [
        _line(taps["made looks"], name).split(":")[0] for name in ("host-plain", "large", "tun")
    ]


def test_what_a_tap_is_made_with_makes_it_anew(taps):
    commands = taps["made anew"]["commands"]
    assert [sum(word in each for each in commands) for word in ("tap_create", "tap_delete")] == [2, 2], commands
    look = taps["anew looks"]
    assert _line(look, "other") and _line(look, "large") and _line(look, "tun") and not _line(look, "host-plain")


def test_deleted_their_ends_in_the_kernel_are_gone(taps):
    assert taps["one deleted"]["changed"] and taps["deleted"]["changed"]
    assert not [name for name in ("other", "large", "tun") if _line(taps["deleted looks"], name)]
