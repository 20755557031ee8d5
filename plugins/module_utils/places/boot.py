# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put back what was saved of a VPP that has just started. Runs by itself, without Ansible: L(boot_archive) makes a program of it."""

from __future__ import annotations

import json
import os
import sys
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.lock import locks
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import reconcile
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.client import Client
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import connector
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.everything import families, kinds

PATIENCE = 60.0
"""Seconds for VPP's API to answer."""
ENDING = ".json"


def restore(saved: t.Mapping[str, t.Any], patience: float = PATIENCE) -> t.List[str]:
    """Lay what was saved over what is there; returns the calls that were made."""
    known: t.Dict[str, Kind] = {kind.id: kind for kind in kinds()}
    values = [Value(known[each["kind"]].id, known[each["kind"]].key(each["data"]), each["data"]) for each in saved["values"]]
    _await(saved, patience)
    with locks([(saved["cnf"], saved["socket"])], "vpp-boot"), connector(families)(saved) as dataplane:
        return reconcile(dataplane, known, "replaced", lambda there: values).outcome.commands


def _await(saved: t.Mapping[str, t.Any], patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            with Client(saved["socket"], api_dir=saved.get("api_dir"), timeout=saved.get("timeout") or 10):
                return
        except CnfError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.1)


def files(paths: t.Iterable[str]) -> t.Iterator[str]:
    """The saved files that are meant: folders stand for those in them."""
    for path in paths:
        if os.path.isdir(path):
            yield from (os.path.join(path, name) for name in sorted(os.listdir(path)) if name.endswith(ENDING))
        else:
            yield path


def main(arguments: t.Optional[t.Sequence[str]] = None) -> int:
    """Each file (or folder) that is named; exit status 1 when one of them could not be put back."""
    status = 0
    for path in files(sys.argv[1:] if arguments is None else arguments):
        try:
            with open(path, encoding="utf-8") as file:
                done = restore(json.load(file))
            sys.stdout.write(f"{path}: {f'{len(done)} calls' if done else 'nothing to do'}\n")
        except (CnfError, OSError, ValueError, KeyError) as error:
            status = 1
            sys.stderr.write(f"{path}: {getattr(error, 'message', None) or repr(error)}\n")
    return status
