# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CNFConfigurations in a real etcd: what is written, what never is, and writers that are killed or race."""

from __future__ import annotations

import json
import os
import signal
import threading

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import Item, load, load_objects
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configurations import (
    CNFConfigurations,
    KeyConflict,
    MicroserviceConflict,
)
from ansible_collections.pantheon.cnf.plugins.module_utils.store.desired import InvalidItems, kind_of
from ansible_collections.pantheon.cnf.plugins.module_utils.store.epoch import EPOCH, MARKS, check_epoch, renew_epoch
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import EtcdError, Put, StoreLost, Unreachable
from ansible_collections.pantheon.cnf.plugins.module_utils.store.record import RECORDS, record_of

from tests.support.etcd import open_store

ROUTE = "/vnf-agent/{}/config/linux/l3/v2/route/10.{}.{}.0/24/tap0"
DEMO = os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared", "demo")


def routes(count, label="cnf", gateway="10.0.0.1", first=0):
    """Items of so many routes."""
    data = [{"outgoing_interface": "tap0", "dst_network": f"10.{at // 200}.{at % 200}.0/24", "gw_addr": gateway} for at in range(first, first + count)]
    return items([{"module": "linux.l3", "type": "route", "data": json.dumps(each)} for each in data], label)


def items(given, label="cnf"):
    document = {"apiVersion": "pantheon.tech/v1", "kind": "CNFConfiguration", "metadata": {"name": "x"}, "spec": {"microservice": label, "configItems": given}}
    return load_objects([document]).configurations[0].items


def keys(store, prefix="/vnf-agent/"):
    return {entry.key: json.loads(entry.value) for entry in store.prefix(prefix).entries}


