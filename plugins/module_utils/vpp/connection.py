# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From options to a session with a VPP."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.client import Client
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session

API: t.Dict[str, t.Any] = {
    "socket": {"type": "path", "default": "/run/vpp/api.sock"},
    "api_dir": {"type": "path"},
    "timeout": {"type": "int", "default": 10},
}
"""Options of modules that say which VPP. The time is in seconds, for each answer."""


@contextlib.contextmanager
def connected(parameters: t.Mapping[str, t.Any]) -> t.Iterator[Session]:
    """A session with the VPP that the parameters (of L(API)) name."""
    timeout = parameters.get("timeout") or API["timeout"]["default"]
    if timeout < 0:
        raise CnfError(f"timeout: {timeout} is no number of seconds to wait for an answer")
    with Client(parameters["socket"], api_dir=parameters.get("api_dir"), timeout=timeout) as client:
        yield Session(client)
