# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A namespace's sockets, programs and sysctls; and what is said when it is missing or goes away."""

from __future__ import annotations

import ctypes
import os
import struct
import threading

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import netlink as nl
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host, NamespaceMissing, NotPrivileged, ToolMissing, sysctl_path

from ..support.namespaces import Namespace

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")


@pytest.fixture(name="namespace")
def _namespace():
    with Namespace("tl") as namespace:
        yield namespace


@pytest.fixture(name="host")
def _host(namespace):
    with Host(namespace.name) as host:
        yield host


def here():
    return os.stat("/proc/thread-self/ns/net").st_ino


def links(host):
    return {nl.string(nl.attributes(payload, 16)[3]) for payload in host.netlink.dump(18, struct.pack("=16x"))}


def test_sockets_programs_and_sysctls_are_those_of_the_namespace(host, namespace):
    before = here()
    namespace.ip("link add only0 type veth peer name only1")
    assert links(host) == {"lo", "only0", "only1"}
    assert "only0" in host.run(["ip", "-o", "link"]).stdout
    assert host.sysctl_write("net.ipv4.ip_forward", "1") is None
    assert (host.sysctl_read("net.ipv4.ip_forward"), namespace.run("sysctl", "-n", "net.ipv4.ip_forward").strip()) == ("1", "1")
    assert here() == before


def test_a_program_gets_its_input_and_fails_with_its_words(host):
    done = host.run(["sh", "-c", "cat; echo no >&2; exit 3"], "told")
    assert (done.returncode, done.stdout, done.stderr) == (3, "told", "no\n")


def test_sbin_is_looked_at_even_when_the_path_lacks_it(host, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert host.run(["nft", "--version"]).returncode == 0


def test_a_program_that_is_not_installed_is_named_with_its_package(host, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda *_unused, **_more: None)
    before = here()
    with pytest.raises(ToolMissing, match="nft.*nftables"):
        host.run(["nft", "list", "ruleset"])
    assert here() == before


def test_an_error_inside_leads_back(host):
    before = here()
    with pytest.raises(ZeroDivisionError), host.inside():
        assert here() != before
        raise ZeroDivisionError
    assert here() == before


def test_other_threads_stay_where_they_are(host):
    before, seen = here(), []
    go, done = threading.Event(), threading.Event()

    def other():
        go.wait(10)
        seen.append(here())
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with host.inside():
        assert here() != before
        go.set()
        done.wait(10)
    thread.join()
    assert seen == [before]


def test_a_sysctl_of_an_interface_with_a_dot(host, namespace):
    assert sysctl_path("net.ipv4.conf.eth0/5.rp_filter") == "/proc/sys/net/ipv4/conf/eth0.5/rp_filter"
    namespace.ip("link add eth0.5 type veth peer name far")
    assert host.sysctl_write("net.ipv4.conf.eth0/5.rp_filter", "2") is None
    assert host.sysctl_read("net.ipv4.conf.eth0/5.rp_filter") == "2"
    assert host.sysctl_read("net.ipv4.conf.none.rp_filter") is None
    assert "net.ipv4.no_such" in host.sysctl_write("net.ipv4.no_such", "1")


def test_a_missing_namespace_is_named():
    host = Host("tl-nowhere")
    assert not host.exists
    for use in (lambda: host.netlink, lambda: host.run(["true"]), lambda: host.sysctl_read("net.ipv4.ip_forward")):
        with pytest.raises(NamespaceMissing, match="tl-nowhere"):
            use()


def test_a_namespace_that_vanishes_is_not_worked_on_any_more(namespace):
    with Host(namespace.name) as host:
        assert links(host) == {"lo"}
        namespace.__exit__()
        with pytest.raises(NamespaceMissing, match="vanished"):
            links(host)
        namespace.__enter__()  # another one of the same name is not the one that we looked at
        with pytest.raises(NamespaceMissing, match="vanished"):
            links(host)


def test_without_a_namespace_it_is_the_one_that_we_are_in():
    with Host() as host:
        assert host.exists
        assert "lo" in links(host)


def test_who_is_not_root_is_told_so(namespace):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - in a process of its own, which gives up its privileges
        try:
            os.setresuid(65534, 65534, 65534)
            ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: /proc/self is our own again, as after an exec
            Host(namespace.name).run(["true"])
        except NotPrivileged as error:
            os.write(writing, error.message.encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        assert "needs root" in told.read()
    os.waitpid(child, 0)