def key_of(at, label="cnf"):
    return ROUTE.format(label, at // 200, at % 200)


def records(store):
    """Those of all configurations."""
    return [record_of(entry.key[len(RECORDS) :], [entry]) for entry in store.prefix(RECORDS).entries]


def recover(configurations):
    """Finish what writers that are no more have begun; returns the names of these configurations."""
    names = [record.name for record in records(configurations.store) if record.pending]
    for name in names:
        configurations.finish(name)
    return names


class Killed(BaseException):
    """What ends a writer in a test."""


def dying(at):
    """A hook that ends the writer before its request number C(at)."""
    left = [at]

    def hook():
        left[0] -= 1
        if left[0] < 0:
            raise Killed

    return hook


def test_the_keys_and_values_are_ligatos(store):
    result = CNFConfigurations(store).publish("a", routes(2))
    assert keys(store) == {
        key_of(0): {"outgoing_interface": "tap0", "dst_network": "10.0.0.0/24", "gw_addr": "10.0.0.1"},
        key_of(1): {"outgoing_interface": "tap0", "dst_network": "10.0.1.0/24", "gw_addr": "10.0.0.1"},
    }
    assert (result.changed, result.generation, result.before) == (True, 1, {})
    assert result.after == keys(store)
    assert result.revision == store.get(key_of(0))[1].revision == result.revisions["cnf"]


@pytest.mark.skipif(not os.path.isdir(DEMO), reason="the demo's files are not beside the tree")
def test_the_demos_configurations(store):
    for each in load([DEMO], ".").configurations:
        CNFConfigurations(store).publish(each.name, each.items)
    found = {key.removeprefix("/vnf-agent/") for key in keys(store)}
    assert found == {
        "client/config/cnf/nsm/v1/client/access-to-cnf-network",
        "client/config/linux/l3/v2/route/80.80.80.0/24/tap0",
        "cnf-nat44/config/cnf/nsm/v1/endpoint/cnf-nat-example",
        "cnf-nat44/config/cnf/nsm/v1/client/access-to-external-network",
        "cnf-nat44/config/vpp/nat/v2/nat44-interface/memif0",
        "cnf-nat44/config/vpp/nat/v2/nat44-interface/memif1",
        "cnf-nat44/config/vpp/nat/v2/nat44-pool/vrf/0/address/80.80.80.100-80.80.80.105",
        "webserver/config/cnf/nsm/v1/endpoint/cnf-nat-example",
    }
    assert all(kind_of(key) for key in keys(store))


def test_what_is_as_it_should_be_is_not_written(store):
    configurations = CNFConfigurations(store)
    first = configurations.publish("a", routes(3))
    entry = store.get(key_of(0))[1]
    before, requests = store.get("/")[0], store.requests
    again = configurations.publish("a", routes(3))
    assert store.requests - requests == 1
    assert store.get("/")[0] == before
    assert (again.changed, again.generation, again.revision, again.before) == (False, 1, first.revision, first.after)
    assert store.get(key_of(0))[1] == entry


def test_a_change_touches_only_what_changes(store):
    configurations = CNFConfigurations(store)
    first = configurations.publish("a", [*routes(2), *routes(1, "other")])
    result = configurations.publish("a", [*routes(1), *routes(1, gateway="10.0.0.9", first=2), *routes(1, "other")])
    assert set(keys(store)) == {key_of(0), key_of(2), key_of(0, "other")}
    assert store.get(key_of(0))[1].revision == first.revision
    assert (result.generation, result.before, result.after) == (2, first.after, keys(store))
    assert (result.revisions["cnf"], result.revisions["other"]) == (store.get(key_of(2))[1].revision, first.revision)
    assert configurations.read("a").values == keys(store)


def test_check_mode_says_the_same_and_writes_nothing(store):
    configurations = CNFConfigurations(store)
    for action in (lambda **more: configurations.publish("a", routes(2), **more), lambda **more: configurations.remove("a", **more)):
        before = store.get("/")[0]
        told = action(check_mode=True)
        assert store.get("/")[0] == before
        done = action()
        assert (told.changed, told.before, told.after) == (done.changed, done.before, done.after)
        assert done.changed
        assert not action(check_mode=True).changed


def test_a_removal_takes_what_was_written_and_nothing_else(store):
    configurations = CNFConfigurations(store)
    configurations.publish("a", routes(2))
    configurations.publish("b", routes(2, first=2))
    store.put("/vnf-agent/cnf/config/by/hand", b"{}")
    assert configurations.remove("a").changed
    assert set(keys(store)) == {key_of(2), key_of(3), "/vnf-agent/cnf/config/by/hand"}
    assert configurations.read("a") is None
    assert not configurations.remove("a").changed
    assert [record.name for record in records(configurations.store)] == ["b"]


def test_two_configurations_cannot_have_one_key(store):
    configurations = CNFConfigurations(store)
    configurations.publish("a", routes(2))
    before = store.get("/")[0]
    with pytest.raises(KeyConflict, match=rf"configuration b: {key_of(1)} was written by configuration a \(revision \d+\)\. Nothing was written") as caught:
        configurations.publish("b", routes(2, first=1))
    assert caught.value.context["conflicts"] == [{"key": key_of(1), "owner": "a"}]
    with pytest.raises(KeyConflict, match="configuration a"):
        configurations.publish("b", routes(2, first=1), take_over=True)
    assert store.get("/")[0] == before


def publish_all(store, wanted, absent=()):
    """Check mode, then in earnest, which ends the same; returns the results."""
    configurations = CNFConfigurations(store)
    before = store.prefix("/").entries
    foreseen = configurations.publish_all(wanted, absent, check_mode=True)
    assert store.prefix("/").entries == before
    done = configurations.publish_all(wanted, absent)
    assert {name: (each.changed, each.after) for name, each in done.items()} == {name: (each.changed, each.after) for name, each in foreseen.items()}
    assert not any(each.changed for each in configurations.publish_all(wanted, absent).values())
    return done


def test_a_configuration_can_be_renamed(store):
    CNFConfigurations(store).publish("old", routes(20))
    before = {entry.key: entry for entry in store.prefix("/vnf-agent/").entries}
    done = publish_all(store, {"new": [*routes(19), *routes(1, gateway="10.0.0.2", first=19)]}, ["old"])
    after = {entry.key: entry for entry in store.prefix("/vnf-agent/").entries}
    assert before.keys() == after.keys()
    assert [key for key in after if after[key] != before[key]] == [key_of(19)], "who watches the keys sees one change"
    assert done["new"].revision == after[key_of(19)].revision and done["new"].left == []
    assert CNFConfigurations(store).read("new").record.keys.keys() == after.keys() and CNFConfigurations(store).read("old") is None
    CNFConfigurations(store).remove("new")
    assert keys(store) == {}


def test_keys_go_from_one_configuration_to_another_and_back_in_a_circle(store):
    three = {name: routes(2, first=2 * at) for at, name in enumerate("abc")}
    publish_all(store, three)
    before = store.prefix("/vnf-agent/").entries
    publish_all(store, {"a": three["b"], "b": three["c"], "c": three["a"]})
    assert store.prefix("/vnf-agent/").entries == before
    publish_all(store, {"a": three["a"] + three["b"], "b": [], "d": three["c"]}, ["c"])
    assert store.prefix("/vnf-agent/").entries == before
    assert {record.name: len(record.keys) for record in records(store)} == {"a": 4, "b": 0, "d": 2}


def test_more_than_a_transaction_holds_can_be_renamed(store):
    CNFConfigurations(store).publish("old", routes(500))
    publish_all(store, {"new": routes(500)}, ["old"])
    publish_all(store, {"other": routes(250), "new": routes(250, first=250)})
    assert len(keys(store)) == 500 and CNFConfigurations(store).read("other").foreign == []


def test_a_key_that_stays_anothers_is_refused_though_others_move(store):
    CNFConfigurations(store).publish_all({"a": routes(1), "b": routes(1, first=1)})
    before = store.prefix("/").entries
    for check in (True, False):
        results = CNFConfigurations(store).publish_all({"new": routes(2)}, ["a"], check_mode=check)
        assert isinstance(results["new"], KeyConflict) and "configuration b" in results["new"].message
        assert results["a"].changed
        assert not check or store.prefix("/").entries == before


def test_a_key_of_somebody_else_is_not_overwritten_unless_told(store):
    configurations = CNFConfigurations(store)
    store.put(key_of(0), b'{"by":"hand"}')
    with pytest.raises(KeyConflict, match="was written by somebody else, no configuration of ours"):
        configurations.publish("a", routes(2))
    assert keys(store) == {key_of(0): {"by": "hand"}}
    assert configurations.publish("a", routes(2), take_over=True).changed
    assert set(keys(store)) == {key_of(0), key_of(1)}
    assert configurations.remove("a").changed
    assert keys(store) == {}


def test_a_key_that_is_as_wanted_is_taken_over_as_it_is(store):
    configurations = CNFConfigurations(store)
    revision = store.put(key_of(0), json.dumps({"gw_addr": "10.0.0.1", "dst_network": "10.0.0.0/24", "outgoing_interface": "tap0"}).encode())
    result = configurations.publish("a", routes(1), take_over=True)
    assert result.changed
    assert store.get(key_of(0))[1].revision == revision
    assert not configurations.publish("a", routes(1)).changed


@pytest.mark.parametrize("value", [b'{"by":"hand"}', b"\xff not JSON"])
def test_a_key_that_somebody_wrote_over_is_theirs(store, value):
    configurations = CNFConfigurations(store)
    configurations.publish("a", routes(2))
    store.put(key_of(0), value)
    assert configurations.read("a").foreign == [key_of(0)]
    with pytest.raises(KeyConflict, match=f"{key_of(0)} was written by somebody else"):
        configurations.publish("a", routes(2))
    result = configurations.remove("a")
    assert result.left == [key_of(0)]
    assert store.get(key_of(0))[1].value == value
    assert store.get(key_of(1))[1] is None


def test_a_key_that_somebody_removed_comes_back(store):
    configurations = CNFConfigurations(store)
    configurations.publish("a", routes(2))
    store.delete(key_of(0))
    assert configurations.publish("a", routes(2)).changed
    assert set(keys(store)) == {key_of(0), key_of(1)}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Item("no.such", "thing", "v1", "", "cnf", Value("no.such/thing", "config/x", {}), "f:1"), "f:1: no.such/thing is no kind"),
        (Item("linux.l3", "route", "v2", "", "", Value("linux.l3/route", "", {}), "f:1"), "microservice '' cannot be a part of a key"),
        (Item("linux.l3", "route", "v2", "", "a/b", Value("linux.l3/route", "", {}), "f:1"), "microservice 'a/b' cannot be a part of a key"),
        (Item("linux.l3", "route", "v2", "", "a", Value("linux.l3/route", "", {"dst_network": "x"}), "f:1"), "f:1.*dst_network"),
    ],
)
def test_what_is_no_item_is_refused_before_anything_is_written(store, given, said):
    with pytest.raises(InvalidItems, match=said):
        CNFConfigurations(store).publish("a", [*routes(1), given])
    assert keys(store, "/") == {}


