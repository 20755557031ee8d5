# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo's chain on live VPPs, configured by hand over the API: what is proven does not rest on what is tested elsewhere."""

from __future__ import annotations

import socket

from ansible_collections.pantheon.cnf.plugins.module_utils.places import paths

from tests.support.modules import run_module
from tests.support.places import NAT_RULES, shell, web_process
from tests.support.vpp_chain import ChainPlaces

ENOUGH = {"buffers_per_numa": 4096, "stats_size": "8M"}
"""A memif takes a thousand buffers for its ring: with 1024 there is none left for packets."""
ANY = 0xFFFFFFFF
INSIDE, OUTSIDE = 0x20, 0x10
CLIENT, SERVER, POOL = "192.168.100.10", "80.80.80.80", ("80.80.80.100", "80.80.80.105")
ADDRESSES = {"nat": {"memif0": "192.168.100.1/24", "memif1": "80.80.80.100/24"}, "web": {"memif0": "80.80.80.80/24"}}


class ProofChain(ChainPlaces):
    """client - nat - web; C(on_vpp): which of C(nat) and C(web) are on VPP. The NAT is off until L(nat_on)."""

    def __init__(self, places, on_vpp=("nat", "web")):
        super().__init__(places)
        self.on_vpp = on_vpp
        self.names_of = {"client": self.client, "nat": self.nat, "web": self.web}
        self.sockets = {self.names_of[role]: paths.api_socket(self.names_of[role]) for role in on_vpp}
        vpps = [{"name": self.names_of[role], "vpp": ENOUGH} for role in on_vpp]
        kernel = [{"name": self.client}, *({"name": name} for role, name in self.names_of.items() if role == "nat" and role not in on_vpp)]
        web = [] if "web" in on_vpp else [{"name": self.web, "processes": [web_process()]}]
        run_module("vpp_sandbox", sandboxes=[*kernel, *web, *vpps])
        self.link()
        for role, interfaces in ADDRESSES.items():
            for name, address in interfaces.items():
                self.address(role, name, address)
        shell(self.client, f"ip address add {CLIENT}/24 dev tap0")
        shell(self.client, "ip link set tap0 up")
        shell(self.client, "ip route add 80.80.80.0/24 via 192.168.100.1")
        if "web" in on_vpp:
            run_module("vpp_exec", socket=self.sockets[self.web], commands=["http cli server"])

    def address(self, role, name, address):
        """Bring an interface up, with an address."""
        cnf = self.names_of[role]
        if role not in self.on_vpp:
            shell(cnf, f"ip address add {address} dev {name}")
            shell(cnf, f"ip link set {name} up")
            return
        index = self.index(cnf, name)
        self.call(cnf, "sw_interface_add_del_address", is_add=True, sw_if_index=index, prefix=address)
        self.call(cnf, "sw_interface_set_flags", sw_if_index=index, flags=1)

    def index(self, cnf, name):
        """VPP's number for the interface."""
        return self.interfaces(cnf)[f"{name} (link)"]["sw_if_index"]

    def nat_on(self, inside="memif0", outside="memif1", output_feature=True, forwarding=False):
        """As a NAT should be, unless told otherwise."""
        if "nat" not in self.on_vpp:
            shell(self.nat, "nft -f -", NAT_RULES)
            for number in range(101, 106):
                shell(self.nat, f"ip route add local 80.80.80.{number}/32 dev lo")
            shell(self.nat, "sysctl -q -w net.ipv4.ip_forward=1")
            return
        self.call(self.nat, "nat44_ed_plugin_enable_disable", enable=True)
        self.call(self.nat, "nat44_interface_add_del_feature", is_add=True, flags=INSIDE, sw_if_index=self.index(self.nat, inside))
        if output_feature:
            self.call(self.nat, "nat44_ed_add_del_output_interface", is_add=True, sw_if_index=self.index(self.nat, outside))
        else:
            self.call(self.nat, "nat44_interface_add_del_feature", is_add=True, flags=OUTSIDE, sw_if_index=self.index(self.nat, outside))
        self.call(self.nat, "nat44_add_del_address_range", is_add=True, first_ip_address=POOL[0], last_ip_address=POOL[1], vrf_id=ANY)
        self.call(self.nat, "nat44_forwarding_enable_disable", enable=forwarding)

    def nat_off(self):
        """As if there had never been one."""
        self.call(self.nat, "nat44_ed_plugin_enable_disable", enable=False)

    def way_back(self, is_add=True):
        """The web server's route to the inside, so that what is not translated works as well."""
        way = {"sw_if_index": ANY, "nh": {"address": socket.inet_aton("80.80.80.100").ljust(16, b"\0")}, "weight": 1, "label_stack": [{}] * 16}
        route = {"table_id": 0, "prefix": "192.168.100.0/24", "n_paths": 1, "paths": [way]}
        self.call(self.web, "ip_route_add_del_v2", is_add=is_add, route=route)

    def prove(self, **options):
        """Result of the proof's module."""
        given = {
            "client": self.client,
            "cnf": self.nat,
            "server": self.web,
            "sockets": self.sockets,
            "url": f"http://{SERVER}/show/version",
            "inside": ["memif0"],
            "outside": ["memif1"],
            "pools": [{"first_ip": POOL[0], "last_ip": POOL[1]}],
            "timeout": 6,
            "fail": False,
            **options,
        }
        return run_module("vpp_nat44_chain_proof", **given)
