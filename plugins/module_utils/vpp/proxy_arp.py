# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxy ARP: C(("proxy-arp", link)), an interface that answers, and C(("proxy-arp-range", table, first, last)), what for.

VPP cannot mark a range: ranges are ours as long as interfaces of ours, and no others, answer. VPP does not switch it off with
an interface, but keeps it at the number, where it has no effect for the next interface: and to switch it on there does nothing.
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l3 import PROXY_ARP
from ansible_collections.pantheon.cnf.plugins.module_utils.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import cli, fib
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Index, Place, Script
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import NO_SUCH_FIB, table_key

LINK, RANGE = "proxy-arp", "proxy-arp-range"
NO_SUCH_ENTRY = -6

SUPPORT = {
    PROXY_ARP.id: {
        "interfaces": "yes",
        "interfaces.name": "yes",
        "ranges": "partial: VPP cannot mark a range, so ranges are ours while only interfaces of ours answer; else only with scope: all",
        "ranges.first_ip_addr": "yes",
        "ranges.last_ip_addr": "yes",
        "ranges.vrf_id": "partial: one that an interface of the list is in",
    }
}


class ProxyArp(VppFamily):
    """vpp/proxyarp-global."""

    classes = frozenset({LINK, RANGE})
    kinds = frozenset({PROXY_ARP.id})
    support = SUPPORT

    def observe(self, place: Session) -> t.Iterator[Resource]:
        """What answers in truth, and all ranges."""
        ranges, enabled = place.dumps([Dump("proxy_arp_dump"), Dump("proxy_arp_intfc_dump")])
        known = fib.links(place)
        links = [known[index] for index in self.answering(place, [each["sw_if_index"] for each in enabled]) if index in known]
        for link in links:
            yield Resource((LINK, link[1]), {}, frozenset({link}), owned=link[0] == "link")
        owned = bool(links) and all(link[0] == "link" for link in links)
        numbers = self.tables(place, ranges)
        for each in ranges:
            proxy = each["proxy"]
            table = proxy["table_id"] if numbers is None else numbers.get(proxy["table_id"])
            if table is not None:
                yield _range(table, proxy["low"], proxy["hi"])._replace(owned=owned)

    @staticmethod
    def tables(place: Session, ranges: t.Sequence[t.Mapping[str, t.Any]]) -> t.Optional[t.Dict[int, int]]:
        """VRFs by what a release before 25.10 tells for them: places in its own list. None where it tells VRFs."""
        if not place.older(25, 10) or not any(each["proxy"]["table_id"] for each in ranges):
            return None
        return fib.numbers_of(cli.run(place, "show ip table"))

    @staticmethod
    def answering(place: Session, indexes: t.Sequence[int]) -> t.List[int]:
        """Those of the interfaces that are said to answer which do so."""
        if not place.offers("feature_is_enabled"):
            return list(indexes)
        feature = {"arc_name": "arp", "feature_name": "arp-proxy"}
        answers = place.exchange([Call("feature_is_enabled", {**feature, "sw_if_index": index}) for index in indexes])
        return [index for index, answer in zip(indexes, answers) if not isinstance(answer, CnfError) and t.cast(t.Mapping[str, t.Any], answer)["is_enabled"]]

    def lower(self, values: t.Sequence[Value], view: View) -> t.Iterator[Resource]:
        """Raises L(Refused) by field name."""
        for value in values:
            data = value.data
            where = f"{value.kind} {value.key}"
            for field in ("interfaces", "ranges"):
                if not data.get(field) and not any(key[0] == LINK for key in view.before):
                    raise Refused(f"{where}: {field}: is empty; without it nothing is answered", field=field)
            links = [view.link(each["name"]) for each in data.get("interfaces", ())]
            tables = {fib.link_table(link.resource, "4") for link in links}
            for link in links:
                yield Resource((LINK, link.key[1]), {}, frozenset((link.key,) if link.key in view.resources else ()))
            for each in data.get("ranges", ()):
                number = each.get("vrf_id", 0)
                one = _range(number, each["first_ip_addr"], each["last_ip_addr"])
                if number not in tables and not view.offline and one.key not in view.before:
                    raise Refused(f"{where}: ranges.vrf_id: none of the interfaces is in VRF {number}", field="ranges.vrf_id")
                yield one._replace(requires=one.requires & view.resources.keys())

    def lift(self, resources: Resources, view: View) -> t.Iterator[Value]:
        """One value of all that is ours; with scope all of all."""
        mine = [key for key, one in resources.items() if key[0] in (LINK, RANGE) and (one.owned or view.scope_all)]
        links = sorted(key[1] for key in mine if key[0] == LINK)
        if not links:
            return
        ranges = [
            {"first_ip_addr": key[2], "last_ip_addr": key[3], "vrf_id": int(key[1])}
            for key in sorted(mine, key=lambda key: (key[0], *key[1:2], *[[int(part) for part in text.split(".")] for text in key[2:]]))
            if key[0] == RANGE
        ]
        yield PROXY_ARP.value({"interfaces": [{"name": name} for name in links], "ranges": ranges})

    def script(self, operation: Operation, place: Place) -> Script:
        """Switched off before it is switched on, in case that VPP still has it from an interface that is gone."""
        key, add = operation.key, operation.after is not None
        if key[0] == LINK:
            for enable in (False, True) if add else (False,):
                yield switch(key[1], enable)
            return
        proxy = {"table_id": int(key[1]), "low": key[2], "hi": key[3]}
        accept = frozenset() if add else frozenset({NO_SUCH_ENTRY, NO_SUCH_FIB})
        yield Call("proxy_arp_add_del", {"is_add": add, "proxy": proxy}, accept, f"proxy ARP for {key[2]} to {key[3]}")


def switch(link: str, enable: bool) -> Call:
    """Whether an interface answers."""
    return Call("proxy_arp_intfc_enable_disable", {"sw_if_index": Index(link), "enable": enable}, about=f"proxy ARP on {link}")


def _range(table: int, first: str, last: str) -> Resource:
    needs = frozenset({table_key("4", table)}) if table else frozenset()
    return Resource((RANGE, str(table), first, last), {}, needs)
