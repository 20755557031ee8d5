# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ACLs and MACIP ACLs, and where they are attached.

C(("acl", name)), C(("macip-acl", name)): C(r), the rules as VPP has them. C(("acl-list", link)): the ACLs that filter an
interface, C(input) and C(output) (names, in their order) and C(macip) (a name or none), beside those of others: C(around).
C(("foreign-acl-list", link)): only others' are on the interface.
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.acl import ACL
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import paths
from ansible_collections.pantheon.cnf.plugins.module_utils.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import acl_rules, macip, tagged
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump, Index, Place, Reply, Script
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE, Session

WAYS = {"ingress": "input", "egress": "output"}
LONGEST = 255
"""ACLs on one interface, both ways together: VPP counts them in one octet."""
GONE = frozenset({-2})
"""An interface that went away took its lists with it."""
ABSENT = frozenset({-6})


class Around(t.NamedTuple):
    """The numbers of ACLs that others have attached, before and after ours, and of a MACIP ACL."""

    input: t.Tuple[t.Tuple[int, ...], t.Tuple[int, ...]] = ((), ())
    output: t.Tuple[t.Tuple[int, ...], t.Tuple[int, ...]] = ((), ())
    macip: t.Optional[int] = None


ALONE = Around()
EMPTY: t.Mapping[str, t.Any] = {"input": (), "output": (), "macip": "", "around": ALONE}


class _Sort(t.NamedTuple):
    """What IP and MACIP ACLs do not share."""

    replace: str
    delete: str
    what: str


SORTS = {
    "acl": _Sort("acl_add_replace", "acl_del", "ACL"),
    "macip-acl": _Sort("macip_acl_add_replace", "macip_acl_del", "MACIP ACL"),
}


