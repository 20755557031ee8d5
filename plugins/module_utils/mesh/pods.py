# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clients of NSM 1.x among pods: what its webhook has put into them, or what the annotation asks it to put there."""

from __future__ import annotations

import typing as t
from urllib.parse import parse_qs, urlsplit

from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.registered import Client, Object, place

ANNOTATION = "networkservicemesh.io"
VARIABLE = "NSM_NETWORK_SERVICES"
MECHANISMS = ("kernel", "vfio")
"""What the client that the webhook puts into pods can do."""

LONGEST = 15  # bytes of the name of a kernel interface
OVER = ("Succeeded", "Failed")


def clients(pods: t.Iterable[Object]) -> t.Tuple[t.List[Client], t.List[str]]:
    """A client for each network service that a pod asks for, and what is wrong with pods as a whole."""
    found: t.List[Client] = []
    warnings: t.List[str] = []
    for pod in sorted(pods, key=place):
        if (pod.get("status") or {}).get("phase") in OVER:
            continue
        metadata, name = pod["metadata"], "/".join(place(pod))
        asked, injected = (metadata.get("annotations") or {}).get(ANNOTATION, ""), _injected(pod.get("spec") or {})
        if asked and not injected:
            warnings.append(f"pod {name} has the annotation {ANNOTATION} and no client of NSM in it: the webhook was not there when it was made")
        labels = {"podName": metadata["name"], **({"nodeName": pod["spec"]["nodeName"]} if pod.get("spec", {}).get("nodeName") else {})}
        found += [client(name, url, labels) for url in (injected or asked).split(",") if url.strip()]
    return found, warnings


def _injected(spec: t.Mapping[str, t.Any]) -> str:
    """What a pod's client of NSM is told to ask for."""
    containers = [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]
    return next((str(each["value"]) for one in containers for each in one.get("env") or () if each["name"] == VARIABLE and each.get("value")), "")


def client(name: str, url: str, labels: t.Mapping[str, str]) -> Client:
    """The client of C(mechanism://service[@domain][/interface][?label=value&...]), with the labels that NSM adds by itself."""
    read = urlsplit(url.strip())
    interface = read.path.rpartition("/")[2]
    wrong = ""
    if not read.scheme or not read.netloc:
        wrong = f"{url!r} names no network service to NSM: write kernel://SERVICE/INTERFACE, and no comma in a label"
    elif read.scheme.lower() not in MECHANISMS:
        wrong = f"{url!r}: the client that the webhook puts into pods knows {' and '.join(MECHANISMS)}, not {read.scheme}"
    elif len(interface.encode()) > LONGEST:
        wrong = f"{url!r}: a kernel interface's name has {LONGEST} bytes at most, {interface!r} has {len(interface.encode())}"
    given = {key: ",".join(values) for key, values in parse_qs(read.query, keep_blank_values=True).items()}
    return Client(name, {**given, **labels}, read.netloc.partition(":")[0], problem=wrong)
