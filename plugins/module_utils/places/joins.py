# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links with ends in VPPs: a memif on either side, or towards the kernel a TAP or a veth pair with an af_packet interface on it.

A link is made of parts, and each of them can be lost by itself (a VPP that was started anew has none any more): what is missing is
made again, what is there goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Operation, Resource, Resources
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import joins
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.inventory import ADDRESS, mac_of
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.joins import End, JoinDataplane, JoinError, Task
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.netlink import attribute
from ansible_collections.pantheon.cnf.plugins.module_utils.places import vpp_ends
from ansible_collections.pantheon.cnf.plugins.module_utils.places.vpp_ends import Info, Seen, VppEnds
from ansible_collections.pantheon.cnf.plugins.module_utils.station import mac_of as address_of

KIND = "vpp/interfaces"
ITEM_TYPES = {"memif": "MEMIF", "tap": "TAP", "af_packet": "AF_PACKET"}
VETH, ALIAS = "veth", "alias"
"""Parts beside the interfaces in VPPs, which are parts by the names of their namespaces: the pair, and the mark on a TAP's host side."""


class Wanted(t.NamedTuple):
    """A link as it is asked for. C(master): the namespace of the memif that listens; C(medium): towards the kernel, or C(auto)."""

    ends: t.Tuple[End, End]
    mtu: t.Optional[int]
    master: str
    medium: str


def parts(ends: t.Sequence[End], medium: str, vpps: t.Container[str]) -> t.FrozenSet[str]:
    """All that a link is made of."""
    sides = {each.namespace for each in ends if each.namespace in vpps}
    return frozenset(sides | ({VETH} if medium == "af_packet" else {ALIAS} if medium == "tap" else set()))


def link(ends: t.Sequence[End], medium: str, there: t.FrozenSet[str], memif: t.Optional[Info] = None, vpps: t.Container[str] = ()) -> Resource:
    """A link with an end in a VPP. C(memif): where and who listens."""
    ordered = tuple(sorted((_plain(each, medium, vpps) for each in ends), key=lambda each: (each.namespace, each.interface)))
    return Resource(
        joins.join_key(*ordered),
        {"ends": ordered, "mtu": None, "medium": medium, "there": there, "memif": memif},
        requires=frozenset(("namespace", each.namespace) for each in ordered),
        claims=frozenset(claim for each in ordered for claim in joins.claims_of(each.namespace, each.interface, each.host_if_name or each.interface)),
    )


def _plain(end: End, medium: str, vpps: t.Container[str]) -> End:
    """An end with what can be read back of it: VPP keeps the logical name alone."""
    if end.namespace not in vpps:
        return end
    return end._replace(kind=KIND, type=ITEM_TYPES[medium], host_if_name=end.host_if_name if medium == "af_packet" else "")


