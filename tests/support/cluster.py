# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Kubernetes API server (scripts/cluster) for tests, in a folder of its own."""

from __future__ import annotations

import contextlib
import ipaddress
import itertools
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

import pytest

from tests.support.etcd import Etcd

TREE = pathlib.Path(__file__).parents[2]
LACKING = 77


class ReachableEtcd(Etcd):
    """An etcd at an address of this machine that pods reach."""

    def __init__(self, folder, address):
        super().__init__(folder)
        self.address = address

    @property
    def endpoint(self):
        return f"{self.address}:{self.port}"

    def _listens(self):
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((self.address, self.port)) == 0


class Cluster:
    """An API server with its etcd, RBAC on. Without a node there are no controllers: no default service accounts, a deleted namespace stays Terminating."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self._count = itertools.count(1)

    def script(self, *arguments):
        """scripts/cluster on this cluster; returns what it prints. Skips where this machine lacks what it takes."""
        environment = {**os.environ, "PANTHEON_CNF_CLUSTER": str(self.folder)}
        done = subprocess.run([TREE / "scripts/cluster", *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode == LACKING:
            pytest.skip(done.stderr.strip().splitlines()[-1])
        if done.returncode:
            raise RuntimeError(f"scripts/cluster {' '.join(arguments)}: {done.stderr[-3000:]}")
        return done.stdout

    def up(self, *options):
        self.script("up", *options)
        return self

    def down(self):
        self.script("down")

    @property
    def kubeconfig(self):
        """The path of the administrator's."""
        return str(self.folder / "kubeconfig")

    @property
    def server(self):
        return f"https://{self._node_address() or '127.0.0.1'}:{self._port('kube-apiserver')}"

    def _node_address(self):
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "node.address").read_text().strip()

    @property
    def gateway(self):
        """This machine's address on the link to the node, which pods reach."""
        return str(ipaddress.ip_address(self._node_address()) - 1)

    @property
    def ca(self):
        """The path of the certificate that signed the API server's."""
        return str(self.folder / "pki/ca.crt")

    @property
    def etcd(self):
        """The API server's own etcd: its C(access) and C(control)."""
        found = Etcd(self.folder)
        found.port = self._port("etcd")
        return found

    def _port(self, name):
        return int((self.folder / f"{name}.port").read_text())

    def kubectl(self, *arguments, stdin=None, check=True, kubeconfig=None, timeout=60):
        """kubectl, an independent client; returns what it prints, or with C(check=False) the finished process."""
        command = [self.folder / "kubectl", "--kubeconfig", kubeconfig or self.kubeconfig, *arguments]
        # What kubectl remembers of the API server is this cluster's too.
        environment = {**os.environ, "KUBECACHEDIR": str(self.folder / "kubectl-cache")}
        given = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=timeout, **given)
        if not check:
            return done
        if done.returncode:
            raise RuntimeError(f"kubectl {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def apply(self, *objects):
        """Server-side apply by kubectl."""
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        return self.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=text)

    def get(self, *arguments):
        """What C(kubectl get) finds, as data."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def client(self, kubeconfig=None):
        """An ApiClient of the package kubernetes."""
        kubernetes = pytest.importorskip("kubernetes")
        return kubernetes.config.new_client_from_config(config_file=kubeconfig or self.kubeconfig, persist_config=False)

    def namespace(self, prefix="test"):
        """A new namespace's name; it is there until the cluster ends."""
        name = f"{prefix}-{next(self._count)}"
        self.kubectl("create", "namespace", name)
        return name

    def token(self, namespace, account):
        """A token of a service account, which is made when it is not there."""
        self.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"namespace": namespace, "name": account}})
        return self.kubectl("create", "token", account, "-n", namespace).strip()

    def kubeconfig_of(self, namespace, account):
        """The path of a kubeconfig for a service account, who may what its roles say."""
        config = json.loads(self.kubectl("config", "view", "--raw", "-o", "json"))
        config["users"][0]["user"] = {"token": self.token(namespace, account)}
        path = self.folder / f"{namespace}.{account}.kubeconfig"
        path.write_text(json.dumps(config))
        return str(path)

    def status(self):
        """What scripts/cluster says of it."""
        return self.script("status")

    def stop_apiserver(self, signal_number=signal.SIGKILL):
        """End it; what it stored stays."""
        self.kill("kube-apiserver", signal_number)

    def kill(self, part, signal_number=signal.SIGKILL):
        """End a part; C(up) starts it again."""
        pid = int((self.folder / f"{part}.pid").read_text().split()[0])
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal_number)
        deadline = time.monotonic() + 30
        while self._lives(pid):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{part} does not end")
            time.sleep(0.05)

    def start_apiserver(self):
        """Start it again at the same port, and wait until it answers."""
        self.up()

    def restart_apiserver(self, signal_number=signal.SIGKILL):
        self.stop_apiserver(signal_number)
        self.start_apiserver()

    @staticmethod
    def _lives(pid):
        # One that nobody waited for has no command line any more.
        with contextlib.suppress(OSError):
            return bool(pathlib.Path(f"/proc/{pid}/cmdline").read_bytes())
        return False


@contextlib.contextmanager
def started(folder, *options):
    """A cluster in a folder, taken down at the end."""
    made = Cluster(folder)
    try:
        yield made.up(*options)
    finally:
        made.down()
