# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a module's main() in this process, as AnsiballZ would: arguments in, its JSON out, so that coverage sees it."""

from __future__ import annotations

import importlib
import io
import json
import signal
import sys
from contextlib import contextmanager, redirect_stdout
from unittest import mock

PACKAGE = "ansible_collections.pantheon.cnf.plugins.modules"


class ModuleFailed(AssertionError):
    """The module failed; C(result) is what it returned."""

    def __init__(self, result):
        super().__init__(result.get("msg"))
        self.result = result


@contextmanager
def _signals_kept():
    kept = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in kept.items():
            signal.signal(each, handler)


def run_module(name, *, check=False, diff=True, **arguments):
    """Result of the module; raises L(ModuleFailed) when it failed."""
    from ansible.module_utils import _internal
    from ansible.module_utils.common import warnings
    from ansible.module_utils.testing import patch_module_args

    module = importlib.import_module(f"{PACKAGE}.{name}")
    out = io.StringIO()
    given = {key: value for key, value in arguments.items() if value is not None}
    told = {"_ansible_check_mode": check, "_ansible_diff": diff, "_ansible_module_name": f"pantheon.cnf.{name}"}
    kept = [mock.patch.dict(getattr(warnings, name), clear=True) for name in ("_global_warnings", "_global_deprecations")]
    # Whoever has imported ansible's other side has made this process one that shows warnings itself.
    kept.append(mock.patch.object(_internal, "is_controller", False))
    with patch_module_args({**given, **told}), _signals_kept(), kept[0], kept[1], kept[2]:
        with redirect_stdout(out), mock.patch.object(sys, "argv", [name]):
            try:
                module.main()
            except SystemExit:
                pass
    result = json.loads(out.getvalue().strip().splitlines()[-1])
    if result.get("failed"):
        raise ModuleFailed(result)
    return result
