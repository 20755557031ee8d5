# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VPP's packet trace is text and nothing else: from it to data. Pure.

A packet is a list of nodes in the order it passed them, each C({name, time, headers, text}). C(headers) has a mapping for each
header that the node told of (C(ethernet), C(arp), C(ip4), C(ip6), C(tcp), C(udp), C(icmp)); a second header of the same layer
(what a tunnel carries) begins a mapping of its own below C(inner). What VPP adds stands there too: C(nat) (the translation),
C(acl) (the rule that decided), C(rx) and C(tx) (the interface), C(drop) (why it ended here).
"""

from __future__ import annotations

import calendar
import re
import time
import typing as t

Data = t.Dict[str, t.Any]

_NODE = re.compile(r"(?P<time>\d+:\d\d:\d\d:\d{6}|\d+\.\d{6}|\d+-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}): (?P<name>\S+)$")
_ENDS = re.compile(r"(?P<what>[^:]+): (?P<source>\S+) -> (?P<destination>\S+)(?P<more>.*)$")
_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
_VLAN = re.compile(r" 802\.1(?:q|ad) vlan (\d+)")
_ARP = re.compile(r"(?P<operation>\w+), type ethernet/IP4, address size 6/4$")
_ARP_ENDS = re.compile(rf"(?P<source_phys_address>{_MAC.pattern})/(?P<source>\S+) -> (?P<destination_phys_address>{_MAC.pattern})/(?P<destination>\S+)$")
_FLAGS = ("MORE_FRAGMENTS", "DONT_FRAGMENT", "CONGESTION")

_DETAILS: t.Tuple[t.Tuple[str, t.Pattern[str]], ...] = (
    ("ip4", re.compile(r"tos 0x(?P<tos__x>[0-9a-f]+), ttl (?P<ttl__d>\d+), length (?P<length__d>\d+), checksum ")),
    ("ip4", re.compile(r"fragment id 0x(?P<fragment_id__x>[0-9a-f]+)(?: offset (?P<fragment_offset__d>\d+))?(?:, flags (?P<flags__f>\S+))?$")),
    (
        "ip6",
        re.compile(r"tos 0x(?P<tos__x>[0-9a-f]+), flow label 0x(?P<flow__x>[0-9a-f]+), hop limit (?P<ttl__d>\d+), payload length (?P<length__d>\d+)"),
    ),
    ("tcp", re.compile(r"seq\. 0x(?P<sequence__x>[0-9a-f]+) ack 0x(?P<acknowledgement__x>[0-9a-f]+)$")),
    ("tcp", re.compile(r"flags 0x[0-9a-f]+(?P<flags__w>(?: [A-Z]+)*), tcp header: \d+ bytes$")),
    ("tcp", re.compile(r"window (?P<window__d>\d+), checksum ")),
    ("udp", re.compile(r"length (?P<length__d>\d+), checksum ")),
    ("icmp", re.compile(r"ICMP (?P<type>[a-z]\w*)(?: (?P<code>[a-z]\w*))? checksum 0x[0-9a-f]+(?: id (?P<id__d>\d+))?$")),
    ("icmp", re.compile(r"target address (?P<target>\S+)$")),
    (
        "acl",
        re.compile(
            r"acl-plugin: lc_index: -?\d+, sw_if_index (?P<sw_if_index__d>\d+), next index \d+, "
            r"action: (?P<action__d>\d+), match: acl (?P<acl__d>-?\d+) rule (?P<rule__d>-?\d+) "
        ),
    ),
    ("rx", re.compile(r"\w[\w-]*: hw_if_index (?P<hw_if_index__d>\d+) (?:rx-queue|next-index|queue)")),
    ("rx", re.compile(r"frame: flags 0x[0-9a-f]+, hw-if-index (?P<hw_if_index__d>\d+), sw-if-index (?P<sw_if_index__d>\d+)$")),
    ("rx", re.compile(r"(?:rx:(?P<name>.+)|(?P<device>\S+) rx queue \d+)$")),
    ("tx", re.compile(r"(?P<name>.+) flags 0x[0-9a-f]{8}$")),
    (
        "nat",
        re.compile(
            r"NAT44_(?P<_EI>EI_)?(?P<direction>IN2OUT|OUT2IN)_(?:ED_)?(?P<path>FAST|SLOW)_PATH: sw_if_index (?P<sw_if_index__d>\d+), next index \d+"
            r"(?:, session (?P<session__d>-?\d+))?(?:, translation result '(?P<result>[^']*)' via (?P<via>\w+))?"
        ),
    ),
)
"""What the lines of one layer look like. A group's ending says what its text becomes: x a hexadecimal, d a decimal number, f flags
that VPP writes without anything between them, w words."""

_FLOW = re.compile(r"(?P<name>i2of|o2if) match: saddr (\S+) sport (\d+) daddr (\S+) dport (\d+) proto (\S+) fib_idx (\d+)(?: rewrite:(?P<rewrite>.*))?$")
_REWRITES = {"saddr": "source", "sport": "source_port", "daddr": "destination", "dport": "destination_port", "icmp-id": "icmp_id"}


def seconds(text: str) -> float:
    """A time of a trace in seconds: since VPP started, or (as VPP was told to write it) since 1970."""
    if "T" in text:
        whole, _dot, fraction = text.partition(".")
        return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + int(fraction) / 1e6
    if ":" in text:
        hours, minutes, whole, fraction = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + int(whole) + int(fraction) / 1e6
    return float(text)


def parse(text: str) -> t.List[Data]:
    """The nodes of one packet, as one C(trace_data) tells of it."""
    nodes: t.List[Data] = []
    for line in text.splitlines():
        begun = _NODE.match(line)
        if begun:
            nodes.append({"name": begun["name"], "time": round(seconds(begun["time"]), 6), "headers": {}, "text": []})
        elif nodes and line.strip():
            # The indentation is the same for all headers of a packet, so that it tells nothing.
            nodes[-1]["text"].append(line[2:] if line.startswith("  ") else line)
    for node in nodes:
        node["headers"] = _headers(node["name"], node["text"])
    return nodes


def packets(text: str) -> t.List[t.List[Data]]:
    """All packets of what C(show trace) prints."""
    return [nodes for nodes in (parse(part) for part in re.split(r"(?m)^Packet \d+$", text)) if nodes]


def _headers(name: str, lines: t.Sequence[str]) -> Data:
    whole: Data = {}
    here = whole
    for line in lines:
        here = _line(here, line.strip(), name) or here
    return whole


def _layer(here: Data, name: str, fields: Data) -> Data:
    """The mapping that now is the innermost: a layer that is there already, or one below the innermost, begins another."""
    if name in here or (name == "ethernet" and ({"ip4", "ip6", "arp"} & set(here))) or (name in ("ip4", "ip6") and {"ip4", "ip6"} & set(here)):
        here["inner"] = here = {}
    here[name] = fields
    return here


def _line(here: Data, line: str, node: str) -> t.Optional[Data]:
    ends = _ENDS.match(line)
    if ends:
        return _pair(here, ends)
    operation = _ARP.match(line)
    if operation:
        return _layer(here, "arp", {"operation": operation["operation"]})
    addresses = _ARP_ENDS.match(line)
    if addresses and "arp" in here:
        here["arp"].update(addresses.groupdict())
        return None
    flow = _FLOW.match(line)
    if flow and "nat" in here:
        _flow(here["nat"], flow)
        return None
    for layer, pattern in _DETAILS:
        found = pattern.match(line)
        if found and (layer in here or layer in ("icmp", "rx", "nat", "acl") or (layer == "tx" and node.endswith("-output"))):
            here.setdefault(layer, {}).update(_fields(found))
            return None
    if node in ("drop", "punt") and ": " in line:
        where, _colon, why = line.partition(": ")
        here.setdefault("drop", {"node": where, "reason": why})
    return None


def _pair(here: Data, found: t.Match[str]) -> t.Optional[Data]:
    """C(WHAT: SOURCE -> DESTINATION) is a header of the layer that the ends belong to."""
    what, source, destination = found["what"], found["source"], found["destination"]
    if _MAC.fullmatch(source):
        fields: Data = {"type": what, "source": source, "destination": destination}
        vlans = [int(each) for each in _VLAN.findall(found["more"])]
        return _layer(here, "ethernet", {**fields, "vlans": vlans} if vlans else fields)
    if source.isdigit() and destination.isdigit():
        return _layer(here, what.lower(), {"source_port": int(source), "destination_port": int(destination)})
    if re.fullmatch(r"[0-9.]+", source):
        return _layer(here, "ip4", {"protocol": what, "source": source, "destination": destination})
    if re.fullmatch(r"[0-9a-f:.]*:[0-9a-f:.]*", source):
        return _layer(here, "ip6", {"protocol": what, "source": source, "destination": destination})
    return None


def _fields(found: t.Match[str]) -> Data:
    fields: Data = {}
    for group, text in found.groupdict().items():
        name, _two, kind = group.partition("__")
        if text is None or name.startswith("_"):
            continue
        if kind == "f":
            fields[name] = [flag for flag in _FLAGS if flag in text]
        elif kind == "w":
            fields[name] = text.split()
        else:
            fields["name" if name == "device" else name] = int(text, 16 if kind == "x" else 10) if kind else text
    if "direction" in fields:
        fields["direction"], fields["path"] = fields["direction"].lower(), fields["path"].lower()
    return fields


def _flow(nat: Data, found: t.Match[str]) -> None:
    """The flow that the packet took: what it looks for in a packet and what it makes of it."""
    if nat.get("via") != found["name"]:
        return
    _name, source, sport, destination, dport, protocol, _fib = found.groups()[:7]
    nat["match"] = {
        "protocol": protocol,
        "source": source,
        "source_port": int(sport),
        "destination": destination,
        "destination_port": int(dport),
    }
    words = (found["rewrite"] or "").split()
    made = {_REWRITES[name]: value for name, value in zip(words[::2], words[1::2]) if name in _REWRITES}
    nat["rewrite"] = {name: int(value) if value.isdigit() else value for name, value in made.items()}
