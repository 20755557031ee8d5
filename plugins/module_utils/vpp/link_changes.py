# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be changed of an interface that is there: its tag, MAC address, MTU, queues, and whether it is up."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Index
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_types import about

Attributes = t.Mapping[str, t.Any]
MODES = ("UNKNOWN", "POLLING", "INTERRUPT", "ADAPTIVE", "DEFAULT")
HIGHEST_MTU = INTERFACE.fields["mtu"].high
QUEUE_MISSING = frozenset({-9})


def rx(value: Value) -> t.Dict[str, t.Any]:
    modes = {None if each.get("default_mode") else each.get("queue", 0): each["mode"] for each in value.data.get("rx_modes", ())}
    threads = {each.get("queue", 0): 0 if each.get("main_thread") else each.get("worker", 0) + 1 for each in value.data.get("rx_placements", ())}
    return {"modes": modes, "threads": threads}


def _default_mtu(have: Attributes) -> int:
    """What VPP gives a new interface of this sort."""
    return 0 if have["kind"] in ("SUB_INTERFACE", "WIREGUARD_TUNNEL", "VXLAN_GPE") else min(have.get("link_mtu", 9000), 9000)


def usual(have: Attributes) -> bool:
    """Whether an MTU is one that nobody asked for, or nobody could ask for."""
    return have["mtu"] > HIGHEST_MTU or have["mtu"] == _default_mtu(have) or have["mtu"] == 9000 and have.get("link_mtu") != 0


def tag(name: str, tag: str) -> Call:
    return Call("sw_interface_tag_add_del", {"is_add": bool(tag), "sw_if_index": Index(name), "tag": tag}, about=about(name))


def changes(name: str, have: Attributes, want: Attributes) -> t.List[Call]:
    """The calls that make of what is there what is wanted, in place. Where C(have) says None, nobody knows."""
    link = {"sw_if_index": Index(name)}
    calls = []
    if have["tag"] != want["tag"]:
        calls.append(tag(name, want["tag"]))
    if want["mac"] not in (None, have["mac"]) and not want.get("member") and want["kind"] != "BOND_INTERFACE":
        calls.append(Call("sw_interface_set_mac_address", {**link, "mac_address": want["mac"]}, about=about(name)))
    mtu = want["mtu"]
    if mtu is None and have["mtu"] is not None and not want.get("kept") and not usual(have):
        mtu = _default_mtu(have)
    if mtu is not None and mtu != have["mtu"]:
        calls.append(Call("sw_interface_set_mtu", {**link, "mtu": [mtu, *have.get("mtus", (0, 0, 0, 0))[1:]]}, about=about(name)))
    calls.extend(_rx_changes(name, have["rx"], want["rx"], want["kind"]))
    if have["up"] != want["up"]:
        calls.append(Call("sw_interface_set_flags", {**link, "flags": int(want["up"])}, about=about(name)))
    return calls


def _rx_changes(name: str, have: t.Optional[t.Mapping[t.Any, t.Any]], want: Attributes, kind: str) -> t.Iterator[Call]:
    """A memif has queues only while it is connected: what is asked of them before then is done by a later run."""
    if have is not None and "modes" in have:  # an observed one that is wanted back
        have = {}
    accept = QUEUE_MISSING if kind == "MEMIF" else frozenset()
    listed = "" if have is None else f", which has {', '.join(map(str, sorted(have))) or 'none'}"
    modes, threads = want.get("modes", {}), want.get("threads", {})
    for queue in sorted(modes, key=lambda each: (each is not None, each)):
        mode = modes[queue]
        if have is not None:
            theirs = [there for number, (_thread, there) in have.items() if (number == queue if queue is not None else number not in modes)]
            if mode == "DEFAULT" or all(there == mode for there in theirs) and (theirs or kind == "MEMIF" or queue is None):
                continue
        fields = {"queue_id_valid": queue is not None, "queue_id": queue or 0, "mode": MODES.index(mode)}
        yield Call("sw_interface_set_rx_mode", {"sw_if_index": Index(name), **fields}, accept=accept, about=f"queue {queue} of {about(name)}{listed}")
    for queue, thread in sorted(threads.items()):
        if have is not None and (have[queue][0] == thread if queue in have else kind == "MEMIF"):
            continue
        fields = {"queue_id": queue, "worker_id": max(thread - 1, 0), "is_main": not thread}
        yield Call("sw_interface_set_rx_placement", {"sw_if_index": Index(name), **fields}, accept=accept, about=f"queue {queue} of {about(name)}{listed}")


def modes(rx: t.Mapping[t.Any, t.Any], kind: str) -> t.List[t.Dict[str, t.Any]]:
    """The field of that name: of queues that are not as VPP has them in such an interface."""
    if "modes" in rx:
        return [{"mode": mode, **({"default_mode": True} if queue is None else {"queue": queue})} for queue, mode in rx["modes"].items()]
    first = "INTERRUPT" if kind == "AF_PACKET" else "POLLING"
    return [{"queue": queue, "mode": mode} for queue, (_thread, mode) in sorted(rx.items()) if mode != first]


def placements(rx: t.Mapping[t.Any, t.Any]) -> t.List[t.Dict[str, t.Any]]:
    """The field of that name. Without workers there is nothing to say."""
    threads = rx["threads"] if "modes" in rx else {queue: thread for queue, (thread, _mode) in rx.items()}
    if not any(threads.values()):
        return []
    return [{"queue": queue, **({"worker": thread - 1} if thread else {"main_thread": True})} for queue, thread in sorted(threads.items())]
