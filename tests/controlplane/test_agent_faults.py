# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent when etcd, the agent itself or its namespace fail: what works goes on to work, and comes back by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import load_objects
from ansible_collections.pantheon.cnf.plugins.module_utils.store.configurations import CNFConfigurations
from ansible_collections.pantheon.cnf.plugins.module_utils.store.epoch import renew_epoch
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import MANAGERS, report

from tests.support.agents import FAR, LINK, LINK_KEY, ROUTE, ROUTE_KEY, eventually, put
from tests.support.etcd import open_store

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")


def document(*items):
    """Items of a configuration of the CNF lab."""
    items = [{"module": module, "type": type, "data": data} for module, type, data in items]
    one = {"apiVersion": "pantheon.tech/v1", "kind": "CNFConfiguration", "metadata": {"name": "lab"}, "spec": {"microservice": "lab", "configItems": items}}
    return load_objects([one]).configurations[0].items


def routes(count):
    """So many routes over the link."""
    return [("linux.l3", "route", {"dst_network": f"10.{at // 250 + 20}.{at % 250}.0/24", "outgoing_interface": "lan", "scope": "LINK"}) for at in range(count)]


def has_route(namespace):
    return "via 10.0.0.9" in namespace.run("ip", "route", "show", "10.9.0.0/16")


def count(namespace):
    """How many of L(routes) are there."""
    return sum(line.startswith("10.2") for line in namespace.run("ip", "route", "show").splitlines())


def test_etcd_that_is_away(agents, etcd, namespace):
    """Down at the start, then there, then killed, then back: what was good last stays good, and is repaired meanwhile."""
    agent = agents(etcd.access(), "lab", namespace=namespace.name, ttl=3).start()
    eventually(lambda: agent.page("/liveness")[0] == 200)
    assert agent.page("/readiness")[0] == 503
    etcd.start()
    with open_store(etcd.access()) as store:
        agent.applied(store, put(store, "lab", FAR, LINK, ROUTE))
        assert has_route(namespace)
        etcd.kill()
        eventually(lambda: '"state": "Unreachable"' in agent.page("/readiness")[1])
        assert agent.page("/readiness")[0] == 200
        namespace.ip("route delete 10.9.0.0/16")
        eventually(lambda: has_route(namespace), what="the route")
        time.sleep(3)  # until its lease is over
        etcd.start()
        agent.applied(store, put(store, "lab", *routes(1)))
        agent.state(store, ROUTE_KEY, "CONFIGURED")
        assert (has_route(namespace), count(namespace)) == (True, 1)
        assert agent.stop() == 0


def test_an_emptied_store_is_no_order(agents, etcd, namespace):
    etcd.start()
    agent = agents(etcd.access(), "lab", namespace=namespace.name, ttl=3).start()
    with open_store(etcd.access()) as store:
        agent.applied(store, CNFConfigurations(store).publish("lab", document(FAR, LINK, ROUTE)).revision)

        def lost():
            eventually(lambda: agent.status(store).state == "StoreLost", what="StoreLost")
            assert has_route(namespace)

        etcd.restart(empty=True)
        lost()
        agent.kill()
        agent.start()  # remembers
        eventually(lambda: '"state": "StoreLost"' in agent.page("/readiness")[1])
        lost()
        put(store, "lab", *routes(1))  # by somebody who knows of no epochs
        other = CNFConfigurations(store)
        other.publish("other", [each._replace(microservice="other") for each in document(*routes(1))])
        lost()
        assert count(namespace) == 0
        result = other.publish("lab", document(FAR, LINK, ROUTE, *routes(1)), take_over=True)
        assert agent.applied(store, result.revision).state == "OK"
        assert report(store, other.read("lab").record)[:2] == ("True", "Applied")
        assert (has_route(namespace), count(namespace)) == (True, 1)
        etcd.wipe()  # its keys are removed one by one, and the epoch with them
        lost()
        assert (has_route(namespace), count(namespace)) == (True, 1)
        result = other.publish("lab", document(FAR, LINK))
        assert agent.applied(store, result.revision).state == "OK"
        assert not has_route(namespace)
        # Another epoch without any change of its keys (a store that was set back, and published again): it is followed.
        renew_epoch(store)
        other.publish("lab", document(FAR, LINK))
        eventually(lambda: report(store, other.read("lab").record)[:2] == ("True", "Applied"))
        # And what is removed in it is removed.
        agent.applied(store, other.remove("lab").revision or store.get("/")[0])
        eventually(lambda: "lan" not in namespace.run("ip", "-o", "link"), what="the removal")


