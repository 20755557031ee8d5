# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's settings: a file in YAML, and the environment, which goes over it as in pods."""

from __future__ import annotations

import dataclasses
import os
import socket
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.agent.settings import COMMON, SettingsError, address_of, basics, fields_of
from ansible_collections.pantheon.cnf.plugins.module_utils.store import kubernetes
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import Access

ENVIRONMENT = {"CNF_CONTROLLER_NAME": "name", "CNF_LISTEN": "listen", "CNF_LOG_LEVEL": "log_level", "ETCD_CONFIG": "etcd_conf"}
NAMESPACES = "CNF_NAMESPACES"


@dataclasses.dataclass(frozen=True)
class Settings:
    """What the controller is to do. C(resync): seconds from one look at everything to the next; C(lease): until a dead one is replaced.

    C(take_over): make keys its own that no configuration has written, as those of another controller.
    """

    etcd: Access
    cluster: kubernetes.Access
    name: str
    namespaces: t.Tuple[str, ...] = ()
    listen: str = "127.0.0.1:9192"
    take_over: bool = False
    resync: float = 300.0
    lease: float = 10.0
    log_level: str = "info"

    @property
    def address(self) -> t.Optional[t.Tuple[str, int]]:
        """Where to listen, None for nowhere."""
        return address_of(self.listen)


OPTIONS = {**COMMON, "kubeconfig": str, "context": str, **fields_of(Settings, "etcd", "cluster")}


def read(path: str = "", environment: t.Optional[t.Mapping[str, str]] = None) -> Settings:
    """The settings of a file (without a path none) under the environment. Raises what says which of them is wrong."""
    environment = os.environ if environment is None else environment
    where, given, conf = basics(path, OPTIONS, ENVIRONMENT, environment)
    if environment.get(NAMESPACES):
        given["namespaces"] = environment[NAMESPACES].split(",")
    given["namespaces"] = tuple(sorted({str(each).strip() for each in given.get("namespaces") or ()} - {""}))
    if given.get("lease", 10) < 2:
        raise SettingsError(f"{where}: lease: is at least 2 seconds")
    cluster = kubernetes.access({name: given.pop(name, None) for name in ("kubeconfig", "context")}, environment)
    given.setdefault("name", f"{socket.gethostname()}:{os.getpid()}")
    return Settings(conf.access, cluster, **given)
