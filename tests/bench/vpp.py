# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A live VPP against the frames that it needs, encoded beforehand, and against vpp-papi."""

from __future__ import annotations

import contextlib
import functools
import json
import statistics
import subprocess
import sys
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.plan import plan
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Family
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import acl as northbound_acl
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import nat as northbound_nat
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ROUTE
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import reconcile
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import apifiles, compiler, transport
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.acl import Acls
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Request
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.client import Client
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppDataplane
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.everything import interface_families
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.nat import Nat
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.routes import Routes
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE, Session

from tests.bench.harness import ROUNDS, Score, compare, growth, timed
from tests.bench.kernel import by_id, networks
from tests.bench.kernel import forget as forget_addresses
from tests.doubles.vpp import catalogue
from tests.support.vpp import NO_VPP, live_place, program

ROUTES, LOOPBACKS, RULES, MAPPINGS, AGAINST_PAPI = 10_000, 1_000, 1_000, 1_000, 2_000
SIZES = (1_000, 10_000, 100_000)
WINDOW = 1_024
CNF = "bench"
KINDS = by_id(INTERFACE, ROUTE, *northbound_nat.KINDS, *northbound_acl.KINDS)
READS = ("_lookup", "_get_", "_show_", "show_", "control_ping", "cli_inband")
"""In the names of messages that change nothing."""


@functools.lru_cache(None)
@functools.cache
def writes(message: str) -> bool:
    """Whether a call of this name changes anything. Counting should cost what is measured as little as can be."""
    return not any(word in message for word in READS)


class Raw:
    """The floor: frames that are there already, over a socket of its own; replies are only told apart."""

    def __init__(self, place: t.Any) -> None:
        self.client = Client(place.socket)
        self.client.open()
        assert self.client.transport
        self.transport: transport.Transport = self.client.transport

    def frames(self, requests: t.Sequence[Request]) -> list[bytes]:
        """As they go over the wire."""
        found = []
        for at, request in enumerate(requests):
            message = self.client.messages.request(request.message)
            found.append(transport.frame(message.pack(message.number, self.transport.client, at + 1, request.fields)))
        return found

    def write(self, frames: t.Sequence[bytes]) -> None:
        """All of them, in windows; each has one reply, and all replies are of one size."""
        done = sent = left = 0
        size = 0
        while done < len(frames):
            if sent - done <= WINDOW // 2 and sent < len(frames):
                until = min(len(frames), done + WINDOW)
                self.transport.socket.sendall(b"".join(frames[sent:until]))
                sent = until
            data = self.transport.socket.recv(1 << 18)
            size = size or transport.FRAME.size + transport.SIZE(data)[0]
            answered, left = divmod(left + len(data), size)
            done += answered

    def read(self, frames: t.Sequence[bytes]) -> int:
        """What dumps and the ping behind them bring; how many messages that is."""
        self.transport.socket.sendall(b"".join(frames))
        last = self.transport.table["control_ping_reply"][0]
        data, count = b"", 0
        while True:
            data += self.transport.socket.recv(1 << 18)
            offset, end = 0, len(data) - transport.FRAME.size
            while offset <= end:
                after = offset + transport.FRAME.size + transport.SIZE(data, offset)[0]
                if after > len(data):
                    break
                count += 1
                number = data[offset + 16] << 8 | data[offset + 17]
                offset = after
                if number == last:
                    return count
            data = data[offset:]


