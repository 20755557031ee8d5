#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_boot
short_description: What a VPP was configured to do survives its restarts
version_added: 0.1.0
description:
  - VPP forgets everything when it ends. This module saves what this collection made on a VPP, as it is now, to a file on the target, and beside it a
    program that puts it back. The program is a single file with the very code of this collection's modules, it needs Python and nothing else.
  - Whoever starts VPP has to run it then (RV(command)); the role P(pantheon.cnf.vpp#role) lets systemd do that after every start, crashes included.
  - Run it at the end of a play that configures VPP, as one saves a running configuration. Run again with nothing changed it changes nothing.
  - Putting back is the plan and apply of the modules, with O(state=merged) of M(pantheon.cnf.cnf_config); what is there already is left.
  - What VPP does not tell cannot be saved, which is the secret, the ring sizes and the queues of a memif; such are named in a warning.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.vpp
options:
  own_nat:
    description: Whether pools, NAT roles and the NAT plugin's being enabled, which carry no mark, are saved too.
    type: bool
    default: true
  folder:
    description: Where the file is, with the name of O(cnf). It is for root only, since keys of tunnels are in it.
    type: path
    default: /etc/pantheon.cnf/vpp
  program:
    description: Where the program is.
    type: path
    default: /usr/local/lib/pantheon.cnf/vpp-boot.pyz
  state:
    description:
      - C(present) saves.
      - C(absent) removes the file, and with the last one of O(folder) the program. VPP itself is left as it is, and need not run.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: pantheon.cnf.vpp_info
  - module: pantheon.cnf.cnf_config
"""

EXAMPLES = r"""
---
- name: NAT for an office
  pantheon.cnf.vpp_nat44:
    cnf: edge
    config:
      nat44_interfaces:
        - name: inside
          nat_inside: true

- name: Which is there after a restart, too
  pantheon.cnf.vpp_boot:
    cnf: edge
"""

RETURN = r"""
command:
  description: What puts back all that is saved in O(folder).
  returned: success
  type: list
  elements: str
  sample: ["/usr/bin/python3", "/usr/local/lib/pantheon.cnf/vpp-boot.pyz", "/etc/pantheon.cnf/vpp"]
path:
  description: The file.
  returned: success
  type: str
  sample: /etc/pantheon.cnf/vpp/edge.json
before:
  description: The items that were saved.
  returned: success
  type: list
  elements: dict
after:
  description: The items that are saved now. Secrets are in the file and not in here.
  returned: success
  type: list
  elements: dict
"""

from ansible_collections.pantheon.cnf.plugins.module_utils import runner
from ansible_collections.pantheon.cnf.plugins.module_utils.lock import locks
from ansible_collections.pantheon.cnf.plugins.module_utils.places import boot_save
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import PLACE


def main() -> None:
    """Save, or forget."""
    ansible = runner.module(
        {
            **PLACE,
            "own_nat": {"type": "bool", "default": True},
            "folder": {"type": "path", "default": "/etc/pantheon.cnf/vpp"},
            "program": {"type": "path", "default": "/usr/local/lib/pantheon.cnf/vpp-boot.pyz"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        }
    )
    with runner.failures(ansible):
        task = boot_save.Task(ansible.params)
        wanted = task.read() if ansible.params["state"] == "present" else None
        result = {"changed": task.changed(wanted), "before": task.shown(task.before), "after": task.shown(wanted)}
        if ansible._diff:
            result["diff"] = {part: {"items": result[part]} for part in ("before", "after")}
        if not ansible.check_mode:
            with locks([(ansible.params["cnf"], ansible.params["socket"])], runner.owner(ansible)):
                task.write(wanted)
        for each in task.lost:
            ansible.warn(each)
        ansible.exit_json(**result, path=task.path, command=task.command)


if __name__ == "__main__":
    main()
