# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes, links and NAT on the kernel against the tools that a person would use for bulk: ip -batch, ip -j, nft -f."""

from __future__ import annotations

import contextlib
import json
import pathlib
import subprocess
import tempfile
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import plan
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import nat
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.addresses import Addresses
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.dataplane import LinuxDataplane
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.links import Links
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.nft import Nft
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.routes import Routes
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.sysctls import Sysctls
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import nat as northbound_nat
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE, LINUX_INTERFACE
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import LINUX_ROUTE, ROUTE
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import reconcile, validate

from tests.bench.harness import Score, compare, growth
from tests.support.namespaces import Namespace

ROUTES, PAIRS, MAPPINGS = 10_000, 1_000, 1_000
SIZES = (1_000, 10_000, 100_000)
CNF = "bench"


def by_id(*kinds: Kind) -> dict[str, Kind]:
    """Kinds as a reconciliation wants them."""
    return {kind.id: kind for kind in kinds}


INTERFACES, ROUTE_KINDS, NAT = by_id(INTERFACE, LINUX_INTERFACE), by_id(ROUTE, LINUX_ROUTE), by_id(*northbound_nat.KINDS)


class Place:
    """A CNF in a namespace of its own, with two joined interfaces; C(host) counts what is written."""

    def __init__(self, namespace: Namespace) -> None:
        self.namespace = namespace
        self.host = Host(namespace.name)
        families = [Links(CNF), Addresses(CNF), Routes(CNF), nat.Nat(), Sysctls(), Nft(CNF, {"nat": nat.settle})]
        self.dataplane = LinuxDataplane(self.host, families, CNF)
        self.observed: Resources = {}
        self.messages = 0
        self.programs: list[str] = []
        self._count()

    def _count(self) -> None:
        socket, run = self.host.netlink, self.host.run
        batch = socket.batch

        def counted_batch(messages: t.Sequence[bytes]) -> t.Any:
            self.messages += len(messages)
            return batch(messages)

        def counted_run(argv: t.Sequence[str], stdin: str | None = None) -> t.Any:
            self.programs.append(" ".join(argv))
            return run(argv, stdin)

        socket.batch = counted_batch  # type: ignore[method-assign]
        self.host.run = counted_run  # type: ignore[method-assign]

    @property
    def writes(self) -> int:
        """Netlink requests that change something, and runs of programs that do."""
        return self.messages + len(self.spawned())

    def spawned(self) -> list[str]:
        """Programs that were run to change something."""
        return [program for program in self.programs if " list " not in program and " -L" not in program]

    def reset_counts(self) -> None:
        """Count from nothing."""
        self.messages, self.programs = 0, []

    def apply(self, kinds: t.Mapping[str, Kind], values: t.Sequence[Value], state: str = "merged") -> t.Any:
        """All of what a module does, but Ansible: read, check, plan, write, read back, compare."""
        return reconcile(self.dataplane, kinds, state, lambda there: values)

    def look(self) -> None:
        """Read what is there, for L(write)."""
        self.observed = self.dataplane.observe()

    def write(self, values: t.Sequence[Value]) -> None:
        """From desired values to the last acknowledgement, upon what was read: lower, plan, encode, send. Nothing is read back."""
        observed = self.observed
        desired = {key: one for key, one in observed.items() if one.owned}
        desired.update(self.dataplane.lower(values, observed))
        for wave in plan(self.dataplane, observed, desired):
            wrong = [error for error in self.dataplane.perform(wave) if error]
            if wrong:
                raise AssertionError(wrong[:3])

    def batch(self, lines: pathlib.Path) -> None:
        """The floor: one C(ip -batch)."""
        subprocess.run(["ip", "-n", self.namespace.name, "-batch", str(lines)], check=True, capture_output=True)

    def ip(self, *words: str) -> t.Any:
        """C(ip -j WORDS), as data."""
        done = subprocess.run(["ip", "-n", self.namespace.name, "-j", *words], check=True, capture_output=True, text=True)
        return json.loads(done.stdout or "[]")

    def routes(self) -> int:
        """How many routes of ours the kernel has, in the words of another reader."""
        return len(self.ip("route", "show", "proto", "207"))

    def no_routes(self) -> None:
        """As before the first one."""
        subprocess.run(["ip", "-n", self.namespace.name, "route", "flush", "proto", "207"], check=True, capture_output=True)
        forget()
        self.look()


def forget() -> None:
    """What a fresh process would not know yet."""
    for each in vars(address).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()


@contextlib.contextmanager
def place() -> t.Iterator[Place]:
    """A namespace with two interfaces that have addresses, gone afterwards."""
    with Namespace("bench") as namespace:
        one = Place(namespace)
        try:
            one.apply(INTERFACES, [veth("p0", "p1", ip_addresses=["10.0.0.1/24"]), veth("p1", "p0", ip_addresses=["10.0.1.1/24"])])
            yield one
        finally:
            one.host.close()


