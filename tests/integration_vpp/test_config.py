# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One module run for CNFs on the kernel and on VPP: all or nothing over both."""

from __future__ import annotations

import os

import pytest

from ..support.modules import ModuleFailed, run_module
from ..support.places import Places, shell
from ..support.vpp import NO_VPP, program
from ..support.vpp_chain import DoubleChain, LiveChain

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")


@pytest.fixture(name="places")
def _places():
    with Places() as places:
        yield places


@pytest.fixture(name="doubles")
def _doubles(places, make_double):
    chain = DoubleChain(places, make_double)
    chain.link()
    return chain


@pytest.fixture(name="chain", params=["double", "live"])
def _chain(request, places):
    if request.param == "double":
        return request.getfixturevalue("doubles")
    if program() is None:
        pytest.skip(NO_VPP)
    chain = LiveChain(places)
    chain.link()
    return chain


def interface(kind, name, address, type, **more):
    """A value of an interface that is up."""
    return {"kind": kind, "data": {"name": name, "type": type, "enabled": True, "ip_addresses": [address], **more}}


def configurations(chain, *, nat=(), client=()):
    """client and NAT of a chain, in this order."""
    route = {"outgoing_interface": "tap0", "scope": "GLOBAL", "dst_network": "10.10.2.0/24", "gw_addr": "10.10.1.1"}
    on_client = [interface("linux.interfaces/interface", "tap0", "10.10.1.10/24", "EXISTING"), {"kind": "linux.l3/route", "data": route}, *client]
    on_nat = [
        interface("vpp/interfaces", "memif0", "10.10.1.1/24", "MEMIF", memif={"master": True, "socket_filename": "client-1.sock"}),
        interface("vpp/interfaces", "memif1", "10.10.2.1/24", "MEMIF", memif={"socket_filename": "nat-1.sock"}),
        {"kind": "vpp.nat/nat44-interface", "data": {"name": "memif0", "nat_inside": True}},
        {"kind": "vpp.nat/nat44-interface", "data": {"name": "memif1", "nat_outside": True, "output_feature": True}},
        {"kind": "vpp.nat/nat44-pool", "data": {"first_ip": "10.10.2.100", "last_ip": "10.10.2.101"}},
        *nat,
    ]
    place = {"socket": chain.sockets[chain.nat], "own_nat": True, **({"api_dir": chain.api_dir} if chain.api_dir else {})}
    return [
        {"cnf": chain.client, "dataplane": "linux", "namespace": chain.client, "values": on_client},
        {"cnf": chain.nat, "dataplane": "vpp", **place, "values": on_nat},
    ]


def apply(chain, given=None, **options):
    """Result of the module."""
    return run_module("chain_config", configurations=configurations(chain) if given is None else given, state=options.pop("state", "overridden"), **options)


def addresses(chain):
    """What the client has of IPv4."""
    return shell(chain.client, "ip -4 -br address show tap0").split()[2:]


def test_create_repeat_check_delete(chain):
    predicted = apply(chain, check=True)
    assert predicted["changed"] and addresses(chain) == []
    done = apply(chain)
    assert done["commands"] == predicted["commands"]
    assert {line.partition(": ")[0] for line in done["commands"]} == {chain.client, chain.nat}
    assert addresses(chain)[:1] == ["10.10.1.10/24"]
    assert [each["flags"] & 1 for each in chain.interfaces(chain.nat).values()] == [1, 1]
    for check in (False, True):
        again = apply(chain, check=check)
        assert not again["changed"] and again["before"] == again["after"] == done["after"]
    rendered = apply(chain, state="rendered")
    assert not rendered["changed"] and any("nat44" in line for line in rendered["rendered"])
    bare = [{**each, "values": []} for each in configurations(chain)]
    assert apply(chain, bare)["changed"] and not apply(chain, bare)["changed"]
    assert addresses(chain) == [] and sorted(chain.interfaces(chain.nat)) == ["memif0 (link)", "memif1 (link)"], "the link stays"


