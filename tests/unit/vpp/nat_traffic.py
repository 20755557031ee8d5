# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT44 sessions for tests: in the double they are put into its table, in a live VPP packets make them."""

from __future__ import annotations

import socket
import struct
import time

from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host

from tests.doubles.vpp.sessions import Session
from tests.support.vpp import ip_table

INSIDE, GATEWAY, POOLED, EXTERNAL = "10.1.0.10", "10.1.0.1", "192.0.2.100", "192.0.2.80"
MAPPED, TWICE, TWICE_POOL = "192.0.2.110", "192.0.2.111", "10.1.0.200"
UDP, ICMP = 17, 1
SERVER_PORT, LOCAL_PORT, TWICE_LOCAL_PORT, MAPPED_PORT = 53, 7777, 7778, 7000
ANY = 0xFFFFFFFF
TWICE_NAT, NAT_OUTSIDE, NAT_INSIDE = 0x01, 0x10, 0x20


class DoubleTraffic:
    """Sessions as VPP would make them."""

    def __init__(self, place):
        self.table = place.double.state.sessions.table
        with place.session() as session:
            session.call("nat44_ed_plugin_enable_disable", enable=True)

    def out(self, port, protocol=UDP, vrf=0):
        """A host inside asks the server outside."""
        pooled = port + 7570 if any(one.outside == (POOLED, port) for one in self.table) else port
        external = (EXTERNAL, port if protocol == ICMP else SERVER_PORT)
        self.table.append(Session(protocol, (INSIDE, port), (POOLED, pooled), external, vrf))

    def mapped(self, port, twice=False):
        """The server asks for what a static mapping leads to."""
        outside, nat = (TWICE, (TWICE_POOL, port)) if twice else (MAPPED, None)
        self.table.append(
            Session(UDP, (INSIDE, TWICE_LOCAL_PORT if twice else LOCAL_PORT), (outside, MAPPED_PORT), (EXTERNAL, port), static=True, external_nat=nat)
        )

    def outlive(self):
        """Until all sessions have timed out."""
        for each in self.table:
            each.timed_out = True


class LiveTraffic:
    """Packets from and to the ends of two devices of the kernel, C(host-in) and C(host-out), and C(host-in1) for another VRF."""

    def __init__(self, place, session):
        self.place, self.session = place, session
        self.index, self.mac = {}, {}
        call = session.call
        call("nat44_ed_plugin_enable_disable", enable=True)
        self.interface("host-in", 1, f"{GATEWAY}/24", INSIDE)
        self.interface("host-out", 2, "192.0.2.1/24", EXTERNAL)
        for name, role in (("host-in", NAT_INSIDE), ("host-out", NAT_OUTSIDE)):
            call("nat44_interface_add_del_feature", is_add=True, flags=role, sw_if_index=self.index[name])
        self.pool(POOLED)
        self.mapping(MAPPED, LOCAL_PORT, 0)

    def interface(self, name, number, address, neighbour, table=0):
        call, mac = self.session.call, f"02:fe:00:00:00:{number:02x}"
        self.place.host_device(name)
        made = call("af_packet_create_v3", mode=1, hw_addr=mac, host_if_name=name, flags=2, num_rx_queues=1, num_tx_queues=1)
        index = self.index[name] = made["sw_if_index"]
        self.mac[name] = mac
        if table:
            ip_table(self.session, True, table)
            call("sw_interface_set_table", sw_if_index=index, is_ipv6=False, vrf_id=table)
        call("sw_interface_add_del_address", is_add=True, sw_if_index=index, prefix=address)
        call("sw_interface_set_flags", sw_if_index=index, flags=1)
        self.neighbour(name, neighbour)

    def neighbour(self, name, address):
        told = {"sw_if_index": self.index[name], "flags": 1, "mac_address": "02:00:00:00:00:99", "ip_address": address}
        self.session.call("ip_neighbor_add_del", is_add=True, neighbor=told)

    def pool(self, address, flags=0):
        self.session.call("nat44_add_del_address_range", is_add=True, first_ip_address=address, last_ip_address=address, vrf_id=ANY, flags=flags)

    def mapping(self, external, local_port, flags):
        self.session.call(
            "nat44_add_del_static_mapping_v2",
            is_add=True,
            flags=flags,
            local_ip_address=INSIDE,
            external_ip_address=external,
            protocol=UDP,
            local_port=local_port,
            external_port=MAPPED_PORT,
            external_sw_if_index=ANY,
            tag=external,
        )

    def out(self, port, protocol=UDP, vrf=0):
        if vrf and "host-in1" not in self.index:
            self.other_vrf(vrf)
        self._send("host-in1" if vrf else "host-in", INSIDE, EXTERNAL, port, SERVER_PORT, protocol)

    def other_vrf(self, vrf):
        self.interface("host-in1", 3, f"{GATEWAY}/24", INSIDE, vrf)
        self.session.call("nat44_interface_add_del_feature", is_add=True, flags=NAT_INSIDE, sw_if_index=self.index["host-in1"])
        way = {"sw_if_index": self.index["host-out"], "nh": {"address": socket.inet_aton(EXTERNAL).ljust(16, b"\0")}, "weight": 1, "label_stack": [{}] * 16}
        route = {"table_id": vrf, "prefix": "0.0.0.0/0", "n_paths": 1, "paths": [way]}
        self.session.call("ip_route_add_del_v2", is_add=True, route=route)

    def mapped(self, port, twice=False):
        if twice:
            self.pool(TWICE_POOL, TWICE_NAT)
            self.mapping(TWICE, TWICE_LOCAL_PORT, TWICE_NAT)
        self._send("host-out", EXTERNAL, TWICE if twice else MAPPED, port, MAPPED_PORT, UDP)

    def outlive(self):
        self.session.call("nat_set_timeouts", udp=1, tcp_established=7440, tcp_transitory=240, icmp=1)
        deadline = time.monotonic() + 5
        while not all(each["is_timed_out"] for each in self.listed()):
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def listed(self):
        """All that VPP lists, the addresses of one inside host being all there are."""
        return self.session.dump("nat44_user_session_v3_dump", ip_address=INSIDE, vrf_id=0)

    def _send(self, device, source, destination, source_port, destination_port, protocol):
        before = len(self.listed())
        if protocol == UDP:
            body = struct.pack("!HHHH", source_port, destination_port, 9, 0) + b"x"
        else:
            body = struct.pack("!BBHHH", 8, 0, 0xFFFF - 0x0800 - source_port - 1 & 0xFFFF, source_port, 1)
        ip = ipv4(source, destination, protocol, body)
        with Host(self.place.namespace.name) as host, host.inside():
            sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        with sender:
            sender.bind((f"peer-{device}", 0))
            sender.send(bytes.fromhex(self.mac[device].replace(":", "")) + b"\2\0\0\0\0\x99" + b"\x08\0" + ip)
        deadline = time.monotonic() + 3
        while len(self.listed()) == before:
            assert time.monotonic() < deadline, "no session came of the packet"
            time.sleep(0.01)


def ipv4(source, destination, protocol, body):
    """A packet with a good checksum."""
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0, 64, protocol, 0, socket.inet_aton(source), socket.inet_aton(destination))
    total = sum(struct.unpack("!10H", head))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return head[:10] + struct.pack("!H", ~total & 0xFFFF) + head[12:] + body
