# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import startup

DEFAULTS = {name: spec.get("default") for name, spec in startup.OPTIONS.items()}


def rendered(commands_file="", **options):
    """The text with these options and the other ones' defaults."""
    return startup.render({**DEFAULTS, **options}, "/run/x/vpp", "pantheon.cnf-x", commands_file)


def read(text):
    """The text as a tree again, by VPP's rules: words, and sections in braces."""
    words = re.findall(r"[{}\n]|[^\s{}]+", text)
    stack, line = [{}], []
    for word in words:
        if word == "{":
            stack.append({})
            stack[-2][" ".join(line)] = stack[-1]
            line = []
        elif word in ("\n", "}"):
            if line:
                stack[-1][line[0]] = " ".join(line[1:])
            line = []
            if word == "}":
                stack.pop()
        else:
            line.append(word)
    assert len(stack) == 1
    return stack[0]


def test_all_that_a_vpp_beside_others_must_have_of_its_own():
    tree = read(rendered())
    assert tree["api-segment"] == {"prefix": "pantheon.cnf-x"}
    assert tree["socksvr"] == {"socket-name": "/run/x/vpp/api.sock"}
    assert tree["statseg"]["socket-name"] == "/run/x/vpp/stats.sock"
    assert {name: tree["unix"][name] for name in ("runtime-dir", "cli-listen", "pidfile")} == {
        "runtime-dir": "/run/x/vpp",
        "cli-listen": "/run/x/vpp/cli.sock",
        "pidfile": "/run/x/vpp/vpp.pid",
    }


def test_no_hugepages_and_a_loop_that_sleeps():
    tree = read(rendered())
    assert [tree["memory"]["main-heap-page-size"], tree["buffers"]["page-size"], tree["statseg"]["page-size"]] == ["default"] * 3
    assert tree["unix"]["poll-sleep-usec"] == "100" and tree["unix"]["nodaemon"] == ""
    assert "poll-sleep-usec" not in rendered(poll_sleep=0)


def test_only_the_plugins_that_are_named():
    tree = read(rendered(plugins=["memif", "nat_plugin.so", "vxlan-gpe_plugin"]))["plugins"]
    assert tree == {
        "plugin default": {"disable": ""},
        "plugin memif_plugin.so": {"enable": ""},
        "plugin nat_plugin.so": {"enable": ""},
        "plugin vxlan-gpe_plugin.so": {"enable": ""},
    }


def test_sizes_cores_and_more():
    tree = read(rendered(main_heap_size="1G", buffers_per_numa=4096, stats_size="32M", workers=2, main_core=1, extra="nat { max 3 }\n"))
    assert (tree["memory"]["main-heap-size"], tree["buffers"]["buffers-per-numa"], tree["statseg"]["size"]) == ("1G", "4096", "32M")
    assert tree["cpu"] == {"main-core": "1", "workers": "2"}
    assert tree["nat"] == {"max": "3"}
    assert "cpu" not in rendered()
    assert read(rendered(main_core=0))["cpu"] == {"main-core": "0"}


def test_startup_commands_end_with_ours():
    assert startup.commands([]) == ""
    assert startup.commands(["http cli server ", "show version"]).splitlines() == [
        "http cli server",
        "show version",
        f"set interface tag local0 {startup.STARTED}",
    ]
    assert read(rendered("/run/x/startup.cli"))["unix"]["startup-config"] == "/run/x/startup.cli"
    assert "startup-config" not in rendered()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"main_heap_size": "256 M"}, "main_heap_size '256 M'.*512M"),
        ({"main_heap_size": "0"}, "main_heap_size '0'"),
        ({"stats_size": "many"}, "stats_size 'many'"),
        ({"workers": -1}, "workers -1"),
        ({"main_core": -1}, "main_core -1"),
        ({"buffers_per_numa": 0}, "buffers_per_numa 0"),
        ({"plugins": ["memif { }"]}, "plugin 'memif { }'"),
        ({"extra": "nat {"}, "braces"),
    ],
)
def test_wrong_options_are_named(options, says):
    with pytest.raises(CnfError, match=says):
        rendered(**options)


def test_sections_of_ones_own():
    sections = {"unix": {"nodaemon": None, "gid": "vpp"}, "dpdk": {"dev": ["0000:00:09.0", {"name": "x"}], "dev default": {"num-rx-queues": 2}}}
    assert startup.text(sections) == (
        "unix {\n  nodaemon\n  gid vpp\n}\ndpdk {\n  dev 0000:00:09.0\n  dev {\n    name x\n  }\n  dev default {\n    num-rx-queues 2\n  }\n}\n"
    )
    startup.check(sections)


@pytest.mark.parametrize("sections", [{"unix": {"gid": "vpp }"}}, {"unix {": None}, {"unix": {"log": "a\nb"}}, {"unix": {"nodaemon": True}}])
def test_what_would_be_read_as_something_else_is_refused(sections):
    with pytest.raises(CnfError):
        startup.check(sections)


@pytest.mark.parametrize("command", ["", "  ", "show version\nshow interface"])
def test_a_command_is_one_line(command):
    with pytest.raises(CnfError, match="one line"):
        startup.commands([command])