class Place:
    """A live VPP with a loopback C(lo) of ours, a session with it that counts, and the floor."""

    def __init__(self, place: t.Any, client: Client) -> None:
        self.place = place
        self.client = client
        self.raw = Raw(place)
        self.session = Session(client)
        self.observed: Resources = {}
        self.writes = 0
        self.sends = 0
        self._count()

    def _count(self) -> None:
        exchange, send = self.client.exchange, self.client.transport.send  # type: ignore[union-attr]

        def counted(requests: t.Iterable[Request], *more: t.Any) -> t.Any:
            return exchange(map(count, requests), *more)

        def count(request: Request) -> Request:
            self.writes += isinstance(request, Call) and writes(request.message)
            return request

        def counted_send(frames: bytes) -> None:
            self.sends += 1
            send(frames)

        self.client.exchange = counted  # type: ignore[method-assign]
        self.client.transport.send = counted_send  # type: ignore[union-attr, method-assign]

    def dataplane(self, *families: Family) -> VppDataplane:
        """Of interfaces, and of these."""
        return VppDataplane(self.session, [*interface_families(CNF), *families], CNF)

    def apply(self, dataplane: VppDataplane, values: t.Sequence[Value], state: str = "merged") -> t.Any:
        """All of what a module does, but Ansible. Its kinds are those of the families that have the values."""
        self.writes = self.sends = 0
        wanted = {value.kind for value in values}
        kinds = [kind for family in dataplane.families if not wanted.isdisjoint(family.kinds) for kind in family.kinds]
        return reconcile(dataplane, {each: KINDS[each] for each in kinds}, state, lambda there: values)

    def write(self, dataplane: VppDataplane, values: t.Sequence[Value]) -> None:
        """From desired values to the last reply, upon what was read: lower, plan, pack, send, compare return values."""
        self.writes = self.sends = 0
        observed = self.observed
        desired = {key: one for key, one in observed.items() if one.owned}
        desired.update(dataplane.lower(values, observed))
        for wave in plan(dataplane, observed, desired):
            wrong = [error for error in dataplane.perform(wave) if error]
            if wrong:
                raise AssertionError(wrong[:3])


def forget() -> None:
    """What a fresh process would not know yet."""
    forget_addresses()


@contextlib.contextmanager
def place() -> t.Iterator[Place]:
    """A VPP that nobody else uses."""
    with live_place() as live:
        live.start(main_heap_size="1G", poll_sleep=0, buffers_per_numa=4096)
        with live.client() as client:
            one = Place(live, client)
            try:
                lo = INTERFACE.value({"name": "lo", "type": "SOFTWARE_LOOPBACK", "enabled": True, "ip_addresses": ["10.0.0.1/24"]})
                one.apply(one.dataplane(), [lo])
                yield one
            finally:
                one.raw.client.close()


def live(bench: t.Callable[[], t.Iterator[Score]]) -> t.Callable[[], t.Iterator[Score]]:
    """Only where there is a VPP."""

    @functools.wraps(bench)
    def wrapped() -> t.Iterator[Score]:
        if program() is None:
            yield Score(bench.__name__.upper(), (bench.__doc__ or "").partition("\n")[0], "-", note=NO_VPP, skipped=True)
        else:
            yield from bench()

    return wrapped


def routes(count: int, hop: str = "10.0.0.254") -> list[Value]:
    """Distinct routes over C(lo)."""
    return [ROUTE.value({"dst_network": network, "next_hop_addr": hop, "outgoing_interface": "lo"}) for network in networks(count)]


class RouteWorld:
    """Routes in a place: as values, and as the frames that make and unmake them."""

    def __init__(self, one: Place) -> None:
        self.one = one
        families = Routes()
        self.dataplane = one.dataplane(families)
        # The first route makes our source.
        one.apply(self.dataplane, routes(1))
        one.apply(self.dataplane, routes(1), "deleted")
        self.source = next(each["src"]["id"] for each in one.session.dump("fib_source_dump") if each["src"]["name"] == "pantheon.cnf")
        self.index = next(each["sw_if_index"] for each in one.session.dump("sw_interface_dump", sw_if_index=NOWHERE) if each["tag"] == "lo")
        dumps = [Dump("ip_route_v2_dump", {"src": self.source}), Dump("control_ping")]
        self.dump = one.raw.frames(dumps)

    def frames(self, count: int, add: bool) -> list[bytes]:
        """As our client packs them."""
        path = {"sw_if_index": self.index, "weight": 1, "nh": {"address": "10.0.0.254"}}
        more = {"paths": [path]} if add else {}
        return self.one.raw.frames(
            [Call("ip_route_add_del_v2", {"is_add": add, "route": {"prefix": network, "src": self.source, **more}}) for network in networks(count)]
        )

    def count(self) -> int:
        """How many routes of ours VPP has, in the words of another reader."""
        return self.one.raw.read(self.dump) - 1

    def look(self) -> None:
        """Read what is there."""
        forget()
        self.one.observed = self.dataplane.observe()


