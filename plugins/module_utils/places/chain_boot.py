# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make sandboxes and links again after a reboot, before agents configure what is in them. Runs by itself, without Ansible.

C(python -m ...places.chain_boot PATH...): each file (or each *.json of a folder) has the parameters of C(cnf_sandbox) and C(cnf_link),
under C(sandboxes) and C(links), as a role wrote them.
"""

from __future__ import annotations

import json
import sys
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import converge
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Dataplane, Resources
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import sandbox
from ansible_collections.pantheon.cnf.plugins.module_utils.lock import locks
from ansible_collections.pantheon.cnf.plugins.module_utils.places import joins
from ansible_collections.pantheon.cnf.plugins.module_utils.places.boot import files
from ansible_collections.pantheon.cnf.plugins.module_utils.places.paths import VPP, api_socket
from ansible_collections.pantheon.cnf.plugins.module_utils.places.vpp_options import OPTIONS
from ansible_collections.pantheon.cnf.plugins.module_utils.places.vpp_process import VppProcess

OWNER = "chain-boot"

Parameters = t.Mapping[str, t.Any]


def make_sandboxes(given: Parameters) -> t.List[str]:
    """As C(cnf_sandbox) does it; returns what was done."""
    sandboxes = [{**each, VPP: _complete(each[VPP])} if each.get(VPP) else each for each in given["sandboxes"]]
    task = sandbox.task({"state": "present", **given, "sandboxes": sandboxes}, {VPP: VppProcess()})
    vpps = {one["name"]: api_socket(one.get("namespace") or one["name"]) for one in sandboxes if one.get(VPP)}
    return _converge([(name, vpps.get(name)) for name in task.names], task.dataplane, task.desire)


def make_links(given: Parameters) -> t.List[str]:
    """As C(cnf_link) does it."""
    task = joins.task({"state": "present", **given}, False)
    sockets = given.get("sockets") or {}
    with task.dataplane:
        return _converge([(name, sockets.get(name)) for name in task.names], task.dataplane, task.desire)


def _complete(given: Parameters) -> t.Dict[str, t.Any]:
    return {**{name: option.get("default") for name, option in OPTIONS.items()}, **given}


def _converge(cnfs: t.Iterable[t.Tuple[str, t.Optional[str]]], dataplane: Dataplane, desire: t.Callable[[Resources], Resources]) -> t.List[str]:
    with locks(cnfs, OWNER, beside_agent=True):
        observed = dataplane.observe()
        return converge(dataplane, desire(observed), observed).commands


def restore(record: Parameters) -> t.List[str]:
    """All that a record tells."""
    done = []
    if record.get("sandboxes"):
        done += make_sandboxes(record["sandboxes"])
    if record.get("links"):
        done += make_links(record["links"])
    return done


def main(arguments: t.Optional[t.Sequence[str]] = None) -> int:
    """Exit status 1 when one of the records could not be made true."""
    status = 0
    for path in files(sys.argv[1:] if arguments is None else arguments):
        try:
            with open(path, encoding="utf-8") as file:
                done = restore(json.load(file))
            sys.stdout.write("".join(f"{path}: {each}\n" for each in done or ["nothing to do"]))
        except (CnfError, OSError, ValueError, KeyError) as error:
            status = 1
            sys.stderr.write(f"{path}: {getattr(error, 'message', None) or repr(error)}\n")
    return status


if __name__ == "__main__":
    raise SystemExit(main())
