# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller wants of etcd, and what it tells, step by step and without either."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.agent import conditions
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.mirror import Mirror, source_of
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configurations import KeyConflict, MicroserviceConflict, Result
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import EtcdError
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import ItemReport, ItemStatus, Report

KEY = "/vnf-agent/cnf/config/linux/l3/v2/route/10.0.0.0/24/tap0"


def network(at):
    return f"10.{at // 250}.{at % 250}.0/24"


def source(name="a", generation=1, uid="1", namespace="ns", type="route", status=None, created="2026-01-01T00:00:00Z", items=1):
    data = [{"module": "linux.l3", "type": type, "data": f"{{outgoing_interface: tap0, dst_network: {network(at)}, gw_addr: 10.0.0.1}}"} for at in range(items)]
    metadata = {"namespace": namespace, "name": name, "uid": uid, "generation": generation, "creationTimestamp": created}
    return source_of({"metadata": metadata, "spec": {"microservice": "cnf", "configItems": data}, "status": status or {}})


def result(name, changed=True, keys=(KEY,)):
    return Result(f"kubernetes/ns/{name}", changed, 1, 7, {"cnf": 7}, {}, dict.fromkeys(keys, {}), [])


def conflict(owner):
    return KeyConflict("somebody has it", conflicts=[{"key": KEY, "owner": owner}])


def settled(mirror, **results):
    """All batches, of which each object came to what is given, by default to what it wanted."""
    seen = []
    for batch in mirror.batches():
        names = [*batch.wanted, *batch.absent]
        seen += names
        mirror.settle(batch, {name: results.get(name.rpartition("/")[2], result(name.rpartition("/")[2])) for name in names})
    return [name.rpartition("/")[2] for name in seen]


@pytest.fixture
def mirror():
    return Mirror()


def told(mirror, name="a", away=""):
    key = f"kubernetes/ns/{name}"
    status = conditions.status_of(mirror.objects[key], mirror.rivals().get(key, {}), "epoch", away, "now")
    return {each["type"]: (each["status"], each["reason"]) for each in status["conditions"]}


def test_what_is_seen_again_is_not_done_again(mirror):
    mirror.see(source())
    assert settled(mirror) == ["a"]
    mirror.see(source(status={"status": "Success"}))
    assert settled(mirror) == []
    mirror.see(source(generation=3))
    mirror.see(source(generation=2))
    assert settled(mirror) == ["a"]
    assert mirror.objects["kubernetes/ns/a"].generation == 3


def test_a_late_event_of_one_that_is_gone_changes_nothing(mirror):
    mirror.see(source(uid="2", created="2026-01-02T00:00:00Z"))
    mirror.see(source(uid="1", type="rout"))
    mirror.forget("kubernetes/ns/a", "1")
    assert settled(mirror) == ["a"]
    assert told(mirror)["Delivered"] == ("True", "Delivered")


def test_what_goes_goes_first_and_the_older_one_comes_first(mirror):
    mirror.see(source("old"))
    settled(mirror)
    mirror.see(source("b", uid="b", created="2026-01-03T00:00:00Z"))
    mirror.see(source("c", uid="c", created="2026-01-02T00:00:00Z"))
    mirror.forget("kubernetes/ns/old")
    assert settled(mirror) == ["old", "c", "b"]


def test_what_is_not_listed_is_gone_and_what_is_stored_without_an_object_too(mirror):
    mirror.see(source("a"))
    mirror.see(source("b", uid="2"))
    settled(mirror)
    mirror.listed([source("a")])
    mirror.stored(["kubernetes/ns/a", "kubernetes/ns/c", "kubernetes/elsewhere/d", "ns/module", "kubernetes"], ["ns"])
    assert settled(mirror) == ["b", "c"]


def test_a_bad_one_keeps_what_it_delivered_and_a_new_one_of_its_name_does_not(mirror):
    mirror.see(source())
    settled(mirror)
    mirror.see(source(generation=2, type="rout"))
    assert (settled(mirror), told(mirror)["Accepted"]) == ([], ("False", "InvalidItems"))
    mirror.see(source(uid="2", type="rout", created="2026-01-02T00:00:00Z"))
    assert settled(mirror) == ["a"]
    # After a restart the status tells whether it was this one that delivered.
    for status, removed in (({"revision": 7}, []), ({}, ["a"])):
        again = Mirror()
        again.see(source(type="rout", status=status))
        assert settled(again) == removed


