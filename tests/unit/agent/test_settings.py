# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent's settings."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.agent import main
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.settings import read
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError


@pytest.fixture(name="given")
def _given(tmp_path):
    """Settings of a file with this text under this environment."""

    def read_text(text, **environment):
        path = tmp_path / "agent.yaml"
        path.write_text(text)
        return read(str(path), environment)

    return read_text


def test_defaults(given):
    found = given("microservice: nat")
    assert (found.cnf, found.dataplane, found.namespace, found.socket, found.address) == ("nat", "linux", None, "", ("127.0.0.1", 9191))
    assert found.conf.access.endpoints == ("127.0.0.1:2379",)
    assert (found.resync, found.repair, found.expand_env_vars, found.pause_file) == (300, 5, False, "")


def test_the_environment_goes_over_the_file(given, tmp_path):
    conf = tmp_path / "etcd.conf"
    conf.write_text("endpoints: ['10.0.0.9:32379']\nallow-delayed-start: true\ninsecure-transport: true\n")
    found = given(
        "microservice: a\nlisten: 127.0.0.1:1\netcd: {timeout: 7}",
        MICROSERVICE_LABEL="b",
        ETCD_CONFIG=str(conf),
        ETCD_EXPAND_ENV_VARS="true",
        CNF_DATAPLANE="vpp",
        CNF_NAMESPACE="nat",
        CNF_LISTEN="",
    )
    assert (found.microservice, found.cnf, found.address, found.expand_env_vars) == ("b", "b", None, True)
    assert found.socket == "/run/pantheon.cnf/nat/vpp/api.sock"
    assert (found.conf.access.endpoints, found.conf.access.timeout) == (("10.0.0.9:32379",), 7)
    assert found.resync == 30
    assert given("microservice: a\ndataplane: vpp").socket == "/run/vpp/api.sock"
    assert given("microservice: a", CNF_LISTEN="[::1]:80").address == ("::1", 80)


def test_without_a_file():
    assert read("", {"MICROSERVICE_LABEL": "nat", "ETCD_ENDPOINTS": "a:1,b:2"}).conf.access.endpoints == ("a:1", "b:2")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cnf: x", "microservice is missing"),
        ("- x", "is a mapping"),
        ("microservice: a\nnamspace: x", "unknown setting namspace; did you mean namespace"),
        ("microservice: a\netcd: {endpoint: x}", "etcd: unknown setting endpoint; did you mean endpoints"),
        ("microservice: a\netcd: {endpoints: x}", "endpoints: is not a list"),
        ("microservice: a\netcd: {endpoints: [x]}", "x: is not host:port"),
        ("microservice: a\netcd: {user: x, password: topsecret}", "without TLS"),
        ("microservice: a\ndataplane: vvp", "vvp is none of linux, vpp; did you mean vpp"),
        ("microservice: a\nsocket: /x", "a socket is that of a VPP"),
        ("microservice: a/b", "'a/b' is no name"),
        ("microservice: a\ncnf: 'a b'", "'a b' is no name"),
        ("microservice: a\nlisten: x", "listen: x is not host:port"),
        ("microservice: a\nrepair: soon", "repair: is not a number of seconds"),
        ("microservice: a\nrepair: -1", "repair: is not a number of seconds"),
        ("microservice: a\nown_nat: 1", "own_nat: is not true or false"),
        ("microservice: a\netcd_conf: /nonexistent", "etcd.conf /nonexistent"),
        ("a: {", "agent.yaml"),
    ],
)
def test_what_cannot_be_right(given, text, said):
    with pytest.raises(CnfError) as caught:
        given(text)
    assert said in caught.value.message
    assert "topsecret" not in caught.value.message


def test_a_file_that_is_not_there(capsys):
    assert main(["--settings", "/nonexistent"]) == 2
    assert capsys.readouterr().err == "error: settings /nonexistent: No such file or directory\n"
