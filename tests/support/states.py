# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every state module has to do, on whatever dataplane."""

from __future__ import annotations

import itertools


def lifecycle(task, module, config, **delete):
    """Create (first in check mode), repeat, gather, feed back, delete; C(delete) are options of the last."""
    predicted = task(module, config, check=True)
    assert predicted["changed"] and predicted["commands"]
    assert predicted["diff"]["before"] != predicted["diff"]["after"]
    done = task(module, config)
    assert done["changed"]
    assert (done["commands"], done["before"], done["after"]) == (predicted["commands"], predicted["before"], predicted["after"])
    for check in (False, True):
        again = task(module, config, check=check)
        assert again["commands"] == []
        assert not again["changed"]
        assert again["before"] == again["after"] == done["after"]
    gathered = task(module, state="gathered")["gathered"]
    assert gathered == done["after"]
    for state in ("merged", "replaced", "overridden"):
        back = task(module, gathered, state=state)
        assert back["commands"] == [], state
    gone = task(module, state="deleted", **delete)
    assert gone["changed"] and not gone["after"]
    assert not task(module, state="deleted", **delete)["changed"]


def transitions(task, module, states, **options):
    """From every state to every other in one run, to what it is when it is made from nothing."""
    for one, two in itertools.permutations(range(len(states)), 2):
        task(module, states[one], state="overridden", **options)
        task(module, states[two], state="overridden", **options)
        again = task(module, states[two], state="overridden", **options)
        assert again["commands"] == [], (one, two)
        lone = task(module, state="gathered", **options)["gathered"]
        task(module, state="deleted", **options)
        task(module, states[two], state="overridden", **options)
        assert task(module, state="gathered", **options)["gathered"] == lone, (one, two)
