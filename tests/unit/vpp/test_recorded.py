# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a live VPP answered once is read as what it was configured to be, and as nothing to do."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Value
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import reconcile
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppDataplane
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.everything import families, kinds
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session

from tests.support.vpp_record import Replay, load

KINDS = {kind.id: kind for kind in kinds()}


@pytest.fixture(name="record", scope="module")
def _record():
    return load("26.06")


@pytest.fixture(name="dataplane")
def _dataplane(record):
    return VppDataplane(Session(Replay(record)), families({"cnf": "vpp", "own_nat": True}), "vpp")


def test_the_answers_are_the_values_that_were_configured(record, dataplane):
    found = {value.key: value.data for value in dataplane.lift(dataplane.observe(), KINDS)}
    assert found == {key: data for _kind, key, data in record["values"]}
    assert len(found) > 15


def test_the_same_again_is_nothing_to_do(record, dataplane):
    wanted = [Value(kind, key, data) for kind, key, data in record["values"]]
    done = reconcile(dataplane, KINDS, "overridden", lambda there: wanted, check_mode=True)
    assert done.outcome.commands == []


@pytest.mark.parametrize("kind", sorted({"vpp/route", "vpp/interfaces", "vpp.nat/dnat44", "vpp.acls/acl", "vpp.l2/bridge-domain"}))
def test_without_one_of_them_just_that_goes(record, dataplane, kind):
    gone = [key for each, key, _data in record["values"] if each == kind]
    victim = next(key for key in gone if not key.endswith(("/left", "/right", "/vx", "/memif0", "/bond")))
    wanted = [Value(each, key, data) for each, key, data in record["values"] if key != victim]
    done = reconcile(dataplane, KINDS, "overridden", lambda there: wanted, check_mode=True)
    assert {value.key for value in done.before} - {value.key for value in done.after} == {victim}
