# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's code for agents and the controller, as one file."""

from __future__ import annotations

DOCUMENTATION = r"""
name: program
short_description: The code of agents and controller, as one file
version_added: 0.1.0
description:
  - Packs what this collection is made of on targets into one file, a zip file that Python imports from when it is in E(PYTHONPATH). What runs without
    Ansible runs from it, C(python3 -m ansible_collections.pantheon.cnf.plugins.module_utils.agent.agent) for one.
  - The name of the file tells what is in it, C(program-<digest>.zip). The same code makes the same file.
  - The role C(cnf_python) brings it to hosts.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
options:
  _terms:
    description: Nothing.
    required: false
"""

EXAMPLES = r"""
---
- name: The code, for a host
  ansible.builtin.copy:
    src: "{{ program }}"
    dest: "/usr/local/lib/{{ program | basename }}"
    mode: "0644"
  vars:
    program: "{{ lookup('pantheon.cnf.program') }}"
"""

RETURN = r"""
_raw:
  description: Path of the file on the controller. It goes with the end of C(ansible-playbook).
  type: list
  elements: path
"""

import hashlib
import os
import typing as t

from ansible import constants
from ansible.plugins.lookup import LookupBase
from ansible_collections.pantheon.cnf.plugins.plugin_utils.program import archive


class LookupModule(LookupBase):
    """See DOCUMENTATION."""

    def run(self, terms: t.Sequence[str], variables: t.Optional[t.Dict[str, t.Any]] = None, **kwargs: t.Any) -> t.List[str]:
        """Make it, when this run has not yet."""
        content = archive()
        path = os.path.join(constants.DEFAULT_LOCAL_TMP, f"program-{hashlib.sha256(content).hexdigest()[:12]}.zip")
        if not os.path.exists(path):
            os.makedirs(constants.DEFAULT_LOCAL_TMP, mode=0o700, exist_ok=True)
            with open(f"{path}.{os.getpid()}", "wb") as file:
                file.write(content)
            os.replace(f"{path}.{os.getpid()}", path)
        return [path]
