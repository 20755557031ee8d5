# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be seen of the place that a process is in, which may have another network and another root than we have.

C(pid) is the process's number as we see it; 0, of one that we do not see, says nothing.
"""

from __future__ import annotations

import os
import stat
import typing as t


def devices(pid: int) -> t.Optional[t.Set[str]]:
    """The names of the network devices there; None when they cannot be seen."""
    try:
        with open(f"/proc/{pid}/net/dev", encoding="utf-8", errors="surrogateescape") as lines:
            return {line.partition(":")[0].strip() for line in lines if ":" in line}
    except OSError:
        return None


def lacks_folder(pid: int, path: str) -> bool:
    """Whether there is seen to be no such folder. Where a link leads is not seen: it would be followed from our root."""
    at = f"/proc/{pid}/root/"
    if not os.access(at, os.X_OK):
        return False
    for part in filter(None, path.split("/")):
        at = os.path.join(at, part)
        try:
            mode = os.lstat(at).st_mode
        except FileNotFoundError:
            return True
        except OSError:
            return False
        if not stat.S_ISDIR(mode):
            return not stat.S_ISLNK(mode)
    return False
