# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which module an action plugin runs on the target: that of the kernel or that of VPP, and with what."""

from __future__ import annotations

import types

import pytest
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.pantheon.cnf.plugins.action import nat44_chain_proof, nat44_sessions, nat44_sessions_info, packet_trace
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.connection import API

from tests.support.modules import ModuleFailed, run_module

SOCKET = "/run/pantheon.cnf/nat/vpp/api.sock"


@pytest.fixture(name="ran")
def _ran(monkeypatch):
    """What was executed: [(module, arguments)]."""
    found = []

    def execute(_self, module_name=None, module_args=None, **_more):
        found.append((module_name, module_args))
        return {"changed": False}

    monkeypatch.setattr(ActionBase, "run", lambda _self, tmp=None, task_vars=None: {})
    monkeypatch.setattr(ActionBase, "_execute_module", execute)
    return found


def act(plugin, **arguments):
    task = types.SimpleNamespace(args=arguments, async_val=0)
    return plugin.ActionModule(task, None, None, None, None, None).run()


@pytest.mark.parametrize(
    ("given", "module", "told"),
    [
        ({}, "", {}),
        ({"dataplane": "linux", "namespace": "nat"}, "", {"dataplane": "linux", "namespace": "nat"}),
        ({"dataplane": "vpp"}, "vpp_", {}),
        ({"dataplane": "vpp", "namespace": "nat", "timeout": 3}, "vpp_", {"socket": SOCKET, "timeout": 3}),
        ({"socket": "/run/x.sock", "namespace": "nat", "protocol": None}, "vpp_", {"socket": "/run/x.sock"}),
    ],
)
@pytest.mark.parametrize("plugin", [nat44_sessions, nat44_sessions_info, packet_trace], ids=lambda each: each.__name__.rpartition(".")[2])
def test_the_dataplane_chooses(ran, plugin, given, module, told):
    act(plugin, **given)
    assert ran == [(f"pantheon.cnf.{module}{plugin.__name__.rpartition('.')[2]}", told)]


def test_a_socket_of_the_kernel_is_a_contradiction(ran):
    with pytest.raises(AnsibleActionFail, match="a socket is that of a VPP"):
        act(packet_trace, dataplane="linux", socket="/run/x.sock")
    assert ran == []


@pytest.mark.parametrize("module", ["nat44_sessions", "nat44_sessions_info", "packet_trace"])
def test_the_kernels_side_does_not_do_vpps_work(module):
    with pytest.raises(ModuleFailed, match="its action plugin runs the other one for VPP"):
        run_module(module, dataplane="vpp")


PROOF = {"cnf": "nat", "client": "client", "server": "web"}


@pytest.mark.parametrize(
    ("sockets", "module", "told"),
    [
        (None, "", None),
        ({}, "", None),
        ({"nat": SOCKET}, "vpp_", {"nat": SOCKET}),
        ({"nat": SOCKET, "elsewhere": "/run/y.sock"}, "vpp_", {"nat": SOCKET}),
        ({"elsewhere": "/run/y.sock"}, "", None),
        ({"nat": ""}, "", None),
    ],
)
def test_one_cnf_on_vpp_makes_it_a_proof_with_vpp(ran, sockets, module, told):
    act(nat44_chain_proof, **PROOF, sockets=sockets)
    (found,) = ran
    assert found[0] == f"pantheon.cnf.{module}nat44_chain_proof" and found[1].get("sockets") == told


def test_the_kernels_side_of_the_proof_refuses_sockets():
    with pytest.raises(ModuleFailed, match="sockets: .*the kernel's side"):
        run_module("nat44_chain_proof", sockets={"nat": SOCKET})


def test_vpps_modules_have_the_options_that_are_told_to_them():
    assert set(API) == {"socket", "api_dir", "timeout"}
