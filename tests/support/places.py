# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sandboxes of a test's own, and the demo's chain built by hand: what is proven does not rest on what is tested elsewhere."""

from __future__ import annotations

import itertools
import os
import pathlib
import subprocess

from tests.support.modules import run_module

WEBSERVER = pathlib.Path(__file__).resolve().parents[2] / "roles" / "webserver" / "files" / "webserver.py"
_NUMBER = itertools.count()


def shell(namespace, words, stdin=None):
    """Output of a program inside a namespace."""
    return subprocess.run(["ip", "netns", "exec", namespace, *words.split()], check=True, capture_output=True, text=True, input=stdin).stdout


class Places:
    """Sandbox names that nobody else has; all of them are removed at the end."""

    def __init__(self):
        self.prefix = f"tp{os.getpid()}-{next(_NUMBER)}-"
        self.names = []

    def name(self, name):
        """The test's own name for a sandbox."""
        full = self.prefix + name
        if full not in self.names:
            self.names.append(full)
        return full

    def sandboxes(self, *names, **options):
        """Options of cnf_sandbox."""
        return [{"name": self.name(name), **options} for name in names]

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        run_module("cnf_sandbox", sandboxes=[{"name": name} for name in self.names], state="absent")
        for name in self.names:  # those that a test made without the module
            if os.path.exists(f"/run/netns/{name}"):
                subprocess.run(["ip", "netns", "delete", name], check=True)


def web_process(**options):
    """The web server as a process of a sandbox."""
    return {
        "name": "web",
        "command": ["{python}", "{script}", "--name", "web", "--port", "80"],
        "script": WEBSERVER.read_text(),
        "ready": {"port": 80},
        **options,
    }


NAT_RULES = """
table ip byhand {
    chain post {
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr 192.168.100.0/24 oifname "memif1" snat to 80.80.80.100-80.80.80.105 persistent
    }
}
"""


class HandMadeChain:
    """client - nat - web with the demo's addresses: sandboxes and links by our modules, everything on them by ip and nft."""

    def __init__(self, places):
        self.client, self.nat, self.web = (places.name(name) for name in ("client", "nat", "web"))
        run_module("cnf_sandbox", sandboxes=[{"name": self.client}, {"name": self.nat}, {"name": self.web, "processes": [web_process()]}])
        run_module("cnf_link", links=self.links())
        for name, interface, address in (
            (self.client, "tap0", "192.168.100.10/24"),
            (self.nat, "memif0", "192.168.100.1/24"),
            (self.nat, "memif1", "80.80.80.100/24"),
            (self.web, "memif0", "80.80.80.80/24"),
        ):
            shell(name, f"ip address add {address} dev {interface}")
            shell(name, f"ip link set {interface} up")
        shell(self.client, "ip route add 80.80.80.0/24 via 192.168.100.1")
        for number in range(101, 106):
            shell(self.nat, f"ip route add local 80.80.80.{number}/32 dev lo")
        shell(self.nat, "nft -f -", NAT_RULES)
        shell(self.nat, "sysctl -q -w net.ipv4.ip_forward=1")

    def links(self):
        """Options of cnf_link."""
        ends = ((self.client, "tap0", "linux.interfaces/interface", "EXISTING"), (self.nat, "memif0", "vpp/interfaces", "MEMIF"))
        more = ((self.nat, "memif1", "vpp/interfaces", "MEMIF"), (self.web, "memif0", "vpp/interfaces", "MEMIF"))
        return [{"ends": [dict(zip(("cnf", "interface", "kind", "type"), end)) for end in pair]} for pair in (ends, more)]

    def prove(self, **options):
        """Result of the proof's module."""
        return run_module(
            "nat44_chain_proof",
            **{
                "client": self.client,
                "cnf": self.nat,
                "server": self.web,
                "url": "http://80.80.80.80/show/version",
                "inside": ["memif0"],
                "outside": ["memif1"],
                "pools": [{"first_ip": "80.80.80.100", "last_ip": "80.80.80.105"}],
                "timeout": 4,
                "fail": False,
                **options,
            },
        )
