# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What families have to know of each other's objects to lower and lift: names of links, their addresses. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Resource, Resources


class Link(t.NamedTuple):
    """A link by its logical name; C(key) is that of its resource."""

    name: str
    key: Key
    ifname: str
    resource: Resource


class UnknownInterface(CnfError):
    """A name that no interface has."""


class View:
    """An index over resources. Interfaces are C(link) (ours, by logical name) and C(foreign-link) (by the dataplane's name).

    C(offline): an interface that is not there is taken for one of that name. C(before): all that was observed, also what
    shall not stay as it is.
    """

    def __init__(
        self, resources: Resources, cnf: str = "host", *, scope_all: bool = False, offline: bool = False, before: t.Optional[Resources] = None
    ) -> None:
        self.resources, self.cnf = resources, cnf
        self.scope_all, self.offline = scope_all, offline
        self.before = resources if before is None else before
        self._addresses: t.Optional[t.Dict[str, t.List[str]]] = None

    def find(self, name: str) -> t.Optional[Link]:
        """The link of ours with this logical name, else the foreign one with this name, else None."""
        for key in (("link", name), ("foreign-link", name)):
            found = self.resources.get(key)
            if found is not None:
                return Link(name, key, found.attributes.get("ifname", name), found)
        if self.offline:
            return Link(name, ("foreign-link", name), name, Resource(("foreign-link", name), {"ifname": name, "up": True}, owned=False, managed=False))
        return None

    def link(self, name: str) -> Link:
        """As L(find); raises L(UnknownInterface) with the nearest names."""
        found = self.find(name)
        if found is None:
            raise self.unknown(name)
        return found

    def unknown(self, name: str, wanted: t.Iterable[str] = ()) -> UnknownInterface:
        """The error for a name that no interface has, with the nearest names of those that are there and those that are C(wanted)."""
        import difflib  # a run that goes well does without

        names = list(dict.fromkeys([*(key[1] for key in self.resources if key[0] in ("link", "foreign-link")), *wanted]))
        near = difflib.get_close_matches(name, names, 3)
        hint = f"; did you mean {' or '.join(near)}?" if near else f"; there are {', '.join(sorted(names)) or 'none'}"
        return UnknownInterface(f"CNF {self.cnf} has no interface {name}{hint}", interface=name)

    def prefixes(self, name: str) -> t.List[str]:
        """The addresses of a link with their prefix lengths: C(10.0.0.1/24)."""
        if self._addresses is None or self._count != len(self.resources):
            self._addresses, self._count = {}, len(self.resources)
            for key in self.resources:
                if key[0] == "address":
                    self._addresses.setdefault(key[1], []).append(key[2])
        return self._addresses.get(name, [])

    _count = -1

    def addresses(self, name: str) -> t.List[str]:
        """The addresses of a link, without prefix lengths."""
        return [one.partition("/")[0] for one in self.prefixes(name)]

    def local_addresses(self) -> t.List[str]:
        """All addresses of all links."""
        return [key[2].partition("/")[0] for key in self.resources if key[0] == "address"]
