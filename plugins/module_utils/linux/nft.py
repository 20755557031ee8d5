# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""nftables: one table per CNF, read as JSON, written as text (nft 1.0.6 refuses maps to C(addr . port) in JSON).

The attributes of a section (C(("nft", "nat")), C(("nft", "acl"))) are its objects as text: C("chain nat_pre"): (header,
rule, ...); C("set nat_inside"): (type, {element: value or ""}). Beside them stands what no rule says: C("value <key>"):
(kind, northbound data), and C("requires"): the keys of the links in use; kept in comments of the elements of an unused set.
"""

from __future__ import annotations

import base64
import errno
import ipaddress
import json
import re
import typing as t
import zlib

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Operation, Resource, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Family
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.netlink import NETLINK_NETFILTER, attributes, string
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import Link, View

COMMENT = 120  # bytes of one comment; nft takes up to 128
TOGETHER = 512  # notes that are kept together where there are many: compressed they are a tenth of the elements
ENCODE = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
SECTIONS = ("nat", "acl")
FAMILIES = {"inet": 1, "netdev": 5}  # NFPROTO_*
_GET_TABLE, _TABLE_NAME = 0xA01, 1  # NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE; NFTA_TABLE_NAME
Attributes = t.Mapping[str, t.Any]
Settle = t.Callable[[t.Any, t.Optional[Attributes], t.Optional[Attributes]], None]


class NftError(CnfError):
    """nft refused; nothing of the transaction was done."""


def escape(name: str) -> str:
    """A name as part of an nft identifier, one to one; a very long one by its digest."""
    text = re.sub(r"[^A-Za-z0-9]", lambda found: "".join(f"_{byte:02x}" for byte in found.group().encode()), name)
    return text if len(text) <= 100 else f"{text[:80]}__{zlib.crc32(name.encode()):08x}"


def chain(kind: str, hook: str, priority: int, rules: t.Iterable[str]) -> t.Tuple[str, ...]:
    """The attribute of a base chain."""
    return (f"type {kind} hook {hook} priority {priority}; policy accept;", *rules)


def notes(values: t.Iterable[Value], requires: t.Iterable[Key]) -> t.Dict[str, t.Any]:
    """The attributes that remember values and links."""
    found: t.Dict[str, t.Any] = {f"value {value.key}": (value.kind, value.data) for value in values}
    return {**found, "requires": tuple(sorted(requires))}


def remembered(section: t.Optional[Resource]) -> t.List[Value]:
    """The values that a section remembers."""
    return [Value(note[0], name[6:], note[1]) for name, note in (section.attributes.items() if section else ()) if name.startswith("value ")]


def link_of(view: View, section: Key, name: str) -> Link:
    """The link of that name. Of one that vanished, what is remembered can still be explained, and so be taken away."""
    found = view.find(name)
    if found is None and section in view.resources:
        return Link(name, ("link", name), name, Resource(("link", name), {}))
    return found or view.link(name)


# -- from nft's JSON (listed with -n) to the text that we would have written ------------------------------------------

_BITS = {
    "ct state": {1: "invalid", 2: "established", 4: "related", 8: "new"},
    "ct status": {16: "snat", 32: "dnat"},
    "ct direction": {1: "reply"},
    "meta nfproto": {2: "ipv4", 10: "ipv6"},
    "fib saddr type": {2: "local"},
}


def show(item: t.Any) -> str:
    """An expression or statement of nft's JSON as text; what we never write ourselves comes out as JSON."""
    if not isinstance(item, dict):
        return str(_number(item)) if isinstance(item, list) else str(item)
    ((name, body),) = item.items()
    try:
        return _RENDER[name](body) if body is not None else name
    except (KeyError, TypeError, ValueError):
        return json.dumps(item, sort_keys=True)


