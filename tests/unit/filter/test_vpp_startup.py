# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.pantheon.cnf.plugins.filter.vpp_startup import FilterModule

vpp_startup = FilterModule().filters()["vpp_startup"]


def test_sections_become_text():
    assert (
        vpp_startup({"unix": {"nodaemon": None, "gid": "vpp"}, "dpdk": {"dev": ["a", "b"]}})
        == "unix {\n  nodaemon\n  gid vpp\n}\ndpdk {\n  dev a\n  dev b\n}\n"
    )


@pytest.mark.parametrize(("given", "says"), [("unix {}", "dictionary"), ({"unix": {"gid": "}"}}, "brace"), ({"unix": {"nodaemon": True}}, "true and false")])
def test_what_is_no_section_is_named(given, says):
    with pytest.raises(AnsibleFilterError, match=says):
        vpp_startup(given)
