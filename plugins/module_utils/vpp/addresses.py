# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes an interface one of IP: C(("address", link, prefix)), and C(("ip", link)) with C(tables), C(lender) and C(dhcp), the
VRF tables that it is in, the interface whose addresses it has, and whether VPP asks a DHCP server for one.

An interface cannot go to another table while it has addresses, nor lend those of another one beside its own: so addresses require
the C(ip) of their interface, which is made anew for that, and they with it. It is there when there is anything to say, or an address.
"""

from __future__ import annotations

import bisect
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Index, Place, Script
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_reader import FAMILIES, Indexed, LinkReader, gone
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_types import about, canonical, family_of, refused, wrong
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import table_key

Tables = t.Mapping[str, int]
ABSENT = frozenset({-60})
MAIN: Tables = {"4": 0, "6": 0}


class Addresses(VppFamily):
    """C(links) has found the interfaces already."""

    classes = frozenset({"address", "ip"})

    def __init__(self, links: LinkReader) -> None:
        self.links = links
        self.overlaps = Indexed(lambda resources: Overlaps(_with_tables(resources)))

    def observe(self, place: Session) -> t.Iterator[Resource]:
        """All addresses but link-local ones, which VPP does not tell."""
        found = self.links.found
        asked = [(index, family) for index in found for family in FAMILIES]
        answers = place.dumps([Dump("ip_address_dump", {"sw_if_index": index, "is_ipv6": family == "6"}) for index, family in asked])
        prefixes: t.Dict[int, t.List[str]] = {}
        for (index, _family), answer in zip(asked, answers):
            if answer:
                prefixes.setdefault(index, []).extend(canonical(each["prefix"]) for each in answer)
        leased = self._leased(place)
        by_name = {key[1]: key for key in sorted(self.links.keys.values())}
        for index, one in found.items():
            if by_name[one.key[1]] != one.key:
                continue  # its name is hidden by one of ours
            tables = {**MAIN, **one.tables}
            ip = ("ip", one.key[1])
            there = prefixes.get(index, ())
            if there or one.lender or one.dhcp or tables != MAIN:
                requires = {one.key, *(table_key(family, number) for family, number in tables.items() if number)}
                if one.lender in by_name:
                    requires.add(by_name[one.lender])
                yield Resource(ip, {"tables": tables, "lender": one.lender, "dhcp": one.dhcp}, frozenset(requires), owned=one.tagged)
            for text in there:
                dhcp = (index, text) in leased
                yield Resource(
                    ("address", one.key[1], text),
                    {"table": tables[family_of(text)], **({"dhcp": True} if dhcp else {})},
                    frozenset({one.key, ip}),
                    owned=one.tagged and not dhcp,
                    managed=not dhcp,
                )

    def _leased(self, place: Session) -> t.Set[t.Tuple[int, str]]:
        if not self.links.leases:
            return set()
        leases = [each["lease"] for each in place.dump("dhcp_client_dump")]
        return {(each["sw_if_index"], canonical(f"{each['host_address']}/{each['mask_width']}")) for each in leases}

    def transition(self, before: Resource, after: Resource) -> str:
        """Another lender, and DHCP, can be set beside what is there; with other tables the addresses have to step aside."""
        have, want = before.attributes, after.attributes
        if have == want:
            return "same"
        if before.key[0] == "address":
            return "recreate"
        return "update" if have["tables"] == want["tables"] and bool(have["lender"]) == bool(want["lender"]) else "recreate"

    def destroys(self, operation: Operation, resources: Resources) -> t.Iterator[Key]:
        """The address that a DHCP server gave goes with the client. What overlaps with an address waits until that is gone."""
        before, after = operation.before, operation.after
        if before is None:
            return
        if operation.key[0] == "address" and after is None:
            for link, text in self.overlaps(resources).of(operation.key[1], operation.key[2], before.attributes["table"]):
                yield ("address", link, text)
        elif before.attributes.get("dhcp") and not (after is not None and after.attributes["dhcp"]):
            yield from (key for key, one in resources.items() if key[:2] == ("address", operation.key[1]) and one.attributes.get("dhcp"))

    def script(self, operation: Operation, place: Place) -> Script:
        """One address with exactly what is there: VPP takes away by the address alone, whatever length is told."""
        link = operation.key[1]
        if operation.key[0] == "address":
            fields = {"sw_if_index": Index(link), "is_add": operation.after is not None, "del_all": False, "prefix": operation.key[2]}
            accept = ABSENT if operation.after is None else frozenset()
            yield Call("sw_interface_add_del_address", fields, accept=accept, about=f"address {operation.key[2]} of {about(link)}")
            return
        none = {"tables": MAIN, "lender": "", "dhcp": False}
        have = operation.before.attributes if operation.before else none
        want = operation.after.attributes if operation.after else none
        yield list(_changes(link, have, want))


def _changes(link: str, have: t.Mapping[str, t.Any], want: t.Mapping[str, t.Any]) -> t.Iterator[Call]:
    """What is on the way is put away first, and put there last."""
    moved = [family for family in FAMILIES if have["tables"][family] != want["tables"][family]]
    if have["dhcp"] and not want["dhcp"]:
        yield dhcp_client(link, False)
    if have["lender"] and not want["lender"]:
        yield _unnumbered(link, have["lender"], False)
    for family in moved:
        fields = {"sw_if_index": Index(link), "is_ipv6": family == "6", "vrf_id": want["tables"][family]}
        yield Call("sw_interface_set_table", fields, about=f"{about(link)} in VRF {want['tables'][family]} of IPv{family}")
    if want["lender"] and have["lender"] != want["lender"]:
        yield _unnumbered(link, want["lender"], True)
    if want["dhcp"] and not have["dhcp"]:
        yield dhcp_client(link, True)


def _unnumbered(link: str, lender: str, is_add: bool) -> Call:
    # To take it away VPP does not look at who lends, who may be gone.
    fields = {"sw_if_index": Index(lender) if is_add else 0, "unnumbered_sw_if_index": Index(link), "is_add": is_add}
    return Call("sw_interface_set_unnumbered", fields, about=f"{about(link)} with the addresses of {lender}")


def dhcp_client(link: str, is_add: bool) -> Call:
    """The client on or off. Off that it is off already is no failure."""
    client = {"sw_if_index": Index(link), "set_broadcast_flag": is_add}
    accept = frozenset() if is_add else frozenset({-7})
    return Call("dhcp_client_config", {"is_add": is_add, "client": client}, accept=accept, about=f"DHCP client of {about(link)}")


# -- values -----------------------------------------------------------------------------------------------------------


def lift(name: str, resources: Resources, view: t.Any) -> t.Dict[str, t.Any]:
    """The fields of an interface that are about IP."""
    ip = resources.get(("ip", name))
    if ip is None:
        return {}
    tables, lender, dhcp = (ip.attributes[part] for part in ("tables", "lender", "dhcp"))
    data: t.Dict[str, t.Any] = {"set_dhcp_client": dhcp}
    texts = [] if lender else [text for text in view.prefixes(name) if not resources["address", name, text].attributes.get("dhcp")]
    data["ip_addresses"] = sorted(texts, key=lambda text: (":" in text, text))
    families = {family_of(text) for text in texts} | ({"4"} if dhcp else set())
    data["vrf"] = next((tables[family] for family in FAMILIES if tables[family] and (family in families or not families)), 0)
    if lender:
        data["unnumbered"] = {"interface_with_ip": lender}
    return data


class Lowering:
    """The IP side of all interfaces of one L(Links.lower)."""

    def __init__(self, values: t.Mapping[str, Value], view: t.Any) -> None:
        self.values, self.view = values, view
        self.wanted: t.Dict[t.Tuple[str, str], int] = {}

    def lower(self, value: Value, link: Key, find: t.Callable[[str], Key]) -> t.Iterator[Resource]:
        """The C(ip) of an interface, and its addresses. C(find) the key of another one by its name."""
        data, name = value.data, value.data["name"]
        texts = list(dict.fromkeys(canonical(text) for text in data.get("ip_addresses", ())))
        dhcp = bool(data.get("set_dhcp_client"))
        lender = data.get("unnumbered", {}).get("interface_with_ip", "")
        if lender and dhcp:
            raise refused(value, "set_dhcp_client", "an unnumbered interface has the addresses of another one")
        requires = {link}
        have = self.view.before.get(("ip", name))
        if lender and have is not None and have.attributes["lender"] == lender and gone(lender):
            tables: Tables = have.attributes["tables"]
        else:
            tables = self.tables(name)
            if lender:
                key = find(lender)
                requires.add(key)
                lender = key[1]
                if self.tables(lender) != MAIN or self._texts(lender):
                    requires.add(("ip", lender))
        if not (texts or lender or dhcp or tables != MAIN):
            return
        for family, number in tables.items():
            if number and table_key(family, number) in self.view.resources:
                requires.add(table_key(family, number))
        yield Resource(("ip", name), {"tables": tables, "lender": lender, "dhcp": dhcp}, frozenset(requires))
        both = frozenset({link, ("ip", name)})
        for text in texts:
            if ("address", name, text) not in self.view.before:
                _check(value, text)
            table = self.wanted[name, text] = tables[family_of(text)]
            yield Resource(("address", name, text), {"table": table}, both)

    def tables(self, name: str) -> Tables:
        """The VRF tables that an interface is to be in: for the families that it has addresses of, else for those that there are."""
        value, view = self.values.get(name), self.view
        if value is None:
            there = view.resources.get(("ip", name))
            return MAIN if there is None else t.cast(Tables, there.attributes["tables"])
        vrf = value.data.get("vrf", 0)
        lender = value.data.get("unnumbered", {}).get("interface_with_ip")
        if lender:
            if lender == name or lender in self.values and self.values[lender].data.get("unnumbered"):
                raise wrong(value, "unnumbered.interface_with_ip", f"{lender} has no addresses of its own to lend")
            tables = self.tables(lender)
            if vrf and vrf not in tables.values():
                raise wrong(value, "vrf", f"VPP lends addresses within a VRF, and {lender} is not in VRF {vrf}")
            return tables
        if not vrf:
            return MAIN
        have = view.before.get(("ip", name))
        now: Tables = have.attributes["tables"] if have is not None else {}
        # One that VPP keeps only because it is used is seen by nobody but its users.
        kept = {family for family in FAMILIES if now.get(family) == vrf and table_key(family, vrf) not in view.before}
        there = [family for family in FAMILIES if view.offline or family in kept or table_key(family, vrf) in view.resources]
        families = {family_of(text) for text in value.data.get("ip_addresses", ())} | ({"4"} if value.data.get("set_dhcp_client") else set())
        missing = sorted((families or (set() if there else {"4"})).difference(there))
        if missing:
            raise CnfError(
                f"{value.kind} {name}: vrf {vrf} does not exist for IPv{' and IPv'.join(missing)}; a vpp/vrf-table makes it", waits_for="vrf-table-exists"
            )
        return {family: vrf if family in (families or there) else 0 for family in FAMILIES}

    def _texts(self, name: str) -> t.Sequence[str]:
        value = self.values.get(name)
        return value.data.get("ip_addresses", ()) if value is not None else self.view.prefixes(name)

    def check(self) -> None:
        """Raise for addresses that cannot be beside each other."""
        before, wanted = self.view.before, self.wanted
        others = {key: one for key, one in self.view.resources.items() if key[0] == "address" and key[1] not in self.values}
        beside = Overlaps([*((*at, table) for at, table in wanted.items()), *_with_tables(others)])
        for (name, text), table in wanted.items():
            have = before.get(("address", name, text))
            if have is None or have.attributes["table"] != table:
                for other, theirs in beside.of(name, text, table):
                    raise CnfError(f"address {text} of {about(name)} overlaps with {theirs} of {about(other)}: VPP has no two such networks in one VRF")


def _check(value: Value, text: str) -> None:
    """VPP takes what no interface can have."""
    if text.startswith(address.ALLOC):
        raise refused(value, "ip_addresses", f"{text}: references to netalloc are not resolved")
    raw, length = t.cast(t.Tuple[bytes, int], address.prefix(text))
    number, bits = int.from_bytes(raw, "big"), 8 * len(raw)
    if bits == 128 and number >> 118 == 0x3FA:
        raise refused(value, "ip_addresses", f"{text} is link-local, and VPP does not tell which an interface has")
    if not number or not length or raw[0] == 255 or bits == 32 and raw[0] >> 4 == 14:
        raise wrong(value, "ip_addresses", f"{text} is no address of one host")
    hosts = (1 << (32 - length)) - 1 if bits == 32 and length < 31 else 0
    if hosts and number & hosts in (0, hosts):
        raise wrong(value, "ip_addresses", f"{text} is the address of the network itself, or its broadcast address")


def _with_tables(resources: Resources) -> t.Iterator[t.Tuple[str, str, int]]:
    for key, one in resources.items():
        if key[0] == "address":
            yield key[1], key[2], one.attributes["table"]


class Overlaps:
    """Addresses, as (interface, text, table), by their networks: two of them are apart, or the longer one lies in the shorter one.

    VPP has no two in one table that overlap, unless they are the same network on the same interface.
    """

    def __init__(self, addresses: t.Iterable[t.Tuple[str, str, int]]) -> None:
        self.users: t.Dict[t.Tuple[int, int, int, int], t.List[t.Tuple[str, str]]] = {}
        for name, text, table in addresses:
            bits, first, length = _network(text)
            self.users.setdefault((table, bits, first, length), []).append((name, text))
        self.networks = sorted(self.users)
        self.lengths: t.Dict[t.Tuple[int, int], t.Set[int]] = {}
        for table, bits, _first, length in self.networks:
            self.lengths.setdefault((table, bits), set()).add(length)

    def of(self, name: str, text: str, table: int) -> t.Iterator[t.Tuple[str, str]]:
        """(interface, text) of all that cannot be beside this one."""
        bits, first, length = _network(text)
        found = [(table, bits, _first(first, bits, each), each) for each in self.lengths.get((table, bits), ()) if each <= length]
        at = bisect.bisect_left(self.networks, (table, bits, first, length + 1))
        end = bisect.bisect_left(self.networks, (table, bits, first + (1 << (bits - length)), 0))
        for network in found + [each for each in self.networks[at:end] if each[3] > length]:
            yield from (each for each in self.users.get(network, ()) if each[0] != name or network[3] != length)


def _network(text: str) -> t.Tuple[int, int, int]:
    """(bits of the family, first address as a number, length)."""
    raw, length = t.cast(t.Tuple[bytes, int], address.prefix(text))
    return 8 * len(raw), _first(int.from_bytes(raw, "big"), 8 * len(raw), length), length


def _first(number: int, bits: int, length: int) -> int:
    return number >> (bits - length) << (bits - length)
