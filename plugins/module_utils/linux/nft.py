# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""nftables: one table per CNF, read as JSON, written as text (nft 1.0.6 refuses maps to C(addr . port) in JSON).

The attributes of a section (C(("nft", "nat")), C(("nft", "acl"))) are its objects as nft would print them:
C("chain nat_pre"): (header, rule, ...); C("set nat_inside"): (type, {element: value or ""}); beside them what the rules
cannot say: C("value <key>"): (kind, northbound data), and C("requires"): the keys of the links in use. These two are kept
in the kernel as comments of the elements of a set that no rule uses.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import re
import typing as t
import zlib

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Key, Operation, Resource, Value

SECTIONS = ("nat", "acl")
COMMENT = 120
"""Bytes of one comment; the kernel's tool takes up to 128."""

Attributes = t.Mapping[str, t.Any]

_BITS = {
    "ct state": {1: "invalid", 2: "established", 4: "related", 8: "new"},
    "ct status": {16: "snat", 32: "dnat"},
    "ct direction": {0: "original", 1: "reply"},
    "meta nfproto": {2: "ipv4", 10: "ipv6"},
    "fib saddr type": {2: "local"},
    "fib daddr type": {2: "local"},
}


class NftError(CnfError):
    """nft refused or could not be used; nothing of the transaction was done."""


class ToolMissing(NftError):
    """The program nft is not installed."""


def escape(name: str) -> str:
    """A name as part of an nft identifier, one to one; very long ones by a digest."""
    text = re.sub(r"[^A-Za-z0-9]", lambda found: "".join(f"_{byte:02x}" for byte in found.group().encode()), name)
    return text if len(text) <= 100 else f"{text[:80]}__{zlib.crc32(name.encode()):08x}"


def table_name(cnf: str) -> str:
    """The table of a CNF."""
    return f"pantheon_cnf_{escape(cnf)}"


def chain(kind: str, hook: str, priority: int, rules: t.Iterable[str]) -> t.Tuple[str, ...]:
    """The attribute of a base chain."""
    return (f"type {kind} hook {hook} priority {priority}; policy accept;", *rules)


def notes(values: t.Iterable[Value], requires: t.Iterable[Key]) -> t.Dict[str, t.Any]:
    """The attributes that remember values and links."""
    found = {f"value {value.key}": (value.kind, json.loads(json.dumps(value.data))) for value in values}
    return {**found, "requires": tuple(sorted(requires))}


def remembered(section: t.Optional[Resource]) -> t.List[Value]:
    """The values that a section remembers."""
    found = section.attributes.items() if section else ()
    return [Value(note[0], name[6:], note[1]) for name, note in found if name.startswith("value ")]


# -- from nft's JSON (listed with -n) to the text that we would have written ------------------------------------------


def show(item: t.Any) -> str:
    """An expression or statement of nft's JSON as text; what we never write ourselves comes out as JSON."""
    if not isinstance(item, dict):
        return str(_flags(item)) if isinstance(item, list) else str(item)
    ((name, body),) = item.items()
    if name in ("accept", "drop", "return", "masquerade") and not body:
        return name
    render = _RENDER.get(name)
    try:
        return render(body) if render else json.dumps(item, sort_keys=True)
    except (KeyError, TypeError, ValueError):
        return json.dumps(item, sort_keys=True)


def _flags(item: t.Any) -> t.Any:
    """[2, 16] and {"|": [2, 16]} (the releases differ) are 18."""
    parts = item.get("|") if isinstance(item, dict) else item
    if isinstance(parts, list) and all(isinstance(part, int) for part in parts):
        return sum(parts)
    return show(item) if isinstance(item, dict) else " . ".join(map(show, parts)) if isinstance(parts, list) else item


def _one(item: t.Any) -> str:
    return " ".join(map(str, item)) if isinstance(item, list) else str(item)


def _match(body: t.Any) -> str:
    left, right, operator = show(body["left"]), body["right"], body["op"]
    names = _BITS.get(left, {})
    if names and operator in ("in", "=="):
        parts = right if isinstance(right, list) else [right]
        return f"{left} " + ",".join(names.get(part, str(part)) for part in sorted(parts))
    if left == "tcp flags" and operator in ("!", "=="):
        return f"tcp flags & {_flags(right)} == 0" if operator == "!" else f"tcp flags & 255 == {_flags(right)}"
    relation = f" {operator} " if operator not in ("==", "in") or "&" in body["left"] else " "
    return left + relation + show(right)


