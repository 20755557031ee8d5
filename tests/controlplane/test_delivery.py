# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain delivered by an etcd and agents. What a user sees."""

from __future__ import annotations

import json
import os
import sys

import pytest

from tests.support.etcd import free_ports
from tests.support.playbooks import PROVEN, machine, torn_down

from .test_delivery_roles import left

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


def test_by_etcd_and_handed_over_and_back(chain):
    before = left()
    assert chain("deploy_nat44_chain", "--check", delivery="etcd").changed > 0
    assert left() == before, "check mode changed the machine"
    cold = chain("deploy_nat44_chain", delivery="etcd")
    assert PROVEN in cold.output and cold.changed > 0
    again = chain("deploy_nat44_chain", delivery="etcd")
    assert again.changed == 0, again.output
    direct = chain("deploy_nat44_chain", delivery="direct")
    assert PROVEN in direct.output
    assert machine()["processes"]
    chain("teardown_nat44_chain")
    assert left() == before
