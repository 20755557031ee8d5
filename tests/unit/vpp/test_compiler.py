# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the compiler makes of VPP's descriptions: the bytes of vpp-papi, and the values again."""

import functools
import ipaddress
import json
import struct

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import apifiles, compiler, layout, wire
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Shared
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vpp_papi.vpp_papi import VPPApiJSONFiles

from tests.doubles.vpp import catalogue

NEWEST = catalogue.releases()[-1]
IP4 = st.ip_addresses(v=4).map(str)
IP6 = st.ip_addresses(v=6).map(str)
TEXTS = {
    "vl_api_address_t": IP4 | IP6,
    "vl_api_ip4_address_t": IP4,
    "vl_api_ip6_address_t": IP6,
    "vl_api_prefix_t": st.tuples(IP4, st.integers(0, 32)).map("{0[0]}/{0[1]}".format) | st.tuples(IP6, st.integers(0, 128)).map("{0[0]}/{0[1]}".format),
    "vl_api_ip4_prefix_t": st.tuples(IP4, st.integers(0, 32)).map("{0[0]}/{0[1]}".format),
    "vl_api_ip6_prefix_t": st.tuples(IP6, st.integers(0, 128)).map("{0[0]}/{0[1]}".format),
    "vl_api_mac_address_t": st.binary(min_size=6, max_size=6).map(lambda raw: raw.hex(":")),
    "f64": st.floats(allow_nan=False),
}
SCALARS = {
    "bool": st.booleans(),
    **{f"{sign}{8 * size}": st.integers(0, 2 ** (8 * size) - 1) for sign, size in (("u", 1), ("u", 2), ("u", 4), ("u", 8))},
    **{f"i{8 * size}": st.integers(-(2 ** (8 * size - 1)), 2 ** (8 * size - 1) - 1) for size in (1, 2, 4, 8)},
}


class Union(dict):
    """One arm with its value; C(size): of the whole."""

    size = 0


def ascii_text(limit):
    return st.text(st.characters(min_codepoint=1, max_codepoint=126), max_size=limit)


@functools.cache
def descriptions(release):
    """Messages with their fields and types."""
    found = {}
    for content in catalogue.files(release).values():
        file = apifiles.File(content)
        found.update((name, file.described(name)) for name in file.messages)
    return found


@functools.cache
def compiled(name, release=NEWEST):
    described = descriptions(release)[name]
    made = described.fields, described.types
    return compiler.packer(*made), compiler.unpacker(*made), *made


@functools.cache
def papi():
    """vpp-papi's messages of the newest release: it can have but one in a process."""
    messages = {}
    for content in catalogue.files(NEWEST).values():
        messages.update(VPPApiJSONFiles.process_json_str(json.dumps(content))[0])
    return messages


def one(types, kind):
    if kind.form == "text":
        return TEXTS[kind.type]
    if kind.form == "scalar":
        return SCALARS[kind.type]
    if kind.form == "struct":
        return struct_values(types, types.fields(kind.type))

    def union(arm, value):
        made = Union({arm: value})
        made.size = kind.one
        return made

    return st.one_of([values(types, arm).map(functools.partial(union, arm.name)) for arm in types.fields(kind.type)])


def values(types, field):
    """Any value of a field, in the form that we and vpp-papi both take."""
    kind = types.kind(field)
    if kind.form == "string":
        return ascii_text((kind.elements or 40) - 1)
    if kind.elements is None:
        return one(types, kind)
    if kind.type == "u8":
        return st.binary(min_size=kind.elements, max_size=kind.elements or 20)
    return st.lists(one(types, kind), min_size=kind.elements, max_size=kind.elements or 3)


def struct_values(types, written, head=()):
    counters = {field.counter: field.name for field in written if field.counter}
    plain = {field.name: values(types, field) for field in written if field.name not in counters and field.name not in head}

    def count(made):
        return {**made, **{counter: len(made[array]) for counter, array in counters.items()}}

    return st.fixed_dictionaries(plain).map(count)


def arrived(value):
    """A value as it is unpacked again: of a union only the bytes."""
    if isinstance(value, Union):
        return value.size
    if isinstance(value, dict):
        return {name: arrived(each) for name, each in value.items()}
    return [arrived(each) for each in value] if isinstance(value, list) else value


def same(found, expected):
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(same(found[name], each) for name, each in expected.items())
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    return len(found) == expected if isinstance(found, bytes) and isinstance(expected, int) else found == expected


def kinds():
    """The messages by the kinds of fields that they have: of each some, of the rare ones all."""
    by_kind = {}
    for name in sorted(descriptions(NEWEST)):
        _pack, _unpack, written, types = compiled(name)
        kind = frozenset((types.kind(field).form, field.elements is not None, bool(field.counter), field.type) for field in written)
        by_kind.setdefault(kind, []).append(name)
    return [name for names in by_kind.values() for name in names[:2]]


