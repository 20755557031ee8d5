# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""vpp_exec: the command line, on the double and on a live VPP."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import cli

from tests.support.modules import ModuleFailed, run_module


def execute(vpp, *commands, **options):
    return run_module("vpp_exec", **vpp.place, commands=list(commands), **options)


def names(vpp):
    with vpp.session() as session:
        return [each["interface_name"] for each in session.dump("sw_interface_dump", sw_if_index=0xFFFFFFFF)]


def test_what_vpp_says_is_the_result(vpp):
    result = execute(vpp, "show version", "create loopback interface")
    assert result["stdout"][0].startswith("vpp v") and result["stdout_lines"][1] == ["loop0"]
    assert result["changed"] and names(vpp) == ["local0", "loop0"]


def test_showing_changes_nothing_unless_it_is_said(vpp):
    assert not execute(vpp, "show version", " sh version")["changed"]
    assert execute(vpp, "show version", changes=True)["changed"]
    assert not execute(vpp, "create loopback interface", changes=False)["changed"]


def test_the_first_refusal_ends_it_and_what_was_done_is_told(vpp):
    with pytest.raises(ModuleFailed, match="shew version: unknown input") as caught:
        execute(vpp, "create loopback interface", "shew version", "create loopback interface")
    assert caught.value.result["stdout"] == ["loop0\n"] and caught.value.result["changed"]
    assert caught.value.result["command"] == "shew version" and names(vpp) == ["local0", "loop0"]
    with pytest.raises(ModuleFailed, match="show interface: unknown input .nowhere") as caught:
        execute(vpp, "show interface nowhere")
    assert not caught.value.result["changed"]


def test_check_mode_runs_only_what_changes_nothing(vpp):
    skipped = execute(vpp, "create loopback interface", check=True)
    assert skipped["skipped"] and skipped["changed"] and names(vpp) == ["local0"]
    assert execute(vpp, "show version", check=True)["stdout"][0].startswith("vpp v")


@pytest.mark.parametrize("command", ["", "  ", "show version\ncreate loopback interface"])
def test_more_or_less_than_one_command_is_refused_before_any_is_run(vpp, command):
    with pytest.raises(ModuleFailed, match="is not one command"):
        execute(vpp, "create loopback interface", command)
    assert names(vpp) == ["local0"]


def test_a_vpp_that_tells_an_error_only_in_words(double):
    """Some releases answer 0 in any case."""
    double.double.state.cli.retval = 0
    with pytest.raises(ModuleFailed, match="shew: unknown input"):
        execute(double, "shew")


def test_nobody_there(double):
    double.double.stop()
    with pytest.raises(ModuleFailed, match=double.socket) as caught:
        execute(double, "show version")
    assert "command" not in caught.value.result


@pytest.mark.parametrize(("command", "may"), [("show int", False), ("sho int", False), ("sh int", False), ("shutdown", True), ("set x", True), ("s", True)])
def test_which_commands_may_change_something(command, may):
    assert cli.changes(command) is may
