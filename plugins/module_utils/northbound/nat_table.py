# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known to go wrong with NAT44 (24 rules learned from peers), and what each is here. Controller side."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import advice, nat, nat_rules


class NatRule(t.NamedTuple):
    """A rule, the functions that check it (none: it cannot be checked on values), and what else there is to say."""

    text: str
    checks: t.Tuple[t.Callable[..., t.Any], ...] = ()
    note: str = ""


NAT_RULES: t.Mapping[int, NatRule] = {
    1: NatRule("There is an inside and an outside interface.", (advice.nat_sides,), "a warning: they may come in separate tasks"),
    2: NatRule("NAT interfaces exist.", (advice.unknown_interfaces,), "offline; at apply time the plan refuses an unresolved reference"),
    3: NatRule("There is a pool or a static mapping.", (advice.nat_sides,), "a warning: they may come in separate tasks"),
    4: NatRule("No pool address twice, also across ranges and VRFs.", (nat_rules.pool_addresses_once,)),
    5: NatRule("The end of a pool is not before its start.", (nat.POOL.problems,)),
    6: NatRule("A static mapping has both sides, and ports on both or neither.", (nat_rules.mapping_sides,)),
    7: NatRule("Ports go with a protocol.", (nat_rules.protocol_with_port,), "TCP is the default, so only the reverse can be wrong"),
    8: NatRule("ICMP without a port would map all protocols.", (nat_rules.protocol_with_port,)),
    9: NatRule("An external address mapped as a whole has no other mapping.", (nat_rules.external_once,)),
    10: NatRule("A local address mapped as a whole is so once.", (nat_rules.local_once,)),
    11: NatRule("Twice-NAT or self-twice-NAT, with ports and a twice-NAT pool.", (nat_rules.twice_nat_needs,), "that it is not both is the enum's doing"),
    12: NatRule("The external address of self-twice-NAT is in a pool.", (nat_rules.twice_nat_needs,)),
    13: NatRule("The twice-NAT address is in a twice-NAT pool.", (nat_rules.twice_nat_pool_ip,)),
    14: NatRule("An identity mapping is of an address or an interface; protocol goes with port.", (nat_rules.identity_sides,)),
    15: NatRule("Load balancing: no ICMP, several local sides, each with probability.", (nat_rules.load_balancing,)),
    16: NatRule("A VRF is there before NAT uses it.", (), "no validator: it is a reference, and the engine creates what is referred to first"),
    17: NatRule("A pool is in the VRF of an inside interface.", (advice.pool_vrf,), "a warning: it crashed only old VPPs"),
    18: NatRule("One-armed NAT may need the external address in the pool.", (advice.one_armed,), "a warning: current VPPs do without"),
    19: NatRule(
        "A mapping of an interface waits for its address.",
        (),
        "no validator: addresses come and go at run time; on VPP what missed its address is made anew by the next run",
    ),
    20: NatRule("With several outside interfaces the chosen address may surprise.", (advice.several_outside,), "a warning"),
    21: NatRule("Pools are not too large.", (nat_rules.pool_size,)),
    22: NatRule("IPsec and NAT on one interface depend on the order of features.", (advice.ipsec_and_nat,), "a warning"),
    23: NatRule(
        "A static mapping does not apply to sessions that are there.",
        (),
        "no validator: sessions are not values; the kernel dataplane clears those that it concerns, on VPP nat44_sessions does",
    ),
    24: NatRule("NAT goes before the interface that has it.", (), "no validator: it is a reference, and the engine deletes who refers first"),
}
