# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.packets import Packet
from ansible_collections.pantheon.cnf.plugins.module_utils.proof import judge, model, prove, tell

from ...support.proofs import CLIENT, POOLED, REQUEST, SERVER, packets, seen_when_good, session, traced_when_good

GOOD = seen_when_good()


def failing(seen, request=REQUEST):
    """Names of the checks that do not hold, with what was seen."""
    return {check.name: check.seen for check in judge.judge(request, seen) if not check.proven}


def test_a_good_chain_is_proven():
    assert failing(GOOD) == {}
    assert [check.name for check in judge.judge(REQUEST, GOOD)] == ["answer", "source", "hidden", "session", "agreement", "counters"]


def whoami(address, port):
    """The server's word about who asked."""
    return GOOD.whoami._replace(body=json.dumps({"address": address, "port": port}))


def without(packets_seen, source, destination):
    """The packets but those from one address to another."""
    return [packet for packet in packets_seen if (packet.source, packet.destination) != (source, destination)]


BAD = {
    "the page is an error": (GOOD._replace(page=GOOD.page._replace(status=404)), {"answer"}, "HTTP 404"),
    "the page is empty": (GOOD._replace(page=GOOD.page._replace(body=" \n")), {"answer"}, r"\(empty\)"),
    "the server saw the client itself": (
        GOOD._replace(whoami=whoami(CLIENT, 4001), sessions=[session(4000), session(4001, outside=CLIENT)]),
        {"source", "session", "agreement"},
        "the client's own address: nothing was translated",
    ),
    "the server saw a stranger": (GOOD._replace(whoami=whoami("80.80.80.106", 4001)), {"source", "agreement"}, r"80\.80\.80\.106:4001"),
    "the server saw another port": (GOOD._replace(whoami=whoami(POOLED, 9)), {"agreement"}, "the server saw .*:9, the session says .*:4001"),
    "the server says something else": (GOOD._replace(whoami=GOOD.whoami._replace(body="<html>")), {"source", "agreement"}, "without a peer's address"),
    "the server says IPv6": (GOOD._replace(whoami=whoami("fd00::1", 4001)), {"source", "agreement"}, "fd00::1"),
    "one packet leaked": (GOOD._replace(outside=[*GOOD.outside, *packets(CLIENT, 4000, SERVER, 80)]), {"hidden"}, "1 of 25 packets on memif1 have: TCP"),
    "an ARP leaked": (
        GOOD._replace(outside=[*GOOD.outside, Packet("ARP", CLIENT, SERVER, 0, 0, 0, frozenset((CLIENT, SERVER)), True)]),
        {"hidden"},
        "ARP 192.168.100.10",
    ),
    "the capture lost packets": (GOOD._replace(dropped=3), {"hidden"}, "missed 3 packets"),
    "nothing passed outside": (GOOD._replace(outside=[]), {"hidden", "agreement"}, "no packet of the requests passed"),
    "no session": (GOOD._replace(sessions=[]), {"session", "agreement"}, "none for 192.168.100.10:4000"),
    "one session only": (GOOD._replace(sessions=[session(4000)]), {"session", "agreement"}, "none for 192.168.100.10:4001"),
    "a session of another protocol": (GOOD._replace(sessions=[session(4000), {**session(4001), "protocol": "UDP"}]), {"session", "agreement"}, "none for"),
    "a session outside of the pool": (
        GOOD._replace(sessions=[session(4000), session(4001, outside="80.80.80.99")]),
        {"session", "agreement"},
        r"as 80\.80\.80\.99:4001",
    ),
    "no answer was captured outside": (
        GOOD._replace(outside=without(GOOD.outside, SERVER, POOLED)),
        {"agreement"},
        "outside capture has no 80.80.80.80:80",
    ),
    "no answer was captured inside": (GOOD._replace(inside=without(GOOD.inside, SERVER, CLIENT)), {"agreement"}, "inside capture has no"),
    "the counters stood still": (GOOD._replace(counters={"inside": {"memif0": 24}, "outside": {"memif1": 0}}), {"counters"}, "outside 0 counted"),
    "there are no counters": (GOOD._replace(counters={}), {"counters"}, "inside 0 counted"),
}


