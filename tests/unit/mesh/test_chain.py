# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import pathlib

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh import matching
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.chain import as_data, resolve
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import load
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS

from .world import chain, client, cnf, endpoint, item, joined, old_to, service, to

ROOT = pathlib.Path(__file__).parents[3]
OURS = ROOT / "playbooks" / "files" / "nat44_chain"
DEMO = ROOT.parent / "shared" / "demo"
A, B = {"app": "a"}, {"app": "b"}


def files(folder: pathlib.Path):
    return resolve(load([str(folder)], str(ROOT)))


def test_our_own_chain() -> None:
    found = files(OURS)
    assert (found.findings, found.notices) == ([], [])
    assert sorted(joined(found)) == ["client.tap0--cnf-nat44.memif0", "cnf-nat44.memif1--webserver.memif0"]
    data = as_data(found)
    assert data["nat"] == {
        "cnf-nat44": {
            "inside": ["memif0"],
            "outside": ["memif1"],
            "inside_networks": ["10.10.1.0/24"],
            "outside_networks": ["10.10.2.0/24"],
            "pools": [{"first_ip": "10.10.2.100", "last_ip": "10.10.2.109"}],
        }
    }
    assert data["warnings"] == data["notices"] == data["errors"] == []
    assert [each["spec"]["payload"] for each in data["network_services"]] == ["ETHERNET"]


def test_the_2020_demo() -> None:
    if not DEMO.is_dir():
        pytest.skip(f"the 2020 demo is not at {DEMO}")
    found = files(DEMO)
    assert found.errors == []
    assert sorted(joined(found)) == ["client.tap0--cnf-nat44.memif0", "cnf-nat44.memif1--webserver.memif0"]
    data = as_data(found, "ETHERNET")
    assert data["nat"] == {
        "cnf-nat44": {
            "inside": ["memif0"],
            "outside": ["memif1"],
            "inside_networks": ["192.168.100.0/24"],
            "outside_networks": ["80.80.80.0/24"],
            "pools": [{"first_ip": "80.80.80.100", "last_ip": "80.80.80.105"}],
        }
    }
    assert data["network_services"] == [
        {
            "apiVersion": "networkservicemesh.io/v1",
            "kind": "NetworkService",
            "metadata": {"name": "cnf-nat-example"},
            "spec": {
                "payload": "ETHERNET",
                "matches": [
                    {"source_selector": {"app": "client"}, "routes": [{"destination_selector": {"app": "nat44"}}], "fallthrough": True},
                    {"source_selector": {"app": "nat44"}, "routes": [{"destination_selector": {"app": "webserver"}}], "fallthrough": True},
                ],
            },
        }
    ]
    assert any("Pod" in notice for notice in found.notices)
    client_items = next(each["items"] for each in data["cnfs"] if each["name"] == "client")
    assert client_items[0] == {
        "module": "linux.interfaces",
        "type": "interface",
        "version": "v2",
        "data": {"name": "tap0", "type": "EXISTING", "enabled": True, "ip_addresses": ["192.168.100.10/24"]},
    }


def test_a_demo_with_a_mistyped_selector_says_who_nearly_matches(tmp_path) -> None:
    for path in OURS.iterdir():
        (tmp_path / path.name).write_text(path.read_text().replace("role: webserver", "role: webservr"))
    text = "\n".join(files(tmp_path).errors)
    assert "client 'to-the-outside' of CNF cnf-nat44" in text and "no endpoint has role=webservr" in text
    assert "nearest is endpoint 'nat44-chain' of CNF webserver" in text and "webserver.yml" in text


def test_the_interfaces_of_a_connection() -> None:
    found = chain(
        service(),
        cnf("c", client("m7", interface_type="MEM_INTERFACE", ip_addresses=["10.0.0.1/24"], phys_address="02:00:00:00:00:01")),
        cnf("e", endpoint(interface_type="MEM_INTERFACE", single_client=True, ip_addresses=["10.0.0.2/24"], phys_address="02:00:00:00:00:02")),
    )
    assert found.findings == []
    here, there = found.links[0].ends
    socket = here.value.data["memif"]["socket_filename"]
    assert here.value.kind == there.value.kind == "vpp/interfaces"
    assert here.value.key == "config/vpp/v2/interfaces/m7"
    assert here.value.data == {
        "name": "m7",
        "type": "MEMIF",
        "enabled": True,
        "ip_addresses": ["10.0.0.1/24"],
        "phys_address": "02:00:00:00:00:01",
        "memif": {"socket_filename": socket},
    }
    assert there.value.data == {
        "name": "memif0",
        "type": "MEMIF",
        "enabled": True,
        "ip_addresses": ["10.0.0.2/24"],
        "phys_address": "02:00:00:00:00:02",
        "memif": {"master": True, "socket_filename": socket},
    }
    assert not socket.startswith("/") and socket.startswith("c-") and len(socket) < 40


