# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Links with ends in VPP: on doubles and on live ones."""

from __future__ import annotations

import functools
import os

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils import lock
from ansible_collections.pantheon.cnf.plugins.module_utils.places import vpp_ends
from ansible_collections.pantheon.cnf.plugins.module_utils.station import mac_of
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Dump

from ..doubles.vpp import devices as double_devices
from ..doubles.vpp.registry import HANDLERS
from ..support.modules import ModuleFailed
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
    return DoubleChain(places, make_double)


@pytest.fixture(name="chain", params=["double", "live"])
def _chain(request, places):
    if request.param == "double":
        return request.getfixturevalue("doubles")
    if program() is None:
        pytest.skip(NO_VPP)
    return LiveChain(places)


def devices(name):
    """Names of the devices of a namespace, without lo."""
    lines = shell(name, "ip -o link show").splitlines()
    return sorted(line.split(": ")[1].partition("@")[0] for line in lines if ": lo" not in line)


def memif_sockets(chain, cnf):
    """Files of the sockets that a VPP knows, without the default one."""
    found = chain.ask(cnf, Dump("memif_socket_filename_dump"))
    return sorted(each["socket_filename"] for each in found if each["socket_id"])


def test_create_repeat_check_diff_absent(chain):
    predicted = chain.link(check=True)
    assert predicted["changed"] and not chain.interfaces(chain.nat) and devices(chain.client) == []
    done = chain.link()
    assert (done["commands"], done["before"], done["after"]) == (predicted["commands"], predicted["before"], predicted["after"])
    assert {link["medium"] for link in done["after"]["links"]} == {"af_packet", "memif"}
    nat, web = chain.interfaces(chain.nat), chain.interfaces(chain.web)
    assert {tag: each["interface_dev_type"] for tag, each in nat.items()} == {"memif0 (link)": "af-packet", "memif1 (link)": "memif"}
    assert {tag: each["interface_dev_type"] for tag, each in web.items()} == {"memif0 (link)": "memif"}
    assert [each["flags"] & 1 for each in (*nat.values(), *web.values())] == [0, 0, 0], "items bring them up"
    for check in (False, True):
        again = chain.link(check=check)
        assert not again["changed"] and again["before"] == again["after"] == done["after"]
    gone = chain.link(state="absent")
    assert gone["changed"] and gone["after"] == {"links": []}
    assert [chain.interfaces(each) for each in (chain.nat, chain.web)] == [{}, {}]
    assert [devices(each) for each in chain.names] == [[], [], []]
    assert memif_sockets(chain, chain.nat) == memif_sockets(chain, chain.web) == []
    assert not chain.link(state="absent")["changed"]


def test_addresses_and_sizes_are_the_same_at_every_making(chain):
    chain.link()
    for cnf, tag in ((chain.nat, "memif0 (link)"), (chain.nat, "memif1 (link)"), (chain.web, "memif0 (link)")):
        one = chain.interfaces(cnf)[tag]
        assert one["l2_address"] == mac_of(cnf, tag.partition(" ")[0]), "a random one would outlive a restart in the peer's neighbour table"
        assert one["mtu"][0] == 1500, "as the kernel's ends have it"
    device = shell(chain.nat, "ip link show memif0")
    assert mac_of(chain.nat, "memif0") not in device, "what VPP takes is not to be the kernel's own"
    assert shell(chain.nat, "sysctl -n net.ipv6.conf.memif0.disable_ipv6").strip() == "1"
    assert mac_of(chain.client, "tap0") in shell(chain.client, "ip link show tap0")


def test_the_second_end_listens_in_its_own_folder(chain):
    chain.link()
    (socket,) = memif_sockets(chain, chain.web)
    assert memif_sockets(chain, chain.nat) == [socket]
    assert os.path.dirname(socket) == os.path.dirname(chain.sockets[chain.web])
    roles = [chain.ask(cnf, Dump("memif_dump"))[0]["role"] for cnf in (chain.nat, chain.web)]
    assert roles == [1, 0]


