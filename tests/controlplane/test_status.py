# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What agents say in a real etcd, how long it counts, and what follows from it for a configuration."""

from __future__ import annotations

import json
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configurations import CNFConfigurations
from ansible_collections.pantheon.cnf.plugins.module_utils.store.epoch import check_epoch
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import EtcdError
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import (
    MANAGERS,
    ItemStatus,
    Managed,
    Reporter,
    agents,
    report,
    status_of,
)

from tests.controlplane.test_configurations import routes
from tests.support.etcd import open_store

CONFIGURED = "CONFIGURED"


@pytest.fixture
def published(store):
    """A configuration of two routes of cnf, and its reporter, not yet claimed."""
    configurations = CNFConfigurations(store)
    configurations.publish("a", routes(2))
    return configurations, Reporter(store, "cnf", "host:cnf", ttl=2)


def states(configurations, *given):
    keys = [key.partition("/config/")[2] for key in sorted(configurations.read("a").values)]
    return [ItemStatus("config/" + key, *each) for key, each in zip(keys, given)]


def judged(store, configurations):
    return report(store, configurations.read("a").record)


def applied(store, configurations):
    return {"applied": configurations.read("a").record.revisions["cnf"], "epoch": check_epoch(store, "cnf").id}


def test_the_states_have_ligatos_form(store, published):
    configurations, reporter = published
    reporter.claim()
    reporter.report(states(configurations, ("PENDING", "CREATE", "", ("gw-reachable",)), (CONFIGURED,)))
    found = store.prefix("/vnf-agent/cnf/config-status/").entries
    assert [entry.key for entry in found] == [f"/vnf-agent/cnf/config-status/linux/l3/v2/route/10.0.{at}.0/24/tap0" for at in range(2)]
    assert json.loads(found[0].value) == {
        "key": "config/linux/l3/v2/route/10.0.0.0/24/tap0",
        "state": "PENDING",
        "last_operation": "CREATE",
        "details": ["gw-reachable"],
    }
    assert all(entry.lease == reporter.lease for entry in found)
    health = json.loads(store.get("/vnf-agent/cnf/check/status/v1/agent")[1].value)
    assert health["state"] == "OK"
    assert health["start_time"] == str(reporter.status.started)


def test_what_a_ligato_agent_writes_is_read(store):
    store.put("/s", b'{"key":"config/x", "state":7, "lastOperation":"CREATE", "details":["veth-peer-exists"]}')
    assert status_of(store.get("/s")[1]) == ItemStatus("config/x", "PENDING", "CREATE", "", ("veth-peer-exists",))
    store.put("/s", b"\xff")
    assert status_of(store.get("/s")[1]) is None


def test_only_what_differs_is_written(store, published):
    configurations, reporter = published
    reporter.claim()
    items = states(configurations, (CONFIGURED,), (CONFIGURED,))
    reporter.report(items, applied=5)
    before = store.get("/")[0]
    reporter.report(items, applied=5)
    assert store.get("/")[0] == before
    first = store.prefix("/vnf-agent/cnf/config-status/").entries
    reporter.report(items[:1], applied=6)
    assert store.prefix("/vnf-agent/cnf/config-status/").entries == first[:1]
    reporter.resign()
    assert store.prefix("/vnf-agent/cnf/config-status/").entries == []
    assert agents(store) == {}


def test_a_thousand_states(store):
    reporter = Reporter(store, "cnf", "host:cnf")
    reporter.claim()
    before = store.requests
    reporter.report([ItemStatus(f"config/x/{at}", CONFIGURED) for at in range(1000)], applied=7)
    assert store.requests - before <= 8
    assert len(store.prefix("/vnf-agent/cnf/config-status/").entries) == 1000
    assert agents(store)["cnf"].applied == 7


def test_there_is_one_manager(store):
    first, second = Reporter(store, "cnf", "host:one"), Reporter(store, "cnf", "host:two")
    first.claim()
    with pytest.raises(Managed, match="cnf is managed by agent host:one since 20") as caught:
        second.claim()
    assert caught.value.context == {"agent": "host:one"}
    first.resign()
    second.claim()
    assert agents(store)["cnf"].agent == "host:two"


