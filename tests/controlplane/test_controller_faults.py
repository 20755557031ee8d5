# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller when things go wrong around it, each on an etcd of its own."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.controller import main
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.leadership import KEY
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configurations import CNFConfigurations
from ansible_collections.pantheon.cnf.plugins.module_utils.store.epoch import EPOCH, check_epoch
from ansible_collections.pantheon.cnf.plugins.module_utils.store.record import RECORDS, record_of
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import ItemStatus, Reporter

from tests.controlplane.test_configurations import keys
from tests.support.cnfconfigurations import DEFINITION, with_crd
from tests.support.controller import Configurations, Controller, key_of, route, until
from tests.support.etcd import open_store


@pytest.fixture
def cnfs(cluster, api):
    found = Configurations(api, cluster.namespace("faults"))
    yield found
    found.drop(*found.names())


@pytest.fixture
def store(etcd):
    etcd.start()
    with open_store(etcd.access(dial_timeout=1.0, timeout=3.0)) as opened:
        yield opened


@pytest.fixture
def controller(cluster, cnfs, etcd, tmp_path):
    """Makes controllers, not started. They are gone afterwards."""
    made = []

    def make(name="one", **options):
        made.append(Controller(tmp_path, etcd, cluster.kubeconfig, name, **{"namespaces": [cnfs.namespace], **options}))
        return made[-1]

    yield make
    for each in made:
        each.kill()


def records(store, cnfs):
    prefix = f"{RECORDS}kubernetes/{cnfs.namespace}/"
    return {entry.key[len(prefix) :]: record_of(entry.key[len(RECORDS) :], [entry]) for entry in store.prefix(prefix).entries}


def test_what_was_deleted_while_it_was_down_is_swept_and_nothing_else(cnfs, store, controller):
    cnfs.put("goes", route("10.0.0.0/24"))
    cnfs.put("stays", route("10.0.1.0/24"))
    one = controller().start()
    cnfs.wait("stays", "Delivered", "True")
    cnfs.wait("goes", "Delivered", "True")
    assert one.stop() == 0
    cnfs.drop("goes")
    # What a module wrote, what another namespace has, and what nobody has a record of.
    elsewhere = CNFConfigurations(store, "namespace elsewhere")
    CNFConfigurations(store).publish("default/module", [])
    elsewhere.publish("kubernetes/elsewhere/a", [])
    store.put(key_of("10.0.9.0/24"), b"{}")
    controller().start().wait_ready()
    until(lambda: set(records(store, cnfs)) == {"stays"})
    assert set(keys(store)) == {key_of("10.0.1.0/24"), key_of("10.0.9.0/24")}
    names = {entry.key[len(RECORDS) :] for entry in store.prefix(RECORDS).entries}
    assert names == {"default/module", "kubernetes/elsewhere/a", f"kubernetes/{cnfs.namespace}/stays"}


@pytest.mark.parametrize("writes", [1, 2])
def test_one_that_was_killed_between_two_keys_is_finished(cnfs, store, controller, writes):
    items = [route(f"10.0.{at}.0/24") for at in range(200)]
    cnfs.put("many", *items)
    dying = controller("dying").start(dies_before=writes)
    assert dying.process.wait(60) == -signal.SIGKILL
    assert 0 < len(keys(store)) + len(records(store, cnfs)) < 201
    # It was changed while nobody was there: what the dead one had begun is not what is wanted any more.
    cnfs.put("many", *items[100:], route("10.1.0.0/24"))
    controller().start()
    cnfs.wait("many", "Delivered", "True")
    assert set(keys(store)) == {key_of("10.1.0.0/24"), *(key_of(f"10.0.{at}.0/24") for at in range(100, 200))}
    assert not records(store, cnfs)["many"].pending


