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
options:
  sandboxes:
    description:
      - The sandboxes. Others on the host are left alone.
      - Without it, O(state=absent) removes all sandboxes of this collection.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the CNF.
        type: str
        required: true
      namespace:
        description: Name of the network namespace. By default that of the CNF.
        type: str
      sysctls:
        description:
          - Settings below C(net), such as C(net.ipv4.conf.all.rp_filter). Others belong to the whole host and are refused.
          - A setting that is left out keeps its value.
        type: dict
      processes:
        description:
          - All processes that the sandbox shall have. Those of an earlier task that are not in the list are ended.
          - Without it, the processes that are there go on.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the process in its sandbox.
            type: str
            required: true
          command:
            description:
              - Program and arguments. C({script}) in them stands for the file with O(sandboxes[].processes[].script), C({python}) for the
                Python interpreter that runs the module.
            type: list
            elements: str
            required: true
          script:
            description: Text that is written to a file beside the process.
            type: str
          environment:
            description:
              - Environment variables. The process gets these, E(PATH), E(LANG) and E(PANTHEON_CNF), and no others.
              - They are not returned. Ansible logs them as it logs every option, so set C(no_log) on a task that gives secrets.
            type: dict
          ready:
            description:
              - What to wait for after the start. A process that ends, or is not ready in time, fails the task with the end of its log.
              - Without it, the process has to live for 0.2 seconds.
            type: dict
            suboptions:
              port:
                description: TCP port that somebody in the namespace has to listen on.
                type: int
              socket:
                description: Path of a unix socket that somebody in the namespace has to listen on.
                type: str
              timeout:
                description: Seconds to wait.
                type: float
                default: 10
      vpp:
        description:
          - The VPP of the sandbox, for CNFs of the VPP dataplane. Its sockets are in C(/run/pantheon.cnf/<namespace>/vpp) (C(api.sock), C(cli.sock),
            C(stats.sock)), its log is C(/run/pantheon.cnf/<namespace>/vpp.log), its startup configuration C(vpp.script) beside that.
          - Without this option a VPP that is there goes on as it is.
        type: dict
        suboptions:
          enabled:
            description: C(false) ends the VPP.
            type: bool
            default: true
          binary:
            description: The program. By default C(bin/vpp) below O(sandboxes[].vpp.prefix) or E(VPP_PREFIX), else C(vpp) in the E(PATH).
            type: path
          prefix:
            description: Where VPP is installed, when it is not in the E(PATH).
            type: path
          main_heap_size:
            description: Size of the main heap. Less than 192M is too little for VPP to start.
            type: str
            default: 256M
          buffers_per_numa:
            description: Packet buffers. Each takes some 2.5 kB of memory.
            type: int
            default: 8192
          stats_size:
            description: Size of the statistics segment.
            type: str
            default: 16M
          workers:
            description: Worker threads beside the main one.
            type: int
            default: 0
          main_core:
            description: CPU of the main thread. By default VPP chooses.
            type: int
          poll_sleep:
            description:
              - Microseconds for which the main thread sleeps in each turn of its loop. With 0 it does not, and takes a whole CPU.
            type: int
            default: 100
          plugins:
            description:
              - Plugins to load; all others are not. C(memif) stands for C(memif_plugin.so).
              - The default has what items, the proof and C(http cli server) need. What a release has in its core, or lacks, is passed over.
            type: list
            elements: str
            default: [acl, af_packet, crypto_native, crypto_openssl, dhcp, gre, hs_apps, http, l3xc, lacp, memif, mss_clamp, nat, nat44_ei, ping, tap,
              tracedump, vxlan, vxlan-gpe, wireguard]
          extra:
            description: Text that is put at the end of the startup configuration.
            type: str
            default: ""
          socket_mode:
            description: Mode of the API and the CLI socket. Changed without a restart.
            type: str
            default: "0770"
          socket_group:
            description: Group of the API and the CLI socket. Changed without a restart.
            type: str
            default: root
          startup_commands:
            description:
              - CLI commands that VPP runs some two seconds after its start, for what no API does (such as C(http cli server)).
              - The task waits for them. After the first command that fails VPP runs no other, and the task fails with the end of the log.
            type: list
            elements: str
            default: []
          timeout:
            description: Seconds for VPP to be ready.
            type: float
            default: 20
  state:
    description:
      - C(present) makes the sandboxes and their processes.
      - C(absent) ends the processes and removes the namespaces, and with them the links and all that is configured in them.
    type: str
    choices: [present, absent]
    default: present
  on_failure:
    description:
      - C(undo) brings everything back to the state that was found when something fails half-way.
      - C(stop) leaves what was done until then.
    type: str
    choices: [undo, stop]
    default: undo
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

import contextlib

from ansible_collections.pantheon.cnf.plugins.module_utils import runner
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import sandbox
from ansible_collections.pantheon.cnf.plugins.module_utils.lock import lock
from ansible_collections.pantheon.cnf.plugins.module_utils.places import vpp_process
from ansible_collections.pantheon.cnf.plugins.module_utils.places.paths import VPP


def main() -> None:
    """Make and remove sandboxes."""
    ready = {"port": {"type": "int"}, "socket": {"type": "str"}, "timeout": {"type": "float", "default": 10}}
    process = {
        "name": {"type": "str", "required": True},
        "command": {"type": "list", "elements": "str", "required": True},
        "script": {"type": "str"},
        "environment": {"type": "dict"},
        "ready": {"type": "dict", "options": ready, "mutually_exclusive": [("port", "socket")], "required_one_of": [("port", "socket")]},
    }
    place = {
        "name": {"type": "str", "required": True},
        "namespace": {"type": "str"},
        "sysctls": {"type": "dict"},
        "processes": {"type": "list", "elements": "dict", "options": process},
        VPP: {"type": "dict", "options": vpp_process.OPTIONS},
    }
    ansible = runner.module(
        {
            "sandboxes": {"type": "list", "elements": "dict", "options": place},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "on_failure": runner.ON_FAILURE,
        },
        required_if=[("state", "present", ("sandboxes",))],
    )
    with runner.failures(ansible), contextlib.ExitStack() as stack:
        task = sandbox.task(ansible.params, {VPP: vpp_process.VppProcess()})
        for name in [] if ansible.check_mode else task.names[1:]:
            stack.enter_context(lock(name, runner.owner(ansible)))
        name = task.names[0] if task.names else "host"
        ansible.exit_json(**runner.run_resources(ansible, name, task.dataplane, task.desire, task.show))


if __name__ == "__main__":
    main()
