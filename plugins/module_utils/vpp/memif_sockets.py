# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets of memifs: C(("memif-socket", filename)), with VPP's number as C(id), one for all memifs that name the file.

VPP cannot mark one: it is ours when all memifs on it are, or when it is made by this run and no memif is on it yet.
"""

from __future__ import annotations

import posixpath
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Operation, Resource, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Place, Reply, Script
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_reader import LinkReader
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_types import wrong
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session

LONGEST = 107
"""Bytes of a file's name: VPP takes more, and cuts them off."""
ABSTRACT = "abstract:"


class MemifSockets(VppFamily):
    """Stands before the links, which look their sockets up, and knows them, to tell whose sockets are."""

    classes = frozenset({"memif-socket"})

    def __init__(self, links: LinkReader) -> None:
        self.links = links
        self.made: t.Set[str] = set()

    def observe(self, place: Session) -> t.Iterator[Resource]:
        """All of them; of the default one the folder says where relative names are."""
        if not place.offers("memif_socket_filename_dump"):
            return
        sockets, memifs = place.dumps([Dump("memif_socket_filename_dump"), Dump("memif_dump")])
        users: t.Dict[int, t.List[t.Any]] = {}
        for each in memifs:
            users.setdefault(each["socket_id"], []).append(self.links.found.get(each["sw_if_index"]))
        place.clear("memif-socket")
        for number, filename in filenames(sockets).items():
            place.learn(filename, number, "memif-socket")
            on_it = users.get(number, [])
            ours = bool(number and (on_it or filename in self.made)) and all(one is not None and one.tagged for one in on_it)
            yield Resource(
                ("memif-socket", filename),
                {"id": number},
                claims=frozenset({("memif socket", str(number))}),
                owned=ours,
                managed=ours and not any(one.joined for one in on_it),
            )

    def transition(self, before: Resource, after: Resource) -> str:
        """Whatever its number is: it is the file that counts."""
        return "same"

    def script(self, operation: Operation, place: Place) -> Script:
        """The file itself is made by the first master."""
        filename, after = operation.key[1], operation.after
        message = place.newest("memif_socket_filename_add_del_v2", "memif_socket_filename_add_del")
        number = (after or t.cast(Resource, operation.before)).attributes["id"]
        fields: t.Dict[str, t.Any] = {"is_add": after is not None, "socket_id": number}
        if after is not None:
            fields["socket_filename"] = filename
        yield Call(message, fields, accept=frozenset() if after else frozenset({-73}), about=f"memif socket {filename}")
        if after is not None:
            self.made.add(filename)
            place.learn(filename, number, "memif-socket")
        else:
            place.forget(filename, "memif-socket")


def filenames(details: t.Iterable[Reply]) -> t.Dict[int, str]:
    """By VPP's number. One file may have several: all but the first are told apart by their numbers."""
    found: t.Dict[int, str] = {}
    taken: t.Set[str] = set()
    for each in sorted(details, key=lambda one: int(one["socket_id"])):
        number, filename = each["socket_id"], normal(each["socket_filename"])
        found[number] = filename if filename not in taken else f"{filename} ({number})"
        taken.add(found[number])
    return found


def normal(filename: str) -> str:
    """A file's name as it is compared."""
    return filename if filename.startswith(ABSTRACT) else posixpath.normpath(filename)


class Chooser:
    """Which socket a memif is on, of those that there are and those that are yet to be made."""

    def __init__(self, view: t.Any) -> None:
        self.numbers = {key[1]: one.attributes["id"] for key, one in view.before.items() if key[0] == "memif-socket"}
        self.default = next((filename for filename, number in self.numbers.items() if not number), "")
        self.free = 1

    def choose(self, value: Value, filename: str) -> t.Optional[Resource]:
        """None for VPP's default socket."""
        if not filename:
            return None
        if not filename.startswith((ABSTRACT, "/")):
            filename = posixpath.join(posixpath.dirname(self.default), filename)
        filename = normal(filename)
        if len(filename.encode()) > LONGEST:
            raise wrong(value, "memif.socket_filename", f"{filename} has {len(filename.encode())} bytes, and VPP cuts off what is over {LONGEST}")
        if filename == self.default:
            return None
        if filename not in self.numbers:
            while self.free in self.numbers.values():
                self.free += 1
            self.numbers[filename] = self.free
        number = self.numbers[filename]
        return Resource(("memif-socket", filename), {"id": number}, claims=frozenset({("memif socket", str(number))}))
