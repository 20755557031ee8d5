# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What vanishes beside another operation, and still refers to others until then; what is nobody's until all of it is there."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import ApplyError, converge
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


def test_an_undo_takes_away_what_looks_like_nobodys_for_want_of_the_rest():
    """As ranges of proxy ARP, which are ours when interfaces of ours answer."""

    class Shy(World):
        def observe(self, classes=None):
            return {key: one._replace(owned="l" in {name for _class, name in self.state}) for key, one in super().observe(classes).items()}

    it = Shy(fail_at=2)
    with pytest.raises(ApplyError, match="as it was found"):
        converge(it, world(node("a"), LEAF))
    assert it.state == {}
