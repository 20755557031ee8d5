# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record what a live VPP answers to those who look at it: one of everything configured, all dumps of all families kept.

vpp_record.py   (with the collection importable and VPP_PREFIX or PATH, as scripts/test has it; as root)
"""

from __future__ import annotations

import json
import pathlib
import sys

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.dataplane import VppDataplane
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.everything import families, kinds
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session

from tests.support import vpp, vpp_record
from tests.support.modules import run_module
from tests.unit.vpp.test_state_modules import CASES, PAIR

PARAMETERS = {"cnf": "vpp", "own_nat": True}
INTERFACES = [*PAIR, *(each for state in CASES["vpp_interfaces"]["states"][3:] for each in state if each["name"] not in ("left", "right"))]


def main() -> None:
    """One file for the release that is found."""
    with vpp.live_place() as place:
        place.start()
        run_module("vpp_vrfs", config=CASES["vpp_vrfs"]["states"][1], **place.place)
        run_module("vpp_interfaces", config=list({each["name"]: each for each in INTERFACES}.values()), **place.place)
        for module in ("vpp_routes", "vpp_neighbors", "vpp_nat44", "vpp_acls"):
            run_module(module, config=CASES[module]["states"][-1], **place.place)
        lan = {"name": "lan", "flood": True, "forward": True, "learn": True, "interfaces": [{"name": "vx"}]}
        run_module("vpp_l2", config={"bridge_domains": [lan]}, **place.place)
        with vpp_record.kept_answers() as answers, vpp_record.Recorder(place.socket) as client:
            answers.clear()
            dataplane = VppDataplane(Session(client), families(PARAMETERS), "vpp")
            observed = dataplane.observe()
            ids = {kind.id for kind in kinds()}
            values = [[value.kind, value.key, value.data] for value in sorted(dataplane.lift(observed, ids), key=lambda each: each.key)]
            offers = sorted(client._connected().table)
            record = {"about": client.about, "offers": offers, "answers": answers, "values": values}
            release = client.version().partition("-")[0]
        path = vpp_record.VECTORS / f"vpp-{release}-answers.json"
        path.write_text(json.dumps(record, sort_keys=True, indent=0) + "\n")
        print(f"{path}: {len(answers)} answers, {len(values)} values")


if __name__ == "__main__":
    main()
