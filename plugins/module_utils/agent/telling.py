# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The status of CNFConfigurations to the API server: some at a time, of each only the newest, again when that fails."""

from __future__ import annotations

import logging
import threading
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.agent.mirror import Source, source_of
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.store.crd import API_VERSION, KIND, PLURAL
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes import Cluster, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes_errors import Absent, Conflict

RESOURCE = Resource(API_VERSION, KIND, PLURAL)
WORKERS = 3
PAUSES = (1.0, 30.0)
"""Seconds from a failure to the next attempt, at first and at most."""

LOG = logging.getLogger("pantheon.cnf.controller")

Status = t.Dict[str, t.Any]


class Teller:
    """C(patches) counts what was told, C(failures) what was refused. C(wrong): why the last one failed, until one succeeds."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.patches = self.failures = 0
        self.wrong = ""
        self._versions: t.Dict[str, int] = {}
        self._waiting: t.Dict[str, t.Tuple[Source, Status]] = {}
        self._busy: t.Set[str] = set()
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [threading.Thread(target=self._run, name=f"teller {at}", daemon=True) for at in range(WORKERS)]
        for thread in self._threads:
            thread.start()

    def tell(self, source: Source, status: Status) -> None:
        """This is the status of an object by now."""
        with self._changed:
            self._waiting[source.key] = (source, status)
            self._changed.notify()

    def forget(self, key: str) -> None:
        """The object is gone."""
        with self._changed:
            self._waiting.pop(key, None)
            self._versions.pop(key, None)

    def clear(self) -> None:
        """What is to be told yet is no longer this one's to tell."""
        with self._changed:
            self._waiting.clear()

    def is_behind(self, source: Source) -> bool:
        """Whether an object, as it is seen, does not have the status yet that was told last."""
        with self._changed:
            return source.key in self._waiting or source.key in self._busy or source.version < self._versions.get(source.key, 0)

    @property
    def backlog(self) -> int:
        """How many are to be told yet."""
        with self._changed:
            return len(self._waiting) + len(self._busy)

    def close(self, seconds: float) -> None:
        """Tell what is to be told yet, as far as that goes in so many seconds."""
        deadline = time.monotonic() + seconds
        while self.backlog and not self.wrong and time.monotonic() < deadline:
            time.sleep(0.02)
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _run(self) -> None:
        pause = PAUSES[0]
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._waiting.keys() - self._busy)
                if self._closed:
                    return
                key = next(key for key in self._waiting if key not in self._busy)
                source, status = self._waiting.pop(key)
                self._busy.add(key)
            failed = self._patch(source, status)
            with self._changed:
                self._busy.discard(key)
                if failed and key not in self._waiting:
                    self._waiting[key] = (source, status)
                if failed:
                    self._changed.wait_for(lambda: self._closed, pause)
                elif key in self._waiting:
                    self._changed.notify()
            pause = min(PAUSES[1], 2 * pause) if failed else PAUSES[0]

    def _patch(self, source: Source, status: Status) -> bool:
        """Whether that has to be done again."""
        try:
            told = self.cluster.patch_status(RESOURCE, source.namespace, source.name, status, uid=source.uid)
        except (Absent, Conflict):  # it is gone, perhaps replaced
            return False
        except CnfError as error:
            self.failures += 1
            if error.message != self.wrong:
                LOG.warning("status of %s/%s: %s", source.namespace, source.name, error.message)
            self.wrong = error.message
            return True
        self.patches += 1
        self.wrong = ""
        with self._changed:
            self._versions[source.key] = source_of(told).version
        return False
