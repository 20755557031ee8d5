# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A signed repository of Debian packages, served on loopback, and a throw-away copy of this machine's system to install from it."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.server
import pathlib
import shutil
import subprocess
import tempfile
import threading

SUITE = "stable"
NEEDED = ("dpkg-deb", "apt-get", "gpg", "gpgconf", "unshare", "nsenter")

RELEASE = """Origin: tests
Suite: {suite}
Codename: {suite}
Architectures: all {architecture}
Components: main
Date: Thu, 01 Jan 2026 00:00:00 UTC
SHA256:
 {digest} {size} main/binary-{architecture}/Packages
"""
CONTROL = """Package: {name}
Version: {version}
Architecture: all
Maintainer: the tests <tests@example.org>
Depends: {depends}
Description: a package of the tests
"""
COPY = """set -e
mount -t tmpfs -o mode=755 tmpfs "$1"
for each in etc usr; do
    mkdir "$1/$each" "$1/$each-work"
    mount -t overlay -o "lowerdir=/$each,upperdir=$1/$each,workdir=$1/$each-work" overlay "/$each"
done
mkdir "$1/var"
mount --bind "$1/var" /var
mkdir -p /var/lib/dpkg/info /var/lib/dpkg/updates /var/lib/apt/lists/partial /var/cache/apt/archives/partial /var/log/apt /var/tmp
touch /var/lib/dpkg/status
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/apt/preferences.d/* /etc/vpp
echo 'Acquire::http::Proxy::127.0.0.1 "DIRECT";' >/etc/apt/apt.conf.d/99-tests
echo ready
exec sleep infinity
"""


def run(*argv, **options):
    """Output of a command that must succeed."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
    return done.stdout


def missing():
    """Which of the programs this needs is not here, or nothing."""
    return next((each for each in NEEDED if shutil.which(each) is None), None)


class Repository:
    """Packages below a folder, for the suite L(SUITE). C(url): where it is served."""

    def __init__(self, folder, keys):
        self.folder, self.keys, self.url = pathlib.Path(folder), keys, ""
        self.architecture = run("dpkg", "--print-architecture").strip()
        self.stanzas = []

    def add(self, name, version, depends=""):
        """A package with nothing in it but its name."""
        tree = self.folder / "build"
        (tree / "DEBIAN").mkdir(parents=True)
        control = CONTROL.format(name=name, version=version, depends=depends)
        control = "".join(line + "\n" for line in control.splitlines() if not line.endswith(": "))
        (tree / "DEBIAN/control").write_text(control)
        path = self.folder / f"{name}_{version}.deb"
        run("dpkg-deb", "--root-owner-group", "--build", str(tree), str(path))
        shutil.rmtree(tree)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        self.stanzas.append(f"{control}Filename: {path.name}\nSize: {path.stat().st_size}\nSHA256: {digest}\n")

    def sign(self, key):
        """Publish what was added, signed with a key of the name; its public half is served as KEY.asc."""
        packages = "\n".join(self.stanzas)
        dists = self.folder / "dists" / SUITE
        listed = dists / f"main/binary-{self.architecture}/Packages"
        listed.parent.mkdir(parents=True, exist_ok=True)
        listed.write_text(packages)
        digest = hashlib.sha256(packages.encode()).hexdigest()
        release = RELEASE.format(suite=SUITE, architecture=self.architecture, digest=digest, size=len(packages.encode()))
        gpg = ("gpg", "--homedir", str(self.keys), "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "")
        if not (self.folder / f"{key}.asc").exists():
            run(*gpg, "--quick-generate-key", f"{key} <{key}@example.org>", "ed25519", "sign", "never")
            (self.folder / f"{key}.asc").write_text(run(*gpg, "--armor", "--export", f"{key}@example.org"))
        (dists / "InRelease").write_text(run(*gpg, "--local-user", f"{key}@example.org", "--clearsign", input=release))


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments):  # pylint: disable=arguments-differ
        """Say nothing."""


@contextlib.contextmanager
def repository(folder):
    """A L(Repository) that is served for as long."""
    # A short name: gpg's agent has its socket in there.
    keys = pathlib.Path(tempfile.mkdtemp(prefix="keys-"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        found = Repository(folder, keys)
        found.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        subprocess.run(["gpgconf", "--homedir", str(keys), "--kill", "all"], check=False, capture_output=True)
        shutil.rmtree(keys)


class System:
    """This machine's /etc and /usr, to write to as one likes, and an apt that knows of no package: nothing of it is seen outside."""

    def __init__(self, pid, folder):
        self.enter = ("nsenter", "--mount", f"--target={pid}", "--")
        # For Ansible: modules run inside, whatever the connection.
        self.python = folder / "python"
        self.python.write_text(f'#!/bin/sh\nexec {" ".join(self.enter)} /usr/bin/python3 "$@"\n')
        self.python.chmod(0o755)

    def run(self, *argv):
        """Output of a command in it."""
        return run(*self.enter, *argv)

    def sh(self, script):
        """Output of a shell's script in it, whatever its exit code."""
        return run(*self.enter, "sh", "-c", f"({script}) 2>&1 || true")


@contextlib.contextmanager
def system(folder):
    """A L(System) that has no repository. Nothing, where overlays cannot be mounted."""
    (folder / "above").mkdir()
    inside = ["unshare", "--mount", "--propagation=private", "sh", "-c", COPY, "sh", str(folder / "above")]
    with subprocess.Popen(inside, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True) as process:
        try:
            yield System(process.pid, folder) if process.stdout.readline() == "ready\n" else None
        finally:
            process.kill()