class ChainJoins(JoinDataplane):
    """Links of sandboxes, some of which have a VPP (C(vpps): by namespace). C(cnfs): the CNF by namespace."""

    def __init__(self, namespaces: t.Iterable[str], vpps: t.Mapping[str, VppEnds], cnfs: t.Mapping[str, str], assume: bool = False) -> None:
        super().__init__(namespaces, assume)
        self.vpps, self.cnfs = vpps, cnfs
        self.wanted: t.List[Wanted] = []

    def __exit__(self, *unused: t.Any) -> None:
        super().__exit__(*unused)
        for each in self.vpps.values():
            each.close()

    # -- what is there ----------------------------------------------------------------------------------------------------

    def observe(self, classes: t.Optional[t.FrozenSet[str]] = None) -> Resources:
        """As the kernel tells of it, with what the VPPs do."""
        found = super().observe(classes)
        seen = {namespace: {each.name: each for each in vpp.observe()} for namespace, vpp in self.vpps.items()}
        result = {key: one for key, one in found.items() if key[0] == "namespace"}
        used: t.Set[t.Tuple[str, str]] = set()
        for one in [*self._pairs(found, seen), *self._taps(found, seen), *self._memifs(seen)]:
            result[one.key] = one
            used.update((each.namespace, each.interface) for each in one.attributes["ends"])
        for key, one in found.items():
            if key[0] in ("join", "end") and not any((each.namespace, each.interface) in used for each in one.attributes["ends"]):
                result[key] = one
            elif key[0] == "interface" and not self._host_side(key[1], key[2], seen):
                result[key] = one
        for namespace, interfaces_ in seen.items():
            for each in interfaces_.values():
                if (namespace, each.name) not in used:
                    single = self._single(namespace, each)
                    result[single.key] = single
        return result

    def _pairs(self, found: Resources, seen: t.Mapping[str, t.Mapping[str, Seen]]) -> t.Iterator[Resource]:
        for key, one in found.items():
            ends = one.attributes["ends"] if key[0] == "join" else ()
            for each in ends:
                if each.namespace in self.vpps:
                    taken = seen[each.namespace].get(each.interface)
                    on_it = taken is not None and taken.joined and taken.medium == "af_packet" and taken.info["host"] == each.host_if_name
                    yield link(ends, "af_packet", frozenset({VETH, *([each.namespace] if on_it else [])}), None, self.vpps)

    def _taps(self, found: Resources, seen: t.Mapping[str, t.Mapping[str, Seen]]) -> t.Iterator[Resource]:
        marked = {(one.attributes["ends"][0].namespace, one.attributes["ends"][0].host_if_name): one for key, one in found.items() if key[0] == "end"}
        for namespace, each in ((namespace, each) for namespace, all_of_it in seen.items() for each in all_of_it.values()):
            there = marked.get((self._namespace(each.info.get("namespace", "")), each.info.get("host", ""))) if each.joined and each.medium == "tap" else None
            if there is not None:
                yield link((self._end(namespace, each), there.attributes["ends"][0]), "tap", frozenset({namespace, ALIAS}), None, self.vpps)

    def _memifs(self, seen: t.Mapping[str, t.Mapping[str, Seen]]) -> t.Iterator[Resource]:
        sides: t.Dict[t.Tuple[str, int], t.List[t.Tuple[str, Seen]]] = {}
        for namespace, all_of_it in seen.items():
            for each in all_of_it.values():
                if each.joined and each.medium == "memif":
                    sides.setdefault((each.info["socket"], each.info["id"]), []).append((namespace, each))
        for (socket, _id), both in sides.items():
            ends = [self._end(namespace, each) for namespace, each in both]
            there = frozenset(each.namespace for each in ends)
            # Of one without its other end nobody but the task knows which link it is an end of.
            whole = ends if len(ends) == 2 else self._ends_of(socket, both[0])
            if whole:
                masters = [namespace for namespace, each in both if each.info["role"] == "master"]
                others = [each.namespace for each in whole if each.namespace not in there]
                yield link(whole, "memif", there, {"socket": socket, "master": (masters + others)[0]}, self.vpps)

    def _ends_of(self, socket: str, seen: t.Tuple[str, Seen]) -> t.Sequence[End]:
        """The ends of the wanted link that a memif on this socket is one of."""
        for one in self.wanted:
            if any((each.namespace, each.interface) == (seen[0], seen[1].name) for each in one.ends):
                if all(each.namespace in self.vpps for each in one.ends) and os.path.basename(socket) == _socket(one):
                    return one.ends
        return ()

    def _single(self, namespace: str, each: Seen) -> Resource:
        """An interface that is no end of a whole link: ours when it was made for one."""
        needs = frozenset({("namespace", namespace)})
        if not each.joined:
            claim = ("logical name", each.name, "in", namespace)
            return Resource(("interface", namespace, each.name), {}, claims=frozenset({claim}), owned=False)
        end = _plain(self._end(namespace, each), each.medium, self.vpps)
        claims = joins.claims_of(namespace, each.name, end.host_if_name or each.name)
        side = self._namespace(each.info.get("namespace", ""))
        if each.medium == "tap" and side:
            claims.append(("name", each.info["host"], "in", side))
        return Resource(("end", namespace, each.name), {"ends": (end,), "mtu": None, "medium": each.medium, "info": each.info}, needs, frozenset(claims))

    def _end(self, namespace: str, each: Seen) -> End:
        host = each.info["host"] if each.medium == "af_packet" else ""
        return End(namespace, self.cnfs.get(namespace, namespace), each.name, KIND, ITEM_TYPES[each.medium], host)

    def _namespace(self, path: str) -> str:
        """The name of one of our namespaces by its path."""
        return next((name for name, host in self.hosts.items() if host.path == path), "")

    def _host_side(self, namespace: str, device: str, seen: t.Mapping[str, t.Mapping[str, Seen]]) -> bool:
        """Whether a device is the kernel's side of a TAP of ours (one that is not marked yet)."""
        path = self.hosts[namespace].path
        return any(
            each.joined and each.medium == "tap" and (each.info["namespace"], each.info["host"]) == (path, device)
            for all_of_it in seen.values()
            for each in all_of_it.values()
        )

    # -- from one to the other --------------------------------------------------------------------------------------------

    def transition(self, before: Resource, after: Resource) -> str:
        """What is missing is made; who listens on a memif is nobody's wish once it is there."""
        if "medium" not in before.attributes and "medium" not in after.attributes:
            return super().transition(before, after)
        if any(before.attributes.get(each) != after.attributes.get(each) for each in ("medium", "ends")):
            return "recreate"
        return "same" if before.attributes["there"] == after.attributes["there"] else "update"

    def resource(self, one: Wanted, have: t.Optional[Resource]) -> Resource:
        """The link as it shall be; one that is there stays what it is, when that is as good."""
        ends = [each for each in one.ends if each.namespace in self.vpps]
        if len(ends) != 1 and one.medium != "auto":
            raise JoinError(f"link {_title(one.ends)}: medium {one.medium} is for a link between VPP and the kernel")
        if not ends:
            first, second = (joins.check_device(each) for each in one.ends)
            return joins.join(first, second, one.mtu)
        if one.mtu:
            raise JoinError(f"link {_title(one.ends)}: the MTU of an end in VPP is that of its item; leave mtu out")
        for each in ends:
            vpp_ends.tag(each.interface)
        if len(ends) == 2:
            memif = have.attributes.get("memif") if have is not None else None
            made = memif or {"socket": f"{os.path.dirname(self.vpps[one.master].socket)}/{_socket(one)}", "master": one.master}
            return link(one.ends, "memif", parts(one.ends, "memif", self.vpps), made, self.vpps)
        there = have.attributes.get("medium") if have is not None else None
        medium = one.medium
        if medium == "auto":
            medium = there if there in ("tap", "af_packet") else "tap" if self.vpps[ends[0].namespace].can_tap() else "af_packet"
        for each in one.ends:
            if medium == "af_packet" or each.namespace not in self.vpps:
                joins.check_device(each)
        return link(one.ends, medium, parts(one.ends, medium, self.vpps), None, self.vpps)

    def commands(self, operation: Operation) -> t.List[str]:
        """In words of C(ip) and of the binary API."""
        one = t.cast(Resource, operation.after or operation.before)
        medium = one.attributes.get("medium")
        if medium is None:
            return super().commands(operation)
        lines: t.List[str] = []
        if operation.after is None:
            for each, info in self._in_vpps(one):
                if self._has(one, each.namespace):
                    lines += self._said(each, self.vpps[each.namespace].commands("remove", each.interface, medium, info))
            return lines + (super().commands(operation) if self._has(one, VETH) else [])
        todo = self._todo(operation)
        if VETH in todo:
            lines += super().commands(operation._replace(verb="create"))
        for each, info in self._in_vpps(one):
            if each.namespace in self._surplus(operation):
                lines += self._said(each, self.vpps[each.namespace].commands("remove", each.interface, medium, info))
            if each.namespace in todo:
                mac = address_of(each.cnf, each.interface)
                lines += self._said(each, self.vpps[each.namespace].commands("make", each.interface, medium, info, mac))
        for each in self._marked(one, todo):
            lines.append(f"ip -n {each.namespace} link set {each.host_if_name} alias '{each.alias}'")
        return lines

    @staticmethod
    def _said(end: End, lines: t.Sequence[str]) -> t.List[str]:
        return [f"{end.cnf}: {line}" for line in lines]

    def create(self, operation: Operation) -> None:
        """All parts, those first that others are put on."""
        if "medium" in operation.after.attributes:  # type: ignore[union-attr]
            self._make(operation)
        else:
            super().create(operation)

    def update(self, operation: Operation) -> None:
        """The parts that are missing."""
        if "medium" in operation.after.attributes:  # type: ignore[union-attr]
            self._make(operation)
        else:
            super().update(operation)

    def delete(self, operation: Operation) -> None:
        """VPP's interfaces first: it does not see that a device goes away below one."""
        one = t.cast(Resource, operation.before)
        medium = one.attributes.get("medium")
        if medium is None:
            super().delete(operation)
            return
        for each, info in self._in_vpps(one):
            if self._has(one, each.namespace):
                self._remove(each, medium, info)
        if self._has(one, VETH):
            super().delete(operation)

    def address(self, one: End) -> bytes:
        """A device that VPP uses has another address than VPP's interface on it, so that the kernel takes nothing for its own."""
        return mac_of(one.cnf, f"{one.interface} device") if one.namespace in self.vpps else super().address(one)

    def _remove(self, end: End, medium: str, info: Info) -> None:
        self.vpps[end.namespace].remove(end.interface, medium, info)
        if info.get("role") == "master":
            with contextlib.suppress(FileNotFoundError):
                os.unlink(info["socket"])

    def _make(self, operation: Operation) -> None:
        one, todo = t.cast(Resource, operation.after), self._todo(operation)
        medium = one.attributes["medium"]
        for each, info in self._in_vpps(one):
            if each.namespace in self._surplus(operation):
                self._remove(each, medium, info)
        if VETH in todo:
            super().create(operation)
            for each in one.attributes["ends"]:
                if each.namespace in self.vpps:
                    # VPP's alone: the kernel is not to say anything there by itself. Where it has no IPv6 it does not anyway.
                    self.hosts[each.namespace].sysctl_write(f"net.ipv6.conf.{each.host_if_name.replace('.', '/')}.disable_ipv6", "1")
        for each, info in sorted(self._in_vpps(one), key=lambda side: side[1].get("role") != "master"):
            if each.namespace in todo:
                self.vpps[each.namespace].make(each.interface, medium, info, address_of(each.cnf, each.interface))
        for each in self._marked(one, todo):
            self.alias(each, attribute(ADDRESS, self.address(each)))

    @staticmethod
    def _has(one: Resource, part: str) -> bool:
        """Whether the link, or what is left of it, has the part."""
        there = one.attributes.get("there")
        return part in there if there is not None else part != VETH

    @staticmethod
    def _todo(operation: Operation) -> t.Set[str]:
        before = operation.before.attributes["there"] if operation.verb == "update" and operation.before else frozenset()
        return set(operation.after.attributes["there"] - before)  # type: ignore[union-attr]

    @staticmethod
    def _surplus(operation: Operation) -> t.AbstractSet[str]:
        """What was made and is taken back."""
        before = operation.before.attributes["there"] if operation.verb == "update" and operation.before else frozenset()
        return t.cast(t.AbstractSet[str], before - operation.after.attributes["there"])  # type: ignore[union-attr]

    def _marked(self, one: Resource, todo: t.Container[str]) -> t.List[End]:
        return [each for each in one.attributes["ends"] if each.namespace not in self.vpps] if ALIAS in todo else []

    def _in_vpps(self, one: Resource) -> t.List[t.Tuple[End, Info]]:
        """The ends in VPPs, with what makes each."""
        return [(each, self._info(one, each)) for each in one.attributes["ends"] if each.namespace in self.vpps]

    def _info(self, one: Resource, end: End) -> Info:
        """What makes the interface of an end: as it was seen, else as the whole link has it."""
        have = one.attributes
        if "info" in have:
            return t.cast(Info, have["info"])
        if have["medium"] == "memif":
            return vpp_ends.memif(have["memif"]["socket"], "master" if have["memif"]["master"] == end.namespace else "slave")
        if have["medium"] == "af_packet":
            return {"host": end.host_if_name}
        (other,) = (each for each in have["ends"] if each is not end)
        return vpp_ends.tap(self.hosts[other.namespace].path or "", other.host_if_name)