def test_one_key_twice_with_different_data_is_found_before_anything_is_written(mirror):
    found = source(items=2)
    found.spec["configItems"][1]["data"] = found.spec["configItems"][0]["data"].replace("10.0.0.1", "10.0.0.2")
    mirror.see(found)
    assert [batch.wanted for batch in mirror.batches()] == [{}]
    assert "is there twice in one configuration" in mirror.objects["kubernetes/ns/a"].problems[0].text


def test_a_conflict_is_told_to_both_and_ends_with_what_it_was_about(mirror):
    mirror.see(source("a"))
    mirror.see(source("b", uid="2", created="2026-01-02T00:00:00Z", status={"revision": 3}))
    settled(mirror, b=conflict("kubernetes/ns/a"))
    settled(mirror, b=conflict("kubernetes/ns/a"))
    assert (told(mirror, "a")["Accepted"], told(mirror, "b")["Accepted"]) == (("True", "Contested"), ("False", "KeyConflict"))
    assert told(mirror, "b")["Applied"] == ("False", "KeyConflict")
    mirror.retry()
    assert settled(mirror) == [], "the other one's change is seen"
    mirror.touched.clear()
    mirror.see(source("a", generation=2))
    assert settled(mirror) == ["a"]
    assert settled(mirror) == ["b"]
    assert mirror.touched == {"kubernetes/ns/a", "kubernetes/ns/b"}
    assert (told(mirror, "a")["Accepted"], told(mirror, "b")["Accepted"]) == (("True", "Accepted"), ("True", "Accepted"))


def test_what_nobody_changes_that_is_seen_is_tried_again_by_time(mirror):
    mirror.see(source("a", status={"revision": 3}))
    for error in (conflict(""), EtcdError("busy"), MicroserviceConflict("of another", microservice="cnf", owner="namespace other")):
        mirror.again()
        settled(mirror, a=error)
        mirror.retry()
        assert settled(mirror, a=error) == ["a"]


def test_a_conflict_of_one_that_never_delivered_removes_what_another_of_its_name_did(mirror):
    mirror.see(source())
    settled(mirror, a=conflict("kubernetes/ns/b"))
    assert settled(mirror) == ["a"]
    assert mirror.gone == {}


def test_states_of_items_and_the_bound_of_many(mirror):
    mirror.see(source(items=300))
    keys = [f"/vnf-agent/cnf/config/linux/l3/v2/route/{network(at)}/tap0" for at in range(300)]
    settled(mirror, a=result("a", keys=keys))
    found = mirror.objects["kubernetes/ns/a"]
    states = {keys[0]: ItemStatus(keys[0], "CONFIGURED"), keys[299]: ItemStatus(keys[299], "FAILED", error="no")}
    found.report = Report("False", "Failed", "no", [ItemReport(key, states.get(key)) for key in keys])
    status = conditions.status_of(found, {}, "epoch", "", "now")
    assert (status["itemCount"], len(status["items"])) == (300, 200)
    assert "CONFIGURED" not in {each["state"] for each in status["items"]}
    mirror.see(source(generation=2, items=2))
    settled(mirror, a=result("a", keys=keys[:2]))
    found.report = Report("True", "Applied", "", [ItemReport(key, ItemStatus(key, "CONFIGURED")) for key in keys[:2]])
    assert [each["state"] for each in conditions.status_of(found, {}, "epoch", "", "now")["items"]] == ["CONFIGURED"] * 2


def test_a_condition_keeps_its_time_while_its_status_is_the_same(mirror):
    mirror.see(source())
    settled(mirror)
    found = mirror.objects["kubernetes/ns/a"]
    first = conditions.status_of(found, {}, "epoch", "", "first")
    found.source = found.source._replace(status=first)
    found.report = Report("True", "Applied", "", [])
    second = {each["type"]: each["lastTransitionTime"] for each in conditions.status_of(found, {}, "epoch", "", "second")["conditions"]}
    assert second == {"Accepted": "first", "Delivered": "first", "Applied": "second"}


def test_etcd_away_makes_applied_unknown_and_nothing_else_worse(mirror):
    mirror.see(source("a"))
    settled(mirror)
    mirror.see(source("b", uid="2"))
    assert told(mirror, "a", "away") == {"Accepted": ("True", "Accepted"), "Delivered": ("True", "Delivered"), "Applied": ("Unknown", "EtcdAway")}
    assert told(mirror, "b", "away") == {"Accepted": ("True", "Accepted"), "Delivered": ("False", "EtcdAway"), "Applied": ("False", "NotDelivered")}