def _expect(what: str, seen: int, wanted: int) -> None:
    if seen != wanted:
        raise AssertionError(f"{what}: {seen}, not {wanted}")


@live
def b01() -> t.Iterator[Score]:
    """Routes, written."""
    wanted = routes(ROUTES)
    with place() as one:
        world = RouteWorld(one)
        add, gone = world.frames(ROUTES, True), world.frames(ROUTES, False)

        def nothing() -> None:
            one.raw.write(gone)
            world.look()

        subject = f"{ROUTES} routes: desired values to verified replies"
        score = Score("B01", subject, "frames encoded beforehand", gate=5, goal=3)
        yield compare(score, lambda: one.write(world.dataplane, wanted), lambda: one.raw.write(add), nothing)
        nothing()
        one.write(world.dataplane, wanted)
        _expect("routes in VPP", world.count(), ROUTES)
        yield Score("B01", f"{ROUTES} routes: sends", "count", one.sends, 200, exact=True)
        calls = [Call("ip_route_add_del_v2", {"is_add": True, "route": {"prefix": network, "src": world.source}}) for network in networks(ROUTES)]
        calls = [call._replace(fields={**call.fields, "route": {**call.fields["route"], "paths": [{"sw_if_index": world.index}]}}) for call in calls]
        score = Score("B01", f"{ROUTES} routes: the client alone", "frames encoded beforehand")
        yield compare(score, lambda: one.client.exchange(calls), lambda: one.raw.write(add), nothing)
        score = Score("B01", f"{ROUTES} routes: all of reconcile, read back and compared", "frames encoded beforehand")
        yield compare(score, lambda: one.apply(world.dataplane, wanted), lambda: one.raw.write(add), nothing, rounds=5)


@live
def b02() -> t.Iterator[Score]:
    """Routes, read."""
    with place() as one:
        world = RouteWorld(one)
        one.raw.write(world.frames(ROUTES, True))

        def normalised() -> None:
            found = world.dataplane.observe(frozenset({"route"}))
            _expect("routes read", sum(each.owned for each in found.values()), ROUTES)

        def gathered() -> None:
            _expect("values read", len(world.dataplane.lift(world.dataplane.observe(), {ROUTE.id})), ROUTES)

        def floor() -> None:
            _expect("routes listed", world.count(), ROUTES)

        yield compare(Score("B02", f"{ROUTES} routes read, normalised", "a dump, its frames split", gate=6, goal=4), normalised, floor, forget, rounds=15)
        yield compare(Score("B02", f"{ROUTES} routes gathered as values", "a dump, its frames split"), gathered, floor, forget)


@live
def b03() -> t.Iterator[Score]:
    """Routes that are there already, and a few of them changed."""
    wanted = routes(ROUTES)
    with place() as one:
        world = RouteWorld(one)
        one.apply(world.dataplane, wanted)

        def again() -> None:
            one.apply(world.dataplane, wanted)

        score = Score("B03", f"{ROUTES} routes, all of a second run", "a dump, its frames split", gate=8, goal=4)
        yield compare(score, again, lambda: _expect("routes listed", world.count(), ROUTES), forget, rounds=11)
        again()
        yield Score("B03", f"{ROUTES} routes, second run: writes", "count", one.writes, 0, exact=True)