def _set(body: t.Any) -> str:
    return "{ " + ", ".join(f"{show(part[0])} : {show(part[1])}" if isinstance(part, list) else show(part) for part in body) + " }"


def _nat(kind: str) -> t.Callable[[t.Any], str]:
    def render(body: t.Any) -> str:
        port = f":{show(body['port'])}" if "port" in body else ""
        flags = f" {_one(body['flags'])}" if "flags" in body else ""
        address = body["addr"]
        if isinstance(address, dict) and "prefix" in address:  # what an aligned range is listed as
            network = ipaddress.ip_network(show(address))
            address = {"range": [network[0], network[-1]]}
        return f"{kind} {body['family']} to {show(address)}{port}{flags}"

    return render


_RENDER: t.Dict[str, t.Callable[[t.Any], str]] = {
    "payload": lambda b: f"{b['protocol']} {b['field']}",
    "meta": lambda b: b["key"] if b["key"] in ("iifname", "oifname") else f"meta {b['key']}",
    "ct": lambda b: f"ct {b['dir']} {b['key']}" if "dir" in b else f"ct {b['key']}",
    "fib": lambda b: f"fib {_one(b['flags'])} {b['result']}",
    "concat": lambda b: " . ".join(map(show, b)),
    "range": lambda b: f"{b[0]}-{b[1]}",
    "prefix": lambda b: f"{b['addr']}/{b['len']}",
    "set": _set,
    "map": lambda b: f"{show(b['key'])} map {show(b['data'])}",
    "vmap": lambda b: f"{show(b['key'])} vmap {show(b['data'])}",
    "numgen": lambda b: f"numgen {b['mode']} mod {b['mod']}",
    "jhash": lambda b: f"jhash {show(b['expr'])} mod {b['mod']} seed {b['seed']:#x}",
    "&": lambda b: f"{show(b[0])} & {_flags(b[1])}",
    "|": lambda b: f"{show(b[0])} | {_flags(b[1])}",
    "match": _match,
    "mangle": lambda b: f"{show(b['key'])} set {show(b['value'])}",
    "jump": lambda b: f"jump {b['target']}",
    "goto": lambda b: f"goto {b['target']}",
    "snat": _nat("snat"),
    "dnat": _nat("dnat"),
}


def _type(item: t.Any) -> str:
    return " . ".join(item) if isinstance(item, list) else str(item)


def read(text: str, sections: t.Sequence[str] = SECTIONS) -> t.Dict[str, t.Dict[str, t.Any]]:
    """The attributes of each section that has objects, from the output of C(nft -n -j list table)."""
    result: t.Dict[str, t.Dict[str, t.Any]] = {}

    def put(name: str, what: str, value: t.Any) -> None:
        section = name.partition("_")[0]
        if section in sections:
            result.setdefault(section, {})[f"{what} {name}"] = value

    rules: t.Dict[str, t.List[str]] = {}
    chains: t.Dict[str, str] = {}
    for entry in json.loads(text)["nftables"]:
        ((what, body),) = entry.items()
        if what == "chain":
            hook = f"type {body['type']} hook {body['hook']} priority {body['prio']}; policy {body.get('policy', 'accept')};" if "hook" in body else ""
            chains[body["name"]] = hook
        elif what == "rule":
            rules.setdefault(body["chain"], []).append(" ".join(map(show, body["expr"])))
        elif what in ("set", "map"):
            values = f" : {_type(body['map'])}" if what == "map" else ""
            if body["name"].endswith("_values"):
                result.setdefault(body["name"][:-7], {}).update(_unpack(body.get("elem", ())))
                continue
            extra = {name: body[name] for name in ("flags", "timeout", "policy") if name in body}
            elements = {}
            for element in body.get("elem", ()):
                key, value = element if values else (element, "")
                key = key["elem"]["val"] if isinstance(key, dict) and "elem" in key else key
                elements[show(key)] = show(value)
            put(body["name"], "set", (_type(body["type"]) + values + (json.dumps(extra, sort_keys=True) if extra else ""), elements))
    for name, hook in chains.items():
        put(name, "chain", (hook, *rules.get(name, ())))
    return result


# -- what no rule says, in comments of set elements -------------------------------------------------------------------


