# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links between sandboxes: one veth pair each, with the logical names as aliases of its ends. What is on them is not our matter here."""

from __future__ import annotations

import errno
import os
import struct
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Dataplane, Key, Operation, Resource, Resources
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.inventory import (
    ADDRESS,
    ALIAS,
    DELLINK,
    IFNAME,
    LINKINFO,
    MTU,
    NETNS_FD,
    NEWLINK,
    NO_NAME,
    PRODUCT,
    Interface,
    interfaces,
    logical_name,
    mac_of,
    namespace_numbers,
    parse_alias,
)
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.netlink import ACK, CREATE, EXCL, attribute, message, nest

_KIND, _DATA, _PEER = 1, 2, 1


class JoinError(CnfError):
    """A link cannot be as it is wanted; nothing was touched."""


class End(t.NamedTuple):
    """One end of a link: whose it is, its names, and the kind and type of the item that configures it."""

    namespace: str
    cnf: str
    interface: str
    kind: str
    type: str
    host_if_name: str

    @property
    def alias(self) -> str:
        """What the device carries."""
        return f"{PRODUCT} {self.cnf} link:{self.kind} {self.type} {self.interface}"

    @property
    def phys_address(self) -> bytes:
        """The same at every making."""
        return mac_of(self.cnf, self.interface)


def end(given: t.Mapping[str, t.Any], namespaces: t.Mapping[str, str]) -> End:
    """An end from its options; the kernel's name is the logical one unless it says another."""
    made = End(
        given.get("namespace") or namespaces.get(given["cnf"]) or given["cnf"],
        given["cnf"],
        given["interface"],
        given.get("kind") or "linux.interfaces/interface",
        given.get("type") or "EXISTING",
        given.get("host_if_name") or given["interface"],
    )
    for word in (made.cnf, made.kind, made.type):
        if not word or any(each.isspace() for each in word):
            raise JoinError(f"{word!r}: a CNF's name, a kind and a type have no blanks")
    return made


def check_device(made: End) -> End:
    """The end, when the kernel takes the name of its device."""
    name = made.host_if_name
    if len(name.encode()) > 15 or not name or name in (".", "..") or any(each in "/:%" or each.isspace() for each in name):
        raise JoinError(
            f"interface {made.interface!r} of CNF {made.cnf}: the kernel takes names of 1 to 15 bytes without blanks, '/', ':' and '%', "
            f"and {name!r} ({len(name.encode())} bytes) is none; set host_if_name"
        )
    return made


# -- the dataplane ----------------------------------------------------------------------------------------------------


def join_key(one: End, two: End) -> Key:
    """A link is known by its ends, whatever the order."""
    first, second = sorted(((one.namespace, one.interface), (two.namespace, two.interface)))
    return ("join", *first, *second)


def join(one: End, two: End, mtu: t.Optional[int] = None) -> Resource:
    """The link between two ends; C(mtu) None leaves it to the items."""
    ends = tuple(sorted((one, two), key=lambda each: (each.namespace, each.interface)))
    return Resource(
        join_key(one, two),
        {"ends": ends, "mtu": mtu},
        requires=frozenset(("namespace", each.namespace) for each in ends),
        claims=frozenset(claim for each in ends for claim in claims_of(each.namespace, each.interface, each.host_if_name)),
    )


def claims_of(namespace: str, interface: str, host_if_name: str) -> t.List[t.Tuple[str, ...]]:
    """Names that one interface at a time can have in a namespace."""
    return [("name", host_if_name, "in", namespace), ("logical name", interface, "in", namespace)]


