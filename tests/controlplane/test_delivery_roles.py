# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles that delivery is made of, each by itself."""

from __future__ import annotations

import json
import os
import pathlib
import sys

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import Access, EtcdError, EtcdStore, Put

from tests.support.etcd import free_ports
from tests.support.playbooks import machine, play

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

OURS = ("/etc/pantheon.cnf", "/var/lib/pantheon.cnf", "/usr/local/lib/pantheon.cnf")


def left():
    """What the roles leave on the machine beside what L(machine) tells."""
    return machine(), [str(path) for folder in OURS for path in sorted(pathlib.Path(folder).rglob("*"))]


@pytest.fixture(name="role")
def _role(tmp_path):
    """Run a role with variables, then what it tells; at the end all that was run is taken back."""
    before, ran = left(), {}

    def run(name, *more, tells=(), **variables):
        told = tmp_path / "told.json"
        tasks = [{"ansible.builtin.import_role": {"name": f"pantheon.cnf.{name}"}}]
        content = "{{ {" + ", ".join(f"'{each}': {each} | default(none)" for each in tells) + "} }}"
        tell = {"ansible.builtin.copy": {"content": content, "dest": str(told), "mode": "0600"}, "diff": False, "check_mode": False, "changed_when": False}
        tasks += [tell] if tells else []
        playbook = tmp_path / "role.yml"
        playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
        ran[name] = {**ran.get(name, {}), **variables}
        done = play(str(playbook), *more, "-e", json.dumps(variables), tmp=tmp_path, check="check" not in variables)
        return (done, json.loads(told.read_text())) if tells else done

    yield run
    for name, variables in reversed(list(ran.items())):
        run(name, **{**variables, f"{name}_state": "absent"})
    assert left() == before


def access(told):
    return Access(**{**told["etcd_access"], "endpoints": tuple(told["etcd_access"]["endpoints"]), "timeout": 5, "dial_timeout": 5})


def test_an_etcd_of_its_own(role):
    port = free_ports(1)[0]
    variables = {"etcd_port": port, "etcd_name": "etcd-of-a-test", "etcd_python": sys.executable, "etcd_supervisor": "process"}
    before = left()
    assert role("etcd", "--check", **variables).changed > 0 and left() == before
    made, told = role("etcd", tells=["etcd_access"], **variables)
    assert made.changed > 0
    with EtcdStore(access(told)) as store:
        store.commit((), [Put("/pantheon.cnf/test", b"1")], what="writing")
    assert role("etcd", **variables).changed == 0
    assert role("etcd", "--check", **variables).changed == 0
    gone = role("etcd", **variables, etcd_state="absent")
    assert gone.changed > 0 and left() == before
    assert role("etcd", **variables, etcd_state="absent").changed == 0


def test_with_tls_and_passwords(role):
    variables = {
        "etcd_port": free_ports(1)[0],
        "etcd_name": "etcd-of-a-test",
        "etcd_python": sys.executable,
        "etcd_supervisor": "process",
        "etcd_tls": True,
        "etcd_password": "not-to-be-seen",
    }
    made, told = role("etcd", tells=["etcd_access"], **variables)
    assert "not-to-be-seen" not in made.output
    assert role("etcd", **variables).changed == 0
    with EtcdStore(access(told)) as store:
        store.commit((), [Put("/pantheon.cnf/test", b"1")], what="writing")
        with pytest.raises(EtcdError, match="(?i)permission"):
            store.commit((), [Put("/elsewhere", b"1")], what="writing elsewhere")
    for wrong in ({"password": "another"}, {"cert": "", "key": ""}):
        with pytest.raises(EtcdError):
            with EtcdStore(access({"etcd_access": {**told["etcd_access"], **wrong}})) as store:
                store.prefix("/pantheon.cnf/test")


def test_one_that_is_there_already(role):
    before = left()
    made, told = role("etcd", tells=["etcd_access"], etcd_endpoints=["10.0.0.5:2379"], etcd_ca="/etc/ca.crt")
    assert made.changed == 0 and left() == before
    assert told["etcd_access"] == {"endpoints": ["10.0.0.5:2379"], "ca": "/etc/ca.crt"}
