# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real chain of namespaces (client - cnf - server) for the tests of NAT, ACLs and sessions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
import typing as t

PREFIX = "tc-nat"

CLIENT, SERVER = "192.168.100.10", "80.80.80.80"
CNF_INSIDE, CNF_OUTSIDE = "192.168.100.1", "80.80.80.100"


def sh(*argv: str, stdin: t.Optional[str] = None, check: bool = True) -> subprocess.CompletedProcess:
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=60, check=False)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(argv)}: {done.stderr}")
    return done


class World:
    """Three namespaces joined by veth pairs: client [eth0 - m0] cnf [m1 - eth0] server."""

    def __init__(self, tag: str) -> None:
        self.names = {role: f"{PREFIX}-{tag}-{os.getpid()}-{role}" for role in ("client", "cnf", "server")}
        self.processes: t.List[subprocess.Popen] = []

    def __enter__(self) -> World:
        try:
            self.build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def build(self) -> None:
        for name in self.names.values():
            sh("ip", "netns", "del", name, check=False)
            sh("ip", "netns", "add", name)
        client, cnf, server = (self.names[role] for role in ("client", "cnf", "server"))
        sh("ip", "-n", cnf, "link", "add", "m0", "type", "veth", "peer", "name", "eth0", "netns", client)
        sh("ip", "-n", cnf, "link", "add", "m1", "type", "veth", "peer", "name", "eth0", "netns", server)
        for name, device, address in (
            (client, "eth0", f"{CLIENT}/24"),
            (cnf, "m0", f"{CNF_INSIDE}/24"),
            (cnf, "m1", f"{CNF_OUTSIDE}/24"),
            (server, "eth0", f"{SERVER}/24"),
        ):
            six = address.replace("192.168.100.", "fd00:1::").replace("80.80.80.", "fd00:2::").replace("/24", "/64")
            sh("ip", "-n", name, "address", "add", address, "dev", device)
            sh("ip", "-n", name, "address", "add", six, "dev", device, "nodad")
            sh("ip", "-n", name, "link", "set", device, "up")
            sh("ip", "-n", name, "link", "set", "lo", "up")
        sh("ip", "-n", client, "route", "add", "default", "via", CNF_INSIDE)
        sh("ip", "-n", client, "route", "add", "default", "via", "fd00:1::1")
        # As in the reference's matrix: the server has a way back, so that untranslated traffic works too.
        sh("ip", "-n", server, "route", "add", "192.168.100.0/24", "via", CNF_OUTSIDE)
        sh("ip", "-n", server, "route", "add", "fd00:1::/64", "via", "fd00:2::100")
        self.write("cnf", "net.ipv6.conf.all.forwarding", "1")
        for role in ("cnf", "server", "client"):
            for device in ("all", "default", "m0", "m1", "eth0"):
                self.run(role, "sysctl", "-qw", f"net.ipv4.conf.{device}.rp_filter=0", check=False)

    def __exit__(self, *_unused: t.Any) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        for name in self.names.values():
            sh("ip", "netns", "del", name, check=False)

    def run(self, role: str, *argv: str, stdin: t.Optional[str] = None, check: bool = True) -> subprocess.CompletedProcess:
        return sh("ip", "netns", "exec", self.names[role], *argv, stdin=stdin, check=check)

    def write(self, role: str, name: str, content: str) -> None:
        self.run(role, "sysctl", "-qw", f"{name}={content}")

    def start(self, role: str, *argv: str) -> subprocess.Popen:
        process = subprocess.Popen(
            ["ip", "netns", "exec", self.names[role], *argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.processes.append(process)
        return process

    def python(self, role: str, code: str, *argv: str) -> subprocess.Popen:
        return self.start(role, sys.executable, "-u", "-c", textwrap.dedent(code), *argv)

    def serve(self, role: str, *ports: int) -> None:
        """An echo over UDP and TCP that answers with the peer's address and port, and the own one, on each port."""
        process = self.python(role, _SERVER, *map(str, ports))
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    def ask(
        self, role: str, protocol: str, address: str, port: int = 7000, source: str = "", source_port: int = 0, timeout: float = 0.7
    ) -> t.Optional[t.Dict[str, t.Any]]:
        """What the server at that address saw: {peer, peer_port, own, own_port}; None without an answer."""
        done = self.run(role, sys.executable, "-c", textwrap.dedent(_ASK), protocol, address, str(port), source, str(source_port), str(timeout), check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def ping(self, role: str, address: str) -> bool:
        return self.run(role, "ping", "-c1", "-W1", "-n", address, check=False).returncode == 0

    def host(self, role: str = "cnf") -> t.Any:
        from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host

        return Host(self.names[role])

    def capture(self, role: str, device: str, expression: str) -> Capture:
        return Capture(self, role, device, expression)


def resources(devices: t.Mapping[str, t.Tuple[str, t.Sequence[str]]]) -> t.Dict[t.Any, t.Any]:
    """Links of ours by logical name, (kernel name, addresses), as the families of links and addresses would report them."""
    from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Resource

    found = [Resource(("link", name), {"ifname": ifname}) for name, (ifname, _addresses) in devices.items()]
    found += [Resource(("address", name, address), {}) for name, (_ifname, addresses) in devices.items() for address in addresses]
    return {one.key: one for one in found}


LINKS = {"memif0": ("m0", [f"{CNF_INSIDE}/24", "fd00:1::1/64"]), "memif1": ("m1", [f"{CNF_OUTSIDE}/24", "fd00:2::100/64"])}


class Bench:
    """Applies values of one family as the engine would, and checks that what was observed is what was wanted."""

    def __init__(self, world: World, family: t.Any, settle: t.Any = None) -> None:
        from ansible_collections.pantheon.cnf.plugins.module_utils.linux.nft import Nft
        from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import View

        self.world, self.family, self.view = world, family, View(resources(LINKS), "cnf-1")
        self.host = world.host()
        self.nft = Nft("cnf-1", settle)
        self.errors: t.List[t.Optional[str]] = []

    def observe(self) -> t.Dict[t.Any, t.Any]:
        return {resource.key: resource for resource in self.nft.observe(self.host)}

    def desired(self, values: t.Sequence[t.Any]) -> t.Dict[t.Any, t.Any]:
        return {resource.key: resource for resource in self.family.lower(values, self.view)}

    def apply(self, values: t.Sequence[t.Any]) -> t.List[t.Any]:
        """The nft operations that it took."""
        from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Operation

        have, want = self.observe(), self.desired(values)
        sections = {key: want[key] for key in want if key[0] == "nft"}
        operations = []
        # As the engine orders it: forwarding goes off before NAT goes, and comes on after NAT is there.
        if ("sysctl", "net.ipv4.ip_forward") not in want and have.get(("nft", "nat")) and "set nat_outer" in have["nft", "nat"].attributes:
            self.world.write("cnf", "net.ipv4.ip_forward", "0")
        for key in {**have, **sections}:
            before, after = have.get(key), sections.get(key)
            if before is None or after is None or self.nft.transition(before, after) != "same":
                verb = "create" if before is None else "delete" if after is None else "update"
                operations.append(Operation(verb, key, before, after))
        if operations:
            self.errors = self.nft.perform(self.host, operations)
            assert self.errors == [None] * len(operations)
        for key, resource in want.items():
            if key[0] == "route":
                sh("ip", "-n", self.world.names["cnf"], "route", "replace", "local", key[3], "dev", "m1", "table", "local", "proto", "209")
            elif key[0] == "sysctl":
                self.world.write("cnf", key[1], str(resource.attributes["value"]))
        got = self.observe()
        assert got == sections
        lifted = list(self.family.lift(got, self.view))
        assert sorted(lifted) == sorted(value for value in values)
        assert self.desired(lifted) == want
        return operations


class Engine:
    """Brings the CNF to values by the engine itself, through all families that NAT needs."""

    def __init__(self, world: World) -> None:
        from ansible_collections.pantheon.cnf.plugins.module_utils.linux import links, nat
        from ansible_collections.pantheon.cnf.plugins.module_utils.linux.addresses import Addresses
        from ansible_collections.pantheon.cnf.plugins.module_utils.linux.dataplane import LinuxDataplane
        from ansible_collections.pantheon.cnf.plugins.module_utils.linux.nft import Nft
        from ansible_collections.pantheon.cnf.plugins.module_utils.linux.routes import Routes
        from ansible_collections.pantheon.cnf.plugins.module_utils.linux.sysctls import Sysctls
        from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.nat import KINDS

        for device, name in (("m0", "memif0"), ("m1", "memif1")):
            mark = links.alias("cnf-1", ("vpp/interfaces", "MEMIF"), name, joined=True)
            sh("ip", "-n", world.names["cnf"], "link", "set", device, "alias", mark)
        self.host, self.world = world.host(), world
        self.nft = Nft("cnf-1", {"nat": nat.settle})
        families = [links.Links("cnf-1"), Addresses("cnf-1"), Routes("cnf-1"), Sysctls(), nat.Nat(), self.nft]
        self.dataplane = LinuxDataplane(self.host, families, "cnf-1")
        self.kinds = {kind.id: kind for kind in KINDS if kind.id in nat.KINDS}

    def apply(self, values: t.Sequence[t.Any]) -> t.Any:
        """The waves of operations that it took."""
        from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import reconcile

        state = "overridden" if values else "deleted"
        return reconcile(self.dataplane, self.kinds, state, lambda have: values).outcome.waves


class Capture:
    """Packets seen on a device while the block runs, one text line each in C(lines)."""

    def __init__(self, world: World, role: str, device: str, expression: str) -> None:
        self.process = world.start(role, "tcpdump", "-ni", device, "-l", "--immediate-mode", "-U", expression)
        self.lines: t.List[str] = []

    def __enter__(self) -> Capture:
        time.sleep(0.6)
        return self

    def __exit__(self, *_unused: t.Any) -> None:
        time.sleep(0.4)
        self.process.terminate()
        self.lines = [line for line in self.process.communicate()[0].splitlines() if " IP" in line]


_SERVER = """
    import json, socket, sys, threading
    def reply(peer, own):
        return json.dumps({"peer": peer[0], "peer_port": peer[1], "own": own[0], "own_port": own[1]}).encode()
    def udp(port):
        s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        s.bind(("::", port))
        while True:
            data, peer = s.recvfrom(2048)
            s.sendto(reply((peer[0].replace("::ffff:", ""), peer[1]), ("", port)), peer)
    def tcp(port):
        s = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=100)
        while True:
            c, peer = s.accept()
            threading.Thread(target=one, args=(c, peer), daemon=True).start()
    def one(c, peer):
        own = c.getsockname()
        answer = reply((peer[0].replace("::ffff:", ""), peer[1]), (own[0].replace("::ffff:", ""), own[1]))
        try:
            while c.recv(2048):
                c.sendall(answer)
        except OSError:
            pass
        c.close()
    for port in map(int, sys.argv[1:]):
        threading.Thread(target=udp, args=(port,), daemon=True).start()
        threading.Thread(target=tcp, args=(port,), daemon=True).start()
    import time
    time.sleep(0.2)
    print("ready")
    time.sleep(10000)
"""

_ASK = """
    import socket, sys
    protocol, address, port, source, source_port, timeout = sys.argv[1:]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.settimeout(float(timeout))
    if source or int(source_port):
        s.bind((source, int(source_port)))
    s.connect((address, int(port)))
    s.sendall(b"hello")
    print(s.recv(2048).decode())
"""


TRAFFIC = """
    # Without end: UDP from one port, and TCP connections that live until they break; the number of answers is printed at EOF.
    import select, socket, sys, time
    address, port = sys.argv[1], int(sys.argv[2])
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("", 5555))
    udp.setblocking(False)
    tcp, answers, begun = None, 0, 0.0
    print("ready")
    while not select.select([sys.stdin], [], [], 0.003)[0]:
        try:
            udp.sendto(b"x", (address, port))
        except OSError:
            pass
        try:
            while udp.recv(2048):
                answers += 1
        except OSError:
            pass
        try:
            if tcp is None or time.monotonic() - begun > 0.25 and not select.select([tcp], [], [], 0)[0]:
                if tcp is not None:
                    tcp.close()
                tcp, begun = socket.socket(), time.monotonic()
                tcp.setblocking(False)
                tcp.connect_ex((address, port))
            tcp.send(b"x")
            if tcp.recv(2048):
                begun = time.monotonic()
        except OSError:
            pass
    print(answers)
"""
