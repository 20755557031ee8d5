#!/usr/bin/python

# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cnf_process
short_description: Supervised processes of a host without systemd
version_added: 0.1.0
description:
  - Starts processes detached from the task, in the network namespace of the host, and ends them. What agents, the controller and an etcd are run by where there
    is no systemd. Processes of a CNF's sandbox are those of M(pantheon.cnf.cnf_sandbox).
  - A process is started again by the next task when it does not run, or when its command, environment or a file is another one.
    A supervised one (O(processes[].supervised)) starts again by itself, too.
  - It ends by C(SIGTERM), and by C(SIGKILL) when that does not help within 20 seconds.
  - Pid file, log and files of a process are in C(/run/pantheon.cnf.host/@host), for root only. After a reboot nothing runs until the next task.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
extends_documentation_fragment:
  - pantheon.cnf.attributes.changes
  - pantheon.cnf.on_failure
requirements:
  - root on the target (C(become))
  - Linux 5.3 or newer
options:
  processes:
    description: The processes. Others are left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the process.
        type: str
        required: true
      command:
        description:
          - Program and arguments. Needed unless O(state=absent). The working directory is C(/run/pantheon.cnf.host/@host).
          - C({python}) stands for the Python interpreter that runs the module.
        type: list
        elements: str
      environment:
        description:
          - Environment variables. The process gets these, E(PATH), E(LANG) and E(PANTHEON_CNF), and no others.
          - They are not returned. Ansible logs them as it logs every option, so set C(no_log) on a task that gives secrets.
        type: dict
      files:
        description: Texts by file names. They are written for root only, to C(<name of the process>/<name of the file>) in the working directory.
        type: dict
      supervised:
        description:
          - Whether a small shell script starts the process again whenever it ends, after a second, then with twice the pause each time, up to 30 seconds.
          - Exit status 2 ends it for good. It says that the settings are wrong.
        type: bool
        default: true
      port:
        description:
          - TCP port that the process has to listen on to count as started. Without it, it has to live for 0.2 seconds.
          - A process that is not ready in time fails the task with the end of its log, and is ended.
        type: int
      timeout:
        description: Seconds to wait for O(processes[].port).
        type: float
        default: 20
  state:
    description: Whether the processes shall run.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: pantheon.cnf.cnf_sandbox
"""

EXAMPLES = r"""
---
- name: An etcd on this machine
  pantheon.cnf.cnf_process:
    processes:
      - name: etcd
        command: [etcd, --data-dir=/var/lib/etcd-of-mine]
        port: 2379

- name: Away with it
  pantheon.cnf.cnf_process:
    processes:
      - name: etcd
    state: absent
"""

RETURN = r"""
before:
  description: Those of the processes that were there, by name.
  returned: success
  type: dict
  sample: {}
after:
  description: Those that are there now, read back; in check mode those that would be.
  returned: success
  type: dict
  sample:
    etcd:
      command: ["/bin/sh", "{script}", "etcd", "--data-dir=/var/lib/etcd-of-mine"]
      digest: 1f3c5a0b2d4e6f70
      running: true
      pid: 4711
commands:
  description: What was done, in words of the shell; also in check mode.
  returned: success
  type: list
  elements: str
  sample: ["/bin/sh {script} etcd --data-dir=/var/lib/etcd-of-mine &"]
operations:
  description: On failure, what was attempted, undone and what could not be undone.
  returned: on failure half-way
  type: dict
"""

from ansible_collections.pantheon.cnf.plugins.module_utils import runner
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import host_processes

PROCESS = {
    "name": {"type": "str", "required": True},
    "command": {"type": "list", "elements": "str"},
    "environment": {"type": "dict"},
    "files": {"type": "dict"},
    "supervised": {"type": "bool", "default": True},
    "port": {"type": "int"},
    "timeout": {"type": "float", "default": 20},
}
ARGUMENTS = {
    "processes": {"type": "list", "elements": "dict", "required": True, "options": PROCESS},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "on_failure": runner.ON_FAILURE,
}


def main() -> None:
    """Start and end processes."""
    ansible = runner.module(ARGUMENTS)
    with runner.failures(ansible):
        given = ansible.params["processes"]
        made = [host_processes.wanted(each) for each in given] if ansible.params["state"] == "present" else []
        wanted = {each.key: each for each in made}
        dataplane = host_processes.HostProcesses(each["name"] for each in given)
        ansible.exit_json(**runner.run_resources(ansible, [("host processes", None)], dataplane, lambda observed: wanted, host_processes.shown))


if __name__ == "__main__":
    main()