class Acls(VppFamily):
    """See the module."""

    classes = frozenset({*SORTS, "acl-list", "foreign-acl-list"})
    kinds = frozenset({ACL.id})
    support = {
        ACL.id: {
            **dict.fromkeys(paths(ACL.fields), "yes"),
            "name": "partial: the ACL's tag: printable ASCII, and not cli, which VPP gives to what its command line makes",
            "rules": f"partial: of macip_rule up to {macip.LIMIT} with one MAC mask and prefix length; VPP looks at them in an order of its own, "
            "so what that would turn around is refused",
            "interfaces": "partial: one ACL of macip_rule on an interface",
        }
    }

    def __init__(self) -> None:
        self.missing = False

    # -- values to objects -------------------------------------------------------------------------------------------

    def lower(self, values: t.Sequence[Value], view: View) -> t.Iterator[Resource]:
        """Several ACLs on one interface come one after the other, by name. Raises L(Refused) by field name."""
        lists: t.Dict[str, t.Dict[str, t.Any]] = {}
        links: t.Dict[str, Key] = {}
        mine = sorted((value for value in values if value.kind == ACL.id), key=lambda value: str(value.data["name"]))
        if mine and self.missing:
            raise CnfError(f"{mine[0].kind} {mine[0].key}: VPP has no ACLs: its plugin acl_plugin.so is not loaded (section plugins of VPP's startup.conf)")
        for value in mine:
            name = value.data["name"]
            # An ACL is of IP rules or of MACIP rules; the northbound checks see to it.
            rules = value.data.get("rules", ())
            sort = "macip-acl" if all(rule.get("ip_rule") is None for rule in rules) else "acl"
            tagged.check(value, name, view, [(each, name) for each in SORTS])
            # Of what this run changes one alone is there: what it says by itself has been taken out of the view.
            if any((each, name) in view.resources for each in SORTS if each != sort):
                raise CnfError(f"{value.kind} {value.key}: name: both an ACL and a MACIP ACL of VPP have the tag {name}; delete the one that is not wanted")
            yield Resource((sort, name), {"r": _macip_rules(value) if sort == "macip-acl" else _ip_rules(value)})
            for way, direction in WAYS.items():
                for interface in dict.fromkeys((value.data.get("interfaces") or {}).get(way, ())):
                    link = view.link(interface)
                    links[link.key[1]] = link.key
                    wanted = lists.setdefault(link.key[1], {"input": [], "output": [], "macip": []})
                    wanted["macip" if sort == "macip-acl" else direction].append(name)
        for name, wanted in lists.items():
            yield self._list(links[name], wanted, view)

    @staticmethod
    def _list(link: Key, wanted: t.Mapping[str, t.List[str]], view: View) -> Resource:
        have = view.before.get(("acl-list", link[1])) or view.before.get(("foreign-acl-list", link[1]))
        around: Around = have.attributes["around"] if have is not None else ALONE
        macips = wanted["macip"]
        if macips and around.macip is not None:
            raise CnfError(
                f"interface {link[1]} has the MACIP ACL {around.macip}, which is not ours; VPP has one on an interface, so {macips[0]} cannot be there"
            )
        if len(macips) > 1:
            where = "interfaces.ingress"
            raise Refused(
                f"{ACL.id} {macips[1]}: {where}: {link[1]} has the MACIP ACL {macips[0]} already, and VPP has one on an interface", kind=ACL.id, field=where
            )
        if sum(len(each) for each in (*around.input, *around.output, wanted["input"], wanted["output"])) > LONGEST:
            raise Refused(f"{ACL.id}: interfaces: {link[1]} has more than the {LONGEST} ACLs that VPP can attach to it", kind=ACL.id, field="interfaces")
        names = [("acl", name) for way in WAYS.values() for name in wanted[way]] + [("macip-acl", name) for name in macips]
        attributes = {"input": tuple(wanted["input"]), "output": tuple(wanted["output"]), "macip": "".join(macips), "around": around}
        return Resource(("acl-list", link[1]), attributes, frozenset([*names, *([link] if link in view.resources else ())]))

    # -- objects to values -------------------------------------------------------------------------------------------

    def lift(self, resources: Resources, view: View) -> t.Iterator[Value]:
        """ACLs of ours with their interfaces."""
        attached: t.Dict[Key, t.Dict[str, t.List[str]]] = {}
        for key, one in resources.items():
            if key[0] == "acl-list":
                for way, direction in WAYS.items():
                    for name in one.attributes[direction]:
                        attached.setdefault(("acl", name), {}).setdefault(way, []).append(key[1])
                if one.attributes["macip"]:
                    attached.setdefault(("macip-acl", one.attributes["macip"]), {}).setdefault("ingress", []).append(key[1])
        for key, one in resources.items():
            if key[0] not in SORTS or not one.owned or all((sort, key[1]) in resources for sort in SORTS):
                continue  # and one name for two is none
            rules = one.attributes["r"]
            data: t.Dict[str, t.Any] = {"name": key[1], "rules": [macip.lift(rule) for rule in rules] if key[0] == "macip-acl" else list(acl_rules.lift(rules))}
            if key in attached:
                data["interfaces"] = {way: sorted(names) for way, names in attached[key].items()}
            yield ACL.value(data)

    # -- read --------------------------------------------------------------------------------------------------------

    def observe(self, place: Session) -> t.Iterator[Resource]:
        """Four dumps in one go. Nothing where the plugin is not loaded: then nobody has ACLs."""
        self.missing = not place.offers("acl_dump")
        if self.missing:
            return
        wanted = [
            ("acl_dump", "acl_index"),
            ("macip_acl_dump", "acl_index"),
            ("acl_interface_list_dump", "sw_if_index"),
            ("macip_acl_interface_list_dump", "sw_if_index"),
        ]
        ip, mac, lists, macips = place.dumps([Dump(message, {field: NOWHERE}) for message, field in wanted])
        names: t.Dict[t.Tuple[str, int], str] = {}
        made: t.List[t.Tuple[str, str]] = []
        for sort, details in (("acl", ip), ("macip-acl", mac)):
            for name, found in tagged.by_tag(details, "tag", "acl_index").items():
                made.append((sort, name))
                rules, ours = _observed(sort, found[0]["r"]) if len(found) == 1 else ([], False)
                if not ours:
                    yield tagged.nobodys((sort, name), found, "acl_index", SORTS[sort].what)
                    continue
                names[sort, found[0]["acl_index"]] = name
                place.learn(name, found[0]["acl_index"], of=sort)
                yield Resource((sort, name), {"r": rules})
        twice = {name for sort, name in made if sort == "acl"} & {name for sort, name in made if sort != "acl"}
        names = {key: name for key, name in names.items() if name not in twice}
        links = tagged.interfaces(place)
        attached = {each["sw_if_index"]: each["acls"][0] for each in macips}
        for each in lists:
            link = links.get(each["sw_if_index"])
            if link is not None and (each["acls"] or each["sw_if_index"] in attached):
                yield _attached(link, each, attached.get(each["sw_if_index"]), names)

    # -- change ------------------------------------------------------------------------------------------------------

    def script(self, operation: Operation, place: Place) -> Script:
        """An ACL is replaced where it is, and VPP changes the lists of an interface in one go: nothing passes in between."""
        sort, name = operation.key
        if sort not in SORTS:
            yield from self._attach(operation)
            return
        calls = SORTS[sort]
        about = f"{calls.what} {name}"
        if operation.after is None:
            yield Call(calls.delete, {"acl_index": Index(name, of=sort)}, accept=ABSENT, about=about)
            place.forget(name, of=sort)
            return
        number: t.Any = NOWHERE if operation.before is None else Index(name, of=sort)
        reply = yield Call(calls.replace, {"acl_index": number, "tag": name, "r": operation.after.attributes["r"]}, about=about)
        place.learn(name, reply["acl_index"], of=sort)

    @staticmethod
    def _attach(operation: Operation) -> Script:
        link = operation.key[1]
        have, want = (EMPTY if each is None else each.attributes for each in (operation.before, operation.after))
        around: Around = (want if operation.after is not None else have)["around"]
        accept = GONE if operation.after is None else frozenset()
        about = f"ACLs of {link}"

        def macip_acl(name: str, is_add: bool) -> Call:
            fields = {"is_add": is_add, "sw_if_index": Index(link), "acl_index": Index(name, of="macip-acl")}
            return Call("macip_acl_interface_add_del", fields, accept=accept if is_add else accept | ABSENT, about=about)

        # What comes is there before what it stands for goes; VPP puts a MACIP ACL in the place of another by itself.
        if want["macip"] not in ("", have["macip"]):
            yield macip_acl(want["macip"], True)
        if (have["input"], have["output"]) != (want["input"], want["output"]):
            ways = [
                [*before, *(Index(name, of="acl") for name in want[way]), *after]
                for way, (before, after) in (("input", around.input), ("output", around.output))
            ]
            acls = ways[0] + ways[1]
            fields = {"sw_if_index": Index(link), "count": len(acls), "n_input": len(ways[0]), "acls": acls}
            yield Call("acl_interface_set_acl_list", fields, accept=accept, about=about)
        if have["macip"] and not want["macip"]:
            yield macip_acl(have["macip"], False)