def test_two_controllers_one_writes(cnfs, store, controller):
    one, two = controller("one").start().wait_ready(), controller("two").start().wait_ready(leading=False)
    assert '"leader": "one"' in two.ask("/readyz")[1]
    cnfs.put("a", route("10.0.0.0/24"))
    cnfs.wait("a", "Delivered", "True")
    assert one.metric("configurations_written_total") == 1
    # Held up, and over when it goes on: the other one has written since, and it writes nothing any more.
    one.send(signal.SIGSTOP)
    until(lambda: (held := store.get(KEY)[1]) is None or b'"two"' in held.value)
    cnfs.put("a", route("10.0.1.0/24"))
    cnfs.wait("a", "Delivered", "True")
    two.wait_ready()
    one.send(signal.SIGCONT)
    one.wait_ready(leading=False)
    cnfs.put("a", route("10.0.2.0/24"))
    cnfs.wait("a", "Delivered", "True")
    assert set(keys(store)) == {key_of("10.0.2.0/24")}
    assert one.metric("configurations_written_total") == 1
    # A clean end gives way at once, a kill when its lease is over.
    assert two.stop() == 0
    one.wait_ready()
    cnfs.put("a", route("10.0.3.0/24"))
    cnfs.wait("a", "Delivered", "True")


def test_etcd_is_away_comes_back_and_was_emptied(cnfs, store, etcd, controller):
    one = controller().start().wait_ready()
    cnfs.put("a", route("10.0.0.0/24"))
    cnfs.wait("a", "Delivered", "True")
    epoch = cnfs.get("a")["status"]["epoch"]
    etcd.kill()
    cnfs.put("b", route("10.0.1.0/24"))
    cnfs.wait("a", "Applied", "Unknown", "EtcdAway")
    assert "cannot be reached" in cnfs.wait("b", "Delivered", "False", "EtcdAway")
    assert one.ask("/readyz")[0] == 503
    assert one.ask("/healthz")[0] == 200
    etcd.restart()
    cnfs.wait("b", "Delivered", "True")
    cnfs.wait("a", "Applied", "Unknown", "NoAgent")
    assert set(keys(store)) == {key_of("10.0.0.0/24"), key_of("10.0.1.0/24")}
    assert cnfs.get("a")["status"]["epoch"] == epoch
    etcd.restart(empty=True)
    until(lambda: len(keys(store)) == 2)
    until(lambda: cnfs.get("a")["status"]["epoch"] not in ("", epoch))
    # So is one whose keys are wiped while it is connected.
    etcd.wipe()
    until(lambda: len(keys(store)) == 2)
    cnfs.drop("a", "b")
    until(lambda: not keys(store))


def test_etcd_was_set_back_while_it_was_down(cnfs, store, etcd, controller, tmp_path):
    """From the statuses it knows which revision was there: agents must not take an old state for a new one."""
    one = controller().start().wait_ready()
    cnfs.put("a", route("10.0.0.0/24"))
    cnfs.wait("a", "Delivered", "True")
    backup = tmp_path / "backup"
    etcd.kill()
    (etcd.folder / "data").rename(backup)
    shutil.copytree(backup, etcd.folder / "data")
    etcd.start()
    cnfs.put("a", *(route(f"10.0.{at}.0/24") for at in range(1, 4)))
    cnfs.wait("a", "Delivered", "True")
    for _each in range(5):
        cnfs.put("a", route("10.0.5.0/24", f"10.0.0.{_each + 2}"))
        cnfs.wait("a", "Delivered", "True")
    assert one.stop() == 0
    before = store.get(EPOCH)[1].value
    etcd.kill()
    shutil.rmtree(etcd.folder / "data")
    backup.rename(etcd.folder / "data")
    etcd.start()
    until(lambda: set(keys(store)) == {key_of("10.0.0.0/24")})
    controller("two").start().wait_ready()
    until(lambda: set(keys(store)) == {key_of("10.0.5.0/24")})
    assert store.get(EPOCH)[1].value != before


def test_the_api_server_is_restarted(cluster, cnfs, store, controller):
    one = controller().start().wait_ready()
    cnfs.put("a", route("10.0.0.0/24"))
    cnfs.wait("a", "Delivered", "True")
    cluster.stop_apiserver()
    try:
        agent = Reporter(store, "cnf", "host")
        agent.claim()
        state = ItemStatus("config/linux/l3/v2/route/10.0.0.0/24/tap0", "CONFIGURED", "CREATE")
        record = records(store, cnfs)["a"]
        agent.report([state], applied=record.revisions["cnf"], epoch=check_epoch(store, "cnf").id)
    finally:
        cluster.start_apiserver()
    # What was to be told meanwhile is told, and what is new is seen.
    cnfs.wait("a", "Applied", "True")
    cnfs.put("b", route("10.0.1.0/24"))
    cnfs.drop("a")
    cnfs.wait("b", "Delivered", "True")
    until(lambda: set(keys(store)) == {key_of("10.0.1.0/24")})
    assert one.process.poll() is None