def veth(name: str, peer: str, **more: t.Any) -> Value:
    """One end of a pair, up."""
    return LINUX_INTERFACE.value({"name": name, "type": "VETH", "enabled": True, "veth": {"peer_if_name": peer}, **more})


def networks(count: int) -> t.Iterator[str]:
    """Distinct destinations."""
    return (f"{20 + (number >> 16)}.{number >> 8 & 255}.{number & 255}.0/24" for number in range(count))


def routes(count: int) -> list[Value]:
    """Distinct routes over the first interface."""
    return [ROUTE.value({"dst_network": network, "next_hop_addr": "10.0.0.254", "outgoing_interface": "p0"}) for network in networks(count)]


@contextlib.contextmanager
def text_file(lines: t.Iterable[str]) -> t.Iterator[pathlib.Path]:
    """A file with these lines, gone afterwards."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as handle:
        handle.write("\n".join(lines) + "\n")
        handle.flush()
        yield pathlib.Path(handle.name)


def _expect(what: str, seen: int, wanted: int) -> None:
    if seen != wanted:
        raise AssertionError(f"{what}: {seen}, not {wanted}")


def b10() -> t.Iterator[Score]:
    """Routes, written; and all that a module does around it."""
    wanted = routes(ROUTES)
    lines = (f"route add {network} via 10.0.0.254 dev p0 proto 207" for network in networks(ROUTES))
    with place() as one, text_file(lines) as batch:
        score = Score("B10", f"{ROUTES} routes: desired values to all ACKs", "ip -batch", gate=1.0, goal=0.6)
        yield compare(score, lambda: one.write(wanted), lambda: one.batch(batch), one.no_routes)
        one.no_routes()
        one.write(wanted)
        _expect("routes in the kernel", one.routes(), ROUTES)
        score = Score("B10", f"{ROUTES} routes: checking the desired values", "ip -batch")
        yield compare(score, lambda: validate(wanted, ROUTE_KINDS), lambda: one.batch(batch), one.no_routes, rounds=5)
        score = Score("B10", f"{ROUTES} routes: all of reconcile, read back and compared", "ip -batch")
        yield compare(score, lambda: one.apply(ROUTE_KINDS, wanted), lambda: one.batch(batch), one.no_routes, rounds=5)
        one.reset_counts()
        started = time.perf_counter()
        one.apply(ROUTE_KINDS, wanted)
        seconds = time.perf_counter() - started
        yield Score("B10", f"{ROUTES} routes, second run: writes", "count", one.writes, 0, exact=True, seconds=seconds, rounds=1)


def b11() -> t.Iterator[Score]:
    """Routes, read."""
    with place() as one:
        one.look()
        one.write(routes(ROUTES))

        def normalised() -> None:
            found = one.dataplane.observe(frozenset({"route"}))
            _expect("routes read", sum(each.owned for each in found.values()), ROUTES)

        def gathered() -> None:
            _expect("values read", len(one.dataplane.lift(one.dataplane.observe(), ROUTE_KINDS)), ROUTES)

        def floor() -> None:
            _expect("routes listed", len([each for each in one.ip("route") if each.get("protocol") == "207"]), ROUTES)

        yield compare(Score("B11", f"{ROUTES} routes read, normalised", "ip -j route, parsed", gate=1.3, goal=1.0), normalised, floor, forget, rounds=15)
        yield compare(Score("B11", f"{ROUTES} routes gathered as values", "ip -j route, parsed"), gathered, floor, forget)


def b12() -> t.Iterator[Score]:
    """Interface pairs, made and set up; each run has a namespace of its own."""
    pairs = [(f"l{number}", f"r{number}") for number in range(PAIRS)]
    wanted = [veth(*ends) for pair in pairs for ends in (pair, pair[::-1])]
    lines = [f"link add {left} type veth peer name {right}\nlink set {left} up\nlink set {right} up" for left, right in pairs]
    with contextlib.ExitStack() as stack, text_file(lines) as batch:
        scope = stack.enter_context(contextlib.ExitStack())
        current: list[Place] = []

        def fresh() -> None:
            scope.close()
            current[:] = [scope.enter_context(_emptied())]
            current[0].look()
            forget()

        score = Score("B12", f"{PAIRS} veth pairs made and up", "ip -batch", gate=1.3, goal=1.1)
        yield compare(score, lambda: current[0].write(wanted), lambda: current[0].batch(batch), fresh)
        fresh()
        current[0].apply(INTERFACES, wanted)
        _expect("links up", sum("UP" in each["flags"] for each in current[0].ip("link", "show", "type", "veth") if each["ifname"][0] in "lr"), 2 * PAIRS)
        current[0].reset_counts()
        current[0].apply(INTERFACES, wanted)
        yield Score("B12", f"{PAIRS} veth pairs, second run: writes", "count", current[0].writes, 0, exact=True)


@contextlib.contextmanager
def _emptied() -> t.Iterator[Place]:
    """As L(place), left only when the kernel is done with the namespace: it goes on clearing up after the name is gone."""
    with Namespace("bench-canary") as other:
        with place() as one:
            one.namespace.ip(f"link add canary type veth peer name canary netns {other.name}")
            yield one
        for _attempt in range(600):
            if "canary" not in other.run("ip", "-o", "link", "show"):
                return
            time.sleep(0.05)
    raise AssertionError("the kernel did not clear up a namespace within 30 s")


def b13() -> t.Iterator[Score]:
    """Port mappings, in one transaction."""
    entries = [(f"{1024 + number}", f"10.0.0.{2 + number % 200}", f"{2000 + number}") for number in range(MAPPINGS)]
    mappings = [
        {"external_ip": "10.0.1.1", "external_port": int(outer), "protocol": "TCP", "local_ips": [{"local_ip": inside, "local_port": int(port)}]}
        for outer, inside, port in entries
    ]
    wanted = [NAT[nat.INTERFACE].value({"name": "p0", "nat_inside": True}), NAT[nat.INTERFACE].value({"name": "p1", "nat_outside": True})]
    wanted += [NAT[nat.DNAT].value({"label": f"d{number}", "st_mappings": [each]}) for number, each in enumerate(mappings)]
    elements = ", ".join(f"10.0.1.1 . tcp . {outer} : {inside} . {port}" for outer, inside, port in entries)
    text = (
        "table inet bench {\n  map m { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; elements = { "
        + elements
        + " } }\n  chain pre { type nat hook prerouting priority -100; dnat ip to ip daddr . meta l4proto . th dport map @m; }\n}\n"
    )
    with place() as one:

        def nothing() -> None:
            one.namespace.run("nft", "flush", "ruleset")
            one.namespace.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=0")
            one.reset_counts()
            forget()
            one.look()

        def floor() -> None:
            one.namespace.run("nft", "-f", "-", stdin=text)

        score = Score("B13", f"{MAPPINGS} port mappings: desired values to one transaction", "nft -f - of a ready map", gate=1.5, goal=1.2)
        yield compare(score, lambda: one.write(wanted), floor, nothing, rounds=21)
        score = Score("B13", f"{MAPPINGS} port mappings: all of reconcile, read back and compared", "nft -f - of a ready map")
        yield compare(score, lambda: one.apply(NAT, wanted), floor, nothing)
        nothing()
        one.write(wanted)
        writes = [program for program in one.spawned() if program.startswith("nft")]
        listed = one.namespace.run("nft", "list", "ruleset")
        _expect("port mappings in the kernel", sum(f". {outer} :" in listed for outer, _inside, _port in entries), MAPPINGS)
        yield Score("B13", f"{MAPPINGS} port mappings: nft runs that write", "count", len(writes), 1, exact=True, note=" | ".join(one.programs))
        one.reset_counts()
        one.apply(NAT, wanted)
        yield Score("B13", f"{MAPPINGS} port mappings, second run: writes", "count", one.writes, 0, exact=True)


def b19() -> t.Iterator[Score]:
    """How time grows with the number of routes, and of interfaces that go."""
    with place() as one:

        def first(size: int) -> t.Callable[[], t.Any]:
            one.no_routes()
            wanted = routes(size)
            return lambda: one.apply(ROUTE_KINDS, wanted)

        def again(size: int) -> t.Callable[[], t.Any]:
            work = first(size)
            work()
            forget()
            return work

        yield growth(Score("B19", "routes applied, exponent of growth", "linear", gate=1.1, goal=1.03), SIZES, first, rounds=2)
        yield growth(Score("B19", "routes applied again, exponent of growth", "linear", gate=1.1, goal=1.03), SIZES, again, rounds=2)

    def planned(size: int) -> t.Callable[[], t.Any]:
        """Links with addresses and routes that all go: the plan alone, since the kernel's own time to delete links is not ours."""
        with place() as one:
            pairs = [(f"l{n}", f"r{n}") for n in range(size // 2)]
            number = iter(range(2 * size))
            values = [
                veth(*ends, ip_addresses=[f"10.{at >> 8 & 255}.{at & 255}.1/24"])
                for pair in pairs
                for ends in (pair, pair[::-1])
                for at in [next(number) + 1024]
            ]
            observed = one.dataplane.observe()
            made = {**observed, **one.dataplane.lower(values, observed)}
            hops = [ROUTE.value({"dst_network": network, "outgoing_interface": end.data["name"]}) for network, end in zip(networks(size), values)]
            made.update(one.dataplane.lower(hops, made))
            return lambda: plan(one.dataplane, made, observed)

    score = Score("B19", "interfaces with an address and a route each planned away, exponent", "linear", gate=1.1, goal=1.03)
    yield growth(score, (300, 1000, 3000), planned, rounds=5, cpu=True)


BENCHES = {"B10": b10, "B11": b11, "B12": b12, "B13": b13, "B19": b19}
