# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cross-connects, one direction each: C(("xconnect", receiving link)), with C(transmit). Ours when one of the two links is.

One stays when the interface goes that it sends to, and the next interface with that number is sent to: such a one is taken away
when it is seen. When the receiving interface goes, VPP also takes the other one out of its bridge domain or cross-connect: so the
cross-connect goes first.
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Key, Operation, Resource, Resources, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.l2 import XCONNECT
from ansible_collections.pantheon.cnf.plugins.module_utils.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import tagged
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Index, Place, Script
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session

GONE = frozenset({-2})
SUPPORT = {XCONNECT.id: {"receive_interface": "yes", "transmit_interface": "yes"}}


class Xconnects(VppFamily):
    """See the module."""

    classes = frozenset({"xconnect"})
    kinds = frozenset({XCONNECT.id})
    support = SUPPORT

    def lower(self, values: t.Sequence[Value], view: View) -> t.Iterator[Resource]:
        """One object each."""
        for value in values:
            yield _xconnect(*(view.link(value.data[name]).key for name in ("receive_interface", "transmit_interface")))

    def lift(self, resources: Resources, view: View) -> t.Iterator[Value]:
        """Those of ours that lead somewhere; with scope all those of others as well."""
        for key, one in resources.items():
            if key[0] == "xconnect" and (one.owned or view.scope_all) and one.managed and not one.attributes["transmit"].startswith("(deleted "):
                yield XCONNECT.value({"receive_interface": key[1], "transmit_interface": one.attributes["transmit"]})

    def observe(self, place: Session) -> t.Iterator[Resource]:
        """One dump."""
        links = tagged.interfaces(place)
        for each in place.dump("l2_xconnect_dump"):
            receive, transmit = (links.get(each[name]) for name in ("rx_sw_if_index", "tx_sw_if_index"))
            if receive is not None:
                one = _xconnect(receive, transmit or ("link", f"(deleted {each['tx_sw_if_index']})"))
                yield one._replace(owned="link" in {receive[0], transmit and transmit[0]})

    def destroys(self, operation: Operation, resources: Resources) -> t.Iterator[Key]:
        """At layer 3 no tags are rewritten."""
        if operation.after is None:
            yield ("tag-rewrite", operation.key[1])

    def script(self, operation: Operation, place: Place) -> Script:
        """Another target takes the place of the old one."""
        receive = operation.key[1]
        about = f"cross-connect from {receive}"
        if operation.after is None:
            yield Call("sw_interface_set_l2_xconnect", {"rx_sw_if_index": Index(receive), "enable": False}, accept=GONE, about=about)
            return
        fields = {"rx_sw_if_index": Index(receive), "tx_sw_if_index": Index(operation.after.attributes["transmit"]), "enable": True}
        yield Call("sw_interface_set_l2_xconnect", fields, about=about)


def _xconnect(receive: Key, transmit: Key) -> Resource:
    return Resource(("xconnect", receive[1]), {"transmit": transmit[1]}, frozenset({receive, transmit}), frozenset({("layer 2", receive[1])}))
