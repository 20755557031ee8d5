# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends of links in one VPP: memif, TAP and af_packet interfaces whose tag is their logical name with the mark of a joined end."""

from __future__ import annotations

import contextlib
import os
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import leftovers
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Index, Place, Script, Told, describe
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.client import Client
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.inventory import JOINED, LOCAL, logical_name
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_types import RING, AfPacket, Info, LinkType, Memif, Tap
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE, Session

TYPES: t.Mapping[str, LinkType] = {"memif": Memif(), "tap": Tap(), "af_packet": AfPacket()}
"""By the medium of the link."""
VHOST = "/dev/vhost-net"
LONGEST_TAG = 63
SOURCES = ("pantheon.cnf", "API", "CLI")
"""Those who configure routes, by VPP's names."""
MTU = 1500
"""As the kernel's links have it: VPP's own 9000 would be more than a veth or TAP lets through."""


class Seen(t.NamedTuple):
    """An interface that is there. C(joined): an end of a link; C(info) as its type tells of it, empty for other interfaces."""

    name: str
    joined: bool
    medium: str
    info: Info


class VppEnds:
    """The interfaces of one VPP. C(forgiving): one that does not answer is taken for one that is not there, which has none."""

    def __init__(self, socket: str, api_dir: t.Optional[str] = None, forgiving: bool = False) -> None:
        self.socket, self.api_dir = socket, api_dir
        self.stack = contextlib.ExitStack()
        self._session: t.Optional[Session] = None
        self.absent = False
        if forgiving:
            try:
                self.place.offers("")
            except CnfError:
                self.absent = True

    @property
    def session(self) -> Session:
        """Connected when it is first wanted."""
        if self._session is None:
            self._session = Session(self.stack.enter_context(Client(self.socket, api_dir=self.api_dir)))
        return self._session

    @property
    def place(self) -> Place:
        """What scripts are told for."""
        return Place() if self.absent else self.session

    def close(self) -> None:
        """Say goodbye."""
        self.stack.close()
        self._session = None

    def can_tap(self) -> bool:
        """Whether this VPP can have a TAP on this machine."""
        return os.access(VHOST, os.R_OK | os.W_OK) and any(self.place.offers(each) for each in ("tap_create_v3", "tap_create_v2"))

    def observe(self) -> t.List[Seen]:
        """All interfaces but local0."""
        if self.absent:
            return []
        vpp = self.session
        kinds = [(medium, each) for medium, each in TYPES.items() if vpp.offers(each.dumps[0])]
        asked = [Dump("sw_interface_dump", {"sw_if_index": NOWHERE})]
        sockets = vpp.offers("memif_socket_filename_dump")
        if sockets:
            asked.append(Dump("memif_socket_filename_dump"))
        found, *more = vpp.dumps([*asked, *(Dump(each.dumps[0], each.asked) for _medium, each in kinds)])
        if sockets:
            for each in more.pop(0):
                vpp.learn(each["socket_filename"], each["socket_id"], "memif-socket")
        told: t.Dict[int, t.Tuple[str, Info]] = {}
        for (medium, kind), details in zip(kinds, more):
            for each in details:
                index, info = kind.told(each, _Names(vpp))
                told[index] = (medium, info)
        result = []
        for each in found:
            index, tag = each["sw_if_index"], str(each["tag"])
            if index == LOCAL:
                continue
            name = logical_name(tag) or each["interface_name"]
            vpp.learn(name, index)
            medium, info = told.get(index, ("", {}))
            result.append(Seen(name, tag.endswith(JOINED) and bool(medium), medium, info))
        return result

    def make(self, name: str, medium: str, info: Info, mac: str) -> None:
        """The interface, down, with its tag. Raises."""
        self._run(_making(name, medium, info, mac, self.place))

    def remove(self, name: str, medium: str, info: Info) -> None:
        """The interface with the routes through it and, when no other uses it, its socket. Raises."""
        index = self.session.indexes.get(("interface", name))
        self._run(_through(index), _removing(name, medium, info, self.place))

    def commands(self, verb: str, name: str, medium: str, info: Info, mac: str = "") -> t.List[str]:
        """The calls in a reader's words."""
        told = Told(self.place)
        return describe(_making(name, medium, info, mac, told) if verb == "make" else _removing(name, medium, info, told), told)

    def _run(self, *scripts: Script) -> None:
        for script in scripts:
            error = self.session.run([script])[0]
            if error is not None:
                raise CnfError(error)


