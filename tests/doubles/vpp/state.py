# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a VPP knows: interfaces, and whatever the areas keep."""

from __future__ import annotations

import dataclasses
import typing as t

from tests.doubles.vpp import registry


@dataclasses.dataclass
class Interface:
    """C(details): fields of its sw_interface_details that have no attribute here. C(data): what areas keep at it, by area."""

    index: int
    name: str
    device: str = ""
    mac: str = "00:00:00:00:00:00"
    up: bool = False
    link: bool = False
    tag: str = ""
    mtu: t.List[int] = dataclasses.field(default_factory=lambda: [9000, 0, 0, 0])
    link_mtu: int = 9000
    parent: t.Optional[int] = None
    details: t.Dict[str, t.Any] = dataclasses.field(default_factory=dict)
    data: t.Dict[str, t.Any] = dataclasses.field(default_factory=dict)


class State:
    """Of one VPP since its start. Areas are attributes: C(state.nat). C(host_devices): the kernel's, which outlive it."""

    def __init__(self, release: str, version: str, host_devices: t.Set[str]) -> None:
        self.release = release
        self.version = version
        self.host_devices = host_devices
        self.interfaces: t.Dict[int, Interface] = {}
        self.freed: t.List[int] = []
        self.areas = {name: made(self) for name, made in registry.AREAS.items()}
        self.add_interface("local0", "local", mtu=[0, 0, 0, 0], link_mtu=0)

    def __getattr__(self, name: str) -> t.Any:
        try:
            return self.__dict__["areas"][name]
        except KeyError:
            raise AttributeError(name) from None

    def older(self, *release: int) -> bool:
        """Whether it is older than a release, as C(25, 10)."""
        return tuple(int(each) for each in self.release.split(".")) < release

    def add_interface(self, name: str, device: str = "", **attributes: t.Any) -> Interface:
        """A new one, with the index that was freed last."""
        index = self.freed.pop() if self.freed else len(self.interfaces)
        interface = self.interfaces[index] = Interface(index, name, device, **attributes)
        return interface

    def delete_interface(self, index: int) -> None:
        """With its sub-interfaces; areas clear up while it is still there."""
        for child in [each.index for each in self.interfaces.values() if each.parent == index]:
            self.delete_interface(child)
        interface = self.interfaces[index]
        for area in self.areas.values():
            if hasattr(area, "interface_deleted"):
                area.interface_deleted(interface)
        del self.interfaces[index]
        self.freed.append(index)

    def interface(self, index: int) -> t.Optional[Interface]:
        """The one with this index."""
        return self.interfaces.get(index)