def test_one_key_twice_in_a_configuration(store):
    with pytest.raises(InvalidItems, match="is there twice in one configuration"):
        CNFConfigurations(store).publish("a", [*routes(1), *routes(1, gateway="10.0.0.2")])
    assert CNFConfigurations(store).publish("a", [*routes(1), *routes(1)]).changed


def test_a_thousand_keys_take_eleven_requests(store):
    configurations = CNFConfigurations(store)
    store.get("/")  # connects
    before = store.requests
    result = configurations.publish("a", routes(1000))
    assert store.requests - before <= 11
    assert len(keys(store)) == 1000
    assert result.revision == store.get("/")[0] == store.get(RECORDS + "a")[1].revision
    before = store.requests
    assert not configurations.publish("a", routes(1000)).changed
    assert store.requests - before <= 2
    assert configurations.publish("a", routes(1000, gateway="10.0.0.2")).generation == 2
    assert {value["gw_addr"] for value in keys(store).values()} == {"10.0.0.2"}
    assert configurations.publish("a", routes(5)).changed
    assert len(keys(store)) == 5


def test_many_configurations_take_few_requests(store):
    configurations = CNFConfigurations(store)
    wanted = {f"c{at}": routes(1, first=at) for at in range(500)}
    store.get("/")
    before = store.requests
    results = configurations.publish_all(wanted)
    assert store.requests - before <= 24
    assert len(keys(store)) == 500
    assert {(each.changed, each.generation) for each in results.values()} == {(True, 1)}
    assert all(each.revision == store.get(next(iter(each.after)))[1].revision for each in list(results.values())[::50])
    assert all(configurations.read(f"c{at}").values == results[f"c{at}"].after for at in range(0, 500, 50))
    before = store.requests
    assert not any(each.changed for each in configurations.publish_all(wanted).values())
    assert store.requests - before <= 12
    told = configurations.publish_all({"c0": routes(1, gateway="10.0.0.3")}, absent=[f"c{at}" for at in range(1, 500)], check_mode=True)
    assert all(each.changed for each in told.values())
    assert len(keys(store)) == 500
    results = configurations.publish_all({"c0": routes(1, gateway="10.0.0.3")}, absent=[f"c{at}" for at in range(1, 500)])
    assert {name: each.before for name, each in results.items()} == {name: each.before for name, each in told.items()}
    assert keys(store) == results["c0"].after
    assert [record.name for record in records(configurations.store)] == ["c0"]


