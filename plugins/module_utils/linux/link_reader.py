# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces of the kernel for those who only refer to them; L(links) makes and changes them, and says what their attributes are."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Operation, Resource
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Family
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import devices
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.devices import parse_alias

ADOPTED = ("existing", "loopback")
"""Devices that we find and never make: creating is marking them as ours, deleting is taking the mark away."""


class LinkReader(Family):
    """Links, and which port has which master: found, and otherwise let be."""

    classes = frozenset({"link", "foreign-link", "port"})

    def __init__(self, cnf: str) -> None:
        self.cnf = cnf

    def observe(self, place: t.Any) -> t.Iterable[Resource]:
        """All links of the namespace, and which port has which master, from one dump."""
        found = devices.dump(place)
        names: t.Dict[int, str] = {}
        ifnames = {one.number: one.ifname for one in found}
        ours: t.Dict[int, t.Tuple[str, str, str, str, bool]] = {}
        for one in found:
            mark = parse_alias(one.alias)
            if mark and mark[0] == self.cnf:
                ours[one.number] = mark
            names[one.number] = mark[3] if mark and mark[0] == self.cnf else one.ifname
        bonds = {one.number for one in found if one.device == "bond"}
        for one in found:
            mark = ours.get(one.number)
            claims = frozenset({("ifname", one.ifname)})
            info = dict(one.info)
            for part in ("parent", "peer"):
                if part in info:
                    number = info[part]
                    info[part] = names.get(number, "")
                    if part == "peer" and number in ifnames:
                        info["peer_ifname"] = ifnames[number]
            base = {"ifname": one.ifname, "up": one.up, "mtu": one.mtu, "mac": one.mac, "kind": one.device, "info": info}
            base.update(master=names.get(one.master, ""), table=info.get("table"))
            if mark is None:
                base["alias"] = one.alias
                yield Resource(("foreign-link", one.ifname), base, claims=claims, owned=False, managed=False)
            else:
                _cnf, kind, type, name, joined = mark
                if type.partition("=")[0] in ("EXISTING", "AF_PACKET") and not joined:
                    base.update(kind="existing", info={})
                elif type == "LOOPBACK":
                    base.update(kind="loopback", info={})
                elif joined:
                    base.update(kind="joined", info={})
                else:
                    base["mtu"] = None if one.master in bonds else one.mtu  # the ports of a bond have the bond's
                requires = {("link", name) for name in (info.get("parent"),) if name}
                if one.device == "veth" and not joined and info.get("peer", "") < name:
                    requires.add(("link", info["peer"]))
                yield Resource(
                    ("link", name),
                    {**base, "model": (kind, type)},
                    frozenset(requires),
                    claims if base["kind"] not in ADOPTED else frozenset(),
                    managed=not joined,
                )
            if one.master:
                master = names.get(one.master, "")
                mine = one.master in ours
                keys = frozenset({(("link" if mark else "foreign-link"), names[one.number]), (("link" if mine else "foreign-link"), master)})
                if mine and next((each.device for each in found if each.number == one.master), "") in ("bond", "vrf"):
                    yield Resource(("port", names[one.number]), {"master": master}, keys)

    def transition(self, before: Resource, after: Resource) -> str:
        """Whatever happened to a link meanwhile is not for this module to put right."""
        return "same"

    def perform(self, place: t.Any, operations: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """Reached only when a link went or came while the module was at work."""
        return ["the interface is not this module's to change; it changed meanwhile"] * len(operations)
