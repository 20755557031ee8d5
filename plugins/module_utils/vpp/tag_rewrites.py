# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to the VLAN tags of frames: C(("tag-rewrite", link)), with C(op), C(dot1q) and C(tags).

It works in a bridge domain or a cross-connect; an interface that leaves one loses it. One that is deleted leaves it to the next
interface with its number.
"""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Operation, Resource, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Index, Place, Script
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppFamily
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_reader import LinkReader
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.link_types import about, refused
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session

OPERATIONS = ("DISABLED", "PUSH1", "PUSH2", "POP1", "POP2", "TRANSLATE11", "TRANSLATE12", "TRANSLATE21", "TRANSLATE22")
PUSHED = {"PUSH1": 1, "PUSH2": 2, "TRANSLATE11": 1, "TRANSLATE12": 2, "TRANSLATE21": 1, "TRANSLATE22": 2}
"""How many tags an operation puts on."""
FIELDS = ("tag_rw_option", "push_dot1q", "tag1", "tag2")
UNUSED = (("push_dot1q", "tag1", "tag2"), ("tag2",), ())
"""Fields without a meaning, by the number of tags put on."""
TWO_TAGS = ("POP2", "TRANSLATE21", "TRANSLATE22")


class TagRewrites(VppFamily):
    """C(links) has found the interfaces already."""

    classes = frozenset({"tag-rewrite"})

    def __init__(self, links: LinkReader) -> None:
        self.links = links

    def observe(self, place: Session) -> t.Iterator[Resource]:
        """From what was told of the interfaces."""
        for one in self.links.found.values():
            details = one.details
            if details["vtr_op"]:
                tags = (details["vtr_tag1"], details["vtr_tag2"])
                op = OPERATIONS[details["vtr_op"]] if details["vtr_op"] < len(OPERATIONS) else str(details["vtr_op"])
                have = {"op": op, "dot1q": bool(details["vtr_push_dot1q"]), "tags": tags}
                yield Resource(("tag-rewrite", one.key[1]), have, frozenset({one.key}), owned=one.tagged)

    def script(self, operation: Operation, place: Place) -> Script:
        """One call, whatever was there."""
        link, after = operation.key[1], operation.after
        if after is None:
            yield off(link)
            return
        one, two = after.attributes["tags"]
        op = after.attributes["op"]
        number = OPERATIONS.index(op) if op in OPERATIONS else int(op)
        fields = {"sw_if_index": Index(link), "vtr_op": number, "push_dot1q": int(after.attributes["dot1q"]), "tag1": one, "tag2": two}
        yield Call("l2_interface_vlan_tag_rewrite", fields, about=f"tags of {about(link)}")


def off(link: str) -> Call:
    """No tags are rewritten."""
    return Call("l2_interface_vlan_tag_rewrite", {"sw_if_index": Index(link), "vtr_op": 0}, about=f"tags of {about(link)}")


def lower(value: Value, there: t.Optional[Resource]) -> t.Optional[t.Dict[str, t.Any]]:
    """The attributes that a sub-interface asks for, None for none. What is there already is not put in question."""
    sub = value.data.get("sub", {})
    op = sub.get("tag_rw_option", "DISABLED")
    wanted = {"op": op, "dot1q": bool(sub.get("push_dot1q")), "tags": (sub.get("tag1", 0), sub.get("tag2", 0))}
    if there is not None and there.attributes == wanted:
        return wanted
    if op in TWO_TAGS:
        raise refused(value, "sub.tag_rw_option", f"{op} takes two tags off, and frames of a sub-interface have one")
    for field in UNUSED[PUSHED.get(op, 0)]:
        if sub.get(field):
            raise refused(value, f"sub.{field}", f"tag_rw_option {op} puts no such tag on")
    return wanted if op != "DISABLED" else None


def lift(attributes: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    """The fields of a sub-interface."""
    one, two = attributes["tags"]
    return {"tag_rw_option": attributes["op"], "push_dot1q": attributes["dot1q"], "tag1": one, "tag2": two}
