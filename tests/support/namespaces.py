# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network namespaces of a test's own, gone afterwards whatever happened."""

from __future__ import annotations

import itertools
import os
import re
import subprocess

_NUMBER = itertools.count()


class Namespace:
    """A namespace with a name that no other test has."""

    def __init__(self, prefix):
        self.name = f"{prefix}-{os.getpid()}-{next(_NUMBER)}"

    def __enter__(self):
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        self.ip("link set lo up")
        return self

    def __exit__(self, *_unused):
        subprocess.run(["ip", "netns", "del", self.name], check=False)

    def run(self, *argv, check=True, stdin=None):
        """Output of a program inside."""
        done = subprocess.run(["ip", "netns", "exec", self.name, *argv], check=False, capture_output=True, text=True, input=stdin)
        if check and done.returncode:
            raise AssertionError(f"{argv}: {done.stderr}")
        return done.stdout

    def ip(self, words):
        """C(ip -d WORDS) inside."""
        return self.run("ip", "-d", *words.split())

    def snapshot(self):
        """All that a module could have changed, as text. The operational state of a link follows in its own time."""
        return "\n".join(
            [
                re.sub(r" state \w+", "", self.run("ip", "-o", "link", "show")),
                self.run("ip", "-o", "address", "show"),
                *(self.run("ip", family, "route", "show", "table", "all") for family in ("-4", "-6")),
                self.run("ip", "neighbour", "show", "nud", "permanent"),
                self.run("nft", "list", "ruleset"),
                self.run("sysctl", "-n", "net.ipv4.ip_forward"),
            ]
        )