def test_sockets_are_the_same_in_every_run_and_different_for_every_client() -> None:
    def sockets():
        found = chain(
            service(),
            cnf("a/b", client("m0", interface_type="MEM_INTERFACE")),
            cnf("a b", client("m0", interface_type="MEM_INTERFACE"), client("m1", interface_type="MEM_INTERFACE")),
            cnf("e", endpoint(interface_type="MEM_INTERFACE")),
        )
        return [link.ends[0].value.data["memif"]["socket_filename"] for link in found.links]

    first = sockets()
    assert first == sockets() and len(set(first)) == 3
    assert all("/" not in name and " " not in name for name in first)


def test_a_kernel_client_of_a_memif_endpoint() -> None:
    found = chain(service(), cnf("c", client()), cnf("e", endpoint(interface_type="MEM_INTERFACE")))
    assert [(end.value.kind, end.value.data["type"]) for end in found.links[0].ends] == [
        ("linux.interfaces/interface", "EXISTING"),
        ("vpp/interfaces", "MEMIF"),
    ]


def test_what_is_applied_to_a_cnf() -> None:
    route = item("linux.l3", "route", outgoing_interface="tap0", scope="GLOBAL", dst_network="10.9.0.0/16", gw_addr="10.0.0.2")
    found = chain(service(), cnf("c", route, client()), cnf("e", endpoint()), cnf("alone", item("vpp.nat", "nat44-global", forwarding=True)))
    assert [value.kind for value in found.cnfs["c"].items] == ["linux.interfaces/interface", "linux.l3/route"]
    assert [value.kind for value in found.cnfs["e"].items] == ["linux.interfaces/interface"]
    assert found.cnfs["c"].links == found.cnfs["e"].links == ["c.tap0--e.memif0"]
    assert found.cnfs["alone"].links == [] and len(found.cnfs["alone"].items) == 1
    assert all(value.kind in KINDS and KINDS[value.kind].canonical(value.data) == value.data for each in found.cnfs.values() for value in each.items)


def test_as_plain_data() -> None:
    found = chain(
        service(old_to(A, B), version="v1alpha1", payload="IP"),
        cnf("c", client(labels=A)),
        cnf("e", endpoint(labels=B, interface_type="MEM_INTERFACE"), item("vpp.nat", "nat44-pool", first_ip="10.0.0.9")),
    )
    data = as_data(found)
    assert json.loads(json.dumps(data)) == data
    assert [each["name"] for each in data["cnfs"]] == ["c", "e"]
    assert data["links"] == [
        {
            "name": "c.tap0--e.memif0",
            "service": "ns",
            "ends": [
                {"cnf": "c", "interface": "tap0", "kind": "linux.interfaces/interface", "type": "EXISTING"},
                {"cnf": "e", "interface": "memif0", "kind": "vpp/interfaces", "type": "MEMIF"},
            ],
            "reason": "match 1 (app=a), route 1 (app=b): the only candidate is e",
        }
    ]
    assert data["connections"] == [
        {
            "service": "ns",
            "client": {"cnf": "c", "item": "tap0", "interface": "tap0"},
            "endpoint": {"cnf": "e", "item": "ns", "interface": "memif0"},
            "reason": data["links"][0]["reason"],
        }
    ]
    assert data["nat"]["e"]["pools"] == [{"first_ip": "10.0.0.9", "last_ip": "10.0.0.9"}]
    assert data["warnings"] == data["errors"] == [] and len(data["notices"]) == 1 and "payload IP" in data["notices"][0]


def test_a_spelling_that_nsm_ignores_is_a_warning() -> None:
    found = chain(service({"sourceSelector": A, "route": [{}]}), cnf("c", client(labels=A)), cnf("e", endpoint()))
    assert [warning for warning in found.warnings if "NSM itself ignores 'sourceSelector'" in warning]
    assert as_data(found)["network_services"][0]["spec"]["matches"] == [{"source_selector": A, "routes": [{}]}]


@pytest.mark.parametrize("shared", [False, True])
def test_work_grows_with_the_chain_not_with_its_square(shared, monkeypatch) -> None:
    """Chains of client, NAT and server; each with a service of its own, or all with one."""

    def looks(size: int) -> int:
        objects = []
        for i in range(size):
            name = "ns" if shared else f"ns{i}"
            web, nat = {"at": f"web{i}"}, {"at": f"nat{i}"}
            objects += [
                cnf(f"c{i}", client(service=name, labels={"at": f"c{i}"})),
                cnf(f"n{i}", endpoint(service=name, labels=nat, single_client=True), client("memif1", service=name, labels=nat)),
                cnf(f"w{i}", endpoint(service=name, labels=web, single_client=True)),
            ]
        matches = [[to({"at": f"c{i}"}, {"at": f"nat{i}"}), to({"at": f"nat{i}"}, {"at": f"web{i}"})] for i in range(size)]
        services = [service(*sum(matches, []))] if shared else [service(*each, name=f"ns{i}") for i, each in enumerate(matches)]
        count = [0]
        real = matching.is_subset

        def counting(*arguments):
            count[0] += 1
            return real(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(matching, "is_subset", counting)
            found = chain(*services, *objects)
        assert len(found.links) == 2 * size and found.findings == []
        return count[0]

    assert looks(300) <= 10 * looks(30)