def test_the_crd_comes_later_and_goes(cluster, api, cnfs, store, controller):
    name = "cnfconfigurations.pantheon.tech"
    try:
        api.delete([{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": name}}])
        until(lambda: api.get(DEFINITION, "", name) is None)
        one = controller().start()
        until(lambda: "cnfconfigurations" in one.ask("/readyz")[1], 60, lambda: one.ask("/readyz"))
    finally:
        with_crd(cluster.kubeconfig).close()
    cnfs.put("a", route("10.0.0.0/24"))
    cnfs.wait("a", "Delivered", "True", seconds=60)
    assert set(keys(store)) == {key_of("10.0.0.0/24")}


def test_a_thousand_are_made_and_deleted_at_once(cnfs, store, controller):
    one = controller().start().wait_ready()
    objects = [cnfs.object(f"c{at}", route(f"10.{at // 250}.{at % 250}.0/24"), microservice=f"cnf{at % 50}") for at in range(1000)]
    cnfs.api.apply(objects, before=[None] * 1000)
    until(lambda: len(keys(store)) == 1000, 60)
    cnfs.drop_all()
    until(lambda: not records(store, cnfs), 60)
    assert keys(store) == {}
    assert one.metric("configurations") == 0


def test_it_ends_when_it_is_told_whatever_is_away(cnfs, store, etcd, controller):
    one = controller().start().wait_ready()
    etcd.kill()
    time.sleep(1)
    begun = time.monotonic()
    assert one.stop() == 0
    assert time.monotonic() - begun < 15


HELD_UP = """
import sys, time
from ansible_collections.pantheon.cnf.plugins.module_utils.agent import controller
controller.HARD_END = 1
controller.Mirroring.stop = lambda self: time.sleep(60)
sys.exit(controller.main(["--settings", sys.argv[1]]))
"""


def test_what_holds_up_its_end_is_told_and_does_not(cluster, cnfs, etcd, tmp_path):
    made = Controller(tmp_path, etcd, cluster.kubeconfig, namespaces=[cnfs.namespace])
    with subprocess.Popen([sys.executable, "-c", HELD_UP, made.settings], stderr=subprocess.PIPE, text=True) as process:
        until(lambda: made.ask("/healthz")[0] == 200)
        process.terminate()
        told = process.communicate(timeout=30)[1]
    assert process.returncode == 1 and "Timeout (0:00:01)!" in told and "in <lambda>" in told


def test_wrong_settings_end_it_with_2_and_the_reason(etcd, tmp_path, capsys):
    wrong = {
        "unknown setting lees; did you mean lease?": {"lees": 1},
        "lease: is at least 2 seconds": {"lease": 1},
        "listen: x is not host:port": {"listen": "x"},
        "kubeconfig /no/such": {},
    }
    for told, option in wrong.items():
        made = Controller(tmp_path, etcd, "/no/such", **option)
        assert main(["--settings", str(made.settings)]) == 2
        assert told in capsys.readouterr().err


def test_a_wrong_password_is_told_without_it(cluster, cnfs, store, etcd, controller):
    etcd.add_users("right-right")
    secret = {"user": "root", "password": "s3cret-s3cret", "plain_password": True}
    one = controller(access=secret).start()
    until(lambda: "trouble" in (said := one.ask("/readyz")[1]) and "authentication failed" in said, 30, lambda: one.ask("/readyz"))
    assert "s3cret-s3cret" not in one.log.read_text()
    assert "s3cret-s3cret" not in one.ask("/readyz")[1]


def test_a_forbidden_verb_is_named(cluster, cnfs, store, etcd, tmp_path):
    one = Controller(tmp_path, etcd, cluster.kubeconfig_of(cnfs.namespace, "nobody"), namespaces=[cnfs.namespace]).start()
    try:
        until(lambda: "trouble" in (said := one.ask("/readyz")[1]) and "list cnfconfigurations.pantheon.tech" in said, 30, lambda: one.ask("/readyz"))
    finally:
        one.kill()