@pytest.mark.parametrize("who", ["nat", "web"])
def test_what_a_restarted_vpp_lost_is_made_again_and_the_rest_goes_on(chain, who):
    whole = chain.link()["after"]
    cnf, other = (chain.nat, chain.web) if who == "nat" else (chain.web, chain.nat)
    kept = {tag: each["sw_if_index"] for tag, each in chain.interfaces(other).items()}
    shell(chain.client, "ip address add 10.7.0.1/24 dev tap0")
    # Not of the NAT's memif: a slave crashes in VPP 26.06 when its peer ends while they shake hands (memif_conn_fd_write_ready).
    chain.call(other, "sw_interface_set_flags", sw_if_index=min(kept.values()), flags=1)
    chain.restart(cnf)
    predicted = chain.link(check=True)
    done = chain.link()
    assert done["changed"] and done["commands"] == predicted["commands"] and done["after"] == whole
    assert [line for line in done["commands"] if not line.startswith(f"{cnf}: ")] == [], "nothing of it is anybody else's"
    assert "10.7.0.1/24" in shell(chain.client, "ip address show tap0")
    again = chain.interfaces(other)
    assert {tag: each["sw_if_index"] for tag, each in again.items()} == kept and any(each["flags"] & 1 for each in again.values())
    assert not chain.link()["changed"]


def test_a_stale_interface_on_a_device_that_was_deleted_is_replaced(chain):
    chain.link()
    shell(chain.client, "ip link delete tap0")
    assert chain.link()["changed"]
    assert devices(chain.nat) == ["memif0"] and "memif0 (link)" in chain.interfaces(chain.nat)
    assert not chain.link()["changed"]


def test_overridden_removes_others_with_the_routes_through_them(chain):
    chain.link()
    index = chain.interfaces(chain.nat)["memif1 (link)"]["sw_if_index"]
    chain.call(chain.nat, "sw_interface_add_del_address", sw_if_index=index, is_add=True, prefix="10.8.0.1/24")
    nh = {"sw_if_index": index, "nh": {"address": "10.8.0.2"}, "weight": 1}
    chain.call(chain.nat, "ip_route_add_del_v2", is_add=True, route={"prefix": "20.0.0.0/24", "paths": [nh]})
    done = chain.link(chain.links()[:1], state="overridden", namespaces={name: name for name in chain.names})
    assert done["changed"] and list(chain.interfaces(chain.nat)) == ["memif0 (link)"] and chain.interfaces(chain.web) == {}
    routes = chain.ask(chain.nat, Dump("ip_route_v2_dump", {"src": 8, "table": {"table_id": 0}}))
    assert [each["route"]["prefix"] for each in routes] == [], "the next interface would inherit it"


def test_an_interface_of_that_name_that_is_no_end_is_never_taken_over(chain):
    made = chain.call(chain.nat, "create_loopback_instance")
    chain.call(chain.nat, "sw_interface_tag_add_del", is_add=True, sw_if_index=made["sw_if_index"], tag="memif1")
    with pytest.raises(ModuleFailed, match="memif1"):
        chain.link()
    assert list(chain.interfaces(chain.nat)) == ["memif1"] and devices(chain.client) == []