@pytest.mark.parametrize("name", BAD)
def test_each_thing_that_can_be_wrong_is_told(name):
    seen, names, says = BAD[name]
    found = failing(seen)
    assert set(found) == names
    assert re.search(says, "; ".join(found.values())), found
    told = tell.reasons(judge.judge(REQUEST, seen))
    assert len(told) == len(names) and all("expected" in one and "seen" in one for one in told)
    text = tell.text(REQUEST, judge.judge(REQUEST, seen), tell.evidence(REQUEST, seen))
    assert text.startswith("NAT44 of nat: NOT PROVEN") and text.count("[FAILED]") == len(names)


HALF = GOOD._replace(outside=without(GOOD.outside, POOLED, SERVER), lost=4)
LEAK = GOOD._replace(outside=[*GOOD.outside, *packets(CLIENT, 4000, SERVER, 80)], lost=4)


@pytest.mark.parametrize(
    ("looks", "asked", "proven"),
    [
        ([HALF, GOOD], 2, True),
        ([HALF._replace(lost=0), GOOD], 1, False),
        ([GOOD._replace(lost=4), HALF], 1, True),
        ([HALF] * 9, prove.TRIES, False),
        ([LEAK, GOOD], 1, False),
        ([HALF, LEAK, GOOD], 2, False),
    ],
    ids=["the trace lost packets", "it lost none", "it lost others", "it always loses some", "a leak is one", "a later leak is one"],
)
def test_what_the_trace_lost_is_looked_at_again(monkeypatch, looks, asked, proven):
    left = list(looks)
    monkeypatch.setattr(prove, "request_of", lambda _parameters: REQUEST)
    monkeypatch.setattr(prove, "observe", lambda _request, _site: left.pop(0))
    assert prove.prove({}, contextlib.nullcontext)["proven"] is proven
    assert len(looks) - len(left) == asked


def test_the_page_has_to_match():
    assert failing(GOOD, REQUEST._replace(body="version 1")) == {}
    assert set(failing(GOOD, REQUEST._replace(body="version 2"))) == {"answer"}


def test_without_an_inside_network_nothing_is_hidden():
    assert set(failing(GOOD, REQUEST._replace(inside_networks=[]))) == {"hidden"}


LOST = GOOD.page._replace(status=0, body="", error="no answer within 10 s")


@pytest.mark.parametrize(
    ("inside", "outside", "says"),
    [
        ([], [], "no packet of 192.168.100.10:4000 came to memif0 of nat"),
        ([Packet("ARP", CLIENT, "192.168.100.1", 0, 0, 0, frozenset(), False)], [], "came to memif0 of nat; only ARP 192.168.100.10"),
        (packets(CLIENT, 4000, SERVER, 80), [], "came to memif0 of nat, but none left by memif1"),
        (packets(CLIENT, 4000, SERVER, 80), [Packet("ARP", POOLED, SERVER, 0, 0, 0, frozenset(), True)], "asked for by ARP without an answer"),
        (packets(CLIENT, 4000, SERVER, 80), packets(POOLED, 4000, SERVER, 80), "it left memif1 of nat as TCP 80.80.80.103:4000 .*, but no answer came back"),
        (
            packets(CLIENT, 4000, SERVER, 80),
            [*packets(POOLED, 4000, SERVER, 80), *packets(SERVER, 80, POOLED, 4000, flags=0x14)],
            "80.80.80.80:80 refused",
        ),
        (
            packets(CLIENT, 4000, SERVER, 80),
            [*packets(POOLED, 4000, SERVER, 80), *packets(SERVER, 80, POOLED, 4000)],
            "was answered, but the answer did not pass back",
        ),
    ],
)
def test_where_the_packets_of_a_lost_flow_stopped(inside, outside, says):
    seen = GOOD._replace(page=LOST, inside=inside, outside=outside)
    assert re.search(says, failing(seen)["answer"])


def test_an_arp_that_was_answered_is_not_blamed():
    answered = [Packet("ARP", POOLED, SERVER, 0, 0, 0, frozenset(), True), Packet("ARP", SERVER, POOLED, 0, 0, 0, frozenset(), False)]
    assert "ARP" not in failing(GOOD._replace(page=LOST, outside=answered))["answer"]


def test_a_leak_is_shown_on_the_outside_hop():
    seen = GOOD._replace(page=LOST, sessions=[], outside=packets(CLIENT, 4000, SERVER, 80))
    hop = tell.evidence(REQUEST, seen)["flows"][0]["hops"][2]
    assert (hop["source"], hop["packets_forth"], hop["packets_back"]) == (f"{CLIENT}:4000", 1, 0)


