# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import yaml
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.manifest import manifest, manifests
from hypothesis import given
from hypothesis import strategies as st

from tests.support.playbooks import DEMO

from .world import old_to, service, to

A, B, C = {"app": "a"}, {"app": "b"}, {"app": "c"}


def said(*matches, payload="IP", version="v1", **options):
    """The codes and texts of what is said of a service with these matches."""
    made = manifest(service(*matches, payload=payload, version=version), **options)
    return [(finding.severity, finding.code) for finding in made.findings], "\n".join(map(str, made.findings))


def test_nothing_to_say_of_a_good_one() -> None:
    made = manifest(service(to(A, B), to(B, C, fallthrough=True), to({}, {})))
    assert made.findings == []
    assert made.document["spec"]["matches"][1] == {**to(B, C), "fallthrough": True}
    assert made.key == "default/ns"
    assert manifest(service(to(A, B)), namespace="mesh").document["metadata"] == {"name": "ns", "namespace": "mesh"}
    assert manifest(service(to(A, B), namespace="own"), namespace="mesh").namespace == "own"


def test_the_demo_says_only_what_its_payload_means() -> None:
    document = yaml.safe_load((DEMO / "network-service.yaml").read_text())
    made = manifest(document)
    assert [finding.code for finding in made.findings] == ["payload-meaning"]
    assert [match["source_selector"] for match in made.document["spec"]["matches"]] == [{"app": "client"}, {"app": "nat44"}]
    assert manifest(document, payload="ETHERNET").findings == []
    assert manifest(document, payload="ETHERNET").document["spec"]["payload"] == "ETHERNET"


def test_a_spelling_that_nsm_drops_is_an_error_in_v1() -> None:
    """Stored in lowerCamelCase, a match loses its selectors and fits everything."""
    codes, text = said(old_to(A, B))
    assert codes[:3] == [("error", "spelling")] * 3
    assert "NSM itself ignores 'sourceSelector': in networkservicemesh.io/v1 it is 'source_selector'" in text
    assert "NSM itself ignores 'route': in networkservicemesh.io/v1 it is 'routes'" in text
    assert "apiVersion alone was changed?" in text
    codes, text = said(to(A, B), version="v1alpha1", payload="ETHERNET")
    assert codes == [("warning", "spelling")] * 3


def test_no_payload_is_an_error_unless_one_is_chosen() -> None:
    assert said(to(A, B), payload="")[0] == [("error", "payload-missing")]
    assert said(to(A, B), payload=None)[0] == [("error", "payload-missing")]
    assert said(to(A, B), payload="ether")[0] == [("error", "unknown-payload")]
    assert "did you mean 'ETHERNET'?" in said(to(A, B), payload="ether")[1]
    assert said(old_to(A, B), payload="ether", version="v1alpha1")[0] == [("error", "unknown-payload")]
    for given_payload in ("", None, "ether"):
        made = manifest(service(to(A, B), payload=given_payload), **{"payload": "IP"})
        assert (made.findings, made.service.payload) == ([], "IP")


@pytest.mark.parametrize(
    "matches, code, text",
    [
        ([{"source_selector": A}], "match-without-routes", "match 1 has no routes, so it ends here"),
        ([{"source_selector": A, "fallthrough": True}], "match-without-routes", "match 1 has no routes, so it does nothing"),
        ([{"source_selector": A, "metadata": {}}], "metadata-empty", "metadata without labels"),
        ([{"source_selector": A, "routes": [{"destination_selector": B, "weight": 3}]}], "weight-ignored", "weight 3 does nothing"),
        ([to(A, B, C, B)], "route-twice", "match 1, route 3 (app=b) is there before"),
        ([to({"app": ""}, B)], "empty-value", "app: '' also fits who has no such label"),
        ([to(A, {"node": "{{.nodeName"})], "template-refused", "node: '{{.nodeName' is no template"),
        ([to(A, B), to({**A, "zone": "1"}, C)], "match-unreached", "match 2 is never reached: match 1 (app=a) has each of its clients before"),
        ([to({}, B), to(A, C)], "match-unreached", "match 2 is never reached: match 1 (any client)"),
    ],
)
def test_what_is_probably_not_meant(matches, code, text) -> None:
    codes, told = said(*matches)
    assert codes == [("warning", code)]
    assert text in told


@pytest.mark.parametrize(
    "matches",
    [
        [to({}, B, fallthrough=True), to(A, C)],
        [to({**A, "zone": "1"}, B), to(A, C)],
        [to(A, B), to(B, C)],
        [to({"node": "{{.nodeName}}"}, B), to({"node": "{{.nodeName}}", **A}, C)],
        [{"source_selector": A, "metadata": {"labels": {"p2p": "true"}}}],
    ],
)
def test_what_is_meant_is_not_warned_of(matches) -> None:
    assert said(*matches)[0] == []


LABELS = st.dictionaries(st.sampled_from("kl"), st.sampled_from("xy"), max_size=2)


@given(st.lists(st.tuples(LABELS, st.booleans()), max_size=4), LABELS)
def test_a_match_that_is_called_unreached_decides_for_no_client(sources, client) -> None:
    from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.matching import Matcher

    made = manifest(service(*(to(source, {}, fallthrough=on) for source, on in sources)))
    unreached = {int(finding.text.split("match ")[1].split()[0]) - 1 for finding in made.findings if finding.code == "match-unreached"}
    for endpoints in ([], [{}]):
        outcome = Matcher(made.service, endpoints).select(client)
        assert not unreached & {outcome.match, *outcome.passed}


def test_what_the_registry_keeps_is_left_out() -> None:
    document = service(to(A, B))
    document["spec"].update(path_ids=["spiffe://x"], name="other")
    document["metadata"].update(uid="1", resourceVersion="2", labels={"x": "y"})
    made = manifest(document)
    assert [finding.code for finding in made.findings] == ["path-ids", "name-differs"]
    assert made.document["metadata"] == {"name": "ns", "namespace": "default", "labels": {"x": "y"}}
    assert set(made.document["spec"]) == {"payload", "matches", "name"}
    assert made.key == "default/ns"


def test_all_that_is_wrong_is_said_at_once() -> None:
    good, bad, worse = service(to(A, B)), service(old_to(A, B), name="bad"), service(payload="", name="worse")
    made, warnings = manifests([(good, "one.yaml:1"), (service(to(A, B), namespace="other"), "")])
    assert ([one.key for one in made], warnings) == (["default/ns", "other/ns"], [])
    unread = {**service(), "spec": {"matchs": []}}
    with pytest.raises(CnfError) as caught:
        manifests([(good, ""), (bad, "two.yaml:7"), (worse, ""), (good, ""), (unread, "")])
    for text in ("two.yaml:7: NetworkService bad", "NetworkService worse: has no payload", "default/ns is there twice", "did you mean 'matches'?"):
        assert text in caught.value.message
    assert len(caught.value.context["problems"]) == 6
