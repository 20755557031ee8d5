# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small values for tests."""

from __future__ import annotations

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS, OPAQUE
from hypothesis import strategies as st


def value(kind, **data):
    return KINDS[kind].value(data)


def pool(first, last="", **more):
    return value("vpp.nat/nat44-pool", first_ip=first, last_ip=last, **more)


def role(name, **more):
    return value("vpp.nat/nat44-interface", name=name, **more)


def dnat(*mappings, label="d", identities=()):
    return value("vpp.nat/dnat44", label=label, st_mappings=list(mappings), id_mappings=list(identities))


def mapping(external="1.1.1.1", port=0, local="10.0.0.1", local_port=None, **more):
    """A static mapping with one local side."""
    sides = [{"local_ip": local, "local_port": port if local_port is None else local_port}]
    return {"external_ip": external, "external_port": port, "local_ips": sides, **more}


TEXTS = st.sampled_from(["", "a", "a/b", "../x", "10.1.2.3/16", "fd00::1/64", "10.0.0.1", "02:00:00:00:00:01", "alloc:n/i", "é", "x" * 70]) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=8
)


def scalars(field):
    """What a field may hold by its type alone."""
    if field.type == "str":
        return TEXTS
    if field.type == "bool":
        return st.booleans()
    if field.type == "enum":
        return st.sampled_from(list(field.enum)) | st.integers(0, 3)
    return st.integers(0, 2**32 - 1) if field.type == "uint32" else st.integers(-(2**31), 2**31 - 1)


def messages(fields):
    """Typed data of these fields, in option form: some absent, some None, at most one of each oneof."""

    @st.composite
    def build(draw):
        names = draw(st.lists(st.sampled_from(list(fields)), unique=True, max_size=5))
        result, oneofs = {}, set()
        for name in names:
            field = fields[name]
            if field.oneof and field.oneof in oneofs:
                continue
            if draw(st.integers(0, 9)) == 0:
                result[name] = None
                continue
            oneofs.add(field.oneof)
            each = messages(field.fields) if field.fields else scalars(field)
            result[name] = draw(st.lists(each, max_size=2) if field.many else each)
        return result

    return build()


ANY = st.sampled_from([kind for kind in KINDS.values() if kind.id not in OPAQUE]).flatmap(lambda kind: st.tuples(st.just(kind), messages(kind.fields)))
"""(kind, data) of any kind; valid for parsing, not always for the kind's problems."""
