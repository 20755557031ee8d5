# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a proof looks at a place whose dataplane is the kernel: captures on its interfaces, its flow table, its counters."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.linux import conntrack, inventory
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.capture import Capture
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host
from ansible_collections.pantheon.cnf.plugins.module_utils.packets import Packet
from ansible_collections.pantheon.cnf.plugins.module_utils.proof.model import End, Place, Site, Watch, missing_interface


class KernelWatch(Watch):
    """Captures by side."""

    def __init__(self, captures: t.Mapping[str, t.Sequence[Capture]]) -> None:
        self.captures = captures

    def packets(self) -> t.Mapping[str, t.Sequence[Packet]]:
        """See L(Watch)."""
        return {side: [packet for capture in each for packet in capture.packets()] for side, each in self.captures.items()}

    def missed(self) -> int:
        """See L(Watch)."""
        return sum(capture.dropped() for each in self.captures.values() for capture in each)


class KernelSite(Site):
    """A network namespace."""

    def __init__(self, place: Place, host: Host) -> None:
        self.place, self.host = place, host

    def inside(self) -> t.ContextManager[t.Any]:
        """See L(Site)."""
        return self.host.inside()

    def interfaces(self) -> t.List[t.Dict[str, t.Any]]:
        """See L(Site)."""
        addresses = inventory.ip_addresses(self.host)
        return [
            {
                "name": inventory.logical_name(one),
                "host_if_name": one.host_if_name,
                "enabled": one.enabled,
                "phys_address": one.phys_address,
                "ip_addresses": addresses.get(one.number, []),
                "packets": one.packets,
            }
            for one in inventory.interfaces(self.host)
            if one.host_if_name != "lo"
        ]

    def sessions(self, client: t.Optional[End], server: End) -> t.List[t.Dict[str, t.Any]]:
        """See L(Site)."""
        return conntrack.sessions(self.host, {"external_address": server[0]})

    @contextlib.contextmanager
    def watch(self, sides: t.Mapping[str, t.Sequence[str]]) -> t.Iterator[Watch]:
        """See L(Site)."""
        devices = {one["name"]: one["host_if_name"] for one in reversed(self.interfaces())}
        with contextlib.ExitStack() as stack:
            captures: t.Dict[str, t.List[Capture]] = {side: [] for side in sides}
            for side, names in sides.items():
                for name in names:
                    if name not in devices:
                        raise missing_interface(self.place.cnf, name, reversed(devices))
                    captures[side].append(stack.enter_context(Capture(self.inside(), devices[name])))
            yield KernelWatch(captures)


@contextlib.contextmanager
def enter(place: Place) -> t.Iterator[Site]:
    """The place, to be looked at."""
    with Host(place.namespace) as host:
        yield KernelSite(place, host)
