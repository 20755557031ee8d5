# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How agent and controller end."""

from __future__ import annotations

import os
import sys
import typing as t


def leave(code: int) -> t.NoReturn:
    """End this process at once, when all that is to be done is done.

    Threads that are still under way, those of libraries too, are not waited for, nor left to an interpreter that is taken down below them.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