def _socket(one: Wanted) -> str:
    """The file of a memif's socket, in the folder of the VPP that listens."""
    return f"memif-{hashlib.sha256(' '.join(joins.join_key(*one.ends)).encode()).hexdigest()[:8]}"


def _title(ends: t.Sequence[End]) -> str:
    return " -- ".join(f"{each.namespace}.{each.interface}" for each in ends)


__all__ = ["ChainJoins", "task"]


def task(parameters: t.Mapping[str, t.Any], check_mode: bool) -> Task:
    """The run that the parameters of C(cnf_link) ask for."""
    namespaces = parameters.get("namespaces") or {}
    sockets = parameters.get("sockets") or {}
    state = parameters["state"]
    wanted = [_wanted(each, namespaces) for each in parameters["links"]]
    cnfs = {each.namespace: each.cnf for one in wanted for each in one.ends}
    if state == "overridden":
        cnfs.update((namespace, cnf) for cnf, namespace in namespaces.items())
    found = {namespace: VppEnds(sockets[cnf], parameters.get("api_dir"), check_mode or state == "absent") for namespace, cnf in cnfs.items() if cnf in sockets}
    dataplane = ChainJoins(cnfs, found, cnfs, assume=check_mode)
    dataplane.wanted = wanted

    def desire(observed: Resources) -> Resources:
        resources = [dataplane.resource(each, observed.get(joins.join_key(*each.ends))) for each in wanted]
        return joins.desire(state, resources, observed)

    return Task(sorted(set(cnfs.values())), dataplane, desire, joins.shown)


def _wanted(given: t.Mapping[str, t.Any], namespaces: t.Mapping[str, str]) -> Wanted:
    title = f"link {given['name']}" if given.get("name") else "link"
    if len(given["ends"]) != 2:
        raise JoinError(f"{title}: a link has two ends, {len(given['ends'])} are given")
    one, two = (joins.end(each, namespaces) for each in given["ends"])
    if (one.namespace, one.interface) == (two.namespace, two.interface):
        raise JoinError(f"{title}: both ends are {one.interface} of CNF {one.cnf}")
    return Wanted((one, two), given.get("mtu"), two.namespace, given.get("medium") or "auto")
