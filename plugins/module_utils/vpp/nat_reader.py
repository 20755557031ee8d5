# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The NAT44 that a VPP has, as resources."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import NONE, CnfError, Key, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import fib, nat_tag
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Reply, Request
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.nat_dialect import (
    ADDRESS_ONLY,
    ANY_VRF,
    DIALECTS,
    ED,
    NO_INTERFACE,
    OUT2IN_ONLY,
    PROTOCOLS,
    SELF_TWICE,
    SIZES,
    TIMEOUTS,
    TWICE,
    Dialect,
    leads_out,
)

PLUGIN: Key = ("nat44",)
OTHER: Key = ("nat44-other",)
"""The other plugin, when both are enabled."""

SHOWN = ("nat44 summary", "ip table", "nat44 vrf tables")
_LIMIT = re.compile(r"max translations per thread: (\d+) fib (\d+)")
_WAY = re.compile(r"table (\d+):|vrf-id (\d+)")

Place = t.Any
Links = t.Mapping[int, Key]
"""The keys of interfaces by VPP's numbers for them."""


def tables(*vrfs: int) -> t.FrozenSet[Key]:
    """What something in these VRF tables requires."""
    found = [("table", "4", str(vrf)) for vrf in vrfs if vrf not in (0, ANY_VRF)]
    return frozenset(found) if found else NONE


def mapping_key(external: str, protocol: str, port: int) -> Key:
    """Of a mapping of any sort: VPP knows them by this."""
    return ("nat44-mapping", external, protocol if port else "any", str(port))


def of_interface(name: str) -> str:
    """The external side of a mapping whose address is that of an interface."""
    return f"interface {name}"


def observe(place: Place, links: Links, ours: t.Callable[[Key], bool]) -> t.List[Resource]:
    """Everything. C(ours): whether something that carries no mark is."""
    offered = [each for each in DIALECTS.values() if place.offers(each.config)]
    running = dict(zip(offered, _answers(place, [Call(each.config) for each in offered])))
    enabled = [each for each in offered if running[each]["sessions"]]
    if not enabled:
        return []
    found = _Reader(place, links, ours, enabled[0], running[enabled[0]]).read()
    if len(enabled) > 1:
        found.append(Resource(OTHER, {"mode": enabled[1].mode}, owned=False, managed=False))
    return found


def _answers(place: Place, requests: t.Sequence[Request]) -> t.List[t.Any]:
    answers = place.exchange(requests) if requests else []
    for each in answers:
        if isinstance(each, CnfError):
            raise each
    return t.cast(t.List[t.Any], answers)


