# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""VPP's startup configuration from nested dictionaries."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import startup
from ansible_collections.pantheon.cnf.plugins.plugin_utils.plain import plain

DOCUMENTATION = r"""
name: vpp_startup
short_description: VPP's startup configuration from dictionaries
version_added: 0.1.0
description:
  - Writes sections, and sections in them, as VPP's C(startup.conf) has them.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
options:
  _input:
    description:
      - Sections by their names. In a section a word has a value, none (null), or several, for as many lines (a list).
    type: dict
    required: true
"""

EXAMPLES = r"""
---
- name: VPP with two interfaces
  ansible.builtin.copy:
    dest: /etc/vpp/startup.conf
    content: "{{ sections | pantheon.cnf.vpp_startup }}"
    mode: "0644"
  vars:
    sections:
      unix:
        nodaemon:
        cli-listen: /run/vpp/cli.sock
      dpdk:
        dev:
          - 0000:00:09.0
          - 0000:00:0a.0
"""

RETURN = r"""
_value:
  description: The text.
  type: str
"""


def vpp_startup(sections: t.Any) -> str:
    """The text of C(sections)."""
    data = plain(sections)
    if not isinstance(data, dict):
        raise AnsibleFilterError("vpp_startup: sections are a dictionary")
    try:
        startup.check(data)
    except CnfError as error:
        raise AnsibleFilterError(f"vpp_startup: {error.message}") from error
    return startup.text(data)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> t.Dict[str, t.Callable[..., t.Any]]:
        """By name."""
        return {"vpp_startup": vpp_startup}