def test_of_many_configurations_only_the_wrong_ones_fail(store):
    configurations = CNFConfigurations(store)
    configurations.publish("old", routes(1, first=90))
    with pytest.raises(Killed):
        CNFConfigurations(store, between=dying(1)).publish("half", routes(200, first=400))
    store.put(key_of(50), b'{"by":"hand"}')
    store.put(RECORDS + "broken", b"?")
    wanted = {
        "good": routes(2),
        "twice": routes(2, first=1),
        "foreign": routes(1, first=50),
        "theirs": routes(1, first=90),
        "half": routes(1, first=400),
        "broken": routes(1, first=60),
        "invalid": [*routes(1, first=70), *routes(1, gateway="10.0.0.2", first=70)],
        "large": routes(150, first=200),
        "last": routes(1, first=80),
    }
    told = configurations.publish_all(wanted, check_mode=True)
    results = configurations.publish_all(wanted)
    wrong = {name: type(each) for name, each in results.items() if isinstance(each, Exception)}
    assert {name: type(each) for name, each in told.items() if isinstance(each, Exception)} == wrong
    assert told["twice"].context["conflicts"] == results["twice"].context["conflicts"] == [{"key": key_of(1), "owner": "good"}]
    assert wrong == {"twice": KeyConflict, "foreign": KeyConflict, "theirs": KeyConflict, "broken": EtcdError, "invalid": InvalidItems}
    assert "configuration good" in str(results["twice"])
    assert {key for key in keys(store) if key not in (key_of(50), key_of(90))} == {
        key for name in ("good", "half", "large", "last") for key in configurations.read(name).values
    }


