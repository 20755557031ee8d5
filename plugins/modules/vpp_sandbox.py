#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_sandbox
short_description: Places for CNFs of which some have a VPP
version_added: 0.1.0
description:
  - What M(pantheon.cnf.cnf_sandbox) runs when some of the sandboxes shall have a VPP. It has the same options, and everything about them is said there.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.cnf_sandbox
  - pantheon.cnf.on_failure
requirements:
  - root on the target (C(become))
  - Linux 5.3 or newer
  - VPP 24.02 or newer, for sandboxes with O(sandboxes[].vpp)
seealso:
  - module: pantheon.cnf.cnf_sandbox
"""

EXAMPLES = r"""
---
- name: A web server that is a VPP
  pantheon.cnf.vpp_sandbox:
    sandboxes:
      - name: webserver
        vpp:
          startup_commands:
            - http cli server
"""

RETURN = r"""
before:
  description: The sandboxes that were there, by namespace.
  returned: success
  type: dict
  sample: {}
after:
  description: The sandboxes that are there now, read back; in check mode those that would be.
  returned: success
  type: dict
  sample:
    webserver:
      name: webserver
      sysctls:
        net.ipv4.conf.all.rp_filter: "0"
      processes:
        - name: http
          command: ["{python}", "-m", "http.server", "80"]
          digest: 1f3c5a0b2d4e6f70
          running: true
          pid: 4711
commands:
  description: What was done, in words of C(ip) and C(sysctl); also in check mode.
  returned: success
  type: list
  elements: str
  sample: ["ip netns add client"]
operations:
  description: On failure, what was attempted, undone and what could not be undone.
  returned: on failure half-way
  type: dict
"""


from ansible_collections.pantheon.cnf.plugins.module_utils import sandbox_module
from ansible_collections.pantheon.cnf.plugins.module_utils.places.vpp_process import VppProcess


def main() -> None:
    """Make and remove sandboxes and their VPPs."""
    sandbox_module.run(VppProcess())


if __name__ == "__main__":
    main()
