# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The world of the tests of routes, neighbours and layer 2: one namespace, all families, values in and values out."""

from __future__ import annotations

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import converge
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.addresses import Addresses
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.dataplane import LinuxDataplane
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.l2 import L2
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.links import Links
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.neighbours import Neighbours
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.routes import Routes
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.vrfs import Vrfs
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import LINUX_INTERFACE

CNF = "tl3"
MINE = ("route", "neighbour", "bridge", "bridge-port", "fdb", "xconnect")


def veth(name, peer, *addresses, **more):
    return LINUX_INTERFACE.value({"name": name, "type": "VETH", "enabled": True, "ip_addresses": list(addresses), "veth": {"peer_if_name": peer}, **more})


class World:
    """Values onto a namespace; C(base) is there in all of them."""

    def __init__(self, namespace, *base):
        self.namespace, self.base = namespace, base
        # Else addresses and routes of IPv6 come when they like, between two looks at the namespace.
        namespace.run("sysctl", "-qw", "net.ipv6.conf.default.addr_gen_mode=1")
        self.host = Host(namespace.name)
        self.families = [Vrfs(CNF), Links(CNF), Addresses(CNF), Routes(CNF), Neighbours(CNF), L2(CNF)]
        self.dataplane = LinuxDataplane(self.host, self.families, CNF)
        self.kinds = {kind for family in self.families for kind in family.kinds}

    def close(self):
        self.host.close()

    def apply(self, *values, **options):
        """Make exactly the base and these values be there; nothing is left to do afterwards, and the way back is exact."""
        observed = self.dataplane.observe()
        context = {key: one for key, one in observed.items() if not (one.owned and one.managed)}
        outcome = converge(self.dataplane, self.dataplane.lower([*self.base, *values], context), observed, **options)
        if not options.get("check_mode"):
            self.check()
            again = converge(self.dataplane, self.dataplane.lower([*self.base, *values], context), check_mode=True)
            assert again.commands == []
        return outcome

    def check(self):
        """What is lifted from the objects of ours, lowered, is these objects."""
        observed = self.dataplane.observe()
        context = {key: one for key, one in observed.items() if not (one.owned and one.managed)}
        lifted = self.dataplane.lift(observed, self.kinds)
        lowered = self.dataplane.lower(lifted, context)
        mine = {key: (one.attributes, one.requires) for key, one in observed.items() if key[0] in MINE and one.owned}
        assert {key: (one.attributes, one.requires) for key, one in lowered.items() if key[0] in MINE} == mine

    def values(self, *kinds):
        """The values of these kinds that are there, as data."""
        return [value.data for value in sorted(self.dataplane.lift(self.dataplane.observe(), kinds), key=lambda value: value.key)]
