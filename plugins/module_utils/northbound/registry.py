# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All kinds, and the way from the words of an item to one of them. Controller side: modules import the areas they need."""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import acl, interfaces, l2, l3, misc, nat, nsm, other
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.declaration import check_kind
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import DeclarationError, Kind


class UnknownModel(CnfError):
    """Module, type and version that name no model; the message says which was probably meant."""


def by_id(kinds: t.Iterable[Kind]) -> t.Dict[str, Kind]:
    """Kinds by id, checked for contradictions in each and among them."""
    found: t.Dict[str, Kind] = {}
    prefixes: t.Dict[str, str] = {}
    for kind in kinds:
        check_kind(kind)
        if kind.id in found:
            raise DeclarationError(f"{kind.id}: is declared twice")
        other_id = prefixes.setdefault(kind.prefix, kind.id)
        if other_id != kind.id:
            raise DeclarationError(f"{kind.id}: has the same key prefix as {other_id}: {kind.prefix}")
        found[kind.id] = kind
    return found


OPAQUE: t.FrozenSet[str] = frozenset((other.STATISTICS.id,))
"""Known by module, type, version and key only; an item of such a kind is refused."""

KINDS = by_id(
    (
        *interfaces.KINDS,
        *l3.KINDS,
        *nat.KINDS,
        *acl.KINDS,
        *l2.KINDS,
        *nsm.KINDS,
        *misc.KINDS,
        *other.KINDS,
        other.STATISTICS,
    )
)

MEANT = {
    "vpp.l3": "vpp",
    "vpp.interfaces": "vpp",
    "vpp.interface": "vpp",
    "vpp.punt": "vpp",
    "vpp.arp": "vpp",
    "vpp.route": "vpp",
    "vpp.vrf": "vpp",
    "vpp.acl": "vpp.acls",
    "vpp.abf": "vpp.abfs",
    "vpp.nat44": "vpp.nat",
    "vpp.wireguard": "vpp.wg",
    "linux.interface": "linux.interfaces",
    "linux.route": "linux.l3",
    "linux.arp": "linux.l3",
    "linux.netalloc": "netalloc",
    "nsm": "cnf.nsm",
}
"""Modules that do not exist but are often written, and the ones that are meant (proto packages are not modules)."""


def nearest(word: str, words: t.Iterable[str]) -> t.Optional[str]:
    """The one of C(words) that C(word) probably is a misspelling, or a part, of."""
    folded = {_folded(each): each for each in sorted(set(words))}
    close = difflib.get_close_matches(_folded(word), folded, 1, 0.6) or [each for each in folded if _folded(word) in each and len(word) > 2]
    return folded[close[0]] if close else None


def _folded(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "")


def did_you_mean(word: str, words: t.Iterable[str]) -> str:
    """C('; did you mean X?'), or nothing when nothing is near."""
    near = nearest(word, words)
    return f"; did you mean {near}?" if near else ""


def find(module: str, type: str, version: t.Optional[str] = None) -> Kind:
    """The kind that an item names; without a version it is the one there is. Raises L(UnknownModel)."""
    kind = KINDS.get(f"{module}/{type}")
    if kind is None:
        raise UnknownModel(_unknown(module, type), module=module, type=type)
    if version and version != kind.version:
        raise UnknownModel(f"{kind.id} has no version {version}: write {kind.version}, or leave it out", module=module, type=type)
    return kind


def _unknown(module: str, type: str) -> str:
    modules: t.Dict[str, t.List[str]] = {}
    for kind in KINDS.values():
        modules.setdefault(kind.module, []).append(kind.type)
    if module in modules:
        near = nearest(type, modules[module])
        homes = sorted((each for each in modules if type in modules[each]), key=lambda each: _alike(each, module))
        if near or not homes:
            return f"module {module} has no type {type}" + (f"; did you mean {near}?" if near else f": it has {', '.join(modules[module])}")
        return f"module {module} has no type {type}; did you mean module {homes[-1]}, type {type}?"
    meant = MEANT.get(module) or nearest(module, modules)
    homes = sorted((each for each in modules if type in modules[each]), key=lambda each: _alike(each, module))
    if homes and module not in MEANT and meant not in homes:
        meant = homes[-1]
    if meant is None:
        return f"there is no module {module}; the modules are {', '.join(sorted(modules))}"
    near = type if type in modules[meant] else nearest(type, modules[meant])
    return f"there is no module {module}; did you mean module {meant}" + (f", type {near}?" if near else "?")


def _alike(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()