def test_a_vpp_that_is_not_there_is_an_error_but_no_obstacle_to_absent_or_check(chain):
    chain.link()
    chain.kill(chain.nat)
    with pytest.raises(ModuleFailed, match="no VPP at"):
        chain.link()
    assert chain.link(check=True)["changed"]
    assert chain.link(state="absent")["changed"]
    assert devices(chain.client) == [] and chain.interfaces(chain.web) == {}
    chain.restart(chain.nat) if chain.kind == "double" else chain.start()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"mtu": 1400}, "leave mtu out"),
        ({"ends": [{"cnf": "CLIENT", "interface": "tap0"}, {"cnf": "NAT", "interface": "x" * 57}]}, "1 to 56 ASCII characters"),
        ({"ends": [{"cnf": "CLIENT", "interface": "tap0"}, {"cnf": "NAT", "interface": "x" * 16}], "medium": "af_packet"}, "set host_if_name"),
        ({"ends": [{"cnf": "NAT", "interface": "memif\u00e9"}, {"cnf": "WEB", "interface": "memif0"}]}, "ASCII"),
        ({"ends": [{"cnf": "NAT", "interface": "memif0"}]}, "a link has two ends"),
        ({"ends": [{"cnf": "NAT", "interface": "memif1"}, {"cnf": "WEB", "interface": "memif0"}], "medium": "tap"}, "between VPP and the kernel"),
    ],
)
def test_wrong_links_touch_nothing(doubles, change, says):
    names = {"CLIENT": doubles.client, "NAT": doubles.nat, "WEB": doubles.web}
    link = {**doubles.links()[0], **change}
    link["ends"] = [{**each, "cnf": names.get(each["cnf"], each["cnf"])} for each in link["ends"]]
    with pytest.raises(ModuleFailed, match=says):
        doubles.link([link])
    assert doubles.double(doubles.nat).writes() == [] and devices(doubles.client) == []


@pytest.mark.parametrize(
    ("message", "nth"),
    [("memif_create_v2", 1), ("sw_interface_tag_add_del", 1), ("sw_interface_tag_add_del", 2), ("sw_interface_set_mtu", 1), ("af_packet_create_v3", 1)],
)
def test_a_failure_half_way_is_undone(doubles, message, nth):
    doubles.double(doubles.nat).fail(message, -9, nth)
    with pytest.raises(ModuleFailed, match=message) as caught:
        doubles.link()
    assert caught.value.result["operations"]["not_undone"] == []
    assert doubles.interfaces(doubles.nat) == doubles.interfaces(doubles.web) == {}
    assert devices(doubles.client) == devices(doubles.nat) == [] and memif_sockets(doubles, doubles.web) == []
    assert doubles.link()["changed"] and not doubles.link()["changed"]


def test_a_failure_to_mend_takes_only_that_back(doubles):
    whole = doubles.link()["after"]
    doubles.restart(doubles.nat)
    doubles.double(doubles.nat).fail("memif_create_v2", -9)
    with pytest.raises(ModuleFailed) as caught:
        doubles.link()
    assert caught.value.result["operations"]["not_undone"] == []
    assert doubles.interfaces(doubles.nat) == {} and list(doubles.interfaces(doubles.web)) == ["memif0 (link)"]
    assert devices(doubles.client) == ["tap0"]
    assert doubles.link()["after"] == whole


@pytest.mark.parametrize("at", ["af_packet_create_v3", "sw_interface_tag_add_del", "memif_create_v2"])
def test_a_vpp_that_dies_in_the_middle_is_an_error_and_the_next_run_converges(doubles, at):
    doubles.double(doubles.nat).die(at)
    with pytest.raises(ModuleFailed, match="ended; the call may or may not"):
        doubles.link()
    doubles.restart(doubles.nat)
    assert doubles.link()["changed"] and not doubles.link()["changed"]
    assert sorted(doubles.interfaces(doubles.nat)) == ["memif0 (link)", "memif1 (link)"]


