# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents as processes of a test's own, and what they say in etcd."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import yaml
from ansible_collections.pantheon.cnf.plugins.module_utils import lock
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import parse_items
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import MANAGERS, agent_of, status_key, status_of

from .etcd import free_ports

MODULE = "ansible_collections.pantheon.cnf.plugins.module_utils.agent.agent"
PATIENCE = 60.0

LINK = ("linux.interfaces", "interface", {"name": "lan", "type": "VETH", "enabled": True, "ip_addresses": ["10.0.0.1/24"], "veth": {"peer_if_name": "far"}})
FAR = ("linux.interfaces", "interface", {"name": "far", "type": "VETH", "enabled": True, "veth": {"peer_if_name": "lan"}})
ROUTE = ("linux.l3", "route", {"dst_network": "10.9.0.0/16", "outgoing_interface": "lan", "gw_addr": "10.0.0.9", "scope": "GLOBAL"})
LINK_KEY, ROUTE_KEY = "config/linux/interfaces/v2/interface/lan", "config/linux/l3/v2/route/10.9.0.0/16/lan"
"""A link with an address and a route over it."""


def eventually(look, seconds=PATIENCE, what="it"):
    """What C(look) returns as soon as that is something; an error of it counts as nothing until the time is up."""
    deadline = time.monotonic() + seconds
    while True:
        problem = None
        try:
            found = look()
        except Exception as error:
            found, problem = None, error
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come about in {seconds:g} s (last: {problem or found})")
        time.sleep(0.02)


def put(store, label, *items):
    """Write items as anybody would, one by one; returns the revision of the last one."""
    return [store.put(key, value) for key, value in entries(label, *items).items()][-1]


def entries(label, *items):
    """Keys and values in etcd of items: (module, type, data)."""
    values = parse_items([{"module": module, "type": type, "data": data} for module, type, data in items], "test")
    return {f"/vnf-agent/{label}/{value.key}": json.dumps(KINDS[value.kind].canonical(value.data)).encode() for value in values}


class Agent:
    """An agent of a CNF. C(settings) are those of its file beside C(etcd)'s endpoint and a port of its own."""

    def __init__(self, folder, access, label, **settings):
        self.folder, self.label = pathlib.Path(folder), label
        self.port = free_ports(1)[0]
        # The file of the demo's agents, which may say how long to wait before the next attempt.
        conf = self.folder / f"{label}.etcd.conf"
        conf.write_text(yaml.safe_dump({"endpoints": list(access.endpoints), "insecure-transport": True, "dial-timeout": "1s", "reconnect-interval": "200ms"}))
        self.settings = {
            "microservice": label,
            "etcd_conf": str(conf),
            "listen": f"127.0.0.1:{self.port}",
            "repair": 0.5,
            "state_folder": str(self.folder / "state"),
            "pause_file": str(self.folder / f"{label}.pause"),
            "log_level": "debug",
            **settings,
        }
        self.log = self.folder / f"{label}.{self.port}.log"
        self.process = None

    def start(self, program=("-m", MODULE), **environment):
        """Start it; C(program): what Python runs."""
        path = self.folder / f"{self.label}.{self.port}.yaml"
        path.write_text(yaml.safe_dump(self.settings))
        command = [sys.executable, *program, "--settings", str(path)]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def stop(self, number=signal.SIGTERM):
        """End it; returns its exit code."""
        if self.process is None:
            return None
        process, self.process = self.process, None
        process.send_signal(number)
        try:
            return process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"the agent did not end:\n{self.said()}") from None

    def kill(self):
        return self.stop(signal.SIGKILL)

    def said(self):
        """Its log."""
        return self.log.read_text(errors="replace")

    def page(self, path):
        """(status, text) of a page."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metric(self, name):
        """The sum of a metric's samples."""
        lines = [line for line in self.page("/metrics")[1].splitlines() if line.startswith(f"pantheon_cnf_agent_{name}")]
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    def cpu(self):
        """Seconds of processor time that it has taken."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    # -- what it says in etcd ---------------------------------------------------------------------------------------------

    def status(self, store):
        """Of itself, None without one."""
        found = store.get(MANAGERS + self.label)[1]
        return agent_of([found] if found else [])

    def item(self, store, key):
        """The state of an item; C(key) begins with C(config/)."""
        found = store.get(status_key(self.label, key))[1]
        return found and status_of(found)

    def applied(self, store, revision, seconds=PATIENCE):
        """Wait until it has applied a revision; returns what it says of itself."""

        def look():
            if self.process.poll() is not None:
                raise AssertionError(f"the agent has ended:\n{self.said()}")
            told = self.status(store)
            return told if told and told.applied >= revision else None

        try:
            return eventually(look, seconds, f"revision {revision} applied")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.said()[-4000:]}") from None

    def state(self, store, key, state, seconds=PATIENCE):
        """Wait until an item is in a state; returns what is said of it."""

        def look():
            found = self.item(store, key)
            if not found or found.state != state:
                raise AssertionError(found)
            return found

        try:
            return eventually(look, seconds, f"{key} {state}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.said()[-4000:]}") from None


@contextlib.contextmanager
def agents(folder):
    """Makes agents that are gone afterwards: C(make(access, label, **settings)), not started."""
    made = []

    def make(access, label, **settings):
        made.append(Agent(folder, access, label, **settings))
        return made[-1]

    try:
        yield make
    finally:
        running = [each.process for each in made if each.process is not None]
        for process in running:  # so that what they say about themselves (coverage) is not lost
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for each in made:
            # What one that was killed has left.
            where = each.settings.get("socket") or lock.network(each.settings.get("namespace"))
            for name in (each.settings.get("cnf", each.label), os.path.realpath(where) if where.startswith("/") else where):
                with contextlib.suppress(OSError):
                    os.unlink(lock._path(lock.FOLDER, name, lock.AGENT))
        with contextlib.suppress(OSError):
            os.rmdir(lock.FOLDER)
