# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proof on live VPPs: that it holds when it has to, and, above all, that it fails when it has to."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import threading
import xml.etree.ElementTree as xml

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import proof
from ansible_collections.pantheon.cnf.plugins.plugin_utils.proof_picture import picture

from tests.support.modules import ModuleFailed, run_module
from tests.support.places import Places
from tests.support.playbooks import play
from tests.support.vpp import NO_VPP, program
from tests.support.vpp_proof import ANY, CLIENT, SERVER, ProofChain

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces"),
    pytest.mark.skipif(program() is None, reason=NO_VPP),
]

UDP = 17


@pytest.fixture(name="whole", scope="module")
def _whole():
    with Places() as places:
        yield ProofChain(places)


@pytest.fixture(name="chain")
def _chain(whole):
    """Its NAT is on, and off afterwards."""
    whole.nat_on()
    yield whole
    with contextlib.suppress(Exception):
        whole.nat_off()


@pytest.fixture(name="bare")
def _bare(whole):
    """Without NAT, but the web server knows the way back."""
    whole.way_back()
    yield whole
    whole.way_back(False)
    with contextlib.suppress(Exception):
        whole.nat_off()


def failed(result):
    """Names of the checks that do not hold."""
    assert result["proven"] is (not result["reasons"])
    return {check["name"] for check in result["checks"] if not check["proven"]}


def test_a_chain_that_translates_is_proven(chain):
    result = chain.prove(body="vpp v")
    assert result["proven"] and not result["changed"], result["text"]
    found = result["evidence"]
    (flow,) = found["flows"]
    seen = found["source_seen_by_server"]
    assert re.fullmatch(r"80\.80\.80\.10[0-5]", seen["address"])
    assert found["nat"]["inside_networks"] == ["192.168.100.0/24"]
    assert [one["dataplane"] for one in found["chain"]] == ["linux", "vpp", "vpp"]
    assert [one["name"] for one in found["chain"][1]["interfaces"]] == ["memif0", "memif1"]
    # Packet, session table and what the server got tell the same.
    listed = run_module("vpp_nat44_sessions_info", socket=chain.sockets[chain.nat], inside_address=CLIENT, protocol="TCP")["sessions"]
    assert [one["outside"] for one in listed if one["inside"] == flow["client"]] == [seen]
    assert flow["hops"][-1]["source"] == f"{seen['address']}:{seen['port']}"
    nodes = {cnf: [node["name"] for node in way] for cnf, way in found["traces"].items()}
    assert any("nat44-ed-in2out" in name for name in nodes[chain.nat]) and nodes[chain.nat][-1].endswith(("-output", "-tx"))
    assert nodes[chain.web][0] == "memif-input" and "tcp4-listen" in nodes[chain.web]
    assert "The first packet in the trace of" in result["text"]
    drawn = xml.fromstring(picture(result))
    assert "PROVEN" in "".join(drawn.itertext())
    # It leaves no trace running.
    assert run_module("vpp_packet_trace", socket=chain.sockets[chain.nat])["packets"] == []
    assert chain.prove()["proven"]


def test_without_nat_it_leaks_and_the_proof_says_so(whole):
    result = whole.prove(timeout=1.5)
    assert failed(result) == {"answer", "source", "hidden", "session", "agreement"}
    assert f"it left memif1 of {whole.nat} as TCP {CLIENT}" in result["text"] and "nothing was translated" in result["text"]


def test_without_nat_but_with_a_way_back_everything_works_and_nothing_is_proven(bare):
    result = bare.prove()
    assert failed(result) == {"source", "hidden", "session", "agreement"}
    assert result["evidence"]["flows"][0]["status"] == 200


def test_swapped_sides(bare):
    bare.nat_on(inside="memif1", outside="memif0")
    result = bare.prove(timeout=1.5)
    assert {"source", "hidden"} <= failed(result), result["text"]


def test_a_nat_that_forwards_everything_has_sessions_and_translates_nothing(bare):
    """VPP's classic NAT with forwarding on: a session count proves nothing."""
    bare.nat_on(output_feature=False, forwarding=True)
    result = bare.prove()
    assert failed(result) == {"source", "hidden", "session"}, result["text"]
    assert result["evidence"]["flows"][0]["status"] == 200 and len(result["evidence"]["sessions"]) == 1


def test_a_classic_nat_is_proven_too(whole):
    whole.nat_on(output_feature=False)
    try:
        assert whole.prove()["proven"]
    finally:
        whole.nat_off()


def test_an_address_that_is_not_of_the_pool(chain):
    assert failed(chain.prove(pools=[{"first_ip": "80.80.80.110", "last_ip": "80.80.80.120"}])) == {"source", "session"}


@contextlib.contextmanager
def datagrams(chain, pause, port=4567):
    """Sent by the client all the while."""
    with Host(chain.client) as host, host.inside():
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    over = threading.Event()

    def send():
        sender.bind(("", port))
        while not over.wait(pause):
            with contextlib.suppress(OSError):
                sender.sendto(b"x", (SERVER, 9))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        sender.close()


