#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cnf_sandbox
short_description: Places for CNFs on a host
version_added: 0.1.0
description:
  - A sandbox is a network namespace below C(/run/netns) with sysctls and supervised processes. One task makes all sandboxes of a host.
  - A namespace of ours is marked by the alias of its C(lo). A namespace of that name without the mark is never taken over, that is an error.
  - A new namespace forwards nothing (C(net.ipv4.ip_forward=0)), whatever the host's default is.
  - A process is started detached inside the namespace. It is started again when it is dead, or when its command, script or environment is
    another one. It has to stay in the foreground. It ends by C(SIGTERM), and by C(SIGKILL) when that does not help within 5 seconds.
  - A sandbox may have a VPP of its own (O(sandboxes[].vpp)), which needs no hugepages and shares nothing with other VPPs of the host. It is a process like the
    others, watched by its pid and by its API; one that does not answer is started anew. So is one whose startup configuration is another
    one, and no other. A VPP that was started anew is empty; M(pantheon.cnf.cnf_link) and M(pantheon.cnf.cnf_config) in the same playbook,
    which look at what is there, give it its interfaces and its configuration again.
  - A sandbox that gets its first VPP, or loses it, gets a new network namespace, since what the kernel was configured to do there would be
    in VPP's way, and the other way round.
  - Pid file, log and script of a process are in C(/run/pantheon.cnf/<namespace>). The pid file holds the start time too, so that another
    process which got the same pid later is never taken for it.
  - Namespaces do not survive a reboot; the next run makes them again.
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
  - module: pantheon.cnf.cnf_link
  - module: pantheon.cnf.cnf_config
"""

EXAMPLES = r"""
---
- name: Two places, one with a web server
  pantheon.cnf.cnf_sandbox:
    sandboxes:
      - name: client
      - name: webserver
        sysctls:
          net.ipv4.conf.all.rp_filter: 0
        processes:
          - name: http
            command: ["{python}", -m, http.server, "80"]
            ready:
              port: 80

- name: A place in a namespace of another name
  pantheon.cnf.cnf_sandbox:
    sandboxes:
      - name: client
        namespace: blue-client

- name: A web server that is a VPP
  pantheon.cnf.cnf_sandbox:
    sandboxes:
      - name: webserver
        vpp:
          startup_commands:
            - http cli server

- name: Away with all of it
  pantheon.cnf.cnf_sandbox:
    sandboxes:
      - name: client
      - name: webserver
    state: absent
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
from ansible_collections.pantheon.cnf.plugins.module_utils.places.vpp_options import VppLeft


def main() -> None:
    """Make and remove sandboxes, and end their VPPs; for one that shall have a VPP the action plugin of this name runs C(vpp_sandbox)."""
    sandbox_module.run(VppLeft())


if __name__ == "__main__":
    main()
