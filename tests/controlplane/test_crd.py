# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CRD on a real API server: what it takes, what it refuses and in which words, what it shows."""

from __future__ import annotations

import copy
import pathlib

import pytest
import yaml
from ansible_collections.pantheon.cnf.plugins.module_utils.store.crd import CRD, CRD_NAME, MOST_DATA, MOST_ITEMS
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes_errors import Invalid, KubernetesError

from tests.support.cnfconfigurations import DEFINITION
from tests.support.controller import RESOURCE, Configurations, route

CHAIN = pathlib.Path(__file__).parents[2] / "playbooks/files/nat44_chain"


@pytest.fixture
def cnfs(cluster, api):
    return Configurations(api, cluster.namespace("crd"))


def refused(cnfs, spec):
    with pytest.raises(Invalid) as caught:
        cnfs.api.apply([{**cnfs.object("wrong"), "spec": spec}], dry_run=True)
    return "; ".join(caught.value.context["problems"])


def test_it_is_as_it_was_given(api):
    """The server adds defaults, and changes nothing: another run has nothing to do."""
    assert not api.apply([CRD])[0].changed
    stored = api.get(DEFINITION, "", CRD_NAME)
    assert stored["status"]["storedVersions"] == ["v1"]
    assert not [each for each in stored["status"]["conditions"] if each["type"] == "NonStructuralSchema"]


def test_examples_are_taken_by_kubectl(cluster, cnfs):
    documents = [each for path in sorted(CHAIN.glob("*.y*ml")) for each in yaml.safe_load_all(path.read_text()) if each and each["kind"] == "CNFConfiguration"]
    assert documents
    for document in documents:
        cluster.kubectl("apply", "-n", cnfs.namespace, "-f", "-", stdin=yaml.safe_dump(document))
    shown = cluster.kubectl("get", "cnfcfg", "-n", cnfs.namespace).splitlines()
    assert shown[0].split() == ["NAME", "MICROSERVICE", "ITEMS", "ACCEPTED", "APPLIED", "REASON", "AGE"]
    assert len(shown) == 1 + len(documents)
    assert len(cluster.kubectl("get", "cnf", "-n", cnfs.namespace, "-o", "name").split()) == len(documents)


def test_wrong_objects_are_refused_with_the_reason(cnfs):
    assert "spec.configItems: Required value" in refused(cnfs, {"microservice": "cnf"})
    assert "spec.configItems[0].data: Required value" in refused(cnfs, {"microservice": "cnf", "configItems": [{"module": "linux.l3", "type": "route"}]})
    assert "microservice is missing: in spec, or in every item" in refused(
        cnfs, {"configItems": [route("10.0.0.0/24"), route("10.0.1.0/24", microservice="a")]}
    )
    assert "microservice is missing" in refused(cnfs, {"microservice": "", "configItems": [route("10.0.0.0/24", microservice="")]})
    assert "cnf.nsm has the types client and endpoint" in refused(
        cnfs, {"microservice": "cnf", "configItems": [{"module": "cnf.nsm", "type": "server", "data": "{}"}]}
    )
    assert "configItems[0].module" in refused(cnfs, {"microservice": "cnf", "configItems": [{"module": "Linux/L3", "type": "route", "data": "{}"}]})
    assert "spec.microservice" in refused(cnfs, {"microservice": "a/b", "configItems": []})
    with pytest.raises(KubernetesError, match="expected string"):
        cnfs.api.apply([{**cnfs.object("wrong"), "spec": {"microservice": "cnf", "configItems": [{**route("10.0.0.0/24"), "data": {"a": 1}}]}}], dry_run=True)


def test_every_item_may_have_its_own_microservice(cnfs):
    cnfs.api.apply([{**cnfs.object("own"), "spec": {"configItems": [route("10.0.0.0/24", microservice="a"), route("10.0.0.0/24", microservice="b")]}}])
    cnfs.put("none")


def test_the_bounds_hold_what_an_object_can_be(cnfs):
    """400 KB in one item, and in many: both are within what is allowed and what the rules may cost."""
    cnfs.put("long", {**route("10.0.0.0/24"), "data": "#" + "x" * 400_000})
    cnfs.put("many", *(route(f"10.{at // 250}.{at % 250}.0/24") for at in range(3500)))
    schema = CRD["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["configItems"]
    assert (schema["maxItems"], schema["items"]["properties"]["data"]["maxLength"]) == (MOST_ITEMS, MOST_DATA)


def test_the_status_is_apart(cnfs):
    """Whoever writes an object cannot say what became of it, and who tells that does not change the generation."""
    made = cnfs.object("a", route("10.0.0.0/24"))
    stored = cnfs.api.apply([{**copy.deepcopy(made), "status": {"status": "Success", "message": "nobody knows"}}])[0].after
    assert "status" not in stored
    told = cnfs.api.patch_status(RESOURCE, cnfs.namespace, "a", {"status": "Success", "message": "as in 2020", "itemCount": 1})
    assert told["status"] == {"status": "Success", "message": "as in 2020", "itemCount": 1}
    assert told["metadata"]["generation"] == stored["metadata"]["generation"] == 1
