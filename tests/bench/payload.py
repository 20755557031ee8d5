# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Payload: what of ours one module ships, and what it imports before it knows whether there is anything to do."""

from __future__ import annotations

import base64
import io
import json
import pathlib
import re
import subprocess
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEAVY = ("kubernetes", "pyroute2", "vpp_papi", "etcd3", "yaml", "jsonschema")


def payload(module: str) -> dict[str, int]:
    """Bytes of each of our own files in the AnsiballZ of C(pantheon.cnf.module)."""
    from ansible.executor.module_common import modify_module
    from ansible.parsing.dataloader import DataLoader
    from ansible.plugins.loader import init_plugin_loader, module_loader
    from ansible.template import Templar

    try:
        init_plugin_loader()
    except Exception:  # it may have been initialised in this process before
        pass
    name = f"pantheon.cnf.{module}"
    found = module_loader.find_plugin_with_context(name)
    if not found.resolved:
        raise LookupError(name)
    built = modify_module(
        module_name=found.resolved_fqcn,
        module_path=found.plugin_resolved_path,
        module_args={},
        templar=Templar(loader=DataLoader()),
        task_vars={"ansible_python_interpreter": "/usr/bin/python3"},
    )
    zipped = re.search(rb"zip_data='([A-Za-z0-9+/=]+)'", built.b_module_data)
    if not zipped:
        raise ValueError(f"no archive found in the payload of {name}")
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(zipped.group(1)))) as archive:
        return {each.filename: each.file_size for each in archive.infolist() if "pantheon/cnf" in each.filename}


def payloads(modules: list[str]) -> dict[str, dict[str, int]]:
    """As L(payload), for each. In a process of its own: Ansible's loader wants to be there before anything of a collection."""
    done = subprocess.run([sys.executable, "-m", "tests.bench.payload", *modules], check=True, capture_output=True, text=True, cwd=ROOT)
    return json.loads(done.stdout)


def heavy_imports(module: str) -> list[str]:
    """Heavy libraries that importing the module pulls in, in a fresh interpreter."""
    code = f"import sys, ansible_collections.pantheon.cnf.plugins.modules.{module}; print(*[one for one in {HEAVY!r} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout.split()


if __name__ == "__main__":
    print(json.dumps({name: payload(name) for name in sys.argv[1:]}))
