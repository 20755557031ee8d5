# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and values as a Ligato agent reads them."""

from __future__ import annotations

import json

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.agent.items import expand, mesh_item, printable, read_item
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import status_value

from ..northbound.test_ligato_golden import in_json_names, lines

ROUTE = "config/linux/l3/v2/route/10.1.0.0/16/tap0"
GOOD = b'{"dst_network":"10.1.0.0/16","outgoing_interface":"tap0"}'
TAKEN = [line for line in lines("ligato-golden.tsv") if line[1] != "ERR" and not line[1].startswith("metrics/")]
REFUSED = [line for line in lines("ligato-golden.tsv") if line[1] == "ERR"]


@pytest.mark.parametrize(("item", "key", "printed"), TAKEN)
def test_what_ligatos_models_take_is_read_as_they_read_it(item, key, printed, monkeypatch):
    monkeypatch.setattr(Kind, "problems", lambda *_unused: [])  # those are of descriptors, which come after the models
    module, type_, _version, data = item.split(" ", 3)
    found = read_item(key, data.encode())
    if not key.startswith(KINDS[f"{module}/{type_}"].prefix):  # a name with .. in it: the real one sees no model in such a key either
        assert found.status.state == "UNIMPLEMENTED"
        return
    assert (found.key, found.status) == (key, None)
    assert found.value.kind == f"{module}/{type_}"
    assert in_json_names(KINDS[found.value.kind].fields, found.value.data) == json.loads(printed)
    elsewhere = read_item(f"{key}x", data.encode())
    assert elsewhere.value is None


@pytest.mark.parametrize(("item", "key", "printed"), REFUSED)
def test_what_ligatos_models_refuse_has_a_state_that_says_why(item, key, printed):
    module, type_, _version, data = item.split(" ", 3)
    kind = KINDS.get(f"{module}/{type_}")
    found = read_item(f"{kind.prefix if kind else 'config/' + module}/x", data.encode())
    assert found.value is None
    assert found.status.state in ("INVALID", "UNIMPLEMENTED")
    assert found.status.error
    assert status_value(found.status)


@pytest.mark.parametrize(
    ("key", "value", "state", "said", "details"),
    [
        (ROUTE, b"{", "INVALID", "no valid JSON", ()),
        (ROUTE, b"\xff\xfe", "INVALID", "no text in UTF-8 (byte 0)", ()),
        (ROUTE, b'{"dst_network":"10.1.0.0/16","outgoing_interface":"\\ud800"}', "INVALID", "is not valid Unicode", ()),
        (ROUTE, b'{"dst_network":"10.1.0.0/16","outgoing_interface":"tap0","metrik":1}', "INVALID", "unknown field metrik", ()),
        (ROUTE, b'{"dst_network":"10.1.0.0/16","outgoing_interface":"tap1"}', "INVALID", "which is config/linux/l3/v2/route/10.1.0.0/16/tap1", ()),
        (ROUTE, b'{"dst_network":"10.1.0.0/16","outgoing_interface":"tap0","gw_addr":"banana"}', "INVALID", "banana", ("gw_addr",)),
        ("config/something/v1/of/others", b"{}", "UNIMPLEMENTED", "no model has such a key", ()),
        ("config/linux/l3/v2/route", b"{}", "INVALID", "dst_network", ("outgoing_interface", "dst_network")),
    ],
)
def test_what_cannot_be_used_has_a_state(key, value, state, said, details):
    found = read_item(key, value)
    assert found.value is None
    assert (found.status.key, found.status.state, found.status.details) == (key, state, details)
    assert said in found.status.error
    assert status_value(found.status)


def test_a_key_that_is_no_unicode_can_be_told():
    found = read_item(b"config/linux/l3/v2/route/\xff".decode(errors="surrogateescape"), GOOD)
    assert found.key == "config/linux/l3/v2/route/\\udcff"
    assert status_value(found.status)
    assert printable("fine") == "fine"


def test_a_secret_is_in_no_state():
    found = read_item("config/vpp/v2/interfaces/wg0", b'{"name":"wg0","type":"WIREGUARD_TUNNEL","wireguard":{"private_key":["topsecret"]}}')
    assert found.status.state == "INVALID"
    assert "topsecret" not in str(found.status)


def test_variables_are_expanded_as_go_does():
    environment = {"A": "1", "LONG_NAME": "long", "1": "one"}
    for text, expected in (
        ("$A ${A}x $LONG_NAME.", "1 1x long."),
        ("$NONE ${NONE}|", " |"),
        ("$", "$"),
        ("a $ b $", "a $ b $"),
        ("$1x", "onex"),
        ("${}", ""),
        ("${A", "A"),
        ("$$A", "A"),
    ):
        assert expand(text, environment) == expected
    value = b'{"dst_network":"${NET}","outgoing_interface":"$PORT"}'
    assert read_item(ROUTE, value, {"NET": "10.1.0.0/16", "PORT": "tap0"}).value.data == read_item(ROUTE, GOOD).value.data
    assert read_item(ROUTE, value).status.state == "INVALID"


LINUX = {"linux.interfaces/interface": KINDS["linux.interfaces/interface"], "vpp/interfaces": KINDS["vpp/interfaces"]}
CLIENT = {"name": "out", "network_service": "net", "interface_name": "memif1", "interface_type": "MEM_INTERFACE", "ip_addresses": ["10.0.0.1/24"]}
ENDPOINT = {"network_service": "net", "interface_name_prefix": "memif", "interface_type": "MEM_INTERFACE", "ip_addresses": ["10.0.1.1/24"]}


def _mesh(kind, data, links, kinds=None):
    return mesh_item(KINDS[f"cnf.nsm/{kind}"].value(data), links, {"memif1"}, kinds or LINUX)


def test_a_client_waits_for_its_link():
    waits = _mesh("client", CLIENT, ["memif0"])
    assert (waits.values, waits.status.state, waits.status.details) == ([], "PENDING", ("link memif1",))
    (made,) = _mesh("client", CLIENT, ["memif0", "memif1"]).values
    assert made.kind == "vpp/interfaces"
    assert made.data == {"name": "memif1", "type": "MEMIF", "enabled": True, "ip_addresses": ["10.0.0.1/24"], "memif": {}}
    (made,) = _mesh("client", {**CLIENT, "interface_type": "KERNEL_INTERFACE"}, ["memif1"]).values
    assert (made.kind, made.data["type"]) == ("linux.interfaces/interface", "EXISTING")


def test_an_endpoint_has_the_links_that_begin_with_its_prefix():
    assert _mesh("endpoint", ENDPOINT, ["memif1", "other0", "memif"]).status.details == ("link memif0",)
    found = _mesh("endpoint", ENDPOINT, ["memif0", "memif1", "memif12", "memifx"]).values
    assert [(each.data["name"], each.data.get("ip_addresses")) for each in found] == [("memif0", None), ("memif12", None)]
    (made,) = _mesh("endpoint", {**ENDPOINT, "single_client": True}, ["memif0"]).values
    assert made.data["ip_addresses"] == ["10.0.1.1/24"]
    labelled = {**ENDPOINT, "interface_name_suffix_from_label": "app"}
    assert [each.data["name"] for each in _mesh("endpoint", labelled, ["memifx", "memif1", "memif"]).values] == ["memifx"]


def test_an_interface_that_the_dataplane_does_not_have():
    found = _mesh("client", {**CLIENT, "interface_type": "KERNEL_INTERFACE"}, ["memif1"], {"vpp/interfaces": KINDS["vpp/interfaces"]})
    assert (found.values, found.status.state) == ([], "UNIMPLEMENTED")
