# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents: where they are looked for, what is read of them, and what an error says about where it is."""

from __future__ import annotations

import json
import pathlib
import textwrap

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import DocumentError, load, load_objects, parse_items

ROOT = pathlib.Path(__file__).resolve().parents[3]
DEMO = ROOT.parent / "shared" / "demo"

CONFIGURATION = """\
# a comment
apiVersion: pantheon.tech/v1
kind: CNFConfiguration
metadata:
  name: one
spec:
  microservice: cnf1
  configItems:
    - module: vpp
      type: interfaces
      data: |-
        name: m0
        type: MEMIF
        physAddress: 52:54:00:12:34:56   # unquoted
        enabled: yes
        memif: {id: 1, socketFilename: /run/m.sock}
    - module: linux.l3
      type: route
      microservice: cnf2
      data: {dst_network: 10.0.0.0/8, outgoing_interface: m0}
"""
SERVICE = """\
apiVersion: networkservicemesh.io/v1alpha1
kind: NetworkService
metadata: {name: s}
spec:
  payload: IP
  matches:
    - match:
      sourceSelector: {app: on}
      route:
        - destination:
          destinationSelector: {app: b}
"""


@pytest.fixture
def folder(tmp_path):
    def write(**files):
        for name, text in files.items():
            (tmp_path / name.replace("__", ".")).write_text(textwrap.dedent(text))
        return str(tmp_path)

    return write


def problems(found):
    return found.value.context["problems"]


def configuration(*items, **spec):
    return {
        "apiVersion": "pantheon.tech/v1",
        "kind": "CNFConfiguration",
        "metadata": {"name": "c"},
        "spec": {"microservice": "m", "configItems": list(items), **spec},
    }


def item(data, module="vpp.nat", type="nat44-interface", **more):
    return {"module": module, "type": type, "data": data, **more}


def test_a_folder_of_documents(folder):
    base = folder(b__yaml=CONFIGURATION, a__yml=SERVICE + "---\nkind: Pod\napiVersion: v1\n", c__json=json.dumps(configuration()), d__txt="{")
    found = load([base], base)
    assert [one.source for one in found.network_services] == ["a.yml:1"]
    assert [(one.name, one.namespace, one.source) for one in found.configurations] == [("one", "default", "b.yaml:2"), ("c", "default", "c.json:1")]
    first, second = found.configurations[0].items
    assert (first.microservice, second.microservice) == ("cnf1", "cnf2")
    assert (first.module, first.type, first.version, first.name) == ("vpp", "interfaces", "v2", "")
    assert first.value.key == "config/vpp/v2/interfaces/m0"
    assert first.value.data == {
        "name": "m0",
        "type": "MEMIF",
        "enabled": True,
        "phys_address": "52:54:00:12:34:56",
        "memif": {"id": 1, "socket_filename": "/run/m.sock"},
    }
    assert second.source == "b.yaml:2: CNFConfiguration one, item 2"
    assert found.notices == ["a.yml:13: ignored, a Pod of v1 is not ours"]


def test_null_keys_and_words_of_a_network_service_stay(folder):
    base = folder(a__yaml=SERVICE)
    raw = load(["a.yaml"], base).network_services[0].raw
    match = raw["spec"]["matches"][0]
    assert match == {"match": None, "sourceSelector": {"app": "on"}, "route": [{"destination": None, "destinationSelector": {"app": "b"}}]}
    assert match["sourceSelector"]["app"].__class__ is str


def test_a_file_named_twice_is_read_once(folder):
    base = folder(a__yaml=CONFIGURATION)
    assert len(load([base, "a.yaml", "./a.yaml"], base).configurations) == 1


def test_json_documents_keep_their_numbers(folder):
    base = folder(a__json=json.dumps({"apiVersion": "networkservicemesh.io/v1", "kind": "NetworkService", "spec": {"a": [1, -2, 1.5, True, None]}}))
    assert load(["a.json"], base).network_services[0].raw["spec"] == {"a": [1, -2, 1.5, True, None]}
    base = folder(b__json=json.dumps(configuration(item({"name": "v", "mtu": 1500.0, "type": "DUMMY"}, "linux.interfaces", "interface"))))
    assert load(["b.json"], base).configurations[0].items[0].value.data["mtu"] == 1500


