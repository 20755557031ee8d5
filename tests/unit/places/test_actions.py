# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which module a task runs on the target, and what it is told."""

from __future__ import annotations

from unittest import mock

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.pantheon.cnf.plugins.action import cnf_config, cnf_link, cnf_sandbox

ITEM = {"module": "linux.interfaces", "type": "interface", "data": {"name": "tap0", "type": "EXISTING", "enabled": True}}
VPP_ITEM = {"module": "vpp", "type": "interfaces", "data": {"name": "memif0", "type": "MEMIF", "memif": {"secret": "s3cret", "socket_filename": "a.sock"}}}


def run(action, **arguments):
    """(module, arguments) that the action runs."""
    task = mock.Mock(args=arguments, async_val=0, check_mode=False)
    plugin = action.ActionModule(task, mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock())
    with mock.patch.object(plugin, "_execute_module", return_value={}) as executed:
        plugin.run(task_vars={})
    (call,) = executed.call_args_list
    return call.kwargs["module_name"].rpartition(".")[2], call.kwargs["module_args"]


@pytest.mark.parametrize(
    ("sandboxes", "state", "module"),
    [
        ([{"name": "a"}], "present", "cnf_sandbox"),
        ([{"name": "a", "vpp": {"enabled": False}}], "present", "cnf_sandbox"),
        ([{"name": "a", "vpp": {"enabled": "no"}}, {"name": "b", "vpp": None}], "present", "cnf_sandbox"),
        ([{"name": "a"}, {"name": "b", "vpp": {}}], "present", "vpp_sandbox"),
        ([{"name": "b", "vpp": {"workers": 1}}], "present", "vpp_sandbox"),
        ([{"name": "b", "vpp": {}}], "absent", "cnf_sandbox"),
        ("no list", "present", "cnf_sandbox"),
    ],
)
def test_what_starts_a_vpp_is_sent_only_where_one_shall_be(sandboxes, state, module):
    assert run(cnf_sandbox, sandboxes=sandboxes, state=state) == (module, {"sandboxes": sandboxes, "state": state})


@pytest.mark.parametrize(("sockets", "module"), [(None, "cnf_link"), ({}, "cnf_link"), ({"a": "/run/vpp/api.sock"}, "vpp_link")])
def test_what_talks_to_vpps_is_sent_only_where_there_are_some(sockets, module):
    given = {"links": [], **({} if sockets is None else {"sockets": sockets})}
    assert run(cnf_link, **given) == (module, given)


def test_one_module_for_all_cnfs_of_one_dataplane():
    module, told = run(cnf_config, configurations=[{"cnf": "a", "namespace": "x", "items": [ITEM]}], memif_substitution="veth")
    assert module == "linux_config" and told["memif_substitution"] == "veth"
    assert [sorted(each) for each in told["configurations"]] == [["cnf", "namespace", "values"]]
    module, told = run(cnf_config, cnf="a", items=[VPP_ITEM], dataplane="vpp", own_nat=True, api_dir="/api", memif_substitution="veth")
    assert module == "vpp_config" and "memif_substitution" not in told
    assert {key: value for key, value in told["configurations"][0].items() if key != "values"} == {"cnf": "a", "api_dir": "/api", "own_nat": True}


def test_both_dataplanes_are_one_module_too():
    both = [
        {"cnf": "a", "namespace": "x", "items": [ITEM]},
        {"cnf": "b", "namespace": "y", "dataplane": "vpp", "items": [VPP_ITEM]},
        {"cnf": "c", "socket": "/s", "dataplane": "vpp", "items": []},
    ]
    module, told = run(cnf_config, configurations=both, state="overridden", on_failure="stop")
    assert module == "chain_config"
    assert (told["state"], told["on_failure"], told["memif_substitution"]) == ("overridden", "stop", "none")
    places = [{key: value for key, value in each.items() if key != "values"} for each in told["configurations"]]
    assert places == [
        {"cnf": "a", "dataplane": "linux", "namespace": "x"},
        {"cnf": "b", "dataplane": "vpp", "socket": "/run/pantheon.cnf/y/vpp/api.sock", "own_nat": False},
        {"cnf": "c", "dataplane": "vpp", "socket": "/s", "own_nat": False},
    ]


def test_secrets_travel_apart():
    _module, told = run(cnf_config, cnf="b", items=[VPP_ITEM], dataplane="vpp")
    assert "s3cret" not in str(told["configurations"]) and list(told["secrets"].values()) == ["s3cret"]


def test_a_socket_is_no_place_on_the_kernel():
    with pytest.raises(AnsibleActionFail, match="CNF a: a socket is that of a VPP"):
        run(cnf_config, configurations=[{"cnf": "a", "socket": "/s", "items": []}])