def test_all_messages_of_all_releases_compile():
    for release in catalogue.releases():
        for name in descriptions(release):
            pack, unpack, written, _types = compiled(name, release)
            again = unpack(pack(1, 2, 3, {}), 0)
            assert again.keys() == {field.name for field in written} - set(compiler.HEAD), name


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_bytes_are_those_of_vpp_papi(data):
    name = data.draw(st.sampled_from(kinds()))
    pack, unpack, written, types = compiled(name)
    value = data.draw(struct_values(types, written, compiler.HEAD))
    head = {"_vl_msg_id": 700, "client_index": 0x80000001, "context": 9}
    packed = pack(700, 0x80000001, 9, value)
    assert packed == papi()[name].pack({**{field.name: head[field.name] for field in written if field.name in head}, **value})
    assert same(unpack(b"before" + packed + b"behind", 6), arrived(value))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_is_left_out_is_zero(data):
    name = data.draw(st.sampled_from(kinds()))
    pack, unpack, written, types = compiled(name)
    value = data.draw(struct_values(types, written, compiler.HEAD))
    counters = {field.counter for field in written}
    gone = data.draw(st.sets(st.sampled_from(sorted(value)))) if value else set()
    kept = {field: each for field, each in value.items() if field not in gone | counters}
    found, zeros = unpack(pack(1, 2, 3, kept), 0), unpack(pack(1, 2, 3, {}), 0)
    assert same({field: each for field, each in found.items() if field in kept}, arrived(kept))
    assert {field: found[field] for field in gone - counters} == {field: zeros[field] for field in gone - counters}


@settings(max_examples=300, deadline=None)
@given(st.binary(min_size=16, max_size=16) | st.binary(min_size=4, max_size=4).map(lambda raw: bytes(12) + raw))
def test_addresses_are_written_as_python_does(raw):
    assert wire.unpack_ip6(raw) == str(ipaddress.IPv6Address(raw))
    assert wire.unpack_ip4(raw[:4]) == str(ipaddress.IPv4Address(raw[:4]))


def test_a_next_hop_takes_text_bytes_or_an_arm():
    pack, unpack, *_rest = compiled("ip_route_add_del_v2")

    def hop(address):
        return unpack(pack(1, 2, 3, {"route": {"paths": [{"nh": {"address": address}}]}}), 0)["route"]["paths"][0]["nh"]["address"]

    assert hop("10.0.0.1") == hop({"ip4": "10.0.0.1"}) == hop(bytes((10, 0, 0, 1))) == bytes((10, 0, 0, 1)) + bytes(12)
    assert hop("2001:db8::1") == hop({"ip6": "2001:db8::1"}) == ipaddress.IPv6Address("2001:db8::1").packed


def test_elements_are_counted_and_a_wrong_number_is_an_error():
    pack, unpack, written, types = compiled("ip_route_add_del_v2")
    route = unpack(pack(1, 2, 3, {"route": {"paths": [{"weight": 1}, {"weight": 2}]}}), 0)["route"]
    assert route["n_paths"] == 2 and [each["weight"] for each in route["paths"]] == [1, 2]
    wrong = {"route": {"n_paths": 1, "paths": [{}, {}]}}
    with pytest.raises(ValueError) as error:
        pack(1, 2, 3, wrong)
    assert compiler.explain(pack, written, types, wrong, error.value) == ("route", "n_paths is 1, but paths has 2")


def test_a_list_that_many_calls_share_is_packed_once_for_each_message():
    def paths(weight):
        return Shared([{"weight": weight, "nh": {"address": "10.0.0.1"}}])

    shared = paths(3)
    for name in ("ip_route_add_del_v2", "ip_route_add_del"):
        pack, unpack, *_rest = compiled(name)
        alone = pack(1, 2, 3, {"route": {"paths": list(paths(3))}})
        assert pack(1, 2, 3, {"route": {"paths": shared}}) == alone
        # What is in it is not looked at again.
        shared[0]["weight"] = 4
        assert pack(1, 2, 3, {"route": {"paths": shared}}) == alone
        assert unpack(alone, 0)["route"]["paths"][0]["weight"] == 3
        shared = paths(3)
        pack(1, 2, 3, {"route": {"paths": shared}})


def test_arrays_of_a_fixed_size_are_filled_up():
    pack, unpack, *_rest = compiled("sw_interface_set_mtu")
    assert unpack(pack(1, 2, 3, {"mtu": [1500]}), 0)["mtu"] == [1500, 0, 0, 0]


