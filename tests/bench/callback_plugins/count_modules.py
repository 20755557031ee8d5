# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes a line for every module that is executed on a target, by task or by action plugin."""

from __future__ import annotations

import os

from ansible.plugins.action import ActionBase
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: count_modules
type: aggregate
short_description: Count the modules that run on targets
description: Appends the name of every executed module to the file that PANTHEON_CNF_MODULE_LOG names.
"""

_execute_module = ActionBase._execute_module


def _counted(self, module_name=None, *args, **kwargs):
    path = os.environ.get("PANTHEON_CNF_MODULE_LOG")
    if path:
        with open(path, "a", encoding="utf-8") as handle:
            handle.write(f"{module_name or self._task.action}\n")
    return _execute_module(self, module_name, *args, **kwargs)


class CallbackModule(CallbackBase):
    """Loading it is all: workers are forked from the process that loads it."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "count_modules"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        ActionBase._execute_module = _counted
