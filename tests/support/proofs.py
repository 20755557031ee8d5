# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a proof sees on the demo's chain when all is well; tests spoil one thing of it each."""

from __future__ import annotations

import json

from ansible_collections.pantheon.cnf.plugins.module_utils.packets import Packet
from ansible_collections.pantheon.cnf.plugins.module_utils.proof import model

CLIENT, POOLED, SERVER = "192.168.100.10", "80.80.80.103", "80.80.80.80"
REQUEST = model.Request(
    "http://80.80.80.80/show/version",
    model.Place("client", "client"),
    model.Place("nat", "nat"),
    model.Place("web", "web"),
    ["memif0"],
    ["memif1"],
    [("80.80.80.100", "80.80.80.105")],
    ["192.168.100.0/24"],
)


def packets(source, source_port, destination, destination_port, count=1, flags=0x10, sequence=0):
    """Some packets of one direction of a flow."""
    return [Packet("TCP", source, destination, source_port, destination_port, flags, frozenset((source, destination)), False, sequence)] * count


def session(port, outside=POOLED):
    """An entry of the session table."""
    return {
        "protocol": "TCP",
        "inside": {"address": CLIENT, "port": port},
        "outside": {"address": outside, "port": port},
        "external": {"address": SERVER, "port": 80},
        "is_static": False,
        "state": "TIME_WAIT",
        "timeout": 119,
        "age": None,
        "packets": 12,
        "bytes": 1000,
    }


def interface(name, address):
    """An interface as the proof describes it."""
    return {"name": name, "host_if_name": name, "enabled": True, "phys_address": "02:00:00:00:00:01", "ip_addresses": [address], "packets": 100}


def seen_when_good():
    """Two requests from ports 4000 and 4001, six packets each way each."""
    flow = model.Flow("http://80.80.80.80/show/version", (CLIENT, 4000), (SERVER, 80), 200, "version 1\n", "", 0.002, 1)
    whoami = flow._replace(url="http://80.80.80.80/whoami", client=(CLIENT, 4001), body=json.dumps({"address": POOLED, "port": 4001}))
    both = {CLIENT: [], POOLED: []}
    for address, passed in both.items():
        for port in (4000, 4001):
            passed += packets(address, port, SERVER, 80, 6) + packets(SERVER, 80, address, port, 6)
    return model.Seen(
        flow,
        whoami,
        both[CLIENT],
        both[POOLED],
        0,
        [session(4000), session(4001)],
        {"inside": {"memif0": 24}, "outside": {"memif1": 26}},
        {
            "client": [interface("tap0", "192.168.100.10/24")],
            "nat": [interface("memif0", "192.168.100.1/24"), interface("memif1", "80.80.80.100/24")],
            "web": [interface("memif0", "80.80.80.80/24")],
        },
    )


def traced_when_good():
    """The same of one request to a server on VPP: it does not tell whom it saw, but what came to it was traced, node by node at the NAT."""
    good = seen_when_good()
    first = packets(CLIENT, 4000, SERVER, 80, flags=0x02, sequence=1000)
    arrived = [*packets(POOLED, 4000, SERVER, 80, flags=0x02, sequence=1000), *packets(POOLED, 4000, SERVER, 80, 5, sequence=1001)]

    def node(name, *ends):
        ports = {"source_port": 4000, "destination_port": 80}
        return {"name": name, "time": 1.0, "headers": {"ip4": dict(zip(("source", "destination"), ends)), "tcp": ports} if ends else {}}

    way = [node("af-packet-input"), node("ip4-input", CLIENT, SERVER), node("nat44-ed-in2out"), node("memif1/0-output", POOLED, SERVER)]
    return good._replace(
        page=good.page._replace(body="<html><body><pre>vpp v26.06-release\n</pre></body></html>"),
        whoami=None,
        inside=[*first, *good.inside[1:12]],
        outside=good.outside[:12],
        sessions=[session(4000)],
        arrived=arrived,
        traces={"nat": way},
    )
