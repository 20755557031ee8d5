# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leaves while NAT44 is built and changed, tried with packets through a live VPP: nothing untranslated."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import nat_scripts

from tests.integration_kernel.packet_matrix import PACKET_MATRIX
from tests.unit.vpp.nat_traffic import ipv4
from tests.unit.vpp.nat_world import World, dnat, mapping, pool, role, value

INSIDE, SERVER, STATION = "10.1.0.10", "192.0.2.80", "02:00:00:00:00:99"
POOL = pool("192.0.2.100", "192.0.2.101")
CLASSIC = (role("lan", "inside"), role("wan", "outside"))
OUTPUT = (role("lan", "inside"), role("wan", "output"))


class Wire(World):
    """C(lan) and C(wan), with a host behind each that we are: one sends, the other notes which addresses packets come from."""

    def build(self):
        for number, (name, address, neighbour) in enumerate((("lan", "10.1.0.1/24", INSIDE), ("wan", "192.0.2.1/24", SERVER)), 1):
            device = f"host-{name}"
            self.place.host_device(device)
            made = self.session.call(
                "af_packet_create_v3", mode=1, hw_addr=f"02:fe:00:00:01:{number:02x}", host_if_name=device, flags=2, num_rx_queues=1, num_tx_queues=1
            )
            self.index[name] = made["sw_if_index"]
            self.session.call("sw_interface_tag_add_del", is_add=True, sw_if_index=self.index[name], tag=name)
            self.address(name, address)
            self.session.call("sw_interface_set_flags", sw_if_index=self.index[name], flags=1)
            told = {"sw_if_index": self.index[name], "flags": 1, "mac_address": STATION, "ip_address": neighbour}
            self.session.call("ip_neighbor_add_del", is_add=True, neighbor=told)
        return self

    def socket_of(self, name):
        with Host(self.place.namespace.name) as host, host.inside():
            one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
        one.bind((f"peer-host-{name}", 0x0800))
        return one

    @contextlib.contextmanager
    def flow(self):
        """A list that grows with the sources of what comes out."""
        seen: list = []
        over = threading.Event()

        def send():
            with self.socket_of("lan") as one:
                head = bytes.fromhex("02fe00000101") + b"\2\0\0\0\0\x99" + b"\x08\0"
                for number in range(10**9):
                    if over.is_set():
                        return
                    body = struct.pack("!HHHH", 2000 + number % 500, 53, 9, 0) + b"x"
                    with contextlib.suppress(OSError):  # while the device is down
                        one.send(head + ipv4(INSIDE, SERVER, 17, body))
                    time.sleep(0.0003)

        def receive():
            with self.socket_of("wan") as one:
                one.settimeout(0.1)
                while not over.is_set():
                    with contextlib.suppress(OSError):
                        packet = one.recv(2048)[14:]
                        if packet[16:20] == socket.inet_aton(SERVER):
                            seen.append(socket.inet_ntoa(packet[12:16]))

        threads = [threading.Thread(target=each) for each in (send, receive)]
        for each in threads:
            each.start()
        try:
            yield seen
        finally:
            over.set()
            for each in threads:
                each.join()


def passes(seen, count=20):
    """Wait for so many packets more."""
    deadline, before = time.monotonic() + 5, len(seen)
    while len(seen) < before + count:
        assert time.monotonic() < deadline, f"nothing comes out; so far {set(seen)}"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def _wire(_live):
    _live.restart()
    _live.fresh = False
    with _live.session() as session:
        yield Wire(_live, session).build()


@pytest.fixture
def wire(_wire):
    """Without NAT44 at the beginning."""
    _wire.apply(state="deleted")
    return _wire


# -- each kind of packet -----------------------------------------------------------------------------------------------

ROLES = {"inside": ("lan", "inside"), "outside": ("wan", "outside"), "output": ("wan", "output")}
ECHO = struct.pack("!BBHHH", 8, 0, 0xFFFF - 0x0800 - 7 - 1, 7, 1)
UDP = struct.pack("!HHHH", 2000, 53, 9, 0) + b"x"
PACKETS = {
    # Who sends, from where, to where, of what; who would see it, and what it then is by its source.
    "client to server": ("lan", INSIDE, SERVER, 17, UDP, "wan", {INSIDE: "plain", "192.0.2.100": "nat", "192.0.2.101": "nat"}),
    "server to client": ("wan", SERVER, INSIDE, 17, UDP, "lan", {SERVER: "plain"}),
    "client to outside address": ("lan", INSIDE, "192.0.2.1", 1, ECHO, "lan", {"192.0.2.1": "answer"}),
    "server to pool address": ("wan", SERVER, "192.0.2.100", 1, ECHO, "wan", {"192.0.2.100": "answer"}),
}
MACS = {"lan": "02fe00000101", "wan": "02fe00000102"}


