# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the proof needs to know, taken from a resolved chain (what C(cnf_chain_info) returns)."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError

INTERFACES = ("interfaces", "interface")
Data = t.Mapping[str, t.Any]


class ProofInputError(CnfError):
    """The chain does not say what to prove."""


def neighbours(chain: Data, cnf: str) -> t.Dict[str, str]:
    """Every CNF that can be reached from C(cnf), and the interface of C(cnf) by which."""
    ends = [link["ends"] for link in chain["links"]]
    links = [(one, two) for pair in ends for one, two in (tuple(pair), tuple(reversed(pair)))]
    found = {two["cnf"]: one["interface"] for one, two in links if one["cnf"] == cnf}
    queue = list(found)
    while queue:
        here = queue.pop(0)
        for one, two in links:
            if one["cnf"] == here and two["cnf"] not in found and two["cnf"] != cnf:
                found[two["cnf"]] = found[here]
                queue.append(two["cnf"])
    return found


def addresses(chain: Data, cnf: str, interface: str) -> t.List[str]:
    """The C(ip_addresses) that the chain gives to an interface."""
    items = next((one["items"] for one in chain["cnfs"] if one["name"] == cnf), [])
    return [
        address for item in items if item["type"] in INTERFACES and item["data"].get("name") == interface for address in item["data"].get("ip_addresses", ())
    ]


def _choose(cnf: str, what: str, wanted: t.Optional[str], reach: t.Mapping[str, str], sides: t.Collection[str], other: str) -> t.Tuple[str, str]:
    """(CNF, the interface towards it): the wanted one, else the first one behind an interface of that side, C(other) being taken."""
    if wanted is not None:
        if wanted not in reach:
            raise ProofInputError(f"{what} {wanted!r} cannot be reached from {cnf}; there is {', '.join(reach) or 'nobody'}")
        return wanted, reach[wanted]
    left = [(name, interface) for name, interface in reach.items() if interface != other]
    left.sort(key=lambda one: one[1] not in sides)
    if not left:
        raise ProofInputError(f"nobody is linked to {cnf} who could be the {what} of a proof; set {what}")
    return left[0]


def inputs(chain: Data, given: Data) -> t.Dict[str, t.Any]:
    """The options of the proof; what is C(given) counts. Sides follow from where client and server are, not from what the NAT calls them."""
    nats = chain["nat"]
    cnf = given.get("cnf") or next(iter(nats), None)
    if cnf not in nats:
        raise ProofInputError(f"CNF {cnf} has no NAT44 in this chain; there is {', '.join(nats) or 'none'}" if cnf else "this chain has no NAT44")
    nat, reach = nats[cnf], neighbours(chain, cnf)
    taken = reach.get(given.get("client") or "", "")
    server, outside = _choose(cnf, "server", given.get("server"), reach, nat["outside"], taken)
    client, inside = _choose(cnf, "client", given.get("client"), reach, nat["inside"], outside)
    found = {
        "cnf": cnf,
        "client": client,
        "server": server,
        "inside": [inside],
        "outside": [outside],
        "pools": [{"first_ip": pool["first_ip"], "last_ip": pool.get("last_ip") or pool["first_ip"]} for pool in nat["pools"]],
        "inside_networks": [str(ipaddress.ip_interface(address).network) for address in addresses(chain, cnf, inside)],
    }
    if not given.get("url"):
        found["url"] = f"http://{_address(chain, server, cnf)}/show/version"
    return {**found, **{name: value for name, value in given.items() if value is not None}}


def _address(chain: Data, server: str, cnf: str) -> str:
    """The server's address on its side towards the NAT."""
    interface = neighbours(chain, server).get(cnf, "")
    for address in addresses(chain, server, interface):
        parsed = ipaddress.ip_interface(address)
        if parsed.version == 4:
            return str(parsed.ip)
    raise ProofInputError(f"interface {interface!r} of {server} has no IPv4 address in this chain; set url")
