# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What sandboxes there shall be."""

    DOCUMENTATION = r"""
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
"""
