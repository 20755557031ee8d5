# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(packet_trace) in the kernel: what passes interfaces, recorded between tasks."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import inventory
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.recorder import Recorded, Recorder
from ansible_collections.pantheon.cnf.plugins.module_utils.tracing import unknown_interface


def run(host: Host, parameters: t.Mapping[str, t.Any], check_mode: bool) -> t.Dict[str, t.Any]:
    """What the module returns."""
    if parameters.get("nodes"):
        raise CnfError("nodes: the kernel has no nodes, only VPP has")
    state, recorder, named = parameters["state"], Recorder(host), parameters.get("interfaces")
    if state == "started":
        devices = chosen(host, named)
        if not check_mode:
            recorder.start(devices, parameters["packets"])
        return {"changed": True, "commands": [f"capture {parameters['packets']} packets of {device}" for device in devices.values()]}
    names = set(chosen(host, named)) if named else None
    recorded = recorder.packets()
    counted: t.Dict[str, int] = {}
    for each in recorded:
        counted[each.interface] = counted.get(each.interface, 0) + 1
    packets = [_packet(each) for each in recorded if names is None or each.interface in names]
    stopping = state == "stopped" and recorder.there
    if stopping and not check_mode:
        recorder.stop()
    return {"changed": stopping, "packets": packets, "counted": counted, "commands": ["end the capture"] if stopping else []}


def chosen(host: Host, names: t.Optional[t.Sequence[str]]) -> t.Dict[str, str]:
    """Kernel names by logical names: of those named either way, or of all."""
    there = {inventory.logical_name(one): one.host_if_name for one in inventory.interfaces(host)}
    if names is None:
        return {name: device for name, device in there.items() if device != "lo"}
    logical = {device: name for name, device in there.items()}
    found = {}
    for name in names:
        known = name if name in there else logical.get(name)
        if known is None:
            raise unknown_interface(name, there)
        found[known] = there[known]
    return found


def _packet(one: Recorded) -> t.Dict[str, t.Any]:
    node: t.Dict[str, t.Any] = {"name": "transmit" if one.outgoing else "receive", "time": round(one.time, 6), "headers": one.headers, "text": []}
    ways = {"received_on": None, "sent_on": [one.interface]} if one.outgoing else {"received_on": one.interface, "sent_on": []}
    return {**ways, "dropped": None, "nodes": [node]}
