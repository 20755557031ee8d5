# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an agent counts, for Prometheus."""

from __future__ import annotations

import collections
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.agent.web import Labels, Metric
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import OK, STATES, ItemStatus

PREFIX = "pantheon_cnf_agent_"


class Metrics:
    """Written by the agent's loop, read by others at any time."""

    def __init__(self) -> None:
        self.reads = self.changes = self.failures = 0
        self._passes: t.Counter[t.Tuple[str, bool]] = collections.Counter()
        self._seconds = self._last = 0.0
        self._items: t.Mapping[str, int] = {}
        self._applied = 0
        self._state = ""
        self._since = 0.0

    def passed(self, why: str, changed: bool, seconds: float) -> None:
        """A pass has ended well."""
        self._passes[why, changed] += 1
        self._seconds += seconds
        self._last = seconds
        self._since = time.time()

    def shown(self, states: t.Mapping[str, ItemStatus], applied: int, state: str) -> None:
        """What is reported now."""
        self._items = collections.Counter(status.state for status in states.values())
        self._applied, self._state = applied, state

    def by_state(self) -> t.Mapping[str, int]:
        """How many items are in which state."""
        return dict(self._items)

    def all(self) -> t.Iterator[Metric]:
        """All of them."""
        passes: t.Dict[Labels, float] = {(("why", why), ("changed", str(changed).lower())): count for (why, changed), count in sorted(self._passes.items())}
        items: t.Dict[Labels, float] = {(("state", state),): self._items.get(state, 0) for state in STATES if state in self._items or state == "CONFIGURED"}
        yield Metric(f"{PREFIX}passes_total", "counter", "Passes over the dataplane that ended well, by what they were for.", passes)
        yield _one("pass_seconds_total", "counter", "Seconds spent in passes.", self._seconds)
        yield _one("last_pass_seconds", "gauge", "Seconds that the last pass took.", self._last)
        yield _one("last_pass_timestamp_seconds", "gauge", "When the last pass ended well.", self._since)
        yield _one("failed_passes_total", "counter", "Passes that the dataplane did not allow at all.", self.failures)
        yield Metric(f"{PREFIX}items", "gauge", "Items by their state.", items)
        yield _one("applied_revision", "gauge", "The revision of the store that was applied.", self._applied)
        yield _one("store_reads_total", "counter", "How often everything was read from the store.", self.reads)
        yield _one("store_changes_total", "counter", "Changes of keys that the store told of.", self.changes)
        yield Metric(f"{PREFIX}state", "gauge", "The agent's state.", {(("state", self._state or OK),): 1.0})


def _one(name: str, kind: str, help: str, value: float) -> Metric:
    return Metric(PREFIX + name, kind, help, {(): float(value)})
