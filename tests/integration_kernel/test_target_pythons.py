# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain on targets with the oldest and the newest Python that the machine has: modules run on another Python than the controller's."""

from __future__ import annotations

import json
import os
import pathlib

import pytest

from ..support.playbooks import play

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")

OLDEST = "3.9"
PYTHONS = dict(line.split() for line in os.environ.get("PANTHEON_CNF_PYTHONS", "").splitlines())


@pytest.fixture(name="python", params=["oldest", "newest"])
def _python(request):
    if not PYTHONS:
        pytest.skip("no list of this machine's Pythons (scripts/test makes it)")
    if request.param == "newest":
        return list(PYTHONS.items())[-1]
    if OLDEST not in PYTHONS:
        pytest.skip(f"this machine has no Python {OLDEST}, the oldest that targets may have")
    return OLDEST, PYTHONS[OLDEST]


def test_the_chain_on_a_target_with_python(python, tmp_path):
    version, path = python
    given = ("-e", json.dumps({"ansible_python_interpreter": path, "cnf_namespace_prefix": f"py{version}-"}))
    try:
        cold = play("deploy_nat44_chain", *given, tmp=tmp_path)
        assert cold.changed > 0
        assert play("deploy_nat44_chain", *given, tmp=tmp_path).changed == 0
    finally:
        play("teardown_nat44_chain", *given, tmp=tmp_path)
    assert not list(pathlib.Path("/run/netns").glob(f"py{version}-*"))
