# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small documents for tests, as objects, and the chain that they describe."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.chain import Chain, resolve
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import load_objects

Object = t.Dict[str, t.Any]


def item(module: str, type_: str, **data: t.Any) -> Object:
    """One item of a CNF."""
    return {"module": module, "type": type_, "data": data}


def _labels(labels: t.Mapping[str, str]) -> t.List[t.Dict[str, str]]:
    return [{"key": key, "value": value} for key, value in labels.items()]


def client(interface: str = "tap0", /, service: str = "ns", name: str = "", labels: t.Optional[t.Mapping[str, str]] = None, **more: t.Any) -> Object:
    """A client item; its name is its interface's unless told."""
    given = {"name": name or interface, "network_service": service, "interface_name": interface, "outgoing_labels": _labels(labels or {}), **more}
    return item("cnf.nsm", "client", **given)


def endpoint(prefix: str = "memif", /, service: str = "ns", labels: t.Optional[t.Mapping[str, str]] = None, **more: t.Any) -> Object:
    """An endpoint item."""
    return item("cnf.nsm", "endpoint", network_service=service, interface_name_prefix=prefix, advertised_labels=_labels(labels or {}), **more)


def cnf(name: str, *items: Object, namespace: str = "", title: str = "") -> Object:
    """A CNFConfiguration of one CNF."""
    metadata = {"name": title or name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": "pantheon.tech/v1", "kind": "CNFConfiguration", "metadata": metadata, "spec": {"microservice": name, "configItems": list(items)}}


def service(*matches: Object, name: str = "ns", version: str = "v1", payload: str = "ETHERNET", namespace: str = "") -> Object:
    """A NetworkService."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    spec = {"payload": payload, "matches": list(matches)}
    return {"apiVersion": f"networkservicemesh.io/{version}", "kind": "NetworkService", "metadata": metadata, "spec": spec}


def to(source: t.Mapping[str, str], *destinations: t.Mapping[str, str], **more: t.Any) -> Object:
    """A match of v1."""
    return {"source_selector": dict(source), "routes": [{"destination_selector": dict(one)} for one in destinations], **more}


def old_to(source: t.Mapping[str, str], *destinations: t.Mapping[str, str]) -> Object:
    """A match of v1alpha1."""
    return {"sourceSelector": dict(source), "route": [{"destinationSelector": dict(one)} for one in destinations]}


def chain(*objects: Object) -> Chain:
    """What the objects come to."""
    return resolve(load_objects(list(objects)))


def codes(found: Chain, severity: str) -> t.List[str]:
    """The codes of a chain's findings of one severity."""
    return [finding.code for finding in found.findings if finding.severity == severity]


def joined(found: Chain) -> t.List[str]:
    """Who is joined with whom: C("a.tap0--b.memif0")."""
    return [link.name for link in found.links]