def test_an_agent_that_comes_back_takes_over_from_its_former_run(store):
    former, now = Reporter(store, "cnf", "host:one"), Reporter(store, "cnf", "host:one")
    former.claim()
    former.report([ItemStatus("config/old", CONFIGURED)], applied=3)
    now.claim()
    assert store.prefix("/vnf-agent/cnf/config-status/").entries == []
    now.report([ItemStatus("config/new", CONFIGURED)], applied=4)
    assert (agents(store)["cnf"].applied, len(store.prefix("/vnf-agent/cnf/config-status/").entries)) == (4, 1)


def test_what_a_dead_agent_said_is_gone_and_back_when_it_lives(store, published):
    configurations, reporter = published
    reporter.claim()
    items = states(configurations, (CONFIGURED,), (CONFIGURED,))
    reporter.report(items, **applied(store, configurations))
    assert judged(store, configurations)[:2] == ("True", "Applied")
    deadline = time.monotonic() + 15
    while agents(store) and time.monotonic() < deadline:
        time.sleep(0.2)
    told = judged(store, configurations)
    assert told[:3] == ("Unknown", "NoAgent", "no agent manages cnf")
    assert [each.status for each in told.items] == [None, None]
    reporter.keep()
    assert judged(store, configurations)[:2] == ("True", "Applied")
    store.revoke(reporter.lease)
    reporter.report(items, message="again")
    assert judged(store, configurations)[:2] == ("True", "Applied")


def test_a_lease_that_is_kept_stays(store, published):
    _configurations, reporter = published
    reporter.claim()
    lease, deadline = reporter.lease, time.monotonic() + 5
    while time.monotonic() < deadline:
        reporter.keep()
        time.sleep(0.5)
    assert reporter.lease == lease


@pytest.mark.parametrize(
    ("given", "status", "expected", "said"),
    [
        (((CONFIGURED,), (CONFIGURED,)), {}, ("True", "Applied"), "all items are applied"),
        (((CONFIGURED,), (CONFIGURED,)), {"applied": 1}, ("False", "Waiting"), "has applied revision 1, not"),
        (((CONFIGURED,),), {}, ("False", "Waiting"), "no state is told of /vnf-agent/cnf/config/linux/l3/v2/route/10.0.1.0/24/tap0"),
        (((CONFIGURED,), ("PENDING", "CREATE", "", ("gw-reachable",))), {}, ("False", "Pending"), "10.0.1.0/24/tap0: PENDING, waits for gw-reachable"),
        ((("INVALID", "", "", ("gw_addr",)), ("PENDING",)), {}, ("False", "Failed"), "10.0.0.0/24/tap0: INVALID gw_addr"),
        ((("FAILED", "CREATE", "no route to it"), (CONFIGURED,)), {}, ("False", "Failed"), "FAILED no route to it"),
        (((CONFIGURED,), (CONFIGURED,)), {"state": "Failed", "message": "no VPP"}, ("False", "AgentFailed"), "the agent of cnf: Failed: no VPP"),
        (((CONFIGURED,), (CONFIGURED,)), {"state": "StoreLost", "message": "emptied"}, ("Unknown", "StoreLost"), "emptied"),
        (((CONFIGURED,), (CONFIGURED,)), {"epoch": "another"}, ("Unknown", "StoreLost"), "has applied another epoch"),
    ],
)
def test_how_far_a_configuration_is(store, published, given, status, expected, said):
    configurations, reporter = published
    reporter.claim()
    reporter.report(states(configurations, *given), **{**applied(store, configurations), **status})
    told = judged(store, configurations)
    assert told[:2] == expected
    assert said in told.message
    assert len(told.items) == 2


def test_another_microservices_changes_are_not_waited_for(store, published):
    configurations, reporter = published
    reporter.claim()
    reporter.report(states(configurations, (CONFIGURED,), (CONFIGURED,)), **applied(store, configurations))
    configurations.publish("a", [*routes(2), *routes(1, "other")])
    assert judged(store, configurations)[:3] == ("Unknown", "NoAgent", "no agent manages other")
    with open_store(store.access) as other:
        beside = Reporter(other, "other", "host:other")
        beside.claim()
        revision = configurations.read("a").record.revisions["other"]
        beside.report([ItemStatus("config/linux/l3/v2/route/10.0.0.0/24/tap0", CONFIGURED)], applied=revision, epoch=check_epoch(store, "other").id)
        assert judged(store, configurations)[:2] == ("True", "Applied")


def test_a_report_that_is_none(store):
    store.put(MANAGERS + "cnf", b'{"agent":"x","applied":"many"}')
    with pytest.raises(EtcdError, match=f"{MANAGERS}cnf is no report of an agent"):
        agents(store)