def _number(item: t.Any) -> t.Any:
    """Flags as one number: [2, 16] and {"|": [2, 16]} (the releases differ) are 18."""
    item = item.get("|", item) if isinstance(item, dict) else item
    return sum(item) if isinstance(item, list) else item


def _words(item: t.Any) -> str:
    return " ".join(item) if isinstance(item, list) else item


def _match(body: t.Any) -> str:
    left, right, operator = show(body["left"]), body["right"], body["op"]
    if left in _BITS and operator in ("in", "=="):
        return f"{left} " + ",".join(_BITS[left].get(part, str(part)) for part in sorted(right if isinstance(right, list) else [right]))
    if left == "tcp flags" and operator in ("!", "=="):
        return f"tcp flags & {_number(right)} == 0" if operator == "!" else f"tcp flags & 255 == {_number(right)}"
    return left + (f" {operator} " if operator != "==" or "&" in body["left"] else " ") + show(right)


def _set(body: t.Any) -> str:
    return "{ " + ", ".join(f"{show(part[0])} : {show(part[1])}" if isinstance(part, list) else show(part) for part in body) + " }"


def _nat(kind: str, body: t.Any) -> str:
    address = body["addr"]
    if isinstance(address, dict) and "prefix" in address:  # what an aligned range is listed as
        network = ipaddress.ip_network(show(address))
        address = {"range": [network[0], network[-1]]}
    return f"{kind} {body['family']} to {show(address)}" + (f" {_words(body['flags'])}" if "flags" in body else "")


_RENDER: t.Dict[str, t.Callable[[t.Any], str]] = {
    "payload": lambda b: f"{b['protocol']} {b['field']}",
    "meta": lambda b: b["key"] if b["key"] in ("iifname", "oifname") else f"meta {b['key']}",
    "ct": lambda b: f"ct {b['dir']} {b['key']}" if "dir" in b else f"ct {b['key']}",
    "fib": lambda b: f"fib {_words(b['flags'])} {b['result']}",
    "concat": lambda b: " . ".join(map(str, b)) if all(isinstance(part, (str, int)) for part in b) else " . ".join(map(show, b)),
    "range": lambda b: f"{b[0]}-{b[1]}",
    "prefix": lambda b: f"{b['addr']}/{b['len']}",
    "set": _set,
    "map": lambda b: f"{show(b['key'])} map {show(b['data'])}",
    "vmap": lambda b: f"{show(b['key'])} vmap {show(b['data'])}",
    "numgen": lambda b: f"numgen {b['mode']} mod {b['mod']}",
    "jhash": lambda b: f"jhash {show(b['expr'])} mod {b['mod']} seed {b['seed']:#x}",
    "&": lambda b: f"{show(b[0])} & {_number(b[1])}",
    "|": lambda b: f"{show(b[0])} | {_number(b[1])}",
    "match": _match,
    "mangle": lambda b: f"{show(b['key'])} set {show(b['value'])}",
    "jump": lambda b: f"jump {b['target']}",
    "goto": lambda b: f"goto {b['target']}",
    "snat": lambda b: _nat("snat", b),
    "dnat": lambda b: _nat("dnat", b),
}


def _key(element: t.Any) -> str:
    return show(element["elem"]["val"] if isinstance(element, dict) and "elem" in element else element)


def _form(body: t.Any, map_: bool) -> str:
    parts = [body[name] if isinstance(body[name], str) else " . ".join(body[name]) for name in (("type", "map") if map_ else ("type",))]
    extra = {name: body[name] for name in ("flags", "timeout") if name in body}
    return " : ".join(parts) + (json.dumps(extra, sort_keys=True) if extra else "")