def test_many_microservices_in_one_configuration(store):
    configurations = CNFConfigurations(store)
    given = [item for at in range(200) for item in routes(2, f"cnf{at}")]
    result = configurations.publish("a", given)
    assert len(keys(store)) == 400
    assert set(result.revisions) == {f"cnf{at}" for at in range(200)}
    assert all(result.revisions[key.split("/")[2]] >= entry.revision for key, entry in ((entry.key, entry) for entry in store.prefix("/vnf-agent/").entries))
    assert not configurations.publish("a", given).changed
    assert configurations.remove("a").changed
    assert keys(store) == {}


@pytest.mark.parametrize("at", range(3))
def test_a_killed_writer_is_finished_by_the_next(store, at):
    configurations = CNFConfigurations(store)
    configurations.publish("a", routes(100))
    wanted = [*routes(200, first=50), *routes(50, gateway="10.0.0.7")]
    with pytest.raises(Killed):
        CNFConfigurations(store, between=dying(at)).publish("a", wanted)
    assert recover(configurations) == ([] if at == 0 else ["a"])
    done = configurations.publish("a", wanted)
    assert done.changed == (at == 0)
    assert done.generation == 2
    assert keys(store) == done.after
    assert len(keys(store)) == 250
    assert recover(configurations) == []


@pytest.mark.parametrize("at", range(1, 4))
def test_a_killed_writer_is_undone_by_who_wants_something_else(store, at):
    configurations = CNFConfigurations(store)
    configurations.publish("a", routes(3))
    with pytest.raises(Killed):
        CNFConfigurations(store, between=dying(at)).publish("a", routes(300, first=1))
    assert configurations.publish("a", routes(3)).changed
    assert set(keys(store)) == {key_of(each) for each in range(3)}
    with pytest.raises(Killed):
        CNFConfigurations(store, between=dying(at)).publish("a", routes(300, first=1))
    assert configurations.remove("a").changed
    assert keys(store) == {}


def test_a_removal_that_was_killed_is_finished(store):
    configurations = CNFConfigurations(store)
    configurations.publish("a", routes(300))
    with pytest.raises(Killed):
        CNFConfigurations(store, between=dying(2)).remove("a")
    assert 0 < len(keys(store)) < 300
    assert recover(configurations) == ["a"]
    assert keys(store) == {}
    assert configurations.read("a") is None


