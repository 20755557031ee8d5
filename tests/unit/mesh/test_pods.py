# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh import registered
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.pods import client, clients

from .world import service, to


def pod(name, annotation="", injected="", phase="Running", node="", where="containers"):
    env = [{"name": "POD_NAME", "valueFrom": {}}, {"name": "NSM_NETWORK_SERVICES", "value": injected}] if injected else []
    return {
        "metadata": {"namespace": "mesh", "name": name, **({"annotations": {"networkservicemesh.io": annotation}} if annotation else {})},
        "spec": {where: [{"name": "app"}, {"name": "nsc", "env": env}], **({"nodeName": node} if node else {})},
        "status": {"phase": phase},
    }


def test_what_the_webhook_put_there_goes_before_the_annotation() -> None:
    found, warnings = clients(
        [
            pod("b", "kernel://old/tap0", "kernel://ns/tap0?app=a,kernel://other@domain", where="initContainers"),
            pod("a", "kernel://ns/tap0?app=a&zone=1&zone=2", node="node1"),
            pod("plain"),
            pod("done", "kernel://ns", phase="Succeeded"),
        ]
    )
    assert [(one.name, one.service, one.labels, one.problem) for one in found] == [
        ("mesh/a", "ns", {"app": "a", "zone": "1,2", "podName": "a", "nodeName": "node1"}, ""),
        ("mesh/b", "ns", {"app": "a", "podName": "b"}, ""),
        ("mesh/b", "other@domain", {"podName": "b"}, ""),
    ]
    assert warnings == ["pod mesh/a has the annotation networkservicemesh.io and no client of NSM in it: the webhook was not there when it was made"]


@pytest.mark.parametrize(
    "url, text",
    [
        ("ns/tap0", "names no network service"),
        ("b", "no comma in a label"),
        ("kernel:///tap0", "names no network service"),
        ("memif://ns/tap0", "knows kernel and vfio, not memif"),
        ("kernel://ns/an-interface-name", "has 15 bytes at most, 'an-interface-name' has 17"),
    ],
)
def test_what_nsm_would_not_take(url, text) -> None:
    made = client("mesh/p", url, {})
    assert text in made.problem
    told = registered.matches(made, registered.services([service(to({}, {}), namespace="mesh")]), [], 0)
    assert told == [{"client": "mesh/p", "network_service": made.service, "endpoints": [], "match": None, "passed": [], "error": made.problem}]


def test_a_good_one() -> None:
    assert client("p", " KERNEL://ns:1/fifteen-bytes-0?app=", {"podName": "p"}) == registered.Client("p", {"app": "", "podName": "p"}, "ns")