def read(text: str) -> t.Tuple[t.Dict[str, t.Dict[str, t.Any]], t.Set[str]]:
    """The attributes of each section that has objects, and the sections that have notes, from the output of C(nft -n -j list table)."""
    result: t.Dict[str, t.Dict[str, t.Any]] = {}
    noted: t.Set[str] = set()
    rules: t.Dict[str, t.List[str]] = {}
    for entry in json.loads(text)["nftables"]:
        ((what, body),) = entry.items()
        name = body.get("name", "")
        section = result.setdefault(name.partition("_")[0], {}) if what in ("chain", "set", "map") else {}
        if what == "rule":
            rules.setdefault(body["chain"], []).append(" ".join(map(show, body["expr"])))
        elif what == "chain":
            hook = f"type {body['type']} hook {body['hook']} priority {body['prio']}; policy {body.get('policy', 'accept')};" if "hook" in body else ""
            section[f"chain {name}"] = (hook,)
        elif name.endswith("_values"):
            noted.add(name.partition("_")[0])
            section.update(_unpack(body.get("elem", ())))
        elif what == "map":
            section[f"set {name}"] = (_form(body, True), {_key(key): show(value) for key, value in body.get("elem", ())})
        elif what == "set":
            section[f"set {name}"] = (_form(body, False), {_key(key): "" for key in body.get("elem", ())})
    for section in result.values():
        section.update({name: (*have, *rules.get(name[6:], ())) for name, have in section.items() if name.startswith("chain ")})
    return result, noted


# -- what no rule says, in comments -----------------------------------------------------------------------------------