def _ip_rules(value: Value) -> t.List[acl_rules.Rule]:
    found: t.List[acl_rules.Rule] = []
    try:
        for rule in value.data["rules"]:
            found += acl_rules.lower(rule.get("action", "DENY"), rule["ip_rule"])
    except acl_rules.WrongFamily:
        where = "rules.ip_rule.icmp.icmpv6"
        word = "icmpv6" if rule["ip_rule"]["icmp"].get("icmpv6") else "icmp"
        raise Refused(f"{ACL.id} {value.key}: {where}: {word} does not go with networks of the other family", kind=ACL.id, field=where) from None
    return found


def _macip_rules(value: Value) -> t.List[macip.Rule]:
    found: t.List[macip.Rule] = []
    for at, rule in enumerate(value.data.get("rules", ())):
        try:
            found.append(macip.lower(rule.get("action", "DENY"), rule["macip_rule"]))
        except macip.WrongRule as wrong:
            where = f"rules[{at}].macip_rule.{wrong.field}"
            raise Refused(f"{ACL.id} {value.key}: {where}: {wrong.why}", kind=ACL.id, field=where) from None
    problem = macip.problem(found)
    if problem:
        raise Refused(f"{ACL.id} {value.key}: rules: {problem}", kind=ACL.id, field="rules")
    return found


def _observed(sort: str, rules: t.Sequence[Reply]) -> t.Tuple[t.List[t.Any], bool]:
    """Rules as we would write them, and whether they can be said, so that they are ours."""
    if sort == "acl":
        found = [acl_rules.normal(t.cast(acl_rules.Rule, rule)) for rule in rules]
        return found, bool(found) and all(map(acl_rules.sayable, found))
    normal = [macip.normal(t.cast(macip.Rule, rule)) for rule in rules]
    known = [rule for rule in normal if rule is not None]
    return (known, bool(known) and not macip.problem(known)) if len(known) == len(normal) else (list(rules), False)


def _attached(link: Key, one: Reply, mac: t.Optional[int], names: t.Mapping[t.Tuple[str, int], str]) -> Resource:
    ways, around = [], []
    for numbers in (one["acls"][: one["n_input"]], one["acls"][one["n_input"] :]):
        ours = [names.get(("acl", number)) for number in numbers]
        first = next((at for at, name in enumerate(ours) if name is not None), len(ours))
        others = [(at, number) for at, number in enumerate(numbers) if ours[at] is None]
        ways.append(tuple(name for name in ours if name is not None))
        around.append((tuple(number for at, number in others if at < first), tuple(number for at, number in others if at > first)))
    macip_acl = names.get(("macip-acl", mac), "") if mac is not None else ""
    attributes = {"input": ways[0], "output": ways[1], "macip": macip_acl, "around": Around(around[0], around[1], None if macip_acl else mac)}
    requires = [("acl", name) for way in ways for name in way] + [("macip-acl", macip_acl)] * bool(macip_acl) + [link]
    mine = bool(ways[0] or ways[1] or macip_acl)
    return Resource(("acl-list" if mine else "foreign-acl-list", link[1]), attributes, frozenset(requires), owned=mine)