def test_another_protocol_that_leaks_while_the_flow_itself_is_in_order(chain):
    # First, for VPP answers no ARP of a host that has an identity mapping: it takes the address for its own.
    assert chain.prove()["proven"]
    exempt = {"flags": 0, "ip_address": CLIENT, "protocol": UDP, "port": 4567, "sw_if_index": ANY, "vrf_id": 0, "tag": "leak"}
    chain.call(chain.nat, "nat44_add_del_identity_mapping", is_add=True, **exempt)
    with datagrams(chain, 0.01):
        result = chain.prove()
    assert failed(result) == {"hidden"}, result["text"]
    assert f"UDP {CLIENT}:4567" in result["text"]


def test_a_trace_that_became_full_proves_no_absence(chain, monkeypatch):
    monkeypatch.setattr(proof, "PACKETS", 4)
    result = chain.prove()
    assert "hidden" in failed(result), result["text"]
    assert result["evidence"]["capture_dropped"] > 0 and "the capture missed" in result["text"]


def test_a_page_that_is_no_command(chain):
    result = chain.prove(url=f"http://{SERVER}/nonsense")
    assert failed(result) == {"answer"} and "unknown input" in result["text"]


def test_nobody_listens(chain):
    result = chain.prove(url=f"http://{SERVER}:81/show/version", timeout=1.5)
    assert "answer" in failed(result) and f"{SERVER}:81 refused" in result["text"], result["text"]


def test_what_is_missing_is_said(chain):
    result = chain.prove(outside=["memif7"])
    assert failed(result) == {"chain"} and "has no interface 'memif7'; there is memif0, memif1" in result["text"]
    result = chain.prove(sockets={**chain.sockets, chain.nat: "/run/nowhere/api.sock"})
    assert failed(result) == {"chain"} and "/run/nowhere/api.sock" in result["text"]
    with pytest.raises(ModuleFailed, match="is on VPP; a flow is sent from a network namespace"):
        chain.prove(sockets={**chain.sockets, chain.client: "/run/x"})
    with pytest.raises(ModuleFailed, match="not proven: source: expected .* seen: ") as caught:
        chain.prove(pools=[{"first_ip": "80.80.80.1"}], fail=True)
    assert caught.value.result["proven"] is False and caught.value.result["evidence"]["traces"]


def test_check_mode_sends_nothing(chain):
    before = chain.interfaces(chain.nat)
    assert chain.prove(check=True)["skipped"] and chain.interfaces(chain.nat) == before


PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - pantheon.cnf.packet_trace: {dataplane: vpp, namespace: NAT, interfaces: [memif0], state: started}
    - pantheon.cnf.packet_trace: {namespace: CLIENT, state: started}
    - ansible.builtin.command: ip netns exec CLIENT ping -c1 -W3 80.80.80.80
    - pantheon.cnf.packet_trace: {namespace: CLIENT, state: stopped}
      register: kernel
    - pantheon.cnf.packet_trace: {dataplane: vpp, namespace: NAT, state: stopped}
      register: vpp
    - pantheon.cnf.nat44_sessions_info: {dataplane: vpp, namespace: NAT, protocol: ICMP}
      register: sessions
    - pantheon.cnf.nat44_sessions: {socket: /run/pantheon.cnf/NAT/vpp/api.sock, protocol: ICMP}
      register: cleared
    - pantheon.cnf.vpp_exec: {socket: /run/pantheon.cnf/NAT/vpp/api.sock, commands: [show version]}
      register: said
    - ansible.builtin.assert:
        that:
          - kernel.packets | selectattr('received_on') | map(attribute='nodes.0.headers.icmp.type', default='') | select | list == ['echo_reply']
          - vpp.packets | map(attribute='sent_on') | list | flatten | intersect(['memif1']) == ['memif1']
          - sessions.sessions | map(attribute='inside.address') | unique | list == ['192.168.100.10']
          - cleared is changed and cleared.commands[0] is match('nat44_del_session ')
          - said is not changed and said.stdout[0] is match('vpp v')
"""


def test_the_modules_as_ansible_sends_them(chain, tmp_path):
    assert chain.prove()["proven"]  # addresses are resolved
    path = tmp_path / "play.yml"
    path.write_text(PLAY.replace("NAT", chain.nat).replace("CLIENT", chain.client))
    done = play(str(path), tmp=tmp_path)
    names = [name.rpartition(".")[2] for name in done.modules]
    assert [name for name in names if "trace" in name] == ["vpp_packet_trace", "packet_trace", "packet_trace", "vpp_packet_trace"]
    assert {"vpp_nat44_sessions_info", "vpp_nat44_sessions", "vpp_exec"} <= set(names)


@pytest.mark.parametrize("on_vpp", [("nat",), ("web",)], ids=["the NAT alone", "the web server alone"])
def test_one_of_them_on_vpp(on_vpp):
    with Places() as places:
        chain = ProofChain(places, on_vpp)
        without = chain.prove(timeout=1.5)
        assert not without["proven"] and "hidden" in failed(without)
        chain.nat_on()
        result = chain.prove()
        assert result["proven"], result["text"]
        assert len(result["evidence"]["flows"]) == (1 if "web" in on_vpp else 2)
        assert set(result["evidence"]["traces"]) == {chain.names_of[role] for role in on_vpp}