def test_objects_and_lists_of_objects():
    found = load_objects([{"apiVersion": "v1", "kind": "List", "items": [configuration(item("name: i")), configuration(item({"name": "j"}))]}])
    assert [one.items[0].value.data["name"] for one in found.configurations] == ["i", "j"]
    assert found.configurations[1].items[0].source == "object 1, object 2: CNFConfiguration c, item 1"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"module": "vpp.l3", "type": "route", "data": {}}, "item 1: there is no module vpp.l3; did you mean module vpp, type route?"),
        (item({}, type="nat44-pol"), "item 1: module vpp.nat has no type nat44-pol; did you mean nat44-pool?"),
        (item({}, version="v1"), "item 1: vpp.nat/nat44-interface has no version v1: write v2"),
        (item({"nam": "x"}), "item 1 (vpp.nat/nat44-interface): unknown field nam; did you mean name?"),
        (item("nam: x"), "item 1 (vpp.nat/nat44-interface): unknown field nam; did you mean name?"),
        (item({"name": "x", "nat_inside": "yes"}), "item 1 (vpp.nat/nat44-interface): nat_inside: 'yes' is neither true nor false"),
        (item("name: a: b"), "item 1 (vpp.nat/nat44-interface), data:1:8: "),
        (item("- a"), "item 1 (vpp.nat/nat44-interface): a list is not a mapping of fields"),
        (item("name: a\n---\nname: b"), "item 1 (vpp.nat/nat44-interface), data: has 2 documents"),
        (item(""), "item 1 (vpp.nat/nat44-interface): name: is required"),
        (item({"name": "x", "nat_inside": True, "nat_outside": True, "output_feature": True}), "output_feature: cannot be on an interface"),
        (item({"dst_network": "10.1.2.3/16"}, "vpp", "route"), "item 1 (vpp/route): dst_network: 10.1.2.3/16 is not written as a network"),
        (item({"first_ip": "10.0.0.2", "last_ip": "10.0.0.1"}, type="nat44-pool"), "last_ip: 10.0.0.1 is before first_ip 10.0.0.2"),
        ({"modul": "vpp.nat", "type": "x", "data": {}}, "item 1: unknown field modul; did you mean module?"),
        ({"type": "x", "data": {}}, "item 1: module is missing"),
        ({"module": "vpp", "type": "route"}, "item 1: data is missing"),
        ({"module": "vpp", "type": 5, "data": {}}, "item 1: type: 5 is not text"),
        ("vpp/route", "item 1: is a mapping with module, type and data, not the text 'vpp/route'"),
        (item({"name": "x"}, module="govppmux", type="stats"), "item 1 (govppmux/stats): is a report"),
    ],
)
def test_wrong_items(wrong, message):
    with pytest.raises(DocumentError) as found:
        load_objects([configuration(wrong)])
    assert any(each.startswith("object 1: CNFConfiguration c, ") and message in each for each in problems(found))
    assert message in found.value.message


def test_a_missing_microservice():
    with pytest.raises(DocumentError, match="object 1: CNFConfiguration c, item 1: microservice is missing, here and in spec"):
        load_objects([configuration(item({"name": "i"}), microservice=None)])
    found = load_objects([configuration(item({"name": "i"}, microservice="own"), microservice=None)])
    assert found.configurations[0].items[0].microservice == "own"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "object 1: a document is a mapping with apiVersion and kind, not a list"),
        ({"apiVersion": "v1"}, "object 1: has no kind"),
        ({"kind": "Pod"}, "object 1: has no apiVersion"),
        ({**configuration(), "apiVersion": "pantheon.tech/v2"}, "object 1: CNFConfiguration pantheon.tech/v2: write pantheon.tech/v1"),
        ({"apiVersion": "networkservicemesh.io/v2", "kind": "NetworkService"}, "write networkservicemesh.io/v1 or networkservicemesh.io/v1alpha1"),
        ({**configuration(), "metadata": {}}, "object 1: CNFConfiguration without metadata.name"),
        ({**configuration(), "spec": None}, "object 1: CNFConfiguration c: has no spec"),
        (configuration(configItem=[]), "CNFConfiguration c: unknown field spec.configItem; did you mean configItems?"),
        (configuration(configItems={}), ""),
        (configuration(configItems="x"), "spec.configItems is a list of items, not the text 'x'"),
        (configuration(microservice=5), "spec.microservice: 5 is not text"),
    ],
)
def test_wrong_documents(document, message):
    if not message:
        assert load_objects([document]).configurations[0].items == []
        return
    with pytest.raises(DocumentError) as found:
        load_objects([document])
    assert message in found.value.message


