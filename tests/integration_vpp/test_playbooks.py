# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks with the NAT and the web server on a live VPP. What a user sees."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import signal

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import processes

from ..support.places import shell
from ..support.playbooks import DEMO, PROVEN, ROOT, machine, torn_down, variables
from ..support.vpp import NO_VPP, program

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces"),
    pytest.mark.skipif(program() is None, reason=NO_VPP),
]

ON_VPP = ("-e", json.dumps({"cnf_dataplane": "vpp", "cnf_vpp": {"buffers_per_numa": 2048, "stats_size": "8M"}}))


@pytest.fixture(name="chain")
def _chain(tmp_path):
    with torn_down(tmp_path) as run:
        yield run


def kill(cnf):
    """Its VPP, as a crash does it."""
    with contextlib.suppress(ProcessLookupError):  # a second time
        os.kill(int(pathlib.Path(processes.FOLDER, cnf, "vpp.pid").read_text().split()[0]), signal.SIGKILL)


def test_deploy_repeat_verify_teardown(chain):
    before = machine()
    predicted = chain("deploy_nat44_chain", *ON_VPP, "--check", "--diff")
    assert machine() == before, "check mode changed the machine"
    assert predicted.changed > 0
    cold = chain("deploy_nat44_chain", *ON_VPP)
    assert PROVEN in cold.output
    assert len(cold.modules) <= 8, cold.modules
    again = chain("deploy_nat44_chain", *ON_VPP)
    assert again.changed == 0, again.output
    assert len(again.modules) <= 6, again.modules
    assert chain("deploy_nat44_chain", *ON_VPP, "--check").changed == 0
    verified = chain("verify_nat44_chain", *ON_VPP)
    assert verified.changed == 0 and PROVEN in verified.output
    chain("teardown_nat44_chain")
    assert machine() == before
    assert chain("teardown_nat44_chain").changed == 0


@pytest.mark.skipif(not DEMO.is_dir(), reason="the 2020 demo's manifests do not stand beside this checkout (../shared/demo)")
def test_the_demo_of_2020_unchanged(chain):
    documents = variables(cnf_documents=[os.path.relpath(DEMO, ROOT)])
    cold = chain("deploy_nat44_chain", *ON_VPP, *documents, cwd=ROOT)
    assert PROVEN in cold.output and re.search(r"80\.80\.80\.10[0-5]", cold.output)
    assert chain("deploy_nat44_chain", *ON_VPP, *documents, cwd=ROOT).changed == 0
    chain("teardown_nat44_chain", *documents, cwd=ROOT)


def test_a_killed_vpp_comes_back_with_its_configuration(chain):
    chain("deploy_nat44_chain", *ON_VPP)
    kill("cnf-nat44")
    assert chain("deploy_nat44_chain", *ON_VPP, "--check").changed > 0
    for cnf in ("cnf-nat44", "webserver"):
        kill(cnf)
        repaired = chain("deploy_nat44_chain", *ON_VPP)
        assert repaired.changed > 0 and PROVEN in repaired.output
    assert chain("deploy_nat44_chain", *ON_VPP).changed == 0


def test_another_startup_configuration_restarts_that_vpp_alone(chain):
    chain("deploy_nat44_chain", *ON_VPP)
    nat, web = (pathlib.Path(processes.FOLDER, cnf, "vpp.pid").read_text() for cnf in ("cnf-nat44", "webserver"))
    changed = chain("deploy_nat44_chain", *ON_VPP, *variables(cnf_vpp_by_cnf={"cnf-nat44": {"buffers_per_numa": 4096}}))
    assert changed.changed > 0 and PROVEN in changed.output
    assert pathlib.Path(processes.FOLDER, "cnf-nat44", "vpp.pid").read_text() != nat
    assert pathlib.Path(processes.FOLDER, "webserver", "vpp.pid").read_text() == web


def test_from_the_kernel_to_vpp_and_back(chain):
    for dataplane in ((), ON_VPP, ()):  # that a second run changes nothing is said elsewhere
        done = chain("deploy_nat44_chain", *dataplane)
        assert done.changed > 0 and PROVEN in done.output
        assert os.path.exists("/run/pantheon.cnf/cnf-nat44/vpp/api.sock") is bool(dataplane)
        assert ("nat" in shell("cnf-nat44", "nft list ruleset")) is not bool(dataplane)
        forwards = shell("cnf-nat44", "sysctl -n net.ipv4.ip_forward").strip()
        assert forwards == ("0" if dataplane else "1")


def test_without_a_vpp_the_error_says_so_and_nothing_is_touched(chain):
    before = machine()
    failed = chain("deploy_nat44_chain", *ON_VPP, *variables(cnf_vpp={"prefix": "/nowhere"}), check=False)
    assert failed.returncode and "no VPP here: /nowhere/bin/vpp" in failed.output
    assert machine() == before


def test_a_kind_that_vpp_has_not_is_refused_before_anything_is_configured(chain, tmp_path):
    documents = tmp_path / "documents"
    documents.mkdir()
    for path in (ROOT / "playbooks" / "files" / "nat44_chain").glob("*.yml"):
        (documents / path.name).write_text(path.read_text())
    (documents / "more.yml").write_text(
        """
apiVersion: pantheon.tech/v1
kind: CNFConfiguration
metadata: {name: more}
spec:
  microservice: cnf-nat44
  configItems:
    - {module: linux.l3, type: route, data: {outgoing_interface: memif0, scope: GLOBAL, dst_network: 10.9.0.0/24, gw_addr: 10.10.1.10}}
"""
    )
    failed = chain("deploy_nat44_chain", *ON_VPP, *variables(cnf_documents=[str(documents)]), check=False)
    assert failed.returncode
    assert "CNF cnf-nat44: linux.l3/route: this kind is not supported by the vpp dataplane" in failed.output, failed.output[-3000:]
    assert "10.10.1.10" not in shell("client", "ip address show"), "the client is in the same task: all or nothing"


ROLES = """
- hosts: localhost
  gather_facts: false
  roles:
    - role: pantheon.cnf.client
    - role: pantheon.cnf.webserver
      vars:
        webserver_dataplane: vpp
        webserver_port: 8080
        webserver_vpp: {buffers_per_numa: 2048}
        webserver_links:
          - ends:
              - {cnf: client, interface: eth0}
              - {cnf: webserver, interface: web0, kind: vpp/interfaces}
        webserver_items:
          - {module: vpp, type: interfaces, data: {name: web0, type: AF_PACKET, enabled: true, ip_addresses: [10.3.0.80/24], afpacket: {host_if_name: web0}}}
    - role: pantheon.cnf.client
      vars:
        client_items:
          - {module: linux.interfaces, type: interface, data: {name: eth0, type: EXISTING, enabled: true, ip_addresses: [10.3.0.10/24]}}
"""


def test_the_roles_without_documents(chain, tmp_path):
    playbook = tmp_path / "roles.yml"
    playbook.write_text(ROLES)
    before = machine()
    assert chain(str(playbook), "--check").changed > 0 and machine() == before
    assert chain(str(playbook)).changed > 0
    assert "vpp v" in shell("client", "curl -s --max-time 10 http://10.3.0.80:8080/show/version")
    assert chain(str(playbook)).changed == 0
    chain(str(playbook), *variables(webserver_state="absent", client_state="absent"))
    assert machine() == before