def test_what_was_never_published_is_no_order(agents, store, namespace):
    """An agent that comes to a CNF that was configured without one touches nothing until something is published."""
    first = agents(store.access, "lab", namespace=namespace.name).start()
    first.applied(store, put(store, "lab", FAR, LINK, ROUTE))
    first.stop()
    for entry in store.prefix("/vnf-agent/lab/config/").entries:
        store.delete(entry.key)
    second = agents(store.access, "lab", namespace=namespace.name, state_folder=str(first.folder / "new")).start()
    second.applied(store, 1)
    assert has_route(namespace)
    second.applied(store, put(store, "lab", FAR, LINK))
    assert not has_route(namespace)


def test_what_others_removed_before_is_no_order(agents, store, namespace):
    """Published and removed while an agent was away: an order to the one that followed it, none to one that comes anew."""
    configurations = CNFConfigurations(store)
    first = agents(store.access, "lab", namespace=namespace.name).start()
    first.applied(store, configurations.publish("lab", document(FAR, LINK, ROUTE)).revision)
    first.stop()
    configurations.remove("lab")
    new = agents(store.access, "lab", namespace=namespace.name, state_folder=str(first.folder / "new")).start()
    for _start in range(2):  # that it has seen the store since changes nothing
        new.applied(store, 1)
        assert has_route(namespace)
        new.stop()
        new.start()
    new.stop()
    first.start()
    eventually(lambda: not has_route(namespace), what="the removal")


def test_a_watch_that_was_compacted_away(agents, etcd, namespace):
    etcd.start()
    agent = agents(etcd.access(), "lab", namespace=namespace.name).start()
    with open_store(etcd.access()) as store:
        agent.applied(store, put(store, "lab", FAR, LINK, ROUTE))
        reads = agent.metric("store_reads_total")
        agent.process.send_signal(signal.SIGSTOP)
        for at in range(400):  # more than etcd keeps for who does not listen
            store.put("/vnf-agent/lab/config/foreign/v1/big", b'"%d%s"' % (at, b"x" * 30_000))
        store.delete("/vnf-agent/lab/config/foreign/v1/big")
        revision = put(store, "lab", *routes(3))
        etcd.control("compaction", str(revision))
        agent.process.send_signal(signal.SIGCONT)
        agent.applied(store, revision)
        assert count(namespace) == 3
        assert agent.metric("store_reads_total") == reads + 1


def test_a_writer_that_is_killed_half_way(agents, store, namespace):
    agent = agents(store.access, "lab", namespace=namespace.name).start()
    agent.applied(store, CNFConfigurations(store).publish("lab", document(FAR, LINK, ROUTE)).revision)

    class Killed(BaseException):
        pass

    steps = iter([None, None])

    def between():
        if next(steps, Killed) is Killed:
            raise Killed

    with pytest.raises(Killed):
        CNFConfigurations(store, between=between).publish("lab", document(FAR, LINK, ROUTE, *routes(300)))
    eventually(lambda: 0 < count(namespace) < 300, what="half of it")
    assert report(store, CNFConfigurations(store).read("lab").record)[:2] == ("False", "HalfWritten")
    result = CNFConfigurations(store).publish("lab", document(FAR, LINK, ROUTE, *routes(300)))
    agent.applied(store, result.revision)
    assert count(namespace) == 300
    assert report(store, CNFConfigurations(store).read("lab").record)[:2] == ("True", "Applied")


DIES = """
import os, signal, sys
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.agent import main
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.dataplane import LinuxDataplane
perform = LinuxDataplane.perform
def half(self, wave):
    if any(operation.key[0] == "route" for operation in wave):
        perform(self, wave[: len(wave) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
    return perform(self, wave)
LinuxDataplane.perform = half
sys.exit(main())
"""


def test_an_agent_that_is_killed_in_mid_apply(agents, store, namespace):
    revision = CNFConfigurations(store).publish("lab", document(FAR, LINK, ROUTE, *routes(9))).revision
    agent = agents(store.access, "lab", namespace=namespace.name).start(program=["-c", DIES])
    eventually(lambda: agent.process.poll() == -signal.SIGKILL, what="its end")
    assert 0 < count(namespace) + has_route(namespace) < 10
    agent.start()
    assert agent.applied(store, revision).state == "OK"
    assert (count(namespace), has_route(namespace)) == (9, True)
    eventually(lambda: report(store, CNFConfigurations(store).read("lab").record)[:2] == ("True", "Applied"))


