# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller as a process of its own, on a real API server and a real etcd, and CNFConfigurations for it."""

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

from ansible_collections.pantheon.cnf.plugins.module_utils.agent.manifests import NAME, rights
from ansible_collections.pantheon.cnf.plugins.module_utils.store.crd import API_VERSION, KIND, PLURAL
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes import Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes_errors import Asked

from tests.support.etcd import free_ports

PROGRAM = "ansible_collections.pantheon.cnf.plugins.module_utils.agent.controller"
RESOURCE = Resource(API_VERSION, KIND, PLURAL)
LEASE = 2

DYING = """
import os, signal, sys
from ansible_collections.pantheon.cnf.plugins.module_utils.agent import controller, controller_settings
left = [int(sys.argv[2])]
def between():
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
controller.Controller(controller_settings.read(sys.argv[1]), between=between).run()
"""
"""A controller that ends itself with SIGKILL before its write of a certain number."""


def until(condition, seconds=30, told=lambda: ""):
    """Wait for it; returns what it returned."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"not in {seconds} s {told()}"
        time.sleep(0.05)


def kubeconfig_of_controller(cluster, api, namespace, watched):
    """A kubeconfig of the controller's own account with its real rights."""
    api.apply([each for each in rights(namespace, watched) if each["kind"] != "Namespace"], force=True)
    return cluster.kubeconfig_of(namespace, NAME)


class Configurations:
    """CNFConfigurations of a namespace."""

    def __init__(self, api, namespace):
        self.api, self.namespace = api, namespace

    def object(self, name, *items, microservice="cnf"):
        spec = {"microservice": microservice, "configItems": list(items)}
        return {"apiVersion": API_VERSION, "kind": KIND, "metadata": {"name": name, "namespace": self.namespace}, "spec": spec}

    def put(self, name, *items, microservice="cnf"):
        return self.api.apply([self.object(name, *items, microservice=microservice)], force=True)[0].after

    def drop(self, *names):
        self.api.delete([{"apiVersion": API_VERSION, "kind": KIND, "metadata": {"name": name, "namespace": self.namespace}} for name in names])

    def drop_all(self):
        """All of the namespace, in one request."""
        self.api._call(Asked("delete", PLURAL), "DELETE", f"{RESOURCE.root}/namespaces/{self.namespace}/{PLURAL}")

    def names(self):
        return [each["metadata"]["name"] for each in self.api.list(RESOURCE, self.namespace)]

    def get(self, name):
        return self.api.get(RESOURCE, self.namespace, name)

    def conditions(self, name):
        """Status, reason and message by type."""
        told = (self.get(name) or {}).get("status", {})
        return {each["type"]: (each["status"], each["reason"], each["message"]) for each in told.get("conditions", [])}

    def wait(self, name, condition, status, reason=None, seconds=30):
        """Until a condition is so of the generation that there is; returns its message."""

        def is_so():
            found = self.get(name) or {}
            told = {each["type"]: each for each in found.get("status", {}).get("conditions", [])}.get(condition, {})
            is_new = told.get("observedGeneration") == found.get("metadata", {}).get("generation")
            return is_new and told and told["status"] == status and reason in (None, told["reason"]) and told

        return until(is_so, seconds, lambda: f"{condition}={status} {reason}: {self.conditions(name)}")["message"]


def route(network, gateway="10.0.0.1", **more):
    data = {"outgoing_interface": "tap0", "dst_network": network, "gw_addr": gateway}
    return {"module": "linux.l3", "type": "route", "data": json.dumps(data), **more}


def key_of(network, microservice="cnf"):
    return f"/vnf-agent/{microservice}/config/linux/l3/v2/route/{network}/tap0"


class Controller:
    """A controller; C(access) is how to get to etcd, C(options) are settings, both beside the usual ones."""

    def __init__(self, folder, etcd, kubeconfig, name="one", access=None, **options):
        self.folder, self.name = pathlib.Path(folder), name
        (self.port,) = free_ports(1)
        settings = {"etcd": {"endpoints": [etcd.endpoint], "dial_timeout": 1, "timeout": 5, **(access or {})}, "kubeconfig": kubeconfig}
        settings.update({"name": name}, **{"listen": f"127.0.0.1:{self.port}", "lease": LEASE, **options})
        self.settings = self.folder / f"{name}.json"
        self.settings.write_text(json.dumps(settings))
        self.log = self.folder / f"{name}.log"
        self.process = None

    def start(self, dies_before=None):
        command = [sys.executable, "-m", PROGRAM, "--settings", self.settings]
        if dies_before is not None:
            command = [sys.executable, "-c", DYING, self.settings, str(dies_before)]
        with self.log.open("ab") as log:
            # Here a killed one leaves what it makes of a kubeconfig.
            environment = {**os.environ, "TMPDIR": str(self.folder), "PYTHONFAULTHANDLER": "1"}
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def wait_ready(self, leading=True, seconds=60):
        """Until it has listed everything, or stands by."""
        until(lambda: self._ready(leading), seconds, lambda: self.log.read_text()[-3000:])
        return self

    def _ready(self, leading):
        code, told = self.ask("/readyz")
        return code == 200 and json.loads(told)["leading"] == leading

    def ask(self, path):
        """What it answers over HTTP: code and text."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metric(self, name):
        lines = self.ask("/metrics")[1].splitlines()
        return next(float(line.split()[-1]) for line in lines if line.startswith(f"pantheon_cnf_controller_{name} "))

    def send(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        """End it; returns its exit status."""
        if self.process is None:
            return None
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(number)
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
        try:
            code = process.wait(40)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # it says what its threads are doing
            process.wait()
            raise AssertionError(f"it does not end:\n{self.log.read_text()[-8000:]}") from None
        assert not code or number != signal.SIGTERM, f"it ended with {code}:\n{self.log.read_text()[-8000:]}"
        return code

    def kill(self):
        return self.stop(signal.SIGKILL)
