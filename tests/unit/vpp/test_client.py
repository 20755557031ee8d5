# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client, on the double and on a live VPP."""

from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call, Dump


def test_calls_and_dumps(vpp):
    with vpp.client() as client:
        made, listed = client.exchange([Call("create_loopback"), Dump("sw_interface_dump", {"sw_if_index": 0xFFFFFFFF})])
    assert made == {"retval": 0, "sw_if_index": 1}
    assert [each["interface_name"] for each in listed] == ["local0", "loop0"]
    assert listed[1]["l2_address"] == "de:ad:00:00:00:00" and listed[1]["mtu"] == [9000, 0, 0, 0]
