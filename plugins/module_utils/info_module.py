# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that show everything of a place: one read, in the slots of the state modules."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils import runner
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.areas import Areas
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.slot import config
from ansible_collections.pantheon.cnf.plugins.module_utils.state_module import Connect

SCOPE = {"type": "str", "choices": ["owned", "all"], "default": "owned"}


def run(areas: Areas, place: t.Mapping[str, t.Any], connect: Connect, more: t.Callable[[t.Any], t.Mapping[str, t.Any]] = lambda dataplane: {}) -> None:
    """The whole of an info module. C(more) tells, after the read, what is in no area."""
    ansible = runner.module({**place, "scope": SCOPE})
    with runner.failures(ansible), connect(ansible.params) as dataplane:
        observed = dataplane.observe()
        shown = {area: config(slots, dataplane.lift(observed, {kind.id for slot in slots for kind in slot.kinds})) for area, slots in areas.items()}
        ansible.exit_json(changed=False, **shown, **more(dataplane))
