# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small VPP: it speaks the binary API on a real socket, to our client and to vpp-papi, as several releases.

How to add an area (interfaces, l3, nat...): a module in this folder; all of them are imported by themselves. In it::

    from tests.doubles.vpp.registry import area, handles
    from tests.doubles.vpp.state import State

    @area("l3")
    class L3:                                    # one for each double, new after a restart: state.l3
        def __init__(self, state): self.tables = {0: {}}
        def interface_deleted(self, interface):  # optional: called while VPP deletes an interface, before it is out of state.interfaces
            ...

    @handles("ip_table_add_del_v2")              # one function may handle several messages: request["_message"] tells which
    def ip_table(state, request):                # fields as the client takes and gives them: text for addresses, numbers for enums
        if bad: return -3                        # a number is the return value; all other fields of the reply are zero
        return {"retval": 0, "sw_if_index": 7}   # a dict is the reply: what is left out is zero. None is success

    @handles("ip_table_dump")                    # for dumps a list of details
    def tables(state, request): return [{"table": {"table_id": 0}}]

Lists that are fetched by cursor (C(nat44_ed_output_interface_get)) return their list too: the double makes pages of it when it is
told to (C(Double.page)), a number is their return value. A message without a handler answers -9 and is kept in C(Double.problems),
as is what a handler raises: the fixtures of C(tests.support.vpp) make a failure of both.

State that areas share is in C(State): interfaces by index (add_interface, delete_interface, interface(index)). Indexes are
given as VPP does: the one freed last first.

Faults, by a test: C(Double.fail("create_loopback", -22, nth=500)), C(Double.die("ip_route_add_del_v2", nth=3)), C(Double.stall(...)),
C(lacks={"nat44_ed"}) for plugins by their file of descriptions, C(without={"ip_route_add_del_v2"}) for messages, C(release="24.02").
Messages that the double does not know at all: run C(tests/tools/vpp_catalogue.py) again.
"""
