# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""WireGuard's key and port, over a client that stands for pyroute2's."""

from __future__ import annotations

import base64
import sys
import types
import typing as t

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import wireguard
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fake_kernel import FakeHost

KEY = base64.b64encode(bytes(range(32))).decode()


class Client:
    """As much of pyroute2.WireGuard as is used."""

    made = []
    key = KEY.encode()
    error = None

    def __init__(self):
        self.closed, self.calls = False, []
        Client.made.append(self)

    def info(self, ifname):
        found = {"WGDEVICE_A_PRIVATE_KEY": self.key, "WGDEVICE_A_LISTEN_PORT": 51820 if self.key else None}
        return [types.SimpleNamespace(get_attr=found.get)]

    def set(self, ifname, **more):
        self.calls.append((ifname, more))
        if self.error is not None:
            raise t.cast(Exception, self.error)

    def close(self):
        self.closed = True


@pytest.fixture(autouse=True)
def _pyroute2(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyroute2", types.SimpleNamespace(WireGuard=Client))
    monkeypatch.setattr(Client, "made", [])


@given(st.binary(min_size=32, max_size=32))
def test_a_clamped_key_is_one_that_the_kernel_leaves_alone(raw):
    once = wireguard.clamped(base64.b64encode(raw).decode())
    bits = base64.b64decode(once)
    assert wireguard.clamped(once) == once and len(bits) == 32
    assert bits[0] & 7 == 0 and bits[31] & 0xC0 == 0x40 and bits[1:31] == raw[1:31]


@pytest.mark.parametrize(
    ("key", "shown"), [(KEY.encode(), {"private_key": KEY, "port": 51820}), (None, {"private_key": "", "port": 0}), (KEY, {"private_key": KEY, "port": 51820})]
)
def test_reading_a_device(monkeypatch, key, shown):
    monkeypatch.setattr(Client, "key", key)
    host = FakeHost()
    assert wireguard.read(host, "wg0") == shown
    assert host.entered == 1 and [client.closed for client in Client.made] == [True]


def test_writing_a_device():
    assert wireguard.write(FakeHost(), "wg0", {"private_key": KEY, "port": 5}) is None
    (client,) = Client.made
    assert client.closed and client.calls == [("wg0", {"private_key": KEY, "listen_port": 5})]


def test_an_error_never_holds_the_key(monkeypatch):
    error = ValueError(f"cannot set {KEY}")
    error.code = 19
    monkeypatch.setattr(Client, "error", error)
    assert wireguard.write(FakeHost(), "wg0", {"private_key": KEY, "port": 5}) == "setting key and port: ValueError 19"
    assert Client.made[0].closed


def test_without_pyroute2_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyroute2", None)
    for act in (lambda: wireguard.read(FakeHost(), "wg0"), lambda: wireguard.write(FakeHost(), "wg0", {"private_key": KEY, "port": 5})):
        with pytest.raises(CnfError, match="needs pyroute2 0.7.2 or newer on the target"):
            act()