def test_what_somebody_wrote_between_a_killed_writer_and_the_next_stays(store):
    configurations = CNFConfigurations(store)
    with pytest.raises(Killed):
        CNFConfigurations(store, between=dying(2)).publish("a", routes(300))
    missing = sorted({key_of(at) for at in range(300)} - keys(store).keys())
    store.put(missing[0], b'{"by":"hand"}')
    recover(configurations)
    assert len(keys(store)) == 300
    assert store.get(missing[0])[1].value == b'{"by":"hand"}'
    assert configurations.read("a").foreign == []
    configurations.remove("a")
    assert keys(store) == {missing[0]: {"by": "hand"}}


def test_a_process_killed_in_the_middle(store, shared_etcd):
    child = os.fork()
    if not child:  # pragma: no cover
        os.execvp("python", ["python", "-c", CHILD, shared_etcd.endpoint])
    _pid, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert 0 < len(keys(store)) < 500
    assert recover(CNFConfigurations(store)) == ["a"]
    assert len(keys(store)) == 500


CHILD = """
import itertools, os, sys
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configurations import CNFConfigurations
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import Access, EtcdStore
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import load_objects
steps = itertools.count()
def between():
    if next(steps) == 3:
        os.kill(os.getpid(), 9)
item = {"module": "linux.l3", "type": "route", "data": "{outgoing_interface: tap0, dst_network: 10.%d.%d.0/24}"}
given = [{**item, "data": item["data"] % (at // 200, at % 200)} for at in range(500)]
document = {"apiVersion": "pantheon.tech/v1", "kind": "CNFConfiguration", "metadata": {"name": "a"}, "spec": {"microservice": "cnf", "configItems": given}}
CNFConfigurations(EtcdStore(Access((sys.argv[1],))), between=between).publish("a", load_objects([document]).configurations[0].items)
"""