def _pack(attributes: Attributes) -> t.Dict[str, str]:
    elements: t.Dict[str, str] = {}
    names = sorted(name for name in attributes if not name.startswith(("chain ", "set ")))
    for index, name in enumerate(names):
        # An nft string ends at the first double quote and knows no escape: JSON with the quotes changed over.
        text = json.dumps((name, attributes[name]), separators=(",", ":")).replace("'", "\\u0027").replace('"', "'")
        if len(text) > 8 * COMMENT:
            text = "z" + base64.b64encode(zlib.compress(text.encode())).decode()
        for part in range(0, len(text), COMMENT):
            elements[str(index << 12 | part // COMMENT)] = text[part : part + COMMENT]
    return elements


def _unpack(elements: t.Iterable[t.Any]) -> t.Dict[str, t.Any]:
    parts: t.Dict[int, t.Dict[int, str]] = {}
    for element in elements:
        body = element.get("elem", {}) if isinstance(element, dict) else {}
        if isinstance(body.get("val"), int):
            parts.setdefault(body["val"] >> 12, {})[body["val"] & 0xFFF] = body.get("comment", "")
    result = {}
    for item in parts.values():
        text = "".join(item[part] for part in sorted(item))
        try:
            if text.startswith("z"):
                text = zlib.decompress(base64.b64decode(text[1:])).decode()
            name, content = json.loads(text.replace("'", '"'))
        except (ValueError, zlib.error):
            continue  # somebody tore it: the difference shows, and the next change writes it anew
        result[name] = tuple(map(tuple, content)) if name == "requires" else tuple(content)
    return result


# -- from attributes to a transaction ---------------------------------------------------------------------------------


def _objects(section: str, attributes: t.Optional[Attributes], kind: str) -> t.Dict[str, t.Any]:
    found = {name[len(kind) + 1 :]: body for name, body in (attributes or {}).items() if name.startswith(kind + " ")}
    if kind == "set" and attributes:
        found[f"{section}_values"] = ("mark", _pack(attributes))
    return found


def _element(name: str, form: str, key: str, value: str) -> str:
    text = f'"{key}"' if form.startswith("ifname") else key
    if name.endswith("_values"):
        return f'{text} comment "{value}"'
    return f"{text} : {value}" if value else text


def statements(table: str, section: str, before: t.Optional[Attributes], after: t.Optional[Attributes]) -> t.List[str]:
    """The nft commands that turn one state of a section into another, in an order that nft accepts in one transaction."""
    here = f"inet {table}"
    sets, wanted = _objects(section, before, "set"), _objects(section, after, "set")
    chains, targets = _objects(section, before, "chain"), _objects(section, after, "chain")
    changed = [name for name in targets if chains.get(name) != targets[name]]
    # A set that changes its type is made anew; so is a base chain that changes its hook.
    old_sets = [name for name in sets if name not in wanted or wanted[name][0] != sets[name][0]]
    old_chains = [name for name in chains if name not in targets or targets[name][0] != chains[name][0]]
    lines = [f"flush chain {here} {name}" for name in chains if name in changed or name in old_chains]
    gone, new = [], []
    for name in dict.fromkeys([*sets, *wanted]):
        form, have = sets.get(name, ("", {}))
        want_form, want = wanted.get(name, ("", {}))
        if name in old_sets:
            gone.append(f"flush {'map' if ' : ' in form else 'set'} {here} {name}")
            have = {}
        away = [_element(name, form, key, "" if not name.endswith("_values") else have[key]) for key in have if want.get(key) != have[key]]
        if away:
            gone.append(f"delete element {here} {name} {{ {', '.join(text.partition(' comment ')[0] for text in away)} }}")
        more = [_element(name, want_form, key, value) for key, value in want.items() if have.get(key) != value]
        if more:
            new.append(f"add element {here} {name} {{ {', '.join(more)} }}")
    lines += gone
    lines += [f"delete chain {here} {name}" for name in old_chains]
    lines += [f"delete {'map' if ' : ' in sets[name][0] else 'set'} {here} {name}" for name in old_sets]
    for name, (form, _elements) in wanted.items():
        if name not in sets or name in old_sets:
            lines.append(f"add {'map' if ' : ' in form else 'set'} {here} {name} {{ type {form}; }}")
    for name in targets:
        if name not in chains or name in old_chains:
            lines.append(f"add chain {here} {name}" + (f" {{ {targets[name][0]} }}" if targets[name][0] else ""))
    lines += new
    lines += [f"add rule {here} {name} {rule}" for name in changed for rule in targets[name][1:]]
    return lines


def _explain(error: str, script: t.Sequence[str]) -> str:
    found = re.search(r":(\d+):\d+-\d+: Error: (.*)", error)
    if not found:
        return error.strip().splitlines()[0] if error.strip() else "nft failed without a word"
    line = script[int(found.group(1)) - 1] if int(found.group(1)) <= len(script) else ""
    return f"{found.group(2).strip()}, at: {line if len(line) <= 300 else line[:297] + '...'}"


def run(host: t.Any, argv: t.Sequence[str], stdin: t.Optional[str] = None) -> str:
    """Output of nft with these arguments in the host's namespace; raises L(NftError)."""
    try:
        done = host.run(["nft", *argv], stdin)
    except FileNotFoundError:
        raise ToolMissing("the program nft is not installed on this machine; install the package nftables") from None
    if done.returncode:
        raise NftError(_explain(done.stderr, (stdin or "").split("\n")))
    return str(done.stdout)


Settle = t.Callable[[t.Any, t.Optional[Attributes], t.Optional[Attributes]], None]


class Nft:
    """Performs the class C(nft) for all families that lower to it: one listing to read, one transaction a wave to write.

    C(settle): for a section, what to do in the kernel after its rules changed (clear sessions that they contradict).
    """

    classes = frozenset({"nft"})
    kinds: t.FrozenSet[str] = frozenset()

    def __init__(self, cnf: str, settle: t.Optional[t.Mapping[str, Settle]] = None) -> None:
        self.table = table_name(cnf)
        self.settle = settle or {}
        self.sections: t.Set[str] = set()

    def observe(self, host: t.Any) -> t.List[Resource]:
        """The sections of the CNF's table."""
        try:
            found = read(run(host, ["-n", "-j", "list", "table", "inet", self.table]))
        except ToolMissing:
            raise
        except NftError as error:
            if "No such file" not in error.message:
                raise
            found = {}
        self.sections = set(found)
        return [Resource(("nft", section), attributes, frozenset(attributes.get("requires", ()))) for section, attributes in found.items()]

    def lower(self, values: t.Any, view: t.Any) -> t.Iterable[Resource]:
        """Nothing: NAT and ACLs are lowered by their families."""
        return ()

    def lift(self, resources: t.Any, view: t.Any) -> t.Iterable[t.Any]:
        """Nothing, see L(lower)."""
        return ()

    def transition(self, before: Resource, after: Resource) -> str:
        """Made anew only when translation ends: then C(ip_forward) has to be off before, not somewhen in the same wave."""
        if before.attributes == after.attributes:
            return "same"
        return "recreate" if "set nat_outer" in before.attributes and "set nat_outer" not in after.attributes else "update"

    def destroys(self, operation: Operation, resources: t.Any) -> t.Iterable[Key]:
        """Nothing vanishes beside."""
        return ()

    def _script(self, operation: Operation) -> t.List[str]:
        before = operation.before.attributes if operation.before else None
        after = operation.after.attributes if operation.after else None
        return statements(self.table, operation.key[1], before, after)

    def commands(self, operation: Operation) -> t.List[str]:
        """The commands of the transaction."""
        return [f"nft {line}" for line in self._script(operation)]

    def perform(self, host: t.Any, operations: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """All of them in one C(nft -f -), then the sessions; on failure nothing was done, and each says why."""
        script = [f"add table inet {self.table}"]
        for operation in operations:
            script += self._script(operation)
        left = (self.sections | {op.key[1] for op in operations if op.after}) - {op.key[1] for op in operations if not op.after}
        if not left:
            script.append(f"delete table inet {self.table}")
        try:
            run(host, ["-f", "-"], "\n".join(script) + "\n")
        except NftError as error:
            return [error.message for _operation in operations]
        self.sections = left
        result: t.List[t.Optional[str]] = []
        for operation in operations:
            settle = self.settle.get(operation.key[1])
            try:
                if settle:
                    settle(host, operation.before and operation.before.attributes, operation.after and operation.after.attributes)
                result.append(None)
            except CnfError as error:
                result.append(f"the rules are in place, but old sessions could not be cleared: {error.message}")
        return result