class JoinDataplane(Dataplane):
    """The links with an end in these namespaces. One whose other end is elsewhere is seen as C(("end", namespace, interface))."""

    def __init__(self, namespaces: t.Iterable[str], assume: bool = False) -> None:
        """C(assume): take namespaces that are not there for new ones (check mode, where nobody has made them)."""
        self.hosts = {name: Host(name) for name in sorted(set(namespaces))}
        self.assume = assume
        self.assumed: t.List[str] = []

    def __enter__(self) -> JoinDataplane:
        return self

    def __exit__(self, *_unused: t.Any) -> None:
        for host in self.hosts.values():
            host.close()

    def observe(self, classes: t.Optional[t.FrozenSet[str]] = None) -> Resources:
        """Links, single ends, and all other interfaces in the way."""
        result: t.List[Resource] = []
        seen: t.Dict[str, t.List[Interface]] = {}
        self.assumed = []
        for name, host in self.hosts.items():
            if host.exists:
                seen[name] = interfaces(host)
            elif self.assume:
                self.assumed.append(name)
            if host.exists or self.assume:
                result.append(Resource(("namespace", name), {}, owned=False))
        ends: t.Dict[t.Tuple[str, int], t.Tuple[End, Interface]] = {}
        for namespace, found in seen.items():
            for one in found:
                told = parse_alias(one.alias)
                if told and told[1].startswith("link:"):
                    cnf, kind, type, interface = told
                    ends[namespace, one.number] = (End(namespace, cnf, interface, kind[5:], type, one.host_if_name), one)
                else:
                    claims = claims_of(namespace, logical_name(one), one.host_if_name)
                    result.append(Resource(("interface", namespace, one.host_if_name), {}, claims=frozenset(claims), owned=False))
        paths = {name: self.hosts[name].path or "" for name in seen}
        numbers = {name: namespace_numbers(self.hosts[name], paths) for name in {namespace for namespace, _index in ends}}
        for (namespace, _index), (mine, device) in ends.items():
            other = next(
                (name for name in paths if (None if name == namespace else numbers[namespace].get(name, -1)) == device.peer_namespace),
                None,
            )
            peer = ends.get((other, device.peer)) if other is not None else None
            if peer is None:
                result.append(
                    Resource(
                        ("end", namespace, mine.interface),
                        {"ends": (mine,), "mtu": device.mtu},
                        requires=frozenset({("namespace", namespace)}),
                        claims=frozenset(claims_of(namespace, mine.interface, mine.host_if_name)),
                    )
                )
            else:
                result.append(join(mine, peer[0], device.mtu))
        return {each.key: each for each in result}

    def transition(self, before: Resource, after: Resource) -> str:
        """Names and aliases can only be given anew with the pair, since its users know it by them."""
        if before.attributes.get("ends") != after.attributes.get("ends"):
            return "recreate"
        return "same" if after.attributes.get("mtu") in (None, before.attributes.get("mtu")) else "update"

    def commands(self, operation: Operation) -> t.List[str]:
        """In words of C(ip)."""
        attributes = (operation.after or operation.before).attributes  # type: ignore[union-attr]
        ends, mtu = attributes["ends"], attributes["mtu"]
        first = ends[0]
        if operation.verb == "delete":
            return [f"ip -n {first.namespace} link delete {first.host_if_name}"]
        if operation.verb == "update":
            return [f"ip -n {each.namespace} link set {each.host_if_name} mtu {mtu}" for each in ends]
        second = ends[1]
        size = f" mtu {mtu}" if mtu else ""
        return [
            f"ip -n {first.namespace} link add {first.host_if_name}{size} type veth peer name {second.host_if_name}{size} netns {second.namespace}",
            *(f"ip -n {each.namespace} link set {each.host_if_name} alias '{each.alias}'" for each in ends),
        ]

    def label(self, key: Key) -> str:
        """The link by its ends."""
        if key[0] == "join":
            return f"link {key[1]}.{key[2]} -- {key[3]}.{key[4]}"
        if key[0] == "namespace":
            return f"network namespace {key[1]} (cnf_sandbox makes it)"
        return f"interface {key[2]} in network namespace {key[1]}"

    def perform(self, wave: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """One link after the other."""
        result: t.List[t.Optional[str]] = []
        for operation in wave:
            try:
                {"create": self.create, "update": self.update, "delete": self.delete}[operation.verb](operation)
                result.append(None)
            except CnfError as error:
                result.append(error.message)
        return result

    def _send(self, namespace: str, *messages: bytes, ignore: t.Container[int] = ()) -> None:
        netlink = self.hosts[namespace].netlink
        for number, code in enumerate(netlink.batch(messages)):
            if code and code not in ignore:
                raise CnfError(netlink.errors.get(number) or os.strerror(code))

    def create(self, operation: Operation) -> None:
        """The pair of devices, down."""
        one, two = operation.after.attributes["ends"]  # type: ignore[union-attr]
        mtu = operation.after.attributes["mtu"]  # type: ignore[union-attr]
        size = attribute(MTU, struct.pack("=I", mtu)) if mtu else b""

        def names(each: End) -> bytes:
            return attribute(IFNAME, each.host_if_name.encode() + b"\0") + attribute(ADDRESS, self.address(each)) + size

        head = NO_NAME
        try:
            handle = open(self.hosts[two.namespace].path or "/proc/thread-self/ns/net", "rb")
        except OSError as error:
            raise self.hosts[two.namespace].explain(error) from error
        made = False
        with handle:
            peer = attribute(_PEER, head + names(two) + attribute(NETNS_FD, struct.pack("=I", handle.fileno())))
            data = names(one) + nest(LINKINFO, attribute(_KIND, b"veth"), nest(_DATA, peer))
            try:
                self._send(one.namespace, message(NEWLINK, ACK | CREATE | EXCL, head + data))
                made = True
                self.alias(one)
                self.alias(two)
            except BaseException:
                # An end without its alias would be a stranger to undo: it must not outlive an interrupt.
                if made or self._ours_without_alias(one):
                    self._send(one.namespace, self._delete_message(one), ignore=(errno.ENODEV,))
                raise

    def address(self, one: End) -> bytes:
        """The MAC address of an end's device."""
        return one.phys_address

    def _ours_without_alias(self, one: End) -> bool:
        address = ":".join(f"{byte:02x}" for byte in self.address(one))
        return any(
            each.host_if_name == one.host_if_name and each.kind == "veth" and not each.alias and each.phys_address == address
            for each in interfaces(self.hosts[one.namespace])
        )

    def alias(self, one: End, more: bytes = b"") -> None:
        """Let the device carry its alias (and further attributes)."""
        name = attribute(IFNAME, one.host_if_name.encode() + b"\0")
        self._send(one.namespace, message(NEWLINK, ACK, NO_NAME + name + attribute(ALIAS, one.alias.encode()) + more))

    def update(self, operation: Operation) -> None:
        """The MTU of both ends."""
        for one in operation.after.attributes["ends"]:  # type: ignore[union-attr]
            name = attribute(IFNAME, one.host_if_name.encode() + b"\0")
            size = attribute(MTU, struct.pack("=I", operation.after.attributes["mtu"]))  # type: ignore[union-attr]
            self._send(one.namespace, message(NEWLINK, ACK, NO_NAME + name + size))

    def _delete_message(self, one: End) -> bytes:
        return message(DELLINK, ACK, NO_NAME + attribute(IFNAME, one.host_if_name.encode() + b"\0"))

    def delete(self, operation: Operation) -> None:
        """One end takes the other with it."""
        one = operation.before.attributes["ends"][0]  # type: ignore[union-attr]
        self._send(one.namespace, self._delete_message(one), ignore=(errno.ENODEV,))


# -- what is wanted ---------------------------------------------------------------------------------------------------


def wanted(links: t.Sequence[t.Mapping[str, t.Any]], namespaces: t.Mapping[str, str]) -> t.List[Resource]:
    """The links from their options."""
    result = []
    for link in links:
        title = f"link {link['name']}" if link.get("name") else "link"
        if len(link["ends"]) != 2:
            raise JoinError(f"{title}: a link has two ends, {len(link['ends'])} are given")
        one, two = (check_device(end(each, namespaces)) for each in link["ends"])
        if link.get("medium") not in (None, "auto"):
            raise JoinError(f"{title}: medium {link['medium']} is for a link between VPP and the kernel")
        if (one.namespace, one.interface) == (two.namespace, two.interface):
            raise JoinError(f"{title}: both ends are {one.interface} of CNF {one.cnf}")
        result.append(join(one, two, link.get("mtu")))
    return result


def desire(state: str, links: t.Sequence[Resource], observed: Resources) -> Resources:
    """What shall be there. An end of a wanted link that is part of another one is taken out of that: it is ours."""
    if state == "absent":
        gone = {each.key for each in links}
        return {key: have for key, have in observed.items() if have.owned and key not in gone}
    taken = {claim for each in links for claim in each.claims if claim[0] == "logical name"}
    goal = {key: have for key, have in observed.items() if have.owned and state == "present" and not have.claims & taken}
    for each in links:
        if each.key in goal:
            raise JoinError(f"link {each.key[1]}.{each.key[2]} -- {each.key[3]}.{each.key[4]} is given twice")
        goal[each.key] = each
    return goal


def shown(resources: Resources) -> t.Dict[str, t.Any]:
    """Links for C(before) and C(after)."""
    links = []
    for key, resource in sorted(resources.items()):
        if key[0] in ("join", "end"):
            ends = [{name: value for name, value in each._asdict().items() if value} for each in resource.attributes["ends"]]
            links.append({"ends": ends, "medium": resource.attributes.get("medium", "veth"), "mtu": resource.attributes["mtu"] or 1500})
    return {"links": links}


class Task(t.NamedTuple):
    """What a module run is about: the CNFs to lock, and the rest for C(runner.run_resources)."""

    names: t.List[str]
    dataplane: JoinDataplane
    desire: t.Callable[[Resources], Resources]
    show: t.Callable[[Resources], t.Any]


def task(parameters: t.Mapping[str, t.Any], check_mode: bool) -> Task:
    """The run that the parameters of C(cnf_link) ask for."""
    namespaces = parameters.get("namespaces") or {}
    if parameters.get("sockets"):
        raise JoinError("sockets: links with ends in VPP are made by the module vpp_link, which the task cnf_link runs")
    links = wanted(parameters["links"], namespaces)
    ends = [each for link in links for each in link.attributes["ends"]]
    state = parameters["state"]
    there = {each.namespace for each in ends} | (set(namespaces.values()) if state == "overridden" else set())
    names = {each.cnf for each in ends} | (set(namespaces) if state == "overridden" else set())
    dataplane = JoinDataplane(there, assume=check_mode)
    return Task(sorted(names), dataplane, lambda observed: desire(state, links, observed), shown)