def test_writers_of_one_configuration_that_race(store, shared_etcd):
    """Whoever is last, it is one of them whole."""
    failures = []

    def write(gateway):
        try:
            with open_store(shared_etcd.access()) as mine:
                for _each in range(3):
                    CNFConfigurations(mine).publish("a", routes(200, gateway=gateway))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(f"10.0.0.{at}",)) for at in range(1, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len({value["gw_addr"] for value in keys(store).values()}) == 1
    assert len(keys(store)) == 200
    assert recover(CNFConfigurations(store)) == []


def test_of_two_that_race_for_a_key_one_gets_it(store, shared_etcd):
    with open_store(shared_etcd.access()) as other:
        once = []

        def between():
            if not once:
                once.append(CNFConfigurations(other).publish("b", routes(1)))

        with pytest.raises(KeyConflict, match="was written by configuration b"):
            CNFConfigurations(store, between=between).publish("a", routes(2))
    assert set(keys(store)) == {key_of(0)}


def test_somebody_who_writes_in_the_middle_of_a_large_one(store):
    steps = []

    def between():
        steps.append(1)
        if len(steps) == 3:
            store.put(key_of(299), b'{"by":"hand"}')

    with pytest.raises(KeyConflict, match=f"{key_of(299)} was written by somebody else.*What of an earlier attempt could be written was"):
        CNFConfigurations(store, between=between).publish("a", routes(300, first=0))
    assert store.get(key_of(299))[1].value == b'{"by":"hand"}'
    assert recover(CNFConfigurations(store)) == []
    CNFConfigurations(store).remove("a")
    assert set(keys(store)) == {key_of(299)}


def test_etcd_killed_under_a_writer(etcd):
    etcd.start()
    with open_store(etcd.access()) as store:
        steps = []

        def between():
            steps.append(1)
            if len(steps) == 3:
                etcd.kill()

        with pytest.raises(Unreachable):
            CNFConfigurations(store, between=between).publish("a", routes(300))
        etcd.start()
        assert 0 < len(keys(store)) < 300
        assert CNFConfigurations(store).publish("a", routes(300)).changed
        assert len(keys(store)) == 300


def test_a_record_that_is_none_stops_everything(store):
    store.put(RECORDS + "a", b"not ours")
    for action in (
        lambda: CNFConfigurations(store).publish("a", routes(1)),
        lambda: CNFConfigurations(store).remove("a"),
        lambda: recover(CNFConfigurations(store)),
    ):
        with pytest.raises(EtcdError, match=f"{RECORDS}a"):
            action()
    store.put(RECORDS + "a", b'{"version":2}')
    with pytest.raises(EtcdError, match="in form 2"):
        CNFConfigurations(store).publish("a", routes(1))
    assert keys(store) == {}


def test_a_microservice_belongs_to_one_scope_while_it_has_keys(store):
    here, there = CNFConfigurations(store, scope="namespace here"), CNFConfigurations(store, scope="namespace there")
    here.publish("here/a", routes(1))
    here.publish("here/b", routes(1, first=1))
    with pytest.raises(MicroserviceConflict, match="microservice cnf belongs to namespace here, not to namespace there") as caught:
        there.publish("there/a", routes(1, first=2))
    assert caught.value.context == {"microservice": "cnf", "owner": "namespace here"}
    CNFConfigurations(store).publish("by hand", routes(1, first=3))
    CNFConfigurations(store).remove("by hand")
    here.remove("here/a")
    with pytest.raises(MicroserviceConflict):
        there.publish("there/a", routes(1, first=2))
    here.publish_all({}, absent=["here/b"])
    assert there.publish("there/a", routes(1, first=2)).changed


def test_a_microservice_is_not_given_back_while_another_writes_for_it(store):
    here, there = CNFConfigurations(store, scope="namespace here"), CNFConfigurations(store, scope="namespace there")
    here.publish("here/a", routes(1))
    left = [lambda: here.publish("here/b", routes(1, first=1))]
    CNFConfigurations(store, scope="namespace here", between=lambda: left and left.pop()()).remove("here/a")
    assert not left and list(keys(store)) == [key_of(1)]
    with pytest.raises(MicroserviceConflict, match="belongs to namespace here"):
        there.publish("there/a", routes(1, first=2))


def test_an_emptied_store_is_no_order(etcd):
    etcd.start()
    with open_store(etcd.access()) as store:
        configurations = CNFConfigurations(store)
        assert check_epoch(store, "cnf").id == ""
        configurations.publish("a", routes(2))
        configurations.publish("b", routes(1, "other"))
        known = check_epoch(store, "cnf")
        assert check_epoch(store, "cnf", known).id == known.id != ""
        etcd.restart(empty=True)
        with pytest.raises(StoreLost, match="it was emptied. Nothing is deleted until it is published again"):
            check_epoch(store, "cnf", known)
        configurations.publish("b", routes(1, "other"))
        with pytest.raises(StoreLost, match="another epoch has begun"):
            check_epoch(store, "cnf", known)
        configurations.publish("a", routes(2))
        assert check_epoch(store, "cnf", known).id != known.id
        assert store.get(EPOCH)[1] and store.get(MARKS + "cnf")[1]


def test_a_store_that_was_set_back(store):
    configurations = CNFConfigurations(store)
    configurations.publish("a", routes(1))
    known = check_epoch(store, "cnf")
    later = known._replace(revision=known.revision + 5)
    with pytest.raises(StoreLost, match=f"set back from revision {later.revision} to {known.revision}"):
        check_epoch(store, "cnf", later)
    renew_epoch(store)
    with pytest.raises(StoreLost):
        check_epoch(store, "cnf", later)
    assert configurations.publish("a", routes(1)).changed
    assert check_epoch(store, "cnf", later)


def test_an_epoch_that_is_none(store):
    store.commit((), [Put(EPOCH, b"[]")])
    with pytest.raises(EtcdError, match=f"key {EPOCH} .*holds something else"):
        check_epoch(store, "cnf")