def test_the_interfaces_of_a_link_are_configured_and_not_made_anew(chain):
    before = {tag: each["sw_if_index"] for tag, each in chain.interfaces(chain.nat).items()}
    macs = {tag: each["l2_address"] for tag, each in chain.interfaces(chain.nat).items()}
    done = apply(chain)
    assert not [line for line in done["commands"] if "_create" in line and "nat" not in line.partition(": ")[2].split()[0]]
    after = chain.interfaces(chain.nat)
    assert {tag: each["sw_if_index"] for tag, each in after.items()} == before and {tag: each["l2_address"] for tag, each in after.items()} == macs
    assert chain.link()["changed"] is False


def test_a_vpp_that_was_started_anew_gets_everything_again(chain):
    whole = apply(chain)
    chain.restart(chain.nat)
    chain.link()
    again = apply(chain)
    assert again["changed"] and again["after"] == whole["after"]
    assert {line.partition(": ")[0] for line in again["commands"]} == {chain.nat}


@pytest.mark.parametrize(
    ("nat", "client", "says"),
    [
        ([{"kind": "vpp.nat/nat44-interface", "data": {"name": "memif7", "nat_inside": True}}], [], "memif7"),
        ([{"kind": "vpp.nat/nat44-pool", "data": {"first_ip": "10.10.2.9", "last_ip": "10.10.2.1"}}], [], "10.10.2"),
        ([{"kind": "linux.l3/route", "data": {}}], [], "not supported by the vpp dataplane"),
        ([], [{"kind": "vpp.stn/rule", "data": {}}], "not supported by the linux dataplane"),
    ],
)
def test_what_is_wrong_with_one_leaves_the_other_alone(doubles, nat, client, says):
    with pytest.raises(ModuleFailed, match=says):
        apply(doubles, configurations(doubles, nat=nat, client=client))
    made = {"af_packet_create_v3", "memif_socket_filename_add_del_v2", "memif_create_v2", "sw_interface_tag_add_del", "sw_interface_set_mtu"}
    assert addresses(doubles) == [] and set(doubles.double(doubles.nat).writes()) <= made


@pytest.mark.parametrize(("message", "nth"), [("sw_interface_add_del_address", 1), ("sw_interface_add_del_address", 2), ("nat44_add_del_address_range", 1)])
def test_a_failure_on_vpp_takes_back_what_the_kernel_was_given(doubles, message, nth):
    doubles.double(doubles.nat).fail(message, -1, nth)
    with pytest.raises(ModuleFailed, match=f"CNF {doubles.nat}: .*{message}") as caught:
        apply(doubles)
    operations = caught.value.result["operations"]
    assert operations["not_undone"] == [] and any("10.10.1.10/24" in each for each in operations["undone"])
    assert addresses(doubles) == [] and [each["flags"] & 1 for each in doubles.interfaces(doubles.nat).values()] == [0, 0]
    assert apply(doubles)["changed"] and not apply(doubles)["changed"]


def test_a_vpp_that_dies_takes_the_kernels_part_back_and_the_next_run_converges(doubles):
    doubles.double(doubles.nat).die("nat44_add_del_address_range")
    with pytest.raises(ModuleFailed, match="could NOT be undone") as caught:
        apply(doubles)
    assert doubles.nat in caught.value.result["msg"] and addresses(doubles) == []
    doubles.restart(doubles.nat)
    doubles.link()
    assert apply(doubles)["changed"] and not apply(doubles)["changed"]


def test_on_failure_stop_leaves_what_was_done(doubles):
    doubles.double(doubles.nat).fail("nat44_add_del_address_range", -1)
    with pytest.raises(ModuleFailed, match="was left, as on_failure says"):
        apply(doubles, on_failure="stop")
    assert addresses(doubles)[:1] == ["10.10.1.10/24"]


def test_check_mode_where_no_vpp_is_yet(doubles):
    nowhere = configurations(doubles)
    nowhere[1]["socket"] = "/run/pantheon.cnf/nobody/vpp/api.sock"
    done = apply(doubles, nowhere, check=True)
    assert done["changed"] and any(line.startswith(f"{doubles.nat}: ") for line in done["commands"])
    with pytest.raises(ModuleFailed, match="no VPP at"):
        apply(doubles, nowhere)
    assert addresses(doubles) == []
