# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The places of a chain whose NAT and web server are on VPP: live ones in sandboxes, or doubles beside namespaces of the kernel."""

from __future__ import annotations

import os
import pathlib
import signal

from ansible_collections.pantheon.cnf.plugins.module_utils.linux import processes
from ansible_collections.pantheon.cnf.plugins.module_utils.places import paths
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.client import Client

from tests.support.modules import run_module

SMALL = {"buffers_per_numa": 1024, "stats_size": "8M"}


class ChainPlaces:
    """C(client), C(nat), C(web): the names of CNFs and of their namespaces. C(sockets) as cnf_link takes it."""

    def __init__(self, places):
        self.places = places
        self.client, self.nat, self.web = (places.name(name) for name in ("client", "nat", "web"))
        self.names = (self.client, self.nat, self.web)
        self.sockets = {}
        self.api_dir = None

    def links(self):
        """client.tap0 -- nat.memif0, and nat.memif1 -- web.memif0."""
        ends = ((self.client, "tap0", "linux.interfaces/interface", "EXISTING"), (self.nat, "memif0", "vpp/interfaces", "MEMIF"))
        more = ((self.nat, "memif1", "vpp/interfaces", "MEMIF"), (self.web, "memif0", "vpp/interfaces", "MEMIF"))
        return [{"ends": [dict(zip(("cnf", "interface", "kind", "type"), end)) for end in pair]} for pair in (ends, more)]

    def link(self, links=None, **options):
        """Result of cnf_link, as it is with CNFs on VPP."""
        return run_module("vpp_link", links=self.links() if links is None else links, sockets=self.sockets, api_dir=self.api_dir, **options)

    def ask(self, cnf, request):
        """The answer of the CNF's VPP."""
        with Client(self.sockets[cnf], api_dir=self.api_dir) as client:
            (answer,) = client.exchange([request])
        return answer

    def interfaces(self, cnf):
        """By tag: the details of all but local0."""
        found = self.ask(cnf, Dump("sw_interface_dump", {"sw_if_index": 0xFFFFFFFF}))
        return {each["tag"]: each for each in found if each["sw_if_index"]}

    def call(self, cnf, message, **fields):
        """A reply without an error."""
        answer = self.ask(cnf, Call(message, fields))
        if isinstance(answer, Exception):
            raise answer
        return answer


class LiveChain(ChainPlaces):
    """Each VPP in its sandbox."""

    kind = "live"

    def __init__(self, places):
        super().__init__(places)
        self.sockets = {name: paths.api_socket(name) for name in (self.nat, self.web)}
        self.start()

    def start(self):
        """Start what does not run."""
        run_module("vpp_sandbox", sandboxes=[{"name": self.client}, *({"name": name, "vpp": SMALL} for name in (self.nat, self.web))])

    def kill(self, cnf):
        """As a crash does it."""
        pid = int(pathlib.Path(processes.FOLDER, cnf, "vpp.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    def restart(self, cnf):
        """As a crash and the next run of cnf_sandbox do it."""
        self.kill(cnf)
        self.start()


class DoubleChain(ChainPlaces):
    """Namespaces without VPP, and doubles that take their devices for granted."""

    kind = "double"

    def __init__(self, places, make_double):
        super().__init__(places)
        run_module("cnf_sandbox", sandboxes=[{"name": name} for name in self.names])
        self.doubles = {name: make_double() for name in (self.nat, self.web)}
        self.sockets = {name: one.socket for name, one in self.doubles.items()}
        self.api_dir = self.doubles[self.nat].api_dir
        self.doubles[self.nat].double.host_devices.add("memif0")

    def double(self, cnf):
        """The CNF's, for its faults and calls."""
        return self.doubles[cnf].double

    def kill(self, cnf):
        self.doubles[cnf].double.stop()

    def restart(self, cnf):
        self.doubles[cnf].restart()
