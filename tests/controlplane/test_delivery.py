# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain delivered by an etcd and agents. What a user sees."""

from __future__ import annotations

import json
import os
import pathlib
import re
import signal
import sys

import pytest
import yaml
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import host_processes

from tests.support.etcd import free_ports
from tests.support.modules import ModuleFailed, run_module
from tests.support.playbooks import CNFS, OWN, PROVEN, torn_down
from tests.support.vpp import NO_VPP, program

from .test_delivery_roles import left
from .test_host_processes import children

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")


@pytest.fixture(name="chain")
def _chain(tmp_path):
    before = left()
    ports = free_ports(2)
    options = {"cnf_etcd": {"port": ports[0]}, "cnf_agents_port": 0, "cnf_wait_timeout": 30, "cnf_python": sys.executable, "cnf_supervisor": "process"}
    with torn_down(tmp_path) as run:

        def chain(name, *more, delivery=None, **variables):
            given = {**options, **({"cnf_delivery": delivery} if delivery else {}), **variables}
            return run(name, "-e", json.dumps(given), *more)

        yield chain
    assert left() == before


def kill_all():
    """Agents and etcd, as a crash does it; their supervisors start them again."""
    for name in ("etcd", *(f"agent-{cnf}" for cnf in CNFS)):
        for pid in children(name):
            os.kill(pid, signal.SIGKILL)


def changed_tasks(run):
    """The names of those that changed something."""
    short = re.sub(r"^(?!TASK|changed: ).*\n", "", run.output, flags=re.M)
    return re.findall(r"^TASK \[(?:\S+ : )?([^\]]+)\] \*+\n(?=changed: )", short, re.M)


def renamed_documents(folder):
    """The collection's own, where every CNFConfiguration has another name."""
    made = folder / "renamed"
    made.mkdir()
    for path in OWN.glob("*.y*ml"):
        documents = list(yaml.safe_load_all(path.read_text()))
        for each in documents:
            if each["kind"] == "CNFConfiguration":
                each["metadata"]["name"] += "-renamed"
        (made / path.name).write_text(yaml.safe_dump_all(documents))
    return str(made)


def test_by_etcd_then_directly_and_back(chain, tmp_path):
    before = left()
    assert chain("deploy_nat44_chain", "--check", delivery="etcd").changed > 0
    assert left() == before, "check mode changed the machine"
    cold = chain("deploy_nat44_chain", delivery="etcd")
    assert PROVEN in cold.output and cold.changed > 0
    with pytest.raises(ModuleFailed, match="client is managed by agent .* 127.0.0.1:"):
        run_module("linux_routes", cnf="client", namespace="client", state="deleted")
    kill_all()
    again = chain("deploy_nat44_chain", delivery="etcd")
    assert again.changed == 0 and PROVEN in again.output, again.output
    renamed = chain("deploy_nat44_chain", delivery="etcd", cnf_documents=[renamed_documents(tmp_path)])
    assert PROVEN in renamed.output and renamed.changed > 0

    direct = chain("deploy_nat44_chain")
    assert PROVEN in direct.output
    assert "Configure the CNFs" not in changed_tasks(direct), "what agents configured is what a task would"
    assert not pathlib.Path(host_processes.FOLDER).exists()
    back = chain("deploy_nat44_chain", delivery="etcd")
    assert back.changed > 0 and PROVEN in back.output
    assert chain("teardown_nat44_chain").changed > 0
    assert left() == before


@pytest.mark.skipif(program() is None, reason=NO_VPP)
def test_by_etcd_on_vpp(chain):
    on_vpp = {"cnf_dataplane": "vpp", "cnf_vpp": {"buffers_per_numa": 2048, "stats_size": "8M"}}
    cold = chain("deploy_nat44_chain", delivery="etcd", **on_vpp)
    assert PROVEN in cold.output and "vpp v" in cold.output
    kill_all()
    again = chain("deploy_nat44_chain", delivery="etcd", **on_vpp)
    assert again.changed == 0 and PROVEN in again.output, again.output


def test_a_store_that_never_comes_back(chain):
    before = left()
    dead = {"delivery": "etcd", "cnf_etcd": {"endpoints": [f"127.0.0.1:{free_ports(1)[0]}"]}}
    with pytest.raises(AssertionError, match="etcd cannot be reached"):
        chain("deploy_nat44_chain", **dead)
    with pytest.raises(AssertionError, match="etcd cannot be reached"):
        chain("teardown_nat44_chain")
    assert chain("teardown_nat44_chain", cnf_store_gone=True).changed > 0
    assert left() == before
