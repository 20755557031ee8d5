# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From keys and values of etcd to what is wanted of a dataplane, as a Ligato agent reads them; each for itself. Pure.

What cannot be used has a state that says why, and stops nothing else.
"""

from __future__ import annotations

import logging
import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.parse import parse
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import OPAQUE
from ansible_collections.pantheon.cnf.plugins.module_utils.store.desired import AGENTS, kind_of
from ansible_collections.pantheon.cnf.plugins.module_utils.store.status import ItemStatus

LOG = logging.getLogger("pantheon.cnf.agent")
CLIENT, ENDPOINT = "cnf.nsm/client", "cnf.nsm/endpoint"
KERNEL, VPP = "linux.interfaces/interface", "vpp/interfaces"
VARIABLE = re.compile(r"\$(?:\{([^}]*)\}|([*#$@!?0-9-])|(\w+)|(\{))", re.ASCII)


class Item(t.NamedTuple):
    """A key below the label, C(config/...). C(status) says why there is no value, where there is none."""

    key: str
    value: t.Optional[Value] = None
    status: t.Optional[ItemStatus] = None


def read_item(tail: str, raw: bytes, environment: t.Optional[t.Mapping[str, str]] = None) -> Item:
    """One key and its value; C(environment): variables in it are expanded."""
    key = printable(tail)
    kind = kind_of(f"{AGENTS}x/{tail}")
    if kind is None or kind.id in OPAQUE:
        return Item(key, status=ItemStatus(key, "UNIMPLEMENTED", "VALIDATE", "no model has such a key: nothing was done with it"))
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        return _invalid(key, f"the value is no text in UTF-8 (byte {error.start})")
    try:
        data = parse(kind, text if environment is None else expand(text, environment), kind.id)
        problems = kind.problems(data)
    except CnfError as error:
        return _invalid(key, printable(error.message))
    except Exception as error:  # a defect of ours costs one item, not all
        LOG.exception("not expected")
        return _invalid(key, f"not expected: {type(error).__name__}")
    if problems:
        return _invalid(key, "; ".join(printable(str(each)) for each in problems), tuple(printable(each.path) for each in problems))
    made = kind.key(data)
    if made != tail:
        return _invalid(key, f"the key is not the one of its value, which is {printable(made)}")
    return Item(key, Value(kind.id, made, data))


def _invalid(key: str, error: str, details: t.Tuple[str, ...] = ()) -> Item:
    return Item(key, status=ItemStatus(key, "INVALID", "VALIDATE", error, details))


def printable(text: str) -> str:
    """Text that can be written anywhere: what is no Unicode in it is spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()


def expand(text: str, environment: t.Mapping[str, str]) -> str:
    """C($NAME) and C(${NAME}) replaced, by nothing where there is no such variable, as Go's os.Expand does it."""

    def found(match: t.Match[str]) -> str:
        braced, special, word, broken = match.groups()
        return "" if broken else environment.get(braced or special or word or "", "")

    return VARIABLE.sub(found, text)


class Wanted(t.NamedTuple):
    """What an item comes to here: values, or why there is none yet."""

    values: t.List[Value]
    status: t.Optional[ItemStatus] = None


def interface_of(value: Value, name: str, kinds: t.Mapping[str, Kind]) -> t.Optional[Value]:
    """The interface at one end of a connection, as the value that configures it; None where this dataplane has no such interfaces."""
    given = value.data
    data: t.Dict[str, t.Any] = {"name": name, "type": "EXISTING", "enabled": True}
    if value.kind == CLIENT or given.get("single_client"):
        data.update({field: given[field] for field in ("ip_addresses", "phys_address") if given.get(field)})
    kind = kinds.get(KERNEL)
    if given.get("interface_type") == "MEM_INTERFACE":
        kind = kinds.get(VPP)
        data.update(type="MEMIF", memif={} if value.kind == CLIENT else {"master": True})
    return kind.value(data) if kind else None


def mesh_item(value: Value, links: t.Collection[str], taken: t.Collection[str], kinds: t.Mapping[str, Kind]) -> Wanted:
    """What an item of Network Service Mesh comes to: the interfaces that somebody has joined for it (C(links)), by their names.

    NetworkServices are not in etcd: which connections an endpoint has is seen by its links. C(taken): names of clients' interfaces.
    """
    if value.kind == CLIENT:
        name = str(value.data["interface_name"])
        names = [name] if name in links else []
        awaited = f"link {name}"
    else:
        prefix = str(value.data["interface_name_prefix"])
        suffix = ".+" if value.data.get("interface_name_suffix_from_label") else "[0-9]+"
        names = sorted(name for name in links if name not in taken and re.fullmatch(re.escape(prefix) + suffix, name))
        awaited = f"link {prefix}{'...' if suffix == '.+' else '0'}"
    values = [interface_of(value, name, kinds) for name in names]
    if None in values:
        what = "kernel" if value.data.get("interface_type") != "MEM_INTERFACE" else "memif"
        return Wanted([], ItemStatus(value.key, "UNIMPLEMENTED", "CREATE", f"this dataplane has no {what} interfaces"))
    if not names:
        return Wanted([], ItemStatus(value.key, "PENDING", "CREATE", "", (awaited,)))
    return Wanted([each for each in values if each is not None])
