# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The double as a process of its own, for tests that kill it or stop it: python -m tests.doubles.vpp SOCKET [OPTIONS as JSON]."""

from __future__ import annotations

import json
import sys
import threading

from tests.doubles.vpp.server import Double

options = json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}
with Double(sys.argv[1], **options):
    print("ready", flush=True)
    threading.Event().wait()
