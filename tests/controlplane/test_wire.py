# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What we put on the wire is what protobuf puts there, and what etcd answers is read as protobuf reads it."""

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.store import wire
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import EtcdError, library
from hypothesis import given
from hypothesis import strategies as st

KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)
NUMBERS = st.integers(0, 2**63 - 1)
VALUES = st.binary(max_size=300)


@pytest.fixture(scope="module")
def rpc():
    try:
        return library()
    except EtcdError as error:
        pytest.skip(str(error))


@given(key=KEYS, end=KEYS, value=VALUES, revision=st.integers(0, 2**63 - 2), lease=NUMBERS)
def test_a_transaction(rpc, key, end, value, revision, lease):
    ours = wire.transaction(
        [wire.at(key, revision), wire.holds(key, value), wire.still(key, end, revision)],
        [wire.put(key, value, lease), wire.delete(key)],
        [wire.get(key), wire.get(key, end)],
    )
    raw = key.encode()
    theirs = rpc.TxnRequest(
        compare=[
            rpc.Compare(key=raw, target=rpc.Compare.MOD, result=rpc.Compare.EQUAL, mod_revision=revision),
            rpc.Compare(key=raw, target=rpc.Compare.VALUE, result=rpc.Compare.EQUAL, value=value),
            rpc.Compare(key=raw, range_end=end.encode(), target=rpc.Compare.MOD, result=rpc.Compare.LESS, mod_revision=revision + 1),
        ],
        success=[
            rpc.RequestOp(request_put=rpc.PutRequest(key=raw, value=value, lease=lease)),
            rpc.RequestOp(request_delete_range=rpc.DeleteRangeRequest(key=raw)),
        ],
        failure=[rpc.RequestOp(request_range=rpc.RangeRequest(key=raw)), rpc.RequestOp(request_range=rpc.RangeRequest(key=raw, range_end=end.encode()))],
    )
    assert ours == theirs.SerializeToString()


@given(key=KEYS, end=KEYS, limit=NUMBERS, revision=NUMBERS, keys_only=st.booleans())
def test_a_read(rpc, key, end, limit, revision, keys_only):
    theirs = rpc.RangeRequest(key=key.encode(), range_end=end.encode(), limit=limit, revision=revision, keys_only=keys_only)
    assert wire.reading(key, end, limit, revision, keys_only) == theirs.SerializeToString()


@given(revision=NUMBERS, more=st.booleans(), entries=st.lists(st.tuples(KEYS, VALUES, NUMBERS, NUMBERS, NUMBERS), max_size=4), succeeded=st.booleans())
def test_answers(rpc, revision, more, entries, succeeded):
    answer = rpc.RangeResponse(more=more, count=7)
    answer.header.revision, answer.header.cluster_id, answer.header.member_id = revision, 2**64 - 1, 5
    for key, value, changed, created, lease in entries:
        answer.kvs.add(key=key.encode(), value=value, mod_revision=changed, create_revision=created, lease=lease, version=3)
    read = wire.range_answer(answer.SerializeToString())
    assert read == wire.RangeAnswer(revision, more, entries)
    done = rpc.TxnResponse(succeeded=succeeded)
    done.header.revision = revision
    done.responses.add().response_put.header.revision = revision
    done.responses.add().response_range.CopyFrom(answer)
    assert wire.txn_answer(done.SerializeToString()) == wire.TxnAnswer(revision, succeeded, [read])


@pytest.mark.parametrize("data", [b"\x0a\x05a", b"\x08\xff", b"\x0b", b"\xff"])
def test_what_is_cut_off_is_no_answer(data):
    with pytest.raises(wire.WireError, match="an answer of etcd"):
        list(wire.fields(data))


def test_numbers_of_a_fixed_size_are_passed_over():
    assert list(wire.fields(b"\x09" + bytes(8) + b"\x15" + bytes(4) + b"\x18\x07")) == [(3, 7)]
