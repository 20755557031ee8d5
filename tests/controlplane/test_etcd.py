# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store on a real etcd: reads, transactions, leases, watches, and each way in which etcd can fail."""

from __future__ import annotations

import contextlib
import threading
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import (
    MOST,
    Access,
    At,
    Compacted,
    Delete,
    EtcdError,
    Get,
    Holds,
    LeaseGone,
    Put,
    Refused,
    StoreLost,
    Unreachable,
)

from tests.support.etcd import Certificates, Etcd, free_ports, open_store

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


def test_a_key_has_the_revision_it_was_written_at(store):
    assert store.get("/a")[1] is None
    first = store.put("/a", b"1")
    second = store.put("/a", "ü".encode())
    revision, entry = store.get("/a")
    assert (entry.value.decode(), entry.revision, entry.created, revision) == ("ü", second, first, second)
    assert store.range("/a", revision=first).entries[0].value == b"1"
    store.delete("/a")
    assert store.get("/a")[1] is None


def test_a_prefix_is_read_in_pages_at_one_revision(store):
    for at in range(25):
        store.put(f"/p/{at:02}", b"x")
    store.put("/q", b"not in it")
    before = store.requests
    found = store.prefix("/p/", page=10)
    assert [entry.key for entry in found.entries] == [f"/p/{at:02}" for at in range(25)]
    assert store.requests - before == 3
    assert store.prefix("/p/", keys_only=True).entries[0].value == b""


def test_a_transaction_is_all_or_nothing(store):
    at = store.put("/a", b"1")
    done = store.commit([At("/a", at), At("/b", 0), Holds("/a", b"1")], [Put("/b", b"2"), Delete("/a"), Get("/b")])
    assert done.succeeded
    assert done.answers[0][0].value == b"2"
    lost = store.commit([At("/b", 0)], [Put("/b", b"3")], [Get("/b"), Get("/a")])
    assert not lost.succeeded
    assert lost.answers[0][0].revision == done.revision
    assert lost.answers[1] == []
    with pytest.raises(EtcdError, match="more than 128 operations"):
        store.commit((), [Put(f"/{each}", b"") for each in range(MOST + 1)])


def test_a_lease_takes_its_keys_along(store):
    lease = store.grant(60)
    store.put("/l", b"1", lease)
    assert store.get("/l")[1].lease == lease
    assert store.keep(lease) == 60
    store.revoke(lease)
    assert store.get("/l")[1] is None
    store.revoke(lease)
    with pytest.raises(LeaseGone, match="lease"):
        store.keep(lease)
    with pytest.raises(LeaseGone):
        store.put("/l", b"1", lease)


def test_a_watch_tells_all_changes_from_a_revision_on(store):
    first = store.put("/w/a", b"1")
    store.put("/other", b"1")
    store.put("/w/b", b"")
    last = store.delete("/w/a")
    with store.watch("/w/", first) as watch:
        events = []
        while len(events) < 3:
            events += watch.get(5).events
        assert [(event.key, event.value) for event in events] == [("/w/a", b"1"), ("/w/b", b""), ("/w/a", None)]
        assert watch.revision == last
        assert watch.get(0.05) is None
        began = time.monotonic()
        threading.Timer(0.1, store.put, ("/w/c", b"3")).start()
        assert watch.get(5).events[0].key == "/w/c"
        assert time.monotonic() - began < 4


def test_a_compacted_watch_says_so(store, shared_etcd):
    first = store.put("/w/a", b"1")
    last = store.put("/w/a", b"2")
    shared_etcd.control("compact", str(last))
    with store.watch("/w/", first) as watch, pytest.raises(Compacted, match=f"revision {first} was compacted, the oldest is {last}: read again") as caught:
        watch.get(5)
    assert caught.value.revision == last
    with pytest.raises(Compacted, match="read again"):
        store.range("/w/a", revision=first)


def test_a_watch_beyond_what_the_store_has_is_of_another_store(store):
    revision = store.put("/w/a", b"1")
    with store.watch("/w/", revision + 1) as watch:
        assert watch.get(0.1) is None
    with store.watch("/w/", revision + 2) as watch, pytest.raises(StoreLost, match="emptied or set back"):
        watch.get(5)


def test_a_closed_watch_and_a_closed_store_leave_no_thread(shared_etcd):
    before = threading.active_count()
    store = open_store(shared_etcd.access())
    watch = store.watch("/w/", store.put("/w/a", b"1"))
    threading.Timer(0.1, watch.close).start()
    with pytest.raises(EtcdError, match="closed"):
        for _each in range(100):
            watch.get(5)
    store.close()
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert threading.active_count() == before, threading.enumerate()


def test_etcd_that_is_down_is_said_at_once_and_found_when_it_is_there(etcd):
    with open_store(etcd.access()) as store:
        began = time.monotonic()
        with pytest.raises(Unreachable, match=rf"cannot be reached, reading /a: {etcd.endpoint}: .*refused"):
            store.get("/a")
        assert time.monotonic() - began < 4
        etcd.start()
        store.put("/a", b"1")
        etcd.restart()
        assert store.get("/a")[1].value == b"1"
        etcd.kill()
        with pytest.raises(Unreachable):
            store.put("/a", b"2")


def test_who_does_not_answer_is_not_waited_for_longer_than_allowed():
    import socket

    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        with open_store(Access((f"127.0.0.1:{deaf.getsockname()[1]}",), dial_timeout=0.5, timeout=0.5)) as store:
            began = time.monotonic()
            with pytest.raises(Unreachable):
                store.get("/a")
            assert time.monotonic() - began < 4


