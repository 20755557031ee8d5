# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes sandboxes and links again after a reboot, from what roles noted."""

from __future__ import annotations

import json
import os

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.places import chain_boot

from tests.support.modules import run_module
from tests.support.places import shell

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")

NAMES = ("boot-one", "boot-two")
SANDBOXES = [{"name": name, "namespace": name, "vpp": {"enabled": False}} for name in NAMES]
WEB = {
    "name": NAMES[1],
    "namespace": NAMES[1],
    "sysctls": {},
    "processes": [{"name": "web", "command": ["{python}", "-m", "http.server"], "ready": {"port": 8000}}],
}
LINKS = [{"name": "a link", "ends": [{"cnf": name, "interface": f"eth-{name}"} for name in NAMES]}]


@pytest.fixture(name="notes")
def _notes(tmp_path):
    (tmp_path / "chain.json").write_text(json.dumps({"sandboxes": {"sandboxes": SANDBOXES}, "links": {"links": LINKS, "namespaces": {}, "sockets": {}}}))
    (tmp_path / "web.json").write_text(json.dumps({"sandboxes": {"sandboxes": [WEB]}}))
    (tmp_path / "broken.json").write_text("{")
    yield tmp_path
    run_module("cnf_sandbox", sandboxes=[{"name": name} for name in NAMES], state="absent")


def test_all_is_made_once_and_what_is_broken_is_said(notes, capsys):
    assert chain_boot.main([str(notes)]) == 1
    said = capsys.readouterr()
    assert "broken.json" in said.err and "chain.json" not in said.err
    assert f"eth-{NAMES[0]}" in shell(NAMES[0], "ip link show")
    assert ":8000" in shell(NAMES[1], "ss -ltn")
    (notes / "broken.json").unlink()
    assert chain_boot.main([str(notes)]) == 0
    assert capsys.readouterr().out == f"{notes}/chain.json: nothing to do\n{notes}/web.json: nothing to do\n"
    again = run_module("cnf_sandbox", sandboxes=[{**SANDBOXES[0], "vpp": None}, {**WEB}])
    assert not again["changed"], "the module finds what it would have made"
