# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the agent looks at its dataplane next. Pure: the time is told."""

from __future__ import annotations

import typing as t

FIRST = 1.0
SETTLE = 0.1
"""Seconds until a change by others is looked at: it seldom comes alone."""
SOON = 0.5
"""Seconds from one look to the next while something is awaited and something changes."""


class Pace:
    """C(resync), C(repair): see L(Settings). C(patience): seconds at most from one look for what is awaited to the next.

    C(due) is when the next pass is to be, C(why) for what.
    """

    def __init__(self, resync: float, repair: float, patience: t.Optional[float] = None) -> None:
        self.resync, self.repair, self.patience = resync, repair, patience
        self.due: t.Optional[float] = None
        self.why = ""
        self.waits = self.lost = False
        self._attempts = 0
        self._looked = float("-inf")

    def wanted(self, now: float) -> None:
        """What is wanted has changed."""
        self._sooner(now, "change")
        self._attempts = 0

    def disturbed(self, now: float) -> None:
        """Something has changed at the place (by ourselves, too)."""
        self._sooner(max(now + SETTLE, self._looked + (min(SOON, self.repair) if self.waits or self.lost else self.repair)), "drift")

    def returned(self, now: float) -> None:
        """The place is another one."""
        self._sooner(now, "place")
        self._attempts = 0

    def busy(self, now: float) -> None:
        """Somebody else is changing it."""
        self.due, self.why = now + FIRST, self.why or "change"

    def done(self, now: float, *, drift: bool = False, waits: bool = False, lost: bool = False, retry: t.Optional[float] = None) -> None:
        """A pass has ended. C(drift): it was for that; C(waits): something may become possible by itself; C(lost): the place is not there."""
        self.due, self.why = now + self.resync, "resync"
        if drift:
            self._looked = now
        self._attempts = self._attempts + 1 if waits or lost else 0
        self.waits, self.lost = waits, lost
        if waits or lost:
            again = FIRST * 2.0 ** min(self._attempts - 1, 30)
            self._sooner(now + (again if self.patience is None else min(again, self.patience)), "retry")
        if retry is not None:
            self._sooner(now + retry, "retry")

    def _sooner(self, due: float, why: str) -> None:
        if self.due is None or due < self.due:
            self.due, self.why = due, why