def test_evidence_is_data_for_json():
    found = tell.evidence(REQUEST, GOOD)
    assert json.loads(json.dumps(found)) == found
    assert [hop["source"] for hop in found["flows"][1]["hops"]] == [f"{CLIENT}:4001", f"{CLIENT}:4001", f"{POOLED}:4001", f"{POOLED}:4001"]


# -- a server that does not tell, but whose trace does --------------------------------------------------------------------

TRACED = traced_when_good()
ON_VPP = REQUEST._replace(nat=REQUEST.nat._replace(socket="/run/nat.sock"), server=REQUEST.server._replace(socket="/run/web.sock"))


def test_a_server_on_vpp_is_asked_once_and_looked_at():
    assert failing(TRACED, ON_VPP) == {}
    found = tell.evidence(ON_VPP, TRACED)
    assert found["source_seen_by_server"] == {"address": POOLED, "port": 4000}
    assert len(found["flows"]) == 1 and found["flows"][0]["hops"][-1] == {"place": "web", "source": f"{POOLED}:4000", "destination": f"{SERVER}:80"}
    assert found["capture"]["server"]["packets"] == 6
    assert [each["dataplane"] for each in found["chain"]] == ["linux", "vpp", "vpp"]
    assert json.loads(json.dumps(found)) == found


ARRIVED = {
    "nothing came to the server": (TRACED._replace(arrived=[]), {"source", "agreement"}, "nor any other packet for its web server"),
    "only somebody else came to the server": (
        TRACED._replace(arrived=packets("80.80.80.105", 7, SERVER, 80, flags=0x02, sequence=99)),
        {"source", "agreement"},
        r"others did: TCP 80\.80\.80\.105:7",
    ),
    "the client itself came to the server": (
        TRACED._replace(arrived=packets(CLIENT, 4000, SERVER, 80, flags=0x02, sequence=1000)),
        {"source", "hidden", "agreement"},
        "the client's own address: nothing was translated",
    ),
    "another of the pool came than the session says": (
        TRACED._replace(arrived=packets("80.80.80.104", 4000, SERVER, 80, flags=0x02, sequence=1000)),
        {"agreement"},
        r"the server saw 80\.80\.80\.104:4000, the session says 80\.80\.80\.103:4000",
    ),
    "something leaked that the NAT's own trace does not have": (
        TRACED._replace(arrived=[*TRACED.arrived, Packet("ARP", CLIENT, SERVER, 0, 0, 0, frozenset((CLIENT, SERVER)), False)]),
        {"hidden"},
        r"1 of 7 packets on the server's side of it \(web\) have: ARP",
    ),
    "the page is VPP's way to say no": (
        TRACED._replace(page=TRACED.page._replace(body="<html><body><pre>show: unknown input `x'\n</pre></body></html>")),
        {"answer"},
        "HTTP 200 after 2 ms: show: unknown input",
    ),
    "another's session": (TRACED._replace(sessions=[session(4001)]), {"session", "agreement"}, "none for 192.168.100.10:4000"),
}


@pytest.mark.parametrize("name", ARRIVED)
def test_each_thing_that_can_be_wrong_is_told_of_a_server_on_vpp(name):
    seen, names, says = ARRIVED[name]
    found = failing(seen, ON_VPP)
    assert set(found) == names
    assert re.search(says, "; ".join(found.values())), found


def test_a_packet_is_recognised_by_its_sequence_number_and_not_by_its_port():
    assert judge.told(TRACED) == (POOLED, 4000)
    other = packets("80.80.80.104", 4000, SERVER, 80, flags=0x02, sequence=1)
    assert judge.told(TRACED._replace(arrived=[*other, *TRACED.arrived])) == (POOLED, 4000)
    # An answer has the same number only by chance, and a sender that was never seen inside none at all.
    assert judge.told(TRACED._replace(inside=[])) is None


def test_a_nat_that_keeps_no_external_end():
    independent = [{**session(4000), "external": None}]
    assert failing(TRACED._replace(sessions=independent), ON_VPP) == {}


def test_html_is_shown_as_it_is_unless_it_is_vpps():
    assert "<pre>" in judge.judge(REQUEST, GOOD._replace(page=GOOD.page._replace(body="<pre>x</pre>")))[0].seen
    assert judge.judge(ON_VPP, TRACED)[0].seen == "HTTP 200 after 2 ms: vpp v26.06-release"