class TestTap:
    """The machine has no vhost-net: the double makes a device where VPP would."""

    @pytest.fixture(name="taps")
    def _taps(self, doubles, monkeypatch, tmp_path):
        vhost = tmp_path / "vhost-net"
        vhost.touch()
        monkeypatch.setattr(vpp_ends, "VHOST", str(vhost))
        real, delete = double_devices.create_tap, double_devices.delete_tap

        def create(state, request):
            answer = real(state, request)
            if not answer.get("retval"):
                namespace = os.path.basename(request["host_namespace"])
                shell(namespace, f"ip link add {request['host_if_name']} type bridge")
            return answer

        def remove(state, request):
            interface = state.interface(request["sw_if_index"])
            shell(os.path.basename(interface.data["tap"]["host_namespace"]), f"ip link delete {interface.data['tap']['host_if_name']}")
            return delete(state, request)

        for name in ("tap_create_v2", "tap_create_v3"):
            monkeypatch.setitem(HANDLERS, name, create)
        monkeypatch.setitem(HANDLERS, "tap_delete_v2", remove)
        doubles.double(doubles.nat).state.devices.vhost = True
        return doubles

    def test_it_is_taken_where_the_machine_has_vhost_net(self, taps):
        predicted = taps.link(check=True)
        done = taps.link()
        assert done["commands"] == predicted["commands"] and done["after"] == predicted["after"]
        assert {link["medium"] for link in done["after"]["links"]} == {"tap", "memif"}
        assert taps.interfaces(taps.nat)["memif0 (link)"]["interface_dev_type"] == "tap"
        shown = shell(taps.client, "ip link show tap0")
        assert f"alias pantheon.cnf {taps.client} link:linux.interfaces/interface EXISTING tap0" in shown
        assert mac_of(taps.client, "tap0") in shown
        assert devices(taps.nat) == []
        assert not taps.link()["changed"] and not taps.link(check=True)["changed"]
        (asked,) = taps.double(taps.nat).called("tap_create_v3")
        assert asked["host_namespace"] == f"/run/netns/{taps.client}" and asked["host_if_name"] == "tap0"
        gone = taps.link(state="absent")
        assert gone["after"] == {"links": []} and devices(taps.client) == [] and taps.interfaces(taps.nat) == {}

    def test_medium_insists_on_the_other(self, taps):
        links = taps.links()
        taps.link([{**links[0], "medium": "af_packet"}])
        assert taps.interfaces(taps.nat)["memif0 (link)"]["interface_dev_type"] == "af-packet"
        assert not taps.link(links[:1])["changed"], "auto leaves what is there"
        assert taps.link([{**links[0], "medium": "tap"}])["changed"]
        assert taps.interfaces(taps.nat)["memif0 (link)"]["interface_dev_type"] == "tap" and devices(taps.nat) == []

    def test_an_interrupt_before_the_mark_is_mended(self, taps, monkeypatch):
        from ansible_collections.pantheon.cnf.plugins.module_utils.linux.joins import JoinDataplane

        real = JoinDataplane.alias

        def interrupted(*_unused):
            raise KeyboardInterrupt

        monkeypatch.setattr(JoinDataplane, "alias", interrupted)
        with pytest.raises(ModuleFailed, match="interrupted"):
            taps.link(taps.links()[:1], on_failure="stop")
        monkeypatch.setattr(JoinDataplane, "alias", real)
        assert devices(taps.client) == ["tap0"] and "alias" not in shell(taps.client, "ip link show tap0")
        assert taps.link(taps.links()[:1])["changed"] and not taps.link(taps.links()[:1])["changed"]
        assert "alias" in shell(taps.client, "ip link show tap0")

    def test_without_vhost_net_in_vpp_the_error_names_it(self, taps):
        taps.double(taps.nat).state.devices.vhost = False
        with pytest.raises(ModuleFailed, match="tap_create_v3.*(-11|SYSCALL_ERROR_1)"):
            taps.link()
        assert taps.interfaces(taps.nat) == {} and devices(taps.client) == []


def test_two_runs_on_one_vpp_wait_for_each_other_whatever_they_call_it(doubles, monkeypatch):
    monkeypatch.setattr(lock, "lock", functools.partial(lock.lock, timeout=0))
    with lock.locks([("another", doubles.sockets[doubles.web])], "a test"):
        with pytest.raises(ModuleFailed, match=r"VPP at .*changed by a test"):
            doubles.link()
    assert doubles.link()["changed"]
