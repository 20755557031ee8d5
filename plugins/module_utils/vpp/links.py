# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces of VPP: the northbound kind to links and all that is on them, and back.

A link has the attributes that L(link_reader) tells of and C(kind) (of L(TYPES)), C(info) (what makes it, L(link_types)) and C(rx)
(observed: by queue its thread and mode; desired: C(modes) by queue, None for all others, and C(threads)). Of a desired link C(mac)
and C(mtu) None leave what is there, C(member) says that a bond has its MAC address.
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Claim, CnfError, Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import address
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import CHECKS
from ansible_collections.pantheon.cnf.plugins.module_utils.station import mac_of
from ansible_collections.pantheon.cnf.plugins.module_utils.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import addresses, bond_members, leftovers, link_types, tag_rewrites, tunnel_types
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Dump, Place, Refusal, Reply, Script, Told, together
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_changes import MODES, changes, modes, placements, rx, tag, usual
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_reader import SUB, Found, Indexed, LinkReader
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_support import support
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_types import Info, LinkType, about, refused, wrong
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_world import World, refuse, roles
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.memif_sockets import filenames
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import NOWHERE, Session
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import table_key

TYPES: t.Dict[str, LinkType] = {
    "DPDK": link_types.Hardware(),
    "SUB_INTERFACE": link_types.SubInterface(),
    "SOFTWARE_LOOPBACK": link_types.Loopback(),
    "MEMIF": link_types.Memif(),
    "TAP": link_types.Tap(),
    "AF_PACKET": link_types.AfPacket(),
    "BOND_INTERFACE": link_types.Bond(),
    "VXLAN_TUNNEL": tunnel_types.Vxlan(),
    "VXLAN_GPE": tunnel_types.VxlanGpe(),
    "GRE_TUNNEL": tunnel_types.Gre(),
    "IPIP_TUNNEL": tunnel_types.Ipip(),
    "WIREGUARD_TUNNEL": tunnel_types.Wireguard(),
}
VIRTIO = "virtio"
"""What older releases call a TAP, and all of them a device of a virtual machine: those that no dump of TAPs tells of."""
DEVICES = {VIRTIO: "TAP", **{one.device: kind for kind, one in TYPES.items() if one.device}}
GOES_WITH = frozenset({"address", "ip", "bond-member", "neighbour", "acl-list", "nat44-interface"})
"""Classes of what VPP takes away with an interface, by the name of the interface behind the class."""

Going = t.Dict[t.Union[str, t.Tuple[str, str]], t.List[Key]]


