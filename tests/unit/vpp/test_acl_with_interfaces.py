# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ACLs together with the interfaces that they are on: VPP deletes no ACL as long as it is on one, and takes it off an interface that goes."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.acl import ACL
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ROUTE
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import reconcile
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import everything
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppDataplane

from .link_world import ipip, loop, memif

KINDS = {kind.id: kind for kind in (INTERFACE, ROUTE, ACL)}
RULE = {"action": "PERMIT", "ip_rule": {"ip": {"source_network": "10.0.0.0/8", "destination_network": "0.0.0.0/0"}}}


def acl(name, **interfaces):
    return ACL.value({"name": name, "rules": [RULE], "interfaces": interfaces})


# An interface goes only after the routes through it.
ROUTES = [
    ROUTE.value({"dst_network": f"198.51.{at}.0/24", "next_hop_addr": f"10.{at}.0.9", "outgoing_interface": name})
    for at, name in enumerate(("one", "two", "three"), 1)
]
FIRST = [
    *(loop("one", "10.1.0.1/24"), memif("two", ip_addresses=["10.2.0.1/24"]), ipip("three", "10.9.9.9", ip_addresses=["10.3.0.1/24"])),
    *ROUTES,
    acl("a", ingress=["one", "two"], egress=["three"]),
    acl("b", ingress=["three"], egress=["one"]),
]


def apply(session, values, state="overridden"):
    plane = VppDataplane(session, everything.families({"cnf": "t"}), "t")
    return reconcile(plane, KINDS, state, lambda there: values)


@pytest.mark.parametrize(
    "then",
    [
        [],
        [loop("one")],
        [loop("one"), acl("b", ingress=["one"])],
        [memif("one"), loop("two"), loop("three"), acl("b", egress=["three"])],
    ],
    ids=["nothing", "an interface", "an interface with one of them", "other interfaces of those names"],
)
def test_acls_go_with_their_interfaces(session, then):
    apply(session, FIRST)
    done = apply(session, then)
    assert sorted(each.key for each in done.after) == sorted(each.key for each in then)
    assert not apply(session, then).outcome.changed
    assert {each["tag"] for each in session.dump("acl_dump", acl_index=0xFFFFFFFF)} == {each.data["name"] for each in then if each.kind == ACL.id}
