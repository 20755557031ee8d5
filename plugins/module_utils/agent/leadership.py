# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of several controllers one writes: a key under its lease says which, and every transaction of it compares that key.

So one that was held up, and does not know yet that another took over, writes nothing more.
"""

from __future__ import annotations

import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.store.epoch import ROOT, decoded, dump
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import At, EtcdStore, LeaseGone, Put

KEY = f"{ROOT}/controller"


class Leadership:
    """One controller's part. C(name): for people. C(ttl): seconds until a dead one's part is over."""

    def __init__(self, store: EtcdStore, name: str, ttl: int = 10) -> None:
        self.store, self.name, self.ttl = store, name, ttl
        self.lease = 0
        self.revision = 0

    def claim(self) -> str:
        """Become the one that writes; returns the name of another one that is, else nothing."""
        _revision, entry = self.store.get(KEY)
        if entry:
            return str(decoded(entry).get("controller") or "unknown")
        lease = self.store.grant(self.ttl)
        done = self.store.commit([At(KEY, 0)], [Put(KEY, dump({"controller": self.name, "since": int(time.time())}), lease)], what="becoming the controller")
        if not done.succeeded:
            self.store.revoke(lease)
            return "another that was faster"
        self.lease, self.revision = lease, done.revision
        return ""

    @property
    def guard(self) -> t.Optional[At]:
        """What has to hold for whatever this one writes."""
        return At(KEY, self.revision)

    def keep(self) -> None:
        """Stay it. Raises L(LeaseGone)."""
        if not self.lease:
            raise LeaseGone("this controller does not lead")
        self.store.keep(self.lease)

    def resign(self) -> None:
        """Let another one, at once."""
        if self.lease:
            self.store.revoke(self.lease)
        self.lease, self.revision = 0, 0
