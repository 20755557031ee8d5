# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Interfaces and routes of a real namespace, by values, for the tests of links, addresses and sysctls."""

from __future__ import annotations

import json

from ansible_collections.pantheon.cnf.plugins.module_utils.linux.addresses import Addresses
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.dataplane import LinuxDataplane
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.links import Links
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.routes import Routes
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE, LINUX_INTERFACE
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import ROUTE
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import reconcile

from ..support.namespaces import Namespace

CNF = "tl"
INTERFACES = {kind.id: kind for kind in (INTERFACE, LINUX_INTERFACE)}
ROUTES = {ROUTE.id: ROUTE}


def value(**data):
    """An interface of the kind that has its type."""
    kind = LINUX_INTERFACE if data["type"] in LINUX_INTERFACE.fields["type"].enum else INTERFACE
    return kind.value(data)


def pair(one, two, first=None, second=None):
    """Both ends of a veth pair, with more fields for each."""
    return [
        value(name=one, type="VETH", veth={"peer_if_name": two}, **(first or {})),
        value(name=two, type="VETH", veth={"peer_if_name": one}, **(second or {})),
    ]


class World:
    """A namespace with the families of linux_interfaces and linux_routes on it."""

    def __enter__(self):
        self.namespace = Namespace("tl").__enter__()
        self.host = Host(self.namespace.name)
        return self

    def __exit__(self, *unused):
        self.host.close()
        self.namespace.__exit__(*unused)

    def dataplane(self, **options):
        return LinuxDataplane(self.host, [Links(CNF), Addresses(CNF), Routes(CNF)], CNF, **options)

    def apply(self, values, state="overridden", kinds=None, again=True, check=False, **options):
        """Reconcile; a second time nothing may be left to do. Returns the first result."""
        done = reconcile(self.dataplane(**options), kinds or INTERFACES, state, lambda there: values, check_mode=check)
        if again and not check:
            left = reconcile(self.dataplane(**options), kinds or INTERFACES, state, lambda there: values)
            assert left.outcome.commands == []
        return done

    def values(self, **options):
        """What is there, by name."""
        dataplane = self.dataplane(**options)
        return {each.data["name"]: each.data for each in dataplane.lift(dataplane.observe(), set(INTERFACES))}

    def link(self, ifname):
        """What C(ip) says of a device, None when there is none."""
        shown = json.loads(self.namespace.run("ip", "-d", "-j", "link", "show", "dev", ifname, check=False) or "[]")
        return shown[0] if shown else None

    def addresses(self, ifname):
        """Addresses with prefix lengths, without link-local ones."""
        shown = json.loads(self.namespace.run("ip", "-j", "address", "show", "dev", ifname))
        return sorted(f"{one['local']}/{one['prefixlen']}" for one in shown[0]["addr_info"] if one["scope"] == "global")

    def ip(self, words):
        return self.namespace.ip(words)