def test_the_next_endpoint_is_taken_when_one_fails(etcd, shared_etcd):
    down = f"127.0.0.1:{free_ports(1)[0]}"
    etcd.start()
    with open_store(Access((down, etcd.endpoint, shared_etcd.endpoint), dial_timeout=2, timeout=5)) as store:
        store.put("/failover", b"etcd")
        assert "/failover" in etcd.control("get", "/failover")
        etcd.kill()
        with contextlib.suppress(Unreachable):  # a write that was under way when it ended may have been done: that is said, not tried again
            store.put("/failover", b"shared")
        store.put("/failover", b"shared")
        assert shared_etcd.control("get", "--print-value-only", "/failover").strip() == "shared"
    with open_store(Access((down,))) as store, pytest.raises(Unreachable, match=down):
        store.put("/a", b"")


def test_a_watch_of_an_etcd_that_dies_says_where_to_go_on(etcd):
    etcd.start()
    with open_store(etcd.access()) as store:
        revision = store.put("/w/a", b"1")
        watch = store.watch("/w/", revision)
        assert watch.get(5).revision == revision
        etcd.kill()
        with pytest.raises(Unreachable, match="watching /w/"):
            watch.get(5)
        watch.close()
        etcd.start()
        again = store.put("/w/b", b"2")
        with store.watch("/w/", watch.revision + 1) as watch:
            assert watch.get(5).revision == again


def test_tls_with_a_client_certificate(certificates, tmp_path):
    etcd = Etcd(tmp_path, certificates, client_certificates=True)
    try:
        etcd.start()
        cert, key = certificates.client
        with open_store(etcd.access(cert=cert, key=key)) as store:
            store.put("/a", b"1")
            assert etcd.control("get", "--print-value-only", "/a").strip() == "1"
        with open_store(etcd.access()) as store, pytest.raises(Unreachable, match="does not take our certificate, or wants one"):
            store.get("/a")
        other = tmp_path / "other"
        other.mkdir()
        with open_store(etcd.access(ca=Certificates(other).ca, cert=cert, key=key)) as store, pytest.raises(Unreachable, match="certificate does not hold"):
            store.get("/a")
        with open_store(Access((etcd.endpoint,))) as store, pytest.raises(Unreachable, match="does it want TLS"):
            store.get("/a")
    finally:
        etcd.stop()


def test_an_expired_certificate_is_said(certificates, tmp_path):
    etcd = Etcd(tmp_path, certificates)
    server, certificates.server = certificates.server, certificates.expired
    try:
        etcd.start()
        with open_store(etcd.access()) as store, pytest.raises(Unreachable, match="certificate does not hold: certificate has expired"):
            store.get("/a")
    finally:
        certificates.server = server
        etcd.stop()


def test_users_passwords_and_permissions(certificates, tmp_path):
    etcd = Etcd(tmp_path, certificates)
    try:
        etcd.start()
        with open_store(etcd.access(user="root", password=PASSWORD)) as store, pytest.raises(Refused, match="no authentication switched on"):
            store.get("/a")
        etcd.add_users(PASSWORD)
        with open_store(etcd.access(user="root", password="wrong " + PASSWORD)) as store, pytest.raises(Refused, match="invalid user ID or password") as caught:
            store.get("/a")
        assert PASSWORD not in str(caught.value)
        assert PASSWORD not in repr(store.access)
        with open_store(etcd.access()) as store, pytest.raises(Refused, match="wants a user and a password"):
            store.get("/a")
        with open_store(etcd.access(user="reader", password=PASSWORD)) as store:
            store.prefix("/vnf-agent/")
            with pytest.raises(Refused, match="writing /vnf-agent/a: permission denied"):
                store.put("/vnf-agent/a", b"1")
        with open_store(etcd.access(user="root", password=PASSWORD)) as store:
            store.put("/vnf-agent/a", b"1")
            etcd.restart()  # forgets its tokens, as time does
            assert store.get("/vnf-agent/a")[1].value == b"1"
            store.put("/vnf-agent/a", b"2")
            with store.watch("/vnf-agent/", 1) as watch:
                assert watch.get(5).events
    finally:
        etcd.stop()


@pytest.mark.parametrize(
    ("access", "said"),
    [
        (Access(()), "no endpoint"),
        (Access(("somewhere",)), "endpoint somewhere: is not host:port"),
        (Access(("ftp://a:1",)), "ftp://"),
        (Access(("a:1",), cert="c"), "the key is missing"),
        (Access(("a:1",), user="me"), "password is missing"),
        (Access(("a:1",), user="me", password=PASSWORD), "without TLS everybody on the way can read the password of user me"),
        (Access(("a:1", "http://b:1"), tls=True), "http://b:1 is without TLS"),
        (Access(("a:1",), ca="/no/such"), "CA /no/such: No such file"),
    ],
)
def test_what_cannot_be_right_is_said_before_anything_is_sent(access, said):
    with pytest.raises(EtcdError, match=said) as caught:
        open_store(access)
    assert PASSWORD not in str(caught.value)


def test_a_password_goes_without_tls_only_when_allowed(etcd):
    etcd.start()
    etcd.add_users(PASSWORD)
    with open_store(etcd.access(user="root", password=PASSWORD, plain_password=True)) as store:
        store.put("/a", b"1")