@pytest.mark.parametrize(("configured", "forwarding"), dict.fromkeys((configured, forwarding) for configured, forwarding, _kind in PACKET_MATRIX))
def test_each_row_of_the_packet_matrix(wire, configured, forwarding):
    words = configured.split(", ") if configured != "nothing" else []
    wire.apply(*(role(*ROLES[each]) for each in words if each in ROLES), *([POOL] if "pool" in words else []))
    if words:
        # Not by an item: with a pool between inside and outside that would be refused.
        wire.session.call("nat44_forwarding_enable_disable", enable=forwarding)
    rows = {kind: on_vpp for (row, on, kind), (_kernel, on_vpp) in PACKET_MATRIX.items() if (row, on) == (configured, forwarding)}
    assert {kind: happens(wire, kind) for kind in rows} == rows


def happens(wire, kind):
    """To a packet of this kind."""
    sender, source, destination, protocol, body, seer, meaning = PACKETS[kind]
    with wire.socket_of(seer) as eye, wire.socket_of(sender) as mouth:
        eye.settimeout(0.3)
        mouth.send(bytes.fromhex(MACS[sender]) + b"\2\0\0\0\0\x99" + b"\x08\0" + ipv4(source, destination, protocol, body))
        try:
            while True:
                packet, (_device, _protocol, way, *_more) = eye.recvfrom(2048)
                found = meaning.get(socket.inet_ntoa(packet[26:30]))
                if way != socket.PACKET_OUTGOING and found:
                    return found
        except TimeoutError:
            return "drop"


# -- mappings and settings ---------------------------------------------------------------------------------------------


def through(wire, sender, source, destination, seer, more=b""):
    """What comes out of a UDP packet (a TCP SYN, with options): (source, destination), each an address and a port; None for nothing."""
    ports = struct.pack("!HH", source[1], destination[1])
    body = ports + struct.pack("!HH", 9, 0) + b"x" if not more else ports + struct.pack("!IIBBHHH", 1, 0, (20 + len(more)) * 4, 2, 1000, 0, 0) + more
    with wire.socket_of(seer) as eye, wire.socket_of(sender) as mouth:
        eye.settimeout(0.3)
        mouth.send(bytes.fromhex(MACS[sender]) + b"\2\0\0\0\0\x99" + b"\x08\0" + ipv4(source[0], destination[0], 6 if more else 17, body))
        try:
            while True:
                packet, (_device, _protocol, way, *_more) = eye.recvfrom(2048)
                if way != socket.PACKET_OUTGOING and packet[23] in (6, 17):
                    ends = struct.unpack("!4s4sHH", packet[26:38])
                    found = tuple((socket.inet_ntoa(ends[at]), ends[at + 2]) for at in (0, 1))
                    return (*found, packet[54:]) if more else found
        except TimeoutError:
            return None


@pytest.mark.parametrize("roles", [OUTPUT, CLASSIC], ids=["output", "classic"])
def test_mappings_lead_to_where_they_say(wire, roles):
    udp = {"protocol": "UDP", "local": INSIDE}
    sides = [{"local_ip": INSIDE, "local_port": port, "probability": 50} for port in (7001, 7002)]
    wire.apply(
        *roles,
        POOL,
        pool("10.1.0.200", "10.1.0.201", twice_nat=True),
        dnat(
            "all",
            mapping("192.0.2.100", 7000, local_port=7777, **udp),
            mapping("wan", 7003, local_port=7778, **udp),
            mapping("192.0.2.101", 7000, local_port=7779, twice_nat="ENABLED", twice_nat_pool_ip="10.1.0.201", **udp),
            {"external_ip": "192.0.2.110", "external_port": 80, "protocol": "UDP", "local_ips": sides},
            {"external_ip": "192.0.2.110", "external_port": 81, "protocol": "UDP", "local_ips": sides, "session_affinity": 60},
            identities=[{"ip_address": INSIDE, "port": 2222, "protocol": "UDP"}],
        ),
    )
    server = (SERVER, 5000)
    assert through(wire, "wan", server, ("192.0.2.100", 7000), "lan") == (server, (INSIDE, 7777))
    assert through(wire, "wan", server, ("192.0.2.1", 7003), "lan") == (server, (INSIDE, 7778))
    source, destination = through(wire, "wan", server, ("192.0.2.101", 7000), "lan")
    assert source[0] == "10.1.0.201" and destination == (INSIDE, 7779)
    found = [{through(wire, "wan", (SERVER, 6000 + at), ("192.0.2.110", port), "lan")[1][1] for at in range(14)} for port in (80, 81)]
    assert found[0] == {7001, 7002} and len(found[1]) == 1
    # What answers goes back as it came, what a local side sends by itself takes an address of the pool.
    assert through(wire, "lan", (INSIDE, 7777), server, "wan") == (("192.0.2.100", 7000), server)
    assert through(wire, "lan", (INSIDE, 7777), (SERVER, 5001), "wan")[0][0] in ("192.0.2.100", "192.0.2.101")
    assert through(wire, "lan", (INSIDE, 2222), server, "wan") == ((INSIDE, 2222), server)
    assert through(wire, "wan", server, ("192.0.2.100", 7999), "lan") is None


