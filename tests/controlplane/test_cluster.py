# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/cluster: what the tests and users start is a real API server, and nothing of it is left."""

from __future__ import annotations

import os
import pathlib

import pytest

from tests.support import cluster as clusters


def _processes(folder):
    """Numbers of those that belong to the cluster in the folder."""
    found = set()
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if f"PANTHEON_CNF_CLUSTER={folder}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.add(int(process.name))
        except OSError:
            continue
    return found


def test_a_service_account_may_what_its_roles_say(cluster):
    space = cluster.namespace()
    config = cluster.kubeconfig_of(space, "reader")
    refused = cluster.kubectl("get", "configmaps", "-n", space, kubeconfig=config, check=False)
    assert 'User "system:serviceaccount:' + space + ':reader" cannot list resource "configmaps"' in refused.stderr

    cluster.kubectl("create", "role", "reading", "--verb=get,list", "--resource=configmaps", "-n", space)
    cluster.kubectl("create", "rolebinding", "reading", "--role=reading", f"--serviceaccount={space}:reader", "-n", space)
    assert cluster.kubectl("get", "configmaps", "-n", space, "-o", "name", kubeconfig=config) == ""


def test_restarted_it_has_what_it_had_at_the_same_place(cluster):
    space, server = cluster.namespace(), cluster.server
    cluster.restart_apiserver()
    assert cluster.server == server
    assert cluster.get("namespace", space)["status"]["phase"] == "Active"


def test_two_at_once_and_nothing_is_left(cluster, tmp_path):
    folder = tmp_path / "second"
    with clusters.started(folder) as second:
        assert second.server != cluster.server
        cluster.kubectl("create", "namespace", "only-first")
        assert second.kubectl("get", "namespace", "only-first", "-o", "name", check=False).returncode == 1
        before = _processes(folder)
        assert len(before) == 2
        # Up again is no other cluster; what has ended is started again.
        second.up()
        assert _processes(folder) == before
        second.stop_apiserver()
        assert len(_processes(folder)) == 1
        second.up()
        assert second.kubectl("get", "namespace", "default", "-o", "name").strip() == "namespace/default"
    assert not _processes(folder)
    assert not folder.exists()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "file").write_text("mine")
    for command in ("up", "down"):
        with pytest.raises(RuntimeError, match="is no folder of a cluster, and not empty"):
            clusters.Cluster(tmp_path).script(command)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_machine_without_go_is_told(tmp_path, monkeypatch):
    for name in ("bash", "cat", "cut", "dirname", "env", "flock", "ls", "mkdir", "chmod", "rm", "sed", "sha256sum", "openssl", "curl", "python3"):
        for place in os.get_exec_path():
            if (pathlib.Path(place) / name).exists():
                (tmp_path / "bin").mkdir(exist_ok=True)
                (tmp_path / "bin" / name).symlink_to(pathlib.Path(place) / name)
                break
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="lacking: kube-apiserver .* Go to build"):
        clusters.Cluster(tmp_path / "cluster").up()
    assert not (tmp_path / "cluster").exists()