ERRORS = [
    ("sw_interface_tag_add_del", {"tag": "x" * 64}, "tag", "has 64 characters, and VPP takes 63"),
    ("sw_interface_tag_add_del", {"tag": "é"}, "tag", "has other characters than ASCII"),
    ("sw_interface_tag_add_del", {"tag": "a\0b"}, "tag", "has a zero in it"),
    ("sw_interface_tag_add_del", {"is_add": "yes"}, "is_add", "'yes' is neither true nor false"),
    ("sw_interface_tag_add_del", {"is_add": 2}, "is_add", "2 is neither true nor false"),
    ("sw_interface_tag_add_del", {"tag": 7}, "tag", "7 is no text"),
    ("sw_interface_set_flags", {"sw_if_index": 1 << 32}, "sw_if_index", "4294967296 is no whole number from 0 to 4294967295"),
    ("sw_interface_set_flags", {"sw_if_index": -1}, "sw_if_index", "-1 is no whole number from 0 to 4294967295"),
    ("sw_interface_set_flags", {"sw_if_index": "1"}, "sw_if_index", "'1' is no whole number"),
    ("sw_interface_set_flags", {"sw_if_idx": 1}, "sw_if_idx", "there is no field sw_if_idx"),
    ("sw_interface_set_mtu", {"mtu": [1, 2, 3, 4, 5]}, "mtu", "has 5 elements, and VPP takes 4"),
    ("sw_interface_set_mtu", {"mtu": [1, -2]}, "mtu[1]", "-2 is no whole number from 0 to 4294967295"),
    ("sw_interface_set_mtu", {"mtu": "1500"}, "mtu", "'1500' is no list"),
    ("create_loopback_instance", {"mac_address": "02:fe:00:00:00"}, "mac_address", "is no MAC address"),
    ("create_loopback_instance", {"mac_address": "02-fe-00-00-00-01"}, "mac_address", "is no MAC address"),
    ("sw_interface_add_del_address", {"prefix": "10.0.0.1"}, "prefix", "is no address with the length of a prefix"),
    ("sw_interface_add_del_address", {"prefix": "10.0.0.1/33"}, "prefix", "is no address with the length of a prefix"),
    ("sw_interface_add_del_address", {"prefix": "10.0.0.256/24"}, "prefix", "'10.0.0.256' is no IPv4 address"),
    ("sw_interface_add_del_address", {"prefix": "fe80::1%eth0/64"}, "prefix", "'fe80::1%eth0' is no IPv6 address"),
    ("sw_interface_add_del_address", {"prefix": "2001:db8::1/129"}, "prefix", "is no address with the length of a prefix"),
    ("nat44_add_del_address_range", {"first_ip_address": "2001:db8::1"}, "first_ip_address", "'2001:db8::1' is no IPv4 address"),
    ("nat44_add_del_address_range", {"first_ip_address": None}, "first_ip_address", "str"),
    ("ip_route_add_del_v2", {"route": {"paths": [{}, {"nh": {"address": "x"}}]}}, "route.paths[1].nh.address", "'x' is no IPv4 address"),
    ("ip_route_add_del_v2", {"route": {"paths": [{}, {"weight": 300}]}}, "route.paths[1].weight", "300 is no whole number from 0 to 255"),
    ("ip_route_add_del_v2", {"route": {"paths": [{"wight": 1}]}}, "route.paths[0].wight", "there is no field wight"),
    ("ip_route_add_del_v2", {"route": {"paths": [{"label_stack": [{}] * 17}]}}, "route.paths[0].label_stack", "has 17 elements, and VPP takes 16"),
    ("ip_route_add_del_v2", {"route": {"paths": [{"nh": {"address": {"ip5": "x"}}}]}}, "route.paths[0].nh.address.ip5", "is none of ip4, ip6"),
    ("ip_route_add_del_v2", {"route": {"paths": [{"nh": {"address": bytes(17)}}]}}, "route.paths[0].nh.address", "has 17 octets, and VPP takes 16"),
    ("ip_route_add_del_v2", {"route": "10.0.0.0/8"}, "route", "a mapping of its fields is needed"),
    ("wireguard_interface_create", {"interface": {"private_key": bytes(33)}}, "interface.private_key", "has 33 octets, and VPP takes 32"),
    ("wireguard_interface_create", {"interface": {"private_key": "key"}}, "interface.private_key", "is no list of octets"),
]


@pytest.mark.parametrize(("name", "fields", "path", "reason"), ERRORS, ids=[f"{name}-{path}-{at}" for at, (name, _fields, path, _reason) in enumerate(ERRORS)])
def test_errors_name_the_field(name, fields, path, reason):
    pack, _unpack, written, types = compiled(name)
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError, struct.error)) as error:
        pack(1, 2, 3, fields)
    found, said = compiler.explain(pack, written, types, fields, error.value)
    assert found == path and reason in said


def described(*raw, **named):
    return layout.fields(raw), layout.Types(named)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (described(["u8", "rest", 0]), "nothing tells how many rest there are"),
        (described(["vl_api_new_t", "x"]), "the type vl_api_new_t of x is not described"),
        (described(["vl_api_key_t", "x", 3], vl_api_key_t=("alias", {"type": "u8", "length": 4})), "x is an array of arrays"),
        (described(["vl_api_mac_address_t", "x"], vl_api_mac_address_t=("alias", {"type": "u8", "length": 8})), "vl_api_mac_address_t has another layout"),
        (described(["vl_api_either_t", "x"], vl_api_either_t=("union", [["string", "a", 0], ["u8", "b"]])), "the arms of vl_api_either_t vary in size"),
    ],
)
def test_what_is_new_to_the_compiler_is_said(written, reason):
    for make in (compiler.packer, compiler.unpacker):
        with pytest.raises(layout.Unsupported, match=reason):
            make(*written)