class Links(LinkReader):
    """See the module. C(everything): interfaces that nobody gave a name are taken for such of VPP's name, though not ours yet."""

    kinds = frozenset({INTERFACE.id})
    support = {INTERFACE.id: support()}

    def __init__(self, cnf: str, everything: bool = False) -> None:
        super().__init__()
        self.cnf, self.everything = cnf, everything
        self.sockets: t.Dict[int, str] = {}
        self.going = Indexed(_going)

    # -- what is there -----------------------------------------------------------------------------------------------

    def observe(self, place: Session) -> t.Iterable[Resource]:
        """What all types that are there tell of theirs, in one go."""
        self.read(place)
        kinds = {index: _kind(one.details) for index, one in self.found.items()}
        asked = {"queues": Dump("sw_interface_rx_placement_dump", {"sw_if_index": NOWHERE})}
        if "MEMIF" in kinds.values():
            asked["sockets"] = Dump("memif_socket_filename_dump")
        for kind in sorted(set(kinds.values())):
            message = next((each for each in TYPES[kind].dumps if place.offers(each)), "")
            if message:
                asked[kind] = Dump(message, TYPES[kind].asked)
        answers = dict(zip(asked, place.dumps(list(asked.values()))))
        queues: t.Dict[int, t.Dict[int, t.Tuple[int, str]]] = {}
        for each in answers.pop("queues"):
            queues.setdefault(each["sw_if_index"], {})[each["queue_id"]] = (each["worker_id"], MODES[each["mode"]])
        self.sockets = filenames(answers.pop("sockets", ()))
        infos = dict(TYPES[kind].told(each, self) for kind, answer in answers.items() for each in answer)
        by_name = {key[1]: key for key in sorted(self.keys.values())}  # a name of ours hides VPP's
        result = []
        for index, one in self.found.items():
            kind, info = kinds[index], infos.get(index)
            if kind == "SUB_INTERFACE":
                info = {"parent": self.interface(one.details["sup_sw_if_index"]), "id": one.details["sub_id"]}
            elif info is None and TYPES[kind].dumps:
                if kind in answers and one.details["interface_dev_type"] != VIRTIO:
                    continue  # it has gone meanwhile
                kind = "DPDK"
            result.append(self._observed(one, kind, info or {}, queues.get(index, {}), by_name))
        return result

    def socket(self, number: int) -> str:
        """The name of a memif socket; empty for the default one."""
        return self.sockets.get(number, f"({number})") if number else ""

    def untagged(self, details: Reply) -> str:
        """What can be deleted may be taken for ours, when everything is."""
        deletable = TYPES[_kind(details)].owned and details["interface_dev_type"] != VIRTIO
        return "link" if self.everything and deletable else "foreign-link"

    def _observed(self, one: Found, kind: str, info: Info, queues: t.Dict[int, t.Tuple[int, str]], by_name: t.Mapping[str, Key]) -> Resource:
        base, details = self.resource(one), one.details
        more = {"kind": kind, "info": info, "rx": queues, "tag": details["tag"], "mtus": tuple(details["mtu"])}
        if not TYPES[kind].ethernet(info):
            more["mac"] = None
        requires = {by_name[info[part]] for part in ("parent", "multicast") if info.get(part) in by_name}
        if info.get("socket"):
            requires.add(("memif-socket", info["socket"]))
        requires.update(_inner_tables(kind, info))
        return base._replace(attributes={**base.attributes, **more}, requires=frozenset(requires), claims=_claims(one.key[1], kind, info))

    # -- values to objects -------------------------------------------------------------------------------------------

    def lower(self, values: t.Sequence[Value], view: t.Any) -> t.Iterator[Resource]:
        """Links and all that is on them. Raises L(Refused) by field name, and L(CnfError) for what cannot be."""
        named = {value.data["name"]: value for value in values}
        masters: t.Dict[str, str] = {}
        for value in values:
            for member, _have in bond_members.members("", value.data.get("bond", {})):
                if masters.setdefault(member, value.data["name"]) != value.data["name"]:
                    raise wrong(value, "bond.bonded_interfaces", f"{member} is a member of {masters[member]} already")
        world = World(named, view)
        side = addresses.Lowering(named, view)
        made: t.Dict[Key, Resource] = {}
        for value in values:
            data, name = value.data, value.data["name"]
            refuse(value)
            world.begin(value)
            link = self._link(value, world, name in masters or ("bond-member", name) in view.resources)
            made.update((one.key, one) for one in world.sockets)
            if link.key[0] == "link":
                made[link.key] = link
            there = view.before.get(("tag-rewrite", name))
            rewrite = tag_rewrites.lower(value, there)
            if rewrite:
                made["tag-rewrite", name] = Resource(("tag-rewrite", name), rewrite, frozenset({link.key}))
            for member, have in bond_members.members(name, data.get("bond", {})):
                made["bond-member", member] = world.member(member, have, link.key)
            made.update((one.key, one) for one in side.lower(value, link.key, world.key))
        roles(made, view)
        side.check()
        yield from made.values()

    def _link(self, value: Value, world: World, member: bool) -> Resource:
        data, name, view = value.data, value.data["name"], world.view
        there = view.before.get(("link", name))
        foreign = view.before.get(("foreign-link", name))
        if view.scope_all and self._untouched(value, there or foreign, world):
            return t.cast(Resource, there or foreign)
        kind = _asked(data)
        joined = there is not None and not there.managed
        kept = joined or kind == "DPDK"
        adopted = kept and there is None
        if adopted:
            there = foreign or self._missing(name, view)
            self._adopt(value, there, view)
        if there is not None and (kept or _stays(there, data)):
            kind, info, claims = there.attributes["kind"], there.attributes["info"], there.claims
            requires = world.requirements(there)
        else:
            info = TYPES[kind].lower(value, world)
            claims, requires = _claims(name, kind, info), frozenset(world.requires)
        ethernet = TYPES[kind].ethernet(info)
        mac = address.mac(data.get("phys_address", ""))
        if mac and not ethernet:
            raise refused(value, "phys_address", "this interface has no MAC address of its own")
        if mac is None and ethernet and not kept:
            mac = mac_of(self.cnf, name)
        if kind == "SUB_INTERFACE":
            parent = world.named.get(info["parent"])
            stays = there is not None and _stays(there, data) and (parent is None or _stays(view.before.get(("link", info["parent"])), parent.data))
            world.below(value, info, there if stays else None)
        attributes = {
            "ifname": there.attributes["ifname"] if there is not None else name,
            "kind": kind,
            "info": info,
            "up": bool(data.get("enabled")),
            "mac": mac,
            "mtu": data.get("mtu") or None,
            "rx": rx(value),
            "tag": t.cast(Resource, there).attributes["tag"] if joined else name,
            "member": member,
            "kept": kept,
            "adopted": adopted,
            "vrf": data.get("vrf", 0),
            "unnumbered": data.get("unnumbered", {}).get("interface_with_ip", ""),
            "dhcp": bool(data.get("set_dhcp_client")),
        }
        return Resource(("link", name), attributes, requires, frozenset() if adopted else claims, managed=not joined)

    def _untouched(self, value: Value, found: t.Optional[Resource], world: World) -> bool:
        """What nobody gave a name is left alone as long as it is what is wanted, though everything is taken for ours."""
        if found is None or found.attributes["tag"]:
            return False
        beside = world.beside(value.data["name"])
        lifted = self._value(value.data["name"], found.attributes, beside, View(beside, self.cnf), world.members.get(value.data["name"], ()))
        return dict(lifted.data) == dict(value.data)

    @staticmethod
    def _missing(name: str, view: t.Any) -> Resource:
        if not view.offline:
            view.link(name)
        return Resource(("foreign-link", name), {"ifname": name, "kind": "DPDK", "info": {}, "tag": ""})

    @staticmethod
    def _adopt(value: Value, found: Resource, view: t.Any) -> None:
        """Raise for what cannot become ours by a tag: it could not be given back as it was."""
        name = value.data["name"]
        if TYPES[found.attributes["kind"]].owned:
            kind = TYPES[found.attributes["kind"]].type
            raise refused(value, "type", f"{name} of VPP is of type {kind}, which is made and deleted: widen the task with scope: all to take it over as that")
        wanted = {link_types.canonical(text) for text in value.data.get("ip_addresses", ())}
        more = [key[2] for key in view.before if key[0] == "address" and key[1] == name and key[2] not in wanted]
        if more:
            raise CnfError(
                f"{value.kind} {name}: the interface has the address {', '.join(more)}, which is not ours: name it in ip_addresses, remove it, "
                f"or widen the task with scope: all"
            )

    # -- objects to values -------------------------------------------------------------------------------------------

    def lift(self, resources: Resources, view: t.Any) -> t.Iterator[Value]:
        """A value for each link of ours; with scope all for all."""
        members = bond_members.by_bond(resources)
        for key, one in resources.items():
            if key[0] == "link" and (one.owned or view.scope_all) or key[0] == "foreign-link" and view.scope_all and ("link", key[1]) not in resources:
                yield self._value(key[1], one.attributes, resources, view, members.get(key[1], ()))

    def _value(self, name: str, have: t.Mapping[str, t.Any], resources: Resources, view: t.Any, members: t.Sequence[bond_members.Member]) -> Value:
        kind, info = have["kind"], have["info"]
        made = TYPES[kind]
        data: t.Dict[str, t.Any] = {"name": name, "type": "DPDK", "enabled": have["up"]}
        if made.expressible(info):
            data.update(type=made.type, **made.lift(info))
        if members and "bond" in data:
            data["bond"]["bonded_interfaces"] = [bond_members.lift(*each) for each in sorted(members)]
        rewrite = resources.get(("tag-rewrite", name))
        if rewrite is not None and "sub" in data:
            data["sub"].update(tag_rewrites.lift(rewrite.attributes))
        mac = have["mac"]
        if made.owned and made.ethernet(info) and mac not in (None, mac_of(self.cnf, name)) and ("bond-member", name) not in resources:
            if not CHECKS["station"](mac):
                data["phys_address"] = mac
        if made.owned and have["mtu"] and not usual(have):
            data["mtu"] = have["mtu"]
        data.update(rx_modes=modes(have["rx"], kind), rx_placements=placements(have["rx"]))
        data.update(addresses.lift(name, resources, view))
        return INTERFACE.value(data)

    # -- change ------------------------------------------------------------------------------------------------------

    def transition(self, before: Resource, after: Resource) -> str:
        """Made anew when what makes the interface differs, or the MAC address of a bond, which its members have."""
        have, want = before.attributes, after.attributes
        if before is after:
            return "same"
        if after.managed and not want.get("kept") and (have["kind"] != want["kind"] or not TYPES[want["kind"]].same(have["info"], want["info"])):
            return "recreate"
        if want["kind"] == "BOND_INTERFACE" and want["mac"] not in (None, have["mac"]):
            return "recreate"
        return "update" if changes(before.key[1], have, want) else "same"

    def destroys(self, operation: Operation, resources: Resources) -> t.Iterator[Key]:
        """All that VPP takes away with an interface; memifs that wait for it. Routes stay, and live again on the next one with its number: they go first."""
        before, name = operation.before, operation.key[1]
        if operation.after is None and before is not None and operation.key[0] == "link" and TYPES[before.attributes["kind"]].owned:
            going = self.going(resources)
            yield from going.get(name, ())
            if before.attributes["kind"] == "MEMIF":
                info = before.attributes["info"]
                yield from going.get((info["socket"], link_types.ROLES[info["role"] == link_types.ROLES[0]]), ())

    def script(self, operation: Operation, place: Place) -> Script:
        """What is made has its tag at once, so that as little as possible is nobody's when we are cut off, and is up last."""
        name, before, after = operation.key[1], operation.before, operation.after
        if after is None:
            return self._delete(name, t.cast(Resource, before).attributes, place)
        if before is not None:
            return together(changes(name, before.attributes, after.attributes))
        if after.attributes.get("adopted"):
            # What it is like is read here and not from the plan, which knows it as another one's.
            return together(changes(name, {"up": None, "mac": None, "mtu": None, "rx": None, "tag": ""}, after.attributes))
        return self._create(name, after.attributes, place)

    @staticmethod
    def _delete(name: str, have: t.Mapping[str, t.Any], place: Place) -> Script:
        if not TYPES[have["kind"]].owned:
            yield tag(name, "")
            return
        if have.get("dhcp"):  # it would outlive the interface, and go on on the next one with its number
            yield addresses.dhcp_client(name, False)
        yield TYPES[have["kind"]].delete(name, have["info"], place)
        place.forget(name)

    def _create(self, name: str, want: t.Mapping[str, t.Any], place: Place) -> Script:
        made, info = TYPES[want["kind"]], want["info"]
        mac = want["mac"] or link_types.NO_MAC
        try:
            reply = yield made.create(name, info, mac, place)
        except Refusal as refusal:
            hint = made.hints.get(refusal.retval)
            raise CnfError(f"{refusal.message}: {hint}" if hint else refusal.message) from refusal
        index = reply["sw_if_index"]
        place.learn(name, index)
        new = {"up": made.born_up, "mac": mac if made.born_with_mac else None, "mtu": None, "rx": None, "tag": ""}
        calls = changes(name, new, want)
        if index in self.leases and index not in self.found:  # of an interface that was deleted, and had this number
            calls.insert(1, addresses.dhcp_client(name, False))
        try:
            answers = yield [*calls, *leftovers.asked(index, place)]
            stale = leftovers.removed(name, index, answers[len(calls) :])
            if stale:
                yield stale
        except CnfError as error:
            try:
                yield made.delete(name, info, place)
            except CnfError as stays:
                raise CnfError(f"{error.message}; and the interface that was made could not be taken away again: {stays.message}") from error
            place.forget(name)
            raise
        if isinstance(made, link_types.Memif) and "secret" not in info and not isinstance(place, Told):
            raise CnfError(f"{about(name)} was made anew, but without secret and with usual queues and rings: VPP does not tell what it had")


