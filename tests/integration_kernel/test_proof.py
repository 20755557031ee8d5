# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import conntrack
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.capture import Capture
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host

from ..support.modules import ModuleFailed, run_module
from ..support.places import HandMadeChain, Places, shell, web_process

SO_RCVBUFFORCE = 33

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")


@pytest.fixture(name="chain")
def _chain():
    with Places() as places:
        yield HandMadeChain(places)


def failed(result):
    """Names of the checks that do not hold."""
    assert result["proven"] is (not result["reasons"])
    return {check["name"] for check in result["checks"] if not check["proven"]}


def test_a_chain_that_translates_is_proven(chain):
    result = chain.prove(body="web server [0-9]")
    assert result["proven"] and not result["changed"], result["text"]
    found = result["evidence"]
    assert re.fullmatch(r"80\.80\.80\.10[0-5]", found["source_seen_by_server"]["address"])
    assert {one["inside"]["address"] for one in found["sessions"]} == {"192.168.100.10"}
    assert found["nat"]["inside_networks"] == ["192.168.100.0/24"]
    assert found["flows"][0]["body"].startswith("web: pantheon.cnf web server")
    with Host(chain.nat) as host:
        told = conntrack.sessions(host, {"inside_address": "192.168.100.10"})
    assert [one["outside"] for one in told].count(found["source_seen_by_server"]) == 1
    assert chain.prove()["proven"]


def test_without_nat_it_leaks_and_the_proof_says_so(chain):
    shell(chain.nat, "nft delete table ip byhand")
    result = chain.prove(timeout=1.5)
    assert failed(result) == {"answer", "source", "hidden", "session", "agreement"}
    assert "it left memif1" in result["text"] and "192.168.100.10" in str(result["checks"])


def test_without_nat_but_with_a_way_back_everything_works_and_nothing_is_proven(chain):
    shell(chain.nat, "nft delete table ip byhand")
    shell(chain.web, "ip route add 192.168.100.0/24 via 80.80.80.100")
    result = chain.prove()
    assert failed(result) == {"source", "hidden", "session", "agreement"}
    assert "nothing was translated" in result["text"]
    assert result["evidence"]["flows"][0]["status"] == 200


def test_without_forwarding_it_says_where_the_packets_stop(chain):
    shell(chain.nat, "sysctl -q -w net.ipv4.ip_forward=0")
    result = chain.prove(timeout=1.5)
    assert "answer" in failed(result)
    assert "came to memif0" in result["text"] and "none left by memif1" in result["text"]


def test_an_address_that_is_not_of_the_pool(chain):
    result = chain.prove(pools=[{"first_ip": "80.80.80.110", "last_ip": "80.80.80.120"}])
    assert failed(result) == {"source", "session"}


def test_another_protocol_that_leaks_while_the_flow_itself_is_in_order(chain):
    shell(chain.nat, "nft flush chain ip byhand post")
    shell(chain.nat, 'nft add rule ip byhand post ip saddr 192.168.100.0/24 oifname "memif1" tcp dport 80 snat to 80.80.80.103')
    with Host(chain.client) as host, host.inside():
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    over = threading.Event()

    def send():
        while not over.wait(0.001):
            datagrams.sendto(b"x", ("80.80.80.80", 9))

    with datagrams:
        sender = threading.Thread(target=send)
        sender.start()
        try:
            result = chain.prove()
        finally:
            over.set()
            sender.join()
    assert failed(result) == {"hidden"}
    assert "UDP 192.168.100.10" in result["text"]


def test_a_dead_server_refuses(chain):
    run_module("cnf_sandbox", sandboxes=[{"name": chain.web, "processes": []}])
    result = chain.prove(timeout=1.0)
    assert "80.80.80.80:80 refused" in result["text"]


def test_a_server_that_comes_late_is_waited_for(chain, tmp_path):
    run_module("cnf_sandbox", sandboxes=[{"name": chain.web, "processes": []}])
    script = tmp_path / "web.py"
    script.write_text(web_process()["script"])
    command = f"sleep 0.7; exec {sys.executable} {script} --port 80"
    with subprocess.Popen(["ip", "netns", "exec", chain.web, "sh", "-c", command], stderr=subprocess.DEVNULL) as late:
        try:
            result = chain.prove()
        finally:
            late.terminate()
    assert result["proven"], result["text"]
    assert result["evidence"]["flows"][0]["attempts"] > 1


def test_a_missing_chain_is_not_proven_and_says_what_is_missing(chain):
    result = chain.prove(client="tp-nowhere")
    assert failed(result) == {"chain"} and "tp-nowhere does not exist" in result["text"]
    result = chain.prove(outside=["memif7"])
    assert "has no interface 'memif7'; there is memif0, memif1" in result["text"]


def test_not_proven_fails_the_task_unless_told_otherwise(chain):
    with pytest.raises(ModuleFailed, match="not proven: source: expected .* seen: ") as caught:
        chain.prove(pools=[{"first_ip": "80.80.80.1"}], fail=True)
    assert caught.value.result["proven"] is False and caught.value.result["evidence"]["flows"]


def test_check_mode_sends_nothing(chain):
    with Host(chain.nat) as host, Capture(host.inside(), "memif0") as capture:
        result = chain.prove(check=True)
        assert result["skipped"] and "proven" not in result
        assert [packet for packet in capture.packets() if packet.protocol == "TCP"] == []


def test_wrong_options_are_an_error_not_a_verdict(chain):
    for options, says in (({"url": "http://web/"}, "url 'http://web/'"), ({"outside": []}, "missing: outside"), ({"pools": [{"first_ip": "x"}]}, "pools")):
        with pytest.raises(ModuleFailed, match=says) as caught:
            chain.prove(**options)
        assert "proven" not in caught.value.result


def test_a_capture_says_what_it_missed(chain):
    with Host(chain.nat) as host, Capture(host.inside(), "memif1") as capture:
        capture.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 2048)  # room for a packet or two
        chain.prove()
        assert capture.packets()
        assert capture.dropped() > 0