@live
def b04() -> t.Iterator[Score]:
    """One route in a hundred changed."""
    wanted = routes(ROUTES)
    changed = routes(ROUTES, "10.0.0.253")[: ROUTES // 100] + wanted[ROUTES // 100 :]
    with place() as one:
        world = RouteWorld(one)
        back = world.frames(ROUTES // 100, True)
        one.apply(world.dataplane, wanted)

        def before() -> None:
            one.raw.write(back)
            forget()

        score = Score("B04", f"{ROUTES} routes, 1 % of them changed: all of a run", "the same with nothing changed", gate=1.1, goal=1.05)
        yield compare(score, lambda: one.apply(world.dataplane, changed), lambda: one.apply(world.dataplane, wanted), before)
        before()
        one.apply(world.dataplane, changed)
        yield Score("B04", f"{ROUTES} routes, 1 % of them changed: writes", "count", one.writes, 200, exact=True)


def b05() -> t.Iterator[Score]:
    """Packing and unpacking, in memory."""
    from vpp_papi.vpp_papi import VPPApiJSONFiles

    hop = {"address": {"ip4": "10.0.0.254"}}
    path = {"sw_if_index": 1, "weight": 1, "nh": hop}
    labels = [{"is_uniform": 0, "label": 0, "ttl": 0, "exp": 0}] * 16
    rule = {"is_permit": 1, "src_prefix": "10.0.0.0/8", "dst_prefix": "192.168.0.0/16", "proto": 6, "dstport_or_icmpcode_last": 65535}
    samples: dict[str, dict[str, t.Any]] = {
        "ip_route_add_del_v2": {"is_add": True, "route": {"prefix": "20.0.0.0/24", "n_paths": 1, "paths": [path]}},
        "ip_route_v2_details": {"route": {"prefix": "20.0.0.0/24", "n_paths": 1, "paths": [path]}},
        "acl_add_replace": {"acl_index": NOWHERE, "tag": "bench", "count": 10, "r": [rule] * 10},
        "nat44_add_del_static_mapping_v2": {
            "is_add": True,
            "tag": "bench",
            "external_sw_if_index": NOWHERE,
            "local_ip_address": "10.0.0.1",
            "external_ip_address": "20.0.0.1",
        },
        "sw_interface_details": {"sw_if_index": 1, "l2_address": "02:fe:00:00:00:01", "mtu": [9000, 0, 0, 0], "interface_name": "loop0", "tag": "lo"},
    }
    ours, theirs = [], []
    for content in catalogue.files(catalogue.releases()[-1]).values():
        file, messages = apifiles.File(content), VPPApiJSONFiles.process_json_str(json.dumps(content))[0]
        for name in samples.keys() & messages.keys():
            described = file.described(name)
            assert described
            made = described.fields, described.types
            ours.append((compiler.packer(*made), compiler.unpacker(*made), samples[name]))
            sample = dict(samples[name])
            if "route" in sample:  # it insists on all labels
                sample["route"] = {**sample["route"], "paths": [{**path, "label_stack": labels}]}
            theirs.append((messages[name], {**sample, "_vl_msg_id": 1, "client_index": 2, "context": 3}))
    for (pack, _unpack, sample), (message, fields) in zip(ours, theirs):
        if pack(1, 2, 3, sample) != message.pack(fields):
            raise AssertionError(f"{message.name}: other bytes than vpp-papi's")

    def subject() -> None:
        for _each in range(50):
            for pack, unpack, sample in ours:
                unpack(pack(1, 2, 3, sample), 0)

    def floor() -> None:
        for _each in range(50):
            for message, fields in theirs:
                message.unpack(message.pack(fields))

    yield compare(Score("B05", f"{len(ours)} kinds of messages packed and unpacked", "vpp-papi, same bytes", gate=1 / 8, goal=1 / 13), subject, floor)


HANDSHAKE = """
import time
begin = time.perf_counter()
import socket, struct, sys
one = socket.socket(socket.AF_UNIX)
one.connect(sys.argv[1])
def ask(message):
    one.sendall(struct.pack(">QII", 0, len(message), 0) + message)
    data = b""
    while len(data) < 16 or len(data) < 16 + struct.unpack_from(">I", data, 8)[0]:
        data += one.recv(1 << 18)
    return data[16:]
welcome = ask(struct.pack(">HI64s", 15, 0, b"bench"))
_number, _client, _context, _response, index, count = struct.unpack_from(">HIIiIH", welcome)
table = {name.partition(b"\\0")[0].decode(): number for number, name in struct.iter_unpack(">H64s", welcome[20:20 + 66 * count])}
print(time.perf_counter() - begin)
ask(struct.pack(">HIII", table["sockclnt_delete_8ac76db6"], index, 0, index))
"""
READY = """
import time
begin = time.perf_counter()
import sys
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.client import Client
with Client(sys.argv[1]) as client:
    client.messages.request("ip_route_add_del_v2")
    print(time.perf_counter() - begin)
"""


@live
def b06() -> t.Iterator[Score]:
    """A client that is ready for its first call, in a fresh process."""

    def seconds(code: str) -> float:
        done = subprocess.run([sys.executable, "-c", code, one.place.socket], check=True, capture_output=True, text=True, timeout=30)
        return float(done.stdout)

    with place() as one:
        seconds(READY)
        taken: dict[str, list[float]] = {HANDSHAKE: [], READY: []}
        for at in range(2 * ROUNDS):
            for code in (HANDSHAKE, READY)[:: 1 - 2 * (at % 2)]:
                taken[code].append(seconds(code))
        # The best of each: what else runs only adds.
        extra = 1000 * (min(taken[READY]) - min(taken[HANDSHAKE]))
        usual = 1000 * (statistics.median(taken[READY]) - statistics.median(taken[HANDSHAKE]))
        note = f"milliseconds more; {usual:.0f} at the median"
        score = Score("B06", "client ready for its first call, fresh process", "a bare handshake", extra, 40, 15, seconds=min(taken[READY]), note=note)
        score.rounds = 2 * ROUNDS
        yield score


@live
def b07() -> t.Iterator[Score]:
    """Loopbacks with an address, up."""
    values = [
        INTERFACE.value({"name": f"lo{at}", "type": "SOFTWARE_LOOPBACK", "enabled": True, "ip_addresses": [f"10.{100 + (at >> 8)}.{at & 255}.1/24"]})
        for at in range(LOOPBACKS)
    ]
    with place() as one:
        dataplane = one.dataplane()
        lists = one.raw.frames([Dump("sw_interface_dump", {"sw_if_index": NOWHERE})])
        first = 2
        numbers = range(first, first + LOOPBACKS)
        for at in numbers:
            lists += one.raw.frames([Dump("ip_address_dump", {"sw_if_index": at, "is_ipv6": six}) for six in (False, True)])
        lists += one.raw.frames([Dump("control_ping")])
        makes = [
            one.raw.frames([Call("create_loopback")] * LOOPBACKS),
            one.raw.frames([Call("sw_interface_tag_add_del", {"is_add": True, "sw_if_index": at, "tag": f"lo{at}"}) for at in numbers]),
            one.raw.frames(
                [Call("sw_interface_add_del_address", {"is_add": True, "sw_if_index": at, "prefix": f"10.{100 + (at >> 8)}.{at & 255}.1/24"}) for at in numbers]
            ),
            one.raw.frames([Call("sw_interface_set_flags", {"sw_if_index": at, "flags": 1}) for at in numbers]),
        ]

        def nothing() -> None:
            there = [each["sw_if_index"] for each in one.session.dump("sw_interface_dump", sw_if_index=NOWHERE) if each["sw_if_index"] >= first]
            # VPP gives the number that became free last.
            deleted = one.client.exchange([Call("delete_loopback", {"sw_if_index": at}) for at in sorted(there, reverse=True)])
            _expect("loopbacks that stay", sum(isinstance(each, CnfError) for each in deleted), 0)
            forget()

        def floor() -> None:
            for frames in makes:
                one.raw.write(frames)
            one.raw.read(lists)

        score = Score("B07", f"{LOOPBACKS} loopbacks with an address, up, and read back", "frames encoded beforehand", gate=1.5, goal=1.2)
        yield compare(score, lambda: one.apply(dataplane, values), floor, nothing, rounds=5)
        nothing()
        one.apply(dataplane, values)
        yield Score("B07", f"{LOOPBACKS} loopbacks: calls for each", "count", -(-one.writes // LOOPBACKS), 5, exact=True)
        one.apply(dataplane, values)
        yield Score("B07", f"{LOOPBACKS} loopbacks, second run: writes", "count", one.writes, 0, exact=True)


def _cpu(score: Score, one: Place, dataplane: VppDataplane, values: t.Sequence[Value], entries: int, before: t.Callable[[], None]) -> Score:
    """Fill the score with our own CPU time for an entry, in microseconds: the best of some rounds, since others only add to it."""

    def look() -> None:
        before()
        forget()
        one.observed = dataplane.observe()

    samples = [timed(lambda: one.write(dataplane, values), look) for _round in range(ROUNDS)]
    score.value = min(each.cpu for each in samples) / entries * 1e6
    score.seconds = statistics.median(each.wall for each in samples)
    score.rounds = ROUNDS
    score.note = "microseconds of our CPU for each"
    return score


@live
def b08() -> t.Iterator[Score]:
    """One ACL with many rules."""
    kind = by_id(*northbound_acl.KINDS)["vpp.acls/acl"]
    rules = [
        {
            "action": "PERMIT",
            "ip_rule": {
                "ip": {"source_network": f"10.{at >> 8}.{at & 255}.0/24", "destination_network": "192.168.0.0/16"},
                "tcp": {"destination_port_range": {"lower_port": 80, "upper_port": 80 + at}, "source_port_range": {"lower_port": 0, "upper_port": 65535}},
            },
        }
        for at in range(RULES)
    ]
    value = kind.value({"name": "bench", "rules": rules})
    with place() as one:
        dataplane = one.dataplane(Acls())

        def nothing() -> None:
            one.apply(dataplane, [value], "deleted")

        yield _cpu(Score("B08", f"an ACL of {RULES} rules: desired values to applied", "CPU", gate=12, goal=8), one, dataplane, [value], RULES, nothing)
        nothing()
        one.apply(dataplane, [value])
        (there,) = one.session.dump("acl_dump", acl_index=NOWHERE)
        _expect("rules in VPP", there["count"], RULES)
        one.apply(dataplane, [value])
        yield Score("B08", f"an ACL of {RULES} rules, second run: writes", "count", one.writes, 0, exact=True)


@live
def b09() -> t.Iterator[Score]:
    """Static mappings."""
    kinds = by_id(*northbound_nat.KINDS)
    mappings = [
        kinds["vpp.nat/dnat44"].value(
            {
                "label": f"d{at}",
                "st_mappings": [
                    {
                        "external_ip": "20.0.0.1",
                        "external_port": 1024 + at,
                        "protocol": "TCP",
                        "local_ips": [{"local_ip": f"10.0.{1 + at // 200}.{1 + at % 200}", "local_port": 80}],
                    }
                ],
            }
        )
        for at in range(MAPPINGS)
    ]
    with place() as one:
        dataplane = one.dataplane(Nat(False))
        one.apply(dataplane, [kinds["vpp.nat/nat44-interface"].value({"name": "lo", "nat_inside": True})])

        def nothing() -> None:
            one.apply(dataplane, mappings, "deleted")

        score = Score("B09", f"{MAPPINGS} static mappings: desired values to applied", "CPU", gate=15, goal=10)
        yield _cpu(score, one, dataplane, mappings, MAPPINGS, nothing)
        nothing()
        one.apply(dataplane, mappings)
        _expect("mappings in VPP", len(one.session.dump("nat44_static_mapping_dump")), MAPPINGS)
        one.apply(dataplane, mappings)
        yield Score("B09", f"{MAPPINGS} static mappings, second run: writes", "count", one.writes, 0, exact=True)


PAPI = """
import sys, time
from vpp_papi import VPPApiClient
socket, index, source, count = sys.argv[1], *map(int, sys.argv[2:])
client = VPPApiClient(bootstrapapi=True, server_address=socket)
client.connect("bench")
def routes(is_add):
    for at in range(count):
        path = {"sw_if_index": index, "table_id": 0, "weight": 1, "nh": {"address": {"ip4": "10.0.0.254"}}, "n_labels": 0, "label_stack": [{}] * 16}
        prefix = f"{20 + (at >> 16)}.{at >> 8 & 255}.{at & 255}.0/24"
        route = {"table_id": 0, "prefix": prefix, "src": source, "n_paths": 1, "paths": [path]}
        reply = client.api.ip_route_add_del_v2(is_add=is_add, is_multipath=False, route=route)
        assert reply.retval == 0, reply
for line in sys.stdin:
    begin = time.perf_counter()
    routes(True)
    print(time.perf_counter() - begin, flush=True)
    routes(False)
    print("gone", flush=True)
client.disconnect()
"""


@live
def b17() -> t.Iterator[Score]:
    """Routes against vpp-papi, one call after the other as it is meant."""
    wanted = routes(AGAINST_PAPI)
    with place() as one:
        world = RouteWorld(one)
        gone = world.frames(AGAINST_PAPI, False)
        argv = [sys.executable, "-c", PAPI, one.place.socket, str(world.index), str(world.source), str(AGAINST_PAPI)]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as papi:
            assert papi.stdin and papi.stdout
            ratios = []
            for _round in range(ROUNDS):
                one.raw.write(gone)
                world.look()
                ours = timed(lambda: one.write(world.dataplane, wanted), lambda: None).wall
                _expect("routes in VPP", world.count(), AGAINST_PAPI)
                one.raw.write(gone)
                papi.stdin.write("\n")
                papi.stdin.flush()
                theirs = float(papi.stdout.readline())
                papi.stdout.readline()
                ratios.append(ours / theirs)
            papi.stdin.close()
        score = Score("B17", f"{AGAINST_PAPI} routes: desired values to verified replies", "vpp-papi", statistics.median(ratios), 1 / 25, 1 / 50)
        score.seconds, score.rounds, score.spread = ours, ROUNDS, (max(ratios) - min(ratios)) / score.value if score.value else None
        score.note = f"{1 / statistics.median(ratios):.0f} times as fast"
        yield score


@live
def b19() -> t.Iterator[Score]:
    """How time grows with the number of routes."""
    with place() as one:
        world = RouteWorld(one)
        gone = world.frames(max(SIZES), False)

        def first(size: int) -> t.Callable[[], t.Any]:
            one.raw.write(gone)
            world.look()
            wanted = routes(size)
            return lambda: one.write(world.dataplane, wanted)

        def again(size: int) -> t.Callable[[], t.Any]:
            first(size)()
            wanted = routes(size)
            forget()
            return lambda: one.apply(world.dataplane, wanted)

        yield growth(Score("B19", "VPP: our CPU for routes applied, exponent of growth", "linear", gate=1.1, goal=1.03), SIZES, first, rounds=2, cpu=True)
        yield growth(Score("B19", "VPP: our CPU for routes applied again, exponent of growth", "linear", gate=1.1, goal=1.03), SIZES, again, rounds=2, cpu=True)


BENCHES = {each.__name__.upper(): each for each in (b01, b02, b03, b04, b05, b06, b07, b08, b09, b17, b19)}
