# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ACLs and layer 2 on a VPP, the way modules have them: values to states."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import acl as acl_kinds
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import interfaces as interface_kinds
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import l2 as l2_kinds
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import Result, reconcile
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.acl import Acls
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.bridges import Bridges
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppDataplane, VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.interfaces import families as interface_families
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.l2fib import L2Fib
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_reader import LinkReader
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.tables import Tables
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.xconnects import Xconnects

KINDS = {kind.id: kind for kind in (*acl_kinds.KINDS, *l2_kinds.KINDS)}
INTERFACE = interface_kinds.INTERFACE


class World:
    """A VPP with families of ours; C(loop()) makes interfaces beside them. C(interfaces): they are ours to make, too."""

    def __init__(self, session: Session, interfaces: bool = False, **options: t.Any) -> None:
        self.session = session
        self.interfaces = interfaces
        self.options = options
        self.kinds = {**KINDS, INTERFACE.id: INTERFACE} if interfaces else KINDS

    @property
    def dataplane(self) -> VppDataplane:
        """A new one, as every module run has."""
        links: t.List[VppFamily] = [Tables(), *interface_families("cnf")] if self.interfaces else [LinkReader()]
        return VppDataplane(Session(self.session.client), [*links, Bridges(), L2Fib(), Xconnects(), Acls()], "cnf", **self.options)

    def loop(self, *tags: str) -> t.List[int]:
        """Loopbacks with these tags, empty for none; their numbers."""
        made = [self.session.call("create_loopback_instance")["sw_if_index"] for _tag in tags]
        for index, tag in zip(made, tags):
            if tag:
                self.session.call("sw_interface_tag_add_del", is_add=True, sw_if_index=index, tag=tag)
        return made

    def run(self, state: str, *values: Value, kinds: t.Optional[t.Collection[str]] = None, **options: t.Any) -> Result:
        """To a state, of these kinds or of all."""
        mine = {name: self.kinds[name] for name in kinds or self.kinds}
        return reconcile(self.dataplane, mine, state, lambda before: list(values), **options)

    def settle(self, state: str, *values: Value, **options: t.Any) -> Result:
        """And again: the second run does nothing."""
        result = self.run(state, *values, **options)
        again = self.run(state, *values, **options)
        assert not again.outcome.changed, again.outcome.commands
        return result

    def values(self) -> t.List[Value]:
        """What there is."""
        dataplane = self.dataplane
        return dataplane.lift(dataplane.observe(), self.kinds)

    def gathered(self) -> t.List[Value]:
        """What there is; fed back it changes nothing."""
        values = self.values()
        for state in ("merged", "replaced", "overridden"):
            assert not self.run(state, *values).outcome.changed
        return sorted(values)


def value(kind: str, **data: t.Any) -> Value:
    """A value of one of the kinds."""
    return {**KINDS, INTERFACE.id: INTERFACE}[kind].value(data)