def _pack(attributes: Attributes) -> t.Dict[str, str]:
    elements: t.Dict[str, str] = {}
    found: t.List[t.Any] = sorted(attributes.items())
    if len(found) > TOGETHER:
        found = [found[start : start + TOGETHER] for start in range(0, len(found), TOGETHER)]
    for index, item in enumerate(found):
        # An nft string ends at the first double quote and knows no escape: JSON with the quotes changed over.
        text = ENCODE(item).replace("'", "\\u0027").replace('"', "'")
        if len(text) > 8 * COMMENT:
            text = "z" + base64.b64encode(zlib.compress(text.encode(), 1)).decode()
        for part in range(0, len(text), COMMENT):
            elements[str(index << 16 | part // COMMENT)] = text[part : part + COMMENT]
    return elements


def _unpack(elements: t.Iterable[t.Any]) -> t.Dict[str, t.Any]:
    parts: t.Dict[int, t.Dict[int, str]] = {}
    for element in elements:
        body = element["elem"] if isinstance(element, dict) else {"val": element}
        parts.setdefault(body["val"] >> 16, {})[body["val"] & 0xFFFF] = body.get("comment", "")
    result = {}
    for item in parts.values():
        text = "".join(item[part] for part in sorted(item))
        try:
            if text.startswith("z"):
                text = zlib.decompress(base64.b64decode(text[1:])).decode()
            found = json.loads(text.replace("'", '"'))
            for name, content in [found] if isinstance(found[0], str) else found:
                result[name] = tuple(map(tuple, content)) if name == "requires" else tuple(content)
        except (ValueError, KeyError, zlib.error):
            continue  # somebody tore it: the difference shows, and the next change writes it anew
    return result


def _unordered(content: t.Any) -> t.Any:
    """Data with the lists sorted whose order says nothing."""
    if isinstance(content, dict):
        return {
            name: sorted((_unordered(item) for item in part), key=repr)
            if isinstance(part, (list, tuple)) and name not in ("rules", "local_ips")
            else _unordered(part)
            for name, part in content.items()
        }
    return [_unordered(item) for item in content] if isinstance(content, (list, tuple)) else content


# -- from attributes to a transaction ---------------------------------------------------------------------------------


def _objects(attributes: t.Optional[Attributes]) -> t.Tuple[t.Dict[str, t.Any], t.Dict[str, t.Any], t.Dict[str, t.Any]]:
    """Sets, chains, and the notes."""
    found: t.Dict[str, t.Dict[str, t.Any]] = {"set": {}, "chain": {}}
    others = {}
    for name, body in (attributes or {}).items():
        kind, _space, rest = name.partition(" ")
        if kind in found:
            found[kind][rest] = body
        else:
            others[name] = body
    return found["set"], found["chain"], others


def _elements(form: str, elements: t.Mapping[str, str], values: bool) -> str:
    quote = '"' if form.startswith("ifname") else ""
    return ", ".join([f"{quote}{key}{quote} : {value}" if value and values else f"{quote}{key}{quote}" for key, value in elements.items()])


def statements(table: str, section: str, before: t.Optional[Attributes], after: t.Optional[Attributes]) -> t.List[str]:
    """The nft commands that turn one state of a section into another, in an order that one transaction takes."""
    here = f"inet {table}"
    (sets, chains, noted), (sets_to, chains_to, notes_to) = _objects(before), _objects(after)
    changed = [name for name in chains_to if chains.get(name) != chains_to[name]]
    # A set whose type changes is made anew; so is a base chain whose hook does.
    sets_off = [name for name in sets if sets_to.get(name, ("",))[0] != sets[name][0]]
    chains_off = [name for name in chains if chains_to.get(name, (None,))[0] != chains[name][0]]
    lines = [f"flush chain {here} {name}" for name in chains if name in changed or name in chains_off]
    more = []
    for name in {**sets, **sets_to}:
        form, have = sets.get(name, ("", {}))
        form_to, want = sets_to.get(name, ("", {}))
        what = "map" if " : " in form else "set"
        if name in sets_off:
            lines += [f"flush {what} {here} {name}", f"delete {what} {here} {name}"]
            have = {}
        away = {key: value for key, value in have.items() if want.get(key) != value} if have else {}
        if away:
            lines.append(f"delete element {here} {name} {{ {_elements(form, away, False)} }}")
        new = {key: value for key, value in want.items() if have.get(key) != value} if have else want
        if new:
            more.append(f"add element {here} {name} {{ {_elements(form_to, new, True)} }}")
    if noted != notes_to:
        # Whatever is left of the old ones: they are taken as a whole.
        kept = f"{section}_values"
        lines += [f"add set {here} {kept} {{ type mark; }}", f"flush set {here} {kept}"]
        if notes_to:
            comments = [f'{key} comment "{text}"' for key, text in _pack(notes_to).items()]
            more.append(f"add element {here} {kept} {{ {', '.join(comments)} }}")
        else:
            lines.append(f"delete set {here} {kept}")
    lines += [f"delete chain {here} {name}" for name in chains_off]
    for name, (form, _contents) in sets_to.items():
        if name not in sets or name in sets_off:
            lines.append(f"add {'map' if ' : ' in form else 'set'} {here} {name} {{ type {form}; }}")
    for name, (header, *_rules) in chains_to.items():
        if name not in chains or name in chains_off:
            lines.append(f"add chain {here} {name}" + (f" {{ {header} }}" if header else ""))
    return lines + more + [f"add rule {here} {name} {rule}" for name in changed for rule in chains_to[name][1:]]


def _explain(error: str, script: t.Sequence[str]) -> str:
    found = re.search(r":(\d+):\d+-\d+: Error: (.*)", error)
    if not found:
        return error.strip().split("\n")[0] or "nft failed without a word"
    line = script[int(found.group(1)) - 1]
    return f"{found.group(2).strip()}, at: {line if len(line) <= 300 else line[:297] + '...'}"


def tables(host: t.Any) -> t.Set[t.Tuple[int, str]]:
    """(family, name) of each table, by nfnetlink: a hundredth of what it takes to start nft, and mostly there is none of ours."""
    try:
        found = list(host.socket(NETLINK_NETFILTER).dump(_GET_TABLE, bytes(4)))
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.EOPNOTSUPP, errno.EPROTONOSUPPORT):
            return set()  # a kernel without nftables
        raise host.explain(error) from error
    return {(body[0], string(attributes(body, 4)[_TABLE_NAME])) for body in found}


class Nft(Family):
    """Performs the class C(nft) for all families that lower to it: one listing to read, one transaction a wave to write.

    C(settle): by section, what to do in the kernel after its rules changed (clear the sessions that they contradict).
    """

    classes = frozenset({"nft"})

    def __init__(self, cnf: str, settle: t.Optional[t.Mapping[str, Settle]] = None) -> None:
        self.table = f"pantheon_cnf_{escape(cnf)}"
        self.settle = settle or {}
        self.sections: t.Set[str] = set()
        self._last: t.Tuple[t.Optional[Operation], t.List[str]] = (None, [])

    def run(self, host: t.Any, argv: t.Sequence[str], stdin: t.Optional[str] = None) -> str:
        """Output of nft in the host's namespace; raises L(NftError)."""
        done = host.run(["nft", *argv], stdin)
        if done.returncode and "you must be root" in done.stderr:
            raise host.explain(PermissionError(errno.EPERM, "nft"))
        if done.returncode:
            raise NftError(_explain(done.stderr, (stdin or "").split("\n")))
        return str(done.stdout)

    def listed(self, host: t.Any, family: str, *options: str) -> t.Optional[str]:
        """What nft lists of the CNF's table of a family, C(inet) or C(netdev); None when it has none."""
        host.program("nft")  # one that is missing is said before anything is planned
        if (FAMILIES[family], self.table) not in tables(host):
            return None
        try:
            return self.run(host, [*options, "list", "table", family, self.table])
        except NftError as error:
            if "No such file" not in error.message:  # it went in this moment
                raise
            return None

    def observe(self, place: t.Any) -> t.List[Resource]:
        """The sections of the CNF's table. One without notes is not ours; a table without any note is that of somebody else as a whole."""
        text = self.listed(place, "inet", "-n", "-j")
        found, noted = read(text) if text else ({}, set())
        self.sections = set(found)
        if text is None:
            return []
        if not noted:
            found = {**dict.fromkeys(SECTIONS, {}), **found}
        return [
            Resource(("nft", section), attributes, frozenset(attributes.get("requires", ())), owned=section in noted) for section, attributes in found.items()
        ]

    def transition(self, before: Resource, after: Resource) -> str:
        """Made anew only when translation ends: then C(ip_forward) has to be off before, not somewhen in the same wave."""
        have, want = before.attributes, after.attributes
        if have == want or (have.keys() == want.keys() and _unordered(dict(have)) == _unordered(dict(want))):
            return "same"
        return "recreate" if "set nat_outer" in have and "set nat_outer" not in want else "update"

    def _script(self, operation: Operation) -> t.List[str]:
        if self._last[0] is not operation:
            before, after = (side and side.attributes for side in (operation.before, operation.after))
            self._last = (operation, statements(self.table, operation.key[1], before, after))
        return self._last[1]

    def commands(self, operation: Operation) -> t.List[str]:
        """The commands of the transaction."""
        return [f"nft {line}" for line in self._script(operation)]

    def perform(self, place: t.Any, operations: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """All of them in one C(nft -f -), then the sessions; when that fails nothing was done, and each says why."""
        script = [f"add table inet {self.table}"]
        for operation in operations:
            script += self._script(operation)
        left = self.sections - {op.key[1] for op in operations if not op.after} | {op.key[1] for op in operations if op.after}
        if not left:
            script.append(f"delete table inet {self.table}")
        try:
            self.run(place, ["-f", "-"], "\n".join(script) + "\n")
        except NftError as error:
            return [error.message for _operation in operations]
        self.sections = left
        return [self._settled(place, operation) for operation in operations]

    def _settled(self, host: t.Any, operation: Operation) -> t.Optional[str]:
        settle = self.settle.get(operation.key[1])
        try:
            if settle:
                settle(host, operation.before and operation.before.attributes, operation.after and operation.after.attributes)
        except CnfError as error:
            return f"the rules are in place, but sessions that they contradict could not be cleared: {error.message}"
        return None