def test_settings_are_those_of_the_packets(wire):
    wire.apply(*OUTPUT, POOL, value("mss-clamp", mss=1300), value("session-limit", sessions=2))
    option = b"\2\4\x05\xb4"  # at most 1460 bytes
    assert through(wire, "lan", (INSIDE, 3000), (SERVER, 80), "wan", option)[2][:4] == b"\2\4" + struct.pack("!H", 1300)
    assert through(wire, "lan", (INSIDE, 3001), (SERVER, 53), "wan")
    assert through(wire, "lan", (INSIDE, 3002), (SERVER, 53), "wan") is None
    wire.apply(value("mss-clamp", mss=1300), value("session-limit", sessions=2), state="deleted")
    assert through(wire, "lan", (INSIDE, 3003), (SERVER, 53), "wan")
    assert through(wire, "lan", (INSIDE, 3004), (SERVER, 80), "wan", option)[2][:4] == option


# -- while NAT changes -------------------------------------------------------------------------------------------------

CHANGES = {
    "another size": (OUTPUT, (value("plugin", sessions=5000), *OUTPUT)),
    "another size, classic": (CLASSIC, (value("plugin", sessions=5000), *CLASSIC)),
    "from classic to output": (CLASSIC, OUTPUT),
    "from output to classic": (OUTPUT, CLASSIC),
    "settings": (OUTPUT, (value("global", forwarding=True), value("timeouts", udp=5), *OUTPUT)),
    "mappings": (OUTPUT, (dnat("web", mapping("192.0.2.100", 80, local=INSIDE), mapping("wan", 81, local=INSIDE)), *OUTPUT)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_nothing_leaves_untranslated_while_nat_changes(wire, name):
    first, then = CHANGES[name]
    wire.apply(*first, POOL)
    with wire.flow() as seen:
        passes(seen)
        for each in (then, first, then):
            wire.apply(*each, POOL, state="overridden")
            passes(seen)
    assert set(seen) <= {"192.0.2.100", "192.0.2.101"}


def test_without_the_guard_packets_leave_untranslated(wire, monkeypatch):
    """What the interfaces go down for."""
    monkeypatch.setattr(nat_scripts.Roles, "lower", lambda *_given: iter(()))
    wire.apply(*CLASSIC, POOL)
    with wire.flow() as seen:
        passes(seen)
        deadline = time.monotonic() + 20
        while INSIDE not in seen:
            assert time.monotonic() < deadline
            for each in (OUTPUT, CLASSIC):
                wire.apply(*each, POOL, state="overridden")


def test_pools_are_exchanged_and_may_run_dry(wire):
    """Without an address a packet is dropped."""
    wire.apply(*OUTPUT, POOL)
    with wire.flow() as seen:
        passes(seen)
        wire.apply(*OUTPUT, pool("192.0.2.110"), state="overridden")
        time.sleep(0.1)
        del seen[:]
        passes(seen)
        assert set(seen) == {"192.0.2.110"}
        wire.apply(*OUTPUT, state="overridden")
        time.sleep(0.1)
        del seen[:]
        time.sleep(0.3)
        assert seen == []
    with wire.flow() as seen:
        wire.apply(*CLASSIC, state="overridden")
        del seen[:]
        time.sleep(0.3)
        assert seen == []


def test_what_goes_out_before_nat_and_after_it(wire):
    """VPP forwards between interfaces by itself: this is what can not be promised, and is said in the guide."""
    with wire.flow() as seen:
        passes(seen)
        assert set(seen) == {INSIDE}
        wire.apply(*OUTPUT, POOL)
        time.sleep(0.1)
        del seen[:]
        passes(seen)
        assert INSIDE not in seen
        wire.apply(state="deleted")
        time.sleep(0.1)
        del seen[:]
        passes(seen)
        assert set(seen) == {INSIDE}
