# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A second run over loopbacks against the plan of vppcfg, each a fresh process that reads the same from YAML."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.interfaces import INTERFACE

from tests.bench.harness import Score, compare
from tests.bench.vpp import CNF, live, place

LOOPBACKS = 100
REQUIREMENTS = pathlib.Path(__file__).parent / "vppcfg.txt"
OURS = """
import sys, yaml
from ansible_collections.pantheon.cnf.plugins.module_utils.reconcile import reconcile
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.interfaces import VPP
from ansible_collections.pantheon.cnf.plugins.module_utils.slots.slot import values
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import connector
from ansible_collections.pantheon.cnf.plugins.modules.vpp_interfaces import _families
wanted = yaml.load(open(sys.argv[1]), yaml.CSafeLoader)
kinds = {kind.id: kind for slot in VPP for kind in slot.kinds}
with connector(_families)({"cnf": sys.argv[3], "socket": sys.argv[2], "scope": "owned"}) as dataplane:
    done = reconcile(dataplane, kinds, "overridden", lambda there: values(VPP, wanted, there), check_mode=True)
print(*done.outcome.commands, sep="\\n")
"""


def _installed() -> pathlib.Path:
    """vppcfg and what it needs, in a folder of its own. Raises C(CalledProcessError)."""
    cache = pathlib.Path(os.environ.get("PANTHEON_CNF_CACHE") or pathlib.Path.home() / ".cache/pantheon.cnf")
    folder = cache / "vppcfg"
    if not (folder / "done").exists():
        argv = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", str(folder), "--requirement", str(REQUIREMENTS)]
        subprocess.run(argv, check=True, capture_output=True, text=True, timeout=300)
        (folder / "done").touch()
    return folder


def _commands(argv: t.Sequence[str], **environment: str) -> list[str]:
    """What a planner would do."""
    done = subprocess.run(argv, check=True, capture_output=True, text=True, timeout=120, env={**os.environ, **environment})
    return [line for line in done.stdout.splitlines() if line.strip() and not line.startswith("comment")]


@live
def b18() -> t.Iterator[Score]:
    """A second run against vppcfg."""
    score = Score("B18", f"{LOOPBACKS} loopbacks, second run: the plan, from a YAML file", "vppcfg plan", gate=1, goal=1 / 5)
    try:
        folder = _installed()
    except (OSError, subprocess.SubprocessError) as error:
        score.skipped, score.note = True, f"vppcfg cannot be installed: {(getattr(error, 'stderr', '') or str(error)).strip()[-200:]}"
        yield score
        return
    # The first one is there, and is VPP's loop0.
    addresses = {"lo": "10.0.0.1/24", **{f"lo{at}": f"10.1.{at}.1/24" for at in range(1, LOOPBACKS)}}
    mine = [{"name": name, "type": "SOFTWARE_LOOPBACK", "enabled": True, "mtu": 9000, "ip_addresses": [address]} for name, address in addresses.items()]
    theirs = {"loopbacks": {f"loop{at}": {"mtu": 9000, "addresses": [address]} for at, address in enumerate(addresses.values())}}
    with place() as one, tempfile.TemporaryDirectory(prefix="bench-") as files:
        one.apply(one.dataplane(), [INTERFACE.value(each) for each in mine])
        ours, other = pathlib.Path(files, "ours.yaml"), pathlib.Path(files, "theirs.yaml")
        for path, content in ((ours, mine), (other, theirs)):
            path.write_text(json.dumps(content))
        plan = [sys.executable, "-c", OURS, str(ours), one.place.socket, CNF]
        planner = "import sys; from vppcfg.vppcfg import main; sys.exit(main())"
        peer = [sys.executable, "-c", planner, "--quiet", "plan", "--config", str(other), "--vpp-api-socket", one.place.socket]
        path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
        planned = _commands(plan), _commands(peer, PYTHONPATH=path)
        if any(planned):
            raise AssertionError(planned)
        yield compare(score, lambda: _commands(plan), lambda: _commands(peer, PYTHONPATH=path), rounds=5)


BENCHES = {"B18": b18}