class _Names:
    """Names for the numbers in dumps."""

    def __init__(self, vpp: Session) -> None:
        self.vpp = vpp

    def interface(self, index: int) -> str:
        """Not wanted by these types."""
        return self.vpp.name(index) or f"({index})"

    def socket(self, number: int) -> str:
        """The file of a memif socket."""
        return self.vpp.name(number, "memif-socket") or f"({number})"


def tag(name: str) -> str:
    """Of a joined end."""
    made = f"{name}{JOINED}"
    if not made.isascii() or len(made) > LONGEST_TAG:
        raise CnfError(f"interface {name!r}: VPP takes names of joined interfaces of 1 to {LONGEST_TAG - len(JOINED)} ASCII characters")
    return made


def memif(socket: str, role: str) -> Info:
    """What makes a memif of ours."""
    return {"socket": socket, "id": 0, "role": role, "mode": "ETHERNET"}


def tap(namespace: str, host: str) -> Info:
    """What makes a TAP with its host side in a namespace (a path)."""
    return {"host": host, "rx_ring": RING, "tx_ring": RING, "gso": False, "tun": False, "namespace": namespace}


def _making(name: str, medium: str, info: Info, mac: str, place: Place) -> Script:
    kind = TYPES[medium]
    if medium == "memif":
        yield from _socket(info["socket"], place)
    reply = yield kind.create(name, info, mac, place)
    place.learn(name, reply["sw_if_index"])
    try:
        calls = [
            Call("sw_interface_tag_add_del", {"is_add": True, "sw_if_index": Index(name), "tag": tag(name)}, about=f"interface {name}"),
            Call("sw_interface_set_mtu", {"sw_if_index": Index(name), "mtu": [MTU, 0, 0, 0]}, about=f"MTU of interface {name}"),
        ]
        answers = yield [*calls, *leftovers.asked(reply["sw_if_index"], place)]
        stale = leftovers.removed(name, reply["sw_if_index"], answers[len(calls) :])
        if stale:
            yield stale
    except CnfError as error:
        with contextlib.suppress(CnfError):  # the first error is the one to tell
            yield kind.delete(name, info, place)
        raise error


def _socket(filename: str, place: Place) -> Script:
    """Let VPP know the socket under a number that nobody else chose."""
    numbers = {each["socket_filename"]: each["socket_id"] for each in (yield Dump("memif_socket_filename_dump"))}
    if filename in numbers:
        place.learn(filename, numbers[filename], "memif-socket")
        return
    number = min({*range(1, len(numbers) + 2)} - set(numbers.values()))
    message = place.newest("memif_socket_filename_add_del_v2", "memif_socket_filename_add_del")
    yield Call(message, {"is_add": True, "socket_id": number, "socket_filename": filename}, about=f"memif socket {filename}")
    place.learn(filename, number, "memif-socket")


def _through(index: t.Optional[int]) -> Script:
    """Take the routes through an interface away. VPP leaves them to the next interface that gets the number."""
    listed, tables = yield [Dump("fib_source_dump"), Dump("ip_table_dump")]
    sources = [each["src"]["id"] for each in listed if each["src"]["name"] in SOURCES]
    asked = [(source, {"table_id": each["table"]["table_id"], "is_ip6": each["table"]["is_ip6"]}) for each in tables for source in sources]
    found = (yield [Dump("ip_route_v2_dump", {"src": source, "table": table}) for source, table in asked]) if asked else []
    gone = [
        Call("ip_route_add_del_v2", {"is_add": False, "route": {"table_id": table["table_id"], "prefix": each["route"]["prefix"], "src": source}})
        for (source, table), details in zip(asked, found)
        for each in details
        if any(path["sw_if_index"] == index for path in each["route"]["paths"])
    ]
    if gone:
        yield gone


def _removing(name: str, medium: str, info: Info, place: Place) -> Script:
    yield TYPES[medium].delete(name, info, place)
    place.forget(name)
    if medium == "memif":
        message = place.newest("memif_socket_filename_add_del_v2", "memif_socket_filename_add_del")
        fields = {"is_add": False, "socket_id": Index(info["socket"], "memif-socket"), "socket_filename": info["socket"]}
        # -74: another memif uses it.
        yield Call(message, fields, accept=frozenset({-73, -74}), about=f"memif socket {info['socket']}")
        place.forget(info["socket"], "memif-socket")