class _Reader:
    def __init__(self, place: Place, links: Links, ours: t.Callable[[Key], bool], dialect: Dialect, running: Reply) -> None:
        self.place, self.links, self.ours = place, links, ours
        self.dialect, self.mode, self.running = dialect, dialect.mode, running
        self.plugin = frozenset({PLUGIN})
        self.addresses: t.Dict[int, t.List[str]] = {}
        self.pooled: t.Dict[str, Key] = {}

    def read(self) -> t.List[Resource]:
        dialect, ed = self.dialect, self.dialect is ED
        requests: t.List[Request] = [Call(dialect.mss_get)]
        requests += [Dump(each) for each in (dialect.roles, dialect.outputs, dialect.addresses, dialect.interface_pools, dialect.statics, dialect.identities)]
        if ed:
            # No message tells the limits of sessions, nor VPP's number for a table; that of VRFs tells of some that are not there.
            requests += [Dump("nat44_lb_static_mapping_dump"), *(Call("cli_inband", {"cmd": f"show {each}"}) for each in SHOWN)]
        mss, roles, outputs, addresses, pools, statics, identities, *more = _answers(self.place, requests)
        balanced: t.List[Reply] = more[0] if ed else []
        limits, numbers, ways = [str(each["reply"]) for each in more[1:]] if ed else [""] * len(SHOWN)
        self.ask({each["sw_if_index"] for each in (*pools, *identities)}.union(each["external_sw_if_index"] for each in statics))
        return [
            self.enabled(mss["mss_value"] if mss["enable"] else 0, limits, numbers),
            *self.interfaces(roles, outputs),
            *self.pools(addresses, pools),
            *self.static(statics),
            *self.identity(identities),
            *(self.balanced(each) for each in balanced),
            *self.vrfs(ways),
        ]

    def ask(self, followed: t.Set[int]) -> None:
        """The addresses of the interfaces that NAT follows: it shows them beside the interface, as if they were given."""
        indexes = sorted(followed & self.links.keys())
        dumps = _answers(self.place, [Dump("ip_address_dump", {"sw_if_index": each, "is_ipv6": False}) for each in indexes])
        self.addresses = {index: [each["prefix"].partition("/")[0] for each in dump] for index, dump in zip(indexes, dumps)}

    def unmarked(self, key: Key, attributes: t.Mapping[str, t.Any], requires: t.Iterable[Key] = ()) -> Resource:
        return Resource(key, {"mode": self.mode, **attributes}, self.plugin.union(requires), owned=self.ours(key))

    def enabled(self, mss: int, limits: str, numbers: str) -> Resource:
        running, ours = self.running, self.ours(PLUGIN)
        allowed = self.limits(limits, numbers)
        settings = {
            "forwarding": bool(running["forwarding_enabled"]),
            "timeouts": {name: running["timeouts"][name] for name in TIMEOUTS},
            "mss": mss,
            "limits": allowed,
        }
        sizes = {name: running[name] for name in SIZES if name != "mode"}
        requires = tables(running["inside_vrf"], running["outside_vrf"], *allowed)
        # Settings that a task names are set, whoever has enabled it; it is not made nor deleted then.
        return Resource(PLUGIN, {"mode": self.mode, **sizes, **settings}, requires, owned=ours, managed=ours)

    def limits(self, summary: str, numbers: str) -> t.Dict[int, int]:
        vrfs = fib.numbers_of(numbers)
        found = {vrfs[int(listed)]: int(limit) for limit, listed in _LIMIT.findall(summary) if int(listed) in vrfs}
        return {vrf: limit for vrf, limit in found.items() if limit != self.running["sessions"]}

    def interfaces(self, roles: t.Sequence[Reply], outputs: t.Sequence[Reply]) -> t.Iterator[Resource]:
        found = {each["sw_if_index"]: frozenset(name for name in ("inside", "outside") if each["flags"] & getattr(self.dialect, name)) for each in roles}
        found.update((each["sw_if_index"], frozenset({"output"})) for each in outputs)
        roles_of = {self.links[index]: names for index, names in found.items() if index in self.links}
        before = behind({link[1]: names for link, names in roles_of.items()})
        for link, names in roles_of.items():
            key = ("nat44-interface", link[1])
            yield self.unmarked(key, {"roles": names}, {link, *(before if leads_out(names) else ())})

    def pools(self, addresses: t.Sequence[Reply], pools: t.Sequence[Reply]) -> t.Iterator[Resource]:
        found = {(each["ip_address"], bool(each.get("flags", 0) & TWICE)): each["vrf_id"] for each in addresses}
        for each in pools:
            link, twice = self.links.get(each["sw_if_index"]), bool(each.get("flags", 0) & TWICE)
            there = self.addresses.get(each["sw_if_index"], ())
            own = next((one for one in there if found.get((one, twice)) == ANY_VRF), None)
            if own:
                del found[own, twice]
            if link:
                key = ("nat44-interface-pool", link[1], sort(twice))
                self.pooled[own or ""] = key
                yield self.unmarked(key, {"lost": self.ours(key) and bool(there) and not own}, {link})
        for (address, twice), vrf in found.items():
            self.pooled[address] = ("nat44-address", address, sort(twice))
            yield self.unmarked(("nat44-address", address, sort(twice)), {"vrf": vrf}, tables(vrf))

    # -- mappings ----------------------------------------------------------------------------------------------------

    def lost(self, index: int, resolved: t.Optional[Reply]) -> bool:
        """Whether the interface has an address, and VPP did not take it: it looks for one only when one comes."""
        return bool(self.addresses.get(index)) and resolved is None

    def mapping(
        self,
        kind: str,
        tag: str,
        marked: bool,
        external: t.Tuple[str, int, int],
        attributes: t.Mapping[str, t.Any],
        vrfs: t.Iterable[int],
        index: int = NO_INTERFACE,
    ) -> Resource:
        link = self.links.get(index)
        address, number, port = external
        # EI takes a port of an address of a pool, which cannot go before.
        pooled = {self.pooled[address]} if self.dialect is not ED and port and address in self.pooled else ()
        if index != NO_INTERFACE:
            address = of_interface(link[1] if link else f"number {index}, which is gone")
            # What it requires is not there: nobody wants to keep it.
            link = link or ("link", f"number {index}")
        sayable = number in PROTOCOLS if port else attributes["whole"]
        said = nat_tag.said(tag) if marked and sayable else None
        if said is None:
            attributes = {**attributes, "tag": tag}
        else:
            attributes = {**attributes, **said._asdict()}
        return Resource(
            mapping_key(address, PROTOCOLS.get(number, str(number)), port),
            {"mode": self.mode, "type": kind, "index": None if index == NO_INTERFACE or index in self.links else index, **attributes},
            self.plugin | tables(*vrfs) | (frozenset({link}) if link else frozenset()).union(pooled),
            owned=said is not None,
        )

    def followed(
        self, entries: t.Sequence[Reply], index: str, external: str, same: t.Callable[[Reply], t.Any]
    ) -> t.Iterator[t.Tuple[Reply, t.Optional[Reply]]]:
        """Entries, those of an interface with the entry that VPP made of it for the interface's address, which has none of its own."""
        made: t.Set[int] = set()
        resolved: t.Dict[int, Reply] = {}
        for at, each in enumerate(entries):
            for other, one in enumerate(entries) if each[index] != NO_INTERFACE else ():
                if one[index] == NO_INTERFACE and other not in made and same(one) == same(each) and one[external] in self.addresses.get(each[index], ()):
                    made.add(other)
                    resolved[at] = one
                    break
        for at, each in enumerate(entries):
            if at not in made:
                yield each, resolved.get(at)

    def static(self, entries: t.Sequence[Reply]) -> t.Iterator[Resource]:
        names = ("local_ip_address", "protocol", "local_port", "external_port", "vrf_id", "tag")
        for each, resolved in self.followed(entries, "external_sw_if_index", "external_ip_address", lambda one: [one[name] for name in names]):
            # Of an interface without an address VPP does not show whether it is for incoming connections only.
            index = each["external_sw_if_index"]
            flags = resolved["flags"] if resolved else each["flags"] | (OUT2IN_ONLY if index != NO_INTERFACE else 0)
            yield self.mapping(
                "static",
                each["tag"],
                bool(flags & OUT2IN_ONLY) or self.dialect is not ED,
                (each["external_ip_address"], each["protocol"], each["external_port"]),
                {
                    "locals": ((each["local_ip_address"], each["local_port"], each["vrf_id"], 0),),
                    "twice": flags & (TWICE | SELF_TWICE),
                    "whole": bool(flags & ADDRESS_ONLY),
                    "lost": self.lost(index, resolved),
                },
                (each["vrf_id"],),
                index,
            )

    def identity(self, entries: t.Sequence[Reply]) -> t.Iterator[Resource]:
        names = ("protocol", "port", "vrf_id", "tag")
        found: t.Dict[Key, Resource] = {}
        for each, resolved in self.followed(entries, "sw_if_index", "ip_address", lambda one: [one[name] for name in names]):
            one = self.mapping(
                "identity",
                each["tag"],
                True,
                (each["ip_address"], each["protocol"], each["port"]),
                {"vrfs": frozenset({each["vrf_id"]}), "whole": bool(each["flags"] & ADDRESS_ONLY), "lost": self.lost(each["sw_if_index"], resolved)},
                (each["vrf_id"],),
                each["sw_if_index"],
            )
            before = found.get(one.key, one)
            both = {name: one.attributes[name] | before.attributes[name] for name in ("vrfs", "lost")}
            found[one.key] = one._replace(attributes={**before.attributes, **both}, requires=one.requires | before.requires)
        return iter(found.values())

    def balanced(self, each: Reply) -> Resource:
        local = [(one["addr"], one["port"], one["vrf_id"], one["probability"]) for one in each["locals"]]
        return self.mapping(
            "balanced",
            each["tag"],
            bool(each["flags"] & OUT2IN_ONLY),
            (each["external_addr"], each["protocol"], each["external_port"]),
            {"locals": tuple(sorted(local)), "twice": each["flags"] & (TWICE | SELF_TWICE), "whole": False, "lost": False},
            [one[2] for one in local],
        )

    def vrfs(self, text: str) -> t.Iterator[Resource]:
        source = 0
        for table, target in _WAY.findall(text):
            key = ("nat44-vrf", table or str(source))
            if table:
                source = int(table)
                yield self.unmarked(key, {}, tables(source))
            else:
                yield self.unmarked(("nat44-vrf-route", str(source), target), {}, tables(source, int(target)) | {key})


def behind(roles: t.Mapping[str, t.Collection[str]]) -> t.FrozenSet[Key]:
    """Of interfaces with roles those that stand behind the ones that lead out: they come first and go last, lest what they send leaves as it is."""
    return frozenset(("nat44-interface", name) for name, each in roles.items() if not leads_out(each))


def sort(twice: bool) -> str:
    """Which of the two pools an address is in, as keys have it."""
    return "twice-nat" if twice else "pool"