def test_the_trace_is_told_in_stretches_of_the_same_ends():
    text = tell.text(ON_VPP, judge.judge(ON_VPP, TRACED), tell.evidence(ON_VPP, TRACED))
    assert "The first packet in the trace of nat:" in text
    assert f"  {CLIENT}:4000 -> {SERVER}:80: af-packet-input, ip4-input, nat44-ed-in2out" in text
    assert f"  {POOLED}:4000 -> {SERVER}:80: memif1/0-output" in text
    assert tell.stretches([{"name": "x", "headers": {}}]) == [(["x"], "")]
    assert tell.stretches([]) == []


# -- fetch ------------------------------------------------------------------------------------------------------------


@pytest.fixture(name="listener")
def _listener():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        yield listener


def serve(listener, answer, after=0.0):
    """Listen after a while, and answer one connection."""

    def run():
        time.sleep(after)
        listener.listen()
        with contextlib.suppress(OSError):
            connection, _peer = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()


def get(listener, timeout=5.0):
    """Fetch from it."""
    return prove.fetch(contextlib.nullcontext, f"http://127.0.0.1:{listener.getsockname()[1]}/show/version?x=1", timeout)


def test_fetch_tells_who_asked_and_what_came(listener):
    serve(listener, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
    flow = get(listener)
    assert (flow.status, flow.body, flow.error, flow.client[0], flow.server) == (200, "hello", "", "127.0.0.1", listener.getsockname())


def test_fetch_tries_again_while_a_chain_warms_up(listener):
    serve(listener, b"HTTP/1.0 200 OK\r\n\r\nhello", after=0.3)
    flow = get(listener)
    assert flow.status == 200 and flow.attempts > 1


def test_fetch_gives_up_in_time(listener):
    begun = time.monotonic()
    flow = get(listener, timeout=0.4)
    assert flow.status == 0 and "refused" in flow.error
    assert 0.3 < time.monotonic() - begun < 4


def test_fetch_gives_up_on_silence(listener):
    listener.listen()
    flow = get(listener, timeout=0.3)
    assert (flow.status, flow.error, flow.attempts) == (0, "no answer within 0.3 s", 1)


def test_fetch_says_what_is_not_http(listener):
    serve(listener, b"SSH-2.0-OpenSSH\r\n")
    assert "not HTTP" in get(listener).error


@pytest.mark.parametrize("url", ["https://10.0.0.1/", "http://web/", "http://[fd00::1]/", "10.0.0.1", "http://10.0.0.1:99999/", "http://"])
def test_urls_that_cannot_be_proven_are_refused(url):
    with pytest.raises(CnfError, match="url"):
        model.target(url)


PARAMETERS = {
    "client": "a",
    "cnf": "b",
    "server": "c",
    "url": "http://10.0.0.1/x",
    "inside": ["i"],
    "outside": ["o"],
    "pools": [{"first_ip": "10.0.0.9", "last_ip": None}],
    "namespaces": {"b": "blue-b"},
    "inside_networks": ["192.168.1.1/24"],
    "timeout": 3.0,
    "body": None,
}


def test_sockets_say_what_is_on_vpp():
    request = model.request_of({**PARAMETERS, "sockets": {"b": "/run/b.sock", "z": "/run/z.sock"}})
    assert (request.client.socket, request.nat.socket, request.server.socket) == ("", "/run/b.sock", "")
    with pytest.raises(CnfError, match="sockets: client a is on VPP; a flow is sent from a network namespace"):
        model.request_of({**PARAMETERS, "sockets": {"a": "/run/a.sock"}})


def test_request_from_parameters():
    request = model.request_of(PARAMETERS)
    assert (request.client.namespace, request.nat.namespace) == ("a", "blue-b")
    assert (request.pools, request.inside_networks, request.timeout) == ([("10.0.0.9", "10.0.0.9")], ["192.168.1.0/24"], 3.0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"client": None}, "missing: client"),
        ({"pools": []}, "missing: pools"),
        ({"pools": [{"first_ip": "10.0.0"}]}, "pools: .*10.0.0"),
        ({"inside_networks": ["x"]}, "inside_networks: .*x"),
        ({"body": "("}, "body: .* no regular expression"),
        ({"url": "ftp://10.0.0.1/"}, "url"),
    ],
)
def test_wrong_parameters_are_named(change, says):
    with pytest.raises(CnfError, match=says):
        model.request_of({**PARAMETERS, **change})