def _kind(details: Reply) -> str:
    """The type that made an interface, as far as we know types."""
    if details["type"] == SUB:
        return "SUB_INTERFACE"
    return DEVICES.get(details["interface_dev_type"], "DPDK") if details["type"] == 0 else "DPDK"


def _claims(name: str, kind: str, info: Info) -> t.FrozenSet[Claim]:
    return frozenset({("name", name), *TYPES[kind].claims(info)})


def _inner_tables(kind: str, info: Info) -> t.Iterator[Key]:
    if kind == "GRE_TUNNEL" and info["vrf"]:
        yield table_key(link_types.family_of(info["src"]), info["vrf"])
    if kind == "VXLAN_GPE" and info["inner"]:
        yield table_key("6" if info["protocol"] == "IP6" else "4", info["inner"])


def _asked(data: t.Mapping[str, t.Any]) -> str:
    """The kind that a value asks for."""
    return "VXLAN_GPE" if data.get("vxlan", {}).get("gpe") else str(data["type"])


def _stays(there: t.Optional[Resource], data: t.Mapping[str, t.Any]) -> bool:
    """Whether it need not be made anew."""
    return there is not None and there.attributes["kind"] == _asked(data) and _unchanged(there.attributes["kind"], there.attributes["info"], data)


def _unchanged(kind: str, info: Info, data: t.Mapping[str, t.Any]) -> bool:
    """Whether a value says of what makes an interface just what is there."""
    made = TYPES[kind]
    if not made.expressible(info):
        return False
    lifted = INTERFACE.canonical({"name": "", "type": made.type, **made.lift(info)})
    member = INTERFACE.link.get(made.type, "")
    mine = {name: value for name, value in data.get(member, {}).items() if name not in tag_rewrites.FIELDS and name != "bonded_interfaces"}
    return bool(lifted.get(member, {}) == mine)


def _going(resources: Resources) -> Going:
    """By interface what goes with it: all that is on it, others' sub-interfaces, and that others are members of it. By socket and role its memifs."""
    found: Going = {}
    for key, one in resources.items():
        if key[0] in GOES_WITH:
            found.setdefault(key[1], []).append(key)
            if key[0] == "bond-member":
                found.setdefault(one.attributes["bond"], []).append(key)
        elif key[0] in ("link", "foreign-link"):
            info = one.attributes.get("info", {})
            if one.attributes.get("kind") == "SUB_INTERFACE" and not one.owned:  # ours go before, so that no tag rewrite is left behind
                found.setdefault(info["parent"], []).append(key)
            elif one.attributes.get("kind") == "MEMIF":
                found.setdefault((info["socket"], info["role"]), []).append(key)
    return found
