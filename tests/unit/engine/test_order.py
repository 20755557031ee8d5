# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What vanishes beside another operation, and still refers to others until then."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import plan

from .world import World, leaf, node, user, world

LEAF = leaf("l", "a")
ACL = user("b", [])
LIST = LEAF._replace(requires=LEAF.requires | {ACL.key})
"""As the ACLs of an interface: they go with the interface (a), and no ACL (b) can go as long as it is among them."""


@pytest.mark.parametrize(
    ("goal", "waves"),
    [
        ((), [["delete a"], ["delete b"]]),
        ((node("a", shape="square"),), [["delete a"], ["create a", "delete b"]]),
        ((node("a", shape="square"), LEAF), [["delete a"], ["create a", "delete b"], ["create l"]]),
        ((node("a"), LEAF), [["update l"], ["delete b"]]),
    ],
)
def test_what_it_refers_to_goes_after_it(goal, waves):
    planned = plan(World(), world(node("a"), ACL, LIST), world(*goal))
    assert [sorted(f"{operation.verb} {operation.key[1]}" for operation in wave) for wave in planned] == waves