FAILS = """
import os, sys
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.agent import main
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.dataplane import LinuxDataplane
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.routes import Routes
perform = LinuxDataplane.perform
def failing(self, wave):
    bad = [at for at, each in enumerate(wave) if each.after is not None and each.key[3:4] == ("10.20.3.0/24",) and os.path.exists(os.environ["BAD"])]
    result = perform(self, [each for at, each in enumerate(wave) if at not in bad])
    for at in bad:
        result.insert(at, "no, says the kernel")
    return result
LinuxDataplane.perform = failing
lower = Routes.lower
def defective(self, values, view):
    if any(value.data["dst_network"] == "10.20.5.0/24" for value in values) and os.path.exists(os.environ["BAD"]):
        raise ZeroDivisionError("oops")
    return lower(self, values, view)
Routes.lower = defective
sys.exit(main())
"""


def test_an_item_that_the_dataplane_refuses_half_way(agents, store, namespace, tmp_path):
    """All others are done; it is tried again and again, and no other change is undone with it. Neither does a defect of ours cost more than an item."""
    bad = tmp_path / "bad"
    bad.touch()
    key = "config/linux/l3/v2/route/10.20.3.0/24/lan"
    revision = CNFConfigurations(store).publish("lab", document(FAR, LINK, ROUTE, *routes(9))).revision
    agent = agents(store.access, "lab", namespace=namespace.name).start(program=["-c", FAILS], BAD=str(bad))
    agent.applied(store, revision)
    assert (count(namespace), has_route(namespace)) == (7, True)
    assert agent.state(store, "config/linux/l3/v2/route/10.20.5.0/24/lan", "FAILED").error == "not expected: ZeroDivisionError: oops"
    assert agent.state(store, key, "RETRYING").error.startswith("route 10.20.3.0/24 of table 254, metric 0: create failed: no, says the kernel.")
    with subprocess.Popen(["ip", "netns", "exec", namespace.name, "ip", "monitor", "route"], stdout=subprocess.PIPE, text=True) as monitor:
        time.sleep(0.2)
        agent.applied(store, CNFConfigurations(store).publish("lab", document(FAR, LINK, ROUTE, *routes(12))).revision)
        assert count(namespace) == 10
        agent.state(store, key, "FAILED")
        monitor.terminate()
        assert "Deleted" not in monitor.stdout.read()
    assert report(store, CNFConfigurations(store).read("lab").record)[:2] == ("False", "Failed")
    bad.unlink()
    agent.state(store, key, "CONFIGURED")
    eventually(lambda: count(namespace) == 12)
    eventually(lambda: report(store, CNFConfigurations(store).read("lab").record)[:2] == ("True", "Applied"))


def test_a_lease_that_ran_out(agents, store, namespace):
    agent = agents(store.access, "lab", namespace=namespace.name, ttl=3).start()
    agent.applied(store, put(store, "lab", FAR, LINK, ROUTE))
    store.revoke(store.get(MANAGERS + "lab")[1].lease)
    assert agent.item(store, LINK_KEY) is None
    agent.state(store, LINK_KEY, "CONFIGURED")
    assert agent.status(store).state == "OK"
    assert has_route(namespace)


def test_a_namespace_that_vanishes_and_comes_back(agents, store, namespace):
    agent = agents(store.access, "lab", namespace=namespace.name).start()
    agent.applied(store, put(store, "lab", FAR, LINK, ROUTE))
    subprocess.run(["ip", "netns", "delete", namespace.name], check=True)
    eventually(lambda: agent.status(store).state == "Failed", what="Failed")
    assert f"network namespace {namespace.name} does not exist" in agent.status(store).message
    assert agent.state(store, LINK_KEY, "PENDING").details == (f"network namespace {namespace.name}",)
    assert agent.page("/readiness")[0] == 503
    subprocess.run(["ip", "netns", "add", namespace.name], check=True)
    eventually(lambda: agent.status(store).state == "OK", what="OK")
    assert has_route(namespace)
    namespace.ip("route delete 10.9.0.0/16")
    eventually(lambda: has_route(namespace), what="the route")
