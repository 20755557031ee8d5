# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks on this machine: deploy, repeat, prove, break, tear down. What a user sees."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from ..support.modules import run_module
from ..support.playbooks import DEMO, OWN, PROVEN, ROOT, machine, torn_down, variables

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")


@pytest.fixture(name="chain")
def _chain(tmp_path):
    with torn_down(tmp_path) as run:
        yield run


@pytest.fixture(name="documents")
def _documents(tmp_path):
    """A copy of the collection's own documents to spoil; returns the folder and a function that replaces text in them."""
    folder = tmp_path / "documents"
    shutil.copytree(OWN, folder)

    def replace(old, new, only="*"):
        changed = 0
        for path in folder.glob(only):
            text = path.read_text()
            changed += text.count(old)
            path.write_text(text.replace(old, new))
        assert changed, f"{old} is in none of the documents"

    return folder, replace


def test_deploy_repeat_verify_teardown(chain):
    before = machine()
    predicted = chain("deploy_nat44_chain", "--check", "--diff")
    assert machine() == before, "check mode changed the machine"
    assert predicted.changed > 0
    cold = chain("deploy_nat44_chain")
    assert PROVEN in cold.output
    assert len(cold.modules) <= 10, cold.modules
    again = chain("deploy_nat44_chain")
    assert again.changed == 0, again.output
    assert len(again.modules) <= 7, again.modules
    assert chain("deploy_nat44_chain", "--check").changed == 0
    assert chain("verify_nat44_chain").changed == 0
    chain("teardown_nat44_chain")
    assert machine() == before
    assert chain("teardown_nat44_chain").changed == 0


@pytest.mark.skipif(not DEMO.is_dir(), reason="the 2020 demo's manifests do not stand beside this checkout (../shared/demo)")
def test_the_demo_of_2020_unchanged(chain):
    documents = variables(cnf_documents=[os.path.relpath(DEMO, ROOT)])
    cold = chain("deploy_nat44_chain", *documents, cwd=ROOT)
    assert PROVEN in cold.output
    assert re.search(r"80\.80\.80\.10[0-5]", cold.output)
    assert chain("deploy_nat44_chain", *documents, cwd=ROOT).changed == 0
    chain("teardown_nat44_chain", *documents, cwd=ROOT)


def test_without_nat_the_proof_fails_and_says_why(chain):
    chain("deploy_nat44_chain")
    namespace = "cnf-nat44"
    run_module("linux_nat44", cnf="cnf-nat44", namespace=namespace, state="deleted")
    failed = chain("verify_nat44_chain", check=False)
    assert failed.returncode
    assert re.search(r"no (HTTP )?answer|timed out|unreachable|session", failed.output, re.I), failed.output[-3000:]
    repaired = chain("deploy_nat44_chain")
    assert repaired.changed > 0 and PROVEN in repaired.output


def test_inside_and_outside_swapped_the_proof_fails(chain, documents):
    folder, replace = documents
    replace("nat_inside: true", "nat_XX: true")
    replace("nat_outside: true", "nat_inside: true")
    replace("nat_XX: true", "nat_outside: true")
    failed = chain("deploy_nat44_chain", *variables(cnf_documents=[str(folder)]), check=False)
    assert failed.returncode
    assert PROVEN not in failed.output


def test_a_mistyped_selector_is_found_before_anything_is_touched(chain, documents):
    folder, replace = documents
    replace("role: webserver", "role: webservr", only="network-service.yml")
    before = machine()
    failed = chain("deploy_nat44_chain", *variables(cnf_documents=[str(folder)]), check=False)
    assert failed.returncode
    assert "webservr" in failed.output
    assert machine() == before


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("type: nat44-pool", "type: nat44-pol", "nat44-pool"),
        ("first_ip:", "frist_ip:", "first_ip"),
        ("module: vpp.nat", "module: vpp.natt", "vpp.nat"),
        ("interface_type: KERNEL_INTERFACE", "interface_type: KERNAL_INTERFACE", "KERNEL_INTERFACE"),
        ("microservice: client", "microservices: client", "microservice"),
        ("interface_name: tap0", "interface_name: a-name-of-more-than-15", "15"),
        ("/24", "/33", "/33"),
        ("kind: NetworkService", "kind: NetworkService: oops", "network-service.yml"),
    ],
)
def test_bad_documents_change_nothing(chain, documents, old, new, says):
    folder, replace = documents
    replace(old, new)
    before = machine()
    failed = chain("deploy_nat44_chain", *variables(cnf_documents=[str(folder)]), check=False)
    assert failed.returncode
    assert says in failed.output, failed.output[-3000:]
    assert "Traceback" not in failed.output
    assert machine() == before


def test_a_foreign_namespace_is_never_taken_over(chain):
    subprocess.run(["ip", "netns", "add", "cnf-nat44"], check=True)
    try:
        failed = chain("deploy_nat44_chain", check=False)
        assert failed.returncode
        assert re.search(r"cnf-nat44.*not ours", failed.output, re.S)
        left = subprocess.run(["ip", "netns", "list"], check=True, capture_output=True, text=True).stdout.split()
        assert [name for name in left if name in ("client", "webserver")] == []
    finally:
        subprocess.run(["ip", "netns", "del", "cnf-nat44"], check=True)


def test_relative_documents_count_from_where_the_user_stands(chain, documents, tmp_path):
    folder, _replace = documents
    done = chain("deploy_nat44_chain", *variables(cnf_documents=[folder.name]), cwd=tmp_path)
    assert PROVEN in done.output


def test_the_picture_is_written(chain, tmp_path):
    done = chain("deploy_nat44_chain")
    paths = [pathlib.Path(found) for found in re.findall(r"(/\S+\.(?:svg|html))", done.output)]
    assert paths and any(path.exists() and "<svg" in path.read_text() for path in paths), done.output[-2000:]
