# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""etcd.conf of the agents: the demo's, with TLS, from the environment, and what is wrong in one."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd_conf import load_conf, parse_conf

DEMO = """\
dial-timeout: 10000000000
allow-delayed-start: true
insecure-transport: true
endpoints:
  - "cnf-etcd.default.svc.cluster.local:12379"
"""

SECURE = """\
endpoints: ["a:2379", "https://b:2379"]
dial-timeout: 1.5s
operation-timeout: 250ms
cert-file: /etc/etcd/client.crt
key-file: /etc/etcd/client.key
ca-file: /etc/etcd/ca.crt
resync-after-reconnect: yes
expand-env-variables: true
reconnect-interval: 2m
session-ttl: 7
auto-compact: 3600000000000
"""


def test_the_demos_file():
    conf = parse_conf(DEMO, "etcd.conf")
    assert conf.access.endpoints == ("cnf-etcd.default.svc.cluster.local:12379",)
    assert (conf.access.dial_timeout, conf.access.timeout, conf.access.secure) == (10.0, 3.0, False)
    assert (conf.delayed_start, conf.resync_after_reconnect, conf.expand_env) == (True, False, False)
    assert (conf.reconnect_interval, conf.session_ttl) == (2.0, 5)


def test_everything_that_it_can_say():
    conf = parse_conf(SECURE, "etcd.conf", user="agent", password="secret")
    assert conf.access.addresses == ["a:2379", "b:2379"]
    assert (conf.access.ca, conf.access.cert, conf.access.key) == ("/etc/etcd/ca.crt", "/etc/etcd/client.crt", "/etc/etcd/client.key")
    assert conf.access.secure
    assert (conf.access.user, conf.access.password) == ("agent", "secret")
    assert (conf.access.dial_timeout, conf.access.timeout, conf.reconnect_interval, conf.session_ttl) == (1.5, 0.25, 120.0, 7)
    assert conf.expand_env
    assert conf.resync_after_reconnect


def test_insecure_transport_goes_before_files():
    assert not parse_conf("insecure-transport: true\nca-file: /etc/ca\n", "x").access.secure


def test_the_environment_says_where_the_file_is_and_what_it_leaves_out(tmp_path):
    path = tmp_path / "etcd.conf"
    path.write_text("insecure-transport: true\n")
    environment = {"ETCD_CONFIG": str(path), "ETCD_ENDPOINTS": "a:1, b:2", "ETCD_EXPAND_ENV_VARS": "true"}
    conf = load_conf(environment=environment)
    assert conf.access.endpoints == ("a:1", "b:2")
    assert conf.expand_env
    assert load_conf(environment={"ETCDV3_ENDPOINTS": "c:3"}).access.endpoints == ("c:3",)
    assert load_conf(environment={}).access.endpoints == ("127.0.0.1:2379",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("endpoint: []", "etcd.conf x: unknown setting endpoint; did you mean endpoints"),
        ("endpoints: a:1", "endpoints is a list of host:port"),
        ("dial-timeout: soon", "dial-timeout: 'soon' is no time"),
        ("dial-timeout: -1", "dial-timeout: is not a number of 0 or more"),
        ("insecure-transport: maybe", "insecure-transport: is neither true nor false"),
        ("insecure-skip-tls-verify: true", "a certificate is always verified here: give ca-file"),
        ("ca-file: 7", "ca-file: is not the name of a file"),
        ("- a", "is a mapping"),
        ("a: [", "etcd.conf x"),
    ],
)
def test_what_is_wrong_is_named(text, said):
    with pytest.raises(CnfError, match=said):
        parse_conf(text, "x")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CnfError, match="etcd.conf .*missing: No such file"):
        load_conf(str(tmp_path / "missing"))