def test_documents_of_other_kinds_are_noticed():
    found = load_objects([{"apiVersion": "pantheon.tech/v1", "kind": "CNFConfig"}, {"apiVersion": "a/v1", "kind": "NetworkService"}])
    assert found.notices == [
        "object 1: ignored, a CNFConfig of pantheon.tech/v1 is not ours; did you mean CNFConfiguration?",
        "object 2: ignored, a NetworkService of a/v1 is not ours",
    ]


def test_errors_lead_to_the_line(folder):
    base = folder(a__yaml=CONFIGURATION.replace("enabled: yes", "enabled: [yes"), b__yaml="a: 1\nb: [", c__yaml="\x80")
    (pathlib.Path(base) / "c.yaml").write_bytes(b"\xff")
    with pytest.raises(DocumentError) as found:
        load([base, "nosuch.yaml"], base)
    told = problems(found)
    assert any(each.startswith("a.yaml:2: CNFConfiguration one, item 1 (vpp/interfaces), data:16:") for each in told)
    assert any(each.startswith("b.yaml:2:") or each.startswith("b.yaml:3:") for each in told)
    assert "c.yaml: is not text in UTF-8 (byte 0)" in told and "nosuch.yaml: No such file or directory" in told
    with pytest.raises(DocumentError, match="the folder has no"):
        load(["."], str(pathlib.Path(folder(), "empty").mkdir() or pathlib.Path(base, "empty")))


def test_all_problems_are_told_up_to_twenty():
    with pytest.raises(DocumentError) as found:
        load_objects([configuration(*[item({"nam": "x"})] * 25)])
    assert len(problems(found)) == 25
    assert found.value.message.count("\n") == 20 and found.value.message.endswith("... and 5 more")


def test_bare_items_may_be_incomplete():
    values = parse_items([item({"name": "i"}, "vpp", "interfaces"), item("dst_network: 10.0.0.0/8", "vpp", "route")], "CNF x")
    assert [value.key for value in values] == ["config/vpp/v2/interfaces/i", "config/vpp/v2/route/vrf/0/dst/10.0.0.0/8"]
    with pytest.raises(DocumentError, match=r"CNF x, item 1 \(vpp/route\): unknown field dst; did you mean dst_network"):
        parse_items([item({"dst": "i"}, "vpp", "route")], "CNF x")


def test_the_2020_demo():
    if not DEMO.is_dir():
        pytest.skip(f"the published demo is not at {DEMO}")
    found = load([str(DEMO)], str(DEMO))
    keys = {f"{each.microservice}/{each.value.key}" for one in found.configurations for each in one.items}
    assert keys == {
        "client/config/cnf/nsm/v1/client/access-to-cnf-network",
        "client/config/linux/l3/v2/route/80.80.80.0/24/tap0",
        "cnf-nat44/config/cnf/nsm/v1/endpoint/cnf-nat-example",
        "cnf-nat44/config/cnf/nsm/v1/client/access-to-external-network",
        "cnf-nat44/config/vpp/nat/v2/nat44-interface/memif0",
        "cnf-nat44/config/vpp/nat/v2/nat44-interface/memif1",
        "cnf-nat44/config/vpp/nat/v2/nat44-pool/vrf/0/address/80.80.80.100-80.80.80.105",
        "webserver/config/cnf/nsm/v1/endpoint/cnf-nat-example",
    }
    assert [one.raw["metadata"]["name"] for one in found.network_services] == ["cnf-nat-example"]
    assert len(found.notices) == 12 and all("ignored, a " in notice for notice in found.notices)
