# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.pantheon.cnf.plugins.plugin_utils.proof_inputs import ProofInputError, inputs


def interface(name, *addresses):
    """An interface's item."""
    return {"module": "vpp", "type": "interfaces", "data": {"name": name, "ip_addresses": list(addresses)}}


def chain(**nat):
    """client.tap0 - nat.memif0, nat.memif1 - web.memif0, as cnf_chain_info returns it."""
    links = [(("client", "tap0"), ("nat", "memif0")), (("nat", "memif1"), ("web", "memif0"))]
    return {
        "cnfs": [
            {"name": "client", "items": [{"module": "linux.interfaces", "type": "interface", "data": {"name": "tap0", "ip_addresses": ["10.1.0.10/24"]}}]},
            {"name": "nat", "items": [interface("memif0", "10.1.0.1/24"), interface("memif1", "10.2.0.1/24")]},
            {"name": "web", "items": [interface("memif0", "fd00::80/64", "10.2.0.80/24"), {"module": "vpp", "type": "route", "data": {}}]},
        ],
        "links": [{"ends": [{"cnf": cnf, "interface": name} for cnf, name in pair]} for pair in links],
        "nat": {"nat": {"inside": ["memif0"], "outside": ["memif1"], "pools": [{"first_ip": "10.2.0.100", "last_ip": "10.2.0.105"}], **nat}},
    }


EXPECTED = {
    "cnf": "nat",
    "client": "client",
    "server": "web",
    "inside": ["memif0"],
    "outside": ["memif1"],
    "pools": [{"first_ip": "10.2.0.100", "last_ip": "10.2.0.105"}],
    "inside_networks": ["10.1.0.0/24"],
    "url": "http://10.2.0.80/show/version",
}


def test_all_is_taken_from_the_chain():
    assert inputs(chain(), {}) == EXPECTED


def test_what_is_given_counts():
    given = {"url": "http://10.2.0.80:8080/", "pools": [{"first_ip": "1.1.1.1"}], "timeout": 3}
    assert inputs(chain(), given) == {**EXPECTED, **given}


def test_swapped_roles_do_not_swap_who_asks_whom():
    assert inputs(chain(inside=["memif1"], outside=["memif0"]), {"server": "web"}) == EXPECTED


def test_a_server_further_away_is_reached_by_the_first_hop():
    data = chain()
    data["cnfs"].append({"name": "far", "items": [interface("eth0", "10.3.0.1/24")]})
    data["links"].append({"ends": [{"cnf": "far", "interface": "eth0"}, {"cnf": "web", "interface": "memif9"}]})
    found = inputs(data, {"server": "far"})
    assert (found["outside"], found["url"]) == (["memif1"], "http://10.3.0.1/show/version")


def test_a_loop_of_links_ends():
    data = chain()
    data["links"].append({"ends": [{"cnf": "web", "interface": "x"}, {"cnf": "client", "interface": "y"}]})
    assert inputs(data, {})["server"] == "web"


def test_one_address_pools():
    assert inputs(chain(pools=[{"first_ip": "10.2.0.9"}]), {})["pools"] == [{"first_ip": "10.2.0.9", "last_ip": "10.2.0.9"}]


@pytest.mark.parametrize(
    ("data", "given", "says"),
    [
        ({**chain(), "nat": {}}, {}, "no NAT44"),
        (chain(), {"cnf": "web"}, "CNF web has no NAT44 in this chain; there is nat"),
        (chain(), {"server": "wbe"}, "server 'wbe' cannot be reached from nat; there is client, web"),
        ({**chain(), "links": []}, {}, "nobody is linked to nat who could be the server"),
        ({**chain(), "cnfs": chain()["cnfs"][:2]}, {}, "'memif0' of web has no IPv4 address"),
    ],
)
def test_what_cannot_be_proven_is_said(data, given, says):
    with pytest.raises(ProofInputError, match=says):
        inputs(data, given)
