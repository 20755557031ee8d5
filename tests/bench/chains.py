# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How resolving and deploying grow with the number of chains."""

from __future__ import annotations

import contextlib
import os
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.chain import as_data, resolve
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import load_objects

from tests.bench.harness import Score, growth
from tests.support.modules import run_module
from tests.support.playbooks import ROOT

RESOLVED, DEPLOYED = (1, 3, 10, 30, 100), (1, 4, 16)
DOCUMENTS = ROOT / "playbooks/files/nat44_chain"


def documents(count: int, prefix: str = "") -> list[t.Any]:
    """The demo's documents so many times over, each copy with a service and CNFs of its own."""
    import yaml

    texts = [path.read_text() for path in sorted(DOCUMENTS.glob("*.yml"))]
    names = ("nat44-chain", "cnf-nat44", "webserver", "client")
    found = []
    for number in range(count):
        for text in texts:
            for document in yaml.safe_load_all(text):
                metadata, spec = document["metadata"], document["spec"]
                metadata["name"] = f"{prefix}{metadata['name']}{number}"
                if "microservice" in spec:
                    spec["microservice"] = f"{prefix}{spec['microservice']}{number}"
                for item in spec.get("configItems", ()):
                    item["data"] = item["data"].replace(f"network_service: {names[0]}", f"network_service: {prefix}{names[0]}{number}")
                found.append(document)
    return found


def _deploy(chain: t.Mapping[str, t.Any]) -> None:
    cnfs = chain["cnfs"]
    run_module("cnf_sandbox", diff=False, sandboxes=[{"name": cnf["name"]} for cnf in cnfs])
    run_module("cnf_link", diff=False, links=[{"ends": link["ends"]} for link in chain["links"]])
    configurations = [
        {
            "cnf": cnf["name"],
            "namespace": cnf["name"],
            "values": [{"kind": f"{item['module']}/{item['type']}", "data": item["data"]} for item in cnf["items"] if not item["module"].startswith("cnf.nsm")],
        }
        for cnf in cnfs
    ]
    run_module("linux_config", diff=False, configurations=configurations, memif_substitution="veth")


def b19() -> t.Iterator[Score]:
    """Chains resolved on the controller; chains deployed (sandboxes, links, configurations) without Ansible's own time."""

    def resolved(count: int) -> t.Callable[[], t.Any]:
        objects = documents(count)
        return lambda: as_data(resolve(load_objects(objects)))

    yield growth(Score("B19", "chains resolved, exponent of growth", "linear", gate=1.1, goal=1.03), RESOLVED, resolved, cpu=True)

    made: list[str] = []

    def away() -> None:
        if made:
            run_module("cnf_sandbox", diff=False, sandboxes=[{"name": name} for name in made], state="absent")
        made.clear()

    def deployed(count: int) -> t.Callable[[], t.Any]:
        away()
        chain = as_data(resolve(load_objects(documents(count, f"bench{os.getpid()}-"))))
        made.extend(cnf["name"] for cnf in chain["cnfs"])
        return lambda: _deploy(chain)

    with contextlib.ExitStack() as stack:
        stack.callback(away)
        yield growth(Score("B19", "chains deployed, exponent of growth", "linear", gate=1.1, goal=1.03), DEPLOYED, deployed, rounds=2)


BENCHES = {"B19": b19}
